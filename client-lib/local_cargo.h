/* Bundles that this handset carries for others: what it knows of each, and where its bytes are. */
#ifndef BH_CLIENT_LOCAL_CARGO_H
#define BH_CLIENT_LOCAL_CARGO_H

#include "client-lib/local.h"

/*
 *   WAITING --all of it, and the answer came--> ANSWERED --written out--> NONE
 *       |`----refused by name------------------> REFUSED
 *       `-- either of them, and WAITING, after BH_CARGO_AGE_MS_MAX ----> NONE
 *
 * Its place, 0 .. BH_CARGO_MAX - 1, names its file and the answer's; neither can be read here.  The
 * row says what is there: a file without one was never taken, and goes at the next opening.
 */
#define BH_CARGO_MAX 8u
#define BH_CARGO_ALL_BYTES_MAX (3ull << 30)
#define BH_CARGO_AGE_MS_MAX (30ll * 24 * 3600 * 1000)
#define BH_CARGO_TRIES_MAX 3u /* sent whole, and still not what it is called */

enum bh_cargo_phase {
	BH_CARGO_NONE = 0,
	BH_CARGO_IS_WAITING = 1,
	BH_CARGO_IS_ANSWERED = 2,
	BH_CARGO_IS_REFUSED = 3,
};

struct bh_cargo {
	uint8_t phase; /* enum bh_cargo_phase: first, so that no row looks sealed (bh_seal_is) */
	uint8_t tries; /* how often all of it was sent */
	char reason[BH_CARGO_REASON_BYTES_MAX + 7]; /* refused: why; waiting: what is odd of it */
	uint8_t hash[BH_HASH_BYTES];                /* what it is called (bundle_frames.h) */
	int64_t since_ms;                           /* wall clock */
	uint32_t size;
	uint32_t answer_size;
};

/* The contract of local.h holds. */

/* A place for a new piece, once what is too old has gone.  BH_ERR_LIMIT: there are too many. */
int bh_local_cargo_place(struct bh_local *local, int64_t wall_ms, unsigned *place);
/* Its next bytes; BH_ERR_LIMIT: too large. */
int bh_local_cargo_write(
	struct bh_local *local, unsigned place, uint64_t offset, struct bh_span bytes);
/* Adds its part at an offset to what it is called; answer: of the answer's file. */
int bh_local_cargo_chain(struct bh_local *local, unsigned place, bool answer, uint64_t offset,
	uint64_t size, uint8_t chain[BH_HASH_BYTES]);
/* All is written: durable, and carried from now on.  *place becomes that of an older piece with the
 * same bytes, which is carried on (BH_ERR_EXISTS). */
int bh_local_cargo_keep(struct bh_local *local, unsigned *place, const struct bh_cargo *cargo);
/* What lies in a place. */
const struct bh_cargo *bh_local_cargo(const struct bh_local *local, unsigned place);
/* The one that has waited longest; false: none. */
bool bh_local_cargo_due(const struct bh_local *local, unsigned *place);
/* Lets go of what is too old. */
int bh_local_cargo_expire(struct bh_local *local, int64_t wall_ms);
/* Writes down what became of it, and lets go of the files that it does not need any more. */
int bh_local_cargo_set(struct bh_local *local, unsigned place, const struct bh_cargo *cargo);
int bh_local_cargo_drop(struct bh_local *local, unsigned place);
int bh_local_cargo_read(struct bh_local *local, unsigned place, bool answer, uint64_t offset,
	uint8_t *out, size_t len);
/* The answer's bytes at an offset; size: durable, that is all of it (no bytes). */
int bh_local_cargo_answer(struct bh_local *local, unsigned place, uint32_t offset,
	struct bh_span bytes, uint32_t size);
/* How much of the answer is here, in whole parts. */
int bh_local_cargo_answer_held(struct bh_local *local, unsigned place, uint32_t *held);

#endif
