/*
 * A client names its district in the server name; the servername callback moves the connection to
 * that district's context before a certificate is chosen.  No name, an unknown one, another ALPN or
 * anything below TLS 1.3 ends the handshake.  Tickets resume with ECDHE only; nobody is
 * authenticated by one, since a session proves itself afterwards (faults.md fact 5).
 */
#include "server/net/tls.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "proto/err.h"

#define EXPORTER_LABEL "EXPORTER-Channel-Binding" /* RFC 9266 */

struct bh_tls_name {
	char code[16];
	SSL_CTX *context;
	void *owner;
	uint8_t key_hash[BH_HASH_BYTES];
};

struct bh_tls_door {
	SSL_CTX *front;
	pthread_rwlock_t lock; /* guards names and count */
	struct bh_tls_name *names[BH_TLS_DISTRICTS_MAX];
	size_t count;
};

static struct bh_tls_name *name_find(struct bh_tls_door *door, const char *code)
{
	struct bh_tls_name *found = NULL;
	pthread_rwlock_rdlock(&door->lock);
	for (size_t i = 0; i < door->count && !found; i++)
		if (strcmp(door->names[i]->code, code) == 0)
			found = door->names[i];
	pthread_rwlock_unlock(&door->lock);
	return found;
}

static int on_server_name(SSL *ssl, int *alert, void *context)
{
	struct bh_tls_door *door = context;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	struct bh_tls_name *district = name ? name_find(door, name) : NULL;
	if (!district) {
		*alert = SSL_AD_UNRECOGNIZED_NAME;
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	}
	SSL_set_SSL_CTX(ssl, district->context);
	return SSL_TLSEXT_ERR_OK;
}

static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
	const unsigned char *in, unsigned in_len, void *context)
{
	(void)ssl;
	(void)context;
	for (unsigned at = 0; at < in_len; at += 1u + in[at]) {
		if (in[at] == sizeof(BH_ALPN) - 1 && at + in[at] < in_len &&
			memcmp(in + at + 1, BH_ALPN, in[at]) == 0) {
			*out = in + at + 1;
			*out_len = in[at];
			return SSL_TLSEXT_ERR_OK;
		}
	}
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *context_new(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	if (!context)
		return NULL;
	if (SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
		SSL_CTX_set1_groups_list(context, "X25519:P-256") != 1 ||
		SSL_CTX_set_num_tickets(context, 1) != 1) {
		SSL_CTX_free(context);
		return NULL;
	}
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	(void)SSL_CTX_set_max_early_data(context, 0);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_alpn_select_cb(context, on_alpn, NULL);
	return context;
}

int bh_tls_door_new(struct bh_tls_door **out)
{
	struct bh_tls_door *door = calloc(1, sizeof(*door));
	if (!door)
		return BH_ERR_NOMEM;
	door->front = context_new();
	if (!door->front) {
		free(door);
		return BH_ERR_CRYPTO;
	}
	pthread_rwlock_init(&door->lock, NULL);
	SSL_CTX_set_tlsext_servername_callback(door->front, on_server_name);
	SSL_CTX_set_tlsext_servername_arg(door->front, door);
	*out = door;
	return BH_NOERR;
}

void bh_tls_name_free(struct bh_tls_name *name)
{
	if (!name)
		return;
	SSL_CTX_free(name->context);
	free(name);
}

void bh_tls_door_free(struct bh_tls_door *door)
{
	if (!door)
		return;
	for (size_t i = 0; i < door->count; i++)
		bh_tls_name_free(door->names[i]);
	SSL_CTX_free(door->front);
	pthread_rwlock_destroy(&door->lock);
	free(door);
}

static int key_hash(SSL_CTX *context, uint8_t out[BH_HASH_BYTES])
{
	uint8_t *spki = NULL;
	EVP_PKEY *key = X509_get0_pubkey(SSL_CTX_get0_certificate(context));
	int len = key ? i2d_PUBKEY(key, &spki) : 0;
	int ok = len > 0 && EVP_Digest(spki, (size_t)len, out, NULL, EVP_sha256(), NULL) == 1;
	OPENSSL_free(spki);
	return ok ? BH_NOERR : BH_ERR_CRYPTO;
}

int bh_tls_name_new(const char *code, const char *key_path, const char *chain_path, void *owner,
	struct bh_tls_name **out)
{
	struct bh_tls_name *name = calloc(1, sizeof(*name));
	if (!name)
		return BH_ERR_NOMEM;
	int err = strlen(code) < sizeof(name->code) ? BH_NOERR : BH_ERR_LIMIT;
	name->owner = owner;
	name->context = context_new();
	if (!err && (!name->context ||
			    SSL_CTX_use_certificate_chain_file(name->context, chain_path) != 1 ||
			    SSL_CTX_use_PrivateKey_file(
				    name->context, key_path, SSL_FILETYPE_PEM) != 1 ||
			    SSL_CTX_check_private_key(name->context) != 1))
		err = BH_ERR_CRYPTO;
	if (!err)
		err = key_hash(name->context, name->key_hash);
	ERR_clear_error(); /* of files that do not belong together; this thread goes on */
	if (err) {
		bh_tls_name_free(name);
		return err;
	}
	memcpy(name->code, code, strlen(code) + 1);
	*out = name;
	return BH_NOERR;
}

int bh_tls_door_put(struct bh_tls_door *door, struct bh_tls_name *name)
{
	int err = BH_NOERR;
	pthread_rwlock_wrlock(&door->lock);
	if (door->count < BH_TLS_DISTRICTS_MAX)
		door->names[door->count++] = name;
	else
		err = BH_ERR_LIMIT;
	pthread_rwlock_unlock(&door->lock);
	return err;
}

SSL *bh_tls_accept_new(struct bh_tls_door *door)
{
	SSL *ssl = SSL_new(door->front);
	if (ssl)
		SSL_set_app_data(ssl, door);
	return ssl;
}

int bh_tls_district(SSL *ssl, void **owner, struct bh_binding *binding)
{
	struct bh_tls_door *door = SSL_get_app_data(ssl);
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	struct bh_tls_name *district = name ? name_find(door, name) : NULL;
	const unsigned char *alpn = NULL;
	unsigned alpn_len = 0;
	SSL_get0_alpn_selected(ssl, &alpn, &alpn_len);
	if (!district || alpn_len == 0) /* a client that offers none never met on_alpn */
		return BH_ERR_CRYPTO;
	if (SSL_export_keying_material(ssl, binding->exporter, BH_EXPORTER_BYTES, EXPORTER_LABEL,
		    sizeof(EXPORTER_LABEL) - 1, NULL, 0, 0) != 1)
		return BH_ERR_CRYPTO;
	memcpy(binding->server_key_hash, district->key_hash, BH_HASH_BYTES);
	*owner = district->owner;
	return BH_NOERR;
}
