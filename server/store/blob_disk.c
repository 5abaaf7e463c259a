/* A photo lies under "blobs" beside the district's file, by its hash, two folders deep, so that no
 * folder grows large and nothing that a handset says becomes a name (F04).
 *
 * Files are opened as SQLite opens a super-journal: its VFS then looks for no database of that
 * name, and the first sync of one that was opened to be made syncs its folder. They are open only
 * while something is done with them. */
#include "server/store/blob_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/store/blob_files.h"
#include "server/store/db.h"
#include "server/store/jpeg_look.h"

#define BUFFER_BYTES 65536u
#define FOLDER_MODE 0700

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

	*disk = (struct bh_blob_disk){
		.vfs = sqlite3_vfs_find(options->vfs), .makes_folders = options->vfs == NULL};
	if (!disk->vfs)
		return BH_ERR_INVALID;
	int n = snprintf(disk->db_path, sizeof(disk->db_path), "%s", options->path);
	/* SQLite wants room for a second NUL behind a name */
	if (n < 0 || (size_t)n >= sizeof(disk->db_path) ||
		bh_blob_path(disk->db_path, any, disk->path, sizeof(disk->path) - 1))
		return BH_ERR_LIMIT;
	disk->file = calloc(1, (size_t)disk->vfs->szOsFile);
	disk->buffer = malloc(BUFFER_BYTES);
	return disk->file && disk->buffer ? BH_NOERR : BH_ERR_NOMEM;
}

void bh_blob_disk_close(struct bh_blob_disk *disk)
{
	free(disk->file);
	free(disk->buffer);
	*disk = (struct bh_blob_disk){0};
}

/* ---- Folders ---- */

static int folder_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return BH_ERR_IO;
	int err = fsync(fd) == 0 ? BH_NOERR : BH_ERR_IO;
	(void)close(fd);
	return err;
}

/* One that is made is durable in its own folder before anything lies in it. */
static int folder_make(char *path, char *end)
{
	*end = '\0';
	int made = mkdir(path, FOLDER_MODE), why = errno;
	int err = made == 0 || why == EEXIST ? BH_NOERR : BH_ERR_IO;
	if (err && (why == ENOSPC || why == EDQUOT))
		err = BH_ERR_FULL;
	if (!err && made == 0) {
		char *slash = strrchr(path, '/');
		if (slash)
			*slash = '\0';
		err = folder_sync(slash ? path : ".");
		if (slash)
			*slash = '/';
	}
	*end = '/';
	return err;
}

static int folders_make(struct bh_blob_disk *disk)
{
	size_t tail = 2 * BH_HASH_BYTES + 1; /* "/abcd..." */
	char *end = disk->path + strlen(disk->path) - tail;
	int err = disk->makes_folders ? folder_make(disk->path, end - 6) : BH_NOERR;

	if (!err && disk->makes_folders)
		err = folder_make(disk->path, end - 3);
	if (!err && disk->makes_folders)
		err = folder_make(disk->path, end);
	return err;
}

/* ---- The file ---- */

static void path_set(struct bh_blob_disk *disk, const uint8_t *hash)
{
	memset(disk->path, 0, sizeof(disk->path));
	int err = bh_blob_path(disk->db_path, hash, disk->path, sizeof(disk->path) - 1);
	bh_assert(err == BH_NOERR); /* every one is as long as the one at opening */
}

static int file_open(struct bh_blob_disk *disk, const uint8_t *hash, int flags)
{
	path_set(disk, hash);
	int err = flags & SQLITE_OPEN_CREATE ? folders_make(disk) : BH_NOERR;
	if (err)
		return err;
	disk->file->pMethods = NULL;
	return bh_db_err(disk->vfs->xOpen(disk->vfs, disk->path, disk->file,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_SUPER_JOURNAL | flags, &flags));
}

static int file_close(struct bh_blob_disk *disk, int err)
{
	int code = disk->file->pMethods ? disk->file->pMethods->xClose(disk->file) : SQLITE_OK;

	disk->file->pMethods = NULL;
	return err ? err : bh_db_err(code);
}

int bh_blob_disk_size(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES], uint64_t *size)
{
	sqlite3_int64 bytes = 0;
	int there = 0;

	path_set(disk, hash);
	int err = bh_db_err(
		disk->vfs->xAccess(disk->vfs, disk->path, SQLITE_ACCESS_EXISTS, &there));
	if (err || !there) {
		*size = 0;
		return err;
	}
	err = file_open(disk, hash, 0);
	if (!err)
		err = bh_db_err(disk->file->pMethods->xFileSize(disk->file, &bytes));
	err = file_close(disk, err);
	if (!err)
		*size = (uint64_t)bytes;
	return err;
}

int bh_blob_disk_write(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES],
	uint32_t offset, struct bh_span bytes)
{
	int err = file_open(disk, hash, offset == 0 ? SQLITE_OPEN_CREATE : 0);

	if (!err && offset == 0)
		err = bh_db_err(disk->file->pMethods->xTruncate(disk->file, 0));
	if (!err)
		err = bh_db_err(disk->file->pMethods->xWrite(
			disk->file, bytes.data, (int)bytes.len, offset));
	return file_close(disk, err);
}

int bh_blob_disk_cut(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES])
{
	int err = file_open(disk, hash, 0);

	if (!err)
		err = bh_db_err(disk->file->pMethods->xTruncate(disk->file, 0));
	return file_close(disk, err);
}

int bh_blob_disk_read(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES], uint32_t offset,
	uint8_t *out, uint32_t len)
{
	int err = file_open(disk, hash, 0);

	if (!err)
		err = bh_db_err(disk->file->pMethods->xRead(disk->file, out, (int)len, offset));
	return file_close(disk, err);
}

int bh_blob_disk_hash(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES], uint32_t len,
	struct bh_running_hash *running)
{
	int err = file_open(disk, hash, 0);

	for (uint32_t at = 0; !err && at < len;) {
		uint32_t part = len - at < BUFFER_BYTES ? len - at : BUFFER_BYTES;
		err = bh_db_err(
			disk->file->pMethods->xRead(disk->file, disk->buffer, (int)part, at));
		if (!err)
			bh_running_hash_add(running, bh_span(disk->buffer, part));
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
	int err = file_open(disk, hash, 0);

	if (!err)
		err = bh_jpeg_look(part_read, disk->file, size, is_photo);
	return file_close(disk, err);
}

int bh_blob_disk_sync(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES])
{
	int err = file_open(disk, hash, SQLITE_OPEN_CREATE); /* so that the folder is synced, too */

	if (!err)
		err = bh_db_err(disk->file->pMethods->xSync(disk->file, SQLITE_SYNC_FULL));
	return file_close(disk, err);
}

int bh_blob_disk_delete(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES])
{
	path_set(disk, hash);
	int code = disk->vfs->xDelete(disk->vfs, disk->path, 1);
	return code == SQLITE_IOERR_DELETE_NOENT ? BH_NOERR : bh_db_err(code);
}
