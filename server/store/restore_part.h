/* Inside restores: what looking at one and doing it share. */
#ifndef BH_STORE_RESTORE_PART_H
#define BH_STORE_RESTORE_PART_H

#include <stdio.h>

#include "server/store/restore.h"

struct restore_paths {
	char old_db[BH_BACKUP_PATH_MAX];
	char making[BH_BACKUP_PATH_MAX]; /* the new folder until it is whole */
	char kept[BH_BACKUP_PATH_MAX];
};

/* Needs out->manifest; fills out->folder, kept and there. */
int bh_restore_paths(const struct bh_restore_options *options, struct bh_restore_report *out,
	struct restore_paths *paths, struct bh_backup_fault *fault);
/* restore_photos.c: links what the old folder has and the new one lacks; counts it. */
void bh_restore_photos(struct bh_restore_report *out, const char *making, const char *db_path);
/* Of those that the backup does not hold, takes out the ones that lie beside the new file now. */
void bh_restore_photos_look(struct bh_photos_lost *lost, const char *db_path);
/* restore_segments.c: how far segments lead from the backup: out->position, head, epoch.  Changes
 * nothing. */
int bh_restore_segments_look(const struct bh_restore_options *options,
	struct bh_restore_report *out, struct bh_backup_fault *fault);
/* Replays as far as that into a copy of the backup's file. */
int bh_restore_segments_apply(const struct bh_restore_options *options,
	const struct bh_restore_report *out, const char *db_path, struct bh_backup_fault *fault);
/* Photos that the new file calls stored and the new folder lacks; counts those that are nowhere. */
int bh_restore_segments_photos(const struct bh_restore_options *options,
	struct bh_restore_report *out, const char *making, const char *db_path);
/* kept_open.c: the epoch of a kept file, 0 where there is none.  BH_ERR_CORRUPT: text says why. */
int bh_store_kept_epoch(
	const char *path, const char *code, uint64_t *epoch, char *text, size_t size);
/* Appends to a kept file, made where there is none: numbers up to BH_RESTORE_NUMBERS_SKIPPED beyond
 * these and beyond those in it are taken.  Durable. */
int bh_store_kept_floor(
	const char *path, const char *code, uint64_t epoch, uint32_t device, uint32_t log_short);

#endif
