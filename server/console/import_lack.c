/* What a profile leaves nobody to do, and what it keeps for ever: no fault, since a district may
 * want it so, but said with every check.
 *
 *   units whose posts nobody holds today, each with the open cases that wait at it
 *   cases and words about no case without a retention: the clock erases nothing of them
 *   safeguards that are switched off, as a district that is tried out has them */
#include "proto/err.h"
#include "server/console/exchange.h"
#include "server/console/profile.h"
#include "server/domain/field_fact.h"
#include "server/domain/privacy.h"

#define CASES_MAX 500u /* of one unit that are counted */

static bool has_people(const struct bh_msg_profile *profile, uint32_t unit, int32_t today)
{
	for (size_t i = 0; i < profile->posts_count; i++) {
		const struct bh_msg_post *post = &profile->posts[i];
		if (post->unit == unit && (post->from_day == 0 || post->from_day <= today) &&
			(post->to_day == 0 || today <= post->to_day))
			return true;
	}
	return false;
}

/* Over those that were read for the unit before. */
static int cases_count(
	struct bh_exchange *x, uint32_t unit, struct bh_case cases[CASES_MAX], size_t *count)
{
	struct bh_case_query query = {.unit = unit};
	for (unsigned state = 0; state < BH_STATE_COUNT; state++)
		query.states |= bh_state_is_end((enum bh_state)state) ? 0 : 1u << state;
	return bh_reader_cases(x->district->reader, &query, cases, CASES_MAX, count);
}

json_t *bh_unmanned_json(struct bh_exchange *x, const struct bh_msg_profile *profile)
{
	int32_t offset_min = bh_rules_settings(x->rules)->utc_offset_min;
	int32_t today = (int32_t)bh_local_day(x->district->district_ms, offset_min);
	struct bh_case *cases = bh_arena_array(&x->arena, CASES_MAX, sizeof(*cases));
	json_t *items = cases ? json_array() : NULL;
	for (size_t i = 0; items && i < profile->units_count; i++) {
		const struct bh_msg_unit *unit = &profile->units[i];
		size_t count = 0;
		if (unit->dissolved || has_people(profile, unit->id, today))
			continue;
		if (cases_count(x, unit->id, cases, &count) != BH_NOERR) {
			json_decref(items);
			return NULL;
		}
		items = bh_items_add(
			items, json_pack("{s:o, s:o, s:I, s:b}", "unit", bh_json_span(unit->code),
				       "name", bh_json_span(unit->name), "cases", (json_int_t)count,
				       "more", count == CASES_MAX));
	}
	return items;
}

json_t *bh_kept_for_ever_json(const struct bh_msg_profile *profile)
{
	bool cases, entries;
	bh_retention_lacks(&profile->settings, &cases, &entries);
	json_t *items = json_array();
	if (cases)
		items = bh_items_add(items, json_string("cases"));
	if (entries)
		items = bh_items_add(items, json_string("entries"));
	return items;
}

json_t *bh_safeguards_off_json(const struct bh_msg_profile *profile)
{
	json_t *items = json_array();
	if (profile->settings.check_sampling_off)
		items = bh_items_add(items, json_string("check_sampling_off"));
	if (profile->settings.evidence_off)
		items = bh_items_add(items, json_string("evidence_off"));
	return items;
}

void bh_route_unmanned(struct bh_exchange *x)
{
	bh_answer_json(x, 200, bh_list_json(bh_unmanned_json(x, bh_rules_profile(x->rules)), NULL));
}
