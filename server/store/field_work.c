/* Counting and listing field work: walks along the tables' keys, never longer than the days asked.
 */
#include "server/store/field_work.h"

#include "proto/err.h"
#include "server/store/reader.h"

#define BY_DAY_UP_TO 60u

static int service_rows(sqlite3_stmt *s, bh_service_each each, void *context)
{
	bool row = false;
	int err = bh_row_next(s, &row);

	while (!err && row) {
		const struct bh_service_count found = {.day = bh_column_u32(s, 0),
			.grid = bh_column_u32(s, 1),
			.kind = bh_column_u32(s, 2),
			.count = (uint64_t)bh_column(s, 3)};
		err = each(context, &found);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

int bh_reader_service_counts(struct bh_store_reader *reader, uint32_t from_day, uint32_t to_day,
	bool by_day, bh_service_each each, void *context)
{
	/* of few days their own rows are fewer than all of the index */
	by_day = by_day || to_day - from_day < BY_DAY_UP_TO;
	sqlite3_stmt *s = bh_sql(
		&reader->db, by_day ? BH_SQL_SERVICE_COUNT : BH_SQL_SERVICE_COUNT_GRIDS);

	bh_bind(s, 1, from_day);
	bh_bind(s, 2, to_day);
	return service_rows(s, each, context);
}

int bh_reader_service_late(struct bh_store_reader *reader, uint32_t from_day, uint32_t to_day,
	uint64_t after, bh_service_each each, void *context)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_SERVICE_LATE);

	bh_bind(s, 1, from_day);
	bh_bind(s, 2, to_day);
	bh_bind(s, 3, (int64_t)after);
	return service_rows(s, each, context);
}

int bh_reader_position_before(struct bh_store_reader *reader, int64_t at_ms, uint64_t *out)
{
	struct bh_entry_brief brief;
	uint64_t first = 0, last = 0; /* before; not before, or none */
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_JOURNAL_HEAD);
	bool row = false;
	int err = bh_row_next(s, &row);

	last = !err && row ? (uint64_t)bh_column(s, 0) + 1 : 1;
	bh_row_end(s);
	while (!err && last - first > 1) {
		uint64_t at = first + (last - first) / 2;
		err = bh_entry_brief(&reader->db, at, &brief);
		if (!err && brief.at_ms < at_ms)
			first = at;
		else
			last = at;
	}
	if (!err)
		*out = first;
	return err;
}

int bh_reader_services(struct bh_store_reader *reader, const struct bh_service_row *after,
	uint32_t to_day, struct bh_service_row *rows, size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_SERVICE_LIST);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 1, after->day);
	bh_bind(s, 2, after->grid);
	bh_bind(s, 3, after->kind);
	bh_bind(s, 4, (int64_t)after->position);
	bh_bind(s, 5, to_day);
	bh_bind(s, 6, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		rows[found++] = (struct bh_service_row){.day = bh_column_u32(s, 0),
			.grid = bh_column_u32(s, 1),
			.kind = bh_column_u32(s, 2),
			.position = (uint64_t)bh_column(s, 3)};
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (!err)
		*count = found;
	return err;
}

int bh_reader_patrol_counts(struct bh_store_reader *reader, uint32_t from_day, uint32_t to_day,
	bh_patrol_each each, void *context)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_PATROL_COUNT);
	bool row = false;

	bh_bind(s, 1, from_day);
	bh_bind(s, 2, to_day);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		const struct bh_patrol_count found = {.day = bh_column_u32(s, 0),
			.grid = bh_column_u32(s, 1),
			.plan = bh_column_u32(s, 2),
			.rounds = (uint64_t)bh_column(s, 3),
			.whole = (uint64_t)bh_column(s, 4),
			.done = (uint64_t)bh_column(s, 5),
			.missed = (uint64_t)bh_column(s, 6),
			.minutes = (uint64_t)bh_column(s, 7)};
		err = each(context, &found);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

int bh_reader_patrol_plans(
	struct bh_store_reader *reader, uint32_t to_day, bh_plan_each each, void *context)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_PLAN_UP_TO);
	bool row = false;

	bh_bind(s, 1, to_day);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		const struct bh_patrol_plan found = {.plan = bh_column_u32(s, 0),
			.day = bh_column_u32(s, 1),
			.grid = bh_column_u32(s, 2),
			.weekdays = bh_column_u32(s, 3),
			.rounds = bh_column_u32(s, 4)};
		err = each(context, &found);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}
