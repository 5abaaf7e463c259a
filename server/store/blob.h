/* What a district's journal says of photos: who names them, and which are here. */
#ifndef BH_STORE_BLOB_H
#define BH_STORE_BLOB_H

#include "server/store/store.h"

#define BH_UPLOAD_AGE_MS_MAX \
	INT64_C(604800000) /* 7 days: then one that nobody offers is collected */

/* A photo is named by an accepted op, with its size; it is stored for a case once an entry says so.
 */

enum bh_blob_right {
	BH_BLOB_NOT_NAMED = 0, /* not by an accepted op of this person, not with this size */
	BH_BLOB_AWAITED = 1,   /* for a case of theirs at least */
	BH_BLOB_ARRIVED = 2,
	BH_BLOB_SHOWN = 3, /* awaited for one case of theirs, here for another */
};
/* What a person's handset may offer.  By person, not by device: an op that was carried to another
 * log names what its first recording named. */
int bh_reader_blob_named(struct bh_store_reader *reader, const uint8_t hash[BH_HASH_BYTES],
	uint32_t size, uint32_t person, enum bh_blob_right *out);
/* What the last answers of this and the next took, in SQLite's steps: of a photo that very many
 * reports name each is gone through.  Begins anew. */
uint64_t bh_reader_blob_steps(struct bh_store_reader *reader);
/* The size of one that is stored for any case.  BH_ERR_NOT_FOUND. */
int bh_reader_blob_here(
	struct bh_store_reader *reader, const uint8_t hash[BH_HASH_BYTES], uint32_t *size);
/* Cases for which a person's ops name it and that await it, at most max.  What others name is
 * theirs to show that they hold. */
int bh_reader_blob_awaited(struct bh_store_reader *reader, const uint8_t hash[BH_HASH_BYTES],
	uint32_t size, uint32_t person, uint64_t *numbers, size_t max, size_t *count);

struct bh_blob_sight {
	uint64_t case_number;
	uint32_t size;
	uint32_t person; /* whose op brought it */
};
/* Through which cases it can be seen, at most max. */
int bh_reader_blob_seen(struct bh_store_reader *reader, const uint8_t hash[BH_HASH_BYTES],
	struct bh_blob_sight *sights, size_t max, size_t *count);

struct bh_blob_row {
	uint8_t hash[BH_HASH_BYTES];
	uint32_t size;
	uint32_t kind; /* enum bh_blob_kind */
	uint32_t verb; /* of the op that brought it */
	uint32_t cycle;
	uint32_t person; /* whose handset brought it */
	bool stored;
};
/* A case's photos in the order in which its ops name them; of more than max the report's and the
 * last of the others.  No paper's file: that is of its dossier. */
int bh_reader_case_photos(struct bh_store_reader *reader, uint64_t number, struct bh_blob_row *rows,
	size_t max, size_t *count);
/* ... and its papers' files: the last max of all. */
int bh_reader_case_blobs(struct bh_store_reader *reader, uint64_t number, struct bh_blob_row *rows,
	size_t max, size_t *count);

struct bh_blob_stored {
	uint8_t hash[BH_HASH_BYTES];
	uint32_t size;
};
/* Photos that are stored for any case, past this hash and in order of hashes, at most max. */
int bh_reader_blobs_stored(struct bh_store_reader *reader, const uint8_t after[BH_HASH_BYTES],
	struct bh_blob_stored *rows, size_t max, size_t *count);

/* Photos on their way that were last offered before an instant (district time), at most max. */
int bh_reader_uploads_old(struct bh_store_reader *reader, int64_t before_ms,
	uint8_t hashes[][BH_HASH_BYTES], size_t max, size_t *count);
/* Whether an erasure gave it up, and nobody offered it since. */
int bh_reader_upload_given_up(
	struct bh_store_reader *reader, const uint8_t hash[BH_HASH_BYTES], bool *given_up);
/* Gives back the room of those of them that were not offered again meanwhile.  As bh_writer_tick on
 * failure. */
int bh_writer_uploads_drop(struct bh_writer *writer, struct bh_now now,
	const uint8_t hashes[][BH_HASH_BYTES], size_t count, int64_t before_ms);

/* ---- Photos that are lost: stored, says the journal, and not on the disk ---- */
#define BH_PHOTOS_ASKED_MAX 1000u /* noted at a time; the others by the next backup */

/* These are, in the order of hashes, and no others; as bh_writer_tick on failure.  Of more than are
 * noted, first those whose handset is not cut off, and each time from where the last time ended. */
int bh_writer_photos_lost(struct bh_writer *writer, struct bh_now now,
	const uint8_t hashes[][BH_HASH_BYTES], size_t count);
/* Of them, those that an op of this person's handsets names: at most max, each once, behind a place
 * in an order of their own, and from its beginning again.  *place is the last one's then. */
int bh_reader_photos_lost(struct bh_store_reader *reader, uint32_t person, uint32_t *place,
	uint8_t hashes[][BH_HASH_BYTES], size_t max, size_t *count);

#endif
