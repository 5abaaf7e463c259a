/* Checkpoints: the writer's own, called by itself, their results looked at (faults.md fact 3).
 *
 * A passive one copies what no reader holds back; the WAL starts over at the next commit when all
 * of it was copied. One that fails, or that a reader held up, leaves the WAL longer and is tried
 * again at the next group.  One that finds the disk full takes the ballast's room: what it moved
 * into the file is out of the WAL, which starts over in the room it has. */
#include "proto/disk/wal_renew.h"
#include "proto/err.h"
#include "server/store/writer.h"

static int checkpoint(struct bh_writer *w, int mode, bool *whole)
{
	int in_wal = 0, copied = 0;
	sqlite3 *handle = w->projector.db.handle;
	int code = sqlite3_wal_checkpoint_v2(handle, NULL, mode, &in_wal, &copied);

	if (code == SQLITE_FULL && bh_ballast_release(&w->ballast, w->now.mono_ms))
		code = sqlite3_wal_checkpoint_v2(handle, NULL, mode, &in_wal, &copied);
	*whole = false;
	if (code != SQLITE_OK)
		return bh_db_err(code);
	*whole = in_wal == copied;
	w->counts.checkpoints++;
	if (*whole)
		w->wal_pages = 0;
	return BH_NOERR;
}

/* What was erased is out of the WAL, too, once that is empty: where a reader holds it, later.  And
 * out of the copy beside it of the last commit before a start. */
static void scrub(struct bh_writer *w)
{
	bool whole = false;

	if (w->scrub && checkpoint(w, SQLITE_CHECKPOINT_TRUNCATE, &whole) == BH_NOERR && whole)
		w->scrub = bh_wal_renew_blank(w->projector.db.handle) != SQLITE_OK;
}

void bh_checkpoint_if_needed(struct bh_writer *w)
{
	bool whole;

	scrub(w);
	if (w->wal_pages >= w->wal_pages_max)
		(void)checkpoint(w, SQLITE_CHECKPOINT_PASSIVE, &whole); /* see above */
}

int bh_checkpoint_whole(struct bh_writer *w)
{
	bool whole;

	scrub(w);
	int err = checkpoint(w, SQLITE_CHECKPOINT_PASSIVE, &whole);

	if (err)
		return err;
	return whole ? BH_NOERR : BH_ERR_BUSY;
}

int bh_writer_idle(struct bh_writer *w)
{
	bool whole;
	int err = BH_NOERR;

	if (w->broken)
		return BH_ERR_UNKNOWN;
	scrub(w);
	if (w->wal_pages >= BH_WAL_PAGES_IDLE)
		err = checkpoint(w, SQLITE_CHECKPOINT_PASSIVE, &whole);
	if (!err)
		bh_ballast_lay_again(&w->ballast, w->now.mono_ms);
	return err;
}
