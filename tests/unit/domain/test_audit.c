/* What the clock closes: looked at by somebody else, in a share that nobody can reckon; and never
 * closed while somebody is on the way. */
#include <string.h>

#include "server/domain/checking.h"
#include "server/domain/sample.h"
#include "tests/unit/domain/demo_rules.h"
#include "tests/unit/domain/docket.h"

#define ACCEPTOR BH_DEMO_PERSON(ACCEPTOR)
#define SUPERVISOR BH_DEMO_PERSON(SUPERVISOR)

static struct bh_rules *sampling(uint32_t percent)
{
	struct bh_demo_profile demo;
	bh_demo_profile(&demo);
	demo.profile.settings.check_sampling_off = percent == 0;
	demo.profile.settings.check_percent = percent;
	return bh_demo_build(&demo);
}

/* The vector of SipHash-2-4 for eight bytes (its authors' vectors.h). */
static void test_sample__is_drawn_by_siphash(void **state)
{
	uint8_t secret[BH_SALT_BYTES];
	(void)state;
	for (uint8_t i = 0; i < sizeof(secret); i++)
		secret[i] = i;
	assert_true(bh_sample_hash(secret, UINT64_C(0x0706050403020100)) ==
		    UINT64_C(0x93f5f5799a932462));
}

/* Another district, another sample; and who was checked is not who is audited. */
static void test_sample__is_the_districts_own(void **state)
{
	uint8_t secret[BH_SALT_BYTES] = {7};
	struct bh_rules *one = sampling(20), *other = sampling(20);
	unsigned checks = 0, same = 0, both = 0;
	(void)state;
	bh_rules_sample_by(other, secret);
	for (uint64_t number = UINT64_C(17) << 32, i = 0; i < 10000; i++, number++) {
		bool checked = bh_rules_is_sampled(one, BH_SAMPLE_CHECK, number, 20);
		checks += checked;
		same += checked && bh_rules_is_sampled(other, BH_SAMPLE_CHECK, number, 20);
		both += checked && bh_rules_is_sampled(one, BH_SAMPLE_AUDIT, number, 20);
	}
	assert_in_range(checks, 1850, 2150);
	assert_in_range(same, 300, 500);
	assert_in_range(both, 300, 500);
	bh_rules_unref(one);
	bh_rules_unref(other);
}

static void closed_by_the_clock(struct bh_docket *docket, const struct bh_rules *rules)
{
	bh_docket_open(docket, rules);
	bh_docket_to_done(docket, BH_DEMO_LITTER, 1111);
	bh_docket_to_checked(docket);
	bh_docket_run(docket, docket->cased.check_due_ms);
	assert_int_equal(docket->cased.state, BH_STATE_CLOSED);
	assert_int_equal(docket->cased.matter_ended, 0);
}

static struct bh_command seen(
	const struct bh_docket *docket, const struct bh_task *task, uint32_t result)
{
	struct bh_command op = bh_docket_op(
		docket, BH_VERB_VISIT_DONE, task->person, "I was there");
	op.task = task->ordinal;
	op.reason_code = result;
	return op;
}

static void test_audit__somebody_else_goes_to_what_the_clock_closed(void **state)
{
	struct bh_rules *rules = sampling(100);
	(void)state;
	for (uint32_t result = BH_TASK_YES; result <= BH_TASK_NO; result++) {
		struct bh_docket docket;
		closed_by_the_clock(&docket, rules);
		assert_int_equal(docket.cased.audit, BH_AUDIT_ASKED);
		const struct bh_task *task = bh_docket_task(&docket, BH_TASK_VISIT);
		assert_non_null(task);
		assert_int_equal(task->ordinal, docket.cased.audit_task);
		assert_int_not_equal(task->person, docket.cased.finished_by);
		assert_true(task->due_ms > docket.now_ms);
		struct bh_command op = seen(&docket, task, result);
		bh_docket_must(&docket, &op);
		assert_int_equal(docket.cased.audit,
			result == BH_TASK_YES ? BH_AUDIT_PASSED : BH_AUDIT_FAILED);
		assert_int_equal(docket.cased.state, BH_STATE_CLOSED);
		bh_docket_act(&docket, BH_VERB_REOPEN, SUPERVISOR, "it lies there still");
		assert_int_equal(docket.cased.audit, BH_AUDIT_NONE);
		assert_int_equal(docket.cased.audit_task, 0);
	}
	bh_rules_unref(rules);
}

static void test_audit__is_not_passed_by_an_answer_that_says_nothing(void **state)
{
	struct bh_rules *rules = sampling(100);
	struct bh_docket docket;
	(void)state;
	closed_by_the_clock(&docket, rules);
	struct bh_command op = seen(&docket, bh_docket_task(&docket, BH_TASK_VISIT), 0);
	const struct bh_verdict_on *on = bh_docket_give(&docket, &op);
	assert_int_equal(on->verdict, BH_VERDICT_REJECTED);
	assert_int_equal(on->reason, BH_REASON_FIELD);
	assert_int_equal(docket.cased.audit, BH_AUDIT_ASKED);
	bh_rules_unref(rules);
}

static void test_audit__that_nobody_does_lapses(void **state)
{
	struct bh_rules *rules = sampling(100);
	struct bh_docket docket;
	(void)state;
	closed_by_the_clock(&docket, rules);
	bh_docket_run(&docket, bh_docket_task(&docket, BH_TASK_VISIT)->due_ms);
	assert_int_equal(docket.cased.audit, BH_AUDIT_LAPSED);
	bh_rules_unref(rules);
}

/* Where no sample is drawn there is none of this; and what a person closes is not audited. */
static void test_audit__is_of_the_sample_and_of_the_clock(void **state)
{
	struct bh_rules *off = sampling(0), *on = sampling(100);
	struct bh_docket docket;
	(void)state;
	closed_by_the_clock(&docket, off);
	assert_int_equal(docket.cased.audit, BH_AUDIT_NONE);
	assert_null(bh_docket_task(&docket, BH_TASK_VISIT));
	bh_docket_open(&docket, on);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	bh_docket_to_checked(&docket);
	bh_docket_act(&docket, BH_VERB_CLOSE, ACCEPTOR, "swept");
	assert_int_equal(docket.cased.audit, BH_AUDIT_NONE);
	bh_rules_unref(off);
	bh_rules_unref(on);
}

/* Row 33: not over a check that is under way and in time. */
static void test_close__by_the_clock_waits_for_who_is_on_the_way(void **state)
{
	struct bh_rules *rules = sampling(0);
	struct bh_docket docket;
	(void)state;
	bh_docket_open(&docket, rules);
	bh_docket_to_done(&docket, BH_DEMO_LITTER, 1111);
	int64_t check_due_ms = docket.cased.check_due_ms;
	bh_docket_run(&docket, check_due_ms - BH_MINUTES(1));
	bh_docket_act(&docket, BH_VERB_CHECK, ACCEPTOR, NULL);
	int64_t until_ms = bh_docket_task(&docket, BH_TASK_CHECK)->due_ms;
	assert_true(until_ms > check_due_ms);
	assert_true(docket.cased.check_until_ms == until_ms);
	bh_docket_run(&docket, until_ms - 1);
	assert_int_equal(docket.cased.state, BH_STATE_CHECKING);
	bh_docket_run(&docket, until_ms + BH_MINUTES(1));
	assert_int_equal(docket.cased.state, BH_STATE_CLOSED);
	assert_int_equal(docket.cased.check_until_ms, 0);
	bh_rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sample__is_drawn_by_siphash),
		cmocka_unit_test(test_sample__is_the_districts_own),
		cmocka_unit_test(test_audit__somebody_else_goes_to_what_the_clock_closed),
		cmocka_unit_test(test_audit__is_not_passed_by_an_answer_that_says_nothing),
		cmocka_unit_test(test_audit__that_nobody_does_lapses),
		cmocka_unit_test(test_audit__is_of_the_sample_and_of_the_clock),
		cmocka_unit_test(test_close__by_the_clock_waits_for_who_is_on_the_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
