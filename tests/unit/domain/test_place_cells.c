/* What a cell's list promises: nobody is missing from it, and who covers it needs no asking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/err.h"
#include "server/domain/place_cells.h"
#include "tests/unit/domain/district.h"

static void test_place_cells__a_list_misses_nobody_and_covers_truly(void **state)
{
	struct district *d = district_make(77);
	struct bh_ring rings[GRIDS + 40];
	struct bh_place_cells cells;
	uint64_t seed = 4;
	size_t i, n, covered = 0;
	int round;

	(void)state;
	for (i = 0; i < d->count; i++)
		rings[i] = d->areas[i].ring;
	assert_int_equal(bh_place_cells_build(rings, d->count, &cells), BH_NOERR);
	for (round = 0; round < 5000; round++) {
		struct bh_place at = {.latitude_e7 = SOUTH + random_below(&seed, SIDE * GRID_E7),
			.longitude_e7 = WEST + random_below(&seed, SIDE * GRID_E7)};
		const uint32_t *entries;
		size_t count = bh_place_cells_at(&cells, at, &entries), held = 0, listed = 0;

		for (i = 0; i < count; i++) {
			size_t ring = bh_place_cells_ring(entries[i]);
			bool holds = bh_ring_contains(rings[ring], at);

			assert_true(i == 0 || bh_place_cells_ring(entries[i - 1]) < ring);
			assert_true(holds || bh_place_cells_crossed(entries[i]));
			covered += !bh_place_cells_crossed(entries[i]);
			listed += holds;
		}
		for (n = 0; n < d->count; n++)
			held += bh_ring_contains(rings[n], at);
		assert_int_equal(listed, held);
	}
	assert_true(covered > 1000);
	bh_place_cells_free(&cells);
	free(d);
}

static void test_place_cells__outside_there_is_no_list(void **state)
{
	static const int32_t numbers[] = {0, 0, 9, 0, 9, 9, 0, 0};
	struct bh_ring ring = {numbers, 4};
	struct bh_place_cells cells, none = {0};
	const uint32_t *entries = NULL;

	(void)state;
	assert_int_equal(bh_place_cells_build(&ring, 1, &cells), BH_NOERR);
	assert_int_equal(bh_place_cells_at(&cells, (struct bh_place){9, 9}, &entries), 1);
	assert_int_equal(bh_place_cells_at(&cells, (struct bh_place){9, 10}, &entries), 0);
	assert_int_equal(bh_place_cells_at(&cells, (struct bh_place){-1, 0}, &entries), 0);
	assert_int_equal(bh_place_cells_at(&none, (struct bh_place){0, 0}, &entries), 0);
	bh_place_cells_free(&cells);
	bh_place_cells_free(&cells);
	bh_place_cells_free(&none);
}

/* A thousand polygons, each over all cells: more pairs than there may be. */
static void test_place_cells__too_many_pairs_are_refused(void **state)
{
	static const int32_t numbers[] = {0, 0, 1000000, 0, 1000000, 1000000, 0, 1000000, 0, 0};
	struct bh_ring rings[1000];
	struct bh_place_cells cells;
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		rings[i] = (struct bh_ring){numbers, 5};
	assert_int_equal(bh_place_cells_build(rings, 900, &cells), BH_NOERR);
	bh_place_cells_free(&cells);
	assert_int_equal(bh_place_cells_build(rings, 1000, &cells), BH_ERR_LIMIT);
	assert_int_equal(bh_place_cells_build(rings, 0, &cells), BH_ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place_cells__a_list_misses_nobody_and_covers_truly),
		cmocka_unit_test(test_place_cells__outside_there_is_no_list),
		cmocka_unit_test(test_place_cells__too_many_pairs_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
