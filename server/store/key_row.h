/* The rows of desk_key: a caller's key, what was asked with it, what it led to. */
#ifndef BH_STORE_KEY_ROW_H
#define BH_STORE_KEY_ROW_H

#include "server/store/db.h"
#include "server/store/store.h"

/* BH_ERR_NOT_FOUND: the key led to nothing yet.  Storage errors. */
int bh_key_row_get(struct bh_db *db, const uint8_t key_hash[BH_HASH_BYTES], struct bh_key_use *out);
/* The key that made this entry.  BH_ERR_NOT_FOUND: none did. */
int bh_key_row_of(struct bh_db *db, uint64_t position, struct bh_caller_key *out);
/* position: of the entry it made; negative: of what made an entry needless. */
int bh_key_row_add(struct bh_db *db, const uint8_t key_hash[BH_HASH_BYTES],
	const uint8_t request_hash[BH_HASH_BYTES], int64_t position);

#endif
