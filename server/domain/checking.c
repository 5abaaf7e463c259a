/* What the clock may close at the check limit, and what it does with the rest:
 *
 *   done ──1 limit──▶ the shift leader ──1──▶ the level above ──2──▶ the county ──4──▶ ... ──32──▶
 *
 * A call is no punishment and starts no other clock; a person who acts ends it (19, 21, 23). */
#include "server/domain/checking.h"

#define MINUTE_MS INT64_C(60000)
#define DOUBLINGS_MAX 5u

/* Row 19: these are seen by somebody, however often nobody came. */
static bool is_always_checked(const struct bh_rules *rules, const struct bh_case *cased)
{
	bool repeats = cased->repeats > 0 && !bh_rules_settings(rules)->repeat_check_off;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 74
	repeats = false;
#endif
	return cased->urgency == 1 || cased->reworks > 0 || cased->cycle > 1 || repeats;
}

bool bh_case_check_is_needed(const struct bh_rules *rules, const struct bh_case *cased)
{
	if (bh_rules_is_restricted(rules, cased->type))
		return false; /* its own desk looks: it is shown to nobody of the grid */
	if (is_always_checked(rules, cased))
		return true;
	if (cased->self_disposed != 0 && bh_rules_settings(rules)->check_sampling_off)
		return bh_rules_is_sampled(
			rules, BH_SAMPLE_CHECK, cased->number, BH_SELF_CHECK_PERCENT);
	return bh_rules_check_is_needed(rules, cased->number, cased->urgency, false);
}

bool bh_case_check_stands(const struct bh_rules *rules, const struct bh_case *cased)
{
	if (cased->checked == BH_CHECKED_PASSED || !bh_case_check_is_needed(rules, cased))
		return true;
	return cased->checked == BH_CHECKED_LAPSED && !is_always_checked(rules, cased);
}

bool bh_case_closes_by_limit(const struct bh_rules *rules, const struct bh_case *cased)
{
	return bh_rules_may_close_by_limit(rules, cased->type, cased->urgency) &&
	       bh_case_check_stands(rules, cased);
}

int64_t bh_call_limits(uint32_t calls)
{
	if (calls <= DOUBLINGS_MAX)
		return INT64_C(1) << calls;
	return (int64_t)(calls - DOUBLINGS_MAX + 1) << DOUBLINGS_MAX;
}

uint32_t bh_calls_by(bh_call_at *at, const struct bh_rules *rules, const struct bh_case *cased,
	uint32_t calls, int64_t now_ms)
{
	while (at(rules, cased, calls) <= now_ms)
		calls++;
	return calls;
}

int64_t bh_case_check_call_ms(const struct bh_rules *rules, const struct bh_case *cased)
{
	int64_t limit_ms = cased->stage_limit_ms;
	if (limit_ms == 0) /* of a program that kept no stages */
		limit_ms = bh_rules_settings(rules)->check_limit_work_min * MINUTE_MS;
	return bh_calendar_walk(bh_rules_calendar(rules), cased->check_due_ms,
		(bh_call_limits(cased->check_calls) - 1) * limit_ms);
}
