/* When a handset's op was captured: its claim, corrected by the session's offset (server/sync/
 * capture.c), and never before what it had seen by then, or what its log had said before.
 *
 *     the op's claim, ± its bound
 *     ├────x────┤         ┊                      ┊
 *                         what it names as seen  ┊         a claim that ends before either is not
 *                         was written            ┊         refused: it was some time between the
 *                                   its log said ┊         later of them and now
 *                                   an op before ┊
 *
 * When a handset's work was done: as it was captured, not as it arrived (domain.md, Clock model: an
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
#include "server/domain/field_fact.h"

#define CAPTURED_MS_MIN INT64_C(946684800000) /* 2000-01-01: before it no handset was made */
#define CAPTURED_AHEAD_MS_MAX INT64_C(86400000)

/* A claim that cannot be is replaced by the time of receipt, and its uncertainty says so (D07).
 * Deadlines never run on it. */
static void claim_correct(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	int64_t now_ms = d->standing->now_ms;
	int64_t bound_ms = command->clock_bound_ms;
	int64_t at_ms;
	if (bound_ms < 0 || bound_ms >= UINT32_MAX)
		bound_ms = UINT32_MAX - 1;
	d->out->captured_bound_ms = (uint32_t)bound_ms;
	if (__builtin_add_overflow(command->captured_ms, command->clock_offset_ms, &at_ms) ||
		at_ms < CAPTURED_MS_MIN || at_ms > now_ms + CAPTURED_AHEAD_MS_MAX) {
		at_ms = now_ms;
		d->out->captured_bound_ms = UINT32_MAX;
	}
	d->out->captured_ms = at_ms;
}

/* What a handset cannot have done yet it dates back: within what its clock alone would prove. */
static void claim_hold(struct bh_deciding *d)
{
	const struct bh_standing *standing = d->standing;
	const struct bh_capture_floor *floor = &standing->floor;
	bool seen = floor->seen_ms >= floor->log_ms;
	int64_t from_ms = seen ? floor->seen_ms : floor->log_ms;
	/* A walk's entries are written down in any order, and no limit runs on them. */
	if (bh_verb_is_field(d->command->verb))
		return;
	if (from_ms > standing->now_ms)
		from_ms = standing->now_ms;
	if (d->out->captured_ms + d->out->captured_bound_ms >= from_ms)
		return;
	d->held_to = seen ? BH_HELD_SEEN : BH_HELD_LOG;
	d->out->captured_ms = from_ms;
	d->out->captured_bound_ms = standing->now_ms - from_ms < UINT32_MAX
					    ? (uint32_t)(standing->now_ms - from_ms)
					    : UINT32_MAX - 1;
}

void bh_deciding_capture(struct bh_deciding *d)
{
	claim_correct(d);
	claim_hold(d);
}

int64_t bh_deciding_done_ms(const struct bh_deciding *d, int64_t from_ms)
{
	int64_t now_ms = d->standing->now_ms;
	int64_t captured_ms = d->out->captured_ms;
	int64_t bound_ms = d->out->captured_bound_ms;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 76
	bound_ms += BH_CLOCK_BOUND_MS_MAX;
#endif
	if (d->command->source != BH_SOURCE_DEVICE || d->held_to != BH_HELD_NOT ||
		bound_ms > BH_CLOCK_BOUND_MS_MAX || captured_ms < from_ms ||
		captured_ms + bound_ms > now_ms)
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
