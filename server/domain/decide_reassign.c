/* Who does an open task is changed (58): a field worker's, to another field worker.
 *
 *   open ─▶ a field worker's ─▶ whom the command names: another, whom it might have been given to
 *        ─▶ and where the leader of a grid says it, one of his own
 *
 * The grid's leader shares out what came into his grid; a desk of the area gives it to whomever it
 * might have sent.  What the task asks, by when and for whom, stays.  Who had it before answers too
 * late, as of an ended one (decide_task.c). */
#include "server/domain/decide_body.h"

#define FIELD (1u << BH_ROLE_GRID_WORKER | 1u << BH_ROLE_GRID_LEADER)

/* The area that the acting leader's grid is; 0: a desk acts. */
static uint32_t leaders_area(const struct bh_deciding *d)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(d->rules, d->command->person, d->standing->now_ms, posts);
	for (size_t i = 0; i < count; i++)
		if (posts[i]->id == d->out->post && posts[i]->role == BH_ROLE_GRID_LEADER)
			return posts[i]->area;
	return 0;
}

/* Does the person's field work lie within an area? */
static bool works_within(const struct bh_deciding *d, uint32_t person, uint32_t area)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts_now(d->rules, person, d->standing->now_ms, posts);
	for (size_t i = 0; i < count; i++)
		if ((1u << posts[i]->role & FIELD) != 0 &&
			bh_rules_area_within(d->rules, posts[i]->area, area))
			return true;
	return false;
}

/* Open, and a field worker's. */
static bool task_may_move(struct bh_deciding *d)
{
	const struct bh_task *task = d->standing->task;
	if (task == NULL)
		return bh_deciding_refuse(d, BH_REASON_FIELD, "the case has no such task");
	if (task->state != BH_TASK_OPEN)
		return bh_deciding_refuse(d, BH_REASON_NOT_NOW, "the task has ended");
	if (task->person == 0 || !bh_rules_is_field_worker(d->rules, task->person))
		return bh_deciding_refuse(d, BH_REASON_GUARD, "the task is no field worker's");
	return true;
}

/* Who handled it does not check it, nor does a colleague of the unit (20); neither audits it. */
static bool worker_fits(struct bh_deciding *d)
{
	const struct bh_task *task = d->standing->task;
	uint32_t person = d->command->assignee;
	bool check = task->kind == BH_TASK_CHECK || task->ordinal == d->before->audit_task;
	struct bh_worker_ask ask = {.area = d->before->area,
		.type = d->before->type,
		.now_ms = d->standing->now_ms,
		.named = person,
		.except = check ? d->before->finished_by : 0,
		.except_unit = check ? d->before->unit : 0};
	uint32_t area = leaders_area(d);
	if (check && d->command->person == d->before->finished_by)
		return bh_deciding_refuse(
			d, BH_REASON_GUARD, "whose work is looked at does not say by whom");
	if (person == 0)
		return bh_deciding_refuse(d, BH_REASON_FIELD, "whose the task is from now on?");
	if (person == task->person)
		return bh_deciding_refuse(d, BH_REASON_GUARD, "the task is this person's already");
	if (bh_rules_worker(d->rules, &ask) == 0)
		return bh_deciding_refuse(
			d, BH_REASON_GUARD, "there is no such field worker to send");
	if (area != 0 && !works_within(d, person, area))
		return bh_deciding_refuse(
			d, BH_REASON_GUARD, "a grid's leader gives it to one of the grid");
	return true;
}

bool bh_deciding_was_reassigned(const struct bh_deciding *d)
{
	const struct bh_command *command = d->command;
	const struct bh_task *task = d->standing->task;
	return command->source == BH_SOURCE_DEVICE && command->base_position != 0 &&
	       command->base_position <= task->moved_from &&
	       bh_rules_is_field_worker(d->rules, command->person);
}

void bh_decide_reassign(struct bh_deciding *d)
{
	if (!bh_deciding_may(d) || !bh_deciding_guards_hold(d) || !task_may_move(d) ||
		!worker_fits(d))
		return;
	struct bh_task *task = &d->out->task;
	*task = *d->standing->task;
	task->person_before = task->person;
	task->person = d->command->assignee;
	task->moved_from = d->before->last;
	d->out->task_changes = true;
	bh_deciding_accept(d);
}
