/* The keys that bundles are sealed for: the present one, and those that were rolled.  A new one is
 * written under another name and linked to its own, so that a crash leaves all of it or nothing,
 * and what lies there is never overwritten: the bundles it opens may still be on their way. */
#include "server/identity/keys.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ec.h>

#include "proto/bundle.h"
#include "proto/err.h"
#include "proto/hash.h"
#include "proto/number.h"
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

/* "bundle-*.key"; what is being made is not there yet. */
static bool is_older(const char *name)
{
	static const char head[] = "bundle-", tail[] = ".key";
	size_t len = strlen(name);
	return len > sizeof(head) - 1 + sizeof(tail) - 1 &&
	       strncmp(name, head, sizeof(head) - 1) == 0 &&
	       strcmp(name + len - (sizeof(tail) - 1), tail) == 0;
}

static int older_read(const char *folder, struct bh_district_keys *keys)
{
	DIR *open = opendir(folder);
	int err = open ? BH_NOERR : BH_ERR_IO;
	for (struct dirent *entry; !err && (entry = readdir(open)) != NULL;)
		if (is_older(entry->d_name))
			err = keys->bundle_count < BH_BUNDLE_KEYS_MAX
				      ? key_read(folder, entry->d_name, keys)
				      : BH_ERR_LIMIT;
	if (open)
		(void)closedir(open);
	return err;
}

int bh_bundle_keys_read(const char *folder, bool makes, struct bh_district_keys *keys)
{
	int err = key_read(folder, PRESENT, keys);
	if (err == BH_ERR_NOT_FOUND && makes) {
		err = bh_bundle_key_make(folder);
		keys->bundle_made = err == BH_NOERR;
		if (!err)
			err = key_read(folder, PRESENT, keys);
	}
	if (err == BH_ERR_NOT_FOUND)
		err = BH_NOERR;
	return err ? err : older_read(folder, keys);
}

int bh_bundle_key_name(const char *folder, char *out, size_t size)
{
	struct bh_district_keys keys = {0};
	struct bh_hasher *hasher = NULL;
	uint8_t key[BH_PUBLIC_KEY_BYTES], id[BH_BUNDLE_KEY_ID_BYTES];
	char text[2 * BH_BUNDLE_KEY_ID_BYTES + 1];
	int err = key_read(folder, PRESENT, &keys);
	if (!err)
		err = bh_hasher_open(&hasher);
	if (!err) {
		bh_key_public(keys.bundle[0], key);
		bh_bundle_key_id(hasher, key, id);
		bh_hex_format(bh_span(id, sizeof(id)), text);
		(void)snprintf(out, size, "bundle-%s.key", text);
	}
	bh_hasher_close(hasher);
	bh_district_keys_wipe(&keys);
	return err;
}
