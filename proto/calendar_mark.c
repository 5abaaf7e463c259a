/* FNV-1a over what the calendar's answers depend on, number by number.  What scales tests of the
 * real programs is no part of it, nor is the version: the same week imported again is the same. */
#include "proto/calendar_mark.h"

static uint32_t mark_add(uint32_t mark, int64_t number)
{
	for (unsigned shift = 0; shift < 64; shift += 8) {
		mark ^= (uint32_t)((uint64_t)number >> shift & 0xff);
		mark *= 16777619u;
	}
	return mark;
}

uint32_t bh_calendar_mark(const struct bh_calendar *calendar)
{
	uint32_t mark = mark_add(2166136261u, calendar->offset_min);
	for (uint32_t i = 0; i < calendar->spans_count; i++) {
		mark = mark_add(mark, calendar->spans[i].from_ms);
		mark = mark_add(mark, calendar->spans[i].to_ms);
	}
	for (uint32_t i = 0; i < calendar->days_count; i++) {
		mark = mark_add(mark, calendar->days[i].day);
		mark = mark_add(mark, calendar->days[i].weekday);
	}
	return mark == 0 ? 1 : mark;
}
