/*
 * bh_bench_reference FOLDER REPORTS TEXTS: what SQLite does with the same reports and nothing else:
 * one table, a body of 300 bytes, three indexes, transactions of 100, WAL and synchronous=FULL, in
 * FOLDER.  Prints reference_rows_per_s.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "proto/clock.h"

#define BODY_BYTES 300
#define PER_TRANSACTION 100

static int rows_insert(sqlite3 *db, int64_t rows, const char *text)
{
	char body[BODY_BYTES];
	sqlite3_stmt *insert = NULL;
	int err = sqlite3_prepare_v2(db,
		"INSERT INTO report(reporter, type, grid, captured_ms, received_ms, state, body) "
		"VALUES(?1, ?2, ?3, ?4, ?5, 1, ?6)",
		-1, &insert, NULL);
	for (int64_t n = 0; n < rows && err == SQLITE_OK; n++) {
		if (n % PER_TRANSACTION == 0)
			err = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
		(void)snprintf(body, sizeof(body), "%" PRId64 " %s", n, text);
		(void)sqlite3_bind_int64(insert, 1, n % 351);
		(void)sqlite3_bind_int64(insert, 2, 10000 + n % 132);
		(void)sqlite3_bind_int64(insert, 3, n * 7919 % 500);
		(void)sqlite3_bind_int64(insert, 4, 1772413200000 + n * 37);
		(void)sqlite3_bind_int64(insert, 5, 1772413200000 + n * 40);
		(void)sqlite3_bind_blob(insert, 6, body, sizeof(body), SQLITE_STATIC);
		if (err == SQLITE_OK && sqlite3_step(insert) != SQLITE_DONE)
			err = SQLITE_ERROR;
		(void)sqlite3_reset(insert);
		if (n % PER_TRANSACTION == PER_TRANSACTION - 1 && err == SQLITE_OK)
			err = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	}
	(void)sqlite3_finalize(insert);
	return err;
}

int main(int argc, char **argv)
{
	char path[600], text[BODY_BYTES] = "";
	sqlite3 *db = NULL;
	struct bh_clock clock = bh_clock_system();
	if (argc != 4)
		return 64;
	(void)snprintf(path, sizeof(path), "%s/reference.db", argv[1]);
	FILE *texts = fopen(argv[3], "re");
	if (texts) {
		(void)fgets(text, sizeof(text), texts);
		(void)fclose(texts);
	}
	int err = sqlite3_open(path, &db);
	if (err == SQLITE_OK)
		err = sqlite3_exec(db,
			"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
			"CREATE TABLE report(id INTEGER PRIMARY KEY, reporter, type, grid, "
			"captured_ms,"
			" received_ms, state, body BLOB);"
			"CREATE INDEX by_reporter ON report(reporter, received_ms);"
			"CREATE INDEX by_type ON report(type, grid);"
			"CREATE INDEX by_state ON report(state, received_ms)",
			NULL, NULL, NULL);
	int64_t rows = strtoll(argv[2], NULL, 10), begun = clock.now(clock.context).mono_ms;
	if (err == SQLITE_OK)
		err = rows_insert(db, rows, text);
	int64_t took = clock.now(clock.context).mono_ms - begun;
	(void)sqlite3_close(db);
	if (err != SQLITE_OK)
		return 74;
	(void)printf(
		"reference_rows_per_s=%.0f\n", (double)rows * 1000.0 / (double)(took ? took : 1));
	return 0;
}
