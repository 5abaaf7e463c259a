/* What every exported function answers to a host that breaks the contract: from inside a callback,
 * after the end, with NULL, with structs of sizes that cannot be, with texts that are none. */
#include "tests/unit/client/misuse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM 4096u /* the largest struct_size that there is */
#define CANARY 0xa5

static const char *exports_path;

/* ---- The table is the list ---- */

static char exported[200][64];
static size_t exported_count;

static void strike(struct misuse *m, const struct misuse_export *one)
{
	(void)m;
	for (size_t i = 0; i < exported_count; i++) {
		if (strcmp(exported[i], one->name) != 0)
			continue;
		exported[i][0] = '\0';
		return;
	}
	fail_msg("%s is not exported, or twice in the table", one->name);
}

static void test_misuse__the_table_has_every_export_once(void **state)
{
	FILE *list = fopen(exports_path, "r");

	assert_non_null(list);
	while (exported_count < 200 && fscanf(list, "%63s", exported[exported_count]) == 1)
		exported_count++;
	(void)fclose(list);
	assert_in_range(exported_count, 30, 199);
	misuse_each(*state, strike);
	for (size_t i = 0; i < exported_count; i++)
		assert_string_equal(exported[i], "");
}

/* ---- NULL ---- */

static void try_nulls(struct misuse *m, const struct misuse_export *one)
{
	if (one->nulls)
		one->nulls(m);
}

static void test_misuse__null_is_named_and_not_followed(void **state)
{
	struct misuse *m = *state;
	bh_status_view before = world_status(m->world);

	misuse_each(m, try_nulls);
	bh_status_view after = world_status(m->world);

	assert_int_equal(after.unsent_ops, before.unsent_ops);
	assert_int_equal(after.open_cursors, 3);
}

/* ---- From inside a callback ---- */

static unsigned called[3];

static void try_inside(struct misuse *m, const struct misuse_export *one)
{
	bh_status wanted = one->kind == MISUSE_PURE ? BH_OK
			   : one->kind == MISUSE_SILENT || one->kind == MISUSE_CLOSES
				   ? MISUSE_NO_STATUS
				   : BH_E_REENTRANT;
	bh_status got = one->right(m);

	if (got != wanted)
		fail_msg("%s answered %s", one->name, bh_status_name(got));
}

static void inside(struct misuse *m, const char *callback)
{
	called[0] += strcmp(callback, "wake") == 0;
	called[1] += strcmp(callback, "log") == 0;
	called[2] += strcmp(callback, "sign") == 0;
	misuse_each(m, try_inside);
}

static void test_misuse__a_call_from_inside_a_callback_is_refused_and_does_nothing(void **state)
{
	struct misuse *m = *state;
	struct world *w = m->world;

	bh_client_set_suspended(m->client, true);
	assert_int_equal(world_run(w, 20000), BH_DONE);
	world_report(w, "y");
	bh_client_set_suspended(m->client, false);
	m->inside = inside;
	assert_int_equal(world_run(w, 20000), BH_DONE);
	m->inside = NULL;
	for (size_t i = 0; i < 3; i++)
		assert_true(called[i] > 0);
	bh_status_view view = world_status(w);

	/* Not suspended, not closed, nothing recorded, no cursor closed. */
	assert_int_equal(view.cause, BH_CAUSE_NONE);
	assert_int_equal(view.unsent_ops, 0);
	assert_int_equal(view.open_cursors, 3);
	assert_int_equal(autoserver_counts(w->server).seen, 0);
}

/* ---- Two at once ---- */

static bh_status both[2];

static void *other_thread(void *context)
{
	struct misuse *m = context;

	both[0] = bh_client_run_until(m->client, INT64_MAX, NULL);
	both[1] = bh_client_sync_now(m->client, NULL);
	return NULL;
}

static void drive_twice(struct misuse *m, const char *callback)
{
	pthread_t thread;

	(void)callback;
	m->inside = NULL;
	assert_int_equal(pthread_create(&thread, NULL, other_thread, m), 0);
	pthread_join(thread, NULL);
}

static void test_misuse__one_thread_drives_and_any_other_may_call(void **state)
{
	struct misuse *m = *state;

	both[0] = both[1] = BH_DONE;
	world_report(m->world, "y");
	m->inside = drive_twice;
	assert_int_equal(world_run(m->world, 20000), BH_DONE);
	assert_null(m->inside);
	assert_int_equal(both[0], BH_E_BUSY);
	assert_int_equal(both[1], BH_OK);
}

/* ---- After the end ---- */

static void try_closed(struct misuse *m, const struct misuse_export *one)
{
	bh_status wanted = one->kind == MISUSE_PURE ? BH_OK : BH_E_CLOSED;

	if (one->kind == MISUSE_SILENT || one->kind == MISUSE_CLOSES)
		return;
	bh_status got = one->right(m);

	if (got != wanted)
		fail_msg("%s answered %s", one->name, bh_status_name(got));
}

/* What outlives its client keeps a shell of it, by which a call is still recognised. */
static void test_misuse__a_cursor_that_outlives_its_client_says_closed(void **state)
{
	struct misuse *m = *state;

	assert_int_equal(world_status(m->world).open_cursors, 3);
	bh_client_close(m->client);
	m->world->client = NULL;
	misuse_each(m, try_closed);
	bh_client_close(m->client); /* once more: nothing is left to close */
	bh_client_set_suspended(m->client, true);
	bh_client_set_reachable(m->client, false);
	bh_client_hint(m->client);
	misuse_cursors_close(m);
}

static void test_misuse__open_cursors_are_counted(void **state)
{
	struct misuse *m = *state;
	bh_case_cursor *cursor;

	assert_int_equal(bh_case_cursor_open(m->client, &cursor, NULL), BH_OK);
	assert_int_equal(world_status(m->world).open_cursors, 4);
	bh_case_cursor_close(cursor);
	assert_int_equal(world_status(m->world).open_cursors, 3);
	misuse_cursors_close(m);
	assert_int_equal(world_status(m->world).open_cursors, 0);
}

/* ---- Sizes ---- */

static bh_status give_status(struct misuse *m, void *view)
{
	return bh_client_status(m->client, view, NULL);
}

static bh_status give_event(struct misuse *m, void *view)
{
	world_report(m->world, "y");
	bh_client_set_suspended(m->client, true);
	(void)world_run(m->world, 20000);
	bh_client_set_suspended(m->client, false);
	(void)world_run(m->world, 20000);
	return bh_client_next_event(m->client, view, NULL);
}

static bh_status give_case(struct misuse *m, void *view)
{
	bh_case_cursor *cursor = NULL;
	bh_status status = bh_case_get(m->client, m->number, &cursor, view, NULL);

	bh_case_cursor_close(cursor);
	return status;
}

static bh_status give_next_case(struct misuse *m, void *view)
{
	bh_case_cursor *cursor = NULL;

	assert_int_equal(bh_case_cursor_open(m->client, &cursor, NULL), BH_OK);
	bh_status status = bh_case_cursor_next(cursor, view, NULL);

	bh_case_cursor_close(cursor);
	return status;
}

static bh_status give_closure(struct misuse *m, void *view)
{
	return bh_case_closure(m->cases, 0, view, NULL);
}

static bh_status give_photo(struct misuse *m, void *view)
{
	return bh_case_photo(m->cases, 0, view, NULL);
}

static bh_status give_op(struct misuse *m, void *view)
{
	bh_op_cursor *cursor = NULL;

	assert_int_equal(bh_op_cursor_open(m->client, BH_OPS_ALL, &cursor, NULL), BH_OK);
	bh_status status = bh_op_cursor_next(cursor, view, NULL);

	bh_op_cursor_close(cursor);
	return status;
}

static bh_status give_type(struct misuse *m, void *view)
{
	bh_type_cursor *cursor = NULL;

	assert_int_equal(bh_type_cursor_open(m->client, &cursor, NULL), BH_OK);
	bh_status status = bh_type_cursor_next(cursor, view, NULL);

	bh_type_cursor_close(cursor);
	return status;
}

static bh_status give_author(struct misuse *m, void *view)
{
	return bh_author_get(m->client, 0, view, NULL);
}

static bh_status give_ref(struct misuse *m, void *view)
{
	bh_report_input input = BH_REPORT_INPUT_INIT;

	input.text = "x";
	return bh_report_record(m->client, &input, view, NULL);
}

/* The first time it is taken as cargo, then as the same once more. */
static bh_status give_bundle(struct misuse *m, void *view)
{
	static const uint8_t bundle[8192] = "bhbundl1";
	char path[] = "/tmp/bh-misuse-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0 && write(fd, bundle, sizeof(bundle)) == (ssize_t)sizeof(bundle));
	assert_int_equal(close(fd), 0);
	bh_status status = bh_bundle_import(m->client, path, view, NULL);

	assert_int_equal(unlink(path), 0);
	return status;
}

static bh_status give_cargo(struct misuse *m, void *view)
{
	uint32_t place = 0;
	bh_bundle_view taken = BH_BUNDLE_VIEW_INIT;

	assert_int_equal(give_bundle(m, &taken), BH_OK);
	return bh_bundle_cargo(m->client, &place, NULL, view, NULL);
}

static bh_status give_task(struct misuse *m, void *view)
{
	return bh_case_task(m->cases, 0, view, NULL);
}

static const struct {
	const char *name;
	bh_status (*give)(struct misuse *m, void *view);
	size_t size;
} views[] = {
	{"status view", give_status, sizeof(bh_status_view)},
	{"event", give_event, sizeof(bh_event)},
	{"case view", give_case, sizeof(bh_case_view)},
	{"case view of a cursor", give_next_case, sizeof(bh_case_view)},
	{"closure view", give_closure, sizeof(bh_closure_view)},
	{"task view", give_task, sizeof(bh_task_view)},
	{"photo view", give_photo, sizeof(bh_photo_view)},
	{"op view", give_op, sizeof(bh_op_view)},
	{"type view", give_type, sizeof(bh_type_view)},
	{"author view", give_author, sizeof(bh_author_view)},
	{"report ref", give_ref, sizeof(bh_report_ref)},
	{"bundle view", give_bundle, sizeof(bh_bundle_view)},
	{"bundle view of cargo", give_cargo, sizeof(bh_bundle_view)},
};

/* Calls with a view of a stated size in a room of its own; fails where it is written beyond. */
static bh_status view_of_size(struct misuse *m, size_t which, uint32_t size, size_t written_max)
{
	static uint8_t room[ROOM + 64];

	memset(room, CANARY, sizeof(room));
	memcpy(room, &size, sizeof(size));
	bh_status status = views[which].give(m, room);

	for (size_t at = written_max; at < sizeof(room); at++)
		if (room[at] != CANARY)
			fail_msg("%s of %u bytes is written at %zu", views[which].name, size, at);
	assert_memory_equal(room, &size, sizeof(size));
	return status;
}

static void test_misuse__a_view_is_written_no_further_than_its_size(void **state)
{
	static const uint32_t impossible[] = {0, 1, 7, ROOM + 1, INT32_MAX, UINT32_MAX};
	struct misuse *m = *state;

	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		for (size_t k = 0; k < sizeof(impossible) / sizeof(impossible[0]); k++)
			assert_int_equal(
				view_of_size(m, i, impossible[k], sizeof(uint32_t)), BH_E_INVALID);
		for (uint32_t size = 8; size < views[i].size; size += 4)
			assert_int_equal(view_of_size(m, i, size, size), BH_OK);
		assert_int_equal(view_of_size(m, i, ROOM, views[i].size), BH_OK);
	}
}

int main(int argc, char **argv)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, misuse_setup, misuse_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_misuse__the_table_has_every_export_once),
		CASE(test_misuse__null_is_named_and_not_followed),
		CASE(test_misuse__a_call_from_inside_a_callback_is_refused_and_does_nothing),
		CASE(test_misuse__one_thread_drives_and_any_other_may_call),
		CASE(test_misuse__a_cursor_that_outlives_its_client_says_closed),
		CASE(test_misuse__open_cursors_are_counted),
		CASE(test_misuse__a_view_is_written_no_further_than_its_size),
	};

	exports_path = argc > 1 ? argv[1] : "client-lib/exports.txt";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
