/*
 * The chain was proved to be the peer's by the handshake itself; here it is judged.  Validity dates
 * are not looked at: a handset's clock may be years off (B14), and keys that must not be trusted
 * are taken out of the pins. A resumed connection is judged by the chain its session was made with,
 * in just the same way.
 */
#include "client-lib/transport/verify.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/x509v3.h>

#include "proto/err.h"

#define EXPORTER_LABEL "EXPORTER-Channel-Binding" /* RFC 9266 */

static int spki_hash(X509 *crt, uint8_t out[BH_HASH_BYTES])
{
	uint8_t *spki = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(crt), &spki);
	int ok = len > 0 && EVP_Digest(spki, (size_t)len, out, NULL, EVP_sha256(), NULL) == 1;
	OPENSSL_free(spki);
	return ok ? BH_NOERR : BH_ERR_CRYPTO;
}

static bool is_pinned(X509 *crt, const uint8_t pins[][BH_PIN_BYTES], size_t pins_count)
{
	uint8_t hash[BH_HASH_BYTES];
	if (spki_hash(crt, hash) != BH_NOERR)
		return false;
	for (size_t i = 0; i < pins_count; i++)
		if (memcmp(hash, pins[i], BH_PIN_BYTES) == 0)
			return true;
	return false;
}

/* The pinned CA that signed the leaf; NULL when there is none. */
static X509 *pinned_issuer(
	SSL *ssl, X509 *leaf, const uint8_t pins[][BH_PIN_BYTES], size_t pins_count)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
	for (int i = 1; chain && i < sk_X509_num(chain) && i < 4; i++) {
		X509 *ca = sk_X509_value(chain, i);
		if (is_pinned(ca, pins, pins_count) && X509_check_ca(ca) == 1 &&
			X509_check_issued(ca, leaf) == X509_V_OK &&
			X509_verify(leaf, X509_get0_pubkey(ca)) == 1)
			return ca;
	}
	return NULL;
}

static bool key_compressed(X509 *crt, uint8_t out[BH_PUBLIC_KEY_BYTES])
{
	uint8_t point[65];
	size_t len = 0;
	EVP_PKEY *key = X509_get0_pubkey(crt);
	if (!key || EVP_PKEY_get_octet_string_param(
			    key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len) != 1)
		return false;
	if (len == BH_PUBLIC_KEY_BYTES) {
		memcpy(out, point, len);
		return true;
	}
	if (len != sizeof(point) || point[0] != 4)
		return false;
	out[0] = (uint8_t)(2 | (point[64] & 1));
	memcpy(out + 1, point + 1, BH_PUBLIC_KEY_BYTES - 1);
	return true;
}

int bh_server_verify(SSL *ssl, const char *district, const uint8_t pins[][BH_PIN_BYTES],
	size_t pins_count, struct bh_link_proof *proof)
{
	struct bh_link_proof found = {0};
	X509 *leaf = SSL_get0_peer_certificate(ssl);
	if (!leaf || X509_check_host(leaf, district, 0,
			     X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
			     NULL) != 1)
		return BH_ERR_AUTH;
	X509 *ca = pinned_issuer(ssl, leaf, pins, pins_count);
	if (!ca)
		return BH_ERR_AUTH;
	found.ca_key_known = key_compressed(ca, found.ca_key);
	if (spki_hash(leaf, found.binding.server_key_hash) != BH_NOERR ||
		SSL_export_keying_material(ssl, found.binding.exporter, BH_EXPORTER_BYTES,
			EXPORTER_LABEL, sizeof(EXPORTER_LABEL) - 1, NULL, 0, 0) != 1)
		return BH_ERR_CRYPTO;
	*proof = found;
	return BH_NOERR;
}
