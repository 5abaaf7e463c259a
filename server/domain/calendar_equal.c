/* Whether two calendars give the same answers: the same week at the same offset, and the same
 * overrides where those say anything that the week does not. */
#include "server/domain/calendar.h"

#define DAY_MS ((int64_t)1440 * 60000)

/* The periods of one weekday; none for 0, a holiday. */
struct weekday {
	const struct bh_calendar_span *spans;
	uint32_t count;
	int64_t begin_ms;
};

static struct weekday weekday_find(const struct bh_calendar *calendar, uint32_t weekday)
{
	struct weekday found = {calendar->spans, 0, ((int64_t)weekday - 1) * DAY_MS};

	for (uint32_t i = 0; weekday > 0 && i < calendar->spans_count; i++) {
		const struct bh_calendar_span *span = &calendar->spans[i];

		if (span->from_ms < found.begin_ms)
			found.spans = span + 1;
		else if (span->from_ms < found.begin_ms + DAY_MS)
			found.count++;
	}
	return found;
}

static bool spans_equal(struct weekday a, struct weekday b)
{
	bool equal = a.count == b.count;

	for (uint32_t i = 0; equal && i < a.count; i++)
		equal = a.spans[i].from_ms - a.begin_ms == b.spans[i].from_ms - b.begin_ms &&
			a.spans[i].to_ms - a.begin_ms == b.spans[i].to_ms - b.begin_ms;
	return equal;
}

/* The first override from there on that says something else than the week; or the count. */
static uint32_t day_that_differs(const struct bh_calendar *calendar, uint32_t from)
{
	uint32_t i = from;

	while (i < calendar->days_count &&
		spans_equal(weekday_find(calendar, calendar->days[i].weekday),
			weekday_find(calendar, bh_calendar_weekday(calendar->days[i].day))))
		i++;
	return i;
}

static bool weeks_equal(const struct bh_calendar *a, const struct bh_calendar *b)
{
	bool equal = a->offset_min == b->offset_min;

	for (uint32_t weekday = 1; equal && weekday <= 7; weekday++)
		equal = spans_equal(weekday_find(a, weekday), weekday_find(b, weekday));
	return equal;
}

bool bh_calendar_equal(const struct bh_calendar *a, const struct bh_calendar *b)
{
	uint32_t a_divisor = a->due_divisor > 1 ? a->due_divisor : 1;
	uint32_t b_divisor = b->due_divisor > 1 ? b->due_divisor : 1;
	uint32_t i = day_that_differs(a, 0), k = day_that_differs(b, 0);
	bool equal = a_divisor == b_divisor && weeks_equal(a, b);

	while (equal && i < a->days_count && k < b->days_count) {
		equal = a->days[i].day == b->days[k].day &&
			spans_equal(weekday_find(a, a->days[i].weekday),
				weekday_find(b, b->days[k].weekday));
		i = day_that_differs(a, i + 1);
		k = day_that_differs(b, k + 1);
	}
	return equal && i == a->days_count && k == b->days_count;
}
