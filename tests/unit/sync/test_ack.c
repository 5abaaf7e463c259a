/* What is said of a push: when it was stored, when it was not, and to nobody who was cut off or is
 * gone (faults.md B06, D07, E01, I14). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "tests/unit/sync/single.h"

#define YEAR_MS (INT64_C(365) * 86400000)

static void reports(struct bh_phone *phone, int count)
{
	for (int i = 0; i < count; i++)
		(void)bh_phone_report(phone, "路灯不亮");
}

static struct bh_msg_ack expect_ack(struct bh_phone *phone, uint64_t seq)
{
	struct bh_receipt_verdict rows[BH_BATCH_OPS_MAX];
	uint8_t mac[BH_MAC_BYTES];
	struct bh_msg_ack ack = bh_phone_expect(phone, BH_SERVER_ACK).u.ack;
	assert_int_equal(ack.seq, seq);
	assert_memory_equal(ack.link_check.data, phone->ops[seq - 1].link, 8);
	for (size_t i = 0; i < ack.verdicts_count; i++)
		rows[i] = (struct bh_receipt_verdict){ack.verdicts[i].seq,
			(uint8_t)ack.verdicts[i].verdict, (uint16_t)ack.verdicts[i].code};
	bh_receipt_mac(phone->world->hasher, bh_span(BH_WORLD_MAC, 32), phone->log_id, seq,
		phone->ops[seq - 1].link, ack.received_ms, rows, ack.verdicts_count, mac);
	assert_memory_equal(ack.mac.data, mac, BH_MAC_BYTES);
	return ack;
}

static void test_ack__what_was_not_stored_is_said_once_and_pushed_again(void **state)
{
	struct bh_single *f = *state;
	struct bh_job *jobs[2];
	struct bh_wakes wakes;
	(void)bh_phone_live(&f->phone);
	reports(&f->phone, 4);
	f->world.held = true;
	bh_phone_push(&f->phone, 1, 2, false);
	bh_phone_push(&f->phone, 3, 2, true);
	jobs[0] = bh_hub_take_job(f->world.hub);
	jobs[1] = bh_hub_take_job(f->world.hub);
	jobs[0]->err = BH_ERR_FULL;
	bh_hub_job_done(f->world.hub, f->world.now, bh_world_ms(&f->world), jobs[0]);
	assert_true(bh_phone_expect_refusal(&f->phone, BH_REFUSAL_STORAGE).retry_after_ms > 0);
	assert_int_equal(bh_writer_run(f->world.writer, f->world.now, &jobs[1], 1, &wakes), 0);
	assert_int_equal(jobs[1]->err, BH_ERR_LIMIT);
	bh_hub_job_done(f->world.hub, f->world.now, bh_world_ms(&f->world), jobs[1]);
	bh_phone_expect_nothing(&f->phone);
	assert_false(bh_session_is_closing(f->phone.session));
	f->world.held = false;
	bh_phone_push(&f->phone, 1, 4, true);
	(void)expect_ack(&f->phone, 4);
}

static void test_ack__a_revocation_before_the_commit_quarantines_and_says_nothing(void **state)
{
	struct bh_single *f = *state;
	struct bh_wakes wakes;
	struct bh_verdict_row rows[4];
	size_t count;
	int64_t received_ms;
	(void)bh_phone_live(&f->phone);
	reports(&f->phone, 2);
	f->world.held = true;
	bh_phone_push(&f->phone, 1, 2, true);
	struct bh_job *job = bh_hub_take_job(f->world.hub);
	bh_world_revoke(&f->world, f->phone.device);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_REVOKED);
	assert_true(bh_session_is_closing(f->phone.session));
	assert_int_equal(bh_writer_run(f->world.writer, f->world.now, &job, 1, &wakes), 0);
	bh_hub_job_done(f->world.hub, f->world.now, bh_world_ms(&f->world), job);
	bh_hub_wake(f->world.hub, f->world.now, bh_world_ms(&f->world), &wakes);
	bh_phone_expect_nothing(&f->phone);
	assert_int_equal(bh_reader_verdicts(f->world.reader, f->phone.log_short, 0, 2, rows, 4,
				 &count, &received_ms),
		0);
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].verdict, BH_VERDICT_QUARANTINED);
}

static void test_ack__a_job_of_a_session_that_is_gone_is_answered_to_nobody(void **state)
{
	struct bh_single *f = *state;
	struct bh_wakes wakes;
	(void)bh_phone_live(&f->phone);
	reports(&f->phone, 2);
	f->world.held = true;
	bh_phone_push(&f->phone, 1, 1, false);
	bh_phone_push(&f->phone, 2, 1, false);
	struct bh_job *job = bh_hub_take_job(f->world.hub);
	bh_phone_hang_up(&f->phone);
	assert_null(bh_hub_take_job(f->world.hub)); /* what was not taken is dropped */
	assert_int_equal(bh_writer_run(f->world.writer, f->world.now, &job, 1, &wakes), 0);
	bh_hub_job_done(f->world.hub, f->world.now, bh_world_ms(&f->world), job);
	f->world.held = false;
	assert_int_equal(bh_phone_live(&f->phone).acked_seq, 1);
}

static void test_ack__captured_is_corrected_by_the_sessions_offset(void **state)
{
	struct bh_single *f = *state;
	struct bh_case cased;
	f->phone.skew_ms = -10 * YEAR_MS;
	reports(&f->phone, 1);
	int64_t captured_ms = bh_world_ms(&f->world);
	bh_world_pass(&f->world, 7200000);
	(void)bh_phone_live(&f->phone);
	bh_phone_push(&f->phone, 1, 1, true);
	(void)expect_ack(&f->phone, 1);
	assert_int_equal(
		bh_reader_case(f->world.reader, (uint64_t)f->phone.log_short << 32 | 1, &cased), 0);
	assert_in_range(cased.captured_ms, captured_ms - 1000, captured_ms + 1000);
	assert_true(cased.received_ms >= captured_ms + 7200000 - 1000);
}

static void test_ack__an_op_carried_into_a_new_log_is_told_the_number_it_has(void **state)
{
	struct bh_single *f = *state;
	uint8_t old_id[BH_LOG_ID_BYTES], old_link[BH_HASH_BYTES];
	struct bh_msg_op_content content = {.text = bh_span("x", 1)};
	(void)bh_phone_live(&f->phone);
	reports(&f->phone, 1);
	bh_phone_push(&f->phone, 1, 1, true);
	(void)expect_ack(&f->phone, 1);
	uint64_t number = (uint64_t)f->phone.log_short << 32 | 1;
	memcpy(old_id, f->phone.log_id, sizeof(old_id));
	memcpy(old_link, f->phone.ops[0].link, sizeof(old_link));
	bh_phone_new_log(&f->phone);
	struct bh_msg_op_header header = {.verb = BH_VERB_SUBMIT,
		.type = BH_DEMO_LITTER,
		.has_origin = true,
		.origin = {
			bh_span(old_id, sizeof(old_id)), 1, bh_span(old_link, sizeof(old_link))}};
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_op(&f->phone, &header, &content);
	bh_phone_push(&f->phone, 1, 1, true);
	struct bh_msg_ack ack = expect_ack(&f->phone, 1);
	assert_int_equal(ack.verdicts_count, 1);
	assert_int_equal(ack.verdicts[0].verdict, BH_VERDICT_CARRIED);
	assert_true(ack.verdicts[0].case_number == number);
	struct bh_msg_welcome welcome = bh_phone_live(&f->phone);
	assert_int_equal(welcome.verdicts_count, 1);
	assert_true(welcome.verdicts[0].case_number == number);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bh_single_setup, bh_single_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_ack__what_was_not_stored_is_said_once_and_pushed_again),
		CASE(test_ack__a_revocation_before_the_commit_quarantines_and_says_nothing),
		CASE(test_ack__a_job_of_a_session_that_is_gone_is_answered_to_nobody),
		CASE(test_ack__captured_is_corrected_by_the_sessions_offset),
		CASE(test_ack__an_op_carried_into_a_new_log_is_told_the_number_it_has),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
