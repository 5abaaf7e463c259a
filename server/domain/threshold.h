/* The thresholds of a disposal limit, and the lights between them (domain.md, Clock model).
 *
 *   green ────── 50 ─────── yellow 80 ──────── red 100 ──── 124 ─────────── 172
 *             a note to     the unit's lead   the unit    the level      the county's desk,
 *            the handler                      (催办)     above (督办)    and a proposed miss
 *
 * 124 and 172 are a day and three days after the limit; after 172 the county is called again (200)
 * for as long as nothing is done.  Which have been told of is decided, and
 * stands in the case; when each is due is not, but computed from what it was decided on. */
#ifndef BH_SERVER_DOMAIN_THRESHOLD_H
#define BH_SERVER_DOMAIN_THRESHOLD_H

#include "server/domain/case.h"
#include "server/domain/rules.h"

/* Values are frozen: they stand in journals as reasons and in cases. */
enum bh_threshold {
	BH_THRESHOLD_NONE = 0,
	BH_THRESHOLD_NOTE = 50,
	BH_THRESHOLD_YELLOW = 80,
	BH_THRESHOLD_RED = 100,
	BH_THRESHOLD_DAY = 124,
	BH_THRESHOLD_MISS = 172,
	BH_THRESHOLD_AGAIN = 200, /* after as many hours again, and each time after twice as long:
				     told, and never kept as what was told of */
};

/* One original disposal limit of a case on its own clock; of one from before it was kept, by the
 * rules.  *works: it counts working periods only. */
int64_t bh_case_limit_ms(const struct bh_rules *rules, const struct bh_case *cased, bool *works);
/* All of it: halved by a rework, with every extension. */
int64_t bh_case_limit_whole_ms(const struct bh_rules *rules, const struct bh_case *cased);
/* When the disposal clock last began. */
int64_t bh_case_clock_from_ms(const struct bh_case *cased);

/* The instant at which so much of the limit is used up; BH_CALENDAR_NEVER where no disposal clock
 * runs. */
int64_t bh_case_threshold_ms(
	const struct bh_rules *rules, const struct bh_case *cased, enum bh_threshold threshold);

/* The first instant from one on at which it may be told of: in working hours, but of P1. */
int64_t bh_case_in_working_time(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t at_ms);
/* The next one that is to be told of, and the first instant at which it may be: a reminder waits
 * for working hours, unless the case is of urgency P1 (zammad #4432).  Of several at one instant
 * the highest.  NONE and 0: there is none. */
enum bh_threshold bh_case_warning(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms);
/* What of it is to be told now: of several that have passed the highest alone.  None outside
 * working hours (but of P1), none that punishes (red and above) while that is held, and none that
 * is below one that is held. */
enum bh_threshold bh_case_warning_now(const struct bh_rules *rules, const struct bh_case *cased,
	int64_t now_ms, bool punishes, int64_t *due_ms);
/* Whom it is told: the case's unit, the desk of the level above it, or the county's. */
uint32_t bh_case_warning_unit(
	const struct bh_rules *rules, const struct bh_case *cased, enum bh_threshold threshold);
/* How often the county was to be called again by then: of what a downtime held back once. */
uint32_t bh_case_overdue_calls_by(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms);
/* After the limit has grown or changed: what lies ahead again is to be told of again. */
void bh_case_warn_again(const struct bh_rules *rules, struct bh_case *cased, int64_t now_ms);

#endif
