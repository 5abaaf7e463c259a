/* A case is closed (23 by the acceptor, 33 by the clock), always with a result for the reporter
 * (S0-25); what was done does not do and is done again (21); and what had ended goes on, in a cycle
 * of its own, through the queue like any other (24, 27, 31). */
#include "server/domain/alarm.h"
#include "server/domain/decide_body.h"
#include "server/domain/routing.h"

void bh_decide_close(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !bh_deciding_text_fits(d, true) ||
		!bh_deciding_acceptor_closes(d))
		return;
	bh_deciding_leave(d);
	d->out->after.closed_ms = d->standing->now_ms;
	d->out->after.closed_by = d->command->person;
	d->out->after.matter_ended = d->command->matter_ended;
	bh_deciding_copy(d);
	if (d->command->source == BH_SOURCE_CLOCK)
		bh_deciding_audit(d);
	bh_deciding_accept(d);
}

/* What its worker put right on the spot, and what does not do, is the unit's whose task it would
 * have been, with its whole limit: it has not had it before. */
static bool unit_begins(struct bh_deciding *d)
{
	uint32_t unit = bh_case_unit_by_clock(d->rules, d->before);
	if (unit == 0) {
		bh_deciding_reject(d, BH_REASON_NO_UNIT, NULL);
		return false;
	}
	bh_deciding_hand_over(d, unit, 0);
	return true;
}

/* The same unit again; that it was late before stays (domain.md, REWORK). */
void bh_decide_fail(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (d->before->unit != 0)
		bh_deciding_rework(d);
	else if (!unit_begins(d))
		return;
	d->out->after.reworks++;
	d->out->after.redone_from = d->before->last;
	bh_deciding_accept(d);
}

/* Whose work the cycle before was. */
static void people_leave(struct bh_case *after)
{
	after->filed_by = 0;
	after->dispatched_by = 0;
	after->finished_by = 0;
	after->closed_by = 0;
	after->acceptor = 0;
	after->appeal_by = 0;
	after->appeal_seen = 0;
}

bool bh_deciding_cycle_begin(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	if (d->before->cycle >= BH_RECEIPT_CYCLES_MAX) {
		bh_deciding_reject(d, BH_REASON_GUARD, "a case has no more cycles than this");
		return false;
	}
	bh_deciding_appeal_lapse(d);
	after->cycle++;
	bh_deciding_leave_unit(d);
	bh_deciding_milestones_end(d);
	after->mediation_state = BH_MEDIATION_NONE;
	after->paused = 0;
	after->lowered = 0;
	after->copied = 0;
	after->dispatches = 0;
	after->done_ms = 0;
	after->closed_ms = 0;
	after->matter_ended = 0;
	after->audit = BH_AUDIT_NONE;
	after->audit_task = 0;
	after->ground = 0;
	after->channel = 0;
	after->reworks = 0;
	after->late = 0;
	after->late_unit = 0;
	after->extended = 0;
	after->redone_from = 0;
	people_leave(after);
	after->self_disposed = 0;
	after->archived_ms = 0;
	after->dossier = BH_ARCHIVED_NOT;
	after->follow_tries = 0;
	after->follow_answer = BH_FOLLOW_NONE;
	after->appeal = BH_APPEAL_NONE;
	bh_case_rules_begin(d->rules, after, d->standing->now_ms);
	bh_deciding_propose(d);
	bh_deciding_queue(d);
	return true;
}

void bh_decide_again(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (d->command->verb == BH_VERB_RECONSIDER && d->before->reconsiderations > 0) {
		bh_deciding_reject(d, BH_REASON_GUARD, "it was reconsidered before");
		return;
	}
	after->reconsiderations += d->command->verb == BH_VERB_RECONSIDER;
	if (bh_deciding_cycle_begin(d))
		bh_deciding_accept(d);
}
