/* Following segments from any entry and over every file, or saying what is missing; where histories
 * part, the later one is followed; what is followed builds the same district. */
#include "server/store/replay.h"
#include "tests/unit/store/segment_kit.h"

struct taking {
	uint64_t count;
};

static int entry_take(void *context, const struct bh_entry *entry, const struct bh_caller_key *key)
{
	struct taking *taking = context;

	(void)key;
	assert_true(entry->position > 0);
	taking->count++;
	return BH_NOERR;
}

static int follow(struct shelf *shelf, uint64_t after, struct taking *taking,
	struct bh_segment_road *road, struct bh_segment_fault *fault)
{
	*road = shelf_road(shelf, after);
	*taking = (struct taking){0};
	*fault = (struct bh_segment_fault){0};
	return bh_segment_follow(shelf->kit->hasher, road, entry_take, taking, fault);
}

/* ---- From file to file ---- */

static void test_follow__goes_on_from_anywhere_and_over_every_file(void **state)
{
	struct kit kit;
	struct shelf shelf;
	struct taking taking;
	struct bh_segment_road road;
	struct bh_segment_fault fault;

	(void)state;
	shelf_journal(&kit, 73);
	uint64_t head = kit_head(&kit);
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, 5, 2);
	shelf_write(&shelf, 1, 6, 6, 1);
	shelf_write(&shelf, 1, 5, head - 2, 3); /* begun where the folder was thought to end */
	shelf_write(&shelf, 1, head - 1, head, 1);
	for (uint64_t after = 0; after <= head; after++) {
		assert_int_equal(follow(&shelf, after, &taking, &road, &fault), 0);
		assert_int_equal(taking.count, head - after);
		assert_int_equal(road.position, head);
		assert_int_equal(road.torn, 0);
	}
	shelf_close(&shelf);
	kit_close(&kit);
}

static void test_follow__a_torn_file_is_gone_on_from_by_the_next(void **state)
{
	struct kit kit;
	struct shelf shelf;
	struct taking taking;
	struct bh_segment_road road;
	struct bh_segment_fault fault;

	(void)state;
	shelf_journal(&kit, 74);
	uint64_t head = kit_head(&kit);
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, 6, 3);
	shelf.files[0].len -= 10;
	assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), 0);
	assert_int_equal(road.position, 3);
	assert_true(road.torn > 0);
	shelf_write(&shelf, 1, 4, head, 3);
	assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), 0);
	assert_int_equal(road.position, head);
	assert_int_equal(road.torn, 0);
	shelf_close(&shelf);
	kit_close(&kit);
}

static void test_follow__what_is_missing_is_refused(void **state)
{
	struct kit kit;
	struct shelf shelf;
	struct taking taking;
	struct bh_segment_road road;
	struct bh_segment_fault fault;

	(void)state;
	shelf_journal(&kit, 75);
	uint64_t head = kit_head(&kit);
	shelf_open(&shelf, &kit);
	assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), BH_ERR_NOT_FOUND);
	shelf_write(&shelf, 1, 1, 4, 2);
	shelf_write(&shelf, 1, 6, head, 2);
	for (uint64_t after = 0; after <= 4; after++) {
		assert_int_equal(follow(&shelf, after, &taking, &road, &fault), BH_ERR_CORRUPT);
		assert_int_equal(fault.file, 1);
		assert_int_equal(fault.position, 5);
		assert_non_null(strstr(fault.what, "missing"));
	}
	assert_int_equal(follow(&shelf, 5, &taking, &road, &fault), 0);
	shelf.files[0].data[20] ^= 1; /* of the head: its entries are there and cannot be used */
	assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), BH_ERR_CORRUPT);
	shelf_close(&shelf);
	kit_close(&kit);
}

/* A file that was begun before where the folder ends: any bit of what it begins with. */
static void test_follow__a_damaged_beginning_hides_nothing_of_what_lies_behind_it(void **state)
{
	struct kit kit;
	struct shelf shelf;
	struct taking taking;
	struct bh_segment_road road;
	struct bh_segment_fault fault;

	(void)state;
	shelf_journal(&kit, 118);
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, 5, 5);
	shelf_write(&shelf, 1, 5, kit_head(&kit), 1);
	for (size_t at = 0; at < BH_SEGMENT_BEGIN_BYTES + BH_SEGMENT_BLOCK_HEAD_BYTES; at++) {
		shelf.files[1].data[at] ^= (uint8_t)(1u << at % 8);
		assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), BH_ERR_CORRUPT);
		assert_int_equal(fault.file, 1);
		assert_non_null(strstr(fault.what, "damaged"));
		shelf.files[1].data[at] ^= (uint8_t)(1u << at % 8);
	}
	assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), 0);
	shelf_close(&shelf);
	kit_close(&kit);
}

/* Two districts that were one up to a position: a backup was put back there. */
static void test_follow__the_history_begun_later_is_followed(void **state)
{
	struct kit kit, again;
	struct shelf shelf;
	struct taking taking;
	struct bh_segment_road road;
	struct bh_segment_fault fault;
	uint8_t hash[BH_HASH_BYTES];

	(void)state;
	shelf_journal(&kit, 76);
	shelf_journal(&again, 80);
	uint64_t same = kit_head(&kit);
	kit_pass(&again, KIT_MINUTE);
	for (uint8_t n = 0; n < 4; n++) {
		kit_enrol_code(&kit, (uint8_t)(10 + n), BH_DEMO_WORKER(1112), KIT_START_MS * 2);
		if (n < 2)
			kit_enrol_code(
				&again, (uint8_t)(20 + n), BH_DEMO_WORKER(1112), KIT_START_MS * 2);
	}
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, kit_head(&kit), 3);
	shelf_write_of(&shelf, &again, 2, same + 1, kit_head(&again), 1);
	shelf.kit = &again;
	assert_int_equal(follow(&shelf, 2, &taking, &road, &fault), 0);
	assert_int_equal(road.position, kit_head(&again));
	shelf_hash(&again, kit_head(&again), hash);
	assert_memory_equal(road.hash, hash, BH_HASH_BYTES);
	shelf.kit = &kit; /* a backup of what was given up */
	assert_int_equal(follow(&shelf, same + 1, &taking, &road, &fault), BH_ERR_CORRUPT);
	assert_int_equal(fault.file, 1);
	assert_non_null(strstr(fault.what, "another history"));
	shelf_close(&shelf);
	kit_close(&kit);
	kit_close(&again);
}

static void test_follow__another_districts_are_refused(void **state)
{
	struct kit kit;
	struct shelf shelf;
	struct taking taking;
	struct bh_segment_road road;
	struct bh_segment_fault fault;

	(void)state;
	shelf_journal(&kit, 77);
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, 4, 2);
	taking = (struct taking){0};
	road = shelf_road(&shelf, 0);
	road.code = "990101";
	assert_int_equal(
		bh_segment_follow(kit.hasher, &road, entry_take, &taking, &fault), BH_ERR_CORRUPT);
	assert_non_null(strstr(fault.what, "another district"));
	assert_int_equal(taking.count, 0);
	shelf_close(&shelf);
	kit_close(&kit);
}

/* ---- Replayed ---- */

static void key_leads(const struct bh_store_options *options, bool of_creation)
{
	const struct bh_caller_key key = shelf_key(of_creation);
	struct bh_store_reader *reader;
	struct bh_key_use use;
	struct bh_entry entry;
	struct bh_arena arena = BH_ARENA(1u << 24);

	assert_int_equal(bh_reader_open(options, &reader), 0);
	assert_int_equal(bh_reader_key(reader, key.key_hash, &use), 0);
	assert_false(use.held);
	assert_memory_equal(use.request_hash, key.request_hash, BH_HASH_BYTES);
	assert_int_equal(bh_reader_entry(reader, use.position, &arena, &entry), 0);
	assert_int_equal(entry.verb, of_creation ? BH_VERB_FOUND : BH_VERB_DISPATCH);
	bh_reader_close(reader);
	bh_arena_free(&arena);
}

static void replay_into(struct kit *kit, struct shelf *shelf, const char *path)
{
	struct bh_store_options options = kit->options;
	struct bh_verify_report report;
	struct bh_replay *replay = NULL;
	struct bh_segment_fault fault;
	uint8_t hash[BH_HASH_BYTES];

	options.path = path;
	options.kept_path = NULL;
	assert_int_equal(bh_replay_open(&options, &replay), 0);
	struct bh_segment_road road = shelf_road(shelf, bh_replay_head(replay, hash));
	assert_int_equal(bh_segment_follow(kit->hasher, &road, bh_replay_entry, replay, &fault), 0);
	assert_int_equal(bh_replay_finish(replay), 0);
	assert_int_equal(bh_replay_head(replay, hash), kit_head(kit));
	bh_replay_close(replay);
	if (bh_store_verify(&options, &report))
		fail_msg("%s at %llu", report.what, (unsigned long long)report.first_bad);
	assert_int_equal(report.entries, kit_head(kit));
	assert_memory_equal(report.head, hash, BH_HASH_BYTES);
	key_leads(&options, true);
	key_leads(&options, false);
}

static void test_replay__of_a_copy_or_of_nothing_gives_the_district(void **state)
{
	struct kit kit;
	struct shelf shelf;
	struct bh_store_options options;
	struct phone phone;
	bool done = false;

	(void)state;
	shelf_journal(&kit, 78);
	assert_int_equal(bh_writer_copy_begin(kit.writer, "/d/backup.db"), 0);
	while (!done)
		assert_int_equal(bh_writer_copy_step(kit.writer, 64, &done), 0);
	kit_profile(&kit);
	kit_enrol(&kit, &phone, BH_DEMO_WORKER(1112), 3);
	(void)kit_report(&kit, &phone, "after the backup");
	assert_int_equal(kit_revoke(&kit, phone.device).verdict, BH_VERDICT_ACCEPTED);
	kit_pass(&kit, 26 * KIT_MINUTE);
	assert_true(kit_tick(&kit) > 0);
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, kit_head(&kit), 5);
	replay_into(&kit, &shelf, "/d/backup.db");
	options = kit.options;
	options.path = "/d/fresh.db";
	assert_int_equal(bh_replay_create(&options), 0);
	replay_into(&kit, &shelf, "/d/fresh.db");
	assert_int_equal(bh_replay_create(&options), BH_ERR_EXISTS);
	shelf_close(&shelf);
	kit_close(&kit);
}

static int entry_other(void *context, const struct bh_entry *entry, const struct bh_caller_key *key)
{
	struct bh_entry other = *entry;

	if (entry->position == 4)
		other.at_ms++;
	return bh_replay_entry(context, &other, key);
}

static void test_replay__takes_nothing_that_does_not_follow(void **state)
{
	struct kit kit;
	struct shelf shelf;
	struct bh_replay *replay = NULL;
	struct bh_segment_info info;

	(void)state;
	shelf_journal(&kit, 79);
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, kit_head(&kit), 5);
	struct bh_store_options options = kit.options;
	options.path = "/d/fresh.db";
	assert_int_equal(bh_replay_create(&options), 0);
	assert_int_equal(bh_replay_open(&options, &replay), 0);
	assert_int_equal(bh_segment_read(kit.hasher, KIT_CODE, bh_buf_span(&shelf.files[0]),
				 entry_other, replay, &info),
		BH_ERR_CORRUPT);
	bh_replay_close(replay);
	shelf_close(&shelf);
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_follow__goes_on_from_anywhere_and_over_every_file),
		cmocka_unit_test(test_follow__a_torn_file_is_gone_on_from_by_the_next),
		cmocka_unit_test(test_follow__what_is_missing_is_refused),
		cmocka_unit_test(
			test_follow__a_damaged_beginning_hides_nothing_of_what_lies_behind_it),
		cmocka_unit_test(test_follow__the_history_begun_later_is_followed),
		cmocka_unit_test(test_follow__another_districts_are_refused),
		cmocka_unit_test(test_replay__of_a_copy_or_of_nothing_gives_the_district),
		cmocka_unit_test(test_replay__takes_nothing_that_does_not_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
