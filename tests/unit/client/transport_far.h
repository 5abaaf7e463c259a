/* The far end of a transport's link, on loopback and on the test's own thread: certificates of a
 * district that never was, and a TLS server that does as it is told. */
#ifndef BH_TESTS_CLIENT_TRANSPORT_FAR_H
#define BH_TESTS_CLIENT_TRANSPORT_FAR_H

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "client-lib/transport.h"

/* A key with its certificate. */
struct holder {
	EVP_PKEY *key;
	X509 *crt;
};

/* A CA of a new key: its certificate is valid for one day of 2001. */
struct holder holder_authority(const char *name);
/* A server's certificate for a DNS name (NULL: only a subject says it), signed by the CA. */
struct holder holder_issue(const struct holder *ca, const char *dns_name, const char *subject);
void holder_free(struct holder *holder);
void holder_pin(const struct holder *holder, uint8_t pin[BH_PIN_BYTES]);
void holder_key_hash(const struct holder *holder, uint8_t hash[BH_HASH_BYTES]);
/* The key as a compressed point. */
void holder_point(const struct holder *holder, uint8_t point[BH_PUBLIC_KEY_BYTES]);

/* How the far end behaves. */
struct far_manner {
	const struct holder *leaf;
	const struct holder *chain[2]; /* sent behind the leaf; NULL ends */
	bool only_tls12;
	bool no_alpn;
	bool other_alpn;
	bool silent; /* takes the connection and says nothing */
};

struct far_end {
	struct far_manner manner;
	SSL_CTX *context;
	int listener;
	uint16_t port;
	int fd; /* of the connection; -1 */
	SSL *ssl;
	bool up;
	bool failed;
	bool was_shown_ticket; /* in the last connection's hello */
};

void far_open(struct far_end *far, const struct far_manner *manner);
void far_close(struct far_end *far);
/* Accepts and shakes hands as far as it goes without blocking. */
void far_step(struct far_end *far);
/* Ends the connection: with close_notify; by a bare FIN; by a reset. */
void far_hang_up(struct far_end *far);
void far_cut(struct far_end *far);
void far_reset(struct far_end *far);

#endif
