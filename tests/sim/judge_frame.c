/* What leaves for a device: nothing of the district's for who is cut off (I14), and of photos only
 * what is so (I11). */
#include <string.h>

#include "proto/codec.h"
#include "tests/sim/judge_state.h"

void bh_simjudge_frame(struct bh_simjudge *judge, uint32_t device, const uint8_t *body, size_t len)
{
	struct bh_server_frame frame;

	bh_arena_reset(&judge->arena);
	bh_assert(bh_decode_server_frame(bh_span(body, len), &judge->arena, &frame) == 0);
	if (frame.kind == BH_SERVER_WELCOME && device < BH_SIMJUDGE_DEVICES_MAX) {
		int64_t *at_ms = judge->welcomed_at_ms[device];
		memmove(at_ms + 1, at_ms, (BH_SIMJUDGE_WELCOMES - 1) * sizeof(*at_ms));
		at_ms[0] = bh_simrun_now(judge->run);
	}
	bh_simjudge_photo_frame(judge, device, &frame);
	if (!bh_simjudge_is_cut_off(judge, device))
		return;
	if (frame.kind == BH_SERVER_DELTA || frame.kind == BH_SERVER_DISTRICT ||
		frame.kind == BH_SERVER_BLOB_PART ||
		(frame.kind == BH_SERVER_WELCOME && frame.u.welcome.scopes_count != 0))
		bh_simrun_fail(judge->run, "I14",
			"device %u is cut off, and is sent a frame of kind %d", device,
			(int)frame.kind);
}

bool bh_simjudge_is_cut_off(const struct bh_simjudge *judge, uint32_t device)
{
	return device != 0 && device < BH_SIMJUDGE_DEVICES_MAX &&
	       (judge->cut_off[device] || judge->must_be_cut_off[device]);
}
