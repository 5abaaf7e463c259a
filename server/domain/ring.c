/* A ring is walked edge by edge; every decision is the sign of a cross product of whole numbers.
 * Containment counts the edges that a ray to the east crosses.  An edge is crossed when exactly one
 * of its ends lies above the ray (so a vertex on the ray belongs to one side) and the crossing lies
 * truly east of the point (so a point on an edge lies on one side of it): both rules ask the edge,
 * never the ring, so neighbours that share it agree.
 *
 * bh_ring_check compares every edge with every other, but skips pairs of stretches of 64 edges
 * whose boxes are apart. */
#include "server/domain/ring.h"

#include <float.h>
#include <math.h>

#include "proto/err.h"

#define STRETCH_EDGES 64u
#define STRETCHES_MAX ((BH_RING_POINTS_MAX + STRETCH_EDGES - 1) / STRETCH_EDGES)

#define EARTH_RADIUS_M 6371008.8
#define RADIANS_PER_E7 (3.14159265358979323846 / 180.0 / 1e7)

__extension__ typedef __int128 wide;

const char *bh_ring_fault_text(enum bh_ring_fault fault)
{
	switch (fault) {
	case BH_RING_SOUND:
		return "is sound";
	case BH_RING_OPEN:
		return "does not end where it begins";
	case BH_RING_TOO_FEW:
		return "has fewer than three distinct points";
	case BH_RING_TOO_MANY:
		return "has too many points";
	case BH_RING_OFF_EARTH:
		return "has a point that is not on earth";
	case BH_RING_CROSSES:
		return "touches or crosses itself";
	case BH_RING_FLAT:
		return "encloses nothing";
	}
	return "has an unknown fault";
}

static bool place_equal(struct bh_place a, struct bh_place b)
{
	return a.latitude_e7 == b.latitude_e7 && a.longitude_e7 == b.longitude_e7;
}

/* 1: c lies left of a -> b, -1: right, 0: on the line through them. */
static int turn(struct bh_place a, struct bh_place b, struct bh_place c)
{
	int64_t left = ((int64_t)b.longitude_e7 - a.longitude_e7) *
		       ((int64_t)c.latitude_e7 - a.latitude_e7);
	int64_t right = ((int64_t)c.longitude_e7 - a.longitude_e7) *
			((int64_t)b.latitude_e7 - a.latitude_e7);

	return (left > right) - (left < right);
}

static struct bh_box edge_box(struct bh_place a, struct bh_place b)
{
	return (struct bh_box){
		.south_e7 = a.latitude_e7 < b.latitude_e7 ? a.latitude_e7 : b.latitude_e7,
		.north_e7 = a.latitude_e7 > b.latitude_e7 ? a.latitude_e7 : b.latitude_e7,
		.west_e7 = a.longitude_e7 < b.longitude_e7 ? a.longitude_e7 : b.longitude_e7,
		.east_e7 = a.longitude_e7 > b.longitude_e7 ? a.longitude_e7 : b.longitude_e7,
	};
}

struct bh_box bh_boxes_join(struct bh_box a, struct bh_box b)
{
	return (struct bh_box){
		.south_e7 = a.south_e7 < b.south_e7 ? a.south_e7 : b.south_e7,
		.north_e7 = a.north_e7 > b.north_e7 ? a.north_e7 : b.north_e7,
		.west_e7 = a.west_e7 < b.west_e7 ? a.west_e7 : b.west_e7,
		.east_e7 = a.east_e7 > b.east_e7 ? a.east_e7 : b.east_e7,
	};
}

bool bh_box_holds(struct bh_box box, struct bh_place place)
{
	return place.latitude_e7 >= box.south_e7 && place.latitude_e7 <= box.north_e7 &&
	       place.longitude_e7 >= box.west_e7 && place.longitude_e7 <= box.east_e7;
}

/* Do the closed segments a-b and c-d have a point in common? */
static bool segments_meet(
	struct bh_place a, struct bh_place b, struct bh_place c, struct bh_place d)
{
	int abc, abd, cda, cdb;

	if (!bh_boxes_meet(edge_box(a, b), edge_box(c, d)))
		return false;
	abc = turn(a, b, c);
	abd = turn(a, b, d);
	cda = turn(c, d, a);
	cdb = turn(c, d, b);
	/* On one line all four are 0, and the boxes, which meet, decide. */
	return abc * abd <= 0 && cda * cdb <= 0;
}

static bool edge_is_empty(struct bh_ring ring, size_t edge)
{
	return place_equal(bh_ring_point(ring, edge), bh_ring_point(ring, edge + 1));
}

/* The edge after this one that has a length, around the ring. */
static size_t edge_after(struct bh_ring ring, size_t edge)
{
	size_t edges = ring.points - 1;

	do
		edge = (edge + 1) % edges;
	while (edge_is_empty(ring, edge));
	return edge;
}

/* Both have a length; i < j.  Edges that follow each other share their corner and are passed over:
 * one that runs back over the other brings an edge further on with it, or all is flat. */
static bool edges_clash(struct bh_ring ring, size_t i, size_t j)
{
	return segments_meet(bh_ring_point(ring, i), bh_ring_point(ring, i + 1),
		       bh_ring_point(ring, j), bh_ring_point(ring, j + 1)) &&
	       edge_after(ring, i) != j && edge_after(ring, j) != i;
}

struct bh_box bh_ring_edge_box(struct bh_ring ring, size_t edge)
{
	return edge_box(bh_ring_point(ring, edge), bh_ring_point(ring, edge + 1));
}

static struct bh_box stretch_box(struct bh_ring ring, size_t first, size_t end)
{
	struct bh_box box = edge_box(bh_ring_point(ring, first), bh_ring_point(ring, first + 1));
	size_t i;

	for (i = first + 1; i < end; i++)
		box = bh_boxes_join(
			box, edge_box(bh_ring_point(ring, i), bh_ring_point(ring, i + 1)));
	return box;
}

static size_t stretch_end(size_t stretch, size_t edges)
{
	size_t end = (stretch + 1) * STRETCH_EDGES;

	return end < edges ? end : edges;
}

/* The lowest edge of the later stretch that clashes with one before it of the other; SIZE_MAX. */
static size_t stretches_clash(struct bh_ring ring, size_t earlier, size_t later)
{
	size_t edges = ring.points - 1;
	size_t i, j;

	for (j = later * STRETCH_EDGES; j < stretch_end(later, edges); j++) {
		if (edge_is_empty(ring, j))
			continue;
		for (i = earlier * STRETCH_EDGES; i < stretch_end(earlier, j); i++)
			if (!edge_is_empty(ring, i) && edges_clash(ring, i, j))
				return j;
	}
	return SIZE_MAX;
}

/* The lowest edge that clashes with one before it; SIZE_MAX. */
static size_t ring_clash(struct bh_ring ring)
{
	struct bh_box boxes[STRETCHES_MAX];
	size_t edges = ring.points - 1, lowest = SIZE_MAX;
	size_t i, j;

	for (j = 0; j * STRETCH_EDGES < edges && lowest == SIZE_MAX; j++) {
		boxes[j] = stretch_box(ring, j * STRETCH_EDGES, stretch_end(j, edges));
		for (i = 0; i <= j; i++) {
			size_t clash = bh_boxes_meet(boxes[i], boxes[j])
					       ? stretches_clash(ring, i, j)
					       : SIZE_MAX;

			lowest = clash < lowest ? clash : lowest;
		}
	}
	return lowest;
}

static size_t distinct_points_up_to_three(struct bh_ring ring)
{
	struct bh_place first = bh_ring_point(ring, 0), second = first;
	size_t i, distinct = 1;

	for (i = 1; i < ring.points && distinct < 3; i++) {
		struct bh_place point = bh_ring_point(ring, i);

		if (place_equal(point, first) || (distinct == 2 && place_equal(point, second)))
			continue;
		if (distinct == 1)
			second = point;
		distinct++;
	}
	return distinct;
}

/* Twice the signed area: a fan of triangles from the first point. */
static wide area2(struct bh_ring ring)
{
	struct bh_place o = bh_ring_point(ring, 0);
	wide sum = 0;
	size_t i;

	for (i = 1; i + 1 < ring.points; i++) {
		struct bh_place a = bh_ring_point(ring, i), b = bh_ring_point(ring, i + 1);
		int64_t left = ((int64_t)a.longitude_e7 - o.longitude_e7) *
			       ((int64_t)b.latitude_e7 - o.latitude_e7);
		int64_t right = ((int64_t)b.longitude_e7 - o.longitude_e7) *
				((int64_t)a.latitude_e7 - o.latitude_e7);

		sum += (wide)left - right;
	}
	return sum;
}

enum bh_ring_fault bh_ring_check(struct bh_ring ring, size_t *index)
{
	size_t i;

	if (ring.points > BH_RING_POINTS_MAX) {
		*index = BH_RING_POINTS_MAX;
		return BH_RING_TOO_MANY;
	}
	for (i = 0; i < ring.points; i++) {
		if (bh_place_is_on_earth(bh_ring_point(ring, i)))
			continue;
		*index = i;
		return BH_RING_OFF_EARTH;
	}
	if (ring.points > 1 &&
		!place_equal(bh_ring_point(ring, 0), bh_ring_point(ring, ring.points - 1))) {
		*index = ring.points - 1;
		return BH_RING_OPEN;
	}
	if (ring.points < 4 || distinct_points_up_to_three(ring) < 3) {
		*index = ring.points > 0 ? ring.points - 1 : 0;
		return BH_RING_TOO_FEW;
	}
	if (area2(ring) == 0) {
		*index = 0;
		return BH_RING_FLAT;
	}
	i = ring_clash(ring);
	if (i == SIZE_MAX)
		return BH_RING_SOUND;
	*index = i;
	return BH_RING_CROSSES;
}

struct bh_box bh_ring_box(struct bh_ring ring)
{
	return stretch_box(ring, 0, ring.points - 1);
}

bool bh_ring_contains(struct bh_ring ring, struct bh_place place)
{
	bool inside = false;
	struct bh_place a = bh_ring_point(ring, 0);
	size_t i;

	for (i = 1; i < ring.points; i++) {
		struct bh_place b = bh_ring_point(ring, i);
		bool a_above = a.latitude_e7 > place.latitude_e7;
		bool b_above = b.latitude_e7 > place.latitude_e7;

		/* Upwards the point must lie left of the edge, downwards right of it. */
		if (a_above != b_above && turn(a, b, place) == (b_above ? 1 : -1))
			inside = !inside;
		a = b;
	}
	return inside;
}

double bh_ring_area2(struct bh_ring ring)
{
	return (double)area2(ring);
}

/* Square of the distance from the origin to the segment a-b. */
static double segment_distance2(double ax, double ay, double bx, double by)
{
	double dx = bx - ax, dy = by - ay;
	double length2 = dx * dx + dy * dy;
	double share = length2 > 0 ? -(ax * dx + ay * dy) / length2 : 0;

	share = share < 0 ? 0 : share > 1 ? 1 : share;
	ax += share * dx;
	ay += share * dy;
	return ax * ax + ay * ay;
}

double bh_ring_distance_m(struct bh_ring ring, struct bh_place place)
{
	double north_m = EARTH_RADIUS_M * RADIANS_PER_E7;
	double east_m = north_m * cos(place.latitude_e7 * RADIANS_PER_E7);
	double best = DBL_MAX, ax = 0, ay = 0;
	size_t i;

	for (i = 0; i < ring.points; i++) {
		struct bh_place point = bh_ring_point(ring, i);
		double x = ((double)point.longitude_e7 - place.longitude_e7) * east_m;
		double y = ((double)point.latitude_e7 - place.latitude_e7) * north_m;

		if (i > 0) {
			double distance2 = segment_distance2(ax, ay, x, y);

			best = distance2 < best ? distance2 : best;
		}
		ax = x;
		ay = y;
	}
	return sqrt(best);
}
