/* The entries of a dossier: a case's own chain from its last entry back, what people added to it,
 * its seals and its orders, and how many photos of each are here.
 *
 *   cases.last ──prev──▶ ... ──▶ first      dossier (PAPER, ORDER)      blob
 *         └────────────── in order of positions ──────┘                   └── counted by position
 */
#include "server/store/dossier_row.h"

#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/entry_row.h"
#include "server/store/order_row.h"

void bh_dossier_entries_free(struct bh_dossier_entries *entries)
{
	free(entries->items);
	*entries = (struct bh_dossier_entries){0};
}

#define ORDERS_A_STEP 16u

struct gather {
	struct bh_db *db;
	struct bh_dossier_entries *out;
	size_t room;
};

static int room_make(struct gather *g)
{
	size_t room = g->room ? g->room * 2 : 32;

	if (g->out->count >= BH_DOSSIER_ENTRIES_MAX)
		return BH_ERR_LIMIT;
	if (g->out->count < g->room)
		return BH_NOERR;
	struct bh_dossier_entry *items = realloc(g->out->items, room * sizeof(*items));
	if (!items)
		return BH_ERR_NOMEM;
	g->out->items = items;
	g->room = room;
	return BH_NOERR;
}

/* Of its decision: what it came to, and the desk of the village that is told. */
static void decision_read(const struct bh_entry *entry, struct bh_dossier_entry *out)
{
	struct bh_mediation mediation = {0};
	struct bh_case cased = {0};

	if (bh_case_patch(&cased, entry->decision) != BH_NOERR ||
		bh_mediation_patch(&mediation, entry->decision) != BH_NOERR)
		return;
	out->copied = cased.copied;
	if (entry->verb == BH_VERB_CONCLUDE)
		out->outcome = mediation.state == BH_MEDIATION_AGREED ? BH_MEDIATION_END_AGREED
								      : BH_MEDIATION_END_FAILED;
	if (entry->verb == BH_VERB_CONSULT)
		out->outcome = cased.consulting;
}

static int entry_add(struct gather *g, uint64_t position, uint32_t kind, uint64_t *prev)
{
	sqlite3_stmt *s = bh_sql(g->db, BH_SQL_JOURNAL_GET);
	struct bh_entry entry;
	bool row = false;
	int err = room_make(g);

	bh_bind(s, 1, (int64_t)position);
	if (!err)
		err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	err = bh_entry_row_read(s, &entry);
	if (!err) {
		struct bh_dossier_entry *added = &g->out->items[g->out->count++];
		*added = (struct bh_dossier_entry){
			.position = entry.position,
			.at_ms = entry.at_ms,
			.verb = entry.verb,
			.from_state = entry.from_state,
			.to_state = entry.to_state,
			.cycle = entry.cycle,
			.log_short = entry.log_short,
			.person = entry.person,
			.kind = kind,
		};
		decision_read(&entry, added);
		memcpy(added->hash, entry.hash, BH_HASH_BYTES);
		*prev = entry.prev;
	}
	bh_row_end(s);
	return err;
}

static int chain_add(struct gather *g, uint64_t last)
{
	uint64_t at = last, prev = 0;
	int err = BH_NOERR;

	while (!err && at) {
		err = entry_add(g, at, 0, &prev);
		if (!err && prev >= at)
			err = BH_ERR_CORRUPT;
		at = prev;
	}
	return err;
}

static int papers_add(struct gather *g, uint64_t number)
{
	sqlite3_stmt *s = bh_sql(g->db, BH_SQL_DOSSIER_LIST);
	uint64_t prev;
	bool row = false;

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, 0);
	bh_bind(s, 3, -1);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		bool withdrawn = bh_column_u32(s, 2) == BH_VERB_PAPER && bh_column(s, 5) != 0;
#if defined(BH_PLANTED_BUG) && BH_PLANTED_BUG == 71
		withdrawn = false;
#endif
		if (bh_column_u32(s, 2) != BH_VERB_LEND)
			err = entry_add(g, (uint64_t)bh_column(s, 0),
				withdrawn ? BH_PAPER_NONE : bh_column_u32(s, 3), &prev);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

static int position_order(const void *a, const void *b)
{
	const struct bh_dossier_entry *x = a, *y = b;

	return x->position < y->position ? -1 : x->position > y->position;
}

static struct bh_dossier_entry *entry_at(struct gather *g, uint64_t position)
{
	struct bh_dossier_entry key = {.position = position};

	return g->out->count
		       ? bsearch(&key, g->out->items, g->out->count, sizeof(key), position_order)
		       : NULL;
}

/* Those that wait for an answer, by the entries that issued them. */
static int orders_mark(struct gather *g, uint64_t number)
{
	struct bh_order orders[ORDERS_A_STEP];
	size_t count = ORDERS_A_STEP;
	uint64_t after = 0;
	int err = BH_NOERR;

	while (!err && count == ORDERS_A_STEP) {
		err = bh_order_rows_of(g->db, number, after, orders, ORDERS_A_STEP, &count);
		for (size_t i = 0; !err && i < count; i++) {
			struct bh_dossier_entry *entry = entry_at(g, orders[i].first);
			if (entry)
				entry->kind = bh_order_is_open(&orders[i]);
			after = orders[i].first;
		}
	}
	return err;
}

static int photos_count(struct gather *g, uint64_t number)
{
	sqlite3_stmt *s = bh_sql(g->db, BH_SQL_DOSSIER_PHOTOS);
	bool row = false;

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, BH_BLOB_THUMBNAIL);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		struct bh_dossier_entry *entry = entry_at(g, (uint64_t)bh_column(s, 0));
		bool withdrawn = entry && entry->verb == BH_VERB_PAPER && entry->kind == 0;
		if (entry && !withdrawn) {
			entry->photos = bh_column_u32(s, 1);
			entry->photos_here = bh_column_u32(s, 2);
		}
		err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

int bh_dossier_read(struct bh_db *db, uint64_t number, struct bh_dossier_entries *out)
{
	struct gather g = {.db = db, .out = out};
	struct bh_case cased;
	int err = bh_case_row_get(db, number, &cased);

	*out = (struct bh_dossier_entries){0};
	if (!err)
		err = chain_add(&g, cased.last);
	if (!err)
		err = papers_add(&g, number);
	if (!err && out->count)
		qsort(out->items, out->count, sizeof(*out->items), position_order);
	if (!err)
		err = orders_mark(&g, number);
	if (!err)
		err = photos_count(&g, number);
	if (err)
		bh_dossier_entries_free(out);
	return err;
}

int bh_seal_read(struct bh_db *db, uint64_t number, struct bh_seal_said *said, uint64_t *position)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_DOSSIER_SEAL);
	sqlite3_stmt *get = bh_sql(db, BH_SQL_JOURNAL_GET);
	struct bh_entry entry;
	bool row = false;

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, BH_VERB_SEAL);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_NOT_FOUND;
	uint64_t at = (uint64_t)bh_column(s, 0);
	bh_row_end(s);
	bh_bind(get, 1, (int64_t)at);
	err = bh_row_next(get, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	err = bh_entry_row_read(get, &entry);
	if (!err && bh_seal_decode(entry.header, said))
		err = BH_ERR_CORRUPT;
	bh_row_end(get);
	if (!err)
		*position = at;
	return err;
}

int bh_loan_open(struct bh_db *db, uint64_t number, uint64_t *position)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_DOSSIER_LOAN);
	bool row = false;

	*position = 0;
	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, BH_VERB_LEND);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err;
	*position = (uint64_t)bh_column(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}
