/* The handset's log: ops are appended, each linked to the one before, and never changed again.
 *
 * The head is not stored: it is the last op's row, so that recording writes one row and nothing can
 * disagree with it.  If the commit of a recording fails, the file is opened anew (which checkpoints
 * it) and the op is looked for by sequence and link: found, it is durable and the recording
 * succeeded; not found, it did not. */
#include "client-lib/store.h"

#include <string.h>

#include "proto/caseflow.h"
#include "proto/codec.h"
#include "proto/number.h"

static int log_head(struct bh_local *local, struct bh_log *log)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_HEAD);

	bh_bind_int(row, 1, bh_op_key(log->row, 1));
	bh_bind_int(row, 2, bh_op_key(log->row, BH_SEQ_MAX));
	int rc = bh_store_row(local, row);

	if (rc == BH_ERR_NOT_FOUND)
		return 0;
	if (rc != 0)
		return rc;
	log->head_seq = (uint64_t)sqlite3_column_int64(row, 0) & BH_SEQ_MAX;
	rc = bh_column_bytes(row, 1, log->head_link, sizeof(log->head_link));
	sqlite3_reset(row);
	return rc;
}

static int log_link(struct bh_local *local, int64_t log, uint64_t seq, uint8_t out[BH_HASH_BYTES])
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_LINK);

	bh_bind_int(row, 1, bh_op_key(log, seq));
	int rc = bh_store_row(local, row);

	if (rc != 0)
		return rc;
	rc = bh_column_bytes(row, 0, out, BH_HASH_BYTES);
	sqlite3_reset(row);
	return rc;
}

static int log_read(sqlite3_stmt *row, struct bh_log *log)
{
	int rc = bh_column_bytes(row, 1, log->log_id, sizeof(log->log_id));

	log->row = sqlite3_column_int64(row, 0);
	log->log_short = (uint32_t)sqlite3_column_int64(row, 2);
	/* NULL before enrolment: links begin with the district's name. */
	if (rc == 0 && sqlite3_column_type(row, 3) != SQLITE_NULL)
		rc = bh_column_bytes(row, 3, log->head_link, sizeof(log->head_link));
	log->acked_seq = (uint64_t)sqlite3_column_int64(row, 4);
	log->has_forked_from = sqlite3_column_type(row, 5) != SQLITE_NULL;
	if (rc == 0 && log->has_forked_from)
		rc = bh_column_bytes(row, 5, log->forked_from, sizeof(log->forked_from));
	return rc;
}

int bh_store_log_row(struct bh_local *local, struct bh_log *out)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_LOG);
	int rc = bh_store_row(local, row);

	*out = (struct bh_log){0};
	if (rc != 0)
		return rc;
	rc = log_read(row, out);
	sqlite3_reset(row);
	return rc;
}

int bh_store_log(struct bh_local *local, struct bh_log *out)
{
	struct bh_log log;
	int rc = bh_store_log_row(local, &log);

	if (rc != 0)
		return rc == BH_ERR_NOT_FOUND ? bh_store_damaged(local) : rc;
	memcpy(log.acked_link, log.head_link, sizeof(log.acked_link));
	if (rc == 0)
		rc = log_head(local, &log);
	if (rc == 0 && log.acked_seq > 0)
		rc = log_link(local, log.row, log.acked_seq, log.acked_link);
	if (rc == 0)
		*out = log;
	return rc == BH_ERR_NOT_FOUND ? bh_store_damaged(local) : rc;
}

int bh_local_log(struct bh_local *local, struct bh_log *out)
{
	int rc = bh_store_ready(local);

	return rc != 0 ? rc : bh_store_log(local, out);
}

int bh_local_link(struct bh_local *local, uint64_t seq, uint8_t out[BH_HASH_BYTES])
{
	int rc = bh_store_ready(local);
	struct bh_log log;

	if (rc == 0)
		rc = bh_store_log_row(local, &log);
	if (rc != 0)
		return rc;
	if (seq == 0) {
		memcpy(out, log.head_link, BH_HASH_BYTES);
		return 0;
	}
	return seq > BH_SEQ_MAX ? BH_ERR_NOT_FOUND : log_link(local, log.row, seq, out);
}

/* ---- Recording --------------------------------------------------------------------------- */

struct op_bytes {
	struct bh_buf header;
	struct bh_span content;
	uint8_t salt[BH_SALT_BYTES];
	uint8_t commitment[BH_HASH_BYTES];
};

static int op_insert(struct bh_local *local, int64_t key, const struct bh_msg_op_header *header,
	const struct op_bytes *bytes, const uint8_t link[BH_HASH_BYTES], int64_t recorded_ms)
{
	sqlite3_stmt *add = bh_store_sql(local, BH_SQL_OP_ADD);

	bh_bind_int(add, 1, key);
	bh_bind_int(add, 2, header->verb);
	bh_bind_int(add, 3, (int64_t)header->case_number);
	bh_bind_int(add, 4, header->captured_ms);
	bh_bind_int(add, 5, recorded_ms);
	bh_bind_blob(add, 6, bh_buf_span(&bytes->header));
	bh_bind_blob(add, 9, bh_span(link, BH_HASH_BYTES));
	int rc = bh_bind_sealed(local, add, 7, bh_where(BH_SEALED_CONTENT, key), bytes->content);

	/* With its salt a content could be guessed from its link. */
	if (rc == 0)
		rc = bh_bind_sealed(local, add, 8, bh_where(BH_SEALED_SALT, key),
			bh_span(bytes->salt, sizeof(bytes->salt)));
	return rc == 0 ? bh_store_run(local, add) : rc;
}

/* Everything an op's link is made of, into bytes; the caller frees the buffers. */
static int op_encode(
	struct bh_local *local, const struct bh_msg_op_header *header, struct op_bytes *bytes)
{
	int rc = bh_op_encode_header(header, &bytes->header);

	if (rc == 0)
		rc = local->rng.fill(local->rng.context, bytes->salt, sizeof(bytes->salt));
	if (rc == 0)
		bh_op_commitment(local->hasher, bytes->salt, bytes->content, bytes->commitment);
	return rc;
}

int bh_store_append(struct bh_local *local, const struct bh_msg_op_header *header,
	struct bh_span content, struct bh_now now, struct bh_op_ref *out)
{
	struct op_bytes bytes = {.header = BH_BUF(BH_OP_HEADER_BYTES_MAX), .content = content};
	struct bh_op_ref ref = {0};
	struct bh_log log;
	int rc = bh_store_log(local, &log);

	if (rc == 0 && log.head_seq >= BH_SEQ_MAX)
		rc = BH_ERR_LIMIT;
	if (rc == 0)
		rc = op_encode(local, header, &bytes);
	if (rc == 0) {
		ref.seq = log.head_seq + 1;
		bh_log_link(local->hasher, log.head_link, ref.seq, bh_buf_span(&bytes.header),
			bytes.commitment, ref.link);
		rc = op_insert(
			local, bh_op_key(log.row, ref.seq), header, &bytes, ref.link, now.wall_ms);
	}
	if (rc == 0)
		rc = bh_store_blobs_named(local, bh_op_key(log.row, ref.seq), header);
	if (rc == 0) {
		const struct bh_msg_origin *origin = &header->origin;

		if (header->has_origin)
			bh_op_id(header->captured_ms, origin->log_id.data, origin->seq,
				origin->link.data, ref.id);
		else
			bh_op_id(header->captured_ms, log.log_id, ref.seq, ref.link, ref.id);
		ref.number = header->case_number;
		if (header->verb == BH_VERB_SUBMIT && log.log_short != 0 && !header->has_origin)
			ref.number = bh_case_number(log.log_short, (uint32_t)ref.seq);
		*out = ref;
	}
	bh_buf_free(&bytes.header);
	return rc;
}

int bh_store_record(struct bh_local *local, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content, struct bh_now now, struct bh_op_ref *out)
{
	struct bh_msg_op_header mine = *header;
	struct bh_buf bytes = BH_BUF(BH_OP_CONTENT_BYTES_MAX);
	struct bh_device device;
	int rc = bh_store_device(local, &device);

	if (rc == 0 && device.enrolled != BH_ENROL_YES)
		rc = BH_ERR_AUTH;
	if (rc == 0 && content)
		rc = bh_op_encode_content(content, &bytes);
	if (rc == 0)
		rc = bh_store_boot_count(local, &device, &mine.boot);
	if (rc == 0)
		bh_store_author(local, &device, &mine);
	mine.boot_ms = now.wall_ms - now.mono_ms;
	if (mine.captured_ms == 0)
		mine.captured_ms = now.wall_ms;
	if (rc == 0)
		rc = bh_store_append(local, &mine, bh_buf_span(&bytes), now, out);
	bh_buf_free(&bytes);
	return rc;
}

int bh_store_resolve(struct bh_local *local, const struct bh_op_ref *ref)
{
	uint8_t link[BH_HASH_BYTES];
	int code = local->last_code;
	int rc = bh_store_ready(local);

	if (rc == 0)
		rc = bh_local_link(local, ref->seq, link);
	if (rc == 0 && memcmp(link, ref->link, sizeof(link)) == 0)
		return 0;
	if (rc != 0 && rc != BH_ERR_NOT_FOUND)
		return BH_ERR_UNKNOWN;
	return bh_store_fault(local, code);
}

int bh_local_record(struct bh_local *local, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content, struct bh_now now, struct bh_op_ref *out)
{
	struct bh_op_ref ref;
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	rc = bh_store_end(local, bh_store_record(local, header, content, now, &ref));
	if (rc == BH_ERR_UNKNOWN)
		rc = bh_store_resolve(local, &ref);
	if (rc == 0)
		*out = ref;
	return rc;
}

static int log_mark_seen(struct bh_local *local, uint64_t number, uint32_t cycle, struct bh_now now,
	struct bh_op_ref *out)
{
	struct bh_msg_op_header header = {
		.verb = BH_VERB_SEEN, .case_number = number, .cycle = cycle};
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_RECEIPT);

	bh_bind_int(row, 1, (int64_t)number);
	bh_bind_int(row, 2, cycle);
	int rc = bh_store_row(local, row);

	if (rc != 0)
		return rc;
	bool seen = sqlite3_column_int(row, 0) != 0;

	sqlite3_reset(row);
	if (seen)
		return BH_ERR_EXISTS;
	sqlite3_stmt *mark = bh_store_sql(local, BH_SQL_RECEIPT_SEEN);

	bh_bind_int(mark, 1, (int64_t)number);
	bh_bind_int(mark, 2, cycle);
	rc = bh_store_run(local, mark);
	return rc != 0 ? rc : bh_store_record(local, &header, NULL, now, out);
}

int bh_local_mark_seen(struct bh_local *local, uint64_t number, uint32_t cycle, struct bh_now now)
{
	struct bh_op_ref ref;
	int rc = bh_store_begin(local);

	if (rc != 0)
		return rc;
	rc = bh_store_end(local, log_mark_seen(local, number, cycle, now, &ref));
	return rc == BH_ERR_UNKNOWN ? bh_store_resolve(local, &ref) : rc;
}

int bh_store_own_op(struct bh_local *local, uint64_t number, int64_t *op)
{
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_OP_TOLD);

	bh_bind_int(row, 1, (int64_t)number);
	int rc = bh_store_row(local, row);

	if (rc == 0)
		*op = sqlite3_column_int64(row, 0);
	if (rc != BH_ERR_NOT_FOUND) {
		sqlite3_reset(row);
		return rc;
	}
	row = bh_store_sql(local, BH_SQL_OP_NUMBERED);
	bh_bind_int(row, 1, (int64_t)(number >> 32));
	bh_bind_int(row, 2, (int64_t)(number & BH_SEQ_MAX));
	rc = bh_store_row(local, row);
	if (rc == 0) {
		*op = sqlite3_column_int64(row, 0);
		sqlite3_reset(row);
	}
	return rc;
}
