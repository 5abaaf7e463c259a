/* Row 8 (S0-16): a worker puts right on the spot what he reported; a share of it is looked at, and
 * what does not do goes to the unit whose task it would have been. */
#include "tests/unit/domain/docket.h"

#include "proto/self_dispose.h"
#include "server/domain/checking.h"
#include "tests/unit/domain/demo_rules.h"

static struct bh_command disposal(const struct bh_docket *docket, uint32_t person)
{
	struct bh_command op = bh_docket_op(docket, BH_VERB_SELF_DISPOSE, person, "swept");
	op.photos = 2;
	op.photos_before = op.photos_after = 1;
	return op;
}

static void refused(struct bh_docket *docket, const struct bh_command *op, enum bh_reason reason)
{
	const struct bh_verdict_on *on = bh_docket_give(docket, op);
	assert_int_equal(on->verdict, BH_VERDICT_REJECTED);
	assert_int_equal(on->reason, reason);
	assert_int_equal(docket->cased.state, BH_STATE_RECEIVED);
}

static void test_self_dispose__is_done_without_a_unit_and_closes_as_others_do(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command op = disposal(&docket, BH_DEMO_WORKER(1111));
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.state, BH_STATE_DONE);
	assert_int_equal(docket.cased.self_disposed, 1);
	assert_int_equal(docket.cased.unit, 0);
	assert_int_equal(docket.cased.finished_by, BH_DEMO_WORKER(1111));
	assert_int_equal(docket.cased.dispatch_due_ms, 0);
	assert_int_equal(docket.cased.check_due_ms, docket.now_ms + BH_HOURS(24));
	docket.cased.number++; /* this one is none of the sample */
	assert_false(bh_case_check_is_needed(*state, &docket.cased));
	bh_docket_run(&docket, docket.cased.check_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_CLOSED);
}

/* On a shared handset: who did it is not who checks it, whosever handset it was. */
static void test_self_dispose__is_its_authors_whosever_handset_it_was(void **state)
{
	const uint32_t holder = BH_DEMO_PERSON(GRID_LEADER), author = BH_DEMO_PERSON(GRID_WORKER);
	struct bh_demo_profile demo;
	struct bh_docket docket;
	(void)state;
	bh_demo_profile(&demo);
	for (size_t i = 0; i < demo.profile.posts_count; i++)
		if (demo.posts[i].person == holder)
			demo.posts[i].role = BH_ROLE_GRID_WORKER;
	struct bh_rules *rules = bh_demo_build(&demo);
	bh_docket_open(&docket, rules);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command op = disposal(&docket, author);
	docket.holder = holder;
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.finished_by, author);
	docket.holder = 0;
	struct bh_command check = bh_docket_desk(
		&docket, BH_VERB_CHECK, BH_DEMO_PERSON(ACCEPTOR), NULL);
	check.assignee = author;
	bh_docket_refused(&docket, &check, BH_REASON_GUARD);
	check.assignee = holder;
	bh_docket_must(&docket, &check);
	struct bh_command pass = bh_docket_op(&docket, BH_VERB_PASS, author, "well done");
	pass.task = docket.cased.task;
	pass.photos = 1;
	docket.holder = holder;
	assert_int_equal(bh_docket_give(&docket, &pass)->reason, BH_REASON_GUARD);
	pass = bh_docket_op(&docket, BH_VERB_PASS, holder, "well done");
	pass.task = docket.cased.task;
	pass.photos = 1;
	bh_docket_must(&docket, &pass);
	bh_rules_unref(rules);
}

static void test_self_dispose__needs_both_photos_a_type_and_a_worker_of_the_place(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command op = disposal(&docket, BH_DEMO_WORKER(1111));
	op.photos_after = 0;
	refused(&docket, &op, BH_REASON_GUARD);
	op = disposal(&docket, BH_DEMO_WORKER(1111));
	op.photos_before = 0;
	refused(&docket, &op, BH_REASON_GUARD);
	op = disposal(&docket, BH_DEMO_WORKER(1222));
	refused(&docket, &op, BH_REASON_NO_RIGHT);
	op = disposal(&docket, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A));
	refused(&docket, &op, BH_REASON_NO_RIGHT);
	op = disposal(&docket, BH_DEMO_WORKER(1111));
	bh_docket_must(&docket, &op);
}

/* By the type's own word, by its class's, and never of P1 nor of a dispute, whatever those say. */
static void test_self_dispose__is_for_types_that_allow_it(void **state)
{
	static const struct {
		uint32_t type;
		uint32_t urgency;
		bool allowed;
	} cases[] = {{BH_DEMO_LITTER, 0, true}, {BH_DEMO_LITTER, 1, false},
		{BH_DEMO_STALL, 0, true}, {BH_DEMO_COVER, 0, false}, {BH_DEMO_QUARREL, 0, false},
		{99999, 0, false}, {0, 0, false}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bh_docket docket;
		bh_docket_open(&docket, *state);
		struct bh_command report = bh_docket_report(&docket, cases[i].type, 1111);
		report.urgency = cases[i].urgency;
		bh_docket_must(&docket, &report);
		struct bh_command op = disposal(&docket, BH_DEMO_WORKER(1111));
		if (cases[i].allowed)
			bh_docket_must(&docket, &op);
		else
			refused(&docket, &op, BH_REASON_GUARD);
	}
}

/* It is recorded right behind the report, of a version that nobody has told yet. */
static void test_self_dispose__that_comes_too_late_is_stale(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command op = disposal(&docket, BH_DEMO_WORKER(1111));
	op.base_position = 0;
	bh_docket_run(&docket, docket.now_ms + BH_MINUTES(25));
	assert_int_equal(docket.cased.state, BH_STATE_DISPATCHED);
	op.seq = docket.seq + 1;
	assert_int_equal(bh_docket_give(&docket, &op)->verdict, BH_VERDICT_STALE);
	assert_int_equal(docket.cased.unit, BH_DEMO_CLEAN_A);
}

static void test_self_dispose__what_does_not_do_is_the_units_with_its_whole_limit(void **state)
{
	struct bh_docket docket;
	bh_docket_open(&docket, *state);
	bh_docket_to_received(&docket, BH_DEMO_LITTER, 1111);
	struct bh_command op = disposal(&docket, BH_DEMO_WORKER(1111));
	bh_docket_must(&docket, &op);
	bh_docket_act(&docket, BH_VERB_CHECK, BH_DEMO_PERSON(ACCEPTOR), NULL);
	const struct bh_task task = *bh_docket_task(&docket, BH_TASK_CHECK);
	assert_int_not_equal(task.person, BH_DEMO_WORKER(1111));
	op = bh_docket_op(&docket, BH_VERB_CHECK_FAILED, task.person, "it lies there still");
	op.task = task.ordinal;
	bh_docket_must(&docket, &op);
	bh_docket_act(&docket, BH_VERB_FAIL, BH_DEMO_PERSON(ACCEPTOR), "again");
	assert_int_equal(docket.cased.state, BH_STATE_REWORK);
	assert_int_equal(docket.cased.unit, BH_DEMO_CLEAN_A);
	assert_int_equal(docket.cased.reworks, 1);
	assert_int_equal(docket.cased.disposal_due_ms,
		bh_calendar_walk(bh_rules_calendar(*state), docket.now_ms, BH_HOURS(4)));
	bh_docket_run(&docket, docket.cased.sign_due_ms);
	assert_int_equal(docket.cased.state, BH_STATE_HANDLING);
	op = bh_docket_op(&docket, BH_VERB_FINISH, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), "swept");
	bh_docket_must(&docket, &op);
	assert_int_equal(docket.cased.self_disposed, 0);
}

/* I15: a fifth at least, also where the district asks for no checks at all. */
static void test_self_dispose__a_share_is_always_looked_at(void **state)
{
	unsigned sampled = 0;
	for (uint32_t seq = 1; seq <= 10000; seq++) {
		struct bh_case cased = {
			.number = UINT64_C(17) << 32 | seq, .urgency = 3, .cycle = 1};
		assert_false(bh_case_check_is_needed(*state, &cased));
		cased.self_disposed = 1;
		sampled += bh_case_check_is_needed(*state, &cased);
	}
	assert_in_range(sampled, 1950, 2050);
}

/* S3-10, S3-11: whatever its class or its own word says. */
static void test_self_dispose__is_never_for_what_needs_consent_or_is_restricted(void **state)
{
	const uint32_t classes[] = {10};
	struct bh_msg_catalogue_type type = {.code = 1, .class = 10, .urgency = 3};
	(void)state;
	for (uint32_t word = BH_SELF_AS_CLASS; word <= BH_SELF_YES; word++) {
		type.self_dispose = word;
		for (uint32_t level = BH_PRIVACY_PUBLIC; level <= BH_PRIVACY_RESTRICTED; level++) {
			type.privacy = level;
			assert_int_equal(bh_type_self_disposes(&type, classes, 1),
				level < BH_PRIVACY_CONSENT);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_self_dispose__is_never_for_what_needs_consent_or_is_restricted),
		cmocka_unit_test(test_self_dispose__is_done_without_a_unit_and_closes_as_others_do),
		cmocka_unit_test(test_self_dispose__is_its_authors_whosever_handset_it_was),
		cmocka_unit_test(
			test_self_dispose__needs_both_photos_a_type_and_a_worker_of_the_place),
		cmocka_unit_test(test_self_dispose__is_for_types_that_allow_it),
		cmocka_unit_test(test_self_dispose__that_comes_too_late_is_stale),
		cmocka_unit_test(
			test_self_dispose__what_does_not_do_is_the_units_with_its_whole_limit),
		cmocka_unit_test(test_self_dispose__a_share_is_always_looked_at),
	};
	return cmocka_run_group_tests(tests, bh_docket_rules_open, bh_docket_rules_close);
}
