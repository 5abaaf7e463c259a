/* A backup becomes a district again, in a new epoch; whole or not at all.
 *
 *   verify the backup ──▶ DATA/CODE.restoring: file, photos, keys, new epoch, verified, synced
 *     ──▶ exchanged with DATA/CODE in one step ──▶ the old folder's name is CODE.before-N
 *
 * What must never roll back (DATA/CODE.kept) stays where it is; the server brings the district up
 * to it when it opens.  Where no old district vouches for that file, or there is none, numbers far
 * beyond those that are known are taken.
 *
 * With segments (segment.h) what the journal had beyond the backup is replayed into the new file
 * before its new epoch, as it was decided: nothing of it has to come again. */
#ifndef BH_STORE_RESTORE_H
#define BH_STORE_RESTORE_H

#include "server/store/backup.h"

#define BH_RESTORE_NUMBERS_SKIPPED 1000u /* devices and logs that may have been made since */
#define BH_RESTORE_DEVICES_MAX 100000u

struct bh_restore_options {
	const char *backup;   /* its folder */
	const char *segments; /* the folder that journals are shipped to; NULL: the backup alone */
	const char *data;     /* the folder of districts */
	const char *keys;     /* a folder with the district's keys; NULL: those of the old folder */
	bool replace;         /* the district may be there */
	struct bh_now now;
	struct bh_rng rng;
	void (*step)(void *context, const char *what); /* tests; NULL */
	void *context;
};

struct bh_restore_return {
	uint32_t device;
	uint64_t ops; /* acknowledged and not put back: its handset has them */
};

/* manifest.lost: photos that the backup does not hold, and after a restore the old folder neither.
 */
struct bh_restore_report {
	struct bh_backup_manifest manifest;
	uint64_t position; /* of the last entry that is put back: the backup's, or the segments' */
	uint8_t head[BH_HASH_BYTES];
	uint64_t segments;                 /* files of them that were read */
	uint64_t segments_torn;            /* bytes of their torn end, which are left out */
	uint64_t photos_shipped;           /* that were taken from beside them */
	uint64_t photos_missing;           /* that are nowhere, */
	struct bh_photos_lost missing;     /* and which: the first BH_PHOTOS_LOST_MAX of them */
	uint64_t epoch;                    /* that it goes on in */
	char folder[BH_BACKUP_PATH_MAX];   /* where it is now */
	char aside[BH_BACKUP_PATH_MAX];    /* where the old one is; "" */
	bool kept;                         /* there is a kept file */
	bool there;                        /* the district was there, */
	bool continues;                    /* and its journal goes on from what is put back */
	bool numbers_known;                /* it continues and opens: else some are skipped */
	uint64_t entries, cases, devices;  /* it has beyond that */
	uint64_t decisions;                /* of those entries, by no handset: nobody brings them */
	uint64_t photos_carried;           /* of the old folder, beyond the backup's */
	struct bh_restore_return *returns; /* what handsets bring; owned */
	size_t returns_count;
};

/* Changes nothing but SQLite's own files beside the old one.  As bh_store_restore on failure. */
int bh_restore_look(const struct bh_restore_options *options, struct bh_restore_report *out,
	struct bh_backup_fault *fault);
/* 0; BH_ERR_CORRUPT (the backup, or segments that do not lead on from it), BH_ERR_EXISTS (without
 * replace), BH_ERR_BUSY (a server has it), BH_ERR_NOT_FOUND (backup, data folder or keys),
 * BH_ERR_FULL, BH_ERR_IO ...: nothing changed, and *fault says why; or it says that the backup is
 * the district already. */
int bh_store_restore(const struct bh_restore_options *options, struct bh_restore_report *out,
	struct bh_backup_fault *fault);
/* Segments that a restore from this backup, or from a later one, does not read. */
struct bh_restore_older {
	uint64_t files, bytes;
	uint64_t gained; /* entries that the others hold beyond the backup */
};
/* Counts them, or removes them; options: backup and segments.  0; codes of bh_restore_look about
 * segments, that lead on from the backup or are left alone; BH_ERR_IO: some may be gone. */
int bh_restore_older(const struct bh_restore_options *options,
	const struct bh_backup_manifest *manifest, bool drop, struct bh_restore_older *out,
	struct bh_backup_fault *fault);
void bh_restore_report_free(struct bh_restore_report *report);

#endif
