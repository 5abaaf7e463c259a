/* Options that several verbs of bihuan take, and rows that many have, for its tables. */
#ifndef BH_TOOLS_BIHUAN_OPTIONS_H
#define BH_TOOLS_BIHUAN_OPTIONS_H

#include <limits.h>

#define OPTION_NUMBER "NUMBER"
#define LIST_OPTIONS                                                                         \
	{"limit", 'n', "COUNT", "rows of one page, up to 500", "每页行数,最多 500", 1, 500}, \
		{"after", 0, "PLACE", "go on where a page ended", "从上一页末尾继续"},       \
	{                                                                                    \
		"all", 0, NULL, "every page", "全部页"                                    \
	}
#define WHAT_OPTIONS                                                                              \
	{"type", 't', "N", "event type of the catalogue", "事件小类编码", 1, 4294967295},         \
		{"condition", 'c', "N|none-of-them", "filing condition of the type", "立案条件"}, \
	{                                                                                         \
		"urgency", 'u', "P1..P4", "urgency", "紧急程度"                               \
	}
#define UNIT_OPTION(what, zh)                 \
	{                                     \
		"unit", 'U', "CODE", what, zh \
	}
#define TEXT_OPTION                                                                              \
	{                                                                                        \
		"text", 'm', "TEXT", "result, reason or instruction", "结果、理由或要求" \
	}
#define KEY_OPTION                                                                   \
	{                                                                            \
		"key", 'k', "KEY", "idempotency key: a repeat has no second effect", \
			"幂等键,重复提交只生效一次"                      \
	}
#define ACT_OPTIONS                                                                             \
	{"version", 0, "N", "refuse if the case has moved on since", "案件有新进展则不办理", 1, \
		LONG_MAX},                                                                      \
		KEY_OPTION
#define CONFIRM_OPTION                                                             \
	{                                                                          \
		"confirm", 0, "NAME", "confirm a severe act", "确认重大操作" \
	}

#define DAYS_OPTIONS                                                                              \
	{"area", 'A', "CODE", "in this area and below", "区域及下级"},                            \
		{"from", 0, "DATE", "first day, 2026-10-12; that of --to otherwise", "起始日期"}, \
	{                                                                                         \
		"to", 0, "DATE", "last day; today otherwise", "截止日期"                      \
	}
#define KIND_OPTION                                                                              \
	{                                                                                        \
		"kind", 0, "KIND", "consultation, proxy, publicity, hazard_check or place_fact", \
			"类别"                                                                 \
	}

#define ASSIGNEE_OPTION(who)                                 \
	{                                                    \
		"assignee", 0, "PERSON", who, "执行人员" \
	}
#define TASK_OPTIONS                                                                      \
	{"task", 0, "N", "which of its tasks; show lists them", "任务序号", 1, LONG_MAX}, \
	{                                                                                 \
		"result", 0, "yes|no", "whether it is so", "结论"                       \
	}

/* Rows of the table of verbs. */
#define ACT(name, options, example, en, zh)                                            \
	{                                                                              \
		name, OPTION_NUMBER, 1, 1, options, example, en, zh, bh_tool_act, NULL \
	}
#define SHOW(name, run, example, en, zh)                         \
	{                                                        \
		name, "", 0, 0, NULL, example, en, zh, run, NULL \
	}
#define IMPORT(name, options, what, en, zh)                                           \
	{                                                                             \
		name, "FILE", 1, 1, options, "bihuan " name " district.json", en, zh, \
			bh_tool_import, what                                          \
	}

#endif
