/* C11: a server that says "later", for hours on end and in every way it can, under virtual time.
 * What is counted is what costs a battery, connects and pushes an hour; what must not change is
 * what the handset holds, and that it comes back by itself once the server has time. */
#include "tests/unit/client/scripted.h"

#include "proto/err.h"
#include "proto/verdict.h"

#define HOUR INT64_C(3600000)
#define HOURS 24u
#define REPORTS 700
/* 1, 2, 4 ... 256 s and then 5 min, each a quarter shorter at most. */
#define CONNECTS_FIRST_HOUR_MAX 24u
#define CONNECTS_HOUR_MAX 16u /* 3600 / (300 * 3/4) */
#define CONNECTS_HOUR_MIN 9u  /* 3600 / (300 * 5/4), less one that falls across */
#define HOLD_MS 5000          /* of a server that cannot store and does not say for how long */

struct storm {
	unsigned connects[HOURS];
	unsigned pushes[HOURS];
	unsigned hour;
};

/* What the server does with a handset that has come. */
typedef void meet_fn(struct scripted *s, struct storm *storm);

static int setup(void **state)
{
	struct scripted *s = scripted_new();

	scripted_enrol(s);
	for (int i = 0; i < REPORTS; i++)
		scripted_report(s, "x");
	scripted_engine(s);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	scripted_free(*state);
	return 0;
}

/* A day of it: time moves on to what the engine waits for, and a report is recorded every hour. */
static void storm_pass(struct scripted *s, meet_fn *meet, struct storm *storm)
{
	const int64_t from_ms = s->now.mono_ms;
	unsigned told = 0;

	*storm = (struct storm){0};
	while (s->now.mono_ms - from_ms < HOURS * HOUR) {
		const struct bh_engine_want want = bh_engine_want(s->engine);

		storm->hour = (unsigned)((s->now.mono_ms - from_ms) / HOUR);
		if (told <= storm->hour) {
			scripted_report(s, "one more");
			told++;
		} else if (want.connect) {
			storm->connects[storm->hour]++;
			meet(s, storm);
		} else {
			assert_true(want.wake_mono_ms > s->now.mono_ms);
			assert_true(want.wake_mono_ms <= s->now.mono_ms + 2 * HOUR);
			scripted_later(s, want.wake_mono_ms - s->now.mono_ms);
		}
	}
}

static void storm_print(const char *what, const struct storm *storm)
{
	unsigned most = 0;

	for (unsigned hour = 1; hour < HOURS; hour++)
		most = storm->connects[hour] > most ? storm->connects[hour] : most;
	print_message("# %s: connects in the first hour %u, in any later one up to %u\n", what,
		storm->connects[0], most);
}

static void connects_are_few(const char *what, const struct storm *storm)
{
	storm_print(what, storm);
	assert_in_range(storm->connects[0], CONNECTS_HOUR_MIN, CONNECTS_FIRST_HOUR_MAX);
	for (unsigned hour = 1; hour < HOURS; hour++)
		assert_in_range(storm->connects[hour], CONNECTS_HOUR_MIN, CONNECTS_HOUR_MAX);
}

/* The storm is over: whatever the engine waits for, it comes, and everything goes up. */
static void all_goes_up(struct scripted *s)
{
	const uint64_t head = scripted_head(s);

	assert_int_equal(head, REPORTS + HOURS);
	assert_int_equal(scripted_acked(s), 0);
	if (!bh_engine_want(s->engine).connect)
		scripted_back_off(s);
	s->held = 0;
	scripted_session(s);
	while (scripted_acked(s) < head) {
		scripted_take_push(s);
		scripted_ack(s, s->held);
	}
	assert_int_equal(s->held, head);
}

/* ---- The ways to say later ---- */

static void busy_at_hello(struct scripted *s, struct storm *storm)
{
	(void)storm;
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_BUSY});
	scripted_hang_up(s);
}

static void busy_for_ten_minutes(struct scripted *s, struct storm *storm)
{
	(void)storm;
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	scripted_refuse(
		s, (struct bh_msg_refusal){.code = BH_REFUSAL_BUSY, .retry_after_ms = 600000});
	scripted_hang_up(s);
	assert_true(bh_engine_want(s->engine).wake_mono_ms >= s->now.mono_ms + 600000);
}

static void busy_for_ever(struct scripted *s, struct storm *storm)
{
	(void)storm;
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	scripted_refuse(
		s, (struct bh_msg_refusal){.code = BH_REFUSAL_BUSY, .retry_after_ms = UINT32_MAX});
	scripted_hang_up(s);
}

static void busy_at_push(struct scripted *s, struct storm *storm)
{
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	s->held = 0;
	const struct bh_server_frame welcome = scripted_welcome(s);

	scripted_give(s, &welcome);
	scripted_take_push(s);
	storm->pushes[storm->hour]++;
	scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_BUSY});
	scripted_hang_up(s);
}

/* Every batch is too large for it, whatever its size. */
static void no_batch_is_small_enough(struct scripted *s, struct storm *storm)
{
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	s->held = 0;
	const struct bh_server_frame welcome = scripted_welcome(s);

	scripted_give(s, &welcome);
	while (!bh_engine_want(s->engine).disconnect) {
		scripted_take_push(s);
		storm->pushes[storm->hour]++;
		/* What else was under way is in the air when the refusal comes. */
		bh_buf_consume(&s->in, s->in.len);
		scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_BATCH});
	}
	scripted_hang_up(s);
}

/* ---- Cases ---- */

static void test_engine__C11_busy_without_end_is_met_at_the_back_offs_pace(void **state)
{
	struct storm storm;

	storm_pass(*state, busy_at_hello, &storm);
	connects_are_few("busy at each hello", &storm);
	all_goes_up(*state);
}

static void test_engine__C11_busy_with_a_time_is_asked_again_no_sooner(void **state)
{
	struct storm storm;

	storm_pass(*state, busy_for_ten_minutes, &storm);
	storm_print("busy for ten minutes", &storm);
	for (unsigned hour = 0; hour < HOURS; hour++)
		assert_in_range(storm.connects[hour], 4, 6);
	all_goes_up(*state);
}

static void test_engine__C11_a_server_that_says_for_ever_is_asked_every_hour(void **state)
{
	unsigned total = 0;
	struct storm storm;

	storm_pass(*state, busy_for_ever, &storm);
	storm_print("busy for ever", &storm);
	for (unsigned hour = 0; hour < HOURS; hour++)
		total += storm.connects[hour];
	assert_in_range(total, HOURS * 3 / 4, HOURS);
	all_goes_up(*state);
}

static void test_engine__C11_busy_at_each_push_resets_no_back_off(void **state)
{
	struct storm storm;

	storm_pass(*state, busy_at_push, &storm);
	connects_are_few("busy at each push", &storm);
	all_goes_up(*state);
}

static void test_engine__C11_a_storm_of_refused_batches_ends_each_session_soon(void **state)
{
	struct storm storm;

	storm_pass(*state, no_batch_is_small_enough, &storm);
	connects_are_few("every batch refused", &storm);
	/* 500, 250 ... 1 once; from then on the learned size is pushed, and refused, once. */
	assert_in_range(storm.pushes[0], 1, CONNECTS_FIRST_HOUR_MAX + 10);
	for (unsigned hour = 1; hour < HOURS; hour++)
		assert_in_range(storm.pushes[hour], 1, storm.connects[hour]);
	all_goes_up(*state);
}

static void test_engine__C11_a_server_that_cannot_store_keeps_the_link_and_is_given_time(
	void **state)
{
	struct scripted *s = *state;
	unsigned pushes = 0;

	scripted_session(s);
	const int64_t from_ms = s->now.mono_ms;

	while (s->now.mono_ms - from_ms < HOUR) {
		const struct bh_server_frame ping = {.kind = BH_SERVER_PING};

		scripted_take_push(s);
		pushes++;
		bh_buf_consume(&s->in, s->in.len);
		scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_STORAGE});
		scripted_give(s, &ping);
		scripted_take(s, BH_CLIENT_PONG);
		scripted_later(s, HOLD_MS - 1);
		assert_true(scripted_silent(s));
		assert_true(bh_engine_status(s->engine).live);
		scripted_later(s, 1);
	}
	assert_in_range(pushes, 1, HOUR / HOLD_MS + 1);
	while (scripted_acked(s) < REPORTS) {
		scripted_take_push(s);
		scripted_ack(s, s->held);
	}
	assert_int_equal(scripted_head(s), REPORTS);
}

/* Asked to wait while another key is on its way: the time is over, the answer is not there, and the
 * engine sleeps for it. */
static void test_engine__C11_a_server_that_cannot_store_a_key_is_slept_for(void **state)
{
	struct scripted *s = *state;

	scripted_session(s);
	while (scripted_acked(s) < REPORTS) {
		scripted_take_push(s);
		scripted_ack(s, s->held);
	}
	assert_int_equal(bh_local_rotate(s->local, NULL), 0);
	bh_engine_poke(s->engine, s->now);
	scripted_take(s, BH_CLIENT_ROTATE);
	scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_STORAGE});
	scripted_later(s, HOLD_MS);
	assert_true(bh_engine_status(s->engine).live);
	assert_true(bh_engine_want(s->engine).wake_mono_ms > s->now.mono_ms);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_engine__C11_busy_without_end_is_met_at_the_back_offs_pace),
		CASE(test_engine__C11_busy_with_a_time_is_asked_again_no_sooner),
		CASE(test_engine__C11_a_server_that_says_for_ever_is_asked_every_hour),
		CASE(test_engine__C11_busy_at_each_push_resets_no_back_off),
		CASE(test_engine__C11_a_storm_of_refused_batches_ends_each_session_soon),
		CASE(test_engine__C11_a_server_that_cannot_store_keeps_the_link_and_is_given_time),
		CASE(test_engine__C11_a_server_that_cannot_store_a_key_is_slept_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
