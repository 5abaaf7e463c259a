/* Parts come in order or not at all: the length of a file is what is held of it.
 *
 *   done? -> its answer, or why not     whole? -> busy     part at what is held -> written
 *                                                          any other part       -> held as before
 *
 * A device has one file on its way; another one that it begins takes its place. */
#include "server/store/cargo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/store/cargo_part.h"

int bh_cargo_open(const struct bh_store_options *options, struct bh_cargo_files **out)
{
	const char *slash = strrchr(options->path, '/');
	int len = slash ? (int)(slash - options->path + 1) : 0;
	struct bh_cargo_files *files = calloc(1, sizeof(*files));
	if (!files)
		return BH_ERR_NOMEM;
	files->reserve_bytes = options->blob_reserve_bytes ? options->blob_reserve_bytes
							   : BH_BLOB_RESERVE_BYTES;
	int n = snprintf(files->folder, sizeof(files->folder), "%.*scargo", len, options->path);
	if (n < 0 ||
		(size_t)n + BH_CARGO_NAME_BYTES + sizeof(".refused.new") > BH_BLOB_JOB_PATH_MAX) {
		free(files);
		return BH_ERR_LIMIT;
	}
	*out = files;
	return BH_NOERR;
}

void bh_cargo_close(struct bh_cargo_files *files)
{
	free(files);
}

void bh_cargo_tell_whole(struct bh_cargo_files *files, bh_cargo_whole whole, void *context)
{
	files->whole = whole;
	files->context = context;
}

void bh_cargo_name(uint32_t device, const uint8_t hash[BH_HASH_BYTES], char *out)
{
	char hex[2 * BH_HASH_BYTES + 1];
	bh_hex_format(bh_span(hash, BH_HASH_BYTES), hex);
	(void)snprintf(out, BH_CARGO_NAME_BYTES, "%08x-%s", (unsigned)device, hex);
}

void bh_cargo_path(const struct bh_cargo_files *files, const char *name, const char *end, char *out)
{
	int n = snprintf(out, BH_BLOB_JOB_PATH_MAX, "%s/%s%s", files->folder, name, end);
	bh_assert(n > 0 && (size_t)n < BH_BLOB_JOB_PATH_MAX); /* opening looked at its length */
}

/* ---- What is done ---- */

/* Bytes of a file from an offset, at most size; those that are there. */
static int bytes_read(int fd, uint64_t offset, uint8_t *to, size_t size, size_t *len)
{
	*len = 0;
	while (*len < size) {
		ssize_t n = pread(fd, to + *len, size - *len, (off_t)(offset + *len));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return BH_ERR_IO;
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	return BH_NOERR;
}

/* The answer lies behind what it is called. */
static int answer_fill(int fd, struct bh_blob_job *job)
{
	struct stat st;
	uint8_t *at;
	size_t len = 0;
	int err = fstat(fd, &st) == 0 ? BH_NOERR : BH_ERR_IO;
	if (!err)
		err = bytes_read(fd, 0, job->prefix_hash, BH_HASH_BYTES, &len);
	if (!err && (len != BH_HASH_BYTES || st.st_size < (off_t)BH_HASH_BYTES))
		err = BH_ERR_IO;
	if (err)
		return err;
	job->size = (uint32_t)(st.st_size - (off_t)BH_HASH_BYTES);
	if (job->answer_offset >= job->size)
		job->answer_offset = 0;
	err = bh_buf_reserve(&job->data, BH_BLOB_PART_BYTES_MAX, &at);
	if (!err)
		err = bytes_read(fd, (uint64_t)BH_HASH_BYTES + job->answer_offset, at,
			BH_BLOB_PART_BYTES_MAX, &len);
	job->data.len = err ? 0 : len;
	return err;
}

static int reason_fill(int fd, struct bh_blob_job *job)
{
	uint8_t *at;
	size_t len = 0;
	int err = bh_buf_reserve(&job->data, BH_CARGO_REASON_BYTES_MAX, &at);
	if (!err)
		err = bytes_read(fd, 0, at, BH_CARGO_REASON_BYTES_MAX, &len);
	job->data.len = err ? 0 : len;
	return err;
}

/* *done: it is answered by one of these. */
static int done_look(
	const struct bh_cargo_files *files, const char *name, struct bh_blob_job *job, bool *done)
{
	static const struct {
		const char *end;
		enum bh_blob_found found;
		int (*fill)(int fd, struct bh_blob_job *job);
	} ends[] = {
		{".answer", BH_BLOB_WHOLE, answer_fill}, {".refused", BH_BLOB_WRONG, reason_fill}};
	char path[BH_BLOB_JOB_PATH_MAX];
	*done = false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		bh_cargo_path(files, name, ends[i].end, path);
		int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0 && errno != ENOENT)
			return bh_cargo_err();
		if (fd < 0)
			continue;
		job->data.len = 0;
		job->found = ends[i].found;
		int err = ends[i].fill(fd, job);
		(void)close(fd);
		*done = true;
		return err;
	}
	return BH_NOERR;
}

/* ---- Parts ---- */

static int part_write(const char *path, uint64_t offset, struct bh_span bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return bh_cargo_err();
	int err = BH_NOERR;
	while (!err && bytes.len > 0) {
		ssize_t n = pwrite(fd, bytes.data, bytes.len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err = bh_cargo_err();
			break;
		}
		offset += (uint64_t)n;
		bytes = bh_span(bytes.data + n, bytes.len - (size_t)n);
	}
	(void)close(fd);
	return err;
}

static int whole_name(struct bh_cargo_files *files, const char *name, const char *part)
{
	char whole[BH_BLOB_JOB_PATH_MAX];
	bh_cargo_path(files, name, ".bundle", whole);
	if (rename(part, whole) != 0)
		return bh_cargo_err();
	if (files->whole)
		files->whole(files->context);
	return BH_NOERR;
}

static int held_look(const char *path, uint32_t size, uint64_t *held)
{
	struct stat st;
	*held = 0;
	if (lstat(path, &st) != 0)
		return errno == ENOENT ? BH_NOERR : bh_cargo_err();
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size <= size)
		*held = (uint64_t)st.st_size;
	else if (unlink(path) != 0)
		return bh_cargo_err();
	return BH_NOERR;
}

/* A part that goes on from what is held; the first one needs a place, and each one room. */
static int part_take(
	struct bh_cargo_files *files, const char *path, struct bh_blob_job *job, uint64_t *held)
{
	struct bh_span data = bh_buf_span(&job->data);
	bool fits = false;
	if (data.len == 0 || job->offset != *held || data.len > job->size - *held)
		return BH_NOERR;
	int err = *held == 0 ? bh_cargo_room(files, job, &fits)
			     : bh_cargo_room_on(files, *held, data.len, &fits);
	if (!err && !fits)
		err = BH_ERR_FULL;
	if (!err)
		err = part_write(path, *held, data);
	if (!err)
		*held += data.len;
	return err;
}

int bh_cargo_run(struct bh_cargo_files *files, struct bh_blob_job *job)
{
	char name[BH_CARGO_NAME_BYTES], path[BH_BLOB_JOB_PATH_MAX];
	uint64_t held = 0;
	bool done = false;
	bh_cargo_name(job->device, job->hash, name);
	int err = done_look(files, name, job, &done);
	if (err || done)
		return err;
	job->found = BH_BLOB_BUSY;
	job->held = job->size;
	bh_cargo_path(files, name, ".bundle", path);
	if (access(path, F_OK) == 0)
		return BH_NOERR;
	bh_cargo_path(files, name, ".part", path);
	err = held_look(path, job->size, &held);
	if (!err)
		err = part_take(files, path, job, &held);
	if (!err && held == job->size)
		return whole_name(files, name, path);
	job->found = BH_BLOB_HELD;
	job->held = (uint32_t)held;
	return err;
}
