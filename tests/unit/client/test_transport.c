/*
 * The transport against a server on loopback, both stepped by one thread.  Who is let in, who is
 * not and what the user is told of it; how a link ends; what a wait waits for; and that nothing of
 * it raises SIGPIPE.  All certificates ran out in 2001, since dates are not to be judged.
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
#include "tests/unit/client/transport_far.h"

#define DISTRICT "990101"
#define TURNS_MAX 2000 /* of up to 10 ms */
#define PIECE 65536
#define TRANSPORTS_MANY 400 /* more than OpenSSL has numbers for kinds of BIO */

struct world {
	struct bh_transport transport;
	struct holder ca, backup_ca, foreign_ca;
	struct holder leaf, backup_leaf, foreign_leaf;
	struct bh_target target;
	struct far_end far;
	struct bh_link *link;
	struct bh_link_proof proof;
	enum bh_link_cause cause;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	assert_non_null(w);
	w->ca = holder_authority("district CA");
	w->backup_ca = holder_authority("backup CA");
	w->foreign_ca = holder_authority("district CA");
	w->leaf = holder_issue(&w->ca, DISTRICT, "server");
	w->backup_leaf = holder_issue(&w->backup_ca, DISTRICT, "server");
	w->foreign_leaf = holder_issue(&w->foreign_ca, DISTRICT, "server");
	w->target = (struct bh_target){.host = "127.0.0.1", .district = DISTRICT, .pins_count = 2};
	holder_pin(&w->ca, w->target.pins[0]);
	holder_pin(&w->backup_ca, w->target.pins[1]);
	w->far.fd = w->far.listener = -1;
	assert_int_equal(bh_transport_tls_make(&w->transport), BH_NOERR);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	w->transport.api->close(w->link, false);
	w->transport.api->free(w->transport.context);
	far_close(&w->far);
	holder_free(&w->leaf);
	holder_free(&w->backup_leaf);
	holder_free(&w->foreign_leaf);
	holder_free(&w->ca);
	holder_free(&w->backup_ca);
	holder_free(&w->foreign_ca);
	free(w);
	return 0;
}

static struct far_manner manner_good(const struct world *w)
{
	return (struct far_manner){.leaf = &w->leaf, .chain = {&w->ca}};
}

static void serve(struct world *w, const struct far_manner *manner)
{
	far_open(&w->far, manner);
	w->target.port = w->far.port;
}

static void dial(struct world *w)
{
	assert_int_equal(
		w->transport.api->dial(w->transport.context, &w->target, &w->link, &w->cause),
		BH_NOERR);
}

static void hang_up(struct world *w, bool orderly)
{
	w->transport.api->close(w->link, orderly);
	w->link = NULL;
}

/* Steps both ends until the link is up or down. */
static enum bh_link_state meet(struct world *w)
{
	enum bh_link_state state = BH_LINK_STATE_RISING;
	for (int turn = 0; turn < TURNS_MAX && state == BH_LINK_STATE_RISING; turn++) {
		far_step(&w->far);
		state = w->transport.api->step(w->link, &w->proof, &w->cause);
		if (state == BH_LINK_STATE_RISING)
			w->transport.api->wait(w->transport.context, w->link, false, 10);
	}
	for (int turn = 0; turn < TURNS_MAX && state == BH_LINK_STATE_UP && !w->far.up; turn++)
		far_step(&w->far);
	return state;
}

static void come_up(struct world *w)
{
	dial(w);
	assert_int_equal(meet(w), BH_LINK_STATE_UP);
	assert_true(w->far.up);
}

static void refuse(struct world *w, const struct far_manner *manner)
{
	serve(w, manner);
	dial(w);
	assert_int_equal(meet(w), BH_LINK_STATE_DOWN);
	assert_int_equal(w->cause, BH_LINK_WRONG_SERVER);
}

/* Receives until bytes came or the link ended; gives recv's answer. */
static int hear(struct world *w, uint8_t *bytes, size_t size, size_t *got)
{
	int err = BH_NOERR;
	*got = 0;
	for (int turn = 0; turn < TURNS_MAX && !err && *got == 0; turn++) {
		err = w->transport.api->recv(w->link, bytes, size, got, &w->cause);
		if (!err && *got == 0)
			w->transport.api->wait(w->transport.context, w->link, false, 10);
	}
	return err;
}

static void far_say(struct world *w, const char *words)
{
	assert_int_equal(SSL_write(w->far.ssl, words, (int)strlen(words)), (int)strlen(words));
}

/* ---- Who is let in ---- */

static void test_transport__pinned_key_and_name_bring_it_up_whatever_the_date(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	uint8_t exporter[BH_EXPORTER_BYTES], hash[BH_HASH_BYTES], point[BH_PUBLIC_KEY_BYTES];
	serve(w, &manner);
	come_up(w);
	assert_int_equal(SSL_export_keying_material(w->far.ssl, exporter, sizeof(exporter),
				 "EXPORTER-Channel-Binding", 24, NULL, 0, 0),
		1);
	assert_memory_equal(w->proof.binding.exporter, exporter, sizeof(exporter));
	holder_key_hash(&w->leaf, hash);
	assert_memory_equal(w->proof.binding.server_key_hash, hash, sizeof(hash));
	holder_point(&w->ca, point);
	assert_true(w->proof.ca_key_known);
	assert_memory_equal(w->proof.ca_key, point, sizeof(point));
	assert_string_equal(SSL_get_servername(w->far.ssl, TLSEXT_NAMETYPE_host_name), DISTRICT);
}

static void test_transport__backup_pin_brings_it_up(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = {.leaf = &w->backup_leaf, .chain = {&w->backup_ca}};
	uint8_t point[BH_PUBLIC_KEY_BYTES];
	serve(w, &manner);
	come_up(w);
	holder_point(&w->backup_ca, point);
	assert_memory_equal(w->proof.ca_key, point, sizeof(point));
}

static void test_transport__foreign_authority_of_the_same_name_is_refused(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = {.leaf = &w->foreign_leaf, .chain = {&w->foreign_ca}};
	refuse(w, &manner);
}

static void test_transport__pinned_certificate_shown_beside_a_foreign_one_is_refused(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = {
		.leaf = &w->foreign_leaf, .chain = {&w->ca, &w->foreign_ca}};
	refuse(w, &manner);
}

static void test_transport__pinned_key_that_is_no_authority_is_refused(void **state)
{
	struct world *w = *state;
	struct holder under = holder_issue(&w->leaf, DISTRICT, "under");
	const struct far_manner manner = {.leaf = &under, .chain = {&w->leaf}};
	holder_pin(&w->leaf, w->target.pins[0]);
	refuse(w, &manner);
	holder_free(&under);
}

static void test_transport__leaf_without_its_authority_is_refused(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = {.leaf = &w->leaf};
	refuse(w, &manner);
}

static void refuse_name(struct world *w, const char *dns_name, const char *subject)
{
	struct holder leaf = holder_issue(&w->ca, dns_name, subject);
	const struct far_manner manner = {.leaf = &leaf, .chain = {&w->ca}};
	refuse(w, &manner);
	holder_free(&leaf);
}

static void test_transport__another_districts_name_is_refused(void **state)
{
	refuse_name(*state, "990102", DISTRICT);
}

static void test_transport__name_only_in_the_subject_is_refused(void **state)
{
	refuse_name(*state, NULL, DISTRICT);
}

static void test_transport__no_pins_let_nobody_in(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	w->target.pins_count = 0;
	refuse(w, &manner);
}

static void test_transport__tls_1_2_is_refused(void **state)
{
	struct world *w = *state;
	struct far_manner manner = manner_good(w);
	manner.only_tls12 = true;
	refuse(w, &manner);
}

static void test_transport__server_without_our_protocol_is_refused(void **state)
{
	struct world *w = *state;
	struct far_manner manner = manner_good(w);
	manner.no_alpn = true;
	refuse(w, &manner);
}

static void test_transport__server_that_picks_another_protocol_is_refused(void **state)
{
	struct world *w = *state;
	struct far_manner manner = manner_good(w);
	manner.other_alpn = true;
	refuse(w, &manner);
}

/* ---- Coming back ---- */

/* A first link, its tickets read, and hung up. */
static void visit(struct world *w)
{
	uint8_t byte;
	size_t got;
	come_up(w);
	far_say(w, "x");
	assert_int_equal(hear(w, &byte, 1, &got), BH_NOERR);
	hang_up(w, true);
	far_hang_up(&w->far);
}

static void test_transport__resumed_link_has_another_exporter_and_the_same_proof(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	serve(w, &manner);
	visit(w);
	struct bh_link_proof first = w->proof;
	come_up(w);
	assert_int_equal(SSL_session_reused(w->far.ssl), 1);
	assert_memory_not_equal(
		first.binding.exporter, w->proof.binding.exporter, BH_EXPORTER_BYTES);
	assert_memory_equal(
		first.binding.server_key_hash, w->proof.binding.server_key_hash, BH_HASH_BYTES);
	assert_true(w->proof.ca_key_known);
	assert_memory_equal(first.ca_key, w->proof.ca_key, BH_PUBLIC_KEY_BYTES);
}

static void test_transport__resumed_link_is_judged_again(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	serve(w, &manner);
	visit(w);
	holder_pin(&w->foreign_ca, w->target.pins[0]);
	dial(w);
	assert_int_equal(meet(w), BH_LINK_STATE_DOWN);
	assert_int_equal(w->cause, BH_LINK_WRONG_SERVER);
	hang_up(w, false);
	/* What was refused is forgotten: the next visit is a stranger's. */
	far_cut(&w->far);
	holder_pin(&w->ca, w->target.pins[0]);
	come_up(w);
	assert_int_equal(SSL_session_reused(w->far.ssl), 0);
}

static void test_transport__ticket_of_another_district_is_not_shown(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	serve(w, &manner);
	visit(w);
	w->target.district = "990102";
	dial(w);
	assert_int_equal(meet(w), BH_LINK_STATE_DOWN);
	assert_int_equal(w->cause, BH_LINK_WRONG_SERVER);
}

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

static void test_transport__writing_to_a_reset_link_is_a_cut_and_no_signal(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	static const uint8_t piece[PIECE];
	size_t sent;
	int err = BH_NOERR;
	assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR); /* it would end this program */
	serve(w, &manner);
	come_up(w);
	far_reset(&w->far);
	for (int turn = 0; turn < TURNS_MAX && !err; turn++)
		err = w->transport.api->send(
			w->link, bh_span(piece, sizeof(piece)), &sent, &w->cause);
	assert_int_equal(err, BH_ERR_CLOSED);
	assert_int_equal(w->cause, BH_LINK_CUT);
	hang_up(w, true);
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

static void test_transport__next_address_is_tried_when_one_refuses(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	serve(w, &manner);
	w->target.host = "localhost"; /* ::1 first where there is IPv6: nobody listens there */
	come_up(w);
}

static void test_transport__dialling_begins_with_another_address_each_turn(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = {.silent = true};
	struct bh_dialling first, second;
	serve(w, &manner);
	assert_int_equal(bh_dialling_start(&first, "localhost", w->far.port, 0), BH_NOERR);
	assert_int_equal(bh_dialling_start(&second, "localhost", w->far.port, 1), BH_NOERR);
	assert_int_equal(first.count, second.count);
	for (uint32_t i = 0; i < first.count; i++)
		assert_memory_equal(&second.addresses[i], &first.addresses[(i + 1) % first.count],
			sizeof(first.addresses[0]));
	bh_dialling_stop(&first);
	bh_dialling_stop(&second);
}

/* ---- Bytes and waiting ---- */

/* Fills the link until it takes no more; gives how much it took. */
static size_t fill(struct world *w, const uint8_t *bytes, size_t size)
{
	size_t sent = 1, total = 0;
	while (sent > 0 && total < size) {
		size_t len = size - total < PIECE ? size - total : PIECE;
		assert_int_equal(w->transport.api->send(
					 w->link, bh_span(bytes + total, len), &sent, &w->cause),
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

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_transport__pinned_key_and_name_bring_it_up_whatever_the_date),
		CASE(test_transport__backup_pin_brings_it_up),
		CASE(test_transport__foreign_authority_of_the_same_name_is_refused),
		CASE(test_transport__pinned_certificate_shown_beside_a_foreign_one_is_refused),
		CASE(test_transport__pinned_key_that_is_no_authority_is_refused),
		CASE(test_transport__leaf_without_its_authority_is_refused),
		CASE(test_transport__another_districts_name_is_refused),
		CASE(test_transport__name_only_in_the_subject_is_refused),
		CASE(test_transport__no_pins_let_nobody_in),
		CASE(test_transport__tls_1_2_is_refused),
		CASE(test_transport__server_without_our_protocol_is_refused),
		CASE(test_transport__server_that_picks_another_protocol_is_refused),
		CASE(test_transport__resumed_link_has_another_exporter_and_the_same_proof),
		CASE(test_transport__resumed_link_is_judged_again),
		CASE(test_transport__ticket_of_another_district_is_not_shown),
		CASE(test_transport__close_notify_is_an_end_after_all_bytes),
		CASE(test_transport__fin_without_close_notify_is_a_cut_after_all_bytes),
		CASE(test_transport__orderly_close_tells_the_other_end),
		CASE(test_transport__end_amid_the_handshake_is_a_cut),
		CASE(test_transport__writing_to_a_reset_link_is_a_cut_and_no_signal),
		CASE(test_transport__refused_port_is_unreachable),
		CASE(test_transport__name_that_cannot_be_is_unreachable),
		CASE(test_transport__silent_server_stays_rising_until_closed),
		CASE(test_transport__next_address_is_tried_when_one_refuses),
		CASE(test_transport__dialling_begins_with_another_address_each_turn),
		CASE(test_transport__what_does_not_fit_is_sent_later_in_order),
		CASE(test_transport__wait_ends_for_bytes_that_tls_holds_already),
		CASE(test_transport__wake_before_a_wait_ends_it),
		CASE(test_transport__wake_from_another_thread_ends_a_wait),
		CASE(test_transport__may_be_made_any_number_of_times),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
