/* A unit is dissolved under its case: the clock gives it to another, by rule or to the desk of the
 * smallest area; nobody gives anything to a unit that is no more.  And one that does not sign loses
 * it to whom a rule names. */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "proto/err.h"
#include "server/domain/alarm.h"
#include "server/domain/routing.h"
#include "tests/unit/domain/demo_rules.h"

#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)

/* The demo district without these units: 0 ends the list. */
static struct bh_rules *rules_without(const uint32_t *gone)
{
	static struct bh_msg_unit units[64];
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	size_t count = demo.profile.units_count;
	assert_true(count <= sizeof(units) / sizeof(units[0]));
	memcpy(units, demo.profile.units, count * sizeof(units[0]));
	for (size_t i = 0; i < count; i++)
		for (const uint32_t *one = gone; *one != 0; one++)
			units[i].dissolved = units[i].dissolved || units[i].id == *one;
	demo.profile.units = units;
	return bh_demo_build(&demo);
}

static void test_home__what_a_dissolved_unit_has_goes_by_rule(void **state)
{
	static const uint32_t gone[] = {BH_DEMO_CLEAN_A, 0};
	struct bh_rules *rules = rules_without(gone);
	struct bh_docket docket;

	for (int signs = 0; signs <= 1; signs++) {
		bh_docket_open(&docket, *state);
		if (signs)
			bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
		else
			bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
		assert_int_equal(docket.cased.unit, BH_DEMO_CLEAN_A);
		uint32_t dispatches = docket.cased.dispatches;
		assert_int_equal(bh_case_home(*state, &docket.cased), 0);
		bh_docket_rules_change(&docket, rules);
		uint32_t home = bh_case_home(rules, &docket.cased);
		assert_true(home != 0 && home != BH_DEMO_CLEAN_A);
		assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 1);
		assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
		assert_int_equal(docket.cased.unit, home);
		assert_int_equal(docket.cased.automatic, 1);
		assert_int_equal(docket.cased.redirects, 0); /* nobody's mistake (I02) */
		assert_int_equal(docket.cased.dispatches, dispatches + 1);
		assert_int_equal(docket.entries[docket.count - 1].verb, BH_VERB_REDIRECT);
		assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 0);
	}
	bh_rules_unref(rules);
}

/* Nobody waits for a date that a unit was given which is no more: it goes on at once, the next unit
 * has its whole limit, and may be given the time that this one did not use. */
static void test_home__what_is_suspended_goes_on_elsewhere_at_once(void **state)
{
	static const uint32_t gone[] = {BH_DEMO_CLEAN_A, 0};
	struct bh_rules *rules = rules_without(gone);
	struct bh_docket docket;

	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command ask = bh_docket_desk(&docket, BH_VERB_ASK_SUSPENSION,
		BH_DEMO_LEAD(BH_DEMO_CLEAN_A), "it waits for a part");
	ask.until_ms = docket.now_ms + BH_HOURS(200 * 24);
	bh_docket_must(&docket, &ask);
	bh_docket_act(&docket, BH_VERB_SUSPEND, DISPATCHER, NULL);
	assert_int_equal(docket.cased.state, BH_STATE_SUSPENDED);
	assert_int_equal(docket.cased.next_ms, ask.until_ms);
	assert_false(bh_case_pause_is_over(*state, &docket.cased));
	bh_docket_rules_change(&docket, rules);
	assert_true(docket.cased.next_ms <= docket.now_ms);
	docket.dues_checked = true;
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 2);
	assert_int_equal(docket.entries[docket.count - 2].verb, BH_VERB_RESUME);
	assert_int_equal(docket.entries[docket.count - 1].verb, BH_VERB_REDIRECT);
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	assert_int_not_equal(docket.cased.unit, BH_DEMO_CLEAN_A);
	assert_int_equal(docket.cased.resume_due_ms, 0);
	assert_int_equal(docket.cased.used_ms, 0);
	assert_int_equal(docket.cased.suspensions, 0);
	bh_rules_unref(rules);
}

/* The first lateness stays with who was late, though the clock takes it away. */
static void test_home__a_dissolved_units_lateness_is_its_own(void **state)
{
	static const uint32_t gone[] = {BH_DEMO_CLEAN_A, 0};
	struct bh_rules *rules = rules_without(gone);
	struct bh_docket docket;

	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	int64_t due_ms = docket.cased.disposal_due_ms;
	(void)bh_docket_run(&docket, due_ms + BH_HOURS(1));
	assert_int_equal(docket.cased.unit, BH_DEMO_CLEAN_A);
	bh_docket_rules_change(&docket, rules);
	(void)bh_docket_wake(&docket, docket.now_ms);
	assert_int_equal(docket.entries[docket.count - 1].verb, BH_VERB_REDIRECT);
	assert_int_equal(docket.cased.late, 1);
	assert_int_equal(docket.cased.late_unit, BH_DEMO_CLEAN_A);
	bh_rules_unref(rules);
}

/* Routing 7: a complex dispute is no village's, wherever its unit went. */
static void test_home__a_dispute_goes_to_the_tier_of_its_grade(void **state)
{
	static const uint32_t gone[] = {BH_DEMO_MEDIATION_A, 0};
	struct bh_rules *rules = rules_without(gone);
	struct bh_docket docket;

	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_QUARREL, 1111);
	struct bh_command command = bh_docket_desk(
		&docket, BH_VERB_GRADE, BH_DEMO_PERSON(ACCEPTOR), NULL);
	command.dispute.grade = BH_GRADE_COMPLEX;
	bh_docket_must(&docket, &command);
	command = bh_docket_desk(&docket, BH_VERB_DISPATCH, DISPATCHER, NULL);
	command.unit = BH_DEMO_MEDIATION_A;
	bh_docket_must(&docket, &command);
	bh_docket_rules_change(&docket, rules);
	assert_int_equal(bh_case_home(rules, &docket.cased), BH_DEMO_DESK_COUNTY);
	bh_rules_unref(rules);
}

static void test_home__nothing_is_given_to_what_is_no_more(void **state)
{
	static const uint32_t gone[] = {BH_DEMO_CLEAN_A, 0};
	struct bh_rules *rules = rules_without(gone);
	struct bh_docket docket;
	struct bh_command command;

	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket.cased.proposed_unit, BH_DEMO_CLEAN_A);
	bh_docket_rules_change(&docket, rules);
	command = bh_docket_desk(&docket, BH_VERB_DISPATCH, DISPATCHER, NULL);
	command.unit = BH_DEMO_CLEAN_A;
	bh_docket_refused(&docket, &command, BH_REASON_NO_UNIT);
	command.unit = 0;
	bh_docket_must(&docket, &command);
	assert_true(docket.cased.unit != 0 && docket.cased.unit != BH_DEMO_CLEAN_A);
	bh_rules_unref(rules);
}

/* It has no clock of its own: its result is judged, and what does not do goes on elsewhere. */
static void test_home__what_is_done_stays_until_it_goes_on(void **state)
{
	static const uint32_t gone[] = {BH_DEMO_CLEAN_A, 0};
	struct bh_rules *rules = rules_without(gone);
	struct bh_docket docket;

	bh_docket_open(&docket, *state);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_rules_change(&docket, rules);
	assert_int_equal(bh_case_home(rules, &docket.cased), 0);
	bh_docket_act(&docket, BH_VERB_FAIL, BH_DEMO_PERSON(ACCEPTOR), "it does not do");
	assert_int_equal(docket.cased.state, BH_STATE_REWORK);
	(void)bh_docket_run(&docket, docket.cased.sign_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	assert_true(docket.cased.unit != BH_DEMO_CLEAN_A);
	bh_rules_unref(rules);
}

/* ---- Nobody signs ---- */

static struct bh_rules *escalating_rules(const struct bh_msg_route *route)
{
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.profile.routes = route;
	demo.profile.routes_count = 1;
	demo.profile.routes_version = 1;
	return bh_demo_build(&demo);
}

static void test_escalation__goes_once_to_whom_a_rule_names(void **state)
{
	static const struct bh_msg_route route = {
		.type = BH_DEMO_LITTER, .escalates = BH_DEMO_DESK_A, .version = 1};
	struct bh_rules *rules = escalating_rules(&route);
	struct bh_docket docket;

	(void)state;
	bh_docket_open(&docket, rules);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket.cased.unit, BH_DEMO_CLEAN_A);
	assert_int_equal(bh_case_escalation(rules, &docket.cased), BH_DEMO_DESK_A);
	int64_t first_ms = docket.cased.sign_due_ms;
	assert_int_equal(docket.cased.next_ms, first_ms);
	bh_docket_run(&docket, first_ms - 1);
	assert_int_equal(docket.cased.unit, BH_DEMO_CLEAN_A);
	assert_int_equal(bh_docket_wake(&docket, first_ms), 1);
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	assert_int_equal(docket.cased.unit, BH_DEMO_DESK_A);
	assert_int_equal(docket.cased.automatic, 1);
	assert_int_equal(docket.cased.auto_signed, 0);
	assert_int_equal(docket.cased.redirects, 0);
	assert_int_equal(docket.entries[docket.count - 1].verb, BH_VERB_REDIRECT);
	assert_int_equal(bh_case_escalation(rules, &docket.cased), 0);
	bh_docket_run(&docket, docket.cased.sign_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.cased.unit, BH_DEMO_DESK_A);
	assert_int_equal(docket.cased.auto_signed, 1);
	bh_rules_unref(rules);
}

/* Who signs in time keeps it, what other cases are about is not escalated, and a unit that is no
 * more gets nothing: the clock signs as without a rule. */
static void test_escalation__is_of_its_own_cases_and_to_a_unit_that_is_there(void **state)
{
	static const struct bh_msg_route route = {
		.type = BH_DEMO_LITTER, .escalates = BH_DEMO_WORKS, .version = 1};
	static const uint32_t gone[] = {BH_DEMO_WORKS, 0};
	struct bh_rules *rules = escalating_rules(&route), *without = rules_without(gone);
	struct bh_docket docket;

	(void)state;
	bh_docket_open(&docket, rules);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_run(&docket, docket.now_ms + BH_HOURS(2));
	assert_int_equal(docket.cased.unit, BH_DEMO_CLEAN_A);
	bh_docket_open(&docket, rules);
	bh_docket_to_dispatched(&docket, BH_DEMO_STALL, 1111);
	bh_docket_run(&docket, docket.cased.sign_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.cased.auto_signed, 1);
	bh_docket_open(&docket, rules);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_rules_change(&docket, without);
	bh_docket_run(&docket, docket.cased.sign_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	bh_rules_unref(without);
	bh_rules_unref(rules);
}

/* What began under other rules goes by those. */
static void test_escalation__keeps_the_version_that_its_case_began_with(void **state)
{
	struct bh_msg_route route = {
		.type = BH_DEMO_LITTER, .escalates = BH_DEMO_DESK_A, .version = 2};
	struct bh_docket docket;

	(void)state;
	struct bh_rules *rules = escalating_rules(&route);
	bh_docket_open(&docket, rules); /* it begins with version 1 */
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(bh_case_escalation(rules, &docket.cased), 0);
	bh_docket_run(&docket, docket.cased.sign_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	bh_rules_unref(rules);
	struct bh_profile_fault fault;
	struct bh_demo_profile demo;
	size_t faults = 0;
	bh_demo_profile(&demo);
	route.escalates = 4711;
	demo.profile.routes = &route;
	demo.profile.routes_count = 1;
	assert_int_equal(bh_rules_build(&demo.profile, &fault, 1, &faults, &rules), BH_ERR_INVALID);
	assert_string_equal(fault.list, "routes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_home__a_dissolved_units_lateness_is_its_own),
		cmocka_unit_test(test_home__a_dispute_goes_to_the_tier_of_its_grade),
		cmocka_unit_test(test_home__what_a_dissolved_unit_has_goes_by_rule),
		cmocka_unit_test(test_home__what_is_suspended_goes_on_elsewhere_at_once),
		cmocka_unit_test(test_home__nothing_is_given_to_what_is_no_more),
		cmocka_unit_test(test_home__what_is_done_stays_until_it_goes_on),
		cmocka_unit_test(test_escalation__goes_once_to_whom_a_rule_names),
		cmocka_unit_test(test_escalation__is_of_its_own_cases_and_to_a_unit_that_is_there),
		cmocka_unit_test(test_escalation__keeps_the_version_that_its_case_began_with),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
