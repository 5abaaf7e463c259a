/* What the files of a district's keys have in common: how one is written and read. */
#ifndef BH_IDENTITY_KEYS_FILE_H
#define BH_IDENTITY_KEYS_FILE_H

#include <openssl/bio.h>
#include <openssl/evp.h>

#include "proto/bytes.h"
#include "proto/limits.h"

#define BH_KEY_FILE_BYTES_MAX 4096

/* "folder/name": 0 or BH_ERR_LIMIT. */
int bh_key_path(char *out, size_t size, const char *folder, const char *name);
/* A file that is not there yet, its bytes durable; secret: for its owner alone.  0, BH_ERR_FULL,
 * BH_ERR_IO. */
int bh_key_file_write(const char *folder, const char *name, struct bh_span bytes, bool secret);
/* What is in the BIO; also BH_ERR_CRYPTO: nothing is. */
int bh_key_bio_write(const char *folder, const char *name, BIO *bio, bool secret);
/* A private key, for its owner alone. */
int bh_key_pem_write(const char *folder, const char *name, EVP_PKEY *key);
/* Appends the file.  secret: BH_ERR_AUTH when others may read it.  BH_ERR_NOT_FOUND, BH_ERR_IO,
 * BH_ERR_MALFORMED (empty, or over BH_KEY_FILE_BYTES_MAX). */
int bh_key_file_read(const char *folder, const char *name, bool secret, struct bh_buf *out);
/* A PEM private key as PKCS#8 DER, and what is pinned of it. */
int bh_key_pem_read(struct bh_span pem, struct bh_buf *der, uint8_t pin[BH_PIN_BYTES]);

#endif
