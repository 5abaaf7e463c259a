/* A machine as SQLite sees it.  SQLite opens, deletes and looks for files by name, asks the time
 * and for randomness: all of it is answered from the simulated disk, the simulator's clock and the
 * seed.  Killing or crashing the machine makes a new process of it: handles of the old one stay
 * valid memory, do nothing, and wait to be closed. */
#include "tests/sim/vfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "tests/sim/vfs_machine.h"

#define JULIAN_MS_AT_1970 INT64_C(210866760000000)
#define WALL_MS_WITHOUT_CLOCK INT64_C(1577836800000) /* 2020-01-01T00:00:00Z */
#define MS_PER_DAY 86400000.0

static struct bh_simvfs *machine_of(sqlite3_vfs *base)
{
	return base->pAppData;
}

static bool machine_is_alive(struct bh_simvfs *vfs)
{
	vfs->disk.stats.dead_calls += vfs->stopped ? 1 : 0;
	return !vfs->stopped;
}

/* Gives the file that an open means, with a reference for the handle. */
static int open_file(struct bh_simvfs *vfs, const char *path, int flags, struct bh_simfile **out)
{
	struct bh_simfile *file = path == NULL ? NULL : bh_simdisk_find(&vfs->disk, path);
	int err;

	if (file != NULL) {
		if ((flags & SQLITE_OPEN_EXCLUSIVE) != 0)
			return SQLITE_CANTOPEN;
		bh_simfile_hold(file);
		*out = file;
		return SQLITE_OK;
	}
	if (path != NULL && (flags & SQLITE_OPEN_CREATE) == 0)
		return SQLITE_CANTOPEN;
	err = bh_simdisk_make(&vfs->disk, path, &file);
	if (err != BH_NOERR)
		return err == BH_ERR_NOMEM ? SQLITE_IOERR_NOMEM : SQLITE_CANTOPEN;
	if (path != NULL && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0)
		(void)bh_simdisk_unlink(&vfs->disk, path); /* as unix does: at once */
	*out = file;
	return SQLITE_OK;
}

static int machine_open(
	sqlite3_vfs *base, const char *path, sqlite3_file *file, int flags, int *flags_out)
{
	const int journals = SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
	struct bh_simvfs *vfs = machine_of(base);
	struct bh_simhandle *handle = (struct bh_simhandle *)file;
	int rc;

	memset(handle, 0, sizeof(*handle));
	if (!machine_is_alive(vfs))
		return SQLITE_IOERR;
	if (bh_simvfs_fault_due(vfs, BH_SIMVFS_OPEN, path == NULL ? "" : path) != BH_SIMFAULT_NONE)
		return SQLITE_CANTOPEN;
	rc = open_file(vfs, path, flags, &handle->file);
	if (rc != SQLITE_OK)
		return rc;
	handle->vfs = vfs;
	handle->process = vfs->process;
	/* As unix: asked to create, whether it had to or not. */
	handle->syncs_folder = path != NULL && (flags & SQLITE_OPEN_CREATE) != 0 &&
			       (flags & journals) != 0;
	if (path != NULL)
		memcpy(handle->path, path, strlen(path) + 1);
	handle->next = vfs->handles;
	vfs->handles = handle;
	handle->base.pMethods = bh_simhandle_methods();
	if (flags_out != NULL)
		*flags_out = flags;
	return SQLITE_OK;
}

static int machine_delete(sqlite3_vfs *base, const char *path, int sync_folder)
{
	struct bh_simvfs *vfs = machine_of(base);
	bool strikes;
	int fault;

	if (!machine_is_alive(vfs))
		return SQLITE_IOERR;
	fault = bh_simvfs_fault_due(vfs, BH_SIMVFS_DELETE, path);
	strikes = bh_simvfs_stop_strikes(vfs);
	if (strikes && bh_simrng_below(&vfs->fault_rng, 2) == 0)
		return SQLITE_IOERR;
	if (fault != BH_SIMFAULT_NONE)
		return SQLITE_IOERR_DELETE;
	if (bh_simdisk_unlink(&vfs->disk, path) != BH_NOERR)
		return strikes ? SQLITE_IOERR : SQLITE_IOERR_DELETE_NOENT;
	if (strikes)
		return SQLITE_IOERR;
	if (sync_folder != 0)
		bh_simdisk_sync_folder(&vfs->disk, path);
	return SQLITE_OK;
}

static int machine_access(sqlite3_vfs *base, const char *path, int flags, int *out)
{
	struct bh_simvfs *vfs = machine_of(base);
	const struct bh_simfile *file;

	if (!machine_is_alive(vfs))
		return SQLITE_IOERR;
	file = bh_simdisk_find(&vfs->disk, path);
	/* As unix: an empty file is as good as none. */
	*out = file != NULL && (flags != SQLITE_ACCESS_EXISTS || file->live.len > 0);
	return SQLITE_OK;
}

static int machine_full_path(sqlite3_vfs *base, const char *path, int len, char *out)
{
	(void)base;
	if (sqlite3_snprintf(len, out, "%s%s", path[0] == '/' ? "" : "/", path) == NULL ||
		strlen(path) + 2 > (size_t)len)
		return SQLITE_CANTOPEN;
	return SQLITE_OK;
}

static int machine_randomness(sqlite3_vfs *base, int len, char *out)
{
	bh_simrng_fill(&machine_of(base)->sqlite_rng, out, (size_t)len);
	return len;
}

static int machine_sleep(sqlite3_vfs *base, int us)
{
	struct bh_simvfs *vfs = machine_of(base);

	vfs->disk.stats.sleeps++;
	if (vfs->config.slept != NULL)
		vfs->config.slept(vfs->config.context, us);
	return us;
}

static int machine_time(sqlite3_vfs *base, sqlite3_int64 *out)
{
	const struct bh_clock *clock = &machine_of(base)->config.clock;
	int64_t wall_ms = WALL_MS_WITHOUT_CLOCK;

	if (clock->now != NULL)
		wall_ms = clock->now(clock->context).wall_ms;
	*out = wall_ms + JULIAN_MS_AT_1970;
	return SQLITE_OK;
}

static int machine_time_days(sqlite3_vfs *base, double *out)
{
	sqlite3_int64 ms = 0;
	int rc = machine_time(base, &ms);

	*out = (double)ms / MS_PER_DAY;
	return rc;
}

static int machine_last_error(sqlite3_vfs *base, int len, char *out)
{
	(void)base;
	if (len > 0)
		out[0] = '\0';
	return 0;
}

static void machine_describe(struct bh_simvfs *vfs)
{
	vfs->base = (sqlite3_vfs){
		.iVersion = 2,
		.szOsFile = (int)sizeof(struct bh_simhandle),
		.mxPathname = BH_SIMVFS_PATH_BYTES_MAX - 16, /* room for "-journal" */
		.zName = vfs->name,
		.pAppData = vfs,
		.xOpen = machine_open,
		.xDelete = machine_delete,
		.xAccess = machine_access,
		.xFullPathname = machine_full_path,
		.xRandomness = machine_randomness,
		.xSleep = machine_sleep,
		.xCurrentTime = machine_time_days,
		.xGetLastError = machine_last_error,
		.xCurrentTimeInt64 = machine_time,
	};
}

int bh_simvfs_create(const struct bh_simvfs_config *config, struct bh_simvfs **out)
{
	struct bh_simrng rng = bh_simrng_make(config->seed);
	struct bh_simvfs *vfs = calloc(1, sizeof(*vfs));

	if (vfs == NULL)
		return BH_ERR_NOMEM;
	vfs->config = *config;
	vfs->budget_bytes = UINT64_MAX;
	vfs->crash_rng = bh_simrng_fork(&rng, "crash", 0);
	vfs->fault_rng = bh_simrng_fork(&rng, "fault", 0);
	vfs->sqlite_rng = bh_simrng_fork(&rng, "sqlite", 0);
	(void)snprintf(vfs->name, sizeof(vfs->name), "bhsim-%u", config->number);
	machine_describe(vfs);
	if (sqlite3_vfs_find(vfs->name) != NULL) {
		free(vfs);
		return BH_ERR_EXISTS;
	}
	if (sqlite3_vfs_register(&vfs->base, 0) != SQLITE_OK) {
		free(vfs);
		return BH_ERR_NOMEM;
	}
	*out = vfs;
	return BH_NOERR;
}

void bh_simvfs_free(struct bh_simvfs *vfs)
{
	if (vfs == NULL)
		return;
	bh_assert(vfs->handles == NULL); /* a connection was not closed */
	sqlite3_vfs_unregister(&vfs->base);
	bh_simdisk_clear(&vfs->disk);
	free(vfs);
}

const char *bh_simvfs_name(const struct bh_simvfs *vfs)
{
	return vfs->name;
}

void bh_simvfs_seed_sqlite(uint32_t seed)
{
	/* 0 would mean: ask the default VFS again, that is, the real machine. */
	sqlite3_test_control(
		SQLITE_TESTCTRL_PRNG_SEED, (int)(seed == 0 ? 1 : seed), (sqlite3 *)NULL);
	sqlite3_randomness(0, NULL);
}

/* Nothing of the old process counts any more. */
static void process_end(struct bh_simvfs *vfs)
{
	for (size_t i = 0; i < vfs->disk.names_len; i++) {
		struct bh_simname *name = &vfs->disk.names[i];

		if (name->live != NULL) {
			bh_simshm_detach(name->live);
			name->live->checkpointers = 0;
		}
	}
	vfs->process++;
	vfs->stopped = false;
	vfs->stop_left = 0;
}

void bh_simvfs_kill(struct bh_simvfs *vfs)
{
	process_end(vfs);
	vfs->disk.stats.kills++;
}

void bh_simvfs_crash(struct bh_simvfs *vfs)
{
	process_end(vfs);
	bh_simdisk_crash(&vfs->disk, &vfs->crash_rng);
}
