/* Hosts that die, connections that come back from the past, and limits that are met. */
#include "tests/sim/test_net_world.h"

static const enum bh_simnet_end C = BH_SIMNET_CLIENT;
static const enum bh_simnet_end S = BH_SIMNET_SERVER;

static void test_host__a_dead_process_is_told_of_by_its_system(void **state)
{
	int eofs = 0;
	int resets = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct world world;
		uint32_t conn;

		world_begin(&world, seed);
		conn = world_connected(&world);
		(void)world_send(&world, conn, S, 100);
		bh_simnet_host_down(world.net, SERVER, false);
		assert_false(bh_simnet_end_is_open(world.net, conn, S));
		world_run(&world, 10000);
		assert_int_equal(world.seen[conn][C].bytes, 100); /* was under way */
		eofs += world_count(&world, conn, C, BH_SIMNET_EOF) == 1;
		resets += world_count(&world, conn, C, BH_SIMNET_RESET) == 1;
		conn = world_connect(&world);
		world_run(&world, 20000);
		assert_int_equal(world_count(&world, conn, C, BH_SIMNET_REFUSED), 1);
		bh_simnet_host_up(world.net, SERVER);
		bh_simnet_host_listen(world.net, SERVER, true);
		(void)world_connected(&world);
		world_end(&world);
	}
	assert_int_equal(eofs + resets, 20);
	assert_true(eofs > 3 && resets > 3);
}

static void test_host__a_lost_power_is_noticed_by_who_sends(void **state)
{
	struct world world;
	uint32_t conn;

	(void)state;
	world_begin(&world, 1);
	conn = world_connected(&world);
	bh_simnet_host_down(world.net, PHONE, true);
	assert_int_equal(bh_simnet_connect(world.net, PHONE, SERVER, &conn), BH_ERR_CLOSED);
	world_run(&world, 1000000);
	assert_true(bh_simnet_end_is_open(world.net, conn, S)); /* who is silent learns nothing */
	bh_simnet_host_up(world.net, PHONE);
	(void)world_send(&world, conn, S, 10);
	world_run(&world, 1001000);
	assert_int_equal(world_count(&world, conn, S, BH_SIMNET_RESET), 1);
	assert_int_equal(bh_simnet_stats(world.net).half_open_resets, 1);
	conn = world_connected(&world);
	bh_simnet_host_down(world.net, PHONE, true);
	(void)world_send(&world, conn, S, 10);
	world_run(&world, INT64_MAX);
	assert_int_equal(world_count(&world, conn, S, BH_SIMNET_TIMEOUT), 1);
	assert_int_equal(bh_simnet_stats(world.net).powers_lost, 2);
	world_end(&world);
}

static void test_stale__old_bytes_arrive_after_a_newer_connection(void **state)
{
	struct bh_simnet_profile profile = bh_simnet_profile_calm();
	struct world world;
	uint32_t old;
	uint32_t newer;

	(void)state;
	world_begin(&world, 2);
	old = world_connected(&world);
	(void)world_send(&world, old, C, 100);
	world_run(&world, 1000);
	profile.stale_ppm = ALWAYS;
	profile.stale_ms_max = 600000;
	bh_simnet_host_profile(world.net, PHONE, &profile);
	(void)world_send(&world, old, C, 400);
	world_run(&world, 2000);
	assert_int_equal(world_count(&world, old, C, BH_SIMNET_RESET), 1);
	assert_true(bh_simnet_end_is_open(world.net, old, S));
	assert_int_equal(world.seen[old][S].bytes, 100);
	world_run(&world, 60000);
	assert_int_equal(world.seen[old][S].bytes, 100);
	newer = world_connected(&world);
	world_run(&world, INT64_MAX);
	assert_int_equal(world.seen[old][S].bytes, 500);
	assert_false(world.seen[old][S].wrong);
	assert_true(world.seen[old][S].last_ms >= 60000);
	assert_true(bh_simnet_end_is_open(world.net, newer, S));
	assert_int_equal(bh_simnet_stats(world.net).stale_conns, 1);
	assert_int_equal(bh_simnet_stats(world.net).stale_bytes, 400);
	world_end(&world);
}

static void test_stale__healing_lets_old_bytes_go(void **state)
{
	struct bh_simnet_profile profile = bh_simnet_profile_calm();
	struct world world;
	uint32_t conn;

	(void)state;
	world_begin(&world, 3);
	conn = world_connected(&world);
	profile.stale_ppm = ALWAYS;
	profile.stale_ms_max = 6000000;
	bh_simnet_host_profile(world.net, PHONE, &profile);
	(void)world_send(&world, conn, C, 400);
	world_run(&world, 10000);
	assert_int_equal(world.seen[conn][S].bytes, 0);
	bh_simnet_heal(world.net);
	world_run(&world, 20000);
	assert_int_equal(world.seen[conn][S].bytes, 400);
	assert_int_equal(bh_simnet_stats(world.net).stale_conns, 0); /* nothing newer was there */
	world_end(&world);
}

static void test_replay__all_that_was_sent_comes_again_on_another_connection(void **state)
{
	struct bh_simnet_profile profile = bh_simnet_profile_calm();
	struct world world;
	uint32_t conn;
	uint32_t again = 0;

	(void)state;
	world_begin(&world, 4);
	profile.replay_ppm = ALWAYS;
	profile.replay_ms_max = 100000;
	bh_simnet_host_profile(world.net, PHONE, &profile);
	conn = world_connected(&world);
	(void)world_send(&world, conn, C, 300);
	(void)world_send(&world, conn, C, 50);
	bh_simnet_close(world.net, conn, C);
	world_run(&world, 1000);
	bh_simnet_close(world.net, conn, S);
	while (again == 0) {
		assert_true(world_step(&world, INT64_MAX));
		again = world.last.seen == BH_SIMNET_ACCEPTED ? world.last.conn : 0;
	}
	assert_int_not_equal(again, conn);
	assert_true(world.last.replay);
	assert_int_equal(world.last.peer, PHONE);
	(void)world_send(&world, again, S, 20); /* nobody reads it */
	world_run(&world, INT64_MAX);
	assert_int_equal(world.seen[again][S].bytes, 350);
	assert_false(world.seen[again][S].wrong);
	assert_int_equal(world_count(&world, again, S, BH_SIMNET_EOF), 1);
	assert_int_equal(world.seen[again][C].counts[BH_SIMNET_DATA], 0);
	assert_int_equal(bh_simnet_stats(world.net).replays, 1);
	assert_int_equal(bh_simnet_stats(world.net).replay_bytes, 350);
	world_end(&world);
}

static void test_replay__what_is_too_long_to_keep_is_not_replayed(void **state)
{
	struct bh_simnet_profile profile = bh_simnet_profile_calm();
	struct world world;
	uint32_t conn;

	(void)state;
	world_begin(&world, 5);
	profile.replay_ppm = ALWAYS;
	bh_simnet_host_profile(world.net, PHONE, &profile);
	conn = world_connected(&world);
	while (world.sent[conn][C] <= BH_SIMNET_REPLAY_BYTES_MAX) {
		(void)world_send(&world, conn, C, 8000);
		(void)world_step(&world, INT64_MAX);
	}
	bh_simnet_close(world.net, conn, C);
	world_run(&world, INT64_MAX);
	assert_int_equal(world.seen[conn][S].bytes, world.sent[conn][C]);
	assert_int_equal(bh_simnet_stats(world.net).replays, 0);
	world_end(&world);
}

static void test_net__a_full_queue_is_told_and_does_not_go_away(void **state)
{
	struct bh_simqueue *queue = NULL;
	struct bh_simnet *net = NULL;
	struct bh_simnet_news news;
	struct bh_simevent event;
	uint32_t conn = 0;

	(void)state;
	assert_int_equal(bh_simqueue_create(1, 0, &queue), BH_NOERR);
	assert_int_equal(bh_simnet_create(queue, NET_EVENT, 1, &net), BH_NOERR);
	assert_int_equal(bh_simnet_connect(net, PHONE, SERVER, &conn), BH_NOERR);
	assert_int_equal(bh_simnet_connect(net, PHONE, SERVER, &conn), BH_ERR_LIMIT);
	assert_true(bh_simqueue_pop(queue, &event));
	assert_int_equal(bh_simnet_step(net, &event, &news), BH_ERR_LIMIT);
	bh_simnet_free(net);
	bh_simnet_free(NULL);
	bh_simqueue_free(queue);
	bh_simqueue_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host__a_dead_process_is_told_of_by_its_system),
		cmocka_unit_test(test_host__a_lost_power_is_noticed_by_who_sends),
		cmocka_unit_test(test_stale__old_bytes_arrive_after_a_newer_connection),
		cmocka_unit_test(test_stale__healing_lets_old_bytes_go),
		cmocka_unit_test(test_replay__all_that_was_sent_comes_again_on_another_connection),
		cmocka_unit_test(test_replay__what_is_too_long_to_keep_is_not_replayed),
		cmocka_unit_test(test_net__a_full_queue_is_told_and_does_not_go_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
