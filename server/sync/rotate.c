/* Rotate: a device takes another key.
 *
 * The old key says so, and the new one that it is held, both over this very connection; the writer
 * takes it in place of exactly the one that signed, and the answer names the key that holds now.  A
 * session stays proved.  It is paid for like a log, since it stays in the journal for ever. */
#include <stdio.h>
#include <string.h>

#include "server/sync/hub.h"

#define PROOF_BYTES_MAX 512u

static bool signatures_hold(const struct bh_session *session, const struct bh_msg_rotate *rotate,
	const uint8_t old_key[BH_PUBLIC_KEY_BYTES])
{
	struct bh_buf message = BH_BUF(PROOF_BYTES_MAX);
	int err = bh_rotate_message(&message, &session->binding, session->hub->district.code,
		session->device, old_key, rotate->public_key.data);
	if (err == 0)
		err = bh_key_verify(old_key, bh_buf_span(&message), rotate->old_signature.data);
	if (err == 0)
		err = bh_key_verify(
			rotate->public_key.data, bh_buf_span(&message), rotate->new_signature.data);
	bh_buf_free(&message);
	return err == 0;
}

static int rotate_queue(struct bh_session *session, const struct bh_msg_rotate *rotate,
	const struct bh_device *device)
{
	struct bh_work *work = bh_work_new(session, BH_WORK_ROTATED, 1);
	if (work == NULL)
		return BH_ERR_NOMEM;
	struct bh_msg_entry_rotated entry = {.device = device->id,
		.public_key = rotate->public_key,
		.replaces = bh_span(device->public_key, BH_PUBLIC_KEY_BYTES)};
	int err = bh_encode_entry_rotated(&entry, &work->payload);
	if (err != 0) {
		bh_work_free(work);
		return err;
	}
	struct bh_command *command = &work->job.commands[0];
	command->source = BH_SOURCE_OPERATOR;
	command->verb = BH_VERB_ROTATED;
	command->device = device->id;
	command->payload = bh_buf_span(&work->payload);
	bh_hub_queue(session->hub, session, work);
	bh_session_touch(session);
	return 0;
}

/* One at a time; another may come when it is answered. */
static bool is_out(const struct bh_session *session)
{
	for (const struct bh_work *work = session->works; work != NULL; work = work->session_next)
		if (work->kind == BH_WORK_ROTATED)
			return true;
	return false;
}

static bool may_spend(struct bh_session *session, const struct bh_moment *at)
{
	struct bh_msg_refusal refusal = {.code = BH_REFUSAL_BUSY};
	refusal.retry_after_ms = bh_hub_spend(session->hub, session, at->now, BH_LOG_COSTS_OPS);
	if (refusal.retry_after_ms == 0)
		return true;
	bh_session_refuse_with(session, &refusal, "it takes more keys than a device may");
	return false;
}

void bh_handle_rotate(struct bh_session *session, const struct bh_moment *at,
	const struct bh_client_frame *frame, struct bh_span body)
{
	const struct bh_msg_rotate *rotate = &frame->u.rotate;
	struct bh_device device;
	char why[BH_REASON_BYTES];
	(void)body;
	if (session->draining || is_out(session)) {
		bh_session_refuse(session, BH_REFUSAL_ORDER, "it may take no other key now");
		return;
	}
	if (bh_reader_device(session->hub->options.reader, session->device, &device) != 0) {
		bh_session_refuse(session, BH_REFUSAL_STORAGE, "its device cannot be read");
		return;
	}
	if (!signatures_hold(session, rotate, device.public_key)) {
		snprintf(why, sizeof(why), "device %u: a signature of its rotation does not hold",
			session->device);
		bh_session_refuse(session, BH_REFUSAL_NOT_PROVED, why);
		return;
	}
	if (may_spend(session, at) && rotate_queue(session, rotate, &device) != 0)
		bh_session_refuse(session, BH_REFUSAL_BUSY, "no memory for a rotation");
}

void bh_rotate_done(struct bh_session *session, struct bh_work *work)
{
	struct bh_server_frame frame = {.kind = BH_SERVER_ROTATED};
	struct bh_device device;
	if (session->phase != BH_PHASE_LIVE || !bh_session_may_receive(session))
		return;
	int err = work->job.err != 0 ? work->job.err : work->job.outcomes[0].err;
	if (err == 0)
		err = bh_reader_device(session->hub->options.reader, session->device, &device);
	if (err != 0) {
		bh_session_refuse(session, BH_REFUSAL_STORAGE, "another key was not stored");
		return;
	}
	frame.u.rotated.public_key = bh_span(device.public_key, BH_PUBLIC_KEY_BYTES);
	bh_session_send(session, &frame);
}
