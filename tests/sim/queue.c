/* A binary min-heap of events ordered by (instant, number).  The number is given at push, so that
 * two events of one instant keep the order in which they were asked for, and a run depends on
 * nothing but its seed.  What is popped moves now; nothing else does, but for an explicit advance
 * through an empty stretch. */
#include "tests/sim/queue.h"

#include <stdlib.h>

#include "proto/err.h"

#define QUEUE_START_LEN 64u

struct bh_simqueue {
	struct bh_simevent *heap; /* heap[i] is not later than heap[2i + 1] and heap[2i + 2] */
	size_t len;
	size_t cap;
	size_t max;
	uint64_t next_seq;
	int64_t now_ms;
};

int bh_simqueue_create(size_t max, int64_t start_ms, struct bh_simqueue **out)
{
	struct bh_simqueue *queue = calloc(1, sizeof(*queue));

	if (queue == NULL)
		return BH_ERR_NOMEM;
	queue->max = max;
	queue->now_ms = start_ms;
	*out = queue;
	return BH_NOERR;
}

void bh_simqueue_free(struct bh_simqueue *queue)
{
	if (queue == NULL)
		return;
	free(queue->heap);
	free(queue);
}

int64_t bh_simqueue_now(const struct bh_simqueue *queue)
{
	return queue->now_ms;
}

size_t bh_simqueue_len(const struct bh_simqueue *queue)
{
	return queue->len;
}

static bool event_is_before(const struct bh_simevent *one, const struct bh_simevent *other)
{
	if (one->at_ms != other->at_ms)
		return one->at_ms < other->at_ms;
	return one->seq < other->seq;
}

static int queue_grow(struct bh_simqueue *queue)
{
	size_t cap = queue->cap == 0 ? QUEUE_START_LEN : queue->cap * 2;
	struct bh_simevent *heap;

	if (queue->len >= queue->max)
		return BH_ERR_LIMIT;
	if (queue->len < queue->cap)
		return BH_NOERR;
	heap = realloc(queue->heap, cap * sizeof(*heap));
	if (heap == NULL)
		return BH_ERR_NOMEM;
	queue->heap = heap;
	queue->cap = cap;
	return BH_NOERR;
}

int bh_simqueue_push(
	struct bh_simqueue *queue, int64_t at_ms, uint32_t kind, uint32_t a, uint32_t b, uint64_t c)
{
	struct bh_simevent event = {.kind = kind, .a = a, .b = b, .c = c};
	size_t at;
	int err = queue_grow(queue);

	if (err != BH_NOERR)
		return err;
	event.at_ms = at_ms < queue->now_ms ? queue->now_ms : at_ms;
	event.seq = queue->next_seq++;
	at = queue->len++;
	while (at > 0 && event_is_before(&event, &queue->heap[(at - 1) / 2])) {
		queue->heap[at] = queue->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	queue->heap[at] = event;
	return BH_NOERR;
}

bool bh_simqueue_peek(const struct bh_simqueue *queue, struct bh_simevent *out)
{
	if (queue->len == 0)
		return false;
	*out = queue->heap[0];
	return true;
}

bool bh_simqueue_pop(struct bh_simqueue *queue, struct bh_simevent *out)
{
	struct bh_simevent last;
	size_t at = 0;

	if (!bh_simqueue_peek(queue, out))
		return false;
	queue->now_ms = out->at_ms;
	last = queue->heap[--queue->len];
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= queue->len)
			break;
		if (child + 1 < queue->len &&
			event_is_before(&queue->heap[child + 1], &queue->heap[child]))
			child++;
		if (!event_is_before(&queue->heap[child], &last))
			break;
		queue->heap[at] = queue->heap[child];
		at = child;
	}
	if (queue->len > 0)
		queue->heap[at] = last;
	return true;
}

int bh_simqueue_advance(struct bh_simqueue *queue, int64_t at_ms)
{
	if (at_ms < queue->now_ms || (queue->len > 0 && at_ms > queue->heap[0].at_ms))
		return BH_ERR_INVALID;
	queue->now_ms = at_ms;
	return BH_NOERR;
}
