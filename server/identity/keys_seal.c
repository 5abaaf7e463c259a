/* Written under another name and linked to its own, as bundle.key is: a crash leaves all of it or
 * nothing.  Without it sealed fields cannot be read, so nothing here ever writes over one. */
#include "server/identity/keys_seal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/err.h"
#include "proto/hash.h"
#include "proto/number.h"
#include "server/identity/keys.h"
#include "server/identity/keys_file.h"

#define PRESENT "seal.key"
#define MAKING "seal.key.new"
#define ID_BYTES 8u

static int new_write(const char *folder)
{
	uint8_t key[BH_SEAL_KEY_BYTES];
	struct bh_rng rng = bh_rng_system();
	int err = rng.fill(rng.context, key, sizeof(key));
	if (!err)
		err = bh_key_file_write(folder, MAKING, bh_span(key, sizeof(key)), true);
	explicit_bzero(key, sizeof(key));
	return err;
}

/* What an interrupted making left goes first. */
static int making_begin(const char *folder, char *making, char *present, size_t size)
{
	if (bh_key_path(making, size, folder, MAKING) ||
		bh_key_path(present, size, folder, PRESENT))
		return BH_ERR_LIMIT;
	(void)unlink(making);
	return new_write(folder);
}

int bh_seal_key_make(const char *keys_folder)
{
	char making[512], present[512];
	int err = making_begin(keys_folder, making, present, sizeof(making));
	if (!err && link(making, present) != 0 && errno != EEXIST)
		err = BH_ERR_IO;
	if (err != BH_ERR_LIMIT)
		(void)unlink(making);
	return err ? err : bh_folder_sync(keys_folder);
}

/* ---- Reading ---- */

static int key_read(const char *folder, const char *name, struct bh_vault_keys *keys)
{
	struct bh_buf bytes = BH_BUF(BH_KEY_FILE_BYTES_MAX);
	int err = keys->count < BH_VAULT_KEYS_MAX ? bh_key_file_read(folder, name, true, &bytes)
						  : BH_ERR_LIMIT;
	if (!err && bytes.len != BH_SEAL_KEY_BYTES)
		err = BH_ERR_MALFORMED;
	if (!err)
		memcpy(keys->keys[keys->count++], bytes.data, BH_SEAL_KEY_BYTES);
	bh_buf_wipe(&bytes);
	return err;
}

static bool is_older(const char *name)
{
	size_t len = strlen(name);
	return len == 5 + 2 * ID_BYTES + 4 && strncmp(name, "seal-", 5) == 0 &&
	       strcmp(name + len - 4, ".key") == 0;
}

static int older_read(const char *folder, struct bh_vault_keys *keys)
{
	DIR *open = opendir(folder);
	int err = open ? BH_NOERR : BH_ERR_IO;
	for (struct dirent *entry; !err && (entry = readdir(open)) != NULL;)
		if (is_older(entry->d_name))
			err = key_read(folder, entry->d_name, keys);
	if (open)
		(void)closedir(open);
	return err;
}

int bh_seal_keys_read(const char *folder, struct bh_vault_keys *out)
{
	char path[480];
	struct bh_vault_keys keys = {0};
	int err = bh_key_path(path, sizeof(path), folder, "keys");
	if (!err)
		err = key_read(path, PRESENT, &keys);
	if (!err)
		err = older_read(path, &keys);
	if (err == BH_ERR_NOT_FOUND)
		err = BH_NOERR;
	if (!err)
		*out = keys;
	explicit_bzero(&keys, sizeof(keys));
	return err;
}

/* ---- Another one ---- */

/* Its own for ever, so that no name is used twice. */
static int name_of(const char *folder, char *name, size_t size)
{
	struct bh_vault_keys keys = {0};
	struct bh_hasher *hasher = NULL;
	uint8_t hash[BH_HASH_BYTES];
	char text[2 * ID_BYTES + 1];
	int err = key_read(folder, PRESENT, &keys);
	if (!err)
		err = bh_hasher_open(&hasher);
	if (!err) {
		const struct bh_span parts[] = {bh_span("bh-seal-key-file-1", 18),
			bh_span(keys.keys[0], BH_SEAL_KEY_BYTES)};
		bh_hash_parts(hasher, parts, 2, hash);
		bh_hex_format(bh_span(hash, ID_BYTES), text);
		(void)snprintf(name, size, "seal-%s.key", text);
	}
	bh_hasher_close(hasher);
	explicit_bzero(&keys, sizeof(keys));
	return err;
}

static int present_keep(const char *keys, const char *present)
{
	char name[64], older[512];
	int err = name_of(keys, name, sizeof(name));
	if (err)
		return err;
	err = bh_key_path(older, sizeof(older), keys, name);
	if (!err && link(present, older) != 0 && errno != EEXIST)
		err = BH_ERR_IO;
	return err ? err : bh_folder_sync(keys);
}

int bh_seal_key_roll(const char *folder)
{
	char keys[480], making[512], present[512];
	struct bh_vault_keys held = {0};
	int err = bh_key_path(keys, sizeof(keys), folder, "keys");
	if (!err)
		err = bh_seal_keys_read(folder, &held);
	size_t count = held.count;
	explicit_bzero(&held, sizeof(held));
	if (err || count == 0)
		return err ? err : bh_seal_key_make(keys);
	if (count >= BH_VAULT_KEYS_MAX)
		return BH_ERR_LIMIT;
	err = making_begin(keys, making, present, sizeof(making));
	if (!err)
		err = present_keep(keys, present);
	if (!err && rename(making, present) != 0)
		err = BH_ERR_IO;
	return err ? err : bh_folder_sync(keys);
}
