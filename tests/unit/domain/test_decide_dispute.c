/* Disputes and major cases: grade and body, mediation and agreement, its dates, the time a party
 * asks for, up and down the tiers, sponsor and plan (rows 60 to 68; S0-23, S1-30, S2-24, S2-28,
 * S2-29, S3-24, S3-32). */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "tests/unit/domain/demo_rules.h"

#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define DESK BH_DEMO_PERSON(TIER_DESK)
#define DAY BH_HOURS(24)

static struct bh_command of_unit(
	const struct bh_docket *docket, enum bh_verb verb, const char *text)
{
	struct bh_command command = bh_docket_desk(
		docket, verb, BH_DEMO_LEAD(docket->cased.unit), text);
	command.base_position = 0;
	return command;
}

static struct bh_command graded(const struct bh_docket *docket, uint32_t grade, uint32_t major)
{
	struct bh_command command = bh_docket_desk(docket, BH_VERB_GRADE, ACCEPTOR, NULL);
	command.base_position = 0;
	command.dispute.grade = grade;
	command.dispute.major = major;
	return command;
}

static void mediate(struct bh_docket *docket, uint32_t kind, uint32_t linkage)
{
	struct bh_command command = of_unit(docket, BH_VERB_MEDIATE, NULL);
	command.dispute.kind = kind;
	command.dispute.linkage = linkage;
	bh_docket_must(docket, &command);
}

static struct bh_command agreement(const struct bh_docket *docket, uint32_t dates)
{
	struct bh_command command = of_unit(docket, BH_VERB_CONCLUDE, "he mends the wall");
	command.reason_code = BH_MEDIATION_END_AGREED;
	command.dispute.agreement = bh_span("2026-1", 6);
	command.dispute.amount_fen = 123456;
	command.dispute.dates = dates;
	for (uint32_t i = 0; i < dates && i < BH_PERFORMANCES_MAX; i++)
		command.dispute.due_ms[i] = docket->now_ms + (i + 1) * DAY;
	return command;
}

static struct bh_command performed(
	const struct bh_docket *docket, uint32_t date, enum bh_performance result)
{
	struct bh_command command = of_unit(docket, BH_VERB_PERFORM, NULL);
	command.dispute.date = date;
	command.reason_code = result;
	return command;
}

static void test_grade__says_the_tier_and_moves_up_when_it_is_raised(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_QUARREL, 1111);
	assert_int_equal(docket.cased.proposed_unit, BH_DEMO_MEDIATION_A);
	struct bh_command command = graded(&docket, 0, 0);
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	command = graded(&docket, 4, 0);
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	command = graded(&docket, BH_GRADE_PLAIN, 0);
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.proposed_unit, BH_DEMO_DESK_VILLAGE);
	bh_docket_act(&docket, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), NULL);
	assert_int_equal(docket.cased.tier, 1);
	bh_docket_act(&docket, BH_VERB_SIGN, BH_DEMO_LEAD(BH_DEMO_DESK_VILLAGE), NULL);
	command = graded(&docket, BH_GRADE_COMPLEX, 0);
	bh_docket_refused(&docket, &command, BH_REASON_GUARD);
	command = bh_docket_desk(&docket, BH_VERB_MOVE_UP, DESK, "the third family is in it");
	command.dispute.grade = BH_GRADE_PLAIN;
	bh_docket_refused(&docket, &command, BH_REASON_GUARD);
	command.dispute.grade = BH_GRADE_COMPLEX;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.unit, BH_DEMO_DESK_COUNTY);
	assert_int_equal(docket.cased.tier, 3);
	assert_int_equal(docket.cased.grade, BH_GRADE_COMPLEX);
}

static void test_grade__is_for_disputes_and_a_mark_for_any_case(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command command = graded(&docket, BH_GRADE_PLAIN, 0);
	bh_docket_refused(&docket, &command, BH_REASON_GUARD);
	command = graded(&docket, 0, 1);
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.major, 1);
}

/* Routing 7, S1-14: who sits there goes before who comes when called. */
static void test_grade__an_industrys_body_goes_by_how_it_stands(void **state)
{
	(void)state;
	struct bh_demo_profile demo;
	struct bh_msg_industry industries[] = {
		{.class = 60, .unit = BH_DEMO_WORKS},
		{.type = BH_DEMO_QUARREL, .unit = BH_DEMO_GAS, .weekdays = 1u << 1},
	};
	const struct bh_msg_grade grades[] = {{BH_GRADE_PLAIN, 2}};
	int64_t monday = BH_DOCKET_START_MS, tuesday = monday + DAY;
	bh_demo_profile(&demo);
	demo.profile.industries = industries;
	demo.profile.industries_count = 2;
	demo.profile.grades = grades;
	demo.profile.grades_count = 1;
	for (size_t i = 0; i < BH_DEMO_UNITS; i++) {
		if (demo.units[i].id == BH_DEMO_WORKS)
			demo.units[i].mode = BH_UNIT_MODE_ON_CALL;
		if (demo.units[i].id == BH_DEMO_GAS)
			demo.units[i].mode = BH_UNIT_MODE_ROTA;
	}
	struct bh_rules *rules = bh_demo_build(&demo);
	assert_int_equal(
		bh_rules_dispute_unit(rules, BH_DEMO_QUARREL, 1111, 0, monday), BH_DEMO_WORKS);
	assert_int_equal(
		bh_rules_dispute_unit(rules, BH_DEMO_QUARREL, 1111, 0, tuesday), BH_DEMO_GAS);
	assert_int_equal(bh_rules_dispute_unit(rules, BH_DEMO_LITTER, 1111, 0, tuesday), 0);
	assert_int_equal(bh_rules_grade_tier(rules, BH_GRADE_PLAIN), 2);
	assert_int_equal(bh_rules_grade_tier(rules, BH_GRADE_COMPLEX), 3);
	bh_rules_unref(rules);
	demo.profile.industries_count = 0;
	rules = bh_demo_build(&demo);
	assert_int_equal(
		bh_rules_dispute_unit(rules, BH_DEMO_QUARREL, 1111, 1, monday), BH_DEMO_DESK_A);
	assert_int_equal(bh_rules_dispute_unit(rules, BH_DEMO_QUARREL, 1111, 0, monday), 0);
	bh_rules_unref(rules);
}

static void test_grade__no_body_that_is_no_more_is_proposed(void **state)
{
	(void)state;
	struct bh_demo_profile demo;
	struct bh_msg_industry industry = {.class = 60, .unit = BH_DEMO_WORKS};
	int64_t monday = BH_DOCKET_START_MS;
	bh_demo_profile(&demo);
	demo.profile.industries = &industry;
	demo.profile.industries_count = 1;
	for (int gone = 0; gone <= 1; gone++) {
		for (size_t i = 0; i < BH_DEMO_UNITS; i++)
			demo.units[i].dissolved = gone && demo.units[i].id == BH_DEMO_WORKS;
		struct bh_rules *rules = bh_demo_build(&demo);
		assert_int_equal(bh_rules_dispute_unit(rules, BH_DEMO_QUARREL, 1111, 0, monday),
			gone ? 0 : BH_DEMO_WORKS);
		bh_rules_unref(rules);
	}
}

/* Row 18: "disputes: agreement or failure note". */
static void test_mediation__a_dispute_is_not_finished_without_a_result(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
	struct bh_command finish = of_unit(&docket, BH_VERB_FINISH, "done");
	bh_docket_refused(&docket, &finish, BH_REASON_GUARD);
	struct bh_command session = bh_docket_op(
		&docket, BH_VERB_SESSION, BH_DEMO_HANDLER(docket.cased.unit), "they shouted");
	session.reason_code = BH_SITTING_AGAIN;
	session.dispute.present = BH_PRESENT(2, 1, 0, 0);
	assert_int_equal(bh_docket_give(&docket, &session)->reason, BH_REASON_GUARD);
	struct bh_command open = of_unit(&docket, BH_VERB_MEDIATE, NULL);
	bh_docket_refused(&docket, &open, BH_REASON_FIELD);
	mediate(&docket, BH_MEDIATION_PROFESSIONAL, BH_LINKAGE_POLICE);
	bh_docket_refused(&docket, &finish, BH_REASON_GUARD);
	session.dispute.present = 0;
	assert_int_equal(bh_docket_give(&docket, &session)->reason, BH_REASON_FIELD);
	session.dispute.present = BH_PRESENT(2, 1, 0, 0);
	bh_docket_must(&docket, &session);
	assert_int_equal(docket.mediations[0].sessions, 1);
	assert_int_equal(BH_PRESENT_PART(docket.mediations[0].present, 0), 2);
	struct bh_command ends = agreement(&docket, 0);
	ends.dispute.agreement.len = 0;
	bh_docket_refused(&docket, &ends, BH_REASON_FIELD);
	ends = agreement(&docket, BH_PERFORMANCES_MAX + 1);
	bh_docket_refused(&docket, &ends, BH_REASON_FIELD);
	ends = agreement(&docket, 2);
	ends.dispute.due_ms[1] = ends.dispute.due_ms[0];
	bh_docket_refused(&docket, &ends, BH_REASON_FIELD);
	ends = agreement(&docket, 2);
	bh_docket_must(&docket, &ends);
	assert_int_equal(docket.mediations[0].amount_fen, 123456);
	assert_int_equal(docket.cased.owed, 2);
	bh_docket_must(&docket, &finish);
}

/* S2-24: each date is asked for when it comes, and silence is told of; also after the closing. */
static void test_mediation__dates_are_asked_for_and_silence_is_told_of(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
	mediate(&docket, BH_MEDIATION_PEOPLES, 0);
	struct bh_command command = agreement(&docket, 2);
	bh_docket_must(&docket, &command);
	bh_docket_act(&docket, BH_VERB_FINISH, BH_DEMO_LEAD(docket.cased.unit), "done");
	bh_docket_act(&docket, BH_VERB_CLOSE, ACCEPTOR, "closed");
	int64_t first_ms = docket.mediations[0].due_ms[0];
	bh_docket_run(&docket, first_ms - 1);
	assert_int_equal(docket.mediations[0].asked, 0);
	bh_docket_run(&docket, first_ms);
	assert_int_equal(docket.last.reason, 1);
	assert_int_equal(docket.mediations[0].asked, 1);
	command = performed(&docket, 1, BH_PERFORMANCE_PARTLY);
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.unkept, 1);
	command = performed(&docket, 1, BH_PERFORMANCE_DONE);
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.unkept, 0);
	bh_docket_refused(&docket, &command, BH_REASON_GUARD);
	command = performed(&docket, 3, BH_PERFORMANCE_DONE);
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	bh_docket_run(&docket, docket.mediations[0].due_ms[1] + 3 * DAY);
	assert_int_equal(docket.mediations[0].asked, 3);
	assert_int_equal(docket.mediations[0].chased, 2);
	assert_int_equal(docket.last.reason, 2);
	assert_int_equal(bh_mediation_next_ms(&docket.mediations[0]), 0);
	assert_int_equal(docket.cased.owed, 1);
}

static bool is_told(const struct bh_docket *docket, uint32_t unit, bool left)
{
	for (size_t i = 0; i < docket->changes_count; i++)
		if (docket->changes[i].scope == BH_SCOPE_UNIT(unit) &&
			docket->changes[i].left == left)
			return true;
	return false;
}

/* Each tier tries anew; what was agreed stays through another cycle. */
static void test_mediation__ends_without_result_where_the_case_goes_elsewhere(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
	mediate(&docket, BH_MEDIATION_PEOPLES, 0);
	struct bh_command again = of_unit(&docket, BH_VERB_MEDIATE, NULL);
	again.dispute.kind = BH_MEDIATION_PEOPLES;
	bh_docket_refused(&docket, &again, BH_REASON_GUARD);
	bh_docket_act(&docket, BH_VERB_MOVE_UP, DESK, "tried thrice");
	assert_int_equal(docket.mediations[0].state, BH_MEDIATION_LEFT);
	assert_int_equal(docket.cased.mediation_state, BH_MEDIATION_NONE);
	bh_docket_act(&docket, BH_VERB_RECEIVE, DESK, NULL);
	mediate(&docket, BH_MEDIATION_JUDICIAL, BH_LINKAGE_LITIGATION);
	assert_int_equal(docket.cased.mediations, 2);
	struct bh_command command = agreement(&docket, 1);
	bh_docket_must(&docket, &command);
	bh_docket_act(&docket, BH_VERB_FINISH, BH_DEMO_LEAD(docket.cased.unit), "done");
	bh_docket_act(&docket, BH_VERB_CLOSE, ACCEPTOR, "closed");
	assert_int_equal(docket.cased.copied, BH_DEMO_DESK_VILLAGE);
	assert_true(is_told(&docket, BH_DEMO_DESK_VILLAGE, false));
	bh_docket_act(&docket, BH_VERB_REOPEN, BH_DEMO_PERSON(SUPERVISOR), "it goes on");
	assert_int_equal(docket.cased.copied, 0);
	assert_true(is_told(&docket, BH_DEMO_DESK_VILLAGE, true));
	assert_int_equal(docket.cased.mediation_state, BH_MEDIATION_NONE);
	assert_int_equal(docket.mediations[1].state, BH_MEDIATION_AGREED);
	bh_docket_run(&docket, docket.mediations[1].due_ms[0]);
	assert_int_equal(docket.mediations[1].asked, 1);
}

/* domain.md, Clock model: "at most once and seven days per tier"; it resumes by itself. */
static void test_dispute__a_party_is_given_time_once_a_tier(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
	int64_t due_ms = docket.cased.disposal_due_ms;
	struct bh_command command = of_unit(&docket, BH_VERB_SUSPEND, "he is away");
	command.until_ms = docket.now_ms + 8 * DAY;
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	command.until_ms = docket.now_ms + 2 * DAY;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.suspensions, 0);
	bh_docket_run(&docket, command.until_ms);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.cased.disposal_due_ms, due_ms + 2 * DAY);
	command = of_unit(&docket, BH_VERB_SUSPEND, "he is away again");
	bh_docket_refused(&docket, &command, BH_REASON_GUARD);
	bh_docket_act(&docket, BH_VERB_MOVE_UP, DESK, "up");
	bh_docket_act(&docket, BH_VERB_RECEIVE, DESK, NULL);
	command = of_unit(&docket, BH_VERB_SUSPEND, "she is away");
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.resume_due_ms, docket.now_ms + 7 * DAY);
}

/* Row 14: "not when late". */
static void test_dispute__no_time_is_given_when_it_is_late(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
	bh_docket_run(&docket, docket.cased.disposal_due_ms + DAY);
	struct bh_command command = of_unit(&docket, BH_VERB_SUSPEND, "he is away");
	bh_docket_refused(&docket, &command, BH_REASON_WINDOW);
}

static void test_dispute__goes_back_down_once_a_tier(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
	bh_docket_act_refused(&docket, BH_VERB_MOVE_DOWN, DESK, NULL, BH_REASON_NO_REASON);
	bh_docket_act(&docket, BH_VERB_MOVE_DOWN, DESK, "the village has not tried");
	assert_int_equal(docket.cased.state, BH_STATE_TIER_MOVING);
	assert_int_equal(docket.cased.unit, BH_DEMO_DESK_VILLAGE);
	bh_docket_run(&docket, docket.cased.sign_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.cased.tier, 1);
	bh_docket_act_refused(&docket, BH_VERB_MOVE_DOWN, DESK, "down", BH_REASON_GUARD);
	bh_docket_act(&docket, BH_VERB_MOVE_UP, DESK, "now it has");
	bh_docket_run(&docket, docket.cased.sign_due_ms);
	assert_int_equal(docket.cased.unit, BH_DEMO_DESK_A);
	assert_int_equal(docket.cased.tier, 2);
}

/* S0-23: 一名包保领导、一个工作专班、一套化解方案. */
static void test_major__waits_for_sponsor_force_and_plan(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command command = graded(&docket, 0, 1);
	bh_docket_must(&docket, &command);
	struct bh_command finish = of_unit(&docket, BH_VERB_FINISH, "done");
	bh_docket_refused(&docket, &finish, BH_REASON_GUARD);
	command = bh_docket_desk(&docket, BH_VERB_PLAN, BH_DEMO_PERSON(SPONSOR), "talk first");
	command.base_position = 0;
	command.assignee = BH_DEMO_PERSON(HANDLER);
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	command.assignee = BH_DEMO_PERSON(SPONSOR);
	command.dispute.measures = 1u << BH_MEASURES;
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	command.dispute.measures = 1u << 2;
	bh_docket_must(&docket, &command);
	bh_docket_refused(&docket, &finish, BH_REASON_GUARD);
	command.unit = BH_DEMO_POLICE_A;
	bh_docket_must(&docket, &command);
	bh_docket_must(&docket, &finish);
}

static void test_consultation__is_asked_for_and_then_held(void **state)
{
	static const struct bh_span lines[] = {{(const uint8_t *)"ask the court", 13}};
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
	struct bh_command command = of_unit(&docket, BH_VERB_CONSULT, "may he build there?");
	command.reason_code = BH_CONSULTATION_HELD;
	bh_docket_refused(&docket, &command, BH_REASON_GUARD);
	command.reason_code = BH_CONSULTATION_ASKED;
	bh_docket_must(&docket, &command);
	bh_docket_refused(&docket, &command, BH_REASON_GUARD);
	command.reason_code = BH_CONSULTATION_HELD;
	command.dispute.decisions = lines;
	command.dispute.decisions_count = BH_DECISIONS_MAX + 1;
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	command.dispute.decisions_count = 1;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.consultations, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grade__says_the_tier_and_moves_up_when_it_is_raised),
		cmocka_unit_test(test_grade__is_for_disputes_and_a_mark_for_any_case),
		cmocka_unit_test(test_grade__an_industrys_body_goes_by_how_it_stands),
		cmocka_unit_test(test_grade__no_body_that_is_no_more_is_proposed),
		cmocka_unit_test(test_mediation__a_dispute_is_not_finished_without_a_result),
		cmocka_unit_test(test_mediation__dates_are_asked_for_and_silence_is_told_of),
		cmocka_unit_test(test_mediation__ends_without_result_where_the_case_goes_elsewhere),
		cmocka_unit_test(test_dispute__a_party_is_given_time_once_a_tier),
		cmocka_unit_test(test_dispute__no_time_is_given_when_it_is_late),
		cmocka_unit_test(test_dispute__goes_back_down_once_a_tier),
		cmocka_unit_test(test_major__waits_for_sponsor_force_and_plan),
		cmocka_unit_test(test_consultation__is_asked_for_and_then_held),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
