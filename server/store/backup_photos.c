/* The photos of a backup.
 *
 *   room for all that has to be copied? ──▶ each one: linked from the earlier backup, hashed
 *                                             └─ not there, or not what it was ──▶ copied, hashed
 *                                                  └─ the district's own is bad ──▶ lost
 *
 * What has a photo's name in the live district and is not that photo gets out of the way of the one
 * that a handset may still have.  A photo that cannot be read is one photo's fault; what cannot be
 * written is the backup's. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/store/backup_part.h"
#include "server/store/blob_files.h"
#include "server/store/folder.h"

#define DAY_MS 86400000

struct taking {
	const char *from_db;   /* the live one's */
	const char *before_db; /* of the newest earlier backup; "" */
	const char *to_db;
	const char *folder;
	uint64_t reserve; /* bytes of the place that stay free */
	uint64_t copied;  /* bytes that have to be */
	struct bh_backup_manifest *manifest;
	struct bh_photos_lost *gone;
	struct bh_backup_fault *fault;
};

int bh_backup_blob_folders(const char *folder, const char *path)
{
	char above[BH_BACKUP_PATH_MAX];
	int err = BH_NOERR;

	for (const char *slash = strchr(path + strlen(folder) + 1, '/'); slash && !err;
		slash = strchr(slash + 1, '/')) {
		(void)snprintf(above, sizeof(above), "%.*s", (int)(slash - path), path);
		err = bh_folder_make(above);
		if (err == BH_ERR_EXISTS)
			err = BH_NOERR;
	}
	return err;
}

/* ---- Room ---- */

static int room_look(const struct taking *taking, uint64_t bytes)
{
	struct statvfs disk;

	if (statvfs(taking->folder, &disk) != 0)
		return bh_file_err();
	uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
	if (room >= bytes && room - bytes >= taking->reserve)
		return BH_NOERR;
	return bh_backup_say(taking->fault, BH_ERR_FULL,
		"%s: no room: its photos take %" PRIu64 " bytes, there are %" PRIu64
		", of which %" PRIu64 " stay free",
		taking->folder, bytes, room, taking->reserve);
}

/* What the earlier backup seems to hold will be linked. */
static int blob_measure(void *context, const uint8_t hash[BH_HASH_BYTES], uint64_t size)
{
	struct taking *taking = context;
	char before[BH_BACKUP_PATH_MAX];
	struct stat st;

	if (taking->before_db[0] &&
		bh_blob_path(taking->before_db, hash, before, sizeof(before)) == BH_NOERR &&
		lstat(before, &st) == 0 && (uint64_t)st.st_size == size)
		return BH_NOERR;
	taking->copied += size;
	return BH_NOERR;
}

/* ---- One photo ---- */

/* False: there is none, or it does not hold any more. */
static bool blob_link(const struct taking *taking, const uint8_t hash[BH_HASH_BYTES], uint64_t size,
	const char *to)
{
	char before[BH_BACKUP_PATH_MAX];
	enum bh_photo_fault why;

	if (!taking->before_db[0] ||
		bh_blob_path(taking->before_db, hash, before, sizeof(before)) ||
		link(before, to) != 0)
		return false;
	if (bh_backup_blob_check(to, hash, size, &why) == BH_NOERR && why == BH_PHOTO_GOOD)
		return true;
	(void)unlink(to);
	return false;
}

/* Looked at once more where nobody else has it by this name: a good one may have come meanwhile. */
static int aside_put(const char *path, const uint8_t hash[BH_HASH_BYTES], uint64_t size,
	enum bh_photo_fault *why)
{
	char aside[BH_BACKUP_PATH_MAX + 8];

	(void)snprintf(aside, sizeof(aside), "%s.bad", path);
	if (rename(path, aside) != 0)
		return BH_NOERR;
	int err = bh_backup_blob_check(aside, hash, size, why);
	if (err || *why == BH_PHOTO_GOOD) /* whatever has the name by now has the same bytes */
		return rename(aside, path) != 0 ? bh_file_err() : err;
	return BH_NOERR;
}

/* *why: what is wrong with the district's own. */
static int blob_copy(struct taking *taking, const uint8_t hash[BH_HASH_BYTES], uint64_t size,
	const char *to, enum bh_photo_fault *why)
{
	char from[BH_BACKUP_PATH_MAX];
	enum bh_photo_fault copied;
	int err = bh_blob_path(taking->from_db, hash, from, sizeof(from));

	if (!err)
		err = room_look(taking, size);
	if (err)
		return err;
	err = bh_file_copy(from, to, NULL);
	if (!err)
		err = bh_backup_blob_check(to, hash, size, &copied);
	if (!err && copied == BH_PHOTO_GOOD)
		return BH_NOERR;
	if (err == BH_ERR_FULL || err == BH_ERR_NOMEM || err == BH_ERR_EXISTS)
		return err;
	(void)unlink(to);
	int looked = bh_backup_blob_check(from, hash, size, why);
	if (!looked && *why != BH_PHOTO_GOOD && *why != BH_PHOTO_MISSING)
		looked = aside_put(from, hash, size, why);
	if (looked || *why != BH_PHOTO_GOOD)
		return looked;
	return bh_backup_say(
		taking->fault, err ? err : BH_ERR_IO, "%s: a photo cannot be written", to);
}

/* The district's own of one that was linked: by its length, and every so many days by each byte. */
static int live_look(
	const struct taking *taking, const uint8_t *hash, uint64_t size, enum bh_photo_fault *why)
{
	char from[BH_BACKUP_PATH_MAX];
	struct stat st;
	int64_t day = taking->manifest->made_ms / DAY_MS;
	int err = bh_blob_path(taking->from_db, hash, from, sizeof(from));

	*why = BH_PHOTO_GOOD;
	if (err)
		return err;
	if (lstat(from, &st) != 0 || (uint64_t)st.st_size != size)
		*why = BH_PHOTO_MISSING;
	else if (hash[0] % BH_BACKUP_LOOK_DAYS == day % BH_BACKUP_LOOK_DAYS)
		err = bh_backup_blob_check(from, hash, size, why);
	return !err && *why != BH_PHOTO_GOOD && *why != BH_PHOTO_MISSING
		       ? aside_put(from, hash, size, why)
		       : err;
}

static int blob_take(void *context, const uint8_t hash[BH_HASH_BYTES], uint64_t size)
{
	struct taking *taking = context;
	struct bh_backup_manifest *m = taking->manifest;
	enum bh_photo_fault why = BH_PHOTO_GOOD;
	char to[BH_BACKUP_PATH_MAX];
	int err = bh_blob_path(taking->to_db, hash, to, sizeof(to));

	if (!err)
		err = bh_backup_blob_folders(taking->folder, to);
	if (err)
		return err;
	if (blob_link(taking, hash, size, to))
		err = live_look(taking, hash, size, &why);
	else if (!(err = blob_copy(taking, hash, size, to, &why)) && why != BH_PHOTO_GOOD)
		err = bh_photos_lost_add(&m->lost, hash, size, why);
	if (!err && why != BH_PHOTO_GOOD)
		err = bh_photos_lost_add(taking->gone, hash, size, why);
	if (err == BH_ERR_LIMIT)
		return bh_backup_say(taking->fault, BH_ERR_CORRUPT,
			"%s: more than %u photos are lost: look at the disk", taking->from_db,
			BH_PHOTOS_LOST_MAX);
	if (err || bh_photos_lost_find(&m->lost, hash))
		return err;
	m->blobs++;
	m->blob_bytes += size;
	*strrchr(to, '/') = '\0';
	return bh_folder_durable(to);
}

int bh_backup_photos(const struct bh_store_options *from, const char *before, const char *folder,
	const char *db_path, struct bh_backup_manifest *m, struct bh_photos_lost *gone,
	struct bh_backup_fault *fault)
{
	struct taking taking = {.from_db = from->path,
		.before_db = before,
		.to_db = db_path,
		.folder = folder,
		.reserve = from->blob_reserve_bytes ? from->blob_reserve_bytes
						    : BH_BLOB_RESERVE_BYTES,
		.manifest = m,
		.gone = gone,
		.fault = fault};
	int err = bh_backup_each_blob(db_path, blob_measure, &taking);

	if (!err && taking.copied > 0)
		err = room_look(&taking, taking.copied);
	return err ? err : bh_backup_each_blob(db_path, blob_take, &taking);
}
