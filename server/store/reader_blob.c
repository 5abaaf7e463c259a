/* What the journal says of photos, for who may send them, see them or show them. */
#include "proto/err.h"
#include "server/store/blob.h"
#include "server/store/reader.h"

static sqlite3_stmt *about(struct bh_store_reader *reader, enum bh_sql sql, const uint8_t *hash)
{
	sqlite3_stmt *s = bh_sql(&reader->db, sql);

	bh_bind_span(s, 1, bh_span(hash, BH_HASH_BYTES));
	return s;
}

int bh_reader_blob_named(struct bh_store_reader *reader, const uint8_t hash[BH_HASH_BYTES],
	uint32_t size, uint32_t person, enum bh_blob_right *out)
{
	sqlite3_stmt *s = about(reader, BH_SQL_BLOB_NAMED, hash);
	bool row = false;

	bh_bind(s, 2, size);
	bh_bind(s, 3, person);
	int err = bh_row_next(s, &row);
	if (err)
		return err;
	*out = BH_BLOB_NOT_NAMED;
	if (row && sqlite3_column_type(s, 0) != SQLITE_NULL && bh_column(s, 0) != 0)
		*out = BH_BLOB_ARRIVED;
	else if (row && sqlite3_column_type(s, 0) != SQLITE_NULL)
		*out = bh_column(s, 1) != 0 ? BH_BLOB_SHOWN : BH_BLOB_AWAITED;
	bh_row_end(s);
	return BH_NOERR;
}

int bh_reader_blob_here(
	struct bh_store_reader *reader, const uint8_t hash[BH_HASH_BYTES], uint32_t *size)
{
	sqlite3_stmt *s = about(reader, BH_SQL_BLOB_HERE, hash);
	bool row = false;
	int err = bh_row_next(s, &row);

	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	*size = bh_column_u32(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}

uint64_t bh_reader_blob_steps(struct bh_store_reader *reader)
{
	static const enum bh_sql offered[] = {BH_SQL_BLOB_NAMED, BH_SQL_BLOB_HERE};
	uint64_t steps = 0;

	for (size_t i = 0; i < sizeof(offered) / sizeof(offered[0]); i++) {
		sqlite3_stmt *s = bh_sql(&reader->db, offered[i]);
		if (s)
			steps += (uint64_t)sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 1);
	}
	return steps;
}

int bh_reader_blob_awaited(struct bh_store_reader *reader, const uint8_t hash[BH_HASH_BYTES],
	uint32_t size, uint32_t person, uint64_t *numbers, size_t max, size_t *count)
{
	sqlite3_stmt *s = about(reader, BH_SQL_BLOB_WAITING, hash);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 2, size);
	bh_bind(s, 3, (int64_t)max);
	bh_bind(s, 4, person);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		numbers[found++] = (uint64_t)bh_column(s, 0);
		err = bh_row_next(s, &row);
	}
	if (!err)
		*count = found;
	return err;
}

int bh_reader_blob_seen(struct bh_store_reader *reader, const uint8_t hash[BH_HASH_BYTES],
	struct bh_blob_sight *sights, size_t max, size_t *count)
{
	sqlite3_stmt *s = about(reader, BH_SQL_BLOB_SEEN, hash);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 2, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		sights[found++] = (struct bh_blob_sight){
			.case_number = (uint64_t)bh_column(s, 0),
			.size = bh_column_u32(s, 1),
			.person = bh_column_u32(s, 2),
		};
		err = bh_row_next(s, &row);
	}
	if (!err)
		*count = found;
	return err;
}

static int row_read(sqlite3_stmt *s, struct bh_blob_row *out)
{
	*out = (struct bh_blob_row){
		.size = bh_column_u32(s, 1),
		.kind = bh_column_u32(s, 2),
		.verb = bh_column_u32(s, 3),
		.cycle = bh_column_u32(s, 4),
		.stored = bh_column(s, 5) != 0,
		.person = bh_column_u32(s, 6),
	};
	return bh_column_exact(s, 0, out->hash, BH_HASH_BYTES);
}

/* The statement gives the newest first, so that of too many the oldest stay away. */
static void rows_turn(struct bh_blob_row *rows, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		struct bh_blob_row kept = rows[i];
		rows[i] = rows[count - 1 - i];
		rows[count - 1 - i] = kept;
	}
}

static int rows_read(
	sqlite3_stmt *s, uint64_t number, struct bh_blob_row *rows, size_t max, size_t *count)
{
	size_t found = 0;
	bool row = false;

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		err = row_read(s, &rows[found++]);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (err)
		return err;
	rows_turn(rows, found);
	*count = found;
	return BH_NOERR;
}

int bh_reader_case_photos(struct bh_store_reader *reader, uint64_t number, struct bh_blob_row *rows,
	size_t max, size_t *count)
{
	return rows_read(bh_sql(&reader->db, BH_SQL_PHOTO_OF_CASE), number, rows, max, count);
}

int bh_reader_case_blobs(struct bh_store_reader *reader, uint64_t number, struct bh_blob_row *rows,
	size_t max, size_t *count)
{
	return rows_read(bh_sql(&reader->db, BH_SQL_BLOB_OF_CASE), number, rows, max, count);
}

/* Places are the rows' ids without their range's beginning: from one on, up to another. */
static int lost_read(struct bh_store_reader *reader, uint32_t person, int64_t from, int64_t upto,
	uint32_t *place, uint8_t hashes[][BH_HASH_BYTES], size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_LOST_OF);
	bool row = false;

	bh_bind(s, 1, BH_LOST_ROWS + from);
	bh_bind(s, 2, BH_LOST_ROWS + upto);
	bh_bind(s, 3, person);
	bh_bind(s, 4, (int64_t)(max - *count));
	int err = bh_row_next(s, &row);
	while (!err && row) {
		err = bh_column_exact(s, 0, hashes[*count], BH_HASH_BYTES);
		*place = (uint32_t)(bh_column(s, 1) - BH_LOST_ROWS);
		++*count;
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

int bh_reader_photos_lost(struct bh_store_reader *reader, uint32_t person, uint32_t *place,
	uint8_t hashes[][BH_HASH_BYTES], size_t max, size_t *count)
{
	uint32_t behind = *place, last = *place;
	size_t found = 0;
	int err = lost_read(
		reader, person, (int64_t)behind + 1, UINT32_MAX, &last, hashes, max, &found);

	if (!err)
		err = lost_read(reader, person, 0, behind, &last, hashes, max, &found);
	if (err)
		return err;
	*place = last;
	*count = found;
	return BH_NOERR;
}

int bh_reader_uploads_old(struct bh_store_reader *reader, int64_t before_ms,
	uint8_t hashes[][BH_HASH_BYTES], size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_UPLOAD_OLD);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 1, before_ms);
	bh_bind(s, 2, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		err = bh_column_exact(s, 0, hashes[found++], BH_HASH_BYTES);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (!err)
		*count = found;
	return err;
}

int bh_reader_upload_given_up(
	struct bh_store_reader *reader, const uint8_t hash[BH_HASH_BYTES], bool *given_up)
{
	sqlite3_stmt *s = about(reader, BH_SQL_UPLOAD_OF, hash);
	bool row = false;
	int err = bh_row_next(s, &row);

	*given_up = !err && row && bh_column(s, 2) == 0;
	if (!err && row)
		bh_row_end(s);
	return err;
}

int bh_reader_blobs_stored(struct bh_store_reader *reader, const uint8_t after[BH_HASH_BYTES],
	struct bh_blob_stored *rows, size_t max, size_t *count)
{
	sqlite3_stmt *s = about(reader, BH_SQL_BLOB_AFTER, after);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 2, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		err = bh_column_exact(s, 0, rows[found].hash, BH_HASH_BYTES);
		rows[found++].size = bh_column_u32(s, 1);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (!err)
		*count = found;
	return err;
}
