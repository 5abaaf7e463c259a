/* `areas check`: gaps, overlaps and what lies outside, of the district in force or of a profile's
 * file; grids and workers who lack each other; and units without people, with the open cases that
 * wait there where a district is asked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/clock.h"
#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/coverage/coverage.h"

#define MIN_M2 100.0
#define CHINA_S (8 * 3600)

static int profile_get(struct bh_cli_call *call, json_t **out)
{
	char path[BH_TOOL_PATH_MAX], message[300];
	json_error_t fault;
	if (call->operands_count == 0) {
		int exit = bh_tool_district_path(call, path, "profile", NULL);
		return exit == BH_CLI_DONE ? bh_tool_get(call, path, out) : exit;
	}
	*out = json_load_file(call->operands[0], JSON_REJECT_DUPLICATES, &fault);
	if (*out && json_is_object(*out))
		return BH_CLI_DONE;
	(void)snprintf(message, sizeof(message), "%.160s:%d: %.120s", call->operands[0],
		*out ? 1 : fault.line, *out ? "it is not a profile" : fault.text);
	return bh_cli_fail(call, BH_CLI_DATA, "file", message, NULL);
}

static bool today_write(char text[16])
{
	struct bh_clock clock = bh_clock_system();
	time_t now = (time_t)(clock.now(clock.context).wall_ms / 1000) + CHINA_S;
	struct tm day;
	return gmtime_r(&now, &day) && strftime(text, 16, "%Y-%m-%d", &day) > 0;
}

static void found_print(const json_t *one)
{
	const char *other = json_string_value(json_object_get(one, "other"));
	json_int_t square_m = json_integer_value(json_object_get(one, "square_m"));
	const json_t *cases = json_object_get(one, "cases");
	double x = json_number_value(json_object_get(one, "longitude"));
	double y = json_number_value(json_object_get(one, "latitude"));
	printf("%-19s %s", json_string_value(json_object_get(one, "what")),
		json_string_value(json_object_get(one, "area")));
	if (other)
		printf(" / %s", other);
	printf("  %s", json_string_value(json_object_get(one, "name")));
	if (square_m)
		printf("  %lld m2", (long long)square_m);
	if (x != 0 || y != 0)
		printf("  at %.6f,%.6f", x, y);
	if (cases)
		printf("  %lld open cases", (long long)json_integer_value(cases));
	printf("  %s\n", json_string_value(json_object_get(one, "message")));
}

/* ---- Units without people ---- */

static void posts_lacking_print(const struct bh_cli_call *call, const json_t *answer)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(answer, "no_desk"), i, one)
	{
		bh_cli_note(call,
			call->zh ? "%s %s: 无人担任 %s" : "%s %s: nobody holds the role %s",
			json_string_value(json_object_get(one, "area")),
			json_string_value(json_object_get(one, "name")),
			json_string_value(json_object_get(one, "role")));
	}
	json_array_foreach(json_object_get(answer, "no_field_worker"), i, one)
	{
		bh_cli_note(call,
			call->zh ? "大类 %lld %s: 没有网格员可核实、核查"
				 : "class %lld %s: no field worker verifies or checks it",
			(long long)json_integer_value(json_object_get(one, "class")),
			json_string_value(json_object_get(one, "name")));
	}
}

void bh_tool_lacks_print(const struct bh_cli_call *call, const json_t *answer)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(answer, "unmanned"), i, one)
	{
		bh_cli_note(call,
			call->zh ? "%s %s: 无人在岗,未结 %lld%s 件"
				 : "%s %s: a unit without people, %lld%s open cases",
			json_string_value(json_object_get(one, "unit")),
			json_string_value(json_object_get(one, "name")),
			(long long)json_integer_value(json_object_get(one, "cases")),
			json_is_true(json_object_get(one, "more")) ? "+" : "");
	}
	posts_lacking_print(call, answer);
	json_array_foreach(json_object_get(answer, "kept_for_ever"), i, one)
	{
		bh_cli_note(call,
			call->zh ? "未设保留期限,永久保留: %s" : "no retention, kept for ever: %s",
			json_string_value(one));
	}
	json_array_foreach(json_object_get(answer, "safeguards_off"), i, one)
	{
		bh_cli_note(call,
			call->zh ? "保障措施已关闭(仅限试用): %s"
				 : "a safeguard is off, which is for trying out only: %s",
			json_string_value(one));
	}
}

static int cases_add(struct bh_cli_call *call, json_t *found)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL, *one, *unit;
	size_t i, k;
	int exit = bh_tool_district_path(call, path, "unmanned", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	json_array_foreach(json_object_get(answer, "items"), i, unit)
	{
		json_array_foreach(found, k, one)
		{
			if (strcmp(json_string_value(json_object_get(one, "what")),
				    "unit_without_people") == 0 &&
				json_equal(json_object_get(one, "area"),
					json_object_get(unit, "unit")))
				(void)json_object_set(one, "cases", json_object_get(unit, "cases"));
		}
	}
	json_decref(answer);
	return exit;
}

/* ---- What was found ---- */

static int found_tell(struct bh_cli_call *call, json_t *found, size_t more)
{
	size_t count = json_array_size(found) + more;
	if (call->json) {
		json_t *answer = json_pack("{s:O, s:I}", "found", found, "more", (json_int_t)more);
		bh_cli_print_json(answer);
		json_decref(answer);
	} else {
		for (size_t i = 0; i < json_array_size(found); i++)
			found_print(json_array_get(found, i));
		bh_cli_note(call,
			call->zh ? "共 %zu 处" : "%zu found, besides what is smaller than --min",
			count);
	}
	return count > 0 ? BH_CLI_PARTLY : BH_CLI_DONE;
}

int bh_tool_areas_check(struct bh_cli_call *call)
{
	char today[16] = "";
	const char *given = bh_cli_value(call, "min");
	json_t *profile = NULL;
	size_t more = 0;
	int exit = profile_get(call, &profile);
	if (exit != BH_CLI_DONE)
		return exit;
	json_t *found = today_write(today) ? bh_coverage_find(profile, today,
						     given ? strtod(given, NULL) : MIN_M2, &more)
					   : NULL;
	if (found && call->operands_count == 0)
		exit = cases_add(call, found);
	if (found && exit == BH_CLI_DONE)
		exit = found_tell(call, found, more);
	else if (!found)
		exit = bh_cli_fail(
			call, BH_CLI_AGAIN, "no-memory", "out of memory, or too many areas", NULL);
	json_decref(found);
	json_decref(profile);
	return exit;
}
