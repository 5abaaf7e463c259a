/* The day's purge: cases that ended longer ago than their class is kept are erased by the clock.
 *
 *   cases without open ones, by first ──slice──▶ ended? over? not held? ──▶ ERASE of the clock's
 * log local: the day, and the case after which it goes on; a new day begins when the one before is
 *   through
 *
 * While the clock is doubted nothing is erased by it. */
#include <string.h>

#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/guarded.h"
#include "server/store/writer.h"

#define DAY_MS INT64_C(86400000)
#define MINUTE_MS INT64_C(60000)
#define LOOKED_AT_ONCE 500u
#define ERASED_AT_ONCE 20u
#define PLACE_BYTES 24u

static const char reason_over[] = "its retention time is over";

struct purge {
	uint64_t day;   /* since 1970, in the district's own time */
	uint64_t after; /* first of the last case that was looked at */
	uint64_t through;
};

static int purge_read(struct bh_writer *w, struct purge *out)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOCAL_GET);
	bool row = false;

	*out = (struct purge){.through = 1};
	bh_bind(s, 1, BH_RETENTION_ROW);
	int err = bh_row_next(s, &row);
	if (!err && row && bh_column_span(s, 0).len == PLACE_BYTES) {
		struct bh_reader reader = bh_reader(bh_column_span(s, 0));
		out->day = bh_get_u64(&reader);
		out->after = bh_get_u64(&reader);
		out->through = bh_get_u64(&reader);
	}
	bh_row_end(s);
	return err;
}

static int purge_write(struct bh_writer *w, const struct purge *purge)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOCAL_SET);

	w->content.len = 0;
	int err = bh_put_u64(&w->content, purge->day);
	if (!err)
		err = bh_put_u64(&w->content, purge->after);
	if (!err)
		err = bh_put_u64(&w->content, purge->through);
	bh_bind(s, 1, BH_RETENTION_ROW);
	bh_bind_span(s, 2, bh_buf_span(&w->content));
	return err ? err : bh_row_run(s);
}

/* When it ended; one that was never closed, with its last entry. */
static int own_end(struct bh_writer *w, const struct bh_case *cased, int64_t *at_ms)
{
	struct bh_entry_brief brief;

	*at_ms = cased->closed_ms;
	if (*at_ms != 0)
		return BH_NOERR;
	int err = bh_entry_brief(&w->projector.db, cased->last, &brief);
	if (!err)
		*at_ms = brief.at_ms;
	return err;
}

/* What is merged with a case is told with it: not before that has ended, too (0: it goes on). */
static int ended_at(struct bh_writer *w, const struct bh_case *cased, int64_t *at_ms)
{
	struct bh_case main;
	int64_t main_ms = 0;
	int err = own_end(w, cased, at_ms);

	if (err || cased->main == 0)
		return err;
	err = bh_case_row_get(&w->projector.db, cased->main, &main);
	if (!err && !bh_state_is_end((enum bh_state)main.state))
		*at_ms = 0;
	else if (!err && !(err = own_end(w, &main, &main_ms)) && main_ms > *at_ms)
		*at_ms = main_ms;
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

/* What came after an erasure and moved nothing, late or from quarantine, has its time, too. */
static int came_after(struct bh_writer *w, const struct bh_case *cased,
	const struct bh_guarded *guarded, int64_t *at_ms)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_ASIDE_CONTENT);
	bool row = false;

	bh_bind(s, 1, (int64_t)cased->number);
	bh_bind(s, 2, (int64_t)guarded->erased);
	int err = bh_row_next(s, &row);
	*at_ms = row ? bh_column(s, 1) : 0;
	bh_row_end(s);
	return err;
}

static int case_look(struct bh_writer *w, const struct bh_case *cased, size_t *erased)
{
	struct bh_guarded guarded;
	struct bh_command command = {
		.source = BH_SOURCE_CLOCK,
		.verb = BH_VERB_ERASE,
		.log_short = BH_LOG_CLOCK,
		.case_number = cased->number,
		.text = bh_span(reason_over, sizeof(reason_over) - 1),
	};
	int64_t kept_ms = bh_retention_ms(w->rules, cased->type), ended_ms = 0;
	uint64_t position;

	if (kept_ms == 0 || !bh_state_is_end((enum bh_state)cased->state))
		return BH_NOERR;
	int err = ended_at(w, cased, &ended_ms);
	if (!err)
		err = bh_guarded_get(&w->projector.db, cased->number, &guarded);
	if (err || ended_ms == 0 || guarded.held != 0)
		return err;
	if (guarded.erased > cased->last)
		err = came_after(w, cased, &guarded, &ended_ms);
	if (err || ended_ms == 0 || w->now_ms - ended_ms < kept_ms)
		return err;
	err = bh_writer_erase(w, &command, 0, &position);
	*erased += !err;
	return err;
}

/* The next slice of cases into memory: what is erased of one changes rows. */
static int slice_read(
	struct bh_writer *w, uint64_t after, uint64_t firsts[LOOKED_AT_ONCE], size_t *count)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LIST_OPEN);
	bool row = false;

	*count = 0;
	bh_bind(s, 1, (int64_t)after);
	bh_bind(s, 2, 0);
	int err = bh_row_next(s, &row);
	while (!err && row && *count < LOOKED_AT_ONCE) {
		firsts[(*count)++] = (uint64_t)bh_column(s, 0);
		if (*count < LOOKED_AT_ONCE)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

static int slice_run(struct bh_writer *w, struct purge *purge)
{
	uint64_t firsts[LOOKED_AT_ONCE];
	size_t count = 0, erased = 0, i = 0;
	int err = slice_read(w, purge->after, firsts, &count);

	for (; !err && i < count && erased < ERASED_AT_ONCE; i++) {
		struct bh_case cased;
		err = bh_case_row_first(&w->projector.db, firsts[i], &cased);
		if (!err)
			err = case_look(w, &cased, &erased);
		purge->after = firsts[i];
	}
	purge->through = i == count && count < LOOKED_AT_ONCE;
	return err ? err : purge_write(w, purge);
}

static uint64_t today_of(const struct bh_writer *w)
{
	const struct bh_msg_settings *settings = bh_rules_settings(w->rules);

	return (uint64_t)((w->now_ms + settings->utc_offset_min * MINUTE_MS) / DAY_MS);
}

int bh_retention_waits(struct bh_writer *w, bool *waits)
{
	struct purge purge;

	*waits = false;
	if (bh_rules_settings(w->rules)->retention_count == 0 ||
		!bh_timeline_punishes(&w->timeline))
		return BH_NOERR;
	int err = purge_read(w, &purge);
	*waits = !err && !(purge.through && purge.day >= today_of(w));
	return err;
}

int bh_retention_turn(struct bh_writer *w)
{
	struct purge purge;
	int err = purge_read(w, &purge);

	if (!err && purge.through)
		purge = (struct purge){.day = today_of(w)};
	return err ? err : slice_run(w, &purge);
}
