/* The bytes of a damaged store, put aside.
 *
 *   a note, PATH-salvage: taking N ──▶ PATH-damaged-N and PATH-damaged-N-wal, synced ──▶ PATH and
 *   PATH-wal deleted, in this order ──▶ the note: taken N ──▶ a new PATH, and into it, with its
 *   tables, what can be read ──▶ the note deleted
 *
 * Cut anywhere it is done again: while PATH is there and being taken it is copied anew, and once it
 * is gone the copies are whole.  Without its file a WAL is nothing to SQLite; without its WAL the
 * file would be an older store. */
#include <stdio.h>
#include <string.h>

#include "client-lib/store_salvage.h"

#define NOTE "-salvage"
#define CHUNK_BYTES (64u << 10)
#define PATH_ENDS 2u /* SQLite wants two NULs behind a file's name */

struct raw {
	sqlite3_vfs *vfs;
	sqlite3_file *file;
	char *path;
};

/* PATH and an end, absolute; the caller frees. */
static int path_make(struct bh_local *local, const char *end, uint32_t n, char **out)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(local->vfs);
	size_t size = vfs ? (size_t)vfs->mxPathname + 64 : 0;
	char *path = size ? calloc(1, size + PATH_ENDS) : NULL;

	if (!path)
		return vfs ? BH_ERR_NOMEM : BH_ERR_IO;
	int code = vfs->xFullPathname(vfs, local->path, vfs->mxPathname, path);
	size_t len = strlen(path);

	if (n == 0)
		snprintf(path + len, size - len, "%s", end);
	else
		snprintf(path + len, size - len, "-damaged-%u%s", n, end);
	if (code == SQLITE_OK && strlen(path) < (size_t)vfs->mxPathname) {
		*out = path;
		return 0;
	}
	free(path);
	return code == SQLITE_OK ? BH_ERR_LIMIT : bh_store_fault(local, code);
}

static void raw_close(struct raw *raw)
{
	if (raw->file && raw->file->pMethods)
		(void)raw->file->pMethods->xClose(raw->file);
	free(raw->file);
	free(raw->path);
	*raw = (struct raw){0};
}

static int there_is(struct bh_local *local, const char *end, uint32_t n, bool *there)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(local->vfs);
	char *path = NULL;
	int found = 0;
	int rc = path_make(local, end, n, &path);

	if (rc == 0) {
		int code = vfs->xAccess(vfs, path, SQLITE_ACCESS_EXISTS, &found);
		rc = code == SQLITE_OK ? 0 : bh_store_fault(local, code);
	}
	free(path);
	*there = found != 0;
	return rc;
}

static int raw_open(
	struct bh_local *local, const char *end, uint32_t n, bool writes, struct raw *raw)
{
	int flags = SQLITE_OPEN_SUPER_JOURNAL |
		    (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
	int rc;

	*raw = (struct raw){.vfs = sqlite3_vfs_find(local->vfs)};
	rc = path_make(local, end, n, &raw->path);
	if (rc == 0) {
		raw->file = calloc(1, (size_t)raw->vfs->szOsFile);
		rc = raw->file ? 0 : BH_ERR_NOMEM;
	}
	if (rc == 0) {
		int code = raw->vfs->xOpen(raw->vfs, raw->path, raw->file, flags, NULL);
		rc = code == SQLITE_OK ? 0 : bh_store_fault(local, code);
	}
	if (rc != 0)
		raw_close(raw);
	return rc;
}

static int raw_delete(struct bh_local *local, const char *end)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(local->vfs);
	char *path = NULL;
	int rc = path_make(local, end, 0, &path);
	int code = rc == 0 ? vfs->xDelete(vfs, path, 1) : SQLITE_OK;

	free(path);
	if (rc != 0 || code == SQLITE_OK || code == SQLITE_IOERR_DELETE_NOENT)
		return rc;
	return bh_store_fault(local, code);
}

/* ---- The note ---------------------------------------------------------------------------- */

#define TAKING '0'
#define TAKEN 'a'

/* None, or one that was cut short: then nothing was done yet. */
int bh_aside_read(struct bh_local *local, struct bh_aside *out)
{
	struct raw raw;
	uint8_t byte = 0;
	bool there = false;
	int rc = there_is(local, NOTE, 0, &there);

	*out = (struct bh_aside){0};
	if (rc != 0 || !there)
		return rc;
	rc = raw_open(local, NOTE, 0, false, &raw);
	if (rc != 0)
		return rc;
	int code = raw.file->pMethods->xRead(raw.file, &byte, 1, 0);

	raw_close(&raw);
	if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
		return bh_store_fault(local, code);
	if (byte > TAKING && byte <= TAKING + BH_ASIDE_MAX)
		*out = (struct bh_aside){BH_ASIDE_TAKING, byte - TAKING};
	if (byte > TAKEN && byte <= TAKEN + BH_ASIDE_MAX)
		*out = (struct bh_aside){BH_ASIDE_TAKEN, byte - TAKEN};
	return 0;
}

static int note_write(struct bh_local *local, int what, uint32_t n)
{
	const uint8_t byte = (uint8_t)(what + (int)n);
	struct raw raw;
	int rc = raw_open(local, NOTE, 0, true, &raw);

	if (rc != 0)
		return rc;
	int code = raw.file->pMethods->xWrite(raw.file, &byte, 1, 0);

	if (code == SQLITE_OK)
		code = raw.file->pMethods->xSync(raw.file, SQLITE_SYNC_FULL);
	raw_close(&raw);
	return code == SQLITE_OK ? 0 : bh_store_fault(local, code);
}

int bh_aside_end(struct bh_local *local)
{
	return raw_delete(local, NOTE);
}

int bh_aside_count(struct bh_local *local, uint32_t *count)
{
	bool there = true;
	int rc = 0;

	for (*count = 0; rc == 0 && *count < BH_ASIDE_MAX; ++*count) {
		rc = there_is(local, "", *count + 1, &there);
		if (!there)
			break;
	}
	return rc;
}

/* ---- The copies -------------------------------------------------------------------------- */

static int bytes_copy(struct raw *from, struct raw *to, uint8_t *chunk)
{
	sqlite3_int64 size = 0;
	int code = from->file->pMethods->xFileSize(from->file, &size);

	for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += CHUNK_BYTES) {
		int len = size - at < CHUNK_BYTES ? (int)(size - at) : (int)CHUNK_BYTES;

		code = from->file->pMethods->xRead(from->file, chunk, len, at);
		if (code == SQLITE_OK)
			code = to->file->pMethods->xWrite(to->file, chunk, len, at);
	}
	if (code == SQLITE_OK)
		code = to->file->pMethods->xTruncate(to->file, size);
	return code == SQLITE_OK ? to->file->pMethods->xSync(to->file, SQLITE_SYNC_FULL) : code;
}

static int file_copy(struct bh_local *local, const char *end, uint32_t n)
{
	struct raw from = {0}, to = {0};
	bool there = false;
	int rc = there_is(local, end, 0, &there);

	if (rc != 0 || !there)
		return rc;
	uint8_t *chunk = malloc(CHUNK_BYTES);

	rc = chunk ? raw_open(local, end, 0, false, &from) : BH_ERR_NOMEM;
	if (rc == 0)
		rc = raw_open(local, end, n, true, &to);
	if (rc == 0) {
		int code = bytes_copy(&from, &to, chunk);
		rc = code == SQLITE_OK ? 0 : bh_store_fault(local, code);
	}
	raw_close(&to);
	raw_close(&from);
	free(chunk);
	return rc;
}

int bh_aside_take(struct bh_local *local, struct bh_aside *aside)
{
	uint32_t n = aside->n;
	bool there = false;
	int rc = 0;

	if (aside->state != BH_ASIDE_TAKING) {
		rc = bh_aside_count(local, &n);
		n++;
		if (rc == 0)
			rc = n > BH_ASIDE_MAX ? BH_ERR_LIMIT : note_write(local, TAKING, n);
	}
	if (rc == 0)
		rc = there_is(local, "", 0, &there);
	if (rc == 0 && there)
		rc = file_copy(local, "", n);
	if (rc == 0 && there)
		rc = file_copy(local, "-wal", n);
	if (rc == 0)
		rc = raw_delete(local, "");
	if (rc == 0)
		rc = raw_delete(local, "-wal");
	if (rc == 0)
		rc = note_write(local, TAKEN, n);
	if (rc == 0)
		*aside = (struct bh_aside){BH_ASIDE_TAKEN, n};
	return rc;
}

int bh_aside_path(struct bh_local *local, uint32_t n, char **out)
{
	return path_make(local, "", n, out);
}
