/* What a unit does with its case: sign (10), return it (11) and hear the answer (12, 13), finish
 * (18), start again (22); and a dispute's way from tier to tier (16, 17).  What a worker puts right
 * on the spot is done without a unit (8). */
#include "proto/err.h"
#include "server/domain/decide_body.h"
#include "server/domain/repeat.h"
#include "server/domain/threshold.h"

/* domain.md, RETURNING */
static const struct bh_limit review_limit = {1, BH_LIMIT_URGENT_HOUR};
/* domain.md, TIER_MOVING */
static const struct bh_limit receipt_limit = {1, BH_LIMIT_WORK_DAY};

void bh_decide_sign(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	after->auto_signed = d->command->source == BH_SOURCE_CLOCK;
	bh_deciding_accept(d);
}

/* The disposal clock runs on: a return that is refused has cost the unit's own time. */
void bh_decide_return(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (d->before->refusals >= BH_REFUSALS_MAX) {
		bh_deciding_reject(d, BH_REASON_GUARD, "the shift leader has decided for good");
		return;
	}
	bh_deciding_late(d);
	after->return_from = d->before->state;
	bh_deciding_forget_ask(d);
	bh_deciding_forget_handed(d);
	after->review_due_ms = bh_limit_due(
		bh_rules_calendar(d->rules), review_limit, d->standing->now_ms, 0);
	bh_deciding_accept(d);
}

/* Back into the queue, whose clock starts again.  A rule that would send it straight back gives way
 * to the desk of the smallest area. */
void bh_decide_accept_return(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !bh_deciding_is_apart(d))
		return;
	uint32_t returned_by = d->before->unit;
	bh_deciding_leave_unit(d);
	after->returns++;
	after->returns_lapsed += d->command->source == BH_SOURCE_CLOCK;
	bh_deciding_propose(d);
	uint32_t desk = bh_rules_backstop(d->rules, after->type, after->area, returned_by);
	if (after->proposed_unit == returned_by)
		after->proposed_unit = bh_rules_desk_of_grade(d->rules, desk, after->grade);
	if (after->proposed_unit == returned_by) /* the only one of its grade's tier */
		after->proposed_unit = desk;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 10
	bh_deciding_leave(d);
#else
	bh_deciding_queue(d);
#endif
	bh_deciding_accept(d);
}

/* The unit has it now, signed or not: who argues has read it. */
void bh_decide_refuse_return(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	after->return_from = BH_STATE_OUTBOX;
	after->refusals++;
	bh_deciding_accept(d);
}

/* Somebody says that it is done: from now on it waits for its check. */
static void result_begin(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	int64_t check_ms = (int64_t)bh_rules_settings(d->rules)->check_limit_work_min *
			   BH_MINUTE_MS;
	bh_deciding_leave(d);
	after->done_ms = d->standing->now_ms;
	after->finished_by = d->author;
	after->checked = BH_CHECKED_NOT;
	after->check_calls = 0;
	after->check_due_ms = bh_deciding_stage(d, check_ms);
	after->repeats = d->standing->repeats < BH_REPEAT_CASES ? 0 : d->standing->repeats;
}

void bh_decide_finish(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (bh_deciding_is_handed_in(d)) {
		bh_deciding_hand_in(d);
		return;
	}
	bh_deciding_late_at(d, bh_deciding_done_ms(d, bh_case_clock_from_ms(d->before)));
	result_begin(d);
	if (d->before->handed_by != 0) /* who did it checks nothing of it, whoever signs it off */
		after->finished_by = d->before->handed_by;
	after->self_disposed = 0;
	bh_deciding_accept(d);
}

/* No unit was needed, and none has it; where a check fails, it is the one's that the rules name
 * (bh_decide_fail). */
void bh_decide_self_dispose(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	result_begin(d);
	d->out->after.self_disposed = 1;
	bh_deciding_accept(d);
}

void bh_deciding_to_tier(struct bh_deciding *d, uint32_t desk)
{
	struct bh_case *after = &d->out->after;
	bh_deciding_mediation_leave(d);
	bh_deciding_late(d);
	bh_deciding_leave(d);
	bh_deciding_to_unit(d, desk);
	after->tier = bh_rules_unit_tier(d->rules, desk);
	after->sign_due_ms = bh_deciding_stage(d, bh_limit_ms(receipt_limit));
	bh_deciding_accept(d);
}

/* To the desk of the next tier, which sees it from now on; the tier's clock stops (domain.md,
 * TIER_MOVING).  The county is the last. */
void bh_decide_move_up(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (d->before->tier == 0) {
		bh_deciding_reject(d, BH_REASON_GUARD, "only a dispute moves up");
		return;
	}
	uint32_t desk = bh_deciding_desk_above(d);
	if (desk == 0)
		return;
	bh_deciding_to_tier(d, desk);
}

void bh_decide_receive(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	after->auto_signed = d->command->source == BH_SOURCE_CLOCK;
	bh_deciding_disposal_begin(d);
	bh_deciding_accept(d);
}
