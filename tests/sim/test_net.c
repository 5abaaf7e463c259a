/* The virtual network, one behaviour at a time, each fault alone and certain. */
#include "tests/sim/test_net_world.h"

static const enum bh_simnet_end C = BH_SIMNET_CLIENT;
static const enum bh_simnet_end S = BH_SIMNET_SERVER;

static void profile_set(struct world *world, struct bh_simnet_profile profile)
{
	bh_simnet_host_profile(world->net, PHONE, &profile);
}

static void test_net__bytes_arrive_once_in_order_and_then_the_end(void **state)
{
	struct world world;
	uint32_t conn;

	(void)state;
	world_begin(&world, 1);
	conn = world_connect(&world);
	while (!world_count(&world, conn, S, BH_SIMNET_ACCEPTED))
		assert_true(world_step(&world, INT64_MAX));
	assert_int_equal(world.last.host, SERVER);
	assert_int_equal(world.last.peer, PHONE);
	assert_int_equal(world_count(&world, conn, C, BH_SIMNET_CONNECTED), 0);
	assert_int_equal(world_send(&world, conn, S, 100), 100); /* the server may speak first */
	while (!world_count(&world, conn, C, BH_SIMNET_CONNECTED))
		assert_true(world_step(&world, INT64_MAX));
	assert_int_equal(world.seen[conn][C].bytes, 0);
	world_run(&world, 1000);
	assert_int_equal(world.seen[conn][C].bytes, 100);
	for (int i = 0; i < 20; i++)
		assert_int_equal(world_send(&world, conn, C, 1000), 1000);
	bh_simnet_close(world.net, conn, C);
	assert_false(bh_simnet_end_is_open(world.net, conn, C));
	world_run(&world, 10000);
	assert_int_equal(world.seen[conn][S].bytes, 20000);
	assert_false(world.seen[conn][S].wrong);
	assert_int_equal(world_count(&world, conn, S, BH_SIMNET_EOF), 1);
	assert_true(bh_simnet_end_is_open(world.net, conn, S));
	bh_simnet_close(world.net, conn, S);
	world_run(&world, INT64_MAX);
	assert_int_equal(world.seen[conn][S].counts[BH_SIMNET_RESET], 0);
	world_end(&world);
}

static void test_net__an_end_that_is_over_takes_nothing_and_sees_nothing(void **state)
{
	struct world world;
	uint32_t conn;
	size_t taken = 77;

	(void)state;
	world_begin(&world, 2);
	conn = world_connect(&world);
	assert_int_equal(bh_simnet_send(world.net, conn, C, "x", 1, &taken), BH_ERR_CLOSED);
	assert_int_equal(bh_simnet_send(world.net, conn, S, "x", 1, &taken), BH_ERR_CLOSED);
	assert_int_equal(bh_simnet_send(world.net, 4000, C, "x", 1, &taken), BH_ERR_CLOSED);
	assert_int_equal(taken, 77);
	while (!bh_simnet_end_is_open(world.net, conn, C))
		assert_true(world_step(&world, INT64_MAX));
	assert_int_equal(world_send(&world, conn, S, 10), 10);
	bh_simnet_close(world.net, conn, C);
	bh_simnet_close(world.net, conn, C);
	assert_int_equal(bh_simnet_room(world.net, conn, C), 0);
	world_run(&world, INT64_MAX);
	assert_int_equal(world.seen[conn][C].bytes, 0);
	/* The bytes that found nobody were answered. */
	assert_int_equal(world_count(&world, conn, S, BH_SIMNET_EOF), 1);
	assert_int_equal(world_count(&world, conn, S, BH_SIMNET_RESET), 1);
	assert_false(bh_simnet_end_is_open(world.net, conn, S));
	world_end(&world);
}

static void test_net__connects_are_refused_or_lost(void **state)
{
	struct bh_simnet_profile refusing = bh_simnet_profile_calm();
	struct bh_simnet_profile losing = bh_simnet_profile_calm();
	struct world world;
	uint32_t conn;

	(void)state;
	world_begin(&world, 3);
	refusing.refuse_ppm = ALWAYS;
	losing.connect_lost_ppm = ALWAYS;
	profile_set(&world, refusing);
	conn = world_connect(&world);
	world_run(&world, 1000);
	assert_int_equal(world_count(&world, conn, C, BH_SIMNET_REFUSED), 1);
	profile_set(&world, losing);
	conn = world_connect(&world);
	world_run(&world, 10000);
	assert_int_equal(world_count(&world, conn, C, BH_SIMNET_REFUSED), 0);
	world_run(&world, 11000);
	assert_int_equal(world_count(&world, conn, C, BH_SIMNET_REFUSED), 1);
	profile_set(&world, bh_simnet_profile_calm());
	bh_simnet_host_listen(world.net, SERVER, false);
	conn = world_connect(&world);
	world_run(&world, 12000);
	assert_int_equal(world_count(&world, conn, C, BH_SIMNET_REFUSED), 1);
	assert_int_equal(bh_simnet_stats(world.net).refused, 2);
	assert_int_equal(bh_simnet_stats(world.net).connects_lost, 1);
	assert_int_equal(bh_simnet_stats(world.net).connected, 0);
	world_end(&world);
}

static void test_net__a_send_arrives_byte_by_byte_in_pieces_or_glued(void **state)
{
	struct bh_simnet_profile profile = bh_simnet_profile_calm();
	struct world world;
	uint32_t conn;

	(void)state;
	world_begin(&world, 4);
	conn = world_connected(&world);
	profile.bytewise_ppm = ALWAYS;
	profile_set(&world, profile);
	(void)world_send(&world, conn, C, 300);
	world_run(&world, 5000);
	assert_int_equal(world.seen[conn][S].counts[BH_SIMNET_DATA], 300);
	profile.bytewise_ppm = 0;
	profile.split_ppm = ALWAYS;
	profile_set(&world, profile);
	(void)world_send(&world, conn, C, 300);
	world_run(&world, 10000);
	assert_in_range(
		world.seen[conn][S].counts[BH_SIMNET_DATA], 302, 300 + BH_SIMNET_PIECES_MAX);
	profile.split_ppm = 0;
	profile.glue_ppm = ALWAYS;
	profile.glue_ms = 1000;
	profile_set(&world, profile);
	world.seen[conn][S].counts[BH_SIMNET_DATA] = 0;
	for (int i = 0; i < 10; i++)
		(void)world_send(&world, conn, C, 300);
	world_run(&world, 20000);
	assert_int_equal(world.seen[conn][S].counts[BH_SIMNET_DATA], 1);
	assert_int_equal(world.seen[conn][S].largest, 3000);
	assert_int_equal(world.seen[conn][S].bytes, 3600);
	assert_false(world.seen[conn][S].wrong);
	assert_int_equal(bh_simnet_stats(world.net).sends_glued, 9);
	world_end(&world);
}

static void test_net__time_passes_by_latency_bandwidth_and_stalls(void **state)
{
	struct bh_simnet_profile profile = bh_simnet_profile_calm();
	struct world world;
	uint32_t conn;
	int64_t before;

	(void)state;
	world_begin(&world, 5);
	conn = world_connected(&world);
	before = bh_simqueue_now(world.queue);
	profile.bytes_per_s = 1000;
	profile_set(&world, profile);
	for (int i = 0; i < 10; i++)
		(void)world_send(&world, conn, C, 1000);
	world_run(&world, INT64_MAX);
	assert_in_range(world.seen[conn][S].first_ms - before, 1020, 1080);
	assert_in_range(world.seen[conn][S].last_ms - before, 10020, 10080);
	profile.bytes_per_s = 0;
	profile.stall_ppm = ALWAYS;
	profile.stall_ms_max = 300000;
	profile_set(&world, profile);
	before = bh_simqueue_now(world.queue);
	for (int i = 0; i < 10; i++)
		(void)world_send(&world, conn, C, 10);
	world_run(&world, INT64_MAX);
	assert_in_range(world.seen[conn][S].last_ms - before, 60000, 300080);
	assert_false(world.seen[conn][S].wrong);
	assert_int_equal(bh_simnet_stats(world.net).stalls, 10);
	assert_true(bh_simnet_stats(world.net).long_delays >= 5);
	world_end(&world);
}

static void test_net__a_full_window_takes_part_and_says_when_there_is_room(void **state)
{
	struct world world;
	uint32_t conn;
	size_t sent = 0;

	(void)state;
	world_begin(&world, 6);
	conn = world_connected(&world);
	for (int i = 0; i < 64; i++)
		sent += world_send(&world, conn, C, 8000);
	assert_int_equal(sent, BH_SIMNET_WINDOW_BYTES);
	assert_int_equal(bh_simnet_room(world.net, conn, C), 0);
	assert_int_equal(world_send(&world, conn, C, 1), 0);
	while (!world_count(&world, conn, C, BH_SIMNET_WRITABLE))
		assert_true(world_step(&world, INT64_MAX));
	assert_true(bh_simnet_room(world.net, conn, C) > 0);
	world_run(&world, INT64_MAX);
	assert_int_equal(world.seen[conn][S].bytes, BH_SIMNET_WINDOW_BYTES);
	assert_int_equal(world_count(&world, conn, C, BH_SIMNET_WRITABLE), 1);
	world_end(&world);
}

/* The same cut, over many seeds, with both ends told, one, or none. */
static void cut_many(
	uint32_t one_ppm, uint32_t silent_ppm, int ends_told, struct bh_simnet_stats *sum)
{
	struct bh_simnet_profile profile = bh_simnet_profile_calm();

	profile.cut_ppm = ALWAYS;
	profile.cut_one_ppm = one_ppm;
	profile.cut_silent_ppm = silent_ppm;
	profile.never_ppm = ALWAYS;
	memset(sum, 0, sizeof(*sum));
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct bh_simnet_stats stats;
		struct world world;
		uint32_t conn;
		int told = 0;

		world_begin(&world, seed);
		conn = world_connected(&world);
		(void)world_send(&world, conn, S, 1000);
		profile_set(&world, profile);
		(void)world_send(&world, conn, C, 1000);
		world_run(&world, INT64_MAX);
		for (unsigned end = 0; end < 2; end++)
			told += world.seen[conn][end].counts[BH_SIMNET_RESET] == 1;
		assert_int_equal(told, ends_told);
		assert_true(world.seen[conn][C].bytes <= 1000);
		assert_true(world.seen[conn][S].bytes <= 1000);
		assert_false(world.seen[conn][C].wrong || world.seen[conn][S].wrong);
		stats = bh_simnet_stats(world.net);
		bh_simnet_stats_add(sum, &stats);
		world_end(&world);
	}
	assert_true(sum->cut_inside > 40);
}

static void test_cut__at_any_byte_with_both_one_or_no_end_told(void **state)
{
	struct bh_simnet_stats sum;

	(void)state;
	cut_many(0, 0, 2, &sum);
	assert_int_equal(sum.cuts_told_both, 50);
	cut_many(ALWAYS, 0, 1, &sum);
	assert_int_equal(sum.cuts_told_one, 50);
	cut_many(0, ALWAYS, 0, &sum);
	assert_int_equal(sum.cuts_silent, 50);
	assert_int_equal(sum.timeouts, 0);
}

static void test_blackhole__swallows_and_the_sender_gives_up_in_its_time(void **state)
{
	struct bh_simnet_profile profile = bh_simnet_profile_calm();
	struct bh_simnet_stats sum = {0};

	int arrived = 0;

	(void)state;
	profile.blackhole_ppm = ALWAYS;
	for (uint64_t seed = 0; seed < 30; seed++) {
		struct bh_simnet_stats stats;
		struct world world;
		uint32_t conn;
		int64_t before;

		world_begin(&world, seed);
		conn = world_connected(&world);
		before = bh_simqueue_now(world.queue);
		profile_set(&world, profile);
		(void)world_send(&world, conn, C, 10);
		stats = bh_simnet_stats(world.net);
		world_run(&world, INT64_MAX);
		assert_int_equal(world.seen[conn][C].bytes, 0);
		assert_int_equal(world_count(&world, conn, S, BH_SIMNET_RESET), 0);
		assert_int_equal(world_count(&world, conn, C, BH_SIMNET_TIMEOUT), 1);
		assert_in_range(world.seen[conn][C].last_ms - before, 30000, 60000);
		/* If only the way back is swallowed, what went there has arrived. */
		arrived += world.seen[conn][S].bytes == 10;
		bh_simnet_stats_add(&sum, &stats);
		world_end(&world);
	}
	assert_int_equal(sum.blackholes_one_way + sum.blackholes_both_ways, 30);
	assert_true(sum.blackholes_one_way >= 5 && sum.blackholes_both_ways >= 5);
	assert_in_range(arrived, 3, 20);
}

static void test_partition__holds_one_direction_and_lets_go(void **state)
{
	struct world world;
	uint32_t conn;

	(void)state;
	world_begin(&world, 7);
	conn = world_connected(&world);
	bh_simnet_partition(world.net, PHONE, SERVER, true);
	(void)world_send(&world, conn, C, 500);
	(void)world_send(&world, conn, C, 500);
	(void)world_send(&world, conn, S, 300);
	world_run(&world, 20000);
	assert_int_equal(world.seen[conn][S].bytes, 0);
	assert_int_equal(world.seen[conn][C].bytes, 300);
	bh_simnet_partition(world.net, PHONE, SERVER, false);
	world_run(&world, 200000);
	assert_int_equal(world.seen[conn][S].bytes, 1000);
	assert_false(world.seen[conn][S].wrong);
	assert_int_equal(world_count(&world, conn, C, BH_SIMNET_TIMEOUT), 0);
	assert_int_equal(bh_simnet_stats(world.net).partition_waits, 1);
	/* Longer than the sender's patience: it gives up, and its bytes never come. */
	bh_simnet_partition(world.net, PHONE, SERVER, true);
	(void)world_send(&world, conn, C, 500);
	world_run(&world, 300000);
	assert_int_equal(world_count(&world, conn, C, BH_SIMNET_TIMEOUT), 1);
	bh_simnet_partition(world.net, PHONE, SERVER, false);
	world_run(&world, INT64_MAX);
	assert_int_equal(world.seen[conn][S].bytes, 1000);
	world_end(&world);
}

/* The client gave up while it could not be reached; once it can be, its system answers for it. */
static void test_partition__who_gave_up_answers_reset_after_it(void **state)
{
	struct world world;
	uint32_t conn;

	(void)state;
	world_begin(&world, 9);
	conn = world_connected(&world);
	bh_simnet_partition(world.net, SERVER, PHONE, true);
	(void)world_send(&world, conn, C, 500);
	world_run(&world, 100000);
	assert_int_equal(world.seen[conn][S].bytes, 500);
	assert_int_equal(world_count(&world, conn, C, BH_SIMNET_TIMEOUT), 1);
	assert_true(bh_simnet_end_is_open(world.net, conn, S));
	bh_simnet_partition(world.net, SERVER, PHONE, false);
	(void)world_send(&world, conn, S, 10);
	world_run(&world, 101000);
	assert_int_equal(world_count(&world, conn, S, BH_SIMNET_RESET), 1);
	world_end(&world);
}

static void test_partition__lets_no_connect_through_either_way(void **state)
{
	struct world world;
	uint32_t conn;

	(void)state;
	world_begin(&world, 8);
	bh_simnet_partition(world.net, SERVER, PHONE, true);
	conn = world_connect(&world);
	world_run(&world, INT64_MAX);
	assert_int_equal(world_count(&world, conn, C, BH_SIMNET_REFUSED), 1);
	assert_int_equal(world_count(&world, conn, S, BH_SIMNET_ACCEPTED), 0);
	bh_simnet_heal(world.net);
	conn = world_connected(&world);
	assert_int_equal(world_count(&world, conn, S, BH_SIMNET_ACCEPTED), 1);
	world_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_net__bytes_arrive_once_in_order_and_then_the_end),
		cmocka_unit_test(test_net__an_end_that_is_over_takes_nothing_and_sees_nothing),
		cmocka_unit_test(test_net__connects_are_refused_or_lost),
		cmocka_unit_test(test_net__a_send_arrives_byte_by_byte_in_pieces_or_glued),
		cmocka_unit_test(test_net__time_passes_by_latency_bandwidth_and_stalls),
		cmocka_unit_test(test_net__a_full_window_takes_part_and_says_when_there_is_room),
		cmocka_unit_test(test_cut__at_any_byte_with_both_one_or_no_end_told),
		cmocka_unit_test(test_blackhole__swallows_and_the_sender_gives_up_in_its_time),
		cmocka_unit_test(test_partition__holds_one_direction_and_lets_go),
		cmocka_unit_test(test_partition__who_gave_up_answers_reset_after_it),
		cmocka_unit_test(test_partition__lets_no_connect_through_either_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
