/* A record: the whole present view of one case, as message.h has the other messages. */
#ifndef BH_PROTO_MESSAGE_RECORD_H
#define BH_PROTO_MESSAGE_RECORD_H

#include "proto/bytes.h"

#define BH_LACKS_RESULT 1u    /* an agreement, or a failure note */
#define BH_LACKS_PLAN 2u      /* sponsor, task force, plan */
#define BH_LACKS_MEDIATION 4u /* one that is open */
#define BH_LACKS_SIGN_OFF 8u  /* the lead's word on a result that was handed in */

struct bh_msg_record_task {
	uint32_t ordinal;
	uint32_t kind;   /* enum bh_task_kind */
	uint32_t person; /* this handset's; else 0 */
	uint32_t unit;   /* anybody's of it; else 0 */
	int64_t made_ms;
	int64_t due_ms;
	struct bh_span text;
	bool works; /* its limit counts working time alone */
};

struct bh_msg_record_blob {
	struct bh_span hash;
	uint32_t size;
	uint32_t kind;
	uint32_t verb; /* of the op that brought it */
	uint32_t cycle;
	bool stored;
};

struct bh_msg_closure {
	uint32_t cycle;
	int64_t closed_ms;
	struct bh_span result; /* the feedback text to the reporter */
	uint32_t unit;
	struct bh_span unit_name;
	uint64_t position;
	uint32_t kind; /* the state that ended the cycle: closed, rejected, void, ... */
	bool automatic;
};

struct bh_msg_record {
	uint64_t case_number;
	uint64_t position; /* the case's last entry */
	uint32_t cycle;
	uint32_t state; /* enum bh_state */
	uint32_t type;
	uint32_t condition;
	uint32_t urgency;
	uint32_t unit;
	struct bh_span unit_name;
	int64_t received_ms;
	int64_t dispatch_due_ms; /* 0: no such clock runs */
	int64_t sign_due_ms;
	int64_t disposal_due_ms;
	struct bh_span text;
	bool has_place;
	int32_t latitude_e7; /* WGS-84 */
	int32_t longitude_e7;
	uint32_t grid; /* area id */
	const struct bh_msg_closure *closures;
	size_t closures_count;
	const uint64_t *scopes; /* through which it is seen now */
	size_t scopes_count;
	bool automatic;           /* dispatched by the clock */
	struct bh_span unit_note; /* the dispatcher's instruction to the unit */
	const struct bh_msg_record_blob *blobs;
	size_t blobs_count;
	const struct bh_msg_record_task *tasks;
	size_t tasks_count;
	uint32_t lacks; /* BH_LACKS_...: before it may be finished, or a session be recorded */
	int64_t disposal_yellow_ms; /* 80 % of that limit; 0: it does not run */
	bool disposal_works;        /* it counts working time alone */
};

#endif
