/*
 * The thread sleeps in poll until an errand rings; then it runs what has gathered, one after
 * another, and hands each back at once.  A photo that is whole is synced and named by a second
 * thread, the settler, and handed back by the first behind that; meanwhile the parts of others go
 * on, and what comes for this very photo waits, with all behind it.  Once a minute, or when it
 * is told of some, however much waits, it collects a slice of the uploads that nobody goes on with,
 * and asks the writer to give back their room; behind a full slice the next follows in a second.  A
 * stop is looked at before each job: what waits was answered to nobody, and is offered again.
 */
#include "server/net/blob_loop.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/store/blob.h"

#define COLLECT_EVERY_MS 60000
#define COLLECT_AGAIN_MS 1000
#define COLLECT_MAX 16u

struct errand_list {
	struct bh_blob_errand *first;
	struct bh_blob_errand **last;
};

struct bh_blob_loop {
	struct bh_blob_files *files;
	struct bh_store_reader *reader;
	struct bh_writer_loop *writer;
	struct bh_clock clock;
	pthread_t thread, settler;
	int64_t collect_mono_ms; /* due then; the thread's */
	size_t settling;         /* begun and not ended; the thread's */
	bool started;
	atomic_bool to_collect;
	int bell_fd;
	pthread_mutex_t lock; /* guards the lists, waiting, stopping, settler_ends */
	struct errand_list asked, unsettled, settled;
	size_t waiting;
	bool stopping, settler_ends;
	pthread_cond_t unsettled_more; /* or settler_ends */
};

/* ---- Lists; under the lock ---- */

static void list_init(struct errand_list *list)
{
	list->first = NULL;
	list->last = &list->first;
}

static void list_add(struct errand_list *list, struct bh_blob_errand *errand)
{
	errand->next = NULL;
	*list->last = errand;
	list->last = &errand->next;
}

static struct bh_blob_errand *list_take(struct errand_list *list)
{
	struct bh_blob_errand *errand = list->first;

	if (!errand)
		return NULL;
	list->first = errand->next;
	if (!list->first)
		list->last = &list->first;
	return errand;
}

struct collected {
	struct bh_errand errand;
	struct bh_clock clock;
	int64_t before_ms;
	size_t count;
	uint8_t hashes[COLLECT_MAX][BH_HASH_BYTES];
};

/* ---- Collecting ---- */

static bool collected_turn(struct bh_errand *errand, struct bh_writer *writer)
{
	struct collected *collected = (struct collected *)(void *)errand;
	struct bh_now now = collected->clock.now(collected->clock.context);
	/* A failure leaves the rows: they are collected again. */
	(void)bh_writer_uploads_drop(writer, now,
		(const uint8_t(*)[BH_HASH_BYTES])collected->hashes, collected->count,
		collected->before_ms);
	return false;
}

static void collected_done(struct bh_errand *errand)
{
	free(errand);
}

static void collect(struct bh_blob_loop *loop)
{
	struct bh_now now = loop->clock.now(loop->clock.context);
	int64_t district_ms = now.mono_ms + bh_writer_loop_offset_ms(loop->writer, NULL);
	struct collected *collected = calloc(1, sizeof(*collected));

	loop->collect_mono_ms = now.mono_ms + COLLECT_EVERY_MS;
	if (!collected)
		return;
	collected->clock = loop->clock;
	collected->before_ms = district_ms - BH_UPLOAD_AGE_MS_MAX;
	collected->errand.turn = collected_turn;
	collected->errand.done = collected_done;
	int err = bh_blob_collect(loop->files, loop->reader, now.mono_ms, collected->before_ms,
		collected->hashes, COLLECT_MAX, &collected->count);
	if (!err && collected->count == COLLECT_MAX)
		loop->collect_mono_ms = now.mono_ms + COLLECT_AGAIN_MS;
	if (err || collected->count == 0 ||
		bh_writer_loop_submit(loop->writer, &collected->errand) != BH_NOERR)
		free(collected);
}

/* ---- The settler ---- */

static void bell_ring(struct bh_blob_loop *loop)
{
	uint64_t one = 1;
	while (write(loop->bell_fd, &one, sizeof(one)) < 0 && errno == EINTR) {
	}
}

/* NULL: nothing is left, and nothing comes any more. */
static struct bh_blob_errand *unsettled_wait(struct bh_blob_loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	while (!loop->unsettled.first && !loop->settler_ends)
		(void)pthread_cond_wait(&loop->unsettled_more, &loop->lock);
	struct bh_blob_errand *errand = list_take(&loop->unsettled);
	pthread_mutex_unlock(&loop->lock);
	return errand;
}

static void *settler_thread(void *context)
{
	struct bh_blob_loop *loop = context;
	struct bh_blob_errand *errand;
	while ((errand = unsettled_wait(loop)) != NULL) {
		bh_blob_files_settle(loop->files, errand->job);
		pthread_mutex_lock(&loop->lock);
		list_add(&loop->settled, errand);
		pthread_mutex_unlock(&loop->lock);
		bell_ring(loop);
	}
	return NULL;
}

static void settler_stop(struct bh_blob_loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	loop->settler_ends = true;
	(void)pthread_cond_signal(&loop->unsettled_more);
	pthread_mutex_unlock(&loop->lock);
	(void)pthread_join(loop->settler, NULL);
}

/* ---- The thread ---- */

/* The first that may run: not one for a photo that settles, nor what came behind it. */
static struct bh_blob_errand *errand_take(struct bh_blob_loop *loop, bool *stopping)
{
	struct bh_blob_errand *errand = NULL;
	pthread_mutex_lock(&loop->lock);
	const struct bh_blob_errand *first = loop->asked.first;
	*stopping = loop->stopping;
	if (first && (loop->stopping || loop->settling == 0 ||
			     !bh_blob_files_is_settling(loop->files, first->job->hash))) {
		errand = list_take(&loop->asked);
		loop->waiting--;
	}
	pthread_mutex_unlock(&loop->lock);
	return errand;
}

static void errand_run(struct bh_blob_loop *loop, struct bh_blob_errand *errand, bool stopping)
{
	errand->job->mono_ms = loop->clock.now(loop->clock.context).mono_ms;
	if (stopping)
		errand->job->err = BH_ERR_CLOSED;
	else
		bh_blob_files_begin(loop->files, errand->job);
	if (stopping || !errand->job->settles) {
		errand->done(errand);
		return;
	}
	loop->settling++;
	pthread_mutex_lock(&loop->lock);
	list_add(&loop->unsettled, errand);
	(void)pthread_cond_signal(&loop->unsettled_more);
	pthread_mutex_unlock(&loop->lock);
}

static void settled_end(struct bh_blob_loop *loop)
{
	while (loop->settling > 0) {
		pthread_mutex_lock(&loop->lock);
		struct bh_blob_errand *errand = list_take(&loop->settled);
		pthread_mutex_unlock(&loop->lock);
		if (!errand)
			return;
		loop->settling--;
		bh_blob_files_end(loop->files, errand->job);
		errand->done(errand);
	}
}

static int64_t until_collect_ms(const struct bh_blob_loop *loop)
{
	return loop->collect_mono_ms - loop->clock.now(loop->clock.context).mono_ms;
}

static void wait_for_bell(struct bh_blob_loop *loop)
{
	struct pollfd ring = {.fd = loop->bell_fd, .events = POLLIN};
	int64_t wait_ms = until_collect_ms(loop);
	uint64_t rings;
	if (loop->settling > 0) /* it rings then, and nothing is collected before */
		wait_ms = COLLECT_EVERY_MS;
	if (poll(&ring, 1, wait_ms > 0 ? (int)wait_ms : 0) == 1)
		while (read(loop->bell_fd, &rings, sizeof(rings)) < 0 && errno == EINTR) {
		}
}

static void *blob_thread(void *context)
{
	struct bh_blob_loop *loop = context;
	bool stopping = false;
	loop->collect_mono_ms = loop->clock.now(loop->clock.context).mono_ms + COLLECT_EVERY_MS;
	for (;;) {
		settled_end(loop);
		if (atomic_exchange(&loop->to_collect, false))
			loop->collect_mono_ms = loop->clock.now(loop->clock.context).mono_ms;
		if (!stopping && loop->settling == 0 && until_collect_ms(loop) <= 0)
			collect(loop);
		struct bh_blob_errand *errand = errand_take(loop, &stopping);
		if (errand)
			errand_run(loop, errand, stopping);
		else if (stopping && loop->settling == 0)
			return NULL;
		else
			wait_for_bell(loop);
	}
}

/* ---- From outside ---- */

int bh_blob_loop_new(const struct bh_store_options *store, struct bh_clock clock,
	struct bh_writer_loop *writer, struct bh_blob_loop **out)
{
	struct bh_blob_loop *loop = calloc(1, sizeof(*loop));
	if (!loop)
		return BH_ERR_NOMEM;
	loop->clock = clock;
	loop->writer = writer;
	list_init(&loop->asked);
	list_init(&loop->unsettled);
	list_init(&loop->settled);
	pthread_mutex_init(&loop->lock, NULL);
	pthread_cond_init(&loop->unsettled_more, NULL);
	loop->bell_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	int err = loop->bell_fd >= 0 ? BH_NOERR : BH_ERR_IO;
	if (!err)
		err = bh_blob_files_open(store, &loop->files);
	if (!err)
		err = bh_reader_open(store, &loop->reader);
	if (err) {
		bh_blob_loop_free(loop);
		return err;
	}
	*out = loop;
	return BH_NOERR;
}

void bh_blob_loop_carry(struct bh_blob_loop *loop, struct bh_cargo_files *cargo)
{
	bh_blob_files_carry(loop->files, cargo);
}

void bh_blob_loop_collect(struct bh_blob_loop *loop)
{
	atomic_store(&loop->to_collect, true);
	bell_ring(loop);
}

int bh_blob_loop_start(struct bh_blob_loop *loop)
{
	if (pthread_create(&loop->settler, NULL, settler_thread, loop) != 0)
		return BH_ERR_NOMEM;
	if (pthread_create(&loop->thread, NULL, blob_thread, loop) != 0) {
		settler_stop(loop);
		return BH_ERR_NOMEM;
	}
	loop->started = true;
	(void)pthread_setname_np(loop->thread, "bh-photos");
	(void)pthread_setname_np(loop->settler, "bh-settler");
	return BH_NOERR;
}

int bh_blob_loop_submit(struct bh_blob_loop *loop, struct bh_blob_errand *errand)
{
	int err = BH_NOERR;
	pthread_mutex_lock(&loop->lock);
	bool was_empty = loop->asked.first == NULL;
	if (loop->stopping)
		err = BH_ERR_CLOSED;
	else if (loop->waiting >= BH_BLOBS_WAITING_MAX)
		err = BH_ERR_BUSY;
	if (!err) {
		list_add(&loop->asked, errand);
		loop->waiting++;
	}
	pthread_mutex_unlock(&loop->lock);
	if (!err && was_empty)
		bell_ring(loop);
	return err;
}

void bh_blob_loop_stop(struct bh_blob_loop *loop)
{
	if (!loop || !loop->started)
		return;
	pthread_mutex_lock(&loop->lock);
	loop->stopping = true;
	pthread_mutex_unlock(&loop->lock);
	bell_ring(loop);
	(void)pthread_join(loop->thread, NULL);
	settler_stop(loop);
	loop->started = false;
}

void bh_blob_loop_free(struct bh_blob_loop *loop)
{
	if (!loop)
		return;
	bh_blob_loop_stop(loop);
	bh_reader_close(loop->reader);
	bh_blob_files_close(loop->files);
	if (loop->bell_fd >= 0)
		(void)close(loop->bell_fd);
	pthread_cond_destroy(&loop->unsettled_more);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}
