/* The thresholds of a disposal limit: each once, in working hours, to whom it concerns. */
#include "tests/unit/domain/docket.h"

#include "server/domain/threshold.h"
#include "tests/unit/domain/demo_rules.h"

#define START BH_DOCKET_START_MS
#define DAY BH_HOURS(24)
#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define SHIFT_LEADER BH_DEMO_PERSON(SHIFT_LEADER)
#define LEAD BH_DEMO_LEAD(BH_DEMO_CLEAN_A)

struct told {
	uint32_t threshold;
	int64_t at_ms;
	uint32_t unit;
};

/* What the clock told of, in order, from one entry on. */
static void told_is(
	const struct bh_docket *docket, size_t from, const struct told *expected, size_t count)
{
	struct bh_case cased = {0};
	size_t found = 0;
	for (size_t i = 0; i < docket->count; i++) {
		const struct bh_entry *entry = &docket->entries[i];
		assert_int_equal(bh_case_patch(&cased, entry->decision), 0);
		if (i < from || (entry->verb != BH_VERB_WARN && entry->verb != BH_VERB_OVERDUE))
			continue;
		assert_in_range(found, 0, count - 1);
		assert_int_equal(entry->reason, expected[found].threshold);
		assert_int_equal(entry->at_ms, expected[found].at_ms);
		assert_int_equal(cased.warned_unit, expected[found].unit);
		assert_int_equal(entry->verb == BH_VERB_OVERDUE, entry->reason >= 100);
		found++;
	}
	assert_int_equal(found, count);
}

#define TOLD_IS(docket, from, ...)                                           \
	do {                                                                 \
		const struct told told[] = {__VA_ARGS__};                    \
		told_is(docket, from, told, sizeof(told) / sizeof(told[0])); \
	} while (0)

/* Litter: four working hours.  From Monday nine o'clock on they end at two in the afternoon. */
static void to_handling(struct bh_docket *docket, const struct bh_rules *rules, int64_t at_ms)
{
	bh_docket_open(docket, rules);
	docket->now_ms = at_ms;
	bh_docket_to_handling(docket, BH_DEMO_LITTER, 1111);
}

static void test_threshold__each_is_told_once_to_whom_it_concerns(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state, START);
	bh_docket_run(&docket, START + 6 * DAY);
	TOLD_IS(&docket, 0, {50, START + BH_HOURS(2), BH_DEMO_CLEAN_A},
		/* Twelve past twelve by the limit's own time: the break is over at two. */
		{80, START + BH_HOURS(5) + BH_MINUTES(12), BH_DEMO_CLEAN_A},
		{100, START + BH_HOURS(6), BH_DEMO_CLEAN_A},
		{124, START + BH_HOURS(30), BH_DEMO_DESK_COUNTY},
		{172, START + BH_HOURS(78), BH_DEMO_DESK_COUNTY});
	assert_int_equal(docket.cased.misses, 1);
	assert_true(docket.cased.next_ms > docket.now_ms); /* and then it calls */
}

/* By the tree from the unit's area upward: a village's desk has the township's above it. */
static void test_threshold__the_level_above_is_the_next_desk_of_the_tree(void **state)
{
	struct bh_case cased = {.unit = BH_DEMO_DESK_VILLAGE};
	assert_int_equal(
		bh_case_warning_unit(*state, &cased, BH_THRESHOLD_RED), BH_DEMO_DESK_VILLAGE);
	assert_int_equal(bh_case_warning_unit(*state, &cased, BH_THRESHOLD_DAY), BH_DEMO_DESK_A);
	assert_int_equal(
		bh_case_warning_unit(*state, &cased, BH_THRESHOLD_MISS), BH_DEMO_DESK_COUNTY);
	cased.unit = BH_DEMO_DESK_COUNTY;
	assert_int_equal(
		bh_case_warning_unit(*state, &cased, BH_THRESHOLD_DAY), BH_DEMO_DESK_COUNTY);
}

/* Dispatched on Friday at five in the afternoon: half of four hours are used up on Monday. */
static void test_threshold__a_working_limit_passes_over_the_weekend(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state, START + 4 * DAY + BH_HOURS(8));
	bh_docket_run(&docket, START + 7 * DAY);
	TOLD_IS(&docket, 0, {50, START + 7 * DAY, BH_DEMO_CLEAN_A});
}

/* A hazard has a natural day, not of P1: dispatched on Friday at four in the afternoon, half of it
 * ends at four in the night, and all of it on Saturday: nobody is told before Monday at eight, and
 * then of what is worst alone. */
static void test_threshold__a_plain_limit_waits_for_working_hours(void **state)
{
	struct bh_docket docket;
	const int64_t monday_ms = START + 7 * DAY - BH_HOURS(1);
	bh_docket_open(&docket, *state);
	docket.now_ms = START + 4 * DAY + BH_HOURS(7);
	bh_docket_to_handling(&docket, BH_DEMO_HAZARD, 1111);
	assert_int_equal(docket.cased.disposal_due_ms, docket.now_ms + DAY);
	assert_int_equal(docket.cased.next_ms, monday_ms);
	bh_docket_run(&docket, monday_ms);
	assert_int_equal(docket.cased.warned, BH_THRESHOLD_DAY);
	TOLD_IS(&docket, 0, {124, monday_ms, BH_DEMO_DESK_A});
}

/* A gas leak: one urgent hour, P1, on Friday night. */
static void test_threshold__P1_is_told_of_at_night(void **state)
{
	struct bh_docket docket;
	const int64_t night_ms = START + 4 * DAY + BH_HOURS(14);
	bh_docket_open(&docket, *state);
	docket.now_ms = night_ms;
	bh_docket_to_received(&docket, BH_DEMO_GAS_LEAK, 1111);
	bh_docket_run(&docket, night_ms + BH_HOURS(2));
	TOLD_IS(&docket, 0, {50, night_ms + BH_MINUTES(30), BH_DEMO_GAS},
		{80, night_ms + BH_MINUTES(48), BH_DEMO_GAS},
		{100, night_ms + BH_HOURS(1), BH_DEMO_GAS});
}

/* As the GLPI authors asked of a cron that was asleep for two months. */
static void test_threshold__after_a_month_away_only_the_highest_is_told(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state, START);
	assert_int_equal(bh_docket_wake(&docket, START + 30 * DAY), 2);
	TOLD_IS(&docket, 0, {172, START + 30 * DAY, BH_DEMO_DESK_COUNTY},
		{200, START + 30 * DAY, BH_DEMO_DESK_COUNTY}); /* one call of those missed */
	assert_true(docket.cased.next_ms > docket.now_ms);     /* and then it calls */
}

/* Down past two thresholds, up again at night: they wait for the morning. */
static void test_threshold__what_was_missed_is_not_made_up_for_at_night(void **state)
{
	struct bh_docket docket;
	const int64_t morning_ms = START + 23 * BH_HOURS(1);
	to_handling(&docket, *state, START);
	assert_int_equal(bh_docket_wake(&docket, START + BH_HOURS(13)), 0);
	assert_true(docket.cased.next_ms < docket.now_ms);
	assert_int_equal(bh_docket_wake(&docket, morning_ms - 1), 0);
	assert_int_equal(bh_docket_wake(&docket, morning_ms), 1);
	TOLD_IS(&docket, 0, {100, morning_ms, BH_DEMO_CLEAN_A});
}

/* D01: what punishes waits while the clock is doubted, and reminds of nothing that has passed. */
static void test_threshold__red_is_held_while_the_clock_is_doubted(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state, START);
	docket.punishes = false;
	assert_int_equal(bh_docket_wake(&docket, START + BH_HOURS(2)), 1); /* a note punishes not */
	assert_int_equal(bh_docket_wake(&docket, START + BH_HOURS(7)), 0);
	docket.punishes = true;
	assert_int_equal(bh_docket_wake(&docket, START + BH_HOURS(7)), 1);
	TOLD_IS(&docket, 0, {50, START + BH_HOURS(2), BH_DEMO_CLEAN_A},
		{100, START + BH_HOURS(7), BH_DEMO_CLEAN_A});
}

/* Of eight hours half are used up at two; a day's work more puts that ahead again. */
static void test_threshold__an_extension_arms_again_what_lies_ahead(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state, START);
	bh_docket_run(&docket, START + BH_HOURS(5) + BH_MINUTES(30));
	assert_int_equal(docket.cased.warned, 80);
	size_t before = docket.count;
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "rain");
	bh_docket_act(&docket, BH_VERB_EXTEND, DISPATCHER, NULL);
	assert_int_equal(docket.cased.warned, 0);
	bh_docket_run(&docket, START + DAY);
	/* 50 % at two, 80 % of eight hours at half past four (6 h 24 min). */
	TOLD_IS(&docket, before, {50, START + BH_HOURS(6), BH_DEMO_CLEAN_A},
		{80, START + BH_HOURS(8) + BH_MINUTES(24), BH_DEMO_CLEAN_A},
		{100, START + DAY, BH_DEMO_CLEAN_A});
}

static void test_threshold__a_suspended_case_is_told_of_nothing(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state, START);
	bh_docket_run(&docket, START + BH_HOURS(2)); /* half of it */
	struct bh_command ask = bh_docket_desk(&docket, BH_VERB_ASK_SUSPENSION, LEAD, "a part");
	ask.until_ms = START + 3 * DAY;
	bh_docket_must(&docket, &ask);
	bh_docket_act(&docket, BH_VERB_SUSPEND, DISPATCHER, NULL);
	size_t before = docket.count;
	bh_docket_run(&docket, START + 3 * DAY + BH_HOURS(2));
	/* Two hours were left from nine on; the half of it was told of. */
	TOLD_IS(&docket, before, {80, START + 3 * DAY + BH_MINUTES(72), BH_DEMO_CLEAN_A},
		{100, START + 3 * DAY + BH_HOURS(2), BH_DEMO_CLEAN_A});
}

static void test_threshold__a_rework_and_another_unit_begin_anew(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state, START);
	bh_docket_run(&docket, START + BH_HOURS(2));
	bh_docket_act(&docket, BH_VERB_FINISH, LEAD, "done");
	bh_docket_act(&docket, BH_VERB_FAIL, ACCEPTOR, "not done");
	assert_int_equal(docket.cased.warned, 0);
	size_t before = docket.count;
	/* Two hours: half are used up at twelve, which is in nobody's working hours any more; then
	 * the clock starts what nobody did. */
	bh_docket_run(&docket, START + BH_HOURS(5));
	TOLD_IS(&docket, before, {50, START + BH_HOURS(5), BH_DEMO_CLEAN_A});
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	struct bh_command redirect = bh_docket_desk(
		&docket, BH_VERB_REDIRECT, DISPATCHER, "theirs");
	redirect.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &redirect);
	before = docket.count;
	assert_int_equal(docket.cased.warned, 0);
	bh_docket_run(&docket, START + BH_HOURS(7));
	TOLD_IS(&docket, before, {50, START + BH_HOURS(7), BH_DEMO_WORKS});
}

/* Nobody's version of the case is another by it, and no list shows it anew. */
static void test_threshold__is_quiet(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state, START);
	struct bh_command finish = bh_docket_desk(&docket, BH_VERB_FINISH, LEAD, "done");
	bh_docket_run(&docket, START + BH_HOURS(6));
	assert_int_equal(docket.cased.warned, 100);
	assert_int_equal(docket.changes_count, 0);
	bh_docket_must(&docket, &finish);
}

static void test_threshold__the_instants_are_those_of_a_limit(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state, START);
	const struct bh_case *cased = &docket.cased;
	assert_int_equal(bh_case_threshold_ms(*state, cased, BH_THRESHOLD_YELLOW),
		START + BH_HOURS(5) + BH_MINUTES(12));
	assert_int_equal(
		bh_case_threshold_ms(*state, cased, BH_THRESHOLD_RED), cased->disposal_due_ms);
	bh_docket_act(&docket, BH_VERB_FINISH, LEAD, "done");
	assert_int_equal(
		bh_case_threshold_ms(*state, cased, BH_THRESHOLD_YELLOW), BH_CALENDAR_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threshold__each_is_told_once_to_whom_it_concerns),
		cmocka_unit_test(test_threshold__the_level_above_is_the_next_desk_of_the_tree),
		cmocka_unit_test(test_threshold__a_working_limit_passes_over_the_weekend),
		cmocka_unit_test(test_threshold__a_plain_limit_waits_for_working_hours),
		cmocka_unit_test(test_threshold__P1_is_told_of_at_night),
		cmocka_unit_test(test_threshold__after_a_month_away_only_the_highest_is_told),
		cmocka_unit_test(test_threshold__what_was_missed_is_not_made_up_for_at_night),
		cmocka_unit_test(test_threshold__red_is_held_while_the_clock_is_doubted),
		cmocka_unit_test(test_threshold__an_extension_arms_again_what_lies_ahead),
		cmocka_unit_test(test_threshold__a_suspended_case_is_told_of_nothing),
		cmocka_unit_test(test_threshold__a_rework_and_another_unit_begin_anew),
		cmocka_unit_test(test_threshold__is_quiet),
		cmocka_unit_test(test_threshold__the_instants_are_those_of_a_limit),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
