/* Files and names.  A write changes the live image at once and is remembered; a sync plays what is
 * remembered onto the durable image and forgets it; a crash (vfs_crash.c) plays a subset and then
 * makes the live image what the platter holds.  Names have the same two sides: the process's, and
 * the platter's, which follows when the folder is synced.  The durable image always has room for
 * the live one, so that neither sync nor crash can fail for want of memory. */
#include "tests/sim/vfs_disk.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"

#define IMAGE_START_BYTES 8192u
#define CHANGES_START_LEN 64u

static int image_reserve(struct bh_simimage *image, uint64_t len)
{
	size_t cap = image->cap == 0 ? IMAGE_START_BYTES : image->cap;
	uint8_t *data;

	if (len > BH_SIMVFS_FILE_BYTES_MAX)
		return BH_ERR_LIMIT;
	if (len <= image->cap)
		return BH_NOERR;
	while (cap < len)
		cap *= 2;
	data = realloc(image->data, cap);
	if (data == NULL)
		return BH_ERR_NOMEM;
	image->data = data;
	image->cap = cap;
	return BH_NOERR;
}

void bh_simimage_resize(struct bh_simimage *image, size_t len)
{
	bh_assert(len <= image->cap);
	if (len > image->len)
		memset(image->data + image->len, 0, len - image->len);
	image->len = len;
}

void bh_simimage_put(struct bh_simimage *image, uint64_t offset, const uint8_t *data, size_t len)
{
	size_t end = (size_t)offset + len;

	if (len == 0)
		return;
	bh_assert(end <= image->cap);
	if (offset > image->len)
		bh_simimage_resize(image, (size_t)offset);
	memcpy(image->data + offset, data, len);
	if (end > image->len)
		image->len = end;
}

static void file_play(struct bh_simfile *file, const struct bh_simchange *change)
{
	if (change->data == NULL)
		bh_simimage_resize(&file->durable, (size_t)change->offset);
	else
		bh_simimage_put(&file->durable, change->offset, change->data, change->len);
}

/* Drops the first len remembered changes, played or not. */
static void file_drop(struct bh_simfile *file, size_t len)
{
	for (size_t i = 0; i < len; i++)
		free(file->unsynced[i].data);
	file->unsynced_len -= len;
	if (file->unsynced_len > 0)
		memmove(file->unsynced, file->unsynced + len,
			file->unsynced_len * sizeof(*file->unsynced));
}

static void file_free(struct bh_simfile *file)
{
	file_drop(file, file->unsynced_len);
	file->disk->bytes_used -= file->live.len;
	free(file->unsynced);
	free(file->live.data);
	free(file->durable.data);
	free(file);
}

void bh_simfile_hold(struct bh_simfile *file)
{
	file->references++;
}

void bh_simfile_release(struct bh_simfile *file)
{
	if (file == NULL)
		return;
	bh_assert(file->references > 0);
	if (--file->references == 0)
		file_free(file);
}

size_t bh_simfile_read(const struct bh_simfile *file, uint64_t offset, void *out, size_t len)
{
	size_t there = offset >= file->live.len ? 0 : file->live.len - (size_t)offset;

	if (there > len)
		there = len;
	if (there > 0)
		memcpy(out, file->live.data + offset, there);
	return there;
}

/* Makes room in both images and for one more change, so that what follows cannot fail. */
static int file_prepare(struct bh_simfile *file, uint64_t end)
{
	size_t cap = file->unsynced_cap == 0 ? CHANGES_START_LEN : file->unsynced_cap * 2;
	struct bh_simchange *unsynced;
	int err = image_reserve(&file->live, end);

	if (err == BH_NOERR)
		err = image_reserve(&file->durable, end);
	if (err != BH_NOERR)
		return err;
	if (file->unsynced_len >= BH_SIMVFS_UNSYNCED_MAX) {
		/* The system writes back what is oldest, as it would. */
		for (size_t i = 0; i < BH_SIMVFS_UNSYNCED_MAX / 2; i++)
			file_play(file, &file->unsynced[i]);
		file_drop(file, BH_SIMVFS_UNSYNCED_MAX / 2);
	}
	if (file->unsynced_len < file->unsynced_cap)
		return BH_NOERR;
	unsynced = realloc(file->unsynced, cap * sizeof(*unsynced));
	if (unsynced == NULL)
		return BH_ERR_NOMEM;
	file->unsynced = unsynced;
	file->unsynced_cap = cap;
	return BH_NOERR;
}

int bh_simfile_write(struct bh_simfile *file, uint64_t offset, const void *data, size_t len)
{
	struct bh_simchange change = {.offset = offset, .len = len};
	size_t before = file->live.len;
	int err;

	if (len == 0)
		return BH_NOERR;
	if (offset > BH_SIMVFS_FILE_BYTES_MAX)
		return BH_ERR_LIMIT;
	err = file_prepare(file, offset + len);
	if (err != BH_NOERR)
		return err;
	change.data = malloc(len);
	if (change.data == NULL)
		return BH_ERR_NOMEM;
	memcpy(change.data, data, len);
	file->unsynced[file->unsynced_len++] = change;
	bh_simimage_put(&file->live, offset, data, len);
	file->disk->bytes_used += file->live.len - before;
	return BH_NOERR;
}

int bh_simfile_truncate(struct bh_simfile *file, uint64_t size)
{
	int err = file_prepare(file, size);

	if (err != BH_NOERR)
		return err;
	file->unsynced[file->unsynced_len++] = (struct bh_simchange){.offset = size};
	file->disk->bytes_used += size;
	file->disk->bytes_used -= file->live.len;
	bh_simimage_resize(&file->live, (size_t)size);
	return BH_NOERR;
}

void bh_simfile_sync(struct bh_simfile *file)
{
	for (size_t i = 0; i < file->unsynced_len; i++)
		file_play(file, &file->unsynced[i]);
	file_drop(file, file->unsynced_len);
}

void bh_simfile_forget(struct bh_simfile *file)
{
	file_drop(file, file->unsynced_len);
}

static struct bh_simname *disk_name(const struct bh_simdisk *disk, const char *path)
{
	for (size_t i = 0; i < disk->names_len; i++)
		if (strcmp(disk->names[i].path, path) == 0)
			return &disk->names[i];
	return NULL;
}

struct bh_simfile *bh_simdisk_find(const struct bh_simdisk *disk, const char *path)
{
	struct bh_simname *name = disk_name(disk, path);

	return name == NULL ? NULL : name->live;
}

/* An entry that no side uses any more, or a new one. */
static int disk_name_spare(struct bh_simdisk *disk, struct bh_simname **out)
{
	struct bh_simname *names;

	for (size_t i = 0; i < disk->names_len; i++) {
		if (disk->names[i].live == NULL && disk->names[i].durable == NULL) {
			*out = &disk->names[i];
			return BH_NOERR;
		}
	}
	if (disk->names_len >= BH_SIMVFS_FILES_MAX)
		return BH_ERR_LIMIT;
	names = realloc(disk->names, (disk->names_len + 1) * sizeof(*names));
	if (names == NULL)
		return BH_ERR_NOMEM;
	disk->names = names;
	*out = &names[disk->names_len++];
	memset(*out, 0, sizeof(**out));
	return BH_NOERR;
}

/* The entry of this name, one way or the other. */
static int disk_name_take(struct bh_simdisk *disk, const char *path, struct bh_simname **out)
{
	struct bh_simname *name = disk_name(disk, path);
	int err;

	if (strlen(path) >= BH_SIMVFS_PATH_BYTES_MAX)
		return BH_ERR_LIMIT;
	if (name == NULL) {
		err = disk_name_spare(disk, &name);
		if (err != BH_NOERR)
			return err;
		memcpy(name->path, path, strlen(path) + 1);
	}
	*out = name;
	return BH_NOERR;
}

int bh_simdisk_make(struct bh_simdisk *disk, const char *path, struct bh_simfile **out)
{
	struct bh_simname *name = NULL;
	struct bh_simfile *file;
	int err = path == NULL ? BH_NOERR : disk_name_take(disk, path, &name);

	if (err != BH_NOERR)
		return err;
	bh_assert(name == NULL || name->live == NULL);
	file = calloc(1, sizeof(*file));
	if (file == NULL)
		return BH_ERR_NOMEM;
	file->disk = disk;
	file->references = 1;
	if (name != NULL) {
		name->live = file;
		bh_simfile_hold(file);
	}
	*out = file;
	return BH_NOERR;
}

int bh_simdisk_unlink(struct bh_simdisk *disk, const char *path)
{
	struct bh_simname *name = disk_name(disk, path);

	if (name == NULL || name->live == NULL)
		return BH_ERR_NOT_FOUND;
	bh_simfile_release(name->live);
	name->live = NULL;
	return BH_NOERR;
}

int bh_simdisk_rename(struct bh_simdisk *disk, const char *from, const char *to)
{
	struct bh_simname *name = NULL;
	struct bh_simfile *file = bh_simdisk_find(disk, from);
	int err = file ? disk_name_take(disk, to, &name) : BH_ERR_NOT_FOUND;

	if (err != BH_NOERR)
		return err;
	bh_simfile_hold(file);
	bh_simfile_release(name->live);
	name->live = file;
	return bh_simdisk_unlink(disk, from);
}

static size_t folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? 0 : (size_t)(slash - path);
}

void bh_simdisk_sync_folder(struct bh_simdisk *disk, const char *path)
{
	size_t len = folder_len(path);

	for (size_t i = 0; i < disk->names_len; i++) {
		struct bh_simname *name = &disk->names[i];

		if (name->live == name->durable || folder_len(name->path) != len ||
			memcmp(name->path, path, len) != 0)
			continue;
		bh_simfile_release(name->durable);
		name->durable = name->live;
		if (name->durable != NULL)
			bh_simfile_hold(name->durable);
	}
	disk->stats.folder_syncs++;
}

static void name_clear(struct bh_simname *name)
{
	bh_simfile_release(name->live);
	bh_simfile_release(name->durable);
	name->live = NULL;
	name->durable = NULL;
}

void bh_simdisk_clear(struct bh_simdisk *disk)
{
	for (size_t i = 0; i < disk->names_len; i++)
		name_clear(&disk->names[i]);
	free(disk->names);
	disk->names = NULL;
	disk->names_len = 0;
}

void bh_simdisk_forget(struct bh_simdisk *disk, const char *path)
{
	struct bh_simname *name = disk_name(disk, path);

	if (name != NULL)
		name_clear(name);
}

int bh_simdisk_put(struct bh_simdisk *disk, const char *path, const uint8_t *data, size_t len)
{
	struct bh_simfile *file = NULL;

	bh_simdisk_forget(disk, path);
	int err = bh_simdisk_make(disk, path, &file);
	if (err != BH_NOERR)
		return err;
	err = bh_simfile_write(file, 0, data, len);
	bh_simfile_sync(file);
	disk_name(disk, path)->durable = file; /* the caller's reference goes there */
	return err;
}

int bh_simdisk_copy(struct bh_simdisk *to, const struct bh_simdisk *from, const char *prefix)
{
	size_t len = strcmp(prefix, "/") == 0 ? 0 : strlen(prefix);
	int err = BH_NOERR;

	bh_assert(to != from);
	for (size_t i = 0; i < to->names_len; i++)
		if (strncmp(to->names[i].path, prefix, len) == 0)
			name_clear(&to->names[i]);
	for (size_t i = 0; i < from->names_len && err == BH_NOERR; i++)
		if (from->names[i].live != NULL && strncmp(from->names[i].path, prefix, len) == 0)
			err = bh_simdisk_put(to, from->names[i].path,
				from->names[i].live->live.data, from->names[i].live->live.len);
	for (size_t i = 0; i < to->names_len && err != BH_NOERR; i++)
		if (strncmp(to->names[i].path, prefix, len) == 0)
			name_clear(&to->names[i]);
	return err;
}
