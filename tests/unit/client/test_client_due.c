/* Time left by the public API: counted without a network as the server counts it. */
#include <bihuan_offline.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/number.h"
#include "tests/unit/client/client_world.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

/* 2026-11-24, a Tuesday, 00:00 at +08:00; the Wednesday is a holiday, the Saturday works as a
 * Monday (scripted.c). */
#define TUESDAY_MS INT64_C(1795449600000)

static bh_due_view type_due(struct world *w, uint32_t condition, int64_t from_ms, int64_t at_ms)
{
	bh_due_view view = BH_DUE_VIEW_INIT;

	assert_int_equal(
		bh_type_due(w->client, 10001, condition, from_ms, at_ms, &view, NULL), BH_OK);
	return view;
}

/* Four working hours from 17:00: one that day, the holiday none, three the day after. */
static void test_due__a_working_limit_is_walked_across_a_holiday_offline(void **state)
{
	struct world *w = *state;
	int64_t from_ms = TUESDAY_MS + 17 * HOUR_MS, noon_ms = TUESDAY_MS + DAY_MS + 12 * HOUR_MS;

	world_enrolled(w);
	autoserver_reach(w->server, false);
	bh_due_view view = type_due(w, 0, from_ms, noon_ms);

	assert_int_equal(view.due_at, TUESDAY_MS + 2 * DAY_MS + 11 * HOUR_MS);
	assert_int_equal(view.yellow_at, TUESDAY_MS + 2 * DAY_MS + 10 * HOUR_MS + 12 * MINUTE_MS);
	assert_int_equal(view.left_ms, 23 * HOUR_MS);
	assert_int_equal(view.left_work_ms, 3 * HOUR_MS);
	assert_int_equal(view.works, 1);
	assert_int_equal(view.calendar, 7);
	assert_int_equal(view.light, BH_DUE_GREEN);
	assert_int_equal(type_due(w, 0, from_ms, view.yellow_at).light, BH_DUE_YELLOW);
	assert_int_equal(type_due(w, 0, from_ms, view.due_at).light, BH_DUE_YELLOW);
	view = type_due(w, 0, from_ms, view.due_at + HOUR_MS);
	assert_int_equal(view.light, BH_DUE_RED);
	assert_int_equal(view.left_work_ms, -HOUR_MS);
	/* a make-up Saturday */
	view = type_due(w, 0, TUESDAY_MS + 3 * DAY_MS + 16 * HOUR_MS, 0);
	assert_int_equal(view.due_at, TUESDAY_MS + 4 * DAY_MS + 10 * HOUR_MS);
	assert_int_equal(view.left_work_ms, 4 * HOUR_MS); /* as it begins */
}

static void test_due__an_urgent_condition_knows_no_holiday(void **state)
{
	struct world *w = *state;
	int64_t from_ms = TUESDAY_MS + 23 * HOUR_MS;

	world_enrolled(w);
	bh_due_view view = type_due(w, 2, from_ms, 0);

	assert_int_equal(view.due_at, from_ms + 2 * MINUTE_MS);
	assert_int_equal(view.works, 0);
	assert_int_equal(bh_type_due(w->client, 10001, 3, from_ms, 0, &view, NULL), BH_E_NOT_FOUND);
	assert_int_equal(bh_type_due(w->client, 99999, 0, from_ms, 0, &view, NULL), BH_E_NOT_FOUND);
	assert_int_equal(bh_type_due(w->client, 10001, 2, -1, 0, &view, NULL), BH_E_INVALID);
	assert_int_equal(bh_type_due(w->client, 10001, 2, 0, -1, &view, NULL), BH_E_INVALID);
}

/* Of a unit's case, as told on the Tuesday. */
static uint64_t case_told(struct world *w)
{
	static const uint64_t scopes[] = {SCRIPTED_UNIT};
	static const struct bh_msg_record_task tasks[] = {
		{.ordinal = 1,
			.kind = BH_TASK_HELP,
			.unit = 9,
			.made_ms = TUESDAY_MS + 14 * HOUR_MS,
			.due_ms = TUESDAY_MS + 2 * DAY_MS + 14 * HOUR_MS,
			.works = true},
		{.ordinal = 2,
			.kind = BH_TASK_CHECK,
			.unit = 9,
			.made_ms = TUESDAY_MS + 14 * HOUR_MS,
			.due_ms = TUESDAY_MS + 14 * HOUR_MS + 30 * MINUTE_MS}};
	const struct bh_msg_record record = {.case_number = bh_case_number(99, 5),
		.position = 50,
		.cycle = 1,
		.state = BH_STATE_DISPATCHED,
		.type = 10001,
		.unit = 9,
		.sign_due_ms = TUESDAY_MS + 16 * HOUR_MS,
		.disposal_due_ms = TUESDAY_MS + 2 * DAY_MS + 11 * HOUR_MS,
		.disposal_yellow_ms = TUESDAY_MS + 2 * DAY_MS + 10 * HOUR_MS,
		.disposal_works = true,
		.tasks = tasks,
		.tasks_count = 2,
		.scopes = scopes,
		.scopes_count = 1};

	world_enrolled(w);
	autoserver_tell(w->server, &record);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	autoserver_reach(w->server, false);
	return record.case_number;
}

static void test_due__a_cases_clocks_and_tasks_are_what_was_told(void **state)
{
	struct world *w = *state;
	uint64_t number = case_told(w);
	bh_case_view cased = BH_CASE_VIEW_INIT;
	bh_case_cursor *cursor = NULL;
	bh_due_view view = BH_DUE_VIEW_INIT;
	int64_t at_ms = TUESDAY_MS + 2 * DAY_MS + 10 * HOUR_MS;

	assert_int_equal(bh_case_get(w->client, number, &cursor, &cased, NULL), BH_OK);
	assert_int_equal(bh_case_due(cursor, BH_CLOCK_DISPATCH, at_ms, &view, NULL), BH_OK);
	assert_int_equal(view.light, BH_DUE_NONE);
	assert_int_equal(view.due_at, 0);
	assert_int_equal(bh_case_due(cursor, BH_CLOCK_SIGN, at_ms, &view, NULL), BH_OK);
	assert_int_equal(view.light, BH_DUE_RED);
	assert_int_equal(view.left_work_ms, -4 * HOUR_MS); /* two on each side of the holiday */
	assert_int_equal(bh_case_due(cursor, BH_CLOCK_DISPOSAL, at_ms, &view, NULL), BH_OK);
	assert_int_equal(view.light, BH_DUE_YELLOW);
	assert_int_equal(view.left_work_ms, HOUR_MS);
	/* eight hours of work, of which 6.4 are over at 10:24 */
	assert_int_equal(bh_task_due(cursor, 0, at_ms, &view, NULL), BH_OK);
	assert_int_equal(view.yellow_at, TUESDAY_MS + 2 * DAY_MS + 10 * HOUR_MS + 24 * MINUTE_MS);
	assert_int_equal(view.light, BH_DUE_GREEN);
	assert_int_equal(
		bh_task_due(cursor, 1, TUESDAY_MS + 14 * HOUR_MS + 24 * MINUTE_MS, &view, NULL),
		BH_OK);
	assert_int_equal(view.light, BH_DUE_YELLOW);
	assert_int_equal(bh_task_due(cursor, 2, at_ms, &view, NULL), BH_E_NOT_FOUND);
	assert_int_equal(bh_case_due(cursor, 4, at_ms, &view, NULL), BH_E_INVALID);
	assert_int_equal(bh_case_due(cursor, BH_CLOCK_SIGN, -1, &view, NULL), BH_E_INVALID);
	bh_case_cursor_close(cursor);
}

static void test_due__a_light_has_its_word(void **state)
{
	(void)state;
	assert_string_equal(bh_light_word(BH_DUE_YELLOW), "yellow");
	assert_string_equal(bh_light_word(BH_DUE_NONE), "");
	assert_string_equal(bh_light_word(-1), "");
	assert_string_equal(bh_light_word(INT32_MAX), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_due__a_working_limit_is_walked_across_a_holiday_offline, world_setup,
			world_teardown),
		cmocka_unit_test_setup_teardown(test_due__an_urgent_condition_knows_no_holiday,
			world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(
			test_due__a_cases_clocks_and_tasks_are_what_was_told, world_setup,
			world_teardown),
		cmocka_unit_test(test_due__a_light_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
