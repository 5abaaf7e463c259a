/* One turn of the drive: move the link on, hand bytes over, ask the engine what it wants, do it;
 * then wait.
 *
 * The link belongs to the driving thread alone.  Bytes to send are taken out of the engine under
 * the lock and sent without it.  A disconnect first sends what is pending, for a bounded time.
 * Callbacks are made between turns (worker_call.c). */
#include "client-lib/worker_state.h"

#include <signal.h>
#include <stdlib.h>

#include "proto/err.h"

#define BH_WORKER_FAREWELL_MS 2000 /* to send what is pending before a disconnect */
#define BH_WORKER_CLOSE_MS 500     /* ... and at most so long when the host closes */
#define BH_WORKER_CLOSE_STEP_MS 50
#define BH_WORKER_REST_MS_MAX (INT64_C(365) * 86400000) /* a deadline as good as none */

void bh_worker_lock(struct bh_worker *worker)
{
	pthread_mutex_lock(&worker->lock);
}

void bh_worker_unlock(struct bh_worker *worker)
{
	pthread_mutex_unlock(&worker->lock);
}

struct bh_now bh_worker_now(const struct bh_worker *worker)
{
	return worker->options.clock.now(worker->options.clock.context);
}

struct bh_worker_counts bh_worker_counts(const struct bh_worker *worker)
{
	return worker->counts;
}

void bh_worker_nudge(struct bh_worker *worker)
{
	bh_worker_lock(worker);
	worker->poked = true;
	bh_worker_unlock(worker);
	worker->options.transport.api->wake(worker->options.transport.context);
}

/* ---- Turns ------------------------------------------------------------------------------- */

static void turn_disconnect(struct bh_worker *worker)
{
	int64_t now_ms = bh_worker_now(worker).mono_ms;

	if (worker->farewell_mono_ms == 0)
		worker->farewell_mono_ms = now_ms;
	if (!worker->is_up || worker->sending.len == 0 ||
		now_ms - worker->farewell_mono_ms >= BH_WORKER_FAREWELL_MS)
		bh_worker_link_end(
			worker, worker->is_up && worker->sending.len == 0, BH_LINK_CLOSED);
}

static struct bh_engine_want turn_want(struct bh_worker *worker)
{
	const struct bh_transport *transport = &worker->options.transport;
	struct bh_traffic traffic = transport->api->traffic(transport->context);
	struct bh_now now = bh_worker_now(worker);

	bh_worker_lock(worker);
	struct bh_engine_want want = bh_engine_want(worker->options.engine);

	worker->counts.traffic = traffic;
	if (worker->poked || now.mono_ms >= want.wake_mono_ms) {
		worker->poked = false;
		bh_engine_tick(worker->options.engine, now);
		want = bh_engine_want(worker->options.engine);
	}
	bh_worker_unlock(worker);
	return want;
}

/* Gives when to wake at the latest; INT64_MIN: there is more to do at once. */
static int64_t worker_turn(struct bh_worker *worker)
{
	if (worker->link && !worker->is_up)
		bh_worker_link_raise(worker);
	if (worker->link && worker->is_up)
		bh_worker_link_read(worker);
	struct bh_engine_want want = turn_want(worker);

	if (worker->link && worker->is_up)
		bh_worker_link_write(worker);
	if (want.sign) {
		bh_worker_sign(worker);
		return INT64_MIN;
	}
	if (want.disconnect) {
		turn_disconnect(worker);
		return worker->link ? worker->farewell_mono_ms + BH_WORKER_FAREWELL_MS : INT64_MIN;
	}
	if (want.connect && !worker->link) {
		bh_worker_link_dial(worker);
		return INT64_MIN;
	}
	return want.wake_mono_ms;
}

static void worker_wait(struct bh_worker *worker, int64_t wake_mono_ms)
{
	const struct bh_transport *transport = &worker->options.transport;
	int64_t now_ms = bh_worker_now(worker).mono_ms, timeout_ms = -1;

	bh_worker_lock(worker);
	bool hurry = worker->poked || worker->stopping;
	worker->counts.wakeups += !hurry;
	if (!hurry) /* whoever poked waits for this lock next */
		(void)bh_local_idle(worker->options.local);
	bh_worker_unlock(worker);
	if (wake_mono_ms != INT64_MAX)
		timeout_ms = wake_mono_ms > now_ms ? wake_mono_ms - now_ms : 0;
	if (!hurry && timeout_ms != 0)
		transport->api->wait(
			transport->context, worker->link, worker->sending.len > 0, timeout_ms);
}

static bool worker_is_stopping(struct bh_worker *worker)
{
	bh_worker_lock(worker);
	bool stopping = worker->stopping;
	bh_worker_unlock(worker);
	return stopping;
}

/* Says Bye, so that a supervisor can ask who holds what; a dead link must not hold the host up. */
static void worker_farewell(struct bh_worker *worker)
{
	int64_t from_ms = bh_worker_now(worker).mono_ms;

	if (!worker->link || !worker->is_up)
		return;
	bh_worker_lock(worker);
	bh_engine_set_suspended(worker->options.engine, bh_worker_now(worker), true);
	bh_worker_unlock(worker);
	while (worker->link && bh_worker_now(worker).mono_ms - from_ms < BH_WORKER_CLOSE_MS) {
		(void)worker_turn(worker);
		if (worker->link)
			worker->options.transport.api->wait(worker->options.transport.context,
				worker->link, worker->sending.len > 0, BH_WORKER_CLOSE_STEP_MS);
	}
}

static void *worker_main(void *context)
{
	struct bh_worker *worker = context;

	while (!worker_is_stopping(worker)) {
		int64_t wake_mono_ms = worker_turn(worker);

		bh_worker_call_back(worker);
		if (wake_mono_ms != INT64_MIN)
			worker_wait(worker, wake_mono_ms);
	}
	worker_farewell(worker);
	return NULL;
}

/* Nothing is left to do before the deadline: all sent and told, or the next attempt is later. */
static bool worker_is_done(struct bh_worker *worker, int64_t wake_mono_ms, int64_t rest_ms)
{
	bh_worker_lock(worker);
	struct bh_engine_status status = bh_engine_status(worker->options.engine);
	bool poked = worker->poked;
	bh_worker_unlock(worker);
	if (poked || wake_mono_ms == INT64_MIN || worker->sending.len > 0)
		return false;
	if (status.live)
		return status.settled;
	if (worker->link)
		return false;
	return wake_mono_ms == INT64_MAX || wake_mono_ms - bh_worker_now(worker).mono_ms >= rest_ms;
}

/* A deadline may be any number, and the wall clock too. */
static int64_t rest_of(int64_t deadline_ms, int64_t now_ms)
{
	int64_t rest_ms;

	if (__builtin_sub_overflow(deadline_ms, now_ms, &rest_ms))
		return deadline_ms > 0 ? BH_WORKER_REST_MS_MAX : 0;
	return rest_ms < BH_WORKER_REST_MS_MAX ? rest_ms : BH_WORKER_REST_MS_MAX;
}

static bool worker_drive(struct bh_worker *worker, int64_t deadline_ms)
{
	for (;;) {
		int64_t wake_mono_ms = worker_turn(worker);

		bh_worker_call_back(worker);
		struct bh_now now = bh_worker_now(worker);
		int64_t rest_ms = rest_of(deadline_ms, now.wall_ms);

		if (worker_is_done(worker, wake_mono_ms, rest_ms))
			return true;
		if (rest_ms <= 0)
			return false;
		if (wake_mono_ms == INT64_MIN)
			continue;
		int64_t until_ms = now.mono_ms + rest_ms;

		worker_wait(worker, wake_mono_ms < until_ms ? wake_mono_ms : until_ms);
	}
}

int bh_worker_run_until(struct bh_worker *worker, int64_t deadline_ms, bool *is_done)
{
	bh_worker_lock(worker);
	bool busy = worker->running;

	worker->running = true;
	if (!busy) {
		worker->poked = true;
		bh_engine_ask(worker->options.engine, bh_worker_now(worker));
	}
	bh_worker_unlock(worker);
	if (busy)
		return BH_ERR_BUSY;
	*is_done = worker_drive(worker, deadline_ms);
	bh_worker_lock(worker);
	worker->running = false;
	bh_worker_unlock(worker);
	return 0;
}

/* ---- Life -------------------------------------------------------------------------------- */

/* The host's signal handlers must not run on our thread. */
static int worker_start(struct bh_worker *worker)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&worker->thread, NULL, worker_main, worker);

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	worker->has_thread = rc == 0;
	worker->running = rc == 0;
	return rc == 0 ? 0 : BH_ERR_NOMEM;
}

int bh_worker_open(const struct bh_worker_options *options, struct bh_worker **out)
{
	struct bh_worker *worker = calloc(1, sizeof(*worker));

	if (!worker) {
		options->transport.api->free(options->transport.context);
		return BH_ERR_NOMEM;
	}
	worker->options = *options;
	worker->sending = BH_BUF(1);
	worker->changes_woken = bh_engine_changes(options->engine);
	pthread_mutex_init(&worker->lock, NULL);
	pthread_mutex_init(&worker->callback_lock, NULL);
	worker->bytes = malloc(BH_WORKER_READ_BYTES);
	int rc = worker->bytes ? 0 : BH_ERR_NOMEM;

	if (rc == 0 && options->own_thread)
		rc = worker_start(worker);
	if (rc != 0) {
		bh_worker_close(worker);
		return rc;
	}
	*out = worker;
	return 0;
}

void bh_worker_close(struct bh_worker *worker)
{
	if (!worker)
		return;
	const struct bh_transport *transport = &worker->options.transport;

	if (worker->has_thread) {
		bh_worker_lock(worker);
		worker->stopping = true;
		bh_worker_unlock(worker);
		transport->api->wake(transport->context);
		pthread_join(worker->thread, NULL);
	} else if (worker->bytes) {
		worker_farewell(worker);
	}
	transport->api->close(worker->link, worker->is_up && worker->sending.len == 0);
	transport->api->free(transport->context);
	bh_buf_free(&worker->sending);
	pthread_mutex_destroy(&worker->callback_lock);
	pthread_mutex_destroy(&worker->lock);
	free(worker->bytes);
	free(worker);
}
