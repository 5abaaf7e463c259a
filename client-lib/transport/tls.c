/*
 * The library's own transport: TLS 1.3 by OpenSSL over one non-blocking socket, and a pipe that
 * wakes its wait. Happy path: addresses in turn, handshake, the server is judged (verify.c), then
 * records.  A session ticket is kept in memory for the next dial to the same district, so that
 * coming back costs half a handshake. EOF without close_notify is a cut, never an end (faults.md
 * fact 4).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "client-lib/transport.h"
#include "client-lib/transport/socket.h"
#include "client-lib/transport/socket_bio.h"
#include "client-lib/transport/verify.h"
#include "proto/err.h"

static const unsigned char alpn[] = {8, 'b', 'i', 'h', 'u', 'a', 'n', '/', '1', 0};

struct tls_transport {
	SSL_CTX *context;
	BIO_METHOD *bio_method;
	int wake_fds[2];
	SSL_SESSION *session; /* of the last server, for resumption */
	char session_district[BH_DISTRICT_BYTES_MAX + 1];
	struct bh_traffic traffic;
	uint32_t turn; /* how many links were given up before TCP stood */
};

struct bh_link {
	struct tls_transport *transport;
	struct bh_dialling dialling;
	SSL *ssl; /* NULL until TCP stands */
	struct bh_socket_end end;
	char district[BH_DISTRICT_BYTES_MAX + 1];
	uint8_t pins[BH_PINS_MAX][BH_PIN_BYTES];
	size_t pins_count;
	bool want_write; /* what the handshake waits for */
	bool up;
	bool broken; /* no close_notify can be sent */
};

static void session_forget(struct tls_transport *transport)
{
	SSL_SESSION_free(transport->session);
	transport->session = NULL;
}

/* OpenSSL spoils the session of a connection that was cut.  A handset's are cut all day, and RFC
 * 8446 6.2 lets tickets live, so copies are kept and offered. */
static int on_session(SSL *ssl, SSL_SESSION *session)
{
	struct bh_link *link = SSL_get_app_data(ssl);
	struct tls_transport *transport = link->transport;
	session_forget(transport);
	transport->session = SSL_SESSION_dup(session); /* NULL: the next link is a stranger's */
	memcpy(transport->session_district, link->district, sizeof(link->district));
	return 0; /* the one given stays OpenSSL's */
}

static void session_offer(const struct tls_transport *transport, const struct bh_link *link)
{
	if (!transport->session || strcmp(transport->session_district, link->district) != 0)
		return;
	SSL_SESSION *copy = SSL_SESSION_dup(transport->session);
	if (copy)
		(void)SSL_set_session(link->ssl, copy);
	SSL_SESSION_free(copy);
}

static SSL_CTX *context_new(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	if (!context)
		return NULL;
	if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
		SSL_CTX_set1_groups_list(context, "X25519:P-256") != 1 ||
		SSL_CTX_set_alpn_protos(context, alpn, sizeof(alpn) - 1) != 0) {
		SSL_CTX_free(context);
		return NULL;
	}
	/* The chain is judged by verify.c on every connection, resumed ones too. */
	SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(
		context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
	SSL_CTX_sess_set_new_cb(context, on_session);
	return context;
}

/* ---- Dialling ---- */

static int tls_dial(void *context, const struct bh_target *target, struct bh_link **out,
	enum bh_link_cause *cause)
{
	struct bh_link *link = calloc(1, sizeof(*link));
	size_t district_len = strlen(target->district);
	*cause = BH_LINK_LOCAL;
	if (!link)
		return BH_ERR_NOMEM;
	link->transport = context;
	if (district_len > BH_DISTRICT_BYTES_MAX || target->pins_count > BH_PINS_MAX) {
		free(link);
		return BH_ERR_IO;
	}
	memcpy(link->district, target->district, district_len + 1);
	memcpy(link->pins, target->pins, sizeof(link->pins));
	link->pins_count = target->pins_count;
	int err = bh_dialling_start(
		&link->dialling, target->host, target->port, link->transport->turn);
	if (err) {
		*cause = BH_LINK_UNREACHABLE;
		free(link);
		return err;
	}
	*out = link;
	return BH_NOERR;
}

static bool ssl_begin(struct bh_link *link)
{
	struct tls_transport *transport = link->transport;
	link->ssl = SSL_new(transport->context);
	if (!link->ssl)
		return false;
	SSL_set_app_data(link->ssl, link);
	link->end = (struct bh_socket_end){link->dialling.fd, &transport->traffic, false};
	BIO *bio = bh_socket_bio_new(transport->bio_method, &link->end);
	if (!bio)
		return false;
	SSL_set_bio(link->ssl, bio, bio);
	if (SSL_set_tlsext_host_name(link->ssl, link->district) != 1)
		return false;
	session_offer(transport, link);
	SSL_set_connect_state(link->ssl);
	return true;
}

/* What an OpenSSL call that did not succeed says about the link. */
static enum bh_link_cause ssl_cause(struct bh_link *link, int error)
{
	link->broken = true;
	if (error == SSL_ERROR_ZERO_RETURN) {
		link->broken = false;
		return BH_LINK_CLOSED;
	}
	return error == SSL_ERROR_SSL && !link->up &&
			       ERR_GET_REASON(ERR_peek_error()) !=
				       SSL_R_UNEXPECTED_EOF_WHILE_READING
		       ? BH_LINK_WRONG_SERVER
		       : BH_LINK_CUT;
}

static enum bh_link_state handshake(
	struct bh_link *link, struct bh_link_proof *proof, enum bh_link_cause *cause)
{
	unsigned char const *chosen;
	unsigned chosen_len;
	ERR_clear_error();
	int done = SSL_do_handshake(link->ssl);
	if (done != 1) {
		int error = SSL_get_error(link->ssl, done);
		link->want_write = error == SSL_ERROR_WANT_WRITE;
		if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
			return BH_LINK_STATE_RISING;
		*cause = ssl_cause(link, error);
		return BH_LINK_STATE_DOWN;
	}
	SSL_get0_alpn_selected(link->ssl, &chosen, &chosen_len);
	if (chosen_len != sizeof(alpn) - 2 || memcmp(chosen, alpn + 1, chosen_len) != 0 ||
		bh_server_verify(link->ssl, link->district,
			(const uint8_t(*)[BH_PIN_BYTES])link->pins, link->pins_count, proof)) {
		/* What was refused may not come back as a resumed session and be refused for ever.
		 */
		session_forget(link->transport);
		*cause = BH_LINK_WRONG_SERVER;
		return BH_LINK_STATE_DOWN;
	}
	link->up = true;
	return BH_LINK_STATE_UP;
}

static enum bh_link_state tls_step(
	struct bh_link *link, struct bh_link_proof *proof, enum bh_link_cause *cause)
{
	if (!link->ssl) {
		int connected = bh_dialling_step(&link->dialling);
		if (connected == 0)
			return BH_LINK_STATE_RISING;
		if (connected < 0) {
			*cause = BH_LINK_UNREACHABLE;
			return BH_LINK_STATE_DOWN;
		}
		if (!ssl_begin(link)) {
			*cause = BH_LINK_LOCAL;
			return BH_LINK_STATE_DOWN;
		}
	}
	return handshake(link, proof, cause);
}

/* ---- Bytes ---- */

static int tls_send(
	struct bh_link *link, struct bh_span bytes, size_t *sent, enum bh_link_cause *cause)
{
	size_t written = 0;
	ERR_clear_error();
	*sent = 0;
	if (bytes.len == 0)
		return BH_NOERR;
	/* A record is written at a time: those of one part travel together. */
	link->end.more = bytes.len > SSL3_RT_MAX_PLAIN_LENGTH;
	if (SSL_write_ex(link->ssl, bytes.data, bytes.len, &written) == 1) {
		*sent = written;
		return BH_NOERR;
	}
	int error = SSL_get_error(link->ssl, 0);
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return BH_NOERR;
	*cause = ssl_cause(link, error);
	return BH_ERR_CLOSED;
}

static int tls_recv(
	struct bh_link *link, uint8_t *bytes, size_t size, size_t *got, enum bh_link_cause *cause)
{
	size_t read_len = 0;
	ERR_clear_error();
	*got = 0;
	if (SSL_read_ex(link->ssl, bytes, size, &read_len) == 1) {
		*got = read_len;
		return BH_NOERR;
	}
	int error = SSL_get_error(link->ssl, 0);
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return BH_NOERR;
	*cause = ssl_cause(link, error);
	return BH_ERR_CLOSED;
}

static void tls_wait(void *context, struct bh_link *link, bool want_send, int64_t timeout_ms)
{
	const struct tls_transport *transport = context;
	bool read_too = true, write_too = want_send;
	if (link && !link->ssl) {
		read_too = false;
		write_too = true;
	} else if (link && !link->up) {
		read_too = !link->want_write;
		write_too = link->want_write;
	} else if (link && SSL_pending(link->ssl) > 0) {
		timeout_ms = 0;
	}
	bh_wake_pipe_wait(transport->wake_fds, link ? link->dialling.fd : -1, read_too, write_too,
		timeout_ms);
}

static void tls_wake(void *context)
{
	const struct tls_transport *transport = context;
	bh_wake_pipe_ring(transport->wake_fds);
}

static void tls_close(struct bh_link *link, bool orderly)
{
	if (!link)
		return;
	if (link->ssl) {
		ERR_clear_error();
		if (orderly && link->up && !link->broken)
			(void)SSL_shutdown(link->ssl);
		SSL_free(link->ssl);
	} else {
		link->transport->turn++;
	}
	bh_dialling_stop(&link->dialling);
	free(link);
}

static void tls_free(void *context)
{
	struct tls_transport *transport = context;
	SSL_SESSION_free(transport->session);
	SSL_CTX_free(transport->context);
	BIO_meth_free(transport->bio_method);
	if (transport->wake_fds[0] >= 0)
		(void)close(transport->wake_fds[0]);
	if (transport->wake_fds[1] >= 0)
		(void)close(transport->wake_fds[1]);
	free(transport);
}

static struct bh_traffic tls_traffic(void *context)
{
	const struct tls_transport *transport = context;
	return transport->traffic;
}

static const struct bh_transport_api tls_api = {
	.dial = tls_dial,
	.step = tls_step,
	.send = tls_send,
	.recv = tls_recv,
	.wait = tls_wait,
	.wake = tls_wake,
	.traffic = tls_traffic,
	.close = tls_close,
	.free = tls_free,
};

int bh_transport_tls_make(struct bh_transport *out)
{
	struct tls_transport *transport = calloc(1, sizeof(*transport));
	if (!transport)
		return BH_ERR_NOMEM;
	transport->wake_fds[0] = transport->wake_fds[1] = -1;
	transport->context = context_new();
	transport->bio_method = bh_socket_bio_method();
	int err = transport->context && transport->bio_method ? BH_NOERR : BH_ERR_CRYPTO;
	if (!err)
		err = bh_wake_pipe_open(transport->wake_fds);
	if (err) {
		tls_free(transport);
		return err;
	}
	*out = (struct bh_transport){&tls_api, transport};
	return BH_NOERR;
}
