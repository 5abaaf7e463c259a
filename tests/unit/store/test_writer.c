/* What a push is answered: accepted, again the same, a gap, a fork, from a handset that is not
 * live. */
#include "tests/unit/store/kit.h"

static int open_kit(void **state)
{
	struct kit *kit = test_calloc(1, sizeof(*kit));

	kit_open(kit, 1);
	*state = kit;
	return 0;
}

static int close_kit(void **state)
{
	kit_close(*state);
	test_free(*state);
	return 0;
}

static void test_push__reports_are_accepted_and_numbered(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct push push;
	struct bh_case cased;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	push_begin(&push);
	for (int i = 0; i < 10; i++)
		push_report(kit, &push, &phone, "井盖破损，行人容易绊倒");
	assert_int_equal(push_run(kit, &push), 0);
	for (uint32_t i = 0; i < 10; i++) {
		assert_int_equal(push.outcomes[i].verdict, BH_VERDICT_ACCEPTED);
		assert_false(push.outcomes[i].repeat);
		assert_int_equal(
			push.outcomes[i].case_number, bh_case_number(phone.log_short, i + 1));
		cased = kit_case(kit, push.outcomes[i].case_number);
		assert_int_equal(cased.state, BH_STATE_RECEIVED);
		assert_int_equal(cased.grid, 1111);
		assert_int_equal(cased.dispatch_due_ms, push.outcomes[i].dispatch_due_ms);
	}
	assert_int_equal(push.job.acked_seq, 10);
	assert_memory_equal(push.job.acked_link, phone.link, BH_HASH_BYTES);
	push_end(&push);
}

static void test_push__a_repeat_gets_the_same_verdict_also_after_a_restart(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct push push;
	struct bh_outcome first[3];

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	push_begin(&push);
	push_report(kit, &push, &phone, "one");
	push_op(kit, &push, &phone, BH_VERB_FINISH, bh_case_number(phone.log_short, 1), "not mine");
	push_report(kit, &push, &phone, "two");
	assert_int_equal(push_run(kit, &push), 0);
	memcpy(first, push.outcomes, sizeof(first));
	assert_int_equal(first[1].verdict, BH_VERDICT_REJECTED);
	for (int round = 0; round < 3; round++) {
		if (round)
			kit_restart(kit, round == 2);
		assert_int_equal(push_run(kit, &push), 0);
		for (int i = 0; i < 3; i++) {
			assert_true(push.outcomes[i].repeat);
			assert_int_equal(push.outcomes[i].verdict, first[i].verdict);
			assert_int_equal(push.outcomes[i].reason, first[i].reason);
			assert_int_equal(push.outcomes[i].position, first[i].position);
			assert_int_equal(push.outcomes[i].case_number, first[i].case_number);
			assert_int_equal(push.outcomes[i].at_ms, first[i].at_ms);
		}
		assert_int_equal(push.job.acked_seq, 3);
	}
	push_end(&push);
}

static void test_push__a_gap_is_refused_and_nothing_is_taken(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct push push;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	kit_report(kit, &phone, "first");
	push_begin(&push);
	push_report(kit, &push, &phone, "never sent");
	push.job.count = 0;
	push_report(kit, &push, &phone, "past the gap");
	assert_int_equal(push_run(kit, &push), BH_ERR_LIMIT);
	assert_int_equal(push.job.acked_seq, 1);
	push_end(&push);
}

static void test_push__another_link_at_a_known_sequence_is_a_fork(void **state)
{
	struct kit *kit = *state;
	struct phone phone, backup;
	struct push push;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	kit_report(kit, &phone, "first");
	backup = phone;
	kit_report(kit, &phone, "second");
	push_begin(&push);
	push_report(kit, &push, &backup, "another second");
	push_report(kit, &push, &backup, "and a third");
	assert_int_equal(push_run(kit, &push), BH_ERR_FORK);
	assert_int_equal(push.job.acked_seq, 2);
	assert_memory_equal(push.job.acked_link, phone.link, BH_HASH_BYTES);
	push_end(&push);
}

static void test_push__a_revoked_handset_is_quarantined_in_the_same_transaction(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct push push;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	push_begin(&push);
	push_report(kit, &push, &phone, "recorded before");
	assert_int_equal(kit_revoke(kit, phone.device).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(kit->wakes.kicked_count, 1);
	assert_int_equal(kit->wakes.kicked[0], phone.device);
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_QUARANTINED);
	assert_int_equal(push.outcomes[0].reason, BH_REASON_DEVICE);
	struct bh_case cased;
	assert_int_equal(bh_reader_case(kit->reader, bh_case_number(phone.log_short, 1), &cased),
		BH_ERR_NOT_FOUND);
	push_end(&push);
}

static void test_push__a_verb_nobody_knows_is_rejected_and_its_bytes_are_kept(void **state)
{
	static const uint32_t verbs[] = {BH_VERB_FOUND, BH_VERB_PROFILE, BH_VERB_SUSPEND_DEVICE,
		BH_VERB_MAX, 255, 256, 100000, UINT32_MAX};
	struct kit *kit = *state;
	struct bh_verify_report report;
	struct phone phone;
	struct push push;
	struct bh_entry entry;
	size_t count = sizeof(verbs) / sizeof(verbs[0]);

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	push_begin(&push);
	for (size_t i = 0; i < count; i++)
		push_op(kit, &push, &phone, (enum bh_verb)verbs[i], UINT64_MAX - i, "hello");
	assert_int_equal(push_run(kit, &push), 0);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(push.outcomes[i].verdict, BH_VERDICT_REJECTED);
		assert_int_equal(push.outcomes[i].reason, BH_REASON_UNSUPPORTED);
		assert_int_equal(bh_reader_entry(kit->reader, push.outcomes[i].position,
					 &kit->arena, &entry),
			0);
		assert_true(bh_span_equal(entry.header, push.commands[i].header));
	}
	push_end(&push);
	assert_int_equal(kit_verify(kit, &report), 0);
}

/* From the report of one handset to the closure at the desk, by another handset's hands: the
 * closing outcome. */
static struct bh_outcome case_through(struct kit *kit, struct phone *reporter, uint64_t *number)
{
	struct phone handler;
	struct push push;

	kit_enrol(kit, reporter, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &handler, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), 2);
	*number = kit_report(kit, reporter, "一堆垃圾");
	struct bh_command command = kit_desk(
		BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), *number, "today, please");
	command.unit = BH_DEMO_CLEAN_A;
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(kit->wakes.scopes_count, 2);
	push_begin(&push);
	push_op(kit, &push, &handler, BH_VERB_SIGN, *number, "");
	push_op(kit, &push, &handler, BH_VERB_FINISH, *number, "removed");
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(push.outcomes[1].verdict, BH_VERDICT_ACCEPTED);
	push_end(&push);
	command = kit_desk(BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), *number, "cleaned, thank you");
	return kit_run(kit, &command);
}

static void test_case__goes_from_report_to_closure(void **state)
{
	struct kit *kit = *state;
	struct phone reporter;
	struct bh_entry entries[8];
	struct bh_feed_row rows[4];
	uint64_t number;
	size_t count;

	struct bh_outcome closed = case_through(kit, &reporter, &number);
	assert_int_equal(closed.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(closed.state, BH_STATE_CLOSED);
	assert_int_equal(
		bh_reader_closures(kit->reader, number, &kit->arena, entries, 8, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(entries[0].position, closed.position);
	assert_int_equal(
		bh_reader_history(kit->reader, number, &kit->arena, entries, 8, &count), 0);
	assert_int_equal(count, 5);
	assert_int_equal(entries[0].verb, BH_VERB_SUBMIT);
	assert_int_equal(entries[4].prev, entries[3].position);
	assert_int_equal(
		bh_reader_feed(kit->reader, BH_SCOPE_OWN(reporter.person), 0, rows, 4, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].position, closed.position);
	assert_int_equal(rows[0].case_number, number);
	assert_int_equal(bh_reader_feed(kit->reader, BH_SCOPE_OWN(reporter.person), closed.position,
				 rows, 4, &count),
		0);
	assert_int_equal(count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_push__reports_are_accepted_and_numbered, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_push__a_repeat_gets_the_same_verdict_also_after_a_restart, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_push__a_gap_is_refused_and_nothing_is_taken, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_push__another_link_at_a_known_sequence_is_a_fork, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_push__a_revoked_handset_is_quarantined_in_the_same_transaction,
			open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_push__a_verb_nobody_knows_is_rejected_and_its_bytes_are_kept, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_case__goes_from_report_to_closure, open_kit, close_kit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
