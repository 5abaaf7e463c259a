/* The key that each device held last, by the lines of the kept file. */
#ifndef BH_STORE_KEPT_KEYS_H
#define BH_STORE_KEPT_KEYS_H

#include "server/store/kept.h"

struct bh_kept_keys {
	uint8_t (*keys)[BH_PUBLIC_KEY_BYTES]; /* by device; zero: none */
	size_t count;
};

/* A line in its turn: 0 or BH_ERR_NOMEM. */
int bh_kept_keys_add(struct bh_kept_keys *keys, const struct bh_kept_line *line);
/* NULL: no line is of this device.  Borrowed until the next add. */
const uint8_t *bh_kept_keys_of(const struct bh_kept_keys *keys, uint32_t device);
void bh_kept_keys_free(struct bh_kept_keys *keys); /* zero-filled is fine */

#endif
