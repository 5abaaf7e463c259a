/* Buffers that never pass their maximum and readers that stay bad. */
#include <string.h>

#include "proto/bytes.h"
#include "proto/err.h"
#include "tests/unit/proto/cmocka_all.h"
#include "tests/unit/proto/seeded.h"

static void test_buf__refuses_what_passes_its_maximum_and_keeps_what_it_has(void **state)
{
	(void)state;
	struct bh_buf buf = BH_BUF(5);
	uint8_t *at;
	assert_int_equal(bh_buf_append(&buf, "abcd", 4), 0);
	assert_int_equal(bh_buf_append(&buf, "ef", 2), BH_ERR_LIMIT);
	assert_int_equal(bh_buf_reserve(&buf, SIZE_MAX, &at), BH_ERR_LIMIT);
	assert_int_equal(buf.len, 4);
	assert_memory_equal(buf.data, "abcd", 4);
	assert_int_equal(bh_buf_append(&buf, "e", 1), 0);
	assert_int_equal(buf.len, 5);
	assert_true(buf.cap <= 5);
	bh_buf_free(&buf);
	assert_int_equal(bh_buf_append(&buf, "again", 5), 0);
	bh_buf_wipe(&buf);
	assert_null(buf.data);
}

static void test_buf__consume_drops_from_the_front(void **state)
{
	(void)state;
	struct bh_buf buf = BH_BUF(100);
	bh_buf_append(&buf, "abcdef", 6);
	bh_buf_consume(&buf, 2);
	assert_true(bh_span_equal(bh_buf_span(&buf), bh_span("cdef", 4)));
	bh_buf_consume(&buf, 0);
	assert_int_equal(buf.len, 4);
	bh_buf_consume(&buf, 99);
	assert_int_equal(buf.len, 0);
	bh_buf_free(&buf);
}

static void test_put__is_big_endian(void **state)
{
	(void)state;
	static const uint8_t expected[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09,
		0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
		0, 0, 0, 2, 'h', 'i'};
	struct bh_buf buf = BH_BUF(100);
	assert_int_equal(bh_put_u8(&buf, 1), 0);
	assert_int_equal(bh_put_u16(&buf, 0x0203), 0);
	assert_int_equal(bh_put_u32(&buf, 0x04050607), 0);
	assert_int_equal(bh_put_u64(&buf, 0x08090a0b0c0d0e0f), 0);
	assert_int_equal(bh_put_i64(&buf, -2), 0);
	assert_int_equal(bh_put_block(&buf, bh_span("hi", 2)), 0);
	assert_int_equal(buf.len, sizeof(expected));
	assert_memory_equal(buf.data, expected, sizeof(expected));
	bh_buf_free(&buf);
}

static void test_put__a_block_that_does_not_fit_leaves_nothing(void **state)
{
	(void)state;
	struct bh_buf buf = BH_BUF(6);
	assert_int_equal(bh_put_block(&buf, bh_span("abc", 3)), BH_ERR_LIMIT);
	assert_int_equal(buf.len, 0);
	bh_buf_free(&buf);
}

static void test_reader__reads_back_what_was_put(void **state)
{
	(void)state;
	struct seeded seeded = {5};
	for (unsigned round = 0; round < 200; round++) {
		struct bh_buf buf = BH_BUF(100);
		uint64_t value = seeded_number(&seeded);
		bh_put_u8(&buf, (uint8_t)value);
		bh_put_u16(&buf, (uint16_t)value);
		bh_put_u32(&buf, (uint32_t)value);
		bh_put_u64(&buf, value);
		bh_put_i64(&buf, -(int64_t)(value >> 1));
		bh_put_block(&buf, bh_span("xyz", 3));
		struct bh_reader reader = bh_reader(bh_buf_span(&buf));
		assert_int_equal(bh_get_u8(&reader), (uint8_t)value);
		assert_int_equal(bh_get_u16(&reader), (uint16_t)value);
		assert_int_equal(bh_get_u32(&reader), (uint32_t)value);
		assert_true(bh_get_u64(&reader) == value);
		assert_true(bh_get_i64(&reader) == -(int64_t)(value >> 1));
		assert_false(bh_reader_done(&reader));
		assert_true(bh_span_equal(bh_get_block(&reader), bh_span("xyz", 3)));
		assert_true(bh_reader_done(&reader));
		bh_buf_free(&buf);
	}
}

static void test_reader__stays_bad_after_a_short_read(void **state)
{
	(void)state;
	struct bh_reader reader = bh_reader(bh_span("\0\0\0\x05"
						    "ab",
		6));
	assert_int_equal(bh_get_block(&reader).len, 0);
	assert_true(reader.bad);
	assert_int_equal(bh_get_u8(&reader), 0);
	assert_false(bh_reader_done(&reader));
}

static void test_text__of_spaces_alone_is_blank(void **state)
{
	static const char *const blank[] = {"", " ", " \t\r\n", "\u3000\u3000", "\u00a0 \u3000"};
	static const char *const said[] = {
		"x", "  x", "\u3000好", "好", "\u3001", "\xe3\x80", "\xc2"};
	(void)state;
	for (size_t i = 0; i < sizeof(blank) / sizeof(blank[0]); i++)
		assert_true(bh_span_is_blank(bh_span(blank[i], strlen(blank[i]))));
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		assert_false(bh_span_is_blank(bh_span(said[i], strlen(said[i]))));
}

static void test_text__of_one_line_has_nothing_that_steers(void **state)
{
	static const char *const steers[] = {"\n", "a\rb", "a\x7f", "\xc2\x85", "a\u061c", "\u200e",
		"\u202aa", "a\u202e", "\u2066", "\u2069"};
	static const char *const lines[] = {
		"", "119-4711", " 第一步 ", "\u00a0", "\u2025", "\u2065"};

	(void)state;
	for (size_t i = 0; i < sizeof(steers) / sizeof(steers[0]); i++)
		assert_false(bh_span_is_line(bh_span(steers[i], strlen(steers[i]))));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_true(bh_span_is_line(bh_span(lines[i], strlen(lines[i]))));
	assert_true(bh_span_is_line(bh_span("\u202e", 2))); /* cut: nothing is read behind it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buf__refuses_what_passes_its_maximum_and_keeps_what_it_has),
		cmocka_unit_test(test_buf__consume_drops_from_the_front),
		cmocka_unit_test(test_text__of_spaces_alone_is_blank),
		cmocka_unit_test(test_text__of_one_line_has_nothing_that_steers),
		cmocka_unit_test(test_put__is_big_endian),
		cmocka_unit_test(test_put__a_block_that_does_not_fit_leaves_nothing),
		cmocka_unit_test(test_reader__reads_back_what_was_put),
		cmocka_unit_test(test_reader__stays_bad_after_a_short_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
