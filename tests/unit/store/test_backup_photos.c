/* Photos of backups on the real file system (faults.md E11): those that are lost are named and stop
 * nothing, and a disk without room is refused before anything is copied. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/store/backup_part.h"
#include "server/store/blob_files.h"
#include "server/store/folder.h"
#include "tests/unit/store/kit.h"

#define PHOTOS 4u
#define PHOTO_BYTES 5000u

struct scene {
	char top[64], place[100], live[100], live_db[128];
	uint8_t photos[PHOTOS][PHOTO_BYTES];
	uint8_t hashes[PHOTOS][BH_HASH_BYTES];
	struct bh_store_options options;
	struct bh_backup_manifest manifest;
	struct bh_photos_lost gone;
	struct bh_backup_fault fault;
	int64_t day; /* of the next backup */
};

static void live_put(struct scene *scene, size_t i)
{
	char path[BH_BACKUP_PATH_MAX];

	assert_int_equal(bh_blob_path(scene->live_db, scene->hashes[i], path, sizeof(path)), 0);
	assert_int_equal(bh_backup_blob_folders(scene->live, path), 0);
	(void)unlink(path);
	assert_int_equal(bh_file_write(path, bh_span(scene->photos[i], PHOTO_BYTES)), 0);
}

/* Photos in a live folder, and the file of a district that calls them stored. */
static void scene_open(struct scene *scene)
{
	struct bh_hasher *hasher = NULL;

	memset(scene, 0, sizeof(*scene));
	(void)snprintf(scene->top, sizeof(scene->top), "/tmp/bh-photos-XXXXXX");
	assert_non_null(mkdtemp(scene->top));
	(void)snprintf(scene->place, sizeof(scene->place), "%s/copy", scene->top);
	(void)snprintf(scene->live, sizeof(scene->live), "%s/live", scene->top);
	(void)snprintf(scene->live_db, sizeof(scene->live_db), "%s/district.db", scene->live);
	assert_int_equal(mkdir(scene->place, 0700), 0);
	assert_int_equal(mkdir(scene->live, 0700), 0);
	scene->options.path = scene->live_db;
	scene->options.blob_reserve_bytes = 1;
	scene->options.rng = bh_rng_system();
	assert_int_equal(bh_store_create(&scene->options, KIT_CODE,
				 (struct bh_now){.wall_ms = KIT_START_MS, .mono_ms = 1}),
		0);
	assert_int_equal(bh_hasher_open(&hasher), 0);
	for (size_t i = 0; i < PHOTOS; i++) {
		memset(scene->photos[i], (int)i + 1, PHOTO_BYTES);
		const struct bh_span bytes = bh_span(scene->photos[i], PHOTO_BYTES);
		bh_hash_parts(hasher, &bytes, 1, scene->hashes[i]);
		live_put(scene, i);
	}
	bh_hasher_close(hasher);
}

static void scene_close(struct scene *scene)
{
	bh_manifest_free(&scene->manifest);
	bh_photos_lost_free(&scene->gone);
	assert_int_equal(bh_folder_remove(scene->top), 0);
}

/* A copy of the file with rows for all photos, as a backup of this name; its photos are taken. */
static int take(struct scene *scene, const char *name, const char *before)
{
	char folder[BH_BACKUP_PATH_MAX], db[BH_BACKUP_PATH_MAX], earlier[BH_BACKUP_PATH_MAX] = "";
	char hex[2 * BH_HASH_BYTES + 1], sql[300];
	sqlite3 *handle = NULL;

	assert_int_equal(bh_path_join(folder, sizeof(folder), scene->place, name, NULL), 0);
	assert_int_equal(bh_path_join(db, sizeof(db), folder, "district.db", NULL), 0);
	if (before)
		assert_int_equal(bh_path_join(earlier, sizeof(earlier), scene->place, before,
					 "district.db", NULL),
			0);
	assert_int_equal(bh_folder_make(folder), 0);
	assert_int_equal(bh_file_copy(scene->live_db, db, NULL), 0);
	assert_int_equal(sqlite3_open(db, &handle), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(handle, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL), SQLITE_OK);
	for (size_t i = 0; i < PHOTOS; i++) {
		bh_hex_format(bh_span(scene->hashes[i], BH_HASH_BYTES), hex);
		(void)snprintf(sql, sizeof(sql),
			"INSERT INTO blob(hash, position, place, number, size, kind, verb, cycle, "
			"stored) VALUES(x'%s', %zu, 0, 1, %u, 1, 1, 1, 9)",
			hex, i + 1, PHOTO_BYTES);
		assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
	}
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
	bh_manifest_free(&scene->manifest);
	bh_photos_lost_free(&scene->gone);
	scene->manifest = (struct bh_backup_manifest){.made_ms = scene->day * 86400000};
	scene->fault.what[0] = '\0';
	return bh_backup_photos(&scene->options, earlier, folder, db, &scene->manifest,
		&scene->gone, &scene->fault);
}

static void live_path(const struct scene *scene, size_t i, char path[BH_BACKUP_PATH_MAX])
{
	assert_int_equal(
		bh_blob_path(scene->live_db, scene->hashes[i], path, BH_BACKUP_PATH_MAX), 0);
}

static void rot(const struct scene *scene, size_t i, const char *bytes, size_t len)
{
	char path[BH_BACKUP_PATH_MAX];

	live_path(scene, i, path);
	assert_int_equal(unlink(path), 0);
	if (bytes)
		assert_int_equal(bh_file_write(path, bh_span(bytes, len)), 0);
}

static enum bh_photo_fault why_of(const struct bh_photos_lost *lost, const uint8_t *hash)
{
	const struct bh_photo_lost *row = bh_photos_lost_find(lost, hash);

	return row ? row->why : BH_PHOTO_GOOD;
}

static void test_photos__lost_ones_are_named_and_the_others_taken(void **state)
{
	static const char other[PHOTO_BYTES] = "other bytes, as many";
	struct scene scene;
	char path[BH_BACKUP_PATH_MAX + 8];

	(void)state;
	scene_open(&scene);
	rot(&scene, 0, NULL, 0);
	rot(&scene, 1, other, sizeof(other));
	rot(&scene, 2, "short", 5);
	if (take(&scene, "a", NULL))
		fail_msg("%s", scene.fault.what);
	assert_int_equal(scene.manifest.blobs, 1);
	assert_int_equal(scene.manifest.blob_bytes, PHOTO_BYTES);
	assert_int_equal(scene.manifest.lost.count, 3);
	assert_int_equal(why_of(&scene.manifest.lost, scene.hashes[0]), BH_PHOTO_MISSING);
	assert_int_equal(why_of(&scene.manifest.lost, scene.hashes[1]), BH_PHOTO_CHANGED);
	assert_int_equal(why_of(&scene.manifest.lost, scene.hashes[2]), BH_PHOTO_CHANGED);
	assert_int_equal(why_of(&scene.manifest.lost, scene.hashes[3]), BH_PHOTO_GOOD);
	assert_int_equal(scene.gone.count, 3);
	live_path(&scene, 1, path); /* out of the way of a good one, and kept */
	assert_false(bh_file_there(path));
	memcpy(path + strlen(path), ".bad", 5);
	assert_true(bh_file_there(path));
	scene_close(&scene);
}

static void test_photos__what_an_earlier_backup_holds_is_gone_and_not_lost(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene);
	assert_int_equal(take(&scene, "a", NULL), 0);
	assert_int_equal(scene.manifest.blobs, PHOTOS);
	assert_int_equal(scene.gone.count, 0);
	rot(&scene, 2, NULL, 0);
	assert_int_equal(take(&scene, "b", "a"), 0);
	assert_int_equal(scene.manifest.blobs, PHOTOS);
	assert_int_equal(scene.manifest.lost.count, 0);
	assert_int_equal(scene.gone.count, 1);
	assert_int_equal(why_of(&scene.gone, scene.hashes[2]), BH_PHOTO_MISSING);
	scene_close(&scene);
}

/* Whose bytes changed in their place, and not their number. */
static void test_photos__one_that_rots_behind_its_backup_is_found_within_days(void **state)
{
	static const char other[PHOTO_BYTES] = "other bytes, as many";
	char path[BH_BACKUP_PATH_MAX], name[8] = "a", before[8];
	struct scene scene;
	int64_t gone = 0;

	(void)state;
	scene_open(&scene);
	assert_int_equal(take(&scene, name, NULL), 0);
	rot(&scene, 2, other, PHOTO_BYTES);
	live_path(&scene, 2, path);
	while (gone == 0 && ++scene.day < BH_BACKUP_LOOK_DAYS + 1) {
		assert_true(bh_file_there(path));
		memcpy(before, name, sizeof(before));
		(void)snprintf(name, sizeof(name), "d%d", (int)scene.day);
		assert_int_equal(take(&scene, name, before), 0);
		assert_int_equal(scene.manifest.lost.count, 0);
		gone = (int64_t)scene.gone.count;
	}
	assert_int_equal(gone, 1);
	assert_int_equal(why_of(&scene.gone, scene.hashes[2]), BH_PHOTO_CHANGED);
	assert_false(bh_file_there(path));
	scene_close(&scene);
}

/* Links share their bytes: a backup that has rotted is not linked to again. */
static void test_photos__a_link_that_has_rotted_is_copied_anew(void **state)
{
	struct scene scene;
	char db[BH_BACKUP_PATH_MAX], path[BH_BACKUP_PATH_MAX];
	enum bh_photo_fault why;

	(void)state;
	scene_open(&scene);
	assert_int_equal(take(&scene, "a", NULL), 0);
	assert_int_equal(bh_path_join(db, sizeof(db), scene.place, "a", "district.db", NULL), 0);
	assert_int_equal(bh_blob_path(db, scene.hashes[1], path, sizeof(path)), 0);
	FILE *file = fopen(path, "r+b");
	assert_non_null(file);
	assert_int_equal(fputc('x', file), 'x');
	assert_int_equal(fclose(file), 0);
	assert_int_equal(bh_backup_blob_check(path, scene.hashes[1], PHOTO_BYTES, &why), 0);
	assert_int_equal(why, BH_PHOTO_CHANGED);
	assert_int_equal(take(&scene, "b", "a"), 0);
	assert_int_equal(scene.manifest.lost.count, 0);
	assert_int_equal(bh_path_join(db, sizeof(db), scene.place, "b", "district.db", NULL), 0);
	assert_int_equal(bh_blob_path(db, scene.hashes[1], path, sizeof(path)), 0);
	assert_int_equal(bh_backup_blob_check(path, scene.hashes[1], PHOTO_BYTES, &why), 0);
	assert_int_equal(why, BH_PHOTO_GOOD);
	scene_close(&scene);
}

static void test_photos__without_room_none_is_copied(void **state)
{
	struct scene scene;
	char blobs[BH_BACKUP_PATH_MAX];

	(void)state;
	scene_open(&scene);
	assert_int_equal(take(&scene, "a", NULL), 0);
	scene.options.blob_reserve_bytes = UINT64_C(1) << 62;
	assert_int_equal(take(&scene, "b", NULL), BH_ERR_FULL);
	assert_non_null(strstr(scene.fault.what, "20000 bytes"));
	assert_int_equal(bh_path_join(blobs, sizeof(blobs), scene.place, "b", "blobs", NULL), 0);
	assert_false(bh_file_there(blobs));
	/* what is linked needs none */
	if (take(&scene, "c", "a"))
		fail_msg("%s", scene.fault.what);
	assert_int_equal(scene.manifest.blobs, PHOTOS);
	scene_close(&scene);
}

static void test_photos__lost_ones_are_in_order_and_each_once(void **state)
{
	struct bh_photos_lost lost = {0};
	uint8_t hash[BH_HASH_BYTES] = {0};

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		hash[0] = (uint8_t)(i * 37);
		hash[1] = (uint8_t)(i / 256);
		assert_int_equal(bh_photos_lost_add(&lost, hash, i, BH_PHOTO_MISSING), 0);
		assert_int_equal(bh_photos_lost_add(&lost, hash, i + 1, BH_PHOTO_CHANGED), 0);
	}
	assert_int_equal(lost.count, 1000);
	for (size_t i = 1; i < lost.count; i++)
		assert_true(memcmp(lost.rows[i - 1].hash, lost.rows[i].hash, BH_HASH_BYTES) < 0);
	for (unsigned i = 0; i < 1000; i++) {
		hash[0] = (uint8_t)(i * 37);
		hash[1] = (uint8_t)(i / 256);
		assert_int_equal(bh_photos_lost_find(&lost, hash)->size, i);
	}
	hash[5] = 1;
	assert_null(bh_photos_lost_find(&lost, hash));
	bh_photos_lost_free(&lost);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_photos__lost_ones_are_named_and_the_others_taken),
		cmocka_unit_test(test_photos__what_an_earlier_backup_holds_is_gone_and_not_lost),
		cmocka_unit_test(test_photos__one_that_rots_behind_its_backup_is_found_within_days),
		cmocka_unit_test(test_photos__a_link_that_has_rotted_is_copied_anew),
		cmocka_unit_test(test_photos__without_room_none_is_copied),
		cmocka_unit_test(test_photos__lost_ones_are_in_order_and_each_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
