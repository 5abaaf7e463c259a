/* Field work, looked at: service entries listed and counted, patrol rounds against their plans. */
#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

/* A path of the district with the options that its query takes. */
static int asked_path(struct bh_cli_call *call, char path[BH_TOOL_PATH_MAX], const char *what,
	const char *below, const char *const *names)
{
	int exit = bh_tool_district_path(call, path, what, below, NULL);
	for (; exit == BH_CLI_DONE && *names; names++)
		if (!bh_tool_parameter(path, *names, bh_cli_value(call, *names)))
			exit = bh_cli_fail(
				call, BH_CLI_USAGE, "usage", "an option is too long", *names);
	return exit;
}

int bh_tool_services(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"at", "at", "时间"},
		{"kind", "kind", "类别"}, {"grid", "grid", "网格"},
		{"grid_name", "name", "网格名称"}, {"text", "text", "内容"}, {NULL}};
	static const char *const names[] = {"kind", "area", "from", "to", "limit", "after", NULL};
	char path[BH_TOOL_PATH_MAX];
	int exit = asked_path(call, path, "services", NULL, names);
	return exit == BH_CLI_DONE ? bh_tool_list(call, path, columns) : exit;
}

int bh_tool_service_counts(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"day", "day", "日期"},
		{"grid", "grid", "网格"}, {"name", "name", "网格名称"},
		{"consultation", "consultation", "咨询"}, {"proxy", "proxy", "帮办代办"},
		{"publicity", "publicity", "宣传"}, {"hazard_check", "hazard check", "隐患排查"},
		{"place_fact", "place fact", "基础信息"}, {"other", "other", "其他"},
		{"all", "all", "合计"}, {NULL}};
	static const char *const names[] = {"kind", "area", "from", "to", "by", NULL};
	const char *by = bh_cli_value(call, "by");
	char path[BH_TOOL_PATH_MAX];
	int exit = asked_path(call, path, "services", "counts", names);
	struct bh_cli_column shown[sizeof(columns) / sizeof(columns[0])];
	size_t count = 0;
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (i > 2 || (by && (*by == 'd') == (i == 0)))
			shown[count++] = columns[i];
	return exit == BH_CLI_DONE ? bh_tool_list(call, path, shown) : exit;
}

int bh_tool_repeats(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"grid", "grid", "网格"},
		{"grid_name", "name", "名称"}, {"cases", "cases", "件数"},
		{"last_at", "last", "最近"}, {"asset", "component", "部件"}, {NULL}};
	static const char *const names[] = {"area", NULL};
	char path[BH_TOOL_PATH_MAX];
	int exit = asked_path(call, path, "places", "repeats", names);
	return exit == BH_CLI_DONE ? bh_tool_list(call, path, columns) : exit;
}

int bh_tool_patrols(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"plan", "plan", "计划"},
		{"name", "name", "名称"}, {"grid", "grid", "网格"}, {"planned", "planned", "应巡"},
		{"rounds", "rounds", "已巡"}, {"whole", "whole", "完整"},
		{"done", "checked", "到点"}, {"missed", "missed", "漏点"},
		{"minutes", "minutes", "分钟"}, {NULL}};
	static const char *const names[] = {"area", "from", "to", NULL};
	char path[BH_TOOL_PATH_MAX];
	int exit = asked_path(call, path, "patrols", NULL, names);
	return exit == BH_CLI_DONE ? bh_tool_list(call, path, columns) : exit;
}
