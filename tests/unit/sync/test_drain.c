/* A revoked or suspended handset gives what it recorded, and receives nothing (B12, I14). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "server/sync/hub.h"
#include "tests/unit/sync/single.h"

/* Hello of a device that is cut off: its profile and its cursors are old, and it is told neither.
 */
static void drain(struct bh_single *f)
{
	struct bh_msg_welcome welcome = bh_phone_live(&f->phone);
	assert_true(welcome.draining);
	assert_false(welcome.from_start);
	assert_int_equal(welcome.scopes_count, 0);
	bh_phone_expect_nothing(&f->phone);
}

static void test_drain__what_it_recorded_is_taken_into_quarantine(void **state)
{
	struct bh_single *f = *state;
	struct bh_case cased;
	for (int i = 0; i < 5; i++)
		(void)bh_phone_report(&f->phone, "held");
	bh_world_revoke(&f->world, f->phone.device);
	drain(f);
	struct bh_msg_ack ack = bh_phone_pushed(&f->phone, 1, 5);
	assert_int_equal(ack.seq, 5);
	assert_int_equal(ack.verdicts_count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(ack.verdicts[i].verdict, BH_VERDICT_QUARANTINED);
		assert_int_equal(ack.verdicts[i].code, BH_REASON_DEVICE);
		assert_int_equal(
			bh_reader_case(f->world.reader,
				(uint64_t)f->phone.log_short << 32 | (uint64_t)(i + 1), &cased),
			BH_ERR_NOT_FOUND);
	}
	bh_phone_expect_nothing(&f->phone);
}

/* What is decided makes room; what was answered is answered again. */
static void test_drain__no_more_is_held_of_a_device_than_a_bound(void **state)
{
	struct bh_single *f = *state;
	struct bh_quarantine_sum sum;
	size_t count = 0;
	for (int i = 0; i < 6; i++)
		(void)bh_phone_report(&f->phone, "held");
	bh_world_revoke(&f->world, f->phone.device);
	f->world.hub->options.device_quarantined_max = 4;
	drain(f);
	(void)bh_phone_pushed(&f->phone, 1, 4);
	(void)bh_phone_pushed(&f->phone, 1, 4);
	bh_phone_push(&f->phone, 5, 1, true);
	struct bh_msg_refusal full = bh_phone_expect_refusal(&f->phone, BH_REFUSAL_BUSY);
	assert_true(full.retry_after_ms >= 60000);
	assert_int_equal(bh_reader_quarantines(f->world.reader, 0, &sum, 1, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(sum.device, f->phone.device);
	assert_int_equal(sum.held, 4);
	assert_int_equal(sum.released + sum.discarded, 0);
	assert_true(sum.oldest_ms > 0 && sum.oldest_ms <= bh_world_ms(&f->world));
	struct bh_quarantine_row row;
	assert_int_equal(
		bh_reader_quarantine(f->world.reader, f->phone.device, 0, &row, 1, &count), 0);
	struct bh_command discard = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_RELEASE,
		.device = f->phone.device,
		.person = BH_DEMO_PERSON(ADMIN),
		.base_position = row.position,
		.reason_code = 1,
		.text = bh_span("false", 5)};
	assert_int_equal(bh_world_run(&f->world, &discard).verdict, BH_VERDICT_ACCEPTED);
	bh_phone_hang_up(&f->phone);
	drain(f);
	assert_int_equal(bh_phone_pushed(&f->phone, 5, 1).seq, 5);
	assert_int_equal(bh_reader_quarantines(f->world.reader, 0, &sum, 1, &count), 0);
	assert_int_equal(sum.held, 4);
	assert_int_equal(sum.discarded, 1);
	assert_int_equal(
		bh_reader_quarantines(f->world.reader, f->phone.device, &sum, 1, &count), 0);
	assert_int_equal(count, 0);
}

static void test_drain__a_cut_in_the_middle_goes_on_where_it_was(void **state)
{
	struct bh_single *f = *state;
	for (int i = 0; i < 4; i++)
		(void)bh_phone_report(&f->phone, "held");
	bh_world_revoke(&f->world, f->phone.device);
	drain(f);
	(void)bh_phone_pushed(&f->phone, 1, 2);
	bh_phone_hang_up(&f->phone);
	struct bh_msg_welcome welcome = bh_phone_live(&f->phone);
	assert_true(welcome.draining);
	assert_int_equal(welcome.acked_seq, 2);
	assert_int_equal(welcome.verdicts_count, 2);
	assert_int_equal(welcome.verdicts[1].verdict, BH_VERDICT_QUARANTINED);
	/* an op that was answered is answered the same (I15) */
	struct bh_msg_ack ack = bh_phone_pushed(&f->phone, 1, 4);
	assert_int_equal(ack.verdicts_count, 4);
	assert_int_equal(ack.verdicts[0].verdict, BH_VERDICT_QUARANTINED);
}

static void test_drain__what_was_accepted_before_stays_so_and_says_nothing_of_its_case(void **state)
{
	struct bh_single *f = *state;
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_drain(&f->phone);
	(void)bh_phone_report(&f->phone, "before");
	assert_int_equal(bh_phone_pushed(&f->phone, 1, 1).verdicts_count, 0);
	bh_world_revoke(&f->world, f->phone.device);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_REVOKED);
	bh_phone_hang_up(&f->phone);
	(void)bh_phone_report(&f->phone, "after");
	drain(f);
	struct bh_msg_ack ack = bh_phone_pushed(&f->phone, 1, 2);
	assert_int_equal(ack.verdicts_count, 1);
	assert_int_equal(ack.verdicts[0].seq, 2);
	assert_int_equal(ack.verdicts[0].verdict, BH_VERDICT_QUARANTINED);
	bh_phone_expect_nothing(&f->phone);
}

/* Rules, a case of its own that moves, a photo it asks for, a further revocation: nothing is said.
 */
static void test_drain__nothing_of_the_district_reaches_it(void **state)
{
	struct bh_single *f = *state;
	struct bh_client_frame ask = {.kind = BH_CLIENT_BLOB_ASK};
	uint8_t hash[BH_HASH_BYTES] = {7};
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_drain(&f->phone);
	(void)bh_phone_report(&f->phone, "mine");
	(void)bh_phone_pushed(&f->phone, 1, 1);
	bh_phone_hang_up(&f->phone);
	bh_world_revoke(&f->world, f->phone.device);
	drain(f);
	bh_world_desk(&f->world, BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER),
		(uint64_t)f->phone.log_short << 32 | 1, BH_DEMO_CLEAN_A, "x");
	bh_phone_expect_nothing(&f->phone);
	assert_int_equal(bh_world_profile(&f->world).verdict, BH_VERDICT_ACCEPTED);
	bh_phone_expect_nothing(&f->phone);
	bh_hub_wake_whole(f->world.hub, f->world.now, bh_world_ms(&f->world));
	bh_phone_expect_nothing(&f->phone);
	ask.u.blob_ask.hash = bh_span(hash, sizeof(hash));
	bh_phone_send(&f->phone, &ask);
	assert_int_equal(bh_phone_expect(&f->phone, BH_SERVER_BLOB_STATE).u.blob_state.state,
		BH_BLOB_UNKNOWN);
	assert_false(bh_session_is_closing(f->phone.session));
}

/* A log that the server does not know: the handset forked, or the server was put back. */
static void test_drain__a_new_log_is_begun_for_it(void **state)
{
	struct bh_single *f = *state;
	bh_world_revoke(&f->world, f->phone.device);
	bh_phone_new_log(&f->phone);
	(void)bh_phone_report(&f->phone, "in a new log");
	drain(f);
	struct bh_msg_ack ack = bh_phone_pushed(&f->phone, 1, 1);
	assert_int_equal(ack.verdicts_count, 1);
	assert_int_equal(ack.verdicts[0].verdict, BH_VERDICT_QUARANTINED);
}

static struct bh_outcome decide(struct bh_single *f, uint64_t position, uint32_t discards)
{
	struct bh_command command = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_RELEASE,
		.person = BH_DEMO_PERSON(DISPATCHER),
		.device = f->phone.device,
		.base_position = position,
		.reason_code = discards,
		.text = bh_span("found again", 11)};
	return bh_world_run(&f->world, &command);
}

/* The entry of the report that was drained last. */
static uint64_t last_entry(struct bh_single *f)
{
	uint64_t position = 0;
	uint8_t hash[BH_HASH_BYTES];
	assert_int_equal(bh_reader_head(f->world.reader, &position, hash), 0);
	return position;
}

static uint64_t drain_one(struct bh_single *f)
{
	(void)bh_phone_report(&f->phone, "held");
	bh_world_revoke(&f->world, f->phone.device);
	drain(f);
	(void)bh_phone_pushed(&f->phone, 1, 1);
	return last_entry(f);
}

static void test_release__a_report_becomes_a_case_under_its_own_number_once(void **state)
{
	struct bh_single *f = *state;
	struct bh_case cased;
	struct bh_phone now;
	uint64_t number = (uint64_t)f->phone.log_short << 32 | 1;
	uint64_t op = drain_one(f);
	bh_phone_enrolled(&f->world, BH_SINGLE_WORKER, &now);
	(void)bh_phone_live(&now);
	(void)bh_phone_drain(&now);
	bh_world_pass(&f->world, 60000);
	assert_int_equal(decide(f, op, 0).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(bh_reader_case(f->world.reader, number, &cased), 0);
	assert_int_equal(cased.state, BH_STATE_RECEIVED);
	assert_int_equal(cased.reporter, BH_SINGLE_WORKER);
	assert_int_equal(cased.received_ms, bh_world_ms(&f->world));
	assert_int_equal(cased.first, op);
	(void)bh_phone_expect(&now, BH_SERVER_DELTA);
	uint64_t entries = last_entry(f);
	struct bh_outcome again = decide(f, op, 0);
	assert_int_equal(again.verdict, BH_VERDICT_ACCEPTED);
	assert_true(again.repeat);
	assert_int_equal(decide(f, op, 1).verdict, BH_VERDICT_REJECTED);
	assert_int_equal(last_entry(f), entries);
	/* its handset is answered what it was, and told nothing of the case */
	bh_phone_expect_nothing(&f->phone);
	assert_int_equal(
		bh_phone_pushed(&f->phone, 1, 1).verdicts[0].verdict, BH_VERDICT_QUARANTINED);
	bh_phone_free(&now);
}

static void test_release__what_was_discarded_may_be_released_after_all(void **state)
{
	struct bh_single *f = *state;
	struct bh_case cased;
	uint64_t number = (uint64_t)f->phone.log_short << 32 | 1;
	uint64_t op = drain_one(f);
	assert_int_equal(decide(f, op, 1).verdict, BH_VERDICT_ACCEPTED);
	assert_true(decide(f, op, 1).repeat);
	assert_int_equal(bh_reader_case(f->world.reader, number, &cased), BH_ERR_NOT_FOUND);
	assert_int_equal(decide(f, op, 0).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(bh_reader_case(f->world.reader, number, &cased), 0);
}

static void test_release__nothing_else_than_its_op_is_taken(void **state)
{
	struct bh_single *f = *state;
	uint64_t op = drain_one(f);
	assert_int_equal(decide(f, 0, 0).verdict, BH_VERDICT_REJECTED);
	assert_int_equal(decide(f, op - 1, 0).verdict, BH_VERDICT_REJECTED);
	assert_int_equal(decide(f, op + 1, 0).verdict, BH_VERDICT_REJECTED);
	f->phone.device++;
	assert_int_equal(decide(f, op, 0).verdict, BH_VERDICT_REJECTED);
	f->phone.device--;
	assert_int_equal(last_entry(f), op);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bh_single_setup, bh_single_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_drain__what_it_recorded_is_taken_into_quarantine),
		CASE(test_drain__no_more_is_held_of_a_device_than_a_bound),
		CASE(test_drain__a_cut_in_the_middle_goes_on_where_it_was),
		CASE(test_drain__what_was_accepted_before_stays_so_and_says_nothing_of_its_case),
		CASE(test_drain__nothing_of_the_district_reaches_it),
		CASE(test_drain__a_new_log_is_begun_for_it),
		CASE(test_release__a_report_becomes_a_case_under_its_own_number_once),
		CASE(test_release__what_was_discarded_may_be_released_after_all),
		CASE(test_release__nothing_else_than_its_op_is_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
