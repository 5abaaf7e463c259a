/* A kit as a test's state. */
#include "tests/unit/store/kit.h"

int kit_setup(void **state, uint32_t number)
{
	struct kit *kit = test_calloc(1, sizeof(*kit));

	kit_open(kit, number);
	*state = kit;
	return 0;
}

int kit_teardown(void **state)
{
	struct bh_verify_report report;
	struct kit *kit = *state;

	if (kit_verify(kit, &report))
		fail_msg("%s at %llu", report.what, (unsigned long long)report.first_bad);
	kit_close(kit);
	test_free(kit);
	return 0;
}

uint64_t kit_head(struct kit *kit)
{
	uint64_t position;
	uint8_t hash[BH_HASH_BYTES];

	assert_int_equal(bh_reader_head(kit->reader, &position, hash), 0);
	return position;
}
