/* Which of the segments in a folder go on from an entry, and whether they are all there: a restore
 * made another history of some of them, a restart an overlap. */
#ifndef BH_STORE_SEGMENT_FOLLOW_H
#define BH_STORE_SEGMENT_FOLLOW_H

#include "server/store/segment.h"

struct bh_segment_road {
	const char *code;                    /* the district's */
	const struct bh_segment_info *infos; /* of all files, judged */
	size_t count;
	/* A file's bytes, borrowed until the next call. */
	int (*load)(void *context, size_t file, struct bh_span *bytes);
	void *context;
	/* The entry to go on from, then the last one: 0 and zeroes before the first. */
	uint64_t position;
	uint8_t hash[BH_HASH_BYTES];
	uint64_t torn; /* bytes of a torn end that were left out */
};

struct bh_segment_fault {
	size_t file; /* which one; count: none */
	uint64_t position;
	const char *what; /* a clause about the entry of this position, or of none where it is 0 */
};

/* Gives each entry that follows, in order; where two histories part, the one that was begun later
 * goes on.  0, or what each and load gave.  BH_ERR_CORRUPT: *fault says what was damaged, is
 * missing or is another history; entries may have been given before that.  BH_ERR_NOT_FOUND: none
 * of them holds an entry. */
int bh_segment_follow(struct bh_hasher *hasher, struct bh_segment_road *road, bh_segment_each each,
	void *context, struct bh_segment_fault *fault);
/* The file with the newest end, whose last entry must be of the journal; count: none. */
size_t bh_segment_newest(const struct bh_segment_road *road);

#endif
