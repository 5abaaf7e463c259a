/* A photo lies under "blobs" beside the district's file, by its hash, two folders deep, so that no
 * folder grows large and nothing that a handset says becomes a name (F04).
 *
 *   "<hash>.part" ──▶ synced ──▶ "<hash>" ──▶ its folder synced
 *
 * Files are opened as SQLite opens a super-journal: its VFS then looks for no database of that
 * name, and the first sync of one that was opened to be made syncs its folder. They are open only
 * while something is done with them, but for the one that was written last. */
#include "server/store/blob_disk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/store/blob_control.h"
#include "server/store/blob_files.h"
#include "server/store/db.h"
#include "server/store/jpeg_look.h"

#define BUFFER_BYTES 65536u
#define PART_SUFFIX ".part"
#define PART_SUFFIX_CHARS (sizeof(PART_SUFFIX) - 1)
#define ROOM_SPAN_BYTES (UINT64_C(1) << 20) /* written unasked, where there is */
#define ROOM_PLENTY_BYTES (16u * ROOM_SPAN_BYTES)
#define FLUSH_SPAN_BYTES (UINT32_C(512) << 10)

static int file_close(struct bh_blob_disk *disk, int err);

int bh_blob_path(const char *db_path, const uint8_t hash[BH_HASH_BYTES], char *out, size_t size)
{
	char hex[2 * BH_HASH_BYTES + 1];
	const char *slash = strrchr(db_path, '/');
	int folder = slash ? (int)(slash - db_path + 1) : 0;

	bh_hex_format(bh_span(hash, BH_HASH_BYTES), hex);
	int n = snprintf(out, size, "%.*sblobs/%.2s/%.2s/%s", folder, db_path, hex, hex + 2, hex);
	return n > 0 && (size_t)n < size ? BH_NOERR : BH_ERR_LIMIT;
}

int bh_blob_disk_open(struct bh_blob_disk *disk, const struct bh_store_options *options)
{
	static const uint8_t any[BH_HASH_BYTES];
	uint64_t reserve = options->blob_reserve_bytes;

	*disk = (struct bh_blob_disk){.vfs = sqlite3_vfs_find(options->vfs),
		.is_system = options->vfs == NULL,
		.reserve_bytes = reserve ? reserve : BH_BLOB_RESERVE_BYTES};
	if (!disk->vfs)
		return BH_ERR_INVALID;
	int n = snprintf(disk->db_path, sizeof(disk->db_path), "%s", options->path);
	/* SQLite wants room for a second NUL behind a name */
	if (n < 0 || (size_t)n >= sizeof(disk->db_path) ||
		bh_blob_path(
			disk->db_path, any, disk->path, sizeof(disk->path) - PART_SUFFIX_CHARS - 1))
		return BH_ERR_LIMIT;
	disk->file = calloc(1, (size_t)disk->vfs->szOsFile);
	disk->buffer = malloc(BUFFER_BYTES);
	int err = bh_blob_folders_open(disk);
	return disk->file && disk->buffer ? err : BH_ERR_NOMEM;
}

void bh_blob_disk_close(struct bh_blob_disk *disk)
{
	if (disk->is_kept)
		(void)file_close(disk, BH_NOERR);
	free(disk->file);
	free(disk->buffer);
	free(disk->folders);
	*disk = (struct bh_blob_disk){0};
}

/* ---- The file ---- */

static int file_close(struct bh_blob_disk *disk, int err)
{
	int code = disk->file->pMethods ? disk->file->pMethods->xClose(disk->file) : SQLITE_OK;

	disk->file->pMethods = NULL;
	disk->is_kept = false;
	return err ? err : bh_db_err(code);
}

/* What was open of another photo is closed. */
static void path_set(struct bh_blob_disk *disk, const uint8_t *hash, enum bh_blob_place place)
{
	if (disk->is_kept)
		(void)file_close(disk, BH_NOERR);
	memset(disk->path, 0, sizeof(disk->path));
	int err = bh_blob_path(disk->db_path, hash, disk->path, sizeof(disk->path) - 1);
	bh_assert(err == BH_NOERR); /* every one is as long as the one at opening */
	if (place == BH_BLOB_PARTLY)
		memcpy(disk->path + strlen(disk->path), PART_SUFFIX, PART_SUFFIX_CHARS);
}

/* One that was opened to be made is not the one that is kept: its sync would be its folder's, too.
 */
static bool file_is_kept(
	const struct bh_blob_disk *disk, const uint8_t *hash, enum bh_blob_place place, int flags)
{
	return disk->is_kept && place == BH_BLOB_PARTLY && flags == 0 &&
	       memcmp(disk->kept, hash, BH_HASH_BYTES) == 0;
}

static int file_open(
	struct bh_blob_disk *disk, const uint8_t *hash, enum bh_blob_place place, int flags)
{
	if (file_is_kept(disk, hash, place, flags)) {
		disk->is_kept = false; /* whoever has opened it closes it, or keeps it again */
		return BH_NOERR;
	}
	path_set(disk, hash, place);
	int err = flags & SQLITE_OPEN_CREATE ? bh_blob_folders_make(disk, hash) : BH_NOERR;
	if (err)
		return err;
	disk->file->pMethods = NULL;
	err = bh_db_err(disk->vfs->xOpen(disk->vfs, disk->path, disk->file,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_SUPER_JOURNAL | flags, &flags));
	if (err)
		bh_blob_folders_doubt(disk, hash);
	return err;
}

static int file_keep(struct bh_blob_disk *disk, const uint8_t *hash, int err)
{
	if (err)
		return file_close(disk, err);
	memcpy(disk->kept, hash, BH_HASH_BYTES);
	disk->is_kept = true;
	return BH_NOERR;
}

int bh_blob_disk_size(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES],
	enum bh_blob_place place, uint64_t *size)
{
	sqlite3_int64 bytes = 0;
	int there = 0;

	path_set(disk, hash, place);
	int err = bh_db_err(
		disk->vfs->xAccess(disk->vfs, disk->path, SQLITE_ACCESS_EXISTS, &there));
	if (err || !there) {
		*size = 0;
		return err;
	}
	err = file_open(disk, hash, place, 0);
	if (!err)
		err = bh_db_err(disk->file->pMethods->xFileSize(disk->file, &bytes));
	err = file_close(disk, err);
	if (!err)
		*size = (uint64_t)bytes;
	return err;
}

/* Whether the open file may grow by so many bytes. */
static int room_check(struct bh_blob_disk *disk, size_t bytes)
{
	uint64_t room = UINT64_MAX;
	int err = BH_NOERR;

	if (bytes <= disk->room_bytes) {
		disk->room_bytes -= bytes;
		return BH_NOERR;
	}
	if (disk->is_system)
		err = bh_blob_folder_room(disk, &room);
	else
		(void)disk->file->pMethods->xFileControl(disk->file, BH_BLOB_FCNTL_ROOM, &room);
	if (!err && (room < bytes || room - bytes < disk->reserve_bytes))
		err = BH_ERR_FULL;
	disk->room_bytes = 0;
	if (!err && disk->is_system && room - disk->reserve_bytes >= ROOM_PLENTY_BYTES)
		disk->room_bytes = ROOM_SPAN_BYTES;
	return err;
}

/* A span is flushed by the write that ends it. */
static void span_flush(const struct bh_blob_disk *disk, uint64_t end, size_t written)
{
	uint64_t whole = end - end % FLUSH_SPAN_BYTES;

	if (disk->is_system && whole > end - written)
		bh_blob_flush(disk->path, (uint32_t)(whole - FLUSH_SPAN_BYTES), FLUSH_SPAN_BYTES);
}

int bh_blob_disk_write(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES],
	uint32_t offset, struct bh_span bytes)
{
	bool makes = offset == 0;
	int err = file_open(disk, hash, BH_BLOB_PARTLY, makes ? SQLITE_OPEN_CREATE : 0);

	if (!err && makes)
		err = bh_db_err(disk->file->pMethods->xTruncate(disk->file, 0));
	if (!err)
		err = room_check(disk, bytes.len);
	/* In parts: SQLite's own write takes less than 128 KiB at once. */
	for (size_t at = 0; !err && at < bytes.len;) {
		size_t part = bytes.len - at < BUFFER_BYTES ? bytes.len - at : BUFFER_BYTES;
		err = bh_db_err(disk->file->pMethods->xWrite(
			disk->file, bytes.data + at, (int)part, (int64_t)(offset + at)));
		at += part;
	}
	if (!err)
		span_flush(disk, (uint64_t)offset + bytes.len, bytes.len);
	return makes ? file_close(disk, err) : file_keep(disk, hash, err);
}

int bh_blob_disk_read(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES], uint32_t offset,
	uint8_t *out, uint32_t len)
{
	int err = file_open(disk, hash, BH_BLOB_WHOLLY, 0);

	if (!err)
		err = bh_db_err(disk->file->pMethods->xRead(disk->file, out, (int)len, offset));
	return file_close(disk, err);
}

int bh_blob_disk_hash(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES],
	enum bh_blob_place place, uint32_t len, bool anew, struct bh_running_hash *running)
{
	int err = file_open(disk, hash, place, 0);
	sqlite3_file *file = disk->file;

	for (uint32_t at = 0; !err && at < len;) {
		uint32_t part = len - at < BUFFER_BYTES ? len - at : BUFFER_BYTES;
		err = bh_db_err(file->pMethods->xRead(file, disk->buffer, (int)part, at));
		if (!err)
			bh_running_hash_add(running, bh_span(disk->buffer, part));
		if (!err && anew)
			err = bh_db_err(file->pMethods->xWrite(file, disk->buffer, (int)part, at));
		at += part;
	}
	return file_close(disk, err);
}

static int part_read(void *context, uint32_t offset, uint8_t *out, uint32_t len)
{
	sqlite3_file *file = context;

	return bh_db_err(file->pMethods->xRead(file, out, (int)len, offset));
}

int bh_blob_disk_look(
	struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES], uint32_t size, bool *is_photo)
{
	int err = file_open(disk, hash, BH_BLOB_PARTLY, 0);

	if (!err)
		err = bh_jpeg_look(part_read, disk->file, size, is_photo);
	return file_keep(disk, hash, err);
}

/* ---- From a part's name to the photo's ---- */

int bh_file_name_take(sqlite3_file *file, bool is_system, const char *from, const char *to)
{
	char name[BH_BLOB_PATH_BYTES_MAX];

	(void)snprintf(name, sizeof(name), "%s", to);
	if (!is_system)
		return bh_db_err(file->pMethods->xFileControl(file, BH_BLOB_FCNTL_RENAME, name));
	if (rename(from, to) == 0)
		return BH_NOERR;
	return errno == ENOSPC || errno == EDQUOT ? BH_ERR_FULL : BH_ERR_IO;
}

int bh_file_name_sync(sqlite3_file *file, bool is_system, const char *path)
{
	if (is_system) /* SQLite's own sync of a folder does not tell when it fails */
		return bh_blob_folder_sync(path);
	return bh_db_err(file->pMethods->xFileControl(file, BH_BLOB_FCNTL_SYNC_FOLDER, NULL));
}

static int file_sync(struct bh_blob_disk *disk)
{
	return bh_db_err(disk->file->pMethods->xSync(disk->file, SQLITE_SYNC_FULL));
}

static int name_take(struct bh_blob_disk *disk, const uint8_t *hash)
{
	char whole[BH_BLOB_PATH_BYTES_MAX];

	if (bh_blob_path(disk->db_path, hash, whole, sizeof(whole)))
		return BH_ERR_LIMIT;
	return bh_file_name_take(disk->file, disk->is_system, disk->path, whole);
}

int bh_blob_disk_folders(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES])
{
	path_set(disk, hash, BH_BLOB_PARTLY);
	return bh_blob_folders_make(disk, hash);
}

static int name_sync(struct bh_blob_disk *disk, const uint8_t *hash)
{
	int err = BH_NOERR;

	path_set(disk, hash, BH_BLOB_WHOLLY);
	if (!disk->is_system)
		err = file_open(disk, hash, BH_BLOB_WHOLLY, 0);
	if (!err)
		err = bh_file_name_sync(disk->file, disk->is_system, disk->path);
	return file_close(disk, err);
}

int bh_blob_disk_settle_name(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES])
{
	int err = bh_blob_disk_folders(disk, hash);

	return err ? err : name_sync(disk, hash);
}

int bh_blob_disk_settle(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES])
{
	int err = file_open(disk, hash, BH_BLOB_PARTLY, 0);

#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 25
	if (!err)
		err = file_sync(disk);
#endif
	if (!err)
		err = name_take(disk, hash);
	err = file_close(disk, err);
	return err ? err : name_sync(disk, hash);
}

int bh_blob_disk_delete(
	struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES], enum bh_blob_place place)
{
	path_set(disk, hash, place);
	int code = disk->vfs->xDelete(disk->vfs, disk->path, 1);
	return code == SQLITE_IOERR_DELETE_NOENT ? BH_NOERR : bh_db_err(code);
}
