/* The clock's turn: what is due fires once, in order, also after a downtime; a jump of the wall
 * clock is said once and holds what punishes; the heartbeat is kept. */
#include <stdio.h>

#include "tests/unit/store/kit.h"

static int open_kit(void **state)
{
	struct kit *kit = test_calloc(1, sizeof(*kit));

	kit_open(kit, 3);
	*state = kit;
	return 0;
}

static int close_kit(void **state)
{
	kit_close(*state);
	test_free(*state);
	return 0;
}

static size_t count_verb(struct kit *kit, uint64_t number, enum bh_verb verb)
{
	struct bh_entry entries[64];
	size_t count, found = 0;

	assert_int_equal(
		bh_reader_history(kit->reader, number, &kit->arena, entries, 64, &count), 0);
	for (size_t i = 0; i < count; i++)
		found += entries[i].verb == (uint32_t)verb;
	return found;
}

static void test_tick__fires_nothing_before_its_instant_and_all_at_it(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, "litter");
	struct bh_case cased = kit_case(kit, number);
	assert_int_equal(kit_tick(kit), 0);
	int64_t wake_ms = bh_writer_wake_mono_ms(kit->writer, kit->now);
	assert_true(
		wake_ms <= kit->now.mono_ms + 5000); /* the heartbeat, before the first reminder */
	kit_pass(kit, cased.next_ms - kit->now.wall_ms - 1);
	assert_int_equal(kit_tick(kit), 0);
	wake_ms = bh_writer_wake_mono_ms(kit->writer, kit->now);
	assert_int_equal(wake_ms, kit->now.mono_ms + 1);
	kit_pass(kit, 1);
	assert_int_equal(kit_tick(kit), 1);
	assert_int_equal(kit_tick(kit), 0);
	assert_int_equal(count_verb(kit, number, BH_VERB_REMIND), 1);
}

static void test_tick__a_desk_that_is_faster_than_the_clock_leaves_the_breach_recorded(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, "litter");
	kit_pass(kit, 31 * KIT_MINUTE);
	struct bh_command command = kit_desk(
		BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "late, but now");
	command.base_position = kit_case(kit, number).last;
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(count_verb(kit, number, BH_VERB_BREACH), 1);
	assert_int_equal(kit_case(kit, number).state, BH_STATE_DISPATCHED);
	kit_tick(kit);
	assert_int_equal(count_verb(kit, number, BH_VERB_BREACH), 1);
}

static void test_tick__after_a_downtime_everything_overdue_fires_once(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	uint64_t numbers[20];

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (int i = 0; i < 20; i++) {
		numbers[i] = kit_report(kit, &phone, "litter");
		kit_pass(kit, 100);
	}
	kit_tick(kit);
	kit_down(kit);
	bh_simvfs_kill(kit->vfs);
	kit_pass(kit, 120 * KIT_MINUTE);
	assert_int_equal(kit_up(kit), 0);
	size_t fired = kit_tick(kit);
	assert_true(fired >= 40); /* each its breach and its dispatch */
	assert_int_equal(kit_tick(kit), 0);
	for (int i = 0; i < 20; i++) {
		struct bh_case cased = kit_case(kit, numbers[i]);
		assert_int_equal(cased.state, BH_STATE_DISPATCHED);
		assert_int_equal(cased.automatic, 1);
		assert_int_equal(count_verb(kit, numbers[i], BH_VERB_BREACH), 1);
		assert_int_equal(count_verb(kit, numbers[i], BH_VERB_DISPATCH), 1);
	}
	struct bh_stats stats;
	assert_int_equal(bh_reader_stats(kit->reader, &stats), 0);
	assert_int_equal(stats.breached, 20);
	assert_int_equal(stats.automatic, 20);
	assert_int_equal(stats.dispatched, 20);
	assert_int_equal(stats.dispatched_in_time, 0);
	assert_int_equal(stats.by_state[BH_STATE_DISPATCHED], 20);
	struct bh_verify_report report;
	assert_int_equal(kit_verify(kit, &report), 0);
}

static void test_tick__is_bounded_and_goes_on_where_it_stopped(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	size_t fired;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (int i = 0; i < 10; i++)
		kit_report(kit, &phone, "litter");
	kit_pass(kit, 16 * KIT_MINUTE);
	for (int round = 0; round < 4; round++) {
		assert_int_equal(bh_writer_tick(kit->writer, kit->now, 3, &fired, &kit->wakes), 0);
		assert_int_equal(fired, round < 3 ? 3 : 1);
	}
	assert_int_equal(kit_tick(kit), 0);
}

static void test_tick__a_jump_is_journalled_once_and_holds_until_confirmed(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	uint64_t before, after;
	uint8_t hash[BH_HASH_BYTES];
	bool alarmed;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, "litter");
	kit_tick(kit);
	assert_int_equal(bh_reader_head(kit->reader, &before, hash), 0);
	kit->now.wall_ms += INT64_C(10) * 365 * 86400000; /* ten years in an instant */
	kit_tick(kit);
	kit_tick(kit);
	kit_restart(kit, false);
	kit_tick(kit);
	assert_int_equal(bh_reader_head(kit->reader, &after, hash), 0);
	assert_int_equal(after, before + 1);
	bh_writer_time(kit->writer, kit->now, &alarmed);
	assert_true(alarmed);
	assert_int_equal(kit_case(kit, number).state, BH_STATE_RECEIVED);

	struct bh_outcome outcome = kit_operator(kit, BH_VERB_CLOCK_CONFIRM, bh_span(NULL, 0));
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	kit_restart(kit, true);
	bh_writer_time(kit->writer, kit->now, &alarmed);
	assert_false(alarmed);
	outcome = kit_operator(kit, BH_VERB_CLOCK_CONFIRM, bh_span(NULL, 0));
	assert_int_equal(outcome.verdict, BH_VERDICT_REJECTED);
	assert_true(kit_tick(kit) > 0);
}

static void test_tick__a_case_that_cannot_be_kept_does_not_stop_the_others(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct bh_writer_counts counts;
	uint64_t numbers[5];
	char sql[200];

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (int i = 0; i < 5; i++) {
		numbers[i] = kit_report(kit, &phone, "litter");
		kit_pass(kit, 100);
	}
	snprintf(sql, sizeof(sql),
		"CREATE TRIGGER poison BEFORE UPDATE ON cases WHEN old.number = %llu "
		"BEGIN SELECT RAISE(ABORT, 'poison'); END",
		(unsigned long long)numbers[2]);
	kit_sql(kit, KIT_PATH, sql);
	kit_pass(kit, 27 * KIT_MINUTE);
	kit_tick(kit);
	for (int i = 0; i < 5; i++)
		assert_int_equal(kit_case(kit, numbers[i]).state,
			i == 2 ? BH_STATE_RECEIVED : BH_STATE_DISPATCHED);
	bh_writer_counts(kit->writer, &counts);
	assert_true(counts.poison > 0);
	kit_sql(kit, KIT_PATH, "DROP TRIGGER poison");
	kit_tick(kit);
	assert_int_equal(kit_case(kit, numbers[2]).state, BH_STATE_DISPATCHED);
}

static void test_tick__a_heartbeat_that_cannot_be_kept_is_an_error_and_ends(void **state)
{
	struct kit *kit = *state;
	size_t fired;

	kit_pass(kit, 10000);
	kit_sql(kit, KIT_PATH,
		"CREATE TRIGGER poison BEFORE INSERT ON local BEGIN SELECT RAISE(ABORT, 'poison'); "
		"END");
	assert_int_equal(bh_writer_tick(kit->writer, kit->now, 10, &fired, &kit->wakes), BH_ERR_IO);
	kit_sql(kit, KIT_PATH, "DROP TRIGGER poison");
	assert_int_equal(kit_tick(kit), 0);
}

/* The confirmation that the disk did not take kept no heartbeat either: the next one is due when
 * it was. */
static void test_tick__a_heartbeat_that_was_rolled_back_is_due_again(void **state)
{
	struct kit *kit = *state;
	struct bh_command command = {.source = BH_SOURCE_OPERATOR, .verb = BH_VERB_CLOCK_CONFIRM};
	struct bh_outcome outcome = {0};
	struct bh_job job = {.commands = &command, .outcomes = &outcome, .count = 1}, *jobs = &job;

	kit_tick(kit);
	kit->now.wall_ms += INT64_C(10) * 365 * 86400000;
	kit_tick(kit);
	kit_pass(kit, 1000);
	int64_t due_mono_ms = bh_writer_wake_mono_ms(kit->writer, kit->now);
	kit_fill(kit);
	assert_int_equal(bh_writer_run(kit->writer, kit->now, &jobs, 1, &kit->wakes), 0);
	assert_int_equal(job.err, BH_ERR_FULL);
	assert_int_equal(bh_writer_wake_mono_ms(kit->writer, kit->now), due_mono_ms);
	bh_simvfs_heal(kit->vfs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_tick__a_desk_that_is_faster_than_the_clock_leaves_the_breach_recorded,
			open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_tick__fires_nothing_before_its_instant_and_all_at_it, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_tick__after_a_downtime_everything_overdue_fires_once, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_tick__is_bounded_and_goes_on_where_it_stopped, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_tick__a_jump_is_journalled_once_and_holds_until_confirmed, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_tick__a_case_that_cannot_be_kept_does_not_stop_the_others, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_tick__a_heartbeat_that_cannot_be_kept_is_an_error_and_ends, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_tick__a_heartbeat_that_was_rolled_back_is_due_again, open_kit,
			close_kit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
