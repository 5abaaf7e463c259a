/* What a handset and a server say to each other of a bundle that is carried for another.
 * Conventions as in message.h, which holds them. */
#ifndef BH_PROTO_MESSAGE_CARGO_H
#define BH_PROTO_MESSAGE_CARGO_H

#include "proto/bytes.h"

/* What a server says of a bundle that a handset carries. */
enum bh_cargo_state {
	BH_CARGO_UNKNOWN = 0,
	BH_CARGO_WANTED = 1,
	BH_CARGO_LATER = 2,
	BH_CARGO_TAKEN = 3,  /* in: it is answered */
	BH_CARGO_DENIED = 4, /* for good */
};

struct bh_msg_cargo {
	struct bh_span hash;
	uint32_t size;
	uint32_t offset;
	struct bh_span data; /* 0 .. BH_BLOB_PART_BYTES_MAX */
	uint32_t answer_offset;
};

struct bh_msg_cargo_state {
	struct bh_span hash;
	uint32_t state; /* enum bh_cargo_state */
	uint32_t offset;
	uint32_t retry_after_ms;
	uint32_t answer_size;
	struct bh_span answer_hash; /* 32, or empty */
	struct bh_span data;
	struct bh_span reason; /* up to BH_CARGO_REASON_BYTES_MAX */
};

#endif
