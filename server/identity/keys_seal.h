/* A district's key of sealed fields as a file: keys/seal.key, 32 bytes for its owner alone, and
 * keys/seal-ID.key, which were before it and still open what they wrapped. */
#ifndef BH_IDENTITY_KEYS_SEAL_H
#define BH_IDENTITY_KEYS_SEAL_H

#include "server/store/vault.h"

/* Makes seal.key in a folder of keys, whole or not at all; one that is there is left.  0,
 * BH_ERR_FULL, BH_ERR_IO, BH_ERR_LIMIT. */
int bh_seal_key_make(const char *keys_folder);
/* Of a district's own folder; none there: count is 0.  BH_ERR_AUTH (others may read one),
 * BH_ERR_MALFORMED, BH_ERR_LIMIT (over BH_VAULT_KEYS_MAX), BH_ERR_IO. */
int bh_seal_keys_read(const char *folder, struct bh_vault_keys *out);
/* Another seal.key, or the first; the one that was keeps opening under its own name, until the
 * server has wrapped every case's key anew.  A crash leaves the one or the other. */
int bh_seal_key_roll(const char *folder);

#endif
