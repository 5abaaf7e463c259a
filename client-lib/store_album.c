/* The photos of a case as an application shows them: own ones by the ops that brought them, others'
 * by the case's record, each once. */
#include <string.h>

#include "client-lib/local_photo.h"
#include "client-lib/store_file.h"

struct album {
	struct bh_photo_row *rows;
	size_t max;
	size_t count;
};

static int album_own(struct bh_local *local, struct bh_case_key key, struct album *album)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_PHOTOS);
	int rc = BH_ERR_NOT_FOUND;

	bh_bind_int(row, 1, key.op);
	bh_bind_int(row, 2, (int64_t)key.number);
	while (album->count < album->max && (rc = bh_store_row(local, row)) == 0) {
		struct bh_photo_row *photo = &album->rows[album->count++];

		*photo = (struct bh_photo_row){.size = (uint32_t)sqlite3_column_int64(row, 2),
			.kind = (uint32_t)sqlite3_column_int64(row, 3),
			.verb = (uint32_t)sqlite3_column_int64(row, 6),
			.cycle = (uint32_t)sqlite3_column_int64(row, 7),
			.own = true,
			.here = sqlite3_column_int(row, 5) == 1,
			.fate = (enum bh_blob_fate)sqlite3_column_int(row, 4)};
		rc = bh_column_bytes(row, 1, photo->hash, sizeof(photo->hash));
		if (rc != 0)
			break;
	}
	if (row)
		sqlite3_reset(row);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

static bool album_has(const struct album *album, struct bh_span hash)
{
	for (size_t i = 0; i < album->count; i++)
		if (bh_span_equal(hash, bh_span(album->rows[i].hash, BH_HASH_BYTES)))
			return true;
	return false;
}

static int album_told(
	struct bh_local *local, const struct bh_msg_record_blob *blob, struct album *album)
{
	struct bh_photo_row *photo = &album->rows[album->count];
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_FETCH);

	*photo = (struct bh_photo_row){.size = blob->size,
		.kind = blob->kind,
		.verb = blob->verb,
		.cycle = blob->cycle,
		.stored = blob->stored};
	memcpy(photo->hash, blob->hash.data, sizeof(photo->hash));
	bh_bind_blob(row, 1, blob->hash);
	int rc = bh_store_row(local, row);

	if (rc == 0) {
		photo->fetch = (enum bh_fetch_fate)sqlite3_column_int(row, 0);
		photo->here = photo->fetch == BH_FETCH_HERE;
		sqlite3_reset(row);
	}
	album->count++;
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

int bh_local_photos(struct bh_local *local, const struct bh_case_row *row, struct bh_photo_row *out,
	size_t max, size_t *count)
{
	struct album album = {out, max, 0};
	int rc = bh_store_ready(local);

	if (rc == 0)
		rc = album_own(local, row->key, &album);
	for (size_t i = 0; rc == 0 && row->known && i < row->record.blobs_count; i++)
		if (album.count < max && !album_has(&album, row->record.blobs[i].hash))
			rc = album_told(local, &row->record.blobs[i], &album);
	if (rc == 0)
		*count = album.count;
	return rc;
}

static int photo_of(struct bh_local *local, enum bh_sql which, enum bh_file_kind kind,
	const uint8_t hash[BH_HASH_BYTES], struct bh_buf *out)
{
	sqlite3_stmt *row = bh_store_sql(local, which);
	size_t before = out->len;

	bh_bind_blob(row, 1, bh_span(hash, BH_HASH_BYTES));
	int rc = bh_store_row(local, row);

	if (rc != 0)
		return rc;
	bool own = kind == BH_FILE_OWN;
	uint32_t size = (uint32_t)sqlite3_column_int64(row, own ? 0 : 1);
	bool here = own ? sqlite3_column_int(row, 3) == 1
			: sqlite3_column_int(row, 0) == BH_FETCH_HERE;

	sqlite3_reset(row);
	rc = here ? bh_file_bytes(local, bh_file_name(kind, hash), size, out) : BH_ERR_NOT_FOUND;
	if (rc != 0)
		return rc;
	const struct bh_span bytes = bh_span(out->data + before, out->len - before);
	uint8_t found[BH_HASH_BYTES];

	bh_hash_parts(local->hasher, &bytes, 1, found);
	if (memcmp(found, hash, sizeof(found)) == 0)
		return 0;
	out->len = before;
	return BH_ERR_NOT_FOUND;
}

int bh_local_photo_read(
	struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], struct bh_buf *out)
{
	int rc = bh_store_ready(local);

	if (rc == 0)
		rc = photo_of(local, BH_SQL_BLOB, BH_FILE_OWN, hash, out);
	if (rc == BH_ERR_NOT_FOUND)
		rc = photo_of(local, BH_SQL_FETCH, BH_FILE_FETCHED, hash, out);
	return rc;
}
