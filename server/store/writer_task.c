/* Tasks beside the commands about their cases: the one that a command names, those that a case no
 * longer waits for after it, and those whose instant has come. */
#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/task_row.h"
#include "server/store/writer.h"

int bh_decision_encode(struct bh_writer *w, const struct bh_standing_rows *rows,
	const struct bh_verdict_on *on, struct bh_entry *entry)
{
	static const struct bh_case nothing;
	static const struct bh_task none;
	static const struct bh_mediation unmediated;
	bool changes = on->task_changes;
	const struct bh_task *task = changes && rows->task &&
						     on->task.ordinal == rows->task->ordinal
					     ? rows->task
					     : &none;

	w->decision.len = 0;
	int err = bh_case_diff(rows->before ? rows->before : &nothing, &on->after, &w->decision);
	if (!err && changes)
		err = bh_task_diff(task, &on->task, &w->decision);
	const struct bh_mediation *mediation = rows->mediation;
	if (!mediation || mediation->ordinal != on->mediation.ordinal)
		mediation = &unmediated;
	if (!err && on->mediation_changes)
		err = bh_mediation_diff(mediation, &on->mediation, &w->decision);
	entry->decision = bh_buf_span(&w->decision);
	return err;
}

int bh_task_load(struct bh_writer *w, const struct bh_command *command, struct bh_task *buffer,
	const struct bh_task **task)
{
	*task = NULL;
	if (command->task == 0 || command->case_number == 0)
		return BH_NOERR;
	int err = bh_task_row_get(&w->projector.db, command->case_number, command->task, buffer);
	if (err == BH_ERR_NOT_FOUND)
		return BH_NOERR;
	if (!err)
		*task = buffer;
	return err;
}

/* An end of a task, or another due time, leaves its case waiting for nothing else than before, so
 * one walk is enough; each walks once more over what is left of it, at most BH_TASKS_OPEN_MAX deep.
 */
int bh_tasks_follow(struct bh_writer *w, const struct bh_case *cased)
{
	struct bh_task open[BH_TASKS_OPEN_MAX];
	struct bh_command command;
	struct bh_outcome outcome;
	size_t count = 0;
	int err = bh_task_rows_of(
		&w->projector.db, cased->number, true, open, BH_TASKS_OPEN_MAX, &count);

	for (size_t i = 0; !err && i < count; i++) {
		bool stays = bh_task_stands(&open[i], cased) && !bh_task_moves(&open[i], cased) &&
			     bh_task_is_trusted(w->rules, w->now_ms, &open[i], cased);
		if (stays || !bh_task_command(w->rules, &open[i], cased, w->now_ms, &command))
			continue;
		w->counts.commands++;
		return bh_command_case(w, &command, &outcome);
	}
	return err;
}

int bh_task_fire(struct bh_writer *w, uint64_t first, bool *fires)
{
	struct bh_task task;
	struct bh_case cased;
	struct bh_command command;
	int err = bh_task_row_first(&w->projector.db, first, &task);

	*fires = false;
	if (!err)
		err = bh_case_row_get(&w->projector.db, task.number, &cased);
	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
	if (!bh_task_command(w->rules, &task, &cased, w->now_ms, &command))
		return BH_NOERR;
	return bh_command_fire(w, &command, NULL, fires);
}
