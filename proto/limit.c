/* A limit is a length on one of two clocks: the calendar's working time, or plain elapsed time.
 * What was used before is taken off, the rest is walked from where the clock (last) started.
 * A limit that is not valid leads to NEVER: it must have been refused when it was imported. */
#include "proto/limit.h"

#define MINUTE_MS ((int64_t)60000)
#define HOUR_MS (60 * MINUTE_MS)

struct limit_clock {
	int64_t unit_ms;
	bool working;
};

static const struct limit_clock limit_clocks[] = {
	[BH_LIMIT_URGENT_MINUTE] = {MINUTE_MS, false},
	[BH_LIMIT_URGENT_HOUR] = {HOUR_MS, false},
	[BH_LIMIT_WORK_HOUR] = {HOUR_MS, true},
	[BH_LIMIT_WORK_DAY] = {8 * HOUR_MS, true},
	[BH_LIMIT_NATURAL_DAY] = {24 * HOUR_MS, false},
	[BH_LIMIT_TIER] = {24 * HOUR_MS, false},
};

bool bh_limit_is_valid(struct bh_limit limit)
{
	return limit.unit >= BH_LIMIT_URGENT_MINUTE && limit.unit <= BH_LIMIT_TIER &&
	       limit.value <= BH_LIMIT_VALUE_MAX;
}

bool bh_limit_is_working(struct bh_limit limit)
{
	return bh_limit_is_valid(limit) && limit_clocks[limit.unit].working;
}

int64_t bh_limit_ms(struct bh_limit limit)
{
	return bh_limit_is_valid(limit) ? limit.value * limit_clocks[limit.unit].unit_ms : 0;
}

int64_t bh_length_used_ms(
	const struct bh_calendar *calendar, bool works, int64_t from_ms, int64_t to_ms)
{
	uint32_t divisor = calendar->due_divisor > 1 ? calendar->due_divisor : 1;

	if (to_ms <= from_ms)
		return 0;
	int64_t passed_ms = works ? bh_calendar_between(calendar, from_ms, to_ms) : to_ms - from_ms;
	return passed_ms > INT64_MAX / divisor ? INT64_MAX : passed_ms * divisor;
}

int64_t bh_limit_used_ms(
	const struct bh_calendar *calendar, struct bh_limit limit, int64_t from_ms, int64_t to_ms)
{
	if (!bh_limit_is_valid(limit))
		return 0;
	return bh_length_used_ms(calendar, bh_limit_is_working(limit), from_ms, to_ms);
}

/* Both clocks share the calendar's range. */
static int64_t elapsed_walk(int64_t start_ms, int64_t length_ms)
{
	if (start_ms < -BH_CALENDAR_MS_MAX || start_ms > BH_CALENDAR_MS_MAX)
		return BH_CALENDAR_NEVER;
	if (length_ms <= 0)
		return start_ms;
	if (length_ms > BH_CALENDAR_MS_MAX - start_ms)
		return BH_CALENDAR_NEVER;
	return start_ms + length_ms;
}

int64_t bh_length_due(
	const struct bh_calendar *calendar, bool works, int64_t start_ms, int64_t length_ms)
{
	if (works)
		return bh_calendar_walk(calendar, start_ms, length_ms);
	if (calendar->due_divisor > 1)
		length_ms /= calendar->due_divisor;
	return elapsed_walk(start_ms, length_ms);
}

int64_t bh_limit_threshold(const struct bh_calendar *calendar, struct bh_limit limit,
	int64_t start_ms, int64_t used_ms, uint32_t percent)
{
	int64_t share_ms, left_ms;

	if (!bh_limit_is_valid(limit) || percent > BH_LIMIT_RED_PERCENT || used_ms < 0)
		return BH_CALENDAR_NEVER;
	/* Units are whole minutes, so a per cent of them is whole milliseconds. */
	share_ms = bh_limit_ms(limit) / 100 * percent;
	left_ms = share_ms - used_ms; /* 0 or less ends where it starts */
	return bh_length_due(calendar, bh_limit_is_working(limit), start_ms, left_ms);
}

int64_t bh_limit_due(const struct bh_calendar *calendar, struct bh_limit limit, int64_t start_ms,
	int64_t used_ms)
{
	return bh_limit_threshold(calendar, limit, start_ms, used_ms, BH_LIMIT_RED_PERCENT);
}
