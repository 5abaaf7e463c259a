/* Rosters: who is on duty at which desk, and tables of them that come as CSV or JSON.  A table goes
 * to the server as JSON, line for line; what it leaves open is told, and is no fault. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tools/bihuan.h"
#include "tools/calendar_csv.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

static const struct bh_cli_column gap_columns[] = {{"desk", "desk", "值班岗"},
	{"from", "from", "起"}, {"to", "to", "止"}, {"missing", "nobody is there of", "缺"},
	{NULL}};

int bh_tool_roster_show(struct bh_cli_call *call)
{
	static const struct bh_cli_column duty[] = {{"desk", "on duty at", "值班岗"},
		{"person", "person", "人员"}, {"name", "name", "姓名"},
		{"leader", "shift leader", "值班长"}, {NULL}};
	static const struct bh_cli_column shifts[] = {{"desk", "desk", "值班岗"},
		{"person", "person", "人员"}, {"first", "first", "开始日期"},
		{"last", "last", "结束日期"}, {"days", "days", "日期类别"},
		{"weekdays", "weekdays", "星期"}, {"from", "from", "上班"}, {"to", "to", "下班"},
		{NULL}};
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_district_path(call, path, "roster", NULL);
	if (exit == BH_CLI_DONE && call->operands_count > 0 &&
		!bh_tool_parameter(path, "desk", call->operands[0]))
		exit = bh_cli_fail(call, BH_CLI_USAGE, "usage", "the desk is too long", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit == BH_CLI_DONE && call->json) {
		bh_cli_print_json(answer);
	} else if (exit == BH_CLI_DONE) {
		bh_cli_table(json_object_get(answer, "on_duty"), duty, call->zh);
		printf("\n");
		bh_cli_table(json_object_get(answer, "shifts"), shifts, call->zh);
		printf("\n");
		bh_cli_table(json_object_get(answer, "gaps"), gap_columns, call->zh);
	}
	json_decref(answer);
	return exit;
}

/* `roster check`, `roster apply`. */
int bh_tool_roster_import(struct bh_cli_call *call)
{
	return bh_tool_import_rows(call, "roster", bh_roster_json,
		"JSON, or a table: desk,person,first,last,days,from,to", "bihuan roster show");
}

void bh_tool_gaps_print(const struct bh_cli_call *call, const json_t *answer)
{
	const json_t *gaps = json_object_get(answer, "gaps");
	if (json_array_size(gaps) == 0)
		return;
	printf("\n");
	bh_cli_table(gaps, gap_columns, call->zh);
}
