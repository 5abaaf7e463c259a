/* Recording with photos, and letting them go.
 *
 * A photo's row says that its file is being written before the file exists, and that it is whole in
 * the transaction that records the op.  So whatever dies in between leaves a row that names what to
 * take away: at once when the recording itself sees that it failed, at the next opening when the
 * process or the power went. */
#include <string.h>

#include "client-lib/local_photo.h"
#include "client-lib/store_file.h"

struct draft {
	struct bh_msg_blob blobs[BH_OP_BLOBS_MAX];
	struct bh_span bytes[BH_OP_BLOBS_MAX];
	uint8_t hashes[BH_OP_BLOBS_MAX][BH_HASH_BYTES];
	bool written[BH_OP_BLOBS_MAX]; /* its file is this recording's */
	size_t count;
};

/* ---- What there is to write -------------------------------------------------------------- */

/* False when it is in the draft already: no hash stands twice in an op. */
static bool draft_add(
	struct bh_local *local, struct draft *draft, struct bh_span bytes, enum bh_blob_kind kind)
{
	size_t n = draft->count;
	const struct bh_span hash = bh_span(draft->hashes[n], BH_HASH_BYTES);

	bh_hash_parts(local->hasher, &bytes, 1, draft->hashes[n]);
	for (size_t i = 0; i < n; i++)
		if (bh_span_equal(hash, draft->blobs[i].hash))
			return false;
	draft->blobs[n] = (struct bh_msg_blob){hash, (uint32_t)bytes.len, kind};
	draft->bytes[n] = bytes;
	draft->count++;
	return true;
}

static int draft_take(struct bh_local *local, const struct bh_photo_bytes *photos, size_t count,
	struct draft *draft)
{
	if (count > BH_OP_PHOTOS_MAX)
		return BH_ERR_LIMIT;
	for (size_t i = 0; i < count; i++) {
		const struct bh_photo_bytes *photo = &photos[i];

		if (photo->photo.len == 0 || photo->photo.len > BH_BLOB_BYTES_MAX ||
			photo->thumbnail.len > BH_THUMBNAIL_BYTES_MAX)
			return BH_ERR_LIMIT;
		/* A thumbnail stands behind its photo, or nowhere. */
		if (draft_add(local, draft, photo->photo,
			    photo->after ? BH_BLOB_AFTER : BH_BLOB_PHOTO) &&
			photo->thumbnail.len > 0)
			(void)draft_add(local, draft, photo->thumbnail, BH_BLOB_THUMBNAIL);
	}
	return 0;
}

/* ---- Files ------------------------------------------------------------------------------- */

/* Notes which files this recording will write: all that are not here yet. */
static int draft_begin(struct bh_local *local, struct draft *draft, struct bh_now now)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < draft->count; i++) {
		sqlite3_stmt *begin = bh_store_sql(local, BH_SQL_BLOB_BEGIN);

		bh_bind_blob(begin, 1, draft->blobs[i].hash);
		bh_bind_int(begin, 2, draft->blobs[i].size);
		bh_bind_int(begin, 3, draft->blobs[i].kind);
		bh_bind_int(begin, 4, now.wall_ms);
		rc = bh_store_row(local, begin);
		draft->written[i] = rc == 0;
		if (rc == 0)
			rc = bh_store_run(local, begin);
		else if (rc == BH_ERR_NOT_FOUND)
			rc = 0;
	}
	return rc;
}

/* One that is said to be here may have been taken away by somebody else. */
static bool file_is_there(struct bh_local *local, const struct draft *draft, size_t i)
{
	uint64_t size = 0;

	return !draft->written[i] &&
	       bh_file_size(local, bh_file_name(BH_FILE_OWN, draft->hashes[i]), &size) == 0 &&
	       size == draft->blobs[i].size;
}

static int draft_write(struct bh_local *local, const struct draft *draft)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < draft->count; i++)
		if (!file_is_there(local, draft, i))
			rc = bh_file_write(local, bh_file_name(BH_FILE_OWN, draft->hashes[i]),
				draft->bytes[i]);
	return rc;
}

/* A few statements about one photo, together and durably. */
static int blob_do(
	struct bh_local *local, const enum bh_sql *steps, size_t count, const uint8_t *hash)
{
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		sqlite3_stmt *step = bh_store_sql(local, steps[i]);

		bh_bind_blob(step, 1, bh_span(hash, BH_HASH_BYTES));
		rc = bh_store_run(local, step);
	}
	return bh_store_end(local, rc);
}

/* The file first: the row is what remembers it. */
static int half_drop(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES])
{
	static const enum bh_sql steps[] = {BH_SQL_BLOB_UNDO, BH_SQL_BLOB_FREED};
	int rc = bh_file_drop(local, bh_file_name(BH_FILE_OWN, hash));

	return rc == 0 ? blob_do(local, steps, 2, hash) : rc;
}

static void draft_undo(struct bh_local *local, const struct draft *draft)
{
	int code = local->last_code;

	/* All files, also where a row cannot be changed any more: a full disk needs the room. */
	for (size_t i = 0; i < draft->count; i++)
		if (draft->written[i] && half_drop(local, draft->hashes[i]) != 0)
			(void)bh_file_drop(local, bh_file_name(BH_FILE_OWN, draft->hashes[i]));
	local->last_code = code;
}

void bh_store_photos_sweep(struct bh_local *local)
{
	uint8_t hash[BH_HASH_BYTES];
	int rc = 0;

	while (rc == 0) {
		sqlite3_stmt *half = bh_store_sql(local, BH_SQL_BLOB_HALF);

		rc = bh_store_row(local, half);
		if (rc != 0)
			break;
		rc = bh_column_bytes(half, 0, hash, sizeof(hash));
		sqlite3_reset(half);
		if (rc == 0)
			rc = half_drop(local, hash);
	}
}

/* ---- Recording --------------------------------------------------------------------------- */

/* Before anything is written: whoever may not record must not fill the disk. */
static int recorder_check(struct bh_local *local)
{
	struct bh_device device;
	int rc = bh_local_device(local, &device);

	return rc == 0 && device.enrolled != BH_ENROL_YES ? BH_ERR_AUTH : rc;
}

static int draft_record(struct bh_local *local, const struct draft *draft,
	const struct bh_msg_op_header *header, const struct bh_msg_op_content *content,
	struct bh_now now, struct bh_op_ref *out)
{
	struct bh_msg_op_header mine = *header;
	int rc = 0;

	mine.blobs = draft->blobs;
	mine.blobs_count = draft->count;
	for (size_t i = 0; rc == 0 && i < draft->count; i++) {
		sqlite3_stmt *whole = bh_store_sql(local, BH_SQL_BLOB_WHOLE);

		bh_bind_blob(whole, 1, draft->blobs[i].hash);
		rc = bh_store_run(local, whole);
	}
	return rc == 0 ? bh_store_record(local, &mine, content, now, out) : rc;
}

/* The rows, then the files. */
static int draft_prepare(struct bh_local *local, struct draft *draft, struct bh_now now)
{
	int rc = bh_store_begin(local);

	if (rc == 0)
		rc = bh_store_end(local, draft_begin(local, draft, now));
	/* Whatever became of those rows, nothing was recorded. */
	if (rc == BH_ERR_UNKNOWN)
		return bh_store_fault(local, local->last_code);
	return rc == 0 ? draft_write(local, draft) : rc;
}

int bh_local_record_photos(struct bh_local *local, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content, const struct bh_photo_bytes *photos, size_t count,
	struct bh_now now, struct bh_op_ref *out)
{
	struct draft draft = {.count = 0};
	struct bh_op_ref ref;
	int rc = count > 0 ? recorder_check(local) : 0;

	if (count == 0)
		return bh_local_record(local, header, content, now, out);
	if (rc == 0)
		rc = draft_take(local, photos, count, &draft);
	if (rc == 0)
		rc = draft_prepare(local, &draft, now);
	if (rc == 0)
		rc = bh_store_begin(local);
	if (rc == 0)
		rc = bh_store_end(local, draft_record(local, &draft, header, content, now, &ref));
	if (rc == BH_ERR_UNKNOWN)
		rc = bh_store_resolve(local, &ref);
	/* Of an op that is perhaps there the photos stay. */
	if (rc != 0 && rc != BH_ERR_UNKNOWN)
		draft_undo(local, &draft);
	if (rc == 0)
		*out = ref;
	return rc;
}

/* ---- Letting go -------------------------------------------------------------------------- */

/* The next COMPLETE photo after *hash that is old enough. */
static int old_next(
	struct bh_local *local, int64_t before_ms, uint8_t hash[BH_HASH_BYTES], uint32_t *size)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_BLOB_OLD);

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

int bh_local_photos_free(struct bh_local *local, int64_t before_ms, uint64_t *bytes)
{
	uint8_t hash[BH_HASH_BYTES] = {0};
	uint32_t size = 0;
	uint64_t freed = 0;
	int rc = bh_store_ready(local);

	while (rc == 0 && (rc = old_next(local, before_ms, hash, &size)) == 0) {
		static const enum bh_sql step = BH_SQL_BLOB_FREE;

		/* The row first: a photo that is said to be here is here. */
		rc = blob_do(local, &step, 1, hash);
		if (rc == 0)
			rc = half_drop(local, hash);
		freed += rc == 0 ? size : 0;
	}
	if (rc == BH_ERR_NOT_FOUND)
		rc = bh_store_fetches_free(local, before_ms, &freed);
	*bytes = freed;
	return rc;
}
