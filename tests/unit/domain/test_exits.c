/* Every state that is not an end has a timed exit: what the clock does where no person acts on a
 * return (12), or on a result that only people close (19, 33, 55). */
#include "tests/unit/domain/docket.h"

#include "proto/caseflow_words.h"
#include "server/domain/checking.h"
#include "tests/unit/domain/demo_rules.h"

#define REVIEW_MS BH_HOURS(1)
#define ROWS_BESIDE 70u /* from here on: what is no step of the case's own way */

static void return_ask(struct bh_docket *docket)
{
	struct bh_command back = bh_docket_desk(
		docket, BH_VERB_RETURN, BH_DEMO_LEAD(docket->cased.unit), "it is not ours");
	bh_docket_must(docket, &back);
	assert_int_equal(docket->cased.next_ms, docket->now_ms + REVIEW_MS);
}

static void test_exits__a_return_that_nobody_judges_is_accepted_at_its_limit(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	return_ask(&docket);
	int64_t due_ms = docket.cased.review_due_ms;
	bh_docket_run(&docket, due_ms - 1);
	assert_int_equal(docket.cased.state, BH_STATE_RETURNING);
	docket.punishes = false; /* it counts against the dispatcher */
	assert_int_equal(bh_docket_wake(&docket, due_ms), 0);
	docket.punishes = true;
	bh_docket_wake(&docket, due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_FILED);
	assert_int_equal(docket.cased.returns, 1);
	assert_int_equal(docket.cased.returns_lapsed, 1);
	assert_int_equal(docket.cased.dispatch_due_ms, due_ms + BH_MINUTES(30));
	assert_int_not_equal(docket.cased.proposed_unit, BH_DEMO_CLEAN_A);
	bh_docket_run(&docket, due_ms + BH_MINUTES(30));
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
}

/* The second is the shift leader's, whose word is final; without it the unit is right. */
static void test_exits__so_is_one_that_waits_for_the_shift_leader(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	return_ask(&docket);
	bh_docket_act(&docket, BH_VERB_REFUSE_RETURN, BH_DEMO_PERSON(DISPATCHER), "it is");
	assert_int_equal(docket.cased.review_due_ms, 0);
	return_ask(&docket);
	bh_docket_run(&docket, docket.cased.review_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_FILED);
	assert_int_equal(docket.cased.returns_lapsed, 1);
	assert_int_equal(docket.cased.refusals, 0);
	bh_docket_act(&docket, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), NULL);
	return_ask(&docket);
	bh_docket_act(&docket, BH_VERB_ACCEPT_RETURN, BH_DEMO_PERSON(DISPATCHER), NULL);
	assert_int_equal(docket.cased.returns, 2);
	assert_int_equal(docket.cased.returns_lapsed, 1); /* this one a person judged */
}

/* P1 and disputes are no clock's to close: it calls, ever more rarely, and never stops. */
static void test_exits__what_only_people_close_is_called_for_until_they_do(void **state)
{
	static const uint32_t types[] = {BH_DEMO_GAS_LEAK, BH_DEMO_QUARREL};
	static const int64_t days[] = {1, 2, 4, 8, 16, 32, 64, 96};
	for (size_t i = 0; i < 2; i++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		bh_docket_to_done(&docket, types[i], 1111);
		const int64_t done_ms = docket.now_ms;
		for (uint32_t k = 0; k < sizeof(days) / sizeof(days[0]); k++) {
			int64_t at_ms = bh_calendar_walk(
				bh_rules_calendar(*state), done_ms, days[k] * BH_HOURS(8));
			assert_int_equal(docket.cased.next_ms, at_ms);
			bh_docket_run(&docket, at_ms - 1);
			assert_int_equal(docket.cased.check_calls, k);
			docket.punishes = false;
			assert_int_equal(bh_docket_wake(&docket, at_ms), 0);
			docket.punishes = true;
			assert_int_equal(bh_docket_wake(&docket, at_ms), 1);
			assert_int_equal(docket.cased.check_calls, k + 1);
			assert_int_equal(docket.last.reason, k < 3 ? k + 1 : 3);
			assert_int_equal(docket.cased.state, BH_STATE_DONE);
			assert_int_equal(docket.changes_count, 0);
		}
		if (types[i] == BH_DEMO_GAS_LEAK)
			bh_docket_to_checked(&docket);
		bh_docket_act(&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "it is well");
	}
}

/* A downtime makes no storm of calls: each at its own instant or at once, and one result's calls
 * are not the next one's. */
static void test_exits__another_result_is_called_for_anew(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_done(&docket, BH_DEMO_GAS_LEAK, 1111);
	bh_docket_run(&docket, docket.cased.check_due_ms);
	assert_int_equal(docket.cased.check_calls, 1);
	bh_docket_act(&docket, BH_VERB_FAIL, BH_DEMO_PERSON(ACCEPTOR), "it still leaks");
	struct bh_command start = bh_docket_desk(
		&docket, BH_VERB_START, BH_DEMO_LEAD(BH_DEMO_GAS), NULL);
	bh_docket_must(&docket, &start);
	struct bh_command finish = bh_docket_desk(
		&docket, BH_VERB_FINISH, BH_DEMO_LEAD(BH_DEMO_GAS), "now it is shut");
	bh_docket_must(&docket, &finish);
	assert_int_equal(docket.cased.check_calls, 0);
	assert_int_equal(docket.cased.next_ms, docket.cased.check_due_ms);
}

/* Row 33: where the class allows it. */
static void test_exits__of_a_class_that_is_kept_for_people_the_clock_closes_none(void **state)
{
	static const uint32_t classes[] = {10};
	struct bh_demo_profile demo;
	struct bh_docket docket;
	(void)state;
	bh_demo_profile(&demo);
	demo.profile.settings.close_by_clock_off_classes = classes;
	demo.profile.settings.close_by_clock_off_classes_count = 1;
	struct bh_rules *rules = bh_demo_build(&demo);
	bh_docket_open(&docket, rules);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_run(&docket, docket.cased.check_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_DONE);
	assert_int_equal(docket.cased.check_calls, 1);
	bh_docket_act(&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "it is well");
	bh_docket_open(&docket, rules);
	bh_docket_to_done(&docket, BH_DEMO_STALL, 1111);
	bh_docket_run(&docket, docket.cased.check_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_CLOSED);
	bh_rules_unref(rules);
}

/* Row 19 binds the clock, too; a check to which nobody came holds nothing up. */
static void test_exits__the_clock_closes_nothing_that_has_to_be_checked_first(void **state)
{
	(void)state;
	struct bh_docket docket;
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.profile.settings.check_percent = 100;
	demo.profile.settings.check_sampling_off = false;
	struct bh_rules *rules = bh_demo_build(&demo);
	bh_docket_open(&docket, rules);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_run(&docket, docket.cased.check_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_DONE);
	assert_int_equal(docket.cased.check_calls, 1);
	bh_docket_act(&docket, BH_VERB_CHECK, BH_DEMO_PERSON(ACCEPTOR), NULL);
	bh_docket_run(&docket, docket.now_ms + BH_HOURS(30));
	assert_int_equal(docket.tasks[0].state, BH_TASK_LAPSED);
	assert_int_equal(docket.cased.state, BH_STATE_CLOSED);
	bh_rules_unref(rules);
}

/* Of a class whose posts no field worker holds, nobody can look: a shift leader says that it is
 * done, who is not of its unit while there is another. */
static void test_exits__what_nobody_can_check_a_shift_leader_closes(void **state)
{
	static const uint32_t classes[] = {10, 20};
	const uint32_t leader = BH_DEMO_PERSON(SHIFT_LEADER);
	struct bh_demo_profile demo;
	struct bh_docket docket;
	(void)state;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++) {
		struct bh_msg_post *post = &demo.posts[i];
		bool field = post->role == BH_ROLE_GRID_WORKER || post->role == BH_ROLE_GRID_LEADER;
		post->classes = field ? classes : post->classes;
		post->classes_count = field ? 2 : post->classes_count;
		if (post->person == leader)
			post->unit = BH_DEMO_GAS;
	}
	struct bh_rules *rules = bh_demo_build(&demo);
	bh_docket_open(&docket, rules);
	bh_docket_to_done(&docket, BH_DEMO_GAS_LEAK, 1111);
	struct bh_command check = bh_docket_desk(
		&docket, BH_VERB_CHECK, BH_DEMO_PERSON(ACCEPTOR), NULL);
	bh_docket_refused(&docket, &check, BH_REASON_GUARD);
	struct bh_command end = bh_docket_desk(
		&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "the valve was shut");
	bh_docket_refused(&docket, &end, BH_REASON_GUARD);
	end.person = leader;
	bh_docket_refused(&docket, &end, BH_REASON_GUARD);
	end.person = BH_DEMO_TWO_POSTS;
	bh_docket_must(&docket, &end);
	assert_int_equal(docket.cased.state, BH_STATE_CLOSED);
	/* Where somebody can be sent, a shift leader's word is not enough. */
	bh_docket_open(&docket, rules);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_act(&docket, BH_VERB_FAIL, BH_DEMO_PERSON(ACCEPTOR), "it is still there");
	bh_docket_run(&docket, docket.cased.sign_due_ms);
	bh_docket_act(&docket, BH_VERB_FINISH, BH_DEMO_LEAD(docket.cased.unit), "now it is not");
	end = bh_docket_desk(&docket, BH_VERB_CLOSE, BH_DEMO_TWO_POSTS, "it is swept");
	bh_docket_refused(&docket, &end, BH_REASON_GUARD);
	bh_rules_unref(rules);
}

/* ---- The table ---- */

/* Of HANDLING the clock has a row only where its unit is no more (80); its alarm is beside the
 * state: the disposal limit's thresholds.  After its end a case has one of an appeal (73). */
static void test_exits__every_state_that_is_no_end_has_one(void **state)
{
	(void)state;
	for (unsigned at = BH_STATE_RECEIVED; at < BH_STATE_COUNT; at++) {
		bool by_clock = false;
		for (size_t i = 0; i < bh_moves_count; i++)
			by_clock |= bh_moves[i].from == at && bh_moves[i].in_use &&
				    bh_moves[i].row < ROWS_BESIDE &&
				    (bh_moves[i].roles & 1u << BH_ROLE_CLOCK) != 0;
		bool timed = bh_state_is_timed((enum bh_state)at);
		assert_int_equal(by_clock, timed && at != BH_STATE_HANDLING);
	}
}

/* What a reporter does not read is declared here: requests between a unit and its desks, reminders
 * and what follows up. */
static void test_exits__every_verb_tells_the_reporter_or_is_known_to_be_silent(void **state)
{
	(void)state;
	static const uint8_t silent[] = {BH_VERB_ASK_EXTENSION, BH_VERB_ASK_SUSPENSION,
		BH_VERB_REFUSE_ASK, BH_VERB_ASK_VOID, BH_VERB_FOLLOW_TRY, BH_VERB_ASK_HELP,
		BH_VERB_HELP_DONE, BH_VERB_CHECK_OVERDUE, BH_VERB_GRADE, BH_VERB_PLAN,
		BH_VERB_CONSULT, BH_VERB_APPEAL, BH_VERB_REVIEW_APPEAL, BH_VERB_REASSIGN,
		BH_VERB_ASK_REDIRECT, BH_VERB_HAND_IN, BH_VERB_HAND_BACK};
	for (size_t i = 0; i < bh_moves_count; i++) {
		enum bh_verb verb = (enum bh_verb)bh_moves[i].verb;
		bool says = bh_verb_words(verb)[0] != '\0';
		bool quiet = false;
		for (size_t k = 0; k < sizeof(silent); k++)
			quiet |= silent[k] == verb;
		assert_int_not_equal(says, quiet);
		assert_int_equal(says, bh_verb_words_zh(verb)[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exits__a_return_that_nobody_judges_is_accepted_at_its_limit),
		cmocka_unit_test(test_exits__so_is_one_that_waits_for_the_shift_leader),
		cmocka_unit_test(test_exits__what_only_people_close_is_called_for_until_they_do),
		cmocka_unit_test(test_exits__another_result_is_called_for_anew),
		cmocka_unit_test(
			test_exits__of_a_class_that_is_kept_for_people_the_clock_closes_none),
		cmocka_unit_test(test_exits__the_clock_closes_nothing_that_has_to_be_checked_first),
		cmocka_unit_test(test_exits__what_nobody_can_check_a_shift_leader_closes),
		cmocka_unit_test(test_exits__every_state_that_is_no_end_has_one),
		cmocka_unit_test(
			test_exits__every_verb_tells_the_reporter_or_is_known_to_be_silent),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
