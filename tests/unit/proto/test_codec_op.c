/* What a worker recorded: bad values are a reason, bad bytes are an error, and neither stops the
 * rest. */
#include <string.h>

#include "proto/caseflow.h"
#include "proto/codec.h"
#include "proto/datum.h"
#include "proto/err.h"
#include "proto/limits.h"
#include "proto/verdict.h"
#include "tests/unit/proto/cmocka_all.h"

static const uint8_t zeros[64];

/* Encodes, decodes, gives the reason. */
static int judge_header(const struct bh_msg_op_header *header)
{
	struct bh_arena arena = BH_ARENA(1000);
	struct bh_buf raw = BH_BUF(1000);
	struct bh_msg_op_header out;
	int reason = -1;
	assert_int_equal(bh_op_encode_header(header, &raw), 0);
	assert_int_equal(bh_op_decode_header(bh_buf_span(&raw), &arena, &out, &reason), 0);
	assert_true(out.captured_ms == header->captured_ms);
	bh_buf_free(&raw);
	bh_arena_free(&arena);
	return reason;
}

static int judge_content(const struct bh_msg_op_content *content)
{
	struct bh_arena arena = BH_ARENA(1000);
	struct bh_buf raw = BH_BUF(100000);
	struct bh_msg_op_content out;
	int reason = -1;
	assert_int_equal(bh_op_encode_content(content, &raw), 0);
	assert_int_equal(bh_op_decode_content(bh_buf_span(&raw), &arena, &out, &reason), 0);
	assert_true(bh_span_equal(out.text, content->text));
	bh_buf_free(&raw);
	bh_arena_free(&arena);
	return reason;
}

static int judge_text(const char *bytes, size_t len)
{
	struct bh_msg_op_content content = {.text = bh_span(bytes, len)};
	return judge_content(&content);
}

/* A14 */
static void test_op__text_that_is_not_utf8_is_a_reason(void **state)
{
	(void)state;
	static const char *const bad[] = {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff", "a\xe8\xb7", "\xe8\xb7", "\xe8\x28\xaf", "\xf0\x9f\x92",
		"\xef\xbf\xbe", "\xef\xbf\xbf", "\xfe"};
	static const char *const good[] = {"", "a", "路灯", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd", "\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf", "\xe2\x80\xae kept, escaped where it is shown", "\x01\x7f\n\t"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(judge_text(bad[i], strlen(bad[i])), BH_REASON_TEXT);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(judge_text(good[i], strlen(good[i])), BH_REASON_NONE);
}

/* A15 */
static void test_op__nul_and_too_long_text_are_a_reason(void **state)
{
	(void)state;
	static char text[BH_TEXT_BYTES_MAX + 1];
	memset(text, 'x', sizeof(text));
	assert_int_equal(judge_text("a\0b", 3), BH_REASON_TEXT);
	assert_int_equal(judge_text("\0", 1), BH_REASON_TEXT);
	assert_int_equal(judge_text(text, sizeof(text)), BH_REASON_TEXT);
	assert_int_equal(judge_text(text, sizeof(text) - 1), BH_REASON_NONE);
}

/* A16: integers, so no NaN; the rest by range. */
static void test_op__a_place_off_the_earth_is_a_reason(void **state)
{
	(void)state;
	static const struct {
		int32_t latitude_e7, longitude_e7;
		uint32_t datum, accuracy_dm;
		int reason;
	} rows[] = {
		{0, 0, BH_DATUM_WGS84, 0, BH_REASON_NONE},
		{900000000, 1800000000, BH_DATUM_GCJ02, 0, BH_REASON_NONE},
		{-900000000, -1800000000, BH_DATUM_BD09, 1000000, BH_REASON_NONE},
		{311234567, 1211234567, 0, 5, BH_REASON_NONE}, /* no word: WGS-84 */
		{900000001, 0, BH_DATUM_WGS84, 0, BH_REASON_PLACE},
		{-910000000, 0, BH_DATUM_WGS84, 0, BH_REASON_PLACE},
		{0, 1810000000, BH_DATUM_WGS84, 0, BH_REASON_PLACE},
		{0, INT32_MIN, BH_DATUM_WGS84, 0, BH_REASON_PLACE},
		{0, 0, 4, 0, BH_REASON_PLACE},
		{0, 0, UINT32_MAX, 0, BH_REASON_PLACE},
		{0, 0, BH_DATUM_WGS84, 1000001, BH_REASON_PLACE},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bh_msg_op_content content = {.has_place = true,
			.latitude_e7 = rows[i].latitude_e7,
			.longitude_e7 = rows[i].longitude_e7,
			.datum = rows[i].datum,
			.accuracy_dm = rows[i].accuracy_dm};
		assert_int_equal(judge_content(&content), rows[i].reason);
		content.has_place = false; /* then nothing is said about a place */
		assert_int_equal(judge_content(&content), BH_REASON_NONE);
	}
}

/* A16, D07: epoch 0, before it, far ahead: clocks are wrong, reports are not refused for it. */
static void test_op__any_clock_is_kept(void **state)
{
	(void)state;
	static const int64_t clocks[] = {0, -1, 1, INT64_MIN, INT64_MAX, 7258118400000};
	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		struct bh_msg_op_header header = {
			.verb = BH_VERB_SUBMIT, .captured_ms = clocks[i], .boot_ms = clocks[i]};
		assert_int_equal(judge_header(&header), BH_REASON_NONE);
	}
}

/* A09 */
static void test_op__unknown_verbs_and_urgencies_are_a_reason_unknown_types_are_not(void **state)
{
	(void)state;
	struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT, .type = UINT32_MAX, .urgency = 4};
	assert_int_equal(judge_header(&header), BH_REASON_NONE);
	header.urgency = 5;
	assert_int_equal(judge_header(&header), BH_REASON_FIELD);
	header.urgency = 0;
	header.verb = 0;
	assert_int_equal(judge_header(&header), BH_REASON_UNSUPPORTED);
	header.verb = BH_VERB_MAX;
	assert_int_equal(judge_header(&header), BH_REASON_UNSUPPORTED);
	header.verb = UINT32_MAX;
	assert_int_equal(judge_header(&header), BH_REASON_UNSUPPORTED);
}

static void test_op__origin_is_there_or_not_and_whole(void **state)
{
	(void)state;
	struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT, .has_origin = true}, out;
	struct bh_buf raw = BH_BUF(1000);
	struct bh_arena arena = BH_ARENA(1000);
	int reason;
	assert_int_equal(bh_op_encode_header(&header, &raw), BH_ERR_INVALID);
	header.origin.log_id = bh_span(zeros, BH_LOG_ID_BYTES);
	header.origin.link = bh_span(zeros, BH_HASH_BYTES);
	assert_int_equal(bh_op_encode_header(&header, &raw), 0);
	assert_int_equal(bh_op_decode_header(bh_buf_span(&raw), &arena, &out, &reason), 0);
	assert_true(out.has_origin);
	assert_int_equal(out.origin.link.len, BH_HASH_BYTES);
	header.has_origin = false;
	raw.len = 0;
	assert_int_equal(bh_op_encode_header(&header, &raw), 0);
	assert_int_equal(bh_op_decode_header(bh_buf_span(&raw), &arena, &out, &reason), 0);
	assert_false(out.has_origin);
	bh_arena_free(&arena);
	bh_buf_free(&raw);
}

static void test_op__what_does_not_decode_says_why_and_leaves_out_alone(void **state)
{
	(void)state;
	static const uint8_t large[BH_OP_CONTENT_BYTES_MAX + 1];
	struct bh_arena arena = BH_ARENA(1000);
	struct bh_msg_op_header header = {.verb = 77};
	struct bh_msg_op_content content = {.datum = 77};
	int reason = 0;
	assert_int_equal(bh_op_decode_header(bh_span("\x08", 1), &arena, &header, &reason),
		BH_ERR_MALFORMED);
	assert_int_equal(reason, BH_REASON_UNREADABLE);
	assert_int_equal(
		bh_op_decode_header(bh_span("\x5a\x02\x10\x01", 4), &arena, &header, &reason),
		BH_ERR_MALFORMED); /* an origin without its log */
	assert_int_equal(bh_op_decode_header(bh_span(large, BH_OP_HEADER_BYTES_MAX + 1), &arena,
				 &header, &reason),
		BH_ERR_MALFORMED);
	assert_int_equal(reason, BH_REASON_TOO_LARGE);
	assert_int_equal(bh_op_decode_content(bh_span("\x0a\x7f", 2), &arena, &content, &reason),
		BH_ERR_MALFORMED);
	assert_int_equal(reason, BH_REASON_UNREADABLE);
	assert_int_equal(
		bh_op_decode_content(bh_span(large, sizeof(large)), &arena, &content, &reason),
		BH_ERR_MALFORMED);
	assert_int_equal(reason, BH_REASON_TOO_LARGE);
	assert_int_equal(header.verb, 77);
	assert_int_equal(content.datum, 77);
	bh_arena_free(&arena);
}

static int blobs_judged(const struct bh_msg_blob *blobs, size_t count)
{
	struct bh_msg_op_header header = {
		.verb = BH_VERB_SUBMIT, .blobs = blobs, .blobs_count = count};
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_buf raw = BH_BUF(BH_OP_HEADER_BYTES_MAX);
	struct bh_msg_op_header out;
	int reason = -1;
	assert_int_equal(bh_op_encode_header(&header, &raw), 0);
	assert_int_equal(bh_op_decode_header(bh_buf_span(&raw), &arena, &out, &reason), 0);
	assert_int_equal(out.blobs_count, count);
	bh_buf_free(&raw);
	bh_arena_free(&arena);
	return reason;
}

static void test_op__photos_have_sizes_and_thumbnails_follow_theirs(void **state)
{
	static const uint8_t hashes[BH_OP_BLOBS_MAX][BH_HASH_BYTES] = {{1}, {2}, {3}, {4}, {5}, {6},
		{7}, {8}, {9}, {10}, {11}, {12}, {13}, {14}, {15}, {16}};
	struct bh_msg_blob blobs[BH_OP_BLOBS_MAX];
	(void)state;
	for (size_t i = 0; i < BH_OP_BLOBS_MAX; i++)
		blobs[i] = (struct bh_msg_blob){bh_span(hashes[i], BH_HASH_BYTES),
			i % 2 ? BH_THUMBNAIL_BYTES_MAX : BH_BLOB_BYTES_MAX,
			i % 2 ? BH_BLOB_THUMBNAIL : BH_BLOB_PHOTO};
	assert_int_equal(blobs_judged(blobs, BH_OP_BLOBS_MAX), BH_REASON_NONE);
	blobs[2].kind = 77; /* of a newer program */
	assert_int_equal(blobs_judged(blobs, 3), BH_REASON_NONE);
	assert_int_equal(blobs_judged(blobs, 4), BH_REASON_FIELD); /* a thumbnail of it */
	blobs[2].kind = BH_BLOB_PHOTO;
	blobs[3].size++;
	assert_int_equal(blobs_judged(blobs, 4), BH_REASON_FIELD);
	blobs[3].size = 0;
	assert_int_equal(blobs_judged(blobs, 4), BH_REASON_FIELD);
	blobs[2].size++;
	assert_int_equal(blobs_judged(blobs, 3), BH_REASON_FIELD);
	blobs[2].size--;
	blobs[2].hash = blobs[0].hash;
	assert_int_equal(blobs_judged(blobs, 3), BH_REASON_FIELD);
	assert_int_equal(blobs_judged(blobs + 1, 1), BH_REASON_FIELD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_op__photos_have_sizes_and_thumbnails_follow_theirs),
		cmocka_unit_test(test_op__text_that_is_not_utf8_is_a_reason),
		cmocka_unit_test(test_op__nul_and_too_long_text_are_a_reason),
		cmocka_unit_test(test_op__a_place_off_the_earth_is_a_reason),
		cmocka_unit_test(test_op__any_clock_is_kept),
		cmocka_unit_test(
			test_op__unknown_verbs_and_urgencies_are_a_reason_unknown_types_are_not),
		cmocka_unit_test(test_op__origin_is_there_or_not_and_whole),
		cmocka_unit_test(test_op__what_does_not_decode_says_why_and_leaves_out_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
