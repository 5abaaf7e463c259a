/* P-256 with SHA-256 through libcrypto.  On the wire a point is compressed and a signature is r and
 * s, so both are converted at this border; whatever does not convert is simply not a valid
 * signature. */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "proto/err.h"
#include "proto/sign.h"

#define COORDINATE_BYTES 32
#define POINT_BYTES_MAX 65
#define DER_SIGNATURE_BYTES_MAX 80
#define GROUP "prime256v1"

struct bh_key {
	EVP_PKEY *pair;
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
};

/* Compresses the pair's point: 02 or 03 by the parity of y, then x. */
static int public_of(EVP_PKEY *pair, uint8_t out[BH_PUBLIC_KEY_BYTES])
{
	uint8_t point[POINT_BYTES_MAX];
	size_t len = 0;
	if (EVP_PKEY_get_octet_string_param(
		    pair, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len) != 1)
		return BH_ERR_CRYPTO;
	if (len == POINT_BYTES_MAX && point[0] == 4)
		point[0] = (uint8_t)(2 + (point[POINT_BYTES_MAX - 1] & 1));
	else if (len != BH_PUBLIC_KEY_BYTES)
		return BH_ERR_CRYPTO;
	memcpy(out, point, BH_PUBLIC_KEY_BYTES);
	return 0;
}

/* Takes the pair over, also on failure. */
static int key_wrap(EVP_PKEY *pair, struct bh_key **out)
{
	struct bh_key *key = calloc(1, sizeof(*key));
	if (key == NULL) {
		EVP_PKEY_free(pair);
		return BH_ERR_NOMEM;
	}
	key->pair = pair;
	int err = public_of(pair, key->public_key);
	if (err != 0) {
		bh_key_free(key);
		return err;
	}
	*out = key;
	return 0;
}

int bh_key_generate(struct bh_key **out)
{
	EVP_PKEY *pair = EVP_EC_gen(GROUP);
	return pair == NULL ? BH_ERR_CRYPTO : key_wrap(pair, out);
}

static bool is_p256(const EVP_PKEY *pair)
{
	char group[32];
	size_t len;
	return EVP_PKEY_is_a(pair, "EC") == 1 &&
	       EVP_PKEY_get_group_name(pair, group, sizeof(group), &len) == 1 &&
	       strcmp(group, GROUP) == 0;
}

int bh_key_import(struct bh_span der, struct bh_key **out)
{
	const uint8_t *at = der.data;
	if (der.len == 0 || der.len > INT32_MAX)
		return BH_ERR_MALFORMED;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.len);
	if (info == NULL)
		return BH_ERR_MALFORMED;
	EVP_PKEY *pair = at == der.data + der.len ? EVP_PKCS82PKEY(info) : NULL;
	PKCS8_PRIV_KEY_INFO_free(info);
	if (pair == NULL || !is_p256(pair)) {
		EVP_PKEY_free(pair);
		return BH_ERR_MALFORMED;
	}
	return key_wrap(pair, out);
}

int bh_key_export(const struct bh_key *key, struct bh_buf *der)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key->pair);
	if (info == NULL)
		return BH_ERR_CRYPTO;
	uint8_t *bytes = NULL;
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &bytes);
	PKCS8_PRIV_KEY_INFO_free(info);
	if (len <= 0)
		return BH_ERR_CRYPTO;
	int err = bh_buf_append(der, bytes, (size_t)len);
	OPENSSL_clear_free(bytes, (size_t)len);
	return err;
}

void bh_key_free(struct bh_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pair);
	free(key);
}

void bh_key_public(const struct bh_key *key, uint8_t out[BH_PUBLIC_KEY_BYTES])
{
	memcpy(out, key->public_key, BH_PUBLIC_KEY_BYTES);
}

/* DER to r ‖ s. */
static bool signature_from_der(const uint8_t *der, size_t len, uint8_t out[BH_SIGNATURE_BYTES])
{
	uint8_t bare[BH_SIGNATURE_BYTES];
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
	if (pair == NULL)
		return false;
	bool ok = BN_bn2binpad(ECDSA_SIG_get0_r(pair), bare, COORDINATE_BYTES) > 0 &&
		  BN_bn2binpad(ECDSA_SIG_get0_s(pair), bare + COORDINATE_BYTES, COORDINATE_BYTES) >
			  0;
	ECDSA_SIG_free(pair);
	if (ok)
		memcpy(out, bare, sizeof(bare));
	return ok;
}

/* r ‖ s to DER; gives its length, 0 on failure. */
static size_t signature_to_der(
	const uint8_t bare[BH_SIGNATURE_BYTES], uint8_t der[DER_SIGNATURE_BYTES_MAX])
{
	BIGNUM *r = BN_bin2bn(bare, COORDINATE_BYTES, NULL);
	BIGNUM *s = BN_bin2bn(bare + COORDINATE_BYTES, COORDINATE_BYTES, NULL);
	ECDSA_SIG *pair = ECDSA_SIG_new();
	if (r == NULL || s == NULL || pair == NULL || ECDSA_SIG_set0(pair, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(pair);
		return 0;
	}
	int len = i2d_ECDSA_SIG(pair, NULL);
	if (len > 0 && len <= DER_SIGNATURE_BYTES_MAX)
		len = i2d_ECDSA_SIG(pair, &der);
	else
		len = 0;
	ECDSA_SIG_free(pair);
	return len > 0 ? (size_t)len : 0;
}

int bh_key_sign(const struct bh_key *key, struct bh_span message, uint8_t out[BH_SIGNATURE_BYTES])
{
	uint8_t der[DER_SIGNATURE_BYTES_MAX];
	size_t len = sizeof(der);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (context == NULL)
		return BH_ERR_NOMEM;
	bool ok = EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->pair) == 1 &&
		  EVP_DigestSign(context, der, &len, message.data, message.len) == 1 &&
		  signature_from_der(der, len, out);
	EVP_MD_CTX_free(context);
	return ok ? 0 : BH_ERR_CRYPTO;
}

/* NULL for a point that is not on the curve.  The caller frees. */
static EVP_PKEY *public_import(const uint8_t public_key[BH_PUBLIC_KEY_BYTES])
{
	EVP_PKEY *pair = NULL;
	char group[] = GROUP;
	uint8_t point[BH_PUBLIC_KEY_BYTES];
	memcpy(point, public_key, sizeof(point));
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
		EVP_PKEY_fromdata(context, &pair, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pair = NULL;
	EVP_PKEY_CTX_free(context);
	return pair;
}

int bh_key_verify(const uint8_t public_key[BH_PUBLIC_KEY_BYTES], struct bh_span message,
	const uint8_t signature[BH_SIGNATURE_BYTES])
{
	uint8_t der[DER_SIGNATURE_BYTES_MAX];
	size_t len = signature_to_der(signature, der);
	if (len == 0 || (public_key[0] != 2 && public_key[0] != 3))
		return BH_ERR_AUTH;
	EVP_PKEY *pair = public_import(public_key);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool ok = pair != NULL && context != NULL &&
		  EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, pair) == 1 &&
		  EVP_DigestVerify(context, der, len, message.data, message.len) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pair);
	return ok ? 0 : BH_ERR_AUTH;
}

int bh_key_agree(const struct bh_key *key, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	uint8_t out[BH_SHARED_BYTES])
{
	size_t len = BH_SHARED_BYTES;
	EVP_PKEY *peer = public_key[0] == 2 || public_key[0] == 3 ? public_import(public_key)
								  : NULL;
	if (peer == NULL)
		return BH_ERR_AUTH;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->pair, NULL);
	bool ok = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
		  EVP_PKEY_derive_set_peer(context, peer) == 1 &&
		  EVP_PKEY_derive(context, out, &len) == 1 && len == BH_SHARED_BYTES;
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(peer);
	return ok ? 0 : BH_ERR_CRYPTO;
}

/* ---- Keys that are held elsewhere ---- */

bool bh_public_key_valid(const uint8_t public_key[BH_PUBLIC_KEY_BYTES])
{
	EVP_PKEY *pair = public_key[0] == 2 || public_key[0] == 3 ? public_import(public_key)
								  : NULL;
	EVP_PKEY_free(pair);
	return pair != NULL;
}

int bh_key_pin(const uint8_t public_key[BH_PUBLIC_KEY_BYTES], uint8_t out[BH_PIN_BYTES])
{
	uint8_t hash[BH_HASH_BYTES], *info = NULL;
	EVP_PKEY *pair = public_key[0] == 2 || public_key[0] == 3 ? public_import(public_key)
								  : NULL;
	if (pair == NULL)
		return BH_ERR_AUTH;
	/* As certificates write it: the point in full. */
	int len = EVP_PKEY_set_utf8_string_param(
			  pair, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") == 1
			  ? i2d_PUBKEY(pair, &info)
			  : 0;
	bool ok = len > 0 && EVP_Digest(info, (size_t)len, hash, NULL, EVP_sha256(), NULL) == 1;
	OPENSSL_free(info);
	EVP_PKEY_free(pair);
	if (!ok)
		return BH_ERR_CRYPTO;
	memcpy(out, hash, BH_PIN_BYTES);
	return 0;
}

int bh_sign_digest(struct bh_span message, uint8_t out[BH_HASH_BYTES])
{
	return EVP_Digest(message.data, message.len, out, NULL, EVP_sha256(), NULL) == 1
		       ? 0
		       : BH_ERR_CRYPTO;
}

int bh_key_sign_digest(const struct bh_key *key, const uint8_t digest[BH_HASH_BYTES],
	uint8_t out[BH_SIGNATURE_BYTES])
{
	uint8_t der[DER_SIGNATURE_BYTES_MAX];
	size_t len = sizeof(der);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->pair, NULL);
	bool ok = context != NULL && EVP_PKEY_sign_init(context) == 1 &&
		  EVP_PKEY_sign(context, der, &len, digest, BH_HASH_BYTES) == 1 &&
		  signature_from_der(der, len, out);
	EVP_PKEY_CTX_free(context);
	return ok ? 0 : BH_ERR_CRYPTO;
}

int bh_signature_take(struct bh_span given, uint8_t out[BH_SIGNATURE_BYTES])
{
	if (given.len == BH_SIGNATURE_BYTES) {
		memcpy(out, given.data, BH_SIGNATURE_BYTES);
		return 0;
	}
	if (given.len == 0 || given.len > DER_SIGNATURE_BYTES_MAX)
		return BH_ERR_MALFORMED;
	return signature_from_der(given.data, given.len, out) ? 0 : BH_ERR_MALFORMED;
}
