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

#define KEY_FILE_BYTES_MAX 4096

static int path_join(char *out, size_t size, const char *folder, const char *name)
{
	int n = snprintf(out, size, "%s/%s", folder, name);
	return n > 0 && (size_t)n < size ? BH_NOERR : BH_ERR_LIMIT;
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return errno == ENOSPC ? BH_ERR_FULL : BH_ERR_IO;
		data += n;
		len -= (size_t)n;
	}
	return BH_NOERR;
}

static int file_write(const char *folder, const char *name, struct bh_span bytes, mode_t mode)
{
	char path[512];
	int err = path_join(path, sizeof(path), folder, name);
	if (err)
		return err;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return BH_ERR_IO;
	err = write_all(fd, bytes.data, bytes.len);
	if (!err && fsync(fd) != 0)
		err = BH_ERR_IO;
	if (close(fd) != 0 && !err)
		err = BH_ERR_IO;
	return err;
}

static int bio_write(const char *folder, const char *name, BIO *bio, mode_t mode)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);
	if (len <= 0)
		return BH_ERR_CRYPTO;
	return file_write(folder, name, bh_span(data, (size_t)len), mode);
}

static int key_write(const char *folder, const char *name, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	int err = bio ? BH_NOERR : BH_ERR_NOMEM;
	if (!err && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		err = BH_ERR_CRYPTO;
	if (!err)
		err = bio_write(folder, name, bio, 0600);
	BIO_free(bio);
	return err;
}

static int chain_write(const char *folder, X509 *leaf, X509 *ca)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int err = bio ? BH_NOERR : BH_ERR_NOMEM;
	if (!err && (PEM_write_bio_X509(bio, leaf) != 1 || PEM_write_bio_X509(bio, ca) != 1))
		err = BH_ERR_CRYPTO;
	if (!err)
		err = bio_write(folder, "server.crt", bio, 0644);
	BIO_free(bio);
	return err;
}

static int secrets_write(const char *folder)
{
	uint8_t mac[32];
	struct bh_rng rng = bh_rng_system();
	int err = rng.fill(rng.context, mac, sizeof(mac));
	if (!err)
		err = file_write(folder, "receipt.mac", bh_span(mac, sizeof(mac)), 0600);
	OPENSSL_cleanse(mac, sizeof(mac));
	return err;
}

static int pin_write(const char *folder, EVP_PKEY *backup)
{
	uint8_t pin[BH_PIN_BYTES];
	int err = bh_public_key_pin(backup, pin);
	if (!err)
		err = file_write(folder, "backup-ca.pin", bh_span(pin, sizeof(pin)), 0644);
	return err;
}

static int keys_make(const char *folder, const char *code, int64_t wall_ms)
{
	EVP_PKEY *ca = EVP_EC_gen("P-256"), *backup = EVP_EC_gen("P-256"),
		 *server = EVP_EC_gen("P-256");
	X509 *ca_crt = NULL, *server_crt = NULL;
	int err = ca && backup && server ? BH_NOERR : BH_ERR_CRYPTO;
	if (!err)
		err = bh_certificate_ca(ca, code, wall_ms, &ca_crt);
	if (!err)
		err = bh_certificate_server(server, ca, ca_crt, code, wall_ms, &server_crt);
	if (!err)
		err = key_write(folder, "ca.key", ca);
	if (!err)
		err = key_write(folder, "backup-ca.key", backup);
	if (!err)
		err = pin_write(folder, backup);
	if (!err)
		err = key_write(folder, "server.key", server);
	if (!err)
		err = chain_write(folder, server_crt, ca_crt);
	if (!err)
		err = secrets_write(folder);
	X509_free(ca_crt);
	X509_free(server_crt);
	EVP_PKEY_free(ca);
	EVP_PKEY_free(backup);
	EVP_PKEY_free(server);
	return err;
}

static void folder_remove(const char *folder)
{
	static const char *const names[] = {"ca.key", "backup-ca.key", "backup-ca.pin",
		"server.key", "server.crt", "receipt.mac"};
	char path[512];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (path_join(path, sizeof(path), folder, names[i]) == BH_NOERR)
			(void)unlink(path);
	(void)rmdir(folder);
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
	if (path_join(making, sizeof(making), folder, "keys.new") ||
		path_join(keys, sizeof(keys), folder, "keys"))
		return BH_ERR_LIMIT;
	if (access(keys, F_OK) == 0)
		return BH_ERR_EXISTS;
	folder_remove(making); /* what an interrupted creation left */
	if (mkdir(making, 0700) != 0)
		return BH_ERR_IO;
	int err = keys_make(making, code, wall_ms);
	if (!err)
		err = bh_folder_sync(making);
	if (!err && rename(making, keys) != 0)
		err = BH_ERR_IO;
	if (err)
		folder_remove(making);
	else
		err = bh_folder_sync(folder);
	return err;
}

/* ---- Reading ---- */

/* All of it, in however many pieces it comes (E04). */
static int read_all(int fd, uint8_t *to, size_t len)
{
	while (len > 0) {
		ssize_t n = read(fd, to, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return BH_ERR_IO;
		to += n;
		len -= (size_t)n;
	}
	return BH_NOERR;
}

static int file_read(const char *folder, const char *name, bool secret, struct bh_buf *out)
{
	char path[512];
	struct stat st;
	uint8_t *to;
	int err = path_join(path, sizeof(path), folder, name);
	if (err)
		return err;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? BH_ERR_NOT_FOUND : BH_ERR_IO;
	if (fstat(fd, &st) != 0)
		err = BH_ERR_IO;
	else if (secret && (st.st_mode & 077) != 0)
		err = BH_ERR_AUTH;
	else if (st.st_size < 1 || st.st_size > KEY_FILE_BYTES_MAX)
		err = BH_ERR_MALFORMED;
	if (!err)
		err = bh_buf_reserve(out, (size_t)st.st_size, &to);
	if (!err)
		err = read_all(fd, to, (size_t)st.st_size);
	if (!err)
		out->len += (size_t)st.st_size;
	(void)close(fd);
	return err;
}

static int key_pin_read(struct bh_span pem, struct bh_buf *der, uint8_t pin[BH_PIN_BYTES])
{
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
	PKCS8_PRIV_KEY_INFO *plain = key ? EVP_PKEY2PKCS8(key) : NULL;
	uint8_t *bytes = NULL;
	int len = plain ? i2d_PKCS8_PRIV_KEY_INFO(plain, &bytes) : 0;
	int err = len > 0 ? BH_NOERR : BH_ERR_MALFORMED;
	if (!err)
		err = bh_buf_append(der, bytes, (size_t)len);
	if (!err)
		err = bh_public_key_pin(key, pin);
	OPENSSL_clear_free(bytes, len > 0 ? (size_t)len : 0);
	PKCS8_PRIV_KEY_INFO_free(plain);
	EVP_PKEY_free(key);
	BIO_free(bio);
	return err;
}

static int ca_read(const char *folder, struct bh_district_keys *out)
{
	struct bh_buf pem = BH_BUF(KEY_FILE_BYTES_MAX), der = BH_BUF(KEY_FILE_BYTES_MAX);
	int err = file_read(folder, "ca.key", true, &pem);
	if (!err)
		err = key_pin_read(bh_buf_span(&pem), &der, out->pin);
	if (!err)
		err = bh_key_import(bh_buf_span(&der), &out->ca);
	bh_buf_wipe(&pem);
	bh_buf_wipe(&der);
	return err;
}

static int fixed_read(const char *folder, const char *name, bool secret, uint8_t *to, size_t len)
{
	struct bh_buf bytes = BH_BUF(KEY_FILE_BYTES_MAX);
	int err = file_read(folder, name, secret, &bytes);
	if (!err && bytes.len != len)
		err = BH_ERR_MALFORMED;
	if (!err)
		memcpy(to, bytes.data, len);
	bh_buf_wipe(&bytes);
	return err;
}

static int server_check(const char *folder)
{
	struct bh_buf bytes = BH_BUF(KEY_FILE_BYTES_MAX);
	int err = file_read(folder, "server.key", true, &bytes);
	bh_buf_wipe(&bytes);
	return err;
}

int bh_district_keys_load(const char *folder, struct bh_district_keys *out, const char **detail)
{
	struct bh_district_keys keys = {0};
	char path[480];
	int err = path_join(path, sizeof(path), folder, "keys");
	const char *name = "keys";
	if (!err &&
		path_join(keys.server_key_path, sizeof(keys.server_key_path), path, "server.key"))
		err = BH_ERR_LIMIT;
	if (!err && path_join(keys.server_chain_path, sizeof(keys.server_chain_path), path,
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
	if (err) {
		bh_district_keys_wipe(&keys);
		if (detail)
			*detail = name;
		return err;
	}
	*out = keys;
	return BH_NOERR;
}

/* The first certificate of the file is the server's own. */
static int pair_check(const char *folder, const char **detail)
{
	struct bh_buf key_pem = BH_BUF(KEY_FILE_BYTES_MAX), crt_pem = BH_BUF(KEY_FILE_BYTES_MAX);
	int err = file_read(folder, "server.key", true, &key_pem);
	*detail = "keys/server.key";
	if (!err) {
		err = file_read(folder, "server.crt", false, &crt_pem);
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

int bh_district_keys_check(const char *folder, const char **detail)
{
	struct bh_district_keys keys;
	char path[480];
	int err = bh_district_keys_load(folder, &keys, detail);
	if (err)
		return err;
	bh_district_keys_wipe(&keys);
	err = path_join(path, sizeof(path), folder, "keys");
	return err ? err : pair_check(path, detail);
}

void bh_district_keys_wipe(struct bh_district_keys *keys)
{
	bh_key_free(keys->ca);
	OPENSSL_cleanse(keys, sizeof(*keys));
}
