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

/* How often it was at its place, as its result says. */
static uint32_t finished(struct kit *kit, uint64_t number)
{
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
	return kit_case(kit, number).repeats;
}

/* Reports so far off the grid's place; gives the last one's number. */
static uint64_t reports_at(
	struct kit *kit, struct phone *phone, size_t count, int32_t north_e7, int32_t east_e7)
{
	uint64_t number = 0;

	while (count > 0) {
		struct push push;
		size_t i;

		push_begin(&push);
		for (i = 0; i < KIT_JOB_MAX && count > 0; i++, count--) {
			struct bh_command *op = push_report(kit, &push, phone, "again");
			op->latitude_e7 += north_e7;
			op->longitude_e7 += east_e7;
			push_seal(kit, &push, phone);
		}
		assert_int_equal(push_run(kit, &push), 0);
		number = push.outcomes[i - 1].case_number;
		push_end(&push);
	}
	return number;
}

/* I23: whoever reports much elsewhere in the grid, or what is no case, makes nobody forget it. */
static void test_place__is_not_forgotten_for_a_flood_in_its_grid(void **state)
{
	struct kit *kit = *state;
	struct bh_repeat found[8];
	struct phone phone, other;
	size_t count = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &other, BH_DEMO_WORKER(1112), 2);
	(void)reports_at(kit, &phone, 2, 0, 0);
	(void)reports_at(kit, &other, BH_REPEAT_ROWS_MAX + 10, 4500, 0);
	uint64_t number = reports_at(kit, &phone, 1, 0, 0);
	assert_int_equal(bh_reader_repeats(kit->reader, 1111,
				 bh_writer_time(kit->writer, kit->now, NULL), found, 8, &count),
		0);
	assert_int_equal(count, 2);
	assert_int_equal(found[0].cases, 3);
	assert_int_equal(found[1].cases, BH_REPEAT_OF_ONE_MAX);
	(void)reports_at(kit, &other, BH_REPEAT_ROWS_MAX + 10, 4500, 0);
	assert_int_equal(finished(kit, number), 3);
}

/* However much was at the place itself before the ninety days: it counts no more, and hides
 * nothing. */
static void test_place__is_not_hidden_by_all_that_was_there_before(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	(void)reports_at(kit, &phone, BH_REPEAT_LOOKED_MAX + 1, 0, 0);
	kit_pass(kit, BH_REPEAT_MS);
	(void)reports_at(kit, &phone, 1, 0, 0);
	assert_int_equal(finished(kit, reports_at(kit, &phone, 1, 0, 0)), 0);
	assert_int_equal(finished(kit, reports_at(kit, &phone, 1, 0, 0)), 3);
}

/* A flood beside it, more than is looked at: then it is checked, not passed by. */
static void test_place__is_checked_where_more_is_near_than_is_looked_at(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = reports_at(kit, &phone, 1, 0, 0);
	(void)reports_at(kit, &phone, BH_REPEAT_LOOKED_MAX + 1, 4050, 0);
	assert_int_equal(finished(kit, number), 3);
}

/* Wherever its edges fall: 25 m to the north and to the west of it are one place with it. */
static void test_place__is_found_over_the_edges_of_what_it_is_kept_in(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (int32_t at = 0; at < 6; at++) {
		int32_t north_e7 = at * 8600;
		uint64_t number = reports_at(kit, &phone, 1, north_e7, at * 170);
		(void)reports_at(kit, &phone, 1, north_e7 + 2250, at * 170);
		(void)reports_at(kit, &phone, 1, north_e7, at * 170 - 2500);
		assert_int_equal(finished(kit, number), 3);
	}
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
		(void)finished(kit, number);
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
			test_place__is_checked_where_more_is_near_than_is_looked_at, setup,
			kit_teardown),
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
		cmocka_unit_test_setup_teardown(
			test_place__is_not_forgotten_for_a_flood_in_its_grid, setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_place__is_not_hidden_by_all_that_was_there_before, setup,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_place__is_found_over_the_edges_of_what_it_is_kept_in, setup,
			kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
