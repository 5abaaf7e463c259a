/* Segments in memory: what a ship writes to files is put on a shelf here. */
#include "tests/unit/store/segment_kit.h"

struct bh_caller_key shelf_key(bool of_creation)
{
	struct bh_caller_key key;

	memset(key.key_hash, of_creation ? 0x1c : 0x1d, BH_HASH_BYTES);
	memset(key.request_hash, of_creation ? 0x2c : 0x2d, BH_HASH_BYTES);
	return key;
}

void shelf_journal(struct kit *kit, uint32_t number)
{
	struct bh_caller_key key = shelf_key(true);
	struct phone reporter, handler;
	struct bh_command command;
	struct push push;

	kit_open_bare(kit, number);
	kit->random = 70;
	assert_int_equal(bh_store_create_keyed(&kit->options, KIT_CODE, kit->now, &key), 0);
	assert_int_equal(kit_up(kit), 0);
	kit_profile(kit);
	kit_enrol(kit, &reporter, BH_DEMO_WORKER(1111), 1);
	kit_enrol(kit, &handler, BH_DEMO_HANDLER(BH_DEMO_CLEAN_A), 2);
	uint64_t case_number = kit_report(kit, &reporter, "litter");
	kit_report(kit, &reporter, "");
	command = kit_desk(BH_VERB_DISPATCH, BH_DEMO_PERSON(DISPATCHER), case_number, "please");
	command.unit = BH_DEMO_CLEAN_A;
	key = shelf_key(false);
	memcpy(command.key_hash, key.key_hash, BH_HASH_BYTES);
	memcpy(command.request_hash, key.request_hash, BH_HASH_BYTES);
	assert_int_equal(kit_run(kit, &command).verdict, BH_VERDICT_ACCEPTED);
	push_begin(&push);
	push_op(kit, &push, &handler, BH_VERB_SIGN, case_number, "");
	push_op(kit, &push, &handler, BH_VERB_FINISH, case_number, "done");
	push_op(kit, &push, &handler, BH_VERB_FINISH, case_number, "done twice");
	assert_int_equal(push_run(kit, &push), 0);
	push_end(&push);
}

void shelf_open(struct shelf *shelf, struct kit *kit)
{
	*shelf = (struct shelf){.kit = kit};
	for (size_t i = 0; i < SHELF_MAX; i++)
		shelf->files[i] = BH_BUF(BH_SEGMENT_BYTES_MAX);
}

void shelf_close(struct shelf *shelf)
{
	for (size_t i = 0; i < SHELF_MAX; i++)
		bh_buf_free(&shelf->files[i]);
}

void shelf_hash(struct kit *kit, uint64_t position, uint8_t hash[BH_HASH_BYTES])
{
	memset(hash, 0, BH_HASH_BYTES);
	if (position)
		assert_int_equal(bh_reader_hash_at(kit->reader, position, hash), 0);
}

static void block_write(struct shelf *shelf, struct kit *kit, uint64_t first, uint64_t last)
{
	struct bh_segment_block block = {.body = BH_BUF(BH_SEGMENT_ENTRY_BYTES_MAX)};
	struct bh_buf scratch = BH_BUF(BH_SEGMENT_ENTRY_BYTES_MAX);
	struct bh_arena arena = BH_ARENA(1u << 24);
	uint8_t hash[BH_HASH_BYTES];
	struct bh_entry entry;
	struct bh_caller_key key;

	shelf_hash(kit, first - 1, hash);
	bh_segment_block_begin(&block, first - 1, hash);
	for (uint64_t at = first; at <= last; at++) {
		assert_int_equal(bh_reader_entry(kit->reader, at, &arena, &entry), 0);
		int err = bh_reader_key_of(kit->reader, at, &key);
		assert_true(err == 0 || err == BH_ERR_NOT_FOUND);
		assert_int_equal(bh_segment_block_add(kit->hasher, &block, &entry,
					 err || shelf->of_format_1 ? NULL : &key, &scratch),
			0);
	}
	assert_int_equal(bh_segment_block_end(
				 kit->hasher, KIT_CODE, &block, &shelf->files[shelf->count - 1]),
		0);
	bh_buf_free(&block.body);
	bh_buf_free(&scratch);
	bh_arena_free(&arena);
}

void shelf_write_of(struct shelf *shelf, struct kit *kit, uint64_t epoch, uint64_t first,
	uint64_t last, uint64_t entries_a_block)
{
	struct bh_segment_head head = {.code = KIT_CODE,
		.epoch = epoch,
		.number = shelf->count + 1,
		.first = first,
		.due_divisor = 1};

	assert_true(shelf->count < SHELF_MAX);
	shelf_hash(kit, first - 1, head.prev);
	assert_int_equal(bh_segment_begin(kit->hasher, &head, &shelf->files[shelf->count++]), 0);
	if (shelf->of_format_1)
		shelf->files[shelf->count - 1].len = BH_SEGMENT_HEAD_BYTES;
	for (uint64_t at = first; at <= last; at += entries_a_block)
		block_write(shelf, kit, at,
			last - at < entries_a_block ? last : at + entries_a_block - 1);
}

void shelf_write(struct shelf *shelf, uint64_t epoch, uint64_t first, uint64_t last,
	uint64_t entries_a_block)
{
	shelf_write_of(shelf, shelf->kit, epoch, first, last, entries_a_block);
}

void shelf_end(struct shelf *shelf)
{
	struct bh_segment_info *info = &shelf->infos[shelf->count - 1];
	struct bh_segment_block block = {0};

	(void)shelf_road(shelf, 0);
	bh_segment_block_begin(&block, info->last, info->last_hash);
	assert_int_equal(bh_segment_block_end(shelf->kit->hasher, KIT_CODE, &block,
				 &shelf->files[shelf->count - 1]),
		0);
}

static int shelf_load(void *context, size_t file, struct bh_span *bytes)
{
	struct shelf *shelf = context;

	*bytes = bh_buf_span(&shelf->files[file]);
	return BH_NOERR;
}

struct bh_segment_road shelf_road(struct shelf *shelf, uint64_t after)
{
	struct bh_segment_road road = {.code = KIT_CODE,
		.infos = shelf->infos,
		.count = shelf->count,
		.load = shelf_load,
		.context = shelf,
		.position = after};

	for (size_t i = 0; i < shelf->count; i++)
		assert_int_equal(
			bh_segment_read(shelf->kit->hasher, KIT_CODE, bh_buf_span(&shelf->files[i]),
				NULL, NULL, &shelf->infos[i]),
			0);
	shelf_hash(shelf->kit, after, road.hash);
	return road;
}
