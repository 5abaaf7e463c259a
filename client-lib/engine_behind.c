/* The photo before the one that is on its way up.
 *
 *	SENDING, all parts out, another due --> behind --complete, refused, unknown--> gone
 *	                                           `--all answered otherwise--> due again, in a
 *while
 *
 * While the server checks, syncs and journals it, the next one is offered and sent: its answers
 * tell themselves from the other's by their hash.  It has no more to say than its fate; what did
 * not come whole is offered anew, which asks where to go on. */
#include "client-lib/engine_state.h"

bool bh_engine_behind_may(const struct bh_engine *engine)
{
	const struct bh_upload *upload = &engine->session.upload;

	return upload->phase == BH_UPLOAD_SENDING && !upload->adrift &&
	       upload->next == upload->blob.size && engine->session.behind.out == 0;
}

void bh_engine_behind_begin(struct bh_engine *engine)
{
	engine->session.behind = engine->session.upload;
	engine->session.upload = (struct bh_upload){.phase = BH_UPLOAD_NONE};
}

static void behind_hold(struct bh_engine *engine, struct bh_now now, int64_t hold_ms)
{
	if (engine->upload_hold_mono_ms < now.mono_ms + hold_ms)
		engine->upload_hold_mono_ms = now.mono_ms + hold_ms;
	engine->session.behind.phase = BH_UPLOAD_NONE;
}

static void behind_end(struct bh_engine *engine, struct bh_now now, enum bh_blob_fate fate)
{
	struct bh_upload *behind = &engine->session.behind;
	int rc = bh_engine_upload_fate(engine, &behind->blob, fate);

	behind->phase = BH_UPLOAD_NONE;
	engine->session.strays = 0;
	if (rc != 0)
		bh_engine_store_failed(engine, now, rc);
}

static void behind_fate(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_blob_state *state)
{
	switch (state->state) {
	case BH_BLOB_COMPLETE:
		engine->session.progressed = true;
		behind_end(engine, now, BH_FATE_COMPLETE);
		break;
	case BH_BLOB_UNKNOWN:
		behind_end(engine, now, BH_FATE_UNKNOWN);
		break;
	case BH_BLOB_REFUSED:
		behind_end(engine, now, BH_FATE_REFUSED);
		break;
	case BH_BLOB_WANTED:
		engine->session.behind.held = state->offset;
		break;
	default:
		behind_hold(engine, now,
			state->retry_after_ms > 0 ? bh_engine_hold_ms(state->retry_after_ms)
						  : BH_UPLOAD_LATER_MS);
		break;
	}
}

bool bh_engine_behind_told(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_blob_state *state)
{
	struct bh_upload *behind = &engine->session.behind;

	if (behind->out == 0 ||
		!bh_span_equal(state->hash, bh_span(behind->blob.hash, BH_HASH_BYTES)))
		return false;
	behind->out--;
	behind->asked_mono_ms = now.mono_ms;
	if (behind->phase != BH_UPLOAD_NONE)
		behind_fate(engine, now, state);
	if (behind->out > 0 || behind->phase == BH_UPLOAD_NONE)
		return true;
	engine->session.strays++;
	behind_hold(engine, now,
		engine->session.strays > BH_UPLOAD_DRIFTS_MAX ? BH_UPLOAD_DRIFT_MS
							      : BH_UPLOAD_LATER_MS);
	return true;
}
