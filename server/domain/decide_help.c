/* Help with a case (52), and the answer of an expert who is consulted (68): a task of a person, or
 * of anybody of another unit, which the lead cannot finish before (domain.md, Routing 6). */
#include "server/domain/decide_body.h"

/* A person, or anybody of another unit. */
bool bh_deciding_helper_choose(struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	uint32_t unit = command->unit;
	const struct bh_task asked = {
		.kind = command->verb == BH_VERB_ASK_VISIT ? BH_TASK_VISIT : BH_TASK_HELP,
		.person = command->assignee,
		.unit = command->unit,
		.made_ms = d->standing->now_ms};
	if (command->assignee != 0 &&
		bh_rules_posts_now(d->rules, command->assignee, d->standing->now_ms, posts) == 0)
		bh_deciding_reject(d, BH_REASON_FIELD, "this person holds no post");
	else if (command->assignee != 0 && bh_task_left_ms(d->rules, &asked) <= asked.made_ms)
		bh_deciding_reject(d, BH_REASON_FIELD, "no post of this person's answers it");
	else if (command->assignee == 0 && bh_rules_unit_is_gone(d->rules, unit))
		bh_deciding_reject(d, BH_REASON_NO_UNIT, "help is a unit's or a person's");
	else if (command->assignee == 0 && unit == d->before->unit &&
		 command->verb != BH_VERB_ASK_VISIT)
		bh_deciding_reject(d, BH_REASON_GUARD, "the case is with this unit already");
	else if (!bh_task_is_trusted(d->rules, asked.made_ms, &asked, d->before))
		bh_deciding_reject(
			d, BH_REASON_GUARD, "it is restricted: only its own unit and desk see it");
	else
		return true;
	return false;
}

/* By the case's own limit, wherever that goes (bh_task_due_ms): helpers are not given more time
 * than the lead. */
bool bh_deciding_help_begin(struct bh_deciding *d)
{
	static const struct bh_limit day_limit = {1, BH_LIMIT_WORK_DAY};
	if (!bh_deciding_helper_choose(d) || !bh_deciding_task_begin(d, BH_TASK_HELP, day_limit))
		return false;
	struct bh_task *task = &d->out->task;
	task->person = d->command->assignee;
	task->unit = task->person != 0 ? 0 : d->command->unit;
	task->by_unit = d->before->unit;
	if (d->before->disposal_due_ms > d->standing->now_ms) {
		task->due_ms = d->before->disposal_due_ms;
		task->limit_ms = 0;
		task->by_case = 1;
	}
	d->out->after.open_helps++;
	return true;
}

void bh_decide_ask_help(struct bh_deciding *d)
{
	if (bh_deciding_may(d) && bh_deciding_guards_hold(d) && bh_deciding_help_begin(d))
		bh_deciding_accept(d);
}
