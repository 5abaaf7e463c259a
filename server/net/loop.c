/*
 * A loop turns libevent's base.  Letters are pushed on a list under a mutex and an eventfd rings
 * once; the loop takes the whole list and opens letters in the order they were posted.  Nothing
 * else is shared between threads, so libevent's own locking stays off.  Failure to make the thread
 * or the eventfd is told at once.
 */
#include "server/net/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "proto/err.h"

struct bh_loop {
	struct event_base *base;
	struct event *bell;
	struct bh_clock clock;
	void *context;
	pthread_t thread;
	bool started;
	int bell_fd;
	atomic_bool stopping;
	pthread_mutex_t lock; /* guards first and last */
	struct bh_letter *first;
	struct bh_letter **last;
};

static void letters_open(struct bh_loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	struct bh_letter *letter = loop->first;
	loop->first = NULL;
	loop->last = &loop->first;
	pthread_mutex_unlock(&loop->lock);
	while (letter) {
		struct bh_letter *next = letter->next;
		letter->open(letter, loop->context);
		letter = next;
	}
}

static void on_bell(evutil_socket_t fd, short events, void *context)
{
	struct bh_loop *loop = context;
	uint64_t rings;
	(void)events;
	while (read(fd, &rings, sizeof(rings)) < 0 && errno == EINTR) {
	}
	letters_open(loop);
	if (atomic_load(&loop->stopping))
		(void)event_base_loopbreak(loop->base);
}

static void bell_ring(struct bh_loop *loop)
{
	uint64_t one = 1;
	while (write(loop->bell_fd, &one, sizeof(one)) < 0 && errno == EINTR) {
	}
}

static struct event_base *base_new(void)
{
	struct event_config *config = event_config_new();
	if (!config)
		return NULL;
	(void)event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	(void)event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	struct event_base *base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

int bh_loop_new(struct bh_clock clock, void *context, struct bh_loop **out)
{
	struct bh_loop *loop = calloc(1, sizeof(*loop));
	if (!loop)
		return BH_ERR_NOMEM;
	loop->clock = clock;
	loop->context = context;
	loop->last = &loop->first;
	atomic_init(&loop->stopping, false);
	pthread_mutex_init(&loop->lock, NULL);
	loop->bell_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	loop->base = loop->bell_fd >= 0 ? base_new() : NULL;
	if (loop->base)
		loop->bell = event_new(
			loop->base, loop->bell_fd, EV_READ | EV_PERSIST, on_bell, loop);
	if (!loop->bell || event_add(loop->bell, NULL) != 0) {
		bh_loop_free(loop);
		return BH_ERR_IO;
	}
	*out = loop;
	return BH_NOERR;
}

struct event_base *bh_loop_base(struct bh_loop *loop)
{
	return loop->base;
}

struct bh_now bh_loop_now(struct bh_loop *loop)
{
	return loop->clock.now(loop->clock.context);
}

int bh_loop_run(struct bh_loop *loop)
{
	int turned = event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
	return turned < 0 ? BH_ERR_IO : BH_NOERR;
}

static void *loop_thread(void *context)
{
	(void)bh_loop_run(context);
	return NULL;
}

int bh_loop_start(struct bh_loop *loop, const char *name)
{
	if (pthread_create(&loop->thread, NULL, loop_thread, loop) != 0)
		return BH_ERR_NOMEM;
	(void)pthread_setname_np(loop->thread, name);
	loop->started = true;
	return BH_NOERR;
}

bool bh_loop_is_started(const struct bh_loop *loop)
{
	return loop->started;
}

void bh_loop_stop(struct bh_loop *loop)
{
	atomic_store(&loop->stopping, true);
	bell_ring(loop);
}

void bh_loop_join(struct bh_loop *loop)
{
	if (loop->started)
		(void)pthread_join(loop->thread, NULL);
	loop->started = false;
}

void bh_loop_post(struct bh_loop *loop, struct bh_letter *letter)
{
	letter->next = NULL;
	pthread_mutex_lock(&loop->lock);
	bool was_empty = loop->first == NULL;
	*loop->last = letter;
	loop->last = &letter->next;
	pthread_mutex_unlock(&loop->lock);
	if (was_empty)
		bell_ring(loop);
}

void bh_loop_drain(struct bh_loop *loop)
{
	letters_open(loop);
}

void bh_loop_free(struct bh_loop *loop)
{
	if (!loop)
		return;
	letters_open(loop);
	/* libevent frees a bufferevent from a later turn: give it one. */
	if (loop->base)
		(void)event_base_loop(loop->base, EVLOOP_NONBLOCK);
	if (loop->bell)
		event_free(loop->bell);
	if (loop->base)
		event_base_free(loop->base);
	if (loop->bell_fd >= 0)
		(void)close(loop->bell_fd);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}
