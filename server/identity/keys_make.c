/* The keys of a district as files, in a folder that is not yet in use: nothing is overwritten, each
 * file is durable when it is there, and the caller gives the whole its name. */
#include "server/identity/keys_make.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/pem.h>

#include "proto/err.h"
#include "server/identity/certificate.h"
#include "server/identity/keys_file.h"

static int chain_write(const char *folder, X509 *leaf, X509 *ca)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int err = bio ? BH_NOERR : BH_ERR_NOMEM;
	if (!err && (PEM_write_bio_X509(bio, leaf) != 1 || PEM_write_bio_X509(bio, ca) != 1))
		err = BH_ERR_CRYPTO;
	if (!err)
		err = bh_key_bio_write(folder, "server.crt", bio, false);
	BIO_free(bio);
	return err;
}

int bh_keys_server_make(const char *folder, EVP_PKEY *ca, const char *code, int64_t wall_ms)
{
	EVP_PKEY *server = EVP_EC_gen("P-256");
	X509 *ca_crt = NULL, *server_crt = NULL;
	int err = server ? bh_certificate_ca(ca, code, wall_ms, &ca_crt) : BH_ERR_CRYPTO;
	if (!err)
		err = bh_certificate_server(server, ca, ca_crt, code, wall_ms, &server_crt);
	if (!err)
		err = bh_key_pem_write(folder, "server.key", server);
	if (!err)
		err = chain_write(folder, server_crt, ca_crt);
	X509_free(ca_crt);
	X509_free(server_crt);
	EVP_PKEY_free(server);
	return err;
}

int bh_keys_backup_make(const char *folder, const uint8_t before[BH_PIN_BYTES])
{
	EVP_PKEY *backup = NULL;
	uint8_t pin[BH_PIN_BYTES];
	int err;
	do {
		EVP_PKEY_free(backup);
		backup = EVP_EC_gen("P-256");
		err = backup ? bh_public_key_pin(backup, pin) : BH_ERR_CRYPTO;
	} while (!err && before && (pin[0] ^ before[0]) >> 4 == 0);
	if (!err)
		err = bh_key_pem_write(folder, "backup-ca.key", backup);
	if (!err)
		err = bh_key_file_write(folder, "backup-ca.pin", bh_span(pin, sizeof(pin)), false);
	EVP_PKEY_free(backup);
	return err;
}

void bh_keys_remove(const char *folder)
{
	DIR *open = opendir(folder);
	for (struct dirent *entry = open ? readdir(open) : NULL; entry; entry = readdir(open))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)unlinkat(dirfd(open), entry->d_name, 0);
	if (open)
		(void)closedir(open);
	(void)rmdir(folder);
}
