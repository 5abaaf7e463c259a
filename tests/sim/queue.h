/* The one list of what will happen: a binary heap over virtual time, and the owner of virtual now.
 */
#ifndef BH_TESTS_SIM_QUEUE_H
#define BH_TESTS_SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is due.  kind and the three ids mean what the one who pushed them means; the simulator
 * dispatches on kind. */
struct bh_simevent {
	int64_t at_ms; /* virtual, >= 0, since the start of the run */
	uint64_t
		seq; /* assigned by push: among events of one instant the first pushed goes first */
	uint32_t kind;
	uint32_t a;
	uint32_t b;
	uint64_t c;
};

struct bh_simqueue;

/* An empty queue at now = start_ms that holds at most max events.  0 or BH_ERR_NOMEM.  The caller
 * frees it; free takes NULL. */
int bh_simqueue_create(size_t max, int64_t start_ms, struct bh_simqueue **out);
void bh_simqueue_free(struct bh_simqueue *queue);

/* Virtual now: the instant of the event popped last (or start_ms). */
int64_t bh_simqueue_now(const struct bh_simqueue *queue);
size_t bh_simqueue_len(const struct bh_simqueue *queue);

/* Adds an event; an instant in the past becomes now (it is popped after what already waits for
 * now).  0, BH_ERR_LIMIT or BH_ERR_NOMEM (both: nothing added).  There is no cancelling: put a
 * generation into the ids and ignore what is stale when it comes. */
int bh_simqueue_push(struct bh_simqueue *queue, int64_t at_ms, uint32_t kind, uint32_t a,
	uint32_t b, uint64_t c);

/* Takes the earliest event and moves now to it; false (out untouched, now unchanged) when empty. */
bool bh_simqueue_pop(struct bh_simqueue *queue, struct bh_simevent *out);
/* The same without taking it. */
bool bh_simqueue_peek(const struct bh_simqueue *queue, struct bh_simevent *out);

/* Moves now forward without an event; at_ms must lie between now and the earliest event's instant:
 * BH_ERR_INVALID otherwise. */
int bh_simqueue_advance(struct bh_simqueue *queue, int64_t at_ms);

#endif
