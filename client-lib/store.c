/* The handset's file: opened exclusively, WAL, synchronous=FULL read back, no mmap, checkpoints by
 * our own hand on the one connection (faults.md, facts 1-3).  Every open renews the WAL before
 * anything is answered from it, because frames that a failed fsync left readable in it may not be
 * on the disk.
 *
 * When a commit fails its outcome is not known: the connection is closed on the spot, and the next
 * call opens the file anew and reads what became of it.  Other errors roll back; if even that
 * fails, likewise. */
#include "client-lib/store.h"
#include "client-lib/store_salvage.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/disk/wal_renew.h"

static void store_shut(struct bh_local *local)
{
	bh_store_finalize(local);
	if (local->db)
		sqlite3_close(local->db);
	local->db = NULL;
	local->all_sealed = false;
	local->wal_pages = 0;
}

int bh_store_damaged(struct bh_local *local)
{
	local->damaged = true;
	return BH_ERR_CORRUPT;
}

int bh_store_fault(struct bh_local *local, int code)
{
	local->last_code = code;
	if (code == SQLITE_IOERR_NOMEM)
		return BH_ERR_NOMEM;
	switch (code & 0xff) {
	case SQLITE_FULL:
		return BH_ERR_FULL;
	case SQLITE_NOMEM:
		return BH_ERR_NOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return bh_store_damaged(local);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return BH_ERR_BUSY;
	default:
		return BH_ERR_IO;
	}
}

static int store_exec(struct bh_local *local, const char *sql)
{
	int code = sqlite3_exec(local->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : bh_store_fault(local, sqlite3_extended_errcode(local->db));
}

/* The one value that a pragma answers, as text. */
static int store_pragma(struct bh_local *local, const char *sql, char *out, size_t size)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(local->db, sql, -1, &statement, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	/* A number becomes text only now, which takes memory. */
	const unsigned char *text = code == SQLITE_ROW ? sqlite3_column_text(statement, 0) : NULL;
	int rc = 0;

	if (code != SQLITE_ROW && code != SQLITE_DONE)
		rc = bh_store_fault(local, sqlite3_extended_errcode(local->db));
	else if (code == SQLITE_ROW && !text)
		rc = bh_store_fault(local, SQLITE_NOMEM);
	snprintf(out, size, "%s", text ? (const char *)text : "");
	sqlite3_finalize(statement);
	return rc;
}

/* What an opening met. */
struct found {
	bool is_new;
	long schema; /* 0 where new */
};

/* The shared page cache and file of somebody else must never come to look like ours. */
static int store_identify(struct bh_local *local, struct found *found)
{
	char application[16], version[16], tables[16];
	int rc = store_pragma(local, "PRAGMA application_id", application, sizeof(application));

	if (rc == 0)
		rc = store_pragma(local, "PRAGMA user_version", version, sizeof(version));
	if (rc == 0)
		rc = store_pragma(
			local, "SELECT count(*) FROM sqlite_schema", tables, sizeof(tables));
	if (rc != 0)
		return rc;
	found->is_new = strcmp(tables, "0") == 0;
	found->schema = strtol(version, NULL, 10);
	if (found->is_new)
		return 0;
	if (strtol(application, NULL, 10) != BH_STORE_APPLICATION_ID)
		return BH_ERR_CORRUPT;
	return found->schema > BH_STORE_SCHEMA ? BH_ERR_VERSION : 0;
}

static int store_pragmas(struct bh_local *local)
{
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 1
	static const char synchronous[] = "PRAGMA synchronous=NORMAL", level[] = "1";
#else
	static const char synchronous[] = "PRAGMA synchronous=FULL", level[] = "2";
#endif
	char said[16];
	int rc = store_pragma(local, "PRAGMA journal_mode=WAL", said, sizeof(said));

	if (rc == 0 && strcmp(said, "wal") != 0)
		rc = BH_ERR_IO;
	if (rc == 0)
		rc = store_exec(local, synchronous);
	if (rc == 0)
		rc = store_pragma(local, "PRAGMA synchronous", said, sizeof(said));
	if (rc == 0 && strcmp(said, level) != 0)
		rc = BH_ERR_IO;
	return rc;
}

static int store_on_wal(void *context, sqlite3 *db, const char *name, int pages)
{
	struct bh_local *local = context;

	(void)db;
	(void)name;
	local->wal_pages = pages;
	return SQLITE_OK;
}

static int store_checkpoint(struct bh_local *local, int mode)
{
	int code = sqlite3_wal_checkpoint_v2(local->db, NULL, mode, NULL, NULL);

	if (code != SQLITE_OK)
		return bh_store_fault(local, sqlite3_extended_errcode(local->db));
	local->wal_pages = 0;
	return 0;
}

/* What is recorded is the worker's: a new file is readable by its owner alone, and SQLite gives the
 * files beside it the same mode.  One that is there is not touched, since closing it again would
 * end the locks of whoever has it open in this process. */
static void store_file_make(const struct bh_local *local)
{
	int fd = local->vfs ? -1 : open(local->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

static int store_renew(struct bh_local *local, bool *again)
{
	int code = bh_wal_renew(local->db, again);

	return code == SQLITE_OK ? 0 : bh_store_fault(local, code);
}

/* Opened, and ours alone; *again: to be opened once more, see wal_renew.h. */
static int store_open(struct bh_local *local, struct found *found, bool *again)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		    SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;

	store_file_make(local);
	int code = sqlite3_open_v2(local->path, &local->db, flags, local->vfs);

	local->opened++;
	int rc = code == SQLITE_OK ? 0 : bh_store_fault(local, code);

	if (rc == 0 && !local->file)
		rc = (local->file = strdup(sqlite3_db_filename(local->db, "main"))) ? 0
										    : BH_ERR_NOMEM;
	if (rc == 0) {
		sqlite3_limit(local->db, SQLITE_LIMIT_ATTACHED, 0);
		/* Closing must not tidy up: after a failed commit it would delete a WAL that holds
		 * it, and a power cut could undo the deletion. */
		sqlite3_db_config(local->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		sqlite3_wal_hook(local->db, store_on_wal, local);
		rc = store_exec(local, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA mmap_size=0;"
				       "PRAGMA foreign_keys=OFF; PRAGMA temp_store=MEMORY");
	}
	/* Somebody else's file is left as it is, its journal mode too. */
	if (rc == 0)
		rc = store_identify(local, found);
	if (rc == 0)
		rc = store_pragmas(local);
	/* Not before the file is read: only then it is ours alone. */
	if (rc != 0)
		return rc;
	return store_renew(local, again);
}

/* The file is found or made, and its tables are this program's. */
static int store_meet(struct bh_local *local, uint32_t n)
{
	struct found found = {0};
	bool again = false;
	int rc = store_open(local, &found, &again);

	if (rc == 0 && again) {
		store_shut(local);
		rc = store_open(local, &found, &again);
	}
	if (rc == 0 && found.is_new)
		rc = bh_store_schema(local, n);
	else if (rc == 0 && found.schema < BH_STORE_SCHEMA)
		rc = bh_store_upgrade(local, found.schema);
	/* only now there is a WAL, beside which the copy's room is laid */
	if (rc == 0 && found.is_new)
		rc = store_renew(local, &again);
	if (rc == 0)
		rc = bh_seal_meet(local);
	/* Truncating makes the next commits write at the WAL's start again.  On a full disk the
	 * file cannot grow; what was recorded is in the WAL, durable since its renewal, and can be
	 * read. */
	if (rc == 0) {
		int moved = store_checkpoint(local, SQLITE_CHECKPOINT_TRUNCATE);
		rc = moved == BH_ERR_FULL ? 0 : moved;
	}
	if (rc == 0)
		rc = bh_store_shared_load(local);
	if (rc == 0)
		rc = bh_store_cargo_load(local);
	if (rc == 0)
		rc = bh_store_key_load(local);
	return rc;
}

/* A file that is damaged, or somebody else's, is put aside, and the handset goes on with a new one.
 */
static int store_meet_or_mend(struct bh_local *local)
{
	struct bh_aside aside;
	int rc = bh_aside_read(local, &aside);
	bool take = aside.state == BH_ASIDE_TAKING || local->damaged;

	if (rc == 0 && !take) {
		rc = store_meet(local, aside.n);
		take = rc == BH_ERR_CORRUPT;
	}
	if (take && (rc == 0 || rc == BH_ERR_CORRUPT)) {
		store_shut(local);
		rc = bh_aside_take(local, &aside);
		if (rc == 0)
			rc = store_meet(local, aside.n);
		if (rc == BH_ERR_LIMIT)
			rc = BH_ERR_CORRUPT;
	}
	if (rc == 0 && aside.state != BH_ASIDE_NONE)
		rc = bh_aside_end(local);
	if (rc == 0)
		rc = bh_aside_count(local, &local->aside);
	local->damaged = local->damaged && rc != 0;
	return rc;
}

static int store_connect(struct bh_local *local)
{
	int rc = store_meet_or_mend(local);

	/* Sealing what is there takes room; without any, what was recorded can still be read. */
	if (rc == BH_ERR_FULL && local->sealer && !local->seal_waits) {
		local->seal_waits = true;
		store_shut(local);
		rc = store_meet_or_mend(local);
	}
	if (rc != 0)
		store_shut(local);
	return rc;
}

int bh_store_ready(struct bh_local *local)
{
	if (local->damaged)
		store_shut(local);
	return local->db ? 0 : store_connect(local);
}

int bh_store_begin(struct bh_local *local)
{
	int rc = bh_store_ready(local);

	return rc != 0 ? rc : bh_store_run(local, bh_store_sql(local, BH_SQL_BEGIN));
}

int bh_store_end(struct bh_local *local, int rc)
{
	if (rc != 0) {
		int code = local->last_code;

		if (bh_store_run(local, bh_store_sql(local, BH_SQL_ROLLBACK)) != 0 &&
			!sqlite3_get_autocommit(local->db))
			store_shut(local);
		local->last_code = code;
		return rc;
	}
	if (bh_store_run(local, bh_store_sql(local, BH_SQL_COMMIT)) != 0) {
		store_shut(local);
		return BH_ERR_UNKNOWN;
	}
	/* Its failure harms nothing: what was committed lies safely in the WAL. */
	if (local->wal_pages >= BH_STORE_WAL_PAGES_MAX)
		(void)store_checkpoint(local, SQLITE_CHECKPOINT_PASSIVE);
	return 0;
}

/* Nobody else writes: the file is ours alone. */
uint64_t bh_local_version(const struct bh_local *local)
{
	if (!local->db || local->damaged)
		return 0;
	return (uint64_t)local->opened << 32 | (uint32_t)sqlite3_total_changes(local->db);
}

int bh_local_open(const struct bh_local_options *options, struct bh_local **out)
{
	struct bh_local *local = calloc(1, sizeof(*local));
	int rc = local ? bh_hasher_open(&local->hasher) : BH_ERR_NOMEM;

	if (rc == 0) {
		local->rng = options->rng;
		local->pin_cost = options->pin_cost ? options->pin_cost : BH_PIN_COST;
		local->path = strdup(options->path);
		local->vfs = options->vfs ? strdup(options->vfs) : NULL;
		if (!local->path || (options->vfs && !local->vfs))
			rc = BH_ERR_NOMEM;
	}
	if (rc == 0)
		rc = bh_store_boot_name(local, options->boot);
	if (rc == 0 && options->app_key)
		rc = bh_sealer_open(options->app_key, options->rng, &local->sealer);
	if (rc == 0)
		rc = store_connect(local);
	if (rc != 0) {
		bh_local_close(local);
		return rc;
	}
	bh_store_photos_sweep(local);
	bh_store_fetches_sweep(local);
	*out = local;
	return 0;
}

void bh_local_close(struct bh_local *local)
{
	if (!local)
		return;
	if (local->db)
		(void)store_checkpoint(local, SQLITE_CHECKPOINT_TRUNCATE);
	store_shut(local);
	bh_key_free(local->key);
	bh_sealer_close(local->sealer);
	bh_store_next_forget(local);
	bh_hasher_close(local->hasher);
	free(local->path);
	free(local->file);
	free(local->vfs);
	free(local);
}

uint32_t bh_local_aside(const struct bh_local *local)
{
	return local->aside;
}

int bh_local_last_code(const struct bh_local *local)
{
	return local->last_code;
}

int bh_local_idle(struct bh_local *local)
{
	if (!local->db)
		return 0;
	bh_store_fetches_sweep(local);
	if (!local->db || local->wal_pages < BH_STORE_WAL_PAGES_IDLE)
		return 0;
	return store_checkpoint(local, SQLITE_CHECKPOINT_PASSIVE);
}
