/* The two certificates of a district: its CA's and its server's. */
#ifndef BH_IDENTITY_CERTIFICATE_H
#define BH_IDENTITY_CERTIFICATE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "proto/limits.h"

#include <stdint.h>

/* A self-signed CA certificate, twenty years from a day before wall_ms.  The caller frees *out.
 * 0, BH_ERR_NOMEM or BH_ERR_CRYPTO. */
int bh_certificate_ca(EVP_PKEY *key, const char *code, int64_t wall_ms, X509 **out);
/* The server's, signed by the CA, SAN DNS = code, ten years. */
int bh_certificate_server(
	EVP_PKEY *key, EVP_PKEY *ca_key, X509 *ca, const char *code, int64_t wall_ms, X509 **out);
/* First BH_PIN_BYTES of SHA-256 of the key's SubjectPublicKeyInfo. */
int bh_public_key_pin(EVP_PKEY *key, uint8_t out[BH_PIN_BYTES]);

#endif
