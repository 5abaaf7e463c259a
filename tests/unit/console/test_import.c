/* Import of profiles and catalogues: what is wrong is named, all of it, by place and line; what is
 * right is put in force once; what is applied again changes only what differs. */
#include "tests/unit/console/desk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/domain/datum.h"

#define D "/districts/" KIT_CODE
#define PROFILE D "/profile"
#define APPLY D "/profile?apply=1"

static const char *profile_path, *catalogue_path;

/* ---- Small profiles to break ---- */

#define SQUARE "[[117,31],[117.01,31],[117.01,31.01],[117,31.01],[117,31]]"
#define AREAS                                                                                    \
	"\"areas\":[\n{\"code\":\"c\",\"kind\":\"county\",\"name\":\"县\"},\n"                  \
	"{\"code\":\"g\",\"kind\":\"grid\",\"name\":\"格\",\"parent\":\"c\",\"polygon\":" SQUARE \
	"}]"
#define UNITS                                                                                   \
	"\"units\":[\n{\"code\":\"u\",\"name\":\"所\",\"kind\":\"SANITATION\",\"area\":\"c\"," \
	"\"desk\":true}]"
#define PEOPLE                                                                                \
	"\"people\":[\n{\"code\":\"p\",\"name\":\"人\",\"posts\":[{\"role\":\"dispatcher\"," \
	"\"area\":\"c\"}]}]"
#define WHOLE "{\"name\":\"县\"," AREAS "," UNITS "," PEOPLE "}"

static const json_t *error_at(const struct desk *desk, size_t i)
{
	return json_array_get(json_object_get(desk->answer, "errors"), i);
}

static const struct {
	const char *body, *list, *field;
} wrong_profiles[] = {
	{"{}", "", "areas"},
	{"{\"name\":\"x\",\"areas\":{}," UNITS "," PEOPLE "}", "", "areas"},
	{"{\"name\":\"x\",\"extra\":1," AREAS "," UNITS "," PEOPLE "}", "", "extra"},
	{"{\"name\":7," AREAS "," UNITS "," PEOPLE "}", "", "name"},
	{"{\"name\":\"x\",\"areas\":[7]," UNITS "," PEOPLE "}", "areas", "code"},
	{"{\"name\":\"x\",\"areas\":[{\"code\":\"c\",\"kind\":\"realm\",\"name\":\"n\"}]"
	 "," UNITS "," PEOPLE "}",
		"areas", "kind"},
	{"{\"name\":\"x\",\"areas\":[{\"code\":\"c\",\"kind\":\"county\",\"name\":\"n\"},"
	 "{\"code\":\"g\",\"kind\":\"grid\",\"name\":\"n\",\"parent\":\"z\","
	 "\"polygon\":" SQUARE "}]," UNITS "," PEOPLE "}",
		"areas", "parent"},
	{"{\"name\":\"x\",\"areas\":[{\"code\":\"c\",\"kind\":\"county\",\"name\":\"n\","
	 "\"polygon\":[[1,2]]}]," UNITS "," PEOPLE "}",
		"areas", "polygon"},
	{"{\"name\":\"x\",\"areas\":[{\"code\":\"c\",\"kind\":\"county\",\"name\":\"n\","
	 "\"polygon\":[[1,2],[3,400],[5,6]]}]," UNITS "," PEOPLE "}",
		"areas", "polygon"},
	{"{\"name\":\"x\",\"areas\":[{\"code\":\"c\",\"kind\":\"county\",\"name\":\"n\","
	 "\"polygon\":{\"type\":\"Polygon\",\"coordinates\":[" SQUARE "," SQUARE "]}}]," UNITS
	 "," PEOPLE "}",
		"areas", "polygon"},
	{"{\"name\":\"x\",\"areas\":[{\"code\":\"c\",\"kind\":\"county\",\"name\":\"n\","
	 "\"datum\":\"mars\"}]," UNITS "," PEOPLE "}",
		"areas", "datum"},
	{"{\"name\":\"x\",\"areas\":[{\"code\":\"c\",\"kind\":\"county\",\"name\":\"n\","
	 "\"polygon\":[[117,31],[117.01,31.01],[117.01,31],[117,31.01]]}]," UNITS "," PEOPLE "}",
		"areas", NULL},
	{"{\"name\":\"x\"," AREAS ",\"units\":[{\"code\":\"u\",\"name\":\"n\",\"kind\":\"MAGIC\","
	 "\"area\":\"c\"}]," PEOPLE "}",
		"units", "kind"},
	{"{\"name\":\"x\"," AREAS ",\"units\":[{\"code\":\"u\",\"name\":\"n\",\"desk\":true,"
	 "\"area\":\"z\"}]," PEOPLE "}",
		"units", "area"},
	{"{\"name\":\"x\"," AREAS "," UNITS ",\"people\":[{\"code\":\"p\",\"name\":\"n\","
	 "\"posts\":[{\"role\":\"king\",\"area\":\"c\"}]}]}",
		"people", "role"},
	{"{\"name\":\"x\"," AREAS "," UNITS ",\"people\":[{\"code\":\"p\",\"name\":\"n\","
	 "\"posts\":[{\"role\":\"handler\",\"area\":\"c\"}]}]}",
		"people", "posts"},
	{"{\"name\":\"x\"," AREAS "," UNITS ",\"people\":[{\"code\":\"p/1\",\"name\":\"n\"}]}",
		"people", "code"},
	{"{\"name\":\"x\"," AREAS "," UNITS ",\"people\":[{\"code\":\"p\",\"name\":\"n\"},"
	 "{\"code\":\"p\",\"name\":\"n\"}]}",
		"people", NULL},
	{"{\"name\":\"x\"," AREAS "," UNITS "," PEOPLE ",\"routes\":[{\"type\":10007}]}", "routes",
		"unit_kind"},
	{"{\"name\":\"x\"," AREAS "," UNITS "," PEOPLE
	 ",\"routes\":[{\"type\":99,\"unit\":\"u\"}]}",
		"routes", NULL},
	{"{\"name\":\"x\"," AREAS "," UNITS "," PEOPLE
	 ",\"settings\":{\"dispatch_limit_min\":5,\"dispatch_margin_min\":5}}",
		"settings", NULL},
	{"{\"name\":\"x\"," AREAS "," UNITS "," PEOPLE
	 ",\"settings\":{\"week\":[{\"weekday\":8,\"from\":\"08:00\",\"to\":\"12:00\"}]}}",
		"week", "weekday"},
	{"{\"name\":\"x\"," AREAS "," UNITS "," PEOPLE
	 ",\"settings\":{\"week\":[{\"weekday\":1,\"from\":\"8\",\"to\":\"25:00\"}]}}",
		"week", "to"},
};

static void test_import__each_fault_is_named_by_its_place(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 520, false);
	assert_int_equal(desk_ask(&desk, "POST", PROFILE, WHOLE), 200);
	for (size_t i = 0; i < sizeof(wrong_profiles) / sizeof(wrong_profiles[0]); i++) {
		if (desk_ask(&desk, "POST", APPLY, wrong_profiles[i].body) != 422 ||
			!desk_fault_named(
				&desk, wrong_profiles[i].list, wrong_profiles[i].field, 0)) {
			char *text = json_dumps(desk.answer, JSON_ENSURE_ASCII);
			print_message("# row %zu: %d %s\n", i, desk.status, text);
			fail();
		}
	}
	assert_int_equal(desk.jobs, 0);
	desk_close(&desk);
}

static void test_import__all_faults_are_told_at_once_with_their_lines(void **state)
{
	static const char body[] =
		"{\"name\": \"x\",\n\"areas\": [\n"
		"{\"code\": \"c\", \"kind\": \"county\", \"name\": \"n\"},\n"
		"{\"code\": \"g\", \"kind\": \"grid\", \"name\": \"n\", \"parent\": \"c\"},\n"
		"{\"code\": \"h\", \"kind\": \"grid\", \"nam\": \"n\", \"parent\": \"c\"}],\n"
		"\"units\": [\n{\"code\": \"u\", \"name\": \"n\", \"kind\": \"NONE\", \"area\": "
		"\"c\"}],\n"
		"\"people\": [\n{\"code\": \"p\", \"name\": \"n\",\n\"posts\": [{\"role\": "
		"\"x\"}]},\n"
		"{\"code\": \"q\",\n\"ag\":\n1}],\n\"settings\": {\n\"automatic_off\": 3,\n"
		"\"week\": 4},\n\"color\": 1}";
	struct desk desk;
	(void)state;
	desk_open(&desk, 521, false);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 422);
	assert_true(desk_fault_named(&desk, "areas", NULL, 3)); /* no desk of the county */
	assert_true(desk_fault_named(&desk, "areas", NULL, 4)); /* no polygon */
	assert_true(desk_fault_named(&desk, "areas", "nam", 5));
	assert_true(desk_fault_named(&desk, "areas", "name", 5));
	assert_true(desk_fault_named(&desk, "units", "kind", 7));
	assert_true(desk_fault_named(&desk, "people", "role", 10));
	assert_true(desk_fault_named(&desk, "people", "area", 9));
	assert_true(desk_fault_named(&desk, "people", "name", 11)); /* where it is missing */
	assert_true(desk_fault_named(&desk, "people", "ag", 12));
	assert_true(desk_fault_named(&desk, "settings", "automatic_off", 15));
	assert_true(desk_fault_named(&desk, "settings", "week", 16));
	assert_true(desk_fault_named(&desk, "", "color", 17));
	assert_int_equal(desk_number(&desk, "errors_count"),
		json_array_size(json_object_get(desk.answer, "errors")));
	assert_string_equal(json_string_value(json_object_get(error_at(&desk, 1), "code")), "h");
	assert_int_equal(desk.jobs, 0);
	desk_close(&desk);
}

static uint32_t unit_id(struct desk *desk, const char *code)
{
	struct bh_rules *rules;
	assert_int_equal(bh_reader_rules(desk->kit.reader, &rules), 0);
	const struct bh_msg_unit *unit = bh_rules_unit_by_code(rules, bh_span(code, strlen(code)));
	return unit ? unit->id : 0;
}

static uint32_t person_id(struct desk *desk, const char *code)
{
	struct bh_rules *rules;
	assert_int_equal(bh_reader_rules(desk->kit.reader, &rules), 0);
	const struct bh_msg_person *person = bh_rules_person_by_code(
		rules, bh_span(code, strlen(code)));
	return person ? person->id : 0;
}

static void test_import__a_dry_run_changes_nothing_and_applying_once_is_enough(void **state)
{
	struct desk desk;
	char *body = desk_file(profile_path);
	(void)state;
	desk_open(&desk, 522, false);
	assert_int_equal(desk_ask(&desk, "POST", PROFILE, body), 200);
	assert_true(json_is_false(json_object_get(desk.answer, "applied")));
	assert_int_equal(desk_change(&desk, "areas", "added"), 38);
	assert_int_equal(desk.jobs, 0);
	assert_int_equal(desk_ask(&desk, "POST", D "/profile?apply=0", body), 200);
	assert_int_equal(desk.jobs, 0);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 200);
	assert_true(json_is_true(json_object_get(desk.answer, "applied")));
	assert_int_equal(desk.jobs, 1);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 200);
	assert_true(json_is_false(json_object_get(desk.answer, "differs")));
	assert_int_equal(desk.jobs, 1);
	free(body);
	desk_close(&desk);
}

/* What is in force may be fetched, and applied again without a difference but the defaults, once.
 */
static void test_import__what_is_exported_can_be_imported(void **state)
{
	struct desk desk;
	char *body = desk_file(profile_path);
	(void)state;
	desk_open(&desk, 523, false);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 200);
	assert_int_equal(desk_ask(&desk, "GET", PROFILE, NULL), 200);
	char *exported = json_dumps(desk.answer, JSON_REAL_PRECISION(10));
	assert_int_equal(desk_ask(&desk, "POST", APPLY, exported), 200);
	assert_true(json_is_false(json_object_get(desk.answer, "differs")));
	free(exported);
	free(body);
	desk_close(&desk);
}

static void test_import__ids_are_kept_by_code_and_people_stay(void **state)
{
	static const char
		two[] = "{\"name\":\"县\"," AREAS ",\"units\":[{\"code\":\"new\",\"name\":\"新\","
			"\"kind\":\"GAS_HEAT\",\"area\":\"c\"},{\"code\":\"u\",\"name\":\"所二\","
			"\"kind\":\"SANITATION\",\"area\":\"c\",\"desk\":true}],"
			"\"people\":[{\"code\":\"q\",\"name\":\"新人\"}]}";
	struct desk desk;
	(void)state;
	desk_open(&desk, 524, false);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, WHOLE), 200);
	uint32_t unit = unit_id(&desk, "u"), person = person_id(&desk, "p");
	assert_int_equal(desk_ask(&desk, "POST", APPLY, two), 200);
	assert_int_equal(desk_change(&desk, "units", "added"), 1);
	assert_int_equal(desk_change(&desk, "units", "changed"), 1);
	assert_int_equal(desk_change(&desk, "people", "added"), 1);
	assert_int_equal(desk_change(&desk, "people", "kept"), 1);
	assert_int_equal(desk_change(&desk, "posts", "removed"), 1);
	assert_int_equal(unit_id(&desk, "u"), unit);
	assert_true(unit_id(&desk, "new") > unit);
	assert_int_equal(person_id(&desk, "p"), person);
	assert_true(person_id(&desk, "q") > person);
	desk_close(&desk);
}

static void test_import__what_has_cases_may_not_go(void **state)
{
	struct desk desk;
	struct phone phone;
	(void)state;
	desk_open(&desk, 525, true);
	kit_enrol(&desk.kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(&desk.kit, &phone, "垃圾");
	struct bh_command dispatch = kit_desk(
		BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "");
	dispatch.unit = BH_DEMO_CLEAN_COUNTY;
	assert_int_equal(kit_run(&desk.kit, &dispatch).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(desk_ask(&desk, "GET", PROFILE, NULL), 200);
	json_t *profile = json_incref(desk.answer);
	json_t *units = json_object_get(profile, "units");
	for (size_t i = json_array_size(units); i-- > 0;) {
		const char *code = json_string_value(
			json_object_get(json_array_get(units, i), "code"));
		if (strcmp(code, "U110") == 0 || strcmp(code, "U150") == 0)
			(void)json_array_remove(units, i);
	}
	json_object_set_new(profile, "people", json_array());
	json_object_set_new(profile, "routes", json_array());
	char *body = json_dumps(profile, 0);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 422);
	assert_int_equal(desk_number(&desk, "errors_count"), 1); /* U150 may go, U110 not */
	assert_non_null(
		strstr(json_string_value(json_object_get(error_at(&desk, 0), "message")), "U110"));
	free(body);
	json_decref(profile);
	desk_close(&desk);
}

static void test_import__two_at_once_are_one_after_the_other(void **state)
{
	struct desk desk;
	struct bh_exchange *first = NULL;
	struct bh_request request = {.method = "POST",
		.target = APPLY,
		.body = bh_span(WHOLE, sizeof(WHOLE) - 1),
		.operator_link = true};
	(void)state;
	desk_open(&desk, 528, false);
	assert_int_equal(bh_exchange_begin(&desk.host, &request, desk.kit.now, &first), 0);
	assert_int_equal(bh_exchange_need(first), BH_NEED_JOB);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, WHOLE), 503);
	assert_string_equal(desk_text(&desk, "code"), "busy");
	bh_exchange_job(first)->err = BH_ERR_FULL; /* and the first one fails */
	bh_exchange_job_done(first, &desk.host);
	assert_int_equal(bh_exchange_response(first)->status, 503);
	bh_exchange_free(first);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, WHOLE), 200);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, WHOLE), 200);
	desk_close(&desk);
}

static void test_import__outlines_are_turned_into_wgs84(void **state)
{
	static const char body[] =
		"{\"name\":\"县\",\"areas\":[{\"code\":\"c\",\"kind\":\"county\",\"name\":\"县\"},"
		"{\"code\":\"g\",\"kind\":\"grid\",\"name\":\"格\",\"parent\":\"c\",\"datum\":"
		"\"gcj02\","
		"\"polygon\":{\"type\":\"Polygon\",\"coordinates\":[" SQUARE "]}}]," UNITS
		"," PEOPLE "}";
	struct desk desk;
	struct bh_rules *rules;
	struct bh_place wgs84;
	(void)state;
	desk_open(&desk, 526, false);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 200);
	assert_int_equal(bh_reader_rules(desk.kit.reader, &rules), 0);
	const struct bh_msg_area *grid = &bh_rules_profile(rules)->areas[1];
	assert_int_equal(
		bh_datum_to_wgs84(BH_DATUM_GCJ02, (struct bh_place){310000000, 1170000000}, &wgs84),
		0);
	assert_int_equal(grid->ring_e7[0], wgs84.longitude_e7);
	assert_int_equal(grid->ring_e7[1], wgs84.latitude_e7);
	assert_true(labs((long)grid->ring_e7[0] - 1170000000L) > 10000);
	assert_int_equal(grid->ring_e7_count, 10);
	desk_close(&desk);
}

static void test_catalogue__is_shipped_and_can_be_replaced(void **state)
{
	struct desk desk;
	char *body = desk_file(catalogue_path);
	(void)state;
	desk_open(&desk, 527, false);
	assert_int_equal(desk_ask(&desk, "POST", D "/catalogue?apply=1", body), 409);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, WHOLE), 200);
	assert_int_equal(desk_ask(&desk, "GET", D, NULL), 200);
	assert_int_equal(desk_number(&desk, "types"), 132);
	assert_int_equal(desk_ask(&desk, "POST", D "/catalogue?apply=1", body), 200);
	assert_true(json_is_false(json_object_get(desk.answer, "differs")));
	json_t *catalogue = json_loads(body, 0, NULL);
	json_t *type = json_array_get(json_object_get(catalogue, "types"), 3);
	json_object_set_new(type, "default_urgency", json_string("P9"));
	char *wrong = json_dumps(catalogue, 0);
	assert_int_equal(desk_ask(&desk, "POST", D "/catalogue", wrong), 422);
	assert_true(desk_fault_named(&desk, "types", "default_urgency", 0));
	assert_string_equal(
		json_string_value(json_object_get(error_at(&desk, 0), "code")), "10004");
	json_object_set_new(type, "default_urgency", json_string("P1"));
	char *right = json_dumps(catalogue, 0);
	assert_int_equal(desk_ask(&desk, "POST", D "/catalogue?apply=1", right), 200);
	assert_true(json_is_true(json_object_get(desk.answer, "applied")));
	assert_true(json_is_true(
		json_object_get(json_object_get(desk.answer, "changes"), "catalogue")));
	free(wrong);
	free(right);
	free(body);
	json_decref(catalogue);
	desk_close(&desk);
}

static void test_profile__without_patrols_leaves_the_plans(void **state)
{
	static const struct {
		const char *more;
		size_t plans;
	} rows[] = {
		{",\"patrols\":[{\"code\":\"P1\",\"name\":\"巡\",\"grid\":\"g\",\"checkpoints\":"
		 "[{\"name\":\"门\"}]}]}",
			1},
		{"}", 1},
		{",\"patrols\":[]}", 0},
	};
	struct desk desk;
	char body[1200];
	(void)state;
	desk_open(&desk, 430, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(
			body, sizeof(body), "%.*s%s", (int)sizeof(WHOLE) - 2, WHOLE, rows[i].more);
		assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 200);
		assert_int_equal(desk_ask(&desk, "GET", PROFILE, NULL), 200);
		assert_int_equal(
			json_array_size(json_object_get(desk.answer, "patrols")), rows[i].plans);
	}
	desk_close(&desk);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_profile__without_patrols_leaves_the_plans),
		cmocka_unit_test(test_import__each_fault_is_named_by_its_place),
		cmocka_unit_test(test_import__all_faults_are_told_at_once_with_their_lines),
		cmocka_unit_test(
			test_import__a_dry_run_changes_nothing_and_applying_once_is_enough),
		cmocka_unit_test(test_import__what_is_exported_can_be_imported),
		cmocka_unit_test(test_import__ids_are_kept_by_code_and_people_stay),
		cmocka_unit_test(test_import__what_has_cases_may_not_go),
		cmocka_unit_test(test_import__two_at_once_are_one_after_the_other),
		cmocka_unit_test(test_import__outlines_are_turned_into_wgs84),
		cmocka_unit_test(test_catalogue__is_shipped_and_can_be_replaced),
	};
	if (argc != 3)
		return 64;
	profile_path = argv[1];
	catalogue_path = argv[2];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
