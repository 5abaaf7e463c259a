/* The calendar as handsets are told it: the week, and the holidays and make-up days of this year
 * and the next, each with the weekday that it works as.  What due times are counted by then is what
 * the server counts them by (proto/calendar.h). */
#include "server/domain/order.h"
#include "server/sync/hub.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MIN 1440

uint32_t bh_district_year(const struct bh_hub *hub, const struct bh_rules *rules)
{
	return bh_order_year(hub->district_ms, bh_rules_calendar(rules)->offset_min);
}

static int week_fill(
	const struct bh_calendar *calendar, struct bh_arena *arena, struct bh_msg_calendar *out)
{
	struct bh_msg_work_period *week = bh_arena_array(
		arena, calendar->spans_count, sizeof(*week));
	if (week == NULL)
		return BH_ERR_NOMEM;
	for (uint32_t i = 0; i < calendar->spans_count; i++) {
		const struct bh_calendar_span *span = &calendar->spans[i];
		uint32_t from_min = (uint32_t)(span->from_ms / MINUTE_MS);
		uint32_t length_min = (uint32_t)((span->to_ms - span->from_ms) / MINUTE_MS);
		week[i] = (struct bh_msg_work_period){.weekday = from_min / DAY_MIN + 1,
			.from_min = from_min % DAY_MIN,
			.to_min = from_min % DAY_MIN + length_min};
	}
	out->week = week;
	out->week_count = calendar->spans_count;
	return 0;
}

static int days_fill(const struct bh_calendar *calendar, uint32_t year, struct bh_arena *arena,
	struct bh_msg_calendar *out)
{
	struct bh_msg_calendar_day *days = bh_arena_array(
		arena, BH_CALENDAR_TOLD_MAX, sizeof(*days));
	size_t count = 0;
	if (days == NULL)
		return BH_ERR_NOMEM;
	for (uint32_t i = 0; i < calendar->days_count && count < BH_CALENDAR_TOLD_MAX; i++) {
		const struct bh_calendar_day *day = &calendar->days[i];
		uint32_t of = bh_order_year((int64_t)day->day * DAY_MIN * MINUTE_MS, 0);
		if (of == year || of == year + 1)
			days[count++] = (struct bh_msg_calendar_day){
				.day = day->day, .works = day->weekday != 0, .as = day->weekday};
	}
	out->days = days;
	out->days_count = count;
	return 0;
}

int bh_district_calendar(const struct bh_hub *hub, const struct bh_rules *rules,
	struct bh_arena *arena, struct bh_msg_calendar *out)
{
	const struct bh_calendar *calendar = bh_rules_calendar(rules);
	struct bh_msg_calendar told = {.version = calendar->version};
	int err = week_fill(calendar, arena, &told);
	if (err == 0)
		err = days_fill(calendar, bh_district_year(hub, rules), arena, &told);
	if (err == 0)
		*out = told;
	return err;
}
