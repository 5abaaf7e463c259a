/* A plane cut into equal cells, each with the list of polygons that may hold a point in it. */
#ifndef BH_SERVER_DOMAIN_PLACE_CELLS_H
#define BH_SERVER_DOMAIN_PLACE_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/domain/ring.h"

#define BH_PLACE_CELLS_SIDE_MAX 128u        /* cells along one side */
#define BH_PLACE_CELLS_ENTRIES_MAX 4000000u /* (cell, polygon) pairs */
#define BH_PLACE_CELLS_RINGS_MAX 65536u

/* Entries of cell c: entries[cell_first[c]] .. entries[cell_first[c + 1] - 1], in the order the
 * rings were given. */
struct bh_place_cells {
	struct bh_box box;
	int64_t cell_width_e7, cell_height_e7;
	size_t columns, rows;
	uint32_t *cell_first;
	uint32_t *entries;
};

/* The ring's number, and whether an edge of it may pass through the cell: if not, the ring holds
 * every point of the cell. */
static inline size_t bh_place_cells_ring(uint32_t entry)
{
	return entry >> 1;
}

static inline bool bh_place_cells_crossed(uint32_t entry)
{
	return (entry & 1) != 0;
}

/* 1 .. BH_PLACE_CELLS_RINGS_MAX sound rings, borrowed during the call.  BH_ERR_LIMIT: a maximum
 * above; BH_ERR_NOMEM.  Release *out with bh_place_cells_free. */
int bh_place_cells_build(const struct bh_ring *rings, size_t count, struct bh_place_cells *out);
void bh_place_cells_free(struct bh_place_cells *cells); /* zeroed or half-built is fine */

/* The list of the cell that place lies in: borrowed from cells; 0 entries outside. */
size_t bh_place_cells_at(
	const struct bh_place_cells *cells, struct bh_place place, const uint32_t **entries);

#endif
