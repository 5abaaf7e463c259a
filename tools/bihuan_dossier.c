/* Dossiers at the terminal: what a case's papers are and what lacks, a paper more, what is lent. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/codec.h"
#include "proto/err.h"
#include "proto/number.h"
#include "server/dossier/archive.h"
#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

static const struct bh_cli_column paper_columns[] = {{"at", "at", "时间"},
	{"paper", "paper", "材料"}, {"paper_zh", "", "名称"}, {"title", "title", "标题"},
	{"person", "person", "人员"}, {"position", "position", "位置"},
	{"photos", "photos", "照片"}, {"photos_here", "here", "已到"}, {NULL}};

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

/* ---- As one file ---- */

static int cannot(struct bh_cli_call *call, const char *path)
{
	char message[700];
	(void)snprintf(message, sizeof(message), "%.500s: %s", path, strerror(errno));
	return bh_cli_fail(call, BH_CLI_STORAGE, "file", message, NULL);
}

static FILE *making_open(const char *making)
{
	int fd = bh_tool_making_open(making);
	FILE *file = fd >= 0 ? fdopen(fd, "w+b") : NULL;
	if (!file && fd >= 0)
		(void)close(fd);
	return file;
}

/* Under another name until it is whole, so that a name never stands for half of one. */
static int zip_save(
	struct bh_cli_call *call, const char *from, const json_t *body, const char *path)
{
	char making[600];
	int n = snprintf(making, sizeof(making), "%s.part", path);
	errno = ENAMETOOLONG;
	FILE *to = n > 0 && (size_t)n < sizeof(making) ? making_open(making) : NULL;
	if (!to)
		return cannot(call, path);
	int exit = bh_tool_fetch(call, from, body, to);
	bool written = fflush(to) == 0 && fsync(fileno(to)) == 0;
	written = fclose(to) == 0 && written;
	if (exit == BH_CLI_DONE && (!written || rename(making, path) != 0))
		exit = cannot(call, path);
	if (exit != BH_CLI_DONE)
		(void)unlink(making);
	return exit;
}

static int zip_fetch(struct bh_cli_call *call, const char *path)
{
	char from[BH_TOOL_PATH_MAX];
	const char *purpose = bh_cli_value(call, "purpose");
	json_t *body = purpose ? json_pack("{s:s}", "purpose", purpose) : NULL;
	int exit = bh_tool_district_path(
		call, from, "cases", call->operands[0], "dossier.zip", NULL);
	if (exit == BH_CLI_DONE)
		exit = zip_save(call, from, body, path);
	json_decref(body);
	bool plain = bh_utf8_valid(bh_span(path, strlen(path)));
	json_t *said = json_pack("{s:s?}", "file", plain ? path : NULL);
	if (exit == BH_CLI_DONE && call->json)
		bh_cli_print_json(said);
	else if (exit == BH_CLI_DONE)
		printf("%s\n", path);
	json_decref(said);
	if (exit == BH_CLI_DONE)
		bh_cli_note(call, "%s bihuan dossier verify %s", bh_tool_next_word(call), path);
	return exit;
}

static void report_print(struct bh_cli_call *call, const struct bh_archive_report *report)
{
	char seal[2 * BH_HASH_BYTES + 1] = "";
	if (report->sealed)
		bh_hex_format(bh_span(report->seal, BH_HASH_BYTES), seal);
	json_t *json = json_pack("{s:s, s:s, s:b, s:i, s:i, s:i, s:i, s:i, s:s?, s:i}", "number",
		report->number, "district", report->district, "holds", report->what[0] == '\0',
		"files", (int)report->files, "photos", (int)report->photos, "papers_missing",
		(int)report->papers_missing, "entries", (int)report->entries, "texts",
		(int)report->contents, "seal", report->sealed ? seal : NULL, "sealed_entries",
		(int)report->sealed_entries);
	static const struct bh_cli_column members[] = {{"number", "case", "案件"},
		{"district", "district", "区县"}, {"holds", "holds", "完好"},
		{"files", "files", "文件"}, {"photos", "photos", "照片"},
		{"papers_missing", "papers missing", "缺少文件"}, {"entries", "entries", "条目"},
		{"texts", "texts", "文字"}, {"seal", "seal", "封卷校验值"},
		{"sealed_entries", "sealed entries", "封卷条目"}, {NULL}};
	if (call->json)
		bh_cli_print_json(json);
	else
		bh_cli_members(json, members, call->zh);
	json_decref(json);
}

/* Needs no server: the file proves itself.  --seal says which seal it has to have. */
int bh_tool_dossier_verify(struct bh_cli_call *call)
{
	struct bh_archive_report report;
	char seal[2 * BH_HASH_BYTES + 1] = "";
	const char *wanted = bh_cli_value(call, "seal");
	int err = bh_archive_check(call->operands[0], &report);
	if (err == BH_ERR_CORRUPT)
		return bh_cli_fail(call, BH_CLI_DATA, "dossier", report.what,
			"it is not as the server wrote it: fetch it again");
	if (err)
		return bh_cli_fail(call, err == BH_ERR_NOMEM ? BH_CLI_AGAIN : BH_CLI_STORAGE,
			"file",
			err == BH_ERR_NOT_FOUND ? "there is no such file" : "it cannot be read",
			NULL);
	if (report.sealed)
		bh_hex_format(bh_span(report.seal, BH_HASH_BYTES), seal);
	if (wanted && strcmp(wanted, seal) != 0)
		return bh_cli_fail(
			call, BH_CLI_DATA, "seal", "it has another seal than this", NULL);
	report_print(call, &report);
	return BH_CLI_DONE;
}

int bh_tool_dossier(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	const char *zip = bh_cli_value(call, "zip");
	int exit = bh_tool_number_check(call);
	if (exit == BH_CLI_DONE && !zip && bh_cli_value(call, "purpose"))
		exit = bh_cli_fail(call, BH_CLI_USAGE, "usage", "--purpose goes with --zip=FILE",
			"bihuan party open NUMBER shows the names alone");
	if (exit == BH_CLI_DONE && zip)
		return zip_fetch(call, zip);
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
	if (exit == BH_CLI_DONE)
		exit = bh_tool_texts(call, names, sizeof(names) / sizeof(names[0]), body);
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
