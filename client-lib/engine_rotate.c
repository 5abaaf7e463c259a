/* Another key takes over, within a session:
 *
 *   it waits in the store ──▶ both keys sign ──▶ Rotate ──▶ Rotated ──▶ the store knows one key
 *                                                  `─ a cut: nobody knows which one holds
 *
 * Reports go first: a server that does not know Rotate never answers.  Nothing is pushed meanwhile,
 * since the head of the log is signed by whichever key holds.  After a cut Hello is signed by the
 * old one, then by the new one, until a Welcome tells. */
#include <string.h>

#include "client-lib/engine_state.h"

bool bh_engine_rotate_busy(const struct bh_engine *engine)
{
	return engine->phase == BH_PHASE_LIVE && engine->has_next && !engine->session.draining;
}

int bh_engine_rotate_welcome(struct bh_engine *engine)
{
	bool took_over = engine->tries_next && engine->has_next;

	engine->tries_next = false;
	if (!took_over)
		return 0;
	bh_engine_say(engine, "the server knows the new key");
	bh_engine_changed(engine, (struct bh_change){.kind = BH_CHANGE_STATUS});
	engine->has_next = false;
	return bh_local_rotated(engine->local, true);
}

bool bh_engine_rotate_unproved(struct bh_engine *engine)
{
	engine->tries_next = engine->has_next && !engine->tries_next;
	return engine->tries_next;
}

/* ---- Rotate ------------------------------------------------------------------------------ */

static int rotate_message(
	struct bh_engine *engine, struct bh_buf *message, uint8_t next_public[BH_PUBLIC_KEY_BYTES])
{
	const struct bh_key *next;
	struct bh_device device;
	int rc = bh_local_device(engine->local, &device);

	if (rc == 0 && !bh_local_next_key(engine->local, &next, next_public))
		rc = BH_ERR_NOT_FOUND;
	return rc == 0 ? bh_rotate_message(message, &engine->binding, device.district,
				 device.device, device.public_key, next_public)
		       : rc;
}

/* The key outside signs one thing after another. */
static bool rotate_must_wait(const struct bh_engine *engine, struct bh_span message)
{
	const struct bh_proof *proof = &engine->proof;

	return proof->state == BH_PROOF_WANTED &&
	       !bh_span_equal(message, bh_span(proof->message, proof->message_len));
}

static void rotate_send(struct bh_engine *engine, struct bh_now now, const uint8_t *next_public,
	const uint8_t *signature)
{
	struct bh_session_state *session = &engine->session;
	const struct bh_client_frame frame = {.kind = BH_CLIENT_ROTATE,
		.u.rotate = {.public_key = bh_span(next_public, BH_PUBLIC_KEY_BYTES),
			.old_signature = bh_span(session->rotation_signature, BH_SIGNATURE_BYTES),
			.new_signature = bh_span(signature, BH_SIGNATURE_BYTES)}};

	session->rotation = BH_ROTATION_SENT;
	session->rotation_mono_ms = now.mono_ms;
	bh_engine_send(engine, now, &frame);
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 51
	(void)bh_local_rotated(engine->local, true);
#endif
}

static int rotate_step(struct bh_engine *engine, struct bh_now now, struct bh_span message,
	const uint8_t *next_public)
{
	struct bh_session_state *session = &engine->session;
	uint8_t signature[BH_SIGNATURE_BYTES];
	int rc = 0;

	if (session->rotation == BH_ROTATION_NONE) {
		rc = bh_engine_sign(engine, now, message, session->rotation_signature);
		if (rc == 0)
			session->rotation = BH_ROTATION_OLD;
	}
	if (rc == 0)
		rc = bh_engine_sign_next(engine, now, message, signature);
	if (rc == 0)
		rotate_send(engine, now, next_public, signature);
	return rc;
}

void bh_engine_rotate(struct bh_engine *engine, struct bh_now now)
{
	struct bh_session_state *session = &engine->session;
	uint8_t next_public[BH_PUBLIC_KEY_BYTES];
	struct bh_buf message = BH_BUF(BH_ENGINE_PROOF_BYTES_MAX);

	if (!bh_engine_rotate_busy(engine) || session->rotation == BH_ROTATION_SENT)
		return;
	if (session->rotation == BH_ROTATION_NONE &&
		(session->flights_count > 0 || bh_engine_has_unsent(engine)))
		return;
	int rc = rotate_message(engine, &message, next_public);

	if (rc == 0 && !rotate_must_wait(engine, bh_buf_span(&message)))
		rc = rotate_step(engine, now, bh_buf_span(&message), next_public);
	bh_buf_free(&message);
	if (rc == BH_ERR_AUTH)
		bh_engine_hang_up(engine, now, BH_WHY_KEY);
	else if (rc != 0 && rc != BH_ERR_BUSY)
		bh_engine_store_failed(engine, now, rc);
}

/* ---- Rotated ----------------------------------------------------------------------------- */

void bh_handle_rotated(
	struct bh_engine *engine, struct bh_now now, const struct bh_server_frame *frame)
{
	struct bh_session_state *session = &engine->session;
	struct bh_span said = frame->u.rotated.public_key;
	uint8_t next_public[BH_PUBLIC_KEY_BYTES];
	const struct bh_key *next;
	struct bh_device device;
	int rc = bh_local_device(engine->local, &device);
	bool takes = rc == 0 && bh_local_next_key(engine->local, &next, next_public) &&
		     bh_span_equal(said, bh_span(next_public, BH_PUBLIC_KEY_BYTES));
	bool stays = rc == 0 &&
		     bh_span_equal(said, bh_span(device.public_key, BH_PUBLIC_KEY_BYTES));

	if (rc == 0 && (session->rotation != BH_ROTATION_SENT || (!takes && !stays))) {
		bh_engine_say(engine, "a key that is none of ours");
		bh_engine_hang_up(engine, now, BH_WHY_PROTOCOL);
		return;
	}
	if (rc == 0)
		rc = bh_local_rotated(engine->local, takes);
	if (rc != 0) {
		bh_engine_store_failed(engine, now, rc);
		return;
	}
	session->rotation = BH_ROTATION_NONE;
	session->progressed = true;
	bh_engine_changed(engine, (struct bh_change){.kind = BH_CHANGE_STATUS});
	bh_engine_say(engine, takes ? "a new key holds" : "the server would not have the new key");
}
