/* Every due column from a case's entries alone, by another road than decide: fold where the case
 * stood and since when, then ask the calendar once at the end, by the rules of that time.
 *
 *   entered the queue at q, still there ─▶ q + 30 min          dispatched at d, unsigned ─▶ d ▷
 * sign limit with a unit since d ─▶ d ▷ limit(type, condition)         return asked at r ─▶ r + 1 h
 *   done at f, unchecked ─▶ f ▷ check limit
 *
 * Of decisions it reads the type and the condition only; never a due time. */
#include "proto/err.h"
#include "server/domain/decide.h"

#define MINUTE_MS 60000
/* domain.md, RETURNING */
static const struct bh_limit review_limit = {1, BH_LIMIT_URGENT_HOUR};

/* Where a clock started; it goes by the rules of that entry. */
struct start {
	int64_t at_ms;
	uint64_t position;
};

struct history {
	uint32_t state;
	uint32_t type;
	uint32_t condition;
	struct start queued;
	struct start dispatched;
	struct start asked;
	struct start done;
};

/* Verbs that put a case into the dispatch queue (domain.md, "The 30 minutes"). */
static bool verb_queues(uint32_t verb)
{
	return verb == BH_VERB_SUBMIT || verb == BH_VERB_RELEASE || verb == BH_VERB_ACCEPT_RETURN ||
	       verb == BH_VERB_REOPEN || verb == BH_VERB_RECUR || verb == BH_VERB_RECONSIDER ||
	       verb == BH_VERB_UNMERGE;
}

static int history_fold(
	struct history *history, struct bh_case *facts, const struct bh_entry *entry)
{
	if (entry->verdict != BH_VERDICT_ACCEPTED || entry->decision.len == 0)
		return 0;
	int err = bh_case_patch(facts, entry->decision);
	if (err != 0)
		return err;
	history->type = facts->type;
	history->condition = facts->condition;
	history->state = entry->to_state;
	const struct start here = {entry->at_ms, entry->position};
	if (verb_queues(entry->verb))
		history->queued = here;
	if (entry->verb == BH_VERB_DISPATCH || entry->verb == BH_VERB_REDIRECT)
		history->dispatched = here;
	if (entry->verb == BH_VERB_RETURN)
		history->asked = here;
	if (entry->verb == BH_VERB_FINISH)
		history->done = here;
	return 0;
}

static int64_t walk_minutes(const struct bh_rules *rules, const struct start *start, uint32_t min)
{
	return bh_calendar_walk(bh_rules_calendar(rules), start->at_ms, (int64_t)min * MINUTE_MS);
}

static int64_t dispatch_due(const struct bh_rules *rules, const struct history *history)
{
	struct bh_limit limit = {
		bh_rules_settings(rules)->dispatch_limit_min, BH_LIMIT_URGENT_MINUTE};
	return bh_limit_due(bh_rules_calendar(rules), limit, history->queued.at_ms, 0);
}

static int64_t disposal_due(const struct bh_rules *rules, const struct history *history)
{
	struct bh_limit limit = bh_rules_disposal_limit(rules, history->type, history->condition);
	return bh_limit_due(bh_rules_calendar(rules), limit, history->dispatched.at_ms, 0);
}

/* With a unit: the clocks of its dispatch, all under the rules of that. */
static int dues_of_unit(
	bh_rules_at at, void *context, const struct history *history, struct bh_dues *out)
{
	const struct bh_rules *rules;
	int err = at(context, history->dispatched.position, &rules);
	if (err != 0)
		return err;
	out->disposal_due_ms = disposal_due(rules, history);
	if (history->state == BH_STATE_DISPATCHED)
		out->sign_due_ms = walk_minutes(
			rules, &history->dispatched, bh_rules_settings(rules)->sign_limit_work_min);
	if (history->state != BH_STATE_RETURNING)
		return 0;
	err = at(context, history->asked.position, &rules);
	if (err == 0)
		out->review_due_ms = bh_limit_due(
			bh_rules_calendar(rules), review_limit, history->asked.at_ms, 0);
	return err;
}

static int dues_of(
	bh_rules_at at, void *context, const struct history *history, struct bh_dues *out)
{
	const struct bh_rules *rules;
	int err;
	switch (history->state) {
	case BH_STATE_RECEIVED:
	case BH_STATE_VERIFYING:
	case BH_STATE_FILED:
		err = at(context, history->queued.position, &rules);
		if (err == 0)
			out->dispatch_due_ms = dispatch_due(rules, history);
		return err;
	case BH_STATE_DISPATCHED:
	case BH_STATE_RETURNING:
	case BH_STATE_HANDLING:
		return dues_of_unit(at, context, history, out);
	case BH_STATE_DONE:
	case BH_STATE_CHECKING:
		err = at(context, history->done.position, &rules);
		if (err == 0)
			out->check_due_ms = walk_minutes(rules, &history->done,
				bh_rules_settings(rules)->check_limit_work_min);
		return err;
	default:
		return 0;
	}
}

int bh_dues_from_entries_at(bh_rules_at at, void *context, const struct bh_entry *entries,
	size_t count, struct bh_dues *out)
{
	struct history history = {0};
	struct bh_case facts = {0};
	struct bh_dues dues = {0};
	for (size_t i = 0; i < count; i++) {
		int err = history_fold(&history, &facts, &entries[i]);
		if (err != 0)
			return err;
	}
	int err = dues_of(at, context, &history, &dues);
	if (err == 0)
		*out = dues;
	return err;
}

static int rules_always(void *context, uint64_t position, const struct bh_rules **out)
{
	(void)position;
	*out = *(const struct bh_rules **)context;
	return 0;
}

int bh_dues_from_entries(const struct bh_rules *rules, const struct bh_entry *entries, size_t count,
	struct bh_dues *out)
{
	return bh_dues_from_entries_at(rules_always, &rules, entries, count, out);
}
