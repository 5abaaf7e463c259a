/*
 * Tasks of this handset's worker: what somebody waits for, and the answer.  Recorded here, durable
 * at once; the server's verdict comes with a sync.
 */
#include <stdio.h>
#include <string.h>

#include "tools/handset/moment.h"
#include "tools/handset/photo.h"
#include "tools/handset/view.h"

static void task_print(
	const struct bh_say *say, const bh_case_view *cased, const bh_task_view *task)
{
	char number[BH_NUMBER_TEXT_SIZE], due[BH_MOMENT_TEXT_SIZE];
	bh_number_format(cased->case_number, number);
	if (say->json) {
		json_t *object = bh_task_json(say, task);
		(void)json_object_set_new(object, "case", json_string(number));
		bh_say_json(object);
		return;
	}
	bh_moment_format(task->due_at, say->offset_min, due);
	int64_t left_min = (task->due_at - bh_moment_now_ms()) / 60000;
	bool late = left_min < 0;
	left_min = late ? -left_min : left_min;
	(void)printf("%s  %u  %s  %s  %s %lld:%02lld%s  ", number, (unsigned)task->task,
		bh_task_kind(task->kind), due, late ? "late" : "left", (long long)(left_min / 60),
		(long long)(left_min % 60), task->answered ? "  answered" : "");
	bh_text_print(task->text[0] ? task->text : cased->text, 0, 0);
	(void)printf("\n");
}

static bh_status case_tasks(
	const struct bh_handset *handset, bh_case_cursor *cursor, const bh_case_view *view)
{
	for (uint32_t i = 0; i < view->tasks_count; i++) {
		bh_task_view task = BH_TASK_VIEW_INIT;
		bh_error err = {0};
		bh_status status = bh_case_task(cursor, i, &task, &err);
		if (status != BH_OK)
			return status;
		if (task.own)
			task_print(handset->say, view, &task);
	}
	return BH_OK;
}

int bh_verb_tasks(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	bh_error err = {0};
	bh_case_cursor *cursor = NULL;
	bh_case_view view = BH_CASE_VIEW_INIT;
	int exit = bh_handset_open(words, &mode, &handset);
	if (exit)
		return exit;
	bh_status status = bh_case_cursor_open(handset.client, &cursor, &err);
	while (status == BH_OK && (status = bh_case_cursor_next(cursor, &view, &err)) == BH_OK)
		status = case_tasks(&handset, cursor, &view);
	bh_case_cursor_close(cursor);
	if (status < 0)
		exit = bh_handset_fault(&handset, &err);
	bh_handset_close(&handset);
	return exit;
}

/* ---- answer ---- */

static int32_t act_of(int32_t kind, bool yes)
{
	switch (kind) {
	case BH_TASK_KIND_VERIFY:
		return BH_ACT_ANSWER_VERIFY;
	case BH_TASK_KIND_CHECK:
		return yes ? BH_ACT_PASS : BH_ACT_CHECK_FAILED;
	case BH_TASK_KIND_HELP:
		return BH_ACT_HELP_DONE;
	case BH_TASK_KIND_VISIT:
		return BH_ACT_VISIT_DONE;
	default:
		return 0;
	}
}

/* The own task that is meant: input->task, or the first. */
static bh_status task_find(
	const struct bh_handset *handset, bh_act_input *input, int32_t *kind, bh_error *err)
{
	bh_case_cursor *cursor = NULL;
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_status status = bh_case_get(handset->client, input->case_number, &cursor, &view, err);
	for (uint32_t i = 0; status == BH_OK && i < view.tasks_count; i++) {
		bh_task_view task = BH_TASK_VIEW_INIT;
		status = bh_case_task(cursor, i, &task, err);
		bool meant = input->task != 0 ? task.task == input->task : !task.answered;
		if (status != BH_OK || !task.own || !meant)
			continue;
		input->task = task.task;
		*kind = task.kind;
		break;
	}
	bh_case_cursor_close(cursor);
	return status;
}

static int answer_run(const struct bh_handset *handset, bh_act_input *input)
{
	char number[BH_NUMBER_TEXT_SIZE];
	int32_t kind = 0;
	uint64_t sequence = 0;
	bh_error err = {0};
	if (!bh_handset_number(handset, handset->words->arguments[0], &input->case_number))
		return BH_EXIT_DATA;
	bh_status status = task_find(handset, input, &kind, &err);
	if (status == BH_OK && kind == 0)
		return bh_words_fault(handset->words, "the case has no task for this handset");
	input->act = act_of(kind, input->reason == BH_ANSWER_YES);
	if (status == BH_OK)
		status = bh_act_record(handset->client, input, &sequence, &err);
	if (status != BH_OK)
		return bh_handset_fault(handset, &err);
	bh_number_format(input->case_number, number);
	if (handset->say->json)
		bh_say_json(json_pack("{s:s, s:s, s:I, s:I}", "case", number, "kind",
			bh_task_kind(kind), "task", (json_int_t)input->task, "sequence",
			(json_int_t)sequence));
	else
		(void)printf("%s %s\n", bh_task_kind(kind), number);
	bh_say_words(handset->say, "recorded; next: %s sync", handset->words->program->name);
	return BH_EXIT_DONE;
}

int bh_verb_answer(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	bh_photo_input photos[BH_PHOTOS_MAX];
	bh_act_input input = BH_ACT_INPUT_INIT;
	uint64_t task = 0;
	const char *result = bh_words_option(words, "result");
	if (!result)
		return bh_words_fault(words, "answer needs --result: yes or no");
	input.reason = strcmp(result, "yes") == 0 ? BH_ANSWER_YES : BH_ANSWER_NO;
	input.text = bh_words_option(words, "text");
	if (bh_words_blank(words, "text"))
		return BH_EXIT_DATA;
	input.photos = photos;
	input.photos_count = bh_photos_given(words, photos);
	if (!bh_words_number(words, "task", 1, UINT32_MAX, &task))
		return BH_EXIT_USAGE;
	input.task = (uint32_t)task;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = answer_run(&handset, &input);
	bh_handset_close(&handset);
	return status;
}
