/* An order's row: its body as one packed list of fields, and beside it the few that are looked up
 * by. */
#include "server/store/order_row.h"

#include "proto/err.h"

static int row_read(sqlite3_stmt *s, void *out)
{
	struct bh_order order = {0};
	const struct bh_entry body = {
		.position = (uint64_t)bh_column(s, 1), .decision = bh_column_span(s, 4)};
	int err = bh_order_patch(&order, &body);

	if (err)
		return err == BH_ERR_MALFORMED ? BH_ERR_CORRUPT : err;
	order.ref = (uint64_t)bh_column(s, 0);
	order.first = (uint64_t)bh_column(s, 1);
	order.last = (uint64_t)bh_column(s, 2);
	order.answer = (uint64_t)bh_column(s, 3);
	*(struct bh_order *)out = order;
	return BH_NOERR;
}

int bh_order_row_get(struct bh_db *db, uint64_t ref, struct bh_order *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_ORDER_GET);

	bh_bind(s, 1, (int64_t)ref);
	return bh_row_one(s, row_read, out);
}

int bh_order_rows_of(struct bh_db *db, uint64_t number, uint64_t after, struct bh_order *orders,
	size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_ORDER_OF_CASE);

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, (int64_t)after);
	bh_bind(s, 3, (int64_t)max);
	return bh_rows_all(s, row_read, orders, sizeof(*orders), max, count);
}

int bh_order_rows_before(
	struct bh_db *db, uint64_t before, struct bh_order *orders, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_ORDER_LIST);

	bh_bind(s, 1, before ? (int64_t)before : INT64_MAX);
	bh_bind(s, 2, (int64_t)max);
	return bh_rows_all(s, row_read, orders, sizeof(*orders), max, count);
}

int bh_order_row_last(struct bh_db *db, uint64_t from, uint64_t to, uint64_t *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_ORDER_LAST);
	bool row = false;

	bh_bind(s, 1, (int64_t)from);
	bh_bind(s, 2, (int64_t)to);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	*out = (uint64_t)bh_column(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}

int bh_order_row_due(struct bh_db *db, const struct bh_order *after, int64_t now_ms, bool *found,
	struct bh_order *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_ORDER_DUE_NEXT);

	bh_bind(s, 1, after->next_ms);
	bh_bind(s, 2, (int64_t)after->ref);
	bh_bind(s, 3, now_ms);
	int err = bh_row_one(s, row_read, out);
	*found = !err;
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

int bh_order_row_put(
	struct bh_db *db, const struct bh_order *order, bool fresh, struct bh_buf *scratch)
{
	static const struct bh_order nothing;
	sqlite3_stmt *s = bh_sql(db, fresh ? BH_SQL_ORDER_ADD : BH_SQL_ORDER_SET);

	scratch->len = 0;
	int err = bh_order_diff(&nothing, order, scratch);
	if (err)
		return err;
	bh_bind(s, 1, (int64_t)order->ref);
	bh_bind(s, 2, (int64_t)order->first);
	bh_bind(s, 3, (int64_t)order->last);
	bh_bind(s, 4, (int64_t)order->answer);
	bh_bind(s, 5, (int64_t)order->number);
	bh_bind(s, 6, order->next_ms);
	bh_bind_span(s, 7, bh_buf_span(scratch));
	return bh_row_run(s);
}
