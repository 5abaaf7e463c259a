/* What is due is found one by one or many at once, and it is the same. */
#include <stdio.h>

#include "server/store/due_look.h"
#include "server/store/store.h"
#include "tests/unit/store/kit.h"

#define ROWS 150
#define NOW_MS 1040

/* Three at an instant; the last instants are still to come. */
static int setup(void **state)
{
	struct bh_db *db = test_calloc(1, sizeof(*db));
	char sql[200];

	assert_int_equal(bh_db_open(db, BH_DB_MEMORY, NULL, NULL, NULL), 0);
	for (int i = 0; i < ROWS; i++) {
		snprintf(sql, sizeof(sql),
			"INSERT INTO task(first, number, ordinal, next_ms) VALUES(%d, %d, 1, %d)",
			ROWS - i, i, 1000 + i / 3);
		assert_int_equal(bh_db_exec(db->handle, sql), 0);
	}
	*state = db;
	return 0;
}

static int teardown(void **state)
{
	bh_db_close(*state);
	test_free(*state);
	return 0;
}

static bool next(struct bh_db *db, size_t max, struct bh_due_ahead *ahead, struct bh_due *cursor)
{
	bool found = false;

	assert_int_equal(
		bh_due_next(db, BH_SQL_TASK_DUE_NEXT, NOW_MS, cursor, max, ahead, &found, cursor),
		0);
	return found;
}

static void test_due_look__many_at_once_are_those_that_one_by_one_are(void **state)
{
	struct bh_due_ahead one = {0}, many = {0};
	struct bh_due by_one = {0}, by_many = {0};
	size_t count = 0;

	while (next(*state, 1, &one, &by_one)) {
		assert_true(next(*state, BH_DUE_AHEAD_MAX, &many, &by_many));
		assert_int_equal(by_many.next_ms, by_one.next_ms);
		assert_int_equal(by_many.first, by_one.first);
		count++;
	}
	assert_int_equal(count, 3 * (NOW_MS - 1000 + 1));
	assert_false(next(*state, BH_DUE_AHEAD_MAX, &many, &by_many));
}

/* A cursor that stays where it is finds the same; what is gone is found until it is forgotten. */
static void test_due_look__what_was_read_stays_until_it_is_forgotten(void **state)
{
	struct bh_db *db = *state;
	struct bh_due_ahead ahead = {0};
	struct bh_due cursor = {0}, again = {0};

	assert_true(next(db, BH_DUE_AHEAD_MAX, &ahead, &cursor));
	assert_true(next(db, BH_DUE_AHEAD_MAX, &ahead, &again));
	assert_int_equal(again.first, cursor.first);
	assert_int_equal(
		bh_db_exec(db->handle, "UPDATE task SET next_ms = 2000 WHERE next_ms = 1000"), 0);
	assert_true(next(db, BH_DUE_AHEAD_MAX, &ahead, &again));
	assert_int_equal(again.next_ms, 1000);
	bh_due_forget(&ahead);
	again = cursor;
	assert_true(next(db, BH_DUE_AHEAD_MAX, &ahead, &again));
	assert_int_equal(again.next_ms, 1001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_due_look__many_at_once_are_those_that_one_by_one_are, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_due_look__what_was_read_stays_until_it_is_forgotten, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
