/* The posts of a unit end one after the other, by their days or with another profile:
 *
 *   posts of its unit ──▶ the first day of nobody ──▶ told to the shift leader, once a unit
 *   its plan's sponsor, task force ──▶ the first day without ──▶ told to who can name another
 *
 * What was given to a unit of nobody was told of then. */
#include "server/domain/alarm_left.h"

#include "server/domain/decide.h"

#define S(name) (1u << BH_STATE_##name)
/* What is done waits for its acceptor. */
#define WAITS_FOR_UNIT \
	(S(DISPATCHED) | S(HANDLING) | S(RETURNING) | S(SUSPENDED) | S(TIER_MOVING) | S(REWORK))

/* INT64_MAX: never, or that was told. */
static int64_t unit_left_ms(const struct bh_rules *rules, const struct bh_case *cased)
{
	/* A desk that it moved to has it since the stage's beginning, not since the dispatch. */
	int64_t from_ms = cased->stage_from_ms > cased->dispatched_ms ? cased->stage_from_ms
								      : cased->dispatched_ms;
	return cased->unmanned == cased->unit
		       ? INT64_MAX
		       : bh_rules_unit_left_ms(rules, cased->unit, bh_rules_day(rules, from_ms));
}

static int64_t plan_left_ms(const struct bh_rules *rules, const struct bh_case *cased)
{
	bool named = cased->sponsor != 0 && cased->force != 0 && cased->measures != 0;
	return cased->major != 0 && cased->unplanned == 0 && named
		       ? bh_case_plan_end_ms(rules, cased)
		       : INT64_MAX;
}

enum bh_alarm bh_case_left(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	*at_ms = cased->dispatched_ms;
	if (cased->unit == 0 || (WAITS_FOR_UNIT & 1u << cased->state) == 0)
		return BH_ALARM_NONE;
	int64_t unit_ms = unit_left_ms(rules, cased), plan_ms = plan_left_ms(rules, cased);
	int64_t left_ms = plan_ms < unit_ms ? plan_ms : unit_ms;
	if (left_ms == INT64_MAX)
		return BH_ALARM_NONE;
	*at_ms = left_ms > cased->dispatched_ms ? left_ms : cased->dispatched_ms;
	return plan_ms <= unit_ms ? BH_ALARM_UNPLANNED : BH_ALARM_UNMANNED;
}
