/* Segments of a kit's journal, in memory. */
#ifndef BH_TEST_STORE_SEGMENT_KIT_H
#define BH_TEST_STORE_SEGMENT_KIT_H

#include "server/store/segment_follow.h"
#include "tests/unit/store/kit.h"

#define SHELF_MAX 12u

/* Files as they lie in a folder. */
struct shelf {
	struct kit *kit;
	struct bh_buf files[SHELF_MAX];
	struct bh_segment_info infos[SHELF_MAX];
	size_t count;
	bool of_format_1; /* what is written: as a program before keys did */
};

/* A district with some cases: the same journal every time, on a disk of this number.  Two of its
 * entries have keys: its first, and a desk's dispatch. */
void shelf_journal(struct kit *kit, uint32_t number);
void shelf_open(struct shelf *shelf, struct kit *kit);
void shelf_close(struct shelf *shelf);
/* Another file with the journal's entries first to last, entries_a_block of them in each block. */
void shelf_write(struct shelf *shelf, uint64_t epoch, uint64_t first, uint64_t last,
	uint64_t entries_a_block);
/* The same from another kit's journal. */
void shelf_write_of(struct shelf *shelf, struct kit *kit, uint64_t epoch, uint64_t first,
	uint64_t last, uint64_t entries_a_block);
/* The end of the file that was written last. */
void shelf_end(struct shelf *shelf);
/* Makes the key of a journal's that has one: of its creation, of its dispatch. */
struct bh_caller_key shelf_key(bool of_creation);
/* Judges all of them, and stands before the entry behind after. */
struct bh_segment_road shelf_road(struct shelf *shelf, uint64_t after);
/* The hash at a position; zeroes at 0. */
void shelf_hash(struct kit *kit, uint64_t position, uint8_t hash[BH_HASH_BYTES]);

#endif
