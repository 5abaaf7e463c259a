/* The calendar: what is in force, and lists of holidays and make-up days that come as JSON (in the
 * shape of holiday-cn) or as a table.  A table goes to the server as JSON, line for line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tools/bihuan.h"
#include "tools/calendar_csv.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

#define FILE_BYTES_MAX (16u * 1024u * 1024u)

static bool is_json(const struct bh_csv *csv)
{
	size_t at = csv->at + strspn(csv->bytes + csv->at, " \t\r\n");
	return csv->bytes[at] == '{' || csv->bytes[at] == '[';
}

/* What is wrong with a file, and where that is known. */
static int file_fail(struct bh_cli_call *call, size_t line, const char *what, const char *hint)
{
	char message[300];
	const char *file = call->operands[0];
	if (line > 0)
		(void)snprintf(message, sizeof(message), "%.200s:%zu: %s", file, line, what);
	else
		(void)snprintf(message, sizeof(message), "%.200s: %s", file, what);
	return bh_cli_fail(call, BH_CLI_DATA, "file", message, hint);
}

static int list_read(
	struct bh_cli_call *call, bh_tool_rows_json rows, const char *hint, struct bh_buf *out)
{
	struct bh_csv csv;
	size_t line = 0;
	const char *what = NULL;
	enum bh_csv_err opened = bh_csv_open(call->operands[0], &csv, &line);
	if (opened)
		return file_fail(call, line, bh_csv_err_sentence(opened), hint);
	int err = is_json(&csv) ? bh_buf_append(out, csv.bytes + csv.at, csv.len - csv.at)
				: rows(&csv, out, &what, &line);
	bh_csv_close(&csv);
	if (err == BH_ERR_INVALID)
		return file_fail(call, line, what, hint);
	if (err == BH_ERR_LIMIT)
		return file_fail(call, 0, "it is larger than 16 MiB", hint);
	if (err)
		return bh_cli_fail(call, BH_CLI_AGAIN, "no-memory", "out of memory", NULL);
	return BH_CLI_DONE;
}

int bh_tool_import_rows(struct bh_cli_call *call, const char *what, bh_tool_rows_json rows,
	const char *hint, const char *next)
{
	struct bh_buf list = BH_BUF(FILE_BYTES_MAX);
	int exit = list_read(call, rows, hint, &list);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_import_text(call, what, (const char *)list.data, list.len, next);
	bh_buf_free(&list);
	return exit;
}

/* `calendar check`, `calendar apply`. */
int bh_tool_calendar_import(struct bh_cli_call *call)
{
	return bh_tool_import_rows(call, "calendar", bh_calendar_json,
		"JSON in the shape of holiday-cn, or a table: date,kind,name",
		"bihuan calendar show");
}

int bh_tool_calendar_show(struct bh_cli_call *call)
{
	static const struct bh_cli_column members[] = {{"version", "version", "版本"}, {NULL}};
	static const struct bh_cli_column periods[] = {
		{"weekday", "weekday", "星期"}, {"from", "from", "起"}, {"to", "to", "止"}, {NULL}};
	static const struct bh_cli_column days[] = {{"date", "date", "日期"},
		{"kind", "kind", "类型"}, {"as", "as", "按星期"}, {"list", "list", "年度"},
		{"name", "name", "名称"}, {NULL}};
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_district_path(call, path, "calendar", NULL);
	if (exit == BH_CLI_DONE && call->operands_count > 0 &&
		!bh_tool_parameter(path, "year", call->operands[0]))
		exit = bh_cli_fail(call, BH_CLI_USAGE, "usage", "the year is too long", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit == BH_CLI_DONE && call->json) {
		bh_cli_print_json(answer);
	} else if (exit == BH_CLI_DONE) {
		bh_cli_members(answer, members, call->zh);
		printf("\n");
		bh_cli_table(json_object_get(answer, "week"), periods, call->zh);
		printf("\n");
		bh_cli_table(json_object_get(answer, "days"), days, call->zh);
	}
	json_decref(answer);
	return exit;
}
