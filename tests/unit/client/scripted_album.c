/* The scripted server tells of another's photos and sends them. */
#include "tests/unit/client/scripted_album.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"

static const uint64_t unit_scope[] = {SCRIPTED_UNIT};

int album_setup(void **state)
{
	struct album *album = calloc(1, sizeof(*album));

	assert_non_null(album);
	album->s = scripted_new();
	scripted_enrol(album->s);
	album->photo = scripted_photo_make(album->s, ALBUM_BYTES, 1);
	album->thumbnail = scripted_photo_make(album->s, ALBUM_THUMBNAIL_BYTES, 2);
	album->blobs[0] = (struct bh_msg_record_blob){bh_span(album->photo.hash, BH_HASH_BYTES),
		ALBUM_BYTES, BH_BLOB_PHOTO, BH_VERB_SUBMIT, 1, true};
	album->blobs[1] = (struct bh_msg_record_blob){bh_span(album->thumbnail.hash, BH_HASH_BYTES),
		ALBUM_THUMBNAIL_BYTES, BH_BLOB_THUMBNAIL, BH_VERB_SUBMIT, 1, true};
	*state = album;
	return 0;
}

int album_teardown(void **state)
{
	struct album *album = *state;

	scripted_photo_free(&album->photo);
	scripted_photo_free(&album->thumbnail);
	scripted_free(album->s);
	free(album);
	return 0;
}

void album_tell(struct album *album, enum bh_state state, uint64_t position)
{
	const struct bh_msg_record record = {.case_number = ALBUM_CASE,
		.position = position,
		.cycle = 1,
		.state = state,
		.scopes = unit_scope,
		.scopes_count = 1,
		.blobs = album->blobs,
		.blobs_count = 2};

	scripted_delta(album->s, &record, 1, position);
	(void)scripted_take(album->s, BH_CLIENT_APPLIED);
}

void album_begin(struct album *album)
{
	scripted_engine(album->s);
	scripted_session(album->s);
	assert_true(scripted_silent(album->s));
	album_tell(album, BH_STATE_DISPATCHED, 9);
}

void album_take_ask(struct album *album, const struct scripted_photo *photo, uint32_t offset)
{
	struct bh_client_frame frame = scripted_take(album->s, BH_CLIENT_BLOB_ASK);

	assert_memory_equal(frame.u.blob_ask.hash.data, photo->hash, BH_HASH_BYTES);
	assert_int_equal(frame.u.blob_ask.offset, offset);
}

void album_give_raw(struct album *album, const struct bh_msg_blob_part *part)
{
	const struct bh_server_frame frame = {.kind = BH_SERVER_BLOB_PART, .u.blob_part = *part};

	scripted_give(album->s, &frame);
}

void album_give(struct album *album, const struct scripted_photo *photo, uint32_t offset)
{
	size_t rest = photo->len - offset;
	const struct bh_msg_blob_part part = {.hash = bh_span(photo->hash, BH_HASH_BYTES),
		.offset = offset,
		.data = bh_span(photo->data + offset, rest < ALBUM_PART ? rest : ALBUM_PART),
		.size = (uint32_t)photo->len};

	album_give_raw(album, &part);
}

void album_unknown(struct album *album, const struct scripted_photo *photo)
{
	const struct bh_server_frame frame = {.kind = BH_SERVER_BLOB_STATE,
		.u.blob_state = {
			.hash = bh_span(photo->hash, BH_HASH_BYTES), .state = BH_BLOB_UNKNOWN}};

	scripted_give(album->s, &frame);
}

void album_want(struct album *album)
{
	assert_int_equal(bh_local_fetch_want(album->s->local, album->photo.hash), 0);
	bh_engine_poke(album->s->engine, album->s->now);
	bh_engine_check(album->s->engine);
}

struct bh_photo_row album_row(struct album *album, size_t which)
{
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_photo_row rows[4];
	struct bh_case_row row;
	size_t count = 0;

	assert_int_equal(
		bh_local_case(album->s->local, (struct bh_case_key){ALBUM_CASE, 0}, &arena, &row),
		0);
	assert_int_equal(bh_local_photos(album->s->local, &row, rows, 4, &count), 0);
	assert_int_equal(count, 2);
	bh_arena_free(&arena);
	return rows[which];
}

bool album_is_here(struct album *album, size_t which, const struct scripted_photo *photo)
{
	struct bh_buf bytes = BH_BUF(BH_BLOB_BYTES_MAX);
	int rc = bh_local_photo_read(album->s->local, photo->hash, &bytes);
	bool same = rc == 0 && bh_span_equal(bh_buf_span(&bytes), scripted_photo_span(photo));

	assert_true(rc == 0 || rc == BH_ERR_NOT_FOUND);
	assert_int_equal(album_row(album, which).here, rc == 0);
	assert_int_equal(rc == 0, same);
	bh_buf_free(&bytes);
	return same;
}
