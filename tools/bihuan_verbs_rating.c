/* What bihuan is told of ratings by the public. */
#include "tools/bihuan.h"
#include "tools/bihuan_options.h"

static const struct bh_cli_option invite_options[] = {KEY_OPTION, {NULL}};
static const struct bh_cli_option rate_options[] = {
	{"token", 't', "TOKEN", "what came with the number", "评价码"},
	{"rating", 'r', "WORD", "satisfied, fair or dissatisfied",
		"satisfied 满意、fair 基本满意、dissatisfied 不满意"},
	{"text", 'm', "TEXT", "what else there is to say", "意见"}, {NULL}};
static const struct bh_cli_option list_options[] = {
	{"month", 0, "MONTH", "2026-03; the one before this otherwise", "月份"}, {NULL}};

const struct bh_cli_verb bh_tool_verbs_rating[] = {
	{"invite", OPTION_NUMBER, 1, 1, invite_options, "bihuan invite 17-42-K --as=F001",
		"a token for who reported it, told once", "发放评价码,只显示一次", bh_tool_invite,
		NULL},
	{"rate", OPTION_NUMBER, 1, 1, rate_options,
		"bihuan rate 17-42-K --token=TOKEN --rating=satisfied",
		"rate an answer by number and token, in nobody's name", "凭编号和评价码评价",
		bh_tool_rate, NULL},
	{"ratings", "[NUMBER]", 0, 1, list_options, "bihuan ratings --month=2026-03",
		"a month's ratings by unit, or a case's", "群众评价统计", bh_tool_ratings, NULL},
	{NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL},
};
