/* Aligned, zeroed, bounded; reused after a reset. */
#include <stdalign.h>
#include <string.h>

#include "proto/arena.h"
#include "proto/err.h"
#include "tests/unit/proto/cmocka_all.h"
#include "tests/unit/proto/seeded.h"

static void test_arena__gives_aligned_zeroed_memory_that_does_not_overlap(void **state)
{
	(void)state;
	struct seeded seeded = {9};
	struct bh_arena arena = BH_ARENA(1u << 20);
	for (unsigned round = 0; round < 3; round++) {
		uint8_t *given[200];
		size_t sizes[200];
		for (unsigned i = 0; i < 200; i++) {
			sizes[i] = seeded_below(&seeded, 3000);
			given[i] = bh_arena_alloc(&arena, sizes[i]);
			assert_non_null(given[i]);
			assert_int_equal((uintptr_t)given[i] % alignof(max_align_t), 0);
			for (size_t k = 0; k < sizes[i]; k++)
				assert_int_equal(given[i][k], 0);
			memset(given[i], (int)i, sizes[i]);
		}
		for (unsigned i = 0; i < 200; i++)
			for (size_t k = 0; k < sizes[i]; k++)
				assert_int_equal(given[i][k], (uint8_t)i);
		bh_arena_reset(&arena);
		assert_int_equal(arena.used, 0);
	}
	bh_arena_free(&arena);
}

static void test_arena__ends_at_its_maximum(void **state)
{
	(void)state;
	struct bh_arena arena = BH_ARENA(1000);
	assert_null(bh_arena_alloc(&arena, 1001));
	assert_null(bh_arena_alloc(&arena, SIZE_MAX));
	assert_null(bh_arena_array(&arena, SIZE_MAX / 2, 3));
	assert_non_null(bh_arena_alloc(&arena, 900));
	assert_null(bh_arena_alloc(&arena, 101));
	assert_non_null(bh_arena_alloc(&arena, 50));
	bh_arena_reset(&arena);
	assert_non_null(bh_arena_alloc(&arena, 900));
	bh_arena_free(&arena);
}

static void test_arena__copies_with_a_nul_behind(void **state)
{
	(void)state;
	struct bh_arena arena = BH_ARENA(1000);
	struct bh_span copy;
	assert_int_equal(bh_arena_copy(&arena, bh_span("abc", 3), &copy), 0);
	assert_int_equal(copy.len, 3);
	assert_string_equal((const char *)copy.data, "abc");
	assert_int_equal(bh_arena_copy(&arena, bh_span(NULL, 0), &copy), 0);
	assert_string_equal((const char *)copy.data, "");
	assert_int_equal(bh_arena_copy(&arena, bh_span("abc", SIZE_MAX), &copy), BH_ERR_NOMEM);
	bh_arena_free(&arena);
}

static void test_arena__keeps_one_block_over_a_reset(void **state)
{
	(void)state;
	struct bh_arena arena = BH_ARENA(1u << 20);
	for (unsigned i = 0; i < 20; i++)
		assert_non_null(bh_arena_alloc(&arena, 4000));
	bh_arena_reset(&arena);
	void *first = bh_arena_alloc(&arena, 4000);
	bh_arena_reset(&arena);
	assert_ptr_equal(bh_arena_alloc(&arena, 4000), first);
	bh_arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena__gives_aligned_zeroed_memory_that_does_not_overlap),
		cmocka_unit_test(test_arena__ends_at_its_maximum),
		cmocka_unit_test(test_arena__copies_with_a_nul_behind),
		cmocka_unit_test(test_arena__keeps_one_block_over_a_reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
