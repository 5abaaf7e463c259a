/* Places that repeat, as the store finds them: by grid, through a move, a replay and an upgrade. */
#include "tests/unit/store/kit.h"

#include "server/store/place.h"

#define DAY_MS INT64_C(86400000)
#define DESK(verb, text) kit_desk(verb, BH_DEMO_PERSON(ACCEPTOR), number, text)

static int setup(void **state)
{
	return kit_setup(state, 731);
}

static size_t repeats_at(struct kit *kit, uint32_t grid, int64_t now_ms, struct bh_repeat *first)
{
	struct bh_repeat found[8];
	size_t count = 99;

	assert_int_equal(bh_reader_repeats(kit->reader, grid, now_ms, found, 8, &count), 0);
	if (count > 0)
		*first = found[0];
	return count;
}

static size_t repeats(struct kit *kit, uint32_t grid, struct bh_repeat *first)
{
	return repeats_at(kit, grid, bh_writer_time(kit->writer, kit->now, NULL), first);
}

static void test_place__the_third_report_makes_a_place_that_repeats(void **state)
{
	struct kit *kit = *state;
	struct bh_repeat place = {.cases = 0};
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	(void)kit_report(kit, &phone, "one");
	(void)kit_report(kit, &phone, "two");
	assert_int_equal(repeats(kit, 1111, &place), 0);
	uint64_t number = kit_report(kit, &phone, "three");
	assert_int_equal(repeats(kit, 1111, &place), 1);
	assert_int_equal(place.cases, 3);
	assert_int_equal(place.grid, 1111);
	assert_int_equal(place.last_ms, kit_case(kit, number).received_ms);
	assert_int_equal(repeats(kit, 1112, &place), 0);
	/* what is refused is none */
	struct bh_command refuse = DESK(BH_VERB_REFUSE, "not ours");
	assert_int_equal(kit_run(kit, &refuse).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(repeats(kit, 1111, &place), 0);
}

/* The oldest of three counts to the end of its ninetieth day, and then they are two. */
static void test_place__after_ninety_days_it_is_as_if_nothing_had_been(void **state)
{
	struct kit *kit = *state;
	struct bh_repeat place = {.cases = 0};
	struct phone phone;
	int64_t oldest_ms = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < 3; i++) {
		uint64_t number = kit_report(kit, &phone, "again");

		if (i == 0)
			oldest_ms = kit_case(kit, number).received_ms;
		kit_pass(kit, 3600000);
	}
	assert_int_equal(repeats_at(kit, 1111, oldest_ms + BH_REPEAT_MS - 1, &place), 1);
	assert_int_equal(place.cases, 3);
	assert_int_equal(repeats_at(kit, 1111, oldest_ms + BH_REPEAT_MS, &place), 0);
	kit_pass(kit, 91 * DAY_MS);
	assert_int_equal(repeats(kit, 1111, &place), 0);
}

/* Of a type that is guarded nothing is told, however often it is reported. */
static void test_place__what_is_guarded_is_left_out(void **state)
{
	struct kit *kit = *state;
	struct bh_repeat place = {.cases = 0};
	struct phone phone;
	uint64_t number = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < 3; i++)
		number = kit_report(kit, &phone, "again");
	assert_int_equal(repeats(kit, 1111, &place), 1);
	struct bh_command amend = DESK(BH_VERB_AMEND, "of the neighbours");
	amend.type = BH_DEMO_QUARREL;
	assert_int_equal(kit_run(kit, &amend).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(kit_case(kit, number).type, BH_DEMO_QUARREL);
	assert_int_equal(repeats(kit, 1111, &place), 0);
}

/* The fact is the decision's: what came later changes nothing of it. */
static void test_place__a_result_keeps_how_often_it_was(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	uint64_t numbers[4];

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < 4; i++) {
		uint64_t number = numbers[i] = kit_report(kit, &phone, "again");
		struct bh_command dispatch = kit_desk(
			BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "go");
		dispatch.unit = BH_DEMO_CLEAN_A;
		assert_int_equal(kit_run(kit, &dispatch).verdict, BH_VERDICT_ACCEPTED);
		struct bh_command sign = kit_desk(
			BH_VERB_SIGN, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), number, "");
		assert_int_equal(kit_run(kit, &sign).verdict, BH_VERDICT_ACCEPTED);
		struct bh_command finish = kit_desk(
			BH_VERB_FINISH, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), number, "swept");
		assert_int_equal(kit_run(kit, &finish).verdict, BH_VERDICT_ACCEPTED);
	}
	assert_int_equal(kit_case(kit, numbers[1]).repeats, 0);
	assert_int_equal(kit_case(kit, numbers[2]).repeats, 3);
	assert_int_equal(kit_case(kit, numbers[3]).repeats, 3);
	kit_restart(kit, true);
	assert_int_equal(kit_case(kit, numbers[2]).repeats, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_place__the_third_report_makes_a_place_that_repeats, setup,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_place__after_ninety_days_it_is_as_if_nothing_had_been, setup,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_place__what_is_guarded_is_left_out, setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_place__a_result_keeps_how_often_it_was, setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
