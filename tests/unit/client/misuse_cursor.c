/* The exports that show: cursors, what they stand on, photos. */
#include "tests/unit/client/misuse.h"

#define INVALID(call) assert_int_equal((call), BH_E_INVALID)

static bh_status right_case_open(struct misuse *m)
{
	bh_case_cursor *cursor = NULL;
	bh_status status = bh_case_cursor_open(m->client, &cursor, NULL);

	bh_case_cursor_close(cursor);
	return status;
}

static void nulls_case_open(struct misuse *m)
{
	bh_case_cursor *cursor = NULL;

	INVALID(bh_case_cursor_open(m->client, NULL, NULL));
	INVALID(bh_case_cursor_open(NULL, &cursor, NULL));
	assert_null(cursor);
}

static bh_status right_case_get(struct misuse *m)
{
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_case_cursor *cursor = NULL;
	bh_status status = bh_case_get(m->client, m->number, &cursor, &view, NULL);

	bh_case_cursor_close(cursor);
	return status;
}

static void nulls_case_get(struct misuse *m)
{
	bh_case_view view = BH_CASE_VIEW_INIT;
	bh_case_cursor *cursor = NULL;

	INVALID(bh_case_get(m->client, m->number, NULL, &view, NULL));
	INVALID(bh_case_get(m->client, m->number, &cursor, NULL, NULL));
	INVALID(bh_case_get(NULL, m->number, &cursor, &view, NULL));
	assert_null(cursor);
}

static bh_status right_case_next(struct misuse *m)
{
	bh_case_view view = BH_CASE_VIEW_INIT;

	return bh_case_cursor_next(m->cases, &view, NULL);
}

static void nulls_case_next(struct misuse *m)
{
	bh_case_view view = BH_CASE_VIEW_INIT;

	INVALID(bh_case_cursor_next(m->cases, NULL, NULL));
	INVALID(bh_case_cursor_next(NULL, &view, NULL));
}

static bh_status right_case_close(struct misuse *m)
{
	bh_case_cursor_close(m->cases);
	return MISUSE_NO_STATUS;
}

static bh_status right_op_close(struct misuse *m)
{
	bh_op_cursor_close(m->ops);
	return MISUSE_NO_STATUS;
}

static bh_status right_type_close(struct misuse *m)
{
	bh_type_cursor_close(m->types);
	return MISUSE_NO_STATUS;
}

static void nulls_cursors_close(struct misuse *m)
{
	(void)m;
	bh_case_cursor_close(NULL);
	bh_op_cursor_close(NULL);
	bh_type_cursor_close(NULL);
}

static bh_status right_closure(struct misuse *m)
{
	bh_closure_view view = BH_CLOSURE_VIEW_INIT;

	return bh_case_closure(m->cases, 0, &view, NULL);
}

static void nulls_closure(struct misuse *m)
{
	bh_closure_view view = BH_CLOSURE_VIEW_INIT;

	INVALID(bh_case_closure(m->cases, 0, NULL, NULL));
	INVALID(bh_case_closure(NULL, 0, &view, NULL));
}

static bh_status right_task(struct misuse *m)
{
	bh_task_view view = BH_TASK_VIEW_INIT;

	return bh_case_task(m->cases, 0, &view, NULL);
}

static void nulls_task(struct misuse *m)
{
	bh_task_view view = BH_TASK_VIEW_INIT;

	INVALID(bh_case_task(m->cases, 0, NULL, NULL));
	INVALID(bh_case_task(NULL, 0, &view, NULL));
}

static bh_status right_photo(struct misuse *m)
{
	bh_photo_view view = BH_PHOTO_VIEW_INIT;

	return bh_case_photo(m->cases, 0, &view, NULL);
}

static void nulls_photo(struct misuse *m)
{
	bh_photo_view view = BH_PHOTO_VIEW_INIT;

	INVALID(bh_case_photo(m->cases, 0, NULL, NULL));
	INVALID(bh_case_photo(NULL, 0, &view, NULL));
}

static bh_status right_read(struct misuse *m)
{
	static uint8_t data[1 << 20];
	size_t length;

	return bh_photo_read(m->client, m->hash, data, sizeof(data), &length, NULL);
}

static void nulls_read(struct misuse *m)
{
	uint8_t data[1];
	size_t length;

	INVALID(bh_photo_read(m->client, NULL, data, 1, &length, NULL));
	INVALID(bh_photo_read(m->client, m->hash, NULL, 1, &length, NULL));
	INVALID(bh_photo_read(m->client, m->hash, data, 1, NULL, NULL));
	INVALID(bh_photo_read(NULL, m->hash, data, 1, &length, NULL));
}

static bh_status right_fetch(struct misuse *m)
{
	return bh_photo_fetch(m->client, m->hash, NULL);
}

static void nulls_fetch(struct misuse *m)
{
	INVALID(bh_photo_fetch(m->client, NULL, NULL));
	INVALID(bh_photo_fetch(NULL, m->hash, NULL));
}

static bh_status right_free(struct misuse *m)
{
	uint64_t bytes;

	return bh_photo_free(m->client, 1, &bytes, NULL);
}

static void nulls_free(struct misuse *m)
{
	INVALID(bh_photo_free(NULL, 1, NULL, NULL));
	assert_int_equal(bh_photo_free(m->client, 1, NULL, NULL), BH_OK);
}

static bh_status right_op_open(struct misuse *m)
{
	bh_op_cursor *cursor = NULL;
	bh_status status = bh_op_cursor_open(m->client, BH_OPS_ALL, &cursor, NULL);

	bh_op_cursor_close(cursor);
	return status;
}

static void nulls_op_open(struct misuse *m)
{
	bh_op_cursor *cursor = NULL;

	INVALID(bh_op_cursor_open(m->client, BH_OPS_ALL, NULL, NULL));
	INVALID(bh_op_cursor_open(NULL, BH_OPS_ALL, &cursor, NULL));
	assert_null(cursor);
}

static bh_status right_op_next(struct misuse *m)
{
	bh_op_view view = BH_OP_VIEW_INIT;

	return bh_op_cursor_next(m->ops, &view, NULL);
}

static void nulls_op_next(struct misuse *m)
{
	bh_op_view view = BH_OP_VIEW_INIT;

	INVALID(bh_op_cursor_next(m->ops, NULL, NULL));
	INVALID(bh_op_cursor_next(NULL, &view, NULL));
}

static bh_status right_type_open(struct misuse *m)
{
	bh_type_cursor *cursor = NULL;
	bh_status status = bh_type_cursor_open(m->client, &cursor, NULL);

	bh_type_cursor_close(cursor);
	return status;
}

static void nulls_type_open(struct misuse *m)
{
	bh_type_cursor *cursor = NULL;

	INVALID(bh_type_cursor_open(m->client, NULL, NULL));
	INVALID(bh_type_cursor_open(NULL, &cursor, NULL));
	assert_null(cursor);
}

static bh_status right_type_next(struct misuse *m)
{
	bh_type_view view = BH_TYPE_VIEW_INIT;

	return bh_type_cursor_next(m->types, &view, NULL);
}

static void nulls_type_next(struct misuse *m)
{
	bh_type_view view = BH_TYPE_VIEW_INIT;

	INVALID(bh_type_cursor_next(m->types, NULL, NULL));
	INVALID(bh_type_cursor_next(NULL, &view, NULL));
}

static bh_status right_condition(struct misuse *m)
{
	const char *label;
	uint32_t condition;

	return bh_type_condition(m->types, 0, &condition, &label, NULL);
}

static void nulls_condition(struct misuse *m)
{
	const char *label;
	uint32_t condition;

	INVALID(bh_type_condition(m->types, 0, NULL, &label, NULL));
	INVALID(bh_type_condition(m->types, 0, &condition, NULL, NULL));
	INVALID(bh_type_condition(NULL, 0, &condition, &label, NULL));
}

const struct misuse_export misuse_cursors[] = {
	{"bh_case_cursor_open", MISUSE_CLIENT, right_case_open, nulls_case_open},
	{"bh_case_get", MISUSE_CLIENT, right_case_get, nulls_case_get},
	{"bh_case_closure", MISUSE_CURSOR, right_closure, nulls_closure},
	{"bh_case_task", MISUSE_CURSOR, right_task, nulls_task},
	{"bh_case_photo", MISUSE_CURSOR, right_photo, nulls_photo},
	{"bh_case_cursor_next", MISUSE_CURSOR, right_case_next, nulls_case_next},
	{"bh_photo_read", MISUSE_CLIENT, right_read, nulls_read},
	{"bh_photo_fetch", MISUSE_CLIENT, right_fetch, nulls_fetch},
	{"bh_photo_free", MISUSE_CLIENT, right_free, nulls_free},
	{"bh_op_cursor_open", MISUSE_CLIENT, right_op_open, nulls_op_open},
	{"bh_op_cursor_next", MISUSE_CURSOR, right_op_next, nulls_op_next},
	{"bh_type_cursor_open", MISUSE_CLIENT, right_type_open, nulls_type_open},
	{"bh_type_condition", MISUSE_CURSOR, right_condition, nulls_condition},
	{"bh_type_cursor_next", MISUSE_CURSOR, right_type_next, nulls_type_next},
	{"bh_case_cursor_close", MISUSE_CLOSES, right_case_close, nulls_cursors_close},
	{"bh_op_cursor_close", MISUSE_CLOSES, right_op_close, nulls_cursors_close},
	{"bh_type_cursor_close", MISUSE_CLOSES, right_type_close, nulls_cursors_close},
};
const size_t misuse_cursors_count = sizeof(misuse_cursors) / sizeof(misuse_cursors[0]);
