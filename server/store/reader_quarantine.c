/* What of a device stands in quarantine, and what was decided about it. */
#include "proto/err.h"
#include "server/store/reader.h"

int bh_reader_quarantine(struct bh_store_reader *reader, uint32_t device, uint64_t after,
	struct bh_quarantine_row *rows, size_t max, size_t *count)
{
	sqlite3_stmt *s = reader->db.statements[BH_SQL_QUARANTINE_LIST];
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
