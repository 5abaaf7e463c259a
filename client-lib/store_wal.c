/* A sync that failed may have been forgotten by the kernel: what was written can still be read, no
 * later sync saves it, and the next power cut takes it (faults.md fact 2).  A WAL of which only the
 * first commits would survive is worse than none: SQLite would put their pages over the newer ones
 * that a checkpoint has moved into the file.  So before the file is opened, its WAL is made as
 * durable as it looks: copied aside and synced, then written over itself and synced.
 *
 *   no spare, or not whole: the WAL was not touched ──▶ copy it aside ──▶ a whole spare
 *   a whole spare: the WAL may be torn by now       ──▶ write it from there ──▶ delete the spare */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client-lib/store.h"

#define WAL_HEAD_BYTES 32
#define CHUNK_BYTES 65536
#define TRAILER_BYTES 24
#define TRAILER_MAGIC UINT64_C(0x62682d72656e6577)

struct renewal {
	sqlite3_vfs *vfs;
	char *wal, *spare;
	sqlite3_file *from, *to;
	uint8_t *chunk;
};

static int file_open(
	const struct renewal *r, const char *path, int kind, bool creates, sqlite3_file *file)
{
	int flags = SQLITE_OPEN_READWRITE | kind | (creates ? SQLITE_OPEN_CREATE : 0);

	file->pMethods = NULL;
	return r->vfs->xOpen(r->vfs, path, file, flags, &flags);
}

static int file_close(sqlite3_file *file, int code)
{
	int closed = file->pMethods ? file->pMethods->xClose(file) : SQLITE_OK;

	file->pMethods = NULL;
	return code == SQLITE_OK ? closed : code;
}

static void trailer_put(uint8_t trailer[TRAILER_BYTES], sqlite3_int64 size, uint64_t sum)
{
	const uint64_t fields[] = {TRAILER_MAGIC, (uint64_t)size, sum};

	memcpy(trailer, fields, TRAILER_BYTES); /* read on the machine that wrote it */
}

/* Reads size bytes of r->from and, where copies, writes them to r->to; *sum is over all of them. */
static int bytes_pass(struct renewal *r, sqlite3_int64 size, bool copies, uint64_t *sum)
{
	int code = SQLITE_OK;

	*sum = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	for (sqlite3_int64 at = 0; at < size && code == SQLITE_OK; at += CHUNK_BYTES) {
		int len = size - at < CHUNK_BYTES ? (int)(size - at) : CHUNK_BYTES;
		code = r->from->pMethods->xRead(r->from, r->chunk, len, at);
		for (int i = 0; i < len && code == SQLITE_OK; i++)
			*sum = (*sum ^ r->chunk[i]) * UINT64_C(0x100000001b3);
		if (code == SQLITE_OK && copies)
			code = r->to->pMethods->xWrite(r->to, r->chunk, len, at);
	}
	return code;
}

/* The WAL into the spare, with a trailer by which a whole one is known; synced. */
static int spare_write(struct renewal *r, sqlite3_int64 size)
{
	uint8_t trailer[TRAILER_BYTES];
	uint64_t sum = 0;
	int code = file_open(r, r->spare, SQLITE_OPEN_MAIN_JOURNAL, true, r->to);

	if (code == SQLITE_OK)
		code = bytes_pass(r, size, true, &sum);
	if (code == SQLITE_OK) {
		trailer_put(trailer, size, sum);
		code = r->to->pMethods->xWrite(r->to, trailer, TRAILER_BYTES, size);
	}
	if (code == SQLITE_OK)
		code = r->to->pMethods->xSync(r->to, SQLITE_SYNC_FULL);
	return file_close(r->to, code);
}

/* The spare over the WAL, synced, if it is whole; else the WAL was never touched. */
static int spare_take(struct renewal *r)
{
	uint8_t trailer[TRAILER_BYTES], expected[TRAILER_BYTES];
	sqlite3_int64 size = 0;
	uint64_t sum = 0;
	int code = file_open(r, r->spare, SQLITE_OPEN_MAIN_JOURNAL, false, r->from);

	if (code == SQLITE_OK)
		code = r->from->pMethods->xFileSize(r->from, &size);
	size -= TRAILER_BYTES;
	if (code != SQLITE_OK || size < WAL_HEAD_BYTES)
		return file_close(r->from, code);
	code = r->from->pMethods->xRead(r->from, trailer, TRAILER_BYTES, size);
	if (code == SQLITE_OK)
		code = bytes_pass(r, size, false, &sum);
	trailer_put(expected, size, sum);
	if (code != SQLITE_OK || memcmp(trailer, expected, TRAILER_BYTES) != 0)
		return file_close(r->from, code);
	code = file_open(r, r->wal, SQLITE_OPEN_WAL, true, r->to);
	if (code == SQLITE_OK)
		code = bytes_pass(r, size, true, &sum);
	if (code == SQLITE_OK)
		code = r->to->pMethods->xTruncate(r->to, size);
	if (code == SQLITE_OK)
		code = r->to->pMethods->xSync(r->to, SQLITE_SYNC_FULL);
	return file_close(r->from, file_close(r->to, code));
}

static int spare_use(struct renewal *r)
{
	int there = 0;
	int code = r->vfs->xAccess(r->vfs, r->spare, SQLITE_ACCESS_EXISTS, &there);

	if (code != SQLITE_OK || !there)
		return code;
	code = spare_take(r);
	return code == SQLITE_OK ? r->vfs->xDelete(r->vfs, r->spare, 1) : code;
}

static int wal_renew(struct renewal *r)
{
	sqlite3_int64 size = 0;
	int there = 0;
	int code = spare_use(r); /* of a renewal that was cut short */

	if (code == SQLITE_OK)
		code = r->vfs->xAccess(r->vfs, r->wal, SQLITE_ACCESS_EXISTS, &there);
	if (code != SQLITE_OK || !there)
		return code;
	code = file_open(r, r->wal, SQLITE_OPEN_WAL, false, r->from);
	if (code == SQLITE_OK)
		code = r->from->pMethods->xFileSize(r->from, &size);
	if (code == SQLITE_OK && size > WAL_HEAD_BYTES)
		code = spare_write(r, size);
	code = file_close(r->from, code);
	if (code ==
		SQLITE_FULL) /* better a handset that opens: it takes a third fault to harm it */
		return r->vfs->xDelete(r->vfs, r->spare, 0);
	if (code == SQLITE_OK && size > WAL_HEAD_BYTES)
		code = spare_use(r);
	return code;
}

static int names_make(struct renewal *r, const char *path)
{
	size_t max = (size_t)r->vfs->mxPathname + sizeof("-renew");

	r->wal = malloc(max);
	r->spare = malloc(max);
	r->chunk = malloc(CHUNK_BYTES);
	r->from = malloc((size_t)r->vfs->szOsFile);
	r->to = malloc((size_t)r->vfs->szOsFile);
	if (!r->wal || !r->spare || !r->chunk || !r->from || !r->to)
		return SQLITE_NOMEM;
	int code = r->vfs->xFullPathname(r->vfs, path, r->vfs->mxPathname, r->wal);
	if (code != SQLITE_OK && code != SQLITE_OK_SYMLINK)
		return code;
	snprintf(r->spare, max, "%s-renew", r->wal);
	memcpy(r->wal + strlen(r->wal), "-wal", sizeof("-wal"));
	return SQLITE_OK;
}

int bh_store_renew(struct bh_local *local)
{
	struct renewal r = {.vfs = sqlite3_vfs_find(local->vfs)};

	if (!r.vfs)
		return BH_ERR_INVALID;
	int code = names_make(&r, local->path);
	if (code == SQLITE_OK)
		code = wal_renew(&r);
	free(r.to);
	free(r.from);
	free(r.chunk);
	free(r.spare);
	free(r.wal);
	return code == SQLITE_OK ? 0 : bh_store_fault(local, code);
}
