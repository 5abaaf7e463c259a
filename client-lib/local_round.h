/* Patrol rounds in the store: one that is open for each plan, and how many were finished. */
#ifndef BH_CLIENT_LOCAL_ROUND_H
#define BH_CLIENT_LOCAL_ROUND_H

#include "client-lib/local.h"

#define BH_ROUND_REASON_BYTES_MAX 120u

/* Bit i, and reason i, are of checkpoint i. */
struct bh_round {
	int64_t started_ms;
	uint64_t done;
	uint64_t skipped;
	struct {
		uint8_t len;
		char text[BH_ROUND_REASON_BYTES_MAX];
	} reasons[BH_CHECKPOINTS_MAX];
};

/* The plan's open round.  BH_ERR_NOT_FOUND: none; BH_ERR_CORRUPT: what lies there is none. */
int bh_local_round_get(struct bh_local *local, uint32_t plan, struct bh_round *out);
/* Durable when it returns 0. */
int bh_local_round_put(struct bh_local *local, uint32_t plan, const struct bh_round *round);
int bh_local_round_drop(struct bh_local *local, uint32_t plan);
/* Records the summary and lets the round go, in one transaction; codes as bh_local_record. */
int bh_local_round_finish(struct bh_local *local, const struct bh_msg_op_header *header,
	const struct bh_msg_op_content *content, struct bh_now now, struct bh_op_ref *out);
/* The plans of rounds that were recorded since an instant and not rejected, each as often as it
 * was, newest first: at most max. */
int bh_local_rounds_since(
	struct bh_local *local, int64_t since_ms, uint32_t *plans, size_t max, size_t *count);

#endif
