/* Rosters: rows of desks, people, days and hours (domain.md, Shift), as a list of their own or as a
 * member of a profile.
 *
 *   rows in force ─ those of the desks that the list names ─┐
 *   rows of the list ───────────────────────────────────────┴─▶ the rosters
 *
 * So a desk's new month is one file, and what other desks have stays. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/console/exchange.h"
#include "server/console/profile.h"

#define DAY_MIN 1440u
#define GAPS_MAX 20000u   /* that are looked at */
#define GAPS_TOLD_MAX 40u /* of one desk: rows, each a gap or one that comes back daily */

static const char *const kinds[] = {"any", "work", "rest", NULL};
static const char *const periods[] = {"any", "heightened", NULL};

/* ---- One row ---- */

/* "08:00"; "24:00" is an end. */
static void minutes_read(
	const struct bh_import_at *at, const json_t *object, const char *name, uint32_t *out)
{
	struct bh_span text = {NULL, 0};
	if (!bh_field_text(at, object, name, 8, true, &text))
		return;
	const char *t = (const char *)text.data;
	bool fits = text.len == 5 && t[2] == ':' && strspn(t, "0123456789:") == 5;
	unsigned long hour = fits ? strtoul(t, NULL, 10) : 99;
	unsigned long minute = fits ? strtoul(t + 3, NULL, 10) : 99;
	if (minute > 59 || hour * 60 + minute > DAY_MIN)
		bh_fault_say(at, name, "%s is no time of day, as in 08:00", t);
	else
		*out = (uint32_t)(hour * 60 + minute);
}

/* "135": Monday, Wednesday, Friday. */
static void weekdays_read(const struct bh_import_at *at, const json_t *object, uint32_t *out)
{
	struct bh_span text = {NULL, 0};
	if (!bh_field_text(at, object, "weekdays", 7, false, &text))
		return;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '1' || text.data[i] > '7') {
			bh_fault_say(at, "weekdays", "it is not digits from 1 (Monday) to 7");
			return;
		}
		*out |= 1u << (text.data[i] - '1');
	}
}

static uint32_t code_id(const struct bh_import_at *at, const json_t *object, const char *field,
	const struct bh_code_book *book)
{
	struct bh_span code = {NULL, 0};
	if (!bh_field_text(at, object, field, BH_NAME_BYTES_MAX, true, &code))
		return 0;
	uint32_t id = bh_code_book_find(book, code);
	if (id == 0)
		bh_fault_say(at, field, "there is no %s %.*s",
			strcmp(field, "desk") == 0 ? "unit" : field, (int)code.len,
			(const char *)code.data);
	return id;
}

static void row_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_shift *shift)
{
	static const char *const names[] = {"desk", "person", "first", "last", "days", "weekdays",
		"from", "to", "period", "note", NULL};
	struct bh_span note = {NULL, 0};
	uint32_t period = 0;
	bh_fields_check(at, object, names);
	shift->unit = code_id(at, object, "desk", &import->unit_now);
	shift->person = code_id(at, object, "person", &import->people);
	(void)bh_field_day(at, object, "first", &shift->from_day);
	(void)bh_field_day(at, object, "last", &shift->to_day);
	(void)bh_field_word(at, object, "days", kinds, false, &shift->days);
	(void)bh_field_word(at, object, "period", periods, false, &period);
	shift->heightened = period != 0;
	(void)bh_field_text(at, object, "note", BH_NAME_BYTES_MAX, false, &note);
	weekdays_read(at, object, &shift->weekdays);
	minutes_read(at, object, "from", &shift->from_min);
	minutes_read(at, object, "to", &shift->to_min);
	if (shift->from_min == DAY_MIN)
		bh_fault_say(at, "from", "24:00 is an end; the day after begins at 00:00");
}

/* What only a roster that is given says: who cannot do a thing there is no help. */
static bool has_post_at(const struct bh_msg_profile *profile, const struct bh_rules *rules,
	const struct bh_msg_shift *shift)
{
	const struct bh_msg_unit *desk = bh_rules_unit(rules, shift->unit);
	for (size_t i = 0; desk && i < profile->posts_count; i++) {
		const struct bh_msg_post *post = &profile->posts[i];
		if (post->person == shift->person &&
			(post->unit == shift->unit ||
				bh_rules_area_within(rules, post->area, desk->area) ||
				bh_rules_area_within(rules, desk->area, post->area)))
			return true;
	}
	return false;
}

/* ---- Lists ---- */

static int rows_read(struct bh_profile_import *import, const json_t *list, size_t room,
	struct bh_msg_shift **out)
{
	size_t count = json_array_size(list);
	struct bh_msg_shift *shifts = bh_arena_array(
		import->arena, count + room + 1, sizeof(*shifts));
	if (!shifts)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(list, i);
		struct bh_import_at at = {import->faults, "shifts", i,
			json_string_value(json_object_get(one, "person"))};
		row_read(import, &at, one, &shifts[i]);
	}
	*out = shifts;
	return BH_NOERR;
}

static bool is_named(const struct bh_msg_shift *shifts, size_t count, uint32_t unit)
{
	for (size_t i = 0; i < count; i++)
		if (shifts[i].unit == unit)
			return true;
	return false;
}

static bool unit_is_there(const struct bh_msg_profile *profile, uint32_t unit)
{
	for (size_t i = 0; i < profile->units_count; i++)
		if (profile->units[i].id == unit)
			return true;
	return false;
}

/* A profile without rosters keeps those in force, as far as their desks are still there. */
int bh_shifts_read(struct bh_profile_import *import, const json_t *profile)
{
	struct bh_import_at whole = {import->faults, "", 0, NULL};
	const struct bh_msg_profile *before = import->before;
	const json_t *list = bh_field_list(&whole, profile, "shifts", false);
	size_t room = list ? 0 : before->shifts_count, count = json_array_size(list);
	struct bh_msg_shift *shifts = NULL;
	int err = rows_read(import, list, room, &shifts);
	for (size_t i = 0; !err && i < room; i++)
		if (unit_is_there(&import->out, before->shifts[i].unit))
			shifts[count++] = before->shifts[i];
	import->out.shifts = shifts;
	import->out.shifts_count = err ? 0 : count;
	return err;
}

/* The codes that rows of a roster name. */
static int codes_open(struct bh_profile_import *import)
{
	const struct bh_msg_profile *before = import->before;
	int err = bh_code_book_open(&import->unit_now);
	if (!err)
		err = bh_code_book_open(&import->people);
	for (size_t i = 0; i < before->units_count && !err; i++)
		err = bh_code_book_keep(
			&import->unit_now, before->units[i].code, before->units[i].id);
	for (size_t i = 0; i < before->people_count && !err; i++)
		err = bh_code_book_keep(
			&import->people, before->people[i].code, before->people[i].id);
	return err;
}

int bh_roster_read(
	struct bh_profile_import *import, const struct bh_rules *rules, const json_t *roster)
{
	static const char *const names[] = {"shifts", NULL};
	struct bh_import_at whole = {import->faults, "", 0, NULL};
	const struct bh_msg_profile *before = import->before;
	struct bh_msg_shift *shifts = NULL;
	int err = codes_open(import);
	bh_fields_check(&whole, roster, names);
	const json_t *list = bh_field_list(&whole, roster, "shifts", true);
	size_t count = json_array_size(list), given = count;
	if (!err)
		err = rows_read(import, list, before->shifts_count, &shifts);
	for (size_t i = 0; !err && i < given; i++) {
		struct bh_import_at at = {import->faults, "shifts", i, NULL};
		if (shifts[i].unit && shifts[i].person && !has_post_at(before, rules, &shifts[i]))
			bh_fault_say(&at, "person", "who is named holds no post at this desk");
	}
	for (size_t i = 0; !err && i < before->shifts_count; i++)
		if (!is_named(shifts, given, before->shifts[i].unit))
			shifts[count++] = before->shifts[i];
	import->out.shifts = shifts;
	import->out.shifts_count = err ? 0 : count;
	return err;
}

/* ---- Export ---- */

static json_t *weekdays_json(uint32_t weekdays)
{
	char text[8];
	size_t len = 0;
	for (unsigned weekday = 0; weekday < 7; weekday++)
		if (weekdays >> weekday & 1)
			text[len++] = (char)('1' + weekday);
	text[len] = '\0';
	return json_string(text);
}

json_t *bh_shift_json(const struct bh_rules *rules, const struct bh_msg_shift *shift)
{
	char day[BH_TIME_TEXT_SIZE];
	const struct bh_msg_person *person = bh_rules_person(rules, shift->person);
	json_t *json = json_pack("{s:o, s:o}", "desk", bh_unit_code(rules, shift->unit), "person",
		bh_json_span(person ? person->code : bh_span(NULL, 0)));
	if (shift->from_day && bh_day_text(shift->from_day, day))
		json = bh_member_set(json, "first", json_string(day));
	if (shift->to_day && bh_day_text(shift->to_day, day))
		json = bh_member_set(json, "last", json_string(day));
	if (shift->days)
		json = bh_member_set(json, "days", json_string(kinds[shift->days]));
	if (shift->weekdays)
		json = bh_member_set(json, "weekdays", weekdays_json(shift->weekdays));
	if (shift->heightened)
		json = bh_member_set(json, "period", json_string(periods[1]));
	json = bh_member_set(json, "from", bh_profile_minutes_json(shift->from_min));
	return bh_member_set(json, "to", bh_profile_minutes_json(shift->to_min));
}

/* A gap, and on how many days in a row it is there. */
static json_t *gap_json(const struct bh_rules *rules, const struct bh_shift_gap *gap, size_t days)
{
	char from[BH_TIME_TEXT_SIZE], to[BH_TIME_TEXT_SIZE];
	int32_t offset_min = bh_rules_settings(rules)->utc_offset_min;
	(void)bh_time_format(gap->from_ms, offset_min, from);
	(void)bh_time_format(gap->to_ms, offset_min, to);
	return json_pack("{s:o, s:s, s:s, s:s, s:I}", "desk", bh_unit_code(rules, gap->unit),
		"from", from, "to", to, "missing", gap->leader ? "shift leader" : "anybody", "days",
		(json_int_t)days);
}

/* The same desk, hours and want a day later, so many times: at least the first itself. */
static size_t days_of(const struct bh_shift_gap *gaps, size_t count)
{
	size_t days = 1;
	while (days < count && gaps[days].unit == gaps[0].unit &&
		gaps[days].leader == gaps[0].leader &&
		gaps[days].from_ms == gaps[days - 1].from_ms + DAY_MIN * INT64_C(60000) &&
		gaps[days].to_ms == gaps[days - 1].to_ms + DAY_MIN * INT64_C(60000))
		days++;
	return days;
}

/* Those of one desk that stand first: up to so many rows, and how many are not told.  Gives how
 * many gaps they were. */
static size_t desk_gaps(
	const struct bh_rules *rules, const struct bh_shift_gap *gaps, size_t count, json_t **list)
{
	size_t at = 0, rows = 0, untold = 0;
	while (at < count && gaps[at].unit == gaps[0].unit) {
		size_t days = days_of(gaps + at, count - at);
		if (rows++ < GAPS_TOLD_MAX)
			*list = bh_items_add(*list, gap_json(rules, &gaps[at], days));
		else
			untold += days;
		at += days;
	}
	if (untold > 0)
		*list = bh_items_add(
			*list, json_pack("{s:o, s:I}", "desk", bh_unit_code(rules, gaps[0].unit),
				       "more", (json_int_t)untold));
	return at;
}

json_t *bh_shift_gaps_json(const struct bh_rules *rules, int64_t from_ms)
{
	struct bh_shift_gap *gaps = calloc(GAPS_MAX, sizeof(*gaps));
	json_t *list = gaps ? json_array() : NULL;
	size_t count = gaps ? bh_rules_shift_gaps(rules, from_ms, gaps, GAPS_MAX) : 0;
	size_t kept = count < GAPS_MAX ? count : GAPS_MAX;
	for (size_t at = 0; at < kept;)
		at += desk_gaps(rules, gaps + at, kept - at, &list);
	if (count > kept)
		list = bh_items_add(
			list, json_pack("{s:n, s:I}", "desk", "more", (json_int_t)(count - kept)));
	free(gaps);
	return list;
}
