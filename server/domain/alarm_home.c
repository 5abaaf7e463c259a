/* Whose a case is by the rules of now: where the clock sends it, and where it goes when its unit is
 * no more. */
#include "server/domain/alarm.h"
#include "server/domain/routing.h"

bool bh_case_is_immediate(const struct bh_rules *rules, const struct bh_case *cased)
{
	struct bh_routing routing;
	if (cased->dispatches > 0 || cased->cycle > 1)
		return false; /* it came back: now a person looks first */
	struct bh_route_ask ask = bh_case_route_ask(cased);
	bh_rules_route(rules, &ask, &routing);
	return routing.immediate;
}

uint32_t bh_case_routed(const struct bh_rules *rules, const struct bh_case *cased, int64_t at_ms)
{
	struct bh_routing routing;
	struct bh_route_ask ask = bh_case_route_ask(cased);
	uint32_t body = bh_rules_dispute_unit(rules, cased->type, cased->area, cased->grade, at_ms);
	if (body != 0)
		return body;
	bh_rules_route(rules, &ask, &routing);
	return routing.unit;
}

uint32_t bh_case_unit_by_clock(const struct bh_rules *rules, const struct bh_case *cased)
{
	if (!bh_rules_unit_is_gone(rules, cased->proposed_unit))
		return cased->proposed_unit;
	return bh_case_routed(rules, cased, cased->queue_ms);
}

/* Whose it is by the rules, now that its unit is no more; 0: that unit stands, or there is none. */
static uint32_t home_of(const struct bh_rules *rules, const struct bh_case *cased)
{
	if (cased->unit == 0 || !bh_rules_unit_is_gone(rules, cased->unit))
		return 0;
	uint32_t unit = bh_case_routed(rules, cased, cased->dispatched_ms);
	return unit != cased->unit ? unit : 0;
}

uint32_t bh_case_home(const struct bh_rules *rules, const struct bh_case *cased)
{
	bool held = cased->state == BH_STATE_DISPATCHED || cased->state == BH_STATE_HANDLING;
	return held ? home_of(rules, cased) : 0;
}

bool bh_case_pause_is_over(const struct bh_rules *rules, const struct bh_case *cased)
{
	return cased->state == BH_STATE_SUSPENDED && home_of(rules, cased) != 0;
}
