/* Handsets: the code that lets one in, shown so that it can be scanned, and the end of one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/qr.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

#define PNG_SCALE 8u
#define TERMINAL_ROWS 24u

/* Before anything is asked of the server: what cannot be written must not use up a code. */
static int png_open(struct bh_cli_call *call, FILE **out)
{
	char message[300];
	const char *name = bh_cli_value(call, "png");
	int fd = name ? open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
	*out = fd >= 0 ? fdopen(fd, "wb") : NULL;
	if (!name || *out)
		return BH_CLI_DONE;
	(void)snprintf(message, sizeof(message), "%.200s: %s", name, strerror(errno));
	return bh_cli_fail(call, BH_CLI_STORAGE, "file", message, "no code was issued");
}

static int png_write(struct bh_cli_call *call, const struct bh_cli_qr *qr, FILE *file)
{
	char message[300];
	int failed = qr ? bh_cli_qr_png(qr, PNG_SCALE, file) : -1;
	if (fclose(file) != 0)
		failed = -1;
	if (!failed)
		return BH_CLI_DONE;
	(void)snprintf(
		message, sizeof(message), "%.200s: %s", bh_cli_value(call, "png"), strerror(errno));
	(void)unlink(bh_cli_value(call, "png"));
	return bh_cli_fail(call, BH_CLI_STORAGE, "file", message, NULL);
}

/* Last of all, so that it stands whole on a terminal of 24 rows with the prompt below it. */
static int qr_show(struct bh_cli_call *call, const char *payload, FILE **png)
{
	struct bh_cli_qr *qr = bh_cli_qr_make(payload);
	int exit = BH_CLI_DONE;
	if (!qr)
		return bh_cli_fail(call, BH_CLI_BUG, "qr", "the code does not fit a QR", NULL);
	if (*png)
		exit = png_write(call, qr, *png);
	*png = NULL;
	if (!call->json) {
		unsigned rows = (bh_cli_qr_cells(qr) + 1) / 2;
		if (rows > TERMINAL_ROWS - 1)
			bh_cli_note(
				call, "the QR needs %u rows: widen the window, or use --png", rows);
		(void)fflush(stderr);
		bh_cli_qr_print(qr, stdout);
	}
	bh_cli_qr_free(qr);
	return exit;
}

static int enrolment_say(struct bh_cli_call *call, const json_t *answer, FILE **png)
{
	static const struct bh_cli_column members[] = {{"person", "person", "人员"},
		{"person_number", "person number", "人员编号"}, {"name", "name", "姓名"},
		{"code", "code", "登记码"}, {"expires_at", "until", "有效期至"},
		{"payload", "payload", "内容"}, {NULL}};
	const char *payload = json_string_value(json_object_get(answer, "payload"));
	const json_t *device = json_object_get(answer, "device");
	const json_t *posts = json_object_get(answer, "posts");
	bh_tool_repeat_note(call, answer);
	if (!call->json)
		bh_cli_members(answer, members, call->zh);
	if (json_is_integer(posts) && json_integer_value(posts) == 0)
		bh_cli_note(call, "%s",
			call->zh ? "该人员没有岗位,尚不能办理任何事项"
				 : "this person holds no post: they can report, and do nothing "
				   "else");
	if (json_is_integer(device)) {
		bh_cli_note(call,
			call->zh ? "登记码已被设备 %lld 使用,请另发一个"
				 : "device %lld has used this code: ask for another one",
			(long long)json_integer_value(device));
		return BH_CLI_DONE;
	}
	bh_cli_note(call, "%s bihuan-handset --store FILE enrol %s", bh_tool_next_word(call),
		payload ? payload : "");
	return payload ? qr_show(call, payload, png) : BH_CLI_DONE;
}

int bh_tool_enrol(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	FILE *png = NULL;
	const char *minutes = bh_cli_value(call, "minutes");
	int exit = bh_tool_district_path(
		call, path, "people", call->operands[0], "enrolment", NULL);
	if (exit == BH_CLI_DONE)
		exit = png_open(call, &png);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(call, path,
			minutes ? json_pack("{s:s}", "ttl_minutes", minutes) : NULL, &answer);
	if (exit == BH_CLI_DONE)
		exit = enrolment_say(call, answer, &png);
	if (png) { /* there was nothing to draw */
		(void)fclose(png);
		(void)unlink(bh_cli_value(call, "png"));
	}
	json_decref(answer);
	return exit;
}

/* Before anybody is asked whether they mean it; --confirm says that they do. */
static int device_look(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX], before[24];
	const char *text = call->operands[0], *confirmed = bh_cli_value(call, "confirm");
	json_t *answer = NULL;
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	bool is_number = *text >= '0' && *text <= '9' && !*end && number <= UINT32_MAX;
	if (confirmed && strcmp(confirmed, text) == 0)
		return BH_CLI_DONE;
	(void)snprintf(before, sizeof(before), "%lu", is_number && number > 0 ? number - 1 : 0);
	int exit = bh_tool_district_path(call, path, "devices", NULL);
	if (exit == BH_CLI_DONE) {
		(void)bh_tool_parameter(path, "after", before);
		exit = bh_tool_get(call, path, &answer);
	}
	if (exit != BH_CLI_DONE)
		return exit;
	const json_t *first = json_array_get(json_object_get(answer, "items"), 0);
	bool there = is_number && first &&
		     json_integer_value(json_object_get(first, "device")) == (json_int_t)number;
	json_decref(answer);
	return there ? BH_CLI_DONE
		     : bh_cli_fail(call, BH_CLI_DATA, "device", "there is no such device",
			       "see `bihuan devices`");
}

int bh_tool_revoke(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	const char *reason = bh_cli_value(call, "reason");
	int exit = device_look(call);
	if (exit != BH_CLI_DONE || !bh_cli_confirmed(call, call->operands[0],
					   "the handset is shut out at once and for good", &exit))
		return exit;
	exit = bh_tool_district_path(call, path, "devices", call->operands[0], "revoke", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(call, path,
			json_pack("{s:s, s:i}", "reason", reason ? reason : "revoked", "give_up",
				bh_cli_flag(call, "give-up") ? 1 : 0),
			&answer);
	if (exit == BH_CLI_DONE) {
		bh_tool_repeat_note(call, answer);
		bh_cli_note(call, "%s", call->zh ? "设备已停用" : "revoked");
		bh_cli_note(call, "%s bihuan devices", bh_tool_next_word(call));
	}
	json_decref(answer);
	return exit;
}

int bh_tool_rekey(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = device_look(call);
	if (exit != BH_CLI_DONE ||
		!bh_cli_confirmed(call, call->operands[0],
			"whoever has this key is this handset; the key before is worth nothing",
			&exit))
		return exit;
	exit = bh_tool_district_path(call, path, "devices", call->operands[0], "key", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(
			call, path, json_pack("{s:s}", "key", call->operands[1]), &answer);
	if (exit == BH_CLI_DONE) {
		bh_tool_repeat_note(call, answer);
		bh_cli_note(call, "%s", call->zh ? "已按此密钥确认" : "the key holds");
	}
	json_decref(answer);
	return exit;
}
