/* What the server tells: records, departures and cursors, all in the one transaction that makes
 * them true.
 *
 * A record is kept whole and encoded; one that is older than what is held changes nothing, so the
 * same delta twice is the same as once.  A closure of our own report that has no receipt yet gets
 * one row in `receipt` and one DELIVERED op in the log, here and nowhere else, which makes it
 * exactly once whatever arrives how often.  A server that was put back (C04) may end a cycle once
 * more, otherwise: then the closure that was held is not told again, and its receipt is none of the
 * new one's. */
#include "client-lib/store.h"

#include "proto/caseflow.h"
#include "proto/codec.h"

/* The top byte of a scope says its kind: 1 is "the reports of this person". */
#define BH_SCOPE_KIND_OWN 1u

static bool record_is_own(const struct bh_msg_record *record, uint32_t person)
{
	for (size_t i = 0; i < record->scopes_count; i++)
		if (record->scopes[i] == ((uint64_t)BH_SCOPE_KIND_OWN << 56 | person))
			return true;
	return false;
}

/* Told before the server's history began anew? */
static int record_is_marked(struct bh_local *local, uint64_t number, bool *marked)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_SCOPE_ANY);

	bh_bind_int(row, 1, (int64_t)number);
	int rc = bh_store_row(local, row);

	*marked = rc == 0;
	sqlite3_reset(row);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

/* True when what is held is newer, in the same telling: after a history that began anew a lower
 * position is no older. */
static int record_is_old(struct bh_local *local, const struct bh_msg_record *record, bool *old)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_RECORD);

	bh_bind_int(row, 1, (int64_t)record->case_number);
	int rc = bh_store_row(local, row);

	*old = false;
	if (rc != 0)
		return rc == BH_ERR_NOT_FOUND ? 0 : rc;
	*old = (uint64_t)sqlite3_column_int64(row, 0) > record->position;
	sqlite3_reset(row);
	if (!*old)
		return 0;
	bool marked = false;

	rc = record_is_marked(local, record->case_number, &marked);
	*old = !marked;
	return rc;
}

static int record_put(struct bh_local *local, const struct bh_msg_record *record)
{
	const struct bh_msg_records one = {.records = record, .records_count = 1};
	struct bh_buf body = BH_BUF(BH_UNPACKED_BYTES_MAX);
	int rc = bh_encode_records(&one, &body);

	if (rc == 0) {
		sqlite3_stmt *set = bh_store_sql(local, BH_SQL_RECORD_SET);

		bh_bind_int(set, 1, (int64_t)record->case_number);
		bh_bind_int(set, 2, (int64_t)record->position);
		bh_bind_int(set, 3, record->received_ms);
		rc = bh_bind_sealed(local, set, 4,
			bh_where(BH_SEALED_RECORD, (int64_t)record->case_number),
			bh_buf_span(&body));
		if (rc == 0)
			rc = bh_store_run(local, set);
	}
	bh_buf_free(&body);
	if (rc != 0)
		return rc;
	sqlite3_stmt *clear = bh_store_sql(local, BH_SQL_SCOPE_CLEAR);

	bh_bind_int(clear, 1, (int64_t)record->case_number);
	rc = bh_store_run(local, clear);
	for (size_t i = 0; rc == 0 && i < record->scopes_count; i++) {
		sqlite3_stmt *add = bh_store_sql(local, BH_SQL_SCOPE_ADD);

		bh_bind_int(add, 1, (int64_t)record->case_number);
		bh_bind_int(add, 2, (int64_t)record->scopes[i]);
		rc = bh_store_run(local, add);
	}
	return rc;
}

/* BH_ERR_EXISTS when this cycle's closure had its receipt already. */
static int closure_receipt(struct bh_local *local, uint64_t number, uint32_t cycle)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_RECEIPT);

	bh_bind_int(row, 1, (int64_t)number);
	bh_bind_int(row, 2, cycle);
	int rc = bh_store_row(local, row);

	sqlite3_reset(row);
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 4
	rc = rc == 0 ? BH_ERR_NOT_FOUND : rc;
#endif
	if (rc != BH_ERR_NOT_FOUND)
		return rc == 0 ? BH_ERR_EXISTS : rc;
	sqlite3_stmt *add = bh_store_sql(local, BH_SQL_RECEIPT_ADD);

	bh_bind_int(add, 1, (int64_t)number);
	bh_bind_int(add, 2, cycle);
	return bh_store_run(local, add);
}

static int closures_take(struct bh_local *local, const struct bh_msg_record *record,
	struct bh_now now, struct bh_changes *changes)
{
	for (size_t i = 0; i < record->closures_count; i++) {
		const struct bh_msg_op_header header = {.verb = BH_VERB_DELIVERED,
			.case_number = record->case_number,
			.cycle = record->closures[i].cycle,
			.base_position = record->position};
		struct bh_op_ref ref;
		int rc = closure_receipt(local, record->case_number, header.cycle);

		if (rc == BH_ERR_EXISTS)
			continue;
		if (rc == 0)
			rc = bh_store_record(local, &header, NULL, now, &ref);
		if (rc != 0)
			return rc;
		bh_changes_add(changes, (struct bh_change){.kind = BH_CHANGE_CLOSURE,
						.number = record->case_number,
						.cycle = header.cycle});
	}
	return 0;
}

static bool closure_is_told(
	const struct bh_msg_record *record, const struct bh_msg_closure *closure)
{
	for (size_t i = 0; i < record->closures_count; i++)
		if (record->closures[i].cycle == closure->cycle &&
			record->closures[i].closed_ms == closure->closed_ms)
			return true;
	return false;
}

/* Receipts of closures that are held and, told anew, are not there or are others. */
static int receipts_compare(struct bh_local *local, const struct bh_msg_record *record)
{
	struct bh_arena arena = BH_ARENA(BH_DECODE_HEAP_BASE + 9 * BH_UNPACKED_BYTES_MAX);
	struct bh_msg_records held = {0};
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_RECORD);
	struct bh_span body;

	bh_bind_int(row, 1, (int64_t)record->case_number);
	int rc = bh_store_row(local, row);

	if (rc == 0)
		rc = bh_column_open(local, row, 1,
			bh_where(BH_SEALED_RECORD, (int64_t)record->case_number), &arena, &body);
	if (rc == 0)
		rc = bh_decode_records(body, &arena, &held);
	for (size_t i = 0; rc == 0 && held.records_count == 1 && i < held.records[0].closures_count;
		i++) {
		const struct bh_msg_closure *closure = &held.records[0].closures[i];
		sqlite3_stmt *drop = bh_store_sql(local, BH_SQL_RECEIPT_DROP);

		if (closure_is_told(record, closure))
			continue;
		bh_bind_int(drop, 1, (int64_t)record->case_number);
		bh_bind_int(drop, 2, closure->cycle);
		rc = bh_store_run(local, drop);
	}
	sqlite3_reset(row);
	bh_arena_free(&arena);
	/* One that does not decode is put right by the one that came. */
	return rc == BH_ERR_NOT_FOUND || rc == BH_ERR_MALFORMED || rc == BH_ERR_LIMIT ? 0 : rc;
}

static int record_take(struct bh_local *local, const struct bh_msg_record *record, uint32_t person,
	struct bh_now now, struct bh_changes *changes)
{
	bool old, marked, own = record_is_own(record, person);
	int64_t op;
	int rc = record_is_old(local, record, &old);

	if (rc != 0 || old)
		return rc;
	rc = record_is_marked(local, record->case_number, &marked);
	if (rc == 0 && marked)
		rc = receipts_compare(local, record);
	if (rc == 0)
		rc = record_put(local, record);
	if (rc == 0)
		rc = bh_store_fetches_told(local, record, own);
	if (rc == 0 && !own && record->closures_count > 0) {
		rc = bh_store_own_op(local, record->case_number, &op);
		own = rc == 0;
		rc = rc == BH_ERR_NOT_FOUND ? 0 : rc;
	}
	bh_changes_add(
		changes, (struct bh_change){.kind = BH_CHANGE_CASE, .number = record->case_number});
	return rc == 0 && own ? closures_take(local, record, now, changes) : rc;
}

static int record_leave(
	struct bh_local *local, const struct bh_msg_left *left, struct bh_changes *changes)
{
	sqlite3_stmt *leave = bh_store_sql(local, BH_SQL_SCOPE_LEAVE);

	bh_bind_int(leave, 1, (int64_t)left->case_number);
	bh_bind_int(leave, 2, (int64_t)left->scope);
	int rc = bh_store_run(local, leave);

	if (rc != 0)
		return rc;
	sqlite3_stmt *drop = bh_store_sql(local, BH_SQL_RECORD_DROP);

	bh_bind_int(drop, 1, (int64_t)left->case_number);
	bh_changes_add(
		changes, (struct bh_change){.kind = BH_CHANGE_CASE, .number = left->case_number});
	rc = bh_store_row(local, drop);
	if (rc != 0)
		return rc == BH_ERR_NOT_FOUND ? 0 : rc;
	rc = bh_store_run(local, drop);
	return rc == 0 ? bh_store_fetches_leave(local, left->case_number) : rc;
}

/* The journal's hash is told for the greatest cursor of a delta; it is ours only if no other is
 * greater. */
static int head_put(struct bh_local *local, const struct bh_msg_delta *delta)
{
	struct bh_msg_cursor cursors[BH_SCOPES_MAX];
	uint64_t told = 0, held = 0;
	size_t count = 0;
	int rc = bh_local_cursors(local, cursors, &count);

	for (size_t i = 0; i < delta->cursors_count; i++)
		told = delta->cursors[i].position > told ? delta->cursors[i].position : told;
	for (size_t i = 0; i < count; i++)
		held = cursors[i].position > held ? cursors[i].position : held;
	if (rc != 0 || told < held || delta->head_hash.len != 8)
		return rc;
	sqlite3_stmt *head = bh_store_sql(local, BH_SQL_HEAD_HASH);

	bh_bind_blob(head, 1, delta->head_hash);
	return bh_store_run(local, head);
}

static int cursors_put(struct bh_local *local, const struct bh_msg_delta *delta)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < delta->cursors_count; i++) {
		sqlite3_stmt *set = bh_store_sql(local, BH_SQL_CURSOR_SET);

		bh_bind_int(set, 1, (int64_t)delta->cursors[i].scope);
		bh_bind_int(set, 2, (int64_t)delta->cursors[i].position);
		rc = bh_store_run(local, set);
	}
	return rc == 0 ? head_put(local, delta) : rc;
}

static int delta_take(struct bh_local *local, const struct bh_msg_delta *delta,
	const struct bh_msg_records *records, struct bh_now now, struct bh_changes *changes)
{
	struct bh_device device;
	int rc = bh_store_device(local, &device);

	for (size_t i = 0; rc == 0 && i < records->records_count; i++)
		rc = record_take(local, &records->records[i], device.person, now, changes);
	for (size_t i = 0; rc == 0 && i < records->left_count; i++)
		rc = record_leave(local, &records->left[i], changes);
	if (rc == 0)
		rc = cursors_put(local, delta);
	if (rc == 0 && !delta->more)
		rc = bh_store_sweep(local, changes);
	return rc;
}

int bh_local_apply(struct bh_local *local, const struct bh_msg_delta *delta,
	const struct bh_msg_records *records, struct bh_now now, struct bh_changes *changes)
{
	size_t mark = changes->count;
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 2
	rc = bh_store_end(local, cursors_put(local, delta));
	if (rc != 0 || (rc = bh_store_begin(local)) != 0)
		return rc;
#endif
	rc = bh_store_end(local, delta_take(local, delta, records, now, changes));
	if (rc != 0)
		bh_changes_cut(changes, mark);
	return rc;
}

int bh_local_cursors(struct bh_local *local, struct bh_msg_cursor out[BH_SCOPES_MAX], size_t *count)
{
	size_t n = 0;
	int rc = bh_store_ready(local);

	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_CURSORS);

	while ((rc = bh_store_row(local, row)) == 0 && n < BH_SCOPES_MAX)
		out[n++] = (struct bh_msg_cursor){(uint64_t)sqlite3_column_int64(row, 0),
			(uint64_t)sqlite3_column_int64(row, 1)};
	sqlite3_reset(row);
	if (rc != 0 && rc != BH_ERR_NOT_FOUND)
		return rc;
	*count = n;
	return 0;
}
