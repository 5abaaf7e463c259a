/* A key that never enters the library: it lies in another process, and may fail, be slow, or lie.
 */
#include "tests/unit/client/client_world.h"

#include <string.h>

#include "client-lib/client_state.h"
#include "tests/unit/client/signer.h"

enum manner {
	MANNER_GOOD,
	MANNER_BARE,
	MANNER_REFUSES,
	MANNER_SLOW,    /* a good signature, after 8 s */
	MANNER_LIES,    /* of something else */
	MANNER_FOREIGN, /* of another key */
	MANNER_JUNK,
	MANNER_LONG, /* a length that cannot be */
};

struct hand {
	struct world *w;
	struct signer signer, foreign;
	enum manner manner;
	unsigned asked;
	bool calls_back;
	bh_status inside;
};

static struct hand hand;

static int32_t on_sign(
	const uint8_t digest[BH_DIGEST_SIZE], uint8_t *signature, size_t *length, void *payload)
{
	struct hand *h = payload;
	uint8_t other[BH_DIGEST_SIZE];

	h->asked++;
	memcpy(other, digest, sizeof(other));
	other[0] ^= 1;
	if (h->calls_back) {
		bh_status_view view = BH_STATUS_VIEW_INIT;

		h->inside = bh_client_status(h->w->client, &view, NULL);
		bh_client_set_suspended(h->w->client, true);
		bh_client_close(h->w->client);
	}
	switch (h->manner) {
	case MANNER_REFUSES:
		return 5;
	case MANNER_SLOW:
		h->w->now.mono_ms += 8000;
		h->w->now.wall_ms += 8000;
		break;
	case MANNER_LIES:
		return signer_sign(&h->signer, false, other, signature, length);
	case MANNER_FOREIGN:
		return signer_sign(&h->foreign, false, digest, signature, length);
	case MANNER_JUNK:
		memset(signature, 0x30, 70);
		*length = 70;
		return 0;
	case MANNER_LONG:
		*length = SIZE_MAX;
		return 0;
	default:
		break;
	}
	return signer_sign(&h->signer, h->manner == MANNER_BARE, digest, signature, length);
}

static void open_signing(struct world *w)
{
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	struct bh_client_seams seams = {.vfs = bh_simvfs_name(w->disk),
		.transport = autoserver_transport(w->server),
		.clock = world_clock(w)};

	options.store_path = SCRIPTED_PATH;
	options.drive = BH_DRIVE_HOST;
	options.sign = on_sign;
	options.sign_payload = &hand;
	assert_int_equal(bh_client_open_with(&options, &seams, &w->client, NULL), BH_OK);
}

static bh_status enrol(struct world *w)
{
	bh_enrolment_input input = BH_ENROLMENT_INPUT_INIT;

	input.qr_payload = WORLD_QR;
	input.public_key = hand.signer.public_key;
	return bh_client_enrol(w->client, &input, NULL);
}

static void enrolled(struct world *w)
{
	assert_int_equal(enrol(w), BH_OK);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(world_status(w).enrolled, BH_ENROLLED_YES);
}

static int setup(void **state)
{
	world_setup(state);
	memset(&hand, 0, sizeof(hand));
	hand.w = *state;
	signer_start(&hand.signer);
	open_signing(*state);
	return 0;
}

static int teardown(void **state)
{
	world_teardown(state);
	signer_stop(&hand.signer);
	signer_stop(&hand.foreign);
	return 0;
}

static void test_client_sign__enrolment_session_and_head_are_signed_outside(void **state)
{
	struct world *w = *state;

	enrolled(w);
	assert_int_equal(hand.asked, 2); /* Enrol, Hello */
	assert_null(bh_local_key(w->client->local));
	world_report(w, "x");
	world_report(w, "y");
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(world_status(w).unsent_ops, 0);
	assert_int_equal(hand.asked, 3); /* the head, once a session */
	assert_int_equal(autoserver_counts(w->server).heads, 1);
	world_report(w, "z");
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(hand.asked, 3);
	/* The next process, with signatures of the other form. */
	bh_client_close(w->client);
	hand.manner = MANNER_BARE;
	open_signing(w);
	world_report(w, "after");
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(world_status(w).unsent_ops, 0);
	assert_int_equal(hand.asked, 5);
	assert_int_equal(autoserver_counts(w->server).heads, 2);
}

/* Not when the back-off is over, but now. */
static bh_status world_again(struct world *w)
{
	assert_int_equal(bh_client_sync_now(w->client, NULL), BH_OK);
	return world_run(w, 20000);
}

/* Whatever it does wrong has the same cause, costs an attempt, and ends when it ends. */
static void test_client_sign__what_goes_wrong_is_a_cause_and_tried_again(void **state)
{
	static const enum manner manners[] = {
		MANNER_REFUSES, MANNER_SLOW, MANNER_LIES, MANNER_FOREIGN, MANNER_JUNK, MANNER_LONG};
	struct world *w = *state;

	signer_start(&hand.foreign);
	enrolled(w);
	for (size_t i = 0; i < sizeof(manners) / sizeof(manners[0]); i++) {
		bh_client_close(w->client);
		open_signing(w);
		world_report(w, "waits");
		hand.manner = manners[i];
		(void)world_run(w, 100); /* a slow one outlasts it, and hangs up in the next */
		assert_int_equal(world_run(w, 100), BH_DONE);
		bh_status_view view = world_status(w);

		assert_int_equal(view.cause, BH_CAUSE_KEY);
		assert_int_equal(view.unsent_ops, 1);
		assert_true(view.next_attempt_at > w->now.wall_ms);
		assert_int_equal(autoserver_counts(w->server).ops, i);
		hand.manner = MANNER_GOOD;
		assert_int_equal(world_again(w), BH_DONE);
		assert_int_equal(world_status(w).cause, BH_CAUSE_NONE);
		assert_int_equal(world_status(w).unsent_ops, 0);
	}
}

static void test_client_sign__a_head_that_is_not_signed_waits_for_the_next_session(void **state)
{
	struct world *w = *state;

	enrolled(w);
	world_report(w, "x");
	hand.manner = MANNER_LIES;
	assert_int_equal(world_run(w, 100), BH_DONE);
	assert_int_equal(world_status(w).cause, BH_CAUSE_KEY);
	assert_int_equal(autoserver_counts(w->server).ops, 0);
	hand.manner = MANNER_GOOD;
	assert_int_equal(world_again(w), BH_DONE);
	assert_int_equal(autoserver_counts(w->server).ops, 1);
	assert_int_equal(autoserver_counts(w->server).heads, 1);
}

static void test_client_sign__a_refused_enrolment_signature_is_asked_for_again(void **state)
{
	struct world *w = *state;

	hand.manner = MANNER_FOREIGN;
	signer_start(&hand.foreign);
	assert_int_equal(enrol(w), BH_OK);
	assert_int_equal(world_run(w, 100), BH_DONE);
	assert_int_equal(world_status(w).enrolled, BH_ENROLLED_ASKED);
	assert_int_equal(world_status(w).cause, BH_CAUSE_KEY);
	hand.manner = MANNER_GOOD;
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(world_status(w).enrolled, BH_ENROLLED_YES);
}

/* The key store went away for good: the handset still records, and says what is wrong. */
static void test_client_sign__without_its_key_a_handset_still_records(void **state)
{
	struct world *w = *state;

	enrolled(w);
	signer_stop(&hand.signer);
	bh_client_close(w->client);
	world_open(w, BH_DRIVE_HOST, false);
	world_report(w, "kept");
	assert_int_equal(world_run(w, 100), BH_DONE);
	assert_int_equal(world_status(w).cause, BH_CAUSE_KEY);
	assert_int_equal(world_status(w).unsent_ops, 1);
}

static void test_client_sign__calls_from_inside_are_refused(void **state)
{
	struct world *w = *state;

	hand.calls_back = true;
	enrolled(w);
	assert_int_equal(hand.inside, BH_E_REENTRANT);
	assert_int_equal(world_status(w).cause, BH_CAUSE_NONE);
}

static void test_client_sign__the_key_is_named_exactly_when_there_is_who_signs(void **state)
{
	struct world *w = *state;
	bh_enrolment_input input = BH_ENROLMENT_INPUT_INIT;
	uint8_t bad[BH_PUBLIC_KEY_SIZE] = {4};
	bh_error err;

	input.qr_payload = WORLD_QR;
	assert_int_equal(bh_client_enrol(w->client, &input, &err), BH_E_INVALID);
	assert_non_null(strstr(err.message, "public_key is missing"));
	input.public_key = bad;
	assert_int_equal(bh_client_enrol(w->client, &input, &err), BH_E_INVALID);
	memset(bad, 0xff, sizeof(bad));
	bad[0] = 2;
	assert_int_equal(bh_client_enrol(w->client, &input, &err), BH_E_INVALID);
	bh_client_close(w->client);
	world_open(w, BH_DRIVE_HOST, false);
	input.public_key = hand.signer.public_key;
	assert_int_equal(bh_client_enrol(w->client, &input, &err), BH_E_INVALID);
	assert_non_null(strstr(err.message, "options.sign"));
	/* Its own key, asked for but never used, gives way to the one outside. */
	world_enrol(w);
	assert_non_null(bh_local_key(w->client->local));
	bh_client_close(w->client);
	open_signing(w);
	enrolled(w);
	assert_null(bh_local_key(w->client->local));
	assert_int_equal(hand.asked, 2);
}

static void test_client_sign__who_enrolled_with_an_own_key_keeps_it(void **state)
{
	struct world *w = *state;

	bh_client_close(w->client);
	world_enrolled(w);
	bh_client_close(w->client);
	open_signing(w);
	world_report(w, "x");
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(world_status(w).unsent_ops, 0);
	assert_int_equal(hand.asked, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_client_sign__enrolment_session_and_head_are_signed_outside),
		CASE(test_client_sign__what_goes_wrong_is_a_cause_and_tried_again),
		CASE(test_client_sign__a_head_that_is_not_signed_waits_for_the_next_session),
		CASE(test_client_sign__a_refused_enrolment_signature_is_asked_for_again),
		CASE(test_client_sign__without_its_key_a_handset_still_records),
		CASE(test_client_sign__calls_from_inside_are_refused),
		CASE(test_client_sign__the_key_is_named_exactly_when_there_is_who_signs),
		CASE(test_client_sign__who_enrolled_with_an_own_key_keeps_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
