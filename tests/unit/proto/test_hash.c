/* Hashes against published vectors and libcrypto's own HMAC; chains against their definition. */
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "proto/hash.h"
#include "proto/number.h"
#include "tests/unit/proto/cmocka_all.h"
#include "tests/unit/proto/seeded.h"

static int open_hasher(void **state)
{
	return bh_hasher_open((struct bh_hasher **)state);
}

static int close_hasher(void **state)
{
	bh_hasher_close(*state);
	return 0;
}

static void assert_hex(const uint8_t *bytes, size_t len, const char *expected)
{
	char text[2 * BH_HASH_BYTES + 1];
	bh_hex_format(bh_span(bytes, len), text);
	assert_string_equal(text, expected);
}

/* FIPS 180-2, appendix B. */
static void test_hash__sha256_of_the_published_messages(void **state)
{
	uint8_t out[BH_HASH_BYTES];
	struct bh_span parts[] = {bh_span("a", 1), bh_span(NULL, 0), bh_span("bc", 2)};
	bh_hash_parts(*state, parts, 3, out);
	assert_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	bh_hash_parts(*state, NULL, 0, out);
	assert_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231, cases 1, 2 and 6 (a key longer than a block). */
static void test_mac__hmac_of_the_published_messages(void **state)
{
	uint8_t out[BH_MAC_BYTES], key[131];
	memset(key, 0x0b, 20);
	struct bh_span message = bh_span("Hi There", 8);
	bh_mac_parts(*state, bh_span(key, 20), &message, 1, out);
	assert_hex(out, 16, "b0344c61d8db38535ca8afceaf0bf12b");
	message = bh_span("what do ya want for nothing?", 28);
	bh_mac_parts(*state, bh_span("Jefe", 4), &message, 1, out);
	assert_hex(out, 16, "5bdcc146bf60754e6a042426089575c7");
	memset(key, 0xaa, sizeof(key));
	message = bh_span("Test Using Larger Than Block-Size Key - Hash Key First", 54);
	bh_mac_parts(*state, bh_span(key, sizeof(key)), &message, 1, out);
	assert_hex(out, 16, "60e431591ee0b67f0d8a26aacbf5b77f");
}

static void test_mac__agrees_with_libcrypto_for_any_key_length(void **state)
{
	struct seeded seeded = {8};
	uint8_t key[200], text[200], ours[BH_MAC_BYTES], theirs[32];
	for (size_t len = 0; len < sizeof(key); len++) {
		key[len] = (uint8_t)seeded_next(&seeded);
		text[len] = (uint8_t)seeded_next(&seeded);
		struct bh_span parts[] = {
			bh_span(text, len / 3), bh_span(text + len / 3, len - len / 3)};
		bh_mac_parts(*state, bh_span(key, len), parts, 2, ours);
		assert_non_null(HMAC(EVP_sha256(), key, (int)len, text, len, theirs, NULL));
		assert_memory_equal(ours, theirs, BH_MAC_BYTES);
	}
}

static void put_bytes(struct bh_buf *buf, const void *bytes, size_t len)
{
	assert_int_equal(bh_buf_append(buf, bytes, len), 0);
}

static void sha256(const struct bh_buf *buf, uint8_t out[BH_HASH_BYTES])
{
	assert_int_equal(EVP_Digest(buf->data, buf->len, out, NULL, EVP_sha256(), NULL), 1);
}

static void test_log__chain_is_as_defined(void **state)
{
	uint8_t log_id[BH_LOG_ID_BYTES] = {3, 1, 4}, salt[BH_SALT_BYTES] = {2, 7};
	uint8_t start[BH_HASH_BYTES], link[BH_HASH_BYTES], commitment[BH_HASH_BYTES];
	uint8_t expected[BH_HASH_BYTES];
	struct bh_buf buf = BH_BUF(1000);

	bh_log_start(*state, "340803", log_id, start);
	put_bytes(&buf,
		"bh-log-1\x06"
		"340803",
		15);
	put_bytes(&buf, log_id, sizeof(log_id));
	sha256(&buf, expected);
	assert_memory_equal(start, expected, sizeof(start));

	bh_op_commitment(*state, salt, bh_span("content", 7), commitment);
	buf.len = 0;
	put_bytes(&buf, salt, sizeof(salt));
	put_bytes(&buf, "content", 7);
	sha256(&buf, expected);
	assert_memory_equal(commitment, expected, sizeof(commitment));

	bh_log_link(*state, start, 0x0102030405060708, bh_span("head", 4), commitment, link);
	buf.len = 0;
	put_bytes(&buf, "bh-link-1", 9);
	put_bytes(&buf, start, sizeof(start));
	bh_put_u64(&buf, 0x0102030405060708);
	bh_put_block(&buf, bh_span("head", 4));
	put_bytes(&buf, commitment, sizeof(commitment));
	sha256(&buf, expected);
	assert_memory_equal(link, expected, sizeof(link));
	bh_buf_free(&buf);
}

static void test_receipt__covers_every_verdict_in_order(void **state)
{
	uint8_t log_id[BH_LOG_ID_BYTES] = {1}, link[BH_HASH_BYTES] = {2}, mac[BH_MAC_BYTES];
	uint8_t expected[32];
	const struct bh_receipt_verdict verdicts[] = {{5, 3, 0x0102}, {6, 2, 9}};
	struct bh_buf buf = BH_BUF(1000);
	bh_receipt_mac(*state, bh_span("key", 3), log_id, 6, link, -5, verdicts, 2, mac);
	put_bytes(&buf, "bh-ack-1", 8);
	put_bytes(&buf, log_id, sizeof(log_id));
	bh_put_u64(&buf, 6);
	put_bytes(&buf, link, sizeof(link));
	bh_put_i64(&buf, -5);
	for (unsigned i = 0; i < 2; i++) {
		bh_put_u64(&buf, verdicts[i].seq);
		bh_put_u8(&buf, verdicts[i].verdict);
		bh_put_u16(&buf, verdicts[i].code);
	}
	assert_non_null(HMAC(EVP_sha256(), "key", 3, buf.data, buf.len, expected, NULL));
	assert_memory_equal(mac, expected, sizeof(mac));
	bh_buf_free(&buf);
}

static void test_secret__equal_compares_every_byte(void **state)
{
	(void)state;
	uint8_t a[16] = {0}, b[16] = {0};
	assert_true(bh_secret_equal(a, b, sizeof(a)));
	for (unsigned i = 0; i < sizeof(a); i++) {
		b[i] = 1;
		assert_false(bh_secret_equal(a, b, sizeof(a)));
		b[i] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash__sha256_of_the_published_messages),
		cmocka_unit_test(test_mac__hmac_of_the_published_messages),
		cmocka_unit_test(test_mac__agrees_with_libcrypto_for_any_key_length),
		cmocka_unit_test(test_log__chain_is_as_defined),
		cmocka_unit_test(test_receipt__covers_every_verdict_in_order),
		cmocka_unit_test(test_secret__equal_compares_every_byte),
	};
	return cmocka_run_group_tests(tests, open_hasher, close_hasher);
}
