/* Photos' files on a disk that fails: what is told to be whole is whole and stays (faults.md I11,
 * F01, F02, F03, F04, E03). */
#include "tests/unit/store/kit.h"

#include <stdio.h>

#include "server/store/blob_files.h"

#define PART 3000u
#define SIZE 20000u

struct fixture {
	struct bh_simvfs *vfs;
	struct bh_store_options options;
	struct bh_blob_files *files;
	struct bh_hasher *hasher;
	uint8_t photo[SIZE];
	uint8_t hash[BH_HASH_BYTES];
};

/* SOI, APP0, DQT, SOF0 of 640 x 480, and bytes behind it. */
static void photo_make(struct fixture *f, uint16_t width, uint16_t height)
{
	static const uint8_t head[] = {0xff, 0xd8, 0xff, 0xff, 0xe0, 0x00, 0x06, 'J', 'F', 'I', 'F',
		0xff, 0xdb, 0x00, 0x04, 0x01, 0x02, 0xff, 0xc0, 0x00, 0x0b, 0x08};
	size_t at = sizeof(head);

	for (size_t i = 0; i < SIZE; i++)
		f->photo[i] = (uint8_t)(i * 31 + i / 251);
	memcpy(f->photo, head, at);
	f->photo[at++] = (uint8_t)(height >> 8);
	f->photo[at++] = (uint8_t)height;
	f->photo[at++] = (uint8_t)(width >> 8);
	f->photo[at++] = (uint8_t)width;
}

static void photo_hash(struct fixture *f)
{
	struct bh_span whole = bh_span(f->photo, SIZE);

	bh_hash_parts(f->hasher, &whole, 1, f->hash);
}

static int setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	struct bh_simvfs_config config = {.number = 31, .seed = 5};

	assert_int_equal(bh_simvfs_create(&config, &f->vfs), 0);
	f->options = (struct bh_store_options){.path = KIT_PATH, .vfs = bh_simvfs_name(f->vfs)};
	assert_int_equal(bh_hasher_open(&f->hasher), 0);
	photo_make(f, 640, 480);
	photo_hash(f);
	assert_int_equal(bh_blob_files_open(&f->options, &f->files), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	bh_blob_files_close(f->files);
	bh_hasher_close(f->hasher);
	bh_simvfs_free(f->vfs);
	test_free(f);
	return 0;
}

/* The process ends, and the next one looks at what is left. */
static void restart(struct fixture *f, bool power)
{
	bh_blob_files_close(f->files);
	if (power)
		bh_simvfs_crash(f->vfs);
	else
		bh_simvfs_kill(f->vfs);
	assert_int_equal(bh_blob_files_open(&f->options, &f->files), 0);
}

static struct bh_blob_job run(struct fixture *f, enum bh_blob_work work, uint32_t size,
	uint64_t upload, uint32_t offset, struct bh_span data)
{
	struct bh_blob_job job = {.work = work,
		.size = size,
		.upload = upload,
		.offset = offset,
		.data = BH_BUF(SIZE),
		.bytes_max = SIZE};

	memcpy(job.hash, f->hash, BH_HASH_BYTES);
	assert_int_equal(bh_buf_append(&job.data, data.data, data.len), 0);
	bh_blob_files_run(f->files, &job);
	bh_buf_free(&job.data);
	return job;
}

static struct bh_blob_job offer(struct fixture *f)
{
	return run(f, BH_BLOB_OPEN, SIZE, 0, 0, bh_span(NULL, 0));
}

static struct bh_blob_job part(struct fixture *f, uint64_t upload, uint32_t offset, uint32_t len)
{
	return run(f, BH_BLOB_PART, 0, upload, offset, bh_span(f->photo + offset, len));
}

/* From what is held to the end, or until something is wrong. */
static struct bh_blob_job send_rest(struct fixture *f, struct bh_blob_job job)
{
	while (job.err == 0 && job.found == BH_BLOB_HELD) {
		uint32_t len = SIZE - job.held < PART ? SIZE - job.held : PART;
		job = part(f, job.upload, job.held, len);
	}
	return job;
}

/* As a handset does: what is held has to be its own prefix, else it begins at 0. */
static struct bh_blob_job send_all(struct fixture *f)
{
	struct bh_blob_job job = offer(f);
	uint8_t hash[BH_HASH_BYTES];

	if (job.err == 0 && job.found == BH_BLOB_HELD) {
		struct bh_span prefix = bh_span(f->photo, job.held);
		bh_hash_parts(f->hasher, &prefix, 1, hash);
		if (memcmp(hash, job.prefix_hash, BH_HASH_BYTES) != 0)
			job = part(f, job.upload, 0, PART);
	}
	return send_rest(f, job);
}

static void assert_held(struct fixture *f, struct bh_blob_job job, uint32_t held)
{
	uint8_t hash[BH_HASH_BYTES];
	struct bh_span prefix = bh_span(f->photo, held);

	assert_int_equal(job.err, 0);
	assert_int_equal(job.found, BH_BLOB_HELD);
	assert_int_equal(job.held, held);
	bh_hash_parts(f->hasher, &prefix, 1, hash);
	assert_memory_equal(job.prefix_hash, hash, BH_HASH_BYTES);
}

static void file_name(struct fixture *f, char *path, size_t size)
{
	assert_int_equal(bh_blob_path(KIT_PATH, f->hash, path, size), 0);
}

static bool file_is_whole(struct fixture *f)
{
	char path[256];
	const uint8_t *data;
	size_t len;

	file_name(f, path, sizeof(path));
	return bh_simvfs_file_image(f->vfs, path, &data, &len) == 0 && len == SIZE &&
	       memcmp(data, f->photo, SIZE) == 0;
}

static bool file_exists(struct fixture *f)
{
	char path[256];

	file_name(f, path, sizeof(path));
	return bh_simvfs_file_exists(f->vfs, path);
}

static void test_files__parts_make_a_whole_that_a_power_cut_leaves(void **state)
{
	struct fixture *f = *state;
	struct bh_blob_job job = offer(f);

	assert_held(f, job, 0);
	assert_false(file_exists(f)); /* an offer alone writes nothing */
	assert_held(f, part(f, job.upload, 0, PART), PART);
	job = send_rest(f, part(f, job.upload, PART, PART));
	assert_int_equal(job.err, 0);
	assert_int_equal(job.found, BH_BLOB_WHOLE);
	assert_int_equal(bh_blob_files_uploads(f->files), 0);
	restart(f, true);
	assert_true(file_is_whole(f));
	job = offer(f);
	assert_int_equal(job.found, BH_BLOB_WHOLE);
}

static void test_files__lie_by_their_hash_two_folders_deep(void **state)
{
	struct fixture *f = *state;
	char path[256], hex[2 * BH_HASH_BYTES + 1], expected[256];

	(void)send_all(f);
	bh_hex_format(bh_span(f->hash, BH_HASH_BYTES), hex);
	snprintf(expected, sizeof(expected), "/d/blobs/%.2s/%.2s/%s", hex, hex + 2, hex);
	file_name(f, path, sizeof(path));
	assert_string_equal(path, expected);
	assert_true(bh_simvfs_file_exists(f->vfs, expected));
	assert_int_equal(bh_blob_path(KIT_PATH, f->hash, path, 40), BH_ERR_LIMIT);
}

static void test_files__repeats_gaps_overlaps_and_what_is_beyond_change_nothing(void **state)
{
	struct fixture *f = *state;
	struct bh_blob_job job = offer(f);
	uint64_t upload = job.upload;

	assert_held(f, part(f, upload, PART, PART), 0); /* a gap */
	assert_held(f, part(f, upload, 0, PART), PART);
	assert_held(f, part(f, upload, 0, PART), PART);       /* the same again */
	assert_held(f, part(f, upload, 10, PART - 10), PART); /* inside */
	assert_held(f, part(f, upload, 10, PART), PART + 10); /* across the end */
	assert_held(f, part(f, upload, PART + 11, 5), PART + 10);
	assert_held(f, part(f, upload, SIZE - 5, 5), PART + 10);
	job = run(f, BH_BLOB_PART, 0, upload, PART + 10, bh_span(f->photo, SIZE - PART - 9));
	assert_held(f, job, PART + 10); /* one byte past the size */
	job = run(f, BH_BLOB_PART, 0, upload, UINT32_MAX, bh_span(f->photo, 7));
	assert_held(f, job, PART + 10);
	assert_held(f, part(f, upload, 0, 100), 100); /* it begins anew */
	job = part(f, upload + 77, 100, PART);
	assert_int_equal(job.found, BH_BLOB_LOST);
	job = send_rest(f, part(f, upload, 100, PART));
	assert_int_equal(job.found, BH_BLOB_WHOLE);
	assert_true(file_is_whole(f));
}

static void test_files__another_hash_is_refused_and_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct bh_blob_job job;

	f->photo[SIZE - 1] ^= 1;
	job = send_all(f);
	assert_int_equal(job.err, 0);
	assert_int_equal(job.found, BH_BLOB_WRONG);
	assert_false(file_exists(f));
	f->photo[SIZE - 1] ^= 1;
	assert_held(f, offer(f), 0);
	assert_int_equal(send_all(f).found, BH_BLOB_WHOLE);
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
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		photo_make(f, sides[i].width, sides[i].height);
		photo_hash(f);
		assert_int_equal(send_all(f).found, sides[i].found);
		assert_int_equal(file_exists(f), sides[i].found == BH_BLOB_WHOLE);
	}
	for (size_t i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
		photo_make(f, 640, 480);
		f->photo[spoils[i][0]] = spoils[i][1];
		photo_hash(f);
		assert_int_equal(send_all(f).found, BH_BLOB_WRONG);
	}
}

static void test_files__a_photo_without_an_end_of_its_markers_is_none(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < SIZE; i += 4) /* segments of two bytes, for ever */
		memcpy(f->photo + i, i ? "\xff\xfe\x00\x02" : "\xff\xd8\xff\xff", 4);
	photo_hash(f);
	assert_int_equal(send_all(f).found, BH_BLOB_WRONG);
	memset(f->photo, 0xff, SIZE);
	f->photo[1] = 0xd8;
	photo_hash(f);
	assert_int_equal(send_all(f).found, BH_BLOB_WRONG);
}

static void test_files__another_session_goes_on_where_the_first_was(void **state)
{
	struct fixture *f = *state;
	struct bh_blob_job first = offer(f), second;

	(void)part(f, first.upload, 0, PART);
	second = offer(f);
	assert_held(f, second, PART);
	assert_int_equal(part(f, first.upload, PART, PART).found, BH_BLOB_LOST);
	assert_int_equal(send_rest(f, second).found, BH_BLOB_WHOLE);
}

static void test_files__what_is_whole_is_never_touched_again(void **state)
{
	static const uint32_t sizes[] = {SIZE - 1, SIZE + 1, 5};
	struct fixture *f = *state;

	assert_int_equal(send_all(f).found, BH_BLOB_WHOLE);
	for (int i = 0; i < 2; i++) { /* known of before, and found on the disk */
		for (size_t k = 0; k < 3; k++) {
			struct bh_blob_job job = run(
				f, BH_BLOB_OPEN, sizes[k], 0, 0, bh_span(NULL, 0));
			assert_int_equal(job.found, BH_BLOB_WRONG);
			assert_true(file_is_whole(f));
		}
		assert_int_equal(offer(f).found, BH_BLOB_WHOLE);
		restart(f, i == 0);
	}
}

static void test_files__a_stored_one_is_asked_for_again_only_where_it_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct bh_blob_job job = {.work = BH_BLOB_OPEN, .size = SIZE, .stored = true};

	memcpy(job.hash, f->hash, BH_HASH_BYTES);
	assert_int_equal(send_all(f).found, BH_BLOB_WHOLE);
	uint64_t reads = bh_simvfs_stats(f->vfs).calls[BH_SIMVFS_READ];
	bh_blob_files_run(f->files, &job);
	assert_int_equal(job.found, BH_BLOB_WHOLE);
	assert_int_equal(bh_simvfs_stats(f->vfs).calls[BH_SIMVFS_READ], reads);
	assert_int_equal(run(f, BH_BLOB_DROP, 0, 0, 0, bh_span(NULL, 0)).err, 0);
	assert_held(f, offer(f), 0);
	restart(f, false); /* as after a restore without the photos */
	bh_blob_files_run(f->files, &job);
	assert_held(f, job, 0);
	assert_int_equal(send_rest(f, job).found, BH_BLOB_WHOLE);
}

/* At every change of the disk the power goes, or the process; then it is offered again, as often as
 * it takes.  Whatever was told to be whole is so after any cut. */
static void cut_everywhere(struct fixture *f, bool power)
{
	for (uint64_t k = 1; k < 40; k++) {
		bool told = false, stopped = false;
		bh_simvfs_stop_at(f->vfs, k);
		told = send_all(f).found == BH_BLOB_WHOLE;
		stopped = bh_simvfs_is_stopped(f->vfs);
		bh_simvfs_stop_at(f->vfs, 0);
		restart(f, power);
		if (told && !stopped)
			assert_true(file_is_whole(f));
		struct bh_blob_job job = send_all(f);
		assert_int_equal(job.err, 0);
		assert_int_equal(job.found, BH_BLOB_WHOLE);
		assert_true(file_is_whole(f));
		restart(f, true);
		assert_true(file_is_whole(f));
		assert_int_equal(run(f, BH_BLOB_DROP, 0, 0, 0, bh_span(NULL, 0)).err, 0);
		restart(f, true);
		assert_false(file_exists(f));
		if (!stopped) {
			assert_true(k > SIZE / PART); /* each part was a change at least */
			return;
		}
	}
	fail_msg("it never came through");
}

static void test_files__a_power_cut_at_every_write_loses_nothing_told(void **state)
{
	cut_everywhere(*state, true);
}

static void test_files__a_kill_at_every_write_loses_nothing_told(void **state)
{
	cut_everywhere(*state, false);
}

static void test_files__every_error_ends_one_upload_and_the_next_goes_through(void **state)
{
	static const struct {
		enum bh_simvfs_call call;
		enum bh_simvfs_fault fault;
		int err;
	} faults[] = {{BH_SIMVFS_WRITE, BH_SIMVFS_EIO, BH_ERR_IO},
		{BH_SIMVFS_WRITE, BH_SIMVFS_FULL, BH_ERR_FULL},
		{BH_SIMVFS_WRITE, BH_SIMVFS_SHORT, BH_ERR_IO},
		{BH_SIMVFS_READ, BH_SIMVFS_EIO, BH_ERR_IO},
		{BH_SIMVFS_READ, BH_SIMVFS_SHORT, BH_ERR_IO},
		{BH_SIMVFS_OPEN, BH_SIMVFS_EIO, BH_ERR_IO},
		{BH_SIMVFS_TRUNCATE, BH_SIMVFS_EIO, BH_ERR_IO},
		{BH_SIMVFS_SYNC, BH_SIMVFS_EIO, BH_ERR_IO},
		{BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, BH_ERR_IO},
		{BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_PART, BH_ERR_IO}};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		for (uint32_t nth = 1;; nth++) {
			struct bh_simvfs_plan plan = {
				.call = faults[i].call, .fault = faults[i].fault, .nth = nth};
			assert_int_equal(bh_simvfs_plan_add(f->vfs, &plan), 0);
			struct bh_blob_job job = send_all(f);
			bh_simvfs_heal(f->vfs);
			bool struck = job.err != 0;
			if (struck)
				assert_int_equal(job.err, faults[i].err);
			job = send_all(f);
			assert_int_equal(job.err, 0);
			assert_int_equal(job.found, BH_BLOB_WHOLE);
			restart(f, true);
			assert_true(file_is_whole(f));
			(void)run(f, BH_BLOB_DROP, 0, 0, 0, bh_span(NULL, 0));
			restart(f, true);
			if (!struck) {
				assert_true(nth > 1);
				break;
			}
		}
	}
}

static void test_files__a_full_disk_says_so_until_there_is_room(void **state)
{
	struct fixture *f = *state;

	bh_simvfs_budget_set(f->vfs, bh_simvfs_bytes_used(f->vfs) + 2 * PART + 100);
	assert_int_equal(send_all(f).err, BH_ERR_FULL);
	assert_int_equal(send_all(f).err, BH_ERR_FULL);
	bh_simvfs_heal(f->vfs);
	assert_held(f, offer(f), 2 * PART + 100); /* as far as it fitted */
	assert_int_equal(send_all(f).found, BH_BLOB_WHOLE);
}

static void test_files__are_read_in_parts_and_only_as_they_are_said_to_be(void **state)
{
	struct fixture *f = *state;
	struct bh_blob_job job = {
		.work = BH_BLOB_READ, .size = SIZE, .bytes_max = PART, .data = BH_BUF(PART)};

	memcpy(job.hash, f->hash, BH_HASH_BYTES);
	bh_blob_files_run(f->files, &job);
	assert_int_equal(job.err, BH_ERR_NOT_FOUND);
	(void)send_all(f);
	for (; job.offset < SIZE; job.offset += (uint32_t)job.data.len) {
		bh_blob_files_run(f->files, &job);
		assert_int_equal(job.err, 0);
		assert_int_equal(job.data.len, SIZE - job.offset < PART ? SIZE - job.offset : PART);
		assert_memory_equal(job.data.data, f->photo + job.offset, job.data.len);
	}
	bh_blob_files_run(f->files, &job);
	assert_int_equal(job.err, BH_ERR_NOT_FOUND); /* nothing behind the end */
	job.offset = 0;
	job.size = SIZE - 1;
	bh_blob_files_run(f->files, &job);
	assert_int_equal(job.err, BH_ERR_NOT_FOUND);
	bh_buf_free(&job.data);
}

static void test_files__of_too_many_uploads_the_one_that_waited_longest_ends(void **state)
{
	struct fixture *f = *state;
	struct bh_blob_job first = offer(f);

	(void)part(f, first.upload, 0, PART);
	for (uint32_t i = 0; i < 300; i++) {
		f->hash[31] ^= 0x55;
		f->hash[0] = (uint8_t)i;
		f->hash[1] = (uint8_t)(i >> 8);
		assert_int_equal(offer(f).found, BH_BLOB_HELD);
	}
	assert_int_equal(bh_blob_files_uploads(f->files), 256);
	assert_int_equal(part(f, first.upload, PART, PART).found, BH_BLOB_LOST);
	photo_hash(f);
	assert_held(f, offer(f), PART);
}

int main(void)
{
#define FILES_TEST(name) cmocka_unit_test_setup_teardown(test_files__##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		FILES_TEST(parts_make_a_whole_that_a_power_cut_leaves),
		FILES_TEST(lie_by_their_hash_two_folders_deep),
		FILES_TEST(repeats_gaps_overlaps_and_what_is_beyond_change_nothing),
		FILES_TEST(another_hash_is_refused_and_leaves_nothing),
		FILES_TEST(only_a_photo_of_bearable_size_is_taken),
		FILES_TEST(a_photo_without_an_end_of_its_markers_is_none),
		FILES_TEST(another_session_goes_on_where_the_first_was),
		FILES_TEST(what_is_whole_is_never_touched_again),
		FILES_TEST(a_stored_one_is_asked_for_again_only_where_it_is_not_there),
		FILES_TEST(a_power_cut_at_every_write_loses_nothing_told),
		FILES_TEST(a_kill_at_every_write_loses_nothing_told),
		FILES_TEST(every_error_ends_one_upload_and_the_next_goes_through),
		FILES_TEST(a_full_disk_says_so_until_there_is_room),
		FILES_TEST(are_read_in_parts_and_only_as_they_are_said_to_be),
		FILES_TEST(of_too_many_uploads_the_one_that_waited_longest_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
