/* A grid's cases by where they lie and by the position of their first entry.
 *
 *   placed   (grid, cell, first)   a cell is a strip of ground, or a component: what has both has
 *                                  two rows; who is refused, void or merged has none
 *
 * How often something was at one place is looked up around that place, cell by cell: whatever comes
 * elsewhere in the grid makes nobody forget it.  The list of a grid is of its newest, not too many
 * of one reporter.  Both look at the newest first and end where ninety days do, so that what was
 * there before hides nothing, however much it is. */
#include "server/store/place_row.h"

#include <stdlib.h>

#include "proto/err.h"
#include "server/domain/intake.h"
#include "server/store/case_row.h"
#include "server/store/place.h"
#include "server/store/reader.h"

#define CELL_LATITUDE_E7 3000  /* 33 m: what is 30 m off lies in the next row at the farthest, */
#define CELL_LONGITUDE_E7 1000 /* and so many columns off: 11 m each at the equator */
#define COLUMNS_OFF 7
#define COLUMNS_OFF_POLAR 60 /* beyond 60 degrees */
#define POLAR_E7 600000000
#define CELL_OF_ASSET (INT64_C(1) << 62)
#define CELLS_MAX 2u
#define COLUMN_AT_MS 8 /* behind those of a case's row */

/* Where a case stands; count 0: nowhere. */
struct standing {
	uint32_t grid;
	int64_t cells[CELLS_MAX];
	size_t count;
};

static int64_t cell_of(int32_t latitude_e7, int32_t longitude_e7)
{
	int64_t row = (INT64_C(900000000) + latitude_e7) / CELL_LATITUDE_E7;
	int64_t column = (INT64_C(1800000000) + longitude_e7) / CELL_LONGITUDE_E7;

	return row * (INT64_C(1) << 32) + column;
}

static struct standing standing_of(const struct bh_case *cased)
{
	struct standing out = {.grid = cased->grid};

	if (cased->rules_day == 0 || cased->grid == 0 || cased->state == BH_STATE_REJECTED ||
		cased->state == BH_STATE_VOID || cased->state == BH_STATE_MERGED)
		return out;
	if (cased->has_place != 0)
		out.cells[out.count++] = cell_of(cased->latitude_e7, cased->longitude_e7);
	if (cased->asset != 0)
		out.cells[out.count++] = CELL_OF_ASSET + cased->asset;
	return out;
}

static bool is_same(const struct standing *a, const struct standing *b)
{
	bool same = a->count == b->count && (a->count == 0 || a->grid == b->grid);

	for (size_t i = 0; same && i < a->count; i++)
		same = a->cells[i] == b->cells[i];
	return same;
}

static int rows_run(
	struct bh_db *db, enum bh_sql sql, const struct standing *standing, uint64_t first)
{
	int err = BH_NOERR;

	for (size_t i = 0; !err && i < standing->count; i++) {
		sqlite3_stmt *s = bh_sql(db, sql);
		bh_bind(s, 1, standing->grid);
		bh_bind(s, 2, standing->cells[i]);
		bh_bind(s, 3, (int64_t)first);
		err = bh_row_run(s);
	}
	return err;
}

int bh_project_place(
	struct bh_projector *projector, const struct bh_case *before, const struct bh_case *now)
{
	struct standing is = standing_of(now), was = {.count = 0};
	int err = BH_NOERR;

	if (before)
		was = standing_of(before);
	if (is_same(&was, &is))
		return err;
	err = rows_run(&projector->db, BH_SQL_PLACED_DROP, &was, now->first);
	return err ? err : rows_run(&projector->db, BH_SQL_PLACED_ADD, &is, now->first);
}

/* ---- Around one place ---- */

struct tally {
	const struct bh_rules *rules;
	const struct bh_case *of;
	int64_t now_ms;
	uint64_t found[BH_REPEAT_CASES]; /* itself is the first */
	uint32_t count;
	size_t looked;
};

static void tally_add(struct tally *tally, const struct bh_case *cased)
{
	for (uint32_t i = 0; i < tally->count; i++)
		if (tally->found[i] == cased->number)
			return; /* by its component and by its place */
	if (bh_case_counts_for_repeat(tally->rules, cased, tally->now_ms) &&
		bh_case_is_at_place(tally->of, cased))
		tally->found[tally->count++] = cased->number;
}

static bool tally_is_over(const struct tally *tally)
{
	return tally->count >= BH_REPEAT_CASES || tally->looked >= BH_REPEAT_LOOKED_MAX;
}

/* Entries stand in order of time, and no case was received after its first. */
static int cell_tally(struct bh_db *db, struct tally *tally, int64_t cell)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_PLACED_NEAR);
	bool row = false;

	bh_bind(s, 1, tally->of->grid);
	bh_bind(s, 2, cell);
	int err = bh_row_next(s, &row);
	while (!err && row && !tally_is_over(tally) &&
		bh_column(s, COLUMN_AT_MS) > tally->now_ms - BH_REPEAT_MS) {
		struct bh_case cased;
		err = bh_case_row_read(s, &cased);
		if (err)
			break;
		tally->looked++;
		tally_add(tally, &cased);
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

/* Its own first, then outwards to both sides. */
static int row_tally(struct bh_db *db, struct tally *tally, int64_t cell, int64_t off)
{
	int err = cell_tally(db, tally, cell);

	for (int64_t i = 1; !err && i <= off && !tally_is_over(tally); i++) {
		err = cell_tally(db, tally, cell - i);
		if (!err)
			err = cell_tally(db, tally, cell + i);
	}
	return err;
}

static int around_tally(struct bh_db *db, struct tally *tally)
{
	static const int rows[] = {0, -1, 1}; /* its own first */
	const struct bh_case *of = tally->of;
	bool polar = of->latitude_e7 > POLAR_E7 || of->latitude_e7 < -POLAR_E7;
	int64_t off = polar ? COLUMNS_OFF_POLAR : COLUMNS_OFF;
	int64_t cell = cell_of(of->latitude_e7, of->longitude_e7);
	int err = BH_NOERR;

	for (size_t i = 0; !err && i < sizeof(rows) / sizeof(rows[0]); i++)
		err = row_tally(db, tally, cell + rows[i] * (INT64_C(1) << 32), off);
	return err;
}

/* Where there is more than is looked at, it repeats: a flood beside a place does not pass it by the
 * check. */
int bh_place_repeats(struct bh_db *db, const struct bh_rules *rules, const struct bh_case *cased,
	int64_t now_ms, uint32_t *out)
{
	struct tally tally = {.rules = rules, .of = cased, .now_ms = now_ms};
	int err = BH_NOERR;

	if (standing_of(cased).count > 0 && bh_case_counts_for_repeat(rules, cased, now_ms))
		tally.found[tally.count++] = cased->number;
	if (tally.count > 0 && cased->asset != 0)
		err = cell_tally(db, &tally, CELL_OF_ASSET + cased->asset);
	if (!err && tally.count > 0 && cased->has_place != 0)
		err = around_tally(db, &tally);
	if (!err)
		*out = tally.looked < BH_REPEAT_LOOKED_MAX ? tally.count : BH_REPEAT_CASES;
	return err;
}

/* ---- Of a grid ---- */

struct gathering {
	struct bh_case *cases;
	size_t count;
};

static void gather(struct gathering *gathering, const struct bh_case *cased)
{
	size_t of_one = 0;

	for (size_t i = 0; i < gathering->count; i++) {
		if (gathering->cases[i].number == cased->number)
			return;
		of_one += cased->intake == BH_INTAKE_HANDSET &&
			  gathering->cases[i].reporter == cased->reporter;
	}
	if (of_one < BH_REPEAT_OF_ONE_MAX)
		gathering->cases[gathering->count++] = *cased;
}

static int grid_gather(struct bh_db *db, const struct bh_rules *rules, uint32_t grid,
	int64_t now_ms, struct gathering *gathering)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_PLACED_LIST);
	size_t looked = 0;
	bool row = false;

	bh_bind(s, 1, grid);
	int err = bh_row_next(s, &row);
	while (!err && row && looked++ < BH_REPEAT_LOOKED_MAX &&
		gathering->count < BH_REPEAT_ROWS_MAX) {
		struct bh_case cased;
		err = bh_case_row_read(s, &cased);
		if (err || cased.received_ms <= now_ms - BH_REPEAT_MS)
			break;
		if (bh_case_counts_for_repeat(rules, &cased, now_ms))
			gather(gathering, &cased);
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

int bh_reader_repeats(struct bh_store_reader *reader, uint32_t grid, int64_t now_ms,
	struct bh_repeat *out, size_t max, size_t *count)
{
	struct bh_rules *rules;
	struct gathering gathering = {calloc(BH_REPEAT_ROWS_MAX, sizeof(*gathering.cases)), 0};
	int err = gathering.cases ? bh_reader_rules(reader, &rules) : BH_ERR_NOMEM;

	if (!err)
		err = grid_gather(&reader->db, rules, grid, now_ms, &gathering);
	if (!err)
		*count = bh_repeat_places(gathering.cases, gathering.count, out, max);
	free(gathering.cases);
	return err;
}
