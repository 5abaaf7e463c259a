/* Handset and server take turns on one thread; each wait ends after so many of them. */
#include "tests/unit/net/stream_world.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "proto/clock.h"
#include "server/net/listener.h"

#define CODE "990101"

/* ---- What the stream says ---- */

static void on_up(void *context)
{
	struct world *world = context;
	assert_false(world->inside);
	assert_int_equal(world->byte_calls + world->cuts, 0);
	world->ups++;
}

static bool on_bytes(void *context, struct bh_span bytes)
{
	struct world *world = context;
	assert_false(world->inside);
	assert_int_equal(world->ups, 1);
	assert_int_equal(world->cuts, 0);
	assert_int_equal(bh_buf_append(&world->got, bytes.data, bytes.len), 0);
	world->byte_calls++;
	if (world->deafens)
		bh_stream_deafen(world->stream);
	return true;
}

static void on_paused(void *context)
{
	struct world *world = context;
	assert_false(world->inside);
	world->pauses++;
}

static void on_sent(void *context)
{
	struct world *world = context;
	assert_false(world->inside);
	assert_int_equal(world->cuts, 0);
	assert_int_equal(bh_stream_waiting(world->stream), 0);
	world->sents++;
}

static void on_cut(void *context)
{
	struct world *world = context;
	assert_false(world->inside);
	world->cuts++;
}

static const struct bh_stream_events events = {on_up, on_bytes, on_paused, on_sent, on_cut};

int stream_write(struct world *world, size_t at, size_t len)
{
	world->inside = true;
	int err = bh_stream_write(world->stream, bh_span(world->pattern + at, len));
	world->inside = false;
	return err;
}

void stream_end(struct world *world)
{
	world->inside = true;
	bh_stream_end(world->stream);
	world->inside = false;
}

void turn(struct world *world)
{
	assert_true(event_base_loop(world->base, EVLOOP_ONCE | EVLOOP_NONBLOCK) >= 0);
}

/* ---- The client ---- */

static void peer_said(struct world *world, int done)
{
	int error = SSL_get_error(world->peer, done);
	world->peer_notified |= error == SSL_ERROR_ZERO_RETURN;
	world->peer_ended |= error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
}

/* What is there, so many bytes of it at most. */
void peer_read(struct world *world, size_t max)
{
	uint8_t bytes[16384];
	size_t len = 0;
	ERR_clear_error();
	int done = SSL_read_ex(world->peer, bytes, max < sizeof(bytes) ? max : sizeof(bytes), &len);
	if (done == 1)
		assert_int_equal(bh_buf_append(&world->peer_got, bytes, len), 0);
	else
		peer_said(world, done);
}

void peer_write(struct world *world, size_t at, size_t len)
{
	for (size_t sent = 0, n = 0, i = 0; sent < len; i++) {
		assert_true(i < TURNS_MAX);
		if (SSL_write_ex(world->peer, world->pattern + at + sent, len - sent, &n) == 1)
			sent += n;
		else
			turn(world);
	}
}

/* Past TLS. */
void peer_write_raw(struct world *world, size_t at, size_t len)
{
	assert_int_equal(write(world->peer_fd, world->pattern + at, len), len);
}

void peer_close(struct world *world, bool reset)
{
	const struct linger linger = {.l_onoff = 1};
	if (reset)
		assert_int_equal(
			setsockopt(world->peer_fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)),
			0);
	(void)close(world->peer_fd);
	world->peer_fd = -1;
}

void peer_until_ended(struct world *world)
{
	for (int i = 0; i < TURNS_MAX && !world->peer_ended; i++) {
		peer_read(world, 16384);
		turn(world);
	}
	assert_true(world->peer_ended);
}

void until_cut(struct world *world)
{
	for (int i = 0; i < TURNS_MAX && world->cuts == 0; i++)
		turn(world);
	for (int i = 0; i < 20; i++)
		turn(world);
	assert_int_equal(world->cuts, 1);
}

/* ---- Both ---- */

void connect_raw(struct world *world, int small)
{
	const int on = 1;
	const struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(bh_listen_port(world->listener)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	world->peer_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (small > 0)
		assert_int_equal(
			setsockopt(world->peer_fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)),
			0);
	assert_int_equal(connect(world->peer_fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(fcntl(world->peer_fd, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(setsockopt(world->peer_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
	world->stream_fd = accept4(world->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_true(world->stream_fd >= 0);
	if (small > 0)
		assert_int_equal(
			setsockopt(world->stream_fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)),
			0);
	SSL *ssl = bh_tls_accept_new(world->door);
	assert_non_null(ssl);
	assert_int_equal(
		bh_stream_open(world->base, world->stream_fd, ssl, &events, world, &world->stream),
		0);
}

void connect_up(struct world *world, int small)
{
	static const unsigned char protocols[] = "\x08" BH_ALPN;
	connect_raw(world, small);
	world->peer = SSL_new(world->client);
	assert_int_equal(SSL_set_fd(world->peer, world->peer_fd), 1);
	assert_int_equal(SSL_set_tlsext_host_name(world->peer, CODE), 1);
	assert_int_equal(SSL_set_alpn_protos(world->peer, protocols, sizeof(protocols) - 1), 0);
	SSL_set_connect_state(world->peer);
	for (int i = 0; i < TURNS_MAX && world->ups == 0; i++) {
		peer_read(world, 16384);
		turn(world);
	}
	assert_int_equal(world->ups, 1);
	assert_false(world->peer_ended);
}

/* Everything of both sides goes, and the socket with it. */
void disconnect(struct world *world)
{
	if (world->stream) {
		bh_stream_free(world->stream);
		assert_int_equal(fcntl(world->stream_fd, F_GETFD), -1);
		assert_int_equal(errno, EBADF);
	}
	SSL_free(world->peer);
	if (world->peer_fd >= 0)
		(void)close(world->peer_fd);
	world->peer_fd = -1;
	bh_buf_free(&world->got);
	bh_buf_free(&world->peer_got);
	world->stream = NULL;
	world->peer = NULL;
	world->inside = world->deafens = world->peer_notified = world->peer_ended = false;
	world->ups = world->byte_calls = world->pauses = world->sents = world->cuts = 0;
	turn(world);
}

void is_pattern(const struct world *world, const struct bh_buf *got, size_t len)
{
	assert_int_equal(got->len, len);
	assert_memory_equal(got->data, world->pattern, len);
}

void until_got(struct world *world, size_t len)
{
	for (int i = 0; i < TURNS_MAX && world->got.len < len; i++)
		turn(world);
	is_pattern(world, &world->got, len);
}

void until_peer_got(struct world *world, size_t len)
{
	for (int i = 0; i < TURNS_MAX && world->peer_got.len < len; i++) {
		peer_read(world, 16384);
		turn(world);
	}
	is_pattern(world, &world->peer_got, len);
}

/* ---- Life ---- */

int world_open(void **state)
{
	static struct world world;
	const char *tmp = getenv("TMPDIR"), *detail = "";
	struct bh_clock clock = bh_clock_system();
	struct bh_tls_name *name;
	world = (struct world){
		.got = BH_BUF(BYTES_MAX), .peer_got = BH_BUF(BYTES_MAX), .peer_fd = -1};
	(void)snprintf(
		world.folder, sizeof(world.folder), "%s/bh-stream-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(world.folder));
	assert_int_equal(
		bh_district_keys_create(world.folder, CODE, clock.now(clock.context).wall_ms), 0);
	assert_int_equal(bh_district_keys_load(world.folder, &world.keys, &detail), 0);
	assert_int_equal(bh_tls_door_new(&world.door), 0);
	assert_int_equal(bh_tls_name_new(CODE, world.keys.server_key_path,
				 world.keys.server_chain_path, &world, &name),
		0);
	assert_int_equal(bh_tls_door_put(world.door, name), 0);
	assert_int_equal(bh_listen_tcp("127.0.0.1:0", &world.listener), 0);
	world.base = event_base_new();
	world.client = SSL_CTX_new(TLS_client_method());
	assert_true(world.base && world.client);
	SSL_CTX_set_mode(
		world.client, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	world.pattern = malloc(BYTES_MAX);
	assert_non_null(world.pattern);
	for (uint32_t i = 0, x = 1; i < BYTES_MAX; i++, x = x * 1664525u + 1013904223u)
		world.pattern[i] = (uint8_t)(x >> 24);
	*state = &world;
	return 0;
}

static void files_remove(const struct world *world)
{
	static const char *const names[] = {"ca.key", "backup-ca.key", "backup-ca.pin",
		"server.key", "server.crt", "receipt.mac", "seal.key", "bundle.key"};
	char path[128];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/keys/%s", world->folder, names[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/keys", world->folder);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(world->folder), 0);
}

int world_close(void **state)
{
	struct world *world = *state;
	disconnect(world);
	event_base_free(world->base);
	bh_tls_door_free(world->door);
	bh_district_keys_wipe(&world->keys);
	SSL_CTX_free(world->client);
	(void)close(world->listener);
	free(world->pattern);
	files_remove(world);
	return 0;
}
