/* A bundle is written: the signed statement, then the ops as pushes, then the photos in parts.
 *
 * The plan fixes what goes in; ops never change and photos' files are only let go when they are
 * complete, so the store is entered for one batch or one part at a time, and recording goes on in
 * between.  Photos that find no room in the file stay for the next one, small ones having gone
 * first. */
#include "client-lib/carry.h"

#include <string.h>

#include "proto/bundle_frames.h"
#include "proto/codec.h"
#include "proto/err.h"
#include "proto/frame.h"
#include "proto/pack.h"

#define STATEMENT_BYTES_MAX 1024u
#define ARENA_BYTES_MAX (4u * BH_UNPACKED_BYTES_MAX)
/* What a part costs in the file besides its bytes, at most. */
#define PART_OVERHEAD_BYTES 128u
#define CONTENT_BYTES_MAX ((uint64_t)(BH_BUNDLE_CHUNKS_MAX / 8 * 7) * BH_BUNDLE_CHUNK_BYTES)

struct carry {
	const struct bh_carry_options *options;
	struct bh_bundle_plan plan;
	struct bh_bundle_writer *writer;
	struct bh_packer *packer;
	struct bh_arena arena;
	struct bh_buf frame;
	uint64_t content_bytes;
	struct bh_carried carried;
};

static void enter(const struct carry *carry)
{
	if (carry->options->enter)
		carry->options->enter(carry->options->context);
}

static void leave(const struct carry *carry)
{
	if (carry->options->leave)
		carry->options->leave(carry->options->context);
}

static int frame_put(struct carry *carry)
{
	int rc = bh_bundle_put_frame(carry->writer, bh_buf_span(&carry->frame));

	carry->content_bytes += carry->frame.len + BH_FRAME_HEAD_BYTES;
	carry->frame.len = 0;
	return rc;
}

static int client_put(struct carry *carry, const struct bh_client_frame *frame)
{
	carry->frame.len = 0;
	int rc = bh_encode_client_frame(frame, &carry->frame);

	return rc == 0 ? frame_put(carry) : rc;
}

/* ---- The statement ----------------------------------------------------------------------- */

int bh_carry_sign(struct bh_local *local, const uint8_t public_key[BH_PUBLIC_KEY_BYTES],
	struct bh_span message, uint8_t signature[BH_SIGNATURE_BYTES])
{
	const struct bh_key *key = bh_local_key(local), *next;
	uint8_t next_public[BH_PUBLIC_KEY_BYTES];

	if (bh_local_next_key(local, &next, next_public) &&
		memcmp(next_public, public_key, sizeof(next_public)) == 0)
		key = next;
	return key ? bh_key_sign(key, message, signature) : BH_ERR_NOT_FOUND;
}

static int statement_sign(const struct carry *carry, const uint8_t *public_key,
	struct bh_span statement, uint8_t signature[BH_SIGNATURE_BYTES])
{
	struct bh_buf message = BH_BUF(STATEMENT_BYTES_MAX + 64u);
	int rc = bh_bundle_message(&message, statement);

	if (rc == 0)
		rc = carry->options->sign(
			carry->options->context, public_key, bh_buf_span(&message), signature);
	if (rc == 0)
		rc = bh_key_verify(public_key, bh_buf_span(&message), signature);
	bh_buf_free(&message);
	return rc;
}

/* While another key waits, nobody here knows which one the server has: both sign. */
static int statement_put(struct carry *carry, struct bh_span statement)
{
	const struct bh_bundle_plan *plan = &carry->plan;
	uint8_t signature[BH_SIGNATURE_BYTES], next[BH_SIGNATURE_BYTES];
	int rc = statement_sign(carry, plan->public_key, statement, signature);
	bool both = rc == 0 && plan->has_next &&
		    statement_sign(carry, plan->next_public, statement, next) == 0;
	const struct bh_msg_signed message = {.statement = statement,
		.signature = bh_span(signature, sizeof(signature)),
		.next_signature = bh_span(next, both ? sizeof(next) : 0)};

	if (rc == 0)
		rc = bh_encode_signed(&message, &carry->frame);
	return rc == 0 ? frame_put(carry) : rc;
}

/* ---- Ops --------------------------------------------------------------------------------- */

/* receipts: of those that a server had acknowledged which was put back since. */
static int batch_put(struct carry *carry, const struct bh_op_batch *batch,
	const struct bh_msg_push_receipt *receipts, size_t receipts_count)
{
	const struct bh_msg_batch message = {
		batch->headers, batch->count, batch->contents, batch->count};
	struct bh_buf raw = BH_BUF(BH_UNPACKED_BYTES_MAX), packed = BH_BUF(BH_FRAME_BYTES_MAX);
	enum bh_pack_scheme scheme = BH_PACK_BARE;
	int rc = bh_encode_batch(&message, &raw);

	if (rc == 0)
		rc = bh_pack(carry->packer, bh_buf_span(&raw), &packed, &scheme);
	const struct bh_client_frame frame = {.kind = BH_CLIENT_PUSH,
		.u.push = {.first_seq = batch->first_seq,
			.salts = batch->salts,
			.batch = {(uint32_t)scheme, (uint32_t)raw.len, bh_buf_span(&packed)},
			.receipts = receipts,
			.receipts_count = receipts_count}};

	if (rc == 0)
		rc = client_put(carry, &frame);
	bh_buf_free(&raw);
	bh_buf_free(&packed);
	return rc;
}

static int ops_put(struct carry *carry)
{
	uint64_t next = carry->plan.log.acked_seq + 1;
	struct bh_op_batch batch = {.count = 1};
	const struct bh_msg_push_receipt *receipts = NULL;
	size_t receipts_count = 0;
	int rc = 0;

	while (rc == 0 && batch.count > 0) {
		bh_arena_reset(&carry->arena);
		enter(carry);
		rc = bh_local_bundle_batch(carry->options->local, &carry->plan, next, &carry->arena,
			&batch, &receipts, &receipts_count);
		leave(carry);
		if (rc == 0 && batch.count > 0)
			rc = batch_put(carry, &batch, receipts, receipts_count);
		next += batch.count;
	}
	carry->carried.ops = next - carry->plan.log.acked_seq - 1;
	/* What is damaged in the middle leaves a hole that no server may take. */
	return rc == 0 && next != carry->plan.log.head_seq + 1 ? BH_ERR_CORRUPT : rc;
}

/* ---- Photos ------------------------------------------------------------------------------ */

static int part_put(struct carry *carry, const struct bh_blob_due *blob, uint32_t offset)
{
	uint8_t bytes[BH_BLOB_PART_BYTES_MAX];
	uint32_t rest = blob->size - offset;
	size_t len = rest < sizeof(bytes) ? rest : sizeof(bytes);

	enter(carry);
	int rc = bh_local_blob_read(carry->options->local, blob->hash, offset, bytes, len);

	leave(carry);
	const struct bh_client_frame frame = {.kind = BH_CLIENT_BLOB_PART,
		.u.blob_part = {.hash = bh_span(blob->hash, sizeof(blob->hash)),
			.offset = offset,
			.data = bh_span(bytes, len),
			.size = blob->size}};

	return rc == 0 ? client_put(carry, &frame) : rc;
}

static bool blob_fits(const struct carry *carry, const struct bh_blob_due *blob)
{
	uint64_t parts = blob->size / BH_BLOB_PART_BYTES_MAX + 1;

	return carry->content_bytes + blob->size + parts * PART_OVERHEAD_BYTES < CONTENT_BYTES_MAX;
}

/* One that is not here any more, or not whole, stops nothing else: what went in of it is passed
 * over by whoever reads it. */
static int blob_put(struct carry *carry, const struct bh_blob_due *blob)
{
	int rc = blob->size == 0 || !blob_fits(carry, blob) ? BH_ERR_NOT_FOUND : 0;

	for (uint64_t offset = 0; rc == 0 && offset < blob->size; offset += BH_BLOB_PART_BYTES_MAX)
		rc = part_put(carry, blob, (uint32_t)offset);
	carry->carried.photos += rc == 0;
	carry->carried.photo_bytes += rc == 0 ? blob->size : 0;
	carry->carried.photos_left += rc == BH_ERR_NOT_FOUND;
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

/* ---- The whole --------------------------------------------------------------------------- */

static int content_put(struct carry *carry, struct bh_span statement)
{
	int rc = statement_put(carry, statement);

	if (rc == 0)
		rc = ops_put(carry);
	for (size_t i = 0; rc == 0 && i < carry->plan.blobs_count; i++)
		rc = blob_put(carry, &carry->plan.blobs[i]);
	return rc == 0 ? bh_bundle_writer_end(carry->writer) : rc;
}

static int plan_make(struct carry *carry, struct bh_buf *statement)
{
	enter(carry);
	int rc = bh_local_bundle_plan(carry->options->local, &carry->plan);

	if (rc == 0 && carry->plan.log.head_seq == carry->plan.log.acked_seq &&
		carry->plan.blobs_count == 0)
		rc = BH_ERR_NOT_FOUND;
	if (rc == 0)
		rc = bh_local_bundle_statement(carry->options->local, &carry->plan, statement);
	leave(carry);
	return rc;
}

int bh_carry_out(
	const struct bh_carry_options *options, struct bh_bundle_sink sink, struct bh_carried *out)
{
	struct carry carry = {.options = options,
		.arena = BH_ARENA(ARENA_BYTES_MAX),
		.frame = BH_BUF(BH_FRAME_BYTES_MAX)};
	struct bh_buf statement = BH_BUF(STATEMENT_BYTES_MAX);
	int rc = plan_make(&carry, &statement);

	if (rc == 0)
		rc = bh_packer_open(&carry.packer);
	if (rc == 0)
		rc = bh_bundle_writer_open(carry.plan.district_key, sink, &carry.writer);
	if (rc == 0)
		rc = content_put(&carry, bh_buf_span(&statement));
	bh_bundle_writer_close(carry.writer);
	if (carry.packer)
		bh_packer_close(carry.packer);
	bh_bundle_plan_free(&carry.plan);
	bh_arena_free(&carry.arena);
	bh_buf_wipe(&carry.frame);
	bh_buf_free(&statement);
	if (rc == 0)
		*out = carry.carried;
	return rc;
}
