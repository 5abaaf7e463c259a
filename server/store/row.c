/* Preparing statements and stepping them, binding integers and borrowed bytes, reading columns. */
#include <string.h>

#include "proto/err.h"
#include "server/store/db.h"

sqlite3_stmt *bh_sql(const struct bh_db *db, enum bh_sql which)
{
	sqlite3_stmt **statement = &db->statements[which];

	if (*statement)
		return *statement;
	(void)sqlite3_prepare_v3(
		db->handle, bh_sql_text(which), -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
	return *statement;
}

int bh_db_prepare(struct bh_db *db)
{
	const size_t bytes = BH_SQL_COUNT * sizeof(db->statements[0]);

	db->statements = sqlite3_malloc64(bytes);
	if (!db->statements)
		return BH_ERR_NOMEM;
	memset(db->statements, 0, bytes);
	for (enum bh_sql which = BH_SQL_BEGIN; which <= BH_SQL_ROLLBACK; which++)
		if (!bh_sql(db, which))
			return BH_ERR_NOMEM;
	return BH_NOERR;
}

/* Why bh_sql gave none: its text fits the schema, which was compared and lies in memory since. */
#define LACKED BH_ERR_NOMEM

int bh_row_next(sqlite3_stmt *statement, bool *row)
{
	if (!statement)
		return LACKED;
	int code = sqlite3_step(statement);

	if (code == SQLITE_ROW) {
		*row = true;
		return BH_NOERR;
	}
	int reset = sqlite3_reset(statement);
	if (code != SQLITE_DONE)
		return bh_db_err(reset == SQLITE_OK ? code : reset);
	*row = false;
	return BH_NOERR;
}

int bh_row_run(sqlite3_stmt *statement)
{
	if (!statement)
		return LACKED;
	int code = sqlite3_step(statement);
	int reset = sqlite3_reset(statement);

	if (code == SQLITE_DONE || code == SQLITE_ROW)
		return bh_db_err(reset);
	return bh_db_err(reset == SQLITE_OK ? code : reset);
}

void bh_row_end(sqlite3_stmt *statement)
{
	sqlite3_reset(statement);
}

int bh_row_one(sqlite3_stmt *statement, bh_row_reader *read, void *out)
{
	bool row = false;
	int err = bh_row_next(statement, &row);

	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	err = read(statement, out);
	bh_row_end(statement);
	return err;
}

int bh_rows_all(sqlite3_stmt *statement, bh_row_reader *read, void *rows, size_t size, size_t max,
	size_t *count)
{
	size_t found = 0;
	bool row = false;
	int err = bh_row_next(statement, &row);

	while (!err && row && found < max) {
		err = read(statement, (char *)rows + found * size);
		found++;
		if (!err)
			err = bh_row_next(statement, &row);
	}
	bh_row_end(statement);
	if (!err)
		*count = found;
	return err;
}

int bh_local_get(const struct bh_db *db, int64_t id, void *out, size_t len, bool *found)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_LOCAL_GET);

	*found = false;
	bh_bind(s, 1, id);
	int err = bh_row_next(s, found);
	if (err || !*found)
		return err;
	err = bh_column_exact(s, 0, out, len);
	bh_row_end(s);
	return err;
}

void bh_bind(sqlite3_stmt *statement, int index, int64_t value)
{
	if (!statement)
		return;
	int code = sqlite3_bind_int64(statement, index, value);
	bh_assert(code == SQLITE_OK); /* only an index or a statement that is wrong */
}

void bh_bind_span(sqlite3_stmt *statement, int index, struct bh_span span)
{
	if (!statement)
		return;
	int code = span.len == 0 ? sqlite3_bind_null(statement, index)
				 : sqlite3_bind_blob64(
					   statement, index, span.data, span.len, SQLITE_STATIC);
	bh_assert(code == SQLITE_OK);
}

int64_t bh_column(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_int64(statement, column);
}

uint32_t bh_column_u32(sqlite3_stmt *statement, int column)
{
	return (uint32_t)sqlite3_column_int64(statement, column);
}

struct bh_span bh_column_span(sqlite3_stmt *statement, int column)
{
	const void *data = sqlite3_column_blob(statement, column);
	int len = sqlite3_column_bytes(statement, column);

	return data && len > 0 ? bh_span(data, (size_t)len) : bh_span(NULL, 0);
}

int bh_column_exact(sqlite3_stmt *statement, int column, uint8_t *out, size_t len)
{
	struct bh_span span = bh_column_span(statement, column);

	if (span.len != len)
		return BH_ERR_CORRUPT;
	memcpy(out, span.data, len);
	return BH_NOERR;
}
