/* What happens to the engine from outside: time, the host's hints, the link's ups and downs.  Each
 * ends in bh_engine_update. */
#include <string.h>

#include "client-lib/engine_state.h"

void bh_engine_tick(struct bh_engine *engine, struct bh_now now)
{
	bh_engine_update(engine, now);
}

void bh_engine_poke(struct bh_engine *engine, struct bh_now now)
{
	bh_engine_update(engine, now);
}

void bh_engine_drained(struct bh_engine *engine, struct bh_now now)
{
	if (bh_engine_upload_ready(engine, now) || bh_engine_cargo_ready(engine, now))
		bh_engine_update(engine, now);
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
	if (reachable && !engine->is_reachable) {
		bh_engine_pulse_forget(engine);
		engine_hasten(engine, now);
	}
	engine->is_reachable = reachable;
	bh_engine_update(engine, now);
}

void bh_engine_set_suspended(struct bh_engine *engine, struct bh_now now, bool suspended)
{
	if (!suspended && engine->is_suspended)
		engine_hasten(engine, now);
	engine->is_suspended = suspended;
	bh_engine_update(engine, now);
}

void bh_engine_ask(struct bh_engine *engine, struct bh_now now)
{
	engine->asked = true;
	engine->settled = false;
	bh_engine_update(engine, now);
}

void bh_engine_sync_now(struct bh_engine *engine, struct bh_now now)
{
	engine->asked = true;
	engine->settled = false;
	engine_hasten(engine, now);
	bh_engine_update(engine, now);
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
	engine->session = (struct bh_session_state){
		.heard_mono_ms = now.mono_ms, .heartbeat_ms = BH_HEARTBEAT_MS};
	engine->in.len = 0;
	engine->out.len = 0;
	bh_engine_greet(engine, now);
	bh_engine_update(engine, now);
}

static bool engine_is_linked(const struct bh_engine *engine)
{
	return engine->phase >= BH_PHASE_CONNECTING;
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
	bh_engine_push_cut(engine);
	bh_engine_pulse_cut(engine);
	bh_engine_say(engine, "link down: %s", bh_why_name(engine->cause));
	engine->session = (struct bh_session_state){0};
	engine->proof.state = BH_PROOF_NONE;
	engine->ca_key_known = false;
	bh_buf_free(&engine->in);
	bh_buf_free(&engine->out);
	bh_engine_back_off(engine, now);
	if (engine->cause == BH_WHY_NONE && !engine->forked)
		engine->backoff_ms = 0;
	bh_engine_update(engine, now);
}
