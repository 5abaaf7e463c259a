/* What a handset gives back of this server's receipts after it was put back (faults.md C04, I15).
 */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "proto/number.h"
#include "tests/unit/sync/world.h"

#define WORKER BH_DEMO_WORKER(1111)
#define HOUR_MS 3600000

/* A phone with six reports, of which the world knows nothing yet; two receipts over them. */
struct fixture {
	struct bh_world world;
	struct bh_phone phone;
	struct bh_msg_push_receipt receipts[2];
	struct bh_msg_verdict verdict;
	uint8_t macs[2][BH_MAC_BYTES];
	int64_t came_ms;
};

/* As an earlier life of this server would have given it. */
static void receipt_make(struct fixture *f, size_t index, uint64_t seq, int64_t received_ms,
	const struct bh_msg_verdict *verdict)
{
	struct bh_receipt_verdict row = {0};
	if (verdict != NULL)
		row = (struct bh_receipt_verdict){
			verdict->seq, (uint8_t)verdict->verdict, (uint16_t)verdict->code};
	bh_receipt_mac(f->world.hasher, bh_span(BH_WORLD_MAC, 32), f->phone.log_id, seq,
		f->phone.ops[seq - 1].link, received_ms, &row, verdict != NULL, f->macs[index]);
	f->receipts[index] = (struct bh_msg_push_receipt){.seq = seq,
		.received_ms = received_ms,
		.mac = bh_span(f->macs[index], BH_MAC_BYTES),
		.verdicts = verdict,
		.verdicts_count = verdict != NULL};
}

static int setup(void **state)
{
	static struct fixture fixture;
	struct fixture *f = &fixture;
	bh_world_open(&f->world);
	bh_phone_enrolled(&f->world, WORKER, &f->phone);
	bh_world_pass(&f->world, 5 * HOUR_MS);
	f->came_ms = bh_world_ms(&f->world) - 3 * HOUR_MS;
	(void)bh_phone_live(&f->phone);
	for (int i = 0; i < 6; i++)
		(void)bh_phone_report(&f->phone, "路灯不亮");
	f->verdict = (struct bh_msg_verdict){
		.seq = 4, .verdict = BH_VERDICT_REJECTED, .code = BH_REASON_PLACE};
	receipt_make(f, 0, 2, f->came_ms, NULL);
	receipt_make(f, 1, 5, f->came_ms + 1000, &f->verdict);
	f->phone.receipts = f->receipts;
	f->phone.receipts_count = 2;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	bh_phone_free(&f->phone);
	bh_world_close(&f->world);
	return 0;
}

static struct bh_case case_of(struct fixture *f, uint32_t seq)
{
	struct bh_case cased;
	assert_int_equal(
		bh_reader_case(f->world.reader, bh_case_number(f->phone.log_short, seq), &cased),
		0);
	return cased;
}

static void test_receipts__say_when_each_op_had_come_and_the_desk_gets_its_whole_limit(void **state)
{
	struct fixture *f = *state;
	struct bh_hub_counts counts;
	int64_t now_ms = bh_world_ms(&f->world);
	const int64_t came_ms[] = {
		f->came_ms, f->came_ms, f->came_ms + 1000, 0, f->came_ms + 1000, now_ms};
	bh_phone_push(&f->phone, 1, 6, true);
	(void)bh_phone_expect(&f->phone, BH_SERVER_ACK);
	for (uint32_t seq = 1; seq <= 6; seq++) {
		if (came_ms[seq - 1] == 0)
			continue;
		struct bh_case cased = case_of(f, seq);
		assert_true(cased.received_ms == came_ms[seq - 1]);
		assert_true(cased.queue_ms == now_ms);
		assert_true(cased.dispatch_due_ms > now_ms);
	}
	bh_hub_counts(f->world.hub, &counts);
	assert_int_equal(counts.receipts_believed, 2);
	assert_int_equal(counts.receipts_strange, 0);
}

static void test_receipts__an_answer_that_was_given_is_given_again(void **state)
{
	struct fixture *f = *state;
	struct bh_case cased;
	bh_phone_push(&f->phone, 1, 6, true);
	struct bh_msg_ack ack = bh_phone_expect(&f->phone, BH_SERVER_ACK).u.ack;
	assert_int_equal(ack.verdicts_count, 1);
	assert_int_equal(ack.verdicts[0].seq, 4);
	assert_int_equal(ack.verdicts[0].verdict, BH_VERDICT_REJECTED);
	assert_int_equal(ack.verdicts[0].code, BH_REASON_PLACE);
	assert_int_equal(
		bh_reader_case(f->world.reader, bh_case_number(f->phone.log_short, 4), &cased),
		BH_ERR_NOT_FOUND);
}

/* Nothing that a handset can do to a receipt makes an op older, or an answer another. */
static void test_receipts__that_are_not_ours_are_as_if_they_were_not_there(void **state)
{
	struct fixture *f = *state;
	struct bh_hub_counts counts;
	int64_t now_ms = bh_world_ms(&f->world);
	f->receipts[0].received_ms -= HOUR_MS;
	f->verdict.code = BH_REASON_TEXT;
	bh_phone_push(&f->phone, 1, 6, true);
	struct bh_msg_ack ack = bh_phone_expect(&f->phone, BH_SERVER_ACK).u.ack;
	assert_int_equal(ack.verdicts_count, 0);
	for (uint32_t seq = 1; seq <= 6; seq++)
		assert_true(case_of(f, seq).received_ms == now_ms);
	bh_hub_counts(f->world.hub, &counts);
	assert_int_equal(counts.receipts_believed, 0);
	assert_int_equal(counts.receipts_strange, 2);
}

/* The clock was set back since: when they came is not known any more, what was answered is. */
static void test_receipts__of_the_future_say_what_was_answered_and_not_when(void **state)
{
	struct fixture *f = *state;
	int64_t now_ms = bh_world_ms(&f->world);
	f->verdict.seq = 2;
	receipt_make(f, 0, 3, now_ms + HOUR_MS, &f->verdict);
	f->phone.receipts_count = 1;
	bh_phone_push(&f->phone, 1, 3, false);
	struct bh_msg_ack ack = bh_phone_expect(&f->phone, BH_SERVER_ACK).u.ack;
	assert_int_equal(ack.verdicts_count, 1);
	assert_int_equal(ack.verdicts[0].seq, 2);
	assert_int_equal(ack.verdicts[0].code, BH_REASON_PLACE);
	assert_true(case_of(f, 1).received_ms == now_ms);
	assert_true(case_of(f, 3).received_ms == now_ms);
}

static void test_receipts__of_no_op_of_the_batch_say_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t now_ms = bh_world_ms(&f->world);
	f->receipts[0].mac = bh_span(f->macs[1], BH_MAC_BYTES);
	receipt_make(f, 1, 6, f->came_ms, NULL);
	bh_phone_push(&f->phone, 1, 3, false);
	(void)bh_phone_expect(&f->phone, BH_SERVER_ACK);
	for (uint32_t seq = 1; seq <= 3; seq++)
		assert_true(case_of(f, seq).received_ms == now_ms);
	f->receipts[0] = f->receipts[1];
	bh_phone_push(&f->phone, 4, 3, true);
	(void)bh_phone_expect(&f->phone, BH_SERVER_ACK);
	assert_true(case_of(f, 6).received_ms == f->came_ms);
}

static void test_receipts__one_that_is_left_out_moves_nothing_to_an_earlier_time(void **state)
{
	struct fixture *f = *state;
	f->phone.receipts = &f->receipts[1];
	f->phone.receipts_count = 1;
	bh_phone_push(&f->phone, 1, 6, true);
	(void)bh_phone_expect(&f->phone, BH_SERVER_ACK);
	assert_true(case_of(f, 1).received_ms == f->came_ms + 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_receipts__say_when_each_op_had_come_and_the_desk_gets_its_whole_limit,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_receipts__an_answer_that_was_given_is_given_again, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_receipts__that_are_not_ours_are_as_if_they_were_not_there, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_receipts__of_the_future_say_what_was_answered_and_not_when, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_receipts__of_no_op_of_the_batch_say_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_receipts__one_that_is_left_out_moves_nothing_to_an_earlier_time, setup,
			teardown),
	};
	return cmocka_run_group_tests_name("receipt", tests, NULL, NULL);
}
