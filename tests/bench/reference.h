/* What ingest is held against: as many reports by SQLite alone, into one table with a body of 300
 * bytes and three indexes, in transactions of 100. */
#ifndef BH_BENCH_REFERENCE_H
#define BH_BENCH_REFERENCE_H

#include <sqlite3.h>

#include "proto/clock.h"

#define REFERENCE_BODY_BYTES 300
#define REFERENCE_TEXT_BYTES 256

struct reference {
	sqlite3 *db;
	sqlite3_stmt *insert;
	int64_t rows;
	char text[REFERENCE_TEXT_BYTES]; /* in every body, behind its number; may be empty */
};

/* A fresh file; ends the program on any failure, as everything here. */
void reference_open(struct reference *r, const char *path);
void reference_close(struct reference *r);
/* Rows a second over so many more rows. */
double reference_round(struct reference *r, struct bh_clock clock, int64_t rows);

#endif
