/* A bundle out of the store, and the district's answer to one: what is written is what is recorded,
 * and nothing is believed but what the pinned key says of this handset's present log. */
#include "tests/unit/client/scripted.h"

#include <stdlib.h>
#include <string.h>

#include "client-lib/carry.h"
#include "proto/bundle_frames.h"
#include "proto/err.h"

#define REPORTS 5
#define FILE_MAX (1u << 20)

struct fixture {
	struct scripted *s;
	struct bh_key *district;
	struct bh_buf file;
	/* What its reader found: */
	struct bh_msg_bundle_statement statement;
	struct bh_buf statement_bytes;
	struct bh_arena arena;
	size_t frames, ops, receipts;
	struct bh_buf signatures; /* one or two */
};

static struct fixture f;

static int open(void **state)
{
	uint8_t key[BH_PUBLIC_KEY_BYTES];
	int rc = scripted_setup(state);

	f = (struct fixture){.s = *state,
		.file = BH_BUF(FILE_MAX),
		.statement_bytes = BH_BUF(8192),
		.signatures = BH_BUF(2 * BH_SIGNATURE_BYTES),
		.arena = BH_ARENA(FILE_MAX)};
	assert_int_equal(bh_key_generate(&f.district), 0);
	bh_key_public(f.district, key);
	struct bh_msg_district told = scripted_district();
	told.bundle_key = bh_span(key, sizeof(key));
	told.bundle_key_id = bh_span("12345678", 8);
	assert_int_equal(bh_local_district(f.s->local, &told, NULL), 0);
	scripted_engine(f.s);
	return rc;
}

static int close(void **state)
{
	bh_key_free(f.district);
	bh_buf_free(&f.file);
	bh_buf_free(&f.statement_bytes);
	bh_buf_free(&f.signatures);
	bh_arena_free(&f.arena);
	return scripted_teardown(state);
}

static int grow(void *context, struct bh_span bytes)
{
	return bh_buf_append(context, bytes.data, bytes.len);
}

static int own_sign(void *context, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	struct bh_span message, uint8_t signature[BH_SIGNATURE_BYTES])
{
	const struct scripted *s = context;

	return bh_carry_sign(s->local, public_key, message, signature);
}

static int other_sign(void *context, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	struct bh_span message, uint8_t signature[BH_SIGNATURE_BYTES])
{
	(void)context;
	(void)public_key;
	return bh_key_sign(f.district, message, signature);
}

static int carry(struct bh_carried *carried)
{
	const struct bh_carry_options options = {
		.local = f.s->local, .context = f.s, .sign = own_sign};
	const struct bh_bundle_sink sink = {grow, &f.file};

	return bh_carry_out(&options, sink, carried);
}

static int body_read(void *context, struct bh_span body)
{
	struct bh_msg_signed told;
	struct bh_client_frame frame;

	(void)context;
	if (f.frames++ > 0) {
		assert_int_equal(bh_decode_client_frame(body, &f.arena, &frame), 0);
		f.ops += frame.kind == BH_CLIENT_PUSH ? frame.u.push.salts.len / BH_SALT_BYTES : 0;
		f.receipts += frame.kind == BH_CLIENT_PUSH ? frame.u.push.receipts_count : 0;
		return 0;
	}
	assert_int_equal(bh_decode_signed(body, &f.arena, &told), 0);
	assert_int_equal(
		bh_buf_append(&f.statement_bytes, told.statement.data, told.statement.len), 0);
	assert_int_equal(bh_buf_append(&f.signatures, told.signature.data, told.signature.len), 0);
	assert_int_equal(
		bh_buf_append(&f.signatures, told.next_signature.data, told.next_signature.len), 0);
	return bh_decode_bundle_statement(bh_buf_span(&f.statement_bytes), &f.arena, &f.statement);
}

/* Carries what there is, and reads it. */
static void export_again(uint64_t ops)
{
	const struct bh_key *keys[] = {f.district};
	struct bh_bundle_frames *frames = NULL;
	struct bh_carried carried = {0};

	f.file.len = f.statement_bytes.len = f.signatures.len = 0;
	f.frames = f.ops = f.receipts = 0;
	assert_int_equal(carry(&carried), 0);
	assert_int_equal(carried.ops, ops);
	assert_int_equal(bh_bundle_frames_open(keys, 1, body_read, NULL, &frames), 0);
	assert_int_equal(bh_bundle_frames_put(frames, bh_buf_span(&f.file)), 0);
	assert_int_equal(bh_bundle_frames_end(frames), 0);
	bh_bundle_frames_close(frames);
	assert_int_equal(f.ops, ops);
}

static void export(void)
{
	for (int i = 0; i < REPORTS; i++)
		(void)scripted_report(f.s, "no network here");
	export_again(REPORTS);
}

static struct bh_log log_now(void)
{
	struct bh_log log;

	assert_int_equal(bh_local_log(f.s->local, &log), 0);
	return log;
}

static void test_carry__what_is_recorded_is_in_it_and_stays(void **state)
{
	(void)state;
	export();
	struct bh_log log = log_now();
	assert_int_equal(f.ops, REPORTS);
	assert_int_equal(f.statement.last_seq, REPORTS);
	assert_true(bh_span_equal(f.statement.last_link, bh_span(log.head_link, BH_HASH_BYTES)));
	assert_int_equal(log.acked_seq, 0);
}

static void test_carry__nothing_is_written_of_nothing(void **state)
{
	struct bh_carried carried;

	(void)state;
	assert_int_equal(carry(&carried), BH_ERR_NOT_FOUND);
	assert_int_equal(f.file.len, 0);
}

static void test_carry__it_needs_a_key_to_be_sealed_for_and_the_device_s_signature(void **state)
{
	const struct bh_carry_options options = {
		.local = f.s->local, .context = f.s, .sign = other_sign};
	const struct bh_bundle_sink sink = {grow, &f.file};
	const struct bh_msg_district without = scripted_district();
	struct bh_carried carried;

	(void)state;
	(void)scripted_report(f.s, "no network here");
	assert_int_equal(bh_carry_out(&options, sink, &carried), BH_ERR_AUTH);
	assert_int_equal(bh_local_district(f.s->local, &without, NULL), 0);
	assert_int_equal(carry(&carried), BH_ERR_VERSION);
}

/* ---- Answers ---- */

static struct bh_msg_bundle_answer answer_of(const struct bh_log *log, uint64_t seq)
{
	static uint8_t link[BH_HASH_BYTES];

	assert_int_equal(bh_local_link(f.s->local, seq, link), 0);
	return (struct bh_msg_bundle_answer){.district = f.statement.district,
		.device = f.statement.device,
		.log_id = bh_span(log->log_id, sizeof(log->log_id)),
		.has_ack = true,
		.ack = {.seq = seq,
			.link_check = bh_span(link, BH_CHECK_BYTES),
			.received_ms = 1,
			.mac = scripted_text("0123456789abcdef")},
		.last_seq = seq};
}

static void answer_write(
	const struct bh_msg_bundle_answer *answer, const struct bh_key *signer, struct bh_buf *out)
{
	const struct bh_bundle_sink sink = {grow, out};
	uint8_t signature[BH_SIGNATURE_BYTES], key[BH_PUBLIC_KEY_BYTES];
	struct bh_buf word = BH_BUF(8192), message = BH_BUF(9000), told = BH_BUF(9000);
	struct bh_bundle_writer *writer = NULL;

	out->len = 0;
	bh_key_public(signer, key);
	assert_int_equal(bh_encode_bundle_answer(answer, &word), 0);
	assert_int_equal(bh_bundle_answer_message(&message, bh_buf_span(&word)), 0);
	assert_int_equal(bh_key_sign(signer, bh_buf_span(&message), signature), 0);
	const struct bh_msg_signed made = {.statement = bh_buf_span(&word),
		.signature = bh_span(signature, sizeof(signature)),
		.key = bh_span(key, sizeof(key))};
	assert_int_equal(bh_encode_signed(&made, &told), 0);
	assert_int_equal(bh_bundle_writer_open(f.statement.reply_key.data, sink, &writer), 0);
	assert_int_equal(bh_bundle_put_frame(writer, bh_buf_span(&told)), 0);
	assert_int_equal(bh_bundle_writer_end(writer), 0);
	bh_bundle_writer_close(writer);
	bh_buf_free(&word);
	bh_buf_free(&message);
	bh_buf_free(&told);
}

static int word_take(void *context, const struct bh_msg_bundle_answer *answer,
	const uint8_t reply_key[BH_PUBLIC_KEY_BYTES])
{
	struct scripted *s = context;

	return bh_engine_answered(s->engine, s->now, answer, reply_key);
}

static int answer_take(struct bh_span bytes)
{
	struct bh_carry_answer *reading = NULL;
	int rc = bh_carry_answer_open(f.s->local, word_take, f.s, &reading);

	if (rc == 0)
		rc = bh_carry_answer_put(reading, bytes);
	if (rc == 0)
		rc = bh_carry_answer_end(reading);
	bh_carry_answer_close(reading);
	return rc;
}

static void test_carry__an_answer_acknowledges_forward_alone(void **state)
{
	struct bh_buf bytes = BH_BUF(FILE_MAX);

	(void)state;
	export();
	struct bh_log log = log_now();
	for (uint64_t seq = 4; seq >= 2; seq -= 2) {
		struct bh_msg_bundle_answer answer = answer_of(&log, seq);
		answer_write(&answer, f.s->ca, &bytes);
		assert_int_equal(answer_take(bh_buf_span(&bytes)), 0);
		assert_int_equal(log_now().acked_seq, 4);
	}
	bh_buf_free(&bytes);
}

static void test_carry__an_answer_in_another_name_is_none(void **state)
{
	struct bh_buf bytes = BH_BUF(FILE_MAX);
	static const uint8_t strange[BH_HASH_BYTES] = {1};

	(void)state;
	export();
	struct bh_log log = log_now();
	struct bh_msg_bundle_answer answer = answer_of(&log, 3);
	answer_write(&answer, f.district, &bytes); /* a key that nobody pinned */
	assert_int_equal(answer_take(bh_buf_span(&bytes)), BH_ERR_AUTH);
	answer.device++;
	answer_write(&answer, f.s->ca, &bytes);
	assert_int_equal(answer_take(bh_buf_span(&bytes)), BH_ERR_AUTH);
	answer = answer_of(&log, 3);
	answer.district = scripted_text("990101");
	answer_write(&answer, f.s->ca, &bytes);
	assert_int_equal(answer_take(bh_buf_span(&bytes)), BH_ERR_AUTH);
	answer = answer_of(&log, 3);
	answer.log_id = bh_span(strange, BH_LOG_ID_BYTES);
	answer_write(&answer, f.s->ca, &bytes);
	assert_int_equal(answer_take(bh_buf_span(&bytes)), BH_ERR_FORK);
	answer = answer_of(&log, 3);
	answer.ack.link_check = bh_span(strange, BH_CHECK_BYTES);
	answer_write(&answer, f.s->ca, &bytes);
	assert_int_equal(answer_take(bh_buf_span(&bytes)), BH_ERR_FORK);
	assert_int_equal(answer_take(bh_buf_span(&f.file)), BH_ERR_NOT_FOUND); /* its own bundle */
	assert_int_equal(log_now().acked_seq, 0);
	bh_buf_free(&bytes);
}

/* What the server says of a bundle with a gap before it: gives the code of its being taken. */
static int held_take(uint64_t held_seq, uint64_t last_seq, bool strange)
{
	struct bh_log log = log_now();
	struct bh_msg_bundle_answer answer = answer_of(&log, held_seq);
	struct bh_buf bytes = BH_BUF(FILE_MAX);
	uint8_t link[BH_HASH_BYTES];

	assert_int_equal(bh_local_link(f.s->local, held_seq, link), 0);
	link[0] ^= strange;
	answer.has_ack = false;
	answer.last_seq = last_seq;
	answer.held_seq = held_seq;
	answer.held_link = bh_span(link, sizeof(link));
	answer_write(&answer, f.s->ca, &bytes);
	int rc = answer_take(bh_buf_span(&bytes));
	bh_buf_free(&bytes);
	return rc;
}

static void ack_take(uint64_t seq)
{
	struct bh_log log = log_now();
	struct bh_msg_bundle_answer answer = answer_of(&log, seq);
	struct bh_buf bytes = BH_BUF(FILE_MAX);

	answer_write(&answer, f.s->ca, &bytes);
	assert_int_equal(answer_take(bh_buf_span(&bytes)), 0);
	assert_int_equal(log_now().acked_seq, seq);
	bh_buf_free(&bytes);
}

/* It was put back, and says what it holds: what it had acknowledged goes once more, receipts and
 * all, until it acknowledges again. */
static void test_carry__a_server_that_was_put_back_is_given_what_it_lost(void **state)
{
	(void)state;
	export();
	ack_take(2);
	ack_take(4);
	assert_int_equal(held_take(1, 5, true), BH_ERR_FORK);
	assert_int_equal(held_take(1, 4, false), 0); /* of a bundle that was taken since */
	assert_int_equal(held_take(4, 5, false), 0); /* which is no loss */
	export_again(1);
	assert_int_equal(held_take(1, 5, false), 0);
	assert_int_equal(log_now().acked_seq, 4);
	scripted_crash(f.s);
	export_again(4);
	assert_int_equal(f.statement.after_seq, 1);
	assert_int_equal(f.receipts, 2);
	assert_int_equal(held_take(0, 5, false), 0); /* put back once more */
	export_again(5);
	ack_take(5);
	(void)scripted_report(f.s, "and another one");
	export_again(1);
	assert_int_equal(held_take(1, 5, false), 0); /* an old word */
	export_again(1);
}

static bool signed_by(size_t i, const uint8_t public_key[BH_PUBLIC_KEY_BYTES])
{
	struct bh_buf message = BH_BUF(9000);

	assert_int_equal(bh_bundle_message(&message, bh_buf_span(&f.statement_bytes)), 0);
	int rc = bh_key_verify(
		public_key, bh_buf_span(&message), f.signatures.data + i * BH_SIGNATURE_BYTES);
	bh_buf_free(&message);
	return rc == 0;
}

/* Which one the server has is not known before it says so. */
static void test_carry__while_another_key_waits_both_sign(void **state)
{
	uint8_t next[BH_PUBLIC_KEY_BYTES];
	const struct bh_key *key;
	struct bh_device device;

	(void)state;
	export();
	assert_int_equal(f.signatures.len, BH_SIGNATURE_BYTES);
	assert_int_equal(bh_local_device(f.s->local, &device), 0);
	assert_true(signed_by(0, device.public_key));
	assert_int_equal(bh_local_rotate(f.s->local, NULL), 0);
	assert_true(bh_local_next_key(f.s->local, &key, next));
	export_again(REPORTS);
	assert_int_equal(f.signatures.len, 2 * BH_SIGNATURE_BYTES);
	assert_true(signed_by(0, device.public_key) && signed_by(1, next));
	assert_int_equal(bh_local_rotated(f.s->local, true), 0);
	export_again(REPORTS);
	assert_int_equal(f.signatures.len, BH_SIGNATURE_BYTES);
	assert_true(signed_by(0, next));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(test_carry__##name, open, close)
		CASE(what_is_recorded_is_in_it_and_stays),
		CASE(nothing_is_written_of_nothing),
		CASE(it_needs_a_key_to_be_sealed_for_and_the_device_s_signature),
		CASE(an_answer_acknowledges_forward_alone),
		CASE(an_answer_in_another_name_is_none),
		CASE(a_server_that_was_put_back_is_given_what_it_lost),
		CASE(while_another_key_waits_both_sign),
	};

	return cmocka_run_group_tests_name("carry", tests, NULL, NULL);
}
