/* A handset's connection from its first byte to the last: a client of OpenSSL's and the server's
 * loop take turns on one thread, over loopback and a real district. */
#include "tests/unit/proto/cmocka_all.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "proto/err.h"
#include "server/identity/keys.h"
#include "server/net/link.h"
#include "server/net/listener.h"
#include "server/net/seat.h"

#define CODE "990101"
#define TURNS_MAX 4000

struct world {
	char folder[64], path[96];
	struct bh_store_options store;
	struct bh_district_keys keys;
	struct bh_loop *loop;
	struct bh_desk_of_loop desk;
	struct bh_writer_loop *writer;
	struct bh_seat *seat;
	struct bh_tls_door *door;
	struct bh_links links;
	atomic_uint open_links;
	int listener;
	SSL_CTX *client;
	char said[200];
};

static void on_woke(void *context, const struct bh_wakes *wakes)
{
	(void)context;
	(void)wakes;
}

static void on_fatal(void *context, int err)
{
	(void)context;
	(void)err;
	abort();
}

static void on_ballast(void *context, enum bh_ballast_state state)
{
	(void)context;
	(void)state;
	abort(); /* it has none */
}

static void on_said(void *context, uint32_t device, const char *line)
{
	struct world *world = context;
	(void)device;
	(void)snprintf(world->said, sizeof(world->said), "%s", line);
}

static struct bh_seat *on_choose(void *loop_context, void *district)
{
	return district == loop_context ? ((struct world *)loop_context)->seat : NULL;
}

static void district_open(struct world *world)
{
	const char *tmp = getenv("TMPDIR"), *detail = "";
	const struct bh_writer_events events = {world, on_woke, on_fatal, on_ballast};
	struct bh_clock clock = bh_clock_system();
	struct bh_now now = clock.now(clock.context);
	(void)snprintf(
		world->folder, sizeof(world->folder), "%s/bh-link-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(world->folder));
	(void)snprintf(world->path, sizeof(world->path), "%s/district.db", world->folder);
	world->store = (struct bh_store_options){
		.path = world->path, .rng = bh_rng_system(), .boot = 1};
	assert_int_equal(bh_district_keys_create(world->folder, CODE, now.wall_ms), 0);
	assert_int_equal(bh_district_keys_load(world->folder, &world->keys, &detail), 0);
	assert_int_equal(bh_store_create(&world->store, CODE, now), 0);
	assert_int_equal(
		bh_writer_loop_new(&world->store, clock, &events, &world->writer, &detail), 0);
}

static void seat_open(struct world *world)
{
	struct bh_tls_name *name;
	const struct bh_seat_options options = {.loop = world->loop,
		.desk = &world->desk,
		.writer = world->writer,
		.store = &world->store,
		.clock = bh_clock_system(),
		.mac_key = bh_span(world->keys.mac, sizeof(world->keys.mac)),
		.ca_key = world->keys.ca,
		.said = on_said,
		.context = world};
	assert_int_equal(bh_packer_open(&world->desk.packer), 0);
	assert_int_equal(bh_hasher_open(&world->desk.hasher), 0);
	assert_int_equal(bh_seat_new(&options, &world->seat), 0);
	assert_int_equal(bh_tls_door_new(&world->door), 0);
	assert_int_equal(bh_tls_name_new(CODE, world->keys.server_key_path,
				 world->keys.server_chain_path, world, &name),
		0);
	assert_int_equal(bh_tls_door_put(world->door, name), 0);
	assert_int_equal(bh_writer_loop_start(world->writer), 0);
	bh_seat_begin(world->seat);
}

static int world_open(void **state)
{
	static struct world world;
	memset(&world, 0, sizeof(world));
	assert_int_equal(bh_loop_new(bh_clock_system(), &world, &world.loop), 0);
	district_open(&world);
	seat_open(&world);
	world.links = (struct bh_links){.loop = world.loop,
		.door = world.door,
		.choose = on_choose,
		.loop_context = &world,
		.open_links = &world.open_links};
	assert_int_equal(bh_listen_tcp("127.0.0.1:0", &world.listener), 0);
	world.client = SSL_CTX_new(TLS_client_method());
	assert_non_null(world.client);
	*state = &world;
	return 0;
}

static void files_remove(const struct world *world)
{
	static const char *const names[] = {"district.db", "district.db-wal", "district.db-shm",
		"district.db-lock", "district.db-renew", "keys/ca.key", "keys/backup-ca.key",
		"keys/backup-ca.pin", "keys/server.key", "keys/server.crt", "keys/receipt.mac",
		"keys/seal.key", "keys/bundle.key"};
	char path[128];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", world->folder, names[i]);
		(void)unlink(path);
	}
	(void)snprintf(path, sizeof(path), "%s/keys", world->folder);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(world->folder), 0);
}

/* In the order in which the server goes down. */
static int world_close(void **state)
{
	struct world *world = *state;
	bh_links_close_all(&world->links);
	assert_int_equal(atomic_load(&world->open_links), 0);
	bh_writer_loop_stop(world->writer);
	bh_loop_drain(world->loop);
	bh_seat_free(world->seat);
	bh_loop_free(world->loop);
	bh_writer_loop_free(world->writer);
	bh_packer_close(world->desk.packer);
	bh_hasher_close(world->desk.hasher);
	bh_tls_door_free(world->door);
	bh_district_keys_wipe(&world->keys);
	SSL_CTX_free(world->client);
	(void)close(world->listener);
	files_remove(world);
	return 0;
}

/* ---- A client ---- */

struct client {
	int fd;
	SSL *ssl;
	uint8_t got[4096];
	size_t got_len;
	bool notified; /* the server said goodbye in TLS's words */
	bool ended;
};

static void turn(struct world *world)
{
	assert_true(event_base_loop(bh_loop_base(world->loop), EVLOOP_NONBLOCK) >= 0);
}

static void client_call(struct world *world, struct client *client, const char *name, bool alpn)
{
	static const unsigned char protocols[] = "\x08"
						 "bihuan/1";
	const struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(bh_listen_port(world->listener)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	memset(client, 0, sizeof(*client));
	client->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(client->fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(fcntl(client->fd, F_SETFL, O_NONBLOCK), 0);
	int accepted = accept4(world->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	assert_true(accepted >= 0);
	bh_link_open(&world->links, accepted);
	client->ssl = SSL_new(world->client);
	assert_int_equal(SSL_set_fd(client->ssl, client->fd), 1);
	if (name)
		assert_int_equal(SSL_set_tlsext_host_name(client->ssl, name), 1);
	if (alpn)
		assert_int_equal(
			SSL_set_alpn_protos(client->ssl, protocols, sizeof(protocols) - 1), 0);
	SSL_set_connect_state(client->ssl);
}

static void client_close(struct client *client)
{
	SSL_free(client->ssl);
	(void)close(client->fd);
}

/* One step of the client: handshake, then reading. */
static void client_step(struct client *client)
{
	uint8_t bytes[1024];
	size_t n = 0;
	if (SSL_read_ex(client->ssl, bytes, sizeof(bytes), &n) == 1) {
		assert_true(client->got_len + n <= sizeof(client->got));
		memcpy(client->got + client->got_len, bytes, n);
		client->got_len += n;
		return;
	}
	int error = SSL_get_error(client->ssl, 0);
	client->notified = client->notified || error == SSL_ERROR_ZERO_RETURN;
	client->ended = error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
}

static void until_up(struct world *world, struct client *client)
{
	for (int i = 0; i < TURNS_MAX && !SSL_is_init_finished(client->ssl); i++) {
		client_step(client);
		turn(world);
	}
	assert_true(SSL_is_init_finished(client->ssl));
	for (int i = 0; i < 20; i++)
		turn(world);
}

static void until_ended(struct world *world, struct client *client)
{
	for (int i = 0; i < TURNS_MAX && !client->ended; i++) {
		client_step(client);
		turn(world);
	}
	assert_true(client->ended);
}

static void until_gone(struct world *world)
{
	for (int i = 0; i < TURNS_MAX && world->links.count > 0; i++)
		turn(world);
	assert_int_equal(world->links.count, 0);
	assert_int_equal(atomic_load(&world->open_links), 0);
}

/* ---- Tests ---- */

static void test_link__words_that_are_no_frame_are_refused_said_and_closed_in_order(void **state)
{
	struct world *world = *state;
	struct client client;
	size_t sent;
	client_call(world, &client, CODE, true);
	until_up(world, &client);
	assert_int_equal(atomic_load(&world->open_links), 1);
	assert_int_equal(SSL_write_ex(client.ssl, "\xff\xff\xff\xffGET / HTTP/1.1", 18, &sent), 1);
	until_ended(world, &client);
	assert_true(client.got_len > 4); /* a refusal, whole */
	assert_int_equal(
		client.got[0] << 24 | client.got[1] << 16 | client.got[2] << 8 | client.got[3],
		client.got_len - 4);
	assert_true(client.notified);
	assert_string_equal(world->said, "a frame over the limit");
	until_gone(world);
	client_close(&client);
}

static void test_link__unknown_names_and_none_never_become_sessions(void **state)
{
	struct world *world = *state;
	static const char *const names[] = {"990102", "", NULL};
	for (size_t i = 0; i < 3; i++) {
		struct client client;
		client_call(world, &client, names[i] && *names[i] ? names[i] : NULL, true);
		until_ended(world, &client);
		assert_false(SSL_is_init_finished(client.ssl));
		until_gone(world);
		client_close(&client);
	}
	assert_int_equal(atomic_load(&world->links.handshakes_failed), 3);
}

static void test_link__without_our_protocol_there_is_no_session(void **state)
{
	struct world *world = *state;
	struct client client;
	client_call(world, &client, CODE, false);
	until_ended(world, &client);
	assert_int_equal(client.got_len, 0);
	until_gone(world);
	client_close(&client);
}

static void test_B01_link__a_peer_that_vanishes_leaves_nothing_behind(void **state)
{
	struct world *world = *state;
	struct client clients[3];
	size_t sent;
	for (size_t i = 0; i < 3; i++)
		client_call(world, &clients[i], CODE, true);
	until_up(world, &clients[1]);
	until_up(world, &clients[2]);
	assert_int_equal(SSL_write_ex(clients[2].ssl, "\0\0\1\0half", 8, &sent), 1);
	turn(world);
	for (size_t i = 0; i < 3; i++)
		client_close(&clients[i]); /* in the handshake, between frames, in one */
	until_gone(world);
}

static void test_link__a_shutdown_is_told_and_the_shaking_are_dropped(void **state)
{
	struct world *world = *state;
	struct client talking, shaking;
	client_call(world, &talking, CODE, true);
	until_up(world, &talking);
	client_call(world, &shaking, CODE, true);
	turn(world);
	assert_int_equal(world->links.count, 2);
	bh_seat_shutdown(world->seat);
	bh_links_end(&world->links);
	until_ended(world, &talking);
	assert_true(talking.got_len > 4);
	assert_true(talking.notified);
	until_gone(world);
	client_close(&talking);
	client_close(&shaking);
}

static void test_link__all_can_be_closed_at_once_in_any_state(void **state)
{
	struct world *world = *state;
	struct client shaking, talking, dying;
	size_t sent;
	client_call(world, &talking, CODE, true);
	client_call(world, &dying, CODE, true);
	client_call(world, &shaking, CODE, true);
	until_up(world, &talking);
	until_up(world, &dying);
	assert_int_equal(SSL_write_ex(dying.ssl, "\xff\xff\xff\xff", 4, &sent), 1);
	turn(world);
	bh_links_close_all(&world->links);
	assert_int_equal(world->links.count, 0);
	turn(world);
	client_close(&shaking);
	client_close(&talking);
	client_close(&dying);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_link__words_that_are_no_frame_are_refused_said_and_closed_in_order),
		CASE(test_link__unknown_names_and_none_never_become_sessions),
		CASE(test_link__without_our_protocol_there_is_no_session),
		CASE(test_B01_link__a_peer_that_vanishes_leaves_nothing_behind),
		CASE(test_link__a_shutdown_is_told_and_the_shaking_are_dropped),
		CASE(test_link__all_can_be_closed_at_once_in_any_state),
	};
	(void)signal(SIGPIPE, SIG_IGN); /* as the server does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
