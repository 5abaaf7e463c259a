/* Everything rests on one function: C(t), the working time since the Monday of local week 0 up to
 * t. C(t) = whole weeks * work of a week + work of the week so far It is monotone, flat outside
 * periods, and climbs a millisecond a millisecond inside.  between is a difference of two values;
 * walk is its inverse, taken at the left end of a flat stretch, which is what makes a limit that
 * ends with a period due at that end.  Out of range yields NEVER. */
#include "server/domain/calendar.h"

#include <string.h>

#include "proto/err.h"

#define MINUTE_MS 60000
#define DAY_MS ((int64_t)1440 * MINUTE_MS)
#define WEEK_MS (7 * DAY_MS)
/* 1970-01-01 was a Thursday; week 0 begins on Monday, 1969-12-29. */
#define EPOCH_IN_WEEK_MS (3 * DAY_MS)

struct week_time {
	int64_t week;
	int64_t in_week_ms; /* 0 .. WEEK_MS - 1 */
};

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static struct week_time week_time_at(const struct bh_calendar *calendar, int64_t at_ms)
{
	int64_t local_ms = at_ms + (int64_t)calendar->offset_min * MINUTE_MS + EPOCH_IN_WEEK_MS;
	int64_t week = floor_div(local_ms, WEEK_MS);

	return (struct week_time){week, local_ms - week * WEEK_MS};
}

static int64_t week_time_to_ms(const struct bh_calendar *calendar, int64_t week, int64_t in_week_ms)
{
	return week * WEEK_MS + in_week_ms - EPOCH_IN_WEEK_MS -
	       (int64_t)calendar->offset_min * MINUTE_MS;
}

static bool is_in_range(int64_t ms)
{
	return ms >= -BH_CALENDAR_MS_MAX && ms <= BH_CALENDAR_MS_MAX;
}

static int64_t cut_to_range(int64_t ms)
{
	if (ms < -BH_CALENDAR_MS_MAX)
		return -BH_CALENDAR_MS_MAX;
	return ms > BH_CALENDAR_MS_MAX ? BH_CALENDAR_MS_MAX : ms;
}

/* Working time of the week before in_week_ms. */
static int64_t week_work_before(const struct bh_calendar *calendar, int64_t in_week_ms)
{
	uint32_t i = calendar->spans_count;

	while (i > 0) {
		const struct bh_calendar_span *span = &calendar->spans[--i];

		if (in_week_ms >= span->to_ms)
			return span->before_ms + (span->to_ms - span->from_ms);
		if (in_week_ms > span->from_ms)
			return span->before_ms + (in_week_ms - span->from_ms);
	}
	return 0;
}

/* C(t). */
static int64_t work_until(const struct bh_calendar *calendar, int64_t at_ms)
{
	struct week_time at = week_time_at(calendar, at_ms);

	return at.week * calendar->week_work_ms + week_work_before(calendar, at.in_week_ms);
}

static int span_insert(struct bh_calendar *calendar, const struct bh_work_period *period)
{
	struct bh_calendar_span span = {0};
	uint32_t at = calendar->spans_count;

	if (period->weekday < 1 || period->weekday > 7 || period->to_min > 1440 ||
		period->from_min >= period->to_min)
		return BH_ERR_INVALID;
	span.from_ms = (period->weekday - 1) * DAY_MS + (int64_t)period->from_min * MINUTE_MS;
	span.to_ms = (period->weekday - 1) * DAY_MS + (int64_t)period->to_min * MINUTE_MS;
	while (at > 0 && calendar->spans[at - 1].from_ms >= span.from_ms)
		at--;
	if (at > 0 && calendar->spans[at - 1].to_ms > span.from_ms)
		return BH_ERR_INVALID;
	if (at < calendar->spans_count && calendar->spans[at].from_ms < span.to_ms)
		return BH_ERR_INVALID;
	memmove(&calendar->spans[at + 1], &calendar->spans[at],
		(calendar->spans_count - at) * sizeof(span));
	calendar->spans[at] = span;
	calendar->spans_count++;
	return BH_NOERR;
}

int bh_calendar_build(uint32_t version, int32_t offset_min, const struct bh_work_period *periods,
	size_t count, struct bh_calendar *out, size_t *bad)
{
	struct bh_calendar calendar = {.version = version, .offset_min = offset_min};
	size_t i = count;
	int err = BH_NOERR;

	if (count > BH_CALENDAR_PERIODS_MAX)
		return BH_ERR_LIMIT;
	if (count == 0 || offset_min < -BH_CALENDAR_OFFSET_MIN_MAX ||
		offset_min > BH_CALENDAR_OFFSET_MIN_MAX)
		err = BH_ERR_INVALID;
	for (i = err ? count : 0; i < count; i++) {
		err = span_insert(&calendar, &periods[i]);
		if (err)
			break;
	}
	if (err) {
		if (bad)
			*bad = i;
		return err;
	}
	for (i = 0; i < calendar.spans_count; i++) {
		calendar.spans[i].before_ms = calendar.week_work_ms;
		calendar.week_work_ms += calendar.spans[i].to_ms - calendar.spans[i].from_ms;
	}
	*out = calendar;
	return BH_NOERR;
}

struct bh_calendar bh_calendar_default(int32_t offset_min)
{
	struct bh_work_period periods[10];
	struct bh_calendar calendar = {0};
	uint32_t day;
	int err;

	for (day = 0; day < 5; day++) {
		periods[2 * day] = (struct bh_work_period){day + 1, 8 * 60, 12 * 60};
		periods[2 * day + 1] = (struct bh_work_period){day + 1, 14 * 60, 18 * 60};
	}
	err = bh_calendar_build(1, offset_min, periods, 10, &calendar, NULL);
	bh_assert(err == BH_NOERR);
	return calendar;
}

int64_t bh_calendar_walk(const struct bh_calendar *calendar, int64_t start_ms, int64_t work_ms)
{
	int64_t target, week, rest, due_ms;
	uint32_t i = 0;

	if (!is_in_range(start_ms))
		return BH_CALENDAR_NEVER;
	if (calendar->due_divisor > 1)
		work_ms /= calendar->due_divisor;
	if (work_ms <= 0)
		return start_ms;
	/* Work is never faster than the clock, so more than the whole range cannot end in it; and
	 * with a minute or more of work in a week, nothing below overflows. */
	if (work_ms > 2 * BH_CALENDAR_MS_MAX)
		return BH_CALENDAR_NEVER;
	/* The first t with C(t) >= target, target > C(start): rest in (0, week_work_ms], so that
	 * what ends with the week ends in it. */
	target = work_until(calendar, start_ms) + work_ms;
	week = floor_div(target - 1, calendar->week_work_ms);
	rest = target - week * calendar->week_work_ms;
	while (i + 1 < calendar->spans_count && calendar->spans[i + 1].before_ms < rest)
		i++;
	due_ms = week_time_to_ms(
		calendar, week, calendar->spans[i].from_ms + (rest - calendar->spans[i].before_ms));
	return is_in_range(due_ms) ? due_ms : BH_CALENDAR_NEVER;
}

int64_t bh_calendar_between(const struct bh_calendar *calendar, int64_t a_ms, int64_t b_ms)
{
	return work_until(calendar, cut_to_range(b_ms)) - work_until(calendar, cut_to_range(a_ms));
}

int64_t bh_calendar_next_working(const struct bh_calendar *calendar, int64_t at_ms)
{
	struct week_time at;
	int64_t next_ms;
	uint32_t i;

	if (!is_in_range(at_ms))
		return BH_CALENDAR_NEVER;
	at = week_time_at(calendar, at_ms);
	for (i = 0; i < calendar->spans_count; i++) {
		if (at.in_week_ms >= calendar->spans[i].to_ms)
			continue;
		if (at.in_week_ms >= calendar->spans[i].from_ms)
			return at_ms;
		return week_time_to_ms(calendar, at.week, calendar->spans[i].from_ms);
	}
	next_ms = week_time_to_ms(calendar, at.week + 1, calendar->spans[0].from_ms);
	return is_in_range(next_ms) ? next_ms : BH_CALENDAR_NEVER;
}

bool bh_calendar_is_working(const struct bh_calendar *calendar, int64_t at_ms)
{
	return bh_calendar_next_working(calendar, at_ms) == at_ms && is_in_range(at_ms);
}
