/* The keys that handsets were told to go by are kept: a district is opened with those, or with the
 * ones that come next, and with none from before. */
#include "server/store/pins.h"
#include "tests/unit/store/kit.h"

#define KEPT "/330106.kept"

struct rolled {
	struct kit kit;
	struct bh_store_pins pins;
};

static struct bh_store_pins pins_of(uint8_t ca, uint8_t backup)
{
	struct bh_store_pins pins;

	memset(pins.ca, ca, sizeof(pins.ca));
	memset(pins.backup, backup, sizeof(pins.backup));
	return pins;
}

/* As the next process does, with these keys. */
static int reopen(struct rolled *r, uint8_t ca, uint8_t backup)
{
	kit_down(&r->kit);
	r->pins = pins_of(ca, backup);
	int err = kit_up(&r->kit);

	if (err)
		kit_down(&r->kit);
	return err;
}

static int setup(void **state)
{
	struct rolled *r = test_calloc(1, sizeof(*r));

	kit_open(&r->kit, 53);
	kit_down(&r->kit);
	r->kit.options.kept_path = KEPT;
	r->kit.options.pins = &r->pins;
	*state = r;
	return reopen(r, 1, 2);
}

static int teardown(void **state)
{
	struct rolled *r = *state;

	kit_close(&r->kit);
	test_free(r);
	return 0;
}

static void test_pins__move_one_step_at_a_time_and_never_back(void **state)
{
	struct rolled *r = *state;

	assert_int_equal(reopen(r, 1, 2), 0);
	assert_int_equal(reopen(r, 3, 4), BH_ERR_AUTH); /* another's */
	assert_int_equal(
		reopen(r, 1, 3), BH_ERR_AUTH); /* another backup is not for the CA to say */
	assert_int_equal(reopen(r, 2, 3), 0);
	assert_int_equal(reopen(r, 1, 2), BH_ERR_AUTH);
	assert_int_equal(reopen(r, 2, 3), 0);
	assert_int_equal(reopen(r, 3, 4), 0);
	assert_int_equal(reopen(r, 2, 3), BH_ERR_AUTH);
	assert_int_equal(reopen(r, 5, 6), BH_ERR_AUTH);
	assert_int_equal(reopen(r, 4, 4), 0); /* put there by hand, with nothing to come next */
	assert_int_equal(reopen(r, 4, 5), 0);
}

static void test_pins__a_refusal_says_what_to_do_and_keeps_nothing(void **state)
{
	struct rolled *r = *state;
	const char *detail = NULL;
	struct bh_writer *writer = NULL;

	assert_int_equal(reopen(r, 2, 3), 0);
	kit_down(&r->kit);
	r->pins = pins_of(1, 2);
	assert_int_equal(
		bh_writer_open(&r->kit.options, r->kit.now, &writer, &detail), BH_ERR_AUTH);
	assert_non_null(strstr(detail, "older than a roll"));
	assert_int_equal(reopen(r, 2, 3), 0);
}

/* An older copy of the district, and its file beside the newest keys. */
static void test_pins__a_district_that_was_put_back_goes_by_the_newest(void **state)
{
	struct rolled *r = *state;
	struct phone phone;
	bool done = false;

	assert_int_equal(bh_writer_copy_begin(r->kit.writer, "/d/old.db"), 0);
	while (!done)
		assert_int_equal(bh_writer_copy_step(r->kit.writer, 64, &done), 0);
	kit_enrol(&r->kit, &phone, BH_DEMO_WORKER(1111), 1);
	assert_int_equal(reopen(r, 2, 3), 0);
	r->kit.options.path = "/d/old.db";
	assert_int_equal(reopen(r, 1, 2), BH_ERR_AUTH);
	assert_int_equal(reopen(r, 2, 3), 0);
	kit_restart(&r->kit, true);
}

static void test_pins__are_kept_wherever_the_power_goes(void **state)
{
	struct rolled *r = *state;

	for (uint8_t i = 1; i < 6; i++) {
		assert_int_equal(reopen(r, (uint8_t)(i + 1), (uint8_t)(i + 2)), 0);
		kit_restart(&r->kit, true);
		assert_int_equal(reopen(r, i, (uint8_t)(i + 1)), BH_ERR_AUTH);
		assert_int_equal(reopen(r, (uint8_t)(i + 1), (uint8_t)(i + 2)), 0);
	}
}

/* A program that knows none, and one that keeps none, change nothing. */
static void test_pins__without_them_nothing_is_compared(void **state)
{
	struct rolled *r = *state;

	assert_int_equal(reopen(r, 2, 3), 0);
	kit_down(&r->kit);
	r->kit.options.pins = NULL;
	assert_int_equal(kit_up(&r->kit), 0);
	r->kit.options.pins = &r->pins;
	assert_int_equal(reopen(r, 1, 2), BH_ERR_AUTH);
	assert_int_equal(reopen(r, 2, 3), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_pins__move_one_step_at_a_time_and_never_back),
		CASE(test_pins__a_refusal_says_what_to_do_and_keeps_nothing),
		CASE(test_pins__a_district_that_was_put_back_goes_by_the_newest),
		CASE(test_pins__are_kept_wherever_the_power_goes),
		CASE(test_pins__without_them_nothing_is_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
