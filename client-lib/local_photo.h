/* What the handset's store keeps of photos: those recorded here and how far the server has them,
 * and those of others that it was told of. */
#ifndef BH_CLIENT_LOCAL_PHOTO_H
#define BH_CLIENT_LOCAL_PHOTO_H

#include "client-lib/local.h"

/*
 * The contract of local.h holds.  Bytes lie in files named by their hash, in a folder beside the
 * store; a file is whole and durable before the transaction that says so.
 *
 *   recorded here:  WAITING --op accepted--> DUE --complete--> COMPLETE (its file may be freed)
 *                      |                      |`--refused----> REFUSED
 *                      |                      |`--unknown----> UNKNOWN
 *                      |                      `---no file----> LOST
 *                      `--op not accepted--> KEPT
 *
 * Recording it again, or an accepted op that names it, leads back from UNKNOWN, KEPT and LOST; an
 * accepted op leads one whose file is here back from COMPLETE, too: its case does not have it yet;
 * and so does a server that has lost it.  A server that asks for one of a report it let in after
 * all leads back from KEPT.  What an op without an answer names is not freed.
 */
enum bh_blob_fate {
	BH_FATE_WAITING = 0,
	BH_FATE_DUE = 1,
	BH_FATE_COMPLETE = 2,
	BH_FATE_REFUSED = 3,
	BH_FATE_UNKNOWN = 4,
	BH_FATE_KEPT = 5,
	BH_FATE_LOST = 6,
};

/* What a change of kind PHOTO says: a blob's fate as it is, or a fetched one's above these. */
#define BH_FETCH_FATES_AT 8u

/*
 *   told of:  OFFERED --asked for, or an open or own case's thumbnail--> WANTED --> HERE
 *                ^                                                       |
 *                `--asked for again, told-- GONE <--the server has it not'
 *
 * It leaves with the record that told of it: LEFT, until its file is taken away.
 */
enum bh_fetch_fate {
	BH_FETCH_OFFERED = 0,
	BH_FETCH_WANTED = 1,
	BH_FETCH_HERE = 2,
	BH_FETCH_GONE = 3,
	BH_FETCH_LEFT = 4,
};

/* ---- Recording --------------------------------------------------------------------------- */

struct bh_photo_bytes {
	struct bh_span photo;
	struct bh_span thumbnail; /* may be empty */
	bool after;               /* of what was put right */
};

#define BH_OP_PHOTOS_MAX (BH_OP_BLOBS_MAX / 2)

/* bh_local_record with photos, each once whatever is given twice.  They are written and synced
 * before the op; when it fails, nothing of them is left. */
int bh_local_record_photos(struct bh_local *local, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content, const struct bh_photo_bytes *photos, size_t count,
	struct bh_now now, struct bh_op_ref *out);

/* ---- Up ---------------------------------------------------------------------------------- */

struct bh_blob_due {
	uint8_t hash[BH_HASH_BYTES];
	uint32_t size;
	uint32_t kind;
};

/* The next to offer: thumbnails first, then photos, smallest first; BH_ERR_NOT_FOUND: none. */
int bh_local_blob_next(struct bh_local *local, struct bh_blob_due *out);
/* The next besides these two, that are on their way; NULL: no such one. */
int bh_local_blob_other(
	struct bh_local *local, const uint8_t *one, const uint8_t *other, struct bh_blob_due *out);
/* BH_ERR_NOT_FOUND: its file is missing, or not of its size. */
int bh_local_blob_look(struct bh_local *local, const struct bh_blob_due *blob);
/* Its first size bytes; BH_ERR_NOT_FOUND when they are not there. */
int bh_local_blob_read(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], uint32_t offset,
	uint8_t *out, size_t len);
/* The hash of its first len bytes; as above. */
int bh_local_blob_hash(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], uint32_t len,
	uint8_t out[BH_HASH_BYTES]);
/* The hash of these bytes and all of it behind them; as above. */
int bh_local_blob_proof(struct bh_local *local, const struct bh_blob_due *blob,
	struct bh_span before, uint8_t out[BH_HASH_BYTES]);
/* What became of it, durably. */
int bh_local_blob_fate(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES],
	enum bh_blob_fate fate, struct bh_changes *changes);
/* BH_ERR_NOT_FOUND: it is none of ours. */
int bh_local_blob_fate_of(
	struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], enum bh_blob_fate *out);
/* The server has lost one that it had, or let its report in: DUE, if it was COMPLETE, KEPT or
 * UNKNOWN and its file is here; else BH_ERR_NOT_FOUND. */
int bh_local_blob_wanted(
	struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], struct bh_changes *changes);
/* WAITING and DUE ones; oldest_ms too. */
int bh_local_blobs_unsent(struct bh_local *local, struct bh_unsent *out);

/* ---- Down -------------------------------------------------------------------------------- */

struct bh_fetch_due {
	uint8_t hash[BH_HASH_BYTES];
	uint32_t size;
	uint32_t kind;
	uint32_t held; /* so much of it is here */
};

/* The next to ask for: what somebody asked for, then thumbnails; BH_ERR_NOT_FOUND: none. */
int bh_local_fetch_next(struct bh_local *local, struct bh_fetch_due *out);
/* Whether there is one. */
int bh_local_fetch_any(struct bh_local *local, bool *any);
/* Somebody wants it: 0, BH_ERR_EXISTS (it is here), BH_ERR_NOT_FOUND (no case here tells of one
 * that the server has). */
int bh_local_fetch_want(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES]);
int bh_local_fetch_put(struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], uint32_t offset,
	struct bh_span bytes);
/* All bytes are there: HERE.  BH_ERR_MALFORMED: they are not what the hash says; none is kept. */
int bh_local_fetch_end(
	struct bh_local *local, const struct bh_fetch_due *fetch, struct bh_changes *changes);
/* The server has it not. */
int bh_local_fetch_gone(
	struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], struct bh_changes *changes);

/* ---- Reading ----------------------------------------------------------------------------- */

struct bh_photo_row {
	uint8_t hash[BH_HASH_BYTES];
	uint32_t size;
	uint32_t kind;
	uint32_t verb; /* of the op that brought it */
	uint32_t cycle;
	bool own;               /* recorded here: fate holds */
	bool here;              /* its bytes can be read */
	bool stored;            /* of another: the server has it, and fetch holds */
	enum bh_blob_fate fate; /* of an own one */
	enum bh_fetch_fate fetch;
};

#define BH_CASE_PHOTOS_MAX 256u

/* Those that own ops brought to the case, oldest op first, then those that its record tells of; at
 * most max. */
int bh_local_photos(struct bh_local *local, const struct bh_case_row *row, struct bh_photo_row *out,
	size_t max, size_t *count);
/* All its bytes, appended; BH_ERR_NOT_FOUND: not here, or not what they were. */
int bh_local_photo_read(
	struct bh_local *local, const uint8_t hash[BH_HASH_BYTES], struct bh_buf *out);
/* Lets go of photos that are COMPLETE and were recorded before an instant, and of fetched ones that
 * were told of before it; thumbnails stay. */
int bh_local_photos_free(struct bh_local *local, int64_t before_ms, uint64_t *bytes);

#endif
