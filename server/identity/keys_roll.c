/*
 * keys ──▶ keys.roll: what stays is linked, what is rolled is made ──▶ checked, synced ──▶ the two
 * folders are exchanged ──▶ the old one, now keys.roll, is removed.  Until the exchange nothing in
 * keys has been touched; after it, everything is new.  What fails before leaves no keys.roll.
 */
#include "server/identity/keys_roll.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/x509.h>

#include "proto/err.h"
#include "server/identity/certificate.h"
#include "server/identity/keys_file.h"
#include "server/identity/keys_make.h"

#define MAKING "keys.roll"
#define BUNDLE "bundle.key"

struct paths {
	char keys[480], making[480];
	char older[64]; /* what bundle.key is called after its roll */
};

static void step(const struct bh_keys_roll *roll, const char *what)
{
	if (roll->step)
		roll->step(roll->context, what);
}

/* ---- One key of a folder ---- */

static int key_take(struct bh_span pem, EVP_PKEY **out, uint8_t *pin)
{
	struct bh_buf der = BH_BUF(BH_KEY_FILE_BYTES_MAX);
	int err = bh_key_pem_read(pem, &der, pin);
	const uint8_t *at = der.data;
	if (!err && out && !(*out = d2i_AutoPrivateKey(NULL, &at, (long)der.len)))
		err = BH_ERR_MALFORMED;
	bh_buf_wipe(&der);
	return err;
}

static int key_read(const char *folder, const char *name, EVP_PKEY **out, uint8_t *pin)
{
	struct bh_buf pem = BH_BUF(BH_KEY_FILE_BYTES_MAX);
	int err = bh_key_file_read(folder, name, true, &pem);
	if (!err)
		err = key_take(bh_buf_span(&pem), out, pin);
	bh_buf_wipe(&pem);
	return err;
}

_Static_assert(BH_KEYS_BACKUP_BYTES_MAX == BH_KEY_FILE_BYTES_MAX, "it is a key's file");

int bh_keys_backup_read(const char *path, struct bh_buf *out)
{
	char folder[PATH_MAX] = ".";
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	if (len >= sizeof(folder))
		return BH_ERR_LIMIT;
	if (slash)
		(void)snprintf(folder, sizeof(folder), "%.*s", (int)(len ? len : 1), path);
	return bh_key_file_read(folder, slash ? slash + 1 : path, true, out);
}

/* A file wherever it lies. */
static int key_read_at(const char *path, EVP_PKEY **out, uint8_t *pin)
{
	struct bh_buf pem = BH_BUF(BH_KEY_FILE_BYTES_MAX);
	int err = bh_keys_backup_read(path, &pem);
	if (!err)
		err = key_take(bh_buf_span(&pem), out, pin);
	bh_buf_wipe(&pem);
	return err;
}

static int backup_pin_read(const char *keys, uint8_t pin[BH_PIN_BYTES])
{
	struct bh_buf bytes = BH_BUF(BH_KEY_FILE_BYTES_MAX);
	int err = bh_key_file_read(keys, "backup-ca.pin", false, &bytes);
	if (!err && bytes.len != BH_PIN_BYTES)
		err = BH_ERR_MALFORMED;
	if (!err)
		memcpy(pin, bytes.data, BH_PIN_BYTES);
	bh_buf_free(&bytes);
	return err;
}

int bh_keys_pins(const char *folder, uint8_t ca[BH_PIN_BYTES], uint8_t backup[BH_PIN_BYTES])
{
	char keys[480];
	int err = bh_key_path(keys, sizeof(keys), folder, "keys");
	memset(ca, 0, BH_PIN_BYTES);
	if (!err && key_read(keys, "ca.key", NULL, ca))
		memset(ca, 0, BH_PIN_BYTES);
	return err ? err : backup_pin_read(keys, backup);
}

bool bh_keys_backup_is_here(const char *folder)
{
	char keys[480], path[512];
	return bh_key_path(keys, sizeof(keys), folder, "keys") == BH_NOERR &&
	       bh_key_path(path, sizeof(path), keys, "backup-ca.key") == BH_NOERR &&
	       access(path, F_OK) == 0;
}

/* ---- The folder that is made ---- */

enum rolled { ROLLED_SERVER = 1, ROLLED_CA = 2, ROLLED_BUNDLE = 4 };

static bool is_rolled(const char *name, enum rolled what)
{
	static const struct {
		const char *name;
		unsigned by; /* rolls after which there is another one, or none */
	} files[] = {{"server.key", ROLLED_SERVER | ROLLED_CA},
		{"server.crt", ROLLED_SERVER | ROLLED_CA}, {"ca.key", ROLLED_CA},
		{"backup-ca.key", ROLLED_CA}, {"backup-ca.pin", ROLLED_CA},
		{"bundle.key.new", ROLLED_CA | ROLLED_BUNDLE}};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strcmp(name, files[i].name) == 0)
			return (files[i].by & what) != 0;
	return false;
}

/* The very file under a second name: no secret is copied. */
static int file_link(const struct bh_keys_roll *roll, DIR *from, int to, const char *name,
	const char *name_there)
{
	struct stat st;
	if (fstatat(dirfd(from), name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return BH_ERR_IO;
	if (!S_ISREG(st.st_mode))
		return BH_ERR_MALFORMED;
	step(roll, "link");
	return linkat(dirfd(from), name, to, name_there, 0) == 0 ? BH_NOERR
	       : errno == ENOSPC                                 ? BH_ERR_FULL
								 : BH_ERR_IO;
}

static int files_link(const struct bh_keys_roll *roll, const struct paths *paths, enum rolled what)
{
	const char *older = what == ROLLED_BUNDLE ? paths->older : BUNDLE;
	DIR *from = opendir(paths->keys);
	int to = open(paths->making, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = !from ? BH_ERR_NOT_FOUND : to < 0 ? BH_ERR_IO : BH_NOERR;
	for (struct dirent *entry; !err && (entry = readdir(from)) != NULL;)
		if (entry->d_name[0] != '.' && !is_rolled(entry->d_name, what))
			err = file_link(roll, from, to, entry->d_name,
				strcmp(entry->d_name, BUNDLE) == 0 ? older : entry->d_name);
	if (from)
		(void)closedir(from);
	if (to >= 0)
		(void)close(to);
	return err;
}

static int making_begin(const struct bh_keys_roll *roll, struct paths *paths, enum rolled what)
{
	if (bh_key_path(paths->keys, sizeof(paths->keys), roll->folder, "keys") ||
		bh_key_path(paths->making, sizeof(paths->making), roll->folder, MAKING)) {
		paths->making[0] = '\0'; /* cut short it may be another's */
		return BH_ERR_LIMIT;
	}
	step(roll, "clear");
	bh_keys_remove(paths->making); /* what a roll that was cut short left */
	step(roll, "make");
	if (mkdir(paths->making, 0700) != 0)
		return errno == ENOSPC ? BH_ERR_FULL : BH_ERR_IO;
	return files_link(roll, paths, what);
}

static int making_end(
	const struct bh_keys_roll *roll, const struct paths *paths, int err, const char **detail)
{
	if (!err)
		err = bh_keys_check(roll->folder, MAKING, detail);
	if (!err)
		err = bh_folder_sync(paths->making);
	step(roll, "exchange");
	if (!err && renameat2(AT_FDCWD, paths->making, AT_FDCWD, paths->keys, RENAME_EXCHANGE) != 0)
		err = BH_ERR_IO;
	if (err && paths->making[0])
		bh_keys_remove(paths->making);
	if (err)
		return err;
	step(roll, "sync");
	if (bh_folder_sync(roll->folder) != BH_NOERR)
		return BH_ERR_UNKNOWN;
	step(roll, "remove");
	bh_keys_remove(paths->making); /* the new names are durable: the old keys may go */
	step(roll, "done");
	return BH_NOERR;
}

int bh_keys_roll_server(const struct bh_keys_roll *roll, const char **detail)
{
	struct paths paths = {.making = ""};
	EVP_PKEY *ca = NULL;
	uint8_t pin[BH_PIN_BYTES];
	*detail = "";
	int err = making_begin(roll, &paths, ROLLED_SERVER);
	if (!err && (err = key_read(paths.keys, "ca.key", &ca, pin)))
		*detail = "keys/ca.key";
	step(roll, "server");
	if (!err)
		err = bh_keys_server_make(paths.making, ca, roll->code, roll->wall_ms);
	EVP_PKEY_free(ca);
	return making_end(roll, &paths, err, detail);
}

/* ---- The CA ---- */

static int next_read(const struct bh_keys_roll *roll, const char *keys, EVP_PKEY **next,
	uint8_t pin[BH_PIN_BYTES], const char **detail)
{
	uint8_t kept[BH_PIN_BYTES];
	const uint8_t *expected = roll->expected ? roll->expected : kept;
	int err = BH_NOERR;
	*detail = "keys/backup-ca.pin";
	if (!roll->any_key && !roll->expected)
		err = backup_pin_read(keys, kept);
	if (err)
		return err;
	*detail = "the backup key";
	err = roll->backup.data  ? key_take(roll->backup, next, pin)
	      : roll->backup_key ? key_read_at(roll->backup_key, next, pin)
				 : key_read(keys, "backup-ca.key", next, pin);
	if (!err && !roll->any_key && memcmp(pin, expected, BH_PIN_BYTES) != 0)
		err = BH_ERR_INVALID;
	return err;
}

int bh_keys_roll_ca(const struct bh_keys_roll *roll, const char **detail)
{
	struct paths paths = {.making = ""};
	EVP_PKEY *next = NULL;
	uint8_t pin[BH_PIN_BYTES];
	*detail = "";
	int err = making_begin(roll, &paths, ROLLED_CA);
	if (!err)
		err = next_read(roll, paths.keys, &next, pin, detail);
	if (!err)
		*detail = "";
	step(roll, "ca");
	if (!err)
		err = bh_key_pem_write(paths.making, "ca.key", next);
	step(roll, "server");
	if (!err)
		err = bh_keys_server_make(paths.making, next, roll->code, roll->wall_ms);
	step(roll, "backup");
	if (!err)
		err = bh_keys_backup_make(paths.making, pin);
	EVP_PKEY_free(next);
	return making_end(roll, &paths, err, detail);
}

/* ---- The bundle key ---- */

int bh_keys_roll_bundle(const struct bh_keys_roll *roll, const char **detail)
{
	struct paths paths = {.older = BUNDLE};
	*detail = "";
	int err = bh_key_path(paths.keys, sizeof(paths.keys), roll->folder, "keys");
	if (!err)
		err = bh_bundle_key_name(paths.keys, paths.older, sizeof(paths.older));
	if (err && err != BH_ERR_NOT_FOUND) { /* lost: then there is nothing to keep */
		*detail = "keys/bundle.key";
		return err;
	}
	err = making_begin(roll, &paths, ROLLED_BUNDLE);
	step(roll, "bundle");
	if (!err)
		err = bh_bundle_key_make(paths.making);
	return making_end(roll, &paths, err, detail);
}
