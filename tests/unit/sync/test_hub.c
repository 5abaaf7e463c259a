/* A hub that is not told what a run woke, for want of memory, looks at everybody. */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "tests/unit/sync/pair.h"

#define WORKER BH_PAIR_WORKER
#define UNIT BH_PAIR_UNIT

/* Runs a command of which the hub hears nothing. */
static void run_unheard(struct bh_pair *f, struct bh_command *command)
{
	struct bh_outcome outcome = {0};
	struct bh_job job = {.commands = command, .outcomes = &outcome, .count = 1}, *jobs = &job;
	struct bh_wakes wakes;
	assert_int_equal(bh_writer_run(f->world.writer, f->world.now, &jobs, 1, &wakes), 0);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
}

static void wake_whole(struct bh_pair *f)
{
	bh_hub_wake_whole(f->world.hub, f->world.now, bh_world_ms(&f->world));
}

static void test_wake__of_nobody_knows_whom_brings_what_waits(void **state)
{
	struct bh_pair *f = *state;
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	uint64_t seq = bh_phone_report(&f->worker, "litter");
	bh_phone_push(&f->worker, seq, 1, true);
	struct bh_command command = {.source = BH_SOURCE_DESK,
		.verb = BH_VERB_DISPATCH,
		.log_short = BH_LOG_DESK,
		.person = BH_DEMO_PERSON(DISPATCHER),
		.case_number = (uint64_t)f->worker.log_short << 32 | seq,
		.unit = UNIT,
		.text = bh_span("go", 2)};
	bh_demo_say(&command);
	run_unheard(f, &command);
	bh_phone_expect_nothing(&f->lead);
	wake_whole(f);
	(void)bh_phone_expect(&f->lead, BH_SERVER_DELTA);
}

static void test_wake__of_nobody_knows_whom_ends_who_was_revoked(void **state)
{
	struct bh_pair *f = *state;
	struct bh_buf payload = BH_BUF(256);
	(void)bh_phone_live(&f->worker);
	(void)bh_phone_live(&f->lead);
	const struct bh_msg_entry_revoked revoked = {
		.device = f->worker.device, .reason = bh_span("lost", 4)};
	assert_int_equal(bh_encode_entry_revoked(&revoked, &payload), 0);
	struct bh_command command = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_REVOKE,
		.payload = bh_buf_span(&payload)};
	run_unheard(f, &command);
	bh_buf_free(&payload);
	wake_whole(f);
	assert_true(bh_session_is_closing(f->worker.session));
	assert_false(bh_session_is_closing(f->lead.session));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bh_pair_setup, bh_pair_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_wake__of_nobody_knows_whom_brings_what_waits),
		CASE(test_wake__of_nobody_knows_whom_ends_who_was_revoked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
