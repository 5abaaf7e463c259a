/* What a record tells of a case's tasks, as message.h has the rest of it. */
#ifndef BH_PROTO_MESSAGE_TASK_H
#define BH_PROTO_MESSAGE_TASK_H

#include "proto/bytes.h"

struct bh_msg_record_task {
	uint32_t ordinal;
	uint32_t kind;   /* enum bh_task_kind */
	uint32_t person; /* this handset's; else 0 */
	uint32_t unit;   /* anybody's of it; else 0 */
	int64_t made_ms;
	int64_t due_ms;
	struct bh_span text;
};

#endif
