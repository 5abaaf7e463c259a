/* A mediation's row: its body as one packed list of fields, and beside it what it is looked up by.
 */
#include "server/store/mediation_row.h"

#include "proto/err.h"

static int row_read(sqlite3_stmt *s, void *out)
{
	struct bh_mediation mediation = {0};
	int err = bh_mediation_patch(&mediation, bh_column_span(s, 3));

	if (err)
		return err == BH_ERR_MALFORMED ? BH_ERR_CORRUPT : err;
	mediation.first = (uint64_t)bh_column(s, 0);
	mediation.number = (uint64_t)bh_column(s, 1);
	mediation.last = (uint64_t)bh_column(s, 2);
	*(struct bh_mediation *)out = mediation;
	return BH_NOERR;
}

int bh_mediation_row_get(
	struct bh_db *db, uint64_t number, uint32_t ordinal, struct bh_mediation *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_MEDIATION_GET);

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, ordinal);
	return bh_row_one(s, row_read, out);
}

int bh_mediation_row_first(struct bh_db *db, uint64_t first, struct bh_mediation *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_MEDIATION_FIRST);

	bh_bind(s, 1, (int64_t)first);
	return bh_row_one(s, row_read, out);
}

int bh_mediation_rows_of(struct bh_db *db, uint64_t number, struct bh_mediation *mediations,
	size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_MEDIATION_OF_CASE);

	bh_bind(s, 1, (int64_t)number);
	return bh_rows_all(s, row_read, mediations, sizeof(*mediations), max, count);
}

int bh_mediation_row_put(
	struct bh_db *db, const struct bh_mediation *mediation, bool fresh, struct bh_buf *scratch)
{
	static const struct bh_mediation nothing;
	sqlite3_stmt *s = bh_sql(db, fresh ? BH_SQL_MEDIATION_ADD : BH_SQL_MEDIATION_SET);

	scratch->len = 0;
	int err = bh_mediation_diff(&nothing, mediation, scratch);
	if (err)
		return err;
	bh_bind(s, 1, (int64_t)mediation->first);
	bh_bind(s, 2, (int64_t)mediation->number);
	bh_bind(s, 3, (int64_t)mediation->last);
	bh_bind(s, 4, mediation->ordinal);
	bh_bind(s, 5, bh_mediation_next_ms(mediation));
	bh_bind_span(s, 6, bh_buf_span(scratch));
	return bh_row_run(s);
}
