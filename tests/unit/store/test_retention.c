/* What a class is kept for, by the clock: each day a purge in slices, no case that goes on, none
 * that is held, nothing without a rule. */
#include "tests/unit/store/privacy_kit.h"

#define DAY (24 * 60 * KIT_MINUTE)

static void retention_set(struct kit *kit, uint32_t class, uint32_t days)
{
	static struct bh_demo_profile demo;
	const struct bh_msg_retention row = {.class = class, .days = days};

	bh_demo_profile(&demo);
	demo.profile.settings.retention = &row;
	demo.profile.settings.retention_count = 1;
	kit->payload.len = 0;
	assert_int_equal(bh_encode_profile(&demo.profile, &kit->payload), 0);
	assert_int_equal(kit_operator(kit, BH_VERB_PROFILE, bh_buf_span(&kit->payload)).verdict,
		BH_VERDICT_ACCEPTED);
}

static uint32_t erasures(struct kit *kit, uint64_t number)
{
	struct bh_guarded guarded;

	assert_int_equal(bh_reader_guarded(kit->reader, number, &guarded), 0);
	return guarded.erasures;
}

static void days_pass(struct kit *kit, int days)
{
	kit_pass(kit, days * DAY);
	while (kit_tick(kit) > 0)
		;
}

static void test_retention__ended_cases_of_a_class_are_erased_when_their_time_is_over(void **state)
{
	struct kit *kit = *state;
	struct bh_erasure rows[8];
	struct phone phone;
	size_t count = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t over = privacy_ended_case(kit, &phone), held = privacy_ended_case(kit, &phone);
	uint64_t goes_on = kit_report(kit, &phone, privacy_told);
	assert_int_equal(privacy_act(kit, BH_VERB_HOLD, PRIVACY_OFFICER_ONE, held).verdict,
		BH_VERDICT_ACCEPTED);
	days_pass(kit, 400);
	assert_int_equal(erasures(kit, over), 0); /* nothing says how long */
	retention_set(kit, 99, 30);
	days_pass(kit, 1);
	assert_int_equal(erasures(kit, over), 0); /* another class */
	retention_set(kit, 0, 500);
	days_pass(kit, 90);
	assert_int_equal(erasures(kit, over), 0);
	days_pass(kit, 20);
	assert_int_equal(erasures(kit, over), 1);
	assert_int_equal(erasures(kit, held), 0);
	assert_int_equal(erasures(kit, goes_on), 0);
	assert_int_equal(privacy_act(kit, BH_VERB_UNHOLD, PRIVACY_OFFICER_ONE, held).verdict,
		BH_VERDICT_ACCEPTED);
	days_pass(kit, 0);
	assert_int_equal(erasures(kit, held), 0); /* tomorrow */
	kit_restart(kit, true);
	days_pass(kit, 1);
	assert_int_equal(erasures(kit, held), 1);
	days_pass(kit, 5);
	assert_int_equal(erasures(kit, over), 1); /* once */
	assert_int_equal(bh_reader_erasures(kit->reader, 0, rows, 8, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].number, over);
	assert_int_equal(rows[0].log_short, BH_LOG_CLOCK);
	privacy_verifies(kit, true);
}

static void test_retention__a_purge_goes_slice_by_slice_and_on_after_a_restart(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	uint64_t numbers[50];
	size_t erased = 0, before = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < 50; i++)
		numbers[i] = privacy_ended_case(kit, &phone);
	retention_set(kit, 10, 30);
	kit_pass(kit, 31 * DAY);
	for (unsigned turn = 0; turn < 4; turn++) {
		before = erased;
		kit_tick(kit);
		erased = 0;
		for (size_t i = 0; i < 50; i++)
			erased += erasures(kit, numbers[i]);
		assert_true(erased - before <= 20);
		kit_restart(kit, turn % 2 == 0);
	}
	assert_int_equal(erased, 50);
	privacy_verifies(kit, true);
}

/* A full kept file keeps no alarm from firing; with room for its lines the purge goes on. */
static void test_retention__a_full_kept_file_stops_the_purge_and_no_clock(void **state)
{
	struct kit *kit = *state;
	struct bh_writer_counts counts;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t over = privacy_ended_case(kit, &phone);
	retention_set(kit, 0, 30);
	kit_down(kit);
	kit->options.kept_bytes_max = 100;
	assert_int_equal(kit_up(kit), 0);
	kit_pass(kit, 31 * DAY);
	uint64_t due = kit_report(kit, &phone, privacy_told);
	kit_pass(kit, 31 * KIT_MINUTE);
	assert_true(kit_tick(kit) > 0);
	assert_int_equal(kit_case(kit, due).state, BH_STATE_DISPATCHED); /* by the clock */
	assert_int_equal(erasures(kit, over), 0);
	bh_writer_counts(kit->writer, &counts);
	assert_int_equal(counts.chores_failed, 1);
	kit_down(kit);
	kit->options.kept_bytes_max = 0;
	assert_int_equal(kit_up(kit), 0);
	kit_tick(kit);
	assert_int_equal(erasures(kit, over), 1);
	privacy_verifies(kit, true);
}

static uint64_t merged_case(struct kit *kit, struct phone *phone, uint64_t main)
{
	uint64_t number = kit_report(kit, phone, privacy_told);
	struct bh_command merge = kit_desk(BH_VERB_MERGE, ACCEPTOR, number, "the same");

	merge.main_number = main;
	assert_int_equal(kit_run(kit, &merge).verdict, BH_VERDICT_ACCEPTED);
	return number;
}

static void test_retention__what_is_merged_waits_for_its_main_case(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t main = kit_report(kit, &phone, privacy_told);
	uint64_t merged = merged_case(kit, &phone, main);
	retention_set(kit, 0, 30);
	days_pass(kit, 40);
	assert_int_equal(erasures(kit, merged), 0);
	assert_false(bh_state_is_end((enum bh_state)kit_case(kit, main).state));
	privacy_verifies(kit, false);
}

/* Late, after everything of its case was erased: it goes when its own time is over. */
static void test_retention__what_comes_after_an_erasure_is_erased_in_its_turn(void **state)
{
	static const char late[] = "told too late";
	struct kit *kit = *state;
	struct phone phone;
	struct push push;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t over = privacy_ended_case(kit, &phone);
	retention_set(kit, 0, 30);
	days_pass(kit, 31);
	assert_int_equal(erasures(kit, over), 1);
	kit_pass(kit, DAY);
	push_begin(&push);
	push_op(kit, &push, &phone, BH_VERB_FINISH, over, late);
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_not_equal(push.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	push_end(&push);
	days_pass(kit, 29);
	assert_int_equal(erasures(kit, over), 1);
	assert_true(privacy_anywhere(kit, late, sizeof(late) - 1));
	days_pass(kit, 2);
	assert_int_equal(erasures(kit, over), 2);
	assert_int_equal(bh_writer_idle(kit->writer), 0);
	assert_false(privacy_anywhere(kit, late, sizeof(late) - 1));
	days_pass(kit, 40);
	assert_int_equal(erasures(kit, over), 2);
	privacy_verifies(kit, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_retention__ended_cases_of_a_class_are_erased_when_their_time_is_over,
			privacy_setup, privacy_teardown),
		cmocka_unit_test_setup_teardown(
			test_retention__a_purge_goes_slice_by_slice_and_on_after_a_restart,
			privacy_setup, privacy_teardown),
		cmocka_unit_test_setup_teardown(
			test_retention__a_full_kept_file_stops_the_purge_and_no_clock,
			privacy_setup, privacy_teardown),
		cmocka_unit_test_setup_teardown(
			test_retention__what_is_merged_waits_for_its_main_case, privacy_setup,
			privacy_teardown),
		cmocka_unit_test_setup_teardown(
			test_retention__what_comes_after_an_erasure_is_erased_in_its_turn,
			privacy_setup, privacy_teardown),
	};

	return cmocka_run_group_tests_name("retention", tests, NULL, NULL);
}
