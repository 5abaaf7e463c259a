/* Photos as the journal knows them: who names them, when one is stored, who has room. */
#include "tests/unit/store/kit.h"

#include <stdio.h>

#include "server/store/blob.h"

#define KIB 1024u

static const uint8_t hashes[4][BH_HASH_BYTES] = {{1}, {2}, {3}, {4}};

static struct bh_msg_blob blob_of(size_t which, uint32_t kind)
{
	return (struct bh_msg_blob){.hash = bh_span(hashes[which], BH_HASH_BYTES),
		.size = (uint32_t)(which + 1) * KIB,
		.kind = kind};
}

static int open_kit(void **state)
{
	struct kit *kit = test_calloc(1, sizeof(*kit));

	kit_open(kit, 30);
	*state = kit;
	return 0;
}

static int close_kit(void **state)
{
	kit_close(*state);
	test_free(*state);
	return 0;
}

/* A report that names these photos. */
static uint64_t report_with(
	struct kit *kit, struct phone *phone, const struct bh_msg_blob *blobs, size_t count)
{
	struct push push;

	push_begin(&push);
	push.blobs = blobs;
	push.blobs_count = count;
	push_report(kit, &push, phone, "litter");
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_ACCEPTED);
	uint64_t number = push.outcomes[0].case_number;
	push_end(&push);
	return number;
}

static struct bh_command stored(size_t which, uint64_t number)
{
	struct bh_command command = {.source = BH_SOURCE_STORE,
		.case_number = number,
		.blob_size = (uint32_t)(which + 1) * KIB};

	memcpy(command.blob_hash, hashes[which], BH_HASH_BYTES);
	return command;
}

static struct bh_outcome room(struct kit *kit, size_t which, uint32_t device, uint32_t size)
{
	struct bh_command command = stored(which, 0);

	command.blob_room = true;
	command.device = device;
	command.blob_size = size;
	command.blob_room_ms = INT64_MAX - 1; /* giving back: whoever asked last */
	return kit_run(kit, &command);
}

static enum bh_blob_right right_of(struct kit *kit, size_t which, uint32_t person)
{
	enum bh_blob_right right;

	assert_int_equal(bh_reader_blob_named(kit->reader, hashes[which],
				 (uint32_t)(which + 1) * KIB, person, &right),
		0);
	return right;
}

static void verify_holds(struct kit *kit)
{
	struct bh_verify_report report;
	int err = kit_verify(kit, &report);

	if (err)
		fail_msg("%s at %llu", report.what, (unsigned long long)report.first_bad);
}

static void test_blob__is_named_by_an_accepted_op_and_stored_by_an_entry(void **state)
{
	struct kit *kit = *state;
	struct bh_blob_row rows[8];
	struct phone phone;
	size_t count = 0;
	uint32_t size;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	const struct bh_msg_blob blobs[] = {
		blob_of(1, BH_BLOB_PHOTO), blob_of(0, BH_BLOB_THUMBNAIL)};
	uint64_t number = report_with(kit, &phone, blobs, 2);
	assert_int_equal(right_of(kit, 1, phone.person), BH_BLOB_AWAITED);
	assert_int_equal(right_of(kit, 1, phone.person + 1), BH_BLOB_NOT_NAMED);
	assert_int_equal(right_of(kit, 2, phone.person), BH_BLOB_NOT_NAMED);
	assert_int_equal(bh_reader_blob_here(kit->reader, hashes[1], &size), BH_ERR_NOT_FOUND);
	struct bh_case before = kit_case(kit, number);
	struct bh_command command = stored(1, number);
	struct bh_outcome outcome = kit_run(kit, &command);
	assert_int_equal(outcome.verdict, BH_VERDICT_ACCEPTED);
	assert_false(outcome.repeat);
	assert_int_equal(kit->wakes.scopes_count, 0); /* no unit has it yet */
	assert_int_equal(right_of(kit, 1, phone.person), BH_BLOB_ARRIVED);
	assert_int_equal(bh_reader_blob_here(kit->reader, hashes[1], &size), 0);
	assert_int_equal(size, 2 * KIB);
	struct bh_case after = kit_case(kit, number);
	assert_int_equal(after.state, before.state);
	assert_int_equal(after.last, outcome.position);
	assert_int_equal(after.quiet_from, before.last);
	outcome = kit_run(kit, &command);
	assert_true(outcome.repeat);
	assert_int_equal(outcome.position, 0);
	assert_int_equal(bh_reader_case_blobs(kit->reader, number, rows, 8, &count), 0);
	assert_int_equal(count, 2);
	assert_memory_equal(rows[0].hash, hashes[1], BH_HASH_BYTES);
	assert_int_equal(rows[0].verb, BH_VERB_SUBMIT);
	assert_int_equal(rows[0].cycle, 1);
	assert_int_equal(rows[0].person, phone.person);
	assert_true(rows[0].stored);
	assert_int_equal(rows[1].kind, BH_BLOB_THUMBNAIL);
	assert_false(rows[1].stored);
	verify_holds(kit);
}

static void test_blob__the_entry_says_which_and_needs_nothing_erasable(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct bh_entry entry;
	struct bh_msg_op_header header;
	int reason = -1;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	const struct bh_msg_blob blob = blob_of(0, BH_BLOB_PHOTO);
	uint64_t number = report_with(kit, &phone, &blob, 1);
	struct bh_command command = stored(0, number);
	uint64_t position = kit_run(kit, &command).position;
	assert_int_equal(bh_reader_entry(kit->reader, position, &kit->arena, &entry), 0);
	assert_int_equal(entry.log_short, BH_LOG_STORE);
	assert_int_equal(entry.seq, 1);
	assert_int_equal(entry.verb, BH_VERB_STORED);
	assert_int_equal(entry.content.len, 0);
	assert_int_equal(bh_op_decode_header(entry.header, &kit->arena, &header, &reason), 0);
	assert_int_equal(reason, BH_REASON_NONE);
	assert_int_equal(header.blobs_count, 1);
	assert_memory_equal(header.blobs[0].hash.data, hashes[0], BH_HASH_BYTES);
	assert_int_equal(header.blobs[0].size, KIB);
}

static void test_blob__of_no_op_of_the_case_or_of_another_size_is_refused(void **state)
{
	struct kit *kit = *state;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	const struct bh_msg_blob blob = blob_of(0, BH_BLOB_PHOTO);
	uint64_t number = report_with(kit, &phone, &blob, 1);
	uint64_t other = report_with(kit, &phone, NULL, 0);
	struct bh_command command = stored(0, other);
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_REJECTED);
	command = stored(1, number);
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_REJECTED);
	command = stored(0, number);
	command.blob_size++;
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_REJECTED);
	command = stored(0, number + 100);
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_REJECTED);
	assert_int_equal(right_of(kit, 0, phone.person), BH_BLOB_AWAITED);
	verify_holds(kit);
}

static void test_blob__of_two_cases_is_stored_for_each_and_counted_once(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct bh_stats stats;
	uint64_t awaited[4];
	size_t count = 0;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	const struct bh_msg_blob blob = blob_of(0, BH_BLOB_PHOTO);
	uint64_t first = report_with(kit, &phone, &blob, 1);
	uint64_t second = report_with(kit, &phone, &blob, 1);
	assert_int_equal(bh_reader_blob_awaited(
				 kit->reader, hashes[0], KIB, phone.person, awaited, 4, &count),
		0);
	assert_int_equal(count, 2);
	struct bh_command command = stored(0, first);
	assert_int_not_equal(kit_run(kit, &command).position, 0);
	assert_int_equal(right_of(kit, 0, phone.person), BH_BLOB_SHOWN);
	assert_int_equal(bh_reader_blob_awaited(
				 kit->reader, hashes[0], KIB, phone.person, awaited, 4, &count),
		0);
	assert_int_equal(count, 1);
	assert_int_equal(awaited[0], second);
	command = stored(0, second);
	assert_int_not_equal(kit_run(kit, &command).position, 0);
	assert_int_equal(right_of(kit, 0, phone.person), BH_BLOB_ARRIVED);
	assert_int_equal(bh_reader_stats(kit->reader, &stats), 0);
	assert_int_equal(stats.blobs, 1);
	assert_int_equal(stats.blob_bytes, KIB);
	verify_holds(kit);
}

static void test_blob__of_an_op_without_effect_is_nobodys(void **state)
{
	struct kit *kit = *state;
	struct phone phone;
	struct push push;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	uint64_t number = report_with(kit, &phone, NULL, 0);
	const struct bh_msg_blob blob = blob_of(0, BH_BLOB_PHOTO);
	push_begin(&push);
	push.blobs = &blob;
	push.blobs_count = 1;
	push_op(kit, &push, &phone, BH_VERB_FINISH, number, "not mine");
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_REJECTED);
	push_end(&push);
	assert_int_equal(right_of(kit, 0, phone.person), BH_BLOB_NOT_NAMED);
	kit_revoke(kit, phone.device);
	push_begin(&push);
	push.blobs = &blob;
	push.blobs_count = 1;
	push_report(kit, &push, &phone, "too late");
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[0].verdict, BH_VERDICT_QUARANTINED);
	push_end(&push);
	assert_int_equal(right_of(kit, 0, phone.person), BH_BLOB_NOT_NAMED);
	verify_holds(kit);
}

static void test_blob__named_again_for_a_case_where_it_is_is_here(void **state)
{
	struct kit *kit = *state;
	struct phone reporter, handler;
	struct bh_blob_row rows[4];
	struct push push;
	size_t count = 0;

	kit_enrol(kit, &reporter, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &handler, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), 2);
	const struct bh_msg_blob blob = blob_of(0, BH_BLOB_PHOTO);
	uint64_t number = report_with(kit, &reporter, &blob, 1);
	struct bh_command command = kit_desk(
		BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), number, "please");
	command.unit = BH_DEMO_CLEAN_A;
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
	command = stored(0, number);
	assert_int_not_equal(kit_run(kit, &command).position, 0);
	assert_int_equal(
		kit->wakes.scopes_count, 1); /* the unit sees it come, the reporter has it */
	assert_int_equal(kit->wakes.scopes[0], BH_SCOPE_UNIT(BH_DEMO_CLEAN_A));
	push_begin(&push);
	push_op(kit, &push, &handler, BH_VERB_SIGN, number, "");
	push.blobs = &blob;
	push.blobs_count = 1;
	push_op(kit, &push, &handler, BH_VERB_FINISH, number, "done");
	assert_int_equal(push_run(kit, &push), 0);
	assert_int_equal(push.outcomes[1].verdict, BH_VERDICT_ACCEPTED);
	push_end(&push);
	assert_int_equal(right_of(kit, 0, handler.person), BH_BLOB_ARRIVED);
	assert_int_equal(bh_reader_case_blobs(kit->reader, number, rows, 4, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(rows[1].verb, BH_VERB_FINISH);
	assert_true(rows[1].stored);
	assert_int_equal(bh_reader_case_photos(kit->reader, number, rows, 1, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(rows[0].verb, BH_VERB_SUBMIT); /* of too many the report's stay */
	assert_int_equal(bh_reader_case_photos(kit->reader, number, rows, 4, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(rows[1].verb, BH_VERB_FINISH);
	verify_holds(kit);
}

static void test_blob__room_is_counted_by_device_and_by_district(void **state)
{
	struct kit *kit = *state;
	uint8_t old[4][BH_HASH_BYTES];
	size_t count = 0;

	kit->options.upload_bytes_max = 4 * KIB;
	kit->options.blob_bytes_max = 6 * KIB;
	kit_restart(kit, false);
	assert_int_equal(room(kit, 0, 7, 3 * KIB).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(room(kit, 0, 7, 3 * KIB).verdict, BH_VERDICT_ACCEPTED); /* the same */
	struct bh_outcome outcome = room(kit, 1, 7, 2 * KIB);
	assert_int_equal(outcome.verdict, BH_VERDICT_REJECTED);
	assert_int_equal(outcome.position, 0);
	assert_int_equal(room(kit, 1, 7, KIB).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(
		room(kit, 2, 8, 3 * KIB).verdict, BH_VERDICT_REJECTED); /* the district's */
	assert_int_equal(room(kit, 2, 8, 2 * KIB).verdict, BH_VERDICT_ACCEPTED);
	kit_restart(kit, true);
	assert_int_equal(room(kit, 3, 8, 1).verdict, BH_VERDICT_REJECTED); /* it is remembered */
	assert_int_equal(room(kit, 0, 7, 0).verdict, BH_VERDICT_ACCEPTED); /* given back */
	assert_int_equal(room(kit, 3, 8, 1).verdict, BH_VERDICT_ACCEPTED);
	kit_pass(kit, BH_UPLOAD_AGE_MS_MAX);
	assert_int_equal(room(kit, 2, 8, 2 * KIB).verdict, BH_VERDICT_ACCEPTED); /* offered again */
	int64_t before_ms = bh_writer_time(kit->writer, kit->now, NULL) - KIT_MINUTE;
	assert_int_equal(bh_reader_uploads_old(kit->reader, before_ms, old, 4, &count), 0);
	assert_int_equal(count, 2); /* the second and the fourth */
	memcpy(old[2], hashes[2], BH_HASH_BYTES);
	assert_int_equal(bh_writer_uploads_drop(kit->writer, kit->now,
				 (const uint8_t(*)[BH_HASH_BYTES])old, 3, before_ms),
		0);
	assert_int_equal(room(kit, 0, 9, 4 * KIB).verdict, BH_VERDICT_ACCEPTED);
	assert_int_equal(room(kit, 1, 9, 1).verdict, BH_VERDICT_REJECTED);
}

static void test_blob__verification_finds_what_was_changed_behind_its_back(void **state)
{
	static const char *const changes[] = {
		"UPDATE blob SET stored = 0",
		"UPDATE blob SET size = size + 1",
		"DELETE FROM blob",
		"INSERT INTO blob VALUES(x'00', 1, 0, 1, 1, 1, 1, 1, 0)",
		"UPDATE tally SET value = value + 1 WHERE id = 12",
	};
	struct kit *kit = *state;
	struct bh_verify_report report;
	struct phone phone;

	kit_enrol(kit, &phone, BH_DEMO_WORKER(1111), 1);
	const struct bh_msg_blob blob = blob_of(0, BH_BLOB_PHOTO);
	uint64_t number = report_with(kit, &phone, &blob, 1);
	struct bh_command command = stored(0, number);
	assert_int_not_equal(kit_run(kit, &command).position, 0);
	kit_sql(kit, KIT_PATH, "CREATE TABLE kept AS SELECT * FROM blob");
	kit_sql(kit, KIT_PATH, "CREATE TABLE told AS SELECT * FROM tally");
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		kit_sql(kit, KIT_PATH, changes[i]);
		assert_int_equal(kit_verify(kit, &report), BH_ERR_CORRUPT);
		kit_sql(kit, KIT_PATH, "DELETE FROM blob");
		kit_sql(kit, KIT_PATH, "INSERT INTO blob SELECT * FROM kept");
		kit_sql(kit, KIT_PATH, "INSERT OR REPLACE INTO tally SELECT * FROM told");
		verify_holds(kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_blob__is_named_by_an_accepted_op_and_stored_by_an_entry, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_blob__the_entry_says_which_and_needs_nothing_erasable, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_blob__of_no_op_of_the_case_or_of_another_size_is_refused, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_blob__of_two_cases_is_stored_for_each_and_counted_once, open_kit,
			close_kit),
		cmocka_unit_test_setup_teardown(
			test_blob__of_an_op_without_effect_is_nobodys, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_blob__named_again_for_a_case_where_it_is_is_here, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_blob__room_is_counted_by_device_and_by_district, open_kit, close_kit),
		cmocka_unit_test_setup_teardown(
			test_blob__verification_finds_what_was_changed_behind_its_back, open_kit,
			close_kit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
