/* What is due next of an index of next_ms, behind a cursor. */
#ifndef BH_STORE_DUE_LOOK_H
#define BH_STORE_DUE_LOOK_H

#include "server/store/db.h"

#define BH_DUE_AHEAD_MAX 64u

struct bh_due {
	int64_t next_ms;
	uint64_t first; /* the row's key */
};

/* Of one index; all zero: nothing was read ahead. */
struct bh_due_ahead {
	struct bh_due of[BH_DUE_AHEAD_MAX];
	size_t at, count;
};

/* The first of sql that is due at now_ms and lies behind `after`; max (1 .. BH_DUE_AHEAD_MAX) are
 * read at once where none is left of those before.  Nothing may have been written since then: who
 * writes forgets them. */
int bh_due_next(const struct bh_db *db, enum bh_sql sql, int64_t now_ms, const struct bh_due *after,
	size_t max, struct bh_due_ahead *ahead, bool *found, struct bh_due *out);
void bh_due_forget(struct bh_due_ahead *ahead);

#endif
