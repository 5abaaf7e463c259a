/* Streams of chance: repeatable, independent of each other, and as even as they claim to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tests/sim/rng.h"

#define DRAWS 100000

static void test_rng__same_seed_gives_the_same_stream(void **state)
{
	struct bh_simrng one = bh_simrng_make(42);
	struct bh_simrng other = bh_simrng_make(42);
	struct bh_simrng stranger = bh_simrng_make(43);
	int same = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t drawn = bh_simrng_u64(&one);

		assert_true(drawn == bh_simrng_u64(&other));
		same += drawn == bh_simrng_u64(&stranger);
	}
	assert_int_equal(same, 0);
}

/* The published sequence of xoshiro256** from the state 1, 2, 3, 4. */
static void test_rng__draws_what_the_algorithm_defines(void **state)
{
	struct bh_simrng rng = {.state = {1, 2, 3, 4}};

	(void)state;
	assert_true(bh_simrng_u64(&rng) == UINT64_C(11520));
	assert_true(bh_simrng_u64(&rng) == UINT64_C(0));
	assert_true(bh_simrng_u64(&rng) == UINT64_C(1509978240));
	assert_true(bh_simrng_u64(&rng) == UINT64_C(1215971899390074240));
}

static void test_rng__a_fork_does_not_depend_on_how_much_was_drawn(void **state)
{
	struct bh_simrng parent = bh_simrng_make(7);
	struct bh_simrng early = bh_simrng_fork(&parent, "net", 3);
	struct bh_simrng other_label;
	struct bh_simrng other_index;
	struct bh_simrng late;
	uint64_t drawn;

	(void)state;
	for (int i = 0; i < 100; i++)
		(void)bh_simrng_u64(&parent);
	late = bh_simrng_fork(&parent, "net", 3);
	other_label = bh_simrng_fork(&parent, "disk", 3);
	other_index = bh_simrng_fork(&parent, "net", 4);
	drawn = bh_simrng_u64(&early);
	assert_true(drawn == bh_simrng_u64(&late));
	assert_true(drawn != bh_simrng_u64(&other_label));
	assert_true(drawn != bh_simrng_u64(&other_index));
}

static void test_rng__below_is_even_and_never_reaches_its_limit(void **state)
{
	struct bh_simrng rng = bh_simrng_make(1);
	int counts[10] = {0};

	(void)state;
	for (int i = 0; i < DRAWS; i++)
		counts[bh_simrng_below(&rng, 10)]++;
	for (int i = 0; i < 10; i++)
		assert_in_range(counts[i], DRAWS / 10 - 500, DRAWS / 10 + 500);
	assert_true(bh_simrng_below(&rng, 1) == 0);
}

static void test_rng__between_includes_both_ends_and_takes_the_whole_range(void **state)
{
	struct bh_simrng rng = bh_simrng_make(2);
	bool low = false;
	bool high = false;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t drawn = bh_simrng_between(&rng, -2, 2);

		assert_true(drawn >= -2 && drawn <= 2);
		low = low || drawn == -2;
		high = high || drawn == 2;
		(void)bh_simrng_between(&rng, INT64_MIN, INT64_MAX);
	}
	assert_true(low && high);
	assert_true(bh_simrng_between(&rng, 5, 5) == 5);
}

static void test_rng__chance_is_met_as_often_as_it_says(void **state)
{
	struct bh_simrng rng = bh_simrng_make(3);
	int hits = 0;

	(void)state;
	for (int i = 0; i < DRAWS; i++) {
		hits += bh_simrng_chance(&rng, 100000);
		assert_false(bh_simrng_chance(&rng, 0));
		assert_true(bh_simrng_chance(&rng, BH_SIMRNG_ONE_PPM));
	}
	assert_in_range(hits, DRAWS / 10 - 500, DRAWS / 10 + 500);
}

static void test_rng__tail_is_mostly_low_and_sometimes_far(void **state)
{
	struct bh_simrng rng = bh_simrng_make(4);
	int near = 0;
	int far = 0;

	(void)state;
	for (int i = 0; i < DRAWS; i++) {
		int64_t drawn = bh_simrng_tail(&rng, 100, 6500);

		assert_true(drawn >= 100 && drawn <= 6500);
		near += drawn <= 200;
		far += drawn >= 3300;
	}
	assert_true(near > DRAWS / 2);
	assert_in_range(far, DRAWS / 400, DRAWS / 20);
	assert_true(bh_simrng_tail(&rng, 0, 0) == 0);
}

static void test_rng__source_fills_every_byte(void **state)
{
	struct bh_simrng rng = bh_simrng_make(5);
	struct bh_rng source = bh_simrng_source(&rng);
	uint8_t seen[13] = {0};
	uint8_t out[14];

	(void)state;
	for (int i = 0; i < 20; i++) {
		out[13] = 0xa5;
		assert_int_equal(source.fill(source.context, out, 13), 0);
		assert_int_equal(out[13], 0xa5);
		for (size_t at = 0; at < 13; at++)
			seen[at] |= out[at];
	}
	for (size_t at = 0; at < 13; at++)
		assert_int_not_equal(seen[at], 0);
}

static void test_hash__depends_on_order_and_lengths(void **state)
{
	uint64_t ab = bh_simhash_text(bh_simhash_text(BH_SIMHASH_START, "a"), "b");

	(void)state;
	assert_true(ab != bh_simhash_text(bh_simhash_text(BH_SIMHASH_START, "b"), "a"));
	assert_true(ab != bh_simhash_text(bh_simhash_text(BH_SIMHASH_START, "ab"), ""));
	assert_true(ab == bh_simhash_text(bh_simhash_text(BH_SIMHASH_START, "a"), "b"));
	assert_true(bh_simhash_u64(BH_SIMHASH_START, 1) != bh_simhash_u64(BH_SIMHASH_START, 256));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rng__same_seed_gives_the_same_stream),
		cmocka_unit_test(test_rng__draws_what_the_algorithm_defines),
		cmocka_unit_test(test_rng__a_fork_does_not_depend_on_how_much_was_drawn),
		cmocka_unit_test(test_rng__below_is_even_and_never_reaches_its_limit),
		cmocka_unit_test(test_rng__between_includes_both_ends_and_takes_the_whole_range),
		cmocka_unit_test(test_rng__chance_is_met_as_often_as_it_says),
		cmocka_unit_test(test_rng__tail_is_mostly_low_and_sometimes_far),
		cmocka_unit_test(test_rng__source_fills_every_byte),
		cmocka_unit_test(test_hash__depends_on_order_and_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
