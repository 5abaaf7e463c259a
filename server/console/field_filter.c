/* Of which days and areas field work is asked, and what of it the caller may see: what lies in an
 * area of theirs; the operator all of it. */
#include <string.h>
#include <time.h>

#include "server/console/field_filter.h"
#include "server/console/time_text.h"
#include "server/domain/field_fact.h"
#include "server/domain/rights.h"

#define DAYS_MAX 400u
#define GRACE_DAYS 7 /* for handsets without a network */
#define DAY_MS INT64_C(86400000)

bool bh_field_refuse(struct bh_exchange *x, const char *message, const char *hint)
{
	bh_answer_error(x, 400, "parameter", message, hint);
	return false;
}

int32_t bh_field_offset_min(const struct bh_exchange *x)
{
	return bh_rules_settings(x->rules)->utc_offset_min;
}

static bool day_read(struct bh_exchange *x, const char *name, uint32_t usual, uint32_t *out)
{
	const char *text = bh_target_parameter(&x->target, name);
	int64_t ms;
	*out = usual;
	if (!text)
		return true;
	if (strlen(text) != 10 || !bh_time_parse(text, bh_field_offset_min(x), &ms) || ms < -DAY_MS)
		return bh_field_refuse(x, "from and to are dates", "as in 2026-10-12");
	*out = bh_local_day(ms, bh_field_offset_min(x));
	return true;
}

bool bh_field_days_read(struct bh_exchange *x, struct bh_field_filter *filter)
{
	uint32_t today = bh_local_day(x->district->district_ms, bh_field_offset_min(x));
	if (!day_read(x, "to", today, &filter->to_day) ||
		!day_read(x, "from", filter->to_day, &filter->from_day))
		return false;
	if (filter->from_day > filter->to_day || filter->to_day - filter->from_day >= DAYS_MAX)
		return bh_field_refuse(
			x, "from lies after to, or more than 400 days before it", NULL);
	return true;
}

bool bh_field_area_read(struct bh_exchange *x, struct bh_field_filter *filter)
{
	const char *code = bh_target_parameter(&x->target, "area");
	const struct bh_msg_area *area = code ? bh_area_by_code(x->rules, code) : NULL;
	if (code && !area)
		return bh_field_refuse(x, "area: there is no area with this code", NULL);
	filter->area = area ? area->id : 0;
	return true;
}

/* ---- What of it is asked, and may be seen ---- */

bool bh_field_grid_fits(
	const struct bh_exchange *x, const struct bh_field_filter *filter, uint32_t grid)
{
	if (filter->area != 0 && !bh_rules_area_within(x->rules, grid, filter->area))
		return false;
	return x->person == 0 || bh_rights_see_field(x->rules, x->person, x->now_ms, grid);
}

bool bh_field_grid_whole(const struct bh_exchange *x, uint32_t grid)
{
	return x->person == 0 || bh_rights_count_field(x->rules, x->person, x->now_ms, grid);
}

uint32_t bh_field_month_last(uint32_t day)
{
	time_t at = (time_t)day * (DAY_MS / 1000);
	struct tm parts = {.tm_mday = 1};
	uint32_t last = day;
	for (int month = -1; gmtime_r(&at, &parts) && (month < 0 || month == parts.tm_mon);
		at += DAY_MS / 1000) {
		month = parts.tm_mon;
		last = (uint32_t)(at / (DAY_MS / 1000));
	}
	return last;
}

int64_t bh_field_month_closes_ms(const struct bh_exchange *x, uint32_t last_day)
{
	return (int64_t)(last_day + 1 + GRACE_DAYS) * DAY_MS -
	       bh_field_offset_min(x) * INT64_C(60000);
}

bool bh_field_months_whole(const struct bh_exchange *x, const struct bh_field_filter *filter)
{
	return bh_field_month_closes_ms(x, filter->to_day) <= x->district->district_ms &&
	       bh_field_month_last(filter->to_day) == filter->to_day &&
	       (filter->from_day == 0 ||
		       bh_field_month_last(filter->from_day - 1) == filter->from_day - 1);
}

json_t *bh_field_day_json(const struct bh_exchange *x, uint32_t day)
{
	char text[BH_TIME_TEXT_SIZE];
	int64_t ms = day * DAY_MS - bh_field_offset_min(x) * INT64_C(60000);
	return bh_time_format(ms, bh_field_offset_min(x), text) ? json_stringn(text, 10)
								: json_null();
}

json_t *bh_field_area_name(const struct bh_exchange *x, uint32_t id)
{
	const struct bh_msg_area *area = bh_rules_area(x->rules, id);
	return area ? bh_json_span(area->name) : json_null();
}
