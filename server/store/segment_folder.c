/* Segments as files.
 *
 * A file is made with its first block and never changed but at its end; after anything that failed
 * it is let go of, and the next one begins where the last sync stood.  A share that went away and
 * came back, or another disk at the same place, is noticed by the path: it has to lead to the very
 * file that is open. */
#include "server/store/segment_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/store/folder.h"

#define SUFFIX ".segment"
#define FILE_MODE 0600

void bh_segment_name(uint64_t first, uint64_t number, char name[BH_SEGMENT_NAME_MAX])
{
	(void)snprintf(
		name, BH_SEGMENT_NAME_MAX, "%012" PRIu64 "-%06" PRIu64 SUFFIX, first, number);
}

/* ---- Reading ---- */

static bool digits_take(const char **at, uint64_t *out)
{
	size_t len = strspn(*at, "0123456789");

	if (len == 0 || len > 18)
		return false;
	*out = strtoull(*at, NULL, 10);
	*at += len;
	return true;
}

static bool name_parse(const char *name, struct bh_segment_file *out)
{
	char again[BH_SEGMENT_NAME_MAX];
	const char *at = name;

	if (!digits_take(&at, &out->first) || *at++ != '-' || !digits_take(&at, &out->number))
		return false;
	bh_segment_name(out->first, out->number, again);
	return strcmp(name, again) == 0;
}

static int by_number(const void *a, const void *b)
{
	const struct bh_segment_file *left = a, *right = b;

	return left->number < right->number ? -1 : left->number > right->number;
}

static int file_note(struct bh_segment_folder *folder, const struct bh_segment_file *file)
{
	size_t count = folder->count;

	if (count == BH_SEGMENT_FILES_MAX)
		return BH_ERR_LIMIT;
	if ((count & (count - 1)) == 0) {
		struct bh_segment_file *more = realloc(
			folder->files, (count ? 2 * count : 1) * sizeof(*more));
		if (!more)
			return BH_ERR_NOMEM;
		folder->files = more;
	}
	folder->files[folder->count++] = *file;
	return BH_NOERR;
}

int bh_segment_folder_list(const char *path, struct bh_segment_folder *out)
{
	struct bh_segment_file file = {0};
	struct dirent *entry;

	*out = (struct bh_segment_folder){.loaded = BH_BUF(BH_SEGMENT_BYTES_MAX)};
	int err = bh_path_join(out->path, sizeof(out->path), path, NULL);
	if (err)
		return err;
	DIR *folder = opendir(path);
	if (!folder)
		return bh_file_err();
	errno = 0;
	while (!err && (entry = readdir(folder)) != NULL) {
		if (name_parse(entry->d_name, &file))
			err = file_note(out, &file);
		errno = 0;
	}
	if (!err && errno != 0)
		err = bh_file_err();
	(void)closedir(folder);
	if (out->count)
		qsort(out->files, out->count, sizeof(*out->files), by_number);
	return err;
}

void bh_segment_folder_free(struct bh_segment_folder *folder)
{
	free(folder->files);
	free(folder->infos);
	bh_buf_free(&folder->loaded);
	*folder = (struct bh_segment_folder){0};
}

int bh_segment_folder_load(void *context, size_t file, struct bh_span *bytes)
{
	struct bh_segment_folder *folder = context;
	char name[BH_SEGMENT_NAME_MAX], path[BH_BACKUP_PATH_MAX];

	bh_segment_name(folder->files[file].first, folder->files[file].number, name);
	int err = bh_path_join(path, sizeof(path), folder->path, name, NULL);
	folder->loaded.len = 0;
	if (!err)
		err = bh_file_read(path, &folder->loaded);
	*bytes = bh_buf_span(&folder->loaded);
	return err;
}

int bh_segment_folder_judge(struct bh_segment_folder *folder, struct bh_hasher *hasher,
	const char *code, struct bh_segment_road *out)
{
	struct bh_span bytes;
	int err = BH_NOERR;

	free(folder->infos);
	folder->infos = calloc(folder->count + 1, sizeof(*folder->infos));
	if (!folder->infos)
		return BH_ERR_NOMEM;
	for (size_t i = 0; !err && i < folder->count; i++) {
		err = bh_segment_folder_load(folder, i, &bytes);
		if (!err)
			err = bh_segment_read(hasher, code, bytes, NULL, NULL, &folder->infos[i]);
	}
	*out = (struct bh_segment_road){.code = code,
		.infos = folder->infos,
		.count = folder->count,
		.load = bh_segment_folder_load,
		.context = folder};
	return err;
}

/* ---- Writing ---- */

static int bytes_write(int fd, struct bh_span bytes)
{
	size_t at = 0;

	while (at < bytes.len) {
		ssize_t n = write(fd, bytes.data + at, bytes.len - at);
		if (n < 0 && errno != EINTR)
			return bh_file_err();
		at += n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) == 0 ? BH_NOERR : bh_file_err();
}

int bh_segment_write_new(struct bh_segment_writing *writing, const char *path, struct bh_span bytes)
{
	char above[BH_BACKUP_PATH_MAX];
	const char *slash = strrchr(path, '/');

	*writing = (struct bh_segment_writing){.fd = -1};
	(void)snprintf(
		above, sizeof(above), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
	int err = bh_path_join(writing->path, sizeof(writing->path), path, NULL);
	if (err)
		return err;
	writing->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, FILE_MODE);
	if (writing->fd < 0)
		return bh_file_err();
	err = bytes_write(writing->fd, bytes);
	if (!err)
		err = bh_folder_durable(above);
	writing->bytes = bytes.len;
	if (err) {
		(void)unlink(path);
		bh_segment_write_stop(writing);
	}
	return err;
}

bool bh_segment_write_there(const struct bh_segment_writing *writing)
{
	struct stat open, named;

	return fstat(writing->fd, &open) == 0 && stat(writing->path, &named) == 0 &&
	       open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

int bh_segment_write_more(struct bh_segment_writing *writing, struct bh_span bytes)
{
	if (!bh_segment_write_there(writing))
		return BH_ERR_NOT_FOUND;
	int err = bytes_write(writing->fd, bytes);
	if (!err)
		writing->bytes += bytes.len;
	return err;
}

void bh_segment_write_stop(struct bh_segment_writing *writing)
{
	if (writing->fd >= 0)
		(void)close(writing->fd);
	writing->fd = -1;
}
