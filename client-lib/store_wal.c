/* A sync that failed may have been forgotten by the kernel: what was written can still be read, no
 * later sync saves it, and the next power cut takes it (faults.md fact 2).  A WAL of which only the
 * first commits would survive is worse than none: SQLite would put their pages over the newer ones
 * that a checkpoint has moved into the file.  So before that its bytes are written over themselves,
 * and synced.
 *
 *   | head |  ──▶ sync ──▶  | commit 1 | commit 2 | ... |  ──▶ sync
 *
 * What was durable does not change, whatever becomes of the writes; and with the head first, frames
 * of this WAL never stand behind the head of the one before it, in the midst of its frames. */
#include "client-lib/store.h"

#include <stdlib.h>

#define HEAD_BYTES 32
#define CHUNK_BYTES 65536

static int write_over(sqlite3_file *wal, uint8_t *chunk, sqlite3_int64 from, sqlite3_int64 upto)
{
	int code = SQLITE_OK;

	for (sqlite3_int64 at = from; at < upto && code == SQLITE_OK; at += CHUNK_BYTES) {
		int len = upto - at < CHUNK_BYTES ? (int)(upto - at) : CHUNK_BYTES;
		code = wal->pMethods->xRead(wal, chunk, len, at);
		if (code == SQLITE_OK)
			code = wal->pMethods->xWrite(wal, chunk, len, at);
	}
	return code == SQLITE_OK ? wal->pMethods->xSync(wal, SQLITE_SYNC_FULL) : code;
}

int bh_store_renew(struct bh_local *local)
{
	sqlite3_file *wal = NULL;
	sqlite3_int64 size = 0;
	int code = sqlite3_file_control(local->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);

	if (code == SQLITE_OK && wal && wal->pMethods)
		code = wal->pMethods->xFileSize(wal, &size);
	if (code != SQLITE_OK || size == 0)
		return code == SQLITE_OK ? 0 : bh_store_fault(local, code);
	uint8_t *chunk = malloc(CHUNK_BYTES);
	sqlite3_int64 head = size < HEAD_BYTES ? size : HEAD_BYTES;

	code = chunk ? write_over(wal, chunk, 0, head) : SQLITE_NOMEM;
	if (code == SQLITE_OK && size > head)
		code = write_over(wal, chunk, head, size);
	free(chunk);
	return code == SQLITE_OK ? 0 : bh_store_fault(local, code);
}
