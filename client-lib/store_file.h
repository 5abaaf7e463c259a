/* The photos' files, in a folder beside the store and through its SQLite VFS, so that a test's disk
 * sees them. */
#ifndef BH_CLIENT_STORE_FILE_H
#define BH_CLIENT_STORE_FILE_H

#include "client-lib/store.h"

#define BH_FILE_NAME_BYTES (2u * BH_HASH_BYTES + 8u)

/* Whose photo it is decides its name: what is recorded here, and what is fetched, never meet. */
enum bh_file_kind {
	BH_FILE_OWN = 0,
	BH_FILE_FETCHED = 1,
};

struct bh_file_name {
	char text[BH_FILE_NAME_BYTES];
};

struct bh_file_name bh_file_name(enum bh_file_kind kind, const uint8_t hash[BH_HASH_BYTES]);

/* All of these: 0, BH_ERR_FULL, BH_ERR_IO, BH_ERR_NOMEM, BH_ERR_LIMIT (the path is too long for the
 * system).  Nothing is kept open in between. */

/* Makes the file hold exactly these bytes, durably, its name too.  On failure a part may be there.
 */
int bh_file_write(struct bh_local *local, struct bh_file_name name, struct bh_span bytes);
/* Bytes at an offset, made if missing; not durable before bh_file_sync. */
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

#endif
