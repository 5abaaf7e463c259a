/* What a profile leaves nobody to do, however many units it has. */
#include "tests/unit/console/desk.h"

#include <stdio.h>
#include <stdlib.h>

#define D "/districts/" KIT_CODE
#define UNITS 400u /* the cases of all of them at once are more than a request may hold */

/* A county with a desk that somebody works at, and units that nobody does. */
static char *profile_text(void)
{
	json_t *units = json_array();
	char code[16];
	for (unsigned i = 0; i <= UNITS; i++) {
		(void)snprintf(code, sizeof(code), "u%u", i);
		json_t *unit = json_pack("{s:s, s:s, s:s, s:s, s:b}", "code", code, "name", "所",
			"kind", "SANITATION", "area", "c", "desk", i == 0);
		assert_int_equal(json_array_append_new(units, unit), 0);
	}
	json_t *profile = json_pack("{s:s, s:[{s:s, s:s, s:s}], s:o, s:[{s:s, s:s, s:[{s:s, s:s, "
				    "s:s}]}]}",
		"name", "县", "areas", "code", "c", "kind", "county", "name", "县", "units", units,
		"people", "code", "p", "name", "人", "posts", "role", "unit_lead", "unit", "u0",
		"area", "c");
	assert_non_null(profile);
	char *text = json_dumps(profile, 0);
	json_decref(profile);
	return text;
}

static void test_lack__every_unit_without_people_is_told(void **state)
{
	struct desk desk;
	char *body = profile_text();
	(void)state;
	desk_open(&desk, 431, false);
	assert_int_equal(desk_ask(&desk, "POST", D "/profile", body), 200);
	assert_int_equal(json_array_size(json_object_get(desk.answer, "unmanned")), UNITS);
	assert_int_equal(desk_ask(&desk, "POST", D "/profile?apply=1", body), 200);
	assert_int_equal(desk_ask(&desk, "GET", D "/unmanned", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), UNITS);
	free(body);
	desk_close(&desk);
}

static const char
	people[] = "[{\"code\": \"a\", \"name\": \"甲\", \"posts\": ["
		   "{\"role\": \"acceptor\", \"area\": \"c\"},"
		   "{\"role\": \"dispatcher\", \"area\": \"t1\"},"
		   "{\"role\": \"shift_leader\", \"area\": \"c\", \"to\": \"2001-01-01\"},"
		   "{\"role\": \"grid_worker\", \"area\": \"t1\", \"classes\": [10]}]}]";
static const char areas[] = "[{\"code\": \"c\", \"kind\": \"county\", \"name\": \"县\"},"
			    "{\"code\": \"t1\", \"kind\": \"township\", \"parent\": \"c\","
			    " \"name\": \"东\"},"
			    "{\"code\": \"t2\", \"kind\": \"township\", \"parent\": \"c\","
			    " \"name\": \"西\"}]";

/* Who is at no desk and in no grid, by where and for what. */
static void test_lack__roles_and_classes_that_nobody_has_are_told(void **state)
{
	static const struct {
		const char *role;
		const char *area;
	} lacks[] = {{"dispatcher", "c"}, {"dispatcher", "t2"}, {"shift_leader", "c"},
		{"supervisor", "c"}};
	struct desk desk;
	char *body = profile_text();
	json_t *profile = json_loads(body, 0, NULL);
	free(body);
	(void)state;
	json_object_set_new(profile, "people", json_loads(people, 0, NULL));
	json_object_set_new(profile, "areas", json_loads(areas, 0, NULL));
	body = json_dumps(profile, 0);
	json_decref(profile);
	desk_open(&desk, 432, false);
	assert_int_equal(desk_ask(&desk, "POST", D "/profile", body), 200);
	json_t *told = json_object_get(desk.answer, "no_desk"), *one;
	assert_int_equal(json_array_size(told), 4);
	size_t i;
	json_array_foreach(told, i, one)
	{
		assert_string_equal(json_string_value(json_object_get(one, "role")), lacks[i].role);
		assert_string_equal(json_string_value(json_object_get(one, "area")), lacks[i].area);
	}
	told = json_object_get(desk.answer, "no_field_worker");
	assert_true(json_array_size(told) > 1);
	json_array_foreach(told, i, one)
		assert_int_not_equal(json_integer_value(json_object_get(one, "class")), 10);
	free(body);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lack__every_unit_without_people_is_told),
		cmocka_unit_test(test_lack__roles_and_classes_that_nobody_has_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
