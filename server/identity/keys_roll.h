/* A district's server key, its CA and the key of its bundles are changed, while nobody serves it
 * (keys.h). */
#ifndef BH_IDENTITY_KEYS_ROLL_H
#define BH_IDENTITY_KEYS_ROLL_H

#include "server/identity/keys.h"

struct bh_keys_roll {
	const char *folder; /* the district's own */
	const char *code;
	int64_t wall_ms;         /* dates the certificates */
	const char *backup_key;  /* its file; NULL: keys/backup-ca.key, */
	struct bh_span backup;   /* or what it holds, read by who may; its data NULL: nothing */
	const uint8_t *expected; /* what it has to be pinned by; NULL: keys/backup-ca.pin */
	bool any_key;            /* it may be pinned by anything */
	/* Tests: called before and after every change of the disk. */
	void (*step)(void *context, const char *what);
	void *context;
};

/* Another server.key, and its certificate by the CA that is: handsets notice nothing.
 *
 * Each roll makes a folder keys.roll beside keys, whole, and exchange the two in one step; the old
 * one is removed then.  A crash leaves the one or the other, and perhaps a keys.roll, which the
 * next roll removes.  0; BH_ERR_NOT_FOUND (a file that is needed), BH_ERR_AUTH (one that others may
 * read), BH_ERR_MALFORMED (one that holds no key; what lies in keys and is no file), BH_ERR_CRYPTO,
 * BH_ERR_FULL, BH_ERR_IO: nothing has changed, and *detail (constant) names the file, or is "".
 * BH_ERR_UNKNOWN: it is done, but a power cut may undo it; the old keys still lie in keys.roll. */
int bh_keys_roll_server(const struct bh_keys_roll *roll, const char **detail);
/* The backup key becomes the CA's, with certificates of its own, and a new backup key is made; the
 * CA's key that was is gone, and may have been lost before.  Also BH_ERR_INVALID: the backup key is
 * not the one that it has to be. */
int bh_keys_roll_ca(const struct bh_keys_roll *roll, const char **detail);

/* Another key for bundles; the one that was goes on opening what was sealed for it, under a name
 * that is its own.  Also BH_ERR_LIMIT: there are BH_BUNDLE_KEYS_MAX, and the oldest has to be moved
 * away first. */
int bh_keys_roll_bundle(const struct bh_keys_roll *roll, const char **detail);

/* Appends a key's file, wherever it lies, for `backup`.  The codes of bh_district_keys_load; also
 * BH_ERR_LIMIT: its path is too long. */
#define BH_KEYS_BACKUP_BYTES_MAX 4096u
int bh_keys_backup_read(const char *path, struct bh_buf *out);
/* What is pinned of the CA that is and of its backup: ca.key (zeroes where it is lost) and
 * backup-ca.pin.  The codes of bh_district_keys_load for the latter. */
int bh_keys_pins(const char *folder, uint8_t ca[BH_PIN_BYTES], uint8_t backup[BH_PIN_BYTES]);
/* Whether backup-ca.key lies beside ca.key, where who takes one takes both. */
bool bh_keys_backup_is_here(const char *folder);

#endif
