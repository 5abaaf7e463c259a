/* Orders as readers see them. */
#include "server/store/order.h"

#include "proto/err.h"
#include "server/store/entry_row.h"
#include "server/store/order_row.h"
#include "server/store/reader.h"

int bh_reader_order(struct bh_store_reader *reader, uint64_t ref, struct bh_order *out)
{
	return bh_order_row_get(&reader->db, ref, out);
}

int bh_reader_order_at(struct bh_store_reader *reader, uint64_t position, struct bh_order *out)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_JOURNAL_GET);
	struct bh_entry entry;
	uint64_t ref = 0;
	bool row = false;

	bh_bind(s, 1, (int64_t)position);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	err = bh_entry_row_read(s, &entry);
	if (!err)
		ref = bh_verb_is_order(entry.verb) ? bh_order_of_decision(entry.decision) : 0;
	bh_row_end(s);
	return err ? err : bh_order_row_get(&reader->db, ref, out);
}

int bh_reader_orders_of(struct bh_store_reader *reader, uint64_t number, uint64_t after,
	struct bh_order *orders, size_t max, size_t *count)
{
	return bh_order_rows_of(&reader->db, number, after, orders, max, count);
}

int bh_reader_orders(struct bh_store_reader *reader, uint64_t before, struct bh_order *orders,
	size_t max, size_t *count)
{
	return bh_order_rows_before(&reader->db, before, orders, max, count);
}
