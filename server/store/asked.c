/* Nobody decided it, and yet it follows from the journal: a RELEASE notes what its op names, the
 * entry that it is stored drops it, in a replay as in the writer.  So a server that is put back
 * asks for what that history lacks, whatever became of it in the other. */
#include "server/store/asked.h"

#include <string.h>

static int64_t row_of(const uint8_t hash[BH_HASH_BYTES])
{
	uint32_t begin;

	memcpy(&begin, hash, sizeof(begin));
	return BH_LOST_ROWS + begin;
}

int bh_asked_note(struct bh_db *db, const uint8_t hash[BH_HASH_BYTES])
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_LOCAL_SET);

	bh_bind(s, 1, row_of(hash));
	bh_bind_span(s, 2, bh_span(hash, BH_HASH_BYTES));
	return bh_row_run(s);
}

int bh_asked_drop(struct bh_db *db, const uint8_t hash[BH_HASH_BYTES], bool *dropped)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_LOST_DROP);

	bh_bind(s, 1, row_of(hash));
	bh_bind_span(s, 2, bh_span(hash, BH_HASH_BYTES));
	int err = bh_row_run(s);
	if (!err && dropped)
		*dropped = sqlite3_changes(db->handle) > 0;
	return err;
}

int bh_asked_is_lost(struct bh_db *db, const uint8_t hash[BH_HASH_BYTES], bool *lost)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_LOST_IS);
	bool row = false;

	bh_bind(s, 1, row_of(hash));
	bh_bind_span(s, 2, bh_span(hash, BH_HASH_BYTES));
	int err = bh_row_next(s, &row);
	bh_row_end(s);
	if (!err)
		*lost = row;
	return err;
}
