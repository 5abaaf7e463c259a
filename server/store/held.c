/* What is asked at each push of a device that is cut off costs one row, however much it ever sent.
 *
 *   op, quarantined ──▶ one more    release, discard ──▶ one less, the first of them    kept in
 * local
 *
 * So the rows are those devices of which something ever was put into quarantine, cut off or not.
 * Device 0 is none: its row says that all are there.  A file from before there were rows has none,
 * and is counted whole when a writer opens it.  Where a backup is put back, so are its rows, and a
 * replay moves them on. */
#include "server/store/held.h"

#include <string.h>

#include "proto/err.h"

static int held_find(struct bh_db *db, uint32_t device, bool *found, uint64_t *held)
{
	*held = 0;
	return bh_local_get(db, BH_HELD_ROWS + device, held, sizeof(*held), found);
}

int bh_held_get(struct bh_db *db, uint32_t device, uint64_t *held)
{
	bool found;

	return held_find(db, device, &found, held);
}

static int held_set(struct bh_db *db, uint32_t device, uint64_t held)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_LOCAL_SET);

	bh_bind(s, 1, BH_HELD_ROWS + device);
	bh_bind_span(s, 2, bh_span(&held, sizeof(held)));
	return bh_row_run(s);
}

int bh_held_begin(struct bh_db *db)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_HELD_ALL);
	bool row = false;
	int err = bh_row_next(s, &row);

	while (!err && row) {
		err = held_set(db, bh_column_u32(s, 0), (uint64_t)bh_column(s, 1));
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err ? err : held_set(db, 0, 0);
}

int bh_held_upgrade(struct bh_db *db)
{
	uint64_t none;
	bool begun = false;
	int err = held_find(db, 0, &begun, &none);

	if (err || begun)
		return err;
	err = bh_row_run(bh_sql(db, BH_SQL_BEGIN));
	if (!err)
		err = bh_held_begin(db);
	return err ? err : bh_row_run(bh_sql(db, BH_SQL_COMMIT));
}

static int held_move(struct bh_db *db, uint32_t device, bool more)
{
	uint64_t held = 0;
	int err = bh_held_get(db, device, &held);

	if (err || (!more && held == 0))
		return err ? err : BH_ERR_CORRUPT;
	return held_set(db, device, more ? held + 1 : held - 1);
}

/* *decided: something was said about it before this entry. */
static int op_look(struct bh_db *db, const struct bh_entry *entry, uint32_t *device, bool *decided)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_HELD_OP);
	bool row = false;

	bh_bind(s, 1, (int64_t)entry->prev);
	bh_bind(s, 2, (int64_t)entry->position);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	*device = bh_column_u32(s, 0);
	*decided = bh_column(s, 1) != 0;
	bh_row_end(s);
	return BH_NOERR;
}

int bh_held_entry(struct bh_db *db, const struct bh_entry *entry)
{
	uint32_t device = entry->device;
	bool decided = false;
	bool decides = entry->verb == BH_VERB_RELEASE && device == 0 &&
		       entry->verdict == BH_VERDICT_ACCEPTED;

	if (device != 0 && entry->verdict == BH_VERDICT_QUARANTINED)
		return held_move(db, device, true);
	if (!decides)
		return BH_NOERR;
	int err = op_look(db, entry, &device, &decided);
	return err || decided ? err : held_move(db, device, false);
}
