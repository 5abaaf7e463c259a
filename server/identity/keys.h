/* A district's keys: its CA and a backup CA, the server's key and certificate, and the receipts'
 * MAC key; PEM files in the district's own folder, readable by its owner alone. */
#ifndef BH_IDENTITY_KEYS_H
#define BH_IDENTITY_KEYS_H

#include "proto/sign.h"

/*
 *   keys/ca.key         signs the server's certificate and enrolment receipts; pinned by handsets
 *   keys/backup-ca.key  pinned too; to be kept elsewhere, for the day ca.key is lost or rolled
 *                       (keys_roll.h)
 *   keys/server.key     what TLS is served with
 *   keys/server.crt     its certificate (SAN DNS = district code) and the CA's, in this order
 *   keys/receipt.mac    32 bytes; outside the database, so that a copy of it forges nothing:
 *                       receipts, and enrolment codes that were asked for with a key
 *   keys/bundle.key     what is carried by hand is sealed for it (PROTOCOL.md, section 21)
 *   keys/seal.key       over the keys of sealed fields (keys_seal.h)
 *   keys/bundle-*.key   those that were before it: they go on opening what handsets sealed before
 *                       they heard of the next one.  A roll (keys_roll.h) calls one by its own id
 */
#define BH_BUNDLE_KEYS_MAX 33u

struct bh_district_keys {
	struct bh_key *ca;
	uint8_t mac[32];
	uint8_t pin[BH_PIN_BYTES]; /* first 160 bits of SHA-256 of the CA's SubjectPublicKeyInfo */
	uint8_t backup_pin[BH_PIN_BYTES]; /* kept in keys/backup-ca.pin once its key has been moved
					     away */
	struct bh_key *bundle[BH_BUNDLE_KEYS_MAX]; /* the present one first */
	size_t bundle_count;
	bool bundle_made; /* the present one just now: there was none */
	char server_key_path[512];
	char server_chain_path[512];
};

/* Makes keys/ in folder with fresh keys.  wall_ms dates the certificates (handsets do not judge
 * dates). 0; BH_ERR_EXISTS (nothing is overwritten), BH_ERR_IO, BH_ERR_CRYPTO. */
int bh_district_keys_create(const char *folder, const char *code, int64_t wall_ms);
/* 0; BH_ERR_NOT_FOUND, BH_ERR_IO, BH_ERR_MALFORMED, BH_ERR_AUTH (a key file that others may read),
 * BH_ERR_LIMIT (over BH_BUNDLE_KEYS_MAX of them); *detail (constant) names the file. */
int bh_district_keys_load(const char *folder, struct bh_district_keys *out, const char **detail);
/* Looks at the same files, and at whether server.key and server.crt belong together
 * (BH_ERR_CRYPTO); keeps nothing. */
int bh_district_keys_check(const char *folder, const char **detail);
void bh_district_keys_wipe(struct bh_district_keys *keys);

/* ---- keys_bundle.c: for keys.c ---- */
/* Makes bundle.key in the folder of keys, whole or not at all; one that is there is left. */
int bh_bundle_key_make(const char *folder);
/* What it is called once another one is in force: bundle-ID.key, ID in hex, so that no name is used
 * twice.  The codes of bh_district_keys_load. */
int bh_bundle_key_name(const char *folder, char *out, size_t size);
/* Reads it and the older ones into *keys.  makes: one that is missing is made first, else there may
 * be none.  The codes of bh_district_keys_load. */
int bh_bundle_keys_read(const char *folder, bool makes, struct bh_district_keys *keys);

/* Makes the names in a folder outlive a power cut.  0 or BH_ERR_IO. */
int bh_folder_sync(const char *folder);

#endif
