/* What decide refuses whoever asks, and which of two who decide at once is first. */
#include "tests/unit/domain/docket.h"

#include "tests/unit/domain/demo_rules.h"

#define RESULT "a text that will do"

static void test_decide__verbs_of_later_versions_are_unsupported(void **state)
{
	static const enum bh_verb later[] = {BH_VERB_OVERDUE, BH_VERB_RELEASE, BH_VERB_MAX};
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		struct bh_command desk = bh_docket_desk(
			&docket, later[i], BH_DEMO_PERSON(ACCEPTOR), RESULT);
		bh_docket_refused(&docket, &desk, BH_REASON_UNSUPPORTED);
		struct bh_command op = bh_docket_op(
			&docket, later[i], BH_DEMO_WORKER(1111), RESULT);
		assert_int_equal(bh_docket_give(&docket, &op)->reason, BH_REASON_UNSUPPORTED);
		assert_int_equal(docket.last.verdict, BH_VERDICT_REJECTED);
	}
}

static void test_decide__an_operator_and_an_unknown_source_decide_no_case(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command command = bh_docket_desk(
		&docket, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), NULL);
	command.source = BH_SOURCE_OPERATOR;
	bh_docket_refused(&docket, &command, BH_REASON_NO_RIGHT);
	command.source = 0;
	bh_docket_refused(&docket, &command, BH_REASON_NO_RIGHT);
}

static void test_decide__no_verb_but_submit_acts_on_a_case_that_is_not_there(void **state)
{
	static const enum bh_verb verbs[] = {BH_VERB_FILE, BH_VERB_REFUSE, BH_VERB_VOID,
		BH_VERB_DISPATCH, BH_VERB_REDIRECT, BH_VERB_SIGN, BH_VERB_RETURN,
		BH_VERB_ACCEPT_RETURN, BH_VERB_REFUSE_RETURN, BH_VERB_FINISH, BH_VERB_CLOSE};
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		struct bh_command command = bh_docket_desk(
			&docket, verbs[i], BH_DEMO_PERSON(SHIFT_LEADER), RESULT);
		bh_docket_refused(&docket, &command, BH_REASON_NO_CASE);
	}
}

static void test_decide__every_refused_move_says_why(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command command = bh_docket_desk(
		&docket, BH_VERB_FILE, BH_DEMO_PERSON(ACCEPTOR), NULL);
	bh_docket_refused(&docket, &command, BH_REASON_NO_CASE);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	command = bh_docket_desk(&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), RESULT);
	bh_docket_refused(&docket, &command, BH_REASON_NOT_NOW);
	command = bh_docket_desk(&docket, BH_VERB_FILE, BH_DEMO_PERSON(AUDITOR), NULL);
	bh_docket_refused(&docket, &command, BH_REASON_NO_RIGHT);
	command = bh_docket_desk(&docket, BH_VERB_FILE, 999999, NULL);
	bh_docket_refused(&docket, &command, BH_REASON_NO_RIGHT);
	command = bh_docket_desk(&docket, BH_VERB_REFUSE, BH_DEMO_PERSON(ACCEPTOR), " \n\t ");
	bh_docket_refused(&docket, &command, BH_REASON_NO_REASON);
	command = bh_docket_desk(&docket, BH_VERB_FILE, BH_DEMO_PERSON(ACCEPTOR), NULL);
	command.cycle = 2;
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
}

/* C17: of two who decide on the same version the first commit wins. */
static void test_decide__the_first_of_two_desks_wins(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command first = bh_docket_desk(
		&docket, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), NULL);
	struct bh_command second = bh_docket_desk(
		&docket, BH_VERB_REDIRECT, BH_DEMO_PERSON(SHIFT_LEADER), RESULT);
	second.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &first);
	bh_docket_refused(&docket, &second, BH_REASON_MOVED_ON);
	second.base_position = 0; /* who states no version takes it as it is */
	bh_docket_must(&docket, &second);
}

/* A reminder is no reason to fill in a form again. */
static void test_decide__a_reminder_does_not_outdate_what_a_desk_has_open(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command command = bh_docket_desk(
		&docket, BH_VERB_FILE, BH_DEMO_PERSON(ACCEPTOR), NULL);
	struct bh_command later = bh_docket_desk(
		&docket, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), NULL);
	assert_int_equal(bh_docket_run(&docket, BH_DOCKET_START_MS + BH_MINUTES(24) + 1), 2);
	assert_int_equal(docket.cased.last, 3);
	bh_docket_must(&docket, &command);
	bh_docket_refused(&docket, &later, BH_REASON_MOVED_ON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decide__verbs_of_later_versions_are_unsupported),
		cmocka_unit_test(test_decide__an_operator_and_an_unknown_source_decide_no_case),
		cmocka_unit_test(test_decide__no_verb_but_submit_acts_on_a_case_that_is_not_there),
		cmocka_unit_test(test_decide__every_refused_move_says_why),
		cmocka_unit_test(test_decide__the_first_of_two_desks_wins),
		cmocka_unit_test(test_decide__a_reminder_does_not_outdate_what_a_desk_has_open),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
