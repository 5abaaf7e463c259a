/* Who is gone under an open case, while its clocks run on: nobody holds a post of its unit any
 * more, or of a major case the sponsor has left or the task force was dissolved (S0-23). */
#ifndef BH_DOMAIN_ALARM_LEFT_H
#define BH_DOMAIN_ALARM_LEFT_H

#include "server/domain/command.h"
#include "server/domain/rules.h"

/* Reasons of REMIND, beside those of the queue and of a result that was handed in. */
#define BH_REMIND_UNMANNED 150u  /* its unit has nobody */
#define BH_REMIND_UNPLANNED 160u /* its plan has lost whom it named */

/* Told once of each unit, and of each plan; BH_ALARM_NONE: nobody is gone, or it was told. */
enum bh_alarm bh_case_left(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms);

#endif
