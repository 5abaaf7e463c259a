/* Working time against a count of minutes, against dates done by hand, and against its own laws. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/calendar.h"
#include "proto/err.h"
#include "tests/unit/domain/civil.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static int64_t random_between(uint64_t *seed, int64_t low, int64_t high)
{
	return low + (int64_t)(next_random(seed) % (uint64_t)(high - low + 1));
}

static const struct bh_work_period night_week[] = {{7, 1320, 1440}, {1, 0, 120}, {1, 600, 601},
	{3, 0, 1440}, {4, 0, 30}, {6, 1439, 1440}, {2, 480, 720}, {2, 720, 800}};
static const struct bh_work_period one_minute[] = {{5, 300, 301}};
static const struct bh_work_period always[] = {{1, 0, 1440}, {2, 0, 1440}, {3, 0, 1440},
	{4, 0, 1440}, {5, 0, 1440}, {6, 0, 1440}, {7, 0, 1440}};

static size_t calendars_make(struct bh_calendar calendars[5])
{
	calendars[0] = bh_calendar_default(CHINA);
	assert_int_equal(
		bh_calendar_build(2, -210, night_week, COUNT(night_week), &calendars[1], NULL),
		BH_NOERR);
	assert_int_equal(bh_calendar_build(3, 840, one_minute, 1, &calendars[2], NULL), BH_NOERR);
	assert_int_equal(bh_calendar_build(4, 0, always, 7, &calendars[3], NULL), BH_NOERR);
	calendars[4] = bh_calendar_default(-840);
	return 5;
}

/* Is the minute that begins at at_ms worked?  Asks the list of periods, nothing of the module. */
static bool minute_is_worked(
	const struct bh_work_period *periods, size_t count, int64_t offset_min, int64_t at_ms)
{
	int64_t minutes = at_ms / MINUTE + offset_min + 100 * 365 * 1440 * 7; /* whole weeks: > 0 */
	uint32_t weekday = (uint32_t)((minutes / 1440 + 3) % 7) + 1;
	uint32_t of_day = (uint32_t)(minutes % 1440);
	size_t i;

	for (i = 0; i < count; i++)
		if (periods[i].weekday == weekday && of_day >= periods[i].from_min &&
			of_day < periods[i].to_min)
			return true;
	return false;
}

static void compare_by_minutes(
	const struct bh_work_period *periods, size_t count, int32_t offset, int64_t start_ms)
{
	struct bh_calendar calendar;
	int64_t worked = 0, at;

	assert_int_equal(bh_calendar_build(1, offset, periods, count, &calendar, NULL), BH_NOERR);
	for (at = start_ms; at < start_ms + 15 * DAY; at += MINUTE) {
		bool open = minute_is_worked(periods, count, offset, at);

		assert_int_equal(bh_calendar_between(&calendar, start_ms, at), worked);
		assert_int_equal(bh_calendar_is_working(&calendar, at), open);
		if (!open)
			continue;
		worked += MINUTE;
		/* The limit that this minute fills up ends with it, not a millisecond later. */
		assert_int_equal(bh_calendar_walk(&calendar, start_ms, worked), at + MINUTE);
		assert_int_equal(
			bh_calendar_walk(&calendar, start_ms, worked - 1), at + MINUTE - 1);
	}
}

/* D02: leap days, 1900 and 2100 without one, 2038, and weeks around them. */
static void test_calendar__agrees_with_a_count_of_minutes(void **state)
{
	static const struct bh_work_period week[] = {{1, 480, 720}, {1, 840, 1080}, {2, 480, 720},
		{2, 840, 1080}, {3, 480, 720}, {3, 840, 1080}, {4, 480, 720}, {4, 840, 1080},
		{5, 480, 720}, {5, 840, 1080}};

	(void)state;
	compare_by_minutes(week, COUNT(week), CHINA, china(2026, 11, 20, 17, 30));
	compare_by_minutes(week, COUNT(week), CHINA, china(1969, 12, 27, 3, 0));
	compare_by_minutes(week, COUNT(week), CHINA, china(2100, 2, 26, 9, 0));
	compare_by_minutes(night_week, COUNT(night_week), -210, china(2026, 3, 1, 11, 59));
	compare_by_minutes(one_minute, 1, 840, china(1900, 1, 1, 0, 0));
	compare_by_minutes(always, 7, 0, china(2038, 1, 19, 3, 14));
}

/* D02 as well. */
static void test_calendar__dates_done_by_hand(void **state)
{
	struct bh_calendar c = bh_calendar_default(CHINA);
	/* Friday 2026-11-20, Monday 2026-11-23. */
	const struct {
		int64_t start, work, due;
	} rows[] = {
		/* from the afternoon over the weekend */
		{china(2026, 11, 20, 17, 0), 2 * HOUR, china(2026, 11, 23, 9, 0)},
		/* exactly to the end of a period, of a day, of the week */
		{china(2026, 11, 20, 8, 0), 4 * HOUR, china(2026, 11, 20, 12, 0)},
		{china(2026, 11, 20, 8, 0), 8 * HOUR, china(2026, 11, 20, 18, 0)},
		{china(2026, 11, 16, 8, 0), 40 * HOUR, china(2026, 11, 20, 18, 0)},
		{china(2026, 11, 16, 0, 0), 80 * HOUR, china(2026, 11, 27, 18, 0)},
		/* one millisecond more */
		{china(2026, 11, 20, 8, 0), 8 * HOUR + 1, china(2026, 11, 23, 8, 0) + 1},
		/* starts at noon, at night, on Sunday, at the last instant of a period */
		{china(2026, 11, 20, 13, 0), HOUR, china(2026, 11, 20, 15, 0)},
		{china(2026, 11, 20, 23, 0), HOUR, china(2026, 11, 23, 9, 0)},
		{china(2026, 11, 22, 10, 0), HOUR, china(2026, 11, 23, 9, 0)},
		{china(2026, 11, 20, 12, 0), HOUR, china(2026, 11, 20, 15, 0)},
		{china(2026, 11, 20, 12, 0) - 1, 1, china(2026, 11, 20, 12, 0)},
		/* nothing to do is due at once, also at night */
		{china(2026, 11, 20, 23, 0), 0, china(2026, 11, 20, 23, 0)},
		{china(2026, 11, 20, 10, 0), -5, china(2026, 11, 20, 10, 0)},
		/* Monday 1900-01-01; Friday 2100-12-31; 29 February 2028, a Tuesday */
		{china(1900, 1, 1, 8, 0), 9 * HOUR, china(1900, 1, 2, 9, 0)},
		{china(2100, 12, 31, 17, 0), 2 * HOUR, china(2101, 1, 3, 9, 0)},
		{china(2028, 2, 28, 17, 0), 2 * HOUR, china(2028, 2, 29, 9, 0)},
		/* a thousand working weeks */
		{china(2026, 11, 16, 8, 0), 40000 * HOUR,
			china(2026, 11, 20, 18, 0) + 999 * 7 * DAY},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		if (bh_calendar_walk(&c, rows[i].start, rows[i].work) != rows[i].due)
			fail_msg("row %zu", i);
}

static void test_calendar__between_counts_backwards_as_well(void **state)
{
	struct bh_calendar c = bh_calendar_default(CHINA);
	int64_t friday = china(2026, 11, 20, 17, 0), monday = china(2026, 11, 23, 9, 0);

	(void)state;
	assert_int_equal(bh_calendar_between(&c, friday, monday), 2 * HOUR);
	assert_int_equal(bh_calendar_between(&c, monday, friday), -2 * HOUR);
}

static void test_calendar__walk_and_between_undo_each_other(void **state)
{
	struct bh_calendar calendars[5];
	size_t count = calendars_make(calendars), c;
	uint64_t seed = 20261120;
	int i;

	(void)state;
	for (c = 0; c < count; c++)
		for (i = 0; i < 20000; i++) {
			int64_t start = random_between(
				&seed, china(1890, 1, 1, 0, 0), china(2150, 1, 1, 0, 0));
			int64_t work = random_between(&seed, 0, 1 << (i % 31));
			int64_t more = work + random_between(&seed, 0, 1 << (i % 20));
			int64_t due = bh_calendar_walk(&calendars[c], start, work);

			assert_int_equal(bh_calendar_between(&calendars[c], start, due), work);
			assert_true(due >= start);
			/* The first such instant: just before, something was still to do. */
			if (work > 0)
				assert_int_equal(bh_calendar_between(&calendars[c], start, due - 1),
					work - 1);
			assert_true(bh_calendar_walk(&calendars[c], start, more) >= due);
			/* A later start is never due earlier. */
			assert_true(bh_calendar_walk(&calendars[c], start + (more - work), work) >=
				    due);
		}
}

static void test_calendar__stretches_of_work_add_up(void **state)
{
	struct bh_calendar calendars[5];
	size_t count = calendars_make(calendars), c;
	uint64_t seed = 7;
	int i;

	(void)state;
	for (c = 0; c < count; c++)
		for (i = 0; i < 5000; i++) {
			int64_t start = random_between(&seed, -400 * DAY, 400 * DAY);
			int64_t one = random_between(&seed, 0, 30 * DAY);
			int64_t two = random_between(&seed, 1, 30 * DAY);
			int64_t middle = bh_calendar_walk(&calendars[c], start, one);

			assert_int_equal(bh_calendar_walk(&calendars[c], middle, two),
				bh_calendar_walk(&calendars[c], start, one + two));
		}
}

static void test_calendar__next_working_waits_for_the_morning(void **state)
{
	struct bh_calendar c = bh_calendar_default(CHINA), nights;

	(void)state;
	assert_int_equal(bh_calendar_next_working(&c, china(2026, 11, 20, 18, 0)),
		china(2026, 11, 23, 8, 0));
	assert_int_equal(bh_calendar_next_working(&c, china(2026, 11, 20, 18, 0) - 1),
		china(2026, 11, 20, 18, 0) - 1);
	assert_int_equal(
		bh_calendar_next_working(&c, china(2026, 11, 20, 8, 0)), china(2026, 11, 20, 8, 0));
	assert_int_equal(bh_calendar_next_working(&c, china(2026, 11, 20, 12, 30)),
		china(2026, 11, 20, 14, 0));
	/* 24:00 on Sunday runs into 00:00 on Monday without a gap. */
	assert_int_equal(bh_calendar_build(2, CHINA, night_week, COUNT(night_week), &nights, NULL),
		BH_NOERR);
	assert_true(bh_calendar_is_working(&nights, china(2026, 11, 22, 24, 0) - 1));
	assert_true(bh_calendar_is_working(&nights, china(2026, 11, 22, 24, 0)));
	assert_int_equal(bh_calendar_walk(&nights, china(2026, 11, 22, 21, 0), 3 * HOUR),
		china(2026, 11, 23, 1, 0));
}

static void test_calendar__outside_its_range_the_answer_is_never(void **state)
{
	struct bh_calendar calendars[5];
	size_t count = calendars_make(calendars), c;

	(void)state;
	for (c = 0; c < count; c++) {
		const struct bh_calendar *cal = &calendars[c];

		assert_int_equal(bh_calendar_walk(cal, INT64_MAX, 1), BH_CALENDAR_NEVER);
		assert_int_equal(bh_calendar_walk(cal, INT64_MIN, 1), BH_CALENDAR_NEVER);
		assert_int_equal(bh_calendar_walk(cal, 0, INT64_MAX), BH_CALENDAR_NEVER);
		assert_int_equal(
			bh_calendar_walk(cal, 0, 2 * BH_CALENDAR_MS_MAX), BH_CALENDAR_NEVER);
		assert_int_equal(
			bh_calendar_walk(cal, BH_CALENDAR_MS_MAX, 14 * DAY), BH_CALENDAR_NEVER);
		assert_int_equal(bh_calendar_next_working(cal, INT64_MAX), BH_CALENDAR_NEVER);
		assert_false(bh_calendar_is_working(cal, INT64_MAX));
		assert_int_equal(bh_calendar_between(cal, INT64_MIN, INT64_MAX),
			bh_calendar_between(cal, -BH_CALENDAR_MS_MAX, BH_CALENDAR_MS_MAX));
		assert_int_equal(
			bh_calendar_walk(cal, -BH_CALENDAR_MS_MAX, 0), -BH_CALENDAR_MS_MAX);
	}
}

static void test_calendar__a_bad_period_is_named(void **state)
{
	static const struct bh_work_period overlap[] = {{1, 480, 720}, {2, 0, 60}, {1, 719, 800}};
	static const struct bh_work_period around[] = {{1, 480, 720}, {1, 400, 800}};
	static const struct bh_work_period twice[] = {{1, 480, 720}, {1, 480, 720}};
	static const struct bh_work_period empty[] = {{1, 480, 480}};
	static const struct bh_work_period late[] = {{1, 480, 1441}};
	static const struct bh_work_period eighth[] = {{8, 480, 720}};
	static const struct bh_work_period zeroth[] = {{1, 0, 1}, {0, 480, 720}};
	static const struct {
		const struct bh_work_period *periods;
		size_t count, bad;
		int32_t offset;
	} rows[] = {{overlap, 3, 2, 0}, {around, 2, 1, 0}, {twice, 2, 1, 0}, {empty, 1, 0, 0},
		{late, 1, 0, 0}, {eighth, 1, 0, 0}, {zeroth, 2, 1, 0}, {NULL, 0, 0, 0},
		{always, 7, 7, 841}, {always, 7, 7, -841}};
	struct bh_work_period many[BH_CALENDAR_PERIODS_MAX + 1];
	struct bh_calendar calendar = {.version = 77};
	size_t i, bad = 99;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		assert_int_equal(bh_calendar_build(1, rows[i].offset, rows[i].periods,
					 rows[i].count, &calendar, &bad),
			BH_ERR_INVALID);
		assert_int_equal(bad, rows[i].bad);
		assert_int_equal(calendar.version, 77);
	}
	for (i = 0; i < COUNT(many); i++)
		many[i] = (struct bh_work_period){1, (uint32_t)i * 10, (uint32_t)i * 10 + 10};
	assert_int_equal(bh_calendar_build(1, 0, many, COUNT(many), &calendar, NULL), BH_ERR_LIMIT);
	assert_int_equal(bh_calendar_build(1, 0, many, COUNT(many) - 1, &calendar, NULL), BH_NOERR);
	assert_int_equal(calendar.week_work_ms, BH_CALENDAR_PERIODS_MAX * 10 * MINUTE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calendar__agrees_with_a_count_of_minutes),
		cmocka_unit_test(test_calendar__dates_done_by_hand),
		cmocka_unit_test(test_calendar__between_counts_backwards_as_well),
		cmocka_unit_test(test_calendar__walk_and_between_undo_each_other),
		cmocka_unit_test(test_calendar__stretches_of_work_add_up),
		cmocka_unit_test(test_calendar__next_working_waits_for_the_morning),
		cmocka_unit_test(test_calendar__outside_its_range_the_answer_is_never),
		cmocka_unit_test(test_calendar__a_bad_period_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
