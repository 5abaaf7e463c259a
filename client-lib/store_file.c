/* A photo's file: opened, read or written, synced and closed again by each call, through the
 * store's own sqlite3_vfs.
 *
 * Files are opened as SQLite opens a super-journal: then the first sync of a file that may be new
 * syncs its folder too, and its name is as durable as its bytes.  The folder itself is made, and
 * its parent synced, by the first write of a process; a test's disk knows no folders.  A file that
 * is missing or too short is NOT_FOUND; everything else that fails is the disk's. */
#include "client-lib/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/number.h"

#define BH_FILE_FOLDER "-photos"
#define BH_FILE_WRITE_BYTES (64u << 10)
#define BH_FILE_PATH_ENDS 2u /* SQLite wants two NULs behind a file's name */

struct opened {
	sqlite3_vfs *vfs;
	sqlite3_file *file;
	char *path; /* borrowed by the file */
};

struct bh_file_name bh_file_name(enum bh_file_kind kind, const uint8_t hash[BH_HASH_BYTES])
{
	struct bh_file_name name;
	char hex[2 * BH_HASH_BYTES + 1];

	bh_hex_format(bh_span(hash, BH_HASH_BYTES), hex);
	name.is_plain = false;
	snprintf(name.text, sizeof(name.text), "%s%s", hex, kind == BH_FILE_OWN ? "" : "-in");
	return name;
}

static bool file_is_sealed(const struct bh_local *local, struct bh_file_name name)
{
	return local->sealer && !name.is_plain;
}

/* "/folder/handset.db-photos", "" before the name; the caller frees. */
static int file_path(struct bh_local *local, struct bh_file_name named, char **out)
{
	const char *store = local->file, *name = named.text;
	const char *end = !name[0] ? "" : file_is_sealed(local, named) ? ".sealed" : ".jpg";
	size_t size = strlen(store) + sizeof(BH_FILE_FOLDER) + 1 + strlen(name) + strlen(end) +
		      BH_FILE_PATH_ENDS;
	const sqlite3_vfs *vfs = sqlite3_vfs_find(local->vfs);

	if (!vfs || size > (size_t)vfs->mxPathname)
		return BH_ERR_LIMIT;
	char *path = calloc(1, size);

	if (!path)
		return BH_ERR_NOMEM;
	snprintf(path, size, "%s%s%s%s%s", store, BH_FILE_FOLDER, name[0] ? "/" : "", name, end);
	*out = path;
	return 0;
}

/* ---- The folder -------------------------------------------------------------------------- */

static int folder_fault(void)
{
	return errno == ENOSPC || errno == EDQUOT ? BH_ERR_FULL : BH_ERR_IO;
}

static int folder_sync(char *path)
{
	char *slash = strrchr(path, '/');

	/* The store's path is absolute; its folder may be the root. */
	slash[slash == path ? 1 : 0] = '\0';
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = fd >= 0 && fsync(fd) == 0 ? 0 : folder_fault();

	if (fd >= 0)
		(void)close(fd);
	return rc;
}

/* Once a process, whether or not it was there: an earlier one may have died before the sync. */
static int folder_make(struct bh_local *local)
{
	char *path = NULL;

	if (local->vfs || local->has_folder)
		return 0;
	int rc = file_path(local, (struct bh_file_name){""}, &path);

	if (rc == 0 && mkdir(path, 0700) != 0 && errno != EEXIST)
		rc = folder_fault();
	if (rc == 0)
		rc = folder_sync(path);
	free(path);
	local->has_folder = rc == 0;
	return rc;
}

/* ---- Files ------------------------------------------------------------------------------- */

static void file_close(struct opened *opened)
{
	if (opened->file && opened->file->pMethods)
		(void)opened->file->pMethods->xClose(opened->file);
	free(opened->file);
	free(opened->path);
	*opened = (struct opened){0};
}

/* A name that is missing is no fault of the disk. */
static int open_fault(struct bh_local *local, struct opened *opened, int code, bool writes)
{
	sqlite3_vfs *vfs = opened->vfs;
	int there = 1, error = vfs->xGetLastError ? vfs->xGetLastError(vfs, 0, NULL) : 0;

	if ((code & 0xff) != SQLITE_CANTOPEN)
		return bh_store_fault(local, code);
	if (writes && (error == ENOSPC || error == EDQUOT))
		return bh_store_fault(local, SQLITE_FULL);
	if (!writes && vfs->xAccess(vfs, opened->path, SQLITE_ACCESS_EXISTS, &there) == SQLITE_OK &&
		!there)
		return BH_ERR_NOT_FOUND;
	return bh_store_fault(local, code);
}

static int file_open_as(
	struct bh_local *local, struct bh_file_name name, bool writes, struct opened *opened)
{
	int flags = SQLITE_OPEN_SUPER_JOURNAL |
		    (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
	int rc = writes ? folder_make(local) : 0;

	*opened = (struct opened){.vfs = sqlite3_vfs_find(local->vfs)};
	if (rc == 0)
		rc = file_path(local, name, &opened->path);
	if (rc == 0) {
		opened->file = calloc(1, (size_t)opened->vfs->szOsFile);
		rc = opened->file ? 0 : BH_ERR_NOMEM;
	}
	if (rc == 0) {
		int code = opened->vfs->xOpen(opened->vfs, opened->path, opened->file, flags, NULL);

		if (code != SQLITE_OK)
			rc = open_fault(local, opened, code, writes);
	}
	if (rc != 0)
		file_close(opened);
	return rc;
}

/* While a store is being sealed a photo may still lie open, and its sealed file be half written;
 * *name tells how it was found. */
static int file_open(
	struct bh_local *local, struct bh_file_name *name, bool writes, struct opened *opened)
{
	struct bh_file_name plain = *name;
	int rc = BH_ERR_NOT_FOUND;

	plain.is_plain = true;
	if (!writes && file_is_sealed(local, *name) && !local->all_sealed)
		rc = file_open_as(local, plain, writes, opened);
	if (rc == 0)
		*name = plain;
	return rc == BH_ERR_NOT_FOUND ? file_open_as(local, *name, writes, opened) : rc;
}

static int file_fill(struct bh_local *local, sqlite3_file *file, struct bh_file_name name,
	uint32_t offset, struct bh_span bytes)
{
	int code = SQLITE_OK;

	if (file_is_sealed(local, name))
		return bh_chunks_write(local, file, name.text, offset, bytes);
	for (size_t at = 0; code == SQLITE_OK && at < bytes.len; at += BH_FILE_WRITE_BYTES) {
		size_t rest = bytes.len - at;
		size_t len = rest < BH_FILE_WRITE_BYTES ? rest : BH_FILE_WRITE_BYTES;

		code = file->pMethods->xWrite(
			file, bytes.data + at, (int)len, (sqlite3_int64)(offset + at));
	}
	return code;
}

/* Cut to its size, and durable. */
static int file_end(
	struct bh_local *local, sqlite3_file *file, struct bh_file_name name, uint32_t size)
{
	uint64_t stored = file_is_sealed(local, name) ? bh_chunks_stored(size) : size;
	int code = file->pMethods->xTruncate(file, (sqlite3_int64)stored);

#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 7
	return code;
#else
	return code == SQLITE_OK ? file->pMethods->xSync(file, SQLITE_SYNC_FULL) : code;
#endif
}

int bh_file_write(struct bh_local *local, struct bh_file_name name, struct bh_span bytes)
{
	struct opened opened;
	int rc = file_open(local, &name, true, &opened);

	if (rc != 0)
		return rc;
	int code = file_fill(local, opened.file, name, 0, bytes);

	if (code == SQLITE_OK)
		code = file_end(local, opened.file, name, (uint32_t)bytes.len);
	file_close(&opened);
	return code == SQLITE_OK ? 0 : bh_store_fault(local, code);
}

int bh_file_put(
	struct bh_local *local, struct bh_file_name name, uint32_t offset, struct bh_span bytes)
{
	struct opened opened;
	int rc = file_open(local, &name, true, &opened);

	if (rc != 0)
		return rc;
	int code = file_fill(local, opened.file, name, offset, bytes);

	file_close(&opened);
	return code == SQLITE_OK ? 0 : bh_store_fault(local, code);
}

int bh_file_sync(struct bh_local *local, struct bh_file_name name, uint32_t size)
{
	struct opened opened;
	int rc = file_open(local, &name, true, &opened);

	if (rc != 0)
		return rc;
	int code = file_end(local, opened.file, name, size);

	file_close(&opened);
	return code == SQLITE_OK ? 0 : bh_store_fault(local, code);
}

int bh_file_read(
	struct bh_local *local, struct bh_file_name name, uint32_t offset, uint8_t *out, size_t len)
{
	struct opened opened;
	int rc = file_open(local, &name, false, &opened);

	if (rc != 0)
		return rc;
	int code = file_is_sealed(local, name)
			   ? bh_chunks_read(local, opened.file, name.text, offset, out, len)
			   : opened.file->pMethods->xRead(
				     opened.file, out, (int)len, (sqlite3_int64)offset);

	file_close(&opened);
	if (code == SQLITE_IOERR_SHORT_READ)
		return BH_ERR_NOT_FOUND;
	return code == SQLITE_OK ? 0 : bh_store_fault(local, code);
}

int bh_file_bytes(
	struct bh_local *local, struct bh_file_name name, uint32_t len, struct bh_buf *out)
{
	uint8_t *bytes = NULL;
	int rc = bh_buf_reserve(out, len, &bytes);

	if (rc == 0)
		rc = bh_file_read(local, name, 0, bytes, len);
	if (rc == 0)
		out->len += len;
	return rc;
}

int bh_file_size(struct bh_local *local, struct bh_file_name name, uint64_t *size)
{
	struct opened opened;
	sqlite3_int64 found = 0;
	int rc = file_open(local, &name, false, &opened);

	if (rc != 0)
		return rc;
	int code = opened.file->pMethods->xFileSize(opened.file, &found);

	file_close(&opened);
	if (code == SQLITE_OK)
		*size = file_is_sealed(local, name) ? bh_chunks_size((uint64_t)found)
						    : (uint64_t)found;
	return code == SQLITE_OK ? 0 : bh_store_fault(local, code);
}

int bh_file_drop(struct bh_local *local, struct bh_file_name name)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(local->vfs);
	char *path = NULL;
	int rc = file_path(local, name, &path);

	if (rc != 0)
		return rc;
	int code = vfs->xDelete(vfs, path, 1);

	free(path);
	if (code == SQLITE_OK || code == SQLITE_IOERR_DELETE_NOENT)
		return 0;
	return bh_store_fault(local, code);
}
