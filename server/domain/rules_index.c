/* Indices of a profile that has passed every check: routes by rank, units by kind and code, people
 * by code, posts by person, and the plane of polygons. */
#include <string.h>

#include "proto/err.h"
#include "server/domain/rules_body.h"

static int rank_compare(const void *left, const void *right)
{
	const struct bh_route_rank *a = left, *b = right;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->named != b->named)
		return a->named > b->named ? -1 : 1;
	if (a->depth != b->depth)
		return a->depth > b->depth ? -1 : 1; /* the deeper area goes first */
	return a->route < b->route ? -1 : a->route > b->route;
}

static int routes_rank(struct bh_rules *rules)
{
	const struct bh_msg_profile *profile = &rules->profile;
	rules->routes = bh_arena_array(
		&rules->arena, profile->routes_count + 1, sizeof *rules->routes);
	if (rules->routes == NULL)
		return BH_ERR_NOMEM;
	for (uint32_t i = 0; i < profile->routes_count; i++) {
		const struct bh_msg_route *route = &profile->routes[i];
		struct bh_route_rank *rank = &rules->routes[i];
		uint32_t area = bh_rules_area_at(rules, route->area);
		rank->route = i;
		rank->kind = route->type != 0 ? 0 : route->class != 0 ? 1 : 2;
		rank->key = route->type != 0 ? route->type : route->class;
		rank->named = (route->condition != 0 ? 2u : 0) + route->heightened;
		rank->depth = area == BH_ID_MAP_NONE ? 0 : rules->area_links[area].depth + 1;
	}
	qsort(rules->routes, profile->routes_count, sizeof *rules->routes, rank_compare);
	return 0;
}

static int units_rank(struct bh_rules *rules)
{
	const struct bh_msg_profile *profile = &rules->profile;
	size_t count = profile->units_count;
	if (bh_id_map_open(&rules->units_by_kind, &rules->arena, count) != 0)
		return BH_ERR_NOMEM;
	/* Of several of a kind in one area the one of the lowest id. */
	for (uint32_t i = 0; i < count; i++) {
		const struct bh_msg_unit *unit = &profile->units[i];
		uint64_t key = (uint64_t)unit->kind << 32 | unit->area;
		uint32_t there = bh_id_map_get(&rules->units_by_kind, key);
		if (unit->dissolved)
			continue;
		if (there == BH_ID_MAP_NONE || profile->units[there].id > unit->id)
			bh_id_map_set(&rules->units_by_kind, key, i);
	}
	return 0;
}

static int code_rank_compare(const void *left, const void *right)
{
	const struct bh_code_rank *a = left, *b = right;
	size_t len = a->code.len < b->code.len ? a->code.len : b->code.len;
	int order = memcmp(a->code.data, b->code.data, len);
	return order != 0 ? order : (a->code.len > b->code.len) - (a->code.len < b->code.len);
}

static int codes_rank(struct bh_rules *rules)
{
	const struct bh_msg_profile *profile = &rules->profile;
	struct bh_arena *arena = &rules->arena;
	rules->unit_codes = bh_arena_array(
		arena, profile->units_count + 1, sizeof *rules->unit_codes);
	rules->people_codes = bh_arena_array(
		arena, profile->people_count + 1, sizeof *rules->people_codes);
	rules->asset_marks = bh_arena_array(
		arena, profile->assets_count + 1, sizeof *rules->asset_marks);
	if (rules->unit_codes == NULL || rules->people_codes == NULL || rules->asset_marks == NULL)
		return BH_ERR_NOMEM;
	for (uint32_t i = 0; i < profile->units_count; i++)
		rules->unit_codes[i] = (struct bh_code_rank){profile->units[i].code, i};
	for (uint32_t i = 0; i < profile->people_count; i++)
		rules->people_codes[i] = (struct bh_code_rank){profile->people[i].code, i};
	for (uint32_t i = 0; i < profile->assets_count; i++)
		rules->asset_marks[i] = (struct bh_code_rank){profile->assets[i].mark, i};
	qsort(rules->asset_marks, profile->assets_count, sizeof *rules->asset_marks,
		code_rank_compare);
	qsort(rules->unit_codes, profile->units_count, sizeof *rules->unit_codes,
		code_rank_compare);
	qsort(rules->people_codes, profile->people_count, sizeof *rules->people_codes,
		code_rank_compare);
	return 0;
}

/* posts_first holds where each person's begin; a second pass puts them there in the list's order.
 */
static int posts_rank(struct bh_rules *rules)
{
	const struct bh_msg_profile *profile = &rules->profile;
	size_t people = profile->people_count;
	uint32_t *next = bh_arena_array(&rules->arena, people + 1, sizeof *next);
	rules->posts = bh_arena_array(
		&rules->arena, profile->posts_count + 1, sizeof *rules->posts);
	if (next == NULL || rules->posts == NULL)
		return BH_ERR_NOMEM;
	memcpy(next, rules->posts_first, (people + 1) * sizeof *next);
	for (uint32_t i = 0; i < profile->posts_count; i++) {
		uint32_t person = bh_id_map_get(&rules->people, profile->posts[i].person);
		rules->posts[next[person]++] = i;
	}
	return 0;
}

static int places_index(struct bh_rules *rules)
{
	const struct bh_msg_profile *profile = &rules->profile;
	struct bh_place_area *areas = bh_arena_array(
		&rules->arena, profile->areas_count + 1, sizeof *areas);
	if (areas == NULL)
		return BH_ERR_NOMEM;
	size_t count = 0;
	for (size_t i = 0; i < profile->areas_count; i++) {
		const struct bh_msg_area *area = &profile->areas[i];
		if (area->ring_e7_count == 0 || area->kind == BH_AREA_COUNTY)
			continue;
		areas[count++] = (struct bh_place_area){
			.id = area->id,
			.kind = (enum bh_area_kind)area->kind,
			.ring = {.e7 = area->ring_e7, .points = area->ring_e7_count / 2},
			.classes = area->classes,
			.classes_count = area->classes_count,
		};
	}
	return count == 0 ? 0 : bh_place_index_build(areas, count, &rules->places, NULL);
}

int bh_rules_index(struct bh_rules *rules)
{
	int err = routes_rank(rules);
	if (err == 0)
		err = units_rank(rules);
	if (err == 0)
		err = codes_rank(rules);
	if (err == 0)
		err = posts_rank(rules);
	if (err == 0)
		err = bh_rules_index_posts(rules);
	if (err == 0)
		err = places_index(rules);
	return err;
}
