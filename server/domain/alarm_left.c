/* The posts of a unit end one after the other, by their days or with another profile:
 *
 *   posts of its unit ──▶ the last of their days ──▶ told to the shift leader, once a unit
 *
 * What was given to a unit of nobody was told of then.  Of a plan whom it names is asked alone. */
#include "server/domain/alarm_left.h"

#include "server/domain/decide.h"

#define R(name) (1u << BH_ROLE_##name)
#define HANDLES (R(UNIT_LEAD) | R(TIER_DESK) | R(HANDLER) | R(MEDIATOR))
#define S(name) (1u << BH_STATE_##name)
/* What is done waits for its acceptor. */
#define WAITS_FOR_UNIT \
	(S(DISPATCHED) | S(HANDLING) | S(RETURNING) | S(SUSPENDED) | S(TIER_MOVING) | S(REWORK))

/* The first instant from which nobody is there; INT64_MAX: never. */
static int64_t unit_left_ms(const struct bh_rules *rules, uint32_t unit)
{
	const struct bh_msg_profile *profile = bh_rules_profile(rules);
	int64_t last_ms = 0;
	if (bh_rules_unit_has_people(rules, unit, INT32_MAX))
		return INT64_MAX;
	for (size_t i = 0; i < profile->posts_count; i++) {
		const struct bh_msg_post *post = &profile->posts[i];
		if (post->unit != unit || (HANDLES & 1u << post->role) == 0)
			continue;
		int64_t end_ms = bh_rules_post_end_ms(rules, post);
		last_ms = end_ms > last_ms ? end_ms : last_ms;
	}
	return last_ms;
}

static bool plan_has_left(const struct bh_rules *rules, const struct bh_case *cased)
{
	bool named = cased->sponsor != 0 && cased->force != 0 && cased->measures != 0;
	return cased->major != 0 && cased->unplanned == 0 && named &&
	       !bh_case_is_planned(rules, cased);
}

enum bh_alarm bh_case_left(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	*at_ms = cased->dispatched_ms;
	if (cased->unit == 0 || (WAITS_FOR_UNIT & 1u << cased->state) == 0)
		return BH_ALARM_NONE;
	if (plan_has_left(rules, cased))
		return BH_ALARM_UNPLANNED;
	int64_t left_ms = cased->unmanned == cased->unit ? INT64_MAX
							 : unit_left_ms(rules, cased->unit);
	if (left_ms == INT64_MAX)
		return BH_ALARM_NONE;
	*at_ms = left_ms > cased->dispatched_ms ? left_ms : cased->dispatched_ms;
	return BH_ALARM_UNMANNED;
}
