/* An online copy in slices: SQLite's backup from the writer's own connection, so that what is
 * committed meanwhile is copied along.  The copy ends as one file without a WAL beside it. */
#include "proto/err.h"
#include "server/store/writer.h"

int bh_writer_copy_begin(struct bh_writer *w, const char *path)
{
	sqlite3 *copy = NULL;

	if (w->broken)
		return BH_ERR_UNKNOWN;
	if (w->backup)
		return BH_ERR_BUSY;
	int err = bh_db_copy_target(w->projector.db.handle, path, &copy);
	if (err)
		return err;
	sqlite3_backup *backup = sqlite3_backup_init(copy, "main", w->projector.db.handle, "main");
	if (!backup) {
		err = bh_db_err(sqlite3_errcode(copy));
		sqlite3_close(copy);
		return err ? err : BH_ERR_IO;
	}
	w->copy = copy;
	w->backup = backup;
	return BH_NOERR;
}

int bh_writer_copy_step(struct bh_writer *w, int pages, bool *done)
{
	if (!w->backup)
		return BH_ERR_INVALID;
	int code = sqlite3_backup_step(w->backup, pages);
	if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED) {
		*done = false;
		return BH_NOERR;
	}
	int finished = sqlite3_backup_finish(w->backup);
	w->backup = NULL;
	int err = bh_db_err(code == SQLITE_DONE ? finished : code);
	if (!err)
		err = bh_db_exec(w->copy, "PRAGMA journal_mode=DELETE");
	sqlite3_close(w->copy);
	w->copy = NULL;
	if (!err)
		*done = true;
	return err;
}

void bh_writer_copy_abort(struct bh_writer *w)
{
	if (w->backup)
		sqlite3_backup_finish(w->backup);
	sqlite3_close(w->copy);
	w->backup = NULL;
	w->copy = NULL;
}
