/* The process of one simulated machine: its handles, what ends it, and the plans that make its
 * calls fail; part of vfs.h's implementation. */
#ifndef BH_TESTS_SIM_VFS_MACHINE_H
#define BH_TESTS_SIM_VFS_MACHINE_H

#include <sqlite3.h>

#include "tests/sim/vfs.h"
#include "tests/sim/vfs_disk.h"

/* A planned fault that may still act. */
struct bh_simplan {
	struct bh_simvfs_plan plan; /* plan.suffix is not used: */
	char suffix[BH_SIMVFS_SUFFIX_BYTES_MAX];
	uint64_t seen; /* matching calls */
};

/* An open file of SQLite's.  SQLite owns the memory; the machine lists it while it is open. */
struct bh_simhandle {
	sqlite3_file base;
	struct bh_simvfs *vfs;
	struct bh_simhandle *next;
	struct bh_simfile *file;
	uint64_t process; /* the process that opened it: dead unless it is the present one */
	char path[BH_SIMVFS_PATH_BYTES_MAX];
	bool syncs_folder; /* a journal or WAL: its first sync is its folder's too */
	bool keeps_wal;
	bool checkpointed;
	int lock; /* SQLITE_LOCK_NONE .. SQLITE_LOCK_EXCLUSIVE */
	struct bh_simshm *shm;
	unsigned shm_shared; /* bit i: lock i of the WAL index */
	unsigned shm_exclusive;
};

struct bh_simvfs {
	sqlite3_vfs base;
	char name[24];
	struct bh_simvfs_config config;
	struct bh_simdisk disk;
	struct bh_simhandle *handles;
	uint64_t process;   /* counts kills and crashes */
	uint64_t stop_left; /* changes until the stop; 0: none armed */
	bool stopped;
	struct bh_simplan plans[BH_SIMVFS_PLANS_MAX];
	size_t plans_len;
	uint64_t budget_bytes; /* UINT64_MAX: none */
	struct bh_simrng crash_rng;
	struct bh_simrng fault_rng;
	struct bh_simrng sqlite_rng;
};

/* A call that is due to fail in no way. */
#define BH_SIMFAULT_NONE (-1)

/* Counts a call of the living machine and says which fault it must show: an enum bh_simvfs_fault or
 * BH_SIMFAULT_NONE. */
int bh_simvfs_fault_due(struct bh_simvfs *vfs, enum bh_simvfs_call call, const char *path);

/* Counts a change of the disk; true if it is the one at which the armed stop strikes (then the
 * machine is stopped, and the caller does what part of its work it likes). */
bool bh_simvfs_stop_strikes(struct bh_simvfs *vfs);

/* vfs_file.c: what an open file can do. */
const sqlite3_io_methods *bh_simhandle_methods(void);

/* vfs_lock.c: the lock methods of sqlite3_io_methods, over handles of the present process only. */
int bh_simlock_lock(sqlite3_file *base, int level);
int bh_simlock_unlock(sqlite3_file *base, int level);
int bh_simlock_check_reserved(sqlite3_file *base, int *out);
int bh_simshm_map(sqlite3_file *base, int region, int bytes, int extend, void volatile **out);
int bh_simshm_lock(sqlite3_file *base, int first, int count, int flags);
void bh_simshm_barrier(sqlite3_file *base);
int bh_simshm_unmap(sqlite3_file *base, int delete_it);
/* Whether a living handle holds the WAL index's checkpoint lock. */
bool bh_simshm_is_checkpointing(const struct bh_simvfs *vfs);
/* Takes the shared memory from the file's name, as the end of the process does; handles that still
 * point at it keep it alive. */
void bh_simshm_detach(struct bh_simfile *file);

/* True for a handle of the present process on a machine that has not stopped; counts a dead call
 * otherwise. */
bool bh_simhandle_is_alive(struct bh_simhandle *handle);

#endif
