/* A made-up district for tests: jittered grids that share their edges and corners, in villages and
 * townships, with two markets as special grids.  The same seed gives the same district. */
#ifndef BH_TESTS_UNIT_DOMAIN_DISTRICT_H
#define BH_TESTS_UNIT_DOMAIN_DISTRICT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "server/domain/place_index.h"

#define WEST 1160000000
#define SOUTH 390000000
#define GRID_E7 40000 /* a side: 445 m by 346 m */
#define SIDE 20 /* grids along a side of the district; a village is 5 x 5, a township 10 x 10 */
#define GRIDS (SIDE * SIDE)
#define MARKET_CLASS 7u

struct district {
	struct bh_place corners[SIDE + 1][SIDE + 1];
	int32_t numbers[GRIDS + 40][2 * (4 * SIDE + 1)];
	struct bh_place_area areas[GRIDS + 40];
	size_t count;
};

static inline uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static inline int32_t random_below(uint64_t *seed, int32_t limit)
{
	return (int32_t)(next_random(seed) % (uint64_t)limit);
}

/* The block of grids from column x, row y, along its corners: neighbours share every point. */
static inline void area_add(
	struct district *d, uint32_t id, enum bh_area_kind kind, int x, int y, int size)
{
	int32_t *numbers = d->numbers[d->count];
	size_t points = 0;
	int i;

	for (i = 0; i <= 4 * size; i++) {
		int step = i % (4 * size), along = step % size;
		int column = step < size       ? along
			     : step < 2 * size ? size
			     : step < 3 * size ? size - along
					       : 0;
		int row = step < size       ? 0
			  : step < 2 * size ? along
			  : step < 3 * size ? size
					    : size - along;
		struct bh_place corner = d->corners[y + row][x + column];

		numbers[2 * points] = corner.longitude_e7;
		numbers[2 * points++ + 1] = corner.latitude_e7;
	}
	d->areas[d->count++] = (struct bh_place_area){
		.id = id, .kind = kind, .ring = {numbers, points}};
}

static inline void rectangle_add(struct district *d, uint32_t id, enum bh_area_kind kind,
	int32_t west, int32_t south, int32_t width, int32_t height)
{
	int32_t *n = d->numbers[d->count];
	int32_t corners[10] = {west, south, west + width, south, west + width, south + height, west,
		south + height, west, south};
	size_t i;

	for (i = 0; i < 10; i++)
		n[i] = corners[i];
	d->areas[d->count++] = (struct bh_place_area){.id = id, .kind = kind, .ring = {n, 5}};
}

static const uint32_t market_classes[] = {0, 3, MARKET_CLASS};

/* Townships 1.., villages 11.., grids 101..; a county 9; two markets, one inside the other, 901 and
 * 902; grid 101 is missing, so that its village answers there. */
static inline struct district *district_make(uint64_t seed)
{
	struct district *d = calloc(1, sizeof(*d));
	int x, y;

	assert_non_null(d);
	for (y = 0; y <= SIDE; y++)
		for (x = 0; x <= SIDE; x++)
			d->corners[y][x] = (struct bh_place){
				.longitude_e7 = WEST + x * GRID_E7 + random_below(&seed, 16000) -
						8000,
				.latitude_e7 = SOUTH + y * GRID_E7 + random_below(&seed, 16000) -
					       8000};
	for (y = 0; y < SIDE; y++)
		for (x = 0; x < SIDE; x++)
			if (x + y > 0)
				area_add(d, (uint32_t)(101 + y * SIDE + x), BH_AREA_GRID, x, y, 1);
	for (y = 0; y < SIDE; y += 5)
		for (x = 0; x < SIDE; x += 5)
			area_add(d, (uint32_t)(11 + y / 5 * 4 + x / 5), BH_AREA_VILLAGE, x, y, 5);
	for (y = 0; y < SIDE; y += 10)
		for (x = 0; x < SIDE; x += 10)
			area_add(
				d, (uint32_t)(1 + y / 10 * 2 + x / 10), BH_AREA_TOWNSHIP, x, y, 10);
	area_add(d, 9, BH_AREA_COUNTY, 0, 0, SIDE);
	rectangle_add(d, 901, BH_AREA_SPECIAL_GRID, WEST + 300000, SOUTH + 300000, 90000, 70000);
	d->areas[d->count - 1].classes = market_classes;
	d->areas[d->count - 1].classes_count = 3;
	rectangle_add(d, 902, BH_AREA_SPECIAL_GRID, WEST + 320000, SOUTH + 320000, 20000, 20000);
	d->areas[d->count - 1].classes = market_classes + 2;
	d->areas[d->count - 1].classes_count = 1;
	return d;
}

#endif
