/* What became of a table's rows, and what was wrong with them, line by line. */
#ifndef BH_HANDSET_TABLE_TALLY_H
#define BH_HANDSET_TABLE_TALLY_H

#include <bihuan.h>

#include "tools/handset/say.h"

#define BH_TABLE_NAMED_MAX 1000u /* faults that are named; all are counted */

enum bh_table_fault {
	BH_TABLE_EMPTY, /* no text: not recorded */
	BH_TABLE_LONG,  /* a text over 4,000 bytes: not recorded */
	BH_TABLE_TIME,  /* unreadable: recorded as of now */
	BH_TABLE_AHEAD, /* more than a day in the future: recorded as of now */
	BH_TABLE_PLACE, /* unreadable: recorded without */
	BH_TABLE_TYPE,  /* unreadable: recorded as unknown */
	BH_TABLE_FAULTS,
};

struct bh_table_tally {
	uint64_t rows;
	uint64_t recorded;
	uint64_t counts[BH_TABLE_FAULTS];
	struct {
		enum bh_table_fault kind;
		size_t line;
		uint64_t row; /* from 1, as they stand in the table */
	} named[BH_TABLE_NAMED_MAX];
	size_t named_count;
	char first[BH_NUMBER_TEXT_SIZE];
	char last[BH_NUMBER_TEXT_SIZE];
};

/* Of the row that was counted last. */
void bh_table_fault_add(struct bh_table_tally *tally, enum bh_table_fault kind, size_t line);
uint64_t bh_table_faults(const struct bh_table_tally *tally);
/* Was a row that has a text not recorded? */
bool bh_table_refused(const struct bh_table_tally *tally);
/* The summary: an object, or "FILE:LINE: what" and a count; checked: nothing was recorded. */
void bh_table_say(const struct bh_say *say, const struct bh_table_tally *tally, const char *path,
	const char *encoding, bool checked);

#endif
