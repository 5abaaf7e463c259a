/* The one thread of a district that ships its journal and photos to a second folder: nobody waits
 * for that folder but this thread. */
#ifndef BH_NET_SHIP_LOOP_H
#define BH_NET_SHIP_LOOP_H

#include "server/store/segment_ship.h"

struct bh_ship_loop;

/* On its thread: shipping failed, or goes on again (error ""). */
struct bh_ship_events {
	void *context;
	void (*said)(void *context, const struct bh_ship_counts *counts);
};

/* 0, BH_ERR_NOMEM, BH_ERR_IO or the reader's codes. */
int bh_ship_loop_new(const struct bh_ship_options *options, struct bh_clock clock,
	const struct bh_ship_events *events, struct bh_ship_loop **out);
int bh_ship_loop_start(struct bh_ship_loop *loop); /* 0 or BH_ERR_NOMEM */
/* From any thread: something was committed. */
void bh_ship_loop_ring(struct bh_ship_loop *loop);
/* From any thread: the counts after the last step. */
void bh_ship_loop_counts(struct bh_ship_loop *loop, struct bh_ship_counts *out);
/* Ships what was committed before, photos and a folder that fails excepted, and joins; not
 * longer than ten seconds. */
void bh_ship_loop_stop(struct bh_ship_loop *loop);
/* Stops it first.  NULL is fine; what a hanging folder holds up is not given back. */
void bh_ship_loop_free(struct bh_ship_loop *loop);

#endif
