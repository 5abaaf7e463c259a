/* Enrol: a one-time code and a public key become a device.
 *
 * The signature shows that the caller holds the key and means this very connection; the writer
 * takes the code, once.  The same code with the same key again (the answer was lost) gets the same
 * device, while that is live.  Wrong, used and expired are one word; failures and repeats are
 * counted by the source of the link, and beyond the limit that source waits, so that guessing 80
 * bits stays hopeless (B09), nobody has the same signed for ever, and who guesses keeps nobody else
 * from enrolling.  Sources share slots by a keyed hash: a few strangers
 * may wait with the guesser, but which ones nobody outside can choose. */
#include <string.h>

#include "server/sync/hub.h"

#define MINUTE_MS 60000
#define PROOF_BYTES_MAX 512u
#define RECEIPT_BYTES_MAX 1024u

static int64_t *paid_of(struct bh_session *session)
{
	struct bh_hub *hub = session->hub;
	uint8_t bytes[8], mac[BH_MAC_BYTES];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(session->source >> 8 * i);
	const struct bh_span parts[] = {bh_span("bh-source-1", 11), bh_span(bytes, sizeof(bytes))};
	bh_mac_parts(hub->options.hasher, hub->options.mac_key, parts, 2, mac);
	return &hub->enrol_paid_mono_ms[(mac[0] | (uint32_t)mac[1] << 8) % BH_ENROL_SLOTS];
}

/* A failure is paid by its share of a minute.  ms to wait while a source owes for as many as a
 * minute pays, else 0: no boundary of a minute lets twice as many through. */
static uint32_t enrol_wait_ms(struct bh_session *session, struct bh_now now)
{
	int64_t price_ms = MINUTE_MS / session->hub->options.enrol_failures_per_min;
	int64_t owed_ms = *paid_of(session) - now.mono_ms;
	return owed_ms > MINUTE_MS - price_ms ? (uint32_t)(owed_ms - MINUTE_MS + price_ms) : 0;
}

static void enrol_pay(struct bh_session *session, struct bh_now now)
{
	int64_t *paid_mono_ms = paid_of(session);
	if (*paid_mono_ms < now.mono_ms)
		*paid_mono_ms = now.mono_ms;
	*paid_mono_ms += MINUTE_MS / session->hub->options.enrol_failures_per_min;
}

static void enrol_fail(
	struct bh_session *session, struct bh_now now, enum bh_refusal code, const char *why)
{
	enrol_pay(session, now);
	session->hub->counts.enrol_failures++;
	bh_session_refuse(session, code, why);
}

static bool signature_holds(const struct bh_session *session, const struct bh_msg_enrol *enrol)
{
	struct bh_buf message = BH_BUF(PROOF_BYTES_MAX);
	int err = bh_enrol_message(&message, &session->binding, session->hub->district.code,
		enrol->code.data, enrol->public_key.data, enrol->log_id.data);
	if (err == 0)
		err = bh_key_verify(
			enrol->public_key.data, bh_buf_span(&message), enrol->signature.data);
	bh_buf_wipe(&message);
	return err == 0;
}

static int enrol_queue(struct bh_session *session, const struct bh_msg_enrol *enrol)
{
	uint8_t code_hash[BH_HASH_BYTES];
	struct bh_work *work = bh_work_new(session, BH_WORK_ENROL, 1);
	if (work == NULL)
		return BH_ERR_NOMEM;
	bh_hash_parts(session->hub->options.hasher, &enrol->code, 1, code_hash);
	struct bh_msg_entry_enrolled entry = {.code_hash = bh_span(code_hash, sizeof(code_hash)),
		.public_key = enrol->public_key,
		.log_id = enrol->log_id,
		.device_model = enrol->device_model};
	int err = bh_encode_entry_enrolled(&entry, &work->payload);
	if (err == 0)
		err = bh_buf_append(&work->raw, enrol->public_key.data, enrol->public_key.len);
	if (err != 0) {
		bh_work_free(work);
		return err;
	}
	struct bh_command *command = &work->job.commands[0];
	command->source = BH_SOURCE_OPERATOR;
	command->verb = BH_VERB_ENROLLED;
	command->payload = bh_buf_span(&work->payload);
	memcpy(session->log_id, enrol->log_id.data, BH_LOG_ID_BYTES);
	session->phase = BH_PHASE_ENROLLING;
	bh_hub_queue(session->hub, session, work);
	bh_session_touch(session);
	return 0;
}

void bh_handle_enrol(struct bh_session *session, const struct bh_moment *at,
	const struct bh_client_frame *frame, struct bh_span body)
{
	const struct bh_msg_enrol *enrol = &frame->u.enrol;
	struct bh_msg_refusal refusal = {.code = BH_REFUSAL_BUSY};
	(void)body;
	if (enrol->version_min > BH_PROTOCOL_VERSION ||
		enrol->version_max < BH_PROTOCOL_VERSION_MIN) {
		refusal = (struct bh_msg_refusal){.code = BH_REFUSAL_VERSION,
			.version_min = BH_PROTOCOL_VERSION_MIN,
			.version_max = BH_PROTOCOL_VERSION};
		bh_session_refuse_with(session, &refusal, "it speaks no version of ours");
		return;
	}
	refusal.retry_after_ms = enrol_wait_ms(session, at->now);
	if (refusal.retry_after_ms > 0) {
		bh_session_refuse_with(session, &refusal, "too many enrolments failed");
		return;
	}
	if (enrol->code.len != BH_CODE_BYTES || enrol->public_key.len != BH_PUBLIC_KEY_BYTES ||
		enrol->log_id.len != BH_LOG_ID_BYTES ||
		enrol->signature.len != BH_SIGNATURE_BYTES || !signature_holds(session, enrol)) {
		enrol_fail(session, at->now, BH_REFUSAL_NOT_PROVED,
			"enrol: the signature does not hold");
		return;
	}
	if (enrol_queue(session, enrol) != 0)
		bh_session_refuse(session, BH_REFUSAL_BUSY, "no memory for an enrolment");
}

/* ---- The answer ---- */

static int receipt_make(struct bh_session *session, const struct bh_device *device,
	const struct bh_log *log, struct bh_buf *receipt, uint8_t signature[BH_SIGNATURE_BYTES])
{
	const char *code = session->hub->district.code;
	struct bh_buf message = BH_BUF(RECEIPT_BYTES_MAX);
	struct bh_msg_enrolment_receipt fields = {.district = bh_span(code, strlen(code)),
		.device = device->id,
		.person = device->person,
		.log_short = log->log_short,
		.log_id = bh_span(log->log_id, sizeof(log->log_id)),
		.public_key = bh_span(device->public_key, sizeof(device->public_key)),
		.enrolled_ms = device->enrolled_ms,
		.algorithm = BH_ALGORITHM_P256_SHA256};
	int err = bh_encode_receipt(&fields, receipt);
	if (err == 0)
		err = bh_receipt_message(&message, bh_buf_span(receipt));
	if (err == 0)
		err = bh_key_sign(session->hub->options.ca_key, bh_buf_span(&message), signature);
	bh_buf_free(&message);
	return err;
}

static int enrolled_send(struct bh_session *session, uint32_t device_id)
{
	struct bh_hub *hub = session->hub;
	struct bh_store_reader *reader = hub->options.reader;
	struct bh_device device;
	struct bh_log log;
	struct bh_rules *rules;
	uint8_t signature[BH_SIGNATURE_BYTES];
	struct bh_buf receipt = BH_BUF(RECEIPT_BYTES_MAX);
	struct bh_server_frame frame = {.kind = BH_SERVER_ENROLLED};
	bh_arena_reset(&hub->work_arena);
	int err = bh_reader_device(reader, device_id, &device);
	if (err == 0 && device.state != BH_DEVICE_LIVE) /* since the writer looked */
		return BH_ERR_AUTH;
	if (err == 0)
		err = bh_reader_log(reader, session->log_id, &log);
	if (err == 0)
		err = bh_reader_rules(reader, &rules);
	if (err == 0)
		err = receipt_make(session, &device, &log, &receipt, signature);
	if (err == 0)
		err = bh_district_build(
			hub, rules, device.person, &hub->work_arena, &frame.u.enrolled.district);
	if (err == 0) {
		frame.u.enrolled.receipt = bh_buf_span(&receipt);
		frame.u.enrolled.receipt_signature = bh_span(signature, sizeof(signature));
		bh_session_send(session, &frame);
	}
	bh_buf_free(&receipt);
	return err;
}

void bh_enrol_done(struct bh_session *session, const struct bh_moment *at, struct bh_work *work)
{
	const struct bh_outcome *outcome = &work->job.outcomes[0];
	if (session->phase != BH_PHASE_ENROLLING)
		return;
	if (work->job.err != 0 || outcome->err != 0) {
		bh_session_refuse(session, BH_REFUSAL_STORAGE, "an enrolment was not stored");
		return;
	}
	if (outcome->verdict == BH_VERDICT_REJECTED && outcome->reason == BH_REASON_NOT_NOW) {
		bh_session_refuse(
			session, BH_REFUSAL_STORAGE, "there is no room to keep an enrolment");
		return;
	}
	int err = outcome->verdict == BH_VERDICT_ACCEPTED ? enrolled_send(session, outcome->id)
							  : BH_ERR_AUTH;
	if (err == BH_ERR_AUTH) {
		enrol_fail(session, at->now, BH_REFUSAL_CODE,
			"enrol: the code is wrong, used or expired");
		return;
	}
	if (outcome->repeat)
		enrol_pay(session, at->now);
	if (err != 0) {
		bh_session_refuse(session, BH_REFUSAL_STORAGE, "an enrolment cannot be read");
		return;
	}
	session->hub->counts.enrolled++;
	if (session->phase == BH_PHASE_CLOSING)
		return;
	session->phase = BH_PHASE_OPEN; /* Hello may follow */
	session->opened_mono_ms = at->now.mono_ms;
	session->hello_since_mono_ms = at->now.mono_ms;
}
