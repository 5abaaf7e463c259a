/* Patrols: the plan that a grid's worker goes by, and a round of it.  Conventions as in message.h.
 */
#ifndef BH_PROTO_MESSAGE_PATROL_H
#define BH_PROTO_MESSAGE_PATROL_H

#include "proto/bytes.h"

struct bh_msg_checkpoint {
	struct bh_span name;
	bool has_place;
	int32_t latitude_e7; /* WGS-84 */
	int32_t longitude_e7;
	uint32_t radius_m;
};

struct bh_msg_patrol {
	uint32_t id;
	struct bh_span code;
	struct bh_span name;
	uint32_t area;     /* a grid */
	uint32_t weekdays; /* bit 0 Monday .. bit 6 Sunday */
	uint32_t rounds;   /* on each such day */
	const struct bh_msg_checkpoint *checkpoints;
	size_t checkpoints_count;
};

/* A patrol's; bit i is checkpoint i of the plan. */
struct bh_msg_round {
	uint32_t plan;
	uint64_t done;
	uint64_t missed;
	uint32_t minutes;
};

#endif
