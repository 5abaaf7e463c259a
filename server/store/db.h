/* SQLite as the rest of store/ uses it: our error codes, statements prepared from the one table,
 * typed binds. */
#ifndef BH_STORE_DB_H
#define BH_STORE_DB_H

#include <sqlite3.h>

#include "proto/bytes.h"
#include "server/store/statement.h"

#define BH_DB_APPLICATION_ID 0x62686475 /* "bhdu" */
/* 2: photos; 3: the case's whole life; 4: work beside it; 5: which key made an entry */
#define BH_DB_SCHEMA 5
#define BH_DB_SCHEMA_OLDEST 1       /* that a writer brings up to date: upgrade.c */
#define BH_DB_WRITER_CACHE_KIB 8000 /* a larger cache is walked at each commit (measured.md 1) */
#define BH_DB_READER_CACHE_KIB 2000

/* BH_ERR_FULL, _IO, _NOMEM, _CORRUPT, _BUSY; BH_ERR_INVALID for what cannot be blamed on the
 * machine. */
int bh_db_err(int sqlite_code);

/* Rows of table local. */
#define BH_HEARTBEAT_ROW 1
#define BH_LOST_LAST_ROW 2              /* the hash behind which the next choice begins */
#define BH_RETENTION_ROW 3              /* of which day, and past which case, the purge stands */
#define BH_UPGRADE_ROW 4                /* up to which case an older file's are brought up */
#define BH_TEXTS_ROW 5                  /* and past which position that of texts about no case */
#define BH_LOST_ROWS (INT64_C(1) << 32) /* and the first four bytes of a hash */
#define BH_LOST_ROWS_LAST (BH_LOST_ROWS + UINT32_MAX)
#define BH_PACE_ROWS (INT64_C(2) << 32)   /* and a device's id */
#define BH_PINS_ROWS (INT64_C(3) << 32)   /* likewise: the pins that it goes by */
#define BH_TURN_ROWS (INT64_C(4) << 32)   /* and a device's id */
#define BH_HELD_ROWS (INT64_C(5) << 32)   /* and a device's id */
#define BH_URGENT_ROWS (INT64_C(6) << 32) /* and a person's id: who reports */
#define BH_MORE_ROWS (INT64_C(7) << 32)   /* likewise: who is told */

enum bh_db_role {
	BH_DB_WRITER,
	BH_DB_READER, /* query_only, never checkpoints */
	BH_DB_MEMORY, /* a replay: fresh, in memory, schema made */
	BH_DB_ALONE,  /* a file nobody else has open, only read */
};

struct bh_db {
	sqlite3 *handle;
	sqlite3_stmt **statements; /* BH_SQL_COUNT of them, each NULL until first asked for */
	/* A writer's, where it is of an earlier schema: in a transaction that upgrade.c ends.  0:
	 * it is of ours. */
	unsigned schema_before;
	bool photos_gone; /* what was erased left some, which nobody collects yet */
};

/* Opens, sets and reads back every pragma, checks application id and schema.  path NULL for a
 * replay. BH_ERR_NOT_FOUND, _VERSION, _CORRUPT, _IO, _FULL, _BUSY, _NOMEM; *detail is a
 * constant clause. */
int bh_db_open(struct bh_db *db, enum bh_db_role role, const char *path, const char *vfs,
	const char **detail);
void bh_db_close(struct bh_db *db); /* zero-filled is fine */
/* Makes the schema in an open transaction of a fresh file. */
int bh_db_make_schema(sqlite3 *handle);
/* What our schema has more than this one, in an open transaction of a file of it. */
int bh_db_add_tables(sqlite3 *handle, unsigned before);
/* A file with nothing in it, in WAL mode, ready for bh_db_make_schema.  BH_ERR_EXISTS: it holds
 * something. */
int bh_db_create(sqlite3 **handle, const char *path, const char *vfs);
/* An empty file at path, on the VFS of like, that a copy may be written into.  BH_ERR_EXISTS. */
int bh_db_copy_target(sqlite3 *like, const char *path, sqlite3 **out);
/* Each table and index of the schema is there, word for word, so that every statement can be
 * prepared.  BH_ERR_CORRUPT. */
int bh_db_check_schema(sqlite3 *handle);
/* Room for the statements, and those of transactions: ending one must not fail for want of memory.
 */
int bh_db_prepare(struct bh_db *db);

/* The statement, prepared when first asked for: most connections run few of them.  NULL: there is
 * no memory; what is done with it next does nothing, and bh_row_next or bh_row_run says so. */
sqlite3_stmt *bh_sql(const struct bh_db *db, enum bh_sql which);

int bh_db_exec(sqlite3 *handle, const char *sql);
/* The integer a pragma or query gives. */
int bh_db_number(sqlite3 *handle, const char *sql, int64_t *out);

/* Whoever holds it is the one writer of a path, over all processes and connections: an exclusive
 * transaction, which never writes, on an empty file of SQLite's beside it, so that any VFS can do
 * it. */
int bh_db_lock(const char *path, const char *vfs, sqlite3 **out); /* BH_ERR_BUSY: somebody has it */
/* The same where the lock's file is there already: without one no writer ever opened this path.
 * *out NULL: none. */
int bh_db_lock_known(const char *path, const char *vfs, sqlite3 **out);
void bh_db_unlock(sqlite3 *lock);

/* Steps once.  *row false: done, and the statement is reset; also reset on error. */
int bh_row_next(sqlite3_stmt *statement, bool *row);
/* For what gives no rows: steps and resets. */
int bh_row_run(sqlite3_stmt *statement);
void bh_row_end(sqlite3_stmt *statement);
/* Reads the row at which a statement stands into what is behind out. */
typedef int bh_row_reader(sqlite3_stmt *statement, void *out);
/* The next row, and ends the statement.  BH_ERR_NOT_FOUND: there is none. */
int bh_row_one(sqlite3_stmt *statement, bh_row_reader *read, void *out);
/* At most max rows, each of size bytes, and ends the statement; *count only where all were read. */
int bh_rows_all(sqlite3_stmt *statement, bh_row_reader *read, void *rows, size_t size, size_t max,
	size_t *count);
/* What the file itself keeps under this id, of exactly this length; *found false: nothing. */
int bh_local_get(const struct bh_db *db, int64_t id, void *out, size_t len, bool *found);

void bh_bind(sqlite3_stmt *statement, int index, int64_t value);
/* Borrowed until the statement is next bound; an empty span is NULL. */
void bh_bind_span(sqlite3_stmt *statement, int index, struct bh_span span);
int64_t bh_column(sqlite3_stmt *statement, int column);
uint32_t bh_column_u32(sqlite3_stmt *statement, int column);
/* Borrowed until the next step or reset. */
struct bh_span bh_column_span(sqlite3_stmt *statement, int column);
/* BH_ERR_CORRUPT unless the blob has exactly len bytes. */
int bh_column_exact(sqlite3_stmt *statement, int column, uint8_t *out, size_t len);

#endif
