/* Another calendar comes into force while clocks run: what goes by the old one is computed again,
 * once, and by the clock. */
#include "tests/unit/domain/docket.h"

#include "proto/calendar_mark.h"
#include "server/domain/threshold.h"
#include "tests/unit/domain/demo_rules.h"

#define START BH_DOCKET_START_MS
#define DAY BH_HOURS(24)
#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define LEAD BH_DEMO_LEAD(BH_DEMO_CLEAN_A)

/* A week in which afternoons are free. */
static struct bh_rules *rules_mornings(void)
{
	static const struct bh_msg_work_period week[] = {{1, 8 * 60, 12 * 60}, {2, 8 * 60, 12 * 60},
		{3, 8 * 60, 12 * 60}, {4, 8 * 60, 12 * 60}, {5, 8 * 60, 12 * 60}};
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.profile.settings.week = week;
	demo.profile.settings.week_count = sizeof(week) / sizeof(week[0]);
	return bh_demo_build(&demo);
}

/* Rules by the entry from which on they are in force. */
struct changing {
	const struct bh_rules *before, *after;
	uint64_t position;
};

static int rules_at(void *context, uint64_t position, const struct bh_rules **out)
{
	const struct changing *changing = context;
	*out = position < changing->position ? changing->before : changing->after;
	return 0;
}

static void dues_hold(const struct bh_docket *docket, struct changing changing)
{
	struct bh_dues dues;
	assert_int_equal(
		bh_dues_from_entries_at(rules_at, &changing, docket->entries, docket->count, &dues),
		0);
	assert_int_equal(docket->cased.disposal_due_ms, dues.disposal_due_ms);
	assert_int_equal(docket->cased.sign_due_ms, dues.sign_due_ms);
	assert_int_equal(docket->cased.check_due_ms, dues.check_due_ms);
}

static struct changing rules_change(
	struct bh_docket *docket, const struct bh_rules *before, const struct bh_rules *after)
{
	docket->rules = after;
	docket->dues_checked = false;
	(void)bh_case_alarm(after, &docket->cased, &docket->cased.next_ms);
	return (struct changing){before, after, docket->count + 1};
}

static void test_recompute__once_and_for_every_clock_that_runs(void **state)
{
	struct bh_rules *mornings = rules_mornings();
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	docket.now_ms = START + BH_HOURS(2);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(8));
	assert_int_equal(docket.cased.sign_due_ms, START + BH_HOURS(6));
	docket.now_ms += BH_MINUTES(10);
	struct changing changing = rules_change(&docket, *state, mornings);
	assert_true(docket.cased.next_ms <= docket.now_ms);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 1);
	assert_int_equal(docket.entries[docket.count - 1].verb, BH_VERB_RECOMPUTE);
	/* An hour is used by noon; three are left from eight on, and one of the two to sign. */
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(26));
	assert_int_equal(docket.cased.sign_due_ms, START + DAY);
	assert_int_equal(
		docket.changes_count, 2); /* news to the unit, and to whoever reported it */
	dues_hold(&docket, changing);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 0);
	bh_docket_act(&docket, BH_VERB_SIGN, LEAD, NULL);
	bh_docket_act(&docket, BH_VERB_FINISH, LEAD, "done");
	dues_hold(&docket, changing);
	bh_rules_unref(mornings);
}

static void test_recompute__the_check_too(void **state)
{
	struct bh_rules *mornings = rules_mornings();
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket.cased.check_due_ms, START + DAY);
	struct changing changing = rules_change(&docket, *state, mornings);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 1);
	assert_int_equal(docket.cased.check_due_ms, START + 2 * DAY);
	assert_int_equal(docket.changes_count, 0); /* whose check it is sees it at a desk */
	dues_hold(&docket, changing);
	bh_rules_unref(mornings);
}

/* What was used before it was suspended was used by the calendar of that day. */
static void test_recompute__what_was_used_stays_used(void **state)
{
	struct bh_rules *mornings = rules_mornings();
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	docket.now_ms = START + BH_HOURS(5); /* two o'clock */
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	docket.now_ms += BH_HOURS(1);
	struct bh_command ask = bh_docket_desk(&docket, BH_VERB_ASK_SUSPENSION, LEAD, "a part");
	ask.until_ms = START + DAY;
	bh_docket_must(&docket, &ask);
	bh_docket_act(&docket, BH_VERB_SUSPEND, DISPATCHER, NULL);
	struct changing changing = rules_change(&docket, *state, mornings);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 0); /* nothing runs */
	assert_int_equal(bh_docket_run(&docket, START + DAY), 1);
	assert_int_equal(docket.cased.disposal_due_ms, START + DAY + BH_HOURS(3));
	dues_hold(&docket, changing);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 0); /* it goes by the new one */
	bh_rules_unref(mornings);
}

/* A limit that passed stays passed, though the new calendar would have given more time. */
static void test_recompute__what_was_told_stays_told(void **state)
{
	struct bh_rules *mornings = rules_mornings();
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_run(&docket, START + BH_HOURS(6));
	assert_int_equal(docket.cased.warned, BH_THRESHOLD_RED);
	struct changing changing = rules_change(&docket, *state, mornings);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 1);
	assert_int_equal(docket.cased.disposal_due_ms, START + DAY);
	assert_int_equal(docket.cased.warned, BH_THRESHOLD_RED);
	assert_int_equal(bh_docket_run(&docket, START + 2 * DAY), 1); /* a day after it */
	assert_int_equal(docket.cased.warned, BH_THRESHOLD_DAY);
	dues_hold(&docket, changing);
	bh_rules_unref(mornings);
}

/* The same week again, plain limits, and what waits for a unit: nothing to compute. */
static void test_recompute__nothing_where_nothing_goes_by_the_week(void **state)
{
	struct bh_rules *mornings = rules_mornings(), *again = bh_demo_rules();
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	(void)rules_change(&docket, *state, again);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 0);
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_HAZARD, 1111);
	(void)rules_change(&docket, *state, mornings);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 0);
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	(void)rules_change(&docket, *state, mornings);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 0);
	bh_rules_unref(mornings);
	bh_rules_unref(again);
}

/* An amendment goes by the new calendar at once, and the rest of the clocks follow. */
static void test_recompute__follows_an_amendment(void **state)
{
	struct bh_rules *mornings = rules_mornings();
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	docket.now_ms = START + BH_HOURS(2);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	struct changing changing = rules_change(&docket, *state, mornings);
	struct bh_command amend = bh_docket_desk(&docket, BH_VERB_AMEND, ACCEPTOR, "a heap");
	amend.condition = 2;
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.disposal_due_ms, START + 2 * DAY + BH_HOURS(2));
	assert_int_equal(docket.cased.sign_due_ms, START + BH_HOURS(6));
	dues_hold(&docket, changing);
	assert_int_equal(bh_docket_wake(&docket, docket.now_ms), 1);
	assert_int_equal(docket.cased.sign_due_ms, START + DAY);
	dues_hold(&docket, changing);
	bh_rules_unref(mornings);
}

/* The same week under another version is the same; a holiday, an hour or an offset make another. */
static void test_recompute__a_calendar_has_a_mark(void **state)
{
	(void)state;
	struct bh_calendar_day room[2];
	struct bh_calendar calendar = bh_calendar_default(480), other = bh_calendar_default(480);
	uint32_t mark = bh_calendar_mark(&calendar);
	other.version = 9;
	other.due_divisor = 60;
	assert_int_equal(bh_calendar_mark(&other), mark);
	bh_calendar_give_room(&other, room, 2);
	assert_int_equal(bh_calendar_add_day(&other, 20515, 0), 0);
	uint32_t holiday = bh_calendar_mark(&other);
	assert_int_not_equal(holiday, mark);
	assert_int_equal(bh_calendar_add_day(&other, 20521, 1), 0);
	assert_int_not_equal(bh_calendar_mark(&other), holiday);
	other = bh_calendar_default(540);
	assert_int_not_equal(bh_calendar_mark(&other), mark);
	assert_int_not_equal(mark, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recompute__once_and_for_every_clock_that_runs),
		cmocka_unit_test(test_recompute__the_check_too),
		cmocka_unit_test(test_recompute__what_was_used_stays_used),
		cmocka_unit_test(test_recompute__what_was_told_stays_told),
		cmocka_unit_test(test_recompute__nothing_where_nothing_goes_by_the_week),
		cmocka_unit_test(test_recompute__follows_an_amendment),
		cmocka_unit_test(test_recompute__a_calendar_has_a_mark),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
