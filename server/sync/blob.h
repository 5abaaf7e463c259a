/* Photos in a session: what its files share about uploads and downloads. */
#ifndef BH_SYNC_BLOB_H
#define BH_SYNC_BLOB_H

#include "server/store/blob.h"
#include "server/sync/hub.h"

#define BH_BLOB_TASKS_MAX                                                      \
	24u /* of one session, out: pushes and parts, and some offers and asks \
	     */
#define BH_BLOB_OFFER_COSTS_OPS 4u /* an offer may be a commit */
#define BH_BLOB_HASHED_PER_OP \
	(16u << 10) /* bytes that had to be read to answer it; counted when they were */
#define BH_BLOB_STEPS_PER_OP 2500u /* of SQLite's, through what very many reports name */
#define BH_RETRY_ROOM_MS 60000u
#define BH_RETRY_UPLOADS_MS 30000u /* too many go on */
#define BH_BLOB_CASES_MAX 64u      /* of one photo, looked at or told to the journal at once */

/* Made by an Offer that is believed; gone when it is answered for good. */
struct bh_upload {
	uint8_t hash[BH_HASH_BYTES];
	uint32_t size;
	uint64_t ticket; /* of the files; 0: it does not take parts yet */
	int64_t room_ms; /* names the room that it has */
};

struct bh_download {
	uint8_t hash[BH_HASH_BYTES];
	uint32_t size;
	uint32_t offset;
	bool reading; /* a READ is out */
};

/* A blob job with whose it is. */
struct bh_blob_task {
	struct bh_blob_job job;     /* job.owner is this */
	struct bh_session *session; /* NULL: it has gone */
	struct bh_blob_task *session_next;
	int64_t room_ms; /* OPEN, PART: of the upload it is about */
	size_t bytes;    /* counted against BH_HUB_QUEUE_BYTES_MAX */
};

/* ---- blob.c: the answers, and tasks on their way ---- */
/* NULL without memory, or where the session or the district has too much out. */
struct bh_blob_task *bh_blob_task_new(
	struct bh_session *session, enum bh_blob_work work, const uint8_t hash[BH_HASH_BYTES]);
void bh_blob_task_queue(struct bh_session *session, struct bh_blob_task *task);
void bh_blob_task_free(struct bh_blob_task *task);
void bh_blob_tell(struct bh_session *session, const uint8_t hash[BH_HASH_BYTES],
	enum bh_blob_state state, uint32_t retry_after_ms);
void bh_blob_tell_later(struct bh_session *session, const uint8_t hash[BH_HASH_BYTES], int err);
/* The size of one that is here and that the session may see; BH_ERR_NOT_FOUND: one or the other is
 * not so. */
int bh_blob_sight(struct bh_session *session, const uint8_t hash[BH_HASH_BYTES], uint32_t *size);
/* Takes ops from the device's bucket and asks whether it is live; false: answered. */
bool bh_blob_may_ask(
	struct bh_session *session, const struct bh_moment *at, const uint8_t hash[BH_HASH_BYTES]);

/* blob_lost.c: asks for photos of this person that are here no more, a few a session. */
void bh_blobs_ask_again(struct bh_session *session);

/* ---- blob_up.c, blob_down.c, cargo.c: a task came back ---- */
void bh_cargo_told(struct bh_session *session, const struct bh_blob_job *job);
void bh_upload_opened(struct bh_session *session, struct bh_blob_job *job);
void bh_upload_parted(struct bh_session *session, struct bh_blob_job *job);
void bh_upload_proved(struct bh_session *session, struct bh_blob_job *job);
void bh_download_read(
	struct bh_session *session, const struct bh_moment *at, struct bh_blob_job *job);

#endif
