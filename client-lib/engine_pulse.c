/* The pulse of the link: pings, so that a path that died in silence is noticed, and as few of them
 * as it bears, so that a radio may rest.
 *
 *   heard                    server's ping    ours           given up
 *     |------- heartbeat_ms -------|-- 5 s --|----- 40 s -----|
 *
 * Both ends begin with BH_HEARTBEAT_MS, and each lengthens it by half with a silence that a round
 * trip ended, up to BH_HEARTBEAT_MS_MAX: nothing is negotiated, and whoever's is shorter pings
 * first (PROTOCOL.md).  A link that is found dead behind a silence was forgotten on the way: from
 * then on this process pings before two thirds of that, and dares more again when eight silences
 * were borne.
 *
 * A hint of a push service says that there may be something to fetch.  It brings the next attempt
 * nearer, never before what a server asked for, and one in BH_ENGINE_HINT_MS at most; what comes
 * sooner takes effect when its time has come. */
#include "client-lib/engine_state.h"

#define BH_PULSE_BORNE_MIN 8u
#define BH_PULSE_DRIFT_MS 1000 /* of two clocks over one silence */

static int64_t lengthened(int64_t ms, int64_t ms_max)
{
	return ms < ms_max - ms / 2 ? ms + ms / 2 : ms_max;
}

/* The silence after which we ping. */
static int64_t heartbeat_ms(const struct bh_engine *engine)
{
	int64_t ours_ms = engine->session.heartbeat_ms + BH_ENGINE_AFTER_MS;

	return ours_ms < engine->pulse.silence_ms_max ? ours_ms : engine->pulse.silence_ms_max;
}

int64_t bh_engine_heartbeat_ms(const struct bh_engine *engine)
{
	return engine->phase == BH_PHASE_LIVE ? heartbeat_ms(engine) : 0;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* A ping that had another reason than silence is given as long as if it had none. */
static int64_t silent_mono_ms(const struct bh_engine *engine)
{
	const struct bh_session_state *session = &engine->session;
	int64_t pinged_ms = session->pinged_mono_ms != 0
				    ? session->pinged_mono_ms
				    : session->heard_mono_ms + heartbeat_ms(engine);

	return later(session->heard_mono_ms + BH_SILENCE_MS_MAX, pinged_ms + BH_ENGINE_PONG_MS_MAX);
}

int64_t bh_engine_pulse_mono_ms(const struct bh_engine *engine)
{
	const struct bh_session_state *session = &engine->session;

	return session->pinged_mono_ms != 0 ? silent_mono_ms(engine)
					    : session->heard_mono_ms + heartbeat_ms(engine);
}

bool bh_engine_is_silent(const struct bh_engine *engine, struct bh_now now)
{
	return now.mono_ms >= silent_mono_ms(engine);
}

void bh_engine_ping(struct bh_engine *engine, struct bh_now now)
{
	const struct bh_client_frame ping = {
		.kind = BH_CLIENT_PING, .u.ping = {now.wall_ms, now.mono_ms}};

	engine->session.pinged_mono_ms = now.mono_ms;
	bh_engine_send(engine, now, &ping);
}

/* ---- Silences ---------------------------------------------------------------------------- */

static void silence_borne(struct bh_engine *engine, int64_t silence_ms)
{
	struct bh_session_state *session = &engine->session;
	struct bh_pulse *pulse = &engine->pulse;

	if (silence_ms >= session->heartbeat_ms - BH_PULSE_DRIFT_MS)
		session->heartbeat_ms = lengthened(session->heartbeat_ms, BH_HEARTBEAT_MS_MAX);
	if (silence_ms < pulse->silence_ms_max || ++pulse->borne < BH_PULSE_BORNE_MIN)
		return;
	pulse->borne = 0;
	pulse->silence_ms_max = lengthened(pulse->silence_ms_max, BH_ENGINE_HEARTBEAT_MS_MAX);
}

void bh_engine_pulse_cut(struct bh_engine *engine)
{
	int64_t silence_ms = engine->session.silence_ms;

	if (silence_ms == 0)
		return;
	engine->pulse = (struct bh_pulse){
		.silence_ms_max = later(silence_ms / 3 * 2, BH_ENGINE_HEARTBEAT_MS_MIN)};
}

void bh_engine_pulse_forget(struct bh_engine *engine)
{
	engine->pulse = (struct bh_pulse){.silence_ms_max = BH_ENGINE_HEARTBEAT_MS_MAX};
}

/* The server's comes when it has heard nothing for its heartbeat: what we sent last is as old. */
void bh_handle_ping(
	struct bh_engine *engine, struct bh_now now, const struct bh_server_frame *frame)
{
	const struct bh_client_frame pong = {
		.kind = BH_CLIENT_PONG, .u.ping = {now.wall_ms, now.mono_ms}};

	(void)frame;
	silence_borne(engine, now.mono_ms - engine->session.sent_mono_ms);
	bh_engine_send(engine, now, &pong);
}

void bh_handle_pong(
	struct bh_engine *engine, struct bh_now now, const struct bh_server_frame *frame)
{
	struct bh_session_state *session = &engine->session;

	(void)frame;
	if (session->silence_ms != 0)
		silence_borne(engine, session->silence_ms);
	session->silence_ms = 0;
	bh_engine_settled(engine, now);
}

/* ---- Hints ------------------------------------------------------------------------------- */

void bh_engine_hint(struct bh_engine *engine, struct bh_now now)
{
	struct bh_hint *hint = &engine->hint;
	uint32_t draw = 0;

	if (hint->due_mono_ms == 0) {
		int64_t from_ms = hint->taken_mono_ms == 0
					  ? now.mono_ms
					  : later(now.mono_ms,
						    hint->taken_mono_ms + BH_ENGINE_HINT_MS);

		if (engine->rng.fill(engine->rng.context, (uint8_t *)&draw, sizeof(draw)) != 0)
			draw = 0;
		hint->due_mono_ms = from_ms + (int64_t)(draw % BH_ENGINE_HINT_SPREAD_MS);
	}
	bh_engine_update(engine, now);
}

static void hint_take(struct bh_engine *engine, struct bh_now now)
{
	int64_t attempt_ms = later(now.mono_ms, engine->hold_mono_ms);

	engine->hint = (struct bh_hint){.taken_mono_ms = now.mono_ms};
	engine->asked = true;
	engine->settled = false;
	if (engine->phase == BH_PHASE_BACKING_OFF && engine->revoked_ms == 0 &&
		engine->attempt_mono_ms > attempt_ms)
		engine->attempt_mono_ms = attempt_ms;
}

void bh_engine_pulse(struct bh_engine *engine, struct bh_now now)
{
	struct bh_session_state *session = &engine->session;
	int64_t silence_ms = now.mono_ms - session->heard_mono_ms;

	if (engine->hint.due_mono_ms != 0 && now.mono_ms >= engine->hint.due_mono_ms)
		hint_take(engine, now);
	if (engine->phase != BH_PHASE_LIVE || session->pinged_mono_ms != 0 ||
		silence_ms < heartbeat_ms(engine))
		return;
	session->silence_ms = silence_ms;
	bh_engine_ping(engine, now);
}
