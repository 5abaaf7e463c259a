/* Routing: which rules are tried for a case of some type in some place, and what comes of it. */
#include <stdio.h>
#include <stdlib.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

static const struct bh_cli_column rule_columns[] = {{"version", "version", "版本"},
	{"type", "type", "小类"}, {"class", "class", "大类"}, {"condition", "condition", "条件"},
	{"area", "area", "区域"}, {"period", "period", "时期"}, {"unit", "unit", "单位"},
	{"unit_kind", "kind", "单位类别"}, {"escalates", "unsigned to", "逾期未签收改派"},
	{"why", "why", "结果"}, {"paper", "paper", "依据"}, {NULL}};

static void answer_show(const struct bh_cli_call *call, const json_t *answer)
{
	static const struct bh_cli_column members[] = {{"unit", "unit", "单位"},
		{"unit_name", "name", "名称"}, {"by", "by", "依据类别"},
		{"immediate", "at once", "直派"}, {"pause", "may pause", "可延期挂账"},
		{"version", "version", "规则版本"},
		{"duty_period", "heightened duty", "重大活动期间"}, {NULL}};
	const json_t *tried = json_object_get(answer, "tried");
	if (json_array_size(tried) > 0) {
		bh_cli_table(tried, rule_columns, call->zh);
		printf("\n");
	}
	bh_cli_members(answer, members, call->zh);
}

static bool query_set(struct bh_cli_call *call, char path[BH_TOOL_PATH_MAX])
{
	static const char *const names[] = {"condition", "at", "asset", "version"};
	const char *area = call->operands_count > 1 ? call->operands[1] : NULL;
	bool fits = bh_tool_parameter(path, "type", call->operands[0]) &&
		    bh_tool_parameter(path, "area", area);
	for (size_t i = 0; fits && i < sizeof(names) / sizeof(names[0]); i++)
		fits = bh_tool_parameter(path, names[i], bh_cli_value(call, names[i]));
	return fits;
}

int bh_tool_route_explain(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_district_path(call, path, "routes", "explain", NULL);
	if (exit == BH_CLI_DONE && !query_set(call, path))
		exit = bh_cli_fail(call, BH_CLI_USAGE, "usage", "what is asked is too long", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit == BH_CLI_DONE && call->json)
		bh_cli_print_json(answer);
	else if (exit == BH_CLI_DONE)
		answer_show(call, answer);
	json_decref(answer);
	return exit;
}

/* ---- Learning from returns ---- */

static void evidence_show(const struct bh_cli_call *call, const json_t *answer)
{
	static const struct bh_cli_column columns[] = {{"type", "type", "小类"},
		{"area", "area", "区域"}, {"unit", "returned by", "退单单位"},
		{"to", "went to", "改派单位"}, {"agreed", "agreed", "一致"},
		{"returns", "returns", "退单"}, {"numbers", "cases", "案件"}, {NULL}};
	const json_t *items = json_object_get(answer, "items");
	if (json_array_size(items) == 0) {
		bh_cli_note(call, "%s", call->zh ? "没有" : "none");
		return;
	}
	bh_cli_table(items, columns, call->zh);
	bh_cli_note(call, "bihuan routes take TYPE AREA UNIT --paper=TEXT");
}

int bh_tool_routes_learn(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_district_path(call, path, "routes", "learn", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit == BH_CLI_DONE && call->json)
		bh_cli_print_json(answer);
	else if (exit == BH_CLI_DONE)
		evidence_show(call, answer);
	json_decref(answer);
	return exit;
}

int bh_tool_routes_take(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	char *end = NULL;
	const char *paper = bh_cli_value(call, "paper");
	long type = strtol(call->operands[0], &end, 10);
	json_t *answer = NULL;
	if (*end || type <= 0 || !paper)
		return bh_cli_fail(call, BH_CLI_USAGE, "usage",
			paper ? "the type is a number" : "a rule names its paper: --paper=TEXT",
			"bihuan routes learn");
	int exit = bh_tool_district_path(call, path, "routes", "learn", NULL);
	json_t *body = json_pack("{s:I, s:s, s:s, s:s}", "type", (json_int_t)type, "area",
		call->operands[1], "unit", call->operands[2], "paper", paper);
	if (exit == BH_CLI_DONE && bh_tool_parameter(path, "apply", "1"))
		exit = bh_tool_post_simple(call, path, json_incref(body), &answer);
	if (exit == BH_CLI_DONE && !call->json)
		bh_cli_note(call, "bihuan routes");
	json_decref(body);
	json_decref(answer);
	return exit;
}

/* ---- The proposal for a case ---- */

static void proposal_show(const struct bh_cli_call *call, const json_t *answer)
{
	static const struct bh_cli_column units[] = {{"unit", "unit", "单位"},
		{"open", "open", "在办"}, {"weight", "by urgency", "加权"},
		{"unit_name", "name", "名称"}, {NULL}};
	static const struct bh_cli_column members[] = {
		{"proposed_unit", "proposed", "建议单位"}, {NULL}};
	const json_t *advice = json_object_get(answer, "advice");
	answer_show(call, answer);
	bh_cli_members(answer, members, call->zh);
	if (json_array_size(json_object_get(answer, "equals")) > 1) {
		printf("\n");
		bh_cli_table(json_object_get(answer, "equals"), units, call->zh);
	}
	if (json_is_object(advice))
		bh_cli_note(call, "%s: %s", json_string_value(json_object_get(advice, "unit")),
			json_string_value(json_object_get(advice, call->zh ? "why_zh" : "why")));
}

int bh_tool_proposal(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_district_path(call, path, "cases", call->operands[0], "proposal", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit == BH_CLI_DONE && call->json)
		bh_cli_print_json(answer);
	else if (exit == BH_CLI_DONE)
		proposal_show(call, answer);
	json_decref(answer);
	return exit;
}
