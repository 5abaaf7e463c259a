/* Routing: which rules are tried for a case of some type in some place, and what comes of it. */
#include <stdio.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

static const struct bh_cli_column rule_columns[] = {{"version", "version", "版本"},
	{"type", "type", "小类"}, {"class", "class", "大类"}, {"condition", "condition", "条件"},
	{"area", "area", "区域"}, {"period", "period", "时期"}, {"unit", "unit", "单位"},
	{"unit_kind", "kind", "单位类别"}, {"why", "why", "结果"}, {"paper", "paper", "依据"},
	{NULL}};

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
