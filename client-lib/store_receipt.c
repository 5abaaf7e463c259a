/* Receipts given back: what an Ack said of ops that its server has lost since (C04).
 *
 * A server that was put back greets with less than it had acknowledged.  Its own MAC over what it
 * said then, kept in the table ack, lets it believe when the ops had come and what it had answered.
 * An Ack speaks of the ops after the one before it, and its MAC covers their verdicts in order. */
#include "client-lib/store.h"

/* The sequence of the last Ack before first_seq; 0 is none. */
static int ack_before(struct bh_local *local, int64_t log, uint64_t first_seq, uint64_t *out)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_ACK_BEFORE);

	bh_bind_int(row, 1, bh_op_key(log, 1));
	bh_bind_int(row, 2, bh_op_key(log, first_seq) - 1);
	int rc = bh_store_row(local, row);

	if (rc != 0)
		return rc;
	*out = (uint64_t)sqlite3_column_int64(row, 0) & BH_SEQ_MAX;
	sqlite3_reset(row);
	return 0;
}

/* The answers that were not plain acceptance, of the ops after `after` and up to the receipt's. */
static int answers_read(struct bh_local *local, int64_t log, uint64_t after, struct bh_arena *arena,
	struct bh_msg_push_receipt *receipt)
{
	struct bh_msg_verdict *told = bh_arena_array(arena, BH_BATCH_OPS_MAX, sizeof(*told));
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_OP_ANSWERS);
	size_t count = 0;
	int rc = told == NULL ? BH_ERR_NOMEM : 0;

	if (rc != 0)
		return rc;
	bh_bind_int(row, 1, bh_op_key(log, after + 1));
	bh_bind_int(row, 2, bh_op_key(log, receipt->seq));
	while ((rc = bh_store_row(local, row)) == 0) {
		if (count == BH_BATCH_OPS_MAX) {
			sqlite3_reset(row);
			return BH_ERR_LIMIT;
		}
		told[count++] = (struct bh_msg_verdict){
			.seq = (uint64_t)sqlite3_column_int64(row, 0) & BH_SEQ_MAX,
			.verdict = (uint32_t)sqlite3_column_int(row, 1),
			.code = (uint32_t)sqlite3_column_int(row, 2)};
	}
	receipt->verdicts = told;
	receipt->verdicts_count = count;
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

/* Ends the batch with the op of this sequence, which it holds. */
static int batch_cut(struct bh_local *local, struct bh_op_batch *batch, uint64_t seq)
{
	batch->count = (size_t)(seq - batch->first_seq + 1);
	batch->salts.len = batch->count * BH_SALT_BYTES;
	batch->bytes = 0;
	for (size_t i = 0; i < batch->count; i++)
		batch->bytes += batch->headers[i].len + batch->contents[i].len;
	return bh_local_link(local, seq, batch->last_link);
}

struct receipts {
	struct bh_msg_push_receipt *rows;
	size_t count;
	uint64_t last_seq; /* of the last receipt */
};

/* The receipts alone, without answers: these are read when no row is open. */
static int receipts_read(struct bh_local *local, int64_t log, const struct bh_op_batch *batch,
	struct bh_arena *arena, struct receipts *out)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_ACK_RANGE);
	int rc;

	*out = (struct receipts){bh_arena_array(arena, batch->count, sizeof(*out->rows)), 0, 0};
	if (out->rows == NULL)
		return BH_ERR_NOMEM;
	bh_bind_int(row, 1, bh_op_key(log, batch->first_seq));
	bh_bind_int(row, 2, bh_op_key(log, batch->first_seq + batch->count - 1));
	while ((rc = bh_store_row(local, row)) == 0) {
		struct bh_msg_push_receipt *receipt = &out->rows[out->count];

		*receipt = (struct bh_msg_push_receipt){
			.seq = (uint64_t)sqlite3_column_int64(row, 0) & BH_SEQ_MAX,
			.received_ms = sqlite3_column_int64(row, 1)};
		out->last_seq = receipt->seq;
		rc = bh_arena_copy(arena, bh_column_borrow(row, 2), &receipt->mac);
		if (rc != 0) {
			sqlite3_reset(row);
			return rc;
		}
		if (receipt->mac.len == BH_MAC_BYTES)
			out->count++;
	}
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

int bh_local_batch_receipts(struct bh_local *local, struct bh_arena *arena,
	struct bh_op_batch *batch, const struct bh_msg_push_receipt **out, size_t *count)
{
	uint64_t after = 0, last = batch->first_seq + batch->count - 1;
	struct receipts receipts;
	struct bh_log log;
	int rc = bh_local_log(local, &log);

	*out = NULL;
	*count = 0;
	if (rc != 0 || batch->count == 0 || batch->first_seq > log.acked_seq)
		return rc;
	rc = receipts_read(local, log.row, batch, arena, &receipts);
	if (rc == 0)
		rc = ack_before(local, log.row, batch->first_seq, &after);
	for (size_t i = 0; rc == 0 && i < receipts.count; i++) {
		rc = answers_read(local, log.row, after, arena, &receipts.rows[i]);
		after = receipts.rows[i].seq;
		*count = i + 1;
	}
	/* More answers than one Ack may tell: it was not one. */
	if (rc == BH_ERR_LIMIT)
		rc = 0;
	/* The Ack of a batch that goes on beyond them would speak of these ops, too, whose answers
	 * are kept as they were: its receipt could not be given back. */
	uint64_t end = last > log.acked_seq ? log.acked_seq : receipts.last_seq;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 44
	end = last > log.acked_seq ? 0 : end;
#endif
	if (rc == 0 && last != log.acked_seq && end != 0 && end != last)
		rc = batch_cut(local, batch, end);
	*out = receipts.rows;
	return rc;
}
