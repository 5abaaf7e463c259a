/* One district on one loop: its hub, its reader, its handsets' links. */
#ifndef BH_NET_SEAT_H
#define BH_NET_SEAT_H

#include "server/net/blob_loop.h"
#include "server/net/loop.h"
#include "server/net/writer_loop.h"
#include "server/sync/session.h"

/* What all seats of a loop share: contexts of which a thread needs one. */
struct bh_desk_of_loop {
	struct bh_packer *packer;
	struct bh_hasher *hasher;
};

struct bh_seat_options {
	struct bh_loop *loop;
	struct bh_desk_of_loop *desk;
	struct bh_writer_loop *writer;
	struct bh_blob_loop *blobs;
	const struct bh_store_options *store;
	struct bh_clock clock;
	struct bh_span mac_key;
	const struct bh_key *ca_key;
	const struct bh_key *bundle_key;
	const struct bh_hub_pins *pins; /* NULL: handsets are told none */
	/* The district's seats on all loops, this one among them, whole before any begins; and what
	 * their hubs count claims by.  0 and NULL: it is the only one. */
	struct bh_seat *const *seats;
	size_t seats_count;
	atomic_uint_fast64_t *claims;
	/* Prose for the log, from the loop's thread. */
	void (*said)(void *context, uint32_t device, const char *line);
	void *context;
};

struct bh_seat;

/* From any thread; nothing of it happens on the loop yet, so it may be freed again at once.  0,
 * BH_ERR_NOMEM or the reader's codes. */
int bh_seat_new(const struct bh_seat_options *options, struct bh_seat **out);
/* From any thread, once: what it does by time begins on the loop's own. */
void bh_seat_begin(struct bh_seat *seat);
/* Of one that has begun: after its loop has ended and was drained, before the loop is freed; every
 * link must have been closed. */
void bh_seat_free(struct bh_seat *seat);
struct bh_hub *bh_seat_hub(struct bh_seat *seat);
struct bh_loop *bh_seat_loop(struct bh_seat *seat);
int64_t bh_seat_district_ms(struct bh_seat *seat, struct bh_now now);
/* From any thread: a durable group woke these (copied). */
void bh_seat_post_wakes(struct bh_seat *seat, const struct bh_wakes *wakes);
/* On the loop's thread: queue the hub's jobs, let touched links speak.  Called after anything that
 * ran the hub. */
void bh_seat_pump(struct bh_seat *seat);
/* On the loop's thread: refuse everybody with SHUTDOWN. */
void bh_seat_shutdown(struct bh_seat *seat);
/* From any thread: the hub's counts as of a few seconds ago. */
void bh_seat_counts(struct bh_seat *seat, struct bh_hub_counts *out);
/* On the loop's thread.  Before a proof (device 0) at most a few a minute are said, the rest
 * counted. */
void bh_seat_say(struct bh_seat *seat, uint32_t device, const char *line);

#endif
