/* What a Welcome tells: where the log stands, what was decided, which cursors hold; and that a
 * device has one session (faults.md C01, C02, C04). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "tests/unit/sync/single.h"

static struct bh_hub_counts counts(struct bh_single *f)
{
	struct bh_hub_counts out;
	bh_hub_counts(f->world.hub, &out);
	return out;
}

/* ---- What Welcome tells ---- */

/* Sends a Hello that was changed by the test, and reads the Welcome. */
static struct bh_msg_welcome say(struct bh_phone *phone, struct bh_msg_hello hello)
{
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO, .u.hello = hello};
	bh_phone_sign_hello(phone, &frame.u.hello, signature);
	bh_phone_send(phone, &frame);
	return bh_phone_expect(phone, BH_SERVER_WELCOME).u.welcome;
}

static void assert_receipt(struct bh_single *f, const struct bh_msg_welcome *welcome)
{
	struct bh_receipt_verdict rows[500];
	uint8_t mac[BH_MAC_BYTES];
	assert_true(welcome->verdicts_count <= 500);
	for (size_t i = 0; i < welcome->verdicts_count; i++)
		rows[i] = (struct bh_receipt_verdict){welcome->verdicts[i].seq,
			(uint8_t)welcome->verdicts[i].verdict, (uint16_t)welcome->verdicts[i].code};
	bh_receipt_mac(f->world.hasher, bh_span(BH_WORLD_MAC, 32), f->phone.log_id,
		welcome->acked_seq, welcome->acked_link.data, welcome->received_ms, rows,
		welcome->verdicts_count, mac);
	assert_memory_equal(welcome->mac.data, mac, BH_MAC_BYTES);
}

static void test_welcome__verdicts_whose_ack_was_lost_are_told_under_the_receipt(void **state)
{
	struct bh_single *f = *state;
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_report(&f->phone, "good");
	(void)bh_phone_report(&f->phone, "\xff");
	(void)bh_phone_report(&f->phone, "good again");
	bh_phone_push(&f->phone, 1, 3, true);
	struct bh_msg_ack ack = bh_phone_expect(&f->phone, BH_SERVER_ACK).u.ack;
	assert_int_equal(ack.verdicts_count, 1);
	struct bh_msg_welcome welcome = bh_phone_live(&f->phone);
	assert_int_equal(welcome.acked_seq, 3);
	assert_int_equal(welcome.received_ms, ack.received_ms);
	assert_int_equal(welcome.verdicts_count, 1);
	assert_int_equal(welcome.verdicts[0].seq, 2);
	assert_int_equal(welcome.verdicts[0].verdict, ack.verdicts[0].verdict);
	assert_int_equal(welcome.verdicts[0].code, ack.verdicts[0].code);
	assert_int_equal(welcome.verdicts[0].case_number, 0);
	assert_true(welcome.verdicts[0].sentence.len > 0);
	assert_receipt(f, &welcome);
	assert_int_equal(bh_phone_live(&f->phone).verdicts_count, 0);
}

static void test_welcome__more_verdicts_than_a_frame_holds_end_the_receipt_early(void **state)
{
	struct bh_single *f = *state;
	(void)bh_phone_live(&f->phone);
	for (int i = 0; i < 450; i++)
		(void)bh_phone_report(&f->phone, "\xff");
	bh_phone_push(&f->phone, 1, 450, true);
	assert_int_equal(bh_phone_expect(&f->phone, BH_SERVER_ACK).u.ack.verdicts_count, 450);
	struct bh_msg_welcome welcome = bh_phone_live(&f->phone);
	assert_int_equal(welcome.verdicts_count, 400);
	assert_int_equal(welcome.acked_seq, 400);
	assert_memory_equal(welcome.acked_link.data, f->phone.ops[399].link, BH_HASH_BYTES);
	assert_receipt(f, &welcome);
	bh_phone_push(&f->phone, 401, 50, false);
	struct bh_msg_ack rest = bh_phone_expect(&f->phone, BH_SERVER_ACK).u.ack;
	assert_int_equal(rest.seq, 450);
	assert_int_equal(rest.verdicts_count, 50);
}

static void test_welcome__cursors_of_another_epoch_or_history_start_again(void **state)
{
	struct bh_single *f = *state;
	struct bh_district district;
	uint8_t hash[BH_HASH_BYTES];
	uint64_t head;
	assert_int_equal(bh_reader_district(f->world.reader, &district), 0);
	assert_int_equal(bh_reader_head(f->world.reader, &head, hash), 0);
	for (int i = 0; i < 4; i++) {
		struct bh_msg_cursor cursors[2] = {
			{BH_SCOPE_OWN(BH_SINGLE_WORKER), head}, {BH_SCOPE_UNIT(111), 1}};
		bh_phone_connect(&f->phone);
		struct bh_msg_hello hello = bh_phone_hello(&f->phone);
		hello.cursors = cursors;
		hello.cursors_count = 2;
		hello.epoch = district.epoch + (i == 1 ? 1 : 0);
		uint8_t check[8];
		memcpy(check, hash, sizeof(check));
		check[0] ^= i == 2 ? 1 : 0;
		hello.head_hash = bh_span(check, sizeof(check));
		if (i == 3)
			cursors[0].position = head + 1;
		struct bh_msg_welcome welcome = say(&f->phone, hello);
		assert_int_equal(welcome.from_start, i != 0);
		if (i != 0) { /* and the handset hears when everything was told again */
			struct bh_msg_delta delta = bh_phone_expect(&f->phone, BH_SERVER_DELTA)
							    .u.delta;
			assert_false(delta.more);
			assert_int_equal(delta.epoch, district.epoch);
		}
		bh_phone_expect_nothing(&f->phone);
	}
}

static void test_welcome__scopes_are_what_the_person_may_follow(void **state)
{
	struct bh_single *f = *state;
	struct bh_phone lead;
	struct bh_msg_welcome welcome = bh_phone_live(&f->phone);
	assert_int_equal(welcome.scopes_count, 1);
	assert_true(welcome.scopes[0] == BH_SCOPE_OWN(BH_SINGLE_WORKER));
	bh_phone_enrolled(&f->world, BH_DEMO_LEAD(BH_DEMO_CLEAN_A), &lead);
	welcome = bh_phone_live(&lead);
	assert_int_equal(welcome.scopes_count, 2);
	assert_true(welcome.scopes[1] == BH_SCOPE_UNIT(BH_DEMO_CLEAN_A));
	bh_phone_free(&lead);
}

/* ---- One session a device ---- */

static void test_welcome__the_newest_connection_of_a_device_wins(void **state)
{
	struct bh_single *f = *state;
	struct bh_phone *phone = &f->phone;
	(void)bh_phone_live(phone);
	struct bh_session *older = phone->session;
	phone->session = NULL;
	(void)bh_phone_live(phone);
	assert_true(bh_session_is_closing(older));
	assert_non_null(strstr(bh_session_reason(older), "replaced by a newer connection"));
	struct bh_session *newer = phone->session;
	phone->session = older;
	(void)bh_phone_expect_refusal(phone, BH_REFUSAL_REPLACED);
	bh_phone_hang_up(phone);
	phone->session = newer;
	(void)bh_phone_report(phone, "still here");
	bh_phone_push(phone, 1, 1, true);
	assert_int_equal(bh_phone_expect(phone, BH_SERVER_ACK).u.ack.seq, 1);
	assert_int_equal(counts(f).replaced, 1);
	assert_int_equal(counts(f).proved, 1);
}

static void test_welcome__ops_in_flight_on_the_older_connection_are_repeats_on_the_newer(
	void **state)
{
	struct bh_single *f = *state;
	struct bh_phone *phone = &f->phone;
	(void)bh_phone_live(phone);
	(void)bh_phone_report(phone, "one");
	f->world.held = true;
	bh_phone_push(phone, 1, 1, true);
	struct bh_job *job = bh_hub_take_job(f->world.hub);
	assert_non_null(job);
	struct bh_session *older = phone->session;
	phone->session = NULL;
	assert_int_equal(bh_phone_live(phone).acked_seq, 0);
	bh_session_close(older);
	struct bh_wakes wakes;
	assert_int_equal(bh_writer_run(f->world.writer, f->world.now, &job, 1, &wakes), 0);
	bh_hub_job_done(f->world.hub, f->world.now, bh_world_ms(&f->world), job);
	bh_phone_expect_nothing(phone);
	f->world.held = false;
	bh_phone_push(phone, 1, 1, true);
	struct bh_msg_ack ack = bh_phone_expect(phone, BH_SERVER_ACK).u.ack;
	assert_int_equal(ack.seq, 1);
	assert_int_equal(ack.verdicts_count, 0);
	assert_int_equal(counts(f).repeats, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, bh_single_setup, bh_single_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_welcome__verdicts_whose_ack_was_lost_are_told_under_the_receipt),
		CASE(test_welcome__more_verdicts_than_a_frame_holds_end_the_receipt_early),
		CASE(test_welcome__cursors_of_another_epoch_or_history_start_again),
		CASE(test_welcome__scopes_are_what_the_person_may_follow),
		CASE(test_welcome__the_newest_connection_of_a_device_wins),
		CASE(test_welcome__ops_in_flight_on_the_older_connection_are_repeats_on_the_newer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
