/*
 * Makes and reads a district's keys.  Creation writes every file under a temporary folder and
 * renames it, so that a district has all of its keys or none.  Reading refuses what others could
 * have read. Failure leaves nothing behind that would be mistaken for keys.
 */
#include "server/identity/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "proto/err.h"
#include "server/identity/certificate.h"
#include "server/identity/keys_file.h"
#include "server/identity/keys_make.h"
#include "server/identity/keys_seal.h"

static int secrets_write(const char *folder)
{
	uint8_t mac[32];
	struct bh_rng rng = bh_rng_system();
	int err = rng.fill(rng.context, mac, sizeof(mac));
	if (!err)
		err = bh_key_file_write(folder, "receipt.mac", bh_span(mac, sizeof(mac)), true);
	OPENSSL_cleanse(mac, sizeof(mac));
	return err;
}

static int keys_make(const char *folder, const char *code, int64_t wall_ms)
{
	EVP_PKEY *ca = EVP_EC_gen("P-256");
	int err = ca ? bh_key_pem_write(folder, "ca.key", ca) : BH_ERR_CRYPTO;
	if (!err)
		err = bh_keys_backup_make(folder, NULL);
	if (!err)
		err = bh_keys_server_make(folder, ca, code, wall_ms);
	if (!err)
		err = secrets_write(folder);
	if (!err)
		err = bh_bundle_key_make(folder);
	if (!err)
		err = bh_seal_key_make(folder);
	EVP_PKEY_free(ca);
	return err;
}

int bh_folder_sync(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return BH_ERR_IO;
	int err = fsync(fd) == 0 ? BH_NOERR : BH_ERR_IO;
	(void)close(fd);
	return err;
}

int bh_district_keys_create(const char *folder, const char *code, int64_t wall_ms)
{
	char making[480], keys[480];
	if (bh_key_path(making, sizeof(making), folder, "keys.new") ||
		bh_key_path(keys, sizeof(keys), folder, "keys"))
		return BH_ERR_LIMIT;
	if (access(keys, F_OK) == 0)
		return BH_ERR_EXISTS;
	bh_keys_remove(making); /* what an interrupted creation left */
	if (mkdir(making, 0700) != 0)
		return BH_ERR_IO;
	int err = keys_make(making, code, wall_ms);
	if (!err)
		err = bh_folder_sync(making);
	if (!err && rename(making, keys) != 0)
		err = BH_ERR_IO;
	if (err)
		bh_keys_remove(making);
	else
		err = bh_folder_sync(folder);
	return err;
}

/* ---- Reading ---- */

static int ca_read(const char *folder, struct bh_district_keys *out)
{
	struct bh_buf pem = BH_BUF(BH_KEY_FILE_BYTES_MAX), der = BH_BUF(BH_KEY_FILE_BYTES_MAX);
	int err = bh_key_file_read(folder, "ca.key", true, &pem);
	if (!err)
		err = bh_key_pem_read(bh_buf_span(&pem), &der, out->pin);
	if (!err)
		err = bh_key_import(bh_buf_span(&der), &out->ca);
	bh_buf_wipe(&pem);
	bh_buf_wipe(&der);
	return err;
}

static int fixed_read(const char *folder, const char *name, bool secret, uint8_t *to, size_t len)
{
	struct bh_buf bytes = BH_BUF(BH_KEY_FILE_BYTES_MAX);
	int err = bh_key_file_read(folder, name, secret, &bytes);
	if (!err && bytes.len != len)
		err = BH_ERR_MALFORMED;
	if (!err)
		memcpy(to, bytes.data, len);
	bh_buf_wipe(&bytes);
	return err;
}

static int server_check(const char *folder)
{
	struct bh_buf bytes = BH_BUF(BH_KEY_FILE_BYTES_MAX);
	int err = bh_key_file_read(folder, "server.key", true, &bytes);
	bh_buf_wipe(&bytes);
	return err;
}

/* makes: one without a bundle key, from before there were any or after it was rolled, gets one. */
static int keys_read(const char *folder, const char *name_of, bool makes,
	struct bh_district_keys *out, const char **detail)
{
	struct bh_district_keys keys = {0};
	char path[480];
	int err = bh_key_path(path, sizeof(path), folder, name_of);
	const char *name = "keys";
	if (!err &&
		bh_key_path(keys.server_key_path, sizeof(keys.server_key_path), path, "server.key"))
		err = BH_ERR_LIMIT;
	if (!err && bh_key_path(keys.server_chain_path, sizeof(keys.server_chain_path), path,
			    "server.crt"))
		err = BH_ERR_LIMIT;
	if (!err && (err = ca_read(path, &keys)))
		name = "keys/ca.key";
	if (!err && (err = fixed_read(path, "receipt.mac", true, keys.mac, sizeof(keys.mac))))
		name = "keys/receipt.mac";
	if (!err && (err = fixed_read(path, "backup-ca.pin", false, keys.backup_pin, BH_PIN_BYTES)))
		name = "keys/backup-ca.pin";
	if (!err && (err = server_check(path)))
		name = "keys/server.key";
	if (!err && (err = bh_bundle_keys_read(path, makes, &keys)))
		name = "keys/bundle.key";
	if (err) {
		bh_district_keys_wipe(&keys);
		if (detail)
			*detail = name;
		return err;
	}
	*out = keys;
	return BH_NOERR;
}

int bh_district_keys_load(const char *folder, struct bh_district_keys *out, const char **detail)
{
	return keys_read(folder, "keys", true, out, detail);
}

/* The first certificate of the file is the server's own. */
static int pair_check(const char *folder, const char **detail)
{
	struct bh_buf key_pem = BH_BUF(BH_KEY_FILE_BYTES_MAX),
		      crt_pem = BH_BUF(BH_KEY_FILE_BYTES_MAX);
	int err = bh_key_file_read(folder, "server.key", true, &key_pem);
	*detail = "keys/server.key";
	if (!err) {
		err = bh_key_file_read(folder, "server.crt", false, &crt_pem);
		*detail = "keys/server.crt";
	}
	BIO *key_bio = err ? NULL : BIO_new_mem_buf(key_pem.data, (int)key_pem.len);
	BIO *crt_bio = err ? NULL : BIO_new_mem_buf(crt_pem.data, (int)crt_pem.len);
	EVP_PKEY *key = key_bio ? PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL) : NULL;
	X509 *crt = crt_bio ? PEM_read_bio_X509(crt_bio, NULL, NULL, NULL) : NULL;
	if (!err && !key)
		*detail = "keys/server.key";
	if (!err)
		err = !key || !crt                            ? BH_ERR_MALFORMED
		      : X509_check_private_key(crt, key) != 1 ? BH_ERR_CRYPTO
							      : BH_NOERR;
	ERR_clear_error();
	X509_free(crt);
	EVP_PKEY_free(key);
	BIO_free(crt_bio);
	BIO_free(key_bio);
	bh_buf_wipe(&key_pem);
	bh_buf_wipe(&crt_pem);
	return err;
}

int bh_keys_check(const char *folder, const char *name, const char **detail)
{
	struct bh_district_keys keys;
	char path[480];
	int err = keys_read(folder, name, false, &keys, detail);
	if (err)
		return err;
	bh_district_keys_wipe(&keys);
	err = bh_key_path(path, sizeof(path), folder, name);
	return err ? err : pair_check(path, detail);
}

int bh_district_keys_check(const char *folder, const char **detail)
{
	return bh_keys_check(folder, "keys", detail);
}

void bh_district_keys_wipe(struct bh_district_keys *keys)
{
	bh_key_free(keys->ca);
	for (size_t i = 0; i < keys->bundle_count; i++)
		bh_key_free(keys->bundle[i]);
	OPENSSL_cleanse(keys, sizeof(*keys));
}
