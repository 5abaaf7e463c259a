/* `register`: a matter that came to a desk becomes a case.  The number is what the citizen is told;
 * what names him goes afterwards into a sealed party. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"

/* "30.25,120.17" */
static int place_set(struct bh_cli_call *call, json_t *body)
{
	const char *text = bh_cli_value(call, "at"), *datum = bh_cli_value(call, "datum");
	char *end = NULL, *last = NULL;
	if (!text)
		return !datum ? BH_CLI_DONE
			      : bh_cli_fail(call, BH_CLI_USAGE, "usage", "--datum is of a position",
					"--at=LAT,LON");
	double latitude = strtod(text, &end);
	double longitude = *end == ',' ? strtod(end + 1, &last) : 0;
	if (end == text || !last || last == end + 1 || *last || !isfinite(latitude) ||
		!isfinite(longitude))
		return bh_cli_fail(call, BH_CLI_USAGE, "usage", "--at is no position",
			"latitude and longitude in degrees: --at=30.2512,120.1703");
	json_t *place = json_pack("{s:f, s:f, s:s}", "latitude", latitude, "longitude", longitude,
		"datum", datum ? datum : "wgs84");
	return json_object_set_new(body, "place", place) == 0
		       ? BH_CLI_DONE
		       : bh_cli_fail(
				 call, BH_CLI_DATA, "text", "an option is not UTF-8 text", "at");
}

static int body_make(struct bh_cli_call *call, json_t *body)
{
	static const char *const texts[] = {
		"intake", "visitors", "type", "condition", "urgency", "text", "grid"};
	int exit = bh_tool_texts(call, texts, sizeof(texts) / sizeof(texts[0]), body);
	return exit == BH_CLI_DONE ? place_set(call, body) : exit;
}

static void emergency_note(const struct bh_cli_call *call, const json_t *numbers)
{
	size_t i;
	json_t *number;
	json_array_foreach((json_t *)numbers, i, number)
	{
		bh_cli_note(call, "%s %lld", call->zh ? "涉及人身安全,请先拨打" : "first call",
			(long long)json_integer_value(number));
	}
}

static bool may(const json_t *answer, const char *verb)
{
	const json_t *verbs = json_object_get(answer, "may");
	size_t i;
	json_t *one;
	json_array_foreach((json_t *)verbs, i, one)
	{
		const char *word = json_string_value(one);
		if (word && strcmp(word, verb) == 0)
			return true;
	}
	return false;
}

/* What follows is told to whose it is: another desk's queue has it by itself. */
static void told(struct bh_cli_call *call, const json_t *answer)
{
	const char *number = json_string_value(json_object_get(answer, "number"));
	if (call->json)
		bh_cli_print_json(answer);
	else
		printf("%s  %s\n", number, json_string_value(json_object_get(answer, "state")));
	bh_tool_repeat_note(call, answer);
	emergency_note(call, json_object_get(answer, "emergency"));
	if (may(answer, "party"))
		bh_cli_note(call, "%s bihuan party add %s --as=%s --role=complainant --stdin",
			call->zh ? "记录反映人(加密封存):" : "who brought it, sealed:", number,
			bh_tool_as(call));
	if (may(answer, "dispatch"))
		bh_tool_next(call, json_object_get(answer, "case"));
}

int bh_tool_register(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL, *body = json_object();
	int exit = body_make(call, body);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_district_path(call, path, "cases", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post(call, path, body, &answer);
	json_decref(body);
	if (exit == BH_CLI_DONE)
		told(call, answer);
	json_decref(answer);
	return exit;
}
