/* A backup is what its manifest says, or it is refused: the cheap things first.
 *
 *   manifest ──▶ length and SHA-256 of the file ──▶ chain, contents, projections ──▶ head and
 * counts ──▶ each photo that the file calls stored: there, as long, and its hash its name; or it is
 * one of those that are lost
 *
 * Backups of one place share a photo's bytes by links: one bad sector is in all of them, and each
 * one's own reading finds it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/err.h"
#include "server/store/backup_part.h"
#include "server/store/blob_files.h"
#include "server/store/db.h"
#include "server/store/folder.h"

int bh_backup_say(struct bh_backup_fault *fault, int err, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	(void)vsnprintf(fault->what, sizeof(fault->what), format, values);
	va_end(values);
	return err;
}

/* ---- Photos ---- */

int bh_backup_each_blob(const char *db_path,
	int (*each)(void *context, const uint8_t hash[BH_HASH_BYTES], uint64_t size), void *context)
{
	struct bh_db db = {0};
	uint8_t hash[BH_HASH_BYTES];
	bool row = false;
	int err = bh_db_open(&db, BH_DB_ALONE, db_path, NULL, NULL);

	if (err)
		return err;
	sqlite3_stmt *s = bh_sql(&db, BH_SQL_BLOB_STORED);
	err = bh_row_next(s, &row);
	while (!err && row) {
		err = bh_column_exact(s, 0, hash, BH_HASH_BYTES);
		if (!err)
			err = each(context, hash, (uint64_t)bh_column(s, 1));
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	bh_db_close(&db);
	return err;
}

int bh_backup_blob_check(const char *path, const uint8_t hash[BH_HASH_BYTES], uint64_t size,
	enum bh_photo_fault *why)
{
	uint8_t found[BH_HASH_BYTES];
	uint64_t bytes = 0;
	int err = bh_file_hash(path, &bytes, found);

	*why = BH_PHOTO_GOOD;
	if (err == BH_ERR_NOMEM) /* or descriptors: no fault of the photo's */
		return err;
	if (err)
		*why = err == BH_ERR_NOT_FOUND ? BH_PHOTO_MISSING : BH_PHOTO_UNREADABLE;
	else if (bytes != size || memcmp(found, hash, BH_HASH_BYTES) != 0)
		*why = BH_PHOTO_CHANGED;
	return BH_NOERR;
}

struct counting {
	const char *db_path;
	uint64_t blobs, bytes;
	struct bh_photos_lost *lost; /* known as such, and found so */
};

static int blob_count(void *context, const uint8_t hash[BH_HASH_BYTES], uint64_t size)
{
	struct counting *counting = context;
	char path[BH_BACKUP_PATH_MAX];
	enum bh_photo_fault why;
	int err = bh_blob_path(counting->db_path, hash, path, sizeof(path));

	if (err || bh_photos_lost_find(counting->lost, hash))
		return err;
	counting->blobs++;
	counting->bytes += size;
	err = bh_backup_blob_check(path, hash, size, &why);
	if (!err && why != BH_PHOTO_GOOD)
		err = bh_photos_lost_add(counting->lost, hash, size, why);
	return err;
}

/* ---- The file ---- */

int bh_backup_db_verify(const char *db_path, bh_backup_road road, struct bh_backup_manifest *m,
	struct bh_backup_fault *fault)
{
	struct bh_verify_report report;
	struct bh_store_options options = {.path = db_path, .due_divisor = m->due_divisor};
	struct bh_db db = {0};
	const char *detail = "";
	int64_t epoch = 0;
	int err = road(&options, &report);

	if (err == BH_ERR_CORRUPT)
		return bh_backup_say(fault, err, "%s: at entry %" PRIu64 ": %s", db_path,
			report.first_bad, report.what);
	if (!err)
		err = bh_db_open(&db, BH_DB_ALONE, db_path, NULL, &detail);
	if (!err)
		err = bh_db_number(db.handle, "SELECT epoch FROM district", &epoch);
	bh_db_close(&db);
	if (err)
		return bh_backup_say(fault, err, "%s: it cannot be verified", db_path);
	m->epoch = (uint64_t)epoch;
	m->position = report.entries;
	m->cases = report.cases;
	memcpy(m->head, report.head, BH_HASH_BYTES);
	return BH_NOERR;
}

static int db_check(
	const char *db_path, const struct bh_backup_manifest *said, struct bh_backup_fault *fault)
{
	struct bh_backup_manifest found = *said;
	int err = bh_file_hash(db_path, &found.db_bytes, found.db_sha256);

	if (err == BH_ERR_NOT_FOUND)
		return bh_backup_say(fault, BH_ERR_CORRUPT, "%s: it is missing", db_path);
	if (err)
		return bh_backup_say(fault, err, "%s: it cannot be read", db_path);
	if (found.db_bytes != said->db_bytes)
		return bh_backup_say(fault, BH_ERR_CORRUPT,
			"%s: it has %" PRIu64 " bytes, not %" PRIu64, db_path, found.db_bytes,
			said->db_bytes);
	if (memcmp(found.db_sha256, said->db_sha256, BH_HASH_BYTES) != 0)
		return bh_backup_say(
			fault, BH_ERR_CORRUPT, "%s: its SHA-256 is not the manifest's", db_path);
	err = bh_backup_db_verify(db_path, bh_store_verify, &found, fault);
	if (!err && (found.position != said->position || found.cases != said->cases ||
			    found.epoch != said->epoch ||
			    memcmp(found.head, said->head, BH_HASH_BYTES) != 0))
		err = bh_backup_say(fault, BH_ERR_CORRUPT,
			"%s: its journal is not the one the manifest names", db_path);
	return err;
}

int bh_backup_manifest_read(
	const char *folder, struct bh_backup_manifest *out, struct bh_backup_fault *fault)
{
	char path[BH_BACKUP_PATH_MAX];
	const char *what = "it cannot be read";
	struct bh_buf text = BH_BUF(BH_MANIFEST_BYTES_MAX);
	int err = bh_path_join(path, sizeof(path), folder, "manifest", NULL);

	if (err)
		return bh_backup_say(fault, err, "%s: the path is too long", folder);
	err = bh_file_read(path, &text);
	if (err == BH_ERR_NOT_FOUND)
		err = bh_backup_say(fault, err, "%s: there is no backup", folder);
	else if (err == BH_ERR_LIMIT)
		err = bh_backup_say(
			fault, BH_ERR_CORRUPT, "%s: it is no manifest of a backup", path);
	else if (!err && (err = bh_manifest_parse(bh_buf_span(&text), out, &what)))
		err = bh_backup_say(fault, err, "%s: %s", path, what);
	else if (err)
		err = bh_backup_say(fault, err, "%s: %s", path, what);
	bh_buf_free(&text);
	return err;
}

int bh_backup_verify(
	const char *folder, struct bh_backup_manifest *out, struct bh_backup_fault *fault)
{
	struct bh_backup_manifest manifest = {0};
	char db_path[BH_BACKUP_PATH_MAX];
	fault->what[0] = '\0';
	int err = bh_backup_manifest_read(folder, &manifest, fault);

	if (!err)
		err = bh_path_join(db_path, sizeof(db_path), folder, "district.db", NULL);
	if (!err)
		err = db_check(db_path, &manifest, fault);
	struct counting counting = {.db_path = db_path, .lost = &manifest.lost};
	if (!err)
		err = bh_backup_each_blob(db_path, blob_count, &counting);
	if (!err && (counting.blobs != manifest.blobs || counting.bytes != manifest.blob_bytes))
		err = bh_backup_say(fault, BH_ERR_CORRUPT,
			"%s: it names %" PRIu64 " photos of %" PRIu64
			" bytes, the manifest %" PRIu64 " of %" PRIu64,
			db_path, counting.blobs, counting.bytes, manifest.blobs,
			manifest.blob_bytes);
	else if (err && !fault->what[0])
		(void)bh_backup_say(fault, err, "%s: its photos cannot be checked", folder);
	if (err)
		bh_manifest_free(&manifest);
	else
		*out = manifest;
	return err;
}
