/* When an op was really recorded: the handset's clock may be years off, and may have been set
 * since.
 *
 *   boot_ms = wall clock less monotonic clock, the same over a boot whose clock is not stepped
 *
 *   op's boot_ms      what happened                        captured at
 *   as at Hello       nothing                              its wall clock + this session's offset
 *   another           the clock was set, in this boot      by the monotonic clock, which kept
 * running another           an earlier boot, clock not set       its wall clock + offset, within
 * the day another           cannot be told                       not believed (received at stands)
 *
 * There is no boot id on the wire, so the second and third are told apart by what is possible: in
 * this boot nothing was recorded later than now, and nothing was recorded before it began. */
#include "server/sync/hub.h"

#define HELLO_BOUND_MS 1000 /* an unmeasured way up */
#define SAME_BOOT_MS 2000   /* clocks drift a little against each other */
#define OTHER_BOOT_BOUND_MS                                                  \
	86400000 /* a day: what a switched-off handset's clock is trusted to \
		  */

/* Not from before the device existed here, and not from the future. */
static bool plausible(const struct bh_session *session, int64_t district_ms, int64_t at_ms)
{
	return at_ms >= session->enrolled_ms - OTHER_BOOT_BOUND_MS &&
	       at_ms <= district_ms + HELLO_BOUND_MS;
}

/* Claims are kept whatever they are, so sums may not overflow: the codec passes any 64 bits. */
static bool tame(int64_t ms)
{
	return ms > -BH_TIMELINE_MS_MAX && ms < BH_TIMELINE_MS_MAX;
}

void bh_capture_offset(const struct bh_session *session, int64_t district_ms, int64_t captured_ms,
	int64_t boot_ms, int64_t *offset_ms, int64_t *bound_ms)
{
	*offset_ms = INT64_MAX;
	*bound_ms = INT64_MAX;
	if (!tame(captured_ms) || !tame(boot_ms) || !tame(session->boot_ms) ||
		!tame(session->offset_ms) || !tame(session->mono_offset_ms))
		return;
	int64_t stepped_ms = boot_ms - session->boot_ms;
	int64_t by_mono_ms = captured_ms - boot_ms + session->mono_offset_ms;
	int64_t by_wall_ms = captured_ms + session->offset_ms;
	bool mono_fits = captured_ms >= boot_ms && by_mono_ms <= district_ms + HELLO_BOUND_MS;
	bool this_boot = captured_ms > session->boot_ms; /* by its wall clock */
	if (stepped_ms >= -SAME_BOOT_MS && stepped_ms <= SAME_BOOT_MS) {
		*offset_ms = session->offset_ms;
		*bound_ms = HELLO_BOUND_MS;
	} else if (mono_fits && (this_boot || !plausible(session, district_ms, by_wall_ms))) {
		*offset_ms = by_mono_ms - captured_ms;
		*bound_ms = HELLO_BOUND_MS;
	} else if (plausible(session, district_ms, by_wall_ms)) {
		*offset_ms = session->offset_ms;
		*bound_ms = OTHER_BOOT_BOUND_MS;
	}
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 33
	*offset_ms = 0;
#endif
}
