/* Filing, refusing, referring and closing through the routes. */
#include "tests/unit/console/desk.h"

#include <stdio.h>

#define D "/districts/" KIT_CODE
#define FILED "{\"condition\": \"none-of-them\"}"

/* What the last entry of the case that was looked at says of its end. */
static void ending_is(
	struct desk *desk, const char *ground, const char *channel, const char *receipt)
{
	const json_t *history = json_object_get(desk->answer, "history");
	const json_t *last = json_array_get(history, json_array_size(history) - 1);
	const json_t *ending = json_object_get(last, "ending");
	const char *said = json_string_value(json_object_get(ending, "ground"));
	assert_true((said == NULL) == (ground == NULL) && (!said || strcmp(said, ground) == 0));
	assert_string_equal(json_string_value(json_object_get(ending, "channel")), channel);
	said = json_string_value(json_object_get(ending, "receipt"));
	assert_true((said == NULL) == (receipt == NULL) && (!said || strcmp(said, receipt) == 0));
	assert_non_null(json_string_value(json_object_get(ending, "zh")));
}

static void test_case__a_refused_or_void_one_ends(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	desk_open(&desk, 511, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	desk_report(&desk, &phone, number);
	assert_int_equal(desk_act(&desk, number, "refuse", "W5", "{}", NULL), 422);
	assert_string_equal(desk_text(&desk, "code"), "no_reason");
	desk_must(&desk, number, "refuse", "W5",
		"{\"ground\": \"not-ours\", \"channel\": \"12345\", \"text\": \"请拨打热线\"}",
		"rejected");
	assert_int_equal(desk_act(&desk, number, "dispatch", "W6", "{}", NULL), 409);
	assert_string_equal(desk_text(&desk, "code"), "not_now");
	assert_int_equal(desk_look(&desk, number, "", "W5"), 200);
	assert_string_equal(desk_text(&desk, "ground"), "not-ours");
	assert_string_equal(desk_text(&desk, "channel"), "12345");
	ending_is(&desk, "not-ours", "12345", NULL);
	desk_report(&desk, &phone, number);
	assert_int_equal(desk_act(&desk, number, "void", "W6", "{\"text\": \"x\"}", NULL), 403);
	assert_string_equal(desk_text(&desk, "code"), "no_right");
	assert_int_equal(desk_act(&desk, number, "void", "W7", "{\"text\": \"x\"}", NULL), 422);
	assert_string_equal(desk_text(&desk, "code"), "guard");
	desk_must(&desk, number, "ask-void", "W5", "{\"text\": \"重复\"}", "received");
	desk_must(&desk, number, "void", "W7", "{\"text\": \"重复\"}", "void");
	desk_report(&desk, &phone, number);
	desk_must(&desk, number, "refer", "W5",
		"{\"channel\": \"119\", \"receipt\": \"4711\", \"text\": \"已转 119\"}",
		"referred");
	assert_int_equal(desk_look(&desk, number, "", "W5"), 200);
	ending_is(&desk, NULL, "119", "4711");
	desk_close(&desk);
}

/* Each is refused by a sentence of its own. */
static void test_case__is_filed_and_closed_by_what_a_person_says(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	desk_open(&desk, 518, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	desk_report(&desk, &phone, number);
	assert_int_equal(desk_act(&desk, number, "file", "W5", "{}", NULL), 422);
	assert_string_equal(desk_text(&desk, "code"), "guard");
	desk_must(&desk, number, "file", "W5", FILED, "filed");
	assert_int_equal(desk_look(&desk, number, "", "W5"), 200);
	assert_true(json_is_true(json_object_get(desk.answer, "none_fits")));
	assert_true(json_is_false(json_object_get(desk.answer, "outside")));
	desk_must(&desk, number, "dispatch", "W6", "{\"unit\": \"U111\"}", "dispatched");
	desk_must(&desk, number, "sign", "W2111", NULL, "handling");
	desk_must(&desk, number, "finish", "W3111", "{\"text\": \"已清\"}", "done");
	assert_int_equal(desk_act(&desk, number, "close", "W5", "{\"text\": \"已清\"}", NULL), 422);
	assert_string_equal(desk_text(&desk, "code"), "guard");
	desk_must(&desk, number, "close", "W5", "{\"text\": \"已清\", \"matter_ended\": true}",
		"closed");
	assert_int_equal(desk_look(&desk, number, "", "W5"), 200);
	assert_true(json_is_true(json_object_get(desk.answer, "matter_ended")));
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_case__a_refused_or_void_one_ends),
		cmocka_unit_test(test_case__is_filed_and_closed_by_what_a_person_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
