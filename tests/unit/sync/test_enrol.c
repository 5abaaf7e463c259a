/* A code and a key become a device, once (faults.md B09). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "tests/unit/sync/world.h"

#define WORKER BH_DEMO_WORKER(1111)
#define HOUR 3600000

static const uint8_t code_a[BH_CODE_BYTES] = "code-aaaaa";
static const uint8_t code_b[BH_CODE_BYTES] = "code-bbbbb";

static int setup(void **state)
{
	static struct bh_world world;
	bh_world_open(&world);
	*state = &world;
	return 0;
}

static int teardown(void **state)
{
	bh_world_close(*state);
	return 0;
}

static void enrol(struct bh_phone *phone, const uint8_t *code, bool honest)
{
	uint8_t public_key[BH_PUBLIC_KEY_BYTES], signature[BH_SIGNATURE_BYTES];
	struct bh_buf message = BH_BUF(512);
	bh_key_public(phone->key, public_key);
	assert_int_equal(bh_enrol_message(&message, &phone->binding, BH_WORLD_CODE,
				 honest ? code : code_b, public_key, phone->log_id),
		0);
	assert_int_equal(bh_key_sign(phone->key, bh_buf_span(&message), signature), 0);
	bh_buf_free(&message);
	struct bh_client_frame frame = {.kind = BH_CLIENT_ENROL,
		.u.enrol = {.version_min = 1,
			.version_max = 3,
			.code = bh_span(code, BH_CODE_BYTES),
			.public_key = bh_span(public_key, sizeof(public_key)),
			.log_id = bh_span(phone->log_id, BH_LOG_ID_BYTES),
			.signature = bh_span(signature, sizeof(signature)),
			.device_model = bh_span("HW-1", 4)}};
	bh_phone_send(phone, &frame);
}

static void assert_receipt(struct bh_world *world, struct bh_phone *phone,
	const struct bh_msg_enrolled *enrolled, struct bh_msg_enrolment_receipt *receipt)
{
	uint8_t ca[BH_PUBLIC_KEY_BYTES], own[BH_PUBLIC_KEY_BYTES];
	struct bh_buf message = BH_BUF(2048);
	bh_key_public(world->ca, ca);
	bh_key_public(phone->key, own);
	assert_int_equal(bh_receipt_message(&message, enrolled->receipt), 0);
	assert_int_equal(
		bh_key_verify(ca, bh_buf_span(&message), enrolled->receipt_signature.data), 0);
	bh_buf_free(&message);
	assert_int_equal(bh_decode_receipt(enrolled->receipt, &phone->arena, receipt), 0);
	assert_memory_equal(receipt->district.data, BH_WORLD_CODE, strlen(BH_WORLD_CODE));
	assert_memory_equal(receipt->public_key.data, own, sizeof(own));
	assert_memory_equal(receipt->log_id.data, phone->log_id, BH_LOG_ID_BYTES);
	assert_int_equal(receipt->person, WORKER);
	assert_int_equal(receipt->algorithm, BH_ALGORITHM_P256_SHA256);
}

static void test_enrol__gives_a_signed_receipt_and_hello_may_follow(void **state)
{
	struct bh_world *world = *state;
	struct bh_phone phone;
	struct bh_msg_enrolment_receipt receipt;
	uint8_t signature[BH_SIGNATURE_BYTES];
	bh_phone_make(world, WORKER, &phone);
	bh_world_code(world, WORKER, HOUR, code_a);
	bh_phone_connect(&phone);
	enrol(&phone, code_a, true);
	struct bh_server_frame frame = bh_phone_expect(&phone, BH_SERVER_ENROLLED);
	assert_receipt(world, &phone, &frame.u.enrolled, &receipt);
	assert_false(bh_session_is_closing(phone.session));
	phone.device = receipt.device;
	struct bh_client_frame hello = {.kind = BH_CLIENT_HELLO};
	hello.u.hello = bh_phone_hello(&phone);
	bh_phone_sign_hello(&phone, &hello.u.hello, signature);
	bh_phone_send(&phone, &hello);
	struct bh_msg_welcome welcome = bh_phone_expect(&phone, BH_SERVER_WELCOME).u.welcome;
	assert_int_equal(welcome.log_short, receipt.log_short);
	assert_int_equal(welcome.acked_seq, 0);
	bh_phone_free(&phone);
}

static void test_enrol__tells_the_workers_own_grids_and_posts_only(void **state)
{
	struct bh_world *world = *state;
	struct bh_phone phone;
	bh_phone_make(world, WORKER, &phone);
	bh_world_code(world, WORKER, HOUR, code_a);
	bh_phone_connect(&phone);
	enrol(&phone, code_a, true);
	struct bh_server_frame frame = bh_phone_expect(&phone, BH_SERVER_ENROLLED);
	const struct bh_msg_district *district = &frame.u.enrolled.district;
	assert_int_equal(district->version, 1);
	assert_int_equal(district->person, WORKER);
	assert_int_equal(district->types_count, BH_DEMO_TYPES);
	assert_int_equal(district->units_count, BH_DEMO_UNITS);
	assert_int_equal(district->grids_count, 1);
	assert_int_equal(district->grids[0].id, 1111);
	assert_int_equal(district->grids[0].ring_e7_count, BH_DEMO_RING);
	assert_int_equal(district->posts_count, 1);
	assert_int_equal(district->posts[0].person, WORKER);
	bh_phone_free(&phone);
}

static void test_enrol__nothing_is_said_before_the_commit(void **state)
{
	struct bh_world *world = *state;
	struct bh_phone phone;
	bh_phone_make(world, WORKER, &phone);
	bh_world_code(world, WORKER, HOUR, code_a);
	bh_phone_connect(&phone);
	world->held = true;
	enrol(&phone, code_a, true);
	bh_phone_expect_nothing(&phone);
	world->held = false;
	bh_world_pump(world);
	(void)bh_phone_expect(&phone, BH_SERVER_ENROLLED);
	bh_phone_free(&phone);
}

static void test_enrol__the_same_handset_asking_again_gets_the_same_device(void **state)
{
	struct bh_world *world = *state;
	struct bh_phone phone;
	struct bh_msg_enrolment_receipt first, second;
	bh_phone_make(world, WORKER, &phone);
	bh_world_code(world, WORKER, HOUR, code_a);
	bh_phone_connect(&phone);
	enrol(&phone, code_a, true);
	struct bh_server_frame frame = bh_phone_expect(&phone, BH_SERVER_ENROLLED);
	assert_receipt(world, &phone, &frame.u.enrolled, &first);
	bh_world_pass(world, 2 * HOUR);
	bh_phone_connect(&phone);
	enrol(&phone, code_a, true);
	frame = bh_phone_expect(&phone, BH_SERVER_ENROLLED);
	assert_receipt(world, &phone, &frame.u.enrolled, &second);
	assert_int_equal(first.device, second.device);
	assert_int_equal(first.log_short, second.log_short);
	assert_true(first.enrolled_ms == second.enrolled_ms);
	bh_phone_free(&phone);
}

static void test_enrol__a_revoked_handset_is_not_told_again(void **state)
{
	struct bh_world *world = *state;
	struct bh_phone phone;
	struct bh_msg_enrolment_receipt receipt;
	bh_phone_make(world, WORKER, &phone);
	bh_world_code(world, WORKER, HOUR, code_a);
	bh_phone_connect(&phone);
	enrol(&phone, code_a, true);
	struct bh_server_frame frame = bh_phone_expect(&phone, BH_SERVER_ENROLLED);
	assert_receipt(world, &phone, &frame.u.enrolled, &receipt);
	bh_world_revoke(world, receipt.device);
	bh_phone_connect(&phone);
	enrol(&phone, code_a, true);
	(void)bh_phone_expect_refusal(&phone, BH_REFUSAL_CODE);
	bh_phone_free(&phone);
}

/* The writer took the code; before its answer was made the device was revoked. */
static void test_enrol__who_is_revoked_before_the_answer_is_told_nothing(void **state)
{
	struct bh_world *world = *state;
	struct bh_phone phone;
	struct bh_wakes wakes;
	bh_phone_make(world, WORKER, &phone);
	bh_world_code(world, WORKER, HOUR, code_a);
	bh_phone_connect(&phone);
	world->held = true;
	enrol(&phone, code_a, true);
	struct bh_job *job = bh_hub_take_job(world->hub);
	assert_int_equal(bh_writer_run(world->writer, world->now, &job, 1, &wakes), 0);
	bh_world_revoke(world, job->outcomes[0].id);
	bh_hub_job_done(world->hub, world->now, bh_world_ms(world), job);
	world->held = false;
	(void)bh_phone_expect_refusal(&phone, BH_REFUSAL_CODE);
	bh_phone_free(&phone);
}

static void test_enrol__asking_again_has_the_price_of_a_failure(void **state)
{
	struct bh_world *world = *state;
	struct bh_phone phone;
	bh_world_hub(world, 1, 0);
	bh_phone_make(world, WORKER, &phone);
	bh_world_code(world, WORKER, HOUR, code_a);
	for (int i = 0; i < 2; i++) { /* the answer may be lost once */
		bh_phone_connect(&phone);
		enrol(&phone, code_a, true);
		(void)bh_phone_expect(&phone, BH_SERVER_ENROLLED);
	}
	bh_phone_connect(&phone);
	enrol(&phone, code_a, true);
	bh_world_pass(world, bh_phone_expect_refusal(&phone, BH_REFUSAL_BUSY).retry_after_ms);
	bh_phone_connect(&phone);
	enrol(&phone, code_a, true);
	(void)bh_phone_expect(&phone, BH_SERVER_ENROLLED);
	bh_phone_free(&phone);
}

static void test_enrol__wrong_used_and_expired_codes_are_one_word(void **state)
{
	struct bh_world *world = *state;
	struct bh_phone first, second;
	bh_phone_make(world, WORKER, &first);
	bh_phone_make(world, WORKER, &second);
	bh_phone_connect(&second);
	enrol(&second, code_a, true); /* not given out */
	struct bh_msg_refusal wrong = bh_phone_expect_refusal(&second, BH_REFUSAL_CODE);
	bh_world_code(world, WORKER, HOUR, code_a);
	bh_world_code(world, WORKER, HOUR, code_b);
	bh_phone_connect(&first);
	enrol(&first, code_a, true);
	(void)bh_phone_expect(&first, BH_SERVER_ENROLLED);
	bh_phone_connect(&second);
	enrol(&second, code_a, true); /* used by another key */
	struct bh_msg_refusal used = bh_phone_expect_refusal(&second, BH_REFUSAL_CODE);
	bh_world_pass(world, HOUR + 1);
	bh_phone_connect(&second);
	enrol(&second, code_b, true);
	struct bh_msg_refusal expired = bh_phone_expect_refusal(&second, BH_REFUSAL_CODE);
	assert_true(bh_span_equal(wrong.sentence, used.sentence));
	assert_true(bh_span_equal(wrong.sentence, expired.sentence));
	bh_phone_free(&first);
	bh_phone_free(&second);
}

static void test_enrol__a_signature_that_does_not_hold_spends_no_code(void **state)
{
	struct bh_world *world = *state;
	struct bh_phone phone;
	bh_phone_make(world, WORKER, &phone);
	bh_world_code(world, WORKER, HOUR, code_a);
	bh_phone_connect(&phone);
	enrol(&phone, code_a, false);
	(void)bh_phone_expect_refusal(&phone, BH_REFUSAL_NOT_PROVED);
	bh_phone_connect(&phone);
	enrol(&phone, code_a, true);
	(void)bh_phone_expect(&phone, BH_SERVER_ENROLLED);
	bh_phone_free(&phone);
}

static void test_enrol__guessing_makes_its_source_wait_for_each_guess(void **state)
{
	struct bh_world *world = *state;
	struct bh_phone phone;
	struct bh_hub_counts counts;
	bh_world_hub(world, 3, 0);
	bh_phone_make(world, WORKER, &phone);
	bh_world_code(world, WORKER, HOUR, code_b);
	for (int i = 0; i < 3; i++) {
		bh_phone_connect(&phone);
		enrol(&phone, code_a, true);
		(void)bh_phone_expect_refusal(&phone, BH_REFUSAL_CODE);
	}
	/* Three a minute: each 20 s pay for one more, and a minute's end for no others. */
	for (int i = 0; i < 5; i++) {
		bh_world_pass(world, 15000);
		bh_phone_connect(&phone);
		enrol(&phone, code_a, true);
		struct bh_msg_refusal busy = bh_phone_expect_refusal(&phone, BH_REFUSAL_BUSY);
		assert_in_range(busy.retry_after_ms, 1, 20000);
		bh_world_pass(world, busy.retry_after_ms);
		bh_phone_connect(&phone);
		enrol(&phone, code_a, true);
		(void)bh_phone_expect_refusal(&phone, BH_REFUSAL_CODE);
	}
	bh_world_pass(world, 20000);
	bh_phone_connect(&phone);
	enrol(&phone, code_b, true);
	(void)bh_phone_expect(&phone, BH_SERVER_ENROLLED);
	bh_hub_counts(world->hub, &counts);
	assert_int_equal(counts.enrol_failures, 8);
	assert_int_equal(counts.enrolled, 1);
	bh_phone_free(&phone);
}

static void test_enrol__guessing_keeps_nobody_else_out(void **state)
{
	struct bh_world *world = *state;
	struct bh_phone guesser, worker;
	bh_world_hub(world, 3, 0);
	bh_phone_make(world, WORKER, &guesser);
	bh_phone_make(world, WORKER, &worker);
	guesser.source = 0x7f000001;
	worker.source = 0x7f000002;
	bh_world_code(world, WORKER, HOUR, code_b);
	for (int i = 0; i < 3; i++) {
		bh_phone_connect(&guesser);
		enrol(&guesser, code_a, true);
		(void)bh_phone_expect_refusal(&guesser, BH_REFUSAL_CODE);
	}
	bh_phone_connect(&guesser);
	enrol(&guesser, code_a, true);
	(void)bh_phone_expect_refusal(&guesser, BH_REFUSAL_BUSY);
	bh_phone_connect(&worker);
	enrol(&worker, code_b, true);
	(void)bh_phone_expect(&worker, BH_SERVER_ENROLLED);
	bh_phone_free(&guesser);
	bh_phone_free(&worker);
}

static void test_enrol__storage_that_fails_spends_no_code_and_says_when(void **state)
{
	struct bh_world *world = *state;
	struct bh_phone phone;
	bh_phone_make(world, WORKER, &phone);
	bh_world_code(world, WORKER, HOUR, code_a);
	bh_phone_connect(&phone);
	world->held = true;
	enrol(&phone, code_a, true);
	struct bh_job *job = bh_hub_take_job(world->hub);
	assert_non_null(job);
	job->err = BH_ERR_FULL;
	bh_hub_job_done(world->hub, world->now, bh_world_ms(world), job);
	world->held = false;
	assert_true(bh_phone_expect_refusal(&phone, BH_REFUSAL_STORAGE).retry_after_ms > 0);
	bh_phone_connect(&phone);
	enrol(&phone, code_a, true);
	(void)bh_phone_expect(&phone, BH_SERVER_ENROLLED);
	bh_phone_free(&phone);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_enrol__gives_a_signed_receipt_and_hello_may_follow),
		CASE(test_enrol__tells_the_workers_own_grids_and_posts_only),
		CASE(test_enrol__nothing_is_said_before_the_commit),
		CASE(test_enrol__the_same_handset_asking_again_gets_the_same_device),
		CASE(test_enrol__a_revoked_handset_is_not_told_again),
		CASE(test_enrol__who_is_revoked_before_the_answer_is_told_nothing),
		CASE(test_enrol__asking_again_has_the_price_of_a_failure),
		CASE(test_enrol__wrong_used_and_expired_codes_are_one_word),
		CASE(test_enrol__a_signature_that_does_not_hold_spends_no_code),
		CASE(test_enrol__guessing_makes_its_source_wait_for_each_guess),
		CASE(test_enrol__guessing_keeps_nobody_else_out),
		CASE(test_enrol__storage_that_fails_spends_no_code_and_says_when),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
