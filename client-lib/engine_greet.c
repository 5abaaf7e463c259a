/* The beginning of a session: Enrol and what it brings, Hello and its Welcome.
 *
 *   ASKED:    Enrol -> Enrolled -> (stored) -> Hello on the same link
 *   enrolled: Hello -> Welcome  -> the log is compared at the server's head -> LIVE
 *                                   `-- not ours: a new log with origins, and a new connection
 */
#include <string.h>

#include "client-lib/engine_state.h"
#include "client-lib/local_bundle.h"

#define BH_PROFILE_ARENA_BYTES_MAX BH_ENGINE_ARENA_BYTES_MAX

static struct bh_span text_span(const char *text)
{
	return bh_span(text, strlen(text));
}

/* No frame yet, or none at all. */
static void greet_without(struct bh_engine *engine, struct bh_now now, int rc)
{
	if (rc == BH_ERR_BUSY && engine->proof.state == BH_PROOF_WANTED) {
		bh_engine_enter(engine, now, BH_PHASE_PROVING);
	} else if (rc == BH_ERR_AUTH) {
		bh_engine_say(engine, "the key is not here, and nobody signs for it");
		bh_engine_hang_up(engine, now, BH_WHY_KEY);
	} else {
		bh_engine_store_failed(engine, now, rc);
	}
}

static int enrol_sign(struct bh_engine *engine, struct bh_now now, const struct bh_device *device,
	const struct bh_log *log, uint8_t signature[BH_SIGNATURE_BYTES])
{
	struct bh_buf message = BH_BUF(BH_ENGINE_PROOF_BYTES_MAX);
	int rc = bh_enrol_message(&message, &engine->binding, device->district, device->code,
		device->public_key, log->log_id);

	if (rc == 0)
		rc = bh_engine_sign(engine, now, bh_buf_span(&message), signature);
	bh_buf_free(&message);
	return rc;
}

/* Enrol may be sent again after a cut: the same code, key and log get the same answer. */
static void greet_enrol(struct bh_engine *engine, struct bh_now now, const struct bh_device *device,
	const struct bh_log *log)
{
	uint8_t signature[BH_SIGNATURE_BYTES];
	int rc = enrol_sign(engine, now, device, log, signature);

	if (rc != 0) {
		greet_without(engine, now, rc);
		return;
	}
	const struct bh_client_frame frame = {.kind = BH_CLIENT_ENROL,
		.u.enrol = {.version_min = BH_PROTOCOL_VERSION_MIN,
			.version_max = BH_PROTOCOL_VERSION,
			.code = bh_span(device->code, sizeof(device->code)),
			.public_key = bh_span(device->public_key, sizeof(device->public_key)),
			.log_id = bh_span(log->log_id, sizeof(log->log_id)),
			.signature = bh_span(signature, sizeof(signature)),
			.device_model = text_span(device->model),
			.wall_ms = now.wall_ms,
			.mono_ms = now.mono_ms}};

	bh_engine_enter(engine, now, BH_PHASE_ENROLLING);
	bh_engine_send(engine, now, &frame);
	bh_engine_say(engine, "enrolling at %s", device->district);
}

static int hello_sign(struct bh_engine *engine, struct bh_now now, const struct bh_device *device,
	const struct bh_log *log, uint8_t signature[BH_SIGNATURE_BYTES])
{
	struct bh_buf message = BH_BUF(BH_ENGINE_PROOF_BYTES_MAX);
	int rc = bh_session_message(
		&message, &engine->binding, device->district, device->device, log->log_id);

	engine->tries_next = engine->tries_next && engine->has_next;
	if (rc == 0 && engine->tries_next)
		rc = bh_engine_sign_next(engine, now, bh_buf_span(&message), signature);
	else if (rc == 0)
		rc = bh_engine_sign(engine, now, bh_buf_span(&message), signature);
	bh_buf_free(&message);
	return rc;
}

static void greet_hello(struct bh_engine *engine, struct bh_now now, const struct bh_device *device,
	const struct bh_log *log)
{
	struct bh_msg_cursor cursors[BH_SCOPES_MAX];
	uint8_t signature[BH_SIGNATURE_BYTES];
	size_t count = 0;
	uint32_t boot = 0;
	int rc = bh_local_cursors(engine->local, cursors, &count);

	if (rc == 0)
		rc = bh_local_boot(engine->local, &boot);
	if (rc == 0)
		rc = hello_sign(engine, now, device, log, signature);
	if (rc != 0) {
		greet_without(engine, now, rc);
		return;
	}
	struct bh_client_frame frame = {.kind = BH_CLIENT_HELLO,
		.u.hello = {.version_min = BH_PROTOCOL_VERSION_MIN,
			.version_max = BH_PROTOCOL_VERSION,
			.device = device->device,
			.log_id = bh_span(log->log_id, sizeof(log->log_id)),
			.acked_seq = log->acked_seq,
			.acked_link = bh_span(
				log->acked_link, log->acked_seq > 0 ? BH_HASH_BYTES : 0),
			.last_seq = log->head_seq,
			.signature = bh_span(signature, sizeof(signature)),
			.cursors = cursors,
			.cursors_count = count,
			.epoch = count > 0 ? device->epoch : 0,
			.wall_ms = now.wall_ms,
			.mono_ms = now.mono_ms,
			.boot = boot,
			.profile_version = device->profile_version,
			.app_version = text_span(engine->app_version),
			.forked_from = bh_span(log->forked_from,
				log->has_forked_from && log->log_short == 0 ? BH_LOG_ID_BYTES : 0),
			.head_hash = bh_span(device->head_hash,
				count > 0 && device->head_known ? sizeof(device->head_hash) : 0)}};

	bh_engine_enter(engine, now, BH_PHASE_GREETING);
	bh_engine_send(engine, now, &frame);
}

void bh_engine_greet(struct bh_engine *engine, struct bh_now now)
{
	struct bh_device device;
	struct bh_log log;
	int rc = bh_local_device(engine->local, &device);

	if (rc == 0)
		rc = bh_local_log(engine->local, &log);
	if (rc != 0)
		bh_engine_store_failed(engine, now, rc);
	else if (device.enrolled == BH_ENROL_YES)
		greet_hello(engine, now, &device, &log);
	else if (device.enrolled == BH_ENROL_ASKED)
		greet_enrol(engine, now, &device, &log);
	else
		bh_engine_hang_up(engine, now, BH_WHY_NOT_ENROLLED);
}

/* ---- Enrolled ---------------------------------------------------------------------------- */

static int receipt_verify(const struct bh_engine *engine, const struct bh_msg_enrolled *enrolled)
{
	struct bh_buf message = BH_BUF(BH_FRAME_HELLO_BYTES_MAX);
	int rc = bh_receipt_message(&message, enrolled->receipt);

	if (rc == 0 && engine->ca_key_known)
		rc = bh_key_verify(
			engine->ca_key, bh_buf_span(&message), enrolled->receipt_signature.data);
	bh_buf_free(&message);
	return rc;
}

static bool receipt_is_ours(const struct bh_msg_enrolment_receipt *receipt,
	const struct bh_device *device, const struct bh_log *log)
{
	return bh_span_equal(receipt->district, text_span(device->district)) &&
	       bh_span_equal(receipt->log_id, bh_span(log->log_id, sizeof(log->log_id))) &&
	       bh_span_equal(receipt->public_key,
		       bh_span(device->public_key, sizeof(device->public_key))) &&
	       receipt->device != 0 && receipt->log_short != 0;
}

static int enrolled_store(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_enrolled *enrolled)
{
	struct bh_msg_enrolment_receipt receipt;
	struct bh_device device;
	struct bh_pins pins;
	struct bh_log log;
	int rc = bh_local_device(engine->local, &device);

	if (rc == 0)
		rc = bh_local_log(engine->local, &log);
	if (rc == 0)
		rc = bh_decode_receipt(enrolled->receipt, &engine->arena, &receipt);
	if (rc == 0)
		rc = receipt_verify(engine, enrolled);
	if (rc == 0 && !receipt_is_ours(&receipt, &device, &log))
		rc = BH_ERR_AUTH;
	if (rc == 0)
		rc = bh_engine_pins(engine, &device, &enrolled->district, &pins);
	if (rc == 0)
		rc = bh_local_enrolled(engine->local, &receipt, enrolled->receipt,
			enrolled->receipt_signature, &enrolled->district, &pins, now);
	if (rc == 0)
		bh_engine_say(engine, "enrolled as device %u", receipt.device);
	return rc;
}

void bh_handle_enrolled(
	struct bh_engine *engine, struct bh_now now, const struct bh_server_frame *frame)
{
	int rc = enrolled_store(engine, now, &frame->u.enrolled);

	if (rc == BH_ERR_AUTH || rc == BH_ERR_MALFORMED || rc == BH_ERR_LIMIT) {
		bh_engine_say(engine, "the enrolment receipt is not good: %s", bh_err_name(rc));
		bh_engine_hang_up(engine, now, BH_WHY_WRONG_SERVER);
	} else if (rc != 0) {
		bh_engine_store_failed(engine, now, rc);
	} else {
		bh_engine_changed(engine, (struct bh_change){.kind = BH_CHANGE_STATUS});
		bh_engine_greet(engine, now);
	}
}

/* ---- Welcome ----------------------------------------------------------------------------- */

/* Whether the server's head is a point of our log: *fork says not. */
static int welcome_compare(
	struct bh_engine *engine, const struct bh_msg_welcome *welcome, bool *fork)
{
	uint8_t link[BH_HASH_BYTES];

	*fork = welcome->fork;
	if (*fork || welcome->acked_seq == 0)
		return 0;
	int rc = bh_local_link(engine->local, welcome->acked_seq, link);

	/* The server holds what we do not: this store was copied back from an older state. */
	if (rc == 0)
		*fork = !bh_span_equal(welcome->acked_link, bh_span(link, sizeof(link)));
	if (rc == BH_ERR_NOT_FOUND)
		*fork = true;
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

static void welcome_fork(struct bh_engine *engine, struct bh_now now)
{
	int rc = bh_local_fork(engine->local, &engine->changes);

	if (rc != 0) {
		bh_engine_store_failed(engine, now, rc);
		return;
	}
	bh_engine_say(engine, "the server's log is not the continuation of ours: a new log begins");
	/* Once at once; a server that says so again and again is met at the back-off's pace. */
	engine->at_once = !engine->forked;
	engine->forked = true;
	bh_engine_hang_up(engine, now, BH_WHY_NONE);
}

void bh_handle_welcome(
	struct bh_engine *engine, struct bh_now now, const struct bh_server_frame *frame)
{
	const struct bh_msg_welcome *welcome = &frame->u.welcome;
	struct bh_session_state *session = &engine->session;
	bool fork = false;
	int rc = bh_engine_rotate_welcome(engine);

	if (rc == 0)
		rc = welcome_compare(engine, welcome, &fork);

	if (rc == 0 && fork) {
		welcome_fork(engine, now);
		return;
	}
	if (rc == 0)
		rc = bh_local_welcome(engine->local, welcome, now, &engine->changes);
	if (rc == 0)
		rc = bh_local_epoch_welcomed(engine->local, welcome->epoch, welcome->draining);
	if (rc != 0) {
		bh_engine_store_failed(engine, now, rc);
		return;
	}
	session->epoch = welcome->epoch;
	session->server_seq = welcome->acked_seq;
	session->sent_seq = welcome->acked_seq;
	session->live_mono_ms = now.mono_ms;
	session->progressed = welcome->acked_seq > engine->acked_seq;
	if (welcome->batch_bytes_max != 0 && welcome->batch_bytes_max < engine->batch_bytes_max)
		engine->batch_bytes_max = welcome->batch_bytes_max;
	session->draining = welcome->draining;
	engine->settled = false;
	engine->cause = welcome->draining ? BH_WHY_REVOKED : BH_WHY_NONE;
	bh_engine_enter(engine, now, BH_PHASE_LIVE);
	bh_engine_say(engine, "%s, %llu acknowledged",
		welcome->draining ? "revoked, draining" : "in session",
		(unsigned long long)welcome->acked_seq);
}
