/* 申诉: a unit's lead says that its lateness was not its own (domain.md, "Rules of adjustment"):
 * only after closing, only what was late, once a cycle.
 *
 *   APPEAL ─▶ FIRST ──dispatcher grants──▶ SECOND ──supervisor grants──▶ GRANTED: exempt
 *              │  └──its limit: passed on──▶  └──its limit──▶ LAPSED: as it was
 *              │       to two supervisors, then
 *              └──either refuses──▶ REFUSED
 *
 * Two people, neither of the unit.  What is granted does not count; that it was late stays. Another
 * cycle cuts a review short: what it was about stays known, and can be appealed against again after
 * the closing of a cycle that was not late itself; of one that was, that lateness is appealed. */
#include "server/domain/alarm.h"
#include "server/domain/decide_body.h"

/* In which it may be said, in natural days after closing. */
#define APPEAL_MS (INT64_C(7) * 24 * 60 * BH_MINUTE_MS)

static void review_begin(struct bh_deciding *d, enum bh_appeal stage)
{
	struct bh_case *after = &d->out->after;
	after->appeal = stage;
	after->appeal_due_ms = bh_limit_due(
		bh_rules_calendar(d->rules), BH_APPEAL_LIMIT, d->standing->now_ms, 0);
}

static void review_end(struct bh_deciding *d, enum bh_appeal end)
{
	d->out->after.appeal = end;
	if (d->before->late == 0) { /* it was about the one that was cut short */
		d->out->after.appeal_cycle = 0;
		d->out->after.appeal_unit = 0;
	}
	bh_deciding_accept(d);
}

void bh_deciding_appeal_lapse(struct bh_deciding *d)
{
	const struct bh_case *before = d->before;
	struct bh_case *after = &d->out->after;
	bool waits = before->appeal == BH_APPEAL_FIRST || before->appeal == BH_APPEAL_SECOND;
	if (!waits || before->late == 0)
		return;
	after->appeal_cycle = before->cycle;
	after->appeal_unit = bh_case_late_unit(before);
}

static bool may_be_appealed(struct bh_deciding *d)
{
	const struct bh_case *before = d->before;
	int64_t until_ms = bh_length_due(
		bh_rules_calendar(d->rules), false, before->closed_ms, APPEAL_MS);
	if (before->late == 0 && before->appeal_cycle == 0)
		bh_deciding_reject(d, BH_REASON_GUARD, "it was not late");
	else if (before->appeal != BH_APPEAL_NONE)
		bh_deciding_reject(d, BH_REASON_GUARD, "it was appealed before");
	else if (d->standing->now_ms > until_ms)
		bh_deciding_reject(d, BH_REASON_WINDOW, NULL);
	else
		return true;
	return false;
}

void bh_decide_appeal(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !may_be_appealed(d))
		return;
	review_begin(d, BH_APPEAL_FIRST);
	d->out->after.appeal_by = d->command->person;
	bh_deciding_accept(d);
}

/* The first is the desk's, the second a supervisor's, who did not grant the first. */
static bool is_ones_own(struct bh_deciding *d)
{
	const struct bh_case *before = d->before;
	bool above = (d->move->roles & 1u << BH_ROLE_SUPERVISOR) != 0;
	if (before->appeal != BH_APPEAL_FIRST && before->appeal != BH_APPEAL_SECOND)
		bh_deciding_reject(d, BH_REASON_NOT_NOW, "no appeal waits for a review");
	else if (above != (before->appeal == BH_APPEAL_SECOND))
		bh_deciding_reject(d, BH_REASON_GUARD, "this review is the other desk's");
	else if (before->appeal_seen == d->command->person)
		bh_deciding_reject(d, BH_REASON_GUARD, "two people review it");
	else
		return true;
	return false;
}

static void grant(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	/* Where nobody judged it first, a second supervisor does after this one. */
	if (d->before->appeal == BH_APPEAL_FIRST || d->before->appeal_seen == 0) {
		review_begin(d, BH_APPEAL_SECOND);
		after->appeal_seen = d->command->person;
		bh_deciding_accept(d);
		return;
	}
	if (after->late != 0)
		after->exempt |= 1u << (after->cycle - 1);
	else if (after->appeal_cycle != 0)
		after->exempt |= 1u << (after->appeal_cycle - 1);
	review_end(d, BH_APPEAL_GRANTED);
}

void bh_decide_review_appeal(struct bh_deciding *d)
{
	uint32_t result = d->command->reason_code;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (d->command->source == BH_SOURCE_CLOCK) {
		if (d->before->appeal == BH_APPEAL_SECOND) {
			review_end(d, BH_APPEAL_LAPSED);
			return;
		}
		review_begin(d, BH_APPEAL_SECOND);
		bh_deciding_accept(d);
	} else if (result != BH_TASK_YES && result != BH_TASK_NO) {
		bh_deciding_reject(d, BH_REASON_FIELD, "a review says yes or no");
	} else if (is_ones_own(d)) {
		if (result == BH_TASK_YES)
			grant(d);
		else
			review_end(d, BH_APPEAL_REFUSED);
	}
}
