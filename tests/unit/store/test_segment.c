/* Segments as bytes: what was written is read back entry for entry; a file that was cut at any byte
 * gives the blocks before the cut and nothing else; a bit that was turned over anywhere is found.
 */
#include "tests/unit/store/segment_kit.h"

struct taking {
	struct kit *kit;
	uint64_t count, keys, last;
};

static int entry_take(void *context, const struct bh_entry *entry, const struct bh_caller_key *key)
{
	struct taking *taking = context;
	struct bh_arena arena = BH_ARENA(1u << 24);
	struct bh_caller_key known;
	struct bh_entry own;

	assert_int_equal(bh_reader_entry(taking->kit->reader, entry->position, &arena, &own), 0);
	assert_memory_equal(entry->hash, own.hash, BH_HASH_BYTES);
	assert_memory_equal(entry->salt, own.salt, BH_SALT_BYTES);
	assert_true(bh_span_equal(entry->content, own.content));
	assert_true(bh_span_equal(entry->header, own.header));
	bh_arena_free(&arena);
	if (key) {
		assert_int_equal(bh_reader_key_of(taking->kit->reader, entry->position, &known), 0);
		assert_memory_equal(key, &known, sizeof(known));
		taking->keys++;
	}
	taking->count++;
	taking->last = entry->position;
	return BH_NOERR;
}

static int follow(struct shelf *shelf, uint64_t after, struct taking *taking,
	struct bh_segment_road *road, struct bh_segment_fault *fault)
{
	*road = shelf_road(shelf, after);
	*taking = (struct taking){.kit = shelf->kit};
	*fault = (struct bh_segment_fault){0};
	return bh_segment_follow(shelf->kit->hasher, road, entry_take, taking, fault);
}

static void test_segment__is_read_as_it_was_written(void **state)
{
	struct kit kit;
	struct shelf shelf;
	struct taking taking = {.kit = &kit};
	struct bh_segment_info info;

	(void)state;
	shelf_journal(&kit, 70);
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, kit_head(&kit), 3);
	shelf_end(&shelf);
	assert_int_equal(bh_segment_read(kit.hasher, KIT_CODE, bh_buf_span(&shelf.files[0]),
				 entry_take, &taking, &info),
		0);
	assert_int_equal(taking.count, kit_head(&kit));
	assert_int_equal(taking.keys, 2);
	assert_int_equal(info.format, BH_SEGMENT_FORMAT);
	assert_true(info.named && info.ended && info.torn == 0 && info.beyond == 0);
	assert_int_equal(info.last, kit_head(&kit));
	assert_string_equal(info.head.code, KIT_CODE);
	assert_int_equal(info.head.epoch, 1);
	assert_int_equal(bh_segment_read(kit.hasher, "990101", bh_buf_span(&shelf.files[0]),
				 entry_take, &taking, &info),
		0);
	assert_true(info.named && info.last == 0 && info.beyond == 0);
	shelf_close(&shelf);
	kit_close(&kit);
}

/* Where each block of the only file ends. */
static uint64_t blocks_within(struct shelf *shelf, size_t bytes, size_t *whole)
{
	struct bh_segment_info info;

	assert_int_equal(bh_segment_read(shelf->kit->hasher, KIT_CODE,
				 bh_span(shelf->files[0].data, bytes), NULL, NULL, &info),
		0);
	*whole = (size_t)info.bytes;
	assert_int_equal(info.bytes + info.torn, bytes);
	assert_int_equal(info.beyond, 0);
	return info.named ? info.last : 0;
}

static void test_segment__cut_at_any_byte_holds_the_blocks_before(void **state)
{
	struct kit kit;
	struct shelf shelf;
	size_t whole = 0, before = 0, blocks = 0;
	uint64_t last = 0;

	(void)state;
	shelf_journal(&kit, 71);
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, kit_head(&kit), 2);
	shelf_end(&shelf);
	size_t len = shelf.files[0].len;
	for (size_t cut = 0; cut <= len; cut++) {
		uint64_t now = blocks_within(&shelf, cut, &whole);
		assert_true(now >= last && whole >= before && whole <= cut);
		assert_true(now == last || whole == cut); /* only a whole block adds entries */
		blocks += now > last;
		last = now;
		before = whole;
	}
	assert_int_equal(last, kit_head(&kit));
	assert_int_equal(blocks, (kit_head(&kit) + 1) / 2);
	shelf_close(&shelf);
	kit_close(&kit);
}

/* One bit of the file at a time: either what follows is refused, or it was the last block, which
 * looks like a tear and is left out. */
static void test_segment__a_changed_bit_is_found(void **state)
{
	struct kit kit;
	struct shelf shelf;
	struct taking taking;
	struct bh_segment_road road;
	struct bh_segment_fault fault;
	size_t refused = 0;

	(void)state;
	shelf_journal(&kit, 72);
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, kit_head(&kit), 4);
	size_t len = shelf.files[0].len, last_block = 0;
	for (size_t cut = len - 1; last_block == 0; cut--) {
		size_t whole;
		(void)blocks_within(&shelf, cut, &whole);
		last_block = whole == cut ? cut : 0;
	}
	for (size_t at = 0; at < len; at += at < 500 || at > last_block ? 1 : 7) {
		shelf.files[0].data[at] ^= (uint8_t)(1u << at % 8);
		int err = follow(&shelf, 0, &taking, &road, &fault);
		if (at < last_block)
			assert_true(err == BH_ERR_CORRUPT || err == BH_ERR_NOT_FOUND);
		else
			assert_true(err == 0 && road.torn == len - last_block);
		assert_true(taking.last < kit_head(&kit));
		refused += err != 0;
		shelf.files[0].data[at] ^= (uint8_t)(1u << at % 8);
	}
	assert_true(refused > 500);
	assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), 0);
	assert_int_equal(taking.last, kit_head(&kit));
	shelf_close(&shelf);
	kit_close(&kit);
}

/* Each bit of the keys of an entry: where they lie in the file. */
static size_t key_find(const struct shelf *shelf, bool of_creation)
{
	const struct bh_caller_key key = shelf_key(of_creation);
	const struct bh_buf *file = &shelf->files[0];
	size_t at = 0;

	while (memcmp(file->data + at, &key, sizeof(key)) != 0)
		assert_true(++at + sizeof(key) <= file->len);
	return at;
}

static void test_segment__a_changed_bit_of_a_key_is_found(void **state)
{
	struct kit kit;
	struct shelf shelf;
	struct taking taking;
	struct bh_segment_road road;
	struct bh_segment_fault fault;

	(void)state;
	shelf_journal(&kit, 113);
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, kit_head(&kit), 1);
	size_t at = key_find(&shelf, false);
	for (size_t bit = 0; bit < 8 * sizeof(struct bh_caller_key); bit++) {
		shelf.files[0].data[at + bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), BH_ERR_CORRUPT);
		assert_int_equal(taking.keys, 1); /* the one before it */
		shelf.files[0].data[at + bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), 0);
	assert_int_equal(taking.keys, 2);
	shelf_close(&shelf);
	kit_close(&kit);
}

/* ---- Formats ---- */

static void test_segment__one_of_format_1_is_read_and_has_no_keys(void **state)
{
	struct kit kit;
	struct shelf shelf;
	struct taking taking;
	struct bh_segment_road road;
	struct bh_segment_fault fault;
	uint64_t half;

	(void)state;
	shelf_journal(&kit, 114);
	half = kit_head(&kit) / 2;
	shelf_open(&shelf, &kit);
	shelf.of_format_1 = true;
	shelf_write(&shelf, 1, 1, half, 3);
	shelf_end(&shelf);
	assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), 0);
	assert_int_equal(shelf.infos[0].format, 1);
	assert_int_equal(taking.count, half);
	assert_int_equal(taking.keys, 0);
	shelf.of_format_1 = false; /* a program that knows keys goes on */
	shelf_write(&shelf, 1, half, kit_head(&kit), 3);
	assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), 0);
	assert_int_equal(taking.count, kit_head(&kit));
	assert_int_equal(taking.keys, 1);
	shelf_close(&shelf);
	kit_close(&kit);
}

static void beginning_drop(struct bh_buf *file)
{
	memmove(file->data + BH_SEGMENT_HEAD_BYTES, file->data + BH_SEGMENT_BEGIN_BYTES,
		file->len - BH_SEGMENT_BEGIN_BYTES);
	file->len -= BH_SEGMENT_BLOCK_HEAD_BYTES;
}

static void test_segment__a_key_in_one_of_format_1_is_damage(void **state)
{
	struct kit kit;
	struct shelf shelf;
	struct taking taking;
	struct bh_segment_road road;
	struct bh_segment_fault fault;

	(void)state;
	shelf_journal(&kit, 115);
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, kit_head(&kit), 1);
	beginning_drop(&shelf.files[0]);
	assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), BH_ERR_NOT_FOUND);
	assert_int_equal(shelf.infos[0].format, 1);
	assert_int_equal(shelf.infos[0].beyond, kit_head(&kit));
	shelf_close(&shelf);
	kit_close(&kit);
}

/* To a program of format 1 it is a whole block that does not follow and lies past every entry: it
 * refuses the file, wherever its last entry is known from another one. */
static void test_segment__what_says_the_format_is_a_block_that_format_1_refuses(void **state)
{
	static const uint8_t begins[] = {'b', 'h', 's', 'b', 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0, 0, 0, BH_SEGMENT_FORMAT};
	static const uint8_t none[BH_HASH_BYTES];
	const struct bh_segment_block same = {.first = UINT64_MAX, .count = BH_SEGMENT_FORMAT};
	struct bh_buf block = BH_BUF(1000);
	struct kit kit;
	struct shelf shelf;

	(void)state;
	shelf_journal(&kit, 116);
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, 4, 2);
	const uint8_t *at = shelf.files[0].data + BH_SEGMENT_HEAD_BYTES;
	assert_memory_equal(at, begins, sizeof(begins));
	assert_memory_equal(at + sizeof(begins), none, sizeof(none));
	assert_int_equal(bh_segment_block_end(kit.hasher, KIT_CODE, &same, &block), 0);
	assert_int_equal(block.len, BH_SEGMENT_BLOCK_HEAD_BYTES);
	assert_memory_equal(at, block.data, block.len);
	bh_buf_free(&block);
	shelf_close(&shelf);
	kit_close(&kit);
}

static void test_segment__one_of_a_newer_format_is_refused_by_name(void **state)
{
	const struct bh_segment_block newer = {.first = UINT64_MAX, .count = BH_SEGMENT_FORMAT + 1};
	struct bh_buf block = BH_BUF(1000);
	struct kit kit;
	struct shelf shelf;
	struct taking taking;
	struct bh_segment_road road;
	struct bh_segment_fault fault;

	(void)state;
	shelf_journal(&kit, 117);
	shelf_open(&shelf, &kit);
	shelf_write(&shelf, 1, 1, 6, 3);
	shelf_write(&shelf, 1, 5, kit_head(&kit), 3);
	assert_int_equal(bh_segment_block_end(kit.hasher, KIT_CODE, &newer, &block), 0);
	memcpy(shelf.files[1].data + BH_SEGMENT_HEAD_BYTES, block.data, block.len);
	assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), BH_ERR_CORRUPT);
	assert_int_equal(fault.file, 1);
	assert_string_equal(fault.what, "it was written by a newer program");
	assert_int_equal(taking.count, 0);
	bh_buf_free(&block);
	shelf_close(&shelf);
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segment__is_read_as_it_was_written),
		cmocka_unit_test(test_segment__cut_at_any_byte_holds_the_blocks_before),
		cmocka_unit_test(test_segment__a_changed_bit_is_found),
		cmocka_unit_test(test_segment__a_changed_bit_of_a_key_is_found),
		cmocka_unit_test(test_segment__one_of_format_1_is_read_and_has_no_keys),
		cmocka_unit_test(test_segment__a_key_in_one_of_format_1_is_damage),
		cmocka_unit_test(
			test_segment__what_says_the_format_is_a_block_that_format_1_refuses),
		cmocka_unit_test(test_segment__one_of_a_newer_format_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
