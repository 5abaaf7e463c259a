/* Rows of table notice, to and from struct bh_notice_row. */
#ifndef BH_STORE_NOTICE_ROW_H
#define BH_STORE_NOTICE_ROW_H

#include "server/store/db.h"
#include "server/store/notice.h"

/* The row that the statement stands on. */
void bh_notice_row_read(sqlite3_stmt *statement, struct bh_notice_row *out);
/* All that a bound statement gives, at most max. */
int bh_notice_rows_read(
	sqlite3_stmt *statement, struct bh_notice_row *rows, size_t max, size_t *count);

#endif
