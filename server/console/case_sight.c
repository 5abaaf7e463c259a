/* How much of a case whoever asks is shown, by the reasons for which he sees it at all:
 *
 *   desk, unit        all of it
 *   task              the report, its place, what is asked of him and what he did himself
 *   reporter          where it stands, each step in the reporter's words, and every answer
 *   whom it is copied where it stands, and every answer, as on a handset of theirs
 *   who oversees      of what is sealed all but its words, until he says what for: ten minutes
 *   assessor, auditor where it stands and what was done, without a text, a photo or the place, nor
 *                     the bytes of an entry in which they are
 *
 * Every member stays; what is not for him is null or empty. */
#include "server/console/case_json.h"

#include "proto/caseflow_words.h"
#include "proto/verdict.h"
#include "server/domain/rating.h"
#include "server/store/privacy.h"

#define WHOLE (BH_VIEW_UNIT | BH_VIEW_DESK)
#define OPENED_MS 600000 /* an opening's purpose stands for so long, as its answer does */

/* A supervisor, a sponsor of others, an archivist: of what is sealed he reads what was written for
 * a purpose, and the entry of that opening says so. */
static bool is_veiled(const struct bh_exchange *x, const struct bh_case *cased, unsigned views)
{
	bool opened = false;
	if ((views & WHOLE) != BH_VIEW_DESK || !bh_rules_is_sealed(x->rules, cased->type) ||
		!bh_rights_only_oversees(x->rules, x->person, x->now_ms, cased))
		return false;
	int err = bh_reader_opened(x->district->reader, x->person, cased->number,
		x->district->district_ms - OPENED_MS, &opened);
	return err || !opened;
}

unsigned bh_case_views(const struct bh_exchange *x, const struct bh_case *cased)
{
	if (x->person == 0)
		return BH_VIEW_DESK;
	unsigned views = bh_rights_views(x->rules, x->person, x->now_ms, cased);
	if (is_veiled(x, cased, views))
		views |= BH_VIEW_VEILED;
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

bool bh_views_show_words(unsigned views)
{
	return bh_views_are_whole(views) && (views & BH_VIEW_VEILED) == 0;
}

bool bh_views_show_text(unsigned views)
{
	unsigned own = BH_VIEW_REPORTER | BH_VIEW_TASK;
	return bh_views_show_report(views) && ((views & BH_VIEW_VEILED) == 0 || (views & own) != 0);
}

bool bh_views_show_report(unsigned views)
{
	return (views & ~(unsigned)(BH_VIEW_READER | BH_VIEW_COPIED)) != 0;
}

bool bh_views_show_course(unsigned views)
{
	return (views & (WHOLE | BH_VIEW_READER)) != 0;
}

bool bh_case_asked_whole(struct bh_exchange *x, struct bh_case *out)
{
	if (!bh_case_asked(x, out))
		return false;
	if (bh_views_are_whole(bh_case_views(x, out)))
		return true;
	bh_case_refuse_part(x);
	return false;
}

void bh_case_refuse_part(struct bh_exchange *x)
{
	bh_answer_error(x, 403, "no_right",
		"this of a case is its desk's, its archivist's and its unit's", NULL);
}

bool bh_case_asked_words(struct bh_exchange *x, struct bh_case *out)
{
	if (!bh_case_asked_whole(x, out))
		return false;
	if (bh_views_show_words(bh_case_views(x, out)))
		return true;
	bh_case_refuse_veiled(x);
	return false;
}

void bh_case_refuse_veiled(struct bh_exchange *x)
{
	bh_answer_error(x, 403, "purpose", "what is written in a sealed case is read for a purpose",
		"`bihuan party open NUMBER --purpose=oversight` says so, and stands for ten "
		"minutes");
}

static json_t *members_hide(json_t *json, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		json = bh_member_set(json, names[i], json_null());
	return json;
}

json_t *bh_case_json_seen(const struct bh_exchange *x, const struct bh_case *cased, unsigned views)
{
	static const char *const inside[] = {"acceptor", "asked", "asked_by", "asked_of",
		"asked_unit", "handed_by", "appeal", "warned_unit", "proposed_unit",
		"proposed_unit_name", "dispute"};
	bool report = bh_views_show_report(views), copied = views == BH_VIEW_COPIED;
	json_t *json = bh_case_json(x, cased);

	if (!report)
		json = bh_member_set(json, "place", json_null());
	if (copied)
		json = bh_member_set(json, "reporter", json_null());
	if (bh_views_are_whole(views) || (!report && !copied))
		return json;
	return members_hide(json, inside, sizeof(inside) / sizeof(inside[0]));
}

/* What its reporter reads as the answer. */
static bool is_answer(const struct bh_entry *entry)
{
	return entry->verdict == BH_VERDICT_ACCEPTED &&
	       bh_state_ends_cycle((enum bh_state)entry->to_state) &&
	       (entry->from_state != entry->to_state || entry->verb == BH_VERB_MAIN_ENDED);
}

/* That it is the entry that the chain proves; its bytes and what it sets say the place. */
static json_t *reader_raw_hide(json_t *json)
{
	static const char *const said[] = {"header", "decision", "sets"};
	json_t *raw = json_incref(json_object_get(json, "raw"));

	return bh_member_set(json, "raw", members_hide(raw, said, sizeof(said) / sizeof(said[0])));
}

/* What a mediation or a consultation wrote; what came of it stays where it is said. */
static json_t *papers_hide(json_t *json, bool outcome)
{
	static const char *const written[] = {"agreement", "decisions"};
	json_t *papers = json_object_get(json, "papers");

	if (!papers)
		return json;
	return bh_member_set(json, "papers",
		outcome ? members_hide(json_incref(papers), written, 2) : json_null());
}

/* rating_routes.c says a rating to whom it may.  That the desk handed a token out, and who did, is
 * told at the desk, and not to the unit that is assessed. */
static bool is_desks_invite(const struct bh_entry *entry, unsigned views)
{
	return entry->verb == BH_VERB_INVITE && entry->post != 0 && (views & WHOLE) == BH_VIEW_DESK;
}

json_t *bh_entry_json_seen(
	struct bh_exchange *x, const struct bh_entry *entry, unsigned views, bool *shown)
{
	static const char *const staff[] = {"raw", "words", "person", "device", "text"};
	static const char *const written[] = {"text", "ending"};
	bool own = entry->person != 0 && entry->person == x->person;
	bool told = entry->verdict == BH_VERDICT_ACCEPTED &&
		    bh_verb_words((enum bh_verb)entry->verb)[0] != '\0';

	*shown = (!bh_verb_is_rating(entry->verb) || is_desks_invite(entry, views)) &&
		 (own || (views & (WHOLE | BH_VIEW_READER)) != 0 ||
			 ((views & BH_VIEW_REPORTER) != 0 && told) ||
			 ((views & BH_VIEW_COPIED) != 0 && is_answer(entry)));
	if (!*shown)
		return NULL;
	json_t *json = bh_entry_json(x, entry);
	if (bh_views_show_words(views) || (bh_views_are_whole(views) && own))
		return json;
	if (bh_views_are_whole(views))
		return papers_hide(members_hide(json, written, 2), true);
	if (own)
		return members_hide(json, staff, 1);
	if ((views & BH_VIEW_READER) != 0 && (views & (BH_VIEW_REPORTER | BH_VIEW_COPIED)) == 0)
		return papers_hide(reader_raw_hide(members_hide(json, written, 2)), true);
	return papers_hide(members_hide(json, staff, is_answer(entry) ? 4 : 5), false);
}
