/* A backup of a district: a folder that holds a copy of its file, the photos it refers to and a
 * manifest; and the way back from it.
 *
 *   PLACE/330106-20261128T185600Z/      made as ....part, verified, synced, then named
 *       manifest      text, by which everything else is checked
 *       district.db   journal and projections, a file of its own
 *       blobs/ab/cd/  photos; one that an earlier backup in PLACE holds is linked, not copied
 *
 * A photo that is not there or not what it was stops nothing: the manifest names it, and all else
 * is in the backup.  Keys are not in it, and neither is what must never roll back (kept.h): see
 * restore.h. */
#ifndef BH_STORE_BACKUP_H
#define BH_STORE_BACKUP_H

#include "server/store/store.h"

#define BH_BACKUP_PATH_MAX 700u
#define BH_BACKUP_NAME_MAX 64u
#define BH_BACKUP_LOOK_DAYS 16u
#define BH_PHOTOS_LOST_MAX 100000u /* more than these are no photos' fault, but the disk's */

/* Why a photo that the district calls stored is not there.  Values stand in manifests, as words. */
enum bh_photo_fault {
	BH_PHOTO_GOOD = 0,
	BH_PHOTO_MISSING = 1,
	BH_PHOTO_CHANGED = 2, /* another length or hash than its name says */
	BH_PHOTO_UNREADABLE = 3,
};

struct bh_photo_lost {
	uint8_t hash[BH_HASH_BYTES];
	uint64_t size;
	enum bh_photo_fault why;
};

/* In the order of their hashes, each once.  Owned; zero-filled is empty. */
struct bh_photos_lost {
	struct bh_photo_lost *rows;
	size_t count, room;
};

struct bh_backup_manifest {
	char district[BH_DISTRICT_CODE_BYTES_MAX + 1];
	uint64_t epoch;
	uint64_t position; /* of the journal's head */
	uint8_t head[BH_HASH_BYTES];
	uint64_t cases;
	int64_t made_ms;
	uint32_t due_divisor; /* of the tests; 1 */
	uint64_t db_bytes;
	uint8_t db_sha256[BH_HASH_BYTES];
	uint64_t blobs, blob_bytes; /* photos that are here, each once */
	struct bh_photos_lost lost; /* and those that are not; see bh_manifest_free */
};

/* What is wrong, for a person. */
struct bh_backup_fault {
	char what[BH_BACKUP_PATH_MAX + 200];
};

/* ---- photos that are lost: backup_lost.c ---- */
/* Where it belongs; one that is there stays as it is.  BH_ERR_LIMIT (BH_PHOTOS_LOST_MAX), _NOMEM.
 */
int bh_photos_lost_add(struct bh_photos_lost *lost, const uint8_t hash[BH_HASH_BYTES],
	uint64_t size, enum bh_photo_fault why);
/* NULL: it is not among them. */
const struct bh_photo_lost *bh_photos_lost_find(
	const struct bh_photos_lost *lost, const uint8_t hash[BH_HASH_BYTES]);
void bh_photos_lost_free(struct bh_photos_lost *lost);
/* "missing", "changed", "unreadable". */
const char *bh_photo_fault_word(enum bh_photo_fault why);
/* BH_PHOTO_GOOD: no such word. */
enum bh_photo_fault bh_photo_fault_of(const char *word);

/* ---- manifest: backup_manifest.c ---- */
int bh_manifest_format(const struct bh_backup_manifest *manifest, struct bh_buf *out);
/* BH_ERR_CORRUPT, with a constant clause in *what; BH_ERR_NOMEM.  *out is the caller's to free. */
int bh_manifest_parse(struct bh_span text, struct bh_backup_manifest *out, const char **what);
/* What it owns; zero-filled is fine. */
void bh_manifest_free(struct bh_backup_manifest *manifest);

/* ---- making ---- */

/* "330106-20261128T185600Z" from the code and an instant. */
void bh_backup_name(const char *code, int64_t wall_ms, char name[BH_BACKUP_NAME_MAX]);
/* Makes the folder PLACE/NAME.part, which must not be there, for the copy of the file: its path is
 * "<folder>/district.db".  BH_ERR_NOT_FOUND (no such place), _EXISTS, _IO, _FULL, _LIMIT. */
int bh_backup_begin(const char *place, const char *name, char folder[BH_BACKUP_PATH_MAX],
	struct bh_backup_fault *fault);
/* After district.db was copied there: photos from the live district's, manifest, everything
 * verified and synced, then the name; parts of this district that were cut short go.  from: the
 * live file's options; as much of the place as its blob_reserve_bytes stays free.  out->lost: what
 * neither the district nor an earlier backup holds.  *gone (zero-filled, the caller's to free, on
 * failure too): what the district itself does not hold; what had a photo's name there and is none
 * has ".bad" behind it now.  Of photos that an earlier backup holds, the district's own are looked
 * at by their length, and within BH_BACKUP_LOOK_DAYS of daily backups by each byte.  On failure
 * nothing is left of the backup.  BH_ERR_CORRUPT: the copy does not hold; BH_ERR_FULL: no room for
 * its photos; *fault says what. */
int bh_backup_finish(const struct bh_store_options *from, const char *place, const char *name,
	int64_t wall_ms, struct bh_backup_manifest *out, struct bh_photos_lost *gone,
	struct bh_backup_fault *fault);
/* What was begun goes. */
void bh_backup_drop(const char *place, const char *name);

/* ---- checking ---- */

/* Reads all of it: lengths, hashes, chain, projections, each photo.  out->lost: the photos that
 * its manifest names as lost, and those that are lost since; nothing else of it is, and out is the
 * caller's to free.  BH_ERR_CORRUPT (*fault says what), _NOT_FOUND (no backup there), _VERSION,
 * _IO, _NOMEM.  Changes nothing. */
int bh_backup_verify(
	const char *folder, struct bh_backup_manifest *out, struct bh_backup_fault *fault);

#endif
