/* What of a device stands in quarantine, and what was decided about it. */
#include "proto/err.h"
#include "server/store/held.h"
#include "server/store/reader.h"

int bh_reader_quarantine(struct bh_store_reader *reader, uint32_t device, uint64_t after,
	struct bh_quarantine_row *rows, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_QUARANTINE_LIST);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 1, device);
	bh_bind(s, 2, (int64_t)after);
	bh_bind(s, 3, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		rows[found++] = (struct bh_quarantine_row){
			.position = (uint64_t)bh_column(s, 0),
			.released = bh_column(s, 1) != 0,
			.discarded = bh_column(s, 2) != 0,
		};
		err = bh_row_next(s, &row);
	}
	if (!err)
		*count = found;
	return err;
}

int bh_reader_held(struct bh_store_reader *reader, uint32_t device, uint64_t *held)
{
	return bh_held_get(&reader->db, device, held);
}

int bh_reader_quarantines(struct bh_store_reader *reader, uint32_t after,
	struct bh_quarantine_sum *sums, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_QUARANTINE_SUMS);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 1, after);
	bh_bind(s, 2, (int64_t)max);
	bh_bind(s, 3, BH_HELD_ROWS);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		sums[found++] = (struct bh_quarantine_sum){
			.device = bh_column_u32(s, 0),
			.person = bh_column_u32(s, 1),
			.state = (enum bh_device_state)bh_column(s, 2),
			.held = (uint64_t)bh_column(s, 3),
			.released = (uint64_t)bh_column(s, 4),
			.discarded = (uint64_t)bh_column(s, 5),
			.oldest_ms = bh_column(s, 6),
		};
		err = bh_row_next(s, &row);
	}
	if (!err)
		*count = found;
	return err;
}
