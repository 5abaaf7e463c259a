/* A case as `show` tells it: what it is and how it stands, then what hangs on it, each a table
 * where there is any (steps, tasks, mediations, dates of agreements, photos), then what happened.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

static const struct bh_cli_column case_members[] = {{"number", "number", "编号"},
	{"state", "state", NULL}, {"state_zh", NULL, "状态"}, {"step_en", "step", NULL},
	{"step_zh", NULL, "步骤"}, {"stage_en", "stage", NULL}, {"stage_zh", NULL, "城市流程"},
	{"words_en", "reporter reads", NULL}, {"words_zh", NULL, "上报人所见"},
	{"text", "report", "内容"}, {"type", "type", "小类"},
	{"type_name", "type name", "小类名称"}, {"condition", "condition", "立案条件"},
	{"none_fits", "no condition fits", "无适用条件"}, {"urgency", "urgency", "紧急"},
	{"area_name", "area", "区域"}, {"grid", "grid", "网格"},
	{"outside", "in no grid", "网格外"}, {"where", "place", "位置"},
	{"unit_name", "unit", "单位"}, {"proposed_unit_name", "proposed", "建议单位"},
	{"intake", "came by", NULL}, {"intake_zh", NULL, "来源"}, {"visitors", "people", "人次"},
	{"reporter", "reporter", "上报人"}, {"acceptor", "acceptor", "受理人"},
	{"received_at", "received", "接收"}, {"dispatch_due", "dispatch due", "派单时限"},
	{"dispatched_at", "dispatched", "派单"}, {"sign_due", "sign due", "签收时限"},
	{"disposal_due", "disposal due", "处置时限"}, {"light", "light", "亮灯"},
	{"grade", "grade", "复杂程度"}, {"tier", "tier", "层级"}, {"major", "major", "重大"},
	{"sponsor", "sponsor", "包保领导"}, {"force", "task force", "工作专班"},
	{"mediation", "mediation", "调解"}, {"handed_by", "handed in by", "提交审签"},
	{"checked", "checked", "核查"}, {"asked", "asked for", "申请"},
	{"asked_of", "to be decided by", "待审"}, {"asked_unit", "to unit", "申请改派至"},
	{"asked_until", "until", "申请至"}, {"resume_due", "suspended until", "挂账至"},
	{"closed_at", "closed", "结案"}, {"ground", "ground", NULL},
	{"ground_zh", NULL, "理由类别"}, {"channel", "channel", NULL},
	{"channel_zh", NULL, "其他渠道"}, {"receipt", "its number there", "对方受理编号"},
	{"main", "merged into", "并入"}, {"archive_due", "archived by", "归档时限"},
	{"archived_at", "archived", "归档"}, {"follow_due", "follow up by", "回访时限"},
	{"follow_tries", "follow-up tries", "回访未接通"},
	{"follow_answer", "follow-up answer", "回访结果"}, {"version", "version", "版本"}, {NULL}};

/* ---- What it is ---- */

/* How it looks from outside, in either language. */
static void views_add(json_t *told, const json_t *cased)
{
	static const struct {
		const char *part, *language, *member;
	} lines[] = {{"step", "en", "step_en"}, {"step", "zh", "step_zh"},
		{"stage", "en", "stage_en"}, {"stage", "zh", "stage_zh"},
		{"for_reporter", "en", "words_en"}, {"for_reporter", "zh", "words_zh"}};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		json_t *words = json_object_get(
			json_object_get(cased, lines[i].part), lines[i].language);
		if (json_string_length(words) > 0)
			(void)json_object_set(told, lines[i].member, words);
	}
}

/* The members that are worth a line: what is no, none or of a part of its own is not. */
static json_t *told_of(const json_t *cased)
{
	static const char *const parts[] = {
		"grade", "major", "sponsor", "force", "mediation", "none_fits", "outside"};
	json_t *told = json_copy((json_t *)cased);
	const json_t *place = json_object_get(cased, "place");
	if (json_is_object(json_object_get(cased, "dispute")))
		(void)json_object_update_missing(told, json_object_get(cased, "dispute"));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (json_is_false(json_object_get(told, parts[i])))
			(void)json_object_del(told, parts[i]);
	views_add(told, cased);
	if (json_is_object(place)) {
		char where[80];
		(void)snprintf(where, sizeof(where), "%.7f,%.7f",
			json_number_value(json_object_get(place, "latitude")),
			json_number_value(json_object_get(place, "longitude")));
		(void)json_object_set_new(told, "where", json_string(where));
	}
	return told;
}

/* ---- What hangs on it ---- */

static void part_print(
	const struct bh_cli_call *call, const json_t *rows, const struct bh_cli_column *columns)
{
	if (json_array_size(rows) == 0)
		return;
	printf("\n");
	bh_cli_table(rows, columns, call->zh);
}

static void tasks_print(const struct bh_cli_call *call, const json_t *cased)
{
	static const struct bh_cli_column columns[] = {{"task", "task", "任务"},
		{"kind", "kind", "类别"}, {"kind_zh", "", "名称"}, {"state", "state", "状态"},
		{"person", "person", "人员"}, {"unit", "unit", "单位"}, {"due", "due", "时限"},
		{"result", "result", "结论"}, {"text", "text", "内容"}, {NULL}};
	part_print(call, json_object_get(cased, "tasks"), columns);
}

/* Of each mediation the dates of its agreement, a row each. */
static json_t *dates_of(const json_t *mediations)
{
	size_t i, j;
	json_t *mediation, *date, *rows = json_array();
	json_array_foreach((json_t *)mediations, i, mediation)
	{
		json_array_foreach(json_object_get(mediation, "performances"), j, date)
		{
			json_t *row = json_copy(date);
			(void)json_object_set(
				row, "mediation", json_object_get(mediation, "mediation"));
			(void)json_array_append_new(rows, row);
		}
	}
	return rows;
}

static void mediations_print(const struct bh_cli_call *call, const json_t *cased)
{
	static const struct bh_cli_column columns[] = {{"mediation", "mediation", "调解"},
		{"state", "state", "状态"}, {"kind", "kind", "类别"}, {"kind_zh", "", "名称"},
		{"unit", "unit", "单位"}, {"sessions", "sessions", "次数"},
		{"agreement", "agreement", "协议书编号"}, {"amount_fen", "amount fen", "金额(分)"},
		{"ended_at", "ended", "结束"}, {"text", "text", "内容"}, {NULL}};
	static const struct bh_cli_column dates[] = {{"mediation", "mediation", "调解"},
		{"date", "date", "期次"}, {"due", "due", "履行日期"},
		{"outcome", "outcome", "履行情况"}, {NULL}};
	const json_t *mediations = json_object_get(cased, "mediations");
	json_t *rows = dates_of(mediations);
	part_print(call, mediations, columns);
	part_print(call, rows, dates);
	json_decref(rows);
}

static void photos_print(const struct bh_cli_call *call, const json_t *cased)
{
	static const struct bh_cli_column columns[] = {{"verb", "photos of", "照片"},
		{"kind", "kind", "类别"}, {"person", "person", "人员"}, {"stored", "here", "已到"},
		{"size", "bytes", "字节"}, {"hash", "hash", "校验值"}, {NULL}};
	part_print(call, json_object_get(cased, "photos"), columns);
}

/* ---- What happened ---- */

static void history_print(const struct bh_cli_call *call, const json_t *history)
{
	size_t i;
	json_t *entry;
	printf("\n");
	json_array_foreach((json_t *)history, i, entry)
	{
		char *words = bh_cli_cell(json_object_get(entry, "words"));
		char *text = bh_cli_cell(json_object_get(entry, "text"));
		printf("%s  %s%s%s\n", json_string_value(json_object_get(entry, "at")),
			call->zh ? json_string_value(json_object_get(entry, "verb_zh")) : "",
			call->zh ? "  " : "", words ? words : "");
		if (text && *text)
			printf("  %s\n", text);
		free(words);
		free(text);
	}
}

int bh_tool_show(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_case_path(call, path, NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit != BH_CLI_DONE)
		return exit;
	if (call->json) {
		bh_cli_print_json(answer);
	} else {
		json_t *told = told_of(answer);
		bh_cli_members(told, case_members, call->zh);
		json_decref(told);
		bh_tool_steps_show(call, answer);
		tasks_print(call, answer);
		mediations_print(call, answer);
		photos_print(call, answer);
		history_print(call, json_object_get(answer, "history"));
		bh_tool_next(call, answer);
	}
	json_decref(answer);
	return BH_CLI_DONE;
}
