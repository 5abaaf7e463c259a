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
	{"days", "days in a row", "连续天数"}, {"more", "more of them", "另有"}, {NULL}};

int bh_tool_roster_show(struct bh_cli_call *call)
{
	static const struct bh_cli_column duty[] = {{"desk", "on duty at", "值班岗"},
		{"person", "person", "人员"}, {"name", "name", "姓名"},
		{"leader", "shift leader", "值班长"}, {NULL}};
	static const struct bh_cli_column shifts[] = {{"desk", "desk", "值班岗"},
		{"person", "person", "人员"}, {"first", "first", "开始日期"},
		{"last", "last", "结束日期"}, {"days", "days", "日期类别"},
		{"weekdays", "weekdays", "星期"}, {"period", "period", "时段"},
		{"from", "from", "上班"}, {"to", "to", "下班"}, {NULL}};
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

/* ---- Hand-over ---- */

/* `hand-over`, `take-over`. */
int bh_tool_shift_act(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	const char *note = bh_cli_value(call, "text");
	int exit = bh_tool_district_path(
		call, path, "units", call->operands[0], call->verb->name, NULL);
	if (exit != BH_CLI_DONE)
		return exit;
	json_t *body = note ? json_pack("{s:s}", "text", note) : json_object();
	exit = bh_tool_post_simple(call, path, body, &answer);
	if (exit == BH_CLI_DONE && !call->json)
		bh_cli_note(call, "%s bihuan hand-overs %s", bh_tool_next_word(call),
			call->operands[0]);
	json_decref(answer);
	return exit;
}

int bh_tool_hand_overs(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"desk", "desk", "值班岗"},
		{"ended_at", "shift ended", "班次结束"}, {"missed", "missed", "逾时未交"},
		{"handed_over_by", "handed over by", "交班人"},
		{"handed_over_at", "at", "交班时间"}, {"taken_over_by", "taken over by", "接班人"},
		{"taken_over_at", "at", "接班时间"},
		{"open", "green,yellow,red,other", "绿,黄,红,无"}, {"note", "note", "交班记录"},
		{NULL}};
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(call, path, "hand-overs", NULL);
	if (exit == BH_CLI_DONE && call->operands_count > 0 &&
		!bh_tool_parameter(path, "desk", call->operands[0]))
		exit = bh_cli_fail(call, BH_CLI_USAGE, "usage", "the desk is too long", NULL);
	return exit == BH_CLI_DONE ? bh_tool_list(call, path, columns) : exit;
}
