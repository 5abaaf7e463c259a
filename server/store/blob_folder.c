/* The folders of photos: two deep by the first digits of the hash.
 *
 *   not known ──▶ made or there ──▶ its own folder synced ──▶ known: a bit of 65,536
 *
 * One that is there is synced as well: whoever made it may have failed to, or ended in between. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/store/blob_disk.h"

#define FOLDER_MODE 0700
#define FOLDERS_BYTES (65536u / 8u)
#define FOLDER_CHARS 3u /* "/ab" */

int bh_blob_folders_open(struct bh_blob_disk *disk)
{
	disk->folders = calloc(1, FOLDERS_BYTES);
	return disk->folders ? BH_NOERR : BH_ERR_NOMEM;
}

static int path_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return BH_ERR_IO;
	int err = fsync(fd) == 0 ? BH_NOERR : BH_ERR_IO;
	(void)close(fd);
	return err;
}

int bh_blob_folder_sync(const char *path)
{
	char folder[BH_BLOB_PATH_BYTES_MAX];
	const char *slash = strrchr(path, '/');
	int len = slash ? (int)(slash - path) : 0;

	if (len == 0)
		return path_sync(slash ? "/" : ".");
	int n = snprintf(folder, sizeof(folder), "%.*s", len, path);
	return n == len ? path_sync(folder) : BH_ERR_LIMIT;
}

static int folder_make(char *path, char *end)
{
	*end = '\0';
	int made = mkdir(path, FOLDER_MODE), why = errno;
	int err = made == 0 || why == EEXIST ? BH_NOERR : BH_ERR_IO;
	if (err && (why == ENOSPC || why == EDQUOT))
		err = BH_ERR_FULL;
	if (!err)
		err = bh_blob_folder_sync(path);
	*end = '/';
	return err;
}

static uint8_t *folder_bit(struct bh_blob_disk *disk, const uint8_t *hash, uint8_t *bit)
{
	*bit = (uint8_t)(1u << (hash[1] & 7u));
	return &disk->folders[(size_t)hash[0] * 32u + (hash[1] >> 3)];
}

int bh_blob_folders_make(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES])
{
	uint8_t bit, *byte = folder_bit(disk, hash, &bit);
	char *end = strrchr(disk->path, '/');
	int err = BH_NOERR;

	if (!disk->is_system || (*byte & bit))
		return BH_NOERR;
	for (size_t up = 3; !err && up-- > 0;)
		err = folder_make(disk->path, end - up * FOLDER_CHARS);
	if (!err)
		*byte |= bit;
	return err;
}

void bh_blob_folders_doubt(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES])
{
	uint8_t bit, *byte = folder_bit(disk, hash, &bit);

	*byte &= (uint8_t)~bit;
}

int bh_blob_folder_room(const struct bh_blob_disk *disk, uint64_t *bytes)
{
	struct statvfs system;

	if (statvfs(disk->db_path, &system) != 0)
		return BH_ERR_IO;
	*bytes = (uint64_t)system.f_bavail * system.f_frsize;
	return BH_NOERR;
}
