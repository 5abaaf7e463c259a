/* What must hold of ratings, entry by entry: in nobody's name, of an answer to the public that
 * stands, while its window is open, once a cycle, and only where a token was given out (domain.md,
 * CLOSED; "The privacy line"). */
#include "server/domain/rating.h"
#include "tests/sim/judge_state.h"

#define WINDOW_MS (7 * INT64_C(86400000))

static void invited(
	struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_entry *entry)
{
	uint8_t hash[BH_HASH_BYTES];
	bool erased = entry->content.len == 0;

	if (cased->now.by_public == 0 || (!erased && bh_invite_decode(entry->content, hash) != 0))
		bh_simjudge_break(judge, "I6", entry, "a token of no report of the public");
	cased->invited = true;
	judge->run->tally.invitations++;
}

static void rated(struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_entry *entry)
{
	struct bh_rating_said said;
	const struct bh_case *now = &cased->now;

	if (entry->person != 0 || entry->post != 0 || entry->device != 0)
		bh_simjudge_break(judge, "I6", entry, "a rating says whose it is");
	if (bh_rating_decode(entry->header, &said) != 0 || said.cycle != now->cycle)
		bh_simjudge_break(judge, "I6", entry, "a rating is of another cycle");
	if (!cased->invited || now->by_public == 0)
		bh_simjudge_break(judge, "I6", entry, "a rating without a token");
	if (now->closed_ms == 0 || entry->at_ms > now->closed_ms + WINDOW_MS)
		bh_simjudge_break(judge, "I6", entry, "a rating out of its window");
	if (cased->rated_cycle == said.cycle)
		bh_simjudge_break(judge, "I6", entry, "a cycle is rated twice");
	cased->rated_cycle = said.cycle;
	judge->run->tally.ratings++;
}

bool bh_simjudge_rating(
	struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_entry *entry)
{
	if (!bh_verb_is_rating(entry->verb))
		return false;
	if (entry->verdict != BH_VERDICT_ACCEPTED || entry->cycle != 0 ||
		entry->decision.len != 0 || cased->now.number == 0)
		bh_simjudge_break(judge, "I6", entry, "a rating moves a case, or is of none");
	else if (entry->verb == BH_VERB_INVITE)
		invited(judge, cased, entry);
	else
		rated(judge, cased, entry);
	return true;
}
