/* The platter and the page cache of one simulated machine: files, names, and what lies between a
 * write and its sync.  Knows nothing of SQLite; part of vfs.h's implementation. */
#ifndef BH_TESTS_SIM_VFS_DISK_H
#define BH_TESTS_SIM_VFS_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/sim/rng.h"
#include "tests/sim/vfs.h"

struct bh_simshm;

/* Bytes with room, which never shrinks; past len they are anything. */
struct bh_simimage {
	uint8_t *data;
	size_t len;
	size_t cap;
};

/* One write or truncate that no sync has covered. */
struct bh_simchange {
	uint8_t *data; /* NULL: a truncate (or growth by zeros) to offset bytes */
	uint64_t offset;
	size_t len;
};

/* A file, whatever its names.  Freed with its last reference: a name on either side, or a handle.
 */
struct bh_simfile {
	struct bh_simdisk *disk;
	uint32_t references;
	struct bh_simimage live;    /* what the process reads */
	struct bh_simimage durable; /* what is left for certain; cap >= live.len always */
	struct bh_simchange *unsynced;
	size_t unsynced_len;
	size_t unsynced_cap;
	/* the process's side, see vfs_file.c and vfs_lock.c */
	struct bh_simshm *shm;
	uint64_t checkpointers;
};

/* A name as the process sees it and as the folder on the platter has it; either may be NULL. */
struct bh_simname {
	char path[BH_SIMVFS_PATH_BYTES_MAX];
	struct bh_simfile *live;
	struct bh_simfile *durable;
};

struct bh_simdisk {
	struct bh_simname *names;
	size_t names_len;
	uint64_t bytes_used; /* sum of live.len over all files */
	struct bh_simvfs_stats stats;
};

void bh_simdisk_clear(struct bh_simdisk *disk);

/* The live file of this name, borrowed; NULL if there is none. */
struct bh_simfile *bh_simdisk_find(const struct bh_simdisk *disk, const char *path);

/* A new empty file, under this name (which must be free) or nameless (NULL), with one reference for
 * the caller.  0, BH_ERR_NOMEM or BH_ERR_LIMIT (too many names). */
int bh_simdisk_make(struct bh_simdisk *disk, const char *path, struct bh_simfile **out);

/* Takes the name away from the process's view.  0 or BH_ERR_NOT_FOUND. */
int bh_simdisk_unlink(struct bh_simdisk *disk, const char *path);

/* The file has this name instead, whatever had it before: as the process sees it.  0,
 * BH_ERR_NOT_FOUND, BH_ERR_NOMEM or BH_ERR_LIMIT (too many names). */
int bh_simdisk_rename(struct bh_simdisk *disk, const char *from, const char *to);

/* The folder in which path lies: its names on the platter become what the process sees. */
void bh_simdisk_sync_folder(struct bh_simdisk *disk, const char *path);

/* The power goes: see bh_simvfs_crash.  Counts into stats.  Needs no memory. */
void bh_simdisk_crash(struct bh_simdisk *disk, struct bh_simrng *rng);

/* The name goes, on the platter too. */
void bh_simdisk_forget(struct bh_simdisk *disk, const char *path);

/* A file of these bytes, durable, in place of what had the name.  0, BH_ERR_NOMEM or BH_ERR_LIMIT.
 */
int bh_simdisk_put(struct bh_simdisk *disk, const char *path, const uint8_t *data, size_t len);

/* See bh_simvfs_disk_copy. */
int bh_simdisk_copy(struct bh_simdisk *to, const struct bh_simdisk *from, const char *prefix);

/* To len bytes, those that are new zero; there is room for them. */
void bh_simimage_resize(struct bh_simimage *image, size_t len);
/* Writes over and past what is there; there is room for it. */
void bh_simimage_put(struct bh_simimage *image, uint64_t offset, const uint8_t *data, size_t len);

void bh_simfile_hold(struct bh_simfile *file);
/* Takes NULL. */
void bh_simfile_release(struct bh_simfile *file);

/* How many of the len bytes at offset there are; they are copied to out. */
size_t bh_simfile_read(const struct bh_simfile *file, uint64_t offset, void *out, size_t len);
/* 0, BH_ERR_NOMEM or BH_ERR_LIMIT (too large); unchanged then. */
int bh_simfile_write(struct bh_simfile *file, uint64_t offset, const void *data, size_t len);
int bh_simfile_truncate(struct bh_simfile *file, uint64_t size);

/* Everything unsynced reaches the platter. */
void bh_simfile_sync(struct bh_simfile *file);
/* A subset does, as in a crash; the rest is forgotten though still readable. */
void bh_simfile_sync_part(struct bh_simfile *file, struct bh_simrng *rng);
/* All of it is forgotten. */
void bh_simfile_forget(struct bh_simfile *file);

#endif
