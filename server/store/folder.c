/* Whole files: read, written, hashed, synced.  Nothing here follows a link out of a folder, and no
 * success is told before what it wrote is durable. */
#include "server/store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/store/running_hash.h"

#define BUFFER_BYTES 262144u
#define FOLDER_MODE 0700
#define FILE_MODE 0600
#define FOLDERS_OPEN_MAX 16

int bh_path_join(char *out, size_t size, const char *first, ...)
{
	va_list parts;
	int n = snprintf(out, size, "%s", first);
	size_t len = n > 0 ? (size_t)n : 0;

	va_start(parts, first);
	for (const char *part; len < size && (part = va_arg(parts, const char *)) != NULL;) {
		n = snprintf(out + len, size - len, "/%s", part);
		len += n > 0 ? (size_t)n : 0;
	}
	va_end(parts);
	return len > 0 && len < size ? BH_NOERR : BH_ERR_LIMIT;
}

int bh_file_err(void)
{
	switch (errno) {
	case ENOSPC:
	case EDQUOT:
		return BH_ERR_FULL;
	case ENOENT:
	case ENOTDIR:
		return BH_ERR_NOT_FOUND;
	case EEXIST:
	case ENOTEMPTY:
		return BH_ERR_EXISTS;
	case ENOMEM:
	case EMFILE:
	case ENFILE:
		return BH_ERR_NOMEM;
	default:
		return BH_ERR_IO;
	}
}

bool bh_file_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

int bh_folder_durable(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return bh_file_err();
	int err = fsync(fd) == 0 ? BH_NOERR : bh_file_err();
	(void)close(fd);
	return err;
}

int bh_folder_make(const char *path)
{
	char above[4096];
	const char *slash = strrchr(path, '/');

	if (mkdir(path, FOLDER_MODE) != 0)
		return bh_file_err();
	int n = snprintf(
		above, sizeof(above), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
	return n > 0 && (size_t)n < sizeof(above) ? bh_folder_durable(above)
						  : bh_folder_durable("/");
}

static int thing_remove(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path) == 0 ? 0 : -1;
}

int bh_folder_remove(const char *path)
{
	if (!bh_file_there(path))
		return BH_NOERR;
	return nftw(path, thing_remove, FOLDERS_OPEN_MAX, FTW_DEPTH | FTW_PHYS) == 0
		       ? BH_NOERR
		       : bh_file_err();
}

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return bh_file_err();
		bytes += n;
		len -= (size_t)n;
	}
	return BH_NOERR;
}

/* Reads to the end, into another file and a hash, where there are such. */
static int fd_pour(int from, int to, struct bh_running_hash *hash, uint64_t *bytes)
{
	uint8_t *buffer = malloc(BUFFER_BYTES);
	int err = buffer ? BH_NOERR : BH_ERR_NOMEM;
	ssize_t n = 1;

	*bytes = 0;
	while (!err && n != 0) {
		n = read(from, buffer, BUFFER_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = bh_file_err();
		if (n <= 0)
			continue;
		*bytes += (uint64_t)n;
		bh_running_hash_add(hash, bh_span(buffer, (size_t)n));
		if (to >= 0)
			err = write_all(to, buffer, (size_t)n);
	}
	free(buffer);
	return err;
}

static int fd_end(int fd, int err)
{
	if (!err && fsync(fd) != 0)
		err = bh_file_err();
	if (close(fd) != 0 && !err)
		err = bh_file_err();
	return err;
}

static int pour(const char *path, int to, uint64_t *bytes, uint8_t hash[BH_HASH_BYTES])
{
	int from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (from < 0)
		return bh_file_err();
	struct bh_running_hash *running = bh_running_hash_new();
	int err = running ? fd_pour(from, to, running, bytes) : BH_ERR_NOMEM;
	if (!err)
		bh_running_hash_tell(running, hash);
	bh_running_hash_free(running);
	(void)close(from);
	return err;
}

int bh_file_copy(const char *from, const char *to, uint8_t hash[BH_HASH_BYTES])
{
	uint8_t own[BH_HASH_BYTES];
	uint64_t bytes;

	if (!bh_file_there(from))
		return BH_ERR_NOT_FOUND;
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return bh_file_err();
	int err = fd_end(fd, pour(from, fd, &bytes, hash ? hash : own));
	if (err)
		(void)unlink(to);
	return err;
}

int bh_file_hash(const char *path, uint64_t *bytes, uint8_t hash[BH_HASH_BYTES])
{
	return pour(path, -1, bytes, hash);
}

int bh_file_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? bh_file_err() : fd_end(fd, BH_NOERR);
}

int bh_file_write(const char *path, struct bh_span bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);

	return fd < 0 ? bh_file_err() : fd_end(fd, write_all(fd, bytes.data, bytes.len));
}

int bh_file_read(const char *path, struct bh_buf *out)
{
	uint8_t chunk[4096];
	int err = BH_NOERR, fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 1;

	if (fd < 0)
		return bh_file_err();
	while (!err && n != 0) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno != EINTR)
			err = bh_file_err();
		if (n > 0)
			err = bh_buf_append(out, chunk, (size_t)n);
	}
	(void)close(fd);
	return err;
}
