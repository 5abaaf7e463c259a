/* Answers questions about working time, a line each, for compare_calendar.py:
 *
 *   c OFFSET            a calendar begins      p WEEKDAY FROM TO   a period of its week
 *   d DAY WEEKDAY       an override            q A B WORK          a question
 *
 * A question is answered by "between walk next is_working": of A to B, from A on, at A. */
#include <inttypes.h>
#include <stdio.h>

#include "proto/calendar.h"
#include "proto/err.h"

#define LINE_MAX_BYTES 120

struct lines {
	int32_t offset_min;
	struct bh_work_period periods[BH_CALENDAR_PERIODS_MAX];
	size_t periods_count;
	bool built;
	struct bh_calendar calendar;
	struct bh_calendar_day room[BH_CALENDAR_DAYS_MAX];
};

static bool build(struct lines *lines)
{
	if (lines->built)
		return true;
	if (bh_calendar_build(1, lines->offset_min, lines->periods, lines->periods_count,
		    &lines->calendar, NULL) != BH_NOERR)
		return false;
	bh_calendar_give_room(&lines->calendar, lines->room, BH_CALENDAR_DAYS_MAX);
	lines->built = true;
	return true;
}

static bool answer(struct lines *lines, const char *line)
{
	const struct bh_calendar *calendar = &lines->calendar;
	int64_t a, b, work;
	if (sscanf(line, "q %" SCNd64 " %" SCNd64 " %" SCNd64, &a, &b, &work) != 3 || !build(lines))
		return false;
	return printf("%" PRId64 " %" PRId64 " %" PRId64 " %d\n",
		       bh_calendar_between(calendar, a, b), bh_calendar_walk(calendar, a, work),
		       bh_calendar_next_working(calendar, a),
		       bh_calendar_is_working(calendar, a)) > 0;
}

static bool take(struct lines *lines, const char *line)
{
	struct bh_work_period *period = &lines->periods[lines->periods_count];
	uint32_t weekday;
	int32_t day;
	switch (line[0]) {
	case 'c':
		lines->periods_count = 0;
		lines->built = false;
		return sscanf(line, "c %" SCNd32, &lines->offset_min) == 1;
	case 'p':
		return lines->periods_count++ < BH_CALENDAR_PERIODS_MAX &&
		       sscanf(line, "p %" SCNu32 " %" SCNu32 " %" SCNu32, &period->weekday,
			       &period->from_min, &period->to_min) == 3;
	case 'd':
		return build(lines) &&
		       sscanf(line, "d %" SCNd32 " %" SCNu32, &day, &weekday) == 2 &&
		       bh_calendar_add_day(&lines->calendar, day, weekday) == BH_NOERR;
	default:
		return answer(lines, line);
	}
}

int main(void)
{
	static struct lines lines;
	char line[LINE_MAX_BYTES];
	while (fgets(line, sizeof(line), stdin)) {
		if (take(&lines, line))
			continue;
		fprintf(stderr, "cannot: %s", line);
		return 1;
	}
	return 0;
}
