/* Tasks of a case in codes and words, by what whoever asks sees of it, and whom they let see it:
 *
 *   desk, unit          every row
 *   whose the task is   that row
 *   assessor, auditor   every row, without its text */
#include "proto/err.h"
#include "server/console/case_json.h"
#include "server/domain/rights.h"
#include "server/store/task.h"

#define TASKS_MAX 256u /* of one case, the first ones */

static const char *result_name(const struct bh_task *task)
{
	return task->result == BH_TASK_YES ? "yes" : task->result == BH_TASK_NO ? "no" : NULL;
}

static json_t *task_json(struct bh_exchange *x, const struct bh_task *task)
{
	struct bh_entry made;
	struct bh_span text = bh_span(NULL, 0);
	if (bh_reader_entry(x->district->reader, task->first, &x->arena, &made) == BH_NOERR)
		text = bh_entry_text(x, &made);
	return json_pack(
		"{s:o, s:b, s:i, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s?, s:o, s:o}",
		"done_at", bh_exchange_time(x, task->done_ms), "late", task->late != 0, "task",
		(int)task->ordinal, "kind", bh_task_kind_name((enum bh_task_kind)task->kind),
		"kind_zh", bh_task_kind_name_zh((enum bh_task_kind)task->kind), "state",
		bh_task_state_name((enum bh_task_state)task->state), "person",
		bh_person_code(x->rules, task->person), "unit", bh_unit_code(x->rules, task->unit),
		"asked_by", bh_person_code(x->rules, task->asked_by), "made_at",
		bh_exchange_time(x, task->made_ms), "due", bh_exchange_time(x, task->due_ms),
		"ended_at", bh_exchange_time(x, task->ended_ms), "result", result_name(task),
		"text", text.len ? bh_json_span(text) : json_null(), "person_before",
		bh_person_code(x->rules, task->person_before));
}

static bool is_own(const struct bh_exchange *x, const struct bh_task *task)
{
	return bh_rights_own_task(x->rules, x->now_ms, x->person, task->person, task->unit);
}

json_t *bh_task_json_seen(
	struct bh_exchange *x, const struct bh_task *task, unsigned views, bool *shown)
{
	bool reads = bh_views_show_words(views) || is_own(x, task);
	*shown = reads || bh_views_show_course(views);
	json_t *json = *shown ? task_json(x, task) : NULL;
	return reads || !json ? json : bh_member_set(json, "text", json_null());
}

int bh_tasks_json(struct bh_exchange *x, uint64_t number, unsigned views, json_t **out)
{
	struct bh_task *tasks = bh_arena_array(&x->arena, TASKS_MAX, sizeof(*tasks));
	size_t count = 0;
	if (!tasks)
		return BH_ERR_NOMEM;
	int err = bh_reader_tasks(x->district->reader, number, false, tasks, TASKS_MAX, &count);
	if (err)
		return err;
	json_t *items = json_array();
	for (size_t i = 0; i < count; i++) {
		bool shown;
		json_t *json = bh_task_json_seen(x, &tasks[i], views, &shown);
		if (shown)
			items = bh_items_add(items, json);
	}
	*out = items;
	return items ? BH_NOERR : BH_ERR_NOMEM;
}

bool bh_may_see_by_task(const struct bh_exchange *x, const struct bh_case *cased)
{
	struct bh_task tasks[BH_TASKS_OPEN_MAX];
	size_t count = 0;
	if (cased->open_tasks == 0 || bh_reader_tasks(x->district->reader, cased->number, true,
					      tasks, BH_TASKS_OPEN_MAX, &count) != BH_NOERR)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (is_own(x, &tasks[i]))
			return true;
	}
	return false;
}
