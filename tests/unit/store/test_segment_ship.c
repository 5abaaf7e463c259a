/* A ship on the real file system: what was committed is in the folder, also after it was killed,
 * after the folder went away, was exchanged, or lost the end of its newest file. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/store/folder.h"
#include "server/store/kept_apply.h"
#include "server/store/segment_folder.h"
#include "server/store/segment_ship.h"
#include "tests/unit/store/kit.h"

struct scene {
	struct kit kit;
	struct phone phone;
	char top[100], db[140], place[140], folder[180], away[140];
	struct bh_ship_options options;
	struct bh_ship *ship;
};

static void ship_up(struct scene *scene)
{
	assert_int_equal(bh_ship_open(&scene->options, &scene->ship), 0);
}

static void ship_down(struct scene *scene)
{
	bh_ship_close(scene->ship);
	scene->ship = NULL;
}

static void scene_open(struct scene *scene, uint32_t number)
{
	memset(scene, 0, sizeof(*scene));
	(void)snprintf(scene->top, sizeof(scene->top), "/tmp/bh-ship-XXXXXX");
	assert_non_null(mkdtemp(scene->top));
	(void)snprintf(scene->db, sizeof(scene->db), "%s/district.db", scene->top);
	(void)snprintf(scene->place, sizeof(scene->place), "%s/share", scene->top);
	(void)snprintf(scene->away, sizeof(scene->away), "%s/away", scene->top);
	(void)snprintf(scene->folder, sizeof(scene->folder), "%s/" KIT_CODE, scene->place);
	assert_int_equal(mkdir(scene->place, 0700), 0);
	kit_open_bare(&scene->kit, number);
	scene->kit.options.vfs = NULL;
	scene->kit.options.path = scene->db;
	assert_int_equal(bh_store_create(&scene->kit.options, KIT_CODE, scene->kit.now), 0);
	assert_int_equal(kit_up(&scene->kit), 0);
	kit_profile(&scene->kit);
	kit_enrol(&scene->kit, &scene->phone, BH_DEMO_WORKER(1111), 1);
	scene->options = (struct bh_ship_options){
		.store = &scene->kit.options, .code = KIT_CODE, .folder = scene->place};
	ship_up(scene);
}

static void scene_close(struct scene *scene)
{
	ship_down(scene);
	kit_close(&scene->kit);
	assert_int_equal(bh_folder_remove(scene->top), 0);
}

/* Until it says that nothing more waits; what the last step gave. */
static int ship_all(struct scene *scene)
{
	bool more = true;
	int err = BH_NOERR;

	for (unsigned n = 0; !err && more; n++) {
		assert_true(n < 1000);
		err = bh_ship_step(scene->ship, scene->kit.now, &more);
	}
	return err;
}

static struct bh_ship_counts counts_of(const struct scene *scene)
{
	struct bh_ship_counts counts;

	bh_ship_counts(scene->ship, &counts);
	return counts;
}

static int entry_count(void *context, const struct bh_entry *entry)
{
	uint64_t *count = context;

	assert_int_equal(entry->position, *count + 1);
	++*count;
	return BH_NOERR;
}

/* The folder holds the whole journal, from its first entry to its head, and nothing is torn but
 * where the test says so.  Gives how many files there are. */
static size_t shipped_whole(struct scene *scene)
{
	struct bh_segment_folder folder;
	struct bh_segment_road road;
	struct bh_segment_fault fault = {0};
	uint8_t hash[BH_HASH_BYTES];
	uint64_t count = 0, head = 0;

	assert_int_equal(bh_segment_folder_list(scene->folder, &folder), 0);
	assert_int_equal(bh_segment_folder_judge(&folder, scene->kit.hasher, KIT_CODE, &road), 0);
	int err = bh_segment_follow(scene->kit.hasher, &road, entry_count, &count, &fault);
	if (err)
		fail_msg("%d: %s", err, fault.what ? fault.what : "no segments");
	assert_int_equal(bh_reader_head(scene->kit.reader, &head, hash), 0);
	assert_int_equal(road.position, head);
	assert_memory_equal(road.hash, hash, BH_HASH_BYTES);
	size_t files = folder.count;
	bh_segment_folder_free(&folder);
	return files;
}

static void newest_path(const struct scene *scene, char *out, size_t size, uint64_t *epoch)
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
	struct scene scene;

	(void)state;
	scene_open(&scene, 90);
	assert_int_equal(ship_all(&scene), 0);
	assert_int_equal(shipped_whole(&scene), 1);
	for (unsigned n = 0; n < 5; n++) {
		(void)kit_report(&scene.kit, &scene.phone, "more");
		assert_int_equal(ship_all(&scene), 0);
		assert_int_equal(counts_of(&scene).shipped, kit_head(&scene.kit));
		assert_int_equal(counts_of(&scene).behind_entries, 0);
		assert_int_equal(shipped_whole(&scene), 1);
	}
	ship_down(&scene);
	(void)kit_report(&scene.kit, &scene.phone, "nobody ships");
	ship_up(&scene);
	assert_int_equal(ship_all(&scene), 0);
	assert_int_equal(shipped_whole(&scene), 2);
	assert_int_equal(ship_all(&scene), 0);
	assert_int_equal(shipped_whole(&scene), 2); /* nothing new, no new file */
	scene_close(&scene);
}

static void test_ship__a_file_is_ended_by_its_size_and_its_age(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, 91);
	scene.options.close_bytes = 700;
	ship_down(&scene);
	ship_up(&scene);
	for (unsigned n = 0; n < 6; n++) {
		(void)kit_report(&scene.kit, &scene.phone, "a report of some words");
		assert_int_equal(ship_all(&scene), 0);
	}
	size_t files = shipped_whole(&scene);
	assert_true(files > 2);
	(void)kit_report(&scene.kit, &scene.phone, "one more");
	assert_int_equal(ship_all(&scene), 0);
	files = shipped_whole(&scene);
	kit_pass(&scene.kit, BH_SHIP_CLOSE_MS_MAX);
	assert_int_equal(ship_all(&scene), 0);
	(void)kit_report(&scene.kit, &scene.phone, "in another hour");
	assert_int_equal(ship_all(&scene), 0);
	assert_int_equal(shipped_whole(&scene), files + 1);
	scene_close(&scene);
}

static void test_ship__an_epoch_begins_a_file(void **state)
{
	struct scene scene;
	char path[BH_BACKUP_PATH_MAX];
	uint64_t epoch = 0;

	(void)state;
	scene_open(&scene, 92);
	assert_int_equal(ship_all(&scene), 0);
	(void)kit_report(&scene.kit, &scene.phone, "before");
	assert_int_equal(bh_writer_restored(scene.kit.writer, scene.kit.now, 7), 0);
	(void)kit_report(&scene.kit, &scene.phone, "after");
	assert_int_equal(ship_all(&scene), 0);
	assert_int_equal(shipped_whole(&scene), 2);
	newest_path(&scene, path, sizeof(path), &epoch);
	assert_int_equal(epoch, 7);
	ship_down(&scene);
	ship_up(&scene);
	(void)kit_report(&scene.kit, &scene.phone, "later");
	assert_int_equal(ship_all(&scene), 0);
	newest_path(&scene, path, sizeof(path), &epoch);
	assert_int_equal(epoch, 7);
	assert_int_equal(shipped_whole(&scene), 3);
	scene_close(&scene);
}

/* ---- What may happen to the folder ---- */

static void test_ship__a_folder_that_was_away_lacks_nothing(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, 93);
	assert_int_equal(ship_all(&scene), 0);
	assert_int_equal(rename(scene.place, scene.away), 0);
	assert_int_equal(ship_all(&scene), BH_ERR_NOT_FOUND); /* also when nothing waits */
	assert_true(counts_of(&scene).failing);
	uint64_t shipped = kit_head(&scene.kit);
	for (unsigned n = 1; n < 4; n++) {
		(void)kit_report(&scene.kit, &scene.phone, "nobody hears");
		assert_int_equal(ship_all(&scene), BH_ERR_NOT_FOUND);
		struct bh_ship_counts counts = counts_of(&scene);
		assert_int_equal(counts.shipped, shipped);
		assert_int_equal(counts.behind_entries, kit_head(&scene.kit) - shipped);
		assert_true(counts.behind_bytes >= n * 200 && counts.behind_bytes < n * 2000);
		assert_true(counts.behind_at_ms >= KIT_START_MS);
		assert_int_equal(counts.failures, n + 1);
		assert_non_null(strstr(counts.error, "it is not there"));
	}
	assert_int_equal(rename(scene.away, scene.place), 0);
	assert_int_equal(ship_all(&scene), 0);
	assert_false(counts_of(&scene).failing);
	assert_int_equal(counts_of(&scene).behind_entries, 0);
	assert_int_equal(counts_of(&scene).behind_bytes, 0);
	assert_int_equal(shipped_whole(&scene), 2);
	assert_int_equal(rename(scene.place, scene.away), 0); /* another disk in its place */
	assert_int_equal(mkdir(scene.place, 0700), 0);
	(void)kit_report(&scene.kit, &scene.phone, "from the first entry again");
	assert_int_equal(ship_all(&scene), BH_ERR_NOT_FOUND);
	assert_int_equal(ship_all(&scene), 0);
	assert_int_equal(shipped_whole(&scene), 1);
	scene_close(&scene);
}

static void test_ship__what_is_in_the_way_is_told(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene, 94);
	assert_int_equal(bh_file_write(scene.folder, bh_span("", 0)), 0);
	assert_true(ship_all(&scene) != 0);
	assert_true(counts_of(&scene).failing);
	assert_int_equal(counts_of(&scene).behind_entries, kit_head(&scene.kit));
	assert_int_equal(unlink(scene.folder), 0);
	assert_int_equal(ship_all(&scene), 0);
	assert_int_equal(shipped_whole(&scene), 1);
	scene_close(&scene);
}

/* The newest file is cut anywhere, or only its length is right and its end never came. */
static void test_ship__a_torn_end_is_shipped_again(void **state)
{
	struct scene scene;
	char path[BH_BACKUP_PATH_MAX];
	struct bh_buf whole = BH_BUF(1u << 24);
	uint64_t epoch = 0;

	(void)state;
	scene_open(&scene, 95);
	assert_int_equal(ship_all(&scene), 0);
	for (unsigned n = 0; n < 3; n++) {
		(void)kit_report(&scene.kit, &scene.phone, "more");
		assert_int_equal(ship_all(&scene), 0);
	}
	newest_path(&scene, path, sizeof(path), &epoch);
	assert_int_equal(bh_file_read(path, &whole), 0);
	ship_down(&scene);
	size_t near = whole.len - 1500;
	for (size_t cut = 0; cut <= whole.len; cut += cut < near && cut > 200 ? 997 : 13) {
		assert_int_equal(bh_folder_remove(scene.folder), 0);
		assert_int_equal(mkdir(scene.folder, 0700), 0);
		assert_int_equal(bh_file_write(path, bh_span(whole.data, cut)), 0);
		if (cut % 2)
			assert_int_equal(truncate(path, (off_t)whole.len), 0);
		ship_up(&scene);
		assert_int_equal(ship_all(&scene), 0);
		assert_true(shipped_whole(&scene) <= 2);
		ship_down(&scene);
	}
	bh_buf_free(&whole);
	scene_close(&scene);
}

/* Its sync may have failed, and it was read back all the same: then the power went. */
static void test_ship__the_last_block_of_who_shipped_before_is_shipped_again(void **state)
{
	struct scene scene;
	char path[BH_BACKUP_PATH_MAX];
	struct bh_buf whole = BH_BUF(1u << 24);
	uint64_t epoch = 0;

	(void)state;
	scene_open(&scene, 97);
	for (unsigned n = 0; n < 3; n++) {
		(void)kit_report(&scene.kit, &scene.phone, "each in a block of its own");
		assert_int_equal(ship_all(&scene), 0);
	}
	newest_path(&scene, path, sizeof(path), &epoch);
	assert_int_equal(bh_file_read(path, &whole), 0);
	ship_down(&scene);
	ship_up(&scene);
	(void)kit_report(&scene.kit, &scene.phone, "by another process");
	assert_int_equal(ship_all(&scene), 0);
	assert_int_equal(truncate(path, (off_t)whole.len - 1), 0);
	assert_int_equal(shipped_whole(&scene), 2);
	bh_buf_free(&whole);
	scene_close(&scene);
}

/* ---- What may happen to the journal ---- */

/* The district was put back to before what was shipped, and goes on another way. */
static void test_ship__a_journal_that_was_put_back_is_another_history(void **state)
{
	struct scene scene;
	char copy[200];
	bool done = false;

	(void)state;
	scene_open(&scene, 96);
	(void)snprintf(copy, sizeof(copy), "%s/copy.db", scene.top);
	assert_int_equal(bh_writer_copy_begin(scene.kit.writer, copy), 0);
	while (!done)
		assert_int_equal(bh_writer_copy_step(scene.kit.writer, 64, &done), 0);
	(void)kit_report(&scene.kit, &scene.phone, "gone");
	(void)kit_report(&scene.kit, &scene.phone, "gone, too");
	assert_int_equal(ship_all(&scene), 0);
	ship_down(&scene);
	kit_down(&scene.kit);
	scene.kit.options.path = copy;
	assert_int_equal(kit_up(&scene.kit), 0);
	ship_up(&scene);
	assert_int_equal(ship_all(&scene), 0); /* nothing is new, and the folder knows more */
	assert_int_equal(bh_writer_restored(scene.kit.writer, scene.kit.now, 2), 0);
	assert_int_equal(ship_all(&scene), 0);
	assert_true(shipped_whole(&scene) >= 2);
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ship__goes_on_where_it_stood),
		cmocka_unit_test(test_ship__a_file_is_ended_by_its_size_and_its_age),
		cmocka_unit_test(test_ship__an_epoch_begins_a_file),
		cmocka_unit_test(test_ship__a_folder_that_was_away_lacks_nothing),
		cmocka_unit_test(test_ship__what_is_in_the_way_is_told),
		cmocka_unit_test(test_ship__a_torn_end_is_shipped_again),
		cmocka_unit_test(test_ship__the_last_block_of_who_shipped_before_is_shipped_again),
		cmocka_unit_test(test_ship__a_journal_that_was_put_back_is_another_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
