/*
 * Everything here asserts: a certificate that cannot be made is the test's own fault.  The server
 * is stepped by hand, so that a test knows what each end has done and nothing waits for a thread.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "tests/unit/client/transport_far.h"

#define BORN_S 978307200 /* 2001-01-01T00:00:00Z */
#define DAY_S 86400

/* ---- Certificates ---- */

static void extension_add(X509 *crt, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(crt, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static struct holder holder_new(const char *subject)
{
	struct holder holder = {EVP_EC_gen("P-256"), X509_new()};
	X509_NAME *name = X509_get_subject_name(holder.crt);
	assert_non_null(holder.key);
	assert_int_equal(X509_set_version(holder.crt, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(holder.crt), 1), 1);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(holder.crt), BORN_S));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(holder.crt), BORN_S + DAY_S));
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				 (const unsigned char *)subject, -1, -1, 0),
		1);
	assert_int_equal(X509_set_pubkey(holder.crt, holder.key), 1);
	return holder;
}

static void holder_sign(struct holder *holder, const struct holder *ca)
{
	assert_int_equal(X509_set_issuer_name(holder->crt, X509_get_subject_name(ca->crt)), 1);
	assert_true(X509_sign(holder->crt, ca->key, EVP_sha256()) > 0);
}

struct holder holder_authority(const char *name)
{
	struct holder ca = holder_new(name);
	extension_add(ca.crt, NID_basic_constraints, "critical,CA:TRUE");
	extension_add(ca.crt, NID_key_usage, "critical,keyCertSign");
	holder_sign(&ca, &ca);
	return ca;
}

struct holder holder_issue(const struct holder *ca, const char *dns_name, const char *subject)
{
	char alternative[80] = "DNS:";
	struct holder leaf = holder_new(subject);
	if (dns_name) {
		strncat(alternative, dns_name, sizeof(alternative) - 5);
		extension_add(leaf.crt, NID_subject_alt_name, alternative);
	}
	holder_sign(&leaf, ca);
	return leaf;
}

void holder_free(struct holder *holder)
{
	EVP_PKEY_free(holder->key);
	X509_free(holder->crt);
}

void holder_key_hash(const struct holder *holder, uint8_t hash[BH_HASH_BYTES])
{
	uint8_t *spki = NULL;
	int len = i2d_PUBKEY(holder->key, &spki);
	assert_true(len > 0);
	assert_int_equal(EVP_Digest(spki, (size_t)len, hash, NULL, EVP_sha256(), NULL), 1);
	OPENSSL_free(spki);
}

void holder_pin(const struct holder *holder, uint8_t pin[BH_PIN_BYTES])
{
	uint8_t hash[BH_HASH_BYTES];
	holder_key_hash(holder, hash);
	memcpy(pin, hash, BH_PIN_BYTES);
}

void holder_point(const struct holder *holder, uint8_t point[BH_PUBLIC_KEY_BYTES])
{
	uint8_t both[65];
	size_t len = 0;
	assert_int_equal(EVP_PKEY_get_octet_string_param(
				 holder->key, OSSL_PKEY_PARAM_PUB_KEY, both, sizeof(both), &len),
		1);
	assert_int_equal(len, 65);
	point[0] = (uint8_t)(2 + both[64] % 2);
	memcpy(point + 1, both + 1, 32);
}

/* ---- The server ---- */

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
	const unsigned char *offered, unsigned offered_len, void *context)
{
	static const unsigned char ours[] = "bihuan/1", another[] = "h2";
	const struct far_end *far = context;
	(void)ssl;
	assert_true(offered_len == 9 && memcmp(offered,
						"\x08"
						"bihuan/1",
						9) == 0);
	*out = far->manner.other_alpn ? another : ours;
	*out_len = far->manner.other_alpn ? 2 : 8;
	return far->manner.no_alpn ? SSL_TLSEXT_ERR_NOACK : SSL_TLSEXT_ERR_OK;
}

static int on_hello(SSL *ssl, int *alert, void *context)
{
	struct far_end *far = context;
	const unsigned char *shown;
	size_t len;
	(void)alert;
	far->was_shown_ticket = SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk, &shown, &len) == 1;
	return SSL_CLIENT_HELLO_SUCCESS;
}

static SSL_CTX *context_new(struct far_end *far)
{
	const struct far_manner *manner = &far->manner;
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	assert_non_null(context);
	if (manner->only_tls12)
		assert_int_equal(SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION), 1);
	assert_int_equal(SSL_CTX_use_certificate(context, manner->leaf->crt), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(context, manner->leaf->key), 1);
	for (size_t i = 0; i < 2 && manner->chain[i]; i++)
		assert_int_equal(SSL_CTX_add1_chain_cert(context, manner->chain[i]->crt), 1);
	SSL_CTX_set_client_hello_cb(context, on_hello, far);
	SSL_CTX_set_alpn_select_cb(context, on_alpn, far);
	return context;
}

static void not_blocking(int fd)
{
	assert_int_equal(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK), 0);
}

void far_open(struct far_end *far, const struct far_manner *manner)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	*far = (struct far_end){.manner = *manner, .fd = -1};
	far->context = manner->silent ? NULL : context_new(far);
	far->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(far->listener >= 0);
	assert_int_equal(bind(far->listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(far->listener, 8), 0);
	assert_int_equal(getsockname(far->listener, (struct sockaddr *)&address, &len), 0);
	far->port = ntohs(address.sin_port);
	not_blocking(far->listener);
}

static void connection_end(struct far_end *far)
{
	SSL_free(far->ssl);
	if (far->fd >= 0)
		(void)close(far->fd);
	far->ssl = NULL;
	far->fd = -1;
	far->up = far->failed = false;
}

void far_close(struct far_end *far)
{
	connection_end(far);
	(void)close(far->listener);
	SSL_CTX_free(far->context);
}

void far_step(struct far_end *far)
{
	if (far->fd < 0) {
		far->fd = accept(far->listener, NULL, NULL);
		if (far->fd < 0)
			return;
		not_blocking(far->fd);
		if (far->manner.silent)
			return;
		far->ssl = SSL_new(far->context);
		assert_non_null(far->ssl);
		assert_int_equal(SSL_set_fd(far->ssl, far->fd), 1);
		SSL_set_accept_state(far->ssl);
	}
	if (!far->ssl || far->up || far->failed)
		return;
	int done = SSL_do_handshake(far->ssl);
	int error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(far->ssl, done);
	far->up = done == 1;
	far->failed = !far->up && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
}

void far_hang_up(struct far_end *far)
{
	(void)SSL_shutdown(far->ssl);
	connection_end(far);
}

/* Reads what has come before, so that closing sends a FIN and not a reset. */
static void socket_drain(int fd)
{
	uint8_t bytes[4096];
	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0) {
	}
}

void far_cut(struct far_end *far)
{
	socket_drain(far->fd);
	connection_end(far);
}

void far_reset(struct far_end *far)
{
	const struct linger at_once = {.l_onoff = 1};
	assert_int_equal(setsockopt(far->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
	connection_end(far);
}
