/* What is destroyed of a case: contents and salts, its key, its photos.
 *
 *   cases.last ──prev──▶ ... ──▶ first     and all that stands aside of its number
 *        └── each content becomes its commitment, over zeroes (secure_delete)
 *   what was merged into it: its answer stands there once more, and goes with it
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

/* echoes: what its main case said, and that alone, of one that is not in the table. */
static int chain_erase(
	struct bh_db *db, struct bh_hasher *hasher, uint64_t number, uint64_t before, bool echoes)
{
	struct bh_entry_brief brief;
	struct bh_case cased;
	int err = bh_case_row_get(db, number, &cased);
	bool listed = !err && echoes && cased.rules_day != 0;
	uint64_t at = err || listed ? 0 : cased.last;

	while (!err && at) {
		err = bh_entry_brief(db, at, &brief);
		if (!err && brief.case_number != number)
			break;
		if (!err && at < before && (!echoes || brief.verb == BH_VERB_MAIN_ENDED))
			err = content_erase(db, hasher, at);
		at = brief.prev < at ? brief.prev : 0;
	}
	return err == BH_ERR_NOT_FOUND ? BH_NOERR : err;
}

/* By the table, wherever those cases are now; of those that are older than it, which are merged
 * still. */
static int echoes_erase(
	struct bh_db *db, struct bh_hasher *hasher, uint64_t number, uint64_t before)
{
	sqlite3_stmt *s = bh_sql(db, BH_SQL_ECHO_OF);
	uint64_t numbers[BH_MERGED_MAX];
	size_t count = 0;
	bool row = false;

	bh_bind(s, 1, (int64_t)number);
	bh_bind(s, 2, (int64_t)before);
	int err = bh_row_next(s, &row);
	while (!err && row) {
		err = content_erase(db, hasher, (uint64_t)bh_column(s, 0));
		if (!err)
			err = bh_row_next(s, &row);
	}
	bh_row_end(s);
	if (!err)
		err = bh_merged_read(db, number, numbers, BH_MERGED_MAX, &count);
	for (size_t i = 0; !err && i < count; i++)
		err = chain_erase(db, hasher, numbers[i], before, true);
	return err;
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
	int err = chain_erase(db, hasher, number, before, false);

	if (!err)
		err = echoes_erase(db, hasher, number, before);
	if (!err)
		err = asides_erase(db, hasher, number, before);
	if (!err)
		err = photos_give_up(db, number);
	bh_bind(key, 1, (int64_t)number);
	return err ? err : bh_row_run(key);
}
