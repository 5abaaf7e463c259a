/* A district's rules: built whole from a profile or not at all, then only read, by many at once.
 *
 *   profile ─copy─▶ check (every fault) ─▶ index ─▶ rules ─ref, unref─▶ gone with the last
 *
 * Lists keep the profile's order; maps lead from an id to a position in them. */
#include <string.h>

#include "proto/calendar_mark.h"
#include "proto/err.h"
#include "server/domain/datum.h"
#include "server/domain/rules_body.h"

void bh_fault_add(struct bh_fault_list *list, const char *where, size_t index, const char *what)
{
	if (list->count < list->max)
		list->faults[list->count] = (struct bh_profile_fault){where, index, what};
	list->count++;
}

static struct bh_rules *rules_new(void)
{
	struct bh_rules *rules = calloc(1, sizeof *rules);
	if (rules == NULL)
		return NULL;
	atomic_init(&rules->references, 1);
	rules->arena = BH_ARENA(BH_RULES_BYTES_MAX);
	rules->county = BH_RULES_NONE;
	return rules;
}

static int rules_fill(
	struct bh_rules *rules, const struct bh_msg_profile *profile, struct bh_fault_list *list)
{
	int err = bh_profile_copy(&rules->arena, profile, &rules->profile);
	if (err == 0)
		err = bh_rules_check_catalogue(rules, list);
	if (err == 0)
		err = bh_rules_check_tree(rules, list);
	if (err == 0)
		err = bh_rules_check_people(rules, list);
	if (err == 0)
		err = bh_rules_check_patrols(rules, list);
	if (err == 0)
		err = bh_rules_check_assets(rules, list);
	if (err != 0)
		return err;
	bh_rules_check_routes(rules, list);
	bh_rules_check_disputes(rules, list);
	bh_rules_check_settings(rules, list);
	bh_rules_check_duty(rules, list);
	err = bh_rules_check_calendar(rules, list);
	if (err == 0)
		err = bh_rules_check_shifts(rules, list);
	if (err != 0)
		return err;
	if (list->count > 0)
		return BH_ERR_INVALID;
	err = bh_rules_index(rules);
	if (err != BH_ERR_LIMIT)
		return err;
	bh_fault_add(list, "areas", 0, "too many areas, points or classes of a special grid");
	return BH_ERR_INVALID;
}

int bh_rules_build(const struct bh_msg_profile *profile, struct bh_profile_fault *faults,
	size_t faults_max, size_t *faults_count, struct bh_rules **out)
{
	struct bh_fault_list list = {.faults = faults, .max = faults_max};
	struct bh_rules *rules = rules_new();
	if (rules == NULL)
		return BH_ERR_NOMEM;
	int err = rules_fill(rules, profile, &list);
	*faults_count = list.count;
	if (err != 0) {
		bh_rules_unref(rules);
		return err;
	}
	rules->calendar_mark = bh_calendar_mark(&rules->calendar);
	*out = rules;
	return 0;
}

int bh_rules_empty(struct bh_rules **out)
{
	struct bh_fault_list list = {0};
	struct bh_rules *rules = rules_new();
	if (rules == NULL)
		return BH_ERR_NOMEM;
	bh_rules_check_settings(rules, &list);
	int err = bh_rules_check_calendar(rules, &list);
	bh_assert(err == 0 && list.count == 0);
	rules->calendar_mark = bh_calendar_mark(&rules->calendar);
	*out = rules;
	return 0;
}

void bh_rules_divide_dues(struct bh_rules *rules, uint32_t divisor)
{
	rules->calendar.due_divisor = divisor;
}

void bh_rules_sample_by(struct bh_rules *rules, const uint8_t secret[BH_SALT_BYTES])
{
	memcpy(rules->sample_secret, secret, BH_SALT_BYTES);
}

struct bh_rules *bh_rules_ref(struct bh_rules *rules)
{
	atomic_fetch_add_explicit(&rules->references, 1, memory_order_relaxed);
	return rules;
}

void bh_rules_unref(struct bh_rules *rules)
{
	if (rules == NULL)
		return;
	if (atomic_fetch_sub_explicit(&rules->references, 1, memory_order_acq_rel) > 1)
		return;
	bh_place_index_free(rules->places);
	bh_arena_free(&rules->arena);
	free(rules);
}

uint32_t bh_rules_area_at(const struct bh_rules *rules, uint32_t id)
{
	return bh_id_map_get(&rules->areas, id);
}

const struct bh_msg_area *bh_rules_area(const struct bh_rules *rules, uint32_t id)
{
	uint32_t at = bh_id_map_get(&rules->areas, id);
	return at == BH_ID_MAP_NONE ? NULL : &rules->profile.areas[at];
}

const struct bh_msg_unit *bh_rules_unit(const struct bh_rules *rules, uint32_t id)
{
	uint32_t at = bh_id_map_get(&rules->units, id);
	return at == BH_ID_MAP_NONE ? NULL : &rules->profile.units[at];
}

bool bh_rules_unit_is_gone(const struct bh_rules *rules, uint32_t id)
{
	const struct bh_msg_unit *unit = bh_rules_unit(rules, id);
	return unit == NULL || unit->dissolved;
}

const struct bh_msg_person *bh_rules_person(const struct bh_rules *rules, uint32_t id)
{
	uint32_t at = bh_id_map_get(&rules->people, id);
	return at == BH_ID_MAP_NONE ? NULL : &rules->profile.people[at];
}

const struct bh_msg_catalogue_type *bh_rules_type(const struct bh_rules *rules, uint32_t code)
{
	uint32_t at = bh_id_map_get(&rules->types, code);
	return at == BH_ID_MAP_NONE ? NULL : &rules->profile.catalogue.types[at];
}

static int code_compare(struct bh_span a, struct bh_span b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.data, b.data, len);
	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

uint32_t bh_rules_code_find(const struct bh_code_rank *ranks, size_t count, struct bh_span code)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = code_compare(ranks[middle].code, code);
		if (order == 0)
			return ranks[middle].at;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return BH_RULES_NONE;
}

const struct bh_msg_unit *bh_rules_unit_by_code(const struct bh_rules *rules, struct bh_span code)
{
	uint32_t at = bh_rules_code_find(rules->unit_codes, rules->profile.units_count, code);
	return at == BH_RULES_NONE ? NULL : &rules->profile.units[at];
}

const struct bh_msg_person *bh_rules_person_by_code(
	const struct bh_rules *rules, struct bh_span code)
{
	uint32_t at = bh_rules_code_find(rules->people_codes, rules->profile.people_count, code);
	return at == BH_RULES_NONE ? NULL : &rules->profile.people[at];
}

const struct bh_msg_settings *bh_rules_settings(const struct bh_rules *rules)
{
	return &rules->settings;
}

const struct bh_calendar *bh_rules_calendar(const struct bh_rules *rules)
{
	return &rules->calendar;
}

uint32_t bh_rules_calendar_mark(const struct bh_rules *rules)
{
	return rules->calendar_mark;
}

const struct bh_msg_profile *bh_rules_profile(const struct bh_rules *rules)
{
	return &rules->profile;
}

uint32_t bh_rules_county(const struct bh_rules *rules)
{
	return rules->county == BH_RULES_NONE ? 0 : rules->profile.areas[rules->county].id;
}

size_t bh_rules_posts(const struct bh_rules *rules, uint32_t person,
	const struct bh_msg_post *posts[BH_POSTS_MAX])
{
	uint32_t at = bh_id_map_get(&rules->people, person);
	if (at == BH_ID_MAP_NONE)
		return 0;
	uint32_t first = rules->posts_first[at];
	size_t count = rules->posts_first[at + 1] - first;
	for (size_t i = 0; i < count; i++)
		posts[i] = &rules->profile.posts[rules->posts[first + i]];
	return count;
}

bool bh_rules_area_within(const struct bh_rules *rules, uint32_t inner, uint32_t outer)
{
	uint32_t at = bh_id_map_get(&rules->areas, inner);
	while (at != BH_ID_MAP_NONE) {
		if (rules->profile.areas[at].id == outer)
			return true;
		at = rules->area_links[at].parent;
	}
	return false;
}

int bh_rules_place(const struct bh_rules *rules, int32_t latitude_e7, int32_t longitude_e7,
	uint32_t datum, uint32_t type, struct bh_placing *out)
{
	struct bh_place place = {.latitude_e7 = latitude_e7, .longitude_e7 = longitude_e7};
	if (datum < BH_DATUM_WGS84 || datum > BH_DATUM_BD09)
		return BH_ERR_INVALID;
	int err = bh_datum_to_wgs84((enum bh_datum)datum, place, &place);
	if (err != 0)
		return err;
	struct bh_place_found found = {0};
	if (rules->places != NULL)
		found = bh_place_index_find(rules->places, place, bh_rules_class(rules, type),
			rules->settings.nearest_grid_m);
	*out = (struct bh_placing){
		.latitude_e7 = place.latitude_e7,
		.longitude_e7 = place.longitude_e7,
		.grid = found.special_grid != 0 ? found.special_grid : found.grid,
		.area = found.area,
		.marked = found.how == BH_PLACE_NEAREST,
	};
	if (out->marked && out->grid == 0)
		out->grid = found.area;
	if (out->area == 0)
		out->area = bh_rules_county(rules);
	return 0;
}
