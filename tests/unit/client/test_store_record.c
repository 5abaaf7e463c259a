/* Records, cursors and receipts in the store: the same twice as once, together or not at all. */
#include "tests/unit/client/scripted.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "proto/caseflow.h"
#include "proto/err.h"
#include "proto/number.h"
#include "proto/verdict.h"

static const uint64_t own_scope[] = {SCRIPTED_OWN};

static struct bh_changes *changes_new(void)
{
	return calloc(1, sizeof(struct bh_changes));
}

static struct bh_msg_record record_of(uint64_t number, uint64_t position)
{
	return (struct bh_msg_record){.case_number = number,
		.position = position,
		.cycle = 1,
		.state = BH_STATE_DISPATCHED,
		.text = scripted_text("told"),
		.scopes = own_scope,
		.scopes_count = 1};
}

static int apply(struct scripted *s, const struct bh_msg_record *records, size_t count,
	const struct bh_msg_left *left, size_t left_count, uint64_t position,
	struct bh_changes *changes)
{
	const struct bh_msg_cursor cursor = {SCRIPTED_OWN, position};
	const struct bh_msg_delta delta = {.cursors = &cursor, .cursors_count = 1};
	const struct bh_msg_records message = {records, count, left, left_count};

	return bh_local_apply(s->local, &delta, &message, s->now, changes);
}

static uint64_t cursor_of(struct scripted *s)
{
	struct bh_msg_cursor cursors[BH_SCOPES_MAX];
	size_t count = 0;

	assert_int_equal(bh_local_cursors(s->local, cursors, &count), 0);
	return count == 0 ? 0 : cursors[0].position;
}

static void test_store__closure_of_ours_is_delivered_once(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_op_ref ref;
	bool delivered, seen;

	assert_int_equal(scripted_record(s, "mine", &ref), 0);
	const struct bh_msg_closure closure = {
		.cycle = 1, .closed_ms = 5, .result = scripted_text("mended"), .kind = 12};
	struct bh_msg_record told = record_of(ref.number, 9);

	told.closures = &closure;
	told.closures_count = 1;
	told.state = BH_STATE_CLOSED;
	for (int i = 0; i < 3; i++)
		assert_int_equal(apply(s, &told, 1, NULL, 0, 9, changes), 0);
	assert_int_equal(scripted_log(s).head_seq, 2);
	assert_int_equal(bh_local_receipts(s->local, ref.number, 1, &delivered, &seen), 0);
	assert_true(delivered && !seen);
	assert_int_equal(bh_local_mark_seen(s->local, ref.number, 1, s->now), 0);
	assert_int_equal(bh_local_mark_seen(s->local, ref.number, 1, s->now), BH_ERR_EXISTS);
	assert_int_equal(bh_local_mark_seen(s->local, ref.number, 2, s->now), BH_ERR_NOT_FOUND);
	assert_int_equal(scripted_log(s).head_seq, 3);
	free(changes);
}

static void test_store__closure_in_a_reopened_case_is_still_delivered(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_op_ref ref;
	const struct bh_msg_closure closures[] = {
		{.cycle = 1, .kind = 12}, {.cycle = 2, .kind = 15}};

	assert_int_equal(scripted_record(s, "mine", &ref), 0);
	struct bh_msg_record told = record_of(ref.number, 9);

	told.cycle = 3;
	told.closures = closures;
	told.closures_count = 1;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 9, changes), 0);
	told.position = 12;
	told.closures_count = 2;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 12, changes), 0);
	assert_int_equal(scripted_log(s).head_seq, 3);
	free(changes);
}

static void test_store__closure_of_another_worker_has_no_receipt(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	static const uint64_t unit[] = {SCRIPTED_UNIT};
	const struct bh_msg_closure closure = {.cycle = 1, .kind = 12};
	struct bh_msg_record told = record_of(bh_case_number(99, 1), 9);

	told.scopes = unit;
	told.closures = &closure;
	told.closures_count = 1;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 9, changes), 0);
	assert_int_equal(scripted_log(s).head_seq, 0);
	free(changes);
}

static void test_store__record_goes_with_its_last_scope(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_arena arena = BH_ARENA(1u << 20);
	static const uint64_t both[] = {SCRIPTED_OWN, SCRIPTED_UNIT};
	struct bh_msg_record told = record_of(bh_case_number(99, 1), 9);
	const struct bh_msg_left left[] = {
		{SCRIPTED_UNIT, told.case_number}, {SCRIPTED_OWN, told.case_number}};
	const struct bh_case_key key = {told.case_number, 0};
	struct bh_case_row row;

	told.scopes = both;
	told.scopes_count = 2;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 9, changes), 0);
	assert_int_equal(apply(s, NULL, 0, &left[0], 1, 10, changes), 0);
	assert_int_equal(bh_local_case(s->local, key, &arena, &row), 0);
	assert_int_equal(apply(s, NULL, 0, &left[1], 1, 11, changes), 0);
	assert_int_equal(bh_local_case(s->local, key, &arena, &row), BH_ERR_NOT_FOUND);
	assert_int_equal(cursor_of(s), 11);
	bh_arena_free(&arena);
	free(changes);
}

static void test_store__cursor_and_records_move_together_and_forward(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_arena arena = BH_ARENA(1u << 20);
	const struct bh_simvfs_plan plan = {BH_SIMVFS_WRITE, BH_SIMVFS_EIO, 2, true, "-wal"};
	const struct bh_msg_record first = record_of(bh_case_number(99, 1), 20);
	const struct bh_msg_record second = record_of(bh_case_number(99, 2), 30);
	struct bh_case_row row;

	assert_int_equal(apply(s, &first, 1, NULL, 0, 20, changes), 0);
	assert_int_equal(bh_simvfs_plan_add(s->disk, &plan), 0);
	assert_true(apply(s, &second, 1, NULL, 0, 30, changes) != 0);
	bh_simvfs_heal(s->disk);
	scripted_crash(s);
	assert_int_equal(cursor_of(s), 20);
	assert_int_equal(
		bh_local_case(s->local, (struct bh_case_key){second.case_number, 0}, &arena, &row),
		BH_ERR_NOT_FOUND);
	assert_int_equal(apply(s, &second, 1, NULL, 0, 10, changes), 0);
	assert_int_equal(cursor_of(s), 20);
	bh_arena_free(&arena);
	free(changes);
}

static void test_store__no_power_cut_leaves_a_cursor_past_its_record(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_arena arena = BH_ARENA(1u << 20);
	uint64_t position = 10;

	for (uint64_t k = 1; k <= 48; k++) {
		const struct bh_msg_record told = record_of(
			bh_case_number(99, (uint32_t)k), position + 1);
		struct bh_case_row row;

		bh_simvfs_stop_at(s->disk, k);
		int rc = apply(s, &told, 1, NULL, 0, position + 1, changes);

		scripted_crash(s);
		bool moved = cursor_of(s) == position + 1;

		assert_true(moved || rc != 0);
		rc = bh_local_case(
			s->local, (struct bh_case_key){told.case_number, 0}, &arena, &row);
		assert_int_equal(rc, moved ? 0 : BH_ERR_NOT_FOUND);
		position += moved;
	}
	assert_true(position > 10);
	bh_arena_free(&arena);
	free(changes);
}

static void test_store__an_older_record_changes_nothing(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_arena arena = BH_ARENA(1u << 20);
	struct bh_msg_record told = record_of(bh_case_number(99, 1), 20);
	struct bh_case_row row;

	assert_int_equal(apply(s, &told, 1, NULL, 0, 20, changes), 0);
	told.position = 19;
	told.state = BH_STATE_RECEIVED;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 20, changes), 0);
	assert_int_equal(
		bh_local_case(s->local, (struct bh_case_key){told.case_number, 0}, &arena, &row),
		0);
	assert_int_equal(row.record.state, BH_STATE_DISPATCHED);
	bh_arena_free(&arena);
	free(changes);
}

static void test_store__a_lost_scope_closes_and_takes_its_records(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_case_key *keys = NULL;
	size_t count = 9;
	const struct bh_msg_record told = record_of(bh_case_number(99, 1), 20);

	struct bh_server_frame welcome = scripted_welcome(s);

	assert_int_equal(bh_local_welcome(s->local, &welcome.u.welcome, s->now, changes), 0);
	assert_int_equal(apply(s, &told, 1, NULL, 0, 20, changes), 0);
	welcome.u.welcome.scopes_count = 0;
	assert_int_equal(bh_local_welcome(s->local, &welcome.u.welcome, s->now, changes), 0);
	assert_int_equal(cursor_of(s), 0);
	assert_int_equal(bh_local_cases(s->local, &keys, &count), 0);
	assert_int_equal(count, 0);
	free(keys);
	free(changes);
}

static void test_store__from_start_keeps_the_list_until_all_is_told_anew(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_case_key *keys = NULL;
	size_t count = 0;
	const struct bh_msg_record told[] = {
		record_of(bh_case_number(99, 1), 20), record_of(bh_case_number(99, 2), 21)};
	struct bh_msg_record anew = record_of(bh_case_number(99, 2), 4);
	struct bh_server_frame welcome = scripted_welcome(s);

	assert_int_equal(bh_local_welcome(s->local, &welcome.u.welcome, s->now, changes), 0);
	assert_int_equal(apply(s, told, 2, NULL, 0, 21, changes), 0);
	welcome.u.welcome.epoch = SCRIPTED_EPOCH + 1;
	welcome.u.welcome.from_start = true;
	assert_int_equal(bh_local_welcome(s->local, &welcome.u.welcome, s->now, changes), 0);
	assert_int_equal(cursor_of(s), 0);
	assert_int_equal(bh_local_cases(s->local, &keys, &count), 0);
	assert_int_equal(count, 2);
	free(keys);
	assert_int_equal(apply(s, &anew, 1, NULL, 0, 4, changes), 0);
	assert_int_equal(cursor_of(s), 4);
	assert_int_equal(bh_local_cases(s->local, &keys, &count), 0);
	assert_int_equal(count, 1);
	assert_true(keys[0].number == anew.case_number);
	free(keys);
	free(changes);
}

/* A report of ours and its closure, told and received. */
static struct bh_msg_record closed(
	struct scripted *s, const struct bh_msg_closure *closure, struct bh_changes *changes)
{
	struct bh_server_frame welcome = scripted_welcome(s);
	struct bh_op_ref ref;

	assert_int_equal(scripted_record(s, "mine", &ref), 0);
	assert_int_equal(bh_local_welcome(s->local, &welcome.u.welcome, s->now, changes), 0);
	struct bh_msg_record told = record_of(ref.number, 9);

	told.closures = closure;
	told.closures_count = 1;
	told.state = BH_STATE_CLOSED;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 9, changes), 0);
	assert_int_equal(scripted_log(s).head_seq, 2);
	return told;
}

static void put_back(struct scripted *s, struct bh_changes *changes)
{
	struct bh_server_frame welcome = scripted_welcome(s);

	welcome.u.welcome.epoch = SCRIPTED_EPOCH + 1;
	welcome.u.welcome.from_start = true;
	assert_int_equal(bh_local_welcome(s->local, &welcome.u.welcome, s->now, changes), 0);
}

static const struct bh_msg_closure first_end = {.cycle = 1, .closed_ms = 5, .kind = 12};
static const struct bh_msg_closure second_end = {.cycle = 1, .closed_ms = 8, .kind = 12};

static void test_store__a_server_that_was_put_back_ends_a_cycle_otherwise(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_msg_record told = closed(s, &first_end, changes);
	bool delivered, seen;

	assert_int_equal(bh_local_mark_seen(s->local, told.case_number, 1, s->now), 0);
	put_back(s, changes);
	told.closures = &second_end;
	told.position = 7;
	for (int i = 0; i < 2; i++)
		assert_int_equal(apply(s, &told, 1, NULL, 0, 7, changes), 0);
	assert_int_equal(scripted_log(s).head_seq, 4);
	assert_int_equal(bh_local_receipts(s->local, told.case_number, 1, &delivered, &seen), 0);
	assert_true(delivered && !seen);
	free(changes);
}

static void test_store__a_server_that_was_put_back_tells_the_same_closure_anew(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_msg_record told = closed(s, &first_end, changes);

	put_back(s, changes);
	assert_int_equal(apply(s, &told, 1, NULL, 0, 9, changes), 0);
	assert_int_equal(scripted_log(s).head_seq, 2);
	free(changes);
}

static void test_store__a_server_that_was_put_back_has_not_ended_it_yet(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_msg_record told = closed(s, &first_end, changes);

	put_back(s, changes);
	told.closures_count = 0;
	told.state = BH_STATE_DISPATCHED;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 6, changes), 0);
	assert_int_equal(scripted_log(s).head_seq, 2);
	told.closures_count = 1;
	told.position = 12;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 12, changes), 0);
	assert_int_equal(scripted_log(s).head_seq, 3);
	free(changes);
}

static void test_store__a_server_that_was_put_back_did_not_have_it_at_all(void **state)
{
	struct scripted *s = *state;
	struct bh_changes *changes = changes_new();
	struct bh_msg_record told = closed(s, &first_end, changes);

	put_back(s, changes);
	assert_int_equal(apply(s, NULL, 0, NULL, 0, 4, changes), 0);
	told.closures = &second_end;
	assert_int_equal(apply(s, &told, 1, NULL, 0, 9, changes), 0);
	assert_int_equal(scripted_log(s).head_seq, 3);
	free(changes);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_store__closure_of_ours_is_delivered_once),
		CASE(test_store__closure_in_a_reopened_case_is_still_delivered),
		CASE(test_store__closure_of_another_worker_has_no_receipt),
		CASE(test_store__record_goes_with_its_last_scope),
		CASE(test_store__cursor_and_records_move_together_and_forward),
		CASE(test_store__no_power_cut_leaves_a_cursor_past_its_record),
		CASE(test_store__an_older_record_changes_nothing),
		CASE(test_store__a_lost_scope_closes_and_takes_its_records),
		CASE(test_store__from_start_keeps_the_list_until_all_is_told_anew),
		CASE(test_store__a_server_that_was_put_back_ends_a_cycle_otherwise),
		CASE(test_store__a_server_that_was_put_back_tells_the_same_closure_anew),
		CASE(test_store__a_server_that_was_put_back_has_not_ended_it_yet),
		CASE(test_store__a_server_that_was_put_back_did_not_have_it_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
