/* Inside a ship: entries and photos go by one set of fields. */
#ifndef BH_STORE_SEGMENT_SHIP_PART_H
#define BH_STORE_SEGMENT_SHIP_PART_H

#include "server/store/blob.h"
#include "server/store/segment_folder.h"
#include "server/store/segment_ship.h"

#define BH_SHIP_PHOTOS_A_PAGE 64u

/* Which photos were looked at: all that are stored, in order of hashes, then those of each STORED
 * entry behind position. */
struct bh_ship_photos {
	bool scanning;
	uint8_t after[BH_HASH_BYTES];
	struct bh_blob_stored page[BH_SHIP_PHOTOS_A_PAGE];
	size_t count, at;
	uint64_t position;
};

struct bh_ship {
	struct bh_store_reader *reader;
	struct bh_hasher *hasher;
	char code[BH_DISTRICT_CODE_BYTES_MAX + 1];
	char db_path[BH_BACKUP_PATH_MAX];   /* the district's */
	char above[BH_BACKUP_PATH_MAX];     /* the folder that is configured */
	char folder[BH_BACKUP_PATH_MAX];    /* the district's in it */
	char photos_db[BH_BACKUP_PATH_MAX]; /* beside which its photos lie: no file */
	uint32_t due_divisor;
	uint64_t close_bytes;
	int64_t close_ms;
	bool resumed; /* the three below are what the folder holds */
	uint64_t position;
	uint8_t hash[BH_HASH_BYTES];
	uint64_t epoch;
	struct bh_segment_writing writing;
	int64_t begun_mono_ms; /* the file that is written */
	struct bh_segment_block block;
	struct bh_buf scratch, bytes;
	struct bh_arena arena;
	uint64_t measured; /* entries up to here are counted in measured_bytes, */
	uint64_t measured_bytes;
	struct bh_ship_photos photos;
	struct bh_ship_counts counts;
	char where[BH_BACKUP_PATH_MAX]; /* of the failure */
};

/* segment_resume.c: finds how far the folder's segments and the journal are one. */
int bh_ship_resume(struct bh_ship *ship);
/* segment_ship_photos.c: looks at every photo again. */
void bh_ship_photos_begin(struct bh_ship *ship);
/* At most one is copied.  *more: there may be others. */
int bh_ship_photos_step(struct bh_ship *ship, bool *more);

#endif
