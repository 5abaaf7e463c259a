/* An open-addressed table by log_short.  Slots are never freed one by one: all are forgotten at
 * once, when half of them are taken or when a rollback made them wrong. */
#include <stdlib.h>
#include <string.h>

#include "proto/err.h"
#include "server/store/head.h"

static int head_load(struct bh_db *db, uint32_t log_short, struct bh_head *out)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_LOG_GET);
	struct bh_head head = {.log_short = log_short};
	bool row = false;

	bh_bind(s, 1, log_short);
	int err = bh_row_next(s, &row);
	if (err)
		return err;
	if (!row)
		return BH_ERR_NOT_FOUND;
	head.device = bh_column_u32(s, 1);
	head.seq = (uint64_t)bh_column(s, 3);
	head.successor = bh_column_u32(s, 5);
	head.floor_ms = bh_column(s, 6);
	if (head.device) {
		err = bh_column_exact(s, 2, head.log_id, BH_LOG_ID_BYTES);
		if (!err)
			err = bh_column_exact(s, 4, head.link, BH_HASH_BYTES);
	}
	bh_row_end(s);
	if (err || !head.device) {
		*out = head;
		return err;
	}
	s = bh_sql(db, BH_SQL_ORIGIN_OF_LOG);
	bh_bind_span(s, 1, bh_span(head.log_id, BH_LOG_ID_BYTES));
	err = bh_row_next(s, &row);
	if (err)
		return err;
	head.carried = bh_column(s, 0) != 0;
	bh_row_end(s);
	*out = head;
	return BH_NOERR;
}

static int heads_alloc(struct bh_heads *heads)
{
	struct bh_head *slots = calloc(BH_HEADS_SLOTS, sizeof(*slots));
	struct bh_head **dirty = calloc(BH_HEADS_SLOTS, sizeof(*dirty));

	if (!slots || !dirty) {
		free(slots);
		free(dirty);
		return BH_ERR_NOMEM;
	}
	heads->slots = slots;
	heads->dirty = dirty;
	return BH_NOERR;
}

int bh_heads_get(struct bh_heads *heads, struct bh_db *db, uint32_t log_short, struct bh_head **out)
{
	int err = heads->slots ? BH_NOERR : heads_alloc(heads);
	if (err)
		return err;
	size_t at = (size_t)(log_short * 2654435761u) & (BH_HEADS_SLOTS - 1);
	while (heads->slots[at].log_short != 0 && heads->slots[at].log_short != log_short)
		at = (at + 1) & (BH_HEADS_SLOTS - 1);
	struct bh_head *head = &heads->slots[at];
	if (head->log_short == 0) {
		bh_assert(heads->used + 1 < BH_HEADS_SLOTS);
		struct bh_head loaded;
		err = head_load(db, log_short, &loaded);
		if (err)
			return err;
		*head = loaded;
		heads->used++;
	}
	*out = head;
	return BH_NOERR;
}

void bh_heads_move(struct bh_heads *heads, struct bh_head *head, uint64_t seq, const uint8_t *link)
{
	head->seq = seq;
	if (link)
		memcpy(head->link, link, BH_HASH_BYTES);
	if (!head->dirty) {
		head->dirty = true;
		heads->dirty[heads->dirty_count++] = head;
	}
}

void bh_heads_floor(struct bh_head *head, int64_t at_ms)
{
	if (at_ms <= head->floor_ms)
		return;
	head->floor_ms = at_ms;
	head->floor_moves = true;
}

static int floor_write(struct bh_db *db, struct bh_head *head)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_LOG_FLOOR_SET);

	if (!head->floor_moves)
		return BH_NOERR;
	bh_bind(s, 1, head->log_short);
	bh_bind(s, 2, head->floor_ms);
	int err = bh_row_run(s);
	head->floor_moves = err != BH_NOERR;
	return err;
}

int bh_heads_flush(struct bh_heads *heads, struct bh_db *db)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_LOG_HEAD);

	while (heads->dirty_count) {
		struct bh_head *head = heads->dirty[heads->dirty_count - 1];
		bh_bind(s, 1, head->log_short);
		bh_bind(s, 2, (int64_t)head->seq);
		bh_bind_span(s, 3, bh_span(head->link, head->device ? BH_HASH_BYTES : 0));
		int err = bh_row_run(s);
		if (!err)
			err = floor_write(db, head);
		if (err)
			return err;
		head->dirty = false;
		heads->dirty_count--;
	}
	return BH_NOERR;
}

int bh_heads_room(struct bh_heads *heads, struct bh_db *db)
{
	if (heads->used <= BH_HEADS_SLOTS / 2)
		return BH_NOERR;
	int err = bh_heads_flush(heads, db);
	if (!err)
		bh_heads_forget(heads);
	return err;
}

void bh_heads_forget(struct bh_heads *heads)
{
	if (heads->used)
		memset(heads->slots, 0, BH_HEADS_SLOTS * sizeof(*heads->slots));
	heads->used = 0;
	heads->dirty_count = 0;
}

void bh_heads_free(struct bh_heads *heads)
{
	free(heads->slots);
	free(heads->dirty);
	*heads = (struct bh_heads){0};
}
