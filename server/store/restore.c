/* The way back.  Everything is made aside under a name that no server takes for a district; one
 * exchange of two names makes it the district.
 *
 *   lock ─▶ CODE.restoring/unfinished ─▶ file, segments, photos, keys ─▶ new epoch ─▶ verified
 *        ─▶ numbers skipped, where they are not all known ─▶ "unfinished" goes ─▶ exchange ─▶
 * CODE.before-N
 *
 * A cut before the exchange leaves the old district as it was, and a folder that says it is
 * unfinished, which the next restore removes.  A cut after it leaves the old one as CODE.restoring
 * without that mark: the next restore gives it its name, and nothing ever removes it (nor a new one
 * that was cut between the mark and the exchange: the two look alike). */
#include "server/store/restore.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/store/backup_part.h"
#include "server/store/blob_files.h"
#include "server/store/db.h"
#include "server/store/folder.h"
#include "server/store/kept_apply.h"
#include "server/store/restore_part.h"

#define MARK "unfinished"
#define ASIDES_MAX 10000
#define KEYS_MAX 64u

static void step(const struct bh_restore_options *options, const char *what)
{
	if (options->step)
		options->step(options->context, what);
}

/* ---- What lies there ---- */

static int aside_name(const char *folder, char out[BH_BACKUP_PATH_MAX])
{
	for (int i = 1; i < ASIDES_MAX; i++) {
		int n = snprintf(out, BH_BACKUP_PATH_MAX, "%s.before-%d", folder, i);
		if (n < 0 || (size_t)n >= BH_BACKUP_PATH_MAX)
			return BH_ERR_LIMIT;
		if (!bh_file_there(out))
			return BH_NOERR;
	}
	return BH_ERR_LIMIT;
}

/* A folder of a restore that was cut short: half a one goes, an old district gets its name. */
static int making_clear(const char *making, const char *folder)
{
	char mark[BH_BACKUP_PATH_MAX], aside[BH_BACKUP_PATH_MAX];
	int err = bh_path_join(mark, sizeof(mark), making, MARK, NULL);

	if (err || !bh_file_there(making))
		return err;
	if (bh_file_there(mark) || rmdir(making) == 0)
		return bh_folder_remove(making);
	err = aside_name(folder, aside);
	if (!err && rename(making, aside) != 0)
		err = bh_file_err();
	return err;
}

/* What an old district had committed and not yet kept; one that cannot be opened any more keeps
 * what it had. */
static bool old_keep(const struct bh_restore_options *options, const struct restore_paths *paths)
{
	struct bh_store_options old = {
		.path = paths->old_db, .rng = options->rng, .kept_path = paths->kept};
	struct bh_writer *writer = NULL;

	if (bh_writer_open(&old, options->now, &writer, NULL) != BH_NOERR)
		return false;
	bh_writer_close(writer);
	return true;
}

/* ---- The new folder ---- */

struct filling {
	const char *backup_db;
	const char *making;
	const char *db_path;
	struct bh_photos_lost *lost; /* which the backup does not hold */
};

static int blob_fill(void *context, const uint8_t hash[BH_HASH_BYTES], uint64_t size)
{
	const struct filling *filling = context;
	char from[BH_BACKUP_PATH_MAX], to[BH_BACKUP_PATH_MAX];
	enum bh_photo_fault why;
	int err = bh_blob_path(filling->backup_db, hash, from, sizeof(from));

	if (err || bh_photos_lost_find(filling->lost, hash))
		return err;
	err = bh_blob_path(filling->db_path, hash, to, sizeof(to));
	if (!err)
		err = bh_backup_blob_folders(filling->making, to);
	if (!err)
		err = bh_file_copy(from, to, NULL);
	if (!err)
		err = bh_backup_blob_check(to, hash, size, &why);
	if (!err && why != BH_PHOTO_GOOD)
		err = BH_ERR_IO; /* it was good a moment ago */
	if (err)
		return err;
	*strrchr(to, '/') = '\0';
	return bh_folder_durable(to);
}

static int keys_fill(const char *from, const char *to, struct bh_backup_fault *fault)
{
	static const char *const needed[] = {"ca.key", "server.key", "server.crt", "receipt.mac"};
	char source[BH_BACKUP_PATH_MAX], target[BH_BACKUP_PATH_MAX];
	int err = BH_NOERR;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		err = bh_path_join(source, sizeof(source), from, needed[i], NULL);
		if (!err && !bh_file_there(source))
			return bh_backup_say(fault, BH_ERR_NOT_FOUND,
				"%s: the district's key is not there: a backup holds no keys",
				source);
	}
	/* Root may restore in another's folder: a link there would fetch keys of somebody else. */
	int fd = open(from, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	if (fd >= 0 && !folder)
		(void)close(fd);
	if (!err)
		err = folder ? bh_folder_make(to) : bh_file_err();
	for (struct dirent *entry; !err && folder && (entry = readdir(folder)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		err = bh_path_join(source, sizeof(source), from, entry->d_name, NULL);
		if (!err)
			err = bh_path_join(target, sizeof(target), to, entry->d_name, NULL);
		if (!err)
			err = bh_file_copy(source, target, NULL);
	}
	if (folder)
		(void)closedir(folder);
	return err ? err : bh_folder_durable(to);
}

/* What was verified is what lies here now, to the byte. */
static int db_fill(const char *from, const char *to, const struct bh_backup_manifest *manifest,
	struct bh_backup_fault *fault)
{
	uint8_t hash[BH_HASH_BYTES];
	uint64_t bytes = 0;
	int err = bh_file_copy(from, to, NULL);

	if (!err)
		err = bh_file_hash(to, &bytes, hash);
	if (!err && memcmp(hash, manifest->db_sha256, BH_HASH_BYTES) != 0)
		err = bh_backup_say(fault, BH_ERR_CORRUPT, "%s: it was not copied as it was", to);
	return err;
}

static int epoch_begin(
	const struct bh_restore_options *options, const char *db_path, uint64_t epoch)
{
	struct bh_store_options store = {.path = db_path, .rng = options->rng};
	static const char *const ends[] = {"-wal", "-shm", "-lock", "-renew"};
	struct bh_writer *writer = NULL;
	char path[BH_BACKUP_PATH_MAX + 8];
	int err = bh_writer_open(&store, options->now, &writer, NULL);

	if (!err)
		err = bh_writer_restored(writer, options->now, epoch);
	bh_writer_close(writer);
	for (size_t i = 0; !err && i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", db_path, ends[i]);
		(void)unlink(path); /* what it held was moved into the file */
	}
	return err;
}

/* What the backup does not hold: of the old folder, then of the segments. */
static int photos_fill(const struct bh_restore_options *options, struct bh_restore_report *out,
	const char *making, const char *db_path)
{
	bh_restore_photos(out, making, db_path);
	int err = options->segments ? bh_restore_segments_photos(options, out, making, db_path)
				    : BH_NOERR;

	bh_restore_photos_look(&out->manifest.lost, db_path);
	return err;
}

static int fill(const struct bh_restore_options *options, struct bh_restore_report *out,
	const struct restore_paths *paths, struct bh_backup_fault *fault)
{
	char backup_db[BH_BACKUP_PATH_MAX], db_path[BH_BACKUP_PATH_MAX];
	char keys[BH_BACKUP_PATH_MAX], old_keys[BH_BACKUP_PATH_MAX];
	struct bh_backup_manifest found = out->manifest;
	int err = bh_path_join(backup_db, sizeof(backup_db), options->backup, "district.db", NULL);

	if (!err)
		err = bh_path_join(db_path, sizeof(db_path), paths->making, "district.db", NULL);
	if (!err)
		err = bh_path_join(keys, sizeof(keys), paths->making, "keys", NULL);
	if (!err)
		err = bh_path_join(old_keys, sizeof(old_keys), out->folder, "keys", NULL);
	if (!err)
		err = keys_fill(options->keys ? options->keys : old_keys, keys, fault);
	step(options, "keys");
	if (!err)
		err = db_fill(backup_db, db_path, &out->manifest, fault);
	step(options, "file");
	struct filling filling = {backup_db, paths->making, db_path, &out->manifest.lost};
	if (!err)
		err = bh_backup_each_blob(backup_db, blob_fill, &filling);
	if (!err && options->segments)
		err = bh_restore_segments_apply(options, out, db_path, fault);
	step(options, "segments");
	if (!err)
		err = photos_fill(options, out, paths->making, db_path);
	step(options, "photos");
	if (!err)
		err = epoch_begin(options, db_path, out->epoch);
	step(options, "epoch");
	/* what segments brought was replayed here; all else was before it came */
	if (!err)
		err = bh_backup_db_verify(db_path,
			options->segments ? bh_store_verify : bh_store_verify_chain, &found, fault);
	if (!err && (found.position != out->position + 1 || found.epoch != out->epoch ||
			    (!options->segments && found.cases != out->manifest.cases)))
		err = bh_backup_say(
			fault, BH_ERR_CORRUPT, "%s: it is not what was restored", db_path);
	return err ? err : bh_folder_durable(paths->making);
}

/* ---- The exchange ---- */

/* A kept file that no old district vouches for may be an older copy: numbers were given out since,
 * and nobody knows which (I16). */
static int numbers_skip(const struct bh_restore_report *out, const struct restore_paths *paths)
{
	char db_path[BH_BACKUP_PATH_MAX];
	struct bh_db db = {0};
	int64_t device = 0, log = 0;

	if (out->numbers_known)
		return BH_NOERR;
	int err = bh_path_join(db_path, sizeof(db_path), paths->making, "district.db", NULL);
	if (!err)
		err = bh_db_open(&db, BH_DB_ALONE, db_path, NULL, NULL);
	if (!err)
		err = bh_db_number(db.handle, "SELECT ifnull(max(id), 0) FROM device", &device);
	if (!err)
		err = bh_db_number(db.handle, "SELECT ifnull(max(short), 0) FROM log", &log);
	bh_db_close(&db);
	return err ? err
		   : bh_store_kept_floor(paths->kept, out->manifest.district, out->epoch - 1,
			     (uint32_t)device, (uint32_t)log);
}

static int exchange(const struct bh_restore_options *options, struct bh_restore_report *out,
	const struct restore_paths *paths, struct bh_backup_fault *fault)
{
	char mark[BH_BACKUP_PATH_MAX];
	int err = bh_path_join(mark, sizeof(mark), paths->making, MARK, NULL);

	if (!err && out->there)
		err = aside_name(out->folder, out->aside);
	if (!err && unlink(mark) != 0)
		err = bh_file_err();
	if (!err)
		err = bh_folder_durable(paths->making);
	step(options, "whole");
	if (!err && renameat2(AT_FDCWD, paths->making, AT_FDCWD, out->folder,
			    out->there ? RENAME_EXCHANGE : RENAME_NOREPLACE) != 0)
		err = bh_file_err();
	step(options, "exchanged");
	if (err)
		return err;
	err = bh_folder_durable(options->data);
	if (!err && out->there && rename(paths->making, out->aside) != 0)
		err = bh_file_err();
	step(options, "aside");
	if (!err)
		err = bh_folder_durable(options->data);
	if (err)
		return bh_backup_say(fault, err,
			"%s: the backup is the district now; what could not be done is to give the "
			"old one its name or to sync the folder; the old one is %s",
			out->folder,
			!out->there                    ? "none"
			: bh_file_there(paths->making) ? paths->making
						       : out->aside);
	return BH_NOERR;
}

static int make(const struct bh_restore_options *options, struct bh_restore_report *out,
	const struct restore_paths *paths, struct bh_backup_fault *fault)
{
	char mark[BH_BACKUP_PATH_MAX];
	int err = making_clear(paths->making, out->folder);

	if (!err)
		err = bh_folder_make(paths->making);
	if (!err)
		err = bh_path_join(mark, sizeof(mark), paths->making, MARK, NULL);
	if (!err)
		err = bh_file_write(mark, bh_span("", 0));
	if (!err)
		err = bh_folder_durable(paths->making);
	step(options, "begun");
	if (!err)
		err = fill(options, out, paths, fault);
	if (!err)
		err = numbers_skip(out, paths);
	step(options, "numbers");
	if (!err)
		return exchange(options, out, paths, fault);
	(void)bh_folder_remove(paths->making);
	return err;
}

int bh_store_restore(const struct bh_restore_options *options, struct bh_restore_report *out,
	struct bh_backup_fault *fault)
{
	struct restore_paths paths;
	sqlite3 *lock = NULL;
	int err = bh_restore_look(options, out, fault);

	if (!err)
		err = bh_restore_paths(options, out, &paths, fault);
	if (!err && out->there && !options->replace)
		err = bh_backup_say(fault, BH_ERR_EXISTS, "%s: the district is there", out->folder);
	if (!err && out->there) {
		err = bh_db_lock_known(paths.old_db, NULL, &lock);
		bh_db_unlock(lock);
		lock = NULL;
		if (!err && !old_keep(options, &paths))
			out->numbers_known = false;
		if (!err)
			err = bh_db_lock_known(paths.old_db, NULL, &lock);
		if (err == BH_ERR_BUSY)
			err = bh_backup_say(
				fault, err, "%s: a server has it open: stop it first", out->folder);
	}
	step(options, "locked");
	if (!err)
		err = make(options, out, &paths, fault);
	bh_db_unlock(lock);
	if (err && !fault->what[0])
		(void)bh_backup_say(fault, err, "%s: it cannot be written", paths.making);
	return err;
}
