/* The bytes of own photos on their way: which are due, what they are, what became of them.
 *
 * An acknowledgement makes an accepted op's photos due in its own transaction, so that rows alone
 * say what is to be sent.  A file that is missing, short or not what its name says is lost, which
 * is one photo's fate and stops nothing else. */
#include <string.h>

#include "client-lib/local_photo.h"
#include "client-lib/store_file.h"
#include "proto/caseflow.h"
#include "proto/number.h"

int bh_store_blobs_named(struct bh_local *local, int64_t key, const struct bh_msg_op_header *header)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < header->blobs_count; i++) {
		sqlite3_stmt *add = bh_store_sql(local, BH_SQL_PHOTO_ADD);

		bh_bind_int(add, 1, key);
		bh_bind_int(add, 2, (int64_t)i);
		bh_bind_int(add, 3, (int64_t)header->case_number);
		/* A report begins its case's first cycle. */
		bh_bind_int(add, 4, header->cycle != 0 ? header->cycle : 1);
		bh_bind_blob(add, 5, header->blobs[i].hash);
		rc = bh_store_run(local, add);
	}
	return rc;
}

int bh_store_blobs_judged(struct bh_local *local, int64_t log, uint64_t first, uint64_t last)
{
	static const enum bh_sql moves[] = {BH_SQL_BLOB_ACCEPTED, BH_SQL_BLOB_KEPT};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(moves) / sizeof(moves[0]); i++) {
		sqlite3_stmt *move = bh_store_sql(local, moves[i]);

		bh_bind_int(move, 1, bh_op_key(log, first));
		bh_bind_int(move, 2, bh_op_key(log, last));
		rc = bh_store_run(local, move);
	}
	return rc;
}

int bh_store_blobs_again(struct bh_local *local)
{
	return bh_store_run(local, bh_store_sql(local, BH_SQL_BLOB_AGAIN));
}

int bh_local_blob_next(struct bh_local *local, struct bh_blob_due *out)
{
	return bh_local_blob_other(local, NULL, NULL, out);
}

int bh_local_blob_other(
	struct bh_local *local, const uint8_t *one, const uint8_t *other, struct bh_blob_due *out)
{
	struct bh_blob_due due = {0};
	int rc = bh_store_ready(local);

	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_BLOB_NEXT);

	bh_bind_blob(row, 1, bh_span(one, one ? BH_HASH_BYTES : 0));
	bh_bind_blob(row, 2, bh_span(other, other ? BH_HASH_BYTES : 0));
	rc = bh_store_row(local, row);
	if (rc != 0)
		return rc;
	rc = bh_column_bytes(row, 0, due.hash, sizeof(due.hash));
	due.size = (uint32_t)sqlite3_column_int64(row, 1);
	due.kind = (uint32_t)sqlite3_column_int64(row, 2);
	sqlite3_reset(row);
	if (rc == 0)
		*out = due;
	return rc;
}

int bh_local_blob_look(struct bh_local *local, const struct bh_blob_due *blob)
{
	uint64_t size = 0;
	int rc = bh_file_size(local, bh_file_name(BH_FILE_OWN, blob->hash), &size);

	return rc == 0 && size != blob->size ? BH_ERR_NOT_FOUND : rc;
}

int bh_local_blob_read(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], uint32_t offset,
	uint8_t *out, size_t len)
{
	return bh_file_read(local, bh_file_name(BH_FILE_OWN, hash), offset, out, len);
}

/* Of some bytes, and its first len behind them. */
static int blob_hash(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES],
	struct bh_span before, uint32_t len, uint8_t out[BH_HASH_BYTES])
{
	struct bh_buf bytes = BH_BUF(BH_BLOB_BYTES_MAX);
	int rc = bh_file_bytes(local, bh_file_name(BH_FILE_OWN, hash), len, &bytes);

	if (rc == 0) {
		const struct bh_span spans[] = {before, bh_buf_span(&bytes)};

		bh_hash_parts(local->hasher, spans, 2, out);
	}
	bh_buf_free(&bytes);
	return rc;
}

int bh_local_blob_hash(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], uint32_t len,
	uint8_t out[BH_HASH_BYTES])
{
	return blob_hash(local, hash, bh_span(NULL, 0), len, out);
}

int bh_local_blob_proof(struct bh_local *local, const struct bh_blob_due *blob,
	struct bh_span before, uint8_t out[BH_HASH_BYTES])
{
	return blob_hash(local, blob->hash, before, blob->size, out);
}

/* ---- Fates ------------------------------------------------------------------------------- */

int bh_store_blob_case(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], uint64_t *number)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_BLOB_CASE);

	bh_bind_blob(row, 1, bh_span(hash, BH_HASH_BYTES));
	int rc = bh_store_row(local, row);

	if (rc != 0)
		return rc == BH_ERR_NOT_FOUND ? 0 : rc;
	uint64_t told = (uint64_t)sqlite3_column_int64(row, 3);
	uint32_t log_short = (uint32_t)sqlite3_column_int64(row, 4);

	*number = (uint64_t)sqlite3_column_int64(row, 2);
	if (sqlite3_column_int(row, 1) == BH_VERB_SUBMIT)
		*number = told != 0 || log_short == 0
				  ? told
				  : bh_case_number(log_short,
					    (uint32_t)(sqlite3_column_int64(row, 0) & BH_SEQ_MAX));
	sqlite3_reset(row);
	return 0;
}

static int blob_fate(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES],
	enum bh_blob_fate fate, uint64_t *number)
{
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_BLOB_STATE);

	bh_bind_blob(set, 1, bh_span(hash, BH_HASH_BYTES));
	bh_bind_int(set, 2, fate);
	int rc = bh_store_run(local, set);

	return rc == 0 ? bh_store_blob_case(local, hash, number) : rc;
}

int bh_local_blob_fate(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES],
	enum bh_blob_fate fate, struct bh_changes *changes)
{
	uint64_t number = 0;
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	rc = bh_store_end(local, blob_fate(local, hash, fate, &number));
	if (rc != 0)
		return rc;
	bh_changes_add(changes,
		(struct bh_change){
			.kind = BH_CHANGE_PHOTO, .number = number, .verdict = (uint32_t)fate});
	bh_changes_add(changes, (struct bh_change){.kind = BH_CHANGE_STATUS});
	return 0;
}

int bh_local_blob_fate_of(
	struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], enum bh_blob_fate *out)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_BLOB);

	bh_bind_blob(row, 1, bh_span(hash, BH_HASH_BYTES));
	int rc = bh_store_row(local, row);

	if (rc != 0)
		return rc;
	*out = (enum bh_blob_fate)sqlite3_column_int64(row, 2);
	sqlite3_reset(row);
	return 0;
}

int bh_local_blob_wanted(
	struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], struct bh_changes *changes)
{
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_BLOB_WANTED);
	uint64_t number = 0;
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	bh_bind_blob(set, 1, bh_span(hash, BH_HASH_BYTES));
	rc = bh_store_run(local, set);
	if (rc == 0 && sqlite3_changes(local->db) == 0)
		rc = BH_ERR_NOT_FOUND;
	if (rc == 0)
		rc = bh_store_blob_case(local, hash, &number);
	rc = bh_store_end(local, rc);
	if (rc != 0)
		return rc;
	bh_changes_add(changes,
		(struct bh_change){
			.kind = BH_CHANGE_PHOTO, .number = number, .verdict = BH_FATE_DUE});
	bh_changes_add(changes, (struct bh_change){.kind = BH_CHANGE_STATUS});
	return 0;
}

int bh_local_blobs_unsent(struct bh_local *local, struct bh_unsent *out)
{
	int rc = bh_store_ready(local);

	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_BLOB_UNSENT);

	rc = bh_store_row(local, row);
	if (rc != 0)
		return rc;
	*out = (struct bh_unsent){(uint64_t)sqlite3_column_int64(row, 0),
		(uint64_t)sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 2)};
	sqlite3_reset(row);
	return 0;
}
