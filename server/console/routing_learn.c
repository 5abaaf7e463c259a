/* Rules that returns speak for, with their evidence; and taking one of them over, which makes
 * another version of the rules and cites a paper (Routing 10, S1-29). */
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/console/profile.h"
#include "server/console/routing_json.h"
#include "server/domain/learn.h"
#include "server/store/returned.h"

#define PROPOSALS_MAX 500u
#define NUMBERS_MAX 20u /* told as evidence */

struct learnt {
	struct bh_returned *returned;
	size_t returned_count;
	struct bh_proposal *proposals;
	size_t count;
};

/* False: answered. */
static bool learn(struct bh_exchange *x, struct learnt *out)
{
	out->returned = bh_arena_array(&x->arena, BH_RETURNED_ROWS_MAX, sizeof(*out->returned));
	out->proposals = bh_arena_array(&x->arena, PROPOSALS_MAX, sizeof(*out->proposals));
	int err = out->returned && out->proposals
			  ? bh_reader_returned(x->district->reader, out->returned,
				    BH_RETURNED_ROWS_MAX, &out->returned_count)
			  : BH_ERR_NOMEM;
	if (err) {
		bh_answer_err(x, err);
		return false;
	}
	out->count = bh_learn(x->rules, x->district->district_ms, out->returned,
		out->returned_count, out->proposals, PROPOSALS_MAX);
	return true;
}

static json_t *numbers_json(const struct learnt *learnt, size_t at)
{
	json_t *list = json_array();
	for (size_t i = 0; i < learnt->returned_count && json_array_size(list) < NUMBERS_MAX; i++) {
		char number[BH_CASE_TEXT_SIZE];
		if (learnt->returned[i].proposal != at + 1)
			continue;
		bh_case_number_format(learnt->returned[i].number, number);
		list = bh_items_add(list, json_string(number));
	}
	return list;
}

static json_t *proposal_json(const struct bh_exchange *x, const struct learnt *learnt, size_t at)
{
	const struct bh_proposal *one = &learnt->proposals[at];
	const struct bh_msg_route *route = one->now.route;
	return json_pack("{s:I, s:o, s:o, s:o, s:I, s:I, s:s, s:o, s:o}", "type",
		(json_int_t)one->type, "area", bh_area_code(x->rules, one->area), "unit",
		bh_unit_code(x->rules, one->unit), "to", bh_unit_code(x->rules, one->to), "returns",
		(json_int_t)one->returns, "agreed", (json_int_t)one->agreed, "by",
		bh_routing_by(&one->now), "rule",
		route ? bh_route_version_json(x, route) : json_null(), "numbers",
		numbers_json(learnt, at));
}

void bh_route_routes_learn(struct bh_exchange *x)
{
	struct learnt learnt = {.count = 0};
	json_t *items = json_array();
	if (!learn(x, &learnt)) {
		json_decref(items);
		return;
	}
	for (size_t i = 0; i < learnt.count; i++)
		items = bh_items_add(items, proposal_json(x, &learnt, i));
	bh_answer_json(x, 200,
		bh_member_set(bh_list_json(items, NULL), "returns",
			json_integer((json_int_t)learnt.returned_count)));
}

/* ---- Taking one over ---- */

/* Of the same cases, so that the one would hide the other. */
static bool is_of_same(const struct bh_msg_route *route, const struct bh_proposal *one)
{
	return route->until == 0 && route->type == one->type && route->area == one->area &&
	       route->condition == 0 && !route->heightened && route->from_day == 0 &&
	       route->to_day == 0;
}

/* The rules in force, in which the proposal takes the place of the rule of the same cases, the
 * first of them, which holds; what else that says stays, and so do the others.  NULL: no memory. */
static struct bh_msg_route *rules_with(struct bh_exchange *x, const struct bh_msg_profile *before,
	const struct bh_proposal *one, struct bh_span paper, size_t *count)
{
	struct bh_msg_route *routes = bh_arena_array(
		&x->arena, before->routes_count + 1, sizeof(*routes));
	if (!routes)
		return NULL;
	routes[0] = (struct bh_msg_route){.type = one->type, .area = one->area};
	*count = 1;
	bool replaced = false;
	for (size_t i = 0; i < before->routes_count; i++) {
		const struct bh_msg_route *route = &before->routes[i];
		if (route->until != 0)
			continue;
		bool replaces = !replaced && is_of_same(route, one);
		routes[replaces ? 0 : (*count)++] = *route;
		replaced |= replaces;
	}
	routes[0].unit = one->to;
	routes[0].unit_kind = 0;
	routes[0].paper = paper;
	return routes;
}

struct taking {
	uint32_t type;
	struct bh_span area, unit, paper;
};

/* False: answered. */
static bool taking_read(struct bh_exchange *x, struct taking *out)
{
	static const char *const names[] = {"type", "area", "unit", "paper", NULL};
	struct bh_import_faults faults = {0};
	struct bh_import_at at = {&faults, "", 0, NULL};
	bh_fields_check(&at, x->body, names);
	bool fits = bh_field_u32(&at, x->body, "type", 1, UINT32_MAX, true, &out->type) &&
		    bh_field_text(&at, x->body, "area", BH_NAME_BYTES_MAX, true, &out->area) &&
		    bh_field_text(&at, x->body, "unit", BH_NAME_BYTES_MAX, true, &out->unit) &&
		    bh_field_text(&at, x->body, "paper", BH_NAME_BYTES_MAX, true, &out->paper);
	fits = fits && faults.count == 0;
	if (!fits)
		bh_answer_error(x, 422, "field",
			"it is not {\"type\", \"area\", \"unit\", \"paper\"}: a rule names its "
			"paper",
			"see `bihuan routes learn`");
	bh_faults_free(&faults);
	return fits;
}

static const struct bh_proposal *proposal_find(
	const struct bh_exchange *x, const struct learnt *learnt, const struct taking *taking)
{
	for (size_t i = 0; i < learnt->count; i++) {
		const struct bh_proposal *one = &learnt->proposals[i];
		const struct bh_msg_area *area = bh_rules_area(x->rules, one->area);
		const struct bh_msg_unit *unit = bh_rules_unit(x->rules, one->unit);
		if (one->type == taking->type && area && unit &&
			bh_span_equal(area->code, taking->area) &&
			bh_span_equal(unit->code, taking->unit))
			return one;
	}
	return NULL;
}

void bh_route_routes_take(struct bh_exchange *x)
{
	struct bh_import_faults faults = {0};
	struct learnt learnt = {.count = 0};
	struct taking taking = {.type = 0};
	if (!bh_part_import_begins(x, "apply a profile first") || !taking_read(x, &taking) ||
		!learn(x, &learnt))
		return;
	const struct bh_proposal *one = proposal_find(x, &learnt, &taking);
	if (!one) {
		bh_answer_error(x, 409, "not_now", "returns do not speak for such a rule",
			"see `bihuan routes learn`");
		return;
	}
	const struct bh_msg_profile *before = bh_rules_profile(x->rules);
	struct bh_profile_import import = {
		.arena = &x->arena, .faults = &faults, .before = before, .out = *before};
	size_t count = 0;
	struct bh_msg_route *routes = rules_with(x, before, one, taking.paper, &count);
	int err = routes ? bh_routes_replace(&x->arena, before, routes, count, &import.out)
			 : BH_ERR_NOMEM;
	if (err)
		bh_answer_err(x, err);
	else
		bh_profile_judge(x, &import, NULL);
	bh_faults_free(&faults);
}
