/* Photos of others on their way down: thumbnails by themselves, photos when asked for, from where
 * the file ends, and only what its hash says. */
#include "tests/unit/client/scripted_album.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"

static void test_fetch__the_thumbnail_of_an_open_case_comes_by_itself(void **state)
{
	struct album *album = *state;
	struct bh_change change;
	bool told = false;

	album_begin(album);
	album_take_ask(album, &album->thumbnail, 0);
	assert_true(scripted_silent(album->s));
	assert_false(album_is_here(album, 1, &album->thumbnail));
	album_give(album, &album->thumbnail, 0);
	assert_true(album_is_here(album, 1, &album->thumbnail));
	assert_false(album_is_here(album, 0, &album->photo));
	assert_int_equal(album_row(album, 0).fetch, BH_FETCH_OFFERED);
	assert_true(scripted_silent(album->s));
	while (bh_engine_take_change(album->s->engine, &change))
		told |= change.kind == BH_CHANGE_PHOTO && change.number == ALBUM_CASE &&
			change.verdict == BH_FETCH_FATES_AT + BH_FETCH_HERE;
	assert_true(told);
	scripted_crash(album->s);
	assert_true(album_is_here(album, 1, &album->thumbnail));
}

static void test_fetch__nothing_comes_of_an_ended_case_or_from_another_handset(void **state)
{
	struct album *album = *state;

	scripted_engine(album->s);
	scripted_session(album->s);
	album_tell(album, BH_STATE_CLOSED, 9);
	assert_true(scripted_silent(album->s));
	album->blobs[0].stored = album->blobs[1].stored = false;
	album->blobs[0].hash = scripted_text("01234567890123456789012345678901");
	album->blobs[1].hash = scripted_text("abcdefghijklmnopqrstuvwxyzABCDEF");
	album_tell(album, BH_STATE_DISPATCHED, 10);
	assert_true(scripted_silent(album->s));
	assert_false(album_row(album, 0).stored);
	assert_int_equal(
		bh_local_fetch_want(album->s->local, album->blobs[0].hash.data), BH_ERR_NOT_FOUND);
	/* It arrives at the server: the record says so. */
	album->blobs[1].stored = true;
	album_tell(album, BH_STATE_DISPATCHED, 11);
	(void)scripted_take(album->s, BH_CLIENT_BLOB_ASK);
}

static void test_fetch__a_photo_comes_when_it_is_asked_for_and_before_thumbnails(void **state)
{
	struct album *album = *state;

	scripted_engine(album->s);
	scripted_session(album->s);
	album_tell(album, BH_STATE_CLOSED, 9);
	album_want(album);
	album_take_ask(album, &album->photo, 0);
	for (uint32_t at = 0; at < ALBUM_BYTES; at += ALBUM_PART) {
		uint32_t held = 0;

		assert_true(bh_engine_fetch_at(album->s->engine, album->photo.hash, &held));
		assert_int_equal(held, at);
		album_give(album, &album->photo, at);
	}
	assert_true(album_is_here(album, 0, &album->photo));
	assert_int_equal(bh_local_fetch_want(album->s->local, album->photo.hash), BH_ERR_EXISTS);
}

static void test_fetch__goes_on_where_the_file_ends_after_each_cut(void **state)
{
	struct album *album = *state;

	scripted_engine(album->s);
	scripted_session(album->s);
	album_tell(album, BH_STATE_CLOSED, 9);
	album_want(album);
	for (uint32_t at = 0; at < ALBUM_BYTES; at += ALBUM_PART) {
		album_take_ask(album, &album->photo, at);
		album_give(album, &album->photo, at);
		if (at + ALBUM_PART >= ALBUM_BYTES)
			break;
		scripted_cut(album->s);
		scripted_back_off(album->s);
		scripted_session(album->s);
	}
	assert_true(album_is_here(album, 0, &album->photo));
}

/* What was not synced may be anything: then once more, and from the beginning. */
static void test_fetch__what_a_power_cut_left_is_never_shown_as_the_photo(void **state)
{
	struct album *album = *state;

	scripted_engine(album->s);
	scripted_session(album->s);
	album_tell(album, BH_STATE_CLOSED, 9);
	album_want(album);
	for (int round = 0; round < 40 && !album_is_here(album, 0, &album->photo); round++) {
		struct bh_client_frame frame = scripted_take(album->s, BH_CLIENT_BLOB_ASK);
		uint32_t at = frame.u.blob_ask.offset;

		album_give(album, &album->photo, at);
		if (round < 12 && at + ALBUM_PART < ALBUM_BYTES) {
			scripted_crash(album->s);
			scripted_session(album->s);
			continue;
		}
		for (at += ALBUM_PART; at < ALBUM_BYTES; at += ALBUM_PART)
			album_give(album, &album->photo, at);
	}
	assert_true(album_is_here(album, 0, &album->photo));
}

/* A sync that failed may leave what it did not write where it is read, until the power goes. */
static void test_fetch__what_a_failed_sync_left_is_written_again_before_it_is_here(void **state)
{
	const struct bh_simvfs_plan plan = {BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, 1, false, ".jpg"};
	struct album *album = *state;

	scripted_engine(album->s);
	scripted_session(album->s);
	album_tell(album, BH_STATE_CLOSED, 9);
	album_want(album);
	assert_int_equal(bh_simvfs_plan_add(album->s->disk, &plan), 0);
	for (uint32_t at = 0; at < ALBUM_BYTES; at += ALBUM_PART)
		album_give(album, &album->photo, at);
	assert_int_equal(album_row(album, 0).fetch, BH_FETCH_WANTED);
	bh_simvfs_heal(album->s->disk);
	scripted_cut(album->s);
	scripted_later(
		album->s, 600 * 1000); /* a disk that does not take it is left alone for so long */
	scripted_session(album->s);
	assert_true(album_is_here(album, 0, &album->photo));
	scripted_crash(album->s);
	assert_true(album_is_here(album, 0, &album->photo));
}

static void test_fetch__a_photo_that_is_not_what_its_hash_says_is_not_kept(void **state)
{
	struct album *album = *state;
	struct scripted_photo other = scripted_photo_make(album->s, ALBUM_THUMBNAIL_BYTES, 7);

	album_begin(album);
	album_take_ask(album, &album->thumbnail, 0);
	memcpy(other.hash, album->thumbnail.hash, sizeof(other.hash));
	album_give(album, &other, 0);
	assert_int_equal(album_row(album, 1).fetch, BH_FETCH_GONE);
	assert_false(album_is_here(album, 1, &album->thumbnail));
	assert_true(scripted_silent(album->s));
	scripted_photo_free(&other);
}

static void test_fetch__a_part_that_does_not_fit_ends_the_session(void **state)
{
	static const struct {
		uint32_t offset, len, size;
	} rows[] = {{1, 10, ALBUM_THUMBNAIL_BYTES}, {0, 10, ALBUM_THUMBNAIL_BYTES + 1},
		{0, ALBUM_THUMBNAIL_BYTES + 1, ALBUM_THUMBNAIL_BYTES}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct album *album;

		album_setup((void **)&album);
		album_begin(album);
		album_take_ask(album, &album->thumbnail, 0);
		const struct bh_msg_blob_part part = {
			.hash = bh_span(album->thumbnail.hash, BH_HASH_BYTES),
			.offset = rows[i].offset,
			.data = bh_span(album->photo.data, rows[i].len),
			.size = rows[i].size};

		album_give_raw(album, &part);
		assert_true(bh_engine_want(album->s->engine).disconnect);
		album_teardown((void **)&album);
	}
	(void)state;
}

static void test_fetch__one_that_the_server_has_not_is_gone_until_asked_again(void **state)
{
	struct album *album = *state;

	album_begin(album);
	album_take_ask(album, &album->thumbnail, 0);
	album_unknown(album, &album->thumbnail);
	assert_int_equal(album_row(album, 1).fetch, BH_FETCH_GONE);
	assert_true(scripted_silent(album->s));
	assert_int_equal(bh_local_fetch_want(album->s->local, album->thumbnail.hash), 0);
	bh_engine_poke(album->s->engine, album->s->now);
	album_take_ask(album, &album->thumbnail, 0);
}

/* A server that was put back has it not, until who took it brings it once more. */
static void test_fetch__one_that_was_gone_and_is_told_again_is_fetched(void **state)
{
	struct album *album = *state;

	album_begin(album);
	album_take_ask(album, &album->thumbnail, 0);
	album_unknown(album, &album->thumbnail);
	assert_int_equal(album_row(album, 1).fetch, BH_FETCH_GONE);
	album_tell(album, BH_STATE_DISPATCHED, 11);
	album_take_ask(album, &album->thumbnail, 0);
}

static void test_fetch__a_full_disk_leaves_it_for_later_and_the_session_goes_on(void **state)
{
	struct album *album = *state;
	struct scripted *s = album->s;
	const struct bh_simvfs_plan plan = {BH_SIMVFS_WRITE, BH_SIMVFS_FULL, 1, false, ".jpg"};

	album_begin(album);
	album_take_ask(album, &album->thumbnail, 0);
	assert_int_equal(bh_simvfs_plan_add(s->disk, &plan), 0);
	album_give(album, &album->thumbnail, 0);
	assert_true(bh_engine_status(s->engine).live);
	assert_true(scripted_silent(s));
	assert_int_equal(album_row(album, 1).fetch, BH_FETCH_WANTED);
	scripted_report(s, "text goes on");
	assert_int_equal(scripted_take_push(s), 1);
	scripted_ack(s, 1);
	for (int i = 0; i < 16 && scripted_silent(s); i++) {
		const struct bh_server_frame ping = {.kind = BH_SERVER_PING};

		scripted_later(s, 38000);
		if (!scripted_silent(s))
			break;
		scripted_give(s, &ping);
		(void)scripted_take(s, BH_CLIENT_PONG);
	}
	album_take_ask(album, &album->thumbnail, 0);
	album_give(album, &album->thumbnail, 0);
	assert_true(album_is_here(album, 1, &album->thumbnail));
}

static void test_fetch__photos_leave_with_the_record(void **state)
{
	struct album *album = *state;
	struct scripted *s = album->s;
	struct bh_changes *changes = calloc(1, sizeof(*changes));
	const struct bh_msg_left left = {SCRIPTED_UNIT, ALBUM_CASE};
	const struct bh_msg_cursor cursor = {SCRIPTED_OWN, 20};
	const struct bh_msg_delta delta = {.cursors = &cursor, .cursors_count = 1};
	const struct bh_msg_records gone = {.left = &left, .left_count = 1};
	char hex[2 * BH_HASH_BYTES + 1], path[200];

	album_begin(album);
	album_take_ask(album, &album->thumbnail, 0);
	album_give(album, &album->thumbnail, 0);
	bh_hex_format(bh_span(album->thumbnail.hash, BH_HASH_BYTES), hex);
	snprintf(path, sizeof(path), SCRIPTED_PATH "-photos/%s-in.jpg", hex);
	assert_true(bh_simvfs_file_exists(s->disk, path));
	assert_int_equal(bh_local_apply(s->local, &delta, &gone, s->now, changes), 0);
	struct bh_buf bytes = BH_BUF(BH_BLOB_BYTES_MAX);

	assert_int_equal(
		bh_local_photo_read(s->local, album->thumbnail.hash, &bytes), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_local_fetch_want(s->local, album->thumbnail.hash), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_local_idle(s->local), 0);
	assert_false(bh_simvfs_file_exists(s->disk, path));
	/* Told again, it comes again. */
	album_tell(album, BH_STATE_HANDLING, 30);
	album_take_ask(album, &album->thumbnail, 0);
	free(changes);
}

static void test_fetch__freed_it_can_be_fetched_again(void **state)
{
	struct album *album = *state;
	uint64_t bytes = 0;

	scripted_engine(album->s);
	scripted_session(album->s);
	album_tell(album, BH_STATE_CLOSED, 9);
	album_want(album);
	album_take_ask(album, &album->photo, 0);
	for (uint32_t at = 0; at < ALBUM_BYTES; at += ALBUM_PART)
		album_give(album, &album->photo, at);
	assert_true(album_is_here(album, 0, &album->photo));
	assert_int_equal(bh_local_photos_free(album->s->local, INT64_MAX, &bytes), 0);
	assert_int_equal(bytes, ALBUM_BYTES);
	assert_false(album_is_here(album, 0, &album->photo));
	album_want(album);
	album_take_ask(album, &album->photo, 0);
}

static void test_fetch__a_session_is_settled_once_thumbnails_are_here(void **state)
{
	struct album *album = *state;
	struct scripted *s = album->s;
	const struct bh_server_frame pong = {.kind = BH_SERVER_PONG};

	s->once = true;
	scripted_engine(s);
	scripted_session(s);
	(void)scripted_take(s, BH_CLIENT_PING);
	album_tell(album, BH_STATE_DISPATCHED, 9);
	album_take_ask(album, &album->thumbnail, 0);
	scripted_give(s, &pong);
	assert_false(bh_engine_status(s->engine).settled);
	assert_true(scripted_silent(s));
	album_give(album, &album->thumbnail, 0);
	(void)scripted_take(s, BH_CLIENT_PING);
	scripted_give(s, &pong);
	assert_true(bh_engine_status(s->engine).settled);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, album_setup, album_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_fetch__the_thumbnail_of_an_open_case_comes_by_itself),
		CASE(test_fetch__nothing_comes_of_an_ended_case_or_from_another_handset),
		CASE(test_fetch__a_photo_comes_when_it_is_asked_for_and_before_thumbnails),
		CASE(test_fetch__goes_on_where_the_file_ends_after_each_cut),
		CASE(test_fetch__what_a_power_cut_left_is_never_shown_as_the_photo),
		CASE(test_fetch__a_photo_that_is_not_what_its_hash_says_is_not_kept),
		CASE(test_fetch__what_a_failed_sync_left_is_written_again_before_it_is_here),
		cmocka_unit_test(test_fetch__a_part_that_does_not_fit_ends_the_session),
		CASE(test_fetch__one_that_the_server_has_not_is_gone_until_asked_again),
		CASE(test_fetch__one_that_was_gone_and_is_told_again_is_fetched),
		CASE(test_fetch__a_full_disk_leaves_it_for_later_and_the_session_goes_on),
		CASE(test_fetch__photos_leave_with_the_record),
		CASE(test_fetch__freed_it_can_be_fetched_again),
		CASE(test_fetch__a_session_is_settled_once_thumbnails_are_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
