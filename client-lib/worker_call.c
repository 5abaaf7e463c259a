/* The host's callbacks: made by the driving thread between turns, or a signature by the thread that
 * writes a bundle; without the lock, and the thread that makes one is noted, so that a call back
 * into the library from inside it is recognised. */
#include "client-lib/worker_state.h"

#include <stdio.h>

#include "proto/err.h"

#define BH_WORKER_LINE_BYTES 200u
#define BH_WORKER_SIGNATURE_BYTES 80u /* BH_SIGNATURE_SIZE_MAX of bihuan.h */

bool bh_worker_in_callback(struct bh_worker *worker)
{
	pthread_mutex_lock(&worker->callback_lock);
	bool inside = (worker->in_callback &&
			      pthread_equal(worker->callback_thread, pthread_self())) ||
		      (worker->in_signing && pthread_equal(worker->signing_thread, pthread_self()));
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

/* By whichever of the two the host gave. */
static int host_sign(const struct bh_worker_options *options, const uint8_t *public_key,
	const uint8_t *digest, uint8_t *signature, size_t *length)
{
	return options->sign_for ? options->sign_for(public_key, digest, signature, length,
					   options->sign_payload)
				 : options->sign(digest, signature, length, options->sign_payload);
}

void bh_worker_sign(struct bh_worker *worker)
{
	const struct bh_worker_options *options = &worker->options;
	uint8_t digest[BH_HASH_BYTES], signature[BH_WORKER_SIGNATURE_BYTES] = {0};
	uint8_t public_key[BH_PUBLIC_KEY_BYTES];
	size_t length = 0;

	bh_worker_lock(worker);
	int rc = bh_engine_to_sign(options->engine, digest, public_key);
	bh_worker_unlock(worker);
	if (rc == 0) {
		callback_mark(worker, true);
		rc = host_sign(options, public_key, digest, signature, &length);
		callback_mark(worker, false);
	}
	if (rc != 0 || length > sizeof(signature))
		length = 0;
	bh_worker_lock(worker);
	bh_engine_signed(options->engine, bh_worker_now(worker), bh_span(signature, length));
	bh_worker_unlock(worker);
}

/* False when another thread is at it. */
static bool signing_begin(struct bh_worker *worker)
{
	pthread_mutex_lock(&worker->callback_lock);
	bool begun = !worker->in_signing;

	worker->in_signing = true;
	if (begun)
		worker->signing_thread = pthread_self();
	pthread_mutex_unlock(&worker->callback_lock);
	return begun;
}

static void signing_end(struct bh_worker *worker)
{
	pthread_mutex_lock(&worker->callback_lock);
	worker->in_signing = false;
	pthread_mutex_unlock(&worker->callback_lock);
}

int bh_worker_sign_now(struct bh_worker *worker, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	struct bh_span message, uint8_t out[BH_SIGNATURE_BYTES])
{
	uint8_t digest[BH_HASH_BYTES], signature[BH_WORKER_SIGNATURE_BYTES] = {0};
	size_t length = 0;

	if (!worker->options.sign && !worker->options.sign_for)
		return BH_ERR_AUTH;
	int rc = bh_sign_digest(message, digest);

	if (rc != 0)
		return rc;
	if (!signing_begin(worker))
		return BH_ERR_BUSY;
	rc = host_sign(&worker->options, public_key, digest, signature, &length);
	signing_end(worker);
	if (rc != 0 || length > sizeof(signature))
		return BH_ERR_AUTH;
	return bh_signature_take(bh_span(signature, length), out) == 0 ? 0 : BH_ERR_AUTH;
}
