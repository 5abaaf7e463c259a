/* Appeals: who may say that a lateness was not the unit's own, who judges it, and what is left of
 * it either way. */
#include "tests/unit/domain/docket.h"

#include "tests/unit/domain/demo_rules.h"

#define LEAD BH_DEMO_LEAD(docket->cased.unit)
#define DAYS(n) BH_HOURS(24 * (n))

static struct bh_command says(
	struct bh_docket *docket, enum bh_verb verb, uint32_t person, uint32_t result)
{
	struct bh_command command = bh_docket_desk(docket, verb, person, "the road was shut");
	command.reason_code = result;
	return command;
}

static void acts(struct bh_docket *docket, enum bh_verb verb, uint32_t person, uint32_t result)
{
	struct bh_command command = says(docket, verb, person, result);
	bh_docket_must(docket, &command);
}

static void refused(struct bh_docket *docket, enum bh_verb verb, uint32_t person, uint32_t result,
	enum bh_reason reason)
{
	struct bh_command command = says(docket, verb, person, result);
	bh_docket_refused(docket, &command, reason);
}

/* Handled, and finished that much after its limit. */
static void closed(struct bh_docket *docket, const struct bh_rules *rules, int64_t late_ms)
{
	bh_docket_open(docket, rules);
	bh_docket_to_handling(docket, BH_DEMO_LITTER, 1111);
	bh_docket_run(docket, docket->cased.disposal_due_ms + late_ms);
	bh_docket_act(docket, BH_VERB_FINISH, LEAD, "done");
	bh_docket_act(docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "it was done");
	assert_int_equal(docket->cased.state, BH_STATE_CLOSED);
}

static void test_appeal__only_what_was_late_by_its_lead_once_and_soon(void **state)
{
	struct bh_docket book, *docket = &book;
	closed(docket, *state, 0);
	refused(docket, BH_VERB_APPEAL, LEAD, 0, BH_REASON_GUARD);
	closed(docket, *state, BH_MINUTES(1));
	refused(docket, BH_VERB_APPEAL, BH_DEMO_HANDLER(docket->cased.unit), 0, BH_REASON_NO_RIGHT);
	refused(docket, BH_VERB_APPEAL, BH_DEMO_LEAD(BH_DEMO_GAS), 0, BH_REASON_NO_RIGHT);
	refused(docket, BH_VERB_APPEAL, BH_DEMO_PERSON(SUPERVISOR), 0, BH_REASON_NO_RIGHT);
	struct bh_command silent = bh_docket_desk(docket, BH_VERB_APPEAL, LEAD, " ");
	bh_docket_refused(docket, &silent, BH_REASON_NO_REASON);
	acts(docket, BH_VERB_APPEAL, LEAD, 0);
	assert_int_equal(docket->cased.appeal, BH_APPEAL_FIRST);
	assert_int_equal(docket->cased.state, BH_STATE_CLOSED);
	refused(docket, BH_VERB_APPEAL, LEAD, 0, BH_REASON_GUARD);
	closed(docket, *state, BH_MINUTES(1));
	int64_t last_ms = docket->cased.closed_ms + DAYS(7);
	bh_docket_run(docket, last_ms + 1);
	refused(docket, BH_VERB_APPEAL, LEAD, 0, BH_REASON_WINDOW);
}

/* Two people of two desks; the flag is set, and the lateness stays to be seen. */
static void test_appeal__what_two_grant_does_not_count_and_stays_late(void **state)
{
	struct bh_docket book, *docket = &book;
	closed(docket, *state, BH_MINUTES(1));
	refused(docket, BH_VERB_REVIEW_APPEAL, BH_DEMO_PERSON(DISPATCHER), BH_TASK_YES,
		BH_REASON_NOT_NOW);
	acts(docket, BH_VERB_APPEAL, LEAD, 0);
	refused(docket, BH_VERB_REVIEW_APPEAL, LEAD, BH_TASK_YES, BH_REASON_NO_RIGHT);
	refused(docket, BH_VERB_REVIEW_APPEAL, BH_DEMO_PERSON(SUPERVISOR), BH_TASK_YES,
		BH_REASON_GUARD);
	refused(docket, BH_VERB_REVIEW_APPEAL, BH_DEMO_PERSON(DISPATCHER), 0, BH_REASON_FIELD);
	acts(docket, BH_VERB_REVIEW_APPEAL, BH_DEMO_PERSON(DISPATCHER), BH_TASK_YES);
	assert_int_equal(docket->cased.appeal, BH_APPEAL_SECOND);
	assert_int_equal(docket->cased.exempt, 0);
	refused(docket, BH_VERB_REVIEW_APPEAL, BH_DEMO_PERSON(DISPATCHER), BH_TASK_YES,
		BH_REASON_GUARD);
	acts(docket, BH_VERB_REVIEW_APPEAL, BH_DEMO_PERSON(SUPERVISOR), BH_TASK_YES);
	assert_int_equal(docket->cased.appeal, BH_APPEAL_GRANTED);
	assert_int_equal(docket->cased.exempt, 1);
	assert_int_equal(docket->cased.late, 1);
	bh_docket_act(docket, BH_VERB_REOPEN, BH_DEMO_PERSON(SUPERVISOR), "again");
	assert_int_equal(docket->cased.appeal, BH_APPEAL_NONE);
	assert_int_equal(docket->cased.exempt, 1); /* of the first cycle alone */
}

static void test_appeal__a_refusal_is_the_end_of_it(void **state)
{
	struct bh_docket book, *docket = &book;
	for (unsigned stage = 1; stage <= 2; stage++) {
		closed(docket, *state, BH_MINUTES(1));
		acts(docket, BH_VERB_APPEAL, LEAD, 0);
		if (stage == 2)
			acts(docket, BH_VERB_REVIEW_APPEAL, BH_DEMO_PERSON(DISPATCHER),
				BH_TASK_YES);
		acts(docket, BH_VERB_REVIEW_APPEAL,
			stage == 1 ? BH_DEMO_PERSON(DISPATCHER) : BH_DEMO_PERSON(SUPERVISOR),
			BH_TASK_NO);
		assert_int_equal(docket->cased.appeal, BH_APPEAL_REFUSED);
		assert_int_equal(docket->cased.exempt, 0);
		assert_int_equal(docket->cased.appeal_due_ms, 0);
		refused(docket, BH_VERB_APPEAL, LEAD, 0, BH_REASON_GUARD);
	}
}

/* Rows 73: each review has its limit, also where the paper goes on meanwhile. */
static void test_appeal__what_nobody_reviews_passes_on_and_lapses(void **state)
{
	struct bh_docket book, *docket = &book;
	closed(docket, *state, BH_MINUTES(1));
	bh_docket_run(docket, docket->cased.closed_ms + DAYS(6));
	acts(docket, BH_VERB_APPEAL, LEAD, 0);
	int64_t due_ms = docket->cased.appeal_due_ms;
	bh_docket_run(docket, due_ms - 1);
	assert_int_equal(docket->cased.appeal, BH_APPEAL_FIRST);
	assert_int_equal(docket->cased.state, BH_STATE_ARCHIVED);
	bh_docket_run(docket, due_ms);
	assert_int_equal(docket->cased.appeal, BH_APPEAL_SECOND);
	bh_docket_run(docket, docket->cased.appeal_due_ms);
	assert_int_equal(docket->cased.appeal, BH_APPEAL_LAPSED);
	assert_int_equal(docket->cased.exempt, 0);
}

/* What a reopening cuts short is not lost: it can be said again after the next closing, also where
 * that cycle was in time. */
static void test_appeal__that_another_cycle_cuts_short_can_be_made_again(void **state)
{
	struct bh_docket book, *docket = &book;
	closed(docket, *state, BH_MINUTES(1));
	uint32_t unit = docket->cased.unit, lead = LEAD;
	acts(docket, BH_VERB_APPEAL, lead, 0);
	acts(docket, BH_VERB_REVIEW_APPEAL, BH_DEMO_PERSON(DISPATCHER), BH_TASK_YES);
	bh_docket_act(docket, BH_VERB_REOPEN, BH_DEMO_PERSON(SUPERVISOR), "again");
	assert_int_equal(docket->cased.appeal, BH_APPEAL_NONE);
	assert_int_equal(docket->cased.appeal_cycle, 1);
	assert_int_equal(docket->cased.appeal_unit, unit);
	assert_true(docket->cased.appeal_due_ms == 0);
	bh_docket_act(docket, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), NULL);
	bh_docket_act(docket, BH_VERB_SIGN, LEAD, NULL);
	bh_docket_act(docket, BH_VERB_FINISH, LEAD, "swept");
	bh_docket_to_checked(docket);
	bh_docket_act(docket, BH_VERB_CLOSE, BH_DEMO_PERSON(ACCEPTOR), "swept");
	assert_int_equal(docket->cased.late, 0);
	refused(docket, BH_VERB_APPEAL, BH_DEMO_LEAD(BH_DEMO_GAS), 0, BH_REASON_NO_RIGHT);
	acts(docket, BH_VERB_APPEAL, lead, 0);
	acts(docket, BH_VERB_REVIEW_APPEAL, BH_DEMO_PERSON(DISPATCHER), BH_TASK_YES);
	acts(docket, BH_VERB_REVIEW_APPEAL, BH_DEMO_PERSON(SUPERVISOR), BH_TASK_YES);
	assert_int_equal(docket->cased.exempt, 1u << 0);
	assert_int_equal(docket->cased.appeal_cycle, 0);
	refused(docket, BH_VERB_APPEAL, lead, 0, BH_REASON_GUARD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appeal__that_another_cycle_cuts_short_can_be_made_again),
		cmocka_unit_test(test_appeal__only_what_was_late_by_its_lead_once_and_soon),
		cmocka_unit_test(test_appeal__what_two_grant_does_not_count_and_stays_late),
		cmocka_unit_test(test_appeal__a_refusal_is_the_end_of_it),
		cmocka_unit_test(test_appeal__what_nobody_reviews_passes_on_and_lapses),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
