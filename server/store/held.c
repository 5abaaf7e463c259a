/* What is asked at each push of a device that is cut off costs one row, however much it ever sent.
 *
 *   op, quarantined ──▶ one more    release, discard ──▶ one less, the first of them    kept in
 * local
 *
 * A device that has no row yet is counted whole, once: a file from before there were rows needs no
 * step of its schema.  Where a backup is put back, so are its rows, and a replay moves them on. */
#include "server/store/held.h"

#include <string.h>

#include "proto/err.h"

int bh_held_get(struct bh_db *db, uint32_t device, bool *known, uint64_t *held)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_LOCAL_GET);
	uint64_t kept = 0;
	bool row = false;

	bh_bind(s, 1, BH_HELD_ROWS + device);
	int err = bh_row_next(s, &row);
	if (!err && row)
		err = bh_column_exact(s, 0, (uint8_t *)&kept, sizeof(kept));
	bh_row_end(s);
	if (err)
		return err;
	*known = row;
	*held = kept;
	return BH_NOERR;
}

static int held_set(struct bh_db *db, uint32_t device, uint64_t held)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_LOCAL_SET);

	bh_bind(s, 1, BH_HELD_ROWS + device);
	bh_bind_span(s, 2, bh_span(&held, sizeof(held)));
	return bh_row_run(s);
}

static int held_count(struct bh_db *db, uint32_t device, uint64_t *held)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_HELD_COUNT);
	bool row = false;

	bh_bind(s, 1, device);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	*held = (uint64_t)bh_column(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}

/* The entry is among what is counted whole. */
static int held_move(struct bh_db *db, uint32_t device, bool more)
{
	uint64_t held = 0;
	bool known = false;
	int err = bh_held_get(db, device, &known, &held);

	if (err)
		return err;
	if (!known)
		err = held_count(db, device, &held);
	else if (more)
		held++;
	else if (held > 0)
		held--;
	else
		return BH_ERR_CORRUPT;
	return err ? err : held_set(db, device, held);
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
