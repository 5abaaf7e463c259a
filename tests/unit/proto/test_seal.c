/* Seals against HKDF and AES-GCM as their papers say, and against whoever changes a bit. */
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "proto/err.h"
#include "proto/seal.h"
#include "tests/unit/proto/cmocka_all.h"

#define TEXT "a manhole without its cover"
#define WHERE "op 7"

static const uint8_t key[BH_SEAL_KEY_BYTES] = {1, 2, 3, 4};
static const struct bh_span text = {(const uint8_t *)TEXT, sizeof(TEXT) - 1};
static const struct bh_span where = {(const uint8_t *)WHERE, sizeof(WHERE) - 1};

static struct bh_sealer *opened(uint8_t first)
{
	uint8_t other[BH_SEAL_KEY_BYTES];
	struct bh_sealer *sealer = NULL;

	memcpy(other, key, sizeof(other));
	other[0] = first;
	assert_int_equal(bh_sealer_open(other, bh_rng_system(), &sealer), 0);
	return sealer;
}

static void test_seal__what_was_sealed_opens(void **state)
{
	uint8_t sealed[sizeof(TEXT) + BH_SEAL_BYTES], plain[sizeof(TEXT)], nothing[1];
	struct bh_sealer *sealer = opened(1);

	(void)state;
	assert_int_equal(bh_seal(sealer, BH_SEAL_OPS, where, text, sealed), 0);
	assert_true(bh_seal_is(bh_span(sealed, text.len + BH_SEAL_BYTES)));
	assert_null(memmem(sealed, text.len + BH_SEAL_BYTES, "manhole", 7));
	assert_int_equal(bh_unseal(sealer, BH_SEAL_OPS, where,
				 bh_span(sealed, text.len + BH_SEAL_BYTES), plain),
		0);
	assert_memory_equal(plain, TEXT, text.len);
	/* nothing at all, bound to nowhere */
	assert_int_equal(
		bh_seal(sealer, BH_SEAL_CHECK, bh_span(NULL, 0), bh_span(NULL, 0), sealed), 0);
	assert_int_equal(bh_unseal(sealer, BH_SEAL_CHECK, bh_span(NULL, 0),
				 bh_span(sealed, BH_SEAL_BYTES), nothing),
		0);
	bh_sealer_close(sealer);
	bh_sealer_close(NULL);
}

static void test_seal__two_of_the_same_differ(void **state)
{
	uint8_t one[sizeof(TEXT) + BH_SEAL_BYTES], two[sizeof(TEXT) + BH_SEAL_BYTES];
	struct bh_sealer *sealer = opened(1);

	(void)state;
	assert_int_equal(bh_seal(sealer, BH_SEAL_OPS, where, text, one), 0);
	assert_int_equal(bh_seal(sealer, BH_SEAL_OPS, where, text, two), 0);
	assert_memory_not_equal(one + 1, two + 1, 12);
	assert_memory_not_equal(one + 13, two + 13, text.len);
	bh_sealer_close(sealer);
}

static void test_seal__any_other_bit_place_purpose_or_key_does_not_open(void **state)
{
	uint8_t sealed[sizeof(TEXT) + BH_SEAL_BYTES], plain[sizeof(TEXT)];
	static const uint8_t none[sizeof(TEXT)];
	size_t len = text.len + BH_SEAL_BYTES;
	struct bh_sealer *sealer = opened(1), *other = opened(2);

	(void)state;
	assert_int_equal(bh_seal(sealer, BH_SEAL_OPS, where, text, sealed), 0);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(bh_unseal(sealer, BH_SEAL_OPS, where, bh_span(sealed, len), plain),
			BH_ERR_AUTH);
		sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(bh_unseal(sealer, BH_SEAL_OPS, where, bh_span(sealed, cut), plain),
			BH_ERR_AUTH);
	assert_int_equal(bh_unseal(sealer, BH_SEAL_RECORDS, where, bh_span(sealed, len), plain),
		BH_ERR_AUTH);
	assert_int_equal(
		bh_unseal(sealer, BH_SEAL_OPS, bh_span("op 8", 4), bh_span(sealed, len), plain),
		BH_ERR_AUTH);
	assert_int_equal(
		bh_unseal(other, BH_SEAL_OPS, where, bh_span(sealed, len), plain), BH_ERR_AUTH);
	assert_memory_equal(plain, none, text.len); /* nothing of it is given out */
	bh_sealer_close(other);
	bh_sealer_close(sealer);
}

/* RFC 5869, without a salt, one block. */
static void key_by_the_paper(const char *info, uint8_t out[32])
{
	static const uint8_t zeros[32];
	uint8_t prk[32], message[64];
	size_t len = strlen(info);

	memcpy(message, info, len);
	message[len] = 1;
	assert_non_null(HMAC(EVP_sha256(), zeros, 32, key, sizeof(key), prk, NULL));
	assert_non_null(HMAC(EVP_sha256(), prk, 32, message, len + 1, out, NULL));
}

/* Another program opens it: the shape that is for ever. */
static void test_seal__its_shape_is_as_it_is_told(void **state)
{
	uint8_t sealed[sizeof(TEXT) + BH_SEAL_BYTES], plain[sizeof(TEXT)], derived[32];
	struct bh_sealer *sealer = opened(1);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int len;

	(void)state;
	assert_int_equal(bh_seal(sealer, BH_SEAL_OPS, where, text, sealed), 0);
	assert_int_equal(sealed[0], 0xb1);
	key_by_the_paper("bihuan-seal-1 ops", derived);
	assert_int_equal(
		EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, derived, sealed + 1), 1);
	assert_int_equal(EVP_DecryptUpdate(context, NULL, &len, where.data, (int)where.len), 1);
	assert_int_equal(EVP_DecryptUpdate(context, plain, &len, sealed + 13, (int)text.len), 1);
	assert_int_equal(
		EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, 16, sealed + 13 + text.len), 1);
	assert_int_equal(EVP_DecryptFinal_ex(context, plain + text.len, &len), 1);
	assert_memory_equal(plain, TEXT, text.len);
	EVP_CIPHER_CTX_free(context);
	bh_sealer_close(sealer);
}

static int no_chance(void *context, uint8_t *out, size_t len)
{
	(void)context;
	(void)out;
	(void)len;
	return BH_ERR_CRYPTO;
}

static void test_seal__without_a_nonce_nothing_is_sealed(void **state)
{
	uint8_t sealed[sizeof(TEXT) + BH_SEAL_BYTES];
	struct bh_sealer *sealer = NULL;

	(void)state;
	assert_int_equal(bh_sealer_open(key, (struct bh_rng){no_chance, NULL}, &sealer), 0);
	assert_int_equal(bh_seal(sealer, BH_SEAL_OPS, where, text, sealed), BH_ERR_CRYPTO);
	bh_sealer_close(sealer);
}

/* Against Python's hashlib.scrypt. */
static void test_pin__is_scrypt_of_its_cost(void **state)
{
	static const uint8_t salt[BH_PIN_SALT_BYTES] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
	static const uint8_t usual[BH_PIN_HASH_BYTES] = {0xce, 0xa4, 0xf1, 0x39, 0x0f, 0x7e, 0x25,
		0xd3, 0xe5, 0x6e, 0x52, 0xea, 0xcd, 0x3a, 0x60, 0x2c, 0xc3, 0x36, 0x51, 0x39, 0xa2,
		0x96, 0x0f, 0xfd, 0xed, 0x25, 0x68, 0x5d, 0xb1, 0x9e, 0xb9, 0xff};
	static const uint8_t cheap[BH_PIN_HASH_BYTES] = {0x60, 0xed, 0xdd, 0x0f, 0xb5, 0xd9, 0x68,
		0x66, 0x3c, 0x7c, 0x11, 0xd7, 0xbb, 0x8d, 0xb2, 0xd7, 0x4f, 0xa3, 0xce, 0x62, 0x72,
		0x60, 0xc7, 0xdd, 0xef, 0x5b, 0x9c, 0x90, 0xdb, 0xc2, 0xbd, 0xfc};
	const struct bh_span pin = bh_span("2468", 4);
	uint8_t hash[BH_PIN_HASH_BYTES];

	(void)state;
	assert_int_equal(bh_pin_hash(pin, BH_PIN_COST, salt, hash), 0);
	assert_memory_equal(hash, usual, sizeof(hash));
	assert_int_equal(bh_pin_hash(pin, 4, salt, hash), 0);
	assert_memory_equal(hash, cheap, sizeof(hash));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seal__what_was_sealed_opens),
		cmocka_unit_test(test_seal__two_of_the_same_differ),
		cmocka_unit_test(test_seal__any_other_bit_place_purpose_or_key_does_not_open),
		cmocka_unit_test(test_seal__its_shape_is_as_it_is_told),
		cmocka_unit_test(test_seal__without_a_nonce_nothing_is_sealed),
		cmocka_unit_test(test_pin__is_scrypt_of_its_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
