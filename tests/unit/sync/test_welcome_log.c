/* Whose log it is and where it stands: one that is not known yet, one that forked, one that a
 * server which was put back knows less of (faults.md B03, B07, C04, C05). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "server/sync/hub.h"
#include "tests/unit/sync/world.h"

#define WORKER BH_DEMO_WORKER(1111)
#define OTHER BH_DEMO_WORKER(1112)

static const uint8_t not_ours[BH_HASH_BYTES] = {1};

struct fixture {
	struct bh_world world;
	struct bh_phone phone, other;
};

static int setup(void **state)
{
	static struct fixture fixture;
	bh_world_open(&fixture.world);
	bh_phone_enrolled(&fixture.world, WORKER, &fixture.phone);
	bh_phone_enrolled(&fixture.world, OTHER, &fixture.other);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	bh_phone_free(&f->phone);
	bh_phone_free(&f->other);
	bh_world_close(&f->world);
	return 0;
}

static struct bh_hub_counts counts(struct fixture *f)
{
	struct bh_hub_counts out;
	bh_hub_counts(f->world.hub, &out);
	return out;
}

static void test_welcome_log__an_unknown_log_is_begun_before_the_welcome(void **state)
{
	struct fixture *f = *state;
	uint32_t first = f->phone.log_short;
	bh_phone_new_log(&f->phone);
	f->world.held = true;
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
	bh_phone_connect(&f->phone);
	frame.u.hello = bh_phone_hello(&f->phone);
	bh_phone_sign_hello(&f->phone, &frame.u.hello, signature);
	bh_phone_send(&f->phone, &frame);
	bh_phone_expect_nothing(&f->phone);
	f->world.held = false;
	bh_world_pump(&f->world);
	struct bh_msg_welcome welcome = bh_phone_expect(&f->phone, BH_SERVER_WELCOME).u.welcome;
	assert_true(welcome.log_short > first);
	assert_int_equal(welcome.acked_seq, 0);
	assert_memory_equal(welcome.acked_link.data, f->phone.start, BH_HASH_BYTES);
	assert_int_equal(bh_phone_live(&f->phone).log_short, welcome.log_short);
}

static void test_welcome_log__a_log_may_not_continue_anothers(void **state)
{
	struct fixture *f = *state;
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
	bh_phone_new_log(&f->phone);
	bh_phone_connect(&f->phone);
	frame.u.hello = bh_phone_hello(&f->phone);
	frame.u.hello.forked_from = bh_span(f->other.log_id, BH_LOG_ID_BYTES);
	bh_phone_sign_hello(&f->phone, &frame.u.hello, signature);
	bh_phone_send(&f->phone, &frame);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_NOT_PROVED);
}

/* Sends a Hello that was changed by the test, and reads the Welcome. */
static struct bh_msg_welcome say(struct bh_phone *phone, struct bh_msg_hello hello)
{
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO, .u.hello = hello};
	bh_phone_sign_hello(phone, &frame.u.hello, signature);
	bh_phone_send(phone, &frame);
	return bh_phone_expect(phone, BH_SERVER_WELCOME).u.welcome;
}

static void three_acked(struct fixture *f)
{
	(void)bh_phone_live(&f->phone);
	for (int i = 0; i < 3; i++)
		(void)bh_phone_report(&f->phone, "垃圾堆放");
	bh_phone_push(&f->phone, 1, 3, true);
	assert_int_equal(bh_phone_expect(&f->phone, BH_SERVER_ACK).u.ack.seq, 3);
	f->phone.acked_seq = 3;
	memcpy(f->phone.acked_link, f->phone.ops[2].link, BH_HASH_BYTES);
}

static void test_welcome_log__a_head_that_is_not_ours_is_a_fork(void **state)
{
	struct fixture *f = *state;
	static const char *const reasons[] = {"not ours", "what it holds"};
	three_acked(f);
	for (int i = 0; i < 2; i++) {
		struct bh_msg_hello hello;
		bh_phone_connect(&f->phone);
		hello = bh_phone_hello(&f->phone);
		if (i == 0) {
			hello.acked_link = bh_span(not_ours, sizeof(not_ours));
		} else {
			hello.acked_seq = hello.last_seq = 2;
			hello.acked_link = bh_span(f->phone.ops[1].link, BH_HASH_BYTES);
		}
		struct bh_msg_welcome welcome = say(&f->phone, hello);
		assert_true(welcome.fork);
		assert_int_equal(welcome.acked_seq, 3);
		assert_memory_equal(welcome.acked_link.data, f->phone.ops[2].link, BH_HASH_BYTES);
		assert_non_null(strstr(bh_session_reason(f->phone.session), reasons[i]));
		assert_false(bh_session_is_closing(f->phone.session));
		bh_phone_expect_nothing(&f->phone);
	}
	assert_int_equal(counts(f).forks, 2);
}

/* A server that was put back to before ops 3 and 4: the handset's own log is the only other place
 * that has them. */
static void test_welcome_log__what_was_acknowledged_beyond_our_head_is_asked_for_again(void **state)
{
	struct fixture *f = *state;
	three_acked(f);
	(void)bh_phone_report(&f->phone, "墙面涂写");
	bh_phone_connect(&f->phone);
	struct bh_msg_hello hello = bh_phone_hello(&f->phone);
	hello.acked_seq = hello.last_seq = 4;
	hello.acked_link = bh_span(f->phone.ops[3].link, BH_HASH_BYTES);
	struct bh_msg_welcome welcome = say(&f->phone, hello);
	assert_false(welcome.fork);
	assert_int_equal(welcome.acked_seq, 3);
	assert_int_equal(welcome.verdicts_count, 0);
	assert_memory_equal(welcome.acked_link.data, f->phone.ops[2].link, BH_HASH_BYTES);
	(void)bh_phone_expect(&f->phone, BH_SERVER_DISTRICT); /* three at one place */
	bh_phone_push(&f->phone, 4, 1, true);
	struct bh_msg_ack ack = bh_phone_expect(&f->phone, BH_SERVER_ACK).u.ack;
	assert_int_equal(ack.seq, 4);
	assert_int_equal(ack.verdicts_count, 0);
	assert_int_equal(counts(f).forks, 0);
}

static void test_welcome_log__after_a_fork_a_new_log_is_greeted_on_the_same_link(void **state)
{
	struct fixture *f = *state;
	uint8_t old[BH_LOG_ID_BYTES];
	three_acked(f);
	bh_phone_connect(&f->phone);
	struct bh_msg_hello hello = bh_phone_hello(&f->phone);
	hello.acked_link = bh_span(not_ours, sizeof(not_ours));
	assert_true(say(&f->phone, hello).fork);
	memcpy(old, f->phone.log_id, sizeof(old));
	bh_phone_new_log(&f->phone);
	hello = bh_phone_hello(&f->phone);
	hello.forked_from = bh_span(old, sizeof(old));
	struct bh_msg_welcome welcome = say(&f->phone, hello);
	assert_false(welcome.fork);
	assert_int_equal(welcome.acked_seq, 0);
	f->phone.log_short = welcome.log_short;
	(void)bh_phone_expect(&f->phone, BH_SERVER_DISTRICT); /* three at one place */
	(void)bh_phone_report(&f->phone, "新日志");
	bh_phone_push(&f->phone, 1, 1, true);
	assert_int_equal(bh_phone_expect(&f->phone, BH_SERVER_ACK).u.ack.seq, 1);
}

/* The hub would go on to know the link as the first device's, after it was freed. */
static void test_welcome_log__a_link_stays_its_device_s_after_a_fork(void **state)
{
	struct fixture *f = *state;
	uint8_t signature[BH_SIGNATURE_BYTES];
	three_acked(f);
	bh_phone_connect(&f->phone);
	struct bh_msg_hello hello = bh_phone_hello(&f->phone);
	hello.acked_link = bh_span(not_ours, sizeof(not_ours));
	assert_true(say(&f->phone, hello).fork);
	f->other.binding = f->phone.binding;
	struct bh_client_frame frame = {
		.kind = BH_CLIENT_HELLO, .u.hello = bh_phone_hello(&f->other)};
	bh_phone_sign_hello(&f->other, &frame.u.hello, signature);
	bh_phone_send(&f->phone, &frame);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_NOT_PROVED);
	assert_true(bh_session_is_closing(f->phone.session));
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_live(&f->other);
}

/* A Hello with a log of its own after the other, up to a refusal or so many. */
static unsigned logs_begin(struct fixture *f, unsigned max, struct bh_msg_refusal *refusal)
{
	uint8_t signature[BH_SIGNATURE_BYTES];
	unsigned begun = 0;
	bool busy = false;
	while (!busy && begun < max) {
		struct bh_server_frame said;
		struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
		bh_phone_new_log(&f->phone);
		bh_phone_connect(&f->phone);
		frame.u.hello = bh_phone_hello(&f->phone);
		bh_phone_sign_hello(&f->phone, &frame.u.hello, signature);
		bh_phone_send(&f->phone, &frame);
		assert_true(bh_phone_next(&f->phone, &said));
		busy = said.kind == BH_SERVER_REFUSAL;
		if (busy)
			*refusal = said.u.refusal;
		begun += !busy;
	}
	return begun;
}

static void test_welcome_log__logs_are_begun_at_the_pace_of_the_device_s_bucket(void **state)
{
	struct fixture *f = *state;
	struct bh_msg_refusal refusal;
	bh_phone_hang_up(&f->phone);
	bh_world_hub(&f->world, 0, 5000);
	assert_int_equal(logs_begin(f, 20, &refusal), 5);
	bh_world_pass(&f->world, 13000);
	(void)bh_phone_live(&f->phone);
}

static void test_welcome_log__a_day_has_a_hundred_logs_and_then_one_by_one(void **state)
{
	struct fixture *f = *state;
	struct bh_msg_refusal refusal = {0};
	bh_phone_hang_up(&f->phone);
	bh_world_hub(&f->world, 0, 10000000);
	assert_int_equal(logs_begin(f, 200, &refusal), BH_DEVICE_LOGS_A_DAY);
	assert_int_equal(refusal.code, BH_REFUSAL_BUSY);
	assert_true(refusal.retry_after_ms > 0 &&
		    refusal.retry_after_ms <= 86400000 / BH_DEVICE_LOGS_A_DAY);
	assert_true(bh_session_is_closing(f->phone.session));
	bh_world_pass(&f->world, refusal.retry_after_ms);
	assert_int_equal(logs_begin(f, 200, &refusal), 1);
	bh_phone_hang_up(&f->phone);
	bh_world_restart(&f->world); /* and no restart gives it more */
	assert_int_equal(logs_begin(f, 200, &refusal), 0);
}

static void test_welcome_log__who_has_begun_all_its_logs_is_told_to_come_in_an_hour(void **state)
{
	struct fixture *f = *state;
	struct bh_msg_refusal refusal = {0};
	bh_phone_hang_up(&f->phone);
	f->world.options.device_logs_max = 4;
	bh_world_restart(&f->world);
	assert_int_equal(logs_begin(f, 20, &refusal), 3); /* its first came with its enrolment */
	assert_int_equal(refusal.code, BH_REFUSAL_BUSY);
	assert_int_equal(refusal.retry_after_ms, BH_LOGS_SPENT_RETRY_MS);
	assert_true(bh_session_is_closing(f->phone.session));
	bh_phone_hang_up(&f->phone);
	f->world.options.device_logs_max = 5;
	bh_world_restart(&f->world);
	(void)bh_phone_live(&f->phone); /* the log that was refused is begun */
}

static void test_welcome_log__a_push_on_a_fork_is_out_of_order(void **state)
{
	struct fixture *f = *state;
	three_acked(f);
	bh_phone_connect(&f->phone);
	struct bh_msg_hello hello = bh_phone_hello(&f->phone);
	hello.acked_link = bh_span(not_ours, sizeof(not_ours));
	assert_true(say(&f->phone, hello).fork);
	(void)bh_phone_report(&f->phone, "x");
	bh_phone_push(&f->phone, 4, 1, true);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_ORDER);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_welcome_log__an_unknown_log_is_begun_before_the_welcome),
		CASE(test_welcome_log__a_log_may_not_continue_anothers),
		CASE(test_welcome_log__a_head_that_is_not_ours_is_a_fork),
		CASE(test_welcome_log__what_was_acknowledged_beyond_our_head_is_asked_for_again),
		CASE(test_welcome_log__after_a_fork_a_new_log_is_greeted_on_the_same_link),
		CASE(test_welcome_log__a_link_stays_its_device_s_after_a_fork),
		CASE(test_welcome_log__logs_are_begun_at_the_pace_of_the_device_s_bucket),
		CASE(test_welcome_log__a_day_has_a_hundred_logs_and_then_one_by_one),
		CASE(test_welcome_log__who_has_begun_all_its_logs_is_told_to_come_in_an_hour),
		CASE(test_welcome_log__a_push_on_a_fork_is_out_of_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
