/* SHA-256 and HMAC over reused contexts (one-shot SHA256() measured 2-3 times slower, measured.md).
 */
#ifndef BH_PROTO_HASH_H
#define BH_PROTO_HASH_H

#include "proto/bytes.h"
#include "proto/limits.h"

struct bh_hasher; /* one a thread */

int bh_hasher_open(struct bh_hasher **out);
void bh_hasher_close(struct bh_hasher *hasher);
/* SHA-256 over the parts, one after another.  Cannot fail once open (asserts on libcrypto's bugs).
 */
void bh_hash_parts(struct bh_hasher *hasher, const struct bh_span *parts, size_t count,
	uint8_t out[BH_HASH_BYTES]);
/* HMAC-SHA-256, first BH_MAC_BYTES. */
void bh_mac_parts(struct bh_hasher *hasher, struct bh_span key, const struct bh_span *parts,
	size_t count, uint8_t out[BH_MAC_BYTES]);
/* Constant time. */
bool bh_secret_equal(const void *a, const void *b, size_t len);

/* ---- The device's log (sync.md "Up") ---- */

/* commitment = SHA-256(salt ‖ content) */
void bh_op_commitment(struct bh_hasher *hasher, const uint8_t salt[BH_SALT_BYTES],
	struct bh_span content, uint8_t out[BH_HASH_BYTES]);
/* link_0 = SHA-256("bh-log-1" ‖ district length u8 ‖ district ‖ log_id) */
void bh_log_start(struct bh_hasher *hasher, const char *district,
	const uint8_t log_id[BH_LOG_ID_BYTES], uint8_t out[BH_HASH_BYTES]);
/* link_n = SHA-256("bh-link-1" ‖ link_{n-1} ‖ n u64 ‖ header length u32 ‖ header ‖ commitment) */
void bh_log_link(struct bh_hasher *hasher, const uint8_t prev[BH_HASH_BYTES], uint64_t seq,
	struct bh_span header, const uint8_t commitment[BH_HASH_BYTES], uint8_t out[BH_HASH_BYTES]);
/* The server's receipt: MAC over "bh-ack-1" ‖ log_id ‖ seq u64 ‖ link ‖ received_ms i64 ‖
 * verdicts (seq u64, verdict u8, code u16 each, in order). */
struct bh_receipt_verdict {
	uint64_t seq;
	uint8_t verdict;
	uint16_t code;
};
void bh_receipt_mac(struct bh_hasher *hasher, struct bh_span key,
	const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t seq, const uint8_t link[BH_HASH_BYTES],
	int64_t received_ms, const struct bh_receipt_verdict *verdicts, size_t count,
	uint8_t out[BH_MAC_BYTES]);

#endif
