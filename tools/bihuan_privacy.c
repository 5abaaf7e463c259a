/* People that cases name: sealed, opened for a purpose, erased by two.  A name may be given on the
 * standard input, so that it stands in no shell's history. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

#define LINE_BYTES_MAX 512

static const struct bh_cli_column party_columns[] = {{"party", "no", "序号"},
	{"role", "role", "身份"}, {"consent", "consent", "同意"}, {"name", "name", "姓名"},
	{"contact", "contact", "联系方式"}, {"withheld", "withheld", "未开启原因"}, {NULL}};

/* ---- Naming ---- */

enum line { LINE_NONE, LINE_READ, LINE_TOO_LONG };

/* One line without its end; what is too long is not cut, lest its rest be taken for the next. */
static enum line line_read(char line[LINE_BYTES_MAX])
{
	if (!fgets(line, LINE_BYTES_MAX, stdin))
		return LINE_NONE;
	bool ends = strchr(line, '\n') != NULL || strlen(line) < LINE_BYTES_MAX - 1;
	line[strcspn(line, "\r\n")] = '\0';
	return ends ? LINE_READ : LINE_TOO_LONG;
}

static int stdin_read(struct bh_cli_call *call, json_t *body)
{
	char line[LINE_BYTES_MAX];
	int rc = 0;
	enum line read = line_read(line);
	if (read == LINE_NONE || line[0] == '\0')
		return bh_cli_fail(call, BH_CLI_USAGE, "usage",
			"the standard input's first line is the name, its second the contact",
			NULL);
	if (read == LINE_READ)
		rc |= json_object_set_new(body, "name", json_string(line));
	if (read == LINE_READ)
		read = line_read(line);
	if (read == LINE_READ && line[0])
		rc |= json_object_set_new(body, "contact", json_string(line));
	explicit_bzero(line, sizeof(line));
	if (read == LINE_TOO_LONG)
		return bh_cli_fail(call, BH_CLI_DATA, "text",
			"a line is too long: a name of up to 200 bytes, a contact of up to 400",
			NULL);
	return rc == 0 ? BH_CLI_DONE
		       : bh_cli_fail(call, BH_CLI_DATA, "text", "it is not UTF-8 text", NULL);
}

static int body_make(struct bh_cli_call *call, json_t *body)
{
	static const char *const names[] = {"role", "consent", "name", "contact"};
	int rc = 0;
	if (call->operands_count > 1)
		rc |= json_object_set_new(body, "party", json_string(call->operands[1]));
	if (strcmp(call->verb->detail, "remove") == 0)
		rc |= json_object_set_new(body, "remove", json_true());
	if (rc != 0)
		return bh_cli_fail(call, BH_CLI_DATA, "text", "an option is not UTF-8 text", NULL);
	int exit = bh_tool_texts(call, names, sizeof(names) / sizeof(names[0]), body);
	if (exit != BH_CLI_DONE)
		return exit;
	return bh_cli_flag(call, "stdin") ? stdin_read(call, body) : BH_CLI_DONE;
}

/* `party add`, `party change`, `party remove`. */
int bh_tool_party(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL, *body = json_object();
	int exit = bh_tool_number_check(call);
	if (exit == BH_CLI_DONE)
		exit = body_make(call, body);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_district_path(
			call, path, "cases", call->operands[0], "parties", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(call, path, json_incref(body), &answer);
	json_decref(body);
	if (exit == BH_CLI_DONE && !call->json)
		printf("%s  %lld\n", call->operands[0],
			(long long)json_integer_value(json_object_get(answer, "party")));
	bh_tool_repeat_note(call, answer);
	json_decref(answer);
	return exit;
}

/* ---- Looking ---- */

static void parties_print(struct bh_cli_call *call, const json_t *answer)
{
	if (!call->json)
		bh_cli_table(json_object_get(answer, "items"), party_columns, call->zh);
	if (json_is_true(json_object_get(answer, "held")))
		bh_cli_note(
			call, "%s", call->zh ? "依法保留中" : "a legal hold stands on the case");
	if (json_is_string(json_object_get(answer, "erased_at")))
		bh_cli_note(call, call->zh ? "已于 %s 删除" : "erased at %s",
			json_string_value(json_object_get(answer, "erased_at")));
}

int bh_tool_party_list(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_case_path(call, path, "parties");
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit == BH_CLI_DONE && call->json)
		bh_cli_print_json(answer);
	if (exit == BH_CLI_DONE)
		parties_print(call, answer);
	json_decref(answer);
	return exit;
}

int bh_tool_party_open(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	const char *purpose = bh_cli_value(call, "purpose");
	int exit = bh_tool_number_check(call);
	if (exit == BH_CLI_DONE && !purpose)
		return bh_cli_fail(call, BH_CLI_USAGE, "usage", "say what for: --purpose=NAME",
			"contact, handling, mediation, follow_up, subject_request, legal, "
			"oversight");
	if (exit == BH_CLI_DONE)
		exit = bh_tool_district_path(call, path, "cases", call->operands[0], "open", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(
			call, path, json_pack("{s:s}", "purpose", purpose), &answer);
	if (exit == BH_CLI_DONE)
		parties_print(call, answer);
	json_decref(answer);
	return exit;
}

int bh_tool_openings(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"at", "at", "时间"},
		{"person", "person", "人员"}, {"number", "case", "案件"},
		{"purpose", "purpose", "用途"}, {NULL}};
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(call, path, "openings", NULL);
	return exit == BH_CLI_DONE ? bh_tool_list(call, path, columns) : exit;
}

int bh_tool_retention_report(struct bh_cli_call *call)
{
	static const struct bh_cli_column columns[] = {{"at", "at", "时间"},
		{"number", "case", "案件"}, {"texts", "texts", "文字"}, {"how", "how", "方式"},
		{"person", "person", "人员"}, {NULL}};
	char path[BH_TOOL_PATH_MAX];
	int exit = bh_tool_district_path(call, path, "erasures", NULL);
	return exit == BH_CLI_DONE ? bh_tool_list(call, path, columns) : exit;
}

/* ---- Erasing ---- */

static int one_act(struct bh_cli_call *call, const char *number)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	struct bh_tool *tool = call->context;
	if (call->operands_count == 0)
		tool->key[0] = '\0'; /* each of a reporter's is a request of its own */
	int exit = bh_tool_district_path(call, path, "cases", number, call->verb->detail, NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(call, path,
			json_pack("{s:s?}", "reason", bh_cli_value(call, "reason")), &answer);
	if (exit == BH_CLI_DONE && !call->json)
		printf("%s  %s\n", number, call->verb->detail);
	json_decref(answer);
	return exit;
}

/* What goes on, is held, or was erased is told and left. */
static int page_act(struct bh_cli_call *call, const json_t *items)
{
	size_t i;
	json_t *item;
	int exit = BH_CLI_DONE;
	json_array_foreach((json_t *)items, i, item)
	{
		const char *number = json_string_value(json_object_get(item, "number"));
		bool erased = json_is_string(json_object_get(item, "erased_at"));
		bool waits = !json_is_true(json_object_get(item, "ended")) ||
			     json_is_true(json_object_get(item, "held"));
		if (erased || !number)
			continue;
		if (waits)
			bh_cli_note(call, "%s  %s", number,
				call->zh ? "未结或依法保留,不处理" : "goes on or is held: left");
		int one = waits ? BH_CLI_DONE : one_act(call, number);
		if (one != BH_CLI_DONE)
			exit = one;
	}
	return exit;
}

static int reporter_act(struct bh_cli_call *call, const char *reporter)
{
	char path[BH_TOOL_PATH_MAX], after[100] = "";
	bool more = true;
	int last = BH_CLI_DONE;
	while (more) {
		json_t *answer = NULL;
		int exit = bh_tool_district_path(call, path, "erasable", NULL);
		(void)bh_tool_parameter(path, "reporter", reporter);
		if (*after)
			(void)bh_tool_parameter(path, "after", after);
		if (exit == BH_CLI_DONE)
			exit = bh_tool_get(call, path, &answer);
		if (exit != BH_CLI_DONE)
			return exit;
		exit = page_act(call, json_object_get(answer, "items"));
		last = exit != BH_CLI_DONE ? exit : last;
		const char *next = json_string_value(json_object_get(answer, "next"));
		(void)snprintf(after, sizeof(after), "%s", next ? next : "");
		more = next != NULL;
		json_decref(answer);
	}
	return last;
}

/* `erase ask`, `erase`, `hold`, `unhold`. */
int bh_tool_erase(struct bh_cli_call *call)
{
	const char *reporter = bh_cli_value(call, "reporter");
	const char *whose = call->operands_count ? call->operands[0] : reporter;
	bool severe = strcmp(call->verb->detail, "erase") == 0;
	int exit = BH_CLI_DONE;
	if (!whose || (reporter && call->operands_count))
		return bh_cli_fail(
			call, BH_CLI_USAGE, "usage", "name a case, or --reporter=PERSON", NULL);
	if (!bh_cli_value(call, "reason"))
		return bh_cli_fail(call, BH_CLI_USAGE, "usage", "say why: --reason=TEXT", NULL);
	if (reporter && bh_tool_key_of_many(call, &exit))
		return exit;
	if (call->operands_count)
		exit = bh_tool_number_check(call);
	if (exit != BH_CLI_DONE)
		return exit;
	if (severe &&
		!bh_cli_confirmed(call, whose, "content, names and photos go for good", &exit))
		return exit;
	return call->operands_count ? one_act(call, whose) : reporter_act(call, whose);
}
