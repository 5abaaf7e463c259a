/* A plan of steps beside a case's own limit: each step has a limit of its own, the next from when
 * the one before was done. */
#include "tests/unit/domain/docket.h"

#include "proto/calendar_mark.h"
#include "server/domain/milestone.h"
#include "tests/unit/domain/demo_rules.h"

#define START BH_DOCKET_START_MS
#define DAY BH_HOURS(24)
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define LEAD BH_DEMO_LEAD(BH_DEMO_CLEAN_A)
#define HANDLER BH_DEMO_HANDLER(BH_DEMO_CLEAN_A)

#define HOUR(n)                         \
	{                               \
		(n), BH_LIMIT_WORK_HOUR \
	}
#define MINUTE(n)                           \
	{                                   \
		(n), BH_LIMIT_URGENT_MINUTE \
	}

/* Four working hours by the catalogue, dispatched on a Monday at nine: due at three. */
static void to_handling(struct bh_docket *docket, const struct bh_rules *rules)
{
	bh_docket_open(docket, rules);
	bh_docket_to_handling(docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket->cased.disposal_due_ms, START + BH_HOURS(6));
}

static struct bh_command plan(
	const struct bh_docket *docket, uint32_t person, struct bh_milestone_ask ask)
{
	struct bh_command command = bh_docket_desk(
		docket, BH_VERB_MILESTONES, person, "first this, then that");
	command.milestones = ask;
	command.dispute.decisions_count = ask.count;
	return command;
}

static void set(struct bh_docket *docket, struct bh_milestone_ask ask)
{
	struct bh_command command = plan(docket, LEAD, ask);
	bh_docket_must(docket, &command);
	assert_int_equal(bh_milestones_state(&docket->cased), BH_MILESTONES_RUN);
}

static void done(struct bh_docket *docket, int64_t at_ms)
{
	docket->now_ms = at_ms;
	bh_docket_act(docket, BH_VERB_MILESTONE_DONE, HANDLER, "seen and done");
}

static void refused(struct bh_docket *docket, struct bh_milestone_ask ask, enum bh_reason reason)
{
	struct bh_command command = plan(docket, LEAD, ask);
	bh_docket_refused(docket, &command, reason);
}

/* How often the clock told of a step's threshold. */
static size_t told(const struct bh_docket *docket, uint32_t threshold)
{
	size_t count = 0;
	for (size_t i = 0; i < docket->count; i++)
		count += docket->entries[i].verb == BH_VERB_MILESTONE_DUE &&
			 docket->entries[i].reason == threshold;
	return count;
}

static void test_milestones__run_one_after_the_other_beside_the_limit(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	set(&docket, (struct bh_milestone_ask){3, {HOUR(1), MINUTE(30), HOUR(1)}});
	assert_int_equal(docket.cased.milestone_due_ms, START + BH_HOURS(1));
	bh_docket_run(&docket, START + BH_MINUTES(90));
	assert_int_equal(told(&docket, 50) + told(&docket, 80) + told(&docket, 100), 3);
	assert_int_equal(docket.cased.milestones_late, 1);
	done(&docket, START + BH_MINUTES(90));
	assert_int_equal(docket.cased.milestone_due_ms, START + BH_HOURS(2));
	done(&docket, START + BH_MINUTES(100));
	assert_int_equal(docket.cased.milestone_due_ms, START + BH_MINUTES(160));
	bh_docket_run(&docket, START + BH_MINUTES(131));
	assert_int_equal(told(&docket, 50), 2);
	assert_int_equal(told(&docket, 80), 1);
	done(&docket, START + BH_MINUTES(131));
	assert_int_equal(bh_milestones_state(&docket.cased), BH_MILESTONES_DONE);
	assert_int_equal(docket.cased.milestone_due_ms, 0);
	assert_int_equal(docket.cased.milestones_late, 1); /* the first alone, and whose */
	assert_int_equal(docket.cased.milestone_unit, BH_DEMO_CLEAN_A);
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(6));
	assert_int_equal(docket.cased.late, 0);
	bh_docket_act_refused(
		&docket, BH_VERB_MILESTONE_DONE, HANDLER, "once more", BH_REASON_GUARD);
}

/* One minute over is late, also where no clock has told of it. */
static void test_milestones__are_late_by_the_minute(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	set(&docket, (struct bh_milestone_ask){2, {HOUR(1), HOUR(1)}});
	done(&docket, START + BH_HOURS(1));
	assert_int_equal(docket.cased.milestones_late, 0);
	done(&docket, START + BH_HOURS(2) + 1);
	assert_int_equal(docket.cased.milestones_late, 2);
}

static void test_milestones__give_no_more_time_than_the_case_has(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	refused(&docket, (struct bh_milestone_ask){2, {HOUR(2), HOUR(3)}}, BH_REASON_GUARD);
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "rain");
	bh_docket_act(&docket, BH_VERB_EXTEND, DISPATCHER, NULL);
	set(&docket, (struct bh_milestone_ask){2, {HOUR(2), HOUR(3)}});
	docket.now_ms += BH_HOURS(1);
	set(&docket, (struct bh_milestone_ask){2, {HOUR(4), HOUR(3)}}); /* all that is left */
	refused(&docket, (struct bh_milestone_ask){2, {HOUR(4), HOUR(4)}}, BH_REASON_GUARD);
}

/* What is done stays, and who was late; what is left is written anew, and says why. */
static void test_milestones__change_with_a_reason(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	set(&docket, (struct bh_milestone_ask){3, {MINUTE(20), MINUTE(20), MINUTE(20)}});
	done(&docket, START + BH_MINUTES(10));
	bh_docket_run(&docket, START + BH_MINUTES(40));
	assert_int_equal(docket.cased.milestones_late, 2);
	struct bh_milestone_ask rest = {1, {HOUR(1)}};
	struct bh_command change = plan(&docket, DISPATCHER, rest);
	change.text = bh_span("  ", 2);
	bh_docket_refused(&docket, &change, BH_REASON_NO_REASON);
	set(&docket, rest);
	assert_int_equal(docket.cased.milestones, 2);
	assert_int_equal(docket.cased.milestones_done, 1);
	assert_int_equal(bh_milestones_late(&docket.cased), 1);
	assert_int_equal(docket.cased.milestone_due_ms, START + BH_MINUTES(100));
	assert_int_equal(bh_milestone_limit(&docket.cased, 0).value, 20);
	assert_int_equal(bh_milestone_limit(&docket.cased, 1).unit, BH_LIMIT_WORK_HOUR);
}

/* Who plans anew what is over its limit is late each time, and the new step is not by that. */
static void test_milestones__planned_anew_while_late_are_late_each_time(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	for (uint32_t times = 1; times <= 3; times++) {
		set(&docket, (struct bh_milestone_ask){2, {MINUTE(10), MINUTE(10)}});
		assert_int_equal(bh_milestones_late(&docket.cased), times - 1);
		assert_int_equal(docket.cased.milestones_late & 1, 0);
		docket.now_ms += BH_MINUTES(10) + 1;
		if (times == 2) /* told of or not */
			bh_docket_run(&docket, docket.now_ms);
	}
	done(&docket, docket.now_ms);
	assert_int_equal(bh_milestones_late(&docket.cased), 3);
	done(&docket, docket.now_ms);
	assert_int_equal(bh_milestones_late(&docket.cased), 3);
}

static void test_milestones__wait_with_a_suspended_case(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	set(&docket, (struct bh_milestone_ask){2, {HOUR(1), HOUR(1)}});
	bh_docket_run(&docket, START + BH_MINUTES(40));
	struct bh_command ask = bh_docket_desk(&docket, BH_VERB_ASK_SUSPENSION, LEAD, "a part");
	ask.until_ms = START + DAY;
	bh_docket_must(&docket, &ask);
	bh_docket_act(&docket, BH_VERB_SUSPEND, DISPATCHER, NULL);
	assert_int_equal(bh_milestones_state(&docket.cased), BH_MILESTONES_PAUSED);
	bh_docket_act_refused(&docket, BH_VERB_MILESTONE_DONE, HANDLER, "done", BH_REASON_NOT_NOW);
	bh_docket_run(&docket, START + DAY);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.cased.milestone_due_ms, START + DAY + BH_MINUTES(20));
	bh_docket_run(&docket, START + DAY + BH_MINUTES(20));
	assert_int_equal(told(&docket, 50), 1); /* once, and not again after the wait */
	assert_int_equal(told(&docket, 80), 1);
	assert_int_equal(told(&docket, 100), 1);
}

static void drops(const struct bh_rules *rules, enum bh_verb verb, uint32_t person)
{
	struct bh_docket docket;
	to_handling(&docket, rules);
	set(&docket, (struct bh_milestone_ask){2, {HOUR(1), HOUR(1)}});
	done(&docket, START + BH_MINUTES(10));
	struct bh_command command = bh_docket_desk(&docket, verb, person, "it goes elsewhere");
	command.unit = verb == BH_VERB_REDIRECT ? BH_DEMO_CLEAN_COUNTY : 0;
	bh_docket_must(&docket, &command);
	assert_int_equal(bh_milestones_state(&docket.cased), BH_MILESTONES_DROPPED);
	assert_int_equal(docket.cased.milestones_done, 1);
	assert_int_equal(docket.cased.milestone_due_ms, 0);
	assert_int_equal(docket.cased.milestone_unit, BH_DEMO_CLEAN_A);
	bh_docket_run(&docket, START + BH_HOURS(3));
	assert_int_equal(told(&docket, 50) + told(&docket, 80) + told(&docket, 100), 0);
}

static void test_milestones__end_with_the_unit_s_work(void **state)
{
	drops(*state, BH_VERB_RETURN, LEAD);
	drops(*state, BH_VERB_REDIRECT, DISPATCHER);
	drops(*state, BH_VERB_FINISH, HANDLER);
}

/* Another cycle begins without any plan. */
static void test_milestones__are_of_one_cycle(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	set(&docket, (struct bh_milestone_ask){2, {HOUR(1), HOUR(1)}});
	bh_docket_act(&docket, BH_VERB_FINISH, HANDLER, "it is done");
	bh_docket_to_checked(&docket);
	bh_docket_act(&docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "it is done");
	bh_docket_act(&docket, BH_VERB_REOPEN, BH_DEMO_PERSON(SUPERVISOR), "it is not");
	assert_int_equal(bh_milestones_state(&docket.cased), BH_MILESTONES_NONE);
	assert_int_equal(docket.cased.milestone_limits[0], 0);
}

static void test_milestones__are_set_by_whose_they_are(void **state)
{
	struct bh_docket docket;
	struct bh_milestone_ask ask = {2, {HOUR(1), HOUR(1)}};
	to_handling(&docket, *state);
	struct bh_command command = plan(&docket, HANDLER, ask);
	bh_docket_refused(&docket, &command, BH_REASON_NO_RIGHT);
	command = plan(&docket, BH_DEMO_LEAD(BH_DEMO_WORKS), ask);
	bh_docket_refused(&docket, &command, BH_REASON_NO_RIGHT);
	command = plan(&docket, BH_DEMO_PERSON(SPONSOR), ask);
	bh_docket_refused(&docket, &command, BH_REASON_GUARD); /* it is not major */
	command = plan(&docket, DISPATCHER, ask);
	bh_docket_must(&docket, &command);
	bh_docket_act_refused(&docket, BH_VERB_MILESTONE_DONE, BH_DEMO_LEAD(BH_DEMO_WORKS), "done",
		BH_REASON_NO_RIGHT);
	bh_docket_act_refused(&docket, BH_VERB_MILESTONE_DONE, HANDLER, " ", BH_REASON_NO_REASON);
}

static void test_milestones__of_what_is_no_plan_are_none(void **state)
{
	struct bh_docket docket;
	struct bh_milestone_ask many = {.count = BH_MILESTONES_MAX};
	to_handling(&docket, *state);
	for (uint32_t i = 0; i < many.count; i++)
		many.limits[i] = (struct bh_limit)MINUTE(1);
	refused(&docket, (struct bh_milestone_ask){.count = 0}, BH_REASON_FIELD);
	refused(&docket, (struct bh_milestone_ask){1, {HOUR(1)}}, BH_REASON_FIELD);
	refused(&docket, (struct bh_milestone_ask){2, {HOUR(0), HOUR(1)}}, BH_REASON_FIELD);
	refused(&docket, (struct bh_milestone_ask){2, {{1, BH_LIMIT_TIER}, HOUR(1)}},
		BH_REASON_FIELD);
	refused(&docket, (struct bh_milestone_ask){2, {MINUTE(1000), MINUTE(1)}}, BH_REASON_FIELD);
	struct bh_command wordless = plan(&docket, LEAD, many);
	wordless.dispute.decisions_count--;
	bh_docket_refused(&docket, &wordless, BH_REASON_FIELD);
	set(&docket, many);
	done(&docket, START);
	refused(&docket, many, BH_REASON_FIELD); /* seventeen with the one that is done */
}

/* domain.md: "A reminder waits for working hours, except P1". */
static void told_overnight(const struct bh_rules *rules, uint32_t urgency, int64_t at_ms)
{
	struct bh_docket docket;
	bh_docket_open(&docket, rules);
	bh_docket_to_handling(&docket, BH_DEMO_HAZARD, 1111);
	docket.now_ms = START + BH_HOURS(8); /* five in the afternoon */
	struct bh_command amend = bh_docket_desk(&docket, BH_VERB_AMEND, DISPATCHER, "look");
	amend.urgency = urgency;
	if (docket.cased.urgency != urgency)
		bh_docket_must(&docket, &amend);
	struct bh_command command = plan(&docket, DISPATCHER,
		(struct bh_milestone_ask){2, {{10, BH_LIMIT_URGENT_HOUR}, MINUTE(1)}});
	bh_docket_must(&docket, &command);
	int64_t due_ms = docket.cased.milestone_due_ms;
	assert_int_equal(due_ms, START + BH_HOURS(18));
	bh_docket_run(&docket, at_ms - 1);
	assert_int_equal(told(&docket, 100), 0);
	bh_docket_run(&docket, at_ms);
	assert_int_equal(told(&docket, 100), 1);
}

static void test_milestones__are_told_of_in_working_hours_but_of_p1(void **state)
{
	told_overnight(*state, 2, START + BH_HOURS(23)); /* eight on Tuesday */
	told_overnight(*state, 1, START + BH_HOURS(18)); /* three at night */
}

/* After a downtime past several of them the last alone is told, and what punishes is held while the
 * time is in doubt. */
static void test_milestones__are_told_of_once_after_a_downtime(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	set(&docket, (struct bh_milestone_ask){2, {HOUR(1), HOUR(1)}});
	docket.punishes = false;
	bh_docket_wake(&docket, START + BH_HOURS(2));
	assert_int_equal(told(&docket, 50) + told(&docket, 80) + told(&docket, 100), 0);
	docket.punishes = true;
	bh_docket_wake(&docket, START + BH_HOURS(2));
	assert_int_equal(told(&docket, 50) + told(&docket, 80), 0);
	assert_int_equal(told(&docket, 100), 1);
	assert_int_equal(docket.cased.milestones_late, 1);
}

/* ---- Another calendar ---- */

static int rules_at(void *context, uint64_t position, const struct bh_rules **out)
{
	const struct bh_rules *const *both = context;
	(void)position;
	*out = both[position > 4];
	return 0;
}

static void test_milestones__are_computed_again_by_another_calendar(void **state)
{
	static const struct bh_msg_work_period week[] = {{1, 8 * 60, 12 * 60}, {2, 8 * 60, 12 * 60},
		{3, 8 * 60, 12 * 60}, {4, 8 * 60, 12 * 60}, {5, 8 * 60, 12 * 60}};
	struct bh_demo_profile demo;
	struct bh_docket docket;
	struct bh_dues dues;
	bh_demo_profile(&demo);
	demo.profile.settings.week = week;
	demo.profile.settings.week_count = sizeof(week) / sizeof(week[0]);
	struct bh_rules *mornings = bh_demo_build(&demo);
	const struct bh_rules *both[] = {*state, mornings};
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_HAZARD, 1111); /* a limit without working hours */
	struct bh_command command = plan(
		&docket, DISPATCHER, (struct bh_milestone_ask){2, {HOUR(4), HOUR(1)}});
	bh_docket_must(&docket, &command);
	assert_int_equal(docket.count, 4);
	assert_int_equal(docket.cased.milestone_due_ms, START + BH_HOURS(6));
	docket.rules = mornings;
	docket.dues_checked = false;
	(void)bh_case_alarm(mornings, &docket.cased, &docket.cased.next_ms);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 1);
	assert_int_equal(docket.entries[docket.count - 1].verb, BH_VERB_RECOMPUTE);
	assert_int_equal(docket.cased.milestone_due_ms, START + DAY); /* three hours and one */
	assert_int_equal(
		bh_dues_from_entries_at(rules_at, both, docket.entries, docket.count, &dues), 0);
	assert_int_equal(dues.milestone_due_ms, docket.cased.milestone_due_ms);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 0);
	bh_rules_unref(mornings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_milestones__run_one_after_the_other_beside_the_limit),
		cmocka_unit_test(test_milestones__are_late_by_the_minute),
		cmocka_unit_test(test_milestones__give_no_more_time_than_the_case_has),
		cmocka_unit_test(test_milestones__change_with_a_reason),
		cmocka_unit_test(test_milestones__planned_anew_while_late_are_late_each_time),
		cmocka_unit_test(test_milestones__wait_with_a_suspended_case),
		cmocka_unit_test(test_milestones__end_with_the_unit_s_work),
		cmocka_unit_test(test_milestones__are_of_one_cycle),
		cmocka_unit_test(test_milestones__are_set_by_whose_they_are),
		cmocka_unit_test(test_milestones__of_what_is_no_plan_are_none),
		cmocka_unit_test(test_milestones__are_told_of_in_working_hours_but_of_p1),
		cmocka_unit_test(test_milestones__are_told_of_once_after_a_downtime),
		cmocka_unit_test(test_milestones__are_computed_again_by_another_calendar),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
