/* A handset that is revoked and heard: what is unsent goes, nothing is forgotten (B12). */
#include "tests/unit/client/scripted.h"

#include "proto/verdict.h"

static void test_engine_drain__what_is_unsent_goes_and_scopes_stay(void **state)
{
	struct scripted *s = *state;
	struct bh_msg_cursor cursors[BH_SCOPES_MAX];
	size_t count = 0;

	scripted_engine(s);
	scripted_session(s);
	scripted_delta(s, NULL, 0, 7);
	scripted_take(s, BH_CLIENT_APPLIED);
	scripted_cut(s);
	scripted_report(s, "x");
	scripted_back_off(s);
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	struct bh_server_frame welcome = scripted_welcome(s);

	welcome.u.welcome.draining = true;
	welcome.u.welcome.scopes_count = 0;
	scripted_give(s, &welcome);
	assert_true(bh_engine_status(s->engine).live);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_REVOKED);
	assert_int_equal(scripted_take_push(s), 1);
	scripted_ack(s, 1);
	scripted_take(s, BH_CLIENT_BYE);
	scripted_hang_up(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_REVOKED);
	assert_int_equal(scripted_acked(s), 1);
	assert_int_equal(bh_local_cursors(s->local, cursors, &count), 0);
	assert_int_equal(count, 1);
	scripted_report(s, "y");
	bh_engine_sync_now(s->engine, s->now);
	assert_true(scripted_back_off(s) >= 3599000);
	scripted_session(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_NONE);
}

static void test_engine_drain__cut_off_in_a_session_it_comes_back_at_once(void **state)
{
	struct scripted *s = *state;

	scripted_engine(s);
	scripted_session(s);
	scripted_report(s, "x");
	bh_engine_poke(s->engine, s->now);
	scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_REVOKED});
	scripted_hang_up(s);
	assert_int_equal(bh_engine_status(s->engine).cause, BH_WHY_REVOKED);
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	/* a server that lets nobody drain is not asked again before the hour */
	scripted_refuse(s, (struct bh_msg_refusal){.code = BH_REFUSAL_REVOKED});
	scripted_hang_up(s);
	assert_true(scripted_back_off(s) >= 3599000);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_engine_drain__what_is_unsent_goes_and_scopes_stay),
		CASE(test_engine_drain__cut_off_in_a_session_it_comes_back_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
