/* Which handsets may hold what is not here. */
#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

int bh_tool_census(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"device", "device", "设备"},
		{"since", "since", "自何时"}, {"unsent_ops", "unsent", "未上传"},
		{"unsent_bytes", "bytes", "字节"}, {"oldest_at", "oldest", "最早一件"},
		{"said_at", "last heard", "最近联系"}, {"state", "state", "状态"},
		{"person", "person", "人员"}, {"name", "name", "姓名"}, {NULL}};
	static const char *const names[] = {"unit", "area", "limit", "after"};
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(call, path, "census", NULL);
	bool fits = exit == BH_CLI_DONE;
	if (fits && bh_cli_flag(call, "holding"))
		fits = bh_tool_parameter(path, "holding", "1");
	for (size_t i = 0; fits && i < sizeof(names) / sizeof(names[0]); i++)
		fits = bh_tool_parameter(path, names[i], bh_cli_value(call, names[i]));
	if (exit == BH_CLI_DONE && !fits)
		exit = bh_cli_fail(call, BH_CLI_USAGE, "usage", "an option is too long", NULL);
	return exit == BH_CLI_DONE ? bh_tool_list(call, path, columns) : exit;
}
