/* Photos' files: what is held, what is whole, what is refused (faults.md F01, F02, F04, I11). */
#include "tests/unit/store/blob_kit.h"

#include <stdio.h>

static void test_files__parts_make_a_whole_that_a_power_cut_leaves(void **state)
{
	struct blob_kit *f = *state;
	struct bh_blob_job job = blob_offer(f);

	blob_assert_held(f, job, 0);
	assert_false(blob_exists(f)); /* an offer alone writes nothing */
	blob_assert_held(f, blob_part(f, job.upload, 0, BLOB_PART), BLOB_PART);
	job = blob_send_rest(f, blob_part(f, job.upload, BLOB_PART, BLOB_PART));
	assert_int_equal(job.err, 0);
	assert_int_equal(job.found, BH_BLOB_WHOLE);
	assert_int_equal(bh_blob_files_uploads(f->files), 0);
	blob_restart(f, true);
	assert_true(blob_is_whole(f));
	job = blob_offer(f);
	assert_int_equal(job.found, BH_BLOB_WHOLE);
}

static void test_files__lie_by_their_hash_two_folders_deep(void **state)
{
	struct blob_kit *f = *state;
	char path[256], hex[2 * BH_HASH_BYTES + 1], expected[256];

	(void)blob_send_all(f);
	bh_hex_format(bh_span(f->hash, BH_HASH_BYTES), hex);
	snprintf(expected, sizeof(expected), "/d/blobs/%.2s/%.2s/%s", hex, hex + 2, hex);
	assert_int_equal(bh_blob_path(KIT_PATH, f->hash, path, sizeof(path)), 0);
	assert_string_equal(path, expected);
	assert_true(bh_simvfs_file_exists(f->vfs, expected));
	assert_int_equal(bh_blob_path(KIT_PATH, f->hash, path, 40), BH_ERR_LIMIT);
}

static void test_files__repeats_gaps_overlaps_and_what_is_beyond_change_nothing(void **state)
{
	struct blob_kit *f = *state;
	struct bh_blob_job job = blob_offer(f);
	uint64_t upload = job.upload;

	blob_assert_held(f, blob_part(f, upload, BLOB_PART, BLOB_PART), 0); /* a gap */
	blob_assert_held(f, blob_part(f, upload, 0, BLOB_PART), BLOB_PART);
	blob_assert_held(f, blob_part(f, upload, 0, BLOB_PART), BLOB_PART); /* the same again */
	blob_assert_held(f, blob_part(f, upload, 10, BLOB_PART - 10), BLOB_PART); /* inside */
	blob_assert_held(
		f, blob_part(f, upload, 10, BLOB_PART), BLOB_PART + 10); /* across the end */
	blob_assert_held(f, blob_part(f, upload, BLOB_PART + 11, 5), BLOB_PART + 10);
	blob_assert_held(f, blob_part(f, upload, BLOB_SIZE - 5, 5), BLOB_PART + 10);
	job = blob_run(f, BH_BLOB_PART, 0, upload, BLOB_PART + 10,
		bh_span(f->photo, BLOB_SIZE - BLOB_PART - 9));
	blob_assert_held(f, job, BLOB_PART + 10); /* one byte past the size */
	job = blob_run(f, BH_BLOB_PART, 0, upload, UINT32_MAX, bh_span(f->photo, 7));
	blob_assert_held(f, job, BLOB_PART + 10);
	blob_assert_held(f, blob_part(f, upload, 0, 100), 100); /* it begins anew */
	job = blob_part(f, upload + 77, 100, BLOB_PART);
	assert_int_equal(job.found, BH_BLOB_LOST);
	job = blob_send_rest(f, blob_part(f, upload, 100, BLOB_PART));
	assert_int_equal(job.found, BH_BLOB_WHOLE);
	assert_true(blob_is_whole(f));
}

static void test_files__another_hash_is_refused_and_leaves_nothing(void **state)
{
	struct blob_kit *f = *state;
	struct bh_blob_job job;

	f->photo[BLOB_SIZE - 1] ^= 1;
	job = blob_send_all(f);
	assert_int_equal(job.err, 0);
	assert_int_equal(job.found, BH_BLOB_WRONG);
	assert_false(job.stays);
	assert_false(blob_exists(f));
	f->photo[BLOB_SIZE - 1] ^= 1;
	blob_assert_held(f, blob_offer(f), 0);
	assert_int_equal(blob_send_all(f).found, BH_BLOB_WHOLE);
}

static void test_files__only_a_photo_of_bearable_size_is_taken(void **state)
{
	static const struct {
		uint16_t width, height;
		enum bh_blob_found found;
	} sides[] = {{1, 1, BH_BLOB_WHOLE}, {10000, 10000, BH_BLOB_WHOLE},
		{10001, 10000, BH_BLOB_WRONG}, {65535, 65535, BH_BLOB_WRONG},
		{0, 480, BH_BLOB_WRONG}, {640, 0, BH_BLOB_WRONG}};
	static const uint8_t spoils[][3] = {{0, 0x89, 1}, {3, 0x00, 1}, {13, 0xff, 1},
		{14, 0x01, 1}, {18, 0xda, 1}, {12, 0xc8, 1}};
	struct blob_kit *f = *state;

	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		blob_photo(f, sides[i].width, sides[i].height);
		blob_hash(f);
		assert_int_equal(blob_send_all(f).found, sides[i].found);
		assert_int_equal(blob_exists(f), sides[i].found == BH_BLOB_WHOLE);
	}
	for (size_t i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
		blob_photo(f, 640, 480);
		f->photo[spoils[i][0]] = spoils[i][1];
		blob_hash(f);
		assert_int_equal(blob_send_all(f).found, BH_BLOB_WRONG);
	}
}

static void test_files__a_photo_without_an_end_of_its_markers_is_none(void **state)
{
	struct blob_kit *f = *state;

	for (size_t i = 0; i < BLOB_SIZE; i += 4) /* segments of two bytes, for ever */
		memcpy(f->photo + i, i ? "\xff\xfe\x00\x02" : "\xff\xd8\xff\xff", 4);
	blob_hash(f);
	assert_int_equal(blob_send_all(f).found, BH_BLOB_WRONG);
	memset(f->photo, 0xff, BLOB_SIZE);
	f->photo[1] = 0xd8;
	blob_hash(f);
	assert_int_equal(blob_send_all(f).found, BH_BLOB_WRONG);
}

static void test_files__another_session_goes_on_where_the_first_was(void **state)
{
	struct blob_kit *f = *state;
	struct bh_blob_job first = blob_offer(f), second;

	(void)blob_part(f, first.upload, 0, BLOB_PART);
	second = blob_offer(f);
	blob_assert_held(f, second, BLOB_PART);
	assert_int_equal(blob_part(f, first.upload, BLOB_PART, BLOB_PART).found, BH_BLOB_LOST);
	assert_int_equal(blob_send_rest(f, second).found, BH_BLOB_WHOLE);
}

static void test_files__what_is_whole_is_never_touched_again(void **state)
{
	static const uint32_t sizes[] = {BLOB_SIZE - 1, BLOB_SIZE + 1, 5};
	struct blob_kit *f = *state;

	assert_int_equal(blob_send_all(f).found, BH_BLOB_WHOLE);
	for (int i = 0; i < 2; i++) { /* known of before, and found on the disk */
		for (size_t k = 0; k < 3; k++) {
			struct bh_blob_job job = blob_run(
				f, BH_BLOB_OPEN, sizes[k], 0, 0, bh_span(NULL, 0));
			assert_int_equal(job.found, BH_BLOB_WRONG);
			assert_true(job.stays);
			assert_true(blob_is_whole(f));
		}
		assert_int_equal(blob_offer(f).found, BH_BLOB_WHOLE);
		blob_restart(f, i == 0);
	}
}

static void test_files__are_read_in_parts_and_only_as_they_are_said_to_be(void **state)
{
	struct blob_kit *f = *state;
	struct bh_blob_job job = {.work = BH_BLOB_READ,
		.size = BLOB_SIZE,
		.bytes_max = BLOB_PART,
		.data = BH_BUF(BLOB_PART)};

	memcpy(job.hash, f->hash, BH_HASH_BYTES);
	bh_blob_files_run(f->files, &job);
	assert_int_equal(job.err, BH_ERR_NOT_FOUND);
	(void)blob_send_all(f);
	for (; job.offset < BLOB_SIZE; job.offset += (uint32_t)job.data.len) {
		bh_blob_files_run(f->files, &job);
		assert_int_equal(job.err, 0);
		assert_int_equal(job.data.len,
			BLOB_SIZE - job.offset < BLOB_PART ? BLOB_SIZE - job.offset : BLOB_PART);
		assert_memory_equal(job.data.data, f->photo + job.offset, job.data.len);
	}
	bh_blob_files_run(f->files, &job);
	assert_int_equal(job.err, BH_ERR_NOT_FOUND); /* nothing behind the end */
	job.offset = 0;
	job.size = BLOB_SIZE - 1;
	bh_blob_files_run(f->files, &job);
	assert_int_equal(job.err, BH_ERR_NOT_FOUND);
	bh_buf_free(&job.data);
}

/* Another photo's hash, never sent. */
static void another(struct blob_kit *f, uint32_t which)
{
	memset(f->hash, 0x55, BH_HASH_BYTES);
	f->hash[0] = (uint8_t)which;
	f->hash[1] = (uint8_t)(which >> 8);
}

static void test_files__of_too_many_uploads_the_newest_wait_and_none_is_robbed(void **state)
{
	struct blob_kit *f = *state;
	struct bh_blob_job first = blob_offer(f);

	for (uint32_t i = 1; i < 256; i++) {
		another(f, i);
		assert_int_equal(blob_offer(f).found, BH_BLOB_HELD);
	}
	for (uint32_t minute = 0; minute < 10; minute++) { /* a slow one that is heard of */
		blob_hash(f);
		f->mono_ms += 60000;
		blob_assert_held(
			f, blob_part(f, first.upload, minute * 100, 100), (minute + 1) * 100);
		if (minute >= 2)
			continue;
		another(f, 1000 + minute);
		assert_int_equal(blob_offer(f).found, BH_BLOB_BUSY);
		assert_int_equal(bh_blob_files_uploads(f->files), 256);
	}
	another(f, 2000); /* the others were silent too long */
	assert_int_equal(blob_offer(f).found, BH_BLOB_HELD);
	assert_int_equal(bh_blob_files_uploads(f->files), 256);
	blob_hash(f);
	blob_assert_held(f, blob_part(f, first.upload, 1000, 100), 1100);
}

static void test_files__no_device_has_the_places_of_others(void **state)
{
	struct blob_kit *f = *state;

	f->device = 7;
	struct bh_blob_job first = blob_offer(f);
	blob_assert_held(f, blob_part(f, first.upload, 0, 100), 100);
	for (uint32_t i = 1; i <= 300; i++) {
		another(f, i);
		assert_int_equal(blob_offer(f).found, BH_BLOB_HELD);
	}
	assert_int_equal(bh_blob_files_uploads(f->files), 2);
	f->device = 8;
	another(f, 1000);
	assert_int_equal(blob_offer(f).found, BH_BLOB_HELD);
	assert_int_equal(bh_blob_files_uploads(f->files), 3);
	f->device = 7;
	blob_hash(f);
	assert_int_equal(blob_part(f, first.upload, 100, 100).found, BH_BLOB_LOST);
	blob_assert_held(f, blob_offer(f), 100); /* and it goes on where it was */
	for (uint32_t i = 2000; i < 2300; i++) { /* not by what another began, either */
		another(f, i);
		f->device = 8;
		assert_int_equal(blob_offer(f).found, BH_BLOB_HELD);
		f->device = 7;
		assert_int_equal(blob_offer(f).found, BH_BLOB_HELD);
	}
	assert_in_range(bh_blob_files_uploads(f->files), 1, 4);
}

static void test_files__one_that_waited_goes_on_where_it_was(void **state)
{
	struct blob_kit *f = *state;
	struct bh_blob_job first = blob_offer(f);

	(void)blob_part(f, first.upload, 0, BLOB_PART);
	f->mono_ms += 200000;
	for (uint32_t i = 1; i <= 256; i++) {
		another(f, i);
		assert_int_equal(blob_offer(f).found, BH_BLOB_HELD);
	}
	blob_hash(f);
	assert_int_equal(blob_part(f, first.upload, BLOB_PART, BLOB_PART).found, BH_BLOB_LOST);
	assert_int_equal(blob_offer(f).found, BH_BLOB_BUSY);
	f->mono_ms += 200000;
	blob_assert_held(f, blob_offer(f), BLOB_PART);
}

int main(void)
{
#define FILES_TEST(name) cmocka_unit_test_setup_teardown(test_files__##name, blob_open, blob_close)
	const struct CMUnitTest tests[] = {
		FILES_TEST(parts_make_a_whole_that_a_power_cut_leaves),
		FILES_TEST(lie_by_their_hash_two_folders_deep),
		FILES_TEST(repeats_gaps_overlaps_and_what_is_beyond_change_nothing),
		FILES_TEST(another_hash_is_refused_and_leaves_nothing),
		FILES_TEST(only_a_photo_of_bearable_size_is_taken),
		FILES_TEST(a_photo_without_an_end_of_its_markers_is_none),
		FILES_TEST(another_session_goes_on_where_the_first_was),
		FILES_TEST(what_is_whole_is_never_touched_again),
		FILES_TEST(are_read_in_parts_and_only_as_they_are_said_to_be),
		FILES_TEST(of_too_many_uploads_the_newest_wait_and_none_is_robbed),
		FILES_TEST(no_device_has_the_places_of_others),
		FILES_TEST(one_that_waited_goes_on_where_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
