/* Case rows, to and from struct bh_case. */
#ifndef BH_STORE_CASE_ROW_H
#define BH_STORE_CASE_ROW_H

#include "server/domain/case.h"
#include "server/store/db.h"

/* By number; BH_ERR_NOT_FOUND. */
int bh_case_row_get(struct bh_db *db, uint64_t number, struct bh_case *out);
/* By the position of its first entry. */
int bh_case_row_first(struct bh_db *db, uint64_t first, struct bh_case *out);
/* The row that a list statement stands on. */
int bh_case_row_read(sqlite3_stmt *statement, struct bh_case *out);
/* before: as its row has it, NULL: there is none yet; scratch is overwritten. */
int bh_case_row_put(struct bh_db *db, const struct bh_case *cased, const struct bh_case *before,
	struct bh_buf *scratch);
/* The cases that are merged into one, in order of their numbers. */
int bh_merged_read(struct bh_db *db, uint64_t main, uint64_t *numbers, size_t max, size_t *count);

#endif
