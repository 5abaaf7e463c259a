/* Reading orders: one by its number, those of a case, and all of them. */
#ifndef BH_STORE_ORDER_H
#define BH_STORE_ORDER_H

#include "server/domain/order.h"
#include "server/store/store.h"

/* BH_ERR_NOT_FOUND. */
int bh_reader_order(struct bh_store_reader *reader, uint64_t ref, struct bh_order *out);
/* The one that an entry of this position is about, as it is now.  BH_ERR_NOT_FOUND. */
int bh_reader_order_at(struct bh_store_reader *reader, uint64_t position, struct bh_order *out);
/* A case's in the order in which they were issued, past the one that this entry issued. */
int bh_reader_orders_of(struct bh_store_reader *reader, uint64_t number, uint64_t after,
	struct bh_order *orders, size_t max, size_t *count);
/* All of them, newest first, before the one that this entry issued; 0: from the newest. */
int bh_reader_orders(struct bh_store_reader *reader, uint64_t before, struct bh_order *orders,
	size_t max, size_t *count);

#endif
