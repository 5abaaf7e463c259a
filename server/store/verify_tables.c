/* Two connections, the same query on both, cell by cell. */
#include <string.h>

#include "proto/err.h"
#include "server/store/verify.h"

#define CASE_NEXT_MS 4 /* of CASE_COLUMNS, behind first */

static const struct {
	const char *name;
	const char *sql;
} tables[] = {
	{"op", "SELECT * FROM op ORDER BY 1"},
	{"cases", "SELECT * FROM cases ORDER BY 1"},
	{"aside", "SELECT * FROM aside ORDER BY 1, 2"},
	{"scope", "SELECT * FROM scope ORDER BY 1, 2"},
	{"device", "SELECT * FROM device ORDER BY 1"},
	{"log", "SELECT * FROM log ORDER BY 1"},
	{"enrol_code", "SELECT * FROM enrol_code ORDER BY 1"},
	{"origin", "SELECT * FROM origin ORDER BY 1, 2, 3"},
	{"blob", "SELECT * FROM blob ORDER BY 1, 2"},
	{"merged", "SELECT * FROM merged ORDER BY 1"},
	{"echo", "SELECT * FROM echo ORDER BY 1, 2"},
	{"task", "SELECT * FROM task ORDER BY 1"},
	{"orders", "SELECT * FROM orders ORDER BY 1"},
	{"placed", "SELECT * FROM placed ORDER BY 1, 2, 3"},
	{"returned", "SELECT * FROM returned ORDER BY 1"},
	{"mediation", "SELECT * FROM mediation ORDER BY 1"},
	{"service", "SELECT * FROM service ORDER BY 1, 2, 3, 4"},
	{"patrol", "SELECT * FROM patrol ORDER BY 1, 2, 3, 4"},
	{"patrol_plan", "SELECT * FROM patrol_plan ORDER BY 1, 2"},
	{"handover", "SELECT * FROM handover ORDER BY 1, 2"},
	{"roster", "SELECT * FROM roster ORDER BY 1"},
	{"party", "SELECT * FROM party ORDER BY 1, 2"},
	{"guarded", "SELECT * FROM guarded ORDER BY 1"},
	{"opening", "SELECT * FROM opening ORDER BY 1"},
	{"erasure", "SELECT * FROM erasure ORDER BY 1"},
	{"dossier", "SELECT * FROM dossier ORDER BY 1"},
	{"rating", "SELECT * FROM rating ORDER BY 1, 2"},
	{"rating_token", "SELECT * FROM rating_token ORDER BY 1, 2"},
	{"district", "SELECT * FROM district ORDER BY 1"},
	{"tally", "SELECT * FROM tally ORDER BY 1"},
	/* an index that lost a row is a list that lost a case */
	{"cases_queue", "SELECT dispatch_due_ms, first FROM cases INDEXED BY cases_queue "
			"WHERE dispatch_due_ms <> 0 ORDER BY 1, 2"},
	{"cases_alarm", "SELECT next_ms, first FROM cases INDEXED BY cases_alarm "
			"WHERE next_ms <> 0 AND open = 1 ORDER BY 1, 2"},
	{"cases_rest", "SELECT next_ms, first FROM cases INDEXED BY cases_rest "
		       "WHERE next_ms <> 0 AND open = 0 ORDER BY 1, 2"},
	{"cases_open", "SELECT open, first FROM cases INDEXED BY cases_open "
		       "ORDER BY 1, 2"},
	{"cases_unit", "SELECT unit, first FROM cases INDEXED BY cases_unit "
		       "WHERE unit <> 0 ORDER BY 1, 2"},
	{"scope_feed", "SELECT scope, position, number FROM scope INDEXED BY scope_feed "
		       "ORDER BY 1, 2, 3"},
	{"blob_case", "SELECT number, position, place, hash FROM blob INDEXED BY blob_case "
		      "ORDER BY 1, 2, 3, 4"},
	{"merged_main", "SELECT main, number FROM merged INDEXED BY merged_main ORDER BY 1, 2"},
	{"task_case", "SELECT number, ordinal, first FROM task INDEXED BY task_case "
		      "ORDER BY 1, 2, 3"},
	{"returned_case", "SELECT number, position FROM returned INDEXED BY returned_case "
			  "ORDER BY 1, 2"},
	{"task_clock", "SELECT next_ms, first FROM task INDEXED BY task_clock "
		       "WHERE next_ms <> 0 ORDER BY 1, 2"},
	{"orders_first", "SELECT first, ref FROM orders INDEXED BY orders_first ORDER BY 1, 2"},
	{"orders_case", "SELECT number, first, ref FROM orders INDEXED BY orders_case "
			"WHERE number <> 0 ORDER BY 1, 2, 3"},
	{"orders_clock", "SELECT next_ms, ref FROM orders INDEXED BY orders_clock "
			 "WHERE next_ms <> 0 ORDER BY 1, 2"},
	{"dossier_case", "SELECT number, position FROM dossier INDEXED BY dossier_case "
			 "ORDER BY 1, 2"},
	{"dossier_out", "SELECT position FROM dossier INDEXED BY dossier_out "
			"WHERE until_ms <> 0 AND back = 0 ORDER BY 1"},
	{"rating_closed", "SELECT closed_ms, unit, number, cycle FROM rating INDEXED BY "
			  "rating_closed ORDER BY 1, 2, 3, 4"},
	{"dossier_due", "SELECT until_ms, position FROM dossier INDEXED BY dossier_due "
			"WHERE until_ms <> 0 AND back = 0 AND kind = 0 ORDER BY 1, 2"},
	{"mediation_case", "SELECT number, ordinal, first FROM mediation INDEXED BY mediation_case "
			   "ORDER BY 1, 2, 3"},
	{"mediation_clock", "SELECT next_ms, first FROM mediation INDEXED BY mediation_clock "
			    "WHERE next_ms <> 0 ORDER BY 1, 2"},
	{"opening_person", "SELECT person, at_ms, position FROM opening INDEXED BY opening_person "
			   "ORDER BY 1, 2, 3"},
};

static bool cell_equal(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
	if (sqlite3_column_type(a, column) != sqlite3_column_type(b, column))
		return false;
	if (sqlite3_column_type(a, column) == SQLITE_INTEGER)
		return bh_column(a, column) == bh_column(b, column);
	return bh_span_equal(bh_column_span(a, column), bh_column_span(b, column));
}

static int rows_compare(
	struct bh_verify *v, const char *name, sqlite3_stmt *file, sqlite3_stmt *replay)
{
	for (;;) {
		bool in_file = false, in_replay = false;
		int err = bh_row_next(file, &in_file);
		if (!err)
			err = bh_row_next(replay, &in_replay);
		if (err)
			return err;
		if (in_file != in_replay)
			return bh_verify_fail(v, 0,
				in_file ? "a projection has a row that a replay does not give"
					: "a projection lacks a row that a replay gives",
				name);
		if (!in_file)
			return BH_NOERR;
		for (int i = 0; i < sqlite3_column_count(file); i++) {
			if (!cell_equal(file, replay, i))
				return bh_verify_fail(v, 0,
					"a projection's row is not what a replay gives", name);
		}
	}
}

static int table_compare(struct bh_verify *v, const char *name, const char *sql)
{
	sqlite3_stmt *file = NULL, *replay = NULL;
	int err = bh_db_err(sqlite3_prepare_v2(v->file.handle, sql, -1, &file, NULL));

	if (!err)
		err = bh_db_err(sqlite3_prepare_v2(v->replay.db.handle, sql, -1, &replay, NULL));
	if (!err)
		err = rows_compare(v, name, file, replay);
	else if (err == BH_ERR_INVALID)
		err = bh_verify_fail(v, 0, "a table or an index is missing", name);
	sqlite3_finalize(file);
	sqlite3_finalize(replay);
	return err;
}

/* Where an upgrade is under way: of what has ended and is not reached yet, the file's clock knows
 * nothing; then nor does the replay's. */
static int not_reached(struct bh_verify *v)
{
	sqlite3_stmt *file = bh_sql(&v->file, BH_SQL_LIST_OPEN);
	sqlite3_stmt *replay = bh_sql(&v->replay.db, BH_SQL_CASE_NEXT);
	bool ended = true, row = false;
	uint64_t first = 0;
	int err = bh_upgrade_through(&v->file, &ended, &first);

	if (err || ended)
		return err;
	bh_bind(file, 1, (int64_t)first);
	bh_bind(file, 2, false);
	err = bh_row_next(file, &row);
	while (!err && row) {
		bh_bind(replay, 1, bh_column(file, 0));
		bh_bind(replay, 2, 0);
		if (bh_column(file, CASE_NEXT_MS) == 0)
			err = bh_row_run(replay);
		if (!err)
			err = bh_row_next(file, &row);
	}
	bh_row_end(file);
	return err;
}

int bh_verify_tables(struct bh_verify *v)
{
	int err = not_reached(v);

	for (size_t i = 0; !err && i < sizeof(tables) / sizeof(tables[0]); i++)
		err = table_compare(v, tables[i].name, tables[i].sql);
	return err;
}
