/* B04: the pins of a handset move one step, when it is answered by its backup key and that names
 * the next one; nobody else moves them, and what moves is durable with the District that said so.
 */
#include "tests/unit/client/scripted.h"

#include <string.h>

#include "proto/err.h"

#define KEYS 4u
#define DISTRICT "340803"
#define VERSION 5u

struct fixture {
	struct scripted *s;
	struct bh_key *keys[KEYS];
	uint8_t points[KEYS][BH_PUBLIC_KEY_BYTES];
	uint8_t pins[KEYS][BH_PIN_BYTES];
	uint8_t signature[BH_SIGNATURE_BYTES];
};

static struct fixture f;

static int setup(void **state)
{
	int rc = scripted_setup(state);

	f = (struct fixture){.s = *state};
	for (size_t i = 0; i < KEYS; i++) {
		assert_int_equal(bh_key_generate(&f.keys[i]), 0);
		bh_key_public(f.keys[i], f.points[i]);
		assert_int_equal(bh_key_pin(f.points[i], f.pins[i]), 0);
	}
	return rc;
}

static int teardown(void **state)
{
	for (size_t i = 0; i < KEYS; i++)
		bh_key_free(f.keys[i]);
	return scripted_teardown(state);
}

/* What enrolment left: the first keys of f. */
static void hold(size_t count)
{
	const struct bh_msg_district district = scripted_district();
	struct bh_pins pins = {.count = count};

	memcpy(pins.pins, f.pins, count * BH_PIN_BYTES);
	assert_int_equal(bh_local_district(f.s->local, &district, &pins), 0);
}

static struct bh_device device(void)
{
	struct bh_device out;

	assert_int_equal(bh_local_device(f.s->local, &out), 0);
	return out;
}

static void assert_pins(size_t count, const size_t *keys)
{
	struct bh_device now = device();

	assert_int_equal(now.pins_count, count);
	for (size_t i = 0; i < count; i++)
		assert_memory_equal(now.pins[i], f.pins[keys[i]], BH_PIN_BYTES);
}

static struct bh_server_frame told(size_t signer, size_t backup)
{
	struct bh_server_frame frame = {
		.kind = BH_SERVER_DISTRICT, .u.district = scripted_district()};
	struct bh_buf message = BH_BUF(256);

	assert_int_equal(bh_pins_message(&message, DISTRICT, f.pins[backup]), 0);
	assert_int_equal(bh_key_sign(f.keys[signer], bh_buf_span(&message), f.signature), 0);
	bh_buf_free(&message);
	frame.u.district.version = VERSION;
	frame.u.district.backup_pin = bh_span(f.pins[backup], BH_PIN_BYTES);
	frame.u.district.pins_signature = bh_span(f.signature, sizeof(f.signature));
	return frame;
}

/* A session whose link was judged by this key; NULL: nobody knows by which. */
static void answered_by(const uint8_t *point)
{
	if (!f.s->engine)
		scripted_engine(f.s);
	if (point)
		bh_engine_ca_key(f.s->engine, point);
	scripted_session(f.s);
}

static void give(size_t answers, size_t signer, size_t backup)
{
	const struct bh_server_frame frame = told(signer, backup);

	answered_by(f.points[answers]);
	scripted_give(f.s, &frame);
}

static void assert_version(uint32_t version)
{
	assert_int_equal(device().profile_version, version);
}

static void test_pins__move_one_step_with_each_roll(void **state)
{
	(void)state;
	hold(2);
	give(1, 1, 2);
	assert_pins(3, (const size_t[]){1, 2, 0});
	assert_version(VERSION ^ bh_pin_mark(f.pins[2]));
	scripted_cut(f.s);
	scripted_crash(f.s);
	assert_pins(3, (const size_t[]){1, 2, 0});
	scripted_later(f.s, 2000);
	give(2, 2, 3);
	assert_pins(3, (const size_t[]){2, 3, 1});
	scripted_cut(f.s);
	scripted_later(f.s, 2000);
	scripted_connect(f.s);
	assert_int_equal(scripted_take(f.s, BH_CLIENT_HELLO).u.hello.profile_version,
		VERSION ^ bh_pin_mark(f.pins[3]));
}

static void test_pins__what_is_known_is_acknowledged(void **state)
{
	(void)state;
	hold(2);
	give(0, 0, 1);
	assert_pins(2, (const size_t[]){0, 1});
	assert_version(VERSION ^ bh_pin_mark(f.pins[1]));
}

static void test_pins__one_enrolled_without_a_backup_learns_it(void **state)
{
	(void)state;
	hold(1);
	give(0, 0, 1);
	assert_pins(2, (const size_t[]){0, 1});
	assert_version(VERSION ^ bh_pin_mark(f.pins[1]));
}

/* Who has stolen the CA's key, and not the backup's. */
static void test_pins__the_ca_alone_takes_no_backup_away(void **state)
{
	(void)state;
	hold(2);
	give(0, 0, 3);
	assert_pins(2, (const size_t[]){0, 1});
	assert_version(VERSION);
}

static void test_pins__a_server_without_another_key_to_come_moves_nothing(void **state)
{
	(void)state;
	hold(2);
	give(1, 1, 1);
	assert_pins(2, (const size_t[]){0, 1});
	assert_version(VERSION);
}

/* Its server's key is stolen, and its CA's is not. */
static void test_pins__without_the_cas_signature_the_district_is_not_taken(void **state)
{
	struct bh_server_frame frame;

	(void)state;
	hold(2);
	give(1, 3, 2);
	assert_int_equal(bh_engine_status(f.s->engine).cause, BH_WHY_WRONG_SERVER);
	scripted_hang_up(f.s);
	assert_pins(2, (const size_t[]){0, 1});
	assert_version(4);
	scripted_later(f.s, 5000);
	frame = told(1, 2);
	frame.u.district.pins_signature = bh_span(NULL, 0);
	answered_by(f.points[1]);
	scripted_give(f.s, &frame);
	assert_int_equal(bh_engine_status(f.s->engine).cause, BH_WHY_WRONG_SERVER);
	assert_version(4);
}

static void test_pins__a_link_that_knows_no_key_moves_nothing(void **state)
{
	struct bh_server_frame frame = told(1, 2);

	(void)state;
	hold(2);
	answered_by(NULL);
	scripted_give(f.s, &frame);
	assert_pins(2, (const size_t[]){0, 1});
	assert_version(VERSION);
}

static void test_pins__a_full_disk_moves_neither_pins_nor_district(void **state)
{
	(void)state;
	hold(2);
	answered_by(f.points[1]);
	bh_simvfs_budget_set(f.s->disk, bh_simvfs_bytes_used(f.s->disk));
	const struct bh_server_frame frame = told(1, 2);

	scripted_give(f.s, &frame);
	assert_int_equal(bh_engine_status(f.s->engine).cause, BH_WHY_STORE);
	bh_simvfs_heal(f.s->disk);
	assert_pins(2, (const size_t[]){0, 1});
	assert_version(4);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_pins__move_one_step_with_each_roll),
		CASE(test_pins__what_is_known_is_acknowledged),
		CASE(test_pins__one_enrolled_without_a_backup_learns_it),
		CASE(test_pins__the_ca_alone_takes_no_backup_away),
		CASE(test_pins__a_server_without_another_key_to_come_moves_nothing),
		CASE(test_pins__without_the_cas_signature_the_district_is_not_taken),
		CASE(test_pins__a_link_that_knows_no_key_moves_nothing),
		CASE(test_pins__a_full_disk_moves_neither_pins_nor_district),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
