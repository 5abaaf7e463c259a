/* Who is let in, who is not, and what is said to whom (faults.md A08, B03, B06). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "server/sync/hub.h"
#include "tests/unit/sync/world.h"

#define WORKER BH_DEMO_WORKER(1111)
#define OTHER BH_DEMO_WORKER(1112)

struct fixture {
	struct bh_world world;
	struct bh_phone phone, other;
};

static int setup(void **state)
{
	static struct fixture fixture;
	bh_world_open(&fixture.world);
	bh_phone_enrolled(&fixture.world, WORKER, &fixture.phone);
	bh_phone_enrolled(&fixture.world, OTHER, &fixture.other);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	bh_phone_free(&f->phone);
	bh_phone_free(&f->other);
	bh_world_close(&f->world);
	return 0;
}

static struct bh_hub_counts counts(struct fixture *f)
{
	struct bh_hub_counts out;
	bh_hub_counts(f->world.hub, &out);
	return out;
}

/* ---- B03: what does not prove itself ---- */

enum lie {
	LIE_NONE,
	LIE_WRONG_KEY,
	LIE_OTHER_CONNECTION,
	LIE_OTHER_SERVER,
	LIE_OTHER_DISTRICT,
	LIE_OTHER_DEVICE,
	LIE_UNKNOWN_DEVICE,
	LIE_OTHER_LOG,
	LIE_SIGNED_OTHER_LOG,
	LIE_GARBAGE,
	LIE_ZERO_SIGNATURE,
	LIE_FLIPPED_BIT,
	LIE_COUNT,
};

static void sign_as(struct bh_phone *phone, const struct bh_binding *binding, const char *district,
	uint32_t device, const uint8_t *log_id, uint8_t signature[BH_SIGNATURE_BYTES])
{
	struct bh_buf message = BH_BUF(512);
	assert_int_equal(bh_session_message(&message, binding, district, device, log_id), 0);
	assert_int_equal(bh_key_sign(phone->key, bh_buf_span(&message), signature), 0);
	bh_buf_free(&message);
}

static void lie_sign(struct fixture *f, enum lie lie, struct bh_msg_hello *hello,
	uint8_t signature[BH_SIGNATURE_BYTES])
{
	struct bh_phone *phone = &f->phone;
	struct bh_binding binding = phone->binding;
	const char *district = lie == LIE_OTHER_DISTRICT ? "371483" : BH_WORLD_CODE;
	const uint8_t *log_id = phone->log_id;
	if (lie == LIE_OTHER_CONNECTION)
		binding.exporter[5] ^= 1;
	if (lie == LIE_OTHER_SERVER)
		binding.server_key_hash[0] ^= 1;
	if (lie == LIE_OTHER_DEVICE)
		hello->device = f->other.device;
	if (lie == LIE_UNKNOWN_DEVICE)
		hello->device = 4242;
	if (lie == LIE_OTHER_LOG)
		log_id = f->other.log_id;
	if (lie == LIE_OTHER_LOG || lie == LIE_SIGNED_OTHER_LOG)
		hello->log_id = bh_span(f->other.log_id, BH_LOG_ID_BYTES);
	sign_as(lie == LIE_WRONG_KEY ? &f->other : phone, &binding, district, hello->device, log_id,
		signature);
	if (lie == LIE_GARBAGE)
		memset(signature, 0xa5, BH_SIGNATURE_BYTES);
	if (lie == LIE_ZERO_SIGNATURE)
		memset(signature, 0, BH_SIGNATURE_BYTES);
	if (lie == LIE_FLIPPED_BIT)
		signature[63] ^= 1;
	hello->signature = bh_span(signature, BH_SIGNATURE_BYTES);
}

static void test_hello__every_lie_is_not_proved_in_one_word(void **state)
{
	struct fixture *f = *state;
	for (enum lie lie = LIE_NONE; lie < LIE_COUNT; lie++) {
		uint8_t signature[BH_SIGNATURE_BYTES];
		struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
		bh_phone_connect(&f->phone);
		frame.u.hello = bh_phone_hello(&f->phone);
		lie_sign(f, lie, &frame.u.hello, signature);
		bh_phone_send(&f->phone, &frame);
		if (lie == LIE_NONE) {
			(void)bh_phone_expect(&f->phone, BH_SERVER_WELCOME);
			continue;
		}
		struct bh_msg_refusal refusal = bh_phone_expect_refusal(
			&f->phone, BH_REFUSAL_NOT_PROVED);
		assert_int_equal(refusal.retry_after_ms, 0);
		bh_phone_expect_nothing(&f->phone);
		assert_true(bh_session_is_closing(f->phone.session));
		assert_int_equal(bh_session_device(f->phone.session), 0);
		assert_true(strlen(bh_session_reason(f->phone.session)) > 0);
	}
	assert_int_equal(counts(f).refused, LIE_COUNT - 1);
}

static void test_hello__nothing_but_hello_and_enrol_comes_before_it(void **state)
{
	struct fixture *f = *state;
	bh_phone_connect(&f->phone);
	(void)bh_phone_report(&f->phone, "a report without a word before it");
	bh_phone_push(&f->phone, 1, 1, true);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_ORDER);
	assert_true(bh_session_is_closing(f->phone.session));
	assert_int_equal(counts(f).ops, 0);
}

static void test_hello__a_signature_is_worth_nothing_on_the_next_connection(void **state)
{
	struct fixture *f = *state;
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
	bh_phone_connect(&f->phone);
	frame.u.hello = bh_phone_hello(&f->phone);
	bh_phone_sign_hello(&f->phone, &frame.u.hello, signature);
	bh_phone_send(&f->phone, &frame);
	(void)bh_phone_expect(&f->phone, BH_SERVER_WELCOME);
	bh_phone_connect(&f->phone);
	bh_phone_send(&f->phone, &frame);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_NOT_PROVED);
}

static void test_hello__a_revoked_device_hears_so_only_after_its_signature_held(void **state)
{
	struct fixture *f = *state;
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
	bh_world_revoke(&f->world, f->phone.device);
	bh_phone_connect(&f->phone);
	frame.u.hello = bh_phone_hello(&f->phone);
	bh_phone_sign_hello(&f->phone, &frame.u.hello, signature);
	bh_phone_send(&f->phone, &frame);
	assert_true(bh_phone_expect(&f->phone, BH_SERVER_WELCOME).u.welcome.draining);
	bh_phone_connect(&f->phone);
	signature[10] ^= 1;
	bh_phone_send(&f->phone, &frame);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_NOT_PROVED);
}

static void test_hello__a_version_we_do_not_speak_is_told_which_we_do(void **state)
{
	struct fixture *f = *state;
	const uint32_t ranges[][2] = {{2, 9}, {0, 0}};
	for (size_t i = 0; i < 2; i++) {
		uint8_t signature[BH_SIGNATURE_BYTES];
		struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
		bh_phone_connect(&f->phone);
		frame.u.hello = bh_phone_hello(&f->phone);
		frame.u.hello.version_min = ranges[i][0];
		frame.u.hello.version_max = ranges[i][1];
		bh_phone_sign_hello(&f->phone, &frame.u.hello, signature);
		bh_phone_send(&f->phone, &frame);
		struct bh_msg_refusal refusal = bh_phone_expect_refusal(
			&f->phone, BH_REFUSAL_VERSION);
		assert_int_equal(refusal.version_min, 1);
		assert_int_equal(refusal.version_max, 1);
	}
}

static void hello_with(struct fixture *f, int64_t wall_ms, int64_t mono_ms)
{
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
	frame.u.hello = bh_phone_hello(&f->phone);
	frame.u.hello.wall_ms = wall_ms;
	frame.u.hello.mono_ms = mono_ms;
	bh_phone_sign_hello(&f->phone, &frame.u.hello, signature);
	bh_phone_send(&f->phone, &frame);
	(void)bh_phone_expect(&f->phone, BH_SERVER_WELCOME);
}

static void test_hello__clocks_that_cannot_be_are_believed_nothing(void **state)
{
	struct fixture *f = *state;
	const int64_t cannot[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX, INT64_MAX - 1};
	for (size_t i = 0; i < 4; i++) {
		const struct bh_msg_op_header header = {
			.boot = 1, .captured_ms = bh_world_ms(&f->world), .boot_ms = 0};
		int64_t offset_ms, bound_ms;
		bh_phone_connect(&f->phone);
		hello_with(f, cannot[i], cannot[i]);
		bh_capture_offset(
			f->phone.session, bh_world_ms(&f->world), &header, &offset_ms, &bound_ms);
		assert_true(offset_ms == INT64_MAX && bound_ms == INT64_MAX);
	}
}

static void test_hello__took_no_longer_than_since_its_link_began(void **state)
{
	struct fixture *f = *state;
	bh_phone_connect(&f->phone);
	bh_session_linked(f->phone.session, f->world.now.mono_ms - 3000);
	bh_world_pass(&f->world, 5000);
	hello_with(f, f->world.now.wall_ms, f->world.now.mono_ms);
	assert_int_equal(f->phone.session->hello_bound_ms, 8000);
	bh_phone_connect(&f->phone);
	hello_with(f, f->world.now.wall_ms, f->world.now.mono_ms);
	assert_int_equal(f->phone.session->hello_bound_ms, BH_HELLO_BOUND_MS);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_hello__every_lie_is_not_proved_in_one_word),
		CASE(test_hello__nothing_but_hello_and_enrol_comes_before_it),
		CASE(test_hello__a_signature_is_worth_nothing_on_the_next_connection),
		CASE(test_hello__a_revoked_device_hears_so_only_after_its_signature_held),
		CASE(test_hello__a_version_we_do_not_speak_is_told_which_we_do),
		CASE(test_hello__clocks_that_cannot_be_are_believed_nothing),
		CASE(test_hello__took_no_longer_than_since_its_link_began),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
