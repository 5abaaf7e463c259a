/* The folders of photos: two deep by the first digits of the hash.
 *
 *   not known ──▶ made or there ──▶ its own folder synced ──▶ known: a bit of 65,536, of the 256
 *                                                              above them, and of the one above
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
#define FOLDERS (65536u + 256u + 1u)
#define FOLDERS_BYTES (FOLDERS / 8u + 1u)
#define FOLDER_CHARS 3u /* "/ab" */
#define FOLDER_LEVELS 3u

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

/* up: 0 the one it lies in, then the one above. */
static uint8_t *folder_bit(struct bh_blob_disk *disk, const uint8_t *hash, size_t up, uint8_t *bit)
{
	const size_t at[FOLDER_LEVELS] = {
		(size_t)hash[0] * 256u + hash[1], 65536u + hash[0], FOLDERS - 1u};

	*bit = (uint8_t)(1u << (at[up] & 7u));
	return &disk->folders[at[up] >> 3];
}

int bh_blob_folders_make(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES])
{
	char *end = strrchr(disk->path, '/');
	int err = BH_NOERR;

	if (!disk->is_system)
		return BH_NOERR;
	for (size_t up = FOLDER_LEVELS; !err && up-- > 0;) {
		uint8_t bit, *byte = folder_bit(disk, hash, up, &bit);

		if (*byte & bit)
			continue;
		err = folder_make(disk->path, end - up * FOLDER_CHARS);
		if (!err)
			*byte |= bit;
	}
	return err;
}

void bh_blob_folders_doubt(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES])
{
	for (size_t up = 0; up < FOLDER_LEVELS; up++) {
		uint8_t bit, *byte = folder_bit(disk, hash, up, &bit);

		*byte &= (uint8_t)~bit;
	}
}

void bh_blob_flush(const char *path, uint32_t offset, uint32_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)sync_file_range(fd, offset, len, SYNC_FILE_RANGE_WRITE);
	(void)close(fd);
}

int bh_blob_folder_room(const struct bh_blob_disk *disk, uint64_t *bytes)
{
	struct statvfs system;

	if (statvfs(disk->db_path, &system) != 0)
		return BH_ERR_IO;
	*bytes = (uint64_t)system.f_bavail * system.f_frsize;
	return BH_NOERR;
}
