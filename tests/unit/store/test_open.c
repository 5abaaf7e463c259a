/* Creating and opening: one writer, files of ours only, and a power cut while a district is
 * founded. */
#include "server/store/blob.h"
#include "tests/unit/store/kit.h"

static int open_kit(void **state)
{
	struct kit *kit = test_calloc(1, sizeof(*kit));

	kit_open_bare(kit, 4);
	*state = kit;
	return 0;
}

static int close_kit(void **state)
{
	kit_close(*state);
	test_free(*state);
	return 0;
}

static void test_open__a_missing_file_is_not_found_and_nothing_is_made(void **state)
{
	struct kit *kit = *state;
	const char *detail = NULL;

	assert_int_equal(
		bh_writer_open(&kit->options, kit->now, &kit->writer, &detail), BH_ERR_NOT_FOUND);
	assert_non_null(detail);
	assert_null(kit->writer);
	assert_false(bh_simvfs_file_exists(kit->vfs, KIT_PATH));
	assert_false(bh_simvfs_file_exists(kit->vfs, KIT_PATH "-lock"));
	assert_int_equal(bh_reader_open(&kit->options, &kit->reader), BH_ERR_NOT_FOUND);
}

static void test_create__takes_sound_codes_only_and_never_an_existing_file(void **state)
{
	static const char *const bad[] = {"", "1234567890123", "A", "a b", "a/b", "-", "-1"};
	struct kit *kit = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(bh_store_create(&kit->options, bad[i], kit->now), BH_ERR_INVALID);
	assert_int_equal(bh_store_create(&kit->options, KIT_CODE, kit->now), 0);
	assert_int_equal(bh_store_create(&kit->options, KIT_CODE, kit->now), BH_ERR_EXISTS);
	assert_int_equal(kit_up(kit), 0);
	struct bh_district district;
	assert_int_equal(bh_reader_district(kit->reader, &district), 0);
	assert_string_equal(district.code, KIT_CODE);
	assert_int_equal(district.epoch, 1);
	assert_int_equal(district.profile_version, 0);
}

static void test_open__a_second_writer_is_refused_while_the_first_lives(void **state)
{
	struct kit *kit = *state;
	struct bh_writer *second = NULL;
	const char *detail = NULL;

	assert_int_equal(bh_store_create(&kit->options, KIT_CODE, kit->now), 0);
	assert_int_equal(kit_up(kit), 0);
	assert_int_equal(bh_writer_open(&kit->options, kit->now, &second, &detail), BH_ERR_BUSY);
	assert_null(second);
	assert_string_equal(detail, "another process has it open");
	kit_profile(kit); /* the first one is none the worse */
	kit_down(kit);
	assert_int_equal(kit_up(kit), 0);
}

/* C13, the way back. */
static void test_open__a_newer_schema_is_refused_and_untouched(void **state)
{
	struct kit *kit = *state;
	const char *detail = NULL;

	assert_int_equal(bh_store_create(&kit->options, KIT_CODE, kit->now), 0);
	kit_sql(kit, KIT_PATH, "PRAGMA user_version=99");
	size_t before_len, len;
	const uint8_t *file;
	assert_int_equal(bh_simvfs_file_image(kit->vfs, KIT_PATH, &file, &before_len), 0);
	uint8_t *before = test_malloc(before_len);
	memcpy(before, file, before_len);
	assert_int_equal(
		bh_writer_open(&kit->options, kit->now, &kit->writer, &detail), BH_ERR_VERSION);
	assert_string_equal(detail, "the file was written by a newer program");
	assert_int_equal(bh_simvfs_file_image(kit->vfs, KIT_PATH, &file, &len), 0);
	assert_int_equal(len, before_len);
	assert_memory_equal(file, before, len);
	test_free(before);
	assert_int_equal(bh_reader_open(&kit->options, &kit->reader), BH_ERR_VERSION);
}

/* What a program of an earlier schema left: no tables of what came after; and one before photos:
 * none of theirs, no log of the store's. */
static void age(struct kit *kit, unsigned schema)
{
	kit_down(kit);
	kit_sql(kit, KIT_PATH,
		schema == 4   ? KIT_SCHEMA_4
		: schema == 3 ? KIT_SCHEMA_3
			      : KIT_SCHEMA_2);
	if (schema == 1)
		kit_sql(kit, KIT_PATH,
			"DROP TABLE blob; DROP TABLE upload; DELETE FROM log WHERE short = 4;"
			"PRAGMA user_version=1");
}

static uint64_t report_with_photo(struct kit *kit, struct phone *phone)
{
	static const uint8_t hash[BH_HASH_BYTES] = {9};
	const struct bh_msg_blob blob = {bh_span(hash, BH_HASH_BYTES), 77, BH_BLOB_PHOTO};
	struct push push;

	push_begin(&push);
	push.blobs = &blob;
	push.blobs_count = 1;
	push_report(kit, &push, phone, "litter");
	assert_int_equal(push_run(kit, &push), 0);
	uint64_t number = push.outcomes[0].case_number;
	push_end(&push);
	return number;
}

/* C13, the way there, and E13: a cut at every place leaves a file of one schema or the other. */
static void brought_up_to_date(unsigned schema)
{
	struct bh_verify_report report;
	bool struck = true;
	uint64_t place = 1;

	for (; struck; place++) {
		struct kit kit;
		struct phone phone;
		kit_open(&kit, 6);
		kit.nowhere = true;
		kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
		uint64_t number = report_with_photo(&kit, &phone);
		age(&kit, schema);
		assert_int_equal(bh_reader_open(&kit.options, &kit.reader), BH_ERR_VERSION);
		bh_simvfs_stop_at(kit.vfs, place);
		(void)kit_up(&kit);
		struck = bh_simvfs_is_stopped(kit.vfs);
		if (struck) {
			bh_simvfs_crash(kit.vfs);
			kit_down(&kit);
			assert_int_equal(kit_up(&kit), 0);
		}
		bh_simvfs_stop_at(kit.vfs, 0);
		struct bh_command stored = {.source = BH_SOURCE_STORE,
			.case_number = number,
			.blob_hash = {9},
			.blob_size = 77};
		assert_int_equal(kit_run(&kit, &stored).verdict, BH_VERDICT_ACCEPTED);
		assert_int_equal(kit_verify(&kit, &report), 0);
		kit_close(&kit);
	}
	assert_true(place > 5);
}

static void test_open__an_older_schema_is_brought_up_to_date(void **state)
{
	(void)state;
	brought_up_to_date(1);
	brought_up_to_date(2);
	brought_up_to_date(3);
	brought_up_to_date(4);
}

static void test_open__a_file_that_is_not_ours_is_refused(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(bh_store_create(&kit->options, KIT_CODE, kit->now), 0);
	kit_sql(kit, KIT_PATH, "PRAGMA application_id=7");
	assert_int_equal(
		bh_writer_open(&kit->options, kit->now, &kit->writer, NULL), BH_ERR_CORRUPT);
}

/* Fact 3: a reader's close checkpoints nothing, also where its opening failed behind the first
 * page. */
static void test_open__one_that_fails_checkpoints_nothing(void **state)
{
	struct kit *kit = *state;
	int err = BH_ERR_IO;
	unsigned failed = 0;

	assert_int_equal(bh_store_create(&kit->options, KIT_CODE, kit->now), 0);
	assert_int_equal(kit_up(kit), 0);
	kit_profile(kit);
	kit_down(kit);
	uint64_t checkpoints = bh_simvfs_stats(kit->vfs).checkpoints;
	for (uint32_t nth = 1; err; nth++) {
		const struct bh_simvfs_plan broken = {
			BH_SIMVFS_READ, BH_SIMVFS_EIO, nth, false, NULL};
		assert_int_equal(bh_simvfs_plan_add(kit->vfs, &broken), 0);
		err = bh_reader_open(&kit->options, &kit->reader);
		failed += err != 0;
		bh_simvfs_heal(kit->vfs);
		assert_int_equal(bh_simvfs_stats(kit->vfs).checkpoints, checkpoints);
	}
	assert_true(failed > 3);
}

static void test_create__a_power_cut_leaves_a_district_or_room_for_one(void **state)
{
	bool struck = true;
	uint64_t place = 1;

	(void)state;
	for (; struck; place++) {
		struct kit kit;
		kit_open_bare(&kit, 5);
		bh_simvfs_stop_at(kit.vfs, place);
		int err = bh_store_create(&kit.options, KIT_CODE, kit.now);
		struck = bh_simvfs_is_stopped(kit.vfs);
		assert_true(struck || err == 0);
		bh_simvfs_crash(kit.vfs);
		int again = bh_store_create(&kit.options, KIT_CODE, kit.now);
		assert_true(again == 0 || again == BH_ERR_EXISTS);
		if (!struck)
			assert_int_equal(again, BH_ERR_EXISTS);
		assert_int_equal(kit_up(&kit), 0);
		kit_profile(&kit);
		kit_close(&kit);
	}
	assert_true(place > 10);
}

/* Before photos, field 15 of a header was nobody's: a file is brought up to date whatever stands
 * there, and what stands there names no photo. */
static void test_open__an_older_schema_may_hold_anything_where_photos_stand_now(void **state)
{
	static const char *const others[] = {
		"UPDATE journal SET header = header || x'7a0101' WHERE device <> 0",
		"UPDATE journal SET header = header || x'7aff' WHERE device <> 0",
		"UPDATE journal SET header = header || x'7a00' WHERE device <> 0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		enum bh_blob_right right = BH_BLOB_AWAITED;
		const uint8_t hash[BH_HASH_BYTES] = {9};
		struct phone phone;
		struct kit kit;
		kit_open(&kit, 6);
		kit.nowhere = true;
		kit_enrol(&kit, &phone, BH_DEMO_WORKER(1111), 1);
		(void)report_with_photo(&kit, &phone);
		age(&kit, 1);
		kit_sql(&kit, KIT_PATH, others[i]);
		assert_int_equal(kit_up(&kit), 0);
		assert_int_equal(
			bh_reader_blob_named(kit.reader, hash, 77, phone.person, &right), 0);
		assert_int_equal(right, BH_BLOB_NOT_NAMED);
		kit_close(&kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_open__a_missing_file_is_not_found_and_nothing_is_made, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_create__takes_sound_codes_only_and_never_an_existing_file, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_open__a_second_writer_is_refused_while_the_first_lives, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_open__a_newer_schema_is_refused_and_untouched, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_open__a_file_that_is_not_ours_is_refused, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_open__one_that_fails_checkpoints_nothing, open_kit, close_kit),
		cmocka_unit_test(test_open__an_older_schema_is_brought_up_to_date),
		cmocka_unit_test(
			test_open__an_older_schema_may_hold_anything_where_photos_stand_now),
		cmocka_unit_test(test_create__a_power_cut_leaves_a_district_or_room_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
