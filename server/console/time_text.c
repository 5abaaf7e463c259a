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

/* days_from_civil of the same page */
static int64_t days_of_date(struct date date)
{
	int64_t year = date.year - (date.month <= 2);
	int64_t era = floor_divide(year, 400);
	int64_t of_era = year - era * 400;
	int month = date.month > 2 ? date.month - 3 : date.month + 9;
	int64_t of_year = (153 * month + 2) / 5 + date.day - 1;
	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_DAYS;
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

/* ---- Reading ---- */

/* So many digits; -1: there are fewer. */
static int digits_read(const char **at, int count)
{
	int value = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

static bool char_read(const char **at, char expected)
{
	if (**at != expected)
		return false;
	(*at)++;
	return true;
}

/* "07:31", and what of it is out of range is none. */
static bool minutes_read(const char **at, int *out)
{
	int hours = digits_read(at, 2);
	if (hours < 0 || hours > 23 || !char_read(at, ':'))
		return false;
	int minutes = digits_read(at, 2);
	*out = hours * 60 + minutes;
	return minutes >= 0 && minutes <= 59;
}

static bool date_read(const char **at, int64_t *days)
{
	struct date date = {.year = digits_read(at, 4)};
	if (date.year < 0 || !char_read(at, '-'))
		return false;
	date.month = digits_read(at, 2);
	if (date.month < 1 || date.month > 12 || !char_read(at, '-'))
		return false;
	date.day = digits_read(at, 2);
	if (date.day < 1)
		return false;
	*days = days_of_date(date);
	struct date again = date_of_days(*days); /* 30 February is no day */
	return again.month == date.month && again.day == date.day;
}

/* ":00.123" */
static bool seconds_read(const char **at, int *ms)
{
	int seconds = char_read(at, ':') ? digits_read(at, 2) : -1;
	int scale = 100;
	if (seconds < 0 || seconds > 60)
		return false;
	*ms = seconds * 1000;
	if (!char_read(at, '.'))
		return true;
	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++, scale /= 10)
		*ms += (**at - '0') * scale;
	return true;
}

static bool offset_read(const char **at, int *minutes)
{
	bool west = **at == '-';
	*minutes = 0;
	if (char_read(at, 'Z'))
		return true;
	if (!char_read(at, west ? '-' : '+') || !minutes_read(at, minutes))
		return false;
	*minutes = west ? -*minutes : *minutes;
	return *minutes >= -OFFSET_MIN_MAX && *minutes <= OFFSET_MIN_MAX;
}

bool bh_time_parse(const char *text, int32_t offset_min, int64_t *ms)
{
	int64_t days;
	int minutes = 0, of_minute = 0, away = offset_min;
	if (!date_read(&text, &days))
		return false;
	bool whole = *text == '\0' ||
		     (char_read(&text, 'T') && minutes_read(&text, &minutes) &&
			     seconds_read(&text, &of_minute) && offset_read(&text, &away));
	if (!whole || *text != '\0')
		return false;
	*ms = days * DAY_MS + ((int64_t)minutes - away) * 60000 + of_minute;
	return true;
}
