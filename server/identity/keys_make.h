/* For keys.c and keys_roll.c: a part of a folder of keys at a time. */
#ifndef BH_IDENTITY_KEYS_MAKE_H
#define BH_IDENTITY_KEYS_MAKE_H

#include <openssl/evp.h>

#include "proto/limits.h"

#include <stdint.h>

/* A fresh server.key, and server.crt: its certificate by the CA's key, and the CA's.  The codes of
 * bh_key_pem_write. */
int bh_keys_server_make(const char *folder, EVP_PKEY *ca, const char *code, int64_t wall_ms);
/* A fresh backup-ca.key and backup-ca.pin.  before (may be NULL): the pin that it comes after, from
 * which its first four bits differ: District.version shows the change by them. */
int bh_keys_backup_make(const char *folder, const uint8_t before[BH_PIN_BYTES]);
/* The folder with all its files, as far as they go. */
void bh_keys_remove(const char *folder);
/* keys.c: what bh_district_keys_check does, of a folder of keys in another one's. */
int bh_keys_check(const char *folder, const char *name, const char **detail);

#endif
