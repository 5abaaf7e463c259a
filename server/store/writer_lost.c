/* Photos that are lost: the journal calls them stored, and a backup did not find them.  Whoever
 * reported them is asked for them again, until somebody offers one, or the next backup says what is
 * lost then.  Nobody decided it, so it is kept beside the journal.
 *
 *   lost, in the order of hashes   ├──── looked at ────┤        of more than are noted
 *                                  last time's end     this time's, kept
 *
 * Those that no live handset brought are noted where there is room: nobody is there to ask.
 *
 * Those of a report that was released from quarantine are asked for likewise, by the same rows
 * (asked.c); the journal does not call them stored yet, and a backup says nothing of them. */
#include <string.h>

#include "proto/err.h"
#include "server/store/asked.h"
#include "server/store/blob.h"
#include "server/store/writer.h"

#define LOOKED_AT_MAX (10u * BH_PHOTOS_ASKED_MAX)

int bh_lost_count(struct bh_writer *w)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOST_COUNT);
	bool row = false;

	bh_bind(s, 1, BH_LOST_ROWS);
	bh_bind(s, 2, BH_LOST_ROWS_LAST);
	int err = bh_row_next(s, &row);
	if (err || !row)
		return err ? err : BH_ERR_CORRUPT;
	w->counts.photos_lost = (uint64_t)bh_column(s, 0);
	bh_row_end(s);
	return BH_NOERR;
}

int bh_lost_found(struct bh_writer *w, const uint8_t hash[BH_HASH_BYTES])
{
	bool dropped = false;
	int err = bh_asked_drop(&w->projector.db, hash, &dropped);

	return err || !dropped ? err : bh_lost_count(w);
}

static int lost_clear(struct bh_writer *w)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOST_CLEAR);

	bh_bind(s, 1, BH_LOST_ROWS);
	bh_bind(s, 2, BH_LOST_ROWS_LAST);
	return bh_row_run(s);
}

/* The first behind where the last choice ended. */
static int lost_begin(
	struct bh_writer *w, const uint8_t hashes[][BH_HASH_BYTES], size_t count, size_t *from)
{
	uint8_t last[BH_HASH_BYTES];
	bool found;
	int err = bh_local_get(&w->projector.db, BH_LOST_LAST_ROW, last, sizeof(last), &found);

	while (!err && found && *from < count && memcmp(hashes[*from], last, BH_HASH_BYTES) <= 0)
		++*from;
	return err;
}

static int lost_end(struct bh_writer *w, const uint8_t hash[BH_HASH_BYTES])
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOCAL_SET);

	bh_bind(s, 1, BH_LOST_LAST_ROW);
	bh_bind_span(s, 2, bh_span(hash, BH_HASH_BYTES));
	return bh_row_run(s);
}

/* Whether a handset that is not cut off brought it. */
static int is_there(struct bh_writer *w, const uint8_t hash[BH_HASH_BYTES], bool *there)
{
	sqlite3_stmt *s = bh_sql(&w->projector.db, BH_SQL_LOST_THERE);
	bool row = false;

	bh_bind_span(s, 1, bh_span(hash, BH_HASH_BYTES));
	int err = bh_row_next(s, &row);
	*there = row && bh_column(s, 0) != 0;
	bh_row_end(s);
	return err;
}

static int lost_set(struct bh_writer *w, const uint8_t hashes[][BH_HASH_BYTES], size_t count)
{
	const uint8_t *rest[BH_PHOTOS_ASKED_MAX];
	size_t from = 0, looked = 0, rest_count = 0, noted = 0;
	bool fits = count <= BH_PHOTOS_ASKED_MAX;
	int err = lost_clear(w);

	if (!err && !fits)
		err = lost_begin(w, hashes, count, &from);
	for (; !err && looked < count && looked < LOOKED_AT_MAX && noted < BH_PHOTOS_ASKED_MAX;
		looked++) {
		const uint8_t *hash = hashes[(from + looked) % count];
		bool there = false;
		err = is_there(w, hash, &there);
		if (!err && there)
			err = bh_asked_note(&w->projector.db, hash), noted++;
		else if (rest_count < BH_PHOTOS_ASKED_MAX)
			rest[rest_count++] = hash;
	}
	for (size_t i = 0; !err && i < rest_count && noted < BH_PHOTOS_ASKED_MAX; i++, noted++)
		err = bh_asked_note(&w->projector.db, rest[i]);
	if (!err && !fits)
		err = lost_end(w, hashes[(from + looked - 1) % count]);
	return err ? err : bh_lost_count(w);
}

int bh_writer_photos_lost(
	struct bh_writer *w, struct bh_now now, const uint8_t hashes[][BH_HASH_BYTES], size_t count)
{
	int err = bh_group_begin(w, now);

	if (!err)
		err = lost_set(w, hashes, count);
	return bh_group_end(w, err);
}
