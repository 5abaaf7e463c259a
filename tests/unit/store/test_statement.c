/* What a statement goes through: the rows that it is about, however many others there are. */
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "server/store/statement.h"
#include "tests/unit/store/kit.h"

static int setup(void **state)
{
	struct kit *kit = test_calloc(1, sizeof(*kit));

	kit_open(kit, 37);
	*state = kit;
	return 0;
}

static int teardown(void **state)
{
	kit_close(*state);
	test_free(*state);
	return 0;
}

/* How many rows of a plan say a thing. */
struct looked {
	const char *says;
	unsigned found;
};

static int row_look(void *context, int count, char **values, char **names)
{
	struct looked *looked = context;

	(void)names;
	assert_int_equal(count, 4);
	looked->found += strstr(values[3], looked->says) != NULL;
	return 0;
}

static unsigned plan_says(struct kit *kit, enum bh_sql which, const char *says)
{
	sqlite3 *db;
	char sql[1024];
	struct looked looked = {.says = says};
	int n = snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", bh_sql_text(which));

	assert_in_range(n, 0, sizeof(sql) - 1);
	assert_int_equal(
		sqlite3_open_v2(KIT_PATH, &db, SQLITE_OPEN_READONLY, kit->options.vfs), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, row_look, &looked, NULL), SQLITE_OK);
	sqlite3_close(db);
	return looked.found;
}

/* About blob and its rows of a case. */
static unsigned by_case(struct kit *kit, enum bh_sql which)
{
	return plan_says(kit, which, "blob USING INDEX blob_case (number=?)");
}

/* One photo may be named by as many reports as a device can push: the writer looks at a case's. */
static void test_G05_statement__of_a_photo_the_writer_looks_at_one_case_s_rows(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(by_case(kit, BH_SQL_BLOB_ADD), 1);
	assert_int_equal(by_case(kit, BH_SQL_BLOB_STORE), 1);
	assert_int_equal(by_case(kit, BH_SQL_BLOB_STANDS), 1);
}

/* What was at a place before is not read, nor sorted, to find its newest. */
static void test_I23_statement__of_a_place_the_newest_come_first_as_they_are_kept(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(
		plan_says(kit, BH_SQL_PLACED_NEAR, "p USING PRIMARY KEY (grid=? AND cell=?)"), 1);
	assert_int_equal(plan_says(kit, BH_SQL_PLACED_NEAR, "SEARCH"), 3);
	assert_int_equal(plan_says(kit, BH_SQL_PLACED_NEAR, "B-TREE"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_G05_statement__of_a_photo_the_writer_looks_at_one_case_s_rows, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			test_I23_statement__of_a_place_the_newest_come_first_as_they_are_kept,
			setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
