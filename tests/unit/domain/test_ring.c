/* Containment on small whole numbers, where points fall on edges and corners all the time;
 * soundness against a second opinion; distances against figures done by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "server/domain/ring.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RING(array) ((struct bh_ring){(array), COUNT(array) / 2})

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static int32_t random_below(uint64_t *seed, int32_t limit)
{
	return (int32_t)(next_random(seed) % (uint64_t)limit);
}

static struct bh_place place(int32_t longitude, int32_t latitude)
{
	return (struct bh_place){.latitude_e7 = latitude, .longitude_e7 = longitude};
}

static void test_ring__a_square_holds_its_west_and_south_edge_only(void **state)
{
	static const int32_t square[] = {10, 10, 20, 10, 20, 20, 10, 20, 10, 10};
	struct bh_ring ring = RING(square);

	(void)state;
	assert_true(bh_ring_contains(ring, place(15, 15)));
	assert_true(bh_ring_contains(ring, place(10, 15)));
	assert_true(bh_ring_contains(ring, place(15, 10)));
	assert_true(bh_ring_contains(ring, place(10, 10)));
	assert_false(bh_ring_contains(ring, place(20, 15)));
	assert_false(bh_ring_contains(ring, place(15, 20)));
	assert_false(bh_ring_contains(ring, place(20, 10)));
	assert_false(bh_ring_contains(ring, place(10, 20)));
	assert_false(bh_ring_contains(ring, place(20, 20)));
	assert_false(bh_ring_contains(ring, place(9, 15)));
	assert_false(bh_ring_contains(ring, place(15, 21)));
}

/* ---- A plane tiled without gaps: every point in exactly one tile ---- */

#define SIDE 6
#define STEP 8 /* corners stand on even numbers, so that every edge has a whole middle */

/* A corner is moved by less than half a step: the four-sided tiles stay simple. */
static struct bh_place corners[SIDE + 1][SIDE + 1];

static void corners_scatter(uint64_t *seed)
{
	int32_t x, y;

	for (y = 0; y <= SIDE; y++)
		for (x = 0; x <= SIDE; x++) {
			int32_t dx = x == 0 || x == SIDE ? 0 : 2 * (random_below(seed, 3) - 1);
			int32_t dy = y == 0 || y == SIDE ? 0 : 2 * (random_below(seed, 3) - 1);

			corners[y][x] = place(x * STEP + dx, y * STEP + dy);
		}
}

/* A tile's ring: begun at any corner, turned either way, and with the middle of an edge as a point
 * of its own now and then, which the neighbour does not have. */
static struct bh_ring tile_ring(uint64_t *seed, int32_t x, int32_t y, int32_t numbers[18])
{
	struct bh_place around[4] = {
		corners[y][x], corners[y][x + 1], corners[y + 1][x + 1], corners[y + 1][x]};
	int32_t first = random_below(seed, 4), turn = random_below(seed, 2) ? 1 : 3, i;
	size_t points = 0;

	for (i = 0; i < 4; i++) {
		struct bh_place a = around[(first + i * turn) % 4];
		struct bh_place b = around[(first + (i + 1) * turn) % 4];

		numbers[2 * points] = a.longitude_e7;
		numbers[2 * points++ + 1] = a.latitude_e7;
		if (random_below(seed, 2)) {
			numbers[2 * points] = (a.longitude_e7 + b.longitude_e7) / 2;
			numbers[2 * points++ + 1] = (a.latitude_e7 + b.latitude_e7) / 2;
		}
	}
	numbers[2 * points] = numbers[0];
	numbers[2 * points + 1] = numbers[1];
	return (struct bh_ring){numbers, points + 1};
}

static void test_ring__of_tiles_that_share_edges_and_corners_exactly_one_holds_a_point(void **state)
{
	static int32_t numbers[SIDE * SIDE][18];
	struct bh_ring rings[SIDE * SIDE];
	uint64_t seed = 311;
	int32_t x, y, i, round;

	(void)state;
	for (round = 0; round < 200; round++) {
		corners_scatter(&seed);
		for (i = 0; i < SIDE * SIDE; i++) {
			size_t index;

			rings[i] = tile_ring(&seed, i % SIDE, i / SIDE, numbers[i]);
			assert_int_equal(bh_ring_check(rings[i], &index), BH_RING_SOUND);
		}
		for (y = -1; y <= SIDE * STEP + 1; y++)
			for (x = -1; x <= SIDE * STEP + 1; x++) {
				int held = 0, expected;

				for (i = 0; i < SIDE * SIDE; i++)
					held += bh_ring_contains(rings[i], place(x, y));
				expected = x >= 0 && y >= 0 && x < SIDE * STEP && y < SIDE * STEP;
				if (held != expected)
					fail_msg("round %d: %d,%d in %d tiles", round, x, y, held);
			}
	}
}

static void test_ring__the_whole_earth_does_not_overflow(void **state)
{
	static const int32_t earth[] = {-1800000000, -900000000, 1800000000, -900000000, 1800000000,
		900000000, -1800000000, 900000000, -1800000000, -900000000};
	static const int32_t slant[] = {-1800000000, -900000000, 1800000000, 899999999, 1800000000,
		900000000, -1800000000, -900000000};
	size_t index;

	(void)state;
	assert_int_equal(bh_ring_check(RING(earth), &index), BH_RING_SOUND);
	assert_int_equal(bh_ring_check(RING(slant), &index), BH_RING_SOUND);
	assert_true(bh_ring_contains(RING(earth), place(0, 0)));
	assert_false(bh_ring_contains(RING(earth), place(INT32_MAX, INT32_MAX)));
	assert_false(bh_ring_contains(RING(earth), place(INT32_MIN, 0)));
	assert_true(bh_ring_contains(RING(slant), place(1799999999, 899999999)));
	assert_false(bh_ring_contains(RING(slant), place(0, 1)));
	assert_true(bh_ring_area2(RING(earth)) == 2 * 3600000000.0 * 1800000000.0);
	assert_true(bh_ring_area2(RING(slant)) > 0);
}

static const int32_t open[] = {0, 0, 10, 0, 10, 10, 0, 10};
static const int32_t two[] = {0, 0, 10, 0, 0, 0, 10, 0, 0, 0};
static const int32_t away[] = {0, 0, 10, 0, 10, 900000001, 0, 10, 0, 0};
static const int32_t bow[] = {0, 0, 10, 10, 10, 0, 0, 20, 0, 0};
static const int32_t flat[] = {0, 0, 10, 10, 20, 20, 5, 5, 0, 0};
static const int32_t spike[] = {0, 0, 10, 0, 10, 10, 20, 20, 10, 10, 0, 10, 0, 0};
static const int32_t touch[] = {0, 0, 10, 0, 10, 10, 5, 0, 0, 10, 0, 0};
static const int32_t wrap[] = {0, 0, 10, 0, 10, 10, 0, 10, 0, 0, -5, 0, 0, 0};
static const int32_t pinch[] = {0, 0, 10, 0, 5, 5, 10, 10, 0, 10, 5, 5, 0, 0};
static const int32_t repeated[] = {0, 0, 0, 0, 10, 0, 10, 0, 10, 0, 10, 10, 0, 10, 0, 0, 0, 0};
static const int32_t straight[] = {5, 0, 7, 0, 10, 0, 10, 10, 0, 10, 0, 0, 5, 0};
static const struct {
	struct bh_ring ring;
	enum bh_ring_fault fault;
	size_t index;
} faults[] = {
	{{NULL, 0}, BH_RING_TOO_FEW, 0},
	{{open, 1}, BH_RING_TOO_FEW, 0},
	{{open, 4}, BH_RING_OPEN, 3},
	{{two, 5}, BH_RING_TOO_FEW, 4},
	{{away, 5}, BH_RING_OFF_EARTH, 2},
	{{bow, 5}, BH_RING_CROSSES, 2},
	{{flat, 5}, BH_RING_FLAT, 0},
	{{spike, 7}, BH_RING_CROSSES, 3},
	{{touch, 6}, BH_RING_CROSSES, 2},
	{{wrap, 7}, BH_RING_CROSSES, 3},
	{{pinch, 7}, BH_RING_CROSSES, 4},
	{{repeated, 9}, BH_RING_SOUND, 77},
	{{straight, 7}, BH_RING_SOUND, 77},
};

static void test_ring__each_fault_is_named_with_its_point(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(faults); i++) {
		size_t index = 77;

		if (bh_ring_check(faults[i].ring, &index) != faults[i].fault ||
			index != faults[i].index)
			fail_msg("row %zu: %s, point %zu", i,
				bh_ring_fault_text(bh_ring_check(faults[i].ring, &index)), index);
	}
	assert_string_equal(bh_ring_fault_text(BH_RING_CROSSES), "touches or crosses itself");
	assert_string_equal(bh_ring_fault_text((enum bh_ring_fault)99), "has an unknown fault");
}

/* A second opinion, said differently: no corner lies on an edge that is not its own, and no two
 * edges cross between their corners. */
static int64_t side(struct bh_place a, struct bh_place b, struct bh_place c)
{
	return ((int64_t)b.longitude_e7 - a.longitude_e7) * (c.latitude_e7 - a.latitude_e7) -
	       ((int64_t)c.longitude_e7 - a.longitude_e7) * (b.latitude_e7 - a.latitude_e7);
}

static bool lies_on(struct bh_place a, struct bh_place b, struct bh_place c)
{
	int64_t along = ((int64_t)c.longitude_e7 - a.longitude_e7) *
				(c.longitude_e7 - b.longitude_e7) +
			((int64_t)c.latitude_e7 - a.latitude_e7) * (c.latitude_e7 - b.latitude_e7);

	return side(a, b, c) == 0 && along <= 0;
}

static bool is_simple(struct bh_ring ring)
{
	size_t n = ring.points - 1, i, j;

	for (i = 0; i < n; i++)
		for (j = 0; j < n; j++) {
			struct bh_place a = bh_ring_point(ring, i), b = bh_ring_point(ring, i + 1);
			struct bh_place c = bh_ring_point(ring, j), d = bh_ring_point(ring, j + 1);

			if (j != i && j != (i + 1) % n && lies_on(a, b, c))
				return false;
			if ((side(a, b, c) > 0) != (side(a, b, d) > 0) && side(a, b, c) != 0 &&
				side(a, b, d) != 0 && side(c, d, a) != 0 && side(c, d, b) != 0 &&
				(side(c, d, a) > 0) != (side(c, d, b) > 0))
				return false;
		}
	return true;
}

static void test_ring__soundness_agrees_with_a_second_opinion(void **state)
{
	uint64_t seed = 99;
	int sound = 0, crossing = 0, round;

	(void)state;
	for (round = 0; round < 200000; round++) {
		int32_t numbers[2 * 8];
		size_t n = 3 + (size_t)random_below(&seed, 5), i, index;
		struct bh_ring ring = {numbers, n + 1};
		enum bh_ring_fault fault;

		for (i = 0; i < 2 * n; i++)
			numbers[i] = random_below(&seed, 7);
		numbers[2 * n] = numbers[0];
		numbers[2 * n + 1] = numbers[1];
		/* Repeated points are our own tolerance: not what is compared here. */
		for (i = 0; i < n; i++)
			if (numbers[2 * i] == numbers[2 * i + 2] &&
				numbers[2 * i + 1] == numbers[2 * i + 3])
				break;
		if (i < n)
			continue;
		fault = bh_ring_check(ring, &index);
		assert_int_equal(fault == BH_RING_SOUND, is_simple(ring));
		sound += fault == BH_RING_SOUND;
		crossing += fault == BH_RING_CROSSES;
	}
	print_message("# %d sound, %d crossing\n", sound, crossing);
	assert_true(sound > 1000 && crossing > 1000);
}

/* A circle of many points, with one of them pulled across to the other side. */
static void test_ring__a_long_ring_is_checked_to_its_end(void **state)
{
	size_t n = BH_RING_POINTS_MAX - 1, i, index = 0;
	int32_t *numbers = malloc((n + 2) * 2 * sizeof(*numbers));
	struct bh_ring ring = {numbers, n + 1};

	(void)state;
	assert_non_null(numbers);
	for (i = 0; i <= n; i++) {
		double angle = 2 * 3.14159265358979 * (double)(i % n) / (double)n;

		numbers[2 * i] = (int32_t)(500000000 * cos(angle));
		numbers[2 * i + 1] = (int32_t)(500000000 * sin(angle));
	}
	assert_int_equal(bh_ring_check(ring, &index), BH_RING_SOUND);
	numbers[2 * 12000] = 1;
	numbers[2 * 12000 + 1] = 510000000;
	assert_int_equal(bh_ring_check(ring, &index), BH_RING_CROSSES);
	assert_int_equal(index, 11999);
	numbers[2 * n + 2] = numbers[0];
	numbers[2 * n + 3] = numbers[1];
	ring.points++;
	assert_int_equal(bh_ring_check(ring, &index), BH_RING_TOO_MANY);
	assert_int_equal(index, BH_RING_POINTS_MAX);
	free(numbers);
}

static void test_ring__boxes_are_inclusive(void **state)
{
	static const int32_t numbers[] = {-5, 3, 7, -2, 4, 11, -5, 3};
	struct bh_box box = bh_ring_box(RING(numbers));

	(void)state;
	assert_int_equal(box.west_e7, -5);
	assert_int_equal(box.east_e7, 7);
	assert_int_equal(box.south_e7, -2);
	assert_int_equal(box.north_e7, 11);
	assert_true(bh_box_holds(box, place(7, 11)));
	assert_true(bh_box_holds(box, place(-5, -2)));
	assert_false(bh_box_holds(box, place(8, 0)));
	assert_false(bh_box_holds(box, place(0, -3)));
}

static void assert_metres(double got, double want)
{
	if (fabs(got - want) > want * 0.01 + 0.01)
		fail_msg("%.3f m instead of %.3f", got, want);
}

static void test_ring__distances_in_metres(void **state)
{
	/* At 40 N a minute of longitude is 1,423 m on the ellipsoid, one of latitude 1,851 m. */
	static const int32_t square[] = {1160000000, 400000000, 1160166667, 400000000, 1160166667,
		400166667, 1160000000, 400166667, 1160000000, 400000000};
	struct bh_ring ring = RING(square);

	(void)state;
	assert_metres(bh_ring_distance_m(ring, place(1159833333, 400083333)), 1423);
	assert_metres(bh_ring_distance_m(ring, place(1160083333, 399833333)), 1851);
	/* From a corner outwards, at right angles: Pythagoras. */
	assert_metres(bh_ring_distance_m(ring, place(1159833333, 399833333)), 2335);
	/* Inside the boundary counts as well; on it the distance is 0. */
	assert_metres(bh_ring_distance_m(ring, place(1160083333, 400083333)), 711.5);
	assert_metres(bh_ring_distance_m(ring, place(1160000000, 400100000)), 0);
	assert_metres(bh_ring_distance_m(ring, place(1160166667, 400166667)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring__a_square_holds_its_west_and_south_edge_only),
		cmocka_unit_test(
			test_ring__of_tiles_that_share_edges_and_corners_exactly_one_holds_a_point),
		cmocka_unit_test(test_ring__the_whole_earth_does_not_overflow),
		cmocka_unit_test(test_ring__each_fault_is_named_with_its_point),
		cmocka_unit_test(test_ring__soundness_agrees_with_a_second_opinion),
		cmocka_unit_test(test_ring__a_long_ring_is_checked_to_its_end),
		cmocka_unit_test(test_ring__boxes_are_inclusive),
		cmocka_unit_test(test_ring__distances_in_metres),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
