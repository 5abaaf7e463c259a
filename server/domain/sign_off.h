/* A result that a unit's handler or mediator hands in, and its lead signs off (domain.md: unit_lead
 * signs, finishes; "overdue instant": the unit's own sign-off time counts). */
#ifndef BH_DOMAIN_SIGN_OFF_H
#define BH_DOMAIN_SIGN_OFF_H

#include "server/domain/case.h"
#include "server/domain/rules.h"

/* Reasons of BH_VERB_REMIND about it.  Frozen: they stand in journals. */
#define BH_REMIND_SIGN_OFF 130u       /* of the unit's lead */
#define BH_REMIND_SIGN_OFF_ABOVE 140u /* ... and of the level above */

/* When the clock calls for it next, BH_CALENDAR_NEVER: not under this calendar. */
int64_t bh_case_sign_off_call_ms(const struct bh_rules *rules, const struct bh_case *cased);
/* How many calls were due by then: of those that a downtime held back one is made. */
uint32_t bh_case_sign_off_calls_by(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms);

#endif
