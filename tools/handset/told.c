/* Open addressing, never more than half full; grown by doubling. */
#include "tools/handset/told.h"

#include <stdlib.h>

#define SLOTS_FIRST 1024u

static size_t slot_of(const struct bh_told *told, uint64_t number, uint32_t cycle)
{
	uint64_t mixed = (number ^ ((uint64_t)cycle << 56)) * UINT64_C(0x9E3779B97F4A7C15);
	size_t at = (size_t)(mixed >> 32) & (told->slots_count - 1);
	while (told->slots[at].number != 0 &&
		(told->slots[at].number != number || told->slots[at].cycle != cycle))
		at = (at + 1) & (told->slots_count - 1);
	return at;
}

static bool told_grow(struct bh_told *told)
{
	struct bh_told grown = {
		.slots_count = told->slots_count ? told->slots_count * 2 : SLOTS_FIRST,
		.count = told->count};
	grown.slots = calloc(grown.slots_count, sizeof(*grown.slots));
	if (!grown.slots)
		return false;
	for (size_t i = 0; i < told->slots_count; i++)
		if (told->slots[i].number != 0)
			grown.slots[slot_of(&grown, told->slots[i].number,
				told->slots[i].cycle)] = told->slots[i];
	free(told->slots);
	*told = grown;
	return true;
}

bool bh_told_add(struct bh_told *told, uint64_t number, uint32_t cycle, bool *failed)
{
	if ((told->count + 1) * 2 > told->slots_count && !told_grow(told)) {
		*failed = true;
		return false;
	}
	size_t at = slot_of(told, number, cycle);
	if (number == 0 || told->slots[at].number != 0)
		return false;
	told->slots[at] = (struct bh_told_slot){number, cycle};
	told->count++;
	return true;
}

void bh_told_free(struct bh_told *told)
{
	free(told->slots);
	*told = (struct bh_told){0};
}
