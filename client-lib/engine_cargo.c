/* Up: what this handset carries for others, behind its own photos (PROTOCOL.md, section 21).
 *
 *	no piece --asked--> ASKED --wanted--> SENDING --all of it--> (in a while) asked
 *	                      |`--answered--> the answer's parts, one after another
 *	                      `---refused---> REFUSED: it is carried no further
 *
 * Whatever fails, or is not now, leaves the piece as it is, and all cargo rests for a while: its
 * owner has everything still.  A server that says nothing of cargo at all is asked rarely. */
#include <string.h>

#include "client-lib/engine_state.h"

#define LATER_MS_MAX 60000
#define LATERS_MAX 8u /* 500 ms doubled so often are past that */
#define SILENT_MS (3600 * 1000)
#define SOON_MS 3000 /* it is being taken in: a session that ends by itself waits for that */

bool bh_engine_cargo_due(const struct bh_engine *engine, struct bh_now now)
{
	unsigned place;

	return engine->enrolled == BH_ENROL_YES && engine->revoked_ms == 0 &&
	       now.mono_ms >= engine->cargo_hold_mono_ms &&
	       bh_local_cargo_due(engine->local, &place);
}

bool bh_engine_cargo_busy(const struct bh_engine *engine, struct bh_now now)
{
	now.mono_ms += SOON_MS;
	return engine->session.cargo.is_open || bh_engine_cargo_due(engine, now);
}

static void cargo_rest(struct bh_engine *engine, struct bh_now now, int64_t hold_ms)
{
	engine->cargo_hold_mono_ms = now.mono_ms + hold_ms;
	engine->session.cargo = (struct bh_cargo_way){0};
}

bool bh_engine_cargo_ready(const struct bh_engine *engine, struct bh_now now)
{
	const struct bh_cargo_way *way = &engine->session.cargo;

	if (engine->phase != BH_PHASE_LIVE || engine->out.len > 0 || engine->session.draining)
		return false;
	if (!way->is_open)
		return bh_engine_cargo_due(engine, now);
	return way->sending && !way->adrift && way->out < BH_BLOB_PARTS_OUT_MAX &&
	       way->next < way->piece.size;
}

int64_t bh_engine_cargo_mono_ms(const struct bh_engine *engine, bool live)
{
	const struct bh_cargo_way *way = &engine->session.cargo;
	unsigned place;

	if (engine->enrolled != BH_ENROL_YES || engine->revoked_ms != 0 || engine->is_suspended)
		return INT64_MAX;
	if (live && way->is_open && way->sending && !way->adrift && engine->out.len == 0 &&
		way->out < BH_BLOB_PARTS_OUT_MAX && way->next < way->piece.size)
		return 0;
	if (live && way->is_open && way->out == 0)
		return INT64_MAX;
	if (live && way->is_open)
		return way->asked_mono_ms + BH_ENGINE_ACK_MS_MAX;
	return bh_local_cargo_due(engine->local, &place) && engine->out.len == 0
		       ? engine->cargo_hold_mono_ms
		       : INT64_MAX;
}

/* ---- Sending ----------------------------------------------------------------------------- */

static void cargo_send(struct bh_engine *engine, struct bh_now now, struct bh_span data)
{
	struct bh_cargo_way *way = &engine->session.cargo;
	const struct bh_client_frame frame = {.kind = BH_CLIENT_CARGO,
		.u.cargo = {.hash = bh_span(way->piece.hash, BH_HASH_BYTES),
			.size = way->piece.size,
			.offset = way->next,
			.data = data,
			.answer_offset = way->answer_at}};

	if (way->out == 0)
		way->asked_mono_ms = now.mono_ms;
	way->out++;
	engine->settled = false;
	bh_engine_send(engine, now, &frame);
}

static int cargo_open(struct bh_engine *engine, struct bh_now now)
{
	struct bh_cargo_way *way = &engine->session.cargo;
	int rc = bh_local_cargo_expire(engine->local, now.wall_ms);

	*way = (struct bh_cargo_way){0};
	if (rc != 0 || !bh_local_cargo_due(engine->local, &way->place))
		return rc;
	way->piece = *bh_local_cargo(engine->local, way->place);
	rc = bh_local_cargo_answer_held(engine->local, way->place, &way->answer_at);
	way->is_open = rc == 0;
	if (rc == 0)
		cargo_send(engine, now, bh_span(NULL, 0));
	return rc;
}

/* Its row ends what it was, and the next piece follows. */
static int cargo_end(struct bh_engine *engine, enum bh_cargo_phase phase, uint32_t answer_size,
	struct bh_span why)
{
	struct bh_cargo_way *way = &engine->session.cargo;
	size_t len = why.len < BH_CARGO_REASON_BYTES_MAX ? why.len : BH_CARGO_REASON_BYTES_MAX;

	way->piece.phase = (uint8_t)phase;
	way->piece.answer_size = answer_size;
	memset(way->piece.reason, 0, sizeof(way->piece.reason)); /* what was odd of it is settled */
	if (len > 0)
		memcpy(way->piece.reason, why.data, len);
	int rc = bh_local_cargo_set(engine->local, way->place, &way->piece);

	*way = (struct bh_cargo_way){0};
	bh_engine_changed(engine, (struct bh_change){.kind = BH_CHANGE_STATUS});
	return rc;
}

static int part_send(struct bh_engine *engine, struct bh_now now)
{
	struct bh_cargo_way *way = &engine->session.cargo;
	uint32_t rest = way->piece.size - way->next;
	uint32_t len = rest < BH_BLOB_PART_BYTES_MAX ? rest : BH_BLOB_PART_BYTES_MAX;

	bh_arena_reset(&engine->arena);
	uint8_t *bytes = bh_arena_alloc(&engine->arena, len);
	int rc = bytes ? bh_local_cargo_read(
				 engine->local, way->place, false, way->next, bytes, len)
		       : BH_ERR_NOMEM;

	if (rc == BH_ERR_NOT_FOUND)
		return cargo_end(engine, BH_CARGO_IS_REFUSED, 0, bh_span("lost", 4));
	if (rc == 0) {
		cargo_send(engine, now, bh_span(bytes, len));
		way->next += len;
		engine->counts.photo_bytes_up += len;
	}
	bh_arena_reset(&engine->arena);
	return rc;
}

/* It was whole there: what is asked for after that is not what it is called.  A link that was cut
 * before says nothing of it. */
static int told_later(struct bh_engine *engine, const struct bh_msg_cargo_state *state)
{
	struct bh_cargo_way *way = &engine->session.cargo;

	if (!way->sending || way->next < way->piece.size || state->offset < way->piece.size)
		return 0;
	way->piece.tries++;
	return bh_local_cargo_set(engine->local, way->place, &way->piece);
}

void bh_engine_cargo(struct bh_engine *engine, struct bh_now now)
{
	const struct bh_cargo_way *way = &engine->session.cargo;

	if (engine->phase == BH_PHASE_LIVE && way->out > 0 &&
		now.mono_ms - way->asked_mono_ms >= BH_ENGINE_ACK_MS_MAX)
		cargo_rest(engine, now, SILENT_MS);
	if (!bh_engine_cargo_ready(engine, now))
		return;
	int rc = way->is_open ? part_send(engine, now) : cargo_open(engine, now);

	if (rc != 0)
		bh_engine_store_failed(engine, now, rc);
}

/* ---- Answers ----------------------------------------------------------------------------- */

static int told_wanted(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_cargo_state *state)
{
	struct bh_cargo_way *way = &engine->session.cargo;
	bool goes_on = way->sending && !way->adrift &&
		       state->offset == way->held + BH_BLOB_PART_BYTES_MAX;

	if (goes_on) {
		way->held = state->offset;
		engine->session.progressed = true;
		return 0;
	}
	/* Not where we are: what is under way is answered first, then the last word counts. */
	way->adrift = way->sending;
	if (way->out > 0)
		return 0;
	if (way->sending && ++way->drifts > BH_UPLOAD_DRIFTS_MAX) {
		cargo_rest(engine, now, BH_UPLOAD_DRIFT_MS);
		return 0;
	}
	way->adrift = false;
	way->sending = true;
	way->next = way->held = state->offset < way->piece.size ? state->offset : 0;
	/* Sent whole before, and asked for again: it is not what it is called, here or there. */
	if (way->piece.tries >= BH_CARGO_TRIES_MAX)
		return cargo_end(engine, BH_CARGO_IS_REFUSED, 0, bh_span("damaged", 7));
	return 0;
}

/* All of the answer is here, or it was a beginning of another one, and comes anew. */
static int answer_end(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_cargo_state *state)
{
	struct bh_cargo_way *way = &engine->session.cargo;
	uint8_t chain[BH_HASH_BYTES] = {0};
	uint32_t size = state->answer_size;
	int rc = 0;

	for (uint64_t at = 0; rc == 0 && at < size; at += BH_BLOB_PART_BYTES_MAX)
		rc = bh_local_cargo_chain(engine->local, way->place, true, at, size, chain);
	bool holds = bh_span_equal(state->answer_hash, bh_span(chain, sizeof(chain)));

	if (rc == 0)
		rc = bh_local_cargo_answer(
			engine->local, way->place, 0, bh_span(NULL, 0), holds ? size : 0);
	if (rc == 0 && holds)
		return cargo_end(engine, BH_CARGO_IS_ANSWERED, size, bh_span(NULL, 0));
	cargo_rest(engine, now, BH_UPLOAD_LATER_MS);
	return rc;
}

static int told_answered(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_cargo_state *state)
{
	struct bh_cargo_way *way = &engine->session.cargo;
	uint64_t end = (uint64_t)state->offset + state->data.len;

	if (state->offset == 0)
		way->answer_at = 0; /* it begins anew where what is here is longer */
	if (state->offset != way->answer_at || state->data.len == 0 || end > state->answer_size ||
		state->data.len > BH_BLOB_PART_BYTES_MAX ||
		state->answer_size > BH_CARGO_ANSWER_BYTES_MAX) {
		cargo_rest(engine, now, BH_UPLOAD_DRIFT_MS);
		return 0;
	}
	int rc = bh_local_cargo_answer(
		engine->local, way->place, state->offset, state->data, state->answer_size);

	if (rc != 0)
		return rc;
	engine->session.progressed = true;
	way->answer_at = (uint32_t)end;
	if (end == state->answer_size)
		return answer_end(engine, now, state);
	cargo_send(engine, now, bh_span(NULL, 0));
	return 0;
}

/* What is said, and twice as long each time that it is said again: a server that is slow to take a
 * bundle in is not asked twice a second for as long as that takes. */
static int64_t later_ms(struct bh_engine *engine, uint32_t told_ms)
{
	int64_t wait_ms = told_ms > 0 ? bh_engine_hold_ms(told_ms) : BH_UPLOAD_LATER_MS;

	for (unsigned i = 0; i < engine->cargo_laters && wait_ms < LATER_MS_MAX; i++)
		wait_ms = wait_ms < LATER_MS_MAX / 2 ? wait_ms * 2 : LATER_MS_MAX;
	engine->cargo_laters += engine->cargo_laters < LATERS_MAX;
	return wait_ms;
}

void bh_handle_cargo_state(
	struct bh_engine *engine, struct bh_now now, const struct bh_server_frame *frame)
{
	const struct bh_msg_cargo_state *state = &frame->u.cargo_state;
	struct bh_cargo_way *way = &engine->session.cargo;
	int rc = 0;

	if (!way->is_open || way->out == 0 ||
		!bh_span_equal(state->hash, bh_span(way->piece.hash, BH_HASH_BYTES)))
		return;
	way->out--;
	way->asked_mono_ms = now.mono_ms;
	if (state->state == BH_CARGO_WANTED || state->state == BH_CARGO_TAKEN ||
		state->state == BH_CARGO_DENIED)
		engine->cargo_laters = 0;
	switch (state->state) {
	case BH_CARGO_WANTED:
		rc = told_wanted(engine, now, state);
		break;
	case BH_CARGO_TAKEN:
		rc = told_answered(engine, now, state);
		break;
	case BH_CARGO_DENIED:
		rc = cargo_end(engine, BH_CARGO_IS_REFUSED, 0, state->reason);
		break;
	default:
		rc = told_later(engine, state);
		cargo_rest(engine, now, later_ms(engine, state->retry_after_ms));
		break;
	}
	if (rc != 0)
		bh_engine_store_failed(engine, now, rc);
}
