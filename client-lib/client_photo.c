/* Photos of the public API: taken from the host and made ready, shown, read, fetched, let go.
 *
 * What is slow (reading a file, taking metadata out, making a thumbnail) is done before the lock is
 * taken. */
#include "client-lib/client_photo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "client-lib/photo.h"
#include "proto/number.h"

_Static_assert(BH_PHOTOS_MAX == BH_OP_PHOTOS_MAX, "photos of an op");
_Static_assert(BH_PHOTO_LOST == (int)BH_FATE_LOST && BH_PHOTO_KEPT == (int)BH_FATE_KEPT, "fates");
_Static_assert(BH_PHOTO_FETCHABLE == BH_FETCH_FATES_AT &&
		       BH_PHOTO_GONE == BH_FETCH_FATES_AT + BH_FETCH_GONE,
	"fates of fetched ones");
_Static_assert(BH_METADATA_NONE == BH_PHOTO_NO_METADATA && BH_METADATA_ALL == BH_PHOTO_AS_IT_IS,
	"what stays of metadata");
_Static_assert(BH_PHOTO_HASH_SIZE == 2 * BH_HASH_BYTES + 1, "a hash's text");

/* ---- Taking ------------------------------------------------------------------------------ */

static bh_status file_take(const char *path, struct bh_buf *out, bh_error *err)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = NULL;
	size_t got = 1;

	if (!file) {
		int error = errno;

		bh_fail(err, BH_E_NOT_FOUND, "photo: the file cannot be opened");
		if (err) {
			err->domain = BH_DOMAIN_OS;
			err->detail = error;
		}
		return BH_E_NOT_FOUND;
	}
	int rc = 0;

	while (rc == 0 && got > 0) {
		rc = bh_buf_reserve(out, 1u << 16, &bytes);
		got = rc == 0 ? fread(bytes, 1, 1u << 16, file) : 0;
		out->len += got;
	}
	bool failed = ferror(file) != 0;

	(void)fclose(file);
	if (rc == BH_ERR_LIMIT || out->len > BH_PHOTO_BYTES_MAX)
		return bh_fail(err, BH_E_LIMIT, "photo: over 16 MiB");
	if (rc != 0)
		return bh_fail(err, BH_E_NOMEM, "photo: no memory");
	return failed ? bh_fail(err, BH_E_INVALID, "photo: the file cannot be read") : BH_OK;
}

static bh_status prepared(int rc, const char *what, bh_error *err)
{
	switch (rc) {
	case 0:
		return BH_OK;
	case BH_ERR_LIMIT:
		return bh_fail(err, BH_E_LIMIT, "%s: too large", what);
	case BH_ERR_NOMEM:
		return bh_fail(err, BH_E_NOMEM, "%s: no memory", what);
	default:
		return bh_fail(err, BH_E_INVALID, "%s: not a JPEG", what);
	}
}

static bh_status thumbnail_take(const bh_photo_input *input, struct bh_buf *out, bh_error *err)
{
	const struct bh_span given = bh_span(input->thumbnail, input->thumbnail_size);
	struct bh_photo_head head;
	bh_status status = prepared(
		bh_photo_prepare(given, BH_PHOTO_NO_METADATA, out, NULL), "thumbnail", err);

	if (status != BH_OK)
		return status;
	if (bh_photo_look(given, &head) != 0 || out->len > BH_THUMBNAIL_BYTES_MAX ||
		head.width > BH_THUMBNAIL_SIDE_MAX || head.height > BH_THUMBNAIL_SIDE_MAX)
		return bh_fail(err, BH_E_LIMIT, "thumbnail: over 320 pixels or 64 KiB");
	return BH_OK;
}

static bh_status bytes_take(
	const bh_photo_input *input, struct bh_buf *file, struct bh_span *out, bh_error *err)
{
	if ((input->data != NULL) == (input->path != NULL))
		return bh_fail(err, BH_E_INVALID, "photo: needs its bytes or a path");
	if (input->metadata > BH_METADATA_ALL)
		return bh_fail(err, BH_E_INVALID, "photo: metadata %u is unknown", input->metadata);
	if (input->data) {
		*out = bh_span(input->data, input->size);
		return BH_OK;
	}
	bh_status status = file_take(input->path, file, err);

	*out = bh_buf_span(file);
	return status;
}

static bh_status photo_take(
	const bh_photo_input *input, struct bh_photos_taken *taken, bh_error *err)
{
	struct bh_buf file = BH_BUF(BH_PHOTO_BYTES_MAX + (1u << 16));
	struct bh_buf *photo = &taken->photos[taken->count];
	struct bh_buf *thumbnail = &taken->thumbnails[taken->count];
	struct bh_span bytes;

	*photo = BH_BUF(BH_BLOB_BYTES_MAX);
	*thumbnail = BH_BUF(BH_BLOB_BYTES_MAX);
	taken->count++;
	bh_status status = bytes_take(input, &file, &bytes, err);

	if (status == BH_OK)
		status = prepared(bh_photo_prepare(bytes, (enum bh_photo_policy)input->metadata,
					  photo, input->thumbnail ? NULL : thumbnail),
			"photo", err);
	if (status == BH_OK && input->thumbnail)
		status = thumbnail_take(input, thumbnail, err);
	bh_buf_free(&file);
	return status;
}

bh_status bh_photos_take(
	const bh_photo_input *photos, size_t count, struct bh_photos_taken *taken, bh_error *err)
{
	bh_status status = BH_OK;

	*taken = (struct bh_photos_taken){.count = 0};
	if (count > BH_PHOTOS_MAX)
		return bh_fail(err, BH_E_LIMIT, "photos: over %d", BH_PHOTOS_MAX);
	if (count > 0)
		status = bh_struct_check(photos, "photo", err);
	for (size_t i = 0; status == BH_OK && i < count; i++) {
		bh_photo_input given;

		/* The host's array has its own stride. */
		status = bh_struct_take((const char *)photos + i * photos->struct_size, &given,
			sizeof(given), "photo", err);
		if (status == BH_OK)
			status = photo_take(&given, taken, err);
	}
	for (size_t i = 0; i < taken->count; i++)
		taken->bytes[i] = (struct bh_photo_bytes){
			bh_buf_span(&taken->photos[i]), bh_buf_span(&taken->thumbnails[i])};
	return status;
}

void bh_photos_release(struct bh_photos_taken *taken)
{
	for (size_t i = 0; i < taken->count; i++) {
		bh_buf_free(&taken->photos[i]);
		bh_buf_free(&taken->thumbnails[i]);
	}
	taken->count = 0;
}

/* ---- Showing ----------------------------------------------------------------------------- */

static int32_t state_of(bh_client *client, const struct bh_photo_row *row, uint32_t *bytes)
{
	if (row->own && row->fate == BH_FATE_DUE)
		return bh_engine_upload_at(client->engine, row->hash, bytes) ? BH_PHOTO_SENDING
									     : BH_PHOTO_WAITING;
	if (row->own) {
		*bytes = row->fate == BH_FATE_COMPLETE ? row->size : 0;
		return (int32_t)row->fate;
	}
	if (!row->stored)
		return BH_PHOTO_AWAY;
	*bytes = row->fetch == BH_FETCH_HERE ? row->size : 0;
	(void)bh_engine_fetch_at(client->engine, row->hash, bytes);
	return row->fetch == BH_FETCH_LEFT ? BH_PHOTO_FETCHABLE
					   : BH_PHOTO_FETCHABLE + (int32_t)row->fetch;
}

bh_photo_view bh_photo_view_of(bh_client *client, const struct bh_photo_row *row)
{
	bh_photo_view view = {.own = row->own,
		.thumbnail = row->kind == BH_BLOB_THUMBNAIL,
		.here = row->here,
		.size = row->size,
		.verb = (int32_t)row->verb,
		.cycle = row->cycle};

	view.state = state_of(client, row, &view.bytes_done);
	bh_hex_format(bh_span(row->hash, sizeof(row->hash)), view.hash);
	return view;
}

static bh_status hash_take(const char *text, uint8_t hash[BH_HASH_BYTES], bh_error *err)
{
	if (!text || strnlen(text, BH_PHOTO_HASH_SIZE) != BH_PHOTO_HASH_SIZE - 1 ||
		bh_hex_parse(text, hash, BH_HASH_BYTES) != 0)
		return bh_fail(err, BH_E_INVALID, "photo: hash is not 64 hexadecimal digits");
	return BH_OK;
}

bh_status bh_photo_read(
	bh_client *client, const char *hash, void *data, size_t size, size_t *length, bh_error *err)
{
	struct bh_buf bytes = BH_BUF(BH_BLOB_BYTES_MAX);
	uint8_t raw[BH_HASH_BYTES];
	bh_status status = bh_enter(client, err);

	if (status == BH_OK && (!length || (!data && size > 0)))
		status = bh_fail(err, BH_E_INVALID, "photo: data or length is NULL");
	if (status == BH_OK)
		status = hash_take(hash, raw, err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_local_photo_read(client->local, raw, &bytes);

	if (rc != 0)
		status = bh_fail_rc(err, client, rc, "photo");
	bh_worker_unlock(client->worker);
	if (rc == 0) {
		*length = bytes.len;
		if (bytes.len > size)
			status = bh_fail(err, BH_E_LIMIT, "photo: has %zu bytes", bytes.len);
		else
			memcpy(data, bytes.data, bytes.len);
	}
	bh_buf_free(&bytes);
	return status;
}

bh_status bh_photo_fetch(bh_client *client, const char *hash, bh_error *err)
{
	uint8_t raw[BH_HASH_BYTES];
	bh_status status = bh_enter(client, err);

	if (status == BH_OK)
		status = hash_take(hash, raw, err);
	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_local_fetch_want(client->local, raw);

	if (rc != 0 && rc != BH_ERR_EXISTS)
		status = bh_fail_rc(err, client, rc, "photo");
	bh_worker_unlock(client->worker);
	if (rc == 0)
		bh_worker_nudge(client->worker);
	return rc == BH_ERR_EXISTS ? BH_DONE : status;
}

bh_status bh_photo_free(bh_client *client, bh_time_ms before, uint64_t *bytes, bh_error *err)
{
	uint64_t freed = 0;
	bh_status status = bh_enter(client, err);

	if (status != BH_OK)
		return status;
	bh_worker_lock(client->worker);
	int rc = bh_local_photos_free(client->local, before, &freed);

	if (rc != 0)
		status = bh_fail_rc(err, client, rc, "photos");
	bh_worker_unlock(client->worker);
	if (rc == 0 && bytes)
		*bytes = freed;
	return status;
}
