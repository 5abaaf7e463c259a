/* Reading tasks: those of a case, and those that are open. */
#ifndef BH_STORE_TASK_H
#define BH_STORE_TASK_H

#include "server/store/store.h"

/* A case's tasks in order, those that are open or all of them; at most max. */
int bh_reader_tasks(struct bh_store_reader *reader, uint64_t number, bool open_only,
	struct bh_task *tasks, size_t max, size_t *count);
/* All that are open, in the order in which they were made, past the one that this entry made. */
int bh_reader_tasks_open(struct bh_store_reader *reader, uint64_t after, struct bh_task *tasks,
	size_t max, size_t *count);

#endif
