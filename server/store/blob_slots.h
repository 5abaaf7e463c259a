/* The uploads that go on in a district, at most so many, and what was found whole last. */
#ifndef BH_STORE_BLOB_SLOTS_H
#define BH_STORE_BLOB_SLOTS_H

#include "server/store/blob_files.h"
#include "server/store/running_hash.h"
#include "server/store/store.h"

#define BH_BLOB_UPLOADS_MAX 256u
/* A session has one; what came by hand in its device's name may go on beside it. */
#define BH_BLOB_DEVICE_UPLOADS_MAX 2u
#define BH_BLOB_WHOLES_MAX 64u  /* more than can wait for their entries */
#define BH_BLOB_ENTRY_MS 600000 /* longer than an entry is on its way */
/* Longer than a silent link lives: then another one may have an upload's place. */
#define BH_BLOB_SILENCE_MS (2 * BH_SILENCE_MS_MAX)

struct bh_blob_upload {
	uint64_t ticket; /* 0: free */
	int64_t heard_mono_ms;
	uint8_t hash[BH_HASH_BYTES];
	uint32_t size;
	uint32_t held;
	uint32_t device;                 /* who sends it; 0: nobody's matter */
	bool looked;                     /* as the job that opened it */
	bool settles;                    /* all is held, and becomes durable */
	struct bh_running_hash *running; /* of what is held */
};

struct bh_blob_slots {
	struct bh_blob_upload uploads[BH_BLOB_UPLOADS_MAX];
	size_t count;
	uint64_t tickets;                                  /* given so far */
	uint8_t wholes[BH_BLOB_WHOLES_MAX][BH_HASH_BYTES]; /* the last that were found, a ring */
	uint32_t wholes_size[BH_BLOB_WHOLES_MAX];          /* 0: no entry */
	int64_t wholes_mono_ms[BH_BLOB_WHOLES_MAX];        /* when it was said to be whole last */
	size_t wholes_next;
};

/* NULL: none goes on. */
struct bh_blob_upload *bh_blob_upload_of(
	struct bh_blob_slots *slots, const uint8_t hash[BH_HASH_BYTES]);
struct bh_blob_upload *bh_blob_upload_by(struct bh_blob_slots *slots, uint64_t ticket);
/* One more of a job's device, of which nothing is held; of too many of this device the one that was
 * silent longest ends.  It has a free place or that of the one that was silent longest, and too
 * long.  BH_ERR_BUSY: there is none.  BH_ERR_NOMEM. */
int bh_blob_upload_new(
	struct bh_blob_slots *slots, const struct bh_blob_job *job, struct bh_blob_upload **out);
/* Another session goes on with it: the older one's parts find no ticket.  Of too many of its device
 * one ends, as above. */
void bh_blob_upload_pass(
	struct bh_blob_slots *slots, struct bh_blob_upload *upload, uint32_t device);
void bh_blob_upload_end(struct bh_blob_slots *slots, struct bh_blob_upload *upload);
void bh_blob_slots_close(struct bh_blob_slots *slots); /* zero-filled is fine */

/* What was found whole is never touched again: its entry may be on its way to the journal. */
void bh_blob_whole_keep(struct bh_blob_slots *slots, const uint8_t hash[BH_HASH_BYTES],
	uint32_t size, int64_t mono_ms);
/* Its size, and it is said again at this time; 0: not known to be whole. */
uint32_t bh_blob_whole_find(
	struct bh_blob_slots *slots, const uint8_t hash[BH_HASH_BYTES], int64_t mono_ms);
/* It was said so recently that its entry may be on its way: by the machine's own time, whatever the
 * district's clock was set to meanwhile. */
bool bh_blob_whole_is_fresh(
	const struct bh_blob_slots *slots, const uint8_t hash[BH_HASH_BYTES], int64_t mono_ms);
void bh_blob_whole_forget(struct bh_blob_slots *slots, const uint8_t hash[BH_HASH_BYTES]);

#endif
