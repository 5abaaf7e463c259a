/* What a restore would take back, and who would bring it again: the journal of the district that is
 * there, beyond the last entry that is put back. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/store/backup_part.h"
#include "server/store/db.h"
#include "server/store/folder.h"
#include "server/store/restore_part.h"

static void returns_free(struct bh_restore_report *report)
{
	free(report->returns);
	report->returns = NULL;
	report->returns_count = 0;
}

void bh_restore_report_free(struct bh_restore_report *report)
{
	returns_free(report);
	bh_manifest_free(&report->manifest);
	bh_photos_lost_free(&report->missing);
}

static int number_after(sqlite3 *handle, const char *sql, uint64_t after, uint64_t *out)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(handle, sql, -1, &s, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(s, 1, (sqlite3_int64)after);
	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	if (code == SQLITE_ROW)
		*out = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return bh_db_err(code);
}

static int continues_look(sqlite3 *handle, struct bh_restore_report *out)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(
		handle, "SELECT hash FROM journal WHERE position = ?1", -1, &s, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(s, 1, (sqlite3_int64)out->position);
	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	out->continues = code == SQLITE_ROW && sqlite3_column_bytes(s, 0) == BH_HASH_BYTES &&
			 memcmp(sqlite3_column_blob(s, 0), out->head, BH_HASH_BYTES) == 0;
	sqlite3_finalize(s);
	return bh_db_err(code);
}

static int returns_look(sqlite3 *handle, struct bh_restore_report *out)
{
	sqlite3_stmt *s = NULL;
	size_t room = 0;
	int err = BH_NOERR;
	int code = sqlite3_prepare_v2(handle,
		"SELECT device, count(*) FROM journal WHERE position > ?1 AND device <> 0 "
		"GROUP BY device ORDER BY device",
		-1, &s, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(s, 1, (sqlite3_int64)out->position);
	while (code == SQLITE_OK && !err && (code = sqlite3_step(s)) == SQLITE_ROW) {
		code = SQLITE_OK;
		if (out->returns_count == room) {
			room = 2 * room + 64;
			struct bh_restore_return *grown = NULL;
			if (room <= 2 * BH_RESTORE_DEVICES_MAX)
				grown = realloc(out->returns, room * sizeof(*grown));
			err = grown ? BH_NOERR : BH_ERR_NOMEM;
			out->returns = grown ? grown : out->returns;
		}
		if (!err)
			out->returns[out->returns_count++] = (struct bh_restore_return){
				(uint32_t)sqlite3_column_int64(s, 0),
				(uint64_t)sqlite3_column_int64(s, 1)};
	}
	sqlite3_finalize(s);
	return err ? err : bh_db_err(code);
}

/* BH_ERR_IO and the like of an old file that cannot be read any more: that may be why. */
static int old_look(const char *db_path, struct bh_restore_report *out)
{
	struct bh_db db = {0};
	uint64_t after = out->position;
	int err = bh_db_open(&db, BH_DB_READER, db_path, NULL, NULL);

	if (!err)
		err = continues_look(db.handle, out);
	if (!err)
		err = number_after(db.handle, "SELECT count(*) FROM journal WHERE position > ?1",
			after, &out->entries);
	if (!err)
		err = number_after(db.handle,
			"SELECT count(*) FROM journal WHERE position > ?1 AND device = 0", after,
			&out->decisions);
	if (!err)
		err = number_after(db.handle, "SELECT count(*) FROM cases WHERE first > ?1", after,
			&out->cases);
	if (!err)
		err = number_after(db.handle,
			"SELECT count(*) FROM journal WHERE position > ?1 AND device = 0 AND verb "
			"= 63",
			after, &out->devices);
	if (!err)
		err = returns_look(db.handle, out);
	bh_db_close(&db);
	return err;
}

int bh_restore_paths(const struct bh_restore_options *options, struct bh_restore_report *out,
	struct restore_paths *paths, struct bh_backup_fault *fault)
{
	char restoring[BH_BACKUP_NAME_MAX], kept[BH_BACKUP_NAME_MAX];
	const char *code = out->manifest.district;

	(void)snprintf(restoring, sizeof(restoring), "%s.restoring", code);
	(void)snprintf(kept, sizeof(kept), "%s.kept", code);
	int err = bh_path_join(out->folder, sizeof(out->folder) - 150, options->data, code, NULL);
	if (!err)
		err = bh_path_join(
			paths->old_db, sizeof(paths->old_db), out->folder, "district.db", NULL);
	if (!err)
		err = bh_path_join(
			paths->making, sizeof(paths->making), options->data, restoring, NULL);
	if (!err)
		err = bh_path_join(paths->kept, sizeof(paths->kept), options->data, kept, NULL);
	if (err)
		return bh_backup_say(fault, err, "%s: the path is too long", options->data);
	if (!bh_file_there(options->data))
		return bh_backup_say(
			fault, BH_ERR_NOT_FOUND, "%s: there is no such folder", options->data);
	out->kept = bh_file_there(paths->kept);
	out->there = bh_file_there(out->folder);
	return BH_NOERR;
}

int bh_restore_look(const struct bh_restore_options *options, struct bh_restore_report *out,
	struct bh_backup_fault *fault)
{
	struct restore_paths paths;
	uint64_t epoch = 0;
	fault->what[0] = '\0';
	*out = (struct bh_restore_report){0};
	int err = bh_backup_verify(options->backup, &out->manifest, fault);

	out->position = out->manifest.position;
	memcpy(out->head, out->manifest.head, BH_HASH_BYTES);
	out->epoch = out->manifest.epoch;
	if (!err && options->segments)
		err = bh_restore_segments_look(options, out, fault);
	if (!err)
		err = bh_restore_paths(options, out, &paths, fault);
	if (!err)
		err = bh_store_kept_epoch(paths.kept, out->manifest.district, &epoch, fault->what,
			sizeof(fault->what));
	out->epoch = (epoch > out->epoch ? epoch : out->epoch) + 1;
	if (!err && out->there && bh_file_there(paths.old_db) &&
		old_look(paths.old_db, out) != BH_NOERR) {
		returns_free(out);
		out->continues = false;
	}
	out->numbers_known = out->there && out->continues;
	return err;
}
