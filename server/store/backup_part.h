/* Inside backups: what making, checking and restoring share. */
#ifndef BH_STORE_BACKUP_PART_H
#define BH_STORE_BACKUP_PART_H

#include "server/store/backup.h"

#define BH_MANIFEST_BYTES_MAX (4096u + 128u * BH_PHOTOS_LOST_MAX)

/* Fills *fault and gives err. */
__attribute__((format(printf, 3, 4))) int bh_backup_say(
	struct bh_backup_fault *fault, int err, const char *format, ...);
/* Photos that a file nobody has open calls stored, each once. */
int bh_backup_each_blob(const char *db_path,
	int (*each)(void *context, const uint8_t hash[BH_HASH_BYTES], uint64_t size),
	void *context);
/* Whether a photo lies there and is what its name says.  BH_ERR_NOMEM. */
int bh_backup_blob_check(const char *path, const uint8_t hash[BH_HASH_BYTES], uint64_t size,
	enum bh_photo_fault *why);
/* Verifies a file nobody has open, and fills epoch, position, head and cases. */
typedef int (*bh_backup_road)(
	const struct bh_store_options *options, struct bh_verify_report *report);
int bh_backup_db_verify(const char *db_path, bh_backup_road road,
	struct bh_backup_manifest *manifest, struct bh_backup_fault *fault);
/* The manifest alone. */
int bh_backup_manifest_read(
	const char *folder, struct bh_backup_manifest *out, struct bh_backup_fault *fault);
/* backup_photos.c: the photos of the copy at db_path, into folder; before: the file of an earlier
 * backup, "". Fills m->blobs, blob_bytes and lost, and *gone. */
int bh_backup_photos(const struct bh_store_options *from, const char *before, const char *folder,
	const char *db_path, struct bh_backup_manifest *m, struct bh_photos_lost *gone,
	struct bh_backup_fault *fault);
/* A photo's folders, made and durable, below "<folder>/blobs"; path is the photo's. */
int bh_backup_blob_folders(const char *folder, const char *path);

#endif
