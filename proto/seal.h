/* What lies sealed at rest: AES-256-GCM under keys that are derived, one for each purpose, from one
 * key that lies elsewhere. */
#ifndef BH_PROTO_SEAL_H
#define BH_PROTO_SEAL_H

#include "proto/bytes.h"
#include "proto/clock.h"

#define BH_SEAL_KEY_BYTES 32u
/* What sealing adds: the algorithm's id (1: AES-256-GCM), a random nonce of 12, a tag of 16. */
#define BH_SEAL_BYTES 29u

/* What a key is for.  Each number and its name in seal.c are for ever. */
enum bh_seal_purpose {
	BH_SEAL_CHECK = 0, /* tells the right key from another one */
	BH_SEAL_IDENTITY,
	BH_SEAL_OPS,
	BH_SEAL_RECORDS,
	BH_SEAL_PHOTOS,
	BH_SEAL_AUTHORS,
	BH_SEAL_CASE_KEYS, /* a district's key over those of its cases */
	BH_SEAL_PARTIES,   /* a case's key over what names a person in it */
	BH_SEAL_PURPOSES,
};

struct bh_sealer; /* one a thread */

/* Keys by HKDF-SHA-256 (RFC 5869) without a salt; info "bihuan-seal-1 " and the purpose's name.  0,
 * BH_ERR_NOMEM, BH_ERR_CRYPTO. */
int bh_sealer_open(const uint8_t key[BH_SEAL_KEY_BYTES], struct bh_rng rng, struct bh_sealer **out);
/* Wipes the keys.  Takes NULL. */
void bh_sealer_close(struct bh_sealer *sealer);
/* Into plain.len + BH_SEAL_BYTES bytes.  bound says where it lies and is not stored: elsewhere it
 * cannot be opened.  0, BH_ERR_CRYPTO (no nonce, no memory). */
int bh_seal(struct bh_sealer *sealer, enum bh_seal_purpose purpose, struct bh_span bound,
	struct bh_span plain, uint8_t *out);
/* Into sealed.len - BH_SEAL_BYTES bytes, which hold nothing after a failure.  0, or BH_ERR_AUTH:
 * not sealed with this key, for this purpose and place. */
int bh_unseal(struct bh_sealer *sealer, enum bh_seal_purpose purpose, struct bh_span bound,
	struct bh_span sealed, uint8_t *out);
/* What is kept of a PIN: scrypt (RFC 7914; N 2^cost, r 8, p 1): at BH_PIN_COST each guess takes
 * 16 MiB and some tens of milliseconds.  0 or BH_ERR_CRYPTO (no memory). */
#define BH_PIN_SALT_BYTES 16u
#define BH_PIN_HASH_BYTES 32u
#define BH_PIN_COST 14u
#define BH_PIN_COST_MAX 20u /* 1 GiB */
int bh_pin_hash(struct bh_span pin, unsigned cost, const uint8_t salt[BH_PIN_SALT_BYTES],
	uint8_t out[BH_PIN_HASH_BYTES]);
/* Whether bytes have the shape of sealed ones; no message of ours, no DER and no text has.  Before
 * what may begin with any byte its keeper puts one of its own. */
bool bh_seal_is(struct bh_span bytes);

#endif
