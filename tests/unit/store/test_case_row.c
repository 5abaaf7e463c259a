/* What a case is looked up by stands beside its body: an update writes only the columns that move,
 * so that each of them has to be what the body says after every step of a case's life. */
#include <sqlite3.h>

#include "tests/unit/store/kit.h"

#define ROLE(name) BH_DEMO_PERSON(name)

struct row {
	int64_t last, dispatch_due_ms, next_ms, unit, open;
};

static int setup(void **state)
{
	return kit_setup(state, 91);
}

static struct row row_read(struct kit *kit, uint64_t number)
{
	sqlite3 *db;
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_open_v2(KIT_PATH, &db, SQLITE_OPEN_READONLY, kit->options.vfs), 0);
	assert_int_equal(sqlite3_prepare_v2(db,
				 "SELECT last, dispatch_due_ms, next_ms, unit, open FROM cases "
				 "WHERE number = ?1",
				 -1, &s, NULL),
		0);
	sqlite3_bind_int64(s, 1, (int64_t)number);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	struct row row = {sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
		sqlite3_column_int64(s, 2), sqlite3_column_int64(s, 3), sqlite3_column_int64(s, 4)};
	sqlite3_finalize(s);
	sqlite3_close(db);
	return row;
}

/* The row against the body, and against what is known of the step. */
static void row_stands(struct kit *kit, uint64_t number, enum bh_state stands)
{
	struct bh_case cased = kit_case(kit, number);
	struct row row = row_read(kit, number);
	struct bh_rules *rules = bh_writer_rules(kit->writer);
	int64_t next_ms;

	(void)bh_case_alarm(rules, &cased, &next_ms);
	bh_rules_unref(rules);
	assert_int_equal(cased.state, stands);
	assert_int_equal(row.last, cased.last);
	assert_int_equal(row.dispatch_due_ms, cased.dispatch_due_ms);
	assert_int_equal(row.next_ms, next_ms);
	assert_int_equal(row.unit, cased.unit);
	assert_int_equal(row.open, !bh_state_is_end((enum bh_state)cased.state));
}

static const struct {
	enum bh_verb verb;
	uint32_t person, unit;
	enum bh_state stands;
} steps[] = {
	{BH_VERB_AMEND, ROLE(ACCEPTOR), 0, BH_STATE_RECEIVED},
	{BH_VERB_FILE, ROLE(ACCEPTOR), 0, BH_STATE_FILED},
	{BH_VERB_DISPATCH, ROLE(DISPATCHER), BH_DEMO_GAS, BH_STATE_DISPATCHED},
	{BH_VERB_REDIRECT, ROLE(DISPATCHER), BH_DEMO_CLEAN_A, BH_STATE_DISPATCHED},
	{BH_VERB_SIGN, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), 0, BH_STATE_HANDLING},
	{BH_VERB_RETURN, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), 0, BH_STATE_RETURNING},
	{BH_VERB_ACCEPT_RETURN, ROLE(DISPATCHER), 0, BH_STATE_FILED},
	{BH_VERB_DISPATCH, ROLE(DISPATCHER), BH_DEMO_CLEAN_A, BH_STATE_DISPATCHED},
	{BH_VERB_SIGN, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), 0, BH_STATE_HANDLING},
	{BH_VERB_FINISH, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), 0, BH_STATE_DONE},
	{BH_VERB_FAIL, ROLE(ACCEPTOR), 0, BH_STATE_REWORK},
	{BH_VERB_START, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), 0, BH_STATE_HANDLING},
	{BH_VERB_FINISH, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), 0, BH_STATE_DONE},
	{BH_VERB_CHECK, ROLE(ACCEPTOR), 0, BH_STATE_CHECKING},
	{BH_VERB_PASS, BH_DEMO_WORKER(1111), 0, BH_STATE_DONE},
	{BH_VERB_CLOSE, ROLE(ACCEPTOR), 0, BH_STATE_CLOSED},
	{BH_VERB_REOPEN, ROLE(SUPERVISOR), 0, BH_STATE_FILED},
	{BH_VERB_DISPATCH, ROLE(DISPATCHER), BH_DEMO_CLEAN_A, BH_STATE_DISPATCHED},
};

static void test_case_row__every_step_of_a_life_leaves_its_columns_as_its_body(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, "litter");
	row_stands(kit, number, BH_STATE_RECEIVED);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct bh_command command = kit_desk(
			steps[i].verb, steps[i].person, number, "for a reason");
		command.unit = steps[i].unit;
		command.urgency = steps[i].verb == BH_VERB_AMEND ? 2 : 0;
		command.reason_code = 1;
		command.task = steps[i].verb == BH_VERB_PASS;
		command.assignee = steps[i].unit == 0 ? BH_DEMO_WORKER(1111) : 0;
		assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
		row_stands(kit, number, steps[i].stands);
		kit_pass(kit, KIT_MINUTE);
	}
}

/* Reminders and a dispatch, by the clock alone. */
static void test_case_row__so_does_what_the_clock_does(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, "litter");
	for (int minute = 0; minute < 24; minute++) {
		(void)kit_tick(kit);
		row_stands(kit, number, BH_STATE_RECEIVED);
		kit_pass(kit, KIT_MINUTE);
	}
	kit_pass(kit, KIT_MINUTE);
	assert_int_equal(kit_tick(kit), 1);
	row_stands(kit, number, BH_STATE_DISPATCHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_case_row__every_step_of_a_life_leaves_its_columns_as_its_body, setup,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_case_row__so_does_what_the_clock_does, setup, kit_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
