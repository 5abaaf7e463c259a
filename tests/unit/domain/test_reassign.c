/* Row 58: an open task of a field worker is given to another, by the leader of the grid inside it,
 * by a desk to whom it might have sent; its clock runs on, and who had it answers too late. */
#include "tests/unit/domain/docket.h"

#include "tests/unit/domain/demo_rules.h"

#define LEADER BH_DEMO_PERSON(GRID_LEADER)
#define FIRST BH_DEMO_WORKER(1111)
#define SECOND BH_DEMO_WORKER(1112) /* of grid 1111, too */
#define NEIGHBOUR BH_DEMO_WORKER(1121)

/* Grid 1111 has two workers and a leader of its own. */
static int open_rules(void **state)
{
	static struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].person == SECOND || demo.posts[i].person == LEADER)
			demo.posts[i].area = 1111;
	*state = bh_demo_build(&demo);
	return 0;
}

static struct bh_command to(
	const struct bh_docket *docket, uint32_t by, uint32_t task, uint32_t person)
{
	struct bh_command command = bh_docket_desk(docket, BH_VERB_REASSIGN, by, NULL);
	command.task = task;
	command.assignee = person;
	return command;
}

static struct bh_command answer(
	const struct bh_docket *docket, enum bh_verb verb, uint32_t person, uint64_t base)
{
	struct bh_command op = bh_docket_op(docket, verb, person, "looked at it");
	op.task = 1;
	op.reason_code = BH_TASK_YES;
	op.base_position = base;
	return op;
}

static void verifying(struct bh_docket *docket, const struct bh_rules *rules)
{
	bh_docket_open(docket, rules);
	bh_docket_to_received(docket, BH_DEMO_LITTER, 1111);
	struct bh_command verify = bh_docket_desk(
		docket, BH_VERB_VERIFY, BH_DEMO_PERSON(ACCEPTOR), "look");
	verify.assignee = FIRST;
	bh_docket_must(docket, &verify);
}

static void test_reassign__the_leader_moves_a_task_inside_the_grid_with_its_clock(void **state)
{
	struct bh_docket docket;
	verifying(&docket, *state);
	const struct bh_task before = docket.tasks[0];
	uint64_t seen = docket.cased.last;
	docket.now_ms += BH_MINUTES(10);
	struct bh_command move = to(&docket, LEADER, 1, SECOND);
	bh_docket_must(&docket, &move);
	assert_int_equal(docket.cased.state, BH_STATE_VERIFYING);
	assert_int_equal(docket.tasks[0].person, SECOND);
	assert_int_equal(docket.tasks[0].person_before, FIRST);
	assert_int_equal(docket.tasks[0].due_ms, before.due_ms);
	assert_int_equal(docket.tasks[0].made_ms, before.made_ms);
	assert_int_equal(docket.tasks[0].asked_by, before.asked_by);
	/* made before the first one's handset knew */
	struct bh_command late = answer(&docket, BH_VERB_ANSWER_VERIFY, FIRST, seen);
	assert_int_equal(bh_docket_give(&docket, &late)->verdict, BH_VERDICT_STALE);
	/* ... and after */
	late = answer(&docket, BH_VERB_ANSWER_VERIFY, FIRST, docket.cased.last);
	assert_int_equal(bh_docket_give(&docket, &late)->reason, BH_REASON_NO_RIGHT);
	late = answer(&docket, BH_VERB_ANSWER_VERIFY, BH_DEMO_HANDLER(BH_DEMO_GAS), seen);
	assert_int_equal(bh_docket_give(&docket, &late)->reason, BH_REASON_NO_RIGHT);
	struct bh_command own = answer(&docket, BH_VERB_ANSWER_VERIFY, SECOND, docket.cased.last);
	bh_docket_must(&docket, &own);
	assert_int_equal(docket.cased.state, BH_STATE_RECEIVED);
	late = answer(&docket, BH_VERB_ANSWER_VERIFY, FIRST, seen);
	assert_int_equal(bh_docket_give(&docket, &late)->verdict, BH_VERDICT_STALE);
}

static void test_reassign__back_and_forth_it_is_the_last_ones(void **state)
{
	struct bh_docket docket;
	verifying(&docket, *state);
	uint64_t seen = docket.cased.last;
	struct bh_command move = to(&docket, LEADER, 1, SECOND);
	bh_docket_must(&docket, &move);
	move = to(&docket, LEADER, 1, FIRST);
	bh_docket_must(&docket, &move);
	struct bh_command own = answer(&docket, BH_VERB_ANSWER_VERIFY, FIRST, seen);
	bh_docket_must(&docket, &own); /* he knew nothing of it, and it is his */
}

static void test_reassign__what_does_not_fit_is_refused(void **state)
{
	struct bh_docket docket;
	verifying(&docket, *state);
	const struct {
		uint32_t by, task, person;
		enum bh_reason reason;
	} asks[] = {
		{LEADER, 1, NEIGHBOUR, BH_REASON_GUARD}, /* not of the grid */
		{LEADER, 1, FIRST, BH_REASON_GUARD},     /* it is his */
		{LEADER, 1, 0, BH_REASON_FIELD}, {LEADER, 1, 4711, BH_REASON_GUARD},
		{LEADER, 1, BH_DEMO_HANDLER(BH_DEMO_GAS), BH_REASON_GUARD},
		{LEADER, 0, SECOND, BH_REASON_FIELD}, {LEADER, 2, SECOND, BH_REASON_FIELD},
		{FIRST, 1, SECOND, BH_REASON_NO_RIGHT},
		{BH_DEMO_PERSON(AUDITOR), 1, SECOND, BH_REASON_NO_RIGHT},
		{BH_DEMO_TOWNSHIP_DESK, 1, SECOND, BH_REASON_NO_RIGHT}, /* another's area */
	};
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		struct bh_command move = to(&docket, asks[i].by, asks[i].task, asks[i].person);
		bh_docket_refused(&docket, &move, asks[i].reason);
	}
	struct bh_command far = to(&docket, BH_DEMO_PERSON(ACCEPTOR), 1, NEIGHBOUR);
	bh_docket_must(&docket, &far); /* a desk sends whom it likes */
	far = to(&docket, LEADER, 1, SECOND);
	bh_docket_must(&docket, &far); /* what came into the grid is the leader's to share out */
	struct bh_command own = answer(&docket, BH_VERB_ANSWER_VERIFY, SECOND, docket.cased.last);
	bh_docket_must(&docket, &own);
	docket.now_ms += 1;
	struct bh_command ended = to(&docket, LEADER, 1, FIRST);
	bh_docket_refused(&docket, &ended, BH_REASON_NOT_NOW);
}

/* 20: "not the same person as the handler". */
static void test_reassign__a_check_never_goes_to_who_did_it(void **state)
{
	static struct bh_demo_profile demo;
	struct bh_docket docket;
	(void)state;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++) {
		if (demo.posts[i].person == SECOND || demo.posts[i].person == LEADER)
			demo.posts[i].area = 1111;
		if (demo.posts[i].person == SECOND)
			demo.posts[i].unit = BH_DEMO_CLEAN_A; /* a colleague of the unit */
	}
	struct bh_rules *rules = bh_demo_build(&demo);
	bh_docket_open(&docket, rules);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command check = bh_docket_desk(
		&docket, BH_VERB_CHECK, BH_DEMO_PERSON(ACCEPTOR), NULL);
	check.assignee = NEIGHBOUR;
	bh_docket_must(&docket, &check);
	struct bh_command move = to(&docket, LEADER, 1, SECOND);
	bh_docket_refused(&docket, &move, BH_REASON_GUARD);
	move = to(&docket, LEADER, 1, FIRST);
	bh_docket_must(&docket, &move);
	docket.cased.finished_by = NEIGHBOUR;
	move = to(&docket, BH_DEMO_PERSON(ACCEPTOR), 1, NEIGHBOUR);
	bh_docket_refused(&docket, &move, BH_REASON_GUARD);
	bh_rules_unref(rules);
}

/* A unit's is the unit's to share out, an expert's is nobody else's. */
static void test_reassign__only_a_field_workers_task_moves(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command help = bh_docket_desk(
		&docket, BH_VERB_ASK_HELP, BH_DEMO_PERSON(DISPATCHER), "come");
	help.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &help);
	help.unit = 0;
	help.assignee = BH_DEMO_HANDLER(BH_DEMO_GAS);
	help.base_position = 0;
	bh_docket_must(&docket, &help);
	help.assignee = FIRST;
	bh_docket_must(&docket, &help);
	struct bh_command move = to(&docket, LEADER, 1, SECOND);
	bh_docket_refused(&docket, &move, BH_REASON_GUARD);
	move = to(&docket, LEADER, 2, SECOND);
	bh_docket_refused(&docket, &move, BH_REASON_GUARD);
	move = to(&docket, LEADER, 3, SECOND);
	bh_docket_must(&docket, &move);
	assert_int_equal(docket.tasks[2].by_case, 1);
	assert_int_equal(docket.tasks[2].due_ms, docket.cased.disposal_due_ms);
	assert_int_equal(docket.cased.open_helps, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_reassign__the_leader_moves_a_task_inside_the_grid_with_its_clock),
		cmocka_unit_test(test_reassign__back_and_forth_it_is_the_last_ones),
		cmocka_unit_test(test_reassign__what_does_not_fit_is_refused),
		cmocka_unit_test(test_reassign__a_check_never_goes_to_who_did_it),
		cmocka_unit_test(test_reassign__only_a_field_workers_task_moves),
	};
	return cmocka_run_group_tests(tests, open_rules, bh_docket_rules_close);
}
