/* Returns that people accepted, and where the cases went then: what rules are learnt from. */
#ifndef BH_STORE_RETURNED_H
#define BH_STORE_RETURNED_H

#include "server/domain/learn.h"
#include "server/store/store.h"

#define BH_RETURNED_ROWS_MAX 50000u /* the newest are looked at */

/* The newest that went somewhere, at most max. */
int bh_reader_returned(
	struct bh_store_reader *reader, struct bh_returned *out, size_t max, size_t *count);

#endif
