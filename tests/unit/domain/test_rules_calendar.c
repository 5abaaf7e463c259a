/* The calendar that rules are built with: every fault of its days is told by its place, what is
 * right is owned by the rules, and its version is another with every change of what it answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/err.h"
#include "tests/unit/domain/civil.h"
#include "tests/unit/domain/demo_rules.h"

#define FAULTS_MAX 16u

static struct bh_demo_profile *demo_new(const struct bh_msg_calendar_day *days, size_t count)
{
	struct bh_demo_profile *demo = malloc(sizeof *demo);
	assert_non_null(demo);
	bh_demo_profile(demo);
	demo->profile.settings.days = days;
	demo->profile.settings.days_count = count;
	return demo;
}

static uint32_t version_with(const struct bh_msg_calendar_day *days, size_t count)
{
	struct bh_demo_profile *demo = demo_new(days, count);
	struct bh_rules *rules = bh_demo_build(demo);
	uint32_t version = bh_rules_calendar(rules)->version;
	bh_rules_unref(rules);
	free(demo);
	return version;
}

static void test_rules_calendar__days_are_the_rules_own(void **state)
{
	(void)state;
	char name[] = "国庆节";
	struct bh_msg_calendar_day days[] = {{.day = civil_day(2027, 10, 9), .works = true},
		{.day = civil_day(2027, 10, 1), .name = bh_span(name, strlen(name))},
		{.day = civil_day(2027, 10, 10), .works = true, .as = 5}};
	struct bh_demo_profile *demo = demo_new(days, 3);
	struct bh_rules *rules = bh_demo_build(demo);
	memset(demo, 0xee, sizeof *demo);
	memset(days, 0xee, sizeof days);
	memset(name, 0xee, sizeof name);
	free(demo);
	const struct bh_calendar *calendar = bh_rules_calendar(rules);
	assert_int_equal(calendar->days_count, 3);
	assert_int_equal(calendar->days[1].weekday, 1); /* the first that has periods */
	assert_int_equal(calendar->days[2].weekday, 5);
	assert_int_equal(bh_calendar_walk(calendar, china(2027, 9, 30, 17, 0), 2 * HOUR),
		china(2027, 10, 4, 9, 0));
	assert_memory_equal(bh_rules_settings(rules)->days[1].name.data, "国庆节", 9);
	bh_rules_unref(rules);
}

static void test_rules_calendar__every_fault_of_a_day_is_told(void **state)
{
	(void)state;
	const struct bh_msg_calendar_day days[] = {{.day = 20000}, {.day = 20001, .works = true},
		{.day = 20000, .works = true}, {.day = BH_CALENDAR_DAY_MAX + 1},
		{.day = 20002, .works = true, .as = 6}, {.day = 20003, .works = true, .as = 8},
		{.day = 20004, .as = 1}, {.day = 20001}};
	static const struct {
		size_t index;
		const char *what;
	} wanted[] = {{2, "this day stands there twice"}, {3, "out of range"},
		{4, "weekday that has no periods"}, {5, "out of range"}, {6, "works as no weekday"},
		{7, "this day stands there twice"}};
	struct bh_demo_profile *demo = demo_new(days, sizeof(days) / sizeof(days[0]));
	struct bh_profile_fault faults[FAULTS_MAX];
	struct bh_rules *rules = NULL;
	size_t count = 0;
	assert_int_equal(
		bh_rules_build(&demo->profile, faults, FAULTS_MAX, &count, &rules), BH_ERR_INVALID);
	assert_null(rules);
	assert_int_equal(count, 6);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(faults[i].list, "days");
		assert_int_equal(faults[i].index, wanted[i].index);
		assert_non_null(strstr(faults[i].what, wanted[i].what));
	}
	free(demo);
}

static void test_rules_calendar__more_days_than_there_is_room_are_one_fault(void **state)
{
	(void)state;
	static struct bh_msg_calendar_day days[BH_CALENDAR_DAYS_MAX + 100];
	struct bh_profile_fault faults[FAULTS_MAX];
	struct bh_rules *rules = NULL;
	size_t count = 0;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		days[i].day = 10000 + (int32_t)i;
	struct bh_demo_profile *demo = demo_new(days, sizeof(days) / sizeof(days[0]));
	assert_int_equal(
		bh_rules_build(&demo->profile, faults, FAULTS_MAX, &count, &rules), BH_ERR_INVALID);
	assert_int_equal(count, 1);
	assert_int_equal(faults[0].index, BH_CALENDAR_DAYS_MAX);
	assert_string_equal(faults[0].what, "too many days");
	demo->profile.settings.days_count = BH_CALENDAR_DAYS_MAX;
	rules = bh_demo_build(demo);
	assert_int_equal(bh_rules_calendar(rules)->days_count, BH_CALENDAR_DAYS_MAX);
	bh_rules_unref(rules);
	free(demo);
}

static void test_rules_calendar__its_version_is_of_what_it_answers(void **state)
{
	(void)state;
	const struct bh_msg_calendar_day ab[] = {{.day = 20000}, {.day = 20005, .works = true}};
	const struct bh_msg_calendar_day ba[] = {{.day = 20005, .works = true, .as = 1},
		{.day = 20000, .name = {(const uint8_t *)"x", 1}, .list_year = 2025}};
	const struct bh_msg_calendar_day other[] = {{.day = 20000}, {.day = 20005}};
	assert_int_equal(version_with(ab, 2), version_with(ba, 2));
	assert_int_not_equal(version_with(ab, 2), version_with(other, 2));
	assert_int_not_equal(version_with(ab, 2), version_with(ab, 1));
	assert_int_not_equal(version_with(ab, 1), version_with(NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_calendar__days_are_the_rules_own),
		cmocka_unit_test(test_rules_calendar__every_fault_of_a_day_is_told),
		cmocka_unit_test(test_rules_calendar__more_days_than_there_is_room_are_one_fault),
		cmocka_unit_test(test_rules_calendar__its_version_is_of_what_it_answers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
