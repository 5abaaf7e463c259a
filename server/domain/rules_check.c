/* What can be wrong with a district's tree, its people and its settings; all of it is told at once.
 */
#include <string.h>

#include "proto/err.h"
#include "server/domain/rules_body.h"

#define DISPATCH_LIMIT_MIN 30u /* S0-28 */
#define DISPATCH_MARGIN_MIN 5u
#define SIGN_LIMIT_WORK_MIN 120u
#define CHECK_LIMIT_WORK_MIN 480u
#define RETURN_WINDOW_WORK_MIN 480u
#define NEAREST_GRID_M 200u
#define CHECK_PERCENT 20u

static void ring_check(const struct bh_msg_area *area, size_t index, struct bh_fault_list *list)
{
	bool grid = area->kind == BH_AREA_GRID || area->kind == BH_AREA_SPECIAL_GRID;
	if (area->ring_e7_count == 0) {
		if (grid)
			bh_fault_add(list, "areas", index, "a grid without a polygon");
		return;
	}
	if (area->ring_e7_count % 2 != 0) {
		bh_fault_add(list, "areas", index, "the polygon has an odd number of coordinates");
		return;
	}
	struct bh_ring ring = {.e7 = area->ring_e7, .points = area->ring_e7_count / 2};
	size_t at;
	enum bh_ring_fault fault = bh_ring_check(ring, &at);
	if (fault != BH_RING_SOUND)
		bh_fault_add(list, "areas", index, bh_ring_fault_text(fault));
}

static void parent_check(struct bh_rules *rules, uint32_t index, struct bh_fault_list *list)
{
	const struct bh_msg_area *area = &rules->profile.areas[index];
	struct bh_area_links *links = &rules->area_links[index];
	if (area->kind == BH_AREA_COUNTY) {
		if (area->parent != 0)
			bh_fault_add(list, "areas", index, "a county has no parent");
		return;
	}
	uint32_t parent = bh_id_map_get(&rules->areas, area->parent);
	if (parent == BH_ID_MAP_NONE) {
		bh_fault_add(list, "areas", index, "its parent is missing");
		return;
	}
	links->parent = parent;
	uint32_t kind = rules->profile.areas[parent].kind;
	if (kind >= area->kind)
		bh_fault_add(list, "areas", index, "its parent is not of a larger kind");
	else if (area->kind == BH_AREA_MICRO_GRID && kind < BH_AREA_GRID)
		bh_fault_add(list, "areas", index, "a micro-grid is of a grid");
}

static void depth_check(struct bh_rules *rules, uint32_t index, struct bh_fault_list *list)
{
	uint32_t depth = 0;
	uint32_t at = rules->area_links[index].parent;
	while (at != BH_RULES_NONE && depth < BH_AREA_DEPTH_MAX) {
		at = rules->area_links[at].parent;
		depth++;
	}
	if (at != BH_RULES_NONE)
		bh_fault_add(list, "areas", index, "its parents form a ring");
	rules->area_links[index].depth = depth;
}

static int code_map_check(struct bh_arena *arena, const char *where, size_t count,
	struct bh_span (*code_of)(const struct bh_msg_profile *profile, size_t index),
	const struct bh_msg_profile *profile, struct bh_fault_list *list)
{
	/* The first 64 bits of a mixing hash find candidates; the bytes decide. */
	struct bh_id_map seen;
	if (bh_id_map_open(&seen, arena, count) != 0)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		struct bh_span code = code_of(profile, i);
		uint64_t hash = 14695981039346656037u;
		for (size_t k = 0; k < code.len; k++)
			hash = (hash ^ code.data[k]) * 1099511628211u;
		if (code.len == 0) {
			bh_fault_add(list, where, i, "it has no code");
			continue;
		}
		while (!bh_id_map_put(&seen, hash, (uint32_t)i)) {
			uint32_t other = bh_id_map_get(&seen, hash);
			if (bh_span_equal(code_of(profile, other), code)) {
				bh_fault_add(list, where, i, "its code stands there twice");
				break;
			}
			hash++;
		}
	}
	return 0;
}

static struct bh_span area_code(const struct bh_msg_profile *profile, size_t index)
{
	return profile->areas[index].code;
}

static struct bh_span unit_code(const struct bh_msg_profile *profile, size_t index)
{
	return profile->units[index].code;
}

static struct bh_span person_code(const struct bh_msg_profile *profile, size_t index)
{
	return profile->people[index].code;
}

static void areas_check(struct bh_rules *rules, struct bh_fault_list *list)
{
	const struct bh_msg_profile *profile = &rules->profile;
	uint32_t counties = 0;
	for (uint32_t i = 0; i < profile->areas_count; i++) {
		const struct bh_msg_area *area = &profile->areas[i];
		rules->area_links[i] = (struct bh_area_links){
			.parent = BH_RULES_NONE, .desk = BH_RULES_NONE};
		if (area->id == 0 || !bh_id_map_put(&rules->areas, area->id, i))
			bh_fault_add(list, "areas", i, "its id is 0 or stands there twice");
		if (area->kind < BH_AREA_COUNTY || area->kind > BH_AREA_MICRO_GRID)
			bh_fault_add(list, "areas", i, "its kind is unknown");
		if (area->micro_kind > BH_MICRO_SHOP_STREET)
			bh_fault_add(list, "areas", i, "its kind of micro-grid is unknown");
		if (area->kind == BH_AREA_COUNTY) {
			rules->county = i;
			if (++counties > 1)
				bh_fault_add(list, "areas", i, "a second county");
		}
		ring_check(area, i, list);
	}
	if (counties == 0)
		bh_fault_add(list, "areas", 0, "there is no county");
	for (uint32_t i = 0; i < profile->areas_count; i++)
		parent_check(rules, i, list);
	for (uint32_t i = 0; i < profile->areas_count; i++)
		depth_check(rules, i, list);
}

static void units_check(struct bh_rules *rules, struct bh_fault_list *list)
{
	const struct bh_msg_profile *profile = &rules->profile;
	for (uint32_t i = 0; i < profile->units_count; i++) {
		const struct bh_msg_unit *unit = &profile->units[i];
		if (unit->id == 0 || !bh_id_map_put(&rules->units, unit->id, i))
			bh_fault_add(list, "units", i, "its id is 0 or stands there twice");
		/* A desk may be nothing but a desk, and so may a body or a team. */
		bool itself = unit->desk || unit->form != BH_UNIT_FORM_UNIT;
		if (!(itself && unit->kind == 0) &&
			bh_id_map_get(&rules->unit_kinds, unit->kind) == BH_ID_MAP_NONE)
			bh_fault_add(list, "units", i, "its kind is not in the catalogue");
		if (unit->form > BH_UNIT_FORM_TEAM || unit->mode > BH_UNIT_MODE_ON_CALL)
			bh_fault_add(list, "units", i, "its form or mode is unknown");
		uint32_t area = bh_id_map_get(&rules->areas, unit->area);
		if (area == BH_ID_MAP_NONE) {
			bh_fault_add(list, "units", i, "its area is missing");
			continue;
		}
		uint32_t *desk = &rules->area_links[area].desk;
		if (unit->desk && !unit->dissolved &&
			(*desk == BH_RULES_NONE || profile->units[*desk].id > unit->id))
			*desk = i;
	}
	if (rules->county != BH_RULES_NONE &&
		rules->area_links[rules->county].desk == BH_RULES_NONE)
		bh_fault_add(list, "areas", rules->county,
			"the county has no desk: there must be a last backstop");
}

int bh_rules_check_tree(struct bh_rules *rules, struct bh_fault_list *list)
{
	const struct bh_msg_profile *profile = &rules->profile;
	struct bh_arena *arena = &rules->arena;
	rules->area_links = bh_arena_array(
		arena, profile->areas_count + 1, sizeof *rules->area_links);
	if (rules->area_links == NULL ||
		bh_id_map_open(&rules->areas, arena, profile->areas_count) != 0 ||
		bh_id_map_open(&rules->units, arena, profile->units_count) != 0)
		return BH_ERR_NOMEM;
	areas_check(rules, list);
	units_check(rules, list);
	int err = code_map_check(arena, "areas", profile->areas_count, area_code, profile, list);
	if (err == 0)
		err = code_map_check(
			arena, "units", profile->units_count, unit_code, profile, list);
	return err;
}

static void post_check(const struct bh_rules *rules, size_t index, struct bh_fault_list *list)
{
	const struct bh_msg_post *post = &rules->profile.posts[index];
	bool in_unit = post->role == BH_ROLE_UNIT_LEAD || post->role == BH_ROLE_HANDLER;
	if (post->role == BH_ROLE_NONE || post->role >= BH_ROLE_CLOCK)
		bh_fault_add(list, "posts", index, "its role is unknown, or the clock's own");
	if (post->unit != 0 && bh_rules_unit(rules, post->unit) == NULL)
		bh_fault_add(list, "posts", index, "its unit is missing");
	if (post->unit == 0 && in_unit)
		bh_fault_add(list, "posts", index, "this role needs a unit");
	if (bh_rules_area(rules, post->area) == NULL)
		bh_fault_add(list, "posts", index, "its area is missing");
	if (post->from_day != 0 && post->to_day != 0 && post->from_day > post->to_day)
		bh_fault_add(list, "posts", index, "it ends before it begins");
	for (size_t i = 0; i < post->classes_count; i++)
		if (bh_id_map_get(&rules->classes, post->classes[i]) == BH_ID_MAP_NONE)
			bh_fault_add(list, "posts", index, "a class of it is not in the catalogue");
}

static int posts_check(struct bh_rules *rules, struct bh_fault_list *list)
{
	const struct bh_msg_profile *profile = &rules->profile;
	struct bh_id_map seen;
	size_t people = profile->people_count;
	rules->posts_first = bh_arena_array(&rules->arena, people + 1, sizeof(uint32_t));
	if (rules->posts_first == NULL ||
		bh_id_map_open(&seen, &rules->arena, profile->posts_count) != 0)
		return BH_ERR_NOMEM;
	for (uint32_t i = 0; i < profile->posts_count; i++) {
		const struct bh_msg_post *post = &profile->posts[i];
		if (post->id == 0 || !bh_id_map_put(&seen, post->id, i))
			bh_fault_add(list, "posts", i, "its id is 0 or stands there twice");
		post_check(rules, i, list);
		uint32_t person = bh_id_map_get(&rules->people, post->person);
		if (person == BH_ID_MAP_NONE)
			bh_fault_add(list, "posts", i, "its person is missing");
		else if (++rules->posts_first[person + 1] > BH_POSTS_MAX)
			bh_fault_add(list, "posts", i, "more posts than one person may hold");
	}
	for (size_t i = 0; i < people; i++)
		rules->posts_first[i + 1] += rules->posts_first[i];
	return 0;
}

int bh_rules_check_people(struct bh_rules *rules, struct bh_fault_list *list)
{
	const struct bh_msg_profile *profile = &rules->profile;
	if (bh_id_map_open(&rules->people, &rules->arena, profile->people_count) != 0)
		return BH_ERR_NOMEM;
	for (uint32_t i = 0; i < profile->people_count; i++) {
		uint32_t id = profile->people[i].id;
		if (id == 0 || !bh_id_map_put(&rules->people, id, i))
			bh_fault_add(list, "people", i, "its id is 0 or stands there twice");
	}
	int err = code_map_check(
		&rules->arena, "people", profile->people_count, person_code, profile, list);
	return err != 0 ? err : posts_check(rules, list);
}

static void retention_check(const struct bh_msg_settings *settings, struct bh_fault_list *list)
{
	size_t beside = 0;
	for (size_t i = 0; i < settings->retention_count; i++) {
		const struct bh_msg_retention *row = &settings->retention[i];
		if (row->days == 0 || row->days > BH_RETENTION_DAYS_MAX)
			bh_fault_add(list, "retention", i, "days are not from 1 to 36500");
		if (row->entries && row->class != 0)
			bh_fault_add(list, "retention", i, "entries about no case are of no class");
		beside += row->entries;
		if (row->entries && beside > 1)
			bh_fault_add(list, "retention", i, "entries have one row");
	}
}

static void default_to(uint32_t *value, uint32_t standard)
{
	if (*value == 0)
		*value = standard;
}

void bh_rules_check_settings(struct bh_rules *rules, struct bh_fault_list *list)
{
	rules->settings = rules->profile.settings;
	struct bh_msg_settings *settings = &rules->settings;
	default_to(&settings->dispatch_limit_min, DISPATCH_LIMIT_MIN);
	default_to(&settings->dispatch_margin_min, DISPATCH_MARGIN_MIN);
	default_to(&settings->sign_limit_work_min, SIGN_LIMIT_WORK_MIN);
	default_to(&settings->check_limit_work_min, CHECK_LIMIT_WORK_MIN);
	default_to(&settings->return_window_work_min, RETURN_WINDOW_WORK_MIN);
	default_to(&settings->nearest_grid_m, NEAREST_GRID_M);
	if (settings->utc_offset_min == 0)
		settings->utc_offset_min = BH_RULES_OFFSET_MIN;
	if (settings->dispatch_margin_min >= settings->dispatch_limit_min)
		bh_fault_add(list, "settings", 0, "the margin must be shorter than the limit");
	if (settings->dispatch_limit_min > BH_LIMIT_VALUE_MAX ||
		settings->sign_limit_work_min > BH_LIMIT_VALUE_MAX ||
		settings->check_limit_work_min > BH_LIMIT_VALUE_MAX ||
		settings->return_window_work_min > BH_LIMIT_VALUE_MAX)
		bh_fault_add(list, "settings", 0, "a limit is out of range");
	retention_check(settings, list);
	if (settings->nearest_grid_m > BH_PLACE_NEAREST_M_MAX)
		bh_fault_add(list, "settings", 0, "nearest_grid_m is out of range");
	if (settings->check_percent > 100)
		bh_fault_add(list, "settings", 0, "check_percent is more than all");
	if (settings->check_percent != 0 && settings->check_sampling_off)
		bh_fault_add(list, "settings", 0, "check_percent, and no sampling");
	/* Row 19: a sample of a fifth at least.  Journals have profiles that say less. */
	if (!settings->check_sampling_off && settings->check_percent < CHECK_PERCENT)
		settings->check_percent = CHECK_PERCENT;
}
