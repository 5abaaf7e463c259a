/* A TLS stream and its peer take turns on one thread: what a turn of the loop takes, and what it
 * leaves to the next. */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "server/net/stream.h"

#define KEY_UPDATES 100
#define TURNS_MAX 1000
#define DAY_S 86400

struct world {
	struct event_base *base;
	struct bh_stream *stream;
	SSL_CTX *server_context, *client_context;
	SSL *client;
	int server_fd, client_fd;
	bool up, cut;
	bool has_enough; /* of every turn, with its first bytes */
	size_t got;
};

static void on_up(void *context)
{
	((struct world *)context)->up = true;
}

static bool on_bytes(void *context, struct bh_span bytes)
{
	struct world *world = context;
	world->got += bytes.len;
	return !world->has_enough;
}

static void on_other(void *context)
{
	(void)context;
}

static void on_cut(void *context)
{
	((struct world *)context)->cut = true;
}

static const struct bh_stream_events events = {
	.up = on_up, .bytes = on_bytes, .paused = on_other, .sent = on_other, .cut = on_cut};

static void certificate_make(SSL_CTX *context)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	assert_non_null(key);
	assert_non_null(certificate);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), DAY_S));
	assert_int_equal(X509_set_pubkey(certificate, key), 1);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

/* What is ready now, once. */
static void turn(struct world *world)
{
	assert_true(event_base_loop(world->base, EVLOOP_ONCE | EVLOOP_NONBLOCK) >= 0);
}

static void until_up(struct world *world)
{
	for (int i = 0; i < TURNS_MAX && !(world->up && SSL_is_init_finished(world->client)); i++) {
		(void)SSL_do_handshake(world->client);
		turn(world);
	}
	assert_true(world->up);
}

static int world_open(void **state)
{
	static struct world world;
	int ends[2];
	memset(&world, 0, sizeof(world));
	world.server_context = SSL_CTX_new(TLS_server_method());
	world.client_context = SSL_CTX_new(TLS_client_method());
	assert_non_null(world.server_context);
	assert_non_null(world.client_context);
	certificate_make(world.server_context);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	world.server_fd = ends[0];
	world.client_fd = ends[1];
	world.base = event_base_new();
	assert_non_null(world.base);
	assert_int_equal(bh_stream_open(world.base, ends[0], SSL_new(world.server_context), &events,
				 &world, &world.stream),
		0);
	world.client = SSL_new(world.client_context);
	assert_int_equal(SSL_set_fd(world.client, ends[1]), 1);
	SSL_set_connect_state(world.client);
	*state = &world;
	until_up(&world);
	return 0;
}

static int world_close(void **state)
{
	struct world *world = *state;
	bh_stream_free(world->stream);
	event_base_free(world->base);
	SSL_free(world->client);
	(void)close(world->client_fd);
	SSL_CTX_free(world->server_context);
	SSL_CTX_free(world->client_context);
	return 0;
}

static int unread(const struct world *world)
{
	int bytes = 0;
	assert_int_equal(ioctl(world->server_fd, FIONREAD, &bytes), 0);
	return bytes;
}

/* Anybody can make them, and each costs new keys: all of them in one turn would be the only ones.
 */
static void test_G05_stream__records_without_bytes_leave_others_their_turn(void **state)
{
	struct world *world = *state;
	size_t sent;
	for (int i = 0; i < KEY_UPDATES; i++) {
		assert_int_equal(SSL_key_update(world->client, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
		assert_int_equal(SSL_do_handshake(world->client), 1);
	}
	assert_int_equal(SSL_write_ex(world->client, "word", 4, &sent), 1);
	int all = unread(world);
	turn(world);
	assert_in_range(unread(world), all / 2, all - 1);
	for (int i = 0; i < TURNS_MAX && unread(world) > 0; i++)
		turn(world);
	assert_int_equal(world->got, 4); /* and what is behind them comes */
	assert_false(world->cut);
}

static void test_stream__records_that_are_there_are_read_in_one_turn(void **state)
{
	struct world *world = *state;
	size_t sent;
	for (int i = 0; i < 10; i++)
		assert_int_equal(SSL_write_ex(world->client, "word", 4, &sent), 1);
	turn(world);
	assert_int_equal(world->got, 40);
	assert_int_equal(unread(world), 0);
}

/* ... also of one record, whose rest makes no socket readable. */
static void test_G05_stream__who_has_enough_gets_the_rest_in_turns_of_their_own(void **state)
{
	struct world *world = *state;
	static const uint8_t record[16384];
	size_t sent, before;
	unsigned turns = 0;
	world->has_enough = true;
	assert_int_equal(SSL_write_ex(world->client, record, sizeof(record), &sent), 1);
	assert_int_equal(SSL_write_ex(world->client, "word", 4, &sent), 1);
	for (; turns < TURNS_MAX && world->got < sizeof(record) + 4; turns++) {
		before = world->got;
		turn(world);
		assert_in_range(world->got - before, 0, 4096);
	}
	assert_int_equal(world->got, sizeof(record) + 4);
	assert_false(world->cut);
	world->has_enough = false;
	assert_int_equal(SSL_write_ex(world->client, record, sizeof(record), &sent), 1);
	turn(world);
	assert_int_equal(world->got, 2 * sizeof(record) + 4);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_G05_stream__records_without_bytes_leave_others_their_turn),
		CASE(test_G05_stream__who_has_enough_gets_the_rest_in_turns_of_their_own),
		CASE(test_stream__records_that_are_there_are_read_in_one_turn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
