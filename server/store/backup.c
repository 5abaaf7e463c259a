/* Making a backup: the copy of the file lies in NAME.part when this begins.
 *
 *   the copy's pages and chain ──▶ its photos (backup_photos.c) ──▶ manifest ──▶ synced ──▶ NAME
 *
 * Photos come after the copy, so that each one it calls stored is there: one that is stored is
 * never taken away.  What is cut short has a name that is no backup's. */
#include "server/store/backup.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/store/backup_part.h"
#include "server/store/folder.h"

#define PART ".part"

void bh_backup_name(const char *code, int64_t wall_ms, char name[BH_BACKUP_NAME_MAX])
{
	time_t at = (time_t)(wall_ms / 1000);
	struct tm tm = {0};

	(void)gmtime_r(&at, &tm);
	(void)snprintf(name, BH_BACKUP_NAME_MAX, "%s-%04d%02d%02dT%02d%02d%02dZ", code,
		(tm.tm_year + 1900) % 10000, (tm.tm_mon + 1) % 100, tm.tm_mday % 100,
		tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
}

static int part_path(const char *place, const char *name, char out[BH_BACKUP_PATH_MAX])
{
	char part[BH_BACKUP_NAME_MAX + sizeof(PART)];

	(void)snprintf(part, sizeof(part), "%s" PART, name);
	return bh_path_join(out, BH_BACKUP_PATH_MAX - 100, place, part, NULL);
}

/* ---- Other backups of the place ---- */

static bool is_backup_of(const char *name, const char *code, bool part)
{
	size_t len = strlen(code), whole = len + strlen("-20261128T185600Z");

	if (strncmp(name, code, len) != 0 || name[len] != '-' || strlen(name) < whole)
		return false;
	return strcmp(name + whole, part ? PART : "") == 0;
}

/* The newest one, or ""; parts that were cut short go. */
static void place_look(
	const char *place, const char *code, const char *own, char newest[BH_BACKUP_NAME_MAX])
{
	char path[BH_BACKUP_PATH_MAX];
	DIR *folder = opendir(place);

	newest[0] = '\0';
	for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
		const char *name = entry->d_name;
		if (is_backup_of(name, code, false) && strcmp(name, newest) > 0)
			(void)snprintf(newest, BH_BACKUP_NAME_MAX, "%.60s", name);
		if (is_backup_of(name, code, true) && strncmp(name, own, strlen(own)) != 0 &&
			bh_path_join(path, sizeof(path), place, name, NULL) == BH_NOERR)
			(void)bh_folder_remove(path);
	}
	if (folder)
		(void)closedir(folder);
}

/* The code is the live folder's name: "<data>/<code>/district.db". */
static void code_of(const char *name, char code[BH_DISTRICT_CODE_BYTES_MAX + 1])
{
	size_t len = strlen(name) - strlen("-20261128T185600Z");

	(void)snprintf(code, BH_DISTRICT_CODE_BYTES_MAX + 1, "%.*s", (int)len, name);
}

int bh_backup_begin(const char *place, const char *name, char folder[BH_BACKUP_PATH_MAX],
	struct bh_backup_fault *fault)
{
	char whole[BH_BACKUP_PATH_MAX];
	char code[BH_DISTRICT_CODE_BYTES_MAX + 1], newest[BH_BACKUP_NAME_MAX];
	int err = part_path(place, name, folder);

	if (!err)
		err = bh_path_join(whole, sizeof(whole), place, name, NULL);
	if (err)
		return bh_backup_say(fault, err, "%s: the path is too long", place);
	code_of(name, code);
	place_look(place, code, name, newest); /* for the room that cut ones take */
	err = bh_file_there(whole) ? BH_ERR_EXISTS : bh_folder_make(folder);
	if (err == BH_ERR_EXISTS)
		return bh_backup_say(fault, err, "%s: a backup of this second is there", whole);
	if (err)
		return bh_backup_say(fault, err, "%s: the folder cannot be made", folder);
	return BH_NOERR;
}

void bh_backup_drop(const char *place, const char *name)
{
	char folder[BH_BACKUP_PATH_MAX];

	if (part_path(place, name, folder) == BH_NOERR)
		(void)bh_folder_remove(folder);
}

/* ---- The whole ---- */

static int manifest_write(const char *folder, const struct bh_backup_manifest *m)
{
	char path[BH_BACKUP_PATH_MAX];
	struct bh_buf text = BH_BUF(BH_MANIFEST_BYTES_MAX);
	int err = bh_path_join(path, sizeof(path), folder, "manifest", NULL);

	if (!err)
		err = bh_manifest_format(m, &text);
	if (!err)
		err = bh_file_write(path, bh_buf_span(&text));
	bh_buf_free(&text);
	return err ? err : bh_folder_durable(folder);
}

static int name_give(const char *place, const char *name, const char *folder)
{
	char whole[BH_BACKUP_PATH_MAX];
	int err = bh_path_join(whole, sizeof(whole), place, name, NULL);

	if (!err && rename(folder, whole) != 0)
		err = bh_file_err();
	return err ? err : bh_folder_durable(place);
}

static int fill(const struct bh_store_options *from, const char *place, const char *name,
	const char *folder, struct bh_backup_manifest *m, struct bh_photos_lost *gone,
	struct bh_backup_fault *fault)
{
	char db_path[BH_BACKUP_PATH_MAX], newest[BH_BACKUP_NAME_MAX];
	char before[BH_BACKUP_PATH_MAX] = "";
	int err = bh_path_join(db_path, sizeof(db_path), folder, "district.db", NULL);

	place_look(place, m->district, name, newest);
	if (!err && newest[0])
		err = bh_path_join(before, sizeof(before), place, newest, "district.db", NULL);
	if (!err)
		err = bh_backup_db_verify(db_path, bh_store_verify_chain, m, fault);
	if (!err && chmod(db_path, 0600) != 0)
		err = bh_file_err();
	if (!err)
		err = bh_file_sync(db_path);
	if (!err)
		err = bh_file_hash(db_path, &m->db_bytes, m->db_sha256);
	if (!err)
		err = bh_backup_photos(from, before, folder, db_path, m, gone, fault);
	if (!err)
		err = manifest_write(folder, m);
	return err;
}

int bh_backup_finish(const struct bh_store_options *from, const char *place, const char *name,
	int64_t wall_ms, struct bh_backup_manifest *out, struct bh_photos_lost *gone,
	struct bh_backup_fault *fault)
{
	struct bh_backup_manifest manifest = {
		.made_ms = wall_ms, .due_divisor = from->due_divisor ? from->due_divisor : 1};
	char folder[BH_BACKUP_PATH_MAX];
	int err = part_path(place, name, folder);

	fault->what[0] = '\0';
	code_of(name, manifest.district);
	if (!err)
		err = fill(from, place, name, folder, &manifest, gone, fault);
	if (!err)
		err = name_give(place, name, folder);
	if (err) {
		if (!fault->what[0])
			(void)bh_backup_say(fault, err, "%s: it cannot be written", folder);
		bh_backup_drop(place, name);
		bh_manifest_free(&manifest);
		return err;
	}
	*out = manifest;
	return BH_NOERR;
}
