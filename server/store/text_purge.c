/* What a purge destroys of entries about no case.
 *
 *   journal, from behind one position to another ──▶ field work, notes of shifts: each content
 *                                               ├──▶ an order's last entry: all of that order's
 *                                               ├──▶ what had no effect, whatever it was
 *                                               └──▶ a discard: its own, and those it put away
 *
 * Entries keep every field that is hashed, and what is counted of them stays: only the words go.
 * An order that goes on keeps its own; when it has ended, it has a last entry behind. */
#include "server/store/text_purge.h"

#include "proto/err.h"
#include "server/store/entry_row.h"
#include "server/store/guarded.h"
#include "server/store/order_row.h"

#define ORDERS_AT_ONCE 16u

struct walk {
	struct bh_db *db;
	struct bh_hasher *hasher;
	struct bh_order ended[ORDERS_AT_ONCE];
	size_t ended_count;
	uint32_t texts;
};

static int content_erase(struct walk *walk, uint64_t position)
{
	bool erased = false;
	int err = bh_content_erase(walk->db, walk->hasher, position, &erased);

	walk->texts += erased;
	return err;
}

/* Of an order's entries the last one, when it has ended, stands for all. */
static int order_note(struct walk *walk, uint64_t position, struct bh_span decision)
{
	uint64_t ref = bh_order_of_decision(decision);
	struct bh_order order;
	int err = ref ? bh_order_row_get(walk->db, ref, &order) : BH_ERR_NOT_FOUND;

	if (err)
		return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
	if (order.last == position && order.ended_ms != 0)
		walk->ended[walk->ended_count++] = order;
	return BH_NOERR;
}

/* It did nothing, the first time or again. */
static bool was_without_effect(uint32_t verdict)
{
	return verdict == BH_VERDICT_REJECTED || verdict == BH_VERDICT_CARRIED;
}

/* The row that stands. */
static int row_walk(struct walk *walk, sqlite3_stmt *s)
{
	uint64_t position = (uint64_t)bh_column(s, 0), prev = (uint64_t)bh_column(s, 4);
	uint32_t verb = bh_column_u32(s, 1);
	int err = BH_NOERR;

	if (was_without_effect(bh_column_u32(s, 3)))
		return content_erase(walk, position);
	if (bh_verb_is_order(verb))
		return order_note(walk, position, bh_column_span(s, 2));
	if (verb == BH_VERB_RELEASE && prev != 0)
		err = content_erase(walk, prev);
	if (!err && (verb == BH_VERB_RELEASE || bh_verb_has_text_beside(verb)))
		err = content_erase(walk, position);
	return err;
}

/* *upto: where it ended, for want of room or after max of them. */
static int range_walk(struct walk *walk, uint64_t after, uint64_t *upto, size_t max)
{
	sqlite3_stmt *s = bh_sql(walk->db, BH_SQL_TEXTS_BESIDE);
	bool row = false;

	bh_bind(s, 1, (int64_t)after);
	bh_bind(s, 2, (int64_t)*upto);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		uint64_t position = (uint64_t)bh_column(s, 0);
		err = row_walk(walk, s);
		if (walk->texts >= max || walk->ended_count == ORDERS_AT_ONCE) {
			*upto = position;
			break;
		}
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

static int order_erase(struct walk *walk, const struct bh_order *order)
{
	sqlite3_stmt *s = bh_sql(walk->db, BH_SQL_TEXTS_BESIDE);
	bool row = false;

	bh_bind(s, 1, (int64_t)order->first - 1);
	bh_bind(s, 2, (int64_t)order->last);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		if (bh_verb_is_order(bh_column_u32(s, 1)) &&
			bh_order_of_decision(bh_column_span(s, 2)) == order->ref)
			err = content_erase(walk, (uint64_t)bh_column(s, 0));
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

int bh_texts_erase(
	struct bh_db *db, struct bh_hasher *hasher, struct bh_purge_fact *fact, size_t max)
{
	struct walk walk = {.db = db, .hasher = hasher};
	int err = range_walk(&walk, fact->after, &fact->upto, max);

	for (size_t i = 0; !err && i < walk.ended_count; i++)
		err = order_erase(&walk, &walk.ended[i]);
	if (!err)
		fact->texts = walk.texts;
	return err;
}

int bh_texts_erase_all(struct bh_db *db, struct bh_hasher *hasher, struct bh_purge_fact *fact)
{
	struct bh_purge_fact step = {.after = fact->after};
	uint32_t texts = 0;
	int err = BH_NOERR;

	while (!err && step.after < fact->upto) {
		step.upto = fact->upto;
		err = bh_texts_erase(db, hasher, &step, SIZE_MAX);
		texts += step.texts;
		step.after = step.upto;
	}
	if (!err)
		fact->texts = texts;
	return err;
}

int bh_project_purge(struct bh_projector *p, const struct bh_entry *entry)
{
	sqlite3_stmt *s = bh_sql(&p->db, BH_SQL_ERASURE_ADD);
	struct bh_guarded guarded;
	struct bh_purge_fact fact;
	int err = bh_purge_fact_decode(entry->decision, &fact);

	if (!err)
		err = bh_guarded_get(&p->db, 0, &guarded);
	if (err)
		return err;
	bh_bind(s, 1, (int64_t)entry->position);
	bh_bind(s, 2, 0);
	bh_bind(s, 3, entry->at_ms);
	bh_bind(s, 4, entry->log_short);
	err = bh_row_run(s);
	guarded.erasures++;
	guarded.erased = entry->position;
	if (fact.before_ms > guarded.erased_ms)
		guarded.erased_ms = fact.before_ms;
	return err ? err : bh_guarded_set(&p->db, 0, &guarded);
}
