/* Work that was done in time and came late: judged by when it was captured, where that is known. */
#include "tests/unit/domain/demo_rules.h"
#include "tests/unit/domain/docket.h"

#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define OTHER_BOOT_MS INT64_C(86400000)

/* Finished in HANDLING by a handset, an hour past its limit. */
static struct bh_command finish(struct bh_docket *docket, const struct bh_rules *rules)
{
	bh_docket_open(docket, rules);
	bh_docket_to_handling(docket, BH_DEMO_LITTER, 1111);
	uint32_t handler = BH_DEMO_HANDLER(docket->cased.unit);
	int64_t due_ms = docket->cased.disposal_due_ms;
	bh_docket_run(docket, due_ms + BH_HOURS(1));
	struct bh_command op = bh_docket_op(docket, BH_VERB_FINISH, handler, "swept");
	op.captured_ms = due_ms - BH_MINUTES(5);
	return op;
}

static void test_finish__is_late_by_when_it_was_done(void **state)
{
	struct bh_docket docket;
	struct bh_command op = finish(&docket, *state);
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.late, 0);
	assert_true(docket.cased.done_ms == docket.now_ms); /* its check begins when it is here */
	op = finish(&docket, *state);
	op.captured_ms += BH_MINUTES(6);
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.late, 1);
}

/* What a handset says of another boot, of before the task or of tomorrow, and what a desk says. */
static void test_finish__is_late_by_its_arrival_where_its_time_is_not_known(void **state)
{
	struct bh_docket docket;
	struct bh_command op = finish(&docket, *state);
	op.clock_bound_ms = OTHER_BOOT_MS;
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.late, 1);
	op = finish(&docket, *state);
	op.clock_bound_ms = BH_MINUTES(5); /* so it may have been at the limit, not past it */
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.late, 0);
	op = finish(&docket, *state);
	op.captured_ms = docket.cased.dispatched_ms - 1;
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.late, 1);
	op = finish(&docket, *state);
	op.captured_ms = docket.now_ms + BH_HOURS(1);
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.late, 1);
	(void)finish(&docket, *state);
	bh_docket_act(&docket, BH_VERB_FINISH, BH_DEMO_LEAD(docket.cased.unit), "swept");
	assert_int_equal(docket.cased.late, 1);
}

/* N5: dated back to within what its clock alone would prove. */
static void test_finish__is_late_where_its_claim_contradicts_what_it_had_seen(void **state)
{
	struct bh_docket docket;
	struct bh_command op = finish(&docket, *state);
	docket.floor.seen_ms = op.captured_ms +
			       op.clock_bound_ms; /* the instant that can still be */
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.late, 0);
	assert_int_equal(docket.cased.held_to, BH_HELD_NOT);
	op = finish(&docket, *state);
	docket.floor.seen_ms = op.captured_ms + op.clock_bound_ms + 1;
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.late, 1);
	assert_int_equal(docket.cased.held_to, BH_HELD_SEEN);
	assert_true(docket.last.captured_ms == docket.floor.seen_ms);
	assert_true(docket.last.captured_ms + docket.last.captured_bound_ms == docket.now_ms);
	docket.floor.seen_ms = 0;
	op = bh_docket_op(&docket, BH_VERB_SEEN, op.person, NULL); /* no word of its own */
	(void)bh_docket_give(&docket, &op);
	assert_int_equal(docket.cased.held_to, BH_HELD_SEEN);
}

static void test_finish__is_late_where_its_claim_contradicts_its_own_log(void **state)
{
	struct bh_docket docket;
	struct bh_command op = finish(&docket, *state);
	docket.floor.log_ms = op.captured_ms + op.clock_bound_ms;
	docket.floor.seen_ms = docket.floor.log_ms - BH_HOURS(1);
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.late, 0);
	op = finish(&docket, *state);
	docket.floor.log_ms = op.captured_ms + op.clock_bound_ms + 1;
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.late, 1);
	assert_int_equal(docket.cased.held_to, BH_HELD_LOG);
	assert_true(docket.last.captured_ms == docket.floor.log_ms);
	op = finish(&docket, *state);
	docket.floor.log_ms = docket.now_ms + BH_HOURS(1); /* later than now is nothing */
	bh_docket_must(&docket, &op);
	assert_true(docket.last.captured_ms == docket.now_ms);
	assert_int_equal(docket.last.captured_bound_ms, 0);
	op = finish(&docket, *state);
	docket.floor.log_ms = docket.now_ms;
	op.clock_bound_ms = OTHER_BOOT_MS; /* within a day, as another boot's clock says: no lie */
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.held_to, BH_HELD_NOT);
	assert_int_equal(docket.last.captured_bound_ms, OTHER_BOOT_MS);
}

/* A task of this kind that lapsed a minute ago, and its answer. */
static struct bh_command lapsed(
	struct bh_docket *docket, const struct bh_rules *rules, enum bh_verb verb)
{
	bool verifies = verb == BH_VERB_ANSWER_VERIFY;
	bh_docket_open(docket, rules);
	if (verifies)
		bh_docket_to_received(docket, BH_DEMO_HAZARD, 1111);
	else
		bh_docket_to_done(docket, BH_DEMO_COVER, 1111);
	bh_docket_act(docket, verifies ? BH_VERB_VERIFY : BH_VERB_CHECK, ACCEPTOR, NULL);
	const struct bh_task *task = bh_docket_task(
		docket, verifies ? BH_TASK_VERIFY : BH_TASK_CHECK);
	struct bh_command op = bh_docket_op(docket, verb, task->person, "I saw it");
	op.task = task->ordinal;
	op.reason_code = verb == BH_VERB_CHECK_FAILED ? BH_TASK_NO : BH_TASK_YES;
	op.captured_ms = docket->now_ms + BH_MINUTES(10);
	docket->now_ms = task->due_ms;
	struct bh_command lapse;
	assert_true(bh_task_command(rules, task, &docket->cased, docket->now_ms, &lapse));
	bh_docket_must(docket, &lapse);
	docket->now_ms += BH_MINUTES(1);
	op.seq = docket->seq + 1;
	return op;
}

static void test_answer__of_before_its_task_lapsed_is_taken_where_the_case_waits(void **state)
{
	static const struct {
		enum bh_verb verb;
		enum bh_state after;
		enum bh_checked checked;
	} taken[] = {{BH_VERB_ANSWER_VERIFY, BH_STATE_RECEIVED, BH_CHECKED_NOT},
		{BH_VERB_PASS, BH_STATE_DONE, BH_CHECKED_PASSED},
		{BH_VERB_CHECK_FAILED, BH_STATE_CHECKING, BH_CHECKED_FAILED}};
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		struct bh_docket docket;
		struct bh_command op = lapsed(&docket, *state, taken[i].verb);
		bh_docket_must(&docket, &op);
		const struct bh_task *task = &docket.tasks[op.task - 1];
		assert_int_equal(task->state, BH_TASK_ANSWERED);
		assert_int_equal(task->late, 0);
		assert_true(task->done_ms == op.captured_ms + op.clock_bound_ms);
		assert_int_equal(docket.cased.state, taken[i].after);
		assert_int_equal(docket.cased.checked, taken[i].checked);
		assert_int_equal(docket.cased.open_tasks, 0);
		op = lapsed(&docket, *state, taken[i].verb);
		op.captured_ms = docket.tasks[op.task - 1].due_ms;
		assert_int_equal(bh_docket_give(&docket, &op)->verdict, BH_VERDICT_STALE);
	}
}

static void test_answer__of_a_case_that_went_on_is_stale(void **state)
{
	struct bh_docket docket;
	struct bh_command op = lapsed(&docket, *state, BH_VERB_ANSWER_VERIFY);
	bh_docket_act(&docket, BH_VERB_VERIFY, ACCEPTOR, NULL);
	assert_int_equal(bh_docket_give(&docket, &op)->verdict, BH_VERDICT_STALE);
	assert_int_equal(docket.cased.state, BH_STATE_VERIFYING);
	op = lapsed(&docket, *state, BH_VERB_PASS);
	bh_docket_act(&docket, BH_VERB_FAIL, ACCEPTOR, "again");
	assert_int_equal(bh_docket_give(&docket, &op)->verdict, BH_VERDICT_STALE);
}

/* It is no word on what was done since, though that waits for one just so (row 19). */
static void test_answer__of_before_a_rework_passes_nothing(void **state)
{
	struct bh_docket docket;
	struct bh_command lapse, op = lapsed(&docket, *state, BH_VERB_PASS);
	bh_docket_act(&docket, BH_VERB_FAIL, ACCEPTOR, "again");
	bh_docket_act(&docket, BH_VERB_START, BH_DEMO_LEAD(docket.cased.unit), NULL);
	bh_docket_act(&docket, BH_VERB_FINISH, BH_DEMO_LEAD(docket.cased.unit), "done again");
	bh_docket_act(&docket, BH_VERB_CHECK, ACCEPTOR, NULL);
	const struct bh_task *task = bh_docket_task(&docket, BH_TASK_CHECK);
	docket.now_ms = task->due_ms;
	assert_true(bh_task_command(*state, task, &docket.cased, docket.now_ms, &lapse));
	bh_docket_must(&docket, &lapse);
	assert_int_equal(docket.cased.checked, BH_CHECKED_LAPSED);
	assert_int_equal(bh_docket_give(&docket, &op)->verdict, BH_VERDICT_STALE);
	assert_int_equal(docket.cased.checked, BH_CHECKED_LAPSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finish__is_late_by_when_it_was_done),
		cmocka_unit_test(test_finish__is_late_by_its_arrival_where_its_time_is_not_known),
		cmocka_unit_test(test_finish__is_late_where_its_claim_contradicts_what_it_had_seen),
		cmocka_unit_test(test_finish__is_late_where_its_claim_contradicts_its_own_log),
		cmocka_unit_test(
			test_answer__of_before_its_task_lapsed_is_taken_where_the_case_waits),
		cmocka_unit_test(test_answer__of_a_case_that_went_on_is_stale),
		cmocka_unit_test(test_answer__of_before_a_rework_passes_nothing),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
