/* One live session of a device in a district, at whichever hub it came to (faults.md C02). */
#include "tests/unit/proto/cmocka_all.h"

#include <string.h>

#include "tests/unit/sync/world.h"

#define WORKER BH_DEMO_WORKER(1111)

/* Two hubs of one district; the phone is live at the first, then at the second. */
struct fixture {
	struct bh_world world;
	struct bh_phone phone;
	struct bh_hub *first;
	struct bh_session *older;
};

static int setup(void **state)
{
	static struct fixture fixture;
	struct fixture *f = &fixture;
	struct bh_claim claim;
	bh_world_open(&f->world);
	bh_phone_enrolled(&f->world, WORKER, &f->phone);
	while (bh_hub_take_claim(f->world.hub, &claim))
		;
	(void)bh_phone_live(&f->phone);
	f->older = f->phone.session;
	f->phone.session = NULL;
	f->first = f->world.hub;
	f->world.hub = NULL;
	bh_world_hub(&f->world, 0, 0);
	(void)bh_phone_live(&f->phone);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	bh_phone_free(&f->phone);
	bh_session_close(f->older);
	bh_hub_close(f->first);
	bh_world_close(&f->world);
	return 0;
}

static void test_claim__the_newer_session_ends_the_older_at_another_hub(void **state)
{
	struct fixture *f = *state;
	struct bh_hub_counts counts;
	struct bh_claim claim;
	assert_true(bh_hub_take_claim(f->world.hub, &claim));
	assert_int_equal(claim.device, f->phone.device);
	assert_false(bh_session_is_closing(f->older));
	bh_hub_claimed(f->first, &claim);
	assert_true(bh_session_is_closing(f->older));
	assert_non_null(strstr(bh_session_reason(f->older), "replaced by a newer connection"));
	bh_hub_counts(f->first, &counts);
	assert_int_equal(counts.replaced, 1);
	assert_false(bh_hub_take_claim(f->world.hub, &claim)); /* told once */
}

static void test_claim__the_older_one_told_late_ends_nothing(void **state)
{
	struct fixture *f = *state;
	struct bh_claim claim;
	assert_true(bh_hub_take_claim(f->first, &claim));
	bh_hub_claimed(f->world.hub, &claim);
	assert_false(bh_session_is_closing(f->phone.session));
}

static void test_claim__of_a_device_that_never_came_here_is_nothing(void **state)
{
	struct fixture *f = *state;
	const struct bh_claim claim = {4711, UINT64_MAX};
	bh_hub_claimed(f->first, &claim);
	assert_false(bh_session_is_closing(f->older));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_claim__the_newer_session_ends_the_older_at_another_hub),
		CASE(test_claim__the_older_one_told_late_ends_nothing),
		CASE(test_claim__of_a_device_that_never_came_here_is_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
