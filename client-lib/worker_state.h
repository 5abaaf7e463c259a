/* What the worker's two files share. */
#ifndef BH_CLIENT_WORKER_STATE_H
#define BH_CLIENT_WORKER_STATE_H

#include <pthread.h>

#include "client-lib/worker.h"

#define BH_WORKER_READ_BYTES (16u * 1024u)

struct bh_worker {
	struct bh_worker_options options;

	/* The lock: guards options.local, options.engine and the next four.  It is held across the
	 * store's commits: what the host records must not come between an event and its rows. */
	pthread_mutex_t lock;
	bool poked;
	bool stopping;
	bool running; /* somebody drives */
	struct bh_worker_counts counts;

	/* Guards the next four; never held across the callback itself. */
	pthread_mutex_t callback_lock;
	bool in_callback;
	pthread_t callback_thread;
	bool in_signing; /* bh_worker_sign_now, on a thread of the host's */
	pthread_t signing_thread;

	pthread_t thread;
	bool has_thread;

	/* The driving thread's own. */
	struct bh_link *link;
	bool is_up;
	struct bh_buf sending;
	int64_t farewell_mono_ms; /* since when a disconnect is wanted; 0: not */
	uint64_t changes_woken;
	uint8_t *bytes;
};

/* ---- worker_call.c: the driving thread only, without the lock ---- */
/* Tells the host what is new since the last time, if anything. */
void bh_worker_call_back(struct bh_worker *worker);
/* Has the host sign what the engine wants signed, however long that takes. */
void bh_worker_sign(struct bh_worker *worker);

/* ---- worker_link.c: the driving thread only, without the lock ---- */
/* Closes the link (there may be none) and tells the engine. */
void bh_worker_link_end(struct bh_worker *worker, bool orderly, enum bh_link_cause cause);
void bh_worker_link_dial(struct bh_worker *worker);
void bh_worker_link_raise(struct bh_worker *worker);
void bh_worker_link_read(struct bh_worker *worker);
void bh_worker_link_write(struct bh_worker *worker);

#endif
