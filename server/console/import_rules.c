/* Settings of a profile, and the reading of a profile as a whole: areas, units, people, routes,
 * settings, in this order, since each names what came before. */
#include <stdio.h>
#include <string.h>

#include "proto/calendar.h"
#include "proto/err.h"
#include "server/console/profile.h"

/* ---- Settings ---- */

/* "08:00" -> 480; "24:00" is a legal end. */
static void minutes_read(
	const struct bh_import_at *at, const json_t *object, const char *name, uint32_t *out)
{
	struct bh_span text = {NULL, 0};
	unsigned hour, minute;
	char end;
	if (!bh_field_text(at, object, name, 5, true, &text))
		return;
	if (sscanf((const char *)text.data, "%2u:%2u%c", &hour, &minute, &end) != 2 ||
		minute > 59 || hour * 60 + minute > 1440)
		bh_fault_say(at, name, "it is not a time of day as in 08:00");
	else
		*out = hour * 60 + minute;
}

static int week_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_settings *settings)
{
	static const char *const names[] = {"weekday", "from", "to", NULL};
	const json_t *list = bh_field_list(at, object, "week", false);
	size_t count = json_array_size(list);
	if (count > BH_CALENDAR_PERIODS_MAX) {
		bh_fault_say(at, "week", "it has more than %u periods", BH_CALENDAR_PERIODS_MAX);
		return BH_NOERR;
	}
	struct bh_msg_work_period *week = bh_arena_array(import->arena, count + 1, sizeof(*week));
	if (!week)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		struct bh_import_at period = {import->faults, "week", i, NULL};
		const json_t *one = json_array_get(list, i);
		bh_fields_check(&period, one, names);
		(void)bh_field_u32(&period, one, "weekday", 1, 7, true, &week[i].weekday);
		minutes_read(&period, one, "from", &week[i].from_min);
		minutes_read(&period, one, "to", &week[i].to_min);
	}
	settings->week = week;
	settings->week_count = count;
	return BH_NOERR;
}

static int classes_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, const char *name, const uint32_t **out, size_t *out_count)
{
	const json_t *list = bh_field_list(at, object, name, false);
	size_t count = json_array_size(list);
	uint32_t *classes = bh_arena_array(import->arena, count + 1, sizeof(*classes));
	if (!classes)
		return BH_ERR_NOMEM;
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(list, i);
		json_int_t code = json_is_string(one) ? strtoll(json_string_value(one), NULL, 10)
						      : json_integer_value(one);
		if (code < 1 || code > UINT32_MAX)
			bh_fault_say(at, name, "element %zu is no class", i + 1);
		else
			classes[i] = (uint32_t)code;
	}
	*out = classes;
	*out_count = count;
	return BH_NOERR;
}

static int all_classes_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_settings *settings)
{
	int err = classes_read(import, at, object, "automatic_off_classes",
		&settings->automatic_off_classes, &settings->automatic_off_classes_count);
	if (!err)
		err = classes_read(import, at, object, "self_dispose_classes",
			&settings->self_dispose_classes, &settings->self_dispose_classes_count);
	if (!err)
		err = classes_read(import, at, object, "close_by_clock_off_classes",
			&settings->close_by_clock_off_classes,
			&settings->close_by_clock_off_classes_count);
	return err;
}

static void switches_read(
	const struct bh_import_at *at, const json_t *object, struct bh_msg_settings *settings)
{
	(void)bh_field_bool(at, object, "check_sampling_off", &settings->check_sampling_off);
	(void)bh_field_bool(at, object, "repeat_check_off", &settings->repeat_check_off);
	(void)bh_field_bool(at, object, "evidence_off", &settings->evidence_off);
	(void)bh_field_bool(at, object, "unit_sign_off", &settings->unit_sign_off);
	(void)bh_field_bool(at, object, "automatic_off", &settings->automatic_off);
}

int bh_settings_read(struct bh_profile_import *import, const json_t *profile)
{
	static const char *const names[] = {"dispatch_limit_min", "dispatch_margin_min",
		"automatic_off", "automatic_off_classes", "sign_limit_work_min",
		"check_limit_work_min", "return_window_work_min", "nearest_grid_m",
		"utc_offset_min", "week", "days", "retention", "check_percent",
		"self_dispose_classes", "check_sampling_off", "evidence_off",
		"close_by_clock_off_classes", "unit_sign_off", "repeat_check_off", NULL};
	struct bh_import_at at = {import->faults, "settings", 0, NULL};
	struct bh_msg_settings *settings = &import->out.settings;
	const json_t *object = json_object_get(profile, "settings");
	int64_t offset_min = 0;
	if (!object || json_is_null(object))
		return bh_days_read(import, NULL);
	if (!json_is_object(object)) {
		bh_fault_say(&at, NULL, "it is not an object");
		return BH_NOERR;
	}
	bh_fields_check(&at, object, names);
	const struct {
		const char *name;
		uint32_t *out;
	} numbers[] = {{"dispatch_limit_min", &settings->dispatch_limit_min},
		{"dispatch_margin_min", &settings->dispatch_margin_min},
		{"sign_limit_work_min", &settings->sign_limit_work_min},
		{"check_limit_work_min", &settings->check_limit_work_min},
		{"return_window_work_min", &settings->return_window_work_min},
		{"nearest_grid_m", &settings->nearest_grid_m}};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)bh_field_u32(&at, object, numbers[i].name, 1, 1000000, false, numbers[i].out);
	(void)bh_field_u32(&at, object, "check_percent", 20, 100, false, &settings->check_percent);
	switches_read(&at, object, settings);
	if (bh_field_number(&at, object, "utc_offset_min", -1080, 1080, false, &offset_min))
		settings->utc_offset_min = (int32_t)offset_min;
	int err = all_classes_read(import, &at, object, settings);
	if (!err)
		err = bh_retention_read(import, &at, object, settings);
	if (!err)
		err = week_read(import, &at, object, settings);
	return err ? err : bh_days_read(import, object);
}

/* ---- The whole ---- */

static int books_open(struct bh_profile_import *import)
{
	const struct bh_msg_profile *before = import->before;
	int err = BH_NOERR;
	struct bh_code_book *books[] = {&import->areas, &import->units, &import->people,
		&import->posts, &import->patrols, &import->area_now, &import->unit_now};
	for (size_t i = 0; i < sizeof(books) / sizeof(books[0]) && !err; i++)
		err = bh_code_book_open(books[i]);
	for (size_t i = 0; i < before->areas_count && !err; i++)
		err = bh_code_book_keep(&import->areas, before->areas[i].code, before->areas[i].id);
	for (size_t i = 0; i < before->units_count && !err; i++)
		err = bh_code_book_keep(&import->units, before->units[i].code, before->units[i].id);
	for (size_t i = 0; i < before->people_count && !err; i++)
		err = bh_code_book_keep(
			&import->people, before->people[i].code, before->people[i].id);
	for (size_t i = 0; i < before->posts_count && !err; i++) {
		const struct bh_msg_post *post = &before->posts[i];
		char key[64];
		int n = snprintf(key, sizeof(key), "%u/%u/%u/%u", post->person, post->role,
			post->unit, post->area);
		err = bh_code_book_keep(&import->posts, bh_span(key, (size_t)n), post->id);
	}
	for (size_t i = 0; i < before->patrols_count && !err; i++)
		err = bh_code_book_keep(
			&import->patrols, before->patrols[i].code, before->patrols[i].id);
	return err;
}

int bh_profile_read(struct bh_profile_import *import, const json_t *profile)
{
	static const char *const names[] = {"name", "areas", "units", "people", "routes",
		"settings", "patrols", "duty_periods", "assets", "shifts", "grades", "industries",
		NULL};
	struct bh_import_at whole = {import->faults, "", 0, NULL};
	int err = books_open(import);
	bh_fields_check(&whole, profile, names);
	(void)bh_field_text(&whole, profile, "name", BH_NAME_BYTES_MAX, true, &import->out.name);
	if (!err)
		err = bh_areas_read(import, profile);
	if (!err)
		err = bh_units_read(import, profile);
	if (!err)
		err = bh_people_read(import, profile);
	if (!err)
		bh_liaisons_read(import, profile);
	if (!err)
		err = bh_routes_read(import, profile);
	if (!err)
		err = bh_settings_read(import, profile);
	if (!err)
		err = bh_patrols_read(import, profile);
	if (!err)
		err = bh_duty_read(import, profile);
	if (!err)
		err = bh_assets_read(import, profile);
	if (!err)
		err = bh_shifts_read(import, profile);
	if (!err)
		err = bh_disputes_read(import, profile);
	if (!err && import->faults->no_memory)
		err = BH_ERR_NOMEM;
	return err;
}

void bh_profile_import_close(struct bh_profile_import *import)
{
	json_decref(import->gaps);
	bh_code_book_close(&import->areas);
	bh_code_book_close(&import->units);
	bh_code_book_close(&import->people);
	bh_code_book_close(&import->posts);
	bh_code_book_close(&import->patrols);
	bh_code_book_close(&import->area_now);
	bh_code_book_close(&import->unit_now);
}
