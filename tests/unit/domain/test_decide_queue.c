/* What a desk does: file, dispatch, redirect, refuse, void, and close. */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "proto/datum.h"
#include "tests/unit/domain/demo_rules.h"

#define START BH_DOCKET_START_MS
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define OTHER BH_DEMO_PERSON(SPONSOR) /* an acceptor, too */
#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define SHIFT_LEADER BH_DEMO_PERSON(SHIFT_LEADER)

static void test_dispatch__from_received_files_and_dispatches_in_one(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	docket.now_ms += BH_MINUTES(10);
	struct bh_command command = bh_docket_desk(&docket, BH_VERB_DISPATCH, DISPATCHER, NULL);
	bh_docket_must(&docket, &command);
	const struct bh_case *cased = &docket.cased;
	assert_int_equal(cased->state, BH_STATE_DISPATCHED);
	assert_int_equal(cased->unit, BH_DEMO_CLEAN_A);
	assert_int_equal(cased->automatic, 0);
	assert_int_equal(cased->dispatches, 1);
	assert_int_equal(cased->dispatch_due_ms, 0);
	assert_int_equal(cased->dispatched_ms, START + BH_MINUTES(10));
	assert_int_equal(cased->sign_due_ms, START + BH_MINUTES(10) + BH_HOURS(2));
	/* 4 working hours from 09:10: until 12:00, and from 14:00 */
	assert_int_equal(cased->disposal_due_ms, START + BH_MINUTES(10) + BH_HOURS(6));
	assert_int_equal(docket.last.post, DISPATCHER);
}

/* The limit hangs on the condition (domain.md, finding 1). */
static void test_dispatch__the_condition_chooses_the_limit(void **state)
{
	static const int64_t hours[] = {2, 6, 48, 24 * 7};
	for (uint32_t condition = 1; condition <= 4; condition++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		bh_docket_to_received(&docket, BH_DEMO_COVER, 1111);
		struct bh_command command = bh_docket_desk(
			&docket, BH_VERB_DISPATCH, DISPATCHER, NULL);
		command.condition = condition;
		bh_docket_must(&docket, &command);
		assert_int_equal(
			docket.cased.disposal_due_ms, START + BH_HOURS(hours[condition - 1]));
	}
}

static void test_dispatch__a_named_unit_wins_and_must_exist(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command command = bh_docket_desk(&docket, BH_VERB_DISPATCH, DISPATCHER, NULL);
	command.unit = 4711;
	bh_docket_refused(&docket, &command, BH_REASON_NO_UNIT);
	command.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.unit, BH_DEMO_WORKS);
	assert_int_equal(docket.changes_count, 2);
	assert_int_equal(docket.changes[0].scope, BH_SCOPE_OWN(BH_DEMO_WORKER(1111)));
	assert_int_equal(docket.changes[1].scope, BH_SCOPE_UNIT(BH_DEMO_WORKS));
}

static void test_dispatch__an_unknown_type_must_be_given_one_first(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, 0, 1211);
	struct bh_command command = bh_docket_desk(&docket, BH_VERB_DISPATCH, DISPATCHER, NULL);
	bh_docket_refused(&docket, &command, BH_REASON_GUARD);
	command.type = 12345;
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	command.type = BH_DEMO_STALL;
	command.condition = 3;
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	command.condition = 0;
	command.urgency = 5;
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	command.urgency = 2;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.type, BH_DEMO_STALL);
	assert_int_equal(docket.cased.urgency, 2);
	/* The new type's rule, in township B, names the police. */
	assert_int_equal(docket.cased.unit, BH_DEMO_POLICE_B);
}

static void test_file__keeps_the_clock_and_corrects_what_was_reported(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command report = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	report.has_place = false;
	report.condition = 2;
	bh_docket_must(&docket, &report);
	docket.now_ms += BH_MINUTES(5);
	struct bh_command file = bh_docket_desk(&docket, BH_VERB_FILE, ACCEPTOR, NULL);
	file.type = BH_DEMO_GAS_LEAK;
	file.has_place = true;
	file.datum = BH_DATUM_WGS84;
	bh_demo_place(1211, &file.latitude_e7, &file.longitude_e7);
	struct bh_command wrong = file;
	wrong.datum = 9;
	bh_docket_refused(&docket, &wrong, BH_REASON_PLACE);
	bh_docket_must(&docket, &file);
	assert_int_equal(docket.cased.state, BH_STATE_FILED);
	assert_int_equal(docket.cased.grid, 1211);
	assert_int_equal(docket.cased.urgency, 1);
	assert_int_equal(docket.cased.condition, 0); /* it was of the old type */
	assert_int_equal(docket.cased.proposed_unit, BH_DEMO_GAS);
	assert_int_equal(docket.cased.dispatch_due_ms, START + BH_MINUTES(30));
	/* It is of an immediate class now: the clock acts at once. */
	assert_int_equal(bh_docket_run(&docket, docket.now_ms), 1);
	assert_int_equal(docket.cased.automatic, 2);
}

/* Row 30: both clocks start anew; the first unit's time stays in the entries. */
static void test_redirect__starts_both_clocks_anew_and_the_old_unit_is_left(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, 0, 1111);
	bh_docket_run(&docket, START + BH_MINUTES(25));
	assert_int_equal(docket.cased.automatic, 1);
	docket.now_ms = START + BH_HOURS(2);
	struct bh_command command = bh_docket_desk(
		&docket, BH_VERB_REDIRECT, DISPATCHER, "it is litter");
	bh_docket_refused(&docket, &command, BH_REASON_GUARD); /* the same unit */
	command.type = BH_DEMO_LITTER;
	struct bh_command silent = command;
	silent.text.len = 0;
	bh_docket_refused(&docket, &silent, BH_REASON_NO_REASON);
	bh_docket_must(&docket, &command);
	const struct bh_case *cased = &docket.cased;
	assert_int_equal(cased->state, BH_STATE_DISPATCHED);
	assert_int_equal(cased->unit, BH_DEMO_CLEAN_A);
	assert_int_equal(cased->automatic, 0);
	assert_int_equal(cased->redirects, 1);
	assert_int_equal(cased->dispatches, 2);
	assert_int_equal(cased->dispatched_ms, docket.now_ms);
	assert_int_equal(cased->sign_due_ms, docket.now_ms + BH_HOURS(4)); /* 11, then 14-15 */
	bool left = false;
	for (size_t i = 0; i < docket.changes_count; i++)
		left = left || (docket.changes[i].left &&
				       docket.changes[i].scope == BH_SCOPE_UNIT(BH_DEMO_DESK_A));
	assert_true(left);
}

static void test_redirect__from_handling_is_to_be_signed_again(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command command = bh_docket_desk(
		&docket, BH_VERB_REDIRECT, DISPATCHER, "other side of the road");
	command.unit = BH_DEMO_CLEAN_COUNTY;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	assert_int_not_equal(docket.cased.sign_due_ms, 0);
}

/* S4-4: every report gets an answer, also when it is refused. */
static void test_refuse__needs_a_reason_and_ends_the_cycle(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command command = bh_docket_desk(&docket, BH_VERB_REFUSE, ACCEPTOR, NULL);
	bh_docket_refused(&docket, &command, BH_REASON_NO_REASON);
	command = bh_docket_desk(&docket, BH_VERB_REFUSE, ACCEPTOR, "a private matter: the court");
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.state, BH_STATE_REJECTED);
	assert_int_equal(docket.cased.closed_ms, START);
	assert_int_equal(docket.changes[0].scope, BH_SCOPE_OWN(BH_DEMO_WORKER(1111)));
	assert_int_equal(bh_docket_run(&docket, START + BH_HOURS(1000)), 0);
}

static void test_void__takes_two_and_the_second_is_the_shift_leader(void **state)
{
	for (int filed = 0; filed < 2; filed++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
		struct bh_command file = bh_docket_desk(&docket, BH_VERB_FILE, ACCEPTOR, NULL);
		if (filed)
			bh_docket_must(&docket, &file);
		struct bh_command command = bh_docket_desk(
			&docket, BH_VERB_VOID, DISPATCHER, "a test");
		bh_docket_refused(&docket, &command, BH_REASON_NO_RIGHT);
		command.person = SHIFT_LEADER;
		bh_docket_refused(&docket, &command, BH_REASON_GUARD);
		struct bh_command ask = bh_docket_desk(
			&docket, BH_VERB_ASK_VOID, SHIFT_LEADER, "a test");
		bh_docket_must(&docket, &ask);
		bh_docket_refused(&docket, &ask, BH_REASON_MOVED_ON);
		ask.base_position = 0;
		bh_docket_refused(&docket, &ask, BH_REASON_GUARD); /* it waits already */
		command.base_position = 0;
		bh_docket_refused(&docket, &command, BH_REASON_GUARD); /* the same person */
		struct bh_command refuse = bh_docket_desk(
			&docket, BH_VERB_REFUSE_ASK, SHIFT_LEADER, "a case like any");
		bh_docket_must(&docket, &refuse);
		assert_int_equal(docket.cased.asked, BH_ASK_NONE);
		assert_int_not_equal(docket.cased.dispatch_due_ms, 0);
		ask.person = ACCEPTOR;
		bh_docket_must(&docket, &ask);
		bh_docket_must(&docket, &command);
		assert_int_equal(docket.cased.state, BH_STATE_VOID);
		assert_int_equal(docket.cased.asked, BH_ASK_NONE);
		assert_int_equal(docket.cased.next_ms, 0);
	}
}

/* S0-25: no case closes without an answer to who reported it. */
static void test_close__needs_the_answer_to_the_reporter(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command command = bh_docket_desk(&docket, BH_VERB_CLOSE, ACCEPTOR, "\n");
	bh_docket_refused(&docket, &command, BH_REASON_NO_REASON);
	command = bh_docket_desk(&docket, BH_VERB_CLOSE, DISPATCHER, "cleaned");
	bh_docket_refused(&docket, &command, BH_REASON_NO_RIGHT);
	command.person = ACCEPTOR;
	command.matter_ended = false;
	bh_docket_refused(&docket, &command, BH_REASON_GUARD);
	command.matter_ended = true;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.state, BH_STATE_CLOSED);
	assert_int_equal(docket.cased.matter_ended, 1);       /* S3-27 */
	assert_int_equal(docket.cased.unit, BH_DEMO_CLEAN_A); /* the closure names it */
	assert_int_equal(docket.cased.closed_ms, docket.now_ms);
}

static void test_desk__authority_ends_where_the_posts_area_ends(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command command = bh_docket_desk(
		&docket, BH_VERB_DISPATCH, BH_DEMO_TOWNSHIP_DESK, NULL);
	bh_docket_refused(&docket, &command, BH_REASON_NO_RIGHT);
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1222);
	command = bh_docket_desk(&docket, BH_VERB_DISPATCH, BH_DEMO_TOWNSHIP_DESK, NULL);
	command.post = 52;
	bh_docket_refused(&docket, &command, BH_REASON_NO_RIGHT);
	command.post = 51;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.last.post, 51);
}

/* D131, D132: first to file owns it; the dispatcher may name another; a shift leader stands in, and
 * whose acceptor is gone is the pool's again. */
static void test_close__is_the_acceptors_who_filed_it(void **state)
{
	struct bh_demo_profile demo;
	struct bh_docket docket;
	(void)state;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].person == OTHER)
			demo.posts[i].role = BH_ROLE_ACCEPTOR;
	struct bh_rules *rules = bh_demo_build(&demo);
	for (int named = 0; named < 2; named++) {
		bh_docket_open(&docket, rules);
		bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
		bh_docket_act(&docket, BH_VERB_FILE, ACCEPTOR, NULL);
		assert_int_equal(docket.cased.acceptor, ACCEPTOR);
		struct bh_command go = bh_docket_desk(&docket, BH_VERB_DISPATCH, DISPATCHER, "go");
		go.assignee = BH_DEMO_PERSON(HELPER);
		bh_docket_refused(&docket, &go, BH_REASON_FIELD);
		go.assignee = named ? OTHER : 0;
		bh_docket_must(&docket, &go);
		uint32_t lead = BH_DEMO_LEAD(docket.cased.unit);
		bh_docket_act(&docket, BH_VERB_SIGN, lead, NULL);
		bh_docket_act(&docket, BH_VERB_FINISH, lead, "swept");
		bh_docket_act_refused(
			&docket, BH_VERB_CLOSE, named ? ACCEPTOR : OTHER, "swept", BH_REASON_GUARD);
		struct bh_docket gone = docket, leader = docket;
		gone.cased.acceptor = BH_DEMO_PERSON(HELPER);
		bh_docket_act(&gone, BH_VERB_CLOSE, OTHER, "swept");
		bh_docket_act(&leader, BH_VERB_CLOSE, BH_DEMO_PERSON(SHIFT_LEADER), "swept");
		bh_docket_act(&docket, BH_VERB_CLOSE, named ? OTHER : ACCEPTOR, "swept");
	}
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_close__is_the_acceptors_who_filed_it),
		cmocka_unit_test(test_dispatch__from_received_files_and_dispatches_in_one),
		cmocka_unit_test(test_dispatch__the_condition_chooses_the_limit),
		cmocka_unit_test(test_dispatch__a_named_unit_wins_and_must_exist),
		cmocka_unit_test(test_dispatch__an_unknown_type_must_be_given_one_first),
		cmocka_unit_test(test_file__keeps_the_clock_and_corrects_what_was_reported),
		cmocka_unit_test(test_redirect__starts_both_clocks_anew_and_the_old_unit_is_left),
		cmocka_unit_test(test_redirect__from_handling_is_to_be_signed_again),
		cmocka_unit_test(test_refuse__needs_a_reason_and_ends_the_cycle),
		cmocka_unit_test(test_void__takes_two_and_the_second_is_the_shift_leader),
		cmocka_unit_test(test_close__needs_the_answer_to_the_reporter),
		cmocka_unit_test(test_desk__authority_ends_where_the_posts_area_ends),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
