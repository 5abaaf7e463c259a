/* Frames cut from arbitrary bytes: the same frames however the bytes are split, and each of them is
 * written back as it was. */
#include <string.h>

#include "proto/err.h"
#include "proto/frame.h"
#include "proto/limits.h"
#include "tests/fuzz/fuzz.h"

/* The first byte chooses the limit: what a stranger may send, or a proved peer. */
static size_t body_max_of(uint8_t choice)
{
	return choice % 2 == 0 ? BH_FRAME_HELLO_BYTES_MAX - 1 : BH_FRAME_BYTES_MAX - 1;
}

static void check_written_back(struct bh_span body, const uint8_t *frame, size_t len)
{
	struct bh_buf again = BH_BUF(BH_FRAME_BYTES_MAX + BH_FRAME_HEAD_BYTES);
	bh_assert(bh_frame_put(&again, body) == 0);
	bh_assert(bh_span_equal(bh_buf_span(&again), bh_span(frame, len)));
	bh_buf_free(&again);
}

/* A frame taken is the same frame from its own bytes alone, and not there from one byte fewer. */
static void check_alone(struct bh_span frame, size_t body_max, struct bh_span expected)
{
	struct bh_span body;
	size_t used;
	bh_assert(bh_frame_take(frame, body_max, &body, &used) == 0);
	bh_assert(used == frame.len && bh_span_equal(body, expected));
	frame.len--;
	bh_assert(bh_frame_take(frame, body_max, &body, &used) == BH_ERR_BUSY && used == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len == 0)
		return 0;
	size_t body_max = body_max_of(data[0]), at = 1;
	while (at < len) {
		struct bh_span body;
		size_t used;
		int err = bh_frame_take(bh_span(data + at, len - at), body_max, &body, &used);
		if (err != 0) {
			bh_assert(err == BH_ERR_BUSY || err == BH_ERR_LIMIT ||
				  err == BH_ERR_MALFORMED);
			break;
		}
		bh_assert(used <= len - at && used == body.len + BH_FRAME_HEAD_BYTES);
		bh_assert(body.len >= 1 && body.len <= body_max);
		check_alone(bh_span(data + at, used), body_max, body);
		check_written_back(body, data + at, used);
		at += used;
	}
	return 0;
}
