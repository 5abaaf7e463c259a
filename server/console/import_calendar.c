/* Holidays and make-up days: of a profile's settings, and of a list that comes by itself, in the
 * shape of holiday-cn or as a table's rows.  A list is laid over the days in force:
 *
 *   days in force ─ those of the years that the list names ─┐
 *   days of the list ───────────────────────────────────────┴─▶ sorted, one a date
 *
 * A list is of the year in its title, and may name a December before it (holiday-cn): such a day
 * goes with its list, not with its date. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/console/profile.h"
#include "server/console/time_text.h"

#define DAY_MS INT64_C(86400000)
#define DATE_BYTES 10u
#define YEAR_MAX 9999u

bool bh_day_text(int32_t day, char text[BH_TIME_TEXT_SIZE])
{
	bool fits = bh_time_format(day * DAY_MS, 0, text);
	if (fits)
		text[DATE_BYTES] = '\0';
	return fits;
}

uint32_t bh_day_year(int32_t day)
{
	char text[BH_TIME_TEXT_SIZE];
	return bh_day_text(day, text) ? (uint32_t)strtoul(text, NULL, 10) : 0;
}

static uint32_t list_year(const struct bh_msg_calendar_day *day)
{
	return day->list_year ? day->list_year : bh_day_year(day->day);
}

/* ---- One day ---- */

static bool date_read(const struct bh_import_at *at, const json_t *object, int32_t *out)
{
	struct bh_span text = {NULL, 0};
	int64_t ms = 0;
	if (!bh_field_text(at, object, "date", 40, true, &text))
		return false;
	bool fits = text.len == DATE_BYTES && bh_time_parse((const char *)text.data, 0, &ms);
	if (fits)
		*out = (int32_t)(ms / DAY_MS - (ms % DAY_MS < 0));
	else
		bh_fault_say(at, "date", "it is no date as in 2027-10-01");
	return fits;
}

/* "kind", or "isOffDay" as holiday-cn has it; not both. */
static void kind_read(
	const struct bh_import_at *at, const json_t *object, struct bh_msg_calendar_day *out)
{
	static const char *const words[] = {"holiday", "work"};
	struct bh_span kind = {NULL, 0};
	bool off = false, has_off = json_is_boolean(json_object_get(object, "isOffDay"));
	bool fits = bh_field_text(at, object, "kind", 40, false, &kind) &&
		    bh_field_bool(at, object, "isOffDay", &off);
	if (!fits)
		return;
	out->works = has_off ? !off : bh_span_equal(kind, bh_span(words[1], strlen(words[1])));
	if (has_off == (kind.len > 0))
		bh_fault_say(at, "kind", "it is needed, as holiday or work; or isOffDay is");
	else if (!has_off && !out->works &&
		 !bh_span_equal(kind, bh_span(words[0], strlen(words[0]))))
		bh_fault_say(at, "kind", "it is neither holiday nor work");
}

/* year: of the list; 0: as the day says, else its own. */
static bool day_read(const struct bh_import_at *at, const json_t *object, uint32_t year,
	struct bh_msg_calendar_day *out)
{
	static const char *const names[] = {"date", "kind", "isOffDay", "name", "as", "list", NULL};
	*out = (struct bh_msg_calendar_day){.list_year = year};
	bh_fields_check(at, object, names);
	kind_read(at, object, out);
	(void)bh_field_text(at, object, "name", BH_NAME_BYTES_MAX, false, &out->name);
	(void)bh_field_u32(at, object, "as", 1, 7, false, &out->as);
	(void)bh_field_u32(at, object, "list", 1, YEAR_MAX, false, &out->list_year);
	if (!out->works && out->as != 0)
		bh_fault_say(at, "as", "a holiday works as no weekday");
	if (!date_read(at, object, &out->day))
		return false;
	uint32_t own = bh_day_year(out->day);
	if (out->list_year != 0 && own + 1 != out->list_year && own != out->list_year &&
		own != out->list_year + 1)
		bh_fault_say(at, "date", "it is not of %u, nor of a year beside it",
			(unsigned)out->list_year);
	if (out->list_year == own)
		out->list_year = 0;
	return true;
}

/* ---- A profile's ---- */

/* Where they stand in the file, for the rules to judge. */
int bh_days_read(struct bh_profile_import *import, const json_t *settings)
{
	struct bh_import_at at = {import->faults, "settings", 0, NULL};
	struct bh_msg_settings *out = &import->out.settings;
	const json_t *list = bh_field_list(&at, settings, "days", false);
	size_t count = json_array_size(list);
	if (!list) {
		out->days = import->before->settings.days;
		out->days_count = import->before->settings.days_count;
		return BH_NOERR;
	}
	struct bh_msg_calendar_day *days = bh_arena_array(import->arena, count + 1, sizeof(*days));
	if (!days)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(list, i);
		struct bh_import_at day = {
			import->faults, "days", i, json_string_value(json_object_get(one, "date"))};
		(void)day_read(&day, one, 0, &days[i]);
	}
	out->days = days;
	out->days_count = count;
	return BH_NOERR;
}

/* ---- A list ---- */

struct listed {
	struct bh_profile_import *import;
	struct bh_calendar calendar; /* the week in force, and this list's days as they come */
	struct bh_msg_calendar_day *days;
	size_t count;
	bool years[YEAR_MAX + 2]; /* that it replaces */
};

static int listed_read(struct listed *listed, const json_t *list, uint32_t year)
{
	struct bh_arena *arena = listed->import->arena;
	size_t count = json_array_size(list);
	struct bh_calendar_day *room = bh_arena_array(arena, count + 1, sizeof(*room));
	listed->days = bh_arena_array(arena, count + 1, sizeof(*listed->days));
	if (!room || !listed->days)
		return BH_ERR_NOMEM;
	bh_calendar_give_room(&listed->calendar, room, (uint32_t)count + 1);
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(list, i);
		struct bh_msg_calendar_day *day = &listed->days[listed->count];
		struct bh_import_at at = {listed->import->faults, "days", i,
			json_string_value(json_object_get(one, "date"))};
		if (!day_read(&at, one, year, day))
			continue;
		uint32_t as = day->as ? day->as : bh_calendar_first_weekday(&listed->calendar);
		int err = bh_calendar_add_day(&listed->calendar, day->day, day->works ? as : 0);
		if (err)
			bh_fault_say(&at, err == BH_ERR_NOT_FOUND ? "as" : "date", "%s",
				bh_calendar_day_fault(err));
		else
			listed->years[list_year(&listed->days[listed->count++])] = true;
	}
	return BH_NOERR;
}

static const struct bh_msg_calendar_day *listed_find(const struct listed *listed, int32_t day)
{
	for (size_t i = 0; i < listed->count; i++)
		if (listed->days[i].day == day)
			return &listed->days[i];
	return NULL;
}

static bool days_agree(const struct bh_msg_calendar_day *a, const struct bh_msg_calendar_day *b)
{
	return a->works == b->works && a->as == b->as && bh_span_equal(a->name, b->name);
}

/* What two years' lists name is the later's. */
static bool day_stays(const struct listed *listed, const struct bh_msg_calendar_day *before)
{
	const struct bh_msg_calendar_day *day = listed_find(listed, before->day);
	struct bh_import_at whole = {listed->import->faults, "", 0, NULL};
	char text[BH_TIME_TEXT_SIZE];
	uint32_t year = list_year(before);
	if (listed->years[year])
		return false;
	if (!day || list_year(day) > year)
		return !day;
	if (!days_agree(day, before) && bh_day_text(before->day, text))
		bh_fault_say(&whole, "days", "%s stands in the list of %u, and otherwise", text,
			(unsigned)year);
	return true;
}

static int day_compare(const void *a, const void *b)
{
	const struct bh_msg_calendar_day *left = a, *right = b;
	return (left->day > right->day) - (left->day < right->day);
}

static int listed_merge(struct listed *listed)
{
	struct bh_profile_import *import = listed->import;
	const struct bh_msg_settings *before = &import->before->settings;
	struct bh_msg_calendar_day *days = bh_arena_array(
		import->arena, before->days_count + listed->count + 1, sizeof(*days));
	size_t count = 0, kept;
	if (!days)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < before->days_count; i++)
		if (day_stays(listed, &before->days[i]))
			days[count++] = before->days[i];
	kept = count;
	qsort(days, kept, sizeof(*days), day_compare);
	for (size_t i = 0; i < listed->count; i++)
		if (!bsearch(&listed->days[i], days, kept, sizeof(*days), day_compare))
			days[count++] = listed->days[i];
	qsort(days, count, sizeof(*days), day_compare);
	import->out.settings.days = days;
	import->out.settings.days_count = count;
	return BH_NOERR;
}

int bh_calendar_read(
	struct bh_profile_import *import, const json_t *list, const struct bh_calendar *calendar)
{
	/* The last three only tell of the list itself. */
	static const char *const names[] = {"year", "days", "papers", "$schema", "$id", NULL};
	struct bh_import_at whole = {import->faults, "", 0, NULL};
	struct listed *listed = bh_arena_array(import->arena, 1, sizeof(*listed));
	uint32_t year = 0;
	if (!listed)
		return BH_ERR_NOMEM;
	*listed = (struct listed){.import = import, .calendar = *calendar};
	bh_fields_check(&whole, list, names);
	(void)bh_field_u32(&whole, list, "year", 1, YEAR_MAX, false, &year);
	const json_t *days = bh_field_list(&whole, list, "days", true);
	if (json_array_size(days) > BH_CALENDAR_DAYS_MAX) {
		bh_fault_say(&whole, "days", "it has more than %u days", BH_CALENDAR_DAYS_MAX);
		return BH_NOERR;
	}
	if (days && json_array_size(days) == 0 && year == 0)
		bh_fault_say(&whole, "days", "it is empty, and the list names no year");
	int err = listed_read(listed, days, year);
	if (year != 0)
		listed->years[year] = true;
	if (!err)
		err = listed_merge(listed);
	if (!err && import->out.settings.days_count > BH_CALENDAR_DAYS_MAX)
		bh_fault_say(&whole, "days", "with those in force it would be more than %u days",
			BH_CALENDAR_DAYS_MAX);
	if (!err && import->faults->no_memory)
		err = BH_ERR_NOMEM;
	return err;
}
