/* The keys that bundles are sealed for: the present one, and those that were rolled.  A new one is
 * written under another name and linked to its own, so that a crash leaves all of it or nothing,
 * and what lies there is never overwritten: the bundles it opens may still be on their way. */
#include "server/identity/keys.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/ec.h>

#include "proto/err.h"
#include "server/identity/keys_file.h"

#define PRESENT "bundle.key"
#define MAKING "bundle.key.new"

static int new_write(const char *folder)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	int err = key ? bh_key_pem_write(folder, MAKING, key) : BH_ERR_CRYPTO;
	EVP_PKEY_free(key);
	return err;
}

int bh_bundle_key_make(const char *folder)
{
	char making[512], present[512];
	if (bh_key_path(making, sizeof(making), folder, MAKING) ||
		bh_key_path(present, sizeof(present), folder, PRESENT))
		return BH_ERR_LIMIT;
	(void)unlink(making); /* what an interrupted making left */
	int err = new_write(folder);
	if (!err && link(making, present) != 0 && errno != EEXIST)
		err = BH_ERR_IO;
	(void)unlink(making);
	return err ? err : bh_folder_sync(folder);
}

static int key_read(const char *folder, const char *name, struct bh_district_keys *keys)
{
	struct bh_buf pem = BH_BUF(BH_KEY_FILE_BYTES_MAX), der = BH_BUF(BH_KEY_FILE_BYTES_MAX);
	uint8_t pin[BH_PIN_BYTES];
	int err = bh_key_file_read(folder, name, true, &pem);
	if (!err)
		err = bh_key_pem_read(bh_buf_span(&pem), &der, pin);
	if (!err)
		err = bh_key_import(bh_buf_span(&der), &keys->bundle[keys->bundle_count]);
	if (!err)
		keys->bundle_count++;
	bh_buf_wipe(&pem);
	bh_buf_wipe(&der);
	return err;
}

int bh_bundle_keys_read(const char *folder, bool makes, struct bh_district_keys *keys)
{
	int err = key_read(folder, PRESENT, keys);
	if (err == BH_ERR_NOT_FOUND && makes) {
		err = bh_bundle_key_make(folder);
		if (!err)
			err = key_read(folder, PRESENT, keys);
	}
	if (err == BH_ERR_NOT_FOUND)
		err = BH_NOERR;
	for (unsigned i = 1; !err && i < BH_BUNDLE_KEYS_MAX; i++) {
		char name[32];
		(void)snprintf(name, sizeof(name), "bundle-%u.key", i);
		err = key_read(folder, name, keys);
		if (err == BH_ERR_NOT_FOUND)
			err = BH_NOERR;
	}
	return err;
}
