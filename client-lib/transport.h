/* The seam between the worker and the network: one outgoing link at a time, never blocking but in
 * wait. */
#ifndef BH_CLIENT_TRANSPORT_H
#define BH_CLIENT_TRANSPORT_H

#include "client-lib/cause.h"
#include "proto/bytes.h"
#include "proto/limits.h"
#include "proto/sign.h"

#define BH_PINS_MAX 4u
#define BH_PINS_LINK 2u /* of a device's pins, the first: what a server may answer by */
#define BH_HOST_BYTES_MAX 255u
#define BH_DISTRICT_BYTES_MAX 63u

/* Whom to call.  Borrowed for the duration of dial. */
struct bh_target {
	const char *host; /* a name, or an IPv4 or IPv6 address without brackets */
	uint16_t port;
	const char *district; /* the TLS server name, and the name to be verified */
	uint8_t pins[BH_PINS_MAX][BH_PIN_BYTES]; /* of the district's CA key and backup keys */
	size_t pins_count;
};

enum bh_link_state {
	BH_LINK_STATE_RISING = 1, /* name, TCP or TLS under way */
	BH_LINK_STATE_UP = 2,
	BH_LINK_STATE_DOWN = 3, /* for good; only close is left to call */
};

/* What a link knows once it is up. */
struct bh_link_proof {
	struct bh_binding binding;
	bool ca_key_known;
	uint8_t ca_key[BH_PUBLIC_KEY_BYTES]; /* the pinned key of the chain, compressed P-256 */
};

struct bh_traffic {
	uint64_t up_bytes, down_bytes;
};

/* Defined by the transport. */
struct bh_link;

/*
 *   dial --> RISING --step--> UP --send, recv--> ... --step, send, recv--> DOWN --close
 *              `-------------------step------------------------------------^
 *
 * All functions but wake are called from one thread (the worker, or whoever runs the host drive),
 * one after another; wake from any thread at any time between make and free.  At most one link
 * exists. Nothing blocks but wait and, where a system has no other way, the resolving of a name in
 * dial (bounded; numeric addresses never).  SIGPIPE is never raised.
 */
struct bh_transport_api {
	/* Begins a connection: TCP, TLS 1.3, ALPN bihuan/1, server name = district, pins and name
	 * checked as sync.md "The link" says (validity dates are not judged).  0 and a RISING link,
	 * or BH_ERR_NOMEM, BH_ERR_IO, BH_ERR_CRYPTO, BH_ERR_NOT_FOUND (no such name); then *cause
	 * says which link cause to tell the engine. */
	int (*dial)(void *context, const struct bh_target *target, struct bh_link **out,
		enum bh_link_cause *cause);
	/* Drives what is under way without blocking.  UP: *proof is filled; DOWN: *cause.  A RISING
	 * link older than BH_HANDSHAKE_MS_MAX is the worker's to give up: it closes it. */
	enum bh_link_state (*step)(
		struct bh_link *link, struct bh_link_proof *proof, enum bh_link_cause *cause);
	/* Takes as many bytes as fit now: *sent may be 0 (would block) or less than bytes.len; what
	 * is left is offered again, perhaps with more behind it.  0, or BH_ERR_CLOSED with *cause
	 * (link DOWN). */
	int (*send)(struct bh_link *link, struct bh_span bytes, size_t *sent,
		enum bh_link_cause *cause);
	/* Gives what is there, at most size: *got 0 is "nothing now".  0, or BH_ERR_CLOSED with
	 * *cause once the peer has ended or the link broke and all bytes before that were given:
	 * BH_LINK_CLOSED only after a close_notify; EOF without it is BH_LINK_CUT (faults.md B01).
	 */
	int (*recv)(struct bh_link *link, uint8_t *bytes, size_t size, size_t *got,
		enum bh_link_cause *cause);
	/* Returns when the link (may be NULL) can go on (step while RISING; readable, or writable
	 * if want_send), or wake was called since the last wait returned, or timeout_ms passed (-1:
	 * no limit); may return early for no reason. */
	void (*wait)(void *context, struct bh_link *link, bool want_send, int64_t timeout_ms);
	void (*wake)(void *context);
	/* All bytes of its links so far, the framing of what protects them included. */
	struct bh_traffic (*traffic)(void *context);
	/* Ends and frees; orderly: with close_notify, as far as it can be written at once.  Takes
	 * NULL. */
	void (*close)(struct bh_link *link, bool orderly);
	/* Frees the transport itself; no link exists any more. */
	void (*free)(void *context);
};

struct bh_transport {
	const struct bh_transport_api *api;
	void *context;
};

/* transport/tls.c: OpenSSL over non-blocking sockets, poll and a wake pipe; session tickets are
 * kept in memory for this transport's life.  0, BH_ERR_NOMEM, BH_ERR_CRYPTO or BH_ERR_IO.  The
 * caller frees it by api->free. */
int bh_transport_tls_make(struct bh_transport *out);

#endif
