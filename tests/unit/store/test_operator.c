/* Devices and their logs: codes that work once, logs that continue others, two phones that hold one
 * key. */
#include "tests/unit/store/kit.h"

static int open_kit(void **state)
{
	return kit_setup(state, 6);
}

static void phone_make(struct phone *phone, uint8_t id)
{
	memset(phone, 0, sizeof(*phone));
	memset(phone->key, id, sizeof(phone->key));
	memset(phone->log_id, id, sizeof(phone->log_id));
}

static void test_code__works_once_and_again_for_the_very_same_handset_only(void **state)
{
	struct kit *kit = *state;
	struct phone first, thief;
	struct bh_device device;

	phone_make(&first, 1);
	phone_make(&thief, 2);
	kit_enrol_code(kit, 9, BH_DEMO_WORKER(1111), kit->now.wall_ms + KIT_MINUTE);
	struct bh_outcome outcome = kit_enrolled(kit, &first, 9);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	assert_false(outcome.repeat);
	uint32_t id = outcome.id;
	assert_int_equal(bh_reader_device(kit->reader, id, &device), 0);
	assert_int_equal(device.person, BH_DEMO_WORKER(1111));
	assert_int_equal(device.state, BH_DEVICE_LIVE);
	assert_int_equal(device.logs, 1);
	assert_memory_equal(device.public_key, first.key, BH_PUBLIC_KEY_BYTES);
	uint64_t head = kit_head(kit);

	kit_pass(
		kit, 10 * KIT_MINUTE); /* the answer was lost, and the code has expired meanwhile */
	outcome = kit_enrolled(kit, &first, 9);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	assert_true(outcome.repeat);
	assert_int_equal(outcome.id, id);
	assert_int_equal(kit_enrolled(kit, &thief, 9).verdict, BH_VERDICT_REJECTED);
	memcpy(thief.key, first.key, sizeof(first.key)); /* the key alone is not enough */
	assert_int_equal(kit_enrolled(kit, &thief, 9).verdict, BH_VERDICT_REJECTED);
	assert_int_equal(kit_revoke(kit, id).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(kit_enrolled(kit, &first, 9).verdict, BH_VERDICT_REJECTED);
	assert_int_equal(kit_head(kit), head + 1);
}

static void test_code__unknown_or_expired_leaves_no_entry(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	phone_make(&phone, 1);
	kit_enrol_code(kit, 9, BH_DEMO_WORKER(1111), kit->now.wall_ms + KIT_MINUTE);
	uint64_t head = kit_head(kit);
	assert_int_equal(kit_enrolled(kit, &phone, 8).verdict, BH_VERDICT_REJECTED);
	kit_pass(kit, KIT_MINUTE);
	assert_int_equal(kit_enrolled(kit, &phone, 9).verdict, BH_VERDICT_REJECTED);
	assert_int_equal(kit_enrol_code(kit, 9, BH_DEMO_WORKER(1111), INT64_MAX).verdict,
		BH_VERDICT_REJECTED); /* given out before */
	assert_int_equal(kit_enrol_code(kit, 7, 424242, INT64_MAX).verdict, BH_VERDICT_REJECTED);
	assert_int_equal(kit_head(kit), head);
}

static void test_log__begins_once_and_supersedes_what_it_continues(void **state)
{
	struct kit *kit = *state;
	struct phone phone, other;
	struct bh_log log;
	uint8_t old[BH_LOG_ID_BYTES];

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	memcpy(old, phone.log_id, sizeof(old));
	struct bh_outcome outcome = kit_log_begin(kit, &phone, 3, old);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(outcome.id, BH_LOG_FIRST_DEVICE + 1);
	assert_int_equal(bh_reader_log(kit->reader, old, &log), 0);
	assert_int_equal(log.successor, outcome.id);
	outcome = kit_log_begin(kit, &phone, 3, old);
	assert_true(outcome.repeat);
	assert_int_equal(outcome.id, BH_LOG_FIRST_DEVICE + 1);
	kit_report(kit, &phone, "in the new log");
	kit_enrol(kit, &other, BH_DEMO_WORKER(1112), 5);
	outcome = kit_log_begin(kit, &phone, 4, other.log_id);
	assert_int_equal(outcome.verdict, BH_VERDICT_REJECTED);
	/* begun after the backup that this server was restored from */
	outcome = kit_log_begin(kit, &phone, 4, (const uint8_t *)"a log nobody has");
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	kit_report(kit, &phone, "and it goes on");
}

static void test_clone__both_phones_of_one_key_end_in_quarantine(void **state)
{
	struct kit *kit = *state;
	struct phone original, clone;
	struct push push;
	struct bh_device device;

	kit_enrol(kit, &original, BH_DEMO_WORKER(1111), 1);
	kit_report(kit, &original, "one");
	clone = original;
	assert_int_equal(
		kit_log_begin(kit, &clone, 2, original.log_id).verdict, BH_VERDICT_ACCEPTED);
	kit_report(kit, &clone, "the clone goes on");
	push_begin(&push);
	push_report(kit, &push, &original, "and so does the original");
	push_report(kit, &push, &original, "twice");
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_QUARANTINED);
	assert_int_equal(push.outcomes[1].verdict, BH_VERDICT_QUARANTINED);
	assert_int_equal(kit->wakes.kicked_count, 1);
	push_end(&push);
	assert_int_equal(bh_reader_device(kit->reader, original.device, &device), 0);
	assert_int_equal(device.state, BH_DEVICE_SUSPENDED);
	push_begin(&push);
	push_report(kit, &push, &clone, "the clone again");
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_QUARANTINED);
	struct bh_entry entry;
	assert_int_equal(
		bh_reader_entry(kit->reader, push.outcomes[0].position, &kit->arena, &entry), 0);
	assert_true(entry.content.len > 0); /* the data is kept */
	push_end(&push);
}

static void test_revoke__is_said_once(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	assert_false(kit_revoke(kit, phone.device).repeat);
	uint64_t head = kit_head(kit);
	assert_true(kit_revoke(kit, phone.device).repeat);
	assert_int_equal(kit_revoke(kit, 4711).verdict, BH_VERDICT_REJECTED);
	assert_int_equal(kit_head(kit), head);
}

static void test_profile__a_faulty_one_changes_nothing(void **state)
{
	struct kit *kit = *state;
	struct bh_district district;
	struct bh_rules *rules;

	struct bh_outcome outcome = kit_operator(kit, BH_VERB_PROFILE, bh_span("\x12\x01\x00", 3));
	assert_int_equal(outcome.verdict, BH_VERDICT_REJECTED);
	assert_false(kit->wakes.rules_changed);
	assert_int_equal(bh_reader_district(kit->reader, &district), 0);
	assert_int_equal(district.profile_version, 1);
	kit_profile(kit);
	assert_true(kit->wakes.rules_changed);
	assert_int_equal(bh_reader_district(kit->reader, &district), 0);
	assert_int_equal(district.profile_version, 2);
	assert_int_equal(bh_reader_rules(kit->reader, &rules), 0);
	assert_non_null(bh_rules_unit(rules, BH_DEMO_CLEAN_A));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_code__works_once_and_again_for_the_very_same_handset_only, open_kit,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_code__unknown_or_expired_leaves_no_entry, open_kit, kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_log__begins_once_and_supersedes_what_it_continues, open_kit,
			kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_clone__both_phones_of_one_key_end_in_quarantine, open_kit,
			kit_teardown),
		cmocka_unit_test_setup_teardown(test_revoke__is_said_once, open_kit, kit_teardown),
		cmocka_unit_test_setup_teardown(
			test_profile__a_faulty_one_changes_nothing, open_kit, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
