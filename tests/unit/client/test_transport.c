/*
 * Who the transport lets in, against a server on loopback, both stepped by one thread: pins, name,
 * protocol, and a server that comes back by a ticket.  All certificates ran out in 2001, since
 * dates are not to be judged (faults.md B04).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/err.h"
#include "tests/unit/client/transport_world.h"

static void refuse(struct world *w, const struct far_manner *manner)
{
	serve(w, manner);
	dial(w);
	assert_int_equal(meet(w), BH_LINK_STATE_DOWN);
	assert_int_equal(w->cause, BH_LINK_WRONG_SERVER);
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
	assert_false(w->far.was_shown_ticket);
}

static void test_transport__cut_link_is_resumed_too(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	uint8_t byte;
	size_t got;
	serve(w, &manner);
	come_up(w);
	far_say(w, "x");
	assert_int_equal(hear(w, &byte, 1, &got), BH_NOERR);
	far_cut(&w->far);
	assert_int_equal(hear(w, &byte, 1, &got), BH_ERR_CLOSED);
	assert_int_equal(w->cause, BH_LINK_CUT);
	hang_up(w, false);
	come_up(w);
	assert_int_equal(SSL_session_reused(w->far.ssl), 1);
}

static void test_transport__cut_amid_a_handshake_does_not_cost_the_ticket(void **state)
{
	struct world *w = *state;
	const struct far_manner manner = manner_good(w);
	serve(w, &manner);
	visit(w);
	w->far.manner.silent = true;
	dial(w);
	for (int turn = 0; turn < TURNS_MAX && w->far.fd < 0; turn++) {
		(void)w->transport.api->step(w->link, &w->proof, &w->cause);
		far_step(&w->far);
	}
	far_cut(&w->far);
	assert_int_equal(meet(w), BH_LINK_STATE_DOWN);
	hang_up(w, false);
	w->far.manner.silent = false;
	far_cut(&w->far);
	come_up(w);
	assert_int_equal(SSL_session_reused(w->far.ssl), 1);
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
	assert_false(w->far.was_shown_ticket);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_CASE(test_transport__pinned_key_and_name_bring_it_up_whatever_the_date),
		WORLD_CASE(test_transport__backup_pin_brings_it_up),
		WORLD_CASE(test_transport__foreign_authority_of_the_same_name_is_refused),
		WORLD_CASE(
			test_transport__pinned_certificate_shown_beside_a_foreign_one_is_refused),
		WORLD_CASE(test_transport__pinned_key_that_is_no_authority_is_refused),
		WORLD_CASE(test_transport__leaf_without_its_authority_is_refused),
		WORLD_CASE(test_transport__another_districts_name_is_refused),
		WORLD_CASE(test_transport__name_only_in_the_subject_is_refused),
		WORLD_CASE(test_transport__no_pins_let_nobody_in),
		WORLD_CASE(test_transport__tls_1_2_is_refused),
		WORLD_CASE(test_transport__server_without_our_protocol_is_refused),
		WORLD_CASE(test_transport__server_that_picks_another_protocol_is_refused),
		WORLD_CASE(test_transport__resumed_link_has_another_exporter_and_the_same_proof),
		WORLD_CASE(test_transport__resumed_link_is_judged_again),
		WORLD_CASE(test_transport__cut_link_is_resumed_too),
		WORLD_CASE(test_transport__cut_amid_a_handshake_does_not_cost_the_ticket),
		WORLD_CASE(test_transport__ticket_of_another_district_is_not_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
