/* Bytes in: cut into frames, decoded completely, and dispatched by kind and phase.  A kind that
 * this version does not know is skipped; one that its phase does not allow ends the session. */
#include "client-lib/engine_state.h"
#include "proto/frame.h"

static const struct {
	enum bh_server_kind kind;
	unsigned phases; /* 1u << enum bh_phase */
	bh_server_handler *handle;
} handlers[] = {
	{BH_SERVER_WELCOME, 1u << BH_PHASE_GREETING, bh_handle_welcome},
	{BH_SERVER_ENROLLED, 1u << BH_PHASE_ENROLLING, bh_handle_enrolled},
	{BH_SERVER_ACK, 1u << BH_PHASE_LIVE, bh_handle_ack},
	{BH_SERVER_DELTA, 1u << BH_PHASE_LIVE, bh_handle_delta},
	{BH_SERVER_BLOB_PART, 1u << BH_PHASE_LIVE, bh_handle_blob_down},
	{BH_SERVER_BLOB_STATE, 1u << BH_PHASE_LIVE, bh_handle_blob_state},
	{BH_SERVER_CARGO_STATE, 1u << BH_PHASE_LIVE, bh_handle_cargo_state},
	{BH_SERVER_DISTRICT, 1u << BH_PHASE_LIVE, bh_handle_district},
	{BH_SERVER_PING,
		1u << BH_PHASE_LIVE | 1u << BH_PHASE_GREETING | 1u << BH_PHASE_ENROLLING |
			1u << BH_PHASE_PROVING,
		bh_handle_ping},
	{BH_SERVER_ROTATED, 1u << BH_PHASE_LIVE, bh_handle_rotated},
	{BH_SERVER_PONG, 1u << BH_PHASE_LIVE, bh_handle_pong},
	{BH_SERVER_REFUSAL,
		1u << BH_PHASE_LIVE | 1u << BH_PHASE_GREETING | 1u << BH_PHASE_ENROLLING |
			1u << BH_PHASE_PROVING,
		bh_handle_refusal},
};

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

	while (engine->phase >= BH_PHASE_PROVING && engine->phase <= BH_PHASE_LIVE) {
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
	while (bytes.len > 0 && engine->phase >= BH_PHASE_PROVING &&
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
	bh_engine_update(engine, now);
	if (engine->in.len == 0)
		bh_buf_free(&engine->in);
}
