/* The index against a walk over all polygons, on a made-up district whose grids share their edges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "proto/err.h"
#include "server/domain/place_index.h"
#include "tests/unit/domain/district.h"

/* ---- Memory that runs out (linked with --wrap) ---- */

static int allocations_left = -1; /* -1: as many as you like */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool allocation_fails(void)
{
	if (allocations_left == 0)
		return true;
	if (allocations_left > 0)
		allocations_left--;
	return false;
}

void *__wrap_malloc(size_t size)
{
	return allocation_fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(count, size);
}

static const struct bh_place_area *area_by_id(const struct district *d, uint32_t id)
{
	size_t i;

	for (i = 0; i < d->count; i++)
		if (d->areas[i].id == id)
			return &d->areas[i];
	return NULL;
}

static bool wins(const struct bh_place_area *area, uint32_t event_class)
{
	size_t i;

	for (i = 0; i < area->classes_count; i++)
		if (area->classes[i] == event_class && event_class != 0)
			return true;
	return area->kind != BH_AREA_SPECIAL_GRID;
}

/* By asking every polygon.  902 lies in 901 and is smaller. */
static struct bh_place_found slow_find(
	const struct district *d, struct bh_place at, uint32_t event_class, uint32_t nearest_m)
{
	struct bh_place_found f = {0};
	double best_m = nearest_m;
	uint32_t nearest = 0;
	size_t i;

	for (i = 0; i < d->count; i++) {
		const struct bh_place_area *area = &d->areas[i];
		bool grid = area->kind == BH_AREA_GRID || area->kind == BH_AREA_SPECIAL_GRID;
		double distance_m = bh_ring_distance_m(area->ring, at);

		if (!wins(area, event_class) || area->kind == BH_AREA_COUNTY)
			continue;
		if (grid && nearest_m > 0 && distance_m <= best_m) {
			best_m = distance_m;
			nearest = area->id;
		}
		if (!bh_ring_contains(area->ring, at))
			continue;
		if (area->kind == BH_AREA_SPECIAL_GRID)
			f.special_grid = area->id;
		else if (area->kind == BH_AREA_GRID)
			f.grid = area->id;
		else if (area->kind == BH_AREA_VILLAGE)
			f.village = area->id;
		else
			f.township = area->id;
	}
	if (f.special_grid || f.grid) {
		f.village = f.township = 0;
		f.area = f.special_grid ? f.special_grid : f.grid;
		f.how = BH_PLACE_INSIDE;
	} else if (nearest) {
		f.area = nearest;
		f.how = BH_PLACE_NEAREST;
	} else {
		f.area = f.village ? f.village : f.township;
		f.how = f.area ? BH_PLACE_INSIDE : BH_PLACE_NOWHERE;
	}
	return f;
}

/* Anywhere about, on a corner, or in the middle of an edge. */
static struct bh_place random_place(const struct district *d, uint64_t *seed)
{
	int x = random_below(seed, SIDE), y = random_below(seed, SIDE);
	struct bh_place a = d->corners[y][x], b = d->corners[y][x + 1];

	if (random_below(seed, 8) == 0)
		return a;
	if (random_below(seed, 8) == 0)
		return (struct bh_place){
			.latitude_e7 = a.latitude_e7 + (b.latitude_e7 - a.latitude_e7) / 2,
			.longitude_e7 = a.longitude_e7 + (b.longitude_e7 - a.longitude_e7) / 2};
	return (struct bh_place){
		.latitude_e7 = SOUTH - 60000 + random_below(seed, SIDE * GRID_E7 + 120000),
		.longitude_e7 = WEST - 60000 + random_below(seed, SIDE * GRID_E7 + 120000)};
}

static void test_place_index__agrees_with_a_walk_over_all_polygons(void **state)
{
	uint64_t seed = 5;
	int round, i, how[3] = {0};

	(void)state;
	for (round = 0; round < 3; round++) {
		struct district *d = district_make(next_random(&seed));
		struct bh_place_index *index;

		assert_int_equal(bh_place_index_build(d->areas, d->count, &index, NULL), BH_NOERR);
		for (i = 0; i < 4000; i++) {
			struct bh_place at = random_place(d, &seed);
			uint32_t event_class = (uint32_t)random_below(&seed, 3) * MARKET_CLASS;
			uint32_t nearest_m = (uint32_t)random_below(&seed, 3) * 200;
			struct bh_place_found slow = slow_find(d, at, event_class, nearest_m);
			struct bh_place_found fast = bh_place_index_find(
				index, at, event_class, nearest_m);

			how[fast.how]++;
			assert_int_equal(fast.how, slow.how);
			assert_int_equal(fast.special_grid, slow.special_grid);
			assert_int_equal(fast.grid, slow.grid);
			assert_int_equal(fast.village, slow.village);
			assert_int_equal(fast.township, slow.township);
			/* At a shared corner several grids are equally near. */
			if (fast.how != BH_PLACE_NEAREST)
				assert_int_equal(fast.area, slow.area);
			else
				assert_true(
					bh_ring_distance_m(area_by_id(d, fast.area)->ring, at) <=
					bh_ring_distance_m(area_by_id(d, slow.area)->ring, at));
			assert_true(fast.distance_m <= nearest_m);
		}
		bh_place_index_free(index);
		free(d);
	}
	print_message("# %d nowhere, %d inside, %d nearest\n", how[0], how[1], how[2]);
	assert_true(how[0] > 100 && how[1] > 1000 && how[2] > 100);
}

static void test_place_index__a_special_grid_wins_for_its_classes(void **state)
{
	struct district *d = district_make(1);
	struct bh_place in_both = {SOUTH + 330000, WEST + 330000};
	struct bh_place in_outer = {SOUTH + 360000, WEST + 380000};
	struct bh_place_index *index;

	(void)state;
	assert_int_equal(bh_place_index_build(d->areas, d->count, &index, NULL), BH_NOERR);
	assert_int_equal(bh_place_index_find(index, in_both, MARKET_CLASS, 0).area, 902);
	assert_int_equal(bh_place_index_find(index, in_both, 3, 0).area, 901);
	assert_int_equal(bh_place_index_find(index, in_outer, MARKET_CLASS, 0).area, 901);
	/* Another class, or none known: the base grid, which is told in any case. */
	assert_int_equal(bh_place_index_find(index, in_both, 4, 0).special_grid, 0);
	assert_true(bh_place_index_find(index, in_both, 4, 0).area > 100);
	assert_int_equal(bh_place_index_find(index, in_both, 0, 0).area,
		bh_place_index_find(index, in_both, MARKET_CLASS, 0).grid);
	bh_place_index_free(index);
	free(d);
}

static void test_place_index__outside_the_nearest_grid_is_marked_up_to_the_distance(void **state)
{
	struct district *d = calloc(1, sizeof(*d));
	struct bh_place west = {SOUTH + 5000, WEST - 20000}; /* 172.8 m */
	struct bh_place pole = {900000000, 0}, off = {900000001, 0};
	struct bh_place_index *index;
	struct bh_place_found found;

	(void)state;
	assert_non_null(d);
	rectangle_add(d, 5, BH_AREA_GRID, WEST, SOUTH, 10000, 10000);
	rectangle_add(d, 4, BH_AREA_GRID, WEST, SOUTH + 10000, 10000, 10000);
	rectangle_add(d, 3, BH_AREA_VILLAGE, WEST - 50000, SOUTH - 50000, 200000, 200000);
	assert_int_equal(bh_place_index_build(d->areas, d->count, &index, NULL), BH_NOERR);
	found = bh_place_index_find(index, west, 0, 200);
	assert_int_equal(found.how, BH_PLACE_NEAREST);
	assert_int_equal(found.area, 5);
	assert_int_equal(found.grid, 0);
	assert_int_equal(found.village, 3);
	assert_in_range(found.distance_m, 172, 174);
	/* Too far: the village that holds it; asked for none: the same. */
	assert_int_equal(bh_place_index_find(index, west, 0, 170).area, 3);
	assert_int_equal(bh_place_index_find(index, west, 0, 170).how, BH_PLACE_INSIDE);
	assert_int_equal(bh_place_index_find(index, west, 0, 0).area, 3);
	/* Equally near, the lower id. */
	west.latitude_e7 = SOUTH + 10000;
	assert_int_equal(bh_place_index_find(index, west, 0, 200).area, 4);
	assert_int_equal(bh_place_index_find(index, pole, 0, UINT32_MAX).how, BH_PLACE_NOWHERE);
	assert_int_equal(bh_place_index_find(index, off, 0, 200).how, BH_PLACE_NOWHERE);
	bh_place_index_free(index);
	free(d);
}

static void test_place_index__an_empty_district_knows_nothing(void **state)
{
	struct bh_place_index *index;
	struct bh_place here = {SOUTH, WEST}, null_island = {0, 0};

	(void)state;
	assert_int_equal(bh_place_index_build(NULL, 0, &index, NULL), BH_NOERR);
	assert_int_equal(bh_place_index_find(index, here, 1, 200).how, BH_PLACE_NOWHERE);
	assert_int_equal(bh_place_index_find(index, null_island, 1, 200).how, BH_PLACE_NOWHERE);
	bh_place_index_free(index);
	bh_place_index_free(NULL);
}

static void assert_refused(struct district *d, int err, size_t at)
{
	struct bh_place_index *index = NULL;
	size_t bad = 9999;

	assert_int_equal(bh_place_index_build(d->areas, d->count, &index, &bad), err);
	assert_int_equal(bad, at);
	assert_null(index);
}

static void test_place_index__a_bad_area_is_named(void **state)
{
	struct district *d = district_make(3);
	struct bh_place_area good = d->areas[17];

	(void)state;
	d->areas[17].id = 0;
	assert_refused(d, BH_ERR_INVALID, 17);
	d->areas[17] = good;
	d->areas[17].kind = (enum bh_area_kind)7;
	assert_refused(d, BH_ERR_INVALID, 17);
	d->areas[17] = good;
	d->areas[17].ring.points--;
	assert_refused(d, BH_ERR_INVALID, 17);
	d->areas[17] = good;
	d->areas[17].id = d->areas[200].id;
	assert_refused(d, BH_ERR_INVALID, 200);
	d->areas[17] = good;
	d->areas[17].classes = market_classes;
	d->areas[17].classes_count = BH_PLACE_CLASSES_MAX + 1;
	assert_refused(d, BH_ERR_LIMIT, 17);
	free(d);
}

static void test_place_index__holds_the_maxima_and_no_more(void **state)
{
	static const int32_t numbers[] = {
		WEST, SOUTH, WEST + 9, SOUTH, WEST + 9, SOUTH + 9, WEST, SOUTH};
	size_t count = BH_PLACE_GRIDS_MAX + BH_PLACE_DIVISIONS_MAX, i, bad;
	struct bh_place_area *areas = calloc(count + 1, sizeof(*areas));
	struct bh_place_index *index;

	(void)state;
	assert_non_null(areas);
	for (i = 0; i <= count; i++)
		areas[i] = (struct bh_place_area){.id = (uint32_t)i + 1,
			.kind = i < BH_PLACE_GRIDS_MAX ? BH_AREA_GRID : BH_AREA_VILLAGE,
			.ring = {numbers, 4}};
	assert_int_equal(bh_place_index_build(areas, count, &index, NULL), BH_NOERR);
	assert_int_equal(
		bh_place_index_find(index, (struct bh_place){SOUTH + 1, WEST + 2}, 0, 0).area, 1);
	bh_place_index_free(index);
	assert_int_equal(bh_place_index_build(areas, count + 1, &index, &bad), BH_ERR_LIMIT);
	assert_int_equal(bad, count);
	areas[count - 1].kind = BH_AREA_SPECIAL_GRID;
	assert_int_equal(bh_place_index_build(areas, count, &index, &bad), BH_ERR_LIMIT);
	assert_int_equal(bad, count - 1);
	free(areas);
}

static void test_place_index__when_memory_runs_out_nothing_is_left(void **state)
{
	struct district *d = district_make(8);
	struct bh_place_index *index = NULL;
	int allocations, err;

	(void)state;
	for (allocations = 0; allocations < 100; allocations++) {
		allocations_left = allocations;
		err = bh_place_index_build(d->areas, d->count, &index, NULL);
		allocations_left = -1;
		if (!err)
			break;
		assert_int_equal(err, BH_ERR_NOMEM);
		assert_null(index);
	}
	assert_in_range(allocations, 5, 20);
	bh_place_index_free(index);
	free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place_index__agrees_with_a_walk_over_all_polygons),
		cmocka_unit_test(test_place_index__a_special_grid_wins_for_its_classes),
		cmocka_unit_test(
			test_place_index__outside_the_nearest_grid_is_marked_up_to_the_distance),
		cmocka_unit_test(test_place_index__an_empty_district_knows_nothing),
		cmocka_unit_test(test_place_index__a_bad_area_is_named),
		cmocka_unit_test(test_place_index__holds_the_maxima_and_no_more),
		cmocka_unit_test(test_place_index__when_memory_runs_out_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
