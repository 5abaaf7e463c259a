/* Small counts: told to the owning desk alone. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small_count__under_five_is_the_owning_desks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
