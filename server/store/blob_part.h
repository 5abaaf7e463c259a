/* Inside photos' files: what jobs and wholes share. */
#ifndef BH_STORE_BLOB_PART_H
#define BH_STORE_BLOB_PART_H

#include "server/store/blob_disk.h"
#include "server/store/blob_files.h"
#include "server/store/blob_slots.h"

struct bh_blob_files {
	struct bh_blob_disk disk;
	struct bh_blob_disk settler; /* bh_blob_files_settle's own */
	struct bh_blob_slots slots;
	struct bh_cargo_files *cargo; /* borrowed */
};

/* ---- blob_whole.c ---- */
/* All of it is held: WRONG, or a failure, and the upload has ended; or WHOLE once it is settled.
 * Gives what the disk says. */
int bh_blob_finish(
	struct bh_blob_files *files, struct bh_blob_upload *upload, struct bh_blob_job *job);
/* It was settled, err as the disk said: WHOLE, and the upload has ended, on failure too. */
int bh_blob_finished(struct bh_blob_files *files, struct bh_blob_job *job, int err);
/* OPEN of one that lies there whole already and that no entry calls stored: WHOLE, or WRONG where
 * it has another size.  *there: so it was; what has its name and not its hash counts for nothing.
 */
int bh_blob_whole_look(struct bh_blob_files *files, struct bh_blob_job *job, bool *there);
/* OPEN of one that the journal calls stored: WHOLE or GONE. */
int bh_blob_stored(struct bh_blob_files *files, struct bh_blob_job *job);
int bh_blob_prove(struct bh_blob_files *files, struct bh_blob_job *job);

#endif
