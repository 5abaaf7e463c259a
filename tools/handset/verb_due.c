/*
 * How much time is left: of a case's clocks and its tasks, or of a type's limit if a unit had it
 * from some instant on.  Nothing here asks the network.
 */
#include <stdio.h>
#include <string.h>

#include <bihuan_offline.h>

#include "tools/handset/moment.h"
#include "tools/handset/view.h"

#define SECOND_MS 1000
#define MINUTE_MS 60000
#define HOUR_MIN 60

static const struct {
	int32_t clock;
	const char *name;
	const char *zh;
} clocks[] = {
	{BH_CLOCK_DISPATCH, "dispatch", "派单"},
	{BH_CLOCK_SIGN, "sign", "签收"},
	{BH_CLOCK_DISPOSAL, "disposal", "处置"},
};

#define CLOCKS_COUNT (sizeof(clocks) / sizeof(clocks[0]))

static json_t *due_json(const struct bh_say *say, const bh_due_view *view)
{
	if (view->due_at == 0)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:I, s:I, s:b, s:I}", "light", bh_light_word(view->light),
		"due_at", bh_json_time(say, view->due_at), "yellow_at",
		bh_json_time(say, view->yellow_at), "left_s",
		(json_int_t)(view->left_ms / SECOND_MS), "left_work_s",
		(json_int_t)(view->left_work_ms / SECOND_MS), "works", view->works != 0, "calendar",
		(json_int_t)view->calendar);
}

/* "sign       yellow  2026-11-22T20:28:51+08:00  1 h 5 min (working time)". */
static void due_print(const struct bh_say *say, const char *name, const bh_due_view *view)
{
	char text[BH_MOMENT_TEXT_SIZE];
	int64_t left_ms = view->works ? view->left_work_ms : view->left_ms;
	int64_t minutes = (left_ms < 0 ? -left_ms : left_ms) / MINUTE_MS;
	if (view->due_at == 0)
		return;
	bh_moment_format(view->due_at, say->offset_min, text);
	bh_text_print(name, 12, 0);
	(void)printf("%-8s%s  %s%lld h %lld min%s\n", bh_light_word(view->light), text,
		left_ms < 0 ? "-" : "", (long long)(minutes / HOUR_MIN),
		(long long)(minutes % HOUR_MIN), view->works ? " (working time)" : "");
}

static bool moment_take(const struct bh_words *words, const char *name, bh_time_ms *out)
{
	const char *text = bh_words_option(words, name);
	if (text == NULL || bh_moment_parse(text, words->say.offset_min, out))
		return true;
	(void)bh_words_fault(
		words, "--%s is '%s', needs 2026-11-22T20:28:51+08:00 or the like", name, text);
	return false;
}

static bh_status tasks_say(const struct bh_say *say, bh_case_cursor *cursor, uint32_t count,
	bh_time_ms at, json_t *tasks, bh_error *err)
{
	bh_status status = BH_OK;
	for (uint32_t i = 0; status == BH_OK && i < count; i++) {
		bh_task_view task = BH_TASK_VIEW_INIT;
		bh_due_view due = BH_DUE_VIEW_INIT;
		status = bh_case_task(cursor, i, &task, err);
		if (status == BH_OK)
			status = bh_task_due(cursor, i, at, &due, err);
		if (status != BH_OK)
			break;
		json_t *one = due_json(say, &due);
		if (json_is_object(one))
			(void)json_object_set_new(one, "task", json_integer(task.task));
		(void)json_array_append_new(tasks, one);
		if (!say->json)
			due_print(say, bh_task_kind(task.kind), &due);
	}
	return status;
}

static int case_run(const struct bh_handset *handset, const char *text, bh_time_ms at)
{
	bh_error err = {0};
	uint64_t number = 0;
	bh_case_cursor *cursor = NULL;
	bh_case_view view = BH_CASE_VIEW_INIT;
	const struct bh_say *say = handset->say;
	if (!bh_handset_number(handset, text, &number))
		return BH_EXIT_DATA;
	bh_status status = bh_case_get(handset->client, number, &cursor, &view, &err);
	json_t *object = json_object(), *tasks = json_array();
	for (size_t i = 0; status == BH_OK && i < CLOCKS_COUNT; i++) {
		bh_due_view due = BH_DUE_VIEW_INIT;
		status = bh_case_due(cursor, clocks[i].clock, at, &due, &err);
		if (status != BH_OK)
			break;
		(void)json_object_set_new(object, clocks[i].name, due_json(say, &due));
		if (!say->json)
			due_print(say, say->chinese ? clocks[i].zh : clocks[i].name, &due);
	}
	if (status == BH_OK)
		status = tasks_say(say, cursor, view.tasks_count, at, tasks, &err);
	(void)json_object_set_new(object, "tasks", tasks);
	if (status == BH_OK && say->json)
		bh_say_json(json_incref(object));
	json_decref(object);
	bh_case_cursor_close(cursor);
	return status != BH_OK ? bh_handset_fault(handset, &err) : BH_EXIT_DONE;
}

static int type_run(const struct bh_handset *handset, uint32_t type, uint32_t condition,
	bh_time_ms from, bh_time_ms at)
{
	bh_error err = {0};
	bh_due_view due = BH_DUE_VIEW_INIT;
	if (bh_type_due(handset->client, type, condition, from, at, &due, &err) != BH_OK)
		return bh_handset_fault(handset, &err);
	if (handset->say->json)
		bh_say_json(due_json(handset->say, &due));
	else
		due_print(handset->say, handset->say->chinese ? "处置" : "disposal", &due);
	return BH_EXIT_DONE;
}

int bh_verb_due(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	uint64_t type = 0, condition = 0;
	bh_time_ms from = 0, at = 0;
	bool of_case = words->arguments_count == 1;
	if (!bh_words_number(words, "type", 1, UINT32_MAX, &type) ||
		!bh_words_number(words, "condition", 1, UINT32_MAX, &condition) ||
		!moment_take(words, "from", &from) || !moment_take(words, "at", &at))
		return BH_EXIT_USAGE;
	if (of_case == (type != 0))
		return bh_words_fault(words, "it is of a case's NUMBER, or of a --type");
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = of_case ? case_run(&handset, words->arguments[0], at)
			 : type_run(&handset, (uint32_t)type, (uint32_t)condition, from, at);
	bh_handset_close(&handset);
	return status;
}
