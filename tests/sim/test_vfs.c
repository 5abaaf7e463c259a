/* A machine of the faulty disk with SQLite on it: locks and shared memory hold among its
 * connections, the dead stay dead, names come and go until their folder is synced, copies are
 * copies. */
#include "tests/sim/test_vfs_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void test_vfs__has_a_name_of_its_own_and_only_one_machine_has_it(void **state)
{
	struct bh_simvfs_config config = {.number = 7};
	struct bh_simvfs *vfs = machine(7);
	struct bh_simvfs *other = NULL;

	(void)state;
	assert_string_equal(bh_simvfs_name(vfs), "bhsim-7");
	assert_int_equal(bh_simvfs_create(&config, &other), BH_ERR_EXISTS);
	assert_null(other);
	bh_simvfs_free(vfs);
	bh_simvfs_free(NULL);
	assert_null(sqlite3_vfs_find("bhsim-7"));
}

static void test_vfs__machines_share_nothing(void **state)
{
	struct bh_simvfs *one = machine(1);
	struct bh_simvfs *two = machine(2);
	sqlite3 *db_one = db_made(one);
	sqlite3 *db_two = db_open(two);

	(void)state;
	assert_int_equal(db_rows(db_one), 1);
	assert_int_equal(db_rows(db_two), -1);
	bh_simvfs_crash(two);
	assert_int_equal(db_run(db_one, INSERT), SQLITE_OK);
	finish(one, db_one);
	finish(two, db_two);
}

static void test_locks__one_writes_others_read_what_was_committed(void **state)
{
	struct bh_simvfs *vfs = machine(1);
	sqlite3 *writer = db_made(vfs);
	sqlite3 *rival = db_open(vfs);
	sqlite3 *reader = db_open(vfs);

	(void)state;
	assert_int_equal(db_run(reader, "BEGIN"), SQLITE_OK);
	assert_int_equal(db_rows(reader), 1);
	assert_int_equal(db_run(writer, "BEGIN IMMEDIATE"), SQLITE_OK);
	assert_int_equal(db_run(writer, INSERT), SQLITE_OK);
	assert_int_equal(db_run(rival, "BEGIN IMMEDIATE"), SQLITE_BUSY);
	assert_int_equal(db_rows(rival), 1);
	assert_int_equal(db_run(writer, "COMMIT"), SQLITE_OK);
	assert_int_equal(db_rows(reader), 1); /* its snapshot */
	assert_int_equal(db_rows(rival), 2);
	assert_int_equal(db_run(reader, "COMMIT"), SQLITE_OK);
	assert_int_equal(db_rows(reader), 2);
	assert_int_equal(db_run(rival, INSERT), SQLITE_OK);
	assert_int_equal(sqlite3_close(reader), SQLITE_OK);
	assert_int_equal(sqlite3_close(rival), SQLITE_OK);
	finish(vfs, writer);
}

static void test_locks__a_rollback_journal_excludes_too(void **state)
{
	struct bh_simvfs *vfs = machine(1);
	sqlite3 *writer = db_open(vfs);
	sqlite3 *reader = db_open(vfs);
	sqlite3 *rival = db_open(vfs);

	(void)state;
	assert_int_equal(db_run(writer, "CREATE TABLE t(k INTEGER PRIMARY KEY, b)"), SQLITE_OK);
	assert_int_equal(db_run(reader, "BEGIN"), SQLITE_OK);
	assert_int_equal(db_rows(reader), 0);
	assert_int_equal(db_run(writer, "BEGIN; INSERT INTO t(b) VALUES(1)"), SQLITE_OK);
	assert_int_equal(db_run(rival, "BEGIN IMMEDIATE"), SQLITE_BUSY);
	assert_int_equal(db_run(writer, "COMMIT"), SQLITE_BUSY);
	assert_int_equal(db_rows(rival), -1); /* who waits to commit lets nobody new in */
	assert_int_equal(db_run(reader, "COMMIT"), SQLITE_OK);
	assert_int_equal(db_run(writer, "COMMIT"), SQLITE_OK);
	assert_int_equal(db_rows(reader), 1);
	assert_int_equal(sqlite3_close(reader), SQLITE_OK);
	assert_int_equal(sqlite3_close(rival), SQLITE_OK);
	finish(vfs, writer);
}

static void test_vfs__opens_by_its_flags_and_answers_from_its_seed(void **state)
{
	const int create = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_TEMP_DB;
	struct bh_simvfs *one = machine(1);
	struct bh_simvfs *two = machine(2);
	sqlite3_vfs *base = sqlite3_vfs_find("bhsim-1");
	sqlite3_vfs *other = sqlite3_vfs_find("bhsim-2");
	sqlite3_file *file = calloc(1, (size_t)base->szOsFile);
	char full[BH_SIMVFS_PATH_BYTES_MAX] = "";
	char random[2][8];
	double days = 0;

	(void)state;
	assert_int_equal(
		base->xOpen(base, "/f", file, SQLITE_OPEN_READWRITE, NULL), SQLITE_CANTOPEN);
	assert_int_equal(
		base->xOpen(base, "/f", file, create | SQLITE_OPEN_DELETEONCLOSE, NULL), SQLITE_OK);
	assert_int_equal(file->pMethods->xWrite(file, "abc", 3, 0), SQLITE_OK);
	bh_simvfs_budget_set(one, 100);
	assert_int_equal(file->pMethods->xTruncate(file, 101), SQLITE_FULL);
	assert_int_equal(file->pMethods->xTruncate(file, 100), SQLITE_OK);
	assert_int_equal(bh_simvfs_bytes_used(one), 100);
	assert_false(bh_simvfs_file_exists(one, "/f"));
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	assert_int_equal(bh_simvfs_bytes_used(one), 0);
	touch(one, "/f", SQLITE_OPEN_MAIN_DB, true);
	assert_int_equal(base->xOpen(base, "/f", file, create | SQLITE_OPEN_EXCLUSIVE, NULL),
		SQLITE_CANTOPEN);
	assert_int_equal(base->xFullPathname(base, "f", (int)sizeof(full), full), SQLITE_OK);
	assert_string_equal(full, "/f");
	assert_int_equal(base->xFullPathname(base, "abcdef", 7, full), SQLITE_CANTOPEN);
	assert_int_equal(base->xRandomness(base, 8, random[0]), 8);
	assert_int_equal(other->xRandomness(other, 8, random[1]), 8);
	assert_memory_equal(random[0], random[1], 8);
	assert_int_equal(base->xCurrentTime(base, &days), SQLITE_OK);
	assert_true(days > 2458849.49 && days < 2458849.51); /* 2020-01-01 */
	free(file);
	bh_simvfs_free(one);
	bh_simvfs_free(two);
}

static void test_end__old_connections_are_dead_and_can_be_closed_at_any_time(void **state)
{
	struct bh_simvfs *vfs = machine(1);
	sqlite3 *idle = db_made(vfs);
	sqlite3 *busy = db_open(vfs);
	sqlite3 *fresh;
	struct bh_simvfs_stats stats;

	(void)state;
	assert_int_equal(db_run(busy, "BEGIN IMMEDIATE"), SQLITE_OK);
	assert_int_equal(db_run(busy, INSERT), SQLITE_OK);
	bh_simvfs_kill(vfs);
	assert_int_equal(db_run(busy, "COMMIT"), SQLITE_IOERR);
	assert_int_equal(db_run(idle, "SELECT * FROM t"), SQLITE_IOERR);
	fresh = db_open(vfs); /* no lock is left, and the old ones share no memory with it */
	assert_int_equal(db_rows(fresh), 1);
	assert_int_equal(db_run(fresh, INSERT), SQLITE_OK);
	assert_int_equal(sqlite3_close(idle), SQLITE_OK);
	assert_int_equal(db_run(fresh, INSERT), SQLITE_OK);
	bh_simvfs_crash(vfs);
	assert_int_equal(sqlite3_close(busy), SQLITE_OK);
	assert_int_equal(sqlite3_close(fresh), SQLITE_OK);
	fresh = db_open(vfs);
	assert_int_equal(db_rows(fresh), 3);
	stats = bh_simvfs_stats(vfs);
	assert_true(stats.dead_calls > 0);
	assert_int_equal(stats.kills, 1);
	assert_int_equal(stats.crashes, 1);
	finish(vfs, fresh);
}

static uint64_t changes_of(const struct bh_simvfs *vfs)
{
	struct bh_simvfs_stats stats = bh_simvfs_stats(vfs);

	return stats.calls[BH_SIMVFS_WRITE] + stats.calls[BH_SIMVFS_SYNC] +
	       stats.calls[BH_SIMVFS_TRUNCATE] + stats.calls[BH_SIMVFS_DELETE];
}

static void test_stop__strikes_at_the_kth_change_and_nothing_works_after_it(void **state)
{
	struct bh_simvfs *vfs = machine(1);
	sqlite3 *db = db_made(vfs);
	sqlite3 *other = NULL;
	uint64_t before = changes_of(vfs);

	(void)state;
	bh_simvfs_stop_at(vfs, 1000000);
	bh_simvfs_stop_at(vfs, 3);
	assert_false(bh_simvfs_is_stopped(vfs));
	assert_int_equal(db_run(db, INSERT), SQLITE_IOERR);
	assert_true(bh_simvfs_is_stopped(vfs));
	assert_int_equal(db_run(db, INSERT), SQLITE_IOERR);
	assert_int_equal(changes_of(vfs) - before, 3);
	assert_int_not_equal(
		sqlite3_open_v2(DB_NAME, &other, SQLITE_OPEN_READWRITE, bh_simvfs_name(vfs)),
		SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	bh_simvfs_kill(vfs);
	assert_false(bh_simvfs_is_stopped(vfs));
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	db = db_open(vfs);
	assert_in_range(db_rows(db), 1, 2);
	assert_int_equal(bh_simvfs_stats(vfs).stops, 1);
	finish(vfs, db);
}

static void test_copy__a_clone_goes_its_own_way_and_a_backup_comes_back(void **state)
{
	struct bh_simvfs *phone = machine(1);
	struct bh_simvfs *clone = machine(2);
	sqlite3 *db = db_made(phone);
	sqlite3 *db_clone;

	(void)state;
	touch(phone, "/keep/never", SQLITE_OPEN_MAIN_DB, true);
	assert_int_equal(bh_simvfs_disk_copy(clone, phone, ""), BH_NOERR);
	assert_true(bh_simvfs_hash(clone) == bh_simvfs_hash(phone));
	bh_simvfs_crash(clone); /* all of it is durable */
	assert_true(bh_simvfs_hash(clone) == bh_simvfs_hash(phone));
	db_clone = db_open(clone);
	assert_int_equal(db_run(db, INSERT), SQLITE_OK);
	assert_int_equal(db_rows(db_clone), 1);
	assert_int_equal(db_rows(db), 2);
	/* The old state comes back, but for what lies elsewhere. */
	touch(phone, "/keep/since", SQLITE_OPEN_MAIN_DB, true);
	assert_int_equal(bh_simvfs_disk_copy(phone, clone, "/a.db"), BH_NOERR);
	assert_int_equal(db_run(db, INSERT), SQLITE_IOERR);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_true(bh_simvfs_file_exists(phone, "/keep/since"));
	db = db_open(phone);
	assert_int_equal(db_rows(db), 1);
	finish(phone, db);
	finish(clone, db_clone);
}

static void test_export__real_sqlite_reads_what_came_out(void **state)
{
	char folder[] = "/tmp/bh-simvfs-XXXXXX";
	char path[64];
	char wal[64];
	struct bh_simvfs *vfs = machine(1);
	sqlite3 *db = db_made(vfs);
	sqlite3 *real = NULL;

	(void)state;
	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/out.db", folder);
	(void)snprintf(wal, sizeof(wal), "%s/out.db-wal", folder);
	assert_int_equal(bh_simvfs_export(vfs, DB_NAME, path), BH_NOERR);
	assert_int_equal(bh_simvfs_export(vfs, DB_NAME "-wal", wal), BH_NOERR);
	assert_int_equal(bh_simvfs_export(vfs, "/none", wal), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_simvfs_export(vfs, DB_NAME, folder), BH_ERR_IO);
	assert_int_equal(sqlite3_open(path, &real), SQLITE_OK);
	assert_int_equal(db_rows(real), 1);
	assert_int_equal(sqlite3_close(real), SQLITE_OK);
	(void)unlink(path);
	(void)unlink(wal);
	(void)rmdir(folder);
	finish(vfs, db);
}

static void test_checkpoint__its_callers_are_counted(void **state)
{
	struct bh_simvfs *vfs = machine(1);
	sqlite3 *writer = db_made(vfs);
	sqlite3 *other = db_open(vfs);
	struct bh_simvfs_stats stats;

	(void)state;
	assert_int_equal(db_run(writer, "PRAGMA wal_checkpoint"), SQLITE_OK);
	stats = bh_simvfs_stats(vfs);
	assert_int_equal(stats.checkpoints, 1);
	assert_int_equal(stats.checkpointers_max, 1);
	assert_true(stats.checkpoint_syncs >= 1);
	assert_int_equal(db_run(writer, INSERT), SQLITE_OK);
	assert_int_equal(db_run(other, "PRAGMA wal_checkpoint"), SQLITE_OK);
	assert_int_equal(bh_simvfs_stats(vfs).checkpointers_max, 2);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	finish(vfs, writer);
}

static struct bh_now fixed_now(void *context)
{
	return (struct bh_now){.wall_ms = *(const int64_t *)context};
}

static void add_sleep(void *context, int64_t us)
{
	*(int64_t *)context += us / 1000;
}

static void test_time__is_the_simulations_and_a_busy_wait_moves_it(void **state)
{
	int64_t wall_ms = INT64_C(1767225600000); /* 2026-01-01 */
	struct bh_simvfs_config config = {.number = 1,
		.clock = {fixed_now, &wall_ms},
		.slept = add_sleep,
		.context = &wall_ms};
	struct bh_simvfs *vfs = NULL;
	sqlite3_stmt *statement = NULL;
	sqlite3 *db;
	sqlite3 *other;

	(void)state;
	assert_int_equal(bh_simvfs_create(&config, &vfs), BH_NOERR);
	db = db_made(vfs);
	other = db_open(vfs);
	assert_int_equal(db_run(db, "BEGIN IMMEDIATE"), SQLITE_OK);
	assert_int_equal(sqlite3_busy_timeout(other, 5000), SQLITE_OK);
	assert_int_equal(db_run(other, "BEGIN IMMEDIATE"), SQLITE_BUSY);
	assert_true(bh_simvfs_stats(vfs).sleeps > 0);
	assert_in_range(wall_ms, INT64_C(1767225600000) + 4000, INT64_C(1767225600000) + 6000);
	wall_ms = INT64_C(1767225600000);
	assert_int_equal(
		sqlite3_prepare_v2(db, "SELECT datetime('now')", -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(statement, 0), "2026-01-01 00:00:00");
	assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	finish(vfs, db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vfs__has_a_name_of_its_own_and_only_one_machine_has_it),
		cmocka_unit_test(test_vfs__machines_share_nothing),
		cmocka_unit_test(test_vfs__opens_by_its_flags_and_answers_from_its_seed),
		cmocka_unit_test(test_locks__one_writes_others_read_what_was_committed),
		cmocka_unit_test(test_locks__a_rollback_journal_excludes_too),
		cmocka_unit_test(test_end__old_connections_are_dead_and_can_be_closed_at_any_time),
		cmocka_unit_test(test_stop__strikes_at_the_kth_change_and_nothing_works_after_it),
		cmocka_unit_test(test_copy__a_clone_goes_its_own_way_and_a_backup_comes_back),
		cmocka_unit_test(test_export__real_sqlite_reads_what_came_out),
		cmocka_unit_test(test_checkpoint__its_callers_are_counted),
		cmocka_unit_test(test_time__is_the_simulations_and_a_busy_wait_moves_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
