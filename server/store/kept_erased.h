/* How often each case was erased, or put under a hold and let go, by the lines of a kept file. */
#ifndef BH_STORE_KEPT_ERASED_H
#define BH_STORE_KEPT_ERASED_H

#include "server/store/kept.h"

/* Zero-filled is empty. */
struct bh_kept_erased {
	struct bh_kept_erased_case *items;
	size_t count, max;
	bool sorted;
};

int bh_kept_erased_add(struct bh_kept_erased *erased, const struct bh_kept_line *line);
/* The most times that a line says of it. */
uint32_t bh_kept_erased_times(struct bh_kept_erased *erased, uint64_t number);
void bh_kept_erased_free(struct bh_kept_erased *erased);

#endif
