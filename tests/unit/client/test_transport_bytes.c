/*
 * What a link of the transport carries and how it ends: bytes in order, an end that was said and
 * one that was not, what a wait waits for, addresses in turn; and that nothing of it raises
 * SIGPIPE.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client-lib/transport/socket.h"
#include "proto/err.h"
#include "tests/unit/client/transport_world.h"

#define PIECE 65536
#define TRANSPORTS_MANY 400 /* more than OpenSSL has numbers for kinds of BIO */

/* ---- How it ends ---- */

static void test_transport__close_notify_is_an_end_after_all_bytes(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	uint8_t bytes[64];
	size_t got;
	serve(w, &manner);
	come_up(w);
	far_say(w, "the last words");
	far_hang_up(&w->far);
	assert_int_equal(hear(w, bytes, sizeof(bytes), &got), BH_NOERR);
	assert_int_equal(got, 14);
	assert_memory_equal(bytes, "the last words", 14);
	assert_int_equal(hear(w, bytes, sizeof(bytes), &got), BH_ERR_CLOSED);
	assert_int_equal(w->cause, BH_LINK_CLOSED);
}

static void test_transport__fin_without_close_notify_is_a_cut_after_all_bytes(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	uint8_t bytes[64];
	size_t got;
	serve(w, &manner);
	come_up(w);
	far_say(w, "half a fra");
	far_cut(&w->far);
	assert_int_equal(hear(w, bytes, sizeof(bytes), &got), BH_NOERR);
	assert_int_equal(got, 10);
	assert_int_equal(hear(w, bytes, sizeof(bytes), &got), BH_ERR_CLOSED);
	assert_int_equal(w->cause, BH_LINK_CUT);
}

static void test_transport__orderly_close_tells_the_other_end(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	char byte;
	serve(w, &manner);
	come_up(w);
	hang_up(w, true);
	struct pollfd ready = {.fd = w->far.fd, .events = POLLIN};
	assert_int_equal(poll(&ready, 1, 10000), 1);
	int n = SSL_read(w->far.ssl, &byte, 1);
	assert_int_equal(SSL_get_error(w->far.ssl, n), SSL_ERROR_ZERO_RETURN);
}

static void test_transport__end_amid_the_handshake_is_a_cut(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = {.silent = true};
	serve(w, &manner);
	dial(w);
	for (int turn = 0; turn < TURNS_MAX && w->far.fd < 0; turn++) {
		far_step(&w->far);
		(void)w->transport.api->step(w->link, &w->proof, &w->cause);
	}
	assert_true(w->far.fd >= 0);
	far_cut(&w->far);
	assert_int_equal(meet(w), BH_LINK_STATE_DOWN);
	assert_int_equal(w->cause, BH_LINK_CUT);
}

/* Writes until it fails.  SIGPIPE would end this program. */
static void write_on(struct world *w)
{
	static const uint8_t piece[PIECE];
	size_t sent;
	int err = BH_NOERR;
	assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	for (int turn = 0; turn < TURNS_MAX && !err; turn++)
		err = w->transport.api->send(
			w->link, bh_span(piece, sizeof(piece)), &sent, &w->cause);
	assert_int_equal(err, BH_ERR_CLOSED);
	assert_int_equal(w->cause, BH_LINK_CUT);
	hang_up(w, true);
}

static void test_transport__writing_to_a_reset_link_is_a_cut(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	serve(w, &manner);
	come_up(w);
	far_reset(&w->far);
	write_on(w);
}

static void test_transport__writing_to_an_ended_link_is_a_cut_and_no_signal(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	serve(w, &manner);
	come_up(w);
	far_cut(&w->far); /* a FIN, then a reset for what is written: EPIPE */
	write_on(w);
}

static void test_transport__refused_port_is_unreachable(void **state)
{
	struct world *w = *state;
	struct far_manner silent = {.silent = true};
	serve(w, &silent);
	(void)close(w->far.listener); /* nobody listens where somebody did */
	w->far.listener = -1;
	int err = w->transport.api->dial(w->transport.context, &w->target, &w->link, &w->cause);
	if (err == BH_NOERR)
		assert_int_equal(meet(w), BH_LINK_STATE_DOWN);
	assert_int_equal(w->cause, BH_LINK_UNREACHABLE);
}

static void test_transport__name_that_cannot_be_is_unreachable(void **state)
{
	struct world *w = *state;
	char host[80];
	memset(host, 'a', sizeof(host) - 1); /* a label has 63 letters at most */
	host[sizeof(host) - 1] = '\0';
	w->target.host = host;
	assert_int_equal(
		w->transport.api->dial(w->transport.context, &w->target, &w->link, &w->cause),
		BH_ERR_NOT_FOUND);
	assert_int_equal(w->cause, BH_LINK_UNREACHABLE);
	assert_null(w->link);
}

static void test_transport__silent_server_stays_rising_until_closed(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = {.silent = true};
	serve(w, &manner);
	dial(w);
	for (int turn = 0; turn < 20; turn++) {
		far_step(&w->far);
		assert_int_equal(w->transport.api->step(w->link, &w->proof, &w->cause),
			BH_LINK_STATE_RISING);
		w->transport.api->wait(w->transport.context, w->link, false, 1);
	}
	hang_up(w, true);
}

/* What a name of three addresses gives: one that refuses, and two that listen. */
static void test_transport__next_address_in_turn_is_tried_when_one_refuses(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = {.silent = true};
	struct far_end others[2];
	struct bh_dialling dialling, other;
	struct sockaddr_in peer;
	socklen_t len = sizeof(peer);
	serve(w, &manner);
	for (size_t i = 0; i < 2; i++)
		far_open(&others[i], &manner);
	(void)close(w->far.listener);
	w->far.listener = -1;
	assert_int_equal(bh_dialling_start(&dialling, "127.0.0.1", w->far.port, 1), BH_NOERR);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(
			bh_dialling_start(&other, "127.0.0.1", others[i].port, 0), BH_NOERR);
		bh_dialling_stop(&other);
		dialling.addresses[dialling.count++] = other.addresses[0];
	}
	int connected = 0;
	for (int turn = 0; turn < TURNS_MAX && connected == 0; turn++) {
		connected = bh_dialling_step(&dialling);
		struct pollfd ready = {.fd = dialling.fd, .events = POLLOUT};
		if (connected == 0)
			(void)poll(&ready, 1, 10);
	}
	assert_int_equal(connected, 1);
	assert_int_equal(getpeername(dialling.fd, (struct sockaddr *)&peer, &len), 0);
	assert_int_equal(ntohs(peer.sin_port), others[1].port); /* the turn is 1, one was tried */
	bh_dialling_stop(&dialling);
	far_close(&others[0]);
	far_close(&others[1]);
}

static void test_transport__dialling_ends_when_every_address_refused(void **state)
{
	struct world *w = *state;
	struct bh_dialling dialling;
	const struct far_manner manner = {.silent = true};
	serve(w, &manner);
	(void)close(w->far.listener);
	w->far.listener = -1;
	assert_int_equal(bh_dialling_start(&dialling, "127.0.0.1", w->far.port, 7), BH_NOERR);
	dialling.addresses[dialling.count++] = dialling.addresses[0];
	int connected = 0;
	for (int turn = 0; turn < TURNS_MAX && connected == 0; turn++)
		connected = bh_dialling_step(&dialling);
	assert_int_equal(connected, BH_ERR_CLOSED);
	assert_int_equal(dialling.next, 2);
	assert_int_equal(dialling.fd, -1);
}

/* ---- Bytes and waiting ---- */

/* Fills the link until it takes no more; gives how much it took.  Each offer stands elsewhere in
 * memory than the one before, as the worker's buffer does when it grows. */
static size_t fill(struct world *w, const uint8_t *bytes, size_t size)
{
	static uint8_t places[2][PIECE];
	size_t sent = 1, total = 0;
	while (sent > 0 && total < size) {
		size_t len = size - total < PIECE ? size - total : PIECE;
		w->place = !w->place;
		memcpy(places[w->place], bytes + total, len);
		assert_int_equal(w->transport.api->send(
					 w->link, bh_span(places[w->place], len), &sent, &w->cause),
			BH_NOERR);
		total += sent;
	}
	return total;
}

static void test_transport__what_does_not_fit_is_sent_later_in_order(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	const size_t size = (size_t)24 << 20;
	uint8_t *bytes = malloc(size), *heard = malloc(size);
	size_t total, read = 0;
	serve(w, &manner);
	come_up(w);
	assert_non_null(bytes);
	assert_non_null(heard);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 2654435761u >> 24);
	total = fill(w, bytes, size);
	assert_true(total < size); /* nobody reads: loopback's buffers are smaller */
	for (int turn = 0; turn < 100 * TURNS_MAX && read < size; turn++) {
		int n = SSL_read(w->far.ssl, heard + read, PIECE);
		read += n > 0 ? (size_t)n : 0;
		total += fill(w, bytes + total, size - total);
		if (n <= 0)
			w->transport.api->wait(w->transport.context, w->link, total < size, 10);
	}
	assert_int_equal(read, size);
	assert_memory_equal(heard, bytes, size);
	free(bytes);
	free(heard);
}

static void test_transport__wait_ends_for_bytes_that_tls_holds_already(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	uint8_t byte;
	size_t got;
	serve(w, &manner);
	come_up(w);
	far_say(w, "two");
	assert_int_equal(hear(w, &byte, 1, &got), BH_NOERR);
	w->transport.api->wait(w->transport.context, w->link, false, -1); /* must not block */
	assert_int_equal(hear(w, &byte, 1, &got), BH_NOERR);
	assert_int_equal(byte, 'w');
}

static void test_transport__wake_before_a_wait_ends_it(void **state)
{
	struct world *w = *state;
	for (int i = 0; i < 100000; i++) /* more than a pipe holds: never blocks */
		w->transport.api->wake(w->transport.context);
	w->transport.api->wait(w->transport.context, NULL, false, -1);
}

static void *wake_later(void *context)
{
	const struct world *w = context;
	w->transport.api->wake(w->transport.context);
	return NULL;
}

static void test_transport__wake_from_another_thread_ends_a_wait(void **state)
{
	struct world *w = *state;
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, wake_later, w), 0);
	w->transport.api->wait(w->transport.context, NULL, false, -1);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void test_transport__may_be_made_any_number_of_times(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	for (int i = 0; i < TRANSPORTS_MANY; i++) {
		w->transport.api->free(w->transport.context);
		assert_int_equal(bh_transport_tls_make(&w->transport), BH_NOERR);
	}
	serve(w, &manner);
	come_up(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_CASE(test_transport__close_notify_is_an_end_after_all_bytes),
		WORLD_CASE(test_transport__fin_without_close_notify_is_a_cut_after_all_bytes),
		WORLD_CASE(test_transport__orderly_close_tells_the_other_end),
		WORLD_CASE(test_transport__end_amid_the_handshake_is_a_cut),
		WORLD_CASE(test_transport__writing_to_a_reset_link_is_a_cut),
		WORLD_CASE(test_transport__writing_to_an_ended_link_is_a_cut_and_no_signal),
		WORLD_CASE(test_transport__refused_port_is_unreachable),
		WORLD_CASE(test_transport__name_that_cannot_be_is_unreachable),
		WORLD_CASE(test_transport__silent_server_stays_rising_until_closed),
		WORLD_CASE(test_transport__next_address_in_turn_is_tried_when_one_refuses),
		WORLD_CASE(test_transport__dialling_ends_when_every_address_refused),
		WORLD_CASE(test_transport__what_does_not_fit_is_sent_later_in_order),
		WORLD_CASE(test_transport__wait_ends_for_bytes_that_tls_holds_already),
		WORLD_CASE(test_transport__wake_before_a_wait_ends_it),
		WORLD_CASE(test_transport__wake_from_another_thread_ends_a_wait),
		WORLD_CASE(test_transport__may_be_made_any_number_of_times),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
