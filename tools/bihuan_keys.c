/* A district's keys: what handsets go by is asked of the server; a roll is done while nobody serves
 * the district, so that the keys it was started with are always those in its folder. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/clock.h"
#include "proto/err.h"
#include "proto/number.h"
#include "server/identity/keys_roll.h"
#include "server/identity/keys_seal.h"
#include "server/store/census.h"
#include "server/store/find.h"
#include "server/store/pins.h"
#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

#define PIN_TEXT_SIZE 33

static int show_note(struct bh_cli_call *call, const json_t *answer)
{
	json_int_t lacking = json_integer_value(json_object_get(answer, "devices_lacking"));
	char *devices = bh_cli_cell(json_object_get(answer, "lacking"));
	if (lacking > 0)
		bh_cli_note(call,
			call->zh ? "%lld 台终端尚未确认备用密钥:%s"
				 : "%lld handsets have not said that they know the backup key: %s",
			(long long)lacking, devices ? devices : "");
	if (json_is_true(json_object_get(answer, "backup_key_here")))
		bh_cli_note(call, "%s",
			call->zh ? "备用密钥与现用密钥在一处:请移到别处保管"
				 : "backup-ca.key lies beside ca.key: move it away");
	free(devices);
	return BH_CLI_DONE;
}

int bh_tool_keys_show(struct bh_cli_call *call)
{
	static const struct bh_cli_column members[] = {{"ca_pin", "CA's pin", "现用指纹"},
		{"backup_pin", "backup's pin", "备用指纹"}, {"devices", "handsets", "终端"},
		{"devices_lacking", "of them lacking", "未确认"}, {NULL}};
	char path[BH_TOOL_PATH_MAX];
	json_t *answer = NULL;
	int exit = bh_tool_district_path(call, path, "keys", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_get(call, path, &answer);
	if (exit == BH_CLI_DONE && call->json)
		bh_cli_print_json(answer);
	else if (exit == BH_CLI_DONE)
		bh_cli_members(answer, members, call->zh);
	if (exit == BH_CLI_DONE)
		exit = show_note(call, answer);
	json_decref(answer);
	return exit;
}

/* ---- A district that nobody serves ---- */

struct place {
	char folder[PATH_MAX];
	char file[PATH_MAX + 16]; /* district.db */
	char kept[PATH_MAX + 16];
	char data[PATH_MAX];
	const char *code;
	struct bh_tool_owner owner;
	/* The same folder and file to who goes on as its owner, in data. */
	const char *at;
	char kept_at[PATH_MAX + 16];
	struct bh_store_hold *hold;
};

static int wrong(struct bh_cli_call *call, int exit, const char *code, const char *what)
{
	char message[PATH_MAX + 100];
	(void)snprintf(message, sizeof(message), "%.*s: %s", PATH_MAX, call->operands[0], what);
	return bh_cli_fail(call, exit, code, message, NULL);
}

static int enter(struct bh_cli_call *call, struct place *place)
{
	return bh_tool_owner_be(&place->owner, place->data)
		       ? BH_CLI_DONE
		       : wrong(call, BH_CLI_NO_RIGHT, "user", "its owner cannot be acted for");
}

/* What is made by another user would not be the server's to read: root goes on as its owner. */
static int place_check(struct bh_cli_call *call, struct place *place)
{
	const char *detail = "";
	int exit = bh_tool_owner_find(call, place->folder, &place->owner);
	if (exit == BH_CLI_DONE)
		exit = enter(call, place);
	if (exit != BH_CLI_DONE)
		return exit;
	place->at = place->owner.gives ? place->code : place->folder;
	(void)snprintf(place->kept_at, sizeof(place->kept_at), "%s.kept", place->at);
	int err = bh_district_find(place->owner.gives ? "." : place->data, place->code, &detail);
	if (!bh_tool_owner_end(&place->owner))
		return wrong(call, BH_CLI_NO_RIGHT, "user", "root cannot go on as root");
	switch (err) {
	case BH_NOERR:
		return BH_CLI_DONE;
	case BH_ERR_NOT_FOUND:
		return wrong(call, BH_CLI_DATA, "folder", "it is no district's folder");
	case BH_ERR_AUTH:
		return wrong(call, BH_CLI_NO_RIGHT, "user", detail);
	default:
		return wrong(call, BH_CLI_STORAGE, "file", detail);
	}
}

static int place_open(struct bh_cli_call *call, struct place *out)
{
	*out = (struct place){.code = ""};
	if (!realpath(call->operands[0], out->folder))
		return wrong(call, BH_CLI_DATA, "folder", "there is no such folder");
	out->code = strrchr(out->folder, '/') + 1;
	(void)snprintf(
		out->data, sizeof(out->data), "%.*s", (int)(out->code - out->folder), out->folder);
	(void)snprintf(out->file, sizeof(out->file), "%s/district.db", out->folder);
	(void)snprintf(out->kept, sizeof(out->kept), "%s.kept", out->folder);
	int exit = place_check(call, out);
	if (exit != BH_CLI_DONE)
		return exit;
	int err = bh_store_hold(out->file, &out->hold);
	if (err == BH_ERR_BUSY)
		return wrong(call, BH_CLI_AGAIN, "busy", "a server has it open: stop it first");
	return err ? wrong(call, BH_CLI_STORAGE, bh_err_name(err), "it cannot be held")
		   : BH_CLI_DONE;
}

static void place_close(struct place *place)
{
	(void)bh_tool_owner_end(&place->owner);
	bh_store_release(place->hold);
}

static struct bh_keys_roll roll_of(const struct place *place)
{
	const struct bh_clock clock = bh_clock_system();
	return (struct bh_keys_roll){.folder = place->at,
		.code = place->code,
		.wall_ms = clock.now(clock.context).wall_ms};
}

static const char *fault_text(int err)
{
	switch (err) {
	case BH_ERR_NOT_FOUND:
		return "is not there";
	case BH_ERR_AUTH:
		return "can be read by others: chmod 600 it";
	case BH_ERR_MALFORMED:
		return "does not hold what it should";
	case BH_ERR_INVALID:
		return "is not the one that handsets go by";
	case BH_ERR_LIMIT:
		return "and the older ones are too many: move the oldest away";
	case BH_ERR_FULL:
		return "there is no room for new keys";
	case BH_ERR_UNKNOWN:
		return "done, but the disk did not confirm it; the old keys are in keys.roll";
	default:
		return "the new keys cannot be written";
	}
}

static int fail(struct bh_cli_call *call, int err, const char *detail)
{
	char what[200];
	bool data = err == BH_ERR_NOT_FOUND || err == BH_ERR_MALFORMED || err == BH_ERR_AUTH;
	(void)snprintf(what, sizeof(what), "%s%s%s", detail, detail[0] ? " " : "", fault_text(err));
	return wrong(call,
		err == BH_ERR_INVALID ? BH_CLI_REFUSED
		: data                ? BH_CLI_DATA
				      : BH_CLI_STORAGE,
		bh_err_name(err), what);
}

static int rolled(struct bh_cli_call *call, const struct place *place, bool ca)
{
	static const struct bh_cli_column members[] = {{"district", "district", "区县"},
		{"ca_pin", "CA's pin", "现用指纹"}, {"backup_pin", "backup's pin", "备用指纹"},
		{NULL}};
	char pins[2][PIN_TEXT_SIZE];
	struct bh_store_pins now;
	int err = bh_keys_pins(place->at, now.ca, now.backup);
	if (err)
		return fail(call, err, "keys/backup-ca.pin");
	bh_base32_format(bh_span(now.ca, BH_PIN_BYTES), pins[0]);
	bh_base32_format(bh_span(now.backup, BH_PIN_BYTES), pins[1]);
	json_t *answer = json_pack("{s:s, s:s, s:s}", "district", place->code, "ca_pin", pins[0],
		"backup_pin", pins[1]);
	if (call->json)
		bh_cli_print_json(answer);
	else
		bh_cli_members(answer, members, call->zh);
	json_decref(answer);
	if (ca)
		bh_cli_note(call, "%s %s/keys/backup-ca.key %s", bh_tool_next_word(call),
			place->folder,
			call->zh ? "移到别处保管,再启动 bihuand"
				 : "goes where the last one came from; then start bihuand");
	else
		bh_cli_note(call, "%s %s", bh_tool_next_word(call),
			call->zh ? "启动 bihuand" : "start bihuand");
	return BH_CLI_DONE;
}

static int plain_roll(
	struct bh_cli_call *call, int (*run)(const struct bh_keys_roll *roll, const char **detail))
{
	struct place place;
	const char *detail;
	int exit = place_open(call, &place);
	if (exit == BH_CLI_DONE)
		exit = enter(call, &place);
	struct bh_keys_roll roll = roll_of(&place);
	int err = exit == BH_CLI_DONE ? run(&roll, &detail) : BH_NOERR;
	if (err)
		exit = fail(call, err, detail);
	else if (exit == BH_CLI_DONE)
		exit = rolled(call, &place, false);
	place_close(&place);
	return exit;
}

int bh_tool_keys_roll_server(struct bh_cli_call *call)
{
	return plain_roll(call, bh_keys_roll_server);
}

int bh_tool_keys_roll_bundle(struct bh_cli_call *call)
{
	return plain_roll(call, bh_keys_roll_bundle);
}

/* Cases' keys are wrapped anew once the server runs again. */
int bh_tool_seal_key_roll(struct bh_cli_call *call)
{
	struct place place;
	int exit = place_open(call, &place);
	if (exit == BH_CLI_DONE)
		exit = enter(call, &place);
	int err = exit == BH_CLI_DONE ? bh_seal_key_roll(place.at) : BH_NOERR;
	if (err)
		exit = fail(call, err, "keys/seal.key");
	else if (exit == BH_CLI_DONE)
		bh_cli_note(call, "%s",
			call->zh ? "已更换封存密钥;启动 bihuand "
				   "后逐案重新封装,旧密钥文件在此之后可移走"
				 : "another seal key; bihuand wraps every case's key anew once it "
				   "runs, and the older file may be moved away after that");
	place_close(&place);
	return exit;
}

/* ---- The CA ---- */

/* Who would be left behind: they know the CA that is and not the one that comes. */
static int lacking_check(
	struct bh_cli_call *call, const struct place *place, const uint8_t backup[BH_PIN_BYTES])
{
	const struct bh_store_options options = {.path = place->file};
	struct bh_store_reader *reader = NULL;
	struct bh_pins_census census = {0};
	char message[200];
	int err = bh_reader_open(&options, &reader);
	if (!err)
		err = bh_reader_pins(reader, backup, &census);
	bh_reader_close(reader);
	if (err)
		return wrong(call, BH_CLI_STORAGE, bh_err_name(err),
			"district.db cannot be read; --force rolls without counting handsets");
	if (census.lacking == 0)
		return BH_CLI_DONE;
	(void)snprintf(message, sizeof(message),
		"%" PRIu64 " of %" PRIu64
		" handsets have not said that they know the backup key: each that does not would "
		"have to be visited",
		census.lacking, census.devices);
	return bh_cli_fail(call, BH_CLI_REFUSED, "lacking", message,
		"`bihuan keys show` names them; --force rolls all the same");
}

/* What the backup key has to be: what handsets were told last, whatever lies in the folder. */
static int expected_read(
	struct bh_cli_call *call, const struct place *place, uint8_t expected[BH_PIN_BYTES])
{
	struct bh_store_pins last, own;
	bool known = false;
	int err = bh_store_pins_kept(place->kept, place->code, &last, &known);
	if (err)
		return wrong(call, BH_CLI_DATA, bh_err_name(err), "its kept file does not hold");
	err = known ? BH_NOERR : bh_keys_pins(place->folder, own.ca, own.backup);
	if (err)
		return fail(call, err, "keys/backup-ca.pin");
	memcpy(expected, known ? last.backup : own.backup, BH_PIN_BYTES);
	return BH_CLI_DONE;
}

static int pins_keep(const struct place *place)
{
	struct bh_store_pins pins;
	int err = bh_keys_pins(place->at, pins.ca, pins.backup);
	return err ? err : bh_store_pins_keep(place->kept_at, place->code, &pins);
}

static int ca_roll(struct bh_cli_call *call, struct place *place, struct bh_span backup)
{
	uint8_t expected[BH_PIN_BYTES];
	const char *detail = "";
	struct bh_keys_roll roll = roll_of(place);
	roll.backup = backup;
	roll.any_key = bh_cli_flag(call, "anew");
	roll.expected = expected;
	int exit = roll.any_key ? BH_CLI_DONE : expected_read(call, place, expected);
	if (exit == BH_CLI_DONE && !roll.any_key && !bh_cli_flag(call, "force"))
		exit = lacking_check(call, place, expected);
	if (exit == BH_CLI_DONE)
		exit = enter(call, place);
	if (exit != BH_CLI_DONE)
		return exit;
	int err = bh_keys_roll_ca(&roll, &detail);
	if (!err && roll.any_key)
		err = pins_keep(place);
	return err ? fail(call, err, detail) : rolled(call, place, true);
}

int bh_tool_keys_roll_ca(struct bh_cli_call *call)
{
	struct place place;
	struct bh_buf backup = BH_BUF(BH_KEYS_BACKUP_BYTES_MAX);
	const char *file = bh_cli_value(call, "backup-key");
	int exit = place_open(call, &place);
	/* It may lie where root alone reads. */
	int err = exit == BH_CLI_DONE && file ? bh_keys_backup_read(file, &backup) : BH_NOERR;
	if (err)
		exit = fail(call, err, "the backup key");
	if (exit == BH_CLI_DONE)
		exit = ca_roll(call, &place, bh_buf_span(&backup));
	bh_buf_wipe(&backup);
	place_close(&place);
	return exit;
}
