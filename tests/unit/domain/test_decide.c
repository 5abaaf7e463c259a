/* The table of moves walked against decide: for every state, verb and role decide accepts if and
 * only if the table has a row in use and the right and the guards hold. */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "tests/unit/domain/demo_rules.h"

#define RESULT "a text that will do"

/* What runs beside the queue's clock and the unit's. */
static void stage_in(struct bh_case *cased, enum bh_state state)
{
	if (state == BH_STATE_DISPATCHED || state == BH_STATE_REWORK ||
		state == BH_STATE_TIER_MOVING)
		cased->sign_due_ms = BH_DOCKET_START_MS + BH_HOURS(2);
	if (state == BH_STATE_SUSPENDED)
		cased->resume_due_ms = BH_DOCKET_START_MS + BH_HOURS(24);
	if (bh_state_is_end(state)) {
		cased->closed_ms = BH_DOCKET_START_MS;
		cased->disposal_due_ms = 0;
	}
	if (state == BH_STATE_ARCHIVED)
		cased->follow_due_ms = BH_DOCKET_START_MS + BH_HOURS(72);
	if (state == BH_STATE_DONE || state == BH_STATE_CHECKING)
		cased->check_due_ms = BH_DOCKET_START_MS + BH_HOURS(9);
}

/* A case in any state, with the clocks a state has. */
static struct bh_case case_in(const struct bh_rules *rules, enum bh_state state)
{
	int64_t now_ms = BH_DOCKET_START_MS;
	struct bh_case cased = {
		.number = (uint64_t)BH_DOCKET_LOG << 32 | 1,
		.first = 1,
		.last = 5,
		.cycle = 1,
		.state = state,
		.reporter = BH_DEMO_PERSON(REPORTER),
		.type = BH_DEMO_LITTER,
		.urgency = 3,
		.grid = 1111,
		.area = 1111,
		.proposed_unit = BH_DEMO_CLEAN_A,
		.received_ms = now_ms,
		.queue_ms = now_ms,
		.calendar = bh_rules_calendar_mark(rules),
		.tasks = 1,
		.open_tasks = 1,
		.task = state == BH_STATE_VERIFYING || state == BH_STATE_CHECKING,
	};
	bool queued = state == BH_STATE_RECEIVED || state == BH_STATE_VERIFYING ||
		      state == BH_STATE_FILED;
	if (queued) {
		cased.dispatch_due_ms = now_ms + BH_MINUTES(30);
	} else {
		cased.unit = BH_DEMO_CLEAN_A;
		cased.dispatches = 1;
		cased.dispatched_ms = now_ms;
		cased.disposal_due_ms = now_ms + BH_HOURS(3);
	}
	stage_in(&cased, state);
	bh_case_alarm(rules, &cased, &cased.next_ms);
	return cased;
}

static struct bh_command command_of(enum bh_source source, enum bh_verb verb, uint32_t role)
{
	struct bh_command command = {
		.source = source,
		.verb = verb,
		.log_short = source == BH_SOURCE_DEVICE ? BH_DOCKET_LOG : BH_LOG_DESK,
		.seq = 9,
		.captured_ms = BH_DOCKET_START_MS,
		.person = role,
		.case_number = (uint64_t)BH_DOCKET_LOG << 32 | 1,
		.cycle = 1,
		.base_position = 5,
		.text = {(const uint8_t *)RESULT, sizeof(RESULT) - 1},
	};
	if (bh_verb_answers(verb) != BH_TASK_NONE) {
		command.task = 1;
		command.reason_code = BH_TASK_YES;
	}
	command.dispute = (struct bh_dispute_ask){.major = verb == BH_VERB_GRADE,
		.kind = BH_MEDIATION_PEOPLES,
		.present = BH_PRESENT(2, 1, 0, 0),
		.measures = 1,
		.date = 1};
	if (verb == BH_VERB_SESSION || verb == BH_VERB_PERFORM || verb == BH_VERB_CONSULT)
		command.reason_code = 1;
	if (verb == BH_VERB_CONCLUDE)
		command.reason_code = BH_MEDIATION_END_FAILED;
	if (verb == BH_VERB_REDIRECT || verb == BH_VERB_ASK_HELP || verb == BH_VERB_ASK_VISIT)
		command.unit = BH_DEMO_CLEAN_COUNTY;
	command.photos_before = command.photos_after = verb == BH_VERB_SELF_DISPOSE;
	if (verb == BH_VERB_FOLLOW_UP)
		command.reason_code = BH_FOLLOW_SATISFIED;
	command.until_ms = BH_DOCKET_START_MS + BH_HOURS(48);
	return command;
}

/* Verbs that no source but a handset gives, or that are no moves of a case on the server. */
static bool verb_is_no_desk_move(enum bh_verb verb, enum bh_source source)
{
	bool stays = (verb >= BH_VERB_ASK_EXTENSION && verb <= BH_VERB_ASK_VOID) ||
		     verb == BH_VERB_FOLLOW_TRY || verb == BH_VERB_ASK_HELP ||
		     verb == BH_VERB_HELP_DONE || verb == BH_VERB_CHECK_FAILED ||
		     verb == BH_VERB_ASK_VISIT || verb == BH_VERB_VISIT_DONE ||
		     (verb >= BH_VERB_GRADE && verb <= BH_VERB_MOVE_DOWN);
	if (verb == BH_VERB_SELF_DISPOSE) /* with photos: a desk has none */
		return source != BH_SOURCE_DEVICE;
	return verb == BH_VERB_NONE || verb == BH_VERB_SUBMIT ||
	       (verb >= BH_VERB_CASE_COUNT && !stays);
}

/* What a move grants or refuses was asked for, by somebody else. */
static void asked_before(struct bh_case *cased, const struct bh_move *move)
{
	if (move == NULL || (move->guards & BH_GUARD_ASKED) == 0)
		return;
	bool queued = move->from == BH_STATE_RECEIVED || move->from == BH_STATE_FILED;
	cased->asked = queued                          ? BH_ASK_VOID
		       : move->verb == BH_VERB_SUSPEND ? BH_ASK_SUSPENSION
						       : BH_ASK_EXTENSION;
	cased->asked_level = (move->guards & BH_GUARD_OWN_UNIT) != 0 ? BH_ASK_OF_UNIT
								     : BH_ASK_OF_DESK;
	cased->asked_by = 4711;
}

/* What a move's guards ask of the case. */
static void guards_meet(struct bh_case *cased, enum bh_verb verb, const struct bh_move *move)
{
	if (verb == BH_VERB_FAIL) /* from CHECKING only what was looked at */
		cased->checked = BH_CHECKED_FAILED;
	if (verb == BH_VERB_MOVE_UP) /* only a dispute does */
		cased->tier = 2;
	if (move != NULL && (move->guards & BH_GUARD_DISPUTE) != 0) {
		cased->type = BH_DEMO_QUARREL;
		cased->tier = 2;
	}
	if (verb == BH_VERB_SESSION || verb == BH_VERB_CONCLUDE)
		cased->mediation_state = BH_MEDIATION_OPEN;
	if (verb == BH_VERB_PERFORM) {
		cased->owed = 1;
		cased->disposal_due_ms = 0;
		if (!bh_state_is_end((enum bh_state)cased->state))
			cased->disposal_due_ms = BH_DOCKET_START_MS + BH_HOURS(3);
	}
	cased->mediations = 1;
	if (move != NULL && (move->guards & BH_GUARD_AFTER_WINDOW) != 0)
		cased->closed_ms -= BH_HOURS(4 * 24);
}

/* The case's only task, open, and this person's. */
static struct bh_task task_of(const struct bh_case *cased, enum bh_task_kind kind, uint32_t person)
{
	return (struct bh_task){.number = cased->number,
		.ordinal = 1,
		.kind = kind,
		.state = BH_TASK_OPEN,
		.person = person,
		.by_unit = cased->unit,
		.cycle = 1,
		.made_ms = BH_DOCKET_START_MS,
		.due_ms = BH_DOCKET_START_MS + BH_MINUTES(30)};
}

/* ... and its only mediation. */
static struct bh_mediation mediation_of(const struct bh_case *cased, enum bh_verb verb)
{
	bool agreed = verb == BH_VERB_PERFORM;
	return (struct bh_mediation){.number = cased->number,
		.ordinal = 1,
		.state = agreed ? BH_MEDIATION_AGREED : BH_MEDIATION_OPEN,
		.dates = agreed};
}

/* The guards that are about the person: mediator and tier desk are of other units. */
static bool person_fits(const struct bh_move *move, uint32_t role)
{
	if ((move->guards & BH_GUARD_OWN_UNIT) != 0)
		return role == BH_ROLE_UNIT_LEAD || role == BH_ROLE_HANDLER;
	return (move->guards & BH_GUARD_REPORTER) == 0 || role == BH_ROLE_REPORTER;
}

static void pair_check(const struct bh_rules *rules, enum bh_state from, enum bh_verb verb,
	uint32_t role, enum bh_source source)
{
	struct bh_case cased = case_in(rules, from);
	const struct bh_task task = task_of(&cased, bh_verb_answers(verb), role);
	const struct bh_mediation mediation = mediation_of(&cased, verb);
	struct bh_standing standing = {
		.rules = rules,
		.before = &cased,
		.mediation = &mediation,
		.task = bh_verb_answers(verb) != BH_TASK_NONE ? &task : NULL,
		.now_ms = BH_DOCKET_START_MS + BH_MINUTES(1),
		.punishes = true,
		.device_live = true,
		.device_person = role,
	};
	struct bh_case main = case_in(rules, BH_STATE_HANDLING);
	main.number++;
	if (verb == BH_VERB_MERGE)
		standing.main = &main;
	struct bh_command command = command_of(source, verb, role);
	struct bh_verdict_on on;
	const struct bh_move *move = bh_move_find(from, verb, (enum bh_role)role);
	asked_before(&cased, move);
	guards_meet(&cased, verb, move);
	bh_decide(&standing, &command, &on);
	bool expected = move != NULL && move->in_use && !verb_is_no_desk_move(verb, source);
	if (source == BH_SOURCE_DEVICE)
		expected = expected && move->offline;
	expected = expected && person_fits(move, role);
	if (expected != (on.verdict == BH_VERDICT_ACCEPTED))
		print_message("# %s %s by %s: %s\n", bh_state_name(from), bh_verb_name(verb),
			bh_role_name((enum bh_role)role), bh_reason_name(on.reason));
	assert_int_equal(expected, on.verdict == BH_VERDICT_ACCEPTED);
	assert_int_equal(on.changes, expected);
	assert_int_equal(on.journal, expected || source == BH_SOURCE_DEVICE);
	if (expected) {
		assert_int_equal(on.after.state, move->to);
		assert_int_equal(on.post, role);
	}
}

static void test_decide__accepts_what_the_table_has_and_nothing_else(void **state)
{
	for (unsigned from = BH_STATE_RECEIVED; from < BH_STATE_COUNT; from++)
		for (unsigned verb = 0; verb < BH_VERB_MAX; verb++)
			for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++)
				pair_check(*state, from, verb, role, BH_SOURCE_DESK);
}

/* Domain.md, offline rule 5: verbs of authority are the server's alone. */
static void test_decide__takes_from_handsets_what_works_offline(void **state)
{
	for (unsigned from = BH_STATE_RECEIVED; from < BH_STATE_COUNT; from++)
		for (unsigned verb = 0; verb < BH_VERB_MAX; verb++)
			for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++)
				if (verb != BH_VERB_DELIVERED && verb != BH_VERB_SEEN)
					pair_check(*state, from, verb, role, BH_SOURCE_DEVICE);
}

/* Rows 10, 12, 15, 22, 25, 26, 29, 33, 41, 55, 73 and 80: every row of the clock's that is in use,
 * at the instant that next_ms names.
 */
static void test_decide__the_clock_makes_every_move_of_its_own(void **state)
{
	size_t rows = 0;
	for (size_t i = 0; i < bh_moves_count; i++) {
		const struct bh_move *move = &bh_moves[i];
		if (!move->in_use || (move->roles & 1u << BH_ROLE_CLOCK) == 0)
			continue;
		struct bh_case cased = case_in(*state, (enum bh_state)move->from);
		const struct bh_task task = task_of(&cased,
			move->from == BH_STATE_CHECKING ? BH_TASK_CHECK : BH_TASK_VERIFY, 1);
		struct bh_standing standing = {
			.rules = *state, .before = &cased, .task = &task, .punishes = true};
		struct bh_verdict_on on;
		struct bh_command command;
		cased.reminded = 80;
		cased.follow_tries = move->verb == BH_VERB_FOLLOW_UP ? 2 : 0;
		if (move->verb == BH_VERB_CHECK_OVERDUE)
			cased.urgency = 1; /* never the clock's to close */
		if (move->verb == BH_VERB_FAIL)
			cased.checked = BH_CHECKED_FAILED;
		if (move->verb == BH_VERB_REDIRECT)
			cased.unit = UINT32_MAX; /* no unit any more */
		if (move->verb == BH_VERB_REVIEW_APPEAL) {
			cased.appeal = BH_APPEAL_FIRST;
			cased.appeal_due_ms = BH_DOCKET_START_MS + 1;
		}
		bh_case_alarm(*state, &cased, &standing.now_ms);
		bool lapses = move->verb == BH_VERB_TASK_LAPSED;
		if (lapses)
			standing.now_ms = task.due_ms;
		assert_true(
			lapses ? bh_task_command(*state, &task, &cased, standing.now_ms, &command)
			       : bh_clock_command(*state, &cased, standing.now_ms, true, &command));
		assert_int_equal(command.verb, move->verb);
		bh_decide(&standing, &command, &on);
		assert_int_equal(on.verdict, BH_VERDICT_ACCEPTED);
		assert_int_equal(on.after.state, move->to);
		assert_int_equal(on.post, 0);
		rows++;
	}
	assert_int_equal(rows, 23);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decide__accepts_what_the_table_has_and_nothing_else),
		cmocka_unit_test(test_decide__takes_from_handsets_what_works_offline),
		cmocka_unit_test(test_decide__the_clock_makes_every_move_of_its_own),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
