/* Rosters: who is on duty when, over midnight, on make-up days and holidays; where nobody is, all;
 * whose turn a look is; where a shift ends, and where a roster names nobody (S0-31, Routing 9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "proto/err.h"
#include "server/domain/notice_body.h"
#include "tests/unit/domain/civil.h"
#include "tests/unit/domain/demo_rules.h"

#define LEADER BH_DEMO_PERSON(SHIFT_LEADER)
#define OTHER_LEADER BH_DEMO_TWO_POSTS
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define GAPS_MAX 16u

static struct bh_rules *rules_with(const struct bh_msg_shift *shifts, size_t count,
	const struct bh_msg_calendar_day *days, size_t days_count)
{
	struct bh_demo_profile *demo = malloc(sizeof *demo);
	assert_non_null(demo);
	bh_demo_profile(demo);
	demo->profile.shifts = shifts;
	demo->profile.shifts_count = count;
	demo->profile.settings.days = days;
	demo->profile.settings.days_count = days_count;
	struct bh_rules *rules = bh_demo_build(demo);
	free(demo);
	return rules;
}

/* Day from 8 to 20 and night from 20 to 8, each of one leader, for a week of December. */
#define WEEK(person_, from_, to_)                                                      \
	{                                                                              \
		.unit = BH_DEMO_DESK_COUNTY, .person = (person_),                      \
		.from_day = civil_day(2026, 12, 7), .to_day = civil_day(2026, 12, 13), \
		.from_min = (from_)*60, .to_min = (to_)*60                             \
	}

static enum bh_duty duty_of(
	const struct bh_rules *rules, uint32_t person, uint32_t role, int64_t at_ms)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts(rules, person, posts);
	for (size_t i = 0; i < count; i++)
		if (posts[i]->role == role)
			return bh_rules_post_duty(rules, posts[i], at_ms);
	fail_msg("person %u has no such post", person);
	return BH_DUTY_OPEN;
}

static enum bh_duty leader_at(const struct bh_rules *rules, uint32_t person, int64_t at_ms)
{
	return duty_of(rules, person, BH_ROLE_SHIFT_LEADER, at_ms);
}

static void test_shift__a_night_is_of_the_day_on_which_it_begins(void **state)
{
	(void)state;
	const struct bh_msg_shift shifts[] = {WEEK(LEADER, 8, 20), WEEK(OTHER_LEADER, 20, 8)};
	struct bh_rules *rules = rules_with(shifts, COUNT(shifts), NULL, 0);
	assert_int_equal(leader_at(rules, LEADER, china(2026, 12, 8, 8, 0)), BH_DUTY_ON);
	assert_int_equal(leader_at(rules, LEADER, china(2026, 12, 8, 20, 0) - 1), BH_DUTY_ON);
	assert_int_equal(leader_at(rules, LEADER, china(2026, 12, 8, 20, 0)), BH_DUTY_OFF);
	assert_int_equal(leader_at(rules, OTHER_LEADER, china(2026, 12, 8, 20, 0)), BH_DUTY_ON);
	assert_int_equal(leader_at(rules, OTHER_LEADER, china(2026, 12, 9, 7, 59)), BH_DUTY_ON);
	assert_int_equal(leader_at(rules, OTHER_LEADER, china(2026, 12, 9, 8, 0)), BH_DUTY_OFF);
	/* The last night ends on the day behind; the night before the first day is in no roster. */
	assert_int_equal(leader_at(rules, OTHER_LEADER, china(2026, 12, 14, 7, 59)), BH_DUTY_ON);
	assert_int_equal(leader_at(rules, OTHER_LEADER, china(2026, 12, 14, 8, 0)), BH_DUTY_OPEN);
	assert_int_equal(leader_at(rules, OTHER_LEADER, china(2026, 12, 7, 7, 59)), BH_DUTY_OFF);
	assert_int_equal(leader_at(rules, OTHER_LEADER, china(2026, 12, 6, 23, 0)), BH_DUTY_OPEN);
	assert_int_equal(duty_of(rules, DISPATCHER, BH_ROLE_DISPATCHER, china(2026, 12, 8, 9, 0)),
		BH_DUTY_OPEN);
	bh_rules_unref(rules);
}

static void test_shift__make_up_days_are_days_of_work_and_holidays_of_rest(void **state)
{
	(void)state;
	struct bh_msg_shift shifts[] = {WEEK(LEADER, 8, 20), WEEK(OTHER_LEADER, 8, 20)};
	const struct bh_msg_calendar_day days[] = {{.day = civil_day(2026, 12, 9)}, /* Wednesday */
		{.day = civil_day(2026, 12, 12), .works = true}};                   /* Saturday */
	shifts[0].days = BH_SHIFT_WORK_DAYS;
	shifts[1].days = BH_SHIFT_REST_DAYS;
	struct bh_rules *rules = rules_with(shifts, COUNT(shifts), days, COUNT(days));
	for (unsigned day = 7; day <= 13; day++) {
		bool works = day != 9 && day != 13;
		int64_t noon_ms = china(2026, 12, day, 12, 0);
		assert_int_equal(
			leader_at(rules, works ? LEADER : OTHER_LEADER, noon_ms), BH_DUTY_ON);
		assert_int_equal(
			leader_at(rules, works ? OTHER_LEADER : LEADER, noon_ms), BH_DUTY_OFF);
	}
	bh_rules_unref(rules);
}

static void test_shift__weekdays_and_whole_days(void **state)
{
	(void)state;
	struct bh_msg_shift shifts[] = {
		{.unit = BH_DEMO_DESK_COUNTY,
			.person = LEADER,
			.weekdays = 1u << 4,
			.from_min = 480,
			.to_min = 480}, /* from Friday 8:00 for a whole day */
	};
	struct bh_rules *rules = rules_with(shifts, COUNT(shifts), NULL, 0);
	assert_int_equal(leader_at(rules, LEADER, china(2026, 12, 11, 7, 59)), BH_DUTY_OFF);
	assert_int_equal(leader_at(rules, LEADER, china(2026, 12, 11, 8, 0)), BH_DUTY_ON);
	assert_int_equal(leader_at(rules, LEADER, china(2026, 12, 12, 7, 59)), BH_DUTY_ON);
	assert_int_equal(leader_at(rules, LEADER, china(2026, 12, 12, 8, 0)), BH_DUTY_OFF);
	bh_rules_unref(rules);
}

static void test_shift__of_those_who_hold_a_role_the_ones_on_duty_remain_else_all(void **state)
{
	(void)state;
	const struct bh_msg_shift shifts[] = {WEEK(LEADER, 8, 20), WEEK(OTHER_LEADER, 12, 22)};
	struct bh_rules *rules = rules_with(shifts, COUNT(shifts), NULL, 0);
	const struct {
		int64_t hour;
		size_t count;
		uint32_t first;
	} times[] = {{9, 1, LEADER}, {13, 2, LEADER}, {21, 1, OTHER_LEADER}, {23, 2, LEADER}};
	for (size_t i = 0; i < COUNT(times); i++) {
		const struct bh_msg_post *posts[4];
		int64_t at_ms = china(2026, 12, 8, times[i].hour, 0);
		size_t all = bh_rules_posts_of_area(
			rules, at_ms, BH_ROLE_SHIFT_LEADER, BH_DEMO_COUNTY, posts, 4);
		assert_int_equal(all, 2);
		assert_int_equal(bh_rules_on_duty(rules, posts, all, at_ms), times[i].count);
		assert_int_equal(posts[0]->person, times[i].first);
	}
	bh_rules_unref(rules);
}

static void test_shift__a_look_goes_to_the_nearest_who_is_on_duty(void **state)
{
	(void)state;
	const uint32_t own = BH_DEMO_WORKER(1111), next = BH_DEMO_WORKER(1112);
	struct bh_msg_shift shifts[] = {WEEK(own, 8, 20), WEEK(next, 20, 8)};
	shifts[0].unit = shifts[1].unit = BH_DEMO_DESK_A;
	struct bh_rules *rules = rules_with(shifts, COUNT(shifts), NULL, 0);
	struct bh_worker_ask ask = {
		.area = 1111, .type = BH_DEMO_LITTER, .now_ms = china(2026, 12, 8, 9, 0)};
	assert_int_equal(bh_rules_worker(rules, &ask), own);
	ask.now_ms = china(2026, 12, 8, 23, 0);
	assert_int_equal(bh_rules_worker(rules, &ask), next);
	/* Off duty, but nobody else may: never silence. */
	ask.named = own;
	assert_int_equal(bh_rules_worker(rules, &ask), own);
	/* Where no roster says anything the own grid's worker goes, whatever the hour. */
	ask = (struct bh_worker_ask){
		.area = 1211, .type = BH_DEMO_LITTER, .now_ms = china(2026, 12, 8, 23, 0)};
	assert_int_equal(bh_rules_worker(rules, &ask), BH_DEMO_WORKER(1211));
	bh_rules_unref(rules);
}

static void test_shift__a_shift_ends_where_its_leader_goes(void **state)
{
	(void)state;
	const struct bh_msg_shift shifts[] = {
		WEEK(LEADER, 8, 20), WEEK(OTHER_LEADER, 20, 8), WEEK(DISPATCHER, 8, 16)};
	struct bh_rules *rules = rules_with(shifts, COUNT(shifts), NULL, 0);
	const uint32_t desk = BH_DEMO_DESK_COUNTY;
	assert_int_equal(bh_rules_shift_end(rules, desk, china(2026, 12, 7, 6, 0)),
		china(2026, 12, 7, 20, 0));
	assert_int_equal(bh_rules_shift_end(rules, desk, china(2026, 12, 7, 20, 0)),
		china(2026, 12, 8, 8, 0));
	assert_int_equal(
		bh_rules_shift_end(rules, desk, china(2026, 12, 14, 8, 0)), BH_CALENDAR_NEVER);
	assert_int_equal(bh_rules_shift_end(rules, BH_DEMO_DESK_A, china(2026, 12, 8, 8, 0)),
		BH_CALENDAR_NEVER);
	assert_int_equal(bh_rules_rostered(rules, 0), desk);
	assert_int_equal(bh_rules_rostered(rules, desk), 0);
	assert_false(bh_rules_leads_shift(rules, desk, DISPATCHER, china(2026, 12, 8, 9, 0)));
	bh_rules_unref(rules);
}

/* S1-28: the calendar switches a desk's rows, both ways, and those of no other desk. */
static void test_shift__a_period_of_heightened_duty_has_rows_of_its_own(void **state)
{
	(void)state;
	const struct bh_msg_duty_period games = {
		.id = 1, .from_day = civil_day(2026, 12, 9), .to_day = civil_day(2026, 12, 10)};
	struct bh_msg_shift shifts[] = {WEEK(LEADER, 8, 20), WEEK(OTHER_LEADER, 20, 8),
		WEEK(OTHER_LEADER, 6, 18), WEEK(LEADER, 18, 6), WEEK(BH_DEMO_WORKER(1111), 8, 20),
		WEEK(DISPATCHER, 0, 24)};
	struct bh_demo_profile *demo = malloc(sizeof *demo);
	assert_non_null(demo);
	bh_demo_profile(demo);
	shifts[2].heightened = shifts[3].heightened = shifts[5].heightened = true;
	shifts[4].unit = BH_DEMO_DESK_A;
	demo->profile.shifts = shifts;
	demo->profile.shifts_count = COUNT(shifts);
	demo->profile.duty_periods = &games;
	demo->profile.duty_periods_count = 1;
	struct bh_rules *rules = bh_demo_build(demo);
	for (unsigned day = 8; day <= 11; day++) {
		bool switched = day == 9 || day == 10;
		int64_t noon_ms = china(2026, 12, day, 12, 0);
		assert_int_equal(
			leader_at(rules, LEADER, noon_ms), switched ? BH_DUTY_OFF : BH_DUTY_ON);
		assert_int_equal(leader_at(rules, OTHER_LEADER, noon_ms),
			switched ? BH_DUTY_ON : BH_DUTY_OFF);
		assert_int_equal(duty_of(rules, BH_DEMO_WORKER(1111), BH_ROLE_GRID_WORKER, noon_ms),
			BH_DUTY_ON);
		/* who is called up for it alone is otherwise as without a roster */
		assert_int_equal(duty_of(rules, DISPATCHER, BH_ROLE_DISPATCHER, noon_ms),
			switched ? BH_DUTY_ON : BH_DUTY_OPEN);
	}
	/* The night before it goes on to its end, as its last night does. */
	assert_int_equal(leader_at(rules, OTHER_LEADER, china(2026, 12, 9, 5, 0)), BH_DUTY_ON);
	assert_int_equal(leader_at(rules, LEADER, china(2026, 12, 11, 5, 0)), BH_DUTY_ON);
	assert_int_equal(bh_rules_shift_end(rules, BH_DEMO_DESK_COUNTY, china(2026, 12, 10, 6, 0)),
		china(2026, 12, 10, 18, 0));
	shifts[2].to_day = shifts[3].to_day = shifts[5].to_day = civil_day(2026, 12, 9);
	bh_rules_unref(rules);
	rules = bh_demo_build(demo); /* on the second day the desk has none: it goes on as ever */
	assert_int_equal(leader_at(rules, LEADER, china(2026, 12, 10, 12, 0)), BH_DUTY_ON);
	bh_rules_unref(rules);
	free(demo);
}

static void test_shift__who_stays_ends_no_shift(void **state)
{
	(void)state;
	const struct bh_msg_shift shifts[] = {WEEK(LEADER, 8, 20), WEEK(LEADER, 20, 8)};
	struct bh_rules *rules = rules_with(shifts, COUNT(shifts), NULL, 0);
	assert_int_equal(bh_rules_shift_end(rules, BH_DEMO_DESK_COUNTY, china(2026, 12, 9, 0, 0)),
		china(2026, 12, 14, 8, 0));
	bh_rules_unref(rules);
}

static void test_shift__gaps_are_told_with_their_hours(void **state)
{
	(void)state;
	struct bh_shift_gap gaps[GAPS_MAX];
	struct bh_msg_shift shifts[] = {
		WEEK(LEADER, 8, 18), WEEK(OTHER_LEADER, 20, 8), WEEK(DISPATCHER, 8, 19)};
	shifts[1].to_day = civil_day(2026, 12, 12); /* the last night is missing */
	struct bh_rules *rules = rules_with(shifts, COUNT(shifts), NULL, 0);
	size_t count = bh_rules_shift_gaps(rules, china(2026, 12, 1, 0, 0), gaps, GAPS_MAX);
	/* 18 to 19 without a leader, 19 to 20 without anybody, on seven days; the last goes on. */
	assert_int_equal(count, 14);
	assert_int_equal(gaps[0].from_ms, china(2026, 12, 7, 18, 0));
	assert_int_equal(gaps[0].to_ms, china(2026, 12, 7, 19, 0));
	assert_true(gaps[0].leader);
	assert_int_equal(gaps[1].from_ms, china(2026, 12, 7, 19, 0));
	assert_int_equal(gaps[1].to_ms, china(2026, 12, 7, 20, 0));
	assert_false(gaps[1].leader);
	assert_int_equal(gaps[13].to_ms, china(2026, 12, 14, 0, 0));
	/* What is past is no gap any more, and the list is cut where the caller says. */
	assert_int_equal(bh_rules_shift_gaps(rules, china(2026, 12, 13, 9, 0), gaps, 1), 2);
	bh_rules_unref(rules);
}

static void test_shift__every_fault_of_a_row_is_told(void **state)
{
	(void)state;
	struct bh_profile_fault faults[GAPS_MAX];
	struct bh_demo_profile *demo = malloc(sizeof *demo);
	struct bh_msg_shift shifts[] = {WEEK(LEADER, 8, 20), WEEK(LEADER, 24, 8),
		WEEK(LEADER, 8, 25), WEEK(4711, 8, 20), WEEK(LEADER, 8, 20), WEEK(LEADER, 8, 20),
		WEEK(LEADER, 8, 20)};
	struct bh_rules *rules = NULL;
	size_t count = 0;
	assert_non_null(demo);
	shifts[4].unit = 9999;
	shifts[5].to_day = shifts[5].from_day - 1;
	shifts[6].days = BH_SHIFT_DAYS_COUNT;
	bh_demo_profile(demo);
	demo->profile.shifts = shifts;
	demo->profile.shifts_count = COUNT(shifts);
	assert_int_equal(
		bh_rules_build(&demo->profile, faults, GAPS_MAX, &count, &rules), BH_ERR_INVALID);
	assert_int_equal(count, 6);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(faults[i].list, "shifts");
		assert_int_equal(faults[i].index, i + 1);
	}
	free(demo);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shift__a_night_is_of_the_day_on_which_it_begins),
		cmocka_unit_test(test_shift__make_up_days_are_days_of_work_and_holidays_of_rest),
		cmocka_unit_test(test_shift__weekdays_and_whole_days),
		cmocka_unit_test(
			test_shift__of_those_who_hold_a_role_the_ones_on_duty_remain_else_all),
		cmocka_unit_test(test_shift__a_look_goes_to_the_nearest_who_is_on_duty),
		cmocka_unit_test(test_shift__a_shift_ends_where_its_leader_goes),
		cmocka_unit_test(test_shift__a_period_of_heightened_duty_has_rows_of_its_own),
		cmocka_unit_test(test_shift__who_stays_ends_no_shift),
		cmocka_unit_test(test_shift__gaps_are_told_with_their_hours),
		cmocka_unit_test(test_shift__every_fault_of_a_row_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
