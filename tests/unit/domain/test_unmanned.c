/* Whatever gives a case to a unit in which nobody is, tells somebody outside it with the entry
 * itself: every row of the table that may, by a walk through it. */
#include "server/domain/notice.h"
#include "tests/unit/domain/demo_rules.h"
#include "tests/unit/domain/guard_sides.h"

struct walk {
	const struct bh_rules *rules;
	uint32_t urgency;
	bool gave[BH_VERB_MAX]; /* it to a unit of nobody */
};

/* The demo district, whose units' people are all at the gas works. */
static struct bh_rules *rules_of_nobody(void)
{
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].unit != 0)
			demo.posts[i].unit = BH_DEMO_GAS;
	return bh_demo_build(&demo);
}

static bool is_told(const struct walk *walk, const struct bh_staged *s, const struct bh_move *move,
	const struct bh_verdict_on *on)
{
	struct bh_notice notices[BH_NOTICES_MAX];
	const struct bh_entry entry = {.position = 6,
		.at_ms = s->standing.now_ms,
		.log_short = s->command.log_short,
		.person = s->command.person,
		.case_number = s->cased.number,
		.cycle = 1,
		.verb = s->command.verb,
		.verdict = on->verdict,
		.reason = on->reason,
		.from_state = move->from,
		.to_state = on->after.state};
	const struct bh_notice_facts facts = {
		.rules = walk->rules, .entry = &entry, .before = &s->cased, .after = &on->after};
	size_t count = bh_notices_of(&facts, notices);
	for (size_t i = 0; i < count; i++)
		if (notices[i].kind == BH_NOTICE_UNMANNED || notices[i].kind == BH_NOTICE_CALLED)
			return true;
	return false;
}

static void move_judge(
	struct walk *walk, const struct bh_staged *staged, const struct bh_move *move)
{
	struct bh_verdict_on on;
	bh_decide(&staged->standing, &staged->command, &on);
	if (on.verdict != BH_VERDICT_ACCEPTED || on.after.unit == staged->cased.unit ||
		on.after.unmanned == 0)
		return;
	if (!is_told(walk, staged, move, &on))
		fail_msg("row %u, %s from %s, of P%u: nobody is told", move->row,
			bh_verb_name(move->verb), bh_state_name(move->from), walk->urgency);
	walk->gave[move->verb] = true;
}

/* ... and as a case that its worker put right on the spot, which no unit had. */
static void role_walk(struct walk *walk, const struct bh_move *move, uint32_t role)
{
	struct bh_staged staged;
	bh_guard_stage(&staged, walk->rules, move, role);
	staged.cased.urgency = walk->urgency;
	move_judge(walk, &staged, move);
	staged.cased.self_disposed = 1;
	staged.cased.unit = 0;
	move_judge(walk, &staged, move);
}

static void clock_walk(struct walk *walk, const struct bh_move *move)
{
	struct bh_staged staged;
	bh_staged_clock(&staged, walk->rules, move);
	staged.cased.urgency = walk->urgency;
	if (bh_staged_clock_gives(&staged, move))
		move_judge(walk, &staged, move);
}

static void table_walk(struct walk *walk)
{
	for (size_t i = 0; i < bh_moves_count; i++) {
		const struct bh_move *move = &bh_moves[i];
		if (!move->in_use || move->from == BH_STATE_OUTBOX)
			continue;
		for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++)
			if ((move->roles & 1u << role) != 0)
				role_walk(walk, move, role);
		if ((move->roles & 1u << BH_ROLE_CLOCK) != 0)
			clock_walk(walk, move);
	}
}

static void test_unmanned__is_told_of_by_every_verb_that_gives_a_case_to_a_unit(void **state)
{
	static const enum bh_verb gives[] = {BH_VERB_DISPATCH, BH_VERB_REDIRECT, BH_VERB_MOVE_UP,
		BH_VERB_MOVE_DOWN, BH_VERB_FAIL};
	struct bh_rules *rules = rules_of_nobody();
	(void)state;
	for (uint32_t urgency = 1; urgency <= 3; urgency++) {
		struct walk walk = {.rules = rules, .urgency = urgency};
		size_t gave = 0;
		table_walk(&walk);
		for (size_t i = 0; i < sizeof(gives) / sizeof(gives[0]); i++)
			assert_true(walk.gave[gives[i]]);
		for (size_t verb = 0; verb < BH_VERB_MAX; verb++)
			gave += walk.gave[verb];
		assert_int_equal(gave, sizeof(gives) / sizeof(gives[0]));
	}
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_unmanned__is_told_of_by_every_verb_that_gives_a_case_to_a_unit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
