/*
 * Makes pushes as a handset does, ops hashed into the lane's log and packed, and sends them one by
 * one.
 */
#include <stdlib.h>
#include <string.h>

#include <event2/bufferevent_ssl.h>

#include "proto/datum.h"
#include "proto/err.h"
#include "proto/frame.h"
#include "tests/bench/lane.h"

#define OPS_MAX 100u
#define OP_BYTES 1024u

struct push_parts {
	uint8_t headers[OPS_MAX][OP_BYTES], contents[OPS_MAX][OP_BYTES];
	struct bh_span header_spans[OPS_MAX], content_spans[OPS_MAX];
	uint8_t salts[OPS_MAX * BH_SALT_BYTES];
};

static int op_make(struct lane *lane, const struct lane_op *op, struct push_parts *parts, size_t i)
{
	struct bh_now now = lane->yard->clock.now(lane->yard->clock.context);
	struct bh_buf header = BH_BUF(OP_BYTES), content = BH_BUF(OP_BYTES);
	const struct bh_msg_op_header head = {.verb = op->verb,
		.captured_ms = op->captured_ms ? op->captured_ms : now.wall_ms,
		.boot_ms = now.wall_ms - now.mono_ms,
		.boot = LANE_BOOT,
		.author = lane->person,
		.type = op->type,
		.case_number = op->case_number,
		.cycle = op->cycle,
		.base_position = op->base_position};
	const struct bh_msg_op_content body = {.text = op->text,
		.has_place = op->has_place,
		.latitude_e7 = op->latitude_e7,
		.longitude_e7 = op->longitude_e7,
		.datum = op->has_place ? BH_DATUM_WGS84 : 0,
		.accuracy_dm = op->has_place ? 50 + (uint32_t)(lane->seq % 100) : 0};
	uint8_t commitment[BH_HASH_BYTES];
	int err = bh_op_encode_header(&head, &header);
	if (!err)
		err = bh_op_encode_content(&body, &content);
	if (!err)
		err = lane->yard->rng.fill(
			lane->yard->rng.context, parts->salts + i * BH_SALT_BYTES, BH_SALT_BYTES);
	if (!err) {
		memcpy(parts->headers[i], header.data, header.len);
		if (content.len > 0)
			memcpy(parts->contents[i], content.data, content.len);
		parts->header_spans[i] = bh_span(parts->headers[i], header.len);
		parts->content_spans[i] = bh_span(parts->contents[i], content.len);
		bh_op_commitment(lane->yard->hasher, parts->salts + i * BH_SALT_BYTES,
			parts->content_spans[i], commitment);
		bh_log_link(lane->yard->hasher, lane->link, ++lane->seq, parts->header_spans[i],
			commitment, lane->link);
	}
	bh_buf_free(&header);
	bh_buf_free(&content);
	return err;
}

int lane_push_make(struct lane *lane, const struct lane_op *ops, size_t count)
{
	struct push_parts *parts = malloc(sizeof(*parts));
	struct bh_buf raw = BH_BUF(BH_BATCH_BYTES_MAX * 2), packed = BH_BUF(BH_BATCH_BYTES_MAX * 2),
		      body = BH_BUF(BH_FRAME_BYTES_MAX);
	struct bh_client_frame frame = {.kind = BH_CLIENT_PUSH};
	enum bh_pack_scheme scheme;
	int err = parts && count <= OPS_MAX ? BH_NOERR : BH_ERR_NOMEM;
	frame.u.push.first_seq = lane->seq + 1;
	for (size_t i = 0; i < count && !err; i++)
		err = op_make(lane, &ops[i], parts, i);
	if (!err) {
		const struct bh_msg_batch batch = {
			parts->header_spans, count, parts->content_spans, count};
		err = bh_encode_batch(&batch, &raw);
	}
	if (!err)
		err = bh_pack(lane->yard->packer, bh_buf_span(&raw), &packed, &scheme);
	if (!err) {
		frame.u.push.salts = bh_span(parts->salts, count * BH_SALT_BYTES);
		frame.u.push.batch = (struct bh_msg_packed){
			(uint32_t)scheme, (uint32_t)raw.len, bh_buf_span(&packed)};
		err = bh_encode_client_frame(&frame, &body);
	}
	if (!err)
		err = bh_frame_put(&lane->ready, bh_buf_span(&body));
	bh_buf_free(&raw);
	bh_buf_free(&packed);
	bh_buf_free(&body);
	free(parts);
	return err;
}

bool lane_push_send(struct lane *lane)
{
	const uint8_t *at = lane->ready.data + lane->ready_at;
	if (lane->ready_at >= lane->ready.len || lane->state != LANE_LIVE)
		return false;
	size_t len = 4 + ((size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3]);
	if (bufferevent_write(lane->bev, at, len) != 0)
		lane_lose(lane, "a push could not be sent");
	lane->ready_at += len;
	if (lane->ready_at == lane->ready.len) {
		lane->ready_at = 0;
		lane->ready.len = 0;
	}
	return true;
}

void lane_bytes(struct lane *lane, uint64_t *in, uint64_t *out)
{
	SSL *ssl = bufferevent_openssl_get_ssl(lane->bev);
	*in = BIO_number_read(SSL_get_rbio(ssl));
	*out = BIO_number_written(SSL_get_wbio(ssl));
}
