/* When the rules change, so does what the clock does next: a breached case waits for a dispatch by
 * the clock that was switched on, a case without a unit for one that appeared.
 *
 *   open cases ──▶ a batch of (first, next_ms) that differ ──▶ rows ──▶ ... until there are no more
 *
 * The rules are those of an entry, so a replay comes to the same rows at the same place.  What has
 * ended and waits for its archive or its follow-up goes by the clock's own index: there are few of
 * them among all that have ended.  A row that moves on in that index is met again, and stays. */
#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/project.h"

#define BATCH 256u

struct next {
	uint64_t first;
	int64_t at_ms;
};

/* The next rows that change, past *after, which moves on: by first, for what has ended by at_ms
 * and first.  count < BATCH: there are no more. */
static int batch_read(struct bh_projector *p, const struct bh_rules *rules, enum bh_sql list,
	struct next *after, struct next *batch, size_t *count)
{
	sqlite3_stmt *s = bh_sql(&p->db, list);
	struct bh_case cased;
	bool row = false;

	*count = 0;
	bh_bind(s, 1, (int64_t)after->first);
	if (list != BH_SQL_LIST_ALL)
		bh_bind(s, 2, list == BH_SQL_LIST_OPEN ? true : after->at_ms);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		int64_t at_ms;
		err = bh_case_row_read(s, &cased);
		if (err)
			break;
		*after = (struct next){cased.first, cased.next_ms};
		bh_case_alarm(rules, &cased, &at_ms);
		if (at_ms != cased.next_ms)
			batch[(*count)++] = (struct next){cased.first, at_ms};
		if (*count == BATCH)
			break;
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

static int batch_write(struct bh_projector *p, const struct next *batch, size_t count)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_CASE_NEXT);
	int err = BH_NOERR;

	for (size_t i = 0; !err && i < count; i++) {
		bh_bind(s, 1, (int64_t)batch[i].first);
		bh_bind(s, 2, batch[i].at_ms);
		err = bh_row_run(s);
	}
	return err;
}

static int next_project(struct bh_projector *p, const struct bh_rules *rules, enum bh_sql list)
{
	struct next batch[BATCH];
	size_t count = BATCH;
	struct next after = {0, 0};
	int err = BH_NOERR;

	while (!err && count == BATCH) {
		err = batch_read(p, rules, list, &after, batch, &count);
		if (!err)
			err = batch_write(p, batch, count);
	}
	return err;
}

int bh_project_rules(struct bh_projector *p, struct bh_rules *rules, int64_t at_ms)
{
	int err = next_project(p, rules, BH_SQL_LIST_OPEN);

	if (!err)
		err = next_project(p, rules, BH_SQL_LIST_AWAITED);
	if (!err)
		err = bh_project_task_rules(p, rules);
	if (!err)
		err = bh_project_plans(p, rules, at_ms);
	if (!err)
		err = bh_project_rosters(p, rules, at_ms);
	if (!err)
		p->rules = rules;
	return err;
}

int bh_project_next(struct bh_projector *p, const struct bh_rules *rules)
{
	return next_project(p, rules, BH_SQL_LIST_ALL);
}
