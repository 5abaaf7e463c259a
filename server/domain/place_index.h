/* Which grid, village and township does a position lie in?  domain.md, Routing 1.
 *
 *   position ─▶ special grid that wins this class ─▶ base grid
 *              ─▶ in no such grid: the nearest one within a distance, marked
 *              ─▶ village ─▶ township ─▶ nowhere: the county desk
 *
 * Built once from a district's areas, then read only (any number of threads).  The plane is cut
 * into equal cells; a cell lists what touches it, and whether it covers the whole cell, so that
 * most answers need no polygon at all. */
#ifndef BH_SERVER_DOMAIN_PLACE_INDEX_H
#define BH_SERVER_DOMAIN_PLACE_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "proto/caseflow.h"
#include "server/domain/ring.h"

#define BH_PLACE_GRIDS_MAX 2000u     /* base and special grids */
#define BH_PLACE_DIVISIONS_MAX 300u  /* villages and townships */
#define BH_PLACE_POINTS_MAX 2000000u /* of all rings together */
#define BH_PLACE_CLASSES_MAX 64u     /* of one special grid */
#define BH_PLACE_NEAREST_M_MAX 5000u /* the farthest "nearest" that may be asked for */

/* One area as the profile has it; everything is borrowed during build only. */
struct bh_place_area {
	uint32_t id;             /* not 0, unique */
	enum bh_area_kind kind;  /* a county is taken and ignored: it is where all else fails */
	struct bh_ring ring;     /* sound (bh_ring_check) */
	const uint32_t *classes; /* special grid: the event classes it wins; none wins nothing */
	size_t classes_count;
};

enum bh_place_how {
	BH_PLACE_NOWHERE = 0, /* area is 0: the county desk */
	BH_PLACE_INSIDE = 1,
	BH_PLACE_NEAREST = 2, /* in no grid; area is the nearest one: to be marked */
};

/* Ids, 0 where there is none.  Of several of one kind the smaller polygon wins, then the lower id.
 */
struct bh_place_found {
	enum bh_place_how how;
	uint32_t area;         /* the answer */
	uint32_t special_grid; /* the one that wins the class asked for */
	uint32_t grid;
	uint32_t village;
	uint32_t township;
	uint32_t distance_m; /* to the nearest grid, rounded up; 0 unless how is NEAREST */
};

struct bh_place_index;

/* Copies what it needs.  BH_ERR_INVALID: an unknown kind, id 0, an id twice, or a ring that is not
 * sound (*bad, if not NULL, is then the area's number in the array); BH_ERR_LIMIT: a maximum above;
 * BH_ERR_NOMEM.  The caller frees *out. */
int bh_place_index_build(
	const struct bh_place_area *areas, size_t count, struct bh_place_index **out, size_t *bad);
void bh_place_index_free(struct bh_place_index *index); /* NULL is fine */

/* event_class 0: not known, no special grid wins.  nearest_m: 200 by default (Settings), cut to
 * BH_PLACE_NEAREST_M_MAX; 0 asks for none.  A place not on earth is nowhere. */
struct bh_place_found bh_place_index_find(const struct bh_place_index *index, struct bh_place place,
	uint32_t event_class, uint32_t nearest_m);

#endif
