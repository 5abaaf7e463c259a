/* What a unit does, at a console or offline: sign, return, finish; and what is stale when it
 * arrives. */
#include "tests/unit/domain/docket.h"

#include <string.h>

#include "tests/unit/domain/demo_rules.h"

#define START BH_DOCKET_START_MS
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define SHIFT_LEADER BH_DEMO_PERSON(SHIFT_LEADER)
#define LEAD BH_DEMO_LEAD(BH_DEMO_CLEAN_A)
#define HANDLER BH_DEMO_HANDLER(BH_DEMO_CLEAN_A)

static void answer_is(struct bh_docket *docket, const struct bh_command *command,
	enum bh_verdict verdict, enum bh_reason reason)
{
	struct bh_case was = docket->cased;
	const struct bh_verdict_on *on = bh_docket_give(docket, command);
	assert_int_equal(on->verdict, verdict);
	assert_int_equal(on->reason, reason);
	assert_true(on->journal);
	was.last = docket->cased.last;
	assert_true(bh_case_equal(&was, &docket->cased));
	assert_int_equal(docket->changes_count, 0);
}

static void ask_return(struct bh_docket *docket)
{
	struct bh_command command = bh_docket_desk(
		docket, BH_VERB_RETURN, BH_DEMO_LEAD(docket->cased.unit), "not ours");
	bh_docket_must(docket, &command);
}

static void test_sign__is_the_units_own(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command other = bh_docket_op(
		&docket, BH_VERB_SIGN, BH_DEMO_HANDLER(BH_DEMO_CLEAN_COUNTY), NULL);
	answer_is(&docket, &other, BH_VERDICT_REJECTED, BH_REASON_NO_RIGHT);
	struct bh_command desk = bh_docket_op(&docket, BH_VERB_SIGN, DISPATCHER, NULL);
	answer_is(&docket, &desk, BH_VERDICT_REJECTED, BH_REASON_NO_RIGHT);
	struct bh_command sign = bh_docket_op(&docket, BH_VERB_SIGN, HANDLER, NULL);
	int64_t disposal = docket.cased.disposal_due_ms;
	bh_docket_must(&docket, &sign);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.cased.auto_signed, 0);
	assert_int_equal(docket.cased.sign_due_ms, 0);
	assert_int_equal(docket.cased.disposal_due_ms, disposal); /* it runs from dispatch */
}

/* A case that a dispatcher put into the hands of another township's unit is that unit's. */
static void test_sign__reaches_as_far_as_the_dispatcher_sent_the_case(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1222);
	struct bh_command dispatch = bh_docket_desk(&docket, BH_VERB_DISPATCH, DISPATCHER, NULL);
	dispatch.unit = BH_DEMO_CLEAN_A;
	bh_docket_must(&docket, &dispatch);
	struct bh_command sign = bh_docket_op(&docket, BH_VERB_SIGN, HANDLER, NULL);
	bh_docket_must(&docket, &sign);
}

static void test_finish__needs_a_result_and_starts_the_check_clock(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command finish = bh_docket_op(&docket, BH_VERB_FINISH, HANDLER, NULL);
	answer_is(&docket, &finish, BH_VERDICT_REJECTED, BH_REASON_NO_REASON);
	finish = bh_docket_op(&docket, BH_VERB_FINISH, HANDLER, "swept");
	bh_docket_must(&docket, &finish);
	assert_int_equal(docket.cased.state, BH_STATE_DONE);
	assert_int_equal(docket.cased.done_ms, docket.now_ms);
	assert_int_equal(docket.cased.disposal_due_ms, 0);
	assert_int_equal(docket.cased.check_due_ms, START + BH_HOURS(24)); /* one working day */
}

/* Row 18: evidence by type, of a handset, which can show it. */
static void test_finish__shows_as_many_photos_as_its_type_asks_for(void **state)
{
	static struct bh_msg_catalogue_type types[BH_DEMO_TYPES];
	struct bh_demo_profile demo;
	struct bh_docket docket;
	(void)state;
	for (int off = 0; off < 2; off++) {
		bh_demo_profile(&demo);
		memcpy(types, demo.profile.catalogue.types, sizeof(types));
		types[0].photos_min = 2;
		demo.profile.catalogue.types = types;
		demo.profile.settings.evidence_off = off != 0;
		assert_int_equal(types[0].code, BH_DEMO_LITTER);
		struct bh_rules *rules = bh_demo_build(&demo);
		bh_docket_open(&docket, rules);
		bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
		struct bh_command finish = bh_docket_op(&docket, BH_VERB_FINISH, HANDLER, "swept");
		finish.photos = 4; /* two of them are thumbnails */
		finish.photos_before = 1;
		if (!off)
			answer_is(&docket, &finish, BH_VERDICT_REJECTED, BH_REASON_GUARD);
		finish = bh_docket_op(&docket, BH_VERB_FINISH, HANDLER, "swept");
		finish.photos_before = off ? 0 : 2;
		bh_docket_must(&docket, &finish);
		bh_docket_open(&docket, rules);
		bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
		finish = bh_docket_desk(&docket, BH_VERB_FINISH, HANDLER, "swept");
		bh_docket_must(&docket, &finish);
		bh_rules_unref(rules);
	}
}

/* An offline chain: both recorded on the version that was seen before either. */
static void test_offline__a_chain_on_one_version_applies_in_order(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command sign = bh_docket_op(&docket, BH_VERB_SIGN, HANDLER, NULL);
	struct bh_command finish = bh_docket_op(&docket, BH_VERB_FINISH, HANDLER, "swept");
	bh_docket_must(&docket, &sign);
	bh_docket_must(&docket, &finish);
	assert_int_equal(docket.cased.state, BH_STATE_DONE);
}

/* Offline rule 4: where the state has moved on the op is stale, kept and told, and without effect.
 */
static void test_offline__what_the_case_has_left_behind_is_stale(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command late = bh_docket_op(&docket, BH_VERB_SIGN, HANDLER, NULL);
	struct bh_command sign = bh_docket_op(&docket, BH_VERB_SIGN, LEAD, NULL);
	bh_docket_must(&docket, &sign);
	answer_is(&docket, &late, BH_VERDICT_STALE, BH_REASON_MOVED_ON);
	/* On the version that stands it was wrong from the start. */
	struct bh_command wrong = bh_docket_op(&docket, BH_VERB_SIGN, HANDLER, NULL);
	answer_is(&docket, &wrong, BH_VERDICT_REJECTED, BH_REASON_NOT_NOW);
	wrong.base_position = 0;
	answer_is(&docket, &wrong, BH_VERDICT_REJECTED, BH_REASON_NOT_NOW);
	wrong.cycle = 2;
	answer_is(&docket, &wrong, BH_VERDICT_REJECTED, BH_REASON_FIELD);
}

static void test_offline__what_another_unit_has_now_is_stale(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command late = bh_docket_op(&docket, BH_VERB_SIGN, HANDLER, NULL);
	struct bh_command redirect = bh_docket_desk(
		&docket, BH_VERB_REDIRECT, DISPATCHER, "theirs");
	redirect.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &redirect);
	answer_is(&docket, &late, BH_VERDICT_STALE, BH_REASON_MOVED_ON);
	/* Who never had such a right has none, whatever version he names. */
	late.person = BH_DEMO_WORKER(1112);
	answer_is(&docket, &late, BH_VERDICT_REJECTED, BH_REASON_NO_RIGHT);
}

/* What was recorded on an earlier cycle is that cycle's, even where the move would fit now. */
static void test_offline__what_was_for_an_earlier_cycle_is_stale(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command sign = bh_docket_op(&docket, BH_VERB_SIGN, HANDLER, NULL);
	struct bh_command redirect = bh_docket_desk(
		&docket, BH_VERB_REDIRECT, DISPATCHER, "theirs");
	redirect.cycle = 1;
	redirect.unit = BH_DEMO_WORKS;
	docket.cased.cycle = 2;
	answer_is(&docket, &sign, BH_VERDICT_STALE, BH_REASON_MOVED_ON);
	redirect.base_position = 0;
	bh_docket_refused(&docket, &redirect, BH_REASON_MOVED_ON);
}

static void test_return__stops_the_sign_clock_and_not_the_disposal_clock(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	int64_t disposal = docket.cased.disposal_due_ms;
	struct bh_command silent = bh_docket_desk(&docket, BH_VERB_RETURN, LEAD, NULL);
	bh_docket_refused(&docket, &silent, BH_REASON_NO_REASON);
	struct bh_command handler = bh_docket_desk(&docket, BH_VERB_RETURN, HANDLER, "not ours");
	bh_docket_refused(&docket, &handler, BH_REASON_NO_RIGHT);
	ask_return(&docket);
	assert_int_equal(docket.cased.state, BH_STATE_RETURNING);
	assert_int_equal(docket.cased.return_from, BH_STATE_DISPATCHED);
	assert_int_equal(docket.cased.review_due_ms, START + BH_HOURS(1));
	assert_int_equal(docket.cased.sign_due_ms, 0);
	assert_int_equal(docket.cased.disposal_due_ms, disposal);
}

static void test_return__only_in_its_window(void **state)
{
	for (int late = 0; late < 2; late++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
		/* One working day, and no longer than the limit, which is half of one. */
		bh_docket_run(&docket, docket.cased.disposal_due_ms + late);
		struct bh_command command = bh_docket_desk(
			&docket, BH_VERB_RETURN, LEAD, "not ours");
		if (late)
			bh_docket_refused(&docket, &command, BH_REASON_WINDOW);
		else
			bh_docket_must(&docket, &command);
	}
}

/* "Every entry of a case into the dispatch queue starts one continuous dispatch clock." */
static void test_accept_return__starts_the_dispatch_clock_again(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_run(&docket, START + BH_MINUTES(25)); /* two reminders, then by the clock */
	ask_return(&docket);
	docket.now_ms += BH_MINUTES(7);
	struct bh_command accept = bh_docket_desk(&docket, BH_VERB_ACCEPT_RETURN, DISPATCHER, NULL);
	bh_docket_must(&docket, &accept);
	const struct bh_case *cased = &docket.cased;
	assert_int_equal(cased->state, BH_STATE_FILED);
	assert_int_equal(cased->queue_ms, docket.now_ms);
	assert_int_equal(cased->dispatch_due_ms, docket.now_ms + BH_MINUTES(30));
	assert_int_equal(cased->next_ms, docket.now_ms + BH_MINUTES(15));
	assert_int_equal(cased->reminded, 0);
	assert_int_equal(cased->unit, 0);
	assert_int_equal(cased->automatic, 0);
	assert_int_equal(cased->returns, 1);
	/* The rule would send it straight back: now the desk of the smallest area. */
	assert_int_equal(cased->proposed_unit, BH_DEMO_DESK_VILLAGE);
	bool left = false;
	for (size_t i = 0; i < docket.changes_count; i++)
		left = left || (docket.changes[i].left &&
				       docket.changes[i].scope == BH_SCOPE_UNIT(BH_DEMO_CLEAN_A));
	assert_true(left);
	assert_int_equal(bh_docket_run(&docket, docket.now_ms + BH_MINUTES(25)), 3);
	assert_int_equal(cased->unit, BH_DEMO_DESK_VILLAGE);
	assert_int_equal(cased->automatic, 1);
	assert_int_equal(cased->dispatches, 2);
}

/* Where the smallest area's desk itself returns it, the desk above has it next. */
static void test_accept_return__by_a_desk_goes_to_the_desk_above(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_HAZARD, 1111);
	static const uint32_t desks[] = {BH_DEMO_DESK_VILLAGE, BH_DEMO_DESK_A};
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(docket.cased.proposed_unit, desks[i]);
		bh_docket_run(&docket, docket.now_ms + BH_MINUTES(25));
		assert_int_equal(docket.cased.unit, desks[i]);
		ask_return(&docket);
		struct bh_command accept = bh_docket_desk(
			&docket, BH_VERB_ACCEPT_RETURN, DISPATCHER, NULL);
		bh_docket_must(&docket, &accept);
	}
	assert_int_equal(docket.cased.returns, 2);
}

/* Row 13: the second refusal is the shift leader's, and final. */
static void test_refuse_return__the_second_is_the_shift_leaders_and_final(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_dispatched(&docket, BH_DEMO_LITTER, 1111);
	ask_return(&docket);
	struct bh_command refuse = bh_docket_desk(
		&docket, BH_VERB_REFUSE_RETURN, DISPATCHER, "it is yours");
	bh_docket_must(&docket, &refuse);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	assert_int_equal(docket.cased.refusals, 1);
	assert_int_equal(docket.cased.review_due_ms, 0);
	ask_return(&docket);
	assert_int_equal(docket.cased.return_from, BH_STATE_HANDLING);
	refuse = bh_docket_desk(&docket, BH_VERB_REFUSE_RETURN, DISPATCHER, "it is yours");
	bh_docket_refused(&docket, &refuse, BH_REASON_GUARD);
	refuse.person = BH_DEMO_PERSON(ACCEPTOR);
	bh_docket_refused(&docket, &refuse, BH_REASON_NO_RIGHT);
	/* Who is both is asked for the post that may. */
	refuse.person = BH_DEMO_TWO_POSTS;
	bh_docket_must(&docket, &refuse);
	assert_int_equal(docket.last.post, 61);
	struct bh_command again = bh_docket_desk(&docket, BH_VERB_RETURN, LEAD, "really not ours");
	bh_docket_refused(&docket, &again, BH_REASON_GUARD);
	/* Another unit begins anew. */
	struct bh_command redirect = bh_docket_desk(
		&docket, BH_VERB_REDIRECT, SHIFT_LEADER, "let works try");
	redirect.unit = BH_DEMO_WORKS;
	bh_docket_must(&docket, &redirect);
	assert_int_equal(docket.cased.refusals, 0);
	ask_return(&docket);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sign__is_the_units_own),
		cmocka_unit_test(test_sign__reaches_as_far_as_the_dispatcher_sent_the_case),
		cmocka_unit_test(test_finish__needs_a_result_and_starts_the_check_clock),
		cmocka_unit_test(test_finish__shows_as_many_photos_as_its_type_asks_for),
		cmocka_unit_test(test_offline__a_chain_on_one_version_applies_in_order),
		cmocka_unit_test(test_offline__what_the_case_has_left_behind_is_stale),
		cmocka_unit_test(test_offline__what_another_unit_has_now_is_stale),
		cmocka_unit_test(test_offline__what_was_for_an_earlier_cycle_is_stale),
		cmocka_unit_test(test_return__stops_the_sign_clock_and_not_the_disposal_clock),
		cmocka_unit_test(test_return__only_in_its_window),
		cmocka_unit_test(test_accept_return__starts_the_dispatch_clock_again),
		cmocka_unit_test(test_accept_return__by_a_desk_goes_to_the_desk_above),
		cmocka_unit_test(test_refuse_return__the_second_is_the_shift_leaders_and_final),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
