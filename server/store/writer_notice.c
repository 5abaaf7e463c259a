/* An entry about a case ─▶ domain/notice.c ─▶ rows, in its transaction: exactly once for each
 * entry, person and kind, whatever becomes of the group.  Nothing is sent from here: whoever sends
 * reads the rows after the commit, and tells what came of it. */
#include <inttypes.h>
#include <stdio.h>

#include "proto/err.h"
#include "server/store/notice_row.h"
#include "server/store/task_row.h"
#include "server/store/writer.h"

#define AT_ONCE 4u /* rows of BH_SQL_NOTICE_ADD_FOUR */

void bh_notice_key(
	const struct bh_notice_row *row, const char *district, char out[BH_NOTICE_KEY_MAX])
{
	int n = snprintf(out, BH_NOTICE_KEY_MAX, "%s-%" PRIu64 "-%" PRIu64 "-%u-%u", district,
		row->epoch, row->position, row->person, row->kind);
	if (row->call != 0 && n > 0 && (size_t)n < BH_NOTICE_KEY_MAX)
		(void)snprintf(out + n, BH_NOTICE_KEY_MAX - (size_t)n, "-%u", row->call);
}

/* One, or AT_ONCE of one entry. */
static int add(struct bh_writer *w, uint64_t position, uint64_t number,
	const struct bh_notice *notices, size_t count)
{
	sqlite3_stmt *s = bh_sql(
		&w->projector.db, count == AT_ONCE ? BH_SQL_NOTICE_ADD_FOUR : BH_SQL_NOTICE_ADD);
	int at = 1;

	bh_bind(s, at++, (int64_t)position);
	bh_bind(s, at++, (int64_t)number);
	bh_bind(s, at++, (int64_t)w->projector.district.epoch);
	bh_bind(s, at++, w->now_ms);
	for (size_t i = 0; i < count; i++) {
		bh_bind(s, at++, notices[i].person);
		bh_bind(s, at++, notices[i].kind);
		bh_bind(s, at++, (int64_t)notices[i].scope);
		bh_bind(s, at++, BH_NOTICE_LANE(0u, notices[i].urgent));
		bh_bind(s, at++, notices[i].ready_ms);
		bh_bind(s, at++, notices[i].ack_ms);
	}
	int err = bh_row_run(s);
	if (!err)
		w->counts.notices[BH_NOTICE_QUEUED] += (uint64_t)sqlite3_changes(
			w->projector.db.handle);
	return err;
}

int bh_notice_add(
	struct bh_writer *w, uint64_t position, uint64_t number, const struct bh_notice *notice)
{
	return add(w, position, number, notice, 1);
}

static int seen(struct bh_writer *w, uint32_t person, uint64_t number)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_NOTICE_SEEN);

	bh_bind(s, 1, person);
	bh_bind(s, 2, (int64_t)number);
	bh_bind(s, 3, w->now_ms);
	int err = bh_row_run(s);
	if (!err)
		w->counts.notices[BH_NOTICE_SEEN] += (uint64_t)sqlite3_changes(
			w->projector.db.handle);
	return err;
}

/* ---- Of an entry ---- */

static int has_handset(struct bh_writer *w, uint32_t person, bool *has)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_DEVICE_OF);

	bh_bind(s, 1, person);
	bh_bind(s, 2, BH_DEVICE_LIVE);
	int err = bh_row_next(s, has);
	bh_row_end(s);
	return err;
}

/* An entry of a case; there is none: position 0. */
static int entry_get(struct bh_writer *w, uint64_t position, struct bh_entry *out)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_JOURNAL_GET);
	bool row = false;

	*out = (struct bh_entry){0};
	bh_bind(s, 1, (int64_t)position);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err;
	err = bh_entry_row_read(s, out);
	bh_row_end(s);
	return err;
}

/* Who moved on the case that a stale op met: not the clock, nor a photo that came. */
static int other_find(struct bh_writer *w, const struct bh_entry *entry, uint32_t *other)
{
	struct bh_entry met = {.prev = entry->prev};
	int err = BH_NOERR;

	*other = 0;
	if (entry->verdict != BH_VERDICT_STALE)
		return BH_NOERR;
	for (size_t i = 0; !err && i < BH_NOTICE_BACK_MAX && met.prev && *other == 0; i++) {
		err = entry_get(w, met.prev, &met);
		if (!err && bh_notice_moved_on(&met))
			*other = met.person;
	}
	return err;
}

/* The task that an entry changes, as it is after it. */
static int task_find(struct bh_writer *w, const struct bh_entry *entry, struct bh_task *out)
{
	uint32_t ordinal = bh_task_of_decision(entry->decision);

	*out = (struct bh_task){0};
	return ordinal ? bh_task_row_get(&w->projector.db, entry->case_number, ordinal, out)
		       : BH_NOERR;
}

/* Those who are reached otherwise are left out; count is how many are left. */
static int needed(struct bh_writer *w, struct bh_notice *notices, size_t *count)
{
	size_t kept = 0;
	int err = BH_NOERR;

	for (size_t i = 0; !err && i < *count; i++) {
		bool has = false;
		if (notices[i].if_unreachable)
			err = has_handset(w, notices[i].person, &has);
		if (!has)
			notices[kept++] = notices[i];
	}
	*count = kept;
	return err;
}

static int keep(struct bh_writer *w, const struct bh_entry *entry, const struct bh_notice *notices,
	size_t count)
{
	int err = BH_NOERR;

	for (size_t i = 0; !err && i < count;) {
		size_t part = count - i < AT_ONCE ? 1 : AT_ONCE;
		err = add(w, entry->position, entry->case_number, &notices[i], part);
		i += part;
	}
	return err;
}

int bh_notice_entry(struct bh_writer *w, const struct bh_entry *entry, const struct bh_case *before,
	const struct bh_case *after)
{
	struct bh_notice notices[BH_NOTICES_MAX];
	bool moves = bh_entry_moves_case(entry);
	struct bh_task task = {0};
	struct bh_notice_facts facts = {
		.rules = w->rules,
		.entry = entry,
		.before = before,
		.after = moves ? after : before,
		.due_divisor = w->due_divisor,
	};
	int err = entry->person && moves ? seen(w, entry->person, entry->case_number) : BH_NOERR;

#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 27
	/* in a group that is run again after a rollback */
	if (w->ballast.state == BH_BALLAST_RELEASED && w->ballast.tried_mono_ms == w->now.mono_ms)
		return err;
#endif
	if (!err)
		err = other_find(w, entry, &facts.other);
	if (!err && moves)
		err = task_find(w, entry, &task);
	facts.task = task.ordinal ? &task : NULL;
	size_t count = err ? 0 : bh_notices_of(&facts, notices);
	if (!err)
		err = needed(w, notices, &count);
	if (!err)
		err = bh_notices_pace(w, entry, facts.after, notices, &count);
	return err ? err : keep(w, entry, notices, count);
}

/* ---- Commands ---- */

static int retry(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_NOTICE_RETRY);

	bh_bind(s, 1, (int64_t)command->notice_id);
	bh_bind(s, 2, w->now_ms);
	int err = bh_row_run(s);
	if (!err && sqlite3_changes(w->projector.db.handle) > 0)
		out->position = command->notice_id;
	return err;
}

/* A number of its own, negative, stands where others have their entry's position. */
static int test(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	const struct bh_notice notice = {
		.person = command->person, .kind = BH_NOTICE_TEST, .ready_ms = w->now_ms};
	uint64_t random = 0;
	int err = w->rng.fill(w->rng.context, (uint8_t *)&random, sizeof(random));

	if (!err)
		err = bh_notice_add(w, random | UINT64_C(1) << 63, 0, &notice);
	if (!err && sqlite3_changes(w->projector.db.handle) > 0)
		out->position = (uint64_t)sqlite3_last_insert_rowid(w->projector.db.handle);
	return err;
}

int bh_command_notice(struct bh_writer *w, const struct bh_command *command, struct bh_outcome *out)
{
	*out = (struct bh_outcome){.verdict = BH_VERDICT_ACCEPTED, .at_ms = w->now_ms};
	switch ((enum bh_notice_act)command->notice_act) {
	case BH_NOTICE_ACT_SEEN:
		return seen(w, command->person, command->case_number);
	case BH_NOTICE_ACT_RETRY:
		return retry(w, command, out);
	case BH_NOTICE_ACT_TEST:
		return test(w, command, out);
	}
	return BH_ERR_INVALID;
}

/* ---- What became of attempts, and what handsets took up ---- */

static int set(struct bh_writer *w, const struct bh_notice_row *row)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_NOTICE_SET);

	bh_bind(s, 1, (int64_t)row->id);
	bh_bind(s, 2, row->state);
	bh_bind(s, 3, row->lane);
	bh_bind(s, 4, row->tries);
	bh_bind(s, 5, row->error);
	bh_bind(s, 6, row->next_ms);
	int err = bh_row_run(s);
	if (!err && row->state != BH_NOTICE_QUEUED && row->state < BH_NOTICE_STATE_COUNT)
		w->counts.notices[row->state] += (uint64_t)sqlite3_changes(w->projector.db.handle);
	return err;
}

static int group_end(struct bh_writer *w, int err, bool *again)
{
	err = bh_group_end(w, err);
	*again = err && err != BH_ERR_UNKNOWN && bh_group_finds_room(w, err);
	return err;
}

int bh_writer_notices_set(
	struct bh_writer *w, struct bh_now now, const struct bh_notice_row *rows, size_t count)
{
	bool again = true;
	int err = BH_NOERR;

	while (again) {
		err = bh_group_begin(w, now);
		for (size_t i = 0; !err && i < count; i++)
			err = set(w, &rows[i]);
		err = group_end(w, err, &again);
	}
	return err;
}

static void applied_bind(sqlite3_stmt *s, const struct bh_notice_applied *applied)
{
	bh_bind(s, 1, applied->person);
	bh_bind(s, 2, (int64_t)applied->scope);
	bh_bind(s, 3, (int64_t)applied->position);
}

static int applied_matters(
	struct bh_writer *w, const struct bh_notice_applied *applied, size_t count, bool *matters)
{
	int err = BH_NOERR;

	*matters = false;
	for (size_t i = 0; !err && !*matters && i < count; i++) {
		sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_NOTICE_APPLIES);
		applied_bind(s, &applied[i]);
		err = bh_row_next(s, matters);
		bh_row_end(s);
	}
	return err;
}

static int applied_keep(struct bh_writer *w, const struct bh_notice_applied *applied)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_NOTICE_APPLIED);

	applied_bind(s, applied);
	bh_bind(s, 4, w->now_ms);
	int err = bh_row_run(s);
	if (!err)
		w->counts.notices[BH_NOTICE_SEEN] += (uint64_t)sqlite3_changes(
			w->projector.db.handle);
	return err;
}

int bh_writer_notices_applied(struct bh_writer *w, struct bh_now now,
	const struct bh_notice_applied *applied, size_t count)
{
	bool again = false;
	int err = w->broken ? BH_ERR_UNKNOWN : applied_matters(w, applied, count, &again);

	while (!err && again) {
		err = bh_group_begin(w, now);
		for (size_t i = 0; !err && i < count; i++)
			err = applied_keep(w, &applied[i]);
		err = group_end(w, err, &again);
		err = again ? BH_NOERR : err;
	}
	return err;
}
