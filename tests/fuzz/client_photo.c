/* Photos of the fuzzed handset.  There are few, and their bytes follow from a number, so that what
 * the disk holds of each can be compared at any time. */
#include "tests/fuzz/client_photo.h"

#include <string.h>

#include "client-lib/local_photo.h"
#include "proto/caseflow.h"
#include "proto/err.h"

#define PHOTOS 4u
#define PHOTO_BYTES_MAX (48u << 10) /* two parts */
#define BYTES_OF(n) ((n) % 2 ? 900u : PHOTO_BYTES_MAX - 4096u * (n))

static uint64_t number_of(struct bh_span bytes, size_t at)
{
	return at < bytes.len ? bytes.data[at] : 0;
}

/* Photo n, and its hash. */
static struct bh_span photo_of(
	struct scripted *s, unsigned n, uint8_t *bytes, uint8_t hash[BH_HASH_BYTES])
{
	const struct bh_span photo = bh_span(bytes, BYTES_OF(n));
	for (size_t i = 0; i < photo.len; i++)
		bytes[i] = (uint8_t)(i * (2 * n + 1) >> 3);
	bh_hash_parts(s->hasher, &photo, 1, hash);
	return photo;
}

void client_photo_report(struct scripted *s, struct bh_span bytes)
{
	static uint8_t photo[PHOTO_BYTES_MAX], small[PHOTO_BYTES_MAX];
	const struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT, .type = 10001};
	const struct bh_msg_op_content content = {.text = scripted_text("seen")};
	uint8_t hash[BH_HASH_BYTES];
	unsigned n = (unsigned)number_of(bytes, 1) % 2 * 2;
	const struct bh_photo_bytes given = {
		photo_of(s, n, photo, hash), photo_of(s, n + 1, small, hash)};
	struct bh_op_ref ref;
	int rc = bh_local_record_photos(s->local, &header, &content, &given, 1, s->now, &ref);
	bh_assert(rc == 0 || rc == BH_ERR_AUTH || rc == BH_ERR_LIMIT);
	bh_engine_poke(s->engine, s->now);
}

void client_photo_want(struct scripted *s, struct bh_span bytes)
{
	static uint8_t photo[PHOTO_BYTES_MAX];
	uint8_t hash[BH_HASH_BYTES];
	(void)photo_of(s, (unsigned)number_of(bytes, 1) % PHOTOS, photo, hash);
	int rc = bh_local_fetch_want(s->local, hash);
	bh_assert(rc == 0 || rc == BH_ERR_EXISTS || rc == BH_ERR_NOT_FOUND);
	bh_engine_poke(s->engine, s->now);
}

/* 0: what is due up; 1: what is wanted; else a photo by its number.  Gives its size. */
static uint32_t hash_choose(struct scripted *s, uint64_t which, uint8_t hash[BH_HASH_BYTES])
{
	static uint8_t photo[PHOTO_BYTES_MAX];
	struct bh_blob_due due;
	struct bh_fetch_due fetch;
	memset(hash, 0xee, BH_HASH_BYTES);
	if (which == 0 && bh_local_blob_next(s->local, &due) == 0) {
		memcpy(hash, due.hash, BH_HASH_BYTES);
		return due.size;
	}
	if (which == 1 && bh_local_fetch_next(s->local, &fetch) == 0) {
		memcpy(hash, fetch.hash, BH_HASH_BYTES);
		return fetch.size;
	}
	return which < 2 ? 1 : (uint32_t)photo_of(s, (unsigned)which % PHOTOS, photo, hash).len;
}

void client_photo_state(struct bh_span bytes, struct scripted *s, struct bh_server_frame *out)
{
	static uint8_t hash[BH_HASH_BYTES], prefix[BH_HASH_BYTES];
	uint32_t size = hash_choose(s, number_of(bytes, 0), hash);
	uint32_t offset = (uint32_t)number_of(bytes, 2) << 10;
	memset(prefix, 0, sizeof(prefix));
	if (offset <= size && offset > 0)
		(void)bh_local_blob_hash(s->local, hash, offset, prefix);
	prefix[3] ^= (uint8_t)number_of(bytes, 3);
	*out = (struct bh_server_frame){.kind = BH_SERVER_BLOB_STATE,
		.u.blob_state = {.hash = bh_span(hash, sizeof(hash)),
			.state = (uint32_t)number_of(bytes, 1),
			.offset = offset,
			.prefix_hash = bh_span(prefix, offset > 0 ? sizeof(prefix) : 0),
			.retry_after_ms = (uint32_t)number_of(bytes, 4) << 12}};
}

void client_photo_part(struct bh_span bytes, struct scripted *s, struct bh_server_frame *out)
{
	static uint8_t hash[BH_HASH_BYTES], photo[PHOTO_BYTES_MAX], ignored[BH_HASH_BYTES];
	uint32_t size = hash_choose(s, number_of(bytes, 0), hash);
	uint32_t offset = (uint32_t)number_of(bytes, 1) << 12;
	uint32_t len = (uint32_t)number_of(bytes, 2) << 8;
	const struct bh_span whole = photo_of(
		s, (unsigned)number_of(bytes, 3) % PHOTOS, photo, ignored);
	if (offset > whole.len)
		offset = (uint32_t)whole.len;
	if (len == 0 || len > whole.len - offset)
		len = (uint32_t)whole.len - offset;
	*out = (struct bh_server_frame){.kind = BH_SERVER_BLOB_PART,
		.u.blob_part = {.hash = bh_span(hash, sizeof(hash)),
			.offset = offset,
			.data = bh_span(photo + offset, len),
			.size = size + (uint32_t)number_of(bytes, 4)}};
}

size_t client_photo_told(struct scripted *s, uint64_t number, struct bh_msg_record_blob out[2])
{
	static uint8_t photo[PHOTO_BYTES_MAX], hashes[2][BH_HASH_BYTES];
	for (unsigned i = 0; i < 2; i++) {
		unsigned n = ((unsigned)number / 4 % 2 * 2 + i) % PHOTOS;
		const struct bh_span bytes = photo_of(s, n, photo, hashes[i]);
		out[i] = (struct bh_msg_record_blob){bh_span(hashes[i], BH_HASH_BYTES),
			(uint32_t)bytes.len, i + 1, BH_VERB_SUBMIT, 1, (number & 1) != 0};
	}
	return number == 0 ? 0 : 2;
}

void client_photo_check(struct scripted *s)
{
	static uint8_t photo[PHOTO_BYTES_MAX];
	for (unsigned n = 0; n < PHOTOS; n++) {
		uint8_t hash[BH_HASH_BYTES];
		struct bh_buf read = BH_BUF(BH_BLOB_BYTES_MAX);
		const struct bh_span bytes = photo_of(s, n, photo, hash);
		int rc = bh_local_photo_read(s->local, hash, &read);
		bh_assert(rc == 0 || rc == BH_ERR_NOT_FOUND);
		bh_assert(rc != 0 || bh_span_equal(bytes, bh_buf_span(&read)));
		bh_buf_free(&read);
	}
	/* Nobody asked for anything to be let go, and the disk is sound: what is due is there. */
	struct bh_blob_due due;
	uint8_t hash[BH_HASH_BYTES];
	if (bh_local_blob_next(s->local, &due) == 0)
		bh_assert(bh_local_blob_hash(s->local, due.hash, due.size, hash) == 0 &&
			  memcmp(hash, due.hash, sizeof(hash)) == 0);
}
