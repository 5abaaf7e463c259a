/* Places where something comes again and again: which cases gather, and what they are checked for.
 */
#include "tests/unit/domain/docket.h"

#include "server/domain/checking.h"
#include "server/domain/repeat.h"
#include "tests/unit/domain/demo_rules.h"

#define NOW_MS (BH_DOCKET_START_MS + BH_REPEAT_MS)
#define HANDLER BH_DEMO_HANDLER(BH_DEMO_CLEAN_A)

/* So many metres north of a place. */
static struct bh_case at(int32_t metres, uint32_t asset)
{
	struct bh_case cased = {.number = 17,
		.type = BH_DEMO_LITTER,
		.state = BH_STATE_CLOSED,
		.grid = 1111,
		.has_place = 1,
		.latitude_e7 = 310000000 + metres * 90,
		.longitude_e7 = 1170000000,
		.asset = asset,
		.received_ms = NOW_MS - 1};
	return cased;
}

static void test_repeat__what_counts_is_of_nobody_and_of_ninety_days(void **state)
{
	struct bh_case cased = at(0, 0);
	assert_true(bh_case_counts_for_repeat(*state, &cased, NOW_MS));
	cased.received_ms = NOW_MS - BH_REPEAT_MS;
	assert_false(bh_case_counts_for_repeat(*state, &cased, NOW_MS));
	cased.received_ms++;
	assert_true(bh_case_counts_for_repeat(*state, &cased, NOW_MS));
	cased.received_ms = NOW_MS + 1;
	assert_false(bh_case_counts_for_repeat(*state, &cased, NOW_MS));
	for (uint32_t s = BH_STATE_RECEIVED; s < BH_STATE_COUNT; s++) {
		cased = at(0, 0);
		cased.state = s;
		bool none = s == BH_STATE_REJECTED || s == BH_STATE_VOID || s == BH_STATE_MERGED;
		assert_int_equal(bh_case_counts_for_repeat(*state, &cased, NOW_MS), !none);
	}
	cased = at(0, 0);
	cased.type = BH_DEMO_QUARREL;
	assert_false(bh_case_counts_for_repeat(*state, &cased, NOW_MS));
	cased.type = 999999;
	assert_false(bh_case_counts_for_repeat(*state, &cased, NOW_MS));
}

static void test_repeat__what_is_guarded_does_not_count(void **state)
{
	(void)state;
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (uint32_t level = BH_PRIVACY_PUBLIC; level <= BH_PRIVACY_RESTRICTED; level++) {
		const struct bh_case cased = at(0, 0);
		for (size_t i = 0; i < BH_DEMO_TYPES; i++)
			if (demo.types[i].code == BH_DEMO_LITTER)
				demo.types[i].privacy = level;
		struct bh_rules *rules = bh_demo_build(&demo);
		assert_int_equal(bh_case_counts_for_repeat(rules, &cased, NOW_MS),
			level == BH_PRIVACY_PUBLIC);
		bh_rules_unref(rules);
	}
}

static void test_repeat__a_place_is_thirty_metres_or_one_component(void **state)
{
	(void)state;
	struct bh_case here = at(0, 5), near = at(29, 0), far = at(31, 0), moved = at(900, 5);
	assert_true(bh_case_is_at_place(&here, &near));
	assert_false(bh_case_is_at_place(&here, &far));
	assert_true(bh_case_is_at_place(&here, &moved));
	near.has_place = 0;
	assert_false(bh_case_is_at_place(&here, &near));
	here.asset = moved.asset = 0;
	assert_false(bh_case_is_at_place(&here, &moved));
}

/* 30 m are 2694.95 of the units of a position to the north, and more of them to the east. */
static void test_repeat__thirty_metres_are_in_and_a_little_more_is_out(void **state)
{
	static const struct {
		int32_t north_e7, east_e7;
		bool in;
	} cases[] = {{2694, 0, true}, {2695, 0, false}, {-2694, 0, true}, {-2695, 0, false},
		{0, 3144, true}, {0, 3145, false}, {0, -3144, true}, {0, -3145, false},
		{2000, 2000, true}, {2200, 2200, false}};
	(void)state;
	const struct bh_case here = at(0, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bh_case other = at(0, 0);
		other.latitude_e7 += cases[i].north_e7;
		other.longitude_e7 += cases[i].east_e7;
		assert_int_equal(bh_case_is_at_place(&here, &other), cases[i].in);
		assert_int_equal(bh_case_is_at_place(&other, &here), cases[i].in);
	}
}

/* Around the newest of each; two are no repeat, and each case is of one place. */
static void test_repeat__three_at_a_place_are_one_that_repeats(void **state)
{
	(void)state;
	const struct bh_case cases[] = {at(0, 0), at(500, 0), at(10, 9), at(20, 0), at(510, 0),
		at(29, 0), at(1000, 7), at(1500, 7), at(2000, 7)};
	struct bh_repeat found[4];
	assert_int_equal(bh_repeat_places(cases, 9, found, 4), 2);
	assert_int_equal(found[0].cases, 4);
	assert_int_equal(found[0].asset, 9);
	assert_true(found[0].has_place);
	assert_int_equal(found[0].latitude_e7, cases[0].latitude_e7);
	assert_int_equal(found[1].cases, 3);
	assert_int_equal(found[1].asset, 7);
	assert_int_equal(bh_repeat_places(cases, 9, found, 1), 1);
	assert_int_equal(bh_repeat_places(cases, 2, found, 4), 0);
	assert_int_equal(bh_repeat_places(cases, 0, found, 4), 0);
}

/* Row 19: required for P1, rework, repeats. */
static void test_repeat__what_comes_again_is_closed_only_when_somebody_looked(void **state)
{
	struct bh_docket docket;
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.profile.settings.repeat_check_off = false;
	struct bh_rules *rules = bh_demo_build(&demo);
	for (uint32_t cases = 2; cases <= 3; cases++) {
		bh_docket_open(&docket, rules);
		bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
		docket.repeats = cases;
		bh_docket_act(&docket, BH_VERB_FINISH, HANDLER, "swept");
		assert_int_equal(docket.cased.repeats, cases < 3 ? 0 : 3);
		assert_int_equal(bh_case_check_is_needed(rules, &docket.cased), cases == 3);
		assert_int_equal(bh_case_closes_by_limit(rules, &docket.cased), cases == 2);
		docket.cased.checked = BH_CHECKED_LAPSED;
		assert_int_equal(bh_case_check_stands(rules, &docket.cased), cases == 2);
		assert_false(bh_case_check_is_needed(*state, &docket.cased)); /* off there */
	}
	docket.cased.checked = BH_CHECKED_NOT;
	struct bh_command close = bh_docket_desk(
		&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "done");
	bh_docket_refused(&docket, &close, BH_REASON_GUARD);
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repeat__what_counts_is_of_nobody_and_of_ninety_days),
		cmocka_unit_test(test_repeat__what_is_guarded_does_not_count),
		cmocka_unit_test(test_repeat__a_place_is_thirty_metres_or_one_component),
		cmocka_unit_test(test_repeat__thirty_metres_are_in_and_a_little_more_is_out),
		cmocka_unit_test(test_repeat__three_at_a_place_are_one_that_repeats),
		cmocka_unit_test(test_repeat__what_comes_again_is_closed_only_when_somebody_looked),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
