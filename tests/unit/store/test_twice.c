/* What arrives twice, by whatever road, has one effect and one answer; and one poison command harms
 * only itself. */
#include "tests/unit/store/kit.h"

static int open_kit(void **state)
{
	return kit_setup(state, 7);
}

/* A copy of an op in another log, naming where it was first recorded. */
static void push_carried(struct kit *kit, struct push *push, struct phone *phone,
	const struct phone *from, uint64_t seq, const uint8_t link[BH_HASH_BYTES])
{
	struct bh_command *command = push_report(kit, push, phone, "a report");

	command->has_origin = true;
	command->origin = (struct bh_msg_origin){
		.log_id = bh_span(from->log_id, BH_LOG_ID_BYTES),
		.seq = seq,
		.link = bh_span(link, BH_HASH_BYTES),
	};
	push_seal(kit, push, phone);
}

static void test_origin__an_op_that_is_here_is_carried_without_effect(void **state)
{
	struct kit *kit = *state;
	struct phone old, now;
	struct push push;
	struct bh_stats stats;
	struct bh_verdict_row rows[4];
	size_t count;
	int64_t received_ms;

	kit_enrol(kit, &old, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &old, "a report");
	now = old;
	assert_int_equal(kit_log_begin(kit, &now, 2, old.log_id).verdict, BH_VERDICT_ACCEPTED);
	push_begin(&push);
	push_carried(kit, &push, &now, &old, 1, old.link);
	push_report(kit, &push, &now, "a new one");
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_CARRIED);
	assert_int_equal(push.outcomes[0].case_number, number);
	assert_int_equal(push.outcomes[1].verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(push.outcomes[1].case_number, bh_case_number(now.log_short, 2));
	assert_int_equal(push_run(kit, &push), 0);
	assert_true(push.outcomes[0].repeat);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_CARRIED);
	assert_int_equal(push.outcomes[0].case_number, number);
	push_end(&push);
	assert_int_equal(
		bh_reader_verdicts(kit->reader, now.log_short, 0, 2, rows, 4, &count, &received_ms),
		0);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].seq, 1);
	assert_int_equal(rows[0].verdict, BH_VERDICT_CARRIED);
	assert_int_equal(rows[0].case_number, number);
	assert_int_equal(bh_reader_stats(kit->reader, &stats), 0);
	assert_int_equal(stats.cases, 2);
}

static void test_origin__what_was_carried_first_makes_its_own_arrival_the_repeat(void **state)
{
	struct kit *kit = *state;
	struct phone a, b;
	struct push lost, carried;
	struct bh_stats stats;

	kit_enrol(kit, &a, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &b, BH_DEMO_WORKER(1111), 2);
	kit_report(kit, &a, "so that its log is in memory");
	push_begin(&lost);
	push_report(kit, &lost, &a, "a report");
	push_begin(&carried);
	push_carried(kit, &carried, &b, &a, lost.commands[0].seq, lost.commands[0].link);
	assert_int_equal(push_run(kit, &carried), 0);
	assert_int_equal(carried.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(push_run(kit, &lost), 0);
	assert_int_equal(lost.outcomes[0].verdict, BH_VERDICT_CARRIED);
	assert_int_equal(lost.outcomes[0].case_number, carried.outcomes[0].case_number);
	/* and a third copy leads to the first recording, too */
	carried.job.count = 0;
	push_carried(kit, &carried, &b, &a, lost.commands[0].seq, lost.commands[0].link);
	assert_int_equal(push_run(kit, &carried), 0);
	assert_int_equal(carried.outcomes[0].verdict, BH_VERDICT_CARRIED);
	assert_int_equal(carried.outcomes[0].case_number, lost.outcomes[0].case_number);
	assert_int_equal(bh_reader_stats(kit->reader, &stats), 0);
	assert_int_equal(stats.cases, 2);
	push_end(&lost);
	push_end(&carried);
}

static void test_origin__of_another_person_gives_and_takes_nothing(void **state)
{
	struct kit *kit = *state;
	struct phone victim, again, thief;
	struct push push, lost;

	kit_enrol(kit, &victim, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &thief, BH_DEMO_WORKER(1112), 2);
	kit_enrol(kit, &again, BH_DEMO_WORKER(1111), 3);
	kit_report(kit, &victim, "a report");
	struct phone first = victim;
	push_begin(&lost);
	push_report(kit, &lost, &victim, "not pushed yet");
	/* The thief names what is here, and what is not here yet: both are reports of its own. */
	push_begin(&push);
	push_carried(kit, &push, &thief, &first, 1, first.link);
	push_carried(kit, &push, &thief, &victim, 2, lost.commands[0].link);
	assert_int_equal(push_run(kit, &push), 0);
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(push.outcomes[i].verdict, BH_VERDICT_ACCEPTED);
		assert_int_equal(
			push.outcomes[i].case_number, bh_case_number(thief.log_short, i + 1));
	}
	/* The victim's own report and its own copy are what they would have been without it. */
	assert_int_equal(push_run(kit, &lost), 0);
	assert_int_equal(lost.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	push.job.count = 0;
	push_carried(kit, &push, &again, &first, 1, first.link);
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_CARRIED);
	assert_int_equal(push.outcomes[0].case_number, bh_case_number(victim.log_short, 1));
	push_end(&lost);
	push_end(&push);
}

static void test_origin__a_first_that_was_rejected_is_answered_so(void **state)
{
	struct kit *kit = *state;
	struct phone a, b;
	struct push first, carried;

	kit_enrol(kit, &a, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &b, BH_DEMO_WORKER(1111), 2);
	push_begin(&first);
	push_report(kit, &first, &a, "bad")->reason = BH_REASON_PLACE;
	assert_int_equal(push_run(kit, &first), 0);
	assert_int_equal(first.outcomes[0].verdict, BH_VERDICT_REJECTED);
	push_begin(&carried);
	push_carried(kit, &carried, &b, &a, 1, first.commands[0].link);
	assert_int_equal(push_run(kit, &carried), 0);
	assert_int_equal(carried.outcomes[0].verdict, BH_VERDICT_REJECTED);
	assert_int_equal(carried.outcomes[0].reason, BH_REASON_PLACE);
	push_end(&first);
	push_end(&carried);
}

static void test_desk__a_key_has_one_effect_and_one_answer(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, &phone, "litter");
	struct bh_command early = kit_desk(BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), number, "done");
	memset(early.key_hash, 1, BH_HASH_BYTES);
	struct bh_outcome refused = kit_run(kit, &early);
	assert_int_equal(refused.verdict, BH_VERDICT_REJECTED);
	assert_int_equal(refused.position, 0);
	struct bh_command command = kit_desk(
		BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "go");
	command.unit = BH_DEMO_CLEAN_A;
	memset(command.key_hash, 1, BH_HASH_BYTES); /* what was refused left nothing behind */
	struct bh_outcome first = kit_run(kit, &command);
	assert_int_equal(first.verdict, BH_VERDICT_ACCEPTED);
	assert_false(first.repeat);
	kit_restart(kit, true);
	struct bh_outcome again = kit_run(kit, &command);
	assert_true(again.repeat);
	assert_int_equal(again.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(again.position, first.position);
	assert_int_equal(again.state, first.state);
	assert_int_equal(again.case_number, number);
	assert_int_equal(kit->wakes.scopes_count, 0);
}

static void test_poison__one_op_that_the_storage_refuses_harms_only_itself(void **state)
{
	struct kit *kit = *state;
	struct phone a, b;
	struct push first, second;
	struct bh_writer_counts counts;
	struct bh_entry entry;

	kit_enrol(kit, &a, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &b, BH_DEMO_WORKER(1111), 2);
	kit_sql(kit, KIT_PATH,
		"CREATE TRIGGER poison BEFORE INSERT ON content WHEN instr(new.bytes, 'poison') "
		"BEGIN SELECT RAISE(ABORT, 'poison'); END");
	push_begin(&first);
	push_begin(&second);
	push_report(kit, &first, &a, "one");
	push_report(kit, &first, &a, "poison");
	push_report(kit, &first, &a, "three");
	push_report(kit, &second, &b, "of another");
	struct bh_job *jobs[] = {&first.job, &second.job};
	assert_int_equal(bh_writer_run(kit->writer, kit->now, jobs, 2, &kit->wakes), 0);
	assert_int_equal(first.job.err, 0);
	assert_int_equal(second.job.err, 0);
	assert_int_equal(first.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(first.outcomes[1].verdict, BH_VERDICT_REJECTED);
	assert_int_equal(first.outcomes[1].reason, BH_REASON_UNREADABLE);
	assert_int_equal(first.outcomes[2].verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(second.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(first.job.acked_seq, 3);
	bh_writer_counts(kit->writer, &counts);
	assert_int_equal(counts.poison, 1);
	assert_int_equal(
		bh_reader_entry(kit->reader, first.outcomes[1].position, &kit->arena, &entry), 0);
	assert_int_equal(entry.verb, BH_VERB_UNREADABLE);
	assert_int_equal(entry.content.len, 0);
	assert_memory_equal(entry.commitment, first.commands[1].commitment, BH_HASH_BYTES);
	assert_int_equal(push_run(kit, &first), 0); /* the same again, for ever */
	assert_int_equal(first.outcomes[1].verdict, BH_VERDICT_REJECTED);
	assert_int_equal(first.outcomes[1].reason, BH_REASON_UNREADABLE);
	push_end(&first);
	push_end(&second);
}

static void test_poison__a_desk_command_is_refused_and_its_neighbours_are_not(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t numbers[2] = {kit_report(kit, &phone, "one"), kit_report(kit, &phone, "two")};
	kit_sql(kit, KIT_PATH,
		"CREATE TRIGGER poison BEFORE INSERT ON content WHEN instr(new.bytes, 'poison') "
		"BEGIN SELECT RAISE(ABORT, 'poison'); END");
	struct bh_command commands[2];
	struct bh_outcome outcomes[2] = {0};
	struct bh_job jobs[2];
	struct bh_job *list[2] = {&jobs[0], &jobs[1]};
	for (size_t i = 0; i < 2; i++) {
		commands[i] = kit_desk(BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), numbers[i],
			i ? "go" : "poison");
		commands[i].unit = BH_DEMO_CLEAN_A;
		jobs[i] = (struct bh_job){
			.commands = &commands[i], .outcomes = &outcomes[i], .count = 1};
	}
	assert_int_equal(bh_writer_run(kit->writer, kit->now, list, 2, &kit->wakes), 0);
	assert_int_equal(outcomes[0].err, BH_ERR_INVALID);
	assert_int_equal(outcomes[1].err, 0);
	assert_int_equal(outcomes[1].verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(kit_case(kit, numbers[0]).state, BH_STATE_RECEIVED);
	assert_int_equal(kit_case(kit, numbers[1]).state, BH_STATE_DISPATCHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_origin__an_op_that_is_here_is_carried_without_effect, open_kit,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_origin__what_was_carried_first_makes_its_own_arrival_the_repeat,
			open_kit, kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_origin__of_another_person_gives_and_takes_nothing, open_kit,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_origin__a_first_that_was_rejected_is_answered_so, open_kit,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_desk__a_key_has_one_effect_and_one_answer, open_kit, kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_poison__one_op_that_the_storage_refuses_harms_only_itself, open_kit,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_poison__a_desk_command_is_refused_and_its_neighbours_are_not, open_kit,
			kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
