/* Up: pushes, acknowledgements and refusals of both, against a scripted server. */
#include "tests/unit/client/scripted.h"

#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "proto/number.h"
#include "proto/verdict.h"

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
	assert_int_equal(scripted_acked(s), 2);
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
	scripted_cut(s);
	assert_int_equal(scripted_acked(s), 0);
	scripted_later(s, 2000);
	scripted_session(s);
	assert_int_equal(scripted_acked(s), 1);
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
	assert_int_equal(scripted_acked(s), 2600);
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
	assert_int_equal(scripted_acked(s), 0);
	scripted_hang_up(s);
}

static void test_engine__an_acknowledgement_beyond_what_was_pushed_is_not_believed(void **state)
{
	struct scripted *s = *state;

	scripted_report(s, "one");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	scripted_ack(s, 2);
	assert_int_equal(scripted_acked(s), 0);
	scripted_hang_up(s);
}

static void test_engine__a_refused_batch_is_halved_and_the_size_is_kept(void **state)
{
	struct scripted *s = *state;

	for (int i = 0; i < 40; i++)
		scripted_report(s, "x");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 40);
	scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_BATCH});
	assert_int_equal(scripted_take_push(s), 20);
	scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_BATCH});
	assert_int_equal(scripted_take_push(s), 10);
	scripted_ack(s, 10);
	assert_int_equal(scripted_take_push(s), 10);
	scripted_cut(s);
	s->held = 10;
	scripted_later(s, 2000);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 10);
}

/* A frame that takes longer than its 30 s is cut without a word, each time at the same place. */
static void test_engine__a_way_that_is_cut_in_every_push_is_given_smaller_ones(void **state)
{
	static const size_t pushed[] = {40, 20, 10, 5, 3, 2, 1, 1};
	struct scripted *s = *state;

	for (int i = 0; i < 40; i++)
		scripted_report(s, "x");
	scripted_engine(s);
	for (size_t i = 0; i < sizeof(pushed) / sizeof(pushed[0]); i++) {
		scripted_session(s);
		assert_int_equal(scripted_take_push(s), pushed[i]);
		s->held = 0;
		scripted_cut(s);
		(void)scripted_back_off(s);
	}
	/* What gets through is doubled, so that a better way is used again. */
	scripted_session(s);
	size_t largest = 0;

	while (!scripted_silent(s)) {
		size_t count = scripted_take_push(s);

		largest = count > largest ? count : largest;
		scripted_ack(s, s->held);
	}
	assert_int_equal(scripted_acked(s), 40);
	assert_in_range(largest, 8, 40);
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
	scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_GAP, .resume_after = 2});
	/* What is given again goes apart from what is new. */
	assert_int_equal(scripted_take_push(s), 3);
	/* The store never unlearns an acknowledgement. */
	assert_int_equal(scripted_acked(s), 5);
	scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_GAP, .resume_after = 2});
	assert_true(scripted_silent(s));
	scripted_ack(s, 5);
	assert_int_equal(scripted_take_push(s), 1);
	scripted_ack(s, 6);
	assert_int_equal(scripted_acked(s), 6);
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
	scripted_cut(s);
	s->held = 1;
	scripted_later(s, 2000);
	scripted_session(s);
	assert_int_equal(scripted_acked(s), 3);
	assert_int_equal(scripted_take_push(s), 2);
	scripted_ack(s, 3);
	assert_int_equal(scripted_acked(s), 3);
}

/* A receipt would stay behind when its batch is cut small. */
static void test_engine__a_rolled_back_server_is_given_whole_receipts_over_a_bad_link(void **state)
{
	struct scripted *s = *state;

	for (int i = 0; i < 40; i++)
		scripted_report(s, "x");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 40);
	scripted_ack(s, 20);
	scripted_ack(s, 40);
	scripted_cut(s);
	for (int i = 0; i < 8; i++) {
		s->held = 0;
		scripted_later(s, 1000 * 1000);
		scripted_session(s);
		struct bh_client_frame frame = scripted_take(s, BH_CLIENT_PUSH);
		assert_int_equal(frame.u.push.receipts_count, i == 0 ? 2 : 1);
		assert_int_equal(frame.u.push.receipts[0].seq, 20);
		scripted_cut(s);
	}
}

static void test_engine__a_server_that_cannot_store_is_given_time(void **state)
{
	struct scripted *s = *state;

	scripted_report(s, "x");
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 1);
	scripted_refuse(
		s, (struct bh_msg_refusal){.code = BH_REFUSAL_STORAGE, .retry_after_ms = 3000});
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

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_engine__hello_proves_and_pushes_follow_signed_once),
		CASE(test_engine__a_lost_acknowledgement_is_made_good_by_the_welcome),
		CASE(test_engine__pushed_is_not_acknowledged),
		CASE(test_engine__at_most_four_pushes_are_unanswered),
		CASE(test_engine__an_acknowledgement_of_another_link_is_not_believed),
		CASE(test_engine__an_acknowledgement_beyond_what_was_pushed_is_not_believed),
		CASE(test_engine__a_refused_batch_is_halved_and_the_size_is_kept),
		CASE(test_engine__a_way_that_is_cut_in_every_push_is_given_smaller_ones),
		CASE(test_engine__a_gap_is_resumed_where_the_server_says),
		CASE(test_engine__a_rolled_back_server_is_given_the_same_ops_again),
		CASE(test_engine__a_rolled_back_server_is_given_whole_receipts_over_a_bad_link),
		CASE(test_engine__a_server_that_cannot_store_is_given_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
