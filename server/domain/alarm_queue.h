/* What the clock does about a case that waits for a unit, and when.
 *
 *   remind 50 % ─▶ remind 80 % ─▶ dispatch at the margin
 *   an immediate rule: dispatch at once
 *   nobody dispatches: breach at the limit ──1 limit──▶ the level above ──2──▶ the county ──4──▶
 *                      ... ──32──▶ the county, and so on
 */
#ifndef BH_DOMAIN_ALARM_QUEUE_H
#define BH_DOMAIN_ALARM_QUEUE_H

#include "server/domain/decide.h"

/* Reasons of BH_VERB_REMIND past the limit.  Frozen: they stand in journals. */
#define BH_REMIND_ABOVE 110u
#define BH_REMIND_COUNTY 120u

/* Does it wait for a unit? */
bool bh_queue_holds(const struct bh_case *cased);
/* As bh_case_alarm and bh_case_alarm_now, of such a case. */
enum bh_alarm bh_queue_alarm(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms);
enum bh_alarm bh_queue_alarm_now(const struct bh_rules *rules, const struct bh_case *cased,
	int64_t now_ms, bool punishes, int64_t *due_ms);
/* How many calls for a dispatch were due by then: of those that a downtime held back one is made.
 */
uint32_t bh_queue_calls_by(const struct bh_case *cased, int64_t now_ms);

#endif
