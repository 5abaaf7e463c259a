/* Orders: who may issue, answer and judge one; what the clock does about it; what it is called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "proto/err.h"
#include "server/domain/order.h"
#include "tests/unit/domain/demo_rules.h"

#define START_MS INT64_C(1772413200000) /* Monday 2026-03-02, 09:00 in UTC+8 */
#define HOUR_MS INT64_C(3600000)
#define REF BH_ORDER_REF(BH_ORDER_CHASER, 2026, 1, 7)
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* An order in the making, entry by entry. */
struct desk {
	struct bh_rules *rules;
	int64_t now_ms;
	struct bh_case cased;
	struct bh_order order; /* ref 0: none yet */
	struct bh_order_answer last;
	bool punishes;
};

static void desk_open(struct desk *desk, struct bh_rules *rules)
{
	*desk = (struct desk){.rules = rules, .now_ms = START_MS, .punishes = true};
	desk->cased = (struct bh_case){.number = 4711,
		.cycle = 1,
		.state = BH_STATE_HANDLING,
		.type = BH_DEMO_LITTER,
		.urgency = 3,
		.area = 1111,
		.unit = BH_DEMO_GAS};
}

/* What an entry says of it is all of it. */
static void entry_apply(struct desk *desk, enum bh_verb verb)
{
	struct bh_buf decision = BH_BUF(1024);
	struct bh_order replayed = desk->order;
	struct bh_entry entry = {.verb = verb, .position = desk->order.last + 1};
	assert_int_equal(bh_order_diff(&desk->order, &desk->last.after, &decision), 0);
	entry.decision = bh_buf_span(&decision);
	assert_int_equal(bh_order_of_decision(entry.decision), desk->last.after.ref);
	assert_int_equal(bh_order_patch(&replayed, &entry), 0);
	desk->last.after.first = replayed.first;
	desk->last.after.last = replayed.last;
	desk->last.after.answer = replayed.answer;
	assert_memory_equal(&replayed, &desk->last.after, sizeof(replayed));
	desk->order = replayed;
	bh_buf_free(&decision);
}

static bool give(struct desk *desk, struct bh_command *command)
{
	const struct bh_order_ask ask = {.rules = desk->rules,
		.now_ms = desk->now_ms,
		.punishes = desk->punishes,
		.cased = &desk->cased,
		.order = desk->order.ref ? &desk->order : NULL,
		.ref = REF};
	bh_order_decide(&ask, command, &desk->last);
	if (desk->last.accepted)
		entry_apply(desk, command->verb);
	return desk->last.accepted;
}

static struct bh_command says(enum bh_verb verb, uint32_t person, uint32_t code, const char *text)
{
	return (struct bh_command){.source = BH_SOURCE_DESK,
		.verb = verb,
		.person = person,
		.case_number = 4711,
		.order = REF,
		.reason_code = code,
		.text = bh_span(text, strlen(text))};
}

static bool acts(
	struct desk *desk, enum bh_verb verb, uint32_t person, uint32_t code, const char *text)
{
	struct bh_command command = says(verb, person, code, text);
	return give(desk, &command);
}

static void issued(struct desk *desk, uint32_t kind)
{
	assert_true(acts(desk, BH_VERB_ORDER, BH_DEMO_PERSON(SUPERVISOR), kind, "how is it?"));
	assert_int_equal(desk->order.state, BH_ORDER_ISSUED);
}

/* The clock's command of now, which must be that; gives whether there is one. */
static bool clock_acts(struct desk *desk)
{
	struct bh_command command;
	if (!bh_order_command(&desk->order, desk->now_ms, desk->punishes, &command))
		return false;
	assert_true(give(desk, &command));
	return true;
}

static int rules_open(void **state)
{
	*state = bh_demo_rules();
	return 0;
}

static int rules_close(void **state)
{
	bh_rules_unref(*state);
	return 0;
}

/* S0-43 and the roles of domain.md: a chaser by the desk, the others from above. */
static void test_order__who_may_issue_which(void **state)
{
	struct bh_rules *rules = *state;
	static const uint32_t may[BH_ORDER_KINDS] = {
		[BH_ORDER_CHASER] = 1u << BH_ROLE_DISPATCHER | 1u << BH_ROLE_SHIFT_LEADER |
				    1u << BH_ROLE_SUPERVISOR,
		[BH_ORDER_SUPERVISION] = 1u << BH_ROLE_SUPERVISOR,
		[BH_ORDER_HAND_OVER] = 1u << BH_ROLE_SUPERVISOR | 1u << BH_ROLE_SHIFT_LEADER,
	};
	for (uint32_t kind = BH_ORDER_CHASER; kind < BH_ORDER_KINDS; kind++) {
		for (uint32_t role = BH_ROLE_REPORTER; role < BH_ROLE_CLOCK; role++) {
			struct desk desk;
			desk_open(&desk, rules);
			assert_int_equal(acts(&desk, BH_VERB_ORDER, role, kind, "how is it?"),
				(may[kind] >> role & 1) != 0);
		}
	}
	struct desk desk;
	desk_open(&desk, rules);
	assert_false(acts(&desk, BH_VERB_ORDER, BH_DEMO_TOWNSHIP_DESK, BH_ORDER_CHASER, "text"));
	assert_int_equal(desk.last.reason, BH_REASON_NO_RIGHT);
	desk.cased.area = 1211;
	assert_true(acts(&desk, BH_VERB_ORDER, BH_DEMO_TOWNSHIP_DESK, BH_ORDER_CHASER, "text"));
}

/* Authority = area × class × role. */
static void test_order__is_issued_judged_and_read_by_posts_of_the_cases_class(void **state)
{
	static const uint32_t gas[] = {50};
	const uint32_t supervisor = BH_DEMO_PERSON(SUPERVISOR);
	struct bh_demo_profile demo;
	struct desk desk;
	(void)state;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++) {
		if (demo.posts[i].person != supervisor)
			continue;
		demo.posts[i].classes = gas;
		demo.posts[i].classes_count = 1;
	}
	struct bh_rules *rules = bh_demo_build(&demo);
	desk_open(&desk, rules);
	assert_false(acts(&desk, BH_VERB_ORDER, supervisor, BH_ORDER_CHASER, "how is it?"));
	assert_int_equal(desk.last.reason, BH_REASON_NO_RIGHT);
	assert_true(acts(&desk, BH_VERB_ORDER, BH_DEMO_PERSON(DISPATCHER), BH_ORDER_CHASER, "so?"));
	assert_false(bh_order_sees(rules, desk.now_ms, supervisor, 0, &desk.order, &desk.cased));
	assert_false(
		acts(&desk, BH_VERB_ORDER_REVIEW, supervisor, BH_ORDER_WITHDRAW, "not needed"));
	desk.cased.type = BH_DEMO_GAS_LEAK;
	assert_true(bh_order_sees(rules, desk.now_ms, supervisor, 0, &desk.order, &desk.cased));
	assert_true(acts(&desk, BH_VERB_ORDER_REVIEW, supervisor, BH_ORDER_WITHDRAW, "not needed"));
	bh_rules_unref(rules);
}

static void test_order__what_it_is_about_has_to_fit(void **state)
{
	struct desk desk;
	const uint32_t person = BH_DEMO_PERSON(SUPERVISOR);
	desk_open(&desk, *state);
	assert_false(acts(&desk, BH_VERB_ORDER, person, 0, "text"));
	assert_false(acts(&desk, BH_VERB_ORDER, person, BH_ORDER_KINDS, "text"));
	assert_false(acts(&desk, BH_VERB_ORDER, person, BH_ORDER_CHASER, " \n"));
	assert_int_equal(desk.last.reason, BH_REASON_NO_REASON);
	assert_false(acts(&desk, BH_VERB_ORDER, person, BH_ORDER_CHASER, "\xc3\x28"));
	struct bh_command other = says(BH_VERB_ORDER, person, BH_ORDER_SUPERVISION, "text");
	other.unit = BH_DEMO_WORKS;
	assert_false(give(&desk, &other));
	other.reason_code = BH_ORDER_HAND_OVER;
	assert_true(give(&desk, &other));
	assert_int_equal(desk.order.unit, BH_DEMO_WORKS);
	desk_open(&desk, *state);
	desk.cased.state = BH_STATE_CLOSED;
	assert_false(acts(&desk, BH_VERB_ORDER, person, BH_ORDER_CHASER, "text"));
	assert_int_equal(desk.last.reason, BH_REASON_NOT_NOW);
	struct bh_command late = says(BH_VERB_ORDER, person, BH_ORDER_HAND_OVER, "text");
	late.until_ms = desk.now_ms;
	assert_false(give(&desk, &late));
	late.until_ms = desk.now_ms + 367 * 24 * HOUR_MS;
	assert_false(give(&desk, &late));
	late.until_ms = desk.now_ms + 1;
	assert_true(give(&desk, &late));
}

static void test_order__is_answered_by_the_lead_of_its_unit_and_judged_from_outside(void **state)
{
	struct desk desk;
	desk_open(&desk, *state);
	issued(&desk, BH_ORDER_CHASER);
	assert_int_equal(desk.order.due_ms, desk.now_ms + 24 * HOUR_MS); /* eight working hours */
	static const uint32_t others[] = {BH_DEMO_LEAD(BH_DEMO_WORKS), BH_DEMO_HANDLER(BH_DEMO_GAS),
		BH_DEMO_PERSON(SUPERVISOR), BH_DEMO_WORKER(1111)};
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_false(acts(&desk, BH_VERB_ORDER_ANSWER, others[i], 0, "soon"));
	assert_false(acts(&desk, BH_VERB_ORDER_ANSWER, BH_DEMO_LEAD(BH_DEMO_GAS), 0, ""));
	assert_false(
		acts(&desk, BH_VERB_ORDER_REVIEW, BH_DEMO_PERSON(SUPERVISOR), BH_ORDER_CLOSE, ""));
	assert_true(acts(&desk, BH_VERB_ORDER_ANSWER, BH_DEMO_LEAD(BH_DEMO_GAS), 0, "soon"));
	assert_int_equal(desk.order.state, BH_ORDER_ANSWERED);
	assert_int_equal(desk.order.late, 0);
	assert_false(acts(&desk, BH_VERB_ORDER_ANSWER, BH_DEMO_LEAD(BH_DEMO_GAS), 0, "again"));
	assert_false(
		acts(&desk, BH_VERB_ORDER_REVIEW, BH_DEMO_LEAD(BH_DEMO_GAS), BH_ORDER_CLOSE, ""));
	assert_false(acts(&desk, BH_VERB_ORDER_REVIEW, BH_DEMO_PERSON(SUPERVISOR), BH_ORDER_TELL,
		"")); /* that is the clock's */
	assert_true(
		acts(&desk, BH_VERB_ORDER_REVIEW, BH_DEMO_PERSON(DISPATCHER), BH_ORDER_CLOSE, ""));
	assert_int_equal(desk.order.state, BH_ORDER_CLOSED);
	assert_false(acts(&desk, BH_VERB_ORDER_REVIEW, BH_DEMO_PERSON(SUPERVISOR),
		BH_ORDER_WITHDRAW, "no need"));
}

static void test_order__is_sent_back_once_and_withdrawn_with_a_reason(void **state)
{
	const uint32_t above = BH_DEMO_PERSON(SUPERVISOR), lead = BH_DEMO_LEAD(BH_DEMO_GAS);
	struct desk desk;
	desk_open(&desk, *state);
	issued(&desk, BH_ORDER_SUPERVISION);
	assert_true(acts(&desk, BH_VERB_ORDER_ANSWER, lead, 0, "soon"));
	assert_false(acts(&desk, BH_VERB_ORDER_REVIEW, above, BH_ORDER_SEND_BACK, ""));
	assert_true(acts(&desk, BH_VERB_ORDER_REVIEW, above, BH_ORDER_SEND_BACK, "when?"));
	assert_int_equal(desk.order.state, BH_ORDER_SENT_BACK);
	assert_true(desk.order.next_ms > desk.now_ms);
	desk.now_ms = desk.order.due_ms + 1;
	assert_true(acts(&desk, BH_VERB_ORDER_ANSWER, lead, 0, "tomorrow"));
	assert_int_equal(desk.order.late, 1);
	assert_false(acts(&desk, BH_VERB_ORDER_REVIEW, above, BH_ORDER_SEND_BACK, "when?"));
	assert_int_equal(desk.last.reason, BH_REASON_GUARD);
	assert_false(acts(&desk, BH_VERB_ORDER_REVIEW, above, BH_ORDER_WITHDRAW, ""));
	assert_true(acts(&desk, BH_VERB_ORDER_REVIEW, above, BH_ORDER_WITHDRAW, "a mistake"));
	assert_int_equal(desk.order.state, BH_ORDER_WITHDRAWN);
	assert_int_equal(desk.order.next_ms, 0);
}

/* D01: what punishes is held while the clock is in doubt. */
static void test_order__the_clock_tells_up_and_on_and_closes_what_nobody_judges(void **state)
{
	struct desk desk;
	desk_open(&desk, *state);
	issued(&desk, BH_ORDER_CHASER);
	desk.now_ms = desk.order.due_ms - 1;
	assert_false(clock_acts(&desk));
	desk.now_ms++;
	desk.punishes = false;
	assert_false(clock_acts(&desk));
	desk.punishes = true;
	assert_true(clock_acts(&desk));
	assert_int_equal(desk.order.told, 1);
	assert_false(clock_acts(&desk));
	desk.now_ms = desk.order.next_ms;
	assert_true(clock_acts(&desk));
	assert_int_equal(desk.order.told, 2);
	/* An order that nobody answers is told of for as long as it stands, ever more rarely. */
	for (uint32_t told = 3; told < 9; told++) {
		int64_t was_ms = desk.order.next_ms;
		assert_true(was_ms > desk.now_ms);
		desk.now_ms = was_ms;
		assert_true(clock_acts(&desk));
		assert_int_equal(desk.order.told, told);
	}
	assert_true(bh_order_is_open(&desk.order));
	assert_true(acts(&desk, BH_VERB_ORDER_ANSWER, BH_DEMO_LEAD(BH_DEMO_GAS), 0, "sorry"));
	desk.now_ms = desk.order.next_ms;
	assert_true(clock_acts(&desk));
	assert_int_equal(desk.order.state, BH_ORDER_CLOSED);
	assert_int_equal(desk.order.ended_by, 0);
	struct bh_command early = {.source = BH_SOURCE_CLOCK,
		.verb = BH_VERB_ORDER_REVIEW,
		.order = REF,
		.reason_code = BH_ORDER_TELL};
	assert_false(give(&desk, &early));
}

static void test_order__a_threshold_raises_one_that_ends_with_its_case(void **state)
{
	static const struct {
		enum bh_threshold threshold;
		uint32_t kind;
	} raised[] = {{BH_THRESHOLD_NOTE, 0}, {BH_THRESHOLD_YELLOW, 0},
		{BH_THRESHOLD_RED, BH_ORDER_CHASER}, {BH_THRESHOLD_DAY, BH_ORDER_SUPERVISION},
		{BH_THRESHOLD_MISS, BH_ORDER_HAND_OVER}};
	struct bh_command command;
	struct desk desk;
	for (size_t i = 0; i < COUNT_OF(raised); i++) {
		desk_open(&desk, *state);
		assert_int_equal(bh_order_of_threshold(&desk.cased, raised[i].threshold, &command),
			raised[i].kind != 0);
		if (raised[i].kind == 0)
			continue;
		assert_int_equal(command.reason_code, raised[i].kind);
		assert_true(give(&desk, &command));
		assert_int_equal(desk.order.threshold, raised[i].threshold);
		assert_int_equal(desk.order.by, 0);
		assert_false(bh_order_command_after(&desk.order, &desk.cased, &command));
		desk.cased.state = i % 2 ? BH_STATE_DONE : BH_STATE_FILED;
		desk.cased.unit = i % 2 ? BH_DEMO_GAS : 0;
		assert_true(bh_order_command_after(&desk.order, &desk.cased, &command));
		assert_true(give(&desk, &command));
		assert_int_equal(desk.order.state, i % 2 ? BH_ORDER_CLOSED : BH_ORDER_WITHDRAWN);
	}
	desk_open(&desk, *state);
	issued(&desk, BH_ORDER_CHASER); /* a person's wants its answer all the same */
	desk.cased.state = BH_STATE_DONE;
	assert_false(bh_order_command_after(&desk.order, &desk.cased, &command));
}

static void test_order__is_called_one_way_and_read_back(void **state)
{
	static const struct {
		uint64_t ref;
		const char *text;
		const char *zh;
	} names[] = {
		{BH_ORDER_REF(1, 2026, 1, 1), "chaser-2026-0001", "催办〔2026〕0001号"},
		{BH_ORDER_REF(2, 2027, 1, 12345), "supervision-2027-12345", "督办〔2027〕12345号"},
		{BH_ORDER_REF(3, 2026, 2, 9), "handover-2026-2-0009", "交办〔2026〕2-0009号"},
	};
	static const char *const wrong[] = {"", "-", "chaser", "chaser-", "chaser-2026",
		"chaser-2026-0", "chaser-2026-1-1", "chaser-2026--1", "chaser-2026-1x",
		"chaser-2026-16777216", "chaser-10000-1", "chasers-2026-1", "unknown-2026-1",
		"chaser-2026-2-3-4", "chaser-2026-65536-1", "chaser-+26-1",
		"chaser-2026-00000000000000000000000000000000001"};
	char text[BH_ORDER_TEXT_SIZE];
	uint64_t ref;
	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		bh_order_ref_format(names[i].ref, text);
		assert_string_equal(text, names[i].text);
		assert_int_equal(bh_order_ref_parse(text, &ref), 0);
		assert_int_equal(ref, names[i].ref);
		bh_order_ref_format_zh(names[i].ref, text);
		assert_string_equal(text, names[i].zh);
	}
	assert_int_equal(bh_order_ref_parse("chaser-2026-1", &ref), 0);
	assert_int_equal(ref, BH_ORDER_REF(1, 2026, 1, 1));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_int_equal(bh_order_ref_parse(wrong[i], &ref), BH_ERR_MALFORMED);
	/* the last millisecond of a year in UTC+8, and the first of the next */
	assert_int_equal(bh_order_year(INT64_C(1798732799999), 480), 2026);
	assert_int_equal(bh_order_year(INT64_C(1798732800000), 480), 2027);
	assert_int_equal(bh_order_year(INT64_C(951782400000), 0), 2000); /* 29 February */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order__who_may_issue_which),
		cmocka_unit_test(test_order__is_issued_judged_and_read_by_posts_of_the_cases_class),
		cmocka_unit_test(test_order__what_it_is_about_has_to_fit),
		cmocka_unit_test(
			test_order__is_answered_by_the_lead_of_its_unit_and_judged_from_outside),
		cmocka_unit_test(test_order__is_sent_back_once_and_withdrawn_with_a_reason),
		cmocka_unit_test(
			test_order__the_clock_tells_up_and_on_and_closes_what_nobody_judges),
		cmocka_unit_test(test_order__a_threshold_raises_one_that_ends_with_its_case),
		cmocka_unit_test(test_order__is_called_one_way_and_read_back),
	};
	return cmocka_run_group_tests(tests, rules_open, rules_close);
}
