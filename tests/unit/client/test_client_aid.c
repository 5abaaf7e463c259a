/* What the public API says while a worker records: this place repeats; whom to call first. */
#include <bihuan_offline.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/client/client_world.h"

static void test_aid__a_place_that_repeats_is_known_where_it_is(void **state)
{
	struct world *w = *state;
	bh_repeat_view view = BH_REPEAT_VIEW_INIT;

	world_open(w, BH_DRIVE_HOST, false);
	assert_int_equal(bh_repeat_get(w->client, 0, &view, NULL), BH_E_NOT_FOUND);
	bh_client_close(w->client);
	world_enrolled(w);
	autoserver_reach(w->server, false);
	assert_int_equal(bh_repeat_get(w->client, 0, &view, NULL), BH_OK);
	assert_int_equal(view.cases, 4);
	assert_int_equal(view.days, 90);
	assert_int_equal(view.grid, 1);
	assert_int_equal(view.last_at, 77);
	assert_string_equal(view.asset, "3408031234567890");
	assert_int_equal(bh_repeat_get(w->client, 1, &view, NULL), BH_E_NOT_FOUND);
	/* a little less and a little more than 30 m north, and east, of it */
	view = (bh_repeat_view)BH_REPEAT_VIEW_INIT;
	assert_int_equal(bh_repeat_near(w->client, 31.0002694, 117.0, &view, NULL), BH_OK);
	assert_int_equal(view.cases, 4);
	assert_int_equal(bh_repeat_near(w->client, 31.0002696, 117.0, &view, NULL), BH_E_NOT_FOUND);
	assert_int_equal(bh_repeat_near(w->client, 31.0, 117.0003143, &view, NULL), BH_OK);
	assert_int_equal(bh_repeat_near(w->client, 31.0, 117.0003146, &view, NULL), BH_E_NOT_FOUND);
}

/* Offline, of what was recorded just now. */
static void test_aid__a_report_of_urgency_one_says_whom_to_call_and_what_to_send(void **state)
{
	struct world *w = *state;
	bh_report_input input = BH_REPORT_INPUT_INIT;
	bh_report_ref ref = BH_REPORT_REF_INIT;
	bh_emergency_view view = BH_EMERGENCY_VIEW_INIT;
	char sms[BH_SMS_SIZE];

	world_enrolled(w);
	autoserver_reach(w->server, false);
	input.text = "a name that nobody shall read";
	input.type = 20001;
	input.urgency = 1;
	assert_int_equal(bh_report_record(w->client, &input, &ref, NULL), BH_OK);
	assert_int_equal(bh_emergency_get(w->client, 0, ref.case_number, &view, NULL), BH_OK);
	assert_int_equal(view.life, 1);
	assert_int_equal(view.numbers_count, 2);
	assert_string_equal(view.numbers[0], "110");
	assert_string_equal(view.numbers[1], "119");
	(void)snprintf(sms, sizeof(sms), "%s 340803001001001 quarrel Daguan", ref.case_text);
	assert_string_equal(view.sms, sms);
	assert_int_equal(view.sms_characters, strlen(sms));
	assert_int_equal(
		bh_emergency_get(w->client, 0, ref.case_number + 1, &view, NULL), BH_E_NOT_FOUND);
}

static void test_aid__a_type_may_name_its_own_numbers(void **state)
{
	struct world *w = *state;
	bh_emergency_view view = BH_EMERGENCY_VIEW_INIT;

	world_open(w, BH_DRIVE_HOST, false);
	assert_int_equal(bh_emergency_get(w->client, 10001, 0, &view, NULL), BH_E_NOT_FOUND);
	bh_client_close(w->client);
	world_enrolled(w);
	assert_int_equal(bh_emergency_get(w->client, 10001, 0, &view, NULL), BH_OK);
	assert_int_equal(view.life, 0);
	assert_int_equal(view.numbers_count, 2);
	assert_string_equal(view.numbers[0], "122");
	assert_string_equal(view.numbers[1], "120");
	assert_string_equal(view.sms, "");
	assert_int_equal(view.sms_characters, 0);
}

/* 70 places at most, of whole characters: one message, whatever the type is called. */
static void test_aid__a_message_of_a_long_name_is_one_message(void **state)
{
	struct world *w = *state;
	bh_report_input input = BH_REPORT_INPUT_INIT;
	bh_report_ref ref = BH_REPORT_REF_INIT;
	bh_emergency_view view = BH_EMERGENCY_VIEW_INIT;
	char start[BH_SMS_SIZE];

	world_enrolled(w);
	autoserver_reach(w->server, false);
	input.text = "a name that nobody shall read";
	input.type = 30001;
	assert_int_equal(bh_report_record(w->client, &input, &ref, NULL), BH_OK);
	assert_int_equal(bh_emergency_get(w->client, 0, ref.case_number, &view, NULL), BH_OK);
	size_t len = (size_t)snprintf(
		start, sizeof(start), "%s 340803001001001 \xe7\x87\x83", ref.case_text);
	assert_memory_equal(view.sms, start, len);
	size_t places = 0, total = strlen(view.sms);
	for (size_t i = 0; i < total; i++) {
		const unsigned char byte = (unsigned char)view.sms[i];

		places += (byte & 0xc0) != 0x80;
		places += byte >= 0xf0;
	}
	assert_int_equal(view.sms_characters, places);
	assert_in_range(places, BH_SMS_CHARACTERS_MAX - 1, BH_SMS_CHARACTERS_MAX);
	/* the last character is whole: a lead of four bytes, and three that follow */
	assert_int_equal((unsigned char)view.sms[total - 4], 0xf0);
	assert_null(strstr(view.sms, "nobody"));
	assert_null(strstr(view.sms, "worker"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_aid__a_place_that_repeats_is_known_where_it_is,
			world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			test_aid__a_report_of_urgency_one_says_whom_to_call_and_what_to_send,
			world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			test_aid__a_type_may_name_its_own_numbers, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_aid__a_message_of_a_long_name_is_one_message,
			world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
