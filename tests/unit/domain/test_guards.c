/* Every guard of every row of the table, on both sides: a case that the row lets pass, and the same
 * case but for the one thing that the guard asks, which it refuses, with the guard's own reason.
 * The walk goes by the table; a guard that no side stands for fails it. */
#include "proto/err.h"
#include "tests/unit/domain/demo_rules.h"
#include "tests/unit/domain/guard_sides.h"

/* ---- The walk ---- */

static void expected(const struct bh_staged *s, const struct bh_move *move, const char *what,
	enum bh_reason reason)
{
	struct bh_verdict_on on;
	bh_decide(&s->standing, &s->command, &on);
	bool passes = on.verdict == BH_VERDICT_ACCEPTED;
	if (passes != (reason == BH_REASON_NONE) || (!passes && on.reason != reason))
		fail_msg("row %u, %s from %s by %s, %s: %s (%s), not %s", move->row,
			bh_verb_name(move->verb), bh_state_name(move->from),
			bh_role_name(s->command.person), what, bh_reason_name(on.reason),
			on.detail != NULL ? on.detail : "-", bh_reason_name(reason));
}

/* Gives which guards were walked. */
static uint32_t role_walk(const struct bh_rules *rules, const struct bh_move *move, uint32_t role)
{
	struct bh_staged whole, broken;
	uint32_t walked = 0;
	bh_guard_stage(&whole, rules, move, role);
	expected(&whole, move, "as all its guards ask", BH_REASON_NONE);
	for (size_t i = 0; i < bh_guard_sides_count; i++) {
		const struct bh_guard_side *side = &bh_guard_sides[i];
		if ((move->guards & side->guard) == 0)
			continue;
		bh_staged_copy(&broken, &whole);
		side->breach(&broken);
		expected(&broken, move, side->what, side->reason);
		if (side->also != NULL) {
			side->also(&broken);
			expected(&broken, move, side->what, BH_REASON_NONE);
		}
		walked |= side->guard;
	}
	return walked;
}

/* A district that checks all it does, and sees two photos of it. */
static struct bh_rules *checking_rules(void)
{
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.profile.settings.check_percent = 100;
	demo.profile.settings.check_sampling_off = false;
	for (size_t i = 0; i < BH_DEMO_TYPES; i++)
		demo.types[i].photos_min = 2;
	return bh_demo_build(&demo);
}

static void test_guards__each_refuses_alone_and_lets_pass_alone(void **state)
{
	struct bh_rules *rules = checking_rules();
	(void)state;
	for (size_t i = 0; i < bh_moves_count; i++) {
		const struct bh_move *move = &bh_moves[i];
		for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
			if (!move->in_use || move->from == BH_STATE_OUTBOX ||
				(move->roles & 1u << role) == 0)
				continue;
			uint32_t walked = role_walk(rules, move, role);
			if (walked != move->guards)
				fail_msg("row %u: no side for the guards %x", move->row,
					move->guards & ~walked);
		}
	}
	bh_rules_unref(rules);
}

/* ---- The clock's ---- */

/* That there is a unit for all that waits is what a district is asked before it begins: without a
 * desk of the county there is none. */
static void backstop_is_needed(void)
{
	struct bh_demo_profile demo;
	struct bh_profile_fault fault;
	struct bh_rules *rules = NULL;
	size_t faults = 0;
	bh_demo_profile(&demo);
	demo.units[0].desk = false;
	demo.units[0].kind = demo.units[BH_DEMO_UNITS - 1].kind;
	assert_int_equal(bh_rules_build(&demo.profile, &fault, 1, &faults, &rules), BH_ERR_INVALID);
	assert_string_equal(fault.list, "areas");
}

/* What a guard forbids the clock does not begin; and given all the same, it is refused. */
static uint32_t clock_walk(const struct bh_rules *rules, const struct bh_move *move)
{
	struct bh_staged whole, broken;
	uint32_t walked = 0;
	bh_staged_clock(&whole, rules, move);
	assert_true(bh_staged_clock_gives(&whole, move));
	expected(&whole, move, "as all its guards ask", BH_REASON_NONE);
	for (size_t i = 0; i < bh_guard_clock_sides_count; i++) {
		const struct bh_guard_side *side = &bh_guard_clock_sides[i];
		if ((move->guards & side->guard) == 0)
			continue;
		walked |= side->guard;
		if (side->guard == BH_GUARD_UNIT && move->verb == BH_VERB_DISPATCH) {
			backstop_is_needed();
			continue;
		}
		bh_staged_copy(&broken, &whole);
		side->breach(&broken);
		expected(&broken, move, side->what, side->reason);
		assert_false(bh_staged_clock_gives(&broken, move));
	}
	return walked;
}

static void test_guards__bind_the_clock_too(void **state)
{
	struct bh_rules *rules = bh_demo_rules();
	(void)state;
	for (size_t i = 0; i < bh_moves_count; i++) {
		const struct bh_move *move = &bh_moves[i];
		if (move->in_use && (move->roles & 1u << BH_ROLE_CLOCK) != 0)
			assert_int_equal(clock_walk(rules, move), move->guards);
	}
	bh_rules_unref(rules);
}

/* No side stands for a guard that no row has. */
static void test_guards__every_side_is_some_rows(void **state)
{
	uint32_t guards = 0;
	(void)state;
	for (size_t i = 0; i < bh_moves_count; i++)
		guards |= bh_moves[i].guards;
	for (size_t i = 0; i < bh_guard_sides_count; i++)
		assert_int_not_equal(guards & bh_guard_sides[i].guard, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guards__each_refuses_alone_and_lets_pass_alone),
		cmocka_unit_test(test_guards__bind_the_clock_too),
		cmocka_unit_test(test_guards__every_side_is_some_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
