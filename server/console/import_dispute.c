/* Disputes of a profile: which tier a grade goes to, and which body mediates an industry's. */
#include "proto/err.h"
#include "server/console/exchange.h"
#include "server/console/profile.h"
#include "server/domain/mediation.h"

static const char *const tier_names[] = {"", "village", "township", "county", NULL};

static void grade_read(
	const struct bh_import_at *at, const json_t *object, struct bh_msg_grade *grade)
{
	static const char *const names[] = {"grade", "tier", NULL};
	static const char *const grades[] = {"", "plain", "harder", "complex", NULL};
	bh_fields_check(at, object, names);
	(void)bh_field_word(at, object, "grade", grades, true, &grade->grade);
	(void)bh_field_word(at, object, "tier", tier_names, true, &grade->tier);
}

static int industry_read(struct bh_profile_import *import, const struct bh_import_at *at,
	const json_t *object, struct bh_msg_industry *industry)
{
	static const char *const names[] = {"type", "class", "unit", "weekdays", NULL};
	const uint32_t *days = NULL;
	size_t count = 0;
	bh_fields_check(at, object, names);
	(void)bh_field_u32(at, object, "type", 1, UINT32_MAX, false, &industry->type);
	(void)bh_field_u32(at, object, "class", 1, UINT32_MAX, false, &industry->class);
	industry->unit = bh_import_code(at, object, "unit", &import->unit_now, true);
	int err = bh_field_numbers(at, import->arena, object, "weekdays", &days, &count);
	for (size_t i = 0; !err && i < count; i++) {
		if (days[i] > 7)
			bh_fault_say(at, "weekdays", "element %zu is not from 1 to 7", i + 1);
		else
			industry->weekdays |= 1u << (days[i] - 1);
	}
	return err;
}

static int grades_read(struct bh_profile_import *import, const json_t *profile)
{
	struct bh_import_at whole = {import->faults, "", 0, NULL};
	const json_t *list = bh_field_list(&whole, profile, "grades", false);
	size_t count = json_array_size(list);
	struct bh_msg_grade *grades = bh_arena_array(import->arena, count + 1, sizeof(*grades));
	if (!grades)
		return BH_ERR_NOMEM;
	if (!list) { /* those in force stay */
		import->out.grades = import->before->grades;
		import->out.grades_count = import->before->grades_count;
		return BH_NOERR;
	}
	for (size_t i = 0; i < count; i++) {
		struct bh_import_at at = {import->faults, "grades", i, NULL};
		grade_read(&at, json_array_get(list, i), &grades[i]);
	}
	import->out.grades = grades;
	import->out.grades_count = count;
	return BH_NOERR;
}

int bh_disputes_read(struct bh_profile_import *import, const json_t *profile)
{
	struct bh_import_at whole = {import->faults, "", 0, NULL};
	const json_t *list = bh_field_list(&whole, profile, "industries", false);
	size_t count = json_array_size(list);
	struct bh_msg_industry *industries = bh_arena_array(
		import->arena, count + 1, sizeof(*industries));
	int err = industries ? grades_read(import, profile) : BH_ERR_NOMEM;
	for (size_t i = 0; !err && i < count; i++) {
		struct bh_import_at at = {import->faults, "industries", i, NULL};
		err = industry_read(import, &at, json_array_get(list, i), &industries[i]);
	}
	import->out.industries = list ? industries : import->before->industries;
	import->out.industries_count = err ? 0 : list ? count : import->before->industries_count;
	return err;
}

static json_t *industry_json(const struct bh_rules *rules, const struct bh_msg_industry *industry)
{
	json_t *json = bh_member_set(json_object(), "unit", bh_unit_code(rules, industry->unit));
	json_t *days = json_array();
	json = bh_member_set(json, industry->type ? "type" : "class",
		json_integer(industry->type ? industry->type : industry->class));
	for (int day = 1; day <= 7; day++)
		if ((industry->weekdays >> (day - 1) & 1) != 0)
			days = bh_items_add(days, json_integer(day));
	if (industry->weekdays != 0)
		return bh_member_set(json, "weekdays", days);
	json_decref(days);
	return json;
}

json_t *bh_profile_disputes_json(const struct bh_rules *rules, json_t *profile)
{
	const struct bh_msg_profile *from = bh_rules_profile(rules);
	json_t *grades = json_array(), *industries = json_array();
	for (size_t i = 0; i < from->grades_count; i++)
		grades = bh_items_add(grades,
			json_pack("{s:s?, s:s}", "grade", bh_grade_name(from->grades[i].grade),
				"tier", tier_names[from->grades[i].tier & 3u]));
	for (size_t i = 0; i < from->industries_count; i++)
		industries = bh_items_add(industries, industry_json(rules, &from->industries[i]));
	profile = bh_member_set(profile, "grades", grades);
	return bh_member_set(profile, "industries", industries);
}
