/* Photos that are lost: the journal calls them stored, and a backup did not find them.  Whoever
 * reported them is asked for them again, until somebody offers one, or the next backup says what is
 * lost then.  Nobody decided it, so it is kept beside the journal. */
#include <string.h>

#include "proto/err.h"
#include "server/store/blob.h"
#include "server/store/writer.h"

static int64_t row_of(const uint8_t hash[BH_HASH_BYTES])
{
	uint32_t begin;

	memcpy(&begin, hash, sizeof(begin));
	return BH_LOST_ROWS + begin;
}

int bh_lost_count(struct bh_writer *w)
{
	sqlite3_stmt *s = w->projector.db.statements[BH_SQL_LOST_COUNT];
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
	sqlite3_stmt *s = w->projector.db.statements[BH_SQL_LOST_DROP];

	bh_bind(s, 1, row_of(hash));
	bh_bind_span(s, 2, bh_span(hash, BH_HASH_BYTES));
	int err = bh_row_run(s);
	if (!err && sqlite3_changes(w->projector.db.handle) > 0)
		err = bh_lost_count(w);
	return err;
}

static int lost_set(struct bh_writer *w, const uint8_t hashes[][BH_HASH_BYTES], size_t count)
{
	sqlite3_stmt *s = w->projector.db.statements[BH_SQL_LOST_CLEAR];

	bh_bind(s, 1, BH_LOST_ROWS);
	bh_bind(s, 2, BH_LOST_ROWS_LAST);
	int err = bh_row_run(s);
	s = w->projector.db.statements[BH_SQL_LOCAL_SET];
	for (size_t i = 0; !err && i < count && i < BH_PHOTOS_ASKED_MAX; i++) {
		bh_bind(s, 1, row_of(hashes[i]));
		bh_bind_span(s, 2, bh_span(hashes[i], BH_HASH_BYTES));
		err = bh_row_run(s);
	}
	return err ? err : bh_lost_count(w);
}

int bh_writer_photos_lost(
	struct bh_writer *w, struct bh_now now, const uint8_t hashes[][BH_HASH_BYTES], size_t count)
{
	int err = bh_group_begin(w, now);

	if (!err)
		err = lost_set(w, hashes, count);
	if (!err)
		err = bh_group_commit(w);
	if (!err || err == BH_ERR_UNKNOWN)
		return err;
	int back = bh_group_rollback(w);
	return back ? back : err;
}
