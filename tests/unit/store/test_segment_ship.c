/* A ship on the real file system: what was committed is in the folder, also after it was killed,
 * after the folder went away, was exchanged, or lost the end of its newest file. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/store/folder.h"
#include "server/store/kept_apply.h"
#include "server/store/segment_folder.h"
#include "tests/unit/store/ship_kit.h"

static void newest_path(const struct shipping *scene, char *out, size_t size, uint64_t *epoch)
{
	struct bh_segment_folder folder;
	struct bh_segment_road road;
	char name[BH_SEGMENT_NAME_MAX];

	assert_int_equal(bh_segment_folder_list(scene->folder, &folder), 0);
	assert_int_equal(bh_segment_folder_judge(&folder, scene->kit.hasher, KIT_CODE, &road), 0);
	const struct bh_segment_file *newest = &folder.files[folder.count - 1];
	bh_segment_name(newest->first, newest->number, name);
	assert_int_equal(bh_path_join(out, size, scene->folder, name, NULL), 0);
	*epoch = folder.infos[folder.count - 1].head.epoch;
	bh_segment_folder_free(&folder);
}

/* ---- Growing ---- */

static void test_ship__goes_on_where_it_stood(void **state)
{
	struct shipping scene;

	(void)state;
	shipping_open(&scene, 90);
	assert_int_equal(shipping_all(&scene), 0);
	assert_int_equal(shipping_whole(&scene), 1);
	for (unsigned n = 0; n < 5; n++) {
		(void)kit_report(&scene.kit, &scene.phone, "more");
		assert_int_equal(shipping_all(&scene), 0);
		assert_int_equal(shipping_counts(&scene).shipped, kit_head(&scene.kit));
		assert_int_equal(shipping_counts(&scene).behind_entries, 0);
		assert_int_equal(shipping_whole(&scene), 1);
	}
	shipping_down(&scene);
	(void)kit_report(&scene.kit, &scene.phone, "nobody ships");
	shipping_up(&scene);
	assert_int_equal(shipping_all(&scene), 0);
	assert_int_equal(shipping_whole(&scene), 2);
	assert_int_equal(shipping_all(&scene), 0);
	assert_int_equal(shipping_whole(&scene), 2); /* nothing new, no new file */
	shipping_close(&scene);
}

static void test_ship__a_file_is_ended_by_its_size_and_its_age(void **state)
{
	struct shipping scene;

	(void)state;
	shipping_open(&scene, 91);
	scene.options.close_bytes = 700;
	shipping_down(&scene);
	shipping_up(&scene);
	for (unsigned n = 0; n < 6; n++) {
		(void)kit_report(&scene.kit, &scene.phone, "a report of some words");
		assert_int_equal(shipping_all(&scene), 0);
	}
	size_t files = shipping_whole(&scene);
	assert_true(files > 2);
	(void)kit_report(&scene.kit, &scene.phone, "one more");
	assert_int_equal(shipping_all(&scene), 0);
	files = shipping_whole(&scene);
	kit_pass(&scene.kit, BH_SHIP_CLOSE_MS_MAX);
	assert_int_equal(shipping_all(&scene), 0);
	(void)kit_report(&scene.kit, &scene.phone, "in another hour");
	assert_int_equal(shipping_all(&scene), 0);
	assert_int_equal(shipping_whole(&scene), files + 1);
	shipping_close(&scene);
}

static void test_ship__an_epoch_begins_a_file(void **state)
{
	struct shipping scene;
	char path[BH_BACKUP_PATH_MAX];
	uint64_t epoch = 0;

	(void)state;
	shipping_open(&scene, 92);
	assert_int_equal(shipping_all(&scene), 0);
	(void)kit_report(&scene.kit, &scene.phone, "before");
	assert_int_equal(bh_writer_restored(scene.kit.writer, scene.kit.now, 7), 0);
	(void)kit_report(&scene.kit, &scene.phone, "after");
	assert_int_equal(shipping_all(&scene), 0);
	assert_int_equal(shipping_whole(&scene), 2);
	newest_path(&scene, path, sizeof(path), &epoch);
	assert_int_equal(epoch, 7);
	shipping_down(&scene);
	shipping_up(&scene);
	(void)kit_report(&scene.kit, &scene.phone, "later");
	assert_int_equal(shipping_all(&scene), 0);
	newest_path(&scene, path, sizeof(path), &epoch);
	assert_int_equal(epoch, 7);
	assert_int_equal(shipping_whole(&scene), 3);
	shipping_close(&scene);
}

struct keys {
	struct bh_caller_key last;
	uint64_t count, position;
};

static int key_take(void *context, const struct bh_entry *entry, const struct bh_caller_key *key)
{
	struct keys *keys = context;

	if (key) {
		keys->last = *key;
		keys->count++;
		keys->position = entry->position;
	}
	return BH_NOERR;
}

static struct keys keys_shipped(struct shipping *scene)
{
	struct keys keys = {.count = 0};
	struct bh_segment_folder folder;
	struct bh_segment_road road;
	struct bh_segment_fault fault;

	assert_int_equal(bh_segment_folder_list(scene->folder, &folder), 0);
	assert_int_equal(bh_segment_folder_judge(&folder, scene->kit.hasher, KIT_CODE, &road), 0);
	assert_int_equal(bh_segment_follow(scene->kit.hasher, &road, key_take, &keys, &fault), 0);
	bh_segment_folder_free(&folder);
	return keys;
}

/* A command that finds what it asks for done makes no entry: there is nothing to ship it with. */
static void test_ship__an_entry_has_the_key_that_its_caller_gave(void **state)
{
	struct shipping scene;
	struct bh_command held = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_PROFILE,
		.key_hash = {3},
		.holds = true};

	(void)state;
	shipping_open(&scene, 119);
	struct bh_command dispatch = kit_desk(BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER),
		kit_report(&scene.kit, &scene.phone, "litter"), "please");
	dispatch.unit = BH_DEMO_CLEAN_A;
	dispatch.key_hash[0] = 1;
	dispatch.request_hash[0] = 2;
	struct bh_outcome outcome = kit_run(&scene.kit, &dispatch);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(kit_run(&scene.kit, &held).verdict, BH_VERDICT_ACCEPTED);
	(void)kit_report(&scene.kit, &scene.phone, "of no key");
	assert_int_equal(shipping_all(&scene), 0);
	struct keys keys = keys_shipped(&scene);
	assert_int_equal(keys.count, 1);
	assert_int_equal(keys.position, outcome.position);
	assert_memory_equal(keys.last.key_hash, dispatch.key_hash, BH_HASH_BYTES);
	assert_memory_equal(keys.last.request_hash, dispatch.request_hash, BH_HASH_BYTES);
	shipping_close(&scene);
}

/* Of a release that kept the key alone: it fits any request still. */
static void test_ship__a_key_of_an_older_release_is_shipped_without_a_request(void **state)
{
	static const uint8_t none[BH_HASH_BYTES];
	struct shipping scene;

	(void)state;
	shipping_open(&scene, 120);
	kit_sql(&scene.kit, scene.db,
		"INSERT INTO desk_key(hash, position) VALUES(x'"
		"0101010101010101010101010101010101010101010101010101010101010101', 2)");
	assert_int_equal(shipping_all(&scene), 0);
	struct keys keys = keys_shipped(&scene);
	assert_int_equal(keys.position, 2);
	assert_int_equal(keys.last.key_hash[31], 1);
	assert_memory_equal(keys.last.request_hash, none, BH_HASH_BYTES);
	shipping_close(&scene);
}

/* ---- What may happen to the folder ---- */

static void test_ship__a_folder_that_was_away_lacks_nothing(void **state)
{
	struct shipping scene;

	(void)state;
	shipping_open(&scene, 93);
	assert_int_equal(shipping_all(&scene), 0);
	assert_int_equal(rename(scene.place, scene.away), 0);
	assert_int_equal(shipping_all(&scene), BH_ERR_NOT_FOUND); /* also when nothing waits */
	assert_true(shipping_counts(&scene).failing);
	uint64_t shipped = kit_head(&scene.kit);
	for (unsigned n = 1; n < 4; n++) {
		(void)kit_report(&scene.kit, &scene.phone, "nobody hears");
		assert_int_equal(shipping_all(&scene), BH_ERR_NOT_FOUND);
		struct bh_ship_counts counts = shipping_counts(&scene);
		assert_int_equal(counts.shipped, shipped);
		assert_int_equal(counts.behind_entries, kit_head(&scene.kit) - shipped);
		assert_true(counts.behind_bytes >= n * 200 && counts.behind_bytes < n * 2000);
		assert_true(counts.behind_at_ms >= KIT_START_MS);
		assert_int_equal(counts.failures, n + 1);
		assert_non_null(strstr(counts.error, "it is not there"));
	}
	assert_int_equal(rename(scene.away, scene.place), 0);
	assert_int_equal(shipping_all(&scene), 0);
	assert_false(shipping_counts(&scene).failing);
	assert_int_equal(shipping_counts(&scene).behind_entries, 0);
	assert_int_equal(shipping_counts(&scene).behind_bytes, 0);
	assert_int_equal(shipping_whole(&scene), 2);
	assert_int_equal(rename(scene.place, scene.away), 0); /* another disk in its place */
	assert_int_equal(mkdir(scene.place, 0700), 0);
	(void)kit_report(&scene.kit, &scene.phone, "from the first entry again");
	assert_int_equal(shipping_all(&scene), BH_ERR_NOT_FOUND);
	assert_int_equal(shipping_all(&scene), 0);
	assert_int_equal(shipping_whole(&scene), 1);
	shipping_close(&scene);
}

static void test_ship__what_is_in_the_way_is_told(void **state)
{
	struct shipping scene;

	(void)state;
	shipping_open(&scene, 94);
	assert_int_equal(bh_file_write(scene.folder, bh_span("", 0)), 0);
	assert_true(shipping_all(&scene) != 0);
	assert_true(shipping_counts(&scene).failing);
	assert_int_equal(shipping_counts(&scene).behind_entries, kit_head(&scene.kit));
	assert_int_equal(unlink(scene.folder), 0);
	assert_int_equal(shipping_all(&scene), 0);
	assert_int_equal(shipping_whole(&scene), 1);
	shipping_close(&scene);
}

/* The newest file is cut anywhere, or only its length is right and its end never came. */
static void test_ship__a_torn_end_is_shipped_again(void **state)
{
	struct shipping scene;
	char path[BH_BACKUP_PATH_MAX];
	struct bh_buf whole = BH_BUF(1u << 24);
	uint64_t epoch = 0;

	(void)state;
	shipping_open(&scene, 95);
	assert_int_equal(shipping_all(&scene), 0);
	for (unsigned n = 0; n < 3; n++) {
		(void)kit_report(&scene.kit, &scene.phone, "more");
		assert_int_equal(shipping_all(&scene), 0);
	}
	newest_path(&scene, path, sizeof(path), &epoch);
	assert_int_equal(bh_file_read(path, &whole), 0);
	shipping_down(&scene);
	size_t near = whole.len - 1500;
	for (size_t cut = 0; cut <= whole.len; cut += cut < near && cut > 200 ? 997 : 13) {
		assert_int_equal(bh_folder_remove(scene.folder), 0);
		assert_int_equal(mkdir(scene.folder, 0700), 0);
		assert_int_equal(bh_file_write(path, bh_span(whole.data, cut)), 0);
		if (cut % 2)
			assert_int_equal(truncate(path, (off_t)whole.len), 0);
		shipping_up(&scene);
		assert_int_equal(shipping_all(&scene), 0);
		assert_true(shipping_whole(&scene) <= 2);
		shipping_down(&scene);
	}
	bh_buf_free(&whole);
	shipping_close(&scene);
}

/* Its sync may have failed, and it was read back all the same: then the power went. */
static void test_ship__the_last_block_of_who_shipped_before_is_shipped_again(void **state)
{
	struct shipping scene;
	char path[BH_BACKUP_PATH_MAX];
	struct bh_buf whole = BH_BUF(1u << 24);
	uint64_t epoch = 0;

	(void)state;
	shipping_open(&scene, 97);
	for (unsigned n = 0; n < 3; n++) {
		(void)kit_report(&scene.kit, &scene.phone, "each in a block of its own");
		assert_int_equal(shipping_all(&scene), 0);
	}
	newest_path(&scene, path, sizeof(path), &epoch);
	assert_int_equal(bh_file_read(path, &whole), 0);
	shipping_down(&scene);
	shipping_up(&scene);
	(void)kit_report(&scene.kit, &scene.phone, "by another process");
	assert_int_equal(shipping_all(&scene), 0);
	assert_int_equal(truncate(path, (off_t)whole.len - 1), 0);
	assert_int_equal(shipping_whole(&scene), 2);
	bh_buf_free(&whole);
	shipping_close(&scene);
}

/* ---- What may happen to the journal ---- */

/* The district was put back to before what was shipped, and goes on another way. */
static void test_ship__a_journal_that_was_put_back_is_another_history(void **state)
{
	struct shipping scene;
	char copy[200];
	bool done = false;

	(void)state;
	shipping_open(&scene, 96);
	(void)snprintf(copy, sizeof(copy), "%s/copy.db", scene.top);
	assert_int_equal(bh_writer_copy_begin(scene.kit.writer, copy), 0);
	while (!done)
		assert_int_equal(bh_writer_copy_step(scene.kit.writer, 64, &done), 0);
	(void)kit_report(&scene.kit, &scene.phone, "gone");
	(void)kit_report(&scene.kit, &scene.phone, "gone, too");
	assert_int_equal(shipping_all(&scene), 0);
	shipping_down(&scene);
	kit_down(&scene.kit);
	scene.kit.options.path = copy;
	assert_int_equal(kit_up(&scene.kit), 0);
	shipping_up(&scene);
	assert_int_equal(shipping_all(&scene), 0); /* nothing is new, and the folder knows more */
	assert_int_equal(bh_writer_restored(scene.kit.writer, scene.kit.now, 2), 0);
	assert_int_equal(shipping_all(&scene), 0);
	assert_true(shipping_whole(&scene) >= 2);
	shipping_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ship__goes_on_where_it_stood),
		cmocka_unit_test(test_ship__a_file_is_ended_by_its_size_and_its_age),
		cmocka_unit_test(test_ship__an_epoch_begins_a_file),
		cmocka_unit_test(test_ship__an_entry_has_the_key_that_its_caller_gave),
		cmocka_unit_test(test_ship__a_key_of_an_older_release_is_shipped_without_a_request),
		cmocka_unit_test(test_ship__a_folder_that_was_away_lacks_nothing),
		cmocka_unit_test(test_ship__what_is_in_the_way_is_told),
		cmocka_unit_test(test_ship__a_torn_end_is_shipped_again),
		cmocka_unit_test(test_ship__the_last_block_of_who_shipped_before_is_shipped_again),
		cmocka_unit_test(test_ship__a_journal_that_was_put_back_is_another_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
