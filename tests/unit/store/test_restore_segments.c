/* Restores that go on from the backup by segments: the district is what it was when it was last
 * shipped, wherever its last file was cut; and a folder that does not belong to it is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/store/blob.h"
#include "server/store/folder.h"
#include "server/store/restore.h"
#include "server/store/segment_folder.h"
#include "server/store/segment_ship.h"
#include "tests/unit/store/kit.h"

struct scene {
	struct kit kit;
	struct phone phone;
	char top[100], data[140], place[140], share[140], keys[140], db[200], backup[220];
	struct bh_restore_options options;
	uint64_t backed_up, late; /* the journal's head at the backup; a case that came after */
	uint8_t hash[BH_HASH_BYTES];
	uint64_t head; /* of what was shipped */
};

static void folder_in(const struct scene *scene, const char *name, char out[140])
{
	(void)snprintf(out, 140, "%s/%s", scene->top, name);
	assert_int_equal(mkdir(out, 0700), 0);
}

static void keys_make(const struct scene *scene)
{
	static const char *const names[] = {"ca.key", "server.key", "server.crt", "receipt.mac"};
	char path[400];

	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", scene->keys, names[i]);
		assert_int_equal(bh_file_write(path, bh_span(names[i], 6)), 0);
	}
}

static void backup_make(struct scene *scene)
{
	struct bh_backup_manifest manifest;
	struct bh_photos_lost gone = {0};
	struct bh_backup_fault fault;
	char name[BH_BACKUP_NAME_MAX], folder[BH_BACKUP_PATH_MAX], path[BH_BACKUP_PATH_MAX + 20];
	bool done = false;

	bh_backup_name(KIT_CODE, scene->kit.now.wall_ms, name);
	assert_int_equal(bh_backup_begin(scene->place, name, folder, &fault), 0);
	(void)snprintf(path, sizeof(path), "%s/district.db", folder);
	assert_int_equal(bh_writer_copy_begin(scene->kit.writer, path), 0);
	while (!done)
		assert_int_equal(bh_writer_copy_step(scene->kit.writer, 64, &done), 0);
	if (bh_backup_finish(&scene->kit.options, scene->place, name, scene->kit.now.wall_ms,
		    &manifest, &gone, &fault))
		fail_msg("%s", fault.what);
	scene->backed_up = manifest.position;
	bh_manifest_free(&manifest);
	bh_photos_lost_free(&gone);
	(void)snprintf(scene->backup, sizeof(scene->backup), "%s/%s", scene->place, name);
}

static void ship(struct scene *scene)
{
	const struct bh_ship_options options = {
		.store = &scene->kit.options, .code = KIT_CODE, .folder = scene->share};
	struct bh_ship *opened = NULL;
	bool more = true;

	assert_int_equal(bh_ship_open(&options, &opened), 0);
	while (more)
		assert_int_equal(bh_ship_step(opened, scene->kit.now, &more), 0);
	bh_ship_close(opened);
}

/* A district, a backup of it, more of it, all of it shipped in two files; its disk is lost. */
static void scene_open(struct scene *scene, uint32_t number)
{
	char folder[180];

	memset(scene, 0, sizeof(*scene));
	(void)snprintf(scene->top, sizeof(scene->top), "/tmp/bh-segments-XXXXXX");
	assert_non_null(mkdtemp(scene->top));
	folder_in(scene, "data", scene->data);
	folder_in(scene, "backups", scene->place);
	folder_in(scene, "share", scene->share);
	folder_in(scene, "keys", scene->keys);
	(void)snprintf(folder, sizeof(folder), "%s/" KIT_CODE, scene->data);
	assert_int_equal(mkdir(folder, 0700), 0);
	(void)snprintf(scene->db, sizeof(scene->db), "%s/district.db", folder);
	keys_make(scene);
	kit_open_bare(&scene->kit, number);
	scene->kit.options.vfs = NULL;
	scene->kit.options.path = scene->db;
	assert_int_equal(bh_store_create(&scene->kit.options, KIT_CODE, scene->kit.now), 0);
	assert_int_equal(kit_up(&scene->kit), 0);
	kit_profile(&scene->kit);
	kit_enrol(&scene->kit, &scene->phone, BH_DEMO_WORKER(1111), 1);
	(void)kit_report(&scene->kit, &scene->phone, "before");
	backup_make(scene);
	scene->late = kit_report(&scene->kit, &scene->phone, "after");
	ship(scene);
	(void)kit_report(&scene->kit, &scene->phone, "in another file");
	ship(scene);
	scene->options = (struct bh_restore_options){.backup = scene->backup,
		.segments = scene->share,
		.data = scene->data,
		.keys = scene->keys,
		.now = scene->kit.now,
		.rng = scene->kit.options.rng};
	assert_int_equal(bh_reader_head(scene->kit.reader, &scene->head, scene->hash), 0);
}

static void disk_lose(struct scene *scene)
{
	char folder[180];

	kit_down(&scene->kit);
	(void)snprintf(folder, sizeof(folder), "%s/" KIT_CODE, scene->data);
	assert_int_equal(bh_folder_remove(folder), 0);
}

static void scene_close(struct scene *scene)
{
	kit_close(&scene->kit);
	assert_int_equal(bh_folder_remove(scene->top), 0);
}

static void test_restore__goes_on_by_segments_to_the_last_entry(void **state)
{
	struct scene scene;
	struct bh_restore_report report;
	struct bh_backup_fault fault;
	struct bh_district district;
	uint8_t hash[BH_HASH_BYTES];

	(void)state;
	scene_open(&scene, 100);
	disk_lose(&scene);
	assert_int_equal(bh_restore_look(&scene.options, &report, &fault), 0);
	assert_int_equal(report.position, scene.head);
	assert_memory_equal(report.head, scene.hash, BH_HASH_BYTES);
	assert_int_equal(report.manifest.position, scene.backed_up);
	assert_int_equal(report.segments, 2);
	bh_restore_report_free(&report);
	if (bh_store_restore(&scene.options, &report, &fault))
		fail_msg("%s", fault.what);
	assert_int_equal(report.epoch, 2);
	assert_int_equal(report.segments_torn, 0);
	bh_restore_report_free(&report);
	assert_int_equal(kit_up(&scene.kit), 0);
	assert_int_equal(bh_reader_hash_at(scene.kit.reader, scene.head, hash), 0);
	assert_memory_equal(hash, scene.hash, BH_HASH_BYTES);
	assert_int_equal(bh_reader_district(scene.kit.reader, &district), 0);
	assert_int_equal(district.epoch, 2);
	assert_int_equal(kit_case(&scene.kit, scene.late).number, scene.late);
	(void)kit_report(&scene.kit, &scene.phone, "its log goes on");
	scene_close(&scene);
}

/* The folder's newest file, of how many bytes. */
static size_t newest(const struct scene *scene, char path[BH_BACKUP_PATH_MAX])
{
	char folder[200], name[BH_SEGMENT_NAME_MAX];
	struct bh_segment_folder listed;
	struct stat st;

	(void)snprintf(folder, sizeof(folder), "%s/" KIT_CODE, scene->share);
	assert_int_equal(bh_segment_folder_list(folder, &listed), 0);
	bh_segment_name(
		listed.files[listed.count - 1].first, listed.files[listed.count - 1].number, name);
	assert_int_equal(bh_path_join(path, BH_BACKUP_PATH_MAX, folder, name, NULL), 0);
	bh_segment_folder_free(&listed);
	assert_int_equal(stat(path, &st), 0);
	return (size_t)st.st_size;
}

/* It holds one block, so that a cut anywhere leaves what the file before it says. */
static void test_restore__a_cut_of_the_last_file_loses_its_last_block_alone(void **state)
{
	struct scene scene;
	struct bh_restore_report report;
	struct bh_backup_fault fault;
	char path[BH_BACKUP_PATH_MAX];

	(void)state;
	scene_open(&scene, 101);
	disk_lose(&scene);
	/* every byte is test_segment.c's; 9 x 13 is the length of a head */
	for (size_t cut = newest(&scene, path); cut-- > 0;) {
		if (cut % 13 != 0 && cut != BH_SEGMENT_BEGIN_BYTES)
			continue;
		assert_int_equal(truncate(path, (off_t)cut), 0);
		if (bh_restore_look(&scene.options, &report, &fault))
			fail_msg("%zu: %s", cut, fault.what);
		assert_int_equal(report.position, scene.head - 1);
		bool at_edge = cut == 0 || cut == BH_SEGMENT_HEAD_BYTES ||
			       cut == BH_SEGMENT_BEGIN_BYTES;
		assert_true(at_edge == (report.segments_torn == 0));
		bh_restore_report_free(&report);
	}
	if (bh_store_restore(&scene.options, &report, &fault))
		fail_msg("%s", fault.what);
	assert_int_equal(report.position, scene.head - 1);
	bh_restore_report_free(&report);
	scene_close(&scene);
}

static void test_restore__segments_behind_the_backup_add_nothing_and_must_be_its_own(void **state)
{
	struct scene scene, other;
	struct bh_restore_report report;
	struct bh_backup_fault fault;

	(void)state;
	scene_open(&scene, 102);
	kit_pass(&scene.kit, KIT_MINUTE);
	(void)kit_report(&scene.kit, &scene.phone, "not shipped any more");
	backup_make(&scene);
	disk_lose(&scene);
	assert_int_equal(bh_restore_look(&scene.options, &report, &fault), 0);
	assert_int_equal(report.position, scene.backed_up);
	bh_restore_report_free(&report);
	scene_open(&other, 103);
	disk_lose(&other);
	scene.options.segments = other.share;
	assert_int_equal(bh_restore_look(&scene.options, &report, &fault), BH_ERR_CORRUPT);
	assert_non_null(strstr(fault.what, "another history"));
	assert_int_equal(bh_store_restore(&scene.options, &report, &fault), BH_ERR_CORRUPT);
	scene.options.segments = scene.keys;
	assert_int_equal(bh_restore_look(&scene.options, &report, &fault), BH_ERR_NOT_FOUND);
	assert_non_null(strstr(fault.what, "no segments"));
	scene_close(&scene);
	scene_close(&other);
}

/* Its handset drains a report that names a photo, and that is let in. */
static uint64_t held_release(struct scene *scene, const struct bh_msg_blob *blob)
{
	struct push push;

	assert_int_equal(kit_revoke(&scene->kit, scene->phone.device).verdict, BH_VERDICT_ACCEPTED);
	push_begin(&push);
	push.blobs = blob;
	push.blobs_count = 1;
	push_report(&scene->kit, &push, &scene->phone, "held");
	assert_int_equal(push_run(&scene->kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_QUARANTINED);
	struct bh_command release = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_RELEASE,
		.device = scene->phone.device,
		.person = BH_DEMO_PERSON(ADMIN),
		.base_position = push.outcomes[0].position,
		.text = bh_span("found", 5)};
	push_end(&push);
	struct bh_outcome outcome = kit_run(&scene->kit, &release);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	return outcome.case_number;
}

static struct bh_command keyed(uint64_t number)
{
	struct bh_command command = kit_desk(
		BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "please");

	command.unit = BH_DEMO_CLEAN_A;
	memset(command.key_hash, 5, BH_HASH_BYTES);
	memset(command.request_hash, 6, BH_HASH_BYTES);
	return command;
}

/* Its answer was lost with the disk; who asks again is told what was told then. */
static void test_restore__a_key_that_was_used_after_the_backup_has_no_second_effect(void **state)
{
	struct scene scene;
	struct bh_restore_report report;
	struct bh_backup_fault fault;

	(void)state;
	scene_open(&scene, 121);
	struct bh_command command = keyed(scene.late);
	struct bh_outcome first = kit_run(&scene.kit, &command);
	assert_int_equal(first.verdict, BH_VERDICT_ACCEPTED);
	ship(&scene);
	disk_lose(&scene);
	if (bh_store_restore(&scene.options, &report, &fault))
		fail_msg("%s", fault.what);
	bh_restore_report_free(&report);
	assert_int_equal(kit_up(&scene.kit), 0);
	uint64_t head = kit_head(&scene.kit);
	command = keyed(scene.late);
	struct bh_outcome again = kit_run(&scene.kit, &command);
	assert_true(again.repeat);
	assert_int_equal(again.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(again.position, first.position);
	assert_int_equal(again.at_ms, first.at_ms);
	assert_int_equal(kit_head(&scene.kit), head);
	command = keyed(scene.late);
	command.request_hash[0]++;
	assert_true(kit_run(&scene.kit, &command).key_taken);
	assert_int_equal(kit_head(&scene.kit), head);
	scene_close(&scene);
}

static size_t photos_asked(struct scene *scene)
{
	uint8_t hashes[2][BH_HASH_BYTES];
	uint32_t place = 0;
	size_t count = 0;

	assert_int_equal(bh_reader_photos_lost(
				 scene->kit.reader, scene->phone.person, &place, hashes, 2, &count),
		0);
	return count;
}

/* B12: let in after the backup; what of the other history came since is not here. */
static void test_restore__asks_for_the_photos_of_what_the_segments_let_in(void **state)
{
	struct scene scene;
	struct bh_restore_report report;
	struct bh_backup_fault fault;
	struct bh_command stored = {.source = BH_SOURCE_STORE, .blob_hash = {7}, .blob_size = 1000};
	const struct bh_msg_blob blob = {
		bh_span(stored.blob_hash, BH_HASH_BYTES), 1000, BH_BLOB_PHOTO};

	(void)state;
	scene_open(&scene, 104);
	stored.case_number = held_release(&scene, &blob);
	assert_int_equal(photos_asked(&scene), 1);
	ship(&scene);
	assert_int_equal(kit_run(&scene.kit, &stored).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(photos_asked(&scene), 0);
	disk_lose(&scene);
	if (bh_store_restore(&scene.options, &report, &fault))
		fail_msg("%s", fault.what);
	bh_restore_report_free(&report);
	assert_int_equal(kit_up(&scene.kit), 0);
	assert_int_equal(photos_asked(&scene), 1);
	assert_int_equal(kit_run(&scene.kit, &stored).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(photos_asked(&scene), 0);
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restore__goes_on_by_segments_to_the_last_entry),
		cmocka_unit_test(test_restore__a_cut_of_the_last_file_loses_its_last_block_alone),
		cmocka_unit_test(
			test_restore__segments_behind_the_backup_add_nothing_and_must_be_its_own),
		cmocka_unit_test(test_restore__asks_for_the_photos_of_what_the_segments_let_in),
		cmocka_unit_test(
			test_restore__a_key_that_was_used_after_the_backup_has_no_second_effect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
