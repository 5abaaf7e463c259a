/* SHA-256 through one context that is fetched once and reused; HMAC by its definition (RFC 2104)
 * over the same one.  Every hash names what it is for by a tag, so that no two uses can meet. */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "proto/err.h"
#include "proto/hash.h"

#define TAG_LOG "bh-log-1"
#define TAG_LINK "bh-link-1"
#define TAG_ACK "bh-ack-1"
#define HMAC_BLOCK_BYTES 64u
#define RECEIPT_VERDICT_BYTES 11u /* seq u64, verdict u8, code u16 */

struct bh_hasher {
	EVP_MD *algorithm;
	EVP_MD_CTX *context;
};

static struct bh_span tag_span(const char *tag)
{
	return bh_span(tag, strlen(tag));
}

static void write_be(uint8_t *out, uint64_t value, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		out[i] = (uint8_t)(value >> (8 * (width - 1 - i)));
}

int bh_hasher_open(struct bh_hasher **out)
{
	struct bh_hasher *hasher = calloc(1, sizeof(*hasher));
	if (hasher == NULL)
		return BH_ERR_NOMEM;
	hasher->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	hasher->context = EVP_MD_CTX_new();
	if (hasher->algorithm == NULL || hasher->context == NULL) {
		bh_hasher_close(hasher);
		return BH_ERR_NOMEM;
	}
	*out = hasher;
	return 0;
}

void bh_hasher_close(struct bh_hasher *hasher)
{
	if (hasher == NULL)
		return;
	EVP_MD_CTX_free(hasher->context);
	EVP_MD_free(hasher->algorithm);
	free(hasher);
}

static void hash_begin(struct bh_hasher *hasher)
{
	int ok = EVP_DigestInit_ex(hasher->context, hasher->algorithm, NULL);
	bh_assert(ok == 1);
}

static void hash_add(struct bh_hasher *hasher, const void *data, size_t len)
{
	if (len == 0)
		return;
	int ok = EVP_DigestUpdate(hasher->context, data, len);
	bh_assert(ok == 1);
}

static void hash_end(struct bh_hasher *hasher, uint8_t out[BH_HASH_BYTES])
{
	int ok = EVP_DigestFinal_ex(hasher->context, out, NULL);
	bh_assert(ok == 1);
}

void bh_hash_parts(struct bh_hasher *hasher, const struct bh_span *parts, size_t count,
	uint8_t out[BH_HASH_BYTES])
{
	hash_begin(hasher);
	for (size_t i = 0; i < count; i++)
		hash_add(hasher, parts[i].data, parts[i].len);
	hash_end(hasher, out);
}

/* HMAC (RFC 2104): begin, hash_add the message, end with the same key. */
static void mac_pad(struct bh_hasher *hasher, struct bh_span key, uint8_t mask)
{
	uint8_t block[HMAC_BLOCK_BYTES] = {0};
	if (key.len > sizeof(block))
		bh_hash_parts(hasher, &key, 1, block);
	else if (key.len > 0)
		memcpy(block, key.data, key.len);
	for (size_t i = 0; i < sizeof(block); i++)
		block[i] ^= mask;
	hash_begin(hasher);
	hash_add(hasher, block, sizeof(block));
	OPENSSL_cleanse(block, sizeof(block));
}

static void mac_begin(struct bh_hasher *hasher, struct bh_span key)
{
	mac_pad(hasher, key, 0x36);
}

static void mac_end(struct bh_hasher *hasher, struct bh_span key, uint8_t out[BH_MAC_BYTES])
{
	uint8_t digest[BH_HASH_BYTES];
	hash_end(hasher, digest);
	mac_pad(hasher, key, 0x5c);
	hash_add(hasher, digest, sizeof(digest));
	hash_end(hasher, digest);
	memcpy(out, digest, BH_MAC_BYTES);
}

void bh_mac_parts(struct bh_hasher *hasher, struct bh_span key, const struct bh_span *parts,
	size_t count, uint8_t out[BH_MAC_BYTES])
{
	mac_begin(hasher, key);
	for (size_t i = 0; i < count; i++)
		hash_add(hasher, parts[i].data, parts[i].len);
	mac_end(hasher, key, out);
}

bool bh_secret_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void bh_op_commitment(struct bh_hasher *hasher, const uint8_t salt[BH_SALT_BYTES],
	struct bh_span content, uint8_t out[BH_HASH_BYTES])
{
	struct bh_span parts[] = {bh_span(salt, BH_SALT_BYTES), content};
	bh_hash_parts(hasher, parts, 2, out);
}

void bh_log_start(struct bh_hasher *hasher, const char *district,
	const uint8_t log_id[BH_LOG_ID_BYTES], uint8_t out[BH_HASH_BYTES])
{
	size_t len = strlen(district);
	bh_assert(len <= UINT8_MAX);
	uint8_t length = (uint8_t)len;
	struct bh_span parts[] = {tag_span(TAG_LOG), bh_span(&length, 1), bh_span(district, len),
		bh_span(log_id, BH_LOG_ID_BYTES)};
	bh_hash_parts(hasher, parts, 4, out);
}

void bh_log_link(struct bh_hasher *hasher, const uint8_t prev[BH_HASH_BYTES], uint64_t seq,
	struct bh_span header, const uint8_t commitment[BH_HASH_BYTES], uint8_t out[BH_HASH_BYTES])
{
	uint8_t numbers[12];
	bh_assert(header.len <= UINT32_MAX);
	write_be(numbers, seq, 8);
	write_be(numbers + 8, header.len, 4);
	struct bh_span parts[] = {tag_span(TAG_LINK), bh_span(prev, BH_HASH_BYTES),
		bh_span(numbers, sizeof(numbers)), header, bh_span(commitment, BH_HASH_BYTES)};
	bh_hash_parts(hasher, parts, 5, out);
}

void bh_receipt_mac(struct bh_hasher *hasher, struct bh_span key,
	const uint8_t log_id[BH_LOG_ID_BYTES], uint64_t seq, const uint8_t link[BH_HASH_BYTES],
	int64_t received_ms, const struct bh_receipt_verdict *verdicts, size_t count,
	uint8_t out[BH_MAC_BYTES])
{
	uint8_t number[8];
	mac_begin(hasher, key);
	hash_add(hasher, TAG_ACK, strlen(TAG_ACK));
	hash_add(hasher, log_id, BH_LOG_ID_BYTES);
	write_be(number, seq, 8);
	hash_add(hasher, number, 8);
	hash_add(hasher, link, BH_HASH_BYTES);
	write_be(number, (uint64_t)received_ms, 8);
	hash_add(hasher, number, 8);
	for (size_t i = 0; i < count; i++) {
		uint8_t row[RECEIPT_VERDICT_BYTES];
		write_be(row, verdicts[i].seq, 8);
		row[8] = verdicts[i].verdict;
		write_be(row + 9, verdicts[i].code, 2);
		hash_add(hasher, row, sizeof(row));
	}
	mac_end(hasher, key, out);
}
