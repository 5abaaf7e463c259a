/* Every due column from a case's entries alone, by another road than decide: fold where the case
 * stood and since when, then ask the calendar once at the end, by the rules of that time.
 *
 *   entered the queue at q, still there ─▶ q + 30 min          dispatched at d, unsigned ─▶ d ▷
 * sign limit with a unit since d ─▶ d ▷ limit(type, condition)         return asked at r ─▶ r + 1 h
 *   done at f, unchecked ─▶ f ▷ check limit                closed at c ─▶ c + 7 days
 *   archived at t ─▶ c ▷ 3 working days, or t ▷ 1, the later      last tried at t ─▶ t ▷ 3
 *
 * The disposal clock is a list of stretches: it stops with a suspension and begins again where that
 * ends, begins anew with half the limit for a rework, and grows by a limit with each extension.
 *
 * An amendment gives another limit to the same stretches; a recomputation gives what still runs
 * another calendar.
 *
 * Of decisions it reads the type, the condition, the tier, the place, the rules that the case began
 * with, and the date until when a person suspended; never a due time. */
#include "proto/err.h"
#include "server/domain/decide.h"
#include "server/domain/milestone.h"
#include "server/domain/routing.h"

#define MINUTE_MS 60000
/* domain.md, RETURNING */
static const struct bh_limit review_limit = {1, BH_LIMIT_URGENT_HOUR};
static const struct bh_limit receipt_limit = {1, BH_LIMIT_WORK_DAY};
/* domain.md, CLOSED and ARCHIVED */
static const struct bh_limit archive_limit = {7, BH_LIMIT_NATURAL_DAY};
static const struct bh_limit appeal_limit = {3, BH_LIMIT_WORK_DAY};
static const struct bh_limit follow_limit = {3, BH_LIMIT_WORK_DAY};
static const struct bh_limit first_follow_limit = {1, BH_LIMIT_WORK_DAY};

/* Where a clock started; it goes by the rules of that entry. */
struct start {
	int64_t at_ms;
	uint64_t position;
};

struct history {
	uint32_t state;
	struct start queued;
	struct start dispatched;
	uint64_t limited;   /* the entry whose rules give the disposal limit */
	struct start began; /* the disposal clock, last */
	uint64_t reckoned;  /* the entry by whose calendar it goes */
	bool halved;
	uint32_t extensions;
	int64_t used_ms[2];  /* on the plain clock, and on the working one */
	uint64_t recomputed; /* the entry by whose calendar a stage goes, if it is the later one */
	int64_t until_ms;
	struct start failed;
	struct start moved;
	struct start asked;
	struct start done;
	struct start closed;
	struct start appealed; /* ... and a review of it that passes it on */
	struct start tried;    /* archived, or a try to follow up after that */
	bool first_try;        /* archived */
};

/* How rules are had, and what is known so far. */
struct fold {
	bh_rules_at at;
	void *context;
	struct history history;
	struct bh_case facts;
};

/* Verbs that put a case into the dispatch queue (domain.md, "The 30 minutes"). */
static bool verb_queues(uint32_t verb)
{
	return verb == BH_VERB_SUBMIT || verb == BH_VERB_REGISTER || verb == BH_VERB_RELEASE ||
	       verb == BH_VERB_ACCEPT_RETURN || verb == BH_VERB_REOPEN || verb == BH_VERB_RECUR ||
	       verb == BH_VERB_RECONSIDER || verb == BH_VERB_UNMERGE;
}

/* One original limit, by the rules of the dispatch, or of the tier's receipt. */
static int limit_at_dispatch(struct fold *fold, struct bh_limit *out)
{
	const struct bh_rules *rules;
	int err = fold->at(fold->context, fold->history.limited, &rules);
	if (err == 0)
		*out = bh_case_limit_by_rules(rules, &fold->facts);
	return err;
}

static int stretch_end(struct fold *fold, struct start here)
{
	const struct bh_rules *rules;
	int err = fold->at(fold->context, here.position, &rules);
	for (int works = 0; err == 0 && works < 2; works++)
		fold->history.used_ms[works] += bh_length_used_ms(bh_rules_calendar(rules),
			works != 0, fold->history.began.at_ms, here.at_ms);
	return err;
}

static void disposal_begin(struct history *history, struct start here, bool halved)
{
	history->began = here;
	history->reckoned = here.position;
	history->halved = halved;
	history->extensions = 0;
	history->used_ms[0] = history->used_ms[1] = 0;
}

/* What another limit or another calendar does to it. */
static void disposal_change(struct fold *fold, uint32_t verb, struct start here)
{
	struct history *history = &fold->history;
	history->reckoned = here.position;
	if (verb == BH_VERB_AMEND)
		history->limited = here.position;
	/* Of a stage from before they were kept, neither start nor length is known. */
	if (verb == BH_VERB_RECOMPUTE && fold->facts.stage_limit_ms != 0)
		history->recomputed = here.position;
}

/* Half the limit for the same unit; the whole for one that never had it, for no unit did. */
static int failure_fold(struct history *history, struct start here)
{
	bool again = history->dispatched.position != 0;
	history->failed = here;
	if (!again) {
		history->dispatched = here;
		history->limited = here.position;
	}
	disposal_begin(history, here, again);
	return 0;
}

/* What an entry does to the disposal clock. */
static int disposal_fold(struct fold *fold, uint32_t verb, struct start here)
{
	struct history *history = &fold->history;
	switch (verb) {
	case BH_VERB_DISPATCH:
	case BH_VERB_REDIRECT:
		history->dispatched = here;
		history->limited = here.position;
		disposal_begin(history, here, false);
		return 0;
	case BH_VERB_MOVE_UP:
	case BH_VERB_MOVE_DOWN:
		history->moved = here;
		return 0;
	case BH_VERB_RECEIVE:
		history->limited = here.position;
		disposal_begin(history, here, false);
		return 0;
	case BH_VERB_FAIL:
		return failure_fold(history, here);
	case BH_VERB_EXTEND:
		history->extensions++;
		history->reckoned = here.position;
		return 0;
	case BH_VERB_AMEND:
	case BH_VERB_RECOMPUTE:
		disposal_change(fold, verb, here);
		return 0;
	case BH_VERB_SUSPEND:
		history->until_ms = fold->facts.resume_due_ms;
		return stretch_end(fold, here);
	case BH_VERB_RESUME:
		history->began = here;
		history->reckoned = here.position;
		return 0;
	default:
		return 0;
	}
}

static int history_fold(struct fold *fold, const struct bh_entry *entry)
{
	struct history *history = &fold->history;
	if (entry->verdict != BH_VERDICT_ACCEPTED || entry->decision.len == 0)
		return 0;
	bool of_task = entry->verb == BH_VERB_RECOMPUTE &&
		       bh_task_of_decision(entry->decision) != 0;
	int err = bh_case_patch(&fold->facts, entry->decision);
	if (err != 0)
		return err;
	history->state = entry->to_state;
	const struct start here = {entry->at_ms, entry->position};
	if (verb_queues(entry->verb))
		history->queued = here;
	if (entry->verb == BH_VERB_RETURN)
		history->asked = here;
	if (entry->verb == BH_VERB_FINISH || entry->verb == BH_VERB_SELF_DISPOSE)
		history->done = here;
	if (entry->verb == BH_VERB_SELF_DISPOSE)
		history->dispatched = (struct start){0, 0};
	if (entry->verb == BH_VERB_CLOSE)
		history->closed = here;
	if (entry->verb == BH_VERB_APPEAL || entry->verb == BH_VERB_REVIEW_APPEAL)
		history->appealed = here;
	if (entry->verb == BH_VERB_ARCHIVE || entry->verb == BH_VERB_FOLLOW_TRY)
		history->tried = here;
	history->first_try = entry->verb == BH_VERB_ARCHIVE ||
			     (history->first_try && entry->verb != BH_VERB_FOLLOW_TRY);
	return of_task ? 0 : disposal_fold(fold, entry->verb, here);
}

static int64_t dispatch_due(const struct bh_rules *rules, const struct history *history)
{
	struct bh_limit limit = {
		bh_rules_settings(rules)->dispatch_limit_min, BH_LIMIT_URGENT_MINUTE};
	const struct bh_msg_duty_period *period = bh_rules_duty_period(
		rules, bh_rules_day(rules, history->queued.at_ms));
	if (period != NULL && period->dispatch_limit_min != 0)
		limit.value = period->dispatch_limit_min;
	return bh_limit_due(bh_rules_calendar(rules), limit, history->queued.at_ms, 0);
}

static int disposal_due(struct fold *fold, int64_t *out)
{
	const struct history *history = &fold->history;
	const struct bh_rules *rules;
	struct bh_limit limit;
	int err = limit_at_dispatch(fold, &limit);
	if (err == 0)
		err = fold->at(fold->context, history->reckoned, &rules);
	if (err != 0)
		return err;
	int64_t limit_ms = bh_limit_ms(limit);
	int64_t whole_ms = (history->halved ? limit_ms / 2 : limit_ms) +
			   history->extensions * limit_ms;
	*out = bh_length_due(bh_rules_calendar(rules), bh_limit_is_working(limit),
		history->began.at_ms, whole_ms - history->used_ms[bh_limit_is_working(limit)]);
	return 0;
}

enum stage {
	STAGE_SIGN,
	STAGE_CHECK,
	STAGE_RECEIPT,
	STAGE_FOLLOW,
};

static int64_t stage_length(const struct bh_rules *rules, enum stage stage)
{
	const struct bh_msg_settings *settings = bh_rules_settings(rules);
	if (stage == STAGE_RECEIPT || stage == STAGE_FOLLOW)
		return bh_limit_ms(stage == STAGE_RECEIPT ? receipt_limit : follow_limit);
	return (int64_t)(stage == STAGE_SIGN ? settings->sign_limit_work_min
					     : settings->check_limit_work_min) *
	       MINUTE_MS;
}

/* The length by the rules of its start, the calendar by those or by a later recomputation's. */
static int stage_due(struct fold *fold, enum stage stage, const struct start *since, int64_t *out)
{
	uint64_t recomputed = fold->history.recomputed;
	const struct bh_rules *rules;
	int err = fold->at(fold->context, since->position, &rules);
	if (err != 0)
		return err;
	int64_t length_ms = stage_length(rules, stage);
	if (recomputed > since->position)
		err = fold->at(fold->context, recomputed, &rules);
	if (err == 0)
		*out = bh_calendar_walk(bh_rules_calendar(rules), since->at_ms, length_ms);
	return err;
}

static int limit_due(
	struct fold *fold, const struct start *since, struct bh_limit limit, int64_t *out)
{
	const struct bh_rules *rules;
	int err = fold->at(fold->context, since->position, &rules);
	if (err == 0)
		*out = bh_limit_due(bh_rules_calendar(rules), limit, since->at_ms, 0);
	return err;
}

/* Which of two it is was decided as it was archived; that one goes by the calendar of now. */
static int follow_due(struct fold *fold, int64_t *out)
{
	const struct history *history = &fold->history;
	const struct bh_rules *rules;
	if (!history->first_try)
		return stage_due(fold, STAGE_FOLLOW, &history->tried, out);
	int err = fold->at(fold->context, history->tried.position, &rules);
	if (err != 0)
		return err;
	const struct bh_calendar *calendar = bh_rules_calendar(rules);
	int64_t length_ms = bh_limit_ms(first_follow_limit), from_ms = history->tried.at_ms;
	if (bh_limit_due(calendar, follow_limit, history->closed.at_ms, 0) >
		bh_calendar_walk(calendar, from_ms, length_ms)) {
		from_ms = history->closed.at_ms;
		length_ms = bh_limit_ms(follow_limit);
	}
	if (history->recomputed > history->tried.position)
		err = fold->at(fold->context, history->recomputed, &rules);
	if (err == 0)
		*out = bh_calendar_walk(bh_rules_calendar(rules), from_ms, length_ms);
	return err;
}

/* With a unit: the clocks of its dispatch, all under the rules of that. */
static int dues_of_unit(struct fold *fold, struct bh_dues *out)
{
	const struct history *history = &fold->history;
	int err = disposal_due(fold, &out->disposal_due_ms);
	if (err == 0 && history->state == BH_STATE_DISPATCHED)
		err = stage_due(fold, STAGE_SIGN, &history->dispatched, &out->sign_due_ms);
	if (err == 0 && history->state == BH_STATE_REWORK)
		err = stage_due(fold, STAGE_SIGN, &history->failed, &out->sign_due_ms);
	if (err != 0 || history->state != BH_STATE_RETURNING)
		return err;
	return limit_due(fold, &history->asked, review_limit, &out->review_due_ms);
}

static int dues_of(struct fold *fold, struct bh_dues *out)
{
	const struct history *history = &fold->history;
	const struct bh_rules *rules;
	int err;
	switch (history->state) {
	case BH_STATE_RECEIVED:
	case BH_STATE_VERIFYING:
	case BH_STATE_FILED:
		err = fold->at(fold->context, history->queued.position, &rules);
		if (err == 0)
			out->dispatch_due_ms = dispatch_due(rules, history);
		return err;
	case BH_STATE_DISPATCHED:
	case BH_STATE_RETURNING:
	case BH_STATE_HANDLING:
	case BH_STATE_REWORK:
		return dues_of_unit(fold, out);
	case BH_STATE_TIER_MOVING:
		return stage_due(fold, STAGE_RECEIPT, &history->moved, &out->sign_due_ms);
	case BH_STATE_SUSPENDED:
		out->resume_due_ms = history->until_ms;
		return 0;
	case BH_STATE_DONE:
	case BH_STATE_CHECKING:
		return stage_due(fold, STAGE_CHECK, &history->done, &out->check_due_ms);
	case BH_STATE_CLOSED:
		return limit_due(fold, &history->closed, archive_limit, &out->archive_due_ms);
	case BH_STATE_ARCHIVED:
		return follow_due(fold, &out->follow_due_ms);
	default:
		return 0;
	}
}

int bh_dues_from_entries_at(bh_rules_at at, void *context, const struct bh_entry *entries,
	size_t count, struct bh_dues *out)
{
	struct fold fold = {.at = at, .context = context};
	struct bh_dues dues = {0};
	for (size_t i = 0; i < count; i++) {
		int err = history_fold(&fold, &entries[i]);
		if (err != 0)
			return err;
	}
	int err = dues_of(&fold, &dues);
	bool appealed = fold.facts.appeal == BH_APPEAL_FIRST ||
			fold.facts.appeal == BH_APPEAL_SECOND;
	if (err == 0 && appealed)
		err = limit_due(&fold, &fold.history.appealed, appeal_limit, &dues.appeal_due_ms);
	if (err == 0)
		err = bh_dues_milestone(at, context, entries, count, &dues.milestone_due_ms);
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
