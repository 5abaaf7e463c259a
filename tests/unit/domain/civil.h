/* Dates of the Gregorian calendar as instants, for tests of working time. */
#ifndef BH_TEST_DOMAIN_CIVIL_H
#define BH_TEST_DOMAIN_CIVIL_H

#include <stdint.h>

#define MINUTE ((int64_t)60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define CHINA 480

/* Days since 1970-01-01 (Howard Hinnant's days_from_civil). */
static inline int32_t civil_day(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return (int32_t)(era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
			 719468);
}

/* Local time of a date in China, as UTC milliseconds. */
static inline int64_t china(
	int64_t year, unsigned month, unsigned day, int64_t hour, int64_t minute)
{
	return civil_day(year, month, day) * DAY + (hour - 8) * HOUR + minute * MINUTE;
}

#endif
