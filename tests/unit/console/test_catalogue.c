/* What a catalogue says of its types, and what of it is no catalogue. */
#include "tests/unit/console/desk.h"

#include <stdlib.h>
#include <string.h>

static const char *profile_path, *catalogue_path;

static void test_catalogue__whom_to_call_is_a_few_numbers(void **state)
{
	static const struct {
		const char *numbers;
		int status;
	} cases[] = {{"[119, 12345]", 200}, {"[]", 200}, {"[119, 110, 120, 122, 114]", 422},
		{"[99]", 422}, {"[1000000]", 422}, {"[\"119\"]", 422}, {"119", 422}};
	struct desk desk;
	char *body = desk_file(catalogue_path);
	json_t *catalogue = json_loads(body, 0, NULL);
	free(body);
	(void)state;
	desk_open(&desk, 528, false);
	char *profile = desk_file(profile_path);
	assert_int_equal(
		desk_ask(&desk, "POST", "/districts/" KIT_CODE "/profile?apply=1", profile), 200);
	free(profile);
	json_t *type = json_array_get(json_object_get(catalogue, "types"), 3);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_object_set_new(
			type, "emergency", json_loads(cases[i].numbers, JSON_DECODE_ANY, NULL));
		char *changed = json_dumps(catalogue, 0);
		assert_int_equal(
			desk_ask(&desk, "POST", "/districts/" KIT_CODE "/catalogue", changed),
			cases[i].status);
		assert_int_equal(
			desk_fault_named(&desk, "types", "emergency", 0), cases[i].status == 422);
		free(changed);
	}
	json_decref(catalogue);
	desk_close(&desk);
}

/* Who sees a case, whose it is and how long it is kept is asked of its type. */
static void test_catalogue__a_type_that_a_case_has_is_not_left_out(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	char *body = desk_file(catalogue_path);
	json_t *catalogue = json_loads(body, 0, NULL), *types = json_object_get(catalogue, "types");
	free(body);
	(void)state;
	desk_open(&desk, 529, false);
	char *profile = desk_file(profile_path);
	assert_int_equal(
		desk_ask(&desk, "POST", "/districts/" KIT_CODE "/profile?apply=1", profile), 200);
	free(profile);
	size_t at = 0;
	while (strcmp(json_string_value(json_object_get(json_array_get(types, at), "code")),
		       "10001") != 0)
		at++;
	json_array_remove(types, at);
	body = json_dumps(catalogue, 0);
	const char *path = "/districts/" KIT_CODE "/catalogue";
	assert_int_equal(desk_ask(&desk, "POST", path, body), 200); /* nobody misses it */
	kit_enrol(&desk.kit, &phone, 1, 1);
	desk_report(&desk, &phone, number);
	assert_int_equal(desk_ask(&desk, "POST", path, body), 422);
	assert_true(desk_fault_named(&desk, "", "types", 0));
	free(body);
	json_decref(catalogue);
	desk_close(&desk);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_catalogue__whom_to_call_is_a_few_numbers),
		cmocka_unit_test(test_catalogue__a_type_that_a_case_has_is_not_left_out),
	};
	if (argc != 3)
		return 64;
	profile_path = argv[1];
	catalogue_path = argv[2];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
