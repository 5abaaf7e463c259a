/* An event loop on its own thread, with a mailbox through which other threads reach it. */
#ifndef BH_NET_LOOP_H
#define BH_NET_LOOP_H

#include <stdbool.h>

#include <event2/event.h>

#include "proto/clock.h"

struct bh_loop;

/* A letter to a loop; embedded in what it carries.  open runs on the loop's thread and owns the
 * letter then. */
struct bh_letter {
	struct bh_letter *next;
	void (*open)(struct bh_letter *letter, void *loop_context);
};

/* context is handed to every letter.  0, BH_ERR_NOMEM or BH_ERR_IO. */
int bh_loop_new(struct bh_clock clock, void *context, struct bh_loop **out);
struct event_base *bh_loop_base(struct bh_loop *loop);
struct bh_now bh_loop_now(struct bh_loop *loop);
/* Runs on the calling thread until bh_loop_stop; 0 or BH_ERR_IO. */
int bh_loop_run(struct bh_loop *loop);
/* Runs on a thread of its own. */
int bh_loop_start(struct bh_loop *loop, const char *name);
bool bh_loop_is_started(const struct bh_loop *loop);
/* From any thread; the loop finishes the turn it is in. */
void bh_loop_stop(struct bh_loop *loop);
/* Waits for a started loop's thread. */
void bh_loop_join(struct bh_loop *loop);
/* From any thread; never fails, never blocks for long. */
void bh_loop_post(struct bh_loop *loop, struct bh_letter *letter);
/* Opens the letters that wait, on the calling thread; for a loop that does not run. */
void bh_loop_drain(struct bh_loop *loop);
/* Letters that were never opened are opened here, so that each is somebody's. */
void bh_loop_free(struct bh_loop *loop);

#endif
