/* Entries about the people that a case names, as rows.
 *
 *   PARTY            party          as sealed; one whose content was erased leaves no row
 *   OPEN             opening        who, when, which purpose
 *   ASK_ERASE, HOLD, UNHOLD         guarded
 *   ERASE            guarded, erasure; rows of party, token and blob go; scope, so that it is told
 *
 * They move no case: each stands aside of it. */
#include <string.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "server/domain/field_fact.h"
#include "server/store/case_row.h"
#include "server/store/entry_row.h"
#include "server/store/guarded.h"
#include "server/store/task_row.h"

int bh_guarded_get(struct bh_db *db, uint64_t number, struct bh_guarded *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_GUARDED_GET);
	bool row = false;

	*out = (struct bh_guarded){0};
	bh_bind(s, 1, (int64_t)number);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err;
	out->asked = (uint64_t)bh_column(s, 0);
	out->asked_by = bh_column_u32(s, 1);
	out->held = (uint64_t)bh_column(s, 2);
	out->erasures = bh_column_u32(s, 3);
	out->erased = (uint64_t)bh_column(s, 4);
	out->erased_ms = bh_column(s, 5);
	bh_row_end(s);
	return BH_NOERR;
}

int bh_guarded_now(struct bh_db *db, uint64_t number, struct bh_guarded *out)
{
	struct bh_case cased = {0};
	struct bh_entry_brief brief;
	int err = bh_guarded_get(db, number, out);

	if (!err && out->asked)
		err = bh_case_row_get(db, number, &cased);
	for (uint64_t at = cased.last; !err && at > out->asked; at = brief.prev) {
		err = bh_entry_brief(db, at, &brief);
		if (!err && !bh_state_is_end((enum bh_state)brief.to_state))
			out->asked = out->asked_by = 0;
		if (!err && (out->asked == 0 || brief.prev >= at))
			break;
	}
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

int bh_guarded_set(struct bh_db *db, uint64_t number, const struct bh_guarded *guarded)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_GUARDED_SET);

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, (int64_t)guarded->asked);
	bh_bind(s, 3, guarded->asked_by);
	bh_bind(s, 4, (int64_t)guarded->held);
	bh_bind(s, 5, guarded->erasures);
	bh_bind(s, 6, (int64_t)guarded->erased);
	bh_bind(s, 7, guarded->erased_ms);
	return bh_row_run(s);
}

int bh_guarded_entry(struct bh_db *db, const struct bh_entry *entry, bool *covered)
{
	struct bh_guarded guarded;

	*covered = false;
	if (!entry->device || (!entry->case_number && !bh_verb_is_field(entry->verb)))
		return BH_NOERR;
	int err = bh_guarded_get(db, entry->case_number, &guarded);
	*covered = !err && bh_guarded_covers(&guarded, entry);
	return err;
}

/* ---- Entries ---- */

static int project_party(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_PARTY_SET);
	struct bh_party party;
	int err = entry->content.len ? bh_party_decode(entry->content, &party) : BH_NOERR;

	if (err || entry->content.len == 0)
		return err;
	bh_bind(s, 1, (int64_t)entry->case_number);
	bh_bind(s, 2, party.party);
	bh_bind(s, 3, party.role);
	bh_bind(s, 4, party.consent);
	bh_bind_span(s, 5, party.name);
	bh_bind_span(s, 6, party.contact);
	bh_bind(s, 7, (int64_t)entry->position);
	return bh_row_run(s);
}

static int project_open(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_OPENING_ADD);
	struct bh_msg_op_header header;
	int reason = 0;

	bh_arena_reset(&p->arena);
	int err = bh_op_decode_header(entry->header, &p->arena, &header, &reason);
	if (err)
		return err;
	bh_bind(s, 1, (int64_t)entry->position);
	bh_bind(s, 2, entry->person);
	bh_bind(s, 3, entry->at_ms);
	bh_bind(s, 4, (int64_t)entry->case_number);
	bh_bind(s, 5, header.reason);
	return bh_row_run(s);
}

/* Photos that no other case has here are here no more. */
static int photos_forget(struct bh_projector *p, uint64_t number)
{
	sqlite3_stmt *gone = bh_sql(&p->db, BH_SQL_BLOB_FORGET);
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_BLOB_OF_NUMBER);
	sqlite3_stmt *others = bh_sql(&p->db, BH_SQL_BLOB_OTHERS);
	bool row = false;

	bh_bind(s, 1, (int64_t)number);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		bool here = false;
		bh_bind_span(others, 1, bh_column_span(s, 0));
		bh_bind(others, 2, (int64_t)number);
		if (bh_column(s, 2) != 0)
			err = bh_row_next(others, &here);
		if (!err && bh_column(s, 2) != 0 && !here)
			bh_tally_blob_gone(&p->tally, bh_column_u32(s, 1));
		bh_row_end(others);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	bh_bind(gone, 1, (int64_t)number);
	return err ? err : bh_row_run(gone);
}

static int scope_touch(
	struct bh_projector *p, const struct bh_entry *entry, uint64_t number, uint64_t scope)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_SCOPE_TOUCH);

	bh_bind(s, 1, (int64_t)scope);
	bh_bind(s, 2, (int64_t)number);
	bh_bind(s, 3, (int64_t)entry->position);
	if (p->wakes)
		bh_wake_scope(p->wakes, scope);
	return bh_row_run(s);
}

/* Who has a task of it, which may outlast the case's end (56), has its words, too. */
static int workers_tell(struct bh_projector *p, const struct bh_entry *entry, uint64_t number)
{
	struct bh_task open[BH_TASKS_OPEN_MAX];
	size_t count = 0;
	int err = bh_task_rows_of(&p->db, number, true, open, BH_TASKS_OPEN_MAX, &count);

	for (size_t i = 0; !err && i < count; i++)
		err = scope_touch(p, entry, number, bh_task_scope(&open[i]));
	return err;
}

/* Handsets that follow the case are told its record again, which has a placeholder now. */
static int followers_tell(struct bh_projector *p, const struct bh_entry *entry, uint64_t number)
{
	struct bh_case cased;
	int err = bh_case_row_get(&p->db, number, &cased);

	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
	if (cased.unit != 0)
		err = scope_touch(p, entry, number, BH_SCOPE_UNIT(cased.unit));
	if (!err && cased.copied != 0 && cased.copied != cased.unit)
		err = scope_touch(p, entry, number, BH_SCOPE_UNIT(cased.copied));
	if (!err)
		err = workers_tell(p, entry, number);
	return err ? err : scope_touch(p, entry, number, BH_SCOPE_OWN(cased.reporter));
}

/* And those of what is merged into it, in which its answer was (erase.c). */
static int all_tell(struct bh_projector *p, const struct bh_entry *entry)
{
	uint64_t numbers[BH_MERGED_MAX];
	size_t count = 0;
	int err = followers_tell(p, entry, entry->case_number);

	if (!err)
		err = bh_merged_read(&p->db, entry->case_number, numbers, BH_MERGED_MAX, &count);
	for (size_t i = 0; !err && i < count; i++)
		err = followers_tell(p, entry, numbers[i]);
	return err;
}

static int project_erase(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *parties = bh_sql(&p->db, BH_SQL_PARTY_DROP);
	sqlite3_stmt *token = bh_sql(&p->db, BH_SQL_TOKEN_DROP);
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_ERASURE_ADD);
	int err = photos_forget(p, entry->case_number);

	if (!err)
		err = all_tell(p, entry);
	bh_bind(parties, 1, (int64_t)entry->case_number);
	if (!err)
		err = bh_row_run(parties);
	bh_bind(token, 1, (int64_t)entry->case_number);
	if (!err)
		err = bh_row_run(token);
	bh_bind(s, 1, (int64_t)entry->position);
	bh_bind(s, 2, (int64_t)entry->case_number);
	bh_bind(s, 3, entry->at_ms);
	bh_bind(s, 4, entry->log_short);
	return err ? err : bh_row_run(s);
}

static int project_guarded(struct bh_projector *p, const struct bh_entry *entry)
{
	struct bh_guarded guarded;
	int err = bh_guarded_get(&p->db, entry->case_number, &guarded);

	if (entry->verb == BH_VERB_HOLD || entry->verb == BH_VERB_UNHOLD)
		guarded.held = entry->verb == BH_VERB_HOLD ? entry->position : 0;
	if (entry->verb == BH_VERB_ASK_ERASE || entry->verb == BH_VERB_ERASE ||
		entry->verb == BH_VERB_HOLD) {
		bool asks = entry->verb == BH_VERB_ASK_ERASE;
		guarded.asked = asks ? entry->position : 0;
		guarded.asked_by = asks ? entry->person : 0;
	}
	if (entry->verb == BH_VERB_ERASE) {
		guarded.erasures++;
		guarded.erased = entry->position;
		guarded.erased_ms = entry->at_ms;
	}
	return err ? err : bh_guarded_set(&p->db, entry->case_number, &guarded);
}

int bh_project_privacy(struct bh_projector *p, const struct bh_entry *entry)
{
	int err = BH_NOERR;

	if (entry->verb == BH_VERB_PARTY)
		return project_party(p, entry);
	if (entry->verb == BH_VERB_OPEN)
		return project_open(p, entry);
	if (entry->verb == BH_VERB_ERASE)
		err = project_erase(p, entry);
	return err ? err : project_guarded(p, entry);
}
