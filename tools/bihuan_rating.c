/* What the public says of answers: a token for who reported, a rating with it, and the figures. */
#include <stdio.h>
#include <string.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

/* The token alone goes to stdout: it is printed on a slip, or sent. */
int bh_tool_invite(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_case_path(call, path, "invite");
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(call, path, json_object(), &answer);
	if (exit == BH_CLI_DONE && !call->json)
		printf("%s\n", json_string_value(json_object_get(answer, "token")));
	bh_tool_repeat_note(call, answer);
	json_decref(answer);
	return exit;
}

int bh_tool_rate(struct bh_cli_call *call)
{
	static const char *const names[] = {"token", "rating", "text"};
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL, *body = json_object();
	int exit = bh_tool_case_path(call, path, "rating");
	if (exit == BH_CLI_DONE)
		exit = bh_tool_texts(call, names, sizeof(names) / sizeof(names[0]), body);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(call, path, json_incref(body), &answer);
	json_decref(body);
	if (exit == BH_CLI_DONE && !call->json)
		printf("%s  %s\n", call->operands[0],
			json_string_value(json_object_get(answer, "rating")));
	json_decref(answer);
	return exit;
}

/* A rate as it is printed: what of how many, and per cent. */
static void rate_flatten(json_t *row, const char *name)
{
	char text[64] = "";
	const json_t *rate = json_object_get(row, name);
	const json_t *percent = json_object_get(rate, "percent");
	const char *about = json_string_value(json_object_get(rate, "about"));
	if (about)
		(void)snprintf(text, sizeof(text), "%s of %lld", about,
			(long long)json_integer_value(json_object_get(rate, "denominator")));
	else if (rate)
		(void)snprintf(text, sizeof(text), "%lld/%lld",
			(long long)json_integer_value(json_object_get(rate, "numerator")),
			(long long)json_integer_value(json_object_get(rate, "denominator")));
	if (json_is_number(percent))
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), " %.1f%%",
			json_number_value(percent));
	(void)json_object_set_new(row, name, json_string(text));
}

static int figures_say(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"unit", "unit", "单位"},
		{"unit_name", "name", "名称"}, {"satisfaction", "satisfied of rated", "满意/评价"},
		{"response", "rated of closed", "评价/结案"}, {"hidden", "hidden", "不显示"},
		{NULL}};
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL, *row;
	size_t i;
	int exit = bh_tool_district_path(call, path, "ratings", NULL);
	if (exit == BH_CLI_DONE && !bh_tool_parameter(path, "month", bh_cli_value(call, "month")))
		exit = bh_cli_fail(call, BH_CLI_USAGE, "usage", "an option is too long", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit == BH_CLI_DONE && call->json) {
		bh_cli_print_json(answer);
	} else if (exit == BH_CLI_DONE) {
		json_array_foreach(json_object_get(answer, "items"), i, row)
		{
			rate_flatten(row, "satisfaction");
			rate_flatten(row, "response");
		}
		bh_cli_table(json_object_get(answer, "items"), columns, call->zh);
	}
	json_decref(answer);
	return exit;
}

int bh_tool_ratings(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"cycle", "cycle", "周期"},
		{"unit", "unit", "单位"}, {"closed_at", "closed", "结案"},
		{"until", "until", "评价截止"}, {"rating", "rating", "评价"},
		{"text", "text", "意见"}, {NULL}};
	char path[BH_TOOL_PATH_MAX];
	if (call->operands_count == 0)
		return figures_say(call);
	int exit = bh_tool_case_path(call, path, "ratings");
	return exit == BH_CLI_DONE ? bh_tool_list(call, path, columns) : exit;
}
