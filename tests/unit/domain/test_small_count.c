/* Small counts: told to the owning desk alone, and no sum gives one away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/domain/small_count.h"

static void test_small_count__under_five_is_the_owning_desks(void **state)
{
	(void)state;
	assert_false(bh_cell_is_shown(0, false));
	assert_false(bh_cell_is_shown(4, false));
	assert_true(bh_cell_is_shown(5, false));
	assert_true(bh_cell_is_shown(1, true));
	assert_true(bh_cell_is_shown(0, true));
}

static void test_small_count__a_sum_is_told_only_where_nothing_small_is_left_of_it(void **state)
{
	static const struct {
		uint64_t cells[3];
		bool shown;
	} rows[] = {
		{{10, 20, 5}, true},
		{{10, 20, 0}, true}, /* nothing is left */
		{{10, 20, 1}, false},
		{{10, 2, 2}, false},
		{{10, 4, 1}, true}, /* five of which nobody knows which */
		{{4, 4, 4}, true},
		{{2, 1, 1}, false},
		{{0, 0, 0}, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(bh_sum_is_shown(rows[i].cells, 3, false), rows[i].shown);
		assert_true(bh_sum_is_shown(rows[i].cells, 3, true));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_count__under_five_is_the_owning_desks),
		cmocka_unit_test(
			test_small_count__a_sum_is_told_only_where_nothing_small_is_left_of_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
