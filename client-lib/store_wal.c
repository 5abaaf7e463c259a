/* A sync that failed may have been forgotten by the kernel: what was written can still be read, no
 * later sync saves it, and the next power cut takes it (faults.md fact 2).  A WAL of which only the
 * first commits would survive is worse than none: SQLite would put their pages over the newer ones
 * that a checkpoint has moved into the file.  So before that, what may be forgotten, the WAL's last
 * commit, is written over itself and synced.
 *
 *   | head | commit 1 | ... | commit n-1 | commit n |
 *                                        `- a copy aside, synced ──▶ over itself, synced ──▶ copy
 * gone
 *
 * A sector may be noise when the power goes while it is written, and commit n may have been
 * answered for long: hence the copy.  A whole one that is found says that commit n may be noise by
 * now. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client-lib/store.h"

#define HEAD_BYTES 32
#define FRAME_HEAD_BYTES 24
#define CHUNK_BYTES 65536
#define TRAILER_BYTES 64
#define SUFFIX "-renew"

/* [offset, offset + len) of the WAL, and the trailer by which a whole copy of it is known. */
struct renewal {
	sqlite3_vfs *vfs;
	sqlite3_file *wal;
	sqlite3_file *spare;
	char *spare_path;
	uint8_t *chunk; /* CHUNK_BYTES, or a page if that is more */
	uint8_t head[HEAD_BYTES];
	sqlite3_int64 offset, len;
};

/* ---- Which bytes: the last whole commit, by SQLite's own checksums ---- */

static uint32_t word(const uint8_t *at, bool big)
{
	return big ? (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]
		   : (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static void sum_add(uint32_t sum[2], const uint8_t *data, size_t len, bool big)
{
	for (size_t i = 0; i < len; i += 8) {
		sum[0] += word(data + i, big) + sum[1];
		sum[1] += word(data + i + 4, big) + sum[0];
	}
}

static int tail_find(struct renewal *r, sqlite3_int64 size)
{
	uint8_t frame[FRAME_HEAD_BYTES];
	uint32_t sum[2] = {0, 0}, page = word(r->head + 8, true);
	sqlite3_int64 end = HEAD_BYTES, before = HEAD_BYTES;
	bool big = (word(r->head, true) & 1) != 0;
	int code = SQLITE_OK;

	sum_add(sum, r->head, 24, big);
	if (sum[0] != word(r->head + 24, true) || sum[1] != word(r->head + 28, true) ||
		page < 512 || page > CHUNK_BYTES)
		return SQLITE_OK; /* SQLite takes nothing of it either */
	for (sqlite3_int64 at = HEAD_BYTES; at + FRAME_HEAD_BYTES + page <= size;
		at += FRAME_HEAD_BYTES + page) {
		code = r->wal->pMethods->xRead(r->wal, frame, FRAME_HEAD_BYTES, at);
		if (code == SQLITE_OK)
			code = r->wal->pMethods->xRead(
				r->wal, r->chunk, (int)page, at + FRAME_HEAD_BYTES);
		if (code != SQLITE_OK || memcmp(frame + 8, r->head + 16, 8) != 0)
			break;
		sum_add(sum, frame, 8, big);
		sum_add(sum, r->chunk, page, big);
		if (sum[0] != word(frame + 16, true) || sum[1] != word(frame + 20, true))
			break;
		if (word(frame + 4, true) != 0) {
			before = end;
			end = at + FRAME_HEAD_BYTES + page;
		}
	}
	r->offset = before;
	r->len = end - before;
	return code;
}

/* ---- The copy ---- */

static int bytes_copy(struct renewal *r, sqlite3_file *from, sqlite3_int64 from_at,
	sqlite3_file *to, sqlite3_int64 to_at, uint64_t *sum)
{
	int code = SQLITE_OK;

	*sum = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
	for (sqlite3_int64 at = 0; at < r->len && code == SQLITE_OK; at += CHUNK_BYTES) {
		int len = r->len - at < CHUNK_BYTES ? (int)(r->len - at) : CHUNK_BYTES;
		code = from->pMethods->xRead(from, r->chunk, len, from_at + at);
		for (int i = 0; i < len && code == SQLITE_OK; i++)
			*sum = (*sum ^ r->chunk[i]) * UINT64_C(0x100000001b3);
		if (code == SQLITE_OK && to)
			code = to->pMethods->xWrite(to, r->chunk, len, to_at + at);
	}
	return code;
}

/* Read on the machine that wrote it. */
static void trailer_put(const struct renewal *r, uint64_t sum, uint8_t trailer[TRAILER_BYTES])
{
	memset(trailer, 0, TRAILER_BYTES);
	memcpy(trailer, r->head, HEAD_BYTES);
	memcpy(trailer + 32, &r->offset, 8);
	memcpy(trailer + 40, &r->len, 8);
	memcpy(trailer + 48, &sum, 8);
	memcpy(trailer + 56, "bhrenew1", 8);
}

static int spare_open(struct renewal *r, int flags)
{
	r->spare->pMethods = NULL;
	return r->vfs->xOpen(r->vfs, r->spare_path, r->spare,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_MAIN_JOURNAL | flags, &flags);
}

static int spare_close(struct renewal *r, int code)
{
	int closed = r->spare->pMethods ? r->spare->pMethods->xClose(r->spare) : SQLITE_OK;

	r->spare->pMethods = NULL;
	return code == SQLITE_OK ? closed : code;
}

static int spare_write(struct renewal *r)
{
	uint8_t trailer[TRAILER_BYTES];
	uint64_t sum = 0;
	int code = spare_open(r, SQLITE_OPEN_CREATE);

	if (code == SQLITE_OK)
		code = bytes_copy(r, r->wal, r->offset, r->spare, 0, &sum);
	trailer_put(r, sum, trailer);
	if (code == SQLITE_OK)
		code = r->spare->pMethods->xWrite(r->spare, trailer, TRAILER_BYTES, r->len);
	if (code == SQLITE_OK)
		code = r->spare->pMethods->xSync(r->spare, SQLITE_SYNC_FULL);
	return spare_close(r, code);
}

/* Is the copy whole, and of this WAL?  Then r->offset and r->len are its. */
static int spare_read(struct renewal *r, bool *whole)
{
	uint8_t trailer[TRAILER_BYTES], expected[TRAILER_BYTES];
	sqlite3_int64 size = 0;
	uint64_t sum = 0;
	int code = r->spare->pMethods->xFileSize(r->spare, &size);

	*whole = false;
	if (code != SQLITE_OK || size <= TRAILER_BYTES)
		return code;
	r->len = size - TRAILER_BYTES;
	code = r->spare->pMethods->xRead(r->spare, trailer, TRAILER_BYTES, r->len);
	memcpy(&r->offset, trailer + 32, 8);
	if (code == SQLITE_OK)
		code = bytes_copy(r, r->spare, 0, NULL, 0, &sum);
	trailer_put(r, sum, expected);
	*whole = code == SQLITE_OK && memcmp(trailer, expected, TRAILER_BYTES) == 0;
	return code;
}

/* A copy that is there: over the WAL with it if it is whole, and away. */
static int spare_use(struct renewal *r, bool *used)
{
	uint64_t sum;
	int there = 0;
	int code = r->vfs->xAccess(r->vfs, r->spare_path, SQLITE_ACCESS_EXISTS, &there);

	*used = false;
	if (code != SQLITE_OK || !there)
		return code;
	code = spare_open(r, 0);
	if (code == SQLITE_OK)
		code = spare_read(r, used);
	if (code == SQLITE_OK && *used)
		code = bytes_copy(r, r->spare, 0, r->wal, r->offset, &sum);
	if (code == SQLITE_OK && *used)
		code = r->wal->pMethods->xSync(r->wal, SQLITE_SYNC_FULL);
	code = spare_close(r, code);
	return code == SQLITE_OK ? r->vfs->xDelete(r->vfs, r->spare_path, 1) : code;
}

/* ---- Both ---- */

static int wal_renew(struct renewal *r, bool *again)
{
	sqlite3_int64 size = 0;
	bool used;
	int code = r->wal->pMethods->xFileSize(r->wal, &size);

	if (code == SQLITE_OK && size > HEAD_BYTES)
		code = r->wal->pMethods->xRead(r->wal, r->head, HEAD_BYTES, 0);
	if (code == SQLITE_OK)
		code = spare_use(r, again); /* of a renewal that was cut short */
	if (code != SQLITE_OK || *again || size <= HEAD_BYTES)
		return code;
	code = tail_find(r, size);
	if (code != SQLITE_OK || r->len == 0)
		return code;
	code = spare_write(r);
	if (code == SQLITE_FULL) /* better one that opens: it takes a third fault to harm it */
		return r->vfs->xDelete(r->vfs, r->spare_path, 0);
	return code == SQLITE_OK ? spare_use(r, &used) : code;
}

static int renewal_make(struct renewal *r, sqlite3 *handle)
{
	int code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &r->wal);

	if (code == SQLITE_OK)
		code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_VFS_POINTER, &r->vfs);
	if (code != SQLITE_OK || !r->wal || !r->wal->pMethods)
		return code;
	const char *path = sqlite3_db_filename(handle, "main");
	size_t path_bytes = strlen(path) + sizeof(SUFFIX);
	r->spare_path = malloc(path_bytes);
	r->spare = malloc((size_t)r->vfs->szOsFile);
	r->chunk = malloc(CHUNK_BYTES);
	if (!r->spare_path || !r->spare || !r->chunk)
		return SQLITE_NOMEM;
	snprintf(r->spare_path, path_bytes, "%s" SUFFIX, path);
	return SQLITE_OK;
}

int bh_store_renew(struct bh_local *local, bool *again)
{
	struct renewal r = {0};
	int code = renewal_make(&r, local->db);

	*again = false;
	if (code == SQLITE_OK && r.chunk)
		code = wal_renew(&r, again);
	free(r.chunk);
	free(r.spare);
	free(r.spare_path);
	return code == SQLITE_OK ? 0 : bh_store_fault(local, code);
}
