/* Every unit of the catalogue, what was used before, and the thresholds on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/limit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MINUTE ((int64_t)60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
/* Friday 2026-11-20, 00:00 in China. */
#define FRIDAY (INT64_C(1795132800000) - 8 * HOUR)
#define MONDAY (FRIDAY + 3 * DAY)

static void test_limit__each_unit_runs_on_its_own_clock(void **state)
{
	struct bh_calendar c = bh_calendar_default(480);
	/* All start on Friday at 17:00. */
	static const struct {
		struct bh_limit limit;
		int64_t due;
		bool working;
	} rows[] = {
		{{30, BH_LIMIT_URGENT_MINUTE}, FRIDAY + 17 * HOUR + 30 * MINUTE, false},
		{{2, BH_LIMIT_URGENT_HOUR}, FRIDAY + 19 * HOUR, false},
		{{24, BH_LIMIT_URGENT_HOUR}, FRIDAY + 41 * HOUR, false},
		{{2, BH_LIMIT_WORK_HOUR}, MONDAY + 9 * HOUR, true},
		{{4, BH_LIMIT_WORK_HOUR}, MONDAY + 11 * HOUR, true},
		{{1, BH_LIMIT_WORK_DAY}, MONDAY + 17 * HOUR, true},
		{{5, BH_LIMIT_WORK_DAY}, FRIDAY + 7 * DAY + 17 * HOUR, true},
		{{3, BH_LIMIT_NATURAL_DAY}, MONDAY + 17 * HOUR, false},
		{{7, BH_LIMIT_TIER}, FRIDAY + 7 * DAY + 17 * HOUR, false},
		{{0, BH_LIMIT_WORK_DAY}, FRIDAY + 17 * HOUR, true},
		{{0, BH_LIMIT_URGENT_HOUR}, FRIDAY + 17 * HOUR, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		int64_t due = bh_limit_due(&c, rows[i].limit, FRIDAY + 17 * HOUR, 0);

		if (due != rows[i].due)
			fail_msg("row %zu: %+lld ms", i, (long long)(due - rows[i].due));
		assert_int_equal(bh_limit_is_working(rows[i].limit), rows[i].working);
		assert_int_equal(bh_limit_used_ms(&c, rows[i].limit, FRIDAY + 17 * HOUR, due),
			bh_limit_ms(rows[i].limit));
	}
}

static void test_limit__thresholds_are_shares_of_the_limits_own_clock(void **state)
{
	struct bh_calendar c = bh_calendar_default(480);
	struct bh_limit dispatch = {30, BH_LIMIT_URGENT_MINUTE}, day = {1, BH_LIMIT_WORK_DAY};

	(void)state;
	assert_int_equal(bh_limit_threshold(&c, dispatch, FRIDAY, 0, BH_LIMIT_NOTE_PERCENT),
		FRIDAY + 15 * MINUTE);
	assert_int_equal(bh_limit_threshold(&c, dispatch, FRIDAY, 0, BH_LIMIT_YELLOW_PERCENT),
		FRIDAY + 24 * MINUTE);
	assert_int_equal(bh_limit_threshold(&c, dispatch, FRIDAY, 0, 0), FRIDAY);
	/* Half of eight hours from Friday 14:00 is Friday 18:00, the end of the week, not Monday.
	 */
	assert_int_equal(
		bh_limit_threshold(&c, day, FRIDAY + 14 * HOUR, 0, 50), FRIDAY + 18 * HOUR);
	assert_int_equal(bh_limit_threshold(&c, day, FRIDAY + 14 * HOUR, 0, 80),
		MONDAY + 10 * HOUR + 24 * MINUTE);
	assert_int_equal(bh_limit_threshold(&c, day, FRIDAY, 0, 101), BH_CALENDAR_NEVER);
}

static void test_limit__a_pause_moves_the_due_time_by_what_was_left(void **state)
{
	struct bh_calendar c = bh_calendar_default(480);
	struct bh_limit day = {1, BH_LIMIT_WORK_DAY};
	int64_t used;

	(void)state;
	/* Runs Friday 16:00 to 17:00, rests until Tuesday 08:00: seven hours are left. */
	used = bh_limit_used_ms(&c, day, FRIDAY + 16 * HOUR, FRIDAY + 17 * HOUR);
	assert_int_equal(used, HOUR);
	assert_int_equal(
		bh_limit_due(&c, day, MONDAY + DAY + 8 * HOUR, used), MONDAY + DAY + 17 * HOUR);
	/* At 50 per cent three of them. */
	assert_int_equal(bh_limit_threshold(&c, day, MONDAY + DAY + 8 * HOUR, used, 50),
		MONDAY + DAY + 11 * HOUR);
	/* Nothing left: due at once; also where more was used than there was. */
	assert_int_equal(bh_limit_due(&c, day, MONDAY, 8 * HOUR), MONDAY);
	assert_int_equal(bh_limit_due(&c, day, MONDAY, 900 * HOUR), MONDAY);
	/* A negative use is a mistake, not a gift. */
	assert_int_equal(bh_limit_due(&c, day, MONDAY, -1), BH_CALENDAR_NEVER);
	assert_int_equal(bh_limit_used_ms(&c, day, MONDAY, MONDAY - DAY), 0);
}

static void test_limit__stopping_and_going_on_at_once_changes_nothing(void **state)
{
	struct bh_calendar c = bh_calendar_default(480);
	uint64_t seed = 42;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		struct bh_limit limit = {
			(uint32_t)(seed >> 20) % 30, (uint32_t)(seed >> 30) % 6 + 1};
		int64_t start = FRIDAY + (int64_t)(seed >> 33) % (30 * DAY);
		int64_t due = bh_limit_due(&c, limit, start, 0);
		int64_t stop = start + (due - start) / 3;
		int64_t note = bh_limit_threshold(&c, limit, start, 0, 50);
		int64_t yellow = bh_limit_threshold(&c, limit, start, 0, 80);

		assert_true(start <= note && note <= yellow && yellow <= due);
		/* Where nothing is left after the stop, the rest ends at the stop itself. */
		if (bh_limit_used_ms(&c, limit, start, stop) < bh_limit_ms(limit))
			assert_int_equal(bh_limit_due(&c, limit, stop,
						 bh_limit_used_ms(&c, limit, start, stop)),
				due);
		seed = seed * 6364136223846793005u + 1442695040888963407u;
	}
}

static void test_limit__a_test_districts_divisor_shortens_every_clock_alike(void **state)
{
	const struct bh_limit urgent = {30, BH_LIMIT_URGENT_MINUTE}, work = {2, BH_LIMIT_WORK_HOUR};
	struct bh_calendar calendar = bh_calendar_default(480);
	int64_t monday_nine = 1772413200000;

	(void)state;
	calendar.due_divisor = 60;
	assert_int_equal(bh_limit_due(&calendar, urgent, monday_nine, 0), monday_nine + 30000);
	assert_int_equal(
		bh_limit_threshold(&calendar, urgent, monday_nine, 0, 50), monday_nine + 15000);
	assert_int_equal(bh_limit_due(&calendar, work, monday_nine, 0), monday_nine + 120000);
	assert_int_equal(bh_calendar_walk(&calendar, monday_nine, 3600000), monday_nine + 60000);
}

static void test_limit__what_is_not_a_limit_is_never_due(void **state)
{
	struct bh_calendar c = bh_calendar_default(480);
	static const struct bh_limit bad[] = {
		{1, 0}, {1, 7}, {1, UINT32_MAX}, {BH_LIMIT_VALUE_MAX + 1, BH_LIMIT_WORK_DAY}};
	struct bh_limit longest = {BH_LIMIT_VALUE_MAX, BH_LIMIT_NATURAL_DAY};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		assert_false(bh_limit_is_valid(bad[i]));
		assert_false(bh_limit_is_working(bad[i]));
		assert_int_equal(bh_limit_ms(bad[i]), 0);
		assert_int_equal(bh_limit_due(&c, bad[i], FRIDAY, 0), BH_CALENDAR_NEVER);
		assert_int_equal(bh_limit_used_ms(&c, bad[i], FRIDAY, MONDAY), 0);
	}
	assert_int_equal(bh_limit_due(&c, longest, FRIDAY, 0), FRIDAY + 100000 * DAY);
	assert_int_equal(bh_limit_due(&c, longest, BH_CALENDAR_MS_MAX - DAY, 0), BH_CALENDAR_NEVER);
	assert_int_equal(bh_limit_due(&c, longest, INT64_MIN, 0), BH_CALENDAR_NEVER);
	assert_int_equal(bh_limit_due(&c, longest, INT64_MAX, 0), BH_CALENDAR_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limit__each_unit_runs_on_its_own_clock),
		cmocka_unit_test(test_limit__thresholds_are_shares_of_the_limits_own_clock),
		cmocka_unit_test(test_limit__a_pause_moves_the_due_time_by_what_was_left),
		cmocka_unit_test(test_limit__stopping_and_going_on_at_once_changes_nothing),
		cmocka_unit_test(test_limit__a_test_districts_divisor_shortens_every_clock_alike),
		cmocka_unit_test(test_limit__what_is_not_a_limit_is_never_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
