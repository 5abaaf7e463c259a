/* The public API, a whole loop under the host drive. */
#include "tests/unit/client/client_world.h"

#include <math.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/number.h"
#include "proto/verdict.h"

static void test_client__enrols_records_and_syncs_with_the_host_drive(void **state)
{
	struct world *w = *state;

	world_enrolled(w);
	bh_status_view view = world_status(w);

	assert_string_equal(view.district_code, "340803");
	assert_string_equal(view.person_name, "worker three");
	assert_int_equal(view.cause, BH_CAUSE_NONE);
	assert_int_equal(view.live, 1);
	assert_int_equal(view.device, SCRIPTED_DEVICE);
	bh_report_ref ref = world_report(w, "a cover is broken");

	assert_true(ref.case_number == bh_case_number(SCRIPTED_SHORT, 1));
	assert_int_equal(world_status(w).unsent_ops, 1);
	assert_int_equal(world_status(w).cause, BH_CAUSE_WAITING);
	assert_string_equal(bh_cause_name(BH_CAUSE_WAITING), "waiting");
	assert_true(world_status(w).oldest_unsent_at > 0);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(world_status(w).unsent_ops, 0);
	assert_int_equal(world_status(w).cause, BH_CAUSE_NONE);
	assert_int_equal(autoserver_counts(w->server).ops, 1);
}

static void test_client__sync_once_hangs_up_with_a_bye(void **state)
{
	struct world *w = *state;

	world_enrolled(w);
	bh_client_close(w->client);
	world_open(w, BH_DRIVE_HOST, true);
	world_report(w, "x");
	uint64_t byes = autoserver_counts(w->server).byes;

	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(world_status(w).live, 0);
	assert_int_equal(autoserver_counts(w->server).byes, byes + 1);
	assert_int_equal(autoserver_counts(w->server).bye_unsent, 0);
}

static void test_client__the_status_counts_what_it_cost(void **state)
{
	struct world *w = *state;

	world_open(w, BH_DRIVE_HOST, false);
	bh_status_view before = world_status(w);

	assert_int_equal(before.attempts + before.sessions + before.wakeups + before.bytes_up +
				 before.bytes_down + before.heartbeat_ms,
		0);
	autoserver_reach(w->server, false);
	world_enrol(w);
	assert_int_equal(world_run(w, 400), BH_DONE);
	bh_status_view apart = world_status(w);

	assert_int_equal(apart.attempts, 1);
	assert_int_equal(apart.sessions + apart.bytes_up + apart.bytes_down, 0);
	autoserver_reach(w->server, true);
	assert_int_equal(bh_client_sync_now(w->client, NULL), BH_OK);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	bh_status_view after = world_status(w);

	assert_int_equal(after.sessions, 1);
	assert_int_equal(after.attempts, autoserver_counts(w->server).dials);
	assert_true(after.bytes_up > 200 && after.bytes_down > 200);
	assert_int_equal(after.heartbeat_ms, 50000);
}

static void test_client__run_until_ends_at_its_deadline_or_when_nothing_can_be_done(void **state)
{
	struct world *w = *state;

	world_enrolled(w);
	bh_client_close(w->client);
	autoserver_reach(w->server, false);
	world_open(w, BH_DRIVE_HOST, false);
	world_report(w, "x");
	assert_int_equal(world_run(w, 400), BH_DONE);
	bh_status_view view = world_status(w);

	assert_int_equal(view.cause, BH_CAUSE_UNREACHABLE);
	assert_int_equal(view.unsent_ops, 1);
	assert_true(view.next_attempt_at > w->now.wall_ms);
	assert_int_equal(bh_client_run_until(w->client, w->now.wall_ms - 5, NULL), BH_DONE);
	assert_int_equal(bh_client_run_until(w->client, INT64_MIN, NULL), BH_DONE);
	autoserver_reach(w->server, true);
	assert_int_equal(bh_client_sync_now(w->client, NULL), BH_OK);
	assert_int_equal(bh_client_run_until(w->client, INT64_MAX, NULL), BH_DONE);
	assert_int_equal(world_status(w).unsent_ops, 0);
}

/* A closed case of our own, told by the server; gives its number. */
static uint64_t closure_arrives(struct world *w)
{
	static const uint64_t scopes[] = {SCRIPTED_OWN};
	static const struct bh_msg_closure closure = {.cycle = 1,
		.closed_ms = 77,
		.kind = BH_STATE_CLOSED,
		.result = {(const uint8_t *)"mended", 6},
		.unit_name = {(const uint8_t *)"works", 5}};
	struct bh_msg_record record = {.position = 50,
		.cycle = 1,
		.state = BH_STATE_CLOSED,
		.text = {(const uint8_t *)"told", 4},
		.closures = &closure,
		.closures_count = 1,
		.scopes = scopes,
		.scopes_count = 1};

	world_enrolled(w);
	record.case_number = world_report(w, "x").case_number;
	autoserver_tell(w->server, &record);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	return record.case_number;
}

static void test_client__a_closure_arrives_with_its_event_and_is_delivered(void **state)
{
	struct world *w = *state;
	uint64_t number = closure_arrives(w);
	bh_event event = BH_EVENT_INIT;
	int closures = 0;

	while (bh_client_next_event(w->client, &event, NULL) == BH_OK)
		closures += event.type == BH_EVENT_CLOSURE && event.case_number == number &&
			    event.cycle == 1;
	assert_int_equal(closures, 1);
	assert_int_equal(autoserver_counts(w->server).delivered, 1);
	assert_int_equal(world_status(w).unseen_closures, 1);
}

static void test_client__a_closed_case_shows_its_result(void **state)
{
	struct world *w = *state;
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_closure_view closed = BH_CLOSURE_VIEW_INIT;
	bh_case_cursor *cursor;
	uint64_t number = closure_arrives(w);

	assert_int_equal(bh_case_get(w->client, number, &cursor, &view, NULL), BH_OK);
	assert_int_equal(view.state, BH_CASE_CLOSED);
	assert_int_equal(view.own, 1);
	assert_int_equal(view.known, 1);
	assert_int_equal(view.report_verdict, BH_OP_ACCEPTED);
	assert_int_equal(view.closures_count, 1);
	assert_int_equal(view.unseen_closures, 1);
	assert_string_equal(view.text, "told");
	assert_int_equal(bh_case_closure(cursor, 0, &closed, NULL), BH_OK);
	assert_string_equal(closed.result, "mended");
	assert_string_equal(closed.unit_name, "works");
	assert_int_equal(closed.delivered, 1);
	assert_int_equal(closed.seen, 0);
	assert_int_equal(bh_case_closure(cursor, 1, &closed, NULL), BH_E_NOT_FOUND);
	bh_case_cursor_close(cursor);
}

static void test_client__a_closure_is_marked_seen_once(void **state)
{
	struct world *w = *state;
	uint64_t number = closure_arrives(w);

	assert_int_equal(bh_case_mark_seen(w->client, number, 1, NULL), BH_OK);
	assert_int_equal(bh_case_mark_seen(w->client, number, 1, NULL), BH_DONE);
	assert_int_equal(bh_case_mark_seen(w->client, number, 2, NULL), BH_E_NOT_FOUND);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(autoserver_counts(w->server).seen, 1);
	assert_int_equal(world_status(w).unseen_closures, 0);
}

static void test_client__a_handler_signs_and_finishes_offline(void **state)
{
	struct world *w = *state;
	bh_act_input act = BH_ACT_INPUT_INIT;
	int32_t acts[4];
	size_t count = 9;

	act.case_number = world_with_unit_case(w, BH_STATE_DISPATCHED, 0, 0);
	autoserver_reach(w->server, false);
	assert_int_equal(
		bh_acts_possible(w->client, act.case_number, acts, 4, &count, NULL), BH_OK);
	assert_int_equal(count, 1);
	assert_int_equal(acts[0], BH_ACT_SIGN);
	act.act = BH_ACT_FINISH;
	assert_int_equal(bh_act_record(w->client, &act, NULL, NULL), BH_E_INVALID);
	act.text = "mended";
	assert_int_equal(bh_act_record(w->client, &act, NULL, NULL), BH_E_STATE);
	act.act = BH_ACT_SIGN;
	act.text = NULL;
	assert_int_equal(bh_act_record(w->client, &act, NULL, NULL), BH_OK);
	assert_int_equal(bh_act_record(w->client, &act, NULL, NULL), BH_E_STATE);
	act.act = BH_ACT_FINISH;
	act.text = "mended";
	assert_int_equal(bh_act_record(w->client, &act, NULL, NULL), BH_OK);
	assert_int_equal(
		bh_acts_possible(w->client, act.case_number, acts, 4, &count, NULL), BH_OK);
	assert_int_equal(count, 0);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(autoserver_counts(w->server).signs, 1);
	assert_int_equal(autoserver_counts(w->server).finishes, 1);
}

/* As the server would refuse it (row 18). */
static void test_client__a_result_without_the_photos_of_its_type_is_not_recorded(void **state)
{
	struct world *w = *state;
	bh_act_input act = BH_ACT_INPUT_INIT;
	bh_error err = {0};

	act.case_number = world_with_unit_case(w, BH_STATE_HANDLING, 20001, 0);
	act.act = BH_ACT_FINISH;
	act.text = "talked about";
	assert_int_equal(bh_act_record(w->client, &act, NULL, &err), BH_E_INVALID);
	assert_string_equal(err.message, "act: its type asks for 1 photos at least");
	assert_int_equal(world_status(w).unsent_ops, 0);
}

static void test_client__a_rejected_report_says_why(void **state)
{
	struct world *w = *state;
	bh_op_view view = BH_OP_VIEW_INIT;
	bh_op_cursor *ops;

	world_enrolled(w);
	autoserver_verdict(w->server, (struct bh_msg_verdict){.seq = 2,
					      .verdict = BH_VERDICT_REJECTED,
					      .code = BH_REASON_PLACE,
					      .correctable = true,
					      .sentence = {(const uint8_t *)"bad place", 9}});
	world_report(w, "one");
	world_report(w, "two");
	assert_int_equal(world_run(w, 20000), BH_DONE);
	world_report(w, "three");
	assert_int_equal(world_status(w).refused_ops, 1);
	assert_int_equal(bh_op_cursor_open(w->client, BH_OPS_REFUSED, &ops, NULL), BH_OK);
	assert_int_equal(bh_op_cursor_next(ops, &view, NULL), BH_OK);
	assert_int_equal(view.sequence, 2);
	assert_int_equal(view.verdict, BH_OP_REJECTED);
	assert_int_equal(view.correctable, 1);
	assert_string_equal(view.verdict_text, "bad place");
	assert_string_equal(view.verb_name, "submit");
	assert_int_equal(bh_op_cursor_next(ops, &view, NULL), BH_DONE);
	assert_int_equal(bh_op_cursor_next(ops, &view, NULL), BH_DONE);
	bh_op_cursor_close(ops);
	assert_int_equal(bh_op_cursor_open(w->client, BH_OPS_WAITING, &ops, NULL), BH_OK);
	assert_int_equal(bh_op_cursor_next(ops, &view, NULL), BH_OK);
	assert_int_equal(view.sequence, 3);
	assert_int_equal(bh_op_cursor_next(ops, &view, NULL), BH_DONE);
	bh_op_cursor_close(ops);
}

static void test_client__cases_come_newest_first(void **state)
{
	struct world *w = *state;
	bh_case_view cased = BH_CASE_VIEW_INIT;
	bh_case_cursor *cases;

	world_enrolled(w);
	world_report(w, "one");
	assert_int_equal(world_run(w, 20000), BH_DONE);
	world_report(w, "two");
	assert_int_equal(bh_case_cursor_open(w->client, &cases, NULL), BH_OK);
	assert_int_equal(bh_case_cursor_next(cases, &cased, NULL), BH_OK);
	assert_string_equal(cased.text, "two");
	assert_int_equal(cased.unsent, 1);
	assert_int_equal(cased.report_verdict, BH_OP_WAITING);
	assert_int_equal(bh_case_cursor_next(cases, &cased, NULL), BH_OK);
	assert_string_equal(cased.text, "one");
	assert_int_equal(cased.unsent, 0);
	assert_int_equal(cased.report_verdict, BH_OP_ACCEPTED);
	assert_int_equal(bh_case_cursor_next(cases, &cased, NULL), BH_DONE);
	bh_case_cursor_close(cases);
}

static void test_client__a_refused_code_is_a_cause_and_a_new_one_may_follow(void **state)
{
	struct world *w = *state;

	world_open(w, BH_DRIVE_HOST, false);
	assert_int_equal(world_status(w).cause, BH_CAUSE_NOT_ENROLLED);
	autoserver_refuse_codes(w->server);
	world_enrol(w);
	assert_int_equal(world_status(w).enrolled, BH_ENROLLED_ASKED);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(world_status(w).cause, BH_CAUSE_CODE_REFUSED);
	assert_int_equal(world_status(w).enrolled, BH_ENROLLED_NO);
	world_enrol(w);
	assert_int_equal(world_status(w).enrolled, BH_ENROLLED_ASKED);
}

static void test_client__the_catalogue_is_there_after_enrolment(void **state)
{
	struct world *w = *state;
	bh_type_cursor *types;
	bh_type_view view = BH_TYPE_VIEW_INIT;
	const char *label = NULL;
	uint32_t condition = 0;

	world_open(w, BH_DRIVE_HOST, false);
	assert_int_equal(bh_type_cursor_open(w->client, &types, NULL), BH_OK);
	assert_int_equal(bh_type_cursor_next(types, &view, NULL), BH_DONE);
	bh_type_cursor_close(types);
	world_enrol(w);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	assert_int_equal(bh_type_cursor_open(w->client, &types, NULL), BH_OK);
	assert_int_equal(bh_type_condition(types, 0, &condition, &label, NULL), BH_E_NOT_FOUND);
	assert_int_equal(bh_type_cursor_next(types, &view, NULL), BH_OK);
	assert_int_equal(view.code, 10001);
	assert_string_equal(view.name, "manhole");
	assert_int_equal(view.conditions_count, 2);
	assert_int_equal(bh_type_condition(types, 1, &condition, &label, NULL), BH_OK);
	assert_int_equal(condition, 2);
	assert_string_equal(label, "large");
	assert_int_equal(bh_type_condition(types, 2, &condition, &label, NULL), BH_E_NOT_FOUND);
	assert_int_equal(bh_type_cursor_next(types, &view, NULL), BH_OK);
	assert_int_equal(view.dispute, 1);
	assert_int_equal(bh_type_cursor_next(types, &view, NULL), BH_OK); /* of a long name */
	assert_int_equal(bh_type_cursor_next(types, &view, NULL), BH_DONE);
	bh_type_cursor_close(types);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_client__enrols_records_and_syncs_with_the_host_drive),
		CASE(test_client__the_status_counts_what_it_cost),
		CASE(test_client__sync_once_hangs_up_with_a_bye),
		CASE(test_client__run_until_ends_at_its_deadline_or_when_nothing_can_be_done),
		CASE(test_client__a_closure_arrives_with_its_event_and_is_delivered),
		CASE(test_client__a_closed_case_shows_its_result),
		CASE(test_client__a_closure_is_marked_seen_once),
		CASE(test_client__a_handler_signs_and_finishes_offline),
		CASE(test_client__a_result_without_the_photos_of_its_type_is_not_recorded),
		CASE(test_client__a_rejected_report_says_why),
		CASE(test_client__cases_come_newest_first),
		CASE(test_client__a_refused_code_is_a_cause_and_a_new_one_may_follow),
		CASE(test_client__the_catalogue_is_there_after_enrolment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
