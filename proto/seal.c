/* Sealing.  One cipher context is set up once and keyed anew by each call: the keys of a store are
 * few, and what takes time is the disk.
 *
 * Nonces are random: 96 bits collide once in 2^32 seals under one key with a chance of 2^-33, and a
 * handset records some thousands of ops a year. */
#include "proto/seal.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "proto/err.h"

#define ALGORITHM 0xb1u /* id 1, in a byte that begins no UTF-8, no DER, no message of ours */
#define NONCE_BYTES 12u
#define TAG_BYTES 16u

_Static_assert(BH_SEAL_BYTES == 1 + NONCE_BYTES + TAG_BYTES, "a seal");

static const char *const infos[BH_SEAL_PURPOSES] = {
	[BH_SEAL_CHECK] = "bihuan-seal-1 check",
	[BH_SEAL_IDENTITY] = "bihuan-seal-1 identity",
	[BH_SEAL_OPS] = "bihuan-seal-1 ops",
	[BH_SEAL_RECORDS] = "bihuan-seal-1 records",
	[BH_SEAL_PHOTOS] = "bihuan-seal-1 photos",
	[BH_SEAL_AUTHORS] = "bihuan-seal-1 authors",
	[BH_SEAL_CASE_KEYS] = "bihuan-seal-1 case keys",
	[BH_SEAL_PARTIES] = "bihuan-seal-1 parties",
};

struct bh_sealer {
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *context;
	struct bh_rng rng;
	uint8_t keys[BH_SEAL_PURPOSES][BH_SEAL_KEY_BYTES];
};

static int keys_derive(struct bh_sealer *sealer, const uint8_t key[BH_SEAL_KEY_BYTES])
{
	EVP_KDF *hkdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_HKDF, NULL);
	EVP_KDF_CTX *context = EVP_KDF_CTX_new(hkdf);
	int ok = context != NULL;

	for (size_t i = 0; ok && i < BH_SEAL_PURPOSES; i++) {
		/* libcrypto's parameters are not const, and not written to */
		const OSSL_PARAM params[] = {OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST,
						     (void *)(uintptr_t) "SHA256", 6),
			OSSL_PARAM_octet_string(
				OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key, BH_SEAL_KEY_BYTES),
			OSSL_PARAM_octet_string(
				OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)infos[i], strlen(infos[i])),
			OSSL_PARAM_END};

		ok = EVP_KDF_derive(context, sealer->keys[i], BH_SEAL_KEY_BYTES, params) == 1;
	}
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(hkdf);
	return ok ? 0 : BH_ERR_CRYPTO;
}

int bh_sealer_open(const uint8_t key[BH_SEAL_KEY_BYTES], struct bh_rng rng, struct bh_sealer **out)
{
	struct bh_sealer *sealer = calloc(1, sizeof(*sealer));
	int rc = sealer ? 0 : BH_ERR_NOMEM;

	if (rc == 0) {
		sealer->rng = rng;
		sealer->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
		sealer->context = EVP_CIPHER_CTX_new();
		rc = sealer->cipher && sealer->context ? keys_derive(sealer, key) : BH_ERR_CRYPTO;
	}
	if (rc != 0) {
		bh_sealer_close(sealer);
		return rc;
	}
	*out = sealer;
	return 0;
}

void bh_sealer_close(struct bh_sealer *sealer)
{
	if (!sealer)
		return;
	EVP_CIPHER_CTX_free(sealer->context);
	EVP_CIPHER_free(sealer->cipher);
	OPENSSL_cleanse(sealer->keys, sizeof(sealer->keys));
	free(sealer);
}

int bh_seal(struct bh_sealer *sealer, enum bh_seal_purpose purpose, struct bh_span bound,
	struct bh_span plain, uint8_t *out)
{
	uint8_t *nonce = out + 1, *body = nonce + NONCE_BYTES;
	EVP_CIPHER_CTX *context = sealer->context;
	int len = 0, rc = sealer->rng.fill(sealer->rng.context, nonce, NONCE_BYTES);

	if (rc != 0)
		return rc;
	out[0] = ALGORITHM;
	if (EVP_EncryptInit_ex2(context, sealer->cipher, sealer->keys[purpose], nonce, NULL) != 1 ||
		EVP_EncryptUpdate(context, NULL, &len, bound.data, (int)bound.len) != 1 ||
		(plain.len > 0 &&
			EVP_EncryptUpdate(context, body, &len, plain.data, (int)plain.len) != 1) ||
		EVP_EncryptFinal_ex(context, body + plain.len, &len) != 1 ||
		EVP_CIPHER_CTX_ctrl(
			context, EVP_CTRL_AEAD_GET_TAG, (int)TAG_BYTES, body + plain.len) != 1)
		return BH_ERR_CRYPTO;
	return 0;
}

int bh_unseal(struct bh_sealer *sealer, enum bh_seal_purpose purpose, struct bh_span bound,
	struct bh_span sealed, uint8_t *out)
{
	EVP_CIPHER_CTX *context = sealer->context;
	uint8_t tag[TAG_BYTES];
	int len = 0;

	if (!bh_seal_is(sealed))
		return BH_ERR_AUTH;
	const uint8_t *nonce = sealed.data + 1, *body = nonce + NONCE_BYTES;
	size_t plain = sealed.len - BH_SEAL_BYTES;

	memcpy(tag, body + plain, TAG_BYTES);
	if (EVP_DecryptInit_ex2(context, sealer->cipher, sealer->keys[purpose], nonce, NULL) == 1 &&
		EVP_DecryptUpdate(context, NULL, &len, bound.data, (int)bound.len) == 1 &&
		(plain == 0 || EVP_DecryptUpdate(context, out, &len, body, (int)plain) == 1) &&
		EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, (int)TAG_BYTES, tag) == 1 &&
		EVP_DecryptFinal_ex(context, tag, &len) == 1)
		return 0;
	OPENSSL_cleanse(out, plain);
	return BH_ERR_AUTH;
}

int bh_pin_hash(struct bh_span pin, unsigned cost, const uint8_t salt[BH_PIN_SALT_BYTES],
	uint8_t out[BH_PIN_HASH_BYTES])
{
	int ok = EVP_PBE_scrypt((const char *)pin.data, pin.len, salt, BH_PIN_SALT_BYTES,
		UINT64_C(1) << cost, 8, 1, UINT64_C(2) << 30, out, BH_PIN_HASH_BYTES);

	return ok == 1 ? 0 : BH_ERR_CRYPTO;
}

bool bh_seal_is(struct bh_span bytes)
{
	return bytes.len >= BH_SEAL_BYTES && bytes.data[0] == ALGORITHM;
}
