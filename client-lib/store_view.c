/* What an application reads: cases (own reports and what was told, joined by number), ops, counts.
 */
#include "client-lib/store.h"

#include <string.h>

#include "proto/caseflow.h"
#include "proto/codec.h"
#include "proto/number.h"
#include "proto/verdict.h"

#define WAITING_ARENA_BYTES_MAX (1u << 16) /* one header */

/* An op's row as BH_SQL_OP gives it, its bytes copied into the arena. */
struct op_columns {
	struct bh_msg_op_header header;
	struct bh_span content;
	uint8_t id[16];
	uint64_t seq;
	uint64_t number;
	int64_t recorded_ms;
	uint32_t verdict; /* NONE: waiting */
	uint32_t code;
	uint32_t met_state;
	bool correctable;
	struct bh_span sentence;
	bool carried;
};

static uint64_t op_number(sqlite3_stmt *row, const struct op_columns *op, bool acked)
{
	uint64_t told = (uint64_t)sqlite3_column_int64(row, 11);
	uint32_t log_short = (uint32_t)sqlite3_column_int64(row, 14);

	if (op->header.verb != BH_VERB_SUBMIT)
		return op->header.case_number;
	if (told != 0)
		return told;
	/* Carried, it may yet turn out to have a number from before. */
	if (log_short == 0 || (op->header.has_origin && !acked))
		return 0;
	return bh_case_number(log_short, (uint32_t)op->seq);
}

static int op_identify(sqlite3_stmt *row, struct op_columns *op)
{
	uint8_t log_id[BH_LOG_ID_BYTES], link[BH_HASH_BYTES];
	const struct bh_msg_origin *origin = &op->header.origin;
	int rc = bh_column_bytes(row, 13, log_id, sizeof(log_id));

	if (rc == 0)
		rc = bh_column_bytes(row, 3, link, sizeof(link));
	if (rc != 0)
		return rc;
	if (op->header.has_origin)
		bh_op_id(op->header.captured_ms, origin->log_id.data, origin->seq,
			origin->link.data, op->id);
	else
		bh_op_id(op->header.captured_ms, log_id, op->seq, link, op->id);
	return 0;
}

static int op_columns(
	struct bh_local *local, sqlite3_stmt *row, struct bh_arena *arena, struct op_columns *op)
{
	int64_t key = sqlite3_column_int64(row, 0);
	struct bh_span header;
	int reason = 0;
	int rc = bh_arena_copy(arena, bh_column_borrow(row, 1), &header);

	if (rc == 0)
		rc = bh_op_decode_header(header, arena, &op->header, &reason);
	if (rc == 0)
		rc = bh_column_open(
			local, row, 2, bh_where(BH_SEALED_CONTENT, key), arena, &op->content);
	if (rc == 0)
		rc = bh_column_open(
			local, row, 8, bh_where(BH_SEALED_SENTENCE, key), arena, &op->sentence);
	if (rc != 0)
		return rc;
	op->seq = (uint64_t)key & BH_SEQ_MAX;
	bool acked = op->seq <= (uint64_t)sqlite3_column_int64(row, 15);

	op->recorded_ms = sqlite3_column_int64(row, 5);
	op->verdict = (uint32_t)sqlite3_column_int64(row, 6);
	if (op->verdict == BH_VERDICT_NONE && acked)
		op->verdict = BH_VERDICT_ACCEPTED;
	op->code = (uint32_t)sqlite3_column_int64(row, 7);
	op->correctable = sqlite3_column_int(row, 9) != 0;
	op->met_state = (uint32_t)sqlite3_column_int64(row, 10);
	op->carried = sqlite3_column_int(row, 12) != 0;
	op->number = op_number(row, op, acked);
	return op_identify(row, op);
}

static int op_read(
	struct bh_local *local, int64_t id, struct bh_arena *arena, struct op_columns *out)
{
	struct op_columns op = {0};
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_OP);

	bh_bind_int(row, 1, id);
	int rc = bh_store_row(local, row);

	if (rc != 0)
		return rc;
	rc = op_columns(local, row, arena, &op);
	sqlite3_reset(row);
	if (rc == 0)
		*out = op;
	return rc == BH_ERR_MALFORMED ? BH_ERR_CORRUPT : rc;
}

/* ---- One case ---------------------------------------------------------------------------- */

static int case_record(
	struct bh_local *local, uint64_t number, struct bh_arena *arena, struct bh_case_row *out)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_RECORD);
	struct bh_msg_records records;
	struct bh_span body;

	bh_bind_int(row, 1, (int64_t)number);
	int rc = number != 0 ? bh_store_row(local, row) : BH_ERR_NOT_FOUND;

	if (rc != 0)
		return rc == BH_ERR_NOT_FOUND ? 0 : rc;
	rc = bh_column_open(
		local, row, 1, bh_where(BH_SEALED_RECORD, (int64_t)number), arena, &body);
	sqlite3_reset(row);
	if (rc == 0)
		rc = bh_decode_records(body, arena, &records);
	if (rc == BH_ERR_MALFORMED || (rc == 0 && records.records_count != 1))
		return BH_ERR_CORRUPT;
	if (rc == 0) {
		out->known = true;
		out->record = records.records[0];
	}
	return rc;
}

/* When the server received the op of this key; *out stays where no receipt covers it. */
static int op_acked_ms(struct bh_local *local, int64_t key, int64_t *out)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_ACK_OF);

	bh_bind_int(row, 1, key);
	bh_bind_int(row, 2, key | BH_SEQ_MAX);
	int rc = bh_store_row(local, row);

	if (rc == 0)
		*out = sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

/* The answer to a report brings its dispatch clock's due time (domain.md, row 1). */
static int case_received(
	struct bh_local *local, int64_t id, struct bh_arena *arena, struct bh_case_row *out)
{
	struct bh_msg_district district;
	int rc = op_acked_ms(local, id, &out->acked_ms);

	if (rc == 0 && out->acked_ms != 0)
		rc = bh_local_district_read(local, arena, &district);
	else
		return rc;
	if (rc == 0 && district.dispatch_limit_s != 0)
		out->dispatch_due_ms = out->acked_ms + (int64_t)district.dispatch_limit_s * 1000;
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

static int case_own(
	struct bh_local *local, int64_t id, struct bh_arena *arena, struct bh_case_row *out)
{
	struct op_columns op;
	int reason = 0;
	int rc = op_read(local, id, arena, &op);

	if (rc == 0)
		rc = bh_op_decode_content(op.content, arena, &out->content, &reason);
	if (rc != 0)
		return rc == BH_ERR_MALFORMED || rc == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : rc;
	out->own = true;
	out->header = op.header;
	memcpy(out->id, op.id, sizeof(out->id));
	out->verdict = op.verdict;
	out->correctable = op.correctable;
	out->sentence = op.sentence;
	out->key.number = op.number;
	out->waiting = op.verdict == BH_VERDICT_NONE ? 1 : 0;
	return 0;
}

static int case_waiting(struct bh_local *local, struct bh_case_row *out)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_OP_WAITING_ON);

	bh_bind_int(row, 1, (int64_t)out->key.number);
	int rc = out->key.number != 0 ? bh_store_row(local, row) : BH_ERR_NOT_FOUND;
	if (rc == 0)
		out->waiting += (uint32_t)sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

int bh_local_case(struct bh_local *local, struct bh_case_key key, struct bh_arena *arena,
	struct bh_case_row *out)
{
	struct bh_case_row found = {.key = key};
	int rc = bh_store_ready(local);

	if (rc == 0 && key.op == 0) {
		rc = bh_store_own_op(local, key.number, &found.key.op);
		rc = rc == BH_ERR_NOT_FOUND ? 0 : rc;
	}
	if (rc == 0 && found.key.op != 0)
		rc = case_own(local, found.key.op, arena, &found);
	if (rc == 0)
		rc = case_record(local, found.key.number, arena, &found);
	if (rc == 0 && !found.own && !found.known)
		rc = BH_ERR_NOT_FOUND;
	if (rc == 0 && found.own && !found.known && found.verdict == BH_VERDICT_ACCEPTED)
		rc = case_received(local, found.key.op, arena, &found);
	if (rc == 0)
		rc = case_waiting(local, &found);
	if (rc == 0)
		*out = found;
	return rc;
}

static int waiting_read(sqlite3_stmt *row, struct bh_arena *arena, struct bh_waiting_act *out)
{
	const struct bh_span header = bh_span(
		sqlite3_column_blob(row, 1), (size_t)sqlite3_column_bytes(row, 1));
	struct bh_msg_op_header read;
	int reason = 0;
	bh_arena_reset(arena);
	int rc = bh_op_decode_header(header, arena, &read, &reason);

	*out = (struct bh_waiting_act){
		.verb = (uint32_t)sqlite3_column_int64(row, 0), .task = rc == 0 ? read.task : 0};
	return rc;
}

int bh_local_waiting(struct bh_local *local, uint64_t number, struct bh_waiting_act *acts,
	size_t max, size_t *count)
{
	struct bh_arena arena = BH_ARENA(WAITING_ARENA_BYTES_MAX);
	size_t n = 0;
	int rc = bh_store_ready(local);

	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_OP_WAITING_VERBS);

	bh_bind_int(row, 1, (int64_t)number);
	while ((rc = bh_store_row(local, row)) == 0 && n < max &&
		(rc = waiting_read(row, &arena, &acts[n])) == 0)
		n++;
	sqlite3_reset(row);
	bh_arena_free(&arena);
	if (rc != 0 && rc != BH_ERR_NOT_FOUND)
		return rc;
	*count = n;
	return 0;
}

int bh_local_receipts(
	struct bh_local *local, uint64_t number, uint32_t cycle, bool *delivered, bool *seen)
{
	int rc = bh_store_ready(local);

	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_RECEIPT);

	bh_bind_int(row, 1, (int64_t)number);
	bh_bind_int(row, 2, cycle);
	rc = bh_store_row(local, row);
	if (rc != 0 && rc != BH_ERR_NOT_FOUND)
		return rc;
	*delivered = rc == 0;
	*seen = rc == 0 && sqlite3_column_int(row, 0) != 0;
	sqlite3_reset(row);
	return 0;
}

/* ---- Ops --------------------------------------------------------------------------------- */

int bh_local_op_below(struct bh_local *local, uint64_t seq, enum bh_ops_which which,
	struct bh_arena *arena, struct bh_op_row *out)
{
	struct op_columns op;
	struct bh_log log;
	int64_t acked_ms = 0;
	int rc = bh_local_log(local, &log);

	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_OP_BELOW);

	bh_bind_int(row, 1, bh_op_key(log.row, which == BH_WHICH_WAITING ? log.acked_seq : 0));
	bh_bind_int(row, 2, bh_op_key(log.row, seq == 0 || seq > BH_SEQ_MAX ? BH_SEQ_MAX : seq));
	bh_bind_int(row, 3, which == BH_WHICH_REFUSED);
	rc = bh_store_row(local, row);
	if (rc != 0)
		return rc;
	int64_t id = sqlite3_column_int64(row, 0);

	sqlite3_reset(row);
	rc = op_read(local, id, arena, &op);
	if (rc == 0 && op.seq <= log.acked_seq)
		rc = op_acked_ms(local, id, &acked_ms);
	if (rc != 0)
		return rc == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : rc;
	*out = (struct bh_op_row){.seq = op.seq,
		.number = op.number,
		.header = op.header,
		.recorded_ms = op.recorded_ms,
		.acked_ms = acked_ms,
		.verdict = op.verdict,
		.code = op.code,
		.met_state = op.met_state,
		.correctable = op.correctable,
		.sentence = op.sentence};
	memcpy(out->id, op.id, sizeof(out->id));
	return 0;
}

static int count_of(struct bh_local *local, enum bh_sql which, uint64_t *out)
{
	sqlite3_stmt *row = bh_store_sql(local, which);
	int rc = bh_store_row(local, row);

	if (rc != 0)
		return rc;
	*out = (uint64_t)sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	return 0;
}

int bh_local_tally(struct bh_local *local, struct bh_tally *out)
{
	struct bh_tally tally = {0};
	int rc = bh_store_ready(local);

	if (rc == 0)
		rc = count_of(local, BH_SQL_REFUSED, &tally.refused_ops);
	if (rc == 0)
		rc = count_of(local, BH_SQL_UNSEEN, &tally.unseen_closures);
	if (rc == 0)
		*out = tally;
	return rc;
}
