/* Holidays and make-up days (调休): dates done by hand, the edges by name, a count of minutes, and
 * the laws of working time with days that are not as the week says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/calendar.h"
#include "proto/calendar_mark.h"
#include "proto/err.h"
#include "tests/unit/domain/civil.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct dated {
	struct bh_calendar calendar;
	struct bh_calendar_day room[BH_CALENDAR_DAYS_MAX];
};

static struct dated *dated_new(struct bh_calendar calendar)
{
	struct dated *dated = test_malloc(sizeof(*dated));

	dated->calendar = calendar;
	bh_calendar_give_room(&dated->calendar, dated->room, BH_CALENDAR_DAYS_MAX);
	return dated;
}

static void add(struct dated *dated, int32_t day, uint32_t weekday)
{
	assert_int_equal(bh_calendar_add_day(&dated->calendar, day, weekday), BH_NOERR);
}

static void add_range(struct dated *dated, int32_t from, int32_t to, uint32_t weekday)
{
	for (int32_t day = from; day <= to; day++)
		add(dated, day, weekday);
}

/* The National Day of 2027 as a list may have it: Friday 1 to Thursday 7 October are free, Sunday
 * 26 September and Saturday 9 October are worked as a Monday. */
static struct dated *national_day(void)
{
	struct dated *dated = dated_new(bh_calendar_default(CHINA));

	add(dated, civil_day(2027, 10, 9), 1);
	add_range(dated, civil_day(2027, 10, 1), civil_day(2027, 10, 7), 0);
	add(dated, civil_day(2027, 9, 26), 1);
	return dated;
}

static void test_calendar_days__a_week_of_holidays_is_passed_over(void **state)
{
	struct dated *dated = national_day();
	const struct bh_calendar *c = &dated->calendar;
	const struct {
		int64_t start, work, due;
	} rows[] = {
		/* spans the whole week: Thursday's last hour, then Friday's first */
		{china(2027, 9, 30, 17, 0), 2 * HOUR, china(2027, 10, 8, 9, 0)},
		/* ends with the last hour before: not after the holiday */
		{china(2027, 9, 30, 17, 0), HOUR, china(2027, 9, 30, 18, 0)},
		{china(2027, 9, 30, 17, 0), HOUR + 1, china(2027, 10, 8, 8, 0) + 1},
		/* a limit that starts outside hours: in the holiday, at its first and last instant
		 */
		{china(2027, 10, 3, 10, 0), HOUR, china(2027, 10, 8, 9, 0)},
		{china(2027, 10, 1, 0, 0), HOUR, china(2027, 10, 8, 9, 0)},
		{china(2027, 10, 8, 0, 0) - 1, HOUR, china(2027, 10, 8, 9, 0)},
		{china(2027, 9, 30, 23, 0), HOUR, china(2027, 10, 8, 9, 0)},
		/* the make-up Saturday works like a Monday, and Sunday does not */
		{china(2027, 10, 8, 17, 0), 2 * HOUR, china(2027, 10, 9, 9, 0)},
		{china(2027, 10, 8, 17, 0), 9 * HOUR, china(2027, 10, 9, 18, 0)},
		{china(2027, 10, 8, 17, 0), 9 * HOUR + 1, china(2027, 10, 11, 8, 0) + 1},
		{china(2027, 10, 9, 13, 0), HOUR, china(2027, 10, 9, 15, 0)},
		/* the make-up Sunday is the end of its week: over the edge to Monday */
		{china(2027, 9, 24, 17, 0), 2 * HOUR, china(2027, 9, 26, 9, 0)},
		{china(2027, 9, 26, 17, 0), 2 * HOUR, china(2027, 9, 27, 9, 0)},
		{china(2027, 9, 26, 8, 0), 8 * HOUR, china(2027, 9, 26, 18, 0)},
		/* nothing to do is due at once, in a holiday too */
		{china(2027, 10, 3, 10, 0), 0, china(2027, 10, 3, 10, 0)},
		/* a thousand weeks later the days still count */
		{china(2027, 9, 20, 8, 0), (40000 - 24) * HOUR,
			china(2027, 9, 24, 18, 0) + 999 * 7 * DAY},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (bh_calendar_walk(c, rows[i].start, rows[i].work) != rows[i].due)
			fail_msg("row %zu", i);
	test_free(dated);
}

static void test_calendar_days__what_lies_between_counts_both_ways(void **state)
{
	struct dated *dated = national_day();
	const struct bh_calendar *c = &dated->calendar;

	(void)state;
	assert_int_equal(
		bh_calendar_between(c, china(2027, 10, 1, 0, 0), china(2027, 10, 8, 0, 0)), 0);
	assert_int_equal(
		bh_calendar_between(c, china(2027, 10, 9, 0, 0), china(2027, 10, 9, 24, 0)),
		8 * HOUR);
	assert_int_equal(
		bh_calendar_between(c, china(2027, 10, 11, 0, 0), china(2027, 9, 26, 0, 0)),
		-(8 + 32 + 8 + 8) * HOUR);
	test_free(dated);
}

static void test_calendar_days__reminders_wait_for_the_first_day_of_work(void **state)
{
	struct dated *dated = national_day();
	const struct bh_calendar *c = &dated->calendar;

	(void)state;
	assert_int_equal(
		bh_calendar_next_working(c, china(2027, 9, 30, 18, 0)), china(2027, 10, 8, 8, 0));
	assert_int_equal(
		bh_calendar_next_working(c, china(2027, 10, 4, 10, 0)), china(2027, 10, 8, 8, 0));
	assert_int_equal(
		bh_calendar_next_working(c, china(2027, 10, 8, 18, 0)), china(2027, 10, 9, 8, 0));
	assert_int_equal(
		bh_calendar_next_working(c, china(2027, 10, 9, 12, 0)), china(2027, 10, 9, 14, 0));
	assert_int_equal(
		bh_calendar_next_working(c, china(2027, 9, 25, 9, 0)), china(2027, 9, 26, 8, 0));
	assert_false(bh_calendar_is_working(c, china(2027, 10, 4, 10, 0)));
	assert_true(bh_calendar_is_working(c, china(2027, 10, 9, 10, 0)));
	assert_true(bh_calendar_is_working(c, china(2027, 10, 9, 18, 0) - 1));
	assert_false(bh_calendar_is_working(c, china(2027, 10, 9, 18, 0)));
	test_free(dated);
}

/* Divided limits (tests of the real programs) do not divide the wait for the morning. */
static void test_calendar_days__a_divisor_divides_work_and_not_the_wait(void **state)
{
	struct dated *dated = national_day();

	(void)state;
	dated->calendar.due_divisor = 60;
	assert_int_equal(bh_calendar_walk(&dated->calendar, china(2027, 10, 4, 10, 0), 8 * HOUR),
		china(2027, 10, 8, 8, 8));
	assert_int_equal(bh_calendar_next_working(&dated->calendar, china(2027, 10, 4, 10, 0)),
		china(2027, 10, 8, 8, 0));
	test_free(dated);
}

/* 24:00 is the end of a day: what ends there ends there, whatever the next day is. */
static void test_calendar_days__a_day_that_ends_at_24_00_beside_a_holiday(void **state)
{
	static const struct bh_work_period nights[] = {
		{1, 0, 1440}, {2, 0, 120}, {2, 1320, 1440}, {3, 0, 60}, {7, 1380, 1440}};
	struct bh_calendar week;

	(void)state;
	assert_int_equal(bh_calendar_build(1, CHINA, nights, COUNT(nights), &week, NULL), BH_NOERR);
	struct dated *dated = dated_new(week);
	const struct bh_calendar *c = &dated->calendar;
	/* Tuesday 2 March 2027 is a holiday, Wednesday works as a Monday, Thursday as a Sunday. */
	add(dated, civil_day(2027, 3, 2), 0);
	add(dated, civil_day(2027, 3, 3), 1);
	add(dated, civil_day(2027, 3, 4), 7);
	assert_int_equal(
		bh_calendar_walk(c, china(2027, 3, 1, 0, 0), 24 * HOUR), china(2027, 3, 1, 24, 0));
	assert_int_equal(bh_calendar_walk(c, china(2027, 3, 1, 0, 0), 24 * HOUR + 1),
		china(2027, 3, 3, 0, 0) + 1);
	assert_int_equal(
		bh_calendar_walk(c, china(2027, 3, 1, 12, 0), 36 * HOUR), china(2027, 3, 3, 24, 0));
	assert_int_equal(
		bh_calendar_walk(c, china(2027, 3, 3, 0, 0), 25 * HOUR), china(2027, 3, 4, 24, 0));
	assert_int_equal(
		bh_calendar_next_working(c, china(2027, 3, 3, 24, 0)), china(2027, 3, 4, 23, 0));
	assert_false(bh_calendar_is_working(c, china(2027, 3, 2, 0, 0)));
	assert_true(bh_calendar_is_working(c, china(2027, 3, 2, 0, 0) - 1));
	test_free(dated);
}

/* D02: a leap day that is free, and one that is worked. */
static void test_calendar_days__29_february(void **state)
{
	struct dated *dated = dated_new(bh_calendar_default(CHINA));
	const struct bh_calendar *c = &dated->calendar;

	(void)state;
	/* Tuesday in 2028; Sunday 29 February 2032 is worked as a Friday. */
	add(dated, civil_day(2028, 2, 29), 0);
	add(dated, civil_day(2032, 2, 29), 5);
	assert_int_equal(
		bh_calendar_walk(c, china(2028, 2, 28, 17, 0), 2 * HOUR), china(2028, 3, 1, 9, 0));
	assert_int_equal(
		bh_calendar_walk(c, china(2032, 2, 27, 17, 0), 2 * HOUR), china(2032, 2, 29, 9, 0));
	assert_int_equal(bh_calendar_between(c, china(2028, 2, 1, 0, 0), china(2028, 3, 1, 0, 0)),
		20 * 8 * HOUR);
	assert_int_equal(bh_calendar_between(c, china(2032, 2, 1, 0, 0), china(2032, 3, 1, 0, 0)),
		21 * 8 * HOUR);
	test_free(dated);
}

/* However long nobody works, the answer is found at once, and it is NEVER only outside the range.
 */
static void test_calendar_days__a_year_without_any_work_day_ends(void **state)
{
	struct dated *dated = dated_new(bh_calendar_default(CHINA));
	const struct bh_calendar *c = &dated->calendar;

	(void)state;
	add_range(dated, civil_day(2027, 1, 1), civil_day(2027, 12, 31), 0);
	assert_int_equal(
		bh_calendar_walk(c, china(2026, 12, 31, 17, 0), 2 * HOUR), china(2028, 1, 3, 9, 0));
	assert_int_equal(
		bh_calendar_next_working(c, china(2027, 1, 1, 9, 0)), china(2028, 1, 3, 8, 0));
	assert_int_equal(
		bh_calendar_between(c, china(2027, 1, 1, 0, 0), china(2028, 1, 1, 0, 0)), 0);
	test_free(dated);
	/* The last days of all are free: there is no next day of work. */
	dated = dated_new(bh_calendar_default(CHINA));
	c = &dated->calendar;
	add_range(dated, BH_CALENDAR_DAY_MAX - 4000, BH_CALENDAR_DAY_MAX, 0);
	int64_t begin = (BH_CALENDAR_DAY_MAX - 4000) * DAY - 8 * HOUR;
	assert_int_equal(bh_calendar_walk(c, begin, 8 * HOUR + 1) == BH_CALENDAR_NEVER, true);
	test_free(dated);
}

/* The local day of an override is the district's, wherever that lies. */
static void test_calendar_days__the_day_is_the_local_one_at_any_offset(void **state)
{
	static const int32_t offsets[] = {-840, -210, 0, CHINA, 840};

	(void)state;
	for (size_t i = 0; i < COUNT(offsets); i++) {
		struct dated *dated = dated_new(bh_calendar_default(offsets[i]));
		const struct bh_calendar *c = &dated->calendar;
		int64_t midnight = civil_day(2027, 10, 1) * DAY - offsets[i] * MINUTE;

		add(dated, civil_day(2027, 10, 1), 0);
		add(dated, civil_day(2027, 10, 2), 1);
		assert_int_equal(bh_calendar_walk(c, midnight - 7 * HOUR, 2 * HOUR),
			midnight + DAY + 9 * HOUR);
		assert_int_equal(bh_calendar_between(c, midnight, midnight + DAY), 0);
		assert_int_equal(
			bh_calendar_between(c, midnight + DAY, midnight + 2 * DAY), 8 * HOUR);
		test_free(dated);
	}
}

static void test_calendar_days__what_cannot_be_a_day_is_refused(void **state)
{
	static const struct bh_work_period midweek[] = {{3, 480, 720}, {4, 480, 720}};
	struct bh_calendar week;
	struct bh_calendar_day room[2];

	(void)state;
	assert_int_equal(bh_calendar_build(1, CHINA, midweek, 2, &week, NULL), BH_NOERR);
	assert_int_equal(bh_calendar_add_day(&week, 0, 0), BH_ERR_LIMIT);
	assert_int_equal(bh_calendar_first_weekday(&week), 3);
	bh_calendar_give_room(&week, room, 2);
	assert_int_equal(bh_calendar_add_day(&week, BH_CALENDAR_DAY_MAX + 1, 0), BH_ERR_INVALID);
	assert_int_equal(bh_calendar_add_day(&week, BH_CALENDAR_DAY_MIN - 1, 0), BH_ERR_INVALID);
	assert_int_equal(bh_calendar_add_day(&week, 0, 8), BH_ERR_INVALID);
	assert_int_equal(bh_calendar_add_day(&week, 0, 1), BH_ERR_NOT_FOUND);
	assert_int_equal(week.days_count, 0);
	assert_int_equal(bh_calendar_add_day(&week, BH_CALENDAR_DAY_MAX, 3), BH_NOERR);
	assert_int_equal(bh_calendar_add_day(&week, BH_CALENDAR_DAY_MIN, 0), BH_NOERR);
	assert_int_equal(bh_calendar_add_day(&week, BH_CALENDAR_DAY_MAX, 0), BH_ERR_EXISTS);
	assert_int_equal(bh_calendar_add_day(&week, 0, 0), BH_ERR_LIMIT);
	assert_int_equal(bh_calendar_weekday(0), 4);
	assert_int_equal(bh_calendar_weekday(-4), 7);
	assert_int_equal(bh_calendar_weekday(civil_day(2027, 10, 9)), 6);
}

/* What due times are computed again by: the week, its offset and the overrides; neither a version
 * nor the scale of tests. */
static void test_calendar_days__the_mark_is_of_what_answers_depend_on(void **state)
{
	struct dated *a = national_day(), *b = national_day();
	struct bh_calendar east = bh_calendar_default(540), here = bh_calendar_default(CHINA);

	(void)state;
	b->calendar.version = 7;
	b->calendar.due_divisor = 60;
	assert_int_equal(bh_calendar_mark(&a->calendar), bh_calendar_mark(&b->calendar));
	add(a, civil_day(2028, 1, 1), 1);
	assert_int_not_equal(bh_calendar_mark(&a->calendar), bh_calendar_mark(&b->calendar));
	add(b, civil_day(2028, 1, 1), 2);
	assert_int_not_equal(bh_calendar_mark(&a->calendar), bh_calendar_mark(&b->calendar));
	assert_int_not_equal(bh_calendar_mark(&a->calendar), bh_calendar_mark(&here));
	assert_int_not_equal(bh_calendar_mark(&here), bh_calendar_mark(&east));
	assert_int_not_equal(bh_calendar_mark(&here), 0); /* which says that none is known */
	test_free(a);
	test_free(b);
}

/* ---- Against a count of minutes, and the laws ---- */

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Days of some months in any order; half of them twice, which is refused. */
static struct dated *random_days(uint64_t *seed, int32_t first, uint32_t span)
{
	struct dated *dated = dated_new(
		bh_calendar_default((int32_t)(next_random(seed) % 1681) - 840));
	uint32_t count = (uint32_t)(next_random(seed) % span);

	for (uint32_t i = 0; i < count; i++) {
		int32_t day = first + (int32_t)(next_random(seed) % span);
		uint32_t weekday = (uint32_t)(next_random(seed) % 6);
		int err = bh_calendar_add_day(&dated->calendar, day, weekday);
		assert_true(err == BH_NOERR || err == BH_ERR_EXISTS);
	}
	return dated;
}

static void test_calendar_days__laws_hold_with_any_days(void **state)
{
	uint64_t seed = 20271001;

	(void)state;
	for (uint32_t round = 0; round < 200; round++) {
		struct dated *dated = random_days(&seed, 20000, 1 + round);
		const struct bh_calendar *c = &dated->calendar;

		for (int i = 0; i < 300; i++) {
			int64_t start = 19990 * DAY +
					(int64_t)(next_random(&seed) % (uint64_t)(250 * DAY));
			int64_t work = (int64_t)(next_random(&seed) % (uint64_t)(90 * DAY));
			int64_t due = bh_calendar_walk(c, start, work);
			int64_t next = bh_calendar_next_working(c, start);

			assert_int_equal(bh_calendar_between(c, start, due), work);
			if (work > 0)
				assert_int_equal(bh_calendar_between(c, start, due - 1), work - 1);
			assert_true(bh_calendar_walk(c, start + 777777, work) >= due);
			assert_int_equal(bh_calendar_walk(c, due, 12345678),
				bh_calendar_walk(c, start, work + 12345678));
			assert_int_equal(bh_calendar_between(c, start, next), 0);
			assert_int_equal(bh_calendar_between(c, next, next + 1), 1);
		}
		test_free(dated);
	}
}

/* In order or not, the sums are the same. */
static void test_calendar_days__their_order_makes_no_difference(void **state)
{
	struct dated *up = dated_new(bh_calendar_default(CHINA));
	struct dated *down = dated_new(bh_calendar_default(CHINA));

	(void)state;
	for (int32_t i = 0; i < (int32_t)BH_CALENDAR_DAYS_MAX; i++) {
		add(up, i, (uint32_t)(i % 6));
		add(down, (int32_t)BH_CALENDAR_DAYS_MAX - 1 - i,
			(uint32_t)(((int32_t)BH_CALENDAR_DAYS_MAX - 1 - i) % 6));
	}
	assert_memory_equal(up->room, down->room, sizeof(up->room));
	assert_int_equal(bh_calendar_mark(&up->calendar), bh_calendar_mark(&down->calendar));
	assert_int_equal(bh_calendar_add_day(&up->calendar, -1, 0), BH_ERR_LIMIT);
	test_free(up);
	test_free(down);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calendar_days__a_week_of_holidays_is_passed_over),
		cmocka_unit_test(test_calendar_days__what_lies_between_counts_both_ways),
		cmocka_unit_test(test_calendar_days__reminders_wait_for_the_first_day_of_work),
		cmocka_unit_test(test_calendar_days__a_divisor_divides_work_and_not_the_wait),
		cmocka_unit_test(test_calendar_days__a_day_that_ends_at_24_00_beside_a_holiday),
		cmocka_unit_test(test_calendar_days__29_february),
		cmocka_unit_test(test_calendar_days__a_year_without_any_work_day_ends),
		cmocka_unit_test(test_calendar_days__the_day_is_the_local_one_at_any_offset),
		cmocka_unit_test(test_calendar_days__what_cannot_be_a_day_is_refused),
		cmocka_unit_test(test_calendar_days__the_mark_is_of_what_answers_depend_on),
		cmocka_unit_test(test_calendar_days__laws_hold_with_any_days),
		cmocka_unit_test(test_calendar_days__their_order_makes_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
