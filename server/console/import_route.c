/* Routing rules of a profile and their versions, and the periods of heightened duty.
 *
 *   in force          given              then
 *   A (of 3)          A                  A of 3
 *   B (of 2)          C                  C of 4;  B of 2 until 4, for cases that began before
 *
 * A rule is the same where everything it says is; another paper makes it another rule. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/console/profile.h"

/* ---- Reading ---- */

static void route_kind_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_route *route)
{
	struct bh_span kind = {NULL, 0};
	bool says = route->limit_unit || route->no_pause || route->escalates;
	if (!bh_field_text(at, object, "unit_kind", BH_NAME_BYTES_MAX, false, &kind))
		return;
	if ((kind.len > 0) == (route->unit != 0)) {
		if (kind.len > 0)
			bh_fault_say(at, "unit_kind", "a rule names a unit or a kind, not both");
		else if (!json_object_get(object, "unit") && !says)
			bh_fault_say(at, "unit_kind", "a rule names a unit or a kind of unit");
		return;
	}
	if (kind.len == 0)
		return;
	route->unit_kind = bh_unit_kind_id(&import->out.catalogue, kind);
	if (route->unit_kind == 0)
		bh_fault_say(at, "unit_kind", "the catalogue has no kind of unit %.*s",
			(int)kind.len, (const char *)kind.data);
}

/* Which cases it is for. */
static void match_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_route *route)
{
	static const char *const periods[] = {"", "heightened", NULL};
	uint32_t period = 0;
	(void)bh_field_u32(at, object, "type", 1, UINT32_MAX, false, &route->type);
	(void)bh_field_u32(at, object, "class", 1, UINT32_MAX, false, &route->class);
	if (route->type && route->class)
		bh_fault_say(at, "class", "a rule is for a type or a class, not both");
	(void)bh_field_u32(at, object, "condition", 1, UINT32_MAX, false, &route->condition);
	route->area = bh_import_code(at, object, "area", &import->area_now, false);
	(void)bh_field_word(at, object, "period", periods, false, &period);
	route->heightened = period != 0;
	(void)bh_field_day(at, object, "from", &route->from_day);
	(void)bh_field_day(at, object, "to", &route->to_day);
}

/* S1-29: each rule cites its paper. */
static void route_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_route *route)
{
	static const char *const names[] = {"type", "class", "condition", "area", "period", "from",
		"to", "unit_kind", "unit", "immediate", "limit", "pause", "escalates", "paper",
		NULL};
	struct bh_msg_limit limit = {0};
	bool pause = true;
	bh_fields_check(at, object, names);
	match_read(import, at, object, route);
	(void)bh_field_bool(at, object, "immediate", &route->immediate);
	if (json_object_get(object, "limit"))
		bh_limit_read(at, object, "limit", &limit);
	route->limit_value = limit.value;
	route->limit_unit = limit.unit;
	(void)bh_field_bool(at, object, "pause", &pause);
	route->no_pause = !pause;
	(void)bh_field_text(at, object, "paper", BH_NAME_BYTES_MAX, true, &route->paper);
	route->escalates = bh_import_code(at, object, "escalates", &import->unit_now, false);
	route->unit = bh_import_code(at, object, "unit", &import->unit_now, false);
	route_kind_read(import, at, object, route);
}

int bh_routes_read(struct bh_profile_import *import, const json_t *profile)
{
	struct bh_import_at whole = {import->faults, "", 0, NULL};
	const json_t *list = bh_field_list(&whole, profile, "routes", false);
	size_t count = json_array_size(list);
	struct bh_msg_route *routes = bh_arena_array(import->arena, count + 1, sizeof(*routes));
	if (!routes)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		struct bh_import_at at = {import->faults, "routes", i, NULL};
		route_read(import, &at, json_array_get(list, i), &routes[i]);
	}
	return bh_routes_replace(import->arena, import->before, routes, count, &import->out);
}

/* ---- Versions ---- */

static int number_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* All that a rule says, and nothing of its version. */
static int route_compare(const struct bh_msg_route *a, const struct bh_msg_route *b)
{
	const uint64_t left[] = {a->type, a->class, a->condition, a->area, a->heightened,
		(uint64_t)(int64_t)a->from_day, (uint64_t)(int64_t)a->to_day, a->unit_kind, a->unit,
		a->immediate, a->limit_value, a->limit_unit, a->no_pause, a->escalates,
		a->paper.len};
	const uint64_t right[] = {b->type, b->class, b->condition, b->area, b->heightened,
		(uint64_t)(int64_t)b->from_day, (uint64_t)(int64_t)b->to_day, b->unit_kind, b->unit,
		b->immediate, b->limit_value, b->limit_unit, b->no_pause, b->escalates,
		b->paper.len};
	int order = 0;
	for (size_t i = 0; order == 0 && i < sizeof(left) / sizeof(left[0]); i++)
		order = number_compare(left[i], right[i]);
	return order == 0 && a->paper.len > 0 ? memcmp(a->paper.data, b->paper.data, a->paper.len)
					      : order;
}

struct known {
	const struct bh_msg_route *route;
	bool stays;
};

static int known_compare(const void *left, const void *right)
{
	const struct known *a = left, *b = right;
	int order = route_compare(a->route, b->route);
	return order != 0 ? order : (a->route > b->route) - (a->route < b->route);
}

/* The first that is the same and not taken yet; NULL: it is new. */
static struct known *known_find(struct known *known, size_t count, const struct bh_msg_route *route)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (route_compare(known[middle].route, route) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	while (low < count && known[low].stays && route_compare(known[low].route, route) == 0)
		low++;
	return low < count && route_compare(known[low].route, route) == 0 ? &known[low] : NULL;
}

static struct known *known_list(
	struct bh_arena *arena, const struct bh_msg_profile *before, size_t *count)
{
	struct known *known = bh_arena_array(arena, before->routes_count + 1, sizeof(*known));
	*count = 0;
	for (size_t i = 0; known && i < before->routes_count; i++)
		if (before->routes[i].until == 0)
			known[(*count)++].route = &before->routes[i];
	if (known)
		qsort(known, *count, sizeof(*known), known_compare);
	return known;
}

/* Those that go, in the order in which they stood, after those that went before. */
static size_t gone_add(const struct bh_msg_profile *before, const struct known *known,
	size_t known_count, uint32_t version, struct bh_msg_route *out)
{
	size_t count = 0;
	for (size_t i = 0; i < before->routes_count; i++)
		if (before->routes[i].until != 0)
			out[count++] = before->routes[i];
	for (size_t i = 0; i < known_count; i++) {
		if (known[i].stays)
			continue;
		out[count] = *known[i].route;
		out[count++].until = version;
	}
	return count;
}

int bh_routes_replace(struct bh_arena *arena, const struct bh_msg_profile *before,
	const struct bh_msg_route *given, size_t count, struct bh_msg_profile *out)
{
	size_t known_count, kept = 0;
	struct known *known = known_list(arena, before, &known_count);
	struct bh_msg_route *routes = bh_arena_array(
		arena, count + before->routes_count + 1, sizeof(*routes));
	if (!known || !routes)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		struct known *same = known_find(known, known_count, &given[i]);
		routes[i] = given[i];
		routes[i].version = same ? same->route->version : before->routes_version + 1;
		routes[i].until = 0;
		if (same)
			same->stays = true;
		kept += same != NULL;
	}
	out->routes_version = before->routes_version + (kept != count || kept != known_count);
	out->routes = routes;
	out->routes_count = count + gone_add(before, known, known_count, out->routes_version,
					    routes + count);
	return BH_NOERR;
}

void bh_routes_stay(struct bh_profile_import *import)
{
	const struct bh_msg_profile *before = import->before;
	import->out.routes = before->routes;
	import->out.routes_count = before->routes_count;
	import->out.routes_version = before->routes_version;
	import->out.duty_periods = before->duty_periods;
	import->out.duty_periods_count = before->duty_periods_count;
}

/* ---- Heightened duty ---- */

static uint32_t duty_id(const struct bh_msg_profile *before, struct bh_span name, uint32_t *next)
{
	for (size_t i = 0; i < before->duty_periods_count; i++)
		if (bh_span_equal(before->duty_periods[i].name, name))
			return before->duty_periods[i].id;
	return (*next)++;
}

static void duty_period_read(
	const struct bh_import_at *at, const json_t *object, struct bh_msg_duty_period *period)
{
	static const char *const names[] = {
		"name", "from", "to", "paper", "dispatch_limit_min", NULL};
	bh_fields_check(at, object, names);
	(void)bh_field_text(at, object, "name", BH_NAME_BYTES_MAX, true, &period->name);
	(void)bh_field_text(at, object, "paper", BH_NAME_BYTES_MAX, true, &period->paper);
	if (!json_object_get(object, "from") || !json_object_get(object, "to"))
		bh_fault_say(at, NULL, "it has no first or no last day: from, to");
	(void)bh_field_day(at, object, "from", &period->from_day);
	(void)bh_field_day(at, object, "to", &period->to_day);
	(void)bh_field_u32(at, object, "dispatch_limit_min", 1, UINT32_MAX, false,
		&period->dispatch_limit_min);
}

int bh_duty_read(struct bh_profile_import *import, const json_t *profile)
{
	struct bh_import_at whole = {import->faults, "", 0, NULL};
	const struct bh_msg_profile *before = import->before;
	import->out.duty_periods = before->duty_periods;
	import->out.duty_periods_count = before->duty_periods_count;
	if (!json_object_get(profile, "duty_periods"))
		return BH_NOERR;
	const json_t *list = bh_field_list(&whole, profile, "duty_periods", false);
	size_t count = json_array_size(list);
	uint32_t next = 1;
	struct bh_msg_duty_period *periods = bh_arena_array(
		import->arena, count + 1, sizeof(*periods));
	if (!periods)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < before->duty_periods_count; i++)
		if (before->duty_periods[i].id >= next)
			next = before->duty_periods[i].id + 1;
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(list, i);
		struct bh_import_at at = {import->faults, "duty_periods", i,
			json_string_value(json_object_get(one, "name"))};
		duty_period_read(&at, one, &periods[i]);
		periods[i].id = duty_id(before, periods[i].name, &next);
	}
	import->out.duty_periods = periods;
	import->out.duty_periods_count = count;
	return BH_NOERR;
}
