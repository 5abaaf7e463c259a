/* Opening and closing connections, and the few calls that everything else here is written with.
 *
 * What faults.md facts 1 and 3 ask for is set on every connection and read back: WAL,
 * synchronous=FULL, no mmap, no automatic checkpoint, none at close.  A setting that did not take
 * is an I/O error, never ignored. */
#include <stdio.h>
#include <string.h>

#include "proto/disk/wal_renew.h"
#include "proto/err.h"
#include "server/store/db.h"
#include "server/store/store.h"

#define LOCK_PATH_BYTES_MAX 1024

int bh_store_start(void)
{
	return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK ? BH_NOERR : BH_ERR_INVALID;
}

int bh_db_err(int sqlite_code)
{
	switch (sqlite_code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return BH_NOERR;
	case SQLITE_FULL:
		return BH_ERR_FULL;
	case SQLITE_IOERR:
		return sqlite_code == SQLITE_IOERR_NOMEM ? BH_ERR_NOMEM : BH_ERR_IO;
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_PROTOCOL:
		return BH_ERR_IO;
	case SQLITE_NOMEM:
		return BH_ERR_NOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return BH_ERR_CORRUPT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return BH_ERR_BUSY;
	default:
		return BH_ERR_INVALID;
	}
}

int bh_db_exec(sqlite3 *handle, const char *sql)
{
	return bh_db_err(sqlite3_exec(handle, sql, NULL, NULL, NULL));
}

int bh_db_number(sqlite3 *handle, const char *sql, int64_t *out)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*out = sqlite3_column_int64(statement, 0);
	else if (code == SQLITE_DONE)
		code = SQLITE_CORRUPT;
	sqlite3_finalize(statement);
	return bh_db_err(code);
}

/* Sets a pragma and reads it back. */
static int pragma_set(sqlite3 *handle, const char *name, int64_t value)
{
	char sql[80];
	int64_t got = value + 1;

	snprintf(sql, sizeof(sql), "PRAGMA %s=%lld", name, (long long)value);
	int err = bh_db_exec(handle, sql);
	if (err)
		return err;
	snprintf(sql, sizeof(sql), "PRAGMA %s", name);
	err = bh_db_number(handle, sql, &got);
	if (err)
		return err;
	return got == value ? BH_NOERR : BH_ERR_IO;
}

/* mmap_size answers nothing at all on a VFS that cannot map: that is as good as 0. */
static int mmap_off(sqlite3 *handle)
{
	int64_t got = 0;
	int err = bh_db_exec(handle, "PRAGMA mmap_size=0");
	if (err)
		return err;
	if (bh_db_number(handle, "PRAGMA mmap_size", &got))
		return BH_NOERR;
	return got == 0 ? BH_NOERR : BH_ERR_IO;
}

static int set_common(sqlite3 *handle, int cache_kib)
{
	int err = bh_db_err(sqlite3_extended_result_codes(handle, 1));
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 20
	const int synchronous = 1;
#else
	const int synchronous = 2;
#endif
	if (!err)
		err = pragma_set(handle, "synchronous", synchronous);
	if (!err)
		err = mmap_off(handle);
	if (!err)
		err = pragma_set(handle, "cache_size", -(int64_t)cache_kib);
	if (!err)
		err = pragma_set(handle, "temp_store", 2);
	if (!err)
		err = pragma_set(handle, "wal_autocheckpoint", 0);
	if (!err) /* what is erased is written over, not only let go of */
		err = pragma_set(handle, "secure_delete", 1);
	return err;
}

static int wal_on(sqlite3 *handle)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(handle, "PRAGMA journal_mode=WAL", -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	int err = bh_db_err(code);
	const unsigned char *mode = code == SQLITE_ROW ? sqlite3_column_text(statement, 0) : NULL;
	if (!err && !mode) /* no row, or no memory for its text */
		err = code == SQLITE_ROW ? BH_ERR_NOMEM : BH_ERR_IO;
	if (!err && strcmp((const char *)mode, "wal") != 0)
		err = BH_ERR_IO;
	sqlite3_finalize(statement);
	return err;
}

static int check_schema(
	sqlite3 *handle, enum bh_db_role role, unsigned *before, const char **detail)
{
	int64_t application = 0, schema = 0;
	int err = bh_db_number(handle, "PRAGMA application_id", &application);
	if (!err)
		err = bh_db_number(handle, "PRAGMA user_version", &schema);
	if (err)
		return err;
	if (application != BH_DB_APPLICATION_ID) {
		*detail = "the file is not a district's";
		return BH_ERR_CORRUPT;
	}
	if (schema > BH_DB_SCHEMA) {
		*detail = "the file was written by a newer program";
		return BH_ERR_VERSION;
	}
	if (schema < BH_DB_SCHEMA_OLDEST) {
		*detail = "the file's schema was never finished";
		return BH_ERR_CORRUPT;
	}
	*before = schema < BH_DB_SCHEMA ? (unsigned)schema : 0;
	if (*before == 0 || role == BH_DB_WRITER)
		return BH_NOERR;
	*detail = "the file was written by an older program: serve it once";
	return BH_ERR_VERSION;
}

/* A path that is not there is told apart from one that cannot be opened.  No connection checkpoints
 * at its close (faults.md fact 3). */
static int open_handle(const char *path, const char *vfs_name, int flags, sqlite3 **handle)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
	int there = 0;

	if (!vfs)
		return BH_ERR_INVALID;
	if (!(flags & SQLITE_OPEN_CREATE)) {
		int code = vfs->xAccess(vfs, path, SQLITE_ACCESS_EXISTS, &there);
		if (code != SQLITE_OK)
			return bh_db_err(code);
		if (!there)
			return BH_ERR_NOT_FOUND;
	}
	int err = bh_db_err(sqlite3_open_v2(path, handle, flags | SQLITE_OPEN_NOMUTEX, vfs_name));
	/* before anything is read: an opening that fails behind the first page closes, too */
	if (!err)
		err = bh_db_err(
			sqlite3_db_config(*handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &there));
	if (err) {
		sqlite3_close(*handle);
		*handle = NULL;
	}
	return err;
}

/* Nothing is appended to a log of writes whose last commit may be forgotten
 * (proto/disk/wal_renew.h): where that was finished for a cut one, the file is opened *again. */
static int upgrade_begin(sqlite3 *handle, unsigned schema, bool *again)
{
	int err = bh_db_err(bh_wal_renew(handle, again));

	if (err || *again)
		return err;
	err = bh_db_exec(handle, "BEGIN IMMEDIATE");
	return err ? err : bh_db_add_tables(handle, schema);
}

static int open_file(struct bh_db *db, enum bh_db_role role, const char *path, const char *vfs,
	const char **detail)
{
	bool again = false;
	int err = open_handle(path, vfs, SQLITE_OPEN_READWRITE, &db->handle);
	if (!err)
		err = bh_db_err(sqlite3_extended_result_codes(db->handle, 1));
	if (!err)
		err = check_schema(db->handle, role, &db->schema_before, detail);
	if (!err)
		err = set_common(db->handle,
			role == BH_DB_WRITER ? BH_DB_WRITER_CACHE_KIB : BH_DB_READER_CACHE_KIB);
	if (!err && role != BH_DB_ALONE)
		err = wal_on(db->handle);
	if (!err && role != BH_DB_WRITER)
		err = pragma_set(db->handle, "query_only", 1);
	if (!err && db->schema_before != 0)
		err = upgrade_begin(db->handle, db->schema_before, &again);
	if (!err && !again) {
		*detail = "its tables are not those of its schema";
		err = bh_db_check_schema(db->handle);
	}
	if (err || !again)
		return err;
	sqlite3_close(db->handle);
	db->handle = NULL;
	return open_file(db, role, path, vfs, detail);
}

static int open_memory(struct bh_db *db)
{
	int err = bh_db_err(sqlite3_open_v2(":memory:", &db->handle,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
	if (!err)
		err = bh_db_exec(db->handle, "BEGIN");
	if (!err)
		err = bh_db_make_schema(db->handle);
	return err;
}

int bh_db_open(struct bh_db *db, enum bh_db_role role, const char *path, const char *vfs,
	const char **detail)
{
	struct bh_db opened = {0};
	const char *why = "the file cannot be opened";
	int err = role == BH_DB_MEMORY ? open_memory(&opened)
				       : open_file(&opened, role, path, vfs, &why);
	if (!err)
		err = bh_db_prepare(&opened);
	/* a full disk, though SQLite has another name for it where the WAL's index cannot grow */
	if (err == BH_ERR_IO && sqlite3_extended_errcode(opened.handle) == SQLITE_IOERR_SHMSIZE)
		err = BH_ERR_FULL;
	if (err) {
		bh_db_close(&opened);
		if (detail)
			*detail = err == BH_ERR_NOT_FOUND ? "there is no such file" : why;
		return err;
	}
	*db = opened;
	return BH_NOERR;
}

void bh_db_close(struct bh_db *db)
{
	for (size_t i = 0; db->statements && i < BH_SQL_COUNT; i++)
		sqlite3_finalize(db->statements[i]);
	sqlite3_free(db->statements);
	sqlite3_close(db->handle);
	*db = (struct bh_db){0};
}

int bh_db_create(sqlite3 **handle, const char *path, const char *vfs)
{
	int64_t tables = 0;
	int err = open_handle(path, vfs, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, handle);
	if (err)
		return err;
	err = bh_db_err(sqlite3_extended_result_codes(*handle, 1));
	if (!err)
		err = bh_db_number(*handle, "SELECT count(*) FROM sqlite_schema", &tables);
	if (!err && tables)
		err = BH_ERR_EXISTS;
	if (!err)
		err = bh_db_exec(*handle, "PRAGMA page_size=4096");
	if (!err)
		err = wal_on(*handle);
	if (!err)
		err = set_common(*handle, BH_DB_WRITER_CACHE_KIB);
	if (err) {
		sqlite3_close(*handle);
		*handle = NULL;
	}
	return err == BH_ERR_CORRUPT ? BH_ERR_EXISTS : err;
}

int bh_db_copy_target(sqlite3 *like, const char *path, sqlite3 **out)
{
	sqlite3_vfs *vfs = NULL;
	sqlite3 *copy = NULL;
	int there = 0;

	if (sqlite3_file_control(like, "main", SQLITE_FCNTL_VFS_POINTER, &vfs) != SQLITE_OK || !vfs)
		return BH_ERR_INVALID;
	int err = bh_db_err(vfs->xAccess(vfs, path, SQLITE_ACCESS_EXISTS, &there));
	if (!err && there)
		err = BH_ERR_EXISTS;
	if (!err)
		err = open_handle(
			path, vfs->zName, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &copy);
	if (!err)
		*out = copy;
	return err;
}

static int lock_take(const char *path, const char *vfs, int flags, sqlite3 **out)
{
	char lock_path[LOCK_PATH_BYTES_MAX];
	sqlite3 *lock = NULL;

	int len = snprintf(lock_path, sizeof(lock_path), "%s-lock", path);
	if (len < 0 || (size_t)len >= sizeof(lock_path))
		return BH_ERR_LIMIT;
	/* not open_handle: to xAccess a file is there only once it has bytes, and this one never
	 * has */
	int err = bh_db_err(sqlite3_open_v2(
		lock_path, &lock, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | flags, vfs));
	if (err) {
		sqlite3_close(lock);
		return err;
	}
	err = bh_db_exec(lock, "PRAGMA journal_mode=OFF");
	if (!err)
		err = bh_db_exec(lock, "BEGIN EXCLUSIVE");
	if (err) {
		sqlite3_close(lock);
		return err;
	}
	*out = lock;
	return BH_NOERR;
}

int bh_db_lock(const char *path, const char *vfs, sqlite3 **out)
{
	return lock_take(path, vfs, SQLITE_OPEN_CREATE, out);
}

int bh_db_lock_known(const char *path, const char *vfs, sqlite3 **out)
{
	int err = lock_take(path, vfs, 0, out);

	if (err == BH_ERR_IO) /* cannot be opened: there is none */
		*out = NULL;
	return err == BH_ERR_IO ? BH_NOERR : err;
}

void bh_db_unlock(sqlite3 *lock)
{
	sqlite3_close(lock); /* rolls back, and with that lets go */
}
