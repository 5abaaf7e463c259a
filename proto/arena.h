/* A bounded region: everything one message needs, released at once. */
#ifndef BH_PROTO_ARENA_H
#define BH_PROTO_ARENA_H

#include "proto/bytes.h"

struct bh_arena {
	struct bh_arena_block *head;
	size_t used;
	size_t max;
};

#define BH_ARENA(max_bytes) ((struct bh_arena){NULL, 0, (max_bytes)})

/* Zero-filled, aligned for any type; NULL when max or memory is exhausted. */
void *bh_arena_alloc(struct bh_arena *arena, size_t size);
/* NULL for a product that overflows, too. */
void *bh_arena_array(struct bh_arena *arena, size_t count, size_t size);
/* A copy with a NUL behind it (not counted in len).  0 or BH_ERR_NOMEM. */
int bh_arena_copy(struct bh_arena *arena, struct bh_span from, struct bh_span *out);
/* Keeps one block for the next message. */
void bh_arena_reset(struct bh_arena *arena);
void bh_arena_free(struct bh_arena *arena);

#endif
