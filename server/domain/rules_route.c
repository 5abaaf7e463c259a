/* From type and area to a unit (domain.md, Routing 3 and 5).
 *
 *   routes that name the type ─▶ its class ─▶ neither      (of equals: the deeper area, then as
 * listed) └─ a named unit, or the unit of a kind nearest on the way up from the area ─▶ the type's
 * own kind, on the way up ─▶ the desk of the smallest area that has one (兜底)
 *
 * A route that leads to no unit is passed over. */
#include "server/domain/rules_body.h"

enum rank_kind {
	RANK_TYPE = 0,
	RANK_CLASS = 1,
	RANK_ANY = 2,
};

/* The unit of a kind on the way up from an area; BH_RULES_NONE. */
static uint32_t unit_upwards(const struct bh_rules *rules, uint32_t kind, uint32_t area_at)
{
	while (kind != 0 && area_at != BH_RULES_NONE) {
		uint64_t key = (uint64_t)kind << 32 | rules->profile.areas[area_at].id;
		uint32_t unit = bh_id_map_get(&rules->units_by_kind, key);
		if (unit != BH_ID_MAP_NONE)
			return unit;
		area_at = rules->area_links[area_at].parent;
	}
	return BH_RULES_NONE;
}

static size_t rank_first(const struct bh_rules *rules, uint32_t kind, uint32_t key)
{
	size_t low = 0, high = rules->profile.routes_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct bh_route_rank *rank = &rules->routes[middle];
		if (rank->kind < kind || (rank->kind == kind && rank->key < key))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool route_by(const struct bh_rules *rules, uint32_t kind, uint32_t key, uint32_t area,
	struct bh_routing *out)
{
	uint32_t area_at = bh_rules_area_at(rules, area);
	for (size_t i = rank_first(rules, kind, key); i < rules->profile.routes_count; i++) {
		const struct bh_route_rank *rank = &rules->routes[i];
		if (rank->kind != kind || rank->key != key)
			return false;
		const struct bh_msg_route *route = &rules->profile.routes[rank->route];
		if (route->area != 0 && !bh_rules_area_within(rules, area, route->area))
			continue;
		uint32_t unit = route->unit;
		if (unit != 0 && bh_rules_unit_is_gone(rules, unit))
			continue;
		if (unit == 0) {
			uint32_t at = unit_upwards(rules, route->unit_kind, area_at);
			if (at == BH_RULES_NONE)
				continue;
			unit = rules->profile.units[at].id;
		}
		*out = (struct bh_routing){
			.unit = unit, .immediate = route->immediate, .route = route};
		return true;
	}
	return false;
}

static bool route_of_type(const struct bh_rules *rules, const struct bh_msg_catalogue_type *type,
	uint32_t area, struct bh_routing *out)
{
	if (route_by(rules, RANK_TYPE, type->code, area, out) ||
		route_by(rules, RANK_CLASS, type->class, area, out) ||
		route_by(rules, RANK_ANY, 0, area, out))
		return true;
	uint32_t at = unit_upwards(rules, type->unit_kind, bh_rules_area_at(rules, area));
	if (at == BH_RULES_NONE)
		return false;
	*out = (struct bh_routing){.unit = rules->profile.units[at].id};
	return true;
}

void bh_rules_route(
	const struct bh_rules *rules, uint32_t type, uint32_t area, struct bh_routing *out)
{
	const struct bh_msg_catalogue_type *known = bh_rules_type(rules, type);
	bool unknown = known == NULL;
	if (unknown)
		known = bh_rules_type(rules, BH_TYPE_UNKNOWN_OWNER);
	*out = (struct bh_routing){0};
	if (known == NULL || !route_of_type(rules, known, area, out)) {
		out->unit = bh_rules_desk(rules, area, 0);
		unknown = true;
	}
	/* What nobody has named is looked at by a person before the margin. */
	if (unknown) {
		out->by_backstop = true;
		out->immediate = false;
	}
}

uint32_t bh_rules_unit_tier(const struct bh_rules *rules, uint32_t unit)
{
	const struct bh_msg_unit *known = bh_rules_unit(rules, unit);
	const struct bh_msg_area *area = known == NULL ? NULL : bh_rules_area(rules, known->area);
	if (area == NULL)
		return 0;
	switch (area->kind) {
	case BH_AREA_COUNTY:
		return 3;
	case BH_AREA_TOWNSHIP:
		return 2;
	default:
		return 1;
	}
}

uint32_t bh_rules_desk_above(const struct bh_rules *rules, uint32_t unit)
{
	uint32_t tier = bh_rules_unit_tier(rules, unit);
	const struct bh_msg_unit *known = bh_rules_unit(rules, unit);
	uint32_t at = known == NULL ? BH_RULES_NONE : bh_rules_area_at(rules, known->area);
	for (; at != BH_RULES_NONE; at = rules->area_links[at].parent) {
		uint32_t desk = rules->area_links[at].desk;
		uint32_t id = desk == BH_RULES_NONE ? 0 : rules->profile.units[desk].id;
		if (id != 0 && bh_rules_unit_tier(rules, id) > tier)
			return id;
	}
	return 0;
}

uint32_t bh_rules_desk(const struct bh_rules *rules, uint32_t area, uint32_t except)
{
	uint32_t at = bh_rules_area_at(rules, area);
	uint32_t refused = 0;
	if (at == BH_RULES_NONE)
		at = rules->county;
	for (; at != BH_RULES_NONE; at = rules->area_links[at].parent) {
		uint32_t desk = rules->area_links[at].desk;
		if (desk == BH_RULES_NONE)
			continue;
		uint32_t id = rules->profile.units[desk].id;
		if (id != except)
			return id;
		refused = id;
	}
	return refused;
}
