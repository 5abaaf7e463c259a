/* What is only looked at: lists as tables or lines of JSON, and figures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

/* ---- Lists ---- */

/* "bihuan show {number}" with what the first of the items has under that name. */
static void hint_note(const struct bh_cli_call *call, const json_t *items, const char *hint)
{
	char name[40] = "";
	const json_t *first = json_array_get(items, 0);
	const char *open = strchr(hint, '{'), *close = open ? strchr(open, '}') : NULL;
	if (close)
		(void)snprintf(name, sizeof(name), "%.*s", (int)(close - open - 1), open + 1);
	char *value = close ? bh_cli_cell(json_object_get(first, name)) : NULL;
	if (close)
		bh_cli_note(call, "%s %.*s%s%s", bh_tool_next_word(call), (int)(open - hint), hint,
			value ? value : "", close + 1);
	else
		bh_cli_note(call, "%s %s", bh_tool_next_word(call), hint);
	free(value);
}

/* Pages as lines of JSON at once; as a table when all of them are there, in the same columns. */
static void page_take(const struct bh_cli_call *call, const json_t *answer, json_t *rows)
{
	size_t i;
	json_t *item;
	json_array_foreach(json_object_get(answer, "items"), i, item)
	{
		if (call->json)
			bh_cli_print_json(item);
		else
			(void)json_array_append(rows, item);
	}
}

static void list_end(const struct bh_cli_call *call, const json_t *rows,
	const struct bh_cli_column *columns, const char *hint, const char *after)
{
	if (call->json)
		return;
	bh_cli_table(rows, columns, call->zh);
	if (*after)
		bh_cli_note(call, "%s --after=%s", call->zh ? "还有更多:" : "more:", after);
	else if (json_array_size(rows) == 0)
		bh_cli_note(call, "%s", call->zh ? "没有" : "none");
	else if (hint && *hint)
		hint_note(call, rows, hint);
	else if (hint)
		bh_tool_next(call, json_array_get(rows, 0));
}

/* With --all page after page, else one page and a word about the next.  hint: "": what the first
 * case waits for. */
static int list(struct bh_cli_call *call, const char *first_path,
	const struct bh_cli_column *columns, const char *hint)
{
	char path[BH_TOOL_PATH_MAX];
	char after[100] = "";
	bool all = bh_cli_flag(call, "all"), more = true;
	json_t *rows = json_array();
	int exit = BH_CLI_DONE;
	while (more && exit == BH_CLI_DONE) {
		json_t *answer = NULL;
		(void)snprintf(path, sizeof(path), "%s", first_path);
		if (*after)
			(void)bh_tool_parameter(path, "after", after);
		exit = bh_tool_get(call, path, &answer);
		const char *next = json_string_value(json_object_get(answer, "next"));
		(void)snprintf(after, sizeof(after), "%s", next ? next : "");
		page_take(call, answer, rows);
		more = all && next;
		json_decref(answer);
	}
	if (exit == BH_CLI_DONE)
		list_end(call, rows, columns, hint, after);
	json_decref(rows);
	return exit;
}

int bh_tool_list(struct bh_cli_call *call, const char *path, const struct bh_cli_column *columns)
{
	return list(call, path, columns, NULL);
}

static int district_list(struct bh_cli_call *call, const char *what,
	const struct bh_cli_column *columns, const char *hint)
{
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(call, path, what, NULL);
	return exit == BH_CLI_DONE ? list(call, path, columns, hint) : exit;
}

int bh_tool_districts(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"code", "code", "编码"},
		{"profile_version", "profile", "档案版本"}, {"name", "name", "名称"}, {NULL}};
	return list(call, "/districts", columns, "bihuan --district={code} queue");
}

int bh_tool_people(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"code", "code", "编号"},
		{"name", "name", "姓名"}, {"posts", "posts", "岗位"}, {NULL}};
	return district_list(call, "people", columns, "bihuan enrol {code}");
}

int bh_tool_units(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"code", "code", "编码"},
		{"kind", "kind", "类别"}, {"area", "area", "区域"}, {"desk", "desk", "兜底"},
		{"name", "name", "名称"}, {NULL}};
	return district_list(call, "units", columns, NULL);
}

int bh_tool_areas(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"code", "code", "编码"},
		{"kind", "kind", "级别"}, {"parent", "parent", "上级"}, {"name", "name", "名称"},
		{NULL}};
	return district_list(call, "areas", columns, NULL);
}

int bh_tool_routes(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"version", "version", "版本"},
		{"type", "type", "小类"}, {"class", "class", "大类"},
		{"condition", "condition", "条件"}, {"area", "area", "区域"},
		{"period", "period", "时期"}, {"unit", "unit", "单位"},
		{"unit_kind", "kind", "单位类别"}, {"immediate", "at once", "直派"},
		{"paper", "paper", "依据"}, {NULL}};
	return district_list(call, "routes", columns, NULL);
}

int bh_tool_quarantine(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"position", "position", "序号"},
		{"stands", "stands", "状态"}, {"verb", "verb", "动作"},
		{"number", "number", "编号"}, {"person", "person", "人员"},
		{"received_at", "received", "收到时间"}, {"photos", "photos", "照片"},
		{"photos_here", "here", "已到"}, {"text", "text", "内容"}, {NULL}};
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(
		call, path, "devices", call->operands[0], "quarantine", NULL);
	if (exit == BH_CLI_DONE && !bh_tool_parameter(path, "after", bh_cli_value(call, "after")))
		exit = BH_CLI_USAGE;
	return exit == BH_CLI_DONE
		       ? list(call, path, columns,
				 "bihuan quarantine release DEVICE --as=PERSON --reason=TEXT")
		       : exit;
}

int bh_tool_quarantines(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"device", "device", "设备"},
		{"held", "held", "待定"}, {"oldest_at", "oldest", "最早一件"},
		{"released", "released", "已放行"}, {"discarded", "discarded", "已作废"},
		{"state", "state", "状态"}, {"person", "person", "人员"}, {"name", "name", "姓名"},
		{NULL}};
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(call, path, "quarantine", NULL);
	if (exit == BH_CLI_DONE && !bh_tool_parameter(path, "after", bh_cli_value(call, "after")))
		exit = BH_CLI_USAGE;
	return exit == BH_CLI_DONE ? list(call, path, columns, "bihuan quarantine show {device}")
				   : exit;
}

int bh_tool_notices(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"id", "id", "序号"},
		{"made_at", "made", "产生时间"}, {"kind", "kind", "事由"},
		{"person", "person", "人员"}, {"number", "number", "编号"},
		{"state", "state", "状态"}, {"next_at", "next", "下次"}, {"tries", "tries", "次数"},
		{"error", "error", "错误"}, {NULL}};
	static const char *const names[] = {"state", "limit", "after"};
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(call, path, "notices", NULL);
	bool fits = exit == BH_CLI_DONE;
	for (size_t i = 0; fits && i < sizeof(names) / sizeof(names[0]); i++)
		fits = bh_tool_parameter(path, names[i], bh_cli_value(call, names[i]));
	if (exit == BH_CLI_DONE && !fits)
		exit = bh_cli_fail(call, BH_CLI_USAGE, "usage", "an option is too long", NULL);
	return exit == BH_CLI_DONE ? list(call, path, columns, "bihuan notice show {id}") : exit;
}

int bh_tool_devices(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"device", "device", "设备"},
		{"state", "state", "状态"}, {"person", "person", "人员"},
		{"enrolled_at", "enrolled", "登记时间"}, {"logs", "logs", "日志"},
		{"name", "name", "姓名"}, {NULL}};
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(call, path, "devices", NULL);
	if (exit == BH_CLI_DONE && !bh_tool_parameter(path, "after", bh_cli_value(call, "after")))
		exit = BH_CLI_USAGE;
	return exit == BH_CLI_DONE ? list(call, path, columns, "bihuan revoke DEVICE --reason=TEXT")
				   : exit;
}

/* ---- Cases ---- */

static int case_list(struct bh_cli_call *call, const char *what,
	const struct bh_cli_column *columns, const char *hint)
{
	static const char *const names[] = {
		"state", "person", "unit", "area", "intake", "limit", "after"};
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(call, path, what, NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && exit == BH_CLI_DONE; i++)
		if (!bh_tool_parameter(path, names[i], bh_cli_value(call, names[i])))
			exit = bh_cli_fail(
				call, BH_CLI_USAGE, "usage", "an option is too long", names[i]);
	if (exit == BH_CLI_DONE && bh_cli_flag(call, "mine") &&
		!bh_tool_parameter(path, "mine", "1"))
		exit = bh_cli_fail(call, BH_CLI_USAGE, "usage", "the options are too long", NULL);
	return exit == BH_CLI_DONE ? list(call, path, columns, hint) : exit;
}

int bh_tool_queue(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"number", "number", "编号"},
		{"dispatch_left_s", "left", "剩余", BH_CLI_CLOCK}, {"urgency", "urgency", "紧急"},
		{"state", "state", "状态"}, {"area_name", "area", "区域"},
		{"proposed_unit", "proposed", "建议单位"}, {"type_name", "type", "小类"}, {NULL}};
	return case_list(call, "queue", columns, "");
}

int bh_tool_cases(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"number", "number", "编号"},
		{"state", "state", "状态"}, {"urgency", "urgency", "紧急"},
		{"received_at", "received", "接收时间"}, {"area_name", "area", "区域"},
		{"unit_name", "unit", "单位"}, {"type_name", "type", "小类"}, {NULL}};
	return case_list(call, "cases", columns, "bihuan show {number}");
}

int bh_tool_tasks(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"number", "number", "编号"},
		{"task", "task", "序号"}, {"kind", "kind", "任务"},
		{"left_s", "left", "剩余", BH_CLI_CLOCK}, {"person", "person", "人员"},
		{"unit", "unit", "单位"}, {"text", "text", "内容"}, {NULL}};
	return case_list(call, "tasks", columns, "bihuan show {number}");
}

int bh_tool_similar(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"number", "number", "编号"},
		{"distance_m", "metres", "距离米"}, {"state", "state", "状态"},
		{"received_at", "received", "接收时间"}, {"unit_name", "unit", "单位"},
		{"text", "report", "内容"}, {NULL}};
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_case_path(call, path, "similar");
	return exit == BH_CLI_DONE ? list(call, path, columns, "bihuan show {number}") : exit;
}

/* ---- Figures ---- */

static int figures(struct bh_cli_call *call, const char *path, const struct bh_cli_column *members)
{
	json_t *answer = NULL;
	int exit = bh_tool_get(call, path, &answer);
	if (exit != BH_CLI_DONE)
		return exit;
	if (call->json)
		bh_cli_print_json(answer);
	else
		bh_cli_members(answer, members, call->zh);
	json_decref(answer);
	return BH_CLI_DONE;
}

int bh_tool_status(struct bh_cli_call *call)
{
	static const struct bh_cli_column members[] = {{"status", "status", "状态"},
		{"version", "version", "版本"}, {"uptime_s", "uptime s", "运行秒"},
		{"districts", "districts", "区县"}, {"connections", "connections", "连接"},
		{"handset_port", "handset port", "终端端口"},
		{"metrics_port", "metrics port", "指标端口"},
		{"segments", "segments", "异地日志段"}, {NULL}};
	return figures(call, "/status", members);
}

int bh_tool_stats(struct bh_cli_call *call)
{
	static const struct bh_cli_column members[] = {{"at", "at", "时间"},
		{"cases", "cases", "案件"}, {"dispatched", "dispatched", "已派单"},
		{"dispatched_in_time", "in time", "按时派单"},
		{"automatic", "automatic", "自动派单"}, {"breached", "breached", "超时"},
		{"longest_wait_s", "longest wait s", "最长等待秒"}, {"closed", "closed", "结案"},
		{"closures_owed", "closures owed", "应反馈"},
		{"closures_delivered", "closures delivered", "已送达"},
		{"closures_seen", "closures seen", "已阅"}, {"devices", "devices", "设备"},
		{"devices_live", "devices live", "在用设备"}, {"entries", "entries", "条目"},
		{NULL}};
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(call, path, "stats", NULL);
	return exit == BH_CLI_DONE ? figures(call, path, members) : exit;
}
