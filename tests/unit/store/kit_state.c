/* A kit as a test's state, and what the writer may refuse to answer. */
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

bool kit_revoke_answered(struct kit *kit, uint32_t device)
{
	struct bh_msg_entry_revoked message = {.device = device, .reason = bh_span("lost", 4)};
	struct bh_outcome outcome = {0};

	kit->payload.len = 0;
	assert_int_equal(bh_encode_entry_revoked(&message, &kit->payload), 0);
	struct bh_command command = {.source = BH_SOURCE_OPERATOR,
		.verb = BH_VERB_REVOKE,
		.payload = bh_buf_span(&kit->payload)};
	struct bh_job job = {.commands = &command, .outcomes = &outcome, .count = 1};
	struct bh_job *jobs[] = {&job};
	int err = bh_writer_run(kit->writer, kit->now, jobs, 1, &kit->wakes);
	return !err && !job.err && !outcome.err;
}
