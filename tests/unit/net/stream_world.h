/* A TLS connection between a client of OpenSSL's and a stream, over loopback and with a district's
 * own keys: what both have heard, and their next words. */
#ifndef BH_TESTS_UNIT_NET_STREAM_WORLD_H
#define BH_TESTS_UNIT_NET_STREAM_WORLD_H

#include "tests/unit/proto/cmocka_all.h"

#include "proto/err.h"
#include "server/identity/keys.h"
#include "server/net/stream.h"
#include "server/net/tls.h"

#define BYTES_MAX (4u << 20)
#define TURNS_MAX 5000000 /* some seconds of them */

struct world {
	char folder[64];
	struct bh_district_keys keys;
	struct event_base *base;
	struct bh_tls_door *door;
	int listener;
	SSL_CTX *client;
	uint8_t *pattern; /* BYTES_MAX of it */
	/* The server's side: */
	struct bh_stream *stream;
	int stream_fd;
	bool inside; /* a function of the stream's: no event may come */
	bool deafens;
	struct bh_buf got;
	unsigned ups, byte_calls, pauses, sents, cuts;
	/* The client's: */
	SSL *peer;
	int peer_fd;
	struct bh_buf peer_got;
	bool peer_notified, peer_ended;
};

/* A test's setup and teardown: keys, a loop and a door, nobody connected yet. */
int world_open(void **state);
int world_close(void **state);
/* A socket that says nothing, or a session; small: of both sockets' buffers on the way down, in
 * bytes, 0 as the system has them. */
void connect_raw(struct world *world, int small);
void connect_up(struct world *world, int small);
/* The stream is freed, and its socket must be closed by that; another may connect. */
void disconnect(struct world *world);
/* One look at the sockets, and what follows of it. */
void turn(struct world *world);

/* Bytes of the pattern from at on. */
int stream_write(struct world *world, size_t at, size_t len);
void stream_end(struct world *world);
void peer_write(struct world *world, size_t at, size_t len);
void peer_write_raw(struct world *world, size_t at, size_t len); /* past TLS */
/* What is there, so many bytes of it at most. */
void peer_read(struct world *world, size_t max);
/* Without a word of TLS's. */
void peer_close(struct world *world, bool reset);
void peer_until_ended(struct world *world);
void until_cut(struct world *world);
/* All of the pattern's first len bytes, and no other. */
void until_got(struct world *world, size_t len);
void until_peer_got(struct world *world, size_t len);
void is_pattern(const struct world *world, const struct bh_buf *got, size_t len);

#endif
