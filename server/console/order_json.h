/* An order as JSON, and as a page that is printed. */
#ifndef BH_CONSOLE_ORDER_JSON_H
#define BH_CONSOLE_ORDER_JSON_H

#include "server/console/exchange.h"
#include "server/store/order.h"

/* A new reference, NULL without memory.  Its texts are read where whole is asked for, by whom may:
 * null else. */
json_t *bh_order_json(struct bh_exchange *x, const struct bh_order *order, bool whole);
/* The case's orders that the caller may see.  0, storage codes or BH_ERR_NOMEM. */
int bh_orders_json(struct bh_exchange *x, uint64_t number, json_t **out);
/* The operator sees all. */
bool bh_may_see_order(const struct bh_exchange *x, const struct bh_order *order);
bool bh_may_read_order(const struct bh_exchange *x, const struct bh_order *order);
/* order_page.c: one page of HTML, with what it needs to be printed on one sheet. */
void bh_order_page(struct bh_exchange *x, const struct bh_order *order);
/* What was written in the entry at a position; empty: nothing, or it was erased. */
struct bh_span bh_order_text(struct bh_exchange *x, uint64_t position);

#endif
