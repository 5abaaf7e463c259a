/* Orders to units: listed, looked at, printed, issued, answered, judged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

#define PAGE_BYTES_MAX (1024u * 1024u)

int bh_tool_orders(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"order", "order", "编号"},
		{"state", "state", "状态"}, {"unit", "unit", "单位"}, {"number", "case", "案件"},
		{"made_at", "issued", "下达"}, {"due", "due", "时限"},
		{"told_up", "told up", "逾期上报"}, {NULL}};
	static const char *const names[] = {"kind", "state", "unit", "limit", "after"};
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(call, path, "orders", NULL);
	bool fits = exit == BH_CLI_DONE;
	for (size_t i = 0; fits && i < sizeof(names) / sizeof(names[0]); i++)
		fits = bh_tool_parameter(path, names[i], bh_cli_value(call, names[i]));
	if (exit == BH_CLI_DONE && !fits)
		exit = bh_cli_fail(call, BH_CLI_USAGE, "usage", "an option is too long", NULL);
	return exit == BH_CLI_DONE ? bh_tool_list(call, path, columns) : exit;
}

static void order_say(const struct bh_cli_call *call, const json_t *order)
{
	static const struct bh_cli_column members[] = {{"order", "order", "编号"},
		{"order_zh", "in writing", "文号"}, {"state", "state", NULL},
		{"state_zh", NULL, "状态"}, {"unit_name", "unit", "承办单位"},
		{"number", "case", "案件"}, {"by", "issued by", "下达人"},
		{"source", "source", "来源"}, {"made_at", "issued", "下达"},
		{"text", "text", "要求"}, {"due", "due", "时限"},
		{"told_up", "told up", "逾期上报"}, {"answered_at", "answered", "回复时间"},
		{"answered_by", "answered by", "回复人"}, {"answer", "answer", "回复"},
		{"late", "late", "逾期回复"}, {"sent_back", "sent back", "曾退回"},
		{"review", "review", "审核意见"}, {"ended_at", "ended", "销单或撤回"},
		{"ended_by", "ended by", "审核人"}, {NULL}};
	if (call->json)
		bh_cli_print_json(order);
	else
		bh_cli_members(order, members, call->zh);
}

static void order_next(const struct bh_cli_call *call, const json_t *order)
{
	const char *ref = json_string_value(json_object_get(order, "order"));
	const char *state = json_string_value(json_object_get(order, "state"));
	bool waits = state && (strcmp(state, "issued") == 0 || strcmp(state, "sent_back") == 0);
	if (ref && waits)
		bh_cli_note(call, "%s bihuan order answer %s --as=CODE --text=ANSWER",
			bh_tool_next_word(call), ref);
	else if (ref && state && strcmp(state, "answered") == 0)
		bh_cli_note(
			call, "%s bihuan order close %s --as=CODE", bh_tool_next_word(call), ref);
}

static int order_print(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	struct bh_buf page = BH_BUF(PAGE_BYTES_MAX);
	int exit = bh_tool_district_path(call, path, "orders", call->operands[0], "page", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get_bytes(call, path, &page);
	if (exit == BH_CLI_DONE)
		(void)fwrite(page.data, 1, page.len, stdout);
	bh_buf_free(&page);
	return exit;
}

int bh_tool_order(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	if (bh_cli_flag(call, "print"))
		return order_print(call);
	int exit = bh_tool_district_path(call, path, "orders", call->operands[0], NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit == BH_CLI_DONE) {
		order_say(call, answer);
		order_next(call, answer);
	}
	json_decref(answer);
	return exit;
}

/* `order issue`, `order answer` and what judges one. */
int bh_tool_order_act(struct bh_cli_call *call)
{
	static const char *const names[] = {"case", "unit", "until", "text"};
	const char *verb = call->verb->detail;
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL, *body = json_object();
	int exit = bh_tool_texts(call, names, sizeof(names) / sizeof(names[0]), body);
	if (exit == BH_CLI_DONE && !verb &&
		json_object_set_new(body, "kind", json_string(call->operands[0])) != 0)
		exit = bh_cli_fail(call, BH_CLI_DATA, "text", "an option is not UTF-8 text", NULL);
	if (exit == BH_CLI_DONE)
		exit = verb ? bh_tool_district_path(
				      call, path, "orders", call->operands[0], verb, NULL)
			    : bh_tool_district_path(call, path, "orders", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post(call, path, body, &answer);
	json_decref(body);
	if (exit == BH_CLI_DONE) {
		order_say(call, answer);
		bh_tool_repeat_note(call, answer);
		order_next(call, answer);
	}
	json_decref(answer);
	return exit;
}
