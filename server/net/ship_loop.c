/*
 * The thread sleeps in poll until a commit rings, or five seconds.  Then it steps until nothing
 * more waits, with a pause between a step and the next ring's, so that many small commits become
 * one block and one sync.  After a failure it tries again in a second, then two, up to a minute.  A
 * stop lets it ship the text that waits, once; photos are found again.  A folder that answers
 * nothing, not even that it failed, holds up this thread alone: the end of the process does not
 * wait for it long.
 */
#include "server/net/ship_loop.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "proto/err.h"

#define IDLE_MS 5000
#define GATHER_MS 200 /* from the last block to the next, while they are small */
#define RETRY_MS_MIN 1000
#define RETRY_MS_MAX 60000
#define LAST_STEPS_MAX 64u
#define JOIN_MS_MAX 10000

struct bh_ship_loop {
	struct bh_ship *ship;
	struct bh_clock clock;
	struct bh_ship_events events;
	pthread_t thread;
	bool started;
	int bell_fd;
	int64_t shipped_mono_ms; /* the last step that went well; the thread's */
	int retry_ms;            /* 0: the last step went well */
	pthread_mutex_t lock;    /* guards stopping, lost, counts; held while said is called */
	bool stopping;
	bool lost; /* it hangs in a call to the folder: when it comes back there is nobody to tell
		    */
	struct bh_ship_counts counts;
};

static bool publish(struct bh_ship_loop *loop)
{
	struct bh_ship_counts counts;
	bh_ship_counts(loop->ship, &counts);
	pthread_mutex_lock(&loop->lock);
	bool changed = counts.failing != loop->counts.failing;
	loop->counts = counts;
	bool stopping = loop->stopping;
	if (changed && !loop->lost)
		loop->events.said(loop->events.context, &counts);
	pthread_mutex_unlock(&loop->lock);
	return stopping;
}

/* Gives whether to stop. */
static bool step(struct bh_ship_loop *loop, bool *more)
{
	struct bh_now now = loop->clock.now(loop->clock.context);
	int err = bh_ship_step(loop->ship, now, more);
	if (!err)
		loop->retry_ms = 0;
	else if (loop->retry_ms == 0)
		loop->retry_ms = RETRY_MS_MIN;
	else if (loop->retry_ms < RETRY_MS_MAX)
		loop->retry_ms = loop->retry_ms * 2 < RETRY_MS_MAX ? loop->retry_ms * 2
								   : RETRY_MS_MAX;
	loop->shipped_mono_ms = now.mono_ms;
	return publish(loop);
}

static void bell_clear(struct bh_ship_loop *loop)
{
	uint64_t rings;
	while (read(loop->bell_fd, &rings, sizeof(rings)) < 0 && errno == EINTR) {
	}
}

static bool is_stopping(struct bh_ship_loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	bool stopping = loop->stopping;
	pthread_mutex_unlock(&loop->lock);
	return stopping;
}

/* Up to so long, or until a stop: a commit alone does not end the pause behind a failure or a
 * block. */
static void pause_for(struct bh_ship_loop *loop, int64_t ms, bool for_any_ring)
{
	struct pollfd ring = {.fd = loop->bell_fd, .events = POLLIN};
	int64_t until = loop->clock.now(loop->clock.context).mono_ms + ms;
	while (ms > 0 && !is_stopping(loop)) {
		if (poll(&ring, 1, (int)ms) == 1)
			bell_clear(loop);
		if (for_any_ring)
			return;
		ms = until - loop->clock.now(loop->clock.context).mono_ms;
	}
}

static void rest(struct bh_ship_loop *loop)
{
	if (loop->retry_ms) {
		pause_for(loop, loop->retry_ms, false);
		return;
	}
	pause_for(loop, IDLE_MS, true);
	int64_t since = loop->clock.now(loop->clock.context).mono_ms - loop->shipped_mono_ms;
	pause_for(loop, GATHER_MS - since, false);
}

/* Text alone: as long as entries are behind and go well. */
static void last_steps(struct bh_ship_loop *loop)
{
	bool more = true;
	struct bh_ship_counts counts;
	for (unsigned n = 0; n < LAST_STEPS_MAX; n++) {
		(void)step(loop, &more);
		bh_ship_counts(loop->ship, &counts);
		if (counts.failing || counts.behind_entries == 0)
			return;
	}
}

static void *ship_thread(void *context)
{
	struct bh_ship_loop *loop = context;
	bool stopping = false, more = false;
	while (!stopping) {
		stopping = step(loop, &more);
		if (!stopping && !more)
			rest(loop);
	}
	last_steps(loop);
	return NULL;
}

/* ---- From outside ---- */

int bh_ship_loop_new(const struct bh_ship_options *options, struct bh_clock clock,
	const struct bh_ship_events *events, struct bh_ship_loop **out)
{
	struct bh_ship_loop *loop = calloc(1, sizeof(*loop));
	if (!loop)
		return BH_ERR_NOMEM;
	loop->clock = clock;
	loop->events = *events;
	pthread_mutex_init(&loop->lock, NULL);
	loop->bell_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	int err = loop->bell_fd >= 0 ? BH_NOERR : BH_ERR_IO;
	if (!err)
		err = bh_ship_open(options, &loop->ship);
	if (err) {
		bh_ship_loop_free(loop);
		return err;
	}
	*out = loop;
	return BH_NOERR;
}

int bh_ship_loop_start(struct bh_ship_loop *loop)
{
	if (pthread_create(&loop->thread, NULL, ship_thread, loop) != 0)
		return BH_ERR_NOMEM;
	loop->started = true;
	(void)pthread_setname_np(loop->thread, "bh-ship");
	return BH_NOERR;
}

void bh_ship_loop_ring(struct bh_ship_loop *loop)
{
	uint64_t one = 1;
	while (write(loop->bell_fd, &one, sizeof(one)) < 0 && errno == EINTR) {
	}
}

void bh_ship_loop_counts(struct bh_ship_loop *loop, struct bh_ship_counts *out)
{
	pthread_mutex_lock(&loop->lock);
	*out = loop->counts;
	pthread_mutex_unlock(&loop->lock);
}

void bh_ship_loop_stop(struct bh_ship_loop *loop)
{
	if (!loop || !loop->started)
		return;
	pthread_mutex_lock(&loop->lock);
	loop->stopping = true;
	pthread_mutex_unlock(&loop->lock);
	bh_ship_loop_ring(loop);
	int64_t until_ms = loop->clock.now(loop->clock.context).wall_ms + JOIN_MS_MAX;
	const struct timespec until = {until_ms / 1000, until_ms % 1000 * 1000000};
	bool joined = pthread_timedjoin_np(loop->thread, NULL, &until) == 0;
	pthread_mutex_lock(&loop->lock);
	loop->lost = !joined;
	pthread_mutex_unlock(&loop->lock);
	loop->started = false;
}

void bh_ship_loop_free(struct bh_ship_loop *loop)
{
	if (!loop)
		return;
	bh_ship_loop_stop(loop);
	if (loop->lost)
		return;
	bh_ship_close(loop->ship);
	if (loop->bell_fd >= 0)
		(void)close(loop->bell_fd);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}
