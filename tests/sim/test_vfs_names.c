/* Names on the faulty disk: they come and go until their folder is synced, make room for each
 * other, and are limited; and what is written under them is written back in time. */
#include "tests/sim/test_vfs_db.h"

#include <stdio.h>
#include <stdlib.h>

/* A synced file whose folder was not synced is there or not; one whose folder was synced is there.
 */
static void test_names__come_and_go_until_their_folder_is_synced(void **state)
{
	struct bh_simvfs *vfs = machine(1);
	sqlite3_vfs *base = sqlite3_vfs_find(bh_simvfs_name(vfs));
	int vanished = 0;
	int reappeared = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		touch(vfs, "/d/x.db", SQLITE_OPEN_MAIN_DB, true);
		bh_simvfs_crash(vfs);
		vanished += !bh_simvfs_file_exists(vfs, "/d/x.db");
		touch(vfs, "/d/x.db", SQLITE_OPEN_MAIN_DB, true);
		touch(vfs, "/d/x.db-wal", SQLITE_OPEN_WAL, true); /* syncs /d */
		touch(vfs, "/e/y.db-wal", SQLITE_OPEN_WAL, true); /* syncs /e alone */
		bh_simvfs_crash(vfs);
		assert_true(bh_simvfs_file_exists(vfs, "/d/x.db"));
		assert_true(bh_simvfs_file_exists(vfs, "/d/x.db-wal"));
		assert_int_equal(base->xDelete(base, "/d/x.db", 0), SQLITE_OK);
		bh_simvfs_crash(vfs);
		reappeared += bh_simvfs_file_exists(vfs, "/d/x.db");
		assert_int_equal(base->xDelete(base, "/d/x.db-wal", 1), SQLITE_OK);
		(void)base->xDelete(base, "/d/x.db", 1);
		bh_simvfs_crash(vfs);
		assert_false(bh_simvfs_file_exists(vfs, "/d/x.db"));
		assert_false(bh_simvfs_file_exists(vfs, "/d/x.db-wal"));
	}
	assert_in_range(vanished, 5, 35);
	assert_in_range(reappeared, 5, 35);
	assert_int_equal(bh_simvfs_stats(vfs).files_vanished, vanished);
	assert_int_equal(bh_simvfs_stats(vfs).files_reappeared, reappeared);
	bh_simvfs_free(vfs);
}

static void test_names__a_used_up_name_makes_room_and_too_many_do_not_fit(void **state)
{
	struct bh_simvfs *vfs = machine(1);
	sqlite3_vfs *base = sqlite3_vfs_find(bh_simvfs_name(vfs));
	sqlite3_file *file = calloc(1, (size_t)base->szOsFile);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB;
	char path[32];

	(void)state;
	for (unsigned i = 0; i < 3 * BH_SIMVFS_FILES_MAX; i++) {
		(void)snprintf(path, sizeof(path), "/%u", i);
		touch(vfs, path, SQLITE_OPEN_MAIN_DB, false);
		if (i >= BH_SIMVFS_FILES_MAX - 1)
			assert_int_equal(base->xDelete(base, path, 1), SQLITE_OK);
	}
	touch(vfs, "/last", SQLITE_OPEN_MAIN_DB, false);
	assert_int_equal(base->xOpen(base, "/more", file, flags, NULL), SQLITE_CANTOPEN);
	assert_null(file->pMethods);
	free(file);
	bh_simvfs_free(vfs);
}

/* A system does not keep what is dirty for ever: the oldest of very many writes are durable. */
static void test_writes__what_is_oldest_is_written_back_in_time(void **state)
{
	struct bh_simvfs *vfs = machine(1);
	sqlite3_vfs *base = sqlite3_vfs_find(bh_simvfs_name(vfs));
	sqlite3_file *file = calloc(1, (size_t)base->szOsFile);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL;
	const uint8_t *image = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(base->xOpen(base, "/f", file, flags, NULL), SQLITE_OK);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	for (unsigned i = 0; i <= BH_SIMVFS_UNSYNCED_MAX; i++) {
		uint8_t byte = (uint8_t)(1 + i % 255);

		assert_int_equal(file->pMethods->xWrite(file, &byte, 1, i), SQLITE_OK);
	}
	bh_simvfs_crash(vfs);
	assert_int_equal(bh_simvfs_file_image(vfs, "/f", &image, &len), BH_NOERR);
	assert_true(len >= BH_SIMVFS_UNSYNCED_MAX / 2);
	for (unsigned i = 0; i < BH_SIMVFS_UNSYNCED_MAX / 2; i++)
		assert_int_equal(image[i], 1 + i % 255);
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
	bh_simvfs_free(vfs);
}

/* What a power cut may take is not durable yet: bytes until they are synced, a name until its
 * folder is, and what a sync has forgotten never again. */
static void test_files__are_durable_when_bytes_and_name_are(void **state)
{
	const struct bh_simvfs_plan gone = {
		.call = BH_SIMVFS_SYNC, .fault = BH_SIMVFS_SYNC_GONE, .nth = 1};
	struct bh_simvfs *vfs = machine(1);
	sqlite3_vfs *base = sqlite3_vfs_find(bh_simvfs_name(vfs));
	sqlite3_file *file = calloc(1, (size_t)base->szOsFile);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL;

	(void)state;
	touch(vfs, "/d/x.db", SQLITE_OPEN_MAIN_DB, true);
	assert_false(bh_simvfs_is_durable(vfs, "/d/x.db"));
	touch(vfs, "/d/x.db-wal", SQLITE_OPEN_WAL, true); /* syncs /d */
	assert_true(bh_simvfs_is_durable(vfs, "/d/x.db"));
	assert_false(bh_simvfs_is_durable(vfs, "/d/none"));
	assert_int_equal(base->xOpen(base, "/f", file, flags, NULL), SQLITE_OK);
	assert_int_equal(file->pMethods->xWrite(file, "ab", 2, 0), SQLITE_OK);
	assert_false(bh_simvfs_is_durable(vfs, "/f"));
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_true(bh_simvfs_is_durable(vfs, "/f"));
	assert_int_equal(file->pMethods->xWrite(file, "c", 1, 0), SQLITE_OK);
	assert_int_equal(bh_simvfs_plan_add(vfs, &gone), 0);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_IOERR_FSYNC);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_false(bh_simvfs_is_durable(vfs, "/f"));
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
	bh_simvfs_free(vfs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names__come_and_go_until_their_folder_is_synced),
		cmocka_unit_test(test_names__a_used_up_name_makes_room_and_too_many_do_not_fit),
		cmocka_unit_test(test_writes__what_is_oldest_is_written_back_in_time),
		cmocka_unit_test(test_files__are_durable_when_bytes_and_name_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
