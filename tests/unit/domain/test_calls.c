/* No case falls out of somebody's hands: where people are silent the clock goes on calling, and
 * what was late stays somebody's. */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "server/domain/alarm.h"
#include "server/domain/alarm_queue.h"
#include "server/domain/routing.h"
#include "server/domain/threshold.h"
#include "tests/unit/domain/demo_rules.h"

#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define DAYS(n) BH_HOURS(24 * (int64_t)(n))

static size_t count_of(const struct bh_docket *docket, uint32_t verb, uint32_t reason)
{
	size_t count = 0;
	for (size_t i = 0; i < docket->count; i++)
		count += docket->entries[i].verb == verb &&
			 (reason == 0 || docket->entries[i].reason == reason);
	return count;
}

static void test_calls__a_queue_that_only_people_empty_is_called_for_until_they_do(void **state)
{
	(void)state;
	static const int64_t limits[] = {2, 4, 8, 16, 32, 64, 96};
	struct bh_rules *rules = bh_demo_rules_by_hand(0);
	struct bh_docket docket;
	bh_docket_open(&docket, rules);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_run(&docket, docket.cased.dispatch_due_ms);
	assert_int_equal(docket.cased.breached, 1);
	for (uint32_t k = 0; k < sizeof(limits) / sizeof(limits[0]); k++) {
		int64_t at_ms = docket.cased.queue_ms + limits[k] * BH_MINUTES(30);
		assert_int_equal(docket.cased.next_ms, at_ms);
		docket.punishes = false;
		assert_int_equal(bh_docket_wake(&docket, at_ms), 0);
		docket.punishes = true;
		assert_int_equal(bh_docket_wake(&docket, at_ms), 1);
		assert_int_equal(docket.last.reason, k == 0 ? BH_REMIND_ABOVE : BH_REMIND_COUNTY);
	}
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms + DAYS(30)), 1); /* no storm */
	bh_docket_act(&docket, BH_VERB_DISPATCH, DISPATCHER, NULL);
	assert_int_equal(docket.cased.queue_calls, 0);
	assert_int_equal(count_of(&docket, BH_VERB_BREACH, 0), 1);
	bh_rules_unref(rules);
}

static void test_calls__what_a_unit_does_not_do_is_called_for_past_the_third_day(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_GAS_LEAK, 1111); /* it waits for no working hours */
	int64_t due_ms = docket.cased.disposal_due_ms;
	bh_docket_run(&docket, due_ms + DAYS(3));
	assert_int_equal(docket.cased.warned, BH_THRESHOLD_MISS);
	for (int64_t days = 6; days <= 96; days *= 2) {
		assert_int_equal(docket.cased.next_ms, due_ms + DAYS(days));
		docket.punishes = false;
		assert_int_equal(bh_docket_wake(&docket, due_ms + DAYS(days)), 0);
		docket.punishes = true;
		assert_int_equal(bh_docket_wake(&docket, due_ms + DAYS(days)), 1);
		assert_int_equal(docket.last.reason, BH_THRESHOLD_AGAIN);
		assert_int_equal(docket.cased.warned, BH_THRESHOLD_MISS);
	}
	assert_int_equal(docket.cased.misses, 1);
	assert_int_equal(bh_docket_wake(&docket, due_ms + DAYS(900)), 1); /* no storm */
	assert_true(docket.cased.next_ms > docket.now_ms);
}

/* D115, under both settings: as it stands, the clock will come back to it. */
static void clock_comes_back(struct bh_docket *docket)
{
	int64_t at_ms;
	enum bh_alarm alarm = bh_case_alarm(docket->rules, &docket->cased, &at_ms);
	bool timed = bh_state_is_timed((enum bh_state)docket->cased.state);
	assert_int_equal(alarm != BH_ALARM_NONE && at_ms != 0, timed);
}

static void every_state(const struct bh_rules *rules)
{
	static const uint32_t types[] = {BH_DEMO_LITTER, BH_DEMO_GAS_LEAK, BH_DEMO_QUARREL};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct bh_docket docket;
		for (unsigned at = BH_STATE_RECEIVED; at < BH_STATE_COUNT; at++) {
			bh_docket_open(&docket, rules);
			bh_docket_to_handling(&docket, types[i], 1111);
			struct bh_case *cased = &docket.cased;
			cased->state = at;
			cased->warned = BH_THRESHOLD_MISS;
			cased->breached = 1;
			cased->reminded = 80;
			cased->unit = bh_queue_holds(cased) ? 0 : cased->unit;
			cased->dispatch_due_ms = bh_queue_holds(cased) ? docket.now_ms : 0;
			cased->sign_due_ms = cased->review_due_ms = docket.now_ms;
			cased->check_due_ms = cased->resume_due_ms = docket.now_ms;
			cased->closed_ms = cased->follow_due_ms = docket.now_ms;
			clock_comes_back(&docket);
		}
	}
}

static void test_calls__every_state_that_is_no_end_has_an_alarm_under_both_settings(void **state)
{
	struct bh_rules *by_hand = bh_demo_rules_by_hand(0);
	every_state(*state);
	every_state(by_hand);
	bh_rules_unref(by_hand);
}

static void test_calls__a_breach_that_was_held_is_recorded_once_it_may(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	int64_t due_ms = docket.cased.dispatch_due_ms;
	docket.punishes = false;
	bh_docket_wake(&docket, due_ms + BH_HOURS(5));
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	assert_int_equal(docket.cased.breach_due_ms, due_ms);
	assert_int_equal(count_of(&docket, BH_VERB_BREACH, 0), 0);
	docket.punishes = true;
	bh_docket_wake(&docket, docket.now_ms + BH_MINUTES(1));
	assert_int_equal(count_of(&docket, BH_VERB_BREACH, 0), 1);
	assert_int_equal(docket.cased.breach_due_ms, 0);
	assert_int_equal(docket.cased.breached, 1);
	bh_docket_wake(&docket, docket.now_ms + BH_MINUTES(1));
	assert_int_equal(count_of(&docket, BH_VERB_BREACH, 0), 1);
}

static void test_calls__nobody_is_said_not_to_have_signed_while_the_time_is_doubted(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	docket.punishes = false;
	bh_docket_wake(&docket, docket.cased.sign_due_ms + BH_MINUTES(1));
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	docket.punishes = true;
	bh_docket_wake(&docket, docket.now_ms);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.cased.auto_signed, 1);
}

static void test_calls__a_unit_that_is_late_does_not_escape_by_returning(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_run(&docket, docket.cased.disposal_due_ms + 1);
	bh_docket_act_refused(&docket, BH_VERB_RETURN, BH_DEMO_LEAD(docket.cased.unit), "not ours",
		BH_REASON_WINDOW);
	uint32_t first = docket.cased.unit;
	struct bh_command redirect = bh_docket_desk(
		&docket, BH_VERB_REDIRECT, DISPATCHER, "another");
	redirect.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &redirect);
	assert_int_equal(docket.cased.late, 1);
	assert_int_equal(docket.cased.late_unit, first);
	/* The appeal is its own, and not of the unit that finished it in time. */
	bh_docket_run(&docket, docket.cased.sign_due_ms);
	bh_docket_act(&docket, BH_VERB_FINISH, BH_DEMO_LEAD(BH_DEMO_WORKS), "done");
	bh_docket_act(&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "well");
	bh_docket_act_refused(
		&docket, BH_VERB_APPEAL, BH_DEMO_LEAD(BH_DEMO_WORKS), "not us", BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_APPEAL, BH_DEMO_LEAD(first), "the road was shut");
}

static void test_calls__an_appeal_that_nobody_saw_first_takes_two_supervisors(void **state)
{
	(void)state;
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].id == BH_DEMO_TWO_POSTS)
			demo.posts[i].role = BH_ROLE_SUPERVISOR;
	struct bh_rules *rules = bh_demo_build(&demo);
	struct bh_docket docket;
	bh_docket_open(&docket, rules);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_run(&docket, docket.cased.disposal_due_ms + 1);
	bh_docket_act(&docket, BH_VERB_FINISH, BH_DEMO_LEAD(docket.cased.unit), "done");
	bh_docket_act(&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "well");
	bh_docket_act(&docket, BH_VERB_APPEAL, BH_DEMO_LEAD(docket.cased.unit), "road shut");
	bh_docket_run(&docket, docket.cased.appeal_due_ms);
	assert_int_equal(docket.cased.appeal, BH_APPEAL_SECOND);
	struct bh_command yes = bh_docket_desk(
		&docket, BH_VERB_REVIEW_APPEAL, BH_DEMO_PERSON(SUPERVISOR), "so it was");
	yes.reason_code = BH_TASK_YES;
	bh_docket_must(&docket, &yes);
	assert_int_equal(docket.cased.appeal, BH_APPEAL_SECOND);
	assert_int_equal(docket.cased.exempt, 0);
	yes.base_position = 0;
	bh_docket_refused(&docket, &yes, BH_REASON_GUARD);
	yes.person = BH_DEMO_TWO_POSTS;
	bh_docket_must(&docket, &yes);
	assert_int_equal(docket.cased.appeal, BH_APPEAL_GRANTED);
	assert_int_equal(docket.cased.exempt, 1);
	bh_rules_unref(rules);
}

static void test_calls__two_extensions_are_of_the_cycle_and_not_of_each_rework(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	uint32_t lead = BH_DEMO_LEAD(docket.cased.unit);
	for (int i = 0; i < 2; i++) {
		bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, lead, "more");
		bh_docket_act(&docket, BH_VERB_EXTEND, DISPATCHER, NULL);
	}
	bh_docket_act(&docket, BH_VERB_FINISH, lead, "done");
	bh_docket_act(&docket, BH_VERB_FAIL, BH_DEMO_PERSON(ACCEPTOR), "no");
	bh_docket_act(&docket, BH_VERB_START, lead, NULL);
	assert_int_equal(docket.cased.extensions, 0);
	bh_docket_act_refused(&docket, BH_VERB_ASK_EXTENSION, lead, "more", BH_REASON_GUARD);
}

static void test_calls__a_finish_of_before_the_rework_is_stale(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	uint32_t lead = BH_DEMO_LEAD(docket.cased.unit);
	struct bh_command op = bh_docket_op(
		&docket, BH_VERB_FINISH, BH_DEMO_HANDLER(docket.cased.unit), "the old result");
	op.base_position = docket.cased.last;
	bh_docket_act(&docket, BH_VERB_FINISH, lead, "done");
	bh_docket_act(&docket, BH_VERB_FAIL, BH_DEMO_PERSON(ACCEPTOR), "no");
	bh_docket_act(&docket, BH_VERB_START, lead, NULL);
	assert_int_equal(bh_docket_give(&docket, &op)->verdict, BH_VERDICT_STALE);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	op = bh_docket_op(&docket, BH_VERB_FINISH, lead, "the new one");
	op.base_position = docket.cased.last;
	assert_int_equal(bh_docket_give(&docket, &op)->verdict, BH_VERDICT_ACCEPTED);
}

static void help_ask(struct bh_docket *docket)
{
	struct bh_command help = bh_docket_desk(docket, BH_VERB_ASK_HELP, DISPATCHER, "help");
	help.unit = BH_DEMO_WORKS;
	bh_docket_must(docket, &help);
}

static void test_calls__help_has_the_time_that_its_case_has(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	uint32_t lead = BH_DEMO_LEAD(docket.cased.unit);
	help_ask(&docket);
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, lead, "more");
	bh_docket_act(&docket, BH_VERB_EXTEND, DISPATCHER, NULL);
	assert_int_equal(docket.tasks[0].due_ms, docket.cased.disposal_due_ms);
	struct bh_command wait = bh_docket_desk(&docket, BH_VERB_ASK_SUSPENSION, lead, "wait");
	wait.until_ms = docket.now_ms + DAYS(30);
	bh_docket_must(&docket, &wait);
	bh_docket_act(&docket, BH_VERB_SUSPEND, DISPATCHER, NULL);
	bh_docket_run(&docket, docket.now_ms + DAYS(5));
	assert_int_equal(docket.tasks[0].state, BH_TASK_OPEN);
	bh_docket_run(&docket, docket.cased.resume_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.tasks[0].state, BH_TASK_OPEN);
	assert_int_equal(docket.tasks[0].due_ms, docket.cased.disposal_due_ms);
	bh_docket_run(&docket, docket.cased.disposal_due_ms);
	assert_int_equal(docket.tasks[0].state, BH_TASK_LAPSED);
}

/* It was closed a week ago: its three working days are over, and one is left. */
static void test_calls__who_reported_is_asked_soon_after_the_archive(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_act(&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "well");
	bh_docket_run(&docket, docket.cased.closed_ms + DAYS(7));
	assert_int_equal(docket.cased.state, BH_STATE_ARCHIVED);
	assert_int_equal(docket.cased.follow_due_ms,
		bh_calendar_walk(bh_rules_calendar(*state), docket.now_ms, BH_HOURS(8)));
}

static void test_calls__what_a_dissolved_owner_has_goes_elsewhere(void **state)
{
	(void)state;
	static struct bh_msg_asset assets[] = {{1, {(const uint8_t *)"3408030000000A17", 16},
		BH_DEMO_COVER, BH_DEMO_GAS, 1, BH_ASSET_IN_USE}};
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.profile.assets = assets;
	demo.profile.assets_count = 1;
	struct bh_rules *before = bh_demo_build(&demo);
	for (size_t i = 0; i < demo.profile.units_count; i++)
		demo.units[i].dissolved = demo.units[i].id == BH_DEMO_GAS;
	struct bh_rules *after = bh_demo_build(&demo);
	const char *text = "cover 3408030000000A17";
	struct bh_docket docket;
	bh_docket_open(&docket, before);
	struct bh_command report = bh_docket_report(&docket, BH_DEMO_COVER, 1111);
	report.text = bh_span(text, strlen(text));
	bh_docket_must(&docket, &report);
	assert_int_equal(docket.cased.proposed_unit, BH_DEMO_GAS);
	docket.rules = after;
	docket.dues_checked = false;
	bh_docket_run(&docket, docket.cased.dispatch_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	assert_int_not_equal(docket.cased.unit, BH_DEMO_GAS);
	docket.cased.unit = BH_DEMO_GAS; /* as it was given before it was dissolved */
	assert_int_not_equal(bh_case_home(after, &docket.cased), 0);
	bh_rules_unref(before);
	bh_rules_unref(after);
}

#define TEST(name) cmocka_unit_test(test_calls__##name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_queue_that_only_people_empty_is_called_for_until_they_do),
		TEST(what_a_unit_does_not_do_is_called_for_past_the_third_day),
		TEST(every_state_that_is_no_end_has_an_alarm_under_both_settings),
		TEST(a_breach_that_was_held_is_recorded_once_it_may),
		TEST(nobody_is_said_not_to_have_signed_while_the_time_is_doubted),
		TEST(a_unit_that_is_late_does_not_escape_by_returning),
		TEST(an_appeal_that_nobody_saw_first_takes_two_supervisors),
		TEST(two_extensions_are_of_the_cycle_and_not_of_each_rework),
		TEST(a_finish_of_before_the_rework_is_stale),
		TEST(help_has_the_time_that_its_case_has),
		TEST(who_reported_is_asked_soon_after_the_archive),
		TEST(what_a_dissolved_owner_has_goes_elsewhere),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
