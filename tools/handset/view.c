/*
 * Names of fields are those of the interface to machines; what is not known is null there and left
 * out for people.  A text comes from somebody's handset, so a terminal gets no control character of
 * it.
 */
#include "tools/handset/view.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <utf8proc.h>

#include <bihuan_flow.h>

#include "tools/handset/moment.h"
#include "tools/handset/photo.h"

#define NUMBER_COLUMNS 12
#define STATE_COLUMNS 11
#define UNIT_COLUMNS 20

static const char *const verdict_names[] = {
	"waiting", "accepted", "stale", "rejected", "quarantined", "carried"};
static const char *const datum_names[] = {"", "wgs84", "gcj02", "bd09"};

const char *bh_op_verdict_name(int32_t verdict)
{
	size_t count = sizeof(verdict_names) / sizeof(verdict_names[0]);
	return verdict >= 0 && (size_t)verdict < count ? verdict_names[verdict] : "unknown";
}

static const char *datum_name(uint32_t datum)
{
	return datum < sizeof(datum_names) / sizeof(datum_names[0]) ? datum_names[datum] : "";
}

/* ---- For machines ---- */

json_t *bh_closure_json(const struct bh_say *say, const bh_closure_view *view)
{
	return json_pack("{s:I, s:s, s:b, s:o, s:o, s:o, s:b, s:b}", "cycle",
		(json_int_t)view->cycle, "kind", bh_case_state_name(view->kind, "en"), "automatic",
		view->automatic != 0, "closed_at", bh_json_time(say, view->closed_at), "result",
		bh_json_text(view->result), "unit", bh_json_text(view->unit_name), "delivered",
		view->delivered != 0, "seen", view->seen != 0);
}

static json_t *closures_json(
	const struct bh_say *say, bh_case_cursor *cursor, const bh_case_view *view)
{
	json_t *closures = json_array();
	for (uint32_t i = 0; i < view->closures_count; i++) {
		bh_closure_view closure = BH_CLOSURE_VIEW_INIT;
		if (bh_case_closure(cursor, i, &closure, NULL) == BH_OK)
			(void)json_array_append_new(closures, bh_closure_json(say, &closure));
	}
	return closures;
}

const char *bh_task_kind(int32_t kind)
{
	static const char *const names[] = {"unknown", "verify", "check", "help", "visit"};
	bool known = kind > 0 && (size_t)kind < sizeof(names) / sizeof(names[0]);
	return names[known ? kind : 0];
}

json_t *bh_task_json(const struct bh_say *say, const bh_task_view *view)
{
	int64_t left_ms = view->due_at - bh_moment_now_ms();
	return json_pack("{s:I, s:s, s:b, s:b, s:o, s:o, s:I, s:o}", "task", (json_int_t)view->task,
		"kind", bh_task_kind(view->kind), "own", view->own != 0, "answered",
		view->answered != 0, "made_at", bh_json_time(say, view->made_at), "due_at",
		bh_json_time(say, view->due_at), "left_s", (json_int_t)(left_ms / 1000), "text",
		bh_json_text(view->text));
}

static json_t *tasks_json(
	const struct bh_say *say, bh_case_cursor *cursor, const bh_case_view *view)
{
	json_t *tasks = json_array();
	for (uint32_t i = 0; i < view->tasks_count; i++) {
		bh_task_view task = BH_TASK_VIEW_INIT;
		if (bh_case_task(cursor, i, &task, NULL) == BH_OK)
			(void)json_array_append_new(tasks, bh_task_json(say, &task));
	}
	return tasks;
}

static void place_json(json_t *object, const bh_case_view *view)
{
	json_t *place = json_null();
	if (view->has_place)
		place = json_pack("{s:f, s:f, s:s}", "latitude", view->latitude_deg, "longitude",
			view->longitude_deg, "datum", datum_name(view->datum));
	(void)json_object_set_new(object, "place", place);
	(void)json_object_set_new(object, "grid", json_integer(view->grid));
}

json_t *bh_case_json(const struct bh_say *say, bh_case_cursor *cursor, const bh_case_view *view)
{
	char text[BH_NUMBER_TEXT_SIZE], id[BH_ID_TEXT_SIZE];
	bh_number_format(view->case_number, text);
	bh_id_format(&view->id, id);
	json_t *object = json_pack("{s:s, s:s, s:o, s:s, s:b, s:b, s:I, s:I, s:I, s:I}", "case",
		text, "number", text, "id", view->own ? json_string(id) : json_null(), "state",
		bh_case_state_name(view->state, "en"), "own", view->own != 0, "known",
		view->known != 0, "cycle", (json_int_t)view->cycle, "type", (json_int_t)view->type,
		"condition", (json_int_t)view->condition, "urgency", (json_int_t)view->urgency);
	json_t *more = json_pack("{s:s, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"verdict", bh_op_verdict_name(view->report_verdict), "correctable",
		view->correctable != 0, "verdict_text", bh_json_text(view->verdict_text), "text",
		bh_json_text(view->text), "unit", bh_json_text(view->unit_name), "unit_note",
		bh_json_text(view->unit_note), "captured_at", bh_json_time(say, view->captured_at),
		"received_at", bh_json_time(say, view->received_at), "dispatch_due_at",
		bh_json_time(say, view->dispatch_due_at), "sign_due_at",
		bh_json_time(say, view->sign_due_at), "disposal_due_at",
		bh_json_time(say, view->disposal_due_at));
	int32_t step = bh_case_step(view->state);
	int32_t stage = bh_case_stage(view->state);
	json_t *steps = json_pack("{s:o, s:s, s:o, s:s, s:s}", "step",
		step ? json_integer(step) : json_null(), "step_name", bh_case_step_name(step, "en"),
		"stage", stage ? json_integer(stage) : json_null(), "stage_name",
		bh_case_stage_name(stage, "en"), "words", bh_case_words(view->state, "en"));
	json_t *last = json_pack("{s:I, s:b, s:I, s:b, s:I, s:I, s:o, s:o, s:o}", "author",
		(json_int_t)view->author, "claimed", view->claimed != 0, "unsent",
		(json_int_t)view->unsent, "automatic", view->automatic != 0, "unseen_closures",
		(json_int_t)view->unseen_closures, "position", (json_int_t)view->position,
		"closures", closures_json(say, cursor, view), "photos",
		bh_photos_json(cursor, view), "tasks", tasks_json(say, cursor, view));
	(void)json_object_update(object, more);
	place_json(object, view);
	(void)json_object_update(object, last);
	(void)json_object_update(object, steps);
	json_decref(steps);
	json_decref(more);
	json_decref(last);
	return object;
}

/* ---- For people ---- */

static size_t terminal_columns(void)
{
	struct winsize size = {0};
	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}

void bh_text_print(const char *text, size_t columns_min, size_t columns_max)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
	size_t columns = 0;
	while (*at) {
		utf8proc_int32_t point;
		utf8proc_ssize_t len = utf8proc_iterate(at, -1, &point);
		bool plain = len > 0 && point >= 0x20 && !(point >= 0x7F && point < 0xA0);
		size_t width = plain ? (size_t)utf8proc_charwidth(point) : 1;
		if (columns_max > 0 && columns + width > columns_max)
			break;
		if (plain)
			(void)fwrite(at, 1, (size_t)len, stdout);
		else
			(void)fputc(' ', stdout);
		columns += width;
		at += len > 0 ? len : 1;
	}
	for (; columns < columns_min; columns++)
		(void)fputc(' ', stdout);
}

void bh_case_print_header(const struct bh_say *say)
{
	bh_text_print(say->chinese ? "编号" : "number", NUMBER_COLUMNS + 2, 0);
	bh_text_print(say->chinese ? "状态" : "state", STATE_COLUMNS + 2, 0);
	bh_text_print(say->chinese ? "单位" : "unit", UNIT_COLUMNS + 2, 0);
	(void)printf("%s\n", say->chinese ? "内容" : "text");
}

void bh_case_print(const struct bh_say *say, const bh_case_view *view)
{
	const size_t before = NUMBER_COLUMNS + STATE_COLUMNS + UNIT_COLUMNS + 6;
	char text[BH_NUMBER_TEXT_SIZE];
	size_t columns = terminal_columns();
	bh_number_format(view->case_number, text);
	bh_text_print(text[0] ? text : "-", NUMBER_COLUMNS, 0);
	(void)printf("  ");
	bh_text_print(
		bh_case_state_name(view->state, say->chinese ? "zh" : "en"), STATE_COLUMNS, 0);
	(void)printf("  ");
	bh_text_print(view->unit_name[0] ? view->unit_name : "-", UNIT_COLUMNS, 0);
	(void)printf("  ");
	bh_text_print(view->text, 0, columns > before ? columns - before : 0);
	(void)printf("\n");
}

static void line_print(const char *name, const char *text)
{
	if (!text[0])
		return;
	bh_text_print(name, 16, 0);
	bh_text_print(text, 0, 0);
	(void)printf("\n");
}

static void time_print(const struct bh_say *say, const char *name, bh_time_ms ms)
{
	char text[BH_MOMENT_TEXT_SIZE];
	if (ms == 0)
		return;
	bh_moment_format(ms, say->offset_min, text);
	line_print(name, text);
}

static void closure_print(const struct bh_say *say, const bh_closure_view *closure)
{
	time_print(say, "answered", closure->closed_at);
	line_print("  how", bh_case_state_name(closure->kind, say->chinese ? "zh" : "en"));
	line_print("  by", closure->unit_name);
	line_print("  result", closure->result);
}

void bh_case_print_page(const struct bh_say *say, bh_case_cursor *cursor, const bh_case_view *view)
{
	char text[BH_NUMBER_TEXT_SIZE], place[64] = "", author[32];
	bh_number_format(view->case_number, text);
	line_print("case", text);
	line_print("state", bh_case_state_name(view->state, say->chinese ? "zh" : "en"));
	if (view->own)
		line_print("verdict", bh_op_verdict_name(view->report_verdict));
	(void)snprintf(author, sizeof(author), "%u%s", (unsigned)view->author,
		view->claimed ? ", as claimed" : "");
	line_print("author", view->author ? author : "");
	line_print("why", view->verdict_text);
	line_print("text", view->text);
	line_print("unit", view->unit_name);
	line_print("note", view->unit_note);
	line_print(say->chinese ? "说明" : "meaning",
		bh_case_words(view->state, say->chinese ? "zh" : "en"));
	if (bh_case_step(view->state) != 0)
		line_print(say->chinese ? "步骤" : "step",
			bh_case_step_name(bh_case_step(view->state), say->chinese ? "zh" : "en"));
	if (bh_case_stage(view->state) != 0)
		line_print(say->chinese ? "城市流程" : "stage",
			bh_case_stage_name(bh_case_stage(view->state), say->chinese ? "zh" : "en"));
	if (view->has_place)
		(void)snprintf(place, sizeof(place), "%.6f, %.6f (%s)", view->latitude_deg,
			view->longitude_deg, datum_name(view->datum));
	line_print("place", place);
	time_print(say, "captured", view->captured_at);
	time_print(say, "received", view->received_at);
	time_print(say, "dispatch due", view->dispatch_due_at);
	time_print(say, "sign due", view->sign_due_at);
	time_print(say, "disposal due", view->disposal_due_at);
	bh_photos_print(cursor, view);
	for (uint32_t i = 0; i < view->closures_count; i++) {
		bh_closure_view closure = BH_CLOSURE_VIEW_INIT;
		if (bh_case_closure(cursor, i, &closure, NULL) == BH_OK)
			closure_print(say, &closure);
	}
}
