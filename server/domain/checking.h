/* A result that waits for its acceptor: whether it has to be checked first, whether the clock may
 * close it, and when the clock calls for a person instead. */
#ifndef BH_DOMAIN_CHECKING_H
#define BH_DOMAIN_CHECKING_H

#include "server/domain/decide.h"

/* From this call on it is the county that is called. */
#define BH_CHECK_CALLS_COUNTY 3u

/* Of what workers put right on the spot, where the district has its sampling off. */
#define BH_SELF_CHECK_PERCENT 20u

/* Row 19: the acceptor closes it only when somebody has looked.  Of what its worker put right on
 * the spot a share is always looked at (row 8). */
bool bh_case_check_is_needed(const struct bh_rules *rules, const struct bh_case *cased);
/* It was, or does not have to be; of a sample also where nobody came in time.  P1, rework, what
 * was opened again and what comes again in one place wait until somebody has looked. */
bool bh_case_check_stands(const struct bh_rules *rules, const struct bh_case *cased);
/* Row 33: never P1, never disputes, nor what has to be checked and was not; of a sample, a check to
 * which nobody came in time holds nothing up. */
bool bh_case_closes_by_limit(const struct bh_rules *rules, const struct bh_case *cased);
/* In limits since something began that somebody is called for: 1, 2, 4, 8, 16, 32, 64, 96 ... */
int64_t bh_call_limits(uint32_t calls);
/* When the call after so many is due, or BH_CALENDAR_NEVER; how many were due by then, of which so
 * many were made. */
typedef int64_t bh_call_at(
	const struct bh_rules *rules, const struct bh_case *cased, uint32_t calls);
uint32_t bh_calls_by(bh_call_at *at, const struct bh_rules *rules, const struct bh_case *cased,
	uint32_t calls, int64_t now_ms);
/* When the clock calls next for whoever has to act on what it may not close (row 55): at the limit,
 * after as much again, and each time after twice as long as before, in working time.  It never
 * stops; beyond 32 limits it is one in so many. */
int64_t bh_case_check_call_ms(const struct bh_rules *rules, const struct bh_case *cased);

#endif
