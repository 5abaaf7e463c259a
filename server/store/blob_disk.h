/* One photo's file at a time, through the district's VFS. */
#ifndef BH_STORE_BLOB_DISK_H
#define BH_STORE_BLOB_DISK_H

#include <sqlite3.h>

#include "server/store/running_hash.h"
#include "server/store/store.h"

#define BH_BLOB_PATH_BYTES_MAX 512u

struct bh_blob_disk {
	sqlite3_vfs *vfs;
	bool makes_folders; /* on the system's VFS alone; others know no folders */
	char db_path[BH_BLOB_PATH_BYTES_MAX];
	char path[BH_BLOB_PATH_BYTES_MAX]; /* of the file that is open, or was last */
	sqlite3_file *file;
	uint8_t *buffer;
};

/* BH_ERR_NOMEM, BH_ERR_INVALID, BH_ERR_LIMIT; close it on failure, too. */
int bh_blob_disk_open(struct bh_blob_disk *disk, const struct bh_store_options *options);
void bh_blob_disk_close(struct bh_blob_disk *disk); /* zero-filled is fine */

/* 0 where it is not there.  All give BH_ERR_FULL, _IO or _NOMEM. */
int bh_blob_disk_size(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES], uint64_t *size);
/* Writes at an offset; at 0 the file is made, or begins anew. */
int bh_blob_disk_write(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES],
	uint32_t offset, struct bh_span bytes);
int bh_blob_disk_cut(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES]); /* to nothing */
int bh_blob_disk_read(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES], uint32_t offset,
	uint8_t *out, uint32_t len);
/* Its first len bytes, added to a running hash. */
int bh_blob_disk_hash(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES], uint32_t len,
	struct bh_running_hash *running);
int bh_blob_disk_look(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES], uint32_t size,
	bool *is_photo);
/* Its bytes and its name are durable. */
int bh_blob_disk_sync(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES]);
/* Gone for good; one that is not there is, too. */
int bh_blob_disk_delete(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES]);

#endif
