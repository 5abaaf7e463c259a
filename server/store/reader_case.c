/* A case and what was said about it.  Its own chain runs from its last entry back along prev; what
 * had no effect on it stands aside, in a table of its own, and joins the history in order of
 * positions.  Whoever knows a case's number can add to what stands aside, so only the newest of
 * that is read, and never in place of the chain. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/reader.h"

int bh_reader_case(struct bh_store_reader *reader, uint64_t number, struct bh_case *out)
{
	return bh_case_row_get(&reader->db, number, out);
}

int bh_reader_hold(struct bh_store_reader *reader)
{
	return bh_db_exec(reader->db.handle, "BEGIN");
}

void bh_reader_release(struct bh_store_reader *reader)
{
	if (!sqlite3_get_autocommit(reader->db.handle)) /* after some errors it has ended */
		(void)bh_db_exec(reader->db.handle, "ROLLBACK");
}

static int spans_copy(struct bh_arena *arena, struct bh_entry *entry)
{
	int err = bh_arena_copy(arena, entry->decision, &entry->decision);

	if (!err)
		err = bh_arena_copy(arena, entry->header, &entry->header);
	if (!err)
		err = bh_arena_copy(arena, entry->content, &entry->content);
	return err;
}

int bh_reader_entry(struct bh_store_reader *reader, uint64_t position, struct bh_arena *arena,
	struct bh_entry *out)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_JOURNAL_GET);
	struct bh_entry entry;
	bool row = false, erased = false;

	bh_bind(s, 1, (int64_t)position);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	err = bh_entry_row_read(s, &entry);
	if (!err)
		err = bh_entry_row_content(&reader->db, reader->hasher, &entry, &erased);
	if (!err)
		err = spans_copy(arena, &entry);
	bh_row_end(bh_sql(&reader->db, BH_SQL_CONTENT_GET));
	bh_row_end(s);
	if (!err)
		*out = entry;
	return err;
}

/* ---- positions of a history, newest first, then sorted ---- */

struct positions {
	uint64_t *items;
	size_t count;
	size_t max;
};

static int positions_add(struct positions *list, uint64_t position)
{
	if (list->count == list->max) {
		size_t max = list->max ? list->max * 2 : 32;
		uint64_t *items = realloc(list->items, max * sizeof(*items));
		if (!items)
			return BH_ERR_NOMEM;
		list->items = items;
		list->max = max;
	}
	list->items[list->count++] = position;
	return BH_NOERR;
}

static int chain_walk(
	struct bh_store_reader *reader, uint64_t last, bool only_closures, struct positions *list)
{
	struct bh_entry_brief brief;
	uint64_t at = last;
	int err = BH_NOERR;

	while (!err && at) {
		err = bh_entry_brief(&reader->db, at, &brief);
		if (err)
			return err == BH_ERR_NOT_FOUND ? BH_ERR_CORRUPT : err;
		if (brief.prev >= at)
			return BH_ERR_CORRUPT;
		bool ends = brief.to_state < BH_STATE_COUNT && brief.to_state != brief.from_state &&
			    bh_state_ends_cycle((enum bh_state)brief.to_state);
		ends = ends || brief.verb == BH_VERB_MAIN_ENDED;
		if (!only_closures || ends)
			err = positions_add(list, at);
		at = brief.prev;
	}
	return err;
}

/* The chain came newest first: the report itself, which is last, takes the place of what is too
 * many. */
static void positions_trim(struct positions *list, size_t max)
{
	if (list->count <= max)
		return;
	if (max > 0)
		list->items[max - 1] = list->items[list->count - 1];
	list->count = max;
}

static int aside_walk(
	struct bh_store_reader *reader, uint64_t number, size_t most, struct positions *list)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_ASIDE_NEWEST);
	bool row = false;

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, (int64_t)(most < BH_ASIDES_MAX ? most : BH_ASIDES_MAX));
	int err = bh_row_next(s, &row);
	while (!err && row) {
		err = positions_add(list, (uint64_t)bh_column(s, 0));
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

static int position_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The op of a report that was released stands aside, and begins the chain. */
static void positions_unite(struct positions *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (kept == 0 || list->items[kept - 1] != list->items[i])
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
}

static int entries_read(struct bh_store_reader *reader, struct positions *list,
	struct bh_arena *arena, struct bh_entry *entries, size_t *count)
{
	int err = BH_NOERR;

	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items), position_order);
	positions_unite(list);
	for (size_t i = 0; !err && i < list->count; i++)
		err = bh_reader_entry(reader, list->items[i], arena, &entries[i]);
	if (!err)
		*count = list->count;
	return err;
}

static int case_entries(struct bh_store_reader *reader, uint64_t number, bool only_closures,
	struct bh_arena *arena, struct bh_entry *entries, size_t max, size_t *count)
{
	struct positions list = {0};
	struct bh_case cased;
	int err = bh_case_row_get(&reader->db, number, &cased);

	if (!err)
		err = chain_walk(reader, cased.last, only_closures, &list);
	positions_trim(&list, max);
	if (!err && !only_closures)
		err = aside_walk(reader, number, max - list.count, &list);
	if (!err)
		err = entries_read(reader, &list, arena, entries, count);
	free(list.items);
	return err;
}

int bh_reader_history(struct bh_store_reader *reader, uint64_t number, struct bh_arena *arena,
	struct bh_entry *entries, size_t max, size_t *count)
{
	return case_entries(reader, number, false, arena, entries, max, count);
}

int bh_reader_closures(struct bh_store_reader *reader, uint64_t number, struct bh_arena *arena,
	struct bh_entry *entries, size_t max, size_t *count)
{
	return case_entries(reader, number, true, arena, entries, max, count);
}

int bh_reader_merged(struct bh_store_reader *reader, uint64_t main, uint64_t *out, size_t *count)
{
	return bh_merged_read(&reader->db, main, out, BH_MERGED_MAX, count);
}

/* The unit of an entry's decision, if that names one. */
static int unit_decided(struct bh_span decision, bool *named, uint32_t *unit)
{
	struct bh_case a = {.unit = 0}, b = {.unit = 1};
	int err = bh_case_patch(&a, decision);

	if (!err)
		err = bh_case_patch(&b, decision);
	*named = a.unit == b.unit;
	*unit = a.unit;
	return err == BH_ERR_MALFORMED ? BH_ERR_CORRUPT : err;
}

int bh_reader_unit_then(struct bh_store_reader *reader, uint64_t position, uint32_t *unit)
{
	sqlite3_stmt *s = bh_sql(&reader->db, BH_SQL_JOURNAL_GET);
	struct bh_entry entry = {.prev = position};
	uint32_t found = 0;
	bool row = false, named = false;
	int err = BH_NOERR;

	while (!err && !named && entry.prev) {
		uint64_t at = entry.prev;
		bh_bind(s, 1, (int64_t)at);
		err = bh_row_next(s, &row);
		if (err || !row)
			return err ? err : BH_ERR_CORRUPT;
		err = bh_entry_row_read(s, &entry);
		if (!err)
			err = entry.prev < at ? unit_decided(entry.decision, &named, &found)
					      : BH_ERR_CORRUPT;
		bh_row_end(s);
	}
	if (!err)
		*unit = found;
	return err;
}
