/* A running case's light. */
#include "proto/light.h"
#include "tests/unit/proto/cmocka_all.h"

static void test_light__is_green_then_yellow_then_red(void **state)
{
	(void)state;
	assert_int_equal(bh_light_at(80, 100, 79), BH_LIGHT_GREEN);
	assert_int_equal(bh_light_at(80, 100, 80), BH_LIGHT_YELLOW);
	assert_int_equal(bh_light_at(80, 100, 100), BH_LIGHT_YELLOW);
	assert_int_equal(bh_light_at(80, 100, 101), BH_LIGHT_RED);
	assert_int_equal(bh_light_at(0, 0, 101), BH_LIGHT_NONE);
}

static void test_light__has_a_name_but_where_there_is_none(void **state)
{
	(void)state;
	assert_string_equal(bh_light_name(BH_LIGHT_GREEN), "green");
	assert_string_equal(bh_light_name(BH_LIGHT_YELLOW), "yellow");
	assert_string_equal(bh_light_name(BH_LIGHT_RED), "red");
	assert_null(bh_light_name(BH_LIGHT_NONE));
	assert_null(bh_light_name((enum bh_light)9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_light__is_green_then_yellow_then_red),
		cmocka_unit_test(test_light__has_a_name_but_where_there_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
