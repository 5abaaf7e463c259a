/* Offers, parts and what is answered, said by hand. */
#include "tests/unit/proto/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "server/store/blob.h"
#include "tests/unit/sync/photos.h"

void bh_photo_hash(struct bh_world *world, struct bh_photo *photo)
{
	struct bh_span whole = bh_span(photo->bytes, photo->size);
	bh_hash_parts(world->hasher, &whole, 1, photo->hash);
}

void bh_photo_make(struct bh_world *world, struct bh_photo *photo, uint32_t size, uint8_t seed)
{
	static const uint8_t head[] = {
		0xff, 0xd8, 0xff, 0xc0, 0x00, 0x0b, 0x08, 0x01, 0xe0, 0x02, 0x80};
	assert_in_range(size, sizeof(head), BH_PHOTO_BYTES_MAX);
	photo->size = size;
	for (uint32_t i = 0; i < size; i++)
		photo->bytes[i] = (uint8_t)(i * 7 + i / 253 + seed);
	memcpy(photo->bytes, head, sizeof(head));
	bh_photo_hash(world, photo);
}

struct bh_msg_blob bh_photo_blob(const struct bh_photo *photo, uint32_t kind)
{
	return (struct bh_msg_blob){bh_span(photo->hash, BH_HASH_BYTES), photo->size, kind};
}

void bh_photo_offer(struct bh_phone *phone, const struct bh_photo *photo)
{
	struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_OFFER,
		.u.blob_offer = {.hash = bh_span(photo->hash, BH_HASH_BYTES), .size = photo->size}};
	bh_phone_send(phone, &frame);
}

void bh_photo_prove(struct bh_phone *phone, const struct bh_photo *photo)
{
	struct bh_buf head = BH_BUF(BH_PROOF_HEAD_BYTES_MAX);
	uint8_t proof[BH_HASH_BYTES];
	assert_int_equal(bh_photo_proof_head(&head, &phone->binding), 0);
	const struct bh_span said[] = {bh_buf_span(&head), bh_span(photo->bytes, photo->size)};
	bh_hash_parts(phone->world->hasher, said, 2, proof);
	struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_OFFER,
		.u.blob_offer = {bh_span(photo->hash, BH_HASH_BYTES), photo->size,
			bh_span(proof, sizeof(proof))}};
	bh_phone_send(phone, &frame);
	bh_buf_free(&head);
}

void bh_photo_show(struct bh_phone *phone, const struct bh_photo *photo)
{
	bh_photo_offer(phone, photo);
	(void)bh_photo_expect(phone, photo, BH_BLOB_PROOF_WANTED);
	bh_photo_prove(phone, photo);
}

void bh_photo_part(
	struct bh_phone *phone, const struct bh_photo *photo, uint32_t offset, uint32_t len)
{
	struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_PART,
		.u.blob_part = {.hash = bh_span(photo->hash, BH_HASH_BYTES),
			.offset = offset,
			.data = bh_span(photo->bytes + offset, len)}};
	bh_phone_send(phone, &frame);
}

struct bh_msg_blob_state bh_photo_expect(
	struct bh_phone *phone, const struct bh_photo *photo, enum bh_blob_state state)
{
	struct bh_msg_blob_state told = bh_phone_expect(phone, BH_SERVER_BLOB_STATE).u.blob_state;
	assert_int_equal(told.state, state);
	assert_memory_equal(told.hash.data, photo->hash, BH_HASH_BYTES);
	assert_int_equal(told.retry_after_ms > 0, state == BH_BLOB_LATER);
	return told;
}

void bh_photo_expect_wanted(struct bh_phone *phone, const struct bh_photo *photo, uint32_t offset)
{
	uint8_t hash[BH_HASH_BYTES];
	struct bh_span prefix = bh_span(photo->bytes, offset);
	struct bh_msg_blob_state told = bh_photo_expect(phone, photo, BH_BLOB_WANTED);
	assert_int_equal(told.offset, offset);
	assert_int_equal(told.prefix_hash.len, offset > 0 ? BH_HASH_BYTES : 0);
	if (offset == 0)
		return;
	bh_hash_parts(phone->world->hasher, &prefix, 1, hash);
	assert_memory_equal(told.prefix_hash.data, hash, BH_HASH_BYTES);
}

void bh_photo_send(
	struct bh_phone *phone, const struct bh_photo *photo, uint32_t offset, uint32_t part)
{
	while (offset < photo->size) {
		uint32_t len = photo->size - offset < part ? photo->size - offset : part;
		bh_photo_part(phone, photo, offset, len);
		offset += len;
		if (offset < photo->size)
			bh_photo_expect_wanted(phone, photo, offset);
	}
	(void)bh_photo_expect(phone, photo, BH_BLOB_COMPLETE);
}

void bh_photo_upload(struct bh_phone *phone, const struct bh_photo *photo)
{
	bh_photo_offer(phone, photo);
	bh_photo_expect_wanted(phone, photo, 0);
	bh_photo_send(phone, photo, 0, BH_BLOB_PART_BYTES_MAX);
}

void bh_photo_ask(struct bh_phone *phone, const struct bh_photo *photo, uint32_t offset)
{
	struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_ASK,
		.u.blob_ask = {bh_span(photo->hash, BH_HASH_BYTES), offset}};
	bh_phone_send(phone, &frame);
}

uint64_t bh_photo_report(struct bh_phone *phone, const struct bh_msg_blob *blobs, size_t count)
{
	uint64_t seq = bh_phone_report_with(phone, "小区门口垃圾堆放", blobs, count);
	bh_phone_push(phone, seq, 1, true);
	assert_int_equal(bh_phone_expect(phone, BH_SERVER_ACK).u.ack.verdicts_count, 0);
	return (uint64_t)phone->log_short << 32 | seq;
}

/* ---- Two workers ---- */

int bh_uploads_open(void **state)
{
	static struct bh_uploads fixture;
	struct bh_uploads *f = &fixture;
	bh_world_open(&f->world);
	bh_phone_enrolled(&f->world, BH_DEMO_WORKER(1111), &f->phone);
	bh_phone_enrolled(&f->world, BH_DEMO_WORKER(1112), &f->other);
	bh_photo_make(&f->world, &f->photo, BH_UPLOADS_SIZE, 1);
	bh_photo_make(&f->world, &f->second, 5000, 2);
	(void)bh_phone_live(&f->phone);
	*state = f;
	return 0;
}

int bh_uploads_close(void **state)
{
	struct bh_uploads *f = *state;
	bh_phone_free(&f->phone);
	bh_phone_free(&f->other);
	bh_world_close(&f->world);
	return 0;
}

uint64_t bh_uploads_report(struct bh_phone *phone, const struct bh_photo *photo)
{
	struct bh_msg_blob blob = bh_photo_blob(photo, BH_BLOB_PHOTO);
	return bh_photo_report(phone, &blob, 1);
}

bool bh_uploads_is_stored(struct bh_uploads *f, uint64_t number, const struct bh_photo *photo)
{
	struct bh_blob_row rows[8];
	size_t count = 0;
	assert_int_equal(bh_reader_case_blobs(f->world.reader, number, rows, 8, &count), 0);
	for (size_t i = 0; i < count; i++) {
		if (memcmp(rows[i].hash, photo->hash, BH_HASH_BYTES) == 0)
			return rows[i].stored;
	}
	fail_msg("the case does not name it");
	return false;
}

void bh_uploads_file_check(struct bh_uploads *f, const struct bh_photo *photo)
{
	static uint8_t bytes[BH_PHOTO_BYTES_MAX];
	char path[256];
	assert_int_equal(bh_blob_path(f->world.path, photo->hash, path, sizeof(path)), 0);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fread(bytes, 1, sizeof(bytes), file), photo->size);
	assert_memory_equal(bytes, photo->bytes, photo->size);
	(void)fclose(file);
}

void bh_uploads_reconnect(struct bh_uploads *f)
{
	bh_phone_hang_up(&f->phone);
	f->phone.acked_seq = 0;
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_drain(&f->phone);
}
