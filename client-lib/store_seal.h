/* Which columns are sealed, for whoever goes through all of them. */
#ifndef BH_CLIENT_STORE_SEAL_H
#define BH_CLIENT_STORE_SEAL_H

#include "client-lib/store.h"

struct bh_sealed_column {
	const char *table, *column, *key;
	enum bh_seal_purpose purpose;
	bool is_text;
	bool one; /* its table has one row, which is not dropped */
};

/* By enum bh_sealed; the first is not used. */
extern const struct bh_sealed_column bh_sealed_columns[BH_SEALED_END];

/* Opens a value, or copies one that is not sealed, into at most value.len bytes: 0, BH_ERR_CORRUPT.
 */
int bh_value_open(
	struct bh_local *local, struct bh_where where, struct bh_span value, uint8_t *out);

#endif
