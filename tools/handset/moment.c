/*
 * Days are counted by the proleptic Gregorian calendar from March, so that the leap day is a year's
 * last.  A reader takes digits in fixed places and gives up at the first that is not one; a time
 * that no calendar has (31 April, 24:01) is no time.  No time zone is looked up: an offset is said
 * or given.  A leap second ends a day of UTC and is, as everywhere else here, the same instant as
 * the second after it.
 */
#include "tools/handset/moment.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/clock.h"

#define MS_A_DAY INT64_C(86400000)
#define MS_A_MINUTE INT64_C(60000)
#define YEAR_MIN 1970
#define YEAR_MAX 9999

struct reader {
	const char *at;
	bool failed;
	bool leaps; /* its seconds are 60 */
};

static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t from_march = (month + 9) % 12;
	int64_t y = year - (month <= 2);
	int64_t era = y / 400, in_era = y % 400;
	int64_t in_year = (153 * from_march + 2) / 5 + day - 1;
	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097, in_era = z - era * 146097;
	int64_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * y + y / 4 - y / 100);
	int64_t from_march = (5 * in_year + 2) / 153;
	*day = in_year - (153 * from_march + 2) / 5 + 1;
	*month = from_march < 10 ? from_march + 3 : from_march - 9;
	*year = y + era * 400 + (*month <= 2);
}

void bh_moment_format(int64_t ms, int32_t offset_min, char text[BH_MOMENT_TEXT_SIZE])
{
	int64_t year, month, day;
	int64_t local = ms + offset_min * MS_A_MINUTE;
	int64_t days = local / MS_A_DAY - (local % MS_A_DAY < 0);
	int64_t rest = local - days * MS_A_DAY;
	int32_t ahead = offset_min < 0 ? -offset_min : offset_min;
	date_of(days, &year, &month, &day);
	(void)snprintf(text, BH_MOMENT_TEXT_SIZE,
		"%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02d:%02d:%02d.%03d%c%02d:%02d", year,
		month, day, (int)(rest / 3600000), (int)(rest / 60000 % 60),
		(int)(rest / 1000 % 60), (int)(rest % 1000), offset_min < 0 ? '-' : '+',
		(int)(ahead / 60), (int)(ahead % 60));
}

static int64_t digits_take(struct reader *in, int count, int64_t min, int64_t max)
{
	int64_t value = 0;
	for (int i = 0; i < count; i++, in->at++) {
		if (in->failed || *in->at < '0' || *in->at > '9') {
			in->failed = true;
			return min;
		}
		value = value * 10 + (*in->at - '0');
	}
	in->failed = in->failed || value < min || value > max;
	return in->failed ? min : value;
}

static bool letter_take(struct reader *in, const char *letters)
{
	for (const char *letter = letters; *letter; letter++)
		if (!in->failed && *in->at == *letter) {
			in->at++;
			return true;
		}
	return false;
}

static void letter_need(struct reader *in, const char *letters)
{
	if (!letter_take(in, letters))
		in->failed = true;
}

static int64_t days_take(struct reader *in)
{
	int64_t y, m, d;
	int64_t year = digits_take(in, 4, YEAR_MIN, YEAR_MAX);
	letter_need(in, "-/");
	int64_t month = digits_take(in, 2, 1, 12);
	letter_need(in, "-/");
	int64_t day = digits_take(in, 2, 1, 31);
	int64_t days = days_of(year, month, day);
	date_of(days, &y, &m, &d);
	in->failed = in->failed || y != year || m != month || d != day;
	return days;
}

static int64_t fraction_take(struct reader *in)
{
	int64_t ms = 0, scale = 100;
	if (*in->at < '0' || *in->at > '9')
		in->failed = true;
	for (; !in->failed && *in->at >= '0' && *in->at <= '9'; in->at++, scale /= 10)
		ms += scale * (*in->at - '0');
	return ms;
}

static int64_t clock_take(struct reader *in)
{
	int64_t ms = digits_take(in, 2, 0, 23) * 3600000;
	letter_need(in, ":");
	ms += digits_take(in, 2, 0, 59) * 60000;
	if (letter_take(in, ":")) {
		int64_t second = digits_take(in, 2, 0, 60);
		in->leaps = second == 60;
		ms += second * 1000;
		if (letter_take(in, "."))
			ms += fraction_take(in);
	}
	return ms;
}

static int32_t offset_take(struct reader *in)
{
	if (letter_take(in, "Zz"))
		return 0;
	int32_t sign = *in->at == '-' ? -1 : 1;
	letter_need(in, "+-");
	int64_t minutes = digits_take(in, 2, 0, 23) * 60;
	(void)letter_take(in, ":");
	minutes += digits_take(in, 2, 0, 59);
	return sign * (int32_t)minutes;
}

bool bh_moment_parse(const char *text, int32_t offset_min, int64_t *ms)
{
	struct reader in = {text, false, false};
	int64_t clock_ms = 0;
	int64_t days = days_take(&in);
	if (letter_take(&in, "Tt "))
		clock_ms = clock_take(&in);
	if (!in.failed && *in.at != '\0')
		offset_min = offset_take(&in);
	if (in.failed || *in.at != '\0')
		return false;
	int64_t at_ms = days * MS_A_DAY + clock_ms - offset_min * MS_A_MINUTE;
	if (in.leaps && (at_ms < 0 || at_ms % MS_A_DAY >= 1000))
		return false;
	*ms = at_ms;
	return true;
}

bool bh_moment_offset_parse(const char *text, int32_t *offset_min)
{
	struct reader in = {text, false, false};
	int32_t minutes = offset_take(&in);
	if (in.failed || *in.at != '\0')
		return false;
	*offset_min = minutes;
	return true;
}

bool bh_moment_is_ahead(int64_t ms)
{
	return ms > bh_moment_now_ms() + MS_A_DAY;
}

int64_t bh_moment_now_ms(void)
{
	struct bh_clock clock = bh_clock_system();
	return clock.now(clock.context).wall_ms;
}
