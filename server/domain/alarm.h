/* The clock's view of a case, for decide: what is immediate, to which unit, and whether a command
 * is due. */
#ifndef BH_SERVER_DOMAIN_ALARM_H
#define BH_SERVER_DOMAIN_ALARM_H

#include "server/domain/decide.h"

/* After so many tries a follow-up may end without an answer (domain.md, row 26). */
#define BH_FOLLOW_TRIES 3u

/* Of one review of an appeal (rows 71 and 72). */
#define BH_APPEAL_LIMIT ((struct bh_limit){3, BH_LIMIT_WORK_DAY})

/* A rule names its class for dispatch at once (domain.md, Routing 8), and it was never dispatched
 * yet. */
bool bh_case_is_immediate(const struct bh_rules *rules, const struct bh_case *cased);
/* Where a dispute's grade and industry, or else a rule or the backstop, send it; 0: nowhere.
 * at_ms: who stands at a body depends on the weekday. */
uint32_t bh_case_routed(const struct bh_rules *rules, const struct bh_case *cased, int64_t at_ms);
/* The proposed unit while it exists, else what a rule or the backstop says now; 0: no unit at all.
 */
uint32_t bh_case_unit_by_clock(const struct bh_rules *rules, const struct bh_case *cased);
/* Where a case goes whose unit is no more, as dispatched or at work: by a rule, or to the desk of
 * the smallest area; 0: its unit stands, or there is nowhere to go. */
uint32_t bh_case_home(const struct bh_rules *rules, const struct bh_case *cased);
/* It is suspended in the hands of a unit that is no more: it goes on, and elsewhere (row 80). */
bool bh_case_pause_is_over(const struct bh_rules *rules, const struct bh_case *cased);
/* Does a clock of the case go by another calendar than the one in force? */
bool bh_case_is_stale(const struct bh_rules *rules, const struct bh_case *cased);
/* Is it what bh_clock_command gives for standing->before (not NULL) now? */
bool bh_clock_command_is_due(const struct bh_standing *standing, const struct bh_command *command);
/* Likewise of bh_task_command for standing->task, which may be NULL. */
bool bh_task_command_is_due(const struct bh_standing *standing, const struct bh_command *command);
/* Likewise of bh_mediation_command for standing->mediation. */
bool bh_mediation_command_is_due(
	const struct bh_standing *standing, const struct bh_command *command);

#endif
