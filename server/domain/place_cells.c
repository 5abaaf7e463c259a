/* Each ring is drawn into the cells: a cell that one of its edges may pass through is *crossed*, a
 * cell wholly inside is *covered*, the rest do not list it.
 *
 *   ┌──┬──┬──┬──┐
 *   │  │╱▔│▔╲│  │     ╱ ╲ crossed: ask the polygon
 *   ├──┼──┼──┼──┤
 *   │ ╱│▓▓│▓▓│╲ │     ▓ covered: no question left
 *   ├──┼──┼──┼──┤
 *   │  │╲▁│▁╱│  │
 *   └──┴──┴──┴──┘
 *
 * Rings are drawn twice, once to count and once to fill, so that all lists share one array.  It
 * fails for want of memory or past a maximum, and then leaves nothing. */
#include "server/domain/place_cells.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"

#define CELLS_PER_RING 4u

struct cell_range {
	size_t column_first, column_last, row_first, row_last;
};

static void cells_lay_out(struct bh_place_cells *cells, const struct bh_ring *rings, size_t count)
{
	size_t side = 1, i;

	cells->box = bh_ring_box(rings[0]);
	for (i = 1; i < count; i++)
		cells->box = bh_boxes_join(cells->box, bh_ring_box(rings[i]));
	while (side < BH_PLACE_CELLS_SIDE_MAX && side * side < count * CELLS_PER_RING)
		side++;
	cells->columns = cells->rows = side;
	cells->cell_width_e7 = ((int64_t)cells->box.east_e7 - cells->box.west_e7) / (int64_t)side +
			       1;
	cells->cell_height_e7 = ((int64_t)cells->box.north_e7 - cells->box.south_e7) /
					(int64_t)side +
				1;
}

static size_t column_of(const struct bh_place_cells *cells, int32_t longitude_e7)
{
	return (size_t)(((int64_t)longitude_e7 - cells->box.west_e7) / cells->cell_width_e7);
}

static size_t row_of(const struct bh_place_cells *cells, int32_t latitude_e7)
{
	return (size_t)(((int64_t)latitude_e7 - cells->box.south_e7) / cells->cell_height_e7);
}

static struct cell_range range_of_box(const struct bh_place_cells *cells, struct bh_box box)
{
	return (struct cell_range){column_of(cells, box.west_e7), column_of(cells, box.east_e7),
		row_of(cells, box.south_e7), row_of(cells, box.north_e7)};
}

static void range_mark(
	const struct bh_place_cells *cells, struct cell_range range, uint8_t mark, uint8_t *marks)
{
	size_t row;

	for (row = range.row_first; row <= range.row_last; row++)
		memset(marks + row * cells->columns + range.column_first, mark,
			range.column_last - range.column_first + 1);
}

/* Every cell that the box of an edge touches counts as crossed: a superset, and exact enough. */
static void edges_mark(const struct bh_place_cells *cells, struct bh_ring ring, uint8_t *marks)
{
	size_t i;

	for (i = 0; i + 1 < ring.points; i++)
		range_mark(cells, range_of_box(cells, bh_ring_edge_box(ring, i)), 1, marks);
}

/* Is the cell, which no edge touches, inside?  Its south-west corner speaks for all of it. */
static bool cell_is_covered(
	const struct bh_place_cells *cells, struct bh_ring ring, size_t row, size_t column)
{
	struct bh_place corner = {
		(int32_t)(cells->box.south_e7 + (int64_t)row * cells->cell_height_e7),
		(int32_t)(cells->box.west_e7 + (int64_t)column * cells->cell_width_e7)};

	return bh_ring_contains(ring, corner);
}

/* Gives the ring to its cells.  next[c] grows by one for each; where entries is not NULL the entry
 * is written at next[c] first.  marks is scratch, a byte a cell. */
static void ring_draw(const struct bh_place_cells *cells, struct bh_ring ring, size_t number,
	uint8_t *marks, uint32_t *next, uint32_t *entries)
{
	struct cell_range range = range_of_box(cells, bh_ring_box(ring));
	size_t row, column;

	range_mark(cells, range, 0, marks);
	edges_mark(cells, ring, marks);
	for (row = range.row_first; row <= range.row_last; row++) {
		bool known = false, covered = false;

		for (column = range.column_first; column <= range.column_last; column++) {
			size_t cell = row * cells->columns + column;
			bool crossed = marks[cell] != 0;

			/* Between two cells without an edge nothing changes. */
			if (!crossed && !known)
				covered = cell_is_covered(cells, ring, row, column);
			known = !crossed;
			if (!crossed && !covered)
				continue;
			if (entries)
				entries[next[cell]] = (uint32_t)(number * 2 + crossed);
			next[cell]++;
		}
	}
}

/* cell_first[c + 1] first counts cell c's entries, then says where the next one goes, and at last
 * is where cell c ends and its neighbour begins. */
static int cells_fill(
	struct bh_place_cells *cells, const struct bh_ring *rings, size_t count, uint8_t *marks)
{
	uint32_t *next = cells->cell_first + 1;
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < count; i++)
		ring_draw(cells, rings[i], i, marks, next, NULL);
	for (i = 0; i < cells->columns * cells->rows; i++) {
		uint32_t entries = next[i];

		next[i] = (uint32_t)total;
		total += entries;
		if (total > BH_PLACE_CELLS_ENTRIES_MAX)
			return BH_ERR_LIMIT;
	}
	cells->entries = malloc((size_t)total * sizeof(*cells->entries));
	if (!cells->entries)
		return BH_ERR_NOMEM;
	for (i = 0; i < count; i++)
		ring_draw(cells, rings[i], i, marks, next, cells->entries);
	return BH_NOERR;
}

int bh_place_cells_build(const struct bh_ring *rings, size_t count, struct bh_place_cells *out)
{
	struct bh_place_cells cells = {0};
	uint8_t *marks;
	int err = BH_ERR_NOMEM;

	if (count == 0 || count > BH_PLACE_CELLS_RINGS_MAX)
		return BH_ERR_LIMIT;
	cells_lay_out(&cells, rings, count);
	marks = calloc(cells.columns * cells.rows, 1);
	cells.cell_first = calloc(cells.columns * cells.rows + 1, sizeof(*cells.cell_first));
	if (marks && cells.cell_first)
		err = cells_fill(&cells, rings, count, marks);
	free(marks);
	if (err) {
		bh_place_cells_free(&cells);
		return err;
	}
	*out = cells;
	return BH_NOERR;
}

void bh_place_cells_free(struct bh_place_cells *cells)
{
	free(cells->cell_first);
	free(cells->entries);
	*cells = (struct bh_place_cells){0};
}

size_t bh_place_cells_at(
	const struct bh_place_cells *cells, struct bh_place place, const uint32_t **entries)
{
	size_t cell;

	if (cells->columns == 0 || !bh_box_holds(cells->box, place))
		return 0;
	cell = row_of(cells, place.latitude_e7) * cells->columns +
	       column_of(cells, place.longitude_e7);
	*entries = cells->entries + cells->cell_first[cell];
	return cells->cell_first[cell + 1] - cells->cell_first[cell];
}
