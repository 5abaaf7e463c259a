/* No task waits for somebody who is gone: it goes back at once to who sends another. */
#include <string.h>

#include "tests/unit/domain/docket.h"

#include "tests/unit/domain/demo_rules.h"

#define DAY_MS (24 * BH_HOURS(1))
#define TODAY 20514 /* 2026-03-02 */

/* The demo's rules, where a person's posts have this last day; 0: he has none. */
static struct bh_rules *rules_without(uint32_t person, int32_t to_day)
{
	struct bh_demo_profile demo;
	size_t kept = 0;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++) {
		struct bh_msg_post post = demo.posts[i];
		if (post.person == person && to_day == 0)
			continue;
		if (post.person == person)
			post.to_day = to_day;
		demo.posts[kept++] = post;
	}
	demo.profile.posts_count = kept;
	return bh_demo_build(&demo);
}

static void verifying(struct bh_docket *docket, const struct bh_rules *rules)
{
	bh_docket_open(docket, rules);
	docket->dues_checked = false;
	bh_docket_to_received(docket, BH_DEMO_LITTER, 1111);
	bh_docket_act(docket, BH_VERB_VERIFY, BH_DEMO_PERSON(ACCEPTOR), "look");
}

static void test_task_left__a_worker_without_a_post_gives_it_back_at_once(void **state)
{
	struct bh_docket docket;
	verifying(&docket, *state);
	uint32_t worker = docket.tasks[0].person;
	struct bh_rules *rules = rules_without(worker, 0);
	docket.rules = rules;
	assert_int_equal(bh_task_next_ms(rules, &docket.tasks[0]), docket.tasks[0].made_ms);
	docket.now_ms += BH_MINUTES(1);
	(void)bh_docket_run(&docket, docket.now_ms);
	assert_int_equal(docket.tasks[0].state, BH_TASK_LAPSED);
	assert_int_equal(docket.cased.state, BH_STATE_RECEIVED);
	assert_int_equal(docket.cased.open_tasks, 0);
	assert_int_equal(docket.entries[docket.count - 1].reason, BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_VERIFY, BH_DEMO_PERSON(ACCEPTOR), "look again");
	assert_int_not_equal(docket.tasks[1].person, worker);
	bh_rules_unref(rules);
}

static void test_task_left__a_post_that_ends_takes_no_task_over_its_last_day(void **state)
{
	struct bh_docket docket;
	struct bh_rules *rules = rules_without(BH_DEMO_WORKER(1111), TODAY);
	(void)state;
	bh_docket_open(&docket, rules);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command ask = bh_docket_desk(
		&docket, BH_VERB_ASK_VISIT, BH_DEMO_PERSON(DISPATCHER), "does it hold?");
	ask.assignee = BH_DEMO_WORKER(1111);
	ask.until_ms = docket.now_ms + 10 * DAY_MS;
	bh_docket_must(&docket, &ask);
	int64_t midnight_ms = BH_DOCKET_START_MS + BH_HOURS(15);
	assert_int_equal(bh_task_next_ms(rules, &docket.tasks[0]), midnight_ms);
	(void)bh_docket_run(&docket, midnight_ms - 1);
	assert_int_equal(docket.tasks[0].state, BH_TASK_OPEN);
	(void)bh_docket_run(&docket, midnight_ms);
	assert_int_equal(docket.tasks[0].state, BH_TASK_LAPSED);
	assert_int_equal(docket.tasks[0].ended_ms, midnight_ms);
	assert_int_equal(docket.cased.open_tasks, 0);
	bh_rules_unref(rules);
}

static void test_task_left__who_has_another_post_that_answers_keeps_it(void **state)
{
	struct bh_docket docket;
	struct bh_demo_profile demo;
	verifying(&docket, *state);
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].person == docket.tasks[0].person)
			demo.posts[i].area = BH_DEMO_TOWNSHIP_B; /* he moves, and may answer */
	struct bh_rules *rules = bh_demo_build(&demo);
	assert_int_equal(bh_task_left_ms(rules, &docket.tasks[0]), INT64_MAX);
	bh_rules_unref(rules);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].person == docket.tasks[0].person)
			demo.posts[i].role = BH_ROLE_DISPATCHER; /* who answers nothing of it */
	rules = bh_demo_build(&demo);
	assert_int_equal(bh_task_left_ms(rules, &docket.tasks[0]), docket.tasks[0].made_ms);
	bh_rules_unref(rules);
}

static void test_task_left__a_unit_that_is_dissolved_helps_nobody(void **state)
{
	struct bh_docket docket;
	struct bh_demo_profile demo;
	bh_docket_open(&docket, *state);
	docket.dues_checked = false;
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command ask = bh_docket_desk(
		&docket, BH_VERB_ASK_HELP, BH_DEMO_PERSON(DISPATCHER), "bring a lorry");
	ask.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &ask);
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.units_count; i++)
		if (demo.units[i].id == BH_DEMO_WORKS)
			demo.units[i].dissolved = true;
	struct bh_rules *rules = bh_demo_build(&demo);
	docket.rules = rules;
	docket.now_ms += BH_MINUTES(1);
	(void)bh_docket_run(&docket, docket.now_ms);
	assert_int_equal(docket.tasks[0].state, BH_TASK_LAPSED);
	assert_int_equal(docket.cased.open_helps, 0);
	bh_docket_act(&docket, BH_VERB_FINISH, BH_DEMO_LEAD(docket.cased.unit), "done without");
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_task_left__a_worker_without_a_post_gives_it_back_at_once),
		cmocka_unit_test(test_task_left__a_post_that_ends_takes_no_task_over_its_last_day),
		cmocka_unit_test(test_task_left__who_has_another_post_that_answers_keeps_it),
		cmocka_unit_test(test_task_left__a_unit_that_is_dissolved_helps_nobody),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
