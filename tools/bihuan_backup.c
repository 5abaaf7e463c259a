/* Backups: made by the running server, checked and put back without one.
 *
 * `backup` asks the server, which alone has the district open.  `backup verify` and `restore` open
 * what no server serves: a backup's folder, and a data folder whose district nobody holds. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/clock.h"
#include "proto/err.h"
#include "proto/number.h"
#include "server/store/backup.h"
#include "server/store/restore.h"
#include "tools/bihuan.h"
#include "tools/cli/exits.h"
#include "tools/cli/say.h"
#include "tools/cli/text_table.h"

#define LOST_SHOWN_MAX 1000u

static const struct bh_cli_column members[] = {{"folder", "folder", "目录"},
	{"district", "district", "区县"}, {"epoch", "epoch", "纪元"},
	{"entries", "entries", "条目"}, {"cases", "cases", "案件"}, {"photos", "photos", "照片"},
	{"photo_bytes", "photo bytes", "照片字节"}, {"photos_lost", "photos lost", "缺失照片"},
	{"head", "head", "链头"},
	{"segments_entries", "entries of segments beyond it", "其后日志段条目"},
	{"segments_older", "segments that end before it", "早于备份的日志段"},
	{"segments_older_bytes", "bytes of those", "早于备份的字节"}, {NULL}};

static int fail(struct bh_cli_call *call, int err, const char *what)
{
	int exit = BH_CLI_STORAGE;
	if (err == BH_ERR_NOT_FOUND || err == BH_ERR_CORRUPT || err == BH_ERR_VERSION)
		exit = BH_CLI_DATA;
	else if (err == BH_ERR_EXISTS)
		exit = BH_CLI_REFUSED;
	else if (err == BH_ERR_BUSY)
		exit = BH_CLI_AGAIN;
	return bh_cli_fail(call, exit, bh_err_name(err), what,
		err == BH_ERR_EXISTS ? "--replace keeps the old one under another name" : NULL);
}

static int needs(struct bh_cli_call *call, const char *option)
{
	char message[80];
	if (bh_cli_value(call, option))
		return BH_CLI_DONE;
	(void)snprintf(message, sizeof(message), "--%s is needed", option);
	return bh_cli_fail(call, BH_CLI_USAGE, "usage", message, call->verb->example);
}

/* What is complete except so many photos is told so, each by its name, and by an exit of its own.
 */
static int photos_say(
	struct bh_cli_call *call, const json_t *answer, const char *counted, const char *named)
{
	json_int_t count = json_integer_value(json_object_get(answer, counted));
	size_t i;
	json_t *row;
	if (count == 0)
		return BH_CLI_DONE;
	json_array_foreach(json_object_get(answer, named), i, row)
	{
		if (call->json)
			break;
		printf("  %s %s: %s\n", call->zh ? "照片" : "photo",
			json_string_value(json_object_get(row, "hash")),
			json_string_value(json_object_get(row, "why")));
	}
	bh_cli_note(call, call->zh ? "除 %lld 张照片外完整" : "complete except %lld photos",
		(long long)count);
	return BH_CLI_PARTLY;
}

static int lost_say(struct bh_cli_call *call, const json_t *answer)
{
	return photos_say(call, answer, "photos_lost", "lost");
}

int bh_tool_backup(struct bh_cli_call *call)
{
	char path[BH_TOOL_PATH_MAX], place[PATH_MAX], message[PATH_MAX + 40];
	json_t *answer = NULL;
	int exit = needs(call, "out");
	if (exit != BH_CLI_DONE)
		return exit;
	if (!realpath(bh_cli_value(call, "out"), place)) {
		(void)snprintf(message, sizeof(message), "%.500s: there is no such folder",
			bh_cli_value(call, "out"));
		return bh_cli_fail(call, BH_CLI_DATA, "file", message, NULL);
	}
	if (call->operands_count > 0)
		exit = bh_tool_path(call, path, "districts", call->operands[0], "backup", NULL)
			       ? BH_CLI_DONE
			       : BH_CLI_USAGE;
	else
		exit = bh_tool_district_path(call, path, "backup", NULL);
	if (exit == BH_CLI_DONE)
		exit = bh_tool_post_simple(call, path, json_pack("{s:s}", "place", place), &answer);
	if (exit == BH_CLI_DONE && !call->json)
		bh_cli_members(answer, members, call->zh);
	if (exit == BH_CLI_DONE) {
		exit = lost_say(call, answer);
		bh_cli_note(call, "%s bihuan backup verify %s", bh_tool_next_word(call),
			json_string_value(json_object_get(answer, "folder")));
	}
	json_decref(answer);
	return exit;
}

static json_t *lost_json(const struct bh_photos_lost *lost)
{
	json_t *rows = json_array();
	char hash[2 * BH_HASH_BYTES + 1];
	for (size_t i = 0; i < lost->count && i < LOST_SHOWN_MAX; i++) {
		bh_hex_format(bh_span(lost->rows[i].hash, BH_HASH_BYTES), hash);
		(void)json_array_append_new(
			rows, json_pack("{s:s, s:I, s:s}", "hash", hash, "bytes",
				      (json_int_t)lost->rows[i].size, "why",
				      bh_photo_fault_word(lost->rows[i].why)));
	}
	return rows;
}

static json_t *manifest_json(const char *folder, const struct bh_backup_manifest *m)
{
	char head[2 * BH_HASH_BYTES + 1];
	bh_hex_format(bh_span(m->head, BH_HASH_BYTES), head);
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:s}", "folder", folder,
		"district", m->district, "epoch", (json_int_t)m->epoch, "entries",
		(json_int_t)m->position, "cases", (json_int_t)m->cases, "photos",
		(json_int_t)m->blobs, "photo_bytes", (json_int_t)m->blob_bytes, "photos_lost",
		(json_int_t)m->lost.count, "lost", lost_json(&m->lost), "head", head);
}

/* Adds to the answer; only what led on from the backup is dropped. */
static int older_take(
	struct bh_cli_call *call, const struct bh_backup_manifest *manifest, json_t *answer)
{
	const struct bh_restore_options options = {
		.backup = call->operands[0], .segments = bh_cli_value(call, "segments")};
	bool drop = bh_cli_flag(call, "drop-older");
	struct bh_restore_older older;
	struct bh_backup_fault fault = {""};
	if (!options.segments)
		return drop ? needs(call, "segments") : BH_CLI_DONE;
	int err = bh_restore_older(&options, manifest, drop, &older, &fault);
	if (err)
		return fail(call, err, fault.what);
	json_t *more = json_pack("{s:I, s:I, s:I, s:b}", "segments_entries",
		(json_int_t)older.gained, "segments_older", (json_int_t)older.files,
		"segments_older_bytes", (json_int_t)older.bytes, "dropped", drop);
	(void)json_object_update(answer, more);
	json_decref(more);
	return BH_CLI_DONE;
}

static void dropped_say(const struct bh_cli_call *call, const json_t *answer)
{
	json_int_t files = json_integer_value(json_object_get(answer, "segments_older"));
	json_int_t bytes = json_integer_value(json_object_get(answer, "segments_older_bytes"));
	if (!json_is_true(json_object_get(answer, "dropped")))
		return;
	if (files == 0)
		bh_cli_note(call, "%s",
			call->zh ? "没有早于该备份的日志段,未删除"
				 : "no segment ends before it: nothing was deleted");
	else
		bh_cli_note(call,
			call->zh ? "已删除早于该备份的 %lld 个日志段,共 %lld 字节"
				 : "deleted: %lld segments that ended before it, %lld bytes",
			(long long)files, (long long)bytes);
}

int bh_tool_backup_verify(struct bh_cli_call *call)
{
	struct bh_backup_manifest manifest;
	struct bh_backup_fault fault = {""};
	int err = bh_backup_verify(call->operands[0], &manifest, &fault);
	if (err)
		return fail(call, err, fault.what);
	json_t *answer = manifest_json(call->operands[0], &manifest);
	int exit = older_take(call, &manifest, answer);
	if (exit == BH_CLI_DONE && call->json)
		bh_cli_print_json(answer);
	else if (exit == BH_CLI_DONE)
		bh_cli_members(answer, members, call->zh);
	if (exit == BH_CLI_DONE) {
		dropped_say(call, answer);
		exit = lost_say(call, answer);
	}
	json_decref(answer);
	bh_manifest_free(&manifest);
	if (exit == BH_CLI_DONE)
		bh_cli_note(call, "%s", call->zh ? "备份完好" : "the backup holds");
	return exit;
}

/* ---- Restore ---- */

static json_t *report_json(const struct bh_restore_report *report, bool dry)
{
	json_t *returns = json_array();
	uint64_t ops = 0;
	for (size_t i = 0; i < report->returns_count; i++) {
		ops += report->returns[i].ops;
		(void)json_array_append_new(returns,
			json_pack("{s:I, s:I}", "device", (json_int_t)report->returns[i].device,
				"ops", (json_int_t)report->returns[i].ops));
	}
	json_t *answer = manifest_json(report->folder, &report->manifest);
	json_t *more = json_pack(
		"{s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:b, s:b, s:s, s:b, s:b, s:I, s:I, s:I, "
		"s:I, s:I, s:I, s:o}",
		"dry_run", dry, "gained_entries",
		(json_int_t)(report->position - report->manifest.position), "segments",
		(json_int_t)report->segments, "segments_torn", (json_int_t)report->segments_torn,
		"photos_shipped", (json_int_t)report->photos_shipped, "photos_missing",
		(json_int_t)report->photos_missing, "missing", lost_json(&report->missing), "epoch",
		(json_int_t)report->epoch, "there", report->there, "continues", report->continues,
		"aside", report->aside, "kept", report->kept, "numbers_known",
		report->numbers_known, "photos_carried", (json_int_t)report->photos_carried,
		"lost_entries", (json_int_t)report->entries, "lost_cases",
		(json_int_t)report->cases, "lost_devices", (json_int_t)report->devices,
		"lost_decisions", (json_int_t)report->decisions, "ops_to_come", (json_int_t)ops,
		"handsets", returns);
	if (json_object_update(answer, more) != 0) {
		json_decref(answer);
		answer = NULL;
	}
	json_decref(more);
	return answer;
}

static void report_say(struct bh_cli_call *call, const struct bh_restore_report *report, bool dry)
{
	bool zh = call->zh;
	if (report->aside[0])
		bh_cli_note(call, "%s %s", zh ? "原数据保存在" : "the old one is kept as",
			report->aside);
	if (report->segments_torn)
		bh_cli_note(call,
			zh ? "最后一个日志段末尾 %" PRIu64 " 字节未写完,已舍去"
			   : "the last segment has a torn end of %" PRIu64 " bytes, left out",
			report->segments_torn);
	if (!report->kept)
		bh_cli_note(call, "%s",
			zh ? "没有 .kept 文件:备份之后的停用和换钥无从得知,请核对并重新停用;"
			     "其后换过密钥的终端不能再登录,请核对后用 bihuan rekey 确认其密钥"
			   : "there is no .kept file: what was revoked since the backup is not "
			     "known, revoke it again; a handset that took another key since is "
			     "not recognised, and its old key is: see `bihuan rekey`");
	if (report->kept && !report->numbers_known)
		bh_cli_note(call, "%s",
			zh ? "无法核对 .kept "
			     "文件是否最新:若是旧副本,其后的停用和换钥无从得知,请核对"
			   : "nothing shows that the .kept file is the newest: if it is an older "
			     "copy, what was revoked since, or took another key, is not known, "
			     "check it");
	if (report->there && !report->continues)
		bh_cli_note(call, "%s",
			zh ? "原数据与备份不是同一段历史,或已无法读取,无法比较"
			   : "what is there is another history or cannot be read: nothing can be "
			     "compared");
	if (!dry)
		bh_cli_note(call, "%s",
			zh ? "下一步:启动 bihuand,各终端同步时补回其所保存的内容"
			   : "next: start bihuand; the handsets bring back what they have");
}

static int report_print(struct bh_cli_call *call, const struct bh_restore_report *report, bool dry)
{
	static const struct bh_cli_column shown[] = {{"folder", "folder", "目录"},
		{"district", "district", "区县"}, {"epoch", "epoch from now on", "新纪元"},
		{"entries", "entries of the backup", "备份条目"},
		{"cases", "cases of the backup", "备份案件"},
		{"gained_entries", "entries of segments", "日志段条目"},
		{"lost_entries", "entries beyond them", "其后条目"},
		{"lost_cases", "cases beyond them", "其后案件"},
		{"lost_devices", "devices beyond them", "其后设备"},
		{"lost_decisions", "of them by no handset", "其中非终端"},
		{"photos_carried", "photos of the old one", "沿用原照片"},
		{"photos_shipped", "photos of segments", "日志段照片"},
		{"photos_missing", "photos of segments missing", "日志段缺失照片"},
		{"photos_lost", "photos lost", "缺失照片"},
		{"ops_to_come", "ops that handsets have", "终端可补"}, {NULL}};
	/* Photos are looked at when they are carried over. */
	static const char *const undone[] = {"photos_carried", "photos_shipped", "photos_missing"};
	json_t *answer = report_json(report, dry);
	for (size_t i = 0; dry && i < sizeof(undone) / sizeof(undone[0]); i++)
		(void)json_object_del(answer, undone[i]);
	if (call->json)
		bh_cli_print_json(answer);
	else
		bh_cli_members(answer, shown, call->zh);
	for (size_t i = 0; !call->json && i < report->returns_count; i++)
		printf("  %s %" PRIu32 ": %" PRIu64 "\n", call->zh ? "设备" : "device",
			report->returns[i].device, report->returns[i].ops);
	int exit = lost_say(call, answer);
	int missing = photos_say(call, answer, "photos_missing", "missing");
	json_decref(answer);
	report_say(call, report, dry);
	return missing != BH_CLI_DONE ? missing : exit;
}

/* Does it, or looks at it; what is made belongs to whom the folder does, also where it failed. */
static int restore_run(struct bh_cli_call *call, const struct bh_restore_options *options, bool dry)
{
	struct bh_restore_report report = {0};
	struct bh_backup_fault fault = {""};
	struct bh_tool_owner owner = {.gives = false};
	int exit = dry ? BH_CLI_DONE : bh_tool_owner_find(call, options->data, &owner);
	if (exit != BH_CLI_DONE)
		return exit;
	int err = dry ? bh_restore_look(options, &report, &fault)
		      : bh_store_restore(options, &report, &fault);
	int given = bh_tool_owner_give(call, options->data, report.manifest.district, &owner);
	exit = err ? fail(call, err, fault.what) : report_print(call, &report, dry);
	bh_restore_report_free(&report);
	return err || given == BH_CLI_DONE ? exit : given;
}

int bh_tool_restore(struct bh_cli_call *call)
{
	const struct bh_clock clock = bh_clock_system();
	const struct bh_restore_options options = {
		.backup = call->operands_count > 0 ? call->operands[0] : NULL,
		.data = bh_cli_value(call, "to"),
		.segments = bh_cli_value(call, "segments"),
		.keys = bh_cli_value(call, "keys"),
		.replace = bh_cli_flag(call, "replace"),
		.now = clock.now(clock.context),
		.rng = bh_rng_system()};
	int exit = needs(call, "to");
	if (exit == BH_CLI_DONE && call->operands_count == 0)
		exit = bh_cli_fail(call, BH_CLI_USAGE, "usage",
			options.segments
				? "segments lead on from a backup: by themselves they make "
				  "no district, name the backup's folder, too"
				: "name the backup's folder",
			call->verb->example);
	return exit == BH_CLI_DONE ? restore_run(call, &options, bh_cli_flag(call, "dry-run"))
				   : exit;
}
