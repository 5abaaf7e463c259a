/* Segments that end before a backup does: no restore from it, or from a later one, reads them.
 *
 *   they lead on from the backup? ──▶ each file but the newest: its last entry is the backup's, or
 * before it ──▶ counted, or removed, the oldest first
 *
 * What cannot be read stays, and so does the newest file: by it a ship knows where it stands. */
#include <string.h>
#include <unistd.h>

#include "proto/err.h"
#include "server/store/backup_part.h"
#include "server/store/folder.h"
#include "server/store/restore_part.h"
#include "server/store/segment_folder.h"

static bool is_older(const struct bh_segment_folder *folder, size_t at, uint64_t position)
{
	return at + 1 < folder->count && folder->infos[at].named &&
	       folder->infos[at].last <= position;
}

static int file_take(
	const struct bh_segment_folder *folder, size_t at, bool drop, struct bh_restore_older *out)
{
	char name[BH_SEGMENT_NAME_MAX], path[BH_BACKUP_PATH_MAX];
	int err;

	bh_segment_name(folder->files[at].first, folder->files[at].number, name);
	err = bh_path_join(path, sizeof(path), folder->path, name, NULL);
	if (!err && drop && unlink(path) != 0)
		err = bh_file_err();
	if (err)
		return err;
	out->files++;
	out->bytes += folder->infos[at].bytes + folder->infos[at].torn;
	return BH_NOERR;
}

static int files_take(const char *path, const struct bh_backup_manifest *manifest, bool drop,
	struct bh_restore_older *out)
{
	struct bh_segment_folder folder = {0};
	struct bh_hasher *hasher = NULL;
	struct bh_segment_road road;
	int err = bh_hasher_open(&hasher);

	if (!err)
		err = bh_segment_folder_list(path, &folder);
	if (!err)
		err = bh_segment_folder_judge(&folder, hasher, manifest->district, &road);
	for (size_t i = 0; !err && i < folder.count; i++) {
		if (is_older(&folder, i, manifest->position))
			err = file_take(&folder, i, drop, out);
	}
	if (!err && drop && out->files > 0)
		err = bh_folder_durable(path);
	bh_segment_folder_free(&folder);
	bh_hasher_close(hasher);
	return err;
}

int bh_restore_older(const struct bh_restore_options *options,
	const struct bh_backup_manifest *manifest, bool drop, struct bh_restore_older *out,
	struct bh_backup_fault *fault)
{
	struct bh_restore_report looked = {.manifest = *manifest}; /* borrows it */
	struct bh_restore_older older = {0};
	char path[BH_BACKUP_PATH_MAX];
	int err = bh_restore_segments_look(options, &looked, fault);

	if (err)
		return err;
	err = bh_path_join(path, sizeof(path), options->segments, manifest->district, NULL);
	if (!err)
		err = files_take(path, manifest, drop, &older);
	if (err)
		return bh_backup_say(
			fault, err, "%s: older segments cannot be removed", options->segments);
	older.gained = looked.position - manifest->position;
	*out = older;
	return BH_NOERR;
}
