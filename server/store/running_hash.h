/* A SHA-256 that grows with a file's end, and tells at any length what it is so far. */
#ifndef BH_STORE_RUNNING_HASH_H
#define BH_STORE_RUNNING_HASH_H

#include "proto/bytes.h"
#include "proto/limits.h"

struct bh_running_hash;

/* Of nothing yet.  NULL without memory. */
struct bh_running_hash *bh_running_hash_new(void);
void bh_running_hash_free(struct bh_running_hash *hash);
void bh_running_hash_restart(struct bh_running_hash *hash);
void bh_running_hash_add(struct bh_running_hash *hash, struct bh_span bytes);
/* Of all that was added; it goes on from there. */
void bh_running_hash_tell(const struct bh_running_hash *hash, uint8_t out[BH_HASH_BYTES]);

#endif
