/* What handsets are told of the district's CA, and how they say that they go by it: the District of
 * a server whose CA was rolled comes to everybody once, and who has taken its pins is counted. */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "server/store/census.h"
#include "tests/unit/sync/world.h"

#define CONTACTS 4u

struct fixture {
	struct bh_world world;
	struct bh_phone phone;
	struct bh_hub_pins pins;
};

static struct fixture fixture;

static void hub_open(struct fixture *f, uint8_t first)
{
	memset(f->pins.backup, first, sizeof(f->pins.backup));
	memset(f->pins.signature, 0x51, sizeof(f->pins.signature));
	f->world.pins = &f->pins;
	bh_world_hub(&f->world, 0, 0);
}

static int setup(void **state)
{
	bh_world_open(&fixture.world);
	bh_phone_enrolled(&fixture.world, BH_DEMO_WORKER(1111), &fixture.phone);
	hub_open(&fixture, 0xa7);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	bh_phone_free(&f->phone);
	bh_world_close(&f->world);
	return 0;
}

static struct bh_msg_hello hello(struct fixture *f, uint32_t version)
{
	struct bh_msg_hello said = bh_phone_hello(&f->phone);
	said.profile_version = version;
	return said;
}

/* Connects and greets; gives whether a District follows, and it. */
static bool greet(struct fixture *f, uint32_t version, struct bh_msg_district *told)
{
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO};
	struct bh_server_frame next;
	bh_phone_connect(&f->phone);
	frame.u.hello = hello(f, version);
	bh_phone_sign_hello(&f->phone, &frame.u.hello, signature);
	bh_phone_send(&f->phone, &frame);
	(void)bh_phone_expect(&f->phone, BH_SERVER_WELCOME);
	if (!bh_phone_next(&f->phone, &next))
		return false;
	assert_int_equal(next.kind, BH_SERVER_DISTRICT);
	*told = next.u.district;
	return true;
}

static size_t contacts_take(struct fixture *f, struct bh_contact *contacts)
{
	size_t count = bh_hub_take_contacts(f->world.hub, contacts, CONTACTS);
	assert_int_equal(bh_writer_contacts(f->world.writer, f->world.now, contacts, count), 0);
	return count;
}

static uint64_t lacking(struct fixture *f)
{
	struct bh_pins_census census;
	assert_int_equal(bh_reader_pins(f->world.reader, f->pins.backup, &census), 0);
	assert_int_equal(census.devices, 1);
	assert_int_equal(census.first_count, census.lacking);
	if (census.lacking)
		assert_int_equal(census.first[0], f->phone.device);
	return census.lacking;
}

static void test_pins__who_took_them_says_so_once_and_is_counted(void **state)
{
	struct fixture *f = *state;
	struct bh_contact contacts[CONTACTS];
	struct bh_msg_district told;
	assert_true(greet(f, 1, &told)); /* it knew this district before there were pins */
	assert_memory_equal(told.backup_pin.data, f->pins.backup, BH_PIN_BYTES);
	assert_memory_equal(told.pins_signature.data, f->pins.signature, BH_SIGNATURE_BYTES);
	assert_int_equal(told.version, 0xa0000001);
	assert_int_equal(bh_hub_take_contacts(f->world.hub, contacts, CONTACTS), 0);
	uint32_t version = told.version;
	bh_phone_hang_up(&f->phone);
	assert_int_equal(contacts_take(f, contacts), 1);
	assert_int_equal(contacts[0].pins, 0);
	assert_int_equal(lacking(f), 1);
	assert_false(greet(f, version ^ bh_pin_mark(f->pins.backup), &told));
	assert_int_equal(contacts_take(f, contacts), 1); /* while its session goes on */
	assert_int_equal(contacts[0].pins, 0xa7a7a7a7);
	assert_int_equal(lacking(f), 0);
	bh_phone_hang_up(&f->phone);
	assert_int_equal(contacts_take(f, contacts), 1);
	assert_int_equal(contacts[0].pins, 0); /* it is known */
	assert_int_equal(lacking(f), 0);
	bh_world_restart(&f->world);
	assert_int_equal(lacking(f), 0);
	assert_false(greet(f, version ^ bh_pin_mark(f->pins.backup), &told));
	assert_int_equal(contacts_take(f, contacts), 0); /* nor is it written again */
	bh_phone_hang_up(&f->phone);
}

/* A program from before there were pins, or one that may not take these. */
static void test_pins__who_holds_the_district_without_them_is_not_told_again(void **state)
{
	struct fixture *f = *state;
	struct bh_contact contacts[CONTACTS];
	struct bh_msg_district told;
	assert_false(greet(f, 0xa0000001, &told));
	bh_phone_hang_up(&f->phone);
	(void)contacts_take(f, contacts);
	assert_int_equal(lacking(f), 1);
}

static void test_pins__a_roll_makes_everybody_lack_the_new_ones(void **state)
{
	struct fixture *f = *state;
	struct bh_contact contacts[CONTACTS];
	struct bh_msg_district told;
	assert_false(greet(f, 0xa0000001 ^ 0xa7a7a7a7, &told));
	bh_phone_hang_up(&f->phone);
	(void)contacts_take(f, contacts);
	assert_int_equal(lacking(f), 0);
	hub_open(f, 0x3c);
	assert_int_equal(lacking(f), 1);
	assert_true(greet(f, 0xa0000001 ^ 0xa7a7a7a7, &told));
	assert_int_equal(told.version, 0x30000001);
	bh_phone_hang_up(&f->phone);
	assert_true(greet(f, 0xa0000001, &told)); /* by the version alone, too */
	bh_phone_hang_up(&f->phone);
	(void)contacts_take(f, contacts);
	assert_int_equal(lacking(f), 1);
	assert_false(greet(f, 0x30000001 ^ 0x3c3c3c3c, &told));
	(void)contacts_take(f, contacts);
	assert_int_equal(lacking(f), 0);
	bh_phone_hang_up(&f->phone);
}

static void test_pins__a_device_that_was_cut_off_is_waited_for_by_nobody(void **state)
{
	struct fixture *f = *state;
	struct bh_pins_census census;
	bh_world_revoke(&f->world, f->phone.device);
	assert_int_equal(bh_reader_pins(f->world.reader, f->pins.backup, &census), 0);
	assert_int_equal(census.devices + census.lacking, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_pins__who_took_them_says_so_once_and_is_counted),
		CASE(test_pins__who_holds_the_district_without_them_is_not_told_again),
		CASE(test_pins__a_roll_makes_everybody_lack_the_new_ones),
		CASE(test_pins__a_device_that_was_cut_off_is_waited_for_by_nobody),
	};
	return cmocka_run_group_tests_name("pins", tests, NULL, NULL);
}
