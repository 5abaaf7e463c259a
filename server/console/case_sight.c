/* How much of a case whoever asks is shown, by the reasons for which he sees it at all:
 *
 *   desk, unit        all of it
 *   task              the report, its place, what is asked of him and what he did himself
 *   reporter          where it stands, each step in the reporter's words, and every answer
 *   assessor, auditor where it stands and what was done, without a text, a photo or the place
 *
 * Every member stays; what is not for him is null or empty. */
#include "server/console/case_json.h"

#include "proto/caseflow_words.h"
#include "proto/verdict.h"
#include "server/domain/rating.h"

#define WHOLE (BH_VIEW_UNIT | BH_VIEW_DESK)

unsigned bh_case_views(const struct bh_exchange *x, const struct bh_case *cased)
{
	if (x->person == 0)
		return BH_VIEW_DESK;
	unsigned views = bh_rights_views(x->rules, x->person, x->now_ms, cased);
	return bh_may_see_by_task(x, cased) ? views | BH_VIEW_TASK : views;
}

bool bh_may_see_case(const struct bh_exchange *x, const struct bh_case *cased)
{
	return bh_case_views(x, cased) != 0;
}

bool bh_views_are_whole(unsigned views)
{
	return (views & WHOLE) != 0;
}

bool bh_views_show_report(unsigned views)
{
	return (views & ~(unsigned)BH_VIEW_READER) != 0;
}

json_t *bh_case_json_seen(const struct bh_exchange *x, const struct bh_case *cased, unsigned views)
{
	static const char *const inside[] = {"acceptor", "asked", "asked_by", "asked_of", "appeal",
		"warned_unit", "proposed_unit", "proposed_unit_name"};
	json_t *json = bh_case_json(x, cased);

	if (!bh_views_show_report(views))
		return bh_member_set(json, "place", json_null());
	for (size_t i = 0; !bh_views_are_whole(views) && i < sizeof(inside) / sizeof(inside[0]);
		i++)
		json = bh_member_set(json, inside[i], json_null());
	return json;
}

/* What its reporter reads as the answer. */
static bool is_answer(const struct bh_entry *entry)
{
	return entry->verdict == BH_VERDICT_ACCEPTED &&
	       bh_state_ends_cycle((enum bh_state)entry->to_state) &&
	       (entry->from_state != entry->to_state || entry->verb == BH_VERB_MAIN_ENDED);
}

static json_t *members_hide(json_t *json, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		json = bh_member_set(json, names[i], json_null());
	return json;
}

json_t *bh_entry_json_seen(
	struct bh_exchange *x, const struct bh_entry *entry, unsigned views, bool *shown)
{
	static const char *const staff[] = {"raw", "words", "person", "device", "text"};
	bool own = entry->person != 0 && entry->person == x->person;
	bool told = entry->verdict == BH_VERDICT_ACCEPTED &&
		    bh_verb_words((enum bh_verb)entry->verb)[0] != '\0';

	/* rating_routes.c says a rating to whom it may */
	*shown = !bh_verb_is_rating(entry->verb) &&
		 (own || (views & (WHOLE | BH_VIEW_READER)) != 0 ||
			 ((views & BH_VIEW_REPORTER) != 0 && told));
	if (!*shown)
		return NULL;
	json_t *json = bh_entry_json(x, entry);
	if (bh_views_are_whole(views))
		return json;
	if (own)
		return members_hide(json, staff, 1);
	if ((views & BH_VIEW_READER) != 0 && (views & BH_VIEW_REPORTER) == 0)
		return bh_member_set(
			bh_member_set(json, "text", json_null()), "ending", json_null());
	return members_hide(json, staff, is_answer(entry) ? 4 : 5);
}
