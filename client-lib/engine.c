/* The engine's phases and when it moves between them.
 *
 * Every event ends in engine_settle_state: the rows are looked at again, and from them and the
 * clock follows what is wanted: a link, a push, a ping, a hang-up, or a wake-up.  Nothing is
 * remembered that rows could say, so a crash at any point is the same as a disconnection.  A
 * failure of any kind goes through BACKING_OFF and comes back; only the wait differs. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client-lib/engine_state.h"
#include "proto/frame.h"
#include "proto/hash.h"

static const struct {
	enum bh_server_kind kind;
	unsigned phases; /* 1u << enum bh_phase */
	bh_server_handler *handle;
} handlers[] = {
	{BH_SERVER_WELCOME, 1u << BH_PHASE_GREETING, bh_handle_welcome},
	{BH_SERVER_ENROLLED, 1u << BH_PHASE_ENROLLING, bh_handle_enrolled},
	{BH_SERVER_ACK, 1u << BH_PHASE_LIVE, bh_handle_ack},
	{BH_SERVER_DELTA, 1u << BH_PHASE_LIVE, bh_handle_delta},
	{BH_SERVER_DISTRICT, 1u << BH_PHASE_LIVE, bh_handle_district},
	{BH_SERVER_PING, 1u << BH_PHASE_LIVE | 1u << BH_PHASE_GREETING | 1u << BH_PHASE_ENROLLING,
		bh_handle_ping},
	{BH_SERVER_PONG, 1u << BH_PHASE_LIVE, bh_handle_pong},
	{BH_SERVER_REFUSAL,
		1u << BH_PHASE_LIVE | 1u << BH_PHASE_GREETING | 1u << BH_PHASE_ENROLLING,
		bh_handle_refusal},
};

static bool engine_is_linked(const struct bh_engine *engine)
{
	return engine->phase >= BH_PHASE_CONNECTING;
}

static bool engine_has_unsent(const struct bh_engine *engine)
{
	return engine->enrolled == BH_ENROL_YES && engine->head_seq > engine->acked_seq;
}

/* Whether a session is wanted at all, now or later. */
static bool engine_has_reason(const struct bh_engine *engine)
{
	if (engine->is_suspended)
		return false;
	if (!engine->readable || engine->enrolled == BH_ENROL_ASKED)
		return true;
	if (engine->enrolled == BH_ENROL_NO)
		return false;
	return engine->stay_connected || engine->asked || engine_has_unsent(engine);
}

/* ---- What the rows say ------------------------------------------------------------------- */

static void engine_look(struct bh_engine *engine)
{
	struct bh_device device;
	struct bh_log log;
	int rc = bh_local_device(engine->local, &device);

	if (rc == 0)
		rc = bh_local_log(engine->local, &log);
	engine->readable = rc == 0;
	if (rc != 0) {
		engine->cause = BH_WHY_STORE;
		return;
	}
	engine->enrolled = device.enrolled;
	engine->code_refused = device.code_refused;
	engine->revoked_ms = device.revoked_ms;
	engine->head_seq = log.head_seq;
	engine->acked_seq = log.acked_seq;
	engine->log_short = log.log_short;
}

/* ---- Phases ------------------------------------------------------------------------------ */

void bh_engine_enter(struct bh_engine *engine, struct bh_now now, enum bh_phase phase)
{
	bool was_live = engine->phase == BH_PHASE_LIVE;

	engine->phase = phase;
	engine->phase_mono_ms = now.mono_ms;
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

static void engine_back_off(struct bh_engine *engine, struct bh_now now)
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

/* Time alone: what is overdue in this phase. */
static void engine_clock(struct bh_engine *engine, struct bh_now now)
{
	const struct bh_session_state *session = &engine->session;
	int64_t phase_ms = now.mono_ms - engine->phase_mono_ms;

	switch (engine->phase) {
	case BH_PHASE_CONNECTING:
		if (phase_ms >= BH_HANDSHAKE_MS_MAX)
			bh_engine_hang_up(engine, now, BH_WHY_UNREACHABLE);
		break;
	case BH_PHASE_ENROLLING:
	case BH_PHASE_GREETING:
		if (phase_ms >= BH_FRAME_MS_MAX)
			bh_engine_hang_up(engine, now, BH_WHY_CUT);
		break;
	case BH_PHASE_LIVE:
		if (now.mono_ms - session->heard_mono_ms >= BH_SILENCE_MS_MAX ||
			(session->flights_count > 0 &&
				now.mono_ms - session->flights[0].sent_mono_ms >=
					BH_ENGINE_ACK_MS_MAX))
			bh_engine_hang_up(engine, now, BH_WHY_CUT);
		else if (session->pinged_mono_ms == 0 &&
			 now.mono_ms - session->heard_mono_ms >= BH_ENGINE_HEARTBEAT_MS)
			bh_engine_ping(engine, now);
		break;
	default:
		break;
	}
}

static void engine_work(struct bh_engine *engine, struct bh_now now)
{
	if (engine->is_suspended) {
		bh_engine_bye(engine, now);
		bh_engine_hang_up(engine, now, BH_WHY_NONE);
		return;
	}
	bh_engine_push(engine, now);
	if (engine->phase == BH_PHASE_LIVE)
		bh_engine_settle(engine, now);
	if (engine->phase == BH_PHASE_LIVE && engine->settled && !engine->stay_connected &&
		!engine_has_unsent(engine)) {
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
static void engine_settle_state(struct bh_engine *engine, struct bh_now now)
{
	engine_look(engine);
	engine_clock(engine, now);
	if (engine->phase == BH_PHASE_LIVE)
		engine_work(engine, now);
	if (engine->phase == BH_PHASE_IDLE && engine_has_reason(engine))
		engine_begin(engine, now);
	if (engine->phase == BH_PHASE_BACKING_OFF && !engine_has_reason(engine))
		bh_engine_enter(engine, now, BH_PHASE_IDLE);
	if (engine->phase == BH_PHASE_BACKING_OFF && now.mono_ms >= engine->attempt_mono_ms &&
		engine->readable)
		bh_engine_enter(engine, now, BH_PHASE_CONNECTING);
	else if (engine->phase == BH_PHASE_BACKING_OFF && now.mono_ms >= engine->attempt_mono_ms)
		engine_back_off(engine, now);
	if (engine->phase == BH_PHASE_CONNECTING && engine->is_suspended)
		bh_engine_hang_up(engine, now, BH_WHY_NONE);
}

/* ---- Opening ----------------------------------------------------------------------------- */

int bh_engine_open(
	const struct bh_engine_options *options, struct bh_now now, struct bh_engine **out)
{
	struct bh_engine *engine = calloc(1, sizeof(*engine));
	int rc = engine ? bh_packer_open(&engine->packer) : BH_ERR_NOMEM;

	if (rc == 0)
		rc = bh_hasher_open(&engine->hasher);
	if (rc != 0) {
		bh_engine_close(engine);
		return rc;
	}
	engine->local = options->local;
	engine->rng = options->rng;
	engine->stay_connected = options->stay_connected;
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
	engine->phase_mono_ms = now.mono_ms;
	engine_settle_state(engine, now);
	*out = engine;
	return 0;
}

void bh_engine_close(struct bh_engine *engine)
{
	if (!engine)
		return;
	bh_packer_close(engine->packer);
	bh_hasher_close(engine->hasher);
	bh_arena_free(&engine->arena);
	bh_buf_free(&engine->in);
	bh_buf_free(&engine->out);
	free(engine);
}

/* ---- Events ------------------------------------------------------------------------------ */

void bh_engine_tick(struct bh_engine *engine, struct bh_now now)
{
	engine_settle_state(engine, now);
}

void bh_engine_poke(struct bh_engine *engine, struct bh_now now)
{
	engine_settle_state(engine, now);
}

static void engine_hasten(struct bh_engine *engine, struct bh_now now)
{
	if (engine->phase == BH_PHASE_BACKING_OFF && engine->revoked_ms == 0) {
		engine->backoff_ms = 0;
		engine->attempt_mono_ms = now.mono_ms;
	}
}

void bh_engine_hint_reachable(struct bh_engine *engine, struct bh_now now, bool reachable)
{
	if (reachable && !engine->is_reachable)
		engine_hasten(engine, now);
	engine->is_reachable = reachable;
	engine_settle_state(engine, now);
}

void bh_engine_set_suspended(struct bh_engine *engine, struct bh_now now, bool suspended)
{
	if (!suspended && engine->is_suspended)
		engine_hasten(engine, now);
	engine->is_suspended = suspended;
	engine_settle_state(engine, now);
}

void bh_engine_ask(struct bh_engine *engine, struct bh_now now)
{
	engine->asked = true;
	engine->settled = false;
	engine_settle_state(engine, now);
}

void bh_engine_sync_now(struct bh_engine *engine, struct bh_now now)
{
	engine->asked = true;
	engine->settled = false;
	engine_hasten(engine, now);
	engine_settle_state(engine, now);
}

void bh_engine_ca_key(struct bh_engine *engine, const uint8_t key[BH_PUBLIC_KEY_BYTES])
{
	engine->ca_key_known = true;
	memcpy(engine->ca_key, key, BH_PUBLIC_KEY_BYTES);
}

void bh_engine_link_up(
	struct bh_engine *engine, struct bh_now now, const struct bh_binding *binding)
{
	if (engine->phase != BH_PHASE_CONNECTING)
		return;
	engine->binding = *binding;
	engine->session = (struct bh_session_state){.heard_mono_ms = now.mono_ms};
	engine->in.len = 0;
	engine->out.len = 0;
	bh_engine_greet(engine, now);
	engine_settle_state(engine, now);
}

static int engine_cause_of(int link_cause)
{
	switch (link_cause) {
	case BH_LINK_UNREACHABLE:
		return BH_WHY_UNREACHABLE;
	case BH_LINK_WRONG_SERVER:
		return BH_WHY_WRONG_SERVER;
	default:
		return BH_WHY_CUT;
	}
}

void bh_engine_link_down(struct bh_engine *engine, struct bh_now now, int cause)
{
	if (!engine_is_linked(engine))
		return;
	if (engine->phase != BH_PHASE_CLOSING)
		engine->cause = engine_cause_of(cause);
	if (engine->session.progressed ||
		(engine->phase == BH_PHASE_LIVE &&
			now.mono_ms - engine->session.live_mono_ms >= BH_ENGINE_STEADY_MS))
		engine->backoff_ms = 0;
	bh_engine_say(engine, "link down: %s", bh_why_name(engine->cause));
	engine->session = (struct bh_session_state){0};
	engine->ca_key_known = false;
	bh_buf_free(&engine->in);
	bh_buf_free(&engine->out);
	engine_back_off(engine, now);
	if (engine->cause == BH_WHY_NONE && !engine->forked)
		engine->backoff_ms = 0;
	engine_settle_state(engine, now);
}

static void engine_dispatch(struct bh_engine *engine, struct bh_now now, struct bh_span body)
{
	struct bh_server_frame frame;

	bh_arena_reset(&engine->arena);
	int rc = bh_decode_server_frame(body, &engine->arena, &frame);

	if (rc != 0) {
		bh_engine_say(engine, "a frame does not decode: %s", bh_err_name(rc));
		bh_engine_hang_up(engine, now, BH_WHY_PROTOCOL);
		return;
	}
	engine->session.heard_mono_ms = now.mono_ms;
	engine->session.pinged_mono_ms = 0;
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (handlers[i].kind != frame.kind)
			continue;
		if (handlers[i].phases & 1u << engine->phase)
			handlers[i].handle(engine, now, &frame);
		else
			bh_engine_hang_up(engine, now, BH_WHY_PROTOCOL);
		return;
	}
}

/* Every whole frame in the input; stops where a handler hung up. */
static void engine_frames(struct bh_engine *engine, struct bh_now now)
{
	struct bh_span body;
	size_t used, done = 0;

	while (engine->phase >= BH_PHASE_ENROLLING && engine->phase <= BH_PHASE_LIVE) {
		struct bh_span rest = bh_span(engine->in.data + done, engine->in.len - done);
		int rc = rest.len == 0 ? BH_ERR_BUSY
				       : bh_frame_take(rest, BH_FRAME_BYTES_MAX - 1, &body, &used);

		if (rc == BH_ERR_BUSY)
			break;
		if (rc != 0) {
			bh_engine_hang_up(engine, now, BH_WHY_PROTOCOL);
			break;
		}
		engine_dispatch(engine, now, body);
		done += used;
	}
	bh_buf_consume(&engine->in, done);
	bh_arena_reset(&engine->arena);
}

void bh_engine_bytes(struct bh_engine *engine, struct bh_now now, struct bh_span bytes)
{
	while (bytes.len > 0 && engine->phase >= BH_PHASE_ENROLLING &&
		engine->phase <= BH_PHASE_LIVE) {
		size_t room = engine->in.max - engine->in.len;
		size_t part = bytes.len < room ? bytes.len : room;

		if (part == 0 || bh_buf_append(&engine->in, bytes.data, part) != 0) {
			bh_engine_hang_up(engine, now, BH_WHY_STORE);
			break;
		}
		bytes = bh_span(bytes.data + part, bytes.len - part);
		engine_frames(engine, now);
	}
	engine_settle_state(engine, now);
	if (engine->in.len == 0)
		bh_buf_free(&engine->in);
}

/* ---- Effects ----------------------------------------------------------------------------- */

static int64_t engine_wake_live(const struct bh_session_state *session)
{
	int64_t wake = session->heard_mono_ms +
		       (session->pinged_mono_ms != 0 ? BH_SILENCE_MS_MAX : BH_ENGINE_HEARTBEAT_MS);

	if (session->flights_count > 0 &&
		session->flights[0].sent_mono_ms + BH_ENGINE_ACK_MS_MAX < wake)
		wake = session->flights[0].sent_mono_ms + BH_ENGINE_ACK_MS_MAX;
	if (session->hold_mono_ms != 0 && session->hold_mono_ms < wake)
		wake = session->hold_mono_ms;
	return wake;
}

struct bh_engine_want bh_engine_want(const struct bh_engine *engine)
{
	struct bh_engine_want want = {.wake_mono_ms = INT64_MAX};

	switch (engine->phase) {
	case BH_PHASE_BACKING_OFF:
		want.wake_mono_ms = engine->attempt_mono_ms;
		break;
	case BH_PHASE_CONNECTING:
		want.connect = true;
		want.wake_mono_ms = engine->phase_mono_ms + BH_HANDSHAKE_MS_MAX;
		break;
	case BH_PHASE_ENROLLING:
	case BH_PHASE_GREETING:
		want.wake_mono_ms = engine->phase_mono_ms + BH_FRAME_MS_MAX;
		break;
	case BH_PHASE_LIVE:
		want.wake_mono_ms = engine_wake_live(&engine->session);
		break;
	case BH_PHASE_CLOSING:
		want.disconnect = true;
		break;
	default:
		break;
	}
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
		.settled = engine->settled && !engine_has_unsent(engine),
		.cause = engine_cause(engine),
		.attempt_mono_ms = waits ? engine->attempt_mono_ms : INT64_MAX,
		.session_seq = engine->phase == BH_PHASE_LIVE ? engine->session.server_seq : 0,
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

void bh_engine_check(const struct bh_engine *engine)
{
	struct bh_engine_want want = bh_engine_want(engine);

	/* The level trigger: what is unsent has an attempt, unless the host forbade it. */
	if (engine_has_unsent(engine) && !engine->is_suspended)
		bh_assert(want.connect || want.disconnect || want.wake_mono_ms != INT64_MAX);
	bh_assert(engine->phase < BH_PHASE_COUNT);
	bh_assert(engine->session.flights_count <= BH_PIPELINE_PUSHES_MAX);
	bh_assert(engine->backoff_ms <= BH_BACKOFF_MS_MAX);
	bh_assert(engine->batch_ops_max >= 1 && engine->batch_ops_max <= BH_BATCH_OPS_MAX);
	bh_assert(engine->changes.count <= BH_CHANGES_MAX);
	bh_assert(engine->out.len <= BH_ENGINE_OUT_BYTES_MAX);
	bh_assert(engine->phase != BH_PHASE_LIVE ||
		  (engine->session.server_seq <= engine->session.sent_seq &&
			  engine->session.sent_seq <= engine->head_seq));
}
