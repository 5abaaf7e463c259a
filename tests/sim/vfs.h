/* One simulated machine's disk as an SQLite VFS: in memory, deterministic from a seed, and able to
 *lose power, tear and reorder what was not synced, fail, fill up, and lie about a sync.
 *
 * A machine has files (an image as the process sees it, an image as the platter holds it, and the
 * writes between the two), names (as seen, and as the directory on the platter holds them), and one
 * process at a time with its handles, locks and shared memory.  Three things end a process:
 *
 *	bh_simvfs_kill     the process dies: everything written is still there, locks and shm are
 *gone bh_simvfs_crash    the power goes: of what was not synced, the seed decides what is left
 *	bh_simvfs_stop_at  arms a stop inside SQLite: from the k-th change of the disk on every call
 *	                   fails; the driver sees bh_simvfs_is_stopped, tears the machine's objects
 *down and then calls kill or crash
 *
 * After kill and crash every handle opened before is dead: all its calls give SQLITE_IOERR but
 *xClose, which frees it.  So sqlite3_close of an old connection is safe before and after, at any
 *time, until bh_simvfs_free.  Single-threaded: all connections of a machine are used from one
 *thread.
 *
 * Names are absolute; a name without a leading '/' gets one.  Folders exist by being named. Nothing
 *here reads a real clock, a real generator or (but for export) a real file. */
#ifndef BH_TESTS_SIM_VFS_H
#define BH_TESTS_SIM_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/clock.h"

#define BH_SIMVFS_SECTOR_BYTES 512u
#define BH_SIMVFS_PATH_BYTES_MAX 256u /* with the final NUL */
#define BH_SIMVFS_FILES_MAX 1024u     /* names on one machine; opening one more gives CANTOPEN */
#define BH_SIMVFS_FILE_BYTES_MAX (1u << 30) /* a larger file gives FULL */
#define BH_SIMVFS_UNSYNCED_MAX 65536u /* writes of one file; the oldest then reach the platter */
#define BH_SIMVFS_PLANS_MAX 32u
#define BH_SIMVFS_SUFFIX_BYTES_MAX 16u

struct bh_simvfs; /* a machine's disk and its process's side of it */

struct bh_simvfs_config {
	uint32_t number; /* the VFS is called "bhsim-<number>": unique among the living */
	uint64_t seed;   /* decides everything random here: same seed, same calls, same outcome */
	/* wall_ms answers xCurrentTimeInt64; clock.now NULL: a fixed 2020-01-01. */
	struct bh_clock clock;
	/* SQLite's busy handler slept this long: move virtual time.  May be NULL: only counted. */
	void (*slept)(void *context, int64_t us);
	void *context;
};

/* An empty disk, registered with SQLite (not as the default VFS).  0, BH_ERR_NOMEM, or
 * BH_ERR_EXISTS (the number is taken).  The caller frees it. */
int bh_simvfs_create(const struct bh_simvfs_config *config, struct bh_simvfs **out);
/* Unregisters and frees.  Every SQLite connection on it must have been closed.  Takes NULL. */
void bh_simvfs_free(struct bh_simvfs *vfs);

/* "bhsim-7", for the last argument of sqlite3_open_v2; lives as long as vfs. */
const char *bh_simvfs_name(const struct bh_simvfs *vfs);

/* SQLite's own generator (WAL salts, randomblob(), temporary names) is one per process and seeds
 * itself once; this seeds it again, for all VFSes.  Call at the start of every run that must
 * repeat. */
void bh_simvfs_seed_sqlite(uint32_t seed);

/* ---- the end of a process ---- */

void bh_simvfs_kill(struct bh_simvfs *vfs);

/* Resolves what was not synced, per seed: every unsynced write is kept, lost, or torn (at a
 * 512-byte boundary or inside a sector; only bytes it wrote itself change: powersafe overwrite),
 * whatever became of older ones; an unsynced truncate happens or not; a lost write past the end
 * may still have grown the file (by zeros).  What a successful xSync
 * covered stays.  A name created or deleted since its folder was last synced is there or not.  As
 * on unix, a folder is synced by xDelete with syncDir and by the first xSync of a journal or WAL
 * opened with SQLITE_OPEN_CREATE.  Disarms stop_at; plans and the budget stay. */
void bh_simvfs_crash(struct bh_simvfs *vfs);

/* Arms: the k-th (k >= 1, from now) xWrite, xSync, xTruncate or xDelete of this machine is the last
 * thing it does: that one happens, happens in part or does not (per seed), and fails with
 * SQLITE_IOERR, as does every call after it.  0 disarms.  A new call replaces the old one. */
void bh_simvfs_stop_at(struct bh_simvfs *vfs, uint64_t k);
/* True from the moment the stop struck until kill or crash. */
bool bh_simvfs_is_stopped(const struct bh_simvfs *vfs);

/* ---- faults ---- */

enum bh_simvfs_call {
	BH_SIMVFS_READ,
	BH_SIMVFS_WRITE,
	BH_SIMVFS_SYNC,
	BH_SIMVFS_TRUNCATE,
	BH_SIMVFS_OPEN,
	BH_SIMVFS_DELETE,
	BH_SIMVFS_SHM_MAP,
	BH_SIMVFS_CALLS
};

enum bh_simvfs_fault {
	/* SQLITE_IOERR_* of the call's kind (OPEN: SQLITE_CANTOPEN); nothing happened.  A failed
	 * sync leaves its writes unsynced: a later one may still save them. */
	BH_SIMVFS_EIO,
	/* WRITE only: SQLITE_FULL; nothing was written. */
	BH_SIMVFS_FULL,
	/* READ: SQLITE_IOERR_READ after a seeded part came through (SQLITE_IOERR_SHORT_READ would
	 * say that the file ends there).  WRITE: a seeded part is written, then SQLITE_IOERR_WRITE.
	 */
	BH_SIMVFS_SHORT,
	/* SYNC only, all three answer SQLITE_IOERR_FSYNC.  DONE: everything is durable.  PART: a
	 * seeded part is, the rest is as below.  GONE: nothing is, and the kernel has forgotten
	 * that it was dirty: still readable, no later sync saves it, a power cut takes it. */
	BH_SIMVFS_SYNC_DONE,
	BH_SIMVFS_SYNC_PART,
	BH_SIMVFS_SYNC_GONE
};

struct bh_simvfs_plan {
	enum bh_simvfs_call call;
	enum bh_simvfs_fault fault;
	uint32_t nth;       /* >= 1: the nth matching call from now on */
	bool until_healed;  /* false: once; true: that one and every matching one after it */
	const char *suffix; /* only files whose name ends so ("-wal"); NULL: all.  Copied */
};

/* 0, BH_ERR_LIMIT, or BH_ERR_INVALID (a fault that the call cannot have, nth 0, suffix too long).
 * Plans count independently; of several due at one call the oldest acts and the others count it
 * too. */
int bh_simvfs_plan_add(struct bh_simvfs *vfs, const struct bh_simvfs_plan *plan);

/* The disk has room for so many bytes over all files (as the process sees them, unlinked but open
 * ones too).  A write that passes it is written as far as it fits, then SQLITE_FULL.  Sparse tails
 * count. */
void bh_simvfs_budget_set(struct bh_simvfs *vfs, uint64_t bytes_max);
uint64_t bh_simvfs_bytes_used(const struct bh_simvfs *vfs);
bool bh_simvfs_is_short(const struct bh_simvfs *vfs); /* it has such a limit just now */

/* Removes every plan and the budget.  Does not disarm stop_at. */
void bh_simvfs_heal(struct bh_simvfs *vfs);

/* ---- what took effect ---- */

struct bh_simvfs_stats {
	uint64_t calls[BH_SIMVFS_CALLS]; /* all that reached the machine alive, failed ones included
					  */
	uint64_t dead_calls;             /* on a stopped machine or a dead handle */
	uint64_t stops;                  /* a stop_at struck */
	uint64_t kills;
	uint64_t crashes;
	uint64_t crashes_with_loss; /* at least one write lost or torn, or one name changed */
	/* by crashes (and by SYNC_PART), per unsynced write or truncate */
	uint64_t writes_kept;
	uint64_t writes_lost;
	uint64_t writes_torn_at_sector;
	uint64_t writes_torn_in_sector;
	uint64_t writes_reordered; /* kept although an older one of its file was lost or torn */
	uint64_t truncates_lost;
	uint64_t files_vanished;
	uint64_t files_reappeared;
	/* faults of plans and of the budget */
	uint64_t eio[BH_SIMVFS_CALLS];
	uint64_t full;        /* by plan */
	uint64_t budget_full; /* by budget */
	uint64_t short_reads;
	uint64_t short_writes;
	uint64_t syncs_unknown_done;
	uint64_t syncs_unknown_part;
	uint64_t syncs_unknown_gone;
	/* what SQLite did */
	uint64_t folder_syncs;
	uint64_t checkpoints;      /* that had frames to copy (SQLITE_FCNTL_CKPT_START) */
	uint64_t checkpoint_syncs; /* xSync under the WAL index's checkpoint lock */
	/* most distinct handles that checkpointed one file within one process's life: 1 if only the
	 * writer does (faults.md E14) */
	uint64_t checkpointers_max;
	uint64_t sleeps;
};

/* Since create, whatever ended in between. */
struct bh_simvfs_stats bh_simvfs_stats(const struct bh_simvfs *vfs);
/* Adds every count of more to total (checkpointers_max: the larger). */
void bh_simvfs_stats_add(struct bh_simvfs_stats *total, const struct bh_simvfs_stats *more);

/* ---- images ---- */

/* Whether a file of this name is there as the process sees it. */
bool bh_simvfs_file_exists(const struct bh_simvfs *vfs, const char *path);

/* Whether a power cut now would leave the file exactly as the process sees it. */
bool bh_simvfs_is_durable(const struct bh_simvfs *vfs, const char *path);

/* The file as the process sees it, borrowed until the next call on vfs.  0 or BH_ERR_NOT_FOUND. */
int bh_simvfs_file_image(
	const struct bh_simvfs *vfs, const char *path, const uint8_t **data, size_t *len);

/* Writes the file as the process sees it to the real disk at real_path, replacing it.  0,
 * BH_ERR_NOT_FOUND or BH_ERR_IO.  A database in WAL mode needs its "-wal" exported beside it. */
int bh_simvfs_export(const struct bh_simvfs *vfs, const char *path, const char *real_path);

/* Makes to's files whose names begin with prefix ("" or "/": all) exactly those of from, as from's
 * process sees them, all durable: a cloned handset, a backup taken, a backup restored.  Kills to's
 * process (not from's).  0 or BH_ERR_NOMEM (to then has none of these files).  to may not be from.
 */
int bh_simvfs_disk_copy(struct bh_simvfs *to, const struct bh_simvfs *from, const char *prefix);

/* A file of these bytes, durable, in place of what had the name; no process of the machine has it
 * open.  0, BH_ERR_NOMEM or BH_ERR_LIMIT. */
int bh_simvfs_file_put(struct bh_simvfs *vfs, const char *path, const uint8_t *data, size_t len);

/* Whether a file stays, by its bytes as the process saw them. */
typedef bool bh_simvfs_stays(void *context, const char *path, const uint8_t *data, size_t len);
/* Of the files whose names begin with prefix only those stay for which it says so (NULL: none);
 * the others are gone for good.  Kills the process. */
void bh_simvfs_sweep(
	struct bh_simvfs *vfs, const char *prefix, bh_simvfs_stays *stays, void *context);

/* A hash over names and contents as the process sees them, for traces. */
uint64_t bh_simvfs_hash(const struct bh_simvfs *vfs);

#endif
