/* A grid's cases by the position of their first entry, newest first: what is looked through ends
 * where ninety days do. */
#include "server/store/place_row.h"

#include <stdlib.h>

#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/place.h"
#include "server/store/reader.h"

/* The grid under which it stands; 0: under none. */
static uint32_t grid_of(const struct bh_case *cased)
{
	return cased->rules_day != 0 && (cased->has_place != 0 || cased->asset != 0) ? cased->grid
										     : 0;
}

static int row_run(sqlite3_stmt *s, uint32_t grid, uint64_t first)
{
	bh_bind(s, 1, grid);
	bh_bind(s, 2, (int64_t)first);
	return bh_row_run(s);
}

int bh_project_place(
	struct bh_projector *projector, const struct bh_case *before, const struct bh_case *now)
{
	uint32_t was = before ? grid_of(before) : 0, is = grid_of(now);
	int err = BH_NOERR;

	if (was == is)
		return err;
	if (was != 0)
		err = row_run(bh_sql(&projector->db, BH_SQL_PLACED_DROP), was, now->first);
	if (!err && is != 0)
		err = row_run(bh_sql(&projector->db, BH_SQL_PLACED_ADD), is, now->first);
	return err;
}

/* Visits the cases of a grid that count, until a visit says that it is enough. */
static int grid_each(struct bh_db *db, const struct bh_rules *rules, uint32_t grid, int64_t now_ms,
	bool (*visit)(void *context, const struct bh_case *cased), void *context)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_PLACED_LIST);
	size_t looked = 0;
	bool row = false;

	bh_bind(s, 1, grid);
	int err = bh_row_next(s, &row);
	while (!err && row && looked++ < BH_REPEAT_ROWS_MAX) {
		struct bh_case cased;
		err = bh_case_row_read(s, &cased);
		if (err || cased.received_ms <= now_ms - BH_REPEAT_MS)
			break;
		if (bh_case_counts_for_repeat(rules, &cased, now_ms) && visit(context, &cased))
			break;
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

struct tally {
	const struct bh_case *of;
	uint32_t count;
};

static bool tally_visit(void *context, const struct bh_case *cased)
{
	struct tally *tally = context;

	tally->count += cased->number == tally->of->number || bh_case_is_at_place(tally->of, cased);
	return tally->count >= BH_REPEAT_CASES;
}

int bh_place_repeats(struct bh_db *db, const struct bh_rules *rules, const struct bh_case *cased,
	int64_t now_ms, uint32_t *out)
{
	struct tally tally = {.of = cased};
	int err = BH_NOERR;

	if (grid_of(cased) != 0 && bh_case_counts_for_repeat(rules, cased, now_ms))
		err = grid_each(db, rules, cased->grid, now_ms, tally_visit, &tally);
	if (!err)
		*out = tally.count;
	return err;
}

struct gathering {
	struct bh_case *cases;
	size_t count;
};

static bool gathering_visit(void *context, const struct bh_case *cased)
{
	struct gathering *gathering = context;

	gathering->cases[gathering->count++] = *cased;
	return false;
}

int bh_reader_repeats(struct bh_store_reader *reader, uint32_t grid, int64_t now_ms,
	struct bh_repeat *out, size_t max, size_t *count)
{
	struct bh_rules *rules;
	struct gathering gathering = {calloc(BH_REPEAT_ROWS_MAX, sizeof(*gathering.cases)), 0};
	int err = gathering.cases ? bh_reader_rules(reader, &rules) : BH_ERR_NOMEM;

	if (!err)
		err = grid_each(&reader->db, rules, grid, now_ms, gathering_visit, &gathering);
	if (!err)
		*count = bh_repeat_places(gathering.cases, gathering.count, out, max);
	free(gathering.cases);
	return err;
}
