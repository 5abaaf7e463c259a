/* A store becomes sealed, and is mended when it is.
 *
 *   no row in `seal` ──opened with a key──▶ SEALING: rows and photos, a few at a time ──▶ CLEANING:
 *   the file is written anew without what lay free in it ──▶ SEALED
 *
 * The file, its WAL and the WAL's renewal: nothing of what lay open is left in them.
 *
 * Each step is a transaction, and what is sealed says so itself, so that a step that was cut is
 * found and made again.  From SEALING on the store opens with that key alone.  On a full disk what
 * is left waits for the next opening, and the store can be used: what is written is sealed, and
 * what is read may be either.  Once SEALED, a value that is not sealed is damage.
 *
 * A store whose mark is lost, met without the right key: whether it was sealed is asked of what
 * names who we are alone.  A byte that flipped in a report does not make an open store a sealed
 * one, which nothing would ever open. */
#include "client-lib/store_seal.h"

#include <stdio.h>
#include <string.h>

#include "client-lib/store_file.h"
#include "proto/disk/wal_renew.h"

#define STEP_ROWS 64
#define SQL_BYTES 160

enum seal_state {
	SEALING = 1,
	CLEANING = 2,
	SEALED = 3,
};

/* ---- The mark ---------------------------------------------------------------------------- */

static int mark_set(struct bh_local *local, enum seal_state state)
{
	static const struct bh_span nothing = {NULL, 0};
	uint8_t mark[BH_SEAL_BYTES];
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_SEAL_SET);
	int rc = bh_seal(local->sealer, BH_SEAL_CHECK, nothing, nothing, mark);

	if (rc != 0)
		return rc;
	bh_bind_int(set, 1, state);
	bh_bind_blob(set, 2, bh_span(mark, sizeof(mark)));
	return bh_store_run(local, set);
}

/* 0 where nothing was ever sealed. */
static int mark_read(struct bh_local *local, int *state)
{
	static const struct bh_span nothing = {NULL, 0};
	uint8_t none[1];
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_SEAL);
	int rc = bh_store_row(local, row);

	*state = 0;
	if (rc != 0)
		return rc == BH_ERR_NOT_FOUND ? 0 : rc;
	struct bh_span mark = bh_column_borrow(row, 1);

	*state = sqlite3_column_int(row, 0);
	if (!local->sealer || mark.len != BH_SEAL_BYTES ||
		bh_unseal(local->sealer, BH_SEAL_CHECK, nothing, mark, none) != 0)
		rc = BH_ERR_SEALED;
	sqlite3_reset(row);
	return rc;
}

/* The store is being opened: nothing here may open it anew. */
static int step_begin(struct bh_local *local)
{
	return bh_store_run(local, bh_store_sql(local, BH_SQL_BEGIN));
}

static int mark_move(struct bh_local *local, enum seal_state state)
{
	int rc = step_begin(local);

	return rc == 0 ? bh_store_end(local, mark_set(local, state)) : rc;
}

int bh_seal_begin(struct bh_local *local)
{
	return local->sealer ? mark_set(local, SEALED) : 0;
}

/* ---- Rows that are not sealed ------------------------------------------------------------ */

struct sweep {
	uint64_t sealed; /* of what names who we are, which comes first */
	uint64_t opened;
	bool strict; /* what is not sealed is damage */
};

static int prepare(struct bh_local *local, const char *sql, sqlite3_stmt **out)
{
	int code = sqlite3_prepare_v2(local->db, sql, -1, out, NULL);

	return code == SQLITE_OK ? 0 : bh_store_fault(local, code);
}

/* The rows of a column after a key, in its order, at most so many; -1: all. */
static int rows_after(struct bh_local *local, enum bh_sealed column, int limit, sqlite3_stmt **out)
{
	char sql[SQL_BYTES];

	snprintf(sql, sizeof(sql),
		"SELECT %s, %s FROM %s WHERE %s > ?1 AND %s IS NOT NULL ORDER BY 1 LIMIT %d",
		bh_sealed_columns[column].key, bh_sealed_columns[column].column,
		bh_sealed_columns[column].table, bh_sealed_columns[column].key,
		bh_sealed_columns[column].column, limit);
	return prepare(local, sql, out);
}

static int row_do(
	struct bh_local *local, enum bh_sealed column, const char *what, sqlite3_stmt **out)
{
	char sql[2 * SQL_BYTES];

	snprintf(sql, sizeof(sql), "%s WHERE %s = ?1", what, bh_sealed_columns[column].key);
	return prepare(local, sql, out);
}

static int row_seal(
	struct bh_local *local, sqlite3_stmt *put, struct bh_where where, struct bh_span value)
{
	int rc = bh_bind_sealed(local, put, 2, where, value);

	bh_bind_int(put, 1, where.row);
	if (rc == 0)
		rc = bh_store_run(local, put);
	sqlite3_reset(put);
	return rc;
}

/* Does it open, or may it lie open? */
static int value_holds(struct bh_local *local, struct bh_where where, struct bh_span value,
	struct sweep *sweep, bool *holds)
{
	uint8_t *bytes = NULL;

	*holds = !sweep->strict;
	if (!bh_seal_is(value))
		return 0;
	sweep->sealed += bh_sealed_columns[where.column].purpose == BH_SEAL_IDENTITY;
	if (!local->sealer)
		return 0;
	*holds = false;
	bytes = malloc(value.len);
	if (!bytes)
		return BH_ERR_NOMEM;
	*holds = bh_value_open(local, where, value, bytes) == 0;
	sweep->opened += *holds;
	free(bytes);
	return 0;
}

/* Seals it, or sees that it is.  What has the shape and does not open is damaged, and does not stay
 * in the clear for being taken for sealed; what names who we are is left to whoever opens it. */
static int row_meet(
	struct bh_local *local, sqlite3_stmt *put, struct bh_where where, struct bh_span value)
{
	struct sweep sweep = {.strict = true};
	bool holds = false;

	if (!bh_seal_is(value))
		return row_seal(local, put, where, value);
	if (bh_sealed_columns[where.column].one)
		return 0;
	int rc = value_holds(local, where, value, &sweep, &holds);

	return rc == 0 && !holds ? BH_ERR_CORRUPT : rc;
}

/* Inside a transaction: at most STEP_ROWS rows after *after; BH_ERR_NOT_FOUND behind the last. */
static int step_seal(struct bh_local *local, enum bh_sealed column, int64_t *after)
{
	sqlite3_stmt *rows = NULL, *put = NULL;
	char what[SQL_BYTES];
	int seen = 0, rc = rows_after(local, column, STEP_ROWS, &rows);

	snprintf(what, sizeof(what), "UPDATE %s SET %s = ?2", bh_sealed_columns[column].table,
		bh_sealed_columns[column].column);
	if (rc == 0)
		rc = row_do(local, column, what, &put);
	if (rc == 0)
		bh_bind_int(rows, 1, *after);
	for (; rc == 0 && seen < STEP_ROWS; seen++) {
		rc = bh_store_row(local, rows);
		if (rc != 0)
			break;
		struct bh_span value = bh_column_borrow(rows, 1);

		*after = sqlite3_column_int64(rows, 0);
		rc = row_meet(local, put, bh_where(column, *after), value);
	}
	sqlite3_finalize(rows);
	sqlite3_finalize(put);
	return rc;
}

static int column_seal(struct bh_local *local, enum bh_sealed column)
{
	int64_t after = INT64_MIN;
	bool last = false;
	int rc = 0;

	while (rc == 0 && !last) {
		rc = step_begin(local);
		if (rc != 0)
			break;
		rc = step_seal(local, column, &after);
		last = rc == BH_ERR_NOT_FOUND;
		rc = bh_store_end(local, last ? 0 : rc);
	}
	return rc;
}

/* ---- After a salvage --------------------------------------------------------------------- */

/* What names who we are is not dropped: who opens it next sees that it is damaged. */
static int column_sweep(struct bh_local *local, enum bh_sealed column, struct sweep *sweep)
{
	sqlite3_stmt *rows = NULL, *drop = NULL;
	char what[SQL_BYTES];
	int rc = rows_after(local, column, -1, &rows);

	snprintf(what, sizeof(what), "DELETE FROM %s", bh_sealed_columns[column].table);
	if (rc == 0)
		rc = row_do(local, column, what, &drop);
	if (rc == 0)
		bh_bind_int(rows, 1, INT64_MIN);
	while (rc == 0 && (rc = bh_store_row(local, rows)) == 0) {
		int64_t key = sqlite3_column_int64(rows, 0);
		bool holds = false;

		rc = value_holds(
			local, bh_where(column, key), bh_column_borrow(rows, 1), sweep, &holds);
		bh_bind_int(drop, 1, key);
		if (rc == 0 && !holds && !bh_sealed_columns[column].one)
			rc = bh_store_run(local, drop);
		sqlite3_reset(drop);
	}
	sqlite3_finalize(rows);
	sqlite3_finalize(drop);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

/* Whether the key opens anything at all: the mark may be what is damaged. */
static int key_is_right(struct bh_local *local, bool *right)
{
	struct sweep sweep = {.strict = true};
	bool damaged = local->damaged;
	int rc = 0;

	for (enum bh_sealed column = BH_SEALED_PRIVATE_KEY; rc == 0 && column < BH_SEALED_END;
		column++) {
		sqlite3_stmt *rows = NULL;
		bool holds = false;

		rc = rows_after(local, column, STEP_ROWS, &rows);
		if (rc == 0)
			bh_bind_int(rows, 1, INT64_MIN);
		while (rc == 0 && sweep.opened == 0 && (rc = bh_store_row(local, rows)) == 0)
			rc = value_holds(local, bh_where(column, sqlite3_column_int64(rows, 0)),
				bh_column_borrow(rows, 1), &sweep, &holds);
		sqlite3_finalize(rows);
		rc = rc == BH_ERR_NOT_FOUND ? 0 : rc;
	}
	local->damaged = damaged;
	*right = sweep.opened > 0;
	return rc;
}

int bh_seal_salvaged(struct bh_local *local)
{
	struct sweep sweep = {0};
	int state = 0;
	int rc = mark_read(local, &state);
	/* The mark may be what was damaged: then whatever opens says that the key is right. */
	bool doubted = rc == BH_ERR_SEALED && local->sealer;

	if (doubted)
		rc = state = 0;
	sweep.strict = state > SEALING;
	for (enum bh_sealed column = BH_SEALED_PRIVATE_KEY; rc == 0 && column < BH_SEALED_END;
		column++)
		rc = column_sweep(local, column, &sweep);
	if (rc == 0 && state == 0 && sweep.opened == 0 && (doubted || sweep.sealed > 0))
		rc = BH_ERR_SEALED;
	return rc == 0 && local->sealer && state == 0 ? mark_set(local, SEALING) : rc;
}

/* ---- The whole store --------------------------------------------------------------------- */

/* What lay free in the file is not carried along, and the file ends where it ends. */
static int file_clean(struct bh_local *local)
{
	bh_store_finalize(local);
	/* the copy is an attached one, in memory */
	sqlite3_limit(local->db, SQLITE_LIMIT_ATTACHED, 1);
	int code = sqlite3_exec(local->db, "VACUUM", NULL, NULL, NULL);

	sqlite3_limit(local->db, SQLITE_LIMIT_ATTACHED, 0);
	if (code == SQLITE_OK)
		code = sqlite3_wal_checkpoint_v2(
			local->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	if (code == SQLITE_OK)
		code = bh_wal_renew_blank(local->db);
	return code == SQLITE_OK ? 0 : bh_store_fault(local, code);
}

static int rows_seal(struct bh_local *local)
{
	int rc = 0;

	for (enum bh_sealed column = BH_SEALED_PRIVATE_KEY; rc == 0 && column < BH_SEALED_END;
		column++)
		rc = column_seal(local, column);
	return rc;
}

static int seal_on(struct bh_local *local, int state)
{
	int rc = 0;

	if (state == 0)
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 62
		rc = mark_move(local, CLEANING);
#else
		rc = mark_move(local, SEALING);
#endif
	if (rc == 0 && state <= SEALING)
		rc = rows_seal(local);
	if (rc == 0 && state <= SEALING)
		rc = bh_files_seal(local);
	if (rc == 0 && state <= SEALING)
		rc = mark_move(local, CLEANING);
	if (rc == 0)
		local->all_sealed = true;
	if (rc == 0 && state < SEALED)
		rc = file_clean(local);
	if (rc == 0 && state < SEALED)
		rc = mark_move(local, SEALED);
	local->is_clean = rc == 0;
	/* A commit that failed for want of room: the next opening reads what became of it. */
	return rc == BH_ERR_UNKNOWN ? bh_store_fault(local, local->last_code) : rc;
}

int bh_seal_meet(struct bh_local *local)
{
	int state = 0;
	int rc = mark_read(local, &state);
	bool right = false;

	if (rc == BH_ERR_SEALED && local->sealer) {
		int tried = key_is_right(local, &right);

		rc = tried == 0 && right ? mark_move(local, state > SEALING ? CLEANING : SEALING)
					 : rc;
	}
	if (rc != 0 || !local->sealer)
		return rc;
	if (!local->seal_waits)
		return seal_on(local, state);
	local->all_sealed = state > SEALING;
	local->is_clean = state == SEALED;
	/* What is written must not be sealed before the mark says so. */
	return state == 0 ? BH_ERR_FULL : 0;
}

enum bh_local_seal bh_local_sealed(const struct bh_local *local)
{
	if (!local->sealer)
		return BH_LOCAL_PLAIN;
	return local->is_clean ? BH_LOCAL_SEALED : BH_LOCAL_SEALING;
}
