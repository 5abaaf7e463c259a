/* Dossiers at the terminal: what a case's papers are and what lacks, a paper more, what is lent. */
#include <stdio.h>
#include <string.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

static const struct bh_cli_column paper_columns[] = {{"at", "at", "时间"},
	{"paper", "paper", "材料"}, {"paper_zh", "", "名称"}, {"title", "title", "标题"},
	{"person", "person", "人员"}, {"photos", "photos", "照片"}, {"photos_here", "here", "已到"},
	{NULL}};

/* ---- Showing ---- */

static void lacks_print(struct bh_cli_call *call, const json_t *answer)
{
	size_t i;
	json_t *paper;
	long long photos = json_integer_value(json_object_get(answer, "photos"));
	long long here = json_integer_value(json_object_get(answer, "photos_here"));

	printf("%lld / %lld  %s\n", (long long)json_integer_value(json_object_get(answer, "there")),
		(long long)json_integer_value(json_object_get(answer, "required")),
		json_is_true(json_object_get(answer, "complete"))
			? (call->zh ? "齐全" : "complete")
			: (call->zh ? "不齐" : "incomplete"));
	json_array_foreach(json_object_get(answer, "missing"), i, paper)
	{
		const char *word = call->zh ? "paper_zh" : "paper";
		printf("%s %s\n", call->zh ? "缺:" : "lacks:",
			json_string_value(json_object_get(paper, word)));
	}
	if (here < photos)
		printf(call->zh ? "照片已到 %lld / %lld\n" : "photos here: %lld of %lld\n", here,
			photos);
}

static void standing_print(struct bh_cli_call *call, const json_t *answer)
{
	const json_t *seal = json_object_get(answer, "seal");
	const json_t *loan = json_object_get(answer, "loan");
	long long newer = json_integer_value(json_object_get(seal, "newer"));

	if (json_is_object(seal)) {
		printf("%s %s  %s\n", call->zh ? "封卷" : "sealed",
			json_string_value(json_object_get(seal, "at")),
			json_string_value(json_object_get(seal, "hash")));
		if (!json_is_true(json_object_get(seal, "holds")))
			printf("%s\n", call->zh ? "封卷校验不符" : "the seal does not hold");
		if (newer > 0)
			printf(call->zh ? "封卷后新增材料 %lld 份\n" : "papers since: %lld\n",
				newer);
	}
	if (json_is_object(loan))
		printf("%s %s%s\n", call->zh ? "借出,应还" : "lent until",
			json_string_value(json_object_get(loan, "until")),
			json_is_true(json_object_get(loan, "late"))
				? (call->zh ? "(逾期)" : "  late")
				: "");
}

int bh_tool_dossier(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_number_check(call);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_district_path(
			call, path, "cases", call->operands[0], "dossier", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit != BH_CLI_DONE)
		return exit;
	if (call->json) {
		bh_cli_print_json(answer);
	} else {
		bh_cli_table(json_object_get(answer, "papers"), paper_columns, call->zh);
		lacks_print(call, answer);
		standing_print(call, answer);
	}
	json_decref(answer);
	return BH_CLI_DONE;
}

int bh_tool_loans(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"number", "case", "案件"},
		{"at", "at", "借出时间"}, {"until", "until", "应还时间"}, {"late", "late", "逾期"},
		{"text", "whom", "借阅人"}, {NULL}};
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(call, path, "loans", NULL);
	return exit == BH_CLI_DONE ? bh_tool_list(call, path, columns) : exit;
}

/* ---- A paper more ---- */

int bh_tool_paper(struct bh_cli_call *call)
{
	static const char *const names[] = {"kind", "title", "text"};
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL, *body = json_object();
	int exit = bh_tool_number_check(call);
	int rc = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = bh_cli_value(call, names[i]);
		if (value)
			rc |= json_object_set_new(body, names[i], json_string(value));
	}
	if (exit == BH_CLI_DONE && rc != 0)
		exit = bh_cli_fail(call, BH_CLI_DATA, "text", "an option is not UTF-8 text", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_district_path(
			call, path, "cases", call->operands[0], "papers", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(call, path, json_incref(body), &answer);
	json_decref(body);
	if (exit == BH_CLI_DONE && !call->json)
		printf("%s  %s\n", call->operands[0],
			json_string_value(json_object_get(answer, "paper")));
	bh_tool_repeat_note(call, answer);
	json_decref(answer);
	return exit;
}
