/* Every due column from a case's entries alone, by another road than decide: fold where the case
 * stood and since when, then ask the calendar once at the end.
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

struct history {
	uint32_t state;
	uint32_t type;
	uint32_t condition;
	int64_t queued_ms;
	int64_t dispatched_ms;
	int64_t asked_ms;
	int64_t done_ms;
};

/* Verbs that put a case into the dispatch queue (domain.md, "The 30 minutes"). */
static bool verb_queues(uint32_t verb)
{
	return verb == BH_VERB_SUBMIT || verb == BH_VERB_ACCEPT_RETURN || verb == BH_VERB_REOPEN ||
	       verb == BH_VERB_RECUR || verb == BH_VERB_RECONSIDER || verb == BH_VERB_UNMERGE;
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
	if (verb_queues(entry->verb))
		history->queued_ms = entry->at_ms;
	if (entry->verb == BH_VERB_DISPATCH || entry->verb == BH_VERB_REDIRECT)
		history->dispatched_ms = entry->at_ms;
	if (entry->verb == BH_VERB_RETURN)
		history->asked_ms = entry->at_ms;
	if (entry->verb == BH_VERB_FINISH)
		history->done_ms = entry->at_ms;
	return 0;
}

static void dues_of(
	const struct bh_rules *rules, const struct history *history, struct bh_dues *out)
{
	const struct bh_msg_settings *settings = bh_rules_settings(rules);
	const struct bh_calendar *calendar = bh_rules_calendar(rules);
	*out = (struct bh_dues){0};
	switch (history->state) {
	case BH_STATE_RECEIVED:
	case BH_STATE_VERIFYING:
	case BH_STATE_FILED:
		out->dispatch_due_ms = history->queued_ms +
				       (int64_t)settings->dispatch_limit_min * MINUTE_MS;
		return;
	case BH_STATE_DISPATCHED:
		out->sign_due_ms = bh_calendar_walk(calendar, history->dispatched_ms,
			(int64_t)settings->sign_limit_work_min * MINUTE_MS);
		break;
	case BH_STATE_RETURNING:
		out->review_due_ms = bh_limit_due(calendar, review_limit, history->asked_ms, 0);
		break;
	case BH_STATE_HANDLING:
		break;
	case BH_STATE_DONE:
	case BH_STATE_CHECKING:
		out->check_due_ms = bh_calendar_walk(calendar, history->done_ms,
			(int64_t)settings->check_limit_work_min * MINUTE_MS);
		return;
	default:
		return;
	}
	struct bh_limit limit = bh_rules_disposal_limit(rules, history->type, history->condition);
	out->disposal_due_ms = bh_limit_due(calendar, limit, history->dispatched_ms, 0);
}

int bh_dues_from_entries(const struct bh_rules *rules, const struct bh_entry *entries, size_t count,
	struct bh_dues *out)
{
	struct history history = {0};
	struct bh_case facts = {0};
	for (size_t i = 0; i < count; i++) {
		int err = history_fold(&history, &facts, &entries[i]);
		if (err != 0)
			return err;
	}
	dues_of(rules, &history, out);
	return 0;
}
