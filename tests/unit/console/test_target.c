/* Targets of requests: what is taken apart how, and what is refused (H11). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/err.h"
#include "server/console/route.h"
#include "server/console/target.h"

static int parse(const char *text, struct bh_arena *arena, struct bh_target *target)
{
	bh_arena_reset(arena);
	return bh_target_parse(text, arena, target);
}

static void test_target__is_decoded_after_it_was_split(void **state)
{
	struct bh_arena arena = BH_ARENA(1 << 16);
	struct bh_target target;
	(void)state;
	assert_int_equal(parse("/a%2Fb/%E4%BA%91?x=1%262&y=%3d&z", &arena, &target), 0);
	assert_int_equal(target.segments_count, 2);
	assert_string_equal(target.segments[0], "a/b");
	assert_string_equal(target.segments[1], "云");
	assert_string_equal(bh_target_parameter(&target, "x"), "1&2");
	assert_string_equal(bh_target_parameter(&target, "y"), "=");
	assert_string_equal(bh_target_parameter(&target, "z"), "");
	assert_null(bh_target_parameter(&target, "w"));
	bh_arena_free(&arena);
}

static void test_target__that_is_no_plain_text_is_refused(void **state)
{
	static const char *const bad[] = {"", "a", "?x", "/%", "/%2", "/%zz", "/a%00b", "/%0a",
		"/%7f", "/%c0%ae%c0%ae/", "/%ff", "/%ed%a0%80", "/a?%00=1", "/a?x=%", "/a?x=%e4",
		"/\x01"};
	struct bh_arena arena = BH_ARENA(1 << 16);
	struct bh_target target = {.segments_count = 77};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(bad[i], &arena, &target), BH_ERR_MALFORMED);
		assert_int_equal(target.segments_count, 77);
	}
	bh_arena_free(&arena);
}

static void test_target__is_bounded(void **state)
{
	char text[BH_REQUEST_PATH_MAX + 2];
	struct bh_arena arena = BH_ARENA(1 << 16);
	struct bh_target target;
	(void)state;
	memset(text, 'a', sizeof(text));
	text[0] = '/';
	text[BH_REQUEST_PATH_MAX + 1] = '\0';
	assert_int_equal(parse(text, &arena, &target), BH_ERR_LIMIT);
	text[BH_REQUEST_PATH_MAX] = '\0';
	assert_int_equal(parse(text, &arena, &target), 0);
	assert_int_equal(parse("/1/2/3/4/5/6/7/8/9", &arena, &target), BH_ERR_LIMIT);
	assert_int_equal(parse("/?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p", &arena, &target), 0);
	assert_int_equal(
		parse("/?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q", &arena, &target), BH_ERR_LIMIT);
	bh_arena_free(&arena);
}

static void test_target__fits_a_pattern_part_by_part(void **state)
{
	static const struct {
		const char *target;
		bool fits;
	} rows[] = {
		{"/districts/1/cases/2", true},
		{"/districts/1/cases/..", true},
		{"/districts/1/cases", false},
		{"/districts/1/cases/", false},
		{"/districts//cases/2", false},
		{"/districts/1/cases/2/", false},
		{"/districts/1/case/2", false},
		{"/districts/1/cases/2/3", false},
		{"//districts/1/cases/2", false},
		{"/", false},
		{"/Districts/1/cases/2", false},
	};
	struct bh_arena arena = BH_ARENA(1 << 16);
	struct bh_target target;
	const char *captured[3];
	size_t count;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse(rows[i].target, &arena, &target), 0);
		assert_int_equal(bh_target_fits(&target, "/districts/{d}/cases/{number}", captured,
					 3, &count),
			rows[i].fits);
	}
	bh_arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_target__is_decoded_after_it_was_split),
		cmocka_unit_test(test_target__that_is_no_plain_text_is_refused),
		cmocka_unit_test(test_target__is_bounded),
		cmocka_unit_test(test_target__fits_a_pattern_part_by_part),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
