/* The instants go by the case's own due time: a change of rules does not move a running clock.
 *
 * Past its limit a case is the clock's to dispatch, or, where the district keeps that to people, it
 * calls for one until somebody does: ever more rarely, and it never stops (domain.md, "The 30
 * minutes": a breach is recorded once, and escalated). */
#include "server/domain/alarm_queue.h"

#include "server/domain/alarm.h"
#include "server/domain/checking.h"

#define NEVER INT64_MAX

struct plan {
	int64_t remind_50_ms;
	int64_t remind_80_ms;
	int64_t dispatch_ms;
	int64_t breach_ms;
	int64_t call_ms;
};

bool bh_queue_holds(const struct bh_case *cased)
{
	return cased->state == BH_STATE_RECEIVED || cased->state == BH_STATE_VERIFYING ||
	       cased->state == BH_STATE_FILED;
}

static int64_t call_ms(const struct bh_case *cased, uint32_t calls)
{
	int64_t limit_ms = cased->dispatch_due_ms - cased->queue_ms;
	return cased->queue_ms + bh_call_limits(calls + 1) * limit_ms;
}

uint32_t bh_queue_calls_by(const struct bh_case *cased, int64_t now_ms)
{
	uint32_t calls = cased->queue_calls;
	while (cased->dispatch_due_ms > cased->queue_ms && call_ms(cased, calls) <= now_ms)
		calls++;
	return calls;
}

static struct plan plan_of(const struct bh_rules *rules, const struct bh_case *cased)
{
	int64_t start = cased->queue_ms;
	int64_t due = cased->dispatch_due_ms;
	struct plan plan = {NEVER, NEVER, NEVER, NEVER, NEVER};
	if (due == 0)
		return plan;
	/* S3-10: what needs consent is opened by people, who see whether it stands. */
	if (!bh_rules_needs_consent(rules, cased->type) &&
		bh_case_unit_by_clock(rules, cased) != 0) {
		if (bh_case_is_immediate(rules, cased))
			plan.dispatch_ms = start;
		else if (bh_rules_dispatches_itself(rules, cased->type))
			plan.dispatch_ms = due - bh_rules_margin_length_ms(rules);
	}
	if (cased->breached != 0) {
		plan.call_ms = plan.dispatch_ms == NEVER ? call_ms(cased, cased->queue_calls)
							 : NEVER;
		return plan;
	}
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

enum bh_alarm bh_queue_alarm(
	const struct bh_rules *rules, const struct bh_case *cased, int64_t *at_ms)
{
	struct plan plan = plan_of(rules, cased);
	const struct {
		enum bh_alarm alarm;
		int64_t at_ms;
	} waiting[] = {
		{BH_ALARM_REMIND_50, plan.remind_50_ms},
		{BH_ALARM_REMIND_80, plan.remind_80_ms},
		{BH_ALARM_DISPATCH, plan.dispatch_ms},
		{BH_ALARM_BREACH, plan.breach_ms},
		{BH_ALARM_QUEUE_CALL, plan.call_ms},
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

enum bh_alarm bh_queue_alarm_now(const struct bh_rules *rules, const struct bh_case *cased,
	int64_t now_ms, bool punishes, int64_t *due_ms)
{
	struct plan plan = plan_of(rules, cased);
	bool over = plan.breach_ms <= now_ms;
	/* Where the breach is held, reminding of a limit that has passed helps nobody. */
	const struct {
		enum bh_alarm alarm;
		int64_t at_ms;
		bool may;
	} due[] = {
		{BH_ALARM_BREACH, plan.breach_ms, punishes},
		{BH_ALARM_DISPATCH, plan.dispatch_ms, true},
		{BH_ALARM_REMIND_50, plan.remind_50_ms, !over},
		{BH_ALARM_REMIND_80, plan.remind_80_ms, !over},
		{BH_ALARM_QUEUE_CALL, plan.call_ms, punishes},
	};
	for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++) {
		if (due[i].may && due[i].at_ms <= now_ms) {
			*due_ms = due[i].at_ms;
			return due[i].alarm;
		}
	}
	return BH_ALARM_NONE;
}
