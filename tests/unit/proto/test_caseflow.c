/* A walk over the table of moves: nobody is stuck, nobody is unreachable, nothing is said twice. */
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "tests/unit/proto/cmocka_all.h"

#define COUNTED_BY_ROW 84u

static void test_caseflow__every_row_of_the_paper_stands_in_the_table(void **state)
{
	(void)state;
	/* How many states each row leaves from, times its sets of conditions. */
	static const unsigned expected[COUNTED_BY_ROW] = {0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2,
		1, 2, 1, 2, 1, 1, 1, 3, 2, 1, 2, 2, 2, 2, 2, 3, 2, 2, 2, 2, 2, 2, 1, 5, 2, 0, 0,
		2, [44] = 10, [50] = 3, 2, 3, 4, 1, 2, 10, 11, 12, 2, [60] = 4, 1, 1, 1, 8, 1, 1, 2,
		1, [70] = 3, 3, 3, 3, 1, 1, 1, [77] = 3, 1, [80] = 2, 1, 1, 1};
	unsigned found[COUNTED_BY_ROW] = {0};
	for (size_t i = 0; i < bh_moves_count; i++) {
		assert_in_range(bh_moves[i].row, 1, COUNTED_BY_ROW - 1);
		found[bh_moves[i].row]++;
	}
	for (unsigned row = 0; row < COUNTED_BY_ROW; row++)
		assert_int_equal(found[row], expected[row]);
}

static void test_caseflow__every_state_is_reachable(void **state)
{
	(void)state;
	bool reached[BH_STATE_COUNT] = {true};
	for (unsigned round = 0; round < BH_STATE_COUNT; round++) {
		for (size_t i = 0; i < bh_moves_count; i++)
			reached[bh_moves[i].to] |= reached[bh_moves[i].from];
	}
	for (unsigned i = 0; i < BH_STATE_COUNT; i++)
		assert_true(reached[i]);
}

/* From every open state some chain of moves of this version leads to an end, if this version can
 * lead there at all. */
static void test_caseflow__what_is_in_use_never_gets_stuck(void **state)
{
	(void)state;
	bool reached[BH_STATE_COUNT] = {true}, ends[BH_STATE_COUNT];
	for (unsigned i = 0; i < BH_STATE_COUNT; i++)
		ends[i] = bh_state_is_end((enum bh_state)i);
	for (unsigned round = 0; round < BH_STATE_COUNT; round++) {
		for (size_t i = 0; i < bh_moves_count; i++) {
			const struct bh_move *move = &bh_moves[i];
			if (!move->in_use)
				continue;
			reached[move->to] |= reached[move->from];
			ends[move->from] |= ends[move->to];
		}
	}
	for (unsigned i = 0; i < BH_STATE_COUNT; i++)
		assert_true(!reached[i] || ends[i]);
	assert_true(reached[BH_STATE_CLOSED] && reached[BH_STATE_RETURNING]);
}

static void test_caseflow__every_open_state_has_an_exit_and_ends_only_the_papers_own(void **state)
{
	(void)state;
	unsigned exits[BH_STATE_COUNT] = {0};
	for (size_t i = 0; i < bh_moves_count; i++) {
		const struct bh_move *move = &bh_moves[i];
		exits[move->from]++;
		if (bh_state_is_end((enum bh_state)move->from))
			assert_true((move->row >= 24 && move->row <= 27) || move->row == 31 ||
				    move->row == 32 || move->row == 41 || move->row == 56 ||
				    move->row == 57 || move->row == 58 || move->row == 64 ||
				    (move->row >= 70 && move->row <= 73));
	}
	for (unsigned i = 0; i < BH_STATE_COUNT; i++)
		assert_true(exits[i] > 0 || bh_state_is_end((enum bh_state)i));
	assert_int_equal(exits[BH_STATE_VOID], 0);
	assert_int_equal(exits[BH_STATE_REFERRED], 0);
}

/* After an answer the archive and the follow-up have their clocks; what else has ended has none. */
static void test_caseflow__of_the_ends_two_are_timed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < BH_STATE_COUNT; i++) {
		enum bh_state at = (enum bh_state)i;
		bool after = at == BH_STATE_CLOSED || at == BH_STATE_ARCHIVED;
		assert_int_equal(bh_state_is_timed(at), after || !bh_state_is_end(at));
	}
	assert_true(bh_state_is_end(BH_STATE_CLOSED) && bh_state_is_end(BH_STATE_ARCHIVED));
	assert_false(bh_state_is_timed(BH_STATE_FOLLOWED));
	assert_false(bh_state_is_timed(BH_STATE_MERGED));
}

/* The clock is an actor like any other: it never leaves these waiting. */
static void test_caseflow__the_clock_moves_what_waits_in_the_queue_or_for_a_signature(void **state)
{
	(void)state;
	static const enum bh_state timed[] = {BH_STATE_RECEIVED, BH_STATE_VERIFYING, BH_STATE_FILED,
		BH_STATE_DISPATCHED, BH_STATE_RETURNING, BH_STATE_SUSPENDED, BH_STATE_TIER_MOVING,
		BH_STATE_REWORK, BH_STATE_DONE, BH_STATE_CHECKING, BH_STATE_CLOSED};
	enum bh_verb verbs[4];
	for (size_t i = 0; i < sizeof(timed) / sizeof(timed[0]); i++) {
		bool one = timed[i] == BH_STATE_VERIFYING || timed[i] == BH_STATE_DONE ||
			   timed[i] == BH_STATE_DISPATCHED ||
			   timed[i] == BH_STATE_CLOSED; /* an appeal's */
		size_t lapses = one ? 1 : timed[i] == BH_STATE_CHECKING ? 3 : 0;
		assert_int_equal(bh_moves_of(timed[i], BH_ROLE_CLOCK, verbs, 4), 1 + lapses);
	}
	assert_int_equal(bh_moves_of(BH_STATE_ARCHIVED, BH_ROLE_CLOCK, verbs, 4), 3);
	/* only where its unit is no more */
	assert_int_equal(bh_moves_of(BH_STATE_HANDLING, BH_ROLE_CLOCK, verbs, 4), 1);
}

static void test_caseflow__one_row_at_most_for_a_state_a_verb_and_a_role(void **state)
{
	(void)state;
	for (size_t i = 0; i < bh_moves_count; i++) {
		assert_true(bh_moves[i].roles != 0);
		for (size_t k = i + 1; k < bh_moves_count; k++) {
			if (bh_moves[i].from == bh_moves[k].from &&
				bh_moves[i].verb == bh_moves[k].verb)
				assert_int_equal(bh_moves[i].roles & bh_moves[k].roles, 0);
		}
	}
}

static void test_caseflow__finds_moves_by_role(void **state)
{
	(void)state;
	const struct bh_move *move = bh_move_find(
		BH_STATE_RECEIVED, BH_VERB_DISPATCH, BH_ROLE_DISPATCHER);
	assert_non_null(move);
	assert_int_equal(move->row, 9);
	assert_int_equal(move->to, BH_STATE_DISPATCHED);
	move = bh_move_find(BH_STATE_RECEIVED, BH_VERB_DISPATCH, BH_ROLE_CLOCK);
	assert_non_null(move);
	assert_int_equal(move->row, 29);
	move = bh_move_find(BH_STATE_DISPATCHED, BH_VERB_SIGN, BH_ROLE_HANDLER);
	assert_true(move->offline && (move->guards & BH_GUARD_OWN_UNIT) != 0);
	move = bh_move_find(BH_STATE_DISPATCHED, BH_VERB_SIGN, BH_ROLE_CLOCK);
	assert_int_equal(move->guards, 0);
	assert_null(bh_move_find(BH_STATE_RECEIVED, BH_VERB_DISPATCH, BH_ROLE_GRID_WORKER));
	assert_null(bh_move_find(BH_STATE_CLOSED, BH_VERB_SIGN, BH_ROLE_HANDLER));
	assert_null(bh_move_find(BH_STATE_OUTBOX, BH_VERB_SUBMIT, BH_ROLE_CLOCK));
	assert_null(bh_move_find(BH_STATE_OUTBOX, BH_VERB_SUBMIT, BH_ROLE_NONE));
	assert_null(bh_move_find(BH_STATE_OUTBOX, BH_VERB_SUBMIT, BH_ROLE_COUNT));
	for (unsigned role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++)
		assert_non_null(bh_move_find(BH_STATE_OUTBOX, BH_VERB_SUBMIT, (enum bh_role)role));
}

/* domain.md, offline rule 5: verbs of authority are the server's. */
static void test_caseflow__only_field_verbs_are_offline(void **state)
{
	(void)state;
	const uint64_t one = 1;
	const uint64_t offline = one << BH_VERB_SUBMIT | one << BH_VERB_SELF_DISPOSE |
				 one << BH_VERB_ANSWER_VERIFY | one << BH_VERB_PASS |
				 one << BH_VERB_SIGN | one << BH_VERB_FINISH |
				 one << BH_VERB_HELP_DONE;
	uint64_t found = 0;
	for (size_t i = 0; i < bh_moves_count; i++) {
		if (bh_moves[i].offline) {
			if (bh_moves[i].verb == BH_VERB_VISIT_DONE)
				continue; /* domain.md: visit */
			if (bh_moves[i].verb == BH_VERB_CHECK_FAILED)
				continue; /* the other answer where PASS is one */
			if (bh_moves[i].verb == BH_VERB_HAND_IN)
				continue; /* what FINISH is, where a lead signs off */
			if (bh_moves[i].verb == BH_VERB_HAND_BACK)
				continue; /* his other answer, where FINISH is one */
			if (bh_moves[i].verb == BH_VERB_SESSION) /* "mediation session" */
				continue;
			assert_in_range(bh_moves[i].verb, 1, 63);
			found |= one << bh_moves[i].verb;
		}
	}
	assert_true(found == offline);
}

static void test_caseflow__lists_what_a_role_may_do_up_to_max(void **state)
{
	(void)state;
	enum bh_verb verbs[BH_VERB_MAX];
	assert_int_equal(
		bh_moves_of(BH_STATE_RETURNING, BH_ROLE_DISPATCHER, verbs, BH_VERB_MAX), 4);
	assert_int_equal(verbs[0], BH_VERB_ACCEPT_RETURN);
	assert_int_equal(verbs[1], BH_VERB_REFUSE_RETURN);
	assert_int_equal(verbs[2], BH_VERB_AMEND);
	assert_int_equal(bh_moves_of(BH_STATE_RETURNING, BH_ROLE_DISPATCHER, verbs, 1), 1);
	assert_int_equal(bh_moves_of(BH_STATE_VOID, BH_ROLE_SHIFT_LEADER, verbs, 9), 0);
	/* Also what was numbered behind the district's own entries. */
	size_t count = bh_moves_of(BH_STATE_CHECKING, BH_ROLE_GRID_WORKER, verbs, BH_VERB_MAX);
	assert_int_equal(count, 3);
	assert_int_equal(verbs[1], BH_VERB_CHECK_FAILED);
}

static void test_caseflow__names_come_back(void **state)
{
	(void)state;
	enum bh_state found_state;
	enum bh_verb verb;
	enum bh_role role;
	unsigned verbs = 0;
	for (unsigned i = 0; i < BH_STATE_COUNT; i++) {
		assert_int_equal(bh_state_parse(bh_state_name((enum bh_state)i), &found_state), 0);
		assert_int_equal(found_state, i);
		assert_true(strlen(bh_state_name_zh((enum bh_state)i)) >= 6);
	}
	for (unsigned i = 0; i < BH_VERB_MAX; i++) {
		if (strcmp(bh_verb_name((enum bh_verb)i), "unknown") == 0)
			continue;
		assert_int_equal(bh_verb_parse(bh_verb_name((enum bh_verb)i), &verb), 0);
		assert_int_equal(verb, i);
		assert_non_null(bh_verb_name_zh((enum bh_verb)i));
		verbs++;
	}
	assert_int_equal(verbs, 32 + 16 + 5 + 15 + 5 + 6 + 4 + 3 + 5 + 9 + 2 + 1 + 2 + 2 + 2 + 4);
	for (unsigned i = 0; i < BH_ROLE_COUNT; i++) {
		assert_int_equal(bh_role_parse(bh_role_name((enum bh_role)i), &role), 0);
		assert_int_equal(role, i);
	}
	assert_int_equal(bh_state_parse("nowhere", &found_state), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_verb_parse("unknown", &verb), BH_ERR_NOT_FOUND);
	assert_int_equal(bh_role_parse("", &role), BH_ERR_NOT_FOUND);
	assert_string_equal(bh_state_name((enum bh_state)99), "unknown");
	assert_string_equal(bh_verb_name((enum bh_verb)35), "unknown");
	assert_string_equal(bh_role_name((enum bh_role)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_caseflow__every_row_of_the_paper_stands_in_the_table),
		cmocka_unit_test(test_caseflow__every_state_is_reachable),
		cmocka_unit_test(test_caseflow__what_is_in_use_never_gets_stuck),
		cmocka_unit_test(
			test_caseflow__every_open_state_has_an_exit_and_ends_only_the_papers_own),
		cmocka_unit_test(
			test_caseflow__the_clock_moves_what_waits_in_the_queue_or_for_a_signature),
		cmocka_unit_test(test_caseflow__of_the_ends_two_are_timed),
		cmocka_unit_test(test_caseflow__one_row_at_most_for_a_state_a_verb_and_a_role),
		cmocka_unit_test(test_caseflow__finds_moves_by_role),
		cmocka_unit_test(test_caseflow__only_field_verbs_are_offline),
		cmocka_unit_test(test_caseflow__lists_what_a_role_may_do_up_to_max),
		cmocka_unit_test(test_caseflow__names_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
