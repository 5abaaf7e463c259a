/* What only the clock does, and which moves no state: it reminds at 50 % and 80 % of the dispatch
 * limit, and records the breach, once, with its due instant (which stays in the case as
 * dispatch_due_ms, or, once it has left the queue, as breach_due_ms), and calls for a dispatch that
 * only people make; it tells of the thresholds of the disposal limit; it calls for a check that
 * only people make; and it computes due times again that go by a calendar which is no longer in
 * force.  Whether it is time for it was asked
 * before (decide.c, clock_fits). */
#include "server/domain/alarm_left.h"
#include "server/domain/alarm_queue.h"
#include "server/domain/checking.h"
#include "server/domain/decide_body.h"
#include "server/domain/threshold.h"

/* Past the limit: the level above once, then the county (alarm_queue.h). */
static void call_for_dispatch(struct bh_deciding *d)
{
	d->out->after.queue_calls = bh_queue_calls_by(d->before, d->standing->now_ms);
	bh_deciding_accept(d);
	d->out->reason = (enum bh_reason)(
		d->before->queue_calls == 0 ? BH_REMIND_ABOVE : BH_REMIND_COUNTY);
}

static void tell_who_left(struct bh_deciding *d)
{
	bool plan = d->command->alarm == BH_ALARM_UNPLANNED;
	if (plan)
		d->out->after.unplanned = 1;
	else
		d->out->after.unmanned = d->before->unit;
	bh_deciding_accept(d);
	d->out->reason = (enum bh_reason)(plan ? BH_REMIND_UNPLANNED : BH_REMIND_UNMANNED);
}

void bh_decide_remind(struct bh_deciding *d)
{
	if (d->command->alarm == BH_ALARM_QUEUE_CALL) {
		call_for_dispatch(d);
		return;
	}
	if (d->command->alarm == BH_ALARM_SIGN_OFF) {
		bh_deciding_call_for_sign_off(d);
		return;
	}
	if (d->command->alarm == BH_ALARM_UNMANNED || d->command->alarm == BH_ALARM_UNPLANNED) {
		tell_who_left(d);
		return;
	}
	uint32_t percent = d->command->alarm == BH_ALARM_REMIND_80 ? BH_LIMIT_YELLOW_PERCENT
								   : BH_LIMIT_NOTE_PERCENT;
	d->out->after.reminded = percent;
	bh_deciding_accept(d);
	d->out->reason = (enum bh_reason)percent; /* as BH_VERB_REMIND says */
}

void bh_decide_breach(struct bh_deciding *d)
{
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 11
	if (d->before->breach_due_ms == 0 || !bh_queue_holds(d->before))
		d->out->after.breached = 1;
#endif
	d->out->after.breach_due_ms = 0; /* of a clock that it left meanwhile */
	bh_deciding_accept(d);
}

void bh_decide_warn(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	int64_t due_ms;
	enum bh_threshold threshold = bh_case_warning_now(
		d->rules, d->before, d->standing->now_ms, d->standing->punishes, &due_ms);
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 16
	if (threshold != BH_THRESHOLD_AGAIN)
		after->warned = threshold;
#endif
	if (threshold == BH_THRESHOLD_AGAIN)
		after->overdue_calls = bh_case_overdue_calls_by(
			d->rules, d->before, d->standing->now_ms);
	after->warned_unit = bh_case_warning_unit(d->rules, d->before, threshold);
	after->misses += threshold == BH_THRESHOLD_MISS;
	bh_deciding_accept(d);
	d->out->reason = (enum bh_reason)threshold; /* as the verb says */
}

void bh_decide_check_overdue(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	after->check_calls++;
	bh_deciding_accept(d);
	d->out->reason = (enum bh_reason)(after->check_calls < BH_CHECK_CALLS_COUNTY
						  ? after->check_calls
						  : BH_CHECK_CALLS_COUNTY); /* as the verb says */
}

/* What was used before stays used, and what was told of stays told. */
void bh_decide_recompute(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	if (d->command->task != 0) {
		bh_decide_task_recompute(d);
		return;
	}
	int64_t stage_due_ms = bh_calendar_walk(
		bh_rules_calendar(d->rules), after->stage_from_ms, after->stage_limit_ms);
	if (after->disposal_due_ms != 0)
		bh_deciding_disposal(d);
	if (after->sign_due_ms != 0 && after->stage_limit_ms != 0)
		after->sign_due_ms = stage_due_ms;
	if (after->check_due_ms != 0 && after->stage_limit_ms != 0)
		after->check_due_ms = stage_due_ms;
	if (after->follow_due_ms != 0 && after->stage_limit_ms != 0)
		after->follow_due_ms = stage_due_ms;
	after->calendar = bh_rules_calendar_mark(d->rules);
	bh_deciding_accept(d);
}
