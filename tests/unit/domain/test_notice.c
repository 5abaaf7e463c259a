/* Whom an entry is told to: the unit, the desks of the nearest area that has them, the reporter; in
 * words without a person or a report in them. */
#include <stdlib.h>

#include "tests/unit/domain/docket.h"

#include <string.h>

#include "server/domain/notice.h"
#include "tests/unit/domain/demo_rules.h"

#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define SHIFT_LEADER BH_DEMO_PERSON(SHIFT_LEADER)
#define WORKER BH_DEMO_WORKER(1111)

struct told {
	struct bh_docket docket;
	struct bh_case before;
	struct bh_notice notices[BH_NOTICES_MAX];
	size_t count;
};

static void tell(struct told *told, const struct bh_command *command)
{
	told->before = told->docket.cased;
	bool existed = told->docket.exists;
	bh_docket_give(&told->docket, command);
	const struct bh_notice_facts facts = {
		.rules = told->docket.rules,
		.entry = &told->docket.entries[told->docket.count - 1],
		.before = existed ? &told->before : NULL,
		.after = &told->docket.cased,
		.other = 4711,
	};
	told->count = bh_notices_of(&facts, told->notices);
}

static const struct bh_notice *notice_to(const struct told *told, uint32_t person, uint32_t kind)
{
	const struct bh_notice *found = NULL;
	for (size_t i = 0; i < told->count; i++) {
		if (told->notices[i].person != person || told->notices[i].kind != kind)
			continue;
		assert_null(found); /* each once */
		found = &told->notices[i];
	}
	return found;
}

static void report(struct told *told, const struct bh_rules *rules, uint32_t type)
{
	bh_docket_open(&told->docket, rules);
	struct bh_command command = bh_docket_report(&told->docket, type, 1111);
	tell(told, &command);
}

static void dispatch(struct told *told, uint32_t unit)
{
	struct bh_command command = bh_docket_desk(
		&told->docket, BH_VERB_DISPATCH, DISPATCHER, "go");
	command.unit = unit;
	tell(told, &command);
	assert_int_equal(told->docket.cased.state, BH_STATE_DISPATCHED);
}

static void test_notice__a_dispatch_is_told_to_the_unit_and_to_nobody_else(void **state)
{
	struct told told;
	report(&told, *state, BH_DEMO_LITTER);
	assert_int_equal(told.count, 0);
	dispatch(&told, BH_DEMO_CLEAN_A);
	const struct bh_notice *lead = notice_to(
		&told, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), BH_NOTICE_DISPATCHED);
	assert_non_null(lead);
	assert_non_null(notice_to(&told, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), BH_NOTICE_DISPATCHED));
	for (size_t i = 0; i < told.count; i++)
		assert_int_equal(told.notices[i].kind, BH_NOTICE_DISPATCHED);
	assert_int_equal(lead->scope, BH_SCOPE_UNIT(BH_DEMO_CLEAN_A));
	assert_int_equal(lead->ready_ms, told.docket.now_ms + BH_NOTICE_GRACE_MS);
	assert_int_equal(lead->ack_ms, 0);
	assert_false(lead->urgent);
}

static void test_notice__P1_goes_to_unit_shift_leader_and_field_at_once(void **state)
{
	struct told told;
	report(&told, *state, BH_DEMO_GAS_LEAK);
	told.docket.cased.urgency = 1;
	dispatch(&told, BH_DEMO_GAS);
	const struct bh_notice *lead = notice_to(
		&told, BH_DEMO_LEAD(BH_DEMO_GAS), BH_NOTICE_URGENT);
	assert_non_null(lead);
	assert_true(lead->urgent);
	assert_int_equal(lead->ready_ms, told.docket.now_ms);
	assert_int_equal(lead->ack_ms, told.docket.now_ms + BH_NOTICE_ACK_MS);
	assert_non_null(notice_to(&told, SHIFT_LEADER, BH_NOTICE_URGENT_TOLD));
	assert_non_null(notice_to(&told, WORKER, BH_NOTICE_URGENT_TOLD));
	assert_null(notice_to(&told, BH_DEMO_LEAD(BH_DEMO_GAS), BH_NOTICE_DISPATCHED));
}

/* S0-31, Routing 9: where a roster says who is there, they are told, and nobody in his sleep. */
static void test_notice__those_on_duty_are_told_and_in_a_gap_all(void **state)
{
	const struct bh_msg_shift shifts[] = {{.unit = BH_DEMO_DESK_COUNTY,
						      .person = SHIFT_LEADER,
						      .from_min = 0,
						      .to_min = 12 * 60},
		{.unit = BH_DEMO_DESK_COUNTY,
			.person = BH_DEMO_TWO_POSTS,
			.from_min = 12 * 60,
			.to_min = 20 * 60}};
	struct bh_demo_profile *demo = malloc(sizeof(*demo));
	struct told told;
	assert_non_null(demo);
	bh_demo_profile(demo);
	demo->profile.shifts = shifts;
	demo->profile.shifts_count = 2;
	struct bh_rules *rules = bh_demo_build(demo);
	free(demo);
	report(&told, *state, BH_DEMO_GAS_LEAK);
	dispatch(&told, BH_DEMO_GAS);
	const struct {
		int64_t hour;
		bool first, other;
	} times[] = {{10, true, false}, {13, false, true}, {21, true, true}};
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct bh_entry entry = told.docket.entries[told.docket.count - 1];
		entry.at_ms = BH_DOCKET_START_MS + BH_HOURS(times[i].hour - 9);
		const struct bh_notice_facts facts = {.rules = rules,
			.entry = &entry,
			.before = &told.docket.cased,
			.after = &told.docket.cased};
		told.count = bh_notices_of(&facts, told.notices);
		assert_int_equal(notice_to(&told, SHIFT_LEADER, BH_NOTICE_URGENT_TOLD) != NULL,
			times[i].first);
		assert_int_equal(notice_to(&told, BH_DEMO_TWO_POSTS, BH_NOTICE_URGENT_TOLD) != NULL,
			times[i].other);
		assert_non_null(notice_to(&told, BH_DEMO_LEAD(BH_DEMO_GAS), BH_NOTICE_URGENT));
	}
	bh_rules_unref(rules);
}

/* What is found to be P1 when a unit has it is pushed as if it were dispatched so. */
static void test_notice__what_becomes_P1_is_pushed_and_so_is_what_moves_up(void **state)
{
	static const struct {
		uint32_t before, after;
		enum bh_verb verb;
		bool pushed;
	} rows[] = {
		{2, 1, BH_VERB_AMEND, true},
		{1, 1, BH_VERB_AMEND, false},
		{1, 2, BH_VERB_AMEND, false},
		{1, 1, BH_VERB_MOVE_UP, true},
		{2, 2, BH_VERB_MOVE_UP, false},
	};
	struct told told;
	report(&told, *state, BH_DEMO_GAS_LEAK);
	dispatch(&told, BH_DEMO_GAS);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bh_case before = told.docket.cased, after = told.docket.cased;
		before.urgency = rows[i].before;
		after.urgency = rows[i].after;
		const struct bh_entry entry = {.verb = rows[i].verb,
			.verdict = BH_VERDICT_ACCEPTED,
			.cycle = 1,
			.at_ms = told.docket.now_ms};
		const struct bh_notice_facts facts = {
			.rules = *state, .entry = &entry, .before = &before, .after = &after};
		told.count = bh_notices_of(&facts, told.notices);
		assert_true(rows[i].pushed == (notice_to(&told, BH_DEMO_LEAD(BH_DEMO_GAS),
						       BH_NOTICE_URGENT) != NULL));
		assert_true(rows[i].pushed ==
			    (notice_to(&told, SHIFT_LEADER, BH_NOTICE_URGENT_TOLD) != NULL));
	}
}

static void test_notice__who_is_not_heard_is_followed_by_the_next(void **state)
{
	struct told told;
	struct bh_notice next[BH_NOTICES_MAX];
	report(&told, *state, BH_DEMO_GAS_LEAK);
	dispatch(&told, BH_DEMO_GAS);
	struct bh_notice_facts facts = {
		.rules = *state,
		.entry = &told.docket.entries[told.docket.count - 1],
		.before = &told.docket.cased,
		.after = &told.docket.cased,
	};
	int64_t now_ms = told.docket.now_ms + BH_NOTICE_ACK_MS;
	size_t count = bh_notices_next(&facts, BH_NOTICE_URGENT, now_ms, next);
	assert_in_range(count, 1, BH_NOTICES_MAX);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(next[i].kind, BH_NOTICE_CALLED);
		assert_int_equal(next[i].ack_ms, now_ms + BH_NOTICE_ACK_MS);
	}
	count = bh_notices_next(&facts, BH_NOTICE_CALLED, now_ms, next);
	assert_in_range(count, 1, BH_NOTICES_MAX);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(next[i].kind, BH_NOTICE_CALLED_ABOVE);
	/* Then all of them, ever again: after 5, 5, 10, 20 ... 160 minutes. */
	for (int64_t minutes = 0; minutes <= 640; minutes = minutes == 0 ? 5 : 2 * minutes) {
		int64_t at_ms = now_ms + BH_MINUTES(minutes);
		int64_t wait = minutes < 5 ? 5 : minutes < 160 ? minutes : 160;
		facts.called_ms = now_ms;
		count = bh_notices_next(&facts,
			minutes == 0 ? BH_NOTICE_CALLED_ABOVE : BH_NOTICE_CALLED_AGAIN, at_ms,
			next);
		bool lead = false, leader = false;
		for (size_t i = 0; i < count; i++) {
			lead |= next[i].person == BH_DEMO_LEAD(BH_DEMO_GAS);
			leader |= next[i].person == BH_DEMO_PERSON(SHIFT_LEADER);
			assert_int_equal(next[i].kind, BH_NOTICE_CALLED_AGAIN);
			assert_int_equal(next[i].ack_ms, at_ms + BH_MINUTES(wait));
		}
		assert_true(lead && leader);
	}
}

static void test_notice__a_return_asked_reaches_the_dispatcher_and_its_answer_the_unit(void **state)
{
	struct told told;
	report(&told, *state, BH_DEMO_LITTER);
	dispatch(&told, BH_DEMO_CLEAN_A);
	struct bh_command ask = bh_docket_desk(
		&told.docket, BH_VERB_RETURN, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), "not ours");
	tell(&told, &ask);
	assert_non_null(notice_to(&told, DISPATCHER, BH_NOTICE_RETURN_ASKED));
	assert_null(notice_to(&told, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), BH_NOTICE_RETURN_ASKED));
	struct bh_command refuse = bh_docket_desk(
		&told.docket, BH_VERB_REFUSE_RETURN, DISPATCHER, "it is yours");
	tell(&told, &refuse);
	assert_non_null(notice_to(&told, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), BH_NOTICE_RETURN_REFUSED));
	ask = bh_docket_desk(
		&told.docket, BH_VERB_RETURN, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), "really not ours");
	tell(&told, &ask);
	assert_non_null(notice_to(&told, SHIFT_LEADER, BH_NOTICE_RETURN_ASKED));
	struct bh_command accept = bh_docket_desk(
		&told.docket, BH_VERB_ACCEPT_RETURN, SHIFT_LEADER, "");
	tell(&told, &accept);
	assert_non_null(notice_to(&told, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), BH_NOTICE_RETURN_ACCEPTED));
}

static void test_notice__what_came_too_late_is_told_to_both(void **state)
{
	struct told told;
	report(&told, *state, BH_DEMO_LITTER);
	dispatch(&told, BH_DEMO_CLEAN_A);
	struct bh_command late = bh_docket_op(
		&told.docket, BH_VERB_SIGN, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), NULL);
	struct bh_command sign = bh_docket_op(
		&told.docket, BH_VERB_SIGN, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), NULL);
	tell(&told, &sign);
	assert_int_equal(told.count, 0);
	tell(&told, &late);
	assert_int_equal(told.docket.last.verdict, BH_VERDICT_STALE);
	assert_int_equal(told.count, 2);
	assert_non_null(notice_to(&told, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), BH_NOTICE_STALE));
	assert_non_null(notice_to(&told, 4711, BH_NOTICE_STALE));
}

static void test_notice__the_disposal_limit_goes_up_by_its_percent(void **state)
{
	static const struct {
		uint32_t verb, reason, kind;
	} rows[] = {
		{50, 50, BH_NOTICE_LIMIT_50},
		{50, 80, BH_NOTICE_LIMIT_80},
		{BH_VERB_OVERDUE, 100, BH_NOTICE_LIMIT_100},
		{BH_VERB_OVERDUE, 124, BH_NOTICE_LIMIT_24H},
		{BH_VERB_OVERDUE, 172, BH_NOTICE_LIMIT_72H},
		{BH_VERB_MILESTONE_DUE, 50, BH_NOTICE_MILESTONE_50},
		{BH_VERB_MILESTONE_DUE, 80, BH_NOTICE_MILESTONE_80},
		{BH_VERB_MILESTONE_DUE, 100, BH_NOTICE_MILESTONE_100},
	};
	struct told told;
	report(&told, *state, BH_DEMO_LITTER);
	dispatch(&told, BH_DEMO_CLEAN_A);
	struct bh_entry entry = {.verdict = BH_VERDICT_ACCEPTED,
		.log_short = BH_LOG_CLOCK,
		.cycle = 1,
		.from_state = BH_STATE_HANDLING,
		.to_state = BH_STATE_HANDLING,
		.at_ms = BH_DOCKET_START_MS + BH_HOURS(11)}; /* 20:00: past working hours */
	const struct bh_notice_facts facts = {.rules = *state,
		.entry = &entry,
		.before = &told.docket.cased,
		.after = &told.docket.cased};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		entry.verb = rows[i].verb;
		entry.reason = rows[i].reason;
		size_t count = bh_notices_of(&facts, told.notices);
		assert_in_range(count, 1, BH_NOTICES_MAX);
		for (size_t k = 0; k < count; k++) {
			assert_int_equal(told.notices[k].kind, rows[i].kind);
			assert_int_equal(told.notices[k].scope, 0); /* in no delta */
			assert_int_equal(told.notices[k].ready_ms,
				BH_DOCKET_START_MS + BH_HOURS(23)); /* next day, 8:00 */
		}
	}
	told.docket.cased.urgency = 1; /* life is at stake: it does not wait */
	assert_in_range(bh_notices_of(&facts, told.notices), 1, BH_NOTICES_MAX);
	assert_int_equal(told.notices[0].ready_ms, entry.at_ms);
}

static void test_notice__a_task_is_told_to_whose_it_is_and_its_lapse_to_the_acceptor(void **state)
{
	struct told told;
	const uint32_t acceptor = BH_DEMO_PERSON(ACCEPTOR);
	report(&told, *state, BH_DEMO_LITTER);
	struct bh_command send = bh_docket_desk(&told.docket, BH_VERB_VERIFY, acceptor, "look");
	tell(&told, &send);
	const struct bh_task *task = bh_docket_task(&told.docket, BH_TASK_VERIFY);
	assert_int_equal(told.count, 1);
	const struct bh_notice *notice = notice_to(&told, task->person, BH_NOTICE_TASK);
	assert_non_null(notice);
	assert_int_equal(notice->scope, BH_SCOPE_OWN(task->person));
	struct bh_command lapse;
	told.docket.now_ms = task->due_ms;
	assert_true(bh_task_command(
		told.docket.rules, task, &told.docket.cased, told.docket.now_ms, &lapse));
	tell(&told, &lapse);
	assert_int_equal(told.count, 1);
	assert_non_null(notice_to(&told, acceptor, BH_NOTICE_TASK_LAPSED));
}

static void test_notice__help_is_told_to_the_unit_that_is_asked(void **state)
{
	struct told told;
	report(&told, *state, BH_DEMO_LITTER);
	dispatch(&told, BH_DEMO_CLEAN_A);
	struct bh_command ask = bh_docket_desk(
		&told.docket, BH_VERB_ASK_HELP, DISPATCHER, "bring a lorry");
	ask.unit = BH_DEMO_WORKS;
	tell(&told, &ask);
	const struct bh_notice *notice = notice_to(
		&told, BH_DEMO_HANDLER(BH_DEMO_WORKS), BH_NOTICE_TASK);
	assert_non_null(notice);
	assert_int_equal(notice->scope, BH_SCOPE_UNIT(BH_DEMO_WORKS));
	assert_null(notice_to(&told, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), BH_NOTICE_TASK));
}

static void test_notice__its_text_names_case_type_and_unit(void **state)
{
	struct told told;
	char text[BH_NOTICE_TEXT_MAX];
	int64_t due_ms;
	report(&told, *state, BH_DEMO_LITTER);
	dispatch(&told, BH_DEMO_CLEAN_A);
	bh_notice_text(*state, BH_NOTICE_DISPATCHED, &told.docket.cased, "17-1-X", "3月2日", text);
	assert_non_null(strstr(text, "17-1-X"));
	assert_non_null(strstr(text, "3月2日"));
	assert_null(strstr(text, "{"));
	for (uint32_t kind = 1; kind < BH_NOTICE_KIND_COUNT; kind++) {
		if (*bh_notice_kind_name(kind) == '\0')
			continue; /* a number that no kind has */
		bh_notice_text(*state, kind, &told.docket.cased, "17-1-X", "", text);
		assert_in_range(strlen(text), 10, BH_NOTICE_TEXT_MAX - 1);
		assert_string_not_equal(bh_notice_todo(kind), "");
	}
	const struct bh_case *cased = &told.docket.cased;
	assert_string_equal(bh_notice_light(*state, cased, told.docket.now_ms, &due_ms), "green");
	assert_int_equal(due_ms, cased->disposal_due_ms);
	assert_string_equal(bh_notice_light(*state, cased, due_ms - 60000, &due_ms), "yellow");
	assert_string_equal(bh_notice_light(*state, cased, due_ms, &due_ms), "yellow");
	assert_string_equal(bh_notice_light(*state, cased, due_ms + 1, &due_ms), "red");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notice__a_dispatch_is_told_to_the_unit_and_to_nobody_else),
		cmocka_unit_test(test_notice__P1_goes_to_unit_shift_leader_and_field_at_once),
		cmocka_unit_test(test_notice__those_on_duty_are_told_and_in_a_gap_all),
		cmocka_unit_test(test_notice__what_becomes_P1_is_pushed_and_so_is_what_moves_up),
		cmocka_unit_test(test_notice__who_is_not_heard_is_followed_by_the_next),
		cmocka_unit_test(
			test_notice__a_return_asked_reaches_the_dispatcher_and_its_answer_the_unit),
		cmocka_unit_test(test_notice__what_came_too_late_is_told_to_both),
		cmocka_unit_test(test_notice__the_disposal_limit_goes_up_by_its_percent),
		cmocka_unit_test(
			test_notice__a_task_is_told_to_whose_it_is_and_its_lapse_to_the_acceptor),
		cmocka_unit_test(test_notice__help_is_told_to_the_unit_that_is_asked),
		cmocka_unit_test(test_notice__its_text_names_case_type_and_unit),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
