/* Who may ask for a token, rate, and see ratings.  Deny by default, and nothing here moves a case.
 *
 * Neither who handled a case nor anybody of its unit has a hand in its rating: not the token, not
 * what was said of it, and of its figures only what the rule of small counts leaves. */
#include "proto/codec.h"
#include "server/domain/intake.h"
#include "server/domain/rating.h"
#include "server/domain/rights.h"
#include "server/domain/small_count.h"

#define R(name) (1u << BH_ROLE_##name)
#define READERS (R(SUPERVISOR) | R(ASSESSOR) | R(FOLLOWUP_AGENT))

static const struct bh_right_beside rights[] = {
	{BH_VERB_INVITE, R(ACCEPTOR) | R(SHIFT_LEADER) | R(FOLLOWUP_AGENT), 0},
	{BH_VERB_RATE, READERS, 0}, /* to read it */
};

#define RIGHTS_COUNT (sizeof(rights) / sizeof(rights[0]))

static uint32_t post_of(const struct bh_rules *rules, int64_t now_ms, uint32_t person,
	uint32_t post, enum bh_verb verb, const struct bh_case *cased)
{
	const struct bh_rights_ask ask = bh_rights_ask_beside(
		rules, now_ms, person, post, verb, cased);
	return bh_rights_beside(rights, RIGHTS_COUNT, &ask);
}

static void refuse(struct bh_rating_answer *out, enum bh_reason reason, const char *detail)
{
	out->accepted = false;
	out->reason = reason;
	out->detail = detail;
}

/* It is the work of this person that is asked about. */
static bool had_part(const struct bh_rules *rules, uint32_t person, const struct bh_case *cased)
{
	return person == cased->finished_by || person == cased->filed_by ||
	       person == cased->dispatched_by || person == cased->closed_by ||
	       person == cased->acceptor || bh_rules_is_of_unit(rules, person, cased->unit);
}

static bool ends_elsewhere(enum bh_state state)
{
	return state == BH_STATE_VOID || state == BH_STATE_MERGED || state == BH_STATE_REFERRED ||
	       state == BH_STATE_REJECTED;
}

static void invite_decide(const struct bh_rating_ask *ask, const struct bh_command *command,
	struct bh_rating_answer *out)
{
	const struct bh_case *cased = ask->cased;
	uint32_t person = command->person;

	if (cased == NULL) {
		refuse(out, BH_REASON_NO_CASE, NULL);
		return;
	}
	/* who registered it at a desk is not whose matter it is */
	bool own = person != 0 && person == cased->reporter && cased->intake == BH_INTAKE_HANDSET;
	out->post = own ? 0
			: post_of(ask->rules, ask->now_ms, person, command->post, BH_VERB_INVITE,
				  cased);
	if (!own && out->post == 0)
		refuse(out, BH_REASON_NO_RIGHT,
			"an acceptor, a shift leader or a follow-up agent hands a token out");
	else if (!cased->by_public)
		refuse(out, BH_REASON_GUARD, "it was not reported by the public");
	else if (!own && had_part(ask->rules, person, cased))
		refuse(out, BH_REASON_GUARD,
			"who hands a token out had no part in the case: another acceptor, a shift "
			"leader or a follow-up agent does");
	else if (ends_elsewhere((enum bh_state)cased->state))
		refuse(out, BH_REASON_NOT_NOW, "nobody answers for it here");
	else if (ask->erased)
		refuse(out, BH_REASON_GUARD, "it was erased");
	else if (!own && ask->own_invites > 0)
		refuse(out, BH_REASON_GUARD, "who reported it took a token himself");
	else if ((own ? ask->own_invites : ask->invites) >= BH_RATING_INVITES_MAX)
		refuse(out, BH_REASON_GUARD, "as many tokens were handed out as a case may have");
}

/* What is right or wrong of the token comes first: until then nothing is told. */
static void rate_decide(const struct bh_rating_ask *ask, const struct bh_command *command,
	struct bh_rating_answer *out)
{
	if (ask->cased == NULL || ask->erased || !ask->token_fits)
		refuse(out, BH_REASON_NO_RIGHT, "number and token do not fit");
	else if (ask->given_by != 0 && had_part(ask->rules, ask->given_by, ask->cased))
		refuse(out, BH_REASON_GUARD,
			"who handed the token out has had a part in the case: ask the desk for "
			"another");
	else if (!bh_rating_is_open(ask->rules, ask->cased, ask->now_ms))
		refuse(out, BH_REASON_WINDOW, "it is rated within 7 days after it was closed");
	else if (ask->rated)
		refuse(out, BH_REASON_NOT_NOW, "it was rated");
	else if (bh_rating_name(command->reason_code) == NULL)
		refuse(out, BH_REASON_FIELD, "there is no such rating");
	else if (command->text.len > BH_RATING_TEXT_MAX || !bh_utf8_valid(command->text))
		refuse(out, BH_REASON_TEXT, NULL);
}

void bh_rating_decide(const struct bh_rating_ask *ask, const struct bh_command *command,
	struct bh_rating_answer *out)
{
	*out = (struct bh_rating_answer){.accepted = true};
	if (command->verb == BH_VERB_INVITE)
		invite_decide(ask, command, out);
	else
		rate_decide(ask, command, out);
}

bool bh_rating_may_read(const struct bh_rules *rules, uint32_t person, int64_t now_ms,
	const struct bh_case *cased, uint32_t unit)
{
	return post_of(rules, now_ms, person, 0, BH_VERB_RATE, cased) != 0 &&
	       person != cased->finished_by && !bh_rules_is_of_unit(rules, person, unit);
}

bool bh_rating_may_count(
	const struct bh_rules *rules, uint32_t person, int64_t now_ms, uint32_t unit)
{
	const struct bh_msg_unit *of = bh_rules_unit(rules, unit);
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(rules, person, now_ms, posts);
	bool may = false;

	if (of == NULL || bh_rules_is_of_unit(rules, person, unit))
		return false;
	for (size_t i = 0; i < count; i++)
		may = may || ((1u << posts[i]->role & READERS) != 0 &&
				     bh_rules_area_within(rules, of->area, posts[i]->area));
	return may;
}

static bool cell_is_told(uint32_t count)
{
	return count == 0 || bh_cell_is_shown(count, false);
}

bool bh_rating_is_counted(const struct bh_rating_count *row, bool whole)
{
	uint32_t others = row->rated - row->satisfied;
	bool alike = row->satisfied == 0 || others == 0;
	bool all = row->closed - row->rated < BH_CELL_MIN;

	return whole || (cell_is_told(row->satisfied) && cell_is_told(others) && !(alike && all));
}

bool bh_rating_is_shown(const struct bh_rating_count *row, bool whole, bool told)
{
	return whole || (told && bh_cell_is_shown(row->rated, false));
}
