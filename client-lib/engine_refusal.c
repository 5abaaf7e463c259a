/* A refusal, by its class: of a batch (go on in the session, smaller, later or from elsewhere), of
 * a session (come back), of this handset (ask rarely), of an enrolment code (ask no more until
 * there is a new one). */
#include "client-lib/engine_state.h"

/* Half of what was refused; a single op that is still refused waits for the back-off. */
static void refusal_batch(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_refusal *refusal)
{
	struct bh_session_state *session = &engine->session;

	if (engine->batch_ops_max == 1) {
		bh_engine_hang_up(engine, now, BH_WHY_PROTOCOL);
		return;
	}
	uint64_t pushed = session->flights_count > 0
				  ? session->flights[0].last_seq - session->server_seq
				  : engine->batch_ops_max;

	if (pushed < engine->batch_ops_max && pushed > 0)
		engine->batch_ops_max = (size_t)pushed;
	engine->batch_ops_max = (engine->batch_ops_max + 1) / 2;
	if (refusal->batch_bytes_max != 0 && refusal->batch_bytes_max < engine->batch_bytes_max)
		engine->batch_bytes_max = refusal->batch_bytes_max;
	bh_engine_rewind(engine, session->server_seq);
}

/* Where the server says it stands.  What it says again about pushes that were under way is no news.
 */
static void refusal_gap(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_refusal *refusal)
{
	struct bh_session_state *session = &engine->session;

	if (refusal->resume_after > session->server_seq)
		bh_engine_hang_up(engine, now, BH_WHY_PROTOCOL);
	else if (refusal->resume_after < session->server_seq || !session->careful)
		bh_engine_rewind(engine, refusal->resume_after);
}

static void refusal_hold(struct bh_engine *engine, struct bh_now now,
	const struct bh_msg_refusal *refusal, int cause)
{
	int64_t hold_ms = refusal->retry_after_ms > 0 ? bh_engine_hold_ms(refusal->retry_after_ms)
						      : BH_ENGINE_HOLD_MS;

	engine->cause = cause;
	if (engine->phase != BH_PHASE_LIVE) {
		engine->hold_off_ms = hold_ms;
		bh_engine_hang_up(engine, now, cause);
		return;
	}
	bh_engine_rewind(engine, engine->session.server_seq);
	engine->session.hold_mono_ms = now.mono_ms + hold_ms;
	bh_engine_changed(engine, (struct bh_change){.kind = BH_CHANGE_STATUS});
}

static void refusal_code(struct bh_engine *engine, struct bh_now now)
{
	int rc = engine->phase == BH_PHASE_ENROLLING ? bh_local_code_refused(engine->local) : 0;

	bh_engine_changed(engine, (struct bh_change){.kind = BH_CHANGE_STATUS});
	if (rc != 0)
		bh_engine_store_failed(engine, now, rc);
	else
		bh_engine_hang_up(engine, now, BH_WHY_CODE_REFUSED);
}

/* Cut off in the middle of a session: the next Hello drains what is unsent.  At its greeting it is
 * told so by a server that lets nobody drain. */
static void refusal_revoked(struct bh_engine *engine, struct bh_now now)
{
	int rc = bh_local_revoked(engine->local, now);

	if (engine->phase == BH_PHASE_LIVE && !engine->session.draining &&
		bh_engine_has_unsent(engine))
		engine->at_once = true;
	else
		engine->hold_off_ms = BH_ENGINE_REVOKED_MS;
	bh_engine_changed(engine, (struct bh_change){.kind = BH_CHANGE_STATUS});
	if (rc != 0)
		bh_engine_store_failed(engine, now, rc);
	else
		bh_engine_hang_up(engine, now, BH_WHY_REVOKED);
}

static int refusal_cause(uint32_t code)
{
	switch (code) {
	case BH_REFUSAL_VERSION:
		return BH_WHY_UPGRADE;
	case BH_REFUSAL_NOT_PROVED:
		return BH_WHY_NOT_RECOGNISED;
	case BH_REFUSAL_BUSY:
	case BH_REFUSAL_SHUTDOWN:
		return BH_WHY_SERVER_BUSY;
	case BH_REFUSAL_REPLACED:
		return BH_WHY_REPLACED;
	case BH_REFUSAL_STORAGE:
		return BH_WHY_SERVER_STORAGE;
	default:
		return BH_WHY_PROTOCOL;
	}
}

void bh_handle_refusal(
	struct bh_engine *engine, struct bh_now now, const struct bh_server_frame *frame)
{
	const struct bh_msg_refusal *refusal = &frame->u.refusal;

	bh_engine_say(engine, "refused: %s", bh_refusal_name((enum bh_refusal)refusal->code));
	switch (refusal->code) {
	case BH_REFUSAL_CODE:
		refusal_code(engine, now);
		return;
	case BH_REFUSAL_REVOKED:
		refusal_revoked(engine, now);
		return;
	case BH_REFUSAL_STORAGE:
		refusal_hold(engine, now, refusal, BH_WHY_SERVER_STORAGE);
		return;
	case BH_REFUSAL_FORK:
		/* The next Welcome decides it by links; once at once. */
		engine->at_once = !engine->forked;
		engine->forked = true;
		bh_engine_hang_up(engine, now, BH_WHY_NONE);
		return;
	default:
		break;
	}
	if (engine->phase == BH_PHASE_LIVE && refusal->code == BH_REFUSAL_BATCH) {
		refusal_batch(engine, now, refusal);
	} else if (engine->phase == BH_PHASE_LIVE && refusal->code == BH_REFUSAL_GAP) {
		refusal_gap(engine, now, refusal);
	} else {
		if (refusal->code == BH_REFUSAL_TOO_LARGE && engine->batch_ops_max > 1)
			engine->batch_ops_max /= 2;
		engine->hold_off_ms = bh_engine_hold_ms(refusal->retry_after_ms);
		if (engine->phase == BH_PHASE_GREETING && refusal->code == BH_REFUSAL_NOT_PROVED)
			engine->at_once = bh_engine_rotate_unproved(engine);
		bh_engine_hang_up(engine, now, refusal_cause(refusal->code));
	}
}
