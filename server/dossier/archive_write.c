/* Writing through libzip, which reads each file when the archive is closed: of a photo no more than
 * a piece is in memory.  Everything is stored as it is, with one date, so that no version of a
 * compressor and no clock is in the bytes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "proto/err.h"
#include "server/dossier/archive.h"
#include "server/store/blob_files.h"

#define PATH_BYTES 1024u
#define DOS_DATE_1980 0x21 /* the first day that a ZIP can say */
#define MODE_READABLE (0100644u << 16)

static int code_of(zip_error_t *error)
{
	switch (zip_error_code_zip(error)) {
	case ZIP_ER_MEMORY:
		return BH_ERR_NOMEM;
	default:
		return zip_error_code_system(error) == ENOSPC ? BH_ERR_FULL : BH_ERR_IO;
	}
}

static zip_source_t *source_of(zip_t *zip, const struct bh_book_file *file, const char *db_path)
{
	char path[PATH_BYTES];

	if (!file->photo)
		return zip_source_buffer(zip, file->bytes.data, file->bytes.len, 0);
	if (bh_blob_path(db_path, file->hash, path, sizeof(path)) != BH_NOERR)
		return NULL;
	return zip_source_file(zip, path, 0, (zip_int64_t)file->size);
}

static int file_add(zip_t *zip, const struct bh_book_file *file, const char *db_path)
{
	zip_source_t *source = source_of(zip, file, db_path);
	zip_int64_t at = source ? zip_file_add(zip, file->name, source, ZIP_FL_ENC_UTF_8) : -1;

	if (at < 0) {
		zip_source_free(source);
		return code_of(zip_get_error(zip));
	}
	zip_uint64_t index = (zip_uint64_t)at;
	if (zip_set_file_compression(zip, index, ZIP_CM_STORE, 0) != 0 ||
		zip_file_set_dostime(zip, index, 0, DOS_DATE_1980, 0) != 0 ||
		zip_file_set_external_attributes(zip, index, 0, ZIP_OPSYS_UNIX, MODE_READABLE) != 0)
		return code_of(zip_get_error(zip));
	return BH_NOERR;
}

int bh_archive_write(const struct bh_book *book, const char *db_path, const char *path)
{
	int code = 0, err = BH_NOERR;
	zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);

	if (!zip)
		return code == ZIP_ER_MEMORY ? BH_ERR_NOMEM : BH_ERR_IO;
	for (size_t i = 0; !err && i < book->count; i++)
		err = file_add(zip, &book->files[i], db_path);
	if (!err && zip_close(zip) == 0)
		return BH_NOERR;
	if (!err)
		err = code_of(zip_get_error(zip));
	zip_discard(zip);
	(void)unlink(path);
	return err;
}
