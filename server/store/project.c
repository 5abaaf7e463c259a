/* From an entry to rows: the log's head moves, an op finds its position, the case becomes what was
 * decided, and its scopes get the entry's position.
 *
 *   entry ──▶ log head (memory) ──▶ op ──▶ bh_apply ──▶ cases, scope, tally ──▶ wakes
 *         └─▶ about the district: project_district.c
 *
 * Nothing here decides: the same entries give the same rows, whoever replays them.  Rules are known
 * for one thing only, the index of what the clock does next. */
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/number.h"
#include "server/domain/order.h"
#include "server/domain/rating.h"
#include "server/store/case_row.h"
#include "server/store/dossier_row.h"
#include "server/store/guarded.h"
#include "server/store/place_row.h"
#include "server/store/project.h"

int bh_district_row_read(struct bh_db *db, struct bh_district_row *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_DISTRICT_GET);
	struct bh_district_row district = {0};
	bool row = false;
	int err = bh_row_next(s, &row);

	if (err)
		return err;
	if (row) { /* a replay begins without one */
		struct bh_span code = bh_column_span(s, 0);
		if (code.len == 0 || code.len > BH_DISTRICT_CODE_BYTES_MAX) {
			bh_row_end(s);
			return BH_ERR_CORRUPT;
		}
		memcpy(district.code, code.data, code.len);
		district.epoch = (uint64_t)bh_column(s, 1);
		district.profiles = bh_column_u32(s, 2);
		district.profile_position = (uint64_t)bh_column(s, 3);
		district.clock_alarm = bh_column(s, 4) != 0;
		bh_row_end(s);
	}
	*out = district;
	return BH_NOERR;
}

int bh_district_row_write(struct bh_projector *p)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_DISTRICT_SET);

	bh_bind_span(s, 1, bh_span(p->district.code, strlen(p->district.code)));
	bh_bind(s, 2, (int64_t)p->district.epoch);
	bh_bind(s, 3, p->district.profiles);
	bh_bind(s, 4, (int64_t)p->district.profile_position);
	bh_bind(s, 5, p->district.clock_alarm);
	return bh_row_run(s);
}

int bh_projector_open(struct bh_projector *p, struct bh_db *db, struct bh_wake_set *wakes)
{
	*p = (struct bh_projector){
		.db = *db,
		.wakes = wakes,
		.arena = BH_ARENA(16 * BH_PROJECT_ARENA_BYTES),
		.scratch = BH_BUF(BH_PROJECT_ARENA_BYTES),
	};
	int err = bh_hasher_open(&p->hasher);
	if (!err)
		err = bh_tally_load(&p->tally, &p->db);
	if (!err)
		err = bh_district_row_read(&p->db, &p->district);
	if (err)
		bh_projector_close(p);
	return err;
}

void bh_projector_close(struct bh_projector *p)
{
	bh_heads_free(&p->heads);
	bh_hasher_close(p->hasher);
	bh_arena_free(&p->arena);
	bh_buf_free(&p->scratch);
	bh_db_close(&p->db);
	*p = (struct bh_projector){0};
}

int bh_projector_flush(struct bh_projector *p)
{
	int err = bh_heads_flush(&p->heads, &p->db);
	return err ? err : bh_tally_flush(&p->tally, &p->db);
}

bool bh_entry_moves_case(const struct bh_entry *entry)
{
	return entry->case_number != 0 && entry->cycle != 0 &&
	       entry->verdict == BH_VERDICT_ACCEPTED;
}

static int log_moves(struct bh_projector *p, const struct bh_entry *entry)
{
	struct bh_head *head;
	int err = bh_heads_room(&p->heads, &p->db);

	if (!err)
		err = bh_heads_get(&p->heads, &p->db, entry->log_short, &head);
	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
	if (entry->seq != head->seq + 1)
		return BH_ERR_CORRUPT;
	bh_heads_move(&p->heads, head, entry->seq, entry->device ? entry->link : NULL);
	if (entry->device && entry->captured_ms &&
		entry->captured_bound_ms <= BH_CLOCK_BOUND_MS_MAX)
		bh_heads_floor(head, entry->captured_ms - entry->captured_bound_ms);
	return BH_NOERR;
}

static int op_add(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_OP_ADD);

	bh_bind(s, 1, (int64_t)bh_case_number(entry->log_short, (uint32_t)entry->seq));
	bh_bind(s, 2, (int64_t)entry->position);
	bh_bind(s, 3, entry->verdict != BH_VERDICT_ACCEPTED || entry->reason != BH_REASON_NONE);
	return bh_row_run(s);
}

static int origin_add(
	struct bh_projector *p, const struct bh_entry *entry, const struct bh_msg_origin *origin)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_ORIGIN_ADD);

	bh_bind_span(s, 1, origin->log_id);
	bh_bind(s, 2, (int64_t)origin->seq);
	bh_bind_span(s, 3, origin->link);
	bh_bind(s, 4, (int64_t)entry->position);
	int err = bh_row_run(s);
	if (err)
		return err;
	/* A log in memory whose ops are carried must be asked about from now on: rare, so all are
	 * read anew. */
	err = bh_heads_flush(&p->heads, &p->db);
	if (!err)
		bh_heads_forget(&p->heads);
	return err;
}

static int scopes_set(struct bh_projector *p, const struct bh_entry *entry,
	const struct bh_scope_change *changes, size_t count)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_SCOPE_SET);

	for (size_t i = 0; i < count; i++) {
		bh_bind(s, 1, (int64_t)changes[i].scope);
		bh_bind(s, 2, (int64_t)entry->case_number);
		bh_bind(s, 3, (int64_t)entry->position);
		bh_bind(s, 4, changes[i].left);
		int err = bh_row_run(s);
		if (err)
			return err;
		if (p->wakes)
			bh_wake_scope(p->wakes, changes[i].scope);
	}
	return BH_NOERR;
}

/* Whoever has a task of the case hears of what moves lists, or brings a photo. */
static int tasks_move(
	struct bh_projector *p, const struct bh_entry *entry, const struct bh_case *now, bool told)
{
	struct bh_scope_change changes[BH_TASKS_OPEN_MAX + 1];
	size_t count = 0;
	int err = bh_project_tasks(p, entry, now, changes, &count);

	return err || !told ? err : scopes_set(p, entry, changes, count);
}

static int merged_set(struct bh_projector *p, const struct bh_case *now)
{
	sqlite3_stmt *s = bh_sql(&p->db, now->main ? BH_SQL_MERGED_SET : BH_SQL_MERGED_DROP);

	bh_bind(s, 1, (int64_t)now->number);
	if (now->main)
		bh_bind(s, 2, (int64_t)now->main);
	return bh_row_run(s);
}

/* Where a main case's answer stands once more.  Files of before this table have none of cases that
 * began before it. */
static int echo_add(struct bh_projector *p, const struct bh_entry *entry, const struct bh_case *now)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_ECHO_ADD);

	if (now->rules_day == 0)
		return BH_NOERR;
	bh_bind(s, 1, (int64_t)now->main);
	bh_bind(s, 2, (int64_t)entry->position);
	return bh_row_run(s);
}

static int case_moves(struct bh_projector *p, const struct bh_entry *entry,
	const struct bh_case *before, struct bh_case *after)
{
	static const struct bh_case nothing;
	struct bh_scope_change changes[BH_SCOPE_CHANGES_MAX];
	size_t count = 0;
	bool fresh = !before;
	struct bh_case now;

	int err = bh_apply(fresh ? &nothing : before, entry, &now, changes, &count);
	if (err)
		return err;
	if (now.state >= BH_STATE_COUNT)
		return BH_ERR_MALFORMED;
	bh_case_alarm(p->rules, &now, &now.next_ms);
	bh_tally_entry(&p->tally, entry, fresh ? &nothing : before, &now);
	err = bh_case_row_put(&p->db, &now, before, &p->scratch);
	if (!err)
		err = bh_project_place(p, before, &now);
	if (!err && !fresh)
		err = bh_project_returned(p, entry, before, &now);
	if (!err && entry->from_state != entry->to_state)
		err = bh_project_closed(p, entry, &now);
	if (!err && now.main != (fresh ? 0 : before->main))
		err = merged_set(p, &now);
	if (!err && entry->verb == BH_VERB_MAIN_ENDED)
		err = echo_add(p, entry, &now);
	if (!err)
		err = bh_project_mediation(p, entry);
	if (!err)
		err = scopes_set(p, entry, changes, count);
	if (!err && (now.open_tasks > 0 || bh_task_of_decision(entry->decision) != 0))
		err = tasks_move(
			p, entry, &now, count > 0 || bh_task_of_decision(entry->decision) != 0);
	if (!err && after)
		*after = now;
	return err;
}

static int aside_add(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_ASIDE_ADD);

	bh_bind(s, 1, (int64_t)entry->case_number);
	bh_bind(s, 2, (int64_t)entry->position);
	return bh_row_run(s);
}

/* Orders are papers of their case, too. */
static bool is_of_dossier(unsigned verb)
{
	return bh_verb_is_dossier(verb) || bh_verb_is_order(verb);
}

int bh_project(struct bh_projector *p, const struct bh_entry *entry, const struct bh_case *before,
	const struct bh_msg_origin *origin, struct bh_case *after)
{
	int err = BH_NOERR;

	if (entry->verb == BH_VERB_FOUND && !entry->device)
		err = bh_project_district(p, entry);
	if (!err)
		err = log_moves(p, entry);
	if (!err &&
		(entry->device || (entry->case_number && !before && bh_entry_moves_case(entry) &&
					  entry->verb != BH_VERB_RELEASE)))
		err = op_add(p, entry);
	if (err)
		return err;
	if (entry->case_number) {
		err = bh_entry_moves_case(entry) ? case_moves(p, entry, before, after)
						 : aside_add(p, entry);
		if (!err && bh_verb_is_privacy(entry->verb) && !entry->device &&
			entry->verdict == BH_VERDICT_ACCEPTED)
			err = bh_project_privacy(p, entry);
		if (!err && is_of_dossier(entry->verb) && !entry->device &&
			entry->verdict == BH_VERDICT_ACCEPTED)
			err = bh_project_dossier(p, entry);
		if (!err && bh_verb_is_rating(entry->verb) && !entry->device &&
			entry->verdict == BH_VERDICT_ACCEPTED)
			err = bh_project_rating(p, entry);
		if (!err && bh_entry_moves_case(entry))
			err = bh_project_blobs(p, entry);
	} else if (entry->verb != BH_VERB_FOUND && !entry->device &&
		   !bh_verb_is_order(entry->verb)) {
		err = bh_project_district(p, entry);
	}
	if (!err && bh_verb_is_order(entry->verb) && !entry->device)
		err = bh_project_order(p, entry);
	if (!err && bh_verb_is_field(entry->verb) && entry->verdict == BH_VERDICT_ACCEPTED)
		err = bh_project_field(p, entry);
	if (!err && origin)
		err = origin_add(p, entry, origin);
	return err;
}
