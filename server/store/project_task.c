/* Tasks of a case: rows from its entries' decisions, and whose lists their case stands in.
 *
 *   an entry that changes a task ──▶ its row
 *   any entry of a case that moves a list ──▶ the case anew for all who have an open task of it
 *   a task that ended, or is another's ──▶ its case leaves their lists, unless they see it for
 *                                          another reason
 *   another calendar, other people ──▶ the instants of those that it moves, a batch at a time */
#include "proto/err.h"
#include "server/store/project.h"
#include "server/store/task_row.h"

#define BATCH 64u

uint64_t bh_task_scope(const struct bh_task *task)
{
	return task->person != 0 ? BH_SCOPE_OWN(task->person) : BH_SCOPE_UNIT(task->unit);
}

static int task_moves(struct bh_projector *p, const struct bh_entry *entry, uint32_t ordinal,
	struct bh_task *out, uint64_t *left)
{
	struct bh_task task = {0};
	int err = bh_task_row_get(&p->db, entry->case_number, ordinal, &task);
	bool fresh = err == BH_ERR_NOT_FOUND;

	if (err && !fresh)
		return err;
	uint64_t before = fresh ? 0 : bh_task_scope(&task);
	err = bh_task_patch(&task, entry->decision);
	if (err)
		return err;
	task.number = entry->case_number;
	task.last = entry->position;
	if (fresh)
		task.first = entry->position;
	*out = task;
	*left = task.state != BH_TASK_OPEN || before != bh_task_scope(&task) ? before : 0;
	int64_t next_ms = bh_task_next_ms(p->rules, &task);
	return bh_task_row_put(&p->db, &task, next_ms, fresh, &p->scratch);
}

/* Past *first, the last one seen. */
static int stale_mark(
	struct bh_projector *p, const struct bh_rules *rules, uint64_t *first, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_TASK_OPEN);
	struct bh_task batch[BATCH];
	bool row = false;

	*count = 0;
	bh_bind(s, 1, (int64_t)*first);
	bh_bind(s, 2, BATCH);
	int err = bh_row_next(s, &row);
	while (!err && row && *count < BATCH) {
		err = bh_task_row_read(s, &batch[(*count)++]);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	for (size_t i = 0; !err && i < *count; i++) {
		*first = batch[i].first;
		err = bh_task_row_put(
			&p->db, &batch[i], bh_task_next_ms(rules, &batch[i]), false, &p->scratch);
	}
	return err;
}

int bh_project_task_rules(struct bh_projector *p, const struct bh_rules *rules)
{
	size_t count = BATCH;
	uint64_t first = 0;
	int err = BH_NOERR;

	while (!err && count == BATCH)
		err = stale_mark(p, rules, &first, &count);
	return err;
}

/* Seen by the case itself, or by another task that is open. */
static bool scope_stays(
	uint64_t scope, const struct bh_case *now, const struct bh_task *open, size_t count)
{
	if (scope == BH_SCOPE_OWN(now->reporter) ||
		(now->unit != 0 && scope == BH_SCOPE_UNIT(now->unit)) ||
		(now->copied != 0 && scope == BH_SCOPE_UNIT(now->copied)))
		return true;
	for (size_t i = 0; i < count; i++) {
		if (bh_task_scope(&open[i]) == scope)
			return true;
	}
	return false;
}

/* The scopes of what is open, each with the entry's position; behind them the one that a task left
 * when it ended or became another's. */
int bh_project_tasks(struct bh_projector *p, const struct bh_entry *entry,
	const struct bh_case *now, struct bh_scope_change changes[BH_TASKS_OPEN_MAX + 1],
	size_t *count)
{
	struct bh_task open[BH_TASKS_OPEN_MAX];
	struct bh_task task = {0};
	uint32_t ordinal = bh_task_of_decision(entry->decision);
	size_t opens = 0;
	uint64_t left = 0;
	int err = ordinal != 0 ? task_moves(p, entry, ordinal, &task, &left) : BH_NOERR;

	*count = 0;
	if (!err && now->open_tasks > 0)
		err = bh_task_rows_of(&p->db, now->number, true, open, BH_TASKS_OPEN_MAX, &opens);
	if (err)
		return err;
	for (size_t i = 0; i < opens; i++)
		changes[(*count)++] = (struct bh_scope_change){bh_task_scope(&open[i]), false};
	if (left != 0 && !scope_stays(left, now, open, opens))
		changes[(*count)++] = (struct bh_scope_change){left, true};
	return BH_NOERR;
}
