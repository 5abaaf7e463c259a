/* Who is gone under an open case: the people of its unit, whoever mediated what was agreed, and
 * whom a major case's plan names. */
#include "tests/unit/domain/docket.h"

#include "server/domain/alarm_left.h"
#include "server/domain/notice.h"
#include "server/domain/threshold.h"
#include "tests/unit/domain/demo_rules.h"

#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define SHIFT_LEADER BH_DEMO_PERSON(SHIFT_LEADER)
#define SPONSOR BH_DEMO_PERSON(SPONSOR)
#define DAY BH_HOURS(24)

/* Of the last entry. */
static bool is_told(const struct bh_docket *docket, const struct bh_case *before, uint32_t person,
	uint32_t kind)
{
	struct bh_notice notices[BH_NOTICES_MAX];
	const struct bh_notice_facts facts = {.rules = docket->rules,
		.entry = &docket->entries[docket->count - 1],
		.before = before,
		.after = &docket->cased};
	size_t count = bh_notices_of(&facts, notices);
	for (size_t i = 0; i < count; i++)
		if (notices[i].person == person && notices[i].kind == kind)
			return true;
	return false;
}

/* Its last people go while it has the case: told at once, and again as the limit is half over and
 * nearly over. */
static void test_left__a_unit_that_everybody_leaves_is_the_shift_leaders_from_then_on(void **state)
{
	static const uint32_t percents[] = {BH_THRESHOLD_NOTE, BH_THRESHOLD_YELLOW};
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].unit == BH_DEMO_CLEAN_A)
			demo.posts[i].unit = BH_DEMO_GAS;
	struct bh_rules *rules = bh_demo_build(&demo);
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_rules_change(&docket, rules);
	struct bh_case before = docket.cased;
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 1);
	assert_int_equal(docket.last.reason, BH_REMIND_UNMANNED);
	assert_true(is_told(&docket, &before, SHIFT_LEADER, BH_NOTICE_UNMANNED));
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 0);
	for (size_t i = 0; i < 2; i++) {
		before = docket.cased;
		bh_docket_run(&docket, docket.cased.next_ms);
		assert_int_equal(docket.cased.warned, percents[i]);
		assert_true(is_told(&docket, &before, SHIFT_LEADER, BH_NOTICE_UNMANNED));
	}
	bh_rules_unref(rules);
}

/* A post may say itself when it ends. */
static void test_left__so_is_one_whose_last_post_ends_by_its_day(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	int32_t today = bh_rules_day(*state, docket.now_ms);
	int64_t end_ms = 0;
	for (size_t i = 0; i < demo.profile.posts_count; i++) {
		if (demo.posts[i].unit != BH_DEMO_MEDIATION_A)
			continue;
		demo.posts[i].to_day = today;
		end_ms = bh_rules_post_end_ms(*state, &demo.posts[i]);
	}
	struct bh_rules *rules = bh_demo_build(&demo);
	bh_docket_rules_change(&docket, rules);
	assert_int_equal(docket.cased.next_ms, end_ms);
	bh_docket_run(&docket, end_ms - 1);
	assert_int_equal(docket.cased.unmanned, 0);
	bh_docket_run(&docket, end_ms);
	assert_int_equal(docket.cased.unmanned, BH_DEMO_MEDIATION_A);
	bh_rules_unref(rules);
}

/* The demo district, where two posts of a unit that has no others follow each other. */
static struct bh_rules *rules_followed(uint32_t unit, int32_t to_day, int32_t from_day)
{
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++) {
		struct bh_msg_post *post = &demo.posts[i];
		if (post->unit == unit && post->person == BH_DEMO_LEAD(unit))
			post->to_day = to_day;
		else if (post->unit == unit && post->person == BH_DEMO_HANDLER(unit))
			post->from_day = from_day;
		else if (post->unit == unit)
			post->unit = BH_DEMO_GAS;
	}
	return bh_demo_build(&demo);
}

/* Who comes after a month is nobody until then; who comes the next day follows at once. */
static void test_left__a_gap_before_a_post_that_never_ends_is_told_of(void **state)
{
	for (int32_t gap = 0; gap <= 30; gap += 30) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
		int32_t last = bh_rules_day(*state, docket.now_ms) + 1;
		int64_t end_ms = bh_rules_day_begin_ms(*state, last + 1);
		struct bh_rules *rules = rules_followed(BH_DEMO_MEDIATION_A, last, last + 1 + gap);
		bh_docket_rules_change(&docket, rules);
		bh_docket_run(&docket, end_ms - 1);
		assert_int_equal(docket.cased.unmanned, 0);
		struct bh_case before = docket.cased;
		bh_docket_run(&docket, end_ms);
		assert_int_equal(docket.cased.unmanned, gap > 0 ? BH_DEMO_MEDIATION_A : 0);
		assert_int_equal(
			is_told(&docket, &before, SHIFT_LEADER, BH_NOTICE_UNMANNED), gap > 0);
		bh_rules_unref(rules);
	}
}

/* However many posts follow each other, and in whatever order they stand. */
static void test_left__the_first_day_of_nobody_is_found_behind_every_post(void **state)
{
	const uint32_t unit = BH_DEMO_MEDIATION_A;
	struct bh_rules *rules = rules_followed(unit, 120, 100);
	(void)state;
	assert_int_equal(bh_rules_unit_left_ms(rules, unit, 90), INT64_MAX);
	bh_rules_unref(rules);
	rules = rules_followed(unit, 120, 122);
	assert_int_equal(bh_rules_unit_left_ms(rules, unit, 90), bh_rules_day_begin_ms(rules, 121));
	assert_int_equal(
		bh_rules_unit_left_ms(rules, unit, 120), bh_rules_day_begin_ms(rules, 121));
	/* Nobody says what was before the first of them. */
	assert_int_equal(bh_rules_unit_left_ms(rules, unit, 121), INT64_MAX);
	bh_rules_unref(rules);
}

/* ---- What was agreed ---- */

/* A dispute whose unit has an agreement, to be kept in a day and in two. */
static void agreed(struct bh_docket *docket)
{
	const uint32_t lead = BH_DEMO_LEAD(docket->cased.unit);
	struct bh_command command = bh_docket_desk(docket, BH_VERB_MEDIATE, lead, NULL);
	command.dispute.kind = BH_MEDIATION_PEOPLES;
	bh_docket_must(docket, &command);
	command = bh_docket_desk(docket, BH_VERB_CONCLUDE, lead, "he mends the wall");
	command.reason_code = BH_MEDIATION_END_AGREED;
	command.dispute.agreement = bh_span("2026-1", 6);
	command.dispute.dates = 2;
	command.dispute.due_ms[0] = docket->now_ms + DAY;
	command.dispute.due_ms[1] = docket->now_ms + 2 * DAY;
	bh_docket_must(docket, &command);
	bh_docket_act(docket, BH_VERB_FINISH, lead, "done");
	bh_docket_act(docket, BH_VERB_CLOSE, ACCEPTOR, "closed");
}

/* It is seen to by somebody, whoever mediated it is gone. */
static void test_left__what_a_unit_agreed_that_is_no_more_the_nearest_desk_sees_to(void **state)
{
	const uint32_t desk = BH_DEMO_LEAD(BH_DEMO_DESK_VILLAGE);
	struct bh_demo_profile demo;
	struct bh_docket docket;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.units_count; i++)
		if (demo.units[i].id == BH_DEMO_MEDIATION_A)
			demo.units[i].dissolved = true;
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].unit == BH_DEMO_MEDIATION_A)
			demo.posts[i].unit = BH_DEMO_WORKS;
	struct bh_rules *rules = bh_demo_build(&demo);
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
	agreed(&docket);
	struct bh_command command = bh_docket_desk(&docket, BH_VERB_PERFORM, desk, NULL);
	command.dispute.date = 1;
	command.reason_code = BH_PERFORMANCE_DONE;
	bh_docket_refused(&docket, &command, BH_REASON_NO_RIGHT);
	bh_docket_rules_change(&docket, rules);
	assert_int_equal(
		bh_mediation_keeper(rules, &docket.cased, docket.now_ms), BH_DEMO_DESK_VILLAGE);
	const struct bh_case before = docket.cased;
	bh_docket_run(&docket, docket.mediations[0].due_ms[0]);
	assert_true(is_told(&docket, &before, desk, BH_NOTICE_PERFORM_DUE));
	command.base_position = 0;
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.cased.owed, 1);
	bh_rules_unref(rules);
}

/* ---- Major cases ---- */

/* The demo district without its sponsor, or without the task force. */
static struct bh_rules *rules_without(bool force)
{
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (!force && demo.posts[i].person == SPONSOR)
			demo.posts[i].role = BH_ROLE_ASSESSOR;
	for (size_t i = 0; i < demo.profile.units_count; i++)
		if (force && demo.units[i].id == BH_DEMO_POLICE_A)
			demo.units[i].dissolved = true;
	return bh_demo_build(&demo);
}

static void planned(struct bh_docket *docket, uint32_t sponsor, uint32_t force)
{
	struct bh_command command = bh_docket_desk(docket, BH_VERB_PLAN, SHIFT_LEADER, "so");
	command.assignee = sponsor;
	command.unit = force;
	command.dispute.measures = 1;
	bh_docket_must(docket, &command);
}

/* S0-23: nothing begins without the three, and what was there and is gone is named anew; both are
 * told to who can. */
static void test_left__a_major_case_waits_again_for_whom_its_plan_named(void **state)
{
	for (int force = 0; force < 2; force++) {
		struct bh_docket docket;
		struct bh_rules *rules = rules_without(force);
		bh_docket_open(&docket, *state);
		bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
		struct bh_case before = docket.cased;
		struct bh_command major = bh_docket_desk(&docket, BH_VERB_GRADE, ACCEPTOR, NULL);
		major.dispute.major = 1;
		bh_docket_must(&docket, &major);
		assert_true(is_told(&docket, &before, BH_DEMO_PERSON(SUPERVISOR), BH_NOTICE_MAJOR));
		struct bh_command begun = bh_docket_desk(
			&docket, BH_VERB_MEDIATE, BH_DEMO_LEAD(docket.cased.unit), NULL);
		begun.dispute.kind = BH_MEDIATION_PEOPLES;
		begun.base_position = 0;
		bh_docket_refused(&docket, &begun, BH_REASON_GUARD);
		planned(&docket, SPONSOR, BH_DEMO_POLICE_A);
		bh_docket_rules_change(&docket, rules);
		before = docket.cased;
		assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 1);
		assert_int_equal(docket.last.reason, BH_REMIND_UNPLANNED);
		assert_true(is_told(&docket, &before, BH_DEMO_PERSON(SUPERVISOR), BH_NOTICE_MAJOR));
		assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 0);
		bh_docket_refused(&docket, &begun, BH_REASON_GUARD);
		if (force) {
			planned(&docket, 0, BH_DEMO_WORKS);
			assert_int_equal(docket.cased.unplanned, 0);
			bh_docket_must(&docket, &begun);
		}
		bh_rules_unref(rules);
	}
}

/* Of a sponsor whose last day is over nobody has to be told by a new profile. */
static void test_left__so_it_does_where_the_sponsors_post_ends_by_its_day(void **state)
{
	struct bh_demo_profile demo;
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_QUARREL, 1111);
	struct bh_command major = bh_docket_desk(&docket, BH_VERB_GRADE, ACCEPTOR, NULL);
	major.dispute.major = 1;
	bh_docket_must(&docket, &major);
	planned(&docket, SPONSOR, BH_DEMO_POLICE_A);
	int32_t last = bh_rules_day(*state, docket.now_ms);
	int64_t end_ms = bh_rules_day_begin_ms(*state, last + 1);
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].person == SPONSOR)
			demo.posts[i].to_day = last;
	struct bh_rules *rules = bh_demo_build(&demo);
	bh_docket_rules_change(&docket, rules);
	assert_int_equal(docket.cased.next_ms, end_ms);
	bh_docket_run(&docket, end_ms - 1);
	assert_true(bh_case_is_planned(rules, &docket.cased, docket.now_ms));
	struct bh_case before = docket.cased;
	bh_docket_run(&docket, end_ms);
	assert_int_equal(docket.cased.unplanned, 1);
	assert_true(is_told(&docket, &before, BH_DEMO_PERSON(SUPERVISOR), BH_NOTICE_MAJOR));
	struct bh_command begun = bh_docket_desk(
		&docket, BH_VERB_MEDIATE, BH_DEMO_LEAD(docket.cased.unit), NULL);
	begun.dispute.kind = BH_MEDIATION_PEOPLES;
	bh_docket_refused(&docket, &begun, BH_REASON_GUARD);
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_left__a_unit_that_everybody_leaves_is_the_shift_leaders_from_then_on),
		cmocka_unit_test(test_left__so_is_one_whose_last_post_ends_by_its_day),
		cmocka_unit_test(test_left__a_gap_before_a_post_that_never_ends_is_told_of),
		cmocka_unit_test(test_left__the_first_day_of_nobody_is_found_behind_every_post),
		cmocka_unit_test(
			test_left__what_a_unit_agreed_that_is_no_more_the_nearest_desk_sees_to),
		cmocka_unit_test(test_left__a_major_case_waits_again_for_whom_its_plan_named),
		cmocka_unit_test(test_left__so_it_does_where_the_sponsors_post_ends_by_its_day),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
