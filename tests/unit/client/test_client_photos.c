/* Photos through the public API: recorded, sent, shown, read, fetched, let go. */
#include "tests/unit/client/client_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/number.h"
#include "tests/unit/client/jpeg_maker.h"

#define VIEWS_MAX 16

struct seen {
	bh_case_view view;
	bh_photo_view photos[VIEWS_MAX];
	uint32_t count;
};

static struct seen look(struct world *w, uint64_t number)
{
	struct seen seen = {.view = BH_CASE_VIEW_INIT};
	bh_case_cursor *cursor = NULL;
	bh_photo_view view = BH_PHOTO_VIEW_INIT;

	assert_int_equal(bh_case_get(w->client, number, &cursor, &seen.view, NULL), BH_OK);
	assert_true(seen.view.photos_count <= VIEWS_MAX);
	while (bh_case_photo(cursor, seen.count, &view, NULL) == BH_OK)
		seen.photos[seen.count++] = view;
	assert_int_equal(seen.count, seen.view.photos_count);
	bh_case_cursor_close(cursor);
	return seen;
}

static bh_photo_input given(const struct bh_buf *jpeg)
{
	bh_photo_input input = BH_PHOTO_INPUT_INIT;

	input.data = jpeg->data;
	input.size = jpeg->len;
	return input;
}

static bh_status report(
	struct world *w, const bh_photo_input *photos, size_t count, bh_report_ref *ref)
{
	static const bh_report_ref empty = BH_REPORT_REF_INIT;
	bh_report_input input = BH_REPORT_INPUT_INIT;

	*ref = empty;
	input.text = "seen";
	input.type = 10001;
	input.photos = photos;
	input.photos_count = count;
	return bh_report_record(w->client, &input, ref, NULL);
}

static struct bh_buf read_back(struct world *w, const char *hash, uint32_t size)
{
	struct bh_buf bytes = BH_BUF(BH_BLOB_BYTES_MAX);
	uint8_t *room = NULL;
	size_t length = 0;

	assert_int_equal(bh_buf_reserve(&bytes, size, &room), 0);
	assert_int_equal(bh_photo_read(w->client, hash, room, size, &length, NULL), BH_OK);
	assert_int_equal(length, size);
	bytes.len = length;
	return bytes;
}

/* What went up, apart from everything else that did. */
static void photos_counted(struct world *w, uint64_t bytes)
{
	const bh_status_view view = world_status(w);

	assert_int_equal(view.unsent_photos, 0);
	assert_int_equal(view.photo_bytes_up, bytes);
	assert_true(view.bytes_up > bytes);
	assert_int_equal(view.photo_bytes_down, 0);
}

static void test_client__a_photo_goes_from_its_report_to_the_server(void **state)
{
	struct world *w = *state;
	struct bh_buf jpeg = jpeg_make(900, 600, 1, false);
	bh_photo_input photo = given(&jpeg);
	bh_report_ref ref;
	bool told = false;
	uint8_t hash[BH_HASH_BYTES];
	bh_event event = BH_EVENT_INIT;

	world_enrolled(w);
	assert_int_equal(report(w, &photo, 1, &ref), BH_OK);
	assert_int_equal(world_status(w).unsent_photos, 2);
	struct seen seen = look(w, ref.case_number);

	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.photos[0].state, BH_PHOTO_WAITING);
	assert_true(seen.photos[0].own && seen.photos[0].here && !seen.photos[0].thumbnail);
	assert_int_equal(seen.photos[0].verb, 1);
	assert_int_equal(seen.photos[0].cycle, 1);
	assert_true(seen.photos[1].thumbnail && seen.photos[1].size < seen.photos[0].size);
	assert_int_equal(
		world_status(w).unsent_photo_bytes, seen.photos[0].size + seen.photos[1].size);
	while (bh_client_next_event(w->client, &event, NULL) == BH_OK) {
	}
	assert_int_equal(world_run(w, 20000), BH_DONE);
	photos_counted(w, seen.photos[0].size + seen.photos[1].size);
	seen = look(w, ref.case_number);
	for (uint32_t i = 0; i < 2; i++) {
		struct bh_buf mine = read_back(w, seen.photos[i].hash, seen.photos[i].size);

		assert_int_equal(seen.photos[i].state, BH_PHOTO_COMPLETE);
		assert_int_equal(seen.photos[i].bytes_done, seen.photos[i].size);
		assert_int_equal(bh_hex_parse(seen.photos[i].hash, hash, sizeof(hash)), 0);
		assert_true(bh_span_equal(bh_buf_span(&mine), autoserver_photo(w->server, hash)));
		bh_buf_free(&mine);
	}
	while (bh_client_next_event(w->client, &event, NULL) == BH_OK)
		told |= event.type == BH_EVENT_PHOTO && event.case_number == ref.case_number &&
			event.verdict == BH_PHOTO_COMPLETE;
	assert_true(told);
	bh_buf_free(&jpeg);
}

static void test_client__metadata_stays_as_the_host_says(void **state)
{
	struct world *w = *state;
	struct bh_buf jpeg = jpeg_make(400, 300, 2, false);

	jpeg_insert_exif(&jpeg, 6, true);
	bh_photo_input photo = given(&jpeg);
	bh_report_ref ref;

	world_enrolled(w);
	photo.metadata = BH_METADATA_ALL;
	assert_int_equal(report(w, &photo, 1, &ref), BH_OK);
	struct seen seen = look(w, ref.case_number);
	struct bh_buf mine = read_back(w, seen.photos[0].hash, seen.photos[0].size);

	assert_true(bh_span_equal(bh_buf_span(&mine), bh_buf_span(&jpeg)));
	bh_buf_free(&mine);
	photo.metadata = BH_METADATA_NONE;
	assert_int_equal(report(w, &photo, 1, &ref), BH_OK);
	seen = look(w, ref.case_number);
	assert_true(seen.photos[0].size < jpeg.len);
	bh_buf_free(&jpeg);
}

static void test_client__a_photo_comes_from_a_file_too(void **state)
{
	struct world *w = *state;
	struct bh_buf jpeg = jpeg_make(400, 300, 3, false);
	char path[] = "photo-XXXXXX";
	bh_photo_input photo = BH_PHOTO_INPUT_INIT;
	bh_report_ref ref;
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(jpeg.data, 1, jpeg.len, file), jpeg.len);
	assert_int_equal(fclose(file), 0);
	world_enrolled(w);
	photo.path = path;
	photo.metadata = BH_METADATA_ALL;
	assert_int_equal(report(w, &photo, 1, &ref), BH_OK);
	assert_int_equal(look(w, ref.case_number).photos[0].size, jpeg.len);
	assert_int_equal(remove(path), 0);
	assert_int_equal(report(w, &photo, 1, &ref), BH_E_NOT_FOUND);
	bh_buf_free(&jpeg);
}

static void test_client__what_is_no_photo_records_nothing(void **state)
{
	struct world *w = *state;
	struct bh_buf jpeg = jpeg_make(400, 300, 4, false);
	struct bh_buf large = jpeg_make(400, 300, 5, false);
	bh_photo_input photos[BH_PHOTOS_MAX + 1];
	bh_report_ref ref;

	world_enrolled(w);
	for (size_t i = 0; i <= BH_PHOTOS_MAX; i++)
		photos[i] = given(&jpeg);
	assert_int_equal(report(w, photos, BH_PHOTOS_MAX + 1, &ref), BH_E_LIMIT);
	photos[1].data = "no picture at all";
	photos[1].size = 17;
	assert_int_equal(report(w, photos, 2, &ref), BH_E_INVALID);
	photos[1] = given(&jpeg);
	photos[1].path = "both";
	assert_int_equal(report(w, photos, 2, &ref), BH_E_INVALID);
	photos[1].data = photos[1].path = NULL;
	assert_int_equal(report(w, photos, 2, &ref), BH_E_INVALID);
	photos[1] = given(&jpeg);
	photos[1].metadata = 3;
	assert_int_equal(report(w, photos, 2, &ref), BH_E_INVALID);
	photos[1] = given(&jpeg);
	photos[1].struct_size = 4;
	assert_int_equal(report(w, photos, 2, &ref), BH_E_INVALID);
	photos[1] = given(&jpeg);
	photos[1].thumbnail = large.data;
	photos[1].thumbnail_size = large.len;
	assert_int_equal(report(w, photos, 2, &ref), BH_E_LIMIT);
	assert_int_equal(report(w, NULL, 1, &ref), BH_E_INVALID);
	assert_int_equal(world_status(w).unsent_ops, 0);
	assert_int_equal(world_status(w).unsent_photos, 0);
	bh_buf_free(&jpeg);
	bh_buf_free(&large);
}

static void test_client__a_thumbnail_of_the_host_is_taken_as_it_is(void **state)
{
	struct world *w = *state;
	struct bh_buf jpeg = jpeg_make(900, 600, 6, false);
	struct bh_buf small = jpeg_make(160, 120, 7, false);
	bh_photo_input photo = given(&jpeg);
	bh_report_ref ref;

	photo.thumbnail = small.data;
	photo.thumbnail_size = small.len;
	world_enrolled(w);
	assert_int_equal(report(w, &photo, 1, &ref), BH_OK);
	struct seen seen = look(w, ref.case_number);
	struct bh_buf mine = read_back(w, seen.photos[1].hash, seen.photos[1].size);
	struct jpeg_seen size = jpeg_look(bh_buf_span(&mine));

	assert_int_equal(size.width, 160);
	assert_int_equal(size.height, 120);
	bh_buf_free(&mine);
	bh_buf_free(&jpeg);
	bh_buf_free(&small);
}

/* A host that was built before photos were, and one from after: structs of their own sizes. */
static void test_client__structs_of_other_sizes_are_read_no_further(void **state)
{
	struct world *w = *state;
	struct bh_buf jpeg = jpeg_make(400, 300, 8, false);
	struct {
		bh_photo_input known;
		uint64_t later[4];
	} wide[2];
	bh_report_input input = BH_REPORT_INPUT_INIT;
	bh_report_ref ref;

	world_enrolled(w);
	memset(wide, 0xff, sizeof(wide));
	for (size_t i = 0; i < 2; i++) {
		wide[i].known = given(&jpeg);
		wide[i].known.struct_size = sizeof(wide[0]);
	}
	assert_int_equal(report(w, &wide[0].known, 2, &ref), BH_OK);
	assert_int_equal(look(w, ref.case_number).count, 2); /* the same photo twice */
	input.text = "old";
	input.struct_size = (uint32_t)offsetof(bh_report_input, photos);
	input.photos = (const bh_photo_input *)(uintptr_t)8;
	input.photos_count = 3;
	assert_int_equal(bh_report_record(w->client, &input, NULL, NULL), BH_OK);
	bh_buf_free(&jpeg);
}

static void test_client__what_the_server_refuses_stays_and_is_said(void **state)
{
	struct world *w = *state;
	struct bh_buf jpeg = jpeg_make(200, 150, 9, false);
	bh_photo_input photo = given(&jpeg);
	bh_report_ref ref;

	world_enrolled(w);
	autoserver_photo_answer(w->server, BH_BLOB_REFUSED);
	assert_int_equal(report(w, &photo, 1, &ref), BH_OK);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(world_status(w).unsent_photos, 0);
	struct seen seen = look(w, ref.case_number);
	uint32_t refused = seen.photos[1].state == BH_PHOTO_REFUSED ? 1 : 0;

	assert_int_equal(seen.photos[refused].state, BH_PHOTO_REFUSED);
	assert_true(seen.photos[refused].here);
	assert_int_equal(seen.photos[1 - refused].state, BH_PHOTO_COMPLETE);
	bh_buf_free(&jpeg);
}

static void test_client__only_complete_photos_are_let_go(void **state)
{
	struct world *w = *state;
	struct bh_buf jpeg = jpeg_make(900, 600, 10, false);
	bh_photo_input photo = given(&jpeg);
	bh_report_ref ref;
	uint64_t bytes = 7;
	size_t length = 0;

	world_enrolled(w);
	assert_int_equal(report(w, &photo, 1, &ref), BH_OK);
	assert_int_equal(bh_photo_free(w->client, INT64_MAX, &bytes, NULL), BH_OK);
	assert_int_equal(bytes, 0);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(bh_photo_free(w->client, INT64_MAX, &bytes, NULL), BH_OK);
	struct seen seen = look(w, ref.case_number);

	assert_int_equal(bytes, seen.photos[0].size);
	assert_int_equal(seen.photos[0].state, BH_PHOTO_COMPLETE);
	assert_true(!seen.photos[0].here && seen.photos[1].here);
	assert_int_equal(bh_photo_read(w->client, seen.photos[0].hash, NULL, 0, &length, NULL),
		BH_E_NOT_FOUND);
	assert_int_equal(
		bh_photo_read(w->client, seen.photos[1].hash, NULL, 0, &length, NULL), BH_E_LIMIT);
	assert_int_equal(length, seen.photos[1].size);
	assert_int_equal(bh_photo_read(w->client, "00ff", NULL, 0, &length, NULL), BH_E_INVALID);
	bh_buf_free(&jpeg);
}

/* The server has a unit's case with a finisher's photo and its small picture. */
static void unit_case(
	struct world *w, uint64_t number, const struct bh_buf *jpeg, const struct bh_buf *small)
{
	static const uint64_t unit[] = {SCRIPTED_UNIT};
	static uint8_t hashes[2][BH_HASH_BYTES];
	static struct bh_msg_record_blob blobs[2];

	autoserver_photo_add(w->server, bh_buf_span(jpeg), hashes[0]);
	autoserver_photo_add(w->server, bh_buf_span(small), hashes[1]);
	for (uint32_t i = 0; i < 2; i++)
		blobs[i] = (struct bh_msg_record_blob){bh_span(hashes[i], BH_HASH_BYTES),
			(uint32_t)(i ? small->len : jpeg->len), i + 1, BH_VERB_FINISH, 2, true};
	const struct bh_msg_record record = {.case_number = number,
		.position = 9,
		.state = BH_STATE_DISPATCHED,
		.scopes = unit,
		.scopes_count = 1,
		.blobs = blobs,
		.blobs_count = 2};

	autoserver_tell(w->server, &record);
}

static void test_client__anothers_photo_is_fetched_when_asked_for(void **state)
{
	struct world *w = *state;
	struct bh_buf jpeg = jpeg_make(900, 600, 11, false), small = jpeg_make(90, 60, 12, false);
	const uint64_t number = bh_case_number(99, 1);
	const char *away = "0000000000000000000000000000000000000000000000000000000000000000";

	world_enrolled(w);
	unit_case(w, number, &jpeg, &small);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	struct seen seen = look(w, number);

	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.photos[0].state, BH_PHOTO_FETCHABLE);
	assert_int_equal(seen.photos[0].verb, BH_ACT_FINISH);
	assert_int_equal(seen.photos[0].cycle, 2);
	assert_int_equal(seen.photos[1].state, BH_PHOTO_HERE);
	assert_true(!seen.photos[0].here && seen.photos[1].here && !seen.photos[1].own);
	assert_int_equal(bh_photo_fetch(w->client, away, NULL), BH_E_NOT_FOUND);
	assert_int_equal(bh_photo_fetch(w->client, seen.photos[0].hash, NULL), BH_OK);
	assert_int_equal(look(w, number).photos[0].state, BH_PHOTO_FETCHING);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	struct bh_buf mine = read_back(w, seen.photos[0].hash, seen.photos[0].size);

	assert_true(bh_span_equal(bh_buf_span(&mine), bh_buf_span(&jpeg)));
	assert_int_equal(bh_photo_fetch(w->client, seen.photos[0].hash, NULL), BH_DONE);
	bh_buf_free(&mine);
	bh_buf_free(&jpeg);
	bh_buf_free(&small);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_client__a_photo_goes_from_its_report_to_the_server),
		CASE(test_client__metadata_stays_as_the_host_says),
		CASE(test_client__a_photo_comes_from_a_file_too),
		CASE(test_client__what_is_no_photo_records_nothing),
		CASE(test_client__a_thumbnail_of_the_host_is_taken_as_it_is),
		CASE(test_client__structs_of_other_sizes_are_read_no_further),
		CASE(test_client__what_the_server_refuses_stays_and_is_said),
		CASE(test_client__only_complete_photos_are_let_go),
		CASE(test_client__anothers_photo_is_fetched_when_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
