/* A bundle of a handset that was carried here by hand: the server reads the file, and what may be
 * carried back to the handset is written beside it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/err.h"
#include "proto/number.h"
#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"

#define ANSWER_BYTES_MAX (32u * 1024u * 1024u)

static int answer_save(struct bh_cli_call *call, const json_t *answer, const char *path)
{
	const char *hex = json_string_value(json_object_get(answer, "answer"));
	size_t len = hex ? strlen(hex) / 2 : 0;
	struct bh_buf bytes = BH_BUF(ANSWER_BYTES_MAX);
	uint8_t *to;
	int exit = BH_CLI_BUG;
	if (len > 0 && bh_buf_reserve(&bytes, len, &to) == 0 && bh_hex_parse(hex, to, len) == 0) {
		bytes.len = len;
		exit = bh_tool_save(call, path, bh_buf_span(&bytes));
	} else {
		(void)bh_cli_fail(
			call, BH_CLI_BUG, "answer", "the server gave no answer to carry", NULL);
	}
	bh_buf_free(&bytes);
	return exit;
}

static long long count_of(const json_t *answer, const char *name)
{
	return json_integer_value(json_object_get(answer, name));
}

static void told(const struct bh_cli_call *call, json_t *answer, const char *out)
{
	(void)json_object_del(answer, "answer");
	if (call->json) {
		bh_cli_print_json(answer);
		return;
	}
	(void)printf("device %lld: %lld recorded, %lld of them new, %lld photos new\n",
		count_of(answer, "device"), count_of(answer, "ops"), count_of(answer, "ops_new"),
		count_of(answer, "photos_new"));
	if (count_of(answer, "ops_refused") > 0)
		bh_cli_note(call, call->zh ? "%lld 条未被接受" : "%lld were not accepted",
			count_of(answer, "ops_refused"));
	if (count_of(answer, "photos_left") > 0)
		bh_cli_note(call, call->zh ? "%lld 张照片未能存入" : "%lld photos were not taken",
			count_of(answer, "photos_left"));
	if (out)
		bh_cli_note(call, "%s bihuan-handset import %s", bh_tool_next_word(call), out);
}

/* Nothing was taken, for what lies before it is missing here: the handset, told so, carries that,
 * too. */
static void gap_told(struct bh_cli_call *call, const json_t *refusal, const char *out)
{
	if (answer_save(call, refusal, out) == BH_CLI_DONE)
		bh_cli_note(call, "%s bihuan-handset import %s", bh_tool_next_word(call), out);
}

/* The server has a folder of its own. */
static int file_find(struct bh_cli_call *call, char **out)
{
	char message[400];
	*out = realpath(call->operands[0], NULL);
	if (*out)
		return BH_CLI_DONE;
	(void)snprintf(message, sizeof(message), "%.300s: %s", call->operands[0], strerror(errno));
	return bh_cli_fail(call, BH_CLI_DATA, "file", message, NULL);
}

int bh_tool_bundle(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX], *file = NULL;
	const char *out = bh_cli_value(call, "ack-out");
	const struct bh_tool *tool = call->context;
	json_t *answer = NULL;
	if (out && access(out, F_OK) == 0)
		return bh_cli_fail(
			call, BH_CLI_REFUSED, "exists", "the file for the answer is there", NULL);
	int exit = file_find(call, &file);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_district_path(call, path, "bundle", NULL);
	json_t *body = exit == BH_CLI_DONE ? json_pack("{s:s}", "file", file) : NULL;
	if (exit == BH_CLI_DONE && !body)
		exit = bh_cli_fail(call, BH_CLI_DATA, "file", "its name is not UTF-8", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post(call, path, body, &answer);
	if (out && json_object_get(tool->refusal, "answer"))
		gap_told(call, tool->refusal, out);
	if (exit == BH_CLI_DONE && out)
		exit = answer_save(call, answer, out);
	if (exit == BH_CLI_DONE)
		told(call, answer, out);
	json_decref(body);
	json_decref(answer);
	free(file);
	return exit;
}
