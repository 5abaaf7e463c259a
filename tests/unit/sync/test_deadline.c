/* Absolute deadlines: for the proof, for a frame, and for silence (faults.md A04, G02, G03). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

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

static int64_t wake_in(struct bh_single *f)
{
	return bh_session_wake_mono_ms(f->phone.session) - f->world.now.mono_ms;
}

static const uint8_t zeroes[64];

static void test_deadline__proves_itself_in_ten_seconds_however_it_drips(void **state)
{
	struct bh_single *f = *state;
	static const uint8_t head[] = {0, 0, 0x20, 0, 0};
	bh_phone_connect(&f->phone);
	bytes(f, head, sizeof(head));
	for (int i = 0; i < 9; i++) {
		bh_world_pass(&f->world, 1000);
		bytes(f, zeroes, 1);
		tick(f);
		assert_false(bh_session_is_closing(f->phone.session));
	}
	assert_int_equal(wake_in(f), 1000);
	bh_world_pass(&f->world, 1000);
	bytes(f, zeroes, 1);
	tick(f);
	assert_true(bh_session_is_closing(f->phone.session));
	assert_string_equal(bh_session_reason(f->phone.session), "nothing was proved in time");
}

static void test_deadline__finishes_a_frame_in_thirty_seconds_however_it_drips(void **state)
{
	struct bh_single *f = *state;
	static const uint8_t head[] = {0, 0, 0x20, 0, 0};
	(void)bh_phone_live(&f->phone);
	bytes(f, head, sizeof(head));
	for (int i = 0; i < 29; i++) {
		bh_world_pass(&f->world, 1000);
		bytes(f, zeroes, 1);
		tick(f);
	}
	assert_false(bh_session_is_closing(f->phone.session));
	bh_world_pass(&f->world, 1000);
	tick(f);
	assert_true(bh_session_is_closing(f->phone.session));
	assert_non_null(strstr(bh_session_reason(f->phone.session), "not finished"));
}

static void test_deadline__a_silent_peer_is_pinged_once_and_then_dropped(void **state)
{
	struct bh_single *f = *state;
	struct bh_client_frame pong = {.kind = BH_CLIENT_PONG};
	(void)bh_phone_live(&f->phone);
	assert_int_equal(wake_in(f), BH_HEARTBEAT_MS);
	bh_world_pass(&f->world, BH_HEARTBEAT_MS);
	tick(f);
	tick(f);
	(void)bh_phone_expect(&f->phone, BH_SERVER_PING);
	bh_phone_expect_nothing(&f->phone);
	bh_phone_send(&f->phone, &pong);
	assert_int_equal(wake_in(f), BH_HEARTBEAT_MS * 3 / 2);
	bh_world_pass(&f->world, BH_HEARTBEAT_MS * 3 / 2);
	tick(f);
	(void)bh_phone_expect(&f->phone, BH_SERVER_PING);
	assert_int_equal(wake_in(f), BH_SILENCE_MS_MAX - BH_HEARTBEAT_MS);
	bh_world_pass(&f->world, BH_SILENCE_MS_MAX - BH_HEARTBEAT_MS);
	tick(f);
	assert_true(bh_session_is_closing(f->phone.session));
	assert_string_equal(bh_session_reason(f->phone.session), "it fell silent");
	assert_true(bh_session_wake_mono_ms(f->phone.session) == INT64_MAX);
}

/* Each silence that a pong ended makes the next longer by half; a pong to no ping of ours does not.
 */
static void test_deadline__a_path_that_holds_is_left_alone_for_longer(void **state)
{
	struct bh_single *f = *state;
	const struct bh_client_frame pong = {.kind = BH_CLIENT_PONG};
	static const int64_t steps_ms[] = {45000, 67500, 101250, 151875, 180000, 180000};
	(void)bh_phone_live(&f->phone);
	for (size_t i = 0; i < sizeof(steps_ms) / sizeof(steps_ms[0]); i++) {
		assert_int_equal(wake_in(f), steps_ms[i]);
		bh_world_pass(&f->world, steps_ms[i]);
		tick(f);
		(void)bh_phone_expect(&f->phone, BH_SERVER_PING);
		bh_phone_send(&f->phone, &pong);
		bh_phone_send(&f->phone, &pong);
		assert_false(bh_session_is_closing(f->phone.session));
	}
	bh_world_pass(&f->world, BH_HEARTBEAT_MS_MAX);
	tick(f);
	assert_int_equal(wake_in(f), BH_SILENCE_MS_MAX - BH_HEARTBEAT_MS);
	bh_world_pass(&f->world, BH_SILENCE_MS_MAX - BH_HEARTBEAT_MS);
	tick(f);
	assert_string_equal(bh_session_reason(f->phone.session), "it fell silent");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bh_single_setup, bh_single_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_deadline__proves_itself_in_ten_seconds_however_it_drips),
		CASE(test_deadline__finishes_a_frame_in_thirty_seconds_however_it_drips),
		CASE(test_deadline__a_silent_peer_is_pinged_once_and_then_dropped),
		CASE(test_deadline__a_path_that_holds_is_left_alone_for_longer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
