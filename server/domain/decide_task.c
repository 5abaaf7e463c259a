/* Tasks of a case: a worker looks before it is filed (2, 3, 50) or before it is closed (19, 20,
 * 54), others help (52, 53), somebody goes there on a date (56, 57).  A task that nobody answers in
 * time gives its case back (51), at once where whose it is has left or may not see it any more
 * (task_left.c); one that its case no longer waits for is withdrawn.
 *
 * An answer to a task that has ended is stale, whoever ended it: kept, told, without effect. */
#include <string.h>

#include "proto/err.h"
#include "server/domain/alarm.h"
#include "server/domain/decide_body.h"
#include "server/domain/rights.h"

/* domain.md, VERIFYING and CHECKING */
static const struct bh_limit field_limit = {30, BH_LIMIT_URGENT_MINUTE};
static const struct bh_limit day_limit = {1, BH_LIMIT_WORK_DAY};
#define VISIT_AHEAD_MS_MAX (INT64_C(366) * 24 * 60 * BH_MINUTE_MS)

/* ---- A task begins ---- */

bool bh_deciding_task_begin(struct bh_deciding *d, enum bh_task_kind kind, struct bh_limit limit)
{
	struct bh_case *after = &d->out->after;
	bool works = bh_limit_is_working(limit);
	if (d->before->open_tasks >= BH_TASKS_OPEN_MAX) {
		bh_deciding_reject(d, BH_REASON_GUARD, "too many tasks of the case are open");
		return false;
	}
	after->tasks++;
	after->open_tasks++;
	d->out->task_changes = true;
	d->out->task = (struct bh_task){
		.number = d->before->number,
		.ordinal = after->tasks,
		.kind = kind,
		.state = BH_TASK_OPEN,
		.asked_by = d->command->person,
		.cycle = after->cycle,
		.from_state = d->before->state,
		.made_ms = d->standing->now_ms,
		.due_ms = bh_limit_due(bh_rules_calendar(d->rules), limit, d->standing->now_ms, 0),
		.calendar = works ? bh_rules_calendar_mark(d->rules) : 0,
		.limit_ms = works ? bh_limit_ms(limit) : 0,
	};
	return true;
}

/* The nearest worker, or the one that was named.  0: the decision is made. */
static uint32_t worker_choose(struct bh_deciding *d, struct bh_worker_ask ask)
{
	ask.area = d->before->area;
	ask.type = d->before->type;
	ask.now_ms = d->standing->now_ms;
	ask.named = d->command->assignee;
	ask.turn = d->before->number;
	uint32_t person = bh_rules_worker(d->rules, &ask);
	if (person == 0)
		bh_deciding_reject(d, BH_REASON_GUARD, "there is no such field worker to send");
	return person;
}

/* Another than the reporter where there is one. */
void bh_decide_verify(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	struct bh_worker_ask ask = {.area = d->before->area,
		.type = d->before->type,
		.now_ms = d->standing->now_ms,
		.except = d->before->reporter};
	if (d->command->assignee != 0 || bh_rules_worker(d->rules, &ask) == 0)
		ask.except = 0;
	uint32_t person = worker_choose(d, ask);
	if (person == 0 || !bh_deciding_task_begin(d, BH_TASK_VERIFY, field_limit))
		return;
	d->out->task.person = person;
	d->out->after.task = d->out->task.ordinal;
	bh_deciding_accept(d);
}

/* Not the person who handled it, nor a colleague of the unit. */
void bh_decide_check(struct bh_deciding *d)
{
	bool soon = d->before != NULL && d->before->urgency <= 2;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	uint32_t person = worker_choose(d, bh_deciding_check_ask(d));
	if (person == 0 ||
		!bh_deciding_task_begin(d, BH_TASK_CHECK, soon ? field_limit : day_limit))
		return;
	d->out->task.person = person;
	d->out->after.task = d->out->task.ordinal;
	d->out->after.check_until_ms = d->out->task.due_ms;
	bh_deciding_accept(d);
}

/* On a date, of a year at most; by who was named, else by the nearest worker of the place. */
void bh_decide_ask_visit(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	int64_t now_ms = d->standing->now_ms;
	uint32_t person = command->assignee;
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (command->until_ms <= now_ms || command->until_ms > now_ms + VISIT_AHEAD_MS_MAX) {
		bh_deciding_reject(
			d, BH_REASON_FIELD, "a visit has a date, within a year from now");
		return;
	}
	if (person == 0 && command->unit == 0)
		person = worker_choose(d, (struct bh_worker_ask){.except = 0});
	else if (!bh_deciding_helper_choose(d))
		return;
	if ((person == 0 && command->unit == 0) ||
		!bh_deciding_task_begin(d, BH_TASK_VISIT, day_limit))
		return;
	struct bh_task *task = &d->out->task;
	task->person = person;
	task->unit = person != 0 ? 0 : command->unit;
	task->due_ms = command->until_ms;
	task->calendar = 0;
	task->limit_ms = 0;
	bh_deciding_accept(d);
}

/* ---- A task ends ---- */

static void task_end(struct bh_deciding *d, enum bh_task_state state)
{
	struct bh_case *after = &d->out->after;
	struct bh_task *task = &d->out->task;
	*task = *d->standing->task;
	if (task->state == BH_TASK_OPEN) {
		after->open_tasks--;
		after->open_helps -= task->kind == BH_TASK_HELP;
	}
	task->state = state;
	task->ended_ms = d->standing->now_ms;
	d->out->task_changes = true;
	if (after->task == task->ordinal) {
		after->task = 0;
		after->check_until_ms = 0;
	}
}

/* The task that is answered: there, of this kind, the actor's own, and open. */
static bool task_is_open(struct bh_deciding *d, enum bh_task_kind kind)
{
	const struct bh_task *task = d->standing->task;
	const struct bh_command *command = d->command;
	if (d->before == NULL)
		bh_deciding_reject(d, BH_REASON_NO_CASE, NULL);
	else if (task == NULL || task->kind != kind)
		bh_deciding_reject(d, BH_REASON_FIELD, "the case has no such task");
	else if (!bh_rights_own_task(d->rules, d->standing->now_ms, command->person, task->person,
			 task->unit)) {
		if (bh_deciding_was_reassigned(d))
			bh_deciding_stale(d, "the task is another's by now");
		else
			bh_deciding_reject(d, BH_REASON_NO_RIGHT, NULL);
	} else if (task->state != BH_TASK_OPEN && !bh_deciding_lapsed_too_soon(d))
		bh_deciding_stale(d, "the task has ended");
	else
		return true;
	return false;
}

static bool answer_fits(struct bh_deciding *d)
{
	uint32_t result = d->command->reason_code;
	if (result == BH_TASK_YES || result == BH_TASK_NO)
		return true;
	bh_deciding_reject(d, BH_REASON_FIELD, "an answer is 1, it is so, or 2, it is not");
	return false;
}

static void task_answer(struct bh_deciding *d, enum bh_task_result result)
{
	int64_t done_ms = bh_deciding_done_ms(d, d->standing->task->made_ms);
	task_end(d, BH_TASK_ANSWERED);
	d->out->task.done_ms = done_ms;
	d->out->task.late = done_ms > d->out->task.due_ms;
	d->out->task.result = result;
	d->out->task.ended_by = d->command->person;
	bh_deciding_accept(d);
}

void bh_decide_answer_verify(struct bh_deciding *d)
{
	if (!task_is_open(d, BH_TASK_VERIFY) || !answer_fits(d) || !bh_deciding_may(d) ||
		!bh_deciding_guards_hold(d))
		return;
	task_answer(d, (enum bh_task_result)d->command->reason_code);
}

/* The verb says how it was, whatever the op's reason. */
void bh_decide_pass(struct bh_deciding *d)
{
	bool passes = d->command->verb == BH_VERB_PASS;
	if (!task_is_open(d, BH_TASK_CHECK) || !bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	if (d->author != 0 && d->author == d->before->finished_by) { /* on a colleague's handset */
		bh_deciding_reject(d, BH_REASON_GUARD, "who did it does not check it");
		return;
	}
	d->out->after.checked = passes ? BH_CHECKED_PASSED : BH_CHECKED_FAILED;
	task_answer(d, passes ? BH_TASK_YES : BH_TASK_NO);
}

/* Also where the helper says why it is not done: the lead goes on without. */
void bh_decide_help_done(struct bh_deciding *d)
{
	if (!task_is_open(d, BH_TASK_HELP) || !bh_deciding_may(d) || !bh_deciding_guards_hold(d))
		return;
	task_answer(d, d->command->reason_code == BH_TASK_NO ? BH_TASK_NO : BH_TASK_YES);
}

void bh_decide_visit_done(struct bh_deciding *d)
{
	const struct bh_task *task = d->standing->task;
	bool fails = d->command->reason_code == BH_TASK_NO;
	bool audits = d->before && task && task->ordinal == d->before->audit_task;
	if (!task_is_open(d, BH_TASK_VISIT) || (audits && !answer_fits(d)) || !bh_deciding_may(d) ||
		!bh_deciding_guards_hold(d))
		return;
	if (audits && d->author != 0 && d->author == d->before->finished_by) {
		bh_deciding_reject(d, BH_REASON_GUARD, "who did it does not check it");
		return;
	}
	bh_deciding_audit_end(d, task->ordinal, fails ? BH_AUDIT_FAILED : BH_AUDIT_PASSED);
	task_answer(d, d->command->reason_code == BH_TASK_NO ? BH_TASK_NO : BH_TASK_YES);
}

/* What it was given stays what it is: only when that is over is reckoned anew; the time for which
 * it rests does not count. */
void bh_decide_task_recompute(struct bh_deciding *d)
{
	const struct bh_calendar *calendar = bh_rules_calendar(d->rules);
	int64_t now_ms = d->standing->now_ms;
	struct bh_task *task = &d->out->task;
	*task = *d->standing->task;
	task->calendar = bh_rules_calendar_mark(d->rules);
	bool rests = bh_task_rests(task, d->before);
	if (rests && task->by_case == 0 && task->rest_from_ms == 0)
		task->rest_from_ms = now_ms;
	if (!rests && task->rest_from_ms != 0) {
		task->limit_ms += bh_length_used_ms(calendar, true, task->rest_from_ms, now_ms);
		task->rest_from_ms = 0;
	}
	if (task->limit_ms != 0 && !rests)
		task->due_ms = bh_calendar_walk(calendar, task->made_ms, task->limit_ms);
	else
		task->due_ms = bh_task_due_ms(task, d->before);
	if (task->kind == BH_TASK_CHECK && d->before->task == task->ordinal)
		d->out->after.check_until_ms = task->due_ms;
	d->out->task_changes = true;
	bh_deciding_accept(d);
}

/* By the clock.  The case moves where it waited for this very task. */
void bh_decide_task_end(struct bh_deciding *d)
{
	const struct bh_task *task = d->standing->task;
	bool lapses = d->command->verb == BH_VERB_TASK_LAPSED;
	const struct bh_move *move = bh_move_find(
		(enum bh_state)d->before->state, d->command->verb, BH_ROLE_CLOCK);
	bool waits = d->before->task == task->ordinal;
#if !defined(BH_PLANTED_BUG) || BH_PLANTED_BUG != 18
	if (lapses && move != NULL && waits)
		d->out->after.state = move->to;
#else
	(void)move;
#endif
	if (lapses && task->kind == BH_TASK_CHECK && waits)
		d->out->after.checked = BH_CHECKED_LAPSED;
	if (lapses)
		bh_deciding_audit_end(d, task->ordinal, BH_AUDIT_LAPSED);
	task_end(d, lapses ? BH_TASK_LAPSED : BH_TASK_WITHDRAWN);
	bh_deciding_accept(d);
	if (d->command->alarm == BH_ALARM_TASK_LEFT)
		d->out->reason = BH_REASON_NO_RIGHT;
}

/* ---- The clock ---- */

/* Its due time is computed again, behind its case's. */
static bool recompute_command(const struct bh_rules *rules, const struct bh_task *task,
	const struct bh_case *cased, struct bh_command *out)
{
	if (bh_case_is_stale(rules, cased))
		return false;
	*out = (struct bh_command){
		.source = BH_SOURCE_CLOCK,
		.verb = BH_VERB_RECOMPUTE,
		.log_short = BH_LOG_CLOCK,
		.alarm = BH_ALARM_RECOMPUTE,
		.alarm_due_ms = task->made_ms,
		.case_number = task->number,
		.cycle = cased->cycle,
		.task = task->ordinal,
	};
	return true;
}

/* What the desk reads that has to send another. */
static const char left_text[] = "受派人员或单位已离岗，任务收回，请另行安排。";

bool bh_task_command(const struct bh_rules *rules, const struct bh_task *task,
	const struct bh_case *cased, int64_t now_ms, struct bh_command *out)
{
	bool stands = bh_task_stands(task, cased);
	bool rests = bh_task_rests(task, cased);
	if ((stands && bh_task_is_stale(task, bh_rules_calendar_mark(rules))) ||
		bh_task_moves(task, cased))
		return recompute_command(rules, task, cased, out);
	bool trusted = bh_task_is_trusted(rules, now_ms, task, cased);
	int64_t left_ms = trusted ? bh_task_left_ms(rules, task) : task->made_ms;
	bool left = stands && left_ms <= now_ms && left_ms < task->due_ms;
	/* Nobody works while it is suspended; the case goes on first, and the task with it. */
	if (task->state != BH_TASK_OPEN || (stands && !left && (rests || task->due_ms > now_ms)))
		return false;
	*out = (struct bh_command){
		.source = BH_SOURCE_CLOCK,
		.verb = stands ? BH_VERB_TASK_LAPSED : BH_VERB_TASK_WITHDRAWN,
		.log_short = BH_LOG_CLOCK,
		.alarm = left     ? BH_ALARM_TASK_LEFT
			 : stands ? BH_ALARM_TASK_LAPSE
				  : BH_ALARM_TASK_WITHDRAW,
		.alarm_due_ms = left     ? left_ms
				: stands ? task->due_ms
					 : 0,
		.case_number = task->number,
		.cycle = cased->cycle,
		.task = task->ordinal,
	};
	if (left && trusted)
		out->text = bh_span(left_text, sizeof(left_text) - 1);
	return true;
}

bool bh_task_command_is_due(const struct bh_standing *standing, const struct bh_command *command)
{
	struct bh_command due;
	return standing->task != NULL &&
	       bh_task_command(
		       standing->rules, standing->task, standing->before, standing->now_ms, &due) &&
	       due.verb == command->verb && due.alarm == command->alarm &&
	       due.alarm_due_ms == command->alarm_due_ms && due.task == command->task;
}
