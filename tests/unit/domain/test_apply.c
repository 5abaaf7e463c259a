/* apply: what an entry changes, without rules and without time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/err.h"
#include "server/domain/decide.h"

struct applied {
	struct bh_case after;
	struct bh_scope_change changes[BH_SCOPE_CHANGES_MAX];
	size_t count;
};

static struct applied applied_of(
	const struct bh_case *before, const struct bh_case *after, enum bh_verb verb)
{
	struct applied out;
	struct bh_buf decision = BH_BUF(512);
	assert_int_equal(bh_case_diff(before, after, &decision), 0);
	struct bh_entry entry = {
		.position = 40,
		.case_number = 9,
		.verb = verb,
		.verdict = BH_VERDICT_ACCEPTED,
		.decision = bh_buf_span(&decision),
	};
	assert_int_equal(bh_apply(before, &entry, &out.after, out.changes, &out.count), 0);
	bh_buf_free(&decision);
	return out;
}

static void test_apply__the_first_entry_makes_the_case_and_moves_no_scope(void **state)
{
	(void)state;
	struct bh_case zero = {0}, after = {.cycle = 1, .state = BH_STATE_RECEIVED, .reporter = 5};
	struct applied out = applied_of(&zero, &after, BH_VERB_SUBMIT);
	assert_int_equal(out.count, 0);
	assert_int_equal(out.after.number, 9);
	assert_int_equal(out.after.first, 40);
	assert_int_equal(out.after.last, 40);
	assert_int_equal(out.after.reporter, 5);
}

static void test_apply__a_unit_gains_keeps_and_leaves_a_case(void **state)
{
	(void)state;
	struct bh_case before = {.number = 9, .first = 3, .last = 8, .reporter = 5}, after = before;
	after.unit = 12;
	struct applied out = applied_of(&before, &after, BH_VERB_DISPATCH);
	assert_int_equal(out.count, 2);
	assert_int_equal(out.changes[0].scope, BH_SCOPE_OWN(5));
	assert_int_equal(out.changes[1].scope, BH_SCOPE_UNIT(12));
	assert_false(out.changes[1].left);
	assert_int_equal(out.after.first, 3);
	assert_int_equal(out.after.last, 40);

	before = out.after;
	after = before;
	after.unit = 13;
	after.redirects = 1;
	out = applied_of(&before, &after, BH_VERB_REDIRECT);
	assert_int_equal(out.count, 3);
	assert_int_equal(out.changes[1].scope, BH_SCOPE_UNIT(13));
	assert_int_equal(out.changes[2].scope, BH_SCOPE_UNIT(12));
	assert_true(out.changes[2].left);

	before = out.after;
	after = before;
	after.unit = 0;
	out = applied_of(&before, &after, BH_VERB_ACCEPT_RETURN);
	assert_int_equal(out.count, 2);
	assert_int_equal(out.changes[1].scope, BH_SCOPE_UNIT(13));
	assert_true(out.changes[1].left);
}

static void test_apply__reminders_breaches_receipts_and_refusals_move_no_scope(void **state)
{
	(void)state;
	static const enum bh_verb silent[] = {
		BH_VERB_REMIND, BH_VERB_BREACH, BH_VERB_DELIVERED, BH_VERB_SEEN, BH_VERB_SIGN};
	struct bh_case before = {.first = 3, .last = 8, .reporter = 5, .unit = 4};
	for (size_t i = 0; i < 5; i++) {
		struct bh_case after = before;
		if (silent[i] == BH_VERB_REMIND)
			after.reminded = 50;
		struct applied out = applied_of(&before, &after, silent[i]);
		assert_int_equal(out.count, 0); /* the sign: stale, it decided nothing */
		assert_int_equal(out.after.last, 40);
	}
}

static void test_apply__a_broken_decision_changes_nothing(void **state)
{
	(void)state;
	struct bh_case before = {.first = 3, .last = 8}, after = {.cycle = 77};
	struct bh_scope_change changes[BH_SCOPE_CHANGES_MAX];
	size_t count = 99;
	struct bh_entry entry = {.position = 9, .decision = bh_span("\x02", 1)};
	assert_int_equal(bh_apply(&before, &entry, &after, changes, &count), BH_ERR_MALFORMED);
	assert_int_equal(after.cycle, 77);
	assert_int_equal(count, 99);
	struct bh_rules *rules;
	struct bh_dues dues = {.sign_due_ms = 7};
	assert_int_equal(bh_rules_empty(&rules), 0);
	entry.verdict = BH_VERDICT_ACCEPTED;
	assert_int_equal(bh_dues_from_entries(rules, &entry, 1, &dues), BH_ERR_MALFORMED);
	assert_int_equal(dues.sign_due_ms, 7);
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apply__the_first_entry_makes_the_case_and_moves_no_scope),
		cmocka_unit_test(test_apply__a_unit_gains_keeps_and_leaves_a_case),
		cmocka_unit_test(
			test_apply__reminders_breaches_receipts_and_refusals_move_no_scope),
		cmocka_unit_test(test_apply__a_broken_decision_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
