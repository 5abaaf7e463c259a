/* The engine's phases and when it moves between them.
 *
 * Every event ends in bh_engine_update: the rows are looked at again, and from them and the
 * clock follows what is wanted: a link, a push, a ping, a hang-up, or a wake-up.  Nothing is
 * remembered that rows could say, so a crash at any point is the same as a disconnection.  A
 * failure of any kind goes through BACKING_OFF and comes back; only the wait differs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client-lib/engine_state.h"

bool bh_engine_has_unsent(const struct bh_engine *engine)
{
	return engine->enrolled == BH_ENROL_YES && engine->head_seq > engine->acked_seq;
}

/* Whether a session is wanted at all, now or later. */
static bool engine_has_reason(const struct bh_engine *engine, struct bh_now now)
{
	if (engine->is_suspended)
		return false;
	if (!engine->readable || engine->enrolled == BH_ENROL_ASKED)
		return true;
	if (engine->enrolled == BH_ENROL_NO)
		return false;
	return engine->stay_connected || engine->asked || bh_engine_has_unsent(engine) ||
	       (engine->has_next && engine->revoked_ms == 0) || bh_engine_upload_due(engine, now) ||
	       bh_engine_fetch_due(engine, now) || bh_engine_cargo_due(engine, now);
}

/* ---- What the rows say ------------------------------------------------------------------- */

static int look_photos(struct bh_engine *engine)
{
	struct bh_blob_due due;
	int rc = bh_engine_upload_other(engine, &due);

	engine->has_due = rc == 0;
	if (rc != 0 && rc != BH_ERR_NOT_FOUND)
		return rc;
	return bh_local_fetch_any(engine->local, &engine->has_wanted);
}

/* Answers to parts come by the thousand and change no row: what was looked at for the one before
 * still holds. */
static bool look_holds(struct bh_engine *engine)
{
	const struct bh_session_state *session = &engine->session;
	const uint8_t *hashes[2];
	uint64_t version = bh_local_version(engine->local);
	bool holds = version != 0 && version == engine->look_version && engine->readable &&
		     engine->phase == BH_PHASE_LIVE && session->upload.phase == BH_UPLOAD_SENDING;

	bh_engine_upload_two(engine, &hashes[0], &hashes[1]);
	for (size_t i = 0; i < 2; i++) {
		static const uint8_t none[BH_HASH_BYTES];
		const uint8_t *hash = hashes[i] ? hashes[i] : none;

		holds = holds && memcmp(engine->look_hashes[i], hash, BH_HASH_BYTES) == 0;
		memcpy(engine->look_hashes[i], hash, BH_HASH_BYTES);
	}
	engine->look_version = version;
	return holds;
}

static void engine_look(struct bh_engine *engine)
{
	if (look_holds(engine))
		return;
	uint8_t next_public[BH_PUBLIC_KEY_BYTES];
	const struct bh_key *next;
	struct bh_device device;
	struct bh_log log;
	int rc = bh_local_device(engine->local, &device);

	if (rc == 0)
		rc = bh_local_log(engine->local, &log);
	if (rc == 0)
		rc = look_photos(engine);
	engine->readable = rc == 0;
	if (rc != 0) {
		engine->cause = BH_WHY_STORE;
		return;
	}
	engine->has_next = bh_local_next_key(engine->local, &next, next_public);
	engine->enrolled = device.enrolled;
	engine->code_refused = device.code_refused;
	engine->revoked_ms = device.revoked_ms;
	engine->head_seq = log.head_seq;
	engine->acked_seq = log.acked_seq;
	engine->log_short = log.log_short;
	engine->log_moved = memcmp(engine->log_id, log.log_id, sizeof(log.log_id)) != 0;
	memcpy(engine->log_id, log.log_id, sizeof(log.log_id));
}

/* ---- Phases ------------------------------------------------------------------------------ */

void bh_engine_enter(struct bh_engine *engine, struct bh_now now, enum bh_phase phase)
{
	bool was_live = engine->phase == BH_PHASE_LIVE;

	engine->phase = phase;
	engine->phase_mono_ms = now.mono_ms;
	engine->counts.sessions += phase == BH_PHASE_LIVE;
	if (was_live != (phase == BH_PHASE_LIVE))
		bh_engine_changed(engine, (struct bh_change){.kind = BH_CHANGE_STATUS});
}

/* 25 % either way, so that a herd spreads. */
static int64_t engine_jitter(struct bh_engine *engine, int64_t delay_ms)
{
	uint32_t draw = 0;

	if (engine->rng.fill(engine->rng.context, (uint8_t *)&draw, sizeof(draw)) != 0)
		return delay_ms;
	return delay_ms - delay_ms / 4 + (int64_t)(draw % (uint32_t)(delay_ms / 2 + 1));
}

void bh_engine_back_off(struct bh_engine *engine, struct bh_now now)
{
	int64_t delay_ms = 0;

	if (engine->at_once) {
		engine->at_once = false;
	} else {
		engine->backoff_ms = engine->backoff_ms == 0 ? BH_BACKOFF_MS_MIN
							     : engine->backoff_ms * 2;
		if (engine->backoff_ms > BH_BACKOFF_MS_MAX)
			engine->backoff_ms = BH_BACKOFF_MS_MAX;
		delay_ms = engine_jitter(engine, engine->backoff_ms);
		if (delay_ms < engine->hold_off_ms)
			delay_ms = engine->hold_off_ms +
				   engine_jitter(engine, engine->hold_off_ms / 8);
	}
	engine->hold_mono_ms = now.mono_ms + engine->hold_off_ms;
	engine->hold_off_ms = 0;
	engine->attempt_mono_ms = now.mono_ms + delay_ms;
	bh_engine_enter(engine, now, BH_PHASE_BACKING_OFF);
}

void bh_engine_hang_up(struct bh_engine *engine, struct bh_now now, int cause)
{
	engine->cause = cause;
	if (engine->phase != BH_PHASE_CLOSING)
		bh_engine_enter(engine, now, BH_PHASE_CLOSING);
}

void bh_engine_store_failed(struct bh_engine *engine, struct bh_now now, int rc)
{
	bh_engine_say(engine, "the handset's store fails: %s", bh_err_name(rc));
	bh_engine_hang_up(engine, now, BH_WHY_STORE);
}

/* Silence, or an answer that does not come while other things do. */
static bool session_is_overdue(const struct bh_engine *engine, struct bh_now now)
{
	const struct bh_session_state *session = &engine->session;
	int64_t answered_ms = now.mono_ms - BH_ENGINE_ACK_MS_MAX;

	return bh_engine_is_silent(engine, now) ||
	       (session->flights_count > 0 && session->flights[0].sent_mono_ms <= answered_ms) ||
	       (session->rotation == BH_ROTATION_SENT &&
		       session->rotation_mono_ms <= answered_ms) ||
	       (session->upload.out > 0 && session->upload.asked_mono_ms <= answered_ms) ||
	       (session->behind.out > 0 && session->behind.asked_mono_ms <= answered_ms) ||
	       (session->download.is_open && session->download.asked_mono_ms <= answered_ms);
}

/* Time alone: what is overdue in this phase. */
static void engine_clock(struct bh_engine *engine, struct bh_now now)
{
	int64_t phase_ms = now.mono_ms - engine->phase_mono_ms;

	switch (engine->phase) {
	case BH_PHASE_CONNECTING:
		if (phase_ms >= BH_HANDSHAKE_MS_MAX)
			bh_engine_hang_up(engine, now, BH_WHY_UNREACHABLE);
		break;
	case BH_PHASE_PROVING:
		if (bh_engine_sign_late(engine, now))
			bh_engine_hang_up(engine, now, BH_WHY_KEY);
		break;
	case BH_PHASE_ENROLLING:
	case BH_PHASE_GREETING:
		if (phase_ms >= BH_FRAME_MS_MAX)
			bh_engine_hang_up(engine, now, BH_WHY_CUT);
		break;
	case BH_PHASE_LIVE:
		if (session_is_overdue(engine, now))
			bh_engine_hang_up(engine, now, BH_WHY_CUT);
		else if (bh_engine_sign_late(engine, now))
			bh_engine_hang_up(engine, now, BH_WHY_KEY);
		break;
	default:
		break;
	}
}

/* What was recorded is with the administrator; what is recorded from now on waits for the hour. */
static void engine_drained(struct bh_engine *engine, struct bh_now now)
{
	if (bh_engine_has_unsent(engine) || bh_engine_upload_busy(engine, now))
		return;
	bh_engine_bye(engine, now);
	engine->hold_off_ms = BH_ENGINE_REVOKED_MS;
	bh_engine_hang_up(engine, now, BH_WHY_REVOKED);
}

static void engine_work(struct bh_engine *engine, struct bh_now now)
{
	if (engine->is_suspended) {
		bh_engine_bye(engine, now);
		bh_engine_hang_up(engine, now, BH_WHY_NONE);
		return;
	}
	bh_engine_rotate(engine, now);
	bh_engine_push(engine, now);
	if (!engine->session.draining)
		bh_engine_fetch(engine, now);
	bh_engine_upload(engine, now);
	bh_engine_cargo(engine, now);
	if (engine->phase == BH_PHASE_LIVE && engine->session.draining) {
		engine_drained(engine, now);
		return;
	}
	if (engine->phase == BH_PHASE_LIVE)
		bh_engine_settle(engine, now);
	if (engine->phase == BH_PHASE_LIVE && engine->settled && !engine->stay_connected &&
		!bh_engine_has_unsent(engine) && !bh_engine_rotate_busy(engine) &&
		!bh_engine_upload_busy(engine, now) && !bh_engine_fetch_busy(engine, now) &&
		!bh_engine_cargo_busy(engine, now)) {
		bh_engine_bye(engine, now);
		engine->asked = false;
		bh_engine_hang_up(engine, now, BH_WHY_NONE);
	}
}

/* A reason to connect appeared: at once, or, revoked, in what is left of the hour. */
static void engine_begin(struct bh_engine *engine, struct bh_now now)
{
	int64_t since_ms = now.wall_ms - engine->revoked_ms;

	engine->attempt_mono_ms = now.mono_ms;
	if (engine->revoked_ms != 0 && since_ms >= 0 && since_ms < BH_ENGINE_REVOKED_MS)
		engine->attempt_mono_ms += BH_ENGINE_REVOKED_MS - since_ms;
	bh_engine_enter(engine, now, BH_PHASE_BACKING_OFF);
}

/* After every event: rows, time, and what follows from both. */
void bh_engine_update(struct bh_engine *engine, struct bh_now now)
{
	engine_look(engine);
	/* The store was damaged and mended: the session is another log's. */
	if (engine->log_moved &&
		(engine->phase == BH_PHASE_GREETING || engine->phase == BH_PHASE_LIVE)) {
		bh_engine_changed(engine, (struct bh_change){.kind = BH_CHANGE_REREAD});
		bh_engine_hang_up(engine, now, BH_WHY_NONE);
	}
	engine_clock(engine, now);
	bh_engine_pulse(engine, now);
	if (engine->phase == BH_PHASE_LIVE)
		engine_work(engine, now);
	if (engine->phase == BH_PHASE_IDLE && engine_has_reason(engine, now))
		engine_begin(engine, now);
	if (engine->phase == BH_PHASE_BACKING_OFF && !engine_has_reason(engine, now))
		bh_engine_enter(engine, now, BH_PHASE_IDLE);
	if (engine->phase == BH_PHASE_BACKING_OFF && now.mono_ms >= engine->attempt_mono_ms &&
		engine->readable)
		bh_engine_enter(engine, now, BH_PHASE_CONNECTING);
	else if (engine->phase == BH_PHASE_BACKING_OFF && now.mono_ms >= engine->attempt_mono_ms)
		bh_engine_back_off(engine, now);
	if ((engine->phase == BH_PHASE_CONNECTING || engine->phase == BH_PHASE_PROVING) &&
		engine->is_suspended)
		bh_engine_hang_up(engine, now, BH_WHY_NONE);
	bh_engine_check(engine);
}

/* ---- Opening ----------------------------------------------------------------------------- */

int bh_engine_open(
	const struct bh_engine_options *options, struct bh_now now, struct bh_engine **out)
{
	struct bh_engine *engine = calloc(1, sizeof(*engine));
	int rc = engine ? bh_packer_open(&engine->packer) : BH_ERR_NOMEM;

	if (rc != 0) {
		bh_engine_close(engine);
		return rc;
	}
	engine->local = options->local;
	engine->rng = options->rng;
	engine->stay_connected = options->stay_connected;
	engine->signs_outside = options->signs_outside;
	if (options->app_version)
		snprintf(engine->app_version, sizeof(engine->app_version), "%s",
			options->app_version);
	engine->arena = BH_ARENA(BH_ENGINE_ARENA_BYTES_MAX);
	engine->in = BH_BUF(BH_ENGINE_IN_BYTES_MAX);
	engine->out = BH_BUF(BH_ENGINE_OUT_BYTES_MAX);
	engine->is_reachable = true;
	engine->asked = !options->stay_connected;
	engine->batch_ops_max = BH_BATCH_OPS_MAX;
	engine->batch_bytes_max = BH_BATCH_BYTES_MAX;
	engine->link_ops_max = BH_BATCH_OPS_MAX;
	engine->phase_mono_ms = now.mono_ms;
	bh_engine_pulse_forget(engine);
	bh_engine_update(engine, now);
	*out = engine;
	return 0;
}

void bh_engine_close(struct bh_engine *engine)
{
	if (!engine)
		return;
	bh_packer_close(engine->packer);
	bh_arena_free(&engine->arena);
	bh_buf_free(&engine->in);
	bh_buf_free(&engine->out);
	free(engine);
}
