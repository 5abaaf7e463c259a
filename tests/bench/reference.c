/* WAL and synchronous=FULL, as the store has it; nothing else is set. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/reference.h"

#define PER_TRANSACTION 100
#define START_MS INT64_C(1772413200000)

static const char
	schema[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		   "CREATE TABLE report(id INTEGER PRIMARY KEY, reporter, type, grid, captured_ms, "
		   "received_ms, state, body BLOB);"
		   "CREATE INDEX by_reporter ON report(reporter, received_ms);"
		   "CREATE INDEX by_type ON report(type, grid);"
		   "CREATE INDEX by_state ON report(state, received_ms)";
static const char insert[] =
	"INSERT INTO report(reporter, type, grid, captured_ms, received_ms, state, body) "
	"VALUES(?1, ?2, ?3, ?4, ?5, 1, ?6)";

static void must(int code, int want, sqlite3 *db)
{
	if (code == want)
		return;
	printf("# reference: %s\n", sqlite3_errmsg(db));
	exit(1);
}

static void run(struct reference *r, const char *sql)
{
	must(sqlite3_exec(r->db, sql, NULL, NULL, NULL), SQLITE_OK, r->db);
}

void reference_open(struct reference *r, const char *path)
{
	must(sqlite3_open(path, &r->db), SQLITE_OK, r->db);
	run(r, schema);
	must(sqlite3_prepare_v2(r->db, insert, -1, &r->insert, NULL), SQLITE_OK, r->db);
}

void reference_close(struct reference *r)
{
	sqlite3_finalize(r->insert);
	sqlite3_close(r->db);
}

static void row_add(struct reference *r)
{
	char body[REFERENCE_BODY_BYTES] = {0};
	int64_t n = r->rows++;

	(void)snprintf(body, sizeof(body), "%" PRId64 " %s", n, r->text);
	sqlite3_bind_int64(r->insert, 1, n % 351);
	sqlite3_bind_int64(r->insert, 2, 10000 + n % 132);
	sqlite3_bind_int64(r->insert, 3, n * 7919 % 500);
	sqlite3_bind_int64(r->insert, 4, START_MS + n * 37);
	sqlite3_bind_int64(r->insert, 5, START_MS + n * 40);
	sqlite3_bind_blob(r->insert, 6, body, sizeof(body), SQLITE_STATIC);
	must(sqlite3_step(r->insert), SQLITE_DONE, r->db);
	sqlite3_reset(r->insert);
}

double reference_round(struct reference *r, struct bh_clock clock, int64_t rows)
{
	int64_t from_ms = clock.now(clock.context).mono_ms;

	for (int64_t i = 0; i < rows; i++) {
		if (i % PER_TRANSACTION == 0)
			run(r, "BEGIN IMMEDIATE");
		row_add(r);
		if (i % PER_TRANSACTION == PER_TRANSACTION - 1 || i == rows - 1)
			run(r, "COMMIT");
	}
	int64_t took_ms = clock.now(clock.context).mono_ms - from_ms;
	return (double)rows * 1000.0 / (double)(took_ms ? took_ms : 1);
}
