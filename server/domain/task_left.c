/* No task waits for somebody who is gone: with the last post that allows its answer it goes back
 * (rights.c: being whose task it is counts, wherever that post's area is).
 *
 *   posts of its person ──▶ those of a role that answers its kind ──▶ the last of their days
 */
#include "server/domain/task.h"

static uint32_t roles_that_answer(uint32_t kind)
{
	uint32_t roles = 0;
	for (size_t i = 0; i < bh_moves_count; i++)
		if (bh_moves[i].in_use && (uint32_t)bh_verb_answers(bh_moves[i].verb) == kind)
			roles |= bh_moves[i].roles;
	return roles;
}

static int64_t person_leaves_ms(const struct bh_rules *rules, uint32_t person, uint32_t roles)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	size_t count = bh_rules_posts(rules, person, posts);
	int64_t last_ms = 0;
	for (size_t i = 0; i < count; i++) {
		int64_t end_ms = bh_rules_post_end_ms(rules, posts[i]);
		if ((roles & 1u << posts[i]->role) != 0 && end_ms > last_ms)
			last_ms = end_ms;
	}
	return last_ms;
}

int64_t bh_task_left_ms(const struct bh_rules *rules, const struct bh_task *task)
{
	int64_t left_ms;
	if (task->person != 0)
		left_ms = person_leaves_ms(rules, task->person, roles_that_answer(task->kind));
	else
		left_ms = bh_rules_unit_is_gone(rules, task->unit) ? 0 : INT64_MAX;
	return left_ms > task->made_ms ? left_ms : task->made_ms;
}

bool bh_task_is_trusted(const struct bh_rules *rules, int64_t now_ms, const struct bh_task *task,
	const struct bh_case *cased)
{
	const struct bh_msg_post *posts[BH_POSTS_MAX];
	if (!bh_rules_is_restricted(rules, cased->type))
		return true;
	if (task->person == 0)
		return task->unit == cased->unit;
	size_t count = bh_rules_posts_now(rules, task->person, now_ms, posts);
	for (size_t i = 0; i < count; i++)
		if ((cased->unit != 0 && posts[i]->unit == cased->unit) ||
			bh_rules_post_is_trusted(rules, posts[i], cased->type))
			return true;
	return false;
}

int64_t bh_task_next_ms(const struct bh_rules *rules, const struct bh_task *task)
{
	if (task->state != BH_TASK_OPEN)
		return 0;
	/* In the past, so that it is computed again before anything is due by it. */
	if (bh_task_is_stale(task, bh_rules_calendar_mark(rules)))
		return task->made_ms;
	int64_t left_ms = bh_task_left_ms(rules, task);
	return left_ms < task->due_ms ? left_ms : task->due_ms;
}
