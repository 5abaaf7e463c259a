/* What the files of cargo.h share. */
#ifndef BH_STORE_CARGO_PART_H
#define BH_STORE_CARGO_PART_H

#include "server/store/cargo.h"

struct bh_cargo_files {
	char folder[BH_BLOB_JOB_PATH_MAX];
	uint64_t reserve_bytes;
	bh_cargo_whole whole; /* NULL: nobody asks */
	void *context;
};

void bh_cargo_name(uint32_t device, const uint8_t hash[BH_HASH_BYTES], char *out);
/* end: ".part"; out has BH_BLOB_JOB_PATH_MAX bytes. */
void bh_cargo_path(
	const struct bh_cargo_files *files, const char *name, const char *end, char *out);

/* ---- cargo_folder.c ---- */
/* What errno says: BH_ERR_FULL or BH_ERR_IO. */
int bh_cargo_err(void);
/* A new file of this job's device may begin: what else it had on its way has gone, and so has its
 * oldest done one, where there are too many.  0, BH_ERR_FULL, BH_ERR_IO. */
int bh_cargo_room(const struct bh_cargo_files *files, const struct bh_blob_job *job, bool *fits);
/* One that holds so much may go on by so many bytes: whatever size was told when it began, and
 * whoever began meanwhile.  All files are counted where it passes a step.  0, BH_ERR_FULL,
 * BH_ERR_IO. */
int bh_cargo_room_on(const struct bh_cargo_files *files, uint64_t held, uint64_t bytes, bool *fits);

#endif
