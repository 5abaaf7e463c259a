/* The engine against a scripted server: enrolment, when it comes, and when it comes back. */
#include "tests/unit/client/scripted.h"

#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "proto/number.h"
#include "proto/verdict.h"

static struct bh_server_frame enrolled_frame(struct scripted *s, const struct bh_msg_enrol *enrol,
	struct bh_buf *raw, uint8_t signature[BH_SIGNATURE_BYTES])
{
	struct bh_buf message = BH_BUF(4096);
	const struct bh_msg_enrolment_receipt receipt = {.district = scripted_text("340803"),
		.device = SCRIPTED_DEVICE,
		.person = SCRIPTED_PERSON,
		.log_short = SCRIPTED_SHORT,
		.log_id = enrol->log_id,
		.public_key = enrol->public_key};

	assert_int_equal(bh_encode_receipt(&receipt, raw), 0);
	assert_int_equal(bh_receipt_message(&message, bh_buf_span(raw)), 0);
	assert_int_equal(bh_key_sign(s->ca, bh_buf_span(&message), signature), 0);
	bh_buf_free(&message);
	return (struct bh_server_frame){.kind = BH_SERVER_ENROLLED,
		.u.enrolled = {.receipt = bh_buf_span(raw),
			.receipt_signature = bh_span(signature, BH_SIGNATURE_BYTES),
			.district = scripted_district()}};
}

static void enrol_check(struct scripted *s, const struct bh_msg_enrol *enrol)
{
	struct bh_buf message = BH_BUF(512);

	assert_int_equal(bh_enrol_message(&message, &s->binding, "340803", enrol->code.data,
				 enrol->public_key.data, enrol->log_id.data),
		0);
	assert_int_equal(
		bh_key_verify(enrol->public_key.data, bh_buf_span(&message), enrol->signature.data),
		0);
	bh_buf_free(&message);
}

static void test_engine__idle_without_enrolment(void **state)
{
	struct scripted *s = scripted_new();

	(void)state;
	scripted_engine(s);
	assert_false(bh_engine_want(s->engine).connect);
	assert_true(bh_engine_want(s->engine).wake_mono_ms == INT64_MAX);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_NOT_ENROLLED);
	scripted_free(s);
}

static void test_engine__enrolment_is_asked_again_after_a_cut_and_then_greets(void **state)
{
	struct scripted *s = scripted_new();
	struct bh_buf raw = BH_BUF(4096);
	uint8_t signature[BH_SIGNATURE_BYTES], key[BH_PUBLIC_KEY_BYTES];
	uint8_t log_id[BH_LOG_ID_BYTES];

	(void)state;
	scripted_ask(s);
	scripted_engine(s);
	scripted_connect(s);
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_ENROL);

	enrol_check(s, &frame.u.enrol);
	memcpy(key, frame.u.enrol.public_key.data, sizeof(key));
	memcpy(log_id, frame.u.enrol.log_id.data, sizeof(log_id));
	scripted_cut(s);
	scripted_crash(s);
	scripted_connect(s);
	frame = scripted_take(s, BH_CLIENT_ENROL);
	enrol_check(s, &frame.u.enrol);
	assert_memory_equal(key, frame.u.enrol.public_key.data, sizeof(key));
	assert_memory_equal(log_id, frame.u.enrol.log_id.data, sizeof(log_id));
	uint8_t ca[BH_PUBLIC_KEY_BYTES];

	bh_key_public(s->ca, ca);
	bh_engine_ca_key(s->engine, ca);
	const struct bh_server_frame enrolled = enrolled_frame(s, &frame.u.enrol, &raw, signature);

	scripted_give(s, &enrolled);
	frame = scripted_take(s, BH_CLIENT_HELLO);
	assert_int_equal(frame.u.hello.device, SCRIPTED_DEVICE);
	struct bh_device device;

	assert_int_equal(bh_local_device(s->local, &device), 0);
	assert_int_equal(device.enrolled, BH_ENROL_YES);
	assert_string_equal(device.person_name, "worker three");
	bh_buf_free(&raw);
	scripted_free(s);
}

static void test_engine__a_receipt_of_another_key_enrols_nobody(void **state)
{
	struct scripted *s = scripted_new();
	struct bh_buf raw = BH_BUF(4096);
	uint8_t signature[BH_SIGNATURE_BYTES], foreign[BH_PUBLIC_KEY_BYTES];
	struct bh_device device;
	struct bh_key *other;

	(void)state;
	scripted_ask(s);
	scripted_engine(s);
	scripted_connect(s);
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_ENROL);

	assert_int_equal(bh_key_generate(&other), 0);
	bh_key_public(other, foreign);
	bh_key_free(other);
	bh_engine_ca_key(s->engine, foreign);
	const struct bh_server_frame enrolled = enrolled_frame(s, &frame.u.enrol, &raw, signature);

	scripted_give(s, &enrolled);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_WRONG_SERVER);
	scripted_hang_up(s);
	assert_int_equal(bh_local_device(s->local, &device), 0);
	assert_int_equal(device.enrolled, BH_ENROL_ASKED);
	bh_buf_free(&raw);
	scripted_free(s);
}

static void test_engine__a_refused_code_stops_asking_until_there_is_a_new_one(void **state)
{
	struct scripted *s = scripted_new();

	(void)state;
	scripted_ask(s);
	scripted_engine(s);
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_ENROL);
	scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_CODE});
	scripted_hang_up(s);
	assert_true(bh_engine_want(s->engine).wake_mono_ms == INT64_MAX);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_CODE_REFUSED);
	scripted_crash(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_CODE_REFUSED);
	scripted_ask(s);
	bh_engine_sync_now(s->engine, s->now);
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_ENROL);
	scripted_free(s);
}

static void test_engine__back_off_doubles_within_bounds_and_a_hint_shortens_it(void **state)
{
	struct scripted *s = *state;
	int64_t step_ms = BH_BACKOFF_MS_MIN;

	scripted_report(s, "x");
	scripted_engine(s);
	for (int i = 0; i < 14; i++) {
		assert_true(bh_engine_want(s->engine).connect);
		bh_engine_link_down(s->engine, s->now, BH_LINK_UNREACHABLE);
		bh_engine_check(s->engine);
		int64_t wait_ms = scripted_back_off(s);

		assert_true(wait_ms >= step_ms * 3 / 4 && wait_ms <= step_ms * 5 / 4);
		step_ms = step_ms * 2 > BH_BACKOFF_MS_MAX ? BH_BACKOFF_MS_MAX : step_ms * 2;
	}
	assert_int_equal(step_ms, BH_BACKOFF_MS_MAX);
	bh_engine_link_down(s->engine, s->now, BH_LINK_UNREACHABLE);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_UNREACHABLE);
	bh_engine_hint_reachable(s->engine, s->now, false);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_OFFLINE);
	assert_false(bh_engine_want(s->engine).connect);
	bh_engine_hint_reachable(s->engine, s->now, true);
	assert_true(bh_engine_want(s->engine).connect);
}

static void test_engine__retry_after_is_a_minimum(void **state)
{
	struct scripted *s = *state;

	scripted_report(s, "x");
	scripted_engine(s);
	scripted_connect(s);
	scripted_refuse(
		s, (struct bh_msg_refusal){.code = BH_REFUSAL_BUSY, .retry_after_ms = 60000});
	scripted_hang_up(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_SERVER_BUSY);
	assert_true(scripted_back_off(s) >= 60000);
}

static void test_engine__no_refusal_of_a_session_is_terminal(void **state)
{
	struct scripted *s = *state;
	static const uint32_t codes[] = {BH_REFUSAL_BAD_FRAME, BH_REFUSAL_TOO_LARGE,
		BH_REFUSAL_TOO_COMPLEX, BH_REFUSAL_UNPACK, BH_REFUSAL_VERSION,
		BH_REFUSAL_NOT_PROVED, BH_REFUSAL_ORDER, BH_REFUSAL_GAP, BH_REFUSAL_FORK,
		BH_REFUSAL_BATCH, BH_REFUSAL_BUSY, BH_REFUSAL_CODE, BH_REFUSAL_REVOKED,
		BH_REFUSAL_REPLACED, BH_REFUSAL_STORAGE, BH_REFUSAL_SHUTDOWN, 4711};

	scripted_report(s, "x");
	scripted_engine(s);
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		scripted_connect(s);
		scripted_take(s, BH_CLIENT_HELLO);
		scripted_refuse(s, (struct bh_msg_refusal){.code = codes[i]});
		scripted_hang_up(s);
		if (!bh_engine_want(s->engine).connect)
			scripted_back_off(s);
		assert_int_equal(scripted_head(s), 1);
	}
}

static void test_engine__a_revoked_handset_asks_once_an_hour_and_keeps_everything(void **state)
{
	struct scripted *s = *state;

	scripted_report(s, "x");
	scripted_engine(s);
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_REVOKED});
	scripted_hang_up(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_REVOKED);
	bh_engine_sync_now(s->engine, s->now);
	assert_false(bh_engine_want(s->engine).connect);
	scripted_crash(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_REVOKED);
	assert_true(scripted_back_off(s) >= 3599000);
	assert_int_equal(scripted_head(s), 1);
	scripted_session(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_NONE);
}

static void test_engine__silence_is_pinged_and_then_cut(void **state)
{
	struct scripted *s = *state;

	scripted_engine(s);
	scripted_session(s);
	assert_true(scripted_silent(s));
	scripted_later(s, BH_HEARTBEAT_MS + 5000);
	scripted_take(s, BH_CLIENT_PING);
	const struct bh_server_frame pong = {.kind = BH_SERVER_PONG};

	scripted_give(s, &pong);
	scripted_later(s, BH_HEARTBEAT_MS * 3 / 2 + 5000);
	scripted_take(s, BH_CLIENT_PING);
	assert_int_equal(bh_engine_want(s->engine).wake_mono_ms,
		s->now.mono_ms + BH_SILENCE_MS_MAX - BH_HEARTBEAT_MS - 5000);
	scripted_later(s, BH_SILENCE_MS_MAX - BH_HEARTBEAT_MS - 5000);
	scripted_hang_up(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_CUT);
}

static void test_engine__a_handshake_or_greeting_without_end_is_given_up(void **state)
{
	struct scripted *s = *state;

	scripted_engine(s);
	assert_true(bh_engine_want(s->engine).connect);
	scripted_later(s, BH_HANDSHAKE_MS_MAX);
	scripted_hang_up(s);
	scripted_back_off(s);
	scripted_connect(s);
	scripted_later(s, BH_FRAME_MS_MAX);
	scripted_hang_up(s);
}

static void test_engine__a_frame_that_lies_about_its_length_hangs_up(void **state)
{
	struct scripted *s = *state;
	static const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff, 0, 1, 2};
	static const uint8_t junk[] = {0, 0, 0, 3, 0, 0xff, 0xff};

	scripted_engine(s);
	scripted_session(s);
	bh_engine_bytes(s->engine, s->now, bh_span(huge, sizeof(huge)));
	scripted_hang_up(s);
	scripted_back_off(s);
	scripted_session(s);
	bh_engine_bytes(s->engine, s->now, bh_span(junk, sizeof(junk)));
	scripted_hang_up(s);
}

static void test_engine__suspended_says_bye_and_stays_away(void **state)
{
	struct scripted *s = *state;

	scripted_engine(s);
	scripted_session(s);
	bh_engine_set_suspended(s->engine, s->now, true);
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_BYE);

	assert_int_equal(frame.u.bye.unsent_ops, 0);
	scripted_hang_up(s);
	scripted_report(s, "x");
	assert_true(bh_engine_want(s->engine).wake_mono_ms == INT64_MAX);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_SUSPENDED);
	bh_engine_set_suspended(s->engine, s->now, false);
	assert_true(bh_engine_want(s->engine).connect);
}

static void test_engine__once_it_settles_and_says_bye(void **state)
{
	struct scripted *s = *state;
	const struct bh_server_frame pong = {.kind = BH_SERVER_PONG};

	s->once = true;
	scripted_report(s, "x");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	assert_true(scripted_silent(s));
	scripted_ack(s, 1);
	scripted_take(s, BH_CLIENT_PING);
	/* Something was told meanwhile: ask again. */
	scripted_delta(s, NULL, 0, 12);
	scripted_take(s, BH_CLIENT_APPLIED);
	scripted_give(s, &pong);
	scripted_take(s, BH_CLIENT_PING);
	scripted_give(s, &pong);
	scripted_take(s, BH_CLIENT_BYE);
	assert_true(bh_engine_status(s->engine).settled);
	scripted_hang_up(s);
	assert_true(bh_engine_want(s->engine).wake_mono_ms == INT64_MAX);
	scripted_report(s, "y");
	assert_true(bh_engine_want(s->engine).connect);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_engine__idle_without_enrolment),
		cmocka_unit_test(test_engine__enrolment_is_asked_again_after_a_cut_and_then_greets),
		cmocka_unit_test(test_engine__a_receipt_of_another_key_enrols_nobody),
		cmocka_unit_test(test_engine__a_refused_code_stops_asking_until_there_is_a_new_one),
		CASE(test_engine__back_off_doubles_within_bounds_and_a_hint_shortens_it),
		CASE(test_engine__retry_after_is_a_minimum),
		CASE(test_engine__no_refusal_of_a_session_is_terminal),
		CASE(test_engine__a_revoked_handset_asks_once_an_hour_and_keeps_everything),
		CASE(test_engine__silence_is_pinged_and_then_cut),
		CASE(test_engine__a_handshake_or_greeting_without_end_is_given_up),
		CASE(test_engine__a_frame_that_lies_about_its_length_hangs_up),
		CASE(test_engine__suspended_says_bye_and_stays_away),
		CASE(test_engine__once_it_settles_and_says_bye),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
