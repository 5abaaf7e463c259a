/* Task rows, to and from struct bh_task. */
#ifndef BH_STORE_TASK_ROW_H
#define BH_STORE_TASK_ROW_H

#include "server/domain/task.h"
#include "server/store/db.h"

/* By case and ordinal; BH_ERR_NOT_FOUND. */
int bh_task_row_get(struct bh_db *db, uint64_t number, uint32_t ordinal, struct bh_task *out);
/* By the position of the entry that made it. */
int bh_task_row_first(struct bh_db *db, uint64_t first, struct bh_task *out);
/* Of a case, in order; those that are open, or all: at most max. */
int bh_task_rows_of(struct bh_db *db, uint64_t number, bool open_only, struct bh_task *tasks,
	size_t max, size_t *count);
/* A bh_row_reader of first, number, last and body: a struct bh_task. */
int bh_task_row_read(sqlite3_stmt *s, void *out);
/* Inserts when fresh, else updates; scratch is overwritten.  next_ms: bh_task_next_ms under the
 * rules in force. */
int bh_task_row_put(struct bh_db *db, const struct bh_task *task, int64_t next_ms, bool fresh,
	struct bh_buf *scratch);

#endif
