/* What can be read of a file that was put aside.
 *
 * Row by row, each table from its beginning and, where that ends in damage, from its end as well;
 * a row is taken once.  SQLite sees damage in a page's structure only, so an op counts as whole
 * when its header can be decoded and its link follows from the op before it. */
#include "client-lib/store_salvage.h"

#include <stdio.h>
#include <string.h>

#include "proto/codec.h"

#define COLUMNS_MAX 32
#define SQL_BYTES 240

/* One table's way from one file into the other. */
struct carry {
	struct bh_local *local;
	sqlite3 *from;
	const char *table;
	bool whole; /* every row of it was read */
};

/* By their keys, up and down. */
static const struct {
	const char *name, *up, *down;
} tables[] = {
	{"device", "id", "id DESC"}, {"rotation", "id", "id DESC"}, {"profile", "id", "id DESC"},
	{"log", "id", "id DESC"}, {"ack", "id", "id DESC"},
	{"receipt", "number, cycle", "number DESC, cycle DESC"}, {"blob", "hash", "hash DESC"},
	{"photo", "op, place", "op DESC, place DESC"}, {"seal", "id", "id DESC"},
	{"author", "person", "person DESC"}, {"draft", "id", "id DESC"},
	{"op", "id", "id DESC"}, /* the last: see tables_carry */
};

/* ---- Rows -------------------------------------------------------------------------------- */

static int row_put(struct carry *c, sqlite3_stmt *row, sqlite3_stmt *put)
{
	int columns = sqlite3_column_count(row);

	for (int i = 0; i < columns; i++) {
		int code = sqlite3_bind_value(put, i + 1, sqlite3_column_value(row, i));
		if (code != SQLITE_OK)
			return bh_store_fault(c->local, code);
	}
	int code = sqlite3_step(put);

	sqlite3_reset(put);
	/* what the new file's rules do not allow is damage as well */
	if (code == SQLITE_DONE || (code & 0xff) == SQLITE_CONSTRAINT ||
		(code & 0xff) == SQLITE_MISMATCH)
		return 0;
	return bh_store_fault(c->local, sqlite3_extended_errcode(c->local->db));
}

/* What is wrong with the damaged file is no fault; what is wrong with the disk or memory is. */
static int read_fault(struct carry *c, int code)
{
	switch (code & 0xff) {
	case SQLITE_NOMEM:
	case SQLITE_BUSY:
		return bh_store_fault(c->local, code);
	case SQLITE_IOERR:
		return (code == SQLITE_IOERR_SHORT_READ || code == SQLITE_IOERR_CORRUPTFS)
			       ? 0
			       : bh_store_fault(c->local, code);
	default:
		return 0;
	}
}

static int put_prepare(struct carry *c, int columns, sqlite3_stmt **put)
{
	char sql[SQL_BYTES];
	size_t len = (size_t)snprintf(
		sql, sizeof(sql), "INSERT OR IGNORE INTO %s VALUES(?1", c->table);

	for (int i = 2; i <= columns; i++)
		len += (size_t)snprintf(sql + len, sizeof(sql) - len, ",?%d", i);
	snprintf(sql + len, sizeof(sql) - len, ")");
	int code = sqlite3_prepare_v2(c->local->db, sql, -1, put, NULL);

	/* another number of columns: somebody else's table */
	return code == SQLITE_OK || (code & 0xff) == SQLITE_ERROR ? 0
								  : bh_store_fault(c->local, code);
}

static int rows_carry(struct carry *c, const char *order)
{
	char sql[SQL_BYTES];
	sqlite3_stmt *row = NULL, *put = NULL;
	int rc = 0;

	snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY %s", c->table, order);
	int code = sqlite3_prepare_v2(c->from, sql, -1, &row, NULL);

	if (code == SQLITE_OK && sqlite3_column_count(row) <= COLUMNS_MAX)
		rc = put_prepare(c, sqlite3_column_count(row), &put);
	while (rc == 0 && put && (code = sqlite3_step(row)) == SQLITE_ROW)
		rc = row_put(c, row, put);
	if (rc == 0 && code != SQLITE_DONE)
		rc = read_fault(c, code);
	c->whole = rc == 0 && put && code == SQLITE_DONE;
	sqlite3_finalize(row);
	sqlite3_finalize(put);
	return rc;
}

/* *whole: every op was read. */
static int tables_carry(struct bh_local *local, sqlite3 *from, bool *whole)
{
	struct carry c = {.local = local, .from = from};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(tables) / sizeof(tables[0]); i++) {
		c.table = tables[i].name;
		rc = rows_carry(&c, tables[i].up);
		*whole = c.whole; /* of the last one: ops */
		if (rc == 0 && !c.whole)
			rc = rows_carry(&c, tables[i].down);
	}
	return rc;
}

/* ---- The file ---------------------------------------------------------------------------- */

static bool file_is_ours(sqlite3 *from)
{
	sqlite3_stmt *row = NULL;
	bool ours = sqlite3_prepare_v2(from, "PRAGMA application_id", -1, &row, NULL) ==
			    SQLITE_OK &&
		    sqlite3_step(row) == SQLITE_ROW &&
		    sqlite3_column_int64(row, 0) == BH_STORE_APPLICATION_ID;

	sqlite3_finalize(row);
	return ours;
}

/* *from NULL: it is no store at all. */
static int file_open(struct bh_local *local, uint32_t n, sqlite3 **from)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
		    SQLITE_OPEN_EXRESCODE;
	char *path = NULL;
	int rc = bh_aside_path(local, n, &path);

	*from = NULL;
	if (rc != 0)
		return rc;
	struct carry c = {.local = local};
	int code = sqlite3_open_v2(path, from, flags, local->vfs);

	free(path);
	if (code == SQLITE_OK)
		code = sqlite3_db_config(*from, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(*from,
			"PRAGMA locking_mode=EXCLUSIVE; PRAGMA mmap_size=0;"
			"PRAGMA query_only=1; SELECT count(*) FROM sqlite_schema",
			NULL, NULL, NULL);
	if (code == SQLITE_OK && file_is_ours(*from))
		return 0;
	sqlite3_close(*from);
	*from = NULL;
	return read_fault(&c, code);
}

/* ---- The log ----------------------------------------------------------------------------- */

static int exec(struct bh_local *local, const char *sql)
{
	int code = sqlite3_exec(local->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : bh_store_fault(local, sqlite3_extended_errcode(local->db));
}

/* What an op's link is made of, as it stands in the row. */
struct op_parts {
	struct bh_span header, content;
	uint8_t salt[BH_SALT_BYTES], link[BH_HASH_BYTES];
};

static int op_parts(
	struct bh_local *local, sqlite3_stmt *row, struct bh_arena *arena, struct op_parts *out)
{
	int64_t key = sqlite3_column_int64(row, 4);
	struct bh_msg_op_header header;
	size_t salt = 0;
	int reason = 0;

	out->header = bh_column_borrow(row, 0);
	int rc = bh_op_decode_header(out->header, arena, &header, &reason);

	if (rc == 0)
		rc = bh_column_open(
			local, row, 1, bh_where(BH_SEALED_CONTENT, key), arena, &out->content);
	if (rc == 0)
		rc = bh_column_open_into(local, row, 2, bh_where(BH_SEALED_SALT, key), out->salt,
			sizeof(out->salt), &salt);
	if (rc == 0 && salt != sizeof(out->salt))
		rc = BH_ERR_CORRUPT;
	return rc == 0 ? bh_column_bytes(row, 3, out->link, sizeof(out->link)) : rc;
}

/* One op: does it follow from prev?  prev NULL: nobody knows.  0 or BH_ERR_NOMEM. */
static int op_is_whole(
	struct bh_local *local, sqlite3_stmt *row, uint64_t seq, const uint8_t *prev, bool *whole)
{
	struct bh_arena arena = BH_ARENA(
		BH_OP_HEADER_BYTES_MAX + BH_OP_CONTENT_BYTES_MAX + 2 * BH_DECODE_HEAP_BASE);
	uint8_t commitment[BH_HASH_BYTES], follows[BH_HASH_BYTES];
	struct op_parts op;
	int rc = op_parts(local, row, &arena, &op);

	*whole = rc == 0;
	if (*whole && prev) {
		bh_op_commitment(local->hasher, op.salt, op.content, commitment);
		bh_log_link(local->hasher, prev, seq, op.header, commitment, follows);
		*whole = memcmp(op.link, follows, sizeof(follows)) == 0;
	}
	bh_arena_free(&arena);
	return rc == BH_ERR_NOMEM ? rc : 0;
}

/* The walk along a log's rows. */
struct walk {
	uint64_t seq; /* of the last whole op; its link: */
	uint8_t link[BH_HASH_BYTES];
	bool broken; /* what has not been acknowledged does not follow from what has */
};

static int walk_step(
	struct bh_local *local, const struct bh_log *log, sqlite3_stmt *row, struct walk *walk)
{
	uint64_t seq = (uint64_t)sqlite3_column_int64(row, 4) & BH_SEQ_MAX;
	bool follows = seq == walk->seq + 1;
	bool whole = false;
	int rc = op_is_whole(local, row, seq, follows ? walk->link : NULL, &whole);

	if (rc != 0)
		return rc;
	if (seq > log->acked_seq && !(follows && whole))
		walk->broken = true;
	if (whole) {
		walk->seq = seq;
		return bh_column_bytes(row, 3, walk->link, sizeof(walk->link));
	}
	sqlite3_stmt *drop = NULL;
	int code = sqlite3_prepare_v2(local->db, "DELETE FROM op WHERE id = ?1", -1, &drop, NULL);

	if (code == SQLITE_OK) {
		bh_bind_int(drop, 1, bh_op_key(log->row, seq));
		code = sqlite3_step(drop);
	}
	sqlite3_finalize(drop);
	return code == SQLITE_DONE ? 0 : bh_store_fault(local, code);
}

/* Drops what is not whole; *log gets its head. */
static int log_walk(struct bh_local *local, struct bh_log *log, struct walk *walk)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_OP_RANGE);
	int rc;

	memcpy(walk->link, log->head_link, sizeof(walk->link));
	bh_bind_int(row, 1, bh_op_key(log->row, 1));
	bh_bind_int(row, 2, bh_op_key(log->row, BH_SEQ_MAX));
	while ((rc = bh_store_row(local, row)) == 0 && (rc = walk_step(local, log, row, walk)) == 0)
		continue;
	sqlite3_reset(row);
	log->head_seq = walk->seq;
	if (walk->seq < log->acked_seq)
		walk->broken = true;
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

/* Somebody who was never enrolled, with a log of their own. */
static int identity_none(struct bh_local *local)
{
	int rc = exec(local,
		"DELETE FROM device; DELETE FROM rotation; DELETE FROM profile; DELETE FROM log;"
		"DELETE FROM op; DELETE FROM ack; DELETE FROM receipt;"
		"DELETE FROM photo; DELETE FROM author; DELETE FROM draft; INSERT "
		"INTO device(id) VALUES(1)");

	return rc == 0 ? bh_store_log_begin(local, NULL, NULL) : rc;
}

/* Whether the file said who we are, with the key that proves it, or whose private half lies
 * outside.
 */
static int identity_holds(struct bh_local *local, bool *holds)
{
	struct bh_device device;
	int rc = bh_store_device(local, &device);

	if (rc == 0)
		rc = bh_store_key_load(local);
	*holds = rc == 0 && (device.enrolled != BH_ENROL_YES || device.public_key[0] != 0);
	return rc == BH_ERR_NOMEM || rc == BH_ERR_IO ? rc : 0;
}

static int log_mend(struct bh_local *local, bool whole)
{
	struct bh_log log = {0};
	struct walk walk = {0};
	int rc = bh_store_log_row(local, &log);

	if (rc == BH_ERR_NOT_FOUND || rc == BH_ERR_CORRUPT) {
		rc = exec(local, "DELETE FROM log WHERE present <> 0");
		if (rc == 0)
			rc = bh_store_log_begin(local, NULL, NULL);
		return rc == 0 ? exec(local,
					 "DELETE FROM op WHERE id >> 32 NOT IN (SELECT id FROM log"
					 " WHERE present = 0)")
			       : rc;
	}
	if (rc == 0)
		rc = log_walk(local, &log, &walk);
	if (rc == 0 && (walk.broken || !whole))
		rc = bh_store_fork(local, &log);
	return rc;
}

int bh_salvage_carry(struct bh_local *local, uint32_t n)
{
	sqlite3 *from = NULL;
	bool whole = false, holds = false;
	int rc = file_open(local, n, &from);

	if (rc != 0 || !from)
		return rc;
	rc = exec(local, "DELETE FROM device; DELETE FROM log; DELETE FROM seal");
	if (rc == 0)
		rc = tables_carry(local, from, &whole);
	sqlite3_close(from);
	if (rc == 0)
		rc = bh_seal_salvaged(local);
	if (rc == 0)
		rc = identity_holds(local, &holds);
	if (rc == 0 && !holds)
		return identity_none(local);
	if (rc == 0)
		rc = log_mend(local, whole);
	if (rc == 0)
		rc = exec(local,
			"UPDATE device SET head_hash = NULL, sweeping = 0;"
			"UPDATE device SET profile_version = 0 WHERE NOT EXISTS(SELECT 1 FROM"
			" profile); DELETE FROM photo WHERE op NOT IN (SELECT id FROM op)");
	return rc;
}
