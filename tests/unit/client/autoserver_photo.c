/* The obliging server's photos: takes each that is offered, and gives each that is asked for. */
#include "tests/unit/client/autoserver_state.h"

#include <string.h>

#include "proto/err.h"

static struct autoserver_photo *photo_find(struct autoserver *server, struct bh_span hash)
{
	for (size_t i = 0; i < server->photos_count; i++)
		if (bh_span_equal(hash, bh_span(server->photos[i].hash, BH_HASH_BYTES)))
			return &server->photos[i];
	return NULL;
}

static struct autoserver_photo *photo_new(
	struct autoserver *server, struct bh_span hash, uint32_t size)
{
	struct autoserver_photo *photo = photo_find(server, hash);

	if (photo)
		return photo;
	assert_true(server->photos_count < AUTOSERVER_PHOTOS_MAX);
	photo = &server->photos[server->photos_count++];
	*photo = (struct autoserver_photo){.bytes = BH_BUF(BH_BLOB_BYTES_MAX), .size = size};
	memcpy(photo->hash, hash.data, BH_HASH_BYTES);
	return photo;
}

static void state_give(struct autoserver *server, const struct autoserver_photo *photo)
{
	const struct bh_span bytes = bh_buf_span(&photo->bytes);
	uint8_t prefix[BH_HASH_BYTES];

	bh_hash_parts(server->hasher, &bytes, 1, prefix);
	bool whole = photo->bytes.len == photo->size;

	assert_true(!whole || memcmp(prefix, photo->hash, sizeof(prefix)) == 0);
	const struct bh_server_frame frame = {.kind = BH_SERVER_BLOB_STATE,
		.u.blob_state = {.hash = bh_span(photo->hash, BH_HASH_BYTES),
			.state = whole ? BH_BLOB_COMPLETE : BH_BLOB_WANTED,
			.offset = whole ? 0 : (uint32_t)photo->bytes.len,
			.prefix_hash = bh_span(
				prefix, !whole && photo->bytes.len > 0 ? sizeof(prefix) : 0)}};

	autoserver_answer(server, &frame);
}

static void on_offer(struct autoserver *server, const struct bh_msg_blob_offer *offer)
{
	server->counts.offers++;
	if (server->photos_answer == 0) {
		state_give(server, photo_new(server, offer->hash, offer->size));
		return;
	}
	const struct bh_server_frame frame = {.kind = BH_SERVER_BLOB_STATE,
		.u.blob_state = {.hash = offer->hash, .state = server->photos_answer}};

	server->photos_answer = 0;
	autoserver_answer(server, &frame);
}

static void on_part(struct autoserver *server, const struct bh_msg_blob_part *part)
{
	struct autoserver_photo *photo = photo_find(server, part->hash);

	server->counts.parts++;
	assert_non_null(photo);
	assert_int_equal(part->offset, photo->bytes.len);
	assert_int_equal(bh_buf_append(&photo->bytes, part->data.data, part->data.len), 0);
	state_give(server, photo);
}

static void on_ask(struct autoserver *server, const struct bh_msg_blob_ask *ask)
{
	const struct autoserver_photo *photo = photo_find(server, ask->hash);
	struct bh_server_frame frame = {.kind = BH_SERVER_BLOB_STATE,
		.u.blob_state = {.hash = ask->hash, .state = BH_BLOB_UNKNOWN}};

	server->counts.asks++;
	if (!photo)
		autoserver_answer(server, &frame);
	for (size_t at = ask->offset; photo && at < photo->bytes.len;
		at += BH_BLOB_PART_BYTES_MAX) {
		size_t rest = photo->bytes.len - at;

		frame = (struct bh_server_frame){.kind = BH_SERVER_BLOB_PART,
			.u.blob_part = {.hash = ask->hash,
				.offset = (uint32_t)at,
				.data = bh_span(photo->bytes.data + at,
					rest < BH_BLOB_PART_BYTES_MAX ? rest
								      : BH_BLOB_PART_BYTES_MAX),
				.size = photo->size}};
		autoserver_answer(server, &frame);
	}
}

void autoserver_blob(struct autoserver *server, const struct bh_client_frame *frame)
{
	if (frame->kind == BH_CLIENT_BLOB_OFFER)
		on_offer(server, &frame->u.blob_offer);
	if (frame->kind == BH_CLIENT_BLOB_PART)
		on_part(server, &frame->u.blob_part);
	if (frame->kind == BH_CLIENT_BLOB_ASK)
		on_ask(server, &frame->u.blob_ask);
}

void autoserver_photos_free(struct autoserver *server)
{
	for (size_t i = 0; i < server->photos_count; i++)
		bh_buf_free(&server->photos[i].bytes);
	server->photos_count = 0;
}

/* ---- The test's hand ---- */

void autoserver_photo_answer(struct autoserver *server, enum bh_blob_state state)
{
	pthread_mutex_lock(&server->lock);
	server->photos_answer = state;
	pthread_mutex_unlock(&server->lock);
}

void autoserver_photo_add(struct autoserver *server, struct bh_span bytes, uint8_t *hash)
{
	pthread_mutex_lock(&server->lock);
	bh_hash_parts(server->hasher, &bytes, 1, hash);
	struct autoserver_photo *photo = photo_new(
		server, bh_span(hash, BH_HASH_BYTES), (uint32_t)bytes.len);

	assert_int_equal(bh_buf_append(&photo->bytes, bytes.data, bytes.len), 0);
	pthread_mutex_unlock(&server->lock);
}

struct bh_span autoserver_photo(struct autoserver *server, const uint8_t *hash)
{
	struct bh_span bytes = {0};

	pthread_mutex_lock(&server->lock);
	const struct autoserver_photo *photo = photo_find(server, bh_span(hash, BH_HASH_BYTES));

	if (photo && photo->bytes.len == photo->size)
		bytes = bh_buf_span(&photo->bytes);
	pthread_mutex_unlock(&server->lock);
	return bytes;
}
