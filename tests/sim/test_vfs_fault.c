/* The faults of the disk, one at a time, with SQLite on it: planned errors act once or until
 * healed, a full disk is full at any byte, a sync that fails leaves either outcome. */
#include "tests/sim/test_vfs_db.h"

#include <stdlib.h>

static void plan(struct bh_simvfs *vfs, enum bh_simvfs_call call, enum bh_simvfs_fault fault,
	uint32_t nth, bool until_healed, const char *suffix)
{
	struct bh_simvfs_plan planned = {call, fault, nth, until_healed, suffix};

	assert_int_equal(bh_simvfs_plan_add(vfs, &planned), BH_NOERR);
}

/* Each kind that can strike while rows are written: once is once, until healed is until healed. */
static void test_fault__errors_strike_once_or_until_healed(void **state)
{
	static const struct {
		enum bh_simvfs_call call;
		enum bh_simvfs_fault fault;
		int expected;
	} rows[] = {
		{BH_SIMVFS_WRITE, BH_SIMVFS_EIO, SQLITE_IOERR_WRITE},
		{BH_SIMVFS_WRITE, BH_SIMVFS_SHORT, SQLITE_IOERR_WRITE},
		{BH_SIMVFS_WRITE, BH_SIMVFS_FULL, SQLITE_FULL},
		{BH_SIMVFS_SYNC, BH_SIMVFS_EIO, SQLITE_IOERR_FSYNC},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bh_simvfs *vfs = machine(1);
		sqlite3 *db = db_made(vfs);

		(void)sqlite3_extended_result_codes(db, 1);
		plan(vfs, rows[i].call, rows[i].fault, 1, false, "-wal");
		assert_int_equal(db_run(db, INSERT), rows[i].expected);
		assert_int_equal(db_run(db, INSERT), SQLITE_OK);
		plan(vfs, rows[i].call, rows[i].fault, 1, true, "-wal");
		assert_int_equal(db_run(db, INSERT), rows[i].expected);
		assert_int_equal(db_run(db, INSERT), rows[i].expected);
		bh_simvfs_heal(vfs);
		assert_int_equal(db_run(db, INSERT), SQLITE_OK);
		assert_int_equal(db_rows(db), 3);
		finish(vfs, db);
	}
}

static void test_fault__strikes_at_the_nth_matching_call_and_is_counted(void **state)
{
	struct bh_simvfs *vfs = machine(1);
	sqlite3 *db = db_made(vfs);
	struct bh_simvfs_stats stats;

	(void)state;
	plan(vfs, BH_SIMVFS_SYNC, BH_SIMVFS_EIO, 3, false, "-wal");
	plan(vfs, BH_SIMVFS_SYNC, BH_SIMVFS_EIO, 1, true, "-journal"); /* none is written */
	assert_int_equal(db_run(db, INSERT), SQLITE_OK);
	assert_int_equal(db_run(db, INSERT), SQLITE_OK);
	assert_int_equal(db_run(db, INSERT), SQLITE_IOERR);
	assert_int_equal(db_run(db, INSERT), SQLITE_OK);
	stats = bh_simvfs_stats(vfs);
	assert_int_equal(stats.eio[BH_SIMVFS_SYNC], 1);
	finish(vfs, db);
}

static void test_fault__open_delete_read_truncate_and_shm_fail_too(void **state)
{
	struct bh_simvfs *vfs = machine(1);
	sqlite3 *db = db_made(vfs);
	sqlite3 *other = NULL;
	sqlite3_vfs *base = sqlite3_vfs_find(bh_simvfs_name(vfs));
	struct bh_simvfs_stats stats;

	(void)state;
	plan(vfs, BH_SIMVFS_OPEN, BH_SIMVFS_EIO, 1, false, NULL);
	assert_int_equal(
		sqlite3_open_v2(DB_NAME, &other, SQLITE_OPEN_READWRITE, bh_simvfs_name(vfs)),
		SQLITE_CANTOPEN);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	other = db_open(vfs);
	plan(vfs, BH_SIMVFS_SHM_MAP, BH_SIMVFS_EIO, 1, false, NULL);
	assert_int_equal(db_rows(other), -1);
	plan(vfs, BH_SIMVFS_READ, BH_SIMVFS_EIO, 1, false, "-wal");
	assert_int_equal(db_rows(other), -1);
	plan(vfs, BH_SIMVFS_READ, BH_SIMVFS_SHORT, 1, false, "-wal");
	assert_int_equal(db_rows(other), -1);
	assert_int_equal(db_rows(other), 1);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	plan(vfs, BH_SIMVFS_TRUNCATE, BH_SIMVFS_EIO, 1, false, "-wal");
	(void)db_run(db, "PRAGMA wal_checkpoint(TRUNCATE)");
	plan(vfs, BH_SIMVFS_DELETE, BH_SIMVFS_EIO, 1, false, NULL);
	assert_int_equal(base->xDelete(base, DB_NAME, 0), SQLITE_IOERR_DELETE);
	assert_true(bh_simvfs_file_exists(vfs, DB_NAME));
	stats = bh_simvfs_stats(vfs);
	assert_int_equal(stats.eio[BH_SIMVFS_OPEN], 1);
	assert_int_equal(stats.eio[BH_SIMVFS_READ], 1);
	assert_int_equal(stats.short_reads, 1);
	assert_int_equal(stats.eio[BH_SIMVFS_SHM_MAP], 1);
	assert_int_equal(stats.eio[BH_SIMVFS_TRUNCATE], 1);
	assert_int_equal(stats.eio[BH_SIMVFS_DELETE], 1);
	finish(vfs, db);
}

static void test_fault__a_plan_that_makes_no_sense_is_refused(void **state)
{
	static const struct bh_simvfs_plan bad[] = {
		{BH_SIMVFS_READ, BH_SIMVFS_FULL, 1, false, NULL},
		{BH_SIMVFS_WRITE, BH_SIMVFS_SYNC_DONE, 1, false, NULL},
		{BH_SIMVFS_SYNC, BH_SIMVFS_SHORT, 1, false, NULL},
		{BH_SIMVFS_SYNC, BH_SIMVFS_EIO, 0, false, NULL},
		{BH_SIMVFS_CALLS, BH_SIMVFS_EIO, 1, false, NULL},
		{BH_SIMVFS_SYNC, BH_SIMVFS_EIO, 1, false, "-a-suffix-too-long"},
	};
	struct bh_simvfs_plan good = {BH_SIMVFS_SYNC, BH_SIMVFS_EIO, 1, false, NULL};
	struct bh_simvfs *vfs = machine(1);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(bh_simvfs_plan_add(vfs, &bad[i]), BH_ERR_INVALID);
	for (size_t i = 0; i < BH_SIMVFS_PLANS_MAX; i++)
		assert_int_equal(bh_simvfs_plan_add(vfs, &good), BH_NOERR);
	assert_int_equal(bh_simvfs_plan_add(vfs, &good), BH_ERR_LIMIT);
	bh_simvfs_free(vfs);
}

static void test_budget__is_full_at_any_byte_and_heals(void **state)
{
	(void)state;
	for (uint64_t spare = 0; spare < 3 * 4096; spare += 777) {
		struct bh_simvfs *vfs = machine(1);
		sqlite3 *db = db_made(vfs);
		uint64_t limit = bh_simvfs_bytes_used(vfs) + spare;

		bh_simvfs_budget_set(vfs, limit);
		while (db_run(db, INSERT) == SQLITE_OK)
			assert_true(bh_simvfs_bytes_used(vfs) <= limit);
		assert_int_equal(sqlite3_errcode(db), SQLITE_FULL);
		assert_true(bh_simvfs_bytes_used(vfs) == limit); /* up to the last byte */
		assert_true(bh_simvfs_stats(vfs).budget_full >= 1);
		assert_true(db_rows(db) >= 1); /* reading goes on */
		bh_simvfs_heal(vfs);
		assert_int_equal(db_run(db, INSERT), SQLITE_OK);
		finish(vfs, db);
	}
}

/* A COMMIT whose sync failed: after a power cut the row is there, or not, as the disk had it. */
static int rows_after_unknown_commit(enum bh_simvfs_fault fault, bool power)
{
	struct bh_simvfs *vfs = machine(1);
	sqlite3 *db = db_made(vfs);
	int rows;

	plan(vfs, BH_SIMVFS_SYNC, fault, 1, false, "-wal");
	assert_int_equal(db_run(db, INSERT), SQLITE_IOERR);
	if (power)
		bh_simvfs_crash(vfs);
	else
		bh_simvfs_kill(vfs);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	db = db_open(vfs);
	rows = db_rows(db);
	finish(vfs, db);
	return rows;
}

static void test_sync__a_failed_one_leaves_either_outcome(void **state)
{
	(void)state;
	assert_int_equal(rows_after_unknown_commit(BH_SIMVFS_SYNC_DONE, true), 2);
	assert_int_equal(rows_after_unknown_commit(BH_SIMVFS_SYNC_DONE, false), 2);
	assert_int_equal(rows_after_unknown_commit(BH_SIMVFS_SYNC_GONE, true), 1);
	assert_int_equal(rows_after_unknown_commit(BH_SIMVFS_SYNC_GONE, false), 2);
}

static void test_sync__a_part_may_be_durable_and_the_database_stays_sound(void **state)
{
	struct bh_simvfs *vfs = machine(1);
	sqlite3 *db = db_made(vfs);

	(void)state;
	for (int i = 0; i < 20; i++) {
		int before = db_rows(db);
		int after;

		plan(vfs, BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_PART, 1, false, "-wal");
		assert_int_equal(db_run(db, INSERT), SQLITE_IOERR);
		bh_simvfs_crash(vfs);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
		db = db_open(vfs);
		after = db_rows(db);
		assert_true(after == before || after == before + 1);
	}
	assert_int_equal(bh_simvfs_stats(vfs).syncs_unknown_part, 20);
	finish(vfs, db);
}

/* What the kernel forgot is not saved by a later sync that says it worked. */
static void test_sync__what_is_gone_is_not_saved_by_the_next_one(void **state)
{
	struct bh_simvfs *vfs = machine(1);
	sqlite3_vfs *base = sqlite3_vfs_find(bh_simvfs_name(vfs));
	sqlite3_file *file = calloc(1, (size_t)base->szOsFile);
	uint8_t byte = 0;
	const uint8_t *image = NULL;
	size_t len = 0;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL;

	(void)state;
	assert_int_equal(base->xOpen(base, "/f", file, flags, NULL), SQLITE_OK);
	assert_int_equal(file->pMethods->xWrite(file, "a", 1, 0), SQLITE_OK);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_int_equal(file->pMethods->xWrite(file, "b", 1, 0), SQLITE_OK);
	plan(vfs, BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, 1, false, NULL);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_IOERR_FSYNC);
	assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_int_equal(file->pMethods->xRead(file, &byte, 1, 0), SQLITE_OK);
	assert_int_equal(byte, 'b');
	bh_simvfs_crash(vfs);
	assert_int_equal(bh_simvfs_file_image(vfs, "f", &image, &len), BH_NOERR);
	assert_int_equal(len, 1);
	assert_int_equal(image[0], 'a');
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
	bh_simvfs_free(vfs);
}

/* A COMMIT's sync fails, the kernel forgets, the process restarts and sees the row; then it does
 * what after says, and the power goes.  In how many of the seeds is the row it had seen gone? */
static int rows_seen_and_lost(const char *after, int seeds)
{
	int lost = 0;

	for (int seed = 0; seed < seeds; seed++) {
		struct bh_simvfs_config config = {.number = 1, .seed = (uint64_t)seed};
		struct bh_simvfs *vfs = NULL;
		sqlite3 *db;

		bh_simvfs_seed_sqlite((uint32_t)seed + 1);
		assert_int_equal(bh_simvfs_create(&config, &vfs), BH_NOERR);
		db = db_made(vfs);
		plan(vfs, BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, 1, false, "-wal");
		assert_int_equal(db_run(db, INSERT), SQLITE_IOERR);
		bh_simvfs_kill(vfs);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
		db = db_open(vfs);
		assert_int_equal(db_run(db, "PRAGMA synchronous=FULL"), SQLITE_OK);
		assert_int_equal(db_rows(db), 2);
		assert_int_equal(db_run(db, after), SQLITE_OK);
		bh_simvfs_crash(vfs);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
		db = db_open(vfs);
		lost += db_rows(db) < 2;
		finish(vfs, db);
	}
	return lost;
}

/* What a restart after an unknown COMMIT must do before it tells anybody of what it found.  A
 * commit alone stands behind a hole in the log: it is lost although its own sync worked.  A
 * checkpoint alone leaves the old log, whose sound beginning hides what was copied.  A complete
 * checkpoint and then a commit, which begins the log anew and syncs it, is safe. */
static void test_sync__after_a_gone_one_only_checkpoint_and_commit_make_a_restart_safe(void **state)
{
	(void)state;
	assert_int_equal(rows_seen_and_lost("SELECT 1", 40), 40);
	assert_int_equal(rows_seen_and_lost(INSERT, 40), 40);
	assert_int_equal(rows_seen_and_lost("PRAGMA wal_checkpoint(PASSIVE)", 40), 40);
	assert_in_range(rows_seen_and_lost("PRAGMA wal_checkpoint(TRUNCATE)", 40), 10, 30);
	assert_int_equal(rows_seen_and_lost("PRAGMA wal_checkpoint(TRUNCATE);" INSERT, 40), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fault__errors_strike_once_or_until_healed),
		cmocka_unit_test(test_fault__strikes_at_the_nth_matching_call_and_is_counted),
		cmocka_unit_test(test_fault__open_delete_read_truncate_and_shm_fail_too),
		cmocka_unit_test(test_fault__a_plan_that_makes_no_sense_is_refused),
		cmocka_unit_test(test_budget__is_full_at_any_byte_and_heals),
		cmocka_unit_test(test_sync__a_failed_one_leaves_either_outcome),
		cmocka_unit_test(test_sync__a_part_may_be_durable_and_the_database_stays_sound),
		cmocka_unit_test(test_sync__what_is_gone_is_not_saved_by_the_next_one),
		cmocka_unit_test(
			test_sync__after_a_gone_one_only_checkpoint_and_commit_make_a_restart_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
