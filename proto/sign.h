/* P-256 device and district keys: what is signed, under which tag, and the checks. */
#ifndef BH_PROTO_SIGN_H
#define BH_PROTO_SIGN_H

#include "proto/bytes.h"
#include "proto/clock.h"
#include "proto/limits.h"

#define BH_ALGORITHM_P256_SHA256 \
	1u /* algorithm ids: SM2/SM3 take 2 when a district must use them */

/* A private key held by this process, or by whoever answers the callback. */
struct bh_key;

int bh_key_generate(struct bh_key **out);
/* PKCS#8 DER, unencrypted: for stores that seal it themselves. */
int bh_key_import(struct bh_span der, struct bh_key **out);
int bh_key_export(const struct bh_key *key, struct bh_buf *der);
void bh_key_free(struct bh_key *key);
void bh_key_public(const struct bh_key *key, uint8_t out[BH_PUBLIC_KEY_BYTES]);
/* Signs SHA-256 of the message: 0 or BH_ERR_CRYPTO. */
int bh_key_sign(const struct bh_key *key, struct bh_span message, uint8_t out[BH_SIGNATURE_BYTES]);
/* What this key and that public one have in common (RFC 5903: the x coordinate of the shared
 * point); the caller wipes it.  0, BH_ERR_AUTH (no point of the curve) or BH_ERR_CRYPTO. */
int bh_key_agree(const struct bh_key *key, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	uint8_t out[BH_SHARED_BYTES]);
/* 0, or BH_ERR_AUTH for anything else: garbage key, garbage signature, another message. */
int bh_key_verify(const uint8_t public_key[BH_PUBLIC_KEY_BYTES], struct bh_span message,
	const uint8_t signature[BH_SIGNATURE_BYTES]);

/* ---- Keys that are held elsewhere ---- */

/* What is pinned of a key: the first bytes of SHA-256 of its SubjectPublicKeyInfo (RFC 5280).  0,
 * BH_ERR_AUTH (no point of the curve) or BH_ERR_CRYPTO. */
int bh_key_pin(const uint8_t public_key[BH_PUBLIC_KEY_BYTES], uint8_t out[BH_PIN_BYTES]);
/* Whether it is a compressed point of P-256. */
bool bh_public_key_valid(const uint8_t public_key[BH_PUBLIC_KEY_BYTES]);
/* What such a key signs of a message, SHA-256: 0 or BH_ERR_CRYPTO. */
int bh_sign_digest(struct bh_span message, uint8_t out[BH_HASH_BYTES]);
/* Signs a digest as it is, for a holder of keys that others ask: 0 or BH_ERR_CRYPTO. */
int bh_key_sign_digest(const struct bh_key *key, const uint8_t digest[BH_HASH_BYTES],
	uint8_t out[BH_SIGNATURE_BYTES]);
/* A signature as key stores give it: r and s where it has exactly BH_SIGNATURE_BYTES, else DER.  0
 * or BH_ERR_MALFORMED. */
int bh_signature_take(struct bh_span given, uint8_t out[BH_SIGNATURE_BYTES]);

/* What a connection proves about itself. */
struct bh_binding {
	uint8_t exporter[BH_EXPORTER_BYTES];    /* RFC 9266 of this very connection */
	uint8_t server_key_hash[BH_HASH_BYTES]; /* SHA-256 of the server certificate's
						   SubjectPublicKeyInfo */
};

/* Each appends the message to sign, blocks length-prefixed as in PROTOCOL.md:
 * tag ‖ exporter ‖ district ‖ server key hash ‖ device u32 ‖ log_id            (tag bh-session-1)
 * tag ‖ exporter ‖ district ‖ server key hash ‖ code ‖ public key ‖ log_id     (tag bh-enrol-1)
 * tag ‖ exporter ‖ district ‖ server key hash ‖ device u32 ‖ old key ‖ new key (tag bh-rotate-1)
 * tag ‖ district ‖ device u32 ‖ log_id ‖ seq u64 ‖ link                        (tag bh-head-1)
 * tag ‖ receipt bytes                                                          (tag bh-receipt-1)
 * tag ‖ statement bytes                                     (tags bh-bundle-1 and bh-bundle-ack-1)
 * tag ‖ district ‖ backup pin                                                  (tag bh-pins-1)
 */
int bh_session_message(struct bh_buf *out, const struct bh_binding *binding, const char *district,
	uint32_t device, const uint8_t log_id[BH_LOG_ID_BYTES]);
int bh_enrol_message(struct bh_buf *out, const struct bh_binding *binding, const char *district,
	const uint8_t code[BH_CODE_BYTES], const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	const uint8_t log_id[BH_LOG_ID_BYTES]);
int bh_rotate_message(struct bh_buf *out, const struct bh_binding *binding, const char *district,
	uint32_t device, const uint8_t old_key[BH_PUBLIC_KEY_BYTES],
	const uint8_t new_key[BH_PUBLIC_KEY_BYTES]);
int bh_head_message(struct bh_buf *out, const char *district, uint32_t device,
	const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t seq, const uint8_t link[BH_HASH_BYTES]);
int bh_receipt_message(struct bh_buf *out, struct bh_span receipt);
int bh_bundle_message(struct bh_buf *out, struct bh_span statement);
int bh_bundle_answer_message(struct bh_buf *out, struct bh_span answer);
int bh_pins_message(
	struct bh_buf *out, const char *district, const uint8_t backup_pin[BH_PIN_BYTES]);
/* What a Hello tells of the backup pin that a handset took (PROTOCOL.md, section 12). */
uint32_t bh_pin_mark(const uint8_t backup_pin[BH_PIN_BYTES]);

/* Appends what is hashed before a photo's bytes to prove, on this very connection, that they are
 * held: tag ‖ exporter, blocks as above (tag bh-photo-1).  Nobody else's proof will do, nor one of
 * another connection.  0 or BH_ERR_NOMEM, BH_ERR_LIMIT. */
#define BH_PROOF_HEAD_BYTES_MAX 64u
int bh_photo_proof_head(struct bh_buf *out, const struct bh_binding *binding);

#endif
