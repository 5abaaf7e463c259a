/* What comes after the answer: the archive, the follow-up and its tries, and what recurred. */
#include "tests/unit/domain/docket.h"

#include "tests/unit/domain/demo_rules.h"

#define START BH_DOCKET_START_MS
#define DAY BH_HOURS(24)
#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define ARCHIVIST BH_DEMO_PERSON(ARCHIVIST)
#define AGENT BH_DEMO_PERSON(FOLLOWUP_AGENT)
#define SUPERVISOR BH_DEMO_PERSON(SUPERVISOR)
#define REPORTER BH_DEMO_WORKER(1111)
#define LEAD BH_DEMO_LEAD(BH_DEMO_CLEAN_A)

static struct bh_command answer_of(
	const struct bh_docket *docket, uint32_t person, uint32_t answer, const char *text)
{
	struct bh_command command = bh_docket_desk(docket, BH_VERB_FOLLOW_UP, person, text);
	command.reason_code = answer;
	return command;
}

static void to_closed(struct bh_docket *docket, const struct bh_rules *rules)
{
	bh_docket_open(docket, rules);
	bh_docket_to_done(docket, BH_DEMO_LITTER, 1111);
	bh_docket_act(docket, BH_VERB_CLOSE, ACCEPTOR, "swept");
}

/* After the days in which its reporter may reopen it. */
static void to_archived(struct bh_docket *docket, const struct bh_rules *rules)
{
	to_closed(docket, rules);
	docket->now_ms = docket->cased.closed_ms + 3 * DAY + 1;
	bh_docket_act(docket, BH_VERB_ARCHIVE, ARCHIVIST, NULL);
}

static void test_archive__is_the_clocks_after_seven_natural_days(void **state)
{
	struct bh_docket docket;
	to_closed(&docket, *state);
	int64_t due_ms = docket.cased.closed_ms + 7 * DAY;
	assert_int_equal(docket.cased.next_ms, due_ms);
	assert_int_equal(bh_docket_run(&docket, due_ms - 1), 0);
	assert_int_equal(docket.cased.state, BH_STATE_CLOSED);
	assert_int_equal(bh_docket_run(&docket, due_ms), 1);
	assert_int_equal(docket.cased.state, BH_STATE_ARCHIVED);
	assert_int_equal(docket.cased.archived_ms, due_ms);
	assert_int_equal(docket.cased.cycle, 1);
	assert_int_equal(docket.cased.unit, BH_DEMO_CLEAN_A);
}

static void test_archive__by_an_archivist_takes_nobodys_right_to_reopen(void **state)
{
	struct bh_docket docket;
	to_closed(&docket, *state);
	docket.now_ms = docket.cased.closed_ms + 3 * DAY;
	struct bh_docket reopened = docket;
	bh_docket_act(&reopened, BH_VERB_REOPEN, REPORTER, "it is back");
	bh_docket_act_refused(&docket, BH_VERB_ARCHIVE, ARCHIVIST, NULL, BH_REASON_WINDOW);
	docket.now_ms++;
	bh_docket_act_refused(&docket, BH_VERB_REOPEN, REPORTER, "it is back", BH_REASON_WINDOW);
	bh_docket_act_refused(&docket, BH_VERB_ARCHIVE, ACCEPTOR, NULL, BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_ARCHIVE, ARCHIVIST, NULL);
	assert_int_equal(docket.cased.archived_ms, docket.now_ms);
	bh_docket_act_refused(&docket, BH_VERB_ARCHIVE, ARCHIVIST, NULL, BH_REASON_NOT_NOW);
	bh_docket_act_refused(&docket, BH_VERB_REOPEN, SUPERVISOR, "well", BH_REASON_NOT_NOW);
}

/* Its receipt still comes, and changes no clock. */
static void test_archive__of_what_an_older_program_closed(void **state)
{
	struct bh_docket docket;
	to_closed(&docket, *state);
	struct bh_command receipt = bh_docket_op(&docket, BH_VERB_DELIVERED, REPORTER, NULL);
	receipt.photos = 1; /* it brings nothing into what is closed */
	assert_int_equal(bh_docket_give(&docket, &receipt)->reason, BH_REASON_FIELD);
	receipt = bh_docket_op(&docket, BH_VERB_DELIVERED, REPORTER, NULL);
	docket.cased.next_ms = 0; /* as it left it */
	bh_docket_must(&docket, &receipt);
	assert_int_equal(docket.cased.next_ms, docket.cased.closed_ms + 7 * DAY);
	assert_int_equal(bh_docket_wake(&docket, docket.cased.closed_ms + 400 * DAY), 1);
	assert_int_equal(docket.cased.state, BH_STATE_ARCHIVED);
	struct bh_command seen = bh_docket_op(&docket, BH_VERB_SEEN, REPORTER, NULL);
	bh_docket_must(&docket, &seen);
	assert_int_equal(docket.cased.seen, 1);
}

static void test_follow_up__asks_for_an_answer_that_there_is(void **state)
{
	struct bh_docket docket;
	to_archived(&docket, *state);
	struct bh_command command = answer_of(&docket, AGENT, BH_FOLLOW_NONE, "well");
	bh_docket_refused(&docket, &command, BH_REASON_GUARD);
	command = answer_of(&docket, AGENT, BH_FOLLOW_UNREACHED, "well");
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	command = answer_of(&docket, AGENT, BH_FOLLOW_DISSATISFIED, NULL);
	bh_docket_refused(&docket, &command, BH_REASON_NO_REASON);
	command = answer_of(&docket, AGENT, BH_FOLLOW_RECURRED, " ");
	bh_docket_refused(&docket, &command, BH_REASON_NO_REASON);
	command = answer_of(&docket, ACCEPTOR, BH_FOLLOW_SATISFIED, NULL);
	bh_docket_refused(&docket, &command, BH_REASON_NO_RIGHT);
	command = answer_of(&docket, AGENT, BH_FOLLOW_SATISFIED, NULL);
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.state, BH_STATE_FOLLOWED);
	assert_int_equal(docket.cased.follow_answer, BH_FOLLOW_SATISFIED);
	assert_int_equal(docket.cased.follow_due_ms, 0);
	assert_int_equal(docket.cased.next_ms, 0);
}

static void test_follow_up__is_not_for_the_unit_nor_for_who_handled_it(void **state)
{
	struct bh_demo_profile demo;
	(void)state;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++) { /* the lead asks at another desk */
		if (demo.posts[i].person == BH_DEMO_TWO_POSTS)
			demo.posts[i].role = demo.posts[i].id == 60 ? BH_ROLE_FOLLOWUP_AGENT
								    : BH_ROLE_HANDLER;
		if (demo.posts[i].person == BH_DEMO_TWO_POSTS && demo.posts[i].id == 61)
			demo.posts[i].unit = BH_DEMO_CLEAN_A;
	}
	struct bh_rules *rules = bh_demo_build(&demo);
	struct bh_docket docket;
	to_archived(&docket, rules);
	bh_docket_act_refused(
		&docket, BH_VERB_FOLLOW_TRY, BH_DEMO_TWO_POSTS, NULL, BH_REASON_GUARD);
	struct bh_command command = answer_of(
		&docket, BH_DEMO_TWO_POSTS, BH_FOLLOW_SATISFIED, NULL);
	bh_docket_refused(&docket, &command, BH_REASON_GUARD);
	docket.cased.unit = BH_DEMO_WORKS; /* another's now, but he had finished it */
	docket.cased.finished_by = BH_DEMO_TWO_POSTS;
	docket.dues_checked = false;
	bh_docket_refused(&docket, &command, BH_REASON_GUARD);
	docket.cased.finished_by = LEAD;
	bh_docket_must(&docket, &command);
	bh_rules_unref(rules);
}

static void test_follow_try__three_of_them_may_end_it_without_an_answer(void **state)
{
	struct bh_docket docket;
	to_archived(&docket, *state);
	bh_docket_act_refused(&docket, BH_VERB_FOLLOW_TRY, ARCHIVIST, NULL, BH_REASON_NO_RIGHT);
	for (uint32_t tries = 1; tries <= 3; tries++) {
		struct bh_command none = answer_of(&docket, AGENT, BH_FOLLOW_NONE, NULL);
		bh_docket_refused(&docket, &none, BH_REASON_GUARD);
		docket.now_ms += BH_HOURS(1);
		bh_docket_act(&docket, BH_VERB_FOLLOW_TRY, AGENT, "nobody answers");
		assert_int_equal(docket.cased.state, BH_STATE_ARCHIVED);
		assert_int_equal(docket.cased.follow_tries, tries);
		assert_int_equal(docket.cased.follow_lapses, 0);
		assert_true(docket.cased.follow_due_ms > docket.now_ms + DAY);
	}
	bh_docket_act_refused(&docket, BH_VERB_FOLLOW_TRY, AGENT, NULL, BH_REASON_GUARD);
	struct bh_docket answered = docket;
	struct bh_command fair = answer_of(&answered, AGENT, BH_FOLLOW_FAIR, NULL);
	bh_docket_must(&answered, &fair);
	assert_int_equal(answered.cased.follow_answer, BH_FOLLOW_FAIR);
	struct bh_command none = answer_of(&docket, AGENT, BH_FOLLOW_NONE, NULL);
	bh_docket_must(&docket, &none);
	assert_int_equal(docket.cased.state, BH_STATE_FOLLOWED);
	assert_int_equal(docket.cased.follow_answer, BH_FOLLOW_UNREACHED);
}

/* One working day after the archive, which is later than three after closing; then three, twice. */
static void test_follow_try__lapses_where_nobody_tries(void **state)
{
	struct bh_docket docket;
	to_archived(&docket, *state);
	const struct bh_calendar *calendar = bh_rules_calendar(docket.rules);
	for (uint32_t tries = 1; tries <= 2; tries++) {
		int64_t due_ms = bh_calendar_walk(
			calendar, docket.now_ms, BH_HOURS(tries == 1 ? 8 : 24));
		assert_int_equal(docket.cased.next_ms, due_ms);
		uint64_t before = docket.cased.last;
		docket.punishes = false; /* the time is in doubt: nobody is charged with it */
		assert_int_equal(bh_docket_wake(&docket, due_ms), 0);
		docket.punishes = true;
		assert_int_equal(bh_docket_run(&docket, due_ms), 1);
		assert_int_equal(docket.cased.state, BH_STATE_ARCHIVED);
		assert_int_equal(docket.cased.follow_tries, tries);
		assert_int_equal(docket.cased.follow_lapses, tries);
		assert_int_equal(docket.cased.quiet_from, tries == 1 ? before : before - 1);
	}
	assert_int_equal(bh_docket_run(&docket, docket.cased.follow_due_ms), 1);
	assert_int_equal(docket.cased.state, BH_STATE_FOLLOWED);
	assert_int_equal(docket.cased.follow_tries, 3);
	assert_int_equal(docket.cased.follow_lapses, 3); /* nobody tried at all */
	assert_int_equal(docket.cased.follow_answer, BH_FOLLOW_UNREACHED);
	assert_int_equal(docket.cased.next_ms, 0);
}

static void test_recur__begins_a_cycle_of_its_own(void **state)
{
	struct bh_docket docket;
	to_archived(&docket, *state);
	bh_docket_act(&docket, BH_VERB_FOLLOW_TRY, AGENT, NULL);
	struct bh_docket followed = docket;
	struct bh_command command = answer_of(&followed, AGENT, BH_FOLLOW_RECURRED, "as before");
	bh_docket_must(&followed, &command);
	struct bh_docket *each[] = {&docket, &followed};
	for (size_t i = 0; i < 2; i++) {
		struct bh_docket *at = each[i];
		bh_docket_act_refused(at, BH_VERB_RECUR, SUPERVISOR, NULL, BH_REASON_NO_REASON);
		bh_docket_act_refused(
			at, BH_VERB_RECUR, REPORTER, "it is back", BH_REASON_NO_RIGHT);
		bh_docket_act(at, BH_VERB_RECUR, SUPERVISOR, "it is back");
		assert_int_equal(at->cased.state, BH_STATE_FILED);
		assert_int_equal(at->cased.cycle, 2);
		assert_int_equal(at->cased.unit, 0);
		assert_int_equal(at->cased.closed_ms, 0);
		assert_int_equal(at->cased.archived_ms, 0);
		assert_int_equal(at->cased.finished_by, 0);
		assert_int_equal(at->cased.follow_tries, 0);
		assert_int_equal(at->cased.follow_answer, BH_FOLLOW_NONE);
		assert_int_equal(at->cased.dispatch_due_ms, at->now_ms + BH_MINUTES(30));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_archive__is_the_clocks_after_seven_natural_days),
		cmocka_unit_test(test_archive__by_an_archivist_takes_nobodys_right_to_reopen),
		cmocka_unit_test(test_archive__of_what_an_older_program_closed),
		cmocka_unit_test(test_follow_up__asks_for_an_answer_that_there_is),
		cmocka_unit_test(test_follow_up__is_not_for_the_unit_nor_for_who_handled_it),
		cmocka_unit_test(test_follow_try__three_of_them_may_end_it_without_an_answer),
		cmocka_unit_test(test_follow_try__lapses_where_nobody_tries),
		cmocka_unit_test(test_recur__begins_a_cycle_of_its_own),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
