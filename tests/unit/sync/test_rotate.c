/* A device takes another key, by the server's side: both sign, over this very connection, and only
 * in place of the one that holds. */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "server/sync/hub.h"
#include "tests/unit/sync/world.h"

#define WORKER BH_DEMO_WORKER(1111)

struct fixture {
	struct bh_world world;
	struct bh_phone phone;
	struct bh_key *next;
};

static int setup(void **state)
{
	static struct fixture fixture;
	bh_world_open(&fixture.world);
	bh_phone_enrolled(&fixture.world, WORKER, &fixture.phone);
	assert_int_equal(bh_key_generate(&fixture.next), 0);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	bh_key_free(f->next);
	bh_phone_free(&f->phone);
	bh_world_close(&f->world);
	return 0;
}

/* What may be wrong with a Rotate. */
struct wrong {
	bool old_by_next, next_by_old, other_link, other_device, other_key;
};

static void rotate(struct fixture *f, struct wrong wrong)
{
	uint8_t old_key[BH_PUBLIC_KEY_BYTES], next_key[BH_PUBLIC_KEY_BYTES];
	uint8_t old_signature[BH_SIGNATURE_BYTES], next_signature[BH_SIGNATURE_BYTES];
	struct bh_binding binding = f->phone.binding;
	struct bh_buf message = BH_BUF(512);
	bh_key_public(f->phone.key, old_key);
	bh_key_public(f->next, next_key);
	binding.exporter[3] ^= wrong.other_link;
	assert_int_equal(bh_rotate_message(&message, &binding, BH_WORLD_CODE,
				 f->phone.device + wrong.other_device, old_key, next_key),
		0);
	assert_int_equal(bh_key_sign(wrong.old_by_next ? f->next : f->phone.key,
				 bh_buf_span(&message), old_signature),
		0);
	assert_int_equal(bh_key_sign(wrong.next_by_old ? f->phone.key : f->next,
				 bh_buf_span(&message), next_signature),
		0);
	bh_buf_free(&message);
	next_key[0] ^= wrong.other_key;
	struct bh_client_frame frame = {.kind = BH_CLIENT_ROTATE,
		.u.rotate = {bh_span(next_key, sizeof(next_key)),
			bh_span(old_signature, sizeof(old_signature)),
			bh_span(next_signature, sizeof(next_signature))}};
	bh_phone_send(&f->phone, &frame);
}

static void assert_key(struct fixture *f, const struct bh_key *key)
{
	struct bh_device device;
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
	bh_key_public(key, public_key);
	assert_int_equal(bh_reader_device(f->world.reader, f->phone.device, &device), 0);
	assert_memory_equal(device.public_key, public_key, sizeof(public_key));
}

static void live(struct fixture *f)
{
	(void)bh_phone_live(&f->phone);
	(void)bh_phone_drain(&f->phone);
}

static void expect_rotated(struct fixture *f, const struct bh_key *key)
{
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
	struct bh_server_frame frame = bh_phone_expect(&f->phone, BH_SERVER_ROTATED);
	bh_key_public(key, public_key);
	assert_true(
		bh_span_equal(frame.u.rotated.public_key, bh_span(public_key, sizeof(public_key))));
}

static void swap_keys(struct fixture *f)
{
	struct bh_key *old = f->phone.key;
	f->phone.key = f->next;
	f->next = old;
}

static void test_rotate__the_new_key_proves_and_the_old_one_does_not(void **state)
{
	struct fixture *f = *state;
	live(f);
	rotate(f, (struct wrong){0});
	expect_rotated(f, f->next);
	assert_key(f, f->next);
	/* the session goes on, and its heads are signed by the new key */
	swap_keys(f);
	(void)bh_phone_report(&f->phone, "after");
	bh_phone_push(&f->phone, 1, 1, true);
	(void)bh_phone_expect(&f->phone, BH_SERVER_ACK);
	(void)bh_phone_live(&f->phone);
	swap_keys(f);
	bh_phone_connect(&f->phone);
	struct bh_msg_hello hello = bh_phone_hello(&f->phone);
	uint8_t signature[BH_SIGNATURE_BYTES];
	bh_phone_sign_hello(&f->phone, &hello, signature);
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO, .u.hello = hello};
	bh_phone_send(&f->phone, &frame);
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_NOT_PROVED);
}

static void test_rotate__whatever_does_not_hold_changes_nothing(void **state)
{
	static const struct wrong wrongs[] = {{.old_by_next = true}, {.next_by_old = true},
		{.other_link = true}, {.other_device = true}, {.other_key = true}};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		live(f);
		rotate(f, wrongs[i]);
		(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_NOT_PROVED);
		assert_key(f, f->phone.key);
	}
}

static void test_rotate__anothers_key_is_not_taken_and_the_old_one_is_named(void **state)
{
	struct fixture *f = *state;
	struct bh_phone other;
	bh_phone_enrolled(&f->world, WORKER, &other);
	struct bh_key *own = f->next;
	f->next = other.key;
	live(f);
	rotate(f, (struct wrong){0});
	expect_rotated(f, f->phone.key);
	assert_key(f, f->phone.key);
	f->next = own;
	bh_phone_free(&other);
}

static void test_rotate__a_device_that_is_cut_off_keeps_its_key(void **state)
{
	struct fixture *f = *state;
	bh_world_revoke(&f->world, f->phone.device);
	live(f);
	rotate(f, (struct wrong){0});
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_ORDER);
	assert_key(f, f->phone.key);
}

static void test_rotate__before_it_proved_itself_nobody_does(void **state)
{
	struct fixture *f = *state;
	bh_phone_connect(&f->phone);
	rotate(f, (struct wrong){0});
	(void)bh_phone_expect_refusal(&f->phone, BH_REFUSAL_ORDER);
	assert_key(f, f->phone.key);
}

/* A key stays in the journal for ever: a device pays for it as for a log. */
static void test_rotate__no_device_takes_keys_without_end(void **state)
{
	struct fixture *f = *state;
	bh_phone_hang_up(&f->phone);
	bh_world_hub(&f->world, 30, 3000);
	live(f);
	for (int i = 0; i < 3; i++) {
		rotate(f, (struct wrong){0});
		expect_rotated(f, f->next);
		swap_keys(f);
	}
	rotate(f, (struct wrong){0});
	struct bh_msg_refusal busy = bh_phone_expect_refusal(&f->phone, BH_REFUSAL_BUSY);
	assert_true(busy.retry_after_ms > 0);
	assert_key(f, f->phone.key);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_rotate__the_new_key_proves_and_the_old_one_does_not),
		CASE(test_rotate__whatever_does_not_hold_changes_nothing),
		CASE(test_rotate__anothers_key_is_not_taken_and_the_old_one_is_named),
		CASE(test_rotate__a_device_that_is_cut_off_keeps_its_key),
		CASE(test_rotate__before_it_proved_itself_nobody_does),
		CASE(test_rotate__no_device_takes_keys_without_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
