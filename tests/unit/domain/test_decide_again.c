/* What does not do is done again, and what had ended goes on: rework, reopening, reconsidering. */
#include "tests/unit/domain/docket.h"

#include "tests/unit/domain/demo_rules.h"

#define START BH_DOCKET_START_MS
#define DAY BH_HOURS(24)
#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define LEAD BH_DEMO_LEAD(BH_DEMO_CLEAN_A)
#define HANDLER BH_DEMO_HANDLER(BH_DEMO_CLEAN_A)

static void test_fail__gives_the_unit_half_the_limit(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_act_refused(&docket, BH_VERB_FAIL, ACCEPTOR, NULL, BH_REASON_NO_REASON);
	bh_docket_act_refused(&docket, BH_VERB_FAIL, LEAD, "no", BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_FAIL, ACCEPTOR, "half of it lies there still");
	assert_int_equal(docket.cased.state, BH_STATE_REWORK);
	assert_int_equal(docket.cased.unit, BH_DEMO_CLEAN_A);
	assert_int_equal(docket.cased.reworks, 1);
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(2));
	assert_int_equal(docket.cased.check_due_ms, 0);
	bh_docket_act_refused(
		&docket, BH_VERB_START, BH_DEMO_LEAD(BH_DEMO_WORKS), NULL, BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_START, HANDLER, NULL);
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "rain");
	bh_docket_act(
		&docket, BH_VERB_EXTEND, DISPATCHER, NULL); /* one original limit: four hours */
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(8));
	bh_docket_act(&docket, BH_VERB_FINISH, HANDLER, "all of it");
	bh_docket_act_refused(&docket, BH_VERB_CLOSE, ACCEPTOR, "swept", BH_REASON_GUARD);
	bh_docket_to_checked(&docket);
	bh_docket_act(&docket, BH_VERB_CLOSE, ACCEPTOR, "swept");
}

static void test_fail__is_begun_by_the_clock_where_nobody_begins(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_act(&docket, BH_VERB_FAIL, ACCEPTOR, "not done");
	/* Half of four hours: at 50 % it begins, whatever the limit for starting says; then 80 %,
	 * and all of it. */
	assert_int_equal(docket.cased.sign_due_ms, START + BH_HOURS(2));
	assert_int_equal(docket.cased.next_ms, START + BH_HOURS(1));
	assert_int_equal(bh_docket_run(&docket, START + BH_HOURS(1)), 2);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(bh_docket_run(&docket, docket.cased.disposal_due_ms), 2);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.cased.auto_signed, 1);
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(2));
}

/* Who was away from the network finds the rework, and finishes it there; what he finished before
 * it failed is no result of it. */
static void test_fail__is_begun_by_a_handset_that_finishes_it(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	uint64_t seen = docket.cased.last;
	bh_docket_act(&docket, BH_VERB_FINISH, LEAD, "swept");
	bh_docket_act(&docket, BH_VERB_FAIL, ACCEPTOR, "not done");
	struct bh_command finish = bh_docket_op(&docket, BH_VERB_FINISH, HANDLER, "now it is");
	finish.base_position = seen;
	assert_int_equal(bh_docket_give(&docket, &finish)->verdict, BH_VERDICT_STALE);
	finish = bh_docket_op(&docket, BH_VERB_FINISH, HANDLER, "now it is");
	bh_docket_must(&docket, &finish);
	assert_int_equal(docket.cased.state, BH_STATE_DONE);
	assert_int_equal(docket.cased.sign_due_ms, 0);
	assert_int_equal(docket.cased.late, 0);
	assert_int_equal(docket.cased.auto_signed, 0);
	bh_docket_act_refused(&docket, BH_VERB_CLOSE, ACCEPTOR, "swept", BH_REASON_GUARD);
}

/* domain.md, REWORK: the first lateness stays. */
static void test_late__stays_through_a_rework_in_time(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	docket.now_ms = docket.cased.disposal_due_ms;
	struct bh_docket in_time = docket;
	bh_docket_act(&in_time, BH_VERB_FINISH, LEAD, "swept");
	assert_int_equal(in_time.cased.late, 0);
	docket.now_ms++;
	bh_docket_act(&docket, BH_VERB_FINISH, LEAD, "swept");
	assert_int_equal(docket.cased.late, 1);
	bh_docket_act(&docket, BH_VERB_FAIL, ACCEPTOR, "not done");
	bh_docket_act(&docket, BH_VERB_START, LEAD, NULL);
	bh_docket_act(&docket, BH_VERB_FINISH, LEAD, "now it is");
	assert_int_equal(docket.cased.late, 1);
}

static void to_closed(struct bh_docket *docket, const struct bh_rules *rules)
{
	bh_docket_open(docket, rules);
	bh_docket_to_done(docket, BH_DEMO_LITTER, 1111);
	bh_docket_act(docket, BH_VERB_CLOSE, ACCEPTOR, "swept");
}

static void test_reopen__is_the_reporters_for_three_days(void **state)
{
	struct bh_docket docket;
	to_closed(&docket, *state);
	docket.now_ms = docket.cased.closed_ms + 3 * DAY;
	bh_docket_act_refused(
		&docket, BH_VERB_REOPEN, BH_DEMO_WORKER(1112), NULL, BH_REASON_NO_RIGHT);
	struct bh_docket late = docket;
	late.now_ms++;
	bh_docket_act_refused(&late, BH_VERB_REOPEN, BH_DEMO_WORKER(1111), NULL, BH_REASON_WINDOW);
	bh_docket_act(&docket, BH_VERB_REOPEN, BH_DEMO_WORKER(1111), "it is back");
	assert_int_equal(docket.cased.state, BH_STATE_FILED);
	assert_int_equal(docket.cased.cycle, 2);
	assert_int_equal(docket.cased.unit, 0);
	assert_int_equal(docket.cased.closed_ms, 0);
	assert_int_equal(docket.cased.dispatch_due_ms, docket.now_ms + BH_MINUTES(30));
	assert_int_equal(docket.cased.proposed_unit, BH_DEMO_CLEAN_A);
	/* The clock keeps its 30 minutes, too: at the margin. */
	assert_int_equal(bh_docket_run(&docket, docket.now_ms + BH_MINUTES(25)), 3);
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
}

static void test_reopen__is_a_supervisors_at_any_time_with_a_reason(void **state)
{
	struct bh_docket docket;
	to_closed(&docket, *state);
	docket.now_ms += 400 * DAY;
	uint32_t supervisor = BH_DEMO_PERSON(SUPERVISOR);
	bh_docket_act_refused(&docket, BH_VERB_REOPEN, supervisor, NULL, BH_REASON_NO_REASON);
	bh_docket_act(&docket, BH_VERB_REOPEN, supervisor, "a complaint");
	assert_int_equal(docket.cased.cycle, 2);
}

/* A class that is dispatched at once is so once: what came back is a person's to look at. */
static void test_reopen__of_an_immediate_class_waits_for_a_person(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_GAS_LEAK, 1111);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 1);
	bh_docket_act(&docket, BH_VERB_SIGN, BH_DEMO_LEAD(BH_DEMO_GAS), NULL);
	bh_docket_act(&docket, BH_VERB_FINISH, BH_DEMO_LEAD(BH_DEMO_GAS), "sealed");
	bh_docket_to_checked(&docket);
	bh_docket_act(&docket, BH_VERB_CLOSE, ACCEPTOR, "sealed");
	bh_docket_act(&docket, BH_VERB_REOPEN, BH_DEMO_WORKER(1111), NULL);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 0);
	assert_int_equal(docket.cased.state, BH_STATE_FILED);
}

static void test_reconsider__happens_once(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_act(&docket, BH_VERB_REFUSE, ACCEPTOR, "on private ground");
	bh_docket_act_refused(&docket, BH_VERB_RECONSIDER, ACCEPTOR, "well", BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_RECONSIDER, BH_DEMO_WORKER(1111), "it is the street's");
	assert_int_equal(docket.cased.state, BH_STATE_FILED);
	assert_int_equal(docket.cased.cycle, 2);
	struct bh_command ask = bh_docket_desk(
		&docket, BH_VERB_ASK_VOID, ACCEPTOR, "no such street");
	bh_docket_must(&docket, &ask);
	bh_docket_act(&docket, BH_VERB_VOID, BH_DEMO_PERSON(SHIFT_LEADER), "indeed");
	bh_docket_act_refused(
		&docket, BH_VERB_RECONSIDER, BH_DEMO_PERSON(SUPERVISOR), "well", BH_REASON_NOT_NOW);
}

/* domain.md: village 3, township 7, county 15 days, each its own clock; the county is the last. */
static void test_move_up__gives_the_next_tier_its_own_clock(void **state)
{
	struct bh_docket docket;
	uint32_t desk = BH_DEMO_PERSON(TIER_DESK);
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
	assert_int_equal(docket.cased.unit, BH_DEMO_MEDIATION_A);
	assert_int_equal(docket.cased.tier, 2);
	assert_int_equal(docket.cased.disposal_due_ms, START + 7 * DAY);
	bh_docket_act_refused(&docket, BH_VERB_MOVE_UP, desk, NULL, BH_REASON_NO_REASON);
	bh_docket_act_refused(
		&docket, BH_VERB_MOVE_UP, DISPATCHER, "tried thrice", BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_MOVE_UP, desk, "tried thrice");
	assert_int_equal(docket.cased.state, BH_STATE_TIER_MOVING);
	assert_int_equal(docket.cased.unit, BH_DEMO_DESK_COUNTY);
	assert_int_equal(docket.cased.disposal_due_ms, 0);
	assert_int_equal(docket.cased.next_ms, START + DAY); /* a working day */
	struct bh_docket left = docket;
	docket.now_ms += BH_HOURS(2);
	bh_docket_act(&docket, BH_VERB_RECEIVE, desk, NULL);
	assert_int_equal(docket.cased.tier, 3);
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(2) + 15 * DAY);
	bh_docket_act_refused(&docket, BH_VERB_MOVE_UP, desk, "tried thrice", BH_REASON_GUARD);
	assert_int_equal(bh_docket_run(&left, START + DAY), 1);
	assert_int_equal(left.cased.state, BH_STATE_HANDLING);
	assert_int_equal(left.cased.auto_signed, 1);
	assert_int_equal(left.cased.disposal_due_ms, START + 16 * DAY);
}

static void test_move_up__is_for_disputes_alone(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket.cased.tier, 0);
	bh_docket_act_refused(
		&docket, BH_VERB_MOVE_UP, BH_DEMO_PERSON(TIER_DESK), "too much", BH_REASON_GUARD);
}

static void test_refer__ends_with_where_to_go(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_act_refused(&docket, BH_VERB_REFER, ACCEPTOR, NULL, BH_REASON_NO_REASON);
	bh_docket_act(&docket, BH_VERB_REFER, ACCEPTOR, "to 119, who have it as 4711");
	assert_int_equal(docket.cased.state, BH_STATE_REFERRED);
	assert_int_equal(docket.cased.next_ms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fail__gives_the_unit_half_the_limit),
		cmocka_unit_test(test_fail__is_begun_by_the_clock_where_nobody_begins),
		cmocka_unit_test(test_fail__is_begun_by_a_handset_that_finishes_it),
		cmocka_unit_test(test_late__stays_through_a_rework_in_time),
		cmocka_unit_test(test_reopen__is_the_reporters_for_three_days),
		cmocka_unit_test(test_reopen__is_a_supervisors_at_any_time_with_a_reason),
		cmocka_unit_test(test_reopen__of_an_immediate_class_waits_for_a_person),
		cmocka_unit_test(test_reconsider__happens_once),
		cmocka_unit_test(test_move_up__gives_the_next_tier_its_own_clock),
		cmocka_unit_test(test_move_up__is_for_disputes_alone),
		cmocka_unit_test(test_refer__ends_with_where_to_go),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
