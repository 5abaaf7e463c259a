/* WAL and synchronous=FULL, as the store has it; nothing else is set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/reference.h"

#define REFERENCE_BODY_BYTES 300
#define REFERENCE_DEVICES 64u

static void reference_must(int code, int want, sqlite3 *db)
{
	if (code == want)
		return;
	printf("# reference: %s\n", sqlite3_errmsg(db));
	exit(1);
}

void reference_open(struct reference *r, const char *path)
{
	reference_must(sqlite3_open(path, &r->db), SQLITE_OK, r->db);
	reference_must(sqlite3_exec(r->db,
			       "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
			       "CREATE TABLE report(id INTEGER PRIMARY KEY, device INTEGER, at_ms "
			       "INTEGER, grid INTEGER, body BLOB);"
			       "CREATE INDEX report_device ON report(device, id);"
			       "CREATE INDEX report_at ON report(at_ms);"
			       "CREATE INDEX report_grid ON report(grid, at_ms)",
			       NULL, NULL, NULL),
		SQLITE_OK, r->db);
	reference_must(
		sqlite3_prepare_v2(r->db,
			"INSERT INTO report(device, at_ms, grid, body) VALUES(?1, ?2, ?3, ?4)", -1,
			&r->insert, NULL),
		SQLITE_OK, r->db);
}

void reference_close(struct reference *r)
{
	sqlite3_finalize(r->insert);
	sqlite3_close(r->db);
}

double reference_round(struct reference *r, struct bh_clock clock, uint32_t rows)
{
	uint8_t body[REFERENCE_BODY_BYTES];
	int64_t from_ms = clock.now(clock.context).mono_ms;

	memset(body, 'x', sizeof(body));
	for (uint32_t i = 0; i < rows; i++) {
		if (i % 100 == 0)
			reference_must(sqlite3_exec(r->db, "BEGIN", 0, 0, 0), SQLITE_OK, r->db);
		sqlite3_bind_int64(r->insert, 1, r->rows / 100 % REFERENCE_DEVICES);
		sqlite3_bind_int64(r->insert, 2, from_ms + i);
		sqlite3_bind_int64(r->insert, 3, 1111 + r->rows++ % 8);
		sqlite3_bind_blob(r->insert, 4, body, sizeof(body), SQLITE_STATIC);
		reference_must(sqlite3_step(r->insert), SQLITE_DONE, r->db);
		sqlite3_reset(r->insert);
		if (i % 100 == 99)
			reference_must(sqlite3_exec(r->db, "COMMIT", 0, 0, 0), SQLITE_OK, r->db);
	}
	int64_t took_ms = clock.now(clock.context).mono_ms - from_ms;
	return (double)rows * 1000.0 / (double)(took_ms ? took_ms : 1);
}
