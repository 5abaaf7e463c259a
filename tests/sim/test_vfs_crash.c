/* SQLite over hundreds of power cuts and process deaths at random points of its writes and syncs.
 * With synchronous=FULL no committed row is ever lost; with NORMAL some are, so the disk does bite;
 * the database is whole after each; and a seed tells the same story twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "tests/sim/rng.h"
#include "tests/sim/vfs.h"

#define SEEDS 80u
#define LIVES 6u /* ends of a process in one story */
#define ROWS_MAX 300
#define CHANGES_MAX 150u /* of the disk, before an end */
#define DB_NAME "/district/journal.db"

/* One machine's life: what it was told is stored, and what of it was gone after an end. */
struct story {
	struct bh_simvfs *vfs;
	struct bh_simrng rng;
	const char *synchronous;
	bool kills;    /* processes die instead of the power going */
	int committed; /* rows 1 .. committed were answered SQLITE_OK */
	int lost;
	int unsound; /* integrity_check did not say ok */
	uint64_t hash;
	struct bh_simvfs_stats stats;
};

static sqlite3 *db_open(const struct story *story)
{
	sqlite3 *db = NULL;

	(void)sqlite3_open_v2(DB_NAME, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		bh_simvfs_name(story->vfs));
	return db;
}

static int db_run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* The first column of the first row; missing if the statement cannot run. */
static int db_number(sqlite3 *db, const char *sql, int missing)
{
	sqlite3_stmt *statement = NULL;
	int number = missing;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int(statement, 0);
	(void)sqlite3_finalize(statement);
	return number;
}

static bool db_is_sound(sqlite3 *db)
{
	sqlite3_stmt *statement = NULL;
	bool sound = false;

	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW)
		sound = strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
	(void)sqlite3_finalize(statement);
	return sound;
}

/* Inserts rows until the stop strikes. */
static void story_write(struct story *story, sqlite3 *db)
{
	char sql[256];
	int rc;

	(void)snprintf(sql, sizeof(sql),
		"PRAGMA journal_mode=WAL; PRAGMA synchronous=%s; PRAGMA wal_autocheckpoint=10;"
		"CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, b BLOB)",
		story->synchronous);
	rc = db_run(db, sql);
	while (rc == SQLITE_OK && story->committed < ROWS_MAX) {
		(void)snprintf(sql, sizeof(sql), "INSERT INTO t VALUES(%d, randomblob(900))",
			story->committed + 1);
		rc = db_run(db, sql);
		story->committed += rc == SQLITE_OK ? 1 : 0;
	}
	assert_true(rc == SQLITE_OK || bh_simvfs_is_stopped(story->vfs));
}

static void story_end_process(struct story *story, sqlite3 *db)
{
	bool close_first = bh_simrng_below(&story->rng, 2) == 0;

	if (close_first)
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
	if (story->kills)
		bh_simvfs_kill(story->vfs);
	else
		bh_simvfs_crash(story->vfs);
	if (!close_first)
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* After a restart: what is there of what was committed?  The next rows go on from what is there. */
static void story_check(struct story *story)
{
	sqlite3 *db = db_open(story);
	char sql[80];
	int there;

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM t WHERE k <= %d", story->committed);
	there = db_number(db, sql, 0);
	story->lost += story->committed - there;
	story->unsound += db_is_sound(db) ? 0 : 1;
	story->committed = db_number(db, "SELECT max(k) FROM t", 0);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void story_tell(struct story *story, uint64_t seed)
{
	struct bh_simrng root = bh_simrng_make(seed);
	struct bh_simvfs_config config = {.number = 1, .seed = seed};

	bh_simvfs_seed_sqlite((uint32_t)seed + 1);
	assert_int_equal(bh_simvfs_create(&config, &story->vfs), BH_NOERR);
	story->rng = bh_simrng_fork(&root, "story", 0);
	story->committed = 0;
	for (unsigned life = 0; life < LIVES; life++) {
		sqlite3 *db;

		bh_simvfs_stop_at(story->vfs, 1 + bh_simrng_below(&story->rng, CHANGES_MAX));
		db = db_open(story);
		story_write(story, db);
		story_end_process(story, db);
		story_check(story);
	}
	story->hash = bh_simhash_u64(bh_simvfs_hash(story->vfs), (uint64_t)story->committed);
	story->stats = bh_simvfs_stats(story->vfs);
	bh_simvfs_free(story->vfs);
}

static void story_print(const char *title, const struct bh_simvfs_stats *stats)
{
	print_message("# %s: crashes=%ju with_loss=%ju kills=%ju stops=%ju kept=%ju lost=%ju "
		      "torn_at_sector=%ju torn_in_sector=%ju reordered=%ju truncates_lost=%ju "
		      "vanished=%ju reappeared=%ju syncs=%ju checkpoint_syncs=%ju\n",
		title, (uintmax_t)stats->crashes, (uintmax_t)stats->crashes_with_loss,
		(uintmax_t)stats->kills, (uintmax_t)stats->stops, (uintmax_t)stats->writes_kept,
		(uintmax_t)stats->writes_lost, (uintmax_t)stats->writes_torn_at_sector,
		(uintmax_t)stats->writes_torn_in_sector, (uintmax_t)stats->writes_reordered,
		(uintmax_t)stats->truncates_lost, (uintmax_t)stats->files_vanished,
		(uintmax_t)stats->files_reappeared, (uintmax_t)stats->calls[BH_SIMVFS_SYNC],
		(uintmax_t)stats->checkpoint_syncs);
}

/* All seeds; gives the sums. */
static void campaign(const char *synchronous, bool kills, int *lost, struct bh_simvfs_stats *stats)
{
	struct story story = {.synchronous = synchronous, .kills = kills};

	memset(stats, 0, sizeof(*stats));
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		story_tell(&story, seed);
		bh_simvfs_stats_add(stats, &story.stats);
	}
	assert_int_equal(story.unsound, 0);
	*lost = story.lost;
}

static void test_crash__full_loses_no_committed_row(void **state)
{
	struct bh_simvfs_stats stats;
	int lost;

	(void)state;
	campaign("FULL", false, &lost, &stats);
	story_print("FULL", &stats);
	assert_int_equal(lost, 0);
	assert_int_equal(stats.crashes, SEEDS * LIVES);
	assert_true(stats.stops > SEEDS * LIVES * 9 / 10);
	assert_true(stats.crashes_with_loss > 100);
	assert_true(stats.writes_lost > 100 && stats.writes_kept > 100);
	assert_true(stats.writes_torn_at_sector > 0 && stats.writes_torn_in_sector > 0);
	assert_true(stats.writes_reordered > 0 && stats.truncates_lost > 0);
	assert_true(stats.checkpoint_syncs > 0);
}

static void test_crash__normal_loses_committed_rows_but_stays_sound(void **state)
{
	struct bh_simvfs_stats stats;
	int lost;

	(void)state;
	campaign("NORMAL", false, &lost, &stats);
	story_print("NORMAL", &stats);
	print_message("# NORMAL: rows lost=%d\n", lost);
	assert_true(lost > 100);
}

static void test_kill__a_dead_process_loses_nothing_even_without_syncs(void **state)
{
	struct bh_simvfs_stats stats;
	int lost;

	(void)state;
	campaign("NORMAL", true, &lost, &stats);
	story_print("killed", &stats);
	assert_int_equal(lost, 0);
	assert_int_equal(stats.kills, SEEDS * LIVES);
	assert_int_equal(stats.crashes, 0);
	assert_int_equal(stats.writes_lost, 0);
}

static void test_crash__a_seed_tells_the_same_story_twice(void **state)
{
	struct story story = {.synchronous = "FULL"};
	uint64_t first = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		uint64_t before = first;
		struct bh_simvfs_stats stats;

		story_tell(&story, seed);
		first = story.hash;
		stats = story.stats;
		story_tell(&story, seed);
		assert_true(story.hash == first);
		assert_memory_equal(&story.stats, &stats, sizeof(stats));
		assert_true(first != before); /* and another seed another one */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crash__full_loses_no_committed_row),
		cmocka_unit_test(test_crash__normal_loses_committed_rows_but_stays_sound),
		cmocka_unit_test(test_kill__a_dead_process_loses_nothing_even_without_syncs),
		cmocka_unit_test(test_crash__a_seed_tells_the_same_story_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
