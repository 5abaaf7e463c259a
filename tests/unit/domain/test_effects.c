/* What the table says that a row does to the clocks is what decide does: for every row and every
 * role of it the case is looked at before and after, clock by clock.  And nothing that a row ends
 * is never seen to run. */
#include "server/domain/milestone.h"
#include "server/domain/routing.h"
#include "server/domain/threshold.h"
#include "tests/unit/domain/demo_rules.h"
#include "tests/unit/domain/guard_sides.h"

#define USED BH_MINUTES(30)

/* A clock as it stands: what it is due by (0: it does not run), and since when, where that is
 * kept. */
struct clock_face {
	int64_t due_ms, from_ms, used_ms, whole_ms;
};

struct looked {
	const struct bh_rules *rules;
	const struct bh_staged *staged;
	struct bh_verdict_on on;
};

static struct clock_face disposal_face(const struct bh_rules *rules, const struct bh_case *cased)
{
	return (struct clock_face){.due_ms = cased->disposal_due_ms,
		.from_ms = bh_case_clock_from_ms(cased),
		.used_ms = cased->used_ms,
		.whole_ms = bh_case_limit_whole_ms(rules, cased)};
}

/* The instant of the answer is its clock. */
static struct clock_face answer_face(const struct bh_case *cased)
{
	bool runs = bh_state_ends_cycle((enum bh_state)cased->state);
	return (struct clock_face){runs ? cased->closed_ms : 0, cased->closed_ms, 0, 0};
}

static struct clock_face face_of(
	const struct bh_rules *rules, const struct bh_case *cased, enum bh_flow_clock clock)
{
	switch (clock) {
	case BH_FLOW_DISPATCH:
		return (struct clock_face){cased->dispatch_due_ms, cased->queue_ms, 0, 0};
	case BH_FLOW_SIGN:
		return (struct clock_face){cased->sign_due_ms, cased->stage_from_ms, 0, 0};
	case BH_FLOW_DISPOSAL:
		return disposal_face(rules, cased);
	case BH_FLOW_CHECK:
		return (struct clock_face){cased->check_due_ms, cased->stage_from_ms, 0, 0};
	case BH_FLOW_FOLLOW:
		return (struct clock_face){cased->follow_due_ms, cased->stage_from_ms, 0, 0};
	case BH_FLOW_ANSWER:
		return answer_face(cased);
	case BH_FLOW_MILESTONE:
		return (struct clock_face){cased->milestone_due_ms, cased->milestone_from_ms,
			cased->milestone_used_ms,
			bh_limit_ms(bh_milestone_limit(cased, cased->milestones_done))};
	default:
		break;
	}
	int64_t due_ms = clock == BH_FLOW_REVIEW  ? cased->review_due_ms
			 : clock == BH_FLOW_PAUSE ? cased->resume_due_ms
						  : cased->appeal_due_ms;
	return (struct clock_face){.due_ms = due_ms};
}

/* What became of the one task, of the dates of the one agreement. */
static enum bh_flow_effect effect_on_task(const struct looked *l)
{
	if (!l->on.task_changes)
		return BH_EFFECT_KEEP;
	bool made = l->on.task.ordinal == l->staged->cased.tasks + 1;
	if (made && l->on.task.state == BH_TASK_OPEN &&
		l->on.task.made_ms == l->staged->standing.now_ms &&
		l->on.task.due_ms > l->staged->standing.now_ms)
		return BH_EFFECT_START;
	if (l->on.task.due_ms == l->staged->task.due_ms && l->on.task.state == BH_TASK_OPEN)
		return BH_EFFECT_KEEP; /* another's now */
	assert_false(made);
	assert_int_not_equal(l->on.task.state, BH_TASK_OPEN);
	return BH_EFFECT_END;
}

static enum bh_flow_effect effect_on_dates(const struct looked *l)
{
	uint32_t before = l->staged->cased.owed, after = l->on.after.owed;
	return before == after ? BH_EFFECT_KEEP : before < after ? BH_EFFECT_START : BH_EFFECT_NEXT;
}

/* From now on, with nothing used; where its start is not kept, due is all there is to see. */
static bool begins(const struct looked *l, enum bh_flow_clock clock, struct clock_face after)
{
	int64_t now_ms = l->staged->standing.now_ms;
	bool dated = clock == BH_FLOW_REVIEW || clock == BH_FLOW_PAUSE || clock == BH_FLOW_APPEAL;
	bool from_now = dated || after.from_ms == now_ms || clock == BH_FLOW_FOLLOW;
	return from_now && after.used_ms == 0 &&
	       (clock == BH_FLOW_ANSWER ? after.due_ms == now_ms : after.due_ms > now_ms);
}

static bool same(struct clock_face a, struct clock_face b)
{
	return a.due_ms == b.due_ms && a.from_ms == b.from_ms && a.used_ms == b.used_ms &&
	       a.whole_ms == b.whole_ms;
}

/* What is left of the limit, on its own clock, gives when it is due. */
static bool is_due_by_rest(
	const struct looked *l, enum bh_flow_clock clock, struct clock_face after)
{
	bool works = true; /* a step's, as it was staged */
	if (clock != BH_FLOW_MILESTONE)
		(void)bh_case_limit_ms(l->rules, &l->on.after, &works);
	return after.due_ms == bh_length_due(bh_rules_calendar(l->rules), works, after.from_ms,
				       after.whole_ms - after.used_ms);
}

static bool keeps(enum bh_flow_clock clock, struct clock_face before, struct clock_face after)
{
	bool stage = clock == BH_FLOW_SIGN || clock == BH_FLOW_CHECK || clock == BH_FLOW_FOLLOW ||
		     clock == BH_FLOW_ANSWER || clock == BH_FLOW_DISPOSAL ||
		     clock == BH_FLOW_MILESTONE;
	/* Of what does not run only that is looked at. */
	return stage && before.due_ms == 0 ? after.due_ms == 0 : same(before, after);
}

static bool effect_is(const struct looked *l, enum bh_flow_clock clock, enum bh_flow_effect effect)
{
	struct clock_face before = face_of(l->rules, &l->staged->cased, clock);
	struct clock_face after = face_of(l->rules, &l->on.after, clock);
	int64_t ran_ms = l->staged->standing.now_ms - before.from_ms;
	int64_t limit_ms = l->on.after.limit_ms;
	if (clock == BH_FLOW_TASK)
		return effect_on_task(l) == effect;
	if (clock == BH_FLOW_PERFORM)
		return effect_on_dates(l) == effect;
	switch (effect) {
	case BH_EFFECT_START:
		return begins(l, clock, after) &&
		       (clock != BH_FLOW_DISPOSAL || l->on.after.halved == 0);
	case BH_EFFECT_END:
		return after.due_ms == 0;
	case BH_EFFECT_PAUSE:
		return after.due_ms == 0 && after.used_ms == before.used_ms + ran_ms;
	case BH_EFFECT_RESUME:
		return after.from_ms == l->staged->standing.now_ms && after.used_ms == USED &&
		       is_due_by_rest(l, clock, after);
	case BH_EFFECT_HALVE:
		return begins(l, clock, after) && after.whole_ms == limit_ms / 2 &&
		       is_due_by_rest(l, clock, after);
	case BH_EFFECT_EXTEND:
		return after.from_ms == before.from_ms &&
		       after.whole_ms == before.whole_ms + limit_ms &&
		       is_due_by_rest(l, clock, after);
	case BH_EFFECT_RECKON:
		return after.from_ms == before.from_ms &&
		       (before.due_ms == 0 ? after.due_ms == 0 : is_due_by_rest(l, clock, after));
	case BH_EFFECT_NEXT:
		return after.due_ms == 0 || begins(l, clock, after);
	default:
		return keeps(clock, before, after);
	}
}

/* ---- The walk ---- */

static bool ran_before(const struct looked *l, enum bh_flow_clock clock)
{
	if (clock == BH_FLOW_TASK)
		return l->staged->standing.task != NULL;
	if (clock == BH_FLOW_PERFORM)
		return l->staged->cased.owed > 0;
	return face_of(l->rules, &l->staged->cased, clock).due_ms != 0;
}

/* A plan of two steps, the first of which runs, or waits with its case. */
static void plan_stage(struct bh_case *cased, const struct bh_rules *rules)
{
	bool waits = cased->state == BH_STATE_SUSPENDED;
	if (!waits && cased->state != BH_STATE_HANDLING)
		return;
	cased->milestones = 2;
	bh_milestone_limit_set(cased, 0, (struct bh_limit){1, BH_LIMIT_WORK_HOUR});
	bh_milestone_limit_set(cased, 1, (struct bh_limit){1, BH_LIMIT_WORK_HOUR});
	bh_milestone_begin(rules, cased, BH_DOCKET_START_MS);
	if (waits)
		bh_milestone_pause(rules, cased, BH_DOCKET_START_MS + USED);
}

/* Beside what its guards ask: so that there is something to be ended, paused, changed. */
static void clocks_stage(struct bh_staged *s, const struct bh_rules *rules)
{
	struct bh_case *cased = &s->cased;
	enum bh_verb verb = s->command.verb;
	struct bh_limit limit = bh_case_limit_by_rules(rules, cased);
	cased->limit_ms = bh_limit_ms(limit);
	cased->limit_works = bh_limit_is_working(limit);
	plan_stage(cased, rules);
	if (verb == BH_VERB_RESUME)
		cased->used_ms = USED;
	if (verb == BH_VERB_AMEND)
		s->command.type = BH_DEMO_HAZARD;
	if (verb == BH_VERB_REOPEN || verb == BH_VERB_RECUR) {
		cased->appeal = BH_APPEAL_FIRST;
		cased->appeal_due_ms = BH_DOCKET_START_MS + BH_HOURS(24);
	}
	if (verb != BH_VERB_CONCLUDE)
		return;
	s->command.reason_code = BH_MEDIATION_END_AGREED;
	s->command.dispute.agreement = bh_span("1", 1);
	s->command.dispute.dates = 1;
	s->command.dispute.due_ms[0] = BH_DOCKET_START_MS + BH_HOURS(24 * 30);
}

/* Gives the clocks that it was seen to do something to. */
static uint32_t row_looks(
	const struct bh_rules *rules, const struct bh_staged *staged, const struct bh_move *move)
{
	struct looked l = {.rules = rules, .staged = staged};
	uint32_t seen = 0;
	bh_decide(&staged->standing, &staged->command, &l.on);
	assert_int_equal(l.on.verdict, BH_VERDICT_ACCEPTED);
	for (unsigned i = 0; i < BH_FLOW_CLOCKS; i++) {
		enum bh_flow_clock clock = (enum bh_flow_clock)i;
		enum bh_flow_effect effect = (enum bh_flow_effect)move->clocks[i];
		if (!effect_is(&l, clock, effect))
			fail_msg("row %u, %s from %s by %s: not %s: %s", move->row,
				bh_verb_name(move->verb), bh_state_name(move->from),
				bh_role_name(staged->command.person), bh_flow_clock_name(clock),
				bh_effect_name(effect));
		bool begins_anew = effect == BH_EFFECT_START || effect == BH_EFFECT_RESUME ||
				   effect == BH_EFFECT_HALVE;
		seen |= (uint32_t)(begins_anew || ran_before(&l, clock)) << i;
	}
	return seen;
}

static uint32_t move_walk(const struct bh_rules *rules, const struct bh_move *move)
{
	struct bh_staged staged;
	uint32_t seen = 0;
	for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
		if ((move->roles & 1u << role) == 0)
			continue;
		bh_guard_stage(&staged, rules, move, role);
		clocks_stage(&staged, rules);
		seen |= row_looks(rules, &staged, move);
	}
	if ((move->roles & 1u << BH_ROLE_CLOCK) != 0) {
		bh_staged_clock(&staged, rules, move);
		staged.command.verb = move->verb;
		clocks_stage(&staged, rules);
		assert_true(bh_staged_clock_gives(&staged, move));
		seen |= row_looks(rules, &staged, move);
	}
	return seen;
}

static void test_effects__are_what_decide_does_to_every_clock(void **state)
{
	struct bh_rules *rules = bh_demo_rules();
	uint32_t seen[BH_VERB_MAX] = {0};
	(void)state;
	for (size_t i = 0; i < bh_moves_count; i++)
		if (bh_moves[i].in_use && bh_moves[i].from != BH_STATE_OUTBOX)
			seen[bh_moves[i].verb] |= move_walk(rules, &bh_moves[i]);
	for (size_t i = 0; i < bh_moves_count; i++)
		for (unsigned clock = 0; clock < BH_FLOW_CLOCKS; clock++) {
			const struct bh_move *move = &bh_moves[i];
			if (move->from == BH_STATE_OUTBOX ||
				move->clocks[clock] == BH_EFFECT_KEEP ||
				(seen[move->verb] & 1u << clock) != 0)
				continue;
			fail_msg("%s: no %s was seen to run", bh_verb_name(move->verb),
				bh_flow_clock_name((enum bh_flow_clock)clock));
		}
	bh_rules_unref(rules);
}

/* Row 1 has no case to begin with. */
static void test_effects__of_a_report_is_the_queues_clock(void **state)
{
	struct bh_docket docket;
	const struct bh_move *move = bh_move_find(
		BH_STATE_OUTBOX, BH_VERB_SUBMIT, BH_ROLE_REPORTER);
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	for (unsigned i = 0; i < BH_FLOW_CLOCKS; i++)
		assert_int_equal(
			move->clocks[i], i == BH_FLOW_DISPATCH ? BH_EFFECT_START : BH_EFFECT_KEEP);
	assert_int_equal(docket.cased.queue_ms, docket.now_ms);
	assert_int_equal(docket.cased.dispatch_due_ms, docket.now_ms + BH_MINUTES(30));
	assert_int_equal(
		docket.cased.disposal_due_ms + docket.cased.sign_due_ms + docket.cased.check_due_ms,
		0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_effects__are_what_decide_does_to_every_clock),
		cmocka_unit_test(test_effects__of_a_report_is_the_queues_clock),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
