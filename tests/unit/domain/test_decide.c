/* The table of moves walked against decide: for every state, verb and role decide accepts if and
 * only if the table has a row in use and the right and the guards hold. */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "tests/unit/domain/demo_rules.h"
#include "tests/unit/domain/staged.h"

#define RESULT "a text that will do"

/* Verbs that no source but a handset gives, or that are no moves of a case on the server. */
static bool verb_is_no_desk_move(enum bh_verb verb, enum bh_source source)
{
	bool stays = (verb >= BH_VERB_ASK_EXTENSION && verb <= BH_VERB_ASK_VOID) ||
		     verb == BH_VERB_FOLLOW_TRY || verb == BH_VERB_ASK_HELP ||
		     verb == BH_VERB_HELP_DONE || verb == BH_VERB_CHECK_FAILED ||
		     verb == BH_VERB_ASK_VISIT || verb == BH_VERB_VISIT_DONE ||
		     verb == BH_VERB_REASSIGN || verb == BH_VERB_ASK_REDIRECT ||
		     verb == BH_VERB_MILESTONES || verb == BH_VERB_MILESTONE_DONE ||
		     verb == BH_VERB_HAND_IN || verb == BH_VERB_HAND_BACK ||
		     (verb >= BH_VERB_GRADE && verb <= BH_VERB_MOVE_DOWN);
	if (verb == BH_VERB_SELF_DISPOSE) /* with photos: a desk has none */
		return source != BH_SOURCE_DEVICE;
	return verb == BH_VERB_NONE || verb == BH_VERB_SUBMIT ||
	       (verb >= BH_VERB_CASE_COUNT && !stays);
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
	struct bh_staged staged;
	struct bh_verdict_on on;
	const struct bh_move *move = bh_move_find(from, verb, (enum bh_role)role);
	bh_staged(&staged, rules, from, verb, role, source);
	bh_decide(&staged.standing, &staged.command, &on);
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
		struct bh_staged staged;
		struct bh_verdict_on on;
		bh_staged_clock(&staged, *state, move);
		assert_true(bh_staged_clock_gives(&staged, move));
		bh_decide(&staged.standing, &staged.command, &on);
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
