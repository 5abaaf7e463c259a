/* Who hears of what else would be lost: a P1 that arrives, a unit without people, what was asked
 * for and is answered or is not, and what the reporter says afterwards. */
#include "tests/unit/domain/docket.h"

#include "server/domain/notice.h"
#include "server/domain/threshold.h"
#include "tests/unit/domain/demo_rules.h"

#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define SHIFT_LEADER BH_DEMO_PERSON(SHIFT_LEADER)
#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define WORKER BH_DEMO_WORKER(1111)

/* Of the entries from one on: is this told to this person? */
static bool is_told(const struct bh_docket *docket, const struct bh_case *before, size_t from,
	uint32_t person, uint32_t kind)
{
	struct bh_notice notices[BH_NOTICES_MAX];
	bool found = false;
	for (size_t at = from; at < docket->count; at++) {
		const struct bh_entry *entry = &docket->entries[at];
		uint32_t task = bh_task_of_decision(entry->decision);
		const struct bh_notice_facts facts = {.rules = docket->rules,
			.entry = entry,
			.before = before,
			.after = &docket->cased,
			.task = task != 0 ? &docket->tasks[task - 1] : NULL};
		size_t count = bh_notices_of(&facts, notices);
		for (size_t i = 0; i < count; i++)
			found |= notices[i].person == person && notices[i].kind == kind;
	}
	return found;
}

/* After the command. */
static bool tells(
	struct bh_docket *docket, const struct bh_command *command, uint32_t person, uint32_t kind)
{
	const struct bh_case before = docket->cased;
	size_t from = docket->count;
	bh_docket_must(docket, command);
	return is_told(docket, from > 0 ? &before : NULL, from, person, kind);
}

static bool act_tells(
	struct bh_docket *docket, enum bh_verb verb, uint32_t by, uint32_t person, uint32_t kind)
{
	struct bh_command command = bh_docket_desk(docket, verb, by, "so it is");
	return tells(docket, &command, person, kind);
}

static void test_told__a_P1_is_told_of_as_it_arrives_and_wherever_it_goes(void **state)
{
	(void)state;
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.routes_count; i++)
		demo.routes[i].immediate = false;
	struct bh_rules *rules = bh_demo_build(&demo);
	struct bh_docket docket;
	for (int i = 0; i < 2; i++) {
		bh_docket_open(&docket, rules);
		struct bh_command report = bh_docket_report(&docket, BH_DEMO_GAS_LEAK, 1111);
		report.person = DISPATCHER; /* who did it is not told of it */
		assert_true(
			tells(&docket, &report, i == 0 ? SHIFT_LEADER : WORKER, BH_NOTICE_ARRIVED));
	}
	bh_docket_act(&docket, BH_VERB_DISPATCH, DISPATCHER, NULL);
	struct bh_command redirect = bh_docket_desk(
		&docket, BH_VERB_REDIRECT, DISPATCHER, "another");
	redirect.unit = BH_DEMO_WORKS;
	assert_true(tells(&docket, &redirect, WORKER, BH_NOTICE_URGENT_TOLD));
	bh_docket_open(&docket, rules);
	struct bh_command report = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	assert_false(tells(&docket, &report, SHIFT_LEADER, BH_NOTICE_ARRIVED));
	bh_rules_unref(rules);
}

static void test_told__a_unit_without_people_is_the_shift_leaders(void **state)
{
	(void)state;
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].unit == BH_DEMO_CLEAN_A)
			demo.posts[i].to_day = 1;
	struct bh_rules *rules = bh_demo_build(&demo);
	struct bh_docket docket;
	bh_docket_open(&docket, rules);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket.cased.proposed_unit, BH_DEMO_CLEAN_COUNTY);
	struct bh_command dispatch = bh_docket_desk(&docket, BH_VERB_DISPATCH, DISPATCHER, NULL);
	dispatch.unit = BH_DEMO_CLEAN_A;
	assert_true(tells(&docket, &dispatch, SHIFT_LEADER, BH_NOTICE_UNMANNED));
	assert_int_equal(docket.cased.unit, BH_DEMO_CLEAN_A);
	bh_docket_run(&docket, docket.cased.disposal_due_ms - 1);
	const struct bh_case before = docket.cased;
	size_t from = docket.count;
	bh_docket_run(&docket, docket.now_ms + BH_HOURS(14));
	assert_int_equal(docket.cased.warned, BH_THRESHOLD_RED);
	assert_true(is_told(&docket, &before, from, SHIFT_LEADER, BH_NOTICE_UNMANNED));
	bh_rules_unref(rules);
}

static void test_told__who_asked_hears_what_became_of_it(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command visit = bh_docket_desk(&docket, BH_VERB_ASK_VISIT, DISPATCHER, "go");
	visit.assignee = WORKER;
	visit.until_ms = docket.now_ms + BH_HOURS(48);
	assert_true(tells(&docket, &visit, WORKER, BH_NOTICE_TASK));
	struct bh_command done = bh_docket_op(&docket, BH_VERB_VISIT_DONE, WORKER, "seen");
	done.task = 1;
	assert_true(tells(&docket, &done, DISPATCHER, BH_NOTICE_TASK_ANSWERED));
	struct bh_command help = bh_docket_desk(&docket, BH_VERB_ASK_HELP, DISPATCHER, "help");
	help.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &help);
	const struct bh_case before = docket.cased;
	size_t from = docket.count;
	bh_docket_run(&docket, docket.tasks[1].due_ms);
	assert_true(is_told(&docket, &before, from, DISPATCHER, BH_NOTICE_TASK_LAPSED));
	assert_true(is_told(
		&docket, &before, from, BH_DEMO_LEAD(docket.cased.unit), BH_NOTICE_TASK_LAPSED));
}

static void test_told__a_day_past_the_limit_the_desk_above_hears_of_it(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_run(&docket, docket.cased.disposal_due_ms + BH_HOURS(23));
	const struct bh_case before = docket.cased;
	size_t from = docket.count;
	bh_docket_run(&docket, docket.now_ms + BH_HOURS(24));
	assert_int_equal(docket.cased.warned, BH_THRESHOLD_DAY);
	assert_true(is_told(&docket, &before, from, BH_DEMO_LEAD(docket.cased.warned_unit),
		BH_NOTICE_LIMIT_24H));
}

static void test_told__what_waits_for_people_again_is_told_to_them(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_GAS_LEAK, 1111);
	uint32_t lead = BH_DEMO_LEAD(docket.cased.unit);
	assert_true(act_tells(&docket, BH_VERB_FINISH, lead, ACCEPTOR, BH_NOTICE_RESULT));
	bh_docket_open(&docket, *state);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_act(&docket, BH_VERB_CLOSE, ACCEPTOR, "well");
	bh_docket_run(&docket, docket.cased.closed_ms + BH_HOURS(24 * 7));
	struct bh_command back = bh_docket_desk(
		&docket, BH_VERB_FOLLOW_UP, BH_DEMO_PERSON(FOLLOWUP_AGENT), "it is back");
	back.reason_code = BH_FOLLOW_RECURRED;
	assert_true(tells(&docket, &back, BH_DEMO_PERSON(SUPERVISOR), BH_NOTICE_UNSATISFIED));
	assert_true(act_tells(
		&docket, BH_VERB_RECUR, BH_DEMO_PERSON(SUPERVISOR), DISPATCHER, BH_NOTICE_AGAIN));
}

static void test_told__an_appeal_that_another_cycle_drops_is_told_of(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	uint32_t lead = BH_DEMO_LEAD(docket.cased.unit);
	bh_docket_run(&docket, docket.cased.disposal_due_ms + 1);
	bh_docket_act(&docket, BH_VERB_FINISH, lead, "done");
	bh_docket_act(&docket, BH_VERB_CLOSE, ACCEPTOR, "well");
	bh_docket_act(&docket, BH_VERB_APPEAL, lead, "the road was shut");
	assert_true(act_tells(&docket, BH_VERB_REOPEN, BH_DEMO_PERSON(SUPERVISOR), lead,
		BH_NOTICE_APPEAL_LAPSED));
}

static void test_told__a_stale_op_is_told_to_who_moved_the_case_on(void **state)
{
	(void)state;
	const struct bh_entry entries[] = {
		{.verb = BH_VERB_REDIRECT, .person = 7, .verdict = BH_VERDICT_ACCEPTED},
		{.verb = BH_VERB_TASK_WITHDRAWN, .verdict = BH_VERDICT_ACCEPTED},
		{.verb = BH_VERB_STORED, .verdict = BH_VERDICT_ACCEPTED},
		{.verb = BH_VERB_DELIVERED, .person = 8, .verdict = BH_VERDICT_ACCEPTED},
		{.verb = BH_VERB_SIGN, .person = 9, .verdict = BH_VERDICT_STALE},
	};
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		assert_int_equal(bh_notice_moved_on(&entries[i]), i == 0);
}

#define TEST(name) cmocka_unit_test(test_told__##name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_P1_is_told_of_as_it_arrives_and_wherever_it_goes),
		TEST(a_unit_without_people_is_the_shift_leaders),
		TEST(who_asked_hears_what_became_of_it),
		TEST(a_day_past_the_limit_the_desk_above_hears_of_it),
		TEST(what_waits_for_people_again_is_told_to_them),
		TEST(an_appeal_that_another_cycle_drops_is_told_of),
		TEST(a_stale_op_is_told_to_who_moved_the_case_on),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
