/* The calendar in force: the week that is worked and the days that are not as it says.  Its version
 * is another with every change of what it answers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/console/exchange.h"
#include "server/console/profile.h"
#include "server/console/time_text.h"

#define DAY_MIN 1440
#define MINUTE_MS 60000

static json_t *week_json(const struct bh_calendar *calendar)
{
	json_t *week = json_array();
	for (uint32_t i = 0; i < calendar->spans_count; i++) {
		uint32_t from = (uint32_t)(calendar->spans[i].from_ms / MINUTE_MS);
		uint32_t to = (uint32_t)(calendar->spans[i].to_ms / MINUTE_MS);
		uint32_t weekday = from / DAY_MIN;
		week = bh_items_add(
			week, json_pack("{s:I, s:o, s:o}", "weekday", (json_int_t)weekday + 1,
				      "from", bh_profile_minutes_json(from - weekday * DAY_MIN),
				      "to", bh_profile_minutes_json(to - weekday * DAY_MIN)));
	}
	return week;
}

static json_t *day_json(const struct bh_msg_calendar_day *day)
{
	char date[BH_TIME_TEXT_SIZE];
	(void)bh_day_text(day->day, date);
	json_t *json = json_pack(
		"{s:s, s:s}", "date", date, "kind", day->works ? "work" : "holiday");
	if (day->name.len)
		json = bh_member_set(json, "name", bh_json_span(day->name));
	if (day->as)
		json = bh_member_set(json, "as", json_integer(day->as));
	if (day->list_year)
		json = bh_member_set(json, "list", json_integer(day->list_year));
	return json;
}

json_t *bh_profile_days_json(const struct bh_msg_settings *settings, uint32_t year)
{
	json_t *days = json_array();
	for (size_t i = 0; i < settings->days_count; i++)
		if (year == 0 || bh_day_year(settings->days[i].day) == year)
			days = bh_items_add(days, day_json(&settings->days[i]));
	return days;
}

/* False: answered. */
static bool year_read(struct bh_exchange *x, uint32_t *out)
{
	const char *text = bh_target_parameter(&x->target, "year");
	if (!text)
		return true;
	if (strlen(text) == 4 && strspn(text, "0123456789") == 4 && strcmp(text, "0000") != 0) {
		*out = (uint32_t)strtoul(text, NULL, 10);
		return true;
	}
	bh_answer_error(x, 400, "parameter", "year is no year", "as in year=2027");
	return false;
}

void bh_route_calendar(struct bh_exchange *x)
{
	const struct bh_msg_settings *settings = bh_rules_settings(x->rules);
	const struct bh_calendar *calendar = bh_rules_calendar(x->rules);
	char version[12];
	uint32_t year = 0;
	if (!year_read(x, &year))
		return;
	(void)snprintf(version, sizeof(version), "%08" PRIx32, calendar->version);
	bh_answer_json(x, 200,
		json_pack("{s:s, s:i, s:o, s:o}", "version", version, "utc_offset_min",
			(int)calendar->offset_min, "week", week_json(calendar), "days",
			bh_profile_days_json(settings, year)));
}
