/* RFC 3339 text of instants, against dates that are known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "server/console/time_text.h"

/* D02: also the ends of 32 bits, and the second after a leap second. */
static void test_time__is_written_with_its_offset(void **state)
{
	static const struct {
		int64_t ms;
		int32_t offset_min;
		const char *text;
	} rows[] = {
		{0, 0, "1970-01-01T00:00:00.000+00:00"},
		{-1, 0, "1969-12-31T23:59:59.999+00:00"},
		{INT64_C(951782399999), 0, "2000-02-28T23:59:59.999+00:00"},
		{INT64_C(951782400000), 0, "2000-02-29T00:00:00.000+00:00"},
		{INT64_C(951868800000), 0, "2000-03-01T00:00:00.000+00:00"},
		{INT64_C(4107456000000), 0, "2100-02-28T00:00:00.000+00:00"},
		{INT64_C(4107542400000), 0, "2100-03-01T00:00:00.000+00:00"},
		{INT64_C(1772413200000), 480, "2026-03-02T09:00:00.000+08:00"},
		{INT64_C(1772413200000), -210, "2026-03-01T21:30:00.000-03:30"},
		{INT64_C(1798732799123), 480, "2026-12-31T23:59:59.123+08:00"},
		{INT64_C(1798732799123), 540, "2027-01-01T00:59:59.123+09:00"},
		{INT64_C(1798732799123), 0, "2026-12-31T15:59:59.123+00:00"},
		{INT64_C(1483228800000), 480, "2017-01-01T08:00:00.000+08:00"},
		{INT64_C(2147483647999), 0, "2038-01-19T03:14:07.999+00:00"},
		{INT64_C(2147483648000), 0, "2038-01-19T03:14:08.000+00:00"},
		{INT64_C(4294967296000), 480, "2106-02-07T14:28:16.000+08:00"},
		{INT64_C(1709164800000), 0, "2024-02-29T00:00:00.000+00:00"},
		{INT64_C(253402300799999), 0, "9999-12-31T23:59:59.999+00:00"},
		{INT64_C(-62167219200000), 0, "0000-01-01T00:00:00.000+00:00"},
	};
	char text[BH_TIME_TEXT_SIZE];
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(bh_time_format(rows[i].ms, rows[i].offset_min, text));
		assert_string_equal(text, rows[i].text);
	}
}

static void test_time__outside_four_digits_is_empty(void **state)
{
	static const int64_t far[] = {INT64_C(253402300800000), INT64_C(-62167219200001), INT64_MAX,
		INT64_MIN, INT64_MAX - 60000};
	char text[BH_TIME_TEXT_SIZE];
	(void)state;
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		text[0] = 'x';
		assert_false(bh_time_format(far[i], 0, text));
		assert_string_equal(text, "");
	}
	assert_false(bh_time_format(0, 1081, text));
	assert_false(bh_time_format(0, -1081, text));
}

static void test_time__each_day_of_400_years_follows_the_one_before(void **state)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t ms = INT64_C(946684800000); /* 2000-01-01 */
	char text[BH_TIME_TEXT_SIZE], expected[80];
	(void)state;
	for (int year = 2000; year < 2400; year++) {
		bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
		for (int month = 1; month <= 12; month++) {
			int days = lengths[month - 1] + (month == 2 && leap);
			for (int day = 1; day <= days; day++, ms += 86400000) {
				(void)snprintf(expected, sizeof(expected),
					"%04d-%02d-%02dT00:00:00.000+00:00", year, month, day);
				assert_true(bh_time_format(ms, 0, text));
				assert_string_equal(text, expected);
				int64_t read = 0;
				assert_true(bh_time_parse(text, 0, &read));
				assert_int_equal(read, ms);
			}
		}
	}
}

static void test_time__is_read_as_it_is_written(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"2026-03-02", INT64_C(1772380800000)}, /* midnight at UTC+8 */
		{"2026-03-02T09:00:00.000+08:00", INT64_C(1772413200000)},
		{"2026-03-02T09:00:00+08:00", INT64_C(1772413200000)},
		{"2026-03-02T01:00:00Z", INT64_C(1772413200000)},
		{"2026-03-01T21:30:00-03:30", INT64_C(1772413200000)},
		{"2026-12-31T23:59:59.123456+08:00", INT64_C(1798732799123)},
		{"2026-12-31T23:59:59.1+08:00", INT64_C(1798732799100)},
		{"2024-02-29", INT64_C(1709136000000)},
		{"2016-12-31T23:59:60Z", INT64_C(1483228800000)},
		{"0000-01-01T00:00:00Z", INT64_C(-62167219200000)},
		{"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
	};
	static const char *const bad[] = {"", "2026", "2026-3-02", "2026-02-29", "2026-13-01",
		"2026-00-01", "2026-04-31", "2026-01-00", "2026-03-02 ", "2026-03-02T",
		"2026-03-02T09", "2026-03-02T09:00", "2026-03-02T09:00:00", "2026-03-02T24:00:00Z",
		"2026-03-02T09:60:00Z", "2026-03-02T09:00:61Z", "2026-03-02T09:00:00.Z",
		"2026-03-02T09:00:00+24:00", "2026-03-02T09:00:00+19:00", "2026-03-02T09:00:00z",
		"2026-03-02T09:00:00Z ", "+026-03-02", "2026-03-02T09:00:00+8:00"};
	int64_t ms;
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(bh_time_parse(rows[i].text, 480, &ms));
		assert_int_equal(ms, rows[i].ms);
	}
	ms = 4711;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(bh_time_parse(bad[i], 480, &ms));
	assert_int_equal(ms, 4711);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time__is_written_with_its_offset),
		cmocka_unit_test(test_time__outside_four_digits_is_empty),
		cmocka_unit_test(test_time__is_read_as_it_is_written),
		cmocka_unit_test(test_time__each_day_of_400_years_follows_the_one_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
