/* Frames cut from a stream: any split gives the same frames, any bad head is refused for nothing.
 */
#include <string.h>

#include "proto/err.h"
#include "proto/frame.h"
#include "proto/limits.h"
#include "tests/unit/proto/cmocka_all.h"
#include "tests/unit/proto/seeded.h"

static struct bh_span head(const char *bytes)
{
	return bh_span(bytes, 5);
}

static void test_frame__is_length_flag_body(void **state)
{
	(void)state;
	struct bh_buf out = BH_BUF(100);
	assert_int_equal(bh_frame_put(&out, bh_span("abc", 3)), 0);
	assert_int_equal(out.len, 8);
	assert_memory_equal(out.data, "\0\0\0\x04\0abc", 8);
	bh_buf_free(&out);
}

/* A03 */
static void test_frame__lengths_that_cannot_be_are_refused_from_the_head_alone(void **state)
{
	(void)state;
	struct bh_span body;
	size_t used = 7;
	assert_int_equal(
		bh_frame_take(head("\xff\xff\xff\xff\0"), 100, &body, &used), BH_ERR_LIMIT);
	assert_int_equal(bh_frame_take(head("\x80\0\0\0\0"), 100, &body, &used), BH_ERR_LIMIT);
	assert_int_equal(bh_frame_take(head("\0\0\0\x66\0"), 100, &body, &used), BH_ERR_LIMIT);
	assert_int_equal(bh_frame_take(head("\0\0\0\0\0"), 100, &body, &used), BH_ERR_MALFORMED);
	assert_int_equal(bh_frame_take(head("\0\0\0\x01\0"), 100, &body, &used), BH_ERR_MALFORMED);
	assert_int_equal(used, 7);
	/* Already after four bytes. */
	assert_int_equal(
		bh_frame_take(bh_span("\xff\xff\xff\xff", 4), 100, &body, &used), BH_ERR_LIMIT);
	assert_int_equal(bh_frame_take(head("\0\0\0\x65\0"), 100, &body, &used), BH_ERR_BUSY);
	assert_int_equal(used, 0);
}

/* A02 */
static void test_frame__an_unknown_flag_is_refused_before_the_body_came(void **state)
{
	(void)state;
	struct bh_span body;
	size_t used;
	for (unsigned flag = 1; flag < 256; flag++) {
		uint8_t bytes[] = {0, 0, 0, 50, (uint8_t)flag};
		assert_int_equal(
			bh_frame_take(bh_span(bytes, 5), 100, &body, &used), BH_ERR_MALFORMED);
	}
}

static void test_frame__an_empty_or_too_long_body_is_not_written(void **state)
{
	(void)state;
	static const uint8_t zeros[BH_FRAME_BYTES_MAX];
	struct bh_buf out = BH_BUF(2 * BH_FRAME_BYTES_MAX);
	assert_int_equal(bh_frame_put(&out, bh_span(NULL, 0)), BH_ERR_INVALID);
	assert_int_equal(bh_frame_put(&out, bh_span(zeros, sizeof(zeros))), BH_ERR_LIMIT);
	assert_int_equal(out.len, 0);
	assert_int_equal(bh_frame_put(&out, bh_span(zeros, sizeof(zeros) - 1)), 0);
	bh_buf_free(&out);
	struct bh_buf tight = BH_BUF(6);
	assert_int_equal(bh_frame_put(&tight, bh_span("ab", 2)), BH_ERR_LIMIT);
	assert_int_equal(tight.len, 0);
	bh_buf_free(&tight);
}

/* A06: one byte at a time, all glued, or any mixture. */
static void test_frame__any_split_of_the_stream_gives_the_same_frames(void **state)
{
	(void)state;
	struct seeded seeded = {3};
	struct bh_buf stream = BH_BUF(1u << 20), in = BH_BUF(1u << 20);
	uint8_t bytes[300];
	unsigned sent = 50, got = 0;
	for (unsigned i = 0; i < sent; i++) {
		memset(bytes, (int)i, sizeof(bytes));
		assert_int_equal(bh_frame_put(&stream, bh_span(bytes, 1 + i * 5)), 0);
	}
	for (size_t at = 0; at < stream.len;) {
		size_t step = 1 + seeded_below(&seeded, 200);
		if (step > stream.len - at)
			step = stream.len - at;
		bh_buf_append(&in, stream.data + at, step);
		at += step;
		struct bh_span body;
		size_t used;
		while (bh_frame_take(bh_buf_span(&in), 1000, &body, &used) == 0) {
			assert_int_equal(body.len, 1 + got * 5);
			assert_int_equal(body.data[0], got);
			bh_buf_consume(&in, used);
			got++;
		}
		assert_int_equal(used, 0);
	}
	assert_int_equal(got, sent);
	bh_buf_free(&stream);
	bh_buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame__is_length_flag_body),
		cmocka_unit_test(
			test_frame__lengths_that_cannot_be_are_refused_from_the_head_alone),
		cmocka_unit_test(test_frame__an_unknown_flag_is_refused_before_the_body_came),
		cmocka_unit_test(test_frame__an_empty_or_too_long_body_is_not_written),
		cmocka_unit_test(test_frame__any_split_of_the_stream_gives_the_same_frames),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
