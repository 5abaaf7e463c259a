/* What changes something: verbs on a case, districts, imports, handsets.  Each success ends with
 * the command that comes next, its ids filled in. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/number.h"
#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

#define FILE_BYTES_MAX (16u * 1024u * 1024u)

const char *bh_tool_next_word(const struct bh_cli_call *call)
{
	return call->zh ? "下一步:" : "next:";
}

static int number_check(struct bh_cli_call *call, const char *text)
{
	char message[200];
	uint64_t number;
	if (bh_case_number_parse(text, &number) == 0)
		return BH_CLI_DONE;
	(void)snprintf(message, sizeof(message), "'%.100s' is no case number", text);
	return bh_cli_fail(call, BH_CLI_DATA, "case_number", message,
		"it looks like 17-42-K, and its last character checks the others");
}

int bh_tool_number_check(struct bh_cli_call *call)
{
	return number_check(call, call->operands[0]);
}

int bh_tool_case_path(struct bh_cli_call *call, char path[BH_TOOL_PATH_MAX], const char *what)
{
	int exit = bh_tool_number_check(call);
	return exit == BH_CLI_DONE
		       ? bh_tool_district_path(call, path, "cases", call->operands[0], what, NULL)
		       : exit;
}

void bh_tool_repeat_note(const struct bh_cli_call *call, const json_t *answer)
{
	if (json_is_true(json_object_get(answer, "repeat")))
		bh_cli_note(
			call, "%s", call->zh ? "此前已办,未再次生效" : "done before, not again");
}

int bh_tool_texts(struct bh_cli_call *call, const char *const *names, size_t count, json_t *body)
{
	for (size_t i = 0; i < count; i++) {
		const char *value = bh_cli_value(call, names[i]);
		if (value && json_object_set_new(body, names[i], json_string(value)) != 0)
			return bh_cli_fail(
				call, BH_CLI_DATA, "text", "an option is not UTF-8 text", names[i]);
	}
	return BH_CLI_DONE;
}

/* ---- Verbs on a case ---- */

/* An amount goes by either spelling, and not by both. */
static int amount_set(struct bh_cli_call *call, json_t *body)
{
	const char *amount = bh_cli_value(call, "amount-fen");
	if (amount && json_object_get(body, "amount_fen"))
		return bh_cli_fail(call, BH_CLI_USAGE, "usage", "the amount is said twice",
			"--amount-fen alone");
	if (amount)
		(void)json_object_set_new(body, "amount_fen", json_string(amount));
	return BH_CLI_DONE;
}

static int body_make(struct bh_cli_call *call, json_t **out)
{
	static const char *const texts[] = {"unit", "type", "urgency", "text", "condition",
		"version", "until", "answer", "assignee", "task", "result", "grade", "major",
		"kind", "linkage", "outcome", "present", "measures", "mediation", "date", "ground",
		"channel", "receipt", "grid", "amount_fen", "agreement", "dates", "decisions",
		"sponsor", "force", "steps"};
	json_t *body = json_object();
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *value = bh_cli_value(call, texts[i]);
		if (value && !value[strspn(value, " \t\r\n")]) {
			json_decref(body);
			return bh_cli_fail(
				call, BH_CLI_DATA, "text", "an option is blank", texts[i]);
		}
	}
	int exit = bh_tool_texts(call, texts, sizeof(texts) / sizeof(texts[0]), body);
	if (exit == BH_CLI_DONE)
		exit = amount_set(call, body);
	if (exit == BH_CLI_DONE && bh_cli_flag(call, "ended"))
		json_object_set_new(body, "matter_ended", json_true());
	if (exit == BH_CLI_DONE)
		*out = body;
	else
		json_decref(body);
	return exit;
}

static void act_next(const struct bh_cli_call *call, const json_t *answer)
{
	const char *state = json_string_value(json_object_get(answer, "state"));
	const json_t *cased = json_object_get(answer, "case");
	bh_tool_next(call, cased ? cased : answer);
	if (state && strcmp(state, "closed") == 0)
		bh_cli_note(call, "%s bihuan show %s", bh_tool_next_word(call), call->operands[0]);
}

int bh_tool_act(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *body = NULL, *answer = NULL;
	const char *number = call->operands[0];
	int exit = bh_tool_number_check(call);
	bool merges = strcmp(call->verb->name, "merge") == 0;
	if (exit == BH_CLI_DONE && merges)
		exit = number_check(call, call->operands[1]);
	if (exit != BH_CLI_DONE)
		return exit;
	bool severe = strcmp(call->verb->name, "void") == 0;
	if (severe && !bh_cli_confirmed(call, number, "this ends the case for good", &exit))
		return exit;
	const char *verb = call->verb->detail ? call->verb->detail : call->verb->name;
	exit = bh_tool_district_path(call, path, "cases", number, verb, NULL);
	if (exit == BH_CLI_DONE)
		exit = body_make(call, &body);
	if (exit == BH_CLI_DONE && merges)
		json_object_set_new(body, "main", json_string(call->operands[1]));
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post(call, path, body, &answer);
	json_decref(body);
	if (exit != BH_CLI_DONE)
		return exit;
	if (call->json)
		bh_cli_print_json(answer);
	else
		printf("%s  %s%s\n", number, json_string_value(json_object_get(answer, "state")),
			json_is_true(json_object_get(answer, "repeat"))
				? (call->zh ? "(此前已办)" : "  (done before)")
				: "");
	act_next(call, answer);
	json_decref(answer);
	return BH_CLI_DONE;
}

/* ---- Districts and their profiles ---- */

int bh_tool_post_simple(struct bh_cli_call *call, const char *path, json_t *body, json_t **answer)
{
	int exit = bh_tool_post(call, path, body, answer);
	json_decref(body);
	if (exit == BH_CLI_DONE && call->json)
		bh_cli_print_json(*answer);
	return exit;
}

int bh_tool_district_create(struct bh_cli_call *call)
{
	json_t *answer = NULL;
	int exit = bh_tool_post_simple(
		call, "/districts", json_pack("{s:s}", "code", call->operands[0]), &answer);
	if (exit == BH_CLI_DONE) {
		bh_tool_repeat_note(call, answer);
		bh_cli_note(call, "%s", call->zh ? "区县已建立并开始服务" : "made, and served");
		bh_cli_note(call, "%s bihuan --district=%s profile check FILE",
			bh_tool_next_word(call), call->operands[0]);
	}
	json_decref(answer);
	return exit;
}

int bh_tool_profile_show(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_district_path(call, path, "profile", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit == BH_CLI_DONE && call->json)
		bh_cli_print_json(answer);
	else if (exit == BH_CLI_DONE) {
		(void)json_dumpf(answer, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
		printf("\n");
	}
	json_decref(answer);
	return exit;
}

/* "-" is the standard input.  Whatever is too large, the server would refuse it anyway. */
static int file_read(struct bh_cli_call *call, const char *name, char **out, size_t *len)
{
	char message[300];
	FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
	char *text = malloc(FILE_BYTES_MAX + 1);
	if (!file || !text) {
		(void)snprintf(message, sizeof(message), "%.200s: %s", name,
			file ? "out of memory" : strerror(errno));
		if (file && file != stdin)
			(void)fclose(file);
		free(text);
		return bh_cli_fail(call, BH_CLI_DATA, "file", message, NULL);
	}
	size_t n = fread(text, 1, FILE_BYTES_MAX + 1, file);
	bool failed = ferror(file) != 0;
	if (file != stdin)
		(void)fclose(file);
	if (failed || n > FILE_BYTES_MAX) {
		free(text);
		(void)snprintf(message, sizeof(message), "%.200s: %s", name,
			failed ? "cannot be read" : "is larger than 16 MiB");
		return bh_cli_fail(call, BH_CLI_DATA, "file", message, NULL);
	}
	bool mark = n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0;
	if (mark)
		memmove(text, text + 3, n -= 3);
	if (!bh_utf8_valid(bh_span(text, n))) {
		free(text);
		(void)snprintf(message, sizeof(message), "%.200s: is not UTF-8", name);
		return bh_cli_fail(call, BH_CLI_DATA, "file", message,
			"a file in GB18030 or UTF-16: save it as UTF-8");
	}
	*out = text;
	*len = n;
	return BH_CLI_DONE;
}

void bh_tool_changes_print(const struct bh_cli_call *call, const json_t *answer)
{
	const char *list;
	json_t *change;
	json_t *changes = json_object_get(answer, "changes");
	json_object_foreach(changes, list, change)
	{
		if (json_is_boolean(change)) {
			printf("%-10s  %s\n", list, json_is_true(change) ? "changed" : "same");
			continue;
		}
		printf("%-10s", list);
		static const char *const names[] = {"added", "changed", "removed", "kept"};
		for (size_t i = 0; i < 4; i++)
			printf("  %lld %s",
				(long long)json_integer_value(json_object_get(change, names[i])),
				names[i]);
		printf("\n");
	}
	bh_tool_gaps_print(call, answer);
	bh_tool_lacks_print(call, answer);
	if (!json_is_true(json_object_get(answer, "differs")))
		bh_cli_note(call, "%s",
			call->zh ? "与现行档案一致,无需更新"
				 : "nothing differs from what is in force");
}

int bh_tool_import_text(
	struct bh_cli_call *call, const char *what, const char *text, size_t len, const char *next)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	bool apply = strstr(call->verb->name, "apply") != NULL;
	const char *file = call->operands[0];
	int exit = bh_tool_district_path(call, path, what, NULL);
	if (exit == BH_CLI_DONE && apply)
		(void)bh_tool_parameter(path, "apply", "1");
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_text(call, path, text, len, file, &answer);
	if (exit != BH_CLI_DONE)
		return exit;
	if (call->json)
		bh_cli_print_json(answer);
	else
		bh_tool_changes_print(call, answer);
	bh_tool_repeat_note(call, answer);
	if (!apply && json_is_true(json_object_get(answer, "differs")))
		bh_cli_note(call, "%s bihuan %s apply %s", bh_tool_next_word(call), what, file);
	else if (json_is_true(json_object_get(answer, "applied")))
		bh_cli_note(call, "%s %s", bh_tool_next_word(call), next);
	json_decref(answer);
	return BH_CLI_DONE;
}

/* `profile check`, `profile apply`, `catalogue check`, `catalogue apply`. */
int bh_tool_import(struct bh_cli_call *call)
{
	char *text = NULL;
	size_t len = 0;
	int exit = file_read(call, call->operands[0], &text, &len);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_import_text(
			call, call->verb->detail, text, len, "bihuan people; bihuan enrol PERSON");
	free(text);
	return exit;
}

/* ---- The server ---- */

static void keys_print(const char *title, const json_t *names)
{
	if (json_array_size(names) == 0)
		return;
	printf("%s", title);
	for (size_t i = 0; i < json_array_size(names); i++)
		printf(" %s", json_string_value(json_array_get(names, i)));
	printf("\n");
}

int bh_tool_reload(struct bh_cli_call *call)
{
	json_t *answer = NULL;
	int exit = bh_tool_post(call, "/reload", NULL, &answer);
	if (exit == BH_CLI_DONE && call->json) {
		bh_cli_print_json(answer);
	} else if (exit == BH_CLI_DONE) {
		const json_t *live = json_object_get(answer, "took_effect");
		const json_t *waiting = json_object_get(answer, "waits_for_restart");
		keys_print(call->zh ? "已生效:" : "took effect:", live);
		keys_print(call->zh ? "重启后生效:" : "waits for a restart:", waiting);
		if (json_array_size(live) + json_array_size(waiting) == 0)
			bh_cli_note(call, "%s", call->zh ? "没有变化" : "nothing differs");
	}
	json_decref(answer);
	return exit;
}

int bh_tool_verify(struct bh_cli_call *call)
{
	static const struct bh_cli_column members[] = {{"holds", "holds", "完好"},
		{"entries", "entries", "条目"}, {"cases", "cases", "案件"},
		{"contents_checked", "contents checked", "核对内容"},
		{"contents_erased", "contents erased", "已删内容"}, {"head", "head", "链头"},
		{NULL}};
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_district_path(call, path, "verify", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(call, path, NULL, &answer);
	if (exit == BH_CLI_DONE && !call->json)
		bh_cli_members(answer, members, call->zh);
	json_decref(answer);
	return exit;
}

int bh_tool_clock_confirm(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_district_path(call, path, "clock", "confirm", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(call, path, NULL, &answer);
	if (exit == BH_CLI_DONE)
		bh_tool_repeat_note(call, answer);
	if (exit == BH_CLI_DONE)
		bh_cli_note(call, "%s",
			call->zh ? "已确认,时限照常执行" : "confirmed: deadlines act again");
	json_decref(answer);
	return exit;
}
