/* Files as papers of a dossier, at the terminal: one is added, fetched, withdrawn. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/domain/paper_file.h"
#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"

static int cannot(struct bh_cli_call *call, const char *path, const char *why)
{
	char message[700];
	(void)snprintf(message, sizeof(message), "%.500s: %s", path, why);
	return bh_cli_fail(call, BH_CLI_DATA, "file", message, NULL);
}

/* A folder, a pipe or what is too large is not read. */
static int file_read(struct bh_cli_call *call, const char *path, struct bh_buf *out)
{
	struct stat about;
	uint8_t *room;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return cannot(call, path, strerror(errno));
	const char *why = NULL;
	if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
		why = "it is no file";
	else if (about.st_size > (off_t)BH_PAPER_FILE_BYTES_MAX)
		why = "it is larger than 16 MiB";
	else if (bh_buf_reserve(out, (size_t)about.st_size + 1, &room) != BH_NOERR)
		why = "out of memory";
	ssize_t n = 1;
	while (!why && n > 0 && out->len <= (size_t)about.st_size) {
		n = read(fd, room + out->len, (size_t)about.st_size + 1 - out->len);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n < 0)
			why = strerror(errno);
		else
			out->len += (size_t)n;
	}
	(void)close(fd);
	if (!why && bh_paper_form_of(bh_buf_span(out)) == BH_PAPER_FORM_NONE)
		why = "by its bytes it is no whole PDF, JPEG or PNG";
	return why ? cannot(call, path, why) : BH_CLI_DONE;
}

/* The title that a file gets where none is said: its kind, never its name. */
static bool query_make(struct bh_cli_call *call, char path[BH_TOOL_PATH_MAX])
{
	const char *title = bh_cli_value(call, "title");
	const char *text = bh_cli_value(call, "text");
	return bh_tool_parameter(path, "kind", call->operands[1]) &&
	       bh_tool_parameter(path, "title", title ? title : call->operands[1]) &&
	       (!text || bh_tool_parameter(path, "text", text));
}

int bh_tool_paper_add(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	struct bh_buf bytes = BH_BUF(BH_PAPER_FILE_BYTES_MAX + 1);
	json_t *answer = NULL;
	int exit = bh_tool_number_check(call);
	if (exit == BH_CLI_DONE)
		exit = file_read(call, call->operands[2], &bytes);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_district_path(
			call, path, "cases", call->operands[0], "papers", "file", NULL);
	if (exit == BH_CLI_DONE && !query_make(call, path))
		exit = bh_cli_fail(
			call, BH_CLI_USAGE, "usage", "--title or --text is too long", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_text(call, path, (const char *)bytes.data, bytes.len,
			call->operands[2], &answer);
	bh_buf_free(&bytes);
	if (exit == BH_CLI_DONE && call->json)
		bh_cli_print_json(answer);
	else if (exit == BH_CLI_DONE)
		printf("%s  %s  %lld  %s\n", call->operands[0],
			json_string_value(json_object_get(answer, "paper")),
			(long long)json_integer_value(json_object_get(answer, "position")),
			json_string_value(json_object_get(answer, "hash")));
	bh_tool_repeat_note(call, answer);
	json_decref(answer);
	return exit;
}

int bh_tool_paper_get(struct bh_cli_call *call)
{
	char from[BH_TOOL_PATH_MAX];
	struct bh_buf bytes = BH_BUF(0);
	int exit = bh_tool_number_check(call);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_district_path(
			call, from, "cases", call->operands[0], "papers", call->operands[1], NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get_bytes(call, from, &bytes);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_save(call, call->operands[2], bh_buf_span(&bytes));
	bh_buf_free(&bytes);
	if (exit == BH_CLI_DONE && call->json) {
		json_t *answer = json_pack("{s:s}", "file", call->operands[2]);
		bh_cli_print_json(answer);
		json_decref(answer);
	} else if (exit == BH_CLI_DONE) {
		printf("%s\n", call->operands[2]);
	}
	return exit;
}

int bh_tool_paper_withdraw(struct bh_cli_call *call)
{
	static const char *const names[] = {"text"};
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL, *body = json_object();
	int exit = bh_tool_number_check(call);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_texts(call, names, 1, body);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_district_path(call, path, "cases", call->operands[0], "papers",
			call->operands[1], "withdraw", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(call, path, json_incref(body), &answer);
	json_decref(body);
	if (exit == BH_CLI_DONE && !call->json)
		printf("%s  %s\n", call->operands[0], call->operands[1]);
	bh_tool_repeat_note(call, answer);
	json_decref(answer);
	return exit;
}
