/* The proposal for a case: which unit by which rule, and, where several units are equal, which of
 * them has the least open, weighted by urgency (Routing 8).  It is advice with its reason: a person
 * decides, and the proposal stays what the rules say. */
#include <stdio.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "server/console/case_json.h"
#include "server/console/routing_json.h"

#define PAGE 200u
#define OPEN_MAX 20000u /* counted of one unit */
#define EQUALS_MAX 20u
#define STEPS_MAX 200u

struct load {
	const struct bh_msg_unit *unit;
	uint32_t open;
	uint32_t weight;
};

/* P1 weighs as much as eight of P4. */
static uint32_t weight_of(uint32_t urgency)
{
	return urgency >= 1 && urgency <= 4 ? UINT32_C(8) >> (urgency - 1) : 1;
}

/* With a unit, and not done. */
static uint32_t working_states(void)
{
	return UINT32_C(1) << BH_STATE_DISPATCHED | UINT32_C(1) << BH_STATE_HANDLING |
	       UINT32_C(1) << BH_STATE_RETURNING | UINT32_C(1) << BH_STATE_REWORK;
}

static int load_count(struct bh_exchange *x, struct load *load)
{
	struct bh_case_query query = {.states = working_states(), .unit = load->unit->id};
	struct bh_case *cases = bh_arena_array(&x->arena, PAGE, sizeof(*cases));
	size_t count = PAGE;
	int err = cases ? BH_NOERR : BH_ERR_NOMEM;
	while (!err && count == PAGE && load->open < OPEN_MAX) {
		err = bh_reader_cases(x->district->reader, &query, cases, PAGE, &count);
		for (size_t i = 0; !err && i < count; i++)
			load->weight += weight_of(cases[i].urgency);
		load->open += err ? 0 : (uint32_t)count;
		if (!err && count > 0)
			query.after_number = cases[count - 1].number;
	}
	return err;
}

/* Of the same kind in the same area, the proposed one among them; desks are nobody's equals. */
static int equals_find(
	struct bh_exchange *x, uint32_t proposed, struct load loads[EQUALS_MAX], size_t *count)
{
	const struct bh_msg_profile *profile = bh_rules_profile(x->rules);
	const struct bh_msg_unit *unit = bh_rules_unit(x->rules, proposed);
	int err = BH_NOERR;
	*count = 0;
	for (size_t i = 0; unit && !err && i < profile->units_count && *count < EQUALS_MAX; i++) {
		const struct bh_msg_unit *other = &profile->units[i];
		bool equal = other->kind == unit->kind && other->area == unit->area &&
			     unit->kind != 0 && !other->desk && !other->dissolved;
		if (other != unit && !equal)
			continue;
		loads[*count] = (struct load){.unit = other};
		err = load_count(x, &loads[(*count)++]);
	}
	return err;
}

/* The least loaded, the proposed one where it is no worse; NULL: there is nothing to choose. */
static const struct load *least_find(const struct load *loads, size_t count, uint32_t proposed)
{
	const struct load *least = NULL;
	for (size_t i = 0; i < count; i++)
		if (loads[i].unit->id == proposed)
			least = &loads[i];
	for (size_t i = 0; least && i < count; i++)
		if (loads[i].weight < least->weight)
			least = &loads[i];
	return count > 1 ? least : NULL;
}

static json_t *loads_json(const struct load *loads, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		list = bh_items_add(list,
			json_pack("{s:o, s:o, s:I, s:I}", "unit", bh_json_span(loads[i].unit->code),
				"unit_name", bh_json_span(loads[i].unit->name), "open",
				(json_int_t)loads[i].open, "weight", (json_int_t)loads[i].weight));
	return list;
}

static json_t *advice_json(const struct load *least, const struct load *loads, size_t count)
{
	char en[160], zh[160];
	uint32_t most = 0;
	for (size_t i = 0; i < count; i++)
		most = loads[i].weight > most ? loads[i].weight : most;
	if (!least)
		return json_null();
	(void)snprintf(en, sizeof(en),
		"of %zu equal units it has the least open, by urgency: %u, the most has %u", count,
		least->weight, most);
	(void)snprintf(zh, sizeof(zh), "%zu 个同类单位中在办加权最少:%u,最多者 %u", count,
		least->weight, most);
	return json_pack("{s:o, s:s, s:s}", "unit", bh_json_span(least->unit->code), "why", en,
		"why_zh", zh);
}

/* The unit that stands proposed may be another than the rules': a return's giver is passed over. */
static json_t *proposal_json(struct bh_exchange *x, const struct bh_case *cased)
{
	struct bh_route_step steps[STEPS_MAX];
	struct bh_route_ask ask = bh_case_route_ask(cased);
	struct bh_routing routing;
	size_t count = bh_rules_route_explain(x->rules, &ask, steps, STEPS_MAX, &routing);
	json_t *json = bh_routing_json(x, &ask, &routing);
	json = bh_member_set(json, "proposed_unit", bh_unit_code(x->rules, cased->proposed_unit));
	json = bh_member_set(json, "version", json_integer(ask.version));
	return bh_member_set(json, "tried",
		bh_route_steps_json(x, steps, count < STEPS_MAX ? count : STEPS_MAX));
}

void bh_route_proposal(struct bh_exchange *x)
{
	struct load loads[EQUALS_MAX];
	struct bh_case cased;
	size_t count;
	if (!bh_case_asked_whole(x, &cased))
		return;
	int err = equals_find(x, cased.proposed_unit, loads, &count);
	if (err) {
		bh_answer_err(x, err);
		return;
	}
	const struct load *least = least_find(loads, count, cased.proposed_unit);
	json_t *json = proposal_json(x, &cased);
	json = bh_member_set(json, "equals", loads_json(loads, count));
	bh_answer_json(x, 200, bh_member_set(json, "advice", advice_json(least, loads, count)));
}
