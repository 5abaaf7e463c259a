/* Places where something comes again and again (I23), grid by grid: what a desk looks after, and a
 * grid's worker is told on his handset. */
#include "proto/err.h"
#include "server/console/field_filter.h"
#include "server/domain/routing.h"
#include "server/store/place.h"

#define ITEMS_MAX BH_RESPONSE_ROWS_MAX

static json_t *repeat_json(const struct bh_exchange *x, const struct bh_repeat *repeat)
{
	const struct bh_msg_asset *asset = repeat->asset != 0
						   ? bh_rules_asset(x->rules, repeat->asset)
						   : NULL;
	json_t *json = json_pack("{s:o, s:o, s:I, s:o, s:o}", "grid",
		bh_area_code(x->rules, repeat->grid), "grid_name",
		bh_field_area_name(x, repeat->grid), "cases", (json_int_t)repeat->cases, "last_at",
		bh_exchange_time(x, repeat->last_ms), "asset",
		asset ? bh_json_span(asset->mark) : json_null());
	if (!repeat->has_place)
		return bh_member_set(json, "place", json_null());
	return bh_member_set(json, "place",
		json_pack("{s:f, s:f}", "latitude", (double)repeat->latitude_e7 / 1e7, "longitude",
			(double)repeat->longitude_e7 / 1e7));
}

/* Those of one grid, as far as there is room. */
static int grid_add(struct bh_exchange *x, uint32_t grid, json_t **items, bool *cut)
{
	struct bh_repeat found[BH_REPEATS_MAX];
	size_t count = 0;
	int err = bh_reader_repeats(
		x->district->reader, grid, x->district->district_ms, found, BH_REPEATS_MAX, &count);
	for (size_t i = 0; err == 0 && i < count; i++) {
		*cut = *cut || json_array_size(*items) >= ITEMS_MAX;
		if (!*cut)
			*items = bh_items_add(*items, repeat_json(x, &found[i]));
	}
	return err;
}

void bh_route_repeats(struct bh_exchange *x)
{
	struct bh_field_filter filter = {0};
	const struct bh_msg_profile *profile = bh_rules_profile(x->rules);
	json_t *items = json_array();
	bool cut = false;
	int err = BH_NOERR;
	if (!bh_field_area_read(x, &filter)) {
		json_decref(items);
		return;
	}
	for (size_t i = 0; profile && i < profile->areas_count && err == 0 && !cut; i++) {
		const struct bh_msg_area *area = &profile->areas[i];
		if ((area->kind == BH_AREA_GRID || area->kind == BH_AREA_SPECIAL_GRID) &&
			bh_field_grid_fits(x, &filter, area->id))
			err = grid_add(x, area->id, &items, &cut);
	}
	if (err) {
		json_decref(items);
		bh_answer_err(x, err);
		return;
	}
	bh_answer_json(x, 200, bh_member_set(bh_list_json(items, NULL), "cut", json_boolean(cut)));
}
