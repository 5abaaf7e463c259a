/* Ships a district's journal into a folder as it grows: segments, and the photos that it calls
 * stored.  Pure steps for whoever has a thread to wait in: the folder may be slow, full or gone. */
#ifndef BH_STORE_SEGMENT_SHIP_H
#define BH_STORE_SEGMENT_SHIP_H

#include "server/store/store.h"

#define BH_SHIP_CLOSE_MS_MAX (INT64_C(3600) * 1000) /* a file of this age is ended */
#define BH_SHIP_ERROR_BYTES 160u

struct bh_ship_options {
	const struct bh_store_options *store;
	const char *code;
	const char *folder;   /* "<folder>/<code>" is made in it */
	uint64_t close_bytes; /* 0: BH_SEGMENT_CLOSE_BYTES */
	int64_t close_ms;     /* 0: BH_SHIP_CLOSE_MS_MAX */
};

struct bh_ship_counts {
	uint64_t shipped;        /* position of the last entry that is durable there */
	uint64_t behind_entries; /* committed and not yet there, */
	uint64_t behind_bytes;   /* about as many bytes, as far as they were counted, */
	int64_t behind_at_ms;    /* and the first of them is of then (district time); 0: none */
	uint64_t photos;         /* copied */
	uint64_t photos_failed; /* that could not be read here: in a backup they are missing, too */
	uint64_t failures;
	bool failing;
	char error[BH_SHIP_ERROR_BYTES]; /* the last failure; "" */
};

struct bh_ship;

/* Opens a reader of its own, nothing of the folder.  Codes of bh_reader_open. */
int bh_ship_open(const struct bh_ship_options *options, struct bh_ship **out);
void bh_ship_close(struct bh_ship *ship); /* NULL is fine */
/* A block of entries, or when all are there a photo.  *more: there is more to do at once.  A
 * failure is in the counts as well; the next step begins by looking at what the folder holds. */
int bh_ship_step(struct bh_ship *ship, struct bh_now now, bool *more);
/* About what an entry takes in a file. */
uint64_t bh_ship_entry_bytes(const struct bh_entry *entry);
void bh_ship_counts(const struct bh_ship *ship, struct bh_ship_counts *out);

#endif
