/* Case numbers as people read them, and the ids that machines keep. */
#ifndef BH_PROTO_NUMBER_H
#define BH_PROTO_NUMBER_H

#include "proto/bytes.h"
#include "proto/limits.h"

/* A case number in one word: the log's short number and the sequence of its first recording.
 * 0 is none.  short 1..2^31-1, seq 1..2^32-1. */
static inline uint64_t bh_case_number(uint32_t log_short, uint32_t seq)
{
	return (uint64_t)log_short << 32 | seq;
}

#define BH_CASE_TEXT_SIZE 24 /* "2147483647-4294967295-K" and NUL */

/* "17-42-K": short, sequence, ISO 7064 MOD 37,36 check character over both with the hyphen between
 * them counted as Z, so that shifting it is noticed. */
void bh_case_number_format(uint64_t number, char text[BH_CASE_TEXT_SIZE]);
/* 0, or BH_ERR_MALFORMED (shape, range or check character).  Lower case and missing check are not
 * forgiven: a misread number must not open another case. */
int bh_case_number_parse(const char *text, uint64_t *out);

/* The 128-bit id people's systems exchange: 48 bits of capture time (ms), then 80 bits of
 * SHA-256("bh-id-1" ‖ log_id ‖ seq ‖ link).  No byte of it is on the wire (sync.md). */
void bh_op_id(int64_t captured_ms, const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t seq,
	const uint8_t link[BH_HASH_BYTES], uint8_t out[16]);

/* Base32 (RFC 4648 alphabet, no padding) for codes and pins in QR payloads.  text must hold
 * (len * 8 + 4) / 5 + 1.  Parsing is case-blind: 0 or BH_ERR_MALFORMED. */
void bh_base32_format(struct bh_span bytes, char *text);
int bh_base32_parse(const char *text, uint8_t *out, size_t len);
void bh_hex_format(struct bh_span bytes, char *text);
int bh_hex_parse(const char *text, uint8_t *out, size_t len);

#endif
