/* What the files of bundle.h share. */
#ifndef BH_SYNC_BUNDLE_PART_H
#define BH_SYNC_BUNDLE_PART_H

#include "proto/bundle_frames.h"
#include "server/sync/bundle.h"
#include "server/sync/hub.h"

#define BH_STATEMENT_BYTES_MAX 8192u

/* What a bundle says of itself, proved by its device's key. */
struct bh_bundle_said {
	struct bh_buf bytes; /* the statement as signed, then the signatures */
	struct bh_arena arena;
	struct bh_span statement_bytes, signature, next_signature;
	struct bh_msg_bundle_statement statement; /* its spans in bytes */
	uint64_t ops;
	uint64_t held_seq; /* after a gap: where its log ends here */
	uint8_t held_link[BH_HASH_BYTES];
	struct bh_buf pieces; /* the file as it was proved: a SHA-256 of each piece */
};

/* ---- bundle_look.c ---- */
/* Reads all of it, changing nothing: sealed for us, whole, of a device of ours, signed by it, and
 * its ops and links what was signed.  0, BH_ERR_INVALID with *fault, BH_ERR_NOMEM; *said is to be
 * freed either way. */
int bh_bundle_look(const struct bh_bundle_door *door, struct bh_bundle_said *said,
	enum bh_bundle_fault *fault);
void bh_bundle_said_free(struct bh_bundle_said *said);
/* Gives the file's frames to take.  pieces: the hashes of what is read are appended; again: what is
 * read is compared with them before anything of it is used.  As bh_bundle_frames_end, or the door's
 * error; BH_ERR_AUTH: the file is another one than it was. */
int bh_bundle_read(const struct bh_bundle_door *door, struct bh_buf *pieces, bool again,
	bh_bundle_taker take, void *context);
/* What such an error says about the file. */
enum bh_bundle_fault bh_bundle_fault_of(int err);

/* ---- bundle_photo.c ---- */
/* A photo on its way out of the file into the session. */
struct bh_bundle_photo {
	uint8_t hash[BH_HASH_BYTES];
	uint32_t size;
	uint32_t sent;       /* up to here the session has it from here; 0: it did not say */
	struct bh_buf bytes; /* of it, so far */
};

struct bh_bundle_play {
	const struct bh_bundle_door *door;
	struct bh_bundle_said *said;
	struct bh_bundle_report *report;
	struct bh_hub *hub;
	struct bh_session *session;
	struct bh_buf frame;         /* that goes in */
	struct bh_arena arena;       /* of the frame that came out */
	struct bh_server_frame told; /* the last one */
	struct bh_bundle_photo photo;
	struct bh_bundle_writer *answer;
	struct bh_buf message;    /* of the answer */
	struct bh_span *complete; /* photos that are whole, told when there are many or all */
	uint8_t (*complete_hashes)[BH_HASH_BYTES];
	size_t complete_count;
	bool begun; /* the statement, which stands first, was passed */
	bool journalled;
	enum bh_bundle_fault fault;
};

/* Takes a part in; the photo goes on its way when it is whole. */
int bh_bundle_photo_part(struct bh_bundle_play *play, const struct bh_msg_blob_part *part);
/* No more parts: what was not whole is left. */
void bh_bundle_photos_end(struct bh_bundle_play *play);

/* ---- bundle_answer.c ---- */
int bh_bundle_answer_open(struct bh_bundle_play *play);
int bh_bundle_answer_ack(struct bh_bundle_play *play, const struct bh_msg_ack *ack);
int bh_bundle_answer_complete(struct bh_bundle_play *play, const uint8_t hash[BH_HASH_BYTES]);
int bh_bundle_answer_end(struct bh_bundle_play *play);
/* The only word of an answer to a bundle with a gap before it, and the answer's end. */
int bh_bundle_answer_held(struct bh_bundle_play *play);
void bh_bundle_answer_close(struct bh_bundle_play *play);

/* ---- bundle.c ---- */
/* Gives the session a frame, runs what it asks for, and takes what it says: *play->told is its last
 * frame, of kind UNKNOWN when there was none.  0, or BH_ERR_INVALID with play->fault. */
int bh_bundle_say(struct bh_bundle_play *play, const struct bh_client_frame *frame);
/* Before the first of it that changes anything: who takes it in, once. */
int bh_bundle_journal(struct bh_bundle_play *play);

#endif
