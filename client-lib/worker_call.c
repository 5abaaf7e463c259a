/* The host's callbacks: made by the driving thread between turns, without the lock, and the thread
 * that makes one is noted, so that a call back into the library from inside it is recognised. */
#include "client-lib/worker_state.h"

#include <stdio.h>

#define BH_WORKER_LINE_BYTES 200u
#define BH_WORKER_SIGNATURE_BYTES 80u /* BH_SIGNATURE_SIZE_MAX of bihuan.h */

bool bh_worker_in_callback(struct bh_worker *worker)
{
	pthread_mutex_lock(&worker->callback_lock);
	bool inside = worker->in_callback && pthread_equal(worker->callback_thread, pthread_self());
	pthread_mutex_unlock(&worker->callback_lock);
	return inside;
}

static void callback_mark(struct bh_worker *worker, bool inside)
{
	pthread_mutex_lock(&worker->callback_lock);
	worker->in_callback = inside;
	worker->callback_thread = pthread_self();
	pthread_mutex_unlock(&worker->callback_lock);
}

void bh_worker_call_back(struct bh_worker *worker)
{
	const struct bh_worker_options *options = &worker->options;
	char line[BH_WORKER_LINE_BYTES];

	bh_worker_lock(worker);
	uint64_t changes = bh_engine_changes(options->engine);

	snprintf(line, sizeof(line), "%s", bh_engine_take_line(options->engine));
	bh_worker_unlock(worker);
	bool wakes = changes != worker->changes_woken;

	worker->changes_woken = changes;
	if ((line[0] == '\0' || !options->log) && (!wakes || !options->wake))
		return;
	callback_mark(worker, true);
	if (line[0] != '\0' && options->log)
		options->log(3, line, options->log_payload);
	if (wakes && options->wake)
		options->wake(options->wake_payload);
	callback_mark(worker, false);
}

void bh_worker_sign(struct bh_worker *worker)
{
	const struct bh_worker_options *options = &worker->options;
	uint8_t digest[BH_HASH_BYTES], signature[BH_WORKER_SIGNATURE_BYTES] = {0};
	size_t length = 0;

	bh_worker_lock(worker);
	int rc = bh_engine_to_sign(options->engine, digest);
	bh_worker_unlock(worker);
	if (rc == 0) {
		callback_mark(worker, true);
		rc = options->sign(digest, signature, &length, options->sign_payload);
		callback_mark(worker, false);
	}
	if (rc != 0 || length > sizeof(signature))
		length = 0;
	bh_worker_lock(worker);
	bh_engine_signed(options->engine, bh_worker_now(worker), bh_span(signature, length));
	bh_worker_unlock(worker);
}
