/* What is to be sent: the log's next ops as they were recorded, and how much waits. */
#include "client-lib/store.h"

struct batch_room {
	struct bh_span *headers;
	struct bh_span *contents;
	uint8_t *salts;
	size_t ops_max;
	size_t bytes_max;
};

/* BH_ERR_LIMIT when the row does not fit any more. */
static int batch_take(struct bh_local *local, sqlite3_stmt *row, const struct batch_room *room,
	struct bh_arena *arena, struct bh_op_batch *batch)
{
	struct bh_span header = bh_column_borrow(row, 0), content;
	int64_t key = sqlite3_column_int64(row, 4);
	size_t n = batch->count, salt = 0;

	if (n == room->ops_max)
		return BH_ERR_LIMIT;
	int rc = bh_column_open(local, row, 1, bh_where(BH_SEALED_CONTENT, key), arena, &content);

	if (rc != 0)
		return rc;
	size_t bytes = batch->bytes + header.len + content.len;

	if (n > 0 && bytes > room->bytes_max)
		return BH_ERR_LIMIT;
	room->contents[n] = content;
	rc = bh_arena_copy(arena, header, &room->headers[n]);
	if (rc == 0)
		rc = bh_column_open_into(local, row, 2, bh_where(BH_SEALED_SALT, key),
			room->salts + n * BH_SALT_BYTES, BH_SALT_BYTES, &salt);
	if (rc == 0)
		rc = salt == BH_SALT_BYTES
			     ? bh_column_bytes(row, 3, batch->last_link, sizeof(batch->last_link))
			     : BH_ERR_CORRUPT;
	if (rc != 0)
		return rc;
	batch->count++;
	batch->bytes = bytes;
	return 0;
}

int bh_local_batch(struct bh_local *local, uint64_t first_seq, size_t ops_max, size_t bytes_max,
	struct bh_arena *arena, struct bh_op_batch *out)
{
	struct bh_op_batch batch = {.first_seq = first_seq};
	struct batch_room room = {bh_arena_array(arena, ops_max, sizeof(struct bh_span)),
		bh_arena_array(arena, ops_max, sizeof(struct bh_span)),
		bh_arena_array(arena, ops_max, BH_SALT_BYTES), ops_max, bytes_max};
	struct bh_log log;
	int rc = room.headers && room.contents && room.salts ? bh_local_log(local, &log)
							     : BH_ERR_NOMEM;

	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_OP_RANGE);

	bh_bind_int(row, 1, bh_op_key(log.row, first_seq));
	bh_bind_int(row, 2, bh_op_key(log.row, BH_SEQ_MAX));
	while ((rc = bh_store_row(local, row)) == 0) {
		rc = batch_take(local, row, &room, arena, &batch);
		if (rc != 0) {
			sqlite3_reset(row);
			break;
		}
	}
	if (rc != BH_ERR_NOT_FOUND && rc != BH_ERR_LIMIT)
		return rc;
	batch.headers = room.headers;
	batch.contents = room.contents;
	batch.salts = bh_span(room.salts, batch.count * BH_SALT_BYTES);
	*out = batch;
	return 0;
}

int bh_local_unsent(struct bh_local *local, struct bh_unsent *out)
{
	struct bh_log log;
	int rc = bh_local_log(local, &log);

	if (rc != 0)
		return rc;
	sqlite3_stmt *row = bh_store_sql(local, BH_SQL_UNSENT);

	bh_bind_int(row, 1, bh_op_key(log.row, log.acked_seq + 1));
	bh_bind_int(row, 2, bh_op_key(log.row, BH_SEQ_MAX));
	rc = bh_store_row(local, row);
	if (rc != 0)
		return rc;
	*out = (struct bh_unsent){(uint64_t)sqlite3_column_int64(row, 0),
		(uint64_t)sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 2)};
	sqlite3_reset(row);
	/* Contents travel as they were recorded. */
	if (local->all_sealed)
		out->bytes -= out->ops * BH_SEAL_BYTES;
	return 0;
}
