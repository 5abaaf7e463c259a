/* What an application would want to reread: a bounded queue that says so when it lost something. */
#ifndef BH_CLIENT_CHANGE_H
#define BH_CLIENT_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BH_CHANGES_MAX 256u

/* The values of BH_EVENT_* in bihuan.h. */
enum bh_change_kind {
	BH_CHANGE_STATUS = 1,
	BH_CHANGE_CASE = 2,
	BH_CHANGE_CLOSURE = 3,
	BH_CHANGE_VERDICT = 4,
	BH_CHANGE_REREAD = 5,
	BH_CHANGE_PHOTO = 6,
};

struct bh_change {
	enum bh_change_kind kind;
	uint64_t number;
	uint64_t seq;
	uint32_t cycle;
	uint32_t verdict;
};

struct bh_changes {
	struct bh_change items[BH_CHANGES_MAX];
	size_t first;
	size_t count;
	bool lost; /* some did not fit: the next taken is REREAD */
};

/* A full queue remembers only that something was lost. */
void bh_changes_add(struct bh_changes *changes, struct bh_change change);
/* False when there is none. */
bool bh_changes_take(struct bh_changes *changes, struct bh_change *out);
/* Forgets what was added since there were count: for a transaction that did not happen. */
void bh_changes_cut(struct bh_changes *changes, size_t count);

#endif
