/* Arbitrary bytes as each message: what decodes encodes, and that decodes and encodes to the same
 * bytes again.  The first byte chooses the message. */
#include "proto/codec.h"
#include "proto/err.h"
#include "proto/limits.h"
#include "proto/message_dispute.h"
#include "tests/fuzz/fuzz.h"

#define ARENA_MAX (16u << 20)
#define OUT_MAX (4u << 20)

/* Decodes raw and, where that succeeds, encodes the result: 1, or 0 for refused, or for nothing to
 * encode. */
typedef int rewrite(struct bh_span raw, struct bh_arena *arena, struct bh_buf *out);

static int accepted(int err)
{
	bh_assert(err == 0 || err == BH_ERR_MALFORMED || err == BH_ERR_LIMIT);
	return err == 0;
}

static int written(int err)
{
	bh_assert(err == 0);
	return 1;
}

static int rewrite_client(struct bh_span raw, struct bh_arena *arena, struct bh_buf *out)
{
	struct bh_client_frame frame;
	if (!accepted(bh_decode_client_frame(raw, arena, &frame)) ||
		frame.kind == BH_CLIENT_UNKNOWN)
		return 0;
	return written(bh_encode_client_frame(&frame, out));
}

static int rewrite_server(struct bh_span raw, struct bh_arena *arena, struct bh_buf *out)
{
	struct bh_server_frame frame;
	if (!accepted(bh_decode_server_frame(raw, arena, &frame)) ||
		frame.kind == BH_SERVER_UNKNOWN)
		return 0;
	return written(bh_encode_server_frame(&frame, out));
}

static int rewrite_batch(struct bh_span raw, struct bh_arena *arena, struct bh_buf *out)
{
	struct bh_msg_batch batch;
	return accepted(bh_decode_batch(raw, arena, &batch)) &&
	       written(bh_encode_batch(&batch, out));
}

static int rewrite_records(struct bh_span raw, struct bh_arena *arena, struct bh_buf *out)
{
	struct bh_msg_records records;
	return accepted(bh_decode_records(raw, arena, &records)) &&
	       written(bh_encode_records(&records, out));
}

static int rewrite_profile(struct bh_span raw, struct bh_arena *arena, struct bh_buf *out)
{
	struct bh_msg_profile profile;
	return accepted(bh_decode_profile(raw, arena, &profile)) &&
	       written(bh_encode_profile(&profile, out));
}

static int rewrite_receipt(struct bh_span raw, struct bh_arena *arena, struct bh_buf *out)
{
	struct bh_msg_enrolment_receipt receipt;
	return accepted(bh_decode_receipt(raw, arena, &receipt)) &&
	       written(bh_encode_receipt(&receipt, out));
}

static int rewrite_header(struct bh_span raw, struct bh_arena *arena, struct bh_buf *out)
{
	struct bh_msg_op_header header;
	int reason;
	return accepted(bh_op_decode_header(raw, arena, &header, &reason)) &&
	       written(bh_op_encode_header(&header, out));
}

static int rewrite_content(struct bh_span raw, struct bh_arena *arena, struct bh_buf *out)
{
	struct bh_msg_op_content content;
	int reason;
	return accepted(bh_op_decode_content(raw, arena, &content, &reason)) &&
	       written(bh_op_encode_content(&content, out));
}

static int rewrite_signed(struct bh_span raw, struct bh_arena *arena, struct bh_buf *out)
{
	struct bh_msg_signed message;
	return accepted(bh_decode_signed(raw, arena, &message)) &&
	       written(bh_encode_signed(&message, out));
}

static int rewrite_statement(struct bh_span raw, struct bh_arena *arena, struct bh_buf *out)
{
	struct bh_msg_bundle_statement statement;
	return accepted(bh_decode_bundle_statement(raw, arena, &statement)) &&
	       written(bh_encode_bundle_statement(&statement, out));
}

static int rewrite_answer(struct bh_span raw, struct bh_arena *arena, struct bh_buf *out)
{
	struct bh_msg_bundle_answer answer;
	return accepted(bh_decode_bundle_answer(raw, arena, &answer)) &&
	       written(bh_encode_bundle_answer(&answer, out));
}

static int rewrite_dispute(struct bh_span raw, struct bh_arena *arena, struct bh_buf *out)
{
	struct bh_msg_dispute_content content;
	return accepted(bh_decode_dispute_content(raw, arena, &content)) &&
	       written(bh_encode_dispute_content(&content, out));
}

static rewrite *const rewrites[] = {rewrite_client, rewrite_server, rewrite_batch, rewrite_records,
	rewrite_profile, rewrite_receipt, rewrite_header, rewrite_content, rewrite_signed,
	rewrite_statement, rewrite_answer, rewrite_dispute};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bh_arena arena = BH_ARENA(ARENA_MAX);
	struct bh_buf first = BH_BUF(OUT_MAX), second = BH_BUF(OUT_MAX);
	if (len == 0)
		return 0;
	rewrite *one = rewrites[data[0] % (sizeof(rewrites) / sizeof(rewrites[0]))];
	struct bh_span raw = bh_span(data + 1, len - 1);
	if (one(raw, &arena, &first)) {
		/* A shorter input may allocate less: what was padded by unknown fields may not be.
		 */
		if (one(bh_buf_span(&first), &arena, &second))
			bh_assert(bh_span_equal(bh_buf_span(&first), bh_buf_span(&second)));
		else
			bh_assert(first.len < raw.len);
	}
	bh_buf_free(&first);
	bh_buf_free(&second);
	bh_arena_free(&arena);
	return 0;
}
