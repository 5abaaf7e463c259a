/* The catalogue in force: its types as a table, or one of them with its filing conditions. */
#include <stdio.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

/* "15 work_day" for {"value", "unit"}. */
static void limit_word(json_t *row)
{
	const json_t *limit = json_object_get(row, "limit");
	char text[60];
	if (json_is_object(limit)) {
		(void)snprintf(text, sizeof(text), "%lld %.40s",
			(long long)json_integer_value(json_object_get(limit, "value")),
			json_string_value(json_object_get(limit, "unit")));
		(void)json_object_set_new(row, "limit", json_string(text));
	}
}

static void type_show(const struct bh_cli_call *call, json_t *type)
{
	static const struct bh_cli_column members[] = {{"type", "type", "小类"},
		{"name", "name", "名称"}, {"class", "class", "大类"},
		{"class_name", "class name", "大类名称"}, {"urgency", "urgency", "紧急"},
		{"unit_kind", "kind of unit", "单位类别"}, {"limit", "limit", "时限"},
		{"privacy", "privacy", "隐私级别"}, {"min_photos", "photos", "照片"},
		{"dispute", "dispute", "纠纷"}, {"self_dispose", "on the spot", "自处置"}, {NULL}};
	static const struct bh_cli_column conditions[] = {{"condition", "condition", "立案条件"},
		{"limit", "limit", "时限"}, {"label", "when", "条件内容"}, {NULL}};
	size_t i;
	json_t *condition;
	json_array_foreach(json_object_get(type, "conditions"), i, condition)
	{
		limit_word(condition);
	}
	limit_word(type);
	bh_cli_members(type, members, call->zh);
	if (i > 0) {
		printf("\n");
		bh_cli_table(json_object_get(type, "conditions"), conditions, call->zh);
	}
}

/* A row a type; how many conditions it has stands for them. */
static void types_show(const struct bh_cli_call *call, json_t *types)
{
	static const struct bh_cli_column columns[] = {{"type", "type", "小类"},
		{"class", "class", "大类"}, {"urgency", "urgency", "紧急"},
		{"unit_kind", "kind of unit", "单位类别"}, {"limit", "limit", "时限"},
		{"conditions", "conditions", "立案条件"}, {"min_photos", "photos", "照片"},
		{"privacy", "privacy", "隐私级别"}, {"name", "name", "名称"}, {NULL}};
	size_t i;
	json_t *type;
	json_array_foreach(types, i, type)
	{
		size_t count = json_array_size(json_object_get(type, "conditions"));
		limit_word(type);
		(void)json_object_set_new(type, "conditions", json_integer((json_int_t)count));
	}
	bh_cli_table(types, columns, call->zh);
	bh_cli_note(call, "%s bihuan catalogue show TYPE", bh_tool_next_word(call));
}

static void catalogue_print(const struct bh_cli_call *call, const json_t *items)
{
	size_t i;
	json_t *type;
	if (call->json) {
		json_array_foreach((json_t *)items, i, type)
		{
			bh_cli_print_json(type);
		}
	} else if (call->operands_count > 0) {
		type_show(call, json_array_get(items, 0));
	} else {
		types_show(call, (json_t *)items);
	}
}

int bh_tool_catalogue_show(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_district_path(call, path, "catalogue", NULL);
	if (exit == BH_CLI_DONE && call->operands_count > 0 &&
		!bh_tool_parameter(path, "type", call->operands[0]))
		exit = bh_cli_fail(call, BH_CLI_USAGE, "usage", "the type is too long", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit == BH_CLI_DONE)
		catalogue_print(call, json_object_get(answer, "items"));
	json_decref(answer);
	return exit;
}
