/* Segments as bytes: what was written is read back entry for entry; a file that was cut at any byte
 * gives the blocks before the cut and nothing else; a bit that was turned over anywhere is found.
 */
#include "tests/unit/store/segment_kit.h"

struct taking {
	struct kit *kit;
	uint64_t count, last;
};

static int entry_take(void *context, const struct bh_entry *entry)
{
	struct taking *taking = context;
	struct bh_arena arena = BH_ARENA(1u << 24);
	struct bh_entry own;

	assert_int_equal(bh_reader_entry(taking->kit->reader, entry->position, &arena, &own), 0);
	assert_memory_equal(entry->hash, own.hash, BH_HASH_BYTES);
	assert_memory_equal(entry->salt, own.salt, BH_SALT_BYTES);
	assert_true(bh_span_equal(entry->content, own.content));
	assert_true(bh_span_equal(entry->header, own.header));
	bh_arena_free(&arena);
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
	for (size_t at = 0; at < len; at += at < 400 || at > last_block ? 1 : 7) {
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
	assert_true(refused > 400);
	assert_int_equal(follow(&shelf, 0, &taking, &road, &fault), 0);
	assert_int_equal(taking.last, kit_head(&kit));
	shelf_close(&shelf);
	kit_close(&kit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segment__is_read_as_it_was_written),
		cmocka_unit_test(test_segment__cut_at_any_byte_holds_the_blocks_before),
		cmocka_unit_test(test_segment__a_changed_bit_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
