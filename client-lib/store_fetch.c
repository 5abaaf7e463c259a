/* Photos of others: told of by records, fetched when wanted, and gone with the record.
 *
 * A partial file is where a download goes on; nothing about it is stored.  Only when all bytes are
 * there, are what their hash says, and are durable, does the row say that the photo is here.  A
 * file that is not what it should be is thrown away, and begun anew. */
#include <string.h>

#include "client-lib/local_photo.h"
#include "client-lib/store_file.h"
#include "proto/caseflow.h"

/* Recorded on this handset, and not let go. */
static int blob_is_here(struct bh_local *local, struct bh_span hash, bool *here)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_BLOB);

	bh_bind_blob(row, 1, hash);
	int rc = bh_store_row(local, row);

	*here = rc == 0 && sqlite3_column_int(row, 3) == 1;
	if (rc == 0)
		sqlite3_reset(row);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

int bh_store_fetches_told(struct bh_local *local, const struct bh_msg_record *record, bool own)
{
	/* Whoever reported it looks at the result; nobody else waits for the pictures of a case
	 * that has ended. */
	bool is_wanted = own || record->state < BH_STATE_CLOSED;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < record->blobs_count; i++) {
		const struct bh_msg_record_blob *blob = &record->blobs[i];
		bool thumbnail = blob->kind == BH_BLOB_THUMBNAIL, is_here = false;

		if (!blob->stored || blob->size == 0 ||
			blob->size > (thumbnail ? BH_THUMBNAIL_BYTES_MAX : BH_BLOB_BYTES_MAX))
			continue;
		rc = blob_is_here(local, blob->hash, &is_here);
		if (rc != 0 || is_here)
			continue;
		sqlite3_stmt *tell = bh_store_sql(local, BH_SQL_FETCH_TELL);

		bh_bind_blob(tell, 1, blob->hash);
		bh_bind_int(tell, 2, (int64_t)record->case_number);
		bh_bind_int(tell, 3, blob->size);
		bh_bind_int(tell, 4, blob->kind);
		bh_bind_int(tell, 5, thumbnail && is_wanted ? BH_FETCH_WANTED : BH_FETCH_OFFERED);
		bh_bind_int(tell, 6, record->received_ms);
		rc = bh_store_run(local, tell);
	}
	return rc;
}

int bh_store_fetches_leave(struct bh_local *local, uint64_t number)
{
	sqlite3_stmt *leave = bh_store_sql(local, BH_SQL_FETCH_LEAVE);

	bh_bind_int(leave, 1, (int64_t)number);
	return bh_store_run(local, leave);
}

/* One statement about one photo; value is its second parameter, if it has one. */
static int fetch_do(struct bh_local *local, enum bh_sql which, const uint8_t hash[BH_HASH_BYTES],
	enum bh_fetch_fate value)
{
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	sqlite3_stmt *step = bh_store_sql(local, which);

	bh_bind_blob(step, 1, bh_span(hash, BH_HASH_BYTES));
	if (which == BH_SQL_FETCH_FATE)
		bh_bind_int(step, 2, value);
	return bh_store_end(local, bh_store_run(local, step));
}

void bh_store_fetches_sweep(struct bh_local *local)
{
	uint8_t hash[BH_HASH_BYTES];
	int rc = 0;

	while (rc == 0) {
		sqlite3_stmt *left = bh_store_sql(local, BH_SQL_FETCH_LEFT);

		rc = bh_store_row(local, left);
		if (rc != 0)
			return;
		rc = bh_column_bytes(left, 0, hash, sizeof(hash));
		sqlite3_reset(left);
		if (rc == 0)
			rc = bh_file_drop(local, bh_file_name(BH_FILE_FETCHED, hash));
		if (rc == 0)
			rc = fetch_do(local, BH_SQL_FETCH_DROP, hash, BH_FETCH_LEFT);
	}
}

static int fetch_old(
	struct bh_local *local, int64_t before_ms, uint8_t hash[BH_HASH_BYTES], uint32_t *size)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_FETCH_OLD);

	bh_bind_int(row, 1, before_ms);
	bh_bind_blob(row, 2, bh_span(hash, BH_HASH_BYTES));
	int rc = bh_store_row(local, row);

	if (rc != 0)
		return rc;
	rc = bh_column_bytes(row, 0, hash, BH_HASH_BYTES);
	*size = (uint32_t)sqlite3_column_int64(row, 1);
	sqlite3_reset(row);
	return rc;
}

int bh_store_fetches_free(struct bh_local *local, int64_t before_ms, uint64_t *bytes)
{
	uint8_t hash[BH_HASH_BYTES] = {0};
	uint32_t size = 0;
	int rc;

	while ((rc = fetch_old(local, before_ms, hash, &size)) == 0) {
		/* The row first; what is then left of the file is as a download cut short. */
		rc = fetch_do(local, BH_SQL_FETCH_FATE, hash, BH_FETCH_OFFERED);
		if (rc == 0)
			rc = bh_file_drop(local, bh_file_name(BH_FILE_FETCHED, hash));
		if (rc != 0)
			return rc;
		*bytes += size;
	}
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

/* ---- Fetching ---------------------------------------------------------------------------- */

static int fetch_next(struct bh_local *local, struct bh_fetch_due *due)
{
	int rc = bh_store_ready(local);

	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_FETCH_NEXT);

	rc = bh_store_row(local, row);
	if (rc != 0)
		return rc;
	rc = bh_column_bytes(row, 0, due->hash, sizeof(due->hash));
	due->size = (uint32_t)sqlite3_column_int64(row, 1);
	due->kind = (uint32_t)sqlite3_column_int64(row, 2);
	sqlite3_reset(row);
	return rc;
}

int bh_local_fetch_any(struct bh_local *local, bool *any)
{
	struct bh_fetch_due due;
	int rc = fetch_next(local, &due);

	*any = rc == 0;
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

int bh_local_fetch_next(struct bh_local *local, struct bh_fetch_due *out)
{
	struct bh_fetch_due due = {0};
	uint64_t held = 0;
	int rc = fetch_next(local, &due);

	if (rc != 0)
		return rc;
	rc = bh_file_size(local, bh_file_name(BH_FILE_FETCHED, due.hash), &held);
	if (rc != 0 && rc != BH_ERR_NOT_FOUND)
		return rc;
	due.held = held <= due.size ? (uint32_t)held : 0;
	/* Of a chunk that is sealed, what a power cut left may not open. */
	if (local->sealer && due.held < due.size)
		due.held -= due.held % BH_FILE_CHUNK_BYTES;
	*out = due;
	return 0;
}

/* What the row of this hash says; BH_ERR_NOT_FOUND, also when it left. */
static int fetch_row(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES],
	enum bh_fetch_fate *fate, uint64_t *number, uint32_t *size)
{
	int rc = bh_store_ready(local);

	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_FETCH);

	bh_bind_blob(row, 1, bh_span(hash, BH_HASH_BYTES));
	rc = bh_store_row(local, row);
	if (rc != 0)
		return rc;
	*fate = (enum bh_fetch_fate)sqlite3_column_int(row, 0);
	*size = (uint32_t)sqlite3_column_int64(row, 1);
	*number = (uint64_t)sqlite3_column_int64(row, 3);
	sqlite3_reset(row);
	return *fate == BH_FETCH_LEFT ? BH_ERR_NOT_FOUND : 0;
}

int bh_local_fetch_want(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES])
{
	enum bh_fetch_fate fate;
	uint64_t number, held = 0;
	uint32_t size;
	int rc = fetch_row(local, hash, &fate, &number, &size);

	if (rc != 0)
		return rc;
	if (fate == BH_FETCH_HERE) {
		rc = bh_file_size(local, bh_file_name(BH_FILE_FETCHED, hash), &held);
		if (rc == 0 && held == size)
			return BH_ERR_EXISTS;
		/* Taken away by somebody else: fetched anew. */
		return fetch_do(local, BH_SQL_FETCH_FATE, hash, BH_FETCH_WANTED);
	}
	return fetch_do(local, BH_SQL_FETCH_WANT, hash, BH_FETCH_WANTED);
}

int bh_local_fetch_put(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], uint32_t offset,
	struct bh_span bytes)
{
	return bh_file_put(local, bh_file_name(BH_FILE_FETCHED, hash), offset, bytes);
}

/* Its bytes are its hash's, and durable.  What was there before the download went on is written
 * again: a sync that failed then may have left it where it is read and nowhere else, and no later
 * sync would know of it. */
static int fetch_settle(
	struct bh_local *local, const struct bh_fetch_due *fetch, struct bh_file_name name)
{
	struct bh_buf bytes = BH_BUF(BH_BLOB_BYTES_MAX);
	uint8_t hash[BH_HASH_BYTES];
	int rc = bh_file_bytes(local, name, fetch->size, &bytes);

	if (rc == 0) {
		const struct bh_span span = bh_buf_span(&bytes);

		bh_hash_parts(local->hasher, &span, 1, hash);
		if (memcmp(hash, fetch->hash, sizeof(hash)) != 0)
			rc = BH_ERR_NOT_FOUND;
	}
	if (rc == 0)
		rc = fetch->held > 0 ? bh_file_write(local, name, bh_buf_span(&bytes))
				     : bh_file_sync(local, name, fetch->size);
	bh_buf_free(&bytes);
	return rc;
}

static int fetch_fate(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES],
	enum bh_fetch_fate to, struct bh_changes *changes)
{
	enum bh_fetch_fate fate;
	uint64_t number = 0;
	uint32_t size;
	int rc = fetch_do(local, BH_SQL_FETCH_FATE, hash, to);

	if (rc == 0)
		rc = fetch_row(local, hash, &fate, &number, &size);
	if (rc != 0)
		return rc == BH_ERR_NOT_FOUND ? 0 : rc;
	bh_changes_add(changes, (struct bh_change){.kind = BH_CHANGE_PHOTO,
					.number = number,
					.verdict = BH_FETCH_FATES_AT + (uint32_t)to});
	return 0;
}

int bh_local_fetch_end(
	struct bh_local *local, const struct bh_fetch_due *fetch, struct bh_changes *changes)
{
	const struct bh_file_name name = bh_file_name(BH_FILE_FETCHED, fetch->hash);
	int rc = fetch_settle(local, fetch, name);

	if (rc == BH_ERR_NOT_FOUND) {
		rc = bh_file_drop(local, name);
		return rc == 0 ? BH_ERR_MALFORMED : rc;
	}
	return rc == 0 ? fetch_fate(local, fetch->hash, BH_FETCH_HERE, changes) : rc;
}

int bh_local_fetch_gone(
	struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], struct bh_changes *changes)
{
	return fetch_fate(local, hash, BH_FETCH_GONE, changes);
}
