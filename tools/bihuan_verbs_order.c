/* What bihuan is told of orders to units. */
#include "tools/bihuan.h"
#include "tools/bihuan_options.h"

static const struct bh_cli_option list_options[] = {
	{"kind", 0, "KIND", "chaser, supervision or handover", "种类:催办、督办、交办"},
	{"state", 0, "NAME", "open, issued, answered, sent_back, closed or withdrawn", "状态"},
	{"unit", 'U', "CODE", "to this unit", "承办单位"}, LIST_OPTIONS, {NULL}};
static const struct bh_cli_option show_options[] = {
	{"print", 'p', NULL, "as a page of HTML that prints on one sheet", "输出可打印的网页"},
	{NULL}};
static const struct bh_cli_option issue_options[] = {
	{"case", 'c', "NUMBER", "about this case; a handover may be about none", "案件编号"},
	{"unit", 'U', "CODE", "to this unit; the one that has the case otherwise", "承办单位"},
	{"until", 0, "DATE", "answered by then; by its kind otherwise", "回复时限"}, TEXT_OPTION,
	KEY_OPTION, {NULL}};
static const struct bh_cli_option act_options[] = {TEXT_OPTION, KEY_OPTION, {NULL}};

#define ORDER(name, detail, example, en, zh)                                                   \
	{                                                                                      \
		"order " name, "ORDER", 1, 1, act_options, example, en, zh, bh_tool_order_act, \
			detail                                                                 \
	}

const struct bh_cli_verb bh_tool_verbs_order[] = {
	{"order list", "", 0, 0, list_options, "bihuan order list --state=open",
		"orders to units, newest first", "催办单、督办单、交办单列表", bh_tool_orders,
		NULL},
	{"order show", "ORDER", 1, 1, show_options, "bihuan order show chaser-2026-0001 --print",
		"an order and its answer", "查看或打印", bh_tool_order, NULL},
	{"order issue", "KIND", 1, 1, issue_options,
		"bihuan order issue supervision --as=V001 --case=17-42-K --text=WHAT",
		"chaser, supervision or handover: to a unit, in writing", "下达催办、督办、交办单",
		bh_tool_order_act, NULL},
	ORDER("answer", "answer", "bihuan order answer chaser-2026-0001 --as=L-HW --text=ANSWER",
		"the unit answers it", "回复"),
	ORDER("close", "close", "bihuan order close chaser-2026-0001 --as=V001", "its answer does",
		"销单"),
	ORDER("send-back", "send-back",
		"bihuan order send-back chaser-2026-0001 --as=V001 --text=WHAT-IS-LACKING",
		"its answer does not do; once", "退回补充"),
	ORDER("withdraw", "withdraw",
		"bihuan order withdraw chaser-2026-0001 --as=V001 --text=REASON",
		"it is not needed any more", "撤回"),
	{NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL},
};
