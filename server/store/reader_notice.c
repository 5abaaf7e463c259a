/* The outbox as it is read: what is ready to go, lists, and what waits. */
#include "proto/err.h"
#include "server/store/notice_row.h"
#include "server/store/reader.h"

void bh_notice_row_read(sqlite3_stmt *s, struct bh_notice_row *out)
{
	uint64_t position = (uint64_t)bh_column(s, 1);
	bool is_test = position > INT64_MAX;

	*out = (struct bh_notice_row){
		.id = (uint64_t)bh_column(s, 0),
		.position = is_test ? position
				    : position & ((UINT64_C(1) << BH_NOTICE_CALL_SHIFT) - 1),
		.call = is_test ? 0 : (uint32_t)(position >> BH_NOTICE_CALL_SHIFT),
		.person = bh_column_u32(s, 2),
		.kind = bh_column_u32(s, 3),
		.number = (uint64_t)bh_column(s, 4),
		.scope = (uint64_t)bh_column(s, 5),
		.epoch = (uint64_t)bh_column(s, 6),
		.state = bh_column_u32(s, 7),
		.lane = bh_column_u32(s, 8),
		.tries = bh_column_u32(s, 9),
		.error = bh_column_u32(s, 10),
		.made_ms = bh_column(s, 11),
		.next_ms = bh_column(s, 12),
		.ack_ms = bh_column(s, 13),
		.seen_ms = bh_column(s, 14),
	};
}

int bh_notice_rows_read(sqlite3_stmt *s, struct bh_notice_row *rows, size_t max, size_t *count)
{
	size_t found = 0;
	bool row = false;
	int err = bh_row_next(s, &row);

	while (!err && row && found < max) {
		bh_notice_row_read(s, &rows[found++]);
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (!err)
		*count = found;
	return err;
}

static int due(sqlite3_stmt *s, uint32_t lane, int64_t now_ms, struct bh_notice_row *rows,
	size_t max, size_t *count)
{
	bh_bind(s, 1, lane);
	bh_bind(s, 2, now_ms);
	bh_bind(s, 3, (int64_t)max);
	return bh_notice_rows_read(s, rows, max, count);
}

static bool holds(const struct bh_notice_row *rows, size_t count, uint64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].id == id)
			return true;
	return false;
}

int bh_reader_notices_due(struct bh_store_reader *reader, uint32_t lane, int64_t now_ms,
	struct bh_notice_row *rows, size_t max, size_t *count)
{
	size_t calls = 0, all = 0, kept;
	int err = due(bh_sql(&reader->db, BH_SQL_NOTICE_CALLS), lane, now_ms, rows, max, &calls);

	if (!err && calls < max)
		err = due(bh_sql(&reader->db, BH_SQL_NOTICE_DUE), lane, now_ms, rows + calls,
			max - calls, &all);
	kept = calls;
	for (size_t i = calls; i < calls + all; i++)
		if (!holds(rows, calls, rows[i].id))
			rows[kept++] = rows[i];
	if (!err)
		*count = kept;
	return err;
}

static int first_number(sqlite3_stmt *s, int64_t *out)
{
	bool row = false;
	int err = bh_row_next(s, &row);

	*out = !err && row ? bh_column(s, 0) : 0;
	bh_row_end(s);
	return err;
}

int bh_reader_notices_next(struct bh_store_reader *reader, uint32_t lane, int64_t *at_ms)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_NOTICE_NEXT);

	bh_bind(s, 1, lane);
	return first_number(s, at_ms);
}

int bh_reader_notices(struct bh_store_reader *reader, uint64_t before, uint32_t state,
	struct bh_notice_row *rows, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_NOTICE_LIST);

	bh_bind(s, 1, before ? (int64_t)before : INT64_MAX);
	bh_bind(s, 2, state);
	bh_bind(s, 3, (int64_t)max);
	return bh_notice_rows_read(s, rows, max, count);
}

int bh_reader_notice(struct bh_store_reader *reader, uint64_t id, struct bh_notice_row *out)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_NOTICE_GET);
	size_t count = 0;

	bh_bind(s, 1, (int64_t)id);
	int err = bh_notice_rows_read(s, out, 1, &count);
	return err || count ? err : BH_ERR_NOT_FOUND;
}

int bh_reader_notice_waits(
	struct bh_store_reader *reader, uint32_t person, uint64_t number, bool *waits)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_NOTICE_OPEN);
	int64_t one = 0;

	bh_bind(s, 1, person);
	bh_bind(s, 2, (int64_t)number);
	int err = first_number(s, &one);
	*waits = one != 0;
	return err;
}

int bh_reader_notices_waiting(struct bh_store_reader *reader, uint64_t *count, int64_t *oldest_ms)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_NOTICE_WAITING);
	bool row = false;
	int err = bh_row_next(s, &row);

	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	*count = (uint64_t)bh_column(s, 0);
	*oldest_ms = bh_column(s, 1);
	bh_row_end(s);
	return BH_NOERR;
}
