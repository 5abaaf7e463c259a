/* Routing rules over the routes: each names its paper, versions follow one another, and why a unit
 * is proposed is told (S1-29). */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/console/desk.h"

#define D "/districts/" KIT_CODE
#define APPLY D "/profile?apply=1"

#define START                                                                                   \
	"{\"name\":\"县\",\"areas\":[{\"code\":\"c\",\"kind\":\"county\",\"name\":\"县\"},"   \
	"{\"code\":\"t\",\"kind\":\"township\",\"name\":\"乡\",\"parent\":\"c\"}],\"units\":[" \
	"{\"code\":\"d\",\"name\":\"台\",\"area\":\"c\",\"desk\":true},"                       \
	"{\"code\":\"u\",\"name\":\"所\",\"kind\":\"SANITATION\",\"area\":\"c\"}],"            \
	"\"people\":[]"
#define RULE(more) "{\"type\":10001,\"unit\":\"u\"," more "}"
#define PAPER(text) "\"paper\":\"" text "\""

static json_int_t routes_version(struct desk *desk)
{
	assert_int_equal(desk_ask(desk, "GET", D "/routes", NULL), 200);
	return desk_number(desk, "version");
}

static json_int_t rule_version(const struct desk *desk, size_t at)
{
	const json_t *item = json_array_get(json_object_get(desk->answer, "items"), at);
	return json_integer_value(json_object_get(item, "version"));
}

static void test_routes__another_paper_is_another_rule_of_the_next_version(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 560, false);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, START "}"), 200);
	assert_int_equal(routes_version(&desk), 0);
	static const char first[] = START
		",\"routes\":[" RULE(PAPER("甲")) ",{\"class\":10,"
						  "\"unit\":\"d\"," PAPER("乙") "}]}";
	static const char second[] = START
		",\"routes\":[" RULE(PAPER("丙")) ",{\"class\":10,"
						  "\"unit\":\"d\"," PAPER("乙") "}]}";
	assert_int_equal(desk_ask(&desk, "POST", APPLY, first), 200);
	assert_int_equal(routes_version(&desk), 1);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, first), 200);
	assert_false(json_is_true(json_object_get(desk.answer, "differs")));
	assert_int_equal(desk_ask(&desk, "POST", APPLY, second), 200);
	assert_int_equal(routes_version(&desk), 2);
	assert_int_equal(desk_number(&desk, "count"), 2);
	assert_int_equal(rule_version(&desk, 0), 2);
	assert_int_equal(rule_version(&desk, 1), 1);
	/* No case began with the first: it went for good. */
	assert_int_equal(desk_ask(&desk, "GET", D "/routes?version=1", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 1);
	assert_int_equal(desk_ask(&desk, "GET", D "/profile", NULL), 200);
	char *same = json_dumps(desk.answer, 0);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, same), 200);
	const json_t *changes = json_object_get(desk.answer, "changes");
	assert_false(json_is_true(json_object_get(changes, "routes")));
	free(same);
	desk_close(&desk);
}

static void test_routes__the_version_of_an_open_case_stays(void **state)
{
	struct desk desk;
	struct phone phone;
	(void)state;
	desk_open(&desk, 561, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(&desk.kit, &phone, "垃圾");
	assert_int_equal(desk_ask(&desk, "GET", D "/profile", NULL), 200);
	json_t *profile = json_incref(desk.answer);
	json_t *rule = json_pack("{s:i, s:s, s:s}", "type", (int)BH_DEMO_LITTER, "unit", "U150",
		"paper", "会议纪要〔2026〕7号");
	assert_int_equal(json_object_set_new(profile, "routes", json_pack("[o]", rule)), 0);
	char *body = json_dumps(profile, 0);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 200);
	free(body);
	json_decref(profile);
	assert_int_equal(routes_version(&desk), 1);
	assert_int_equal(desk_ask(&desk, "GET", D "/routes?version=0", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), BH_DEMO_ROUTES);
	char path[80], text[BH_CASE_TEXT_SIZE];
	bh_case_number_format(number, text);
	(void)snprintf(path, sizeof(path), D "/cases/%s", text);
	assert_int_equal(desk_ask(&desk, "GET", path, NULL), 200);
	assert_int_equal(desk_number(&desk, "rules_version"), 0);
	assert_string_equal(desk_text(&desk, "proposed_unit"), "U111");
	uint64_t later = kit_report(&desk.kit, &phone, "垃圾");
	bh_case_number_format(later, text);
	(void)snprintf(path, sizeof(path), D "/cases/%s", text);
	assert_int_equal(desk_ask(&desk, "GET", path, NULL), 200);
	assert_int_equal(desk_number(&desk, "rules_version"), 1);
	assert_string_equal(desk_text(&desk, "proposed_unit"), "U150");
	assert_string_equal(desk_text(&desk, "paper"), "会议纪要〔2026〕7号");
	desk_close(&desk);
}

static const struct {
	const char *rule, *field;
} wrong[] = {
	{"{\"type\":10001,\"unit\":\"u\"}", "paper"},
	{"{\"type\":10001,\"unit\":\"u\",\"paper\":\"\"}", "paper"},
	{RULE(PAPER("p") ",\"condition\":99"), NULL},
	{RULE(PAPER("p") ",\"period\":\"always\""), "period"},
	{RULE(PAPER("p") ",\"from\":\"2026-13-01\""), "from"},
	{RULE(PAPER("p") ",\"from\":\"2026-02-02\",\"to\":\"2026-02-01\""), NULL},
	{RULE(PAPER("p") ",\"limit\":3"), "limit"},
	{RULE(PAPER("p") ",\"limit\":{\"value\":3,\"unit\":\"moon\"}"), "limit"},
	{RULE(PAPER("p") ",\"version\":3"), "version"},
	{"{\"type\":10001," PAPER("p") "}", "unit_kind"},
};

static void test_routes__what_is_wrong_with_a_rule_is_named(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 562, false);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char body[1200];
		(void)snprintf(body, sizeof(body), START ",\"routes\":[%s]}", wrong[i].rule);
		if (desk_ask(&desk, "POST", APPLY, body) != 422 ||
			!desk_fault_named(&desk, "routes", wrong[i].field, 0)) {
			print_message("# row %zu: %d\n", i, desk.status);
			fail();
		}
	}
	desk_close(&desk);
}

static void test_explain__names_the_rules_their_papers_and_the_unit(void **state)
{
	static const char body[] = START ",\"routes\":[" RULE(
		PAPER("甲") ",\"area\":\"t\"") ",{\"type\":10001,\"period\":"
					       "\"heightened\",\"limit\":{"
					       "\"value\":1,\"unit\":"
					       "\"urgent_hour\"},"
					       "\"pause\":false," PAPER(
						       "丁") "}],"
							     "\"duty_periods\":[{\"name\":\"国庆\","
							     "\"from\":\"2027-10-01\",\"to\":"
							     "\"2027-10-07\"," PAPER("己") "}]}";
	struct desk desk;
	(void)state;
	desk_open(&desk, 563, false);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 200);
	assert_int_equal(desk_ask(&desk, "GET", D "/routes/explain?type=10001&area=t", NULL), 200);
	assert_string_equal(desk_text(&desk, "unit"), "u");
	assert_string_equal(desk_text(&desk, "by"), "rule");
	assert_int_equal(desk_number(&desk, "tried_count"), 2);
	assert_int_equal(
		desk_ask(&desk, "GET", D "/routes/explain?type=10001&area=c&at=2027-10-07", NULL),
		200);
	assert_string_equal(desk_text(&desk, "duty_period"), "国庆");
	assert_false(json_is_true(json_object_get(desk.answer, "pause")));
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(desk.answer, "limit_rule"), "paper")),
		"丁");
	static const char *const bad[] = {"?type=x", "?area=zz", "?at=never", "?asset=1",
		"?version=-1", "?type=1&type=2", "?colour=3"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char path[100];
		(void)snprintf(path, sizeof(path), D "/routes/explain%s", bad[i]);
		assert_int_equal(desk_ask(&desk, "GET", path, NULL), 400);
		assert_string_equal(desk_text(&desk, "code"), "parameter");
	}
	desk_close(&desk);
}

#define MARK "3408030000000A17"

static void test_assets__come_with_a_profile_and_never_leave_their_mark(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 564, false);
	assert_int_equal(desk_ask(&desk, "POST", APPLY,
				 START ",\"assets\":[{\"code\":\"" MARK
				       "\",\"type\":40001,\"unit\":\"u\",\"grade\":\"B\"}]}"),
		200);
	assert_int_equal(desk_change(&desk, "assets", "added"), 1);
	assert_int_equal(
		desk_ask(&desk, "GET", D "/routes/explain?type=40001&asset=" MARK, NULL), 200);
	assert_string_equal(desk_text(&desk, "by"), "owner");
	assert_string_equal(desk_text(&desk, "unit"), "u");
	/* Not said: they stay. */
	assert_int_equal(desk_ask(&desk, "POST", APPLY, START "}"), 200);
	assert_false(json_is_true(json_object_get(desk.answer, "differs")));
	assert_int_equal(desk_ask(&desk, "POST", APPLY, START ",\"assets\":[]}"), 200);
	assert_int_equal(desk_change(&desk, "assets", "changed"), 1);
	assert_int_equal(
		desk_ask(&desk, "GET", D "/routes/explain?type=40001&asset=" MARK, NULL), 200);
	assert_string_equal(desk_text(&desk, "by"), "backstop");
	assert_int_equal(
		desk_ask(&desk, "POST", APPLY, START ",\"assets\":[{\"code\":\"17\"}]}"), 422);
	assert_int_equal(
		desk_ask(&desk, "POST", APPLY,
			START ",\"assets\":[{\"code\":\"" MARK "\"},{\"code\":\"" MARK "\"}]}"),
		422);
	desk_close(&desk);
}

static void must(struct desk *desk, enum bh_verb verb, uint32_t person, uint64_t number,
	const char *text, uint32_t unit)
{
	struct bh_command command = kit_desk(verb, person, number, text);
	command.unit = unit;
	assert_int_equal(kit_run(&desk->kit, &command).verdict, BH_VERDICT_ACCEPTED);
}

static void give_back(struct desk *desk, struct phone *phone)
{
	uint64_t number = kit_report(&desk->kit, phone, "垃圾");
	uint32_t dispatcher = BH_DEMO_PERSON(DISPATCHER);
	must(desk, BH_VERB_DISPATCH, dispatcher, number, "", BH_DEMO_CLEAN_A);
	must(desk, BH_VERB_RETURN, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), number, "not ours", 0);
	must(desk, BH_VERB_ACCEPT_RETURN, dispatcher, number, "", 0);
	must(desk, BH_VERB_DISPATCH, dispatcher, number, "", BH_DEMO_WORKS);
}

/* Too late for a return, its lead asks, and is believed: that teaches the same. */
static void ask_away(struct desk *desk, struct phone *phone)
{
	uint64_t number = kit_report(&desk->kit, phone, "垃圾");
	uint32_t dispatcher = BH_DEMO_PERSON(DISPATCHER), lead = BH_DEMO_LEAD(BH_DEMO_CLEAN_A);
	must(desk, BH_VERB_DISPATCH, dispatcher, number, "", BH_DEMO_CLEAN_A);
	kit_pass(&desk->kit, 26 * 60 * KIT_MINUTE);
	must(desk, BH_VERB_ASK_REDIRECT, lead, number, "not ours", BH_DEMO_GAS);
	must(desk, BH_VERB_REFUSE_ASK, dispatcher, number, "nor theirs", 0);
	must(desk, BH_VERB_ASK_REDIRECT, lead, number, "not ours", BH_DEMO_WORKS);
	must(desk, BH_VERB_REDIRECT, dispatcher, number, "so be it", 0);
	must(desk, BH_VERB_REDIRECT, dispatcher, number, "by mistake", BH_DEMO_GAS);
}

static void test_learn__proposes_with_its_cases_and_one_is_taken_with_a_paper(void **state)
{
	static const char *const bad[] = {"{}",
		"{\"type\":10001,\"area\":\"A1111\",\"unit\":\"U111\"}",
		"{\"type\":10001,\"area\":\"A1111\",\"unit\":\"U111\",\"paper\":\"p\",\"x\":1}"};
	struct desk desk;
	struct phone phone;
	(void)state;
	desk_open(&desk, 565, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	give_back(&desk, &phone);
	give_back(&desk, &phone);
	assert_int_equal(desk_ask(&desk, "GET", D "/routes/learn", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 0);
	assert_int_equal(desk_number(&desk, "returns"), 2);
	ask_away(&desk, &phone);
	assert_int_equal(desk_ask(&desk, "GET", D "/routes/learn", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 1);
	const json_t *one = json_array_get(json_object_get(desk.answer, "items"), 0);
	assert_int_equal(json_array_size(json_object_get(one, "numbers")), 3);
	assert_string_equal(json_string_value(json_object_get(one, "to")), "U150");
	json_t *taking = json_pack("{s:O, s:O, s:O, s:s}", "type", json_object_get(one, "type"),
		"area", json_object_get(one, "area"), "unit", json_object_get(one, "unit"), "paper",
		"纪要");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(desk_ask(&desk, "POST", D "/routes/learn?apply=1", bad[i]), 422);
	char *body = json_dumps(taking, 0);
	assert_int_equal(desk_ask(&desk, "POST", D "/routes/learn", body), 200);
	assert_int_equal(routes_version(&desk), 0); /* it was only checked */
	assert_int_equal(desk_ask(&desk, "POST", D "/routes/learn?apply=1", body), 200);
	assert_int_equal(routes_version(&desk), 1);
	assert_int_equal(desk_ask(&desk, "POST", D "/routes/learn?apply=1", body), 409);
	struct bh_verify_report report;
	assert_int_equal(kit_verify(&desk.kit, &report), 0);
	free(body);
	json_decref(taking);
	desk_close(&desk);
}

/* Of two rules of the same cases the first holds; the other is nobody's to take away. */
static void test_learn__takes_the_place_of_one_rule_and_leaves_the_others(void **state)
{
	struct desk desk;
	struct phone phone;
	(void)state;
	desk_open(&desk, 566, true);
	assert_int_equal(desk_ask(&desk, "GET", D "/profile", NULL), 200);
	json_t *profile = json_incref(desk.answer);
	json_t *routes = json_pack("[{s:i, s:s, s:s, s:s}, {s:i, s:s, s:s, s:s}]", "type",
		(int)BH_DEMO_LITTER, "area", "A1111", "unit", "U111", "paper", "甲", "type",
		(int)BH_DEMO_LITTER, "area", "A1111", "unit", "U110", "paper", "乙");
	assert_int_equal(json_object_set_new(profile, "routes", routes), 0);
	char *body = json_dumps(profile, 0);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 200);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	give_back(&desk, &phone);
	give_back(&desk, &phone);
	ask_away(&desk, &phone);
	assert_int_equal(desk_ask(&desk, "POST", D "/routes/learn?apply=1",
				 "{\"type\": 10001, \"area\": \"A1111\", \"unit\": \"U111\", "
				 "\"paper\": \"丙\"}"),
		200);
	assert_int_equal(desk_ask(&desk, "GET", D "/routes", NULL), 200);
	const json_t *items = json_object_get(desk.answer, "items");
	assert_int_equal(json_array_size(items), 2);
	for (size_t i = 0; i < 2; i++) {
		const json_t *one = json_array_get(items, i);
		bool other = strcmp(json_string_value(json_object_get(one, "paper")), "乙") == 0;
		assert_string_equal(
			json_string_value(json_object_get(one, "unit")), other ? "U110" : "U150");
	}
	free(body);
	json_decref(profile);
	desk_close(&desk);
}

/* By who files: which condition, and what limit it gives. */
static void test_catalogue__tells_a_type_with_its_conditions(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 569, false);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, START "}"), 200);
	assert_int_equal(desk_ask(&desk, "GET", D "/catalogue", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 132);
	assert_int_equal(desk_ask(&desk, "GET", D "/catalogue?type=10001", NULL), 200);
	assert_int_equal(desk_number(&desk, "count"), 1);
	const json_t *type = json_array_get(json_object_get(desk.answer, "items"), 0);
	const json_t *conditions = json_object_get(type, "conditions");
	const json_t *built = json_array_get(conditions, 1);
	assert_string_equal(json_string_value(json_object_get(type, "name")), "私搭乱建");
	assert_string_equal(json_string_value(json_object_get(type, "privacy")), "public-safe");
	assert_int_equal(json_array_size(conditions), 2);
	assert_int_equal(json_integer_value(json_object_get(built, "condition")), 2);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(built, "limit"), "value")), 15);
	static const char *const bad[] = {"type=010001", "type=", "type=x", "class=10"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char path[100];
		(void)snprintf(path, sizeof(path), D "/catalogue?%s", bad[i]);
		assert_int_equal(desk_ask(&desk, "GET", path, NULL), 400);
	}
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routes__another_paper_is_another_rule_of_the_next_version),
		cmocka_unit_test(test_routes__the_version_of_an_open_case_stays),
		cmocka_unit_test(test_routes__what_is_wrong_with_a_rule_is_named),
		cmocka_unit_test(test_explain__names_the_rules_their_papers_and_the_unit),
		cmocka_unit_test(test_catalogue__tells_a_type_with_its_conditions),
		cmocka_unit_test(test_learn__proposes_with_its_cases_and_one_is_taken_with_a_paper),
		cmocka_unit_test(test_learn__takes_the_place_of_one_rule_and_leaves_the_others),
		cmocka_unit_test(test_assets__come_with_a_profile_and_never_leave_their_mark),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
