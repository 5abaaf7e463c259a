/* Counters move with each entry in memory and are written once a commit; a rollback puts them back
 * as they were at its group's beginning (writer_group.c). */
#include "proto/err.h"
#include "server/store/tally.h"

int bh_tally_load(struct bh_tally *tally, struct bh_db *db)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_TALLY_ALL);
	struct bh_tally loaded = {0};
	bool row = false;
	int err = bh_row_next(s, &row);

	while (!err && row) {
		int64_t id = bh_column(s, 0);
		if (id > 0 && id < BH_TALLY_COUNT)
			loaded.values[id] = bh_column(s, 1);
		err = bh_row_next(s, &row);
	}
	if (!err)
		*tally = loaded;
	return err;
}

static void tally_add(struct bh_tally *tally, int id, int64_t more)
{
	tally->values[id] += more;
	tally->dirty[id] = true;
}

static void tally_dispatch(struct bh_tally *tally, const struct bh_entry *entry,
	const struct bh_case *before, const struct bh_case *after)
{
	int64_t start_ms = before->queue_ms ? before->queue_ms : after->queue_ms;
	int64_t wait_ms = start_ms ? entry->at_ms - start_ms : 0;

	tally_add(tally, BH_TALLY_DISPATCHED, 1);
	if (entry->at_ms <= before->dispatch_due_ms)
		tally_add(tally, BH_TALLY_IN_TIME, 1);
	if (after->automatic)
		tally_add(tally, BH_TALLY_AUTOMATIC, 1);
	if (wait_ms > tally->values[BH_TALLY_LONGEST_WAIT_MS])
		tally_add(tally, BH_TALLY_LONGEST_WAIT_MS,
			wait_ms - tally->values[BH_TALLY_LONGEST_WAIT_MS]);
}

void bh_tally_entry(struct bh_tally *tally, const struct bh_entry *entry,
	const struct bh_case *before, const struct bh_case *after)
{
	bool fresh = before->first == 0;

	bh_assert(before->state < BH_STATE_COUNT && after->state < BH_STATE_COUNT);
	if (fresh)
		tally_add(tally, BH_TALLY_CASES, 1);
	if (fresh || before->state != after->state) {
		if (!fresh)
			tally_add(tally, BH_TALLY_STATES + (int)before->state, -1);
		tally_add(tally, BH_TALLY_STATES + (int)after->state, 1);
		if (bh_state_ends_cycle((enum bh_state)after->state))
			tally_add(tally, BH_TALLY_OWED, 1);
		if (after->state == BH_STATE_CLOSED)
			tally_add(tally, BH_TALLY_CLOSED, 1);
	}
	if (entry->verb == BH_VERB_MAIN_ENDED)
		tally_add(tally, BH_TALLY_OWED, 1);
	/* I01: out of the queue; a redirect, or a rework's first unit, was never in time or not. */
	if (after->dispatches > (fresh ? 0 : before->dispatches) && before->dispatch_due_ms != 0)
		tally_dispatch(tally, entry, before, after);
	if (entry->verb == BH_VERB_BREACH)
		tally_add(tally, BH_TALLY_BREACHED, 1);
	if (entry->verb == BH_VERB_DELIVERED)
		tally_add(tally, BH_TALLY_DELIVERED, 1);
	if (entry->verb == BH_VERB_SEEN)
		tally_add(tally, BH_TALLY_SEEN, 1);
}

void bh_tally_blob(struct bh_tally *tally, uint32_t size)
{
	tally_add(tally, BH_TALLY_BLOBS, 1);
	tally_add(tally, BH_TALLY_BLOB_BYTES, size);
}

void bh_tally_blob_gone(struct bh_tally *tally, uint32_t size)
{
	tally_add(tally, BH_TALLY_BLOBS, -1);
	tally_add(tally, BH_TALLY_BLOB_BYTES, -(int64_t)size);
}

int bh_tally_flush(struct bh_tally *tally, struct bh_db *db)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_TALLY_SET);

	for (int id = 1; id < BH_TALLY_COUNT; id++) {
		if (!tally->dirty[id])
			continue;
		bh_bind(s, 1, id);
		bh_bind(s, 2, tally->values[id]);
		int err = bh_row_run(s);
		if (err)
			return err;
		tally->dirty[id] = false;
	}
	return BH_NOERR;
}
