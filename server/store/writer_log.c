/* How many logs a device may begin.  Each stays for ever, in the journal and in the kept file:
 *
 *   in its life   device_logs_max
 *   in a day      device_logs_a_day: each moves an instant on by its share of a day, and that
 *                 instant is never a day ahead of now; kept beside the journal, by device
 *   at all        while the kept file has room for more than revocations
 */
#include <string.h>

#include "proto/err.h"
#include "server/store/writer.h"

#define DAY_MS INT64_C(86400000)

bool bh_kept_is_nearly_full(const struct bh_writer *w)
{
	const struct bh_kept *kept = &w->kept;

	return kept->vfs && kept->bytes + kept->noted.len >
				    kept->bytes_max - kept->bytes_max / BH_KEPT_LAST_PART;
}

static int log_count(struct bh_writer *w, uint32_t device, uint32_t *count)
{
	sqlite3_stmt *s = w->projector.db.statements[BH_SQL_LOG_COUNT];
	bool row = false;

	bh_bind(s, 1, device);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	*count = bh_column_u32(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}

static int pace_get(struct bh_writer *w, uint32_t device, int64_t *until_ms)
{
	sqlite3_stmt *s = w->projector.db.statements[BH_SQL_LOCAL_GET];
	bool row = false;

	*until_ms = 0;
	bh_bind(s, 1, BH_PACE_ROWS + device);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err;
	err = bh_column_exact(s, 0, (uint8_t *)until_ms, sizeof(*until_ms));
	bh_row_end(s);
	return err;
}

static int pace_set(struct bh_writer *w, uint32_t device, int64_t until_ms)
{
	sqlite3_stmt *s = w->projector.db.statements[BH_SQL_LOCAL_SET];

	bh_bind(s, 1, BH_PACE_ROWS + device);
	bh_bind_span(s, 2, bh_span(&until_ms, sizeof(until_ms)));
	return bh_row_run(s);
}

/* *wait_ms 0: it may, and is counted. */
static int pace_take(struct bh_writer *w, uint32_t device, int64_t *wait_ms)
{
	int64_t until_ms, share_ms = DAY_MS / w->device_logs_a_day;
	int err = pace_get(w, device, &until_ms);

	if (until_ms < w->now_ms)
		until_ms = w->now_ms;
	if (until_ms > w->now_ms + DAY_MS)
		until_ms = w->now_ms + DAY_MS; /* the clock was put back */
	*wait_ms = until_ms + share_ms - (w->now_ms + DAY_MS);
	if (*wait_ms < 0)
		*wait_ms = 0;
	if (err || *wait_ms > 0)
		return err;
	return pace_set(w, device, until_ms + share_ms);
}

int bh_log_allow(struct bh_writer *w, uint32_t device, struct bh_outcome *out, const char **why)
{
	uint32_t logs = 0;
	int64_t wait_ms = 0;
	int err = log_count(w, device, &logs);

	*why = NULL;
	out->reason = BH_REASON_GUARD;
	if (!err && logs >= w->device_logs_max)
		*why = "the device has begun all the logs it may";
	else if (!err && bh_kept_is_nearly_full(w))
		*why = "its kept file is nearly full";
	if (err || *why)
		return err;
	err = pace_take(w, device, &wait_ms);
	if (wait_ms > 0) {
		*why = "the device has begun all the logs it may in a day";
		out->reason = BH_REASON_NOT_NOW;
		out->at_ms = w->now_ms + wait_ms;
	} else {
		out->reason = BH_REASON_NONE;
	}
	return err;
}
