/* Learning from returns (domain.md, Routing 10): what is enough, where, and for whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/domain/learn.h"
#include "tests/unit/domain/demo_rules.h"

#define NOW_MS INT64_C(1772413200000)

static int rules_open(void **state)
{
	*state = bh_demo_rules();
	return 0;
}

static int rules_close(void **state)
{
	bh_rules_unref(*state);
	return 0;
}

static size_t learnt(const struct bh_rules *rules, struct bh_returned *returned, size_t count,
	struct bh_proposal *out)
{
	for (size_t i = 0; i < count; i++)
		returned[i].number = i + 1;
	return bh_learn(rules, NOW_MS, returned, count, out, 8);
}

#define ROW(area_, went_)                                                              \
	{                                                                              \
		.type = BH_DEMO_LITTER, .area = (area_), .unit = BH_DEMO_CLEAN_COUNTY, \
		.went = (went_)                                                        \
	}

static void test_learn__three_of_one_area_are_a_rule_for_it(void **state)
{
	struct bh_returned returned[] = {ROW(1211, BH_DEMO_POLICE_B), ROW(1211, BH_DEMO_POLICE_B),
		ROW(1211, BH_DEMO_POLICE_B)};
	struct bh_proposal out[8];
	assert_int_equal(learnt(*state, returned, 2, out), 0);
	assert_int_equal(learnt(*state, returned, 3, out), 1);
	assert_int_equal(out[0].type, BH_DEMO_LITTER);
	assert_int_equal(out[0].area, 1211);
	assert_int_equal(out[0].unit, BH_DEMO_CLEAN_COUNTY);
	assert_int_equal(out[0].to, BH_DEMO_POLICE_B);
	assert_int_equal(out[0].returns, 3);
	assert_int_equal(out[0].agreed, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(returned[i].proposal, 1);
}

static void test_learn__what_is_left_counts_in_the_area_around(void **state)
{
	struct bh_returned returned[] = {ROW(1211, BH_DEMO_POLICE_B), ROW(1211, BH_DEMO_POLICE_B),
		ROW(1211, BH_DEMO_POLICE_B), ROW(1212, BH_DEMO_WORKS), ROW(1221, BH_DEMO_WORKS),
		ROW(1222, BH_DEMO_WORKS)};
	struct bh_proposal out[8];
	assert_int_equal(learnt(*state, returned, 6, out), 2);
	assert_int_equal(out[0].area, 1211);
	assert_int_equal(out[1].area, BH_DEMO_TOWNSHIP_B);
	assert_int_equal(out[1].to, BH_DEMO_WORKS);
	assert_int_equal(out[1].returns, 3);
}

static void test_learn__who_do_not_agree_teach_nothing(void **state)
{
	struct bh_returned returned[] = {ROW(1211, BH_DEMO_POLICE_B), ROW(1211, BH_DEMO_POLICE_B),
		ROW(1211, BH_DEMO_POLICE_B), ROW(1211, BH_DEMO_WORKS), ROW(1211, BH_DEMO_GAS),
		ROW(1211, BH_DEMO_GAS)};
	struct bh_proposal out[8];
	assert_int_equal(learnt(*state, returned, 6, out), 0); /* half of them */
	assert_int_equal(learnt(*state, returned, 5, out), 1); /* 60 per cent */
}

/* Twice to the same unit is no lesson, nor is what the rules say otherwise by now. */
static void test_learn__the_rules_have_to_send_it_there_today(void **state)
{
	struct bh_returned back[] = {ROW(1211, BH_DEMO_CLEAN_COUNTY),
		ROW(1211, BH_DEMO_CLEAN_COUNTY), ROW(1211, BH_DEMO_CLEAN_COUNTY)};
	struct bh_returned past[] = {ROW(1111, BH_DEMO_WORKS), ROW(1111, BH_DEMO_WORKS),
		ROW(1111, BH_DEMO_WORKS)}; /* township A has cleaners of its own */
	struct bh_returned gone[] = {ROW(1211, 4711), ROW(1211, 4711), ROW(1211, 4711)};
	struct bh_proposal out[8];
	assert_int_equal(learnt(*state, back, 3, out), 0);
	assert_int_equal(learnt(*state, past, 3, out), 0);
	assert_int_equal(learnt(*state, gone, 3, out), 0);
	assert_int_equal(learnt(*state, gone, 0, out), 0);
}

static void test_learn__keeps_to_the_room_it_is_given(void **state)
{
	struct bh_returned returned[] = {ROW(1211, BH_DEMO_WORKS), ROW(1211, BH_DEMO_WORKS),
		ROW(1211, BH_DEMO_WORKS), ROW(1221, BH_DEMO_GAS), ROW(1221, BH_DEMO_GAS),
		ROW(1221, BH_DEMO_GAS)};
	struct bh_proposal out[8];
	assert_int_equal(bh_learn(*state, NOW_MS, returned, 6, out, 1), 1);
	assert_int_equal(bh_learn(*state, NOW_MS, returned, 6, out, 0), 0);
	assert_int_equal(bh_learn(*state, NOW_MS, returned, 6, out, 8), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_learn__three_of_one_area_are_a_rule_for_it),
		cmocka_unit_test(test_learn__what_is_left_counts_in_the_area_around),
		cmocka_unit_test(test_learn__who_do_not_agree_teach_nothing),
		cmocka_unit_test(test_learn__the_rules_have_to_send_it_there_today),
		cmocka_unit_test(test_learn__keeps_to_the_room_it_is_given),
	};
	return cmocka_run_group_tests(tests, rules_open, rules_close);
}
