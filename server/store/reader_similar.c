/* Reports that may be of the same thing as a case: the newest rows backwards, down to its type's
 * window before it was seen, so many at most. */
#include <stdlib.h>

#include "proto/err.h"
#include "server/domain/similar.h"
#include "server/store/case_row.h"
#include "server/store/reader.h"
#include "server/store/similar.h"

/* The nearest first, and of equally near ones the older. */
static void keep_nearest(
	struct bh_similar *out, size_t max, size_t *count, const struct bh_similar *one)
{
	size_t at = *count;
	while (at > 0 && out[at - 1].distance_m >= one->distance_m)
		at--;
	if (at == max)
		return;
	size_t last = *count < max ? (*count)++ : max - 1;
	for (; last > at; last--)
		out[last] = out[last - 1];
	out[at] = *one;
}

int bh_reader_similar(struct bh_store_reader *reader, const struct bh_case *cased, int64_t now_ms,
	struct bh_similar *out, size_t max, size_t *count, bool *cut)
{
	struct bh_rules *rules;
	size_t found = 0, looked = 0;
	bool row = false;
	int err = bh_reader_rules(reader, &rules);

	if (err)
		return err;
	/* what was seen in the window was received after that */
	int64_t from_ms = bh_case_seen_ms(cased) - bh_rules_similar(rules, cased->type).window_ms;
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_LIST_NEWEST);
	err = bh_row_next(s, &row);
	while (!err && row && looked++ < BH_SIMILAR_ROWS_MAX) {
		struct bh_similar one;
		err = bh_case_row_read(s, &one.other);
		if (err || one.other.received_ms < from_ms)
			break;
		if (bh_case_is_similar(rules, cased, &one.other, now_ms, &one.distance_m))
			keep_nearest(out, max, &found, &one);
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (err)
		return err;
	*count = found;
	*cut = row && looked > BH_SIMILAR_ROWS_MAX;
	return BH_NOERR;
}
