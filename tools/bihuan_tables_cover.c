/* What tables do to the map: the outlines that they bring are laid over those of the district in
 * force before anything is, and the gaps and overlaps that were not there without them are told.  A
 * report, not a refusal, as that of `areas check`. */
#include <stdio.h>
#include <string.h>

#include "tools/bihuan.h"
#include "tools/cli/say.h"
#include "tools/coverage/coverage.h"

#define MIN_M2 100.0
#define TOLD_MAX 20u

static const char *code_of(const json_t *area)
{
	const char *code = json_string_value(json_object_get(area, "code"));
	return code ? code : "";
}

/* As the server lays a row (server/console/tables.c): its members, and what is not there yet. */
static bool row_lay(json_t *areas, json_t *places, const json_t *row)
{
	const char *code = code_of(row);
	const json_t *known = json_object_get(places, code);
	json_t *area = known ? json_array_get(areas, (size_t)json_integer_value(known))
			     : json_object();
	bool gone = json_is_true(json_object_get(row, "remove"));
	if (known && gone)
		return json_object_clear(area) == 0;
	if (!known && (gone || !*code)) {
		json_decref(area);
		return true;
	}
	bool fits = area && json_object_update(area, (json_t *)row) == 0;
	if (known)
		return fits;
	json_t *new = json_object_get(row, "if_new");
	fits = fits && (!new || json_object_update_missing(area, new) == 0) &&
	       json_object_set_new(
		       places, code, json_integer((json_int_t)json_array_size(areas))) == 0;
	return json_array_append_new(areas, area) == 0 && fits;
}

static json_t *areas_laid(const json_t *profile, const json_t *rows)
{
	json_t *areas = json_deep_copy(json_object_get(profile, "areas")), *places = json_object();
	if (!areas)
		areas = json_array();
	bool fits = areas && places;
	for (size_t i = 0; fits && i < json_array_size(areas); i++)
		fits = json_object_set_new(places, code_of(json_array_get(areas, i)),
			       json_integer((json_int_t)i)) == 0;
	for (size_t i = 0; fits && i < json_array_size(rows); i++)
		fits = row_lay(areas, places, json_array_get(rows, i));
	for (size_t i = json_array_size(areas); fits && i-- > 0;)
		if (json_object_size(json_array_get(areas, i)) == 0)
			(void)json_array_remove(areas, i);
	json_decref(places);
	if (fits)
		return areas;
	json_decref(areas);
	return NULL;
}

/* Of areas alone: what they lack of people is not known of a part of the tables. */
static json_t *found_of(const json_t *areas)
{
	size_t more = 0;
	json_t *profile = json_pack("{s:O}", "areas", (json_t *)areas);
	json_t *found = profile ? bh_coverage_find(profile, "", MIN_M2, &more) : NULL;
	json_decref(profile);
	return found;
}

static bool is_of_map(const json_t *one)
{
	static const char *const whats[] = {"invalid", "gap", "overlap", "outside"};
	const char *what = json_string_value(json_object_get(one, "what"));
	for (size_t i = 0; what && i < sizeof(whats) / sizeof(whats[0]); i++)
		if (strcmp(what, whats[i]) == 0)
			return true;
	return false;
}

static bool was_there(const json_t *before, const json_t *one)
{
	for (size_t i = 0; i < json_array_size(before); i++)
		if (json_equal(json_array_get(before, i), one))
			return true;
	return false;
}

json_t *bh_tool_tables_cover(const json_t *profile, const json_t *rows)
{
	json_t *areas = areas_laid(profile, rows), *before = NULL, *after = NULL;
	json_t *told = json_array(), *was = json_object_get(profile, "areas");
	if (areas)
		after = found_of(areas);
	if (after && was)
		before = found_of(was);
	for (size_t i = 0; told && i < json_array_size(after); i++) {
		json_t *one = json_array_get(after, i);
		if (is_of_map(one) && !was_there(before, one) && json_array_append(told, one))
			break;
	}
	json_decref(areas);
	json_decref(before);
	json_decref(after);
	return told;
}

void bh_tool_cover_print(const struct bh_cli_call *call, const json_t *told)
{
	size_t count = json_array_size(told);
	for (size_t i = 0; i < count && i < TOLD_MAX; i++) {
		const json_t *one = json_array_get(told, i);
		const char *other = json_string_value(json_object_get(one, "other"));
		bh_cli_note(call, "%s %s%s%s  %lld m2  %s",
			json_string_value(json_object_get(one, "what")),
			json_string_value(json_object_get(one, "area")), other ? " / " : "",
			other ? other : "",
			(long long)json_integer_value(json_object_get(one, "square_m")),
			json_string_value(json_object_get(one, "message")));
	}
	if (count > 0)
		bh_cli_note(call,
			call->zh ? "这些表格带来的边界问题共 %zu 处,不妨碍导入; bihuan areas check"
				 : "%zu places where outlines lie wrong, by these tables; that "
				   "hinders nothing: bihuan areas check",
			count);
}
