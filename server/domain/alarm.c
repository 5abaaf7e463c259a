/* What the clock does about a case, and when: read off the projection, never stored but as an
 * index.
 *
 *   queue           see alarm_queue.h
 *   DISPATCHED      sign at its limit, or give it to whom a rule names then
 *   REWORK          start at the limit for signing, or where half of the rework's own is over
 *   SUSPENDED       resume at its date, or at once where its unit is no more
 *   RETURNING       the return is accepted at its limit
 *   DONE, CHECKING  close at its limit; what was looked at and does not do fails there; what
 *                   only people close is called for, again and again (checking.h)
 *   HANDLING        a lead who lets a result lie is called, again and again (sign_off.h)
 *   CLOSED          archive after its days
 *   ARCHIVED        a try to follow up has lapsed ─▶ with the last one it ends unreached
 *   asked           who has to decide of a request is called, again and again (ask_call.h)
 *   with a unit     it has nobody any more, or a plan lacks whom it named: told once
 *                   (alarm_left.h)
 *   beside these    thresholds of the disposal limit (threshold.h) and of a step (milestone.h)
 *
 * Before all that: what a unit has that is no more goes elsewhere, and what goes by another
 * calendar than the one in force is computed again.
 *
 * What left the queue too late while the time was in doubt is a breach, recorded once it is not.
 *
 * After a downtime: what punishes comes first and once, what is overtaken is left out. */
#include <string.h>

#include "proto/err.h"
#include "server/domain/alarm.h"
#include "server/domain/alarm_left.h"
#include "server/domain/alarm_queue.h"
#include "server/domain/ask_call.h"
#include "server/domain/checking.h"
#include "server/domain/milestone.h"
#include "server/domain/routing.h"
#include "server/domain/sign_off.h"
#include "server/domain/threshold.h"

int64_t bh_case_archive_due(const struct bh_rules *rules, const struct bh_case *cased)
{
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 14
	static const struct bh_limit limit = {3, BH_LIMIT_NATURAL_DAY};
#else
	static const struct bh_limit limit = {7, BH_LIMIT_NATURAL_DAY};
#endif
	return bh_limit_due(bh_rules_calendar(rules), limit, cased->closed_ms, 0);
}

/* The paper's own steps; *at_ms 0 and BH_ALARM_NONE: nothing. */
static enum bh_alarm alarm_of_paper(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	*at_ms = 0;
	if (cased->state == BH_STATE_CLOSED) {
		*at_ms = bh_case_archive_due(rules, cased);
		return BH_ALARM_ARCHIVE;
	}
	if (cased->state != BH_STATE_ARCHIVED)
		return BH_ALARM_NONE;
	*at_ms = cased->follow_due_ms;
	return cased->follow_tries + 1 < BH_FOLLOW_TRIES ? BH_ALARM_FOLLOW_TRY : BH_ALARM_FOLLOW_UP;
}

/* Of two the sooner; of two at once the first. */
static enum bh_alarm sooner(
	enum bh_alarm one, enum bh_alarm other, int64_t other_ms, int64_t *at_ms)
{
	if (other == BH_ALARM_NONE || (one != BH_ALARM_NONE && *at_ms <= other_ms))
		return one;
	*at_ms = other_ms;
	return other;
}

/* What comes after the answer. */
static enum bh_alarm alarm_of_end(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	enum bh_alarm alarm = alarm_of_paper(rules, cased, at_ms);
	bool appealed = cased->appeal_due_ms != 0;
	return sooner(
		alarm, appealed ? BH_ALARM_APPEAL : BH_ALARM_NONE, cased->appeal_due_ms, at_ms);
}

/* DONE, CHECKING. */
static enum bh_alarm alarm_of_result(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	*at_ms = 0;
	if (cased->check_due_ms == 0)
		return BH_ALARM_NONE;
	*at_ms = cased->check_due_ms;
	if (cased->state == BH_STATE_CHECKING && cased->checked == BH_CHECKED_FAILED)
		return BH_ALARM_FAIL;
	if (bh_case_closes_by_limit(rules, cased)) {
		/* Not over somebody's head who is on the way and in time. */
		if (cased->state == BH_STATE_CHECKING && cased->check_until_ms > *at_ms)
			*at_ms = cased->check_until_ms;
		return BH_ALARM_CLOSE;
	}
	*at_ms = bh_case_check_call_ms(rules, cased);
	return BH_ALARM_CHECK;
}

/* HANDLING, and its lead has a result to sign off. */
static enum bh_alarm alarm_of_handed(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	*at_ms = bh_case_sign_off_call_ms(rules, cased);
	if (*at_ms != BH_CALENDAR_NEVER)
		return BH_ALARM_SIGN_OFF;
	*at_ms = 0;
	return BH_ALARM_NONE;
}

/* Every alarm that is the only one of its state. */
static enum bh_alarm alarm_of_stage(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	if (bh_state_is_end((enum bh_state)cased->state))
		return alarm_of_end(rules, cased, at_ms);
	if (cased->state == BH_STATE_DISPATCHED && cased->sign_due_ms != 0) {
		*at_ms = cased->sign_due_ms;
		return bh_case_escalation(rules, cased) != 0 ? BH_ALARM_ESCALATE : BH_ALARM_SIGN;
	}
	if (cased->state == BH_STATE_REWORK && cased->sign_due_ms != 0) {
		int64_t half_ms = bh_case_threshold_ms(rules, cased, BH_THRESHOLD_NOTE);
		*at_ms = half_ms < cased->sign_due_ms ? half_ms : cased->sign_due_ms;
		return BH_ALARM_START;
	}
	if (cased->state == BH_STATE_TIER_MOVING) {
		*at_ms = cased->sign_due_ms;
		return BH_ALARM_RECEIVE;
	}
	if (cased->state == BH_STATE_SUSPENDED) {
		*at_ms = bh_case_pause_is_over(rules, cased) ? cased->dispatched_ms
							     : cased->resume_due_ms;
		return BH_ALARM_RESUME;
	}
	if (cased->state == BH_STATE_RETURNING) {
		*at_ms = cased->review_due_ms;
		return BH_ALARM_REVIEW;
	}
	if (cased->handed_by != 0)
		return alarm_of_handed(rules, cased, at_ms);
	return alarm_of_result(rules, cased, at_ms);
}

/* Since when a clock runs that goes by another calendar; 0: none does.  In the past, so that it is
 * computed again at once, and before anything is due by it; what has run longest first. */
static int64_t stale_since(const struct bh_rules *rules, const struct bh_case *cased)
{
	bool works;
	if (cased->calendar == bh_rules_calendar_mark(rules))
		return 0;
	if (cased->disposal_due_ms != 0) {
		(void)bh_case_limit_ms(rules, cased, &works);
		if (works)
			return bh_case_clock_from_ms(cased);
	}
	bool stage = cased->sign_due_ms != 0 || cased->check_due_ms != 0 ||
		     cased->follow_due_ms != 0;
	if (stage && cased->stage_limit_ms != 0)
		return cased->stage_from_ms;
	return bh_milestone_works_since(cased);
}

bool bh_case_is_stale(const struct bh_rules *rules, const struct bh_case *cased)
{
	return stale_since(rules, cased) != 0;
}

static enum bh_alarm alarm_of_warning(enum bh_threshold threshold)
{
	if (threshold == BH_THRESHOLD_NONE)
		return BH_ALARM_NONE;
	return threshold < BH_THRESHOLD_RED ? BH_ALARM_WARN : BH_ALARM_OVERDUE;
}

static enum bh_alarm alarm_of_step(enum bh_threshold threshold)
{
	return threshold == BH_THRESHOLD_NONE ? BH_ALARM_NONE : BH_ALARM_MILESTONE;
}

static enum bh_alarm alarm_of_ask(int64_t call_ms)
{
	return call_ms == BH_CALENDAR_NEVER ? BH_ALARM_NONE : BH_ALARM_ASKED;
}

static enum bh_alarm alarm_of_unit(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	int64_t warn_ms;
	*at_ms = cased->dispatched_ms;
	if (bh_case_home(rules, cased) != 0)
		return BH_ALARM_REHOME;
	*at_ms = stale_since(rules, cased);
	if (*at_ms != 0)
		return BH_ALARM_RECOMPUTE;
	enum bh_alarm alarm = alarm_of_stage(rules, cased, at_ms);
	enum bh_alarm left = bh_case_left(rules, cased, &warn_ms);
	alarm = sooner(alarm, left, warn_ms, at_ms);
	enum bh_threshold threshold = bh_case_warning(rules, cased, &warn_ms);
	alarm = sooner(alarm, alarm_of_warning(threshold), warn_ms, at_ms);
	threshold = bh_milestone_warning(rules, cased, &warn_ms);
	alarm = sooner(alarm, alarm_of_step(threshold), warn_ms, at_ms);
	warn_ms = bh_case_ask_call_ms(rules, cased);
	return sooner(alarm, alarm_of_ask(warn_ms), warn_ms, at_ms);
}

/* It ends something against somebody, calls those above, or says that somebody did not do what he
 * had to: not while the time is in doubt. */
static bool alarm_punishes(enum bh_alarm alarm)
{
	return alarm == BH_ALARM_SIGN || alarm == BH_ALARM_START || alarm == BH_ALARM_RECEIVE ||
	       alarm == BH_ALARM_FAIL || alarm == BH_ALARM_CLOSE || alarm == BH_ALARM_REVIEW ||
	       alarm == BH_ALARM_CHECK || alarm == BH_ALARM_FOLLOW_TRY ||
	       alarm == BH_ALARM_FOLLOW_UP || alarm == BH_ALARM_APPEAL ||
	       alarm == BH_ALARM_SIGN_OFF;
}

/* What is held does not stand before the rest. */
static enum bh_alarm alarm_of_unit_now(const struct bh_rules *rules, const struct bh_case *cased,
	int64_t now_ms, bool punishes, int64_t *due_ms)
{
	int64_t warn_ms, stale_ms = stale_since(rules, cased);
	if (bh_case_home(rules, cased) != 0) {
		*due_ms = cased->dispatched_ms;
		return BH_ALARM_REHOME;
	}
	if (stale_ms != 0 && stale_ms <= now_ms) {
		*due_ms = stale_ms;
		return BH_ALARM_RECOMPUTE;
	}
	enum bh_alarm alarm = alarm_of_stage(rules, cased, due_ms);
	if (*due_ms > now_ms || (alarm_punishes(alarm) && !punishes))
		alarm = BH_ALARM_NONE;
	enum bh_alarm left = bh_case_left(rules, cased, &warn_ms);
	if (warn_ms <= now_ms)
		alarm = sooner(alarm, left, warn_ms, due_ms);
	enum bh_threshold threshold = bh_case_warning_now(rules, cased, now_ms, punishes, &warn_ms);
	alarm = sooner(alarm, alarm_of_warning(threshold), warn_ms, due_ms);
	threshold = bh_milestone_warning_now(rules, cased, now_ms, punishes, &warn_ms);
	alarm = sooner(alarm, alarm_of_step(threshold), warn_ms, due_ms);
	warn_ms = bh_case_ask_call_ms(rules, cased);
	if (warn_ms <= now_ms && punishes)
		alarm = sooner(alarm, alarm_of_ask(warn_ms), warn_ms, due_ms);
	if (alarm == BH_ALARM_NONE)
		*due_ms = 0;
	return alarm;
}

enum bh_alarm bh_case_alarm(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	if (cased->breach_due_ms != 0) {
		*at_ms = cased->breach_due_ms;
		return BH_ALARM_BREACH;
	}
	return bh_queue_holds(cased) ? bh_queue_alarm(rules, cased, at_ms)
				     : alarm_of_unit(rules, cased, at_ms);
}

enum bh_alarm bh_case_alarm_now(const struct bh_rules *rules, const struct bh_case *cased,
	int64_t now_ms, bool punishes, int64_t *due_ms)
{
	*due_ms = 0;
	if (cased->breach_due_ms != 0 && punishes) {
		*due_ms = cased->breach_due_ms;
		return BH_ALARM_BREACH;
	}
	return bh_queue_holds(cased) ? bh_queue_alarm_now(rules, cased, now_ms, punishes, due_ms)
				     : alarm_of_unit_now(rules, cased, now_ms, punishes, due_ms);
}

static const enum bh_verb verb_of_alarm[] = {
	[BH_ALARM_NONE] = BH_VERB_NONE,
	[BH_ALARM_REMIND_50] = BH_VERB_REMIND,
	[BH_ALARM_REMIND_80] = BH_VERB_REMIND,
	[BH_ALARM_DISPATCH] = BH_VERB_DISPATCH,
	[BH_ALARM_BREACH] = BH_VERB_BREACH,
	[BH_ALARM_SIGN] = BH_VERB_SIGN,
	[BH_ALARM_CLOSE] = BH_VERB_CLOSE,
	[BH_ALARM_RESUME] = BH_VERB_RESUME,
	[BH_ALARM_START] = BH_VERB_START,
	[BH_ALARM_RECEIVE] = BH_VERB_RECEIVE,
	[BH_ALARM_FAIL] = BH_VERB_FAIL,
	[BH_ALARM_WARN] = BH_VERB_WARN,
	[BH_ALARM_OVERDUE] = BH_VERB_OVERDUE,
	[BH_ALARM_RECOMPUTE] = BH_VERB_RECOMPUTE,
	[BH_ALARM_ARCHIVE] = BH_VERB_ARCHIVE,
	[BH_ALARM_FOLLOW_TRY] = BH_VERB_FOLLOW_TRY,
	[BH_ALARM_FOLLOW_UP] = BH_VERB_FOLLOW_UP,
	[BH_ALARM_APPEAL] = BH_VERB_REVIEW_APPEAL,
	[BH_ALARM_REVIEW] = BH_VERB_ACCEPT_RETURN,
	[BH_ALARM_CHECK] = BH_VERB_CHECK_OVERDUE,
	[BH_ALARM_REHOME] = BH_VERB_REDIRECT,
	[BH_ALARM_QUEUE_CALL] = BH_VERB_REMIND,
	[BH_ALARM_SIGN_OFF] = BH_VERB_REMIND,
	[BH_ALARM_ESCALATE] = BH_VERB_REDIRECT,
	[BH_ALARM_MILESTONE] = BH_VERB_MILESTONE_DUE,
	[BH_ALARM_ASKED] = BH_VERB_REMIND,
	[BH_ALARM_UNMANNED] = BH_VERB_REMIND,
	[BH_ALARM_UNPLANNED] = BH_VERB_REMIND,
};

/* What a reporter reads when nobody else wrote a result (row 33, S0-25). */
static const char close_text[] = "处置单位已报告处置完成，核查时限已到，系统自动结案。";

/* What the next unit reads (row 80). */
static const char home_text[] = "原承办单位已撤销，系统自动改派。";

/* ... and what is said before, where it was suspended. */
static const char pause_text[] = "原承办单位已撤销，挂账提前恢复，由系统另行改派。";

/* ... where the unit before it did not sign. */
static const char escalation_text[] = "原承办单位逾期未签收，按规则自动改派。";

/* What the unit reads when the acceptor wrote no reason (row 21). */
static const char fail_text[] = "核查未通过，核查时限已到，系统自动返工。";

bool bh_clock_command(const struct bh_rules *rules, const struct bh_case *cased, int64_t now_ms,
	bool punishes, struct bh_command *out)
{
	int64_t due_ms;
	enum bh_alarm alarm = bh_case_alarm_now(rules, cased, now_ms, punishes, &due_ms);
	if (alarm == BH_ALARM_NONE)
		return false;
	*out = (struct bh_command){
		.source = BH_SOURCE_CLOCK,
		.verb = verb_of_alarm[alarm],
		.log_short = BH_LOG_CLOCK,
		.alarm = alarm,
		.alarm_due_ms = due_ms,
		.case_number = cased->number,
		.cycle = cased->cycle,
	};
	if (alarm == BH_ALARM_CLOSE)
		out->text = bh_span(close_text, sizeof(close_text) - 1);
	if (alarm == BH_ALARM_REHOME)
		out->text = bh_span(home_text, sizeof(home_text) - 1);
	if (alarm == BH_ALARM_RESUME && bh_case_pause_is_over(rules, cased))
		out->text = bh_span(pause_text, sizeof(pause_text) - 1);
	if (alarm == BH_ALARM_ESCALATE)
		out->text = bh_span(escalation_text, sizeof(escalation_text) - 1);
	if (alarm == BH_ALARM_FAIL)
		out->text = bh_span(fail_text, sizeof(fail_text) - 1);
	return true;
}

bool bh_clock_command_is_due(const struct bh_standing *standing, const struct bh_command *command)
{
	int64_t due_ms;
	enum bh_alarm alarm = bh_case_alarm_now(
		standing->rules, standing->before, standing->now_ms, standing->punishes, &due_ms);
	return alarm != BH_ALARM_NONE && alarm == command->alarm &&
	       due_ms == command->alarm_due_ms && verb_of_alarm[alarm] == command->verb;
}
