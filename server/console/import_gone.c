/* What a profile takes away under the district's cases.  A unit that has cases stays, so that its
 * name is known for ever, and may be dissolved: what it has then goes on elsewhere, and a check
 * says how much that is.  An area that has cases stays, and so does a type: who may see a case, who
 * handles it and how long it is kept is asked of its type. */
#include <string.h>

#include "proto/err.h"
#include "server/console/exchange.h"
#include "server/console/profile.h"

#define USED_PAGE 200u
#define MOVES_MAX 500u /* cases of one unit that are counted */

/* ---- What is in use may not go: a case would be in nobody's hands ---- */

static bool unit_remains(const struct bh_msg_profile *profile, uint32_t id)
{
	for (size_t i = 0; i < profile->units_count; i++)
		if (profile->units[i].id == id)
			return true;
	return false;
}

int bh_units_gone_check(struct bh_exchange *x, const struct bh_msg_profile *before,
	const struct bh_msg_profile *after, struct bh_import_faults *faults)
{
	for (size_t i = 0; i < before->units_count; i++) {
		const struct bh_msg_unit *unit = &before->units[i];
		struct bh_case_query query = {.unit = unit->id};
		struct bh_case cased;
		size_t count = 0;
		if (unit_remains(after, unit->id))
			continue;
		int err = bh_reader_cases(x->district->reader, &query, &cased, 1, &count);
		if (err)
			return err;
		struct bh_import_at whole = {faults, "", 0, NULL};
		if (count > 0)
			bh_fault_say(&whole, "units",
				"%.*s is missing, but has cases: keep it, and say \"dissolved\": "
				"true",
				(int)unit->code.len, (const char *)unit->code.data);
	}
	return BH_NOERR;
}

static const struct bh_msg_area *area_gone(
	const struct bh_msg_profile *before, const struct bh_code_book *now, uint32_t id)
{
	for (size_t i = 0; id && i < before->areas_count; i++)
		if (before->areas[i].id == id)
			return bh_code_book_find(now, before->areas[i].code) == 0
				       ? &before->areas[i]
				       : NULL;
	return NULL;
}

static bool any_area_gone(const struct bh_msg_profile *before, const struct bh_code_book *now)
{
	for (size_t i = 0; i < before->areas_count; i++)
		if (bh_code_book_find(now, before->areas[i].code) == 0)
			return true;
	return false;
}

static const struct bh_msg_catalogue_type *type_find(
	const struct bh_msg_catalogue *catalogue, uint32_t code)
{
	for (size_t i = 0; i < catalogue->types_count; i++)
		if (catalogue->types[i].code == code)
			return &catalogue->types[i];
	return NULL;
}

static bool any_type_gone(
	const struct bh_msg_catalogue *before, const struct bh_msg_catalogue *after)
{
	for (size_t i = 0; i < before->types_count; i++)
		if (!type_find(after, before->types[i].code))
			return true;
	return false;
}

/* What is to go, over all cases. */
struct leaving {
	const struct bh_msg_profile *before;
	const struct bh_msg_profile *after;
	const struct bh_code_book *areas; /* that stay */
	struct bh_import_faults *faults;
	bool *told; /* of the types that there were, by place */
};

/* The first that has a case. */
static bool area_look(struct leaving *leaving, const struct bh_case *cased)
{
	const struct bh_msg_area *area = area_gone(leaving->before, leaving->areas, cased->area);
	struct bh_import_at whole = {leaving->faults, "", 0, NULL};
	if (!area)
		return true;
	bh_fault_say(&whole, "areas", "%.*s is missing, but has cases: keep it",
		(int)area->code.len, (const char *)area->code.data);
	return false;
}

/* Each once. */
static bool type_look(struct leaving *leaving, const struct bh_case *cased)
{
	const struct bh_msg_catalogue *before = &leaving->before->catalogue;
	const struct bh_msg_catalogue_type *type = type_find(before, cased->type);
	struct bh_import_at whole = {leaving->faults, "", 0, NULL};
	bool *told = type ? &leaving->told[type - before->types] : NULL;
	if (!type || *told || type_find(&leaving->after->catalogue, type->code))
		return true;
	*told = true;
	bh_fault_say(&whole, "types", "%u %.*s is missing, but has cases: keep it",
		(unsigned)type->code, (int)type->name.len, (const char *)type->name.data);
	return true;
}

/* Every case once, until a look says that it has seen enough. */
static int cases_walk(struct bh_exchange *x, struct leaving *leaving,
	bool (*look)(struct leaving *leaving, const struct bh_case *cased))
{
	struct bh_case_query query = {.states = 0};
	struct bh_case *cases = bh_arena_array(&x->arena, USED_PAGE, sizeof(*cases));
	size_t count = USED_PAGE;
	if (!cases)
		return BH_ERR_NOMEM;
	while (count == USED_PAGE) {
		int err = bh_reader_cases(x->district->reader, &query, cases, USED_PAGE, &count);
		if (err)
			return err;
		for (size_t i = 0; i < count; i++)
			if (!look(leaving, &cases[i]))
				return BH_NOERR;
		if (count > 0)
			query.after_number = cases[count - 1].number;
	}
	return BH_NOERR;
}

/* Only when an area is to go at all. */
int bh_areas_gone_check(struct bh_exchange *x, const struct bh_msg_profile *before,
	const struct bh_code_book *now, struct bh_import_faults *faults)
{
	struct leaving leaving = {.before = before, .areas = now, .faults = faults};
	return any_area_gone(before, now) ? cases_walk(x, &leaving, area_look) : BH_NOERR;
}

/* ... or a type. */
int bh_types_gone_check(struct bh_exchange *x, const struct bh_msg_profile *before,
	const struct bh_msg_profile *after, struct bh_import_faults *faults)
{
	size_t count = before->catalogue.types_count;
	struct leaving leaving = {.before = before, .after = after, .faults = faults};
	if (!any_type_gone(&before->catalogue, &after->catalogue))
		return BH_NOERR;
	leaving.told = bh_arena_array(&x->arena, count, sizeof(*leaving.told));
	return leaving.told ? cases_walk(x, &leaving, type_look) : BH_ERR_NOMEM;
}

/* ---- What goes on elsewhere ---- */

#define S(name) (1u << BH_STATE_##name)
/* At once, or as soon as somebody would be at work again.  What is done is the acceptor's. */
#define MOVING \
	(S(DISPATCHED) | S(HANDLING) | S(RETURNING) | S(SUSPENDED) | S(TIER_MOVING) | S(REWORK))

/* Over those that were read for the unit before. */
static int moves_count(
	struct bh_exchange *x, uint32_t unit, struct bh_case cases[MOVES_MAX], size_t *count)
{
	struct bh_case_query query = {.unit = unit, .states = MOVING};
	return bh_reader_cases(x->district->reader, &query, cases, MOVES_MAX, count);
}

json_t *bh_moves_json(struct bh_exchange *x, const struct bh_msg_profile *after)
{
	struct bh_case *cases = bh_arena_array(&x->arena, MOVES_MAX, sizeof(*cases));
	json_t *items = cases ? json_array() : NULL;
	for (size_t i = 0; items && i < after->units_count; i++) {
		const struct bh_msg_unit *unit = &after->units[i];
		size_t count = 0;
		if (!unit->dissolved)
			continue;
		if (moves_count(x, unit->id, cases, &count) != BH_NOERR) {
			json_decref(items);
			return NULL;
		}
		if (count == 0)
			continue;
		items = bh_items_add(
			items, json_pack("{s:o, s:I, s:b}", "unit", bh_json_span(unit->code),
				       "cases", (json_int_t)count, "more", count == MOVES_MAX));
	}
	return items;
}
