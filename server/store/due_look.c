/* Where the clock holds back nothing is written between two looks: then what is due behind is read
 * many at once, and the index is not looked up again for each. */
#include "server/store/due_look.h"

#include "proto/err.h"

static int due_read(sqlite3_stmt *row, void *out)
{
	struct bh_due *due = out;

	due->next_ms = bh_column(row, 0);
	due->first = (uint64_t)bh_column(row, 1);
	return BH_NOERR;
}

/* As the index has them in order. */
static bool due_is_behind(const struct bh_due *due, const struct bh_due *after)
{
	return due->next_ms > after->next_ms ||
	       (due->next_ms == after->next_ms && (int64_t)due->first > (int64_t)after->first);
}

static int ahead_read(const struct bh_db *db, enum bh_sql sql, int64_t now_ms,
	const struct bh_due *after, size_t max, struct bh_due_ahead *ahead)
{
	sqlite3_stmt *s = bh_sql(db, sql);

	bh_due_forget(ahead);
	bh_bind(s, 1, after->next_ms);
	bh_bind(s, 2, (int64_t)after->first);
	bh_bind(s, 3, now_ms);
	bh_bind(s, 4, (int64_t)max);
	return bh_rows_all(s, due_read, ahead->of, sizeof(ahead->of[0]), max, &ahead->count);
}

int bh_due_next(const struct bh_db *db, enum bh_sql sql, int64_t now_ms, const struct bh_due *after,
	size_t max, struct bh_due_ahead *ahead, bool *found, struct bh_due *out)
{
	int err = BH_NOERR;

	while (ahead->at < ahead->count && !due_is_behind(&ahead->of[ahead->at], after))
		ahead->at++;
	if (ahead->at == ahead->count)
		err = ahead_read(db, sql, now_ms, after, max, ahead);
	*found = !err && ahead->at < ahead->count;
	if (*found)
		*out = ahead->of[ahead->at];
	return err;
}

void bh_due_forget(struct bh_due_ahead *ahead)
{
	ahead->at = ahead->count = 0;
}
