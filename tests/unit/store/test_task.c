/* Tasks on disk: rows from entries alone, whose lists a case stands in, the clock's order, and what
 * a replay of the journal gives. */
#include "server/store/task.h"
#include "tests/unit/store/kit.h"

static int open_kit(void **state)
{
	return kit_setup(state, 4);
}

static int close_kit(void **state)
{
	return kit_teardown(state);
}

static struct bh_task task_of(struct kit *kit, uint64_t number)
{
	struct bh_task tasks[4];
	size_t count = 0;

	assert_int_equal(bh_reader_tasks(kit->reader, number, false, tasks, 4, &count), 0);
	assert_int_equal(count, 1);
	return tasks[0];
}

static struct bh_feed_row last_row(struct kit *kit, uint32_t person)
{
	struct bh_feed_row rows[16];
	size_t count = 0;

	assert_int_equal(bh_reader_feed(kit->reader, BH_SCOPE_OWN(person), 0, rows, 16, &count), 0);
	assert_in_range(count, 1, 16);
	return rows[count - 1];
}

static uint64_t verifying(struct kit *kit, struct phone *phone)
{
	kit_enrol(kit, phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = kit_report(kit, phone, "litter");
	struct bh_command verify = kit_desk(
		BH_VERB_VERIFY, BH_DEMO_PERSON(ACCEPTOR), number, "look");

	assert_int_equal(kit_run(kit, &verify).verdict, BH_VERDICT_ACCEPTED);
	return number;
}

static void test_task__its_case_stands_in_the_workers_list_until_it_ends(void **state)
{
	struct kit *kit = *state;
	struct phone phone, worker;
	struct push push;
	uint64_t number = verifying(kit, &phone);
	struct bh_task task = task_of(kit, number);

	assert_int_equal(task.number, number);
	assert_int_equal(task.first, kit_case(kit, number).last);
	assert_int_equal(last_row(kit, task.person).case_number, number);
	assert_false(last_row(kit, task.person).left);
	kit_enrol(kit, &worker, task.person, 2);
	push_begin(&push);
	struct bh_command *op = push_op(
		kit, &push, &worker, BH_VERB_ANSWER_VERIFY, number, "it is so");
	op->task = 1;
	op->reason_code = BH_TASK_YES;
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	push_end(&push);
	task = task_of(kit, number);
	assert_int_equal(task.state, BH_TASK_ANSWERED);
	assert_int_equal(task.last, kit_case(kit, number).last);
	assert_true(last_row(kit, task.person).left);
	assert_false(last_row(kit, phone.person).left);
}

/* It leaves the one's list for the other's; what the one answers later is stale, and told to who
 * gave it away. */
static void test_task__another_has_it_and_the_ones_list_it_leaves(void **state)
{
	struct kit *kit = *state;
	struct phone phone, worker;
	struct push push;
	uint64_t number = verifying(kit, &phone);
	uint32_t first = task_of(kit, number).person, second = BH_DEMO_WORKER(1121);
	uint64_t seen = kit_case(kit, number).last;
	struct bh_command move = kit_desk(
		BH_VERB_REASSIGN, BH_DEMO_PERSON(GRID_LEADER), number, "the other is nearer");

	assert_int_not_equal(first, second);
	move.task = 1;
	move.assignee = second;
	assert_int_equal(kit_run(kit, &move).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(task_of(kit, number).person, second);
	assert_int_equal(task_of(kit, number).person_before, first);
	assert_true(last_row(kit, first).left);
	assert_int_equal(last_row(kit, second).case_number, number);
	assert_false(last_row(kit, second).left);
	kit_enrol(kit, &worker, first, 2);
	push_begin(&push);
	struct bh_command *op = push_op(
		kit, &push, &worker, BH_VERB_ANSWER_VERIFY, number, "it is so");
	op->task = 1;
	op->reason_code = BH_TASK_YES;
	op->base_position = seen;
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_STALE);
	push_end(&push);
	assert_int_equal(task_of(kit, number).state, BH_TASK_OPEN);
	kit_restart(kit, true);
	assert_true(last_row(kit, first).left);
	assert_false(last_row(kit, second).left);
}

/* The dispatch at the margin first, then what was sent beside it. */
static void test_task__lapses_in_the_order_of_instants_and_survives_a_restart(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	uint64_t number = verifying(kit, &phone);
	struct bh_task task = task_of(kit, number);

	kit_pass(kit, task.due_ms - kit->now.wall_ms - 1);
	(void)kit_tick(kit);
	assert_int_equal(kit_case(kit, number).state, BH_STATE_DISPATCHED);
	assert_int_equal(task_of(kit, number).state, BH_TASK_OPEN);
	assert_int_equal(bh_writer_wake_mono_ms(kit->writer, kit->now), kit->now.mono_ms + 1);
	kit_restart(kit, true);
	kit_pass(kit, 1);
	assert_int_equal(kit_tick(kit), 1);
	assert_int_equal(task_of(kit, number).state, BH_TASK_LAPSED);
	assert_int_equal(kit_tick(kit), 0);
	assert_true(last_row(kit, task.person).left);
}

static void test_task__is_withdrawn_with_the_command_that_leaves_it_behind(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	uint64_t number = verifying(kit, &phone);
	uint32_t worker = task_of(kit, number).person;
	struct bh_task open[4];
	size_t count = 0;

	kit_pass(kit, 26 * KIT_MINUTE);
	(void)kit_tick(kit);
	struct bh_case cased = kit_case(kit, number);
	struct bh_command sign = kit_desk(BH_VERB_SIGN, BH_DEMO_LEAD(cased.unit), number, "signed");
	assert_int_equal(kit_run(kit, &sign).verdict, BH_VERDICT_ACCEPTED);
	struct bh_command finish = kit_desk(
		BH_VERB_FINISH, BH_DEMO_LEAD(cased.unit), number, "done");
	assert_int_equal(kit_run(kit, &finish).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(task_of(kit, number).state, BH_TASK_WITHDRAWN);
	assert_int_equal(kit_case(kit, number).open_tasks, 0);
	assert_int_equal(bh_reader_tasks_open(kit->reader, 0, open, 4, &count), 0);
	assert_int_equal(count, 0);
	assert_true(last_row(kit, worker).left);
}

/* Other people, in the profile of the day: what waits for who is gone comes back with it, and a
 * replay, which meets that profile at the same place, agrees. */
static void test_task__goes_back_with_the_profile_that_has_its_worker_no_more(void **state)
{
	static struct bh_demo_profile demo;
	struct kit *kit = *state;
	struct phone phone;
	uint64_t number = verifying(kit, &phone);
	uint32_t worker = task_of(kit, number).person;
	size_t kept = 0;

	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].person != worker)
			demo.posts[kept++] = demo.posts[i];
	demo.profile.posts_count = kept;
	kit->payload.len = 0;
	assert_int_equal(bh_encode_profile(&demo.profile, &kit->payload), 0);
	assert_int_equal(kit_operator(kit, BH_VERB_PROFILE, bh_buf_span(&kit->payload)).err, 0);
	assert_true(bh_writer_wake_mono_ms(kit->writer, kit->now) <= kit->now.mono_ms);
	kit_restart(kit, true);
	kit_pass(kit, 1);
	assert_int_equal(kit_tick(kit), 1);
	assert_int_equal(task_of(kit, number).state, BH_TASK_LAPSED);
	assert_int_equal(kit_case(kit, number).state, BH_STATE_RECEIVED);
	assert_true(last_row(kit, worker).left);
	assert_int_equal(kit_tick(kit), 0);
}

/* Verification sees a row that no entry made. */
static void test_task__a_row_that_is_no_entrys_is_found(void **state)
{
	struct kit kit;
	struct phone phone;
	struct bh_verify_report report;

	(void)state;
	kit_open(&kit, 5);
	(void)verifying(&kit, &phone);
	assert_int_equal(kit_verify(&kit, &report), 0);
	kit_down(&kit);
	kit_sql(&kit, KIT_PATH, "UPDATE task SET next_ms = next_ms + 1");
	assert_int_equal(kit_up(&kit), 0);
	assert_int_equal(kit_verify(&kit, &report), BH_ERR_CORRUPT);
	assert_non_null(strstr(report.what, "task"));
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_task__its_case_stands_in_the_workers_list_until_it_ends, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_task__another_has_it_and_the_ones_list_it_leaves, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_task__lapses_in_the_order_of_instants_and_survives_a_restart, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_task__is_withdrawn_with_the_command_that_leaves_it_behind, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_task__goes_back_with_the_profile_that_has_its_worker_no_more, open_kit,
			close_kit),
		cmocka_unit_test(test_task__a_row_that_is_no_entrys_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
