/* What ingest is held against: the same number of 300-byte rows into one table with three indexes,
 * in transactions of 100, by SQLite alone. */
#ifndef BH_BENCH_REFERENCE_H
#define BH_BENCH_REFERENCE_H

#include <sqlite3.h>

#include "proto/clock.h"

struct reference {
	sqlite3 *db;
	sqlite3_stmt *insert;
	uint32_t rows;
};

/* A fresh file; ends the program on any failure, as everything here. */
void reference_open(struct reference *r, const char *path);
void reference_close(struct reference *r);
/* Rows a second over so many more rows. */
double reference_round(struct reference *r, struct bh_clock clock, uint32_t rows);

#endif
