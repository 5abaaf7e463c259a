/* The desks of areas, and the tier at which a unit stands. */
#include "server/domain/rules_body.h"

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

uint32_t bh_rules_backstop(
	const struct bh_rules *rules, uint32_t type, uint32_t area, uint32_t except)
{
	bool restricted = bh_rules_is_restricted(rules, type);
	return bh_rules_desk(rules, restricted ? bh_rules_county(rules) : area, except);
}
