/* Photos that were acknowledged since the backup: the old district has them, the handsets may not
 * any more.  Each whole one that the new folder lacks is linked into it, and found there when its
 * report comes back; parts, and what is not its name's hash, stay behind.
 *
 *   OLD/blobs/ab/cd/HASH ──▶ hashes to its name? ──▶ NEW/blobs/ab/cd/HASH
 *
 * So it is with what the backup has lost: what the old folder still holds is lost no more.  What
 * cannot be carried is not counted, and lies in the old folder. */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/store/backup_part.h"
#include "server/store/blob_files.h"
#include "server/store/folder.h"
#include "server/store/restore_part.h"

#define LEVELS 2 /* of folders above a photo */

struct carrying {
	const char *making;
	const char *to_db;
	uint64_t carried;
};

static void photo_carry(struct carrying *carrying, const char *from, const char *name)
{
	char to[BH_BACKUP_PATH_MAX];
	uint8_t hash[BH_HASH_BYTES], found[BH_HASH_BYTES];
	uint64_t bytes = 0;

	if (strlen(name) != 2 * sizeof(hash) || bh_hex_parse(name, hash, sizeof(hash)) != 0 ||
		bh_blob_path(carrying->to_db, hash, to, sizeof(to)) || bh_file_there(to) ||
		bh_file_hash(from, &bytes, found) || memcmp(hash, found, sizeof(hash)) != 0 ||
		bh_backup_blob_folders(carrying->making, to) || link(from, to) != 0)
		return;
	*strrchr(to, '/') = '\0';
	if (bh_folder_durable(to) == BH_NOERR)
		carrying->carried++;
}

/* A link is no folder of photos: only names of two digits are gone into. */
static void folder_carry(struct carrying *carrying, const char *path, int level)
{
	char below[BH_BACKUP_PATH_MAX];
	DIR *folder = opendir(path);

	for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
		if (entry->d_name[0] == '.' ||
			bh_path_join(below, sizeof(below), path, entry->d_name, NULL))
			continue;
		if (level == LEVELS)
			photo_carry(carrying, below, entry->d_name);
		else if (strlen(entry->d_name) == 2)
			folder_carry(carrying, below, level + 1);
	}
	if (folder)
		(void)closedir(folder);
}

void bh_restore_photos_look(struct bh_photos_lost *lost, const char *db_path)
{
	char path[BH_BACKUP_PATH_MAX];
	size_t count = 0;

	for (size_t i = 0; i < lost->count; i++) {
		if (bh_blob_path(db_path, lost->rows[i].hash, path, sizeof(path)) == BH_NOERR &&
			bh_file_there(path))
			continue;
		lost->rows[count++] = lost->rows[i];
	}
	lost->count = count;
}

void bh_restore_photos(struct bh_restore_report *out, const char *making, const char *db_path)
{
	struct carrying carrying = {.making = making, .to_db = db_path};
	char blobs[BH_BACKUP_PATH_MAX];

	if (out->there && bh_path_join(blobs, sizeof(blobs), out->folder, "blobs", NULL) == 0)
		folder_carry(&carrying, blobs, 0);
	out->photos_carried = carrying.carried;
}
