/* Days are counted in eras of 400 years that begin on a 1st of March, so that a leap day is the
 * last of its year; what is left is division.  Instants no four digits can name give an empty text.
 */
#include "server/console/time_text.h"

#include <stdio.h>

#define DAY_MS INT64_C(86400000)
#define ERA_DAYS INT64_C(146097)
#define EPOCH_DAYS INT64_C(719468) /* from 0000-03-01 to 1970-01-01 */
#define OFFSET_MIN_MAX 1080

struct date {
	int64_t year;
	int month, day;
};

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* http://howardhinnant.github.io/date_algorithms.html, civil_from_days */
static struct date date_of_days(int64_t days)
{
	days += EPOCH_DAYS;
	int64_t era = floor_divide(days, ERA_DAYS);
	int64_t of_era = days - era * ERA_DAYS;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / (ERA_DAYS - 1)) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int month = (int)((5 * of_year + 2) / 153); /* 0 is March */
	struct date date = {
		.year = year + era * 400 + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = (int)(of_year - (153 * month + 2) / 5 + 1),
	};
	return date;
}

bool bh_time_format(int64_t ms, int32_t offset_min, char text[BH_TIME_TEXT_SIZE])
{
	text[0] = '\0';
	if (offset_min < -OFFSET_MIN_MAX || offset_min > OFFSET_MIN_MAX ||
		ms > INT64_MAX - OFFSET_MIN_MAX * 60000 || ms < INT64_MIN + OFFSET_MIN_MAX * 60000)
		return false;
	int64_t local = ms + (int64_t)offset_min * 60000;
	int64_t days = floor_divide(local, DAY_MS);
	int of_day = (int)(local - days * DAY_MS);
	struct date date = date_of_days(days);
	if (date.year < 0 || date.year > 9999)
		return false;
	int away = offset_min < 0 ? -offset_min : offset_min;
	int n = snprintf(text, BH_TIME_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03d%c%02d:%02d",
		(int)date.year, date.month, date.day, of_day / 3600000, of_day / 60000 % 60,
		of_day / 1000 % 60, of_day % 1000, offset_min < 0 ? '-' : '+', away / 60,
		away % 60);
	return n > 0 && n < BH_TIME_TEXT_SIZE;
}
