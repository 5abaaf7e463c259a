/* What a device does only so often, since each time stays for ever: it begins a log, it takes a
 * key.
 *
 *   in a day      each time moves an instant on by its share of a day, and that instant is never a
 *                 day ahead of now: a share comes back with the time that passes
 *   in its life   a count beside that instant
 *
 * In the same way so many of one reporter's notices go before the others (notice_pace.c).
 *
 * Kept beside the journal, by device: an older copy that is put back knows of fewer. */
#include <string.h>

#include "proto/err.h"
#include "server/store/writer.h"

#define DAY_MS INT64_C(86400000)

/* A row's value. */
struct pace {
	int64_t until_ms;
	int64_t taken;
};

static int pace_get(struct bh_writer *w, int64_t row_id, struct pace *out)
{
	bool found;

	*out = (struct pace){0};
	return bh_local_get(&w->projector.db, row_id, out, sizeof(*out), &found);
}

static int pace_set(struct bh_writer *w, int64_t row_id, const struct pace *pace)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOCAL_SET);

	bh_bind(s, 1, row_id);
	bh_bind_span(s, 2, bh_span(pace, sizeof(*pace)));
	return bh_row_run(s);
}

int bh_pace_share(
	struct bh_writer *w, int64_t row_id, struct bh_pace_bounds bounds, int64_t *wait_ms)
{
	struct pace pace;
	int err = pace_get(w, row_id, &pace);

	if (err)
		return err;
	if (pace.until_ms < w->now_ms)
		pace.until_ms = w->now_ms;
	int64_t most_ms = w->now_ms + bounds.ahead_ms;
	if (pace.until_ms > most_ms)
		pace.until_ms = most_ms; /* the clock was put back */
	pace.until_ms += bounds.share_ms;
	*wait_ms = pace.until_ms > most_ms ? pace.until_ms - most_ms : 0;
	if (pace.taken >= bounds.in_life)
		*wait_ms = INT64_MAX;
	if (*wait_ms > 0)
		return BH_NOERR;
	pace.taken++;
	return pace_set(w, row_id, &pace);
}

int bh_pace_take(
	struct bh_writer *w, int64_t row_id, uint32_t a_day, uint32_t in_life, int64_t *wait_ms)
{
	const struct bh_pace_bounds bounds = {DAY_MS / a_day, DAY_MS, in_life};

	return bh_pace_share(w, row_id, bounds, wait_ms);
}
