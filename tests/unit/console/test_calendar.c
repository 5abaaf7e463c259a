/* Lists of holidays and make-up days, in the shape of holiday-cn and as rows: what is wrong is
 * named with its line, what is right replaces the years that the list names, and twice is once. */
#include "tests/unit/console/desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/domain/civil.h"

#define D "/districts/" KIT_CODE
#define CHECK D "/calendar"
#define APPLY D "/calendar?apply=1"

/* As https://github.com/NateScarlet/holiday-cn has a year; the days are invented. */
#define OF_2027                                                                       \
	"{\"$schema\": \"x\", \"$id\": \"y\", \"year\": 2027, \"papers\": [\"z\"],\n" \
	"\"days\": [\n"                                                               \
	"{\"name\": \"元旦\", \"date\": \"2026-12-31\", \"isOffDay\": true},\n"     \
	"{\"name\": \"元旦\", \"date\": \"2027-01-01\", \"isOffDay\": true},\n"     \
	"{\"name\": \"元旦\", \"date\": \"2027-01-02\", \"isOffDay\": true},\n"     \
	"{\"name\": \"国庆节\", \"date\": \"2027-10-01\", \"isOffDay\": true},\n"  \
	"{\"name\": \"国庆节\", \"date\": \"2027-10-09\", \"isOffDay\": false}]}"
#define OF_2026                                                                        \
	"{\"days\": [{\"date\": \"2026-10-10\", \"kind\": \"work\", \"as\": \"3\"},\n" \
	"{\"date\": \"2026-10-02\", \"kind\": \"holiday\"},\n"                         \
	"{\"date\": \"2026-10-01\", \"kind\": \"holiday\", \"name\": \"国庆节\"}]}"

static const struct bh_calendar *calendar_of(struct desk *desk)
{
	struct bh_rules *rules;
	assert_int_equal(bh_reader_rules(desk->kit.reader, &rules), 0);
	return bh_rules_calendar(rules);
}

static void test_calendar__a_list_is_put_in_force_once(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 540, true);
	assert_int_equal(desk_ask(&desk, "POST", CHECK, OF_2027), 200);
	assert_int_equal(desk_change(&desk, "calendar", "added"), 5);
	assert_int_equal(desk.jobs, 0);
	assert_int_equal(calendar_of(&desk)->days_count, 0);
	uint32_t before = calendar_of(&desk)->version;
	assert_int_equal(desk_ask(&desk, "POST", APPLY, OF_2027), 200);
	assert_true(json_is_true(json_object_get(desk.answer, "applied")));
	assert_true(json_is_false(
		json_object_get(json_object_get(desk.answer, "changes"), "settings")));
	assert_int_equal(desk.jobs, 1);
	const struct bh_calendar *calendar = calendar_of(&desk);
	assert_int_equal(calendar->days_count, 5);
	assert_int_not_equal(calendar->version, before);
	assert_int_equal(bh_calendar_walk(calendar, china(2026, 12, 30, 17, 0), 2 * HOUR),
		china(2027, 1, 4, 9, 0));
	assert_int_equal(
		bh_calendar_between(calendar, china(2027, 10, 9, 0, 0), china(2027, 10, 10, 0, 0)),
		8 * HOUR);
	/* The same again, with and without a key: nothing is written but the key. */
	assert_int_equal(desk_ask(&desk, "POST", APPLY, OF_2027), 200);
	assert_true(json_is_false(json_object_get(desk.answer, "differs")));
	assert_int_equal(desk_change(&desk, "calendar", "kept"), 5);
	assert_int_equal(desk.jobs, 1);
	assert_int_equal(desk_ask_as(&desk, "POST", APPLY, OF_2026, NULL, "k1"), 200);
	assert_true(json_is_true(json_object_get(desk.answer, "applied")));
	assert_int_equal(desk_ask_as(&desk, "POST", APPLY, OF_2026, NULL, "k1"), 200);
	assert_true(json_is_true(json_object_get(desk.answer, "repeat")));
	assert_int_equal(desk_change(&desk, "calendar", "added"), 3);
	desk_close(&desk);
}

static void test_calendar__a_list_replaces_the_years_that_it_names(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 541, true);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, OF_2026), 200);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, OF_2027), 200);
	/* 2027's list has a day of 2026: neither list takes the other's. */
	assert_int_equal(desk_ask(&desk, "POST", APPLY, OF_2026), 200);
	assert_true(json_is_false(json_object_get(desk.answer, "differs")));
	assert_int_equal(calendar_of(&desk)->days_count, 8);
	/* Corrected: one day less, one otherwise. */
	assert_int_equal(
		desk_ask(&desk, "POST", APPLY,
			"{\"year\": 2027, \"days\": ["
			"{\"date\": \"2027-01-01\", \"isOffDay\": true, \"name\": \"元旦\"},"
			"{\"date\": \"2027-01-02\", \"isOffDay\": false},"
			"{\"date\": \"2027-10-01\", \"isOffDay\": true, \"name\": \"国庆节\"},"
			"{\"date\": \"2027-10-09\", \"isOffDay\": false, \"name\": \"国庆节\"}]}"),
		200);
	assert_int_equal(desk_change(&desk, "calendar", "removed"), 1);
	assert_int_equal(desk_change(&desk, "calendar", "changed"), 1);
	assert_int_equal(desk_change(&desk, "calendar", "kept"), 6);
	/* A year that has none any more. */
	assert_int_equal(desk_ask(&desk, "POST", APPLY, "{\"year\": 2027, \"days\": []}"), 200);
	assert_int_equal(desk_change(&desk, "calendar", "removed"), 4);
	assert_int_equal(calendar_of(&desk)->days_count, 3);
	desk_close(&desk);
}

/* Of two lists with one day the later has it; who says otherwise in the earlier is told. */
static void test_calendar__a_day_in_two_lists_is_the_later_ones(void **state)
{
	static const char earlier[] = "{\"year\": 2026, \"days\": [\n"
				      "{\"date\": \"2026-12-31\", \"isOffDay\": false}]}";
	struct desk desk;
	(void)state;
	desk_open(&desk, 542, true);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, earlier), 200);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, OF_2027), 200);
	assert_int_equal(desk_change(&desk, "calendar", "changed"), 1);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, earlier), 422);
	assert_true(desk_fault_named(&desk, "", "days", 1));
	assert_int_equal(calendar_of(&desk)->days_count, 5);
	desk_close(&desk);
}

static const struct {
	const char *body, *list, *field;
	size_t line;
} wrong_lists[] = {
	{"{}", "", "days", 0},
	{"{\"days\": []}", "", "days", 0},
	{"{\"days\": 7}", "", "days", 1},
	{"{\"year\": 0,\n\"days\": []}", "", "year", 1},
	{"{\"days\": [],\n\"yaer\": 2027}", "", "yaer", 2},
	{"{\"days\": [\n7]}", "days", "date", 2},
	{"{\"days\": [\n{\"date\": \"2027-02-29\",\n\"kind\": \"holiday\"}]}", "days", "date", 2},
	{"{\"days\": [\n{\"date\": \"2027-2-2\", \"kind\": \"holiday\"}]}", "days", "date", 2},
	{"{\"days\": [{\"date\": \"2027-02-02T00:00:00Z\", \"kind\": \"holiday\"}]}", "days",
		"date", 1},
	{"{\"days\": [{\"date\": \"0000-02-02\", \"kind\": \"holiday\"}]}", "days", "date", 1},
	{"{\"days\": [{\"date\": \"9999-12-31\", \"kind\": \"holiday\"}]}", "days", "date", 1},
	{"{\"days\": [{\"date\": \"2027-02-02\"}]}", "days", "kind", 1},
	{"{\"days\": [{\"date\": \"2027-02-02\", \"kind\": \"party\"}]}", "days", "kind", 1},
	{"{\"days\": [{\"date\": \"2027-02-02\", \"kind\": \"work\", \"isOffDay\": true}]}", "days",
		"kind", 1},
	{"{\"days\": [{\"date\": \"2027-02-02\",\n\"isOffDay\": 1}]}", "days", "isOffDay", 2},
	{"{\"days\": [{\"date\": \"2027-02-02\", \"kind\": \"work\", \"as\": 8}]}", "days", "as",
		1},
	/* The demo's Saturdays have no periods. */
	{"{\"days\": [{\"date\": \"2027-02-02\", \"kind\": \"work\", \"as\": 6}]}", "days", "as",
		1},
	{"{\"days\": [{\"date\": \"2027-02-02\", \"kind\": \"holiday\", \"as\": 1}]}", "days", "as",
		1},
	{"{\"year\": 2027, \"days\": [{\"date\": \"2029-02-02\", \"isOffDay\": true}]}", "days",
		"date", 1},
	{"{\"days\": [{\"date\": \"2027-02-02\", \"kind\": \"holiday\"},\n"
	 "{\"date\": \"2027-02-02\", \"kind\": \"work\"}]}",
		"days", "date", 2},
};

static void test_calendar__each_fault_is_named_by_its_place(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 543, true);
	for (size_t i = 0; i < sizeof(wrong_lists) / sizeof(wrong_lists[0]); i++) {
		if (desk_ask(&desk, "POST", APPLY, wrong_lists[i].body) == 422 &&
			desk_fault_named(&desk, wrong_lists[i].list, wrong_lists[i].field,
				wrong_lists[i].line))
			continue;
		char *text = json_dumps(desk.answer, JSON_ENSURE_ASCII);
		fail_msg("row %zu: %d %s", i, desk.status, text);
	}
	/* All of it at once. */
	assert_int_equal(desk_ask(&desk, "POST", APPLY,
				 "{\"days\": [{\"date\": \"x\", \"kind\": \"work\"},\n"
				 "{\"date\": \"2027-01-01\", \"kind\": \"y\"},\n{}]}"),
		422);
	assert_int_equal(desk_number(&desk, "errors_count"), 4);
	assert_int_equal(desk.jobs, 0);
	desk_close(&desk);
}

/* As many days as there is room for, from 2100 on; the caller frees it. */
static char *full_list(void)
{
	json_t *days = json_array();
	for (uint32_t i = 0; i < BH_CALENDAR_DAYS_MAX; i++) {
		char date[40];
		(void)snprintf(date, sizeof(date), "%04u-%02u-%02u", 2100 + i / 336,
			i / 28 % 12 + 1, i % 28 + 1);
		(void)json_array_append_new(
			days, json_pack("{s:s, s:b}", "date", date, "isOffDay", 1));
	}
	json_t *list = json_pack("{s:o}", "days", days);
	char *text = json_dumps(list, 0);
	json_decref(list);
	return text;
}

static void test_calendar__more_days_than_there_is_room_are_refused(void **state)
{
	struct desk desk;
	char *body = full_list();
	(void)state;
	desk_open(&desk, 544, true);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, OF_2027), 200);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 422);
	assert_true(desk_fault_named(&desk, "", "days", 0));
	assert_int_equal(desk_ask(&desk, "POST", APPLY, "{\"year\": 2027, \"days\": []}"), 200);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, body), 200);
	assert_int_equal(calendar_of(&desk)->days_count, BH_CALENDAR_DAYS_MAX);
	free(body);
	desk_close(&desk);
}

static void test_calendar__is_shown_with_its_version(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 545, true);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, OF_2027), 200);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, OF_2026), 200);
	assert_int_equal(desk_ask(&desk, "GET", CHECK, NULL), 200);
	assert_int_equal(strlen(desk_text(&desk, "version")), 8);
	assert_int_equal(json_array_size(json_object_get(desk.answer, "week")), 10);
	const json_t *days = json_object_get(desk.answer, "days");
	assert_int_equal(json_array_size(days), 8);
	const json_t *make_up = json_array_get(days, 2);
	assert_string_equal(json_string_value(json_object_get(make_up, "date")), "2026-10-10");
	assert_string_equal(json_string_value(json_object_get(make_up, "kind")), "work");
	assert_int_equal(json_integer_value(json_object_get(make_up, "as")), 3);
	assert_int_equal(
		json_integer_value(json_object_get(json_array_get(days, 3), "list")), 2027);
	/* What is shown can be given back. */
	json_t *list = json_pack("{s:O}", "days", days);
	char *back = json_dumps(list, 0);
	json_decref(list);
	assert_int_equal(desk_ask(&desk, "POST", CHECK, back), 200);
	assert_true(json_is_false(json_object_get(desk.answer, "differs")));
	assert_int_equal(desk_ask(&desk, "GET", CHECK "?year=2027", NULL), 200);
	assert_int_equal(json_array_size(json_object_get(desk.answer, "days")), 4);
	assert_int_equal(desk_ask(&desk, "GET", CHECK "?year=27", NULL), 400);
	free(back);
	desk_close(&desk);
}

/* A profile brings days of its own, or leaves those in force; with [] it takes them away. */
static void test_calendar__of_a_profile(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 546, true);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, OF_2027), 200);
	assert_int_equal(desk_ask(&desk, "GET", D "/profile", NULL), 200);
	json_t *profile = json_deep_copy(desk.answer);
	json_t *settings = json_object_get(profile, "settings");
	assert_int_equal(json_array_size(json_object_get(settings, "days")), 5);
	const char *const days[] = {NULL, "{\"d\": []}",
		"{\"d\": [{\"date\": \"2027-01-01\", \"kind\": \"work\"},"
		"{\"date\": \"2026-01-01\", \"kind\": \"holiday\"}]}",
		"{\"d\": [{\"date\": \"2027-01-01\", \"kind\": \"work\"},"
		"{\"date\": \"2027-01-01\", \"kind\": \"holiday\"}]}"};
	const int status[] = {200, 200, 200, 422};
	const size_t counts[] = {5, 0, 2, 2};
	for (size_t i = 0; i < 4; i++) {
		json_t *wanted = days[i] ? json_loads(days[i], 0, NULL) : NULL;
		(void)json_object_del(settings, "days");
		if (wanted)
			(void)json_object_set(settings, "days", json_object_get(wanted, "d"));
		char *body = json_dumps(profile, JSON_INDENT(1));
		assert_int_equal(desk_ask(&desk, "POST", D "/profile?apply=1", body), status[i]);
		assert_int_equal(calendar_of(&desk)->days_count, counts[i]);
		free(body);
		json_decref(wanted);
	}
	assert_true(desk_fault_named(&desk, "days", NULL, 0));
	/* The second day's own line, deep in the settings. */
	const json_t *fault = json_array_get(json_object_get(desk.answer, "errors"), 0);
	assert_int_equal(json_integer_value(json_object_get(fault, "index")), 1);
	assert_true(json_integer_value(json_object_get(fault, "line")) > 20);
	json_decref(profile);
	desk_close(&desk);
}

static void test_calendar__a_district_without_a_profile_has_none_to_change(void **state)
{
	struct desk desk;
	(void)state;
	desk_open(&desk, 547, false);
	assert_int_equal(desk_ask(&desk, "POST", APPLY, OF_2027), 409);
	assert_string_equal(desk_text(&desk, "code"), "no-profile");
	assert_int_equal(desk_ask(&desk, "GET", CHECK, NULL), 200);
	desk_close(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calendar__a_list_is_put_in_force_once),
		cmocka_unit_test(test_calendar__a_list_replaces_the_years_that_it_names),
		cmocka_unit_test(test_calendar__a_day_in_two_lists_is_the_later_ones),
		cmocka_unit_test(test_calendar__each_fault_is_named_by_its_place),
		cmocka_unit_test(test_calendar__more_days_than_there_is_room_are_refused),
		cmocka_unit_test(test_calendar__is_shown_with_its_version),
		cmocka_unit_test(test_calendar__of_a_profile),
		cmocka_unit_test(test_calendar__a_district_without_a_profile_has_none_to_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
