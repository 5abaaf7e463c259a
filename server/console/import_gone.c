/* What a profile takes away under the district's cases.  A unit that has cases stays, so that its
 * name is known for ever, and may be dissolved: what it has then goes on elsewhere, and a check
 * says how much that is.  An area that has cases stays. */
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

/* Every case once, and only when an area is to go at all. */
int bh_areas_gone_check(struct bh_exchange *x, const struct bh_msg_profile *before,
	const struct bh_code_book *now, struct bh_import_faults *faults)
{
	struct bh_case_query query = {.states = 0};
	struct bh_case *cases = bh_arena_array(&x->arena, USED_PAGE, sizeof(*cases));
	size_t count = USED_PAGE;
	if (!cases)
		return BH_ERR_NOMEM;
	if (!any_area_gone(before, now))
		return BH_NOERR;
	while (count == USED_PAGE) {
		int err = bh_reader_cases(x->district->reader, &query, cases, USED_PAGE, &count);
		if (err)
			return err;
		for (size_t i = 0; i < count; i++) {
			const struct bh_msg_area *area = area_gone(before, now, cases[i].area);
			struct bh_import_at whole = {faults, "", 0, NULL};
			if (!area)
				continue;
			bh_fault_say(&whole, "areas", "%.*s is missing, but has cases: keep it",
				(int)area->code.len, (const char *)area->code.data);
			return BH_NOERR;
		}
		if (count > 0)
			query.after_number = cases[count - 1].number;
	}
	return BH_NOERR;
}

/* ---- What goes on elsewhere ---- */

/* Over those that were read for the unit before. */
static int moves_count(
	struct bh_exchange *x, uint32_t unit, struct bh_case cases[MOVES_MAX], size_t *count)
{
	const uint32_t held = 1u << BH_STATE_DISPATCHED | 1u << BH_STATE_HANDLING;
	struct bh_case_query query = {.unit = unit, .states = held};
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
