/* What a district counts as it goes, so that figures cost nothing to ask for. */
#ifndef BH_STORE_TALLY_H
#define BH_STORE_TALLY_H

#include "server/domain/entry.h"
#include "server/store/db.h"

/* Ids stand in files: append, never renumber. */
enum bh_tally_id {
	BH_TALLY_CASES = 1,
	BH_TALLY_DISPATCHED = 2,
	BH_TALLY_IN_TIME = 3,
	BH_TALLY_AUTOMATIC = 4,
	BH_TALLY_BREACHED = 5,
	BH_TALLY_CLOSED = 6,
	BH_TALLY_OWED = 7,
	BH_TALLY_DELIVERED = 8,
	BH_TALLY_SEEN = 9,
	BH_TALLY_LONGEST_WAIT_MS = 10,
	BH_TALLY_BLOBS = 11, /* photos that are here, each once */
	BH_TALLY_BLOB_BYTES = 12,
	BH_TALLY_STATES = 32, /* + enum bh_state: cases in it */
	BH_TALLY_COUNT = BH_TALLY_STATES + BH_STATE_COUNT,
};

struct bh_tally {
	int64_t values[BH_TALLY_COUNT];
	bool dirty[BH_TALLY_COUNT];
};

int bh_tally_load(struct bh_tally *tally, struct bh_db *db);
/* Counts an entry that changed a case; before is zero for a new one. */
void bh_tally_entry(struct bh_tally *tally, const struct bh_entry *entry,
	const struct bh_case *before, const struct bh_case *after);
/* A photo is here that was not. */
void bh_tally_blob(struct bh_tally *tally, uint32_t size);
/* One that was is here no more. */
void bh_tally_blob_gone(struct bh_tally *tally, uint32_t size);
/* Writes what changed, before a commit. */
int bh_tally_flush(struct bh_tally *tally, struct bh_db *db);

#endif
