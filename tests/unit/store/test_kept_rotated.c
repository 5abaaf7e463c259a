/* A key that was replaced does not come to life again: not by an older copy of the district, not by
 * one from between two rotations, not where a device came back to a key it had (I16). */
#include "tests/unit/store/kit.h"

#define KEPT "/330106.kept"
#define COPIES 4u

struct rotated {
	struct kit kit;
	struct phone phone;
};

static int setup(void **state)
{
	struct rotated *r = test_calloc(1, sizeof(*r));

	kit_open(&r->kit, 52);
	kit_down(&r->kit);
	r->kit.options.kept_path = KEPT;
	assert_int_equal(kit_up(&r->kit), 0);
	kit_enrol(&r->kit, &r->phone, BH_DEMO_WORKER(1111), 1);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rotated *r = *state;

	kit_close(&r->kit);
	test_free(r);
	return 0;
}

/* By a session of the device, or by an administrator. */
static struct bh_outcome rotate_by(struct rotated *r, uint32_t device, uint8_t from, uint8_t to)
{
	uint8_t replaces[BH_PUBLIC_KEY_BYTES], key[BH_PUBLIC_KEY_BYTES];
	struct bh_msg_entry_rotated rotated = {.device = r->phone.device,
		.public_key = bh_span(key, sizeof(key)),
		.replaces = bh_span(replaces, sizeof(replaces))};

	memset(key, to, sizeof(key));
	memset(replaces, from, sizeof(replaces));
	if (from == 0)
		memcpy(replaces, r->phone.key, sizeof(replaces));
	if (to == 0)
		memcpy(key, r->phone.key, sizeof(key));
	r->kit.payload.len = 0;
	assert_int_equal(bh_encode_entry_rotated(&rotated, &r->kit.payload), 0);
	struct bh_command command = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_ROTATED,
		.device = device,
		.payload = bh_buf_span(&r->kit.payload)};
	return kit_run(&r->kit, &command);
}

static struct bh_outcome rotate(struct rotated *r, uint8_t from, uint8_t to)
{
	return rotate_by(r, r->phone.device, from, to);
}

static void copy(struct rotated *r, const char *path)
{
	bool done = false;

	assert_int_equal(bh_writer_copy_begin(r->kit.writer, path), 0);
	while (!done)
		assert_int_equal(bh_writer_copy_step(r->kit.writer, 64, &done), 0);
}

static void put_back(struct rotated *r, const char *path)
{
	kit_down(&r->kit);
	r->kit.options.path = path;
	assert_int_equal(kit_up(&r->kit), 0);
}

static void assert_key(struct rotated *r, uint8_t byte)
{
	uint8_t key[BH_PUBLIC_KEY_BYTES];
	struct bh_device device;

	memset(key, byte, sizeof(key));
	if (byte == 0)
		memcpy(key, r->phone.key, sizeof(key));
	assert_int_equal(bh_reader_device(r->kit.reader, r->phone.device, &device), 0);
	assert_memory_equal(device.public_key, key, sizeof(key));
}

static uint64_t epoch(struct rotated *r)
{
	struct bh_district district;

	assert_int_equal(bh_reader_district(r->kit.reader, &district), 0);
	return district.epoch;
}

static void assert_verifies(struct rotated *r)
{
	struct bh_verify_report report;

	assert_int_equal(kit_verify(&r->kit, &report), 0);
}

static void test_rotated__is_taken_in_place_of_the_one_that_holds_alone(void **state)
{
	struct rotated *r = *state;

	assert_int_equal(rotate(r, 0x77, 0x21).verdict, BH_VERDICT_REJECTED);
	assert_key(r, 0);
	assert_int_equal(rotate(r, 0, 0x21).verdict, BH_VERDICT_ACCEPTED);
	assert_key(r, 0x21);
	struct bh_outcome again = rotate(r, 0, 0x21); /* the answer was lost */
	assert_int_equal(again.verdict, BH_VERDICT_ACCEPTED);
	assert_true(again.repeat);
	assert_int_equal(rotate(r, 0, 0x22).verdict, BH_VERDICT_REJECTED);
	assert_key(r, 0x21);
	kit_restart(&r->kit, true);
	assert_key(r, 0x21);
	assert_int_equal(epoch(r), 1);
	assert_verifies(r);
	assert_int_equal(kit_revoke(&r->kit, r->phone.device).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(rotate(r, 0x21, 0x23).verdict, BH_VERDICT_REJECTED);
}

static void test_rotated__no_older_copy_brings_a_key_back(void **state)
{
	static const char *const paths[COPIES] = {"/d/0.db", "/d/1.db", "/d/2.db", "/d/3.db"};
	struct rotated *r = *state;

	for (uint8_t i = 0; i < COPIES; i++) {
		copy(r, paths[i]);
		assert_int_equal(
			rotate(r, i ? (uint8_t)(0x30 + i) : 0, (uint8_t)(0x31 + i)).verdict,
			BH_VERDICT_ACCEPTED);
	}
	for (uint8_t i = 0; i < COPIES; i++) {
		put_back(r, paths[i]);
		assert_key(r, 0x30 + COPIES);
		assert_int_equal(epoch(r), 2u + i);
		kit_restart(&r->kit, true);
		assert_key(r, 0x30 + COPIES);
		assert_int_equal(epoch(r), 2u + i); /* it is in step: nothing is done again */
		assert_verifies(r);
	}
}

static void test_rotated__a_device_may_come_back_to_a_key_it_had(void **state)
{
	struct rotated *r = *state;

	assert_int_equal(rotate(r, 0, 0x41).verdict, BH_VERDICT_ACCEPTED);
	copy(r, "/d/between.db");
	assert_int_equal(rotate(r, 0x41, 0).verdict, BH_VERDICT_ACCEPTED);
	for (int i = 0; i < 3; i++) {
		kit_restart(&r->kit, i == 1);
		assert_key(r, 0);
		assert_int_equal(epoch(r), 1);
	}
	put_back(r, "/d/between.db");
	assert_key(r, 0);
	assert_int_equal(epoch(r), 2);
}

/* The file was moved away, or the process died before it was written: it is brought up. */
static void test_rotated__a_file_that_lacks_it_gets_it(void **state)
{
	struct rotated *r = *state;

	copy(r, "/d/first.db");
	kit_down(&r->kit);
	r->kit.options.kept_path = NULL;
	assert_int_equal(kit_up(&r->kit), 0);
	assert_int_equal(rotate(r, 0, 0x51).verdict, BH_VERDICT_ACCEPTED);
	kit_down(&r->kit);
	r->kit.options.kept_path = KEPT;
	assert_int_equal(kit_up(&r->kit), 0);
	assert_key(r, 0x51);
	put_back(r, "/d/first.db");
	assert_key(r, 0x51);
}

/* To one that nobody had; *key is moved on where it is taken. */
static struct bh_outcome rotate_on(struct rotated *r, uint8_t *key)
{
	uint8_t next = *key ? (uint8_t)(*key + 1) : 0x60;
	struct bh_outcome outcome = rotate(r, *key, next);

	if (outcome.verdict == BH_VERDICT_ACCEPTED)
		*key = next;
	return outcome;
}

/* Each is a line that stays, and a share of the day comes back with the time. */
static void test_rotated__a_device_takes_only_so_many_keys_a_day_and_in_its_life(void **state)
{
	const int64_t day = 24 * 60 * KIT_MINUTE, share = day / BH_DEVICE_KEYS_A_DAY;
	struct rotated *r = *state;
	uint8_t key = 0;

	kit_down(&r->kit);
	r->kit.options.device_keys_max = BH_DEVICE_KEYS_A_DAY + 2;
	assert_int_equal(kit_up(&r->kit), 0);
	for (unsigned i = 0; i < BH_DEVICE_KEYS_A_DAY; i++)
		assert_int_equal(rotate_on(r, &key).verdict, BH_VERDICT_ACCEPTED);
	for (int i = 0; i < 3; i++) {
		struct bh_outcome refused = rotate_on(r, &key);
		assert_int_equal(refused.verdict, BH_VERDICT_REJECTED);
		assert_int_equal(refused.reason, BH_REASON_NOT_NOW);
		assert_true(refused.at_ms > KIT_START_MS);
		kit_restart(&r->kit, i == 1);
	}
	assert_true(rotate(r, (uint8_t)(key - 1), key).repeat);
	assert_key(r, key);
	kit_pass(&r->kit, share);
	assert_int_equal(rotate_on(r, &key).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(rotate_on(r, &key).reason, BH_REASON_NOT_NOW);
	kit_pass(&r->kit, 2 * day);
	assert_int_equal(rotate_on(r, &key).verdict, BH_VERDICT_ACCEPTED);
	kit_pass(&r->kit, 2 * day);
	assert_int_equal(rotate_on(r, &key).reason, BH_REASON_GUARD);
	assert_key(r, key);
	assert_verifies(r);
}

/* Whoever rotates cannot keep an administrator from shutting one out. */
static void test_rotated__no_key_takes_the_room_of_revocations(void **state)
{
	struct rotated *r = *state;
	struct bh_outcome refused = {0};
	struct bh_writer_counts counts;
	uint8_t key = 0;

	kit_down(&r->kit);
	r->kit.options.kept_bytes_max = 16384;
	r->kit.options.device_keys_a_day = 200;
	assert_int_equal(kit_up(&r->kit), 0);
	while (refused.verdict != BH_VERDICT_REJECTED && key < 0xf0)
		refused = rotate_on(r, &key);
	assert_true(key > 0x60 + 10);
	assert_int_equal(refused.reason, BH_REASON_GUARD);
	bh_writer_counts(r->kit.writer, &counts);
	assert_true(counts.kept_bytes < 16384);
	assert_int_equal(r->kit.wakes.kicked_count, 0);
	assert_int_equal(rotate_by(r, 0, key, 0xf7).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(r->kit.wakes.kicked_count, 1); /* whoever has the key before is cut off */
	assert_int_equal(kit_revoke(&r->kit, r->phone.device).verdict, BH_VERDICT_ACCEPTED);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_rotated__is_taken_in_place_of_the_one_that_holds_alone),
		CASE(test_rotated__no_older_copy_brings_a_key_back),
		CASE(test_rotated__a_device_may_come_back_to_a_key_it_had),
		CASE(test_rotated__a_file_that_lacks_it_gets_it),
		CASE(test_rotated__a_device_takes_only_so_many_keys_a_day_and_in_its_life),
		CASE(test_rotated__no_key_takes_the_room_of_revocations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
