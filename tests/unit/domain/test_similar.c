/* Which reports may be of the same thing: by type, place, time, and what became of the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/domain/similar.h"
#include "tests/unit/domain/demo_rules.h"

#define HOUR_MS INT64_C(3600000)
#define NOON_MS INT64_C(1773000000000)
#define METRE_NORTH_E7 90 /* 1.002 m */

static struct bh_case report(uint64_t number, int32_t north_m, int64_t hours_later)
{
	return (struct bh_case){.number = number,
		.type = 10001,
		.state = BH_STATE_RECEIVED,
		.received_ms = NOON_MS + hours_later * HOUR_MS,
		.has_place = 1,
		.latitude_e7 = 310000000 + north_m * METRE_NORTH_E7,
		.longitude_e7 = 1170000000};
}

static bool similar(const struct bh_case *a, const struct bh_case *b, uint32_t *distance_m)
{
	struct bh_rules *rules = bh_demo_rules();
	bool is = bh_case_is_similar(rules, a, b, NOON_MS + 100 * HOUR_MS, distance_m);
	bh_rules_unref(rules);
	return is;
}

static void test_similar__by_the_usual_bound_thirty_metres_and_three_days(void **state)
{
	(void)state;
	struct bh_case one = report(1, 0, 0), other;
	uint32_t distance_m = 7;
	other = report(2, 29, 71);
	assert_true(similar(&one, &other, &distance_m));
	assert_int_equal(distance_m, 29);
	assert_true(similar(&other, &one, &distance_m)); /* who came first says nothing */
	other = report(2, 31, 0);
	assert_false(similar(&one, &other, &distance_m));
	other = report(2, 0, 73);
	assert_false(similar(&one, &other, &distance_m));
	other = report(2, -29, -72);
	assert_true(similar(&one, &other, &distance_m));
}

/* Two saw it in one hour, one of them far from any network for four days. */
static void test_similar__by_when_it_was_seen_and_not_by_when_it_came(void **state)
{
	(void)state;
	struct bh_case one = report(1, 0, 0), other = report(2, 5, 96);
	uint32_t distance_m;
	one.captured_ms = one.received_ms;
	other.captured_ms = other.received_ms;
	assert_false(similar(&one, &other, &distance_m));
	other.captured_ms = one.received_ms + HOUR_MS;
	assert_true(similar(&one, &other, &distance_m));
	assert_true(similar(&other, &one, &distance_m));
	other.received_ms = one.received_ms; /* a clock that is ahead is not believed */
	other.captured_ms = one.received_ms + 96 * HOUR_MS;
	assert_int_equal(bh_case_seen_ms(&other), other.received_ms);
}

static void test_similar__only_of_one_type_with_places_and_never_itself(void **state)
{
	(void)state;
	struct bh_case one = report(1, 0, 0), other = report(2, 0, 0);
	uint32_t distance_m;
	assert_false(similar(&one, &one, &distance_m));
	other.type = 10002;
	assert_false(similar(&one, &other, &distance_m));
	other = report(2, 0, 0);
	other.has_place = 0;
	assert_false(similar(&one, &other, &distance_m));
	assert_false(similar(&other, &one, &distance_m));
}

/* East of a point at 31 degrees, a degree is shorter by its cosine. */
static void test_similar__a_metre_east_is_a_metre(void **state)
{
	(void)state;
	struct bh_case one = report(1, 0, 0), other = report(2, 0, 0);
	uint32_t distance_m = 0;
	other.longitude_e7 += 2621; /* 25 m at 31 degrees north */
	assert_true(similar(&one, &other, &distance_m));
	assert_int_equal(distance_m, 25);
	other.longitude_e7 += 2621;
	assert_false(similar(&one, &other, &distance_m));
}

static void test_similar__what_is_over_for_three_days_or_led_nowhere_is_no_main_case(void **state)
{
	(void)state;
	static const enum bh_state none[] = {
		BH_STATE_REJECTED, BH_STATE_VOID, BH_STATE_MERGED, BH_STATE_REFERRED};
	struct bh_case one = report(1, 0, 0), other = report(2, 0, 0);
	uint32_t distance_m;
	for (unsigned at = BH_STATE_RECEIVED; at < BH_STATE_CLOSED; at++) {
		other.state = at;
		assert_true(similar(&one, &other, &distance_m));
	}
	for (unsigned at = BH_STATE_CLOSED; at <= BH_STATE_FOLLOWED; at++) {
		other.state = at;
		other.closed_ms = NOON_MS + 29 * HOUR_MS;
		assert_true(similar(&one, &other, &distance_m));
		other.closed_ms = NOON_MS + 28 * HOUR_MS;
		assert_false(similar(&one, &other, &distance_m));
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		other.state = none[i];
		assert_false(similar(&one, &other, &distance_m));
	}
}

static void test_similar__a_catalogue_states_its_own_bound(void **state)
{
	(void)state;
	struct bh_demo_profile demo;
	struct bh_case one = report(1, 0, 0), other = report(2, 190, 11);
	uint32_t distance_m;
	bh_demo_profile(&demo);
	struct bh_msg_catalogue_type *types = demo.types;
	types[0].dedupe_radius_m = 200;
	types[0].dedupe_window_h = 12;
	assert_int_equal(types[0].code, 10001);
	struct bh_rules *rules = bh_demo_build(&demo);
	assert_true(bh_case_is_similar(rules, &one, &other, NOON_MS, &distance_m));
	other = report(2, 0, 13);
	assert_false(bh_case_is_similar(rules, &one, &other, NOON_MS, &distance_m));
	bh_rules_unref(rules);
	types[0].dedupe_radius_m = 0; /* a quarrel is no pothole */
	rules = bh_demo_build(&demo);
	other = report(2, 0, 0);
	assert_false(bh_case_is_similar(rules, &one, &other, NOON_MS, &distance_m));
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_similar__by_the_usual_bound_thirty_metres_and_three_days),
		cmocka_unit_test(test_similar__by_when_it_was_seen_and_not_by_when_it_came),
		cmocka_unit_test(test_similar__only_of_one_type_with_places_and_never_itself),
		cmocka_unit_test(test_similar__a_metre_east_is_a_metre),
		cmocka_unit_test(
			test_similar__what_is_over_for_three_days_or_led_nowhere_is_no_main_case),
		cmocka_unit_test(test_similar__a_catalogue_states_its_own_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
