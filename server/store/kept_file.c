/* The kept file as bytes.
 *
 *   lines                    │ reserve
 *   ├────────────── bytes ───┤ zeroes ├── room
 *
 * An append writes over zeroes that the disk has already, so it cannot find the disk full.  Too few
 * of them are made more before the commit that needs them; a whole reserve where there is room for
 * it, else what is needed and no more.
 *
 * Files are opened as SQLite opens a super-journal, as photos are (blob_disk.c). */
#include "server/store/kept_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/store/blob_disk.h"
#include "server/store/db.h"

#define FILE_BYTES_MAX (2u * BH_KEPT_BYTES_MAX) /* what could be written is read */
#define RESERVE_BYTES 8192u

static sqlite3_file *file_open(struct bh_kept *kept, int flags, int *err)
{
	sqlite3_file *file = calloc(1, (size_t)kept->vfs->szOsFile);

	if (!file) {
		*err = BH_ERR_NOMEM;
		return NULL;
	}
	*err = bh_db_err(kept->vfs->xOpen(kept->vfs, kept->path, file,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_SUPER_JOURNAL | flags, &flags));
	return file;
}

/* Nobody else reads it; SQLite would make it for all to read. */
static void file_make(const struct bh_kept *kept)
{
	int fd = kept->on_system ? open(kept->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)
				 : -1;

	if (fd >= 0)
		(void)close(fd); /* what does not succeed here is told by the opening */
}

static int file_close(sqlite3_file *file, int err)
{
	int code = file && file->pMethods ? file->pMethods->xClose(file) : SQLITE_OK;

	free(file);
	return err ? err : bh_db_err(code);
}

int bh_kept_file_read(struct bh_kept *kept, uint8_t **bytes, size_t *len)
{
	sqlite3_int64 size = 0;
	int there = 0, err;
	uint8_t *read = NULL;

	err = bh_db_err(kept->vfs->xAccess(kept->vfs, kept->path, SQLITE_ACCESS_EXISTS, &there));
	if (err || !there)
		return err ? err : BH_ERR_NOT_FOUND;
	sqlite3_file *file = file_open(kept, 0, &err);
	if (!err)
		err = bh_db_err(file->pMethods->xFileSize(file, &size));
	if (!err && (size < 0 || size > FILE_BYTES_MAX))
		err = BH_ERR_LIMIT;
	if (!err && !(read = malloc((size_t)size + 1)))
		err = BH_ERR_NOMEM;
	if (!err && size > 0)
		err = bh_db_err(file->pMethods->xRead(file, read, (int)size, 0));
	err = file_close(file, err);
	if (err) {
		free(read);
		return err;
	}
	*bytes = read;
	*len = (size_t)size;
	return BH_NOERR;
}

/* Zeroes from where there are none yet up to upto. */
static int zeroes_write(struct bh_kept *kept, uint64_t upto)
{
	static const uint8_t zeroes[4096];
	bool torn = kept->room < kept->bytes;
	uint64_t at = torn ? kept->bytes : kept->room;
	int err;

	if (kept->bytes == 0)
		file_make(kept);
	sqlite3_file *file = file_open(kept, kept->bytes ? 0 : SQLITE_OPEN_CREATE, &err);
	if (!err && (torn || kept->bytes == 0))
		err = bh_db_err(file->pMethods->xTruncate(file, (sqlite3_int64)kept->bytes));
	while (!err && at < upto) {
		uint64_t step = upto - at < sizeof(zeroes) ? upto - at : sizeof(zeroes);
		err = bh_db_err(file->pMethods->xWrite(file, zeroes, (int)step, (sqlite3_int64)at));
		at += step;
	}
	if (!err)
		err = bh_db_err(file->pMethods->xSync(file, SQLITE_SYNC_FULL));
	return file_close(file, err);
}

int bh_kept_file_room(struct bh_kept *kept, uint64_t bytes)
{
	uint64_t need = kept->bytes + bytes, upto = need + RESERVE_BYTES;

	if (kept->room >= need)
		return BH_NOERR;
	int err = zeroes_write(kept, upto);
	if (err == BH_ERR_FULL)
		err = zeroes_write(kept, upto = need);
	if (!err)
		kept->room = upto;
	return err;
}

static int write_at(struct bh_kept *kept, struct bh_span text, uint64_t at)
{
	int err;
	sqlite3_file *file = file_open(kept, 0, &err);

	if (!err)
		err = bh_db_err(
			file->pMethods->xWrite(file, text.data, (int)text.len, (sqlite3_int64)at));
	if (!err)
		err = bh_db_err(file->pMethods->xSync(file, SQLITE_SYNC_FULL));
	return file_close(file, err);
}

static int image_write(struct bh_kept *kept, struct bh_span whole)
{
	struct bh_kept image = *kept;
	int n = snprintf(image.path, sizeof(image.path) - 1, "%s-new", kept->path);
	int err;

	if (n < 0 || (size_t)n >= sizeof(image.path) - 1)
		return BH_ERR_LIMIT;
	image.path[n + 1] = '\0'; /* as SQLite wants a name */
	file_make(&image);
	sqlite3_file *file = file_open(&image, SQLITE_OPEN_CREATE, &err);
	if (!err)
		err = bh_db_err(file->pMethods->xTruncate(file, 0));
	if (!err)
		err = bh_db_err(file->pMethods->xWrite(file, whole.data, (int)whole.len, 0));
	if (!err)
		err = bh_db_err(file->pMethods->xSync(file, SQLITE_SYNC_FULL));
	if (!err)
		err = bh_file_name_take(file, kept->on_system, image.path, kept->path);
	if (!err)
		err = bh_file_name_sync(file, kept->on_system, kept->path);
	err = file_close(file, err);
	if (err) /* it would keep room from what there is too little for */
		(void)kept->vfs->xDelete(kept->vfs, image.path, 0);
	return err;
}

int bh_kept_file_rewrite(struct bh_kept *kept, uint64_t from)
{
	uint8_t *bytes = NULL;
	size_t len = 0;
	int err = bh_kept_file_read(kept, &bytes, &len);

	if (err)
		return err;
	bh_assert(from <= kept->bytes && kept->bytes <= len);
	memset(bytes + kept->bytes, 0,
		len - (size_t)kept->bytes); /* the reserve, and what was torn */
	err = image_write(kept, bh_span(bytes, len));
	if (!err)
		kept->room = len;
	else if (err == BH_ERR_FULL)
		err = write_at(kept, bh_span(bytes + from, (size_t)(kept->bytes - from)), from);
	free(bytes);
	return err;
}

int bh_kept_file_append(struct bh_kept *kept, struct bh_span text)
{
	bh_assert(kept->bytes + text.len <= kept->room);
	int err = write_at(kept, text, kept->bytes);

	if (!err)
		kept->bytes += text.len;
	return err;
}
