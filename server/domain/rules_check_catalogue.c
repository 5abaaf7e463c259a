/* What can be wrong with a catalogue, with the routes that go by it and the classes settings name.
 */
#include "proto/err.h"
#include "server/domain/rules_body.h"

static bool class_known(const struct bh_rules *rules, uint32_t code)
{
	return bh_id_map_get(&rules->classes, code) != BH_ID_MAP_NONE;
}

static bool kind_known(const struct bh_rules *rules, uint32_t id)
{
	return bh_id_map_get(&rules->unit_kinds, id) != BH_ID_MAP_NONE;
}

static bool limit_fits(struct bh_msg_limit limit)
{
	return bh_limit_is_valid((struct bh_limit){.value = limit.value, .unit = limit.unit});
}

static void conditions_check(
	const struct bh_msg_catalogue_type *type, size_t index, struct bh_fault_list *list)
{
	for (size_t i = 0; i < type->conditions_count; i++) {
		const struct bh_msg_catalogue_condition *condition = &type->conditions[i];
		bool twice = false;
		for (size_t k = 0; k < i; k++)
			twice = twice || type->conditions[k].id == condition->id;
		if (condition->id == 0 || twice)
			bh_fault_add(list, "types", index, "a condition's id is 0 or there twice");
		if (!limit_fits(condition->limit))
			bh_fault_add(list, "types", index, "a condition's limit is out of range");
	}
}

static void type_check(const struct bh_rules *rules, size_t index, struct bh_fault_list *list)
{
	const struct bh_msg_catalogue_type *type = &rules->profile.catalogue.types[index];
	if (!class_known(rules, type->class))
		bh_fault_add(list, "types", index, "its class is not in the catalogue");
	if (type->unit_kind != 0 && !kind_known(rules, type->unit_kind))
		bh_fault_add(list, "types", index, "its kind of unit is not in the catalogue");
	if (type->urgency < 1 || type->urgency > 4)
		bh_fault_add(list, "types", index, "its urgency is not 1 to 4");
	if (!limit_fits(type->limit))
		bh_fault_add(list, "types", index, "its limit is out of range");
	if (type->conditions_count > BH_CONDITIONS_MAX)
		bh_fault_add(list, "types", index, "it has too many conditions");
	else
		conditions_check(type, index, list);
}

int bh_rules_check_catalogue(struct bh_rules *rules, struct bh_fault_list *list)
{
	const struct bh_msg_catalogue *catalogue = &rules->profile.catalogue;
	if (bh_id_map_open(&rules->types, &rules->arena, catalogue->types_count) != 0 ||
		bh_id_map_open(&rules->classes, &rules->arena, catalogue->classes_count) != 0 ||
		bh_id_map_open(&rules->unit_kinds, &rules->arena, catalogue->unit_kinds_count) != 0)
		return BH_ERR_NOMEM;
	for (uint32_t i = 0; i < catalogue->classes_count; i++) {
		uint32_t code = catalogue->classes[i].code;
		if (code == 0 || !bh_id_map_put(&rules->classes, code, i))
			bh_fault_add(list, "classes", i, "its code is 0 or stands there twice");
	}
	for (uint32_t i = 0; i < catalogue->unit_kinds_count; i++) {
		uint32_t id = catalogue->unit_kinds[i].id;
		if (id == 0 || !bh_id_map_put(&rules->unit_kinds, id, i))
			bh_fault_add(list, "unit_kinds", i, "its id is 0 or stands there twice");
	}
	for (uint32_t i = 0; i < catalogue->types_count; i++) {
		uint32_t code = catalogue->types[i].code;
		if (code == 0 || !bh_id_map_put(&rules->types, code, i))
			bh_fault_add(list, "types", i, "its code is 0 or stands there twice");
		type_check(rules, i, list);
	}
	return 0;
}

/* Something else than a unit. */
static bool route_says(const struct bh_msg_route *route)
{
	return route->limit_unit != 0 || route->no_pause || route->escalates != 0;
}

static bool condition_known(const struct bh_rules *rules, const struct bh_msg_route *route)
{
	const struct bh_msg_catalogue_type *type = bh_rules_type(rules, route->type);
	for (size_t i = 0; type != NULL && i < type->conditions_count; i++)
		if (type->conditions[i].id == route->condition)
			return true;
	return route->condition == 0;
}

static void route_more_check(const struct bh_rules *rules, const struct bh_msg_route *route,
	size_t index, struct bh_fault_list *list)
{
	if (route->limit_unit != 0 &&
		!limit_fits((struct bh_msg_limit){route->limit_value, route->limit_unit}))
		bh_fault_add(list, "routes", index, "its limit is out of range");
	if (route->to_day != 0 && route->to_day < route->from_day)
		bh_fault_add(list, "routes", index, "it ends before it begins");
	if (route->escalates != 0 && bh_rules_unit(rules, route->escalates) == NULL)
		bh_fault_add(list, "routes", index, "the unit that it escalates to is missing");
}

static void route_check(const struct bh_rules *rules, size_t index, struct bh_fault_list *list)
{
	const struct bh_msg_route *route = &rules->profile.routes[index];
	/* What is no rule any more is kept for cases that began with it, and may name what is gone.
	 */
	if (route->until != 0)
		return;
	route_more_check(rules, route, index, list);
	if (!condition_known(rules, route))
		bh_fault_add(list, "routes", index, "its type has no such condition");
	if (route->type != 0 && bh_rules_type(rules, route->type) == NULL)
		bh_fault_add(list, "routes", index, "its type is not in the catalogue");
	if (route->class != 0 && !class_known(rules, route->class))
		bh_fault_add(list, "routes", index, "its class is not in the catalogue");
	if (route->unit == 0 && (route->unit_kind != 0 || !route_says(route)) &&
		!kind_known(rules, route->unit_kind))
		bh_fault_add(list, "routes", index, "its kind of unit is not in the catalogue");
	if (route->unit != 0 && bh_rules_unit(rules, route->unit) == NULL)
		bh_fault_add(list, "routes", index, "its unit is missing");
	if (route->area != 0 && bh_rules_area(rules, route->area) == NULL)
		bh_fault_add(list, "routes", index, "its area is missing");
}

static void classes_check(const struct bh_rules *rules, const uint32_t *classes, size_t count,
	const char *what, struct bh_fault_list *list)
{
	for (size_t i = 0; i < count; i++)
		if (!class_known(rules, classes[i]))
			bh_fault_add(list, "settings", i, what);
}

void bh_rules_check_routes(const struct bh_rules *rules, struct bh_fault_list *list)
{
	const struct bh_msg_settings *settings = &rules->profile.settings;
	for (size_t i = 0; i < rules->profile.routes_count; i++)
		route_check(rules, i, list);
	classes_check(rules, settings->self_dispose_classes, settings->self_dispose_classes_count,
		"self_dispose_classes names a class that is not in the catalogue", list);
	classes_check(rules, settings->automatic_off_classes, settings->automatic_off_classes_count,
		"automatic_off_classes names a class that is not in the catalogue", list);
	classes_check(rules, settings->close_by_clock_off_classes,
		settings->close_by_clock_off_classes_count,
		"close_by_clock_off_classes names a class that is not in the catalogue", list);
}
