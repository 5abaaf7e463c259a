/* What the clock does about a case, and when: read off the projection, never stored but as an
 * index.
 *
 *   queue           remind 50 % ─▶ remind 80 % ─▶ dispatch at the margin
 *                   an immediate rule: dispatch at once
 *                   nobody dispatches:  breach at the limit
 *   DISPATCHED      sign at its limit
 *   REWORK          start at the limit for signing
 *   SUSPENDED       resume at its date
 *   DONE, CHECKING  close at its limit; what was looked at and does not do fails there
 *
 * After a downtime: what punishes comes first and once, what is overtaken is left out. */
#include <string.h>

#include "proto/err.h"
#include "server/domain/alarm.h"

#define NEVER INT64_MAX

struct alarm_plan {
	int64_t remind_50_ms;
	int64_t remind_80_ms;
	int64_t dispatch_ms;
	int64_t breach_ms;
};

static bool state_queues(uint32_t state)
{
	return state == BH_STATE_RECEIVED || state == BH_STATE_VERIFYING || state == BH_STATE_FILED;
}

bool bh_case_is_immediate(const struct bh_rules *rules, const struct bh_case *cased)
{
	struct bh_routing routing;
	if (cased->dispatches > 0 || cased->cycle > 1)
		return false; /* it came back: now a person looks first */
	bh_rules_route(rules, cased->type, cased->area, &routing);
	return routing.immediate;
}

uint32_t bh_case_unit_by_clock(const struct bh_rules *rules, const struct bh_case *cased)
{
	struct bh_routing routing;
	if (bh_rules_unit(rules, cased->proposed_unit) != NULL)
		return cased->proposed_unit;
	bh_rules_route(rules, cased->type, cased->area, &routing);
	return routing.unit;
}

/* The instants go by the case's own due time: a change of rules does not move a running clock. */
static struct alarm_plan plan_of(const struct bh_rules *rules, const struct bh_case *cased)
{
	int64_t start = cased->queue_ms;
	int64_t due = cased->dispatch_due_ms;
	struct alarm_plan plan = {NEVER, NEVER, NEVER, NEVER};
	if (!state_queues(cased->state) || due == 0)
		return plan;
	if (bh_case_unit_by_clock(rules, cased) != 0) {
		if (bh_case_is_immediate(rules, cased))
			plan.dispatch_ms = start;
		else if (bh_rules_dispatches_itself(rules, cased->type))
			plan.dispatch_ms = due - bh_rules_margin_length_ms(rules);
	}
	if (cased->breached != 0)
		return plan;
	plan.breach_ms = due;
	int64_t overtaken = plan.dispatch_ms < due ? plan.dispatch_ms : due;
	int64_t at_50 = start + (due - start) * BH_LIMIT_NOTE_PERCENT / 100;
	int64_t at_80 = start + (due - start) * BH_LIMIT_YELLOW_PERCENT / 100;
	if (cased->reminded < BH_LIMIT_NOTE_PERCENT && at_50 < overtaken)
		plan.remind_50_ms = at_50;
	if (cased->reminded < BH_LIMIT_YELLOW_PERCENT && at_80 < overtaken)
		plan.remind_80_ms = at_80;
	return plan;
}

static enum bh_alarm alarm_of_unit(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	if (cased->state == BH_STATE_DISPATCHED && cased->sign_due_ms != 0) {
		*at_ms = cased->sign_due_ms;
		return BH_ALARM_SIGN;
	}
	if (cased->state == BH_STATE_REWORK && cased->sign_due_ms != 0) {
		*at_ms = cased->sign_due_ms;
		return BH_ALARM_START;
	}
	if (cased->state == BH_STATE_TIER_MOVING) {
		*at_ms = cased->sign_due_ms;
		return BH_ALARM_RECEIVE;
	}
	if (cased->state == BH_STATE_SUSPENDED) {
		*at_ms = cased->resume_due_ms;
		return BH_ALARM_RESUME;
	}
	if (cased->state == BH_STATE_CHECKING && cased->checked == BH_CHECKED_FAILED) {
		*at_ms = cased->check_due_ms;
		return BH_ALARM_FAIL;
	}
	bool checks = cased->state == BH_STATE_DONE || cased->state == BH_STATE_CHECKING;
	if (checks && cased->check_due_ms != 0 &&
		bh_rules_may_close_by_limit(rules, cased->type, cased->urgency)) {
		*at_ms = cased->check_due_ms;
		return BH_ALARM_CLOSE;
	}
	*at_ms = 0;
	return BH_ALARM_NONE;
}

enum bh_alarm bh_case_alarm(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	if (!state_queues(cased->state))
		return alarm_of_unit(rules, cased, at_ms);
	struct alarm_plan plan = plan_of(rules, cased);
	const struct {
		enum bh_alarm alarm;
		int64_t at_ms;
	} waiting[] = {
		{BH_ALARM_REMIND_50, plan.remind_50_ms},
		{BH_ALARM_REMIND_80, plan.remind_80_ms},
		{BH_ALARM_DISPATCH, plan.dispatch_ms},
		{BH_ALARM_BREACH, plan.breach_ms},
	};
	size_t first = 0;
	for (size_t i = 1; i < sizeof(waiting) / sizeof(waiting[0]); i++) {
		if (waiting[i].at_ms < waiting[first].at_ms)
			first = i;
	}
	bool none = waiting[first].at_ms == NEVER;
	*at_ms = none ? 0 : waiting[first].at_ms;
	return none ? BH_ALARM_NONE : waiting[first].alarm;
}

enum bh_alarm bh_case_alarm_now(const struct bh_rules *rules, const struct bh_case *cased,
	int64_t now_ms, bool punishes, int64_t *due_ms)
{
	*due_ms = 0;
	if (!state_queues(cased->state)) {
		int64_t at_ms;
		enum bh_alarm alarm = alarm_of_unit(rules, cased, &at_ms);
		bool held = alarm == BH_ALARM_CLOSE && !punishes;
		if (alarm == BH_ALARM_NONE || at_ms > now_ms || held)
			return BH_ALARM_NONE;
		*due_ms = at_ms;
		return alarm;
	}
	struct alarm_plan plan = plan_of(rules, cased);
	if (plan.breach_ms <= now_ms && punishes) {
		*due_ms = plan.breach_ms;
		return BH_ALARM_BREACH;
	}
	if (plan.dispatch_ms <= now_ms) {
		*due_ms = plan.dispatch_ms;
		return BH_ALARM_DISPATCH;
	}
	if (plan.breach_ms <= now_ms)
		return BH_ALARM_NONE; /* held; reminding of a limit that has passed helps nobody */
	if (plan.remind_50_ms <= now_ms) {
		*due_ms = plan.remind_50_ms;
		return BH_ALARM_REMIND_50;
	}
	if (plan.remind_80_ms <= now_ms) {
		*due_ms = plan.remind_80_ms;
		return BH_ALARM_REMIND_80;
	}
	return BH_ALARM_NONE;
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
};

/* What a reporter reads when nobody else wrote a result (row 33, S0-25). */
static const char close_text[] = "处置单位已报告处置完成，核查时限已到，系统自动结案。";

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
