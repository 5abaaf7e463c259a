/* The messages of bihuan.proto that lie in sealed files.  Conventions as in message.h. */
#ifndef BH_PROTO_MESSAGE_BUNDLE_H
#define BH_PROTO_MESSAGE_BUNDLE_H

#include "proto/message.h"

#define BH_BUNDLE_COMPLETE_MAX 1000u /* photos told whole in one answer */

struct bh_msg_signed {
	struct bh_span statement; /* BundleStatement, BundleAnswer: signed as these bytes */
	struct bh_span signature; /* 64 */
	struct bh_span key;       /* 33, or empty: the signer's, for a reader that knows its pin */
	struct bh_span next_signature; /* 64, or empty: by the key that waits to take over */
};

struct bh_msg_bundle_statement {
	struct bh_span district;
	uint32_t device;
	struct bh_span log_id;
	uint64_t after_seq;        /* the ops after this one ... */
	struct bh_span after_link; /* its link; the log's start when it is 0 */
	uint64_t last_seq;         /* ... and up to this one; after_seq: photos alone */
	struct bh_span last_link;
	struct bh_span forked_from; /* 16, or empty */
	struct bh_span reply_key;   /* 33: the answer is sealed for it */
};

struct bh_msg_bundle_answer {
	struct bh_span district;
	uint32_t device;
	struct bh_span log_id;
	bool has_ack;
	struct bh_msg_ack ack;
	const struct bh_span *complete; /* 32 each: photos that are whole and durable */
	size_t complete_count;
	uint64_t last_seq;        /* ... for the ops up to this one, which are acknowledged */
	uint64_t epoch;           /* of the server that says so */
	uint64_t held_seq;        /* of a bundle with a gap before it: the log ends here ... */
	struct bh_span held_link; /* ... with this link, 32; else empty */
};

#endif
