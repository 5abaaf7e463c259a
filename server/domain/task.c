/* The field table of a task (fields.c), and what a case's course makes of it:
 *
 *   OPEN ──answer──▶ ANSWERED
 *     ├──its limit, or whose it is leaves──▶ LAPSED
 *     └──the case no longer waits for it──▶ WITHDRAWN
 */
#include "server/domain/task.h"

#include "proto/err.h"
#include "server/domain/fields.h"

#define F(id, kind, member) BH_FIELD_ROW(id, kind, bh_task, member)

/* In id order.  Append; never renumber, never reuse. */
static const struct bh_field rows[] = {
	F(256, U32, ordinal),
	F(257, U32, kind),
	F(258, U32, state),
	F(259, U32, person),
	F(260, U32, unit),
	F(261, U32, asked_by),
	F(262, U32, by_unit),
	F(263, U32, cycle),
	F(264, U32, from_state),
	F(265, I64, made_ms),
	F(266, I64, due_ms),
	F(267, I64, ended_ms),
	F(268, U32, result),
	F(269, U32, ended_by),
	F(270, U32, calendar),
	F(271, I64, limit_ms),
	F(272, U32, by_case),
	F(273, U32, person_before),
	F(274, U64, moved_from),
	F(275, I64, done_ms),
	F(276, U32, late),
};

static const struct bh_fields fields = {rows, sizeof(rows) / sizeof(rows[0])};

int bh_task_diff(const struct bh_task *before, const struct bh_task *after, struct bh_buf *out)
{
	struct bh_task unnamed = *before;
	unnamed.ordinal = 0;
	return bh_fields_diff(&fields, &unnamed, after, out);
}

int bh_task_patch(struct bh_task *task, struct bh_span decision)
{
	struct bh_task patched = *task;
	int err = bh_fields_patch(&fields, decision, &patched);
	if (err == 0)
		*task = patched;
	return err;
}

uint32_t bh_task_of_decision(struct bh_span decision)
{
	int64_t ordinal = 0;
	if (!bh_decision_names(decision, BH_TASK_FIELD_ORDINAL, &ordinal) || ordinal < 0 ||
		ordinal > UINT32_MAX)
		return 0;
	return (uint32_t)ordinal;
}

bool bh_task_equal(const struct bh_task *a, const struct bh_task *b)
{
	return a->number == b->number && a->first == b->first && a->last == b->last &&
	       bh_fields_equal(&fields, a, b);
}

const char *bh_task_state_name(enum bh_task_state state)
{
	static const char *const names[] = {"none", "open", "answered", "lapsed", "withdrawn"};
	return (unsigned)state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

/* An open verification goes on beside a case that the clock dispatched (row 29). */
static bool state_takes(uint32_t kind, uint32_t state)
{
	enum {
		beside = 1u << BH_STATE_DISPATCHED | 1u << BH_STATE_HANDLING |
			 1u << BH_STATE_RETURNING,
	};
	enum {
		had_unit = beside | 1u << BH_STATE_SUSPENDED | 1u << BH_STATE_TIER_MOVING |
			   1u << BH_STATE_DONE | 1u << BH_STATE_CHECKING | 1u << BH_STATE_REWORK |
			   1u << BH_STATE_CLOSED | 1u << BH_STATE_ARCHIVED |
			   1u << BH_STATE_FOLLOWED,
	};
	static const uint32_t takes[] = {
		[BH_TASK_VERIFY] = beside,
		[BH_TASK_CHECK] = 0,
		[BH_TASK_HELP] = beside | 1u << BH_STATE_SUSPENDED,
		[BH_TASK_VISIT] = had_unit,
	};
	return kind < sizeof(takes) / sizeof(takes[0]) && (takes[kind] & 1u << state) != 0;
}

bool bh_task_stands(const struct bh_task *task, const struct bh_case *cased)
{
	if (task->cycle != cased->cycle)
		return false;
	if (cased->task != 0 && cased->task == task->ordinal)
		return true;
	if (task->kind == BH_TASK_HELP && task->by_unit != cased->unit)
		return false;
	return state_takes(task->kind, cased->state);
}

int64_t bh_task_due_ms(const struct bh_task *task, const struct bh_case *cased)
{
	int64_t due_ms = cased->state == BH_STATE_SUSPENDED ? cased->resume_due_ms
							    : cased->disposal_due_ms;
	bool goes = task->by_case != 0 && due_ms > task->made_ms;
	return goes ? due_ms : task->due_ms;
}

bool bh_task_moves(const struct bh_task *task, const struct bh_case *cased)
{
	return task->state == BH_TASK_OPEN && bh_task_stands(task, cased) &&
	       bh_task_due_ms(task, cased) != task->due_ms;
}

bool bh_task_is_stale(const struct bh_task *task, uint32_t calendar)
{
	return task->state == BH_TASK_OPEN && task->calendar != 0 && task->calendar != calendar;
}
