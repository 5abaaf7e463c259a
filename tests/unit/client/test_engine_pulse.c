/* How long a link is left alone, and what a push service's hints bring about, under virtual time.
 */
#include "tests/unit/client/scripted.h"

#include "client-lib/engine_state.h"
#include "proto/err.h"
#include "proto/verdict.h"

#define FIRST_MS (BH_HEARTBEAT_MS + BH_ENGINE_AFTER_MS)

/* Time moves on to what the engine waits for; gives how far that was. */
static int64_t next_wake(struct scripted *s)
{
	int64_t wait_ms = bh_engine_want(s->engine).wake_mono_ms - s->now.mono_ms;

	scripted_later(s, wait_ms);
	return wait_ms;
}

/* The handset pings after a silence, and is answered. */
static int64_t own_round(struct scripted *s)
{
	const struct bh_server_frame pong = {.kind = BH_SERVER_PONG};
	int64_t silence_ms = next_wake(s);

	scripted_take(s, BH_CLIENT_PING);
	scripted_give(s, &pong);
	return silence_ms;
}

/* The handset pings after a silence, and the path is dead. */
static int64_t dead_round(struct scripted *s)
{
	int64_t silence_ms = next_wake(s);

	scripted_take(s, BH_CLIENT_PING);
	while (!bh_engine_want(s->engine).disconnect)
		next_wake(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_CUT);
	scripted_hang_up(s);
	scripted_back_off(s);
	scripted_session(s);
	return silence_ms;
}

static void ping_of_server(struct scripted *s, int64_t silence_ms)
{
	const struct bh_server_frame ping = {.kind = BH_SERVER_PING};

	scripted_later(s, silence_ms);
	scripted_give(s, &ping);
	scripted_take(s, BH_CLIENT_PONG);
}

static int setup(void **state)
{
	int rc = scripted_setup(state);

	if (rc == 0)
		scripted_engine(*state);
	return rc;
}

/* ---- Silences ---- */

static void test_engine__a_path_that_holds_is_left_alone_for_longer(void **state)
{
	struct scripted *s = *state;
	static const int64_t steps_ms[] = {45000, 67500, 101250, 151875, 180000, 180000};

	scripted_session(s);
	for (size_t i = 0; i < sizeof(steps_ms) / sizeof(steps_ms[0]); i++) {
		assert_int_equal(
			bh_engine_status(s->engine).heartbeat_ms, steps_ms[i] + BH_ENGINE_AFTER_MS);
		assert_int_equal(own_round(s), steps_ms[i] + BH_ENGINE_AFTER_MS);
	}
	/* A new session begins anew, as the server does. */
	scripted_cut(s);
	if (!bh_engine_want(s->engine).connect)
		scripted_back_off(s);
	assert_int_equal(bh_engine_status(s->engine).heartbeat_ms, 0);
	scripted_session(s);
	assert_int_equal(own_round(s), FIRST_MS);
}

static void test_engine__the_servers_ping_after_a_silence_lengthens_it_as_well(void **state)
{
	struct scripted *s = *state;

	scripted_session(s);
	ping_of_server(s, BH_HEARTBEAT_MS);
	ping_of_server(s, BH_HEARTBEAT_MS * 3 / 2);
	assert_int_equal(own_round(s), BH_HEARTBEAT_MS * 9 / 4 + BH_ENGINE_AFTER_MS);
}

static void test_engine__a_server_that_pings_as_ever_is_not_waited_for_longer(void **state)
{
	struct scripted *s = *state;

	scripted_session(s);
	for (int i = 0; i < 5; i++)
		ping_of_server(s, BH_HEARTBEAT_MS);
	assert_int_equal(next_wake(s), BH_HEARTBEAT_MS * 3 / 2 + BH_ENGINE_AFTER_MS);
}

static void test_engine__a_path_that_died_in_silence_is_kept_awake(void **state)
{
	struct scripted *s = *state;

	scripted_session(s);
	assert_int_equal(own_round(s), FIRST_MS);
	assert_int_equal(dead_round(s), 72500);
	assert_int_equal(own_round(s), 72500 / 3 * 2);
	assert_int_equal(dead_round(s), 72500 / 3 * 2);
	assert_int_equal(own_round(s), 72500 / 3 * 2 / 3 * 2);
	for (int i = 0; i < 5; i++)
		dead_round(s);
	assert_int_equal(own_round(s), BH_ENGINE_HEARTBEAT_MS_MIN);
}

static void test_engine__a_path_that_bears_eight_silences_is_tried_with_longer_ones(void **state)
{
	struct scripted *s = *state;

	scripted_session(s);
	dead_round(s);
	for (int i = 0; i < 8; i++)
		assert_int_equal(own_round(s), FIRST_MS / 3 * 2);
	assert_int_equal(own_round(s), FIRST_MS / 3 * 2 + FIRST_MS / 3);
}

static void test_engine__another_network_is_trusted_anew(void **state)
{
	struct scripted *s = *state;

	scripted_session(s);
	dead_round(s);
	bh_engine_hint_reachable(s->engine, s->now, false);
	bh_engine_hint_reachable(s->engine, s->now, true);
	assert_int_equal(own_round(s), FIRST_MS);
}

static void test_engine__a_cut_that_no_silence_came_before_says_nothing(void **state)
{
	struct scripted *s = *state;

	scripted_session(s);
	scripted_later(s, FIRST_MS - 1);
	scripted_cut(s);
	if (!bh_engine_want(s->engine).connect)
		scripted_back_off(s);
	scripted_session(s);
	assert_int_equal(own_round(s), FIRST_MS);
	/* Asleep for an hour: it is not known what killed it. */
	scripted_later(s, 3600000);
	scripted_hang_up(s);
	scripted_back_off(s);
	scripted_session(s);
	assert_int_equal(own_round(s), FIRST_MS);
}

/* ---- Hints ---- */

/* Fails to connect until the back-off is at its longest. */
static void worn(struct scripted *s)
{
	for (int i = 0; i < 12; i++) {
		assert_true(bh_engine_want(s->engine).connect);
		bh_engine_link_down(s->engine, s->now, BH_LINK_UNREACHABLE);
		scripted_back_off(s);
	}
	bh_engine_link_down(s->engine, s->now, BH_LINK_UNREACHABLE);
}

static void test_hint__brings_the_attempt_nearer_and_leaves_the_back_off(void **state)
{
	struct scripted *s = *state;

	worn(s);
	bh_engine_hint(s->engine, s->now);
	int64_t waited_ms = 0;

	while (!bh_engine_want(s->engine).connect)
		waited_ms += next_wake(s);
	assert_in_range(waited_ms, 0, BH_ENGINE_HINT_SPREAD_MS);
	bh_engine_link_down(s->engine, s->now, BH_LINK_UNREACHABLE);
	assert_true(scripted_back_off(s) >= BH_BACKOFF_MS_MAX * 3 / 4);
}

static void test_hint__a_storm_of_them_is_one_in_thirty_seconds(void **state)
{
	struct scripted *s = *state;
	const int64_t from_ms = s->now.mono_ms;
	unsigned connects = 0;

	worn(s);
	while (s->now.mono_ms - from_ms < 3600000) {
		bh_engine_hint(s->engine, s->now);
		scripted_later(s, 100);
		if (!bh_engine_want(s->engine).connect)
			continue;
		connects++;
		bh_engine_link_down(s->engine, s->now, BH_LINK_UNREACHABLE);
	}
	assert_in_range(connects, 50, 3600000 / BH_ENGINE_HINT_MS);
}

static void test_hint__comes_not_before_what_the_server_asked_for(void **state)
{
	struct scripted *s = *state;
	int64_t waited_ms = 0;

	scripted_connect(s);
	scripted_refuse(
		s, (struct bh_msg_refusal){.code = BH_REFUSAL_BUSY, .retry_after_ms = 600000});
	scripted_hang_up(s);
	while (!bh_engine_want(s->engine).connect) {
		bh_engine_hint(s->engine, s->now);
		waited_ms += next_wake(s);
	}
	assert_in_range(waited_ms, 600000, 600000 + BH_ENGINE_HINT_SPREAD_MS);
}

static void test_hint__a_revoked_handset_waits_for_its_hour_all_the_same(void **state)
{
	struct scripted *s = *state;
	int64_t waited_ms = 0;

	scripted_connect(s);
	scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_REVOKED});
	scripted_hang_up(s);
	while (!bh_engine_want(s->engine).connect) {
		bh_engine_hint(s->engine, s->now);
		waited_ms += next_wake(s);
	}
	assert_true(waited_ms >= 3599000);
}

static void test_hint__asks_whether_a_live_link_still_lives(void **state)
{
	struct scripted *s = *state;

	scripted_session(s);
	scripted_later(s, 10000);
	bh_engine_hint(s->engine, s->now);
	next_wake(s);
	scripted_take(s, BH_CLIENT_PING);
	assert_true(bh_engine_want(s->engine).wake_mono_ms <= s->now.mono_ms + BH_SILENCE_MS_MAX);
}

static void test_hint__brings_a_handset_that_hung_up_back_once(void **state)
{
	struct scripted *s = *state;
	const struct bh_server_frame pong = {.kind = BH_SERVER_PONG};

	scripted_engine_end(s);
	s->once = true;
	scripted_engine(s);
	for (int i = 0; i < 3; i++) {
		scripted_session(s);
		scripted_take(s, BH_CLIENT_PING);
		scripted_give(s, &pong);
		scripted_take(s, BH_CLIENT_BYE);
		scripted_hang_up(s);
		assert_true(bh_engine_want(s->engine).wake_mono_ms == INT64_MAX);
		const int64_t from_ms = s->now.mono_ms;

		bh_engine_hint(s->engine, s->now);
		bh_engine_hint(s->engine, s->now);
		while (!bh_engine_want(s->engine).connect)
			next_wake(s);
		/* The first at once, the others when their time has come. */
		assert_in_range(s->now.mono_ms - from_ms,
			i == 0 ? 0 : BH_ENGINE_HINT_MS - BH_ENGINE_HINT_SPREAD_MS,
			i == 0 ? BH_ENGINE_HINT_SPREAD_MS
			       : BH_ENGINE_HINT_MS + BH_ENGINE_HINT_SPREAD_MS);
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, scripted_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_engine__a_path_that_holds_is_left_alone_for_longer),
		CASE(test_engine__the_servers_ping_after_a_silence_lengthens_it_as_well),
		CASE(test_engine__a_server_that_pings_as_ever_is_not_waited_for_longer),
		CASE(test_engine__a_path_that_died_in_silence_is_kept_awake),
		CASE(test_engine__a_path_that_bears_eight_silences_is_tried_with_longer_ones),
		CASE(test_engine__another_network_is_trusted_anew),
		CASE(test_engine__a_cut_that_no_silence_came_before_says_nothing),
		CASE(test_hint__brings_the_attempt_nearer_and_leaves_the_back_off),
		CASE(test_hint__a_storm_of_them_is_one_in_thirty_seconds),
		CASE(test_hint__comes_not_before_what_the_server_asked_for),
		CASE(test_hint__a_revoked_handset_waits_for_its_hour_all_the_same),
		CASE(test_hint__asks_whether_a_live_link_still_lives),
		CASE(test_hint__brings_a_handset_that_hung_up_back_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
