/* The driving thread's link: raised, read into the engine, written out of it, ended.  Bytes to send
 * are taken out of the engine under the lock and sent without it. */
#include "client-lib/worker_state.h"

#include <string.h>

#include "proto/err.h"

#define BH_WORKER_READS_MAX 16 /* of one turn, so that sending and time get their turn too */

void bh_worker_link_end(struct bh_worker *worker, bool orderly, enum bh_link_cause cause)
{
	worker->options.transport.api->close(worker->link, orderly);
	worker->link = NULL;
	worker->is_up = false;
	worker->farewell_mono_ms = 0;
	bh_buf_free(&worker->sending);
	bh_worker_lock(worker);
	bh_engine_link_down(worker->options.engine, bh_worker_now(worker), (int)cause);
	bh_worker_unlock(worker);
}

void bh_worker_link_dial(struct bh_worker *worker)
{
	const struct bh_transport *transport = &worker->options.transport;
	enum bh_link_cause cause = BH_LINK_LOCAL;
	struct bh_device device;
	struct bh_target target;

	bh_worker_lock(worker);
	worker->counts.dials++;
	int rc = bh_local_device(worker->options.local, &device);
	bh_worker_unlock(worker);
	if (rc == 0) {
		target = (struct bh_target){.host = device.host,
			.port = device.port,
			.district = device.district,
			.pins_count = device.pins_count < BH_PINS_LINK ? device.pins_count
								       : BH_PINS_LINK};
		memcpy(target.pins, device.pins, sizeof(target.pins));
		rc = transport->api->dial(transport->context, &target, &worker->link, &cause);
	}
	if (rc != 0)
		bh_worker_link_end(worker, false, cause);
}

void bh_worker_link_raise(struct bh_worker *worker)
{
	struct bh_link_proof proof;
	enum bh_link_cause cause = BH_LINK_CUT;
	enum bh_link_state state = worker->options.transport.api->step(
		worker->link, &proof, &cause);

	if (state == BH_LINK_STATE_DOWN) {
		bh_worker_link_end(worker, false, cause);
	} else if (state == BH_LINK_STATE_UP) {
		worker->is_up = true;
		bh_worker_lock(worker);
		if (proof.ca_key_known)
			bh_engine_ca_key(worker->options.engine, proof.ca_key);
		bh_engine_link_up(worker->options.engine, bh_worker_now(worker), &proof.binding);
		bh_worker_unlock(worker);
	}
}

void bh_worker_link_read(struct bh_worker *worker)
{
	enum bh_link_cause cause = BH_LINK_CUT;
	size_t got = 1;

	for (int i = 0; i < BH_WORKER_READS_MAX && got > 0; i++) {
		int rc = worker->options.transport.api->recv(
			worker->link, worker->bytes, BH_WORKER_READ_BYTES, &got, &cause);

		if (rc != 0) {
			bh_worker_link_end(worker, false, cause);
			return;
		}
		if (got == 0)
			return;
		bh_worker_lock(worker);
		bh_engine_bytes(
			worker->options.engine, bh_worker_now(worker), bh_span(worker->bytes, got));
		bh_worker_unlock(worker);
	}
}

void bh_worker_link_write(struct bh_worker *worker)
{
	enum bh_link_cause cause = BH_LINK_CUT;
	size_t sent = 1;

	while (sent > 0) {
		if (worker->sending.len == 0) {
			bh_worker_lock(worker);
			struct bh_buf *out = bh_engine_output(worker->options.engine);

			bh_buf_free(&worker->sending);
			/* Not before: a report must not wait behind a row of photos' parts. */
			if (out->len == 0)
				bh_engine_drained(worker->options.engine, bh_worker_now(worker));
			worker->poked |= bh_engine_want(worker->options.engine).disconnect;
			worker->sending = *out;
			*out = BH_BUF(out->max);
			bh_worker_unlock(worker);
		}
		if (worker->sending.len == 0)
			return;
		int rc = worker->options.transport.api->send(
			worker->link, bh_buf_span(&worker->sending), &sent, &cause);

		if (rc != 0) {
			bh_worker_link_end(worker, false, cause);
			return;
		}
		bh_buf_consume(&worker->sending, sent);
	}
}
