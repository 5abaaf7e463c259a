/* A case's row: its body as one packed list of fields, and beside it the few that are looked up by.
 * next_ms stands beside it only: it changes with the rules. */
#include "proto/err.h"
#include "server/store/case_row.h"

int bh_case_row_read(sqlite3_stmt *s, struct bh_case *out)
{
	struct bh_case cased = {0};
	int err = bh_case_patch(&cased, bh_column_span(s, 7));

	if (err)
		return err == BH_ERR_MALFORMED ? BH_ERR_CORRUPT : err;
	cased.first = (uint64_t)bh_column(s, 0);
	cased.number = (uint64_t)bh_column(s, 1);
	cased.last = (uint64_t)bh_column(s, 2);
	cased.next_ms = bh_column(s, 4);
	*out = cased;
	return BH_NOERR;
}

static int case_get(sqlite3_stmt *s, uint64_t key, struct bh_case *out)
{
	bool row = false;

	bh_bind(s, 1, (int64_t)key);
	int err = bh_row_next(s, &row);
	if (err)
		return err;
	if (!row)
		return BH_ERR_NOT_FOUND;
	err = bh_case_row_read(s, out);
	bh_row_end(s);
	return err;
}

int bh_case_row_get(struct bh_db *db, uint64_t number, struct bh_case *out)
{
	return case_get(bh_sql(db, BH_SQL_CASE_GET), number, out);
}

int bh_case_row_first(struct bh_db *db, uint64_t first, struct bh_case *out)
{
	return case_get(bh_sql(db, BH_SQL_CASE_FIRST), first, out);
}

static bool is_open(const struct bh_case *cased)
{
	return !bh_state_is_end((enum bh_state)cased->state);
}

/* An update writes each index of a column that it names, changed or not. */
static enum bh_sql put_choose(const struct bh_case *cased, const struct bh_case *before)
{
	if (before == NULL)
		return BH_SQL_CASE_ADD;
	if (is_open(cased) != is_open(before))
		return BH_SQL_CASE_SET;
	bool moves = cased->dispatch_due_ms != before->dispatch_due_ms ||
		     cased->unit != before->unit;
	return moves ? BH_SQL_CASE_MOVE : BH_SQL_CASE_TOUCH;
}

int bh_case_row_put(struct bh_db *db, const struct bh_case *cased, const struct bh_case *before,
	struct bh_buf *scratch)
{
	static const struct bh_case nothing;
	sqlite3_stmt *s = bh_sql(db, put_choose(cased, before));

	scratch->len = 0;
	int err = bh_case_diff(&nothing, cased, scratch);
	if (err)
		return err;
	bh_bind(s, 1, (int64_t)cased->first);
	bh_bind(s, 2, (int64_t)cased->number);
	bh_bind(s, 3, (int64_t)cased->last);
	bh_bind(s, 4, cased->dispatch_due_ms);
	bh_bind(s, 5, cased->next_ms);
	bh_bind(s, 6, cased->unit);
	bh_bind(s, 7, is_open(cased));
	bh_bind_span(s, 8, bh_buf_span(scratch));
	return bh_row_run(s);
}

int bh_merged_read(struct bh_db *db, uint64_t main, uint64_t *numbers, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_MERGED_OF);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 1, (int64_t)main);
	int err = bh_row_next(s, &row);
	while (!err && row && found < max) {
		numbers[found++] = (uint64_t)bh_column(s, 0);
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (!err)
		*count = found;
	return err;
}
