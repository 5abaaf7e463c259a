/* What a unit asks for and nobody decides: the clock calls for whom it waits, then for the shift
 * leader, too. */
#ifndef BH_DOMAIN_ASK_CALL_H
#define BH_DOMAIN_ASK_CALL_H

#include "server/domain/case.h"
#include "server/domain/rules.h"

/* Reasons of BH_VERB_REMIND about it.  Frozen: they stand in journals. */
#define BH_REMIND_ASKED 170u       /* of whom it waits for */
#define BH_REMIND_ASKED_ABOVE 180u /* ... and of the shift leader */

/* When the clock calls for the decision next: at half of what was left of the limit as it was asked
 * for, within a quarter of an hour and four, and each time after twice as long, in working time
 * but of P1.  BH_CALENDAR_NEVER: nothing that a unit asked for waits. */
int64_t bh_case_ask_call_ms(const struct bh_rules *rules, const struct bh_case *cased);

#endif
