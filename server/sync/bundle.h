/* A bundle is taken in: a sealed, signed file of one handset's ops and photos, whoever brings it
 * (PROTOCOL.md, section 21).  What it holds goes the very way of a session. */
#ifndef BH_SYNC_BUNDLE_H
#define BH_SYNC_BUNDLE_H

#include "server/sync/session.h"

/* Why one was not taken.  What it held before the fault may have been, and is a repeat then. */
enum bh_bundle_fault {
	BH_BUNDLE_HOLDS = 0,
	BH_BUNDLE_NOT_ONE = 1,   /* no such file */
	BH_BUNDLE_SEALED = 2,    /* for another district, or a key that is not here any more */
	BH_BUNDLE_DAMAGED = 3,   /* changed or cut short */
	BH_BUNDLE_DISTRICT = 4,  /* of another district's handset */
	BH_BUNDLE_DEVICE = 5,    /* of a handset that is not known here */
	BH_BUNDLE_SIGNATURE = 6, /* not signed by that handset */
	BH_BUNDLE_CONTENT = 7,   /* not what was signed */
	BH_BUNDLE_GAP = 8,       /* ops before these are missing here */
	BH_BUNDLE_FORK = 9,      /* its log is not the one that is here */
	BH_BUNDLE_STORAGE = 10,  /* not now */
	BH_BUNDLE_FAULTS = 11,
};

/* "another-district"; never NULL. */
const char *bh_bundle_fault_name(enum bh_bundle_fault fault);
/* A sentence for whoever brought it; never NULL. */
const char *bh_bundle_fault_sentence(enum bh_bundle_fault fault);

/* Where it comes from, and what runs what it asks for; all borrowed. */
struct bh_bundle_door {
	struct bh_store_reader *reader; /* of this thread, as the next two */
	struct bh_packer *packer;
	struct bh_hasher *hasher;
	struct bh_span mac_key;
	const struct bh_key *ca_key;
	const struct bh_key *const *keys; /* that bundles are sealed for, the present one first */
	size_t keys_count;
	const char *district; /* its code */
	uint32_t person;      /* who takes it in, for the journal; 0: the operator */
	void *context;
	/* The file's next bytes, from its start when asked so: 0 and how many, none at its end. */
	int (*read)(void *context, bool from_start, uint8_t *to, size_t size, size_t *len);
	/* Each runs one to its end. */
	void (*run_job)(void *context, struct bh_job *job);
	void (*run_blob_job)(void *context, struct bh_blob_job *job);
	/* The instant, and the district's time then. */
	struct bh_now (*now)(void *context, int64_t *district_ms);
};

struct bh_bundle_report {
	uint32_t device;
	uint64_t ops, ops_new; /* in it; that were not here */
	uint64_t ops_refused;  /* with another verdict than accepted, whenever it was given */
	uint64_t photos, photos_new;
	uint64_t photos_left; /* not taken: no room, not named by an accepted op, not whole */
	struct bh_buf answer; /* sealed for the handset that wrote it, with a gap, too, which it
				 can close by that; the caller frees */
};

/* Reads the file twice: nothing is taken of one that does not hold to its last byte, nor anything
 * that the second reading finds otherwise than the first.  0;
 * BH_ERR_INVALID: *fault says why; BH_ERR_NOMEM.  The report says also after a fault what was
 * taken. */
int bh_bundle_take(const struct bh_bundle_door *door, struct bh_bundle_report *report,
	enum bh_bundle_fault *fault);

#endif
