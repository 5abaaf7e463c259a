/* A task's row: its body as one packed list of fields, and beside it the few that are looked up by.
 */
#include "server/store/task_row.h"

#include "proto/err.h"

int bh_task_row_read(sqlite3_stmt *s, void *out)
{
	struct bh_task task = {0};
	int err = bh_task_patch(&task, bh_column_span(s, 3));

	if (err)
		return err == BH_ERR_MALFORMED ? BH_ERR_CORRUPT : err;
	task.first = (uint64_t)bh_column(s, 0);
	task.number = (uint64_t)bh_column(s, 1);
	task.last = (uint64_t)bh_column(s, 2);
	*(struct bh_task *)out = task;
	return BH_NOERR;
}

int bh_task_row_get(struct bh_db *db, uint64_t number, uint32_t ordinal, struct bh_task *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_TASK_GET);

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, ordinal);
	return bh_row_one(s, bh_task_row_read, out);
}

int bh_task_row_first(struct bh_db *db, uint64_t first, struct bh_task *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_TASK_FIRST);

	bh_bind(s, 1, (int64_t)first);
	return bh_row_one(s, bh_task_row_read, out);
}

int bh_task_rows_of(struct bh_db *db, uint64_t number, bool open_only, struct bh_task *tasks,
	size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_TASK_OF_CASE);

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, open_only);
	return bh_rows_all(s, bh_task_row_read, tasks, sizeof(*tasks), max, count);
}

int bh_task_row_put(struct bh_db *db, const struct bh_task *task, int64_t next_ms, bool fresh,
	struct bh_buf *scratch)
{
	static const struct bh_task nothing;
	sqlite3_stmt *s = bh_sql(db, fresh ? BH_SQL_TASK_ADD : BH_SQL_TASK_SET);

	scratch->len = 0;
	int err = bh_task_diff(&nothing, task, scratch);
	if (err)
		return err;
	bh_bind(s, 1, (int64_t)task->first);
	bh_bind(s, 2, (int64_t)task->number);
	bh_bind(s, 3, (int64_t)task->last);
	bh_bind(s, 4, task->ordinal);
	bh_bind(s, 5, task->person);
	bh_bind(s, 6, task->unit);
	bh_bind(s, 7, next_ms);
	bh_bind_span(s, 8, bh_buf_span(scratch));
	return bh_row_run(s);
}
