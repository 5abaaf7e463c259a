/* Blocks from malloc, handed out front to back.  A reset keeps the newest (largest) block, so that
 * a steady stream of messages allocates once.  Exhaustion gives NULL and changes nothing. */
#include <stdalign.h>
#include <string.h>

#include "proto/arena.h"
#include "proto/err.h"

#define BLOCK_FIRST_BYTES 4096u

struct bh_arena_block {
	struct bh_arena_block *next;
	size_t cap;
	size_t len;
	alignas(max_align_t) uint8_t bytes[];
};

/* arena->used counts what was handed out (rounded up), over all blocks. */
static size_t aligned(size_t size)
{
	size_t unit = alignof(max_align_t);
	return (size + unit - 1) / unit * unit;
}

static struct bh_arena_block *block_add(struct bh_arena *arena, size_t size)
{
	size_t cap = arena->head != NULL ? arena->head->cap * 2 : BLOCK_FIRST_BYTES;
	if (cap > arena->max)
		cap = aligned(arena->max);
	if (cap < size)
		cap = size;
	struct bh_arena_block *block = malloc(sizeof(*block) + cap);
	if (block == NULL)
		return NULL;
	block->next = arena->head;
	block->cap = cap;
	block->len = 0;
	arena->head = block;
	return block;
}

void *bh_arena_alloc(struct bh_arena *arena, size_t size)
{
	if (size == 0)
		size = 1;
	if (size > arena->max)
		return NULL;
	size_t whole = aligned(size);
	if (whole > arena->max || arena->used > arena->max - whole)
		return NULL;
	struct bh_arena_block *block = arena->head;
	if (block == NULL || block->cap - block->len < whole)
		block = block_add(arena, whole);
	if (block == NULL)
		return NULL;
	void *out = block->bytes + block->len;
	block->len += whole;
	arena->used += whole;
	return memset(out, 0, whole);
}

void *bh_arena_array(struct bh_arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	return bh_arena_alloc(arena, count * size);
}

int bh_arena_copy(struct bh_arena *arena, struct bh_span from, struct bh_span *out)
{
	if (from.len == SIZE_MAX)
		return BH_ERR_NOMEM;
	uint8_t *copy = bh_arena_alloc(arena, from.len + 1);
	if (copy == NULL)
		return BH_ERR_NOMEM;
	if (from.len > 0)
		memcpy(copy, from.data, from.len);
	*out = bh_span(copy, from.len);
	return 0;
}

static void blocks_free(struct bh_arena_block *block)
{
	while (block != NULL) {
		struct bh_arena_block *next = block->next;
		free(block);
		block = next;
	}
}

void bh_arena_reset(struct bh_arena *arena)
{
	arena->used = 0;
	if (arena->head == NULL)
		return;
	blocks_free(arena->head->next);
	arena->head->next = NULL;
	arena->head->len = 0;
}

void bh_arena_free(struct bh_arena *arena)
{
	blocks_free(arena->head);
	arena->head = NULL;
	arena->used = 0;
}
