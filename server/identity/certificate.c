/*
 * Writes X.509 v3 certificates with P-256 keys and SHA-256.  Dates are generous, since handsets pin
 * keys and do not judge dates (sync.md "The link"); a browser or openssl s_client may, hence they
 * are honest. Every step that fails frees what was begun.
 */
#include "server/identity/certificate.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "proto/clock.h"
#include "proto/err.h"

#define DAY_S 86400
#define CA_DAYS 7305 /* twenty years */
#define SERVER_DAYS 3652

static int serial_set(X509 *crt)
{
	uint8_t bytes[16];
	struct bh_rng rng = bh_rng_system();
	if (rng.fill(rng.context, bytes, sizeof(bytes)) != BH_NOERR)
		return BH_ERR_CRYPTO;
	bytes[0] &= 0x7f;
	BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	int ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(crt)) != NULL;
	BN_free(number);
	return ok ? BH_NOERR : BH_ERR_CRYPTO;
}

static int name_add(X509_NAME *name, const char *common_name)
{
	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		       (const unsigned char *)common_name, -1, -1, 0) == 1
		       ? BH_NOERR
		       : BH_ERR_CRYPTO;
}

static int extension_add(X509 *crt, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, crt, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	int ok = extension && X509_add_ext(crt, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return ok ? BH_NOERR : BH_ERR_CRYPTO;
}

static int dates_set(X509 *crt, int64_t wall_ms, int days)
{
	time_t from = (time_t)(wall_ms / 1000) - DAY_S;
	time_t to = (time_t)(wall_ms / 1000) + (time_t)days * DAY_S;
	return ASN1_TIME_set(X509_getm_notBefore(crt), from) &&
			       ASN1_TIME_set(X509_getm_notAfter(crt), to)
		       ? BH_NOERR
		       : BH_ERR_CRYPTO;
}

/* What both kinds share: version, serial, dates, key. */
static int crt_begin(EVP_PKEY *key, int64_t wall_ms, int days, X509 **out)
{
	X509 *crt = X509_new();
	int err = crt ? BH_NOERR : BH_ERR_NOMEM;
	if (!err && (X509_set_version(crt, 2) != 1 || X509_set_pubkey(crt, key) != 1))
		err = BH_ERR_CRYPTO;
	if (!err)
		err = serial_set(crt);
	if (!err)
		err = dates_set(crt, wall_ms, days);
	if (err)
		X509_free(crt);
	else
		*out = crt;
	return err;
}

int bh_certificate_ca(EVP_PKEY *key, const char *code, int64_t wall_ms, X509 **out)
{
	X509 *crt = NULL;
	char common_name[64];
	(void)snprintf(common_name, sizeof(common_name), "Bihuan district %s CA", code);
	int err = crt_begin(key, wall_ms, CA_DAYS, &crt);
	if (!err)
		err = name_add(X509_get_subject_name(crt), common_name);
	if (!err && X509_set_issuer_name(crt, X509_get_subject_name(crt)) != 1)
		err = BH_ERR_CRYPTO;
	if (!err)
		err = extension_add(crt, crt, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
	if (!err)
		err = extension_add(crt, crt, NID_key_usage, "critical,keyCertSign,cRLSign");
	if (!err)
		err = extension_add(crt, crt, NID_subject_key_identifier, "hash");
	if (!err && X509_sign(crt, key, EVP_sha256()) <= 0)
		err = BH_ERR_CRYPTO;
	if (err)
		X509_free(crt);
	else
		*out = crt;
	return err;
}

int bh_certificate_server(
	EVP_PKEY *key, EVP_PKEY *ca_key, X509 *ca, const char *code, int64_t wall_ms, X509 **out)
{
	X509 *crt = NULL;
	char san[64];
	(void)snprintf(san, sizeof(san), "DNS:%s", code);
	int err = crt_begin(key, wall_ms, SERVER_DAYS, &crt);
	if (!err)
		err = name_add(X509_get_subject_name(crt), code);
	if (!err && X509_set_issuer_name(crt, X509_get_subject_name(ca)) != 1)
		err = BH_ERR_CRYPTO;
	if (!err)
		err = extension_add(crt, ca, NID_basic_constraints, "critical,CA:FALSE");
	if (!err)
		err = extension_add(crt, ca, NID_key_usage, "critical,digitalSignature");
	if (!err)
		err = extension_add(crt, ca, NID_ext_key_usage, "serverAuth");
	if (!err)
		err = extension_add(crt, ca, NID_subject_alt_name, san);
	if (!err)
		err = extension_add(crt, ca, NID_authority_key_identifier, "keyid");
	if (!err && X509_sign(crt, ca_key, EVP_sha256()) <= 0)
		err = BH_ERR_CRYPTO;
	if (err)
		X509_free(crt);
	else
		*out = crt;
	return err;
}

int bh_public_key_pin(EVP_PKEY *key, uint8_t out[BH_PIN_BYTES])
{
	uint8_t *spki = NULL, digest[SHA256_DIGEST_LENGTH];
	int len = i2d_PUBKEY(key, &spki);
	if (len <= 0)
		return BH_ERR_CRYPTO;
	int ok = EVP_Digest(spki, (size_t)len, digest, NULL, EVP_sha256(), NULL);
	OPENSSL_free(spki);
	if (ok != 1)
		return BH_ERR_CRYPTO;
	memcpy(out, digest, BH_PIN_BYTES);
	return BH_NOERR;
}
