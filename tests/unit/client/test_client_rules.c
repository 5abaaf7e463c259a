/* What the API answers to who breaks its rules, or is older or newer than the library. */
#include "tests/unit/client/client_world.h"

#include <math.h>
#include <string.h>

#include "client-lib/client_state.h"
#include "proto/caseflow.h"
#include "proto/number.h"
#include "proto/verdict.h"

/* What waits for the lead's word is his to give back: this worker is none. */
static void test_client__nobody_but_a_lead_gives_back_what_was_handed_in(void **state)
{
	struct world *w = *state;
	bh_act_input act = BH_ACT_INPUT_INIT;

	act.case_number = world_with_unit_case(w, BH_STATE_HANDLING, 0, BH_LACKS_SIGN_OFF);
	act.act = BH_ACT_HAND_BACK;
	assert_int_equal(bh_act_record(w->client, &act, NULL, NULL), BH_E_INVALID);
	act.text = "not yet";
	assert_int_equal(bh_act_record(w->client, &act, NULL, NULL), BH_E_STATE);
}

static bh_status try_report(struct world *w, const char *text, double latitude, uint32_t datum)
{
	bh_report_input input = BH_REPORT_INPUT_INIT;

	input.text = text;
	input.has_place = 1;
	input.latitude_deg = latitude;
	input.longitude_deg = 117.0;
	input.datum = datum;
	return bh_report_record(w->client, &input, NULL, NULL);
}

static void test_client__open_refuses_what_cannot_be(void **state)
{
	struct world *w = *state;
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	bh_client *client = (bh_client *)(void *)w;
	bh_error err;

	assert_int_equal(bh_client_open(NULL, &client, &err), BH_E_INVALID);
	assert_null(client);
	assert_int_equal(bh_client_open(&options, NULL, &err), BH_E_INVALID);
	assert_int_equal(bh_client_open(&options, &client, &err), BH_E_INVALID);
	assert_non_null(strstr(err.message, "store_path"));
	options.store_path = "/no/such/folder/handset.db";
	assert_int_equal(bh_client_open(&options, &client, &err), BH_E_STORAGE);
	options.drive = 7;
	assert_int_equal(bh_client_open(&options, &client, &err), BH_E_INVALID);
	options.drive = 0;
	options.struct_size = 0;
	assert_int_equal(bh_client_open(&options, &client, &err), BH_E_INVALID);
	options.struct_size = 1u << 20;
	assert_int_equal(bh_client_open(&options, &client, &err), BH_E_INVALID);
	bh_client_close(NULL);
}

static void test_client__a_store_in_use_is_busy(void **state)
{
	struct world *w = *state;
	bh_client_options options = BH_CLIENT_OPTIONS_INIT;
	const struct bh_client_seams seams = {
		.vfs = bh_simvfs_name(w->disk), .transport = autoserver_transport(w->server)};
	bh_client *second = NULL;

	world_open(w, BH_DRIVE_HOST, false);
	options.store_path = SCRIPTED_PATH;
	assert_int_equal(bh_client_open_with(&options, &seams, &second, NULL), BH_E_BUSY);
	assert_null(second);
}

static void test_client__nulls_are_named_not_followed(void **state)
{
	struct world *w = *state;
	bh_error err;
	bh_report_input input = BH_REPORT_INPUT_INIT;
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_op_view op = BH_OP_VIEW_INIT;
	bh_type_view type = BH_TYPE_VIEW_INIT;
	bh_case_cursor *cursor = NULL;
	size_t count = 0;

	assert_int_equal(bh_report_record(NULL, &input, NULL, &err), BH_E_INVALID);
	assert_int_equal(err.status, BH_E_INVALID);
	world_open(w, BH_DRIVE_HOST, false);
	assert_int_equal(bh_report_record(w->client, NULL, NULL, &err), BH_E_INVALID);
	assert_int_equal(bh_report_record(w->client, &input, NULL, &err), BH_E_INVALID);
	assert_non_null(strstr(err.message, "text"));
	assert_int_equal(bh_client_status(w->client, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_client_enrol(w->client, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_client_next_event(w->client, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_act_record(w->client, NULL, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_acts_possible(w->client, 1, NULL, 2, &count, NULL), BH_E_INVALID);
	assert_int_equal(bh_case_cursor_open(w->client, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_case_cursor_next(NULL, &view, NULL), BH_E_INVALID);
	assert_int_equal(bh_case_get(w->client, 0, &cursor, &view, NULL), BH_E_NOT_FOUND);
	assert_null(cursor);
	assert_int_equal(bh_case_get(w->client, 1, &cursor, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_op_cursor_open(w->client, 3, NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_op_cursor_next(NULL, &op, NULL), BH_E_INVALID);
	assert_int_equal(bh_type_cursor_next(NULL, &type, NULL), BH_E_INVALID);
	bh_case_cursor_close(NULL);
	bh_op_cursor_close(NULL);
	bh_type_cursor_close(NULL);
	bh_client_set_reachable(NULL, true);
	bh_client_set_suspended(NULL, true);
	assert_int_equal(bh_id_parse(NULL, NULL), BH_E_INVALID);
	assert_int_equal(bh_number_parse(NULL, NULL), BH_E_INVALID);
}

static void test_client__bad_reports_are_refused_and_leave_nothing(void **state)
{
	struct world *w = *state;
	static char text[BH_REPORT_TEXT_BYTES_MAX + 2];
	bh_report_input input = BH_REPORT_INPUT_INIT;

	world_open(w, BH_DRIVE_HOST, false);
	assert_int_equal(try_report(w, "x", 30.0, BH_PLACE_WGS84), BH_E_AUTH);
	world_enrol(w);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(try_report(w, "", 30.0, BH_PLACE_WGS84), BH_E_INVALID);
	assert_int_equal(try_report(w, "\xff", 30.0, BH_PLACE_WGS84), BH_E_INVALID);
	assert_int_equal(try_report(w, "\xc0\x80", 30.0, BH_PLACE_WGS84), BH_E_INVALID);
	assert_int_equal(try_report(w, "x", 90.1, BH_PLACE_WGS84), BH_E_INVALID);
	assert_int_equal(try_report(w, "x", (double)NAN, BH_PLACE_WGS84), BH_E_INVALID);
	assert_int_equal(try_report(w, "x", (double)INFINITY, BH_PLACE_WGS84), BH_E_INVALID);
	assert_int_equal(try_report(w, "x", 30.0, 0), BH_E_INVALID);
	assert_int_equal(try_report(w, "x", 30.0, 4), BH_E_INVALID);
	memset(text, 'x', BH_REPORT_TEXT_BYTES_MAX + 1);
	assert_int_equal(try_report(w, text, 30.0, BH_PLACE_WGS84), BH_E_LIMIT);
	input.text = "x";
	input.urgency = 5;
	assert_int_equal(bh_report_record(w->client, &input, NULL, NULL), BH_E_INVALID);
	assert_int_equal(world_status(w).unsent_ops, 0);
	text[BH_REPORT_TEXT_BYTES_MAX] = '\0';
	assert_int_equal(try_report(w, text, -90.0, BH_PLACE_BD09), BH_OK);
	assert_int_equal(world_status(w).unsent_ops, 1);
}

static void test_client__a_place_comes_back_in_the_datum_it_came_in(void **state)
{
	struct world *w = *state;
	bh_case_cursor *cursor;
	bh_case_view view = BH_CASE_VIEW_INIT;

	world_enrolled(w);
	assert_int_equal(try_report(w, "x", -30.1234567, BH_PLACE_GCJ02), BH_OK);
	assert_int_equal(
		bh_case_get(w->client, bh_case_number(SCRIPTED_SHORT, 1), &cursor, &view, NULL),
		BH_OK);
	assert_int_equal(view.has_place, 1);
	assert_int_equal(view.datum, BH_PLACE_GCJ02);
	assert_true(fabs(view.latitude_deg + 30.1234567) < 1e-9);
	assert_int_equal(view.state, BH_CASE_OUTBOX);
	assert_int_equal(view.known, 0);
	bh_case_cursor_close(cursor);
}

static void test_client__older_and_newer_programs_are_both_served(void **state)
{
	struct world *w = *state;
	struct {
		bh_report_input input;
		uint64_t newer[4];
	} larger = {.input = BH_REPORT_INPUT_INIT, .newer = {1, 2, 3, 4}};
	union {
		bh_status_view view;
		uint8_t bytes[sizeof(bh_status_view)];
	} small;

	world_enrolled(w);
	larger.input.struct_size = (uint32_t)sizeof(larger);
	larger.input.text = "newer";
	assert_int_equal(bh_report_record(w->client, &larger.input, NULL, NULL), BH_OK);
	/* An older program's view ends before unsent_bytes: nothing behind it is touched. */
	memset(&small, 0xee, sizeof(small));
	small.view.struct_size = (uint32_t)offsetof(bh_status_view, unsent_bytes);
	assert_int_equal(bh_client_status(w->client, &small.view, NULL), BH_OK);
	assert_int_equal(small.view.struct_size, offsetof(bh_status_view, unsent_bytes));
	assert_int_equal(small.view.unsent_ops, 1);
	for (size_t i = offsetof(bh_status_view, unsent_bytes); i < sizeof(small); i++)
		assert_int_equal(small.bytes[i], 0xee);
	/* An older program's input ends before has_place: the rest is zero. */
	bh_report_input older = BH_REPORT_INPUT_INIT;

	older.struct_size = (uint32_t)offsetof(bh_report_input, has_place);
	older.text = "older";
	older.has_place = 1;
	older.datum = 99;
	assert_int_equal(bh_report_record(w->client, &older, NULL, NULL), BH_OK);
}

static void test_client__bad_enrolment_codes_are_refused_at_once(void **state)
{
	struct world *w = *state;
	static const char *const bad[] = {"", "BH1", "BH2:h:1:d:AAAAAAAAAAAAAAAA:" WORLD_PIN,
		"BH1:h:0:d:AAAAAAAAAAAAAAAA:" WORLD_PIN,
		"BH1:h:70000:d:AAAAAAAAAAAAAAAA:" WORLD_PIN,
		"BH1:h:1x:d:AAAAAAAAAAAAAAAA:" WORLD_PIN, "BH1::1:d:AAAAAAAAAAAAAAAA:" WORLD_PIN,
		"BH1:h:1::AAAAAAAAAAAAAAAA:" WORLD_PIN, "BH1:h:1:d:AAAA:" WORLD_PIN,
		"BH1:h:1:d:AAAAAAAAAAAAAAAA:AAAA", "BH1:h:1:d:AAAAAAAAAAAAAAAA",
		"BH1:h:1:d:AAAAAAAAAAAAAAA1:" WORLD_PIN,
		"BH1:h:1:d:AAAAAAAAAAAAAAAA:" WORLD_PIN ":" WORLD_PIN ":" WORLD_PIN};
	bh_enrolment_input input = BH_ENROLMENT_INPUT_INIT;

	world_open(w, BH_DRIVE_HOST, false);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		input.qr_payload = bad[i];
		assert_int_equal(bh_client_enrol(w->client, &input, NULL), BH_E_INVALID);
	}
	assert_int_equal(world_status(w).enrolled, BH_ENROLLED_NO);
	input.qr_payload = "BH1:[::1]:7443:YUNHE-1:aaaaaaaaaaaaaaaa:" WORLD_PIN;
	assert_int_equal(bh_client_enrol(w->client, &input, NULL), BH_OK);
	/* The code stands in upper case; the district's name in TLS and in what is signed does not.
	 */
	struct bh_device asked;
	assert_int_equal(bh_local_device(w->client->local, &asked), 0);
	assert_string_equal(asked.district, "yunhe-1");
	input = (bh_enrolment_input)BH_ENROLMENT_INPUT_INIT;
	input.host = "h";
	input.district = "340803";
	input.code = "AAAAAAAAAAAAAAAA";
	input.pin = WORLD_PIN;
	assert_int_equal(bh_client_enrol(w->client, &input, NULL), BH_OK);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(bh_client_enrol(w->client, &input, NULL), BH_E_EXISTS);
}

static void test_client__ids_and_numbers_read_as_they_are_written(void **state)
{
	bh_id id, back;
	char text[BH_ID_TEXT_SIZE], number[BH_NUMBER_TEXT_SIZE];
	uint64_t value = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(id.bytes); i++)
		id.bytes[i] = (uint8_t)(i * 17);
	bh_id_format(&id, text);
	assert_int_equal(strlen(text), 36);
	assert_int_equal(bh_id_parse(text, &back), BH_OK);
	assert_memory_equal(&id, &back, sizeof(id));
	text[8] = '0';
	assert_int_equal(bh_id_parse(text, &back), BH_E_INVALID);
	bh_number_format(0, number);
	assert_string_equal(number, "");
	bh_number_format(UINT64_C(0x7fffffffffffffff), number);
	assert_int_equal(bh_number_parse(number, &value), BH_OK);
	assert_true(value == UINT64_C(0x7fffffffffffffff));
	assert_int_equal(bh_number_parse("17-42-", &value), BH_E_INVALID);
	assert_int_equal(bh_version(), 0x010000);
	assert_string_equal(bh_status_name(BH_E_NO_SPACE), "BH_E_NO_SPACE");
	assert_string_equal(bh_case_state_name(BH_CASE_DISPATCHED, "en"), "dispatched");
	for (int32_t cause = -1; cause < 20; cause++) {
		assert_non_null(bh_cause_name(cause));
		assert_true(strlen(bh_cause_sentence(cause, "zh")) > 0);
		assert_true(strlen(bh_cause_sentence(cause, NULL)) > 0);
	}
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_client__open_refuses_what_cannot_be),
		CASE(test_client__a_store_in_use_is_busy),
		CASE(test_client__nulls_are_named_not_followed),
		CASE(test_client__nobody_but_a_lead_gives_back_what_was_handed_in),
		CASE(test_client__bad_reports_are_refused_and_leave_nothing),
		CASE(test_client__a_place_comes_back_in_the_datum_it_came_in),
		CASE(test_client__older_and_newer_programs_are_both_served),
		CASE(test_client__bad_enrolment_codes_are_refused_at_once),
		cmocka_unit_test(test_client__ids_and_numbers_read_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
