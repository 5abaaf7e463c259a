/* Tasks as readers see them: those of a case, and those that are open for somebody. */
#include "proto/err.h"
#include "server/store/reader.h"
#include "server/store/task.h"
#include "server/store/task_row.h"

int bh_reader_tasks(struct bh_store_reader *reader, uint64_t number, bool open_only,
	struct bh_task *tasks, size_t max, size_t *count)
{
	return bh_task_rows_of(&reader->db, number, open_only, tasks, max, count);
}

int bh_reader_tasks_open(struct bh_store_reader *reader, uint64_t after, struct bh_task *tasks,
	size_t max, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_TASK_OPEN);
	size_t found = 0;
	bool row = false;

	bh_bind(s, 1, (int64_t)after);
	bh_bind(s, 2, (int64_t)max);
	int err = bh_row_next(s, &row);
	while (!err && row && found < max) {
		err = bh_task_row_first(&reader->db, (uint64_t)bh_column(s, 0), &tasks[found]);
		found++;
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (!err)
		*count = found;
	return err;
}
