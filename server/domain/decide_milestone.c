/* A plan of steps for what a unit handles (milestone.h): set and changed (77), one step done after
 * the other (78), told of at the thresholds of the running one's limit.
 *
 * Who leads the unit sets it, a dispatcher, or a major case's own sponsor; none of them gives more
 * time by it than the case has: a plan that would end after the case's own limit is refused until
 * that is extended, or the case was suspended and goes on.
 *
 * A change gives what is still to be done; what was done stays, and so does who was late. */
#include "server/domain/milestone.h"

#include "server/domain/alarm.h"
#include "server/domain/decide_body.h"

/* Of the one calendar mark that a case has; one that waits to be computed again keeps its own. */
static void calendar_mark(struct bh_deciding *d)
{
	if (!bh_case_is_stale(d->rules, d->before))
		d->out->after.calendar = bh_rules_calendar_mark(d->rules);
}

static bool is_ones_to_plan(struct bh_deciding *d)
{
	const struct bh_case *before = d->before;
	bool sponsors = (d->move->roles & 1u << BH_ROLE_SPONSOR) != 0;
	if (sponsors && (before->major == 0 || before->sponsor != d->command->person))
		return bh_deciding_refuse(
			d, BH_REASON_GUARD, "a sponsor plans what is major and his own");
	return true;
}

static bool steps_fit(struct bh_deciding *d, uint32_t done)
{
	const struct bh_milestone_ask *ask = &d->command->milestones;
	if (ask->count == 0 || done + ask->count < BH_MILESTONES_MIN ||
		done + ask->count > BH_MILESTONES_MAX ||
		d->command->dispute.decisions_count != ask->count)
		return bh_deciding_refuse(d, BH_REASON_FIELD,
			"a plan has 2 to 16 steps, those that are done with it");
	for (uint32_t i = 0; i < ask->count; i++)
		if (!bh_milestone_limit_fits(ask->limits[i]))
			return bh_deciding_refuse(d, BH_REASON_FIELD,
				"a step has a limit of 1 to 999 of a unit of the clock");
	return true;
}

/* Whatever ends or holds the running step: it is late where its limit is over, told of or not. */
static void running_judge(struct bh_deciding *d)
{
	const struct bh_case *before = d->before;
	if (bh_milestones_state(before) == BH_MILESTONES_RUN &&
		d->standing->now_ms > before->milestone_due_ms)
		d->out->after.milestones_late |= 1u << before->milestones_done;
}

/* The step that ran is another now: that it was late counts with those of earlier plans, so that
 * the new one may be late again. */
static void running_late_keep(struct bh_case *after)
{
	uint32_t step = 1u << after->milestones_done;
	if ((after->milestones_late & step) != 0)
		after->milestones_late = (after->milestones_late & ~step) +
					 (1u << BH_MILESTONES_MAX);
}

/* What was late stays so. */
static void steps_set(struct bh_deciding *d, uint32_t done)
{
	const struct bh_milestone_ask *ask = &d->command->milestones;
	struct bh_case *after = &d->out->after;
	running_judge(d);
	if (bh_milestones_state(d->before) != BH_MILESTONES_RUN)
		after->milestones_late = bh_milestones_late(after) << BH_MILESTONES_MAX;
	else
		running_late_keep(after);
	after->milestones = done + ask->count;
	after->milestones_done = done;
	after->milestone_unit = d->before->unit;
	for (uint32_t i = 0; i < ask->count; i++)
		bh_milestone_limit_set(after, done + i, ask->limits[i]);
	bh_milestone_begin(d->rules, after, d->standing->now_ms);
	calendar_mark(d);
}

void bh_decide_milestones(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	int64_t now_ms = d->standing->now_ms;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !is_ones_to_plan(d))
		return;
	bool runs = bh_milestones_state(d->before) == BH_MILESTONES_RUN;
	uint32_t done = runs ? d->before->milestones_done : 0;
	if (!steps_fit(d, done))
		return;
	steps_set(d, done);
	if (bh_milestones_end_ms(d->rules, after, now_ms) > d->before->disposal_due_ms) {
		bh_deciding_reject(d, BH_REASON_GUARD,
			"its steps end after the case's own limit: extend that first");
		return;
	}
	bh_deciding_accept(d);
}

void bh_decide_milestone_done(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	int64_t now_ms = d->standing->now_ms;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	running_judge(d);
	after->milestones_done++;
	if (after->milestones_done < after->milestones) {
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 75
		now_ms = d->before->milestone_from_ms;
#endif
		bh_milestone_begin(d->rules, after, now_ms);
		calendar_mark(d);
	} else {
		bh_milestones_drop(after);
	}
	bh_deciding_accept(d);
}

void bh_decide_milestone_due(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	int64_t due_ms;
	enum bh_threshold threshold = bh_milestone_warning_now(
		d->rules, d->before, d->standing->now_ms, d->standing->punishes, &due_ms);
	after->milestone_warned = threshold;
	if (threshold == BH_THRESHOLD_RED)
		after->milestones_late |= 1u << after->milestones_done;
	bh_deciding_accept(d);
	d->out->reason = (enum bh_reason)threshold; /* as the verb says */
}

void bh_deciding_milestones_move(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	switch ((enum bh_flow_effect)d->move->clocks[BH_FLOW_MILESTONE]) {
	case BH_EFFECT_END:
		running_judge(d);
		if (bh_milestones_state(after) != BH_MILESTONES_DONE)
			bh_milestones_drop(after);
		break;
	case BH_EFFECT_PAUSE:
		running_judge(d);
		bh_milestone_pause(d->rules, after, d->standing->now_ms);
		break;
	case BH_EFFECT_RESUME:
		bh_milestone_resume(d->rules, after, d->standing->now_ms);
		break;
	default: /* set, or done: the handler's */
		break;
	}
}

void bh_deciding_milestones_end(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	bh_milestones_drop(after);
	after->milestones = 0;
	after->milestones_done = 0;
	after->milestones_late = 0;
	after->milestone_unit = 0;
	for (unsigned i = 0; i < sizeof(after->milestone_limits) / sizeof(uint64_t); i++)
		after->milestone_limits[i] = 0;
}
