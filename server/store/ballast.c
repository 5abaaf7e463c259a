/* The ballast's whole life is a file that is there or is not:
 *
 *            room for twice as much                    a write finds no room
 *   missing ────────────────────────▶ laid, synced ────────────────────────▶ released
 *                                          ▲      room for twice as much        │
 *                                          `────────────────────────────────────'
 *
 * It is laid by writing it through the file's VFS, not by asking for blocks: so it is never sparse
 * on any file system, noise does not shrink where one compresses, and the simulator's disk counts
 * it.  It is written twice as long as it stays, since on a disk with just room for it the next
 * write would take it away again, and again.  It is given up by its name, which needs neither
 * memory nor a descriptor, with its folder synced, so that the room is free at once.
 *
 * Whatever fails in laying leaves no file behind, and is tried again later. */
#include "server/store/ballast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"

#define SUFFIX "-ballast"
#define CHUNK_BYTES 65536

/* As a journal: it gets the owner and the mode of the file it lies beside, and its first sync is
 * its folder's. */
static int file_open(const struct bh_ballast *b, int flags, sqlite3_file *file)
{
	file->pMethods = NULL;
	return b->vfs->xOpen(b->vfs, b->path, file,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_MAIN_JOURNAL | flags, &flags);
}

static int file_close(sqlite3_file *file, int code)
{
	int closed = file->pMethods ? file->pMethods->xClose(file) : SQLITE_OK;

	return code == SQLITE_OK ? closed : code;
}

/* xorshift64: no compressor makes it smaller. */
static void noise_fill(uint64_t *words, size_t count)
{
	uint64_t x = UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < count; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		words[i] = x;
	}
}

static int noise_write(sqlite3_file *file, const uint64_t *noise, uint64_t bytes)
{
	int code = SQLITE_OK;

	for (uint64_t at = 0; at < bytes && code == SQLITE_OK; at += CHUNK_BYTES) {
		int len = bytes - at < CHUNK_BYTES ? (int)(bytes - at) : CHUNK_BYTES;
		code = file->pMethods->xWrite(file, noise, len, (sqlite3_int64)at);
	}
	return code;
}

static int file_lay(const struct bh_ballast *b, sqlite3_file *file, uint64_t *noise)
{
	int code = file_open(b, SQLITE_OPEN_CREATE, file);

	noise_fill(noise, CHUNK_BYTES / sizeof(*noise));
	if (code == SQLITE_OK)
		code = noise_write(file, noise, 2 * b->bytes);
	if (code == SQLITE_OK)
		code = file->pMethods->xTruncate(file, (sqlite3_int64)b->bytes);
	if (code == SQLITE_OK)
		code = file->pMethods->xSync(file, SQLITE_SYNC_FULL);
	return file_close(file, code);
}

void bh_ballast_lay(struct bh_ballast *b, int64_t mono_ms)
{
	if (b->state == BH_BALLAST_UNWANTED || b->state == BH_BALLAST_LAID)
		return;
	sqlite3_file *file = malloc((size_t)b->vfs->szOsFile);
	uint64_t *noise = malloc(CHUNK_BYTES);

	b->tried_mono_ms = mono_ms;
	if (file && noise) {
		if (file_lay(b, file, noise) == SQLITE_OK)
			b->state = BH_BALLAST_LAID;
		else
			(void)b->vfs->xDelete(b->vfs, b->path, 0); /* may never have been made */
	}
	free(noise);
	free(file);
}

void bh_ballast_lay_again(struct bh_ballast *b, int64_t mono_ms)
{
	if (mono_ms - b->tried_mono_ms >= BH_BALLAST_RETRY_MS)
		bh_ballast_lay(b, mono_ms);
}

bool bh_ballast_release(struct bh_ballast *b, int64_t mono_ms)
{
	if (b->state != BH_BALLAST_LAID)
		return false;
	int code = b->vfs->xDelete(b->vfs, b->path, 1);
	if (code == SQLITE_OK)
		b->state = BH_BALLAST_RELEASED;
	else if (code == SQLITE_IOERR_DELETE_NOENT)
		b->state = BH_BALLAST_MISSING; /* somebody took it away */
	b->tried_mono_ms = mono_ms;
	return code == SQLITE_OK;
}

/* One of another length is a try that was cut short. */
static int file_look(struct bh_ballast *b)
{
	sqlite3_int64 size = 0;
	int there = 0;
	int code = b->vfs->xAccess(b->vfs, b->path, SQLITE_ACCESS_EXISTS, &there);

	if (code != SQLITE_OK || !there)
		return BH_NOERR;
	sqlite3_file *file = malloc((size_t)b->vfs->szOsFile);
	if (!file)
		return BH_ERR_NOMEM;
	code = file_open(b, 0, file);
	if (code == SQLITE_OK)
		code = file->pMethods->xFileSize(file, &size);
	code = file_close(file, code);
	free(file);
	if (code == SQLITE_OK && (uint64_t)size == b->bytes)
		b->state = BH_BALLAST_LAID;
	return BH_NOERR;
}

int bh_ballast_open(struct bh_ballast *b, const char *path, const char *vfs, uint64_t bytes)
{
	size_t path_bytes = strlen(path) + sizeof(SUFFIX);

	*b = (struct bh_ballast){.bytes = bytes};
	if (bytes == 0)
		return BH_NOERR;
	b->state = BH_BALLAST_MISSING;
	b->vfs = sqlite3_vfs_find(vfs);
	if (!b->vfs)
		return BH_ERR_INVALID;
	b->path = malloc(path_bytes);
	if (!b->path)
		return BH_ERR_NOMEM;
	(void)snprintf(b->path, path_bytes, "%s" SUFFIX, path);
	return file_look(b);
}

void bh_ballast_close(struct bh_ballast *b)
{
	free(b->path);
	*b = (struct bh_ballast){0};
}
