/* What a unit asks for while it handles a case: more time, or none until a date. */
#include "tests/unit/domain/docket.h"

#include "server/domain/ask_call.h"
#include "tests/unit/domain/demo_rules.h"

#define START BH_DOCKET_START_MS
#define DAY BH_HOURS(24)
#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define LEAD BH_DEMO_LEAD(BH_DEMO_CLEAN_A)
#define HANDLER BH_DEMO_HANDLER(BH_DEMO_CLEAN_A)

/* Four working hours by the catalogue, dispatched on a Monday at nine: due at two in the afternoon.
 */
static void to_handling(struct bh_docket *docket, const struct bh_rules *rules)
{
	bh_docket_open(docket, rules);
	bh_docket_to_handling(docket, BH_DEMO_LITTER, 1111);
	assert_int_equal(docket->cased.disposal_due_ms, START + BH_HOURS(6));
}

static void ask_suspension(struct bh_docket *docket, uint32_t person, int64_t until_ms)
{
	struct bh_command ask = bh_docket_desk(
		docket, BH_VERB_ASK_SUSPENSION, person, "the part comes then");
	ask.until_ms = until_ms;
	bh_docket_must(docket, &ask);
}

static void test_extend__adds_one_original_limit_twice_at_most(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	bh_docket_act_refused(
		&docket, BH_VERB_EXTEND, DISPATCHER, NULL, BH_REASON_GUARD); /* nobody asked */
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "rain");
	bh_docket_act_refused(&docket, BH_VERB_EXTEND, ACCEPTOR, NULL, BH_REASON_NO_RIGHT);
	bh_docket_act_refused(
		&docket, BH_VERB_SUSPEND, DISPATCHER, NULL, BH_REASON_GUARD); /* not asked for */
	bh_docket_act(&docket, BH_VERB_EXTEND, DISPATCHER, NULL);
	assert_int_equal(docket.cased.disposal_due_ms, START + DAY); /* Tuesday at nine */
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "more rain");
	bh_docket_act(&docket, BH_VERB_EXTEND, DISPATCHER, NULL);
	assert_int_equal(docket.cased.disposal_due_ms, START + DAY + BH_HOURS(6));
	bh_docket_act_refused(&docket, BH_VERB_ASK_EXTENSION, LEAD, "still rain", BH_REASON_GUARD);
}

/* Own unit first, then the dispatcher; a refusal does not count. */
static void test_ask__goes_by_the_own_lead_to_the_dispatcher(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, HANDLER, "rain");
	bh_docket_act_refused(&docket, BH_VERB_EXTEND, DISPATCHER, NULL, BH_REASON_GUARD);
	bh_docket_act_refused(&docket, BH_VERB_REFUSE_ASK, DISPATCHER, "no", BH_REASON_GUARD);
	bh_docket_act_refused(&docket, BH_VERB_ASK_EXTENSION, HANDLER, "again", BH_REASON_GUARD);
	bh_docket_act(&docket, BH_VERB_REFUSE_ASK, LEAD, "it does not rain");
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, HANDLER, "now it does");
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "indeed");
	bh_docket_act_refused(&docket, BH_VERB_REFUSE_ASK, HANDLER, "no", BH_REASON_GUARD);
	bh_docket_act_refused(&docket, BH_VERB_ASK_SUSPENSION, LEAD, "no", BH_REASON_FIELD);
	bh_docket_act(&docket, BH_VERB_REFUSE_ASK, DISPATCHER, "there is an awning");
	assert_int_equal(docket.cased.extensions, 0);
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(6));
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "it tore");
	bh_docket_act(&docket, BH_VERB_EXTEND, DISPATCHER, NULL);
	assert_int_equal(docket.cased.extensions, 1);
}

/* ... but who asked in time is answered however long the desk takes. */
static void test_ask__is_too_late_once_the_limit_has_passed(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "rain");
	bh_docket_run(&docket, START + BH_HOURS(6) + BH_MINUTES(10));
	assert_int_equal(docket.cased.warned, 100);
	bh_docket_act(&docket, BH_VERB_EXTEND, DISPATCHER, NULL);
	assert_int_equal(docket.cased.disposal_due_ms, START + DAY);
	assert_int_equal(docket.cased.late, 0);
	assert_int_equal(docket.cased.warned, 50);
	docket.now_ms = docket.cased.disposal_due_ms + 1;
	bh_docket_act_refused(&docket, BH_VERB_ASK_EXTENSION, LEAD, "rain", BH_REASON_WINDOW);
	bh_docket_act_refused(&docket, BH_VERB_ASK_SUSPENSION, LEAD, "rain", BH_REASON_WINDOW);
}

/* At half of what is left, then after twice as long each time: whom it waits for, then the shift
 * leader, too; never again once it is answered. */
static void test_ask__that_nobody_answers_is_called_for(void **state)
{
	struct bh_docket docket;
	size_t calls = 0, above = 0;
	to_handling(&docket, *state);
	bh_docket_run(&docket, START + BH_HOURS(1));
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "rain");
	docket.punishes = false;
	assert_int_equal(bh_docket_wake(&docket, START + BH_HOURS(5)), 1); /* 50 % alone */
	docket.punishes = true;
	bh_docket_run(&docket, START + 3 * DAY);
	for (size_t i = 0; i < docket.count; i++) {
		bool call = docket.entries[i].verb == BH_VERB_REMIND;
		calls += call && docket.entries[i].reason == BH_REMIND_ASKED;
		above += call && docket.entries[i].reason == BH_REMIND_ASKED_ABOVE;
	}
	assert_int_equal(calls, 1);
	assert_int_equal(above, 3); /* at the limit, on Tuesday and on Wednesday morning */
	bh_docket_act(&docket, BH_VERB_REFUSE_ASK, DISPATCHER, "too late");
	assert_int_equal(docket.cased.ask_calls, 0);
	assert_int_equal(docket.cased.asked_ms, 0);
	assert_int_equal(bh_case_ask_call_ms(*state, &docket.cased), BH_CALENDAR_NEVER);
}

static void test_ask__is_taken_back_by_who_asked(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, HANDLER, "rain");
	bh_docket_act(&docket, BH_VERB_REFUSE_ASK, HANDLER, "it stopped");
	assert_int_equal(docket.cased.asked, BH_ASK_NONE);
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "rain");
	bh_docket_act_refused(&docket, BH_VERB_REFUSE_ASK, HANDLER, "no", BH_REASON_GUARD);
	bh_docket_act_refused(&docket, BH_VERB_REFUSE_ASK, LEAD, NULL, BH_REASON_NO_REASON);
	bh_docket_act(&docket, BH_VERB_REFUSE_ASK, LEAD, "it stopped");
	ask_suspension(&docket, LEAD, START + 3 * DAY); /* something else, then */
	bh_docket_act(&docket, BH_VERB_REFUSE_ASK, LEAD, "the part is here");
	bh_docket_open(&docket, *state);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	docket.now_ms = docket.cased.disposal_due_ms + 1;
	bh_docket_act(&docket, BH_VERB_ASK_REDIRECT, LEAD, "not ours");
	bh_docket_act_refused(&docket, BH_VERB_REFUSE_ASK, HANDLER, "no", BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_REFUSE_ASK, LEAD, "it is");
	assert_int_equal(docket.cased.redirects_refused, 0); /* nobody refused it */
}

/* An hour is used on Monday; on Thursday the three others run. */
static void test_suspend__stops_the_clock_until_its_date(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	docket.now_ms = START + BH_HOURS(1);
	ask_suspension(&docket, LEAD, START + 3 * DAY);
	bh_docket_act(&docket, BH_VERB_SUSPEND, DISPATCHER, NULL);
	assert_int_equal(docket.cased.state, BH_STATE_SUSPENDED);
	assert_int_equal(docket.cased.disposal_due_ms, 0);
	assert_int_equal(docket.cased.next_ms, START + 3 * DAY);
	bh_docket_act_refused(&docket, BH_VERB_FINISH, LEAD, "done", BH_REASON_NOT_NOW);
	assert_int_equal(bh_docket_run(&docket, START + 3 * DAY), 1);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.cased.disposal_due_ms, START + 3 * DAY + BH_HOURS(3));
	bh_docket_act_refused(&docket, BH_VERB_ASK_SUSPENSION, LEAD, "again", BH_REASON_GUARD);
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "rain");
	bh_docket_act(&docket, BH_VERB_EXTEND, DISPATCHER, NULL);
	assert_int_equal(docket.cased.disposal_due_ms, START + 3 * DAY + BH_HOURS(9));
}

static void test_suspend__may_end_sooner_and_lasts_a_year_at_most(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	struct bh_command ask = bh_docket_desk(&docket, BH_VERB_ASK_SUSPENSION, LEAD, "a part");
	ask.until_ms = START + 365 * DAY + 1; /* 2027 has no 29 February */
	bh_docket_refused(&docket, &ask, BH_REASON_FIELD);
	ask.until_ms = START;
	bh_docket_refused(&docket, &ask, BH_REASON_FIELD);
	ask_suspension(&docket, HANDLER, START + 365 * DAY);
	bh_docket_act(&docket, BH_VERB_ASK_SUSPENSION, LEAD, "yes"); /* as the handler has it */
	assert_int_equal(docket.cased.asked_until_ms, START + 365 * DAY);
	struct bh_command suspend = bh_docket_desk(&docket, BH_VERB_SUSPEND, DISPATCHER, NULL);
	suspend.until_ms = START + 30 * DAY; /* the dispatcher's word is the last */
	bh_docket_must(&docket, &suspend);
	assert_int_equal(docket.cased.resume_due_ms, START + 30 * DAY);
	bh_docket_act_refused(&docket, BH_VERB_RESUME, LEAD, NULL, BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_RESUME, DISPATCHER, NULL); /* a pause of no length */
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(6));
}

/* From 2 March 2027 a 29 February lies within. */
static void test_suspend__lasts_a_day_more_over_a_leap_day(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	docket.now_ms = START + 365 * DAY;
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command ask = bh_docket_desk(&docket, BH_VERB_ASK_SUSPENSION, LEAD, "a part");
	ask.until_ms = docket.now_ms + 366 * DAY + 1;
	bh_docket_refused(&docket, &ask, BH_REASON_FIELD);
	ask.until_ms = docket.now_ms + 366 * DAY;
	bh_docket_must(&docket, &ask);
}

/* Another unit begins with a limit of its own, and what the first asked for is over. */
static void test_ask__goes_with_the_unit(void **state)
{
	struct bh_docket docket;
	to_handling(&docket, *state);
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "rain");
	bh_docket_act(&docket, BH_VERB_EXTEND, DISPATCHER, NULL);
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "more rain");
	struct bh_command redirect = bh_docket_desk(
		&docket, BH_VERB_REDIRECT, DISPATCHER, "theirs");
	redirect.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &redirect);
	assert_int_equal(docket.cased.asked, BH_ASK_NONE);
	assert_int_equal(docket.cased.extensions, 0);
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(6));
}

/* Row 30's "unit lead asks". */
static void test_adjust__a_lead_asks_for_a_redirect_once_it_may_not_be_returned(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_act_refused(&docket, BH_VERB_ASK_REDIRECT, LEAD, "not ours", BH_REASON_GUARD);
	bh_docket_run(&docket, docket.cased.disposal_due_ms + 1);
	bh_docket_act_refused(&docket, BH_VERB_RETURN, LEAD, "not ours", BH_REASON_WINDOW);
	bh_docket_act_refused(&docket, BH_VERB_ASK_REDIRECT, LEAD, NULL, BH_REASON_NO_REASON);
	bh_docket_act_refused(
		&docket, BH_VERB_ASK_REDIRECT, HANDLER, "not ours", BH_REASON_NO_RIGHT);
	struct bh_command ask = bh_docket_desk(&docket, BH_VERB_ASK_REDIRECT, LEAD, "not ours");
	ask.unit = docket.cased.unit;
	bh_docket_refused(&docket, &ask, BH_REASON_GUARD);
	ask.unit = 4711;
	bh_docket_refused(&docket, &ask, BH_REASON_NO_UNIT);
	ask.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &ask);
	assert_int_equal(docket.cased.asked, BH_ASK_REDIRECT);
	assert_int_equal(docket.cased.asked_unit, BH_DEMO_WORKS);
	bh_docket_refused(&docket, &ask, BH_REASON_MOVED_ON); /* somebody was first: himself */
	bh_docket_act_refused(&docket, BH_VERB_ASK_REDIRECT, LEAD, "again", BH_REASON_GUARD);
	bh_docket_act(&docket, BH_VERB_REFUSE_ASK, BH_DEMO_PERSON(DISPATCHER), "it is yours");
	assert_int_equal(docket.cased.asked, BH_ASK_NONE);
	assert_int_equal(docket.cased.asked_unit, 0);
	assert_int_equal(docket.cased.redirects_refused, 1);
	bh_docket_act(&docket, BH_VERB_ASK_REDIRECT, LEAD, "it is not");
	bh_docket_act_refused(&docket, BH_VERB_REDIRECT, BH_DEMO_PERSON(DISPATCHER), "so be it",
		BH_REASON_GUARD); /* to whom?  the rule says the same unit */
	bh_docket_act(&docket, BH_VERB_REFUSE_ASK, BH_DEMO_PERSON(DISPATCHER), "whose then?");
	ask = bh_docket_desk(&docket, BH_VERB_ASK_REDIRECT, LEAD, "theirs");
	ask.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &ask);
	bh_docket_act(&docket, BH_VERB_REDIRECT, BH_DEMO_PERSON(DISPATCHER), "so be it");
	assert_int_equal(docket.cased.unit, BH_DEMO_WORKS);
	assert_int_equal(docket.cased.redirects, 1);
	assert_int_equal(docket.cased.redirects_asked, 1);
	assert_int_equal(docket.cased.late, 1);
	assert_int_equal(docket.cased.late_unit, BH_DEMO_CLEAN_A);
	assert_int_equal(docket.cased.asked, BH_ASK_NONE);
}

static void test_adjust__what_was_argued_to_the_end_is_not_redirected_on_request(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_act(&docket, BH_VERB_RETURN, LEAD, "not ours");
	bh_docket_act(&docket, BH_VERB_REFUSE_RETURN, BH_DEMO_PERSON(DISPATCHER), "yours");
	bh_docket_act(&docket, BH_VERB_RETURN, LEAD, "not ours");
	bh_docket_act(&docket, BH_VERB_REFUSE_RETURN, BH_DEMO_PERSON(SHIFT_LEADER), "yours");
	bh_docket_run(&docket, docket.cased.disposal_due_ms + 1);
	bh_docket_act_refused(&docket, BH_VERB_ASK_REDIRECT, LEAD, "not ours", BH_REASON_GUARD);
}

/* The unit's lead sits at the desk, too, in the place of these; one of the desk's own stays, or
 * nobody. */
static struct bh_rules *rules_with_lead_at_desk(bool alone)
{
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++) {
		struct bh_msg_post *post = &demo.posts[i];
		bool desk = post->role == BH_ROLE_SHIFT_LEADER || post->role == BH_ROLE_DISPATCHER;
		if (post->role == BH_ROLE_SPONSOR) {
			post->person = LEAD;
			post->role = BH_ROLE_DISPATCHER;
			post->area = BH_DEMO_COUNTY;
		} else if (alone && desk) {
			post->role = BH_ROLE_ASSESSOR;
		}
	}
	return bh_demo_build(&demo);
}

static void test_extend__is_granted_by_another_than_who_asked_and_not_by_his_unit(void **state)
{
	struct bh_rules *rules = rules_with_lead_at_desk(false);
	struct bh_docket docket;
	(void)state;
	to_handling(&docket, rules);
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "rain");
	bh_docket_act_refused(&docket, BH_VERB_EXTEND, LEAD, NULL, BH_REASON_GUARD);
	docket.cased.asked_by = HANDLER; /* a colleague's */
	bh_docket_act_refused(&docket, BH_VERB_EXTEND, LEAD, NULL, BH_REASON_GUARD);
	bh_docket_act(&docket, BH_VERB_EXTEND, DISPATCHER, NULL);
	ask_suspension(&docket, LEAD, START + 9 * DAY);
	bh_docket_act_refused(&docket, BH_VERB_SUSPEND, LEAD, NULL, BH_REASON_GUARD);
	bh_docket_act(&docket, BH_VERB_SUSPEND, DISPATCHER, NULL);
	bh_rules_unref(rules);
}

static void test_accept_return__is_not_of_the_unit_while_anybody_else_could(void **state)
{
	for (int alone = 0; alone < 2; alone++) {
		struct bh_rules *rules = rules_with_lead_at_desk(alone);
		struct bh_docket docket;
		to_handling(&docket, *state);
		docket.rules = rules;
		bh_docket_act(&docket, BH_VERB_RETURN, LEAD, "not ours, by the statute");
		if (alone)
			bh_docket_act(&docket, BH_VERB_ACCEPT_RETURN, LEAD, NULL);
		else
			bh_docket_act_refused(
				&docket, BH_VERB_ACCEPT_RETURN, LEAD, NULL, BH_REASON_GUARD);
		bh_rules_unref(rules);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_extend__is_granted_by_another_than_who_asked_and_not_by_his_unit),
		cmocka_unit_test(test_accept_return__is_not_of_the_unit_while_anybody_else_could),
		cmocka_unit_test(
			test_adjust__a_lead_asks_for_a_redirect_once_it_may_not_be_returned),
		cmocka_unit_test(
			test_adjust__what_was_argued_to_the_end_is_not_redirected_on_request),
		cmocka_unit_test(test_extend__adds_one_original_limit_twice_at_most),
		cmocka_unit_test(test_ask__goes_by_the_own_lead_to_the_dispatcher),
		cmocka_unit_test(test_ask__is_too_late_once_the_limit_has_passed),
		cmocka_unit_test(test_ask__that_nobody_answers_is_called_for),
		cmocka_unit_test(test_ask__is_taken_back_by_who_asked),
		cmocka_unit_test(test_suspend__lasts_a_day_more_over_a_leap_day),
		cmocka_unit_test(test_suspend__stops_the_clock_until_its_date),
		cmocka_unit_test(test_suspend__may_end_sooner_and_lasts_a_year_at_most),
		cmocka_unit_test(test_ask__goes_with_the_unit),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
