/* Shifts that were handed over or were not, as they are listed. */
#ifndef BH_STORE_SHIFT_H
#define BH_STORE_SHIFT_H

#include "proto/arena.h"
#include "server/domain/shift.h"

struct bh_store_reader;

struct bh_shift_told {
	struct bh_shift_end end;
	struct bh_span note; /* in the arena; empty: none, or erased */
};

/* Newest end first, before this one (INT64_MAX: all), of one desk (0: of all). */
int bh_reader_shifts(struct bh_store_reader *reader, uint32_t unit, int64_t before_ms,
	struct bh_arena *arena, struct bh_shift_told *out, size_t max, size_t *count);

#endif
