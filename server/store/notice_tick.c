/* What the clock does to the outbox.  P1 (domain.md, Routing 9):
 *
 *   unit ──5 min──▶ shift leader ──5 min──▶ the level above ──5 min──▶ all, ──5, 10, 20 ...──▶
 *         unless one of them has seen it, or the case is no longer unsigned with that dispatch
 *
 * What was ready for a day and nobody took expires; rows that are old go, some at a time. */
#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/notice_row.h"
#include "server/store/writer.h"

#define CALLS_MAX 100u /* a turn */

static uint64_t call_position(const struct bh_notice_row *row, uint32_t call)
{
	return row->position | (uint64_t)call << BH_NOTICE_CALL_SHIFT;
}

static int ack_end(struct bh_writer *w, const struct bh_notice_row *row)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_NOTICE_ACK_END);

	bh_bind(s, 1, (int64_t)call_position(row, row->call));
	bh_bind(s, 2, row->kind);
	bh_bind(s, 3, (int64_t)row->number);
	return bh_row_run(s);
}

static int is_acknowledged(struct bh_writer *w, const struct bh_notice_row *row, bool *is)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_NOTICE_ACKED);

	bh_bind(s, 1, (int64_t)row->position);
	bh_bind(s, 2, (int64_t)row->number);
	int err = bh_row_next(s, is);
	bh_row_end(s);
	return err;
}

/* When the first of these repeated calls was made; 0: it is no longer known. */
static int first_called(struct bh_writer *w, const struct bh_notice_row *row, int64_t *at_ms)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_NOTICE_CALLED);
	bool found = false;

	bh_bind(s, 1, (int64_t)call_position(row, 1));
	bh_bind(s, 2, (int64_t)row->number);
	int err = bh_row_next(s, &found);
	*at_ms = !err && found ? bh_column(s, 0) : 0;
	bh_row_end(s);
	return err;
}

static int next_call(
	struct bh_writer *w, const struct bh_notice_row *row, const struct bh_case *cased)
{
	struct bh_notice notices[BH_NOTICES_MAX];
	const struct bh_entry nobody = {.at_ms = w->now_ms};
	int64_t called_ms = 0;
	int err = row->call == 0 ? BH_NOERR : first_called(w, row, &called_ms);
	const struct bh_notice_facts facts = {
		.rules = w->rules,
		.entry = &nobody,
		.before = cased,
		.after = cased,
		.due_divisor = w->due_divisor,
		.called_ms = called_ms,
	};
	size_t count = err || row->call == BH_NOTICE_CALLS_MAX
			       ? 0
			       : bh_notices_next(&facts, row->kind, w->now_ms, notices);

	for (size_t i = 0; !err && i < count; i++) {
		bool again = notices[i].kind == BH_NOTICE_CALLED_AGAIN;
		notices[i].urgent = row->lane % 2 == 0; /* nor was this, beyond a pace */
		err = bh_notice_add(
			w, call_position(row, again ? row->call + 1 : 0), row->number, &notices[i]);
	}
	return err;
}

static bool is_unsigned(const struct bh_case *cased)
{
	return cased->state == BH_STATE_DISPATCHED || cased->state == BH_STATE_TIER_MOVING;
}

static int call(struct bh_writer *w, const struct bh_notice_row *row, size_t *fired)
{
	struct bh_case cased;
	bool is = false;
	int err = is_acknowledged(w, row, &is);

	if (!err && !is) {
		err = bh_case_row_get(&w->projector.db, row->number, &cased);
		is = err == BH_ERR_NOT_FOUND || !is_unsigned(&cased) ||
		     cased.dispatched_ms > row->made_ms;
		err = err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
	}
	if (!err && !is) {
		err = next_call(w, row, &cased);
		*fired += 1;
	}
	return err ? err : ack_end(w, row);
}

static int calls(struct bh_writer *w, size_t *fired)
{
	int err = BH_NOERR;
	bool found = true;

	for (size_t i = 0; !err && found && i < CALLS_MAX; i++) {
		sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_NOTICE_ACK_DUE);
		struct bh_notice_row row;
		bh_bind(s, 1, w->now_ms);
		err = bh_row_next(s, &found);
		if (err || !found)
			break;
		bh_notice_row_read(s, &row);
		bh_row_end(s);
		err = call(w, &row, fired);
	}
	return err;
}

static int expire(struct bh_writer *w, uint32_t lane, int64_t before_ms)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_NOTICE_NEXT);
	bool found = false;

	bh_bind(s, 1, lane);
	int err = bh_row_next(s, &found);
	bool has_any = !err && found && bh_column(s, 0) < before_ms;
	bh_row_end(s);
	if (err || !has_any)
		return err;
	s = bh_sql(&w->projector.db, BH_SQL_NOTICE_EXPIRE);
	bh_bind(s, 1, lane);
	bh_bind(s, 2, before_ms);
	bh_bind(s, 3, BH_NOTICE_SLICE);
	err = bh_row_run(s);
	if (!err)
		w->counts.notices[BH_NOTICE_EXPIRED] += (uint64_t)sqlite3_changes(
			w->projector.db.handle);
	return err;
}

/* Rows stand in order of when they were made: by the oldest is seen whether any goes.  Of too many
 * it may be urgent and wait: then it stays and those behind it go, and each sweep steps over all
 * that stay so, BH_NOTICE_ROWS_MAX at most. */
static int purge(struct bh_writer *w, int64_t before_ms)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_NOTICE_OLDEST);
	bool found = false;

	int err = bh_row_next(s, &found);
	bool goes = !err && found &&
		    (bh_column(s, 0) < before_ms || bh_column(s, 1) >= BH_NOTICE_ROWS_MAX);
	bh_row_end(s);
	if (err || !goes)
		return err;
	s = bh_sql(&w->projector.db, BH_SQL_NOTICE_PURGE);
	bh_bind(s, 1, before_ms);
	bh_bind(s, 2, BH_NOTICE_ROWS_MAX);
	bh_bind(s, 3, BH_NOTICE_SLICE);
	err = bh_row_run(s);
	if (!err)
		w->counts.notices_purged += (uint64_t)sqlite3_changes(w->projector.db.handle);
	return err;
}

static int sweep(struct bh_writer *w)
{
	int err = BH_NOERR;

	for (uint32_t lane = 0; !err && lane < BH_NOTICE_LANES; lane++)
		err = expire(w, lane, w->now_ms - BH_NOTICE_EXPIRE_MS);
	return err ? err : purge(w, w->now_ms - BH_NOTICE_KEPT_MS);
}

int bh_notice_tick(struct bh_writer *w, bool sweeps, size_t *fired)
{
	int err = calls(w, fired);

	return err || !sweeps ? err : sweep(w);
}

int64_t bh_notice_tick_due_ms(const struct bh_writer *w)
{
	return bh_writer_first(w, BH_SQL_NOTICE_ACK_FIRST);
}
