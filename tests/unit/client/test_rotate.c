/* Another key takes over: at every place where the power goes, or the link is cut, one of the two
 * proves who this handset is, and both are here until the server said which one holds. */
#include "tests/unit/client/scripted.h"

#include <string.h>

#include "proto/err.h"
#include "proto/verdict.h"

#define DISTRICT "340803"

static void next_public(struct scripted *s, uint8_t out[BH_PUBLIC_KEY_BYTES])
{
	const struct bh_key *key;

	assert_true(bh_local_next_key(s->local, &key, out));
}

static bool has_next(struct scripted *s)
{
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
	const struct bh_key *key;

	return bh_local_next_key(s->local, &key, public_key);
}

/* The store's key signs as the one it says it is. */
static void assert_holds(struct scripted *s, const uint8_t public_key[BH_PUBLIC_KEY_BYTES])
{
	uint8_t own[BH_PUBLIC_KEY_BYTES];
	struct bh_device device;

	assert_int_equal(bh_local_device(s->local, &device), 0);
	assert_memory_equal(device.public_key, public_key, BH_PUBLIC_KEY_BYTES);
	bh_key_public(bh_local_key(s->local), own);
	assert_memory_equal(own, public_key, BH_PUBLIC_KEY_BYTES);
}

/* Whose signature the next Hello bears. */
static void take_hello(struct scripted *s, const uint8_t public_key[BH_PUBLIC_KEY_BYTES])
{
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_HELLO);
	struct bh_buf message = BH_BUF(512);

	assert_int_equal(
		bh_session_message(&message, &s->binding, DISTRICT, SCRIPTED_DEVICE, s->log_id), 0);
	assert_int_equal(
		bh_key_verify(public_key, bh_buf_span(&message), frame.u.hello.signature.data), 0);
	bh_buf_free(&message);
}

/* The next frame is a Rotate that both keys signed. */
static void take_rotate(struct scripted *s, const uint8_t next[BH_PUBLIC_KEY_BYTES])
{
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_ROTATE);
	const struct bh_msg_rotate *rotate = &frame.u.rotate;
	struct bh_buf message = BH_BUF(512);

	assert_true(bh_span_equal(rotate->public_key, bh_span(next, BH_PUBLIC_KEY_BYTES)));
	assert_int_equal(bh_rotate_message(&message, &s->binding, DISTRICT, SCRIPTED_DEVICE,
				 s->public_key, next),
		0);
	assert_int_equal(
		bh_key_verify(s->public_key, bh_buf_span(&message), rotate->old_signature.data), 0);
	assert_int_equal(bh_key_verify(next, bh_buf_span(&message), rotate->new_signature.data), 0);
	bh_buf_free(&message);
}

static void give_rotated(struct scripted *s, const uint8_t public_key[BH_PUBLIC_KEY_BYTES])
{
	const struct bh_server_frame frame = {
		.kind = BH_SERVER_ROTATED, .u.rotated = {bh_span(public_key, BH_PUBLIC_KEY_BYTES)}};

	scripted_give(s, &frame);
}

static void give_welcome(struct scripted *s)
{
	const struct bh_server_frame welcome = scripted_welcome(s);

	scripted_give(s, &welcome);
	assert_true(bh_engine_status(s->engine).live);
}

/* Live, with a Rotate out. */
static void rotating(struct scripted *s, uint8_t next[BH_PUBLIC_KEY_BYTES])
{
	assert_int_equal(bh_local_rotate(s->local, NULL), 0);
	next_public(s, next);
	scripted_engine(s);
	scripted_connect(s);
	take_hello(s, s->public_key);
	give_welcome(s);
	take_rotate(s, next);
}

static void test_rotate__takes_over_and_signs_what_follows(void **state)
{
	struct scripted *s = *state;
	uint8_t next[BH_PUBLIC_KEY_BYTES];

	rotating(s, next);
	(void)scripted_report(s, "waits for the key");
	assert_true(scripted_silent(s));
	give_rotated(s, next);
	assert_false(has_next(s));
	assert_holds(s, next);
	memcpy(s->public_key, next, sizeof(next)); /* by which the head is verified */
	assert_int_equal(scripted_take_push(s), 1);
	scripted_ack(s, 1);
	scripted_crash(s);
	assert_holds(s, next);
	scripted_connect(s);
	take_hello(s, next);
}

static void test_rotate__what_is_unsent_goes_first(void **state)
{
	struct scripted *s = *state;

	scripted_engine(s);
	scripted_session(s);
	(void)scripted_report(s, "under way");
	assert_int_equal(scripted_take_push(s), 1);
	assert_int_equal(bh_local_rotate(s->local, NULL), 0);
	(void)scripted_report(s, "after it");
	assert_int_equal(scripted_take_push(s), 1);
	scripted_ack(s, 1);
	assert_true(scripted_silent(s));
	scripted_ack(s, 2);
	(void)scripted_take(s, BH_CLIENT_ROTATE);
	(void)scripted_report(s, "while the keys change");
	assert_true(scripted_silent(s));
}

/* The server took it and the answer is lost: nobody knows, and both are tried. */
static void test_rotate__a_lost_answer_is_found_out_by_trying_both(void **state)
{
	struct scripted *s = *state;
	uint8_t next[BH_PUBLIC_KEY_BYTES];

	rotating(s, next);
	for (int crashes = 0; crashes < 3; crashes++) {
		scripted_crash(s);
		scripted_connect(s);
		take_hello(s, s->public_key);
		assert_true(has_next(s));
		scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_NOT_PROVED});
		scripted_hang_up(s);
		scripted_connect(s); /* at once */
		take_hello(s, next);
	}
	give_welcome(s);
	assert_false(has_next(s));
	assert_holds(s, next);
	scripted_crash(s);
	assert_holds(s, next);
}

static void test_rotate__one_that_never_arrived_is_sent_again(void **state)
{
	struct scripted *s = *state;
	uint8_t next[BH_PUBLIC_KEY_BYTES];

	rotating(s, next);
	scripted_cut(s);
	(void)scripted_back_off(s);
	scripted_connect(s);
	take_hello(s, s->public_key);
	give_welcome(s);
	take_rotate(s, next);
	give_rotated(s, next);
	assert_holds(s, next);
}

/* Recognised by neither: an impostor's server, or one that was put back.  Nothing is given up, and
 * the pace is the back-off's. */
static void test_rotate__recognised_by_neither_it_keeps_both(void **state)
{
	struct scripted *s = *state;
	uint8_t next[BH_PUBLIC_KEY_BYTES];

	rotating(s, next);
	scripted_cut(s);
	for (int i = 0; i < 6; i++) {
		if (i % 2 == 0)
			assert_true(scripted_back_off(s) > 0);
		scripted_connect(s);
		take_hello(s, i % 2 == 0 ? s->public_key : next);
		scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_NOT_PROVED});
		scripted_hang_up(s);
	}
	assert_true(has_next(s));
	assert_holds(s, s->public_key);
}

static void test_rotate__what_the_server_would_not_have_is_forgotten(void **state)
{
	struct scripted *s = *state;
	uint8_t next[BH_PUBLIC_KEY_BYTES];

	rotating(s, next);
	give_rotated(s, s->public_key);
	assert_false(has_next(s));
	assert_holds(s, s->public_key);
	assert_true(bh_engine_status(s->engine).live);
}

static void test_rotate__a_key_that_is_none_of_ours_ends_the_session(void **state)
{
	struct scripted *s = *state;
	uint8_t next[BH_PUBLIC_KEY_BYTES], foreign[BH_PUBLIC_KEY_BYTES];

	rotating(s, next);
	memcpy(foreign, next, sizeof(foreign));
	foreign[5] ^= 1;
	give_rotated(s, foreign);
	assert_true(bh_engine_want(s->engine).disconnect);
	assert_true(has_next(s));
	assert_holds(s, s->public_key);
}

static void test_rotate__an_answer_that_was_not_asked_for_ends_the_session(void **state)
{
	struct scripted *s = *state;

	scripted_engine(s);
	scripted_session(s);
	give_rotated(s, s->public_key);
	assert_true(bh_engine_want(s->engine).disconnect);
}

static void test_rotate__a_revoked_handset_keeps_the_key_that_the_server_knows(void **state)
{
	struct scripted *s = *state;
	struct bh_server_frame welcome = scripted_welcome(s);

	assert_int_equal(bh_local_rotate(s->local, NULL), 0);
	(void)scripted_report(s, "drained");
	scripted_engine(s);
	scripted_connect(s);
	take_hello(s, s->public_key);
	welcome.u.welcome.draining = true;
	welcome.u.welcome.scopes_count = 0;
	scripted_give(s, &welcome);
	assert_int_equal(scripted_take_push(s), 1); /* and no Rotate */
	assert_true(has_next(s));
}

static void test_rotate__an_answer_that_does_not_come_is_a_cut(void **state)
{
	struct scripted *s = *state;
	uint8_t next[BH_PUBLIC_KEY_BYTES];

	rotating(s, next);
	int64_t wake_ms = bh_engine_want(s->engine).wake_mono_ms - s->now.mono_ms;
	assert_true(wake_ms > 0 && wake_ms < 120000);
	for (int i = 0; i < 40 && !bh_engine_want(s->engine).disconnect; i++)
		scripted_later(s, 5000);
	assert_true(bh_engine_want(s->engine).disconnect);
}

/* ---- The store --------------------------------------------------------------------------- */

static void test_store__one_key_waits_at_a_time(void **state)
{
	struct scripted *s = *state;
	uint8_t first[BH_PUBLIC_KEY_BYTES], again[BH_PUBLIC_KEY_BYTES], other[BH_PUBLIC_KEY_BYTES];
	struct bh_key *key;

	assert_int_equal(bh_local_rotated(s->local, true), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_local_rotate(s->local, s->public_key), BH_ERR_EXISTS);
	assert_int_equal(bh_local_rotate(s->local, NULL), 0);
	next_public(s, first);
	assert_int_equal(bh_local_rotate(s->local, NULL), 0);
	next_public(s, again);
	assert_memory_equal(first, again, sizeof(first));
	assert_int_equal(bh_key_generate(&key), 0);
	bh_key_public(key, other);
	bh_key_free(key);
	assert_int_equal(bh_local_rotate(s->local, other), BH_ERR_EXISTS);
	assert_int_equal(bh_local_rotated(s->local, false), 0);
	assert_int_equal(bh_local_rotate(s->local, other), 0);
	scripted_crash(s);
	next_public(s, again);
	assert_memory_equal(other, again, sizeof(other));
}

/* A failing disk, at each call of each kind; then the power goes. */
static void fail_and_crash(struct scripted *s, enum bh_simvfs_call call, enum bh_simvfs_fault fault,
	uint32_t nth, bool takes)
{
	const struct bh_simvfs_plan plan = {call, fault, nth, false, NULL};
	uint8_t next[BH_PUBLIC_KEY_BYTES], held[BH_PUBLIC_KEY_BYTES];
	struct bh_device device;

	if (takes) {
		assert_int_equal(bh_local_rotate(s->local, NULL), 0);
		next_public(s, next);
	}
	assert_int_equal(bh_simvfs_plan_add(s->disk, &plan), 0);
	int rc = takes ? bh_local_rotated(s->local, true) : bh_local_rotate(s->local, NULL);
	bh_simvfs_heal(s->disk);
	bool waits = has_next(s);
	scripted_crash(s);
	assert_int_equal(bh_local_device(s->local, &device), 0);
	memcpy(held, device.public_key, sizeof(held));
	assert_holds(s, held);
	if (takes && rc == 0)
		assert_memory_equal(held, next, sizeof(held));
	if (takes && memcmp(held, next, sizeof(held)) != 0) {
		assert_memory_equal(held, s->public_key, sizeof(held));
		assert_true(has_next(s)); /* it would be needed, if the server knows it */
	}
	if (!takes) {
		assert_memory_equal(held, s->public_key, sizeof(held));
		assert_true(rc != 0 || (waits && has_next(s)));
	}
}

static void test_store__a_failing_disk_leaves_the_old_key_or_the_new_one(void **state)
{
	static const struct {
		enum bh_simvfs_call call;
		enum bh_simvfs_fault fault;
	} faults[] = {{BH_SIMVFS_WRITE, BH_SIMVFS_EIO}, {BH_SIMVFS_WRITE, BH_SIMVFS_FULL},
		{BH_SIMVFS_WRITE, BH_SIMVFS_SHORT}, {BH_SIMVFS_SYNC, BH_SIMVFS_EIO},
		{BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_DONE}, {BH_SIMVFS_SYNC, BH_SIMVFS_SYNC_GONE}};
	(void)state;

	for (size_t i = 0; i < 2 * sizeof(faults) / sizeof(faults[0]); i++) {
		for (uint32_t nth = 1; nth <= 12; nth++) {
			struct scripted *s = scripted_new();

			scripted_enrol(s);
			fail_and_crash(s, faults[i / 2].call, faults[i / 2].fault, nth, i % 2 == 1);
			scripted_free(s);
		}
	}
}

/* A key that waits lies sealed like the one that holds: one that was written before the store got
 * its key, too. */
static void test_store__keys_change_in_a_sealed_store(void **state)
{
	static const uint8_t app_key[32] = "thirty-two bytes of an app's key";
	struct scripted *s = *state;
	uint8_t next[BH_PUBLIC_KEY_BYTES];

	assert_int_equal(bh_local_rotate(s->local, NULL), 0);
	s->app_key = app_key;
	for (int i = 0; i < 3; i++) {
		scripted_crash(s);
		assert_int_equal(bh_local_sealed(s->local), BH_LOCAL_SEALED);
		next_public(s, next);
		assert_int_equal(bh_local_rotated(s->local, true), 0);
		scripted_crash(s);
		assert_holds(s, next);
		assert_false(has_next(s));
		assert_int_equal(bh_local_rotate(s->local, NULL), 0);
	}
	assert_int_equal(bh_local_aside(s->local), 0);
}

static void test_store__is_not_enrolled_yet(void **state)
{
	struct scripted *s = scripted_new();

	(void)state;
	assert_int_equal(bh_local_rotate(s->local, NULL), BH_ERR_AUTH);
	scripted_free(s);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_rotate__takes_over_and_signs_what_follows),
		CASE(test_rotate__what_is_unsent_goes_first),
		CASE(test_rotate__a_lost_answer_is_found_out_by_trying_both),
		CASE(test_rotate__one_that_never_arrived_is_sent_again),
		CASE(test_rotate__recognised_by_neither_it_keeps_both),
		CASE(test_rotate__what_the_server_would_not_have_is_forgotten),
		CASE(test_rotate__a_key_that_is_none_of_ours_ends_the_session),
		CASE(test_rotate__an_answer_that_was_not_asked_for_ends_the_session),
		CASE(test_rotate__a_revoked_handset_keeps_the_key_that_the_server_knows),
		CASE(test_rotate__an_answer_that_does_not_come_is_a_cut),
		CASE(test_store__one_key_waits_at_a_time),
		CASE(test_store__keys_change_in_a_sealed_store),
		cmocka_unit_test(test_store__a_failing_disk_leaves_the_old_key_or_the_new_one),
		cmocka_unit_test(test_store__is_not_enrolled_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
