/* The one thread of a district that writes: it gathers errands, runs them as a group, and keeps its
 * clocks. */
#ifndef BH_NET_WRITER_LOOP_H
#define BH_NET_WRITER_LOOP_H

#include <stdbool.h>

#include "server/store/store.h"

#define BH_ERRANDS_WAITING_MAX 20000u
#define BH_ALARMS_A_TURN 500u
#define BH_ALARMS_OF_MANY 2000u /* while more is due than that, and nobody waits for the writer */

struct bh_writer_loop;

/* Something for the writer; embedded in what it belongs to.  Either a job, or a turn of its own
 * between groups (an online copy): turn returns true while it wants another.  done runs on the
 * writer's thread after the commit is durable (or has failed: job->err), or after the last turn; it
 * owns the errand then. */
struct bh_errand {
	struct bh_errand *next;
	struct bh_job *job;
	bool (*turn)(struct bh_errand *errand, struct bh_writer *writer);
	bool cut; /* told to done: it wanted another turn, and the writer stopped */
	void (*done)(struct bh_errand *errand);
};

/* All called on the writer's thread. */
struct bh_writer_events {
	void *context;
	void (*woke)(void *context, const struct bh_wakes *wakes); /* after each durable group */
	/* The file can no longer be trusted or its state is not known: the process must end without
	 * answering. */
	void (*fatal)(void *context, int err);
	/* The ballast was given up or laid again; and once, of a district that has none. */
	void (*ballast)(void *context, enum bh_ballast_state state);
};

/* Opens the writer on the calling thread, recovering its file.  Codes and detail of bh_writer_open.
 */
int bh_writer_loop_new(const struct bh_store_options *options, struct bh_clock clock,
	const struct bh_writer_events *events, struct bh_writer_loop **out, const char **detail);
/* Starts its thread; events may come from now on.  0 or BH_ERR_NOMEM. */
int bh_writer_loop_start(struct bh_writer_loop *loop);
/* From any thread.  BH_ERR_BUSY past BH_ERRANDS_WAITING_MAX, BH_ERR_CLOSED while stopping: the
 * errand is the caller's again. */
int bh_writer_loop_submit(struct bh_writer_loop *loop, struct bh_errand *errand);
/* Finishes the jobs that were submitted, gives each turn that waits one more and cuts it, joins. */
void bh_writer_loop_stop(struct bh_writer_loop *loop);
/* Checkpoints and closes the file. */
void bh_writer_loop_free(struct bh_writer_loop *loop);
/* From any thread: district time less monotonic time, and whether a clock alarm holds what
 * punishes. */
int64_t bh_writer_loop_offset_ms(struct bh_writer_loop *loop, bool *alarmed);
/* From any thread: the counts after the last group. */
void bh_writer_loop_counts(struct bh_writer_loop *loop, struct bh_writer_counts *out);
/* Monotonic time of the last turn, for the watchdog: a writer that meets a full disk turns on; and
 * whether it could commit, for /readyz. */
int64_t bh_writer_loop_turned_ms(struct bh_writer_loop *loop, bool *can_commit);

#endif
