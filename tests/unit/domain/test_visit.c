/* Visits (56, 57): somebody goes there on a date, whatever becomes of the case meanwhile; and due
 * times of tasks under another calendar. */
#include "tests/unit/domain/docket.h"

#include "tests/unit/domain/demo_rules.h"

static const struct bh_task *asked(struct bh_docket *docket, uint32_t person, int64_t until_ms)
{
	struct bh_command ask = bh_docket_desk(
		docket, BH_VERB_ASK_VISIT, person, "does the cover hold?");
	ask.until_ms = until_ms;
	bh_docket_must(docket, &ask);
	return bh_docket_task(docket, BH_TASK_VISIT);
}

static struct bh_command told(const struct bh_docket *docket, const struct bh_task *task)
{
	struct bh_command op = bh_docket_op(docket, BH_VERB_VISIT_DONE, task->person, "it holds");
	op.task = task->ordinal;
	return op;
}

static void test_visit__is_due_on_its_date_and_told_wherever_the_case_is_by_then(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	int64_t until_ms = docket.now_ms + BH_HOURS(24 * 10);
	const struct bh_task task = *asked(&docket, BH_DEMO_PERSON(ACCEPTOR), until_ms);
	assert_int_equal(task.due_ms, until_ms);
	assert_int_equal(task.person, BH_DEMO_WORKER(1111));
	bh_docket_act(&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "done");
	bh_docket_run(&docket, docket.now_ms + BH_HOURS(24 * 8));
	assert_int_equal(docket.cased.state, BH_STATE_ARCHIVED);
	assert_int_equal(docket.tasks[0].state, BH_TASK_OPEN);
	struct bh_command op = told(&docket, &task);
	op.text.len = 0;
	assert_int_equal(bh_docket_give(&docket, &op)->reason, BH_REASON_NO_REASON);
	op = told(&docket, &task);
	op.reason_code = BH_TASK_NO;
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.state, BH_STATE_ARCHIVED);
	assert_int_equal(docket.tasks[0].result, BH_TASK_NO);
	op = told(&docket, &task);
	assert_int_equal(bh_docket_give(&docket, &op)->verdict, BH_VERDICT_STALE);
}

static void test_visit__lapses_by_the_clock_and_moves_nothing(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	int64_t until_ms = docket.now_ms + BH_HOURS(1);
	(void)asked(&docket, BH_DEMO_PERSON(DISPATCHER), until_ms);
	bh_docket_run(&docket, until_ms - 1);
	assert_int_equal(docket.cased.open_tasks, 1);
	bh_docket_run(&docket, until_ms);
	assert_int_equal(docket.tasks[0].state, BH_TASK_LAPSED);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.cased.checked, BH_CHECKED_NOT);
}

static void test_visit__another_cycle_takes_none_along(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_act(&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "done");
	(void)asked(&docket, BH_DEMO_PERSON(FOLLOWUP_AGENT), docket.now_ms + BH_HOURS(48));
	bh_docket_act(&docket, BH_VERB_REOPEN, BH_DEMO_PERSON(SUPERVISOR), "it is not");
	assert_int_equal(docket.tasks[0].state, BH_TASK_WITHDRAWN);
	assert_int_equal(docket.cased.open_tasks, 0);
}

/* By desks and follow-up agents of the area, by mediators of the unit; with a date of a year. */
static void test_visit__is_asked_by_whom_it_concerns_with_a_date(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1211);
	const struct {
		uint32_t person;
		int64_t after_ms;
		enum bh_reason reason; /* NONE: accepted */
	} asks[] = {{BH_DEMO_WORKER(1211), BH_HOURS(1), BH_REASON_NO_RIGHT},
		{BH_DEMO_PERSON(MEDIATOR), BH_HOURS(1), BH_REASON_NO_RIGHT},
		{BH_DEMO_PERSON(FOLLOWUP_AGENT), BH_HOURS(1), BH_REASON_NONE},
		{BH_DEMO_PERSON(ACCEPTOR), 0, BH_REASON_FIELD},
		{BH_DEMO_PERSON(ACCEPTOR), BH_HOURS(24 * 367), BH_REASON_FIELD},
		{BH_DEMO_PERSON(ACCEPTOR), BH_HOURS(24 * 366), BH_REASON_NONE}};
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		struct bh_command ask = bh_docket_desk(
			&docket, BH_VERB_ASK_VISIT, asks[i].person, "how is it kept?");
		ask.until_ms = docket.now_ms + asks[i].after_ms;
		if (asks[i].reason == BH_REASON_NONE)
			bh_docket_must(&docket, &ask);
		else
			bh_docket_refused(&docket, &ask, asks[i].reason);
	}
	assert_int_equal(docket.cased.open_tasks, 2);
}

/* ---- Another calendar ---- */

/* The next two days are holidays, found out late. */
static struct bh_rules *later_rules(void)
{
	static struct bh_msg_calendar_day days[] = {{.day = 20514}, {.day = 20515}};
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.profile.settings.days = days;
	demo.profile.settings.days_count = 2;
	return bh_demo_build(&demo);
}

static void test_task__what_goes_by_working_time_is_due_anew_under_another_calendar(void **state)
{
	struct bh_docket docket;
	struct bh_rules *later = later_rules();
	bh_docket_open(&docket, *state);
	docket.dues_checked = false;
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	int64_t made_ms = docket.now_ms;
	(void)asked(&docket, BH_DEMO_PERSON(ACCEPTOR), made_ms + BH_HOURS(30));
	bh_docket_act(&docket, BH_VERB_CHECK, BH_DEMO_PERSON(ACCEPTOR), NULL);
	int64_t due_ms = docket.tasks[1].due_ms;
	docket.rules = later;
	bh_docket_wake(&docket, docket.now_ms + 1);
	assert_int_equal(docket.cased.calendar, bh_rules_calendar_mark(later));
	assert_int_equal(docket.tasks[1].due_ms,
		bh_calendar_walk(bh_rules_calendar(later), made_ms, BH_HOURS(8)));
	assert_true(docket.tasks[1].due_ms > due_ms);
	assert_int_equal(docket.tasks[0].due_ms, made_ms + BH_HOURS(30)); /* a date is a date */
	bh_docket_run(&docket, due_ms);
	assert_int_equal(docket.tasks[1].state, BH_TASK_OPEN);
	bh_rules_unref(later);
}

/* Help is due with its case, which is computed first. */
static void test_task__help_is_due_with_its_case(void **state)
{
	struct bh_docket docket;
	struct bh_rules *later = later_rules();
	bh_docket_open(&docket, *state);
	docket.dues_checked = false;
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command ask = bh_docket_desk(
		&docket, BH_VERB_ASK_HELP, BH_DEMO_LEAD(docket.cased.unit), "a road block");
	ask.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &ask);
	docket.rules = later;
	bh_docket_wake(&docket, docket.now_ms + 1);
	assert_int_equal(docket.tasks[0].due_ms, docket.cased.disposal_due_ms);
	assert_int_equal(docket.tasks[0].calendar, bh_rules_calendar_mark(later));
	bh_rules_unref(later);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_visit__is_due_on_its_date_and_told_wherever_the_case_is_by_then),
		cmocka_unit_test(test_visit__lapses_by_the_clock_and_moves_nothing),
		cmocka_unit_test(test_visit__another_cycle_takes_none_along),
		cmocka_unit_test(test_visit__is_asked_by_whom_it_concerns_with_a_date),
		cmocka_unit_test(
			test_task__what_goes_by_working_time_is_due_anew_under_another_calendar),
		cmocka_unit_test(test_task__help_is_due_with_its_case),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
