/* From type and area to a unit (domain.md, Routing 3, 4 and 5).
 *
 *   routes that name the type ─▶ its class ─▶ neither      (of equals: a condition, heightened
 * duty, │                                      the deeper area, then as listed) └─ a named unit, or
 * the unit of a kind nearest on the way up from the area ─▶ the type's own kind, on the way up ─▶
 * the desk of the smallest area that has one (兜底)
 *
 * A route that leads to no unit is passed over, and so is, on the way up, a unit that nobody holds
 * a post of. A component's owner goes before all of that (先属 主后属地); what is only near it, an
 * event, goes to its owner where no rule has it. */
#include "server/domain/routing.h"
#include "server/domain/rules_body.h"

enum rank_kind {
	RANK_TYPE = 0,
	RANK_CLASS = 1,
	RANK_ANY = 2,
};

/* The unit of a kind on the way up from an area: the first that has people on that day, or, where
 * none has, the first; BH_RULES_NONE. */
static uint32_t unit_upwards(
	const struct bh_rules *rules, uint32_t kind, uint32_t area_at, int32_t day)
{
	uint32_t empty = BH_RULES_NONE;
	while (kind != 0 && area_at != BH_RULES_NONE) {
		uint64_t key = (uint64_t)kind << 32 | rules->profile.areas[area_at].id;
		uint32_t unit = bh_id_map_get(&rules->units_by_kind, key);
		if (unit != BH_ID_MAP_NONE &&
			bh_rules_unit_has_people(rules, rules->profile.units[unit].id, day))
			return unit;
		if (unit != BH_ID_MAP_NONE && empty == BH_RULES_NONE)
			empty = unit;
		area_at = rules->area_links[area_at].parent;
	}
	return empty;
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

/* ---- One rule ---- */

static enum bh_route_why route_fits(const struct bh_rules *rules, const struct bh_msg_route *route,
	const struct bh_route_ask *ask)
{
	if (route->version > ask->version || (route->until != 0 && route->until <= ask->version))
		return BH_ROUTE_VERSION;
	if (route->condition != 0 && route->condition != ask->condition)
		return BH_ROUTE_CONDITION;
	if (route->area != 0 && !bh_rules_area_within(rules, ask->area, route->area))
		return BH_ROUTE_AREA;
	if (route->heightened && !ask->heightened)
		return BH_ROUTE_DUTY;
	if ((route->from_day != 0 && ask->day < route->from_day) ||
		(route->to_day != 0 && ask->day > route->to_day))
		return BH_ROUTE_DAYS;
	return BH_ROUTE_TAKEN;
}

static enum bh_route_why route_unit(const struct bh_rules *rules, const struct bh_msg_route *route,
	const struct bh_route_ask *ask, struct bh_routing *out)
{
	uint32_t at;
	if (route->unit == 0 && route->unit_kind == 0)
		return BH_ROUTE_NAMES_NONE;
	if (route->unit != 0)
		at = bh_id_map_get(&rules->units, route->unit);
	else
		at = unit_upwards(
			rules, route->unit_kind, bh_rules_area_at(rules, ask->area), ask->day);
	if (at == BH_RULES_NONE || rules->profile.units[at].dissolved)
		return BH_ROUTE_NO_UNIT;
	*out = (struct bh_routing){
		.unit = rules->profile.units[at].id, .immediate = route->immediate, .route = route};
	return BH_ROUTE_TAKEN;
}

/* ---- Their order ---- */

/* The rules that are for a case, one after the other. */
struct walk {
	const struct bh_rules *rules;
	uint32_t keys[3]; /* by enum rank_kind */
	uint32_t kind;
	size_t next;
};

static struct walk walk_begin(
	const struct bh_rules *rules, const struct bh_msg_catalogue_type *type)
{
	struct walk walk = {.rules = rules, .keys = {type->code, type->class, 0}};
	walk.next = rank_first(rules, RANK_TYPE, type->code);
	return walk;
}

static const struct bh_msg_route *walk_next(struct walk *walk)
{
	const struct bh_rules *rules = walk->rules;
	while (walk->kind <= RANK_ANY) {
		const struct bh_route_rank *rank = &rules->routes[walk->next];
		if (walk->next < rules->profile.routes_count && rank->kind == walk->kind &&
			rank->key == walk->keys[walk->kind]) {
			walk->next++;
			return &rules->profile.routes[rank->route];
		}
		if (++walk->kind <= RANK_ANY)
			walk->next = rank_first(rules, walk->kind, walk->keys[walk->kind]);
	}
	return NULL;
}

/* Where the steps of an explanation go. */
struct steps {
	struct bh_route_step *steps;
	size_t max;
	size_t count;
};

static void step_add(struct steps *steps, const struct bh_msg_route *route, enum bh_route_why why)
{
	if (why == BH_ROUTE_VERSION)
		return;
	if (steps->count < steps->max)
		steps->steps[steps->count] = (struct bh_route_step){route, why};
	steps->count++;
}

static bool route_of_type(const struct bh_rules *rules, const struct bh_msg_catalogue_type *type,
	const struct bh_route_ask *ask, struct steps *steps, struct bh_routing *out)
{
	struct walk walk = walk_begin(rules, type);
	const struct bh_msg_route *route;
	while ((route = walk_next(&walk)) != NULL) {
		enum bh_route_why why = route_fits(rules, route, ask);
		if (why == BH_ROUTE_TAKEN)
			why = route_unit(rules, route, ask, out);
		step_add(steps, route, why);
		if (why == BH_ROUTE_TAKEN)
			return true;
	}
	uint32_t at = unit_upwards(
		rules, type->unit_kind, bh_rules_area_at(rules, ask->area), ask->day);
	if (at == BH_RULES_NONE)
		return false;
	*out = (struct bh_routing){.unit = rules->profile.units[at].id};
	return true;
}

static void route_by_rules(const struct bh_rules *rules, const struct bh_route_ask *ask,
	struct steps *steps, struct bh_routing *out)
{
	const struct bh_msg_catalogue_type *known = bh_rules_type(rules, ask->type);
	bool unknown = known == NULL;
	if (unknown)
		known = bh_rules_type(rules, BH_TYPE_UNKNOWN_OWNER);
	*out = (struct bh_routing){0};
	if (known == NULL || !route_of_type(rules, known, ask, steps, out)) {
		out->unit = bh_rules_backstop(rules, ask->type, ask->area, 0);
		unknown = true;
	}
	/* What nobody has named is looked at by a person before the margin. */
	if (unknown) {
		out->by_backstop = true;
		out->immediate = false;
	}
}

/* ---- Components ---- */

static void route_by_asset(const struct bh_rules *rules, const struct bh_msg_asset *asset,
	struct bh_route_ask ask, struct steps *steps, struct bh_routing *out)
{
	bool about = ask.type == asset->type || bh_rules_type(rules, ask.type) == NULL;
	bool owned = asset->state != BH_ASSET_GONE && !bh_rules_unit_is_gone(rules, asset->owner);
	if (about && !owned)
		ask.type = 0; /* Routing 5: unknown owner, territory */
	else if (about)
		ask.type = asset->type;
	route_by_rules(rules, &ask, steps, out);
	if (!owned || (!about && !out->by_backstop))
		return;
	*out = (struct bh_routing){
		.unit = asset->owner, .immediate = out->immediate, .by_owner = true};
}

size_t bh_rules_route_explain(const struct bh_rules *rules, const struct bh_route_ask *ask,
	struct bh_route_step *kept, size_t max, struct bh_routing *out)
{
	const struct bh_msg_asset *asset = bh_rules_asset(rules, ask->asset);
	struct steps steps = {.steps = kept, .max = max};
	if (asset != NULL)
		route_by_asset(rules, asset, *ask, &steps, out);
	else
		route_by_rules(rules, ask, &steps, out);
	return steps.count;
}

void bh_rules_route(
	const struct bh_rules *rules, const struct bh_route_ask *ask, struct bh_routing *out)
{
	(void)bh_rules_route_explain(rules, ask, NULL, 0, out);
}

/* ---- What else a rule says ---- */

static bool says_limit(const struct bh_msg_route *route)
{
	return route->limit_unit != 0;
}

static bool says_no_pause(const struct bh_msg_route *route)
{
	return route->no_pause;
}

static bool says_escalation(const struct bh_msg_route *route)
{
	return route->escalates != 0;
}

static const struct bh_msg_route *route_saying(const struct bh_rules *rules,
	const struct bh_route_ask *ask, bool (*says)(const struct bh_msg_route *route))
{
	const struct bh_msg_catalogue_type *known = bh_rules_type(rules, ask->type);
	const struct bh_msg_route *route;
	if (known == NULL)
		known = bh_rules_type(rules, BH_TYPE_UNKNOWN_OWNER);
	if (known == NULL)
		return NULL;
	struct walk walk = walk_begin(rules, known);
	while ((route = walk_next(&walk)) != NULL)
		if (says(route) && route_fits(rules, route, ask) == BH_ROUTE_TAKEN)
			return route;
	return NULL;
}

const struct bh_msg_route *bh_rules_limiting(
	const struct bh_rules *rules, const struct bh_route_ask *ask)
{
	return route_saying(rules, ask, says_limit);
}

bool bh_rules_may_pause(const struct bh_rules *rules, const struct bh_route_ask *ask)
{
	return route_saying(rules, ask, says_no_pause) == NULL;
}

const struct bh_msg_route *bh_rules_escalating(
	const struct bh_rules *rules, const struct bh_route_ask *ask)
{
	return route_saying(rules, ask, says_escalation);
}

uint32_t bh_case_escalation(const struct bh_rules *rules, const struct bh_case *cased)
{
	struct bh_route_ask ask = bh_case_route_ask(cased);
	const struct bh_msg_route *route = bh_rules_escalating(rules, &ask);
	if (route == NULL || route->escalates == cased->unit ||
		bh_rules_unit_is_gone(rules, route->escalates))
		return 0;
	return route->escalates;
}

struct bh_limit bh_case_limit_by_rules(const struct bh_rules *rules, const struct bh_case *cased)
{
	struct bh_route_ask ask = bh_case_route_ask(cased);
	const struct bh_msg_route *route = bh_rules_limiting(rules, &ask);
	if (route == NULL)
		return bh_rules_tier_limit(rules, cased->type, cased->condition, cased->tier);
	return (struct bh_limit){.value = route->limit_value, .unit = route->limit_unit};
}
