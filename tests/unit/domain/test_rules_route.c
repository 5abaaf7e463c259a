/* Routing: rules by what they name, units on the way up, the backstop at the end; and the desks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/domain/routing.h"
#include "tests/unit/domain/demo_rules.h"

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

static struct bh_routing routed(const struct bh_rules *rules, uint32_t type, uint32_t area)
{
	struct bh_routing routing = {.unit = 4711};
	struct bh_route_ask ask = {.type = type, .area = area};
	bh_rules_route(rules, &ask, &routing);
	return routing;
}

static void test_route__walks_up_the_tree_to_the_first_unit_of_the_kind(void **state)
{
	struct bh_routing routing = routed(*state, BH_DEMO_LITTER, 1111);
	assert_int_equal(routing.unit, BH_DEMO_CLEAN_A);
	assert_null(routing.route);
	assert_false(routing.by_backstop);
	/* Township B has no cleaners: the county's. */
	assert_int_equal(routed(*state, BH_DEMO_LITTER, 1211).unit, BH_DEMO_CLEAN_COUNTY);
	assert_int_equal(routed(*state, BH_DEMO_LITTER, BH_DEMO_COUNTY).unit, BH_DEMO_CLEAN_COUNTY);
	assert_int_equal(routed(*state, BH_DEMO_QUARREL, 1222).unit, BH_DEMO_MEDIATION_B);
	assert_int_equal(routed(*state, BH_DEMO_STALL, BH_DEMO_MARKET).unit, BH_DEMO_CLEAN_A);
}

/* ... that has people; where none on the way has, to the first all the same. */
static void test_route__passes_over_a_unit_of_nobody_where_one_above_has_people(void **state)
{
	static const uint32_t empty[] = {BH_DEMO_CLEAN_A, BH_DEMO_CLEAN_COUNTY};
	(void)state;
	for (size_t upto = 1; upto <= 2; upto++) {
		struct bh_demo_profile demo;
		bh_demo_profile(&demo);
		for (size_t i = 0; i < demo.profile.posts_count; i++)
			for (size_t k = 0; k < upto; k++)
				if (demo.posts[i].unit == empty[k])
					demo.posts[i].unit = BH_DEMO_GAS;
		struct bh_rules *rules = bh_demo_build(&demo);
		assert_int_equal(routed(rules, BH_DEMO_LITTER, 1111).unit,
			upto == 1 ? BH_DEMO_CLEAN_COUNTY : BH_DEMO_CLEAN_A);
		bh_rules_unref(rules);
	}
	/* By day: theirs ended yesterday. */
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].unit == BH_DEMO_CLEAN_A)
			demo.posts[i].to_day = 20000;
	struct bh_rules *rules = bh_demo_build(&demo);
	struct bh_route_ask ask = {.type = BH_DEMO_LITTER, .area = 1111, .day = 20000};
	struct bh_routing routing;
	bh_rules_route(rules, &ask, &routing);
	assert_int_equal(routing.unit, BH_DEMO_CLEAN_A);
	ask.day = 20001;
	bh_rules_route(rules, &ask, &routing);
	assert_int_equal(routing.unit, BH_DEMO_CLEAN_COUNTY);
	bh_rules_unref(rules);
}

static void test_route__a_rule_applies_inside_its_area_only(void **state)
{
	struct bh_routing routing = routed(*state, BH_DEMO_LITTER, 1122);
	assert_int_equal(routing.unit, BH_DEMO_CLEAN_COUNTY);
	assert_non_null(routing.route);
	assert_int_equal(routing.route->area, 112);
	assert_int_equal(routed(*state, BH_DEMO_STALL, 1212).unit, BH_DEMO_POLICE_B);
	assert_int_equal(routed(*state, BH_DEMO_STALL, 1112).unit, BH_DEMO_CLEAN_A);
}

static void test_route__a_class_may_be_dispatched_at_once(void **state)
{
	struct bh_routing routing = routed(*state, BH_DEMO_GAS_LEAK, 1221);
	assert_int_equal(routing.unit, BH_DEMO_GAS);
	assert_true(routing.immediate);
	assert_false(routed(*state, BH_DEMO_LITTER, 1221).immediate);
}

static void test_route__what_nobody_has_goes_to_the_smallest_areas_desk(void **state)
{
	struct bh_routing routing = routed(*state, BH_DEMO_HAZARD, 1111);
	assert_int_equal(routing.unit, BH_DEMO_DESK_VILLAGE);
	assert_true(routing.by_backstop);
	assert_int_equal(routed(*state, BH_DEMO_HAZARD, 1121).unit, BH_DEMO_DESK_A);
	assert_int_equal(routed(*state, BH_DEMO_HAZARD, BH_DEMO_COUNTY).unit, BH_DEMO_DESK_COUNTY);
	/* Mediation exists in the townships only; from the county there is no way down. */
	assert_int_equal(routed(*state, BH_DEMO_QUARREL, BH_DEMO_COUNTY).unit, BH_DEMO_DESK_COUNTY);
}

/* Routing 5: unknown owner, territory. */
static void test_route__an_unknown_type_goes_the_way_of_40006_and_never_at_once(void **state)
{
	static const uint32_t types[] = {0, 99999};
	for (size_t i = 0; i < 2; i++) {
		struct bh_routing routing = routed(*state, types[i], 1111);
		assert_int_equal(routing.unit, BH_DEMO_DESK_A); /* its kind is the township's own */
		assert_true(routing.by_backstop);
	}
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.routes[0] = (struct bh_msg_route){
		.type = BH_DEMO_UNKNOWN, .unit = BH_DEMO_WORKS, .immediate = true};
	struct bh_rules *rules = bh_demo_build(&demo);
	assert_int_equal(routed(rules, 99999, 1111).unit, BH_DEMO_WORKS);
	assert_false(routed(rules, 99999, 1111).immediate);
	assert_true(routed(rules, BH_DEMO_UNKNOWN, 1111).immediate);
	bh_rules_unref(rules);
}

static void test_route__without_40006_the_unknown_is_the_smallest_desks(void **state)
{
	(void)state;
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.types[3].code = 40999;
	struct bh_rules *rules = bh_demo_build(&demo);
	assert_int_equal(routed(rules, 0, 1111).unit, BH_DEMO_DESK_VILLAGE);
	bh_rules_unref(rules);
}

/* A type goes before its class, a class before any; of equals the deeper area, then the one listed
 * first. */
static void test_route__the_more_a_rule_names_the_earlier_it_is_tried(void **state)
{
	(void)state;
	struct bh_msg_route routes[] = {
		{.unit = BH_DEMO_WORKS},
		{.class = 10, .unit = BH_DEMO_GAS},
		{.class = 10, .area = BH_DEMO_TOWNSHIP_A, .unit = BH_DEMO_POLICE_A},
		{.type = BH_DEMO_LITTER, .area = 111, .unit = BH_DEMO_CLEAN_A},
		{.type = BH_DEMO_LITTER, .area = 1111, .unit = BH_DEMO_DESK_VILLAGE},
		{.type = BH_DEMO_LITTER, .area = 1111, .unit = BH_DEMO_DESK_A},
		{.type = BH_DEMO_STALL, .unit_kind = 4},
	};
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.profile.routes = routes;
	demo.profile.routes_count = sizeof(routes) / sizeof(routes[0]);
	struct bh_rules *rules = bh_demo_build(&demo);
	assert_int_equal(routed(rules, BH_DEMO_LITTER, 1111).unit, BH_DEMO_DESK_VILLAGE);
	assert_int_equal(routed(rules, BH_DEMO_LITTER, 1112).unit, BH_DEMO_CLEAN_A);
	assert_int_equal(routed(rules, BH_DEMO_LITTER, 1121).unit, BH_DEMO_POLICE_A);
	assert_int_equal(routed(rules, BH_DEMO_LITTER, 1211).unit, BH_DEMO_GAS);
	assert_int_equal(routed(rules, BH_DEMO_HAZARD, 1211).unit, BH_DEMO_WORKS);
	assert_int_equal(routed(rules, BH_DEMO_STALL, 1211).unit, BH_DEMO_POLICE_B);
	/* No police at the county's level: the rule leads nowhere and the next is tried. */
	assert_int_equal(routed(rules, BH_DEMO_STALL, BH_DEMO_COUNTY).unit, BH_DEMO_WORKS);
	bh_rules_unref(rules);
}

static void test_route__of_several_of_a_kind_the_lowest_id(void **state)
{
	(void)state;
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < BH_DEMO_UNITS; i++)
		if (demo.units[i].id == BH_DEMO_WORKS)
			demo.units[i] = (struct bh_msg_unit){.id = BH_DEMO_WORKS,
				.kind = 2,
				.area = BH_DEMO_TOWNSHIP_A,
				.code = demo.units[i].code};
	struct bh_rules *rules = bh_demo_build(&demo);
	assert_int_equal(routed(rules, BH_DEMO_LITTER, 1111).unit, BH_DEMO_CLEAN_A);
	bh_rules_unref(rules);
}

static void test_desk__is_the_smallest_areas_other_than_the_one(void **state)
{
	assert_int_equal(bh_rules_desk(*state, 1111, 0), BH_DEMO_DESK_VILLAGE);
	assert_int_equal(bh_rules_desk(*state, 1111, BH_DEMO_DESK_VILLAGE), BH_DEMO_DESK_A);
	assert_int_equal(bh_rules_desk(*state, 1121, BH_DEMO_DESK_A), BH_DEMO_DESK_COUNTY);
	assert_int_equal(
		bh_rules_desk(*state, BH_DEMO_COUNTY, BH_DEMO_DESK_COUNTY), BH_DEMO_DESK_COUNTY);
	assert_int_equal(bh_rules_desk(*state, 0, 0), BH_DEMO_DESK_COUNTY);
	assert_int_equal(bh_rules_desk(*state, 4711, 0), BH_DEMO_DESK_COUNTY);
	struct bh_rules *empty;
	assert_int_equal(bh_rules_empty(&empty), 0);
	assert_int_equal(bh_rules_desk(empty, 1, 0), 0);
	assert_int_equal(routed(empty, BH_DEMO_LITTER, 0).unit, 0);
	bh_rules_unref(empty);
}

/* A route that names an area is for that area, not for the whole county where its depth is the
 * same. */
static void test_route__place_and_route_agree_at_the_edges(void **state)
{
	struct bh_placing placing;
	for (int32_t longitude = 1170000000; longitude < 1170800000; longitude += 9999) {
		assert_int_equal(bh_rules_place(*state, 305050000, longitude, 1, 0, &placing), 0);
		uint32_t column = (uint32_t)(longitude - 1170000000) / 100000;
		uint32_t village = 111 + column / 4 * 10 + column / 2 % 2;
		assert_int_equal(placing.grid, village * 10 + column % 2 + 1);
		assert_int_equal(placing.area, placing.grid);
		assert_false(placing.marked);
		bool in_112 = village == 112;
		assert_int_equal(
			routed(*state, BH_DEMO_LITTER, placing.area).route != NULL, in_112);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_route__walks_up_the_tree_to_the_first_unit_of_the_kind),
		cmocka_unit_test(
			test_route__passes_over_a_unit_of_nobody_where_one_above_has_people),
		cmocka_unit_test(test_route__a_rule_applies_inside_its_area_only),
		cmocka_unit_test(test_route__a_class_may_be_dispatched_at_once),
		cmocka_unit_test(test_route__what_nobody_has_goes_to_the_smallest_areas_desk),
		cmocka_unit_test(
			test_route__an_unknown_type_goes_the_way_of_40006_and_never_at_once),
		cmocka_unit_test(test_route__without_40006_the_unknown_is_the_smallest_desks),
		cmocka_unit_test(test_route__the_more_a_rule_names_the_earlier_it_is_tried),
		cmocka_unit_test(test_route__of_several_of_a_kind_the_lowest_id),
		cmocka_unit_test(test_desk__is_the_smallest_areas_other_than_the_one),
		cmocka_unit_test(test_route__place_and_route_agree_at_the_edges),
	};
	return cmocka_run_group_tests(tests, rules_open, rules_close);
}
