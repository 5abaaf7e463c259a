/* How many logs a device may begin.  Each stays for ever, in the journal and in the kept file:
 *
 *   in its life   device_logs_max
 *   in a day      device_logs_a_day (writer_pace.c)
 *   at all        while the kept file has room for more than revocations
 */
#include "proto/err.h"
#include "server/store/writer.h"

bool bh_kept_is_nearly_full(const struct bh_writer *w)
{
	const struct bh_kept *kept = &w->kept;

	return kept->vfs && kept->bytes + kept->noted.len >
				    kept->bytes_max - kept->bytes_max / BH_KEPT_LAST_PART;
}

static int log_count(struct bh_writer *w, uint32_t device, uint32_t *count)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOG_COUNT);
	bool row = false;

	bh_bind(s, 1, device);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	*count = bh_column_u32(s, 0);
	bh_row_end(s);
	return BH_NOERR;
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
	err = bh_pace_take(w, BH_PACE_ROWS + device, w->device_logs_a_day, UINT32_MAX, &wait_ms);
	if (wait_ms > 0) {
		*why = "the device has begun all the logs it may in a day";
		out->reason = BH_REASON_NOT_NOW;
		out->at_ms = w->now_ms + wait_ms;
	} else {
		out->reason = BH_REASON_NONE;
	}
	return err;
}
