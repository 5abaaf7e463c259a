/* The one place that writes messages.  A line that cannot be written is lost: who closed the stream
 * wanted it so. */
#include "tools/cli/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/cli/exits.h"

#define ANSWER_MAX 128

bool bh_cli_colour(int fd)
{
	const char *no = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");
	return !(no && *no) && isatty(fd) && !(terminal && strcmp(terminal, "dumb") == 0);
}

int bh_cli_fail_json(const struct bh_cli_call *call, int exit, const json_t *error)
{
	const char *message = json_string_value(json_object_get(error, "message"));
	const char *hint = json_string_value(json_object_get(error, "hint"));
	const char *zh = json_string_value(json_object_get(error, "message_zh"));
	const char *detail = json_string_value(json_object_get(error, "detail"));
	bool colour = bh_cli_colour(STDERR_FILENO);
	if (call->zh && zh)
		message = zh;
	else
		detail = NULL; /* the English sentence begins with it */
	(void)fflush(stdout);
	if (call->json) {
		char *text = json_dumps(error, JSON_COMPACT);
		fprintf(stderr, "%s\n", text ? text : "{\"code\":\"no-memory\"}");
		free(text);
		return exit;
	}
	fprintf(stderr, "%s%s:%s %s\n", colour ? "\x1b[31m" : "", call->program->name,
		colour ? "\x1b[0m" : "", message ? message : "it failed");
	if (detail)
		fprintf(stderr, "  %s\n", detail);
	if (hint)
		fprintf(stderr, "  %s\n", hint);
	return exit;
}

int bh_cli_fail(const struct bh_cli_call *call, int exit, const char *code, const char *message,
	const char *hint)
{
	json_t *error = json_pack(
		"{s:s, s:s, s:s?}", "code", code, "message", message, "hint", hint);
	int status = bh_cli_fail_json(call, exit, error);
	json_decref(error);
	return status;
}

void bh_cli_note(const struct bh_cli_call *call, const char *format, ...)
{
	va_list arguments;
	if (call->json)
		return;
	(void)fflush(stdout);
	va_start(arguments, format);
	(void)vfprintf(stderr, format, arguments);
	va_end(arguments);
	(void)fputc('\n', stderr);
}

void bh_cli_print_json(const json_t *value)
{
	(void)json_dumpf(value, stdout, JSON_COMPACT | JSON_REAL_PRECISION(10));
	(void)putchar('\n');
}

static bool asked(const char *name, const char *what)
{
	char answer[ANSWER_MAX];
	fprintf(stderr, "%s\ntype %s to go on: ", what, name);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcmp(answer, name) == 0;
}

bool bh_cli_confirmed(const struct bh_cli_call *call, const char *name, const char *what, int *exit)
{
	char hint[200];
	const char *given = bh_cli_value(call, "confirm");
	bool may_ask = isatty(STDIN_FILENO) && isatty(STDERR_FILENO) &&
		       !bh_cli_flag(call, "no-input") && !call->json;
	if (given && strcmp(given, name) == 0)
		return true;
	if (!given && may_ask && asked(name, what))
		return true;
	(void)snprintf(hint, sizeof(hint), "add --confirm=%.100s", name);
	*exit = bh_cli_fail(call, BH_CLI_USAGE, "confirm",
		given ? "--confirm names something else; nothing was done"
		      : "this needs a confirmation; nothing was done",
		hint);
	return false;
}
