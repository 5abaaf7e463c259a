/* "No work while suspended": help rests with its case, and its limit with it, whether it is the
 * case's or its own. */
#include "tests/unit/domain/docket.h"

#include "tests/unit/domain/demo_rules.h"

#define DISPATCH BH_DEMO_PERSON(DISPATCHER)

static void help(struct bh_docket *docket, uint32_t unit)
{
	struct bh_command ask = bh_docket_desk(docket, BH_VERB_ASK_HELP, DISPATCH, "a road block");
	ask.unit = unit;
	bh_docket_must(docket, &ask);
}

static void test_rest__help_is_due_as_its_case_and_stops_with_it(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	uint32_t lead = BH_DEMO_LEAD(docket.cased.unit);
	help(&docket, BH_DEMO_WORKS);
	int64_t due_ms = docket.cased.disposal_due_ms, until_ms = docket.now_ms + BH_HOURS(50);
	struct bh_command ask = bh_docket_desk(&docket, BH_VERB_ASK_SUSPENSION, lead, "a part");
	ask.until_ms = until_ms;
	bh_docket_must(&docket, &ask);
	bh_docket_act(&docket, BH_VERB_SUSPEND, DISPATCH, NULL);
	bh_docket_run(&docket, due_ms + BH_HOURS(1)); /* when it would have been over */
	assert_int_equal(docket.tasks[0].state, BH_TASK_OPEN);
	assert_int_equal(docket.tasks[0].due_ms, until_ms);
	bh_docket_run(&docket, until_ms);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.tasks[0].state, BH_TASK_OPEN);
	assert_int_equal(docket.tasks[0].due_ms, docket.cased.disposal_due_ms);
	assert_int_equal(docket.tasks[0].rest_from_ms, 0);
	bh_docket_run(&docket, docket.cased.disposal_due_ms);
	assert_int_equal(docket.tasks[0].state, BH_TASK_LAPSED);
}

/* A late case's help has a day of its own.  It turns out to be a matter with more time, and rests:
 * what was left of that day is left afterwards. */
static void test_rest__a_limit_of_its_own_stops_and_goes_on(void **state)
{
	const struct bh_calendar *calendar = bh_rules_calendar(*state);
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_run(&docket, docket.cased.disposal_due_ms + BH_MINUTES(10));
	help(&docket, BH_DEMO_WORKS);
	const struct bh_task before = docket.tasks[0];
	assert_int_equal(before.by_case, 0);
	assert_int_equal(before.limit_ms, BH_HOURS(8));
	struct bh_command amend = bh_docket_desk(
		&docket, BH_VERB_AMEND, BH_DEMO_PERSON(ACCEPTOR), "it is a hazard");
	amend.type = BH_DEMO_HAZARD;
	bh_docket_must(&docket, &amend);
	int64_t rest_ms = docket.now_ms + BH_MINUTES(30);
	bh_docket_run(&docket, rest_ms);
	struct bh_command ask = bh_docket_desk(
		&docket, BH_VERB_ASK_SUSPENSION, BH_DEMO_LEAD(docket.cased.unit), "a part");
	ask.until_ms = rest_ms + BH_HOURS(24 * 5);
	bh_docket_must(&docket, &ask);
	bh_docket_act(&docket, BH_VERB_SUSPEND, DISPATCH, NULL);
	assert_int_equal(docket.tasks[0].rest_from_ms, rest_ms);
	bh_docket_run(&docket, before.due_ms + BH_HOURS(2));
	assert_int_equal(docket.tasks[0].state, BH_TASK_OPEN);
	bh_docket_run(&docket, ask.until_ms);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.tasks[0].state, BH_TASK_OPEN);
	assert_int_equal(docket.tasks[0].rest_from_ms, 0);
	int64_t used_ms = bh_length_used_ms(calendar, true, before.made_ms, rest_ms);
	assert_int_equal(docket.tasks[0].due_ms,
		bh_calendar_walk(calendar, ask.until_ms, BH_HOURS(8) - used_ms));
	bh_docket_run(&docket, docket.tasks[0].due_ms);
	assert_int_equal(docket.tasks[0].state, BH_TASK_LAPSED);
}

/* What was done is told all the same. */
static void test_rest__who_helped_says_so_while_it_rests(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	help(&docket, BH_DEMO_WORKS);
	struct bh_command ask = bh_docket_desk(
		&docket, BH_VERB_ASK_SUSPENSION, BH_DEMO_LEAD(docket.cased.unit), "a part");
	ask.until_ms = docket.now_ms + BH_HOURS(50);
	bh_docket_must(&docket, &ask);
	bh_docket_act(&docket, BH_VERB_SUSPEND, DISPATCH, NULL);
	struct bh_command ask_more = bh_docket_desk(&docket, BH_VERB_ASK_HELP, DISPATCH, "more");
	ask_more.unit = BH_DEMO_GAS;
	bh_docket_refused(&docket, &ask_more, BH_REASON_NOT_NOW);
	struct bh_command done = bh_docket_op(
		&docket, BH_VERB_HELP_DONE, BH_DEMO_LEAD(BH_DEMO_WORKS), "blocked");
	done.task = 1;
	bh_docket_must(&docket, &done);
	assert_int_equal(docket.cased.open_helps, 0);
	assert_int_equal(docket.cased.state, BH_STATE_SUSPENDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rest__help_is_due_as_its_case_and_stops_with_it),
		cmocka_unit_test(test_rest__a_limit_of_its_own_stops_and_goes_on),
		cmocka_unit_test(test_rest__who_helped_says_so_while_it_rests),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
