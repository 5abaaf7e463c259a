/* Rules are built whole or not at all; every fault is told, by where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/err.h"
#include "server/domain/place_index.h"
#include "tests/unit/domain/demo_rules.h"

#define FAULTS_MAX 32u

static struct bh_demo_profile *demo_new(void)
{
	struct bh_demo_profile *demo = malloc(sizeof *demo);
	assert_non_null(demo);
	bh_demo_profile(demo);
	return demo;
}

/* One change, one fault (or more), and it stands where it should. */
static void faulty(struct bh_demo_profile *demo, const char *list, size_t index, const char *what)
{
	struct bh_profile_fault faults[FAULTS_MAX];
	struct bh_rules *rules = NULL;
	size_t count = 0;
	bool found = false;
	int err = bh_rules_build(&demo->profile, faults, FAULTS_MAX, &count, &rules);
	assert_int_equal(err, BH_ERR_INVALID);
	assert_null(rules);
	assert_in_range(count, 1, FAULTS_MAX);
	for (size_t i = 0; i < count; i++)
		found = found || (strcmp(faults[i].list, list) == 0 && faults[i].index == index &&
					 strstr(faults[i].what, what) != NULL);
	if (!found)
		print_message("# wanted %s %zu %s, first is %s %zu %s\n", list, index, what,
			faults[0].list, faults[0].index, faults[0].what);
	assert_true(found);
	bh_demo_profile(demo);
}

static void test_rules__faults_of_areas_are_told(void **state)
{
	(void)state;
	struct bh_demo_profile *demo = demo_new();
	demo->areas[3].id = 11;
	faulty(demo, "areas", 3, "id is 0 or stands there twice");
	demo->areas[3].id = 0;
	faulty(demo, "areas", 3, "id is 0");
	demo->areas[3].kind = 7;
	faulty(demo, "areas", 3, "kind is unknown");
	demo->areas[7].kind = BH_AREA_MICRO_GRID;
	demo->areas[7].parent = 111;
	faulty(demo, "areas", 7, "a micro-grid is of a grid");
	demo->areas[7].micro_kind = 4;
	faulty(demo, "areas", 7, "kind of micro-grid is unknown");
	demo->areas[3].parent = 77;
	faulty(demo, "areas", 3, "parent is missing");
	demo->areas[3].parent = 111;
	faulty(demo, "areas", 3, "parents form a ring");
	demo->areas[7].parent = 1112;
	faulty(demo, "areas", 7, "not of a larger kind");
	demo->areas[0].parent = 11;
	faulty(demo, "areas", 0, "a county has no parent");
	demo->areas[1].kind = BH_AREA_COUNTY;
	faulty(demo, "areas", 1, "a second county");
	demo->areas[0].kind = BH_AREA_TOWNSHIP;
	faulty(demo, "areas", 0, "there is no county");
	demo->areas[9].code = demo->areas[4].code;
	faulty(demo, "areas", 9, "code stands there twice");
	demo->areas[9].code.len = 0;
	faulty(demo, "areas", 9, "no code");
	free(demo);
}

static void test_rules__faults_of_polygons_are_told(void **state)
{
	(void)state;
	struct bh_demo_profile *demo = demo_new();
	demo->areas[8].ring_e7_count = 0;
	faulty(demo, "areas", 8, "a grid without a polygon");
	demo->areas[8].ring_e7_count = 9;
	faulty(demo, "areas", 8, "odd number");
	uint32_t classes[BH_PLACE_CLASSES_MAX + 1] = {20};
	demo->areas[15].classes = classes;
	demo->areas[15].classes_count = BH_PLACE_CLASSES_MAX + 1;
	faulty(demo, "areas", 0, "too many areas, points or classes");
	demo->rings[8][0]++;
	faulty(demo, "areas", 8, "");
	demo->rings[8][2] = demo->rings[8][4] = demo->rings[8][0];
	faulty(demo, "areas", 8, "");
	free(demo);
}

static void test_rules__faults_of_units_and_people_are_told(void **state)
{
	(void)state;
	struct bh_demo_profile *demo = demo_new();
	demo->units[5].id = BH_DEMO_GAS;
	faulty(demo, "units", 6, "id is 0 or stands there twice");
	demo->units[5].kind = 99;
	faulty(demo, "units", 5, "kind is not in the catalogue");
	demo->units[5].kind = 0;
	faulty(demo, "units", 5, "kind is not in the catalogue");
	demo->units[5].area = 99;
	faulty(demo, "units", 5, "area is missing");
	demo->units[5].form = 3;
	faulty(demo, "units", 5, "form or mode is unknown");
	demo->units[5].mode = 4;
	faulty(demo, "units", 5, "form or mode is unknown");
	demo->units[5].code = demo->units[1].code;
	faulty(demo, "units", 5, "code stands there twice");
	demo->units[0].desk = false;
	faulty(demo, "areas", 0, "there must be a last backstop");
	demo->people[4].id = demo->people[3].id;
	faulty(demo, "people", 4, "id is 0 or stands there twice");
	demo->people[4].code = demo->people[3].code;
	faulty(demo, "people", 4, "code stands there twice");
	demo->posts[4].person = 4711;
	faulty(demo, "posts", 4, "person is missing");
	demo->posts[4].role = BH_ROLE_CLOCK;
	faulty(demo, "posts", 4, "the clock's own");
	demo->posts[4].role = 0;
	faulty(demo, "posts", 4, "role is unknown");
	demo->posts[4].unit = 4711;
	faulty(demo, "posts", 4, "unit is missing");
	demo->posts[4].area = 4711;
	faulty(demo, "posts", 4, "area is missing");
	demo->posts[4].id = demo->posts[3].id;
	faulty(demo, "posts", 4, "id is 0 or stands there twice");
	demo->posts[BH_ROLE_HANDLER - 1].unit = 0;
	faulty(demo, "posts", BH_ROLE_HANDLER - 1, "this role needs a unit");
	for (size_t i = 0; i <= BH_POSTS_MAX; i++)
		demo->posts[i].person = 1;
	faulty(demo, "posts", BH_POSTS_MAX, "more posts than one person may hold");
	free(demo);
}

static void test_rules__faults_of_the_catalogue_are_told(void **state)
{
	(void)state;
	struct bh_demo_profile *demo = demo_new();
	demo->types[2].code = BH_DEMO_LITTER;
	faulty(demo, "types", 2, "code is 0 or stands there twice");
	demo->types[2].class = 99;
	faulty(demo, "types", 2, "class is not in the catalogue");
	demo->types[2].unit_kind = 99;
	faulty(demo, "types", 2, "kind of unit");
	demo->types[2].urgency = 5;
	faulty(demo, "types", 2, "urgency is not 1 to 4");
	demo->types[2].limit.unit = 9;
	faulty(demo, "types", 2, "limit is out of range");
	struct bh_msg_catalogue_condition conditions[] = {
		{.id = 1, .limit = {1, 1}}, {.id = 1, .limit = {1, 1}}};
	demo->types[2].conditions = conditions;
	demo->types[2].conditions_count = 2;
	faulty(demo, "types", 2, "condition's id");
	conditions[1] = (struct bh_msg_catalogue_condition){.id = 2, .limit = {1, 0}};
	demo->types[2].conditions = conditions;
	demo->types[2].conditions_count = 2;
	faulty(demo, "types", 2, "condition's limit");
	demo->types[2].conditions_count = 65;
	struct bh_msg_catalogue_condition many[65] = {{0}};
	demo->types[2].conditions = many;
	faulty(demo, "types", 2, "too many conditions");
	struct bh_msg_catalogue_class classes[2] = {{.code = 10}, {.code = 10}};
	demo->profile.catalogue.classes = classes;
	demo->profile.catalogue.classes_count = 2;
	faulty(demo, "classes", 1, "code is 0 or stands there twice");
	struct bh_msg_unit_kind kinds[2] = {{.id = 1}, {.id = 0}};
	demo->profile.catalogue.unit_kinds = kinds;
	demo->profile.catalogue.unit_kinds_count = 2;
	faulty(demo, "unit_kinds", 1, "id is 0 or stands there twice");
	free(demo);
}

static void test_rules__faults_of_routes_are_told(void **state)
{
	(void)state;
	struct bh_demo_profile *demo = demo_new();
	demo->routes[0].class = 99;
	faulty(demo, "routes", 0, "class");
	demo->routes[1].type = 99;
	faulty(demo, "routes", 1, "type");
	demo->routes[0].unit_kind = 0;
	faulty(demo, "routes", 0, "kind of unit");
	demo->routes[1].unit = 99;
	faulty(demo, "routes", 1, "unit is missing");
	demo->routes[1].area = 99;
	faulty(demo, "routes", 1, "area is missing");
	free(demo);
}

static void test_rules__faults_of_settings_are_told(void **state)
{
	(void)state;
	struct bh_demo_profile *demo = demo_new();
	struct bh_msg_settings *settings = &demo->profile.settings;
	const uint32_t class = 99;
	struct bh_msg_work_period week[] = {{1, 480, 720}, {1, 700, 800}};
	settings->dispatch_margin_min = 30;
	faulty(demo, "settings", 0, "margin");
	settings->sign_limit_work_min = UINT32_MAX;
	faulty(demo, "settings", 0, "limit is out of range");
	settings->nearest_grid_m = 5001;
	faulty(demo, "settings", 0, "nearest_grid_m");
	settings->utc_offset_min = 900;
	faulty(demo, "settings", 0, "utc_offset_min");
	settings->automatic_off_classes = &class;
	settings->automatic_off_classes_count = 1;
	faulty(demo, "settings", 0, "automatic_off_classes");
	settings->week = week;
	settings->week_count = BH_CALENDAR_PERIODS_MAX + 1;
	struct bh_msg_work_period many[BH_CALENDAR_PERIODS_MAX + 1] = {{0}};
	settings->week = many;
	faulty(demo, "week", BH_CALENDAR_PERIODS_MAX + 1, "too many periods");
	settings->week = week;
	settings->week_count = 2;
	faulty(demo, "week", 1, "overlaps");
	free(demo);
}

/* All of it at once: who corrects a file wants the whole list. */
static void test_rules__every_fault_is_counted_and_the_first_are_kept(void **state)
{
	(void)state;
	struct bh_demo_profile *demo = demo_new();
	struct bh_profile_fault faults[2];
	struct bh_rules *rules;
	size_t count;
	for (size_t i = 0; i < BH_DEMO_TYPES; i++)
		demo->types[i].urgency = 0;
	demo->units[3].area = 99;
	demo->posts[0].role = 99;
	assert_int_equal(bh_rules_build(&demo->profile, faults, 2, &count, &rules), BH_ERR_INVALID);
	assert_int_equal(count, BH_DEMO_TYPES + 2);
	assert_int_equal(faults[1].index, 1);
	assert_int_equal(bh_rules_build(&demo->profile, NULL, 0, &count, &rules), BH_ERR_INVALID);
	assert_int_equal(count, BH_DEMO_TYPES + 2);
	free(demo);
}

static void test_rules__keep_nothing_of_the_profile_they_were_built_from(void **state)
{
	(void)state;
	struct bh_demo_profile *demo = demo_new();
	struct bh_rules *rules = bh_demo_build(demo);
	memset(demo, 0xee, sizeof *demo);
	free(demo);
	assert_int_equal(bh_rules_unit(rules, BH_DEMO_GAS)->area, BH_DEMO_COUNTY);
	assert_memory_equal(bh_rules_unit(rules, BH_DEMO_GAS)->code.data, "U120", 4);
	assert_int_equal(bh_rules_type(rules, BH_DEMO_COVER)->conditions[3].limit.value, 5);
	assert_int_equal(bh_rules_area(rules, 1111)->ring_e7_count, BH_DEMO_RING);
	assert_int_equal(bh_rules_profile(rules)->posts_count, BH_DEMO_POSTS);
	struct bh_rules *other = bh_rules_ref(rules);
	bh_rules_unref(rules);
	assert_non_null(bh_rules_person(other, 1));
	bh_rules_unref(other);
	bh_rules_unref(NULL);
}

static void test_rules__find_by_id_and_code(void **state)
{
	(void)state;
	struct bh_rules *rules = bh_demo_rules();
	const struct bh_msg_profile *profile = bh_rules_profile(rules);
	for (size_t i = 0; i < profile->units_count; i++) {
		assert_ptr_equal(bh_rules_unit(rules, profile->units[i].id), &profile->units[i]);
		assert_ptr_equal(
			bh_rules_unit_by_code(rules, profile->units[i].code), &profile->units[i]);
	}
	for (size_t i = 0; i < profile->people_count; i++)
		assert_ptr_equal(bh_rules_person_by_code(rules, profile->people[i].code),
			&profile->people[i]);
	assert_null(bh_rules_unit(rules, 0));
	assert_null(bh_rules_area(rules, 4711));
	assert_null(bh_rules_type(rules, 0));
	assert_null(bh_rules_unit_by_code(rules, bh_span("U12", 3)));
	assert_null(bh_rules_unit_by_code(rules, bh_span(NULL, 0)));
	assert_null(bh_rules_person_by_code(rules, bh_span("zzz", 3)));
	bh_rules_unref(rules);
}

static void test_rules__know_a_persons_posts_and_the_tree(void **state)
{
	(void)state;
	struct bh_rules *rules = bh_demo_rules();
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	assert_int_equal(bh_rules_posts(rules, BH_DEMO_TWO_POSTS, posts), 2);
	assert_int_equal(posts[0]->id, 60);
	assert_int_equal(posts[1]->id, 61);
	assert_int_equal(bh_rules_posts(rules, BH_DEMO_HANDLER(BH_DEMO_GAS), posts), 1);
	assert_int_equal(posts[0]->unit, BH_DEMO_GAS);
	assert_int_equal(bh_rules_posts(rules, 4711, posts), 0);
	assert_true(bh_rules_area_within(rules, 1111, 1111));
	assert_true(bh_rules_area_within(rules, 1111, 111));
	assert_true(bh_rules_area_within(rules, 1111, BH_DEMO_COUNTY));
	assert_false(bh_rules_area_within(rules, 1111, 112));
	assert_false(bh_rules_area_within(rules, 111, 1111));
	assert_false(bh_rules_area_within(rules, 0, 0));
	assert_int_equal(bh_rules_county(rules), BH_DEMO_COUNTY);
	bh_rules_unref(rules);
}

static void test_rules__what_a_profile_leaves_out_has_a_default(void **state)
{
	(void)state;
	struct bh_demo_profile *demo = demo_new();
	memset(&demo->profile.settings, 0, sizeof demo->profile.settings);
	struct bh_rules *built = bh_demo_build(demo), *empty;
	assert_int_equal(bh_rules_empty(&empty), 0);
	const struct bh_rules *both[] = {built, empty};
	for (size_t i = 0; i < 2; i++) {
		const struct bh_msg_settings *settings = bh_rules_settings(both[i]);
		struct bh_calendar expected = bh_calendar_default(480);
		assert_int_equal(settings->dispatch_limit_min, 30);
		assert_int_equal(settings->dispatch_margin_min, 5);
		assert_int_equal(settings->sign_limit_work_min, 120);
		assert_int_equal(settings->check_limit_work_min, 480);
		assert_int_equal(settings->return_window_work_min, 480);
		assert_int_equal(settings->nearest_grid_m, 200);
		assert_int_equal(settings->utc_offset_min, 480);
		assert_int_equal(bh_rules_calendar(both[i])->week_work_ms, expected.week_work_ms);
	}
	assert_int_equal(bh_rules_profile(built)->settings.dispatch_limit_min, 0); /* as given */
	assert_int_equal(bh_rules_county(empty), 0);
	struct bh_placing placing;
	assert_int_equal(bh_rules_place(empty, 1, 1, 1, 0, &placing), 0);
	assert_int_equal(placing.area, 0);
	bh_rules_unref(built);
	bh_rules_unref(empty);
	free(demo);
}

static void test_rules__limits_follow_the_condition(void **state)
{
	(void)state;
	struct bh_rules *rules = bh_demo_rules();
	struct bh_limit limit = bh_rules_disposal_limit(rules, BH_DEMO_COVER, 0);
	assert_int_equal(limit.value, 2);
	assert_int_equal(limit.unit, BH_LIMIT_WORK_DAY);
	limit = bh_rules_disposal_limit(rules, BH_DEMO_COVER, 2);
	assert_int_equal(limit.value, 4);
	assert_int_equal(limit.unit, BH_LIMIT_WORK_HOUR);
	limit = bh_rules_disposal_limit(rules, BH_DEMO_COVER, 9);
	assert_int_equal(limit.unit, BH_LIMIT_WORK_DAY);
	limit = bh_rules_disposal_limit(rules, 4711, 0); /* as 40006 */
	assert_int_equal(limit.unit, BH_LIMIT_URGENT_HOUR);
	limit = bh_rules_disposal_limit(rules, BH_DEMO_QUARREL, 0);
	assert_int_equal(limit.value, 3);
	assert_int_equal(limit.unit, BH_LIMIT_TIER);
	bh_rules_unref(rules);
}

static void test_rules__the_dispatch_clock_has_four_instants(void **state)
{
	(void)state;
	struct bh_rules *rules = bh_demo_rules();
	struct bh_dispatch_clock clock;
	bh_rules_dispatch_clock(rules, BH_DEMO_LITTER, 1000, &clock);
	assert_int_equal(clock.remind_50_ms, 1000 + 15 * 60000);
	assert_int_equal(clock.remind_80_ms, 1000 + 24 * 60000);
	assert_int_equal(clock.margin_ms, 1000 + 25 * 60000);
	assert_int_equal(clock.limit_ms, 1000 + 30 * 60000);
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules__faults_of_areas_are_told),
		cmocka_unit_test(test_rules__faults_of_polygons_are_told),
		cmocka_unit_test(test_rules__faults_of_units_and_people_are_told),
		cmocka_unit_test(test_rules__faults_of_the_catalogue_are_told),
		cmocka_unit_test(test_rules__faults_of_routes_are_told),
		cmocka_unit_test(test_rules__faults_of_settings_are_told),
		cmocka_unit_test(test_rules__every_fault_is_counted_and_the_first_are_kept),
		cmocka_unit_test(test_rules__keep_nothing_of_the_profile_they_were_built_from),
		cmocka_unit_test(test_rules__find_by_id_and_code),
		cmocka_unit_test(test_rules__know_a_persons_posts_and_the_tree),
		cmocka_unit_test(test_rules__what_a_profile_leaves_out_has_a_default),
		cmocka_unit_test(test_rules__limits_follow_the_condition),
		cmocka_unit_test(test_rules__the_dispatch_clock_has_four_instants),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
