/* The store's schema on its way from one program to the next and back (C13). */
#include <sqlite3.h>

#include "proto/err.h"
#include "tests/unit/client/scripted.h"

static void schema_mark(struct scripted *s, const char *pragma)
{
	sqlite3 *db;

	assert_int_equal(
		sqlite3_open_v2(SCRIPTED_PATH, &db, SQLITE_OPEN_READWRITE, bh_simvfs_name(s->disk)),
		SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, pragma, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* C13, the way back: an older program touches nothing, and the newer one finds what waited. */
static void test_schema__a_newer_schema_is_refused_by_name_and_keeps_what_waits(void **state)
{
	struct scripted *s = *state;
	const struct bh_local_options options = {
		SCRIPTED_PATH, bh_simvfs_name(s->disk), bh_simrng_source(&s->rng)};

	scripted_report(s, "waits");
	bh_local_close(s->local);
	s->local = NULL;
	schema_mark(s, "PRAGMA user_version=4");
	assert_int_equal(bh_local_open(&options, &s->local), BH_ERR_VERSION);
	assert_null(s->local);
	schema_mark(s, "PRAGMA user_version=3");
	assert_int_equal(bh_local_open(&options, &s->local), 0);
	assert_int_equal(scripted_head(s), 1);
}

/* The file as it was before it knew photos. */
static void schema_age(struct scripted *s)
{
	bh_local_close(s->local);
	s->local = NULL;
	schema_mark(s, "DROP TABLE blob; DROP TABLE photo; DROP TABLE fetch; DROP TABLE seal; DROP "
		       "TABLE author; DROP TABLE draft; DROP TABLE rotation; "
		       "PRAGMA user_version=1");
}

/* C13, the way up: with what an older program recorded and had not sent yet. */
static void test_schema__an_older_schema_is_brought_up_to_date(void **state)
{
	struct scripted *s = *state;
	const struct bh_local_options options = {
		SCRIPTED_PATH, bh_simvfs_name(s->disk), bh_simrng_source(&s->rng)};
	struct bh_op_ref ref;

	scripted_report(s, "waits");
	schema_age(s);
	assert_int_equal(bh_local_open(&options, &s->local), 0);
	assert_int_equal(scripted_head(s), 1);
	assert_int_equal(scripted_record(s, "by the newer one", &ref), 0);
	scripted_crash(s);
	assert_int_equal(scripted_head(s), 2);
	scripted_engine(s);
	scripted_session(s);
	assert_int_equal(scripted_take_push(s), 2);
}

/* Cut at every change of the disk, it is the old file or the new one. */
static void test_schema__an_upgrade_that_is_cut_is_made_again(void **state)
{
	struct scripted *s = *state;
	const struct bh_local_options options = {
		SCRIPTED_PATH, bh_simvfs_name(s->disk), bh_simrng_source(&s->rng)};
	int rc = -1;
	uint64_t cut = 1;

	scripted_report(s, "waits");
	for (; rc != 0 && cut < 1000; cut++) {
		if (s->local)
			schema_age(s);
		bh_simvfs_stop_at(s->disk, cut);
		rc = bh_local_open(&options, &s->local);
		if (rc == 0)
			break;
		bh_simvfs_crash(s->disk);
		assert_int_equal(bh_local_open(&options, &s->local), 0);
		assert_int_equal(scripted_head(s), 1);
	}
	assert_int_equal(rc, 0);
	assert_true(cut > 10);
	bh_simvfs_stop_at(s->disk, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_schema__a_newer_schema_is_refused_by_name_and_keeps_what_waits),
		CASE(test_schema__an_older_schema_is_brought_up_to_date),
		CASE(test_schema__an_upgrade_that_is_cut_is_made_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
