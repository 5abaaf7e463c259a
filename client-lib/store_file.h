/* The photos' files, in a folder beside the store and through its SQLite VFS, so that a test's disk
 * sees them. */
#ifndef BH_CLIENT_STORE_FILE_H
#define BH_CLIENT_STORE_FILE_H

#include "client-lib/store.h"

#define BH_FILE_NAME_BYTES (2u * BH_HASH_BYTES + 8u)
#define BH_FILE_CHUNK_BYTES (32u << 10) /* of a photo, sealed as one */

/* Whose photo it is decides its name: what is recorded here, and what is fetched, never meet. */
enum bh_file_kind {
	BH_FILE_OWN = 0,
	BH_FILE_FETCHED = 1,
};

struct bh_file_name {
	char text[BH_FILE_NAME_BYTES];
	bool is_plain; /* not sealed, whatever the store is */
};

struct bh_file_name bh_file_name(enum bh_file_kind kind, const uint8_t hash[BH_HASH_BYTES]);

/* The key that bundles' answers are sealed for, DER (store_bundle.c). */
extern const struct bh_file_name bh_reply_file;
extern const struct bh_file_name bh_reply_mark;
#define BH_REPLY_KEY_BYTES_MAX 512u

/* All of these: 0, BH_ERR_FULL, BH_ERR_IO, BH_ERR_NOMEM, BH_ERR_LIMIT (the path is too long for the
 * system).  Nothing is kept open in between. */

/* In a store with a key a file's bytes are sealed chunk by chunk, bound to its name and their
 * place: offsets and sizes are those of the photo.  A chunk that does not open is as one that is
 * missing. */

/* Makes the file hold exactly these bytes, durably, its name too.  On failure a part may be there.
 */
int bh_file_write(struct bh_local *local, struct bh_file_name name, struct bh_span bytes);
/* Bytes at an offset, made if missing; not durable before bh_file_sync.  Where they are sealed they
 * are the file's last: it grows from its beginning to its end. */
int bh_file_put(
	struct bh_local *local, struct bh_file_name name, uint32_t offset, struct bh_span bytes);
/* Cuts to so many bytes, and makes them and the name durable. */
int bh_file_sync(struct bh_local *local, struct bh_file_name name, uint32_t size);
/* Also BH_ERR_NOT_FOUND: there is no such file, or it ends before. */
int bh_file_read(struct bh_local *local, struct bh_file_name name, uint32_t offset, uint8_t *out,
	size_t len);
/* Also BH_ERR_NOT_FOUND. */
int bh_file_size(struct bh_local *local, struct bh_file_name name, uint64_t *size);
/* Its first len bytes, appended to out; as bh_file_read, or BH_ERR_LIMIT. */
int bh_file_bytes(
	struct bh_local *local, struct bh_file_name name, uint32_t len, struct bh_buf *out);
/* Its absence is success; durable. */
int bh_file_drop(struct bh_local *local, struct bh_file_name name);

/* ---- store_file_seal.c ---- */
/* Of an open file: SQLite's codes, or SQLITE_IOERR_SHORT_READ for a chunk that does not open. */
int bh_chunks_write(struct bh_local *local, sqlite3_file *file, const char *name, uint32_t offset,
	struct bh_span bytes);
int bh_chunks_read(struct bh_local *local, sqlite3_file *file, const char *name, uint32_t offset,
	uint8_t *out, size_t len);
/* How large a photo of so many bytes is on the disk, and the reverse. */
uint64_t bh_chunks_stored(uint64_t size);
uint64_t bh_chunks_size(uint64_t stored);
/* Every photo that is not sealed yet, one after another, and the reply key; what was half fetched
 * is let go. */
int bh_files_seal(struct bh_local *local);

#endif
