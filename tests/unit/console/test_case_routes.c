/* Cases through the routes: the whole way of one, keys that come twice, versions that moved on, and
 * who sees what. */
#include "tests/unit/console/desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/domain/rights.h"

#define D "/districts/" KIT_CODE
#define ENDED "{\"text\": \"已清\", \"matter_ended\": true}"
#define FILED "{\"condition\": \"none-of-them\"}"

static void test_case__goes_the_whole_way(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	desk_open(&desk, 510, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	desk_report(&desk, &phone, number);
	assert_int_equal(desk_ask(&desk, "GET", D "/queue", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 1);
	desk_must(&desk, number, "file", "W5", "{\"type\": \"10001\", \"condition\": 2}", "filed");
	desk_must(&desk, number, "dispatch", "W6", "{\"unit\": \"U110\", \"text\": \"尽快\"}",
		"dispatched");
	desk_must(&desk, number, "redirect", "W6", "{\"unit\": \"U111\", \"reason\": \"属地\"}",
		"dispatched");
	desk_must(&desk, number, "return", "W2111", "{\"text\": \"不属本单位\"}", "returning");
	desk_must(&desk, number, "accept-return", "W6", NULL, "filed");
	desk_must(&desk, number, "dispatch", "W6", "{\"unit\": \"U111\"}", "dispatched");
	desk_must(&desk, number, "sign", "W2111", NULL, "handling");
	desk_must(&desk, number, "return", "W2111", "{\"text\": \"再退\"}", "returning");
	desk_must(&desk, number, "refuse-return", "W6", "{\"text\": \"属本单位\"}", "handling");
	desk_must(&desk, number, "finish", "W3111", "{\"text\": \"已更换\"}", "done");
	desk_must(&desk, number, "close", "W5",
		"{\"text\": \"已处理,谢谢\", \"matter_ended\": true}", "closed");
	assert_int_equal(desk_look(&desk, number, "", NULL), 200);
	assert_string_equal(desk_text(&desk, "text"), "井盖破损,请处理");
	const json_t *history = json_object_get(desk.answer, "history");
	assert_int_equal(json_array_size(history), 12);
	const json_t *last = json_array_get(history, 11);
	assert_string_equal(json_string_value(json_object_get(last, "text")), "已处理,谢谢");
	assert_string_equal(json_string_value(json_object_get(last, "words")),
		"close by W5 (W5): done -> closed");
	assert_int_equal(desk_ask(&desk, "GET", D "/stats", NULL), 200);
	assert_int_equal(desk_number(&desk, "closed"), 1);
	desk_close(&desk);
}

/* What a unit asks for, what does not do, and what begins again. */
static void test_case__may_wait_and_be_done_again_and_reopened(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	desk_open(&desk, 514, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	desk_report(&desk, &phone, number);
	desk_must(&desk, number, "dispatch", "W6",
		"{\"unit\": \"U111\", \"type\": \"10001\", \"condition\": \"none-of-them\"}",
		"dispatched");
	desk_must(&desk, number, "sign", "W2111", NULL, "handling");
	desk_must(&desk, number, "ask-extension", "W3111", "{\"text\": \"下雨\"}", "handling");
	assert_int_equal(desk_look(&desk, number, "", "W6"), 200);
	assert_string_equal(desk_text(&desk, "asked"), "extension");
	assert_string_equal(desk_text(&desk, "asked_of"), "unit");
	desk_must(&desk, number, "ask-extension", "W2111", "{\"text\": \"属实\"}", "handling");
	desk_must(&desk, number, "extend", "W6", NULL, "handling");
	static const char bad[] = "{\"text\": \"待料\", \"until\": \"tomorrow\"}";
	assert_int_equal(desk_act(&desk, number, "ask-suspension", "W2111", bad, NULL), 422);
	assert_string_equal(desk_text(&desk, "code"), "field");
	desk_must(&desk, number, "ask-suspension", "W2111",
		"{\"text\": \"待料\", \"until\": \"2026-04-01\"}", "handling");
	desk_must(&desk, number, "refuse-ask", "W6", "{\"text\": \"材料已到\"}", "handling");
	desk_must(&desk, number, "finish", "W3111", "{\"text\": \"已清\"}", "done");
	desk_must(&desk, number, "fail", "W5", "{\"text\": \"未清净\"}", "rework");
	desk_must(&desk, number, "start", "W2111", NULL, "handling");
	desk_must(&desk, number, "ask-suspension", "W2111",
		"{\"text\": \"待料\", \"until\": \"2026-04-01T09:00:00+08:00\"}", "handling");
	desk_must(&desk, number, "suspend", "W6", NULL, "suspended");
	assert_int_equal(desk_look(&desk, number, "", "W6"), 200);
	assert_string_equal(desk_text(&desk, "resume_due"), "2026-04-01T09:00:00.000+08:00");
	desk_must(&desk, number, "resume", "W6", NULL, "handling");
	desk_must(&desk, number, "finish", "W3111", "{\"text\": \"已清\"}", "done");
	desk_must(&desk, number, "check", "W5", "{\"assignee\": \"W6111\"}", "checking");
	desk_must(&desk, number, "pass", "W6111", "{\"task\": 1, \"text\": \"已清\"}", "done");
	desk_must(&desk, number, "close", "W5", ENDED, "closed");
	desk_must(&desk, number, "reopen", "W12", "{\"text\": \"又有了\"}", "filed");
	assert_int_equal(desk_look(&desk, number, "", "W6"), 200);
	assert_int_equal(desk_number(&desk, "cycle"), 2);
	desk_close(&desk);
}

static void test_case__the_same_key_twice_has_one_effect(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	desk_open(&desk, 512, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	desk_report(&desk, &phone, number);
	assert_int_equal(desk_act(&desk, number, "dispatch", "W6", FILED, "key-1"), 200);
	assert_true(json_is_false(json_object_get(desk.answer, "repeat")));
	json_int_t position = desk_number(&desk, "position");
	assert_int_equal(desk_act(&desk, number, "dispatch", "W6", FILED, "key-1"), 200);
	assert_true(json_is_true(json_object_get(desk.answer, "repeat")));
	assert_int_equal(desk_number(&desk, "position"), position);
	assert_int_equal(desk_act(&desk, number, "dispatch", "W6", FILED, "key-2"), 409);
	/* Somebody else's key of the same text is another key. */
	assert_int_equal(desk_act(&desk, number, "dispatch", "W7", FILED, "key-1"), 409);
	desk_close(&desk);
}

/* C17: two dispatchers act on what both saw; one wins, the other is told. */
static void test_case__a_version_that_moved_on_is_refused(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE], body[120];
	(void)state;
	desk_open(&desk, 513, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	desk_report(&desk, &phone, number);
	desk_look(&desk, number, "", "W6");
	(void)snprintf(body, sizeof(body), "{\"unit\": \"U110\", \"version\": %lld}",
		(long long)desk_number(&desk, "version"));
	assert_int_equal(desk_act(&desk, number, "file", "W5", FILED, NULL), 200);
	unsigned jobs = desk.jobs;
	assert_int_equal(desk_act(&desk, number, "dispatch", "W6", body, NULL), 409);
	assert_string_equal(desk_text(&desk, "code"), "moved_on");
	assert_string_equal(desk_text(&desk, "message"),
		"somebody else was first: The case had moved on; this had no effect.");
	assert_non_null(desk_text(&desk, "message_zh"));
	assert_int_equal(desk.jobs, jobs + 1);
	desk_look(&desk, number, "", NULL);
	assert_string_equal(desk_text(&desk, "state"), "filed");
	desk_close(&desk);
}

static void test_case__bodies_are_understood_or_refused(void **state)
{
	static const char *const bad[] = {"{\"unit\": \"U999\"}", "{\"unit\": 5}",
		"{\"type\": \"x\"}", "{\"type\": -1}", "{\"type\": 99999999999}",
		"{\"urgency\": 5}", "{\"urgency\": \"P5\"}", "{\"condition\": 0}",
		"{\"condition\": \"none\"}", "{\"grid\": \"nowhere\"}", "{\"channel\": \"911\"}",
		"{\"ground\": 3}", "{\"matter_ended\": \"yes\"}", "{\"text\": []}",
		"{\"text\": \"a\", \"reason\": \"b\"}", "{\"version\": 0}", "{\"version\": 1.5}",
		"{\"place\": {\"latitude\": 91, \"longitude\": 0}}",
		"{\"place\": {\"latitude\": 30, \"longitude\": 117, \"datum\": \"x\"}}",
		"{\"units\": \"U110\"}", "{\"urgency\": true}"};
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	desk_open(&desk, 514, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	desk_report(&desk, &phone, number);
	unsigned jobs = desk.jobs;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (desk_act(&desk, number, "dispatch", "W6", bad[i], NULL) != 422 ||
			strcmp(desk_text(&desk, "code"), "field") != 0)
			fail_msg("%s: %d %s", bad[i], desk.status, desk_text(&desk, "code"));
	}
	assert_int_equal(desk.jobs, jobs);
	desk_close(&desk);
}

/* H01: what looks like SQL is text, stored and given back as it came. */
static void test_case__hostile_text_is_kept_as_text(void **state)
{
	static const char hostile[] = "'); DROP TABLE entry;-- \" <script>alert(1)</script> =cmd";
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE];
	(void)state;
	desk_open(&desk, 515, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	desk_report(&desk, &phone, number);
	json_t *body = json_pack("{s:s, s:s}", "text", hostile, "ground", "unclear");
	char *text = json_dumps(body, 0);
	assert_int_equal(desk_act(&desk, number, "refuse", "W5", text, hostile), 200);
	free(text);
	json_decref(body);
	desk_look(&desk, number, "", NULL);
	const json_t *last = json_array_get(json_object_get(desk.answer, "history"), 1);
	assert_string_equal(json_string_value(json_object_get(last, "text")), hostile);
	desk_close(&desk);
}

static size_t cases_seen(struct desk *desk, const char *acting, const char *more)
{
	char target[160];
	(void)snprintf(target, sizeof(target), D "/cases%s", more);
	assert_int_equal(desk_ask_as(desk, "GET", target, NULL, acting, NULL), 200);
	return json_array_size(json_object_get(desk->answer, "items"));
}

static void test_case__is_seen_by_whom_it_concerns(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE], acting[16];
	(void)state;
	desk_open(&desk, 516, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	desk_report(&desk, &phone, number);
	for (unsigned role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
		struct bh_rules *rules;
		uint64_t first = bh_case_number(phone.log_short, 1);
		struct bh_case cased = kit_case(&desk.kit, first);
		assert_int_equal(bh_reader_rules(desk.kit.reader, &rules), 0);
		bool may = bh_rights_views(rules, role, desk.kit.now.wall_ms, &cased) != 0;
		(void)snprintf(acting, sizeof(acting), "W%u", role);
		assert_int_equal(cases_seen(&desk, acting, ""), may ? 1 : 0);
		assert_int_equal(desk_look(&desk, number, "", acting), may ? 200 : 404);
		if (!may) {
			assert_int_equal(
				desk_act(&desk, number, "dispatch", acting, "{}", NULL), 404);
			assert_string_equal(desk_text(&desk, "code"), "no_case");
		}
	}
	(void)snprintf(acting, sizeof(acting), "W%u", BH_DEMO_WORKER(1111));
	assert_int_equal(cases_seen(&desk, acting, ""), 1);
	assert_int_equal(cases_seen(&desk, "W50", ""), 0); /* another township's desk */
	assert_int_equal(cases_seen(&desk, NULL, ""), 1);
	desk_close(&desk);
}

/* A person decides; who may not see the other report is not told of it. */
static void test_case__shows_what_may_be_of_the_same_thing(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE], other[BH_CASE_TEXT_SIZE], target[120];
	(void)state;
	desk_open(&desk, 519, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	desk_report(&desk, &phone, other);
	desk_report(&desk, &phone, number);
	(void)snprintf(target, sizeof(target), D "/cases/%s/similar", number);
	assert_int_equal(desk_ask_as(&desk, "GET", target, NULL, "W6", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 1);
	assert_int_equal(desk_number(&desk, "radius_m"), 30);
	assert_int_equal(desk_number(&desk, "window_h"), 72);
	const json_t *found = json_array_get(json_object_get(desk.answer, "items"), 0);
	assert_string_equal(json_string_value(json_object_get(found, "number")), other);
	assert_string_equal(json_string_value(json_object_get(found, "text")), "井盖破损,请处理");
	assert_int_equal(json_integer_value(json_object_get(found, "distance_m")), 0);
	assert_int_equal(desk_ask_as(&desk, "GET", target, NULL, "W50", NULL), 404);
	assert_int_equal(desk_ask(&desk, "GET", D "/cases/99-9-X/similar", NULL), 404);
	desk_close(&desk);
}

static void test_cases__are_paged_and_chosen(void **state)
{
	struct desk desk;
	struct phone phone;
	char number[BH_CASE_TEXT_SIZE], more[100] = "?limit=2";
	size_t seen = 0, pages = 0;
	(void)state;
	desk_open(&desk, 517, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	for (size_t i = 0; i < 5; i++)
		desk_report(&desk, &phone, number);
	desk_must(&desk, number, "dispatch", "W6",
		"{\"unit\": \"U110\", \"condition\": \"none-of-them\"}", "dispatched");
	for (const char *next = ""; next; pages++) {
		seen += cases_seen(&desk, pages % 2 ? "W6" : NULL, more);
		next = desk_text(&desk, "next");
		(void)snprintf(more, sizeof(more), "?limit=2&after=%s", next ? next : "");
	}
	assert_int_equal(seen, 5);
	assert_int_equal(pages, 3);
	/* No number: where a list goes on tells of no case, there or not. */
	assert_int_equal(cases_seen(&desk, NULL, "?after=999999"), 0);
	assert_int_equal(desk_ask(&desk, "GET", D "/queue?after=1:999999", NULL), 200);
	(void)snprintf(more, sizeof(more), D "/cases?after=%s", number);
	assert_int_equal(desk_ask(&desk, "GET", more, NULL), 400);
	assert_int_equal(cases_seen(&desk, NULL, "?state=dispatched,closed"), 1);
	assert_int_equal(cases_seen(&desk, NULL, "?unit=U110"), 1);
	assert_int_equal(cases_seen(&desk, NULL, "?unit=U111"), 0);
	assert_int_equal(cases_seen(&desk, NULL, "?area=A111"), 5);
	assert_int_equal(cases_seen(&desk, NULL, "?area=A12"), 0);
	assert_int_equal(desk_ask(&desk, "GET", D "/queue?limit=3", NULL), 200);
	(void)snprintf(more, sizeof(more), D "/queue?after=%s", desk_text(&desk, "next"));
	assert_int_equal(desk_ask(&desk, "GET", more, NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 1);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_case__goes_the_whole_way),
		cmocka_unit_test(test_case__may_wait_and_be_done_again_and_reopened),
		cmocka_unit_test(test_case__the_same_key_twice_has_one_effect),
		cmocka_unit_test(test_case__a_version_that_moved_on_is_refused),
		cmocka_unit_test(test_case__bodies_are_understood_or_refused),
		cmocka_unit_test(test_case__hostile_text_is_kept_as_text),
		cmocka_unit_test(test_case__is_seen_by_whom_it_concerns),
		cmocka_unit_test(test_case__shows_what_may_be_of_the_same_thing),
		cmocka_unit_test(test_cases__are_paged_and_chosen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
