/* The checker's side of I7: what the clock goes by, computed from a case's entries by another road
 * than decide; and what its tasks are due by.
 *
 * Dues are decided under the rules of their time: a clock is checked by those that were in force at
 * the entry that started it.  They are built again from their PROFILE entry, a few kept at hand. */
#include <stdlib.h>

#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/entry_row.h"
#include "server/store/rules_load.h"
#include "server/store/task_row.h"
#include "server/store/verify.h"

#define ENTRIES_MAX 4096u /* of one case; longer ones are passed over */

#define TASKS_MAX 64u /* of one case; later ones are passed over */

#define RULES_KEPT 4u

struct dues_check {
	struct bh_verify *verify;
	struct bh_rules *rules[RULES_KEPT];
	uint64_t profiles[RULES_KEPT]; /* each one's PROFILE entry; 0: before the first */
	size_t next;                   /* whose place is given away */
	struct bh_entry *entries;      /* ENTRIES_MAX, filled from the end */
};

static int entry_at(struct bh_verify *v, uint64_t position, struct bh_entry *out)
{
	sqlite3_stmt *s = bh_sql(&v->file, BH_SQL_JOURNAL_GET);
	bool row = false;

	bh_bind(s, 1, (int64_t)position);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	err = bh_entry_row_read(s, out);
	if (!err)
		err = bh_arena_copy(&v->arena, out->decision, &out->decision);
	out->header = bh_span(NULL, 0);
	bh_row_end(s);
	return err;
}

/* The last PROFILE entry before a position; 0: none. */
static uint64_t profile_before(const struct bh_verify *v, uint64_t position)
{
	size_t low = 0, high = v->profiles_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (v->profiles[middle] < position)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? v->profiles[low - 1] : 0;
}

static int rules_at(void *context, uint64_t position, const struct bh_rules **out)
{
	struct dues_check *check = context;
	struct bh_verify *v = check->verify;
	uint64_t profile = profile_before(v, position);
	struct bh_rules *rules = NULL;

	for (size_t i = 0; i < RULES_KEPT; i++) {
		if (check->rules[i] && check->profiles[i] == profile) {
			*out = check->rules[i];
			return BH_NOERR;
		}
	}
	int err = bh_rules_load(&v->file, v->hasher, profile, v->due_divisor, &rules);
	if (err)
		return err;
	bh_rules_unref(check->rules[check->next]);
	check->rules[check->next] = rules;
	check->profiles[check->next] = profile;
	check->next = (check->next + 1) % RULES_KEPT;
	*out = rules;
	return BH_NOERR;
}

static bool dues_equal(
	const struct bh_rules *rules, const struct bh_dues *dues, const struct bh_case *cased)
{
	int64_t archive_ms = cased->state == BH_STATE_CLOSED ? bh_case_archive_due(rules, cased)
							     : 0;

	return dues->dispatch_due_ms == cased->dispatch_due_ms &&
	       dues->sign_due_ms == cased->sign_due_ms &&
	       dues->disposal_due_ms == cased->disposal_due_ms &&
	       dues->review_due_ms == cased->review_due_ms &&
	       dues->check_due_ms == cased->check_due_ms &&
	       dues->resume_due_ms == cased->resume_due_ms && dues->archive_due_ms == archive_ms &&
	       dues->follow_due_ms == cased->follow_due_ms &&
	       dues->appeal_due_ms == cased->appeal_due_ms &&
	       dues->milestone_due_ms == cased->milestone_due_ms;
}

/* So much working time from when it was made, by the calendar of the entry that made it, or that
 * computed it again. */
static int task_due(struct dues_check *check, const struct bh_task *task,
	const struct bh_entry *entries, size_t count)
{
	const struct bh_rules *rules = NULL;
	uint64_t at = task->first;

	if (task->limit_ms == 0 || task->rest_from_ms != 0)
		return BH_NOERR;
	for (size_t i = 0; i < count; i++) {
		if (entries[i].verb == BH_VERB_RECOMPUTE &&
			bh_task_of_decision(entries[i].decision) == task->ordinal)
			at = entries[i].position;
	}
	int err = rules_at(check, at, &rules);
	if (!err && task->due_ms != bh_calendar_walk(bh_rules_calendar(rules), task->made_ms,
					    task->limit_ms))
		err = bh_verify_fail(check->verify, task->last,
			"a task's due time is not what its entries give", NULL);
	return err;
}

static int tasks_dues(struct dues_check *check, const struct bh_case *cased,
	const struct bh_entry *entries, size_t count)
{
	struct bh_task tasks[TASKS_MAX];
	size_t found = 0;
	int err = cased->tasks == 0 ? BH_NOERR
				    : bh_task_rows_of(&check->verify->file, cased->number, false,
					      tasks, TASKS_MAX, &found);

	for (size_t i = 0; !err && i < found; i++)
		err = task_due(check, &tasks[i], entries, count);
	return err;
}

static int case_dues(struct dues_check *check, const struct bh_case *cased)
{
	struct bh_verify *v = check->verify;
	const struct bh_rules *rules = NULL;
	struct bh_dues dues;
	uint64_t at = cased->last;
	size_t count = 0;
	int err = BH_NOERR;

	bh_arena_reset(&v->arena);
	while (!err && at && count < ENTRIES_MAX) {
		struct bh_entry *entry = &check->entries[ENTRIES_MAX - ++count];
		err = entry_at(v, at, entry);
		if (!err)
			at = entry->prev;
	}
	if (err || at)
		return err;
	err = bh_dues_from_entries_at(
		rules_at, check, &check->entries[ENTRIES_MAX - count], count, &dues);
	if (!err)
		err = rules_at(check, cased->last, &rules);
	if (!err && !dues_equal(rules, &dues, cased))
		err = bh_verify_fail(
			v, cased->last, "a case's due times are not what its entries give", NULL);
	if (!err)
		err = tasks_dues(check, cased, &check->entries[ENTRIES_MAX - count], count);
	return err;
}

static int cases_walk(struct dues_check *check)
{
	sqlite3_stmt *s = bh_sql(&check->verify->file, BH_SQL_LIST_ALL);
	bool row = false;

	bh_bind(s, 1, 0);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		struct bh_case cased;
		err = bh_case_row_read(s, &cased);
		if (!err)
			err = case_dues(check, &cased);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

/* PROFILE entries, as a replay would meet them. */
static int profiles_find(struct bh_verify *v)
{
	sqlite3_stmt *s = bh_sql(&v->file, BH_SQL_JOURNAL_PROFILES);
	bool row = false;

	bh_bind(s, 1, BH_VERB_PROFILE);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		err = bh_verify_profile(v, (uint64_t)bh_column(s, 0));
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

int bh_verify_dues(struct bh_verify *v)
{
	struct dues_check check = {.verify = v};
	int err = profiles_find(v);

	if (!err)
		check.entries = calloc(ENTRIES_MAX, sizeof(*check.entries));
	if (!err)
		err = check.entries ? cases_walk(&check) : BH_ERR_NOMEM;
	free(check.entries);
	for (size_t i = 0; i < RULES_KEPT; i++)
		bh_rules_unref(check.rules[i]);
	return err;
}
