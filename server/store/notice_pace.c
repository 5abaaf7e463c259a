/* Whoever may report may report what is urgent, and as much of it as a handset sends: that delays
 * nobody else's notices.
 *
 *   within the reporter's pace   as they are
 *   beyond it                    what wants an answer, or is of what somebody has in hand, waits
 *                                with what is usual; of what only says "look there" its reader
 *                                is told within a minute that there is more
 *
 * Both are counted in table local, in the entry's transaction. */
#include "proto/err.h"
#include "server/store/notice_row.h"
#include "server/store/writer.h"

static int64_t scaled(const struct bh_writer *w, int64_t length_ms)
{
	return length_ms / (w->due_divisor > 1 ? w->due_divisor : 1);
}

/* One that goes in a minute says what came until then: it is of no case, so that nobody who looks
 * at one of them takes it back. */
static int more_add(struct bh_writer *w, uint64_t position, uint32_t person)
{
	int64_t wait_ms, length_ms = scaled(w, BH_NOTICE_MORE_MS);
	const struct bh_pace_bounds bounds = {length_ms, length_ms, INT64_MAX};
	const struct bh_notice more = {
		.person = person,
		.kind = BH_NOTICE_URGENT_MORE,
		.ready_ms = w->now_ms + length_ms,
		.urgent = true,
	};
	int err = bh_pace_share(w, BH_MORE_ROWS + person, bounds, &wait_ms);

	return err || wait_ms > 0 ? err : bh_notice_add(w, position, 0, &more);
}

static int beyond(
	struct bh_writer *w, const struct bh_entry *entry, struct bh_notice *notices, size_t *count)
{
	size_t kept = 0;
	int err = BH_NOERR;

	for (size_t i = 0; !err && i < *count; i++) {
		notices[i].urgent = false;
		if (bh_notice_is_summed(notices[i].kind))
			err = more_add(w, entry->position, notices[i].person);
		else
			notices[kept++] = notices[i];
	}
	*count = kept;
	return err;
}

int bh_notices_pace(struct bh_writer *w, const struct bh_entry *entry, const struct bh_case *after,
	struct bh_notice *notices, size_t *count)
{
	int64_t wait_ms = 0, share_ms = scaled(w, BH_NOTICE_PACE_MS);
	const struct bh_pace_bounds bounds = {share_ms, BH_NOTICE_PACE_BURST * share_ms, INT64_MAX};
	uint32_t reporter = *count > 0 && after ? bh_notice_paced(entry, after) : 0;
	int err = reporter ? bh_pace_share(w, BH_URGENT_ROWS + reporter, bounds, &wait_ms)
			   : BH_NOERR;

	return err || wait_ms == 0 ? err : beyond(w, entry, notices, count);
}
