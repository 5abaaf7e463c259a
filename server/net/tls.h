/* The server's side of TLS: one context a district, chosen by server name; TLS 1.3 and nothing
 * else. */
#ifndef BH_NET_TLS_H
#define BH_NET_TLS_H

#include <openssl/ssl.h>

#include "proto/sign.h"

#define BH_ALPN "bihuan/1"
#define BH_TLS_DISTRICTS_MAX 64u

/* The door that all handsets knock at; districts are added while it is open. */
struct bh_tls_door;

int bh_tls_door_new(struct bh_tls_door **out);
void bh_tls_door_free(struct bh_tls_door *door);
/* A district's name on the door, with what it proves itself by. */
struct bh_tls_name;
/* Reads the PEM files.  owner comes back from bh_tls_district.  0; BH_ERR_LIMIT (code too long),
 * BH_ERR_CRYPTO (files that do not belong together), BH_ERR_NOMEM. */
int bh_tls_name_new(const char *code, const char *key_path, const char *chain_path, void *owner,
	struct bh_tls_name **out);
void bh_tls_name_free(struct bh_tls_name *name);
/* From now on handshakes find it, on whatever thread.  0: the name is the door's; BH_ERR_LIMIT past
 * BH_TLS_DISTRICTS_MAX. */
int bh_tls_door_put(struct bh_tls_door *door, struct bh_tls_name *name);
/* For one connection, accepting; NULL when out of memory. */
SSL *bh_tls_accept_new(struct bh_tls_door *door);
/* After the handshake: the district's owner by server name (never NULL: an unknown name fails the
 * handshake), and what the connection proves.  BH_ERR_CRYPTO when the exporter is not to be had. */
int bh_tls_district(SSL *ssl, void **owner, struct bh_binding *binding);

#endif
