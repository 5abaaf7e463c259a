/* One photo's file at a time, through the district's VFS. */
#ifndef BH_STORE_BLOB_DISK_H
#define BH_STORE_BLOB_DISK_H

#include <sqlite3.h>

#include "server/store/running_hash.h"
#include "server/store/store.h"

#define BH_BLOB_PATH_BYTES_MAX 512u

/* A photo on its way lies under a name of its own.  What has a photo's own name is whole: it was
 * hashed and synced before it got that name. */
enum bh_blob_place {
	BH_BLOB_PARTLY = 0, /* "<hash>.part" */
	BH_BLOB_WHOLLY = 1, /* "<hash>" */
};

struct bh_blob_disk {
	sqlite3_vfs *vfs;
	bool is_system; /* others know no folders */
	uint64_t reserve_bytes;
	char db_path[BH_BLOB_PATH_BYTES_MAX];
	char path[BH_BLOB_PATH_BYTES_MAX]; /* of the file that is open, or was last */
	sqlite3_file *file;
	bool is_kept; /* file is open, of this photo on its way: its next part is likely next */
	uint8_t kept[BH_HASH_BYTES];
	size_t room_bytes; /* so much more may be written before the disk is asked again */
	uint8_t *buffer;
	uint8_t *folders; /* a bit for each pair of folders that is there, durably */
};

/* BH_ERR_NOMEM, BH_ERR_INVALID, BH_ERR_LIMIT; close it on failure, too. */
int bh_blob_disk_open(struct bh_blob_disk *disk, const struct bh_store_options *options);
void bh_blob_disk_close(struct bh_blob_disk *disk); /* zero-filled is fine */

/* 0 where it is not there.  All give BH_ERR_FULL, _IO or _NOMEM. */
int bh_blob_disk_size(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES],
	enum bh_blob_place place, uint64_t *size);
/* Writes a part at an offset; at 0 the file is made, or begins anew.  It stays open until another
 * one is asked for.  BH_ERR_FULL also where the disk's last bytes would be taken (store.h,
 * blob_reserve_bytes); of a system's disk that has plenty this is asked once a MiB. */
int bh_blob_disk_write(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES],
	uint32_t offset, struct bh_span bytes);
int bh_blob_disk_read(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES], uint32_t offset,
	uint8_t *out, uint32_t len);
/* The first len bytes, added to a running hash.  anew: each is written again where it lies, so that
 * a sync that follows is of these bytes, whatever became of an earlier one. */
int bh_blob_disk_hash(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES],
	enum bh_blob_place place, uint32_t len, bool anew, struct bh_running_hash *running);
/* What came of a photo on its way. */
int bh_blob_disk_look(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES], uint32_t size,
	bool *is_photo);
/* The folders of what lies there partly are durable. */
int bh_blob_disk_folders(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES]);
/* Its bytes are durable, then it gets the photo's name, then that is durable: in folders that are.
 */
int bh_blob_disk_settle(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES]);
/* That name is durable, also where an earlier try failed. */
int bh_blob_disk_settle_name(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES]);
/* Gone for good; one that is not there is, too. */
int bh_blob_disk_delete(
	struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES], enum bh_blob_place place);

/* The kept file's too: an open file takes another name, whatever had that before; then that name is
 * durable. */
int bh_file_name_take(sqlite3_file *file, bool is_system, const char *from, const char *to);
int bh_file_name_sync(sqlite3_file *file, bool is_system, const char *path);

/* ---- blob_folder.c, for blob_disk.c ---- */
int bh_blob_folders_open(struct bh_blob_disk *disk); /* 0 or BH_ERR_NOMEM */
/* Makes those that disk->path lies in, of a photo on its way with this hash, each durable in its
 * own before anything lies in it. */
int bh_blob_folders_make(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES]);
/* They may have gone behind our back. */
void bh_blob_folders_doubt(struct bh_blob_disk *disk, const uint8_t hash[BH_HASH_BYTES]);
/* The system's alone: bytes of a file begin their way to the disk, so that the sync that asks for
 * them has little left to wait for.  Whether they arrive, that sync tells. */
void bh_blob_flush(const char *path, uint32_t offset, uint32_t len);
/* The system's alone: the folder that a path lies in is durable. */
int bh_blob_folder_sync(const char *path);
/* The system's alone: as statvfs says for whoever is not root. */
int bh_blob_folder_room(const struct bh_blob_disk *disk, uint64_t *bytes);

#endif
