/* When the rules change, so does what the clock does next: a breached case waits for a dispatch by
 * the clock that was switched on, a case without a unit for one that appeared.
 *
 *   open cases ──▶ a batch, of which (first, next_ms) differ ──▶ rows ──▶ ... until there are no
 * more
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

enum list {
	LIST_OPEN,    /* by first */
	LIST_ENDED,   /* likewise */
	LIST_AWAITED, /* what has ended and is in the clock's index: by at_ms and first */
};

/* Of the next BATCH cases past *after, which moves on, those that change.  *more: there may be
 * others. */
static int batch_read(struct bh_projector *p, const struct bh_rules *rules, enum list list,
	struct next *after, struct next *batch, size_t *count, bool *more)
{
	sqlite3_stmt *s = bh_sql(
		&p->db, list == LIST_AWAITED ? BH_SQL_LIST_AWAITED : BH_SQL_LIST_OPEN);
	struct bh_case cased;
	size_t looked = 0;
	bool row = false;

	*count = 0;
	bh_bind(s, 1, (int64_t)after->first);
	bh_bind(s, 2, list == LIST_AWAITED ? after->at_ms : list == LIST_OPEN);
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
		if (++looked == BATCH)
			break;
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	*more = looked == BATCH;
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

static int batch_project(struct bh_projector *p, const struct bh_rules *rules, enum list list,
	struct next *after, bool *more)
{
	struct next batch[BATCH];
	size_t count = 0;
	int err = batch_read(p, rules, list, after, batch, &count, more);

	return err ? err : batch_write(p, batch, count);
}

static int next_project(struct bh_projector *p, const struct bh_rules *rules, enum list list)
{
	struct next after = {0, 0};
	bool more = true;
	int err = BH_NOERR;

	while (!err && more)
		err = batch_project(p, rules, list, &after, &more);
	return err;
}

int bh_project_rules(struct bh_projector *p, struct bh_rules *rules, int64_t at_ms)
{
	int err = next_project(p, rules, LIST_OPEN);

	if (!err)
		err = next_project(p, rules, LIST_AWAITED);
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

int bh_project_next_open(struct bh_projector *p, const struct bh_rules *rules)
{
	return next_project(p, rules, LIST_OPEN);
}

int bh_project_next_ended(struct bh_projector *p, uint64_t *first, bool *ended)
{
	struct next after = {*first, 0};
	bool more = false;
	int err = batch_project(p, p->rules, LIST_ENDED, &after, &more);

	if (err)
		return err;
	*first = after.first;
	*ended = !more;
	return BH_NOERR;
}
