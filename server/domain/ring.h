/* Polygons of areas as rings of whole 1e-7 degrees: what lies inside, how far away, and is it
 * sound.
 *
 * All answers but the distance are exact: products of two differences of coordinates fit 64 bits
 * (3.6e9 * 1.8e9 < 2^63) and sums of them are taken in 128.  Rings do not cross the 180th meridian;
 * holes are not supported: an area inside another wins by being smaller (place_index.h). */
#ifndef BH_SERVER_DOMAIN_RING_H
#define BH_SERVER_DOMAIN_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/datum.h"

#define BH_RING_POINTS_MAX 16384u /* of one ring, the closing point included */

/* Borrowed.  e7 holds longitude, latitude, longitude, ... as Area.ring_e7 does; the last point
 * repeats the first.  points = numbers / 2. */
struct bh_ring {
	const int32_t *e7;
	size_t points;
};

static inline struct bh_place bh_ring_point(struct bh_ring ring, size_t i)
{
	return (struct bh_place){.latitude_e7 = ring.e7[2 * i + 1], .longitude_e7 = ring.e7[2 * i]};
}

/* Inclusive on all sides. */
struct bh_box {
	int32_t south_e7, north_e7, west_e7, east_e7;
};

static inline bool bh_boxes_meet(struct bh_box a, struct bh_box b)
{
	return a.south_e7 <= b.north_e7 && b.south_e7 <= a.north_e7 && a.west_e7 <= b.east_e7 &&
	       b.west_e7 <= a.east_e7;
}

enum bh_ring_fault {
	BH_RING_SOUND = 0,
	BH_RING_OPEN = 1,      /* index: the last point, which is not the first */
	BH_RING_TOO_FEW = 2,   /* fewer than three distinct points; index: the last point */
	BH_RING_TOO_MANY = 3,  /* more than BH_RING_POINTS_MAX; index: the first too many */
	BH_RING_OFF_EARTH = 4, /* index: the point */
	BH_RING_CROSSES = 5,   /* touches or crosses itself; index: where the later edge begins */
	BH_RING_FLAT = 6,      /* encloses nothing; index: 0 */
};

/* Is the ring one that the other functions may be given?  A point repeated at once (an edge of
 * length zero) is tolerated; any other touching of edges is not.  The lowest faulty index of the
 * first kind found goes to *index (untouched when sound).  No allocation; quadratic only where
 * stretches of 64 edges overlap. */
enum bh_ring_fault bh_ring_check(struct bh_ring ring, size_t *index);

/* "crosses itself"; never NULL. */
const char *bh_ring_fault_text(enum bh_ring_fault fault);

/* From here on the ring must be sound. */

struct bh_box bh_ring_box(struct bh_ring ring);
/* Of the edge from point `edge` to the next; edge < points - 1. */
struct bh_box bh_ring_edge_box(struct bh_ring ring, size_t edge);
struct bh_box bh_boxes_join(struct bh_box a, struct bh_box b);
bool bh_box_holds(struct bh_box box, struct bh_place place);

/* Is place inside?  A point exactly on an edge counts as the point infinitely little to its east
 * (and, infinitely less, to its north): so of two rings that share an edge, and of all rings that
 * meet in a corner without a gap, exactly one contains it, however each is split or turned. */
bool bh_ring_contains(struct bh_ring ring, struct bh_place place);

/* Twice the signed area in square 1e-7 degrees as a double (for comparing sizes, and for the turn:
 * positive is counter-clockwise); never 0 for a sound ring. */
double bh_ring_area2(struct bh_ring ring);

/* Metres from place to the nearest point of the boundary, inside or outside alike, on a plane that
 * touches the earth at place.  Good to 1 % up to 10 km; farther it still orders sensibly. */
double bh_ring_distance_m(struct bh_ring ring, struct bh_place place);

#endif
