/*
 * What is here, as last told: cases, what was recorded, the catalogue.  Nothing here asks the
 * network.
 */
#include <stdio.h>
#include <string.h>

#include "tools/handset/view.h"

#define STATES_COUNT 19

/* A state by its name in either language; false when there is none. */
static bool state_parse(const char *name, int32_t *state)
{
	for (int32_t s = 0; s < STATES_COUNT; s++)
		if (strcmp(bh_case_state_name(s, "en"), name) == 0 ||
			strcmp(bh_case_state_name(s, "zh"), name) == 0) {
			*state = s;
			return true;
		}
	return false;
}

struct filter {
	bool unsent;
	bool unseen;
	int32_t state;   /* -1: any */
	uint32_t author; /* 0: anybody's */
};

static bool filter_passes(const struct filter *filter, const bh_case_view *view)
{
	return (!filter->unsent || view->unsent > 0) &&
	       (!filter->unseen || view->unseen_closures > 0) &&
	       (filter->author == 0 || view->author == filter->author) &&
	       (filter->state < 0 || view->state == filter->state);
}

static int list_run(const struct bh_handset *handset, const struct filter *filter)
{
	bh_error err = {0};
	bh_case_cursor *cursor = NULL;
	bh_case_view view = BH_CASE_VIEW_INIT;
	bool headed = handset->say->json;
	bh_status status = bh_case_cursor_open(handset->client, &cursor, &err);
	while (status == BH_OK && (status = bh_case_cursor_next(cursor, &view, &err)) == BH_OK) {
		if (!filter_passes(filter, &view))
			continue;
		if (!headed)
			bh_case_print_header(handset->say);
		headed = true;
		if (handset->say->json)
			bh_say_json(bh_case_json(handset->say, cursor, &view));
		else
			bh_case_print(handset->say, &view);
	}
	bh_case_cursor_close(cursor);
	return status < 0 ? bh_handset_fault(handset, &err) : BH_EXIT_DONE;
}

int bh_verb_list(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	struct filter filter = {
		bh_words_flag(words, "unsent"), bh_words_flag(words, "unseen"), -1, 0};
	bh_author_view author = BH_AUTHOR_VIEW_INIT;
	bh_error err = {0};
	const char *state = bh_words_option(words, "state");
	if (state && !state_parse(state, &filter.state))
		return bh_words_fault(words, "--state is '%s', which is no state", state);
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	if (bh_words_flag(words, "mine")) {
		if (bh_author_get(handset.client, 0, &author, &err) != BH_OK)
			status = bh_handset_fault(&handset, &err);
		filter.author = author.person;
	}
	if (!status)
		status = list_run(&handset, &filter);
	bh_handset_close(&handset);
	return status;
}

static int show_run(const struct bh_handset *handset, const char *text)
{
	bh_error err = {0};
	uint64_t number = 0;
	bh_case_cursor *cursor = NULL;
	bh_case_view view = BH_CASE_VIEW_INIT;
	if (!bh_handset_number(handset, text, &number))
		return BH_EXIT_DATA;
	if (bh_case_get(handset->client, number, &cursor, &view, &err) != BH_OK)
		return bh_handset_fault(handset, &err);
	if (handset->say->json)
		bh_say_json(bh_case_json(handset->say, cursor, &view));
	else
		bh_case_print_page(handset->say, cursor, &view);
	bh_case_cursor_close(cursor);
	return BH_EXIT_DONE;
}

int bh_verb_show(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = show_run(&handset, words->arguments[0]);
	bh_handset_close(&handset);
	return status;
}

/* ---- ops ---- */

static json_t *op_json(const struct bh_say *say, const bh_op_view *view)
{
	char text[BH_NUMBER_TEXT_SIZE], id[BH_ID_TEXT_SIZE];
	json_t *met = view->verdict == BH_OP_STALE
			      ? json_string(bh_case_state_name((int32_t)view->met_state, "en"))
			      : json_null();
	bh_number_format(view->case_number, text);
	bh_id_format(&view->id, id);
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:b, s:o, s:I, s:o, s:o, s:o, s:o, s:s}",
		"sequence", (json_int_t)view->sequence, "verb", view->verb_name, "case", text,
		"number", text, "verdict", bh_op_verdict_name(view->verdict), "correctable",
		view->correctable != 0, "met_state", met, "reason", (json_int_t)view->reason,
		"verdict_text", bh_json_text(view->verdict_text), "captured_at",
		bh_json_time(say, view->captured_at), "recorded_at",
		bh_json_time(say, view->recorded_at), "acknowledged_at",
		bh_json_time(say, view->acknowledged_at), "id", id);
}

static void op_print(const bh_op_view *view)
{
	char text[BH_NUMBER_TEXT_SIZE];
	bh_number_format(view->case_number, text);
	(void)printf("%6llu  %-9s  %-12s  %-11s", (unsigned long long)view->sequence,
		view->verb_name, text, bh_op_verdict_name(view->verdict));
	if (view->verdict_text[0]) {
		(void)printf("  ");
		bh_text_print(view->verdict_text, 0, 0);
	}
	(void)printf("\n");
}

static int ops_run(const struct bh_handset *handset, uint32_t which)
{
	bh_error err = {0};
	bh_op_cursor *cursor = NULL;
	bh_op_view view = BH_OP_VIEW_INIT;
	bh_status status = bh_op_cursor_open(handset->client, which, &cursor, &err);
	while (status == BH_OK && (status = bh_op_cursor_next(cursor, &view, &err)) == BH_OK) {
		if (handset->say->json)
			bh_say_json(op_json(handset->say, &view));
		else
			op_print(&view);
	}
	bh_op_cursor_close(cursor);
	return status < 0 ? bh_handset_fault(handset, &err) : BH_EXIT_DONE;
}

int bh_verb_ops(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = ops_run(&handset, bh_words_flag(words, "refused") ? BH_OPS_REFUSED : BH_OPS_ALL);
	bh_handset_close(&handset);
	return status;
}

/* ---- types ---- */

static json_t *type_json(bh_type_cursor *cursor, const bh_type_view *view)
{
	json_t *conditions = json_array();
	for (uint32_t i = 0; i < view->conditions_count; i++) {
		uint32_t condition = 0;
		const char *label = NULL;
		if (bh_type_condition(cursor, i, &condition, &label, NULL) == BH_OK)
			(void)json_array_append_new(conditions,
				json_pack("{s:I, s:o}", "condition", (json_int_t)condition, "label",
					bh_json_text(label)));
	}
	return json_pack("{s:I, s:o, s:I, s:I, s:I, s:b, s:I, s:o}", "code", (json_int_t)view->code,
		"name", bh_json_text(view->name), "class", (json_int_t)view->event_class, "urgency",
		(json_int_t)view->urgency, "photos_min", (json_int_t)view->photos_min, "dispute",
		view->dispute != 0, "privacy", (json_int_t)view->privacy, "conditions", conditions);
}

static int types_run(const struct bh_handset *handset)
{
	bh_error err = {0};
	bh_type_cursor *cursor = NULL;
	bh_type_view view = BH_TYPE_VIEW_INIT;
	bh_status status = bh_type_cursor_open(handset->client, &cursor, &err);
	while (status == BH_OK && (status = bh_type_cursor_next(cursor, &view, &err)) == BH_OK) {
		if (handset->say->json) {
			bh_say_json(type_json(cursor, &view));
			continue;
		}
		(void)printf("%-8u", (unsigned)view.code);
		bh_text_print(view.name, 0, 0);
		(void)printf("\n");
	}
	bh_type_cursor_close(cursor);
	return status < 0 ? bh_handset_fault(handset, &err) : BH_EXIT_DONE;
}

int bh_verb_types(const struct bh_words *words)
{
	const struct bh_handset_mode mode = {0};
	struct bh_handset handset;
	int status = bh_handset_open(words, &mode, &handset);
	if (status)
		return status;
	status = types_run(&handset);
	bh_handset_close(&handset);
	return status;
}
