/* The scripted server takes a photo: what it holds is kept, and compared by the tests. */
#include "tests/unit/client/scripted_upload.h"

#include <stdlib.h>
#include <string.h>

int upload_setup(void **state)
{
	struct shots *shots = calloc(1, sizeof(*shots));

	assert_non_null(shots);
	shots->s = scripted_new();
	scripted_enrol(shots->s);
	shots->photo = scripted_photo_make(shots->s, UPLOAD_BYTES, 1);
	shots->thumbnail = scripted_photo_make(shots->s, UPLOAD_THUMBNAIL_BYTES, 2);
	shots->held = calloc(1, UPLOAD_BYTES);
	*state = shots;
	return 0;
}

int upload_teardown(void **state)
{
	struct shots *shots = *state;

	scripted_photo_free(&shots->photo);
	scripted_photo_free(&shots->thumbnail);
	scripted_free(shots->s);
	free(shots->held);
	free(shots);
	return 0;
}

void upload_state(struct shots *shots, const uint8_t *hash, struct bh_msg_blob_state state)
{
	const struct bh_server_frame frame = {.kind = BH_SERVER_BLOB_STATE, .u.blob_state = state};
	struct bh_server_frame mine = frame;

	mine.u.blob_state.hash = bh_span(hash, BH_HASH_BYTES);
	scripted_give(shots->s, &mine);
}

void upload_wanted(struct shots *shots, uint32_t offset)
{
	const struct bh_span prefix = bh_span(shots->held, offset);
	uint8_t hash[BH_HASH_BYTES];

	bh_hash_parts(shots->s->hasher, &prefix, 1, hash);
	upload_state(shots, shots->photo.hash,
		(struct bh_msg_blob_state){.state = BH_BLOB_WANTED,
			.offset = offset,
			.prefix_hash = bh_span(hash, offset > 0 ? sizeof(hash) : 0)});
}

void upload_drained(struct shots *shots)
{
	bh_engine_drained(shots->s->engine, shots->s->now);
	bh_engine_check(shots->s->engine);
}

void upload_take_offer(struct shots *shots, const struct scripted_photo *photo)
{
	struct bh_client_frame frame = scripted_take(shots->s, BH_CLIENT_BLOB_OFFER);

	assert_memory_equal(frame.u.blob_offer.hash.data, photo->hash, BH_HASH_BYTES);
	assert_int_equal(frame.u.blob_offer.size, photo->len);
}

/* The next part, which must follow what is held without a gap; upload_drained behind it. */
void upload_take_part(struct shots *shots)
{
	struct bh_client_frame frame = scripted_take(shots->s, BH_CLIENT_BLOB_PART);
	const struct bh_msg_blob_part *part = &frame.u.blob_part;

	assert_int_equal(part->offset, shots->held_len);
	assert_true(part->data.len <= UPLOAD_PART && part->offset + part->data.len <= UPLOAD_BYTES);
	memcpy(shots->held + part->offset, part->data.data, part->data.len);
	shots->held_len += (uint32_t)part->data.len;
	upload_drained(shots);
}

void upload_begin(struct shots *shots)
{
	assert_int_equal(scripted_photo_record(shots->s, &shots->photo, NULL, &shots->ref), 0);
	scripted_engine(shots->s);
	scripted_session(shots->s);
	assert_int_equal(scripted_take_push(shots->s), 1);
	assert_true(scripted_silent(shots->s));
	scripted_ack(shots->s, 1);
	upload_take_offer(shots, &shots->photo);
}

enum bh_blob_fate upload_fate(struct shots *shots)
{
	return scripted_photo_row(shots->s, &shots->ref).fate;
}
