/* The scripted handset's link: what a server would check is checked here with the shared layer
 * alone. */
#include "tests/unit/client/scripted.h"

#include <string.h>

#include "proto/err.h"
#include "proto/frame.h"

#define DISTRICT "340803"

static void scripted_collect(struct scripted *s)
{
	struct bh_buf *out = bh_engine_output(s->engine);

	if (out->len > 0)
		assert_int_equal(bh_buf_append(&s->in, out->data, out->len), 0);
	bh_buf_consume(out, out->len);
}

void scripted_connect(struct scripted *s)
{
	assert_true(bh_engine_want(s->engine).connect);
	bh_buf_consume(&s->in, s->in.len);
	bh_engine_link_up(s->engine, s->now, &s->binding);
	bh_engine_check(s->engine);
}

bool scripted_silent(struct scripted *s)
{
	scripted_collect(s);
	return s->in.len == 0;
}

struct bh_client_frame scripted_take(struct scripted *s, enum bh_client_kind kind)
{
	struct bh_client_frame frame;
	struct bh_span body;
	size_t used = 0;

	scripted_collect(s);
	bh_arena_reset(&s->arena);
	assert_int_equal(bh_frame_take(bh_buf_span(&s->in), BH_FRAME_BYTES_MAX, &body, &used), 0);
	/* What is decoded points into it. */
	assert_int_equal(bh_arena_copy(&s->arena, body, &body), 0);
	assert_int_equal(bh_decode_client_frame(body, &s->arena, &frame), 0);
	assert_int_equal(frame.kind, kind);
	bh_buf_consume(&s->in, used);
	return frame;
}

void scripted_give(struct scripted *s, const struct bh_server_frame *frame)
{
	struct bh_buf out = BH_BUF(4 * BH_FRAME_BYTES_MAX);
	size_t mark;

	assert_int_equal(bh_frame_begin(&out, &mark), 0);
	assert_int_equal(bh_encode_server_frame(frame, &out), 0);
	assert_int_equal(bh_frame_end(&out, mark), 0);
	/* In two pieces, so that frames are always cut somewhere. */
	size_t half = out.len / 2;

	bh_engine_bytes(s->engine, s->now, bh_span(out.data, half));
	bh_engine_check(s->engine);
	bh_engine_bytes(s->engine, s->now, bh_span(out.data + half, out.len - half));
	bh_engine_check(s->engine);
	bh_buf_free(&out);
}

struct bh_server_frame scripted_welcome(struct scripted *s)
{
	static const uint64_t scopes[] = {SCRIPTED_OWN, SCRIPTED_UNIT};
	static const uint8_t mac[BH_MAC_BYTES] = {1};

	return (struct bh_server_frame){.kind = BH_SERVER_WELCOME,
		.u.welcome = {.version = 1,
			.acked_seq = s->held,
			.acked_link = bh_span(s->links[s->held], s->held > 0 ? BH_HASH_BYTES : 0),
			.epoch = SCRIPTED_EPOCH,
			.server_ms = s->now.wall_ms + 250,
			.log_short = SCRIPTED_SHORT,
			.scopes = scopes,
			.scopes_count = 2,
			.mac = bh_span(mac, sizeof(mac)),
			.received_ms = s->now.wall_ms}};
}

void scripted_session(struct scripted *s)
{
	scripted_connect(s);
	scripted_take(s, BH_CLIENT_HELLO);
	const struct bh_server_frame welcome = scripted_welcome(s);

	scripted_give(s, &welcome);
	assert_true(bh_engine_status(s->engine).live);
}

static void push_check_head(struct scripted *s, const struct bh_msg_push *push)
{
	struct bh_buf message = BH_BUF(512);

	if (push->head_signature.len == 0)
		return;
	assert_int_equal(bh_head_message(&message, DISTRICT, SCRIPTED_DEVICE, s->log_id, s->held,
				 s->links[s->held]),
		0);
	assert_int_equal(
		bh_key_verify(s->public_key, bh_buf_span(&message), push->head_signature.data), 0);
	bh_buf_free(&message);
}

size_t scripted_take_push(struct scripted *s)
{
	struct bh_client_frame frame = scripted_take(s, BH_CLIENT_PUSH);
	const struct bh_msg_push *push = &frame.u.push;
	struct bh_buf raw = BH_BUF(BH_UNPACKED_BYTES_MAX);
	struct bh_msg_batch batch;
	struct bh_span kept;
	uint8_t commitment[BH_HASH_BYTES];
	int reason = 0;

	assert_int_equal(bh_unpack(s->packer, push->batch.scheme, push->batch.raw_bytes,
				 push->batch.data, &raw),
		0);
	/* What is decoded points into it. */
	assert_int_equal(bh_arena_copy(&s->arena, bh_buf_span(&raw), &kept), 0);
	bh_buf_free(&raw);
	assert_int_equal(bh_decode_batch(kept, &s->arena, &batch), 0);
	assert_int_equal(batch.headers_count, batch.contents_count);
	assert_int_equal(push->salts.len, batch.headers_count * BH_SALT_BYTES);
	s->held = push->first_seq - 1;
	for (size_t i = 0; i < batch.headers_count; i++) {
		bh_op_commitment(s->hasher, push->salts.data + i * BH_SALT_BYTES, batch.contents[i],
			commitment);
		bh_log_link(s->hasher, s->links[s->held], s->held + 1, batch.headers[i], commitment,
			s->links[s->held + 1]);
		s->held++;
		assert_int_equal(
			bh_op_decode_header(batch.headers[i], &s->arena, &s->last_header, &reason),
			0);
	}
	push_check_head(s, push);
	return batch.headers_count;
}

void scripted_ack(struct scripted *s, uint64_t seq)
{
	static const uint8_t mac[BH_MAC_BYTES] = {2};
	const struct bh_server_frame ack = {.kind = BH_SERVER_ACK,
		.u.ack = {.seq = seq,
			.link_check = bh_span(s->links[seq], 8),
			.received_ms = s->now.wall_ms,
			.mac = bh_span(mac, sizeof(mac))}};

	scripted_give(s, &ack);
}

void scripted_delta(
	struct scripted *s, const struct bh_msg_record *records, size_t count, uint64_t position)
{
	static const uint8_t hash[8] = {9, 9};
	const struct bh_msg_cursor cursor = {SCRIPTED_OWN, position};
	const struct bh_msg_records message = {.records = records, .records_count = count};
	struct bh_buf raw = BH_BUF(BH_UNPACKED_BYTES_MAX), packed = BH_BUF(BH_UNPACKED_BYTES_MAX);
	enum bh_pack_scheme scheme;

	assert_int_equal(bh_encode_records(&message, &raw), 0);
	assert_int_equal(bh_pack(s->packer, bh_buf_span(&raw), &packed, &scheme), 0);
	const struct bh_server_frame delta = {.kind = BH_SERVER_DELTA,
		.u.delta = {.records = {(uint32_t)scheme, (uint32_t)raw.len, bh_buf_span(&packed)},
			.cursors = &cursor,
			.cursors_count = 1,
			.head_hash = bh_span(hash, sizeof(hash)),
			.epoch = SCRIPTED_EPOCH}};

	scripted_give(s, &delta);
	bh_buf_free(&raw);
	bh_buf_free(&packed);
}

void scripted_refuse(struct scripted *s, struct bh_msg_refusal refusal)
{
	const struct bh_server_frame frame = {.kind = BH_SERVER_REFUSAL, .u.refusal = refusal};

	scripted_give(s, &frame);
}

/* The engine hung up: what a driver does then. */
void scripted_hang_up(struct scripted *s)
{
	assert_true(bh_engine_want(s->engine).disconnect);
	bh_engine_link_down(s->engine, s->now, BH_LINK_CLOSED);
	bh_engine_check(s->engine);
}

void scripted_cut(struct scripted *s)
{
	bh_engine_link_down(s->engine, s->now, BH_LINK_CUT);
	bh_engine_check(s->engine);
}

/* Lets the back-off pass; gives how long it was. */
int64_t scripted_back_off(struct scripted *s)
{
	int64_t wait_ms = bh_engine_want(s->engine).wake_mono_ms - s->now.mono_ms;

	assert_false(bh_engine_want(s->engine).connect);
	assert_true(wait_ms > 0 && wait_ms < 5000000);
	scripted_later(s, wait_ms - 1);
	assert_false(bh_engine_want(s->engine).connect);
	scripted_later(s, 1);
	assert_true(bh_engine_want(s->engine).connect);
	return wait_ms;
}
