/* Restores on the real file system: one that is cut at any step leaves a whole district, the old
 * one never lost. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/store/backup_part.h"
#include "server/store/blob_files.h"
#include "server/store/folder.h"
#include "server/store/restore.h"
#include "tests/unit/store/kit.h"

#define STEPS_MAX 40

struct scene {
	struct kit kit;
	char top[200], data[240], place[240], db[320], kept[300], keys[300];
	char backup[320];
	uint32_t late; /* a device made after the backup */
	struct bh_photos_lost gone;
};

static void keys_make(const struct scene *scene)
{
	static const char *const names[] = {"ca.key", "server.key", "server.crt", "receipt.mac"};
	char path[400];

	assert_int_equal(mkdir(scene->keys, 0700), 0);
	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", scene->keys, names[i]);
		assert_int_equal(bh_file_write(path, bh_span(names[i], 6)), 0);
	}
}

static void backup_make(struct scene *scene)
{
	struct bh_backup_manifest manifest;
	struct bh_backup_fault fault;
	char name[BH_BACKUP_NAME_MAX], folder[BH_BACKUP_PATH_MAX], path[BH_BACKUP_PATH_MAX + 20];
	bool done = false;

	bh_backup_name(KIT_CODE, scene->kit.now.wall_ms, name);
	assert_string_equal(name, KIT_CODE "-20260302T010000Z");
	assert_int_equal(bh_backup_begin(scene->place, name, folder, &fault), 0);
	(void)snprintf(path, sizeof(path), "%s/district.db", folder);
	assert_int_equal(bh_writer_copy_begin(scene->kit.writer, path), 0);
	while (!done)
		assert_int_equal(bh_writer_copy_step(scene->kit.writer, 64, &done), 0);
	if (bh_backup_finish(&scene->kit.options, scene->place, name, scene->kit.now.wall_ms,
		    &manifest, &scene->gone, &fault))
		fail_msg("%s", fault.what);
	assert_int_equal(manifest.lost.count, 0);
	assert_int_equal(manifest.position, kit_head(&scene->kit));
	(void)snprintf(scene->backup, sizeof(scene->backup), "%s/%s", scene->place, name);
}

/* A district with a backup, and a device that it does not know; nobody has it open. */
static void scene_open(struct scene *scene, uint32_t number)
{
	struct phone phone;

	memset(scene, 0, sizeof(*scene));
	(void)snprintf(scene->top, sizeof(scene->top), "/tmp/bh-restore-XXXXXX");
	assert_non_null(mkdtemp(scene->top));
	(void)snprintf(scene->data, sizeof(scene->data), "%s/data", scene->top);
	(void)snprintf(scene->place, sizeof(scene->place), "%s/backups", scene->top);
	(void)snprintf(scene->keys, sizeof(scene->keys), "%s/" KIT_CODE, scene->data);
	assert_int_equal(mkdir(scene->data, 0700), 0);
	assert_int_equal(mkdir(scene->place, 0700), 0);
	assert_int_equal(mkdir(scene->keys, 0700), 0);
	(void)snprintf(scene->keys, sizeof(scene->keys), "%s/" KIT_CODE "/keys", scene->data);
	(void)snprintf(scene->db, sizeof(scene->db), "%s/" KIT_CODE "/district.db", scene->data);
	(void)snprintf(scene->kept, sizeof(scene->kept), "%s/" KIT_CODE ".kept", scene->data);
	keys_make(scene);
	kit_open_bare(&scene->kit, number);
	scene->kit.options.vfs = NULL;
	scene->kit.options.path = scene->db;
	scene->kit.options.kept_path = scene->kept;
	assert_int_equal(bh_store_create(&scene->kit.options, KIT_CODE, scene->kit.now), 0);
	assert_int_equal(kit_up(&scene->kit), 0);
	kit_profile(&scene->kit);
	kit_enrol(&scene->kit, &phone, BH_DEMO_WORKER(1111), 1);
	(void)kit_report(&scene->kit, &phone, "before");
	backup_make(scene);
	(void)kit_report(&scene->kit, &phone, "after");
	kit_enrol(&scene->kit, &phone, BH_DEMO_WORKER(1112), 2);
	scene->late = phone.device;
	kit_down(&scene->kit);
}

static void scene_close(struct scene *scene)
{
	kit_close(&scene->kit);
	assert_int_equal(bh_folder_remove(scene->top), 0);
}

static struct bh_restore_options options_of(const struct scene *scene)
{
	return (struct bh_restore_options){.backup = scene->backup,
		.data = scene->data,
		.replace = true,
		.now = scene->kit.now,
		.rng = scene->kit.options.rng};
}

static uint64_t epoch_now(struct scene *scene)
{
	struct bh_district district;
	struct bh_device device;

	assert_int_equal(kit_up(&scene->kit), 0);
	assert_int_equal(bh_reader_district(scene->kit.reader, &district), 0);
	assert_int_equal(bh_reader_device(scene->kit.reader, scene->late, &device), 0);
	kit_down(&scene->kit);
	return district.epoch;
}

static size_t folders(const struct scene *scene, const char *begins)
{
	DIR *data = opendir(scene->data);
	size_t count = 0;

	assert_non_null(data);
	for (struct dirent *entry; (entry = readdir(data)) != NULL;)
		count += strncmp(entry->d_name, begins, strlen(begins)) == 0;
	(void)closedir(data);
	return count;
}

static void test_restore__begins_an_epoch_and_keeps_the_old_one(void **state)
{
	struct scene scene;
	struct bh_restore_report report;
	struct bh_backup_fault fault;

	(void)state;
	scene_open(&scene, 60);
	struct bh_restore_options options = options_of(&scene);
	assert_int_equal(bh_restore_look(&options, &report, &fault), 0);
	assert_true(report.there && report.continues && report.kept);
	assert_int_equal(report.cases, 1);
	assert_int_equal(report.devices, 1);
	assert_int_equal(report.returns_count, 1);
	assert_int_equal(report.returns[0].ops, 1);
	bh_restore_report_free(&report);
	options.replace = false;
	assert_int_equal(bh_store_restore(&options, &report, &fault), BH_ERR_EXISTS);
	bh_restore_report_free(&report);
	options.replace = true;
	if (bh_store_restore(&options, &report, &fault))
		fail_msg("%s", fault.what);
	bh_restore_report_free(&report);
	assert_int_equal(report.epoch, 2);
	assert_int_equal(epoch_now(&scene), 2);
	assert_int_equal(folders(&scene, KIT_CODE ".before-1"), 1);
	assert_int_equal(bh_store_restore(&options, &report, &fault), 0);
	bh_restore_report_free(&report);
	assert_int_equal(epoch_now(&scene), 3);
	assert_int_equal(folders(&scene, KIT_CODE ".before-"), 2);
	scene_close(&scene);
}

static void test_restore__of_a_district_that_is_open_is_refused(void **state)
{
	struct scene scene;
	struct bh_restore_report report;
	struct bh_backup_fault fault;
	int status = 0;

	(void)state;
	scene_open(&scene, 61);
	struct bh_restore_options options = options_of(&scene);
	assert_int_equal(kit_up(&scene.kit), 0);
	pid_t child = fork();
	if (child == 0) /* locks are a process's */
		_exit(bh_store_restore(&options, &report, &fault) == BH_ERR_BUSY ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(folders(&scene, KIT_CODE "."), 1);
	scene_close(&scene);
}

/* ---- An older copy of the kept file ---- */

/* The disk was lost: what is there is the backup and a kept file copied with it. */
static void test_restore__with_an_older_kept_file_no_number_is_given_out_twice(void **state)
{
	struct scene scene;
	struct bh_restore_report report;
	struct bh_backup_fault fault;
	struct phone phone;
	struct bh_buf kept = BH_BUF(65536);
	char keys[240];

	(void)state;
	scene_open(&scene, 62);
	struct bh_restore_options options = options_of(&scene);
	(void)snprintf(keys, sizeof(keys), "%s/keys", scene.top);
	assert_int_equal(rename(scene.keys, keys), 0);
	options.keys = keys;
	assert_int_equal(bh_file_read(scene.kept, &kept), 0);
	for (size_t lines = 0; kept.len > 0; kept.len--) /* the late device's line goes */
		if (kept.data[kept.len - 1] == '\n' && ++lines == 2)
			break;
	(void)snprintf(scene.data, sizeof(scene.data), "%s/new", scene.top);
	assert_int_equal(mkdir(scene.data, 0700), 0);
	(void)snprintf(scene.db, sizeof(scene.db), "%s/" KIT_CODE "/district.db", scene.data);
	(void)snprintf(scene.kept, sizeof(scene.kept), "%s/" KIT_CODE ".kept", scene.data);
	assert_int_equal(bh_file_write(scene.kept, bh_buf_span(&kept)), 0);
	if (bh_store_restore(&options, &report, &fault))
		fail_msg("%s", fault.what);
	assert_true(report.kept && !report.numbers_known);
	assert_int_equal(kit_up(&scene.kit), 0);
	kit_enrol(&scene.kit, &phone, BH_DEMO_WORKER(1112), 3);
	assert_true(phone.device > scene.late);
	bh_restore_report_free(&report);
	bh_buf_free(&kept);
	scene_close(&scene);
}

static void photo_put(const struct scene *scene, const uint8_t hash[BH_HASH_BYTES],
	struct bh_span bytes, char path[BH_BACKUP_PATH_MAX])
{
	char folder[BH_BACKUP_PATH_MAX];

	assert_int_equal(bh_blob_path(scene->db, hash, path, BH_BACKUP_PATH_MAX), 0);
	(void)snprintf(folder, sizeof(folder), "%s/" KIT_CODE, scene->data);
	assert_int_equal(bh_backup_blob_folders(folder, path), 0);
	assert_int_equal(bh_file_write(path, bytes), 0);
}

static void test_restore__carries_photos_that_came_after_the_backup(void **state)
{
	struct scene scene;
	struct bh_restore_report report;
	struct bh_backup_fault fault;
	char whole[BH_BACKUP_PATH_MAX], part[BH_BACKUP_PATH_MAX];
	uint8_t hash[BH_HASH_BYTES];
	uint64_t bytes = 0;

	(void)state;
	scene_open(&scene, 64);
	struct bh_restore_options options = options_of(&scene);
	(void)snprintf(whole, sizeof(whole), "%s/photo", scene.top);
	assert_int_equal(bh_file_write(whole, bh_span("photo", 5)), 0);
	assert_int_equal(bh_file_hash(whole, &bytes, hash), 0);
	photo_put(&scene, hash, bh_span("photo", 5), whole);
	hash[0] ^= 1;
	photo_put(&scene, hash, bh_span("pho", 3), part);
	if (bh_store_restore(&options, &report, &fault))
		fail_msg("%s", fault.what);
	assert_int_equal(report.photos_carried, 1);
	assert_true(bh_file_there(whole));
	assert_false(bh_file_there(part));
	bh_restore_report_free(&report);
	scene_close(&scene);
}

static void aside_hinder(void *context, const char *what)
{
	const struct scene *scene = context;
	char path[300];

	if (strcmp(what, "exchanged") != 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/" KIT_CODE ".before-1", scene->data);
	assert_int_equal(bh_file_write(path, bh_span("x", 1)), 0);
}

static void test_restore__a_fault_after_the_exchange_says_what_is_the_district(void **state)
{
	struct scene scene;
	struct bh_restore_report report;
	struct bh_backup_fault fault;

	(void)state;
	scene_open(&scene, 63);
	struct bh_restore_options options = options_of(&scene);
	options.step = aside_hinder;
	options.context = &scene;
	assert_int_not_equal(bh_store_restore(&options, &report, &fault), 0);
	assert_non_null(strstr(fault.what, "is the district now"));
	assert_non_null(strstr(fault.what, KIT_CODE ".restoring"));
	bh_restore_report_free(&report);
	assert_int_equal(epoch_now(&scene), 2);
	scene_close(&scene);
}

/* ---- Cut at every step ---- */

struct cut {
	int left;
};

static void cut_step(void *context, const char *what)
{
	struct cut *cut = context;

	(void)what;
	if (--cut->left == 0)
		_exit(9);
}

/* False: the restore came to its end before. */
static bool cut_at(uint32_t number, int step)
{
	struct scene scene;
	struct bh_restore_report report;
	struct bh_backup_fault fault;
	struct cut cut = {step};
	int status = 0;

	scene_open(&scene, number);
	struct bh_restore_options options = options_of(&scene);
	options.step = cut_step;
	options.context = &cut;
	pid_t child = fork();
	if (child == 0)
		_exit(bh_store_restore(&options, &report, &fault) ? 1 : 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 9 || WEXITSTATUS(status) == 0));
	uint64_t epoch = epoch_now(&scene);
	assert_true(epoch == 1 || epoch == 2);
	options.step = NULL;
	if (bh_store_restore(&options, &report, &fault))
		fail_msg("step %d: %s", step, fault.what);
	bh_restore_report_free(&report);
	assert_int_equal(epoch_now(&scene), epoch + 1);
	/* Each one that was the district; and one that was whole and did not come to it. */
	size_t aside = folders(&scene, KIT_CODE ".before-");
	assert_true(aside == epoch || (epoch == 1 && aside == 2));
	assert_int_equal(folders(&scene, KIT_CODE ".restoring"), 0);
	scene_close(&scene);
	return WEXITSTATUS(status) == 9;
}

static void test_restore__cut_at_any_step_leaves_a_whole_district(void **state)
{
	int step = 1;

	(void)state;
	while (step < STEPS_MAX && cut_at((uint32_t)(70 + step), step))
		step++;
	assert_true(step > 8 && step < STEPS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restore__carries_photos_that_came_after_the_backup),
		cmocka_unit_test(test_restore__begins_an_epoch_and_keeps_the_old_one),
		cmocka_unit_test(test_restore__of_a_district_that_is_open_is_refused),
		cmocka_unit_test(
			test_restore__with_an_older_kept_file_no_number_is_given_out_twice),
		cmocka_unit_test(
			test_restore__a_fault_after_the_exchange_says_what_is_the_district),
		cmocka_unit_test(test_restore__cut_at_any_step_leaves_a_whole_district),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
