/* The heads of logs, kept while a group runs so that a push of a hundred ops moves one row once. */
#ifndef BH_STORE_HEAD_H
#define BH_STORE_HEAD_H

#include "proto/limits.h"
#include "server/store/db.h"

#define BH_HEADS_SLOTS 8192u /* a power of two, twice what a group may touch */

struct bh_head {
	uint32_t log_short; /* 0: the slot is free */
	uint32_t device;
	uint32_t successor;
	bool carried; /* ops of this log were carried by another: origins must be looked at */
	bool dirty;   /* stands in the list of what to write */
	uint64_t seq;
	int64_t floor_ms; /* its next op was not captured before; 0: not known */
	bool floor_moves; /* ... which is not written yet */
	uint8_t link[BH_HASH_BYTES];
	uint8_t log_id[BH_LOG_ID_BYTES];
};

/* Zero-filled: empty. */
struct bh_heads {
	struct bh_head *slots;
	struct bh_head **dirty;
	size_t used;
	size_t dirty_count;
};

/* The head of a log, borrowed until room, flush or forget.  BH_ERR_NOT_FOUND, storage errors,
 * BH_ERR_NOMEM. */
int bh_heads_get(
	struct bh_heads *heads, struct bh_db *db, uint32_t log_short, struct bh_head **out);
/* The log's head is now here; link NULL for logs that have none. */
void bh_heads_move(struct bh_heads *heads, struct bh_head *head, uint64_t seq, const uint8_t *link);
/* An op of the log, whose clock is believed, was not captured before this. */
void bh_heads_floor(struct bh_head *head, int64_t at_ms);
/* Between commands: when half full, writes what is dirty and forgets all. */
int bh_heads_room(struct bh_heads *heads, struct bh_db *db);
/* Writes what is dirty, before a commit. */
int bh_heads_flush(struct bh_heads *heads, struct bh_db *db);
/* After a rollback: the rows are right, the memory is not. */
void bh_heads_forget(struct bh_heads *heads);
void bh_heads_free(struct bh_heads *heads);

#endif
