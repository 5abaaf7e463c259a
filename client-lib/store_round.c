/* Patrol rounds: an open one is a row among the drafts, under a key that no author and no cargo
 * has, until its summary is an op.
 *
 * The row goes in the transaction in which the op comes: a crash leaves either, and never both. */
#include "client-lib/local_round.h"

#include <string.h>

#include "client-lib/store.h"
#include "proto/caseflow.h"
#include "proto/codec.h"

#define OPAQUE 0x01u /* as a draft's first byte (store_author.c) */
#define BODY_BYTES_MAX (32u + BH_CHECKPOINTS_MAX * (1u + BH_ROUND_REASON_BYTES_MAX))
#define KEYS_BELOW INT64_C(-1000) /* cargo's lie above */

static int64_t row_key(uint32_t plan)
{
	return KEYS_BELOW - (int64_t)plan;
}

/* ---- The open one ------------------------------------------------------------------------ */

static int round_encode(const struct bh_round *round, struct bh_buf *out)
{
	int rc = bh_put_u8(out, OPAQUE);

	if (rc == 0)
		rc = bh_put_i64(out, round->started_ms);
	if (rc == 0)
		rc = bh_put_u64(out, round->done);
	if (rc == 0)
		rc = bh_put_u64(out, round->skipped);
	for (unsigned i = 0; rc == 0 && i < BH_CHECKPOINTS_MAX; i++) {
		if ((round->skipped >> i & 1) == 0)
			continue;
		rc = bh_put_u8(out, round->reasons[i].len);
		if (rc == 0)
			rc = bh_buf_append(out, round->reasons[i].text, round->reasons[i].len);
	}
	return rc;
}

static int round_decode(struct bh_span body, struct bh_round *out)
{
	struct bh_reader reader = bh_reader(body);
	bool fits = bh_get_u8(&reader) == OPAQUE;

	*out = (struct bh_round){.started_ms = bh_get_i64(&reader)};
	out->done = bh_get_u64(&reader);
	out->skipped = bh_get_u64(&reader);
	for (unsigned i = 0; i < BH_CHECKPOINTS_MAX; i++) {
		if ((out->skipped >> i & 1) == 0)
			continue;
		size_t len = bh_get_u8(&reader);
		struct bh_span text = bh_get_bytes(&reader, len);

		if (reader.bad || len > BH_ROUND_REASON_BYTES_MAX)
			return BH_ERR_CORRUPT;
		out->reasons[i].len = (uint8_t)len;
		if (len > 0)
			memcpy(out->reasons[i].text, text.data, len);
	}
	return fits && bh_reader_done(&reader) && (out->done & out->skipped) == 0 ? 0
										  : BH_ERR_CORRUPT;
}

int bh_local_round_get(struct bh_local *local, uint32_t plan, struct bh_round *out)
{
	uint8_t body[BODY_BYTES_MAX];
	size_t len = 0;
	int rc = bh_store_ready(local);

	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_DRAFT);

	bh_bind_int(row, 1, row_key(plan));
	rc = bh_store_row(local, row);
	if (rc != 0)
		return rc;
	rc = bh_column_open_into(
		local, row, 0, bh_where(BH_SEALED_DRAFT, row_key(plan)), body, sizeof(body), &len);
	sqlite3_reset(row);
	return rc == 0 ? round_decode(bh_span(body, len), out) : rc;
}

static int round_drop(struct bh_local *local, uint32_t plan)
{
	sqlite3_stmt *drop = bh_store_sql(local, BH_SQL_DRAFT_DROP);

	bh_bind_int(drop, 1, row_key(plan));
	return bh_store_run(local, drop);
}

static int round_set(struct bh_local *local, uint32_t plan, struct bh_span body)
{
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_DRAFT_SET);
	int rc;

	bh_bind_int(set, 1, row_key(plan));
	rc = bh_bind_sealed(local, set, 2, bh_where(BH_SEALED_DRAFT, row_key(plan)), body);
	return rc == 0 ? bh_store_run(local, set) : rc;
}

int bh_local_round_put(struct bh_local *local, uint32_t plan, const struct bh_round *round)
{
	struct bh_buf body = BH_BUF(BODY_BYTES_MAX);
	int rc = round_encode(round, &body);

	if (rc == 0)
		rc = bh_store_begin(local);
	if (rc == 0)
		rc = bh_store_end(local, round_set(local, plan, bh_buf_span(&body)));
	bh_buf_free(&body);
	return rc;
}

int bh_local_round_drop(struct bh_local *local, uint32_t plan)
{
	int rc = bh_store_begin(local);

	return rc == 0 ? bh_store_end(local, round_drop(local, plan)) : rc;
}

/* ---- Finished ---------------------------------------------------------------------------- */

static int finish(struct bh_local *local, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content, struct bh_now now, struct bh_op_ref *out)
{
	int rc = bh_store_record(local, header, content, now, out);

	return rc == 0 ? round_drop(local, header->round.plan) : rc;
}

int bh_local_round_finish(struct bh_local *local, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content, struct bh_now now, struct bh_op_ref *out)
{
	struct bh_op_ref ref;
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	rc = bh_store_end(local, finish(local, header, content, now, &ref));
	if (rc == BH_ERR_UNKNOWN)
		rc = bh_store_resolve(local, &ref);
	if (rc == 0)
		*out = ref;
	return rc;
}

int bh_local_rounds_since(
	struct bh_local *local, int64_t since_ms, uint32_t *plans, size_t max, size_t *count)
{
	struct bh_arena arena = BH_ARENA(BH_DECODE_HEAP_BASE + 16 * BH_OP_HEADER_BYTES_MAX);
	size_t found = 0;
	int rc = bh_store_ready(local);

	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_OP_SINCE);

	bh_bind_int(row, 1, BH_VERB_PATROL);
	while (found < max && (rc = bh_store_row(local, row)) == 0 &&
		sqlite3_column_int64(row, 0) >= since_ms) {
		struct bh_msg_op_header header;
		int reason = 0;

		bh_arena_reset(&arena);
		if (sqlite3_column_type(row, 1) != SQLITE_NULL &&
			bh_op_decode_header(bh_column_borrow(row, 1), &arena, &header, &reason) ==
				0)
			plans[found++] = header.round.plan;
	}
	sqlite3_reset(row);
	bh_arena_free(&arena);
	if (rc == 0 || rc == BH_ERR_NOT_FOUND)
		*count = found;
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}
