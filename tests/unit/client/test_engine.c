/* The engine against a scripted server: what it sends, what it believes, when it comes back. */
#include "tests/unit/client/scripted.h"

#include <stdio.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "proto/frame.h"
#include "proto/number.h"
#include "proto/verdict.h"

static int setup(void **state)
{
	struct scripted *s = scripted_new();

	scripted_enrol(s);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	scripted_free(*state);
	return 0;
}

static uint64_t acked_of(struct scripted *s)
{
	struct bh_log log;

	assert_int_equal(bh_local_log(s->local, &log), 0);
	return log.acked_seq;
}

static uint64_t head_of(struct scripted *s)
{
	struct bh_log log;

	assert_int_equal(bh_local_log(s->local, &log), 0);
	return log.head_seq;
}

static void refuse(struct scripted *s, struct bh_msg_refusal refusal)
{
	const struct bh_server_frame frame = {.kind = BH_SERVER_REFUSAL, .u.refusal = refusal};

	scripted_give(s, &frame);
}

/* The engine hung up: what a driver does then. */
static void hang_up(struct scripted *s)
{
	assert_true(bh_engine_want(s->engine).disconnect);
	bh_engine_link_down(s->engine, s->now, BH_LINK_CLOSED);
	bh_engine_check(s->engine);
}

static void cut(struct scripted *s)
{
	bh_engine_link_down(s->engine, s->now, BH_LINK_CUT);
	bh_engine_check(s->engine);
}

/* Lets the back-off pass; gives how long it was. */
static int64_t back_off(struct scripted *s)
{
	int64_t wait_ms = bh_engine_want(s->engine).wake_mono_ms - s->now.mono_ms;

	assert_false(bh_engine_want(s->engine).connect);
	assert_true(wait_ms > 0 && wait_ms < 5000000);
	scripted_later(s, wait_ms - 1);
	assert_false(bh_engine_want(s->engine).connect);
	scripted_later(s, 1);
	assert_true(bh_engine_want(s->engine).connect);
	return wait_ms;
}

/* ---- Enrolment ---- */

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
	cut(s);
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
	hang_up(s);
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
	refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_CODE});
	hang_up(s);
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

/* ---- Hello and pushes ---- */

static void test_engine__hello_proves_and_pushes_follow_signed_once(void **state)
{
	struct scripted *s = *state;
	struct bh_buf message = BH_BUF(512);

	scripted_report(s, "one");
	scripted_report(s, "two");
	scripted_engine(s);
	scripted_connect(s);
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_HELLO);
	const struct bh_msg_hello *hello = &frame.u.hello;

	assert_int_equal(hello->last_seq, 2);
	assert_int_equal(hello->acked_seq, 0);
	assert_int_equal(bh_session_message(&message, &s->binding, "340803", hello->device,
				 hello->log_id.data),
		0);
	assert_int_equal(
		bh_key_verify(s->public_key, bh_buf_span(&message), hello->signature.data), 0);
	bh_buf_free(&message);
	const struct bh_server_frame welcome = scripted_welcome(s);

	scripted_give(s, &welcome);
	assert_int_equal(scripted_take_push(s), 2);
	assert_true(scripted_silent(s));
	scripted_ack(s, 2);
	assert_int_equal(acked_of(s), 2);
	scripted_report(s, "three");
	frame = scripted_take(s, BH_CLIENT_PUSH);
	assert_int_equal(frame.u.push.head_signature.len, 0);
}

static void test_engine__a_lost_acknowledgement_is_made_good_by_the_welcome(void **state)
{
	struct scripted *s = *state;

	scripted_report(s, "one");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	cut(s);
	assert_int_equal(acked_of(s), 0);
	scripted_later(s, 2000);
	scripted_session(s);
	assert_int_equal(acked_of(s), 1);
	assert_true(scripted_silent(s));
}

static void test_engine__pushed_is_not_acknowledged(void **state)
{
	struct scripted *s = *state;

	scripted_report(s, "one");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	scripted_crash(s);
	s->held = 0;
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
}

static void test_engine__at_most_four_pushes_are_unanswered(void **state)
{
	struct scripted *s = *state;
	size_t taken = 0;

	for (int i = 0; i < 2600; i++)
		scripted_report(s, "many");
	scripted_engine(s);
	scripted_session(s);
	for (int i = 0; i < 4; i++)
		taken += scripted_take_push(s);
	assert_int_equal(taken, 4 * BH_BATCH_OPS_MAX);
	assert_true(scripted_silent(s));
	scripted_ack(s, BH_BATCH_OPS_MAX);
	assert_int_equal(scripted_take_push(s), BH_BATCH_OPS_MAX);
	assert_true(scripted_silent(s));
	scripted_ack(s, 5 * BH_BATCH_OPS_MAX);
	assert_int_equal(scripted_take_push(s), 100);
	scripted_ack(s, 2600);
	assert_int_equal(acked_of(s), 2600);
}

static void test_engine__an_acknowledgement_of_another_link_is_not_believed(void **state)
{
	struct scripted *s = *state;

	scripted_report(s, "one");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	s->links[1][0] ^= 1;
	scripted_ack(s, 1);
	assert_int_equal(acked_of(s), 0);
	hang_up(s);
}

static void test_engine__an_acknowledgement_beyond_what_was_pushed_is_not_believed(void **state)
{
	struct scripted *s = *state;

	scripted_report(s, "one");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	scripted_ack(s, 2);
	assert_int_equal(acked_of(s), 0);
	hang_up(s);
}

static void test_engine__a_refused_batch_is_halved_and_the_size_is_kept(void **state)
{
	struct scripted *s = *state;

	for (int i = 0; i < 40; i++)
		scripted_report(s, "x");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 40);
	refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_BATCH});
	assert_int_equal(scripted_take_push(s), 20);
	refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_BATCH});
	assert_int_equal(scripted_take_push(s), 10);
	scripted_ack(s, 10);
	assert_int_equal(scripted_take_push(s), 10);
	cut(s);
	s->held = 10;
	scripted_later(s, 2000);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 10);
}

static void test_engine__a_gap_is_resumed_where_the_server_says(void **state)
{
	struct scripted *s = *state;

	for (int i = 0; i < 5; i++)
		scripted_report(s, "x");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 5);
	scripted_ack(s, 5);
	scripted_report(s, "six");
	assert_int_equal(scripted_take_push(s), 1);
	refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_GAP, .resume_after = 2});
	assert_int_equal(scripted_take_push(s), 4);
	/* The store never unlearns an acknowledgement. */
	assert_int_equal(acked_of(s), 5);
	refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_GAP, .resume_after = 2});
	assert_true(scripted_silent(s));
	scripted_ack(s, 6);
	assert_int_equal(acked_of(s), 6);
}

static void test_engine__a_rolled_back_server_is_given_the_same_ops_again(void **state)
{
	struct scripted *s = *state;

	for (int i = 0; i < 3; i++)
		scripted_report(s, "x");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 3);
	scripted_ack(s, 3);
	cut(s);
	s->held = 1;
	scripted_later(s, 2000);
	scripted_session(s);
	assert_int_equal(acked_of(s), 3);
	assert_int_equal(scripted_take_push(s), 2);
	scripted_ack(s, 3);
	assert_int_equal(acked_of(s), 3);
}

static void test_engine__a_server_that_cannot_store_is_given_time(void **state)
{
	struct scripted *s = *state;

	scripted_report(s, "x");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_STORAGE, .retry_after_ms = 3000});
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_SERVER_STORAGE);
	assert_true(scripted_silent(s));
	scripted_later(s, 2999);
	assert_true(scripted_silent(s));
	assert_int_equal(bh_engine_want(s->engine).wake_mono_ms, s->now.mono_ms + 1);
	scripted_later(s, 1);
	assert_int_equal(scripted_take_push(s), 1);
	scripted_ack(s, 1);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_NONE);
}

/* ---- Forks ---- */

static void fork_expected(struct scripted *s, const uint8_t old[BH_LOG_ID_BYTES], uint64_t last_seq)
{
	assert_true(bh_engine_want(s->engine).disconnect);
	bh_engine_link_down(s->engine, s->now, BH_LINK_CLOSED);
	scripted_connect(s);
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_HELLO);

	assert_memory_not_equal(frame.u.hello.log_id.data, old, BH_LOG_ID_BYTES);
	assert_int_equal(frame.u.hello.forked_from.len, BH_LOG_ID_BYTES);
	assert_memory_equal(frame.u.hello.forked_from.data, old, BH_LOG_ID_BYTES);
	assert_int_equal(frame.u.hello.last_seq, last_seq);
	memcpy(s->log_id, frame.u.hello.log_id.data, sizeof(s->log_id));
	bh_log_start(s->hasher, "340803", s->log_id, s->links[0]);
	s->held = 0;
	struct bh_server_frame welcome = scripted_welcome(s);

	welcome.u.welcome.log_short = SCRIPTED_SHORT + 1;
	scripted_give(s, &welcome);
	assert_int_equal(scripted_take_push(s), last_seq);
	assert_true(s->last_header.has_origin);
}

static void test_engine__a_fork_told_by_the_server_begins_a_new_log(void **state)
{
	struct scripted *s = *state;
	uint8_t old[BH_LOG_ID_BYTES];

	memcpy(old, s->log_id, sizeof(old));
	scripted_report(s, "x");
	scripted_report(s, "y");
	scripted_engine(s);
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	struct bh_server_frame welcome = scripted_welcome(s);

	welcome.u.welcome.fork = true;
	scripted_give(s, &welcome);
	fork_expected(s, old, 2);
	scripted_ack(s, 2);
	assert_int_equal(acked_of(s), 2);
	struct bh_op_ref ref;
	const struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT};
	const struct bh_msg_op_content content = {.text = scripted_text("z")};

	assert_int_equal(bh_local_record(s->local, &header, &content, s->now, &ref), 0);
	assert_true(ref.number == bh_case_number(SCRIPTED_SHORT + 1, 3));
}

static void test_engine__a_server_ahead_of_an_old_backup_is_a_fork(void **state)
{
	struct scripted *s = *state;
	uint8_t old[BH_LOG_ID_BYTES];

	memcpy(old, s->log_id, sizeof(old));
	scripted_report(s, "x");
	scripted_engine(s);
	s->held = 3;
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	const struct bh_server_frame welcome = scripted_welcome(s);

	scripted_give(s, &welcome);
	fork_expected(s, old, 1);
}

static void test_engine__another_link_at_the_servers_head_is_a_fork(void **state)
{
	struct scripted *s = *state;
	uint8_t old[BH_LOG_ID_BYTES];

	memcpy(old, s->log_id, sizeof(old));
	scripted_report(s, "x");
	scripted_report(s, "y");
	scripted_engine(s);
	memset(s->links[1], 0xab, sizeof(s->links[1]));
	s->held = 1;
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	const struct bh_server_frame welcome = scripted_welcome(s);

	scripted_give(s, &welcome);
	fork_expected(s, old, 2);
}

static void test_engine__a_server_that_always_says_fork_is_met_at_the_back_offs_pace(void **state)
{
	struct scripted *s = *state;
	int64_t waited_ms = 0;

	scripted_report(s, "x");
	scripted_engine(s);
	for (int i = 0; i < 12; i++) {
		scripted_connect(s);
		scripted_take(s, BH_CLIENT_HELLO);
		struct bh_server_frame welcome = scripted_welcome(s);

		welcome.u.welcome.fork = true;
		scripted_give(s, &welcome);
		assert_true(bh_engine_want(s->engine).disconnect);
		bh_engine_link_down(s->engine, s->now, BH_LINK_CLOSED);
		if (!bh_engine_want(s->engine).connect)
			waited_ms += back_off(s);
	}
	assert_true(waited_ms > 300000);
}

/* ---- Records ---- */

static const uint64_t own_scope[] = {SCRIPTED_OWN};

static void test_engine__the_same_delta_twice_is_as_once_and_closures_are_delivered_once(
	void **state)
{
	struct scripted *s = *state;
	const struct bh_msg_closure closure = {
		.cycle = 1, .kind = BH_STATE_CLOSED, .result = scripted_text("mended")};
	const struct bh_msg_record record = {.case_number = bh_case_number(SCRIPTED_SHORT, 1),
		.position = 40,
		.cycle = 1,
		.state = BH_STATE_CLOSED,
		.closures = &closure,
		.closures_count = 1,
		.scopes = own_scope,
		.scopes_count = 1};
	struct bh_change change;
	int closures = 0;

	scripted_report(s, "x");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	scripted_ack(s, 1);
	scripted_delta(s, &record, 1, 40);
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_APPLIED);

	assert_int_equal(frame.u.applied.cursors[0].position, 40);
	assert_int_equal(scripted_take_push(s), 1);
	assert_int_equal(s->last_header.verb, BH_VERB_DELIVERED);
	assert_int_equal(s->last_header.cycle, 1);
	assert_int_equal(s->last_header.author, SCRIPTED_PERSON);
	scripted_delta(s, &record, 1, 40);
	scripted_take(s, BH_CLIENT_APPLIED);
	scripted_crash(s);
	s->held = 1;
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	scripted_ack(s, 2);
	scripted_delta(s, &record, 1, 40);
	scripted_take(s, BH_CLIENT_APPLIED);
	assert_true(scripted_silent(s));
	assert_int_equal(head_of(s), 2);
	while (bh_engine_take_change(s->engine, &change))
		closures += change.kind == BH_CHANGE_CLOSURE;
	assert_int_equal(closures, 0);
}

static void test_engine__cursors_are_told_in_hello_with_their_epoch(void **state)
{
	struct scripted *s = *state;

	scripted_engine(s);
	scripted_session(s);
	scripted_delta(s, NULL, 0, 40);
	scripted_take(s, BH_CLIENT_APPLIED);
	scripted_delta(s, NULL, 0, 30);
	scripted_take(s, BH_CLIENT_APPLIED);
	cut(s);
	scripted_later(s, 2000);
	scripted_connect(s);
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_HELLO);

	assert_int_equal(frame.u.hello.cursors_count, 1);
	assert_int_equal(frame.u.hello.cursors[0].position, 40);
	assert_int_equal(frame.u.hello.epoch, SCRIPTED_EPOCH);
	assert_int_equal(frame.u.hello.head_hash.len, 8);
	assert_int_equal(frame.u.hello.profile_version, 4);
}

static void test_engine__a_delta_of_another_epoch_is_not_applied(void **state)
{
	struct scripted *s = *state;
	const struct bh_msg_cursor cursor = {SCRIPTED_OWN, 99};
	const struct bh_server_frame delta = {.kind = BH_SERVER_DELTA,
		.u.delta = {.cursors = &cursor, .cursors_count = 1, .epoch = SCRIPTED_EPOCH + 1}};
	struct bh_msg_cursor cursors[BH_SCOPES_MAX];
	size_t count = 9;

	scripted_engine(s);
	scripted_session(s);
	scripted_give(s, &delta);
	hang_up(s);
	assert_int_equal(bh_local_cursors(s->local, cursors, &count), 0);
	assert_int_equal(count, 0);
}

static void test_engine__a_full_disk_loses_no_delta(void **state)
{
	struct scripted *s = *state;
	const struct bh_msg_record record = {.case_number = bh_case_number(99, 1),
		.position = 40,
		.scopes = own_scope,
		.scopes_count = 1,
		.text = scripted_text("told")};
	struct bh_msg_cursor cursors[BH_SCOPES_MAX];
	size_t count = 9;

	scripted_engine(s);
	scripted_session(s);
	bh_simvfs_budget_set(s->disk, bh_simvfs_bytes_used(s->disk));
	scripted_delta(s, &record, 1, 40);
	assert_true(scripted_silent(s));
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_STORE);
	hang_up(s);
	bh_simvfs_heal(s->disk);
	assert_int_equal(bh_local_cursors(s->local, cursors, &count), 0);
	assert_int_equal(count, 0);
	back_off(s);
	scripted_session(s);
	scripted_delta(s, &record, 1, 40);
	scripted_take(s, BH_CLIENT_APPLIED);
}

/* ---- The link's life ---- */

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
		int64_t wait_ms = back_off(s);

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
	refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_BUSY, .retry_after_ms = 60000});
	hang_up(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_SERVER_BUSY);
	assert_true(back_off(s) >= 60000);
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
		refuse(s, (struct bh_msg_refusal){.code = codes[i]});
		hang_up(s);
		if (!bh_engine_want(s->engine).connect)
			back_off(s);
		assert_int_equal(head_of(s), 1);
	}
}

static void test_engine__a_revoked_handset_asks_once_an_hour_and_keeps_everything(void **state)
{
	struct scripted *s = *state;

	scripted_report(s, "x");
	scripted_engine(s);
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_REVOKED});
	hang_up(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_REVOKED);
	bh_engine_sync_now(s->engine, s->now);
	assert_false(bh_engine_want(s->engine).connect);
	scripted_crash(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_REVOKED);
	assert_true(back_off(s) >= 3599000);
	assert_int_equal(head_of(s), 1);
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
	scripted_later(s, BH_HEARTBEAT_MS + 5000);
	scripted_take(s, BH_CLIENT_PING);
	assert_int_equal(bh_engine_want(s->engine).wake_mono_ms,
		s->now.mono_ms - BH_HEARTBEAT_MS - 5000 + BH_SILENCE_MS_MAX);
	scripted_later(s, BH_SILENCE_MS_MAX - BH_HEARTBEAT_MS - 5000);
	hang_up(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_CUT);
}

static void test_engine__a_handshake_or_greeting_without_end_is_given_up(void **state)
{
	struct scripted *s = *state;

	scripted_engine(s);
	assert_true(bh_engine_want(s->engine).connect);
	scripted_later(s, BH_HANDSHAKE_MS_MAX);
	hang_up(s);
	back_off(s);
	scripted_connect(s);
	scripted_later(s, BH_FRAME_MS_MAX);
	hang_up(s);
}

static void test_engine__a_frame_that_lies_about_its_length_hangs_up(void **state)
{
	struct scripted *s = *state;
	static const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff, 0, 1, 2};
	static const uint8_t junk[] = {0, 0, 0, 3, 0, 0xff, 0xff};

	scripted_engine(s);
	scripted_session(s);
	bh_engine_bytes(s->engine, s->now, bh_span(huge, sizeof(huge)));
	hang_up(s);
	back_off(s);
	scripted_session(s);
	bh_engine_bytes(s->engine, s->now, bh_span(junk, sizeof(junk)));
	hang_up(s);
}

static void test_engine__suspended_says_bye_and_stays_away(void **state)
{
	struct scripted *s = *state;

	scripted_engine(s);
	scripted_session(s);
	bh_engine_set_suspended(s->engine, s->now, true);
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_BYE);

	assert_int_equal(frame.u.bye.unsent_ops, 0);
	hang_up(s);
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
	hang_up(s);
	assert_true(bh_engine_want(s->engine).wake_mono_ms == INT64_MAX);
	scripted_report(s, "y");
	assert_true(bh_engine_want(s->engine).connect);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_engine__idle_without_enrolment),
		cmocka_unit_test(test_engine__enrolment_is_asked_again_after_a_cut_and_then_greets),
		cmocka_unit_test(test_engine__a_receipt_of_another_key_enrols_nobody),
		cmocka_unit_test(test_engine__a_refused_code_stops_asking_until_there_is_a_new_one),
		CASE(test_engine__hello_proves_and_pushes_follow_signed_once),
		CASE(test_engine__a_lost_acknowledgement_is_made_good_by_the_welcome),
		CASE(test_engine__pushed_is_not_acknowledged),
		CASE(test_engine__at_most_four_pushes_are_unanswered),
		CASE(test_engine__an_acknowledgement_of_another_link_is_not_believed),
		CASE(test_engine__an_acknowledgement_beyond_what_was_pushed_is_not_believed),
		CASE(test_engine__a_refused_batch_is_halved_and_the_size_is_kept),
		CASE(test_engine__a_gap_is_resumed_where_the_server_says),
		CASE(test_engine__a_rolled_back_server_is_given_the_same_ops_again),
		CASE(test_engine__a_server_that_cannot_store_is_given_time),
		CASE(test_engine__a_fork_told_by_the_server_begins_a_new_log),
		CASE(test_engine__a_server_ahead_of_an_old_backup_is_a_fork),
		CASE(test_engine__another_link_at_the_servers_head_is_a_fork),
		CASE(test_engine__a_server_that_always_says_fork_is_met_at_the_back_offs_pace),
		CASE(test_engine__the_same_delta_twice_is_as_once_and_closures_are_delivered_once),
		CASE(test_engine__cursors_are_told_in_hello_with_their_epoch),
		CASE(test_engine__a_delta_of_another_epoch_is_not_applied),
		CASE(test_engine__a_full_disk_loses_no_delta),
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
