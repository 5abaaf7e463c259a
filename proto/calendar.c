/* Everything rests on one function: C(t), the working time since the Monday of local week 0 up to
 * t.
 *
 *   C(t) = whole weeks * work of a week + work of the week so far    the bare week
 *          + shift of the last override before t's day               what days before took or gave
 *   and within an overridden day: C where it begins + what its own periods have done by then
 *
 * It is monotone, flat outside periods, and climbs a millisecond a millisecond inside.  between is
 * a difference of two values; walk is its inverse, taken at the left end of a flat stretch, which
 * is what makes a limit that ends with a period due at that end.  Out of range yields NEVER. */
#include "proto/calendar.h"

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

/* The first instant of the week before which so much of it is worked: 0 < work_ms <= week's. */
static int64_t week_first(const struct bh_calendar *calendar, int64_t work_ms)
{
	uint32_t i = 0;

	while (i + 1 < calendar->spans_count && calendar->spans[i + 1].before_ms < work_ms)
		i++;
	return calendar->spans[i].from_ms + (work_ms - calendar->spans[i].before_ms);
}

/* Work of the first in_day_ms of a day that works as this weekday does; 0: a holiday. */
static int64_t day_work_before(
	const struct bh_calendar *calendar, uint32_t weekday, int64_t in_day_ms)
{
	int64_t begin_ms = ((int64_t)weekday - 1) * DAY_MS;

	if (weekday == 0)
		return 0;
	return week_work_before(calendar, begin_ms + in_day_ms) -
	       week_work_before(calendar, begin_ms);
}

static int64_t day_begin_ms(const struct bh_calendar *calendar, int32_t day)
{
	return day * DAY_MS - (int64_t)calendar->offset_min * MINUTE_MS;
}

/* How many overrides are of this day or before. */
static uint32_t days_until(const struct bh_calendar *calendar, int64_t day)
{
	uint32_t low = 0, high = calendar->days_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (calendar->days[middle].day <= day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How many overrides begin with less than this worked. */
static uint32_t days_below(const struct bh_calendar *calendar, int64_t target_ms)
{
	uint32_t low = 0, high = calendar->days_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (calendar->days[middle].before_ms < target_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* C(t) of the bare week. */
static int64_t week_until(const struct bh_calendar *calendar, int64_t at_ms)
{
	struct week_time at = week_time_at(calendar, at_ms);

	return at.week * calendar->week_work_ms + week_work_before(calendar, at.in_week_ms);
}

/* The first t with C(t) >= target, in the bare week. */
static int64_t week_reach(const struct bh_calendar *calendar, int64_t target_ms)
{
	/* The rest is in (0, week_work_ms], so that what ends with the week ends in it. */
	int64_t week = floor_div(target_ms - 1, calendar->week_work_ms);
	int64_t rest_ms = target_ms - week * calendar->week_work_ms;

	return week_time_to_ms(calendar, week, week_first(calendar, rest_ms));
}

/* C(t). */
static int64_t work_until(const struct bh_calendar *calendar, int64_t at_ms)
{
	int64_t day = floor_div(at_ms + (int64_t)calendar->offset_min * MINUTE_MS, DAY_MS);
	uint32_t count = days_until(calendar, day);

	if (count == 0)
		return week_until(calendar, at_ms);
	const struct bh_calendar_day *last = &calendar->days[count - 1];
	if (last->day != day)
		return week_until(calendar, at_ms) + last->shift_ms;
	return last->before_ms +
	       day_work_before(calendar, last->weekday, at_ms - day_begin_ms(calendar, last->day));
}

/* The first t with C(t) >= target, in range or not.  The last override that begins below the target
 * holds it, or it lies between that one and the next, where C is the bare week's and a constant. */
static int64_t work_reach(const struct bh_calendar *calendar, int64_t target_ms)
{
	uint32_t count = days_below(calendar, target_ms);

	if (count == 0)
		return week_reach(calendar, target_ms);
	const struct bh_calendar_day *last = &calendar->days[count - 1];
	int64_t rest_ms = target_ms - last->before_ms;
	int64_t weekday_ms = ((int64_t)last->weekday - 1) * DAY_MS;
	if (rest_ms > day_work_before(calendar, last->weekday, DAY_MS))
		return week_reach(calendar, target_ms - last->shift_ms);
	return day_begin_ms(calendar, last->day) - weekday_ms +
	       week_first(calendar, week_work_before(calendar, weekday_ms) + rest_ms);
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

void bh_calendar_give_room(
	struct bh_calendar *calendar, struct bh_calendar_day *room, uint32_t days_max)
{
	calendar->days = room;
	calendar->days_count = 0;
	calendar->days_max = days_max;
}

uint32_t bh_calendar_first_weekday(const struct bh_calendar *calendar)
{
	return (uint32_t)(calendar->spans[0].from_ms / DAY_MS) + 1;
}

uint32_t bh_calendar_weekday(int32_t day)
{
	return (uint32_t)(day + 3 - 7 * floor_div(day + 3, 7)) + 1;
}

/* Sums again from one override on. */
static void days_sum(struct bh_calendar *calendar, uint32_t from)
{
	for (uint32_t i = from; i < calendar->days_count; i++) {
		struct bh_calendar_day *one = &calendar->days[i];
		int64_t shift_ms = i > 0 ? one[-1].shift_ms : 0;

		one->before_ms = week_until(calendar, day_begin_ms(calendar, one->day)) + shift_ms;
		one->shift_ms = shift_ms + day_work_before(calendar, one->weekday, DAY_MS) -
				day_work_before(calendar, bh_calendar_weekday(one->day), DAY_MS);
	}
}

int bh_calendar_add_day(struct bh_calendar *calendar, int32_t day, uint32_t weekday)
{
	uint32_t at;

	if (day < BH_CALENDAR_DAY_MIN || day > BH_CALENDAR_DAY_MAX || weekday > 7)
		return BH_ERR_INVALID;
	if (weekday > 0 && day_work_before(calendar, weekday, DAY_MS) == 0)
		return BH_ERR_NOT_FOUND;
	at = days_until(calendar, day);
	if (at > 0 && calendar->days[at - 1].day == day)
		return BH_ERR_EXISTS;
	if (calendar->days_count == calendar->days_max)
		return BH_ERR_LIMIT;
	memmove(&calendar->days[at + 1], &calendar->days[at],
		(calendar->days_count - at) * sizeof(*calendar->days));
	calendar->days[at] = (struct bh_calendar_day){.day = day, .weekday = weekday};
	calendar->days_count++;
	days_sum(calendar, at);
	return BH_NOERR;
}

const char *bh_calendar_day_fault(int err)
{
	switch (err) {
	case BH_ERR_EXISTS:
		return "this day stands there twice";
	case BH_ERR_NOT_FOUND:
		return "a make-up day works as a weekday that has no periods";
	case BH_ERR_LIMIT:
		return "too many days";
	default:
		return "its day or its weekday is out of range";
	}
}

int64_t bh_calendar_walk(const struct bh_calendar *calendar, int64_t start_ms, int64_t work_ms)
{
	int64_t due_ms;

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
	due_ms = work_reach(calendar, work_until(calendar, start_ms) + work_ms);
	return is_in_range(due_ms) ? due_ms : BH_CALENDAR_NEVER;
}

int64_t bh_calendar_between(const struct bh_calendar *calendar, int64_t a_ms, int64_t b_ms)
{
	return work_until(calendar, cut_to_range(b_ms)) - work_until(calendar, cut_to_range(a_ms));
}

/* The first millisecond of work from there on ends one after it. */
int64_t bh_calendar_next_working(const struct bh_calendar *calendar, int64_t at_ms)
{
	int64_t next_ms;

	if (!is_in_range(at_ms))
		return BH_CALENDAR_NEVER;
	next_ms = work_reach(calendar, work_until(calendar, at_ms) + 1) - 1;
	return is_in_range(next_ms) ? next_ms : BH_CALENDAR_NEVER;
}

bool bh_calendar_is_working(const struct bh_calendar *calendar, int64_t at_ms)
{
	return bh_calendar_next_working(calendar, at_ms) == at_ms && is_in_range(at_ms);
}
