/* A session's life: every kind in every phase, frames however they are cut, and bounds
 * (faults.md A02, A03, A04, A06, I13). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "proto/frame.h"
#include "tests/unit/sync/single.h"

static void bytes(struct bh_single *f, const void *data, size_t len)
{
	bh_session_bytes(
		f->phone.session, f->world.now, bh_world_ms(&f->world), bh_span(data, len));
}

static void tick(struct bh_single *f)
{
	bh_session_tick(f->phone.session, f->world.now, bh_world_ms(&f->world));
}

static void frame_append(struct bh_buf *out, const struct bh_client_frame *frame)
{
	size_t mark;
	assert_int_equal(bh_frame_begin(out, &mark), 0);
	assert_int_equal(bh_encode_client_frame(frame, out), 0);
	assert_int_equal(bh_frame_end(out, mark), 0);
}

/* ---- Every kind in every phase ---- */

enum phase { OPEN, ENROLLING, BEGINNING, FORKED, LIVE, PHASES };

static const uint8_t zeroes[64];

/* A frame of the kind that decodes; nothing in it holds. */
static struct bh_client_frame frame_of(struct bh_single *f, enum bh_client_kind kind)
{
	struct bh_client_frame frame = {.kind = kind};
	if (kind == BH_CLIENT_HELLO) {
		frame.u.hello = bh_phone_hello(&f->phone);
		frame.u.hello.signature = bh_span(zeroes, 64);
	} else if (kind == BH_CLIENT_ENROL) {
		frame.u.enrol = (struct bh_msg_enrol){.version_min = 1,
			.version_max = 1,
			.code = bh_span(zeroes, BH_CODE_BYTES),
			.public_key = bh_span(zeroes, BH_PUBLIC_KEY_BYTES),
			.log_id = bh_span(zeroes, BH_LOG_ID_BYTES),
			.signature = bh_span(zeroes, 64)};
	} else if (kind == BH_CLIENT_PUSH) {
		frame.u.push = (struct bh_msg_push){.first_seq = 77,
			.salts = bh_span(zeroes, BH_SALT_BYTES),
			.batch = {BH_PACK_BARE, 4, bh_span("\x0a\x00\x12\x00", 4)}};
	}
	return frame;
}

/* So that another log than ours can be told from it. */
static void one_op_there(struct bh_single *f)
{
	if (f->phone.count > 0)
		return;
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_report(&f->phone, "井盖破损");
	bh_phone_push(&f->phone, 1, 1, true);
	(void)bh_phone_expect(&f->phone, BH_SERVER_ACK);
}

static void hello_now(struct bh_single *f, bool forked)
{
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
	if (forked)
		one_op_there(f);
	bh_phone_connect(&f->phone);
	frame.u.hello = bh_phone_hello(&f->phone);
	if (forked) {
		frame.u.hello.acked_seq = frame.u.hello.last_seq = 1;
		frame.u.hello.acked_link = bh_span(zeroes, BH_HASH_BYTES);
	}
	bh_phone_sign_hello(&f->phone, &frame.u.hello, signature);
	bh_phone_send(&f->phone, &frame);
}

static void enrol_now(struct bh_single *f)
{
	uint8_t public_key[BH_PUBLIC_KEY_BYTES], signature[BH_SIGNATURE_BYTES];
	struct bh_buf message = BH_BUF(512);
	struct bh_client_frame frame = frame_of(f, BH_CLIENT_ENROL);
	bh_phone_connect(&f->phone);
	bh_key_public(f->phone.key, public_key);
	frame.u.enrol.public_key = bh_span(public_key, sizeof(public_key));
	assert_int_equal(bh_enrol_message(&message, &f->phone.binding, BH_WORLD_CODE, zeroes,
				 public_key, zeroes),
		0);
	assert_int_equal(bh_key_sign(f->phone.key, bh_buf_span(&message), signature), 0);
	bh_buf_free(&message);
	frame.u.enrol.signature = bh_span(signature, sizeof(signature));
	bh_phone_send(&f->phone, &frame);
}

static void enter(struct bh_single *f, enum phase phase)
{
	f->world.held = phase == ENROLLING || phase == BEGINNING;
	if (phase == OPEN)
		bh_phone_connect(&f->phone);
	else if (phase == ENROLLING)
		enrol_now(f);
	else if (phase == FORKED)
		hello_now(f, true);
	else if (phase == BEGINNING) {
		bh_phone_new_log(&f->phone);
		hello_now(f, false);
	} else
		(void)bh_phone_live(&f->phone);
	(void)bh_phone_drain(&f->phone);
	assert_false(bh_session_is_closing(f->phone.session));
}

/* What the server says: 0 is nothing at all, else the code of a refusal; -1 is a Pong. */
static const int answers[PHASES][BH_CLIENT_BYE + 1] = {
	[OPEN] = {0, BH_REFUSAL_NOT_PROVED, BH_REFUSAL_NOT_PROVED, BH_REFUSAL_ORDER,
		BH_REFUSAL_ORDER, BH_REFUSAL_ORDER, BH_REFUSAL_ORDER, BH_REFUSAL_ORDER},
	[ENROLLING] = {0, BH_REFUSAL_ORDER, BH_REFUSAL_ORDER, BH_REFUSAL_ORDER, BH_REFUSAL_ORDER,
		BH_REFUSAL_ORDER, BH_REFUSAL_ORDER, BH_REFUSAL_ORDER},
	[BEGINNING] = {0, BH_REFUSAL_ORDER, BH_REFUSAL_ORDER, BH_REFUSAL_ORDER, BH_REFUSAL_ORDER,
		-1, 0, 0},
	[FORKED] = {0, BH_REFUSAL_NOT_PROVED, BH_REFUSAL_ORDER, BH_REFUSAL_ORDER, BH_REFUSAL_ORDER,
		-1, 0, 0},
	[LIVE] = {0, BH_REFUSAL_ORDER, BH_REFUSAL_ORDER, BH_REFUSAL_GAP, 0, -1, 0, 0},
};

static void test_session__each_kind_is_answered_by_its_phase(void **state)
{
	struct bh_single *f = *state;
	for (enum phase phase = OPEN; phase < PHASES; phase++) {
		for (int kind = BH_CLIENT_HELLO; kind <= BH_CLIENT_BYE; kind++) {
			struct bh_server_frame said;
			int answer = answers[phase][kind];
			enter(f, phase);
			struct bh_client_frame frame = frame_of(f, (enum bh_client_kind)kind);
			bh_phone_send(&f->phone, &frame);
			bool spoke = bh_phone_next(&f->phone, &said);
			assert_int_equal(spoke, answer != 0);
			if (answer > 0)
				assert_int_equal(said.u.refusal.code, answer);
			if (spoke)
				assert_int_equal(
					said.kind, answer < 0 ? BH_SERVER_PONG : BH_SERVER_REFUSAL);
			bh_phone_expect_nothing(&f->phone);
			assert_int_equal(bh_session_is_closing(f->phone.session),
				kind == BH_CLIENT_BYE || (answer > 0 && answer != BH_REFUSAL_GAP));
		}
	}
}

static void test_session__an_unknown_kind_is_skipped_in_every_phase(void **state)
{
	struct bh_single *f = *state;
	static const uint8_t unknown[] = {0, 0, 0, 4, 0, 0xa2, 0x06, 0x00};
	for (enum phase phase = OPEN; phase < PHASES; phase++) {
		enter(f, phase);
		bytes(f, unknown, sizeof(unknown));
		bh_phone_expect_nothing(&f->phone);
		assert_false(bh_session_is_closing(f->phone.session));
	}
}

static void test_session__nothing_is_looked_at_behind_a_refusal(void **state)
{
	struct bh_single *f = *state;
	struct bh_buf out = BH_BUF(4096);
	struct bh_client_frame push = frame_of(f, BH_CLIENT_PUSH);
	struct bh_client_frame hello = frame_of(f, BH_CLIENT_HELLO);
	frame_append(&out, &push);
	frame_append(&out, &hello);
	bh_phone_connect(&f->phone);
	bytes(f, out.data, out.len);
	bh_buf_free(&out);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_ORDER);
	bh_phone_expect_nothing(&f->phone);
}

/* ---- Frames ---- */

static void test_session__bytes_one_by_one_and_glued_together_mean_the_same(void **state)
{
	struct bh_single *f = *state;
	for (size_t step = 1; step < 5000; step = step == 1 ? 4999 : 5000) {
		uint8_t signature[BH_SIGNATURE_BYTES];
		struct bh_buf out = BH_BUF(8192);
		struct bh_client_frame ping = {.kind = BH_CLIENT_PING};
		struct bh_client_frame hello = {.kind = BH_CLIENT_HELLO};
		struct bh_client_frame bye = {.kind = BH_CLIENT_BYE};
		bh_phone_connect(&f->phone);
		hello.u.hello = bh_phone_hello(&f->phone);
		bh_phone_sign_hello(&f->phone, &hello.u.hello, signature);
		frame_append(&out, &hello);
		frame_append(&out, &ping);
		frame_append(&out, &ping);
		frame_append(&out, &bye);
		for (size_t at = 0; at < out.len; at += step)
			bytes(f, out.data + at, out.len - at < step ? out.len - at : step);
		bh_buf_free(&out);
		(void)bh_phone_expect(&f->phone, BH_SERVER_WELCOME);
		(void)bh_phone_expect(&f->phone, BH_SERVER_PONG);
		(void)bh_phone_expect(&f->phone, BH_SERVER_PONG);
		bh_phone_expect_nothing(&f->phone);
		assert_string_equal(bh_session_reason(f->phone.session), "it said goodbye");
	}
}

static void test_session__what_is_no_frame_is_refused_from_its_head(void **state)
{
	struct bh_single *f = *state;
	static const struct {
		uint8_t head[6];
		size_t len;
		enum bh_refusal code;
	} bad[] = {
		{{0xff, 0xff, 0xff, 0xff}, 4, BH_REFUSAL_TOO_LARGE},
		{{0x80, 0, 0, 0}, 4, BH_REFUSAL_TOO_LARGE},
		{{0, 0, 0x40, 0x01}, 4, BH_REFUSAL_TOO_LARGE},
		{{0, 0, 0, 0}, 4, BH_REFUSAL_BAD_FRAME},
		{{0, 0, 0, 1}, 4, BH_REFUSAL_BAD_FRAME},
		{{0, 0, 0, 9, 0x80}, 5, BH_REFUSAL_BAD_FRAME},
		{{0, 0, 0, 2, 0, 0x07}, 6, BH_REFUSAL_BAD_FRAME},
	};
	struct bh_hub_counts counts;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (size_t step = 1; step <= bad[i].len; step += bad[i].len - 1) {
			bh_phone_connect(&f->phone);
			for (size_t at = 0; at < bad[i].len; at += step)
				bytes(f, bad[i].head + at, step);
			(void)bh_phone_expect_refusal(&f->phone, bad[i].code);
			assert_true(bh_session_is_closing(f->phone.session));
		}
	}
	bh_hub_counts(f->world.hub, &counts);
	assert_int_equal(counts.bad_frames, 2 * sizeof(bad) / sizeof(bad[0]));
}

static void test_session__a_proved_session_may_send_larger_frames(void **state)
{
	struct bh_single *f = *state;
	static const uint8_t head[] = {0, 0x07, 0xff, 0xff, 0};
	static const uint8_t over[] = {0, 0x08, 0x00, 0x01, 0};
	(void)bh_phone_live(&f->phone);
	bytes(f, head, sizeof(head));
	bh_phone_expect_nothing(&f->phone);
	(void)bh_phone_live(&f->phone);
	bytes(f, over, sizeof(over));
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_TOO_LARGE);
}

/* ---- Bounds, and the hub's face ---- */

static void test_session__who_does_not_read_is_cut_at_the_output_cap(void **state)
{
	struct bh_single *f = *state;
	struct bh_buf out = BH_BUF(4096);
	struct bh_client_frame ping = {.kind = BH_CLIENT_PING};
	frame_append(&out, &ping);
	(void)bh_phone_live(&f->phone);
	for (int i = 0; i < 200000 && !bh_session_is_closing(f->phone.session); i++)
		bytes(f, out.data, out.len);
	bh_buf_free(&out);
	assert_true(bh_session_is_closing(f->phone.session));
	assert_string_equal(bh_session_reason(f->phone.session), "it reads too slowly");
	assert_true(bh_session_output(f->phone.session)->len <= BH_SESSION_OUTPUT_MAX);
}

static void test_session__an_idle_session_owns_no_buffer(void **state)
{
	struct bh_single *f = *state;
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_drain(&f->phone);
	tick(f);
	assert_null(bh_session_output(f->phone.session)->data);
}

static void test_session__touched_sessions_are_given_once_each(void **state)
{
	struct bh_single *f = *state;
	struct bh_phone other;
	bh_phone_enrolled(&f->world, BH_DEMO_WORKER(1112), &other);
	while (bh_hub_next_touched(f->world.hub) != NULL)
		;
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_live(&other);
	assert_ptr_equal(bh_hub_next_touched(f->world.hub), f->phone.session);
	bh_phone_hang_up(&other); /* gone while it was listed */
	assert_null(bh_hub_next_touched(f->world.hub));
	bh_phone_free(&other);
}

static void test_session__what_is_unsent_is_left_for_the_supervisor_once(void **state)
{
	struct bh_single *f = *state;
	struct bh_contact contacts[4];
	struct bh_client_frame bye = {.kind = BH_CLIENT_BYE, .u.bye = {3, 1234, 99}};
	(void)bh_phone_report(&f->phone, "x");
	(void)bh_phone_report(&f->phone, "y");
	(void)bh_phone_live(&f->phone);
	/* at once: a server that dies now knows what is out there */
	assert_int_equal(bh_hub_take_contacts(f->world.hub, contacts, 4), 1);
	assert_int_equal(contacts[0].unsent_ops, 2);
	assert_int_equal(bh_hub_take_contacts(f->world.hub, contacts, 4), 0);
	bh_phone_push(&f->phone, 1, 1, false);
	bh_phone_hang_up(&f->phone); /* without a word */
	assert_int_equal(bh_hub_take_contacts(f->world.hub, contacts, 0), 0);
	assert_int_equal(bh_hub_take_contacts(f->world.hub, contacts, 4), 1);
	assert_int_equal(contacts[0].device, f->phone.device);
	assert_int_equal(contacts[0].unsent_ops, 1);
	assert_int_equal(bh_hub_take_contacts(f->world.hub, contacts, 4), 0);
	bh_world_pass(&f->world, 5000);
	(void)bh_phone_live(&f->phone);
	bh_phone_push(&f->phone, 2, 1, false);
	assert_int_equal(bh_hub_take_contacts(f->world.hub, contacts, 4), 0); /* it arrived */
	bye.u.bye.oldest_ms = f->world.now.wall_ms + f->phone.skew_ms - 4000;
	bh_phone_send(&f->phone, &bye);
	assert_int_equal(bh_hub_take_contacts(f->world.hub, contacts, 4), 1);
	assert_int_equal(contacts[0].unsent_ops, 3);
	assert_int_equal(contacts[0].unsent_bytes, 1234);
	assert_true(contacts[0].oldest_ms == bh_world_ms(&f->world) - 4000);
	assert_true(contacts[0].at_ms == bh_world_ms(&f->world));
	assert_int_equal(bh_writer_contacts(f->world.writer, f->world.now, contacts, 1), 0);
}

static void test_session__a_shutdown_is_said_to_everybody(void **state)
{
	struct bh_single *f = *state;
	(void)bh_phone_live(&f->phone);
	bh_hub_shutdown(f->world.hub, f->world.now);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_SHUTDOWN);
	assert_true(bh_session_is_closing(f->phone.session));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bh_single_setup, bh_single_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_session__each_kind_is_answered_by_its_phase),
		CASE(test_session__an_unknown_kind_is_skipped_in_every_phase),
		CASE(test_session__nothing_is_looked_at_behind_a_refusal),
		CASE(test_session__bytes_one_by_one_and_glued_together_mean_the_same),
		CASE(test_session__what_is_no_frame_is_refused_from_its_head),
		CASE(test_session__a_proved_session_may_send_larger_frames),
		CASE(test_session__who_does_not_read_is_cut_at_the_output_cap),
		CASE(test_session__an_idle_session_owns_no_buffer),
		CASE(test_session__touched_sessions_are_given_once_each),
		CASE(test_session__what_is_unsent_is_left_for_the_supervisor_once),
		CASE(test_session__a_shutdown_is_said_to_everybody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
