/* The scopes and devices a run has news for, each once, bounded: past the bound it is everybody. */
#ifndef BH_STORE_WAKE_H
#define BH_STORE_WAKE_H

#include "server/store/store.h"

#define BH_WAKE_SLOTS (2u * BH_WAKES_MAX)
#define BH_KICKS_MAX 256u

struct bh_wake_set {
	uint64_t scopes[BH_WAKES_MAX];
	size_t scopes_count;
	uint64_t slots[BH_WAKE_SLOTS]; /* open-addressed over the same scopes; 0 is free */
	bool all;
	uint32_t kicked[BH_KICKS_MAX];
	size_t kicked_count;
	bool rules_changed;
};

/* What a group added is taken back when it is rolled back. */
struct bh_wake_mark {
	size_t scopes_count;
	size_t kicked_count;
	bool all;
	bool rules_changed;
};

void bh_wake_clear(struct bh_wake_set *set);
void bh_wake_scope(struct bh_wake_set *set, uint64_t scope);
/* Too many at once wakes everybody, and sessions look at their device's row again. */
void bh_wake_kick(struct bh_wake_set *set, uint32_t device);
struct bh_wake_mark bh_wake_mark(const struct bh_wake_set *set);
void bh_wake_back(struct bh_wake_set *set, struct bh_wake_mark mark);

#endif
