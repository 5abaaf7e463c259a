/* A sync that failed may have been forgotten by the kernel: what was written can still be read, no
 * later sync saves it, and the next power cut takes it (faults.md fact 2).  A WAL of which only the
 * first commits would survive is worse than none: SQLite would put their pages over the newer ones
 * that a checkpoint has moved into the file.  So before that, what may be forgotten, the WAL's last
 * commit, is written over itself and synced, part by part.
 *
 *   | head | commit 1 | ... | commit n-1 | part | part | part |
 *                                           `- a copy aside, synced ──▶ over itself, synced ──▶
 * next
 *
 * A sector may be noise when the power goes while it is written, and commit n may have been
 * answered for long: hence the copy.  A whole one that is found says that its part may be noise by
 * now.  The copy's file keeps its room for ever: the day it is needed is the day the disk is full.
 */
#include "proto/disk/wal_renew.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_BYTES 32
#define FRAME_HEAD_BYTES 24
#define PART_BYTES 65536
#define LABEL_BYTES 64
#define SPARE_BYTES (PART_BYTES + LABEL_BYTES)
#define SUFFIX "-renew"

/* [offset, offset + len) of the WAL is the last whole commit. */
struct renewal {
	sqlite3_vfs *vfs;
	sqlite3_file *wal;
	sqlite3_file *spare;
	char *spare_path;
	uint8_t *part; /* PART_BYTES */
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
		page < 512 || page > PART_BYTES)
		return SQLITE_OK; /* SQLite takes nothing of it either */
	for (sqlite3_int64 at = HEAD_BYTES; at + FRAME_HEAD_BYTES + page <= size;
		at += FRAME_HEAD_BYTES + page) {
		code = r->wal->pMethods->xRead(r->wal, frame, FRAME_HEAD_BYTES, at);
		if (code == SQLITE_OK)
			code = r->wal->pMethods->xRead(
				r->wal, r->part, (int)page, at + FRAME_HEAD_BYTES);
		if (code != SQLITE_OK || memcmp(frame + 8, r->head + 16, 8) != 0)
			break;
		sum_add(sum, frame, 8, big);
		sum_add(sum, r->part, page, big);
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

/* ---- The copy: a label, by which a whole one is known, and a part behind it ---- */

#define FNV1A_START UINT64_C(0xcbf29ce484222325)

static uint64_t fnv1a(uint64_t sum, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ data[i]) * UINT64_C(0x100000001b3);
	return sum;
}

/* Read on the machine that wrote it.  The sum covers the label too: a write that was cut short
 * leaves one that is half this and half another, and its part belongs nowhere. */
static void label_make(
	const struct renewal *r, sqlite3_int64 offset, int len, uint8_t label[LABEL_BYTES])
{
	uint64_t sum = FNV1A_START;

	memset(label, 0, LABEL_BYTES);
	memcpy(label, r->head, HEAD_BYTES);
	memcpy(label + 32, &offset, 8);
	memcpy(label + 40, &len, sizeof(len));
	memcpy(label + 56, "bhrenew3", 8);
	sum = fnv1a(sum, label, LABEL_BYTES);
	sum = fnv1a(sum, r->part, (size_t)len);
	memcpy(label + 48, &sum, 8);
}

static int spare_write(struct renewal *r, const uint8_t label[LABEL_BYTES], int len)
{
	const sqlite3_io_methods *file = r->spare->pMethods;
	int code = file->xWrite(r->spare, label, LABEL_BYTES, 0);

	if (code == SQLITE_OK && len > 0)
		code = file->xWrite(r->spare, r->part, len, LABEL_BYTES);
	return code == SQLITE_OK ? file->xSync(r->spare, SQLITE_SYNC_FULL) : code;
}

/* From now on a copy that a power cut brings back is none. */
static int spare_void(struct renewal *r)
{
	static const uint8_t nothing[LABEL_BYTES];

	return spare_write(r, nothing, 0);
}

/* Opened, and all of its room taken. */
static int spare_open(struct renewal *r)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_JOURNAL;
	static const uint8_t nothing[LABEL_BYTES];
	sqlite3_int64 size = 0;

	r->spare->pMethods = NULL;
	int code = r->vfs->xOpen(r->vfs, r->spare_path, r->spare, flags, &flags);
	if (code == SQLITE_OK)
		code = r->spare->pMethods->xFileSize(r->spare, &size);
	if (code != SQLITE_OK || size >= SPARE_BYTES)
		return code;
	memset(r->part, 0, PART_BYTES);
	return spare_write(r, nothing, PART_BYTES);
}

/* The part that the copy holds over the WAL, if it is a whole one of this WAL. */
static int spare_use(struct renewal *r, bool *used)
{
	uint8_t label[LABEL_BYTES], expected[LABEL_BYTES];
	sqlite3_int64 offset = 0;
	int len = 0;
	int code = r->spare->pMethods->xRead(r->spare, label, LABEL_BYTES, 0);

	*used = false;
	memcpy(&offset, label + 32, sizeof(offset));
	memcpy(&len, label + 40, sizeof(len));
	if (code != SQLITE_OK || len <= 0 || len > PART_BYTES)
		return code;
	code = r->spare->pMethods->xRead(r->spare, r->part, len, LABEL_BYTES);
	label_make(r, offset, len, expected);
	if (code != SQLITE_OK || memcmp(label, expected, LABEL_BYTES) != 0)
		return code;
	*used = true;
	code = r->wal->pMethods->xWrite(r->wal, r->part, len, offset);
	if (code == SQLITE_OK)
		code = r->wal->pMethods->xSync(r->wal, SQLITE_SYNC_FULL);
	return code == SQLITE_OK ? spare_void(r) : code;
}

/* ---- Both ---- */

static int part_renew(struct renewal *r, sqlite3_int64 offset, int len)
{
	uint8_t label[LABEL_BYTES];
	int code = r->wal->pMethods->xRead(r->wal, r->part, len, offset);

	label_make(r, offset, len, label);
	if (code == SQLITE_OK)
		code = spare_write(r, label, len);
	if (code == SQLITE_OK)
		code = r->wal->pMethods->xWrite(r->wal, r->part, len, offset);
	return code == SQLITE_OK ? r->wal->pMethods->xSync(r->wal, SQLITE_SYNC_FULL) : code;
}

static int tail_renew(struct renewal *r)
{
	int code = SQLITE_OK;

	for (sqlite3_int64 done = 0; done < r->len && code == SQLITE_OK; done += PART_BYTES) {
		sqlite3_int64 left = r->len - done;
		code = part_renew(r, r->offset + done, left < PART_BYTES ? (int)left : PART_BYTES);
	}
	return code == SQLITE_OK ? spare_void(r) : code;
}

static int wal_renew(struct renewal *r, bool *again)
{
	sqlite3_int64 size = 0;
	int code = r->wal->pMethods->xFileSize(r->wal, &size);

	if (code == SQLITE_OK && size > HEAD_BYTES)
		code = r->wal->pMethods->xRead(r->wal, r->head, HEAD_BYTES, 0);
	if (code != SQLITE_OK)
		return code;
	code = spare_open(r);
	if (code == SQLITE_FULL && size <= HEAD_BYTES)
		return SQLITE_OK; /* laid another time */
	if (code == SQLITE_OK && size > HEAD_BYTES)
		code = spare_use(r, again); /* of a renewal that was cut short */
	if (code != SQLITE_OK || *again || size <= HEAD_BYTES)
		return code;
	code = tail_find(r, size);
	return code == SQLITE_OK && r->len > 0 ? tail_renew(r) : code;
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
	r->spare = calloc(1, (size_t)r->vfs->szOsFile);
	r->part = malloc(PART_BYTES);
	if (!r->spare_path || !r->spare || !r->part)
		return SQLITE_NOMEM;
	snprintf(r->spare_path, path_bytes, "%s" SUFFIX, path);
	return SQLITE_OK;
}

/* Closes and frees; code stays at the first failure. */
static int renewal_end(struct renewal *r, int code)
{
	if (r->spare && r->spare->pMethods) {
		int closed = r->spare->pMethods->xClose(r->spare);
		code = code == SQLITE_OK ? closed : code;
	}
	free(r->part);
	free(r->spare);
	free(r->spare_path);
	return code;
}

int bh_wal_renew(sqlite3 *handle, bool *again)
{
	struct renewal r = {0};
	int code = renewal_make(&r, handle);

	*again = false;
	if (code == SQLITE_OK && r.part)
		code = wal_renew(&r, again);
	return renewal_end(&r, code);
}

int bh_wal_renew_blank(sqlite3 *handle)
{
	static const uint8_t nothing[LABEL_BYTES];
	struct renewal r = {0};
	int code = renewal_make(&r, handle);

	if (code == SQLITE_OK && r.part)
		code = spare_open(&r);
	if (code == SQLITE_OK && r.part) {
		memset(r.part, 0, PART_BYTES);
		code = spare_write(&r, nothing, PART_BYTES);
	}
	return renewal_end(&r, code);
}
