/* Room for photos on their way: who is counted for what, and who gives it back. */
#include "server/store/blob.h"
#include "tests/unit/store/kit.h"

#define KIB 1024u

static int setup(void **state)
{
	struct kit *kit = test_calloc(1, sizeof(*kit));

	kit_open(kit, 36);
	kit->options.upload_bytes_max = 4 * KIB;
	kit->options.device_uploads_max = 3;
	kit_restart(kit, false);
	*state = kit;
	return 0;
}

static int teardown(void **state)
{
	kit_close(*state);
	test_free(*state);
	return 0;
}

/* size 0: gives back what the outcome at room_ms gave. */
static struct bh_outcome room(
	struct kit *kit, uint8_t which, uint32_t device, uint32_t size, int64_t room_ms)
{
	struct bh_command command = {.source = BH_SOURCE_STORE,
		.blob_room = true,
		.blob_room_ms = room_ms,
		.blob_size = size,
		.device = device,
		.blob_hash = {which}};

	return kit_run(kit, &command);
}

static bool has_room(struct kit *kit, uint8_t which, uint32_t device, uint32_t size)
{
	return room(kit, which, device, size, 0).verdict == BH_VERDICT_ACCEPTED;
}

static void test_room__of_a_smaller_size_stays_with_who_sent_the_bytes(void **state)
{
	struct kit *kit = *state;

	assert_true(has_room(kit, 1, 7, 3 * KIB));
	assert_true(has_room(kit, 1, 8, KIB));      /* another device says that it is smaller */
	assert_false(has_room(kit, 2, 7, 2 * KIB)); /* the bytes that lie there are the first's */
	assert_true(has_room(kit, 2, 8, 4 * KIB));  /* ... and not the second's */
}

static void test_room__of_a_greater_size_is_its_sayers(void **state)
{
	struct kit *kit = *state;

	assert_true(has_room(kit, 1, 7, 2 * KIB));
	assert_true(has_room(kit, 1, 8, 3 * KIB));
	assert_true(has_room(kit, 2, 7, 4 * KIB));
	assert_false(has_room(kit, 3, 8, 2 * KIB));
	assert_false(has_room(kit, 1, 8, 5 * KIB)); /* past what it may have */
}

static void test_room__never_shrinks_under_a_smaller_offer(void **state)
{
	struct kit *kit = *state;

	assert_true(has_room(kit, 1, 7, 4 * KIB));
	assert_true(has_room(kit, 1, 7, 1));
	assert_false(has_room(kit, 2, 7, 1));
}

static void test_room__that_was_asked_for_again_is_not_given_back(void **state)
{
	struct kit *kit = *state;
	int64_t first_ms = room(kit, 1, 7, 4 * KIB, 0).at_ms;
	int64_t again_ms = room(kit, 1, 7, 4 * KIB, 0).at_ms;

	assert_true(again_ms > first_ms); /* in one instant, too */
	(void)room(kit, 1, 7, 0, first_ms);
	assert_false(has_room(kit, 2, 7, 1));
	(void)room(kit, 1, 7, 0, again_ms);
	assert_true(has_room(kit, 2, 7, 1));
}

static void test_room__is_for_so_many_photos_of_a_device(void **state)
{
	struct kit *kit = *state;

	for (uint8_t i = 1; i <= 3; i++)
		assert_true(has_room(kit, i, 7, 1));
	assert_false(has_room(kit, 4, 7, 1));
	assert_true(has_room(kit, 3, 7, 2)); /* one of them again */
	assert_true(has_room(kit, 4, 8, 1));
}

int main(void)
{
#define ROOM_TEST(name) cmocka_unit_test_setup_teardown(test_room__##name, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROOM_TEST(of_a_smaller_size_stays_with_who_sent_the_bytes),
		ROOM_TEST(of_a_greater_size_is_its_sayers),
		ROOM_TEST(never_shrinks_under_a_smaller_offer),
		ROOM_TEST(that_was_asked_for_again_is_not_given_back),
		ROOM_TEST(is_for_so_many_photos_of_a_device),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
