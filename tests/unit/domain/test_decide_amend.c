/* What a limit hangs on turns out to be another: the limit is replaced, its start and its pauses
 * stay. */
#include "tests/unit/domain/docket.h"

#include "server/domain/threshold.h"
#include "tests/unit/domain/demo_rules.h"

#define START BH_DOCKET_START_MS
#define DAY BH_HOURS(24)
#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define DISPATCHER BH_DEMO_PERSON(DISPATCHER)
#define SHIFT_LEADER BH_DEMO_PERSON(SHIFT_LEADER)
#define LEAD BH_DEMO_LEAD(BH_DEMO_CLEAN_A)

static struct bh_command amend_to(const struct bh_docket *docket, uint32_t person, uint32_t type)
{
	struct bh_command amend = bh_docket_desk(docket, BH_VERB_AMEND, person, "looked at again");
	amend.type = type;
	return amend;
}

static void test_amend__in_the_queue_proposes_again_and_keeps_that_clock(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	int64_t due_ms = docket.cased.dispatch_due_ms;
	docket.now_ms += BH_MINUTES(10);
	struct bh_command amend = amend_to(&docket, ACCEPTOR, BH_DEMO_COVER);
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.type, BH_DEMO_COVER);
	assert_int_equal(docket.cased.urgency, 2);
	assert_int_equal(docket.cased.proposed_unit, BH_DEMO_WORKS);
	assert_int_equal(docket.cased.dispatch_due_ms, due_ms);
	assert_int_equal(docket.cased.queue_ms, START);
	assert_int_equal(docket.cased.state, BH_STATE_RECEIVED);
}

/* The market is a grid for class 20 alone. */
static void test_amend__places_again_where_the_class_matters(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	struct bh_command report = bh_docket_report(&docket, BH_DEMO_LITTER, 1111);
	report.latitude_e7 = 305100000;
	report.longitude_e7 = 1170100000;
	bh_docket_must(&docket, &report);
	uint32_t base = docket.cased.grid;
	assert_int_not_equal(base, BH_DEMO_MARKET);
	struct bh_command amend = amend_to(&docket, DISPATCHER, BH_DEMO_STALL);
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.grid, BH_DEMO_MARKET);
	amend = amend_to(&docket, DISPATCHER, BH_DEMO_LITTER);
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.grid, base);
}

/* Four working hours become two plain ones, from the same start. */
static void test_amend__replaces_the_limit_and_keeps_its_start(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	docket.now_ms += BH_MINUTES(30);
	struct bh_command amend = amend_to(&docket, SHIFT_LEADER, BH_DEMO_COVER);
	amend.condition = 1;
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(2));
	assert_int_equal(
		docket.cased.unit, BH_DEMO_CLEAN_A); /* whose it is, is redirect's to say */
	amend = amend_to(&docket, SHIFT_LEADER, 0);
	amend.condition = 3;
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.disposal_due_ms, START + 2 * DAY);
}

/* An hour of a working limit was used from eleven on, and two on the plain clock, when it was
 * suspended at one: what counts is what the new limit goes by. */
static void test_amend__keeps_the_pauses_on_the_clock_that_counts(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	docket.now_ms = START + BH_HOURS(2);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	docket.now_ms = START + BH_HOURS(4);
	struct bh_command ask = bh_docket_desk(&docket, BH_VERB_ASK_SUSPENSION, LEAD, "a part");
	ask.until_ms = START + DAY;
	bh_docket_must(&docket, &ask);
	bh_docket_act(&docket, BH_VERB_SUSPEND, DISPATCHER, NULL);
	struct bh_command amend = amend_to(&docket, ACCEPTOR, BH_DEMO_HAZARD);
	bh_docket_must(&docket, &amend); /* while it is suspended */
	assert_int_equal(docket.cased.state, BH_STATE_SUSPENDED);
	assert_int_equal(docket.cased.disposal_due_ms, 0);
	bh_docket_run(&docket, START + DAY);
	assert_int_equal(docket.cased.disposal_due_ms, START + DAY + BH_HOURS(22));
	amend = amend_to(&docket, ACCEPTOR, BH_DEMO_LITTER);
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.disposal_due_ms, START + DAY + BH_HOURS(3));
}

static void test_amend__a_rework_goes_by_the_limit_that_was_amended(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command amend = amend_to(&docket, ACCEPTOR, BH_DEMO_HAZARD);
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.disposal_due_ms, 0);
	bh_docket_act(&docket, BH_VERB_FAIL, ACCEPTOR, "not done");
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(12));
}

/* A dispute has its tier's days, by where its unit stands. */
static void test_amend__to_a_dispute_and_back_again(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command amend = amend_to(&docket, ACCEPTOR, BH_DEMO_QUARREL);
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.tier, 2);
	assert_int_equal(docket.cased.disposal_due_ms, START + 7 * DAY);
	amend = amend_to(&docket, ACCEPTOR, BH_DEMO_LITTER);
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.tier, 0);
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(6));
}

/* What was told of the shorter limit is told of the longer one in its time. */
static void test_amend__arms_again_what_lies_ahead(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_run(&docket, START + BH_HOURS(6));
	assert_int_equal(docket.cased.warned, 100);
	struct bh_command amend = amend_to(&docket, ACCEPTOR, 0);
	amend.condition = 2; /* a working day: six of its eight hours are left but one */
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.disposal_due_ms, START + DAY);
	assert_int_equal(docket.cased.warned, 50);
	assert_int_equal(docket.cased.warned_unit, BH_DEMO_CLEAN_A);
	bh_docket_run(&docket, START + DAY);
	assert_int_equal(docket.cased.warned, 100);
}

static void test_amend__urgency_alone_leaves_the_limit(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command amend = amend_to(&docket, ACCEPTOR, 0);
	amend.urgency = 1;
	bh_docket_must(&docket, &amend);
	assert_int_equal(docket.cased.urgency, 1);
	assert_int_equal(docket.cased.disposal_due_ms, START + BH_HOURS(6));
}

static void test_amend__is_refused_without_right_reason_or_difference(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_handling(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command amend = amend_to(&docket, LEAD, BH_DEMO_COVER);
	bh_docket_refused(&docket, &amend, BH_REASON_NO_RIGHT);
	amend = amend_to(&docket, ACCEPTOR, BH_DEMO_LITTER);
	bh_docket_refused(&docket, &amend, BH_REASON_FIELD);
	amend = amend_to(&docket, ACCEPTOR, 12345);
	bh_docket_refused(&docket, &amend, BH_REASON_FIELD);
	amend = amend_to(&docket, ACCEPTOR, BH_DEMO_COVER);
	amend.text = bh_span(NULL, 0);
	bh_docket_refused(&docket, &amend, BH_REASON_NO_REASON);
	amend = amend_to(&docket, ACCEPTOR, BH_DEMO_COVER);
	amend.base_position = 1;
	bh_docket_refused(&docket, &amend, BH_REASON_MOVED_ON);
	amend.base_position = docket.cased.last;
	bh_docket_must(&docket, &amend);
	bh_docket_act(&docket, BH_VERB_FINISH, LEAD, "done");
	bh_docket_act(&docket, BH_VERB_CLOSE, ACCEPTOR, "it is done");
	amend = amend_to(&docket, ACCEPTOR, BH_DEMO_LITTER);
	bh_docket_refused(&docket, &amend, BH_REASON_NOT_NOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_amend__in_the_queue_proposes_again_and_keeps_that_clock),
		cmocka_unit_test(test_amend__places_again_where_the_class_matters),
		cmocka_unit_test(test_amend__replaces_the_limit_and_keeps_its_start),
		cmocka_unit_test(test_amend__keeps_the_pauses_on_the_clock_that_counts),
		cmocka_unit_test(test_amend__a_rework_goes_by_the_limit_that_was_amended),
		cmocka_unit_test(test_amend__to_a_dispute_and_back_again),
		cmocka_unit_test(test_amend__arms_again_what_lies_ahead),
		cmocka_unit_test(test_amend__urgency_alone_leaves_the_limit),
		cmocka_unit_test(test_amend__is_refused_without_right_reason_or_difference),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
