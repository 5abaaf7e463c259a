/* The files of cargo: bundles that handsets carry for others, on their way here in parts, and what
 * became of them.  One thread brings parts, another takes in what is whole; they share the folder
 * alone. */
#ifndef BH_STORE_CARGO_H
#define BH_STORE_CARGO_H

#include "server/store/blob_files.h"

/*
 * In "cargo" beside the district's file, by who carries it and what it is called:
 *
 *   "<device>-<hash>.part" --all of it--> ".bundle" --taken in--> ".answer"
 *                                            |  `----refused----> ".refused"
 *                                            `--not what it is called: gone, and asked for again
 *
 * Nothing here is a receipt: what a cut of the power takes is carried here once more.
 */
#define BH_CARGO_FILES_MAX 4096u            /* of a district */
#define BH_CARGO_DEVICE_FILES_MAX 32u       /* of one who carries; the oldest that is done goes */
#define BH_CARGO_ALL_BYTES_MAX (8ull << 30) /* of a district */
#define BH_CARGO_PART_S_MAX (7 * 86400)     /* nobody went on with it for so long */
#define BH_CARGO_DONE_S_MAX (30 * 86400)    /* its answer was not fetched */
#define BH_CARGO_NAME_BYTES (8u + 1u + 2u * BH_HASH_BYTES + 1u)

struct bh_cargo_files;

/* Called on the thread of the parts when one is whole. */
typedef void (*bh_cargo_whole)(void *context);

/* The folder is made when something comes.  BH_ERR_NOMEM; BH_ERR_LIMIT: its path is too long. */
int bh_cargo_open(const struct bh_store_options *options, struct bh_cargo_files **out);
void bh_cargo_close(struct bh_cargo_files *files); /* takes NULL */
void bh_cargo_tell_whole(struct bh_cargo_files *files, bh_cargo_whole whole, void *context);
/* A job of work BH_BLOB_CARGO: takes its part in, if it goes on from what is held, and says where
 * it stands: HELD (go on from job->held), BUSY (job->held is all of it: it is being taken in),
 * WHOLE (job->data: of the answer, from job->answer_offset; size, prefix_hash: of all of that),
 * WRONG (job->data: why).  The job's codes. */
int bh_cargo_run(struct bh_cargo_files *files, struct bh_blob_job *job);

/* One that is whole. */
struct bh_cargo_found {
	char name[BH_CARGO_NAME_BYTES];
	char path[BH_BLOB_JOB_PATH_MAX];
	uint32_t device; /* who carries it */
	uint8_t hash[BH_HASH_BYTES];
	int64_t since_s; /* of the system's wall clock */
};

/* The one that has waited longest, or longest but for after and those before it (may be NULL, or
 * out itself); BH_ERR_NOT_FOUND, BH_ERR_IO. */
int bh_cargo_next(const struct bh_cargo_files *files, const struct bh_cargo_found *after,
	struct bh_cargo_found *out);
/* Whether it is what it is called: 0, BH_ERR_AUTH, BH_ERR_IO, BH_ERR_NOMEM. */
int bh_cargo_verify(const struct bh_cargo_found *found);
/* It was taken in, or (an empty answer) refused for this reason; or is to be sent again (both NULL
 * or empty).  The file goes. */
int bh_cargo_done(const struct bh_cargo_files *files, const struct bh_cargo_found *found,
	struct bh_span answer, const char *reason);
/* What nobody went on with, as of an instant in seconds of the system's wall clock, goes. */
void bh_cargo_collect(const struct bh_cargo_files *files, int64_t wall_s);

#endif
