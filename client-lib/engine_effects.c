/* What the engine wants and says: wishes for the driver, status and changes for the application,
 * frames out. */
#include <stdarg.h>
#include <stdio.h>

#include "client-lib/engine_state.h"
#include "proto/frame.h"

/* ---- Effects ----------------------------------------------------------------------------- */

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When photos that wait, up or down, may move; INT64_MAX: none do. */
static int64_t engine_wake_photos(const struct bh_engine *engine, bool up, bool down)
{
	int64_t wake = INT64_MAX;

	if (engine->enrolled != BH_ENROL_YES || engine->is_suspended)
		return wake;
	if (up && engine->has_due)
		wake = earlier(wake, engine->upload_hold_mono_ms);
	if (down && engine->has_wanted)
		wake = earlier(wake, engine->fetch_hold_mono_ms);
	return wake;
}

static int64_t engine_wake_live(const struct bh_engine *engine)
{
	const struct bh_session_state *session = &engine->session;
	const struct bh_upload *upload = &session->upload;
	int64_t wake = bh_engine_pulse_mono_ms(engine);

	if (session->flights_count > 0)
		wake = earlier(wake, session->flights[0].sent_mono_ms + BH_ENGINE_ACK_MS_MAX);
	if (engine->proof.state == BH_PROOF_WANTED)
		wake = earlier(wake, engine->proof.asked_mono_ms + BH_ENGINE_SIGN_MS_MAX);
	if (session->rotation == BH_ROTATION_SENT)
		wake = earlier(wake, session->rotation_mono_ms + BH_ENGINE_ACK_MS_MAX);
	if (session->hold_mono_ms != 0)
		wake = earlier(wake, session->hold_mono_ms);
	if (upload->out > 0)
		wake = earlier(wake, upload->asked_mono_ms + BH_ENGINE_ACK_MS_MAX);
	if (session->behind.out > 0)
		wake = earlier(wake, session->behind.asked_mono_ms + BH_ENGINE_ACK_MS_MAX);
	if (session->download.is_open)
		wake = earlier(wake, session->download.asked_mono_ms + BH_ENGINE_ACK_MS_MAX);
	/* Behind something else in the output a photo waits for that; on its way, for answers. */
	bool goes_up = engine->out.len == 0 && upload->out == 0;

	if (goes_up && upload->phase == BH_UPLOAD_SENDING &&
		session->behind.out < BH_BLOB_PARTS_OUT_MAX)
		return 0;
	goes_up = goes_up && upload->phase == BH_UPLOAD_NONE && bh_engine_knows_ops(engine);
	/* While it drains nothing comes. */
	bool comes = !session->download.is_open && !session->draining;

	wake = earlier(wake, bh_engine_cargo_mono_ms(engine, true));
	return earlier(wake, engine_wake_photos(engine, goes_up, comes));
}

struct bh_engine_want bh_engine_want(const struct bh_engine *engine)
{
	struct bh_engine_want want = {
		.wake_mono_ms = INT64_MAX, .sign = bh_engine_sign_wanted(engine)};

	switch (engine->phase) {
	case BH_PHASE_IDLE:
		want.wake_mono_ms = earlier(bh_engine_cargo_mono_ms(engine, false),
			engine_wake_photos(engine, true, true));
		break;
	case BH_PHASE_BACKING_OFF:
		want.wake_mono_ms = engine->attempt_mono_ms;
		break;
	case BH_PHASE_CONNECTING:
		want.connect = true;
		want.wake_mono_ms = engine->phase_mono_ms + BH_HANDSHAKE_MS_MAX;
		break;
	case BH_PHASE_PROVING:
		want.wake_mono_ms = engine->proof.asked_mono_ms + BH_ENGINE_SIGN_MS_MAX;
		break;
	case BH_PHASE_ENROLLING:
	case BH_PHASE_GREETING:
		want.wake_mono_ms = engine->phase_mono_ms + BH_FRAME_MS_MAX;
		break;
	case BH_PHASE_LIVE:
		want.wake_mono_ms = engine_wake_live(engine);
		break;
	case BH_PHASE_CLOSING:
		want.disconnect = true;
		break;
	default:
		break;
	}
	if (engine->hint.due_mono_ms != 0)
		want.wake_mono_ms = earlier(want.wake_mono_ms, engine->hint.due_mono_ms);
	return want;
}

struct bh_buf *bh_engine_output(struct bh_engine *engine)
{
	return &engine->out;
}

uint64_t bh_engine_changes(const struct bh_engine *engine)
{
	return engine->changes_seen + engine->changes.count + engine->changes.lost;
}

bool bh_engine_take_change(struct bh_engine *engine, struct bh_change *out)
{
	size_t before = engine->changes.count + engine->changes.lost;
	bool taken = bh_changes_take(&engine->changes, out);

	engine->changes_seen += before - (engine->changes.count + engine->changes.lost);
	return taken;
}

static int engine_cause(const struct bh_engine *engine)
{
	if (!engine->readable)
		return BH_WHY_STORE;
	if (engine->code_refused)
		return BH_WHY_CODE_REFUSED;
	if (engine->enrolled == BH_ENROL_NO)
		return BH_WHY_NOT_ENROLLED;
	if (engine->phase == BH_PHASE_LIVE)
		return engine->cause;
	if (engine->is_suspended)
		return BH_WHY_SUSPENDED;
	if (engine->revoked_ms != 0)
		return BH_WHY_REVOKED;
	if (!engine->is_reachable)
		return BH_WHY_OFFLINE;
	return engine->cause;
}

struct bh_engine_status bh_engine_status(const struct bh_engine *engine)
{
	bool waits = engine->phase == BH_PHASE_BACKING_OFF;

	return (struct bh_engine_status){
		.live = engine->phase == BH_PHASE_LIVE,
		.settled = engine->settled && !bh_engine_has_unsent(engine),
		.cause = engine_cause(engine),
		.attempt_mono_ms = waits ? engine->attempt_mono_ms : INT64_MAX,
		.session_seq = engine->phase == BH_PHASE_LIVE ? engine->session.server_seq : 0,
		.heartbeat_ms = bh_engine_heartbeat_ms(engine),
		.counts = engine->counts,
	};
}

const char *bh_engine_take_line(struct bh_engine *engine)
{
	bool fresh = engine->line_new;

	engine->line_new = false;
	return fresh ? engine->line : "";
}

void bh_engine_say(struct bh_engine *engine, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(engine->line, sizeof(engine->line), format, arguments);
	va_end(arguments);
	engine->line_new = true;
}

void bh_engine_changed(struct bh_engine *engine, struct bh_change change)
{
	bh_changes_add(&engine->changes, change);
}

void bh_engine_send(
	struct bh_engine *engine, struct bh_now now, const struct bh_client_frame *frame)
{
	size_t mark, before = engine->out.len;
	engine->session.sent_mono_ms = now.mono_ms;
	int rc = bh_frame_begin(&engine->out, &mark);

	if (rc == 0)
		rc = bh_encode_client_frame(frame, &engine->out);
	if (rc == 0)
		rc = bh_frame_end(&engine->out, mark);
	if (rc != 0) {
		engine->out.len = before;
		bh_engine_say(engine, "a frame cannot be sent: %s", bh_err_name(rc));
		bh_engine_hang_up(engine, now, BH_WHY_CUT);
	}
}

/* The level trigger (sync.md, "The client's engine"): what is unsent has an attempt that is not far
 * away, or a session in which it is under way, unless the host forbade it. */
static void check_level(const struct bh_engine *engine)
{
	struct bh_engine_want want = bh_engine_want(engine);
	const struct bh_session_state *session = &engine->session;
	bool unsent = bh_engine_has_unsent(engine);

	if (engine->is_suspended ||
		(!unsent && !(engine->has_due && engine->enrolled == BH_ENROL_YES)))
		return;
	bh_assert(want.connect || want.disconnect || want.wake_mono_ms != INT64_MAX);
	bh_assert(!unsent || engine->phase != BH_PHASE_IDLE);
	bh_assert(engine->phase != BH_PHASE_BACKING_OFF ||
		  engine->attempt_mono_ms - engine->phase_mono_ms <= BH_ENGINE_WAIT_MS_MAX);
	/* Pushed, or put off by the server or by the key; rows that could not be read say nothing.
	 */
	bh_assert(!unsent || !engine->readable || engine->phase != BH_PHASE_LIVE ||
		  session->flights_count > 0 || session->hold_mono_ms != 0 ||
		  session->rotation != BH_ROTATION_NONE || bh_engine_sign_wanted(engine));
}

void bh_engine_check(const struct bh_engine *engine)
{
	check_level(engine);
	bh_assert(engine->phase < BH_PHASE_COUNT);
	bh_assert(engine->session.flights_count <= BH_PIPELINE_PUSHES_MAX);
	bh_assert(engine->session.upload.out + engine->session.behind.out <=
		  BH_BLOB_PARTS_OUT_MAX + 1);
	bh_assert(engine->backoff_ms <= BH_BACKOFF_MS_MAX);
	bh_assert(engine->batch_ops_max >= 1 && engine->batch_ops_max <= BH_BATCH_OPS_MAX);
	bh_assert(engine->link_ops_max >= 1 && engine->link_ops_max <= BH_BATCH_OPS_MAX);
	bh_assert(engine->pulse.silence_ms_max >= BH_ENGINE_HEARTBEAT_MS_MIN &&
		  engine->pulse.silence_ms_max <= BH_ENGINE_HEARTBEAT_MS_MAX);
	bh_assert(engine->session.heartbeat_ms <= BH_HEARTBEAT_MS_MAX);
	bh_assert(engine->changes.count <= BH_CHANGES_MAX);
	bh_assert(engine->out.len <= BH_ENGINE_OUT_BYTES_MAX);
	bh_assert(engine->phase != BH_PHASE_LIVE ||
		  (engine->session.server_seq <= engine->session.sent_seq &&
			  engine->session.sent_seq <= engine->head_seq));
}
