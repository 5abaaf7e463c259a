/*
 * The thread sleeps in poll until an errand rings or the next alarm of the district is due.  Then
 * it takes all that has gathered, runs the jobs as one group (while it commits, the next group
 * gathers: that is group commit), tells whom it woke, hands the errands back, and fires what is
 * due.  When nothing came it checkpoints. A full disk is told to the jobs and tried again; an
 * unknown commit goes to events.fatal and nothing is handed back.
 */
#include "server/net/writer_loop.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "proto/err.h"

#define SLEEP_MS_MAX 5000
#define RETRY_MS 1000 /* after a failed tick */
/* After the disk refused something; a heartbeat is written every 5 s, so that one went well since.
 */
#define REFUSED_MS 6000

struct bh_writer_loop {
	struct bh_writer *writer;
	struct bh_clock clock;
	struct bh_writer_events events;
	pthread_t thread;
	bool started;
	int bell_fd;
	pthread_mutex_t lock; /* guards first, last, waiting, stopping, counts */
	struct bh_errand *first;
	struct bh_errand **last;
	size_t waiting;
	bool stopping;
	struct bh_writer_counts counts;
	atomic_llong offset_ms;
	atomic_llong turned_ms;
	atomic_bool alarmed;
	atomic_bool can_commit;
	int64_t refused_mono_ms; /* the writer's thread alone; with can_commit false */
	uint64_t commits_seen;
	enum bh_ballast_state ballast; /* as told */
	struct bh_job *jobs[BH_ERRANDS_WAITING_MAX];
};

/* That a turn had nothing to write proves nothing: only entries that were committed do, or a while
 * in which every heartbeat was. */
static void can_commit_judge(
	struct bh_writer_loop *loop, int err, int64_t mono_ms, uint64_t commits)
{
	bool committed = commits > loop->commits_seen;
	loop->commits_seen = commits;
	if (err) {
		loop->refused_mono_ms = mono_ms;
		atomic_store(&loop->can_commit, false);
	} else if (committed || mono_ms - loop->refused_mono_ms >= REFUSED_MS) {
		atomic_store(&loop->can_commit, true);
	}
}

static void publish(struct bh_writer_loop *loop, int err)
{
	struct bh_now now = loop->clock.now(loop->clock.context);
	bool alarmed = false;
	int64_t district = bh_writer_time(loop->writer, now, &alarmed);
	atomic_store(&loop->offset_ms, district - now.mono_ms);
	atomic_store(&loop->alarmed, alarmed);
	atomic_store(&loop->turned_ms, now.mono_ms);
	struct bh_writer_counts counts;
	bh_writer_counts(loop->writer, &counts);
	can_commit_judge(loop, err, now.mono_ms, counts.commits);
	if (counts.ballast != loop->ballast)
		loop->events.ballast(loop->events.context, counts.ballast);
	loop->ballast = counts.ballast;
	pthread_mutex_lock(&loop->lock);
	loop->counts = counts;
	pthread_mutex_unlock(&loop->lock);
}

static bool is_fatal(int err)
{
	return err == BH_ERR_UNKNOWN || err == BH_ERR_CORRUPT;
}

static struct bh_errand *errands_take(struct bh_writer_loop *loop, bool *stopping)
{
	pthread_mutex_lock(&loop->lock);
	struct bh_errand *list = loop->first;
	loop->first = NULL;
	loop->last = &loop->first;
	loop->waiting = 0;
	*stopping = loop->stopping;
	pthread_mutex_unlock(&loop->lock);
	return list;
}

/* A group whose jobs were told that the disk refused them went well as a group. */
static int jobs_err(const struct bh_errand *list)
{
	for (; list; list = list->next)
		if (list->job && (list->job->err == BH_ERR_FULL || list->job->err == BH_ERR_IO))
			return list->job->err;
	return BH_NOERR;
}

static int jobs_run(struct bh_writer_loop *loop, struct bh_errand *list)
{
	size_t count = 0;
	int err = BH_NOERR;
	struct bh_wakes wakes = {0};
	for (struct bh_errand *errand = list; errand; errand = errand->next)
		if (errand->job)
			loop->jobs[count++] = errand->job;
	if (count > 0) {
		struct bh_now now = loop->clock.now(loop->clock.context);
		err = bh_writer_run(loop->writer, now, loop->jobs, count, &wakes);
		if (is_fatal(err)) {
			loop->events.fatal(loop->events.context, err);
			return err;
		}
		publish(loop, err ? err : jobs_err(list));
	}
	while (list) {
		struct bh_errand *next = list->next;
		if (list->job)
			list->done(list);
		list = next;
	}
	if (count > 0 && err == BH_NOERR)
		loop->events.woke(loop->events.context, &wakes);
	return err;
}

/* Keeps the errands without a job for turns_run; jobs_run has handed back the others. */
static struct bh_errand *turns_split(struct bh_errand **list)
{
	struct bh_errand *turns = NULL, **last = &turns, **at = list;
	while (*at) {
		struct bh_errand *errand = *at;
		if (errand->job) {
			at = &errand->next;
			continue;
		}
		*at = errand->next;
		errand->next = NULL;
		*last = errand;
		last = &errand->next;
	}
	return turns;
}

/* What began goes on however many wait; only a stop ends it early. */
static bool turn_again(struct bh_writer_loop *loop, struct bh_errand *errand)
{
	pthread_mutex_lock(&loop->lock);
	bool goes_on = !loop->stopping;
	if (goes_on) {
		errand->next = NULL;
		*loop->last = errand;
		loop->last = &errand->next;
		loop->waiting++;
	}
	pthread_mutex_unlock(&loop->lock);
	return goes_on;
}

static void turns_run(struct bh_writer_loop *loop, struct bh_errand *turns)
{
	while (turns) {
		struct bh_errand *next = turns->next;
		bool more = turns->turn(turns, loop->writer);
		if (!more || !turn_again(loop, turns)) {
			turns->cut = more;
			turns->done(turns);
		}
		turns = next;
	}
}

/* many: the last turn left some, and nobody has come since; a group of so many is as long as one of
 * commands may be, and costs a sync and its pages once. */
static int alarms_fire(struct bh_writer_loop *loop, bool *many)
{
	size_t fired = 0, most = *many ? BH_ALARMS_OF_MANY : BH_ALARMS_A_TURN;
	struct bh_wakes wakes = {0};
	struct bh_now now = loop->clock.now(loop->clock.context);
	int err = bh_writer_tick(loop->writer, now, most, &fired, &wakes);
	*many = err == BH_NOERR && fired >= most;
	if (is_fatal(err)) {
		loop->events.fatal(loop->events.context, err);
		return err;
	}
	publish(loop, err);
	if (err == BH_NOERR &&
		(fired > 0 || wakes.all || wakes.scopes_count > 0 || wakes.photos_gone))
		loop->events.woke(loop->events.context, &wakes);
	return err;
}

static int sleep_ms(struct bh_writer_loop *loop, int tick_err)
{
	struct bh_now now = loop->clock.now(loop->clock.context);
	int64_t left = bh_writer_wake_mono_ms(loop->writer, now) - now.mono_ms;
	if (tick_err != BH_NOERR && left < RETRY_MS)
		left = RETRY_MS;
	if (left < 0)
		left = 0;
	return left > SLEEP_MS_MAX ? SLEEP_MS_MAX : (int)left;
}

static void wait_for_bell(struct bh_writer_loop *loop, int timeout_ms)
{
	struct pollfd ring = {.fd = loop->bell_fd, .events = POLLIN};
	uint64_t rings;
	if (poll(&ring, 1, timeout_ms) == 1)
		while (read(loop->bell_fd, &rings, sizeof(rings)) < 0 && errno == EINTR) {
		}
}

static void *writer_thread(void *context)
{
	struct bh_writer_loop *loop = context;
	bool stopping = false, many = false;
	int tick_err = BH_NOERR;
	while (!stopping) {
		struct bh_errand *list = errands_take(loop, &stopping);
		struct bh_errand *turns = turns_split(&list);
		bool worked = list != NULL || turns != NULL;
		if (is_fatal(jobs_run(loop, list)))
			return NULL;
		turns_run(loop, turns);
		many = many && !worked;
		tick_err = alarms_fire(loop, &many);
		if (is_fatal(tick_err))
			return NULL;
		if (worked || stopping)
			continue;
		(void)bh_writer_idle(loop->writer);
		wait_for_bell(loop, sleep_ms(loop, tick_err));
	}
	return NULL;
}

int bh_writer_loop_new(const struct bh_store_options *options, struct bh_clock clock,
	const struct bh_writer_events *events, struct bh_writer_loop **out, const char **detail)
{
	struct bh_writer_loop *loop = calloc(1, sizeof(*loop));
	if (!loop)
		return BH_ERR_NOMEM;
	loop->clock = clock;
	loop->events = *events;
	loop->last = &loop->first;
	pthread_mutex_init(&loop->lock, NULL);
	loop->bell_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	int err = loop->bell_fd >= 0 ? BH_NOERR : BH_ERR_IO;
	if (!err)
		err = bh_writer_open(options, clock.now(clock.context), &loop->writer, detail);
	if (err) {
		bh_writer_loop_free(loop);
		return err;
	}
	loop->refused_mono_ms = INT64_MIN / 2;
	loop->ballast = options->ballast_bytes ? BH_BALLAST_LAID : BH_BALLAST_UNWANTED;
	publish(loop, BH_NOERR);
	*out = loop;
	return BH_NOERR;
}

int bh_writer_loop_start(struct bh_writer_loop *loop)
{
	if (pthread_create(&loop->thread, NULL, writer_thread, loop) != 0)
		return BH_ERR_NOMEM;
	loop->started = true;
	(void)pthread_setname_np(loop->thread, "bh-writer");
	return BH_NOERR;
}

int bh_writer_loop_submit(struct bh_writer_loop *loop, struct bh_errand *errand)
{
	int err = BH_NOERR;
	uint64_t one = 1;
	errand->next = NULL;
	pthread_mutex_lock(&loop->lock);
	bool was_empty = loop->first == NULL;
	if (loop->stopping)
		err = BH_ERR_CLOSED;
	else if (loop->waiting >= BH_ERRANDS_WAITING_MAX)
		err = BH_ERR_BUSY;
	if (!err) {
		*loop->last = errand;
		loop->last = &errand->next;
		loop->waiting++;
	}
	pthread_mutex_unlock(&loop->lock);
	if (!err && was_empty)
		while (write(loop->bell_fd, &one, sizeof(one)) < 0 && errno == EINTR) {
		}
	return err;
}

void bh_writer_loop_stop(struct bh_writer_loop *loop)
{
	uint64_t one = 1;
	if (!loop || !loop->started)
		return;
	pthread_mutex_lock(&loop->lock);
	loop->stopping = true;
	pthread_mutex_unlock(&loop->lock);
	while (write(loop->bell_fd, &one, sizeof(one)) < 0 && errno == EINTR) {
	}
	(void)pthread_join(loop->thread, NULL);
	loop->started = false;
}

void bh_writer_loop_free(struct bh_writer_loop *loop)
{
	if (!loop)
		return;
	bh_writer_loop_stop(loop);
	bh_writer_close(loop->writer);
	if (loop->bell_fd >= 0)
		(void)close(loop->bell_fd);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}

int64_t bh_writer_loop_offset_ms(struct bh_writer_loop *loop, bool *alarmed)
{
	if (alarmed)
		*alarmed = atomic_load(&loop->alarmed);
	return atomic_load(&loop->offset_ms);
}

void bh_writer_loop_counts(struct bh_writer_loop *loop, struct bh_writer_counts *out)
{
	pthread_mutex_lock(&loop->lock);
	*out = loop->counts;
	pthread_mutex_unlock(&loop->lock);
}

int64_t bh_writer_loop_turned_ms(struct bh_writer_loop *loop, bool *can_commit)
{
	*can_commit = atomic_load(&loop->can_commit);
	return atomic_load(&loop->turned_ms);
}
