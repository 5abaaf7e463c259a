/* The file as SQLite sees it: each page in its tree once, each index with the rows of its table. */
#include <stdio.h>

#include "proto/err.h"
#include "server/store/verify.h"

#define SAID_CHARS_MAX 120

int bh_verify_pages(struct bh_verify *v)
{
	sqlite3_stmt *s = NULL;
	char said[SAID_CHARS_MAX] = "";
	bool row = false;
	int err = bh_db_err(
		sqlite3_prepare_v2(v->file.handle, "PRAGMA integrity_check(1)", -1, &s, NULL));

	if (!err)
		err = bh_row_next(s, &row);
	if (row) {
		struct bh_span text = bh_column_span(s, 0);
		int chars = text.len < sizeof(said) ? (int)text.len : (int)sizeof(said) - 1;
		(void)snprintf(said, sizeof(said), "%.*s", chars, (const char *)text.data);
		if (!bh_span_equal(text, bh_span("ok", 2)))
			err = bh_verify_fail(v, 0, "the file's pages are damaged", said);
	}
	sqlite3_finalize(s);
	return err;
}
