/* Locks among the connections of one process, and the shared memory of a WAL index.  Nobody stores
 * who holds what: each handle knows its own locks, and a conflict is looked for among the other
 * handles on the same file.  So a process's death frees everything by making its handles not count.
 * A region handed to SQLite stays allocated until the last handle that mapped it is closed: SQLite
 * may still look at it. */
#include <stdlib.h>

#include "tests/sim/vfs_machine.h"

#include "proto/err.h"

#define SHM_REGIONS_MAX 64
#define SHM_CHECKPOINT_LOCK 1u /* SQLite's WAL_CKPT_LOCK, part of its file format */

struct bh_simshm {
	void *regions[SHM_REGIONS_MAX];
	uint32_t references;     /* handles */
	struct bh_simfile *file; /* NULL once detached */
};

/* The next living handle on the same file other than handle; start with NULL. */
static struct bh_simhandle *next_rival(
	const struct bh_simhandle *handle, const struct bh_simhandle *after)
{
	struct bh_simhandle *at = after == NULL ? handle->vfs->handles : after->next;

	while (at != NULL &&
		(at == handle || at->file != handle->file || at->process != handle->vfs->process))
		at = at->next;
	return at;
}

static int highest_rival_lock(const struct bh_simhandle *handle)
{
	struct bh_simhandle *rival = NULL;
	int highest = SQLITE_LOCK_NONE;

	while ((rival = next_rival(handle, rival)) != NULL)
		if (rival->lock > highest)
			highest = rival->lock;
	return highest;
}

/*
 *	NONE ──▶ SHARED ──▶ RESERVED ──▶ (PENDING) ──▶ EXCLUSIVE
 *	many may share; one reserves; pending lets no new reader in; exclusive is alone
 */
int bh_simlock_lock(sqlite3_file *base, int level)
{
	struct bh_simhandle *handle = (struct bh_simhandle *)base;
	int rival;

	if (!bh_simhandle_is_alive(handle))
		return SQLITE_IOERR;
	if (handle->lock >= level)
		return SQLITE_OK;
	rival = highest_rival_lock(handle);
	if (level == SQLITE_LOCK_SHARED) {
		if (rival >= SQLITE_LOCK_PENDING)
			return SQLITE_BUSY;
	} else if (rival >= SQLITE_LOCK_RESERVED) {
		return SQLITE_BUSY;
	} else if (level == SQLITE_LOCK_EXCLUSIVE && rival >= SQLITE_LOCK_SHARED) {
		handle->lock = SQLITE_LOCK_PENDING;
		return SQLITE_BUSY;
	}
	handle->lock = level;
	return SQLITE_OK;
}

int bh_simlock_unlock(sqlite3_file *base, int level)
{
	struct bh_simhandle *handle = (struct bh_simhandle *)base;

	if (!bh_simhandle_is_alive(handle))
		return SQLITE_IOERR;
	if (handle->lock > level)
		handle->lock = level;
	return SQLITE_OK;
}

int bh_simlock_check_reserved(sqlite3_file *base, int *out)
{
	struct bh_simhandle *handle = (struct bh_simhandle *)base;

	if (!bh_simhandle_is_alive(handle))
		return SQLITE_IOERR;
	*out = handle->lock >= SQLITE_LOCK_RESERVED ||
	       highest_rival_lock(handle) >= SQLITE_LOCK_RESERVED;
	return SQLITE_OK;
}

static int shm_attach(struct bh_simhandle *handle)
{
	struct bh_simshm *shm = handle->file->shm;

	if (handle->shm != NULL)
		return SQLITE_OK;
	if (shm == NULL) {
		shm = calloc(1, sizeof(*shm));
		if (shm == NULL)
			return SQLITE_IOERR_NOMEM;
		shm->file = handle->file;
		handle->file->shm = shm;
	}
	shm->references++;
	handle->shm = shm;
	return SQLITE_OK;
}

int bh_simshm_map(sqlite3_file *base, int region, int bytes, int extend, void volatile **out)
{
	struct bh_simhandle *handle = (struct bh_simhandle *)base;
	int rc;

	*out = NULL;
	if (!bh_simhandle_is_alive(handle))
		return SQLITE_IOERR;
	if (bh_simvfs_fault_due(handle->vfs, BH_SIMVFS_SHM_MAP, handle->path) != BH_SIMFAULT_NONE)
		return SQLITE_IOERR_SHMMAP;
	rc = shm_attach(handle);
	if (rc != SQLITE_OK)
		return rc;
	if (region < 0 || region >= SHM_REGIONS_MAX)
		return SQLITE_IOERR_SHMSIZE;
	if (handle->shm->regions[region] == NULL && extend != 0) {
		handle->shm->regions[region] = calloc(1, (size_t)bytes);
		if (handle->shm->regions[region] == NULL)
			return SQLITE_IOERR_NOMEM;
	}
	*out = handle->shm->regions[region];
	return SQLITE_OK;
}

static void shm_release(struct bh_simhandle *handle)
{
	struct bh_simshm *shm = handle->shm;

	handle->shm = NULL;
	handle->shm_shared = 0;
	handle->shm_exclusive = 0;
	if (shm == NULL || --shm->references > 0)
		return;
	if (shm->file != NULL)
		shm->file->shm = NULL;
	for (size_t i = 0; i < SHM_REGIONS_MAX; i++)
		free(shm->regions[i]);
	free(shm);
}

int bh_simshm_unmap(sqlite3_file *base, int delete_it)
{
	(void)delete_it; /* the regions go with the last handle either way */
	shm_release((struct bh_simhandle *)base);
	return SQLITE_OK;
}

void bh_simshm_detach(struct bh_simfile *file)
{
	if (file->shm != NULL)
		file->shm->file = NULL;
	file->shm = NULL;
}

int bh_simshm_lock(sqlite3_file *base, int first, int count, int flags)
{
	struct bh_simhandle *handle = (struct bh_simhandle *)base;
	unsigned mask = ((1u << count) - 1u) << first;
	struct bh_simhandle *rival = NULL;
	unsigned shared = 0;
	unsigned exclusive = 0;

	if (!bh_simhandle_is_alive(handle))
		return SQLITE_IOERR;
	if ((flags & SQLITE_SHM_UNLOCK) != 0) {
		handle->shm_shared &= ~mask;
		handle->shm_exclusive &= ~mask;
		return SQLITE_OK;
	}
	while ((rival = next_rival(handle, rival)) != NULL) {
		shared |= rival->shm_shared;
		exclusive |= rival->shm_exclusive;
	}
	if ((exclusive & mask) != 0)
		return SQLITE_BUSY;
	if ((flags & SQLITE_SHM_SHARED) != 0) {
		handle->shm_shared |= mask;
		return SQLITE_OK;
	}
	if ((shared & mask) != 0)
		return SQLITE_BUSY;
	handle->shm_exclusive |= mask;
	return SQLITE_OK;
}

bool bh_simshm_is_checkpointing(const struct bh_simvfs *vfs)
{
	const struct bh_simhandle *at = vfs->handles;

	while (at != NULL && (at->process != vfs->process ||
				     (at->shm_exclusive & 1u << SHM_CHECKPOINT_LOCK) == 0))
		at = at->next;
	return at != NULL;
}

/* One thread: what was written is seen. */
void bh_simshm_barrier(sqlite3_file *base)
{
	(void)base;
}
