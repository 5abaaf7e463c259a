/* Which closures were told already: a set of (case, cycle) that only grows. */
#ifndef BH_HANDSET_TOLD_H
#define BH_HANDSET_TOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bh_told {
	struct bh_told_slot {
		uint64_t number; /* 0: free */
		uint32_t cycle;
	} * slots;
	size_t slots_count; /* a power of two, or 0 */
	size_t count;
};

/* True when it is new and was added; *failed when there is no memory for it. */
bool bh_told_add(struct bh_told *told, uint64_t number, uint32_t cycle, bool *failed);
void bh_told_free(struct bh_told *told);

#endif
