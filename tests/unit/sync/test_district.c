/* What a District tells a worker's handset to count by: the week, and the days of two years. */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "server/sync/hub.h"
#include "tests/unit/sync/single.h"

#define DAY_MS INT64_C(86400000)

/* 2026-01-01 and, of the years before and after it, a day each. */
#define FIRST_2026 20454
#define LAST_2025 20453
#define FIRST_2027 20819
#define FIRST_2028 21184

static struct bh_msg_district told(struct bh_single *f, struct bh_arena *arena, int32_t day)
{
	struct bh_msg_district out;
	struct bh_rules *rules;
	f->world.hub->district_ms = day * DAY_MS;
	assert_int_equal(bh_reader_rules(f->world.reader, &rules), 0);
	assert_int_equal(bh_district_build(f->world.hub, rules, f->phone.person, arena, &out), 0);
	return out;
}

static void days_import(struct bh_single *f)
{
	static const struct bh_msg_calendar_day days[] = {{.day = LAST_2025},
		{.day = FIRST_2026 + 2, .works = true, .as = 5}, {.day = FIRST_2027},
		{.day = FIRST_2028}};
	f->world.demo->profile.settings.days = days;
	f->world.demo->profile.settings.days_count = 4;
	assert_int_equal(bh_world_profile(&f->world).verdict, BH_VERDICT_ACCEPTED);
}

static void test_district__the_week_is_told_as_the_server_counts_it(void **state)
{
	struct bh_single *f = *state;
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_msg_calendar calendar = told(f, &arena, FIRST_2026).calendar;
	struct bh_rules *rules;
	assert_int_equal(bh_reader_rules(f->world.reader, &rules), 0);
	assert_int_equal(calendar.version, bh_rules_calendar(rules)->version);
	assert_int_equal(calendar.week_count, 10);
	assert_int_equal(calendar.week[9].weekday, 5);
	assert_int_equal(calendar.week[9].from_min, 14 * 60);
	assert_int_equal(calendar.week[9].to_min, 18 * 60);
	assert_int_equal(calendar.days_count, 0);
	bh_arena_free(&arena);
}

static void test_district__days_of_this_year_and_the_next_are_told_and_each_year_anew(void **state)
{
	struct bh_single *f = *state;
	struct bh_arena arena = BH_ARENA(1u << 20);
	uint32_t before = told(f, &arena, FIRST_2026).version;
	days_import(f);
	struct bh_msg_district now = told(f, &arena, FIRST_2026);
	assert_int_equal(now.calendar.days_count, 2);
	assert_int_equal(now.calendar.days[0].day, FIRST_2026 + 2);
	assert_true(now.calendar.days[0].works);
	assert_int_equal(now.calendar.days[0].as, 5);
	assert_int_equal(now.calendar.days[1].day, FIRST_2027);
	assert_false(now.calendar.days[1].works);
	assert_int_not_equal(now.version, before);
	assert_int_equal(told(f, &arena, FIRST_2027 - 2).version, now.version);
	struct bh_msg_district later = told(f, &arena, FIRST_2027);
	assert_int_equal(later.calendar.days_count, 2);
	assert_int_equal(later.calendar.days[1].day, FIRST_2028);
	assert_int_not_equal(later.version, now.version);
	assert_int_equal(later.calendar.version, now.calendar.version);
	bh_arena_free(&arena);
}

/* A handset that holds the present one is told nothing; one of an older list is. */
static void test_district__a_hello_of_an_older_list_brings_it(void **state)
{
	struct bh_single *f = *state;
	(void)bh_phone_live(&f->phone);
	bh_phone_expect_nothing(&f->phone);
	days_import(f);
	(void)bh_phone_live(&f->phone);
	struct bh_msg_district district = bh_phone_expect(&f->phone, BH_SERVER_DISTRICT).u.district;
	assert_true(district.calendar.version != 0);
	f->phone.profile_version = district.version;
	(void)bh_phone_live(&f->phone);
	bh_phone_expect_nothing(&f->phone);
}

/* Reports at one place, and their push. */
static void again(struct bh_single *f, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i <= to; i++)
		(void)bh_phone_report(&f->phone, "again");
	bh_phone_push(&f->phone, from, to - from + 1, true);
	(void)bh_phone_expect(&f->phone, BH_SERVER_ACK);
}

/* The third report at one place: told with the next Hello, once, and to a worker of that grid. */
static void test_district__a_place_that_repeats_comes_with_the_next_hello(void **state)
{
	struct bh_single *f = *state;
	(void)bh_phone_live(&f->phone);
	again(f, 1, 2);
	(void)bh_phone_live(&f->phone);
	bh_phone_expect_nothing(&f->phone);
	again(f, 3, 3);
	(void)bh_phone_live(&f->phone);
	struct bh_msg_district district = bh_phone_expect(&f->phone, BH_SERVER_DISTRICT).u.district;
	assert_int_equal(district.repeats_count, 1);
	assert_int_equal(district.repeats[0].cases, 3);
	assert_int_equal(district.repeats[0].grid, 1111);
	assert_true(district.repeats[0].has_place);
	f->phone.profile_version = district.version;
	(void)bh_phone_live(&f->phone);
	bh_phone_expect_nothing(&f->phone);
	/* not with each case, but when it changed much */
	again(f, 4, 4);
	(void)bh_phone_live(&f->phone);
	bh_phone_expect_nothing(&f->phone);
	again(f, 5, 6);
	(void)bh_phone_live(&f->phone);
	struct bh_msg_district changed = bh_phone_expect(&f->phone, BH_SERVER_DISTRICT).u.district;
	assert_int_equal(changed.repeats_count, 1);
	assert_int_equal(changed.repeats[0].cases, 6);
	assert_int_not_equal(changed.version, f->phone.profile_version);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bh_single_setup, bh_single_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_district__the_week_is_told_as_the_server_counts_it),
		CASE(test_district__days_of_this_year_and_the_next_are_told_and_each_year_anew),
		CASE(test_district__a_place_that_repeats_comes_with_the_next_hello),
		CASE(test_district__a_hello_of_an_older_list_brings_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
