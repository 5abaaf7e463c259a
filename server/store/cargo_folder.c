/* All cargo of a district: how much there is, what is whole, and what has been there too long. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "proto/bundle_frames.h"
#include "proto/err.h"
#include "proto/hash.h"
#include "proto/number.h"
#include "server/store/cargo_part.h"

#define ROOM_STEP_BYTES (UINT64_C(1) << 20)

struct entry {
	char name[BH_CARGO_NAME_BYTES]; /* without its end */
	const char *end;
	struct stat st;
};

/* 1 and the next file of ours, 0 at the end, -1 where the folder cannot be read.  What has another
 * name is not ours. */
static int entry_next(const struct bh_cargo_files *files, DIR *folder, struct entry *out)
{
	char path[BH_BLOB_JOB_PATH_MAX];
	const struct dirent *at;
	for (errno = 0; (at = readdir(folder)) != NULL; errno = 0) {
		size_t len = strlen(at->d_name);
		if (len < BH_CARGO_NAME_BYTES || at->d_name[BH_CARGO_NAME_BYTES - 1] != '.')
			continue;
		static const char *const ends[] = {
			".part", ".bundle", ".answer", ".refused", ".new"};
		memcpy(out->name, at->d_name, BH_CARGO_NAME_BYTES - 1);
		out->name[BH_CARGO_NAME_BYTES - 1] = '\0';
		out->end = NULL;
		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
			if (strcmp(at->d_name + BH_CARGO_NAME_BYTES - 1, ends[i]) == 0)
				out->end = ends[i];
		if (!out->end)
			continue;
		bh_cargo_path(files, out->name, out->end, path);
		if (lstat(path, &out->st) == 0 && S_ISREG(out->st.st_mode))
			return 1;
	}
	return errno ? -1 : 0;
}

static bool entry_is(const struct entry *entry, const char *end)
{
	return strcmp(entry->end, end) == 0;
}

static bool entry_is_done(const struct entry *entry)
{
	return entry_is(entry, ".answer") || entry_is(entry, ".refused");
}

static void entry_remove(const struct bh_cargo_files *files, const struct entry *entry)
{
	char path[BH_BLOB_JOB_PATH_MAX];
	bh_cargo_path(files, entry->name, entry->end, path);
	(void)unlink(path);
}

int bh_cargo_err(void)
{
	return errno == ENOSPC || errno == EDQUOT ? BH_ERR_FULL : BH_ERR_IO;
}

/* ---- Room ---- */

struct room {
	uint64_t bytes;
	size_t files, device_files;
	bool device_waits;   /* one of this device is whole, and not taken in yet */
	struct entry oldest; /* of this device's that are done; end NULL: none */
};

static void room_count(const struct bh_cargo_files *files, const char *device, struct room *room,
	const struct entry *entry)
{
	bool own = strncmp(entry->name, device, 9) == 0;
	if (own && entry_is(entry, ".part")) {
		entry_remove(files, entry);
		return;
	}
	room->files++;
	room->bytes += (uint64_t)entry->st.st_size;
	room->device_files += own;
	room->device_waits |= own && entry_is(entry, ".bundle");
	if (own && entry_is_done(entry) &&
		(!room->oldest.end || entry->st.st_mtime < room->oldest.st.st_mtime))
		room->oldest = *entry;
}

/* As statvfs says for whoever is not root. */
static bool disk_has(const struct bh_cargo_files *files, uint64_t bytes)
{
	struct statvfs system;
	if (statvfs(files->folder, &system) != 0)
		return false;
	return (uint64_t)system.f_bavail * system.f_frsize >= bytes + files->reserve_bytes;
}

int bh_cargo_room(const struct bh_cargo_files *files, const struct bh_blob_job *job, bool *fits)
{
	char device[BH_CARGO_NAME_BYTES];
	struct room room = {.oldest.end = NULL};
	struct entry entry;
	bh_cargo_name(job->device, job->hash, device);
	if (mkdir(files->folder, 0700) != 0 && errno != EEXIST)
		return bh_cargo_err();
	DIR *folder = opendir(files->folder);
	if (!folder)
		return bh_cargo_err();
	int more;
	while ((more = entry_next(files, folder, &entry)) > 0)
		room_count(files, device, &room, &entry);
	(void)closedir(folder);
	if (more < 0)
		return BH_ERR_IO;
	if (room.device_files >= BH_CARGO_DEVICE_FILES_MAX && room.oldest.end) {
		entry_remove(files, &room.oldest);
		room.files--;
	}
	*fits = !room.device_waits && room.files < BH_CARGO_FILES_MAX &&
		room.bytes + job->size <= BH_CARGO_ALL_BYTES_MAX && disk_has(files, job->size);
	return BH_NOERR;
}

int bh_cargo_room_on(const struct bh_cargo_files *files, uint64_t held, uint64_t bytes, bool *fits)
{
	struct entry entry;
	uint64_t all = 0;
	*fits = disk_has(files, bytes);
	if (!*fits || held / ROOM_STEP_BYTES == (held + bytes) / ROOM_STEP_BYTES)
		return BH_NOERR;
	DIR *folder = opendir(files->folder);
	if (!folder)
		return bh_cargo_err();
	int more;
	while ((more = entry_next(files, folder, &entry)) > 0)
		all += (uint64_t)entry.st.st_size;
	(void)closedir(folder);
	if (more < 0)
		return BH_ERR_IO;
	*fits = all + ROOM_STEP_BYTES <= BH_CARGO_ALL_BYTES_MAX;
	return BH_NOERR;
}

/* ---- What is whole ---- */

static bool found_read(
	const struct bh_cargo_files *files, const struct entry *entry, struct bh_cargo_found *out)
{
	unsigned device = 0;
	if (sscanf(entry->name, "%8x-", &device) != 1 ||
		bh_hex_parse(entry->name + 9, out->hash, BH_HASH_BYTES) != 0)
		return false;
	out->device = device;
	out->since_s = (int64_t)entry->st.st_mtime;
	memcpy(out->name, entry->name, sizeof(out->name));
	bh_cargo_path(files, out->name, ".bundle", out->path);
	return true;
}

/* By how long they have waited, and by name where that is the same. */
static int order(int64_t since_s, const char *name, int64_t other_s, const char *other)
{
	return since_s != other_s ? (since_s < other_s ? -1 : 1) : strcmp(name, other);
}

int bh_cargo_next(const struct bh_cargo_files *files, const struct bh_cargo_found *after,
	struct bh_cargo_found *out)
{
	struct entry entry, first = {.end = NULL};
	int more;
	DIR *folder = opendir(files->folder);
	if (!folder)
		return errno == ENOENT ? BH_ERR_NOT_FOUND : BH_ERR_IO;
	while ((more = entry_next(files, folder, &entry)) > 0)
		if (entry_is(&entry, ".bundle") &&
			(!after || order(entry.st.st_mtime, entry.name, after->since_s,
					   after->name) > 0) &&
			(!first.end || order(entry.st.st_mtime, entry.name, first.st.st_mtime,
					       first.name) < 0))
			first = entry;
	(void)closedir(folder);
	if (more < 0)
		return BH_ERR_IO;
	return first.end && found_read(files, &first, out) ? BH_NOERR : BH_ERR_NOT_FOUND;
}

/* A part of a file, whole but for the last. */
static int piece_read(int fd, uint8_t *piece, size_t *len)
{
	*len = 0;
	while (*len < BH_BLOB_PART_BYTES_MAX) {
		ssize_t n = read(fd, piece + *len, BH_BLOB_PART_BYTES_MAX - *len);
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

static int chain_read(struct bh_hasher *hasher, int fd, uint8_t chain[BH_HASH_BYTES])
{
	uint8_t *piece = malloc(BH_BLOB_PART_BYTES_MAX);
	size_t len = 1;
	int err = piece ? BH_NOERR : BH_ERR_NOMEM;
	memset(chain, 0, BH_HASH_BYTES);
	while (!err && len > 0) {
		err = piece_read(fd, piece, &len);
		if (!err && len > 0)
			bh_cargo_chain(hasher, chain, bh_span(piece, len));
	}
	free(piece);
	return err;
}

int bh_cargo_verify(const struct bh_cargo_found *found)
{
	uint8_t chain[BH_HASH_BYTES];
	struct bh_hasher *hasher = NULL;
	int fd = open(found->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int err = fd >= 0 ? bh_hasher_open(&hasher) : BH_ERR_IO;
	if (!err)
		err = chain_read(hasher, fd, chain);
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 56
	if (!err && memcmp(chain, found->hash, BH_HASH_BYTES) != 0)
		err = BH_ERR_AUTH;
#endif
	if (fd >= 0)
		(void)close(fd);
	bh_hasher_close(hasher);
	return err;
}

/* ---- What became of it ---- */

/* What an answer is called stands before it. */
static int answer_name(struct bh_span answer, uint8_t chain[BH_HASH_BYTES])
{
	struct bh_hasher *hasher = NULL;
	int err = bh_hasher_open(&hasher);
	memset(chain, 0, BH_HASH_BYTES);
	while (!err && answer.len > 0) {
		size_t len = answer.len < BH_BLOB_PART_BYTES_MAX ? answer.len
								 : BH_BLOB_PART_BYTES_MAX;
		bh_cargo_chain(hasher, chain, bh_span(answer.data, len));
		answer = bh_span(answer.data + len, answer.len - len);
	}
	bh_hasher_close(hasher);
	return err;
}

static int spans_write(int fd, const struct bh_span *spans, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (struct bh_span left = spans[i]; left.len > 0;) {
			ssize_t n = write(fd, left.data, left.len);
			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return bh_cargo_err();
			left = bh_span(left.data + n, left.len - (size_t)n);
		}
	return fsync(fd) == 0 ? BH_NOERR : bh_cargo_err();
}

/* All of it, under its name, or nothing. */
static int done_write(const struct bh_cargo_files *files, const char *name, const char *end,
	const struct bh_span *spans, size_t count)
{
	char part[BH_BLOB_JOB_PATH_MAX], path[BH_BLOB_JOB_PATH_MAX];
	bh_cargo_path(files, name, ".new", part);
	bh_cargo_path(files, name, end, path);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return bh_cargo_err();
	int err = spans_write(fd, spans, count);
	(void)close(fd);
	if (!err && rename(part, path) != 0)
		err = bh_cargo_err();
	if (err)
		(void)unlink(part);
	return err;
}

int bh_cargo_done(const struct bh_cargo_files *files, const struct bh_cargo_found *found,
	struct bh_span answer, const char *reason)
{
	uint8_t chain[BH_HASH_BYTES];
	int err = BH_NOERR;
	if (answer.len > 0) {
		const struct bh_span spans[] = {bh_span(chain, BH_HASH_BYTES), answer};
		err = answer_name(answer, chain);
		if (!err)
			err = done_write(files, found->name, ".answer", spans, 2);
	} else if (reason) {
		const struct bh_span span = bh_span(reason, strlen(reason));
		err = done_write(files, found->name, ".refused", &span, 1);
	}
	return !err && unlink(found->path) != 0 ? bh_cargo_err() : err;
}

void bh_cargo_collect(const struct bh_cargo_files *files, int64_t wall_s)
{
	struct entry entry;
	DIR *folder = opendir(files->folder);
	if (!folder)
		return;
	while (entry_next(files, folder, &entry) > 0) {
		int64_t age_s = wall_s - (int64_t)entry.st.st_mtime;
		int64_t age_s_max = entry_is_done(&entry)         ? BH_CARGO_DONE_S_MAX
				    : entry_is(&entry, ".bundle") ? INT64_MAX
								  : BH_CARGO_PART_S_MAX;
		if (age_s > age_s_max)
			entry_remove(files, &entry);
	}
	(void)closedir(folder);
}
