/* Written beside its name, synced, then named, and the name synced in its folder: whoever pulls the
 * stick out meets all of a file or none.  Sticks know no links and some no folder's sync: where the
 * system says that it cannot, that is no failure. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client-lib/carry_file.h"
#include "proto/err.h"

#define PIECE_BYTES (64u * 1024u)
#define PART_END ".part"

static int fault(struct bh_carry_file *file)
{
	file->error = errno;
	return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? BH_ERR_FULL : BH_ERR_IO;
}

static int write_all(int fd, struct bh_span bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.data, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes = bh_span(bytes.data + n, bytes.len - (size_t)n);
	}
	return 0;
}

static int file_take(void *context, struct bh_span bytes)
{
	struct bh_carry_file *file = context;

	if (write_all(file->fd, bytes) != 0)
		return fault(file);
	file->bytes += bytes.len;
	return 0;
}

struct bh_bundle_sink bh_carry_file_sink(struct bh_carry_file *file)
{
	return (struct bh_bundle_sink){file_take, file};
}

static void file_release(struct bh_carry_file *file)
{
	if (file->fd >= 0)
		(void)close(file->fd);
	file->fd = -1;
	free(file->path);
	free(file->part);
	file->path = NULL;
	file->part = NULL;
}

int bh_carry_file_begin(struct bh_carry_file *file, const char *path)
{
	size_t size = strlen(path) + sizeof(PART_END);
	struct stat st;

	*file = (struct bh_carry_file){.path = strdup(path), .part = malloc(size), .fd = -1};
	int rc = file->path && file->part ? 0 : BH_ERR_NOMEM;

	if (rc == 0 && lstat(path, &st) == 0)
		rc = BH_ERR_EXISTS;
	if (rc == 0) {
		(void)snprintf(file->part, size, "%s%s", path, PART_END);
		file->fd = open(
			file->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
		rc = file->fd >= 0 ? 0 : fault(file);
	}
	if (rc != 0)
		file_release(file);
	return rc;
}

static void folder_sync(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		slash[slash == path ? 1 : 0] = '\0';
	int fd = open(slash ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)fsync(fd);
	(void)close(fd);
}

int bh_carry_file_end(struct bh_carry_file *file, int rc)
{
	if (rc == 0 && fsync(file->fd) != 0)
		rc = fault(file);
	if (rc == 0 && rename(file->part, file->path) != 0)
		rc = fault(file);
	if (rc != 0)
		(void)unlink(file->part);
	else
		folder_sync(file->path);
	file_release(file);
	return rc;
}

/* ---- Reading ----------------------------------------------------------------------------- */

static int pieces_read(
	int fd, int (*take)(void *context, struct bh_span bytes), void *context, uint64_t *bytes)
{
	uint8_t piece[PIECE_BYTES];

	for (;;) {
		ssize_t n = read(fd, piece, sizeof(piece));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return BH_ERR_IO;
		if (n == 0)
			return 0;
		*bytes += (size_t)n;
		int rc = take(context, bh_span(piece, (size_t)n));

		if (rc != 0)
			return rc;
	}
}

int bh_carry_file_read(const char *path, int (*take)(void *context, struct bh_span bytes),
	void *context, uint64_t *bytes, int *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	*bytes = 0;
	errno = fd >= 0 ? 0 : errno;
	int rc = fd >= 0 ? 0 : errno == ENOENT ? BH_ERR_NOT_FOUND : BH_ERR_IO;

	if (rc == 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)))
		rc = BH_ERR_MALFORMED;
	if (rc == 0)
		rc = pieces_read(fd, take, context, bytes);
	*error = errno;
	if (fd >= 0)
		(void)close(fd);
	return rc;
}
