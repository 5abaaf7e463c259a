/* Order rows, to and from struct bh_order. */
#ifndef BH_STORE_ORDER_ROW_H
#define BH_STORE_ORDER_ROW_H

#include "server/domain/order.h"
#include "server/store/db.h"

/* BH_ERR_NOT_FOUND. */
int bh_order_row_get(struct bh_db *db, uint64_t ref, struct bh_order *out);
/* Of a case, in the order in which they were issued, past one: at most max. */
int bh_order_rows_of(struct bh_db *db, uint64_t number, uint64_t after, struct bh_order *orders,
	size_t max, size_t *count);
/* All of them, newest first, before the one that this entry issued (0: from the newest). */
int bh_order_rows_before(
	struct bh_db *db, uint64_t before, struct bh_order *orders, size_t max, size_t *count);
/* The last number that was given in [from, to]; 0: none. */
int bh_order_row_last(struct bh_db *db, uint64_t from, uint64_t to, uint64_t *out);
/* The first whose instant has come, after (next_ms, ref).  *found. */
int bh_order_row_due(struct bh_db *db, const struct bh_order *after, int64_t now_ms, bool *found,
	struct bh_order *out);
/* Inserts when fresh, else updates; scratch is overwritten. */
int bh_order_row_put(
	struct bh_db *db, const struct bh_order *order, bool fresh, struct bh_buf *scratch);

#endif
