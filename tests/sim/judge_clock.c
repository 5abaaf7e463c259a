/* Thresholds of disposal limits (I8): a limit is told of in order, each time of a higher one, never
 * before its instant and never outside working hours but of P1; and the week that these go by. */
#include <string.h>

#include "proto/codec.h"
#include "server/domain/task.h"
#include "server/domain/threshold.h"
#include "tests/sim/judge_state.h"

#define HOUR_MS INT64_C(3600000)

void bh_simjudge_week(struct bh_simjudge *judge, const struct bh_entry *entry)
{
	struct bh_msg_profile profile;
	size_t faults = 0;

	bh_assert(bh_decode_profile(entry->content, &judge->arena, &profile) == 0);
	bh_rules_unref(judge->rules);
	judge->rules = NULL;
	bh_assert(bh_rules_build(&profile, NULL, 0, &faults, &judge->rules) == 0);
}

/* Another limit, or more of it: what lies ahead again may be told of again. */
static bool arms(const struct bh_entry *entry)
{
	switch ((enum bh_verb)entry->verb) {
	case BH_VERB_DISPATCH:
	case BH_VERB_REDIRECT:
	case BH_VERB_RECEIVE:
	case BH_VERB_FAIL:
	case BH_VERB_EXTEND:
	case BH_VERB_AMEND:
	case BH_VERB_RESUME:
		return true;
	default:
		return false;
	}
}

static void told(struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_case *before,
	const struct bh_entry *entry)
{
	uint32_t threshold = entry->reason;
	bool again = threshold == BH_THRESHOLD_AGAIN; /* after all was told */
	int64_t after_ms = again                            ? 144 * HOUR_MS
			   : threshold == BH_THRESHOLD_MISS ? 72 * HOUR_MS
			   : threshold == BH_THRESHOLD_DAY  ? 24 * HOUR_MS
							    : 0;

	if (again ? before->warned != BH_THRESHOLD_MISS : threshold <= cased->warned)
		bh_simjudge_break(judge, "I8", entry, "this limit was told of so before");
	if (!again)
		cased->warned = threshold;
	if (before->disposal_due_ms == 0)
		bh_simjudge_break(judge, "I8", entry, "no disposal limit runs");
	if ((entry->verb == BH_VERB_OVERDUE) != (threshold >= BH_THRESHOLD_RED))
		bh_simjudge_break(judge, "I8", entry, "a threshold goes by another verb");
	if (threshold >= BH_THRESHOLD_RED && entry->at_ms < before->disposal_due_ms + after_ms)
		bh_simjudge_break(judge, "I8", entry, "the limit has not passed so far");
	if (before->urgency != 1 &&
		!bh_calendar_is_working(bh_rules_calendar(judge->rules), entry->at_ms))
		bh_simjudge_break(judge, "I8", entry, "a reminder outside working hours");
}

/* Of the running step of a plan, each threshold once. */
static void step_told(
	struct bh_simjudge *judge, const struct bh_case *before, const struct bh_entry *entry)
{
	bool over = entry->reason == BH_THRESHOLD_RED;

	if (before->milestone_due_ms == 0 || entry->reason <= before->milestone_warned)
		bh_simjudge_break(judge, "I8", entry, "this step was told of so before");
	if (over && entry->at_ms < before->milestone_due_ms)
		bh_simjudge_break(judge, "I8", entry, "the step's limit has not passed");
}

void bh_simjudge_clock(struct bh_simjudge *judge, struct bh_simcase *cased,
	const struct bh_case *before, const struct bh_entry *entry)
{
	struct bh_simtally *tally = &judge->run->tally;

	if (arms(entry))
		cased->warned = 0;
	if (entry->verb == BH_VERB_WARN || entry->verb == BH_VERB_OVERDUE)
		told(judge, cased, before, entry);
	if (entry->verb == BH_VERB_MILESTONE_DUE)
		step_told(judge, before, entry);
	if (entry->verb == BH_VERB_RECOMPUTE && bh_task_of_decision(entry->decision) == 0 &&
		before->disposal_due_ms == 0 && before->sign_due_ms == 0 &&
		before->check_due_ms == 0 && before->follow_due_ms == 0)
		bh_simjudge_break(judge, "I7", entry, "there was nothing to compute again");
	tally->warnings += entry->verb == BH_VERB_WARN;
	tally->overdues += entry->verb == BH_VERB_OVERDUE;
	tally->amendments += entry->verb == BH_VERB_AMEND;
	tally->recomputations += entry->verb == BH_VERB_RECOMPUTE;
}
