/* Rows 81, 82: where a district has it so, what a unit's people finish its lead signs off; the
 * limit runs on, and who lets it lie is called. */
#include "tests/unit/domain/docket.h"

#include "tests/unit/domain/demo_rules.h"

#define LEAD BH_DEMO_LEAD(BH_DEMO_CLEAN_A)
#define HANDLER BH_DEMO_HANDLER(BH_DEMO_CLEAN_A)

static int open_rules(void **state)
{
	static struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.profile.settings.unit_sign_off = true;
	*state = bh_demo_build(&demo);
	return 0;
}

static void hand_in(struct bh_docket *docket)
{
	struct bh_command finish = bh_docket_op(docket, BH_VERB_FINISH, HANDLER, "swept");
	finish.photos = finish.photos_after = 2;
	bh_docket_must(docket, &finish);
}

static void handling(struct bh_docket *docket, const struct bh_rules *rules)
{
	bh_docket_open(docket, rules);
	bh_docket_to_handling(docket, BH_DEMO_LITTER, 1111);
}

static void test_sign_off__a_handlers_finish_goes_to_the_lead_and_the_limit_runs_on(void **state)
{
	struct bh_docket docket;
	handling(&docket, *state);
	int64_t due_ms = docket.cased.disposal_due_ms, handed_ms = docket.now_ms;
	hand_in(&docket);
	assert_int_equal(docket.last.reason, BH_REASON_HANDED_IN);
	assert_int_equal(docket.last.verb, BH_VERB_HAND_IN);
	assert_int_equal(docket.entries[docket.count - 1].verb, BH_VERB_HAND_IN);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.cased.disposal_due_ms, due_ms);
	assert_int_equal(docket.cased.handed_by, HANDLER);
	assert_int_equal(docket.cased.handed_ms, handed_ms);
	assert_int_equal(docket.cased.handed_photos, 2);
	assert_true(bh_case_lacks(*state, &docket.cased) & BH_LACKS_SIGN_OFF);
	docket.now_ms = due_ms + 1; /* "the unit's own sign-off time counts" */
	bh_docket_act(&docket, BH_VERB_FINISH, LEAD, NULL);
	assert_int_equal(docket.cased.state, BH_STATE_DONE);
	assert_int_equal(docket.cased.late, 1);
	assert_int_equal(docket.cased.finished_by, HANDLER);
	assert_int_equal(docket.cased.handed_by, 0);
	assert_int_equal(docket.last.verb, BH_VERB_NONE);
}

static void test_sign_off__the_lead_gives_it_back_and_another_takes_its_place(void **state)
{
	struct bh_docket docket;
	handling(&docket, *state);
	bh_docket_act_refused(&docket, BH_VERB_HAND_BACK, LEAD, "no", BH_REASON_GUARD);
	bh_docket_act_refused(&docket, BH_VERB_FINISH, LEAD, NULL, BH_REASON_NO_REASON);
	hand_in(&docket);
	bh_docket_act_refused(&docket, BH_VERB_HAND_BACK, LEAD, NULL, BH_REASON_NO_REASON);
	bh_docket_act_refused(&docket, BH_VERB_HAND_BACK, HANDLER, "no", BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_HAND_BACK, LEAD, "the corner is not swept");
	assert_int_equal(docket.cased.handed_by, 0);
	bh_docket_act_refused(&docket, BH_VERB_FINISH, HANDLER, NULL, BH_REASON_NO_REASON);
	hand_in(&docket);
	docket.now_ms += BH_MINUTES(5);
	bh_docket_act(
		&docket, BH_VERB_FINISH, HANDLER, "the corner, too"); /* at a desk: no photo */
	assert_int_equal(docket.cased.handed_ms, docket.now_ms);
	assert_int_equal(docket.cased.handed_photos, 0);
	bh_docket_act(&docket, BH_VERB_FINISH, LEAD, "seen to it");
	assert_int_equal(docket.cased.state, BH_STATE_DONE);
	struct bh_command late = bh_docket_op(&docket, BH_VERB_FINISH, HANDLER, "swept");
	late.base_position = 1;
	assert_int_equal(bh_docket_give(&docket, &late)->verdict, BH_VERDICT_STALE);
}

/* From a lead's own handset, too: what came with the handler's counts. */
/* On a handset, without a network: his no is to the result that he saw. */
static void test_sign_off__a_lead_gives_back_on_a_handset_what_he_saw(void **state)
{
	struct bh_docket docket;
	handling(&docket, *state);
	struct bh_command back = bh_docket_op(&docket, BH_VERB_HAND_BACK, LEAD, "not swept");
	assert_int_equal(bh_docket_give(&docket, &back)->verdict, BH_VERDICT_STALE);
	hand_in(&docket);
	back = bh_docket_op(&docket, BH_VERB_HAND_BACK, HANDLER, "not swept");
	assert_int_equal(bh_docket_give(&docket, &back)->verdict, BH_VERDICT_REJECTED);
	back = bh_docket_op(&docket, BH_VERB_HAND_BACK, LEAD, NULL);
	assert_int_equal(bh_docket_give(&docket, &back)->reason, BH_REASON_NO_REASON);
	back = bh_docket_op(&docket, BH_VERB_HAND_BACK, LEAD, "not swept");
	hand_in(&docket); /* another takes its place, while he is away */
	assert_int_equal(bh_docket_give(&docket, &back)->verdict, BH_VERDICT_STALE);
	assert_int_equal(docket.cased.handed_by, HANDLER);
	back = bh_docket_op(&docket, BH_VERB_HAND_BACK, LEAD, "not swept");
	bh_docket_must(&docket, &back);
	assert_int_equal(docket.cased.handed_by, 0);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(bh_docket_give(&docket, &back)->verdict, BH_VERDICT_STALE);
}

static void test_sign_off__the_handlers_photos_are_the_leads(void **state)
{
	static struct bh_demo_profile demo;
	struct bh_docket docket;
	(void)state;
	bh_demo_profile(&demo);
	demo.profile.settings.unit_sign_off = true;
	demo.profile.settings.evidence_off = false;
	for (size_t i = 0; i < demo.profile.catalogue.types_count; i++)
		demo.types[i].photos_min = 2;
	struct bh_rules *rules = bh_demo_build(&demo);
	handling(&docket, rules);
	struct bh_command finish = bh_docket_op(&docket, BH_VERB_FINISH, HANDLER, "swept");
	assert_int_equal(bh_docket_give(&docket, &finish)->reason, BH_REASON_GUARD);
	hand_in(&docket);
	finish = bh_docket_op(&docket, BH_VERB_FINISH, LEAD, "so it is");
	bh_docket_must(&docket, &finish);
	assert_int_equal(docket.cased.state, BH_STATE_DONE);
	bh_rules_unref(rules);
}

static void test_sign_off__a_lead_who_lets_it_lie_is_called_and_then_the_level_above(void **state)
{
	struct bh_docket docket;
	handling(&docket,
		*state); /* a quarter past nine or so: half a working day is before 14:00 */
	hand_in(&docket);
	int64_t handed_ms = docket.now_ms;
	int64_t first_ms = bh_calendar_walk(bh_rules_calendar(*state), handed_ms, BH_HOURS(4));
	int64_t second_ms = bh_calendar_walk(bh_rules_calendar(*state), handed_ms, BH_HOURS(8));
	bh_docket_run(&docket, first_ms - 1);
	assert_int_equal(docket.cased.sign_off_calls, 0);
	docket.punishes = false; /* the time is in doubt: nobody is called */
	bh_docket_run(&docket, first_ms);
	assert_int_equal(docket.cased.sign_off_calls, 0);
	docket.punishes = true;
	bh_docket_wake(&docket, first_ms + 1);
	assert_int_equal(docket.cased.sign_off_calls, 1);
	size_t count = docket.count;
	bh_docket_run(&docket, second_ms);
	assert_int_equal(docket.cased.sign_off_calls, 2);
	unsigned calls = 0;
	for (size_t i = count; i < docket.count; i++)
		calls += docket.entries[i].verb == BH_VERB_REMIND &&
			 docket.entries[i].reason == 140;
	assert_int_equal(calls, 1);
	bh_docket_wake(&docket, second_ms + BH_HOURS(24 * 14)); /* one call, no storm */
	assert_in_range(docket.cased.sign_off_calls, 3, 8);
	bh_docket_act(&docket, BH_VERB_HAND_BACK, LEAD, "at last");
	assert_int_equal(docket.cased.sign_off_calls, 0);
}

/* Whatever takes the case from its unit, or stops its work, takes the result with it. */
static void test_sign_off__a_case_that_goes_elsewhere_takes_no_result_along(void **state)
{
	struct bh_docket docket;
	handling(&docket, *state);
	hand_in(&docket);
	bh_docket_act(&docket, BH_VERB_RETURN, LEAD, "not ours");
	assert_int_equal(docket.cased.handed_by, 0);
	bh_docket_act(&docket, BH_VERB_REFUSE_RETURN, BH_DEMO_PERSON(DISPATCHER), "yours");
	hand_in(&docket);
	bh_docket_act(&docket, BH_VERB_ASK_EXTENSION, LEAD, "rain");
	assert_int_equal(docket.cased.handed_by, HANDLER);
	bh_docket_act(&docket, BH_VERB_EXTEND, BH_DEMO_PERSON(DISPATCHER), NULL);
	assert_int_equal(docket.cased.handed_by, HANDLER);
	struct bh_command amend = bh_docket_desk(
		&docket, BH_VERB_AMEND, BH_DEMO_PERSON(ACCEPTOR), "urgent");
	amend.urgency = 2;
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.handed_by, HANDLER);
	amend = bh_docket_desk(&docket, BH_VERB_AMEND, BH_DEMO_PERSON(ACCEPTOR), "a stall");
	amend.type = BH_DEMO_STALL;
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.handed_by, 0);
	hand_in(&docket);
	struct bh_command away = bh_docket_desk(
		&docket, BH_VERB_REDIRECT, BH_DEMO_PERSON(DISPATCHER), "theirs");
	away.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &away);
	assert_int_equal(docket.cased.handed_by, 0);
}

/* Who leads, or has nobody to lead him, finishes; who is in doubt asks, whatever the district's
 * rule. */
static void test_sign_off__without_a_lead_or_the_rule_it_is_done_at_once(void **state)
{
	static struct bh_demo_profile demo;
	struct bh_docket docket;
	(void)state;
	bh_demo_profile(&demo);
	struct bh_rules *plain = bh_demo_build(&demo);
	handling(&docket, plain);
	struct bh_command in = bh_docket_desk(&docket, BH_VERB_HAND_IN, HANDLER, "swept");
	bh_docket_must(&docket, &in);
	assert_int_equal(docket.cased.handed_by, HANDLER);
	bh_docket_act_refused(&docket, BH_VERB_HAND_IN, LEAD, "swept", BH_REASON_NO_RIGHT);
	bh_docket_act(&docket, BH_VERB_FINISH, HANDLER, "done all the same");
	assert_int_equal(docket.cased.state, BH_STATE_DONE);
	bh_rules_unref(plain);
	demo.profile.settings.unit_sign_off = true;
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].unit == BH_DEMO_CLEAN_A &&
			demo.posts[i].role == BH_ROLE_UNIT_LEAD)
			demo.posts[i].role = BH_ROLE_HANDLER;
	struct bh_rules *headless = bh_demo_build(&demo);
	handling(&docket, headless);
	in = bh_docket_desk(&docket, BH_VERB_HAND_IN, HANDLER, "swept");
	bh_docket_refused(&docket, &in, BH_REASON_GUARD);
	bh_docket_act(&docket, BH_VERB_FINISH, HANDLER, "swept");
	assert_int_equal(docket.cased.state, BH_STATE_DONE);
	bh_rules_unref(headless);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_sign_off__a_handlers_finish_goes_to_the_lead_and_the_limit_runs_on),
		cmocka_unit_test(test_sign_off__the_lead_gives_it_back_and_another_takes_its_place),
		cmocka_unit_test(test_sign_off__a_lead_gives_back_on_a_handset_what_he_saw),
		cmocka_unit_test(test_sign_off__the_handlers_photos_are_the_leads),
		cmocka_unit_test(
			test_sign_off__a_lead_who_lets_it_lie_is_called_and_then_the_level_above),
		cmocka_unit_test(test_sign_off__a_case_that_goes_elsewhere_takes_no_result_along),
		cmocka_unit_test(test_sign_off__without_a_lead_or_the_rule_it_is_done_at_once),
	};
	return cmocka_run_group_tests(tests, open_rules, bh_docket_rules_close);
}
