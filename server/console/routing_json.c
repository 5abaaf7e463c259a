/* By which rule a unit is found, and what else the rules say: for a case, and for whoever asks. */
#include "server/console/routing_json.h"

#include "server/console/case_json.h"
#include "server/console/profile.h"

static json_t *rule_or_null(const struct bh_exchange *x, const struct bh_msg_route *route)
{
	return route ? bh_route_version_json(x, route) : json_null();
}

json_t *bh_route_version_json(const struct bh_exchange *x, const struct bh_msg_route *route)
{
	json_t *json = bh_profile_route_json(x->rules, route);
	json = bh_member_set(json, "version", json_integer(route->version));
	return bh_member_set(
		json, "until", route->until ? json_integer(route->until) : json_null());
}

const char *bh_routing_by(const struct bh_routing *routing)
{
	if (routing->by_owner)
		return "owner";
	if (routing->by_backstop)
		return "backstop";
	return routing->route ? "rule" : "kind";
}

json_t *bh_duty_json(const struct bh_exchange *x, const struct bh_route_ask *ask)
{
	const struct bh_msg_duty_period *period = bh_rules_duty_period(x->rules, ask->day);
	return ask->heightened && period ? bh_json_span(period->name) : json_null();
}

json_t *bh_routing_json(const struct bh_exchange *x, const struct bh_route_ask *ask,
	const struct bh_routing *routing)
{
	const struct bh_msg_unit *unit = bh_rules_unit(x->rules, routing->unit);
	return json_pack("{s:o, s:o, s:s, s:b, s:o, s:o, s:b, s:o}", "unit",
		bh_unit_code(x->rules, routing->unit), "unit_name",
		unit ? bh_json_span(unit->name) : json_null(), "by", bh_routing_by(routing),
		"immediate", routing->immediate, "rule", rule_or_null(x, routing->route),
		"limit_rule", rule_or_null(x, bh_rules_limiting(x->rules, ask)), "pause",
		bh_rules_may_pause(x->rules, ask), "escalation_rule",
		rule_or_null(x, bh_rules_escalating(x->rules, ask)));
}

static json_t *asset_json(const struct bh_exchange *x, uint32_t id)
{
	const struct bh_msg_asset *asset = bh_rules_asset(x->rules, id);
	return asset ? bh_profile_asset_json(x->rules, asset) : json_null();
}

json_t *bh_case_rules_json(const struct bh_exchange *x, const struct bh_case *cased)
{
	const struct bh_msg_duty_period *period = bh_rules_duty(x->rules, cased->duty);
	struct bh_route_ask ask = bh_case_route_ask(cased);
	struct bh_routing routing;
	bh_rules_route(x->rules, &ask, &routing);
	struct bh_span paper = routing.route ? routing.route->paper : bh_span(NULL, 0);
	return json_pack("{s:I, s:s, s:o, s:o, s:o, s:o}", "rules_version",
		(json_int_t)cased->rules, "routed_by", bh_routing_by(&routing), "rule",
		rule_or_null(x, routing.route), "paper",
		paper.len ? bh_json_span(paper) : json_null(), "duty_period",
		period ? bh_json_span(period->name) : json_null(), "asset",
		asset_json(x, cased->asset));
}
