/* Cases as an application shows them: a list settled at its opening, each read when it is come to.
 */
#include <stdlib.h>
#include <string.h>

#include "client-lib/client_photo.h"
#include "proto/caseflow.h"
#include "proto/datum.h"
#include "proto/limits.h"
#include "proto/verdict.h"

_Static_assert(BH_OP_CARRIED == (int)BH_VERDICT_CARRIED && BH_OP_WAITING == (int)BH_VERDICT_NONE,
	"verdicts");

struct bh_case_cursor {
	bh_client *client;
	struct bh_case_key *keys;
	size_t count;
	size_t next;
	struct bh_arena arena; /* of the present case's strings */
	struct bh_case_row row;
	const char *results[BH_CLOSURES_MAX]; /* of the row's closures, as strings */
	const char *units[BH_CLOSURES_MAX];
	const char *asks[BH_RECORD_TASKS_MAX]; /* of the row's tasks, likewise */
	bool stands;                           /* on row */
	struct bh_photo_row photos[BH_CASE_PHOTOS_MAX];
	size_t photos_count;
};

static double degrees_of(int32_t e7)
{
	return (double)e7 / 1e7;
}

static void view_record(
	struct bh_texts *texts, const struct bh_msg_record *record, bh_case_view *view)
{
	view->known = 1;
	view->state = (int32_t)record->state;
	view->cycle = record->cycle;
	view->type = record->type;
	view->condition = record->condition;
	view->urgency = record->urgency;
	view->text = bh_text_of(texts, record->text);
	view->unit_name = bh_text_of(texts, record->unit_name);
	view->unit_note = bh_text_of(texts, record->unit_note);
	view->received_at = record->received_ms;
	view->dispatch_due_at = record->dispatch_due_ms;
	view->sign_due_at = record->sign_due_ms;
	view->disposal_due_at = record->disposal_due_ms;
	view->automatic = record->automatic;
	view->has_place = record->has_place;
	view->datum = record->has_place ? BH_PLACE_WGS84 : 0;
	view->latitude_deg = degrees_of(record->latitude_e7);
	view->longitude_deg = degrees_of(record->longitude_e7);
	view->grid = record->grid;
	view->position = record->position;
}

static void view_own(struct bh_texts *texts, const struct bh_case_row *row, bh_case_view *view)
{
	view->own = 1;
	view->captured_at = row->header.captured_ms;
	view->report_verdict = (int32_t)row->verdict;
	view->correctable = row->correctable;
	view->author = row->header.author;
	view->claimed = row->header.claimed;
	view->verdict_text = bh_text_of(texts, row->sentence);
	memcpy(view->id.bytes, row->id, sizeof(view->id.bytes));
	if (!row->known) {
		/* The verdict is all that is told of a case on which nobody acted yet. */
		view->state = row->verdict == BH_VERDICT_ACCEPTED ? BH_CASE_RECEIVED
								  : BH_CASE_OUTBOX;
		view->type = row->header.type;
		view->condition = row->header.condition;
		view->urgency = row->header.urgency;
		view->received_at = row->acked_ms;
		view->dispatch_due_at = row->dispatch_due_ms;
	}
	/* The server does not send back what this handset told it. */
	if (view->text[0] == '\0')
		view->text = bh_text_of(texts, row->content.text);
	if (view->has_place)
		return;
	view->has_place = row->content.has_place;
	view->datum = row->content.has_place ? row->content.datum : 0;
	view->latitude_deg = degrees_of(row->content.latitude_e7);
	view->longitude_deg = degrees_of(row->content.longitude_e7);
}

/* The codec takes no more of one record. */
static size_t closures_count(const bh_case_cursor *cursor)
{
	size_t count = cursor->row.known ? cursor->row.record.closures_count : 0;

	return count < BH_CLOSURES_MAX ? count : BH_CLOSURES_MAX;
}

static size_t tasks_count(const bh_case_cursor *cursor)
{
	size_t count = cursor->row.known ? cursor->row.record.tasks_count : 0;

	return count < BH_RECORD_TASKS_MAX ? count : BH_RECORD_TASKS_MAX;
}

static int view_unseen(bh_case_cursor *cursor, bh_case_view *view)
{
	const struct bh_msg_record *record = &cursor->row.record;

	for (size_t i = 0; i < closures_count(cursor); i++) {
		bool delivered, seen;
		int rc = bh_local_receipts(cursor->client->local, record->case_number,
			record->closures[i].cycle, &delivered, &seen);

		if (rc != 0)
			return rc;
		view->unseen_closures += delivered && !seen;
	}
	return 0;
}

/* Reads the key's case under the lock; BH_ERR_NOT_FOUND when it has gone since. */
static int cursor_read(bh_case_cursor *cursor, struct bh_case_key key, bh_case_view *view)
{
	bh_client *client = cursor->client;
	struct bh_texts texts = {&cursor->arena, 0};

	bh_arena_reset(&cursor->arena);
	cursor->stands = false;
	bh_worker_lock(client->worker);
	int rc = bh_local_case(client->local, key, &cursor->arena, &cursor->row);

	*view = (bh_case_view){.report_verdict = BH_OP_ACCEPTED,
		.verdict_text = "",
		.text = "",
		.unit_name = "",
		.unit_note = ""};
	if (rc == 0)
		rc = view_unseen(cursor, view);
	if (rc == 0)
		rc = bh_local_photos(client->local, &cursor->row, cursor->photos,
			BH_CASE_PHOTOS_MAX, &cursor->photos_count);
	bh_worker_unlock(client->worker);
	if (rc != 0)
		return rc;
	view->case_number = cursor->row.key.number;
	view->unsent = cursor->row.waiting;
	view->closures_count = (uint32_t)closures_count(cursor);
	view->photos_count = (uint32_t)cursor->photos_count;
	view->tasks_count = (uint32_t)tasks_count(cursor);
	if (cursor->row.known)
		view_record(&texts, &cursor->row.record, view);
	if (cursor->row.own)
		view_own(&texts, &cursor->row, view);
	for (size_t i = 0; i < closures_count(cursor); i++) {
		cursor->results[i] = bh_text_of(&texts, cursor->row.record.closures[i].result);
		cursor->units[i] = bh_text_of(&texts, cursor->row.record.closures[i].unit_name);
	}
	for (size_t i = 0; i < tasks_count(cursor); i++)
		cursor->asks[i] = bh_text_of(&texts, cursor->row.record.tasks[i].text);
	cursor->stands = texts.rc == 0;
	return texts.rc;
}

static bh_case_cursor *cursor_new(bh_client *client)
{
	bh_case_cursor *cursor = calloc(1, sizeof(*cursor));

	if (cursor) {
		cursor->client = bh_client_hold(client);
		cursor->arena = BH_ARENA(BH_VIEW_ARENA_BYTES_MAX);
	}
	return cursor;
}

bh_client *bh_case_cursor_client(const bh_case_cursor *cursor)
{
	return cursor->client;
}

const struct bh_case_row *bh_case_cursor_row(const bh_case_cursor *cursor)
{
	return cursor->stands ? &cursor->row : NULL;
}

bh_status bh_case_cursor_open(bh_client *client, bh_case_cursor **out, bh_error *err)
{
	bh_status status = bh_enter(client, err);

	if (status == BH_OK && !out)
		status = bh_fail(err, BH_E_INVALID, "out is NULL");
	if (status != BH_OK)
		return status;
	bh_case_cursor *cursor = cursor_new(client);

	if (!cursor)
		return bh_fail(err, BH_E_NOMEM, "cases: no memory");
	bh_worker_lock(client->worker);
	int rc = bh_local_cases(client->local, &cursor->keys, &cursor->count);

	if (rc != 0)
		status = bh_fail_rc(err, client, rc, "cases");
	bh_worker_unlock(client->worker);
	if (rc != 0) {
		bh_case_cursor_close(cursor);
		return status;
	}
	*out = cursor;
	return BH_OK;
}

bh_status bh_case_get(bh_client *client, uint64_t case_number, bh_case_cursor **out,
	bh_case_view *view, bh_error *err)
{
	bh_case_view own;
	bh_status status = bh_enter(client, err);

	if (status == BH_OK && !out)
		status = bh_fail(err, BH_E_INVALID, "out is NULL");
	if (status == BH_OK)
		status = bh_struct_check(view, "case view", err);
	if (status != BH_OK)
		return status;
	bh_case_cursor *cursor = cursor_new(client);

	if (!cursor)
		return bh_fail(err, BH_E_NOMEM, "case: no memory");
	int rc = case_number == 0 ? BH_ERR_NOT_FOUND
				  : cursor_read(cursor, (struct bh_case_key){case_number, 0}, &own);

	if (rc != 0) {
		bh_case_cursor_close(cursor);
		return rc == BH_ERR_NOT_FOUND
			       ? bh_fail(err, BH_E_NOT_FOUND, "case: no such case on this handset")
			       : bh_fail_rc(err, client, rc, "case");
	}
	bh_struct_give(&own, sizeof(own), view);
	*out = cursor;
	return BH_OK;
}

bh_status bh_case_cursor_next(bh_case_cursor *cursor, bh_case_view *view, bh_error *err)
{
	bh_case_view own;
	bh_status status = cursor ? bh_enter(cursor->client, err)
				  : bh_fail(err, BH_E_INVALID, "cursor is NULL");

	if (status == BH_OK)
		status = bh_struct_check(view, "case view", err);
	if (status != BH_OK)
		return status;
	while (cursor->next < cursor->count) {
		int rc = cursor_read(cursor, cursor->keys[cursor->next++], &own);

		if (rc == BH_ERR_NOT_FOUND)
			continue;
		if (rc != 0)
			return bh_fail_rc(err, cursor->client, rc, "cases");
		bh_struct_give(&own, sizeof(own), view);
		return BH_OK;
	}
	return BH_DONE;
}

void bh_case_cursor_close(bh_case_cursor *cursor)
{
	if (!cursor || bh_enter(cursor->client, NULL) == BH_E_REENTRANT)
		return;
	bh_client_release(cursor->client);
	bh_arena_free(&cursor->arena);
	free(cursor->keys);
	free(cursor);
}

bh_status bh_case_closure(
	bh_case_cursor *cursor, uint32_t index, bh_closure_view *out, bh_error *err)
{
	bool delivered = false, seen = false;
	bh_status status = cursor ? bh_enter(cursor->client, err)
				  : bh_fail(err, BH_E_INVALID, "cursor is NULL");

	if (status == BH_OK)
		status = bh_struct_check(out, "closure view", err);
	if (status != BH_OK)
		return status;
	if (!cursor->stands || index >= closures_count(cursor))
		return bh_fail(err, BH_E_NOT_FOUND, "closure: no such closure");
	const struct bh_msg_closure *closure = &cursor->row.record.closures[index];

	bh_worker_lock(cursor->client->worker);
	int rc = bh_local_receipts(cursor->client->local, cursor->row.record.case_number,
		closure->cycle, &delivered, &seen);

	if (rc != 0)
		status = bh_fail_rc(err, cursor->client, rc, "closure");
	bh_worker_unlock(cursor->client->worker);
	if (rc != 0)
		return status;
	const bh_closure_view view = {.cycle = closure->cycle,
		.kind = (int32_t)closure->kind,
		.automatic = closure->automatic,
		.closed_at = closure->closed_ms,
		.result = cursor->results[index],
		.unit_name = cursor->units[index],
		.delivered = delivered,
		.seen = seen};

	bh_struct_give(&view, sizeof(view), out);
	return BH_OK;
}

/* Whose it is, and whether it is answered; under the lock. */
static int task_stand(bh_client *client, uint64_t number, const struct bh_msg_record_task *task,
	bh_task_view *view)
{
	struct bh_arena arena = BH_ARENA(BH_TYPES_ARENA_BYTES_MAX);
	struct bh_msg_district district;
	struct bh_waiting_act acts[BH_WAITING_MAX];
	size_t count = 0;
	int rc = bh_local_district_read(client->local, &arena, &district);

	if (rc == 0)
		rc = bh_local_waiting(client->local, number, acts, BH_WAITING_MAX, &count);
	if (rc == 0)
		view->own = bh_task_is_own(&district, task);
	for (size_t i = 0; rc == 0 && i < count; i++)
		view->answered |= acts[i].task == task->ordinal;
	bh_arena_free(&arena);
	return rc;
}

bh_status bh_case_task(bh_case_cursor *cursor, uint32_t index, bh_task_view *out, bh_error *err)
{
	bh_status status = cursor ? bh_enter(cursor->client, err)
				  : bh_fail(err, BH_E_INVALID, "cursor is NULL");

	if (status == BH_OK)
		status = bh_struct_check(out, "task view", err);
	if (status != BH_OK)
		return status;
	if (!cursor->stands || index >= tasks_count(cursor))
		return bh_fail(err, BH_E_NOT_FOUND, "task: no such task");
	const struct bh_msg_record_task *task = &cursor->row.record.tasks[index];
	bh_task_view view = {.task = task->ordinal,
		.kind = (int32_t)task->kind,
		.made_at = task->made_ms,
		.due_at = task->due_ms,
		.text = cursor->asks[index]};

	bh_worker_lock(cursor->client->worker);
	int rc = task_stand(cursor->client, cursor->row.record.case_number, task, &view);

	if (rc != 0)
		status = bh_fail_rc(err, cursor->client, rc, "task");
	bh_worker_unlock(cursor->client->worker);
	if (rc == 0)
		bh_struct_give(&view, sizeof(view), out);
	return status;
}

bh_status bh_case_photo(bh_case_cursor *cursor, uint32_t index, bh_photo_view *out, bh_error *err)
{
	bh_status status = cursor ? bh_enter(cursor->client, err)
				  : bh_fail(err, BH_E_INVALID, "cursor is NULL");

	if (status == BH_OK)
		status = bh_struct_check(out, "photo view", err);
	if (status != BH_OK)
		return status;
	if (!cursor->stands || index >= cursor->photos_count)
		return bh_fail(err, BH_E_NOT_FOUND, "photo: no such photo");
	bh_worker_lock(cursor->client->worker);
	const bh_photo_view view = bh_photo_view_of(cursor->client, &cursor->photos[index]);
	bh_worker_unlock(cursor->client->worker);
	bh_struct_give(&view, sizeof(view), out);
	return BH_OK;
}
