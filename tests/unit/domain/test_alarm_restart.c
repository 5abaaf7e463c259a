/* The clock after a downtime, while the wall clock is not believed, and under changed rules. */
#include "tests/unit/domain/docket.h"

#include "server/domain/field_fact.h"
#include "tests/unit/domain/demo_rules.h"

#define START BH_DOCKET_START_MS

static size_t entries_of(const struct bh_docket *docket, enum bh_verb verb)
{
	size_t count = 0;
	for (size_t i = 0; i < docket->count; i++)
		count += docket->entries[i].verb == verb;
	return count;
}

static void entry_is(const struct bh_docket *docket, size_t index, enum bh_verb verb, int64_t at_ms)
{
	assert_true(index < docket->count);
	assert_int_equal(docket->entries[index].verb, verb);
	assert_int_equal(docket->entries[index].at_ms, at_ms);
}

/* I8, D04: the server was down past the limit. */
static void test_alarm__after_a_restart_past_the_limit_it_breaches_once_and_dispatches(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(bh_docket_wake(&docket, START + BH_HOURS(5)), 2);
	entry_is(&docket, 1, BH_VERB_BREACH, START + BH_HOURS(5));
	entry_is(&docket, 2, BH_VERB_DISPATCH, START + BH_HOURS(5));
	assert_int_equal(entries_of(&docket, BH_VERB_REMIND), 0); /* overtaken: no storm */
	assert_int_equal(docket.cased.automatic, 1);
	assert_int_equal(bh_docket_wake(&docket, START + BH_HOURS(5)), 0);
}

static void test_alarm__after_a_restart_between_margin_and_limit_it_dispatches_only(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(bh_docket_wake(&docket, START + BH_MINUTES(30) - 1), 1);
	entry_is(&docket, 1, BH_VERB_DISPATCH, START + BH_MINUTES(30) - 1);
	assert_int_equal(docket.cased.breached, 0);
}

static void test_alarm__after_a_restart_before_the_margin_it_reminds_in_order(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(bh_docket_wake(&docket, START + BH_MINUTES(24)), 2);
	assert_int_equal(docket.entries[1].reason, 50);
	assert_int_equal(docket.entries[2].reason, 80);
	assert_int_equal(bh_docket_wake(&docket, START + BH_MINUTES(24)), 0);
}

/* On a day of heightened duty whose limit is hardly longer than the margin: nothing is reminded of
 * at the start, nor after the clock has dispatched; by hand each of it once, in its order. */
static void test_alarm__a_short_limit_of_heightened_duty_reminds_of_no_instant_twice(void **state)
{
	(void)state;
	for (unsigned by_hand = 0; by_hand < 2; by_hand++) {
		struct bh_demo_profile demo;
		bh_demo_profile(&demo);
		demo.profile.settings.automatic_off = by_hand != 0;
		int32_t day = (int32_t)bh_local_day(START, 480);
		struct bh_msg_duty_period duty = {
			.id = 1, .from_day = day, .to_day = day, .dispatch_limit_min = 6};
		demo.profile.duty_periods = &duty;
		demo.profile.duty_periods_count = 1;
		struct bh_rules *rules = bh_demo_build(&demo);
		struct bh_docket docket;
		bh_docket_open(&docket, rules);
		bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
		assert_int_equal(bh_docket_run(&docket, START), 0);
		if (by_hand) {
			assert_int_equal(bh_docket_run(&docket, START + BH_MINUTES(6)), 3);
			entry_is(&docket, 1, BH_VERB_REMIND, START + BH_MINUTES(3));
			assert_int_equal(docket.entries[1].reason, 50);
			entry_is(&docket, 2, BH_VERB_REMIND, START + 288000);
			assert_int_equal(docket.entries[2].reason, 80);
			entry_is(&docket, 3, BH_VERB_BREACH, START + BH_MINUTES(6));
		} else {
			assert_int_equal(bh_docket_run(&docket, START + BH_MINUTES(6)), 1);
			entry_is(&docket, 1, BH_VERB_DISPATCH, START + BH_MINUTES(1));
		}
		bh_rules_unref(rules);
	}
}

static void test_alarm__by_hand_and_down_past_the_limit_it_breaches_without_reminders(void **state)
{
	(void)state;
	struct bh_rules *rules = bh_demo_rules_by_hand(0);
	struct bh_docket docket;
	bh_docket_open(&docket, rules);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(bh_docket_wake(&docket, START + BH_HOURS(48)), 2);
	entry_is(&docket, 1, BH_VERB_BREACH, START + BH_HOURS(48));
	entry_is(&docket, 2, BH_VERB_REMIND, START + BH_HOURS(48)); /* one call, no storm */
	assert_true(docket.cased.next_ms > START + BH_HOURS(48));
	bh_rules_unref(rules);
}

/* D01: while the wall clock is not believed, what punishes waits; dispatch does not. */
static void test_alarm__a_clock_alarm_holds_the_breach_but_not_the_dispatch(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	docket.punishes = false;
	assert_int_equal(bh_docket_wake(&docket, START + BH_HOURS(1)), 1);
	entry_is(&docket, 1, BH_VERB_DISPATCH, START + BH_HOURS(1));

	struct bh_rules *rules = bh_demo_rules_by_hand(0);
	bh_docket_open(&docket, rules);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	docket.punishes = false;
	assert_int_equal(bh_docket_wake(&docket, START + BH_HOURS(1)), 0);
	assert_int_equal(docket.cased.breached, 0);
	docket.punishes = true;
	assert_int_equal(bh_docket_wake(&docket, START + BH_HOURS(1) - 1), 1);
	assert_int_equal(docket.cased.breached, 1);
	bh_rules_unref(rules);
}

/* A running clock keeps the limit it was started with. */
static void test_alarm__a_change_of_rules_does_not_move_a_running_clock(void **state)
{
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.profile.settings.dispatch_limit_min = 60;
	struct bh_rules *slower = bh_demo_build(&demo);
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	docket.rules = slower;
	docket.dues_checked = false;
	bh_docket_run(&docket, START + BH_MINUTES(25));
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	bh_rules_unref(slower);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_alarm__after_a_restart_past_the_limit_it_breaches_once_and_dispatches),
		cmocka_unit_test(
			test_alarm__after_a_restart_between_margin_and_limit_it_dispatches_only),
		cmocka_unit_test(test_alarm__after_a_restart_before_the_margin_it_reminds_in_order),
		cmocka_unit_test(
			test_alarm__a_short_limit_of_heightened_duty_reminds_of_no_instant_twice),
		cmocka_unit_test(
			test_alarm__by_hand_and_down_past_the_limit_it_breaches_without_reminders),
		cmocka_unit_test(test_alarm__a_clock_alarm_holds_the_breach_but_not_the_dispatch),
		cmocka_unit_test(test_alarm__a_change_of_rules_does_not_move_a_running_clock),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
