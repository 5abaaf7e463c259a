/* Tables of options: options anywhere, what is wrong and what was meant, widths of columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/cli/exits.h"
#include "tools/cli/option.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

/* What the last run was told. */
struct seen {
	char verb[40], operands[80], text[40], as[40];
	bool json;
	unsigned runs;
};

static int run(struct bh_cli_call *call)
{
	struct seen *seen = call->context;
	const char *text = bh_cli_value(call, "text"), *as = bh_cli_value(call, "as");
	size_t n = 0;
	seen->operands[0] = '\0';
	for (size_t i = 0; i < call->operands_count; i++)
		n += (size_t)snprintf(
			seen->operands + n, sizeof(seen->operands) - n, "%s|", call->operands[i]);
	(void)snprintf(seen->verb, sizeof(seen->verb), "%s", call->verb->name);
	(void)snprintf(seen->text, sizeof(seen->text), "%s", text ? text : "(none)");
	(void)snprintf(seen->as, sizeof(seen->as), "%s", as ? as : "(none)");
	seen->json = call->json;
	seen->runs++;
	return BH_CLI_DONE;
}

static const struct bh_cli_option own[] = {
	{"text", 'm', "TEXT", "words", "文字"}, {NULL, 0, NULL, NULL, NULL}};
static const struct bh_cli_option common[] = {{"as", 'a', "CODE", "who", "何人"},
	{"json", 'j', NULL, "JSON", "JSON"}, {NULL, 0, NULL, NULL, NULL}};
static const struct bh_cli_verb verbs[] = {
	{"close", "NUMBER", 1, 1, own, "x close 1", "close", "结案", run, NULL},
	{"queue", "", 0, 0, NULL, "x queue", "queue", "队列", run, NULL},
	{"clock confirm", "", 0, 0, NULL, "x clock confirm", "confirm", "确认", run, NULL},
	{"import", "FILE [FILE]", 1, 2, NULL, "x import FILE", "import", "导入", run, NULL},
	{NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL}};
static const struct bh_cli_verb *const tables[] = {verbs, NULL};
static const struct bh_cli_program program = {"x", "a program", "程序", tables, common};

/* Runs with stdout and stderr into a file; gives the exit status, *said what was written. */
static int say(struct seen *seen, const char *words, char *said, size_t size)
{
	char line[200];
	char *argv[16] = {(char *)"x"};
	int argc = 1, out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
	FILE *file = tmpfile();
	(void)snprintf(line, sizeof(line), "%s", words);
	for (char *at = line, *word; (word = strsep(&at, " ")) && argc < 15;)
		argv[argc++] = word;
	(void)fflush(stdout);
	(void)dup2(fileno(file), STDOUT_FILENO);
	(void)dup2(fileno(file), STDERR_FILENO);
	int exit = bh_cli_main(&program, argc, argv, seen);
	(void)fflush(stdout);
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(err, STDERR_FILENO);
	(void)close(out);
	(void)close(err);
	rewind(file);
	said[fread(said, 1, size - 1, file)] = '\0';
	(void)fclose(file);
	return exit;
}

static void test_option__may_stand_anywhere(void **state)
{
	static const char *const ways[] = {"close 17 --text=ok --as D1 -j",
		"-a D1 close -m ok 17 --json", "--json --as=D1 --text ok close 17",
		"-jaD1 close 17 -mok"};
	char said[4096];
	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct seen seen = {.runs = 0};
		assert_int_equal(say(&seen, ways[i], said, sizeof(said)), 0);
		assert_string_equal(seen.verb, "close");
		assert_string_equal(seen.operands, "17|");
		assert_string_equal(seen.text, "ok");
		assert_string_equal(seen.as, "D1");
	}
}

static void test_verb__may_have_two_words(void **state)
{
	struct seen seen = {.runs = 0};
	char said[4096];
	(void)state;
	assert_int_equal(say(&seen, "clock -j confirm", said, sizeof(said)), 0);
	assert_string_equal(seen.verb, "clock confirm");
	assert_string_equal(seen.operands, "");
	assert_int_equal(say(&seen, "import a b", said, sizeof(said)), 0);
	assert_string_equal(seen.operands, "a|b|");
}

static void test_option__that_is_wrong_is_told_with_what_was_meant(void **state)
{
	static const struct {
		const char *words, *said;
	} rows[] = {
		{"queu", "did you mean `x queue`?"},
		{"clos 17", "did you mean `x close`?"},
		{"close 17 --txt=a", "did you mean --text?"},
		{"xyzzy", "x --help"},
		{"close", "takes NUMBER"},
		{"close 1 2", "takes NUMBER"},
		{"queue 1", "no operand"},
		{"import a b c", "takes FILE"},
		{"close 17 --text", "without its argument"},
		{"queue --text=a", "no option"},
		{"--json", "no verb"},
		{"queue -z", "no option -z"},
	};
	char said[4096];
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct seen seen = {.runs = 0};
		int exit = say(&seen, rows[i].words, said, sizeof(said));
		if (exit != BH_CLI_USAGE || seen.runs != 0 || !strstr(said, rows[i].said))
			fail_msg("%s: %d %s", rows[i].words, exit, said);
	}
}

static void test_option__errors_are_json_when_asked(void **state)
{
	struct seen seen = {.runs = 0};
	char said[4096];
	(void)state;
	assert_int_equal(say(&seen, "queu --json", said, sizeof(said)), BH_CLI_USAGE);
	json_t *error = json_loads(said, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(error, "code")), "usage");
	assert_non_null(json_object_get(error, "message"));
	assert_non_null(json_object_get(error, "hint"));
	json_decref(error);
}

static void test_help__tells_the_whole_table(void **state)
{
	struct seen seen = {.runs = 0};
	char said[4096];
	(void)state;
	assert_int_equal(say(&seen, "close 17 --help", said, sizeof(said)), 0);
	assert_non_null(strstr(said, "--text=TEXT"));
	assert_non_null(strstr(said, "--as=CODE"));
	assert_int_equal(say(&seen, "-h", said, sizeof(said)), 0);
	for (const struct bh_cli_verb *verb = verbs; verb->name; verb++)
		assert_non_null(strstr(said, verb->name));
	assert_int_equal(say(&seen, "completion bash", said, sizeof(said)), 0);
	assert_non_null(strstr(said, "'close'*) words=' --text= --as= --json'; files=no"));
	assert_non_null(strstr(said, "'import'*) words=' --as= --json'; files=yes"));
	assert_int_equal(seen.runs, 0);
}

static void test_width__counts_a_terminals_cells(void **state)
{
	(void)state;
	assert_int_equal(bh_cli_width("abc"), 3);
	assert_int_equal(bh_cli_width("云河区"), 6);
	assert_int_equal(bh_cli_width("e\u0301"), 1);
	assert_int_equal(bh_cli_width(""), 0);
	assert_int_equal(bh_cli_width("a\xff"), 2);
}

static void test_cell__cannot_move_the_cursor(void **state)
{
	json_t *value = json_string("a\x1b[2J\nb\u202ec\x07");
	(void)state;
	char *cell = bh_cli_cell(value);
	assert_string_equal(cell, "a?[2J b?c?");
	free(cell);
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_option__may_stand_anywhere),
		cmocka_unit_test(test_verb__may_have_two_words),
		cmocka_unit_test(test_option__that_is_wrong_is_told_with_what_was_meant),
		cmocka_unit_test(test_option__errors_are_json_when_asked),
		cmocka_unit_test(test_help__tells_the_whole_table),
		cmocka_unit_test(test_width__counts_a_terminals_cells),
		cmocka_unit_test(test_cell__cannot_move_the_cursor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
