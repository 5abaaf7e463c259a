/* The profile in force as JSON that may be corrected and applied again: codes where ids are kept,
 * WGS-84, degrees with seven decimals. */
#include <stdio.h>
#include <string.h>

#include "proto/caseflow.h"
#include "server/console/exchange.h"
#include "server/console/profile.h"
#include "server/console/time_text.h"

json_t *bh_unit_kind_code(const struct bh_rules *rules, uint32_t id)
{
	const struct bh_msg_catalogue *catalogue = &bh_rules_profile(rules)->catalogue;
	for (size_t i = 0; i < catalogue->unit_kinds_count; i++)
		if (catalogue->unit_kinds[i].id == id)
			return bh_json_span(catalogue->unit_kinds[i].code);
	return json_null();
}

json_t *bh_profile_unit_json(const struct bh_rules *rules, const struct bh_msg_unit *unit)
{
	json_t *json = json_pack("{s:o, s:o, s:o, s:o, s:b}", "code", bh_json_span(unit->code),
		"name", bh_json_span(unit->name), "kind", bh_unit_kind_code(rules, unit->kind),
		"area", bh_area_code(rules, unit->area), "desk", unit->desk);
	if (unit->dissolved)
		json = bh_member_set(json, "dissolved", json_true());
	if (unit->form)
		json = bh_member_set(json, "form", json_string(bh_unit_forms[unit->form]));
	if (unit->mode)
		json = bh_member_set(json, "mode", json_string(bh_unit_modes[unit->mode]));
	if (unit->liaison)
		json = bh_member_set(json, "liaison", bh_person_code(rules, unit->liaison));
	if (unit->deputy)
		json = bh_member_set(json, "deputy", bh_person_code(rules, unit->deputy));
	return json;
}

static json_t *numbers_json(const uint32_t *numbers, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		list = bh_items_add(list, json_integer(numbers[i]));
	return list;
}

static json_t *day_json(int32_t day)
{
	char text[BH_TIME_TEXT_SIZE];
	(void)bh_time_format(day * INT64_C(86400000), 0, text);
	return json_stringn(text, strlen("2026-12-31"));
}

static json_t *post_json(
	const struct bh_rules *rules, const struct bh_msg_post *post, bool with_ids)
{
	json_t *json = json_pack("{s:s, s:o, s:o}", "role", bh_role_name((enum bh_role)post->role),
		"unit", bh_unit_code(rules, post->unit), "area", bh_area_code(rules, post->area));
	if (post->classes_count)
		json = bh_member_set(
			json, "classes", numbers_json(post->classes, post->classes_count));
	if (post->from_day)
		json = bh_member_set(json, "from", day_json(post->from_day));
	if (post->to_day)
		json = bh_member_set(json, "to", day_json(post->to_day));
	if (post->title.len)
		json = bh_member_set(json, "title", bh_json_span(post->title));
	if (with_ids)
		json = bh_member_set(json, "id", json_integer(post->id));
	return json;
}

json_t *bh_profile_person_json(
	const struct bh_rules *rules, const struct bh_msg_person *person, bool with_ids)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts(rules, person->id, posts);
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		list = bh_items_add(list, post_json(rules, posts[i], with_ids));
	return json_pack("{s:o, s:o, s:o}", "code", bh_json_span(person->code), "name",
		bh_json_span(person->name), "posts", list);
}

static json_t *ring_json(const struct bh_msg_area *area)
{
	json_t *ring = json_array();
	for (size_t i = 0; i + 1 < area->ring_e7_count; i += 2)
		ring = bh_items_add(ring, json_pack("[f, f]", (double)area->ring_e7[i] / 1e7,
						  (double)area->ring_e7[i + 1] / 1e7));
	return ring;
}

static json_t *area_json(const struct bh_rules *rules, const struct bh_msg_area *area)
{
	json_t *json = json_pack("{s:o, s:s, s:o}", "code", bh_json_span(area->code), "kind",
		bh_area_kind_name(area->kind), "name", bh_json_span(area->name));
	if (area->parent)
		json = bh_member_set(json, "parent", bh_area_code(rules, area->parent));
	if (area->ring_e7_count)
		json = bh_member_set(json, "polygon", ring_json(area));
	if (area->classes_count)
		json = bh_member_set(
			json, "classes", numbers_json(area->classes, area->classes_count));
	if (area->micro_kind)
		json = bh_member_set(
			json, "micro_kind", json_string(bh_micro_kinds[area->micro_kind]));
	return json;
}

json_t *bh_profile_minutes_json(uint32_t minutes)
{
	char text[12];
	(void)snprintf(text, sizeof(text), "%02u:%02u", minutes / 60, minutes % 60);
	return json_string(text);
}

static json_t *week_json(const struct bh_msg_settings *settings)
{
	json_t *week = json_array();
	for (size_t i = 0; i < settings->week_count; i++)
		week = bh_items_add(week,
			json_pack("{s:i, s:o, s:o}", "weekday", (int)settings->week[i].weekday,
				"from", bh_profile_minutes_json(settings->week[i].from_min), "to",
				bh_profile_minutes_json(settings->week[i].to_min)));
	return week;
}

static json_t *settings_json(const struct bh_msg_settings *settings)
{
	json_t *off = json_array();
	for (size_t i = 0; i < settings->automatic_off_classes_count; i++)
		off = bh_items_add(off, json_integer(settings->automatic_off_classes[i]));
	json_t *json = json_pack("{s:I, s:I, s:b, s:o, s:I, s:I, s:I, s:I, s:i}",
		"dispatch_limit_min", (json_int_t)settings->dispatch_limit_min,
		"dispatch_margin_min", (json_int_t)settings->dispatch_margin_min, "automatic_off",
		settings->automatic_off, "automatic_off_classes", off, "sign_limit_work_min",
		(json_int_t)settings->sign_limit_work_min, "check_limit_work_min",
		(json_int_t)settings->check_limit_work_min, "return_window_work_min",
		(json_int_t)settings->return_window_work_min, "nearest_grid_m",
		(json_int_t)settings->nearest_grid_m, "utc_offset_min",
		(int)settings->utc_offset_min);
	if (settings->retention_count)
		json = bh_member_set(json, "retention", bh_retention_json(settings));
	if (settings->self_dispose_classes_count)
		json = bh_member_set(json, "self_dispose_classes",
			numbers_json(settings->self_dispose_classes,
				settings->self_dispose_classes_count));
	if (settings->check_percent)
		json = bh_member_set(json, "check_percent", json_integer(settings->check_percent));
	if (settings->close_by_clock_off_classes_count)
		json = bh_member_set(json, "close_by_clock_off_classes",
			numbers_json(settings->close_by_clock_off_classes,
				settings->close_by_clock_off_classes_count));
	if (settings->evidence_off)
		json = bh_member_set(json, "evidence_off", json_true());
	if (settings->unit_sign_off)
		json = bh_member_set(json, "unit_sign_off", json_true());
	if (settings->check_sampling_off)
		json = bh_member_set(json, "check_sampling_off", json_true());
	if (settings->repeat_check_off)
		json = bh_member_set(json, "repeat_check_off", json_true());
	if (settings->week_count)
		json = bh_member_set(json, "week", week_json(settings));
	if (settings->days_count)
		json = bh_member_set(json, "days", bh_profile_days_json(settings, 0));
	return json;
}

static json_t *checkpoint_json(const struct bh_msg_checkpoint *checkpoint)
{
	json_t *json = bh_member_set(json_object(), "name", bh_json_span(checkpoint->name));
	if (!checkpoint->has_place)
		return json;
	json = bh_member_set(json, "latitude", json_real((double)checkpoint->latitude_e7 / 1e7));
	json = bh_member_set(json, "longitude", json_real((double)checkpoint->longitude_e7 / 1e7));
	return bh_member_set(json, "radius_m", json_integer(checkpoint->radius_m));
}

static json_t *patrol_json(const struct bh_rules *rules, const struct bh_msg_patrol *patrol)
{
	json_t *weekdays = json_array(), *checkpoints = json_array();
	for (int weekday = 1; weekday <= 7; weekday++)
		if (patrol->weekdays >> (weekday - 1) & 1)
			weekdays = bh_items_add(weekdays, json_integer(weekday));
	for (size_t i = 0; i < patrol->checkpoints_count; i++)
		checkpoints = bh_items_add(checkpoints, checkpoint_json(&patrol->checkpoints[i]));
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:o}", "code", bh_json_span(patrol->code),
		"name", bh_json_span(patrol->name), "grid", bh_area_code(rules, patrol->area),
		"weekdays", weekdays, "rounds", (json_int_t)patrol->rounds, "checkpoints",
		checkpoints);
}

json_t *bh_profile_json(const struct bh_rules *rules)
{
	const struct bh_msg_profile *profile = bh_rules_profile(rules);
	json_t *areas = json_array(), *units = json_array(), *people = json_array(),
	       *routes = json_array(), *patrols = json_array(), *duty = json_array(),
	       *assets = json_array(), *shifts = json_array();
	for (size_t i = 0; i < profile->areas_count; i++)
		areas = bh_items_add(areas, area_json(rules, &profile->areas[i]));
	for (size_t i = 0; i < profile->units_count; i++)
		units = bh_items_add(units, bh_profile_unit_json(rules, &profile->units[i]));
	for (size_t i = 0; i < profile->people_count; i++)
		people = bh_items_add(
			people, bh_profile_person_json(rules, &profile->people[i], false));
	for (size_t i = 0; i < profile->routes_count; i++)
		if (profile->routes[i].until == 0)
			routes = bh_items_add(
				routes, bh_profile_route_json(rules, &profile->routes[i]));
	for (size_t i = 0; i < profile->duty_periods_count; i++)
		duty = bh_items_add(duty, bh_profile_duty_json(&profile->duty_periods[i]));
	for (size_t i = 0; i < profile->assets_count; i++)
		assets = bh_items_add(assets, bh_profile_asset_json(rules, &profile->assets[i]));
	for (size_t i = 0; i < profile->patrols_count; i++)
		patrols = bh_items_add(patrols, patrol_json(rules, &profile->patrols[i]));
	for (size_t i = 0; i < profile->shifts_count; i++)
		shifts = bh_items_add(shifts, bh_shift_json(rules, &profile->shifts[i]));
	json_t *json = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
		bh_json_span(profile->name), "areas", areas, "units", units, "people", people,
		"routes", routes, "settings", settings_json(bh_rules_settings(rules)), "patrols",
		patrols, "duty_periods", duty, "assets", assets, "shifts", shifts);
	return bh_profile_disputes_json(rules, json);
}
