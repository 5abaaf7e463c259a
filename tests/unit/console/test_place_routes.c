/* Places that repeat, by the routes of a desk. */
#include "tests/unit/console/desk.h"

#define D "/districts/" KIT_CODE

/* Of a grid, for whom it is one of his. */
static void test_place__places_that_repeat_are_told_by_grid(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	desk_open(&desk, 523, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	desk_report(&desk, &phone, number);
	desk_report(&desk, &phone, number);
	assert_int_equal(desk_ask(&desk, "GET", D "/places/repeats", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 0);
	desk_report(&desk, &phone, number);
	assert_int_equal(desk_ask(&desk, "GET", D "/places/repeats", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 1);
	const json_t *found = json_array_get(json_object_get(desk.answer, "items"), 0);
	assert_int_equal(json_integer_value(json_object_get(found, "cases")), 3);
	assert_true(json_is_object(json_object_get(found, "place")));
	assert_true(json_is_null(json_object_get(found, "asset")));
	assert_int_equal(desk_ask_as(&desk, "GET", D "/places/repeats", NULL, "W6", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 1);
	assert_int_equal(desk_ask_as(&desk, "GET", D "/places/repeats", NULL, "W50", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 0);
	assert_int_equal(desk_ask(&desk, "GET", D "/places/repeats?area=9", NULL), 400);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place__places_that_repeat_are_told_by_grid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
