/* Rows laid over a profile: what a row says changes, what it does not say stays, and a fault is
 * told by the row that has it. */
#include "tests/unit/console/desk.h"

#include <stdlib.h>

#define D "/districts/" KIT_CODE
#define CHECK D "/tables"
#define APPLY D "/tables?apply=1"

static json_int_t change(const struct desk *desk, const char *list, const char *kind)
{
	const json_t *changes = json_object_get(desk->answer, "changes");
	return json_integer_value(json_object_get(json_object_get(changes, list), kind));
}

static bool differs(const struct desk *desk)
{
	return json_is_true(json_object_get(desk->answer, "differs"));
}

/* The only fault of the last answer is of this row (-1: of none) and says this. */
static void assert_fault(
	const struct desk *desk, const char *list, int row, const char *field, const char *words)
{
	const json_t *errors = json_object_get(desk->answer, "errors");
	const json_t *error = json_array_get(errors, 0);
	const json_t *index = json_object_get(error, "index");
	assert_int_equal(desk->status, 422);
	assert_int_equal(json_array_size(errors), 1);
	assert_string_equal(json_string_value(json_object_get(error, "list")), list);
	assert_int_equal(json_is_integer(index) ? json_integer_value(index) : -1, row);
	if (field)
		assert_string_equal(json_string_value(json_object_get(error, "field")), field);
	assert_non_null(strstr(json_string_value(json_object_get(error, "message")), words));
}

static void test_tables__a_row_changes_what_it_says_and_leaves_the_rest(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 560, true);
	assert_int_equal(desk_ask(&desk, "POST", APPLY,
				 "{\"units\":[{\"code\":\"U110\",\"name\":\"环卫新名\"}]}"),
		200);
	assert_int_equal(change(&desk, "units", "changed"), 1);
	assert_int_equal(change(&desk, "units", "removed") + change(&desk, "posts", "removed"), 0);
	assert_false(
		json_is_true(json_object_get(json_object_get(desk.answer, "changes"), "routes")));
	assert_false(
		json_is_true(json_object_get(json_object_get(desk.answer, "changes"), "settings")));
	assert_int_equal(desk.jobs, 1);
	assert_int_equal(desk_ask(&desk, "POST", APPLY,
				 "{\"units\":[{\"code\":\"U110\",\"name\":\"环卫新名\"}]}"),
		200);
	assert_false(differs(&desk));
	assert_int_equal(desk.jobs, 1);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, "{}"), 200);
	assert_false(differs(&desk));
	desk_close(&desk);
}

static void test_tables__the_posts_of_a_person_who_has_rows_are_those_rows(void **state)
{
	static const char two[] = "{\"people\":[{\"code\":\"N1\",\"name\":\"新\"}],\"posts\":["
				  "{\"person\":\"N1\",\"role\":\"acceptor\",\"unit\":\"U110\"},"
				  "{\"person\":\"N1\",\"role\":\"dispatcher\",\"unit\":\"U110\"}]}";
	struct desk desk;
	(void)state;
	desk_open(&desk, 561, true);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, two), 200);
	assert_int_equal(change(&desk, "posts", "added"), 2);
	assert_int_equal(desk_ask(&desk, "POST", APPLY,
				 "{\"posts\":[{\"person\":\"N1\",\"role\":\"acceptor\","
				 "\"unit\":\"U110\"}]}"),
		200);
	assert_int_equal(change(&desk, "posts", "removed"), 1);
	assert_int_equal(change(&desk, "posts", "added") + change(&desk, "posts", "changed"), 0);
	assert_int_equal(desk_ask(&desk, "POST", APPLY,
				 "{\"posts\":[{\"person\":\"N1\",\"remove\":true}],"
				 "\"people\":[{\"code\":\"NOBODY\",\"remove\":true}]}"),
		200);
	assert_int_equal(change(&desk, "posts", "removed"), 1);
	assert_int_equal(change(&desk, "people", "changed"), 0);
	desk_close(&desk);
}

static void test_tables__what_if_new_says_is_for_what_was_not_there(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 562, true);
	assert_int_equal(desk_ask(&desk, "POST", CHECK,
				 "{\"units\":[{\"code\":\"U110\",\"if_new\":{\"desk\":true,"
				 "\"name\":\"other\"}}]}"),
		200);
	assert_false(differs(&desk));
	assert_int_equal(desk_ask(&desk, "POST", CHECK,
				 "{\"units\":[{\"code\":\"N\",\"area\":\"A1\",\"if_new\":"
				 "{\"name\":\"n\",\"desk\":true,\"area\":\"NONE\"}}]}"),
		200);
	assert_int_equal(change(&desk, "units", "added"), 1);
	for (const char *const *bad = (const char *const[]){"5", "[1]", "\"x\"", NULL}; *bad;
		bad++) {
		char body[80];
		(void)snprintf(
			body, sizeof(body), "{\"areas\":[{\"code\":\"X1\",\"if_new\":%s}]}", *bad);
		assert_int_equal(desk_ask(&desk, "POST", CHECK, body), 422);
	}
	desk_close(&desk);
}

static const json_t *named(const struct desk *desk, const char *list, const char *code)
{
	size_t i;
	json_t *element;
	json_array_foreach(json_object_get(desk->answer, list), i, element)
	{
		if (strcmp(json_string_value(json_object_get(element, "code")), code) == 0)
			return element;
	}
	return NULL;
}

static void assert_text(const json_t *element, const char *member, const char *text)
{
	assert_string_equal(json_string_value(json_object_get(element, member)), text);
}

/* Everything a row can say comes out again, and the same once more changes nothing. */
static void test_tables__what_is_said_is_told_again(void **state)
{
	static const char body[] =
		"{\"areas\":[{\"code\":\"M1\",\"kind\":\"micro\",\"name\":\"一栋\",\"parent\":"
		"\"A1111\",\"micro_kind\":\"building\"}],\"units\":[{\"code\":\"T1\",\"name\":"
		"\"义警队\",\"area\":\"A11\",\"form\":\"team\",\"mode\":\"on_call\","
		"\"liaison\":\"P1\",\"deputy\":\"W5\"}],\"people\":[{\"code\":\"P1\",\"name\":"
		"\"张\"}],\"posts\":[{\"person\":\"P1\",\"role\":\"helper\",\"unit\":\"T1\","
		"\"area\":\"M1\",\"classes\":[10,20],\"from\":\"2026-01-01\",\"to\":"
		"\"2026-12-31\",\"title\":\"楼栋长\"}]}";
	struct desk desk;
	(void)state;
	desk_open(&desk, 565, true);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 200);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 200);
	assert_false(differs(&desk));
	assert_int_equal(desk_ask(&desk, "GET", D "/profile", NULL), 200);
	assert_text(named(&desk, "areas", "M1"), "kind", "micro");
	assert_text(named(&desk, "areas", "M1"), "micro_kind", "building");
	assert_text(named(&desk, "units", "T1"), "form", "team");
	assert_text(named(&desk, "units", "T1"), "mode", "on_call");
	assert_text(named(&desk, "units", "T1"), "liaison", "P1");
	assert_text(named(&desk, "units", "T1"), "deputy", "W5");
	const json_t *post = json_array_get(
		json_object_get(named(&desk, "people", "P1"), "posts"), 0);
	assert_text(post, "from", "2026-01-01");
	assert_text(post, "to", "2026-12-31");
	assert_text(post, "title", "楼栋长");
	assert_int_equal(json_array_size(json_object_get(post, "classes")), 2);
	char *whole = json_dumps(desk.answer, JSON_REAL_PRECISION(10));
	assert_int_equal(desk_ask(&desk, "POST", D "/profile?apply=1", whole), 200);
	assert_false(differs(&desk));
	free(whole);
	desk_close(&desk);
}

static const struct {
	const char *body, *list;
	int row;
	const char *field, *words;
} wrong[] = {
	{"{\"units\":[7]}", "units", 0, NULL, "not an object"},
	{"{\"units\":{}}", "", 0, "units", "not a list"},
	{"{\"routes\":[]}", "", 0, "routes", "no such field"},
	{"{\"people\":[{\"name\":\"x\"}]}", "people", 0, "code", "missing"},
	{"{\"people\":[{\"code\":\"a\",\"name\":\"x\"},{\"code\":\"b\",\"nam\":\"x\","
	 "\"name\":\"y\"}]}",
		"people", 1, "nam", "no such field"},
	{"{\"people\":[{\"code\":\"a\",\"name\":\"x\"},{\"code\":\"a\",\"name\":\"x\"}]}", "people",
		1, "code", "earlier"},
	{"{\"people\":[{\"code\":\"a\",\"name\":\"x\",\"remove\":\"yes\"}]}", "people", 0, "remove",
		"neither true nor false"},
	{"{\"posts\":[{\"person\":\"nobody\",\"role\":\"acceptor\"}]}", "posts", 0, "person",
		"no person"},
	{"{\"people\":[{\"code\":\"a\",\"name\":\"x\"}],\"posts\":["
	 "{\"person\":\"a\",\"role\":\"acceptor\",\"unit\":\"U110\"},"
	 "{\"person\":\"a\",\"role\":\"king\",\"unit\":\"U110\"}]}",
		"posts", 1, "role", "king"},
	{"{\"people\":[{\"code\":\"a\",\"name\":\"x\"}],\"posts\":["
	 "{\"person\":\"a\",\"role\":\"acceptor\",\"unit\":\"U110\"},"
	 "{\"person\":\"a\",\"role\":\"acceptor\",\"unit\":\"U110\"}]}",
		"posts", 1, NULL, "twice"},
	{"{\"units\":[{\"code\":\"U110\",\"kind\":\"MAGIC\"}]}", "units", 0, "kind", "MAGIC"},
	{"{\"units\":[{\"code\":\"U110\",\"mode\":\"never\"}]}", "units", 0, "mode", "on_call"},
	{"{\"units\":[{\"code\":\"U110\",\"liaison\":\"NOBODY\"}]}", "units", 0, "liaison",
		"no person NOBODY"},
	{"{\"areas\":[{\"code\":\"A111\",\"micro_kind\":\"building\"}]}", "areas", 0, "micro_kind",
		"no micro-grid"},
	{"{\"posts\":[{\"person\":\"W5\",\"role\":\"acceptor\",\"area\":\"A1\",\"from\":"
	 "\"2026-02-30\"}]}",
		"posts", 0, "from", "not a day"},
	{"{\"posts\":[{\"person\":\"W5\",\"role\":\"acceptor\",\"area\":\"A1\",\"from\":"
	 "\"2026-02-03\",\"to\":\"2026-02-02\"}]}",
		"posts", 0, NULL, "ends before"},
	{"{\"posts\":[{\"person\":\"W5\",\"role\":\"acceptor\",\"area\":\"A1\",\"classes\":"
	 "[15]}]}",
		"posts", 0, NULL, "not in the catalogue"},
};

static void test_tables__a_fault_is_told_by_its_row(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 563, true);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		(void)desk_ask(&desk, "POST", APPLY, wrong[i].body);
		print_message("# %s\n", wrong[i].body);
		assert_fault(&desk, wrong[i].list, wrong[i].row, wrong[i].field, wrong[i].words);
	}
	assert_int_equal(desk.jobs, 0);
	desk_close(&desk);
}

/* What is in no row, and does not fit any more, has no row. */
static void test_tables__what_no_longer_fits_is_told_by_its_code(void **state)
{
	struct desk desk;
	size_t i;
	json_t *error;
	(void)state;
	desk_open(&desk, 564, true);
	assert_int_equal(
		desk_ask(&desk, "POST", APPLY, "{\"units\":[{\"code\":\"U110\",\"remove\":true}]}"),
		422);
	assert_true(json_array_size(json_object_get(desk.answer, "errors")) > 0);
	json_array_foreach(json_object_get(desk.answer, "errors"), i, error)
	{
		assert_true(json_is_null(json_object_get(error, "index")));
	}
	assert_int_equal(desk.jobs, 0);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables__a_row_changes_what_it_says_and_leaves_the_rest),
		cmocka_unit_test(test_tables__the_posts_of_a_person_who_has_rows_are_those_rows),
		cmocka_unit_test(test_tables__what_if_new_says_is_for_what_was_not_there),
		cmocka_unit_test(test_tables__what_is_said_is_told_again),
		cmocka_unit_test(test_tables__a_fault_is_told_by_its_row),
		cmocka_unit_test(test_tables__what_no_longer_fits_is_told_by_its_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
