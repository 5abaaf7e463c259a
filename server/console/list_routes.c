/* What a district consists of, as its profile in force says: areas, units, people, routing rules.
 * Codes stand where ids are kept; polygons are left to the profile itself. */
#include <string.h>

#include "server/console/exchange.h"
#include "server/console/profile.h"
#include "server/domain/rights.h"

json_t *bh_area_code(const struct bh_rules *rules, uint32_t id)
{
	const struct bh_msg_area *area = id ? bh_rules_area(rules, id) : NULL;
	return area ? bh_json_span(area->code) : json_null();
}

json_t *bh_unit_code(const struct bh_rules *rules, uint32_t id)
{
	const struct bh_msg_unit *unit = id ? bh_rules_unit(rules, id) : NULL;
	return unit ? bh_json_span(unit->code) : json_null();
}

json_t *bh_person_code(const struct bh_rules *rules, uint32_t id)
{
	const struct bh_msg_person *person = id ? bh_rules_person(rules, id) : NULL;
	return person ? bh_json_span(person->code) : json_null();
}

const struct bh_msg_area *bh_area_by_code(const struct bh_rules *rules, const char *code)
{
	const struct bh_msg_profile *profile = bh_rules_profile(rules);
	for (size_t i = 0; i < profile->areas_count; i++)
		if (bh_span_equal(profile->areas[i].code, bh_span(code, strlen(code))))
			return &profile->areas[i];
	return NULL;
}

void bh_route_areas(struct bh_exchange *x)
{
	const struct bh_msg_profile *profile = bh_rules_profile(x->rules);
	json_t *items = json_array();
	for (size_t i = 0; i < profile->areas_count; i++) {
		const struct bh_msg_area *area = &profile->areas[i];
		items = bh_items_add(items,
			json_pack("{s:o, s:s, s:o, s:o, s:b}", "code", bh_json_span(area->code),
				"kind", bh_area_kind_name(area->kind), "name",
				bh_json_span(area->name), "parent",
				bh_area_code(x->rules, area->parent), "polygon",
				area->ring_e7_count > 0));
	}
	bh_answer_json(x, 200, bh_list_json(items, NULL));
}

void bh_route_units(struct bh_exchange *x)
{
	const struct bh_msg_profile *profile = bh_rules_profile(x->rules);
	json_t *items = json_array();
	for (size_t i = 0; i < profile->units_count; i++)
		items = bh_items_add(items, bh_profile_unit_json(x->rules, &profile->units[i]));
	bh_answer_json(x, 200, bh_list_json(items, NULL));
}

void bh_route_people(struct bh_exchange *x)
{
	const struct bh_msg_profile *profile = bh_rules_profile(x->rules);
	json_t *items = json_array();
	for (size_t i = 0; i < profile->people_count; i++)
		if (x->person == 0 ||
			bh_rights_see_person(x->rules, x->person, x->now_ms, profile->people[i].id))
			items = bh_items_add(
				items, bh_profile_person_json(x->rules, &profile->people[i], true));
	bh_answer_json(x, 200, bh_list_json(items, NULL));
}
