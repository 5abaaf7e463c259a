/* Uploads that nobody goes on with are collected; nothing else is (faults.md F07). */
#include "server/store/blob.h"
#include "server/store/blob_slots.h"
#include "server/store/writer.h"
#include "tests/unit/store/blob_kit.h"

#define HASHES_MAX 8u

struct both {
	struct kit kit;
	struct bh_blob_files *files;
	struct phone phone;
	uint8_t hashes[HASHES_MAX][BH_HASH_BYTES];
	size_t count;
};

static int setup(void **state)
{
	struct both *b = test_calloc(1, sizeof(*b));

	kit_open(&b->kit, 33);
	kit_enrol(&b->kit, &b->phone, BH_DEMO_WORKER(1111), 1);
	assert_int_equal(bh_blob_files_open(&b->kit.options, &b->files), 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct both *b = *state;

	bh_blob_files_close(b->files);
	kit_close(&b->kit);
	test_free(b);
	return 0;
}

/* Room for a photo of two bytes, and its first one. */
static void begin(struct both *b, uint8_t which)
{
	struct bh_command command = {
		.source = BH_SOURCE_STORE, .blob_room = true, .blob_size = 2, .device = 7};
	struct bh_blob_job open = {.work = BH_BLOB_OPEN, .size = 2}, part;

	command.blob_hash[0] = which;
	open.hash[0] = which;
	assert_int_equal(kit_run(&b->kit, &command).verdict, BH_VERDICT_ACCEPTED);
	bh_blob_files_run(b->files, &open);
	part = (struct bh_blob_job){.work = BH_BLOB_PART, .upload = open.upload, .data = BH_BUF(8)};
	assert_int_equal(bh_buf_append(&part.data, "\xff", 1), 0);
	bh_blob_files_run(b->files, &part);
	assert_int_equal(part.held, 1);
	bh_buf_free(&part.data);
}

static bool is_there(struct both *b, uint8_t which)
{
	const uint8_t hash[BH_HASH_BYTES] = {which};

	return blob_lies(b->kit.vfs, hash, ".part");
}

static size_t collect(struct both *b, size_t max)
{
	int64_t before_ms = bh_writer_time(b->kit.writer, b->kit.now, NULL) - BH_UPLOAD_AGE_MS_MAX;

	b->count = 0;
	assert_int_equal(bh_blob_collect(b->files, b->kit.reader, b->kit.now.mono_ms, before_ms,
				 b->hashes, max, &b->count),
		0);
	assert_int_equal(bh_writer_uploads_drop(b->kit.writer, b->kit.now,
				 (const uint8_t(*)[BH_HASH_BYTES])b->hashes, b->count, before_ms),
		0);
	return b->count;
}

static void test_collect__takes_what_nobody_offered_for_seven_days(void **state)
{
	struct both *b = *state;

	begin(b, 1);
	begin(b, 2);
	assert_int_equal(collect(b, HASHES_MAX), 0);
	kit_pass(&b->kit, BH_UPLOAD_AGE_MS_MAX - KIT_MINUTE);
	begin(b, 3);
	assert_int_equal(collect(b, HASHES_MAX), 0);
	kit_pass(&b->kit, 2 * KIT_MINUTE);
	assert_int_equal(collect(b, HASHES_MAX), 2);
	assert_false(is_there(b, 1));
	assert_false(is_there(b, 2));
	assert_true(is_there(b, 3));
	assert_int_equal(bh_blob_files_uploads(b->files), 1);
	assert_int_equal(collect(b, HASHES_MAX), 0);
}

static void test_collect__takes_a_slice_at_a_time(void **state)
{
	struct both *b = *state;

	for (uint8_t i = 1; i <= 5; i++)
		begin(b, i);
	kit_pass(&b->kit, BH_UPLOAD_AGE_MS_MAX + KIT_MINUTE);
	assert_int_equal(collect(b, 2), 2);
	assert_int_equal(collect(b, 2), 2);
	assert_int_equal(collect(b, 2), 1);
	assert_int_equal(collect(b, 2), 0);
}

static void test_collect__leaves_alone_what_the_journal_calls_stored(void **state)
{
	struct both *b = *state;
	const uint8_t hash[BH_HASH_BYTES] = {1};
	const struct bh_msg_blob blob = {bh_span(hash, BH_HASH_BYTES), 2, BH_BLOB_PHOTO};
	struct push push;

	push_begin(&push);
	push.blobs = &blob;
	push.blobs_count = 1;
	push_report(&b->kit, &push, &b->phone, "litter");
	assert_int_equal(push_run(&b->kit, &push), 0);
	struct bh_command stored = {.source = BH_SOURCE_STORE,
		.case_number = push.outcomes[0].case_number,
		.blob_size = 2,
		.blob_hash = {1}};
	assert_int_equal(kit_run(&b->kit, &stored).verdict, BH_VERDICT_ACCEPTED);
	push_end(&push);
	begin(b, 1); /* it is sent again, as after a restore without it, and comes another way */
	blob_put(b->kit.vfs, hash, "", "\xff\xd8", 2);
	kit_pass(&b->kit, BH_UPLOAD_AGE_MS_MAX + KIT_MINUTE);
	assert_int_equal(collect(b, HASHES_MAX), 1);
	assert_false(is_there(b, 1));
	assert_true(blob_lies(b->kit.vfs, hash, ""));
	assert_int_equal(collect(b, HASHES_MAX), 0);
}

static void test_collect__goes_on_after_a_disk_that_would_not_delete(void **state)
{
	struct both *b = *state;
	struct bh_simvfs_plan plan = {.call = BH_SIMVFS_DELETE, .fault = BH_SIMVFS_EIO, .nth = 1};

	begin(b, 1);
	begin(b, 2);
	kit_pass(&b->kit, BH_UPLOAD_AGE_MS_MAX + KIT_MINUTE);
	assert_int_equal(bh_simvfs_plan_add(b->kit.vfs, &plan), 0);
	assert_int_equal(collect(b, HASHES_MAX), 1);
	assert_int_equal(is_there(b, 1) + is_there(b, 2), 1);
	assert_int_equal(collect(b, HASHES_MAX), 1);
	assert_int_equal(is_there(b, 1) + is_there(b, 2), 0);
}

/* Its file is gone, its room not yet: whoever offers it then has room, and begins anew. */
static void test_collect__one_that_is_offered_again_meanwhile_keeps_its_room(void **state)
{
	struct both *b = *state;
	struct bh_blob_job open = {.work = BH_BLOB_OPEN, .size = 2, .hash = {1}};

	begin(b, 1);
	kit_pass(&b->kit, BH_UPLOAD_AGE_MS_MAX + KIT_MINUTE);
	int64_t before_ms = bh_writer_time(b->kit.writer, b->kit.now, NULL) - BH_UPLOAD_AGE_MS_MAX;
	assert_int_equal(bh_blob_collect(b->files, b->kit.reader, b->kit.now.mono_ms, before_ms,
				 b->hashes, HASHES_MAX, &b->count),
		0);
	assert_int_equal(b->count, 1);
	assert_false(is_there(b, 1));
	begin(b, 1);
	assert_int_equal(bh_writer_uploads_drop(b->kit.writer, b->kit.now,
				 (const uint8_t(*)[BH_HASH_BYTES])b->hashes, b->count, before_ms),
		0);
	assert_int_equal(collect(b, HASHES_MAX), 0);
	assert_true(is_there(b, 1));
	bh_blob_files_run(b->files, &open);
	assert_int_equal(open.held, 1);
	kit_pass(&b->kit, BH_UPLOAD_AGE_MS_MAX + KIT_MINUTE); /* and that room is counted */
	assert_int_equal(collect(b, HASHES_MAX), 1);
	assert_false(is_there(b, 1));
}

/* Three bytes under their name, with room. */
static struct bh_blob_job whole_find(struct both *b)
{
	static const uint8_t bytes[] = {0xff, 0xd8, 0xff};
	const struct bh_span part = bh_span(bytes, sizeof(bytes));
	struct bh_command room = {.source = BH_SOURCE_STORE,
		.blob_room = true,
		.blob_size = sizeof(bytes),
		.device = 7};
	struct bh_blob_job open = {
		.work = BH_BLOB_OPEN, .size = sizeof(bytes), .mono_ms = b->kit.now.mono_ms};

	bh_hash_parts(b->kit.hasher, &part, 1, room.blob_hash);
	memcpy(open.hash, room.blob_hash, BH_HASH_BYTES);
	blob_put(b->kit.vfs, open.hash, "", bytes, sizeof(bytes));
	assert_int_equal(kit_run(&b->kit, &room).verdict, BH_VERDICT_ACCEPTED);
	bh_blob_files_run(b->files, &open);
	assert_int_equal(open.found, BH_BLOB_WHOLE);
	return open;
}

/* Its entry is on its way, and somebody sets the district's clock. */
static void test_collect__one_that_was_just_found_whole_stays(void **state)
{
	struct both *b = *state;
	const struct bh_blob_job open = whole_find(b);

	for (size_t late = 0; late < 2; late++) {
		int64_t mono_ms = open.mono_ms + BH_BLOB_ENTRY_MS - 1 + (int64_t)late;
		assert_int_equal(bh_blob_collect(b->files, b->kit.reader, mono_ms, INT64_MAX,
					 b->hashes, HASHES_MAX, &b->count),
			0);
		assert_int_equal(b->count, late);
		assert_int_equal(blob_lies(b->kit.vfs, open.hash, ""), late == 0);
	}
}

static void test_collect__one_that_was_erased_goes_at_once(void **state)
{
	struct both *b = *state;
	const struct bh_blob_job open = whole_find(b);
	struct bh_db *db = &b->kit.writer->projector.db;
	sqlite3_stmt *erase = bh_sql(db, BH_SQL_UPLOAD_GIVE_UP);

	bh_bind_span(erase, 1, bh_span(open.hash, BH_HASH_BYTES));
	bh_bind(erase, 2, 1);
	assert_int_equal(bh_row_run(erase), 0);
	assert_int_equal(bh_blob_collect(b->files, b->kit.reader, open.mono_ms, 1, b->hashes,
				 HASHES_MAX, &b->count),
		0);
	assert_int_equal(b->count, 1);
	assert_false(blob_lies(b->kit.vfs, open.hash, ""));
}

/* Old ones go, a slice between other uploads' parts, and no part of those is lost. */
static void test_collect__under_load_touches_nothing_that_goes_on(void **state)
{
	enum { OLD = 40, BUSY = 60 };
	struct both *b = *state;
	size_t gone = 0;

	for (uint8_t i = 1; i <= OLD; i++)
		begin(b, i);
	kit_pass(&b->kit, BH_UPLOAD_AGE_MS_MAX + KIT_MINUTE);
	for (uint8_t i = OLD + 1; i <= OLD + BUSY; i++) {
		begin(b, i);
		gone += i % 7 == 0 ? collect(b, HASHES_MAX) : 0;
	}
	while (gone < OLD && collect(b, HASHES_MAX) > 0)
		gone += b->count;
	assert_int_equal(gone, OLD);
	for (uint8_t i = 1; i <= OLD + BUSY; i++)
		assert_int_equal(is_there(b, i), i > OLD);
	assert_int_equal(bh_blob_files_uploads(b->files), BUSY);
	for (uint8_t i = OLD + 1; i <= OLD + BUSY; i++) {
		struct bh_blob_job open = {.work = BH_BLOB_OPEN, .size = 2, .hash = {i}};
		bh_blob_files_run(b->files, &open);
		assert_int_equal(open.found, BH_BLOB_HELD);
		assert_int_equal(open.held, 1);
	}
}

int main(void)
{
#define COLLECT_TEST(name) cmocka_unit_test_setup_teardown(test_collect__##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		COLLECT_TEST(takes_what_nobody_offered_for_seven_days),
		COLLECT_TEST(takes_a_slice_at_a_time),
		COLLECT_TEST(leaves_alone_what_the_journal_calls_stored),
		COLLECT_TEST(goes_on_after_a_disk_that_would_not_delete),
		COLLECT_TEST(one_that_is_offered_again_meanwhile_keeps_its_room),
		COLLECT_TEST(one_that_was_just_found_whole_stays),
		COLLECT_TEST(one_that_was_erased_goes_at_once),
		COLLECT_TEST(under_load_touches_nothing_that_goes_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
