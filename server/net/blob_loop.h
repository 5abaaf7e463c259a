/* The thread of a district that reads and writes photos, so that nobody else waits for a disk, and
 * a second one that waits for its syncs. */
#ifndef BH_NET_BLOB_LOOP_H
#define BH_NET_BLOB_LOOP_H

#include "server/net/writer_loop.h"
#include "server/store/blob_files.h"

#define BH_BLOBS_WAITING_MAX 20000u

struct bh_blob_loop;

/* A job on its way; embedded in what it belongs to.  Jobs run in the order in which they were
 * submitted and come back in it, but for one that makes a photo durable: others may come back
 * before it, though none for the same photo.  done runs on the thread after the job ran (or
 * with job->err BH_ERR_CLOSED: it never did), and owns the errand then. */
struct bh_blob_errand {
	struct bh_blob_errand *next;
	struct bh_blob_job *job;
	void (*done)(struct bh_blob_errand *errand);
};

/* The writer gives the district's time, and takes back the room of what is collected; it has to
 * outlive the loop.  0, BH_ERR_NOMEM, BH_ERR_IO or the reader's codes. */
int bh_blob_loop_new(const struct bh_store_options *store, struct bh_clock clock,
	struct bh_writer_loop *writer, struct bh_blob_loop **out);
int bh_blob_loop_start(struct bh_blob_loop *loop); /* 0 or BH_ERR_NOMEM */
/* What its jobs of cargo are run by, borrowed; before it starts. */
void bh_blob_loop_carry(struct bh_blob_loop *loop, struct bh_cargo_files *cargo);
/* From any thread.  BH_ERR_BUSY past BH_BLOBS_WAITING_MAX, BH_ERR_CLOSED while stopping: the errand
 * is the caller's again. */
int bh_blob_loop_submit(struct bh_blob_loop *loop, struct bh_blob_errand *errand);
/* From any thread: there is something to collect, now and not within the minute. */
void bh_blob_loop_collect(struct bh_blob_loop *loop);
/* Finishes the job that runs, drops those that wait, joins. */
void bh_blob_loop_stop(struct bh_blob_loop *loop);
void bh_blob_loop_free(struct bh_blob_loop *loop);

#endif
