/* A backup of a district: a folder that holds a copy of its file, the photos it refers to and a
 * manifest; and the way back from it.
 *
 *   PLACE/330106-20261128T185600Z/      made as ....part, verified, synced, then named
 *       manifest      text, by which everything else is checked
 *       district.db   journal and projections, a file of its own
 *       blobs/ab/cd/  photos; one that an earlier backup in PLACE holds is linked, not copied
 *
 * Keys are not in it, and neither is what must never roll back (kept.h): see restore.h. */
#ifndef BH_STORE_BACKUP_H
#define BH_STORE_BACKUP_H

#include "server/store/store.h"

#define BH_BACKUP_PATH_MAX 700u
#define BH_BACKUP_NAME_MAX 64u

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
};

/* What is wrong, for a person. */
struct bh_backup_fault {
	char what[BH_BACKUP_PATH_MAX + 200];
};

/* ---- manifest: backup_manifest.c ---- */
int bh_manifest_format(const struct bh_backup_manifest *manifest, struct bh_buf *out);
/* BH_ERR_CORRUPT, with a constant clause in *what. */
int bh_manifest_parse(struct bh_span text, struct bh_backup_manifest *out, const char **what);

/* ---- making ---- */

/* "330106-20261128T185600Z" from the code and an instant. */
void bh_backup_name(const char *code, int64_t wall_ms, char name[BH_BACKUP_NAME_MAX]);
/* Makes the folder PLACE/NAME.part, which must not be there, for the copy of the file: its path is
 * "<folder>/district.db".  BH_ERR_NOT_FOUND (no such place), _EXISTS, _IO, _FULL, _LIMIT. */
int bh_backup_begin(const char *place, const char *name, char folder[BH_BACKUP_PATH_MAX],
	struct bh_backup_fault *fault);
/* After district.db was copied there: photos from the live district's, manifest, everything
 * verified and synced, then the name; parts of this district that were cut short go.  from: the
 * live file's options.  On failure nothing is left.  BH_ERR_CORRUPT: the copy does not hold, or a
 * photo; *fault says what. */
int bh_backup_finish(const struct bh_store_options *from, const char *place, const char *name,
	int64_t wall_ms, struct bh_backup_manifest *out, struct bh_backup_fault *fault);
/* What was begun goes. */
void bh_backup_drop(const char *place, const char *name);

/* ---- checking ---- */

/* Reads all of it: lengths, hashes, chain, projections, each photo.  BH_ERR_CORRUPT (*fault says
 * what), _NOT_FOUND (no backup there), _VERSION, _IO, _NOMEM.  Changes nothing. */
int bh_backup_verify(
	const char *folder, struct bh_backup_manifest *out, struct bh_backup_fault *fault);

#endif
