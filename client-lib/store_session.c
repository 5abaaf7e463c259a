/* What a session changes in the log: acknowledgements, the Welcome, and a fork.
 *
 * An acknowledgement only ever moves forward; what the server says below it changes nothing, so a
 * repeat and a rolled-back server are harmless.  A fork copies, it never takes away: the old log
 * stays as the origin of the new one. */
#include "client-lib/store.h"

#include <string.h>

#include "proto/caseflow.h"
#include "proto/codec.h"
#include "proto/number.h"
#include "proto/verdict.h"

#define MARKED_AT_ONCE 64u

struct receipt {
	uint64_t seq;
	int64_t received_ms;
	struct bh_span mac;
	const struct bh_msg_verdict *verdicts;
	size_t verdicts_count;
};

static int verdict_set(struct bh_local *local, const struct bh_log *log,
	const struct bh_msg_verdict *verdict, struct bh_changes *changes)
{
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_OP_VERDICT);

	bh_bind_int(set, 1, bh_op_key(log->row, verdict->seq));
	bh_bind_int(set, 2, verdict->verdict);
	bh_bind_int(set, 3, verdict->code);
	bh_bind_int(set, 5, verdict->correctable);
	bh_bind_int(set, 6, verdict->state);
	bh_bind_int(set, 7, (int64_t)verdict->case_number);
	int rc = bh_bind_sealed(local, set, 4,
		bh_where(BH_SEALED_SENTENCE, bh_op_key(log->row, verdict->seq)), verdict->sentence);

	if (rc == 0)
		rc = bh_store_row(local, set);
	if (rc != 0)
		return rc == BH_ERR_NOT_FOUND ? 0 : rc;
	uint64_t number = (uint64_t)sqlite3_column_int64(set, 1);

	if (sqlite3_column_int(set, 0) == BH_VERB_SUBMIT)
		number = verdict->case_number != 0 || log->log_short == 0
				 ? verdict->case_number
				 : bh_case_number(log->log_short, (uint32_t)verdict->seq);
	rc = bh_store_run(local, set);
	bh_changes_add(changes, (struct bh_change){.kind = BH_CHANGE_VERDICT,
					.number = number,
					.seq = verdict->seq,
					.verdict = verdict->verdict});
	return rc;
}

static int log_acknowledge(struct bh_local *local, const struct bh_log *log,
	const struct receipt *receipt, struct bh_changes *changes)
{
	int rc = 0;

	if (receipt->seq > log->head_seq)
		return BH_ERR_FORK;
	if (receipt->seq <= log->acked_seq)
		return 0;
	for (size_t i = 0; rc == 0 && i < receipt->verdicts_count; i++) {
		const struct bh_msg_verdict *verdict = &receipt->verdicts[i];

		if (verdict->seq > log->acked_seq && verdict->seq <= receipt->seq)
			rc = verdict_set(local, log, verdict, changes);
	}
	if (rc != 0)
		return rc;
	sqlite3_stmt *add = bh_store_sql(local, BH_SQL_ACK_ADD);

	bh_bind_int(add, 1, bh_op_key(log->row, receipt->seq));
	bh_bind_int(add, 2, receipt->received_ms);
	bh_bind_blob(add, 3, receipt->mac);
	rc = bh_store_run(local, add);
	if (rc != 0)
		return rc;
	sqlite3_stmt *move = bh_store_sql(local, BH_SQL_LOG_ACKED);

	bh_bind_int(move, 1, (int64_t)receipt->seq);
	bh_bind_int(move, 2, log->row);
	bh_changes_add(changes, (struct bh_change){.kind = BH_CHANGE_STATUS});
	rc = bh_store_run(local, move);
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 42
	(void)sqlite3_exec(local->db,
		"DELETE FROM op WHERE verb <> 1 AND EXISTS (SELECT 1 FROM log l WHERE l.id = "
		"op.id >> 32 AND op.id & 4294967295 < l.acked_seq)",
		NULL, NULL, NULL);
#endif
	return rc == 0 ? bh_store_blobs_judged(local, log->row, log->acked_seq + 1, receipt->seq)
		       : rc;
}

int bh_local_ack(struct bh_local *local, const struct bh_msg_ack *ack, struct bh_changes *changes)
{
	const struct receipt receipt = {
		ack->seq, ack->received_ms, ack->mac, ack->verdicts, ack->verdicts_count};
	size_t mark = changes->count;
	struct bh_log log;
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	rc = bh_store_log(local, &log);
	if (rc == 0)
		rc = log_acknowledge(local, &log, &receipt, changes);
	rc = bh_store_end(local, rc);
	if (rc != 0)
		bh_changes_cut(changes, mark);
	return rc;
}

/* ---- Welcome ----------------------------------------------------------------------------- */

/* A clock that is off by more than the ages is told as off by the ages. */
static int64_t welcome_skew_ms(const struct bh_msg_welcome *welcome, struct bh_now now)
{
	int64_t skew_ms;

	if (__builtin_sub_overflow(welcome->server_ms, now.wall_ms, &skew_ms))
		return welcome->server_ms < 0 ? INT64_MIN : INT64_MAX;
	return skew_ms;
}

static int welcome_contact(struct bh_local *local, const struct bh_log *log,
	const struct bh_msg_welcome *welcome, struct bh_now now)
{
	sqlite3_stmt *contact = bh_store_sql(local, BH_SQL_CONTACT);

	bh_bind_int(contact, 1, now.wall_ms);
	bh_bind_int(contact, 2, welcome_skew_ms(welcome, now));
	bh_bind_int(contact, 3, welcome->draining ? now.wall_ms : 0);
	int rc = bh_store_run(local, contact);

	if (rc != 0 || welcome->log_short == 0 || welcome->log_short == log->log_short)
		return rc;
	sqlite3_stmt *name = bh_store_sql(local, BH_SQL_LOG_NAME);

	bh_bind_int(name, 1, welcome->log_short);
	bh_bind_int(name, 2, log->row);
	return bh_store_run(local, name);
}

static int scope_close(struct bh_local *local, uint64_t scope)
{
	sqlite3_stmt *close = bh_store_sql(local, BH_SQL_SCOPE_CLOSE);

	bh_bind_int(close, 1, (int64_t)scope);
	int rc = bh_store_run(local, close);

	if (rc != 0)
		return rc;
	close = bh_store_sql(local, BH_SQL_CURSOR_CLOSE);
	bh_bind_int(close, 1, (int64_t)scope);
	return bh_store_run(local, close);
}

/* What became of a case that the server does not have any more is told anew, and received anew. */
static int receipts_drop(struct bh_local *local, uint64_t number)
{
	sqlite3_stmt *drop = bh_store_sql(local, BH_SQL_RECEIPT_DROP);

	bh_bind_int(drop, 1, (int64_t)number);
	bh_bind_int(drop, 2, 0);
	return bh_store_run(local, drop);
}

/* lost: the server does not have them, else they are no longer this device's to see. */
static int records_sweep(struct bh_local *local, bool lost, struct bh_changes *changes)
{
	sqlite3_stmt *sweep = bh_store_sql(local, BH_SQL_RECORD_SWEEP);
	int rc;

	while ((rc = bh_store_row(local, sweep)) == 0) {
		uint64_t number = (uint64_t)sqlite3_column_int64(sweep, 0);

		bh_changes_add(
			changes, (struct bh_change){.kind = BH_CHANGE_CASE, .number = number});
		rc = bh_store_fetches_leave(local, number);
		if (rc == 0 && lost)
			rc = receipts_drop(local, number);
		if (rc != 0) {
			sqlite3_reset(sweep);
			return rc;
		}
	}
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

int bh_store_sweep(struct bh_local *local, struct bh_changes *changes)
{
	sqlite3_stmt *done = bh_store_sql(local, BH_SQL_SWEEPING);
	int rc = bh_store_row(local, done);

	if (rc != 0)
		return rc == BH_ERR_NOT_FOUND ? 0 : rc;
	rc = bh_store_run(local, done);
	if (rc == 0)
		rc = bh_store_run(local, bh_store_sql(local, BH_SQL_SCOPE_SWEEP));
	return rc == 0 ? records_sweep(local, true, changes) : rc;
}

/* Losing a post closes its scope. */
static int welcome_scopes(
	struct bh_local *local, const struct bh_msg_welcome *welcome, struct bh_changes *changes)
{
	struct bh_msg_cursor cursors[BH_SCOPES_MAX];
	size_t count = 0;
	bool closed = false;
	int rc = bh_local_cursors(local, cursors, &count);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		bool kept = false;

		for (size_t k = 0; k < welcome->scopes_count; k++)
			kept |= welcome->scopes[k] == cursors[i].scope;
		if (!kept) {
			rc = scope_close(local, cursors[i].scope);
			closed = true;
		}
	}
	return rc == 0 && closed ? records_sweep(local, false, changes) : rc;
}

static int welcome_epoch(struct bh_local *local, const struct bh_msg_welcome *welcome)
{
	struct bh_device device;
	int rc = bh_store_device(local, &device);

	if (rc != 0 || (device.epoch == welcome->epoch && !welcome->from_start))
		return rc;
	sqlite3_stmt *set = bh_store_sql(local, BH_SQL_EPOCH);

	bh_bind_int(set, 1, (int64_t)welcome->epoch);
	rc = bh_store_run(local, set);
	if (rc == 0)
		rc = bh_store_run(local, bh_store_sql(local, BH_SQL_CURSOR_CLEAR));
	if (rc == 0)
		rc = bh_store_run(local, bh_store_sql(local, BH_SQL_SCOPE_MARK));
	return rc == 0 ? bh_store_blobs_again(local) : rc;
}

int bh_local_welcome(struct bh_local *local, const struct bh_msg_welcome *welcome,
	struct bh_now now, struct bh_changes *changes)
{
	const struct receipt receipt = {welcome->acked_seq, welcome->received_ms, welcome->mac,
		welcome->verdicts, welcome->verdicts_count};
	size_t mark = changes->count;
	struct bh_log log;
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	rc = bh_store_log(local, &log);
	if (rc == 0)
		rc = welcome_contact(local, &log, welcome, now);
	if (rc == 0 && welcome->log_short != 0)
		log.log_short = welcome->log_short;
	if (rc == 0)
		rc = log_acknowledge(local, &log, &receipt, changes);
	/* Who is cut off is told of no scope, and keeps what it was told before. */
	if (rc == 0 && !welcome->draining)
		rc = welcome_scopes(local, welcome, changes);
	if (rc == 0 && !welcome->draining)
		rc = welcome_epoch(local, welcome);
	rc = bh_store_end(local, rc);
	if (rc != 0)
		bh_changes_cut(changes, mark);
	return rc;
}

/* ---- Fork -------------------------------------------------------------------------------- */

int bh_store_log_begin(struct bh_local *local, const struct bh_log *old, struct bh_log *out)
{
	struct bh_device device;
	uint8_t start[BH_HASH_BYTES], log_id[BH_LOG_ID_BYTES];
	int rc = bh_store_device(local, &device);

	if (rc == 0)
		rc = local->rng.fill(local->rng.context, log_id, sizeof(log_id));
	if (rc == 0)
		rc = bh_store_run(local, bh_store_sql(local, BH_SQL_LOG_RETIRE));
	if (rc != 0)
		return rc;
	sqlite3_stmt *add = bh_store_sql(local, BH_SQL_LOG_ADD);

	bh_log_start(local->hasher, device.district, log_id, start);
	bh_bind_blob(add, 1, bh_span(log_id, sizeof(log_id)));
	if (device.enrolled == BH_ENROL_YES)
		bh_bind_blob(add, 2, bh_span(start, sizeof(start)));
	if (old)
		bh_bind_blob(add, 3, bh_span(old->log_id, sizeof(old->log_id)));
	rc = bh_store_run(local, add);
	return rc != 0 || !out ? rc : bh_store_log(local, out);
}

/* Copies one op of the old log into the new one, its origin named; a second fork keeps the first
 * origin. */
static int fork_carry(
	struct bh_local *local, const struct bh_log *old, uint64_t seq, struct bh_arena *arena)
{
	struct bh_msg_op_header header;
	struct bh_op_ref ref;
	struct bh_span raw_header, raw_content, link;
	int reason = 0;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_OP);

	bh_bind_int(row, 1, bh_op_key(old->row, seq));
	int rc = bh_store_row(local, row);

	if (rc != 0)
		return rc;
	int64_t recorded_ms = sqlite3_column_int64(row, 5);

	rc = bh_arena_copy(arena, bh_column_borrow(row, 1), &raw_header);
	if (rc == 0)
		rc = bh_column_open(local, row, 2,
			bh_where(BH_SEALED_CONTENT, bh_op_key(old->row, seq)), arena, &raw_content);
	if (rc == 0)
		rc = bh_arena_copy(arena, bh_column_borrow(row, 3), &link);
	sqlite3_reset(row);
	if (rc == 0)
		rc = bh_op_decode_header(raw_header, arena, &header, &reason);
	if (rc != 0)
		return rc;
	if (!header.has_origin)
		header.origin = (struct bh_msg_origin){
			bh_span(old->log_id, sizeof(old->log_id)), seq, link};
	header.has_origin = true;
	return bh_store_append(
		local, &header, raw_content, (struct bh_now){.wall_ms = recorded_ms}, &ref);
}

/* A few at a time: SQLite keeps the pages that one statement changes until it is done. */
static int fork_mark(struct bh_local *local, const struct bh_log *old)
{
	int rc = 0;

	for (uint64_t seq = old->acked_seq + 1; rc == 0 && seq <= old->head_seq;
		seq += MARKED_AT_ONCE) {
		sqlite3_stmt *carried = bh_store_sql(local, BH_SQL_OP_CARRIED);
		bool last = old->head_seq - seq < MARKED_AT_ONCE;

		bh_bind_int(carried, 1, bh_op_key(old->row, seq));
		bh_bind_int(carried, 2,
			bh_op_key(old->row, last ? BH_SEQ_MAX : seq + MARKED_AT_ONCE - 1));
		rc = bh_store_run(local, carried);
	}
	return rc;
}

int bh_store_fork(struct bh_local *local, const struct bh_log *old)
{
	struct bh_arena arena = BH_ARENA(8 * BH_OP_CONTENT_BYTES_MAX + BH_DECODE_HEAP_BASE);
	struct bh_log new;
	int rc = bh_store_log_begin(local, old, &new);

	for (uint64_t seq = old->acked_seq + 1; rc == 0 && seq <= old->head_seq; seq++) {
		rc = fork_carry(local, old, seq, &arena);
		if (rc == BH_ERR_NOT_FOUND) /* what was damaged */
			rc = 0;
		bh_arena_reset(&arena);
	}
	bh_arena_free(&arena);
	return rc == 0 ? fork_mark(local, old) : rc;
}

static int log_fork(struct bh_local *local)
{
	struct bh_log old;
	int rc = bh_store_log(local, &old);

	return rc == 0 ? bh_store_fork(local, &old) : rc;
}

int bh_local_fork(struct bh_local *local, struct bh_changes *changes)
{
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	rc = bh_store_end(local, log_fork(local));
	if (rc == 0)
		bh_changes_add(changes, (struct bh_change){.kind = BH_CHANGE_REREAD});
	return rc;
}
