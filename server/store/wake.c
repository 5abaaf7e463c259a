/* A list in order of arrival and an open-addressed table over it.  The table is half empty at its
 * fullest. */
#include <string.h>

#include "proto/err.h"
#include "server/store/wake.h"

void bh_wake_clear(struct bh_wake_set *set)
{
	if (set->scopes_count)
		memset(set->slots, 0, sizeof(set->slots));
	set->scopes_count = 0;
	set->kicked_count = 0;
	set->all = false;
	set->rules_changed = false;
}

/* Gives the slot that holds the scope, or the free one where it belongs. */
static uint64_t *slot_of(struct bh_wake_set *set, uint64_t scope)
{
	size_t at = (size_t)((scope * UINT64_C(0x9e3779b97f4a7c15)) >> 40) & (BH_WAKE_SLOTS - 1);

	while (set->slots[at] != 0 && set->slots[at] != scope)
		at = (at + 1) & (BH_WAKE_SLOTS - 1);
	return &set->slots[at];
}

void bh_wake_scope(struct bh_wake_set *set, uint64_t scope)
{
	uint64_t *slot = slot_of(set, scope);

	bh_assert(scope != 0);
	if (*slot == scope)
		return;
	if (set->scopes_count == BH_WAKES_MAX) {
		set->all = true;
		return;
	}
	*slot = scope;
	set->scopes[set->scopes_count++] = scope;
}

void bh_wake_kick(struct bh_wake_set *set, uint32_t device)
{
	if (set->kicked_count == BH_KICKS_MAX)
		set->all = true;
	else
		set->kicked[set->kicked_count++] = device;
}

struct bh_wake_mark bh_wake_mark(const struct bh_wake_set *set)
{
	return (struct bh_wake_mark){
		set->scopes_count, set->kicked_count, set->all, set->rules_changed};
}

void bh_wake_back(struct bh_wake_set *set, struct bh_wake_mark mark)
{
	set->kicked_count = mark.kicked_count;
	set->all = mark.all;
	set->rules_changed = mark.rules_changed;
	if (set->scopes_count == mark.scopes_count)
		return;
	set->scopes_count = mark.scopes_count;
	memset(set->slots, 0, sizeof(set->slots));
	for (size_t i = 0; i < set->scopes_count; i++)
		*slot_of(set, set->scopes[i]) = set->scopes[i];
}
