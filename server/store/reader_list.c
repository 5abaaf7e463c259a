/* What a desk lists, and the figures of a district.  An index chooses the rows (the queue's, a
 * unit's, a reporter's, the open or the ended ones, or all in the order they came), the rest of a
 * query is judged row by row, so many rows in one go: a township's part of a long list must not
 * keep everybody else waiting. */
#include <string.h>

#include "proto/err.h"
#include "proto/number.h"
#include "server/store/case_row.h"
#include "server/store/reader.h"
#include "server/store/tally.h"

static bool case_fits(const struct bh_rules *rules, const struct bh_case_query *query,
	const struct bh_case *cased)
{
	return (query->states == 0 || (query->states & (1u << cased->state))) &&
	       (query->unit == 0 || cased->unit == query->unit) &&
	       (query->reporter == 0 || cased->reporter == query->reporter) &&
	       (query->intake == 0 || cased->intake == query->intake) &&
	       (query->area == 0 || cased->area == query->area ||
		       bh_rules_area_within(rules, cased->area, query->area));
}

static int first_of_number(struct bh_store_reader *reader, uint64_t number, uint64_t *first)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_OP_GET);
	bool row = false;

	*first = 0;
	if (number == 0)
		return BH_NOERR;
	bh_bind(s, 1, (int64_t)number);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	*first = (uint64_t)bh_column(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}

/* Which of the open and the ended a query can be met by. */
enum asked { ASKED_BOTH, ASKED_OPEN, ASKED_ENDED };

static enum asked asked_of(const struct bh_case_query *query)
{
	bool open = query->states == 0, ended = query->states == 0;

	for (unsigned state = 0; state < BH_STATE_COUNT; state++) {
		bool ends = bh_state_is_end((enum bh_state)state);
		if (query->states & 1u << state) {
			ended = ended || ends;
			open = open || !ends;
		}
	}
	return open && ended ? ASKED_BOTH : ended ? ASKED_ENDED : ASKED_OPEN;
}

static sqlite3_stmt *list_choose(
	struct bh_store_reader *reader, const struct bh_case_query *query, uint64_t after_first)
{
	enum asked asked = asked_of(query);
	enum bh_sql sql = query->queue          ? BH_SQL_LIST_QUEUE
			  : query->unit         ? BH_SQL_LIST_UNIT
			  : query->reporter     ? BH_SQL_LIST_REPORTER
			  : asked != ASKED_BOTH ? BH_SQL_LIST_OPEN
						: BH_SQL_LIST_ALL;
	sqlite3_stmt *s = bh_sql(&reader->db, sql);

	bh_bind(s, 1, (int64_t)after_first);
	if (sql == BH_SQL_LIST_QUEUE) {
		bh_bind(s, 2, query->after_due_ms);
	} else if (sql == BH_SQL_LIST_UNIT) {
		bh_bind(s, 2, query->unit);
	} else if (sql == BH_SQL_LIST_REPORTER) {
		bh_bind(s, 2, (int64_t)BH_SCOPE_OWN(query->reporter));
		bh_bind(s, 3, query->reporter);
	} else if (sql == BH_SQL_LIST_OPEN) {
		bh_bind(s, 2, asked == ASKED_OPEN);
	}
	return s;
}

int bh_reader_cases_page(struct bh_store_reader *reader, struct bh_case_query *query,
	struct bh_case *cases, size_t max, size_t *count, bool *more)
{
	struct bh_case_query at = *query;
	struct bh_rules *rules;
	uint64_t after_first = query->after_first;
	size_t found = 0, looked = 0;
	bool row = false;
	int err = bh_reader_rules(reader, &rules);

	if (!err && after_first == 0)
		err = first_of_number(reader, query->after_number, &after_first);
	if (err)
		return err;
	sqlite3_stmt *s = list_choose(reader, query, after_first);
	err = bh_row_next(s, &row);
	while (!err && row && found < max && looked++ < BH_LIST_ROWS_MAX) {
		struct bh_case cased;
		err = bh_case_row_read(s, &cased);
		if (err)
			break;
		if (case_fits(rules, query, &cased))
			cases[found++] = cased;
		at.after_number = cased.number;
		at.after_first = cased.first;
		at.after_due_ms = cased.dispatch_due_ms;
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (err)
		return err;
	*query = at;
	*count = found;
	*more = row;
	return BH_NOERR;
}

int bh_reader_cases(struct bh_store_reader *reader, const struct bh_case_query *query,
	struct bh_case *cases, size_t max, size_t *count)
{
	struct bh_case_query at = *query;
	size_t found = 0;
	bool more = true;

	while (more && found < max) {
		size_t page = 0;
		int err = bh_reader_cases_page(
			reader, &at, cases + found, max - found, &page, &more);
		if (err)
			return err;
		found += page;
	}
	*count = found;
	return BH_NOERR;
}

static int devices_count(struct bh_store_reader *reader, struct bh_stats *stats)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_DEVICE_COUNT);
	bool row = false;

	bh_bind(s, 1, BH_DEVICE_LIVE);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	stats->devices = (uint64_t)bh_column(s, 0);
	stats->devices_live = (uint64_t)bh_column(s, 1);
	bh_row_end(s);
	return BH_NOERR;
}

int bh_reader_stats(struct bh_store_reader *reader, struct bh_stats *out)
{
	struct bh_tally tally;
	uint8_t hash[BH_HASH_BYTES];
	struct bh_stats stats = {0};
	int err = bh_tally_load(&tally, &reader->db);

	if (!err)
		err = bh_reader_head(reader, &stats.entries, hash);
	if (!err)
		err = devices_count(reader, &stats);
	if (err)
		return err;
	const int64_t *values = tally.values;
	stats.cases = (uint64_t)values[BH_TALLY_CASES];
	for (int state = 0; state < BH_STATE_COUNT; state++)
		stats.by_state[state] = (uint64_t)values[BH_TALLY_STATES + state];
	stats.dispatched = (uint64_t)values[BH_TALLY_DISPATCHED];
	stats.dispatched_in_time = (uint64_t)values[BH_TALLY_IN_TIME];
	stats.automatic = (uint64_t)values[BH_TALLY_AUTOMATIC];
	stats.breached = (uint64_t)values[BH_TALLY_BREACHED];
	stats.closed = (uint64_t)values[BH_TALLY_CLOSED];
	stats.closures_owed = (uint64_t)values[BH_TALLY_OWED];
	stats.closures_delivered = (uint64_t)values[BH_TALLY_DELIVERED];
	stats.closures_seen = (uint64_t)values[BH_TALLY_SEEN];
	stats.longest_wait_ms = values[BH_TALLY_LONGEST_WAIT_MS];
	stats.blobs = (uint64_t)values[BH_TALLY_BLOBS];
	stats.blob_bytes = (uint64_t)values[BH_TALLY_BLOB_BYTES];
	*out = stats;
	return BH_NOERR;
}
