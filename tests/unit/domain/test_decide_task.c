/* Tasks of a case: who is sent, what an answer does, and what becomes of one that nobody answers or
 * that its case no longer waits for. */
#include "tests/unit/domain/docket.h"

#include "server/domain/checking.h"
#include "server/domain/notice.h"
#include "tests/unit/domain/demo_rules.h"

static const struct bh_task *sent(struct bh_docket *docket, enum bh_verb verb)
{
	struct bh_command command = bh_docket_desk(
		docket, verb, BH_DEMO_PERSON(ACCEPTOR), "look at it");
	bh_docket_must(docket, &command);
	return bh_docket_task(docket, verb == BH_VERB_VERIFY ? BH_TASK_VERIFY : BH_TASK_CHECK);
}

static struct bh_command answer(const struct bh_docket *docket, const struct bh_task *task,
	enum bh_verb verb, uint32_t person)
{
	struct bh_command op = bh_docket_op(docket, verb, person, "it is so");
	op.task = task->ordinal;
	op.reason_code = BH_TASK_YES;
	return op;
}

static void test_task__another_than_the_reporter_looks_and_his_word_brings_it_back(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	const struct bh_task task = *sent(&docket, BH_VERB_VERIFY);
	assert_int_equal(docket.cased.state, BH_STATE_VERIFYING);
	assert_int_not_equal(task.person, 0);
	assert_int_not_equal(task.person, docket.cased.reporter);
	assert_int_equal(task.due_ms, docket.now_ms + BH_MINUTES(30));
	struct bh_command op = answer(&docket, &task, BH_VERB_ANSWER_VERIFY, 4711);
	assert_int_equal(bh_docket_give(&docket, &op)->reason, BH_REASON_NO_RIGHT);
	op = answer(&docket, &task, BH_VERB_ANSWER_VERIFY, task.person);
	op.reason_code = 0;
	assert_int_equal(bh_docket_give(&docket, &op)->reason, BH_REASON_FIELD);
	op = answer(&docket, &task, BH_VERB_ANSWER_VERIFY, task.person);
	op.text.len = 0;
	assert_int_equal(bh_docket_give(&docket, &op)->reason, BH_REASON_NO_REASON);
	op.photos = 1;
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.state, BH_STATE_RECEIVED);
	assert_int_equal(docket.tasks[0].result, BH_TASK_YES);
	op = answer(&docket, &task, BH_VERB_ANSWER_VERIFY, task.person);
	assert_int_equal(bh_docket_give(&docket, &op)->verdict, BH_VERDICT_STALE);
}

/* Row 29: the clock does not wait for it; what is seen then is told and moves nothing. */
static void test_task__the_clock_dispatches_beside_it(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	docket.now_ms += BH_MINUTES(1);
	const struct bh_task task = *sent(&docket, BH_VERB_VERIFY);
	bh_docket_run(&docket, docket.now_ms + BH_MINUTES(25));
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	assert_int_equal(docket.cased.open_tasks, 1);
	struct bh_command op = answer(&docket, &task, BH_VERB_ANSWER_VERIFY, task.person);
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	assert_int_equal(docket.cased.open_tasks, 0);
}

static void test_task__one_that_nobody_answers_lapses_at_its_limit(void **state)
{
	(void)state;
	struct bh_docket docket;
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.profile.settings.automatic_off = true;
	struct bh_rules *rules = bh_demo_build(&demo);
	bh_docket_open(&docket, rules);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	const struct bh_task task = *sent(&docket, BH_VERB_VERIFY);
	bh_docket_run(&docket, task.due_ms - 1);
	assert_int_equal(docket.cased.state, BH_STATE_VERIFYING);
	bh_docket_run(&docket, task.due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_RECEIVED);
	assert_int_equal(docket.tasks[0].state, BH_TASK_LAPSED);
	docket.now_ms++;
	struct bh_command op = answer(&docket, &task, BH_VERB_ANSWER_VERIFY, task.person);
	assert_int_equal(bh_docket_give(&docket, &op)->verdict, BH_VERDICT_STALE);
	bh_rules_unref(rules);
}

static void test_task__nobody_of_the_unit_checks_and_what_fails_fails_at_the_limit(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	const struct bh_task task = *sent(&docket, BH_VERB_CHECK);
	assert_int_not_equal(task.person, docket.cased.finished_by);
	struct bh_command desk = bh_docket_desk(
		&docket, BH_VERB_FAIL, BH_DEMO_PERSON(ACCEPTOR), "no");
	bh_docket_refused(&docket, &desk, BH_REASON_GUARD);
	struct bh_command op = answer(&docket, &task, BH_VERB_CHECK_FAILED, task.person);
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.state, BH_STATE_CHECKING);
	assert_int_equal(docket.cased.checked, BH_CHECKED_FAILED);
	bh_docket_run(&docket, docket.cased.check_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_REWORK);
	assert_int_equal(docket.cased.reworks, 0 + 1);
}

/* Row 19: P1, rework and repeats always, of the others the share that is stated. */
static void test_task__what_has_to_be_checked_is_not_closed_before(void **state)
{
	(void)state;
	struct bh_docket docket;
	struct bh_demo_profile demo;
	unsigned needed = 0;
	bh_demo_profile(&demo);
	demo.profile.settings.check_sampling_off = false; /* a fifth, where no share is stated */
	struct bh_rules *rules = bh_demo_build(&demo);
	for (uint64_t seq = 1; seq <= 10000; seq++)
		needed += bh_rules_check_is_needed(rules, UINT64_C(17) << 32 | seq, 3, false);
	assert_in_range(needed, 1850, 2150);
	bh_docket_open(&docket, rules);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	docket.cased.urgency = 1;
	struct bh_command close = bh_docket_desk(
		&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "done");
	bh_docket_refused(&docket, &close, BH_REASON_GUARD);
	const struct bh_task task = *sent(&docket, BH_VERB_CHECK);
	assert_int_equal(task.due_ms, docket.now_ms + BH_MINUTES(30));
	struct bh_command op = answer(&docket, &task, BH_VERB_PASS, task.person);
	bh_docket_must(&docket, &op);
	close = bh_docket_desk(&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "done");
	bh_docket_must(&docket, &close);
	bh_rules_unref(rules);
}

/* Nobody came: of a sample that is enough, of P1 and of what begins again somebody has to go. */
static void test_task__a_check_to_which_nobody_came_is_none_of_P1_nor_of_a_rework(void **state)
{
	static const struct {
		uint32_t urgency, reworks, cycle;
		bool closes;
	} rows[] = {{3, 0, 1, true}, {1, 0, 1, false}, {3, 1, 1, false}, {3, 0, 2, false}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
		docket.dues_checked = false;
		docket.cased.urgency = rows[i].urgency;
		docket.cased.reworks = rows[i].reworks;
		docket.cased.cycle = rows[i].cycle;
		docket.cased.checked = BH_CHECKED_LAPSED;
		assert_int_equal(bh_case_closes_by_limit(*state, &docket.cased), rows[i].closes);
		struct bh_command close = bh_docket_desk(
			&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "done");
		if (rows[i].closes)
			bh_docket_must(&docket, &close);
		else
			bh_docket_refused(&docket, &close, BH_REASON_GUARD);
	}
}

static void test_task__the_lead_waits_for_help_and_a_redirect_takes_none_along(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	uint32_t lead = BH_DEMO_LEAD(docket.cased.unit);
	struct bh_command ask = bh_docket_desk(&docket, BH_VERB_ASK_HELP, lead, "a road block");
	ask.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &ask);
	const struct bh_task task = *bh_docket_task(&docket, BH_TASK_HELP);
	assert_int_equal(task.due_ms, docket.cased.disposal_due_ms);
	struct bh_command finish = bh_docket_op(&docket, BH_VERB_FINISH, lead, "done");
	assert_int_equal(bh_docket_give(&docket, &finish)->reason, BH_REASON_GUARD);
	struct bh_command op = answer(
		&docket, &task, BH_VERB_HELP_DONE, BH_DEMO_LEAD(BH_DEMO_WORKS));
	bh_docket_must(&docket, &op);
	ask = bh_docket_desk(&docket, BH_VERB_ASK_HELP, lead, "once more");
	ask.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &ask);
	struct bh_command redirect = bh_docket_desk(
		&docket, BH_VERB_REDIRECT, BH_DEMO_PERSON(DISPATCHER), "theirs");
	redirect.unit = BH_DEMO_CLEAN_COUNTY;
	bh_docket_must(&docket, &redirect);
	assert_int_equal(docket.cased.open_helps, 0);
	assert_int_equal(docket.tasks[1].state, BH_TASK_WITHDRAWN);
}

/* S3-47: a request with an answer: who is asked has a task of it, which the lead waits for. */
static void test_consultation__is_asked_of_somebody_who_answers(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
	bh_docket_mediated(&docket);
	uint32_t lead = BH_DEMO_LEAD(docket.cased.unit);
	struct bh_command consult = bh_docket_desk(
		&docket, BH_VERB_CONSULT, lead, "may he build there?");
	consult.reason_code = BH_CONSULTATION_ASKED;
	consult.unit = docket.cased.unit;
	bh_docket_refused(&docket, &consult, BH_REASON_GUARD); /* itself */
	consult.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &consult);
	assert_int_equal(docket.cased.consulting, BH_CONSULTATION_ASKED);
	const struct bh_task *task = bh_docket_task(&docket, BH_TASK_HELP);
	assert_int_equal(task->unit, BH_DEMO_WORKS);
	assert_int_equal(task->asked_by, consult.person);
	const struct bh_notice_facts facts = {.rules = docket.rules,
		.entry = &docket.entries[docket.count - 1],
		.before = &docket.cased,
		.after = &docket.cased};
	struct bh_notice notices[BH_NOTICES_MAX];
	size_t told = 0, count = bh_notices_of(&facts, notices);
	for (size_t i = 0; i < count; i++)
		told += notices[i].person == BH_DEMO_LEAD(BH_DEMO_WORKS) &&
			notices[i].kind == BH_NOTICE_TASK;
	assert_int_equal(told, 1);
	struct bh_command finish = bh_docket_desk(&docket, BH_VERB_FINISH, lead, "as they say");
	bh_docket_refused(&docket, &finish, BH_REASON_GUARD);
	struct bh_command opinion = bh_docket_desk(
		&docket, BH_VERB_HELP_DONE, BH_DEMO_LEAD(BH_DEMO_WORKS), "he may not");
	opinion.task = task->ordinal;
	bh_docket_must(&docket, &opinion);
	finish = bh_docket_desk(&docket, BH_VERB_FINISH, lead, "as they say");
	bh_docket_must(&docket, &finish);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_task__another_than_the_reporter_looks_and_his_word_brings_it_back),
		cmocka_unit_test(test_task__the_clock_dispatches_beside_it),
		cmocka_unit_test(test_task__one_that_nobody_answers_lapses_at_its_limit),
		cmocka_unit_test(
			test_task__nobody_of_the_unit_checks_and_what_fails_fails_at_the_limit),
		cmocka_unit_test(test_task__what_has_to_be_checked_is_not_closed_before),
		cmocka_unit_test(
			test_task__the_lead_waits_for_help_and_a_redirect_takes_none_along),
		cmocka_unit_test(test_consultation__is_asked_of_somebody_who_answers),
		cmocka_unit_test(
			test_task__a_check_to_which_nobody_came_is_none_of_P1_nor_of_a_rework),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
