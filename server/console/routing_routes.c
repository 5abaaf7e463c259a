/* Routing rules, those in force or of a version; and which of them are tried for a case. */
#include <stdlib.h>
#include <string.h>

#include "server/console/profile.h"
#include "server/console/routing_json.h"

#define STEPS_MAX 200u

static bool refuse(struct bh_exchange *x, const char *message, const char *hint)
{
	bh_answer_error(x, 400, "parameter", message, hint);
	return false;
}

/* A number of digits alone; not said: *out as it is.  False: answered. */
static bool number_read(struct bh_exchange *x, const char *name, const char *hint, uint32_t *out)
{
	const char *text = bh_target_parameter(&x->target, name);
	size_t len = text ? strlen(text) : 0;
	if (!text)
		return true;
	if (len == 0 || len > 9 || strspn(text, "0123456789") != len)
		return refuse(x, "it is not a number", hint);
	*out = (uint32_t)strtoul(text, NULL, 10);
	return true;
}

void bh_route_routes(struct bh_exchange *x)
{
	const struct bh_msg_profile *profile = bh_rules_profile(x->rules);
	uint32_t version = profile->routes_version;
	if (!number_read(x, "version", "as in version=3", &version))
		return;
	json_t *items = json_array();
	for (size_t i = 0; i < profile->routes_count; i++) {
		const struct bh_msg_route *route = &profile->routes[i];
		if (route->version <= version && (route->until == 0 || route->until > version))
			items = bh_items_add(items, bh_route_version_json(x, route));
	}
	bh_answer_json(
		x, 200, bh_member_set(bh_list_json(items, NULL), "version", json_integer(version)));
}

/* ---- Why ---- */

json_t *bh_route_steps_json(
	const struct bh_exchange *x, const struct bh_route_step *steps, size_t count)
{
	static const char *const whys[] = {"taken", "version", "condition", "area", "duty", "days",
		"names no unit", "no unit"};
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		list = bh_items_add(list, bh_member_set(bh_route_version_json(x, steps[i].route),
						  "why", json_string(whys[steps[i].why])));
	return list;
}

static bool area_read(struct bh_exchange *x, struct bh_route_ask *ask)
{
	const char *code = bh_target_parameter(&x->target, "area");
	const struct bh_msg_area *area = code ? bh_area_by_code(x->rules, code) : NULL;
	if (code && !area)
		return refuse(x, "area: there is no area with this code", "see `bihuan areas`");
	ask->area = area ? area->id : bh_rules_county(x->rules);
	return true;
}

static bool asset_read(struct bh_exchange *x, struct bh_route_ask *ask)
{
	const char *mark = bh_target_parameter(&x->target, "asset");
	const struct bh_msg_asset *asset = mark ? bh_rules_asset_by_mark(
							  x->rules, bh_span(mark, strlen(mark)))
						: NULL;
	if (mark && !asset)
		return refuse(x, "asset: there is no component with this mark", NULL);
	ask->asset = asset ? asset->id : 0;
	return true;
}

static bool day_read(struct bh_exchange *x, int64_t *at_ms)
{
	const char *text = bh_target_parameter(&x->target, "at");
	int32_t offset_min = bh_rules_settings(x->rules)->utc_offset_min;
	*at_ms = x->district->district_ms;
	if (text && (strlen(text) != 10 || !bh_time_parse(text, offset_min, at_ms)))
		return refuse(x, "at is no date", "as in at=2026-10-12");
	return true;
}

static bool ask_read(struct bh_exchange *x, struct bh_route_ask *ask)
{
	int64_t at_ms;
	if (!day_read(x, &at_ms))
		return false;
	*ask = bh_rules_ask_at(x->rules, at_ms);
	return number_read(x, "type", "type is a number of the catalogue", &ask->type) &&
	       number_read(
		       x, "condition", "condition is a number of the type's", &ask->condition) &&
	       number_read(x, "version", "version is a number of the rules'", &ask->version) &&
	       area_read(x, ask) && asset_read(x, ask);
}

void bh_route_routes_explain(struct bh_exchange *x)
{
	struct bh_route_step steps[STEPS_MAX];
	struct bh_route_ask ask;
	struct bh_routing routing;
	char day[BH_TIME_TEXT_SIZE];
	if (!ask_read(x, &ask))
		return;
	size_t count = bh_rules_route_explain(x->rules, &ask, steps, STEPS_MAX, &routing);
	size_t kept = count < STEPS_MAX ? count : STEPS_MAX;
	json_t *json = bh_routing_json(x, &ask, &routing);
	json = bh_member_set(json, "type", json_integer(ask.type));
	json = bh_member_set(
		json, "type_known", json_boolean(bh_rules_type(x->rules, ask.type) != NULL));
	json = bh_member_set(json, "area", bh_area_code(x->rules, ask.area));
	json = bh_member_set(
		json, "at", bh_day_text(ask.day, day) ? json_string(day) : json_null());
	json = bh_member_set(json, "version", json_integer(ask.version));
	json = bh_member_set(json, "duty_period", bh_duty_json(x, &ask));
	json = bh_member_set(json, "tried", bh_route_steps_json(x, steps, kept));
	json = bh_member_set(json, "tried_count", json_integer((json_int_t)count));
	bh_answer_json(x, 200, json);
}
