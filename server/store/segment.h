/* A segment: a file that holds a run of a district's journal, written as the journal grows, in a
 * folder on another disk or machine.
 *
 *   FOLDER/CODE/000000000051-000003.segment    from entry 51; the third file that was begun there
 *       head    whose, epoch, number, first entry, the hash before it, a check
 *       format  a block that holds none and says in which format the others are
 *       block   entries in order, the hash before them, a check; one append and one sync
 *       block ...
 *       end     a block of no entries: nothing follows
 *   FOLDER/CODE/blobs/ab/cd/                   photos, each under its hash
 *
 * Numbers are big-endian.  An entry is its canonical bytes (entry.h), by which the journal's own
 * chain is checked, then u8 of what follows: 1, salt ‖ block content (without, the commitment is
 * all there is); 2, the key that its caller gave: key hash 32 ‖ request hash 32.  A key that found
 * what it asked for done made no entry, and is in no segment.  Format 1 had neither keys nor a
 * block that says so.  Nothing here does any I/O. */
#ifndef BH_STORE_SEGMENT_H
#define BH_STORE_SEGMENT_H

#include "server/domain/entry.h"
#include "server/store/store.h"

#define BH_SEGMENT_FORMAT 2u /* that is written; every one up to it is read */
#define BH_SEGMENT_HEAD_BYTES 117u
#define BH_SEGMENT_BLOCK_HEAD_BYTES 84u
#define BH_SEGMENT_BEGIN_BYTES (BH_SEGMENT_HEAD_BYTES + BH_SEGMENT_BLOCK_HEAD_BYTES)
#define BH_SEGMENT_BODY_BYTES (1u << 20) /* of a block's entries; past it another block begins */
#define BH_SEGMENT_ENTRY_BYTES_MAX (160u << 20)
#define BH_SEGMENT_CLOSE_BYTES (16u << 20) /* past it another file begins */
#define BH_SEGMENT_BYTES_MAX (BH_SEGMENT_CLOSE_BYTES + 2u * BH_SEGMENT_ENTRY_BYTES_MAX)

struct bh_segment_head {
	char code[BH_DISTRICT_CODE_BYTES_MAX + 1];
	uint64_t epoch;              /* in which its entries were written */
	uint64_t number;             /* greater than that of any file begun in the folder before */
	uint64_t first;              /* position of its first entry */
	uint8_t prev[BH_HASH_BYTES]; /* of the entry before it; zero before 1 */
	uint32_t due_divisor;        /* of the tests; 1 */
};

/* Appends the beginning of a file: its head, and the block that says its format. */
int bh_segment_begin(
	struct bh_hasher *hasher, const struct bh_segment_head *head, struct bh_buf *out);

/* A block that is being made.  Zero-filled but for body is fine. */
struct bh_segment_block {
	uint64_t first, count;
	uint8_t prev[BH_HASH_BYTES], last[BH_HASH_BYTES];
	struct bh_buf body; /* BH_BUF(BH_SEGMENT_ENTRY_BYTES_MAX) */
};

/* Of entries that follow this one: position and hash. */
void bh_segment_block_begin(
	struct bh_segment_block *block, uint64_t after, const uint8_t hash[BH_HASH_BYTES]);
/* Whether salt and content are those of the entry's commitment: else it is all that is kept. */
bool bh_segment_has_content(struct bh_hasher *hasher, const struct bh_entry *entry);
/* The next entry, whose hash must follow, with the key that made it (NULL: none).  BH_ERR_LIMIT:
 * the block has no room for it any more, or no file has; BH_ERR_CORRUPT: it does not follow. */
int bh_segment_block_add(struct bh_hasher *hasher, struct bh_segment_block *block,
	const struct bh_entry *entry, const struct bh_caller_key *key, struct bh_buf *scratch);
/* Appends it to out; one of no entries is the end of a file. */
int bh_segment_block_end(struct bh_hasher *hasher, const char *code,
	const struct bh_segment_block *block, struct bh_buf *out);

/* What a file holds. */
struct bh_segment_info {
	bool named;      /* its head holds: else only what is said of bytes does */
	uint32_t format; /* past BH_SEGMENT_FORMAT: no entry of it was read */
	struct bh_segment_head head;
	uint64_t last; /* position of its last entry; first - 1: none */
	uint8_t last_hash[BH_HASH_BYTES];
	uint64_t before; /* position of the entry before its last block of entries */
	uint8_t before_hash[BH_HASH_BYTES];
	uint64_t bytes;  /* that hold */
	uint64_t torn;   /* bytes behind those, which do not */
	uint64_t beyond; /* position of the last entry of whole blocks behind what does not hold; 0:
			    none.  A tear has none: what follows is not written before this was
			    synced */
	bool ended;
};

/* Takes an entry, with its hash and the key that made it (NULL: none, or none that is known). */
typedef int (*bh_segment_each)(
	void *context, const struct bh_entry *entry, const struct bh_caller_key *key);
/* Judges all of it: checks, chain, contents.  each (may be NULL) gets every entry; spans are
 * borrowed from the file.  0, or what each gave. */
int bh_segment_read(struct bh_hasher *hasher, const char *code, struct bh_span file,
	bh_segment_each each, void *context, struct bh_segment_info *out);

#endif
