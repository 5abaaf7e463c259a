/* Counting and listing field work: walks along the tables' keys, never longer than the days asked.
 */
#include "server/store/field_work.h"

#include "proto/err.h"
#include "server/store/reader.h"

int bh_reader_service_counts(struct bh_store_reader *reader, uint32_t from_day, uint32_t to_day,
	bool by_day, bh_service_each each, void *context)
{
	sqlite3_stmt *s = bh_sql(
		&reader->db, by_day ? BH_SQL_SERVICE_COUNT : BH_SQL_SERVICE_COUNT_GRIDS);
	bool row = false;

	bh_bind(s, 1, from_day);
	bh_bind(s, 2, to_day);
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
