/* Dossiers as a reader sees them. */
#include "proto/err.h"
#include "server/store/dossier_row.h"
#include "server/store/reader.h"

int bh_reader_dossier(
	struct bh_store_reader *reader, uint64_t number, struct bh_dossier_entries *out)
{
	return bh_dossier_read(&reader->db, number, out);
}

int bh_reader_seal(struct bh_store_reader *reader, uint64_t number, struct bh_seal_said *said,
	uint64_t *position)
{
	return bh_seal_read(&reader->db, number, said, position);
}

static int rows_read(sqlite3_stmt *s, struct bh_dossier_row *rows, size_t max, size_t *count)
{
	bool row = false;
	int err = bh_row_next(s, &row);

	*count = 0;
	while (!err && row && *count < max) {
		rows[(*count)++] = (struct bh_dossier_row){
			.position = (uint64_t)bh_column(s, 0),
			.number = (uint64_t)bh_column(s, 1),
			.verb = bh_column_u32(s, 2),
			.kind = bh_column_u32(s, 3),
			.until_ms = bh_column(s, 4),
			.back = (uint64_t)bh_column(s, 5),
		};
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

int bh_reader_dossier_rows(struct bh_store_reader *reader, uint64_t number, uint64_t after,
	struct bh_dossier_row *rows, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_DOSSIER_LIST);

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, (int64_t)after);
	bh_bind(s, 3, (int64_t)max);
	return rows_read(s, rows, max, count);
}

int bh_reader_loans(struct bh_store_reader *reader, uint64_t after, struct bh_dossier_row *rows,
	size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_DOSSIER_LOANS);

	bh_bind(s, 1, (int64_t)after);
	bh_bind(s, 2, (int64_t)max);
	return rows_read(s, rows, max, count);
}
