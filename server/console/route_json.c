/* Routing rules, periods of heightened duty and components as they stand in a profile. */
#include "server/console/exchange.h"
#include "server/console/profile.h"

const char *const bh_asset_grades[] = {"", "A", "B", "C", NULL};
const char *const bh_asset_states[] = {"in_use", "damaged", "gone", NULL};

static json_t *day_set(json_t *json, const char *name, int32_t day)
{
	char text[BH_TIME_TEXT_SIZE];
	return day && bh_day_text(day, text) ? bh_member_set(json, name, json_string(text)) : json;
}

static json_t *match_json(const struct bh_rules *rules, const struct bh_msg_route *route)
{
	json_t *json = json_object();
	if (route->type)
		json = bh_member_set(json, "type", json_integer(route->type));
	if (route->class)
		json = bh_member_set(json, "class", json_integer(route->class));
	if (route->condition)
		json = bh_member_set(json, "condition", json_integer(route->condition));
	if (route->area)
		json = bh_member_set(json, "area", bh_area_code(rules, route->area));
	if (route->heightened)
		json = bh_member_set(json, "period", json_string("heightened"));
	json = day_set(json, "from", route->from_day);
	return day_set(json, "to", route->to_day);
}

json_t *bh_profile_route_json(const struct bh_rules *rules, const struct bh_msg_route *route)
{
	json_t *json = match_json(rules, route);
	if (route->unit)
		json = bh_member_set(json, "unit", bh_unit_code(rules, route->unit));
	else if (route->unit_kind)
		json = bh_member_set(json, "unit_kind", bh_unit_kind_code(rules, route->unit_kind));
	json = bh_member_set(json, "immediate", json_boolean(route->immediate));
	if (route->limit_unit)
		json = bh_member_set(json, "limit",
			json_pack("{s:I, s:s?}", "value", (json_int_t)route->limit_value, "unit",
				bh_limit_unit_name(route->limit_unit)));
	if (route->no_pause)
		json = bh_member_set(json, "pause", json_false());
	if (route->escalates)
		json = bh_member_set(json, "escalates", bh_unit_code(rules, route->escalates));
	return bh_member_set(json, "paper", bh_json_span(route->paper));
}

json_t *bh_profile_duty_json(const struct bh_msg_duty_period *period)
{
	json_t *json = json_pack("{s:o}", "name", bh_json_span(period->name));
	json = day_set(json, "from", period->from_day);
	json = day_set(json, "to", period->to_day);
	if (period->dispatch_limit_min)
		json = bh_member_set(
			json, "dispatch_limit_min", json_integer(period->dispatch_limit_min));
	return bh_member_set(json, "paper", bh_json_span(period->paper));
}

json_t *bh_profile_asset_json(const struct bh_rules *rules, const struct bh_msg_asset *asset)
{
	json_t *json = json_pack("{s:o}", "code", bh_json_span(asset->mark));
	if (asset->type)
		json = bh_member_set(json, "type", json_integer(asset->type));
	if (asset->owner)
		json = bh_member_set(json, "unit", bh_unit_code(rules, asset->owner));
	if (asset->grade)
		json = bh_member_set(json, "grade", json_string(bh_asset_grades[asset->grade]));
	return bh_member_set(json, "state", json_string(bh_asset_states[asset->state]));
}
