/* What took effect on a case, as it was followed: its clocks are held against this after every
 * commit.  What the file gives as its history is held against them at every checkpoint. */
#include "tests/sim/judge_state.h"

#include <stdlib.h>

void bh_simjudge_past_add(
	struct bh_simjudge *judge, struct bh_simcase *cased, const struct bh_entry *entry)
{
	struct bh_entry kept = *entry;

	kept.header = kept.content = (struct bh_span){0};
	bh_assert(bh_arena_copy(&judge->past, entry->decision, &kept.decision) == 0);
	bh_simjudge_grow(
		(void **)&cased->past, &cased->past_room, cased->past_count, sizeof(*cased->past));
	cased->past[cased->past_count++] = kept;
}

void bh_simjudge_past_forget(struct bh_simjudge *judge)
{
	for (size_t i = 0; i < BH_SIMJUDGE_SLOTS; i++) {
		free(judge->cases[i].past);
		judge->cases[i].past = NULL;
		judge->cases[i].past_count = judge->cases[i].past_room = 0;
	}
	bh_arena_free(&judge->past);
}
