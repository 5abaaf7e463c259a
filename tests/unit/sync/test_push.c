/* Ops on their way up: in order, once, acknowledged when durable (faults.md A17, B06, B07, C01,
 * D07). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "tests/unit/sync/single.h"

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

static uint64_t head_of(struct bh_single *f)
{
	struct bh_log log;
	assert_int_equal(bh_reader_log(f->world.reader, f->phone.log_id, &log), 0);
	return log.head_seq;
}

/* ---- In order, once ---- */

static void test_push__is_acknowledged_only_when_it_is_durable(void **state)
{
	struct bh_single *f = *state;
	(void)bh_phone_live(&f->phone);
	reports(&f->phone, 3);
	f->world.held = true;
	bh_phone_push(&f->phone, 1, 3, true);
	struct bh_job *job = bh_hub_take_job(f->world.hub);
	assert_non_null(job);
	assert_null(bh_hub_take_job(f->world.hub));
	bh_phone_expect_nothing(&f->phone);
	struct bh_wakes wakes;
	assert_int_equal(bh_writer_run(f->world.writer, f->world.now, &job, 1, &wakes), 0);
	bh_phone_expect_nothing(&f->phone);
	bh_hub_job_done(f->world.hub, f->world.now, bh_world_ms(&f->world), job);
	struct bh_msg_ack ack = expect_ack(&f->phone, 3);
	assert_int_equal(ack.verdicts_count, 0);
	assert_true(ack.received_ms == bh_world_ms(&f->world));
	assert_int_equal(head_of(f), 3);
}

static void test_push__a_repeat_gets_the_recorded_verdict(void **state)
{
	struct bh_single *f = *state;
	struct bh_hub_counts counts;
	(void)bh_phone_live(&f->phone);
	reports(&f->phone, 2);
	(void)bh_phone_report(&f->phone, "\xff");
	bh_phone_push(&f->phone, 1, 3, true);
	struct bh_msg_ack first = expect_ack(&f->phone, 3);
	assert_int_equal(first.verdicts_count, 1);
	bh_world_pass(&f->world, 60000);
	reports(&f->phone, 1);
	bh_phone_push(&f->phone, 1, 3, false); /* the ack was lost */
	struct bh_msg_ack again = expect_ack(&f->phone, 3);
	assert_true(again.received_ms == first.received_ms);
	assert_int_equal(again.verdicts_count, 1);
	assert_int_equal(again.verdicts[0].code, first.verdicts[0].code);
	bh_phone_push(&f->phone, 2, 3, false); /* overlapping */
	(void)expect_ack(&f->phone, 4);
	bh_hub_counts(f->world.hub, &counts);
	assert_int_equal(counts.repeats, 5);
	assert_int_equal(head_of(f), 4);
}

static void test_push__a_gap_is_told_where_to_resume(void **state)
{
	struct bh_single *f = *state;
	(void)bh_phone_live(&f->phone);
	reports(&f->phone, 6);
	bh_phone_push(&f->phone, 1, 2, false);
	(void)expect_ack(&f->phone, 2);
	bh_phone_push(&f->phone, 4, 3, true);
	assert_int_equal(bh_phone_expect_refusal(&f->phone, BH_REFUSAL_GAP).resume_after, 2);
	assert_false(bh_session_is_closing(f->phone.session));
	bh_phone_push(&f->phone, 3, 4, true);
	(void)expect_ack(&f->phone, 6);
}

static void test_push__another_op_at_a_known_sequence_is_a_fork(void **state)
{
	struct bh_single *f = *state;
	(void)bh_phone_live(&f->phone);
	reports(&f->phone, 3);
	bh_phone_push(&f->phone, 1, 3, true);
	(void)expect_ack(&f->phone, 3);
	f->phone.ops[1].salt[0] ^= 1;
	bh_phone_relink(&f->phone, 2);
	bh_phone_push(&f->phone, 2, 2, true);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_FORK);
	assert_true(bh_session_is_closing(f->phone.session));
	assert_int_equal(head_of(f), 3);
}

static void test_push__four_may_be_on_their_way_and_a_fifth_is_out_of_order(void **state)
{
	struct bh_single *f = *state;
	(void)bh_phone_live(&f->phone);
	reports(&f->phone, 12);
	f->world.held = true;
	for (uint64_t i = 0; i < 4; i++)
		bh_phone_push(&f->phone, i * 2 + 1, 2, i == 3);
	f->world.held = false;
	bh_world_pump(&f->world);
	for (uint64_t i = 0; i < 4; i++)
		(void)expect_ack(&f->phone, i * 2 + 2);
	f->world.held = true;
	for (uint64_t i = 0; i < 4; i++)
		bh_phone_push(&f->phone, 9 + i, 1, false);
	bh_phone_expect_nothing(&f->phone);
	bh_phone_push(&f->phone, 12, 1, false);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_ORDER);
	assert_true(bh_session_is_closing(f->phone.session));
}

/* ---- Bad ops are verdicts, bad batches are refusals ---- */

static void spoil(struct bh_buf *buf, size_t len, uint8_t byte)
{
	uint8_t *at;
	bh_buf_free(buf);
	assert_int_equal(bh_buf_reserve(buf, len, &at), 0);
	memset(at, byte, len);
	buf->len = len;
}

static void test_push__one_bad_among_500_is_one_verdict(void **state)
{
	struct bh_single *f = *state;
	const enum bh_reason reasons[] = {BH_REASON_UNREADABLE, BH_REASON_UNREADABLE,
		BH_REASON_TOO_LARGE, BH_REASON_TOO_LARGE, BH_REASON_TEXT};
	uint64_t first = 1;
	(void)bh_phone_live(&f->phone);
	for (size_t i = 0; i < 3; i++, first += 500) {
		reports(&f->phone, 500);
		struct bh_phone_op *bad = &f->phone.ops[first + 249 - 1];
		if (i == 0)
			spoil(&bad->header, 40, 0xff);
		else if (i == 1)
			spoil(&bad->content, 40, 0xff);
		else
			spoil(&bad->header, BH_OP_HEADER_BYTES_MAX + 1, 0x08);
		bh_phone_relink(&f->phone, first + 249);
		bh_phone_push(&f->phone, first, 500, true);
		struct bh_msg_ack ack = expect_ack(&f->phone, first + 499);
		assert_int_equal(ack.verdicts_count, 1);
		assert_int_equal(ack.verdicts[0].seq, first + 249);
		assert_int_equal(ack.verdicts[0].verdict, BH_VERDICT_REJECTED);
		assert_int_equal(ack.verdicts[0].code, reasons[i]);
	}
	f->phone.acked_seq = head_of(f);
	assert_int_equal(f->phone.acked_seq, 1500);
	reports(&f->phone, 2);
	spoil(&f->phone.ops[1500].content, BH_OP_CONTENT_BYTES_MAX + 1, 0x0a);
	bh_phone_relink(&f->phone, 1501);
	bh_phone_push(&f->phone, 1501, 2, true);
	struct bh_msg_ack ack = expect_ack(&f->phone, 1502);
	assert_int_equal(ack.verdicts_count, 1);
	assert_int_equal(ack.verdicts[0].code, reasons[3]);
	(void)bh_phone_report(&f->phone, "a\xed\xa0\x80z");
	bh_phone_push(&f->phone, 1503, 1, true);
	ack = expect_ack(&f->phone, 1503);
	assert_int_equal(ack.verdicts[0].code, reasons[4]);
	assert_true(ack.verdicts[0].correctable);
}

static void test_push__a_repeat_of_an_unreadable_op_is_answered_the_same(void **state)
{
	struct bh_single *f = *state;
	(void)bh_phone_live(&f->phone);
	reports(&f->phone, 1);
	spoil(&f->phone.ops[0].content, 100, 0xff);
	bh_phone_relink(&f->phone, 1);
	for (int i = 0; i < 2; i++) {
		bh_phone_push(&f->phone, 1, 1, true);
		struct bh_msg_ack ack = expect_ack(&f->phone, 1);
		assert_int_equal(ack.verdicts_count, 1);
		assert_int_equal(ack.verdicts[0].code, BH_REASON_UNREADABLE);
	}
}

static void test_push__an_author_who_is_not_the_devices_is_rejected(void **state)
{
	struct bh_single *f = *state;
	struct bh_msg_op_header header = {
		.verb = BH_VERB_SUBMIT, .type = BH_DEMO_LITTER, .author = BH_DEMO_WORKER(1112)};
	struct bh_msg_op_content content = {.text = bh_span("forged", 6)};
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_op(&f->phone, &header, &content);
	bh_phone_push(&f->phone, 1, 1, true);
	struct bh_msg_ack ack = expect_ack(&f->phone, 1);
	assert_int_equal(ack.verdicts_count, 1);
	assert_int_equal(ack.verdicts[0].verdict, BH_VERDICT_REJECTED);
	assert_int_equal(ack.verdicts[0].code, BH_REASON_AUTHOR);
}

static void send_push(struct bh_phone *phone, struct bh_msg_push push)
{
	struct bh_client_frame frame = {.kind = BH_CLIENT_PUSH, .u.push = push};
	bh_phone_send(phone, &frame);
}

static void test_push__a_batch_that_cannot_be_read_ends_the_session(void **state)
{
	struct bh_single *f = *state;
	static const uint8_t salts[2 * BH_SALT_BYTES];
	static const uint8_t empty_op[] = {0x0a, 0x00, 0x12, 0x00}; /* header "", content "" */
	const struct bh_msg_packed one = {BH_PACK_BARE, 4, bh_span(empty_op, 4)};
	const struct {
		struct bh_msg_push push;
		enum bh_refusal code;
	} bad[] = {
		{{1, bh_span(salts, 16), {BH_PACK_DEFLATE_DICT1, 100, bh_span("garbage", 7)}},
			BH_REFUSAL_UNPACK},
		{{1, bh_span(salts, 16), {7, 4, bh_span(empty_op, 4)}}, BH_REFUSAL_UNPACK},
		{{1, bh_span(salts, 16), {BH_PACK_BARE, 3, bh_span("\xff\xff\xff", 3)}},
			BH_REFUSAL_BAD_FRAME},
		{{1, bh_span(salts, 32), one}, BH_REFUSAL_BAD_FRAME},
		{{0, bh_span(salts, 16), one}, BH_REFUSAL_BAD_FRAME},
		{{UINT64_MAX, bh_span(salts, 16), one}, BH_REFUSAL_BAD_FRAME},
		{{1, bh_span(salts, 16), {BH_PACK_BARE, 2, bh_span(empty_op, 2)}},
			BH_REFUSAL_BAD_FRAME},
		{{1, bh_span(salts, 16), one,
			 bh_span("0123456789012345678901234567890123456"
				 "789012345678901234567890123",
				 64)},
			BH_REFUSAL_BAD_FRAME},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)bh_phone_live(&f->phone);
		send_push(&f->phone, bad[i].push);
		(void)bh_phone_expect_refusal(&f->phone, bad[i].code);
		assert_true(bh_session_is_closing(f->phone.session));
		assert_int_equal(head_of(f), 0);
	}
}

static void test_push__a_batch_over_the_limit_is_to_be_halved(void **state)
{
	struct bh_single *f = *state;
	static char text[8001];
	(void)bh_phone_live(&f->phone);
	memset(text, 'a', sizeof(text) - 1);
	for (int i = 0; i < 40; i++)
		(void)bh_phone_report(&f->phone, text);
	bh_phone_push(&f->phone, 1, 40, false);
	struct bh_msg_refusal refusal = bh_phone_expect_refusal(&f->phone, BH_REFUSAL_BATCH);
	assert_int_equal(refusal.batch_bytes_max, BH_BATCH_BYTES_MAX);
	assert_false(bh_session_is_closing(f->phone.session));
	bh_phone_push(&f->phone, 1, 20, false);
	assert_int_equal(expect_ack(&f->phone, 20).verdicts_count, 20);
}

static void test_push__a_device_that_floods_waits_and_may_come_back(void **state)
{
	struct bh_single *f = *state;
	bh_world_hub(&f->world, 0, 60);
	(void)bh_phone_live(&f->phone);
	reports(&f->phone, 61);
	bh_phone_push(&f->phone, 1, 60, false);
	(void)expect_ack(&f->phone, 60);
	for (int i = 0; i < 2; i++) { /* a new connection fills nothing */
		bh_phone_push(&f->phone, 61, 1, true);
		struct bh_msg_refusal busy = bh_phone_expect_refusal(&f->phone, BH_REFUSAL_BUSY);
		assert_in_range(busy.retry_after_ms, 1, 1100);
		(void)bh_phone_live(&f->phone);
		(void)bh_phone_expect(&f->phone, BH_SERVER_DISTRICT); /* the place repeats */
	}
	bh_world_pass(&f->world, 1100);
	bh_phone_push(&f->phone, 61, 1, true);
	(void)expect_ack(&f->phone, 61);
}

static void test_push__what_is_refused_and_goes_on_is_paid_for(void **state)
{
	struct bh_single *f = *state;
	static char text[8001];
	bh_world_hub(&f->world, 0, 60);
	memset(text, 'a', sizeof(text) - 1);
	for (int i = 0; i < 40; i++)
		(void)bh_phone_report(&f->phone, text);
	(void)bh_phone_live(&f->phone);
	for (int i = 0; i < 60; i++) {
		bh_phone_push(&f->phone, 2, 39, false); /* too big, too, if it were looked at */
		(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_GAP);
	}
	bh_phone_push(&f->phone, 2, 1, false);
	assert_in_range(
		bh_phone_expect_refusal(&f->phone, BH_REFUSAL_BUSY).retry_after_ms, 1, 1100);
	assert_true(bh_session_is_closing(f->phone.session));
	(void)bh_phone_live(&f->phone);
	bh_world_pass(&f->world, 60000);
	bh_phone_push(&f->phone, 1, 40, false);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_BATCH);
	bh_phone_push(&f->phone, 1, 1, false);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_BUSY);
	assert_int_equal(head_of(f), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bh_single_setup, bh_single_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_push__is_acknowledged_only_when_it_is_durable),
		CASE(test_push__a_repeat_gets_the_recorded_verdict),
		CASE(test_push__a_gap_is_told_where_to_resume),
		CASE(test_push__another_op_at_a_known_sequence_is_a_fork),
		CASE(test_push__four_may_be_on_their_way_and_a_fifth_is_out_of_order),
		CASE(test_push__one_bad_among_500_is_one_verdict),
		CASE(test_push__a_repeat_of_an_unreadable_op_is_answered_the_same),
		CASE(test_push__an_author_who_is_not_the_devices_is_rejected),
		CASE(test_push__a_batch_that_cannot_be_read_ends_the_session),
		CASE(test_push__a_batch_over_the_limit_is_to_be_halved),
		CASE(test_push__a_device_that_floods_waits_and_may_come_back),
		CASE(test_push__what_is_refused_and_goes_on_is_paid_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
