/* When an op was really recorded: the handset's clock may be years off, and may have been set
 * since.
 *
 *   boot_ms = wall clock less monotonic clock when it was recorded
 *
 *   op's boot        captured at                               wrong by at most
 *   as at Hello      its monotonic clock, which nobody sets,   the Hello's way up, and what a
 *                    + that clock's offset in this session     quartz drifts in the time between
 *   another          its wall clock + the offset now, where    a day: what a handset's clock is
 *                    that can be                               trusted to over a boot
 *   (cannot be)      not believed: received at stands          anything */
#include "server/sync/hub.h"

#define DRIFT_PARTS 5000 /* 200 parts in a million: two cheap quartzes against each other */
#define OTHER_BOOT_BOUND_MS 86400000

/* District time less what a handset's clock said: any 64 bits.  What cannot be said is as far off
 * as can be, which nobody believes. */
static int64_t offset_of(const struct bh_moment *at, int64_t said_ms)
{
	int64_t offset_ms;
	return __builtin_sub_overflow(at->district_ms, said_ms, &offset_ms) ? INT64_MAX : offset_ms;
}

/* The clocks were read some time on the way here, which nobody measures; after the link began. */
static uint32_t way_bound_ms(const struct bh_session *session, const struct bh_moment *at)
{
	int64_t way_ms = at->now.mono_ms - session->hello_since_mono_ms;
	if (way_ms < BH_HELLO_BOUND_MS)
		return BH_HELLO_BOUND_MS;
	return way_ms < UINT32_MAX ? (uint32_t)way_ms : UINT32_MAX;
}

void bh_capture_hello(
	struct bh_session *session, const struct bh_moment *at, const struct bh_msg_hello *hello)
{
	session->offset_ms = offset_of(at, hello->wall_ms);
	session->mono_offset_ms = offset_of(at, hello->mono_ms);
	session->hello_bound_ms = way_bound_ms(session, at);
	session->boot = hello->boot;
}

/* Not from before the device existed here, and not from the future. */
static bool plausible(const struct bh_session *session, int64_t district_ms, int64_t at_ms)
{
	return at_ms >= session->enrolled_ms - OTHER_BOOT_BOUND_MS &&
	       at_ms <= district_ms + session->hello_bound_ms;
}

/* Claims are kept whatever they are, so sums may not overflow: the codec passes any 64 bits. */
static bool tame(int64_t ms)
{
	return ms > -BH_TIMELINE_MS_MAX && ms < BH_TIMELINE_MS_MAX;
}

void bh_capture_offset(const struct bh_session *session, int64_t district_ms,
	const struct bh_msg_op_header *header, int64_t *offset_ms, int64_t *bound_ms)
{
	int64_t captured_ms = header->captured_ms, boot_ms = header->boot_ms;

	*offset_ms = INT64_MAX;
	*bound_ms = INT64_MAX;
	if (!tame(captured_ms) || !tame(boot_ms) || !tame(session->offset_ms) ||
		!tame(session->mono_offset_ms))
		return;
	int64_t by_mono_ms = captured_ms - boot_ms + session->mono_offset_ms;
	int64_t by_wall_ms = captured_ms + session->offset_ms;
	if (header->boot != 0 && header->boot == session->boot && captured_ms >= boot_ms &&
		plausible(session, district_ms, by_mono_ms)) {
		*offset_ms = by_mono_ms - captured_ms;
		*bound_ms = session->hello_bound_ms;
		if (by_mono_ms < district_ms)
			*bound_ms += (district_ms - by_mono_ms) / DRIFT_PARTS;
	} else if (plausible(session, district_ms, by_wall_ms)) {
		*offset_ms = session->offset_ms;
		*bound_ms = OTHER_BOOT_BOUND_MS;
	}
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 33
	*offset_ms = 0;
#endif
}

int64_t bh_capture_wall(const struct bh_session *session, int64_t district_ms, int64_t wall_ms)
{
	if (wall_ms == 0 || !tame(wall_ms) || !tame(session->offset_ms))
		return 0;
	int64_t at_ms = wall_ms + session->offset_ms;
	if (!plausible(session, district_ms, at_ms))
		return 0;
	if (at_ms < session->enrolled_ms)
		return session->enrolled_ms;
	return at_ms < district_ms ? at_ms : district_ms;
}
