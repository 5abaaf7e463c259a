/* Rules by version, day, condition and heightened duty (S1-29, domain.md Routing and "Rule field"),
 * what a case keeps of them; and components, owner first (Routing 4). */
#include <string.h>

#include "proto/err.h"
#include "server/domain/routing.h"
#include "tests/unit/domain/demo_rules.h"
#include "tests/unit/domain/docket.h"

#define TEXT(literal)                                           \
	{                                                       \
		(const uint8_t *)(literal), sizeof(literal) - 1 \
	}
#define START BH_DOCKET_START_MS
#define START_DAY 20514 /* 2026-03-02 */
#define DAY BH_HOURS(24)
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)

static const struct bh_msg_duty_period congress = {
	1, TEXT("两会期间"), START_DAY, START_DAY + 9, TEXT("值班通知〔2026〕3号")};

struct scene {
	struct bh_demo_profile demo;
	struct bh_rules *rules;
};

static void scene_build(struct scene *scene, const struct bh_msg_route *routes, size_t count,
	uint32_t version, bool heightened)
{
	bh_demo_profile(&scene->demo);
	scene->demo.profile.routes = routes;
	scene->demo.profile.routes_count = count;
	scene->demo.profile.routes_version = version;
	scene->demo.profile.duty_periods = &congress;
	scene->demo.profile.duty_periods_count = heightened ? 1 : 0;
	scene->rules = bh_demo_build(&scene->demo);
}

static uint32_t routed(const struct bh_rules *rules, const struct bh_route_ask *ask)
{
	struct bh_routing routing;
	bh_rules_route(rules, ask, &routing);
	return routing.unit;
}

static void test_rules__each_version_has_its_own(void **state)
{
	static const struct bh_msg_route routes[] = {
		{.type = BH_DEMO_LITTER, .unit = BH_DEMO_GAS, .version = 1, .until = 2},
		{.type = BH_DEMO_LITTER, .unit = BH_DEMO_WORKS, .version = 2, .until = 4},
		{.type = BH_DEMO_LITTER, .unit = BH_DEMO_POLICE_A, .version = 4}};
	static const uint32_t units[] = {BH_DEMO_CLEAN_A, BH_DEMO_GAS, BH_DEMO_WORKS, BH_DEMO_WORKS,
		BH_DEMO_POLICE_A, BH_DEMO_POLICE_A};
	struct scene scene;
	(void)state;
	scene_build(&scene, routes, 3, 4, false);
	for (uint32_t version = 0; version < 6; version++) {
		struct bh_route_ask ask = {
			.type = BH_DEMO_LITTER, .area = 1111, .version = version};
		assert_int_equal(routed(scene.rules, &ask), units[version]);
	}
	bh_rules_unref(scene.rules);
}

static void test_rules__hold_for_conditions_days_and_duty_they_name(void **state)
{
	static const struct bh_msg_route routes[] = {
		{.type = BH_DEMO_COVER, .unit = BH_DEMO_POLICE_A},
		{.type = BH_DEMO_COVER, .condition = 2, .unit = BH_DEMO_GAS},
		{.class = 10, .heightened = true, .unit = BH_DEMO_WORKS},
		{.class = 10, .from_day = 100, .to_day = 101, .unit = BH_DEMO_POLICE_A}};
	struct scene scene;
	(void)state;
	scene_build(&scene, routes, 4, 0, false);
	struct bh_route_ask ask = {.type = BH_DEMO_COVER, .area = 1111};
	assert_int_equal(routed(scene.rules, &ask), BH_DEMO_POLICE_A);
	ask.condition = 2;
	assert_int_equal(routed(scene.rules, &ask), BH_DEMO_GAS);
	ask = (struct bh_route_ask){.type = BH_DEMO_LITTER, .area = 1111, .day = 99};
	assert_int_equal(routed(scene.rules, &ask), BH_DEMO_CLEAN_A);
	for (ask.day = 100; ask.day <= 101; ask.day++)
		assert_int_equal(routed(scene.rules, &ask), BH_DEMO_POLICE_A);
	assert_int_equal(routed(scene.rules, &ask), BH_DEMO_CLEAN_A); /* 102 */
	ask.heightened = true;
	assert_int_equal(routed(scene.rules, &ask), BH_DEMO_WORKS);
	bh_rules_unref(scene.rules);
}

static void test_explain__tells_every_rule_that_was_tried_and_why(void **state)
{
	static const struct bh_msg_route routes[] = {
		{.type = BH_DEMO_LITTER, .area = 12, .unit = BH_DEMO_GAS},
		{.type = BH_DEMO_LITTER, .heightened = true, .unit = BH_DEMO_GAS},
		{.class = 10, .limit_unit = BH_LIMIT_URGENT_HOUR, .limit_value = 1},
		{.class = 10, .unit_kind = 3, .area = 112},
		{.class = 10, .unit_kind = 5, .to_day = 5},
		{.class = 10, .until = 1, .unit = BH_DEMO_GAS}, {.unit = BH_DEMO_WORKS}};
	static const enum bh_route_why whys[] = {BH_ROUTE_DUTY, BH_ROUTE_AREA, BH_ROUTE_AREA,
		BH_ROUTE_NAMES_NONE, BH_ROUTE_DAYS, BH_ROUTE_TAKEN};
	struct bh_route_step steps[8];
	struct bh_routing routing;
	struct scene scene;
	(void)state;
	scene_build(&scene, routes, 7, 1, false);
	struct bh_route_ask ask = {.type = BH_DEMO_LITTER, .area = 1111, .version = 1, .day = 6};
	assert_int_equal(bh_rules_route_explain(scene.rules, &ask, steps, 8, &routing), 6);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(steps[i].why, whys[i]);
	assert_int_equal(routing.unit, BH_DEMO_WORKS);
	assert_ptr_equal(routing.route, steps[5].route);
	assert_int_equal(bh_rules_route_explain(scene.rules, &ask, steps, 2, &routing), 6);
	bh_rules_unref(scene.rules);
}

/* ---- What a case keeps ---- */

static void test_case__keeps_the_version_it_began_with_until_it_is_reopened(void **state)
{
	static const struct bh_msg_route before[] = {
		{.type = BH_DEMO_LITTER, .unit = BH_DEMO_CLEAN_A, .version = 1}};
	static const struct bh_msg_route after[] = {
		{.type = BH_DEMO_LITTER, .unit = BH_DEMO_CLEAN_A, .version = 1, .until = 2},
		{.type = BH_DEMO_LITTER, .unit = BH_DEMO_WORKS, .version = 2}};
	struct scene old, new;
	struct bh_docket docket;
	(void)state;
	scene_build(&old, before, 1, 1, false);
	scene_build(&new, after, 2, 2, false);
	bh_docket_open(&docket, old.rules);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket.cased.rules, 1);
	assert_int_equal(docket.cased.rules_day, START_DAY);
	docket.rules = new.rules;
	struct bh_route_ask ask = bh_case_route_ask(&docket.cased);
	assert_int_equal(routed(new.rules, &ask), BH_DEMO_CLEAN_A);
	docket.now_ms += DAY;
	bh_docket_act(&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "swept");
	bh_docket_act(&docket, BH_VERB_REOPEN, BH_DEMO_PERSON(SUPERVISOR), "it is back");
	assert_int_equal(docket.cased.rules, 2);
	assert_int_equal(docket.cased.rules_day, START_DAY + 1);
	assert_int_equal(docket.cased.proposed_unit, BH_DEMO_WORKS);
	bh_rules_unref(old.rules);
	bh_rules_unref(new.rules);
}

static void test_case__keeps_the_duty_it_began_in(void **state)
{
	static const struct bh_msg_route routes[] = {{.class = 10,
		.heightened = true,
		.limit_value = 1,
		.limit_unit = BH_LIMIT_URGENT_HOUR,
		.no_pause = true}};
	struct scene scene;
	struct bh_docket docket;
	(void)state;
	scene_build(&scene, routes, 1, 1, true);
	bh_docket_open(&docket, scene.rules);
	docket.now_ms = START + 10 * DAY - BH_HOURS(9) - 1; /* the last millisecond of it */
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket.cased.duty, 1);
	docket.now_ms += BH_MINUTES(10); /* the day after has begun */
	bh_docket_act(&docket, BH_VERB_DISPATCH, DISPATCHER, NULL);
	assert_int_equal(docket.cased.limit_ms, BH_HOURS(1));
	assert_int_equal(docket.cased.disposal_due_ms, docket.now_ms + BH_HOURS(1));
	bh_docket_act(&docket, BH_VERB_SIGN, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), NULL);
	bh_docket_act_refused(&docket, BH_VERB_ASK_EXTENSION, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), "rain",
		BH_REASON_GUARD);
	assert_string_equal(docket.last.detail, "its rule allows no pause");
	bh_docket_open(&docket, scene.rules);
	docket.now_ms = START + 10 * DAY - BH_HOURS(9); /* midnight */
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket.cased.duty, 0);
	bh_docket_act(&docket, BH_VERB_DISPATCH, DISPATCHER, NULL);
	assert_int_equal(docket.cased.limit_works, 1);
	assert_int_equal(docket.cased.limit_ms, BH_HOURS(4));
	bh_rules_unref(scene.rules);
}

/* S1-28: by the day on which it enters the queue, also where it comes back. */
static void test_case__is_dispatched_sooner_in_a_period_that_says_so(void **state)
{
	const struct bh_msg_duty_period strict = {
		.id = 1, .from_day = START_DAY, .to_day = START_DAY, .dispatch_limit_min = 15};
	struct bh_demo_profile demo;
	struct bh_docket docket;
	(void)state;
	bh_demo_profile(&demo);
	demo.profile.duty_periods = &strict;
	demo.profile.duty_periods_count = 1;
	struct bh_rules *rules = bh_demo_build(&demo);
	bh_docket_open(&docket, rules);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket.cased.dispatch_due_ms, docket.now_ms + BH_MINUTES(15));
	bh_docket_run(&docket, docket.now_ms + BH_MINUTES(10));
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	bh_docket_act(&docket, BH_VERB_RETURN, BH_DEMO_LEAD(docket.cased.unit), "not ours");
	docket.now_ms = START + DAY; /* it is over */
	docket.punishes = true;
	bh_docket_act(&docket, BH_VERB_ACCEPT_RETURN, DISPATCHER, NULL);
	assert_int_equal(docket.cased.dispatch_due_ms, docket.now_ms + BH_MINUTES(30));
	bh_rules_unref(rules);
	struct bh_profile_fault fault;
	struct bh_msg_duty_period margin = strict;
	size_t faults = 0;
	margin.dispatch_limit_min = demo.profile.settings.dispatch_margin_min;
	demo.profile.duty_periods = &margin;
	assert_int_equal(bh_rules_build(&demo.profile, &fault, 1, &faults, &rules), BH_ERR_INVALID);
	assert_string_equal(fault.list, "duty_periods");
}

/* ---- Components ---- */

#define LAMP "3408030000000A17"

static const struct bh_msg_asset assets[] = {
	{1, TEXT(LAMP), BH_DEMO_COVER, BH_DEMO_GAS, 1, BH_ASSET_IN_USE},
	{2, TEXT("3408030000000A18"), BH_DEMO_COVER, 0, 0, BH_ASSET_IN_USE},
	{3, TEXT("3408030000000A19"), BH_DEMO_COVER, BH_DEMO_GAS, 0, BH_ASSET_GONE}};

static void assets_build(struct scene *scene)
{
	bh_demo_profile(&scene->demo);
	scene->demo.profile.assets = assets;
	scene->demo.profile.assets_count = 3;
	scene->rules = bh_demo_build(&scene->demo);
}

static struct bh_routing routed_asset(const struct bh_rules *rules, uint32_t type, uint32_t asset)
{
	struct bh_route_ask ask = {.type = type, .area = 1111, .asset = asset};
	struct bh_routing routing;
	bh_rules_route(rules, &ask, &routing);
	return routing;
}

static void test_asset__goes_to_its_owner_first_an_event_to_the_area(void **state)
{
	struct scene scene;
	(void)state;
	assets_build(&scene);
	assert_int_equal(routed_asset(scene.rules, BH_DEMO_COVER, 0).unit, BH_DEMO_WORKS);
	assert_int_equal(routed_asset(scene.rules, BH_DEMO_COVER, 1).unit, BH_DEMO_GAS);
	assert_true(routed_asset(scene.rules, BH_DEMO_COVER, 1).by_owner);
	assert_int_equal(routed_asset(scene.rules, 0, 1).unit, BH_DEMO_GAS);
	/* Litter beside it is the area's matter; a hazard that nobody has is the owner's. */
	assert_int_equal(routed_asset(scene.rules, BH_DEMO_LITTER, 1).unit, BH_DEMO_CLEAN_A);
	assert_int_equal(routed_asset(scene.rules, BH_DEMO_HAZARD, 1).unit, BH_DEMO_GAS);
	bh_rules_unref(scene.rules);
}

/* Routing 5. */
static void test_asset__of_an_unknown_owner_goes_the_way_of_40006(void **state)
{
	struct scene scene;
	(void)state;
	assets_build(&scene);
	uint32_t unknown = routed_asset(scene.rules, BH_DEMO_UNKNOWN, 0).unit;
	for (uint32_t id = 2; id <= 3; id++) {
		struct bh_routing routing = routed_asset(scene.rules, BH_DEMO_COVER, id);
		assert_int_equal(routing.unit, unknown);
		assert_true(routing.by_backstop);
		assert_false(routing.by_owner);
	}
	assert_int_equal(routed_asset(scene.rules, BH_DEMO_COVER, 99).unit, BH_DEMO_WORKS);
	bh_rules_unref(scene.rules);
}

static uint32_t named(const struct bh_rules *rules, const char *text)
{
	const struct bh_msg_asset *asset = bh_rules_asset_named(rules, bh_span(text, strlen(text)));
	return asset == NULL ? 0 : asset->id;
}

static void test_asset__is_named_by_its_mark_in_a_text(void **state)
{
	struct scene scene;
	(void)state;
	assets_build(&scene);
	assert_int_equal(named(scene.rules, LAMP), 1);
	assert_int_equal(named(scene.rules, "井盖" LAMP "松动"), 1);
	assert_int_equal(named(scene.rules, "1234567890123456 3408030000000A18."), 2);
	assert_int_equal(named(scene.rules, "X" LAMP), 0);
	assert_int_equal(named(scene.rules, LAMP "7"), 0);
	assert_int_equal(named(scene.rules, "3408030000000a17"), 0);
	assert_int_equal(named(scene.rules, ""), 0);
	bh_rules_unref(scene.rules);
}

static void test_asset__a_report_names_one_and_the_case_goes_there(void **state)
{
	struct scene scene;
	struct bh_docket docket;
	(void)state;
	assets_build(&scene);
	bh_docket_open(&docket, scene.rules);
	struct bh_command report = bh_docket_report(&docket, BH_DEMO_COVER, 1111);
	report.text = bh_span("井盖 " LAMP, strlen("井盖 " LAMP));
	bh_docket_must(&docket, &report);
	assert_int_equal(docket.cased.asset, 1);
	assert_int_equal(docket.cased.proposed_unit, BH_DEMO_GAS);
	bh_docket_act(&docket, BH_VERB_FILE, BH_DEMO_PERSON(ACCEPTOR), "是 3408030000000A18");
	assert_int_equal(docket.cased.asset, 2);
	assert_int_not_equal(docket.cased.proposed_unit, BH_DEMO_GAS);
	bh_rules_unref(scene.rules);
}

/* ---- What can be wrong ---- */

static void faulty(const struct bh_demo_profile *demo, const char *list, size_t index)
{
	struct bh_profile_fault faults[4];
	struct bh_rules *rules = NULL;
	size_t count = 0;
	assert_int_equal(bh_rules_build(&demo->profile, faults, 4, &count, &rules), BH_ERR_INVALID);
	assert_int_equal(count, 1);
	assert_string_equal(faults[0].list, list);
	assert_int_equal(faults[0].index, index);
}

static void test_check__what_is_wrong_with_a_rule_a_period_or_a_component_is_told(void **state)
{
	static const struct bh_msg_route wrong[] = {
		{.type = BH_DEMO_COVER, .condition = 9, .unit = BH_DEMO_GAS},
		{.class = 10, .condition = 1, .unit = BH_DEMO_GAS},
		{.unit = BH_DEMO_GAS, .limit_unit = 9},
		{.unit = BH_DEMO_GAS, .from_day = 5, .to_day = 4},
		{.paper = TEXT("it says nothing")}};
	static const struct bh_msg_duty_period backwards = {1, TEXT("x"), 5, 4, TEXT("y")};
	struct bh_demo_profile demo;
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		bh_demo_profile(&demo);
		demo.profile.routes = &wrong[i];
		demo.profile.routes_count = 1;
		faulty(&demo, "routes", 0);
	}
	bh_demo_profile(&demo);
	demo.profile.duty_periods = &backwards;
	demo.profile.duty_periods_count = 1;
	faulty(&demo, "duty_periods", 0);
	static const struct bh_msg_asset wrong_assets[] = {{1, TEXT("340803000000017"), 0, 0, 0, 0},
		{1, TEXT("3408030000000a17"), 0, 0, 0, 0}, {1, TEXT(LAMP), 4711, 0, 0, 0},
		{1, TEXT(LAMP), 0, 0, 4, 0}, {1, TEXT(LAMP), 0, 0, 0, 3},
		{0, TEXT(LAMP), 0, 0, 0, 0}};
	for (size_t i = 0; i < sizeof(wrong_assets) / sizeof(wrong_assets[0]); i++) {
		bh_demo_profile(&demo);
		demo.profile.assets = &wrong_assets[i];
		demo.profile.assets_count = 1;
		faulty(&demo, "assets", 0);
	}
}

/* What went may name what is gone: it is kept for the cases that began with it, and passed over. */
static void test_check__a_rule_that_went_may_name_what_is_gone(void **state)
{
	static const struct bh_msg_route gone[] = {
		{.type = 4711, .unit = 4711, .version = 1, .until = 2},
		{.type = BH_DEMO_LITTER, .unit = 4711, .version = 1, .until = 2}};
	struct scene scene;
	(void)state;
	scene_build(&scene, gone, 2, 2, false);
	struct bh_route_ask ask = {.type = BH_DEMO_LITTER, .area = 1111, .version = 1};
	assert_int_equal(routed(scene.rules, &ask), BH_DEMO_CLEAN_A);
	bh_rules_unref(scene.rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules__each_version_has_its_own),
		cmocka_unit_test(test_rules__hold_for_conditions_days_and_duty_they_name),
		cmocka_unit_test(test_explain__tells_every_rule_that_was_tried_and_why),
		cmocka_unit_test(test_case__keeps_the_version_it_began_with_until_it_is_reopened),
		cmocka_unit_test(test_case__keeps_the_duty_it_began_in),
		cmocka_unit_test(test_case__is_dispatched_sooner_in_a_period_that_says_so),
		cmocka_unit_test(test_asset__goes_to_its_owner_first_an_event_to_the_area),
		cmocka_unit_test(test_asset__of_an_unknown_owner_goes_the_way_of_40006),
		cmocka_unit_test(test_asset__is_named_by_its_mark_in_a_text),
		cmocka_unit_test(test_asset__a_report_names_one_and_the_case_goes_there),
		cmocka_unit_test(
			test_check__what_is_wrong_with_a_rule_a_period_or_a_component_is_told),
		cmocka_unit_test(test_check__a_rule_that_went_may_name_what_is_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
