/* Opening: be the only one, have a file of ours, have everything synced into it, know where the
 * journal ends.
 *
 *   lock ──▶ open, pragmas read back, upgraded ──▶ checkpoint, whole ──▶ head, district, rules ──▶
 * timeline └─── no room: the ballast is given up, and once more
 *
 * The WAL is renewed before the checkpoint (wal_renew.c).  The checkpoint comes before anything is
 * answered: what a commit of unknown outcome left in the WAL is then either in the file and synced,
 * or gone (faults.md fact 2). */
#include <stdlib.h>
#include <string.h>

#include "proto/disk/wal_renew.h"
#include "proto/err.h"
#include "server/store/kept_apply.h"
#include "server/store/rules_load.h"
#include "server/store/writer.h"

#define PROFILE_ARENA_BYTES (256u * 1024u * 1024u)
#define SCRATCH_BYTES_MAX (64u * 1024u * 1024u)

static int head_load(struct bh_writer *w)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_JOURNAL_HEAD);
	bool row = false;
	int err = bh_row_next(s, &row);

	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	w->position = (uint64_t)bh_column(s, 0);
	w->at_ms = bh_column(s, 2);
	err = bh_column_exact(s, 1, w->hash, BH_HASH_BYTES);
	bh_row_end(s);
	return err;
}

static int upgrade_look(struct bh_writer *w)
{
	bool ended = true;
	uint64_t first;
	int err = bh_upgrade_through(&w->projector.db, &ended, &first);

	w->upgrade_waits = !ended;
	return err;
}

/* A heartbeat that cannot be read is as good as none: the journal's last instant still bounds the
 * time. */
static int timeline_load(struct bh_writer *w, struct bh_now now, uint64_t boot)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOCAL_GET);
	bool row = false;

	bh_bind(s, 1, BH_HEARTBEAT_ROW);
	int err = bh_row_next(s, &row);
	if (err)
		return err;
	bool kept = false;
	if (row) {
		struct bh_span packed = bh_column_span(s, 0);
		kept = bh_timeline_unpack(packed.data, packed.len, &w->timeline) == BH_NOERR;
		bh_row_end(s);
	}
	if (kept)
		bh_timeline_resume(&w->timeline, now, boot, w->at_ms);
	else
		bh_timeline_begin(&w->timeline, now, boot, w->at_ms);
	w->heartbeat_mono_ms = now.mono_ms - BH_HEARTBEAT_PERSIST_MS; /* due at once */
	return BH_NOERR;
}

static int on_commit(void *context, sqlite3 *handle, const char *name, int pages)
{
	struct bh_writer *w = context;

	(void)handle;
	(void)name;
	w->wal_pages = (uint32_t)pages;
	return SQLITE_OK;
}

/* Opened, with the log of writes renewed; anew where that finished what a cut had left. */
static int file_open(
	struct bh_writer *w, const struct bh_store_options *options, const char **detail)
{
	bool again = true;
	int err = BH_NOERR;

	while (!err && again) {
		struct bh_db db = {0};
		bh_projector_close(&w->projector);
		err = bh_db_open(&db, BH_DB_WRITER, options->path, options->vfs, detail);
		if (!err)
			err = bh_projector_open(&w->projector, &db, &w->wakes);
		if (err)
			return err;
		*detail = "its tables cannot be brought up to date";
		err = bh_upgrade(&w->projector, w->due_divisor);
		if (err)
			return err;
		*detail = "its log of writes cannot be written";
		err = bh_db_err(bh_wal_renew(w->projector.db.handle, &again));
	}
	return err;
}

/* Opened, and all that its log of writes holds moved into it. */
static int file_open_whole(
	struct bh_writer *w, const struct bh_store_options *options, const char **detail)
{
	int err = file_open(w, options, detail);

	if (err)
		return err;
	sqlite3_wal_hook(w->projector.db.handle, on_commit, w);
	*detail = "what its log of writes holds cannot be moved into the file";
	return bh_checkpoint_whole(w);
}

static int writer_load(struct bh_writer *w, const struct bh_store_options *options,
	struct bh_now now, const char **detail)
{
	int err = bh_db_lock(options->path, options->vfs, &w->lock);

	if (err) {
		*detail = err == BH_ERR_BUSY ? "another process has it open"
					     : "its lock file cannot be made";
		return err;
	}
	w->now = now;
	err = bh_ballast_open(&w->ballast, options->path, options->vfs, options->ballast_bytes);
	if (!err)
		err = file_open_whole(w, options, detail);
	if (err == BH_ERR_FULL && bh_ballast_release(&w->ballast, now.mono_ms))
		err = file_open_whole(w, options, detail);
	if (err)
		return err;
	*detail = "its journal or its rules cannot be read";
	err = head_load(w);
	if (!err)
		err = bh_rules_load(&w->projector.db, w->projector.hasher,
			w->projector.district.profile_position, w->due_divisor, &w->rules);
	w->projector.rules = w->rules;
	if (!err)
		err = upgrade_look(w);
	if (!err)
		err = bh_lost_count(w);
	if (!err)
		err = timeline_load(w, now, options->boot);
	if (!err)
		err = bh_kept_agree(w, options, now, detail);
	if (err == BH_ERR_FULL && bh_ballast_release(&w->ballast, now.mono_ms)) {
		bh_kept_close(&w->kept);
		err = bh_kept_agree(w, options, now, detail);
	}
	if (!err && w->ballast.state != BH_BALLAST_RELEASED)
		bh_ballast_lay(&w->ballast, now.mono_ms);
	return err;
}

/* A missing file must not leave a lock file behind in a folder that may not be a district's. */
static int file_is_there(const struct bh_store_options *options)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(options->vfs);
	int there = 0;

	if (!vfs)
		return BH_ERR_INVALID;
	if (vfs->xAccess(vfs, options->path, SQLITE_ACCESS_EXISTS, &there) != SQLITE_OK)
		return BH_ERR_IO;
	return there ? BH_NOERR : BH_ERR_NOT_FOUND;
}

static int vault_open(struct bh_writer *w, const struct bh_store_options *options)
{
	if (!options->vault)
		return BH_NOERR;
	w->keys_wait = true;
	return bh_vault_open(options->vault, options->rng, &w->vault);
}

static struct bh_writer *writer_new(const struct bh_store_options *options)
{
	struct bh_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->rng = options->rng;
	w->wal_pages_max = options->wal_pages_max ? options->wal_pages_max : BH_WAL_PAGES_MAX;
	w->due_divisor = options->due_divisor;
	w->upload_bytes_max = options->upload_bytes_max ? options->upload_bytes_max
							: BH_UPLOAD_BYTES_MAX;
	w->blob_bytes_max = options->blob_bytes_max ? options->blob_bytes_max : BH_BLOBS_BYTES_MAX;
	w->device_uploads_max = options->device_uploads_max ? options->device_uploads_max
							    : BH_DEVICE_UPLOADS_MAX;
	w->device_logs_max = options->device_logs_max ? options->device_logs_max
						      : BH_DEVICE_LOGS_MAX;
	w->device_logs_a_day = options->device_logs_a_day ? options->device_logs_a_day
							  : BH_DEVICE_LOGS_A_DAY;
	w->device_keys_max = options->device_keys_max ? options->device_keys_max
						      : BH_DEVICE_KEYS_MAX;
	w->device_keys_a_day = options->device_keys_a_day ? options->device_keys_a_day
							  : BH_DEVICE_KEYS_A_DAY;
	w->scratch = BH_BUF(SCRATCH_BYTES_MAX);
	w->decision = BH_BUF(SCRATCH_BYTES_MAX);
	w->content = BH_BUF(SCRATCH_BYTES_MAX);
	w->header = BH_BUF(SCRATCH_BYTES_MAX);
	w->arena = BH_ARENA(PROFILE_ARENA_BYTES);
	return w;
}

int bh_writer_open(const struct bh_store_options *options, struct bh_now now,
	struct bh_writer **out, const char **detail)
{
	const char *why = "there is no such file";
	struct bh_writer *w = NULL;
	int err = file_is_there(options);

	if (!err) {
		w = writer_new(options);
		why = "its seal key cannot be used";
		err = w ? vault_open(w, options) : BH_ERR_NOMEM;
		if (!err)
			err = writer_load(w, options, now, &why);
	}
	if (err) {
		bh_writer_close(w);
		if (detail)
			*detail = why;
		return err;
	}
	*out = w;
	return BH_NOERR;
}

void bh_writer_close(struct bh_writer *w)
{
	if (!w)
		return;
	bh_writer_copy_abort(w);
	if (w->projector.db.handle && !w->broken)
		(void)bh_checkpoint_whole(
			w); /* what stays in the WAL is taken up at the next open */
	bh_projector_close(&w->projector);
	bh_rules_unref(w->rules);
	bh_rules_unref(w->rules_before);
	bh_buf_free(&w->scratch);
	bh_buf_free(&w->decision);
	bh_buf_free(&w->content);
	bh_buf_free(&w->header);
	bh_arena_free(&w->arena);
	bh_ballast_close(&w->ballast);
	bh_kept_close(&w->kept);
	bh_vault_close(w->vault);
	bh_db_unlock(w->lock);
	free(w);
}
