/* The keys of sealed fields: a district's, which lies outside its file, over one of each case.
 *
 *   district key ──wraps──▶ case key ──seals──▶ name, contact
 *
 * A case's key is destroyed with the case; the district's is rolled by wrapping each anew.  Without
 * the district's key sealed fields cannot be read, and nothing else is lost.  One a thread. */
#ifndef BH_STORE_VAULT_H
#define BH_STORE_VAULT_H

#include "proto/seal.h"

#define BH_VAULT_KEYS_MAX 9u
#define BH_CASE_KEY_BYTES BH_SEAL_KEY_BYTES
#define BH_WRAPPED_BYTES (BH_CASE_KEY_BYTES + BH_SEAL_BYTES)

/* A district's keys, the present one first; those behind it still open what they wrapped. */
struct bh_vault_keys {
	size_t count;
	uint8_t keys[BH_VAULT_KEYS_MAX][BH_SEAL_KEY_BYTES];
};

/* Where a field lies: elsewhere it cannot be opened. */
struct bh_vault_place {
	const char *district;
	uint64_t number;
	uint32_t party;
	unsigned field; /* 0 name, 1 contact */
};

struct bh_vault;

/* BH_ERR_INVALID (no key), BH_ERR_NOMEM, BH_ERR_CRYPTO. */
int bh_vault_open(const struct bh_vault_keys *keys, struct bh_rng rng, struct bh_vault **out);
void bh_vault_close(struct bh_vault *vault); /* takes NULL */
/* What the present key is known by: of its hash. */
int64_t bh_vault_id(const struct bh_vault *vault);

/* A key nobody had before. */
int bh_vault_draw(struct bh_vault *vault, uint8_t key[BH_CASE_KEY_BYTES]);
/* By the present key, bound to district and case. */
int bh_vault_wrap(struct bh_vault *vault, const char *district, uint64_t number,
	const uint8_t key[BH_CASE_KEY_BYTES], uint8_t wrapped[BH_WRAPPED_BYTES]);
/* BH_ERR_AUTH: by none of these keys, or not of this case. */
int bh_vault_unwrap(struct bh_vault *vault, const char *district, uint64_t number, int64_t id,
	struct bh_span wrapped, uint8_t key[BH_CASE_KEY_BYTES]);

/* Appends a text, which may be empty, padded and sealed. */
int bh_vault_seal(struct bh_vault *vault, const uint8_t key[BH_CASE_KEY_BYTES],
	const struct bh_vault_place *place, struct bh_span plain, struct bh_buf *out);
/* Appends the text again.  BH_ERR_AUTH. */
int bh_vault_unseal(struct bh_vault *vault, const uint8_t key[BH_CASE_KEY_BYTES],
	const struct bh_vault_place *place, struct bh_span sealed, struct bh_buf *out);

#endif
