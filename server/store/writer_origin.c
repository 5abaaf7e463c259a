/* Was an op recorded before, in another log or by another log for this one (sync.md "Up": origins)?
 */
#include "proto/err.h"
#include "proto/number.h"
#include "server/store/entry_row.h"
#include "server/store/writer.h"

/* The position at which (log_id, seq, link) was first recorded, 0 if it never was. */
static int origin_find(struct bh_writer *w, const struct bh_msg_origin *origin, uint64_t *position)
{
	struct bh_db *db = &w->projector.db;
	sqlite3_stmt *s = bh_sql(db, BH_SQL_ORIGIN_GET);
	bool row = false;

	bh_bind_span(s, 1, origin->log_id);
	bh_bind(s, 2, (int64_t)origin->seq);
	bh_bind_span(s, 3, origin->link);
	int err = bh_row_next(s, &row);
	if (err)
		return err;
	if (row) {
		*position = (uint64_t)bh_column(s, 0);
		bh_row_end(s);
	}
	return BH_NOERR;
}

/* The same, where the log is one of ours and the op itself is here. */
static int op_find(struct bh_writer *w, const struct bh_msg_origin *origin, uint64_t *position)
{
	struct bh_db *db = &w->projector.db;
	sqlite3_stmt *s = bh_sql(db, BH_SQL_LOG_BY_ID);
	struct bh_entry_brief brief;
	bool row = false;

	if (origin->seq == 0 || origin->seq > UINT32_MAX)
		return BH_NOERR;
	bh_bind_span(s, 1, origin->log_id);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err;
	uint32_t log_short = bh_column_u32(s, 0);
	bh_row_end(s);
	s = bh_sql(db, BH_SQL_OP_GET);
	bh_bind(s, 1, (int64_t)bh_case_number(log_short, (uint32_t)origin->seq));
	err = bh_row_next(s, &row);
	if (err || !row)
		return err;
	uint64_t at = (uint64_t)bh_column(s, 0);
	bh_row_end(s);
	err = bh_entry_brief(db, at, &brief);
	if (!err && brief.has_link &&
		bh_span_equal(origin->link, bh_span(brief.link, BH_HASH_BYTES)))
		*position = at;
	return err;
}

/* Whose device recorded the entry: not whom its op names as author, which is a claim. */
static int recorder(struct bh_writer *w, uint64_t position, uint32_t *person)
{
	struct bh_db *db = &w->projector.db;
	struct bh_entry_brief brief;
	bool row = false;
	int err = bh_entry_brief(db, position, &brief);

	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
	sqlite3_stmt *s = bh_sql(db, BH_SQL_DEVICE_BRIEF);
	bh_bind(s, 1, brief.device);
	err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	*person = bh_column_u32(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}

/* An op is carried from log to log by one person alone: whoever else names it is told nothing of
 * it, and takes nothing from it (B07). */
static int own_only(struct bh_writer *w, uint64_t *position)
{
	uint32_t person = 0;
	int err = *position ? recorder(w, *position, &person) : BH_NOERR;

	if (!err && person != w->push.person)
		*position = 0;
	return err;
}

/* Was this very op recorded before, here or under another name, for the same person? */
int bh_first_recording(struct bh_writer *w, const struct bh_command *command, uint64_t *position)
{
	struct bh_head *head;
	int err = BH_NOERR;

	if (command->has_origin) {
		err = origin_find(w, &command->origin, position);
		if (!err)
			err = own_only(w, position);
		if (!err && *position == 0)
			err = op_find(w, &command->origin, position);
		if (!err)
			err = own_only(w, position);
		if (err || *position)
			return err;
	}
	err = bh_heads_get(&w->projector.heads, &w->projector.db, command->log_short, &head);
	if (err || !head->carried)
		return err;
	struct bh_msg_origin own = {
		.log_id = bh_span(head->log_id, BH_LOG_ID_BYTES),
		.seq = command->seq,
		.link = bh_span(command->link, BH_HASH_BYTES),
	};
	err = origin_find(w, &own, position);
	return err ? err : own_only(w, position);
}
