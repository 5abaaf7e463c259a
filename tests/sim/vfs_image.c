/* A machine's files and figures seen from outside: looked at, exported for a checker, copied to
 * another machine, added up. */
#include <stdio.h>
#include <string.h>

#include "proto/err.h"
#include "tests/sim/vfs_machine.h"

/* The name as the disk stores it: with its leading '/'.  False if it is too long to be one. */
static bool path_full(const char *path, char out[BH_SIMVFS_PATH_BYTES_MAX])
{
	int len = snprintf(out, BH_SIMVFS_PATH_BYTES_MAX, "%s%s", path[0] == '/' ? "" : "/", path);

	return len >= 0 && (size_t)len < BH_SIMVFS_PATH_BYTES_MAX;
}

static const struct bh_simname *name_of(const struct bh_simvfs *vfs, const char *path)
{
	char full[BH_SIMVFS_PATH_BYTES_MAX];

	for (size_t i = 0; path_full(path, full) && i < vfs->disk.names_len; i++) {
		if (strcmp(vfs->disk.names[i].path, full) == 0)
			return &vfs->disk.names[i];
	}
	return NULL;
}

static const struct bh_simfile *file_named(const struct bh_simvfs *vfs, const char *path)
{
	char full[BH_SIMVFS_PATH_BYTES_MAX];

	return path_full(path, full) ? bh_simdisk_find(&vfs->disk, full) : NULL;
}

bool bh_simvfs_file_exists(const struct bh_simvfs *vfs, const char *path)
{
	return file_named(vfs, path) != NULL;
}

bool bh_simvfs_is_durable(const struct bh_simvfs *vfs, const char *path)
{
	const struct bh_simname *name = name_of(vfs, path);

	if (name == NULL || name->live == NULL || name->live != name->durable)
		return false;
	const struct bh_simfile *file = name->live;
	return file->unsynced_len == 0 && file->live.len == file->durable.len &&
	       (file->live.len == 0 ||
		       memcmp(file->live.data, file->durable.data, file->live.len) == 0);
}

int bh_simvfs_file_image(
	const struct bh_simvfs *vfs, const char *path, const uint8_t **data, size_t *len)
{
	const struct bh_simfile *file = file_named(vfs, path);

	if (file == NULL)
		return BH_ERR_NOT_FOUND;
	*data = file->live.data;
	*len = file->live.len;
	return BH_NOERR;
}

int bh_simvfs_export(const struct bh_simvfs *vfs, const char *path, const char *real_path)
{
	const uint8_t *data = NULL;
	size_t len = 0;
	size_t written;
	FILE *out;
	int err = bh_simvfs_file_image(vfs, path, &data, &len);

	if (err != BH_NOERR)
		return err;
	out = fopen(real_path, "wb");
	if (out == NULL)
		return BH_ERR_IO;
	written = len == 0 ? 0 : fwrite(data, 1, len, out);
	if (fclose(out) != 0 || written != len)
		return BH_ERR_IO;
	return BH_NOERR;
}

int bh_simvfs_disk_copy(struct bh_simvfs *to, const struct bh_simvfs *from, const char *prefix)
{
	bh_simvfs_kill(to);
	return bh_simdisk_copy(&to->disk, &from->disk, prefix);
}

int bh_simvfs_file_put(struct bh_simvfs *vfs, const char *path, const uint8_t *data, size_t len)
{
	char full[BH_SIMVFS_PATH_BYTES_MAX];

	return path_full(path, full) ? bh_simdisk_put(&vfs->disk, full, data, len) : BH_ERR_LIMIT;
}

void bh_simvfs_sweep(
	struct bh_simvfs *vfs, const char *prefix, bh_simvfs_stays *stays, void *context)
{
	struct bh_simdisk *disk = &vfs->disk;

	bh_simvfs_kill(vfs);
	for (size_t i = 0; i < disk->names_len; i++) {
		const struct bh_simname *name = &disk->names[i];
		const struct bh_simfile *file = name->live;

		if (strncmp(name->path, prefix, strlen(prefix)) != 0)
			continue;
		if (file == NULL || stays == NULL ||
			!stays(context, name->path, file->live.data, file->live.len))
			bh_simdisk_forget(disk, name->path);
		else
			bh_simdisk_sync_folder(disk, name->path);
	}
}

uint64_t bh_simvfs_hash(const struct bh_simvfs *vfs)
{
	uint64_t sum = 0; /* the same whatever order the names were first used in */

	for (size_t i = 0; i < vfs->disk.names_len; i++) {
		const struct bh_simname *name = &vfs->disk.names[i];
		uint64_t hash;

		if (name->live == NULL)
			continue;
		hash = bh_simhash_text(BH_SIMHASH_START, name->path);
		hash = bh_simhash_u64(hash, name->live->live.len);
		sum += bh_simhash_bytes(hash, name->live->live.data, name->live->live.len);
	}
	return sum;
}

struct bh_simvfs_stats bh_simvfs_stats(const struct bh_simvfs *vfs)
{
	return vfs->disk.stats;
}

/* The struct is counts and nothing else, so that it can be added as an array of them. */
_Static_assert(sizeof(struct bh_simvfs_stats) % sizeof(uint64_t) == 0, "counts only");

void bh_simvfs_stats_add(struct bh_simvfs_stats *total, const struct bh_simvfs_stats *more)
{
	uint64_t checkpointers_max = total->checkpointers_max > more->checkpointers_max
					     ? total->checkpointers_max
					     : more->checkpointers_max;
	uint64_t sums[sizeof(*total) / sizeof(uint64_t)];
	uint64_t terms[sizeof(*total) / sizeof(uint64_t)];

	memcpy(sums, total, sizeof(sums));
	memcpy(terms, more, sizeof(terms));
	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		sums[i] += terms[i];
	memcpy(total, sums, sizeof(sums));
	total->checkpointers_max = checkpointers_max;
}
