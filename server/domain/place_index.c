/* Build: areas are checked, copied and sorted by who answers first (special grid, grid, village,
 * township; then the smaller, then the lower id), and drawn into cells (place_cells.h), whose lists
 * keep that order.  It fails whole: what was not built is not there.
 *
 * Find: the list of one cell, from the front, until a grid answers.  In no grid: the boxes of all
 * grids, grown by the distance, and the boundary of the few that remain. */
#include "server/domain/place_index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/domain/place_cells.h"

#define E7_PER_METRE 90.0 /* of latitude, rounded up: 1 / 0.01112 m */
#define COSINE_MIN 0.01   /* nobody has a district nearer to a pole */

struct area_slot {
	uint32_t id;
	enum bh_area_kind kind;
	struct bh_ring ring;
	const uint32_t *classes;
	size_t classes_count;
	double size;
};

struct bh_place_index {
	struct area_slot *slots;
	size_t slots_count;
	size_t grids_count;   /* the first so many slots are special and base grids */
	struct bh_box *boxes; /* of the slots, close together: the nearest grid asks them all */
	int32_t *e7;
	uint32_t *classes;
	struct bh_place_cells cells;
};

/* Who answers first; 0 is not a kind, -1 is not indexed. */
static int kind_rank(enum bh_area_kind kind)
{
	switch (kind) {
	case BH_AREA_SPECIAL_GRID:
		return 1;
	case BH_AREA_GRID:
		return 2;
	case BH_AREA_VILLAGE:
		return 3;
	case BH_AREA_TOWNSHIP:
		return 4;
	case BH_AREA_COUNTY:
	case BH_AREA_MICRO_GRID: /* its grid answers */
		return -1;
	}
	return 0;
}

struct area_totals {
	size_t grids, divisions, points, classes;
};

static int area_check(const struct bh_place_area *area, struct area_totals *totals)
{
	int rank = kind_rank(area->kind);
	size_t point;

	if (rank == 0 || area->id == 0)
		return BH_ERR_INVALID;
	if (rank < 0)
		return BH_NOERR;
	if (bh_ring_check(area->ring, &point) != BH_RING_SOUND)
		return BH_ERR_INVALID;
	if (area->classes_count > BH_PLACE_CLASSES_MAX)
		return BH_ERR_LIMIT;
	totals->grids += rank <= 2;
	totals->divisions += rank > 2;
	totals->points += area->ring.points;
	totals->classes += area->classes_count;
	if (totals->grids > BH_PLACE_GRIDS_MAX || totals->divisions > BH_PLACE_DIVISIONS_MAX ||
		totals->points > BH_PLACE_POINTS_MAX)
		return BH_ERR_LIMIT;
	return BH_NOERR;
}

static int slot_compare(const void *left, const void *right)
{
	const struct area_slot *a = left, *b = right;
	int ranks = kind_rank(a->kind) - kind_rank(b->kind);

	if (ranks != 0)
		return ranks;
	if (a->size < b->size || a->size > b->size)
		return a->size < b->size ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

/* Everything was checked and the arrays are large enough. */
static void slots_copy(
	struct bh_place_index *index, const struct bh_place_area *areas, size_t count)
{
	int32_t *e7 = index->e7;
	uint32_t *classes = index->classes;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct bh_place_area *area = &areas[i];
		struct area_slot *slot = &index->slots[index->slots_count];

		if (kind_rank(area->kind) < 0)
			continue;
		memcpy(e7, area->ring.e7, area->ring.points * 2 * sizeof(*e7));
		if (area->classes_count > 0)
			memcpy(classes, area->classes, area->classes_count * sizeof(*classes));
		*slot = (struct area_slot){
			.id = area->id,
			.kind = area->kind,
			.ring = {e7, area->ring.points},
			.classes = classes,
			.classes_count = area->classes_count,
			.size = fabs(bh_ring_area2(area->ring)),
		};
		e7 += area->ring.points * 2;
		classes += area->classes_count;
		index->grids_count += kind_rank(area->kind) <= 2;
		index->slots_count++;
	}
}

static int id_compare(const void *left, const void *right)
{
	const struct area_slot *a = left, *b = right;

	return (a->id > b->id) - (a->id < b->id);
}

/* In the order of the array, so that *bad is the first that is at fault. */
static int areas_check(
	const struct bh_place_area *areas, size_t count, struct area_totals *totals, size_t *bad)
{
	size_t i;
	int err;

	for (i = 0; i < count; i++) {
		err = area_check(&areas[i], totals);
		if (!err)
			continue;
		if (bad)
			*bad = i;
		return err;
	}
	return BH_NOERR;
}

/* Ids must be unique.  The slots are left in the order of their ids; *bad is the last of a pair. */
static int ids_check(
	struct bh_place_index *index, const struct bh_place_area *areas, size_t count, size_t *bad)
{
	size_t i, k = count;

	qsort(index->slots, index->slots_count, sizeof(*index->slots), id_compare);
	for (i = 1; i < index->slots_count; i++) {
		if (index->slots[i].id != index->slots[i - 1].id)
			continue;
		while (areas[--k].id != index->slots[i].id || kind_rank(areas[k].kind) < 0)
			;
		if (bad)
			*bad = k;
		return BH_ERR_INVALID;
	}
	return BH_NOERR;
}

static int index_draw(struct bh_place_index *index)
{
	struct bh_ring *rings;
	size_t i;
	int err;

	if (index->slots_count == 0)
		return BH_NOERR;
	rings = malloc(index->slots_count * sizeof(*rings));
	if (!rings)
		return BH_ERR_NOMEM;
	for (i = 0; i < index->slots_count; i++) {
		rings[i] = index->slots[i].ring;
		index->boxes[i] = bh_ring_box(rings[i]);
	}
	err = bh_place_cells_build(rings, index->slots_count, &index->cells);
	free(rings);
	return err;
}

static int index_fill(struct bh_place_index *index, const struct bh_place_area *areas, size_t count,
	const struct area_totals *totals, size_t *bad)
{
	int err;

	index->slots = calloc(totals->grids + totals->divisions + 1, sizeof(*index->slots));
	index->boxes = calloc(totals->grids + totals->divisions + 1, sizeof(*index->boxes));
	index->e7 = malloc((totals->points * 2 + 1) * sizeof(*index->e7));
	index->classes = malloc((totals->classes + 1) * sizeof(*index->classes));
	if (!index->slots || !index->boxes || !index->e7 || !index->classes)
		return BH_ERR_NOMEM;
	slots_copy(index, areas, count);
	err = ids_check(index, areas, count, bad);
	if (err)
		return err;
	qsort(index->slots, index->slots_count, sizeof(*index->slots), slot_compare);
	return index_draw(index);
}

int bh_place_index_build(
	const struct bh_place_area *areas, size_t count, struct bh_place_index **out, size_t *bad)
{
	struct area_totals totals = {0};
	struct bh_place_index *index;
	int err = areas_check(areas, count, &totals, bad);

	if (err)
		return err;
	index = calloc(1, sizeof(*index));
	if (!index)
		return BH_ERR_NOMEM;
	err = index_fill(index, areas, count, &totals, bad);
	if (err) {
		bh_place_index_free(index);
		return err;
	}
	*out = index;
	return BH_NOERR;
}

void bh_place_index_free(struct bh_place_index *index)
{
	if (!index)
		return;
	bh_place_cells_free(&index->cells);
	free(index->slots);
	free(index->boxes);
	free(index->e7);
	free(index->classes);
	free(index);
}

static bool slot_wins(const struct area_slot *slot, uint32_t event_class)
{
	size_t i;

	if (slot->kind != BH_AREA_SPECIAL_GRID)
		return true;
	for (i = 0; event_class != 0 && i < slot->classes_count; i++)
		if (slot->classes[i] == event_class)
			return true;
	return false;
}

static uint32_t *found_field(struct bh_place_found *found, enum bh_area_kind kind)
{
	if (kind == BH_AREA_SPECIAL_GRID)
		return &found->special_grid;
	if (kind == BH_AREA_GRID)
		return &found->grid;
	return kind == BH_AREA_VILLAGE ? &found->village : &found->township;
}

/* Everything that holds the place, best first; divisions only where no grid does. */
static void find_inside(const struct bh_place_index *index, struct bh_place place,
	uint32_t event_class, struct bh_place_found *found)
{
	const uint32_t *entries = NULL;
	size_t count = bh_place_cells_at(&index->cells, place, &entries), i;

	for (i = 0; i < count; i++) {
		size_t number = bh_place_cells_ring(entries[i]);
		const struct area_slot *slot = &index->slots[number];
		uint32_t *field = found_field(found, slot->kind);

		if (number >= index->grids_count && (found->special_grid || found->grid))
			return;
		if (*field != 0 || !slot_wins(slot, event_class))
			continue;
		if (bh_place_cells_crossed(entries[i]) &&
			!(bh_box_holds(index->boxes[number], place) &&
				bh_ring_contains(slot->ring, place)))
			continue;
		*field = slot->id;
	}
}

static int32_t grown_e7(int32_t from_e7, double by_e7)
{
	double to_e7 = from_e7 + by_e7;

	return to_e7 < INT32_MIN ? INT32_MIN : to_e7 > INT32_MAX ? INT32_MAX : (int32_t)to_e7;
}

/* Holds everything within distance_m of place, and a little more. */
static struct bh_box box_around(struct bh_place place, uint32_t distance_m)
{
	double cosine = cos(place.latitude_e7 / 1e7 * (3.14159265358979323846 / 180.0));
	double north_e7 = distance_m * E7_PER_METRE;
	double east_e7 = north_e7 / (cosine > COSINE_MIN ? cosine : COSINE_MIN);

	return (struct bh_box){
		.south_e7 = grown_e7(place.latitude_e7, -north_e7),
		.north_e7 = grown_e7(place.latitude_e7, north_e7),
		.west_e7 = grown_e7(place.longitude_e7, -east_e7),
		.east_e7 = grown_e7(place.longitude_e7, east_e7),
	};
}

/* The nearest grid's slot within nearest_m, or NULL; of equally near ones the first. */
static const struct area_slot *find_nearest(const struct bh_place_index *index,
	struct bh_place place, uint32_t event_class, uint32_t nearest_m, double *distance_m)
{
	struct bh_box around = box_around(place, nearest_m);
	const struct area_slot *best = NULL;
	double best_m = nearest_m;
	size_t i;

	for (i = 0; i < index->grids_count; i++) {
		const struct area_slot *slot = &index->slots[i];
		double slot_m;

		if (!bh_boxes_meet(index->boxes[i], around) || !slot_wins(slot, event_class))
			continue;
		slot_m = bh_ring_distance_m(slot->ring, place);
		if (slot_m > best_m || (best && slot_m >= best_m))
			continue;
		best = slot;
		best_m = slot_m;
	}
	*distance_m = best_m;
	return best;
}

struct bh_place_found bh_place_index_find(const struct bh_place_index *index, struct bh_place place,
	uint32_t event_class, uint32_t nearest_m)
{
	struct bh_place_found found = {0};
	const struct area_slot *nearest = NULL;
	double distance_m = 0;

	if (!bh_place_is_on_earth(place))
		return found;
	if (nearest_m > BH_PLACE_NEAREST_M_MAX)
		nearest_m = BH_PLACE_NEAREST_M_MAX;
	find_inside(index, place, event_class, &found);
	found.area = found.special_grid ? found.special_grid : found.grid;
	if (found.area == 0 && nearest_m > 0)
		nearest = find_nearest(index, place, event_class, nearest_m, &distance_m);
	if (nearest) {
		found.how = BH_PLACE_NEAREST;
		found.area = nearest->id;
		found.distance_m = (uint32_t)ceil(distance_m);
		return found;
	}
	if (found.area == 0)
		found.area = found.village ? found.village : found.township;
	found.how = found.area ? BH_PLACE_INSIDE : BH_PLACE_NOWHERE;
	return found;
}
