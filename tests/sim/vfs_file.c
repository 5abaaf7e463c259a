/* What SQLite does to an open file.  Every call first asks whether its process still lives, then
 * whether a stop or a planned fault strikes, and only then touches the disk. */
#include <string.h>

#include "tests/sim/vfs_machine.h"

#include "proto/err.h"
#include "server/store/blob_control.h"

bool bh_simhandle_is_alive(struct bh_simhandle *handle)
{
	struct bh_simvfs *vfs = handle->vfs;

	if (handle->process == vfs->process && !vfs->stopped)
		return true;
	vfs->disk.stats.dead_calls++;
	return false;
}

static int sqlite_code(int err)
{
	switch (err) {
	case BH_NOERR:
		return SQLITE_OK;
	case BH_ERR_NOMEM:
		return SQLITE_IOERR_NOMEM;
	case BH_ERR_LIMIT:
		return SQLITE_FULL;
	default:
		return SQLITE_IOERR;
	}
}

static int handle_close(sqlite3_file *base)
{
	struct bh_simhandle *handle = (struct bh_simhandle *)base;
	struct bh_simhandle **at = &handle->vfs->handles;

	while (*at != handle)
		at = &(*at)->next;
	*at = handle->next;
	(void)bh_simshm_unmap(base, 0);
	bh_simfile_release(handle->file);
	handle->file = NULL;
	return SQLITE_OK;
}

static int handle_read(sqlite3_file *base, void *out, int amount, sqlite3_int64 offset)
{
	struct bh_simhandle *handle = (struct bh_simhandle *)base;
	size_t len = (size_t)amount;
	size_t there;
	int fault;

	if (!bh_simhandle_is_alive(handle))
		return SQLITE_IOERR;
	fault = bh_simvfs_fault_due(handle->vfs, BH_SIMVFS_READ, handle->path);
	if (fault == BH_SIMVFS_SHORT) {
		len = (size_t)bh_simrng_below(&handle->vfs->fault_rng, len + 1);
		(void)bh_simfile_read(handle->file, (uint64_t)offset, out, len);
	}
	if (fault != BH_SIMFAULT_NONE)
		return SQLITE_IOERR_READ;
	there = bh_simfile_read(handle->file, (uint64_t)offset, out, len);
	if (there == len)
		return SQLITE_OK;
	memset((uint8_t *)out + there, 0, len - there);
	return SQLITE_IOERR_SHORT_READ;
}

/* By how many bytes the files of the machine may still grow. */
static uint64_t budget_spare(const struct bh_simvfs *vfs)
{
	return vfs->budget_bytes > vfs->disk.bytes_used ? vfs->budget_bytes - vfs->disk.bytes_used
							: 0;
}

/* How many of len bytes at offset fit on the disk. */
static size_t budget_room(const struct bh_simhandle *handle, uint64_t offset, size_t len)
{
	uint64_t size = handle->file->live.len;
	uint64_t spare = budget_spare(handle->vfs);
	uint64_t end_max = size > UINT64_MAX - spare ? UINT64_MAX : size + spare;

	if (offset + len <= end_max)
		return len;
	return end_max > offset ? (size_t)(end_max - offset) : 0;
}

static int handle_write(sqlite3_file *base, const void *data, int amount, sqlite3_int64 offset)
{
	struct bh_simhandle *handle = (struct bh_simhandle *)base;
	struct bh_simvfs *vfs = handle->vfs;
	size_t len = (size_t)amount;
	size_t fits;
	bool strikes;
	int fault;
	int err;

	if (!bh_simhandle_is_alive(handle))
		return SQLITE_IOERR;
	fault = bh_simvfs_fault_due(vfs, BH_SIMVFS_WRITE, handle->path);
	strikes = bh_simvfs_stop_strikes(vfs);
	if (fault == BH_SIMVFS_FULL)
		return SQLITE_FULL;
	if (fault == BH_SIMVFS_EIO)
		return SQLITE_IOERR_WRITE;
	fits = budget_room(handle, (uint64_t)offset, len);
	if (strikes || fault == BH_SIMVFS_SHORT)
		len = (size_t)bh_simrng_below(&vfs->fault_rng, len + 1);
	if (fits < len)
		vfs->disk.stats.budget_full++;
	err = bh_simfile_write(handle->file, (uint64_t)offset, data, fits < len ? fits : len);
	if (strikes)
		return SQLITE_IOERR;
	if (err != BH_NOERR)
		return sqlite_code(err);
	if (fits < len)
		return SQLITE_FULL;
	return fault == BH_SIMVFS_SHORT ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int handle_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct bh_simhandle *handle = (struct bh_simhandle *)base;
	struct bh_simvfs *vfs = handle->vfs;
	int fault;

	if (!bh_simhandle_is_alive(handle))
		return SQLITE_IOERR;
	fault = bh_simvfs_fault_due(vfs, BH_SIMVFS_TRUNCATE, handle->path);
	if (bh_simvfs_stop_strikes(vfs)) {
		if (bh_simrng_below(&vfs->fault_rng, 2) == 0)
			(void)bh_simfile_truncate(handle->file, (uint64_t)size);
		return SQLITE_IOERR;
	}
	if (fault != BH_SIMFAULT_NONE)
		return SQLITE_IOERR_TRUNCATE;
	if ((uint64_t)size > handle->file->live.len &&
		(uint64_t)size - handle->file->live.len > budget_spare(vfs)) {
		vfs->disk.stats.budget_full++;
		return SQLITE_FULL;
	}
	return sqlite_code(bh_simfile_truncate(handle->file, (uint64_t)size));
}

/* names: its folder's alone, not its bytes. */
static void handle_sync_now(struct bh_simhandle *handle, bool names)
{
	if (!names)
		bh_simfile_sync(handle->file);
	if (names || handle->syncs_folder)
		bh_simdisk_sync_folder(&handle->vfs->disk, handle->path);
	handle->syncs_folder = false;
}

static int handle_sync_faulty(struct bh_simhandle *handle, int fault, bool names)
{
	struct bh_simvfs *vfs = handle->vfs;

	if (fault == BH_SIMVFS_SYNC_DONE)
		handle_sync_now(handle, names);
	else if (fault == BH_SIMVFS_SYNC_PART && !names)
		bh_simfile_sync_part(handle->file, &vfs->fault_rng);
	else if (fault == BH_SIMVFS_SYNC_GONE && !names)
		bh_simfile_forget(handle->file);
	return SQLITE_IOERR_FSYNC;
}

static int handle_sync_what(struct bh_simhandle *handle, bool names)
{
	struct bh_simvfs *vfs = handle->vfs;
	int fault;

	if (!bh_simhandle_is_alive(handle))
		return SQLITE_IOERR;
	fault = bh_simvfs_fault_due(vfs, BH_SIMVFS_SYNC, handle->path);
	vfs->disk.stats.checkpoint_syncs += bh_simshm_is_checkpointing(vfs) ? 1 : 0;
	if (bh_simvfs_stop_strikes(vfs)) {
		if (bh_simrng_below(&vfs->fault_rng, 2) == 0)
			handle_sync_now(handle, names);
		return SQLITE_IOERR;
	}
	if (fault != BH_SIMFAULT_NONE)
		return handle_sync_faulty(handle, fault, names);
	handle_sync_now(handle, names);
	return SQLITE_OK;
}

static int handle_sync(sqlite3_file *base, int flags)
{
	(void)flags;
	return handle_sync_what((struct bh_simhandle *)base, false);
}

static int handle_size(sqlite3_file *base, sqlite3_int64 *out)
{
	struct bh_simhandle *handle = (struct bh_simhandle *)base;

	if (!bh_simhandle_is_alive(handle))
		return SQLITE_IOERR;
	*out = (sqlite3_int64)handle->file->live.len;
	return SQLITE_OK;
}

static void checkpoint_begin(struct bh_simhandle *handle)
{
	struct bh_simvfs_stats *stats = &handle->vfs->disk.stats;
	struct bh_simfile *file = handle->file;

	stats->checkpoints++;
	if (!handle->checkpointed)
		file->checkpointers++;
	handle->checkpointed = true;
	if (file->checkpointers > stats->checkpointers_max)
		stats->checkpointers_max = file->checkpointers;
}

/* The open file takes another name, whatever had it before; durable with its folder. */
static int handle_rename(struct bh_simhandle *handle, const char *path)
{
	struct bh_simvfs *vfs = handle->vfs;
	bool strikes;
	int err;

	if (!bh_simhandle_is_alive(handle))
		return SQLITE_IOERR;
	strikes = bh_simvfs_stop_strikes(vfs);
	if (strikes && bh_simrng_below(&vfs->fault_rng, 2) == 0)
		return SQLITE_IOERR;
	err = bh_simdisk_rename(&vfs->disk, handle->path, path);
	return strikes ? SQLITE_IOERR : sqlite_code(err);
}

static int handle_control(sqlite3_file *base, int operation, void *argument)
{
	struct bh_simhandle *handle = (struct bh_simhandle *)base;
	int *flag = argument;

	switch (operation) {
	case SQLITE_FCNTL_LOCKSTATE:
		*flag = handle->lock;
		return SQLITE_OK;
	case SQLITE_FCNTL_PERSIST_WAL:
		if (*flag >= 0)
			handle->keeps_wal = *flag != 0;
		*flag = handle->keeps_wal ? 1 : 0;
		return SQLITE_OK;
	case SQLITE_FCNTL_VFSNAME:
		*(char **)argument = sqlite3_mprintf("%s", handle->vfs->name);
		return SQLITE_OK;
	case BH_BLOB_FCNTL_RENAME:
		return handle_rename(handle, argument);
	case BH_BLOB_FCNTL_SYNC_FOLDER:
		return handle_sync_what(handle, true);
	case BH_BLOB_FCNTL_ROOM:
		if (handle->vfs->budget_bytes != UINT64_MAX)
			*(uint64_t *)argument = budget_spare(handle->vfs);
		return SQLITE_OK;
	case SQLITE_FCNTL_CKPT_START:
		if (bh_simhandle_is_alive(handle))
			checkpoint_begin(handle);
		return SQLITE_OK;
	default:
		return SQLITE_NOTFOUND;
	}
}

/* As unix on a journalling file system: the block is 4096, tears come at 512 all the same. */
static int handle_sector_size(sqlite3_file *base)
{
	(void)base;
	return 4096;
}

static int handle_traits(sqlite3_file *base)
{
	(void)base;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = handle_close,
	.xRead = handle_read,
	.xWrite = handle_write,
	.xTruncate = handle_truncate,
	.xSync = handle_sync,
	.xFileSize = handle_size,
	.xLock = bh_simlock_lock,
	.xUnlock = bh_simlock_unlock,
	.xCheckReservedLock = bh_simlock_check_reserved,
	.xFileControl = handle_control,
	.xSectorSize = handle_sector_size,
	.xDeviceCharacteristics = handle_traits,
	.xShmMap = bh_simshm_map,
	.xShmLock = bh_simshm_lock,
	.xShmBarrier = bh_simshm_barrier,
	.xShmUnmap = bh_simshm_unmap,
};

const sqlite3_io_methods *bh_simhandle_methods(void)
{
	return &methods;
}
