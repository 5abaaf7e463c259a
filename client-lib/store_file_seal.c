/* Photos that are sealed: a file is a row of chunks, each sealed as a value of its own.
 *
 *   0            32 KiB + 29       64 KiB + 58
 *   ├─ chunk 0 ──┼─ chunk 1 ───────┼─ ... the last one may be shorter
 *
 * A chunk is bound to the photo's name and its place in it.  That the file ends too early is seen
 * by the photo's hash, as it always was.  A store that becomes sealed writes each photo anew, under
 * another ending, and only then takes the old file away. */
#include <string.h>

#include "client-lib/local_photo.h"
#include "client-lib/store_file.h"

#define STORED_BYTES (BH_FILE_CHUNK_BYTES + BH_SEAL_BYTES)
#define BOUND_BYTES (BH_FILE_NAME_BYTES + 4u)

uint64_t bh_chunks_stored(uint64_t size)
{
	return size + (size + BH_FILE_CHUNK_BYTES - 1) / BH_FILE_CHUNK_BYTES * BH_SEAL_BYTES;
}

uint64_t bh_chunks_size(uint64_t stored)
{
	uint64_t rest = stored % STORED_BYTES;

	return stored / STORED_BYTES * BH_FILE_CHUNK_BYTES +
	       (rest > BH_SEAL_BYTES ? rest - BH_SEAL_BYTES : 0);
}

/* One file being gone through, and room for a chunk as it is and as it lies. */
struct chunks {
	struct bh_local *local;
	sqlite3_file *file;
	const char *name;
	uint8_t *open;
	uint8_t *sealed;
};

static int chunks_begin(
	struct chunks *c, struct bh_local *local, sqlite3_file *file, const char *name)
{
	*c = (struct chunks){local, file, name, malloc(2 * STORED_BYTES), NULL};
	if (!c->open)
		return SQLITE_NOMEM;
	c->sealed = c->open + STORED_BYTES;
	return SQLITE_OK;
}

static struct bh_span chunk_bound(const struct chunks *c, uint32_t n, uint8_t out[BOUND_BYTES])
{
	size_t len = strlen(c->name);

	memcpy(out, c->name, len);
	for (unsigned i = 0; i < 4; i++)
		out[len + i] = (uint8_t)(n >> (24 - 8 * i));
	return bh_span(out, len + 4);
}

/* Opens chunk n into c->open; *len is how many bytes it has. */
static int chunk_read(struct chunks *c, uint32_t n, size_t *len)
{
	uint8_t bound[BOUND_BYTES];
	sqlite3_int64 size = 0, at = (sqlite3_int64)n * STORED_BYTES;
	int code = c->file->pMethods->xFileSize(c->file, &size);

	if (code != SQLITE_OK)
		return code;
	size = size - at < (sqlite3_int64)STORED_BYTES ? size - at : (sqlite3_int64)STORED_BYTES;
	if (size <= (sqlite3_int64)BH_SEAL_BYTES)
		return SQLITE_IOERR_SHORT_READ;
	code = c->file->pMethods->xRead(c->file, c->sealed, (int)size, at);
	if (code != SQLITE_OK)
		return code;
	*len = (size_t)size - BH_SEAL_BYTES;
	return bh_unseal(c->local->sealer, BH_SEAL_PHOTOS, chunk_bound(c, n, bound),
		       bh_span(c->sealed, (size_t)size), c->open) == 0
		       ? SQLITE_OK
		       : SQLITE_IOERR_SHORT_READ;
}

static int chunk_write(struct chunks *c, uint32_t n, size_t len)
{
	uint8_t bound[BOUND_BYTES];

	if (bh_seal(c->local->sealer, BH_SEAL_PHOTOS, chunk_bound(c, n, bound),
		    bh_span(c->open, len), c->sealed) != 0)
		return SQLITE_IOERR;
	return c->file->pMethods->xWrite(
		c->file, c->sealed, (int)(len + BH_SEAL_BYTES), (sqlite3_int64)n * STORED_BYTES);
}

/* The chunk that an offset lies in, where in it, and how much of len. */
static size_t chunk_part(uint64_t at, size_t len, uint32_t *n, size_t *in)
{
	*n = (uint32_t)(at / BH_FILE_CHUNK_BYTES);
	*in = (size_t)(at % BH_FILE_CHUNK_BYTES);
	return len < BH_FILE_CHUNK_BYTES - *in ? len : BH_FILE_CHUNK_BYTES - *in;
}

int bh_chunks_write(struct bh_local *local, sqlite3_file *file, const char *name, uint32_t offset,
	struct bh_span bytes)
{
	struct chunks c;
	size_t part, in, held = 0;
	int code = chunks_begin(&c, local, file, name);

	for (size_t at = 0; code == SQLITE_OK && at < bytes.len; at += part) {
		uint32_t n;

		part = chunk_part((uint64_t)offset + at, bytes.len - at, &n, &in);
		if (in > 0) {
			code = chunk_read(&c, n, &held);
			if (code == SQLITE_OK && held < in)
				code = SQLITE_IOERR_SHORT_READ;
			if (code != SQLITE_OK)
				break;
		}
		memcpy(c.open + in, bytes.data + at, part);
		code = chunk_write(&c, n, in + part);
	}
	free(c.open);
	/* What lay behind, of a chunk that was longer, would not open. */
	return code == SQLITE_OK ? file->pMethods->xTruncate(file,
					   (sqlite3_int64)bh_chunks_stored(offset + bytes.len))
				 : code;
}

int bh_chunks_read(struct bh_local *local, sqlite3_file *file, const char *name, uint32_t offset,
	uint8_t *out, size_t len)
{
	struct chunks c;
	size_t part, in, held = 0;
	int code = chunks_begin(&c, local, file, name);

	for (size_t at = 0; code == SQLITE_OK && at < len; at += part) {
		uint32_t n;

		part = chunk_part((uint64_t)offset + at, len - at, &n, &in);
		code = chunk_read(&c, n, &held);
		if (code == SQLITE_OK && held < in + part)
			code = SQLITE_IOERR_SHORT_READ;
		if (code == SQLITE_OK)
			memcpy(out + at, c.open + in, part);
	}
	free(c.open);
	return code;
}

/* ---- A store that becomes sealed --------------------------------------------------------- */

/* One file: anew and sealed, then without the old file. */
static int file_seal(struct bh_local *local, struct bh_file_name name, uint32_t size, bool is_whole)
{
	struct bh_buf bytes = BH_BUF(BH_BLOB_BYTES_MAX);
	struct bh_file_name plain = name;

	plain.is_plain = true;
	int rc = is_whole ? bh_file_bytes(local, plain, size, &bytes) : BH_ERR_NOT_FOUND;

	if (rc == 0)
		rc = bh_file_write(local, name, bh_buf_span(&bytes));
	bh_buf_wipe(&bytes);
	/* Half a photo, or none: fetched, recorded or lost, as if its file were not there. */
	return rc == 0 || rc == BH_ERR_NOT_FOUND ? bh_file_drop(local, plain) : rc;
}

static int files_seal(struct bh_local *local, enum bh_file_kind kind, enum bh_sql which)
{
	uint8_t hash[BH_HASH_BYTES] = {0};
	int rc = 0;

	for (;;) {
		sqlite3_stmt *row = bh_store_sql(local, which);

		bh_bind_blob(row, 1, bh_span(hash, sizeof(hash)));
		rc = bh_store_row(local, row);
		if (rc != 0)
			return rc == BH_ERR_NOT_FOUND ? 0 : rc;
		uint32_t size = (uint32_t)sqlite3_column_int64(row, 1);
		bool is_whole = sqlite3_column_int(row, 2) != 0;

		rc = bh_column_bytes(row, 0, hash, sizeof(hash));
		sqlite3_reset(row);
		if (rc == 0)
			rc = file_seal(local, bh_file_name(kind, hash), size, is_whole);
		if (rc != 0)
			return rc;
	}
}

static int reply_key_seal(struct bh_local *local)
{
	struct bh_file_name plain = bh_reply_file;
	uint64_t size = 0;

	plain.is_plain = true;
	struct bh_file_name mark = bh_reply_mark;

	mark.is_plain = true;
	int rc = bh_file_drop(local, mark); /* the next export says it anew */
	if (rc == 0)
		rc = bh_file_size(local, plain, &size);
	if (rc == 0)
		rc = file_seal(
			local, bh_reply_file, (uint32_t)size, size <= BH_REPLY_KEY_BYTES_MAX);
	return rc == BH_ERR_NOT_FOUND ? 0 : rc;
}

int bh_files_seal(struct bh_local *local)
{
	int rc = files_seal(local, BH_FILE_OWN, BH_SQL_BLOB_FILES);

	if (rc == 0)
		rc = files_seal(local, BH_FILE_FETCHED, BH_SQL_FETCH_FILES);
	return rc == 0 ? reply_key_seal(local) : rc;
}
