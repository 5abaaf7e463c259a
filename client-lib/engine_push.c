/* Up: what is recorded goes in batches, at most four without an answer; what is acknowledged is
 * marked so, and only then.
 *
 * The session keeps two sequences of its own: how far its server has acknowledged and how far was
 * pushed.  A server that was rolled back greets with less than the store knows acknowledged; then
 * the same ops are pushed again and the store, which never moves back, is not touched by it. */
#include <string.h>

#include "client-lib/engine_state.h"

#define BH_LINK_CHECK_BYTES 8u
/* What is given again goes by so many ops, whatever the way lets through, and bytes at most. */
#define BH_AGAIN_OPS_MIN 32u
#define BH_AGAIN_BYTES_MAX (32u * 1024u)

int64_t bh_engine_hold_ms(uint32_t asked_ms)
{
	return asked_ms < BH_ENGINE_HOLD_MS_MAX ? asked_ms : BH_ENGINE_HOLD_MS_MAX;
}

void bh_engine_rewind(struct bh_engine *engine, uint64_t server_seq)
{
	struct bh_session_state *session = &engine->session;

	session->server_seq = server_seq;
	session->sent_seq = server_seq;
	session->flights_count = 0;
	session->careful = true;
	session->head_signed = false;
	session->sign_seq = 0;
}

/* A frame has 30 s, and a way of 2 KB a second needs longer for a full one: the same batch would be
 * cut for ever. */
void bh_engine_push_cut(struct bh_engine *engine)
{
	const struct bh_session_state *session = &engine->session;

	if (session->flights_count == 0 || session->progressed)
		return;
	size_t pushed = (size_t)(session->flights[0].last_seq - session->server_seq);

	if (pushed < engine->link_ops_max)
		engine->link_ops_max = pushed;
	engine->link_ops_max = (engine->link_ops_max + 1) / 2;
}

/* The op whose link is signed once a session: our head, or what was our head when the key outside
 * was asked for it. */
static uint64_t push_head(const struct bh_engine *engine)
{
	return engine->session.sign_seq != 0 ? engine->session.sign_seq : engine->head_seq;
}

struct push_limits {
	size_t ops_max, bytes_max;
};

/* What is given again to a server that was put back goes with receipts, each of which needs the op
 * that it ends with in its batch: cut too small by a bad link, batches would leave them behind. */
static struct push_limits push_limits(const struct bh_engine *engine)
{
	uint64_t until_head = push_head(engine) - engine->session.sent_seq;
	size_t most = engine->batch_ops_max;
	struct push_limits limits = {engine->link_ops_max, engine->batch_bytes_max};

	if (engine->session.sent_seq < engine->acked_seq && limits.ops_max < BH_AGAIN_OPS_MIN) {
		limits.ops_max = BH_AGAIN_OPS_MIN;
		if (limits.bytes_max > BH_AGAIN_BYTES_MAX)
			limits.bytes_max = BH_AGAIN_BYTES_MAX;
	}
	if (limits.ops_max > most)
		limits.ops_max = most;
	if (until_head > 0 && until_head < limits.ops_max)
		limits.ops_max = (size_t)until_head;
	return limits;
}

/* Over the last op of a batch that ends at our head: once a session. */
static int head_sign(struct bh_engine *engine, struct bh_now now, const struct bh_op_batch *batch,
	uint8_t signature[BH_SIGNATURE_BYTES])
{
	struct bh_buf message = BH_BUF(BH_ENGINE_PROOF_BYTES_MAX);
	struct bh_device device;
	struct bh_log log;
	int rc = bh_local_device(engine->local, &device);

	if (rc == 0)
		rc = bh_local_log(engine->local, &log);
	if (rc == 0)
		rc = bh_head_message(&message, device.district, device.device, log.log_id,
			batch->first_seq + batch->count - 1, batch->last_link);
	if (rc == 0)
		rc = bh_engine_sign(engine, now, bh_buf_span(&message), signature);
	bh_buf_free(&message);
	return rc;
}

static int batch_pack(struct bh_engine *engine, const struct bh_op_batch *batch,
	struct bh_buf *packed, struct bh_msg_packed *out)
{
	const struct bh_msg_batch message = {
		batch->headers, batch->count, batch->contents, batch->count};
	struct bh_buf raw = BH_BUF(BH_UNPACKED_BYTES_MAX);
	enum bh_pack_scheme scheme = BH_PACK_BARE;
	int rc = bh_encode_batch(&message, &raw);

	if (rc == 0)
		rc = bh_pack(engine->packer, bh_buf_span(&raw), packed, &scheme);
	if (rc == 0)
		*out = (struct bh_msg_packed){
			(uint32_t)scheme, (uint32_t)raw.len, bh_buf_span(packed)};
	bh_buf_free(&raw);
	return rc;
}

static int push_send(struct bh_engine *engine, struct bh_now now, struct bh_op_batch *batch)
{
	struct bh_client_frame frame = {
		.kind = BH_CLIENT_PUSH, .u.push = {.first_seq = batch->first_seq}};
	struct bh_buf packed = BH_BUF(BH_FRAME_BYTES_MAX);
	uint8_t signature[BH_SIGNATURE_BYTES];
	bool sign = !engine->session.head_signed &&
		    batch->first_seq + batch->count - 1 == push_head(engine);
	int rc = bh_local_batch_receipts(engine->local, &engine->arena, batch,
		&frame.u.push.receipts, &frame.u.push.receipts_count);

	frame.u.push.salts = batch->salts;
	if (rc == 0 && sign)
		rc = head_sign(engine, now, batch, signature);
	if (rc == BH_ERR_BUSY && engine->proof.state == BH_PROOF_WANTED)
		engine->session.sign_seq = push_head(engine);
	if (rc == 0)
		rc = batch_pack(engine, batch, &packed, &frame.u.push.batch);
	if (rc == 0) {
		if (sign) {
			frame.u.push.head_signature = bh_span(signature, sizeof(signature));
			engine->session.sign_seq = 0;
		}
		engine->session.head_signed |= sign;
		bh_engine_send(engine, now, &frame);
	}
	bh_buf_free(&packed);
	return rc;
}

/* One batch after what was pushed; *count 0 when there is none. */
static int push_next(struct bh_engine *engine, struct bh_now now, size_t *count)
{
	struct bh_session_state *session = &engine->session;
	struct bh_op_batch batch;

	struct push_limits limits = push_limits(engine);

	bh_arena_reset(&engine->arena);
	int rc = bh_local_batch(engine->local, session->sent_seq + 1, limits.ops_max,
		limits.bytes_max, &engine->arena, &batch);

	if (rc == 0 && batch.count > 0)
		rc = push_send(engine, now, &batch);
	if (rc != 0 || engine->phase != BH_PHASE_LIVE)
		return rc;
	*count = batch.count;
	if (batch.count == 0)
		return 0;
	session->sent_seq += batch.count;
	session->flights[session->flights_count++] = (struct bh_flight){
		session->sent_seq, now.mono_ms};
	engine->settled = false;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 3
	rc = bh_local_ack(
		engine->local, &(struct bh_msg_ack){.seq = session->sent_seq}, &engine->changes);
#endif
	return rc;
}

void bh_engine_push(struct bh_engine *engine, struct bh_now now)
{
	struct bh_session_state *session = &engine->session;
	size_t pipeline = session->careful ? 1 : BH_PIPELINE_PUSHES_MAX;

	if (session->hold_mono_ms > now.mono_ms)
		return;
	/* Over, whatever else is waited for: nothing is to wake up for it again. */
	session->hold_mono_ms = 0;
	if (session->rotation != BH_ROTATION_NONE)
		return;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 58
	if (session->careful && session->flights_count == 0 && session->progressed)
		return;
#endif
	while (engine->phase == BH_PHASE_LIVE && session->flights_count < pipeline &&
		session->sent_seq < engine->head_seq) {
		size_t count = 0;
		int rc = push_next(engine, now, &count);

		if (rc == BH_ERR_AUTH)
			bh_engine_hang_up(engine, now, BH_WHY_KEY);
		else if (rc != 0 && !bh_engine_sign_wanted(engine))
			bh_engine_store_failed(engine, now, rc);
		if (count == 0)
			break;
	}
	bh_arena_reset(&engine->arena);
}

/* ---- Ack --------------------------------------------------------------------------------- */

static void flights_land(struct bh_session_state *session, uint64_t seq)
{
	size_t landed = 0;

	while (landed < session->flights_count && session->flights[landed].last_seq <= seq)
		landed++;
	session->flights_count -= landed;
	memmove(session->flights, session->flights + landed,
		session->flights_count * sizeof(session->flights[0]));
}

/* The acknowledgement must be of our link, or it is of another log than ours. */
static int ack_compare(struct bh_engine *engine, const struct bh_msg_ack *ack)
{
	uint8_t link[BH_HASH_BYTES];
	int rc = ack->seq > engine->session.sent_seq ? BH_ERR_NOT_FOUND
						     : bh_local_link(engine->local, ack->seq, link);

	if (rc == 0 && !bh_span_equal(ack->link_check, bh_span(link, BH_LINK_CHECK_BYTES)))
		rc = BH_ERR_FORK;
	return rc == BH_ERR_NOT_FOUND ? BH_ERR_FORK : rc;
}

void bh_handle_ack(struct bh_engine *engine, struct bh_now now, const struct bh_server_frame *frame)
{
	const struct bh_msg_ack *ack = &frame->u.ack;
	struct bh_session_state *session = &engine->session;
	int rc = ack_compare(engine, ack);

	if (rc == BH_ERR_FORK) {
		/* The next Welcome decides it by links. */
		bh_engine_say(engine, "an acknowledgement that is not of our log");
		bh_engine_hang_up(engine, now, BH_WHY_PROTOCOL);
		return;
	}
	if (rc == 0)
		rc = bh_local_ack(engine->local, ack, &engine->changes);
	if (rc != 0) {
		bh_engine_store_failed(engine, now, rc);
		return;
	}
	if (ack->seq > session->server_seq) {
		session->server_seq = ack->seq;
		session->progressed = true;
		session->careful = false;
		engine->link_ops_max = engine->link_ops_max < BH_BATCH_OPS_MAX / 2
					       ? engine->link_ops_max * 2
					       : BH_BATCH_OPS_MAX;
		engine->backoff_ms = 0;
		engine->forked = false;
		engine->cause = BH_WHY_NONE;
	}
	flights_land(session, ack->seq);
	if (ack->retry_after_ms > 0)
		session->hold_mono_ms = now.mono_ms + bh_engine_hold_ms(ack->retry_after_ms);
	bh_engine_say(engine, "acknowledged up to %llu", (unsigned long long)ack->seq);
}
