/* The papers of a dispute as a journal's content: an agreement's number, a consultation's
 * decisions; and a referral's receipt.  Read by OpContent's reader they are their text. */
#ifndef BH_PROTO_MESSAGE_DISPUTE_H
#define BH_PROTO_MESSAGE_DISPUTE_H

#include "proto/arena.h"
#include "proto/bytes.h"

#define BH_DISPUTE_DECISIONS_MAX 16u

struct bh_msg_dispute_content {
	struct bh_span text;
	struct bh_span agreement;        /* its number */
	const struct bh_span *decisions; /* lines, in order */
	size_t decisions_count;
	struct bh_span receipt; /* of a referral: the other channel's number */
};

/* The codes and promises of codec.h. */
int bh_decode_dispute_content(
	struct bh_span raw, struct bh_arena *arena, struct bh_msg_dispute_content *out);
int bh_encode_dispute_content(const struct bh_msg_dispute_content *content, struct bh_buf *out);

#endif
