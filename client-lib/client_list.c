/* What was recorded here, and the catalogue. */
#include <stdlib.h>
#include <string.h>

#include "client-lib/client_state.h"
#include "proto/caseflow.h"

_Static_assert(BH_OPS_WAITING == (unsigned)BH_WHICH_WAITING &&
		       BH_OPS_REFUSED == (unsigned)BH_WHICH_REFUSED,
	"which ops");

/* ---- Ops --------------------------------------------------------------------------------- */

struct bh_op_cursor {
	bh_client *client;
	enum bh_ops_which which;
	uint64_t below; /* the last seq given; 0: none yet */
	bool ended;
	struct bh_arena arena;
};

bh_status bh_op_cursor_open(bh_client *client, uint32_t which, bh_op_cursor **out, bh_error *err)
{
	bh_status status = bh_enter(client, err);

	if (status == BH_OK && (!out || which > BH_OPS_REFUSED))
		status = bh_fail(err, BH_E_INVALID, "ops: out is NULL or which is unknown");
	if (status != BH_OK)
		return status;
	bh_op_cursor *cursor = calloc(1, sizeof(*cursor));

	if (!cursor)
		return bh_fail(err, BH_E_NOMEM, "ops: no memory");
	cursor->client = bh_client_hold(client);
	cursor->which = (enum bh_ops_which)which;
	cursor->arena = BH_ARENA(BH_VIEW_ARENA_BYTES_MAX);
	*out = cursor;
	return BH_OK;
}

static void op_view(struct bh_texts *texts, const struct bh_op_row *row, bh_op_view *view)
{
	*view = (bh_op_view){.verdict = (int32_t)row->verdict,
		.sequence = row->seq,
		.case_number = row->number,
		.verb = (int32_t)row->header.verb,
		.correctable = row->correctable,
		.met_state = row->met_state,
		.reason = row->code,
		.captured_at = row->header.captured_ms,
		.recorded_at = row->recorded_ms,
		.acknowledged_at = row->acked_ms,
		.verdict_text = bh_text_of(texts, row->sentence),
		.verb_name = bh_verb_name((enum bh_verb)row->header.verb),
		.author = row->header.author,
		.claimed = row->header.claimed};
	memcpy(view->id.bytes, row->id, sizeof(view->id.bytes));
}

bh_status bh_op_cursor_next(bh_op_cursor *cursor, bh_op_view *view, bh_error *err)
{
	struct bh_texts texts = {cursor ? &cursor->arena : NULL, 0};
	struct bh_op_row row;
	bh_op_view own;
	bh_status status = cursor ? bh_enter(cursor->client, err)
				  : bh_fail(err, BH_E_INVALID, "cursor is NULL");

	if (status == BH_OK)
		status = bh_struct_check(view, "op view", err);
	if (status != BH_OK || cursor->ended)
		return status != BH_OK ? status : BH_DONE;
	bh_arena_reset(&cursor->arena);
	bh_worker_lock(cursor->client->worker);
	int rc = bh_local_op_below(
		cursor->client->local, cursor->below, cursor->which, &cursor->arena, &row);

	if (rc != 0 && rc != BH_ERR_NOT_FOUND)
		status = bh_fail_rc(err, cursor->client, rc, "ops");
	bh_worker_unlock(cursor->client->worker);
	if (rc == BH_ERR_NOT_FOUND) {
		cursor->ended = true;
		return BH_DONE;
	}
	if (rc != 0)
		return status;
	/* Nothing lies below the first op. */
	cursor->below = row.seq;
	cursor->ended = row.seq == 1;
	op_view(&texts, &row, &own);
	if (texts.rc != 0)
		return bh_fail_rc(err, cursor->client, texts.rc, "ops");
	bh_struct_give(&own, sizeof(own), view);
	return BH_OK;
}

void bh_op_cursor_close(bh_op_cursor *cursor)
{
	if (!cursor || bh_enter(cursor->client, NULL) == BH_E_REENTRANT)
		return;
	bh_client_release(cursor->client);
	bh_arena_free(&cursor->arena);
	free(cursor);
}

/* ---- Types ------------------------------------------------------------------------------- */

struct bh_type_cursor {
	bh_client *client;
	struct bh_arena arena;
	struct bh_msg_district district;
	size_t next;
};

bh_status bh_type_cursor_open(bh_client *client, bh_type_cursor **out, bh_error *err)
{
	bh_status status = bh_enter(client, err);

	if (status == BH_OK && !out)
		status = bh_fail(err, BH_E_INVALID, "out is NULL");
	if (status != BH_OK)
		return status;
	bh_type_cursor *cursor = calloc(1, sizeof(*cursor));

	if (!cursor)
		return bh_fail(err, BH_E_NOMEM, "types: no memory");
	cursor->client = bh_client_hold(client);
	cursor->arena = BH_ARENA(BH_TYPES_ARENA_BYTES_MAX);
	bh_worker_lock(client->worker);
	int rc = bh_local_district_read(client->local, &cursor->arena, &cursor->district);

	if (rc != 0 && rc != BH_ERR_NOT_FOUND)
		status = bh_fail_rc(err, client, rc, "types");
	bh_worker_unlock(client->worker);
	if (status != BH_OK) {
		bh_type_cursor_close(cursor);
		return status;
	}
	*out = cursor;
	return BH_OK;
}

bh_status bh_type_cursor_next(bh_type_cursor *cursor, bh_type_view *view, bh_error *err)
{
	struct bh_texts texts = {cursor ? &cursor->arena : NULL, 0};
	bh_status status = cursor ? bh_enter(cursor->client, err)
				  : bh_fail(err, BH_E_INVALID, "cursor is NULL");

	if (status == BH_OK)
		status = bh_struct_check(view, "type view", err);
	if (status != BH_OK)
		return status;
	if (cursor->next >= cursor->district.types_count)
		return BH_DONE;
	const struct bh_msg_catalogue_type *type = &cursor->district.types[cursor->next++];
	const bh_type_view own = {.code = type->code,
		.name = bh_text_of(&texts, type->name),
		.event_class = type->class,
		.urgency = type->urgency,
		.conditions_count = (uint32_t)type->conditions_count,
		.photos_min = type->photos_min,
		.dispute = type->dispute,
		.privacy = type->privacy};

	if (texts.rc != 0)
		return bh_fail_rc(err, cursor->client, texts.rc, "types");
	bh_struct_give(&own, sizeof(own), view);
	return BH_OK;
}

bh_status bh_type_condition(bh_type_cursor *cursor, uint32_t index, uint32_t *condition,
	const char **label, bh_error *err)
{
	struct bh_texts texts = {cursor ? &cursor->arena : NULL, 0};
	bh_status status = cursor ? bh_enter(cursor->client, err)
				  : bh_fail(err, BH_E_INVALID, "cursor is NULL");

	if (status == BH_OK && (!condition || !label))
		status = bh_fail(err, BH_E_INVALID, "condition or label is NULL");
	if (status != BH_OK)
		return status;
	if (cursor->next == 0 || cursor->next > cursor->district.types_count)
		return bh_fail(err, BH_E_NOT_FOUND, "condition: the cursor stands on no type");
	const struct bh_msg_catalogue_type *type = &cursor->district.types[cursor->next - 1];

	if (index >= type->conditions_count)
		return bh_fail(err, BH_E_NOT_FOUND, "condition: no such condition");
	const char *text = bh_text_of(&texts, type->conditions[index].label);

	if (texts.rc != 0)
		return bh_fail_rc(err, cursor->client, texts.rc, "condition");
	*condition = type->conditions[index].id;
	*label = text;
	return BH_OK;
}

void bh_type_cursor_close(bh_type_cursor *cursor)
{
	if (!cursor || bh_enter(cursor->client, NULL) == BH_E_REENTRANT)
		return;
	bh_client_release(cursor->client);
	bh_arena_free(&cursor->arena);
	free(cursor);
}
