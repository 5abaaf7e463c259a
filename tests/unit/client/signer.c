/* The process behind a socketpair: it reads a form byte and a digest, and writes a length byte and
 * a signature; it ends when the other side does. */
#include "tests/unit/client/signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#define DIGEST_BYTES 32
#define SIGNATURE_BYTES_MAX 80

static bool whole_read(int fd, uint8_t *bytes, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t got = read(fd, bytes + at, len - at);

		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

static size_t to_bare(uint8_t *signature, size_t len)
{
	const uint8_t *at = signature;
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)len);
	uint8_t bare[64];

	if (!pair)
		return 0;
	BN_bn2binpad(ECDSA_SIG_get0_r(pair), bare, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(pair), bare + 32, 32);
	ECDSA_SIG_free(pair);
	memcpy(signature, bare, sizeof(bare));
	return sizeof(bare);
}

static size_t digest_sign(EVP_PKEY *pair, const uint8_t *asked, uint8_t *signature)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pair, NULL);
	size_t len = SIGNATURE_BYTES_MAX;
	bool ok = context && EVP_PKEY_sign_init(context) == 1 &&
		  EVP_PKEY_sign(context, signature, &len, asked + 1, DIGEST_BYTES) == 1;

	EVP_PKEY_CTX_free(context);
	if (!ok)
		return 0;
	return asked[0] ? to_bare(signature, len) : len;
}

static void key_serve(int fd)
{
	uint8_t asked[1 + DIGEST_BYTES], said[1 + SIGNATURE_BYTES_MAX], point[65] = {0};
	EVP_PKEY *pair = EVP_EC_gen("prime256v1");
	size_t len = 0;

	if (!pair || EVP_PKEY_get_octet_string_param(
			     pair, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len) != 1)
		_exit(1);
	point[0] = (uint8_t)(2 + (point[64] & 1));
	if (write(fd, point, 33) != 33)
		_exit(1);
	while (whole_read(fd, asked, sizeof(asked))) {
		said[0] = (uint8_t)digest_sign(pair, asked, said + 1);
		if (write(fd, said, said[0] + 1u) != said[0] + 1)
			break;
	}
	_exit(0);
}

void signer_start(struct signer *signer)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	signer->pid = fork();
	assert_true(signer->pid >= 0);
	if (signer->pid == 0) {
		close(fds[0]);
		key_serve(fds[1]);
	}
	close(fds[1]);
	signer->fd = fds[0];
	assert_true(whole_read(signer->fd, signer->public_key, sizeof(signer->public_key)));
}

int32_t signer_sign(
	struct signer *signer, bool bare, const uint8_t *digest, uint8_t *signature, size_t *len)
{
	uint8_t asked[1 + DIGEST_BYTES] = {bare}, count;

	memcpy(asked + 1, digest, DIGEST_BYTES);
	if (send(signer->fd, asked, sizeof(asked), MSG_NOSIGNAL) != (ssize_t)sizeof(asked) ||
		!whole_read(signer->fd, &count, 1) || count == 0 || count > SIGNATURE_BYTES_MAX ||
		!whole_read(signer->fd, signature, count))
		return -1;
	*len = count;
	return 0;
}

void signer_stop(struct signer *signer)
{
	if (signer->pid <= 0)
		return;
	kill(signer->pid, SIGKILL);
	waitpid(signer->pid, NULL, 0);
	close(signer->fd);
	signer->pid = 0;
}
