/* Drives the engine: the library's own thread, or the host's, over a transport; and the lock both
 * sides take. */
#ifndef BH_CLIENT_WORKER_H
#define BH_CLIENT_WORKER_H

#include "client-lib/engine.h"
#include "client-lib/transport.h"

struct bh_worker;

struct bh_worker_options {
	struct bh_local *local;        /* borrowed; guarded by the lock from now on */
	struct bh_engine *engine;      /* likewise */
	struct bh_transport transport; /* taken over: freed by close, also when open fails */
	struct bh_clock clock;
	bool own_thread;
	void (*wake)(void *payload); /* may be NULL */
	void *wake_payload;
	void (*log)(int32_t level, const char *line, void *payload); /* may be NULL */
	void *log_payload;
	/* May be NULL when the engine never wants it; see bh_sign_fn. */
	int32_t (*sign)(const uint8_t *digest, uint8_t *signature, size_t *length, void *payload);
	void *sign_payload;
	/* Instead of it, where it is not NULL; see bh_sign_for_fn. */
	int32_t (*sign_for)(const uint8_t *public_key, const uint8_t *digest, uint8_t *signature,
		size_t *length, void *payload);
};

int bh_worker_open(const struct bh_worker_options *options, struct bh_worker **out);
/* Stops and joins; after it no callback runs.  Takes NULL. */
void bh_worker_close(struct bh_worker *worker);

/* The lock guards the store and the engine.  It is held while the store is read and written, which
 * is what it puts in order; never while anything waits for the network, and never during a
 * callback. */
void bh_worker_lock(struct bh_worker *worker);
void bh_worker_unlock(struct bh_worker *worker);
struct bh_worker_counts {
	struct bh_traffic traffic; /* as of the last turn */
	uint64_t wakeups;          /* waits that ended */
	uint64_t dials;
};

/* With the lock. */
struct bh_worker_counts bh_worker_counts(const struct bh_worker *worker);
/* The rows changed, or a hint was given: look soon.  Any thread, without the lock. */
void bh_worker_nudge(struct bh_worker *worker);
/* Has the host sign a message by this key at once, on the calling thread and without the lock.
 * BH_ERR_AUTH: it does not, or gave no signature; BH_ERR_BUSY: another call is at it. */
int bh_worker_sign_now(struct bh_worker *worker, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	struct bh_span message, uint8_t out[BH_SIGNATURE_BYTES]);
/* True on the thread that is inside a callback just now. */
bool bh_worker_in_callback(struct bh_worker *worker);
struct bh_now bh_worker_now(const struct bh_worker *worker);

/* Host drive: works until the wall clock says deadline_ms (false) or nothing is left to do before
 * it (true). One thread at a time: BH_ERR_BUSY. */
int bh_worker_run_until(struct bh_worker *worker, int64_t deadline_ms, bool *is_done);

#endif
