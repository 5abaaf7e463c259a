/* Folders and whole files outside SQLite, for backups and restores. */
#ifndef BH_STORE_FOLDER_H
#define BH_STORE_FOLDER_H

#include <stdbool.h>

#include "proto/bytes.h"
#include "proto/limits.h"

/* BH_ERR_LIMIT: too long.  parts end with NULL and are joined by '/'. */
int bh_path_join(char *out, size_t size, const char *first, ...);
/* What errno says: BH_ERR_FULL, _NOT_FOUND, _EXISTS, else _IO. */
int bh_file_err(void);
bool bh_file_there(const char *path);
/* A folder and its own name durable. */
int bh_folder_make(const char *path);
int bh_folder_durable(const char *path);
/* With everything in it; one that is not there is gone, too.  Follows no links. */
int bh_folder_remove(const char *path);
/* A whole file: the copy is synced.  hash (may be NULL) is of what was read.  BH_ERR_EXISTS. */
int bh_file_copy(const char *from, const char *to, uint8_t hash[BH_HASH_BYTES]);
int bh_file_hash(const char *path, uint64_t *bytes, uint8_t hash[BH_HASH_BYTES]);
int bh_file_sync(const char *path);
/* Written whole and synced. */
int bh_file_write(const char *path, struct bh_span bytes);
/* BH_ERR_LIMIT: more than out may hold. */
int bh_file_read(const char *path, struct bh_buf *out);

#endif
