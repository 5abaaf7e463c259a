/* The calendar of a district: its week, then the days that are not as the week says.  Every fault
 * is told by its place; days that are at fault are left out, so that the next can be judged. */
#include "proto/calendar_mark.h"
#include "proto/err.h"
#include "server/domain/rules_body.h"

static void week_check(struct bh_rules *rules, struct bh_fault_list *list)
{
	const struct bh_msg_settings *settings = &rules->settings;
	struct bh_work_period periods[BH_CALENDAR_PERIODS_MAX];
	size_t bad = 0;
	rules->calendar = bh_calendar_default(BH_RULES_OFFSET_MIN);
	if (settings->utc_offset_min < -BH_CALENDAR_OFFSET_MIN_MAX ||
		settings->utc_offset_min > BH_CALENDAR_OFFSET_MIN_MAX) {
		bh_fault_add(list, "settings", 0, "utc_offset_min is out of range");
		return;
	}
	if (settings->week_count == 0) {
		rules->calendar = bh_calendar_default(settings->utc_offset_min);
		return;
	}
	if (settings->week_count > BH_CALENDAR_PERIODS_MAX) {
		bh_fault_add(list, "week", settings->week_count, "too many periods");
		return;
	}
	for (size_t i = 0; i < settings->week_count; i++) {
		periods[i] = (struct bh_work_period){
			.weekday = settings->week[i].weekday,
			.from_min = settings->week[i].from_min,
			.to_min = settings->week[i].to_min,
		};
	}
	if (bh_calendar_build(1, settings->utc_offset_min, periods, settings->week_count,
		    &rules->calendar, &bad) != 0)
		bh_fault_add(list, "week", bad, "a period is out of range or overlaps another");
}

static void days_check(struct bh_rules *rules, struct bh_fault_list *list)
{
	const struct bh_msg_settings *settings = &rules->settings;
	struct bh_calendar *calendar = &rules->calendar;
	for (size_t i = 0; i < settings->days_count && i <= BH_CALENDAR_DAYS_MAX; i++) {
		const struct bh_msg_calendar_day *day = &settings->days[i];
		uint32_t as = day->as != 0 ? day->as : bh_calendar_first_weekday(calendar);
		int err = bh_calendar_add_day(calendar, day->day, day->works ? as : 0);
		if (err != 0)
			bh_fault_add(list, "days", i, bh_calendar_day_fault(err));
		else if (!day->works && day->as != 0)
			bh_fault_add(list, "days", i, "a holiday works as no weekday");
	}
}

int bh_rules_check_calendar(struct bh_rules *rules, struct bh_fault_list *list)
{
	size_t days = rules->settings.days_count;
	size_t room = days < BH_CALENDAR_DAYS_MAX ? days : BH_CALENDAR_DAYS_MAX;
	week_check(rules, list);
	if (room > 0) {
		struct bh_calendar_day *given = bh_arena_array(&rules->arena, room, sizeof(*given));
		if (given == NULL)
			return BH_ERR_NOMEM;
		bh_calendar_give_room(&rules->calendar, given, (uint32_t)room);
		days_check(rules, list);
	}
	rules->calendar.version = bh_calendar_mark(&rules->calendar);
	return 0;
}
