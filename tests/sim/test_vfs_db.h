/* What the disk's tests share: a machine, and a database with one row on it. */
#ifndef BH_TESTS_SIM_TEST_VFS_DB_H
#define BH_TESTS_SIM_TEST_VFS_DB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>

#include "proto/err.h"
#include "tests/sim/vfs.h"

#define DB_NAME "/a.db"
#define SETUP                                                                            \
	"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;" \
	"CREATE TABLE t(k INTEGER PRIMARY KEY, b BLOB)"
#define INSERT "INSERT INTO t(b) VALUES(randomblob(2000))"

static inline struct bh_simvfs *machine(uint32_t number)
{
	struct bh_simvfs_config config = {.number = number, .seed = 11};
	struct bh_simvfs *vfs = NULL;

	bh_simvfs_seed_sqlite(5);
	assert_int_equal(bh_simvfs_create(&config, &vfs), BH_NOERR);
	return vfs;
}

static inline sqlite3 *db_open(const struct bh_simvfs *vfs)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open_v2(DB_NAME, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
				 bh_simvfs_name(vfs)),
		SQLITE_OK);
	return db;
}

static inline int db_run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* A machine with the table and one row, open. */
static inline sqlite3 *db_made(const struct bh_simvfs *vfs)
{
	sqlite3 *db = db_open(vfs);

	assert_int_equal(db_run(db, SETUP), SQLITE_OK);
	assert_int_equal(db_run(db, INSERT), SQLITE_OK);
	return db;
}

static inline int db_rows(sqlite3 *db)
{
	sqlite3_stmt *statement = NULL;
	int rows = -1;

	if (sqlite3_prepare_v2(db, "SELECT count(*) FROM t", -1, &statement, NULL) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW)
		rows = sqlite3_column_int(statement, 0);
	(void)sqlite3_finalize(statement);
	return rows;
}

static inline void finish(struct bh_simvfs *vfs, sqlite3 *db)
{
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	bh_simvfs_free(vfs);
}

/* A file of seven bytes, synced or not. */
static inline void touch(struct bh_simvfs *vfs, const char *path, int type, bool sync)
{
	sqlite3_vfs *base = sqlite3_vfs_find(bh_simvfs_name(vfs));
	sqlite3_file *file = calloc(1, (size_t)base->szOsFile);

	assert_int_equal(base->xOpen(base, path, file,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | type, NULL),
		SQLITE_OK);
	assert_int_equal(file->pMethods->xWrite(file, "content", 7, 0), SQLITE_OK);
	if (sync)
		assert_int_equal(file->pMethods->xSync(file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
	free(file);
}

#endif
