/* The clock: reminders and breaches once, dispatch at the margin, sign and close at their limits.
 */
#include "tests/unit/domain/docket.h"

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

/* S0-28: kept by design, whoever is or is not watching. */
static void test_alarm__reminds_twice_and_dispatches_at_the_margin(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(bh_docket_run(&docket, START + BH_MINUTES(29)), 3);
	entry_is(&docket, 1, BH_VERB_REMIND, START + BH_MINUTES(15));
	assert_int_equal(docket.entries[1].reason, 50);
	entry_is(&docket, 2, BH_VERB_REMIND, START + BH_MINUTES(24));
	assert_int_equal(docket.entries[2].reason, 80);
	entry_is(&docket, 3, BH_VERB_DISPATCH, START + BH_MINUTES(25));
	assert_int_equal(docket.cased.automatic, 1);
	assert_int_equal(docket.cased.unit, BH_DEMO_CLEAN_A);
	assert_int_equal(docket.cased.breached, 0);
	assert_int_equal(docket.cased.dispatch_due_ms, 0);
}

static void test_alarm__dispatches_from_filed_too(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	docket.now_ms += BH_MINUTES(20);
	struct bh_command file = bh_docket_desk(
		&docket, BH_VERB_FILE, BH_DEMO_PERSON(ACCEPTOR), NULL);
	bh_docket_must(&docket, &file);
	assert_int_equal(docket.cased.dispatch_due_ms, START + BH_MINUTES(30)); /* same timer */
	bh_docket_run(&docket, START + BH_MINUTES(26));
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	assert_int_equal(docket.cased.dispatched_ms, START + BH_MINUTES(25));
}

static void test_alarm__a_missing_or_unknown_type_goes_as_40006(void **state)
{
	static const uint32_t types[] = {0, 99999};
	for (size_t i = 0; i < 2; i++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		bh_docket_to_received(&docket, types[i], 1111);
		bh_docket_run(&docket, START + BH_MINUTES(25));
		assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
		assert_int_equal(docket.cased.type, BH_TYPE_UNKNOWN_OWNER);
		assert_int_equal(docket.cased.unit, BH_DEMO_DESK_A);
		assert_int_equal(docket.cased.disposal_due_ms, docket.now_ms + BH_HOURS(2));
	}
}

/* Routing 8: a rule names the class for dispatch at once, and says that it was the rule. */
static void test_alarm__an_immediate_rule_dispatches_at_once(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_GAS_LEAK, 1111);
	assert_int_equal(docket.cased.state, BH_STATE_RECEIVED);
	assert_int_equal(docket.cased.next_ms, START);
	assert_int_equal(bh_docket_run(&docket, START), 1);
	assert_int_equal(docket.cased.automatic, 2);
	assert_int_equal(docket.cased.unit, BH_DEMO_GAS);
	assert_int_equal(docket.cased.dispatched_ms, START);
}

static void test_alarm__an_immediate_rule_does_not_send_a_returned_case_back(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_GAS_LEAK, 1111);
	bh_docket_run(&docket, START);
	struct bh_command back = bh_docket_op(
		&docket, BH_VERB_RETURN, BH_DEMO_LEAD(BH_DEMO_GAS), "not ours: it is water");
	back.source = BH_SOURCE_DESK;
	bh_docket_must(&docket, &back);
	struct bh_command accept = bh_docket_desk(
		&docket, BH_VERB_ACCEPT_RETURN, BH_DEMO_PERSON(DISPATCHER), NULL);
	bh_docket_must(&docket, &accept);
	assert_int_equal(docket.cased.next_ms, START + BH_MINUTES(15));
	assert_int_equal(docket.cased.proposed_unit, BH_DEMO_DESK_VILLAGE);
}

/* Where a district dispatches by hand, the limit passes once. */
static void test_alarm__a_breach_is_recorded_once_with_its_due_instant(void **state)
{
	(void)state;
	for (uint32_t class = 0; class <= 10; class += 10) {
		struct bh_rules *rules = bh_demo_rules_by_hand(class);
		struct bh_docket docket;
		bh_docket_open(&docket, rules);
		bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
		assert_int_equal(bh_docket_run(&docket, START + BH_MINUTES(59)), 3);
		entry_is(&docket, 3, BH_VERB_BREACH, START + BH_MINUTES(30));
		assert_int_equal(docket.cased.state, BH_STATE_RECEIVED);
		assert_int_equal(docket.cased.breached, 1);
		assert_int_equal(docket.cased.dispatch_due_ms, START + BH_MINUTES(30));
		assert_int_equal(docket.cased.next_ms, START + BH_MINUTES(60)); /* it calls */
		struct bh_command late = bh_docket_desk(
			&docket, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), NULL);
		bh_docket_must(&docket, &late);
		bh_rules_unref(rules);
	}
}

static void test_alarm__automatic_dispatch_off_for_another_class_is_on_here(void **state)
{
	(void)state;
	struct bh_rules *rules = bh_demo_rules_by_hand(50);
	struct bh_docket docket;
	bh_docket_open(&docket, rules);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_run(&docket, START + BH_MINUTES(25));
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	bh_rules_unref(rules);
}

/* Row 10: two working hours; the flag keeps it out of "signed by a person". */
static void test_alarm__signs_at_the_sign_limit_in_working_time(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	docket.now_ms = START + BH_HOURS(8); /* 17:00: an hour of today is left */
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket.cased.next_ms, START + BH_HOURS(24)); /* tomorrow 09:00 */
	/* And half of the disposal limit is used up, an hour of it today. */
	assert_int_equal(bh_docket_run(&docket, START + BH_HOURS(24)), 2);
	entry_is(&docket, 2, BH_VERB_SIGN, START + BH_HOURS(24));
	entry_is(&docket, 3, BH_VERB_WARN, START + BH_HOURS(24));
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.cased.auto_signed, 1);
}

/* Row 33. */
static void test_alarm__closes_at_the_check_limit_with_a_result(void **state)
{
	struct bh_docket docket;
	struct bh_command command;
	bh_docket_open(&docket, *state);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket.cased.next_ms, docket.cased.check_due_ms);
	docket.punishes = false;
	assert_int_equal(bh_docket_wake(&docket, docket.cased.check_due_ms), 0);
	docket.punishes = true;
	assert_true(bh_clock_command(*state, &docket.cased, docket.now_ms, true, &command));
	assert_true(command.text.len > 0); /* S0-25 */
	struct bh_command empty = command;
	empty.text.len = 0;
	bh_docket_refused(&docket, &empty, BH_REASON_NO_REASON);
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.state, BH_STATE_CLOSED);
	assert_int_equal(docket.cased.closed_ms, docket.now_ms);
}

static void test_alarm__never_closes_p1_or_disputes(void **state)
{
	static const uint32_t types[] = {BH_DEMO_GAS_LEAK, BH_DEMO_QUARREL};
	for (size_t i = 0; i < 2; i++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		bh_docket_to_done(&docket, types[i], 1111);
		assert_int_not_equal(
			docket.cased.check_due_ms, 0); /* the clock is live all the same */
		bh_docket_run(&docket, docket.cased.check_due_ms + BH_HOURS(24 * 60));
		assert_int_equal(docket.cased.state, BH_STATE_DONE);
	}
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command urgent = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	urgent.urgency = 1;
	bh_docket_must(&docket, &urgent);
	struct bh_command dispatch = bh_docket_desk(
		&docket, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), NULL);
	bh_docket_must(&docket, &dispatch);
	assert_false(bh_rules_may_close_by_limit(*state, BH_DEMO_LITTER, docket.cased.urgency));
}

/* The clock's commands are due or are nothing: too early, twice, another kind, another instant. */
static void test_alarm__a_command_that_is_not_due_leaves_no_trace(void **state)
{
	struct bh_docket docket;
	struct bh_command command;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	int64_t at = START + BH_MINUTES(15);
	assert_false(bh_clock_command(*state, &docket.cased, at - 1, true, &command));
	assert_true(bh_clock_command(*state, &docket.cased, at, true, &command));
	struct bh_docket nothing;
	bh_docket_open(&nothing, *state);
	bh_docket_refused(&nothing, &command, BH_REASON_NO_CASE);
	docket.now_ms = at - 1;
	bh_docket_refused(&docket, &command, BH_REASON_NOT_NOW);
	docket.now_ms = at;
	struct bh_command wrong = command;
	wrong.alarm = BH_ALARM_DISPATCH;
	bh_docket_refused(&docket, &wrong, BH_REASON_NOT_NOW);
	wrong = command;
	wrong.verb = BH_VERB_DISPATCH;
	bh_docket_refused(&docket, &wrong, BH_REASON_NOT_NOW);
	wrong = command;
	wrong.alarm_due_ms++;
	bh_docket_refused(&docket, &wrong, BH_REASON_NOT_NOW);
	bh_docket_must(&docket, &command);
	bh_docket_refused(&docket, &command, BH_REASON_NOT_NOW);
}

static struct bh_case case_of_bits(const struct bh_rules *rules, uint32_t bits)
{
	static const uint32_t types[] = {0, BH_DEMO_LITTER, BH_DEMO_GAS_LEAK, BH_DEMO_QUARREL};
	static const uint32_t warned[] = {0, 0, 0, 50, 80, 100, 124, 172};
	struct bh_case cased = {
		.state = bits % BH_STATE_COUNT,
		.type = types[bits >> 5 & 3],
		.urgency = 1 + (bits >> 7 & 3),
		.area = 1111,
		.queue_ms = START,
		.dispatch_due_ms = bits >> 9 & 1 ? START + BH_MINUTES(30) : 0,
		.reminded = (bits >> 10) % 3 * 40,
		.breached = bits >> 12 & 1,
		.dispatches = bits >> 13 & 1,
		.sign_due_ms = bits >> 14 & 1 ? START + 77 : 0,
		.check_due_ms = bits >> 15 & 1 ? START + 99 : 0,
		.disposal_due_ms = bits >> 16 & 1 ? START + BH_HOURS(6) : 0,
		.dispatched_ms = START,
		.stage_from_ms = START,
		.stage_limit_ms = bits >> 17 & 1 ? BH_HOURS(2) : 0,
		.warned = warned[bits >> 18 & 7],
		.calendar = bits >> 21 & 7 ? bh_rules_calendar_mark(rules) : 1,
	};
	if (cased.state == BH_STATE_SUSPENDED)
		cased.resume_due_ms = START + 55;
	if (cased.state == BH_STATE_RETURNING)
		cased.review_due_ms = START + BH_HOURS(1);
	if (cased.state == BH_STATE_TIER_MOVING)
		cased.sign_due_ms = START + 77;
	if (bh_state_is_end((enum bh_state)cased.state)) { /* where no unit's clock runs */
		cased.sign_due_ms = cased.check_due_ms = cased.disposal_due_ms = 0;
		cased.closed_ms = START + 33;
		cased.follow_due_ms = cased.state == BH_STATE_ARCHIVED ? START + BH_HOURS(30) : 0;
	}
	return cased;
}

/* The index and the choice agree: at the instant that next_ms names, that is what is chosen. */
static void test_alarm__what_is_next_is_what_is_chosen_then(void **state)
{
	uint64_t seed = 5;
	for (int i = 0; i < 20000; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		uint32_t bits = (uint32_t)(seed >> 33);
		struct bh_case cased = case_of_bits(*state, bits);
		int64_t at_ms, due_ms;
		enum bh_alarm alarm = bh_case_alarm(*state, &cased, &at_ms);
		if (alarm == BH_ALARM_NONE) {
			assert_int_equal(at_ms, 0);
			continue;
		}
		assert_int_equal(bh_case_alarm_now(*state, &cased, at_ms, true, &due_ms), alarm);
		assert_int_equal(due_ms, at_ms);
		assert_int_equal(
			bh_case_alarm_now(*state, &cased, at_ms - 1, true, &due_ms), BH_ALARM_NONE);
	}
}

/* A district without any unit cannot dispatch; its limit is breached, once. */
static void test_alarm__without_any_unit_the_limit_is_breached(void **state)
{
	(void)state;
	struct bh_rules *rules;
	assert_int_equal(bh_rules_empty(&rules), 0);
	struct bh_docket docket;
	bh_docket_open(&docket, rules);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket.cased.area, 0);
	assert_int_equal(bh_docket_run(&docket, START + BH_MINUTES(59)), 3);
	bh_docket_run(&docket, START + BH_HOURS(9));
	assert_int_equal(entries_of(&docket, BH_VERB_BREACH), 1);
	assert_int_equal(docket.cased.state, BH_STATE_RECEIVED);
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alarm__reminds_twice_and_dispatches_at_the_margin),
		cmocka_unit_test(test_alarm__dispatches_from_filed_too),
		cmocka_unit_test(test_alarm__a_missing_or_unknown_type_goes_as_40006),
		cmocka_unit_test(test_alarm__an_immediate_rule_dispatches_at_once),
		cmocka_unit_test(test_alarm__an_immediate_rule_does_not_send_a_returned_case_back),
		cmocka_unit_test(test_alarm__a_breach_is_recorded_once_with_its_due_instant),
		cmocka_unit_test(test_alarm__automatic_dispatch_off_for_another_class_is_on_here),
		cmocka_unit_test(test_alarm__signs_at_the_sign_limit_in_working_time),
		cmocka_unit_test(test_alarm__closes_at_the_check_limit_with_a_result),
		cmocka_unit_test(test_alarm__never_closes_p1_or_disputes),
		cmocka_unit_test(test_alarm__a_command_that_is_not_due_leaves_no_trace),
		cmocka_unit_test(test_alarm__what_is_next_is_what_is_chosen_then),
		cmocka_unit_test(test_alarm__without_any_unit_the_limit_is_breached),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
