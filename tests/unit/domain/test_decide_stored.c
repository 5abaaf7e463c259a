/* A photo that came: a quiet fact, in any state, once. */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "tests/unit/domain/demo_rules.h"

static struct bh_command stored(const struct bh_docket *docket)
{
	return (struct bh_command){.source = BH_SOURCE_STORE,
		.verb = BH_VERB_STORED,
		.log_short = BH_LOG_STORE,
		.case_number = docket->cased.number,
		.blob_size = 9};
}

static void test_stored__is_accepted_in_every_state_and_moves_none(void **state)
{
	static void (*const roads[])(struct bh_docket *, uint32_t, uint32_t) = {
		bh_docket_to_received, bh_docket_to_dispatched, bh_docket_to_handling,
		bh_docket_to_done};
	for (size_t i = 0; i < sizeof(roads) / sizeof(roads[0]); i++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		docket.blob = BH_BLOB_NAMED;
		roads[i](&docket, BH_DEMO_LITTER, 1111);
		const struct bh_case before = docket.cased;
		struct bh_command command = stored(&docket);
		bh_docket_must(&docket, &command);
		assert_int_equal(docket.cased.state, before.state);
		assert_int_equal(docket.cased.dispatch_due_ms, before.dispatch_due_ms);
		assert_int_equal(docket.cased.quiet_from, before.last);
		assert_int_equal(docket.changes_count, before.unit != 0 ? 1 : 0);
		for (size_t k = 0; k < docket.changes_count; k++)
			assert_true(docket.changes[k].scope == BH_SCOPE_UNIT(before.unit));
	}
}

static void test_stored__the_unit_is_told_of_each_though_nothing_else_changes(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	docket.blob = BH_BLOB_NAMED;
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	uint64_t seen = docket.cased.last;
	for (int i = 0; i < 3; i++) {
		struct bh_command command = stored(&docket);
		bh_docket_must(&docket, &command);
		assert_int_equal(docket.changes_count, 1);
		assert_int_equal(docket.cased.quiet_from, seen);
	}
	assert_int_equal(docket.entries[docket.count - 1].decision.len, 0);
}

static void test_stored__makes_nobodys_act_stale(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	docket.blob = BH_BLOB_NAMED;
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command act = bh_docket_desk(
		&docket, BH_VERB_REFUSE, BH_DEMO_PERSON(ACCEPTOR), "twice the same");
	act.reason_code = 1;
	struct bh_command command = stored(&docket);
	bh_docket_must(&docket, &command);
	bh_docket_must(&docket, &command);
	bh_docket_must(&docket, &act); /* decided on the version before both photos */
	assert_int_equal(docket.cased.quiet_from, 0);
}

static void test_stored__once_and_only_what_the_case_names(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command command = stored(&docket);
	bh_docket_refused(&docket, &command, BH_REASON_FIELD);
	docket.blob = BH_BLOB_STORED;
	size_t count = docket.count;
	const struct bh_verdict_on *on = bh_docket_give(&docket, &command);
	assert_int_equal(on->verdict, BH_VERDICT_ACCEPTED);
	assert_false(on->journal);
	assert_false(on->changes);
	assert_int_equal(docket.count, count);
}

static void test_stored__is_no_verb_of_anybody_else(void **state)
{
	static const enum bh_source others[] = {BH_SOURCE_DESK, BH_SOURCE_OPERATOR};
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	docket.blob = BH_BLOB_NAMED;
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct bh_command command = stored(&docket);
		command.source = others[i];
		(void)bh_docket_give(&docket, &command);
		assert_int_equal(docket.last.verdict, BH_VERDICT_REJECTED);
	}
	struct bh_command op = bh_docket_op(&docket, BH_VERB_STORED, BH_DEMO_WORKER(1111), NULL);
	(void)bh_docket_give(&docket, &op);
	assert_int_equal(docket.last.verdict, BH_VERDICT_REJECTED);
	assert_int_equal(docket.last.reason, BH_REASON_UNSUPPORTED);
	struct bh_command command = stored(&docket);
	command.case_number++;
	docket.exists = false;
	bh_docket_refused(&docket, &command, BH_REASON_NO_CASE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stored__is_accepted_in_every_state_and_moves_none),
		cmocka_unit_test(test_stored__the_unit_is_told_of_each_though_nothing_else_changes),
		cmocka_unit_test(test_stored__makes_nobodys_act_stale),
		cmocka_unit_test(test_stored__once_and_only_what_the_case_names),
		cmocka_unit_test(test_stored__is_no_verb_of_anybody_else),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
