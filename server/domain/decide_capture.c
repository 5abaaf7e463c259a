/* When a handset's work was done: as it was captured, not as it arrived (domain.md, Clock model: an
 * offline day is no lateness).
 *
 *   its clock ran on since ─▶ uncertain by no more than five minutes ─▶ not before what it answers
 *        │                         │                                         │
 *        └── else, as of another boot, or of a desk: when it is here ◀───────┴── then at the latest
 *                                                                     that it can have been, and no
 *                                                                     later than now
 *
 * What waits for the result waits from its arrival on: the checks, the appeals and their limits. */
#include "server/domain/decide_body.h"

#define BOUND_MS_MAX (5u * BH_MINUTE_MS)

int64_t bh_deciding_done_ms(const struct bh_deciding *d, int64_t from_ms)
{
	int64_t now_ms = d->standing->now_ms;
	int64_t captured_ms = d->out->captured_ms;
	int64_t bound_ms = d->out->captured_bound_ms;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 76
	bound_ms += BOUND_MS_MAX;
#endif
	if (d->command->source != BH_SOURCE_DEVICE || bound_ms > BOUND_MS_MAX ||
		captured_ms < from_ms || captured_ms + bound_ms > now_ms)
		return now_ms;
	return captured_ms + bound_ms;
}

bool bh_deciding_lapsed_too_soon(const struct bh_deciding *d)
{
	const struct bh_case *before = d->before;
	const struct bh_task *task = d->standing->task;
	bool waits = bh_task_stands(task, before);
	if (task->cycle == before->cycle && task->kind == BH_TASK_VERIFY)
		waits = waits || before->state == BH_STATE_RECEIVED;
	if (task->cycle == before->cycle && task->kind == BH_TASK_CHECK)
		waits = before->state == BH_STATE_DONE && before->checked == BH_CHECKED_LAPSED &&
			task->made_ms >= before->done_ms; /* not of what was reworked since */
	return task->state == BH_TASK_LAPSED && waits &&
	       bh_deciding_done_ms(d, task->made_ms) <= task->due_ms;
}
