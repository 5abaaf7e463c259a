/* Everything at once: planned faults, a disk that fills up, deaths and power cuts, over many seeds.
 * A program that does what it must (after a restart a complete checkpoint and a commit before
 * anything else; after an unknown COMMIT a restart) loses no row it was told is stored, and ends
 * with a sound database. */
#include <stdio.h>
#include <string.h>

#include "tests/sim/rng.h"
#include "tests/sim/test_vfs_db.h"

#define SEEDS 60u
#define LIVES 8u
#define ROWS_MAX 4096
#define INSERTS 60

struct storm {
	struct bh_simvfs *vfs;
	struct bh_simrng rng;
	sqlite3 *db;
	int asked;                 /* rows 1 .. asked were tried */
	bool stored[ROWS_MAX + 1]; /* and of these, answered SQLITE_OK */
};

static void storm_plan(struct storm *storm)
{
	static const struct bh_simvfs_plan kinds[] = {
		{BH_SIMVFS_READ, BH_SIMVFS_EIO, 0, false, NULL},
		{BH_SIMVFS_READ, BH_SIMVFS_SHORT, 0, false, NULL},
		{BH_SIMVFS_WRITE, BH_SIMVFS_EIO, 0, false, NULL},
		{BH_SIMVFS_WRITE, BH_SIMVFS_FULL, 0, false, NULL},
		{BH_SIMVFS_WRITE, BH_SIMVFS_SHORT, 0, false, NULL},
		{BH_SIMVFS_SYNC, BH_SIMVFS_EIO, 0, false, NULL},
		{BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_DONE, 0, false, NULL},
		{BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_PART, 0, false, NULL},
		{BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE, 0, false, NULL},
		{BH_SIMVFS_TRUNCATE, BH_SIMVFS_EIO, 0, false, NULL},
	};
	struct bh_simvfs_plan
		planned = kinds[bh_simrng_below(&storm->rng, sizeof(kinds) / sizeof(kinds[0]))];

	planned.nth = 1 + (uint32_t)bh_simrng_below(&storm->rng, 60);
	if (planned.call == BH_SIMVFS_TRUNCATE)
		planned.nth = 1;
	assert_int_equal(bh_simvfs_plan_add(storm->vfs, &planned), BH_NOERR);
	if (bh_simrng_below(&storm->rng, 4) == 0)
		bh_simvfs_budget_set(storm->vfs,
			bh_simvfs_bytes_used(storm->vfs) + bh_simrng_below(&storm->rng, 40000));
}

static void storm_close(struct storm *storm)
{
	assert_int_equal(sqlite3_close(storm->db), SQLITE_OK);
	storm->db = NULL;
}

/* Opens as a program must; false if a fault or the stop got in between. */
static bool storm_open(struct storm *storm)
{
	int rc = sqlite3_open_v2(DB_NAME, &storm->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		bh_simvfs_name(storm->vfs));

	if (rc == SQLITE_OK)
		rc = db_run(storm->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
				       "PRAGMA wal_autocheckpoint=8;"
				       "CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, b);"
				       "CREATE TABLE IF NOT EXISTS boots(k INTEGER PRIMARY KEY)");
	if (rc == SQLITE_OK)
		rc = db_run(storm->db, "PRAGMA wal_checkpoint(TRUNCATE);"
				       "INSERT INTO boots DEFAULT VALUES");
	return rc == SQLITE_OK;
}

/* Writes until the process has to end. */
static void storm_write(struct storm *storm)
{
	char sql[80];

	for (int i = 0; i < INSERTS && storm->asked < ROWS_MAX; i++) {
		int rc;

		storm->asked++;
		(void)snprintf(sql, sizeof(sql), "INSERT INTO t VALUES(%d, randomblob(1500))",
			storm->asked);
		rc = db_run(storm->db, sql);
		storm->stored[storm->asked] = rc == SQLITE_OK;
		if (rc == SQLITE_FULL)
			bh_simvfs_heal(storm->vfs);
		else if (rc != SQLITE_OK)
			return;
	}
}

static void storm_check(struct storm *storm)
{
	sqlite3_stmt *statement = NULL;
	bool there[ROWS_MAX + 1] = {false};

	bh_simvfs_heal(storm->vfs);
	storm->db = NULL;
	assert_true(storm_open(storm));
	assert_int_equal(
		sqlite3_prepare_v2(storm->db, "SELECT k FROM t", -1, &statement, NULL), SQLITE_OK);
	while (sqlite3_step(statement) == SQLITE_ROW)
		there[sqlite3_column_int(statement, 0)] = true;
	assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
	for (int k = 1; k <= storm->asked; k++) {
		assert_true(there[k] || !storm->stored[k]);
		storm->stored[k] = there[k]; /* what was seen after a restart may not go either */
	}
	assert_int_equal(
		sqlite3_prepare_v2(storm->db, "PRAGMA integrity_check", -1, &statement, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
	assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
}

static void storm_live(struct storm *storm)
{
	storm_plan(storm);
	storm_plan(storm);
	if (bh_simrng_below(&storm->rng, 2) == 0)
		bh_simvfs_stop_at(storm->vfs, 1 + bh_simrng_below(&storm->rng, 200));
	if (storm->db != NULL || storm_open(storm))
		storm_write(storm);
	if (bh_simrng_below(&storm->rng, 2) == 0)
		bh_simvfs_kill(storm->vfs);
	else
		bh_simvfs_crash(storm->vfs);
	storm_close(storm);
	if (bh_simrng_below(&storm->rng, 2) == 0)
		storm_check(storm);
}

static void storm_run(uint64_t seed, struct bh_simvfs_stats *sum, uint64_t *hash)
{
	struct bh_simvfs_config config = {.number = 1, .seed = seed};
	struct bh_simrng root = bh_simrng_make(seed);
	struct storm storm = {.asked = 0};
	struct bh_simvfs_stats stats;

	bh_simvfs_seed_sqlite((uint32_t)seed + 1);
	assert_int_equal(bh_simvfs_create(&config, &storm.vfs), BH_NOERR);
	storm.rng = bh_simrng_fork(&root, "storm", 0);
	for (unsigned life = 0; life < LIVES; life++)
		storm_live(&storm);
	if (storm.db != NULL)
		storm_close(&storm);
	storm_check(&storm);
	storm_close(&storm);
	*hash = bh_simvfs_hash(storm.vfs);
	stats = bh_simvfs_stats(storm.vfs);
	bh_simvfs_stats_add(sum, &stats);
	bh_simvfs_free(storm.vfs);
}

static void test_storm__a_careful_program_loses_nothing_it_was_told_is_stored(void **state)
{
	struct bh_simvfs_stats sum = {0};
	uint64_t hash;

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++)
		storm_run(seed, &sum, &hash);
	print_message(
		"# crashes=%ju kills=%ju eio=%ju/%ju/%ju/%ju full=%ju budget=%ju short=%ju/%ju "
		"unknown=%ju/%ju/%ju\n",
		(uintmax_t)sum.crashes, (uintmax_t)sum.kills, (uintmax_t)sum.eio[BH_SIMVFS_READ],
		(uintmax_t)sum.eio[BH_SIMVFS_WRITE], (uintmax_t)sum.eio[BH_SIMVFS_SYNC],
		(uintmax_t)sum.eio[BH_SIMVFS_TRUNCATE], (uintmax_t)sum.full,
		(uintmax_t)sum.budget_full, (uintmax_t)sum.short_reads, (uintmax_t)sum.short_writes,
		(uintmax_t)sum.syncs_unknown_done, (uintmax_t)sum.syncs_unknown_part,
		(uintmax_t)sum.syncs_unknown_gone);
	assert_true(sum.crashes >= 100 && sum.kills >= 100);
	assert_true(sum.eio[BH_SIMVFS_READ] >= 3 && sum.eio[BH_SIMVFS_WRITE] >= 3);
	assert_true(sum.eio[BH_SIMVFS_SYNC] >= 3 && sum.eio[BH_SIMVFS_TRUNCATE] >= 3);
	assert_true(sum.full >= 3 && sum.budget_full >= 3);
	assert_true(sum.short_reads >= 3 && sum.short_writes >= 3);
	assert_true(sum.syncs_unknown_done >= 3 && sum.syncs_unknown_part >= 3);
	assert_true(sum.syncs_unknown_gone >= 3);
}

static void test_storm__a_seed_repeats(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 10; seed++) {
		struct bh_simvfs_stats first = {0};
		struct bh_simvfs_stats second = {0};
		uint64_t hash_first;
		uint64_t hash_second;

		storm_run(seed, &first, &hash_first);
		storm_run(seed, &second, &hash_second);
		assert_true(hash_first == hash_second);
		assert_memory_equal(&first, &second, sizeof(first));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_storm__a_careful_program_loses_nothing_it_was_told_is_stored),
		cmocka_unit_test(test_storm__a_seed_repeats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
