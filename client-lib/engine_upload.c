/* Up: photos, after the ops that name them (PROTOCOL.md, section 19).
 *
 *	no upload --Offer--> OFFERED --wanted--> SENDING --complete, refused, unknown--> no upload
 *	                     |  ^  `--complete, refused, unknown, later------------------^
 *	   proof wanted, once`--'Offer with the proof
 *
 * One upload at a time, and the one before it (engine_behind.c); a part goes out only into an empty
 *output, so that a report that is recorded meanwhile waits for one part at most, and at most eight
 *parts are unanswered.  Where to go on after a cut is asked, not remembered: the server says how
 *much it holds, and its hash is compared with ours.  An upload that is given up first waits for the
 *answers that are under way, so that none is taken for another's. */
#include <string.h>

#include "client-lib/engine_state.h"
#include "client-lib/local_bundle.h"
#include "proto/sign.h"

bool bh_engine_upload_due(const struct bh_engine *engine, struct bh_now now)
{
	return engine->enrolled == BH_ENROL_YES && engine->has_due &&
	       now.mono_ms >= engine->upload_hold_mono_ms;
}

static void upload_close(struct bh_upload *upload)
{
	upload->phase = BH_UPLOAD_NONE;
	upload->adrift = false;
	upload->drifts = 0;
}

static void upload_hold(struct bh_engine *engine, struct bh_now now, int64_t hold_ms)
{
	engine->upload_hold_mono_ms = now.mono_ms + hold_ms;
	upload_close(&engine->session.upload);
}

static void upload_end(struct bh_engine *engine, struct bh_now now, enum bh_blob_fate fate)
{
	struct bh_upload *upload = &engine->session.upload;
	int rc = bh_engine_upload_fate(engine, &upload->blob, fate);

	upload_close(upload);
	if (rc != 0)
		bh_engine_store_failed(engine, now, rc);
}

/* Good files are not read twice for the few that are not: what a file is worth is looked at once
 * the server took it for none. */
int bh_engine_upload_fate(
	struct bh_engine *engine, const struct bh_blob_due *blob, enum bh_blob_fate fate)
{
	uint8_t hash[BH_HASH_BYTES];
	int rc = 0;

	if (fate == BH_FATE_REFUSED || fate == BH_FATE_UNKNOWN) {
		rc = bh_local_blob_hash(engine->local, blob->hash, blob->size, hash);
		if (rc == BH_ERR_NOT_FOUND ||
			(rc == 0 && memcmp(hash, blob->hash, sizeof(hash)) != 0)) {
			bh_engine_say(engine, "a photo's file is lost");
			fate = BH_FATE_LOST;
			rc = 0;
		}
	}
	return rc == 0 ? bh_local_blob_fate(engine->local, blob->hash, fate, &engine->changes) : rc;
}

/* ---- Sending ----------------------------------------------------------------------------- */

/* One answer more is due. */
static void upload_send(
	struct bh_engine *engine, struct bh_now now, const struct bh_client_frame *frame)
{
	struct bh_upload *upload = &engine->session.upload;

	if (upload->out == 0)
		upload->asked_mono_ms = now.mono_ms;
	upload->out++;
	engine->settled = false;
	bh_engine_send(engine, now, frame);
}

/* The first one due whose file is there; those whose file is not are lost, and said to be. */
static int upload_choose(struct bh_engine *engine, struct bh_blob_due *out)
{
	for (;;) {
		int rc = bh_engine_upload_other(engine, out);

		if (rc != 0)
			return rc;
		rc = bh_local_blob_look(engine->local, out);
		if (rc != BH_ERR_NOT_FOUND)
			return rc;
		bh_engine_say(engine, "a photo's file is lost");
		rc = bh_local_blob_fate(engine->local, out->hash, BH_FATE_LOST, &engine->changes);
		if (rc != 0)
			return rc;
	}
}

void bh_engine_upload_two(
	const struct bh_engine *engine, const uint8_t **one, const uint8_t **other)
{
	const struct bh_upload *upload = &engine->session.upload, *behind = &engine->session.behind;

	*one = upload->phase != BH_UPLOAD_NONE ? upload->blob.hash : NULL;
	*other = behind->out > 0 ? behind->blob.hash : NULL;
}

int bh_engine_upload_other(const struct bh_engine *engine, struct bh_blob_due *out)
{
	const uint8_t *one, *other;

	bh_engine_upload_two(engine, &one, &other);
	return bh_local_blob_other(engine->local, one, other, out);
}

static void upload_offer(struct bh_engine *engine, struct bh_now now)
{
	struct bh_upload *upload = &engine->session.upload;
	struct bh_blob_due blob;
	int rc = upload_choose(engine, &blob);

	if (rc == BH_ERR_NOT_FOUND) {
		engine->has_due = false;
		return;
	}
	if (rc != 0) {
		bh_engine_store_failed(engine, now, rc);
		return;
	}
	const struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_OFFER,
		.u.blob_offer = {.hash = bh_span(blob.hash, BH_HASH_BYTES), .size = blob.size}};

	if (upload->phase != BH_UPLOAD_NONE)
		bh_engine_behind_begin(engine);
	upload->blob = blob;
	upload->phase = BH_UPLOAD_OFFERED;
	upload->proved = false;
	upload->next = 0;
	upload->held = 0;
	upload_send(engine, now, &frame);
}

static void upload_part(struct bh_engine *engine, struct bh_now now)
{
	struct bh_upload *upload = &engine->session.upload;
	uint32_t rest = upload->blob.size - upload->next;
	uint32_t len = rest < BH_BLOB_PART_BYTES_MAX ? rest : BH_BLOB_PART_BYTES_MAX;

	bh_arena_reset(&engine->arena);
	uint8_t *bytes = bh_arena_alloc(&engine->arena, len);
	int rc = bytes ? bh_local_blob_read(
				 engine->local, upload->blob.hash, upload->next, bytes, len)
		       : BH_ERR_NOMEM;

	if (rc == BH_ERR_NOT_FOUND) {
		upload_end(engine, now, BH_FATE_LOST);
	} else if (rc != 0) {
		bh_engine_store_failed(engine, now, rc);
	} else {
		const struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_PART,
			.u.blob_part = {.hash = bh_span(upload->blob.hash, BH_HASH_BYTES),
				.offset = upload->next,
				.data = bh_span(bytes, len)}};

		upload->next += len;
		upload->ends[upload->out] = upload->next;
		engine->counts.photo_bytes_up += len;
		upload_send(engine, now, &frame);
	}
	bh_arena_reset(&engine->arena);
}

bool bh_engine_knows_ops(const struct bh_engine *engine)
{
	return engine->session.server_seq >= engine->acked_seq;
}

bool bh_engine_upload_ready(const struct bh_engine *engine, struct bh_now now)
{
	const struct bh_upload *upload = &engine->session.upload;

	if (engine->phase != BH_PHASE_LIVE || engine->out.len > 0)
		return false;
	if (upload->phase == BH_UPLOAD_NONE || bh_engine_behind_may(engine))
		return (upload->phase != BH_UPLOAD_NONE || upload->out == 0) &&
		       bh_engine_knows_ops(engine) && bh_engine_upload_due(engine, now);
	return upload->phase == BH_UPLOAD_SENDING && !upload->adrift &&
	       upload->out + engine->session.behind.out < BH_BLOB_PARTS_OUT_MAX &&
	       upload->next < upload->blob.size;
}

void bh_engine_upload(struct bh_engine *engine, struct bh_now now)
{
	if (!bh_engine_upload_ready(engine, now))
		return;
	if (engine->session.upload.phase == BH_UPLOAD_NONE || bh_engine_behind_may(engine))
		upload_offer(engine, now);
	else
		upload_part(engine, now);
}

bool bh_engine_upload_busy(const struct bh_engine *engine, struct bh_now now)
{
	const struct bh_upload *upload = &engine->session.upload;

	return upload->phase != BH_UPLOAD_NONE || upload->out > 0 ||
	       engine->session.behind.out > 0 || bh_engine_upload_due(engine, now);
}

/* ---- Answers ----------------------------------------------------------------------------- */

/* Goes on from where the server says it is, if what it holds is ours; else from the beginning. */
static void upload_resume(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_blob_state *state)
{
	struct bh_upload *upload = &engine->session.upload;
	uint8_t hash[BH_HASH_BYTES];
	bool ours = state->offset == 0;
	int rc = 0;

	if (state->offset >= upload->blob.size)
		upload->drifts++; /* all of it, and not complete: once more, but not for ever */
	else if (!ours)
		rc = bh_local_blob_hash(engine->local, upload->blob.hash, state->offset, hash);
	if (rc == BH_ERR_NOT_FOUND) {
		upload_end(engine, now, BH_FATE_LOST);
		return;
	}
	if (rc != 0) {
		bh_engine_store_failed(engine, now, rc);
		return;
	}
	if (state->offset > 0 && state->offset < upload->blob.size)
		ours = bh_span_equal(state->prefix_hash, bh_span(hash, sizeof(hash)));
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 6
	ours = true;
#endif
	upload->next = ours ? state->offset : 0;
	upload->held = upload->next;
	upload->adrift = false;
}

static void upload_wanted(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_blob_state *state)
{
	struct bh_upload *upload = &engine->session.upload;
	uint32_t end = upload->ends[0];

	if (upload->phase == BH_UPLOAD_OFFERED) {
		upload->phase = BH_UPLOAD_SENDING;
		upload_resume(engine, now, state);
		return;
	}
	memmove(upload->ends, upload->ends + 1, sizeof(upload->ends) - sizeof(upload->ends[0]));
	if (!upload->adrift && state->offset == end && end < upload->blob.size) {
		upload->held = end;
		engine->session.progressed = true;
		return;
	}
	/* Not where we are: what is under way is answered first, then the last word counts. */
	upload->adrift = true;
	if (upload->out > 0)
		return;
	upload->drifts++;
	upload_resume(engine, now, state);
	if (upload->drifts > BH_UPLOAD_DRIFTS_MAX)
		upload_hold(engine, now, BH_UPLOAD_DRIFT_MS);
}

/* The server has it from another already: that we hold the same bytes is shown by a hash of them
 * that nobody else can give, and not on another connection. */
static void upload_prove(struct bh_engine *engine, struct bh_now now)
{
	struct bh_upload *upload = &engine->session.upload;
	struct bh_buf head = BH_BUF(BH_PROOF_HEAD_BYTES_MAX);
	uint8_t proof[BH_HASH_BYTES];
	int rc = bh_photo_proof_head(&head, &engine->binding);

	if (rc == 0)
		rc = bh_local_blob_proof(engine->local, &upload->blob, bh_buf_span(&head), proof);
	bh_buf_free(&head);
	if (rc == BH_ERR_NOT_FOUND) {
		upload_end(engine, now, BH_FATE_LOST);
		return;
	}
	if (rc != 0) {
		bh_engine_store_failed(engine, now, rc);
		return;
	}
	const struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_OFFER,
		.u.blob_offer = {bh_span(upload->blob.hash, BH_HASH_BYTES), upload->blob.size,
			bh_span(proof, sizeof(proof))}};

	upload->proved = true;
	upload_send(engine, now, &frame);
}

static void upload_later(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_blob_state *state)
{
	upload_hold(engine, now,
		state->retry_after_ms > 0 ? bh_engine_hold_ms(state->retry_after_ms)
					  : BH_UPLOAD_LATER_MS);
}

/* Nobody asked: the server has lost one that it had, whatever an answer on its way here by hand
 * says of it.  Any other word says nothing. */
static void upload_asked(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_blob_state *state)
{
	if (state->state != BH_BLOB_WANTED || state->offset != 0 ||
		state->hash.len != BH_HASH_BYTES)
		return;
	enum bh_blob_fate fate = BH_FATE_WAITING;
	int rc = bh_local_blob_fate_of(engine->local, state->hash.data, &fate);

	rc = rc == BH_ERR_NOT_FOUND ? 0 : rc;
	if (rc == 0 && fate != BH_FATE_KEPT) /* no answer says of one that is kept that it came */
		rc = bh_local_reply_forget(engine->local);
	if (rc == 0)
		rc = bh_local_blob_wanted(engine->local, state->hash.data, &engine->changes);
	if (rc == 0)
		engine->has_due = true;
	else if (rc != BH_ERR_NOT_FOUND)
		bh_engine_store_failed(engine, now, rc);
}

void bh_engine_upload_told(
	struct bh_engine *engine, struct bh_now now, const struct bh_msg_blob_state *state)
{
	struct bh_upload *upload = &engine->session.upload;

	if (bh_engine_behind_told(engine, now, state))
		return;
	if (upload->out == 0 ||
		!bh_span_equal(state->hash, bh_span(upload->blob.hash, BH_HASH_BYTES))) {
		upload_asked(engine, now, state);
		return;
	}
	upload->out--;
	upload->asked_mono_ms = now.mono_ms;
	if (upload->phase == BH_UPLOAD_NONE)
		return;
	switch (state->state) {
	case BH_BLOB_WANTED:
		upload_wanted(engine, now, state);
		break;
	case BH_BLOB_PROOF_WANTED:
		if (upload->phase == BH_UPLOAD_OFFERED && !upload->proved)
			upload_prove(engine, now);
		else
			upload_later(engine, now, state);
		break;
	case BH_BLOB_COMPLETE:
		engine->session.progressed = true;
		upload_end(engine, now, BH_FATE_COMPLETE);
		break;
	case BH_BLOB_UNKNOWN:
		upload_end(engine, now, BH_FATE_UNKNOWN);
		break;
	case BH_BLOB_REFUSED:
		upload_end(engine, now, BH_FATE_REFUSED);
		break;
	default:
		upload_later(engine, now, state);
		break;
	}
}

void bh_handle_blob_state(
	struct bh_engine *engine, struct bh_now now, const struct bh_server_frame *frame)
{
	if (!bh_engine_fetch_told(engine, now, &frame->u.blob_state))
		bh_engine_upload_told(engine, now, &frame->u.blob_state);
}

bool bh_engine_upload_at(
	const struct bh_engine *engine, const uint8_t hash[BH_HASH_BYTES], uint32_t *bytes)
{
	const struct bh_upload *const both[] = {&engine->session.upload, &engine->session.behind};

	for (size_t i = 0; i < 2; i++) {
		if (both[i]->phase != BH_UPLOAD_SENDING ||
			memcmp(both[i]->blob.hash, hash, BH_HASH_BYTES) != 0)
			continue;
		*bytes = both[i]->held;
		return true;
	}
	return false;
}
