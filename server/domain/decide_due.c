/* The clocks that a decision starts and stops: the queue's, a stage's, and the disposal clock,
 * which runs from the dispatch, pauses with a suspension, and begins with half its limit for a
 * rework.  Which of them a move ends says its row; how one begins, the handler. */
#include "server/domain/alarm.h"
#include "server/domain/decide_body.h"
#include "server/domain/routing.h"
#include "server/domain/threshold.h"

void bh_deciding_forget_ask(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	after->asked = BH_ASK_NONE;
	after->asked_level = 0;
	after->asked_by = 0;
	after->asked_until_ms = 0;
	after->asked_unit = 0;
}

/* D142: a breach that nobody could record as it left the queue is not lost. */
static void breach_keep(struct bh_deciding *d)
{
	const struct bh_case *before = d->before;
	if (before != NULL && before->dispatch_due_ms != 0 && before->breached == 0 &&
		d->standing->now_ms > before->dispatch_due_ms)
		d->out->after.breach_due_ms = before->dispatch_due_ms;
}

void bh_deciding_late(struct bh_deciding *d)
{
	bh_deciding_late_at(d, d->standing->now_ms);
}

void bh_deciding_late_at(struct bh_deciding *d, int64_t done_ms)
{
	struct bh_case *after = &d->out->after;
	if (d->before->disposal_due_ms == 0 || done_ms <= d->before->disposal_due_ms)
		return;
	if (after->late == 0)
		after->late_unit = d->before->unit;
	after->late = 1;
}

/* NULL: of the case's tasks, of an agreement, of a plan, or by the instant of its answer. */
static int64_t *due_of(struct bh_case *cased, enum bh_flow_clock clock)
{
	switch (clock) {
	case BH_FLOW_DISPATCH:
		return &cased->dispatch_due_ms;
	case BH_FLOW_SIGN:
		return &cased->sign_due_ms;
	case BH_FLOW_DISPOSAL:
		return &cased->disposal_due_ms;
	case BH_FLOW_REVIEW:
		return &cased->review_due_ms;
	case BH_FLOW_PAUSE:
		return &cased->resume_due_ms;
	case BH_FLOW_CHECK:
		return &cased->check_due_ms;
	case BH_FLOW_FOLLOW:
		return &cased->follow_due_ms;
	case BH_FLOW_APPEAL:
		return &cased->appeal_due_ms;
	case BH_FLOW_ANSWER:
	case BH_FLOW_TASK:
	case BH_FLOW_PERFORM:
	case BH_FLOW_MILESTONE:
	case BH_FLOW_CLOCKS:
		break;
	}
	return NULL;
}

void bh_deciding_clocks_end(struct bh_deciding *d)
{
	for (unsigned clock = 0; clock < BH_FLOW_CLOCKS; clock++) {
		int64_t *due_ms = due_of(&d->out->after, (enum bh_flow_clock)clock);
		if (due_ms != NULL && bh_effect_ends((enum bh_flow_effect)d->move->clocks[clock]))
			*due_ms = 0;
	}
	bh_deciding_milestones_move(d);
}

void bh_deciding_leave(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	breach_keep(d);
	after->reminded = 0;
	after->queue_calls = 0;
	after->task = 0; /* whatever it waits for now, it is no task */
	after->check_until_ms = 0;
	bh_deciding_forget_ask(d);
	bh_deciding_forget_handed(d);
}

void bh_deciding_queue(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	struct bh_dispatch_clock clock;
	bh_deciding_leave(d);
	bh_rules_dispatch_clock(d->rules, after->type, d->standing->now_ms, &clock);
	after->queue_ms = d->standing->now_ms;
	after->dispatch_due_ms = clock.limit_ms;
	after->breached = 0;
}

int64_t bh_deciding_stage(struct bh_deciding *d, int64_t length_ms)
{
	struct bh_case *after = &d->out->after;
	after->stage_from_ms = d->standing->now_ms;
	after->stage_limit_ms = length_ms;
	after->calendar = bh_rules_calendar_mark(d->rules);
	return bh_calendar_walk(bh_rules_calendar(d->rules), after->stage_from_ms, length_ms);
}

static int64_t sign_due(struct bh_deciding *d)
{
	int64_t sign_ms = (int64_t)bh_rules_settings(d->rules)->sign_limit_work_min * BH_MINUTE_MS;
	return bh_deciding_stage(d, sign_ms);
}

static bool is_dispute(const struct bh_deciding *d)
{
	const struct bh_case *after = &d->out->after;
	return bh_rules_disposal_limit(d->rules, after->type, after->condition).unit ==
	       BH_LIMIT_TIER;
}

/* That nobody is there is told of with the entry itself. */
void bh_deciding_to_unit(struct bh_deciding *d, uint32_t unit)
{
	int32_t day = bh_rules_day(d->rules, d->standing->now_ms);
	d->out->after.unit = unit;
	d->out->after.unmanned = bh_rules_unit_has_people(d->rules, unit, day) ? 0 : unit;
}

/* The disposal clock runs from dispatch, not from signing, else a refused job flies back and forth
 * while no clock runs (domain.md, Clock model). */
void bh_deciding_hand_over(struct bh_deciding *d, uint32_t unit, uint32_t automatic)
{
	struct bh_case *after = &d->out->after;
	bh_deciding_mediation_leave(d);
	bh_deciding_leave(d);
	bh_deciding_to_unit(d, unit);
	after->automatic = automatic;
	after->auto_signed = 0;
	after->dispatches++;
	after->return_from = BH_STATE_OUTBOX;
	after->refusals = 0;
	after->dispatched_ms = d->standing->now_ms;
	after->sign_due_ms = sign_due(d);
	after->tier = is_dispute(d) ? bh_rules_unit_tier(d->rules, unit) : 0;
	bh_deciding_disposal_begin(d);
	after->clock_from_ms = 0;
}

/* A limit that begins: nothing of it is used, and nobody was told of any of its thresholds. */
static void disposal_begin_anew(struct bh_deciding *d, uint32_t halved)
{
	struct bh_case *after = &d->out->after;
	after->halved = halved;
	after->extensions = 0;
	after->used_ms = 0;
	after->used_beside_ms = 0;
	after->warned = 0;
	after->warned_unit = 0;
	after->overdue_calls = 0;
	after->clock_from_ms = d->standing->now_ms;
	after->calendar = bh_rules_calendar_mark(d->rules);
	bh_deciding_disposal(d);
}

void bh_deciding_disposal_begin(struct bh_deciding *d)
{
	bh_deciding_limit(d);
	disposal_begin_anew(d, 0);
}

void bh_deciding_limit(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	struct bh_limit limit = bh_case_limit_by_rules(d->rules, after);
	after->limit_works = bh_limit_is_working(limit);
	after->limit_ms = bh_limit_ms(limit);
}

void bh_deciding_disposal(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	bool works;
	(void)bh_case_limit_ms(d->rules, after, &works);
	after->disposal_due_ms = bh_length_due(bh_rules_calendar(d->rules), works,
		bh_case_clock_from_ms(after),
		bh_case_limit_whole_ms(d->rules, after) - after->used_ms);
}

void bh_deciding_use(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	const struct bh_calendar *calendar = bh_rules_calendar(d->rules);
	int64_t from_ms = bh_case_clock_from_ms(after), now_ms = d->standing->now_ms;
	bool works;
	(void)bh_case_limit_ms(d->rules, after, &works);
	after->used_ms += bh_length_used_ms(calendar, works, from_ms, now_ms);
	after->used_beside_ms += bh_length_used_ms(calendar, !works, from_ms, now_ms);
}

void bh_deciding_leave_unit(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	bh_deciding_mediation_leave(d);
	after->unit = 0;
	after->automatic = 0;
	after->auto_signed = 0;
	after->return_from = BH_STATE_OUTBOX;
	after->refusals = 0;
	after->tier = 0;
	after->dispatched_ms = 0;
	after->warned = 0;
	after->warned_unit = 0;
	after->overdue_calls = 0;
}

/* The unit starts again as it signed: the clock does it at that limit. */
void bh_deciding_rework(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	bh_deciding_leave(d);
	after->sign_due_ms = sign_due(d);
	disposal_begin_anew(d, 1);
}

void bh_deciding_asset(struct bh_deciding *d)
{
	const struct bh_msg_asset *asset = bh_rules_asset_named(d->rules, d->command->text);
	if (asset != NULL)
		d->out->after.asset = asset->id;
}

void bh_deciding_propose(struct bh_deciding *d)
{
	struct bh_case *after = &d->out->after;
	after->proposed_unit = bh_case_routed(d->rules, after, d->standing->now_ms);
}
