/* D02: instants as text and back, where calendars and clocks are odd: leap days and leap seconds,
 * the ends of 32 bits, centuries, and every offset, whatever zone the process is in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "tools/handset/moment.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CHINA 480
#define DAY INT64_C(86400000)

struct row {
	const char *text;
	int64_t ms;
};

static const struct row good[] = {
	{"1970-01-01T00:00:00Z", 0},
	{"1970-01-01", -CHINA *INT64_C(60000)}, /* without an offset the given one holds */
	{"1970-01-01T08:00", 0},
	/* 29 February */
	{"2000-02-29T00:00:00Z", INT64_C(951782400000)},
	{"2024-02-29T00:00:00.000+00:00", INT64_C(1709164800000)},
	{"2028-02-29T23:59:59.999Z", INT64_C(1835481599999)},
	{"2028-02-29T20:00:00+08:00", INT64_C(1835438400000)},
	{"2100-02-28T23:59:59Z", INT64_C(4107542399000)},
	{"2100-03-01T00:00:00Z", INT64_C(4107542400000)},
	/* 2038, 2106, and the last that four digits name */
	{"2038-01-19T03:14:07Z", INT64_C(2147483647000)},
	{"2038-01-19T03:14:08Z", INT64_C(2147483648000)},
	{"2038-01-19T11:14:08.001", INT64_C(2147483648001)},
	{"2106-02-07T06:28:16Z", INT64_C(4294967296000)},
	{"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
	/* A leap second is the second after it: 27 were added until now, at the end of a UTC day.
	 */
	{"2016-12-31T23:59:59Z", INT64_C(1483228799000)},
	{"2016-12-31T23:59:60Z", INT64_C(1483228800000)},
	{"2017-01-01T00:00:00Z", INT64_C(1483228800000)},
	{"2017-01-01T07:59:60.250+08:00", INT64_C(1483228800250)},
	{"2017-01-01 07:59:60", INT64_C(1483228800000)},
	{"2016-12-31T18:59:60-05:00", INT64_C(1483228800000)},
	/* Summer time is an offset like any other: the hour that New York has twice, and the one it
	 * has not. */
	{"2026-11-01T01:30:00-04:00", INT64_C(1793511000000)},
	{"2026-11-01T01:30:00-05:00", INT64_C(1793514600000)},
	{"2026-03-08T02:30:00-05:00", INT64_C(1772955000000)},
	{"2026-03-08T03:30:00-04:00", INT64_C(1772955000000)},
};

static const char *const bad[] = {"2100-02-29", "2026-02-29", "1900-02-29", "2028-02-30",
	"2026-04-31", "1969-12-31T23:59:59Z", "10000-01-01", "2026-11-22T24:00:00Z",
	"2026-11-22T23:60:00Z", "2016-12-31T23:59:61Z", "2016-12-31T23:58:60Z",
	"2016-12-31T12:00:60Z", "2016-12-31T23:59:60", "2016-12-31T23:59:60+08:00",
	"2016-12-31T23:59:60.1+00:01", "2026-11-22T20:28:51+24:00", "2026-11-22T20:28:51 CST",
	"2026-11-22T20:28:51America/New_York", ""};

/* Of which none may matter. */
static const char *const zones[] = {
	"UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "EST5EDT", "right/UTC"};

static void zone_enter(const char *zone)
{
	assert_int_equal(setenv("TZ", zone, 1), 0);
}

static void test_moment__D02_odd_times_are_read_as_their_instants_in_every_zone(void **state)
{
	(void)state;
	for (size_t z = 0; z < COUNT(zones); z++) {
		zone_enter(zones[z]);
		for (size_t i = 0; i < COUNT(good); i++) {
			int64_t ms = -1;

			if (!bh_moment_parse(good[i].text, CHINA, &ms) || ms != good[i].ms)
				fail_msg("%s in %s: %jd", good[i].text, zones[z], (intmax_t)ms);
		}
	}
}

static void test_moment__D02_times_that_no_calendar_has_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		int64_t ms = 77;

		if (bh_moment_parse(bad[i], CHINA, &ms) || ms != 77)
			fail_msg("%s was taken: %jd", bad[i], (intmax_t)ms);
	}
}

static void test_moment__D02_display_alone_is_local(void **state)
{
	static const struct {
		int64_t ms;
		int32_t offset_min;
		const char *text;
	} rows[] = {
		{INT64_C(2147483648000), CHINA, "2038-01-19T11:14:08.000+08:00"},
		{INT64_C(2147483648000), 0, "2038-01-19T03:14:08.000+00:00"},
		{INT64_C(4107542399999), CHINA, "2100-03-01T07:59:59.999+08:00"},
		{INT64_C(4107542399999), 0, "2100-02-28T23:59:59.999+00:00"},
		{INT64_C(1835438400000), -720, "2028-02-29T00:00:00.000-12:00"},
		{INT64_C(1793511000000), -240, "2026-11-01T01:30:00.000-04:00"},
		{INT64_C(1793514600000), -300, "2026-11-01T01:30:00.000-05:00"},
		{INT64_C(1483228800000), 0, "2017-01-01T00:00:00.000+00:00"},
		{-1, 0, "1969-12-31T23:59:59.999+00:00"},
	};
	char text[BH_MOMENT_TEXT_SIZE];

	(void)state;
	for (size_t z = 0; z < COUNT(zones); z++) {
		zone_enter(zones[z]);
		for (size_t i = 0; i < COUNT(rows); i++) {
			bh_moment_format(rows[i].ms, rows[i].offset_min, text);
			assert_string_equal(text, rows[i].text);
		}
	}
}

/* Every day to 2400 in three offsets, at its last millisecond and a leap second later. */
static void test_moment__D02_what_is_written_is_read_as_the_same_instant(void **state)
{
	static const int32_t offsets[] = {CHINA, -210, 840};
	char text[BH_MOMENT_TEXT_SIZE], leap[BH_MOMENT_TEXT_SIZE];

	(void)state;
	for (int64_t day = 1; day < INT64_C(157054); day++) {
		int64_t ms = day * DAY - 1, read = 0;

		for (size_t i = 0; i < COUNT(offsets); i++) {
			bh_moment_format(ms, offsets[i], text);
			assert_true(bh_moment_parse(text, 0, &read));
			assert_int_equal(read, ms);
		}
		bh_moment_format(ms, 0, text);
		(void)snprintf(leap, sizeof(leap), "%.17s60Z", text);
		assert_true(bh_moment_parse(leap, CHINA, &read));
		assert_int_equal(read, day * DAY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_moment__D02_odd_times_are_read_as_their_instants_in_every_zone),
		cmocka_unit_test(test_moment__D02_times_that_no_calendar_has_are_refused),
		cmocka_unit_test(test_moment__D02_display_alone_is_local),
		cmocka_unit_test(test_moment__D02_what_is_written_is_read_as_the_same_instant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
