/* What is destroyed of a case: contents and salts, its key, its photos.
 *
 *   cases.last ──prev──▶ ... ──▶ first     and all that stands aside of its number
 *        └── each content becomes its commitment, over zeroes (secure_delete)
 *   photos: a row of upload without an owner, as old as can be, has the file collected (blob.h)
 *
 * Entries keep every field that is hashed, so that the chain and every verification hold. */
#include <string.h>

#include "proto/err.h"
#include "server/store/case_row.h"
#include "server/store/entry_row.h"
#include "server/store/guarded.h"

int bh_content_erase(struct bh_db *db, struct bh_hasher *hasher, uint64_t position, bool *destroyed)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_CONTENT_ERASE);
	struct bh_entry entry = {.position = position};
	static const uint8_t none[BH_HASH_BYTES];
	bool erased = false;
	int err = bh_entry_row_content(db, hasher, &entry, &erased);

	*destroyed = false;
	bh_row_end(bh_sql(db, BH_SQL_CONTENT_GET));
	if (err || erased || memcmp(entry.commitment, none, sizeof(none)) == 0)
		return err;
	bh_bind(s, 1, (int64_t)position);
	bh_bind_span(s, 2, bh_span(entry.commitment, BH_HASH_BYTES));
	*destroyed = true;
	return bh_row_run(s);
}

static int content_erase(struct bh_db *db, struct bh_hasher *hasher, uint64_t position)
{
	bool destroyed;

	return bh_content_erase(db, hasher, position, &destroyed);
}

static int chain_erase(struct bh_db *db, struct bh_hasher *hasher, uint64_t number, uint64_t before)
{
	struct bh_entry_brief brief;
	struct bh_case cased;
	int err = bh_case_row_get(db, number, &cased);
	uint64_t at = err ? 0 : cased.last;

	while (!err && at) {
		err = bh_entry_brief(db, at, &brief);
		if (!err && brief.case_number != number)
			break;
		if (!err && at < before)
			err = content_erase(db, hasher, at);
		at = brief.prev < at ? brief.prev : 0;
	}
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

static int asides_erase(
	struct bh_db *db, struct bh_hasher *hasher, uint64_t number, uint64_t before)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_ASIDE_NEWEST);
	bool row = false;

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, -1); /* all of them */
	int err = bh_row_next(s, &row);
	while (!err && row) {
		uint64_t at = (uint64_t)bh_column(s, 0);
		if (at < before)
			err = content_erase(db, hasher, at);
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

static int photos_give_up(struct bh_db *db, uint64_t number)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_BLOB_OF_NUMBER);
	sqlite3_stmt *gone = bh_sql(db, BH_SQL_UPLOAD_GIVE_UP);
	bool row = false;

	bh_bind(s, 1, (int64_t)number);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		bh_bind_span(gone, 1, bh_column_span(s, 0));
		bh_bind(gone, 2, (int64_t)number);
		err = bh_row_run(gone);
		db->photos_gone = true;
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	return err;
}

int bh_contents_erase(struct bh_db *db, struct bh_hasher *hasher, uint64_t number, uint64_t before)
{
	sqlite3_stmt *key = bh_sql(db, BH_SQL_CASE_KEY_DROP);
	int err = chain_erase(db, hasher, number, before);

	if (!err)
		err = asides_erase(db, hasher, number, before);
	if (!err)
		err = photos_give_up(db, number);
	bh_bind(key, 1, (int64_t)number);
	return err ? err : bh_row_run(key);
}
