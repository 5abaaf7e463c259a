/* One file of a district's keys at a time: written once, durably and for its owner alone; read only
 * if nobody else could have read it. */
#include "server/identity/keys_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "proto/err.h"
#include "server/identity/certificate.h"

int bh_key_path(char *out, size_t size, const char *folder, const char *name)
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

int bh_key_file_write(const char *folder, const char *name, struct bh_span bytes, bool secret)
{
	char path[512];
	int err = bh_key_path(path, sizeof(path), folder, name);
	if (err)
		return err;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644);
	if (fd < 0)
		return BH_ERR_IO;
	err = write_all(fd, bytes.data, bytes.len);
	if (!err && fsync(fd) != 0)
		err = BH_ERR_IO;
	if (close(fd) != 0 && !err)
		err = BH_ERR_IO;
	return err;
}

int bh_key_bio_write(const char *folder, const char *name, BIO *bio, bool secret)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);
	if (len <= 0)
		return BH_ERR_CRYPTO;
	return bh_key_file_write(folder, name, bh_span(data, (size_t)len), secret);
}

int bh_key_pem_write(const char *folder, const char *name, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	int err = bio ? BH_NOERR : BH_ERR_NOMEM;
	if (!err && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		err = BH_ERR_CRYPTO;
	if (!err)
		err = bh_key_bio_write(folder, name, bio, true);
	BIO_free(bio);
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

int bh_key_file_read(const char *folder, const char *name, bool secret, struct bh_buf *out)
{
	char path[512];
	struct stat st;
	uint8_t *to;
	int err = bh_key_path(path, sizeof(path), folder, name);
	if (err)
		return err;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? BH_ERR_NOT_FOUND : BH_ERR_IO;
	if (fstat(fd, &st) != 0)
		err = BH_ERR_IO;
	else if (secret && (st.st_mode & 077) != 0)
		err = BH_ERR_AUTH;
	else if (st.st_size < 1 || st.st_size > BH_KEY_FILE_BYTES_MAX)
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

int bh_key_pem_read(struct bh_span pem, struct bh_buf *der, uint8_t pin[BH_PIN_BYTES])
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
