/* The machine's clock and generator, as far as a test can know them. */
#include <string.h>

#include "proto/clock.h"
#include "tests/unit/proto/cmocka_all.h"

#define YEAR_2024_MS 1704067200000

static void test_clock__goes_forward_and_counts_milliseconds(void **state)
{
	(void)state;
	struct bh_clock clock = bh_clock_system();
	struct bh_now before = clock.now(clock.context);
	struct bh_now after = clock.now(clock.context);
	assert_true(before.wall_ms > YEAR_2024_MS && before.wall_ms < 4 * YEAR_2024_MS);
	assert_true(before.mono_ms > 0 && after.mono_ms >= before.mono_ms);
	assert_true(after.mono_ms - before.mono_ms < 60000);
}

/* Linux names its boots; the name stays as long as the machine runs. */
static void test_boot__has_one_name_that_is_not_zero(void **state)
{
	(void)state;
	uint64_t name = bh_boot_system();
	assert_true(name != 0);
	assert_true(name >> 32 != 0 && (uint32_t)name != 0);
	assert_true(bh_boot_system() == name);
}

static void test_rng__fills_all_of_it_and_differently(void **state)
{
	(void)state;
	struct bh_rng rng = bh_rng_system();
	uint8_t a[1000], b[1000];
	memset(a, 0, sizeof(a));
	memset(b, 0, sizeof(b));
	assert_int_equal(rng.fill(rng.context, a, sizeof(a)), 0);
	assert_int_equal(rng.fill(rng.context, b, sizeof(b)), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_memory_not_equal(a + 900, b + 900, 100);
	assert_int_equal(rng.fill(rng.context, a, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock__goes_forward_and_counts_milliseconds),
		cmocka_unit_test(test_boot__has_one_name_that_is_not_zero),
		cmocka_unit_test(test_rng__fills_all_of_it_and_differently),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
