/* What a catalogue says of its types, and what of it is no catalogue. */
#include "tests/unit/console/desk.h"

#include <stdlib.h>

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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_catalogue__whom_to_call_is_a_few_numbers),
	};
	if (argc != 3)
		return 64;
	profile_path = argv[1];
	catalogue_path = argv[2];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
